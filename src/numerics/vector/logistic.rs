//! Logistic functions, computed from e^-|u|, which overflows in neither tail.

use super::exp::{exp, scaled_exp, unscaled};
use super::log::log_of_one_to_two;
use super::machine::{Machine, select};

/// 1/(1 + e^-u).
#[inline(always)]
#[must_use]
pub fn sigmoid<M: Machine>(u: f64) -> f64 {
    let size = u.abs();
    let decayed = scaled_exp::<M>(select(size > 746.0, -746.0, -size));
    let right = 1.0 / (1.0 + unscaled::<M>(decayed));
    // For u < 0, e^u times `right`, multiplied before the exponential is rounded.
    select(u < 0.0, unscaled::<M>(decayed.times::<M>(right)), right)
}

/// log(1 + e^u).
#[inline(always)]
#[must_use]
pub fn softplus<M: Machine>(u: f64) -> f64 {
    let rest = log_of_one_to_two::<M>(exp::<M>(-u.abs()));
    select(u < 0.0, rest, u + rest)
}
