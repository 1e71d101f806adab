//! Constants, parameters and rows in one expression: inner products, sums of exponentials, and
//! outputs with every combination of stages.

use scorematch::graph::{ExprId, Function, Graph};
use scorematch::program::Program;

use crate::judge::{Bench, SPECIAL, noise};
use crate::support::{Tolerance, assert_close};

/// Σ a_i b_i with every combination of stages, on integers, whose sums are exact in any order.
#[test]
fn inner_products_of_every_mixture_of_stages() {
    let mut bench = Bench::new(Graph::new());
    let Bench { x, y, a, b, .. } = bench;
    let g = &mut bench.graph;
    let mut entry = |k: i64, of: ExprId| {
        let shift = g.integer(k);
        g.add(of, shift)
    };
    let sides: Vec<(ExprId, ExprId)> = [(x, y), (a, x), (y, b), (a, b), (x, x), (y, a)]
        .into_iter()
        .cycle()
        .zip(0..25)
        .map(|((left, right), k)| (entry(k, left), entry(k * k - 30, right)))
        .collect();
    let (left, right): (Vec<_>, Vec<_>) = sides.into_iter().unzip();
    let integers = |seed| noise(1000, seed).iter().map(|v| (8.0 * v).round()).collect::<Vec<_>>();
    for length in 1..=left.len() {
        let root = bench.graph.dot(&left[..length], &right[..length]);
        bench.check(root, &[&integers(1), &integers(2)], [3.0, -2.0], Tolerance::Exact);
    }
}

/// Coefficients that are zero, negative, parameters or row values;
/// exponents of very different size.
#[test]
fn log_sum_exp_and_its_shares_with_every_mixture_of_stages() {
    let mut bench = Bench::new(Graph::new());
    let Bench { x, y, a, b, .. } = bench;
    let g = &mut bench.graph;
    let two = g.integer(2);
    let square = g.powi(x, 2);
    let cases = [
        (vec![two, a], vec![x, y]),
        (vec![a, b], vec![x, square]),
        (vec![a, x], vec![b, y]),
        (vec![y, a, two], vec![x, b, square]),
        (vec![a, b], vec![two, b]),
    ];
    let finite = |v: &&f64| !v.is_nan() && v.abs() <= 800.0 && **v != 0.0;
    let few: Vec<f64> = SPECIAL.iter().filter(finite).copied().chain([0.0]).collect();
    let (first, second): (Vec<f64>, Vec<f64>) =
        few.iter().flat_map(|&x| few.iter().map(move |&y| (x, y))).unzip();
    for (coefficients, exponents) in cases {
        let total = bench.graph.log_sum_exp(&coefficients, &exponents);
        let difference = bench.graph.sub(exponents[0], total);
        let share = bench.graph.call(Function::Exp, difference);
        for parameters in [[1.0, 3.0], [0.0, 2.0], [0.5, 0.0], [0.0, 0.0], [2.0, -700.0]] {
            for root in [total, share] {
                check_log_sum(&bench, root, &first, &second, parameters);
            }
        }
    }
}

/// Where terms of both signs cancel, errors are relative to the larger terms.
fn check_log_sum(bench: &Bench, root: ExprId, x: &[f64], y: &[f64], parameters: [f64; 2]) {
    for (name, program) in bench.on_all(&[root]) {
        println!("{name}");
        check_log_sum_by(bench, &program, root, &[x, y], parameters);
    }
}

fn check_log_sum_by(
    bench: &Bench,
    program: &Program,
    root: ExprId,
    [x, y]: &[&[f64]; 2],
    parameters: [f64; 2],
) {
    for (row, &got) in program.rows(&[x, y], &parameters, 1)[0].iter().enumerate() {
        let point = [x[row], y[row], parameters[0], parameters[1]];
        let want = bench.reference(&[root], point)[0];
        let tolerance = Tolerance::Absolute(1e-12 * want.abs().max(1.0));
        assert_close(got, want, tolerance, format_args!("{point:?}"));
    }
}

/// Outputs that are columns, parameters or constants, and one output twice.
#[test]
fn outputs_of_every_stage() {
    let mut bench = Bench::new(Graph::new());
    let Bench { x, a, .. } = bench;
    let product = bench.graph.mul(a, x);
    let square = bench.graph.powi(a, 2);
    let seven = bench.graph.integer(7);
    let program = bench.compile(&[x, a, product, square, seven, product, a]);
    let rows = program.rows(&[&[1.0, 2.0], &[0.0, 0.0]], &[3.0, 0.0], 1);
    let want = [[1.0, 2.0], [3.0, 3.0], [3.0, 6.0], [9.0, 9.0], [7.0, 7.0], [3.0, 6.0], [3.0, 3.0]];
    assert_eq!(rows, want);
}
