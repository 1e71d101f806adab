//! The estimate in the user's coordinates.

use crate::data::OriginalRows;
use crate::model::Constraint;
use crate::objective::Specification;

use super::bounds::{Edge, Ends, FAR};
use super::candidates::{Candidate, Verdict};
use super::options::{Covariance, Standardise};
use super::task::{Solution, Task};
use super::uncertainty::{Evidence, Uncertainty};
use super::verdicts::{Findings, beside_edges, may_not_normalise, not_periodic};
use super::{Estimate, FittedParameter, Method, Minimum, Outcome, Starts, Status, Warning};

/// A larger standard error of a coordinate on the log scale is uninformative.
const VAGUE: f64 = 3.0;

/// Largest number of parameters whose covariance is returned without being requested.
const COVARIANCE_MAX: usize = 500;

/// Text of the weight that `--standardise` applies.
const STANDARDISED: &str = "the squared spread of each data component, a constant";

/// The results of which an estimate is made.
pub(super) struct Report<'a> {
    pub task: &'a Task<'a>,
    pub solution: &'a Solution,
    pub original_rows: OriginalRows<'a>,
    /// Rows of unit vectors and compositions that were rescaled.
    pub rescaled: usize,
    /// Rows of the data, before binary rows are counted by pattern.
    pub rows: usize,
    /// The objective on all rows of the data.
    pub whole: &'a Specification,
}

/// The estimate with its standard errors and warnings.
pub(super) fn estimate(report: &Report<'_>) -> Estimate {
    let Report { task, solution, .. } = report;
    let (model, best, problem) = (task.model, &solution.best, &solution.problem);
    let specification = &task.asked.specification;
    let uncertainty = report.uncertainty();
    let edges = report.edges(uncertainty.as_ref());
    let parts = problem.parts(&solution.at);
    let components = model.data().iter().map(|component| component.name.clone());
    let minima = || solution.minima.iter().map(|minimum| report.minimum(minimum));
    Estimate {
        rows: if report.is_on_a_sample() { report.rows_held() } else { report.rows },
        row_weights: report.whole.row_weights(),
        clusters: report.whole.size().and_then(|size| size.clusters),
        dimension: model.data().len(),
        objective_kind: problem.kind,
        detail: specification.drawn(),
        weight: report.weight(),
        frozen: specification.constants(),
        transform: specification.transform(),
        objective: best.value() * problem.unit,
        terms: parts.terms,
        components: components.zip(parts.components).collect(),
        level: task.options.level,
        parameters: report.parameters(uncertainty.as_ref(), &edges),
        covariance: report.covariance(uncertainty.as_ref()),
        derived: Vec::new(),
        wald: None,
        bootstrap: None,
        profile: None,
        method: solution.method,
        path: solution.path,
        outcome: solution.outcome,
        stop_reason: report.stop_reason().to_owned(),
        iterations: match solution.outcome {
            Outcome::Interrupted => task.steps.get(),
            Outcome::Converged | Outcome::NotConverged | Outcome::Unbounded => best.path.iterations,
        },
        evaluations: task.evaluations.get(),
        gradient_norm: best.gradient_norm,
        scaled_condition: match (&uncertainty, best.identified()) {
            (Some(uncertainty), _) => uncertainty.condition,
            (None, Some(found)) if best.without_errors => found.condition(),
            (None, _) => None,
        },
        starts: starts(&solution.ends),
        minima: minima().collect(),
        warnings: report.warnings(uncertainty.as_ref(), &edges),
    }
}

fn on_a_sample(rows: usize, all: usize) -> Warning {
    let headline = format!(
        "the search was stopped: J and standard errors are those of a sample of {rows} of the {all} \
         rows"
    );
    Warning::new("sample-only", headline)
}

fn starts(ends: &[Candidate]) -> Starts {
    let mut starts = Starts { tried: ends.len(), ..Starts::default() };
    for end in ends {
        match end.verdict {
            Verdict::Proper => starts.converged += 1,
            Verdict::Collapsed(_) => starts.collapsed += 1,
            Verdict::Unfinished => starts.failed += 1,
        }
    }
    starts
}

