//! The formulas and intermediate representations of a model as text: `:score` and its like,
//! `:latex`, `:show`.

use scorematch::analysis::Derivation;
use scorematch::model::Model;
use scorematch::program::{Layout, Program};
use scorematch::report::Part;
use scorematch::source::Diagnostic;

use crate::failure::Failure;
use crate::output::page;

use super::arguments::one_of;
use super::command::{FORMULAS, STAGES};
use super::outline::outline;
use super::state::{Answer, State};

/// One kind of formula, in the model language.
pub fn part(state: &State, part: Part) -> Result<Answer, Failure> {
    let derivation = derivation(state, differentiable(state)?)?;
    Ok(Answer::text(derivation.text_on(&[of_kind(&derivation, part)], page())))
}

/// The kind of formula, which for binary data is the differences in place of score and Laplacian.
fn of_kind(derivation: &Derivation, part: Part) -> Part {
    match part {
        Part::Score | Part::Laplacian if derivation.laplacian.is_none() => Part::Differences,
        other => other,
    }
}

/// The derivation of all formulas of the model.
fn derivation(state: &State, model: &Model) -> Result<Derivation, Failure> {
    let derivation = Derivation::of(model);
    derivation.map_err(|unsuited| Failure::unsuited(&unsuited, &state.source()))
}

/// The model, if it has data by which the score can differentiate.
fn differentiable(state: &State) -> Result<&Model, Failure> {
    let model = state.complete()?.model();
    if model.data().is_empty() {
        let error = Diagnostic::error("no-data", "nothing in the model is data");
        let help = "load a file with `:data FILE`, or say which names are data: `data …`";
        return Err(Failure::plain(&error.help(help)));
    }
    Ok(model)
}

/// All formulas or one kind, in LaTeX.
pub fn latex(state: &State, what: &str) -> Result<Answer, Failure> {
    let parts = match one_of(what, FORMULAS)? {
        Some("logp") => vec![Part::LogDensity],
        Some("score") => vec![Part::Score],
        Some("laplacian") => vec![Part::Laplacian],
        Some("objective") => vec![Part::Loss],
        Some("gradient") => vec![Part::Gradient],
        _ => Part::ALL.to_vec(),
    };
    let derivation = derivation(state, state.complete()?.model())?;
    let parts = match parts[..] {
        [one] => vec![of_kind(&derivation, one)],
        _ => parts,
    };
    Ok(Answer::text(derivation.latex_of(&parts)))
}

/// The model as text, syntax tree, graph or program.
pub fn show(state: &State, what: &str) -> Result<Answer, Failure> {
    let stage = one_of(what, STAGES)?;
    if stage.is_none_or(|stage| stage == "model") {
        return Ok(Answer::text(state.statements.text()));
    }
    let model = state.complete()?.model();
    Ok(Answer::text(match stage {
        Some("ast") => outline(model.ast()),
        Some("graph") => model.graph().show(&[model.log_density()]),
        _ => program(model, &derivation(state, model)?).to_string(),
    }))
}

/// The program that a fit runs: the loss and its gradient.
fn program(model: &Model, derivation: &Derivation) -> Program {
    let components = model.data().iter().chain(model.covariates());
    let layout = Layout {
        rows: components.map(|component| component.input).collect(),
        parameters: model.parameters().iter().map(|parameter| parameter.input).collect(),
    };
    let slopes = derivation.gradient.iter().map(|slope| slope.expr);
    let outputs: Vec<_> = std::iter::once(derivation.loss).chain(slopes).collect();
    Program::compile(&derivation.graph, &layout, &outputs)
}
