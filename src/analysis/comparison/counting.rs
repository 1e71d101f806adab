//! Folds of rows, and means over rows with their standard errors.

use crate::numerics::rng::stream;
use crate::numerics::sum::compensated_mean;
use crate::objective::{Specification, Weighing, WeightsKind};

use super::Mean;

/// Key of the random order in which units are assigned to folds.
const KEY: u64 = 1 << 41;

/// The weights and clusters of the rows of a comparison.
#[derive(Debug)]
pub(super) struct Counting<'a> {
    rows: usize,
    weighing: Option<&'a Weighing>,
}

impl<'a> Counting<'a> {
    pub fn of(specification: &'a Specification, rows: usize) -> Self {
        Self { rows, weighing: specification.weighing() }
    }

    /// The weights of the rows, of mean one; `None` where all are one.
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weighing.and_then(Weighing::values)
    }

    /// The weight by which an objective multiplies the loss of a row: a probability weight, else one.
    pub fn weight_in_loss(&self, row: usize) -> f64 {
        match self.weighing.map(Weighing::kind) {
            Some(WeightsKind::Probability) => self.weights().map_or(1.0, |weights| weights[row]),
            Some(WeightsKind::Frequency) | None => 1.0,
        }
    }

    /// Whether the weight of a row is positive.
    pub fn counts(&self, row: usize) -> bool {
        self.weights().is_none_or(|weights| weights[row] > 0.0)
    }

    /// The units that folds divide: clusters of rows, or single rows without clusters.
    pub fn units(&self) -> Vec<Vec<u32>> {
        let rows = 0..self.rows as u32;
        let Some((clusters, count)) = self.weighing.and_then(Weighing::clusters) else {
            return rows.map(|row| vec![row]).collect();
        };
        let mut units = vec![Vec::new(); count];
        clusters.iter().zip(rows).for_each(|(&cluster, row)| units[cluster].push(row));
        units
    }

    /// The fold of each row: units in random order are assigned to the fold with the smallest weight
    /// so far.
    pub fn folds(&self, count: usize, seed: u64) -> Vec<usize> {
        let mut units = self.units();
        let mut stream = stream(seed, KEY);
        for last in (1..units.len()).rev() {
            units.swap(last, stream.below(last + 1));
        }
        let weight = |row: &u32| self.weights().map_or(1.0, |weights| weights[*row as usize]);
        // Empty folds come first, so that every fold has a unit even where units have weight zero.
        let mut sizes = vec![(0.0_f64, 0_usize); count];
        let mut folds = vec![0; self.rows];
        for unit in units {
            let less = |a: &usize, b: &usize| {
                let ((a_size, a_units), (b_size, b_units)) = (sizes[*a], sizes[*b]);
                let empty = (a_units > 0).cmp(&(b_units > 0));
                empty.then(a_size.total_cmp(&b_size)).then(a_units.cmp(&b_units))
            };
            let fold = (0..count).min_by(less).expect("there are at least two folds");
            sizes[fold].0 += unit.iter().map(weight).sum::<f64>();
            sizes[fold].1 += 1;
            unit.iter().for_each(|&row| folds[row as usize] = fold);
        }
        folds
    }

    /// The weighted mean of values by row, with its standard error over independent rows, or over
    /// clusters where rows are clustered.
    pub fn mean(&self, values: &[f64]) -> Mean {
        let weight = |row: usize| self.weights().map_or(1.0, |weights| weights[row]);
        // Rows of weight zero may have no value.
        let counted = |row: usize| if weight(row) > 0.0 { weight(row) * values[row] } else { 0.0 };
        let mean = compensated_mean(&(0..self.rows).map(counted).collect::<Vec<_>>());
        let off = |row: usize| if weight(row) > 0.0 { values[row] - mean } else { 0.0 };
        let n = self.rows as f64;
        let square = |value: f64| value * value;
        let variance = match self.weighing.map(|one| (one.clusters(), one.kind(), one)) {
            Some((Some((clusters, count)), _, _)) => {
                let mut sums = vec![0.0; count];
                (0..self.rows).for_each(|row| sums[clusters[row]] += weight(row) * off(row));
                let g = count as f64;
                g / (g - 1.0) * sums.into_iter().map(square).sum::<f64>() / (n * n)
            }
            Some((None, WeightsKind::Frequency, weighing)) => {
                let squares: f64 = (0..self.rows).map(|row| weight(row) * square(off(row))).sum();
                squares / n / (weighing.observations() as f64 - 1.0)
            }
            Some((None, WeightsKind::Probability, _)) | None => {
                let squares: f64 = (0..self.rows).map(|row| square(weight(row) * off(row))).sum();
                squares / n / (n - 1.0)
            }
        };
        Mean { value: mean, std_error: variance.sqrt() }
    }
}
