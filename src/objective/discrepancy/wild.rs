//! The wild bootstrap of nV: replicates of its null distribution, by random signs of the rows
//! (Chwialkowski, Strathmann & Gretton 2016).

use nalgebra::DMatrix;

use super::Discrepancy;
use super::counted::Counted;
use super::points::Points;
use super::prepared::Prepared;
use crate::numerics::parallel::parallel;
use crate::numerics::rng::stream;

/// Rows of a block. The pairs of its rows with all rows up to them are one task.
const BLOCK: usize = 128;
/// Rows whose signs are converted and multiplied at once.
const TILE: usize = 256;
/// Most replicates of one pass over the pairs; each takes 4 bytes a row.
const AT_ONCE: usize = 1024;
/// Part of the keys of the streams of signs, apart from other draws.
const STREAM: u64 = u64::MAX / 7;

/// Random signs of rows, row by row; each row has one for each replicate.
struct Signs {
    values: Vec<f32>,
    replicates: usize,
}

impl Signs {
    /// Draws the signs. Rows of a cluster share theirs; a row of frequency f without clusters has
    /// the sum of f signs.
    fn new(counted: &Counted, replicates: usize, (seed, pass): (u64, usize)) -> Self {
        let mut values = Vec::with_capacity(counted.weights.len() * replicates);
        for (row, weight) in counted.weights.iter().enumerate() {
            let drawn = counted.clusters.as_ref().map_or(row, |clusters| clusters[row]);
            let mut stream = stream(seed, STREAM + ((pass as u64) << 32) + drawn as u64);
            let count = if counted.is_summed() { *weight as u64 } else { 1 };
            values.extend((0..replicates).map(|_| stream.signs(count) as f32));
        }
        Self { values, replicates }
    }

    fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.replicates..(row + 1) * self.replicates]
    }

    /// Sums over rows of sign times u. The result has a row for each replicate and a column for
    /// each column of `u`, whose rows are those of the data.
    fn times(&self, u: &DMatrix<f64>) -> DMatrix<f64> {
        let mut sums = DMatrix::zeros(self.replicates, u.ncols());
        for first in (0..u.nrows()).step_by(TILE) {
            let count = TILE.min(u.nrows() - first);
            let own = &self.values[first * self.replicates..(first + count) * self.replicates];
            let signs = own.iter().map(|&sign| f64::from(sign));
            let signs = DMatrix::from_iterator(self.replicates, count, signs);
            sums.gemm(1.0, &signs, &u.rows(first, count), 1.0);
        }
        sums
    }
}

impl Prepared {
    /// Replicates of nV: (1/n) Σ_ij W_i W_j w_i w_j u_ij with random signs W, one for each cluster
    /// where rows have clusters; a row of frequency f has the sum of f signs.
    ///
    /// Their distribution approximates that of nV under the density, provided that θ is not
    /// estimated from the same rows.
    ///
    /// # Panics
    /// As [`Prepared::at`].
    #[must_use]
    pub fn wild(
        &self,
        theta: &[f64],
        columns: &[&[f64]],
        replicates: usize,
        seed: u64,
        threads: usize,
    ) -> Vec<f64> {
        let points = self.points(columns, threads);
        let slopes = [points.slopes(theta, threads)];
        let n = self.counted.total();
        let passes = (0..replicates).step_by(AT_ONCE).enumerate();
        let pass = |(pass, done): (usize, usize)| {
            let signs = Signs::new(&self.counted, AT_ONCE.min(replicates - done), (seed, pass));
            let blocks = points.rows.div_ceil(BLOCK);
            let work = |block| points.signed(block, &slopes, &signs, &self.counted);
            let parts = parallel(blocks, threads, work);
            let total = |k: usize| parts.iter().map(|part| part[k]).sum::<f64>() / n;
            (0..signs.replicates).map(total).collect::<Vec<f64>>()
        };
        passes.flat_map(pass).collect()
    }
}

impl Points<'_> {
    /// The sums over the pairs of a block, for each replicate.
    fn signed(
        &self,
        block: usize,
        slopes: &[Vec<f64>],
        signs: &Signs,
        counted: &Counted,
    ) -> Vec<f64> {
        let rows = block * BLOCK..self.rows.min((block + 1) * BLOCK);
        let mut scratch = self.scratch();
        let mut pairs = DMatrix::zeros(rows.end, rows.len());
        for (mut column, i) in pairs.column_iter_mut().zip(rows.clone()) {
            let mut u = self.row(i, slopes, &mut scratch);
            if !counted.is_summed() {
                let weights = counted.weights.iter();
                u.iter_mut().zip(weights).for_each(|(u, w)| *u *= w * counted.weights[i]);
            }
            // The pair of a row with itself occurs once in the sum, other pairs twice.
            u[i] *= 0.5;
            column.rows_mut(0, u.len()).copy_from_slice(&u);
        }
        let mut totals = vec![0.0; signs.replicates];
        for (sums, i) in signs.times(&pairs).column_iter().zip(rows) {
            for ((total, sum), sign) in totals.iter_mut().zip(sums.iter()).zip(signs.row(i)) {
                *total += 2.0 * f64::from(*sign) * sum;
            }
        }
        totals
    }
}

/// The Monte Carlo p-value: the share of values that are at least the statistic, among the
/// replicates and the statistic itself.
#[must_use]
pub fn p_value(statistic: f64, replicates: &[f64]) -> f64 {
    let reached = replicates.iter().filter(|&&one| one >= statistic).count();
    (reached as f64 + 1.0) / (replicates.len() as f64 + 1.0)
}

impl Discrepancy {
    /// nV, the statistic of the test.
    #[must_use]
    pub fn nv(&self) -> f64 {
        self.n() * self.v()
    }
}
