//! A double with an unbounded exponent: exp(-1e12) stays above zero and exp(1e12) is finite.
//!
//! Within the range of doubles the operations round as doubles do. Infinity and NaN come only from
//! poles and from arguments outside of a domain, never from a number that is too large or too small.

use std::cmp::Ordering;
use std::f64::consts::{LN_2, LOG2_E, PI, SQRT_2};
use std::ops::{Add, Mul, Neg, Sub};

use super::special;

/// mantissa · 2^exponent with 1/2 ≤ |mantissa| < 1, or a mantissa of 0, ±∞ or NaN.
#[derive(Clone, Copy, Debug)]
pub struct Extended {
    mantissa: f64,
    /// A whole number; one beyond the largest double stays at that double.
    exponent: f64,
}

/// Doubles with binary exponents of at most this size are neither subnormal nor near overflow.
const ORDINARY: f64 = 1000.0;
/// Beyond this size of the argument, exponentials are computed as mantissa and exponent.
const EXP_MAX: f64 = 700.0;

impl Extended {
    /// 0
    pub const ZERO: Self = Self { mantissa: 0.0, exponent: 0.0 };
    /// 1
    pub const ONE: Self = Self { mantissa: 0.5, exponent: 1.0 };
    /// Not a number.
    pub const NAN: Self = Self { mantissa: f64::NAN, exponent: 0.0 };

    /// mantissa · 2^exponent for any mantissa.
    fn new(mantissa: f64, exponent: f64) -> Self {
        if mantissa == 0.0 || !mantissa.is_finite() {
            return Self { mantissa, exponent: 0.0 };
        }
        let (fraction, shift) = split(mantissa);
        Self { mantissa: fraction, exponent: (exponent + shift).clamp(-f64::MAX, f64::MAX) }
    }

