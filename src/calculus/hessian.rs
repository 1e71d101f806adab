//! Second derivatives: reverse over reverse.

use super::{Metric, Operator, Seed, gradient};
use crate::graph::{ExprId, Graph, Node};

/// The upper triangle of ∂²/∂v_i∂v_j, row by row with i ≤ j, from a gradient in `wrt`.
pub fn hessian(g: &mut Graph, slopes: &[ExprId], wrt: &[ExprId]) -> Vec<ExprId> {
    let mut entries = Vec::with_capacity(wrt.len() * (wrt.len() + 1) / 2);
    for (i, &slope) in slopes.iter().enumerate() {
        entries.extend(gradient(g, slope, &wrt[i..]));
    }
    entries
}

/// H·v as the gradient of ∇f·v: costs a small multiple of the gradient, whatever the dimension.
/// `slopes` is the gradient of `root`.
pub fn hessian_times(
    g: &mut Graph,
    root: ExprId,
    slopes: &[ExprId],
    wrt: &[ExprId],
    direction: &[ExprId],
) -> Vec<ExprId> {
    let along = match is_indexed(g, root, wrt) {
        true => slope_along(g, root, wrt, direction),
        false => g.dot(slopes, direction),
    };
    gradient(g, along, wrt)
}

/// Whether an index chooses among expressions that depend on `wrt`.
fn is_indexed(g: &Graph, root: ExprId, wrt: &[ExprId]) -> bool {
    let depends = g.dependents(wrt);
    let live = g.live(&[root]).into_iter();
    live.filter(|id| depends[id.index()]).any(|id| matches!(g.node(id), Node::Gather(..)))
}

/// ∇f·v by a forward sweep. The tangent of an indexed entry is the indexed entry of v, where ∇f has a
/// term for each entry of the list.
fn slope_along(g: &mut Graph, root: ExprId, wrt: &[ExprId], direction: &[ExprId]) -> ExprId {
    let (one, zero) = (g.one(), g.zero());
    let seed = |(&variable, &entry): (&ExprId, &ExprId)| Seed {
        variable,
        factor: one,
        entries: vec![(0, entry)],
        drift: zero,
    };
    let seeds = wrt.iter().zip(direction).map(seed).collect();
    let operator = Operator { seeds, metric: Metric { weights: vec![zero], mixed: Vec::new() } };
    let tangent = operator.moved(g, root).tangent;
    tangent.into_iter().next().map_or(zero, |(_, slope)| slope)
}
