//! The kernel Stein discrepancy between minima and the rows of a sample, in inner coordinates.

use super::Judge;
use super::sample::Sample;
use crate::objective::Coordinates;
use crate::objective::discrepancy::{Basis, Discrepancy, KernelChoices, Prepared, Sampled};

/// The discrepancy of the density at each vector of inner parameters.
pub(super) fn discrepancies(
    judge: &Judge<'_>,
    sample: &Sample,
    thetas: &[Vec<f64>],
) -> Vec<Discrepancy> {
    let all: Vec<&[f64]> = judge.columns.iter().map(Vec::as_slice).collect();
    let rows = |column: &Vec<f64>| sample.rows.iter().map(|&row| column[row]).collect();
    let chosen: Vec<Vec<f64>> = judge.columns.iter().map(rows).collect();
    let chosen: Vec<&[f64]> = chosen.iter().map(Vec::as_slice).collect();
    let (specification, model) = (judge.specification, judge.model);
    let basis = Basis { specification, model, at: coordinates(judge), columns: &all };
    let sampled = Sampled { columns: &chosen, weights: &sample.weights };
    let choices = KernelChoices::default();
    let prepared = Prepared::new(&basis, &sampled, &choices, judge.threads);
    prepared.expect("the default kernel suits all data").of_each(thetas, &chosen, judge.threads)
}

/// Inner coordinates, scaled such that the metric is one on a line.
fn coordinates(judge: &Judge<'_>) -> Coordinates {
    let (centre, scale): (Vec<f64>, Vec<f64>) =
        (0..judge.columns.len()).map(|k| (judge.frame.centre(k), judge.frame.scale(k))).unzip();
    let factors = scale[..judge.model.data().len()].iter().map(|scale| scale.powi(2)).collect();
    judge.specification.coordinates(centre, scale, factors)
}
