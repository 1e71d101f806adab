//! A model as functions of the data: log p and the score at θ, at any points.

use crate::calculus::gradient;
use crate::graph::{ExprId, InputId};
use crate::model::Model;
use crate::program::{Layout, Program};

/// The inputs that points are given for: the data, and the covariates that log p contains, in order
/// of all data and covariates.
fn moving(model: &Model) -> Vec<InputId> {
    match model.conditions()[..] {
        [] => model.data().iter().map(|component| component.input).collect(),
        _ => model.row_inputs(),
    }
}

/// log p at θ.
#[derive(Debug)]
pub(crate) struct LogDensity<'a> {
    stable: Program,
    written: Program,
    width: usize,
    theta: &'a [f64],
}

impl<'a> LogDensity<'a> {
    pub fn of(model: &Model, theta: &'a [f64]) -> Self {
        let layout = Layout { rows: moving(model), parameters: model.parameter_inputs() };
        let width = layout.rows.len();
        let stable = Program::compile(model.graph(), &layout, &[model.log_density()]);
        let (graph, log_density) = model.verbatim();
        let written = Program::compile(graph, &layout, &[log_density]);
        Self { stable, written, width, theta }
    }

    /// At points by columns: those of the data, and of the covariates where log p contains any;
    /// further columns are not looked at. NaN where log p as written is none: derived forms may have
    /// larger domains.
    pub fn at(&self, columns: &[&[f64]]) -> Vec<f64> {
        let columns = &columns[..self.width];
        let value = |program: &Program| program.rows(columns, self.theta, 1).swap_remove(0);
        let pairs = value(&self.stable).into_iter().zip(value(&self.written));
        pairs.map(|(stable, written)| if written.is_nan() { f64::NAN } else { stable }).collect()
    }
}

/// Components of the score at θ.
#[derive(Debug)]
pub(crate) struct Score<'a> {
    program: Program,
    width: usize,
    theta: &'a [f64],
}

impl<'a> Score<'a> {
    /// The score of these components of the data.
    pub fn of(model: &Model, components: &[usize], theta: &'a [f64]) -> Self {
        let mut graph = model.graph().clone();
        let inputs = model.row_inputs();
        let wanted: Vec<_> = components.iter().map(|&k| graph.input_node(inputs[k])).collect();
        let score: Vec<ExprId> = gradient(&mut graph, model.log_density(), &wanted);
        let layout = Layout { rows: moving(model), parameters: model.parameter_inputs() };
        let width = layout.rows.len();
        Self { program: Program::compile(&graph, &layout, &score), width, theta }
    }

    /// All of them at points by columns, as for [`LogDensity::at`].
    pub fn at(&self, columns: &[&[f64]]) -> Vec<Vec<f64>> {
        self.program.rows(&columns[..self.width], self.theta, 1)
    }

    /// The `output`-th of them where input `column` moves and the others stand at `centre`.
    pub fn along(&self, output: usize, column: usize, points: &[f64], centre: &[f64]) -> Vec<f64> {
        let held = centre.iter().map(|&x| vec![x; points.len()]);
        let mut columns: Vec<Vec<f64>> = held.collect();
        columns[column] = points.to_vec();
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        self.at(&slices).swap_remove(output)
    }
}
