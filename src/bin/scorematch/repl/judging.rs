//! Commands that judge the model by the data: `:test` and `:compare`.

use std::sync::Arc;

use scorematch::analysis::Goodness;
use scorematch::model::NODES_MAX;
use scorematch::objective::{Choices, Path, RowChoices};
use scorematch::source::Diagnostic;

use crate::args::{ErrorsArgs, ModelArgs, SearchArgs, telling};
use crate::bound::{Bound, objective, several};
use crate::compare::{ending, enough, models};
use crate::failure::Failure;
use crate::fit::Task;
use crate::interrupt::Watch;
use crate::output::{drawn, page};
use crate::test::{Subject, of_fits};

use super::arguments::{CompareLine, FitLine, TestLine, parsed};
use super::state::{Answer, Fitted, State};

/// Tests the last fit; without one, the current values, which must not be
/// estimated from these rows.
pub fn test(state: &State, rest: &str, watch: &Watch) -> Result<Answer, Failure> {
    let bound = state.bound()?;
    let line: TestLine = parsed(rest)?;
    let found = match state.fit.as_deref() {
        Some(fit) => after_fit(state, bound, fit, &line, watch)?,
        None => at_values(state, bound, &line, watch)?,
    };
    let page = page().telling(telling(line.explain, ":test --explain"));
    Ok(Answer::text(found.text_on(&bound.model, page)))
}

/// Tests a fit; replicates are fitted with the options of the fit.
fn after_fit(
    state: &State,
    bound: &Bound,
    fit: &Fitted,
    line: &TestLine,
    watch: &Watch,
) -> Result<Goodness, Failure> {
    let TestLine { run, counting, testing, seed, explain: _ } = line;
    let is_of_fit = run.objective.choices() != Choices::default()
        || counting.choices() != RowChoices::default();
    if is_of_fit {
        let message =
            "the objective and what rows count for are those of the fit: say them to `:fit`";
        return Err(Failure::usage(message));
    }
    let threads = run.threads();
    let FitLine { run, counting, search, errors: _, explain: _ } = &fit.asked;
    let (source, counting, errors) = (&state.source(), counting.choices(), &ErrorsArgs::default());
    let counted = state.counted(bound, &counting)?;
    let bound = counted.as_ref().unwrap_or(bound);
    let task = &Task { source, run, counting, search, errors, path: Path::Auto, watch };
    let specification = &objective(bound, &task.asked(), source)?;
    let seed = seed.unwrap_or(search.seed);
    let subject = Subject { testing, task, bound, specification, seed, threads };
    subject.after(&fit.report.estimate)
}

/// Tests the current values, which must not be estimated from these rows
/// unless `--bootstrap` is given.
fn at_values(
    state: &State,
    bound: &Bound,
    line: &TestLine,
    watch: &Watch,
) -> Result<Goodness, Failure> {
    let TestLine { run, counting, testing, seed, explain: _ } = line;
    let seed = seed.unwrap_or(0);
    let search = &SearchArgs { seed, ..SearchArgs::default() };
    if let Some(option) = of_fits(run, search).first() {
        let message = format!("`{option}` is said of a fit, and there is none: say it to `:fit`");
        return Err(Failure::usage(message));
    }
    let theta = state.current.complete(&bound.model)?;
    let estimated = state.current.estimated(&bound.model, &bound.selection.digest());
    if testing.bootstrap.is_none() && !estimated.is_empty() {
        return Err(from_these_rows(&estimated));
    }
    let (source, counting, errors) = (&state.source(), counting.choices(), &ErrorsArgs::default());
    let counted = state.counted(bound, &counting)?;
    let bound = counted.as_ref().unwrap_or(bound);
    let task = &Task { source, run, counting, search, errors, path: Path::Auto, watch };
    let specification = &objective(bound, &task.asked(), source)?;
    let threads = run.threads();
    Subject { testing, task, bound, specification, seed, threads }.at(&theta)
}

fn from_these_rows(names: &[&str]) -> Failure {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let message = format!(
        "the values of {} were estimated from these rows before the last change, and p would be too large",
        names.join(", ")
    );
    let help = "`:fit` first: rows are drawn from the model then and fitted anew; or say `--bootstrap wild` \
                and read a small p as smaller still";
    Failure::plain(&Diagnostic::error("no-bootstrap", message).help(help)).on_command_line()
}

/// Compares the model with others on the data of the session.
pub fn compare(state: &State, rest: &str, watch: &Watch) -> Result<Answer, Failure> {
    state.complete()?;
    let data = state.data()?;
    let CompareLine { files, expressions, contest, explain } = parsed(rest)?;
    let others = models(&files, &expressions)?;
    let sources = enough(std::iter::once(state.source()).chain(others).collect())?;
    let named = ModelArgs {
        expression: None,
        constants: Vec::new(),
        map: data.map.clone(),
        nodes_max: NODES_MAX,
        data: None,
    };
    let (table, missing) = (Arc::clone(&data.table), data.reading.missing);
    let bounds = several(&sources, &named, &table, missing, &contest.asked())?;
    let comparison = contest.comparison(&sources, &bounds, watch)?;
    // The warnings about the session's own model were printed when it was typed.
    let others = sources.iter().zip(&bounds).skip(1);
    let doubts = others.flat_map(|(source, bound)| {
        let told = |one| format!("{}\n\n", drawn(one, source));
        bound.model.warnings().iter().map(told).collect::<Vec<_>>()
    });
    let page = page().telling(telling(explain, ":compare --explain"));
    let text = format!("{}{}", doubts.collect::<String>(), comparison.text_on(page));
    Ok(Answer { text, ending: ending(&comparison), next: None })
}
