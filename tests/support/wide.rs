//! A float with 71 digits behind the interface `num_traits::Float`, to check computations in `f64`.

use std::cmp::Ordering;
use std::num::FpCategory;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use f256::f256;
use num_traits::{Float, Num, NumCast, One, ToPrimitive, Zero};

/// A 256-bit float that implements `num_traits::Float`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Wide(pub f256);

impl From<f64> for Wide {
    fn from(x: f64) -> Self {
        Self(f256::from(x))
    }
}

impl Wide {
    fn half() -> Self {
        Self(f256::ONE / f256::TWO)
    }

    /// The nearest `f64`, up to the rounding to a 128-bit significand.
    pub fn narrow(self) -> f64 {
        if self.0.is_nan() {
            return f64::NAN;
        }
        if self.0.is_infinite() || self.0.eq_zero() {
            let size = if self.0.eq_zero() { 0.0 } else { f64::INFINITY };
            return if self.0.is_sign_negative() { -size } else { size };
        }
        let (sign, exponent, (high, low)) = self.0.as_sign_exp_signif();
        let shift = if high == 0 { 128 } else { high.leading_zeros() };
        let lead = match shift {
            0 => high,
            128 => low,
            _ => (high << shift) | (low >> (128 - shift)),
        };
        // The bits that are shifted out only decide ties, for which one sticky bit is enough.
        let rest = low.checked_shl(shift).unwrap_or(0);
        let size = scale((lead | (rest != 0) as u128) as f64, exponent + 128 - shift as i32);
        if sign == 1 { -size } else { size }
    }
}

/// x 2ⁿ by two factors, neither of which overflows before the product does.
fn scale(x: f64, n: i32) -> f64 {
    let half = (n / 2).clamp(-1000, 1000);
    x * 2f64.powi(half) * 2f64.powi((n - half).clamp(-1022, 1023))
}

macro_rules! operators {
    ($($operator:ident $name:ident),*) => {
        $(impl $operator for Wide {
            type Output = Self;
            fn $name(self, other: Self) -> Self {
                Self($operator::$name(self.0, other.0))
            }
        })*
    };
}

operators!(Add add, Sub sub, Mul mul, Div div, Rem rem);

impl Neg for Wide {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Zero for Wide {
    fn zero() -> Self {
        Self(f256::ZERO)
    }
    fn is_zero(&self) -> bool {
        self.0.eq_zero()
    }
}

impl One for Wide {
    fn one() -> Self {
        Self(f256::ONE)
    }
}

impl Num for Wide {
    type FromStrRadixErr = <f256 as Num>::FromStrRadixErr;
    fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        f256::from_str_radix(text, radix).map(Self)
    }
}

impl ToPrimitive for Wide {
    fn to_i64(&self) -> Option<i64> {
        self.narrow().to_i64()
    }
    fn to_u64(&self) -> Option<u64> {
        self.narrow().to_u64()
    }
    fn to_f64(&self) -> Option<f64> {
        Some(self.narrow())
    }
}

impl NumCast for Wide {
    /// Exact for integers of 53 bits and for `f64`, which suffices for tests.
    fn from<T: ToPrimitive>(n: T) -> Option<Self> {
        n.to_f64().map(|x| Self(f256::from(x)))
    }
}

macro_rules! forwarded {
    ($($name:ident)*) => { $(fn $name(self) -> Self { Self(self.0.$name()) })* };
}

macro_rules! constants {
    ($($name:ident = $value:ident)*) => { $(fn $name() -> Self { Self(f256::$value) })* };
}

macro_rules! tests {
    ($($name:ident)*) => { $(fn $name(self) -> bool { self.0.$name() })* };
}

impl Float for Wide {
    constants!(nan = NAN infinity = INFINITY neg_infinity = NEG_INFINITY neg_zero = NEG_ZERO
        min_value = MIN min_positive_value = MIN_POSITIVE max_value = MAX epsilon = EPSILON);
    tests!(is_nan is_infinite is_finite is_normal is_sign_positive is_sign_negative);
    forwarded!(floor ceil round trunc fract abs recip sqrt cbrt exp exp2 exp_m1 ln log2 log10
        sin cos tan asin acos atan);

