//! log p and its slopes in the coordinates of a chart, compiled, at one θ.

use super::chart::{Chart, inverse};
use crate::calculus::gradient;
use crate::graph::ExprId;
use crate::model::{Domain, Model};
use crate::program::{AtPoint, Layout, Program};

/// An affine change of coordinates: y = centre + scale z.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub centre: Vec<f64>,
    pub scale: Vec<f64>,
}

impl Frame {
    /// The frame y = z of this number of coordinates.
    pub fn identity(coordinates: usize) -> Self {
        Self { centre: vec![0.0; coordinates], scale: vec![1.0; coordinates] }
    }
}

/// A density in unbounded coordinates y.
#[derive(Debug)]
pub(super) struct Target<'a> {
    domains: Vec<Domain>,
    /// Computes log p, then its slopes, at y and covariates.
    slopes: Program,
    /// Computes x by data component at y.
    points: Program,
    coordinates: usize,
    theta: &'a [f64],
    /// The covariates by column; empty where log p contains none.
    given: Vec<Vec<f64>>,
}

impl<'a> Target<'a> {
    /// `given` has the covariates by column where log p contains any. The density is zero where one
    /// of the weights is not positive.
    pub fn new(model: &Model, theta: &'a [f64], given: &[&[f64]], weights: &[ExprId]) -> Self {
        let mut chart = Chart::of(model, weights);
        let y: Vec<_> = chart.inputs.iter().map(|&one| chart.graph.input_node(one)).collect();
        let mut outputs = vec![chart.log_density];
        outputs.extend(gradient(&mut chart.graph, chart.log_density, &y));
        let outputs = chart.graph.stabilise(&outputs);
        let parameters = model.parameter_inputs();
        let mut rows = chart.inputs.clone();
        if !given.is_empty() {
            rows.extend(model.covariates().iter().map(|one| one.input));
        }
        let layout = Layout { rows, parameters: parameters.clone() };
        let slopes = Program::compile(&chart.graph, &layout, &outputs);
        let layout = Layout { rows: chart.inputs.clone(), parameters };
        let points = Program::compile(&chart.graph, &layout, &chart.points);
        let given = given.iter().map(|column| column.to_vec()).collect();
        let coordinates = chart.inputs.len();
        Self { domains: model.domains(), slopes, points, coordinates, theta, given }
    }

    /// The number of coordinates.
    pub fn coordinates(&self) -> usize {
        self.coordinates
    }

    /// The number of rows of covariates; each gives a density of its own.
    pub fn conditions(&self) -> usize {
        self.given.first().map_or(1, Vec::len)
    }

    /// log p and its slopes at points y given by columns, where point i is given the covariates of
    /// row `row(i)`.
    pub fn at(&self, y: &[Vec<f64>], row: impl Fn(usize) -> usize) -> Vec<Vec<f64>> {
        let points = y[0].len();
        let given: Vec<Vec<f64>> =
            self.given.iter().map(|column| (0..points).map(|i| column[row(i)]).collect()).collect();
        let columns: Vec<&[f64]> = y.iter().chain(&given).map(Vec::as_slice).collect();
        self.slopes.rows(&columns, self.theta, 1)
    }

    /// log p and its slopes for single points in the coordinates of a frame, given a row of
    /// covariates.
    pub fn slopes(&self, row: usize, frame: Frame) -> Slopes<'_> {
        let given = self.given.iter().map(|column| column[row]);
        let inputs = frame.centre.iter().copied().chain(given).collect();
        let outputs = vec![0.0; 1 + self.coordinates];
        Slopes { program: self.slopes.at(self.theta), inputs, outputs, frame }
    }

    /// x by component at points y given by columns.
    pub fn points(&self, y: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let columns: Vec<&[f64]> = y.iter().map(Vec::as_slice).collect();
        self.points.rows(&columns, self.theta, 1)
    }

    /// y of a point x; entries are not finite on an edge.
    pub fn inverse(&self, x: &[f64]) -> Vec<f64> {
        let one = |domain: &Domain| inverse(domain, &x[domain.components.clone()]);
        self.domains.iter().flat_map(one).collect()
    }
}

/// Evaluates log p and its slopes at single points.
#[derive(Debug)]
pub(super) struct Slopes<'a> {
    program: AtPoint<'a>,
    /// The coordinates y of the last point, then the covariates.
    inputs: Vec<f64>,
    outputs: Vec<f64>,
    frame: Frame,
}

impl Slopes<'_> {
    /// log p at z, and its slopes in z; `None` where one of them is not finite.
    pub fn at(&mut self, z: &[f64], slopes: &mut [f64]) -> Option<f64> {
        let Frame { centre, scale } = &self.frame;
        let frame = centre.iter().zip(scale);
        for ((y, z), (centre, scale)) in self.inputs.iter_mut().zip(z).zip(frame) {
            *y = centre + scale * z;
        }
        self.program.row(&self.inputs, &mut self.outputs);
        let found = slopes.iter_mut().zip(&self.outputs[1..]).zip(scale);
        found.for_each(|((slope, found), scale)| *slope = found * scale);
        self.outputs.iter().all(|value| value.is_finite()).then_some(self.outputs[0])
    }
}
