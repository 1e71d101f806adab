//! Newton's method in a trust region, invariant under scaling: the path does not depend on units of
//! data and parameters, up to rounding. Where a trial point has no finite value, the region shrinks.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use crate::numerics::interrupt::Interrupt;
use crate::objective::{Curvature, Expansion, Taylor};

use super::newton_cg;
use super::scaled::{Scaled, gradient_norm};
use super::secular::{self, Step};
use super::surface::{Surface, is_finite};

/// Distance to the minimum, in standard errors, at which a search has converged.
pub(super) const ARRIVED: f64 = 1e-6;
/// A predicted decrease below this share of mean |ρ| is rounding error.
pub(super) const ROUNDING: f64 = 8.0 * f64::EPSILON / 2.0;
/// Most full Newton steps after convergence, which reduce the gradient to rounding error.
const POLISH: usize = 6;
/// Successive refused trial points after which the noise of J is measured.
const REFUSALS: usize = 3;
/// A radius below this share of the first one ends the search.
pub(super) const TINY: f64 = 1e-20;
/// Steps between two computations of K and mean |ρ|, where all else takes no pass over the rows.
const STEPS_PER_METRIC: usize = 4;

/// The limits of a search.
#[derive(Clone)]
pub(super) struct Limits {
    pub iterations: usize,
    /// A value of J below this counts as unbounded.
    pub floor: f64,
    pub interrupt: Interrupt,
    /// Receives the iteration and the value after each step.
    pub watch: Option<Rc<dyn Fn(usize, f64)>>,
    /// Number of steps of all paths that share the counter.
    pub steps: Rc<Cell<usize>>,
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Limits({} iterations, floor {})", self.iterations, self.floor)
    }
}

impl Limits {
    pub fn tell(&self, iteration: usize, value: f64) {
        self.steps.set(self.steps.get() + 1);
        if let Some(watch) = &self.watch {
            watch(iteration, value);
        }
    }

    pub fn interrupted(&self) -> bool {
        self.interrupt.is_raised()
    }
}

/// The reason why a path ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Within the tolerance of a minimum.
    Arrived,
    /// The predicted decrease is rounding error.
    Exhausted,
    /// The predicted decrease is less than the change of J when coordinates change in their last
    /// digits.
    Rounding,
    /// The limit of iterations was reached.
    Iterations,
    /// The trust region shrank to nothing.
    Stuck,
    /// J fell below the floor.
    Fell,
    /// An interrupt was raised.
    Interrupted,
}

impl Stop {
    /// The reason in words, for the report.
    pub fn words(self) -> &'static str {
        match self {
            Self::Arrived => "the gradient vanishes within 1e-6 standard errors",
            Self::Exhausted | Self::Rounding => "no further decrease beyond rounding",
            Self::Iterations => "the limit of iterations was reached",
            Self::Stuck => "the trust region shrank to nothing",
            Self::Fell => "the objective falls without bound",
            Self::Interrupted => "interrupted",
        }
    }
}

/// The end of a path.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub at: Vec<f64>,
    pub expansion: Expansion,
    pub iterations: usize,
    pub stop: Stop,
    /// The noise of J where the path ended by rounding, else 0.
    pub noise: f64,
}

/// Descends from `start`; `None` where the objective is not finite there.
pub(super) fn minimise(surface: &dyn Surface, start: &[f64], limits: &Limits) -> Option<Path> {
    if surface.curvature() == Curvature::Products {
        return newton_cg::minimise(surface, start, limits);
    }
    let expansion = surface.expand(start);
    let mut walk = Walk::new(surface, start.to_vec(), expansion)?;
    let stop = loop {
        match walk.stop(limits) {
            None => {
                walk.advance();
                limits.tell(walk.iterations, walk.expansion.value);
            }
            Some(Stop::Interrupted) => break Stop::Interrupted,
            // A stop that used the metric of an earlier point is confirmed with that of this point.
            Some(stop) => {
                if !walk.renew() {
                    break stop;
                }
            }
        }
    };
    // The gradient still has significant digits where the objective has none.
    if matches!(stop, Stop::Arrived | Stop::Exhausted | Stop::Rounding) {
        walk.polish();
        walk.renew();
    }
    let noise = if stop == Stop::Rounding { walk.noise() } else { 0.0 };
    let Walk { at, expansion, iterations, .. } = walk;
    Some(Path { at, expansion, iterations, stop, noise })
}

struct Walk<'a> {
    surface: &'a dyn Surface,
    at: Vec<f64>,
    expansion: Expansion,
    scaled: Scaled,
    proposal: Step,
    radius: f64,
    first_radius: f64,
    iterations: usize,
    /// Steps since K and mean |ρ| were computed.
    metric_steps: usize,
    /// Trial points refused since the last step.
    refusals: usize,
}

impl<'a> Walk<'a> {
    /// The first radius is mean |ρ|, since the radius has the units of the objective.
    fn new(surface: &'a dyn Surface, at: Vec<f64>, expansion: Expansion) -> Option<Self> {
        let radius = if expansion.magnitude > 0.0 { expansion.magnitude } else { 1.0 };
        let scaled = is_finite(&expansion).then(|| Scaled::new(&at, &expansion)).flatten()?;
        let proposal = secular::solve(&scaled.curvature, &scaled.slope, radius);
        Some(Self {
            surface,
            at,
            expansion,
            scaled,
            proposal,
            radius,
            first_radius: radius,
            iterations: 0,
            metric_steps: 0,
            refusals: 0,
        })
    }

