//! Dense symmetric matrices: thin, documented glue to nalgebra.
//!
//! Promises `None` instead of numbers wherever a factorisation does not exist or an
//! argument is not finite, and never loops without end.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn, SVD, SymmetricEigen};

/// Iterations after which an eigenvalue or singular value iteration gives up.
const ITERATIONS: usize = 100_000;

fn is_finite(matrix: &DMatrix<f64>) -> bool {
    matrix.iter().all(|x| x.is_finite())
}

fn cholesky(matrix: &DMatrix<f64>) -> Option<Cholesky<f64, Dyn>> {
    is_finite(matrix).then(|| matrix.clone().cholesky()).flatten()
}

/// Whether a symmetric matrix is positive definite: whether it has a Cholesky factor.
#[must_use]
pub fn is_positive_definite(matrix: &DMatrix<f64>) -> bool {
    cholesky(matrix).is_some()
}

/// A⁻¹b for symmetric positive definite A.
#[must_use]
pub fn solve_spd(matrix: &DMatrix<f64>, right: &DVector<f64>) -> Option<DVector<f64>> {
    cholesky(matrix).map(|factor| factor.solve(right))
}

/// A⁻¹ for symmetric positive definite A.
#[must_use]
pub fn inverse_spd(matrix: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    cholesky(matrix).map(|factor| factor.inverse())
}

/// The sandwich A⁻¹KA⁻¹/n, exactly symmetric, for symmetric positive definite A.
#[must_use]
pub fn inverse_sandwich(
    bread: &DMatrix<f64>,
    filling: &DMatrix<f64>,
    n: f64,
) -> Option<DMatrix<f64>> {
    let factor = cholesky(bread)?;
    let once = factor.solve(filling);
    let both = factor.solve(&once.transpose()) / n;
    Some((&both + both.transpose()) * 0.5)
}

/// Eigenvalues, ascending, and the eigenvectors in the columns beside them.
#[derive(Clone, Debug)]
pub struct Eigen {
    /// The eigenvalues, smallest first.
    pub values: DVector<f64>,
    /// Column i belongs to value i; its entry of largest size is positive.
    pub vectors: DMatrix<f64>,
}

/// The eigenvalues and eigenvectors of a symmetric matrix.
#[must_use]
pub fn symmetric_eigen(matrix: &DMatrix<f64>) -> Option<Eigen> {
    if !is_finite(matrix) {
        return None;
    }
    let raw = SymmetricEigen::try_new(matrix.clone(), f64::EPSILON, ITERATIONS)?;
    let mut order: Vec<usize> = (0..raw.eigenvalues.len()).collect();
    order.sort_by(|&i, &j| raw.eigenvalues[i].total_cmp(&raw.eigenvalues[j]));
    let values = DVector::from_iterator(order.len(), order.iter().map(|&i| raw.eigenvalues[i]));
    let mut vectors = raw.eigenvectors.select_columns(&order);
    for mut column in vectors.column_iter_mut() {
        if column[column.icamax()] < 0.0 {
            column.neg_mut();
        }
    }
    Some(Eigen { values, vectors })
}

/// S^(-½) A S^(-½) for S = diag(scale).
#[must_use]
pub fn scaled(matrix: &DMatrix<f64>, scale: &[f64]) -> DMatrix<f64> {
    DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |i, j| {
        matrix[(i, j)] / (scale[i].sqrt() * scale[j].sqrt())
    })
}

/// The condition number, largest over smallest eigenvalue in size, of the symmetric A
/// after scaling by diag(scale); infinite where A is singular or has no eigenvalues.
#[must_use]
pub fn scaled_condition(matrix: &DMatrix<f64>, scale: &[f64]) -> f64 {
    let Some(eigen) = symmetric_eigen(&scaled(matrix, scale)) else { return f64::INFINITY };
    let largest = eigen.values.amax();
    let smallest = eigen.values.amin();
    if smallest > 0.0 { largest / smallest } else { f64::INFINITY }
}

/// A least-squares solution with its residual.
#[derive(Clone, Debug)]
pub struct LeastSquares {
    /// The minimiser of ‖Ax - b‖; if not unique, the one of least norm after scaling the columns.
    pub solution: DVector<f64>,
    /// ‖Ax - b‖ at the solution.
    pub residual: f64,
    /// The numerical rank of A after scaling its columns to length one.
    pub rank: usize,
}

