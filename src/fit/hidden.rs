//! Parameters that score matching on a sphere or a simplex cannot see.
//!
//! Score matching sees log p along the domain of the data. A term that is constant on the domain, as
//! `c*(x'*x)` on a sphere or `c*sum(u)` on a simplex, only scales the density, although its
//! derivatives in the coordinates of the text are not zero: the loss of a row contains c, and its
//! value does not depend on c.

use crate::calculus::gradient;
use crate::graph::{ExprId, Graph, evaluate};
use crate::model::{Model, Support};
use crate::numerics::rng::{Stream, stream};

/// Key of the random stream.
const KEY: u64 = 43;
/// Random parameter vectors, and points of the domain for each.
const DRAWS: u64 = 3;
const POINTS: usize = 4;
/// Derivatives of log p that differ by at most this relative amount are equal.
const SAME: f64 = 1e-11;

/// By parameter, a value inside its constraint where the parameter is hidden: the derivative of log p
/// by it is constant over the points of the domain with equal covariates. `None` for all others, held
/// ones included.
pub(super) fn hidden(model: &Model, held: &[bool]) -> Vec<Option<f64>> {
    let domains = model.domains();
    let curved = |support| matches!(support, Support::Sphere | Support::Simplex);
    if !domains.iter().any(|domain| curved(domain.support)) {
        return vec![None; held.len()];
    }
    let mut graph = model.graph().clone();
    let nodes: Vec<ExprId> =
        model.parameter_inputs().iter().map(|&one| graph.input_node(one)).collect();
    let slopes = gradient(&mut graph, model.log_density(), &nodes);
    let mut hidden: Vec<bool> = held.iter().map(|held| !held).collect();
    for draw in 0..DRAWS {
        let level = constant(model, &graph, &slopes, &mut stream(KEY, draw));
        hidden.iter_mut().zip(level).for_each(|(hidden, level)| *hidden &= level);
    }
    let coordinates = model.transform(&mut Graph::new()).free.len();
    let middle = model.from_free(&vec![0.0; coordinates]);
    hidden.iter().zip(middle).map(|(&hidden, value)| hidden.then_some(value)).collect()
}

/// By expression, whether it is constant over random points of the domain, for random parameters and
/// covariates.
fn constant(model: &Model, graph: &Graph, roots: &[ExprId], stream: &mut Stream) -> Vec<bool> {
    let mut table = vec![f64::NAN; graph.inputs().len()];
    let parameters = model.parameter_inputs().into_iter().zip(model.draw_parameters(stream));
    parameters.for_each(|(input, value)| table[input.index()] = value);
    let rows = model.row_inputs();
    let given = model.draw_point(stream).split_off(model.data().len());
    let mut at = || {
        let mut point = model.draw_point(stream);
        point[model.data().len()..].copy_from_slice(&given);
        rows.iter().zip(point).for_each(|(input, value)| table[input.index()] = value);
        evaluate(graph, roots, |input| table[input.index()])
    };
    let first = at();
    let mut level = vec![true; roots.len()];
    for _ in 1..POINTS {
        let pairs = first.iter().zip(at());
        level.iter_mut().zip(pairs).for_each(|(level, (&a, b))| {
            *level &= (a - b).abs() <= SAME * a.abs().max(b.abs());
        });
    }
    level
}
