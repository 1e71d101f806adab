//! Exact rationals, and the floating-point numbers that absorb them.

use std::cmp::Ordering;
use std::fmt;

use num_traits::Float;

/// Largest magnitude of a numerator or denominator: every such integer is an `f64`.
const EXACT_MAX: i128 = 1 << 53;

/// A numeric constant: an exact ratio while numerator and denominator stay below 2⁵³, else an `f64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Number(Repr);

/// Floats are kept by their bits, with one NaN and no negative zero, so equality is hashing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Repr {
    Ratio { num: i64, den: i64 },
    Float(u64),
}

impl Number {
    /// 0
    pub const ZERO: Self = Self(Repr::Ratio { num: 0, den: 1 });
    /// 1
    pub const ONE: Self = Self(Repr::Ratio { num: 1, den: 1 });
    /// -1
    pub const MINUS_ONE: Self = Self(Repr::Ratio { num: -1, den: 1 });

    /// The integer, exact up to 2⁵³.
    #[must_use]
    pub fn integer(value: i64) -> Self {
        Self::reduced(i128::from(value), 1)
    }

    /// num / den in lowest terms. A zero denominator gives the infinity or NaN of IEEE division.
    #[must_use]
    pub fn ratio(num: i64, den: i64) -> Self {
        Self::reduced(i128::from(num), i128::from(den))
    }

    /// An inexact number, which absorbs exact ones.
    #[must_use]
    pub fn float(value: f64) -> Self {
        let canonical = if value.is_nan() { f64::NAN } else { value + 0.0 };
        Self(Repr::Float(canonical.to_bits()))
    }

    fn reduced(num: i128, den: i128) -> Self {
        let divisor = gcd(num.unsigned_abs(), den.unsigned_abs()).max(1) as i128;
        let sign = if den < 0 { -1 } else { 1 };
        let (num, den) = (sign * num / divisor, sign * den / divisor);
        if den == 0 || num.abs() > EXACT_MAX || den > EXACT_MAX {
            return Self::float(num as f64 / den as f64);
        }
        Self(Repr::Ratio { num: num as i64, den: den as i64 })
    }

    /// Numerator and denominator, if exact.
    #[must_use]
    pub fn as_ratio(self) -> Option<(i64, i64)> {
        match self.0 {
            Repr::Ratio { num, den } => Some((num, den)),
            Repr::Float(_) => None,
        }
    }

    /// The value, if it is an exact integer.
    #[must_use]
    pub fn as_integer(self) -> Option<i64> {
        self.as_ratio().filter(|&(_, den)| den == 1).map(|(num, _)| num)
    }

    /// The nearest `f64`.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        match self.0 {
            Repr::Ratio { num, den } => num as f64 / den as f64,
            Repr::Float(bits) => f64::from_bits(bits),
        }
    }

    /// The value in any floating-point type; exact ratios are divided in that type.
    #[must_use]
    pub fn to<T: Float>(self) -> T {
        let cast = |value: f64| T::from(value).expect("every float type represents an f64");
        match self.0 {
            Repr::Ratio { num, den: 1 } => cast(num as f64),
            Repr::Ratio { num, den } => cast(num as f64) / cast(den as f64),
            Repr::Float(bits) => cast(f64::from_bits(bits)),
        }
    }

    /// Exactly zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.to_f64() == 0.0
    }

    /// Exactly one.
    #[must_use]
    pub fn is_one(self) -> bool {
        self == Self::ONE
    }

    /// Below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.to_f64() < 0.0
    }

    /// An exact even integer.
    #[must_use]
    pub fn is_even(self) -> bool {
        self.as_integer().is_some_and(|n| n % 2 == 0)
    }

    /// |self|
    #[must_use]
    pub fn abs(self) -> Self {
        if self.is_negative() { -self } else { self }
    }

    /// 1 / self.
    #[must_use]
    pub fn recip(self) -> Self {
        match self.0 {
            Repr::Ratio { num, den } => Self::ratio(den, num),
            Repr::Float(bits) => Self::float(f64::from_bits(bits).recip()),
        }
    }

    /// self ^ exponent where that is exact, or where one of the two is inexact already.
    /// `None` for an irrational power of an exact number, which stays symbolic.
    #[must_use]
    pub fn pow(self, exponent: Self) -> Option<Self> {
        match (self.as_ratio(), exponent.as_integer(), exponent.as_ratio()) {
            (Some(_), Some(n), _) => Some(self.powi(n)),
            (Some(ratio), None, Some((num, den))) => exact_root(ratio, den).map(|r| r.powi(num)),
            _ => Some(Self::float(self.to_f64().powf(exponent.to_f64()))),
        }
    }

    /// Repeated squaring; overflow falls to floats. Beyond any exact result `powf` answers at once.
    fn powi(self, n: i64) -> Self {
        if n.unsigned_abs() > 1100 && self.abs() != Self::ONE {
            return Self::float(self.to_f64().powf(n as f64));
        }
        let mut base = if n < 0 { self.recip() } else { self };
        let mut left = n.unsigned_abs();
        let mut result = Self::ONE;
        while left > 0 {
            if left % 2 == 1 {
                result = result * base;
            }
            left /= 2;
            if left > 0 {
                base = base * base;
            }
        }
        result
    }
}

