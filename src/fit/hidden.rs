//! Parameters that a sphere or a simplex hides.
//!
//! Score matching sees log p along the domain of the data. A term that is the same at all its points,
//! as `c*(x'*x)` on a sphere or `c*sum(u)` on a simplex, only scales the density, whatever its
//! derivatives are in the coordinates of the text: the loss of a row contains c, and its value does
//! not.

use crate::calculus::gradient;
use crate::graph::{ExprId, Graph, evaluate};
use crate::model::{Model, Support};
use crate::numerics::rng::{Stream, stream};

/// The key of the random points.
const KEY: u64 = 43;
/// Points of the parameters, and of the domain at each.
const DRAWS: u64 = 3;
const POINTS: usize = 4;
/// Slopes of log p closer than this share of their size are the same.
const SAME: f64 = 1e-11;

/// By parameter, a value inside its constraint where the parameter is hidden: log p has the same slope
/// in it at all points of the domain that share their covariates. Those that are held are not asked.
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
        let level = levels(model, &graph, &slopes, &mut stream(KEY, draw));
        hidden.iter_mut().zip(level).for_each(|(hidden, level)| *hidden &= level);
    }
    let coordinates = model.transform(&mut Graph::new()).free.len();
    let middle = model.from_free(&vec![0.0; coordinates]);
    hidden.iter().zip(middle).map(|(&hidden, value)| hidden.then_some(value)).collect()
}

/// By expression, whether it is the same at random points of the domain, for random parameters and
/// covariates.
fn levels(model: &Model, graph: &Graph, roots: &[ExprId], stream: &mut Stream) -> Vec<bool> {
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
