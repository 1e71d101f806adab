//! Standard errors of functions of the parameters by the delta method: τ(θ̂) has the error √(∇τᵀ Cov
//! ∇τ), with ∇τ derived symbolically.
//!
//! Held parameters are constants. Where τ or ∇τ is not finite, or a parameter that τ depends on has
//! no standard error, τ has none either, and a reason is given.

use crate::calculus::gradient;
use crate::graph::{ExprId, Graph, evaluate};
use crate::model::Estimands;

use super::options::reach;
use super::{Estimate, FittedParameter, Status};

/// A variance below this share of the sum of |terms| is rounding error.
const ROUNDING: f64 = 1e-12;
/// Distance from the estimate, in standard errors, at which slopes are compared.
const STEP: f64 = 1e-5;
/// Ratio of the first step to the second.
const SHRINK: f64 = 16.0;
/// A change that shrinks to more than this share with the step is a jump, unless it is below the
/// second number times the size of the slopes, where it is rounding.
const KEPT: f64 = 0.5;
const JUMP: f64 = 1e-9;

/// A function of the parameters at the estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// The text of the expression.
    pub expression: String,
    /// Its value; `None` where it is not finite.
    pub estimate: Option<f64>,
    /// The standard error by the delta method; `None` where there is none.
    pub std_error: Option<f64>,
    /// Symmetric about the estimate, at the level of the fit.
    pub interval: Option<(f64, f64)>,
    /// The reason why there is no value or no error.
    pub reason: Option<String>,
}

impl Derived {
    /// Functions of the parameters at the estimate, in order, with intervals at the level of the fit.
    ///
    /// ```
    /// use scorematch::fit::Derived;
    /// use scorematch::{Columns, Model};
    ///
    /// let model = Model::parse("-(x - mu)^2/2")?;
    /// let data = Columns::from_csv("x\n0.9\n1.1\n1.4\n".as_bytes())?;
    /// let fit = model.fit(&data)?;
    /// let double = &Derived::of(&model.estimands("2*mu")?, fit.estimate())[0];
    /// let error = fit.parameter("mu").and_then(|mu| mu.std_error);
    /// assert_eq!(double.std_error, error.map(|error| 2.0 * error));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of(estimands: &Estimands, estimate: &Estimate) -> Vec<Self> {
        let z = reach(estimate.level);
        let linear = Linear::of(estimands, estimate).into_iter();
        linear.map(|one| one.derived(estimate, z)).collect()
    }
}

/// A function linearised at the estimate: its value, and its slopes by parameter, or the reason why
/// it has no error.
pub(super) struct Linear {
    pub text: String,
    pub value: Option<f64>,
    pub slopes: Result<Vec<f64>, String>,
}

impl Linear {
    /// The functions of a list of expressions.
    pub fn of(estimands: &Estimands, estimate: &Estimate) -> Vec<Self> {
        let mut point = Point::new(estimands, estimate);
        let texts = estimands.texts().enumerate();
        texts.map(|(k, text)| point.linear(k, text.to_owned())).collect()
    }

    /// The value with its error and interval; the interval extends `z` errors to either side.
    fn derived(self, estimate: &Estimate, z: f64) -> Derived {
        let error = self.slopes.and_then(|slopes| error(&slopes, estimate));
        let std_error = error.as_ref().ok().copied();
        let interval =
            self.value.zip(std_error).map(|(at, error)| (at - z * error, at + z * error));
        let reason = error.err();
        Derived { expression: self.text, estimate: self.value, std_error, interval, reason }
    }
}

/// The standard error of a function with these slopes, or the reason why it has none.
pub(super) fn error(slopes: &[f64], estimate: &Estimate) -> Result<f64, String> {
    let Some(covariance) = &estimate.covariance else {
        return Err("the covariance was not asked for".to_owned());
    };
    let (variance, size) = form(slopes, slopes, covariance);
    match variance > ROUNDING * size {
        true if variance.is_finite() => Ok(variance.sqrt()),
        true => Err("its error is not finite".to_owned()),
        false => Err("does not vary beyond rounding".to_owned()),
    }
}

/// aᵀ Cov b, and the sum of the absolute values of its terms.
pub(super) fn form(a: &[f64], b: &[f64], covariance: &[Vec<f64>]) -> (f64, f64) {
    let (mut sum, mut size) = (0.0, 0.0);
    for (a, row) in a.iter().zip(covariance).filter(|(a, _)| **a != 0.0) {
        for (b, entry) in b.iter().zip(row).filter(|(b, _)| **b != 0.0) {
            let term = a * b * entry;
            sum += term;
            size += term.abs();
        }
    }
    (sum, size)
}

/// The values of expressions at the parameters `theta`.
fn evaluate_at(estimands: &Estimands, graph: &Graph, roots: &[ExprId], theta: &[f64]) -> Vec<f64> {
    let mut inputs = vec![f64::NAN; graph.inputs().len()];
    let places = estimands.parameters().iter().zip(theta);
    places.for_each(|(input, &value)| inputs[input.index()] = value);
    evaluate(graph, roots, |input| inputs[input.index()])
}

/// Functions with the point at which they are linearised.
struct Point<'a> {
    estimands: &'a Estimands,
    parameters: &'a [FittedParameter],
    /// The canonical graph, in which derivatives are taken.
    graph: Graph,
    nodes: Vec<ExprId>,
}

