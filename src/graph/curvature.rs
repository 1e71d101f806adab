//! The second derivatives of the functions, written out next to their slopes.
//!
//! They cannot be derived from the node of the slope: constructors simplify it together with the
//! argument, as `1/(1 + (2x)²)` to `1/(1 + 4x²)`, which no longer contains the argument `2x`.

use super::function::power;
use super::{BinaryFunction, ExprId, Function, Graph, Number, Part};

impl Function {
    /// The second derivative at `u`; `value` is the node of the function itself.
    ///
    /// Kinks and steps have the curvature that holds almost everywhere, zero.
    pub fn curvature(self, g: &mut Graph, u: ExprId, value: ExprId) -> ExprId {
        let slope = self.slope(g, u, value);
        match self {
            Self::Exp | Self::Sinh | Self::Cosh => value,
            Self::Expm1 => slope,
            // log'' = -(log')², also for log(1 + u).
            Self::Log | Self::Log1p => times(g, -1, &[(slope, 2)]),
            Self::Abs | Self::Sign | Self::Floor | Self::Random(_) => g.zero(),
            Self::Sin | Self::Cos => g.neg(value),
            Self::Tan => times(g, 2, &[(value, 1), (slope, 1)]),
            // d/du (1 - u²)^(-1/2) = u (1 - u²)^(-3/2)
            Self::Asin | Self::Acos => {
                let sign = if self == Self::Asin { 1 } else { -1 };
                let size = times(g, sign, &[(slope, 1)]);
                times(g, sign, &[(u, 1), (size, 3)])
            }
            Self::Atan => times(g, -2, &[(u, 1), (slope, 2)]),
            Self::Tanh => times(g, -2, &[(value, 1), (slope, 1)]),
            // σ'' = σ'(1 - 2σ)
            Self::Sigmoid => {
                let twice = times(g, 2, &[(value, 1), (slope, 1)]);
                g.sub(slope, twice)
            }
            Self::Softplus => Self::Sigmoid.slope(g, u, slope),
            Self::LogCosh => Self::Tanh.slope(g, u, slope),
            Self::LogNormalCdf => Self::InverseMills.slope(g, u, slope),
            Self::Erf | Self::Erfc => times(g, -2, &[(u, 1), (slope, 1)]),
            // m = φ/Φ and e = u + m: m' = -m e, e' = 1 + m', so both have -(m' e + m e').
            Self::InverseMills => {
                let excess = g.call(Self::MillsExcess, u);
                mills_curvature(g, value, excess)
            }
            Self::MillsExcess => {
                let mills = g.call(Self::InverseMills, u);
                mills_curvature(g, mills, value)
            }
            Self::Lgamma => g.call(Self::Polygamma(1), u),
            Self::Polygamma(order) => g.call(Self::Polygamma(order.saturating_add(2)), u),
            // (u b_k)' = b_k + u b_k'
            Self::LogBessel(twice) => {
                let ratio = g.call(Self::BesselRatio(twice), u);
                let steeper = Self::BesselRatio(twice).slope(g, u, ratio);
                let product = g.mul(u, steeper);
                g.add(ratio, product)
            }
            Self::BesselRatio(twice) => bessel_curvature(g, twice, u, value),
        }
    }
}

impl BinaryFunction {
    /// The second derivatives ∂²/∂a², ∂²/∂a∂b and ∂²/∂b².
    pub fn curvatures(self, g: &mut Graph, a: ExprId, b: ExprId) -> [ExprId; 3] {
        match self {
            // With r² = a² + b²: -2ab/r⁴, (a² - b²)/r⁴, 2ab/r⁴.
            Self::Atan2 => {
                let (a2, b2) = (g.powi(a, 2), g.powi(b, 2));
                let (radius2, difference) = (g.add(a2, b2), g.sub(a2, b2));
                let outer = times(g, 2, &[(a, 1), (b, 1), (radius2, -2)]);
                [g.neg(outer), times(g, 1, &[(difference, 1), (radius2, -2)]), outer]
            }
            Self::Min | Self::Max => [g.zero(); 3],
            Self::Pow(logs) => {
                let mixed = power_mixed(g, a, b, logs);
                [power_curvature(g, a, b, logs), mixed, power(g, a, b, [0, 2], logs)]
            }
        }
    }
}

