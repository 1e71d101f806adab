//! Amplitude and phase: κ cos(x - μ) as κ cos μ · cos x + κ sin μ · sin x, and back.
//!
//! The natural parameters of von Mises' distribution and of a wave of known frequency are Cartesian
//! coordinates of (κ, μ): κ = √(η₁² + η₂²), μ = atan2(η₂, η₁).

use std::collections::BTreeMap;

use super::coordinates::number;
use crate::graph::{BinaryFunction, ExprId, Function, Graph, Node, Part};

/// Two coefficients c·r·cos(m t) and d·r·sin(m t), with parameters r and t and numbers c, d and m.
#[derive(Clone, Copy, Debug)]
pub(super) struct Polar {
    /// The positions of the two coefficients, that of the cosine first.
    pub equations: (usize, usize),
    /// The positions of r and t among the parameters.
    pub unknowns: (usize, usize),
    /// c and d.
    constants: (f64, f64),
    /// m
    multiple: f64,
}

/// A coefficient constant·radius·function(multiple·angle), with radius and angle by position.
#[derive(Clone, Copy, Debug)]
struct Half {
    function: Function,
    radius: usize,
    angle: usize,
    constant: f64,
    multiple: f64,
}

/// Rewrites sines and cosines of sums by the addition theorems, where some terms of the sum contain data and no
/// parameter and all others parameters and no data.
pub(super) fn split_angles(
    graph: &mut Graph,
    roots: &[ExprId],
    data: &[ExprId],
    parameters: &[ExprId],
) -> Vec<ExprId> {
    graph.transform(roots, |g, id| {
        let Node::Call(function @ (Function::Sin | Function::Cos), u) = g.node(id) else {
            return id;
        };
        let Some((known, free)) = apart(g, u, data, parameters) else { return id };
        let mut waves = |u: ExprId| (g.call(Function::Sin, u), g.call(Function::Cos, u));
        let ((sin_known, cos_known), (sin_free, cos_free)) = (waves(known), waves(free));
        match function {
            Function::Sin => {
                let one = g.mul(sin_known, cos_free);
                let other = g.mul(cos_known, sin_free);
                g.add(one, other)
            }
            _ => {
                let one = g.mul(cos_known, cos_free);
                let other = g.mul(sin_known, sin_free);
                g.sub(one, other)
            }
        }
    })
}

/// A sum as the sum of its terms with data and no parameter, then that of its terms with parameters and no
/// data; `None` where one of them is empty or a term contains both.
fn apart(
    graph: &mut Graph,
    u: ExprId,
    data: &[ExprId],
    parameters: &[ExprId],
) -> Option<(ExprId, ExprId)> {
    let Node::Sum(parts) = graph.node(u) else { return None };
    let parts: Vec<Part> = graph.parts(parts).to_vec();
    let varies = graph.dependents(data);
    let moves = graph.dependents(parameters);
    let is_mixed = |part: &Part| varies[part.expr.index()] && moves[part.expr.index()];
    if parts.iter().any(is_mixed) {
        return None;
    }
    let (free, known): (Vec<Part>, Vec<Part>) =
        parts.into_iter().partition(|part| moves[part.expr.index()]);
    let has_data = known.iter().any(|part| varies[part.expr.index()]);
    if free.is_empty() || !has_data {
        return None;
    }
    Some((graph.sum(&known), graph.sum(&free)))
}

impl Polar {
    /// All pairs of a cosine and a sine among the coefficients.
    pub fn all(graph: &Graph, coefficients: &[ExprId], inputs: &[ExprId]) -> Vec<Self> {
        let places: BTreeMap<ExprId, usize> =
            inputs.iter().enumerate().map(|(j, &input)| (input, j)).collect();
        let halves: Vec<(usize, Half)> = coefficients
            .iter()
            .enumerate()
            .filter_map(|(k, &id)| Some((k, Half::of(graph, id, &places)?)))
            .collect();
        let cosines = halves.iter().filter(|(_, half)| half.function == Function::Cos);
        cosines.filter_map(|one| Self::with(one, &halves)).collect()
    }

    /// The pair of this cosine and the sine of the same radius and angle; `None` where there is no such sine.
    fn with((k, cosine): &(usize, Half), halves: &[(usize, Half)]) -> Option<Self> {
        let mut sines = halves.iter().filter(|(_, half)| {
            half.function == Function::Sin
                && (half.radius, half.angle) == (cosine.radius, cosine.angle)
                && half.multiple.abs() == cosine.multiple.abs()
        });
        let (l, sine) = sines.next()?;
        let sign = (sine.multiple / cosine.multiple).signum();
        Some(Self {
            equations: (*k, *l),
            unknowns: (cosine.radius, cosine.angle),
            constants: (cosine.constant, sign * sine.constant),
            multiple: cosine.multiple,
        })
    }

    /// r and t as formulas of η.
    pub fn formulas(&self, graph: &mut Graph, natural: &[ExprId]) -> (ExprId, ExprId) {
        let scaled =
            |g: &mut Graph, k: usize, constant: f64| g.scale(number(constant).recip(), natural[k]);
        let x = scaled(graph, self.equations.0, self.constants.0);
        let y = scaled(graph, self.equations.1, self.constants.1);
        let square = graph.sum_of_squares(&[x, y]);
        let angle = graph.binary(BinaryFunction::Atan2, y, x);
        let angle = graph.scale(number(self.multiple).recip(), angle);
        (graph.sqrt(square), angle)
    }

    /// r ≥ 0 and t from the numbers η; m t lies in (-π, π].
    pub fn solve(&self, natural: &[f64]) -> (f64, f64) {
        let x = natural[self.equations.0] / self.constants.0;
        let y = natural[self.equations.1] / self.constants.1;
        (x.hypot(y), y.atan2(x) / self.multiple)
    }
}

impl Half {
    /// `None` where the expression is neither c·r·cos(m t) nor c·r·sin(m t).
    fn of(graph: &Graph, id: ExprId, places: &BTreeMap<ExprId, usize>) -> Option<Self> {
        let (constant, product) = weighed(graph, id);
        let Node::Product(parts) = graph.node(product) else { return None };
        let [one, other] = graph.parts(parts) else { return None };
        if one.weight.to::<f64>() != 1.0 || other.weight.to::<f64>() != 1.0 {
            return None;
        }
        let half = |radius: &Part, wave: &Part| {
            let radius = *places.get(&radius.expr)?;
            let Node::Call(function @ (Function::Sin | Function::Cos), u) = graph.node(wave.expr)
            else {
                return None;
            };
            let (multiple, angle) = weighed(graph, u);
            Some(Self { function, radius, angle: *places.get(&angle)?, constant, multiple })
        };
        half(one, other).or_else(|| half(other, one))
    }
}

/// The numerical factor of an expression and the expression without it.
fn weighed(graph: &Graph, id: ExprId) -> (f64, ExprId) {
    if let Node::Sum(parts) = graph.node(id)
        && let [part] = graph.parts(parts)
    {
        return (part.weight.to::<f64>(), part.expr);
    }
    (1.0, id)
}
