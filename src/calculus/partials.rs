//! Partial derivatives of a product in its bases.

use crate::graph::{ExprId, Graph, Number, Part};

/// Longest product whose partials are written out one by one; longer ones share running products.
const WRITTEN_MAX: usize = 16;

/// ∂P/∂b_i for the bases that are wanted, as (b_i, slope). No base is divided by, so zeros are safe.
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

/// The mixed partial of Π b_k^(e_k) in the bases at `positions`, which may repeat.
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
