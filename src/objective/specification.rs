//! Which objective is right for a model, or why none is: asked by every command before it computes.

use std::fmt;

use super::hyvarinen::{components, hyvarinen};
use super::{Loss, NoMoments};
use crate::graph::{ExprId, Graph};
use crate::model::{Component, Model, Support};
use crate::source::{Diagnostic, Span};

/// The objective of a model. A loss is built through it alone, so that no command computes one
/// that another refuses.
///
/// # Examples
/// ```
/// use scorematch::model::Model;
/// use scorematch::objective::Specification;
/// let normal = Model::parse("-(x - mu)^2/(2*s2)").expect("a model");
/// assert_eq!(Specification::of(&normal).expect("it is on the line").kind(), "hyvarinen");
/// let waiting = Model::parse("data t > 0; -t/mean").expect("a model");
/// let refused = Specification::of(&waiting).expect_err("a half-line has an edge");
/// assert!(refused.to_string().contains("`t > 0`"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Specification {
    /// Held, so that only [`Specification::of`] makes one.
    _asked: (),
}

impl Specification {
    /// The objective that estimates this model consistently.
    ///
    /// # Errors
    /// Where the text asks for a weight, or declares data that plain score matching is wrong for:
    /// it needs all of the space, or circles.
    pub fn of(model: &Model) -> Result<Self, Unsuited> {
        let weighed = model.weight_at().map(|(text, span)| Unsuited {
            what: text,
            reason: WEIGHT,
            help: "without the `weight` line the model is fitted by plain score matching",
            span: Some(span),
        });
        let obstacle = || {
            let obstacle = |component: &Component| {
                let (declared, reason, help) = obstacle(component)?;
                let span = Some(model.declared_at(component));
                Some(Unsuited { what: declared, reason, help, span })
            };
            model.data().iter().find_map(obstacle)
        };
        match obstacle().or(weighed) {
            Some(unsuited) => Err(unsuited),
            None => Ok(Self { _asked: () }),
        }
    }

    /// Its name in reports and JSON.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        "hyvarinen"
    }

    /// ρ of a log-density over these data, in any coordinates of theirs.
    #[must_use]
    pub fn loss(&self, g: &mut Graph, log_density: ExprId, data: &[ExprId]) -> Loss {
        hyvarinen(g, log_density, data)
    }

    /// ρ split by data component; the components sum to ρ.
    #[must_use]
    pub fn components(&self, g: &mut Graph, log_density: ExprId, data: &[ExprId]) -> Vec<ExprId> {
        components(g, log_density, data)
    }
}

/// Why no objective suits a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsuited {
    what: String,
    reason: &'static str,
    help: &'static str,
    span: Option<Span>,
}

impl Unsuited {
    /// The words with the place in the model's text and the remedy.
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

/// Why an objective cannot be evaluated.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Refused {
    /// None suits the model.
    Unsuited(Unsuited),
    /// Moments were insisted on where there are none.
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

const WEIGHT: &str = "weighted score matching is not built yet, and plain score matching would \
                      take no notice of the weight";
const EDGE: &str = "at an edge integration by parts leaves a boundary term, so plain score \
                    matching is inconsistent there";
const BINARY: &str =
    "two values have no derivative; it takes ratio matching, which is not built yet";
const SPHERE: &str = "derivatives along a sphere are not those of the space around it";
const SIMPLEX: &str = "compositions have edges and one coordinate less than entries";

const MAP_AWAY: &str = "model a transform that has no edge, such as the logarithm of the distance \
                        from it, with its Jacobian";
const NONE_YET: &str = "scorematch fits data on the line and on circles only, for now";

/// The declaration, what is wrong with it, and what helps; `None` on the line and the circle.
fn obstacle(component: &Component) -> Option<(String, &'static str, &'static str)> {
    let (reason, help) = match component.support {
        Support::Line | Support::Circle => return None,
        Support::Above(_) | Support::Below(_) | Support::Between(..) => (EDGE, MAP_AWAY),
        Support::Binary(..) => (BINARY, NONE_YET),
        Support::Sphere => (SPHERE, NONE_YET),
        Support::Simplex => (SIMPLEX, NONE_YET),
    };
    Some((format!("{}{}", component.name, component.support), reason, help))
}
