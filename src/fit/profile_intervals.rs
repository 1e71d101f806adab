//! Intervals by the profile of J: the values of a parameter at which the minimum of J over all other
//! parameters is not far above its global minimum.
//!
//! J is not a log-likelihood, so that the drop of J has no χ² distribution. With J_p(t) = min J over
//! the other parameters at θ_k = t,
//!
//! ```text
//! W(t) = 2n (J_p(t) - J(θ̂)) a / v,    a = [A⁻¹]_kk,    v = n se(θ̂_k)²
//! ```
//!
//! has a χ²₁ distribution to first order: near the estimate W = (t - θ̂_k)²/se². This rescaling is
//! that of Chandler and Bate (2007, Biometrika 94:167) and, in one dimension, of Pace, Salvan and
//! Sartori (2011, Statist. Sinica 21:129). The interval {t : W(t) ≤ χ²₁ quantile} is the Wald
//! interval where J is quadratic, follows the asymmetry of J elsewhere, and is invariant under
//! reparametrisation.

use std::cell::RefCell;

use crate::data::Selection;
use crate::model::Model;
use crate::objective::Batch;

use super::bounds::settle;
use super::identified::Identified;
use super::options::Options;
use super::refit::{Handle, Refit, Section, replicates};
use super::surface::Surface;
use super::trust_region::{Stop, minimise};
use super::{Estimate, FittedParameter, Outcome, Status, Warning};

/// Most doublings of the distance from the estimate in search of an end.
const DOUBLINGS: usize = 10;
/// Most halvings of a step that ended where J is not finite.
const HALVINGS: usize = 30;
/// Tolerance of the root of W, in standard errors.
const TOLERANCE: f64 = 1e-9;
/// Most iterations of the root finder.
const STEPS: usize = 100;
/// The code of the warnings.
const CODE: &str = "no-profile";

/// Intervals of the parameters by the profile of J.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Profile {
    /// By parameter, in order of declaration.
    pub parameters: Vec<ProfileInterval>,
}

/// A parameter with the ends of its interval, at the level of the fit. Both ends are `None` for a
/// parameter that has no standard error, or that a constraint ties to others: shares of a simplex,
/// entries of a positive definite matrix, and entries of an ordered vector after the first.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProfileInterval {
    /// The parameter.
    pub name: String,
    /// The lower end; `None` where the profile of J stays below the quantile on this side, up to the
    /// bound of the parameter or a thousand times the distance of the Wald end, or where it is not
    /// finite.
    pub low: Option<f64>,
    /// The upper end, likewise.
    pub high: Option<f64>,
}

/// Adds the intervals to an estimate, or a warning where there are none.
pub(super) fn add_to(estimate: &mut Estimate, model: &Model, data: &Selection, options: &Options) {
    let warn = |estimate: &mut Estimate, why: &str| {
        let headline = format!("there are no profile intervals: {why}");
        estimate.warnings.push(Warning::new(CODE, headline));
    };
    let refit = match Refit::new(model, data, options, estimate) {
        Ok(refit) => refit,
        Err(why) => return warn(estimate, &why.to_string()),
    };
    let (p, interrupt) = (estimate.parameters.len(), refit.interrupt());
    let one = |j: usize| interval(&refit, j, &estimate.parameters[j], options.reach());
    let found = replicates(p, options.threads, interrupt, &|_| (), &one);
    match found.filter(|_| !interrupt.is_raised()) {
        Some(parameters) => estimate.profile = Some(Profile { parameters }),
        None => {
            warn(estimate, "they were interrupted");
            estimate.outcome = Outcome::Interrupted;
            "interrupted after the fit".clone_into(&mut estimate.stop_reason);
        }
    }
}

/// The interval of parameter `j`, whose ends are where √W is `reach`.
fn interval(
    refit: &Refit<'_>,
    j: usize,
    parameter: &FittedParameter,
    reach: f64,
) -> ProfileInterval {
    let error = parameter.std_error.filter(|_| parameter.status == Status::Interior);
    let columns: Vec<&[f64]> = refit.stored().iter().map(Vec::as_slice).collect();
    let batch = refit.batch(&columns);
    let curve = error.and_then(|error| Curve::new(refit, &batch, j, error, reach));
    let ends = curve.map_or([None, None], |curve| {
        let [left, right] = [curve.end(-1.0), curve.end(1.0)];
        if curve.ascends { [left, right] } else { [right, left] }
    });
    ProfileInterval { name: parameter.name.clone(), low: ends[0], high: ends[1] }
}

/// The profile of J along a parameter, as a function of its handle.
struct Curve<'a> {
    refit: &'a Refit<'a>,
    batch: &'a Batch<'a>,
    handle: Handle,
    /// The handle at the estimate, and its standard error.
    centre: f64,
    error: f64,
    /// Whether the parameter grows with its handle.
    ascends: bool,
    /// J at the estimate; `scale` is the ratio of W to J minus this.
    least: f64,
    scale: f64,
    reach: f64,
    /// All coordinates at the last minimum over the others, where the next search starts.
    near: RefCell<Vec<f64>>,
}

