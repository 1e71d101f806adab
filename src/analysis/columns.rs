//! What is in a table, column by column, before any model.

use super::figure::{Bins, Sample};
use crate::data::{Columns, ErrorKind, Missing};
use crate::numerics::sum::compensated_mean;
use crate::source::one_line;

/// Most characters of the levels of a column of text.
const LEVELS: usize = 28;
/// Bars of a column's histogram.
const BARS: usize = 14;
/// Most characters of a cell that is shown.
const LETTERS: usize = 20;

/// A table, column by column.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnsSummary {
    /// Rows of the table.
    pub rows: usize,
    /// One for each column.
    pub columns: Vec<ColumnSummary>,
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnSummary {
    /// Its name; empty where the header is.
    pub name: String,
    /// What it holds.
    pub content: ColumnContent,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnContent {
    /// Numbers and missing values.
    Numbers {
        /// Values that are there.
        n: usize,
        /// Values that are not.
        missing: usize,
        /// The least value.
        min: f64,
        /// The mean, with an error of about one rounding.
        mean: f64,
        /// The largest value.
        max: f64,
        /// Counts in bins of equal width from the least value to the largest.
        histogram: Vec<usize>,
    },
    /// No value in any row.
    Nothing,
    /// Something else, with the first cell that is not a finite number, or why it cannot be used.
    Other(String),
}

impl ColumnsSummary {
    /// Summarises every column.
    #[must_use]
    pub fn of(columns: &Columns) -> Self {
        let names = columns.names().into_iter();
        let summaries = names
            .map(|name| ColumnSummary { name: name.to_owned(), content: content(columns, name) });
        Self { rows: columns.rows(), columns: summaries.collect() }
    }
}

fn content(columns: &Columns, name: &str) -> ColumnContent {
    match columns.select(&[name], Missing::Drop) {
        Ok(selection) => numbers(selection.column(0), selection.dropped()),
        Err(error) => match &error.kind {
            ErrorKind::NoCompleteRow => ColumnContent::Nothing,
            ErrorKind::NotANumber(text) => ColumnContent::Other(match columns.levels(name) {
                Ok(levels) => texts(&levels),
                Err(_) => format!("not numbers: `{}`", one_line(text, LETTERS)),
            }),
            ErrorKind::Infinite(text) => {
                ColumnContent::Other(format!("not finite: `{}`", one_line(text, LETTERS)))
            }
            ErrorKind::UnknownColumn(_) => {
                ColumnContent::Other("cannot be used without a name".into())
            }
            ErrorKind::Unreadable(_)
            | ErrorKind::Empty
            | ErrorKind::HeaderOnly
            | ErrorKind::DuplicateColumn { .. }
            | ErrorKind::Ragged { .. }
            | ErrorKind::InvalidUtf8
            | ErrorKind::UnclosedQuote
            | ErrorKind::CarriageReturns
            | ErrorKind::TooManyRows
            | ErrorKind::MissingValue
            | ErrorKind::NotRead
            | ErrorKind::TooManyLevels { .. }
            | ErrorKind::UnknownLevel { .. }
            | ErrorKind::Unnormalised { .. } => ColumnContent::Other(error.to_string()),
        },
    }
}

/// How many texts there are, and the first of them.
fn texts(levels: &[String]) -> String {
    let noun = if levels.len() == 1 { "level" } else { "levels" };
    let mut shown = format!("{} {noun}: {}", levels.len(), one_line(&levels[0], LETTERS));
    for level in &levels[1..] {
        let level = one_line(level, LETTERS);
        if shown.chars().count() + level.chars().count() > LEVELS {
            return shown + ", …";
        }
        shown += &format!(", {level}");
    }
    shown
}

fn numbers(values: &[f64], missing: usize) -> ColumnContent {
    let (min, max) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), &x| (min.min(x), max.max(x)));
    let histogram = Sample::of(values).map_or(Vec::new(), |sample| bars(&sample));
    let mean = compensated_mean(values);
    ColumnContent::Numbers { n: values.len(), missing, min, mean, max, histogram }
}

/// Bars from the least value to the largest. Values on a lattice, such as whole numbers, are
/// counted in bars that hold equally many of its points where there is such a number of bars.
fn bars(sample: &Sample) -> Vec<usize> {
    let Some(gap) = sample.least_gap() else { return vec![sample.len()] };
    let points = ((sample.high() - sample.low()) / gap).round() + 1.0;
    let even = |&count: &usize| points % count as f64 == 0.0;
    let count = (BARS / 2..=BARS).rev().find(even);
    match count.or((points <= BARS as f64).then_some(points as usize)) {
        Some(count) => {
            Bins::even(sample, sample.low() - gap / 2.0, sample.high() + gap / 2.0, count).counts
        }
        None => Bins::even(sample, sample.low(), sample.high(), BARS).counts,
    }
}
