//! Rows in the units of a kernel, and sums of u over pairs of them.

use super::Discrepancy;
use super::columns::Column;
use super::counted::Counted;
use super::metric::Metric;
use super::pairs::{Scratch, pair};
use super::prepared::{Prepared, Space};
use crate::numerics::parallel::parallel;

/// Rows of a block. The pairs of its rows with all rows up to them are one task. The size is fixed,
/// so that rounding does not depend on the number of threads.
const BLOCK: usize = 1000;

/// The rows that are compared, in the units of a kernel.
pub(super) struct Points<'a> {
    prepared: &'a Prepared,
    columns: &'a [&'a [f64]],
    data: Vec<Column>,
    covariates: Vec<Column>,
    metrics: Vec<Metric>,
    pub(super) rows: usize,
}

impl<'a> Points<'a> {
    pub(super) fn new(prepared: &'a Prepared, columns: &'a [&'a [f64]], threads: usize) -> Self {
        let metrics = match &prepared.space {
            Space::Smooth { metrics, .. } => metrics.on(columns, threads),
            Space::Binary(_) => Vec::new(),
        };
        let data = prepared.rulers.iter().map(|ruler| ruler.over(columns)).collect();
        let covariates = prepared.conditions.iter().map(|ruler| ruler.over(columns)).collect();
        Self { prepared, columns, data, covariates, metrics, rows: columns[0].len() }
    }

    /// a in scaled columns and units of metrics, row by row; for binary data s.
    pub fn slopes(&self, theta: &[f64], threads: usize) -> Vec<f64> {
        let pull = self.prepared.pull.rows(self.columns, theta, threads);
        let mut values = Vec::with_capacity(self.data.len() * self.rows);
        match &self.prepared.space {
            Space::Smooth { metrics, .. } => {
                let units = metrics.units();
                for i in 0..self.rows {
                    let components = pull.iter().zip(&self.prepared.rulers).zip(&units);
                    values.extend(components.map(|((a, x), unit)| a[i] * x.scale / unit));
                }
            }
            Space::Binary(_) => {
                let slope = |i: usize| pull.iter().map(move |delta| -(-delta[i]).exp_m1());
                values.extend((0..self.rows).flat_map(slope));
            }
        }
        values
    }

    /// The discrepancies of several densities, each given by its slopes.
    pub fn discrepancies(
        &self,
        slopes: &[Vec<f64>],
        counted: &Counted,
        threads: usize,
    ) -> Vec<Discrepancy> {
        assert_eq!(counted.weights.len(), self.rows, "a weight for each row");
        let blocks = self.rows.div_ceil(BLOCK);
        let parts = parallel(blocks, threads, |block| self.block(block, slopes, counted));
        let mut found = vec![Discrepancy::zero(counted.clone()); slopes.len()];
        for (block, part) in parts.iter().enumerate() {
            for (found, (sums, diagonal)) in found.iter_mut().zip(part) {
                found.sums.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
                found.diagonal[block * BLOCK..][..diagonal.len()].copy_from_slice(diagonal);
            }
        }
        found
    }

    /// For each density, the contributions of the pairs of a block to the sums by row, and the
    /// diagonal of the rows of the block.
    fn block(
        &self,
        block: usize,
        slopes: &[Vec<f64>],
        counted: &Counted,
    ) -> Vec<(Vec<f64>, Vec<f64>)> {
        let weights = &counted.weights;
        let (start, end) = (block * BLOCK, self.rows.min((block + 1) * BLOCK));
        let mut found = vec![(vec![0.0; end], vec![0.0; end - start]); slopes.len()];
        let mut scratch = Scratch::new(self.data.len());
        for i in start..end {
            for j in 0..=i {
                self.pair((i, j), slopes, &mut scratch, |density, u| {
                    let (sums, diagonal) = &mut found[density];
                    sums[i] += weights[j] * u;
                    if i == j {
                        diagonal[i - start] = u;
                    } else {
                        sums[j] += weights[i] * u;
                    }
                });
            }
        }
        found
    }

    /// Calls `take` with the index of each density and u of two rows under it.
    fn pair<'b>(
        &self,
        (i, j): (usize, usize),
        slopes: &'b [Vec<f64>],
        scratch: &mut Scratch,
        mut take: impl FnMut(usize, f64),
    ) {
        let d = self.data.len();
        let half: f64 = self.covariates.iter().map(|z| z.half_square(i, j)[0]).sum();
        let given = self.prepared.given.value(half);
        let slices = |slopes: &'b [f64]| (&slopes[i * d..(i + 1) * d], &slopes[j * d..(j + 1) * d]);
        match &self.prepared.space {
            Space::Smooth { radial, .. } => {
                let pair = pair((&self.data, &self.metrics, *radial), (i, j), given, scratch);
                for (density, slopes) in slopes.iter().enumerate() {
                    let (one, other) = slices(slopes);
                    take(density, pair.stein(one, other));
                }
            }
            Space::Binary(hamming) => {
                for (density, slopes) in slopes.iter().enumerate() {
                    take(density, hamming.stein(&self.data, (i, j), slices(slopes), given));
                }
            }
        }
    }

    /// u of row i with each row up to itself, under the first density.
    pub(super) fn row(&self, i: usize, slopes: &[Vec<f64>], scratch: &mut Scratch) -> Vec<f64> {
        (0..=i).map(|j| self.one(i, j, slopes, scratch)).collect()
    }

    /// u of two rows under a single density.
    pub(super) fn one(
        &self,
        i: usize,
        j: usize,
        slopes: &[Vec<f64>],
        scratch: &mut Scratch,
    ) -> f64 {
        let mut found = f64::NAN;
        self.pair((i, j), slopes, scratch, |_, u| found = u);
        found
    }

    pub(super) fn scratch(&self) -> Scratch {
        Scratch::new(self.data.len())
    }
}
