//! Logarithms, after u = 2ᵏ (1 + f) with √½ ≤ 1 + f < √2.
//!
//! With s = f/(2 + f), log(1 + f) = 2 artanh s = f - (f²/2 - s (f²/2 + R)), where R = s² P(s²):
//! the leading terms f and f²/2 are nearly exact, all rounding is in small terms.

use super::exp::TINY;
use super::machine::{Machine, polynomial, select};

// From tests/reference/coefficients.py: 2 artanh s = s (2 + z P(z)), z = s².

/// Weighted error 2^-57.9.
const LOG: [f64; 7] = [
    0.6666666666666734,
    0.3999999999941438,
    0.2857142874246403,
    0.22222198564359882,
    0.181835648326685,
    0.15314036442224369,
    0.14796101686198612,
];

/// Weighted error 2^-57.6, for s ≤ 1/3.
const LOG_OF_ONE_TO_TWO: [f64; 11] = [
    0.6666666666666667,
    0.3999999999999398,
    0.285714285725101,
    0.22222222125463914,
    0.18181823203238556,
    0.15384451923133155,
    0.13336805979943409,
    0.11715948849589383,
    0.10972579439947504,
    0.06994197918549593,
    0.1646771658220004,
];

/// log 2, its first 32 bits: k times it is exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
/// The rest of log 2.
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

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

/// k log 2 + log(1 + f).
#[inline(always)]
pub(super) fn joined<M: Machine>(k: f64, f: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let half_square = 0.5 * f * f;
    let rest = z * polynomial::<M, _>(&LOG, z);
    let small = M::mul_add(s, half_square + rest, k * LN_2_LOW);
    M::mul_add(k, LN_2_HIGH, f - (half_square - small))
}

/// log u.
#[inline(always)]
#[must_use]
pub fn log<M: Machine>(u: f64) -> f64 {
    let subnormal = u < f64::MIN_POSITIVE;
    let Split { k, f, .. } = split(select(subnormal, u * TWO_52, u));
    let value = joined::<M>(select(subnormal, k - 52.0, k), f);
    at_the_ends(u, value)
}

/// The value in 0 < u < ∞; -∞ at zero, ∞ at ∞, else NaN.
#[inline(always)]
fn at_the_ends(u: f64, value: f64) -> f64 {
    let value = select(u < f64::INFINITY, value, u);
    let value = select(u < 0.0, f64::NAN, value);
    select(u == 0.0, f64::NEG_INFINITY, value)
}

/// log(1 + u).
#[inline(always)]
#[must_use]
pub fn log1p<M: Machine>(u: f64) -> f64 {
    let whole = 1.0 + u;
    // What the sum lost: 1 is the larger one, or u is.
    let lost = select(u < 1.0, u - (whole - 1.0), 1.0 - (whole - u));
    let Split { k, f, down } = split(whole);
    // Beyond 2⁵⁴ nothing lost matters, and `down` may be out of range.
    let lost = select(u < 1e17, lost * down, 0.0);
    let value = at_the_ends(whole, joined::<M>(k, f + lost));
    select(u.abs() < TINY, u, value)
}

/// log(1 + f) for 0 ≤ f ≤ 1.
#[inline(always)]
pub(super) fn log_of_one_to_two<M: Machine>(f: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let half_square = 0.5 * f * f;
    let rest = z * polynomial::<M, _>(&LOG_OF_ONE_TO_TWO, z);
    f - (half_square - s * (half_square + rest))
}