    fn rounding(&self) -> f64 {
        ROUNDING * self.expansion.magnitude
    }

    fn stop(&self, limits: &Limits) -> Option<Stop> {
        if limits.interrupted() {
            return Some(Stop::Interrupted);
        }
        if self.expansion.value < limits.floor {
            return Some(Stop::Fell);
        }
        let flat = self.proposal.decrease <= self.rounding();
        if self.scaled.is_convex() {
            if gradient_norm(self.surface.observations(), &self.at, &self.expansion) <= ARRIVED {
                return Some(Stop::Arrived);
            }
            if flat && self.proposal.interior {
                return Some(Stop::Exhausted);
            }
            if self.refusals >= REFUSALS && self.proposal.decrease <= self.noise() {
                return Some(Stop::Rounding);
            }
        }
        if self.radius < TINY * self.first_radius {
            return Some(Stop::Stuck);
        }
        (self.iterations >= limits.iterations).then_some(Stop::Iterations)
    }

    fn advance(&mut self) {
        self.iterations += 1;
        let trial = self.target(&self.proposal.step);
        let value = self.surface.value(&trial);
        let slack = self.rounding();
        let ratio = (self.expansion.value - value + slack) / (self.proposal.decrease + slack);
        let taken = value.is_finite() && ratio > 1e-4 && self.move_to(trial);
        self.refusals = if taken { 0 } else { self.refusals + 1 };
        self.resize(if taken { ratio } else { f64::NEG_INFINITY });
        self.proposal = secular::solve(&self.scaled.curvature, &self.scaled.slope, self.radius);
    }

    /// The largest change of J when a coordinate changes in its last digits: many times its rounding
    /// error where the loss is a small difference of large numbers.
    fn noise(&self) -> f64 {
        let change = |k: usize| {
            let mut at = self.at.clone();
            at[k] *= 1.0 + 4.0 * f64::EPSILON;
            (self.surface.value(&at) - self.expansion.value).abs()
        };
        (0..self.at.len()).map(change).fold(0.0, f64::max)
    }

    fn target(&self, step: &[f64]) -> Vec<f64> {
        let step = self.scaled.unscale(step);
        self.at.iter().zip(step.iter()).map(|(a, s)| a + s).collect()
    }

    /// Moves to a point; false where the expansion there is not finite.
    fn move_to(&mut self, trial: Vec<f64>) -> bool {
        let kept = (self.metric_steps < STEPS_PER_METRIC).then(|| self.expand_here(&trial));
        let (expansion, metric_steps) = match kept.flatten() {
            Some(expansion) => (expansion, self.metric_steps + 1),
            None => (self.surface.expand(&trial), 0),
        };
        let moved = self.replace(trial, expansion);
        if moved {
            self.metric_steps = metric_steps;
        }
        moved
    }

    /// The expansion at a point, with K and mean |ρ| of the current point.
    fn expand_here(&self, trial: &[f64]) -> Option<Expansion> {
        let Taylor { value, gradient, hessian } = self.surface.taylor(trial)?;
        let Expansion { magnitude, ref outer, .. } = self.expansion;
        Some(Expansion { value, magnitude, gradient, hessian, outer: outer.clone() })
    }

    fn replace(&mut self, at: Vec<f64>, expansion: Expansion) -> bool {
        let scaled = is_finite(&expansion).then(|| Scaled::new(&at, &expansion)).flatten();
        let Some(scaled) = scaled else { return false };
        self.scaled = scaled;
        self.expansion = expansion;
        self.at = at;
        true
    }

    /// Computes K and mean |ρ| at this point, if they are those of an earlier one; whether they were
    /// renewed.
    fn renew(&mut self) -> bool {
        let stale = self.metric_steps > 0;
        self.metric_steps = 0;
        if !stale || !self.replace(self.at.clone(), self.surface.expand(&self.at)) {
            return false;
        }
        self.proposal = secular::solve(&self.scaled.curvature, &self.scaled.slope, self.radius);
        true
    }

    fn resize(&mut self, ratio: f64) {
        let length = self.proposal.step.iter().map(|y| y * y).sum::<f64>().sqrt();
        if ratio < 0.25 {
            self.radius = 0.25 * length.min(self.radius);
        } else if ratio > 0.75 && !self.proposal.interior {
            self.radius *= 2.5;
        }
    }

    /// Takes full Newton steps as long as each at least halves the gradient.
    fn polish(&mut self) {
        for _ in 0..POLISH {
            let before = gradient_norm(self.surface.observations(), &self.at, &self.expansion);
            let step = secular::solve(&self.scaled.curvature, &self.scaled.slope, f64::INFINITY);
            let kept = (self.at.clone(), self.expansion.clone(), self.metric_steps);
            if !step.interior || !self.move_to(self.target(&step.step)) {
                return;
            }
            if gradient_norm(self.surface.observations(), &self.at, &self.expansion) > 0.5 * before
            {
                (self.at, self.expansion, self.metric_steps) = kept;
                return;
            }
        }
    }
}
