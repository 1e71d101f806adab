//! Random points of a model: data inside their supports, parameters inside their constraints.

use crate::data::Selection;
use crate::graph::{Graph, InputId, evaluate};
use crate::model::{Model, Transform};
use crate::numerics::rng::{Stream, stream};

/// Value of the one input that only objectives have: the distance from an edge beyond which a default
/// weight is constant, which a fit takes from the data.
const BEYOND: f64 = 1.0;

/// A value for every input of a model, by position of the input.
#[derive(Clone, Debug)]
pub struct Point(Vec<f64>);

impl Point {
    pub fn at(&self, input: InputId) -> f64 {
        self.0.get(input.index()).copied().unwrap_or(BEYOND)
    }

    fn set(&mut self, input: InputId, value: f64) {
        self.0[input.index()] = value;
    }
}

/// Draws points of one model.
#[derive(Debug)]
pub struct Points<'a> {
    model: &'a Model,
    rows: Option<&'a Selection>,
    graph: Graph,
    transform: Transform,
    seed: u64,
}

impl<'a> Points<'a> {
    /// Points whose data are random rows of `rows`, or without rows draws from the supports.
    pub fn new(model: &'a Model, rows: Option<&'a Selection>, seed: u64) -> Self {
        let mut graph = model.graph().clone();
        let transform = model.transform(&mut graph);
        Self { model, rows, graph, transform, seed }
    }

    /// The point with a number; it depends on the number and the seed alone.
    pub fn point(&self, number: u64) -> Point {
        let mut stream = stream(self.seed, number);
        let mut point = Point(vec![f64::NAN; self.graph.inputs().len()]);
        match self.rows {
            Some(rows) => self.take_row(rows, &mut stream, &mut point),
            None => self.draw_row(&mut stream, &mut point),
        }
        self.draw_parameters(&mut stream, &mut point);
        // The inputs of the unconstrained parameters are removed, since an objective has inputs of
        // its own at their positions.
        point.0.truncate(self.model.graph().inputs().len());
        point
    }

    fn take_row(&self, rows: &Selection, stream: &mut Stream, point: &mut Point) {
        let row = stream.below(rows.rows());
        for (position, component) in self.components().enumerate() {
            point.set(component, rows.column(position)[row]);
        }
    }

    fn draw_row(&self, stream: &mut Stream, point: &mut Point) {
        let row = self.model.draw_point(stream);
        self.components().zip(row).for_each(|(component, value)| point.set(component, value));
    }

    /// The inputs of the data components, then of the covariates.
    fn components(&self) -> impl Iterator<Item = InputId> {
        self.model.data().iter().chain(self.model.covariates()).map(|component| component.input)
    }

    /// Draws parameters that are standard normal on the unconstrained scale.
    fn draw_parameters(&self, stream: &mut Stream, point: &mut Point) {
        for &free in &self.transform.free {
            point.set(free, stream.normal());
        }
        let theta = evaluate(&self.graph, &self.transform.theta, |input| point.at(input));
        for (parameter, value) in self.model.parameters().iter().zip(theta) {
            point.set(parameter.input, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_satisfy_the_constraints_and_repeat() {
        let text = "data x; param s2 > 0, w[3] simplex; -x^2/(2*s2) + w[1]*sin(w[2]*x)";
        let model = Model::parse(text).expect("a model");
        let points = Points::new(&model, None, 7);
        for number in 0..20 {
            let point = points.point(number);
            let theta = model.parameters().iter().map(|parameter| point.at(parameter.input));
            let theta: Vec<f64> = theta.collect();
            assert!(model.to_free(&theta).is_some(), "{theta:?}");
            assert_eq!(points.point(number).0, point.0);
        }
    }
}
