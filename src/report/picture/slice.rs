//! A model along a line: log p, or components of its score, with one input moving.

use crate::analysis::nodes;
use crate::calculus::gradient;
use crate::graph::ExprId;
use crate::model::Model;
use crate::program::{Layout, Program};

/// log p at θ of a model with one data component.
#[derive(Debug)]
pub(super) struct LogDensity<'a> {
    stable: Program,
    written: Program,
    theta: &'a [f64],
    shift: f64,
}

impl<'a> LogDensity<'a> {
    /// Its argument is the distance from `shift`.
    pub fn of(model: &Model, theta: &'a [f64], shift: f64) -> Self {
        let layout = Layout { rows: model.row_inputs(), parameters: model.parameter_inputs() };
        let stable = Program::compile(model.graph(), &layout, &[model.log_density()]);
        let (graph, log_density) = model.verbatim();
        let written = Program::compile(graph, &layout, &[log_density]);
        Self { stable, written, theta, shift }
    }

    /// NaN where log p as written is none: derived forms may have larger domains.
    pub fn at(&self, points: &[f64]) -> Vec<f64> {
        let points: Vec<f64> = points.iter().map(|x| x + self.shift).collect();
        let value = |program: &Program| program.rows(&[&points], self.theta, 1).swap_remove(0);
        let pairs = value(&self.stable).into_iter().zip(value(&self.written));
        pairs.map(|(stable, written)| if written.is_nan() { f64::NAN } else { stable }).collect()
    }
}

/// Components of the score at θ.
#[derive(Debug)]
pub(super) struct Score<'a> {
    program: Program,
    theta: &'a [f64],
}

impl<'a> Score<'a> {
    /// The score of these components of the data.
    pub fn of(model: &Model, components: &[usize], theta: &'a [f64]) -> Self {
        let mut graph = model.graph().clone();
        let (rows, parameters) = (model.row_inputs(), model.parameter_inputs());
        let moving: Vec<_> = components.iter().map(|&k| rows[k]).collect();
        let moving = nodes(&graph, &moving);
        let score: Vec<ExprId> = gradient(&mut graph, model.log_density(), &moving);
        Self { program: Program::compile(&graph, &Layout { rows, parameters }, &score), theta }
    }

    /// The `output`-th of them where input `column` moves and the others stand at `centre`.
    pub fn along(&self, output: usize, column: usize, points: &[f64], centre: &[f64]) -> Vec<f64> {
        let held = centre.iter().map(|&x| vec![x; points.len()]);
        let mut columns: Vec<Vec<f64>> = held.collect();
        columns[column] = points.to_vec();
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        self.program.rows(&slices, self.theta, 1).swap_remove(output)
    }
}