/// d²/du² of u^p Lᵏ with L = log u: u^(p-2) (p(p-1) Lᵏ + k(2p-1) L^(k-1) + k(k-1) L^(k-2)).
fn power_curvature(g: &mut Graph, u: ExprId, p: ExprId, logs: u8) -> ExprId {
    let k = i64::from(logs);
    let one = Part::one(g.one());
    let minus_one = Part { weight: Number::MINUS_ONE, ..one };
    let less = g.sum(&[Part::one(p), minus_one]);
    let odd = g.sum(&[Part { weight: Number::integer(2), expr: p }, minus_one]);
    let falling = g.mul(p, less);
    let mut terms = Vec::new();
    for (weight, factor, fewer) in [(1, falling, 0), (k, odd, 1), (k * (k - 1), g.one(), 2)] {
        if weight != 0 {
            let steeper = power(g, u, p, [2, -fewer], logs);
            let expr = g.mul(factor, steeper);
            terms.push(Part { weight: Number::integer(weight), expr });
        }
    }
    g.sum(&terms)
}

/// d²/du dp of u^p Lᵏ with L = log u: u^(p-1) ((k+1) Lᵏ + p L^(k+1)).
fn power_mixed(g: &mut Graph, u: ExprId, p: ExprId, logs: u8) -> ExprId {
    let (plain, logged) = (power(g, u, p, [1, 0], logs), power(g, u, p, [1, 1], logs));
    let logged = g.mul(p, logged);
    let plain = Part { weight: Number::integer(i64::from(logs) + 1), expr: plain };
    g.sum(&[plain, Part::one(logged)])
}

/// -(m'e + me') for m' = -me and e' = 1 + m': me² - m(1 - me).
fn mills_curvature(g: &mut Graph, mills: ExprId, excess: ExprId) -> ExprId {
    let product = g.mul(mills, excess);
    let one = g.one();
    let rest = g.sub(one, product);
    let terms = [times(g, 1, &[(product, 1), (excess, 1)]), times(g, -1, &[(mills, 1), (rest, 1)])];
    g.total(&terms)
}

/// b d + u² b (d² + b₊ (b₊₊ - b₊) - b d) for b = b_k, b₊ = b_(k+1), b₊₊ = b_(k+2) and d = b₊ - b:
/// b' = u b d and b₊' = u b₊ (b₊₊ - b₊).
fn bessel_curvature(g: &mut Graph, twice: u8, u: ExprId, value: ExprId) -> ExprId {
    let next = g.call(Function::BesselRatio(twice.saturating_add(2)), u);
    let after = g.call(Function::BesselRatio(twice.saturating_add(4)), u);
    let (step, later) = (g.sub(next, value), g.sub(after, next));
    let bends = [
        times(g, 1, &[(step, 2)]),
        times(g, 1, &[(next, 1), (later, 1)]),
        times(g, -1, &[(value, 1), (step, 1)]),
    ];
    let bend = g.total(&bends);
    let terms =
        [times(g, 1, &[(value, 1), (step, 1)]), times(g, 1, &[(u, 2), (value, 1), (bend, 1)])];
    g.total(&terms)
}

/// coefficient · Π base ^ exponent
fn times(g: &mut Graph, coefficient: i64, factors: &[(ExprId, i64)]) -> ExprId {
    let part = |&(expr, exponent)| Part { weight: Number::integer(exponent), expr };
    let parts: Vec<Part> = factors.iter().map(part).collect();
    let product = g.product(&parts);
    g.scale(Number::integer(coefficient), product)
}
