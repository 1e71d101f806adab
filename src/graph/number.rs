//! Exact rationals, and the floating-point numbers that absorb them.

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZero;

use num_traits::{Float, PrimInt, Signed};

/// Largest magnitude of a numerator or denominator: every such integer is an `f64`.
const EXACT_MAX: i64 = 1 << 53;

/// A numeric constant: an exact ratio while numerator and denominator stay below 2⁵³, else an `f64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Number(Repr);

/// Floats are kept by their bits, with one NaN and no negative zero, so equal values have equal bits.
/// The non-zero denominator has a niche for the discriminant: a number is two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Repr {
    Ratio { num: i64, den: NonZero<i64> },
    Float(u64),
}

impl Number {
    /// 0
    pub const ZERO: Self = Self::whole(0);
    /// 1
    pub const ONE: Self = Self::whole(1);
    /// -1
    pub const MINUS_ONE: Self = Self::whole(-1);

    const fn whole(num: i64) -> Self {
        Self(Repr::Ratio { num, den: NonZero::new(1).expect("one is not zero") })
    }

    /// The integer, exact up to 2⁵³.
    #[must_use]
    pub fn integer(value: i64) -> Self {
        if value.unsigned_abs() > EXACT_MAX.unsigned_abs() {
            return Self::float(value as f64);
        }
        Self::whole(value)
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
        match (narrow(num), narrow(den)) {
            (Some(num), Some(den)) => {
                let (num, den) = lowest(num, den);
                Self::in_lowest_terms(i128::from(num), i128::from(den))
            }
            _ => Self::reduced_wide(num, den),
        }
    }

    /// [`Self::reduced`] by 128-bit divisions, each of which takes as long as tens of 64-bit ones.
    fn reduced_wide(num: i128, den: i128) -> Self {
        let (num, den) = lowest(num, den);
        Self::in_lowest_terms(num, den)
    }

    fn in_lowest_terms(num: i128, den: i128) -> Self {
        let largest = i128::from(EXACT_MAX);
        let is_exact = num.abs() <= largest && den <= largest;
        match NonZero::new(den as i64).filter(|_| is_exact) {
            Some(den) => Self(Repr::Ratio { num: num as i64, den }),
            None => Self::float(num as f64 / den as f64),
        }
    }

    /// Numerator and denominator, if exact.
    #[must_use]
    pub fn as_ratio(self) -> Option<(i64, i64)> {
        match self.0 {
            Repr::Ratio { num, den } => Some((num, den.get())),
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
            Repr::Ratio { num, den } => num as f64 / den.get() as f64,
            Repr::Float(bits) => f64::from_bits(bits),
        }
    }

    /// The value in any floating-point type; exact ratios are divided in that type.
    #[must_use]
    pub fn to<T: Float>(self) -> T {
        let cast = |value: f64| T::from(value).expect("every float type represents an f64");
        match self.0 {
            Repr::Ratio { num, den } if den.get() == 1 => cast(num as f64),
            Repr::Ratio { num, den } => cast(num as f64) / cast(den.get() as f64),
            Repr::Float(bits) => cast(f64::from_bits(bits)),
        }
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        match self.0 {
            Repr::Ratio { num, .. } => num == 0,
            Repr::Float(bits) => f64::from_bits(bits) == 0.0,
        }
    }

    /// Whether it is the exact number one.
    #[must_use]
    pub fn is_one(self) -> bool {
        self == Self::ONE
    }

    /// Whether it is below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        match self.0 {
            Repr::Ratio { num, .. } => num < 0,
            Repr::Float(bits) => f64::from_bits(bits) < 0.0,
        }
    }

    /// Whether it is an exact even integer.
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
            Repr::Ratio { num, den } => match NonZero::new(num) {
                Some(num) => {
                    Self(Repr::Ratio { num: den.get() * num.get().signum(), den: num.abs() })
                }
                None => Self::ratio(den.get(), 0),
            },
            Repr::Float(bits) => Self::float(f64::from_bits(bits).recip()),
        }
    }

    /// self ^ exponent where the power is exact, or where base or exponent is inexact.
    /// `None` for an irrational power of an exact number, which stays symbolic.
    #[must_use]
    pub fn pow(self, exponent: Self) -> Option<Self> {
        match (self.as_ratio(), exponent.as_integer(), exponent.as_ratio()) {
            (Some(_), Some(n), _) => Some(self.powi(n)),
            (Some(ratio), None, Some((num, den))) => exact_root(ratio, den).map(|r| r.powi(num)),
            _ => Some(Self::float(self.to_f64().powf(exponent.to_f64()))),
        }
    }

    /// Repeated squaring; overflow falls back to floats. For exponents whose result cannot be exact,
    /// `powf` is called directly.
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

