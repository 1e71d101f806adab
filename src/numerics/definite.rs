//! Positive definite matrices of many columns, by blocks: nearly all of the work is in matrix products,
//! which use the cache better than a column at a time.

use nalgebra::{DMatrix, DMatrixView, DMatrixViewMut, DVector};

use super::matrix::symmetric_eigen;
use super::rng::stream;

/// Largest block that is factored without further division, in columns.
const LEAF: usize = 48;
/// Most steps of Lanczos's method, and the relative change of its bound at which it ends.
const STEPS: usize = 120;
const SETTLED: f64 = 1e-9;
/// Matrices of more columns take fewer steps, since each takes long.
const MANY: usize = 1000;
const STEPS_OF_MANY: usize = 40;
/// Steps between two computations of the bound.
const STRIDE: usize = 8;

/// A positive definite matrix A = LLᵀ.
#[derive(Clone, Debug)]
pub struct Definite {
    matrix: DMatrix<f64>,
    /// L, zero above the diagonal.
    lower: DMatrix<f64>,
}

impl Definite {
    /// Factors a matrix; `None` where it is not positive definite, or an entry is not finite.
    #[must_use]
    pub fn new(matrix: DMatrix<f64>) -> Option<Self> {
        let mut lower = matrix.clone();
        factor(&mut lower.as_view_mut())?;
        lower.fill_upper_triangle(0.0, 1);
        lower.iter().all(|x| x.is_finite()).then_some(Self { matrix, lower })
    }

    /// A⁻¹b, with one step of iterative refinement.
    #[must_use]
    pub fn solve(&self, right: &DVector<f64>) -> DVector<f64> {
        let first = self.apply(right);
        let rest = right - &self.matrix * &first;
        first + self.apply(&rest)
    }

    /// A⁻¹b
    fn apply(&self, right: &DVector<f64>) -> DVector<f64> {
        let mut found = right.clone();
        self.lower.solve_lower_triangular_unchecked_mut(&mut found);
        self.lower.tr_solve_lower_triangular_unchecked_mut(&mut found);
        found
    }

    /// A⁻¹
    #[must_use]
    pub fn inverse(&self) -> DMatrix<f64> {
        let mut root = self.lower.clone();
        invert(&mut root.as_view_mut());
        root.transpose() * root
    }

    /// The smallest entry on the diagonal of L.
    #[must_use]
    pub fn least_pivot(&self) -> f64 {
        self.lower.diagonal().min()
    }

    /// The condition number, as a lower bound that is accurate to many digits, or to a few digits for
    /// more than a thousand columns.
    #[must_use]
    pub fn condition(&self) -> f64 {
        let n = self.matrix.nrows();
        largest(n, |v| &self.matrix * v) * largest(n, |v| self.apply(v))
    }
}

/// Puts L in place of the lower triangle of LLᵀ.
fn factor(a: &mut DMatrixViewMut<'_, f64>) -> Option<()> {
    let n = a.nrows();
    if n <= LEAF {
        let found = a.clone_owned().cholesky()?.unpack();
        a.copy_from(&found);
        return Some(());
    }
    let half = n / 2;
    let rest = n - half;
    factor(&mut a.view_mut((0, 0), (half, half)))?;
    let first = a.view((0, 0), (half, half)).clone_owned();
    let mut low = a.view((half, 0), (rest, half)).clone_owned();
    divide(&mut low.as_view_mut(), first.as_view());
    a.view_mut((half, 0), (rest, half)).copy_from(&low);
    let across = low.transpose();
    subtract_square(&mut a.view_mut((half, half), (rest, rest)), low.as_view(), across.as_view());
    factor(&mut a.view_mut((half, half), (rest, rest)))
}

/// Replaces X by XL⁻ᵀ, for a lower triangular L.
fn divide(x: &mut DMatrixViewMut<'_, f64>, lower: DMatrixView<'_, f64>) {
    let (rows, n) = x.shape();
    if n <= LEAF {
        for j in 0..n {
            for k in 0..j {
                let known = x.column(k).clone_owned();
                x.column_mut(j).axpy(-lower[(j, k)], &known, 1.0);
            }
            x.column_mut(j).unscale_mut(lower[(j, j)]);
        }
        return;
    }
    let half = n / 2;
    divide(&mut x.view_mut((0, 0), (rows, half)), lower.view((0, 0), (half, half)));
    let across = lower.view((half, 0), (n - half, half)).transpose();
    let known = x.view((0, 0), (rows, half)).clone_owned();
    x.view_mut((0, half), (rows, n - half)).gemm(-1.0, &known, &across, 1.0);
    divide(
        &mut x.view_mut((0, half), (rows, n - half)),
        lower.view((half, half), (n - half, n - half)),
    );
}

