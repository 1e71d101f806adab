//! The table of functions of one and two arguments: name, value, slope, parity, notation.
//!
//! The table is closed under differentiation: the slope of every function is an
//! expression in functions of this table. The signs of function values are in
//! [`Sign`](super::Sign), next to the rest of that analysis.

use num_traits::Float;

use super::{ExprId, Graph, Number};
use crate::numerics::rng::Law;
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
    /// u + φ(u)/Φ(u), without cancellation for u → -∞
    MillsExcess,
    /// log |Γ(u)|
    Lgamma,
    /// ψ⁽ᵏ⁾(u); 0 is digamma, 1 trigamma
    Polygamma(u8),
    /// log(Γ(k+1)·(2/u)ᵏ·I_k(u)), I_k the modified Bessel function; holds 2k, a whole number
    LogBessel(u8),
    /// I_(k+1)(u)/(u·I_k(u)); holds 2k
    BesselRatio(u8),
    /// The u-th random number of this law, for a whole number u; not available in the language.
    Random(Law),
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
    /// u^p·(log u)ᵏ for the k given; `Pow(0)` is u^p. Zero wherever u^p is.
    Pow(u8),
}

/// Whether f(-u) is f(u), -f(u) or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parity {
    Even,
    Odd,
    Neither,
}

impl Function {
    /// Every function of the language; `Polygamma`, `LogBessel` and `BesselRatio` stand for their
    /// whole families.
    pub const ALL: [Self; 28] = [
        Self::Exp,
        Self::Log,
        Self::Log1p,
        Self::Expm1,
        Self::Abs,
        Self::Sign,
        Self::Floor,
        Self::Sin,
        Self::Cos,
        Self::Tan,
        Self::Asin,
        Self::Acos,
        Self::Atan,
        Self::Sinh,
        Self::Cosh,
        Self::Tanh,
        Self::Sigmoid,
        Self::Softplus,
        Self::LogCosh,
        Self::Erf,
        Self::Erfc,
        Self::LogNormalCdf,
        Self::InverseMills,
        Self::MillsExcess,
        Self::Lgamma,
        Self::Polygamma(0),
        Self::LogBessel(0),
        Self::BesselRatio(0),
    ];

    /// Whether the function has an order, which is its first argument in the language.
    pub(crate) fn is_family(self) -> bool {
        matches!(self, Self::Polygamma(_) | Self::LogBessel(_) | Self::BesselRatio(_))
    }

