//! Models without data, and models bound to the columns of a table.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use scorematch::Misfit;
use scorematch::data::{Missing, Selection};
use scorematch::fit::{NotFinite, Warning, missing_code, sentinels};
use scorematch::model::{Model, Options};
use scorematch::numerics::decimal::{assignments, shortest};
use scorematch::objective::{RowChoices, Rows, Specification};
use scorematch::report::wrapped;
use scorematch::source::{Diagnostic, Source, explain, weight};

use crate::args::{MissingRows, ModelArgs, TargetArgs};
use crate::asked::Asked;
use crate::failure::Failure;
use crate::input::{Table, Unread, shown};
use crate::output::{drawn, say};

/// The objective that was asked for, with its weights and random numbers for these rows.
pub fn objective(bound: &Bound, asked: &Asked, source: &Source) -> Result<Specification, Failure> {
    let (selection, slices) = (&bound.selection, bound.selection.slices());
    let on_rows = |one: Specification| {
        let rows = Rows::new(&slices, selection.original_rows()).seed(asked.seed);
        one.on(&bound.model, &rows.choose(selection, &asked.rows)?)
    };
    let specification = Specification::with(&bound.model, &asked.objective).and_then(on_rows);
    specification.map_err(|unsuited| Failure::unsuited(&unsuited, source))
}

/// The help of messages on a log p that is not finite.
const FINITE: &str = "a model needs a log-density that is finite wherever there are data";
/// Most parameters that a message lists.
const PARAMETERS_SHOWN: usize = 12;

/// A model with its table and the columns that it uses.
#[derive(Debug)]
pub struct Bound {
    pub model: Model,
    pub table: Arc<Table>,
    pub selection: Selection,
    /// The time from the text to the model; zero where it was not measured.
    pub elaborated: Duration,
}

impl Bound {
    /// A model that is bound to the columns of this table, with its rows.
    pub fn of(
        model: Model,
        table: Arc<Table>,
        missing: MissingRows,
        counting: &RowChoices,
    ) -> Result<Self, Failure> {
        if let Some((weights, _)) = &counting.weights {
            table.columns.numbers(weights).map_err(|error| table.failure(&error))?;
        }
        let selection = select(&model, &table, missing, &counting.columns())?;
        let bound = Self { model, table, selection, elaborated: Duration::ZERO };
        bound.check_supports()?;
        Ok(bound)
    }

    /// The file and the line of a row in use.
    pub fn place(&self, row: usize) -> String {
        let row = self.selection.original_rows().at(row) as usize;
        format!("{}:{}", shown(&self.table.name), self.table.columns.line_of(row))
    }

    /// Refuses values outside the declared supports, on which simplification relies.
    fn check_supports(&self) -> Result<(), Failure> {
        let components = self.model.data().iter().chain(self.model.covariates());
        for (position, component) in components.enumerate() {
            let column = self.selection.column(position);
            if let Some(row) = column.iter().position(|&x| !component.contains(x)) {
                let (name, value) = (&component.name, shortest(column[row]));
                let message = format!(
                    "{}: `{name}` is {value}, but the model declares `{}`",
                    self.place(row),
                    component.declaration()
                );
                let diagnostic = Diagnostic::error("outside-support", message);
                return Err(Failure::plain(&match missing_code(column[row]) {
                    Some(help) => diagnostic.help(help),
                    None => diagnostic,
                }));
            }
        }
        Ok(())
    }

    /// Warnings about the table: how it was read, and rows that were left out. Those about its values
    /// come with a fit.
    pub fn doubts(&self) -> impl Iterator<Item = Warning> {
        self.notes().chain(self.dropped())
    }

    /// Warnings about how the file was read and about values that may stand for missing ones, as far as they
    /// concern the columns in use.
    pub fn reading(&self) -> impl Iterator<Item = Warning> {
        let components = self.model.data().iter().chain(self.model.covariates());
        let names = components.map(|component| component.name.as_str());
        self.notes().chain(sentinels(names.zip(self.selection.slices())))
    }

    /// Warnings about how the file was read, as far as they concern the columns in use.
    fn notes(&self) -> impl Iterator<Item = Warning> {
        let used = |column: &str| self.selection.names().iter().any(|name| name == column);
        let notes = self.table.notes().filter(move |(note, _)| note.column().is_none_or(used));
        self.header().into_iter().chain(notes.map(|(_, warning)| warning))
    }

    /// The warning about a first line that consists of numbers.
    fn header(&self) -> Option<Warning> {
        let name = shown(&self.table.name);
        let headline = format!("{name}: every name in the first line is a number");
        let warning = Warning::new("no-header", headline)
            .meaning("If the file has no header that row is not used")
            .remedy("Say `--no-header` if there is none");
        self.table.numeric_header.then_some(warning)
    }

