//! Compensated and double-double sums.
//!
//! A [`DoubleDouble`] carries about 31 digits, so that means of a million terms and small
//! polynomials of large numbers come out correctly rounded or nearly so. The results
//! depend on the terms and their order alone. Where a term or a sum is
//! infinite the result is not finite either, but may be NaN.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

/// a + b exactly, as the rounded sum and its rounding error (Knuth).
#[must_use]
pub fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

/// a b exactly, as the rounded product and its rounding error.
#[must_use]
pub fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}

/// The unevaluated sum of two doubles that do not overlap.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DoubleDouble {
    /// The value rounded to a double.
    pub hi: f64,
    /// The rounding error of `hi`.
    pub lo: f64,
}

impl DoubleDouble {
    /// 0
    pub const ZERO: Self = Self { hi: 0.0, lo: 0.0 };

    /// The exact sum of two doubles.
    #[must_use]
    pub fn sum(a: f64, b: f64) -> Self {
        let (hi, lo) = two_sum(a, b);
        Self { hi, lo }
    }

    /// The exact product of two doubles.
    #[must_use]
    pub fn product(a: f64, b: f64) -> Self {
        let (hi, lo) = two_product(a, b);
        Self { hi, lo }
    }

    /// The nearest double.
    #[must_use]
    pub fn value(self) -> f64 {
        self.hi
    }

    /// Brings two numbers of very different size into canonical form: `hi` is their rounded sum.
    fn normalised(hi: f64, lo: f64) -> Self {
        let sum = hi + lo;
        Self { hi: sum, lo: lo - (sum - hi) }
    }
}

impl From<f64> for DoubleDouble {
    fn from(x: f64) -> Self {
        Self { hi: x, lo: 0.0 }
    }
}

impl Add for DoubleDouble {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (hi, error) = two_sum(self.hi, other.hi);
        let (lo, lost) = two_sum(self.lo, other.lo);
        let once = Self::normalised(hi, error + lo);
        Self::normalised(once.hi, once.lo + lost)
    }
}

impl Add<f64> for DoubleDouble {
    type Output = Self;
    fn add(self, x: f64) -> Self {
        let (hi, error) = two_sum(self.hi, x);
        Self::normalised(hi, error + self.lo)
    }
}

impl AddAssign for DoubleDouble {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl AddAssign<f64> for DoubleDouble {
    fn add_assign(&mut self, x: f64) {
        *self = *self + x;
    }
}

impl Neg for DoubleDouble {
    type Output = Self;
    fn neg(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }
}

impl Sub for DoubleDouble {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for DoubleDouble {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let (hi, error) = two_product(self.hi, other.hi);
        Self::normalised(hi, error + (self.hi * other.lo + self.lo * other.hi))
    }
}

impl Mul<f64> for DoubleDouble {
    type Output = Self;
    fn mul(self, x: f64) -> Self {
        let (hi, error) = two_product(self.hi, x);
        Self::normalised(hi, error + self.lo * x)
    }
}

impl Div for DoubleDouble {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        // Long division with two digits of 53 bits and a third that rounds.
        let first = self.hi / other.hi;
        let rest = self - other * first;
        let second = rest.hi / other.hi;
        let third = (rest - other * second).hi / other.hi;
        Self::sum(first, second) + third
    }
}

impl Div<f64> for DoubleDouble {
    type Output = Self;
    fn div(self, x: f64) -> Self {
        self / Self::from(x)
    }
}

/// Σ values, with an error of about one rounding.
#[must_use]
pub fn compensated_sum(values: &[f64]) -> f64 {
    values.iter().fold(DoubleDouble::ZERO, |sum, &x| sum + x).value()
}

/// The mean, with an error of about one rounding; NaN for no values.
#[must_use]
pub fn compensated_mean(values: &[f64]) -> f64 {
    mean_of(values.iter().copied())
}

/// The same of values that are computed one after the other.
pub(crate) fn mean_of(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    let sum = values.fold(DoubleDouble::ZERO, |sum, x| sum + x);
    (sum / count).value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_products_are_exact() {
        assert_eq!(two_sum(1e16, 1.0), (1e16, 1.0));
        assert_eq!(two_sum(1.0, 1e16), (1e16, 1.0));
        let x = 1.0 + f64::EPSILON;
        assert_eq!(two_product(x, x), (1.0 + 2.0 * f64::EPSILON, f64::EPSILON * f64::EPSILON));
    }

    #[test]
    fn a_small_term_survives_large_ones() {
        assert_eq!(compensated_sum(&[1e100, 1e50, 1.0, -1e100, -1e50]), 0.0, "beyond 31 digits");
        assert_eq!(compensated_sum(&[1e20, 1.0, -1e20]), 1.0);
        let tenths = vec![0.1; 1_000_000];
        assert_eq!(compensated_sum(&tenths), 100_000.0);
        assert_eq!(compensated_mean(&tenths), 0.1);
    }

    #[test]
    fn variance_around_a_large_offset() {
        // mean of squares minus square of mean, at offset 2⁴⁰: hopeless in f64.
        let values = [1.0, 2.0, 4.0, 9.0].map(|x| x + 2f64.powi(40));
        let squares =
            values.iter().fold(DoubleDouble::ZERO, |sum, &x| sum + DoubleDouble::product(x, x));
        let sum = values.iter().fold(DoubleDouble::ZERO, |sum, &x| sum + x);
        let mean = sum / 4.0;
        assert_eq!((squares / 4.0 - mean * mean).value(), 9.5);
    }

    #[test]
    fn quotients_are_precise_to_the_last_part() {
        let third = DoubleDouble::from(1.0) / 3.0;
        let back = third * 3.0 - DoubleDouble::from(1.0);
        assert!(back.value().abs() < 1e-31, "{back:?}");
        let quotient = DoubleDouble::sum(2.0, 1e-20) / DoubleDouble::sum(7.0, -1e-19);
        let back = quotient * DoubleDouble::sum(7.0, -1e-19) - DoubleDouble::sum(2.0, 1e-20);
        assert!(back.value().abs() < 1e-30, "{back:?}");
    }

    #[test]
    fn what_is_not_finite_stays_so() {
        assert!(!compensated_sum(&[1.0, f64::INFINITY, 2.0]).is_finite());
        assert!(!compensated_sum(&[f64::MAX, f64::MAX, -1.0]).is_finite());
        assert!(compensated_mean(&[f64::NAN, 1.0]).is_nan());
        assert!(compensated_mean(&[]).is_nan());
    }
}
