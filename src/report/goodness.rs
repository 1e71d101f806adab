//! Tests of goodness of fit as tables and as JSON.

use serde_json::{Map, Value, json};

use super::fit::counted;
use super::json::{lines, opened};
use super::page::Page;
use super::table::{Align, labelled, table};
use super::{ModelFacts, json_number, trimmed, warnings};
use crate::analysis::{Goodness, PValue, Statistic, Suspect};
use crate::model::{Cell, Model};
use crate::numerics::decimal::{assignments, shortest};
use crate::numerics::digits::significant;
use crate::objective::discrepancy::Kernel;
use crate::objective::{RowWeights, Transform};

const TITLE: &str = "Goodness of fit by the kernel Stein discrepancy\n\n";
/// Most columns of values in the table of the rows that fit worst.
const VALUES: usize = 6;

impl Goodness {
    /// Title, model, settings and method, the statistic with p and its meaning, and
    /// the rows that fit worst.
    #[must_use]
    pub fn text(&self, model: &Model) -> String {
        self.text_on(model, Page::PLAIN)
    }

    /// The text, laid out for a page.
    #[must_use]
    pub fn text_on(&self, model: &Model, page: Page) -> String {
        let doubts = warnings::marked(&self.warnings, page);
        let doubts = if doubts.is_empty() { doubts } else { format!("\n{doubts}") };
        let head =
            [ModelFacts::of(model).marked(), self.setting(), labelled("method", &self.words())];
        page.set(&format!(
            "{TITLE}{}\n{}\n{}\n{}{doubts}",
            head.concat(),
            self.table(),
            labelled("reading", &self.reading()),
            self.suspects()
        ))
    }

    fn setting(&self) -> String {
        let at = match self.at.len() {
            0 => "no parameters".to_owned(),
            _ => assignments(&self.at),
        };
        let constants = self.frozen.iter().map(|(name, value)| {
            let value = trimmed(*value, 6);
            format!(", {name} = {value}")
        });
        let constants: String = constants.collect();
        let transform = self.transform.map(|one| labelled("coordinates", one.name()));
        let weight =
            self.weight.as_ref().map(|one| labelled("weight", &format!("{one}{constants}")));
        let rows = self.row_weights.as_ref().map(|RowWeights { column, kind, total, .. }| {
            let total = trimmed(*total, 10);
            labelled("row weights", &format!("`{column}`, {kind}, {total} in all"))
        });
        let clusters = self.clusters.map(|clusters| labelled("clusters", &clusters.to_string()));
        let parts = [transform, weight, rows, clusters].into_iter().flatten();
        let parts: String = parts.collect();
        format!("{}{}{parts}", labelled("at", &at), labelled("kernel", &self.kernel_words()))
    }

    /// The kernel, its bandwidth, and how the bandwidth was chosen.
    fn kernel_words(&self) -> String {
        let Self { kernel, bandwidth, .. } = self;
        let (name, value) = (kernel.bandwidth_name(), trimmed(*bandwidth, 6));
        let source = match (self.bandwidth_given, kernel) {
            (true, _) => "as given",
            (false, Kernel::Hamming) => "the number of entries",
            (false, Kernel::Imq | Kernel::Gaussian) => "the median distance",
        };
        let unit = match (kernel, self.scaled) {
            (Kernel::Hamming, _) => " m = entries that differ",
            (Kernel::Imq | Kernel::Gaussian, true) => " columns over their interquartile ranges",
            (Kernel::Imq | Kernel::Gaussian, false) => " columns as they are",
        };
        format!("{kernel}, {}, {name} = {value} ({source});{unit}", kernel.formula())
    }

    /// How p was computed.
    fn words(&self) -> String {
        match self.method {
            PValue::Wild { replicates } => format!(
                "wild bootstrap, {}: random signs of rows; for parameters that were not estimated from \
                 these rows, for others p is too large",
                counted(replicates, "replicate")
            ),
            PValue::Parametric { replicates, failed } => format!(
                "parametric bootstrap, {}{}: rows drawn from the model and parameters estimated anew",
                counted(replicates, "replicate"),
                if failed == 0 { String::new() } else { format!(", {failed} more failed") }
            ),
            PValue::Normal => {
                "the mean over disjoint pairs of rows against its standard error, one-sided \
                               normal; for parameters that were not estimated from these rows"
                    .to_owned()
            }
        }
    }

    fn table(&self) -> String {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let (n, d) = (self.rows.to_string(), self.dimension.to_string());
        let (p, digits) = (trimmed(self.p, 4), 6);
        let rows = match self.statistic {
            Statistic::Quadratic { nv, u } => vec![
                words(&["n", "d", "nV", "U", "p", "error of p"]),
                vec![
                    n,
                    d,
                    significant(nv, digits),
                    significant(u, digits),
                    p,
                    self.p_error.map_or_else(String::new, |error| trimmed(error, 2)),
                ],
            ],
            Statistic::Linear { mean, std_error, pairs } => vec![
                words(&["n", "d", "pairs", "mean u", "std. error", "z", "p"]),
                vec![
                    n,
                    d,
                    pairs.to_string(),
                    significant(mean, digits),
                    significant(std_error, 3),
                    trimmed(mean / std_error, 4),
                    p,
                ],
            ],
        };
        let align = vec![Align::Right; rows[0].len()];
        table(&rows, &align)
    }