    /// The name in the language; families take their order as a first argument.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exp => "exp",
            Self::Log => "log",
            Self::Log1p => "log1p",
            Self::Expm1 => "expm1",
            Self::Abs => "abs",
            Self::Sign => "sign",
            Self::Floor => "floor",
            Self::Sin => "sin",
            Self::Cos => "cos",
            Self::Tan => "tan",
            Self::Asin => "asin",
            Self::Acos => "acos",
            Self::Atan => "atan",
            Self::Sinh => "sinh",
            Self::Cosh => "cosh",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
            Self::Softplus => "softplus",
            Self::LogCosh => "log_cosh",
            Self::Erf => "erf",
            Self::Erfc => "erfc",
            Self::LogNormalCdf => "log_normal_cdf",
            Self::InverseMills => "inverse_mills",
            Self::MillsExcess => "mills_excess",
            Self::Lgamma => "lgamma",
            Self::Polygamma(0) => "digamma",
            Self::Polygamma(1) => "trigamma",
            Self::Polygamma(_) => "polygamma",
            Self::LogBessel(_) => "log_bessel_even",
            Self::BesselRatio(_) => "bessel_ratio",
            Self::Random(Law::Rademacher) => "random_sign",
            Self::Random(Law::Normal) => "random_normal",
        }
    }

    /// The function in one line of mathematics.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Exp => "e to the u",
            Self::Log => "natural logarithm",
            Self::Log1p => "log(1 + u), exact near 0",
            Self::Expm1 => "exp(u) - 1, exact near 0",
            Self::Abs => "|u|",
            Self::Sign => "-1, 0 or 1",
            Self::Floor => "greatest integer <= u",
            Self::Sin => "sine, radians",
            Self::Cos => "cosine, radians",
            Self::Tan => "tangent, radians",
            Self::Asin => "inverse sine, in [-pi/2, pi/2]",
            Self::Acos => "inverse cosine, in [0, pi]",
            Self::Atan => "inverse tangent, in (-pi/2, pi/2)",
            Self::Sinh => "hyperbolic sine",
            Self::Cosh => "hyperbolic cosine",
            Self::Tanh => "hyperbolic tangent",
            Self::Sigmoid => "1/(1 + exp(-u))",
            Self::Softplus => "log(1 + exp(u))",
            Self::LogCosh => "log(cosh(u))",
            Self::Erf => "error function",
            Self::Erfc => "1 - erf(u)",
            Self::LogNormalCdf => "log of the standard normal distribution function Phi",
            Self::InverseMills => "phi(u)/Phi(u), the slope of log_normal_cdf",
            Self::MillsExcess => "u + phi(u)/Phi(u), exact far left",
            Self::Lgamma => "log |Gamma(u)|",
            Self::Polygamma(0) => "slope of lgamma",
            Self::Polygamma(1) => "slope of digamma",
            Self::Polygamma(_) => "k-th derivative of digamma",
            Self::LogBessel(_) => "log_bessel_i(k, x) - k*log(x/2) + lgamma(k + 1); 0 at x = 0",
            Self::BesselRatio(_) => "I_(k+1)(x)/(x*I_k(x)), the slope of log_bessel_even over x",
            Self::Random(Law::Rademacher) => "-1 or 1 at random, fixed by u",
            Self::Random(Law::Normal) => "standard normal at random, fixed by u",
        }
    }

    /// The value, in any floating-point type: the reference semantics.
    #[must_use]
    pub fn eval<T: Float>(self, u: T) -> T {
        match self {
            Self::Exp => u.exp(),
            Self::Log => u.ln(),
            Self::Log1p => u.ln_1p(),
            Self::Expm1 => u.exp_m1(),
            Self::Abs => u.abs(),
            Self::Sign if u.is_nan() || u.is_zero() => u,
            Self::Sign => u.signum(),
            Self::Floor => u.floor(),
            Self::Sin => u.sin(),
            Self::Cos => u.cos(),
            Self::Tan => u.tan(),
            Self::Asin => u.asin(),
            Self::Acos => u.acos(),
            Self::Atan => u.atan(),
            Self::Sinh => u.sinh(),
            Self::Cosh => u.cosh(),
            Self::Tanh => u.tanh(),
            Self::Sigmoid => special::sigmoid(u),
            Self::Softplus => special::softplus(u),
            Self::LogCosh => special::log_cosh(u),
            Self::Erf => special::erf(u),
            Self::Erfc => special::erfc(u),
            Self::LogNormalCdf => special::log_normal_cdf(u),
            Self::InverseMills => special::inverse_mills(u),
            Self::MillsExcess => special::mills_excess(u),
            Self::Lgamma => special::lgamma(u),
            Self::Polygamma(order) => special::polygamma(order, u),
            Self::LogBessel(twice) => special::log_bessel(twice, u),
            Self::BesselRatio(twice) => special::bessel_ratio(twice, u),
            Self::Random(law) => {
                u.to_f64().and_then(|name| T::from(law.draw(name))).unwrap_or_else(T::nan)
            }
        }
    }

    /// The slope at `u`; `value` is the node of the function itself, which many slopes reuse.
    ///
    /// Kinks and steps have the slope that holds almost everywhere.
    pub fn slope(self, g: &mut Graph, u: ExprId, value: ExprId) -> ExprId {
        match self {
            Self::Exp => value,
            Self::Log => g.powi(u, -1),
            Self::Log1p => one_plus(g, u, -1),
            Self::Expm1 => g.call(Self::Exp, u),
            Self::Abs => g.call(Self::Sign, u),
            Self::Sign | Self::Floor | Self::Random(_) => g.zero(),
            Self::Sin => g.call(Self::Cos, u),
            Self::Cos => {
                let sin = g.call(Self::Sin, u);
                g.neg(sin)
            }
            Self::Tan => {
                let square = g.powi(value, 2);
                one_plus(g, square, 1)
            }
            Self::Asin => inverse_root_of_one_minus_square(g, u),
            Self::Acos => {
                let slope = inverse_root_of_one_minus_square(g, u);
                g.neg(slope)
            }
            Self::Atan => {
                let square = g.powi(u, 2);
                one_plus(g, square, -1)
            }
            Self::Sinh => g.call(Self::Cosh, u),
            Self::Cosh => g.call(Self::Sinh, u),
            Self::Tanh => one_minus_square(g, value),
            // σ' = σ(1 - σ)
            Self::Sigmoid => {
                let square = g.powi(value, 2);
                g.sub(value, square)
            }
            Self::Softplus => g.call(Self::Sigmoid, u),
            Self::LogCosh => g.call(Self::Tanh, u),
            Self::Erf => gauss_slope(g, u),
            Self::Erfc => {
                let slope = gauss_slope(g, u);
                g.neg(slope)
            }
            Self::LogNormalCdf => g.call(Self::InverseMills, u),
            // m = φ/Φ: m' = -m(u + m)
            Self::InverseMills => {
                let excess = g.call(Self::MillsExcess, u);
                let product = g.mul(value, excess);
                g.neg(product)
            }
            Self::MillsExcess => {
                let mills = g.call(Self::InverseMills, u);
                let product = g.mul(mills, value);
                let minus = g.neg(product);
                one_plus(g, minus, 1)
            }
            Self::Lgamma => g.call(Self::Polygamma(0), u),
            Self::Polygamma(order) => g.call(Self::Polygamma(order.saturating_add(1)), u),
            // (log F)' = u b_k
            Self::LogBessel(twice) => {
                let ratio = g.call(Self::BesselRatio(twice), u);
                g.mul(u, ratio)
            }
            // b_k' = u b_k (b_(k+1) - b_k)
            Self::BesselRatio(twice) => {
                let next = g.call(Self::BesselRatio(twice.saturating_add(2)), u);
                let step = g.sub(next, value);
                let relative = g.mul(u, step);
                g.mul(value, relative)
            }
        }
    }

    pub(crate) fn parity(self) -> Parity {
        match self {
            Self::Abs
            | Self::Cos
            | Self::Cosh
            | Self::LogCosh
            | Self::LogBessel(_)
            | Self::BesselRatio(_) => Parity::Even,
            Self::Sign
            | Self::Sin
            | Self::Tan
            | Self::Asin
            | Self::Atan
            | Self::Sinh
            | Self::Tanh
            | Self::Erf => Parity::Odd,
            Self::Exp
            | Self::Log
            | Self::Log1p
            | Self::Expm1
            | Self::Floor
            | Self::Acos
            | Self::Sigmoid
            | Self::Softplus
            | Self::Erfc
            | Self::LogNormalCdf
            | Self::InverseMills
            | Self::MillsExcess
            | Self::Lgamma
            | Self::Polygamma(_)
            | Self::Random(_) => Parity::Neither,
        }
    }

    /// The value at an exact number, where that is exact too.
    pub(super) fn exact(self, u: Number) -> Option<Number> {
        let (num, den) = u.as_ratio()?;
        match self {
            Self::Abs => Some(u.abs()),
            Self::Sign => Some(Number::integer(num.signum())),
            Self::Floor => Some(Number::integer(num.div_euclid(den))),
            Self::Exp | Self::Cos | Self::Cosh | Self::Erfc => (num == 0).then_some(Number::ONE),
            Self::Sigmoid => (num == 0).then_some(Number::ratio(1, 2)),
            Self::Log => u.is_one().then_some(Number::ZERO),
            Self::Lgamma => (den == 1 && (num == 1 || num == 2)).then_some(Number::ZERO),
            Self::Log1p
            | Self::Expm1
            | Self::Sin
            | Self::Tan
            | Self::Asin
            | Self::Atan
            | Self::Sinh
            | Self::Tanh
            | Self::LogCosh
            | Self::LogBessel(_)
            | Self::Erf => (num == 0).then_some(Number::ZERO),
            Self::BesselRatio(twice) => {
                (num == 0).then_some(Number::ratio(1, i64::from(twice) + 2))
            }
            Self::Acos
            | Self::Softplus
            | Self::LogNormalCdf
            | Self::InverseMills
            | Self::MillsExcess
            | Self::Polygamma(_)
            | Self::Random(_) => None,
        }
    }

    /// Whether it has a kink or a step: the derivative holds almost everywhere only.
    #[must_use]
    pub fn has_kink(self) -> bool {
        matches!(self, Self::Abs | Self::Sign | Self::Floor)
    }
}

