//! The log-likelihood of the normalised density in one or two dimensions.

use super::Judge;
use crate::fit::problem::layout;
use crate::fit::standardise::counted;
use crate::model::{Component, Support};
use crate::numerics::quadrature::{Failure, LogIntegral, Region, log_integral};
use crate::numerics::sum::compensated_mean;
use crate::program::{Layout, Program};

use std::f64::consts::{PI, TAU};

/// Numbers of rows that are hints for the quadrature: evenly spaced ones, and those of highest
/// density.
const SPREAD: [usize; 2] = [300, 120];
const HIGHEST: [usize; 2] = [60, 40];
/// Largest error of the log-likelihood of the whole sample by quadrature, in nats, and the range of
/// relative accuracies that are requested.
const NATS: f64 = 0.01;
const ACCURACY: [(f64, f64); 2] = [(1e-10, 1e-7), (1e-8, 1e-6)];

/// The normaliser of a log-density without covariates.
pub(super) struct Normaliser<'a> {
    program: Program,
    columns: &'a [Vec<f64>],
    sides: Vec<Side>,
    /// log of the volume of the unit cell of the inner coordinates.
    unit: f64,
    counts: Option<&'a [f64]>,
    threads: usize,
}

/// One dimension in inner coordinates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side {
    pub ends: (f64, f64),
    /// Whether both ends are one point of a circle.
    pub circle: bool,
}

/// The log-likelihood of all rows.
#[derive(Clone, Debug)]
pub(super) struct LogLikelihood {
    /// The mean per row, in raw units.
    pub mean: f64,
    /// log p of each row, times its count, up to a constant and `normalisers`.
    pub rows: Vec<f64>,
    /// The log-normalisers of a sample of rows; empty where `rows` contain them or they are equal.
    pub normalisers: Vec<f64>,
}

impl<'a> Normaliser<'a> {
    /// `None` with covariates, in more than two dimensions, or on a sphere or simplex.
    pub fn new(judge: &Judge<'a>) -> Option<Self> {
        let sides = sides(judge).filter(|_| judge.model.conditions().is_empty())?;
        let graph = judge.model.graph();
        // Covariates can only belong to a weight here, since log p has none.
        let Layout { mut rows, parameters } = layout(judge.model);
        rows.truncate(sides.len());
        let layout = Layout { rows, parameters };
        let program = Program::compile(graph, &layout, &[judge.model.log_density()]);
        let unit = (0..sides.len()).map(|k| judge.frame.scale(k).ln()).sum();
        let columns = &judge.columns[..sides.len()];
        let counts = judge.counts;
        Some(Self { program, columns, sides, unit, counts, threads: judge.threads })
    }

    /// The log-likelihood at inner parameters; `None` where the density has no finite integral, or
    /// quadrature fails.
    pub fn log_likelihood(&self, theta: &[f64]) -> Option<LogLikelihood> {
        let rows = self.log_p(self.columns, theta, self.threads);
        if !compensated_mean(&rows).is_finite() {
            return None;
        }
        let integral = self.log_integral(theta, &rows)?;
        let rows = counted(rows, self.counts);
        let mean = compensated_mean(&rows) - integral - self.unit;
        Some(LogLikelihood { mean, rows, normalisers: Vec::new() })
    }

    fn log_p(&self, columns: &[Vec<f64>], theta: &[f64], threads: usize) -> Vec<f64> {
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        self.program.rows(&slices, theta, threads).swap_remove(0)
    }

    fn log_integral(&self, theta: &[f64], rows: &[f64]) -> Option<f64> {
        let hints = self.hints(rows);
        if hints[0].is_empty() {
            return None;
        }
        let ends: Vec<(f64, f64)> = self.sides.iter().map(|side| side.ends).collect();
        let region = Region { ends: &ends, hints: &hints };
        let (least, most) = ACCURACY[ends.len() - 1];
        let allowed = NATS / rows.len() as f64;
        let mut log_p = |points: &[Vec<f64>]| self.log_p(points, theta, 1);
        match log_integral(&mut log_p, &region, (0.1 * allowed).clamp(least, most)) {
            Ok(found) => Some(found.value),
            Err(Failure::Unresolved(LogIntegral { value, error })) if error < allowed => {
                Some(value)
            }
            Err(Failure::Unresolved(_) | Failure::Divergent | Failure::Undefined) => None,
        }
    }

    /// Evenly spaced rows and those of highest density, all inside the support.
    fn hints(&self, log_p: &[f64]) -> Vec<Vec<f64>> {
        let d = self.sides.len();
        let mut order: Vec<usize> = (0..log_p.len()).filter(|&row| self.is_inside(row)).collect();
        order.sort_by(|&a, &b| self.columns[0][a].total_cmp(&self.columns[0][b]));
        let step = order.len().div_ceil(SPREAD[d - 1]).max(1);
        let mut chosen: Vec<usize> = order.iter().copied().step_by(step).collect();
        order.sort_by(|&a, &b| log_p[b].total_cmp(&log_p[a]));
        chosen.extend(&order[..HIGHEST[d - 1].min(order.len())]);
        let column = |k: usize| {
            let value = |&row: &usize| self.sides[k].place(self.columns[k][row]);
            chosen.iter().map(value).collect()
        };
        (0..d).map(column).collect()
    }

    fn is_inside(&self, row: usize) -> bool {
        let inside = |(side, column): (&Side, &Vec<f64>)| {
            side.circle || (side.ends.0 < column[row] && column[row] < side.ends.1)
        };
        self.sides.iter().zip(self.columns).all(inside)
    }
}

impl Side {
    /// The value; for a circle, the equal angle in [-π, π].
    fn place(self, x: f64) -> f64 {
        if self.circle { x - TAU * (x / TAU).round() } else { x }
    }
}

impl LogLikelihood {
    /// Standard error of the difference of two mean log-likelihoods over equal rows (Vuong 1989), and
    /// equal samples of normalisers.
    pub fn error_of_difference(&self, other: &Self) -> f64 {
        let rows = square_error(&self.rows, &other.rows);
        (rows + square_error(&self.normalisers, &other.normalisers)).sqrt()
    }
}

/// The square of the standard error of the mean of a - b; 0 for empty lists.
fn square_error(a: &[f64], b: &[f64]) -> f64 {
    if a.is_empty() {
        return 0.0;
    }
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let mean = compensated_mean(&differences);
    let squares: Vec<f64> = differences.iter().map(|d| (d - mean).powi(2)).collect();
    compensated_mean(&squares) / a.len() as f64
}

/// The sides of one or two dimensions; `None` unless each is a line, half-line, interval or circle.
pub(super) fn sides(judge: &Judge<'_>) -> Option<Vec<Side>> {
    let few = (1..=2).contains(&judge.model.data().len());
    let side = |(k, component): (usize, &Component)| {
        let inner = |edge: f64| (edge - judge.frame.centre(k)) / judge.frame.scale(k);
        let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
        let ends = match component.support {
            Support::Line => (low, high),
            Support::Circle => (-PI, PI),
            Support::Above(edge) => (inner(edge), high),
            Support::Below(edge) => (low, inner(edge)),
            Support::Between(first, last) => (inner(first), inner(last)),
            Support::Binary(..) | Support::Sphere | Support::Simplex => return None,
        };
        Some(Side { ends, circle: component.support == Support::Circle })
    };
    few.then(|| judge.model.data().iter().enumerate().map(side).collect()).flatten()
}
