//! Newton's method where the Hessian is only known by its products: truncated conjugate gradients
//! (Steihaug 1983) in the metric diag(K)^½, within a trust region.

use nalgebra::DVector;

use crate::objective::Slope;

use super::surface::Surface;
use super::trust_region::{ARRIVED, Limits, Path, ROUNDING, Stop, TINY};

/// Products per step, at most.
const PRODUCTS: usize = 200;

/// Descends from `start`; `None` where the objective is not finite there.
pub(super) fn minimise(surface: &dyn Surface, start: &[f64], limits: &Limits) -> Option<Path> {
    let slope = finite(surface.slope(start))?;
    let first = if slope.magnitude > 0.0 { slope.magnitude } else { 1.0 };
    let mut walk = Walk { surface, at: start.to_vec(), slope, radius: first, iterations: 0 };
    let stop = loop {
        if limits.interrupted() {
            break Stop::Interrupted;
        }
        if let Some(stop) = walk.stop(limits, first) {
            break stop;
        }
        if let Some(stop) = walk.advance() {
            break stop;
        }
        limits.tell(walk.iterations, walk.slope.value);
    };
    let expansion = surface.expand(&walk.at);
    Some(Path { at: walk.at, expansion, iterations: walk.iterations, stop })
}

fn finite(slope: Slope) -> Option<Slope> {
    let finite = slope.value.is_finite() && slope.gradient.iter().all(|g| g.is_finite());
    finite.then_some(slope)
}

struct Walk<'a> {
    surface: &'a dyn Surface,
    at: Vec<f64>,
    slope: Slope,
    radius: f64,
    iterations: usize,
}

/// A step in scaled coordinates.
struct Proposal {
    step: DVector<f64>,
    decrease: f64,
    /// Stopped by the radius or by a direction that bends down.
    bounded: bool,
}

impl Walk<'_> {
    fn unit(&self) -> DVector<f64> {
        self.slope.outer_diagonal.map(|k| if k > 0.0 { k.sqrt() } else { 1.0 })
    }

    fn stop(&self, limits: &Limits, first: f64) -> Option<Stop> {
        let scaled = self.slope.gradient.component_div(&self.unit());
        let norm = (self.surface.rows() as f64).sqrt() * scaled.norm();
        if self.slope.value < limits.floor {
            return Some(Stop::Fell);
        }
        if norm <= ARRIVED {
            return Some(Stop::Arrived);
        }
        if self.radius < TINY * first {
            return Some(Stop::Stuck);
        }
        (self.iterations >= limits.iterations).then_some(Stop::Iterations)
    }

    fn advance(&mut self) -> Option<Stop> {
        self.iterations += 1;
        let unit = self.unit();
        let proposal = self.propose(&unit);
        let slack = ROUNDING * self.slope.magnitude;
        if proposal.decrease <= slack && !proposal.bounded {
            return Some(Stop::Exhausted);
        }
        let step = proposal.step.component_div(&unit);
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
        None
    }

    fn move_to(&mut self, trial: Vec<f64>) -> bool {
        let Some(slope) = finite(self.surface.slope(&trial)) else { return false };
        self.slope = slope;
        self.at = trial;
        true
    }

    fn product(&self, unit: &DVector<f64>, scaled: &DVector<f64>) -> DVector<f64> {
        let direction = scaled.component_div(unit);
        self.surface.hessian_times(&self.at, &direction).component_div(unit)
    }

    /// Conjugate gradients until the residual falls by the square root of its size, the radius is
    /// reached, or a direction bends down.
    fn propose(&self, unit: &DVector<f64>) -> Proposal {
        let gradient = self.slope.gradient.component_div(unit);
        let goal = gradient.norm() * gradient.norm().sqrt().min(0.1);
        let mut step = DVector::zeros(gradient.len());
        let mut bent = DVector::zeros(gradient.len());
        let mut residual = -&gradient;
        let mut direction = residual.clone();
        let mut bounded = false;
        for _ in 0..PRODUCTS.min(2 * gradient.len()) {
            let product = self.product(unit, &direction);
            let bend = direction.dot(&product);
            let square = residual.norm_squared();
            let share = square / bend;
            let next = &step + &direction * share;
            if bend <= 0.0 || next.norm() >= self.radius {
                let share = to_boundary(&step, &direction, self.radius);
                step += &direction * share;
                bent += &product * share;
                bounded = true;
                break;
            }
            step = next;
            bent += &product * share;
            residual -= product * share;
            if residual.norm() <= goal {
                break;
            }
            direction = &residual + direction * (residual.norm_squared() / square);
        }
        let decrease = -(gradient.dot(&step) + 0.5 * step.dot(&bent));
        Proposal { step, decrease: decrease.max(0.0), bounded }
    }
}

/// How far along `direction` the sphere of this radius is left.
fn to_boundary(step: &DVector<f64>, direction: &DVector<f64>, radius: f64) -> f64 {
    let (a, b) = (direction.norm_squared(), step.dot(direction));
    let c = (radius * radius - step.norm_squared()).max(0.0);
    // The stable form of (-b + √(b² + ac)) / a.
    let root = (b * b + a * c).sqrt();
    if b > 0.0 { c / (b + root) } else { (root - b) / a }
}
