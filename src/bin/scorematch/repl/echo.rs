//! The model as understood: roles, shapes and supports, in the model language.

use scorematch::model::{Component, Model};
use scorematch::report::wrapped;

use crate::output::page;

use super::statements::{Key, Statements};
use super::understood::Understood;

/// Indentation of the further lines of a formula.
const INDENT: usize = 4;
/// Length in characters beyond which a log-density is cut.
const FORMULA_MAX: usize = 700;

/// Explicit declarations, columns, weights and log p.
pub fn model(understood: &Understood, statements: &Statements) -> String {
    let model = understood.model();
    let declarations = model.declarations();
    let weights = statements.iter().filter(|entry| matches!(entry.key, Key::Weight(_)));
    let weights = weights.map(|entry| entry.to_string());
    let formula = understood.complete.then(|| formula(&model.graph().plain(model.log_density())));
    let lines = declarations.lines().map(str::to_owned).chain(columns(model)).chain(weights);
    lines.chain(formula).map(|line| format!("{line}\n")).collect()
}

fn formula(log_density: &str) -> String {
    let shown = match log_density.char_indices().nth(FORMULA_MAX) {
        Some((end, _)) => format!("{} … (`:latex logp` shows all)", &log_density[..end]),
        None => log_density.to_owned(),
    };
    folded(&format!("logp = {shown}"))
}

fn folded(text: &str) -> String {
    wrapped(text, page().width(), INDENT).trim_start().to_owned()
}

/// A comment with the names whose columns have other names.
fn columns(model: &Model) -> Option<String> {
    let pair = |component: &Component| {
        let column = component.column.as_ref().filter(|column| **column != component.name)?;
        Some(format!("{} = {column}", component.name))
    };
    let pairs: Vec<String> =
        model.data().iter().chain(model.covariates()).filter_map(pair).collect();
    (!pairs.is_empty()).then(|| {
        let text = wrapped(&pairs.join(", "), page().width() - INDENT, 0);
        text.lines().map(|line| format!("# {line}")).collect::<Vec<_>>().join("\n")
    })
}