impl BinaryFunction {
    /// Every function of two arguments; `Pow(0)` stands for its whole family.
    pub const ALL: [Self; 4] = [Self::Atan2, Self::Min, Self::Max, Self::Pow(0)];

    /// The name in the language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Atan2 => "atan2",
            Self::Min => "min",
            Self::Max => "max",
            Self::Pow(0) => "pow",
            Self::Pow(_) => "pow_log",
        }
    }

    /// The value, in any floating-point type.
    #[must_use]
    pub fn eval<T: Float>(self, a: T, b: T) -> T {
        match self {
            Self::Atan2 => a.atan2(b),
            Self::Min | Self::Max if a.is_nan() || b.is_nan() => T::nan(),
            Self::Min => a.min(b),
            Self::Max => a.max(b),
            Self::Pow(logs) => special::pow_log(a, b, logs),
        }
    }

    /// For min and max: 1 where the value is that of the first operand, 0 where that of the second.
    pub fn takes_first(self, g: &mut Graph, a: ExprId, b: ExprId) -> Option<ExprId> {
        match self {
            Self::Min => Some(g.compare(super::Relation::LessEqual, a, b)),
            Self::Max => Some(g.compare(super::Relation::LessEqual, b, a)),
            Self::Atan2 | Self::Pow(_) => None,
        }
    }

    /// The two partial derivatives.
    pub fn slopes(self, g: &mut Graph, a: ExprId, b: ExprId) -> (ExprId, ExprId) {
        match self {
            // ∂atan2(a, b) = (b, -a)/(a² + b²)
            Self::Atan2 => {
                let (a2, b2) = (g.powi(a, 2), g.powi(b, 2));
                let radius2 = g.add(a2, b2);
                let (first, second) = (g.div(b, radius2), g.div(a, radius2));
                (first, g.neg(second))
            }
            Self::Min => indicators(g, a, b),
            // max(a, b) takes a where b <= a.
            Self::Max => indicators(g, b, a),
            Self::Pow(logs) => (power_slope(g, a, b, logs), power(g, a, b, [0, 1], logs)),
        }
    }
}

