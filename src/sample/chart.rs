//! Unbounded coordinates y for the data of a model, with log p and the log-volume element of the
//! change.
//!
//! | domain | x of y | added to log p |
//! |---|---|---|
//! | line | y | 0 |
//! | above a, below b | a + e^y, b - e^y | y |
//! | between a and b | a + (b - a)/(1 + e^-y) | log σ(y) + log σ(-y) |
//! | simplex of p parts | softmax of V y, V orthonormal p × (p - 1) (ilr) | Σ log x_k |
//! | sphere in R^p | y/‖y‖, y in R^p | -(log ‖y‖)²/(2 · 0.09) - p log ‖y‖ |
//! | circle | the angle of y in R² | as for a sphere, with p = 2 |
//!
//! On sphere and circle the length of y is an auxiliary coordinate, independent of x and not part
//! of the draws: its logarithm is normal with standard deviation 0.3, so that chains stay away from
//! the origin, where directions are undefined.

use crate::graph::{BinaryFunction, ExprId, Function, Graph, InputId, Number, Relation};
use crate::model::{Domain, Model, Support};

/// The data of a model as functions of unbounded coordinates.
#[derive(Debug)]
pub(super) struct Chart {
    pub graph: Graph,
    /// y
    pub inputs: Vec<InputId>,
    /// x by data component, as expressions of y.
    pub points: Vec<ExprId>,
    /// log p plus the log-volume elements, as an expression of y.
    pub log_density: ExprId,
}

/// x of one domain as expressions of y, and its term in log p.
struct DomainChart {
    points: Vec<ExprId>,
    volume: ExprId,
}

impl Chart {
    /// The chart of a model without binary data. log p is -∞ where one of the given weights,
    /// expressions in the graph of the model, is not positive.
    pub fn of(model: &Model, weights: &[ExprId]) -> Self {
        let mut graph = model.graph().clone();
        let (mut inputs, mut points) = (Vec::new(), Vec::new());
        let mut terms = vec![model.log_density()];
        for (place, domain) in model.domains().iter().enumerate() {
            let free: Vec<ExprId> = (0..coordinates(domain))
                .map(|k| graph.internal_input(&format!("y{}.{}", place + 1, k + 1)))
                .collect();
            let as_input = |&y: &ExprId| graph.as_input(y).expect("the node was made as an input");
            inputs.extend(free.iter().map(as_input));
            let domain_chart = domain_chart(&mut graph, domain, &free);
            points.extend(domain_chart.points);
            terms.push(domain_chart.volume);
        }
        let data: Vec<ExprId> =
            model.data().iter().map(|one| graph.input_node(one.input)).collect();
        let pairs: Vec<(ExprId, ExprId)> = data.into_iter().zip(points.iter().copied()).collect();
        terms[0] = graph.substitute(&terms[..1], &pairs)[0];
        let sum = graph.total(&terms);
        let weights = graph.substitute(weights, &pairs);
        let log_density = weights.into_iter().fold(sum, |inside, weight| {
            let zero = graph.zero();
            let (is_in, nowhere) = (
                graph.compare(Relation::Less, zero, weight),
                graph.number(Number::float(f64::NEG_INFINITY)),
            );
            graph.select(is_in, inside, nowhere)
        });
        let log_density = graph.stabilise(&[log_density])[0];
        Self { graph, inputs, points, log_density }
    }
}

/// The number of coordinates of a domain.
pub(super) fn coordinates(domain: &Domain) -> usize {
    match domain.support {
        Support::Line | Support::Above(_) | Support::Below(_) | Support::Between(..) => 1,
        Support::Circle => 2,
        Support::Sphere => domain.components.len(),
        Support::Simplex => domain.components.len() - 1,
        Support::Binary(..) => 0,
    }
}

