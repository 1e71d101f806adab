//! Losses of score matching and of its counterparts for binary data, as expressions, and their
//! means over the rows of a data set.
//!
//! A loss is an expression: gradient, Hessian, compilation, closed form and standard errors are the
//! same code for all losses. Promises: J, ∇J, ∇²J and the outer product of the row gradients, to
//! the same bytes on any number of threads. Deliberately not known here: constraints, how a minimum
//! is searched.

mod assembled;
mod batch;
mod binary;
mod build;
mod centred;
mod choices;
mod compiled;
mod coordinates;
mod diffusion;
pub mod discrepancy;
mod drawn;
mod expansion;
mod geometry;
mod hessian_times;
mod hyvarinen;
mod inverse;
mod moments;
mod natural;
mod path;
mod polar;
mod powers;
mod random;
mod rows;
mod solution;
mod sound;
mod specification;
mod stein;
mod summary;
mod unsuited;
mod weighing;
mod weight;
mod zeros;

pub(crate) use assembled::Pointwise;
pub use batch::Batch;
pub use choices::{Choices, Kind, Transform};
pub use compiled::Objective;
pub(crate) use coordinates::Coordinates;
pub use expansion::{Curvature, Expansion, Slope, Taylor};
pub use hyvarinen::hyvarinen;
pub use moments::Means;
pub(crate) use natural::{Family, Natural};
pub use path::{NoMoments, Path};
pub use random::Directions;
pub use rows::Rows;
pub(crate) use solution::solution;
pub use specification::Specification;
pub use unsuited::{Refused, Unsuited};
pub(crate) use weighing::{Factor, Weighing};
pub use weighing::{RowChoices, RowWeights, Size, WeightsKind};

use crate::graph::{ExprId, Graph};

/// A per-row loss ρ; the objective J is its mean.
#[derive(Clone, Debug)]
pub struct Loss {
    /// The name on the command line, such as `hyvarinen`.
    pub kind: &'static str,
    /// ρ
    pub total: ExprId,
    /// Named terms that sum to ρ.
    pub terms: Vec<(&'static str, ExprId)>,
    /// ρ split by its dependence on log p; `None` for losses that are not quadratic in log p.
    pub quadratic: Option<Quadratic>,
}

impl Loss {
    /// The loss times an expression that is non-negative and free of parameters.
    #[must_use]
    pub(crate) fn times(self, g: &mut Graph, weight: ExprId) -> Self {
        let mut times = |id| g.mul(weight, id);
        let square = |times: &mut dyn FnMut(ExprId) -> ExprId, one: Square| Square {
            weight: times(one.weight),
            root: one.root,
        };
        Self {
            kind: self.kind,
            total: times(self.total),
            terms: self.terms.into_iter().map(|(name, id)| (name, times(id))).collect(),
            quadratic: self.quadratic.map(|Quadratic { linear, squares }| Quadratic {
                linear: times(linear),
                squares: squares.into_iter().map(|one| square(&mut times, one)).collect(),
            }),
        }
    }
}

/// A loss linear + ½ Σ w r², where `linear` and every r are affine in log p.
#[derive(Clone, Debug)]
pub struct Quadratic {
    /// The Laplacian, with whatever else the domain and the weight add that is linear in log p.
    pub linear: ExprId,
    /// The squares of the score, where the domain is the line.
    pub squares: Vec<Square>,
}

/// w r², with w ≥ 0 free of parameters.
#[derive(Clone, Copy, Debug)]
pub struct Square {
    /// w
    pub weight: ExprId,
    /// r
    pub root: ExprId,
}
