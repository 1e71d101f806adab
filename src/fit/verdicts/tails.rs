//! About tails: does the fitted density fall fast enough to have a finite integral?
//!
//! Along a ray x = m + r·u, t(r) = (x - m)·s(x) is d log p / d log r. An integrable density in d
//! dimensions needs t below -d far out. No sign of divergence is all that this can say.

use nalgebra::DMatrix;

use crate::calculus::gradient;
use crate::fit::Warning;
use crate::fit::standardise::Spread;
use crate::graph::ExprId;
use crate::model::Model;
use crate::numerics::matrix::symmetric_eigen;
use crate::numerics::rng::stream;
use crate::program::Program;

use super::shape::{axes, layout, lines};
use super::warning;

/// Radii 2^0 … 2^40 standard deviations.
pub(super) const DOUBLINGS: i32 = 40;
/// How many of the outermost radii must agree.
pub(super) const LAST: usize = 3;
const RANDOM_DIRECTIONS: usize = 64;
/// Keeps the draws apart from those of the starts.
const STREAM: u64 = u64::MAX / 3;
/// t = -d exactly diverges too.
const SLACK: f64 = 1e-9;

/// A warning if along some ray the density does not fall fast enough. Columns and θ in inner
/// coordinates.
pub(in crate::fit) fn may_not_normalise(
    model: &Model,
    columns: &[Vec<f64>],
    theta: &[f64],
    threads: usize,
) -> Option<Warning> {
    let lines = lines(model);
    if lines.is_empty() {
        return None;
    }
    let spreads: Vec<Spread> = columns.iter().map(|column| Spread::of(column)).collect();
    let directions = directions(columns, &spreads, &lines);
    let points = rays(&spreads, &lines, &directions);
    let slices: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
    let score = score(model).rows(&slices, theta, threads);
    let radial = |row: usize| -> f64 {
        lines.iter().map(|&k| (points[k][row] - spreads[k].mean) * score[k][row]).sum()
    };
    let radii = DOUBLINGS as usize + 1;
    let limit = -(lines.len() as f64) * (1.0 + SLACK);
    let diverges = |ray: &usize| {
        let t: Vec<f64> = (0..radii).map(|k| radial(ray * radii + k)).collect();
        let known: Vec<f64> = t.into_iter().filter(|t| !t.is_nan()).collect();
        known.len() >= LAST && known[known.len() - LAST..].iter().all(|&t| t > limit)
    };
    let ray = (0..directions.len()).find(diverges)?;
    let along = described(model, &lines, &directions[ray]);
    Some(warning(
        "may-not-normalise",
        format!(
            "the fitted log p does not fall fast enough along {along}: the density may have no finite \
             integral. Add a term that falls in every direction, or bound the parameters"
        ),
    ))
}

/// The score of each data component.
pub(super) fn score(model: &Model) -> Program {
    let mut graph = model.graph().clone();
    let data: Vec<ExprId> =
        model.data().iter().map(|component| graph.input_node(component.input)).collect();
    let score = gradient(&mut graph, model.log_density(), &data);
    Program::compile(&graph, &layout(model), &score)
}

/// ± axes, eigenvectors of the correlations, and random directions, in standard deviations.
fn directions(columns: &[Vec<f64>], spreads: &[Spread], lines: &[usize]) -> Vec<Vec<f64>> {
    let d = lines.len();
    let mut directions = axes(d);
    if d == 1 {
        return directions;
    }
    let correlation = DMatrix::from_fn(d, d, |i, j| {
        let z = |k: usize, row: usize| {
            let column = lines[k];
            (columns[column][row] - spreads[column].mean) / spreads[column].scale()
        };
        let rows = columns[lines[0]].len();
        (0..rows).map(|row| z(i, row) * z(j, row)).sum::<f64>() / rows as f64
    });
    if let Some(eigen) = symmetric_eigen(&correlation) {
        directions.extend(eigen.vectors.column_iter().map(|v| v.iter().copied().collect()));
    }
    let mut stream = stream(0, STREAM);
    for _ in 0..RANDOM_DIRECTIONS {
        let draw: Vec<f64> = (0..d).map(|_| stream.normal()).collect();
        let norm = draw.iter().map(|v| v * v).sum::<f64>().sqrt();
        directions.push(draw.iter().map(|v| v / norm).collect());
    }
    directions
}

/// Columns of the points of all rays; what is not on a ray stays at its mean.
pub(super) fn rays(spreads: &[Spread], lines: &[usize], directions: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let points =
        directions.iter().flat_map(|u| (0..=DOUBLINGS).map(move |k| (u, f64::from(k).exp2())));
    let points: Vec<(&Vec<f64>, f64)> = points.collect();
    let column = |k: usize| {
        let Spread { mean, .. } = spreads[k];
        let place = lines.iter().position(|&line| line == k);
        let at = |&(u, r): &(&Vec<f64>, f64)| {
            place.map_or(mean, |place| mean + r * u[place] * spreads[k].scale())
        };
        points.iter().map(at).collect()
    };
    (0..spreads.len()).map(column).collect()
}

fn described(model: &Model, lines: &[usize], direction: &[f64]) -> String {
    let main = (0..direction.len()).find(|&k| direction[k].abs() == 1.0);
    match main {
        Some(k) => {
            let sign = if direction[k] > 0.0 { "+" } else { "-" };
            format!("`{}` → {sign}∞", model.data()[lines[k]].name)
        }
        None => {
            let named = direction.iter().take(4).zip(lines);
            let parts: Vec<String> =
                named.map(|(share, &k)| format!("{share:.2} {}", model.data()[k].name)).collect();
            let more = if direction.len() > 4 { ", …" } else { "" };
            format!("the direction ({}{more})", parts.join(", "))
        }
    }
}
