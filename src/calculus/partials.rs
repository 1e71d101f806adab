//! Partial derivatives of a product with respect to its bases.

use crate::graph::{BinaryFunction, ExprId, Graph, Node, Number, Part};

/// Longest product whose partials are written out one by one; longer ones share running products.
const WRITTEN_MAX: usize = 16;

/// ∂P/∂b_i for the bases that are wanted, as (b_i, slope). Without divisions, so zeros are safe.
pub(super) fn product(
    g: &mut Graph,
    parts: &[Part],
    wanted: &impl Fn(ExprId) -> bool,
) -> Vec<(ExprId, ExprId)> {
    if parts.len() > WRITTEN_MAX {
        return by_running_products(g, parts, wanted);
    }
    let positions: Vec<usize> = (0..parts.len()).filter(|&i| wanted(parts[i].expr)).collect();
    positions.into_iter().map(|i| (parts[i].expr, partial(g, parts, &[i]))).collect()
}

/// The mixed partial derivative of Π b_k^(e_k) with respect to the bases at `positions`, which may
/// repeat.
pub(super) fn partial(g: &mut Graph, parts: &[Part], positions: &[usize]) -> ExprId {
    let mut factors = parts.to_vec();
    let mut coefficient = Number::ONE;
    for &position in positions {
        let factor = &mut factors[position];
        coefficient = coefficient * factor.weight;
        factor.weight = factor.weight + Number::MINUS_ONE;
    }
    let product = g.product(&factors);
    g.scale(coefficient, product)
}

/// Π_{k≠i} through products from the left and from the right: linear in the number of factors.
fn by_running_products(
    g: &mut Graph,
    parts: &[Part],
    wanted: &impl Fn(ExprId) -> bool,
) -> Vec<(ExprId, ExprId)> {
    let one = g.one();
    let mut from_right = vec![one; parts.len() + 1];
    for i in (0..parts.len()).rev() {
        let factor = g.product(&[parts[i]]);
        from_right[i] = g.mul(factor, from_right[i + 1]);
    }
    let mut from_left = one;
    let mut slopes = Vec::new();
    for (i, &part) in parts.iter().enumerate() {
        if wanted(part.expr) {
            let own = partial(g, &[part], &[0]);
            let rest = g.mul(from_left, from_right[i + 1]);
            slopes.push((part.expr, g.mul(own, rest)));
        }
        let factor = g.product(&[part]);
        from_left = g.mul(from_left, factor);
    }
    slopes
}

/// The slopes of u^p (log u)ᵏ with respect to p and to u, or to the factors of u if it is a product.
///
/// A positive factor f = c^w of u has the slope w (p u^p Lᵏ + k u^p L^(k-1))/c, which is finite at
/// u = 0 for every p > 0; by the chain rule over u it would be 0·∞ there for p < 1.
pub(super) fn power(
    g: &mut Graph,
    [u, p]: [ExprId; 2],
    logs: u8,
    wanted: &impl Fn(ExprId) -> bool,
) -> Vec<(ExprId, ExprId)> {
    let (along, across) = BinaryFunction::Pow(logs).slopes(g, u, p);
    let mut slopes = Vec::new();
    let (scale, factors) = scaled_factors(g, u);
    let positive = |g: &Graph, part: &Part| g.sign(part.expr).is_positive();
    if factors.iter().any(|part| positive(g, part) && wanted(part.expr)) {
        let level = level_slope(g, [u, p], logs);
        for (position, part) in factors.iter().enumerate().filter(|(_, part)| wanted(part.expr)) {
            let slope = if positive(g, part) {
                let relative = g.div(level, part.expr);
                g.scale(part.weight, relative)
            } else {
                let inner = partial(g, &factors, &[position]);
                let inner = g.scale(scale, inner);
                g.mul(along, inner)
            };
            slopes.push((part.expr, slope));
        }
    } else if wanted(u) {
        slopes.push((u, along));
    }
    if wanted(p) {
        slopes.push((p, across));
    }
    slopes
}

/// u as c Π base^weight.
fn scaled_factors(g: &Graph, u: ExprId) -> (Number, Vec<Part>) {
    let (scale, inner) = match g.node(u) {
        Node::Sum(parts) => match *g.parts(parts) {
            [Part { weight, expr }] => (weight, expr),
            _ => (Number::ONE, u),
        },
        _ => (Number::ONE, u),
    };
    match g.node(inner) {
        Node::Product(parts) => (scale, g.parts(parts).to_vec()),
        _ => (Number::ONE, Vec::new()),
    }
}

/// u d/du of u^p (log u)ᵏ.
fn level_slope(g: &mut Graph, [u, p]: [ExprId; 2], logs: u8) -> ExprId {
    let power = g.binary(BinaryFunction::Pow(logs), u, p);
    let first = g.mul(p, power);
    if logs == 0 {
        return first;
    }
    let fewer = g.binary(BinaryFunction::Pow(logs - 1), u, p);
    let second = g.scale(Number::integer(logs.into()), fewer);
    g.add(first, second)
}
