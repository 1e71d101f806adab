//! Syntax errors: what was expected at the furthest failure, and what was found.

use crate::source::{Diagnostic, Span};

/// A syntax error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where.
    pub span: Span,
}

/// The kinds of syntax error.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The parser could not go on.
    Unexpected {
        /// What could have stood here, in the user's words.
        expected: Vec<&'static str>,
        /// What stands here.
        found: String,
        /// A help line for a common slip.
        help: Option<String>,
    },
}

impl From<&Error> for Diagnostic {
    fn from(error: &Error) -> Self {
        let _ = error;
        todo!()
    }
}
