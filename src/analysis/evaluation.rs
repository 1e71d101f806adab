//! The objective at given parameters.

use super::Timing;
use super::distribution::NormalisedDensity;
use super::normaliser::{NoNormaliser, Normaliser};
use crate::data::Selection;
use crate::fit::Warning;
use crate::graph::ExprId;
use crate::model::Model;
use crate::numerics::sum::compensated_mean;
use crate::objective::{
    Choices, NoMoments, Objective, Path, Refused, RowWeights, Rows, Specification, Transform,
};
use crate::program::{Layout, Program};
use crate::sample::LogDensity;

/// The objective, its terms and its gradient at given parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Number of rows used.
    pub rows: usize,
    /// The weights of rows, where a column has them.
    pub row_weights: Option<RowWeights>,
    /// Number of clusters of dependent rows, where a column names them.
    pub clusters: Option<usize>,
    /// Name of the objective, as `hyvarinen`.
    pub objective_kind: &'static str,
    /// Further description of the objective: how its random numbers are drawn.
    pub detail: Option<String>,
    /// The weight, in words and formulas, where the objective has one.
    pub weight: Option<String>,
    /// Constants that the objective took from the data, by name.
    pub frozen: Vec<(String, f64)>,
    /// The coordinates of compositions among the data.
    pub transform: Option<Transform>,
    /// J at the parameters.
    pub objective: f64,
    /// Named terms of J, which sum to it.
    pub terms: Vec<(&'static str, f64)>,
    /// J by data component, summing to J; empty where the objective does not separate by component.
    pub components: Vec<(String, f64)>,
    /// ∂J by parameter, on the user's scale.
    pub gradient: Vec<(String, f64)>,
    /// mean ½ ‖s - s₀‖² relative to a known density, with the name of its file, where requested.
    pub divergence: Option<(String, f64)>,
    /// The normalised density at the rows, where requested.
    pub normalised: Option<Normalised>,
    /// Warnings about the evaluation.
    pub warnings: Vec<Warning>,
    /// The time of each stage, where requested.
    pub timing: Option<Timing>,
}