/// u^(p - down)·(log u)^(logs + up)
pub(super) fn power(g: &mut Graph, u: ExprId, p: ExprId, [down, up]: [i64; 2], logs: u8) -> ExprId {
    let less = g.integer(-down);
    let exponent = g.add(p, less);
    let logs = u8::try_from(i64::from(logs) + up).unwrap_or(u8::MAX);
    g.binary(BinaryFunction::Pow(logs), u, exponent)
}

/// d/du u^p (log u)ᵏ = p u^(p-1) (log u)ᵏ + k u^(p-1) (log u)^(k-1): made of power nodes, so that the
/// slope at u = 0 is 0 for p > 1.
fn power_slope(g: &mut Graph, u: ExprId, p: ExprId, logs: u8) -> ExprId {
    let steeper = power(g, u, p, [1, 0], logs);
    let first = g.mul(p, steeper);
    if logs == 0 {
        return first;
    }
    let second = power(g, u, p, [1, -1], logs);
    let second = g.scale(Number::integer(logs.into()), second);
    g.add(first, second)
}

/// 1 where a <= b and 0 elsewhere, and the other way round: the slopes of min(a, b).
fn indicators(g: &mut Graph, a: ExprId, b: ExprId) -> (ExprId, ExprId) {
    let (one, zero) = (g.one(), g.zero());
    let first = g.compare(super::Relation::LessEqual, a, b);
    (g.select(first, one, zero), g.select(first, zero, one))
}

/// (1 + u)^exponent
fn one_plus(g: &mut Graph, u: ExprId, exponent: i64) -> ExprId {
    let one = g.one();
    let sum = g.add(one, u);
    g.powi(sum, exponent)
}

fn one_minus_square(g: &mut Graph, u: ExprId) -> ExprId {
    let square = g.powi(u, 2);
    let one = g.one();
    g.sub(one, square)
}

fn inverse_root_of_one_minus_square(g: &mut Graph, u: ExprId) -> ExprId {
    let inner = one_minus_square(g, u);
    let exponent = g.ratio(-1, 2);
    g.pow(inner, exponent)
}

/// erf' = 2/√π · exp(-u²)
fn gauss_slope(g: &mut Graph, u: ExprId) -> ExprId {
    let square = g.powi(u, 2);
    let minus = g.neg(square);
    let bell = g.call(Function::Exp, minus);
    let pi = g.pi();
    let root = g.sqrt(pi);
    let ratio = g.div(bell, root);
    g.scale(Number::integer(2), ratio)
}
