//! Directions in which the best parameters for binary data run to infinity.
//!
//! Where entries are predicted perfectly, larger parameters predict them better still: J falls to a
//! limit that no parameters reach. Slope and curvature along such a direction vanish together, like
//! e^-t, so that the slope stays as large as its own standard error: that tells it from a minimum.

use nalgebra::{DMatrix, DVector};

use super::Status;
use super::bounds::{Edge, Ends, Settled, kept};
use super::surface::Surface;
use super::trust_region::Stop;
use crate::numerics::matrix::symmetric_eigen;

/// Curvature below this share of that at the start has vanished.
const VANISHED: f64 = 1e-9;
/// The slope, in its standard errors, that a minimum does not have.
const PULLS: f64 = 0.1;
/// Entries of the direction below this share of the largest are none.
const ENTRY: f64 = 1e-3;
/// Beyond so many coordinates no direction is looked for.
const COORDINATES_MAX: usize = 300;

/// The endless coordinates that run off together, to be held where they are; empty where none do.
pub(super) fn runaway(
    surface: &dyn Surface,
    start: &[f64],
    settled: &Settled,
    ends: &[Ends],
) -> Vec<Edge> {
    let path = &settled.path;
    let kept = kept(ends.len(), &settled.edges);
    let endless: Vec<usize> = (0..kept.len()).filter(|&i| ends[kept[i]] == Ends::Endless).collect();
    let stopped = matches!(path.stop, Stop::Fell | Stop::Interrupted);
    if stopped || endless.is_empty() || endless.len() > COORDINATES_MAX {
        return Vec::new();
    }
    let of = |matrix: &DMatrix<f64>| matrix.select_rows(&endless).select_columns(&endless);
    let least = VANISHED * surface.expand(start).hessian.diagonal().amax();
    let slope = path.expansion.gradient.select_rows(&endless);
    let Some(way) = way_down(&of(&path.expansion.hessian), &slope, least) else {
        return Vec::new();
    };
    let moved = DVector::from_fn(way.len(), |i, _| path.at[endless[i]] - start[kept[endless[i]]]);
    let error = way.dot(&(of(&path.expansion.outer) * &way)).sqrt();
    let pulls = -slope.dot(&way) * (surface.observations() as f64).sqrt() > PULLS * error;
    if !pulls || moved.dot(&way) <= 0.0 {
        return Vec::new();
    }
    let largest = way.amax();
    let entries = way.iter().zip(&endless).filter(|(entry, _)| entry.abs() > ENTRY * largest);
    entries
        .map(|(&entry, &i)| Edge {
            coordinate: kept[i],
            upward: entry > 0.0,
            status: Status::AtInfinity,
        })
        .collect()
}

/// Minus the slope, within the directions whose curvature is below `least`; `None` where it is zero.
fn way_down(hessian: &DMatrix<f64>, slope: &DVector<f64>, least: f64) -> Option<DVector<f64>> {
    let eigen = symmetric_eigen(hessian)?;
    let mut way = DVector::zeros(slope.len());
    for (value, vector) in eigen.values.iter().zip(eigen.vectors.column_iter()) {
        if value.abs() < least {
            way -= vector * vector.dot(slope);
        }
    }
    (way.amax() > 0.0).then(|| &way / way.amax())
}
