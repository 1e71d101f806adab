//! A model, alone or bound to the columns of a file.

use std::rc::Rc;

use scorematch::data::{Missing, Selection};
use scorematch::fit::Warning;
use scorematch::graph::Support;
use scorematch::model::{Model, Options};
use scorematch::source::{Diagnostic, Source, render};

use crate::args::{MissingRows, ModelArgs, TargetArgs};
use crate::failure::Failure;
use crate::input::{Table, shown};
use crate::output::{palette, say};

/// Most values of a row that a message lists.
const SHOWN: usize = 8;

/// A model with the columns that it uses.
#[derive(Debug)]
pub struct Bound {
    pub model: Model,
    pub table: Rc<Table>,
    pub selection: Selection,
}

impl Bound {
    /// A model that is bound to the columns of this table, with its rows.
    pub fn of(model: Model, table: Rc<Table>, missing: MissingRows) -> Result<Self, Failure> {
        let selection = select(&model, &table, missing)?;
        let bound = Self { model, table, selection };
        bound.check_supports()?;
        Ok(bound)
    }

    /// The file and the line of a row in use.
    pub fn place(&self, row: usize) -> String {
        let row = self.selection.original_rows()[row] as usize;
        format!("{}:{}", shown(&self.table.name), self.table.columns.line_of(row))
    }

    /// Simplification relies on the declared supports, so no value may lie outside.
    fn check_supports(&self) -> Result<(), Failure> {
        let inputs = self.model.graph().inputs();
        for (position, component) in self.model.data().iter().enumerate() {
            let support = inputs[component.input.index()].support;
            let column = self.selection.column(position);
            if let Some(row) = column.iter().position(|&x| x < support.low || x > support.high) {
                let (name, value) = (&component.name, column[row]);
                let message = format!(
                    "{}: `{name}` is {value}, but the model declares it {}",
                    self.place(row),
                    words(support)
                );
                return Err(Failure::plain(&Diagnostic::error("outside-support", message)));
            }
        }
        Ok(())
    }

    /// A doubt about rows that were left out.
    pub fn dropped(&self) -> Option<Warning> {
        let rows = match self.selection.dropped() {
            0 => return None,
            1 => "1 row".to_owned(),
            dropped => format!("{dropped} rows"),
        };
        let message = format!(
            "{rows} without a value in a column in use left out; \
             valid if missing completely at random"
        );
        Some(Warning { code: "dropped-rows", message })
    }

    /// log p as written has no finite value in a row.
    pub fn undefined(&self, row: usize, value: f64) -> Failure {
        let components = self.model.data().iter().chain(self.model.covariates()).enumerate();
        let values = components.take(SHOWN).map(|(position, component)| {
            format!("{} = {}", component.name, self.selection.column(position)[row])
        });
        let values = values.collect::<Vec<_>>().join(", ");
        let what = if value.is_nan() { "not a number" } else { "infinite" };
        let message = format!("{}: log p as written is {what} for {values}", self.place(row));
        let help = "a model needs a log-density that is finite wherever there are data";
        Failure::plain(&Diagnostic::error("outside-domain", message).help(help))
    }
}

/// A support as messages say it.
pub fn words(Support { low, high }: Support) -> String {
    match (low.is_finite(), high.is_finite()) {
        (false, false) => "on the real line".to_owned(),
        (true, false) => format!("> {low}"),
        (false, true) => format!("< {high}"),
        (true, true) => format!("in ({low}, {high})"),
    }
}

/// A model without data.
pub fn parsed(source: &Source, args: &ModelArgs) -> Result<Model, Failure> {
    with(source, &options(args))
}

/// A model whose names are looked up among the columns of a table.
pub fn bound(
    source: &Source,
    args: &ModelArgs,
    table: Table,
    missing: MissingRows,
) -> Result<Bound, Failure> {
    let (columns, numeric) = (table.columns.names(), table.columns.numeric_names());
    let options = Options { columns: Some(&columns), numeric: &numeric, ..options(args) };
    let model = with(source, &options)?;
    Bound::of(model, Rc::new(table), missing)
}

fn options(args: &ModelArgs) -> Options<'static> {
    Options {
        map: args.map.clone(),
        constants: args.constants.clone(),
        data: args.data.clone(),
        nodes_max: args.nodes_max,
        ..Options::default()
    }
}

fn with(source: &Source, options: &Options<'_>) -> Result<Model, Failure> {
    Model::with(&source.text, options).map_err(|errors| Failure::drawn(&Vec::from(&errors), source))
}

fn select(model: &Model, table: &Table, missing: MissingRows) -> Result<Selection, Failure> {
    let missing = match missing {
        MissingRows::Error => Missing::Error,
        MissingRows::Drop => Missing::Drop,
    };
    let selected = model.select(&table.columns, missing);
    selected.map_err(|error| Failure::plain(&error.diagnostic(shown(&table.name))))
}

/// Shows warnings about a text where they arose.
pub fn warn(diagnostics: &[Diagnostic], source: &Source, target: &TargetArgs) {
    if !target.quiet {
        for diagnostic in diagnostics {
            say(&render(diagnostic, source, palette()));
        }
    }
}
