//! Logarithms, after u = 2ᵏ (1 + f) with √½ ≤ 1 + f < √2.
//!
//! With s = f/(2 + f), log(1 + f) = 2 artanh s = f - s (f - R), where R = s² P(s²): the leading
//! term f is exact, all rounding is in small terms.

use super::exp::{LN_2_HIGH, LN_2_LOW, TINY};
use super::machine::{Machine, Pair, ordered_sum, polynomial, select};

// From tests/reference/coefficients.py: 2 artanh s = s (2 + z P(z)), z = s².

/// Weighted error 2^-58.4
const LOG: [f64; 7] = [
    0.6666666666666734,
    0.3999999999941491,
    0.2857142874270046,
    0.22222198511667923,
    0.18183568813405301,
    0.1531390670311042,
    0.14797651633274178,
];

/// Weighted error 2^-58.3, for s ≤ 1/3.
const LOG_OF_ONE_TO_TWO: [f64; 10] = [
    0.6666666666666631,
    0.40000000000155966,
    0.2857142854799708,
    0.22222223961946852,
    0.18181744160620864,
    0.1538655569958868,
    0.13301018945136409,
    0.1210580405850514,
    0.08341013946321515,
    0.17017452796276153,
];

/// The bits of √½, rounded so that the fraction of 1 + f is exact.
const ROOT_HALF_BITS: u64 = 0x3FE6_A09E_0000_0000;
const ONE_BITS: u64 = 0x3FF0_0000_0000_0000;
const FRACTION: u64 = 0x000F_FFFF_FFFF_FFFF;
/// 2⁵² has the exponent field that makes an integer in the fraction a number.
const TWO_52: f64 = 4_503_599_627_370_496.0;

/// u = 2ᵏ (1 + f).
#[derive(Clone, Copy)]
pub(super) struct Split {
    pub k: f64,
    pub f: f64,
    /// 2^-k, of use for |k| < 1022 only.
    pub down: f64,
}

/// Splits a positive normal number.
#[inline(always)]
pub(super) fn split(u: f64) -> Split {
    let shifted = u.to_bits().wrapping_add(ONE_BITS - ROOT_HALF_BITS);
    let biased = shifted >> 52;
    let k = f64::from_bits(biased | TWO_52.to_bits()) - (TWO_52 + 1023.0);
    let f = f64::from_bits((shifted & FRACTION) + ROOT_HALF_BITS) - 1.0;
    let down = f64::from_bits(0x7FE0_0000_0000_0000_u64.wrapping_sub(biased << 52));
    Split { k, f, down }
}

/// Splits a positive number, subnormal ones too.
#[inline(always)]
pub(super) fn split_any(u: f64) -> Split {
    let subnormal = u < f64::MIN_POSITIVE;
    let parts = split(u * select(subnormal, TWO_52, 1.0));
    Split { k: parts.k - select(subnormal, 52.0, 0.0), ..parts }
}

/// k log 2 + log(1 + f).
#[inline(always)]
pub(super) fn joined<M: Machine>(k: f64, f: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let curved = M::mul_add(z, polynomial::<M, _>(&LOG, z), -f);
    M::mul_add(k, LN_2_HIGH, f + M::mul_add(s, curved, k * LN_2_LOW))
}

/// k log 2 + log(1 + f) to some digits more than a double.
#[inline(always)]
fn joined_pair<M: Machine>(k: f64, f: f64) -> Pair {
    let s = f / (2.0 + f);
    let z = s * s;
    let curved = M::mul_add(z, polynomial::<M, _>(&LOG, z), -f);
    // k log 2 is zero or the larger one.
    let head = ordered_sum(k * LN_2_HIGH, f);
    let rest = M::mul_add(s, curved, k * LN_2_LOW);
    ordered_sum(head.high, head.low + rest)
}

/// log u for positive finite u, to some digits more.
#[inline(always)]
pub(super) fn log_pair<M: Machine>(u: f64) -> Pair {
    let Split { k, f, .. } = split_any(u);
    joined_pair::<M>(k, f)
}

/// log of a number ½ ≤ u < 2⁵⁰⁰ given to twice the digits.
#[inline(always)]
pub(super) fn log_of_pair<M: Machine>(u: Pair) -> f64 {
    let Split { k, f, down } = split(u.high);
    let value = joined::<M>(k, M::mul_add(u.low, down, f));
    select(u.high < f64::INFINITY, value, u.high)
}

/// log u.
#[inline(always)]
#[must_use]
pub fn log<M: Machine>(u: f64) -> f64 {
    let Split { k, f, .. } = split_any(u);
    at_the_ends(u, joined::<M>(k, f))
}

/// The value in 0 < u < ∞; -∞ at zero, ∞ at ∞, else NaN.
#[inline(always)]
fn at_the_ends(u: f64, value: f64) -> f64 {
    let value = select(u < f64::INFINITY, value, u);
    select(u > 0.0, value, select(u == 0.0, f64::NEG_INFINITY, f64::NAN))
}

/// log(1 + u).
#[inline(always)]
#[must_use]
pub fn log1p<M: Machine>(u: f64) -> f64 {
    let whole = 1.0 + u;
    // The rounding error of 1 + u, where either 1 or u is larger.
    let lost = select(u < 1.0, u - (whole - 1.0), 1.0 - (whole - u));
    let Split { k, f, down } = split(whole);
    // Beyond 2⁵⁴ the rounding error is negligible, and `down` may be out of range.
    let lost = select(u < 1e17, lost * down, 0.0);
    let value = at_the_ends(whole, joined::<M>(k, f + lost));
    select(u.abs() < TINY, u, value)
}

/// log(1 + f) for 0 ≤ f ≤ 1.
#[inline(always)]
pub(super) fn log_of_one_to_two<M: Machine>(f: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let curved = M::mul_add(z, polynomial::<M, _>(&LOG_OF_ONE_TO_TWO, z), -f);
    M::mul_add(s, curved, f)
}
