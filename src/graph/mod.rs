//! Hash-consed, canonical expressions: the waist of the hourglass.
//!
//! There is one way to make a node and it returns the canonical one, so equal
//! expressions have equal ids. Operands have smaller ids than their users, so
//! every pass is one loop over ids with a side table; nothing here recurses.
//!
//! Promises: canonical by construction, structural order, exact rationals.
//! Deliberately not known here: source text, data, roles, optimisers.

mod arena;
mod below;
mod call;
mod curvature;
mod domain;
mod eval;
mod expand;
mod finder;
mod function;
mod list;
mod mean;
mod mixer;
mod node;
mod number;
mod order;
mod power;
mod print;
mod product;
mod select;
mod sign;
mod stabilise;
mod sum;

pub use arena::Graph;
pub use below::Dependents;
pub use domain::Domain;
pub use eval::evaluate;
pub(crate) use eval::evaluate_live;
pub use expand::{MONOMIALS_MAX, Monomial, Polynomial};
pub(crate) use finder::Finder;
pub(crate) use function::Parity;
pub use function::{BinaryFunction, Function};
pub use list::DOT_MIN;
pub(crate) use mixer::Mixer;
pub use node::{ExprId, Input, InputId, ListId, Node, Origin, Part, PartsId, Relation, Support};
pub use number::Number;
pub use print::{LatexNames, Printed};
pub(crate) use print::{Root, aligned_mathml};
pub use sign::Sign;
