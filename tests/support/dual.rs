//! Hyper-dual numbers: exact first and second derivatives by propagation.
//!
//! f(x + a ε₁ + b ε₂) = f + f' a ε₁ + f' b ε₂ + f'' a b ε₁ε₂ with ε₁² = ε₂² = 0 (Fike and Alonso
//! 2011). The type implements `num_traits::Float`, so that the reference evaluator accepts it; its
//! parts are of any float type, so that it can be nested, for derivatives of derivatives, or used
//! in wide arithmetic.
//!
//! Order, equality, rounding and classification use the value alone.

use std::cmp::Ordering;
use std::num::FpCategory;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use num_traits::{Float, Num, NumCast, One, ToPrimitive, Zero};

/// value + first ε₁ + second ε₂ + mixed ε₁ε₂
#[derive(Clone, Copy, Debug)]
pub struct HyperDual<T> {
    pub value: T,
    pub first: T,
    pub second: T,
    pub mixed: T,
}

impl<T: Float> HyperDual<T> {
    /// A constant.
    pub fn fixed(value: T) -> Self {
        Self { value, first: T::zero(), second: T::zero(), mixed: T::zero() }
    }

    /// A variable with the derivatives `first` along ε₁ and `second` along ε₂.
    pub fn moving(value: T, first: T, second: T) -> Self {
        Self { value, first, second, mixed: T::zero() }
    }

    fn is_fixed(&self) -> bool {
        [self.first, self.second, self.mixed].iter().all(Zero::is_zero)
    }

    /// φ(self) from φ, φ', φ'' at the value.
    fn through(self, value: T, slope: T, curvature: T) -> Self {
        Self {
            value,
            first: times(slope, self.first),
            second: times(slope, self.second),
            mixed: times(slope, self.mixed) + times(curvature, times(self.first, self.second)),
        }
    }

    /// x^p with variable x and p: every partial derivative is a power, with the limit
    /// 0 of x^p log x at x = 0.
    fn moving_power(self, n: Self) -> Self {
        let (x, p) = (self.value, n.value);
        let one = T::one();
        let power = |down: T, logs: i32| {
            let value = x.powf(p - down);
            if logs == 0 || value.is_zero() { value } else { value * x.ln().powi(logs) }
        };
        let (along, across) = (times(p, power(one, 0)), power(T::zero(), 1));
        let bent = times(p * (p - one), power(one + one, 0));
        let crossed = power(one, 0) + times(p, power(one, 1));
        let second = times(bent, times(self.first, self.second))
            + times(crossed, times(self.first, n.second) + times(self.second, n.first))
            + times(power(T::zero(), 2), times(n.first, n.second));
        Self {
            value: power(T::zero(), 0),
            first: times(along, self.first) + times(across, n.first),
            second: times(along, self.second) + times(across, n.second),
            mixed: times(along, self.mixed) + times(across, n.mixed) + second,
        }
    }

    /// The value of a function that is constant nearby.
    fn step(self, value: T) -> Self {
        Self::fixed(value)
    }

    /// The quotient with its ε parts: (numerator' - q denominator')/denominator.
    fn quotient(self, other: Self) -> Self {
        let value = self.value / other.value;
        let along = |up: T, down: T| over(up - times(value, down), other.value);
        let first = along(self.first, other.first);
        let second = along(self.second, other.second);
        let crossed = times(first, other.second) + times(second, other.first);
        let rest = self.mixed - crossed - times(value, other.mixed);
        Self { value, first, second, mixed: over(rest, other.value) }
    }
}

/// a·b, where a zero derivative stays zero under an infinite slope.
fn times<T: Float>(a: T, b: T) -> T {
    if a.is_zero() || b.is_zero() { T::zero() } else { a * b }
}

/// a/b, where zero over zero is zero.
fn over<T: Float>(a: T, b: T) -> T {
    if a.is_zero() { a } else { a / b }
}

fn number<T: Float>(value: i32) -> T {
    T::from(value).expect("every float holds small integers")
}

