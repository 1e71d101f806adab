//! Checks of derivatives as a table and as JSON.

use serde_json::{Value, json};

use super::{ModelFacts, SCHEMA, json_number, trimmed, warning_of, warnings};
use crate::analysis::{Check, Mismatch, Tally};
use crate::model::{Model, Support};
use crate::numerics::decimal::{assignments, shortest};

impl Check {
    /// The model as understood, its supports, the comparisons and the verdict.
    #[must_use]
    pub fn text(&self, model: &Model) -> String {
        let supports = supports(model).map(|(name, support)| format!("{name} {support}"));
        let lines = [
            ModelFacts::of(model).text(),
            format!("{:12}{}\n", "supports", supports.collect::<Vec<_>>().join(", ")),
            format!("{:12}{}\n\n", "log p", self.finite()),
            self.table(),
            format!("\n{}\n", self.verdict()),
        ];
        lines.concat()
    }

    /// At how many points log p is finite.
    fn finite(&self) -> String {
        let Self { points, usable, .. } = self;
        let doubt = if usable < points {
            "; score matching needs it finite wherever there can be data"
        } else {
            ""
        };
        format!("finite at {usable} of {points} points{doubt}")
    }

    fn verdict(&self) -> String {
        if self.usable == 0 {
            return "MISMATCH: log p is not a number at any point".to_owned();
        }
        let count = |of: &dyn Fn(&Tally) -> usize| -> usize {
            self.tallies.iter().map(|(_, tally)| of(tally)).sum()
        };
        let differ = match count(&|tally| tally.differ) {
            0 => None,
            count => Some(format!("{count} derivatives differ from finite differences")),
        };
        let lost = match count(&|tally| tally.not_finite) {
            0 => None,
            count => Some(format!("{count} derivatives are not finite where log p is")),
        };
        let wrong: Vec<String> = differ.into_iter().chain(lost).collect();
        match &self.first {
            None => "ok: derivatives agree with finite differences".to_owned(),
            Some(first) => {
                format!("MISMATCH: {}; first, {}", wrong.join(", "), first.sentence())
            }
        }
    }

    fn table(&self) -> String {
        let heading = format!(
            "{:20}{:>10}{:>10}{:>10}{:>12}{:>22}\n",
            "", "agree", "unclear", "differ", "not finite", "largest difference"
        );
        let row = |(name, tally): &(&str, Tally)| {
            let Tally { agree, unclear, differ, not_finite, largest } = *tally;
            let counts = format!("{agree:>10}{unclear:>10}{differ:>10}{not_finite:>12}");
            format!("{name:20}{counts}{:>22}\n", trimmed(largest, 2))
        };
        heading + &self.tallies.iter().map(row).collect::<String>()
    }

    /// The check as JSON.
    #[must_use]
    pub fn json(&self, model: &Model) -> String {
        let roles = ModelFacts::of(model).roles;
        let supports: serde_json::Map<String, Value> =
            supports(model).map(|(name, support)| (name, Value::String(support))).collect();
        let tally = |(name, tally): &(&str, Tally)| {
            json!({
                "of": name, "agree": tally.agree, "unclear": tally.unclear, "differ": tally.differ,
                "not_finite": tally.not_finite, "largest_difference": json_number(tally.largest),
            })
        };
        let told: Vec<_> = model.warnings().iter().map(warning_of).collect();
        let value = json!({
            "schema": SCHEMA,
            "version": env!("CARGO_PKG_VERSION"),
            "roles": {"data": roles.data, "covariate": roles.covariate, "param": roles.param},
            "supports": supports,
            "points": self.points,
            "usable": self.usable,
            "derivatives": self.tallies.iter().map(tally).collect::<Vec<_>>(),
            "ok": self.is_sound(),
            "first_mismatch": self.first.as_ref().map(Mismatch::sentence),
            "warnings": warnings::entries(&told),
        });
        format!("{value:#}\n")
    }
}

impl Mismatch {
    /// The derivative that is wrong, its value, and the point, in a sentence.
    fn sentence(&self) -> String {
        let Self { what, derived, by_differences, place } = self;
        let place = assignments(place);
        match by_differences {
            Some(quotient) => {
                let (derived, quotient) = (shortest(*derived), trimmed(*quotient, 6));
                format!("the {what} is {derived}, by differences {quotient}, at {place}")
            }
            None => {
                let value = if derived.is_nan() { "not a number" } else { "infinite" };
                format!("the {what} is {value} at {place}")
            }
        }
    }
}

/// The name of each data component with `on the real line` or its declared support.
fn supports(model: &Model) -> impl Iterator<Item = (String, String)> {
    let words = |support: Support| match support {
        Support::Line => "on the real line".to_owned(),
        declared => declared.to_string().trim_start().to_owned(),
    };
    model.data().iter().map(move |component| (component.name.clone(), words(component.support)))
}
