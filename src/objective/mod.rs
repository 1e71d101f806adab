//! The losses of score matching as expressions, and their means over the rows of a data set.
//!
//! A loss is an expression: gradient, Hessian, compilation, closed form and standard errors are
//! the same code for every one. Promises: J, ∇J, ∇²J and the outer product of the row gradients,
//! the same bytes on any number of threads. Deliberately not known here: constraints,
//! how a minimum is searched.

mod assembled;
mod batch;
mod expansion;
mod hyvarinen;
mod inverse;
mod moments;
mod natural;
mod path;
mod powers;
mod product;
mod specification;
mod summary;

pub(crate) use assembled::Pointwise;
pub use batch::{Batch, Objective};
pub use expansion::{Curvature, Expansion, Slope, Taylor};
pub use hyvarinen::{components, hyvarinen};
pub use moments::Means;
pub(crate) use natural::{Family, Natural};
pub use path::{NoMoments, Path};
pub use specification::{Refused, Specification, Unsuited};

use crate::graph::ExprId;

/// A per-row loss ρ; the objective J is its mean.
#[derive(Clone, Debug)]
pub struct Loss {
    /// The name on the command line, `hyvarinen`.
    pub kind: &'static str,
    /// ρ
    pub total: ExprId,
    /// Named terms that sum to ρ.
    pub terms: Vec<(&'static str, ExprId)>,
}
