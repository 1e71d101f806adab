//! Powers: x^y = e^(y log |x|), with the logarithm to twice the digits, since an absolute error of
//! the exponent y log |x|, which is up to 709, is a relative error of the power.

use super::exp::{LN_2_HIGH, LN_2_LOW, scaled_exp_sum, unscaled};
use super::log::{Split, log, split_any};
use super::machine::{Machine, Pair, ordered_sum, polynomial, product, select};

/// log((1+s)/(1-s)) = s (2 + ⅔z + z² P(z)), z = s², from tests/reference/coefficients.py.
/// Weighted error 2^-72.4..
const POW: [f64; 8] = [
    0.3999999999999998,
    0.2857142857144383,
    0.22222222217791732,
    0.1818181884398241,
    0.15384558410151897,
    0.13336265955545382,
    0.11675736528945842,
    0.11982235429869746,
];

/// ⅔ as a double, and its rounding error.
const TWO_THIRDS: Pair = Pair { high: 2.0 / 3.0, low: 3.700_743_415_417_188e-17 };

/// a·b without the product of the low parts.
#[inline(always)]
fn times<M: Machine>(a: Pair, b: Pair) -> Pair {
    let head = product::<M>(a.high, b.high);
    let cross = M::mul_add(a.high, b.low, a.low * b.high);
    Pair { high: head.high, low: head.low + cross }
}

/// f/(2 + f) for an exact f.
#[inline(always)]
fn half_tangent<M: Machine>(f: f64) -> Pair {
    let divisor = ordered_sum(2.0, f);
    let inverse = 1.0 / divisor.high;
    let high = f * inverse;
    let back = product::<M>(high, divisor.high);
    let missing = ((f - back.high) - back.low) - high * divisor.low;
    Pair { high, low: missing * inverse }
}

/// log u for positive finite u, to 64 bits.
#[inline(always)]
fn long_log<M: Machine>(u: f64) -> Pair {
    let Split { k, f, .. } = split_any(u);
    let s = half_tangent::<M>(f);
    let z = times::<M>(s, s);
    let small = M::mul_add(z.high, polynomial::<M, _>(&POW, z.high), TWO_THIRDS.low);
    let factor = ordered_sum(TWO_THIRDS.high, small);
    let cubic = times::<M>(times::<M>(s, z), factor);
    let near = ordered_sum(s.high + s.high, cubic.high);
    let head = ordered_sum(k * LN_2_HIGH, near.high);
    let rest = M::mul_add(k, LN_2_LOW, near.low + (cubic.low + (s.low + s.low)));
    ordered_sum(head.high, head.low + rest)
}

/// x^y for finite y, as `f64::powf`: negative x have powers of integer y only.
#[inline(always)]
#[must_use]
pub fn pow<M: Machine>(x: f64, y: f64) -> f64 {
    let size = x.abs();
    let logarithm = long_log::<M>(size);
    let head = product::<M>(y, logarithm.high);
    let low = M::mul_add(y, logarithm.low, head.low);
    let high = select(head.high < -746.0, -746.0, head.high);
    let high = select(high > 710.0, 710.0, high);
    let low = select(high == head.high, low, 0.0);
    let value = unscaled::<M>(scaled_exp_sum::<M>(high, low));
    signed(x, y, at_the_ends(size, y, value))
}

/// The value for 0 < size < ∞, the limits at the ends; 1 for y = 0, also of NaN.
#[inline(always)]
fn at_the_ends(size: f64, y: f64, value: f64) -> f64 {
    let grows = y > 0.0;
    let value = select(size == 0.0, select(grows, 0.0, f64::INFINITY), value);
    let value = select(size == f64::INFINITY, select(grows, f64::INFINITY, 0.0), value);
    let value = select(size.is_nan(), size, value);
    select(y == 0.0, 1.0, value)
}

/// The power with its sign: minus for negative x (-0 and -∞ too) and odd y, NaN for negative x and
/// y that is no integer.
#[inline(always)]
fn signed(x: f64, y: f64, value: f64) -> f64 {
    let whole = y.floor() == y;
    let odd = whole && (0.5 * y).floor() != 0.5 * y;
    let left = x.to_bits() >> 63 == 1;
    let value = select(left && odd, -value, value);
    select(!whole && x < 0.0 && x > f64::NEG_INFINITY, f64::NAN, value)
}

/// x^y for any y, as `f64::powf`.
#[inline(always)]
#[must_use]
pub fn pow_of_any<M: Machine>(x: f64, y: f64) -> f64 {
    let size = x.abs();
    // x^±∞ is 1 at |x| = 1, also for x = -1; elsewhere 0 or ∞, without a sign.
    let grows = (size > 1.0) == (y > 0.0);
    let far = select(size == 1.0, 1.0, select(grows, f64::INFINITY, 0.0));
    let far = select(x.is_nan(), x, far);
    let finite = y.abs() < f64::INFINITY;
    let value = select(finite, pow::<M>(x, select(finite, y, 1.0)), far);
    select(y.is_nan() && x != 1.0, y, value)
}

/// x^y (log x)ᵏ; zero wherever x^y is.
#[inline(always)]
#[must_use]
pub fn pow_log<M: Machine>(x: f64, y: f64, logs: u8) -> f64 {
    let power = pow_of_any::<M>(x, y);
    let logarithm = log::<M>(x);
    let mut value = power;
    for _ in 0..logs {
        value *= logarithm;
    }
    select(power == 0.0, power, value)
}