impl<'a> Point<'a> {
    fn new(estimands: &'a Estimands, estimate: &'a Estimate) -> Self {
        let graph = estimands.canonical().0.clone();
        let nodes = estimands.parameters().iter().map(|&one| graph.input_node(one)).collect();
        Self { estimands, parameters: &estimate.parameters, graph, nodes }
    }

    fn linear(&mut self, k: usize, text: String) -> Linear {
        let theta: Vec<f64> = self.parameters.iter().map(|one| one.estimate).collect();
        let (graph, roots) = self.estimands.verbatim();
        let value = Some(self.evaluate(graph, &roots[k..=k], &theta)[0]).filter(|v| v.is_finite());
        let slopes = match value {
            Some(_) => self.slopes(self.estimands.canonical().1[k], &theta),
            None => Err("not finite".to_owned()),
        };
        Linear { text, value, slopes }
    }

    fn evaluate(&self, graph: &Graph, roots: &[ExprId], theta: &[f64]) -> Vec<f64> {
        evaluate_at(self.estimands, graph, roots, theta)
    }

    /// ∂τ/∂θ; zero for held parameters. `Err` has the reason why there is none.
    fn slopes(&mut self, root: ExprId, theta: &[f64]) -> Result<Vec<f64>, String> {
        let slopes = gradient(&mut self.graph, root, &self.nodes);
        let below = self.graph.inputs_below(root);
        let inputs = self.estimands.parameters().iter().enumerate();
        let needed: Vec<usize> =
            inputs.filter(|(_, input)| below.contains(input)).map(|(j, _)| j).collect();
        let moves = |j: &usize| self.parameters[*j].status != Status::Fixed;
        let moving: Vec<usize> = needed.iter().copied().filter(moves).collect();
        if let Some(reason) = self.obstacle(&needed, &moving) {
            return Err(reason);
        }
        let roots: Vec<ExprId> = moving.iter().map(|&j| slopes[j]).collect();
        let found = self.evaluate(&self.graph, &roots, theta);
        if !found.iter().all(|slope| slope.is_finite()) {
            return Err("no finite derivative".to_owned());
        }
        let outputs: Vec<ExprId> = roots.iter().copied().chain([root]).collect();
        let bends = moving.iter().map(|&j| self.bend(&outputs, theta, &moving, j));
        let Some(bends) = bends.collect::<Option<Vec<f64>>>() else {
            return Err("not differentiable".to_owned());
        };
        if bends.iter().any(|bend| *bend >= self.total(&moving, &found)) {
            return Err("flat at the estimate".to_owned());
        }
        let mut all = vec![0.0; slopes.len()];
        moving.iter().zip(found).for_each(|(&j, slope)| all[j] = slope);
        Ok(all)
    }

    /// The reason why a function of these parameters has no error whatever its slopes, if there is
    /// one.
    fn obstacle(&self, needed: &[usize], moving: &[usize]) -> Option<String> {
        let named = |j: usize, what: &str| Some(format!("{} {what}", self.parameters[j].name));
        let without = |j: &&usize| self.parameters[**j].std_error.is_none();
        match (moving.iter().find(without), needed) {
            (Some(&j), _) => match self.parameters[j].status {
                Status::AtBound => named(j, "is at bound"),
                Status::AtInfinity => named(j, "runs to infinity"),
                Status::Unidentified => named(j, "is not identified"),
                Status::Interior | Status::Fixed => named(j, "has no error"),
            },
            (None, [first, ..]) if moving.is_empty() => named(*first, "is held fixed"),
            (None, []) => Some("constant".to_owned()),
            (None, [..]) => None,
        }
    }

    /// Σ |slope| · standard error over the moving parameters.
    fn total(&self, moving: &[usize], slopes: &[f64]) -> f64 {
        moving.iter().zip(slopes).map(|(&k, slope)| slope.abs() * self.error(k)).sum()
    }

    fn error(&self, j: usize) -> f64 {
        self.parameters[j].std_error.unwrap_or(f64::NAN)
    }

    /// The change of the slopes across the estimate along parameter `j`, as `total` measures it;
    /// `None` where a slope or the value jumps, that is, where its change does not shrink with the
    /// step: at a kink or a pole that rounding has placed beside the estimate. `outputs` are the
    /// slopes by the moving parameters, then the value.
    fn bend(&self, outputs: &[ExprId], theta: &[f64], moving: &[usize], j: usize) -> Option<f64> {
        let at = |by: f64| {
            let mut moved = theta.to_vec();
            moved[j] += by;
            self.evaluate(&self.graph, outputs, &moved)
        };
        let step = STEP * self.error(j);
        let changes = |step: f64| -> (Vec<f64>, Vec<f64>) {
            let (low, high) = (at(-step), at(step));
            (low.iter().zip(&high).map(|(low, high)| (high - low).abs()).collect(), high)
        };
        let ((wide, _), (narrow, near)) = (changes(step), changes(step / SHRINK));
        let total = self.total(moving, &near);
        let shrinks = |k: usize| {
            let size = moving.get(k).map_or(near[k].abs(), |&k| total / self.error(k));
            narrow[k] <= (KEPT * wide[k]).max(JUMP * size)
        };
        (0..outputs.len()).all(shrinks).then(|| self.total(moving, &narrow))
    }
}
