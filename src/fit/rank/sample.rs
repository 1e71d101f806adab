//! The sample of rows whose pairs enter a double sum.
//!
//! A simple random sample of a thousand of fifty thousand rows misses a spike on twelve of them. Rows
//! whose loss is far from the median at any minimum are therefore always included; the others are
//! drawn at random and weighted by their inverse inclusion probability.

use std::collections::BTreeSet;

use crate::numerics::rng::stream;

/// Most rows in few dimensions, the least in many, and the operations on pairs that one minimum may
/// cost.
const ROWS_MOST: usize = 1000;
const ROWS_LEAST: usize = 250;
const WORK: usize = 8_000_000;
/// Rows of outlying loss that are included for each minimum, and for all minima together.
const OUTLYING: usize = 200;
const OUTLYING_IN_ALL: usize = 600;
/// First key of the random stream, unlike those of the starts.
const STREAM: u64 = u64::MAX / 5;

/// Rows and their weights, which sum to the number of all rows.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// Ascending.
    pub rows: Vec<usize>,
    pub weights: Vec<f64>,
}

impl Sample {
    /// Number of rows of a small sample, for a minimum that is alone.
    pub const LEAST: usize = ROWS_LEAST;

    /// Largest sample of rows for a metric of `dimensions` entries.
    pub fn most(dimensions: usize) -> usize {
        (WORK / dimensions.max(1)).isqrt().clamp(ROWS_LEAST, ROWS_MOST)
    }

    /// All rows, or a sample of `most` rows; `losses` are those of all rows at each of several
    /// minima.
    pub fn new(rows: usize, most: usize, losses: &[Vec<f64>]) -> Self {
        if rows <= most {
            return Self { rows: (0..rows).collect(), weights: vec![1.0; rows] };
        }
        let each = OUTLYING.min(OUTLYING_IN_ALL.min(most / 2) / losses.len().max(1));
        let certain: BTreeSet<usize> =
            losses.iter().flat_map(|losses| outlying(losses, each)).collect();
        let rest = rows - certain.len();
        let drawn = most - certain.len();
        let weight = rest as f64 / drawn as f64;
        let mut chosen = draw(rest, drawn, &certain);
        chosen.extend(certain.iter().map(|&row| (row, 1.0)));
        chosen.iter_mut().for_each(|(_, w)| *w = if *w == 0.0 { weight } else { *w });
        chosen.sort_by_key(|&(row, _)| row);
        let (rows, weights) = chosen.into_iter().unzip();
        Self { rows, weights }
    }
}

/// The rows whose losses are farthest from the median.
fn outlying(losses: &[f64], count: usize) -> Vec<usize> {
    let mut sorted = losses.to_vec();
    let middle = sorted.len() / 2;
    let median = *sorted.select_nth_unstable_by(middle, f64::total_cmp).1;
    let mut rows: Vec<usize> = (0..losses.len()).collect();
    let distance = |row: usize| (losses[row] - median).abs();
    let by_distance = |a: &usize, b: &usize| distance(*b).total_cmp(&distance(*a)).then(a.cmp(b));
    rows.select_nth_unstable_by(count, by_distance);
    rows.truncate(count);
    rows
}

/// `count` distinct rows among those that are not certain (Floyd's algorithm), with weight zero.
fn draw(rest: usize, count: usize, certain: &BTreeSet<usize>) -> Vec<(usize, f64)> {
    let mut stream = stream(0, STREAM);
    let mut drawn: BTreeSet<usize> = BTreeSet::new();
    for last in rest - count..rest {
        let one = stream.below(last + 1);
        let fresh = if drawn.contains(&one) { last } else { one };
        drawn.insert(fresh);
    }
    // Maps k to the k-th row that is not certain, for ascending k.
    let mut certain = certain.iter().copied().peekable();
    let mut passed = 0;
    let place = |k: usize| {
        while certain.next_if(|&row| row <= k + passed).is_some() {
            passed += 1;
        }
        (k + passed, 0.0)
    };
    drawn.into_iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_are_all_taken() {
        let sample = Sample::new(7, 1000, &[]);
        assert_eq!(sample.rows, [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(sample.weights, [1.0; 7]);
    }

    #[test]
    fn outlying_rows_are_included_and_weights_sum_to_the_rows() {
        let n = 50_000;
        let spike = |row: usize| row % 4001 == 17;
        let loss = |row: usize| if spike(row) { -9.0 } else { 1e-9 * row as f64 };
        let losses: Vec<f64> = (0..n).map(loss).collect();
        let sample = Sample::new(n, 1000, &[losses.clone(), losses]);
        assert_eq!(sample.rows.len(), 1000);
        assert!(sample.rows.windows(2).all(|pair| pair[0] < pair[1]));
        assert!((0..n).filter(|&row| spike(row)).all(|row| sample.rows.contains(&row)));
        assert!((sample.weights.iter().sum::<f64>() - n as f64).abs() < 1e-6);
        assert_eq!(sample.weights.iter().filter(|&&w| w == 1.0).count(), 200);
        // The other rows are evenly distributed.
        let mean = sample.rows.iter().zip(&sample.weights).map(|(&r, w)| r as f64 * w).sum::<f64>();
        assert!((mean / 1.25e9 - 1.0).abs() < 0.1, "{mean}");
    }

    #[test]
    fn many_dimensions_take_fewer_rows() {
        assert_eq!(Sample::most(1), 1000);
        assert_eq!(Sample::most(32), 500);
        assert_eq!(Sample::new(10_000, Sample::most(5000), &[]).rows.len(), 250);
    }
}
