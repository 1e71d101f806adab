//! The signature of a component that shrinks onto a few rows: they alone carry the objective.

/// The rows that carry most of Σ|ρ - median ρ|, when a handful does.
///
/// A handful is the top max(5, 1 %) rows and all that tie with the last of them: on rounded data a
/// component shrinks onto every copy of a value at once.
pub(super) fn culprits(losses: &[f64]) -> Option<Vec<usize>> {
    if let Some(rows) = not_finite(losses) {
        return Some(rows);
    }
    let middle = median(losses);
    let distance = |row: usize| (losses[row] - middle).abs();
    let mut order: Vec<usize> = (0..losses.len()).collect();
    order.sort_by(|&a, &b| distance(b).total_cmp(&distance(a)).then(a.cmp(&b)));
    let handful = losses.len().div_ceil(100).max(5).min(losses.len());
    let last = distance(order[handful.checked_sub(1)?]);
    let pooled = order.partition_point(|&row| distance(row) >= last * (1.0 - 1e-9));
    let total: f64 = order.iter().map(|&row| distance(row)).sum();
    let carried: f64 = order[..pooled].iter().map(|&row| distance(row)).sum();
    (pooled * 4 < losses.len() && carried > 0.5 * total).then(|| main_culprits(&order, distance))
}

fn not_finite(losses: &[f64]) -> Option<Vec<usize>> {
    let rows: Vec<usize> = (0..losses.len()).filter(|&row| !losses[row].is_finite()).collect();
    (!rows.is_empty()).then_some(rows)
}

/// The rows at least a tenth as far out as the furthest: those to name.
fn main_culprits(order: &[usize], distance: impl Fn(usize) -> f64) -> Vec<usize> {
    let furthest = distance(order[0]);
    let mut rows: Vec<usize> =
        order.iter().copied().take_while(|&row| distance(row) >= 0.1 * furthest).collect();
    rows.sort_unstable();
    rows
}

pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_carries_all() {
        let mut losses: Vec<f64> = (0..100).map(|i| f64::from(i % 7)).collect();
        assert_eq!(culprits(&losses), None);
        losses[42] = -1e6;
        assert_eq!(culprits(&losses), Some(vec![42]));
    }

    #[test]
    fn tied_rows_are_pooled() {
        let mut losses: Vec<f64> = (0..100).map(|i| f64::from(i % 7)).collect();
        for row in 10..25 {
            losses[row] = -1e6;
        }
        assert_eq!(culprits(&losses), Some((10..25).collect()));
    }

    #[test]
    fn a_row_without_a_value_is_a_culprit() {
        assert_eq!(culprits(&[0.0, 1.0, f64::NEG_INFINITY]), Some(vec![2]));
    }

    #[test]
    fn median_of_even_and_odd() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
