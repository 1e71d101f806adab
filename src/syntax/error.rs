//! Syntax errors: what was expected at the furthest failure, and what was found.

use std::fmt;

use super::{NESTING_MAX, SOURCE_MAX};
use crate::source::{Diagnostic, Span};

/// A syntax error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The place of the error.
    pub span: Span,
}

/// The kinds of syntax error.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The parser could not go on.
    Unexpected {
        /// The names of what is accepted at the place, as messages use them.
        expected: Vec<&'static str>,
        /// The text at the place.
        found: String,
        /// A help line for a common mistake.
        help: Option<String>,
    },
    /// `a < b < c`
    ChainedComparison,
    /// A superscript beyond the 64-bit integers.
    SuperscriptTooLarge,
    /// Nested deeper than [`NESTING_MAX`].
    NestingTooDeep,
    /// Longer than [`SOURCE_MAX`].
    SourceTooLong {
        /// The length in bytes.
        length: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Unexpected { expected, found, help: _ } => {
                write!(f, "expected {}, found {found}", alternatives(expected))
            }
            ErrorKind::ChainedComparison => f.write_str("comparisons cannot be chained"),
            ErrorKind::SuperscriptTooLarge => f.write_str("this superscript is too large"),
            ErrorKind::NestingTooDeep => {
                write!(f, "the text is nested deeper than {NESTING_MAX} levels")
            }
            ErrorKind::SourceTooLong { length } => {
                write!(f, "the text has {length} bytes, the limit is {SOURCE_MAX} (1 MiB)")
            }
        }
    }
}

impl std::error::Error for Error {}

/// `a, b or c`
fn alternatives(words: &[&str]) -> String {
    match words {
        [] => "something else".to_owned(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

impl From<&Error> for Diagnostic {
    fn from(error: &Error) -> Self {
        let at = |code| Self::error(code, error.to_string()).at(error.span, "");
        match &error.kind {
            ErrorKind::Unexpected { help, .. } => {
                Self { help: help.clone(), ..at("unexpected-token") }
            }
            ErrorKind::ChainedComparison => {
                at("chained-comparison").help("join two comparisons: `a < b and b < c`")
            }
            ErrorKind::SuperscriptTooLarge => {
                at("large-superscript").help("write the exponent as a number behind `^`")
            }
            ErrorKind::NestingTooDeep => at("nesting-limit")
                .note("brackets, prefix minus, `not`, powers and postfix operators count")
                .help("name a part of it with `let`"),
            ErrorKind::SourceTooLong { .. } => Self::error("source-limit", error.to_string()),
        }
    }
}
