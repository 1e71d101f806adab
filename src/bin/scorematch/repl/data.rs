//! `:data`: reads a table, and says what its columns hold.

use scorematch::data::{Missing, Selection};
use scorematch::report::{Align, aligned, significant};

use std::path::Path;
use std::rc::Rc;

use crate::failure::Failure;
use crate::input::{self, Table};

use super::arguments::{DataLine, parsed};
use super::state::{Answer, State};
use super::typed::Typed;
use super::understood::Data;

/// Digits of a number in a summary.
const DIGITS: usize = 6;

pub fn run(state: &State, rest: &str, line: &Typed) -> Result<Answer, Failure> {
    let DataLine { file, table, map } = parsed(rest)?;
    let Some(file) = file else {
        let data = state.data.as_ref().ok_or_else(|| Failure::usage("name a file of data"))?;
        return Ok(Answer::text(summary(&data.table)));
    };
    if file == Path::new("-") {
        return Err(Failure::usage("standard input is the session itself: name a file"));
    }
    let missing = table.missing;
    let table = Rc::new(input::table(&file, &table)?);
    state.on(Data { table, map, missing }, line)
}

/// One line a column.
pub fn summary(table: &Table) -> String {
    let names = table.columns.names();
    let (rows, columns) = (table.columns.rows(), names.len());
    let head =
        format!("{}: {}, {}\n", table.name, counted(rows, "row"), counted(columns, "column"));
    let heading = ["column", "n", "min", "mean", "max", "missing"].map(str::to_owned).to_vec();
    let rows = names.iter().filter(|name| !name.is_empty()).map(|name| row(table, name));
    let rows: Vec<_> = std::iter::once(heading).chain(rows).collect();
    let mut align = [Align::Right; 6];
    align[0] = Align::Left;
    format!("{head}{}", aligned(&rows, &align))
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn row(table: &Table, name: &str) -> Vec<String> {
    let all = table.columns.rows();
    let numbers = match table.columns.select(&[name], Missing::Drop) {
        Ok(selection) => measured(&selection, all),
        Err(_) if table.columns.numeric_names().contains(&name) => {
            ["0", "-", "-", "-"].map(str::to_owned).into_iter().chain([all.to_string()]).collect()
        }
        Err(_) => ["", "text", "", "", ""].map(str::to_owned).to_vec(),
    };
    std::iter::once(name.to_owned()).chain(numbers).collect()
}

fn measured(selection: &Selection, all: usize) -> Vec<String> {
    let values = selection.column(0);
    let n = values.len();
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // Scaled first, so that the sum of large numbers is finite.
    let mean: f64 = values.iter().map(|value| value / n as f64).sum();
    let numbers = [low, mean, high].map(|value| significant(value, DIGITS));
    let [low, mean, high] = numbers;
    vec![n.to_string(), low, mean, high, (all - n).to_string()]
}
