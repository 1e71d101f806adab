//! What the rows of a discrepancy count for.

use crate::objective::{Specification, WeightsKind};

/// Weights of rows, whose sum is the number of observations.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Counted {
    pub weights: Vec<f64>,
    /// A row of weight f is f independent observations that are equal.
    pub copies: bool,
    /// The cluster of each row, where rows are not independent.
    pub clusters: Option<Vec<usize>>,
}

impl Counted {
    /// Rows that are one observation each, of these weights.
    pub fn weighed(weights: Vec<f64>) -> Self {
        Self { weights, copies: false, clusters: None }
    }

    /// As the objective counts the rows.
    pub fn of(specification: &Specification, rows: usize) -> Self {
        let Some(weighing) = specification.weighing() else {
            return Self::weighed(vec![1.0; rows]);
        };
        let copies = weighing.kind() == WeightsKind::Frequency && weighing.values().is_some();
        let unit = if copies { weighing.size().total_weight / rows as f64 } else { 1.0 };
        // Frequencies are whole numbers, and come back from weights of mean one.
        let count = |w: &f64| if copies { (w * unit).round() } else { *w };
        let weights = weighing
            .values()
            .map_or_else(|| vec![1.0; rows], |one| one.iter().map(count).collect());
        Self { weights, copies, clusters: weighing.cluster_of_rows().map(<[usize]>::to_vec) }
    }

    /// Whether each observation of a row has a sign of its own.
    pub fn is_summed(&self) -> bool {
        self.copies && self.clusters.is_none()
    }

    /// The number of observations.
    pub fn total(&self) -> f64 {
        self.weights.iter().sum()
    }

    /// By row, the weight of pairs of an observation with itself.
    pub fn own(&self) -> Vec<f64> {
        let own = |w: &f64| if self.copies { *w } else { w * w };
        self.weights.iter().map(own).collect()
    }
}
