//! The model that the statements of a session make, alone or with the data.

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

/// Stands for a log-density that is not yet there, so that declarations are understood before.
const PLACEHOLDER: &str = "logp = 0";

/// Data as loaded, with what the line said about them.
#[derive(Debug)]
pub struct Data {
    pub table: Arc<Table>,
    pub map: Vec<(String, Vec<String>)>,
    pub reading: TableArgs,
}

/// A model with or without the columns that it uses.
#[derive(Debug)]
enum Reach {
    Alone(Model),
    Bound(Bound),
}

/// What the statements mean.
#[derive(Debug)]
pub struct Understood {
    reach: Reach,
    pub facts: ModelFacts,
    /// False while only names are declared.
    pub complete: bool,
}

/// Why statements and data make no model.
#[derive(Debug)]
pub enum Misfit {
    /// The text is wrong, or does not fit the columns.
    Text(Vec<Diagnostic>),
    /// The columns do not hold what the model needs.
    Data(Failure),
}

impl Understood {
    /// Elaborates the whole text, for the columns of the data where there are any.
    pub fn of(statements: &Statements, data: Option<&Data>) -> Result<Self, Misfit> {
        let complete = statements.has_log_density();
        // Without a log-density, undeclared names have not yet been looked for among the columns.
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

    /// The model with its rows, where there are data.
    pub fn bound(&self) -> Option<&Bound> {
        match &self.reach {
            Reach::Alone(_) => None,
            Reach::Bound(bound) => Some(bound),
        }
    }

    /// Doubts about the text; there are none before it has a log-density.
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
    let mut model = Model::with(text, &options).map_err(wrong)?;
    let levels = model.levels_in(columns);
    let levels = levels.map_err(|error| Misfit::Data(data.table.failure(&error)))?;
    if !levels.is_empty() {
        model = Model::with(text, &Options { levels, ..options }).map_err(wrong)?;
    }
    let missing = data.reading.missing;
    let bound = Bound::of(model, Arc::clone(&data.table), missing, &RowChoices::default())
        .map_err(Misfit::Data)?;
    Ok(Reach::Bound(bound))
}

fn wrong(errors: Errors) -> Misfit {
    Misfit::Text(Vec::from(&errors))
}
