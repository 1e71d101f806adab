//! The reference evaluator: one row, any floating-point type. It is the semantics of the graph;
//! every compiled kernel is tested against it.

use num_traits::Float;

use super::domain::place;
use super::{ExprId, Graph, InputId, Node, Number, Part, Relation};

/// Evaluates the roots at one point; `inputs` gives the value of each input.
///
/// # Examples
/// ```
/// use scorematch::graph::{Graph, Support, evaluate};
/// let mut g = Graph::new();
/// let x = g.input("x", Support::LINE);
/// let square = g.powi(x, 2);
/// assert_eq!(evaluate(&g, &[square], |_| 3.0), [9.0]);
/// ```
pub fn evaluate<T: Float>(
    graph: &Graph,
    roots: &[ExprId],
    inputs: impl Fn(InputId) -> T,
) -> Vec<T> {
    evaluate_live(graph, &graph.live(roots), roots, inputs)
}

/// [`evaluate`] for roots of which [`Graph::live`] is known, as at one of many points.
pub(crate) fn evaluate_live<T: Float>(
    graph: &Graph,
    live: &[ExprId],
    roots: &[ExprId],
    inputs: impl Fn(InputId) -> T,
) -> Vec<T> {
    let mut values = vec![T::nan(); graph.len()];
    for &id in live {
        values[id.index()] = value(graph, graph.node(id), &values, &inputs);
    }
    roots.iter().map(|root| values[root.index()]).collect()
}

fn value<T: Float>(graph: &Graph, node: Node, values: &[T], inputs: &impl Fn(InputId) -> T) -> T {
    let of = |id: ExprId| values[id.index()];
    match node {
        Node::One => T::one(),
        Node::Pi => T::one().atan() * Number::integer(4).to(),
        Node::Input(input) => inputs(input),
        Node::Call(function, u) => function.eval(of(u)),
        Node::Binary(function, a, b) => function.eval(of(a), of(b)),
        Node::Sum(parts) => total(graph.parts(parts).iter().map(|part| {
            if part.weight.is_one() { of(part.expr) } else { part.weight.to::<T>() * of(part.expr) }
        })),
        Node::Product(parts) => graph
            .parts(parts)
            .iter()
            .fold(T::one(), |product, part| product * power(*part, of(part.expr))),
        Node::Compare(relation, a, b) => truth(relation, of(a), of(b)),
        Node::Select(c, then, otherwise) => {
            if of(c).is_one() {
                of(then)
            } else {
                of(otherwise)
            }
        }
        Node::Gather(list, index) => {
            let index = of(index).to_f64().unwrap_or(f64::NAN);
            place(index, graph.list(list)).map_or(T::nan(), of)
        }
        Node::Dot(a, b) => {
            let pairs = graph.list(a).iter().zip(graph.list(b));
            total(pairs.map(|(&a, &b)| of(a) * of(b)))
        }
        Node::LogSumExp(c, u) => {
            let pairs = graph.list(c).iter().zip(graph.list(u));
            let (largest, sum) = scaled_sum(pairs.map(|(&c, &u)| (of(c), of(u))));
            if largest.is_infinite() { largest } else { largest + sum.ln() }
        }
        // The mean over one row.
        Node::Mean(u) => of(u),
        Node::Share(u, log_sum) => {
            let Node::LogSumExp(c, exponents) = graph.node(log_sum) else {
                unreachable!("a softmax weight refers to a log-sum-exp")
            };
            let pairs = graph.list(c).iter().zip(graph.list(exponents));
            let (largest, sum) = scaled_sum(pairs.map(|(&c, &u)| (of(c), of(u))));
            (of(u) - largest).exp() / sum
        }
    }
}

/// The sum from the left; a sum of zeros of one sign keeps that sign.
fn total<T: Float>(terms: impl Iterator<Item = T>) -> T {
    terms.reduce(|sum, term| sum + term).unwrap_or_else(T::zero)
}

/// base ^ weight: repeated multiplication for integers, roots for halves, `powf` otherwise.
fn power<T: Float>(part: Part, base: T) -> T {
    let exponent = part.weight;
    match (exponent.as_integer().map(i32::try_from), exponent.as_ratio()) {
        (Some(Ok(1)), _) => base,
        (Some(Ok(n)), _) => base.powi(n),
        (_, Some((1, 2))) => base.sqrt(),
        (_, Some((-1, 2))) => base.sqrt().recip(),
        _ => base.powf(exponent.to()),
    }
}

fn truth<T: Float>(relation: Relation, a: T, b: T) -> T {
    let holds = match relation {
        Relation::Less => a < b,
        Relation::LessEqual => a <= b,
        Relation::Equal => a == b,
    };
    if holds { T::one() } else { T::zero() }
}

/// (m, Σ c_k e^(u_k - m)) with m the largest u_k + log |c_k| over c_k ≠ 0: the log-sum-exp is
/// m + log of the sum. An infinite m stands for itself, a NaN anywhere makes both NaN.
fn scaled_sum<T: Float>(pairs: impl Iterator<Item = (T, T)> + Clone) -> (T, T) {
    let terms = pairs.filter(|(c, _)| !c.is_zero());
    if terms.clone().any(|(c, u)| c.is_nan() || u.is_nan()) {
        return (T::nan(), T::nan());
    }
    let largest = terms.clone().fold(T::neg_infinity(), |m, (c, u)| m.max(u + c.abs().ln()));
    (largest, terms.fold(T::zero(), |sum, (c, u)| sum + c * (u - largest).exp()))
}
