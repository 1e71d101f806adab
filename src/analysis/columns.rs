//! A summary of the columns of a table, without a model.

use super::figure::{Bins, Sample};
use crate::data::{Columns, ErrorKind, Missing};
use crate::numerics::sum::compensated_mean;
use crate::source::one_line;

/// Most characters of the list of levels of a text column.
const LEVELS: usize = 28;
/// Most bars of a column's histogram.
const BARS: usize = 14;
/// Most characters of a cell in a message.
const LETTERS: usize = 20;

/// A summary of a table, column by column.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnsSummary {
    /// Rows of the table.
    pub rows: usize,
    /// Summaries of the columns, in order.
    pub columns: Vec<ColumnSummary>,
}

/// A summary of a column.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnSummary {
    /// The name; empty where the header cell is empty.
    pub name: String,
    /// The content of the column.
    pub content: ColumnContent,
}

/// The content of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnContent {
    /// Numbers and missing values.
    Numbers {
        /// Number of values.
        n: usize,
        /// Number of missing values.
        missing: usize,
        /// The smallest value.
        min: f64,
        /// The mean, accurate to about one rounding error.
        mean: f64,
        /// The largest value.
        max: f64,
        /// Counts in bins of equal width from the smallest to the largest value.
        histogram: Vec<usize>,
    },
    /// No row has a value.
    Nothing,
    /// Other content, described by its levels, its first cell that is not a finite number, or the
    /// reason why it cannot be used.
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

/// The number of levels, and the first of them.
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

/// Counts from the smallest to the largest value. For values on a lattice, such as whole numbers,
/// each bar covers equally many lattice points where some number of bars allows it.
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
