//! The log-likelihood of densities of three dimensions or more whose logarithm is quadratic in the data:
//! with g and -K its slope and curvature at a point where log p is l, the logarithm of the integral is
//! l + ½gᵀK⁻¹g + ½ d log 2π - ½ log det K.

use std::f64::consts::TAU;

use nalgebra::{DMatrix, DVector};

use super::Judge;
use super::likelihood::LogLikelihood;
use crate::calculus::gradient;
use crate::fit::problem::layout;
use crate::fit::standardise::counted;
use crate::graph::{ExprId, Graph};
use crate::model::Support;
use crate::numerics::sum::compensated_mean;
use crate::program::{Layout, Program};

/// Most dimensions for which the curvature is derived.
const DIMENSIONS_MAX: usize = 20;

/// A log-density of these columns that is quadratic in them.
pub(super) struct Gaussian<'a> {
    log_p: Program,
    /// Slopes, then curvatures row by row.
    derivatives: Program,
    columns: &'a [Vec<f64>],
    /// log of the volume of a unit of the inner coordinates.
    unit: f64,
    counts: Option<&'a [f64]>,
    threads: usize,
}

impl<'a> Gaussian<'a> {
    /// `None` with covariates, for data that are not on the whole line, and where the curvature depends on
    /// the data.
    pub fn new(judge: &Judge<'a>) -> Option<Self> {
        let data = judge.model.data();
        let lines = data.iter().all(|component| component.support == Support::Line);
        let alone = judge.model.conditions().is_empty();
        if !lines || !alone || !(3..=DIMENSIONS_MAX).contains(&data.len()) {
            return None;
        }
        let mut graph = judge.model.graph().clone();
        let x: Vec<ExprId> = data.iter().map(|one| graph.input_node(one.input)).collect();
        let log_density = judge.model.log_density();
        let slopes = gradient(&mut graph, log_density, &x);
        let curvatures = curvatures(&mut graph, &slopes, &x)?;
        // Covariates that remain are those of weights.
        let Layout { mut rows, parameters } = layout(judge.model);
        rows.truncate(data.len());
        let layout = Layout { rows, parameters };
        Some(Self {
            log_p: Program::compile(&graph, &layout, &[log_density]),
            derivatives: Program::compile(&graph, &layout, &[slopes, curvatures].concat()),
            columns: &judge.columns[..data.len()],
            unit: (0..data.len()).map(|k| judge.frame.scale(k).ln()).sum(),
            counts: judge.counts,
            threads: judge.threads,
        })
    }

    /// At inner parameters; `None` where K is not positive definite.
    pub fn log_likelihood(&self, theta: &[f64]) -> Option<LogLikelihood> {
        let slices: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let rows = self.log_p.rows(&slices, theta, self.threads).swap_remove(0);
        let integral = self.log_integral(*rows.first()?, theta)?;
        let rows = counted(rows, self.counts);
        let mean = compensated_mean(&rows) - integral - self.unit;
        mean.is_finite().then_some(LogLikelihood { mean, rows, normalisers: Vec::new() })
    }

    /// From log p in the first row.
    fn log_integral(&self, log_p: f64, theta: &[f64]) -> Option<f64> {
        let d = self.columns.len();
        let first: Vec<&[f64]> = self.columns.iter().map(|column| &column[..1]).collect();
        let values = self.derivatives.rows(&first, theta, 1);
        let slope = DVector::from_fn(d, |k, _| values[k][0]);
        let precision = DMatrix::from_fn(d, d, |i, j| -values[d + i * d + j][0]);
        let factor = precision.cholesky()?;
        let half = factor.l().solve_lower_triangular(&slope)?.norm_squared() / 2.0;
        let root: f64 = factor.l_dirty().diagonal().iter().map(|entry| entry.ln()).sum();
        Some(log_p + half + 0.5 * d as f64 * TAU.ln() - root)
    }
}

/// Second derivatives, unless one contains data.
fn curvatures(graph: &mut Graph, slopes: &[ExprId], x: &[ExprId]) -> Option<Vec<ExprId>> {
    let mut all = Vec::with_capacity(x.len() * x.len());
    for &slope in slopes {
        let row = gradient(graph, slope, x);
        let depends = graph.dependents(x);
        if row.iter().any(|entry| depends[entry.index()]) {
            return None;
        }
        all.extend(row);
    }
    Some(all)
}
