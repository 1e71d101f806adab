//! The terms of an objective as functions of a parameter.

use super::{Axis, Layer, Mark, Panel, Role};
use crate::data::Selection;
use crate::fit::{self, fit};
use crate::graph::ExprId;
use crate::model::Model;
use crate::objective::Specification;
use crate::program::Program;

/// J and its terms at a series of values of one parameter.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sweep {
    /// The parameter, as in `s2` or `W[1,2]`.
    pub parameter: String,
    /// Its values, in order.
    pub values: Vec<f64>,
    /// All parameters at each value, in order of the model.
    pub thetas: Vec<Vec<f64>>,
    /// Names of the terms, as in `laplacian`.
    pub names: Vec<&'static str>,
    /// Means of the terms over the rows at each value; they sum to `totals`.
    pub terms: Vec<Vec<f64>>,
    /// J at each value.
    pub totals: Vec<f64>,
    /// Whether the other parameters were refitted at each value.
    pub is_profile: bool,
}

impl Sweep {
    /// Varies one parameter of a model on its rows, with the others as in `theta`.
    ///
    /// # Panics
    /// When the parameter, θ or the rows are not those of the model.
    #[must_use]
    pub fn of(
        specification: &Specification,
        model: &Model,
        data: &Selection,
        theta: &[f64],
        (parameter, values): (usize, &[f64]),
        threads: usize,
    ) -> Self {
        let moved = |&value: &f64| {
            let mut theta = theta.to_vec();
            theta[parameter] = value;
            theta
        };
        let thetas = values.iter().map(moved).collect();
        Self::at(specification, model, data, (parameter, thetas), threads)
    }

    /// Varies one parameter with the others refitted at each value, each fit starting at the estimate
    /// before; start values of the options are ignored.
    ///
    /// # Errors
    /// When one of the fits is refused.
    ///
    /// # Panics
    /// When the parameter, θ or the rows are not those of the model.
    pub fn profile(
        specification: &Specification,
        model: &Model,
        data: &Selection,
        theta: &[f64],
        (parameter, values): (usize, &[f64]),
        options: &fit::Options,
    ) -> Result<Self, fit::Error> {
        let name = |k: usize| model.parameters()[k].name.as_str();
        let (mut last, mut thetas) = (theta.to_vec(), Vec::with_capacity(values.len()));
        for &value in values {
            last[parameter] = value;
            let held = options.clone().starts(1).hold(name(parameter), value);
            let others = (0..last.len()).filter(|&k| k != parameter);
            let started = held.starting_at(others.map(|k| (name(k).to_owned(), last[k])).collect());
            match fit(model, data, &started) {
                Ok(estimate) => last = estimate.parameters.iter().map(|one| one.estimate).collect(),
                // Where no other parameter is free, the profile is the plain sweep.
                Err(fit::Error::NothingToEstimate { .. }) => {}
                Err(error) => return Err(error),
            }
            thetas.push(last.clone());
        }
        let threads = options.threads;
        let sweep = Self::at(specification, model, data, (parameter, thetas), threads);
        Ok(Self { is_profile: true, ..sweep })
    }

    fn at(
        specification: &Specification,
        model: &Model,
        data: &Selection,
        (parameter, thetas): (usize, Vec<Vec<f64>>),
        threads: usize,
    ) -> Self {
        let mut graph = model.graph().clone();
        let layout = specification.layout(&mut graph, model);
        let loss = specification.weighed_loss(&mut graph, model.log_density());
        let outputs: Vec<ExprId> =
            loss.terms.iter().map(|term| term.1).chain([loss.total]).collect();
        let program = Program::compile_means(&graph, &layout, &outputs);
        let slices = data.slices();
        let columns = specification.columns(&slices);
        let means = |theta: &Vec<f64>| program.evaluate(&columns, theta, threads);
        let mut terms: Vec<Vec<f64>> = thetas.iter().map(means).collect();
        let last = |terms: &mut Vec<f64>| terms.pop().expect("J is the last mean");
        let totals = terms.iter_mut().map(last).collect();
        Self {
            parameter: model.parameters()[parameter].name.clone(),
            values: thetas.iter().map(|theta| theta[parameter]).collect(),
            thetas,
            names: loss.terms.iter().map(|term| term.0).collect(),
            terms,
            totals,
            is_profile: false,
        }
    }

    /// The position of the lowest finite J; `None` where no J is finite.
    #[must_use]
    pub fn lowest(&self) -> Option<usize> {
        let finite = (0..self.totals.len()).filter(|&k| self.totals[k].is_finite());
        finite.min_by(|&a, &b| self.totals[a].total_cmp(&self.totals[b]))
    }

    /// J as a function of the parameter, with the estimate, and with an interval and its name.
    #[must_use]
    pub fn panel(&self, estimate: f64, interval: Option<(&str, (f64, f64))>) -> Panel {
        let x =
            Axis::new(self.parameter.clone(), self.values[0], self.values[self.values.len() - 1]);
        let finite = || self.totals.iter().copied().filter(|total| total.is_finite());
        let (low, high) =
            finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), z| (a.min(z), b.max(z)));
        // A constant J, and one that is finite nowhere, have a range of their own.
        let room = if high > low { 0.08 * (high - low) } else { 1.0 };
        let (low, high) = if low <= high { (low - room, high + room) } else { (-1.0, 1.0) };
        let line = self.values.iter().copied().zip(self.totals.iter().copied()).collect();
        let band = interval.map(|(name, (from, to))| {
            let inside = |x: f64| x.clamp(self.values[0], self.values[self.values.len() - 1]);
            let band = vec![(inside(from), low, high), (inside(to), low, high)];
            Layer::new(Role::Score, Mark::Band(band)).named(name)
        });
        let at = Mark::Line(vec![(estimate, low), (estimate, high)]);
        let at = Layer::new(Role::Guide, at).named("estimate");
        let line = Layer::new(Role::Model, Mark::Line(line)).named("J");
        let layers = band.into_iter().chain([at, line]).collect();
        let title = if self.is_profile { "J, the others fitted" } else { "J, the others held" };
        Panel::new(title, x, Axis::new("J", low, high), layers)
    }
}
