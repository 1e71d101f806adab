//! Warnings about a fit: what was found, what it means and what to do.
//!
//! A headline and a remedy take two lines of 80 columns together, where names allow it; what else there is to
//! say are sentences between them.

mod atoms;
mod circle;
mod cut_off;
mod edges;
mod ends;
mod marginal;
mod sample;
mod shape;
#[cfg(test)]
mod simulation;
mod tails;
mod units;
mod weights;

use crate::data::OriginalRows;
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
pub(super) use sample::sample_warnings;
pub use sample::{missing_code, sentinels};
pub(super) use shape::{is_constant, looks_like_a_density};
pub(super) use tails::may_not_normalise;

/// All that warnings are made from.
pub(super) struct Findings<'a> {
    pub model: &'a Model,
    pub specification: &'a Specification,
    pub options: &'a Options,
    pub space: &'a Space,
    /// Rows of unit vectors and compositions that were rescaled.
    pub rescaled: usize,
    /// Columns of the data, then of the covariates, not standardised.
    pub columns: &'a [&'a [f64]],
    /// These columns in the coordinates of the fit.
    pub inner: &'a [Vec<f64>],
    pub spreads: &'a [Spread],
    /// Number of independent observations: rows, the sum of what these count for, or clusters.
    pub independent: usize,
    /// The number in the file, from 0, of each row used.
    pub original_rows: OriginalRows<'a>,
    pub outcome: Outcome,
    pub best: &'a Candidate,
    /// The parameters of the best candidate, not standardised.
    pub raw: &'a [f64],
    pub edges: &'a [Edge],
    /// Where each start ended.
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
    /// The minimum is the solution of a linear system, and so the only one.
    pub closed_form: bool,
    /// Score and curvature vanish in all rows.
    pub constant: bool,
}

/// A warning about rows that were nearly, but not to rounding, on their sphere or simplex.
#[must_use]
pub fn rescaled(rows: usize) -> Option<Warning> {
    let rows = match rows {
        0 => return None,
        1 => "1 row was".to_owned(),
        more => format!("{more} rows were"),
    };
    let headline = format!(
        "{rows} off the declared sphere or simplex by at most 0.002, and divided by the length or the sum"
    );
    Some(Warning::new("rescaled-rows", headline))
}

impl Findings<'_> {
    fn rows(&self) -> usize {
        self.original_rows.len()
    }

    fn name(&self, j: usize) -> &str {
        &self.model.parameters()[j].name
    }

    /// The names of parameters between backticks.
    fn quoted(&self, parameters: &[usize]) -> Vec<String> {
        parameters.iter().map(|&j| format!("`{}`", self.name(j))).collect()
    }

    /// All warnings but those about tails. After an interrupt those that take passes over the rows are left
    /// out, because the user waits for the end.
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

/// Names that a headline shows of a list.
const NAMED: usize = 2;

/// The first items of a list, this many at most or one more, and the number of the others.
fn few(items: &[String], most: usize) -> String {
    let others = items.len().saturating_sub(most);
    if others < 2 {
        return enumerate(items);
    }
    let mut named = items[..most].to_vec();
    named.push(format!("{others} more"));
    enumerate(&named)
}

/// A sentence with all items of a list of which `few` leaves some out; empty where it leaves out none.
fn unnamed(items: &[String], most: usize) -> String {
    match items.len() > most + 1 {
        true => format!("All of them are {}", enumerate(items)),
        false => String::new(),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn enumerate(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
