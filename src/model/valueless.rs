//! Constants of the text that have no value, as √-1.
//!
//! A simplification may enlarge a domain: of √-1² it would leave -1. So they are looked for in the
//! verbatim graph, among what the log-density and the weights really use: the branch that a constant
//! condition leaves out may hold anything.

use std::collections::HashMap;

use super::error::{Error, ErrorKind};
use crate::graph::{Domain, ExprId, Graph};
use crate::source::Span;

/// Where in the text a node was first written, and the calls of definitions that led there.
pub(super) type Places = HashMap<ExprId, (Span, Vec<Span>)>;

/// The innermost constant without a value that is written first, if there is one.
pub(super) fn error(graph: &Graph, roots: &[ExprId], places: &Places) -> Option<Error> {
    let undefined = Domain::undefined_constants(graph, roots);
    // Operands come before what is made of them.
    let (span, calls) = undefined.iter().find_map(|id| places.get(id))?;
    Some(Error { calls: calls.clone(), ..Error::at(*span, ErrorKind::NoValue) })
}
