//! Logistic functions, from e^-|u|, which overflows in neither tail.

use super::exp::{exp, scaled_exp, unscaled_pair};
use super::log::log_of_one_to_two;
use super::machine::{Machine, ordered_sum, select};

/// 1/(1 + e^-u).
#[inline(always)]
#[must_use]
pub fn sigmoid<M: Machine>(u: f64) -> f64 {
    let size = u.abs();
    let decayed = unscaled_pair::<M>(scaled_exp::<M>(select(size > 746.0, -746.0, -size)));
    let left = u < 0.0;
    let divisor = ordered_sum(1.0, decayed.high);
    let value = select(left, decayed.high, 1.0) / divisor.high;
    // What the roundings of both sides of the quotient come to, over the divisor, which is
    // one of the values at u and at -u.
    let missing = M::mul_add(-value, divisor.low + decayed.low, select(left, decayed.low, 0.0));
    M::mul_add(missing, select(left, 1.0 - value, value), value)
}

/// log(1 + e^u).
#[inline(always)]
#[must_use]
pub fn softplus<M: Machine>(u: f64) -> f64 {
    let rest = log_of_one_to_two::<M>(exp::<M>(-u.abs()));
    select(u < 0.0, rest, u + rest)
}
