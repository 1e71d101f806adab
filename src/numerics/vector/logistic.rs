//! Logistic functions, from e^-|u|, which overflows in neither tail.

use super::exp::exp;
use super::log::log_of_one_to_two;
use super::machine::{Machine, select};

/// 1/(1 + e^-u).
#[inline(always)]
#[must_use]
pub fn sigmoid<M: Machine>(u: f64) -> f64 {
    let decayed = exp::<M>(-u.abs());
    select(u < 0.0, decayed, 1.0) / (1.0 + decayed)
}

/// log(1 + e^u).
#[inline(always)]
#[must_use]
pub fn softplus<M: Machine>(u: f64) -> f64 {
    let rest = log_of_one_to_two::<M>(exp::<M>(-u.abs()));
    select(u < 0.0, rest, u + rest)
}
