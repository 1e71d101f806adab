//! Detects a component that has shrunk onto a few rows: these rows then dominate the objective.

use crate::numerics::order::nth;

/// The rows that dominate Σ|ρ - median ρ|, where a handful of rows has more than half of it.
///
/// A handful is the top max(5, 1 %) rows, or all rows that tie for the largest distance: on rounded
/// data a component shrinks onto every copy of a value at once.
pub(super) fn culprits(losses: Vec<f64>) -> Option<Vec<usize>> {
    let rows = losses.len();
    let middle = middle(&losses);
    let distances = distances(losses, middle);
    let first = largest(&distances)?;
    if !first.is_finite() {
        return Some(far(&distances, first));
    }
    let handful = rows.div_ceil(100).max(5).min(rows);
    let limit = first * (1.0 - 1e-9);
    let tied = distances.iter().filter(|&&distance| distance >= limit).count();
    let pooled = handful.max(tied);
    let total: f64 = distances.iter().sum();
    // Of the rows at the least distance in the pool, it holds as many as those above leave room for.
    let least = nth(&distances, rows - pooled);
    let above = || distances.iter().filter(|&&distance| distance > least);
    let carried = above().sum::<f64>() + least * (pooled - above().count()) as f64;
    (pooled * 4 < rows && carried > 0.5 * total).then(|| far(&distances, first))
}

/// The rows whose losses are largest in size, of any number: the rows onto which a component shrank
/// where J fell without bound.
pub(super) fn furthest(losses: Vec<f64>) -> Vec<usize> {
    let distances = distances(losses, 0.0);
    largest(&distances).map_or(Vec::new(), |first| far(&distances, first))
}

/// The median; NaN of no losses.
fn middle(losses: &[f64]) -> f64 {
    match losses.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => nth(losses, n / 2),
        n => 0.5 * (nth(losses, n / 2 - 1) + nth(losses, n / 2)),
    }
}

/// The distance of each loss from a centre, in place of the loss; infinite where it is NaN.
fn distances(mut losses: Vec<f64>, middle: f64) -> Vec<f64> {
    for loss in &mut losses {
        let distance = (*loss - middle).abs();
        *loss = if distance.is_nan() { f64::INFINITY } else { distance };
    }
    losses
}

fn largest(distances: &[f64]) -> Option<f64> {
    distances.iter().copied().max_by(f64::total_cmp)
}

/// The rows whose distance is at least a tenth of the largest, ascending.
fn far(distances: &[f64], furthest: f64) -> Vec<usize> {
    let limit = 0.1 * furthest;
    (0..distances.len()).filter(|&row| distances[row] >= limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_dominates() {
        let mut losses: Vec<f64> = (0..100).map(|i| f64::from(i % 7)).collect();
        assert_eq!(culprits(losses.clone()), None);
        losses[42] = -1e6;
        assert_eq!(culprits(losses.clone()), Some(vec![42]));
    }

    #[test]
    fn tied_rows_are_pooled() {
        let mut losses: Vec<f64> = (0..100).map(|i| f64::from(i % 7)).collect();
        losses[10..25].fill(-1e6);
        assert_eq!(culprits(losses.clone()), Some((10..25).collect()));
    }

    #[test]
    fn a_row_without_a_value_is_a_culprit() {
        assert_eq!(culprits(vec![0.0, 1.0, f64::NEG_INFINITY]), Some(vec![2]));
        assert_eq!(furthest(vec![0.0, 1.0, -50.0, 2.0, -49.0]), [2, 4]);
    }
}
