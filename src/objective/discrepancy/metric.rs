//! The metric G of a domain on rows, applied to pairs of them.

use std::ops::Range;

use super::pairs::Scratch;
use crate::objective::stein::Move;

/// G of the components of one domain, by row.
#[derive(Debug)]
pub(super) struct Metric {
    components: Range<usize>,
    /// The matrices G one after the other, each in row-major order.
    entries: Vec<f64>,
}

impl Metric {
    /// G = Σ w c cᵀ over directions, from each move with the values of its c, and the values of w
    /// by direction.
    pub fn new(
        components: &Range<usize>,
        moves: &[(&Move, &Vec<f64>)],
        weights: &[Vec<f64>],
        rows: usize,
    ) -> Self {
        let p = components.len();
        let mut entries = vec![0.0; p * p * rows];
        let own = moves.iter().filter(|(one, _)| components.contains(&one.component));
        let mut own: Vec<&(&Move, &Vec<f64>)> = own.collect();
        own.sort_by_key(|(one, _)| one.direction);
        for together in own.chunk_by(|(one, _), (other, _)| one.direction == other.direction) {
            for (one, first) in together {
                for (other, second) in together {
                    let row = one.component - components.start;
                    let at = row * p + other.component - components.start;
                    for i in 0..rows {
                        entries[i * p * p + at] += weights[one.direction][i] * first[i] * second[i];
                    }
                }
            }
        }
        Self { components: components.clone(), entries }
    }

    /// The mean diagonal entry over rows of these weights; 1 where that is not a positive number.
    pub fn unit(&self, weights: &[f64]) -> f64 {
        let p = self.components.len();
        let trace = |i: usize| (0..p).map(|k| self.entries[i * p * p + k * (p + 1)]).sum::<f64>();
        let total: f64 = weights.iter().enumerate().map(|(i, weight)| weight * trace(i)).sum();
        let mean = total / (p as f64 * weights.iter().sum::<f64>());
        if mean > 0.0 && mean.is_finite() { mean } else { 1.0 }
    }

    /// The metric divided by a unit.
    pub fn over(mut self, unit: f64) -> Self {
        self.entries.iter_mut().for_each(|entry| *entry /= unit);
        self
    }

    fn row(&self, i: usize) -> &[f64] {
        let size = self.components.len().pow(2);
        &self.entries[i * size..(i + 1) * size]
    }

    /// Writes G'∇ r²/2 and G∇ r²/2 of two rows to `ahead` and `back`, and returns Σ_kl m_k G_kl
    /// G'_kl for m = `mixed`.
    pub fn apply(&self, i: usize, j: usize, scratch: &mut Scratch) -> f64 {
        let (one, other) = (self.row(i), self.row(j));
        let (first, p) = (self.components.start, self.components.len());
        let mut trace = 0.0;
        for k in 0..p {
            let (mut ahead, mut back, mut both) = (0.0, 0.0, 0.0);
            for l in 0..p {
                let (g, h, slope) = (one[k * p + l], other[k * p + l], scratch.slopes[first + l]);
                back += g * slope;
                ahead += h * slope;
                both += g * h;
            }
            scratch.ahead[first + k] = ahead;
            scratch.back[first + k] = back;
            trace += both * scratch.mixed[first + k];
        }
        trace
    }
}
