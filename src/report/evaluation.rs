//! Evaluations as tables.

use super::fit::{Setting, objective_lines};
use super::page::Page;
use super::table::{Align, labelled, table};
use super::warnings;
use crate::analysis::{Evaluation, Normalised};
use crate::numerics::digits::significant;

impl Evaluation {
    /// The evaluation as a table.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_on(Page::PLAIN)
    }

    /// The text, laid out for a page.
    #[must_use]
    pub fn text_on(&self, page: Page) -> String {
        let setting = Setting {
            kind: self.objective_kind,
            detail: self.detail.as_deref(),
            weight: self.weight.as_deref(),
            frozen: &self.frozen,
            transform: self.transform,
            row_weights: self.row_weights.as_ref(),
            clusters: self.clusters,
        };
        let head = objective_lines(&setting, self.objective, &self.terms, &self.components);
        let heading = vec!["parameter".to_owned(), "dJ".to_owned()];
        let row = |(name, value): &(String, f64)| vec![name.clone(), significant(*value, 8)];
        let rows: Vec<_> = std::iter::once(heading).chain(self.gradient.iter().map(row)).collect();
        let rows_used = labelled("rows", &self.rows.to_string());
        let gradient = table(&rows, &[Align::Left, Align::Right]);
        let doubts = warnings::marked(&self.warnings, page);
        let doubts = if doubts.is_empty() { doubts } else { format!("\n{doubts}") };
        let timing = self.timing.as_ref().map(|timing| format!("\n{}", timing.marked()));
        let divergence = self.divergence.as_ref().map(|(known, value)| {
            let value = significant(*value, 8);
            labelled("divergence", &format!("{value} = mean 1/2 |score - score of {known}|^2"))
        });
        let normalised = self.normalised.as_ref().map(normalised);
        let further = divergence.into_iter().chain(normalised).collect::<String>();
        let head = format!("{rows_used}{head}{further}");
        page.set(&format!("{head}\n{gradient}{doubts}{}", timing.unwrap_or_default()))
    }
}

fn normalised(found: &Normalised) -> String {
    let log = found.normaliser.map(|one| {
        let (log, error) = (significant(one.log, 10), significant(one.error, 1));
        labelled("log Z", &format!("{log}, wrong by at most {error}"))
    });
    let likelihood = labelled("log-lik./n", &significant(found.log_likelihood, 10));
    let quantile = |(share, value): &(f64, f64)| format!("{share}: {}", significant(*value, 8));
    let quantiles: Vec<String> = found.quantiles.iter().map(quantile).collect();
    let quantiles = match quantiles[..] {
        [] => String::new(),
        _ => labelled("quantiles", &quantiles.join(", ")),
    };
    format!("{}{likelihood}{quantiles}", log.unwrap_or_default())
}
