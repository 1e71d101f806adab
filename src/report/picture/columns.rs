//! What is in a table, column by column, before any model.

use super::bins::Bins;
use super::sample::Sample;
use super::score::spark;
use crate::data::{Columns, ErrorKind, Missing};
use crate::numerics::sum::compensated_mean;
use crate::report::number::trimmed;
use crate::report::table::{Align, aligned};

/// Bars of a column's histogram.
const BARS: usize = 14;
/// Most columns that are listed.
const LISTED: usize = 60;
/// Most characters of a name or of a cell.
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
    pub content: Content,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
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

    /// The summary as a table.
    #[must_use]
    pub fn text(&self) -> String {
        let heading = ["column", "n", "missing", "min", "mean", "max", ""].map(str::to_owned);
        let listed = self.columns.iter().take(LISTED).map(|column| self.cells(column));
        let rows: Vec<_> = std::iter::once(heading.to_vec()).chain(listed).collect();
        let right = [Align::Right; 5];
        let align: Vec<Align> =
            [Align::Left].into_iter().chain(right).chain([Align::Left]).collect();
        let more = match self.columns.len().saturating_sub(LISTED) {
            0 => String::new(),
            more => format!("and {more} more columns\n"),
        };
        format!("{}{more}", aligned(&rows, &align))
    }

    fn cells(&self, column: &ColumnSummary) -> Vec<String> {
        let name = if column.name.is_empty() { "(no name)" } else { &column.name };
        let [n, missing, min, mean, max, last] = match &column.content {
            Content::Numbers { n, missing, min, mean, max, histogram } => {
                let numbers = [*min, *mean, *max].map(|x| trimmed(x, digits(*min, *max)));
                let [min, mean, max] = numbers;
                [n.to_string(), missing.to_string(), min, mean, max, spark(histogram)]
            }
            Content::Nothing => words("0", &self.rows.to_string(), "no value"),
            Content::Other(why) => words("-", "-", why),
        };
        vec![shown(name), n, missing, min, mean, max, last]
    }
}

fn words(n: &str, missing: &str, what: &str) -> [String; 6] {
    [n, missing, "-", "-", "-", what].map(str::to_owned)
}

fn content(columns: &Columns, name: &str) -> Content {
    match columns.select(&[name], Missing::Drop) {
        Ok(selection) => numbers(selection.column(0), selection.dropped()),
        Err(error) => match &error.kind {
            ErrorKind::NoCompleteRow => Content::Nothing,
            ErrorKind::NotANumber(text) => {
                Content::Other(format!("not numbers: `{}`", shown(text)))
            }
            ErrorKind::Infinite(text) => Content::Other(format!("not finite: `{}`", shown(text))),
            ErrorKind::UnknownColumn(_) => Content::Other("cannot be used without a name".into()),
            ErrorKind::Unreadable(_)
            | ErrorKind::Empty
            | ErrorKind::HeaderOnly
            | ErrorKind::DuplicateColumn
            | ErrorKind::Ragged { .. }
            | ErrorKind::InvalidUtf8
            | ErrorKind::UnclosedQuote
            | ErrorKind::CarriageReturns
            | ErrorKind::TooManyRows
            | ErrorKind::MissingValue => Content::Other(error.to_string()),
        },
    }
}

fn numbers(values: &[f64], missing: usize) -> Content {
    let (min, max) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), &x| (min.min(x), max.max(x)));
    let histogram = Sample::of(values).map_or(Vec::new(), |sample| bars(&sample));
    let mean = compensated_mean(values);
    Content::Numbers { n: values.len(), missing, min, mean, max, histogram }
}

/// Bars from the least value to the largest; of few whole numbers, one bar for each.
fn bars(sample: &Sample) -> Vec<usize> {
    if sample.is_constant() {
        return vec![sample.len()];
    }
    let span = sample.high() - sample.low();
    let lattice = sample.least_gap().map_or(1.0, |gap| (span / gap).round() + 1.0);
    let count = (BARS as f64).min(lattice).max(2.0) as usize;
    Bins::even(sample, sample.low(), sample.high(), count).counts
}

/// Digits that tell the numbers of a column apart.
fn digits(min: f64, max: f64) -> usize {
    let remote = min.abs().max(max.abs()) / (max - min);
    let needed = if remote.is_finite() { remote.log10().max(0.0).ceil() } else { 0.0 };
    (5 + needed as usize).min(16)
}

/// The beginning of a text, on one line.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(LETTERS).map(printable).collect();
    if text.chars().count() > LETTERS {
        shown.push('…');
    }
    shown
}

fn printable(letter: char) -> char {
    if letter.is_control() { ' ' } else { letter }
}
