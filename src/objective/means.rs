//! Means over rows that a tile contributes to: values, absolute values, inner products.

use crate::numerics::sum::DoubleDouble;

/// Running sums, double-double so that neither tile nor block borders show.
#[derive(Clone, Debug)]
pub(super) struct Sums(pub(super) Vec<DoubleDouble>);

impl Sums {
    pub(super) fn new(length: usize) -> Self {
        Self(vec![DoubleDouble::default(); length])
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (sum, part) in self.0.iter_mut().zip(other.0) {
            *sum += part;
        }
    }

    pub(super) fn add(&mut self, index: usize, part: f64) {
        self.0[index] += part;
    }

    pub(super) fn means(&self, rows: usize) -> Vec<f64> {
        self.0.iter().map(|sum| (*sum / rows as f64).value()).collect()
    }
}

/// Independent accumulators, so that additions overlap and the loop vectorises.
const LANES: usize = 8;

/// Σ f(a_i)
pub(super) fn lane_sum(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest: f64 = chunks.remainder().iter().map(|&value| f(value)).sum();
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += f(value);
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// Σ a_i b_i
pub(super) fn lane_dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (left, right) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = left.remainder().iter().zip(right.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in left.zip(right) {
        for ((lane, x), y) in lanes.iter_mut().zip(x).zip(y) {
            *lane += x * y;
        }
    }
    lanes.iter().sum::<f64>() + rest
}
