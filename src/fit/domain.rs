//! Whether the data suit the model: columns, declared supports, and log p as written on every row.
//! The loss may be finite where log p is not, as for `log(x)` on negative data. log p is therefore
//! evaluated as written, before any simplification. Where doubles give no finite value in a row, the
//! domains of logarithm, root, power and division decide: an exponential that under- or overflows is
//! inside the domain.

use crate::data::Selection;
use crate::graph::{Domain, InputId};
use crate::model::{Constraint, Model, Shape, Support};
use crate::numerics::extended::Extended;
use crate::objective::Specification;
use crate::program::{Layout, Program};

use super::error::Error;
use super::existence::{first_not_finite, row_of};

/// Rows whose values are in memory at once: a multiple of the rows that a program takes at a time.
const BLOCK: usize = 1 << 16;
/// Most parameters for which a declaration is tried as a remedy.
const REMEDIES_MAX: usize = 12;

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

/// Refuses values outside the declared supports, on which simplification relies.
pub(super) fn check_supports(model: &Model, columns: &[&[f64]]) -> Result<(), Error> {
    for (component, column) in model.data().iter().chain(model.covariates()).zip(columns) {
        if let Some(row) = column.iter().position(|&x| !component.contains(x)) {
            return Err(Error::OutsideSupport {
                declared: component.declaration(),
                component: component.name.clone(),
                row,
                value: column[row],
            });
        }
    }
    Ok(())
}

/// Refuses raw parameters at which log p as written is not finite in some row.
pub(super) fn check_domain(
    model: &Model,
    columns: &[&[f64]],
    theta: &[f64],
    threads: usize,
) -> Result<(), Error> {
    match first_outside(model, columns, theta, threads) {
        Some((row, value)) => Err(domain_error(model, columns, theta, (row, value), threads)),
        None => Ok(()),
    }
}

/// Refuses data with a row in which log p is not finite at any of the starts, so that the data are
/// outside the domain rather than the parameters.
pub(super) fn check_start_domain(
    model: &Model,
    columns: &[&[f64]],
    starts: &[Vec<f64>],
    threads: usize,
) -> Result<(), Error> {
    let Some(first) = starts.first() else { return Ok(()) };
    let mut text = AsWritten::of(model, columns);
    let mut rows: Option<Vec<usize>> = None;
    for theta in starts {
        let mut left = text.not_finite(theta, threads);
        if let Some(before) = rows {
            left.retain(|row| before.binary_search(row).is_ok());
        }
        if left.is_empty() {
            return Ok(());
        }
        rows = Some(left);
    }
    let outside = |&row: &usize| starts.iter().all(|theta| !text.at(theta, row).is_finite());
    match rows.into_iter().flatten().find(outside) {
        Some(row) => {
            let value = text.at(first, row).to_f64();
            Err(domain_error(model, columns, first, (row, value), threads))
        }
        None => Ok(()),
    }
}

/// The first row, from 0, in which log p as written is not finite, and its value there: NaN or
/// infinite. The derivatives may still be finite there, since simplification enlarges domains.
///
/// `columns` are those of the data, then of the covariates.
#[must_use]
pub fn first_outside(
    model: &Model,
    columns: &[&[f64]],
    theta: &[f64],
    threads: usize,
) -> Option<(usize, f64)> {
    let mut text = AsWritten::of(model, columns);
    let rows = text.not_finite(theta, threads);
    let mut values = rows.into_iter().map(|row| (row, text.at(theta, row)));
    values.find(|(_, value)| !value.is_finite()).map(|(row, value)| (row, value.to_f64()))
}

/// log p as written, on the rows of data.
pub(super) struct AsWritten<'a> {
    columns: &'a [&'a [f64]],
    /// Rows in which log p may be infinite and the loss is finite: compositions with a zero, and
    /// points of a sphere at which the weight is zero. Empty where no domain has such rows.
    exempt: Vec<bool>,
    program: Program,
    domain: Domain<'a>,
    /// The column or the parameter of each input.
    sources: Vec<Option<Source>>,
}

