//! Whether log p is constant over the data, or looks like a density instead of its logarithm.

use crate::calculus::laplacian;
use crate::fit::Warning;
use crate::fit::impossible::Impossible;
use crate::fit::standardise::Spread;
use crate::graph::ExprId;
use crate::model::{Constraint, Model, Support};
use crate::program::Program;

use super::Findings;
use super::tails::{DOUBLINGS, LAST, axes, open, rays, score};
pub(super) use crate::fit::problem::layout;

/// Mean squares of score and curvature, in units of standard deviations, below which log p is constant; where
/// a density fits its data they are at least one.
const CONSTANT: f64 = 1e-12;
/// Most rows that are evaluated.
const ROWS: usize = 1000;
/// Most parameters whose signs are tried.
const SIGNS_MAX: usize = 16;
/// A density vanishes far out where it is below this share of its largest value in any row.
const VANISHED: f64 = 1e-6;

/// Positions of the data components on the whole line.
fn lines(model: &Model) -> Vec<usize> {
    (0..model.data().len()).filter(|&k| model.data()[k].support == Support::Line).collect()
}

/// At most `ROWS` values at even steps.
fn thinned(column: &[f64]) -> Vec<f64> {
    column.iter().step_by(column.len().div_ceil(ROWS).max(1)).copied().collect()
}

/// Whether score and curvature by every component on the line vanish in all rows. Angles may be
/// uniform, a density on the line is never constant. Columns and θ in inner coordinates.
pub(in crate::fit) fn is_constant(
    model: &Model,
    columns: &[Vec<f64>],
    theta: &[f64],
    threads: usize,
) -> bool {
    let lines = lines(model);
    let rows: Vec<Vec<f64>> = columns.iter().map(|column| thinned(column)).collect();
    let slices: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    let vanish = |values: &[Vec<f64>], order: i32| {
        let vanishes = |&k: &usize| {
            let unit = Spread::of(&columns[k]).scale().powi(order);
            let squares = values[k].iter().map(|v| (v * unit).powi(2)).sum::<f64>();
            squares <= CONSTANT * values[k].len() as f64
        };
        lines.iter().all(vanishes)
    };
    // A single row, and a curve through its rows, have a score of zero where log p is curved.
    !lines.is_empty()
        && vanish(&score(model).rows(&slices, theta, threads), 1)
        && vanish(&curvatures(model).rows(&slices, theta, threads), 2)
}

/// The second derivative by each data component.
fn curvatures(model: &Model) -> Program {
    let mut graph = model.graph().clone();
    let x: Vec<ExprId> = model.data().iter().map(|one| graph.input_node(one.input)).collect();
    let second = |&x: &ExprId| laplacian(&mut graph, model.log_density(), &[x]);
    let outputs: Vec<ExprId> = x.iter().map(second).collect();
    Program::compile(&graph, &layout(model), &outputs)
}

/// A warning where log p is constant.
pub(super) fn constant(findings: &Findings<'_>) -> Option<Warning> {
    findings.constant.then(|| {
        Warning::new(
            "constant-log-density",
            "the best log p found is constant, no density on the line",
        )
        .meaning("J prefers it to every other value of the parameters")
        .meaning("log p has to fall far out, and J cannot see edges and kinks")
        .remedy("Look at the sign of log p, at bounds, edges and kinks")
    })
}

/// Whether log p as written is positive in the rows and falls to zero along the axes, as a density
/// does: at the best point, or where one free parameter, such as a scale that nothing keeps positive,
/// has the other sign. Columns and θ are those of the data, not standardised.
pub(in crate::fit) fn looks_like_a_density(
    model: &Model,
    columns: &[&[f64]],
    theta: &[f64],
    threads: usize,
) -> Option<Impossible> {
    let spreads: Vec<Spread> = columns.iter().map(|column| Spread::of(column)).collect();
    let open = open(model, &spreads, |_, edge| edge);
    let program = as_written(model);
    let rows: Vec<Vec<f64>> = columns.iter().map(|column| thinned(column)).collect();
    let (theta, values) =
        positive_at(model, theta, |theta| values(&program, &rows, theta, threads))?;
    let largest = values.iter().copied().fold(0.0, f64::max);
    // Beside an infinite value everything is small.
    if open.is_empty() || largest == 0.0 || largest == f64::INFINITY {
        return None;
    }
    let points = rays(&spreads, &open, &axes(&open));
    let far = self::values(&program, &points, &theta, threads);
    let vanishes = |ray: &[f64]| {
        let known: Vec<f64> = ray.iter().copied().filter(|v| !v.is_nan()).collect();
        let last = &known[known.len().saturating_sub(LAST)..];
        last.len() == LAST && last.iter().all(|&v| v <= VANISHED * largest)
    };
    let all = positive(&far) && far.chunks(DOUBLINGS as usize + 1).all(vanishes);
    all.then_some(Impossible::Density)
}

fn positive(values: &[f64]) -> bool {
    values.iter().all(|&v| v.is_nan() || v >= 0.0)
}

/// θ, or the first of its changes by the sign of one free parameter, at which no value is negative, and
/// the values there.
fn positive_at(
    model: &Model,
    theta: &[f64],
    values: impl Fn(&[f64]) -> Vec<f64>,
) -> Option<(Vec<f64>, Vec<f64>)> {
    let free =
        |&j: &usize| model.blocks()[model.parameters()[j].block].constraint == Constraint::Free;
    let with = |j: Option<usize>| {
        let mut theta = theta.to_vec();
        j.into_iter().for_each(|j| theta[j] = -theta[j]);
        let values = values(&theta);
        positive(&values).then_some((theta, values))
    };
    let changed: Vec<usize> = (0..theta.len()).filter(free).take(SIGNS_MAX).collect();
    with(None).or_else(|| changed.into_iter().find_map(|j| with(Some(j))))
}

fn as_written(model: &Model) -> Program {
    let (graph, log_density) = model.verbatim();
    Program::compile(graph, &layout(model), &[log_density])
}

fn values(program: &Program, columns: &[Vec<f64>], theta: &[f64], threads: usize) -> Vec<f64> {
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    program.rows(&slices, theta, threads).swap_remove(0)
}
