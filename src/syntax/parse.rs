//! Text → [`Ast`].

use super::{Ast, Error};

/// Parses a model.
///
/// # Errors
/// The first syntax error, at the furthest place that any alternative reached.
pub fn parse(text: &str) -> Result<Ast, Error> {
    let _ = text;
    todo!()
}
