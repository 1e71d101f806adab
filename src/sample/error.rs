//! The reasons why a model has no draws.

use std::fmt;

use super::options::Method;

/// The reason why a model has no draws.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// log p contains covariates, and no values of them are given.
    NotGiven {
        /// The names of the covariates.
        covariates: Vec<String>,
    },
    /// Levels of noise are given, but `sigma` is not the only covariate of the model.
    NoSigma,
    /// Some components are binary and others are not.
    Mixed,
    /// The method cannot draw from this model.
    Unsuited {
        /// The chosen method.
        method: Method,
    },
    /// The method does not keep to the region where the weight of the model is positive.
    Regional {
        /// The chosen method.
        method: Method,
    },
    /// log p is finite at none of the points that were tried, or NaN inside the domain.
    Undefined,
    /// The density has no finite integral.
    Divergent,
    /// The distribution function was not found to four digits.
    Inaccurate,
    /// An interrupt ended the work.
    Interrupted,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGiven { covariates } => {
                write!(f, "log p contains the covariates {}", covariates.join(", "))
            }
            Self::NoSigma => f.write_str(
                "levels of noise are of a model whose one covariate is `sigma`, as in `covariate sigma`",
            ),
            Self::Mixed => f.write_str("binary data beside others cannot be drawn together"),
            Self::Unsuited { method } => {
                let what = match method {
                    Method::Inverse => "draws one number, a direction in the plane or two shares",
                    Method::Patterns => "draws at most 16 binary entries",
                    Method::Gibbs => "draws binary entries",
                    Method::Nuts if cfg!(feature = "sample") => "draws data that are not binary",
                    Method::Nuts => "needs the feature `sample`",
                    Method::Langevin | Method::HitAndRun => "draws data that are not binary",
                };
                write!(f, "the method {} {what}", method.name())
            }
            Self::Regional { method } => write!(
                f,
                "the data lie where the weight of the model is positive, and the method {} does not stay \
                 there: hit-and-run does",
                method.name()
            ),
            Self::Undefined => f.write_str(
                "log p is not a number or infinite inside the domain, or the density is zero \
                 wherever it was tried",
            ),
            Self::Divergent => f.write_str("the density has no finite integral over its domain"),
            Self::Inaccurate => {
                f.write_str("the distribution function was not found to four digits")
            }
            Self::Interrupted => f.write_str("drawing was interrupted"),
        }
    }
}

impl std::error::Error for Error {}
