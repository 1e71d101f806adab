//! Plain score matching on the whole space (Hyvärinen 2005, JMLR 6:695, eq. 4).

use super::Loss;
use super::diffusion::diffusion;
use super::geometry::{Geometry, Weight};
use crate::graph::{ExprId, Graph};

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
    let mut space = Geometry::new();
    for &x in data {
        let one = g.one();
        space.line(g, x, &Weight { value: one, slopes: None });
    }
    diffusion(g, "hyvarinen", log_density, &space)
}