/// The den-th root of a non-negative ratio, where it is a ratio.
fn exact_root((num, den): (i64, i64), degree: i64) -> Option<Number> {
    Some(Number::ratio(integer_root(num, degree)?, integer_root(den, degree)?))
}

fn integer_root(value: i64, degree: i64) -> Option<i64> {
    if value < 0 || degree > 53 {
        return None;
    }
    let guess = (value as f64).powf(1.0 / degree as f64).round();
    let root = guess as i64;
    let power = (0..degree).try_fold(1_i64, |product, _| product.checked_mul(root))?;
    (power == value).then_some(root)
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl std::ops::Add for Number {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        match (self.as_ratio(), other.as_ratio()) {
            (Some((a, b)), Some((c, d))) => {
                let [a, b, c, d] = [a, b, c, d].map(i128::from);
                Self::reduced(a * d + c * b, b * d)
            }
            _ => Self::float(self.to_f64() + other.to_f64()),
        }
    }
}

impl std::ops::Mul for Number {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        match (self.as_ratio(), other.as_ratio()) {
            (Some((a, b)), Some((c, d))) => {
                let [a, b, c, d] = [a, b, c, d].map(i128::from);
                Self::reduced(a * c, b * d)
            }
            _ => Self::float(self.to_f64() * other.to_f64()),
        }
    }
}

impl std::ops::Neg for Number {
    type Output = Self;
    fn neg(self) -> Self {
        self * Self::MINUS_ONE
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.as_ratio(), other.as_ratio()) {
            (Some((a, b)), Some((c, d))) => {
                Some((i128::from(a) * i128::from(d)).cmp(&(i128::from(c) * i128::from(b))))
            }
            _ => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }
}

/// `3`, `-1/3`, or 17 digits with an exponent, the only spelling that reads back as an inexact number.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Repr::Ratio { num, den: 1 } => write!(f, "{num}"),
            Repr::Ratio { num, den } => write!(f, "{num}/{den}"),
            Repr::Float(bits) => write!(f, "{:.16e}", f64::from_bits(bits)),
        }
    }
}

/// A literal as the language writes it, without a sign.
///
/// Decimals are exact ratios as long as they fit; the spelling that [`Number`] prints for inexact
/// numbers (17 digits and an exponent), and anything that does not fit, is an `f64`.
impl std::str::FromStr for Number {
    type Err = std::num::ParseFloatError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let value: f64 = text.parse()?;
        Ok(exact_decimal(text).unwrap_or(Self::float(value)))
    }
}

fn exact_decimal(text: &str) -> Option<Number> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.parse::<i32>().ok()?)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if exponent.is_some() && whole.len() == 1 && fraction.len() == 16 {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let digits: i128 = format!("{whole}{fraction}")
        .trim_start_matches('0')
        .parse()
        .or_else(|e| if mantissa.bytes().all(|b| b == b'0' || b == b'.') { Ok(0) } else { Err(e) })
        .ok()?;
    let shift = exponent.unwrap_or(0).checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let power = 10_i128.checked_pow(shift.unsigned_abs().min(40))?;
    let (num, den) = if shift < 0 { (digits, power) } else { (digits.checked_mul(power)?, 1) };
    let number = Number::reduced(num, den);
    number.as_ratio().map(|_| number)
}

#[cfg(test)]
mod tests {
    use super::Number;

    fn parse(text: &str) -> Number {
        text.parse().expect("a literal")
    }

    #[test]
    fn literals_are_exact_where_they_fit() {
        assert_eq!(parse("0.1"), Number::ratio(1, 10));
        assert_eq!(parse("1e-3"), Number::ratio(1, 1000));
        assert_eq!(parse("2.50e2"), Number::integer(250));
        assert_eq!(parse("0.0"), Number::ZERO);
        assert_eq!(parse("9007199254740993"), Number::float(9007199254740992.0));
        assert_eq!(parse("1e400"), Number::float(f64::INFINITY));
        assert_eq!(parse("1e-400"), Number::float(0.0));
    }

    #[test]
    fn inexact_numbers_read_back() {
        for value in [0.1, 1.0, 1e300, 5e-324, 3.0f64.sqrt()] {
            let number = Number::float(value);
            assert_eq!(parse(&number.to_string()), number);
        }
    }

    #[test]
    fn arithmetic_is_exact_until_it_overflows() {
        let third = Number::ratio(1, 3);
        assert_eq!(third + third + third, Number::ONE);
        assert_eq!(third * Number::integer(-3), Number::MINUS_ONE);
        assert_eq!(Number::ratio(4, -6).to_string(), "-2/3");
        let big = Number::integer(1 << 53);
        assert_eq!(big + Number::ONE, Number::float(9007199254740992.0));
        assert_eq!(Number::ratio(1, 0), Number::float(f64::INFINITY));
    }

    #[test]
    fn powers_are_exact_or_symbolic() {
        assert_eq!(Number::ratio(4, 9).pow(Number::ratio(1, 2)), Some(Number::ratio(2, 3)));
        assert_eq!(Number::integer(2).pow(Number::ratio(1, 2)), None);
        assert_eq!(Number::integer(2).pow(Number::integer(-2)), Some(Number::ratio(1, 4)));
        assert_eq!(Number::integer(-8).pow(Number::ratio(1, 3)), None);
        assert_eq!(
            Number::integer(2).pow(Number::integer(1 << 40)),
            Some(Number::float(f64::INFINITY))
        );
    }
}
