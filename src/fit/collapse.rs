//! Detects a component that has shrunk onto a few rows: these rows then dominate the objective.

use crate::numerics::median::median;

/// The rows that dominate Σ|ρ - median ρ|, where a handful of rows has more than half of it.
///
/// A handful is the top max(5, 1 %) rows, or all rows that tie for the largest distance: on rounded
/// data a component shrinks onto every copy of a value at once.
pub(super) fn culprits(losses: &[f64]) -> Option<Vec<usize>> {
    let ranked = Ranked::new(losses, median(losses.to_vec()));
    if ranked.distances.iter().any(|distance| !distance.is_finite()) {
        return Some(ranked.furthest());
    }
    let handful = losses.len().div_ceil(100).max(5).min(losses.len());
    let first = *ranked.distances.first()?;
    let tied = ranked.distances.partition_point(|&distance| distance >= first * (1.0 - 1e-9));
    let pooled = handful.max(tied);
    let total: f64 = ranked.distances.iter().sum();
    let carried: f64 = ranked.distances[..pooled].iter().sum();
    (pooled * 4 < losses.len() && carried > 0.5 * total).then(|| ranked.furthest())
}

/// The rows whose losses are largest in size, of any number: the rows onto which a component shrank
/// where J fell without bound.
pub(super) fn furthest(losses: &[f64]) -> Vec<usize> {
    Ranked::new(losses, 0.0).furthest()
}

/// Rows ordered by the distance of their loss from a centre, largest first.
struct Ranked {
    rows: Vec<usize>,
    distances: Vec<f64>,
}

impl Ranked {
    fn new(losses: &[f64], centre: f64) -> Self {
        let distance = |&row: &usize| {
            let distance = (losses[row] - centre).abs();
            if distance.is_nan() { f64::INFINITY } else { distance }
        };
        let mut rows: Vec<usize> = (0..losses.len()).collect();
        rows.sort_by(|a, b| distance(b).total_cmp(&distance(a)).then(a.cmp(b)));
        let distances = rows.iter().map(distance).collect();
        Self { rows, distances }
    }

    /// The rows whose distance is at least a tenth of the largest, ascending.
    fn furthest(&self) -> Vec<usize> {
        let limit = 0.1 * self.distances.first().copied().unwrap_or(0.0);
        let far = self.distances.partition_point(|&distance| distance >= limit);
        let mut rows = self.rows[..far].to_vec();
        rows.sort_unstable();
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_dominates() {
        let mut losses: Vec<f64> = (0..100).map(|i| f64::from(i % 7)).collect();
        assert_eq!(culprits(&losses), None);
        losses[42] = -1e6;
        assert_eq!(culprits(&losses), Some(vec![42]));
    }

    #[test]
    fn tied_rows_are_pooled() {
        let mut losses: Vec<f64> = (0..100).map(|i| f64::from(i % 7)).collect();
        losses[10..25].fill(-1e6);
        assert_eq!(culprits(&losses), Some((10..25).collect()));
    }

    #[test]
    fn a_row_without_a_value_is_a_culprit() {
        assert_eq!(culprits(&[0.0, 1.0, f64::NEG_INFINITY]), Some(vec![2]));
        assert_eq!(furthest(&[0.0, 1.0, -50.0, 2.0, -49.0]), [2, 4]);
    }
}
