//! Warnings about what is legal and yet rarely meant.

use super::elaborate::Kink;
use crate::graph::{BinaryFunction, ExprId, Graph, Node};
use crate::source::Diagnostic;

/// Kinks of the log-density in the data: score matching loses a boundary term there.
pub(super) fn kinks(
    graph: &Graph,
    log_density: ExprId,
    data: &[ExprId],
    kinks: &[Kink],
) -> Vec<Diagnostic> {
    let depends = graph.dependents(data);
    let mut kinked = graph.reachable(&[log_density]);
    for (index, marked) in kinked.iter_mut().enumerate() {
        *marked = *marked && depends[index];
    }
    let live = graph.live(&[log_density]);
    let relevant: Vec<ExprId> =
        live.into_iter().filter(|id| kinked[id.index()] && is_kink(graph, *id, &depends)).collect();
    if relevant.is_empty() {
        return Vec::new();
    }
    // A call whose kink was simplified away, as in abs(x)^2, is none.
    let matters = |kink: &&Kink| {
        let reached = graph.reachable(&kink.values);
        relevant.iter().any(|id| reached[id.index()])
    };
    kinks.iter().filter(matters).map(warning).collect()
}

/// Whether a node has a kink or a step in the data itself.
fn is_kink(graph: &Graph, id: ExprId, depends: &[bool]) -> bool {
    let of_data = |id: ExprId| depends[id.index()];
    match graph.node(id) {
        Node::Call(function, u) => function.has_kink() && of_data(u),
        Node::Binary(BinaryFunction::Atan2 | BinaryFunction::Pow(_), ..) => false,
        Node::Binary(_, a, b) => of_data(a) || of_data(b),
        Node::Select(condition, ..) => of_data(condition),
        Node::One
        | Node::Pi
        | Node::Input(_)
        | Node::Sum(_)
        | Node::Product(_)
        | Node::Compare(..)
        | Node::Dot(..)
        | Node::LogSumExp(..)
        | Node::Share(..)
        | Node::Mean(_) => false,
    }
}

fn warning(kink: &Kink) -> Diagnostic {
    let steps = matches!(kink.function, "sign" | "floor" | "if");
    let what = if steps { "a kink or a step" } else { "a kink" };
    let message = format!("`{}` gives the log-density {what} in the data", kink.function);
    let warning = Diagnostic::warning("kink-in-data", message).at(kink.span, "").note(
        "score matching needs a smooth log-density: a boundary term is lost here, \
         and the objective may have no minimum",
    );
    match kink.function {
        "abs" => warning.help("a smooth form is `sqrt(x^2 + c^2)`"),
        "max" => warning.help("a smooth form is `c*log_sum_exp(a/c, b/c)` with a small `c`"),
        _ => warning,
    }
}

/// A text that nothing makes the model of data, before it meets a file.
pub(super) fn no_data() -> Diagnostic {
    Diagnostic::warning("no-data", "nothing in the model is data")
        .note("without a file and a `data` statement, only the name `x` is data")
        .help("say which names are data: `data …`")
}
