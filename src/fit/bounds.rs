//! Coordinates that diverge to an edge of the parameter space.
//!
//! A bounded parameter is the image of an unbounded coordinate, so a minimum on the bound lies at
//! infinity. There the gradient of J in that coordinate vanishes, but not relative to its own
//! standard deviation over rows, which distinguishes an edge from a minimum.

use crate::objective::Expansion;

use super::Status;
use super::runaway::runaway;
use super::surface::{Held, Surface, is_finite};
use super::trust_region::{Limits, Path, Stop, minimise};

/// Distance that a coordinate has moved when its parameter is within 1e-6 of the bound: ln 1e6.
pub(super) const FAR: f64 = 13.8;
/// A gradient of less than this many standard errors counts as zero.
const ZERO_GRADIENT: f64 = 1e-4;
/// Further distance in a coordinate over which J is compared …
const BEYOND: f64 = 20.0;
/// … and the relative change up to which it counts as flat.
const FLAT: f64 = 1e-8;

/// The meaning of the two ends of a free coordinate for its parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// Both are infinite values of an unconstrained parameter, or of an entry of the factor of a
    /// positive definite matrix: no edge is sought.
    Open,
    /// Both are infinite values, and the best parameters may lie there, since the data are binary.
    Endless,
    /// -∞ is the bound, +∞ an infinite value.
    Bounded,
    /// Both are bounds.
    Interval,
}

/// A coordinate at an edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edge {
    pub coordinate: usize,
    pub upward: bool,
    pub status: Status,
}

/// The end of a path after all diverging coordinates were held at their edges and the others
/// refitted.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    /// Over the coordinates that are still free.
    pub path: Path,
    /// All coordinates.
    pub at: Vec<f64>,
    pub edges: Vec<Edge>,
}

/// Follows a path to the edges that it approaches, one after the other.
pub(super) fn settle(
    surface: &dyn Surface,
    start: &[f64],
    path: Path,
    ends: &[Ends],
    limits: &Limits,
) -> Settled {
    let mut settled = Settled { at: path.at.clone(), path, edges: Vec::new() };
    loop {
        let edges = match next_edge(surface, start, &settled, ends) {
            Some(edge) => vec![edge],
            None => runaway(surface, start, &settled, ends),
        };
        if edges.is_empty() {
            break;
        }
        for edge in edges {
            settled.edges.push(edge);
            settled.at = at_edge(surface, settled.at, edge);
        }
        let held = Held::new(surface, settled.at.clone(), kept(ends.len(), &settled.edges));
        let Some(path) = minimise(&held, &held.part(&settled.at), limits) else { break };
        settled.at = held.whole(&path.at);
        settled.path = path;
    }
    settled
}

/// The coordinates that no edge holds.
pub(super) fn kept(dimension: usize, edges: &[Edge]) -> Vec<usize> {
    (0..dimension).filter(|&k| edges.iter().all(|edge| edge.coordinate != k)).collect()
}

fn next_edge(
    surface: &dyn Surface,
    start: &[f64],
    settled: &Settled,
    ends: &[Ends],
) -> Option<Edge> {
    let path = &settled.path;
    if matches!(path.stop, Stop::Fell | Stop::Interrupted) {
        return None;
    }
    let kept = kept(ends.len(), &settled.edges);
    let edges = kept.iter().enumerate().filter_map(|(index, &coordinate)| {
        let moved = path.at[index] - start[coordinate];
        let upward = moved > 0.0;
        let status = match (ends[coordinate], upward) {
            (Ends::Open | Ends::Endless, _) => return None,
            (Ends::Bounded, false) | (Ends::Interval, _) => Status::AtBound,
            (Ends::Bounded, true) => Status::AtInfinity,
        };
        let far = moved.abs() > FAR && pulls(surface.observations(), path, index, upward);
        far.then_some(Edge { coordinate, upward, status })
    });
    let size = surface.value(start).abs();
    edges.into_iter().find(|&edge| is_flat(surface, settled, size, edge))
}

/// Whether J still falls outward, by more than rounding explains at a minimum.
fn pulls(rows: usize, path: &Path, index: usize, upward: bool) -> bool {
    let slope = path.expansion.gradient[index];
    let spread = path.expansion.outer[(index, index)].sqrt();
    let outward = if upward { -slope } else { slope };
    spread == 0.0 || (rows as f64).sqrt() * outward > ZERO_GRADIENT * spread
}

/// Whether moving further outward leaves J unchanged, relative to the mean |ρ| here or to |J| at the
/// start, `size`: at the edge the whole loss may vanish.
fn is_flat(surface: &dyn Surface, settled: &Settled, size: f64, edge: Edge) -> bool {
    let mut beyond = settled.at.clone();
    beyond[edge.coordinate] += if edge.upward { BEYOND } else { -BEYOND };
    let Expansion { value, magnitude, .. } = settled.path.expansion;
    let size = if size.is_finite() { size } else { 0.0 };
    (surface.value(&beyond) - value).abs() <= FLAT * magnitude.max(size)
}

/// The point with the coordinate moved to its bound where the objective is finite there, else the
/// point itself.
fn at_edge(surface: &dyn Surface, at: Vec<f64>, edge: Edge) -> Vec<f64> {
    if edge.status != Status::AtBound {
        return at;
    }
    let mut on = at.clone();
    on[edge.coordinate] = if edge.upward { f64::INFINITY } else { f64::NEG_INFINITY };
    let rest = (0..at.len()).filter(|&k| k != edge.coordinate).collect();
    let held = Held::new(surface, on.clone(), rest);
    let fits = is_finite(&held.expand(&held.part(&on)));
    if fits { on } else { at }
}
