//! `:load` and `:save`, and the commands that remove something from a session: `:forget`, `:clear`.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use scorematch::report::{Report, significant};
use scorematch::source::{Diagnostic, nearest};

use crate::failure::Failure;
use crate::input;

use super::arguments::one_of;
use super::command::CLEARED;
use super::replay::call;
use super::state::{Answer, State};
use super::statements::{Key, Statements};
use super::typed::Typed;
use super::understood::Understood;

/// Replaces the model by that of a file.
pub fn load(state: &State, file: PathBuf) -> Result<Answer, Failure> {
    let text = Typed::file(input::model_file(&file)?);
    let statements =
        Statements::read(&text.text).map_err(|error| text.failure(&Diagnostic::from(&error)))?;
    if !statements.has_log_density() {
        let message = format!("`{}` has no log-density", text.source.name);
        return Err(Failure::plain(&Diagnostic::error("no-log-density", message)));
    }
    state.rebuilt(statements, &text)
}

/// Saves the model to a file, with the last fit in comments.
pub fn save(state: &State, file: PathBuf) -> Result<Answer, Failure> {
    state.complete()?;
    let shown = file.display().to_string();
    if !is_free(&file) {
        let error = Diagnostic::error("file", format!("`{shown}` is there and is no model"));
        return Err(Failure::plain(&error.help("remove it, or choose another name")));
    }
    let fit = state.fit.as_deref().map(|fit| estimates(&fit.report)).unwrap_or_default();
    let call = state.data.as_deref().map(|data| format!("#\n#     {}\n", call(&file, data)));
    let call = call.unwrap_or_default();
    let text = format!("{fit}{call}{}", state.statements.text());
    std::fs::write(&file, text).map_err(|reason| Failure::file("write", &shown, &reason))?;
    Ok(Answer::text(format!("written: {shown}\n")))
}

/// Whether a file may be written: it does not exist, or holds a model. Other files are kept, since
/// a data file is easily named by mistake. A column of numbers is parsed as statements, each of
/// them a log-density; a model has exactly one.
fn is_free(file: &Path) -> bool {
    let model = |text: String| {
        Statements::read(&text).is_ok_and(|statements| statements.log_densities() == 1)
    };
    !file.is_file() || std::fs::read_to_string(file).is_ok_and(model)
}

fn estimates(report: &Report) -> String {
    let estimate = &report.estimate;
    let (file, objective) = (&report.data.file, significant(estimate.objective, 8));
    let mut text = format!("# Fitted to {file}, {} rows used: J = {objective}\n", report.data.used);
    for parameter in &estimate.parameters {
        let error = parameter.std_error.map(|error| significant(error, 4));
        let error = error.map(|error| format!("  (standard error {error})")).unwrap_or_default();
        writeln!(text, "#     {} = {:?}{error}", parameter.name, parameter.estimate)
            .expect("writing to a String");
    }
    text
}

/// Removes the statement that declares a name.
pub fn forget(state: &State, name: &str, line: &Typed) -> Result<Answer, Failure> {
    let name = name.trim_matches('`');
    match state.statements.without(name) {
        Some(rest) if rest.is_empty() => Ok(without_model(state)),
        Some(rest) => state.rebuilt(rest, line),
        None => Err(not_there(state, name)),
    }
}

fn not_there(state: &State, name: &str) -> Failure {
    let known = state.statements.iter().filter_map(|entry| match &entry.key {
        Key::Variable(name) | Key::Function(name) => Some(name.as_str()),
        Key::Weight(_) | Key::LogDensity => None,
    });
    let message = format!("no statement declares `{name}`");
    let error = Diagnostic::error("unknown-name", message);
    Failure::plain(&match nearest(name, known) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    })
}

/// Clears the model, the data, or both.
pub fn clear(state: &State, what: &str, line: &Typed) -> Result<Answer, Failure> {
    match one_of(what, CLEARED)? {
        Some("data") => without_data(state, line),
        Some("all") => Ok(Answer::change("no model, no data\n", State::default())),
        _ => Ok(without_model(state)),
    }
}

fn without_model(state: &State) -> Answer {
    let next = state.meaning(Statements::default(), None, state.data.clone());
    Answer::change("no model\n", next)
}

fn without_data(state: &State, line: &Typed) -> Result<Answer, Failure> {
    let statements = state.statements.clone();
    let understood = match statements.is_empty() {
        true => None,
        false => {
            let alone = Understood::of(&statements, None);
            Some(Arc::new(alone.map_err(|misfit| misfit.failure(&statements, line))?))
        }
    };
    Ok(Answer::change("no data\n", state.meaning(statements, understood, None)))
}
