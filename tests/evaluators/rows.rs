//! Many rows, and no rows: results do not depend on threads or on other outputs, blocks are merged
//! in order, and means are accurate.

use scorematch::graph::{ExprId, Function, Graph};
use scorematch::program::BLOCK;

use crate::judge::{Bench, noise};
use crate::support::{Tolerance, assert_close};

#[test]
fn no_rows_no_outputs() {
    let bench = Bench::new(Graph::new());
    let none: [&[f64]; 2] = [&[], &[]];
    assert!(bench.means(&[bench.x]).evaluate(&none, &[0.0; 2], 4)[0].is_nan());
    assert!(bench.means(&[]).evaluate(&[&[1.0], &[1.0]], &[0.0; 2], 1).is_empty());
}

/// Several outputs of an expression with many operations.
fn busy(bench: &mut Bench) -> Vec<ExprId> {
    let Bench { x, y, a, b, .. } = *bench;
    let g = &mut bench.graph;
    let product = g.mul(a, x);
    let inner = g.sub(product, y);
    let tanh = g.call(Function::Tanh, inner);
    let exp = g.call(Function::Exp, x);
    let ratio = g.div(tanh, b);
    vec![g.mul(ratio, exp), tanh, g.add(exp, y)]
}

#[test]
fn threads_change_no_byte() {
    let mut bench = Bench::new(Graph::new());
    let roots = busy(&mut bench);
    let (program, means_program) = (bench.compile(&roots), bench.means(&roots));
    let (x, y) = (noise(200_003, 5), noise(200_003, 6));
    let columns: [&[f64]; 2] = [&x, &y];
    let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
    let (means, rows) =
        (means_program.evaluate(&columns, &[0.3, 2.0], 1), program.rows(&columns, &[0.3, 2.0], 1));
    for threads in [2, 3, 8] {
        assert_eq!(
            bits(means_program.evaluate(&columns, &[0.3, 2.0], threads)),
            bits(means.clone())
        );
        assert_eq!(program.rows(&columns, &[0.3, 2.0], threads), rows, "{threads} threads");
    }
}

/// The length of a tile depends on the number of slots, but a mean must not depend on it. (A few
/// means alone have more partial sums each.)
#[test]
fn other_outputs_do_not_change_the_bits_of_a_mean() {
    let mut bench = Bench::new(Graph::new());
    let mut roots = busy(&mut bench);
    for k in 1..400 {
        let shift = bench.graph.integer(k);
        let moved = bench.graph.add(bench.x, shift);
        roots.push(bench.graph.call(Function::Sin, moved));
    }
    let (x, y) = (noise(10_007, 5), noise(10_007, 6));
    let means = |roots: &[ExprId]| bench.means(roots).evaluate(&[&x, &y], &[0.3, 2.0], 1);
    assert_eq!(means(&roots[..20]), means(&roots)[..20]);
}

#[test]
fn blocks_are_merged_in_the_order_of_the_rows() {
    let bench = Bench::new(Graph::new());
    let program = bench.compile(&[bench.x, bench.a]);
    let x: Vec<f64> = (0..50 * BLOCK + 17).map(|row| row as f64).collect();
    for threads in [1, 2, 3, 8] {
        let rows = program.rows(&[&x, &x], &[0.5; 2], threads);
        assert_eq!(rows[0], x, "{threads} threads");
        assert_eq!(rows[1], vec![0.5; x.len()], "{threads} threads");
    }
}

#[test]
fn means_are_accurate_and_keep_infinities() {
    let bench = Bench::new(Graph::new());
    let program = bench.means(&[bench.x, bench.y]);
    let tenths = vec![0.1; 1_000_000];
    let mut y = tenths.clone();
    y[777_777] = f64::INFINITY;
    let means = program.evaluate(&[&tenths, &y], &[0.0; 2], 2);
    assert_close(means[0], 0.1, Tolerance::Ulps(64.0), "mean of tenths");
    assert_eq!(means[1], f64::INFINITY);
    y[3] = f64::NAN;
    assert!(program.evaluate(&[&tenths, &y], &[0.0; 2], 2)[1].is_nan());
}