impl Report<'_> {
    /// Rows over which J was taken: those of a sample where a search on many rows was interrupted.
    fn rows_held(&self) -> usize {
        self.solution.problem.columns[0].len()
    }

    fn is_on_a_sample(&self) -> bool {
        self.rows_held() < self.original_rows.len()
    }

    /// The n of standard errors, and the number of independent observations.
    fn observations(&self) -> (usize, usize) {
        match self.task.weighing() {
            Some(weighing) if !self.is_on_a_sample() => {
                (weighing.observations(), weighing.independent())
            }
            Some(_) | None => (self.rows_held(), self.rows_held()),
        }
    }

    fn minimum(&self, minimum: &Candidate) -> Minimum {
        let unit = self.solution.problem.unit;
        Minimum {
            objective: minimum.value() * unit,
            smic: minimum.smic * unit,
            ksd: minimum.ksd,
            log_likelihood: minimum.log_likelihood,
            hits: minimum.hits,
            estimate: self.theta(minimum),
        }
    }

    /// Raw parameters of an end; held ones are exactly the user's values.
    fn theta(&self, candidate: &Candidate) -> Vec<f64> {
        let mut theta = self.task.frame.raw(&self.task.theta(&candidate.at));
        self.task.fix.iter().for_each(|&(j, value)| theta[j] = value);
        theta
    }

    /// The weight of the objective, with that of `--standardise`.
    fn weight(&self) -> Option<String> {
        let task = self.task;
        let own = task.asked.specification.weight_text(task.model.graph());
        match task.options.standardise {
            Standardise::No => own,
            Standardise::Yes if task.asked.specification.is_binary() => own,
            Standardise::Yes => Some(
                own.map_or(STANDARDISED.to_owned(), |own| format!("{own}, times {STANDARDISED}")),
            ),
        }
    }

    fn stop_reason(&self) -> &'static str {
        match (self.solution.method, self.solution.outcome) {
            _ if self.solution.constant => "J is least where log p is constant",
            (Method::ClosedForm, _) if self.solution.quadratic => {
                "the objective is quadratic in the parameters: one linear solve"
            }
            (Method::ClosedForm, _) => {
                "the objective is quadratic in the natural parameters: one linear solve"
            }
            (Method::Moments | Method::Newton | Method::Lbfgs, Outcome::Unbounded) => {
                "the objective falls without bound"
            }
            (Method::Moments | Method::Newton | Method::Lbfgs, _) => {
                self.solution.best.path.stop.words()
            }
        }
    }

    fn uncertainty(&self) -> Option<Uncertainty> {
        let Report { task, solution, .. } = self;
        let best = &solution.best;
        let kept = task.kept(best);
        let evidence = Evidence {
            model: task.model,
            space: &task.space,
            frame: &task.frame,
            at: &best.at,
            kept: &kept,
            expansion: &best.path.expansion,
            identified: best.identified(),
            reach: task.options.reach(),
            observations: self.observations(),
            direct: &|| {
                let finished = solution.outcome != Outcome::Interrupted;
                let plan = (finished && best.edges.is_empty()).then(|| task.plan())??;
                let columns: Vec<&[f64]> = task.inner.iter().map(Vec::as_slice).collect();
                plan.covariance(&columns, &task.theta(&best.at), task.weighing())
            },
        };
        let usable = best.is_proper() && !solution.constant && !best.without_errors;
        usable.then(|| evidence.uncertainty()).flatten()
    }

    /// The covariance; that of many parameters only where it was requested.
    fn covariance(&self, uncertainty: Option<&Uncertainty>) -> Option<Vec<Vec<f64>>> {
        let few = match self.task.options.covariance {
            Covariance::OfFew => self.task.fixed.len() <= COVARIANCE_MAX,
            Covariance::Always => true,
        };
        uncertainty.filter(|_| few).and_then(|found| found.covariance.clone())
    }

    fn parameters(
        &self,
        uncertainty: Option<&Uncertainty>,
        edges: &[Edge],
    ) -> Vec<FittedParameter> {
        let theta = self.theta(&self.solution.best);
        let unidentified = self.task.unidentified();
        let one = |(j, parameter): (usize, &crate::model::Parameter)| {
            let status = self.status(j, edges, &unidentified);
            let constraint = self.task.model.blocks()[parameter.block].constraint;
            let interior = uncertainty.filter(|_| status == Status::Interior);
            FittedParameter {
                name: parameter.name.clone(),
                estimate: theta[j],
                std_error: interior.and_then(|u| u.errors[j]),
                interval: interior.and_then(|u| u.intervals[j]),
                status,
                unconstrained: matches!(constraint, Constraint::Free | Constraint::Symmetric),
            }
        };
        self.task.model.parameters().iter().enumerate().map(one).collect()
    }

    fn status(&self, j: usize, edges: &[Edge], unidentified: &[usize]) -> Status {
        let task = self.task;
        if task.fixed[j].is_some() {
            return Status::Fixed;
        }
        if unidentified.contains(&j) {
            return Status::Unidentified;
        }
        let active = task.space.active();
        let mut held = edges.iter().filter(|edge| task.space.depends(j, active[edge.coordinate]));
        held.next().map_or(Status::Interior, |edge| edge.status)
    }

    /// The edges that the search found, and coordinates that it left far out without a usable
    /// standard error: where other parameters move along, as a scale does with degrees of freedom, J
    /// is still curved in each one alone.
    fn edges(&self, uncertainty: Option<&Uncertainty>) -> Vec<Edge> {
        let Report { task, solution, .. } = self;
        let mut edges = solution.best.edges.clone();
        let Some(uncertainty) = uncertainty else { return edges };
        let ends = task.space.ends();
        for j in 0..task.fixed.len() {
            let Some(k) = task.space.only(j).filter(|_| task.fixed[j].is_none()) else { continue };
            let at = solution.best.at[k];
            let status = match (ends[k], at > 0.0) {
                (Ends::Open | Ends::Endless, _) => continue,
                (Ends::Bounded, true) => Status::AtInfinity,
                (Ends::Bounded, false) | (Ends::Interval, _) => Status::AtBound,
            };
            let vague = uncertainty.moves_with_others(j) || uncertainty.free_errors[k] > VAGUE;
            let known = edges.iter().any(|edge| edge.coordinate == k);
            if at.abs() > FAR && vague && !known {
                edges.push(Edge { coordinate: k, upward: at > 0.0, status });
            }
        }
        edges
    }

    fn warnings(&self, uncertainty: Option<&Uncertainty>, edges: &[Edge]) -> Vec<Warning> {
        let Report { task, solution, .. } = self;
        let unidentified = task.unidentified();
        let raw = self.theta(&solution.best);
        let findings = Findings {
            model: task.model,
            specification: &task.asked.specification,
            options: task.options,
            space: &task.space,
            rescaled: self.rescaled,
            columns: &task.columns,
            inner: task.model_columns(),
            independent: self.observations().1,
            spreads: &task.spreads,
            original_rows: self.original_rows,
            outcome: solution.outcome,
            best: &solution.best,
            raw: &raw,
            edges,
            ends: &solution.ends,
            minima: &solution.minima,
            ranking: &solution.ranking,
            uncertainty,
            rules: &solution.rules,
            unidentified: &unidentified,
            exponential_family: solution.quadratic,
            closed_form: solution.method == Method::ClosedForm,
            constant: solution.constant,
        };
        let mut warnings = findings.warnings();
        if self.is_on_a_sample() {
            warnings.push(on_a_sample(self.rows_held(), self.original_rows.len()));
        }
        if solution.outcome == Outcome::Converged {
            let (model, threads) = (task.model, task.options.threads);
            let theta = task.theta(&solution.best.at);
            let inner = task.model_columns();
            warnings.extend(may_not_normalise(model, &task.frame, inner, &theta, threads));
            let specification = &task.asked.specification;
            warnings.extend(beside_edges(model, specification, &task.columns, &raw));
            warnings.extend(not_periodic(model, &task.columns, &raw));
        }
        warnings
    }
}
