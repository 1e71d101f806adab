//! Reasons why there is no fit. A fit that ended badly is an [`Estimate`](super::Estimate) with its
//! [`Outcome`](super::Outcome).

use std::fmt;

use crate::model::Errors;
use crate::numerics::decimal::{assignments, shortest};
use crate::objective::{NoMoments, Unsuited};

use super::existence::NotFinite;
use super::impossible::Impossible;

/// Why a model could not be fitted to data.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// There are no rows.
    NoRows,
    /// A column that the model needs is not among those selected.
    MissingColumn {
        /// The data component or covariate.
        component: String,
    },
    /// No objective suits the model.
    Unsuited(Unsuited),
    /// The data or the text of the model admit no fit by score matching.
    Impossible(Impossible),
    /// A value lies outside the declared support.
    OutsideSupport {
        /// The data component or covariate.
        component: String,
        /// The support as declared.
        declared: String,
        /// Row among the rows used, from 0.
        row: usize,
        /// The value.
        value: f64,
    },
    /// log p as written has no finite value in a row.
    Domain {
        /// Row among the rows used, from 0.
        row: usize,
        /// The value of log p in the row: NaN or infinite.
        value: f64,
        /// Data and covariates of the row.
        at: Vec<(String, f64)>,
        /// The parameters at which log p was evaluated.
        parameters: Vec<(String, f64)>,
        /// Declarations that would keep the parameters where log p is finite, as `param nu > 0`;
        /// empty where none was found.
        declarations: Vec<String>,
        /// Components that lie on a declared edge in the row, each with its declaration, where log p
        /// is finite beside the edge.
        edges: Vec<(String, String)>,
    },
    /// The level of intervals is not between 0 and 1.
    BadLevel {
        /// The requested level.
        level: f64,
    },
    /// A requested expression or hypothesis that is not valid.
    Expression(Errors),
    /// A start or a held value violates a constraint.
    OutsideConstraint {
        /// The parameter.
        parameter: String,
        /// The value.
        value: f64,
    },
    /// The options name a parameter that the model does not have.
    UnknownParameter {
        /// The name.
        name: String,
        /// A parameter with a similar name.
        nearest: Option<String>,
    },
    /// The options name a parameter twice among held values, start values or robust powers.
    GivenTwice {
        /// The parameter.
        parameter: String,
    },
    /// A parameter of a simplex, ordered or positive definite block cannot be held by itself.
    CannotFix {
        /// The parameter.
        parameter: String,
    },
    /// All parameters are held, or the loss depends on none of the others.
    NothingToEstimate {
        /// Parameters that are not held and on which the loss does not depend.
        unidentified: Vec<String>,
    },
    /// The options require moments, and the objective is no function of moments.
    NoMoments(NoMoments),
    /// Robust weights, by powers of the density, are not possible.
    NotRobust {
        /// The reason.
        reason: &'static str,
    },
    /// The objective is finite at none of the start values.
    NoFiniteStart {
        /// The value that is not finite at the first start for which one row can be named.
        missing: Option<NotFinite>,
        /// The parameters of that start.
        parameters: Vec<(String, f64)>,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRows => write!(f, "there are no rows to fit"),
            Self::MissingColumn { component } => {
                write!(f, "no column was selected for `{component}`")
            }
            Self::Unsuited(unsuited) => unsuited.fmt(f),
            Self::Impossible(reason) => reason.fmt(f),
            Self::BadLevel { level } => {
                write!(f, "a level of intervals lies between 0 and 1, as 0.9; this is {level}")
            }
            Self::Expression(errors) => errors.fmt(f),
            Self::OutsideSupport { component, declared, row, value } => write!(
                f,
                "`{component}` is {} in row {}, outside its declared support `{declared}`",
                shortest(*value),
                row + 1
            ),
            Self::Domain { row, value, at, parameters, declarations, edges } => {
                write!(f, "log p is {} in row {}", named(*value), row + 1)?;
                if let Some((component, declared)) = edges.first() {
                    let place = assignments(at);
                    return write!(f, " ({place}): `{component}` is on the edge of `{declared}`");
                }
                write!(f, " ({})", assignments(at))?;
                if !parameters.is_empty() {
                    write!(f, " at {}", assignments(parameters))?;
                }
                if declarations.is_empty() {
                    return Ok(());
                }
                write!(f, "; declare `{}`", declarations.join("; "))
            }
            Self::OutsideConstraint { parameter, value } => {
                write!(f, "{} is not an admissible value of `{parameter}`", shortest(*value))
            }
            Self::UnknownParameter { name, nearest } => {
                write!(f, "the model has no parameter `{name}`")?;
                nearest.iter().try_for_each(|near| write!(f, "; did you mean `{near}`?"))
            }
            Self::GivenTwice { parameter } => {
                write!(f, "`{parameter}` is given twice")
            }
            Self::CannotFix { parameter } => {
                write!(f, "`{parameter}` cannot be held alone: its constraint ties it to others")
            }
            Self::NothingToEstimate { unidentified } if unidentified.is_empty() => {
                write!(f, "nothing is to be estimated: no parameter is free")
            }
            Self::NothingToEstimate { unidentified } => write!(
                f,
                "nothing is to be estimated: the objective does not depend on `{}`",
                unidentified.join("`, `")
            ),
            Self::NoMoments(error) => error.fmt(f),
            Self::NotRobust { reason } => write!(f, "there are no robust weights: {reason}"),
            Self::NoFiniteStart { missing, parameters } => {
                write!(f, "the objective is finite at none of the values that were tried")?;
                let Some(missing) = missing else { return Ok(()) };
                write!(f, ": in row {} {missing}", missing.row + 1)?;
                if parameters.is_empty() {
                    return Ok(());
                }
                write!(f, " at {}", assignments(parameters))
            }
        }
    }
}

fn named(value: f64) -> &'static str {
    match (value.is_nan(), value > 0.0) {
        (true, _) => "undefined",
        (false, true) => "infinite",
        (false, false) => "-infinite",
    }
}

impl std::error::Error for Error {}
