//! The discrepancy from disjoint pairs of rows: its cost is linear in the rows, not quadratic (Liu,
//! Lee & Jordan 2016, section 4).

use super::prepared::Prepared;
use crate::numerics::rng::stream;

/// The key of the stream that shuffles the rows, apart from other draws.
const STREAM: u64 = u64::MAX / 11;

/// u of disjoint pairs of rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Linear {
    /// Positions of the two rows of each pair; of an odd number of rows, one is in no pair.
    pub pairs: Vec<(usize, usize)>,
    /// w w' u of each pair, where weights have mean one.
    pub values: Vec<f64>,
}

impl Linear {
    /// The mean of u.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// The standard error of the mean, from the variance over the pairs; not finite for fewer than
    /// two.
    #[must_use]
    pub fn std_error(&self) -> f64 {
        let (mean, m) = (self.mean(), self.values.len() as f64);
        let squares: f64 = self.values.iter().map(|u| (u - mean).powi(2)).sum();
        (squares / (m - 1.0) / m).sqrt()
    }
}

impl Prepared {
    /// u of disjoint pairs: neighbours in a random order of the rows.
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
