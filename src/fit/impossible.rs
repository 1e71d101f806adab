//! Data and models that no fit by score matching is possible for, and the remedies: data without a
//! density, log-densities without curvature, densities in place of their logarithms.

use std::fmt;

use crate::calculus::{gradient, laplacian};
use crate::graph::{ExprId, Function, Graph, Node};
use crate::model::{Component, Model, Support};

/// Fewest rows whose two distinct values count as binary.
const BINARY_ROWS_MIN: usize = 10;
/// Angles within this range whose span exceeds the second number are in degrees.
const DEGREES: (f64, f64) = (-180.0, 360.0);
const DEGREES_SPAN_MIN: f64 = 100.0;
/// Most nodes times components for which second derivatives are taken.
const CURVATURES_MAX: usize = 20_000_000;

/// The reason why there can be no fit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Impossible {
    /// A data column on the line has only two distinct values, both whole numbers.
    Binary {
        /// The data component.
        component: String,
        /// The two values, the lower first.
        values: [i64; 2],
    },
    /// A data column of whole numbers is an argument of a log-gamma function, as counts are.
    Counts {
        /// The data component.
        component: String,
    },
    /// A column of angles is in degrees.
    Degrees {
        /// The data component.
        component: String,
    },
    /// log p is linear in a data component: it is no log-density, and J sees no curvature.
    Linear {
        /// The data component.
        component: String,
    },
    /// log p is linear in a data component between kinks, which J does not see.
    Kinked {
        /// The data component.
        component: String,
    },
    /// log p is shaped like a density: positive, and falling to zero in the tails.
    Density,
}

impl Impossible {
    /// The remedy.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Binary { component, values: [low, high] } => format!(
                "declare such data, `data {component} in {{{low}, {high}}}`: they are fitted by ratio \
                 matching. If `{component}` is given rather than modelled, write `covariate \
                 {component}`"
            ),
            Self::Counts { component } => format!(
                "fit counts by maximum likelihood elsewhere. If `{component}` is given rather than \
                 modelled, write `covariate {component}`"
            ),
            Self::Degrees { component } => format!(
                "convert the column to radians (times π/180), or declare `data {component}` without \
                 `on circle` and write the angle as `{component}*pi/180` in the model"
            ),
            Self::Linear { component } => format!(
                "declare the edge of a density on a half-line (such as the exponential): `data \
                 {component} > 0`. For a response of 0 and 1 or counts there is no density to fit"
            ),
            Self::Kinked { .. } => {
                "write a smooth form: `log_cosh(u)` or `sqrt(u^2 + c^2)` with a \
                                    small c in place of `abs(u)`, or say `--objective denoising --sigma 0.1`"
                    .to_owned()
            }
            Self::Density => {
                "write its logarithm: `log(…)` around the whole, or the exponent without \
                              `exp`"
                    .to_owned()
            }
        }
    }
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Binary { component, values: [low, high] } => write!(
                f,
                "binary data: `{component}` is {low} or {high} in every row, and score matching needs \
                 data that have a density to differentiate"
            ),
            Self::Counts { component } => write!(
                f,
                "`{component}` holds counts: score matching differentiates in the data, and whole \
                 numbers have probabilities but no density"
            ),
            Self::Degrees { component } => write!(
                f,
                "`{component}` is declared on the circle, in radians, but its values look like degrees"
            ),
            Self::Linear { component } => write!(
                f,
                "log p is linear in `{component}`: it has no finite integral over the line, and J has \
                 no minimum but where log p is constant"
            ),
            Self::Kinked { component } => write!(
                f,
                "log p is linear in `{component}` but for kinks: its Laplacian is zero almost \
                 everywhere, and J has no minimum but where log p is constant"
            ),
            Self::Density => write!(
                f,
                "the text looks like a density, not like its logarithm: it is positive and falls to \
                 zero far out, where a log-density falls to -∞"
            ),
        }
    }
}

