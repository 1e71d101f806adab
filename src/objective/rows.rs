//! An objective on the rows of a data set: what it computes from them once, and its own columns
//! beside those of the model.

use std::sync::Arc;

use super::sound::Weights;
use super::unsuited::{Unsuited, WEIGHT};
use super::weighing::{Factor, RowChoices, RowWeights, Size, Weighing, WeightsKind};
use super::{Loss, Specification};
use crate::data::{OriginalRows, Selection};
use crate::graph::{ExprId, Graph, InputId};
use crate::model::Model;
use crate::numerics::rng::key;
use crate::program::Layout;

/// Names of the inputs that an objective adds.
const ROW_WEIGHT: &str = "row weight";
pub(super) const ROW_KEY: &str = "row key";

/// The rows of a data set, with weights, clusters and a seed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Rows<'a> {
    columns: &'a [&'a [f64]],
    original_rows: OriginalRows<'a>,
    seed: u64,
    weights: Option<(&'a str, WeightsKind, &'a [f64])>,
    cluster: Option<&'a [f64]>,
}

impl<'a> Rows<'a> {
    /// Columns are those of data, then of covariates, raw. `original_rows` are the row numbers in
    /// the file, from 0: messages name them, and random numbers are keyed by them.
    #[must_use]
    pub fn new(columns: &'a [&'a [f64]], original_rows: impl Into<OriginalRows<'a>>) -> Self {
        let original_rows = original_rows.into();
        Self { columns, original_rows, seed: 0, weights: None, cluster: None }
    }

    /// The same rows with a seed for the directions of slices and for noise; 0 by default.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The same rows with weights from the column of this name.
    #[must_use]
    pub fn weights(self, name: &'a str, kind: WeightsKind, column: &'a [f64]) -> Self {
        Self { weights: Some((name, kind, column)), ..self }
    }

    /// The same rows with clusters: rows with equal values in the column.
    #[must_use]
    pub fn cluster(self, column: &'a [f64]) -> Self {
        Self { cluster: Some(column), ..self }
    }

    /// The same rows with the weights and clusters that the choices name among the columns of a
    /// selection.
    ///
    /// # Errors
    /// Where a column is not in the selection.
    pub fn choose(
        mut self,
        data: &'a Selection,
        choices: &'a RowChoices,
    ) -> Result<Self, Unsuited> {
        let column = |name: &str| match data.names().iter().rposition(|other| other == name) {
            Some(at) => Ok(data.column(at)),
            None => Err(Unsuited::beside_the_text(
                name,
                "there is no such column among the selected ones",
                "select it with the columns of the model",
            )),
        };
        if let Some((name, kind)) = &choices.weights {
            self = self.weights(name, *kind, column(name)?);
        }
        if let Some(name) = &choices.cluster {
            self = self.cluster(column(name)?);
        }
        Ok(self)
    }

    /// `Some(None)` where every row is one observation, `Some` with the column of frequencies where
    /// rows are independent copies, `None` for probability weights and clusters.
    pub(crate) fn counts(&self) -> Option<Option<&'a [f64]>> {
        match (self.weights, self.cluster) {
            (_, Some(_)) | (Some((_, WeightsKind::Probability, _)), None) => None,
            (Some((_, WeightsKind::Frequency, column)), None) => Some(Some(column)),
            (None, None) => Some(None),
        }
    }

    fn weighing(&self) -> Result<Option<Weighing>, Unsuited> {
        let weighing = match self.weights {
            Some((name, kind, column)) => {
                Some(Weighing::of((name, kind), column, self.original_rows)?)
            }
            None => self.cluster.map(|_| Weighing::equal(self.original_rows.len())),
        };
        Ok(match self.cluster {
            Some(column) => weighing.map(|one| one.clustered(column)),
            None => weighing,
        })
    }
}

impl Specification {
    /// The specification for these rows, with the values that it computes from them once.
    ///
    /// # Errors
    /// Where a weight of the text is negative in a row or does not vanish at a declared edge, where
    /// a weight of the rows is invalid, or where the rows with zeros in a composition, which J
    /// leaves out, depend on a free exponent.
    pub fn on(mut self, model: &Model, rows: &Rows<'_>) -> Result<Self, Unsuited> {
        let columns = &rows.columns[..self.rows.len()];
        let weights = Weights::of(model, &self.weights, columns);
        if let Some(reason) = weights.and_then(|weights| weights.flaw(rows.original_rows)) {
            let (what, span) = model.weight_at().expect("a weight of the text has a place");
            return Err(Unsuited { what, reason: reason.into(), help: WEIGHT, span: Some(span) });
        }
        self.weighing = rows.weighing()?.map(Arc::new);
        if self.is_random() {
            let keys = rows.original_rows.iter().map(|row| key(rows.seed, u64::from(row)));
            self.keys = Some(Arc::new(keys.collect()));
        }
        self.frozen(columns).at_zeros(model, columns, rows.original_rows)
    }

