//! Derivatives of a model compared with finite differences at random points.

mod comparison;
mod differences;
mod points;

use super::Derivation;
use crate::data::Selection;
use crate::graph::{ExprId, InputId, evaluate};
use crate::model::{Component, Model};
use crate::objective::Specification;
use comparison::Comparison;
use differences::{Difference, derivative};
use points::{Point, Points};

pub use comparison::Tally;

/// Number of points, for a small model.
const POINTS: usize = 20;
/// Most evaluations of nodes.
const WORK: usize = 400_000_000;
/// Most evaluations of a function for one difference quotient.
const EVALUATIONS: usize = 20;

/// The result of comparing derivatives with finite differences.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Number of points drawn.
    pub points: usize,
    /// Number of points at which log p is finite; derivatives are compared only there.
    pub usable: usize,
    /// Counts of comparisons by kind of derivative.
    pub tallies: Vec<(&'static str, Tally)>,
    /// The first derivative that is wrong.
    pub first: Option<Mismatch>,
}

/// A derivative that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// The name of the derivative, as in "score of `x`".
    pub what: String,
    /// The symbolic derivative.
    pub derived: f64,
    /// The difference quotient; `None` where the symbolic derivative is not finite.
    pub by_differences: Option<f64>,
    /// Data, covariates and parameters at the point.
    pub place: Vec<(String, f64)>,
}

impl Check {
    /// Compares the score and Laplacian, or the differences of binary data, and the gradient of the
    /// loss with finite differences of log p, of the score and of the loss. The data of a point are a
    /// row of `rows`, or without rows a draw from the supports; parameters are drawn inside their
    /// constraints. `progress` receives the number of each point, from 1, and the number of all
    /// points.
    #[must_use]
    pub fn of(
        specification: &Specification,
        model: &Model,
        rows: Option<&Selection>,
        seed: u64,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Self {
        let derivation = Derivation::by(specification, model);
        let points = Points::new(model, rows, seed);
        let count = point_count(model, &derivation);
        let names = match specification.is_binary() {
            true => &["difference", "d loss/d parameter"][..],
            false => &["score", "Laplacian", "d loss/d parameter"],
        };
        let mut tallies: Vec<_> = names.iter().map(|&name| (name, Tally::default())).collect();
        let (mut usable, mut first) = (0, None);
        for number in 0..count {
            progress(number + 1, count);
            let site = Site { model, derivation: &derivation, point: points.point(number as u64) };
            if site.value(derivation.log_density).is_finite() {
                usable += 1;
                let wrong = site.compare(&mut tallies);
                first = first.or(wrong);
            }
        }
        Self { points: count, usable, tallies, first }
    }

    /// Whether derivatives were compared at some point and none is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.usable > 0 && self.tallies.iter().all(|(_, tally)| tally.wrong() == 0)
    }
}

fn point_count(model: &Model, derivation: &Derivation) -> usize {
    let quotients = 2 * model.data().len() + model.parameters().len();
    let work = EVALUATIONS * quotients.max(1) * derivation.graph.len();
    (WORK / work).clamp(2, POINTS)
}

/// A model at one point.
struct Site<'a> {
    model: &'a Model,
    derivation: &'a Derivation,
    point: Point,
}

/// A symbolic derivative with its difference quotient.
struct Pair {
    /// Name of its tally.
    tally: &'static str,
    what: String,
    derived: f64,
    quotient: Difference,
}

impl Site<'_> {
    fn value(&self, root: ExprId) -> f64 {
        evaluate(&self.derivation.graph, &[root], |input| self.point.at(input))[0]
    }

    /// The difference quotient of a root by one input.
    fn slope(&self, root: ExprId, by: InputId) -> Difference {
        let graph = &self.derivation.graph;
        let shifted =
            |at: f64| evaluate(graph, &[root], |i| if i == by { at } else { self.point.at(i) })[0];
        derivative(shifted, self.point.at(by))
    }

    /// Adds the comparisons at the point to the counts; returns the first derivative that is wrong.
    fn compare(&self, tallies: &mut [(&'static str, Tally)]) -> Option<Mismatch> {
        let mut wrong = None;
        for pair in self.pairs() {
            let comparison = Comparison::of(pair.derived, pair.quotient);
            let own = tallies.iter_mut().filter(|(other, _)| *other == pair.tally);
            own.for_each(|(_, tally)| tally.add(comparison));
            wrong = wrong.or_else(|| self.mismatch(comparison, pair));
        }
        wrong
    }

    fn mismatch(&self, comparison: Comparison, pair: Pair) -> Option<Mismatch> {
        let Pair { what, derived, quotient, .. } = pair;
        let by_differences = match comparison {
            Comparison::Agree(_) | Comparison::Unclear => return None,
            Comparison::Differ(_) => Some(quotient.value),
            Comparison::NotFinite => None,
        };
        Some(Mismatch { what, derived, by_differences, place: self.place() })
    }

    /// All derivatives at the point with their quotients.
    fn pairs(&self) -> Vec<Pair> {
        let pair = |tally, what, derived, quotient| Pair { tally, what, derived, quotient };
        let Derivation { log_density, loss, laplacian, .. } = *self.derivation;
        let mut pairs = Vec::new();
        let mut trace = Difference { value: 0.0, error: 0.0 };
        for (component, slope) in self.model.data().iter().zip(&self.derivation.score) {
            let what = format!("score of `{}`", component.name);
            let quotient = self.slope(log_density, component.input);
            pairs.push(pair("score", what, self.value(slope.expr), quotient));
            let second = self.slope(slope.expr, component.input);
            trace.value += second.value;
            trace.error += second.error;
        }
        if let Some(laplacian) = laplacian {
            let derived = self.value(laplacian);
            pairs.push(pair("Laplacian", "Laplacian".to_owned(), derived, trace));
        }
        for (component, one) in self.model.data().iter().zip(&self.derivation.differences) {
            let what = format!("difference in `{}`", component.name);
            pairs.push(pair("difference", what, self.value(one.expr), self.flipped(component)));
        }
        for (parameter, slope) in self.model.parameters().iter().zip(&self.derivation.gradient) {
            let what = format!("d loss/d `{}`", parameter.name);
            let quotient = self.slope(loss, parameter.input);
            pairs.push(pair("d loss/d parameter", what, self.value(slope.expr), quotient));
        }
        pairs
    }

    /// The decrease of log p when a binary component takes its other value.
    fn flipped(&self, component: &Component) -> Difference {
        let by = component.input;
        let log_p = |x: f64| {
            let at = |input| if input == by { x } else { self.point.at(input) };
            evaluate(&self.derivation.graph, &[self.derivation.log_density], at)[0]
        };
        let x = self.point.at(by);
        let other = component.support.values().map_or(x, |(first, second)| first + second - x);
        let (here, there) = (log_p(x), log_p(other));
        Difference { value: here - there, error: f64::EPSILON * (here.abs() + there.abs()) }
    }

    /// Every input of the model with its value.
    fn place(&self) -> Vec<(String, f64)> {
        let components = self.model.data().iter().chain(self.model.covariates());
        let components = components.map(|component| (&component.name, component.input));
        let parameters = self.model.parameters().iter().map(|one| (&one.name, one.input));
        let named = |(name, input): (&String, InputId)| (name.clone(), self.point.at(input));
        components.chain(parameters).map(named).collect()
    }
}
