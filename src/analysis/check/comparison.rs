//! A derivative compared with a difference quotient.

use super::differences::Difference;

/// Relative difference up to which a derivative agrees, whatever the error of the quotient.
const TOLERANCE: f64 = 1e-6;
/// Factor by which the true error of a quotient may exceed the estimated one.
const TRUST: f64 = 10.0;
/// A quotient with a larger relative error, as beside a kink, is inconclusive.
const PROOF: f64 = 1e-3;

/// The result of comparing a derivative with a difference quotient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Comparison {
    /// They agree up to this relative difference.
    Agree(f64),
    /// The quotient is too inaccurate to decide.
    Unclear,
    /// They differ by this relative difference.
    Differ(f64),
    /// The derivative is infinite or not a number.
    NotFinite,
}

impl Comparison {
    pub fn of(derivative: f64, quotient: Difference) -> Self {
        let size = derivative.abs().max(quotient.value.abs());
        let gap = (derivative - quotient.value).abs();
        let relative = if gap == 0.0 { 0.0 } else { gap / size };
        if !derivative.is_finite() {
            Self::NotFinite
        } else if !gap.is_finite() || quotient.error.is_nan() {
            Self::Unclear
        } else if gap <= TOLERANCE * size || gap <= f64::EPSILON {
            Self::Agree(if gap <= f64::EPSILON { gap } else { relative })
        } else if gap <= TRUST * quotient.error || quotient.error > PROOF * size {
            Self::Unclear
        } else {
            Self::Differ(relative)
        }
    }
}

/// Counts of comparisons of one kind of derivative.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Derivatives that agree with their difference quotient.
    pub agree: usize,
    /// Derivatives whose difference quotient is too inaccurate to decide.
    pub unclear: usize,
    /// Derivatives that differ from their quotient by more than its error.
    pub differ: usize,
    /// Derivatives that are infinite or not a number.
    pub not_finite: usize,
    /// The largest relative difference.
    pub largest: f64,
}

impl Tally {
    pub(super) fn add(&mut self, comparison: Comparison) {
        match comparison {
            Comparison::Agree(difference) => {
                self.agree += 1;
                self.largest = self.largest.max(difference);
            }
            Comparison::Unclear => self.unclear += 1,
            Comparison::Differ(difference) => {
                self.differ += 1;
                self.largest = self.largest.max(difference);
            }
            Comparison::NotFinite => self.not_finite += 1,
        }
    }

    /// Derivatives that are wrong: they differ from their quotient, or are not finite.
    #[must_use]
    pub fn wrong(&self) -> usize {
        self.differ + self.not_finite
    }
}

#[cfg(test)]
mod tests {
    use super::super::differences::derivative;
    use super::*;

    fn judged(slope: f64, f: impl Fn(f64) -> f64, x: f64) -> Comparison {
        Comparison::of(slope, derivative(f, x))
    }

    #[test]
    fn a_correct_derivative_agrees() {
        for x in [-3.0_f64, 0.1, 40.0] {
            let found = judged(x.cos(), f64::sin, x);
            assert!(
                matches!(found, Comparison::Agree(difference) if difference < 1e-9),
                "{found:?}"
            );
        }
        assert_eq!(judged(0.0, |_| 5.0, 1.0), Comparison::Agree(0.0));
    }

    #[test]
    fn a_wrong_derivative_differs() {
        for wrong in [0.0, 1.001 * 1.0_f64.exp(), -1.0_f64.exp()] {
            let found = judged(wrong, f64::exp, 1.0);
            assert!(matches!(found, Comparison::Differ(_)), "{found:?}");
        }
    }

    #[test]
    fn a_derivative_that_is_not_finite_is_wrong() {
        let mut tally = Tally::default();
        for slope in [f64::NAN, f64::INFINITY] {
            let found = judged(slope, f64::sin, 1.0);
            assert_eq!(found, Comparison::NotFinite);
            tally.add(found);
        }
        assert_eq!(tally.wrong(), 2);
    }

    #[test]
    fn kinks_and_undefined_functions_are_unclear() {
        assert_eq!(judged(1.0, f64::abs, 1e-9), Comparison::Unclear);
        assert_eq!(judged(1.0, |_| f64::NAN, 1.0), Comparison::Unclear);
    }
}
