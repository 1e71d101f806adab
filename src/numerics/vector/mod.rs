//! Elementary and special functions of `f64` in a form that the compiler can vectorise.
//!
//! Each function is free of branches, tables and calls: inlined into a loop over slices, inside
//! a function that enables the instructions of a machine, it runs on as many numbers at once
//! as a register holds. The kind of machine is a type parameter: [`Fused`] or [`Portable`].
//!
//! Promises, over the whole range and tested against correctly rounded values: errors below
//! 2 units in the last place, below 4 for the gamma and error function families; the limits at
//! infinities, the signs of zeros, NaN for NaN and outside of the domain, subnormal arguments
//! and results; the same bits on all machines with fused multiply-add. Deliberately not known
//! here: which instructions the running machine has, and the function table of the language.

mod error_function;
mod exp;
mod gamma;
mod hyperbolic;
mod inverse_trigonometric;
mod log;
mod logistic;
mod machine;
mod pow;
mod random;
mod repair;
mod trigonometric;
mod turn;

pub use error_function::{erf, erfc, inverse_mills, log_normal_cdf, mills_excess};
pub use exp::{exp, expm1};
pub use gamma::{digamma_slice, lgamma_slice, trigamma_slice};
pub use hyperbolic::{cosh, log_cosh, sinh, tanh};
pub use inverse_trigonometric::{acos, asin, atan, atan2};
pub use log::{log, log1p};
pub use logistic::{sigmoid, softplus};
pub use machine::{Fused, Machine, Portable};
pub use pow::{pow, pow_log, pow_of_any};
pub use random::{random_normal, random_sign};
pub use trigonometric::{cos_slice, sin_slice, tan_slice};

/// Coefficients and bounds of the bodies, for machine code that does the same operations.
pub(crate) mod tables {
    pub(crate) use super::exp::{EXP, EXP_MAX, EXP_MIN, LN_2_HIGH, LN_2_LOW};
    pub(crate) use super::hyperbolic::{
        HALF_LN_2_HIGH, HALF_LN_2_LOW, TANH, TANH_MAX, TANH_NEAR, TWICE_LOG2_E,
    };
    pub(crate) use super::machine::ROUNDER;
}
