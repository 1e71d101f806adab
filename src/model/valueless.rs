//! Constants of the text that have no real value, such as √-1.
//!
//! Simplification may enlarge a domain: it replaces √-1² by -1. Therefore they are searched for in
//! the verbatim graph, among the nodes that the log-density and the weights use; a branch that a
//! constant condition rules out may contain such constants.

use std::collections::HashMap;

use super::error::{Error, ErrorKind};
use crate::graph::{Domain, ExprId, Graph};
use crate::source::Span;

/// The place where each node was first written, and the calls of definitions that led there.
pub(super) type Places = HashMap<ExprId, (Span, Vec<Span>)>;

/// The error of the first constant without a value, innermost first; `None` where there is none.
pub(super) fn error(graph: &Graph, roots: &[ExprId], places: &Places) -> Option<Error> {
    let undefined = Domain::undefined_constants(graph, roots);
    // Operands precede the nodes that contain them.
    let (span, calls) = undefined.iter().find_map(|id| places.get(id))?;
    Some(Error { calls: calls.clone(), ..Error::at(*span, ErrorKind::NoValue) })
}
