//! e^u, after e^u = 2ⁿ e^r with |r| ≤ ½ log 2.

use super::machine::{
    Machine, Pair, Rounded, ordered_sum, polynomial, power_of_two, round_product, select,
};

/// log 2, its first 32 bits: n times it is exact.
pub(crate) const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
/// The rest of log 2.
pub(crate) const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

// From tests/reference/coefficients.py: e^r = 1 + r + r² P(r).

/// Weighted error 2^-57.9
pub(crate) const EXP: [f64; 10] = [
    0.5000000000000011,
    0.16666666666666444,
    0.0416666666665265,
    0.008333333333476547,
    0.0013888888944572483,
    0.0001984126954292892,
    2.4801492114695953e-05,
    2.7557555053043637e-06,
    2.763060673900033e-07,
    2.500982004074922e-08,
];

/// Weighted error 2^-61.7, relative to e^r - 1.
const EXPM1: [f64; 11] = [
    0.5,
    0.16666666666666677,
    0.04166666666666668,
    0.008333333333321402,
    0.0013888888888877414,
    0.00019841269886745726,
    2.480158734074011e-05,
    2.75572435476461e-06,
    2.755725904959887e-07,
    2.5109280170351005e-08,
    2.0919564209143506e-09,
];

/// The argument below which e^u is 0.
pub(crate) const EXP_MIN: f64 = -746.0;
/// The argument above which e^u is ∞.
pub(crate) const EXP_MAX: f64 = 710.0;
/// The argument below which e^u is not a normal number.
const EXP_DECAYING_MIN: f64 = -708.0;

/// e^u as 2ⁿ m with m about 1, so that a factor can join m before the one rounding that a
/// subnormal result takes.
#[derive(Clone, Copy)]
pub(super) struct Scaled {
    pub mantissa: f64,
    /// The rounding error of the mantissa.
    pub low: f64,
    pub exponent: Rounded,
}

impl Scaled {
    #[inline(always)]
    pub(super) fn times<M: Machine>(self, factor: f64) -> Self {
        let mantissa = M::mul_add(self.mantissa, factor, self.low * factor);
        Self { mantissa, low: 0.0, exponent: self.exponent }
    }
}

/// 2ⁿ e^r for a reduced r.
#[inline(always)]
fn scaled_exp_of<M: Machine>(exponent: Rounded, r: f64) -> Scaled {
    let rest = M::mul_add(r * r, polynomial::<M, _>(&EXP, r), r);
    let Pair { high: mantissa, low } = ordered_sum(1.0, rest);
    Scaled { mantissa, low, exponent }
}

/// e^u for |u| ≤ 2⁴⁰; NaN stays in the mantissa.
#[inline(always)]
pub(super) fn scaled_exp<M: Machine>(u: f64) -> Scaled {
    let exponent = round_product::<M>(u, std::f64::consts::LOG2_E);
    let near = M::mul_add(exponent.number, -LN_2_HIGH, u);
    scaled_exp_of::<M>(exponent, M::mul_add(exponent.number, -LN_2_LOW, near))
}

/// e^(u + v), v below an ulp of u, for |u| ≤ 2⁴⁰.
#[inline(always)]
pub(super) fn scaled_exp_sum<M: Machine>(u: f64, v: f64) -> Scaled {
    let exponent = round_product::<M>(u, std::f64::consts::LOG2_E);
    let near = M::mul_add(exponent.number, -LN_2_HIGH, u);
    scaled_exp_of::<M>(exponent, near + M::mul_add(exponent.number, -LN_2_LOW, v))
}

/// 2ⁿ m with one rounding, for -1500 < n < 1100 and m between 2^-20 and 2^20.
#[inline(always)]
pub(super) fn unscaled<M: Machine>(value: Scaled) -> f64 {
    // Two factors with half of the exponent each, so that neither leaves the normal range.
    let half = round_product::<M>(value.exponent.number, 0.5);
    let other = Rounded { number: 0.0, bits: value.exponent.bits.wrapping_sub(half.bits) };
    value.mantissa * power_of_two(half) * power_of_two(other)
}

/// e^u.
#[inline(always)]
#[must_use]
pub fn exp<M: Machine>(u: f64) -> f64 {
    // Beyond these bounds the result is 0 or ∞; they keep the exponent in its range.
    let u = select(u < EXP_MIN, EXP_MIN, u);
    let u = select(u > EXP_MAX, EXP_MAX, u);
    unscaled::<M>(scaled_exp::<M>(u))
}

/// e^u for u ≤ 0 where results below 2^-1022 may become zero.
#[inline(always)]
pub(super) fn exp_decaying<M: Machine>(u: f64) -> f64 {
    let Scaled { mantissa, exponent, .. } =
        scaled_exp::<M>(select(u < EXP_DECAYING_MIN, EXP_DECAYING_MIN, u));
    select(u < EXP_DECAYING_MIN, 0.0, mantissa * power_of_two(exponent))
}

/// e^u - 1.
#[inline(always)]
#[must_use]
pub fn expm1<M: Machine>(u: f64) -> f64 {
    let inner = select(u < -40.0, -40.0, select(u > 710.0, 710.0, u));
    let exponent = round_product::<M>(inner, std::f64::consts::LOG2_E);
    let near = M::mul_add(exponent.number, -LN_2_HIGH, inner);
    let r = ordered_sum(near, -(exponent.number * LN_2_LOW));
    let square = r.high * r.high;
    let curved = M::mul_add(square, polynomial::<M, _>(&EXPM1, r.high), r.low);
    // Half of 2ⁿ(1 + r + curved) - 1, whose factor does not overflow.
    let factor = power_of_two(Rounded { bits: exponent.bits.wrapping_sub(1), ..exponent });
    let head = ordered_sum(factor - 0.5, factor * r.high);
    let half = head.high + M::mul_add(factor, curved, head.low);
    select(u.abs() < TINY, u, half + half)
}

/// The size below which e^u - 1, log(1 + u), sinh u and similar functions round to u.
pub(super) const TINY: f64 = 1.0 / ((1_u64 << 54) as f64);
