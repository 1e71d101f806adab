//! Bare expressions that are not log-densities: their values at the current parameters.
//!
//! The answer to an expression of known names without data is its value, after a fit with a
//! standard error by the delta method. Promises: an answer changes nothing. Deliberately not known
//! here: commands, and the treatment of expressions that contain data.

use scorematch::fit::{Derived, Estimate};
use scorematch::model::{ErrorKind, Errors, Estimands, Model, Shape};
use scorematch::report::{Align, aligned, significant, trimmed, wrapped};
use scorematch::source::{self, Diagnostic};
use scorematch::syntax::{self, Expr, ExprKind, StatementKind};

use crate::failure::Failure;
use crate::output::page;

use super::command;
use super::data::summary_of;
use super::state::{Answer, State};
use super::statements::{Placement, Statements, entries};
use super::typed::Typed;
use super::understood::Understood;

/// Significant digits of a value, of its standard error, and of the ends of its interval.
const DIGITS: [usize; 3] = [7, 4, 6];
/// Indentation of the further lines of an answer.
const INDENT: usize = 4;

/// The value of a line that is one expression without data; `None` where the line is part of a
/// model.
pub fn answer(state: &State, line: &Typed) -> Result<Option<Answer>, Failure> {
    let text = &line.source.text;
    let Some(expr) = bare(text) else { return Ok(None) };
    let empty;
    let model = match &state.understood {
        Some(understood) => understood.model(),
        None => {
            empty = Understood::of(&Statements::default(), None)
                .expect("a constant log-density is a model");
            empty.model()
        }
    };
    match model.entries(text) {
        Ok(_) if state.awaits_columns() && is_density(state, text) => Ok(None),
        Ok((shape, found)) => value(state, model, shape, &found).map(Some),
        Err(errors) if has(&errors, |kind| matches!(kind, ErrorKind::NotOfParameters { .. })) => {
            Ok(column(state, &expr))
        }
        Err(errors) if has(&errors, |kind| matches!(kind, ErrorKind::UnknownParameter { .. })) => {
            match column(state, &expr) {
                Some(answer) => Ok(Some(answer)),
                None if is_density(state, text) || is_first(state, &expr) => Ok(None),
                None => Err(unknown(state, &errors, line)),
            }
        }
        Err(errors) => Err(drawn(&Vec::from(&errors), line)),
    }
}

/// The expression, if a text consists of nothing else.
pub fn bare(text: &str) -> Option<Expr> {
    let mut ast = syntax::parse(text).ok()?;
    match (ast.statements.pop()?.kind, ast.statements.is_empty()) {
        (StatementKind::Bare(expr), true) => Some(expr),
        _ => None,
    }
}

/// What a column holds, where an expression is its name alone: as a log-density it would be improper.
fn column(state: &State, expr: &Expr) -> Option<Answer> {
    let (ExprKind::Name(name), Some(data)) = (&expr.kind, &state.data) else { return None };
    summary_of(&data.table, name).map(Answer::text)
}

fn has(errors: &Errors, is: impl Fn(&ErrorKind) -> bool) -> bool {
    errors.as_slice().iter().any(|error| is(&error.kind))
}

/// Whether an expression, taken as log-density, contains data.
fn is_density(state: &State, text: &str) -> bool {
    let Ok(entry) = entries(text) else { return false };
    let statements = state.statements.with(&entry, Placement::InPlace);
    let understood = Understood::of(&statements, state.data.as_deref());
    understood.is_ok_and(|understood| understood.reads_data())
}

/// Whether an expression can be the log-density of a new model, whose names are declared later.
fn is_first(state: &State, expr: &Expr) -> bool {
    let complete = state.understood.as_ref().is_some_and(|understood| understood.complete);
    let declared = complete || state.statements.declares_data();
    !declared && !matches!(expr.kind, ExprKind::Name(_))
}

/// The failure for undeclared names in an expression without data.
fn unknown(state: &State, errors: &Errors, line: &Typed) -> Failure {
    let columns = state.data.as_ref().map_or(Vec::new(), |data| data.table.columns.names());
    let mut seen: Vec<&str> = Vec::new();
    let named = errors.as_slice().iter().filter_map(|error| match &error.kind {
        ErrorKind::UnknownParameter { name, nearest } if !seen.contains(&name.as_str()) => {
            seen.push(name);
            let message = format!("`{name}` has no meaning yet, and nothing here is data");
            let diagnostic = Diagnostic::error("unknown-name", message);
            let diagnostic = error.span.map_or(diagnostic.clone(), |span| diagnostic.at(span, ""));
            let near =
                nearest.as_deref().or_else(|| source::nearest(name, columns.iter().copied()));
            Some(diagnostic.help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if command::named(name).is_some() => format!("`:{name}` is a command"),
                None => {
                    format!("`param {name}` or `data {name}` declares it, `logp = …` sets log p")
                }
            }))
        }
        _ => None,
    });
    let named: Vec<Diagnostic> = named.collect();
    drawn(&named, line)
}

