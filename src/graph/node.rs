//! The kinds of node and what they hold.

use super::{BinaryFunction, Function, Number};

/// A node of a [`Graph`](super::Graph).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub(super) u32);

/// An input of a [`Graph`](super::Graph).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InputId(pub(super) u32);

/// A shared list of weighted parts: the terms of a sum, the factors of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartsId(pub(super) u32);

/// A shared list of nodes: a side of a `Dot`, the sides of a log-sum-exp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListId(pub(super) u32);

impl ExprId {
    /// Position in the arena; operands come before users.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl InputId {
    /// Position among the inputs, in order of creation.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A weighted expression: a term of a sum or a factor of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// Coefficient or exponent, never zero.
    pub weight: Number,
    /// Term or base.
    pub expr: ExprId,
}

/// One expression. Division, negation and roots are represented as sums and products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// The number one; a constant c is the sum `c * One`, zero the empty sum.
    One,
    /// π, kept exact.
    Pi,
    /// A named input.
    Input(InputId),
    /// A function of one argument.
    Call(Function, ExprId),
    /// A function of two arguments.
    Binary(BinaryFunction, ExprId, ExprId),
    /// Σ weight · expr.
    Sum(PartsId),
    /// Π expr ^ weight.
    Product(PartsId),
    /// 1 where the relation holds, else 0.
    Compare(Relation, ExprId, ExprId),
    /// The second where the first (a `Compare`) is 1, else the third; the other branch has no effect.
    Select(ExprId, ExprId, ExprId),
    /// The entry of a list at an index that counts from one; NaN outside the list and for an index
    /// that is not an integer.
    Gather(ListId, ExprId),
    /// Σ a_i b_i over two lists of one length.
    Dot(ListId, ListId),
    /// log Σ c_k exp(u_k): coefficients, exponents.
    LogSumExp(ListId, ListId),
    /// The softmax weight exp(u - L) for L a log-sum-exp and u one of its exponents: evaluated as
    /// 1/Σ c_j exp(u_j - u) without L, whose rounding error grows with |L|.
    Share(ExprId, ExprId),
    /// The mean over the rows of a data set. Made after differentiation, which does not support it.
    Mean(ExprId),
}

/// Comparisons of the graph; all others are expressed by these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// `a < b`
    Less,
    /// `a <= b`
    LessEqual,
    /// `a == b`
    Equal,
}

/// The interval of an input's values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Support {
    /// Greatest known lower bound, possibly -∞.
    pub low: f64,
    /// Least known upper bound, possibly ∞.
    pub high: f64,
}

impl Support {
    /// The real line.
    pub const LINE: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };
}

/// Where the name of an input comes from. Equal names of two origins are two inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// A name of the text, or of the caller.
    Text,
    /// A name that the program gave to a quantity of its own: a moment, a direction, log(s2).
    Internal,
}

/// A named input.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Its name as the user knows it, `W[1,2]`; no other input of its origin has it.
    pub name: String,
    /// Where the name comes from.
    pub origin: Origin,
    /// The interval of its values, which simplification may use; both ends are taken as excluded.
    pub support: Support,
}
