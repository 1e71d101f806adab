//! Draws from a model as text and JSON: the method, moments, convergence of the chains, warnings.

use serde_json::{Map, Value, json};

use super::json::{lines, number, opened, put};
use super::page::Page;
use super::table::{Align, hanging, labelled, table};
use super::warnings;
use crate::numerics::digits::significant;
use crate::sample::{Convergence, Draws, Method};

impl Method {
    /// The method in words, for reports.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Inverse => "inverse of the distribution function, independent draws",
            Self::Patterns => "probabilities of all patterns, independent draws",
            Self::Gibbs => "Gibbs sweeps",
            Self::Nuts => "No-U-Turn sampler",
            Self::Langevin => "Metropolis-adjusted Langevin algorithm",
            Self::HitAndRun => "hit-and-run with slices",
        }
    }
}

impl Draws {
    /// The method, and moments and convergence of each component as a table, with warnings.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_on(Page::PLAIN)
    }

    /// The text, laid out for a page.
    #[must_use]
    pub fn text_on(&self, page: Page) -> String {
        let chains = match self.is_chained() {
            true => format!(", {} chains of {} draws", self.chains, self.length),
            false => String::new(),
        };
        let method = labelled("method", &format!("{}{chains}", self.method.words()));
        let conditions = self.given.last().map_or(String::new(), |last| {
            labelled("given", &format!("{} rows of covariates", last + 1))
        });
        let levels = match self.levels {
            0 => String::new(),
            levels => labelled("annealed", &format!("over {levels} levels of noise")),
        };
        let count = labelled("draws", &self.len().to_string());
        let head = ["component", "mean", "std. dev.", "MC error", "R-hat", "ESS bulk", "ESS tail"];
        let rows: Vec<Vec<String>> = std::iter::once(head.map(str::to_owned).to_vec())
            .chain(self.convergence.iter().map(row))
            .collect();
        let mut align = vec![Align::Right; head.len()];
        align[0] = Align::Left;
        let angles = match self.convergence.iter().any(|one| one.is_angle) {
            true => format!("\n{}\n", hanging(ANGLES, 0)),
            false => String::new(),
        };
        let doubts = warnings::marked(&self.doubts, page);
        let doubts = if doubts.is_empty() { doubts } else { format!("\n{doubts}") };
        let components = table(&rows, &align);
        let head = format!("{count}{method}{levels}{conditions}");
        page.set(&format!("{head}\n{components}{angles}{doubts}"))
    }

    /// The report as JSON, one top-level key a line, with the draws by component if `with_draws`.
    #[must_use]
    pub fn json(&self, with_draws: bool) -> String {
        let mut object = opened();
        put(&mut object, "method", self.method.name());
        put(&mut object, "n", self.len());
        put(&mut object, "chains", self.chains);
        put(&mut object, "length", self.length);
        put(&mut object, "modes", self.modes);
        put(&mut object, "levels", self.levels);
        put(&mut object, "divergences", self.divergences);
        put(&mut object, "sound", self.is_sound());
        let components: Vec<Value> = self.convergence.iter().map(component).collect();
        put(&mut object, "components", components);
        put(&mut object, "warnings", warnings::entries(&self.doubts));
        if with_draws {
            let columns = self.columns.iter();
            let columns: Map<String, Value> =
                columns.map(|(name, values)| (name.clone(), json!(values))).collect();
            put(&mut object, "draws", columns);
        }
        lines(&object)
    }
}

/// The note below the table where a component is an angle.
const ANGLES: &str = "(angle): the mean direction, the circular standard deviation sqrt(-2 ln R) and the \
                      error of the mean direction, in radians";

fn row(one: &Convergence) -> Vec<String> {
    let size = |size: f64| if size.is_nan() { "-".to_owned() } else { format!("{size:.0}") };
    vec![
        format!("{}{}", one.name, if one.is_angle { " (angle)" } else { "" }),
        significant(one.mean, 6),
        significant(one.deviation, 4),
        significant(one.error, 2),
        one.r_hat.map_or("-".to_owned(), |r_hat| format!("{r_hat:.3}")),
        size(one.bulk),
        size(one.tail),
    ]
}

fn component(one: &Convergence) -> Value {
    let [mean, deviation] = match one.is_angle {
        true => ["mean_direction", "circular_std_dev"],
        false => ["mean", "std_dev"],
    };
    json!({
        "name": one.name, mean: number(one.mean), deviation: number(one.deviation),
        "mc_error": number(one.error), "r_hat": one.r_hat.map(number),
        "ess_bulk": number(one.bulk), "ess_tail": number(one.tail),
    })
}
