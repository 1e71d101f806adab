//! Losses that are quadratic in the parameters: one linear solve finds the minimum.

use nalgebra::DMatrix;

use crate::objective::{Expansion, Taylor};

use super::bounds::Settled;
use super::candidates::Candidate;
use super::surface::Surface;
use super::trust_region::{Limits, minimise};

/// The minimum of a quadratic surface; `None` where it has none.
///
/// The Newton step from the origin solves the system; the steps after it are iterative refinement,
/// which removes rounding errors.
pub(super) fn solve(surface: &dyn Surface, limits: &Limits) -> Option<Candidate> {
    let origin = vec![0.0; surface.dimension()];
    let expansion = at_origin(surface, &origin);
    let scaled = super::scaled::Scaled::new(&origin, &expansion)?;
    let step = super::secular::solve(&scaled.curvature, &scaled.slope, f64::INFINITY);
    if !scaled.is_convex() || !step.interior {
        return None;
    }
    let first: Vec<f64> = scaled.unscale(&step.step).as_slice().to_vec();
    let mut path = minimise(surface, &first, limits)?;
    path.iterations = 1;
    let at = path.at.clone();
    let candidate = Candidate::judge(surface, Settled { path, at, edges: Vec::new() });
    candidate.is_proper().then_some(candidate)
}

/// The expansion at the origin. K only sets the units of the coordinates; where it would cost a pass
/// over the rows, the diagonal of the Hessian replaces it.
fn at_origin(surface: &dyn Surface, origin: &[f64]) -> Expansion {
    match surface.taylor(origin) {
        Some(Taylor { value, gradient, hessian }) => {
            let outer = DMatrix::from_diagonal(&hessian.diagonal().abs());
            Expansion { value, magnitude: value.abs(), gradient, hessian, outer }
        }
        None => surface.expand(origin),
    }
}
