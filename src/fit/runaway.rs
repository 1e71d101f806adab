//! Directions in which the best parameters for binary data run to infinity.
//!
//! Where some entries are predicted perfectly (separation), J falls towards a limit as parameters grow,
//! and no finite parameters reach it. Slope and curvature along such a direction vanish together, like
//! e^-t, so that the slope stays as large as its own standard error. At a minimum it is smaller.

use nalgebra::{DMatrix, DVector};

use super::Status;
use super::bounds::{Edge, Ends, Settled, kept};
use super::surface::Surface;
use super::trust_region::Stop;
use crate::numerics::matrix::symmetric_eigen;

/// Share of the curvature at the start below which a curvature counts as zero.
const VANISHED: f64 = 1e-9;
/// Slope, in its standard errors, above which a point is no minimum.
const PULLS: f64 = 0.1;
/// Share of the largest entry of a direction below which an entry counts as zero.
const ENTRY: f64 = 1e-3;
/// Most coordinates for which directions are looked for.
const COORDINATES_MAX: usize = 300;

/// The coordinates with an end at infinity that run there together, to be held where they are; empty where
/// there are none.
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
