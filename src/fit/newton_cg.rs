//! Newton's method with a Hessian that is known only by its products with vectors: truncated
//! conjugate gradients (Steihaug 1983) within a trust region.
//!
//! The metric is K, the mean outer product of the row gradients, where it is affordable: a linear
//! change of parameters then leaves the path unchanged. For more coordinates the metric is its
//! diagonal.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use crate::objective::{Expansion, Slope};

use super::surface::{Surface, is_finite};
use super::trust_region::{ARRIVED, Limits, Path, ROUNDING, Stop, TINY};

/// Most Hessian products per step.
const PRODUCTS: usize = 250;
/// Most coordinates for which K is formed.
const FULL_MAX: usize = 600;
/// Steps between two computations of K.
const STEPS_PER_METRIC: usize = 4;
/// Multiple of its diagonal that is added to K, so that K has a Cholesky factor.
const RIDGE: f64 = 1e-6;

/// Descends from `start`; `None` where the objective is not finite there.
pub(super) fn minimise(surface: &dyn Surface, start: &[f64], limits: &Limits) -> Option<Path> {
    let mut walk = Walk::new(surface, start)?;
    let first = walk.radius;
    let stop = loop {
        if limits.interrupted() {
            break Stop::Interrupted;
        }
        if let Some(stop) = walk.stop(limits, first) {
            break stop;
        }
        if let Some(stop) = walk.advance(limits) {
            break stop;
        }
        limits.tell(walk.iterations, walk.slope.value);
    };
    let expansion = match stop {
        Stop::Interrupted => rough(walk.slope.clone()),
        Stop::Arrived
        | Stop::Exhausted
        | Stop::Rounding
        | Stop::Iterations
        | Stop::Stuck
        | Stop::Fell => surface.expand(&walk.at),
    };
    let cut = limits.interrupted() && !is_finite(&expansion);
    let (expansion, stop) =
        if cut { (rough(walk.slope), Stop::Interrupted) } else { (expansion, stop) };
    Some(Path { at: walk.at, expansion, iterations: walk.iterations, stop, noise: 0.0 })
}

/// An expansion with diag K in place of both matrices, which would cost many passes: no standard
/// errors are computed after an interrupt.
fn rough(slope: Slope) -> Expansion {
    let diagonal = DMatrix::from_diagonal(&slope.outer_diagonal);
    Expansion {
        value: slope.value,
        magnitude: slope.magnitude,
        gradient: slope.gradient,
        hessian: diagonal.clone(),
        outer: diagonal,
    }
}

fn finite(slope: Slope) -> Option<Slope> {
    let finite = slope.value.is_finite() && slope.gradient.iter().all(|g| g.is_finite());
    finite.then_some(slope)
}

/// M = LLᵀ with scaled steps y = Lᵀδ.
enum Metric {
    Diagonal(DVector<f64>),
    Full(Box<Cholesky<f64, Dyn>>),
}

impl Metric {
    fn new(surface: &dyn Surface, at: &[f64], slope: &Slope) -> Self {
        let unit = slope.outer_diagonal.map(|k| if k > 0.0 { k.sqrt() } else { 1.0 });
        if at.len() > FULL_MAX {
            return Self::Diagonal(unit);
        }
        let outer = surface.outer(at);
        let ridge = DMatrix::from_diagonal(&unit.map(|u| RIDGE * u * u));
        let usable = outer.iter().all(|k| k.is_finite());
        match usable.then(|| (outer + ridge).cholesky()).flatten() {
            Some(factor) => Self::Full(Box::new(factor)),
            None => Self::Diagonal(unit),
        }
    }

    /// L⁻¹g
    fn scale(&self, gradient: &DVector<f64>) -> DVector<f64> {
        match self {
            Self::Diagonal(unit) => gradient.component_div(unit),
            Self::Full(factor) => {
                let mut scaled = gradient.clone();
                factor.l_dirty().solve_lower_triangular_unchecked_mut(&mut scaled);
                scaled
            }
        }
    }

    /// L⁻ᵀy
    fn unscale(&self, step: &DVector<f64>) -> DVector<f64> {
        match self {
            Self::Diagonal(unit) => step.component_div(unit),
            Self::Full(factor) => {
                let mut plain = step.clone();
                factor.l_dirty().tr_solve_lower_triangular_mut(&mut plain);
                plain
            }
        }
    }
}

struct Walk<'a> {
    surface: &'a dyn Surface,
    at: Vec<f64>,
    slope: Slope,
    metric: Metric,
    metric_steps: usize,
    /// Conjugate gradient steps at this point; after a rejected step they are only truncated.
    path: Option<Vec<Leg>>,
    radius: f64,
    iterations: usize,
}

/// A point on the path of conjugate gradients, with the product of the Hessian and its step.
struct Leg {
    step: DVector<f64>,
    bent: DVector<f64>,
    /// The conjugate direction from the point, with its Hessian product; it leads to the boundary if
    /// its curvature is not positive.
    direction: DVector<f64>,
    product: DVector<f64>,
}

/// A step in scaled coordinates.
struct Proposal {
    step: DVector<f64>,
    decrease: f64,
    /// Whether the trust region or a direction of negative curvature limits the step.
    bounded: bool,
}

