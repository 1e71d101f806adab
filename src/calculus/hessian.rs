//! Second derivatives: reverse over reverse.

use super::gradient;
use crate::graph::{ExprId, Graph};

/// The upper triangle of ∂²/∂v_i∂v_j, row by row with i ≤ j, from a gradient in `wrt`.
pub fn hessian(g: &mut Graph, slopes: &[ExprId], wrt: &[ExprId]) -> Vec<ExprId> {
    let mut entries = Vec::with_capacity(wrt.len() * (wrt.len() + 1) / 2);
    for (i, &slope) in slopes.iter().enumerate() {
        entries.extend(gradient(g, slope, &wrt[i..]));
    }
    entries
}

/// H·v as the gradient of ∇f·v: costs a small multiple of the gradient, whatever the dimension.
pub fn hessian_times(
    g: &mut Graph,
    slopes: &[ExprId],
    wrt: &[ExprId],
    direction: &[ExprId],
) -> Vec<ExprId> {
    let along = g.dot(slopes, direction);
    gradient(g, along, wrt)
}
