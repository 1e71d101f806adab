//! Warnings about declared edges: rows that lie on them, and density and weight beside them.
//!
//! With r the distance from an edge, t(r) = d log p / d log r there has to exceed -1, or there is no
//! integral. Integration by parts leaves h·∂log p·p behind, which has to vanish on the edge.

use crate::calculus::gradient;
use crate::fit::Warning;
use crate::fit::standardise::Spread;
use crate::graph::ExprId;
use crate::model::{Component, Model};
use crate::numerics::decimal::shortest;
use crate::objective::Specification;
use crate::program::Program;

use super::shape::layout;

/// Distances are 2^-1 … 2^-40 standard deviations.
const HALVINGS: i32 = 40;
/// How many of the nearest distances must agree.
const LAST: usize = 3;
/// Slack of t > -1: where t is -1 the integral diverges too.
const SLACK: f64 = 1e-9;
/// A flux whose logarithm falls by less where the distance is halved does not vanish.
const LEAST_FALL: f64 = 1e-6;
/// The share of rows on an edge from which on there is a warning.
const SHARE: f64 = 0.01;

/// One warning for each declared edge at which something is wrong. Columns of data, then of covariates,
/// and θ, all of them not standardised.
pub(in crate::fit) fn beside_edges(
    model: &Model,
    specification: &Specification,
    columns: &[&[f64]],
    theta: &[f64],
) -> Vec<Warning> {
    let components = model.data().iter().enumerate();
    let edges: Vec<(usize, (f64, f64))> = components
        .flat_map(|(k, one)| one.support.edges().into_iter().map(move |end| (k, end)))
        .collect();
    if edges.is_empty() {
        return Vec::new();
    }
    let beside = Edges::new(model, specification, columns);
    edges.into_iter().filter_map(|(k, edge)| beside.warning(k, edge, theta)).collect()
}

/// The declared edges of the data, approached one by one while other components stay at their means.
struct Edges<'a> {
    model: &'a Model,
    spreads: Vec<Spread>,
    /// log p, then by component its slope and its weight.
    program: Program,
}

/// Tail exponent and flux at one distance from an edge.
#[derive(Clone, Copy)]
struct Place {
    /// d log p / d log r
    t: f64,
    /// log |h ∂log p p|
    flux: f64,
}

impl<'a> Edges<'a> {
    fn new(model: &'a Model, specification: &Specification, columns: &[&[f64]]) -> Self {
        let mut graph = model.graph().clone();
        let data: Vec<ExprId> =
            model.data().iter().map(|component| graph.input_node(component.input)).collect();
        let score = gradient(&mut graph, model.log_density(), &data);
        let weights = specification.component_weights(&mut graph);
        let outputs = [vec![model.log_density()], score, weights].concat();
        let program = Program::compile(&graph, &layout(model), &outputs);
        Self { model, spreads: columns.iter().map(|column| Spread::of(column)).collect(), program }
    }

    fn warning(&self, k: usize, edge: (f64, f64), theta: &[f64]) -> Option<Warning> {
        let places = self.approach(k, edge, theta);
        let last = &places[places.len().checked_sub(LAST + 1)?..];
        let at = format!("{} = {}", self.model.data()[k].name, shortest(edge.1));
        if last[1..].iter().all(|place| place.t <= -1.0 + SLACK) {
            let headline = format!("the fitted log p rises too fast towards the edge {at}");
            let warning = Warning::new("may-not-normalise", headline)
                .meaning("The density may have no finite integral there")
                .remedy("Bound the parameters, as in `param a > 0` of (a - 1)*log(x)");
            return Some(warning);
        }
        let stays = |pair: &[Place]| pair[1].flux - pair[0].flux > -LEAST_FALL;
        last.windows(2).all(stays).then(|| {
            let headline =
                format!("weight times slope times density does not vanish at the edge {at}");
            Warning::new("flux-at-edge", headline)
                .meaning("Score matching integrates by parts there: the estimate is not consistent")
                .remedy("Take a faster `weight`, as the squared distance")
        })
    }

    /// The places on the way to an edge, the nearest last; without those where a value does not exist.
    fn approach(&self, k: usize, (sign, edge): (f64, f64), theta: &[f64]) -> Vec<Place> {
        let distance = |halvings: i32| f64::from(-halvings).exp2() * self.spreads[k].scale();
        let line: Vec<f64> = (1..=HALVINGS).map(|i| edge + sign * distance(i)).collect();
        let line: Vec<f64> = line.into_iter().filter(|&x| x != edge).collect();
        let column = |(j, spread): (usize, &Spread)| {
            if j == k { line.clone() } else { vec![spread.mean; line.len()] }
        };
        let columns: Vec<Vec<f64>> = self.spreads.iter().enumerate().map(column).collect();
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let values = self.program.rows(&slices, theta, 1);
        let d = self.model.data().len();
        let place = |(i, x): (usize, &f64)| {
            let (log_p, slope, weight) = (values[0][i], values[1 + k][i], values[1 + d + k][i]);
            Place { t: (x - edge) * slope, flux: log_p + slope.abs().ln() + weight.ln() }
        };
        let places = line.iter().enumerate().map(place);
        places.filter(|place| !place.t.is_nan() && !place.flux.is_nan()).collect()
    }
}

/// A warning where many rows lie on an edge and are no points of a continuum; from the values of a
/// component.
pub(super) fn mass_at_edge(component: &Component, column: &[f64]) -> Option<Warning> {
    let rows = column.len();
    let count = |edge: f64| column.iter().filter(|&&x| x == edge).count();
    let ends = component.support.edges().into_iter().map(|(_, edge)| (edge, count(edge)));
    let (edge, most) = ends.max_by_key(|&(_, count)| count)?;
    (most as f64 > SHARE * rows as f64).then(|| {
        let (name, edge) = (&component.name, shortest(edge));
        let headline = format!("`{name}` is {edge}, its declared edge, in {most} of {rows} rows");
        Warning::new("mass-at-edge", headline)
            .meaning("Their weight is zero")
            .meaning("A value with a probability of its own has no density")
            .remedy("Leave these rows out, or model them apart")
    })
}
