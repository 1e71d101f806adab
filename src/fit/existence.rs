//! Finds the value that is not finite and its row: a derivative may be missing where log p is finite,
//! as the score of -√|x| at zero, and J is then missing too.

use std::fmt;

use crate::calculus::gradient;
use crate::graph::{ExprId, InputId};
use crate::model::Model;
use crate::numerics::decimal::assignments;
use crate::objective::Specification;
use crate::program::Program;

/// Rows that are evaluated before they are checked.
const ROWS_AT_ONCE: usize = 1 << 14;

/// A value that is NaN or infinite in a row.
#[derive(Clone, Debug, PartialEq)]
pub struct NotFinite {
    /// Row among the rows used, from 0.
    pub row: usize,
    /// `the Laplacian`, ``the score of `x` ``.
    pub what: String,
    /// Its value: NaN or infinite.
    pub value: f64,
    /// Data and covariates of the row.
    pub at: Vec<(String, f64)>,
}

impl fmt::Display for NotFinite {
    /// ``the score of `x` is infinite for x = 0``
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.value.is_nan() { "not a number" } else { "infinite" };
        write!(f, "{} is {value} for {}", self.what, assignments(&self.at))
    }
}

/// The first row in which log p, the score, a term of the loss, the loss or its derivative by a
/// parameter is not finite, with the first of these values that is not. `columns` are those of the
/// data, then of the covariates.
#[must_use]
pub fn first_not_finite(
    specification: &Specification,
    model: &Model,
    columns: &[&[f64]],
    theta: &[f64],
    threads: usize,
) -> Option<NotFinite> {
    let rows = columns.first().map_or(0, |column| column.len());
    let (program, names) = values_by_row(specification, model);
    let all = specification.columns(columns);
    let mut start = 0;
    while start < rows {
        let end = (start + ROWS_AT_ONCE).min(rows);
        let block: Vec<&[f64]> = all.iter().map(|column| &column[start..end]).collect();
        let values = program.rows(&block, theta, threads);
        let bad = |row: &usize| values.iter().any(|column| !column[*row].is_finite());
        if let Some(row) = (0..end - start).find(bad) {
            let which = values.iter().position(|column| !column[row].is_finite());
            let which = which.expect("some value of this row is not finite");
            return Some(NotFinite {
                row: start + row,
                what: names[which].clone(),
                value: values[which][row],
                at: row_of(model, columns, start + row),
            });
        }
        start = end;
    }
    None
}

/// Data and covariates of a row, by name.
pub(super) fn row_of(model: &Model, columns: &[&[f64]], row: usize) -> Vec<(String, f64)> {
    let components = model.data().iter().chain(model.covariates());
    components.zip(columns).map(|(one, column)| (one.name.clone(), column[row])).collect()
}

/// A program for log p, the score and the loss of each row, and the names of its outputs.
fn values_by_row(specification: &Specification, model: &Model) -> (Program, Vec<String>) {
    let mut graph = model.graph().clone();
    let layout = specification.layout(&mut graph, model);
    let node = |input: &InputId| graph.input_node(*input);
    let theta: Vec<ExprId> = layout.parameters.iter().map(node).collect();
    let loss = specification.loss(&mut graph, model.log_density());
    let seen = specification.seen(&mut graph, model.log_density());
    let slopes = gradient(&mut graph, loss.total, &theta);
    let named = |what: String, id: ExprId| (what, id);
    let called = |name: &str| match specification.is_binary() {
        true => format!("the difference of log p in `{name}`"),
        false => format!("the score of `{name}`"),
    };
    let scores = model.data().iter().map(|one| called(&one.name)).zip(seen);
    let terms = loss
        .terms
        .iter()
        .filter(|(name, _)| *name != "norm")
        .map(|&(name, id)| named(term(name), id));
    let slope_names =
        model.parameters().iter().map(|one| format!("the slope of the loss in `{}`", one.name));
    let (names, outputs): (Vec<String>, Vec<ExprId>) =
        [named("log p".to_owned(), model.log_density())]
            .into_iter()
            .chain(scores)
            .chain(terms)
            .chain([named("the loss".to_owned(), loss.total)])
            .chain(slope_names.zip(slopes))
            .unzip();
    (Program::compile(&graph, &layout, &outputs), names)
}

/// The description of a term of the loss.
fn term(name: &str) -> String {
    match name {
        "laplacian" => "the Laplacian".to_owned(),
        other => format!("the term `{other}` of the loss"),
    }
}