    /// The nearest double: 0 and ±∞ beyond the range.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        if self.exponent.abs() < ORDINARY {
            return self.mantissa * self.exponent.exp2();
        }
        let half = (self.exponent / 2.0).clamp(-1e4, 1e4).trunc();
        let rest = (self.exponent - half).clamp(-1e4, 1e4);
        self.mantissa * half.exp2() * rest.exp2()
    }

    /// The nearest double that is neither 0 nor infinite, unless the number itself is.
    fn clamped(self) -> f64 {
        if self.mantissa == 0.0 || !self.mantissa.is_finite() {
            return self.mantissa;
        }
        self.to_f64().abs().clamp(f64::MIN_POSITIVE, f64::MAX).copysign(self.mantissa)
    }

    /// Not a number.
    #[must_use]
    pub fn is_nan(self) -> bool {
        self.mantissa.is_nan()
    }

    /// Neither infinite nor NaN, however large.
    #[must_use]
    pub fn is_finite(self) -> bool {
        self.mantissa.is_finite()
    }

    /// Exactly zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.mantissa == 0.0
    }

    /// |self|
    #[must_use]
    pub fn abs(self) -> Self {
        Self { mantissa: self.mantissa.abs(), ..self }
    }

    /// 1/self; infinite at zero.
    #[must_use]
    pub fn recip(self) -> Self {
        Self::new(self.mantissa.recip(), -self.exponent)
    }

    /// √self; NaN below zero.
    #[must_use]
    pub fn sqrt(self) -> Self {
        let odd = self.exponent.rem_euclid(2.0);
        Self::new((self.mantissa * odd.exp2()).sqrt(), (self.exponent - odd) / 2.0)
    }

    /// self^power, with the conventions of doubles; NaN below zero unless the power is whole.
    #[must_use]
    pub fn pow(self, power: f64) -> Self {
        let plain = self.clamped().powf(power);
        let regular = !self.is_zero() && self.is_finite() && power.is_finite() && !plain.is_nan();
        if !regular || (self.is_ordinary() && plain.is_normal()) {
            return Self::from(plain);
        }
        let size = (self.abs().ln_f64() * power).clamp(-f64::MAX, f64::MAX);
        let value = exp(size);
        if plain < 0.0 || (plain == 0.0 && plain.is_sign_negative()) { -value } else { value }
    }

    /// Whether the value is well within the range of doubles.
    fn is_ordinary(self) -> bool {
        self.exponent.abs() < ORDINARY
    }

    /// log self as a double, which it always fits into; NaN below zero.
    fn ln_f64(self) -> f64 {
        if self.is_ordinary() {
            return self.to_f64().ln();
        }
        (self.mantissa.ln() + self.exponent * LN_2).clamp(-f64::MAX, f64::MAX)
    }

    /// Natural logarithm; -∞ at zero and NaN below.
    #[must_use]
    pub fn ln(self) -> Self {
        Self::from(self.ln_f64())
    }

    /// log(1 + self)
    #[must_use]
    pub fn ln_1p(self) -> Self {
        if self.exponent > ORDINARY { self.ln() } else { self.odd(f64::ln_1p) }
    }

    /// e^self
    #[must_use]
    pub fn exp(self) -> Self {
        if self.is_finite() { exp(self.clamped()) } else { Self::from(self.mantissa.exp()) }
    }

    /// e^self - 1
    #[must_use]
    pub fn exp_m1(self) -> Self {
        if self.clamped() > EXP_MAX { self.exp() } else { self.odd(f64::exp_m1) }
    }

    /// The value of a function that has no finite poles: an overflowing result stays finite.
    #[must_use]
    pub fn entire(self, f: impl Fn(f64) -> f64) -> Self {
        let value = f(self.clamped());
        if self.is_finite() && value.is_infinite() {
            return Self::from(f64::MAX.copysign(value));
        }
        Self::from(value)
    }

    /// The value of a function that may have poles, computed in doubles.
    #[must_use]
    pub fn by(self, f: impl Fn(f64) -> f64) -> Self {
        Self::from(f(self.clamped()))
    }

    /// The value of a function with f(u) ≈ u near zero.
    #[must_use]
    pub fn odd(self, f: impl Fn(f64) -> f64) -> Self {
        if self.exponent < -ORDINARY { self } else { self.by(f) }
    }

    /// Hyperbolic cosine.
    #[must_use]
    pub fn cosh(self) -> Self {
        if self.clamped().abs() > EXP_MAX { self.half_exp() } else { self.by(f64::cosh) }
    }

    /// Hyperbolic sine.
    #[must_use]
    pub fn sinh(self) -> Self {
        match self.clamped() {
            u if u > EXP_MAX => self.half_exp(),
            u if u < -EXP_MAX => -self.half_exp(),
            _ => self.odd(f64::sinh),
        }
    }

    /// e^|self|/2
    fn half_exp(self) -> Self {
        self.abs().exp() * Self::from(0.5)
    }

    /// 1/(1 + e^-self)
    #[must_use]
    pub fn sigmoid(self) -> Self {
        if self.clamped() < -EXP_MAX { self.exp() } else { self.by(special::sigmoid) }
    }

    /// log(1 + e^self)
    #[must_use]
    pub fn softplus(self) -> Self {
        if self.clamped() < -EXP_MAX { self.exp() } else { self.by(special::softplus) }
    }

    /// log cosh self, self²/2 near zero.
    #[must_use]
    pub fn log_cosh(self) -> Self {
        let tiny = self.exponent < -ORDINARY / 2.0;
        if tiny { self * self * Self::from(0.5) } else { self.entire(special::log_cosh) }
    }

    /// 1 - erf self = 2Φ(-√2·self), which is below the range of doubles from 27 on.
    #[must_use]
    pub fn erfc(self) -> Self {
        if self.clamped() < 25.0 {
            return self.by(special::erfc);
        }
        let log = (self * Self::from(-SQRT_2)).entire(special::log_normal_cdf);
        log.exp() * Self::from(2.0)
    }

    /// φ(self)/Φ(self), which is below the range of doubles from 39 on.
    #[must_use]
    pub fn inverse_mills(self) -> Self {
        if self.clamped() < 35.0 {
            return self.entire(special::inverse_mills);
        }
        (self * self * Self::from(-0.5)).exp() * Self::from((2.0 * PI).sqrt().recip())
    }
}

/// e^u for a finite double.
fn exp(u: f64) -> Extended {
    if u.abs() < EXP_MAX {
        return Extended::from(u.exp());
    }
    let exponent = (u * LOG2_E).clamp(-f64::MAX, f64::MAX).floor();
    let rest = (u - exponent * LN_2).clamp(0.0, LN_2);
    Extended::new(rest.exp(), exponent)
}

