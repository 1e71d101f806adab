//! The objective at given parameters.

use super::Timing;
use super::fit::{doubt, objective_lines};
use super::number::significant;
use super::table::{Align, aligned, labelled};
use crate::calculus::{gradient, laplacian};
use crate::data::Selection;
use crate::fit::Warning;
use crate::graph::{ExprId, Graph, InputId};
use crate::model::Model;
use crate::objective::{Objective, Path, Refused, Specification, Unsuited};
use crate::program::{Layout, Program};

/// The objective, its terms and its gradient at given parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Rows used.
    pub rows: usize,
    /// Name of the objective, `hyvarinen`.
    pub objective_kind: &'static str,
    /// J.
    pub objective: f64,
    /// Named terms that sum to J.
    pub terms: Vec<(&'static str, f64)>,
    /// J by data component; they sum to J.
    pub components: Vec<(String, f64)>,
    /// ∂J by parameter, on the user's scale.
    pub gradient: Vec<(String, f64)>,
    /// Doubts.
    pub warnings: Vec<Warning>,
    /// Where the time went, if that was asked.
    pub timing: Option<Timing>,
}

impl Evaluation {
    /// Evaluates the objective of a model on the columns of its data and covariates, in this order.
    ///
    /// # Errors
    /// When no objective suits the model.
    pub fn of(
        model: &Model,
        data: &Selection,
        theta: &[f64],
        threads: usize,
    ) -> Result<Self, Refused> {
        Self::by(Path::Auto, model, data, theta, threads)
    }

    /// The evaluation by a path of the caller's choice.
    ///
    /// # Errors
    /// When no objective suits the model, or moments are asked of an objective that has none.
    pub fn by(
        path: Path,
        model: &Model,
        data: &Selection,
        theta: &[f64],
        threads: usize,
    ) -> Result<Self, Refused> {
        let specification = Specification::of(model)?;
        let mut graph = model.graph().clone();
        let (rows, parameters) = inputs(model);
        let x = nodes(&graph, &rows[..model.data().len()]);
        let loss = specification.loss(&mut graph, model.log_density(), &x);
        let split = specification.components(&mut graph, model.log_density(), &x);
        let objective = Objective::new(&graph, loss.total, &rows, &parameters);
        let (value, slopes) = objective.on(data.slices(), threads).by(path)?.gradient(theta);
        let outputs: Vec<ExprId> = loss.terms.iter().map(|term| term.1).chain(split).collect();
        let program = Program::compile_means(&graph, &Layout { rows, parameters }, &outputs);
        let means = program.evaluate(&data.slices(), theta, threads);
        let (terms, split) = means.split_at(loss.terms.len());
        let names = model.data().iter().map(|component| component.name.clone());
        let parameters = model.parameters().iter().map(|parameter| parameter.name.clone());
        Ok(Self {
            rows: data.rows(),
            objective_kind: loss.kind,
            objective: value,
            terms: loss.terms.iter().map(|term| term.0).zip(terms.iter().copied()).collect(),
            components: names.zip(split.iter().copied()).collect(),
            gradient: parameters.zip(slopes.iter().copied()).collect(),
            warnings: Vec::new(),
            timing: None,
        })
    }

    /// What of J and its slopes is not finite, in words; `None` when all of them are.
    #[must_use]
    pub fn lost(&self) -> Option<String> {
        if !self.objective.is_finite() {
            return Some("J".to_owned());
        }
        let slope = self.gradient.iter().find(|(_, slope)| !slope.is_finite())?;
        Some(format!("the slope of J in `{}`", slope.0))
    }

    /// The evaluation as a table.
    #[must_use]
    pub fn text(&self) -> String {
        let head =
            objective_lines(self.objective_kind, self.objective, &self.terms, &self.components);
        let heading = vec!["parameter".to_owned(), "dJ".to_owned()];
        let row = |(name, value): &(String, f64)| vec![name.clone(), significant(*value, 8)];
        let rows: Vec<_> = std::iter::once(heading).chain(self.gradient.iter().map(row)).collect();
        let rows_used = labelled("rows", &self.rows.to_string());
        let table = aligned(&rows, &[Align::Left, Align::Right]);
        let doubts: String = self.warnings.iter().map(doubt).collect();
        let doubts = if doubts.is_empty() { doubts } else { format!("\n{doubts}") };
        let timing = self.timing.as_ref().map(|timing| format!("\n{}", timing.text()));
        format!("{rows_used}{head}\n{table}{doubts}{}", timing.unwrap_or_default())
    }
}

/// The columns of a table of rows, in order: log p, score by component, Laplacian, loss.
///
/// # Errors
/// When no objective suits the model.
pub fn row_values(
    model: &Model,
    data: &Selection,
    theta: &[f64],
    threads: usize,
) -> Result<Vec<Vec<f64>>, Unsuited> {
    let specification = Specification::of(model)?;
    let mut graph = model.graph().clone();
    let (rows, parameters) = inputs(model);
    let x = nodes(&graph, &rows[..model.data().len()]);
    let log_density = model.log_density();
    let score = gradient(&mut graph, log_density, &x);
    let laplacian = laplacian(&mut graph, log_density, &x);
    let loss = specification.loss(&mut graph, log_density, &x).total;
    let outputs: Vec<ExprId> =
        [log_density].into_iter().chain(score).chain([laplacian, loss]).collect();
    let program = Program::compile(&graph, &Layout { rows, parameters }, &outputs);
    Ok(program.rows(&data.slices(), theta, threads))
}

/// The inputs that vary by row, data first, and the parameters.
pub(super) fn inputs(model: &Model) -> (Vec<InputId>, Vec<InputId>) {
    let rows = model.data().iter().chain(model.covariates()).map(|component| component.input);
    let parameters = model.parameters().iter().map(|parameter| parameter.input);
    (rows.collect(), parameters.collect())
}

/// The nodes of inputs, in their order.
pub(super) fn nodes(graph: &Graph, inputs: &[InputId]) -> Vec<ExprId> {
    inputs.iter().map(|&input| graph.input_node(input)).collect()
}
