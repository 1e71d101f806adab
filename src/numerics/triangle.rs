//! The triangular QR factor of a tall matrix whose rows come in blocks (Golub and Van Loan 2013, §5.2).

use nalgebra::{DMatrix, DVector};

/// Rows factored at a time: R and a block stay in the cache.
const BLOCK: usize = 1024;
/// A column is dependent on those before it when less than this share of its length is orthogonal to
/// them.
const DEPENDENT: f64 = 256.0 * f64::EPSILON;

/// R of the rows added so far: RᵀR is their Gram matrix, and R has twice as many accurate digits.
#[derive(Clone, Debug)]
pub struct Triangle {
    factor: DMatrix<f64>,
}

impl Triangle {
    /// The factor of no rows with this many columns.
    #[must_use]
    pub fn new(columns: usize) -> Self {
        Self { factor: DMatrix::zeros(columns, columns) }
    }

    /// Adds rows, given by column.
    pub fn add(&mut self, columns: &[&[f64]]) {
        let rows = columns.first().map_or(0, |column| column.len());
        let m = self.factor.ncols();
        for start in (0..rows).step_by(BLOCK) {
            let count = BLOCK.min(rows - start);
            let stacked = DMatrix::from_fn(m + count, m, |i, j| {
                if i < m { self.factor[(i, j)] } else { columns[j][start + i - m] }
            });
            self.factor = stacked.qr().r();
        }
    }

    /// The factor of the first `m` columns; `None` where one of them depends on those before it.
    #[must_use]
    pub fn square(&self, m: usize) -> Option<DMatrix<f64>> {
        let square = self.factor.view((0, 0), (m, m)).into_owned();
        let depends = |k: usize| {
            let length = square.column(k).norm();
            !length.is_finite() || square[(k, k)].abs() <= DEPENDENT * length
        };
        (0..m).all(|k| !depends(k)).then_some(square)
    }

    /// One column of the factor.
    #[must_use]
    pub fn column(&self, k: usize) -> DVector<f64> {
        self.factor.column(k).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_square_is_the_gram_matrix() {
        let a: Vec<f64> = (0..3000).map(|i| f64::from(i % 7) - 2.0).collect();
        let b: Vec<f64> = (0..3000).map(|i| f64::from(i % 5) + 0.5).collect();
        let mut triangle = Triangle::new(2);
        triangle.add(&[&a, &b]);
        let r = triangle.square(2).expect("the columns are independent");
        let gram = r.transpose() * &r;
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        for (i, j, want) in [(0, 0, dot(&a, &a)), (0, 1, dot(&a, &b)), (1, 1, dot(&b, &b))] {
            assert!((gram[(i, j)] - want).abs() <= 1e-12 * dot(&a, &a).max(dot(&b, &b)));
        }
    }

    #[test]
    fn dependent_columns_have_none() {
        let a: Vec<f64> = (0..50).map(f64::from).collect();
        let b: Vec<f64> = a.iter().map(|x| 3.0 * x).collect();
        let mut triangle = Triangle::new(2);
        triangle.add(&[&a, &b]);
        assert!(triangle.square(1).is_some());
        assert!(triangle.square(2).is_none());
        assert!(Triangle::new(1).square(1).is_none());
    }
}
