//! `:data`: reads a table, and says what its columns hold.

use std::path::Path;
use std::rc::Rc;

use scorematch::report::ColumnsSummary;

use crate::args::TargetArgs;
use crate::failure::Failure;
use crate::input::{self, Table};

use super::arguments::{DataLine, parsed};
use super::state::{Answer, State};
use super::typed::Typed;
use super::understood::Data;

pub fn run(state: &State, rest: &str, line: &Typed) -> Result<Answer, Failure> {
    let DataLine { file, table, map } = parsed(rest)?;
    let Some(file) = file else { return Ok(Answer::text(summary(&state.data()?.table))) };
    if file == Path::new("-") {
        return Err(Failure::usage("standard input is the session itself: name a file"));
    }
    let missing = table.missing;
    let table = Rc::new(input::data(&file, &table, None, &TargetArgs::default())?.all()?);
    state.on(Data { table, map, missing }, line)
}

/// One line a column.
pub fn summary(table: &Table) -> String {
    let summary = ColumnsSummary::of(&table.columns);
    let (rows, columns) = (counted(summary.rows, "row"), counted(summary.columns.len(), "column"));
    format!("{}: {rows}, {columns}\n{}", table.name, summary.text())
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
