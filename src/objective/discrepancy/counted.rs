//! Weights and clusters of the rows of a discrepancy.

use crate::objective::{Specification, WeightsKind};

/// Weights of rows, whose sum is the number of observations.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Counted {
    pub weights: Vec<f64>,
    /// Whether a row of weight f is f equal, independent observations.
    pub copies: bool,
    /// The cluster of each row; `None` where rows are independent.
    pub clusters: Option<Vec<usize>>,
}

impl Counted {
    /// Rows of one observation each, with these weights.
    pub fn weighed(weights: Vec<f64>) -> Self {
        Self { weights, copies: false, clusters: None }
    }

    /// The weights and clusters of the rows that an objective has.
    pub fn of(specification: &Specification, rows: usize) -> Self {
        let Some(weighing) = specification.weighing() else {
            return Self::weighed(vec![1.0; rows]);
        };
        let copies = weighing.kind() == WeightsKind::Frequency && weighing.values().is_some();
        let unit = if copies { weighing.size().total_weight / rows as f64 } else { 1.0 };
        // Weights are stored with mean one; frequencies are whole numbers, recovered by rounding.
        let count = |w: &f64| if copies { (w * unit).round() } else { *w };
        let weights = weighing
            .values()
            .map_or_else(|| vec![1.0; rows], |one| one.iter().map(count).collect());
        Self { weights, copies, clusters: weighing.cluster_of_rows().map(<[usize]>::to_vec) }
    }

    /// Whether a row draws a random sign for each of its observations, and counts with their sum.
    pub fn is_summed(&self) -> bool {
        self.copies && self.clusters.is_none()
    }

    /// The number of observations.
    pub fn total(&self) -> f64 {
        self.weights.iter().sum()
    }

    /// By row, the total weight of the pairs of an observation with itself.
    pub fn own(&self) -> Vec<f64> {
        let own = |w: &f64| if self.copies { *w } else { w * w };
        self.weights.iter().map(own).collect()
    }
}
