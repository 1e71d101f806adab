//! Hash-consed, canonical expressions: the waist of the hourglass.
//!
//! There is one way to make a node and it returns the canonical one, so equal
//! expressions have equal ids. Operands have smaller ids than their users, so
//! every pass is one loop over ids with a side table; nothing here recurses.
//!
//! Promises: canonical by construction, structural order, exact rationals.
//! Deliberately not known here: source text, data, roles, optimisers.

mod build;
mod eval;
mod function;
mod latex;
mod live;
mod node;
mod number;
mod order;
mod print;
mod sign;
mod stabilise;

pub use eval::{Values, evaluate};
pub use function::{BinaryFunction, Function};
pub use node::{ExprId, Input, InputId, ListId, Node, Part, PartsId, Relation, Support};
pub use number::Number;
pub use sign::Sign;
pub use build::Graph;