    /// The warning about rows that were left out.
    fn dropped(&self) -> Option<Warning> {
        let rows = match self.selection.dropped() {
            0 => return None,
            1 => "1 row".to_owned(),
            dropped => format!("{dropped} rows"),
        };
        let headline = format!(
            "{rows} without a value in a column in use left out; \
             valid if missing completely at random"
        );
        Some(Warning::new("dropped-rows", headline))
    }

    /// The warning about a derivative that is not finite in a row, so that `lost`, J or
    /// its slope, is not either.
    pub fn missing(&self, missing: &NotFinite, lost: &str) -> Warning {
        let place = self.place(missing.row);
        Warning::new("not-finite", format!("{place}: {missing}, so {lost} does not exist"))
    }

    /// The error that log p as written is not finite in a row.
    pub fn undefined(&self, row: usize, value: f64) -> Failure {
        let message = self.undefined_value(row, value);
        Failure::plain(&Diagnostic::error("outside-domain", message).help(FINITE))
    }

    /// The error that log p as written is not finite in a row at parameters that the search tried.
    /// The `declarations`, if any, would have excluded these parameters.
    pub fn undefined_at(
        &self,
        row: usize,
        value: f64,
        parameters: &[(String, f64)],
        declarations: &[String],
    ) -> Failure {
        let shown = assignments(&parameters[..parameters.len().min(PARAMETERS_SHOWN)]);
        let more = if parameters.len() > PARAMETERS_SHOWN { ", …" } else { "" };
        let message = format!("{} at {shown}{more}", self.undefined_value(row, value));
        let help = if declarations.is_empty() {
            FINITE.to_owned()
        } else {
            format!("it is finite in every row where you declare `{}`", declarations.join("; "))
        };
        Failure::plain(&Diagnostic::error("outside-domain", message).help(help))
    }

    /// The error that components, each given with its declaration, are on an edge
    /// where log p is infinite.
    pub fn on_edge(&self, row: usize, edges: &[(String, String)]) -> Failure {
        let data = self.model.data().iter().enumerate();
        let on = |name: &str| data.clone().find(|(_, one)| one.name == name);
        let named: Vec<String> = edges
            .iter()
            .filter_map(|(name, declared)| {
                let value = shortest(self.selection.column(on(name)?.0)[row]);
                Some(format!("`{name}` is {value}, on the edge of its support `{declared}`"))
            })
            .collect();
        let message =
            format!("{}: {}, where log p is not finite", self.place(row), named.join(", and "));
        let help = "a value on an edge is taken where log p is finite there: leave such rows out, or \
                    model them apart";
        Failure::plain(&Diagnostic::error("outside-support", message).help(help))
    }

    fn undefined_value(&self, row: usize, value: f64) -> String {
        let components = self.model.data().iter().chain(self.model.covariates()).enumerate();
        let value_of = |position: usize| self.selection.column(position)[row];
        let values: Vec<_> =
            components.map(|(at, component)| (component.name.clone(), value_of(at))).collect();
        let values = assignments(&values);
        let what = if value.is_nan() { "not a number" } else { "infinite" };
        format!("{}: log p as written is {what} for {values}", self.place(row))
    }
}

/// A model without data.
pub fn parsed(source: &Source, args: &ModelArgs) -> Result<Model, Failure> {
    if !args.map.is_empty() {
        return Err(Failure::usage("`--map` names columns of data, and there are no data here"));
    }
    with(source, &options(args))
}

/// A model whose names are looked up among the columns of a table, which is read then.
///
/// Usually the header determines which columns are in use, and only these are kept. Where the model
/// depends on which columns are numeric, or has mistakes, all columns are read.
pub fn bound(
    source: &Source,
    args: &ModelArgs,
    data: Unread,
    missing: MissingRows,
    asked: &Asked,
) -> Result<Bound, Failure> {
    let start = Instant::now();
    let alone = alone(source, args, asked);
    let supplied = alone.as_ref().and_then(|one| Specification::supplied(one, &asked.objective));
    let counting = &apart(&asked.rows, alone.as_ref());
    // Here no column counts as numeric, so a model without errors does not depend on which are.
    let by_header =
        Options { columns: Some(&named(data.names(), counting, supplied)), ..options(args) };
    let by_header = Model::with(&source.text, &by_header);
    let mut elaborated = start.elapsed();
    let (model, table) = match by_header {
        Ok(model) => {
            let read: Vec<&str> = columns_of(&model)
                .into_iter()
                .filter(|name| supplied.is_none_or(|one| one.0 != *name))
                .chain(asked.rows.columns())
                .collect();
            let table = data.only(&read)?;
            (grouped(model, source, &table)?, table)
        }
        Err(_) => {
            let table = data.all()?;
            let start = Instant::now();
            let columns = named(table.columns.names(), counting, supplied);
            let numeric = named(table.columns.numeric_names(), counting, supplied);
            let options = Options { columns: Some(&columns), numeric: &numeric, ..options(args) };
            let model = on_table(source, &options, &table)?;
            elaborated = start.elapsed();
            (model, table)
        }
    };
    let table = match supplied {
        Some((name, value)) => Table { columns: table.columns.with_constant(name, value), ..table },
        None => table,
    };
    Ok(Bound { elaborated, ..Bound::of(model, Arc::new(table), missing, &asked.rows)? })
}

