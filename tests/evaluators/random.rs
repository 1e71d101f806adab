//! Random expressions: of integers, which are exact, and of positive numbers,
//! whose errors remain relative.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use scorematch::graph::{BinaryFunction, ExprId, Function, Graph, Number, Relation};
use scorematch::program::{BLOCK, Isa, Program};

use crate::judge::{Bench, noise, part};
use crate::support::{Tolerance, is_close};

/// A step of a random straight-line program: an operation and the earlier nodes that it takes.
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

/// Adds integer operations, which are exact, so that order and grouping have no effect.
fn grow_integers(bench: &mut Bench, draws: &[Draw]) -> Vec<ExprId> {
    let mut nodes = vec![bench.x, bench.y, bench.a, bench.b];
    let mut degrees = vec![1; 4];
    for draw in draws {
        let (i, j) = (draw.left % nodes.len(), draw.right % nodes.len());
        let (left, right) = (nodes[i], nodes[j]);
        let relation =
            [Relation::Less, Relation::LessEqual, Relation::Equal][draw.number as usize % 3];
        let small = degrees[i] + degrees[j] <= 6;
        if draw.kind == 8 {
            // The value of one node in the rows of each of four levels of another.
            for k in 1..=4 {
                let (zero, level) = (bench.graph.zero(), bench.graph.integer(k));
                let level = bench.graph.compare(Relation::Equal, right, level);
                nodes.push(bench.graph.select(level, left, zero));
                degrees.push(degrees[i]);
            }
            continue;
        }
        let weight = Number::integer(draw.number - 3);
        let g = &mut bench.graph;
        let node = match draw.kind {
            0 | 1 if small => g.mul(left, right),
            2 if degrees[i] <= 2 => g.powi(left, draw.number.min(3)),
            3 => g.binary(BinaryFunction::Min, left, right),
            4 => {
                let condition = g.compare(relation, left, right);
                g.select(condition, right, nodes[0])
            }
            5 => g.call(Function::Abs, left),
            6 => g.binary(BinaryFunction::Max, left, right),
            7 => {
                // An index that is often outside the list.
                let three = g.integer(3);
                let most = g.binary(BinaryFunction::Min, left, three);
                let entry = g.gather(&[left, right, nodes[0]], most);
                let known = g.compare(Relation::Equal, entry, entry);
                g.select(known, entry, nodes[0])
            }
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

/// Adds operations that keep numbers positive, so that no terms cancel and errors remain relative.
fn grow_positive(bench: &mut Bench, draws: &[Draw]) -> Vec<ExprId> {
    let mut nodes = vec![bench.x, bench.y, bench.a, bench.b];
    for draw in draws {
        let (left, right) = (nodes[draw.left % nodes.len()], nodes[draw.right % nodes.len()]);
        let g = &mut bench.graph;
        let weight = Number::ratio(draw.number, 3);
        // A bounded argument keeps the values within the range of doubles.
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

/// Numbers of rows: for kernels alone, for machine code alone, and for several tiles of which
/// kernels take the last.
const ROWS: [usize; 3] = [13, 64, BLOCK + 64 + 5];

/// Number of points that the rows repeat; it is a prime, so that each point occurs in every lane.
const POINTS: usize = 67;

/// A kind of random programs, with the points and parameters at which they are run.
struct Kind {
    grow: fn(&mut Bench, &[Draw]) -> Vec<ExprId>,
    /// The points, one list for each column.
    points: [Vec<f64>; 2],
    parameters: [f64; 2],
    tolerance: Tolerance,
    /// Larger values are not compared: integers are no longer exact there.
    most: f64,
    /// Whether some of the programs have means over levels.
    has_tables: bool,
}

/// Compares all paths for the same expressions: kernels and machine code must agree, and both must
/// agree with the reference.
struct Trial<'a> {
    kind: &'a Kind,
    /// The reference values at the points, for each output.
    want: Vec<Vec<f64>>,
}

impl<'a> Trial<'a> {
    fn new(kind: &'a Kind, bench: &Bench, roots: &[ExprId]) -> Self {
        let [x, y] = &kind.points;
        let [a, b] = kind.parameters;
        let at = |point: usize| bench.reference(roots, [x[point], y[point], a, b]);
        let by_point: Vec<Vec<f64>> = (0..POINTS).map(at).collect();
        let output = |k: usize| by_point.iter().map(|values| values[k]).collect();
        Self { kind, want: (0..roots.len()).map(output).collect() }
    }

    fn columns(&self, rows: usize) -> [Vec<f64>; 2] {
        self.kind.points.each_ref().map(|points| cycled(points, rows))
    }

    /// Compares values on every row; kernels and machine code must give equal bits.
    fn rows(&self, [coded, kernels]: [&Program; 2], rows: usize) -> Result<(), TestCaseError> {
        let [x, y] = self.columns(rows);
        let run = |program: &Program| program.rows(&[&x, &y], &self.kind.parameters, 1);
        let (coded, kernels) = (run(coded), run(kernels));
        for (k, want) in self.want.iter().enumerate() {
            for (row, (&got, &same)) in coded[k].iter().zip(&kernels[k]).enumerate() {
                let what = || format!("output {k}, row {row} of {rows}: {got} and {same}");
                prop_assert!(is_close(got, same, Tolerance::Exact), "{}", what());
                let want = want[row % POINTS];
                let judged = want.is_nan() || want.abs() <= self.kind.most;
                let close = !judged || is_close(got, want, self.kind.tolerance);
                prop_assert!(close, "{}, by the reference {want}", what());
            }
        }
        Ok(())
    }

    /// Compares evaluation one row at a time with that of all rows, bit by bit.
    fn one_by_one(&self, program: &Program) -> Result<(), TestCaseError> {
        let [x, y] = &self.kind.points;
        let together = program.rows(&[x, y], &self.kind.parameters, 1);
        let mut at = program.at(&self.kind.parameters);
        let mut outputs = vec![0.0; program.outputs()];
        for row in 0..POINTS {
            at.row(&[x[row], y[row]], &mut outputs);
            for (k, (got, all)) in outputs.iter().zip(&together).enumerate() {
                let same = is_close(*got, all[row], Tolerance::Exact);
                prop_assert!(same, "output {k}, row {row}: {got}, with others {}", all[row]);
            }
        }
        Ok(())
    }

    /// Compares means over rows, to a few rounding errors of the mean size.
    fn means(&self, program: &Program, rows: usize) -> Result<(), TestCaseError> {
        let [x, y] = self.columns(rows);
        let means = program.evaluate(&[&x, &y], &self.kind.parameters, 1);
        for (k, (&got, want)) in means.iter().zip(&self.want).enumerate() {
            let values = cycled(want, rows);
            let size = values.iter().map(|value| value.abs()).sum::<f64>() / rows as f64;
            if values.iter().any(|value| value.abs() > self.kind.most) {
                continue;
            }
            let want = values.iter().sum::<f64>() / rows as f64;
            let close = is_close(got, want, Tolerance::Absolute(1e-11 * size));
            prop_assert!(close, "mean {k} of {rows} rows: {got} and {want}");
        }
        Ok(())
    }
}

fn cycled(points: &[f64], rows: usize) -> Vec<f64> {
    points.iter().copied().cycle().take(rows).collect()
}

/// Runs random programs of a kind on every instruction set of this machine, and checks that machine
/// code is run where it is available.
fn try_all(kind: &Kind) {
    const CASES: u32 = 200;
    // Number of programs run in machine code: for values on 64 rows, and for means on the largest
    // number of rows.
    let coded: RefCell<BTreeMap<&str, [u32; 2]>> = RefCell::default();
    let tables = Cell::new(0);
    let config = ProptestConfig {
        rng_seed: RngSeed::Fixed(20_261_123),
        source_file: Some(file!()),
        ..ProptestConfig::with_cases(CASES)
    };
    let case = |draws: Vec<Draw>| {
        let mut bench = Bench::new(Graph::new());
        let roots = (kind.grow)(&mut bench, &draws);
        let trial = Trial::new(kind, &bench, &roots);
        for isa in Isa::available() {
            let values = bench.compile(&roots).on(isa);
            let kernels = bench.compile(&roots).on(isa).interpreted();
            let means = bench.means(&roots).on(isa);
            tables.set(tables.get() + u32::from(means.to_string().contains("means[")));
            for rows in ROWS {
                trial.rows([&values, &kernels], rows)?;
                trial.means(&means, rows)?;
                prop_assert_eq!(kernels.rows_in_machine_code(rows), 0);
            }
            trial.one_by_one(&values)?;
            trial.one_by_one(&kernels)?;
            let [_, few, many] = ROWS;
            let mut coded = coded.borrow_mut();
            let [rows, sums] = coded.entry(isa.name()).or_default();
            *rows += u32::from(values.rows_in_machine_code(few) == few);
            *sums += u32::from(means.rows_in_machine_code(many) == BLOCK);
        }
        Ok(())
    };
    let outcome = TestRunner::new(config).run(&draws(10), case);
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(tables.get() > 0, kind.has_tables, "sums over the cells of tables");
    for isa in Isa::available() {
        let ran = coded.borrow()[isa.name()];
        let most = match isa {
            Isa::Avx512 | Isa::Avx2 => CASES,
            Isa::Neon | Isa::Portable => 0,
        };
        // A few programs have no step for machine code.
        assert!(ran.iter().all(|&n| n <= most && n >= most - most / 10), "{isa}: {ran:?}");
    }
}

#[test]
fn random_integer_expressions_are_exact() {
    let points = |period: usize, shift: f64| {
        (0..POINTS).map(|k| (k % period) as f64 - shift).collect::<Vec<_>>()
    };
    try_all(&Kind {
        grow: grow_integers,
        points: [points(5, 2.0), points(3, 1.0)],
        parameters: [2.0, -3.0],
        tolerance: Tolerance::Ulps(0.0),
        most: 1e15,
        has_tables: true,
    });
}

#[test]
fn random_positive_expressions_are_close() {
    let points = |seed| noise(POINTS, seed).iter().map(|v| 0.2 + v.abs()).collect();
    try_all(&Kind {
        grow: grow_positive,
        points: [points(7), points(8)],
        parameters: [0.7, 1.9],
        tolerance: Tolerance::Ulps(1e4),
        most: f64::INFINITY,
        has_tables: false,
    });
}
