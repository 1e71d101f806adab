//! Robust fits, in which rows that are unlikely under the fitted density count less (Windham 1995,
//! JRSS B 57:599; for score matching Scealy, Hingee, Kent, Wood 2024).
//!
//! Where log p is linear in its parameters, Σ θ_k T_k(x) plus a term without parameters, a row has
//! the weight
//!
//! ```text
//! w_i = exp(Σ c_k θ_k T_k(x_i))
//! ```
//!
//! up to a factor, and the fit of the weighted rows estimates (1 + c_k)θ_k, so that the iteration θ_k
//! ← θ̂_k/(1 + c_k) is repeated until it converges. At its limit the mean of w ψ((1 + c)θ) is zero:
//! standard errors are the sandwich errors of this equation, in which the weights depend on θ too.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};

use crate::calculus::gradient;
use crate::data::Selection;
use crate::graph::{ExprId, Number};
use crate::model::Model;
use crate::objective::{Rows, Specification, WeightsKind};
use crate::program::Program;

use super::driver::on_rows;
use super::error::Error;
use super::options::Options;
use super::problem::{Problem, layout};
use super::task::Task;
use super::{Estimate, Outcome, Status};

/// Most iterations, and the relative change of every parameter at which they end.
const ROUNDS: usize = 10_000;
const SETTLED: f64 = 1e-11;
/// A parameter below this share of its largest value so far counts as zero.
const ZERO: f64 = 1e-12;

const NOT_LINEAR: &str = "log p must be linear in its parameters; write it in natural ones, as \
                          `a*x - b*x^2/2` for a normal";
const NO_MINIMUM: &str = "the fit of the rows as they are has no minimum";

/// The end of the iteration.
struct Settled {
    /// Raw parameters.
    theta: Vec<f64>,
    /// Weights of the rows, up to a factor.
    weights: Vec<f64>,
    rounds: usize,
    settled: bool,
}

/// A model whose rows are weighted by its own density.
struct Robust<'a> {
    model: &'a Model,
    columns: &'a [&'a [f64]],
    /// The power c by parameter; 0 for held ones.
    power: Vec<f64>,
    /// Computes Σ c_k θ_k T_k of every row.
    exponent: Program,
    threads: usize,
}

/// The fit with the weights at which the iteration ends.
pub(super) fn fit(
    model: &Model,
    data: &Selection,
    (specification, columns): (&Specification, &[&[f64]]),
    options: &Options,
) -> Result<Estimate, Error> {
    let mut power = options.powers(model)?;
    options.held(model)?.iter().for_each(|&(j, _)| power[j] = 0.0);
    let weighed = |weights: &[f64]| {
        let rows = Rows::new(columns, data.original_rows()).seed(options.seed);
        let rows = rows.weights("robust", WeightsKind::Probability, weights);
        specification.clone().on(model, &rows).map_err(Error::Unsuited)
    };
    let ones = vec![1.0; data.rows()];
    let task = Task::new(model, weighed(&ones)?, columns.to_vec(), options)?;
    let robust = Robust::new(model, columns, power, options.threads)
        .ok_or(Error::NotRobust { reason: NOT_LINEAR })?;
    let problem = task.compile(task.plain())?;
    if !problem.objective.is_quadratic() {
        return Err(Error::NotRobust { reason: NOT_LINEAR });
    }
    let settled = robust.settle(&task, problem, options)?;
    let specification = weighed(&settled.weights)?;
    let whole = specification.clone();
    let rows = (specification, columns.to_vec(), data.original_rows());
    let mut estimate = on_rows(model, data, options, &whole, rows)?;
    robust.restate(&mut estimate, &whole, &settled, options.reach());
    Ok(estimate)
}

/// The weights of rows in a robust fit with parameters θ, the largest one 1; `None` where the options
/// request no robust fit. Columns are those of the data, then of the covariates.
///
/// # Errors
/// When log p is not linear in its parameters, or the options have no valid powers.
pub fn windham_weights(
    model: &Model,
    columns: &[&[f64]],
    theta: &[f64],
    options: &Options,
) -> Result<Option<Vec<f64>>, Error> {
    if !options.is_robust() {
        return Ok(None);
    }
    let columns = &columns[..model.row_inputs().len()];
    let robust = Robust::new(model, columns, options.powers(model)?, options.threads);
    let robust = robust.ok_or(Error::NotRobust { reason: NOT_LINEAR })?;
    Ok(Some(robust.weights(theta)))
}