/// Several models on one table, all of whose columns were read; their rows are those that are
/// complete in the columns of every model.
pub fn several(
    sources: &[Source],
    args: &ModelArgs,
    table: &Arc<Table>,
    missing: MissingRows,
    asked: &Asked,
) -> Result<Vec<Bound>, Failure> {
    let one = |source| on_whole_table(source, args, table, asked);
    let models: Vec<(Model, Arc<Table>)> = sources.iter().map(one).collect::<Result<_, _>>()?;
    let held = |name: &&str| table.columns.names().contains(name);
    let used = models.iter().flat_map(|(model, _)| columns_of(model)).filter(held);
    let used: BTreeSet<String> = used.map(str::to_owned).collect();
    let on_rows = |(model, table): (Model, Arc<Table>)| {
        let further: Vec<&str> =
            asked.rows.columns().into_iter().chain(used.iter().map(String::as_str)).collect();
        let selection = select(&model, &table, missing, &further)?;
        let bound = Bound { model, table, selection, elaborated: Duration::ZERO };
        bound.check_supports()?;
        Ok(bound)
    };
    models.into_iter().map(on_rows).collect()
}

/// A model on a table all of whose columns were read, and the table with the constant column that
/// the objective supplies, if any.
fn on_whole_table(
    source: &Source,
    args: &ModelArgs,
    table: &Arc<Table>,
    asked: &Asked,
) -> Result<(Model, Arc<Table>), Failure> {
    let alone = alone(source, args, asked);
    let supplied = alone.as_ref().and_then(|one| Specification::supplied(one, &asked.objective));
    let counting = &apart(&asked.rows, alone.as_ref());
    let columns = named(table.columns.names(), counting, supplied);
    let numeric = named(table.columns.numeric_names(), counting, supplied);
    let options = Options { columns: Some(&columns), numeric: &numeric, ..options(args) };
    let model = on_table(source, &options, table)?;
    let table = match supplied {
        None => Arc::clone(table),
        Some((name, value)) => Arc::new(Table {
            name: table.name.clone(),
            columns: table.columns.with_constant(name, value),
            numeric_header: table.numeric_header,
            spent: table.spent,
        }),
    };
    Ok((model, table))
}

/// Values of a selection that may stand for missing ones.
pub fn in_selection(selection: &Selection) -> Vec<Warning> {
    sentinels(selection.names().iter().map(String::as_str).zip(selection.slices()))
}

/// The model without a table, where the objective or the columns of weights need it to decide which
/// names are columns; `None` also where it has errors.
fn alone(source: &Source, args: &ModelArgs, asked: &Asked) -> Option<Model> {
    let matters = !asked.objective.sigma.is_empty() || !asked.rows.columns().is_empty();
    matters.then(|| Model::with(&source.text, &options(args)).ok()).flatten()
}

/// The columns of weights and clusters that the text itself does not use.
fn apart<'a>(rows: &'a RowChoices, alone: Option<&Model>) -> Vec<&'a str> {
    let used = |name: &str| alone.is_some_and(|one| one.declares(name));
    rows.columns().into_iter().filter(|name| !used(name)).collect()
}

/// A model whose covariates are columns of a table, and these columns; the columns of its data may
/// be absent. `alone` is the model without a table.
pub fn conditioned(
    source: &Source,
    args: &ModelArgs,
    alone: &Model,
    table: Table,
    missing: MissingRows,
) -> Result<(Model, Selection), Failure> {
    let mut columns = table.columns.names();
    let data = alone.data().iter().map(|one| one.name.as_str());
    let absent: Vec<&str> = data.filter(|name| !columns.contains(name)).collect();
    columns.extend(absent);
    let numeric = table.columns.numeric_names();
    let options = Options { columns: Some(&columns), numeric: &numeric, ..options(args) };
    let model = on_table(source, &options, &table)?;
    let selection = model.select_covariates(&table.columns, missing.into());
    let selection = selection.map_err(|error| table.failure(&error))?;
    Ok((model, selection))
}