fn domain_chart(g: &mut Graph, domain: &Domain, y: &[ExprId]) -> DomainChart {
    match domain.support {
        Support::Line => DomainChart { points: y.to_vec(), volume: g.zero() },
        Support::Above(low) => {
            let (low, size) = (float(g, low), g.call(Function::Exp, y[0]));
            DomainChart { points: vec![g.add(low, size)], volume: y[0] }
        }
        Support::Below(high) => {
            let (high, size) = (float(g, high), g.call(Function::Exp, y[0]));
            DomainChart { points: vec![g.sub(high, size)], volume: y[0] }
        }
        Support::Between(low, high) => between(g, (low, high), y[0]),
        Support::Circle => {
            let angle = g.binary(BinaryFunction::Atan2, y[1], y[0]);
            DomainChart { points: vec![angle], volume: length_law(g, y) }
        }
        Support::Sphere => {
            let square = g.sum_of_squares(y);
            let length = g.sqrt(square);
            let points = y.iter().map(|&y| g.div(y, length)).collect();
            DomainChart { points, volume: length_law(g, y) }
        }
        Support::Simplex => simplex(g, domain.components.len(), y),
        Support::Binary(..) => unreachable!("charts are of data of which no component is binary"),
    }
}

fn between(g: &mut Graph, (low, high): (f64, f64), y: ExprId) -> DomainChart {
    let share = g.call(Function::Sigmoid, y);
    let (from, width) = (float(g, low), float(g, high - low));
    let part = g.mul(width, share);
    // log σ(y) + log σ(-y) = -softplus(-y) - softplus(y)
    let opposite = g.neg(y);
    let (one, other) = (g.call(Function::Softplus, y), g.call(Function::Softplus, opposite));
    let both = g.add(one, other);
    DomainChart { points: vec![g.add(from, part)], volume: g.neg(both) }
}

fn simplex(g: &mut Graph, parts: usize, y: &[ExprId]) -> DomainChart {
    let contrasts = helmert(parts);
    let logit = |g: &mut Graph, row: &Vec<f64>| {
        let terms = row.iter().zip(y).filter(|(c, _)| **c != 0.0);
        let terms: Vec<ExprId> = terms.map(|(&c, &y)| g.scale(Number::float(c), y)).collect();
        g.total(&terms)
    };
    let logits: Vec<ExprId> = contrasts.iter().map(|row| logit(g, row)).collect();
    let ones = vec![g.one(); parts];
    let whole = g.log_sum_exp(&ones, &logits);
    let logs: Vec<ExprId> = logits.iter().map(|&logit| g.sub(logit, whole)).collect();
    let points = logs.iter().map(|&log| g.call(Function::Exp, log)).collect();
    DomainChart { points, volume: g.total(&logs) }
}

/// V, row by row: the orthonormal column k contrasts the first k + 1 parts with the next one.
pub(super) fn helmert(parts: usize) -> Vec<Vec<f64>> {
    let entry = |part: usize, k: usize| {
        let m = (k + 1) as f64;
        let length = (m * (m + 1.0)).sqrt();
        if part <= k {
            1.0 / length
        } else if part == k + 1 {
            -m / length
        } else {
            0.0
        }
    };
    (0..parts).map(|part| (0..parts - 1).map(|k| entry(part, k)).collect()).collect()
}

/// Coordinates y of a point x of a domain; not finite on an edge.
pub(super) fn inverse(domain: &Domain, x: &[f64]) -> Vec<f64> {
    match domain.support {
        Support::Line => x.to_vec(),
        Support::Above(low) => vec![(x[0] - low).ln()],
        Support::Below(high) => vec![(high - x[0]).ln()],
        Support::Between(low, high) => vec![((x[0] - low) / (high - x[0])).ln()],
        Support::Circle => vec![x[0].cos(), x[0].sin()],
        Support::Sphere => x.to_vec(),
        Support::Simplex => {
            let rows = helmert(x.len());
            let one = |k: usize| rows.iter().zip(x).map(|(row, x)| row[k] * x.ln()).sum();
            (0..x.len() - 1).map(one).collect()
        }
        Support::Binary(..) => Vec::new(),
    }
}

fn float(g: &mut Graph, value: f64) -> ExprId {
    if value == 0.0 { g.zero() } else { g.number(Number::float(value)) }
}

/// The term of log p that gives the length of y its distribution.
fn length_law(g: &mut Graph, y: &[ExprId]) -> ExprId {
    let square = g.sum_of_squares(y);
    let log = g.call(Function::Log, square);
    // log ‖y‖ is half of `log`, and 1/(2 · 0.09) = 50/9.
    let quadratic = g.powi(log, 2);
    let quadratic = g.scale(Number::ratio(-50, 36), quadratic);
    let linear = g.scale(Number::ratio(-(y.len() as i64), 2), log);
    g.add(quadratic, linear)
}