    fn classify(self) -> FpCategory {
        self.0.classify()
    }
    fn ln_1p(self) -> Self {
        // f256's own function gives NaN for some negative arguments. The rounding of 1 + x is
        // corrected by the ratio of the argument to the amount that was added (Kahan).
        let grown = Self::one() + self;
        let added = grown - Self::one();
        if added.is_zero() || !grown.is_finite() { self } else { grown.ln() * self / added }
    }
    fn signum(self) -> Self {
        if self.is_nan() { self } else { Self(f256::ONE.copysign(self.0)) }
    }
    fn mul_add(self, a: Self, b: Self) -> Self {
        Self(self.0.mul_add(a.0, b.0))
    }
    fn powi(self, n: i32) -> Self {
        Self(self.0.powi(n))
    }
    fn powf(self, n: Self) -> Self {
        let (zero, one) = (Self::zero(), Self::one());
        if n.is_zero() || self == one {
            return one;
        }
        if !(self.is_finite() && n.is_finite()) {
            // At these arguments the limits are those of doubles.
            return Self(f256::from(self.narrow().powf(n.narrow())));
        }
        if self.is_zero() {
            return if n > zero { zero } else { Self::infinity() };
        }
        let whole = n.floor() == n;
        if self < zero && !whole {
            return Self::nan();
        }
        let half = n * Self::half();
        let size = Self(self.0.abs().powf(&n.0));
        if self < zero && half.floor() != half { -size } else { size }
    }
    fn log(self, base: Self) -> Self {
        Self(self.0.log(&base.0))
    }
    fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
    fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }
    fn abs_sub(self, other: Self) -> Self {
        if self.partial_cmp(&other) == Some(Ordering::Greater) {
            self - other
        } else {
            Zero::zero()
        }
    }
    fn hypot(self, other: Self) -> Self {
        Self(self.0.hypot(other.0))
    }
    fn atan2(self, other: Self) -> Self {
        // f256's own function gives π/2 for equal arguments. The quotient is kept at most one in
        // size; signed zeros and infinities do not occur in tests.
        let quarter = Self::one().atan();
        let half = quarter + quarter;
        if other.abs() < self.abs() {
            let right = if self.is_sign_negative() { -half } else { half };
            return right - (other / self).atan();
        }
        let angle = (self / other).atan();
        match (other.is_sign_negative(), self.is_sign_negative()) {
            (false, _) => angle,
            (true, false) => angle + half + half,
            (true, true) => angle - half - half,
        }
    }
    fn sin_cos(self) -> (Self, Self) {
        (self.sin(), self.cos())
    }
    fn sinh(self) -> Self {
        // Both exponentials as e^x - 1, so that small arguments do not cancel.
        let half = Self::half();
        half * (self.exp_m1() - (-self).exp_m1())
    }
    fn cosh(self) -> Self {
        Self::half() * (self.exp() + (-self).exp())
    }
    fn tanh(self) -> Self {
        let grown = (-(self.abs() + self.abs())).exp_m1();
        let size = -grown / (grown + Self::one() + Self::one());
        if self.is_sign_negative() { -size } else { size }
    }
    fn asinh(self) -> Self {
        let size = self.abs();
        let square = size * size;
        let value = (size + square / (Self::one() + (square + Self::one()).sqrt())).ln_1p();
        if self.is_sign_negative() { -value } else { value }
    }
    fn acosh(self) -> Self {
        (self + (self * self - Self::one()).sqrt()).ln()
    }
    fn atanh(self) -> Self {
        Self::half() * (self.ln_1p() - (-self).ln_1p())
    }
    fn integer_decode(self) -> (u64, i16, i8) {
        self.narrow().integer_decode()
    }
}