/// Replaces the lower triangle of A by that of A - XXᵀ, from X and Xᵀ.
fn subtract_square(
    a: &mut DMatrixViewMut<'_, f64>,
    x: DMatrixView<'_, f64>,
    across: DMatrixView<'_, f64>,
) {
    let (n, inner) = x.shape();
    if n <= 4 * LEAF {
        a.gemm(-1.0, &x, &across, 1.0);
        return;
    }
    let half = n / 2;
    let rest = n - half;
    let (top, bottom) = (x.view((0, 0), (half, inner)), x.view((half, 0), (rest, inner)));
    let (left, right) = (across.view((0, 0), (inner, half)), across.view((0, half), (inner, rest)));
    a.view_mut((half, 0), (rest, half)).gemm(-1.0, &bottom, &left, 1.0);
    subtract_square(&mut a.view_mut((0, 0), (half, half)), top, left);
    subtract_square(&mut a.view_mut((half, half), (rest, rest)), bottom, right);
}

/// Replaces L, which is zero above the diagonal, by L⁻¹.
fn invert(lower: &mut DMatrixViewMut<'_, f64>) {
    let n = lower.nrows();
    if n <= LEAF {
        let mut found = DMatrix::identity(n, n);
        lower.solve_lower_triangular_unchecked_mut(&mut found);
        lower.copy_from(&found);
        return;
    }
    let half = n / 2;
    let rest = n - half;
    invert(&mut lower.view_mut((0, 0), (half, half)));
    invert(&mut lower.view_mut((half, half), (rest, rest)));
    let last = lower.view((half, half), (rest, rest)).clone_owned();
    let low = last * lower.view((half, 0), (rest, half));
    let low = low * lower.view((0, 0), (half, half));
    lower.view_mut((half, 0), (rest, half)).copy_from(&-low);
}

/// A lower bound of the largest eigenvalue of a positive definite operator, by Lanczos's method with
/// full reorthogonalisation.
fn largest(n: usize, times: impl Fn(&DVector<f64>) -> DVector<f64>) -> f64 {
    let mut draws = stream(0, 0);
    let mut basis = vec![DVector::from_fn(n, |_, _| draws.normal()).normalize()];
    let (mut diagonal, mut beside): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut bound = 0.0;
    let steps = if n > MANY { STEPS_OF_MANY } else { STEPS.min(n) };
    for step in 1..=steps {
        let mut next = times(&basis[step - 1]);
        diagonal.push(next.dot(&basis[step - 1]));
        for _ in 0..2 {
            basis.iter().for_each(|v| next.axpy(-next.dot(v), v, 1.0));
        }
        let length = next.norm();
        let ends = step == steps || length <= f64::EPSILON * diagonal[0].abs();
        if ends || step % STRIDE == 0 {
            let before = std::mem::replace(&mut bound, of_tridiagonal(&diagonal, &beside));
            if ends || bound - before <= SETTLED * bound {
                break;
            }
        }
        beside.push(length);
        basis.push(next / length);
    }
    bound
}

fn of_tridiagonal(diagonal: &[f64], beside: &[f64]) -> f64 {
    let n = diagonal.len();
    let entry = |i: usize, j: usize| match i.abs_diff(j) {
        0 => diagonal[i],
        1 => beside[i.min(j)],
        2.. => 0.0,
    };
    let eigen = symmetric_eigen(&DMatrix::from_fn(n, n, entry));
    eigen.map_or(f64::NAN, |eigen| eigen.values[n - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A matrix with eigenvalues from 1 to 1000, in a random basis.
    fn sample(n: usize) -> DMatrix<f64> {
        let mut draws = stream(3, 1);
        let basis = DMatrix::from_fn(n, n, |_, _| draws.normal()).qr().q();
        let value = |k: usize| 1000_f64.powf(k as f64 / (n - 1) as f64);
        let values = DVector::from_fn(n, |k, _| value(k));
        &basis * DMatrix::from_diagonal(&values) * basis.transpose()
    }

    #[test]
    fn inverse_and_solution_of_many_columns() {
        for n in [1, 48, 49, 133] {
            let a = if n == 1 { DMatrix::from_element(1, 1, 4.0) } else { sample(n) };
            let found = Definite::new(a.clone()).expect("positive definite");
            assert!((&a * found.inverse() - DMatrix::identity(n, n)).amax() < 1e-11, "{n}");
            let right = DVector::from_fn(n, |i, _| (i as f64).sin() + 1.0);
            assert!((&a * found.solve(&right) - &right).amax() < 1e-12 * n as f64, "{n}");
        }
    }

    #[test]
    fn condition_is_that_of_the_eigenvalues() {
        let condition = Definite::new(sample(133)).expect("positive definite").condition();
        assert!((condition - 1000.0).abs() < 1e-4, "{condition}");
        let unit = Definite::new(DMatrix::identity(60, 60)).expect("positive definite");
        assert!((unit.condition() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_bends_down_has_none() {
        let mut a = sample(133);
        a[(120, 120)] = -1.0;
        assert!(Definite::new(a.clone()).is_none());
        a[(120, 120)] = f64::NAN;
        assert!(Definite::new(a).is_none());
    }
}