impl<'a> Walk<'a> {
    fn new(surface: &'a dyn Surface, start: &[f64]) -> Option<Self> {
        let slope = finite(surface.slope(start))?;
        let radius = if slope.magnitude > 0.0 { slope.magnitude } else { 1.0 };
        Some(Self {
            surface,
            at: start.to_vec(),
            metric: Metric::new(surface, start, &slope),
            metric_steps: 0,
            slope,
            path: None,
            radius,
            iterations: 0,
        })
    }

    fn stop(&self, limits: &Limits, first: f64) -> Option<Stop> {
        let scaled = self.metric.scale(&self.slope.gradient);
        if self.slope.value < limits.floor {
            return Some(Stop::Fell);
        }
        if (self.surface.observations() as f64).sqrt() * scaled.norm() <= ARRIVED {
            return Some(Stop::Arrived);
        }
        if self.radius < TINY * first {
            return Some(Stop::Stuck);
        }
        (self.iterations >= limits.iterations).then_some(Stop::Iterations)
    }

    fn advance(&mut self, limits: &Limits) -> Option<Stop> {
        self.iterations += 1;
        let path = self.path.take().unwrap_or_else(|| self.conjugate_gradients(limits));
        let proposal = self.propose(&path);
        let slack = ROUNDING * self.slope.magnitude;
        if proposal.decrease <= slack && !proposal.bounded {
            return Some(Stop::Exhausted);
        }
        let step = self.metric.unscale(&proposal.step);
        let trial: Vec<f64> = self.at.iter().zip(step.iter()).map(|(a, s)| a + s).collect();
        let value = self.surface.value(&trial);
        let ratio = (self.slope.value - value + slack) / (proposal.decrease + slack);
        let taken = value.is_finite() && ratio > 1e-4 && self.move_to(trial);
        let length = proposal.step.norm();
        if !taken || ratio < 0.25 {
            self.radius = 0.25 * length.min(self.radius);
        } else if ratio > 0.75 && proposal.bounded {
            self.radius *= 2.5;
        }
        if !taken {
            self.path = Some(path);
        }
        None
    }

    fn move_to(&mut self, trial: Vec<f64>) -> bool {
        let Some(slope) = finite(self.surface.slope(&trial)) else { return false };
        self.slope = slope;
        self.at = trial;
        self.metric_steps += 1;
        if self.metric_steps == STEPS_PER_METRIC {
            self.metric = Metric::new(self.surface, &self.at, &self.slope);
            self.metric_steps = 0;
        }
        true
    }

    fn product(&self, scaled: &DVector<f64>) -> DVector<f64> {
        let direction = self.metric.unscale(scaled);
        self.metric.scale(&self.surface.hessian_times(&self.at, &direction))
    }

    /// Conjugate gradients until the residual has fallen by the square root of its size, the radius
    /// is reached, a direction has negative curvature, or an interrupt is raised.
    fn conjugate_gradients(&self, limits: &Limits) -> Vec<Leg> {
        let gradient = self.metric.scale(&self.slope.gradient);
        let goal = gradient.norm() * gradient.norm().sqrt().min(0.1);
        let mut path: Vec<Leg> = Vec::new();
        let mut step = DVector::zeros(gradient.len());
        let mut bent = DVector::zeros(gradient.len());
        let mut residual = -&gradient;
        let mut direction = residual.clone();
        for _ in 0..PRODUCTS.min(2 * gradient.len()) {
            let product = self.product(&direction);
            let bend = direction.dot(&product);
            let square = residual.norm_squared();
            let share = square / bend;
            let next = &step + &direction * share;
            let next_bent = &bent + &product * share;
            residual -= &product * share;
            let ends = limits.interrupted()
                || bend <= 0.0
                || next.norm() >= self.radius
                || residual.norm() <= goal;
            let onward = &residual + &direction * (residual.norm_squared() / square);
            path.push(Leg { step, bent, direction, product });
            (step, bent, direction) = (next, next_bent, onward);
            if ends {
                break;
            }
        }
        path
    }

    /// The point where the path leaves the trust region, or the end of the path.
    fn propose(&self, path: &[Leg]) -> Proposal {
        let gradient = self.metric.scale(&self.slope.gradient);
        let mut residual = -&gradient;
        let mut bounded = false;
        let mut end = (DVector::zeros(gradient.len()), DVector::zeros(gradient.len()));
        for leg in path {
            let bend = leg.direction.dot(&leg.product);
            let full = residual.dot(&leg.direction) / bend;
            let limit = to_boundary(&leg.step, &leg.direction, self.radius);
            bounded = bend <= 0.0 || full >= limit;
            let share = if bounded { limit } else { full };
            end = (&leg.step + &leg.direction * share, &leg.bent + &leg.product * share);
            residual -= &leg.product * share;
            if bounded {
                break;
            }
        }
        let (step, bent) = end;
        let decrease = -(gradient.dot(&step) + 0.5 * step.dot(&bent));
        Proposal { step, decrease: decrease.max(0.0), bounded }
    }
}

/// The multiple of `direction` at which a step reaches the sphere of the radius.
fn to_boundary(step: &DVector<f64>, direction: &DVector<f64>, radius: f64) -> f64 {
    let (a, b) = (direction.norm_squared(), step.dot(direction));
    let c = (radius * radius - step.norm_squared()).max(0.0);
    // The stable form of (-b + √(b² + ac)) / a.
    let root = (b * b + a * c).sqrt();
    if b > 0.0 { c / (b + root) } else { (root - b) / a }
}
