//! The table of functions of one and two arguments: value, slope, range, notation.
//!
//! The table is closed under differentiation: the slope of every function is an
//! expression in functions of this table.

use num_traits::Float;

use super::{ExprId, Graph};
use crate::numerics::special;

/// A function of one argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Function {
    /// e^u
    Exp,
    /// natural logarithm
    Log,
    /// log(1 + u)
    Log1p,
    /// e^u - 1
    Expm1,
    /// |u|
    Abs,
    /// -1, 0, 1
    Sign,
    /// greatest integer ≤ u
    Floor,
    /// sine
    Sin,
    /// cosine
    Cos,
    /// tangent
    Tan,
    /// inverse sine
    Asin,
    /// inverse cosine
    Acos,
    /// inverse tangent
    Atan,
    /// hyperbolic sine
    Sinh,
    /// hyperbolic cosine
    Cosh,
    /// hyperbolic tangent
    Tanh,
    /// 1/(1 + e^-u)
    Sigmoid,
    /// log(1 + e^u)
    Softplus,
    /// log cosh u
    LogCosh,
    /// error function
    Erf,
    /// 1 - erf u
    Erfc,
    /// log Φ(u), Φ the standard normal distribution function
    LogNormalCdf,
    /// φ(u)/Φ(u)
    InverseMills,
    /// u + φ(u)/Φ(u), without the cancellation far left
    MillsExcess,
    /// log |Γ(u)|
    Lgamma,
    /// ψ⁽ᵏ⁾(u); 0 is digamma, 1 trigamma
    Polygamma(u8),
}

/// A function of two arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BinaryFunction {
    /// The angle of the point (second, first).
    Atan2,
    /// The lesser; NaN if either is.
    Min,
    /// The greater; NaN if either is.
    Max,
}