/// Another model on the table of a bound one, whose data columns are among those in use there.
pub fn rebound(
    source: &Source,
    args: &ModelArgs,
    bound: &Bound,
    missing: MissingRows,
) -> Result<Bound, Failure> {
    let table = Arc::clone(&bound.table);
    let (columns, numeric) = (table.columns.names(), table.columns.numeric_names());
    let options = Options { columns: Some(&columns), numeric: &numeric, ..options(args) };
    let model = on_table(source, &options, &table)?;
    Bound::of(model, Arc::clone(&table), missing, &RowChoices::default())
}

/// The names of columns that a text may use: without those of `counting`, and with the one that the
/// objective supplies.
fn named<'a>(
    mut names: Vec<&'a str>,
    counting: &[&str],
    supplied: Option<(&'static str, f64)>,
) -> Vec<&'a str> {
    names.retain(|name| !counting.contains(name));
    names.extend(supplied.map(|one| one.0));
    names
}

/// The columns that a bound model uses.
fn columns_of(model: &Model) -> Vec<&str> {
    let components = model.data().iter().chain(model.covariates());
    components.filter_map(|component| component.column.as_deref()).collect()
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

/// The model on a table whose columns were read, with the levels of its groups.
pub fn on_table(source: &Source, options: &Options<'_>, table: &Table) -> Result<Model, Failure> {
    let model = with(source, options).map_err(|failure| doubted(failure, table))?;
    grouped(model, source, table)
}

/// A bound model with the levels of its groups in the table.
fn grouped(model: Model, source: &Source, table: &Table) -> Result<Model, Failure> {
    model.grouped_by(&table.columns).map_err(|misfit| match misfit {
        Misfit::Model(errors) => Failure::drawn(&Vec::from(&errors), source),
        Misfit::Data(error) => table.failure(&error),
    })
}

/// The errors of a model that does not fit its columns, with the warnings
/// about how these were read.
fn doubted(failure: Failure, table: &Table) -> Failure {
    let doubts =
        table.notes().map(|(_, one)| Failure::plain(&Diagnostic::warning(one.code, one.message)));
    doubts.fold(failure, Failure::and)
}

fn select(
    model: &Model,
    table: &Table,
    missing: MissingRows,
    further: &[&str],
) -> Result<Selection, Failure> {
    let selected = model.select_with(&table.columns, missing.into(), further);
    selected.map_err(|error| table.failure(&error))
}

impl From<MissingRows> for Missing {
    fn from(missing: MissingRows) -> Self {
        match missing {
            MissingRows::Error => Self::Error,
            MissingRows::Drop => Self::Drop,
        }
    }
}

/// Draws warnings about a text where they arose, the gravest first, with the explanation of their codes where
/// that is asked for.
pub fn warn(diagnostics: &[Diagnostic], source: &Source, target: &TargetArgs) {
    if target.quiet {
        return;
    }
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|one| weight(one.code));
    for diagnostic in sorted {
        say(&drawn(diagnostic, source));
        if let Some(text) = explain(diagnostic.code).filter(|_| target.explain) {
            say(&format!("\n{}\n", wrapped(text, target.page().width(), 4)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use scorematch::data::CsvOptions;

    use super::*;
    use crate::interrupt::Watch;

    fn bound_to(text: &str, table: &'static str) -> Bound {
        let source = Source { name: String::new(), text: text.to_owned() };
        let (reader, watch) = (Box::new(Cursor::new(table)), Watch::default());
        let data = Unread::new("table".to_owned(), reader, &CsvOptions::default(), None, &watch);
        let args = ModelArgs {
            expression: None,
            constants: Vec::new(),
            map: Vec::new(),
            nodes_max: scorematch::model::NODES_MAX,
            data: None,
        };
        let bound =
            bound(&source, &args, data.expect("a header"), MissingRows::Error, &Asked::default());
        bound.expect("the model suits the columns")
    }

    #[test]
    fn columns_that_the_model_does_not_use_are_not_kept() {
        let bound = bound_to("-(y - a - b*z)^2", "x,y,z,w\n1,2,3,4\n5,6,8,8\n");
        assert_eq!(bound.table.columns.numeric_names(), ["y", "z"]);
        assert_eq!(bound.table.columns.names(), ["x", "y", "z", "w"]);
        assert_eq!(bound.selection.slices(), [[2.0, 6.0], [3.0, 8.0]]);
    }

    #[test]
    fn all_columns_are_read_where_the_header_does_not_determine_the_used_ones() {
        let bound = bound_to("-(x - mu)^2", "name,height\nA,2\nB,6\n");
        assert_eq!(bound.selection.names(), ["height"]);
        let vector = bound_to("data x[*]; -(x' * x)", "a,name,b\n1,A,2\n3,B,4\n");
        assert_eq!(vector.selection.names(), ["a", "b"]);
    }
}