#[derive(Clone, Copy)]
enum Source {
    Column(usize),
    Parameter(usize),
}

impl<'a> AsWritten<'a> {
    pub fn of(model: &'a Model, columns: &'a [&'a [f64]]) -> Self {
        let (graph, log_density) = model.verbatim();
        let components = model.data().iter().chain(model.covariates());
        let rows: Vec<InputId> = components.map(|component| component.input).collect();
        let parameters: Vec<InputId> =
            model.parameters().iter().map(|parameter| parameter.input).collect();
        let mut sources = vec![None; graph.inputs().len()];
        for (k, input) in rows.iter().enumerate() {
            sources[input.index()] = Some(Source::Column(k));
        }
        for (j, input) in parameters.iter().enumerate() {
            sources[input.index()] = Some(Source::Parameter(j));
        }
        let program = Program::compile(graph, &Layout { rows, parameters }, &[log_density]);
        let domain = Domain::of(graph, log_density);
        // Columns of row weights follow those of the model.
        let columns = &columns[..model.row_inputs().len()];
        Self { columns, exempt: exempt(model, columns), program, domain, sources }
    }

    /// The rows where log p is not finite in plain doubles, in order; found block by block, so that the
    /// values of all rows are never in memory at once.
    fn not_finite(&self, theta: &[f64], threads: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let rows = self.columns.first().map_or(0, |column| column.len());
        for first in (0..rows).step_by(BLOCK) {
            let block = first..rows.min(first + BLOCK);
            let columns: Vec<&[f64]> =
                self.columns.iter().map(|column| &column[block.clone()]).collect();
            let values = self.program.rows(&columns, theta, threads).swap_remove(0);
            let outside = block.zip(values).filter(|(_, value)| !value.is_finite());
            found.extend(outside.map(|(row, _)| row).filter(|&row| !self.is_exempt(row)));
        }
        found
    }

    fn is_exempt(&self, row: usize) -> bool {
        self.exempt.get(row).copied().unwrap_or(false)
    }

    /// Whether log p is finite in every row that is not exempt.
    pub fn is_defined(&mut self, theta: &[f64], threads: usize) -> bool {
        let rows = self.not_finite(theta, threads);
        rows.into_iter().all(|row| self.at(theta, row).is_finite())
    }

    /// log p in a row, computed with an unbounded exponent.
    fn at(&mut self, theta: &[f64], row: usize) -> Extended {
        let (sources, columns) = (&self.sources, self.columns);
        self.domain.at(|input| match sources[input.index()] {
            Some(Source::Column(k)) => columns[k][row],
            Some(Source::Parameter(j)) => theta[j],
            None => f64::NAN,
        })
    }
}

fn exempt(model: &Model, columns: &[&[f64]]) -> Vec<bool> {
    let mut exempt = Vec::new();
    let mut mark = |values: &[f64]| {
        exempt.resize(values.len(), false);
        exempt.iter_mut().zip(values).for_each(|(exempt, &value)| *exempt |= value == 0.0);
    };
    for (k, component) in model.data().iter().enumerate() {
        match component.support {
            Support::Simplex => mark(columns[k]),
            Support::Sphere => {
                if let Some(weight) = model.weight(k) {
                    let layout = Layout { rows: model.row_inputs(), parameters: Vec::new() };
                    let program = Program::compile(model.graph(), &layout, &[weight]);
                    mark(&program.rows(columns, &[], 1)[0]);
                }
            }
            Support::Line
            | Support::Circle
            | Support::Above(_)
            | Support::Below(_)
            | Support::Between(..)
            | Support::Binary(..) => {}
        }
    }
    exempt
}

fn domain_error(
    model: &Model,
    columns: &[&[f64]],
    theta: &[f64],
    (row, value): (usize, f64),
    threads: usize,
) -> Error {
    let at = row_of(model, columns, row);
    let declarations = remedy(model, columns, theta, threads);
    let edges = on_edges(model, columns, theta, row);
    Error::Domain { row, value, at, parameters: named(model, theta), declarations, edges }
}

/// Components that lie on a declared edge in a row, with their declarations; empty where log p is not
/// finite even after all of them are moved inside.
fn on_edges(model: &Model, columns: &[&[f64]], theta: &[f64], row: usize) -> Vec<(String, String)> {
    let mut point: Vec<[f64; 1]> = columns.iter().map(|column| [column[row]]).collect();
    let mut edges = Vec::new();
    for (k, component) in model.data().iter().enumerate() {
        let ends = component.support.edges();
        let Some(&(_, edge)) = ends.iter().find(|&&(_, edge)| edge == point[k][0]) else {
            continue;
        };
        // The nearest interior value of other rows gives the scale of the move.
        let away = |x: &&f64| (**x - edge).abs();
        let within = columns[k].iter().filter(|x| component.support.contains(**x) && **x != edge);
        let Some(&inside) = within.min_by(|a, b| away(a).total_cmp(&away(b))) else { continue };
        point[k] = [f64::midpoint(edge, inside)];
        edges.push((component.name.clone(), format!("{}{}", component.name, component.support)));
    }
    let beside: Vec<&[f64]> = point.iter().map(<[f64; 1]>::as_slice).collect();
    let finite = !edges.is_empty() && AsWritten::of(model, &beside).is_defined(theta, 1);
    if finite { edges } else { Vec::new() }
}

/// Declarations of unbounded parameters with which log p would be finite in every row: the fewest
/// negative parameters that are declared positive, or one that is declared between 0 and 1. Empty
/// where none suffices.
fn remedy(model: &Model, columns: &[&[f64]], theta: &[f64], threads: usize) -> Vec<String> {
    let free = |&j: &usize| {
        model.blocks()[model.parameters()[j].block].constraint == Constraint::Free
            && model.blocks()[model.parameters()[j].block].shape == Shape::Scalar
    };
    let free: Vec<usize> = (0..theta.len()).filter(free).take(REMEDIES_MAX).collect();
    let negative: Vec<usize> = free.iter().copied().filter(|&j| theta[j] < 0.0).collect();
    let singles = negative.iter().map(|&j| vec![j]);
    let pairs = negative
        .iter()
        .enumerate()
        .flat_map(|(at, &a)| negative[at + 1..].iter().map(move |&b| vec![a, b]));
    let mut text = AsWritten::of(model, columns);
    let mut helps = |set: &[usize], value: &dyn Fn(f64) -> f64| {
        let mut changed = theta.to_vec();
        set.iter().for_each(|&j| changed[j] = value(changed[j]));
        text.is_defined(&changed, threads)
    };
    let name = |j: usize| &model.parameters()[j].name;
    let positive = singles.chain(pairs).chain([negative.clone()]).find(|set| helps(set, &|v| -v));
    if let Some(set) = positive {
        return set.into_iter().map(|j| format!("param {} > 0", name(j))).collect();
    }
    let beyond = free.iter().find(|&&j| !(0.0..=1.0).contains(&theta[j]) && helps(&[j], &|_| 0.5));
    beyond.map(|&j| format!("param {} in (0, 1)", name(j))).into_iter().collect()
}

/// The reason why no start has a finite objective: a row outside the domain at all starts, or the
/// first row in which a derivative does not exist at one of them.
pub(super) fn no_finite_start(
    specification: &Specification,
    model: &Model,
    columns: &[&[f64]],
    candidates: &[Vec<f64>],
    threads: usize,
) -> Error {
    if let Err(outside) = check_start_domain(model, columns, candidates, threads) {
        return outside;
    }
    let error = |theta: &Vec<f64>| {
        let missing = first_not_finite(specification, model, columns, theta, threads)?;
        Some(Error::NoFiniteStart { missing: Some(missing), parameters: named(model, theta) })
    };
    let none = || Error::NoFiniteStart { missing: None, parameters: Vec::new() };
    candidates.iter().find_map(error).unwrap_or_else(none)
}

fn named(model: &Model, theta: &[f64]) -> Vec<(String, f64)> {
    let parameters = model.parameters().iter().zip(theta);
    parameters.map(|(parameter, &value)| (parameter.name.clone(), value)).collect()
}
