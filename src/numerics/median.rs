//! Medians, plain and weighted, quantiles and spreads.

/// Partial sums of weights that differ by less than this share of the total count as equal.
const ROUNDING: f64 = 1e-12;

/// Most values of which quantiles are computed; of longer lists every k-th value is used.
const VALUES_SORTED: usize = 10_001;

/// The middle value, or the mean of the two in the middle; NaN of none.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    let n = values.len();
    if n == 0 {
        return f64::NAN;
    }
    let (lower, &mut middle, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    match lower.iter().copied().max_by(f64::total_cmp) {
        Some(below) if n.is_multiple_of(2) => 0.5 * (below + middle),
        Some(_) | None => middle,
    }
}

/// The median of values that count as often as their weights; NaN of none, and where all weights are
/// zero.
///
/// ```
/// use scorematch::numerics::median::{median, weighted_median};
/// let copies = median(vec![1.0, 1.0, 1.0, 4.0, 9.0, 9.0]);
/// assert_eq!(weighted_median(vec![(9.0, 2.0), (1.0, 3.0), (4.0, 1.0)]), copies);
/// ```
#[must_use]
pub fn weighted_median(mut values: Vec<(f64, f64)>) -> f64 {
    values.retain(|&(_, weight)| weight > 0.0);
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = 0.5 * values.iter().map(|&(_, weight)| weight).sum::<f64>();
    let mut below = 0.0;
    for (k, &(value, weight)) in values.iter().enumerate() {
        below += weight;
        if (below - half).abs() <= ROUNDING * half {
            let next = values.get(k + 1).map_or(value, |&(next, _)| next);
            return 0.5 * (value + next);
        }
        if below > half {
            return value;
        }
    }
    f64::NAN
}

/// The quantiles at the given shares, as nearest ranks among at most ten thousand of the values.
///
/// # Panics
/// When there are no values.
#[must_use]
pub fn quantiles<const N: usize>(values: &[f64], shares: [f64; N]) -> [f64; N] {
    quantiles_of(values.len(), values.iter().copied(), shares)
}

/// The same of this many values that come one after the other.
pub(crate) fn quantiles_of<const N: usize>(
    count: usize,
    values: impl Iterator<Item = f64>,
    shares: [f64; N],
) -> [f64; N] {
    let step = count.div_ceil(VALUES_SORTED).max(1);
    let mut sorted: Vec<f64> = values.step_by(step).collect();
    sorted.sort_by(f64::total_cmp);
    shares.map(|share| sorted[((sorted.len() - 1) as f64 * share).round() as usize])
}

/// The quantile of sorted values at a share, linear between neighbours: share 0 is the least value,
/// share 1 the largest.
///
/// # Panics
/// When there are no values.
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = share * last as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let (a, b) = (sorted[low.min(last)], sorted[(low + 1).min(last)]);
    if part == 0.0 { a } else { a + part * (b - a) }
}

/// The interquartile range; where that is zero the whole range, or 1 if all values are equal.
///
/// # Panics
/// When there are no values.
///
/// ```
/// use scorematch::numerics::median::spread;
/// assert_eq!(spread(&[0.0, 1.0, 2.0, 3.0, 90.0]), 2.0);
/// assert_eq!(spread(&[5.0, 5.0, 5.0, 5.0, 9.0]), 4.0);
/// assert_eq!(spread(&[5.0, 5.0]), 1.0);
/// ```
#[must_use]
pub fn spread(values: &[f64]) -> f64 {
    let [least, low, high, most] = quantiles(values, [0.0, 0.25, 0.75, 1.0]);
    let ranges = [high - low, most - least];
    let range = ranges.into_iter().find(|&range| range > 0.0 && range.is_finite());
    range.unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_even_and_odd() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    /// numpy's `percentile` gives these.
    #[test]
    fn quantiles_are_linear_between_neighbours() {
        let sorted = [1.0, 2.0, 3.0, 4.0, 10.0];
        assert_eq!([0.0, 0.25, 1.0].map(|share| quantile(&sorted, share)), [1.0, 2.0, 10.0]);
        assert!((quantile(&sorted, 0.9) - 7.6).abs() < 1e-12);
    }
}
