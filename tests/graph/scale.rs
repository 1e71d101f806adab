//! Deep graphs need no stack, and time is linear in their size.

use std::time::{Duration, Instant};

use scorematch::graph::{ExprId, Function, Graph, Number, Part, Support, evaluate};

const DEEP: usize = 100_000;

/// A generous limit: a quadratic pass over these sizes takes minutes.
const PATIENCE: Duration = Duration::from_secs(20);

fn timed<T>(work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    assert!(start.elapsed() < PATIENCE, "took {:?}", start.elapsed());
    result
}

/// A chain of [`DEEP`] steps v → step(v).
fn chain(g: &mut Graph, step: impl Fn(&mut Graph, ExprId, ExprId) -> ExprId) -> ExprId {
    let (x, y) = (g.input("x", Support::LINE), g.input("y", Support::LINE));
    (0..DEEP).fold(x, |value, _| step(g, value, y))
}

/// Runs every pass over a deep chain.
fn survives(step: impl Fn(&mut Graph, ExprId, ExprId) -> ExprId) {
    timed(|| {
        let mut g = Graph::new();
        let root = chain(&mut g, step);
        assert_eq!(evaluate(&g, &[root], |_| 0.5_f64).len(), 1);
        let stable = g.stabilise(&[root])[0];
        assert_eq!(g.stabilise(&[stable]), [stable]);
        assert!(g.live(&[stable]).len() < 5 * DEEP);
        assert!(g.print(&[stable]).to_string().len() < 100 * DEEP);
        assert!(g.plain(stable).len() < 100 * DEEP);
        assert!(g.latex(&[stable]).exprs[0].len() < 100 * DEEP);
        let (x, one) = (g.input("x", Support::LINE), g.one());
        assert!(g.substitute(&[stable], &[(x, one)]).len() == 1);
    });
}

#[test]
fn deep_chains_of_functions() {
    survives(|g, value, _| g.call(Function::Sin, value));
    survives(|g, value, y| {
        let sum = g.add(value, y);
        g.call(Function::Softplus, sum)
    });
}

#[test]
fn deep_chains_of_sums_and_products() {
    survives(|g, value, y| {
        let product = g.mul(value, y);
        g.add(product, y)
    });
    survives(|g, value, y| {
        let sum = g.sum(&[Part::one(value), Part { weight: Number::ratio(1, 3), expr: y }]);
        g.powi(sum, -1)
    });
}

#[test]
fn deep_chains_of_logarithms_and_selects() {
    survives(|g, value, y| {
        let exponential = g.call(Function::Exp, value);
        let one = g.one();
        let sum = g.total(&[exponential, y, one]);
        g.call(Function::Log, sum)
    });
    survives(|g, value, y| {
        let zero = g.zero();
        let condition = g.compare(scorematch::graph::Relation::Less, value, y);
        let sine = g.call(Function::Sin, value);
        g.select(condition, sine, zero)
    });
}

#[test]
fn a_long_sum_built_term_by_term() {
    timed(|| {
        let mut g = Graph::new();
        let x = g.input("x", Support::LINE);
        let mut total = g.zero();
        for k in 0..DEEP {
            let shifted = {
                let k = g.integer(k as i64);
                g.add(x, k)
            };
            let sine = g.call(Function::Sin, shifted);
            total = g.add(total, sine);
        }
        assert!(evaluate(&g, &[total], |_| 0.5_f64)[0].is_finite());
        assert!(g.print(&[total]).to_string().len() < 100 * DEEP);
    });
}

#[test]
fn a_million_nodes() {
    timed(|| {
        let mut g = Graph::new();
        let inputs: Vec<ExprId> =
            (0..1000).map(|k| g.input(&format!("x[{}]", k + 1), Support::LINE)).collect();
        let mut terms = Vec::new();
        for &a in &inputs {
            terms.extend(inputs.iter().map(|&b| g.mul(a, b)));
        }
        let total = g.total(&terms);
        assert!(g.len() > 500_000);
        assert_eq!(evaluate(&g, &[total], |_| 1.0_f64), [1e6]);
        assert!(g.print(&[total]).exprs[0].len() > 1_000_000);
    });
}
