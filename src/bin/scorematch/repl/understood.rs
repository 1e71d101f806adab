//! The model that the statements of a session make, with or without data.

use std::sync::Arc;

use scorematch::model::{Errors, Model, Options};
use scorematch::objective::RowChoices;
use scorematch::report::ModelFacts;
use scorematch::source::Diagnostic;

use crate::args::TableArgs;
use crate::bound::Bound;
use crate::failure::Failure;
use crate::input::Table;

use super::statements::Statements;

/// A constant log-density in place of one that is missing, so that
/// declarations are understood first.
const PLACEHOLDER: &str = "logp = 0";

/// Data with the options by which they were read.
#[derive(Debug)]
pub struct Data {
    pub table: Arc<Table>,
    pub map: Vec<(String, Vec<String>)>,
    pub reading: TableArgs,
}

/// A model, or one that is bound to its columns.
#[derive(Debug)]
enum Reach {
    Alone(Model),
    Bound(Bound),
}

/// The model that the statements make.
#[derive(Debug)]
pub struct Understood {
    reach: Reach,
    pub facts: ModelFacts,
    /// Whether there is a log-density.
    pub complete: bool,
}

/// The reason why statements and data make no model.
#[derive(Debug)]
pub enum Misfit {
    /// The text is wrong, or does not fit the columns.
    Text(Vec<Diagnostic>),
    /// The columns do not hold the values that the model needs.
    Data(Failure),
}

impl Understood {
    /// Elaborates the whole text, with the columns of the data if there are data.
    pub fn of(statements: &Statements, data: Option<&Data>) -> Result<Self, Misfit> {
        let complete = statements.has_log_density();
        // Without a log-density, undeclared names are not looked up among the columns yet.
        let data = data.filter(|_| complete || statements.declares_data());
        let mut text = statements.text();
        if !complete {
            text.push_str(PLACEHOLDER);
        }
        let reach = reach(&text, data)?;
        let facts = ModelFacts::of(reach.model());
        Ok(Self { reach, facts, complete })
    }

    pub fn model(&self) -> &Model {
        self.reach.model()
    }

    /// Whether the log-density contains data or covariates.
    pub fn reads_data(&self) -> bool {
        let model = self.model();
        let (graph, root) = model.verbatim();
        let below = graph.inputs_below(root);
        let mut components = model.data().iter().chain(model.covariates());
        components.any(|component| below.contains(&component.input))
    }

    /// The model with its rows, if there are data.
    pub fn bound(&self) -> Option<&Bound> {
        match &self.reach {
            Reach::Alone(_) => None,
            Reach::Bound(bound) => Some(bound),
        }
    }

    /// Warnings about the text; none before it has a log-density.
    pub fn warnings(&self) -> &[Diagnostic] {
        if self.complete { self.model().warnings() } else { &[] }
    }
}

impl Reach {
    fn model(&self) -> &Model {
        match self {
            Self::Alone(model) => model,
            Self::Bound(bound) => &bound.model,
        }
    }
}

fn reach(text: &str, data: Option<&Data>) -> Result<Reach, Misfit> {
    let Some(data) = data else {
        return Model::parse(text).map(Reach::Alone).map_err(wrong);
    };
    let columns = &data.table.columns;
    let (names, numeric) = (columns.names(), columns.numeric_names());
    let options = Options {
        columns: Some(&names),
        numeric: &numeric,
        map: data.map.clone(),
        ..Options::default()
    };
    let model = Model::with(text, &options).map_err(wrong)?;
    let model = model.grouped_by(columns).map_err(|misfit| match misfit {
        scorematch::Misfit::Model(errors) => wrong(errors),
        scorematch::Misfit::Data(error) => Misfit::Data(data.table.failure(&error)),
    })?;
    let missing = data.reading.missing;
    let bound = Bound::of(model, Arc::clone(&data.table), missing, &RowChoices::default())
        .map_err(Misfit::Data)?;
    Ok(Reach::Bound(bound))
}

fn wrong(errors: Errors) -> Misfit {
    Misfit::Text(Vec::from(&errors))
}
