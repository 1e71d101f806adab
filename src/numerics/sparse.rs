//! Matrices with few entries a row, such as the slopes of one set of parameters in another.

use nalgebra::DMatrix;

/// Rows of a dense matrix that are multiplied together.
const ROWS_AT_ONCE: usize = 16;

/// A matrix by its entries, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Sparse {
    columns: usize,
    /// The entries of each row as column and value, with distinct columns.
    rows: Vec<Vec<(usize, f64)>>,
}

impl Sparse {
    /// A matrix with these entries of each row.
    #[must_use]
    pub fn new(columns: usize, rows: Vec<Vec<(usize, f64)>>) -> Self {
        Self { columns, rows }
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The dense matrix, zeros included.
    #[must_use]
    pub fn dense(&self) -> DMatrix<f64> {
        let mut dense = DMatrix::zeros(self.rows.len(), self.columns);
        for (i, row) in self.rows.iter().enumerate() {
            row.iter().for_each(|&(j, value)| dense[(i, j)] += value);
        }
        dense
    }

    /// Some of its rows, in this order.
    #[must_use]
    pub fn select_rows(&self, rows: &[usize]) -> Self {
        Self::new(self.columns, rows.iter().map(|&i| self.rows[i].clone()).collect())
    }

    /// AS, a few rows of A at a time, so that they stay in cache.
    #[must_use]
    pub fn after(&self, left: &DMatrix<f64>) -> DMatrix<f64> {
        let across = self.transpose();
        let mut found = DMatrix::zeros(left.nrows(), self.columns);
        let mut tile = vec![[0.0; ROWS_AT_ONCE]; left.ncols()];
        for start in (0..left.nrows()).step_by(ROWS_AT_ONCE) {
            let count = ROWS_AT_ONCE.min(left.nrows() - start);
            for (lanes, column) in tile.iter_mut().zip(left.column_iter()) {
                lanes[..count].copy_from_slice(&column.as_slice()[start..start + count]);
            }
            for (entries, mut column) in across.rows.iter().zip(found.column_iter_mut()) {
                let sums = weighted(entries, &tile);
                column.as_mut_slice()[start..start + count].copy_from_slice(&sums[..count]);
            }
        }
        found
    }

    /// Sᵀ
    fn transpose(&self) -> Self {
        let mut rows = vec![Vec::new(); self.columns];
        for (i, row) in self.rows.iter().enumerate() {
            row.iter().for_each(|&(j, value)| rows[j].push((i, value)));
        }
        Self::new(self.rows.len(), rows)
    }
}

/// Σ value · row over the entries, lane by lane.
fn weighted(entries: &[(usize, f64)], rows: &[[f64; ROWS_AT_ONCE]]) -> [f64; ROWS_AT_ONCE] {
    let mut sums = [0.0; ROWS_AT_ONCE];
    for &(i, value) in entries {
        sums.iter_mut().zip(&rows[i]).for_each(|(sum, x)| *sum += value * x);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_the_dense_ones() {
        let a = Sparse::new(3, vec![vec![(0, 2.0), (2, -1.0)], vec![(1, 3.0)], Vec::new()]);
        let b = Sparse::new(2, vec![vec![(1, 4.0)], vec![(0, 1.0), (1, 5.0)], vec![(1, -2.0)]]);
        assert_eq!(a.select_rows(&[1]).dense(), a.dense().select_rows(&[1]));
        let symmetric = DMatrix::from_fn(3, 3, |i, j| (1 + i * j) as f64);
        assert_eq!(b.after(&symmetric), &symmetric * b.dense());
    }

    #[test]
    fn many_rows_are_multiplied_in_parts() {
        let a = Sparse::new(3, vec![vec![(0, 2.0), (2, -1.0)], vec![(1, 3.0)], vec![(0, 0.5)]]);
        let left = DMatrix::from_fn(2 * ROWS_AT_ONCE + 5, 3, |i, j| (i * (j + 1)) as f64);
        assert_eq!(a.after(&left), &left * a.dense());
        assert_eq!(a.transpose().dense(), a.dense().transpose());
    }
}
