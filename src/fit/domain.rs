//! Whether the data suit the text: columns, declared supports, and log p as written on every row.
//!
//! The loss may be finite where log p is not, as for `log(x)` on negative data. What was written is
//! therefore evaluated on its own terms, before any simplification.

use crate::data::Selection;
use crate::graph::InputId;
use crate::model::{Component, Model, Support};
use crate::program::{Layout, Program};

use super::error::Error;

/// Columns of the data components, then of the covariates.
pub(super) fn columns_of<'a>(model: &Model, data: &'a Selection) -> Result<Vec<&'a [f64]>, Error> {
    if data.rows() == 0 {
        return Err(Error::NoRows);
    }
    let components = model.data().iter().chain(model.covariates());
    components
        .enumerate()
        .map(|(position, component)| {
            let by_name = |name: &String| data.names().iter().position(|other| other == name);
            let found = match &component.column {
                Some(name) => by_name(name),
                None => by_name(&component.name)
                    .or_else(|| (position < data.width()).then_some(position)),
            };
            let missing = || Error::MissingColumn { component: component.name.clone() };
            found.map(|at| data.column(at)).ok_or_else(missing)
        })
        .collect()
}

/// Refuses supports on which plain score matching is wrong.
pub(super) fn check_supports(model: &Model, columns: &[&[f64]]) -> Result<(), Error> {
    for (component, column) in model.data().iter().zip(columns) {
        let Some((declared, reason)) = obstacle(component) else { continue };
        if let Some(row) = column.iter().position(|&x| !contains(component.support, x)) {
            return Err(Error::OutsideSupport {
                component: component.name.clone(),
                declared,
                row,
                value: column[row],
            });
        }
        return Err(Error::Support { component: component.name.clone(), declared, reason });
    }
    Ok(())
}

const EDGE: &str = "at an edge of the support integration by parts leaves a boundary term, so plain \
                    score matching is inconsistent there";

/// The declaration and what is wrong with it; `None` on the line and the circle, which have no edge.
fn obstacle(component: &Component) -> Option<(String, &'static str)> {
    let name = &component.name;
    match component.support {
        Support::Line | Support::Circle => None,
        Support::Above(low) => Some((format!("{name} > {low}"), EDGE)),
        Support::Below(high) => Some((format!("{name} < {high}"), EDGE)),
        Support::Between(low, high) => Some((format!("{name} in ({low}, {high})"), EDGE)),
        Support::Binary(a, b) => Some((
            format!("{name} in {{{a}, {b}}}"),
            "two values have no derivative; it takes ratio matching",
        )),
        Support::Sphere => Some((
            format!("{name} on sphere"),
            "derivatives along a sphere are not those of the space around it",
        )),
        Support::Simplex => Some((
            format!("{name} on simplex"),
            "compositions have edges and one coordinate less than entries",
        )),
    }
}

fn contains(support: Support, x: f64) -> bool {
    match support {
        Support::Line | Support::Circle => true,
        Support::Above(low) => x >= low,
        Support::Below(high) => x <= high,
        Support::Between(low, high) => (low..=high).contains(&x),
        Support::Binary(a, b) => x == a || x == b,
        Support::Sphere => x.abs() <= 1.0 + 1e-6,
        Support::Simplex => (-1e-9..=1.0 + 1e-6).contains(&x),
    }
}

/// log p as written, on all rows.
fn log_densities(model: &Model, columns: &[&[f64]], theta: &[f64], threads: usize) -> Vec<f64> {
    let (graph, log_density) = model.verbatim();
    let rows: Vec<InputId> =
        model.data().iter().chain(model.covariates()).map(|component| component.input).collect();
    let parameters = model.parameters().iter().map(|parameter| parameter.input).collect();
    let program = Program::compile(graph, &Layout { rows, parameters }, &[log_density]);
    program.rows(columns, theta, threads).swap_remove(0)
}

/// The first row on which log p has no finite value at the raw parameters.
pub(super) fn check_domain(
    model: &Model,
    columns: &[&[f64]],
    theta: &[f64],
    threads: usize,
) -> Result<(), Error> {
    let values = log_densities(model, columns, theta, threads);
    match values.iter().position(|value| !value.is_finite()) {
        Some(row) => Err(domain_error(model, columns, theta, row, values[row])),
        None => Ok(()),
    }
}

/// A row on which log p is not finite at any of the starts: the data are outside of the domain, not
/// the parameters.
pub(super) fn check_start_domain(
    model: &Model,
    columns: &[&[f64]],
    starts: &[Vec<f64>],
    threads: usize,
) -> Result<(), Error> {
    let mut bad: Option<Vec<(usize, f64)>> = None;
    for theta in starts {
        let values = log_densities(model, columns, theta, threads);
        let fails = |row: usize| !values[row].is_finite();
        let still: Vec<(usize, f64)> = match bad {
            None => {
                (0..values.len()).filter(|&row| fails(row)).map(|row| (row, values[row])).collect()
            }
            Some(rows) => rows.into_iter().filter(|&(row, _)| fails(row)).collect(),
        };
        if still.is_empty() {
            return Ok(());
        }
        bad = Some(still);
    }
    match (bad.and_then(|rows| rows.first().copied()), starts.first()) {
        (Some((row, value)), Some(theta)) => Err(domain_error(model, columns, theta, row, value)),
        (None, _) | (_, None) => Ok(()),
    }
}

fn domain_error(model: &Model, columns: &[&[f64]], theta: &[f64], row: usize, value: f64) -> Error {
    let components = model.data().iter().chain(model.covariates());
    let at =
        components.zip(columns).map(|(component, column)| (component.name.clone(), column[row]));
    let parameters = model.parameters().iter().zip(theta);
    Error::Domain {
        row,
        value,
        at: at.collect(),
        parameters: parameters.map(|(parameter, &value)| (parameter.name.clone(), value)).collect(),
    }
}
