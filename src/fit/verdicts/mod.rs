//! Doubts about a fit, in words: what was seen and what to do.

mod circle;
mod edges;
mod ends;
mod sample;
mod shape;
mod tails;
mod units;
mod weights;

use crate::model::Model;
use crate::objective::Specification;

use super::bounds::Edge;
use super::candidates::Candidate;
use super::labels::Rule;
use super::rank::Ranking;
use super::space::Space;
use super::standardise::Spread;
use super::uncertainty::Uncertainty;
use super::{Options, Outcome, Warning};

pub(super) use circle::not_periodic;
pub(super) use edges::beside_edges;
pub(super) use sample::{sample_warnings, sentinels};
pub(super) use shape::{is_constant, looks_like_a_density};
pub(super) use tails::may_not_normalise;

/// All that a verdict may look at.
pub(super) struct Findings<'a> {
    pub model: &'a Model,
    pub specification: &'a Specification,
    pub options: &'a Options,
    pub space: &'a Space,
    /// Rows of unit vectors and compositions that were rescaled.
    pub rescaled: usize,
    /// Raw data columns, then covariates.
    pub columns: &'a [&'a [f64]],
    /// The columns in the coordinates of the fit.
    pub inner: &'a [Vec<f64>],
    pub spreads: &'a [Spread],
    /// Independent observations: rows, what they count for, or clusters of them.
    pub independent: usize,
    /// Row of the data, from 0, of each row used.
    pub original_rows: &'a [u32],
    pub outcome: Outcome,
    pub best: &'a Candidate,
    /// Its parameters, raw.
    pub raw: &'a [f64],
    pub edges: &'a [Edge],
    /// Every end of a start.
    pub ends: &'a [Candidate],
    /// The proper minima, best first.
    pub minima: &'a [Candidate],
    pub ranking: &'a Ranking,
    pub uncertainty: Option<&'a Uncertainty>,
    pub rules: &'a [Rule],
    /// Parameters that the loss does not contain.
    pub unidentified: &'a [usize],
    /// The loss is quadratic in the parameters.
    pub exponential_family: bool,
    /// The minimum is that of a linear system, and there is no other.
    pub closed_form: bool,
    /// The score vanishes in all rows.
    pub constant: bool,
}

/// Rows that were not on their domain to rounding, but nearly.
#[must_use]
pub fn rescaled(rows: usize) -> Option<Warning> {
    let rows = match rows {
        0 => return None,
        1 => "1 row was".to_owned(),
        more => format!("{more} rows were"),
    };
    let message = format!(
        "{rows} not on the declared sphere or simplex to rounding, by at most 0.002, and divided by \
         the length or the sum"
    );
    Some(warning("rescaled-rows", message))
}

impl Findings<'_> {
    fn rows(&self) -> usize {
        self.original_rows.len()
    }

    fn name(&self, j: usize) -> &str {
        &self.model.parameters()[j].name
    }

    /// All warnings but those about tails. Who stopped a fit waits for its end: what takes passes over
    /// the rows is not looked at then.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = shape::constant(self).into_iter().collect();
        warnings.extend(ends::warnings(self));
        warnings.extend(weights::warnings(self));
        if self.outcome != Outcome::Interrupted {
            warnings.extend(sample_warnings(self));
            warnings.extend(sample::without_errors(self));
        }
        warnings
    }
}

/// Items that a list names.
const FEW: usize = 5;

fn warning(code: &'static str, message: String) -> Warning {
    Warning { code, message }
}

/// The first few of a list, and how many more there are.
fn few(mut items: Vec<String>) -> String {
    let more = items.len().saturating_sub(FEW);
    if more > 1 {
        items.truncate(FEW);
        items.push(format!("{more} more"));
    }
    enumerate(&items)
}

/// `a`, `a and b`, `a, b and c`.
fn enumerate(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