impl<T: Float> PartialEq for HyperDual<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Float> PartialOrd for HyperDual<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Float> Add for HyperDual<T> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            first: self.first + other.first,
            second: self.second + other.second,
            mixed: self.mixed + other.mixed,
        }
    }
}

impl<T: Float> Neg for HyperDual<T> {
    type Output = Self;
    fn neg(self) -> Self {
        Self { value: -self.value, first: -self.first, second: -self.second, mixed: -self.mixed }
    }
}

impl<T: Float> Sub for HyperDual<T> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl<T: Float> Mul for HyperDual<T> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let along = |mine: T, yours: T| times(mine, other.value) + times(self.value, yours);
        Self {
            value: self.value * other.value,
            first: along(self.first, other.first),
            second: along(self.second, other.second),
            mixed: along(self.mixed, other.mixed)
                + times(self.first, other.second)
                + times(self.second, other.first),
        }
    }
}

impl<T: Float> Div for HyperDual<T> {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        self.quotient(other)
    }
}

impl<T: Float> Rem for HyperDual<T> {
    type Output = Self;
    fn rem(self, other: Self) -> Self {
        let whole = Self::fixed((self.value / other.value).trunc());
        Self { value: self.value % other.value, ..self - whole * other }
    }
}

impl<T: Float> Zero for HyperDual<T> {
    fn zero() -> Self {
        Self::fixed(T::zero())
    }
    /// Whether the number is the constant zero: a variable with value zero has
    /// derivatives that a product needs.
    fn is_zero(&self) -> bool {
        self.value.is_zero() && self.is_fixed()
    }
}

impl<T: Float> One for HyperDual<T> {
    fn one() -> Self {
        Self::fixed(T::one())
    }
}

impl<T: Float> Num for HyperDual<T> {
    type FromStrRadixErr = T::FromStrRadixErr;
    fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        T::from_str_radix(text, radix).map(Self::fixed)
    }
}

impl<T: Float> ToPrimitive for HyperDual<T> {
    fn to_i64(&self) -> Option<i64> {
        self.value.to_i64()
    }
    fn to_u64(&self) -> Option<u64> {
        self.value.to_u64()
    }
    fn to_f64(&self) -> Option<f64> {
        self.value.to_f64()
    }
}

impl<T: Float> NumCast for HyperDual<T> {
    fn from<N: ToPrimitive>(n: N) -> Option<Self> {
        T::from(n).map(Self::fixed)
    }
}

macro_rules! constants {
    ($($name:ident)*) => { $(fn $name() -> Self { Self::fixed(T::$name()) })* };
}

macro_rules! tests {
    ($($name:ident)*) => { $(fn $name(self) -> bool { self.value.$name() })* };
}

macro_rules! steps {
    ($($name:ident)*) => { $(fn $name(self) -> Self { self.step(self.value.$name()) })* };
}

/// name: argument x, value y of the function => first derivative, second derivative
macro_rules! rules {
    ($($name:ident: $x:ident, $y:ident => $slope:expr, $curvature:expr;)*) => {
        $(fn $name(self) -> Self {
            let ($x, $y) = (self.value, self.value.$name());
            if self.is_fixed() { return Self::fixed($y); }
            let _ = ($x, $y);
            self.through($y, $slope, $curvature)
        })*
    };
}

impl<T: Float> Float for HyperDual<T> {
    constants!(nan infinity neg_infinity neg_zero min_value min_positive_value max_value epsilon);
    tests!(is_nan is_infinite is_finite is_normal is_sign_positive is_sign_negative);
    steps!(floor ceil round trunc signum);

