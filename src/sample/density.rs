//! log p and the score of a model at θ, as functions of the data.

use crate::calculus::gradient;
use crate::graph::{ExprId, InputId};
use crate::model::Model;
use crate::program::{Layout, Program};

/// The inputs of points: the data, followed by all covariates where log p contains any.
fn point_inputs(model: &Model) -> Vec<InputId> {
    match model.conditions()[..] {
        [] => model.data().iter().map(|component| component.input).collect(),
        _ => model.row_inputs(),
    }
}

/// log p at a fixed θ.
#[derive(Debug)]
pub(crate) struct LogDensity<'a> {
    stable: Program,
    written: Program,
    width: usize,
    theta: &'a [f64],
}

impl<'a> LogDensity<'a> {
    pub fn of(model: &Model, theta: &'a [f64]) -> Self {
        let layout = Layout { rows: point_inputs(model), parameters: model.parameter_inputs() };
        let width = layout.rows.len();
        let stable = Program::compile(model.graph(), &layout, &[model.log_density()]);
        let (graph, log_density) = model.verbatim();
        let written = Program::compile(graph, &layout, &[log_density]);
        Self { stable, written, width, theta }
    }

    /// log p at points given by columns: the data, then all covariates where log p contains any;
    /// further columns are ignored. NaN where log p as written is NaN, since the stabilised form
    /// may have a larger domain.
    pub fn at(&self, columns: &[&[f64]]) -> Vec<f64> {
        let columns = &columns[..self.width];
        let value = |program: &Program| program.rows(columns, self.theta, 1).swap_remove(0);
        let pairs = value(&self.stable).into_iter().zip(value(&self.written));
        pairs.map(|(stable, written)| if written.is_nan() { f64::NAN } else { stable }).collect()
    }
}

/// Components of the score at a fixed θ.
#[derive(Debug)]
pub(crate) struct Score<'a> {
    program: Program,
    width: usize,
    theta: &'a [f64],
}

impl<'a> Score<'a> {
    /// The components of the score in these components of the data.
    pub fn of(model: &Model, components: &[usize], theta: &'a [f64]) -> Self {
        let mut graph = model.graph().clone();
        let inputs = model.row_inputs();
        let wanted: Vec<_> = components.iter().map(|&k| graph.input_node(inputs[k])).collect();
        let score: Vec<ExprId> = gradient(&mut graph, model.log_density(), &wanted);
        let layout = Layout { rows: point_inputs(model), parameters: model.parameter_inputs() };
        let width = layout.rows.len();
        Self { program: Program::compile(&graph, &layout, &score), width, theta }
    }

    /// All components at points given by columns, as for [`LogDensity::at`].
    pub fn at(&self, columns: &[&[f64]]) -> Vec<Vec<f64>> {
        self.program.rows(&columns[..self.width], self.theta, 1)
    }

    /// Component number `output` at points whose input `column` varies and whose other inputs are
    /// those of `centre`.
    pub fn along(&self, output: usize, column: usize, points: &[f64], centre: &[f64]) -> Vec<f64> {
        let held = centre.iter().map(|&x| vec![x; points.len()]);
        let mut columns: Vec<Vec<f64>> = held.collect();
        columns[column] = points.to_vec();
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        self.at(&slices).swap_remove(output)
    }
}