impl<'a> Robust<'a> {
    /// `None` where log p is not linear in its parameters.
    fn new(
        model: &'a Model,
        columns: &'a [&'a [f64]],
        power: Vec<f64>,
        threads: usize,
    ) -> Option<Self> {
        let mut graph = model.graph().clone();
        let layout = layout(model);
        let theta: Vec<ExprId> =
            layout.parameters.iter().map(|&input| graph.input_node(input)).collect();
        let statistics = gradient(&mut graph, model.log_density(), &theta);
        let depends = graph.dependents(&theta);
        if statistics.iter().any(|statistic| depends[statistic.index()]) {
            return None;
        }
        // Statistics without power are left out, since they may be infinite, as a logarithm of zero
        // is.
        let terms = power.iter().zip(&theta).zip(&statistics).filter(|((c, _), _)| **c != 0.0);
        let terms: Vec<ExprId> = terms
            .map(|((&c, &theta), &statistic)| {
                let term = graph.mul(theta, statistic);
                graph.scale(Number::float(c), term)
            })
            .collect();
        let exponent = graph.total(&terms);
        let exponent = Program::compile(&graph, &layout, &[exponent]);
        Some(Self { model, columns, power, exponent, threads })
    }

    /// exp(Σ c_k θ_k T_k) of every row, scaled to a largest weight of 1.
    fn weights(&self, theta: &[f64]) -> Vec<f64> {
        let logs = self.exponent.rows(self.columns, theta, self.threads).swap_remove(0);
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        logs.iter().map(|log| (log - largest).exp()).collect()
    }

    /// Iterates until the parameters converge, from the user's start values, otherwise from the fit
    /// without weights.
    fn settle(
        &self,
        task: &Task<'_>,
        problem: Problem,
        options: &Options,
    ) -> Result<Settled, Error> {
        let mut problem = problem;
        let mut theta = solved(task, &problem).ok_or(Error::NotRobust { reason: NO_MINIMUM })?;
        for (j, value) in options.start_values(self.model)? {
            theta[j] = value;
        }
        let place = self.columns.len();
        let mut sizes: Vec<f64> = theta.iter().map(|one| one.abs()).collect();
        for round in 1..=ROUNDS {
            let weights = self.weights(&theta);
            let total: f64 = weights.iter().sum();
            let mean = total / weights.len() as f64;
            let columns = Arc::make_mut(&mut problem.columns);
            columns[place] = weights.iter().map(|weight| weight / mean).collect();
            let Some(found) = solved(task, &problem).filter(|_| !options.is_interrupted()) else {
                return Ok(Settled { theta, weights, rounds: round, settled: false });
            };
            let next: Vec<f64> =
                found.iter().zip(&self.power).map(|(t, c)| t / (1.0 + c)).collect();
            sizes.iter_mut().zip(&next).for_each(|(size, one)| *size = size.max(one.abs()));
            let still = |((old, new), size): ((&f64, &f64), &f64)| {
                (old - new).abs() <= SETTLED * new.abs().max(ZERO * size)
            };
            let settled = theta.iter().zip(&next).zip(&sizes).all(still);
            theta = next;
            if settled {
                let weights = self.weights(&theta);
                return Ok(Settled { theta, weights, rounds: round, settled: true });
            }
        }
        let weights = self.weights(&theta);
        Ok(Settled { theta, weights, rounds: ROUNDS, settled: false })
    }

    /// Replaces the estimate (1 + c)θ of the fit of the weighted rows by θ, with standard errors and
    /// intervals of half-width `z` errors.
    fn restate(
        &self,
        estimate: &mut Estimate,
        specification: &Specification,
        at: &Settled,
        z: f64,
    ) {
        let errors = self.covariance(specification, at, estimate);
        for (j, parameter) in estimate.parameters.iter_mut().enumerate() {
            if parameter.status == Status::Fixed {
                continue;
            }
            parameter.estimate = at.theta[j];
            let error = errors.as_ref().map(|found| found[(j, j)].sqrt());
            parameter.std_error = error.filter(|error| error.is_finite() && *error > 0.0);
            let bounds = self.model.blocks()[self.model.parameters()[j].block].constraint.bounds();
            let inside = |theta: f64| theta.clamp(bounds.0, bounds.1);
            parameter.interval = parameter
                .std_error
                .map(|error| [-z * error, z * error].map(|by| inside(at.theta[j] + by)).into());
        }
        let rows =
            |m: &DMatrix<f64>| m.row_iter().map(|row| row.iter().copied().collect()).collect();
        estimate.covariance = errors.as_ref().map(rows);
        estimate.row_weights = None;
        estimate.detail = Some(self.words(at));
        estimate.minima.truncate(1);
        if let Some(minimum) = estimate.minima.first_mut() {
            minimum.estimate.clone_from(&at.theta);
        }
        if !at.settled && estimate.outcome == Outcome::Converged {
            estimate.outcome = Outcome::NotConverged;
            estimate.stop_reason = format!("the weights did not settle in {} rounds", at.rounds);
        }
    }

    fn words(&self, at: &Settled) -> String {
        let mut powers: Vec<(f64, Vec<&str>)> = Vec::new();
        for (j, &c) in self.power.iter().enumerate().filter(|(_, c)| **c != 0.0) {
            let name = self.model.parameters()[j].name.as_str();
            match powers.iter_mut().find(|(known, _)| *known == c) {
                Some((_, names)) => names.push(name),
                None => powers.push((c, vec![name])),
            }
        }
        let each = powers.iter().map(|(c, names)| match names.len() == self.power.len() {
            true => format!("{c}"),
            false => format!("{c} in {}", names.join(", ")),
        });
        let list = each.collect::<Vec<_>>().join(", ");
        format!("robust weights of power {list}, settled in {} rounds", at.rounds)
    }

    /// A⁻¹KA⁻ᵀ/n of the equation mean w(θ)ψ((1 + c)θ) = 0 over the parameters inside their
    /// constraints; zero for the others. A = mean w (ψ_i c_j T_j + (1 + c_j)∂ψ_i/∂θ_j), T_j = ∂log
    /// p/∂θ_j.
    fn covariance(
        &self,
        specification: &Specification,
        at: &Settled,
        estimate: &Estimate,
    ) -> Option<DMatrix<f64>> {
        let all = at.theta.len();
        let free: Vec<usize> =
            (0..all).filter(|&j| estimate.parameters[j].status == Status::Interior).collect();
        let (p, rows) = (free.len(), at.weights.len());
        if rows <= p || !at.settled {
            return None;
        }
        let means = self.means(specification, &free, &at.theta);
        let (bread, meat) = means.split_at(p * p);
        let (bread, meat) =
            (DMatrix::from_row_slice(p, p, bread), DMatrix::from_row_slice(p, p, meat));
        // Scaled to unit diagonal of K, so that the units of parameters do not matter.
        let unit = meat.diagonal().map(f64::sqrt);
        let scaled_meat = DMatrix::from_fn(p, p, |i, j| meat[(i, j)] / unit[i] / unit[j]);
        let bread = DMatrix::from_fn(p, p, |i, j| bread[(i, j)] / unit[i]).lu();
        let half = bread.solve(&scaled_meat)?;
        let found = bread.solve(&half.transpose())? / rows as f64;
        let place = |j: usize| free.iter().position(|&other| other == j);
        Some(DMatrix::from_fn(all, all, |i, j| match (place(i), place(j)) {
            (Some(i), Some(j)) => found[(i, j)],
            (None, _) | (_, None) => 0.0,
        }))
    }

    /// The entries of A, then those of K = mean w²ψψᵀ, row by row.
    fn means(&self, specification: &Specification, free: &[usize], theta: &[f64]) -> Vec<f64> {
        let mut graph = self.model.graph().clone();
        let layout = specification.layout(&mut graph, self.model);
        let node = |j: &usize| graph.input_node(layout.parameters[*j]);
        let inputs: Vec<ExprId> = free.iter().map(node).collect();
        let log_density = self.model.log_density();
        let loss = specification.weighed_loss(&mut graph, log_density).total;
        let psi = gradient(&mut graph, loss, &inputs);
        let statistics = gradient(&mut graph, log_density, &inputs);
        let mut entries = Vec::with_capacity(2 * free.len() * free.len());
        for &own in &psi {
            let slopes = gradient(&mut graph, own, &inputs);
            for ((&j, &statistic), &slope) in free.iter().zip(&statistics).zip(&slopes) {
                let c = self.power[j];
                let pulled = match c == 0.0 {
                    true => graph.zero(),
                    false => graph.mul(own, statistic),
                };
                let pulled = graph.scale(Number::float(c), pulled);
                let bent = graph.scale(Number::float(1.0 + c), slope);
                entries.push(graph.add(pulled, bent));
            }
        }
        let pairs = psi.iter().flat_map(|&a| psi.iter().map(move |&b| (a, b)));
        entries.extend(pairs.map(|(a, b)| graph.mul(a, b)).collect::<Vec<_>>());
        let program = Program::compile_means(&graph, &layout, &entries);
        let moved: Vec<f64> =
            theta.iter().zip(&self.power).map(|(theta, c)| (1.0 + c) * theta).collect();
        program.evaluate(&specification.columns(self.columns), &moved, self.threads)
    }
}

/// All raw parameters at the minimum of a problem that is quadratic in them; `None` where it has no
/// minimum.
fn solved(task: &Task<'_>, problem: &Problem) -> Option<Vec<f64>> {
    let plain = task.plain();
    let batch = problem.batch();
    let origin = vec![0.0; problem.objective.parameters()];
    let expansion = batch.expand(&origin);
    let unit = expansion.hessian.diagonal().map(f64::sqrt);
    let p = origin.len();
    let scaled = DMatrix::from_fn(p, p, |i, j| expansion.hessian[(i, j)] / unit[i] / unit[j]);
    let factor = scaled.cholesky()?;
    let mut at = DVector::zeros(p);
    // The second step removes rounding errors of the first.
    for _ in 0..2 {
        let (_, slope) = batch.gradient(at.as_slice());
        at -= factor.solve(&slope.component_div(&unit)).component_div(&unit);
    }
    let found = task.frame.raw(&task.inner_theta(plain, at.as_slice())?);
    found.iter().all(|one| one.is_finite()).then_some(found)
}
