//! The first-order Stein operator, whose mean vanishes under a density.
//!
//! With the metric G and the drift b of the domains, T f = a·f + ⟨G, ∇f⟩ of a smooth vector field f
//! has mean zero where a = G∇ℓ̃ + b and G vanishes at the edges (Barp et al. 2019). It needs
//! neither a normaliser nor second derivatives of log p.

use super::diffusion::{slopes, tilted};
use super::geometry::Geometry;
use crate::calculus::Operator;
use crate::graph::{ExprId, Graph};

/// a, and the factors of G: G_kl = Σ w_d c_kd c_ld over directions d.
#[derive(Clone, Debug)]
pub(crate) struct Stein {
    /// a by data component.
    pub pull: Vec<ExprId>,
    /// The non-zero c, which are free of parameters, as is w.
    pub moves: Vec<Move>,
    /// w by direction.
    pub weights: Vec<ExprId>,
}

/// The size c_kd with which a data component k moves along a direction d.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    pub component: usize,
    pub direction: usize,
    pub size: ExprId,
}

/// The operator of a log-density; `geometry` has one seed for each data component, in order.
pub(super) fn stein(g: &mut Graph, log_density: ExprId, geometry: &Geometry) -> Stein {
    let operator = geometry.operator.diagonal(g);
    let slopes = along(g, log_density, geometry, &operator);
    let weights = &operator.metric.weights;
    let zero = g.zero();
    let (mut pull, mut moves) = (Vec::new(), Vec::new());
    for (component, seed) in operator.seeds.iter().enumerate() {
        let mut parts = Vec::new();
        for &(direction, entry) in &seed.entries {
            let direction = direction as usize;
            if weights[direction] == zero {
                continue;
            }
            let weighed = g.mul(weights[direction], entry);
            parts.push(g.mul(weighed, slopes[direction]));
            moves.push(Move { component, direction, size: g.mul(seed.factor, entry) });
        }
        let sum = g.total(&parts);
        let moved = g.mul(seed.factor, sum);
        pull.push(g.add(moved, seed.drift));
    }
    Stein { pull, moves, weights: weights.clone() }
}

/// The derivative of ℓ̃ along each direction.
fn along(
    g: &mut Graph,
    log_density: ExprId,
    geometry: &Geometry,
    operator: &Operator,
) -> Vec<ExprId> {
    let density = tilted(g, log_density, geometry);
    let mut along = vec![g.zero(); operator.metric.weights.len()];
    let slopes = slopes(g, density, operator);
    for (seed, slope) in operator.seeds.iter().zip(slopes) {
        for &(direction, entry) in &seed.entries {
            let part = g.mul(entry, slope);
            let sum = &mut along[direction as usize];
            *sum = g.add(*sum, part);
        }
    }
    along
}