impl std::error::Error for Impossible {}

/// Whether the data columns, given the model, show that no fit is possible.
pub(super) fn in_columns(model: &Model, columns: &[&[f64]]) -> Option<Impossible> {
    let of = |(component, column): (&Component, &&[f64])| match component.support {
        Support::Line => binary(component, column).or_else(|| counts(model, component, column)),
        Support::Circle => degrees(component, column),
        // The declaration of a bounded component settles its kind.
        Support::Above(_)
        | Support::Below(_)
        | Support::Between(..)
        | Support::Binary(..)
        | Support::Sphere
        | Support::Simplex => None,
    };
    model.data().iter().zip(columns).find_map(of)
}

fn binary(component: &Component, column: &[f64]) -> Option<Impossible> {
    let first = *column.first()?;
    let second = *column.iter().find(|&&x| x != first)?;
    let two = column.iter().all(|&x| x == first || x == second);
    let (low, high) = (first.min(second), first.max(second));
    // Whole numbers below 1e15 convert to i64 exactly.
    let whole = |x: f64| x.fract() == 0.0 && x.abs() < 1e15;
    let found = column.len() >= BINARY_ROWS_MIN && two && whole(low) && whole(high);
    found.then(|| Impossible::Binary {
        component: component.name.clone(),
        values: [low as i64, high as i64],
    })
}

/// Whether a column holds non-negative whole numbers only.
pub(super) fn are_whole(column: &[f64]) -> bool {
    column.iter().all(|&x| x >= 0.0 && x.fract() == 0.0)
}

fn counts(model: &Model, component: &Component, column: &[f64]) -> Option<Impossible> {
    let graph = model.graph();
    let depends = graph.dependents(&[graph.input_node(component.input)]);
    let factorial = |id: &ExprId| matches!(graph.node(*id), Node::Call(Function::Lgamma, u) if depends[u.index()]);
    let found = are_whole(column) && graph.live(&[model.log_density()]).iter().any(factorial);
    found.then(|| Impossible::Counts { component: component.name.clone() })
}

fn degrees(component: &Component, column: &[f64]) -> Option<Impossible> {
    let (low, high) = ends(column);
    let within = low >= DEGREES.0 && high <= DEGREES.1 && high - low <= 360.0;
    (within && high - low > DEGREES_SPAN_MIN)
        .then(|| Impossible::Degrees { component: component.name.clone() })
}

/// The smallest and the largest value.
pub(super) fn ends(column: &[f64]) -> (f64, f64) {
    let low = column.iter().copied().fold(f64::INFINITY, f64::min);
    (low, column.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

/// Finds a data component on the line or circle in which log p has no curvature. log p is then linear
/// in it, given the other components, or linear between kinks, so that J is a mean of squares that is
/// least where log p is constant.
pub(super) fn in_curvature(model: &Model) -> Option<Impossible> {
    let mut graph = model.graph().clone();
    if graph.len().saturating_mul(model.data().len()) > CURVATURES_MAX {
        return None;
    }
    let edgeless = |one: &&Component| matches!(one.support, Support::Line | Support::Circle);
    model.data().iter().filter(edgeless).find_map(|one| straight(&mut graph, model, one))
}

/// Whether log p depends on the component while its second derivative by it is zero. A first
/// derivative that still depends on the component jumps at kinks.
fn straight(graph: &mut Graph, model: &Model, component: &Component) -> Option<Impossible> {
    let x = graph.input_node(component.input);
    let slope = gradient(graph, model.log_density(), &[x])[0];
    let curvature = laplacian(graph, model.log_density(), &[x]);
    if slope == graph.zero() || curvature != graph.zero() {
        return None;
    }
    let component = component.name.clone();
    Some(match graph.dependents(&[x])[slope.index()] {
        true => Impossible::Kinked { component },
        false => Impossible::Linear { component },
    })
}