/// A value of the handle, in standard errors from the estimate, and √W - reach there.
#[derive(Clone, Copy)]
struct Place {
    at: f64,
    excess: f64,
}

impl<'a> Curve<'a> {
    /// `None` where the parameter has no handle or J no curvature along it.
    fn new(
        refit: &'a Refit<'a>,
        batch: &'a Batch<'a>,
        j: usize,
        error: f64,
        reach: f64,
    ) -> Option<Self> {
        let handle = refit.handle(j)?;
        let expansion = batch.expand(&refit.start);
        let inverse = Identified::new(&refit.start, &expansion)?.inverse();
        let slopes = refit.slopes(&refit.start, j);
        let spread = slopes.dot(&(&inverse * &slopes));
        let slope = refit.handle_slope(&handle);
        let curve = Self {
            refit,
            batch,
            handle,
            centre: refit.handled(&handle, &refit.start),
            error: error / slope.abs(),
            ascends: slope > 0.0,
            least: Surface::value(batch, &refit.start),
            // 2n a/v, and v = n error².
            scale: 2.0 * spread / error.powi(2),
            reach,
            near: RefCell::default(),
        };
        (curve.error > 0.0 && curve.scale > 0.0 && curve.scale.is_finite()).then_some(curve)
    }

    /// The parameter where W is the quantile, on one side of the estimate.
    fn end(&self, side: f64) -> Option<f64> {
        self.near.borrow_mut().clone_from(&self.refit.start);
        let (inside, outside) = self.bracket(side)?;
        let at = self.root(inside, outside)?;
        let whole = self.section(at).whole(&self.section(at).part(&self.near.borrow()));
        let end = self.refit.theta(&whole)[self.handle.parameter];
        end.is_finite().then_some(end)
    }

    fn section(&self, errors: f64) -> Section<'_> {
        let value = self.centre + errors * self.error;
        Section::new(self.refit, self.batch, self.handle, value)
    }

    /// A place where √W is below `reach` and one where it is above, starting at the Wald end.
    fn bracket(&self, side: f64) -> Option<(Place, Place)> {
        let mut inside = Place { at: 0.0, excess: -self.reach };
        let (mut far, mut wall) = (side * self.reach, None);
        for step in 0..DOUBLINGS + HALVINGS {
            match self.place(far) {
                Some(outside) if outside.excess >= 0.0 => return Some((inside, outside)),
                Some(place) => inside = place,
                None => wall = Some(far),
            }
            far = match wall {
                None if step == DOUBLINGS => break,
                None => 2.0 * far,
                Some(wall) => 0.5 * (inside.at + wall),
            };
        }
        None
    }

    /// The root of √W - reach between two places by false position, in which the value at the
    /// retained end is halved (the Illinois rule, Dowell and Jarratt 1971).
    fn root(&self, inside: Place, outside: Place) -> Option<f64> {
        let (mut stays, mut moved) = (inside, outside);
        for _ in 0..STEPS {
            let width = moved.at - stays.at;
            if moved.excess.abs() <= TOLERANCE || width.abs() <= TOLERANCE {
                break;
            }
            let next =
                self.place(moved.at - width * moved.excess / (moved.excess - stays.excess))?;
            if (next.excess > 0.0) == (moved.excess > 0.0) {
                stays.excess *= 0.5;
            } else {
                stays = moved;
            }
            moved = next;
        }
        Some(moved.at)
    }

    /// √W - reach at a distance in standard errors; `None` where no minimum over the other
    /// coordinates is found.
    fn place(&self, errors: f64) -> Option<Place> {
        if self.refit.interrupt().is_raised() {
            return None;
        }
        let rise = self.minimum(&self.section(errors))? - self.least;
        let excess = (self.scale * rise).max(0.0).sqrt() - self.reach;
        excess.is_finite().then_some(Place { at: errors, excess })
    }

    /// The minimum of J over the other coordinates.
    fn minimum(&self, section: &Section<'_>) -> Option<f64> {
        let start = section.part(&self.near.borrow());
        if start.is_empty() {
            return Some(section.value(&start));
        }
        let (limits, ends) = (self.refit.limits(), self.refit.section_ends(&self.handle));
        let path = minimise(section, &start, &limits)?;
        let end = settle(section, &start, path, &ends, &limits);
        match end.path.stop {
            Stop::Arrived | Stop::Exhausted | Stop::Rounding => {}
            Stop::Iterations | Stop::Stuck | Stop::Fell | Stop::Interrupted => return None,
        }
        if end.at.iter().all(|phi| phi.is_finite()) {
            self.near.replace(section.whole(&end.at));
        }
        Some(end.path.expansion.value)
    }
}
