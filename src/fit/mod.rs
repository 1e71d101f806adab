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
mod inverses;
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
#[allow(dead_code, reason = "the refits on held-out rows serve cross-validation")]
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

use crate::objective::{Path, RowWeights, Transform};

pub use crate::source::Warning;
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
pub use verdicts::{missing_code, rescaled, sentinels};
pub use wald::{TestedHypothesis, Wald};
pub use windham::windham_weights;

/// One fitted parameter, on the user's (constrained) scale.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedParameter {
    /// The name, as in `mu` or `W[1,2]`.
    pub name: String,
    /// The estimate.
    pub estimate: f64,
    /// Sandwich standard error; `None` where it does not exist: at a bound, held, or not identified.
    pub std_error: Option<f64>,
    /// Interval at the level of the fit, computed on the unconstrained scale.
    pub interval: Option<(f64, f64)>,
    /// Where the estimate lies.
    pub status: Status,
    /// Whether the parameter has no constraint, so that a z statistic is meaningful.
    pub unconstrained: bool,
}

/// Where an estimate lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Inside its constraints.
    Interior,
    /// On a bound, towards which J falls.
    AtBound,
    /// Diverging to an infinite value.
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
    /// Newton's method on moments.
    Moments,
    /// Newton's method in a trust region.
    Newton,
    /// Limited-memory quasi-Newton method.
    Lbfgs,
}

/// How a fit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At a proper minimum of J.
    Converged,
    /// Not at a minimum; the best point is reported.
    NotConverged,
    /// J has no lower bound.
    Unbounded,
    /// Stopped by the user.
    Interrupted,
}

/// A minimum that the starts found.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimum {
    /// J at the minimum.
    pub objective: f64,
    /// SMIC/n = J + tr(A⁻¹K)/n.
    pub smic: f64,
    /// Kernel Stein discrepancy between the score and the rows, or a sample of at most 1000 of them
    /// (250 where there is one minimum); 0 is a perfect fit. `None` where the score is not finite in
    /// some row. With covariates it does not enter the ranking.
    pub ksd: Option<f64>,
    /// Mean log-likelihood per row of the density, given its covariates, normalised by quadrature.
    /// With covariates, the normalisers of at most 200 rows stand for those of all. `None` in more
    /// than two dimensions, or more than one with covariates; where the density has no finite
    /// integral; and for a single minimum on more than 10 000 rows.
    pub log_likelihood: Option<f64>,
    /// Number of starts that ended here.
    pub hits: usize,
    /// The parameters.
    pub estimate: Vec<f64>,
}

/// Results of the starts: tried = converged + collapsed + failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Starts {
    /// Number of starts that were optimised.
    pub tried: usize,
    /// Number that ended at a proper minimum.
    pub converged: usize,
    /// Number for which J fell without bound, or that ended where a few rows dominate J.
    pub collapsed: usize,
    /// Number that ended elsewhere: out of iterations, or at no minimum.
    pub failed: usize,
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Number of rows used; of the sample where a search on a sample was interrupted.
    pub rows: usize,
    /// The weights of rows, where a column has them.
    pub row_weights: Option<RowWeights>,
    /// Number of clusters of dependent rows, where a column names them.
    pub clusters: Option<usize>,
    /// Number of data components.
    pub dimension: usize,
    /// Name of the objective, as `hyvarinen`.
    pub objective_kind: &'static str,
    /// Further description of the objective: how its random numbers are drawn.
    pub detail: Option<String>,
    /// The weight, in words and formulas, where the objective has one.
    pub weight: Option<String>,
    /// Constants that the objective took from the data before the fit, by name.
    pub frozen: Vec<(String, f64)>,
    /// The coordinates of compositions among the data.
    pub transform: Option<Transform>,
    /// J at the estimate.
    pub objective: f64,
    /// Named terms of J, which sum to it.
    pub terms: Vec<(&'static str, f64)>,
    /// J by data component, summing to J; empty where the objective does not separate by component.
    pub components: Vec<(String, f64)>,
    /// The level of intervals, 0.95 by default.
    pub level: f64,
    /// The parameters in order of declaration.
    pub parameters: Vec<FittedParameter>,
    /// Covariance of the estimates (row-major p × p); `None` where it does not exist, or where p is
    /// more than 500 and it was not requested.
    pub covariance: Option<Vec<Vec<f64>>>,
    /// Requested functions of the parameters.
    pub derived: Vec<Derived>,
    /// Wald tests of hypotheses, where requested.
    pub wald: Option<Wald>,
    /// Bootstrap errors and intervals, where requested and the fit could be repeated.
    pub bootstrap: Option<Bootstrap>,
    /// Intervals by the profile of J, where requested and the fit converged inside its constraints.
    pub profile: Option<Profile>,
    /// The method that found the estimate.
    pub method: Method,
    /// Whether J, ∇J and ∇²J at the estimate came from the rows or from moments.
    pub path: Path,
    /// The outcome of the fit.
    pub outcome: Outcome,
    /// The stopping reason in words.
    pub stop_reason: String,
    /// Iterations of the start that won; of all starts where the user stopped the fit.
    pub iterations: usize,
    /// Evaluations of J, with or without derivatives, of all starts, including those on a sample of
    /// rows; the ranking of starts by their losses is not counted.
    pub evaluations: usize,
    /// √(n gᵀK⁻¹g): the distance to the minimum in standard errors.
    pub gradient_norm: f64,
    /// Condition number of A scaled to unit diagonal; `None` where a direction is not determined or A
    /// is unknown.
    pub scaled_condition: Option<f64>,
    /// Results of the starts.
    pub starts: Starts,
    /// All proper minima, the reported one first.
    pub minima: Vec<Minimum>,
    /// Warnings about the fit, the gravest first.
    pub warnings: Vec<Warning>,
}
