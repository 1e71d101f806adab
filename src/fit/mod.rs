//! Model and data → [`Estimate`]: starts, optimisation, standard errors, verdicts.

mod bootstrap;
mod bounds;
mod candidates;
mod closed_form;
mod collapse;
#[cfg(test)]
mod core_tests;
mod counted;
mod delta;
mod domain;
mod driver;
mod error;
mod estimate;
mod existence;
mod hidden;
mod identified;
mod impossible;
mod influence;
mod involutions;
mod labels;
mod newton_cg;
mod options;
mod parities;
mod problem;
mod profile;
mod profile_intervals;
mod progress;
mod ranges;
mod rank;
#[allow(dead_code, reason = "rows that are held out are for other callers")]
mod refit;
mod ridge;
mod runaway;
mod scaled;
mod scan;
mod search;
mod secular;
mod seek;
mod solved;
mod space;
mod standardise;
mod starts;
mod surface;
mod symmetry;
mod tally;
mod task;
mod trust_region;
mod uncertainty;
mod verdicts;
mod wald;
mod white;
mod windham;

use std::fmt::{self, Display, Formatter};

use crate::objective::{Path, RowWeights, Transform};

pub use bootstrap::{Bootstrap, Resampled, Unit};
pub use delta::Derived;
pub use domain::first_outside;
pub use driver::fit;
pub use error::Error;
pub use existence::{NotFinite, first_not_finite};
pub use impossible::Impossible;
pub use options::{Covariance, Options, Standardise};
pub use profile_intervals::{Profile, ProfileInterval};
pub use progress::{Progress, Replicates, Stage};
pub(crate) use refit::{Failed, NoRefit, Refit, replicates};
pub use verdicts::rescaled;
pub use wald::{TestedHypothesis, Wald};
pub use windham::windham_weights;

/// One fitted parameter, on the user's (constrained) scale.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedParameter {
    /// `mu`, `W[1,2]`.
    pub name: String,
    /// The estimate.
    pub estimate: f64,
    /// Sandwich standard error; `None` where there is none (at a bound, held fixed, singular).
    pub std_error: Option<f64>,
    /// Interval of the level of the fit, formed on the unconstrained scale.
    pub interval: Option<(f64, f64)>,
    /// Where the estimate lies.
    pub status: Status,
    /// Without constraint: a z statistic makes sense.
    pub unconstrained: bool,
}

/// Where an estimate lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Inside its constraints.
    Interior,
    /// On a bound, with the gradient pointing out.
    AtBound,
    /// Running off to an infinite value.
    AtInfinity,
    /// Held by the user.
    Fixed,
    /// The objective does not depend on it.
    Unidentified,
}

/// How the estimate was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// One linear solve.
    ClosedForm,
    /// Newton on moments.
    Moments,
    /// Trust-region Newton.
    Newton,
    /// Limited-memory quasi-Newton.
    Lbfgs,
}

/// How a fit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At a proper minimum.
    Converged,
    /// Not at one; the best point is reported.
    NotConverged,
    /// The objective has no lower bound.
    Unbounded,
    /// Stopped by the user.
    Interrupted,
}

/// A minimum that the starts found.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// J there.
    pub objective: f64,
    /// SMIC/n = J + tr(A⁻¹K)/n.
    pub smic: f64,
    /// Kernel Stein discrepancy of the score from the rows, or from at most 1000 of them (250 where
    /// there is one minimum), which is 0 at best; `None` where the score is not finite at some row.
    /// It decides nothing where there are covariates.
    pub ksd: Option<f64>,
    /// Mean log-likelihood of a row under the density, given its covariates, normalised by
    /// quadrature. With covariates the normalisers of at most 200 rows stand for those of all.
    /// `None` in more than two dimensions, or one with covariates; where the density has no finite
    /// integral; and for a minimum that is alone on more than 10 000 rows.
    pub log_likelihood: Option<f64>,
    /// How many starts ended here.
    pub hits: usize,
    /// The parameters.
    pub estimate: Vec<f64>,
}

/// What became of the starts: tried = converged + collapsed + failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Starts {
    /// Optimised.
    pub tried: usize,
    /// Ended at a proper minimum.
    pub converged: usize,
    /// Fell without bound, or ended where a few rows carry the objective.
    pub collapsed: usize,
    /// Ended elsewhere: out of iterations, or at no minimum.
    pub failed: usize,
}

/// A doubt about a fit, by code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Stable kebab-case code, as in `column-units`.
    pub code: &'static str,
    /// What it means and what to do.
    pub message: String,
}

/// Codes of what is told for information: nothing needs to be done about it.
const NOTES: [&str; 2] = ["labels", "noised-density"];

/// `warning[code]: message`, or `note[code]: message`.
impl Display for Warning {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let kind = if NOTES.contains(&self.code) { "note" } else { "warning" };
        write!(f, "{kind}[{}]: {}", self.code, self.message)
    }
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Rows used; those of the sample where a search was interrupted on one.
    pub rows: usize,
    /// What rows count for, where a column says so.
    pub row_weights: Option<RowWeights>,
    /// Clusters of rows that are not independent, where a column names them.
    pub clusters: Option<usize>,
    /// Data dimension.
    pub dimension: usize,
    /// Name of the objective, as `hyvarinen`.
    pub objective_kind: &'static str,
    /// What else there is to say of the objective, in words: how its random numbers are drawn.
    pub detail: Option<String>,
    /// The weight, in words and formulas, where there is one.
    pub weight: Option<String>,
    /// What the objective took from the data once, by name.
    pub frozen: Vec<(String, f64)>,
    /// The coordinates of compositions among the data.
    pub transform: Option<Transform>,
    /// J at the estimate.
    pub objective: f64,
    /// Named terms that sum to J.
    pub terms: Vec<(&'static str, f64)>,
    /// J by data component; they sum to J. Empty where the domains entangle them.
    pub components: Vec<(String, f64)>,
    /// The level of intervals, 0.95 unless another one was asked for.
    pub level: f64,
    /// In order of declaration.
    pub parameters: Vec<FittedParameter>,
    /// Covariance of the estimates (row-major p × p), `None` where it does not exist, or where p is more
    /// than 500 and it was not asked for.
    pub covariance: Option<Vec<Vec<f64>>>,
    /// Functions of the parameters that were asked for.
    pub derived: Vec<Derived>,
    /// Wald tests of hypotheses, where these were asked for.
    pub wald: Option<Wald>,
    /// What fits of drawn rows say, where it was asked for and the fit could be repeated.
    pub bootstrap: Option<Bootstrap>,
    /// Intervals by the profile of J, where they were asked for and the fit converged inside its
    /// constraints.
    pub profile: Option<Profile>,
    /// How it was found.
    pub method: Method,
    /// Whether J, ∇J and ∇²J at the estimate came from the rows or from moments.
    pub path: Path,
    /// How it ended.
    pub outcome: Outcome,
    /// In words.
    pub stop_reason: String,
    /// Optimiser iterations of the start that won; of all starts where the user stopped the fit.
    pub iterations: usize,
    /// Evaluations of J with whatever derivatives, of all starts, those on a sample of rows
    /// included; the ranking of starts by their losses is not counted.
    pub evaluations: usize,
    /// √(n gᵀK⁻¹g): distance to the solution in standard errors.
    pub gradient_norm: f64,
    /// Condition number of A after scaling by diag(K).
    pub scaled_condition: Option<f64>,
    /// What became of the starts.
    pub starts: Starts,
    /// All proper minima, the reported one first.
    pub minima: Vec<Minimum>,
    /// Doubts.
    pub warnings: Vec<Warning>,
}
