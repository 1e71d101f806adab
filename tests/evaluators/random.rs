//! Random expressions: of integers, where everything is exact, and of positive numbers, where
//! errors stay relative.

use proptest::prelude::*;
use scorematch::graph::{BinaryFunction, ExprId, Function, Graph, Number, Relation};

use crate::judge::{Bench, noise, part};
use crate::support::{Tolerance, is_close};

/// One step of a random straight-line expression: an operation and which earlier nodes it takes.
#[derive(Clone, Debug)]
struct Draw {
    kind: u8,
    left: usize,
    right: usize,
    number: i64,
}

fn draws(kinds: u8) -> impl Strategy<Value = Vec<Draw>> {
    let draw = (0..kinds, any::<usize>(), any::<usize>(), 1i64..5)
        .prop_map(|(kind, left, right, number)| Draw { kind, left, right, number });
    prop::collection::vec(draw, 1..40)
}

/// Integer arithmetic only: everything is exact, so that order and grouping cannot show.
fn grow_integers(bench: &mut Bench, draws: &[Draw]) -> Vec<ExprId> {
    let mut nodes = vec![bench.x, bench.y, bench.a, bench.b];
    let mut degrees = vec![1; 4];
    for draw in draws {
        let (i, j) = (draw.left % nodes.len(), draw.right % nodes.len());
        let (left, right) = (nodes[i], nodes[j]);
        let small = degrees[i] + degrees[j] <= 6;
        let weight = Number::integer(draw.number - 3);
        let g = &mut bench.graph;
        let node = match draw.kind {
            0 | 1 if small => g.mul(left, right),
            2 if degrees[i] <= 2 => g.powi(left, draw.number.min(3)),
            3 => g.binary(BinaryFunction::Min, left, right),
            4 => {
                let condition = g.compare(Relation::Less, left, right);
                g.select(condition, right, nodes[0])
            }
            5 => g.call(Function::Abs, left),
            _ => g.sum(&[part(Number::ONE, left), part(weight, right)]),
        };
        nodes.push(node);
        degrees.push(if draw.kind <= 1 && small {
            degrees[i] + degrees[j]
        } else if draw.kind == 2 && degrees[i] <= 2 {
            3 * degrees[i]
        } else {
            degrees[i].max(degrees[j])
        });
    }
    nodes.split_off(4)
}

/// Positive numbers and functions that keep them so: nothing cancels, so the errors stay relative.
fn grow_positive(bench: &mut Bench, draws: &[Draw]) -> Vec<ExprId> {
    let mut nodes = vec![bench.x, bench.y, bench.a, bench.b];
    for draw in draws {
        let (left, right) = (nodes[draw.left % nodes.len()], nodes[draw.right % nodes.len()]);
        let g = &mut bench.graph;
        let weight = Number::ratio(draw.number, 3);
        // A bounded argument keeps the values within the range of numbers.
        let bounded = g.call(Function::Tanh, left);
        let node = match draw.kind {
            0 => g.mul(bounded, right),
            1 => g.div(bounded, right),
            2 => g.product(&[part(Number::ratio(draw.number, 2), bounded)]),
            3 => g.call(Function::Softplus, bounded),
            4 => g.call(Function::Exp, bounded),
            5 => g.log_sum_exp(&[bounded, right], &[bounded, nodes[0]]),
            6 => g.call(Function::Sigmoid, left),
            _ => g.sum(&[part(weight, left), part(Number::ONE, right)]),
        };
        nodes.push(node);
    }
    nodes.split_off(4)
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_123), ..ProptestConfig::with_cases(200) })]

    #[test]
    fn random_integer_expressions_are_exact(draws in draws(9)) {
        let mut bench = Bench::new(Graph::new());
        let roots = grow_integers(&mut bench, &draws);
        let x: Vec<f64> = (0..13).map(|k| f64::from(k % 5 - 2)).collect();
        let y: Vec<f64> = (0..13).map(|k| f64::from(k % 3 - 1)).collect();
        let rows = bench.compile(&roots).rows(&[&x, &y], &[2.0, -3.0], 1);
        for (k, values) in rows.iter().enumerate() {
            for (row, &got) in values.iter().enumerate() {
                let want = bench.reference(&roots[k..=k], [x[row], y[row], 2.0, -3.0])[0];
                if want.abs() < 1e15 {
                    prop_assert_eq!(got, want, "output {}, row {}", k, row);
                }
            }
        }
    }

    #[test]
    fn random_positive_expressions_are_close(draws in draws(9)) {
        let mut bench = Bench::new(Graph::new());
        let roots = grow_positive(&mut bench, &draws);
        let x: Vec<f64> = noise(13, 7).iter().map(|v| 0.2 + v.abs()).collect();
        let y: Vec<f64> = noise(13, 8).iter().map(|v| 0.2 + v.abs()).collect();
        let rows = bench.compile(&roots).rows(&[&x, &y], &[0.7, 1.9], 1);
        for (k, values) in rows.iter().enumerate() {
            for (row, &got) in values.iter().enumerate() {
                let want = bench.reference(&roots[k..=k], [x[row], y[row], 0.7, 1.9])[0];
                prop_assert!(is_close(got, want, Tolerance::Ulps(1e4)), "{} and {}", got, want);
            }
        }
    }
}
