//! The summary of a table's columns as text.

use super::score::spark;
use crate::analysis::{ColumnContent, ColumnSummary, ColumnsSummary};
use crate::numerics::digits::trimmed;
use crate::report::page::Page;
use crate::report::table::{Align, table};
use crate::source::one_line;

/// Most columns of the table that are listed.
const LISTED: usize = 60;
/// Length in characters beyond which a name is cut.
const LETTERS: usize = 20;

impl ColumnsSummary {
    /// The summary as a table.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_on(Page::PLAIN)
    }

    /// The text, laid out for a page.
    #[must_use]
    pub fn text_on(&self, page: Page) -> String {
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
        page.set(&format!("{}{more}", table(&rows, &align)))
    }

    fn cells(&self, column: &ColumnSummary) -> Vec<String> {
        let name = if column.name.is_empty() { "(no name)" } else { &column.name };
        let [n, missing, min, mean, max, last] = match &column.content {
            ColumnContent::Numbers { n, missing, min, mean, max, histogram } => {
                let numbers = [*min, *mean, *max].map(|x| trimmed(x, digits(*min, *max)));
                let [min, mean, max] = numbers;
                [n.to_string(), missing.to_string(), min, mean, max, spark(histogram)]
            }
            ColumnContent::Nothing => words("0", &self.rows.to_string(), "no value"),
            ColumnContent::Other(why) => words("-", "-", why),
        };
        vec![one_line(name, LETTERS), n, missing, min, mean, max, last]
    }
}

fn words(n: &str, missing: &str, what: &str) -> [String; 6] {
    [n, missing, "-", "-", "-", what].map(str::to_owned)
}

/// Significant digits that distinguish the numbers of a column.
fn digits(min: f64, max: f64) -> usize {
    let remote = min.abs().max(max.abs()) / (max - min);
    let needed = if remote.is_finite() { remote.log10().max(0.0).ceil() } else { 0.0 };
    (5 + needed as usize).min(16)
}