fn drawn(diagnostics: &[Diagnostic], line: &Typed) -> Failure {
    Failure::drawn(diagnostics, &line.source)
}

fn value(state: &State, model: &Model, shape: Shape, found: &Estimands) -> Result<Answer, Failure> {
    let needed = found.needed();
    let theta = state.current.of_needed(model, &needed)?;
    let values = found.values(&theta);
    // Setting a value discards the fit, so the current values are the
    // estimates of a fit that exists.
    let fitted = state.fit.as_deref().filter(|_| !needed.is_empty());
    let text = match (fitted, shape) {
        (Some(fitted), _) => with_errors(shape, found, &fitted.report.estimate),
        (None, Shape::Scalar) => format!("{}\n", shown(values[0])),
        (None, Shape::Vector(_)) => named(found, &values),
        (None, Shape::Matrix(..)) => grid(shape, values.iter().map(|value| shown(*value))),
    };
    Ok(Answer::text(text))
}

fn shown(value: f64) -> String {
    if value.is_finite() { trimmed(value, DIGITS[0]) } else { value.to_string() }
}

/// The entries of a vector, each with its name.
fn named(found: &Estimands, values: &[f64]) -> String {
    let rows = found.texts().zip(values);
    let rows: Vec<_> =
        rows.map(|(name, value)| vec![name.to_owned(), significant(*value, DIGITS[0])]).collect();
    aligned(&rows, &[Align::Left, Align::Right])
}

fn grid(shape: Shape, cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.collect();
    let rows: Vec<_> = cells.chunks(shape.columns()).map(<[String]>::to_vec).collect();
    aligned(&rows, &vec![Align::Right; shape.columns()])
}

/// The values at the estimates with their standard errors.
fn with_errors(shape: Shape, found: &Estimands, estimate: &Estimate) -> String {
    let all = Derived::of(found, estimate);
    match (shape, &all[..]) {
        (Shape::Scalar, [one]) => {
            let own = estimate.parameters.iter().find(|own| own.name == one.expression);
            // A parameter alone has the interval of the table, formed on its unconstrained scale.
            let interval = own.map_or(one.interval, |own| own.interval);
            sentence(&Derived { interval, ..one.clone() }, estimate.level)
        }
        (Shape::Matrix(..), _) => {
            let value = |one: &Derived| one.estimate.map_or_else(dash, |value| trimmed(value, 7));
            let values = grid(shape, all.iter().map(value));
            let errors = grid(shape, all.iter().map(|one| cell(one.std_error, DIGITS[1])));
            format!("{values}standard errors\n{errors}{}", reasons(&all))
        }
        _ => {
            let heading = ["", "value", "std. error"].map(str::to_owned).to_vec();
            let row = |one: &Derived| {
                let [value, error] = [(one.estimate, DIGITS[0]), (one.std_error, DIGITS[1])]
                    .map(|(value, digits)| cell(value, digits));
                vec![one.expression.clone(), value, error]
            };
            let rows: Vec<_> = std::iter::once(heading).chain(all.iter().map(row)).collect();
            let table = aligned(&rows, &[Align::Left, Align::Right, Align::Right]);
            format!("{table}{}", reasons(&all))
        }
    }
}

fn sentence(one: &Derived, level: f64) -> String {
    let value = one.estimate.map_or_else(|| "not finite".to_owned(), shown);
    let error = match (one.std_error, one.interval, &one.reason) {
        (Some(error), Some((low, high)), _) => {
            let [low, high] = [low, high].map(|end| trimmed(end, DIGITS[2]));
            let (error, level) = (trimmed(error, DIGITS[1]), trimmed(100.0 * level, 6));
            format!(", standard error {error}, {level} % interval {low} to {high}")
        }
        (_, _, Some(reason)) if one.estimate.is_some() => format!(", no standard error: {reason}"),
        _ => String::new(),
    };
    let text = wrapped(&format!("{value}{error}"), page().width(), INDENT);
    format!("{}\n", text.trim_start())
}

/// The reasons why entries have no standard error, each once.
fn reasons(all: &[Derived]) -> String {
    let mut told: Vec<&str> = Vec::new();
    for reason in all.iter().filter_map(|one| one.reason.as_deref()) {
        if !told.contains(&reason) {
            told.push(reason);
        }
    }
    told.iter().map(|reason| format!("-: {reason}\n")).collect()
}

fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(dash, |value| significant(value, digits))
}

fn dash() -> String {
    "-".to_owned()
}
