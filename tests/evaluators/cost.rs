//! The cost of a program: its operations as counted and listed, and deep chains.

use scorematch::graph::{ExprId, Function, Graph, InputId, Number, Part, Support};
use scorematch::program::{Layout, Program};

use crate::judge::Bench;

fn inputs(graph: &Graph, nodes: &[ExprId]) -> Vec<InputId> {
    nodes.iter().map(|&node| graph.as_input(node).expect("an input")).collect()
}

/// Hoisting, sharing and multiply-adds leave few operations per row.
#[test]
fn the_gaussian_needs_three_operations_on_a_row() {
    let mut g = Graph::new();
    let [x, mu] = ["x", "mu"].map(|name| g.input(name, Support::LINE));
    let s2 = g.input("s2", Support { low: 0.0, high: f64::INFINITY });
    // ρ = -1/s2 + (x - mu)²/(2 s2²)
    let centred = g.sub(x, mu);
    let inverse = g.powi(s2, -1);
    let score = g.mul(centred, inverse);
    let square = g.powi(score, 2);
    let rho = g.sum(&[
        Part { weight: Number::MINUS_ONE, expr: inverse },
        Part { weight: Number::ratio(1, 2), expr: square },
    ]);
    let layout = Layout { rows: inputs(&g, &[x]), parameters: inputs(&g, &[mu, s2]) };
    let operations = Program::compile(&g, &layout, &[rho]).operations();
    assert_eq!((operations.data, operations.row), (0, 3), "shift, square, multiply-add");
}

/// log p = -Σ log cosh(w_i·x): the scores wᵀtanh share the projections.
#[test]
fn independent_components_need_two_matrix_products() {
    let d = 16;
    let mut g = Graph::new();
    let x: Vec<ExprId> = (0..d).map(|j| g.input(&format!("x[{j}]"), Support::LINE)).collect();
    let w: Vec<ExprId> = (0..d * d).map(|k| g.input(&format!("w[{k}]"), Support::LINE)).collect();
    let projections: Vec<ExprId> = (0..d).map(|i| g.dot(&w[i * d..][..d], &x)).collect();
    let tanh: Vec<ExprId> = projections.iter().map(|&u| g.call(Function::Tanh, u)).collect();
    let scores: Vec<ExprId> = (0..d)
        .map(|j| {
            let column: Vec<ExprId> = (0..d).map(|i| w[i * d + j]).collect();
            g.dot(&column, &tanh)
        })
        .collect();
    let layout = Layout { rows: inputs(&g, &x), parameters: inputs(&g, &w) };
    let operations = Program::compile(&g, &layout, &scores).operations();
    assert_eq!(operations.parameter, 0, "the weights are parameters as they stand");
    assert_eq!(operations.row, 2 * d * d + d, "two products and the functions between");
    assert!(operations.slots <= 2 * d + 2, "{operations:?}");
}

#[test]
fn the_listing_shows_every_stage() {
    let mut bench = Bench::new(Graph::new());
    let Bench { x, y, a, .. } = bench;
    let g = &mut bench.graph;
    let square = g.powi(a, 2);
    let exp = g.call(Function::Exp, y);
    let data = g.mul(x, exp);
    let root = g.mul(square, data);
    let listing = bench.compile(&[root]).to_string();
    let want = "once a call: 1 operations\n  s0 = a*a\n\
        on every row: 2 operations on data alone, 1 others, 0 sums, 2 slots, tiles of 2048\n  \
        t0 = exp(y)  # data\n  t1 = x*t0  # data\n  t0 = s0*t1\noutputs: t0\n";
    assert_eq!(listing, want);
}

/// A chain of a million calls on a row value and one of a million calls on a parameter.
#[test]
fn deep_chains_cost_linear_time_and_no_stack() {
    let mut bench = Bench::new(Graph::new());
    for start in [bench.x, bench.a] {
        let mut root = start;
        for k in 0..1_000_000 {
            root = match k % 3 {
                0 => bench.graph.call(Function::Sin, root),
                1 => bench.graph.mul(root, bench.b),
                _ => bench.graph.add(root, bench.y),
            };
        }
        let got = bench.compile(&[root]).rows(&[&[0.3], &[0.4]], &[0.5, 1.5], 1)[0][0];
        assert_eq!(got, bench.reference(&[root], [0.3, 0.4, 0.5, 1.5])[0]);
    }
}