/// The normalised density at the rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Normalised {
    /// log ∫ p; `None` where covariates give each row a normaliser of its own.
    pub normaliser: Option<Normaliser>,
    /// The mean log-likelihood per row.
    pub log_likelihood: f64,
    /// The requested shares with the quantiles at these.
    pub quantiles: Vec<(f64, f64)>,
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
        let specification = Specification::with(model, &Choices::default())?;
        let slices = data.slices();
        let specification = specification.on(model, &Rows::new(&slices, data.original_rows()))?;
        Ok(Self::by(&specification, Path::Auto, model, data, theta, threads)?)
    }

    /// Evaluates an objective of the model by a requested path.
    ///
    /// # Errors
    /// When moments are requested and the objective is no function of moments.
    pub fn by(
        specification: &Specification,
        path: Path,
        model: &Model,
        data: &Selection,
        theta: &[f64],
        threads: usize,
    ) -> Result<Self, NoMoments> {
        let mut graph = model.graph().clone();
        let Layout { rows, parameters } = specification.layout(&mut graph, model);
        let loss = specification.weighed_loss(&mut graph, model.log_density());
        let split = specification.weighed_components(&mut graph, model.log_density());
        let objective = Objective::new(&graph, loss.total, &rows, &parameters);
        let slices = data.slices();
        let columns = specification.columns(&slices);
        let batch = objective.on(columns.clone(), threads).by(path)?;
        let (value, slopes) = batch.gradient(theta);
        let outputs: Vec<ExprId> = loss.terms.iter().map(|term| term.1).chain(split).collect();
        let program = Program::compile_means(&graph, &Layout { rows, parameters }, &outputs);
        let means = program.evaluate(&columns, theta, threads);
        let (terms, split) = means.split_at(loss.terms.len());
        let names = model.data().iter().map(|component| component.name.clone());
        let parameters = model.parameters().iter().map(|parameter| parameter.name.clone());
        Ok(Self {
            rows: data.rows(),
            row_weights: specification.row_weights(),
            clusters: specification.size().and_then(|size| size.clusters),
            objective_kind: loss.kind,
            detail: specification.drawn(),
            weight: specification.weight_text(model.graph()),
            frozen: specification.constants(),
            transform: specification.transform(),
            objective: value,
            terms: loss.terms.iter().map(|term| term.0).zip(terms.iter().copied()).collect(),
            components: names.zip(split.iter().copied()).collect(),
            gradient: parameters.zip(slopes.iter().copied()).collect(),
            divergence: None,
            normalised: None,
            warnings: Vec::new(),
            timing: None,
        })
    }

    /// Adds the mean log-likelihood of the rows, weighted as in the objective, log ∫ p where all rows
    /// share one normaliser, and the quantiles at `shares`.
    ///
    /// # Errors
    /// When the density has no finite integral, or quadrature fails; when quantiles are requested of
    /// data that are not one number, or with covariates.
    pub fn normalised(
        self,
        specification: &Specification,
        model: &Model,
        data: &Selection,
        theta: &[f64],
        shares: &[f64],
        threads: usize,
    ) -> Result<Self, NoNormaliser> {
        let log_p = LogDensity::of(model, theta);
        let law = NormalisedDensity::new(model, data, theta, &log_p)?;
        let densities = law.rows(threads)?.log_density;
        let counts = specification.row_counts();
        let counted =
            densities.iter().enumerate().map(|(k, z)| counts.map_or(*z, |counts| counts[k] * z));
        let log_likelihood = compensated_mean(&counted.collect::<Vec<_>>());
        let found = match shares {
            [] => Vec::new(),
            shares => law.quantiles(shares)?,
        };
        let quantiles = shares.iter().copied().zip(found).collect();
        let normalised = Normalised { normaliser: law.normaliser(), log_likelihood, quantiles };
        Ok(Self { normalised: Some(normalised), ..self })
    }

    /// The name of J or of a derivative of J that is not finite; `None` where all are finite.
    #[must_use]
    pub fn lost(&self) -> Option<String> {
        if !self.objective.is_finite() {
            return Some("J".to_owned());
        }
        let slope = self.gradient.iter().find(|(_, slope)| !slope.is_finite())?;
        Some(format!("the slope of J in `{}`", slope.0))
    }
}

/// The columns of a table of rows with their names, in order: `logp`, `score_NAME` by data component,
/// the terms of the loss except its norm, which follows from the score, and `loss`. For binary data,
/// whose loss has one term: `logp`, `delta_NAME`, the decrease of log p when the component takes its
/// other value, and `loss`.
#[must_use]
pub fn row_values(
    specification: &Specification,
    model: &Model,
    data: &Selection,
    theta: &[f64],
    threads: usize,
) -> Vec<(String, Vec<f64>)> {
    let mut graph = model.graph().clone();
    let layout = specification.layout(&mut graph, model);
    let log_density = model.log_density();
    let seen = specification.seen(&mut graph, log_density);
    let (word, alone) = if specification.is_binary() { ("delta", true) } else { ("score", false) };
    let loss = specification.loss(&mut graph, log_density);
    let scores = model.data().iter().map(|one| format!("{word}_{}", one.name)).zip(seen);
    let terms = loss.terms.iter().filter(|(name, _)| *name != "norm" && !alone);
    let terms = terms.map(|&(name, id)| (name.to_owned(), id));
    let named = |name: &str, id: ExprId| [(name.to_owned(), id)];
    let (names, outputs): (Vec<String>, Vec<ExprId>) = named("logp", log_density)
        .into_iter()
        .chain(scores)
        .chain(terms)
        .chain(named("loss", loss.total))
        .unzip();
    let program = Program::compile(&graph, &layout, &outputs);
    let slices = data.slices();
    let values = program.rows(&specification.columns(&slices), theta, threads);
    names.into_iter().zip(values).collect()
}
