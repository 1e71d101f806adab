//! The discrepancy from pairs of which no two share a row: its cost grows like the rows, not their square
//! (Liu, Lee & Jordan 2016, section 4).

use super::prepared::Prepared;
use crate::numerics::rng::stream;

/// Keeps the order of the rows apart from other draws.
const STREAM: u64 = u64::MAX / 11;

/// u of disjoint pairs of rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Linear {
    /// Positions of the rows of each pair; of an odd number one row is in none.
    pub pairs: Vec<(usize, usize)>,
    /// w w' u of each pair, weights of mean one.
    pub values: Vec<f64>,
}

impl Linear {
    /// The mean of u.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// Its standard error, from the spread of the pairs; not finite of fewer than two.
    #[must_use]
    pub fn std_error(&self) -> f64 {
        let (mean, m) = (self.mean(), self.values.len() as f64);
        let squares: f64 = self.values.iter().map(|u| (u - mean).powi(2)).sum();
        (squares / (m - 1.0) / m).sqrt()
    }
}

impl Prepared {
    /// u of pairs that follow each other in a random order of the rows.
    ///
    /// # Panics
    /// As [`Prepared::at`].
    #[must_use]
    pub fn linear(&self, theta: &[f64], columns: &[&[f64]], seed: u64, threads: usize) -> Linear {
        let points = self.points(columns, threads);
        let slopes = [points.slopes(theta, threads)];
        let order = shuffled(points.rows, seed);
        let pairs: Vec<(usize, usize)> =
            order.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        let (weights, mut scratch) = (&self.counted.weights, points.scratch());
        let square = (self.counted.total() / points.rows as f64).powi(2);
        let value = |&(i, j): &(usize, usize)| {
            weights[i] * weights[j] / square * points.one(i, j, &slopes, &mut scratch)
        };
        let values = pairs.iter().map(value).collect();
        Linear { pairs, values }
    }
}

/// The rows in a random order (Fisher and Yates).
fn shuffled(rows: usize, seed: u64) -> Vec<usize> {
    let mut stream = stream(seed, STREAM);
    let mut order: Vec<usize> = (0..rows).collect();
    for last in (1..rows).rev() {
        order.swap(last, stream.below(last + 1));
    }
    order
}
