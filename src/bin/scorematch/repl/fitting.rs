//! Commands about values of parameters: `:fit`, `:eval`, `:set`, `:params`.

use std::sync::Arc;

use scorematch::analysis::Evaluation;
use scorematch::model::Model;
use scorematch::objective::Path;
use scorematch::report::{Align, Report, Telling, aligned, significant, warnings_on};
use scorematch::source::Diagnostic;

use crate::args::{processors, telling};
use crate::asked::Asked;
use crate::bound::objective;
use crate::eval::{Subject, check_domain, doubt};
use crate::failure::Failure;
use crate::interrupt::Watch;
use crate::output::page;
use crate::{fit, values};

use super::arguments::{FitLine, at_home, parsed};
use super::current::Current;
use super::state::{Answer, Fitted, State};

/// Significant digits of a value.
const DIGITS: usize = 7;

/// Fits the model, and keeps the estimates as the current values.
pub fn fit(state: &State, rest: &str, watch: &Watch) -> Result<Answer, Failure> {
    let bound = state.bound()?;
    let asked: FitLine = parsed(rest)?;
    let FitLine { run, counting, search, errors, explain } = &asked;
    let counting = counting.choices();
    let counted = state.counted(bound, &counting)?;
    let source = state.source();
    let path = Path::Auto;
    let task = fit::Task { source: &source, run, counting, search, errors, path, watch };
    let report = task.report(counted.as_ref().unwrap_or(bound), String::new())?;
    let mut current = state.current.clone();
    current.keep(&report.estimate, &bound.selection.digest());
    let page = page().telling(telling(*explain, ":explain"));
    let (text, ending) = (report.text_on(page), fit::ending(report.estimate.outcome));
    let next = State { current, fit: Some(Arc::new(Fitted { report, asked })), ..state.clone() };
    Ok(Answer { text, ending, next: Some(next) })
}

/// All of the warnings of the last fit, and what their codes mean.
pub fn explain(state: &State) -> Result<Answer, Failure> {
    let Some(fit) = state.fit.as_deref() else {
        let error = Diagnostic::error("no-fit", "there is no fit of this model to these data yet");
        return Err(Failure::plain(&error.help("`:fit` makes one")));
    };
    let warnings = fit.report.doubts();
    Ok(Answer::text(match warnings.is_empty() {
        true => "the last fit has no warnings\n".to_owned(),
        false => warnings_on(warnings, page().telling(Telling::Full)),
    }))
}

/// The objective at the current values, some of them replaced.
pub fn eval(state: &State, rest: &str) -> Result<Answer, Failure> {
    let bound = state.bound()?;
    let given = given(&bound.model, ":eval", rest)?;
    let theta = state.current.with(&bound.model, &given, None).complete(&bound.model)?;
    let threads = processors();
    let specification = objective(bound, &Asked::default(), &state.source())?;
    check_domain(bound, &theta, threads)?;
    let (model, rows) = (&bound.model, &bound.selection);
    let evaluation = Evaluation::by(&specification, Path::Auto, model, rows, &theta, threads);
    let mut evaluation = evaluation.map_err(|none| Failure::no_moments(&none))?;
    let subject = Subject { bound, specification: &specification, theta: &theta };
    evaluation.warnings.extend(doubt(&subject, &evaluation, threads));
    Ok(Answer::text(evaluation.text_on(page().telling(Telling::Brief(":help CODE")))))
}

/// Sets current values.
pub fn set(state: &State, rest: &str) -> Result<Answer, Failure> {
    let model = model(state)?;
    if rest.is_empty() {
        return Err(Failure::usage("write assignments, as in `:set mu=1, s2=2`"));
    }
    let rows = values::digests(&[from_home(rest)])?.pop();
    let current = state.current.with(model, &given(model, ":set", rest)?, rows.as_deref());
    let text = table(model, &current, None);
    Ok(Answer::change(text, State { current, fit: None, ..state.clone() }))
}

/// Lists the parameters with their values.
pub fn params(state: &State) -> Result<Answer, Failure> {
    let fit = state.fit.as_deref().map(|fit| &fit.report);
    Ok(Answer::text(table(model(state)?, &state.current, fit)))
}

/// The model if it has parameters; it need not have a log-density yet.
fn model(state: &State) -> Result<&Model, Failure> {
    let understood = state.understood.as_deref();
    let model = understood.map(|understood| understood.model());
    model.filter(|model| !model.parameters().is_empty()).ok_or_else(|| {
        Failure::plain(&Diagnostic::error("no-parameters", "the model has no parameters"))
    })
}

/// The argument, with the home folder in place of `~` in `@~/FILE`.
fn from_home(rest: &str) -> String {
    rest.strip_prefix('@').map_or_else(|| rest.to_owned(), |file| format!("@{}", at_home(file)))
}

fn given(model: &Model, option: &str, rest: &str) -> Result<values::Values, Failure> {
    values::values(model, option, &[from_home(rest)])
}

fn table(model: &Model, current: &Current, fit: Option<&Report>) -> String {
    let heading = ["parameter", "value", "std. error"].map(str::to_owned).to_vec();
    let rows = model.parameters().iter().map(|parameter| {
        let value = current.value(&parameter.name);
        let fitted = fit.and_then(|fit| {
            fit.estimate.parameters.iter().find(|fitted| fitted.name == parameter.name)
        });
        let error = fitted.and_then(|fitted| fitted.std_error);
        let cell = |value: Option<f64>, digits| {
            value.map_or_else(|| "-".to_owned(), |value| significant(value, digits))
        };
        vec![parameter.name.clone(), cell(value, DIGITS), cell(error, 4)]
    });
    let rows: Vec<_> = std::iter::once(heading).chain(rows).collect();
    let width = if fit.is_some() { 3 } else { 2 };
    aligned(&rows, &[Align::Left, Align::Right, Align::Right][..width])
}
