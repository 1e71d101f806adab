//! Conjugate gradients: positive definite systems given by matrix-vector products alone.

use nalgebra::DVector;

/// Rounds of iterative refinement, each of which solves for the residual of the rounds before.
const ROUNDS: usize = 4;
/// The relative residual at which a round ends.
const SHARE: f64 = 1e-10;
/// A residual below this share of the right side is rounding.
const ROUNDING: f64 = 1e-15;

/// A⁻¹b for a matrix A with a diagonal of about one, whose products with vectors are `times`; `None`
/// where `steps` steps are too few or the solution is not finite.
pub fn solve(
    right: &DVector<f64>,
    steps: usize,
    times: impl Fn(&DVector<f64>) -> DVector<f64>,
) -> Option<DVector<f64>> {
    let mut found = DVector::zeros(right.len());
    let mut rest = right.clone();
    let mut left = steps;
    for _ in 0..ROUNDS {
        let more = round(&rest, &mut left, &times)?;
        let better = &found + more;
        let smaller = right - times(&better);
        // Rounding is reached where the residual no longer falls.
        if smaller.norm() > 0.5 * rest.norm() {
            break;
        }
        (found, rest) = (better, smaller);
        if rest.norm() <= ROUNDING * right.norm() {
            break;
        }
    }
    found.iter().all(|x| x.is_finite()).then_some(found)
}

/// A⁻¹b to a relative residual of [`SHARE`].
fn round(
    right: &DVector<f64>,
    left: &mut usize,
    times: impl Fn(&DVector<f64>) -> DVector<f64>,
) -> Option<DVector<f64>> {
    let mut found = DVector::zeros(right.len());
    let mut rest = right.clone();
    let mut direction = rest.clone();
    let mut square = rest.norm_squared();
    let goal = SHARE * SHARE * square;
    while square > goal {
        *left = left.checked_sub(1)?;
        let moved = times(&direction);
        let step = square / direction.dot(&moved);
        found.axpy(step, &direction, 1.0);
        rest.axpy(-step, &moved, 1.0);
        let next = rest.norm_squared();
        direction = &rest + direction * (next / square);
        square = next;
    }
    square.is_finite().then_some(found)
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::*;

    /// Tridiagonal, of condition 1e4 or so.
    fn sample(n: usize) -> DMatrix<f64> {
        DMatrix::from_fn(n, n, |i, j| match i.abs_diff(j) {
            0 => 1.0,
            1 => -0.4999,
            2.. => 0.0,
        })
    }

    #[test]
    fn solutions_are_exact_to_rounding() {
        let n = 200;
        let a = sample(n);
        let right = DVector::from_fn(n, |i, _| (i as f64).sin() + 1.0);
        let found = solve(&right, 4000, |v| &a * v).expect("enough steps");
        let want = a.clone().cholesky().expect("positive definite").solve(&right);
        assert!((&a * &found - &right).norm() < 1e-14 * found.norm());
        assert!((found - &want).norm() < 1e-10 * want.norm());
    }

    #[test]
    fn of_nothing_it_is_nothing() {
        let none = solve(&DVector::zeros(3), 10, Clone::clone).expect("no step is needed");
        assert_eq!(none, DVector::zeros(3));
    }

    #[test]
    fn too_few_steps_are_no_solution() {
        let a = sample(200);
        let right = DVector::from_element(200, 1.0);
        assert!(solve(&right, 20, |v| &a * v).is_none());
        // What bends down has none either.
        let right = DVector::from_vec(vec![1.0, 1.0]);
        let down = DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 0.0, -1.0]);
        assert!(solve(&right, 20, |v| &down * v).is_none());
    }
}