    /// The specification with the constants of its default weights: the median distances from the
    /// edges, at which these stop growing. Columns are those of data, raw.
    #[must_use]
    pub(crate) fn frozen(mut self, columns: &[&[f64]]) -> Self {
        let counts = self.weighing.as_ref().and_then(|one| one.values());
        for (domain, cap) in self.domains.iter().zip(&mut self.caps) {
            if let Some(cap) = cap {
                *cap = cap.frozen(domain.support, &columns[domain.components.clone()], counts);
            }
        }
        self
    }

    /// The inputs of a loss that vary by row: data, covariates, then the inputs that the objective
    /// adds.
    #[must_use]
    pub fn row_inputs(&self, g: &mut Graph) -> Vec<InputId> {
        let mut inputs = self.rows.clone();
        let mut add = |name: &str| {
            let node = g.internal_input(name);
            inputs.push(g.as_input(node).expect("an internal input is an input"));
        };
        if self.row_counts().is_some() {
            add(ROW_WEIGHT);
        }
        if self.keys.is_some() {
            add(ROW_KEY);
        }
        inputs
    }

    /// Row inputs and parameters of a loss, for a program.
    #[must_use]
    pub fn layout(&self, g: &mut Graph, model: &Model) -> Layout {
        Layout { rows: self.row_inputs(g), parameters: model.parameter_inputs() }
    }

    /// The columns of [`Specification::row_inputs`], given the columns of data and covariates.
    #[must_use]
    pub fn columns<'a>(&'a self, model: &[&'a [f64]]) -> Vec<&'a [f64]> {
        let given = &model[..self.rows.len()];
        given.iter().copied().chain(self.added_columns()).collect()
    }

    /// The columns that the objective adds: row weights, then row keys, where it has them.
    pub(crate) fn added_columns(&self) -> impl Iterator<Item = &[f64]> {
        let keys = self.keys.as_ref().map(|keys| keys.as_slice());
        self.row_counts().into_iter().chain(keys)
    }

    /// The weights of the rows, of mean one; `None` where all rows have weight one.
    pub(crate) fn row_counts(&self) -> Option<&[f64]> {
        self.weighing.as_ref().and_then(|one| one.values())
    }

    /// Weights and clusters of the rows; `None` for independent rows of weight one.
    pub(crate) fn weighing(&self) -> Option<&Weighing> {
        self.weighing.as_deref()
    }

    /// Shares [`Self::weighing`].
    pub(crate) fn shared_weighing(&self) -> Option<Arc<Weighing>> {
        self.weighing.clone()
    }

    /// The weight of a row as an expression; `None` where all rows have weight one.
    pub(crate) fn factor(&self, g: &mut Graph) -> Option<Factor> {
        self.row_counts()?;
        let kind = self.weighing()?.kind();
        Some(Factor { weight: g.internal_input(ROW_WEIGHT), kind })
    }

    /// ρ of a log-density over the inputs of the model, times the weight of the row where rows have
    /// weights. J is its mean.
    #[must_use]
    pub fn weighed_loss(&self, g: &mut Graph, log_density: ExprId) -> Loss {
        let loss = self.loss(g, log_density);
        match self.factor(g) {
            Some(factor) => loss.times(g, factor.weight),
            None => loss,
        }
    }

    /// The components of [`Self::weighed_loss`]; empty where the domains entangle them.
    #[must_use]
    pub fn weighed_components(&self, g: &mut Graph, log_density: ExprId) -> Vec<ExprId> {
        let components = self.components(g, log_density).unwrap_or_default();
        match self.factor(g) {
            Some(factor) => components.iter().map(|&one| g.mul(factor.weight, one)).collect(),
            None => components,
        }
    }

    /// The weights of the rows for a report; `None` where no column gives them.
    #[must_use]
    pub fn row_weights(&self) -> Option<RowWeights> {
        self.weighing()?.row_weights()
    }

    /// Rows, weights and clusters in numbers; `None` for independent rows of weight one.
    #[must_use]
    pub fn size(&self) -> Option<Size> {
        self.weighing().map(Weighing::size)
    }
}
