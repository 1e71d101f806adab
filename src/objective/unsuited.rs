//! The reasons why no objective suits a model, as diagnostics at places of the text.

use std::borrow::Cow;
use std::fmt;

use super::NoMoments;
use crate::graph::ExprId;
use crate::model::{Domain, Support};
use crate::source::{Diagnostic, Span};

/// The reason why no objective suits a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsuited {
    pub(super) what: String,
    pub(super) reason: Cow<'static, str>,
    pub(super) help: &'static str,
    pub(super) span: Option<Span>,
}

impl Unsuited {
    /// A reason about something outside the text: an option or a column.
    pub(super) fn beside_the_text(
        what: impl Into<String>,
        reason: impl Into<Cow<'static, str>>,
        help: &'static str,
    ) -> Self {
        Self { what: what.into(), reason: reason.into(), help, span: None }
    }

    /// A diagnostic with the place in the model's text and the remedy.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let diagnostic = Diagnostic::error("no-objective", self.to_string()).help(self.help);
        match self.span {
            Some(span) => diagnostic.at(span, ""),
            None => diagnostic,
        }
    }
}

impl fmt::Display for Unsuited {
    /// ``no objective suits `x > 0`: …``
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no objective suits `{}`: {}", self.what, self.reason)
    }
}

impl std::error::Error for Unsuited {}

/// The reason why an objective cannot be evaluated.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Refused {
    /// No objective suits the model.
    Unsuited(Unsuited),
    /// The caller chose moments for an objective that has none.
    NoMoments(NoMoments),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsuited(unsuited) => unsuited.fmt(f),
            Self::NoMoments(none) => none.fmt(f),
        }
    }
}

impl std::error::Error for Refused {}

impl From<Unsuited> for Refused {
    fn from(unsuited: Unsuited) -> Self {
        Self::Unsuited(unsuited)
    }
}

impl From<NoMoments> for Refused {
    fn from(none: NoMoments) -> Self {
        Self::NoMoments(none)
    }
}

pub(super) const EDGE: &str = "at an edge integration by parts leaves a boundary term, so plain score \
                    matching is inconsistent there";
pub(super) const NO_WEIGHT: &str = "weighted score matching needs a weight, and these data have no edge that \
                         a default one would vanish at";
pub(super) const TWO_VALUES: &str = "two values have no derivative that score matching could take";
pub(super) const RATIO: &str = "`--objective ratio` is right here";
pub(super) const CONTINUUM: &str =
    "it compares the two values of binary data, and these take a continuum";
pub(super) const MIXED: &str =
    "there is no objective yet for binary data beside others; it takes all data binary, or none";
pub(super) const GIVEN: &str =
    "if it is given rather than modelled, declare it `covariate`, or fit the two kinds apart";
pub(super) const PLAIN: &str =
    "binary data have no edge and no scale: their objectives take no weight";
pub(super) const NO_STATEMENT: &str = "leave out the `weight` statement";
pub(super) const NO_SIMPLEX: &str = "a transform is for compositions, and the model declares none";
pub(super) const DECLARE_SIMPLEX: &str = "declare them, as in `data u[3] on simplex`";
pub(super) const NO_ENTRY: &str =
    "it is no entry of a composition that log-ratios could be taken to";
pub(super) const ESTIMATED: &str =
    "a weight that depends on parameters would be minimised with them";
pub(super) const WEIGHT: &str = "a weight is never negative, and zero at the edges that are declared, as x^2 \
                      is for `x > 0`";
pub(super) const ONE_WEIGHT: &str = "a vector on it moves as one, so that its weight is one number";
pub(super) const SCALAR: &str = "write a scalar, such as `weight = min(u[1], u[2])`";

pub(super) const BY_LOG_RATIOS: &str = "say `--transform clr`, in which zeros are values, or hold the \
                             exponent with `--fix`";
pub(super) const SLICED_ONLY: &str = "only sliced score matching takes directions";
pub(super) const SAY_SLICED: &str = "say `--objective sliced --slices 4 --directions rademacher`";
pub(super) const NO_SLICE: &str = "without a direction there are no second derivatives";
pub(super) const DENOISING_ONLY: &str = "only denoising adds noise to the data";
pub(super) const SAY_DENOISING: &str = "say `--objective denoising`, or leave out `--sigma`";
pub(super) const NO_SIGMA: &str = "it needs the standard deviation of the noise";
pub(super) const POSITIVE_SIGMA: &str = "the standard deviation of noise is a positive number";
pub(super) const SAY_SIGMA: &str =
    "say for instance `--sigma 0.1`, in units of the data: a tenth to a half of their spread";
pub(super) const LINE_ONLY: &str = "noise leaves other domains than the whole line, and denoising takes \
                        no weight";
pub(super) const NOT_ALONG: &str =
    "slices need directions that leave the domain's components apart";

/// The reason why a domain has no objective, and the remedy; `None` where an objective suits it.
pub(super) fn obstacle(
    domain: &Domain,
    weights: &[Option<ExprId>],
    mixed: bool,
) -> Option<(&'static str, &'static str)> {
    let own = &weights[domain.components.clone()];
    match domain.support {
        Support::Line
        | Support::Circle
        | Support::Above(_)
        | Support::Below(_)
        | Support::Between(..) => None,
        Support::Binary(..) if mixed => Some((MIXED, GIVEN)),
        Support::Binary(..) => own[0].is_some().then_some((PLAIN, NO_STATEMENT)),
        Support::Sphere | Support::Simplex => {
            own.iter().any(|weight| *weight != own[0]).then_some((ONE_WEIGHT, SCALAR))
        }
    }
}
