//! Warnings about texts that are legal and rarely meant.

use super::elaborate::Kink;
use super::kink::kinked;
use super::roles::note;
use super::{Component, Levels, Model};
use crate::graph::{ExprId, Graph, Node};
use crate::source::Diagnostic;

/// Warnings about kinks of the log-density in the data, where score matching loses a boundary term.
pub(super) fn kinks(
    graph: &Graph,
    log_density: ExprId,
    data: &[ExprId],
    kinks: &[Kink],
) -> Vec<Diagnostic> {
    if kinks.is_empty() {
        return Vec::new();
    }
    let reached: Vec<Vec<bool>> = kinks.iter().map(|kink| graph.reachable(&kink.values)).collect();
    let sizes: Vec<usize> =
        reached.iter().map(|nodes| nodes.iter().filter(|&&reached| reached).count()).collect();
    let mut guilty = vec![false; kinks.len()];
    for id in kinked(graph, log_density, data) {
        // The innermost call around a node is responsible for it. A choice that was merged with
        // others is found by its condition.
        let mark = match graph.node(id) {
            Node::Select(condition, ..) if !reached.iter().any(|nodes| nodes[id.index()]) => {
                condition
            }
            _ => id,
        };
        let around = |k: &usize| reached[*k][mark.index()];
        let least = (0..kinks.len()).filter(around).map(|k| sizes[k]).min();
        (0..kinks.len())
            .filter(|k| around(k) && Some(sizes[*k]) == least)
            .for_each(|k| guilty[k] = true);
    }
    kinks.iter().zip(guilty).filter(|(_, guilty)| *guilty).map(|(kink, _)| warning(kink)).collect()
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
        "sqrt" | "^" | "norm" => warning.help("a smooth form adds a constant under the root"),
        "abs" => warning.help("a smooth form is `sqrt(x^2 + c^2)`"),
        "max" => warning.help("a smooth form is `c*log_sum_exp(a/c, b/c)` with a small `c`"),
        _ => warning,
    }
}

/// The warning for a text without data, before it is bound to a file.
pub(super) fn no_data() -> Diagnostic {
    Diagnostic::warning("no-data", "nothing in the model is data")
        .note("without a file and a `data` statement, only the name `x` is data")
        .help("say which names are data: `data …`")
}

/// The warning for levels of groups that are placeholders, before a column is known.
pub(super) fn unknown_levels(model: &Model) -> Option<Diagnostic> {
    let unknown = |one: &&Component| one.levels.as_ref().is_some_and(Levels::are_unknown);
    let groups: Vec<&Component> = model.covariates().iter().filter(unknown).collect();
    let (last, others) = groups.split_last()?;
    let names: Vec<String> = others.iter().map(|group| format!("`{}`", group.name)).collect();
    let name = &last.name;
    let all = match names.is_empty() {
        true => format!("`{name}`"),
        false => format!("{} and `{name}`", names.join(", ")),
    };
    let message = format!("the levels of {all} come from data: two stand for them here");
    let message = match names.is_empty() {
        true => message,
        false => message.replace("two stand for them", "two of each stand for them"),
    };
    let places = groups.iter().map(|group| model.declared_at(group));
    let warning = places.fold(note("unknown-levels", message), |note, place| note.at(place, ""));
    Some(warning.help(format!(
        "give a data file, or say which levels there are: `covariate {name} in 1:4` or `covariate {name} \
         in {{a, b}}`"
    )))
}