/// The number as an `i64`, if its negative is one too.
fn narrow(wide: i128) -> Option<i64> {
    i64::try_from(wide).ok().filter(|&value| value != i64::MIN)
}

/// num / den without their common divisor, the denominator not negative.
fn lowest<T: PrimInt + Signed>(num: T, den: T) -> (T, T) {
    let divisor = gcd(num.abs(), den.abs()).max(T::one());
    let divisor = if den < T::zero() { -divisor } else { divisor };
    (num / divisor, den / divisor)
}

fn gcd<T: PrimInt>(mut a: T, mut b: T) -> T {
    while b != T::zero() {
        (a, b) = (b, a % b);
    }
    a
}

impl std::ops::Add for Number {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        match (self.as_ratio(), other.as_ratio()) {
            // Neither exceeds 2⁵³ in magnitude, so their sum is an i64.
            (Some((a, 1)), Some((c, 1))) => Self::integer(a + c),
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
            (Some(_), Some((1, 1))) => self,
            (Some((1, 1)), Some(_)) => other,
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

/// `3`, `-1/3`, or for an inexact number digits that are parsed as an inexact number.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Repr::Ratio { num, den } if den.get() == 1 => write!(f, "{num}"),
            Repr::Ratio { num, den } => write!(f, "{num}/{den}"),
            Repr::Float(bits) => inexact(f, f64::from_bits(bits)),
        }
    }
}

/// The shortest digits that are parsed as this number, or 17 digits and an exponent where the shortest
/// would be parsed as an exact ratio.
fn inexact(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    let is_short = value == 0.0 || (1e-4..1e16).contains(&value.abs());
    let shortest = if is_short { value.to_string() } else { format!("{value:e}") };
    match exact_decimal(shortest.trim_start_matches('-')) {
        None => f.write_str(&shortest),
        Some(_) => write!(f, "{value:.16e}"),
    }
}

/// A literal of the model language, without a sign.
///
/// Decimals are exact ratios as long as they fit; 17 digits with an exponent, and anything that does
/// not fit, is an `f64`.
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
    use super::{EXACT_MAX, Number};

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

    #[test]
    fn short_ways_end_where_the_long_one_does() {
        let edges = [1, 2, 3, 6, 1 << 26, 1 << 31, 94_906_267, EXACT_MAX - 1, EXACT_MAX];
        let signed = edges.iter().flat_map(|&edge| [edge, -edge]);
        let numerators: Vec<i64> = signed.chain([0, EXACT_MAX + 1, i64::MAX, i64::MIN]).collect();
        let numbers: Vec<Number> = (numerators.iter())
            .flat_map(|&num| edges.iter().map(move |&den| (num, den)))
            .inspect(|&(num, den)| assert_eq!(Number::ratio(num, den), long(num, den)))
            .map(|(num, den)| Number::ratio(num, den))
            .collect();
        for &num in &numerators {
            assert_eq!(Number::integer(num), long(num, 1));
            assert_eq!(Number::ratio(num, 0), long(num, 0));
        }
        for (&first, &second) in numbers.iter().flat_map(|a| numbers.iter().map(move |b| (a, b))) {
            let (Some((a, b)), Some((c, d))) = (first.as_ratio(), second.as_ratio()) else {
                continue;
            };
            assert_eq!(first.recip(), long(b, a));
            let [a, b, c, d] = [a, b, c, d].map(i128::from);
            assert_eq!(first + second, Number::reduced_wide(a * d + c * b, b * d));
            assert_eq!(first * second, Number::reduced_wide(a * c, b * d));
        }
    }

    fn long(num: i64, den: i64) -> Number {
        Number::reduced_wide(i128::from(num), i128::from(den))
    }
}
