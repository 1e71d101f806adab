//! Every kind of node, on special values, on every instruction set, and for numbers of rows that do
//! not fill vectors or tiles.

use scorematch::graph::{ExprId, Function, Graph, Number, Part, Relation};
use scorematch::program::BLOCK;

use crate::functions::functions;
use crate::judge::{Bench, ELEMENTARY, SPECIAL, noise, part, special_pairs};
use crate::support::{Tolerance, assert_close};

/// Numbers of rows around those of lanes, groups of lanes, tiles and blocks.
const SIZES: [usize; 14] = [0, 1, 7, 8, 9, 63, 64, 65, 511, 512, 513, BLOCK - 1, BLOCK + 1, 20_001];

/// The name and the expression of a case, and the tolerance of its program.
type Case = (&'static str, fn(&mut Bench) -> ExprId, Tolerance);

fn power(g: &mut Bench, num: i64, den: i64) -> ExprId {
    let x = g.x;
    g.graph.product(&[part(Number::ratio(num, den), x)])
}

/// A sum with more terms than one pass takes, which do not cancel.
fn long_sum(bench: &mut Bench) -> ExprId {
    let rows = [bench.x, bench.y];
    let g = &mut bench.graph;
    let terms: Vec<Part> = (1..=11)
        .map(|k| {
            let exponent = g.scale(Number::ratio(k, 16), rows[k as usize % 2]);
            part(Number::ratio(k, 8), g.call(Function::Exp, exponent))
        })
        .collect();
    g.sum(&terms)
}

/// Every kind of node, with row values and parameters as arguments.
const NODES: [Case; 39] = [
    ("1", |g| g.graph.one(), Tolerance::Exact),
    ("0", |g| g.graph.zero(), Tolerance::Exact),
    ("pi", |g| g.graph.pi(), Tolerance::Exact),
    ("x", |g| g.x, Tolerance::Exact),
    ("a", |g| g.a, Tolerance::Exact),
    ("-x", |g| g.graph.neg(g.x), Tolerance::Exact),
    ("x + y", |g| g.graph.add(g.x, g.y), Tolerance::Exact),
    ("x - y", |g| g.graph.sub(g.x, g.y), Tolerance::Exact),
    ("x - a", |g| g.graph.sub(g.x, g.a), Tolerance::Exact),
    ("a - b", |g| g.graph.sub(g.a, g.b), Tolerance::Exact),
    ("x/3", |g| g.graph.scale(Number::ratio(1, 3), g.x), Tolerance::Ulps(1.0)),
    ("Σ of eleven", long_sum, Tolerance::Ulps(8.0)),
    ("x y", |g| g.graph.mul(g.x, g.y), Tolerance::Exact),
    ("a x", |g| g.graph.mul(g.a, g.x), Tolerance::Exact),
    ("a b", |g| g.graph.mul(g.a, g.b), Tolerance::Exact),
    ("x / y", |g| g.graph.div(g.x, g.y), Tolerance::Ulps(2.0)),
    ("x / a", |g| g.graph.div(g.x, g.a), Tolerance::Ulps(2.0)),
    ("a / x", |g| g.graph.div(g.a, g.x), Tolerance::Ulps(2.0)),
    ("x^2", |g| power(g, 2, 1), Tolerance::Exact),
    ("x^3", |g| power(g, 3, 1), Tolerance::Ulps(2.0)),
    ("x^7", |g| power(g, 7, 1), Tolerance::Ulps(8.0)),
    ("1/x", |g| power(g, -1, 1), Tolerance::Exact),
    ("x^-3", |g| power(g, -3, 1), Tolerance::Ulps(4.0)),
    ("sqrt x", |g| power(g, 1, 2), Tolerance::Exact),
    ("1/sqrt x", |g| power(g, -1, 2), Tolerance::Exact),
    ("x^(1/3)", |g| power(g, 1, 3), Tolerance::Exact),
    ("x < y", |g| g.graph.compare(Relation::Less, g.x, g.y), Tolerance::Exact),
    ("x <= a", |g| g.graph.compare(Relation::LessEqual, g.x, g.a), Tolerance::Exact),
    ("a == x", |g| g.graph.compare(Relation::Equal, g.a, g.x), Tolerance::Exact),
    ("if x < y then x else a", |g| select(g, g.x, g.y, g.x, g.a), Tolerance::Exact),
    ("if x < a then b else y", |g| select(g, g.x, g.a, g.b, g.y), Tolerance::Exact),
    ("if x < a then a else b", |g| select(g, g.x, g.a, g.a, g.b), Tolerance::Exact),
    ("if a < b then x else y", |g| select(g, g.a, g.b, g.x, g.y), Tolerance::Exact),
    ("if a < b then a else x", |g| select(g, g.a, g.b, g.a, g.x), Tolerance::Exact),
    ("[a, b, 7][x]", |g| gather(g, [g.a, g.b], g.x), Tolerance::Exact),
    ("[x, a, 7][y]", |g| gather(g, [g.x, g.a], g.y), Tolerance::Exact),
    ("[x, y, 7][a]", |g| gather(g, [g.x, g.y], g.a), Tolerance::Exact),
    ("if x <= y then log x else 0", guarded_log, ELEMENTARY),
    // Near zero, the largest exponent and the logarithm that is added to it cancel.
    ("log(e^x + e^y)", |g| log_sum_exp(g, [g.x, g.y]), Tolerance::UlpsOf(4.0, 1.0)),
];

fn select(g: &mut Bench, left: ExprId, right: ExprId, then: ExprId, other: ExprId) -> ExprId {
    let condition = g.graph.compare(Relation::Less, left, right);
    g.graph.select(condition, then, other)
}

fn gather(g: &mut Bench, [first, second]: [ExprId; 2], index: ExprId) -> ExprId {
    let seven = g.graph.integer(7);
    g.graph.gather(&[first, second, seven], index)
}

/// A branch that is NaN or infinite where it is not taken.
fn guarded_log(g: &mut Bench) -> ExprId {
    let log = g.graph.call(Function::Log, g.x);
    let (zero, y) = (g.graph.zero(), g.y);
    let condition = g.graph.compare(Relation::LessEqual, zero, y);
    g.graph.select(condition, log, zero)
}

fn log_sum_exp(g: &mut Bench, exponents: [ExprId; 2]) -> ExprId {
    let one = g.graph.one();
    g.graph.log_sum_exp(&[one, one], &exponents)
}

#[test]
fn every_kind_of_node_on_special_values() {
    let (first, second) = special_pairs();
    for (name, build, tolerance) in NODES {
        for graph in [Graph::new(), Graph::verbatim()] {
            let mut bench = Bench::new(graph);
            let root = build(&mut bench);
            println!("{name}");
            for parameters in [[0.0, -0.0], [2.5, -1.5], [f64::NAN, 1.0], [1.0, f64::INFINITY]] {
                bench.check(root, &[&first, &second], parameters, tolerance);
            }
        }
    }
}

/// All instruction sets with fused multiply-add give equal bits, in machine code and in kernels.
#[test]
fn fused_paths_give_the_same_bits() {
    let mut bench = Bench::new(Graph::new());
    let mut roots: Vec<ExprId> = NODES.iter().map(|(_, build, _)| build(&mut bench)).collect();
    for function in functions() {
        roots.push(bench.graph.call(function, bench.x));
    }
    let (mut x, mut y) = special_pairs();
    x.extend(noise(6000, 8));
    y.extend(noise(6000, 9));
    let columns: [&[f64]; 2] = [&x, &y];
    let fused = bench.on_all(&roots).into_iter().filter(|(name, _)| name != "portable");
    let results: Vec<_> =
        fused.map(|(name, program)| (name, program.rows(&columns, &[0.75, -1.25], 1))).collect();
    let (first, want) = &results[0];
    for (name, got) in &results[1..] {
        for (output, (got, want)) in got.iter().zip(want).enumerate() {
            for (row, (&got, &want)) in got.iter().zip(want).enumerate() {
                let what = format_args!("{name} and {first}: output {output}, row {row}");
                assert_close(got, want, Tolerance::Exact, what);
            }
        }
    }
}

#[test]
fn every_kind_of_node_on_every_number_of_rows() {
    for (name, build, tolerance) in NODES {
        let mut bench = Bench::new(Graph::new());
        let root = build(&mut bench);
        println!("{name}");
        for rows in SIZES {
            let (x, y) = (noise(rows, 1), noise(rows, 2));
            bench.check(root, &[&x, &y], [0.75, -1.25], tolerance);
        }
    }
}

/// (x^(k/2))² is x^k for x ≥ 0; small half-integer powers are computed by the square root, which
/// differs from `powf` at -0 and -∞ only.
#[test]
fn half_integer_powers_use_the_square_root() {
    for k in [3, -3, 5, -7, 31] {
        let mut bench = Bench::new(Graph::verbatim());
        let root = power(&mut bench, k, 2);
        let values: Vec<f64> = SPECIAL
            .into_iter()
            .filter(|x| *x != f64::NEG_INFINITY && x.to_bits() != 1 << 63)
            .collect();
        bench.check(root, &[&values, &values], [0.0; 2], Tolerance::Ulps(32.0));
    }
}
