//! Sign analysis: the set of signs that a node's values may have.

use super::{BinaryFunction, Function, Number, Support};

/// The set of signs that values may have. NaN is outside the analysis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign(u8);

impl Sign {
    const NEGATIVE_BIT: u8 = 1;
    const ZERO_BIT: u8 = 2;
    const POSITIVE_BIT: u8 = 4;

    /// Below zero.
    pub const NEGATIVE: Self = Self(Self::NEGATIVE_BIT);
    /// Zero.
    pub const ZERO: Self = Self(Self::ZERO_BIT);
    /// Above zero.
    pub const POSITIVE: Self = Self(Self::POSITIVE_BIT);
    /// Zero or above.
    pub const NON_NEGATIVE: Self = Self(Self::ZERO_BIT | Self::POSITIVE_BIT);
    /// Any sign.
    pub const UNKNOWN: Self = Self(7);

    /// Always above zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self == Self::POSITIVE
    }

    /// Never below zero.
    #[must_use]
    pub fn is_non_negative(self) -> bool {
        self.0 & Self::NEGATIVE_BIT == 0
    }

    /// Never above zero.
    #[must_use]
    pub fn is_non_positive(self) -> bool {
        self.0 & Self::POSITIVE_BIT == 0
    }

    /// The union of two sets.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn of_number(number: Number) -> Self {
        match number.to_f64() {
            value if value > 0.0 => Self::POSITIVE,
            value if value < 0.0 => Self::NEGATIVE,
            0.0 => Self::ZERO,
            _ => Self::UNKNOWN,
        }
    }

    pub(super) fn of_support(support: Support) -> Self {
        match (support.low >= 0.0, support.high <= 0.0) {
            (true, _) => Self::POSITIVE,
            (false, true) => Self::NEGATIVE,
            (false, false) => Self::UNKNOWN,
        }
    }

    /// Signs of a sum of two.
    pub(super) fn plus(self, other: Self) -> Self {
        if self == Self::ZERO {
            return other;
        }
        if other == Self::ZERO {
            return self;
        }
        let both = self.or(other);
        if both.is_non_negative() || both.is_non_positive() {
            // A strictly signed term keeps zero out: a ≥ 0 and b > 0 give a + b > 0.
            let strict = self.0 & Self::ZERO_BIT == 0 || other.0 & Self::ZERO_BIT == 0;
            return if strict { Self(both.0 & !Self::ZERO_BIT) } else { both };
        }
        Self::UNKNOWN
    }

    /// Signs of a product of two.
    pub(super) fn times(self, other: Self) -> Self {
        let mut bits = (self.0 | other.0) & Self::ZERO_BIT;
        for (a, a_positive) in [(Self::NEGATIVE_BIT, false), (Self::POSITIVE_BIT, true)] {
            for (b, b_positive) in [(Self::NEGATIVE_BIT, false), (Self::POSITIVE_BIT, true)] {
                if self.0 & a != 0 && other.0 & b != 0 {
                    bits |= if a_positive == b_positive {
                        Self::POSITIVE_BIT
                    } else {
                        Self::NEGATIVE_BIT
                    };
                }
            }
        }
        Self(bits)
    }

    /// Signs of a power.
    pub(super) fn power(self, exponent: Number) -> Self {
        if exponent.is_even() {
            let negative_or_positive = self.0 & !Self::ZERO_BIT != 0;
            let zero = self.0 & Self::ZERO_BIT;
            return Self(if negative_or_positive { Self::POSITIVE_BIT | zero } else { zero });
        }
        match exponent.as_integer() {
            Some(_) => self,
            // A real power of a negative number is NaN, so only the rest of the set counts.
            None => Self(self.0 & !Self::NEGATIVE_BIT),
        }
    }

    /// Signs of a function's values, given those of its argument.
    pub(super) fn of_call(function: Function, argument: Self) -> Self {
        match function {
            Function::Exp
            | Function::Cosh
            | Function::Sigmoid
            | Function::Softplus
            | Function::Erfc
            | Function::InverseMills
            | Function::MillsExcess
            | Function::BesselRatio(_) => Self::POSITIVE,
            Function::Abs => argument.power(Number::integer(2)),
            Function::LogCosh | Function::LogBessel(_) => argument.power(Number::integer(2)),
            Function::Sign
            | Function::Log1p
            | Function::Expm1
            | Function::Sinh
            | Function::Tanh
            | Function::Erf
            | Function::Asin
            | Function::Atan => argument,
            Function::Floor => argument.floor(),
            Function::LogNormalCdf => Self::NEGATIVE,
            Function::Acos => Self::NON_NEGATIVE,
            // ψ⁽ᵏ⁾ has the sign of (-1)^(k+1) on the half-line for k ≥ 1 (DLMF 5.15.1).
            Function::Polygamma(order) if order >= 1 && argument.is_positive() => {
                if order % 2 == 1 { Self::POSITIVE } else { Self::NEGATIVE }
            }
            Function::Log
            | Function::Sin
            | Function::Cos
            | Function::Tan
            | Function::Lgamma
            | Function::Polygamma(_)
            | Function::Random(_) => Self::UNKNOWN,
        }
    }

    /// Signs of the values of a function of two arguments, given those of the first.
    pub(super) fn of_binary(function: BinaryFunction, first: Self) -> Self {
        match function {
            BinaryFunction::Pow(0) if first.is_positive() => Self::POSITIVE,
            BinaryFunction::Pow(0) if first.is_non_negative() => Self::NON_NEGATIVE,
            BinaryFunction::Pow(_)
            | BinaryFunction::Atan2
            | BinaryFunction::Min
            | BinaryFunction::Max => Self::UNKNOWN,
        }
    }

    fn floor(self) -> Self {
        let zero = if self.0 & Self::POSITIVE_BIT != 0 { Self::ZERO_BIT } else { 0 };
        Self(self.0 | zero)
    }
}
