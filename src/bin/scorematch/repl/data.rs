//! `:data`: reads a table, and summarises its columns.

use std::path::Path;
use std::sync::Arc;

use scorematch::analysis::ColumnsSummary;
use scorematch::data::Missing;
use scorematch::fit::Warning;
use scorematch::report::{Telling, warnings_on};

use crate::bound::in_selection;
use crate::failure::Failure;
use crate::input::{self, Table};
use crate::interrupt::Watch;
use crate::output::page;

use super::arguments::{DataLine, parsed};
use super::state::{Answer, State};
use super::typed::Typed;
use super::understood::Data;

pub fn run(state: &State, rest: &str, line: &Typed, watch: &Watch) -> Result<Answer, Failure> {
    let DataLine { file, table: reading, map } = parsed(rest)?;
    let Some(file) = file else { return Ok(Answer::text(summary(&state.data()?.table))) };
    if file == Path::new("-") {
        return Err(Failure::usage("standard input is the session itself: name a file"));
    }
    let unread = input::data(&file, &reading, None, watch)?;
    let table = Arc::new(unread.all()?);
    let answer = state.on(Data { table, map, reading }, line)?;
    if watch.raised() { Err(input::interrupted()) } else { Ok(answer) }
}

/// Warnings about how the file was read, and a summary with one line a column.
pub fn summary(table: &Table) -> String {
    let columns = table.columns.numeric_names().into_iter();
    let columns = columns.filter_map(|name| table.columns.select(&[name], Missing::Drop).ok());
    let sentinels = columns.flat_map(|column| in_selection(&column));
    let notes: Vec<Warning> = table.notes().map(|(_, warning)| warning).chain(sentinels).collect();
    let notes = warnings_on(&notes, page().telling(Telling::Brief(":help CODE")));
    let summary = ColumnsSummary::of(&table.columns);
    let (rows, columns) = (counted(summary.rows, "row"), counted(summary.columns.len(), "column"));
    format!("{notes}{}: {rows}, {columns}\n{}", table.name, summary.text_on(page()))
}

/// The line of one column; `None` where no column has that name.
pub fn summary_of(table: &Table, name: &str) -> Option<String> {
    let mut summary = ColumnsSummary::of(&table.columns);
    summary.columns.retain(|column| column.name == name);
    (!summary.columns.is_empty()).then(|| summary.text_on(page()))
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