/// A finite, nonzero double as a fraction in [1/2, 1) and a power of two.
fn split(value: f64) -> (f64, f64) {
    const SCALE: f64 = 54.0;
    let (value, shift) = match value.is_subnormal() {
        true => (value * SCALE.exp2(), -SCALE),
        false => (value, 0.0),
    };
    let bits = value.to_bits();
    let biased = bits >> 52 & 0x7ff;
    let fraction = f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52);
    (fraction, biased as f64 - 1022.0 + shift)
}

impl From<f64> for Extended {
    fn from(value: f64) -> Self {
        Self::new(value, 0.0)
    }
}

impl Neg for Extended {
    type Output = Self;
    fn neg(self) -> Self {
        Self { mantissa: -self.mantissa, ..self }
    }
}

impl Mul for Extended {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::new(self.mantissa * other.mantissa, self.exponent + other.exponent)
    }
}

impl Add for Extended {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        if self.is_zero() || !other.is_finite() {
            return if self.is_finite() {
                other
            } else {
                Self::from(self.mantissa + other.mantissa)
            };
        }
        if other.is_zero() || !self.is_finite() {
            return self;
        }
        let (large, small) =
            if self.exponent < other.exponent { (other, self) } else { (self, other) };
        let gap = (small.exponent - large.exponent).max(-ORDINARY);
        Self::new(large.mantissa + small.mantissa * gap.exp2(), large.exponent)
    }
}

impl Sub for Extended {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl PartialEq for Extended {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Extended {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.is_finite(), other.is_finite()) {
            (true, true) => (*self - *other).mantissa.partial_cmp(&0.0),
            (true, false) => 0.0.partial_cmp(&other.mantissa),
            (false, true) => self.mantissa.partial_cmp(&0.0),
            (false, false) => self.mantissa.partial_cmp(&other.mantissa),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extended(value: f64) -> Extended {
        Extended::from(value)
    }

    #[test]
    fn in_range_it_is_a_double() {
        let values = [-3.5, -1e-300, 5e-324, 0.1, 1.0, 7.0, 1e300, 0.0];
        for a in values {
            assert_eq!(extended(a).to_f64().to_bits(), a.to_bits());
            for b in values {
                let sum = (extended(a) + extended(b)).to_f64();
                assert_eq!(sum, a + b, "{a} + {b}");
                assert_eq!(extended(a) < extended(b), a < b, "{a} < {b}");
                if (a * b).is_normal() {
                    assert_eq!((extended(a) * extended(b)).to_f64(), a * b, "{a} * {b}");
                }
            }
            assert_eq!(extended(a).sqrt().to_f64().to_bits(), a.sqrt().to_bits(), "√{a}");
        }
    }

    #[test]
    fn exponentials_neither_vanish_nor_overflow() {
        for u in [-1e300, -1e12, -800.0, -1.0, 0.5, 710.0, 1e12] {
            let log = extended(u).exp().ln().to_f64();
            assert!((log - u).abs() <= 1e-15 * u.abs(), "{u}: {log}");
        }
        // log cosh 1e6 and log Φ(-1000) = -500007.82669481218, by 30 digits of mpmath.
        assert_eq!(extended(1e6).cosh().ln().to_f64(), 1e6 - LN_2);
        let tail = extended(1000.0 / SQRT_2).erfc() * extended(0.5);
        assert!((tail.ln().to_f64() - -500_007.826_694_812_2).abs() < 1e-6, "{tail:?}");
    }

    #[test]
    fn only_poles_and_domains_end_it() {
        let huge = extended(1e12).exp();
        assert!((huge * huge * huge).is_finite() && (huge - huge).is_zero());
        assert!(!huge.recip().is_zero() && huge.recip() < extended(5e-324));
        assert!(extended(0.0).ln().to_f64() == f64::NEG_INFINITY);
        assert!(extended(0.0).recip().to_f64() == f64::INFINITY);
        assert!((-huge).ln().is_nan() && (-huge).sqrt().is_nan() && (-huge).pow(0.5).is_nan());
        assert!((-huge).pow(3.0) < -huge && (-huge).recip().pow(-3.0) < -huge);
        assert!((extended(0.0).ln() - extended(0.0).ln()).is_nan());
    }
}