    rules! {
        exp: x, y => y, y;
        exp2: x, y => y * number::<T>(2).ln(), y * number::<T>(2).ln().powi(2);
        exp_m1: x, y => x.exp(), x.exp();
        ln: x, y => x.recip(), -x.powi(-2);
        log2: x, y => (x * number::<T>(2).ln()).recip(), -(x * x * number::<T>(2).ln()).recip();
        log10: x, y => (x * number::<T>(10).ln()).recip(), -(x * x * number::<T>(10).ln()).recip();
        ln_1p: x, y => (T::one() + x).recip(), -(T::one() + x).powi(-2);
        recip: x, y => -y * y, (y + y) * y * y;
        sqrt: x, y => (y + y).recip(), -(number::<T>(4) * x * y).recip();
        cbrt: x, y => y / (number::<T>(3) * x), -(y + y) / (number::<T>(9) * x * x);
        sin: x, y => x.cos(), -y;
        cos: x, y => -x.sin(), -y;
        tan: x, y => T::one() + y * y, (y + y) * (T::one() + y * y);
        asin: x, y => (T::one() - x * x).sqrt().recip(), x * (T::one() - x * x).sqrt().powi(-3);
        acos: x, y => -(T::one() - x * x).sqrt().recip(), -x * (T::one() - x * x).sqrt().powi(-3);
        atan: x, y => (T::one() + x * x).recip(), -(x + x) * (T::one() + x * x).powi(-2);
        sinh: x, y => x.cosh(), y;
        cosh: x, y => x.sinh(), y;
        tanh: x, y => T::one() - y * y, -(y + y) * (T::one() - y * y);
        asinh: x, y => (x * x + T::one()).sqrt().recip(), -x * (x * x + T::one()).sqrt().powi(-3);
        acosh: x, y => (x * x - T::one()).sqrt().recip(), -x * (x * x - T::one()).sqrt().powi(-3);
        atanh: x, y => (T::one() - x * x).recip(), (x + x) * (T::one() - x * x).powi(-2);
        abs: x, y => x.signum(), T::zero();
    }

    fn classify(self) -> FpCategory {
        self.value.classify()
    }
    fn fract(self) -> Self {
        self - self.trunc()
    }
    fn mul_add(self, a: Self, b: Self) -> Self {
        Self { value: self.value.mul_add(a.value, b.value), ..self * a + b }
    }
    fn powi(self, n: i32) -> Self {
        let value = self.value.powi(n);
        if self.is_fixed() || n == 0 {
            return Self::fixed(value);
        }
        let slope = number::<T>(n) * self.value.powi(n - 1);
        let curvature = if n == 1 {
            T::zero()
        } else {
            number::<T>(n) * number::<T>(n - 1) * self.value.powi(n - 2)
        };
        self.through(value, slope, curvature)
    }
    fn powf(self, n: Self) -> Self {
        if !n.is_fixed() {
            return self.moving_power(n);
        }
        let n = n.value;
        let one = T::one();
        let slope = times(n, self.value.powf(n - one));
        let curvature = times(n * (n - one), self.value.powf(n - one - one));
        self.through(self.value.powf(n), slope, curvature)
    }
    fn log(self, base: Self) -> Self {
        self.ln() / base.ln()
    }
    fn max(self, other: Self) -> Self {
        if self.is_nan() || other >= self { other } else { self }
    }
    fn min(self, other: Self) -> Self {
        if self.is_nan() || other <= self { other } else { self }
    }
    fn abs_sub(self, other: Self) -> Self {
        if self > other { self - other } else { Self::zero() }
    }
    fn hypot(self, other: Self) -> Self {
        let value = self.value.hypot(other.value);
        Self { value, ..(self * self + other * other).sqrt() }
    }
    fn atan2(self, other: Self) -> Self {
        // Both formulas have the right derivatives; only the branch of the value differs.
        let smooth = if other.value.abs() > self.value.abs() {
            (self / other).atan()
        } else {
            -(other / self).atan()
        };
        Self { value: self.value.atan2(other.value), ..smooth }
    }
    fn sin_cos(self) -> (Self, Self) {
        (self.sin(), self.cos())
    }
    fn integer_decode(self) -> (u64, i16, i8) {
        self.value.integer_decode()
    }
}
