//! The kinds of functions, by which lists of them are ordered.

use super::functions::{Builtin, FunctionEntry};
use crate::graph::Function;

/// A kind of function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// Exponentials, logarithms, roots, trigonometric and hyperbolic functions, and simple
    /// compositions of these.
    Elementary,
    /// Error functions, gamma functions and other special functions.
    Special,
    /// Functions of two arguments or more, and choices between values.
    Choice,
    /// Functions of a list of numbers, or over generators.
    Reduction,
    /// Vectors and matrices.
    Algebra,
}

impl FunctionKind {
    /// Every kind, in the order of lists.
    pub const ALL: [Self; 5] =
        [Self::Elementary, Self::Special, Self::Choice, Self::Reduction, Self::Algebra];

    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Elementary => "elementary",
            Self::Special => "special",
            Self::Choice => "choice",
            Self::Reduction => "reduction",
            Self::Algebra => "algebra",
        }
    }

    /// The heading of a list of functions.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Elementary => "Elementary functions",
            Self::Special => "Special functions",
            Self::Choice => "Functions of two arguments or more, and choices",
            Self::Reduction => "Reductions, of vectors or over generators",
            Self::Algebra => "Vectors and matrices",
        }
    }
}

impl FunctionEntry {
    /// The kind of this function.
    #[must_use]
    pub fn kind(&self) -> FunctionKind {
        match self.builtin() {
            Builtin::Unary(function) if is_elementary(function) => FunctionKind::Elementary,
            Builtin::Sqrt => FunctionKind::Elementary,
            Builtin::Atan2 | Builtin::PowLog | Builtin::Clamp => FunctionKind::Choice,
            Builtin::Reduce(_) | Builtin::LogDotExp => FunctionKind::Reduction,
            Builtin::Softmax
            | Builtin::Dot
            | Builtin::Norm
            | Builtin::Sumsq
            | Builtin::Trace
            | Builtin::Diag
            | Builtin::Eye
            | Builtin::Length
            | Builtin::Algebra(_) => FunctionKind::Algebra,
            Builtin::Unary(_)
            | Builtin::Polygamma
            | Builtin::LogBesselI
            | Builtin::LogBessel
            | Builtin::BesselRatio => FunctionKind::Special,
        }
    }
}

fn is_elementary(function: Function) -> bool {
    use Function::{
        Abs, Acos, Asin, Atan, Cos, Cosh, Exp, Expm1, Floor, Log, Log1p, LogCosh, Sigmoid, Sign,
        Sin, Sinh, Softplus, Tan, Tanh,
    };
    matches!(
        function,
        Exp | Log
            | Log1p
            | Expm1
            | Abs
            | Sign
            | Floor
            | Sin
            | Cos
            | Tan
            | Asin
            | Acos
            | Atan
            | Sinh
            | Cosh
            | Tanh
            | Sigmoid
            | Softplus
            | LogCosh
    )
}