    /// The meaning of p in a sentence.
    fn reading(&self) -> String {
        let what = match self.statistic {
            Statistic::Quadratic { .. } => "an nV as large as this",
            Statistic::Linear { .. } => "a mean as large as this",
        };
        let least = match self.method {
            PValue::Wild { replicates } | PValue::Parametric { replicates, .. } => {
                1.0 / (replicates as f64 + 1.0)
            }
            PValue::Normal => 0.0,
        };
        let share = match self.p <= least {
            true => format!("no more than {}", percent(self.p)),
            false => format!("about {}", percent(self.p)),
        };
        format!("were the model right, {what} would come in {share} of samples")
    }

    /// The rows that fit worst, with their parts of the statistic and their values.
    fn suspects(&self) -> String {
        let share = |one: &Suspect| {
            let share = 100.0 * one.contribution / self.statistic.value();
            format!("{} %", trimmed(share, 3))
        };
        let named = self.worst.first().map_or(&[][..], |one| &one.values);
        let names = named.iter().take(VALUES).map(|(name, _)| name.clone());
        let heading = ["row", "part", "share"].map(str::to_owned);
        let heading: Vec<String> = heading.into_iter().chain(names).collect();
        let row = |one: &Suspect| {
            let values = one.values.iter().take(VALUES).map(|(_, cell)| cell.text(shortest));
            let head = [one.row.to_string(), significant(one.contribution, 4), share(one)];
            head.into_iter().chain(values).collect::<Vec<_>>()
        };
        let align = vec![Align::Right; heading.len()];
        let rows: Vec<_> = std::iter::once(heading).chain(self.worst.iter().map(row)).collect();
        format!("rows that fit worst\n{}", table(&rows, &align))
    }

    /// The test as JSON, one top-level key a line.
    #[must_use]
    pub fn json(&self) -> String {
        let mut object = opened();
        let mut put = |key: &str, value: Value| drop(object.insert(key.to_owned(), value));
        put("n", self.rows.into());
        put("dim", self.dimension.into());
        put("at", named(&self.at));
        put("kernel", self.kernel.name().into());
        put("bandwidth", json_number(self.bandwidth));
        put("bandwidth_given", self.bandwidth_given.into());
        put("scaled", self.scaled.into());
        put("weight", self.weight.clone().into());
        put("transform", self.transform.map(Transform::name).into());
        put("frozen", named(&self.frozen));
        if let Some(RowWeights { column, kind, total, .. }) = &self.row_weights {
            let kind = kind.name();
            let weights = json!({"column": column, "kind": kind, "total": json_number(*total)});
            put("row_weights", weights);
        }
        if let Some(clusters) = self.clusters {
            put("clusters", clusters.into());
        }
        put("statistic", self.statistic_json());
        put("p", json_number(self.p));
        put("p_error", self.p_error.map_or(Value::Null, json_number));
        let (method, replicates, failed) = match self.method {
            PValue::Wild { replicates } => ("wild", replicates, 0),
            PValue::Parametric { replicates, failed } => ("parametric", replicates, failed),
            PValue::Normal => ("normal", 0, 0),
        };
        put("method", method.into());
        put("replicates", replicates.into());
        put("failed", failed.into());
        put("worst", self.worst.iter().map(suspect).collect::<Vec<_>>().into());
        put("warnings", warnings::entries(&self.warnings).into());
        lines(&object)
    }

    fn statistic_json(&self) -> Value {
        match self.statistic {
            Statistic::Quadratic { nv, u } => json!({"nV": json_number(nv), "U": json_number(u)}),
            Statistic::Linear { mean, std_error, pairs } => json!({
                "mean": json_number(mean), "std_error": json_number(std_error), "pairs": pairs,
            }),
        }
    }
}

/// A probability in per cent with two digits, or from 99 % on with three, so that 99.8
/// % does not become 100 %.
fn percent(p: f64) -> String {
    let digits = if p < 0.99 { 2 } else { 3 };
    format!("{} %", trimmed(100.0 * p, digits))
}

fn suspect(one: &Suspect) -> Value {
    let contribution = json_number(one.contribution);
    let values = one.values.iter().map(|(name, cell)| (name.clone(), cell_json(cell)));
    let values: Map<String, Value> = values.collect();
    json!({"row": one.row, "contribution": contribution, "values": values})
}

fn cell_json(cell: &Cell) -> Value {
    match cell {
        Cell::Number(x) => json_number(*x),
        Cell::Level(label) => json!(label),
    }
}

fn named(values: &[(String, f64)]) -> Value {
    let pairs = values.iter().map(|(name, value)| (name.clone(), json_number(*value)));
    Value::Object(pairs.collect())
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn probabilities_near_one_have_no_exponent() {
        let shown = [0.0012, 0.0473, 0.84, 0.989, 0.99, 0.998, 0.9996, 1.0].map(percent);
        let plain = ["0.12 %", "4.7 %", "84 %", "99 %", "99 %", "99.8 %", "100 %", "100 %"];
        assert_eq!(shown, plain);
    }
}