/// Minimises ‖Ax - b‖ by the singular value decomposition of A with columns of length one.
#[must_use]
pub fn least_squares(matrix: &DMatrix<f64>, right: &DVector<f64>) -> Option<LeastSquares> {
    if !is_finite(matrix) || right.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let lengths = DVector::from_iterator(
        matrix.ncols(),
        matrix.column_iter().map(|column| column.norm()).map(|l| if l > 0.0 { l } else { 1.0 }),
    );
    let mut unit = matrix.clone();
    for (mut column, length) in unit.column_iter_mut().zip(lengths.iter()) {
        column /= *length;
    }
    let factors = SVD::try_new(unit, true, true, f64::EPSILON, ITERATIONS)?;
    let size = matrix.nrows().max(matrix.ncols()) as f64;
    let threshold = factors.singular_values.amax() * size * f64::EPSILON;
    let solution = factors.solve(right, threshold).ok()?.component_div(&lengths);
    let residual = (matrix * &solution - right).norm();
    Some(LeastSquares { solution, residual, rank: factors.rank(threshold) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A matrix written row by row.
    macro_rules! dmatrix {
        ($($($x:expr),+);+) => {{
            let rows = [$(vec![$($x),+]),+];
            DMatrix::from_row_slice(rows.len(), rows[0].len(), &rows.concat())
        }};
    }

    macro_rules! dvector {
        ($($x:expr),+) => { DVector::from_vec(vec![$($x),+]) };
    }

    fn close(got: &DMatrix<f64>, want: &DMatrix<f64>) -> bool {
        (got - want).amax() <= 1e-14 * want.amax()
    }

    #[test]
    fn spd_solve_and_inverse() {
        let a = dmatrix![4.0, 2.0; 2.0, 3.0];
        let x = solve_spd(&a, &dvector![8.0, 8.0]).expect("the matrix is positive definite");
        assert!((x - dvector![1.0, 2.0]).amax() < 1e-15);
        let inverse = inverse_spd(&a).expect("the matrix is positive definite");
        assert!(close(&inverse, &(dmatrix![3.0, -2.0; -2.0, 4.0] / 8.0)));
    }

    #[test]
    fn what_is_not_positive_definite_has_no_factor() {
        for bad in [dmatrix![1.0, 2.0; 2.0, 1.0], dmatrix![-1.0], dmatrix![f64::NAN], dmatrix![0.0]]
        {
            assert!(!is_positive_definite(&bad), "{bad}");
            assert!(inverse_spd(&bad).is_none());
            assert!(inverse_sandwich(&bad, &bad, 1.0).is_none());
        }
        assert!(is_positive_definite(&dmatrix![1e-300]));
    }

    #[test]
    fn sandwich_of_one_parameter() {
        let v = inverse_sandwich(&dmatrix![2.0], &dmatrix![12.0], 3.0).expect("2 > 0");
        assert!((v[(0, 0)] - 1.0).abs() < 1e-15);
    }

    #[test]
    fn sandwich_equals_the_product_of_inverses() {
        let a = dmatrix![4.0, 1.0, 0.0; 1.0, 3.0, 0.5; 0.0, 0.5, 2.0];
        let k = dmatrix![2.0, 0.3, 0.1; 0.3, 1.0, 0.0; 0.1, 0.0, 5.0];
        let inverse = inverse_spd(&a).expect("diagonally dominant");
        let want = &inverse * &k * &inverse / 10.0;
        let got = inverse_sandwich(&a, &k, 10.0).expect("diagonally dominant");
        assert!(close(&got, &want));
        assert_eq!(got, got.transpose());
    }

    #[test]
    fn eigenvalues_ascend_with_their_vectors() {
        let a = dmatrix![2.0, 1.0; 1.0, 2.0];
        let eigen = symmetric_eigen(&a).expect("finite");
        assert!((&eigen.values - dvector![1.0, 3.0]).amax() < 1e-15);
        for i in 0..2 {
            let v = eigen.vectors.column(i);
            assert!((&a * v - v * eigen.values[i]).amax() < 1e-14);
            assert!(v.max() > 0.0);
        }
        assert!(symmetric_eigen(&dmatrix![f64::NAN, 0.0; 0.0, 1.0]).is_none());
    }

    #[test]
    fn condition_is_free_of_units() {
        let a = dmatrix![1e12, 1e-1; 1e-1, 1e-8];
        let plain = scaled_condition(&a, &[1.0, 1.0]);
        let scaled = scaled_condition(&a, &[1e12, 1e-8]);
        assert!(plain > 1e19, "{plain}");
        assert!((scaled - 1.001 / 0.999).abs() < 1e-12, "{scaled}");
        assert_eq!(scaled_condition(&dmatrix![1.0, 0.0; 0.0, 0.0], &[1.0, 1.0]), f64::INFINITY);
    }

    #[test]
    fn least_squares_line() {
        let a = dmatrix![1.0, 0.0; 1.0, 1.0; 1.0, 2.0];
        let fit = least_squares(&a, &dvector![1.0, 3.0, 5.0]).expect("finite");
        assert!((fit.solution - dvector![1.0, 2.0]).amax() < 1e-14);
        assert!(fit.residual < 1e-14);
        assert_eq!(fit.rank, 2);
        let off = least_squares(&a, &dvector![0.0, 3.0, 0.0]).expect("finite");
        assert!((off.residual - 6f64.sqrt()).abs() < 1e-14);
    }

    #[test]
    fn least_squares_sees_rank_in_any_units() {
        let a = dmatrix![1.0, 1e9; 2.0, 2e9; 3.0, 3e9];
        let fit = least_squares(&a, &dvector![2.0, 4.0, 6.0]).expect("finite");
        assert_eq!(fit.rank, 1);
        assert!(fit.residual < 1e-13);
        let a = dmatrix![1.0, 1e9; 2.0, -1e9; 3.0, 0.0];
        assert_eq!(least_squares(&a, &dvector![1.0, 0.0, 0.0]).expect("finite").rank, 2);
    }
}
