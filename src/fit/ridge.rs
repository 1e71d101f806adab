//! Stationary points that are no minima: flat or nearly flat directions are explored, along which J
//! may fall at a distance.
//!
//! The second derivative does not decide at an inflection, as that of a skew normal at shape zero, on
//! a ridge, as where two components of a sum coincide, and on a plateau. There the coordinate that
//! changes most along the direction is held at a distance, the others are refitted, and J is
//! compared. A wide minimum stays: J rises at the first distance.

use nalgebra::DVector;

use super::bounds::kept;
use super::candidates::Candidate;
use super::search::{Field, finish};
use super::surface::Held;
use super::trust_region::{Limits, minimise};
use crate::objective::Curvature;

/// A direction whose curvature is less than this share of the largest is explored.
const WEAK: f64 = 1e-4;
/// Distances, in units of the coordinate's size, or of one if that is larger.
const STRIDES: [f64; 4] = [0.05, 0.25, 1.0, 4.0];
/// Bisections between the last distance at which J is level and the first at which it is higher.
const HALVINGS: usize = 10;
/// A coordinate of more than this size, where those of columns are about one, is brought back by powers of
/// ten, at most so many.
const FAR: f64 = 1e3;
const DECADES_MAX: i32 = 40;
/// A change of J by less than this share of mean |ρ| counts as none.
const LEVEL: f64 = 1e-9;
/// Most directions that are explored, and most coordinates of a model in which any is.
const DIRECTIONS_MAX: usize = 6;
const COORDINATES_MAX: usize = 40;

/// The minimum to which J falls from a stationary point; `None` where the point is itself a minimum.
pub(super) fn below(
    field: &Field<'_>,
    candidate: &Candidate,
    limits: &Limits,
) -> Option<Candidate> {
    let surface = field.full;
    if candidate.path.at.len() > COORDINATES_MAX || surface.curvature() == Curvature::Products {
        return None;
    }
    let identified = candidate.identified()?;
    let kept = kept(candidate.at.len(), &candidate.edges);
    let free = Held::new(surface, candidate.at.clone(), kept);
    let ridge = Ridge { free: &free, candidate, limits };
    let mut directions = identified.weak(WEAK);
    directions.truncate(DIRECTIONS_MAX);
    let start = directions.iter().find_map(|direction| ridge.walk(direction))?;
    let found = finish(field, surface, &start, limits)?;
    (found.is_proper() && ridge.gain(found.value()) > LEVEL).then_some(found)
}

/// J at a distance from a stationary point, compared with J at the point.
enum Ground {
    /// J is lower, at these coordinates.
    Lower(Vec<f64>),
    Level,
    /// J is higher or not finite.
    Higher,
}

struct Ridge<'a> {
    /// The surface without the coordinates that an edge holds.
    free: &'a Held<'a>,
    candidate: &'a Candidate,
    limits: &'a Limits,
}

impl Ridge<'_> {
    /// The decrease of J to `value`, in units of mean |ρ|.
    fn gain(&self, value: f64) -> f64 {
        let expansion = &self.candidate.path.expansion;
        (expansion.value - value) / expansion.magnitude
    }

    /// A point of lower J on either side along the direction, in all coordinates.
    fn walk(&self, direction: &DVector<f64>) -> Option<Vec<f64>> {
        let at = &self.candidate.path.at;
        let share = |j: usize| direction[j].abs() / at[j].abs().max(1.0);
        let leader = (0..at.len()).max_by(|&a, &b| share(a).total_cmp(&share(b)))?;
        let unit = direction / (share(leader) * direction[leader].signum());
        let sides = [1.0, -1.0].into_iter().find_map(|side| self.side(&(&unit * side), leader));
        sides.or_else(|| self.inward(&unit, leader))
    }

    /// A coordinate that ran off, as a scale does beyond which log p is flat, is brought back by powers of
    /// ten, on its own side of zero and on the other, until J is lower: 1/t is small on both sides.
    fn inward(&self, unit: &DVector<f64>, leader: usize) -> Option<Vec<f64>> {
        let from = self.candidate.path.at[leader];
        let back = unit * -from.signum();
        let shares = (1..=DECADES_MAX).map(|decade| 10_f64.powi(-decade));
        let inner = shares.take_while(|share| from.abs() > FAR && share * from.abs() >= 1.0);
        let strides = inner.flat_map(|share| [1.0 - share, 1.0 + share]);
        strides.map(|stride| self.ground(&back, leader, stride)).find_map(|ground| match ground {
            Ground::Lower(point) => Some(point),
            Ground::Level | Ground::Higher => None,
        })
    }

    fn side(&self, unit: &DVector<f64>, leader: usize) -> Option<Vec<f64>> {
        let mut level = 0.0;
        for stride in STRIDES {
            match self.ground(unit, leader, stride) {
                Ground::Lower(point) => return Some(point),
                Ground::Level => level = stride,
                Ground::Higher if level > 0.0 => {
                    return self.between(unit, leader, (level, stride));
                }
                Ground::Higher => return None,
            }
        }
        None
    }

    /// A point of lower J by bisection between a distance at which J is level and one at which it is
    /// higher: beyond a plateau J may fall before it rises.
    fn between(
        &self,
        unit: &DVector<f64>,
        leader: usize,
        (mut level, mut higher): (f64, f64),
    ) -> Option<Vec<f64>> {
        for _ in 0..HALVINGS {
            let stride = f64::midpoint(level, higher);
            match self.ground(unit, leader, stride) {
                Ground::Lower(point) => return Some(point),
                Ground::Level => level = stride,
                Ground::Higher => higher = stride,
            }
        }
        None
    }

    /// Compares J at a distance with the other coordinates refitted.
    fn ground(&self, unit: &DVector<f64>, leader: usize, stride: f64) -> Ground {
        let away: Vec<f64> =
            self.candidate.path.at.iter().zip(unit).map(|(at, u)| at + stride * u).collect();
        let others = (0..away.len()).filter(|&j| j != leader).collect();
        let rest = Held::new(self.free, away.clone(), others);
        let Some(path) = minimise(&rest, &rest.part(&away), self.limits) else {
            return Ground::Higher;
        };
        let gain = self.gain(path.expansion.value);
        if gain > LEVEL {
            return Ground::Lower(self.free.whole(&rest.whole(&path.at)));
        }
        if gain >= -LEVEL { Ground::Level } else { Ground::Higher }
    }
}
