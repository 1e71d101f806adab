//! Logistic functions, each written so that neither tail overflows.

use num_traits::Float;

use super::int;

/// 1/(1 + e^-x).
pub fn sigmoid<T: Float>(x: T) -> T {
    if x < T::zero() {
        let small = x.exp();
        small / (T::one() + small)
    } else {
        T::one() / (T::one() + (-x).exp())
    }
}

/// log(1 + e^x).
pub fn softplus<T: Float>(x: T) -> T {
    if x > T::zero() { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }
}

/// log cosh x, relatively accurate near zero where it is x²/2.
pub fn log_cosh<T: Float>(x: T) -> T {
    let two = int::<T>(2);
    if x.abs() < T::one() {
        // cosh x = 1 + 2 sinh²(x/2)
        let half = (x / two).sinh();
        (two * half * half).ln_1p()
    } else {
        let right = x.abs();
        right - two.ln() + (-two * right).exp().ln_1p()
    }
}
