//! The influence of single observations on the estimate, -A⁻¹ψ, which to first order is n times the
//! change of the estimate when the observation is added; and the acceleration of BCa intervals by it.

use nalgebra::DMatrix;

use super::identified::Identified;
use super::refit::Refit;
use crate::objective::WeightsKind;

/// Influences of independent observations: rows, rows counted by a frequency, or clusters.
#[derive(Debug)]
pub(super) struct Influences {
    /// Influence on the raw parameters, by parameter, then by observation.
    columns: Vec<Vec<f64>>,
    /// Number of observations that each entry of a column represents.
    counts: Vec<f64>,
}

impl Influences {
    /// Influences at the estimate; `None` where J has no finite expansion there.
    pub fn of(refit: &Refit<'_>) -> Option<Self> {
        let columns: Vec<&[f64]> = refit.stored().iter().map(Vec::as_slice).collect();
        let batch = refit.batch(&columns);
        let expansion = batch.expand(&refit.start);
        let inverse = Identified::new(&refit.start, &expansion)?.inverse();
        let sensitivity = refit.raw_changes() * inverse;
        let slopes = batch.row_slopes(&refit.start);
        let (slopes, counts) = by_observation(refit, slopes);
        let column = |j: usize| influence(&sensitivity, j, &slopes);
        Some(Self { columns: (0..sensitivity.nrows()).map(column).collect(), counts })
    }

    /// Σ U³/(6 (Σ U²)^{3/2}) of a function with these slopes in the raw parameters (Efron 1987,
    /// equation 6.6, with the empirical influence U); `None` where it is not finite, as where the
    /// function does not depend on any observation.
    pub fn acceleration(&self, slopes: &[f64]) -> Option<f64> {
        let moving: Vec<usize> = (0..slopes.len()).filter(|&j| slopes[j] != 0.0).collect();
        let (mut squares, mut cubes) = (0.0, 0.0);
        for (i, count) in self.counts.iter().enumerate() {
            let moved: f64 = moving.iter().map(|&j| slopes[j] * self.columns[j][i]).sum();
            squares += count * moved.powi(2);
            cubes += count * moved.powi(3);
        }
        Some(cubes / (6.0 * squares.powf(1.5))).filter(|a| a.is_finite())
    }
}

/// -Σ_k sensitivity_jk ψ_k by observation.
fn influence(sensitivity: &DMatrix<f64>, j: usize, slopes: &[Vec<f64>]) -> Vec<f64> {
    let observations = slopes.first().map_or(0, Vec::len);
    let mut column = vec![0.0; observations];
    for (slopes, factor) in slopes.iter().zip(sensitivity.row(j).iter()) {
        column.iter_mut().zip(slopes).for_each(|(sum, slope)| *sum -= factor * slope);
    }
    column
}

/// Sums the slopes of weighted rows by independent observation; and the number of observations that
/// each sum represents.
fn by_observation(refit: &Refit<'_>, slopes: Vec<Vec<f64>>) -> (Vec<Vec<f64>>, Vec<f64>) {
    let rows = refit.stored()[0].len();
    let Some(weighing) = refit.weighing() else { return (slopes, vec![1.0; rows]) };
    if let Some((clusters, count)) = weighing.clusters() {
        let summed = |column: Vec<f64>| {
            let mut sums = vec![0.0; count];
            clusters.iter().zip(column).for_each(|(&cluster, slope)| sums[cluster] += slope);
            sums
        };
        return (slopes.into_iter().map(summed).collect(), vec![1.0; count]);
    }
    match (weighing.kind(), weighing.values()) {
        (WeightsKind::Frequency, Some(weights)) => {
            let single = |(slope, &weight)| if weight > 0.0 { slope / weight } else { 0.0 };
            let one = |column: Vec<f64>| column.into_iter().zip(weights).map(single).collect();
            let share = weighing.observations() as f64 / rows as f64;
            let counts = weights.iter().map(|weight| weight * share).collect();
            (slopes.into_iter().map(one).collect(), counts)
        }
        (WeightsKind::Probability, _) | (WeightsKind::Frequency, None) => (slopes, vec![1.0; rows]),
    }
}
