//! The functions that a notation provides to the sweep.

use super::super::{BinaryFunction, Function, Number, Relation};
use super::LatexNames;
use super::piece::Piece;

/// The spellings of one output language.
pub(super) struct Notation {
    /// An input, an element `W[1,2]` or a slice `W[1,:]` of one, among the names of a graph.
    pub name: fn(&LatexNames, &str) -> String,
    pub pi: &'static str,
    /// A number that is neither negative nor a fraction.
    pub number: fn(Number) -> Piece,
    /// The separator between two factors, given the second.
    pub times: fn(&str) -> &'static str,
    pub group: fn(&str) -> String,
    pub quotient: fn(Piece, Piece) -> Piece,
    /// A base and a positive exponent other than 1.
    pub power: fn(Piece, Number) -> Piece,
    pub call: fn(Function, Piece) -> Piece,
    pub binary: fn(BinaryFunction, [Piece; 2]) -> Piece,
    pub compare: fn(Relation, [Piece; 2]) -> String,
    /// Condition, then, otherwise.
    pub select: fn(&str, [Piece; 2]) -> Piece,
    /// A condition from an expression that is 1 where it holds.
    pub holds: fn(Piece) -> String,
    /// The mean over rows.
    pub mean: fn(Piece) -> Piece,
    pub list: fn(&[String]) -> String,
    /// The entry of a list at an index, or at two indices separated by a comma.
    pub gather: fn(&str, &str) -> Piece,
    pub dot: fn(&str, &str) -> Piece,
    pub sum_of_squares: fn(&str) -> Piece,
    /// Coefficients, `None` for 1, and exponents.
    pub log_sum_exp: fn(Vec<(Option<Piece>, Piece)>) -> Piece,
}
