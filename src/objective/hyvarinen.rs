//! Plain score matching on the whole space (Hyvärinen 2005, JMLR 6:695, eq. 4).

use super::Loss;
use crate::calculus::{gradient, laplacian};
use crate::graph::{ExprId, Graph, Number};

/// ρ = Δ log p + ½ ‖∇ log p‖², derivatives in the data.
///
/// # Examples
/// ```
/// use scorematch::graph::{Graph, Support, evaluate};
/// use scorematch::objective::hyvarinen;
/// let mut g = Graph::new();
/// let x = g.input("x", Support::LINE);
/// let square = g.powi(x, 2);
/// let log_density = g.neg(square);
/// let loss = hyvarinen(&mut g, log_density, &[x]);
/// // -2 + ½ (2·3)²
/// assert_eq!(evaluate(&g, &[loss.total], |_| 3.0), [16.0]);
/// ```
pub fn hyvarinen(g: &mut Graph, log_density: ExprId, data: &[ExprId]) -> Loss {
    let score = gradient(g, log_density, data);
    let laplacian = laplacian(g, log_density, data);
    let norm = half_squared_norm(g, &score);
    Loss {
        kind: "hyvarinen",
        total: g.add(laplacian, norm),
        terms: vec![("laplacian", laplacian), ("norm", norm)],
    }
}

/// ρ split by data component, ∂_jj log p + ½ (∂_j log p)²; the components sum to ρ.
pub fn components(g: &mut Graph, log_density: ExprId, data: &[ExprId]) -> Vec<ExprId> {
    let score = gradient(g, log_density, data);
    let mut losses = Vec::with_capacity(data.len());
    for (&x, &slope) in data.iter().zip(&score) {
        let curvature = laplacian(g, log_density, &[x]);
        let norm = half_squared_norm(g, &[slope]);
        losses.push(g.add(curvature, norm));
    }
    losses
}

fn half_squared_norm(g: &mut Graph, score: &[ExprId]) -> ExprId {
    let norm = g.sum_of_squares(score);
    g.scale(Number::ratio(1, 2), norm)
}
