//! `scorematch new`: a commented model for the columns of a data file.

use std::path::PathBuf;

use clap::Args;
use scorematch::analysis::{ColumnContent, ColumnsSummary};
use scorematch::data::Selection;
use scorematch::source::{Diagnostic, Warning, nearest, one_line};

use crate::args::{MissingRows, TableArgs, TargetArgs};
use crate::bound::in_selection;
use crate::draft::{Column, Draft, Group};
use crate::failure::{Ending, Failure};
use crate::input::{self, Table, shown};
use crate::interrupt::Watch;
use crate::output::{check_target, emit_text, tell};

/// Length in letters beyond which a name or a cell in a comment is cut.
const SHOWN: usize = 60;
/// Most levels of a column of texts that is offered as a group.
const LEVELS_MAX: usize = 100;
/// Sums of rows that differ by at most this share of the smallest range of a column count as equal.
const SAME_SUM: f64 = 0.05;
/// Length in letters beyond which the path of a file is cut.
const PATH: usize = 500;

#[derive(Debug, Args)]
pub struct NewArgs {
    /// The data: a file, possibly .gz, or - for standard input
    #[arg(value_name = "DATA")]
    pub data: PathBuf,
    /// The column to model given the others [default: the first numeric one]
    #[arg(long, value_name = "NAME")]
    pub response: Option<String>,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub target: TargetArgs,
}

pub fn run(args: &NewArgs, watch: &Watch) -> Result<Ending, Failure> {
    watch.hide_if_quiet(&args.target);
    check_target(&args.target)?;
    let table = input::data(&args.data, &args.table, None, watch)?.all()?;
    let notes: Vec<Warning> = table.notes().map(|(_, warning)| warning).collect();
    tell(&notes, &args.target);
    let Sorted { numeric, groups, mut left_out } = sorted(&table);
    let names: Vec<&str> = numeric.iter().map(String::as_str).collect();
    if let Some(wanted) = &args.response {
        check_response(wanted, &names, &table)?;
    }
    let selected = table.columns.select(&names, args.table.missing.into());
    let selected = selected.map_err(|error| wrong(error.diagnostic(shown(&table.name))))?;
    tell(&in_selection(&selected), &args.target);
    let mut columns = columns(&selected, args.response.as_deref());
    left_out.extend(implied(&mut columns, &selected));
    if columns.is_empty() {
        let message = format!("{}: no column holds different numbers", shown(&table.name));
        return Err(wrong(Diagnostic::error("no-data", message)));
    }
    let (heading, rows) = (heading(args, &table), selected.rows());
    emit_text(&args.target, &Draft { heading, rows, columns, groups, left_out }.text())?;
    Ok(Ending::Done)
}

fn wrong(diagnostic: Diagnostic) -> Failure {
    Failure::plain(&diagnostic)
}

/// The columns of a table by what a model can do with them.
#[derive(Default)]
struct Sorted {
    /// The numeric columns that the language can name.
    numeric: Vec<String>,
    /// The columns of few texts, which can be groups.
    groups: Vec<Group>,
    /// Each other column with the reason why it is left out.
    left_out: Vec<String>,
}

fn sorted(table: &Table) -> Sorted {
    let Sorted { mut numeric, mut groups, mut left_out } = Sorted::default();
    for column in ColumnsSummary::of(&table.columns).columns {
        let name = one_line(&column.name, SHOWN);
        match &column.content {
            _ if column.name.is_empty() => left_out.push("a column without a name".to_owned()),
            _ if column.name.contains(|c: char| c == '`' || c.is_control()) => {
                left_out.push(format!("{name}: a name that cannot be written; rename it"));
            }
            ColumnContent::Nothing => left_out.push(format!("{name}: empty")),
            ColumnContent::Other(described) if is_group(table, &column.name) => {
                groups.push(Group { name: column.name, described: one_line(described, SHOWN) });
            }
            ColumnContent::Other(why) => {
                left_out.push(format!("{name}: {}", one_line(why, SHOWN)));
            }
            ColumnContent::Numbers { min, max, .. } if min == max => {
                left_out.push(format!("{name}: {min} in every row"));
            }
            ColumnContent::Numbers { .. } => numeric.push(column.name),
        }
    }
    Sorted { numeric, groups, left_out }
}

/// Whether the rows of a column of texts fall into few levels.
fn is_group(table: &Table, name: &str) -> bool {
    let levels = table.columns.levels(name);
    levels
        .is_ok_and(|levels| (2..=LEVELS_MAX.min(table.columns.rows() / 2)).contains(&levels.len()))
}

/// Refuses a response that is not one of the numeric columns.
fn check_response(wanted: &str, names: &[&str], table: &Table) -> Result<(), Failure> {
    if names.contains(&wanted) {
        return Ok(());
    }
    let message = match table.columns.names().contains(&wanted) {
        true => format!("`--response`: the column `{wanted}` does not hold different numbers"),
        false => format!("`--response`: no column is named `{wanted}`"),
    };
    let error = Diagnostic::error("unknown-column", message);
    Err(wrong(match nearest(wanted, names.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("the columns of numbers are {}", names.join(", "))),
    }))
}

/// The columns with the response first, without those that are constant in the selected rows.
fn columns<'a>(selected: &'a Selection, response: Option<&str>) -> Vec<Column<'a>> {
    let all = selected.names().iter().zip(selected.slices());
    let all = all.map(|(name, values)| Column::of(name, values));
    let mut columns: Vec<Column<'a>> = all.filter(|column| column.low < column.high).collect();
    columns.sort_by_key(|column| Some(column.name) != response);
    columns
}

/// Removes the last column where the sum of all columns is equal in every row, as in compositions:
/// the others determine it, so a regression on them has no error to fit. Returns the reason.
fn implied(columns: &mut Vec<Column<'_>>, selected: &Selection) -> Option<String> {
    let slices = selected.slices();
    let sum = |row: usize| slices.iter().map(|column| column[row]).sum::<f64>();
    let sums: Vec<f64> = (0..selected.rows()).map(sum).collect();
    let low = sums.iter().copied().fold(f64::INFINITY, f64::min);
    let high = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = columns.iter().map(|one| one.high - one.low).fold(f64::INFINITY, f64::min);
    if columns.len() < 2 || high - low > SAME_SUM * least {
        return None;
    }
    let name = one_line(columns.pop()?.name, SHOWN);
    Some(format!("{name}: all columns have one sum in every row (`help simplex`: compositions)"))
}

/// The comments at the top: the file, and the command that fits the model.
fn heading(args: &NewArgs, table: &Table) -> String {
    let file = one_line(&args.data.display().to_string(), PATH);
    let model = args.target.file.as_ref().map(|file| one_line(&file.display().to_string(), PATH));
    let model = model.unwrap_or_else(|| "THIS-FILE".to_owned());
    let missing = match args.table.missing {
        MissingRows::Error => "",
        MissingRows::Drop => " --missing drop",
    };
    let reading = match args.table.is_given() && missing.is_empty() {
        true => "\n# with the options by which the data were read here.",
        false => "",
    };
    let rows = table.columns.rows();
    format!(
        "# A first model of {file}, {rows} rows, from what its columns hold. Fit it with\n#\n\
         #     scorematch fit {model} {file}{missing}\n#{reading}\n\
         # and change what you know better: `scorematch help language` shows how models are written.\n"
    )
}
