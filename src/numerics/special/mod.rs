//! Special functions, generic over the number type.
//!
//! Holds the functions that `num_traits::Float` lacks, by family: [`normal`] (error
//! function and the normal distribution), [`gamma`], [`bessel`], [`logistic`] and [`power`]. Promises
//! that each converges to the precision of its number type, read from `T::epsilon()`: one definition
//! serves `f64`, wider floats and dual numbers. So no loop ends depending on a value of the
//! argument, which would truncate derivatives, and no constant is an `f64`.
//! [`fast`] holds the same functions for `f64` alone, with tabulated constants.

pub mod bessel;
pub mod fast;
pub mod gamma;
pub mod logistic;
pub mod normal;
pub mod power;

pub use bessel::{bessel_ratio, log_bessel};
pub use gamma::{lgamma, polygamma};
pub use logistic::{log_cosh, sigmoid, softplus};
pub use normal::{erf, erfc, inverse_mills, log_normal_cdf, mills_excess, normal_cdf};
pub use power::pow_log;

use num_traits::Float;

#[cfg(test)]
mod tests;

/// A small integer as a number of the type.
fn int<T: Float>(n: usize) -> T {
    T::from(n).expect("every float type holds small integers")
}

/// π; through the arc tangent, whose derivative at 1 is finite for dual numbers.
fn pi<T: Float>() -> T {
    int::<T>(4) * T::one().atan()
}

/// The exponent λ at which e^-λ is below the precision of the type, with some margin.
fn negligible_exponent<T: Float>() -> T {
    int::<T>(8) - T::epsilon().ln()
}

/// The least integer not below `x`, as a count.
fn count<T: Float>(x: T) -> usize {
    x.ceil().to_usize().expect("precision-driven counts are small and positive")
}
