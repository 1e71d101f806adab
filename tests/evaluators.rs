//! Every operation on every path against the reference evaluator, with every kind of value and
//! every awkward number of rows.

mod support;

use proptest::prelude::*;
use scorematch::graph::{
    BinaryFunction, ExprId, Function, Graph, InputId, Number, Part, Relation, Support, evaluate,
};
use scorematch::program::{BLOCK, Isa, Layout, Program};
use support::wide::Wide;
use support::{Tolerance, assert_close, is_close};

/// Values at which something special happens somewhere.
const SPECIAL: [f64; 24] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    5e-324,
    -5e-324,
    1e-310,
    f64::MIN_POSITIVE,
    f64::MAX,
    -f64::MAX,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    1.5,
    -1.5,
    3.0,
    -3.7,
    7.25,
    -30.0,
    40.0,
    800.0,
];

/// Around lanes, groups of lanes, tiles and blocks.
const SIZES: [usize; 14] = [0, 1, 7, 8, 9, 63, 64, 65, 511, 512, 513, BLOCK - 1, BLOCK + 1, 20_001];

/// A graph with two columns and two parameters.
struct Bench {
    graph: Graph,
    x: ExprId,
    y: ExprId,
    a: ExprId,
    b: ExprId,
}

impl Bench {
    fn new(mut graph: Graph) -> Self {
        let [x, y, a, b] = ["x", "y", "a", "b"].map(|name| graph.input(name, Support::LINE));
        Self { graph, x, y, a, b }
    }

    fn layout(&self) -> Layout {
        let input = |id| self.graph.as_input(id).expect("an input");
        Layout {
            rows: vec![input(self.x), input(self.y)],
            parameters: vec![input(self.a), input(self.b)],
        }
    }

    fn compile(&self, roots: &[ExprId]) -> Program {
        Program::compile(&self.graph, &self.layout(), roots)
    }

    fn means(&self, roots: &[ExprId]) -> Program {
        Program::compile_means(&self.graph, &self.layout(), roots)
    }

    /// Values of the inputs in order of creation: x, y, a, b.
    fn reference(&self, roots: &[ExprId], point: [f64; 4]) -> Vec<f64> {
        evaluate(&self.graph, roots, |input| point[input.index()])
    }

    /// The program of `root` against the reference on every row.
    #[track_caller]
    fn check(
        &self,
        root: ExprId,
        columns: &[&[f64]; 2],
        parameters: [f64; 2],
        tolerance: Tolerance,
    ) {
        for (name, program) in self.on_all(&[root]) {
            let got = &program.rows(columns, &parameters, 1)[0];
            assert_eq!(got.len(), columns[0].len());
            for (row, &got) in got.iter().enumerate() {
                let point = [columns[0][row], columns[1][row], parameters[0], parameters[1]];
                let want = self.reference(&[root], point)[0];
                assert_close(got, want, tolerance, format_args!("{name}: row {row}, {point:?}"));
            }
        }
    }

    /// The program on every instruction set of this machine, with machine code of its own and
    /// without.
    fn on_all(&self, roots: &[ExprId]) -> Vec<(String, Program)> {
        let sets = Isa::available().into_iter();
        let mut programs: Vec<_> =
            sets.map(|isa| (isa.to_string(), self.compile(roots).on(isa))).collect();
        programs.push(("interpreted".to_owned(), self.compile(roots).interpreted()));
        programs
    }
}

/// All pairs of special values, so that every pair of lanes meets.
fn special_pairs() -> (Vec<f64>, Vec<f64>) {
    SPECIAL.iter().flat_map(|&x| SPECIAL.iter().map(move |&y| (x, y))).unzip()
}

/// A reproducible sequence in (-4, 4).
fn noise(rows: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 50) as f64 - 4.0
    };
    (0..rows).map(|_| next()).collect()
}

/// Elementary functions are compared with the standard library's. The special ones are
/// compared with the generic text in wide arithmetic, which is their meaning.
fn is_special(function: Function) -> bool {
    match function {
        Function::Exp
        | Function::Log
        | Function::Log1p
        | Function::Expm1
        | Function::Abs
        | Function::Sign
        | Function::Floor
        | Function::Sin
        | Function::Cos
        | Function::Tan
        | Function::Asin
        | Function::Acos
        | Function::Atan
        | Function::Sinh
        | Function::Cosh
        | Function::Tanh
        | Function::Sigmoid
        | Function::Softplus
        | Function::LogCosh => false,
        Function::Erf
        | Function::Erfc
        | Function::LogNormalCdf
        | Function::InverseMills
        | Function::MillsExcess
        | Function::Lgamma
        | Function::Polygamma(_) => true,
    }
}

/// The reflection of ψ takes the cotangent of π times a number that has few digits there.
fn is_polygamma(function: Function) -> bool {
    matches!(function, Function::Polygamma(_))
}

/// A few ulp; near the zeros of log Γ only the absolute error means anything, and left of zero
/// the reflection of ψ⁽ᵏ⁾ subtracts larger numbers.
#[track_caller]
fn assert_special(function: Function, u: f64, got: f64) {
    let want = function.eval(Wide::from(u)).narrow();
    let ulps = if is_polygamma(function) { 1e4 } else { 8.0 };
    let near = is_close(got, want, Tolerance::Ulps(ulps))
        || is_close(got, want, Tolerance::Absolute(1e-14));
    assert!(near, "{function:?}({u:e}): got {got:e}, want {want:e}");
}

/// Two units of ours and one of the standard library's.
const ELEMENTARY: Tolerance = Tolerance::Ulps(3.0);

fn is_exact(function: Function) -> bool {
    matches!(function, Function::Abs | Function::Sign | Function::Floor)
}

fn functions() -> Vec<Function> {
    Function::ALL.into_iter().chain((1..5).map(Function::Polygamma)).collect()
}

#[test]
fn close_means_close_from_both_sides_of_zero() {
    for sign in [1.0, -1.0] {
        let one = sign;
        let next = sign * (1.0 + f64::EPSILON);
        assert!(
            is_close(next, one, Tolerance::Ulps(1.0)) && is_close(one, next, Tolerance::Ulps(1.0))
        );
        assert!(!is_close(sign * 1.1, one, Tolerance::Ulps(8.0)));
        assert!(!is_close(sign * 0.9, one, Tolerance::Ulps(8.0)));
        assert!(!is_close(-one, one, Tolerance::Ulps(1e6)));
        assert!(is_close(sign * 1.25, one, Tolerance::Absolute(0.25)));
        assert!(is_close(sign * 0.75, one, Tolerance::Absolute(0.25)));
        assert!(!is_close(sign * 0.7, one, Tolerance::Absolute(0.25)));
        assert!(!is_close(-one, one, Tolerance::Absolute(1.0)));
        assert!(!is_close(next, one, Tolerance::Exact) && is_close(one, one, Tolerance::Exact));
        assert!(!is_close(f64::NAN, one, Tolerance::Absolute(9.0)));
        assert!(!is_close(one, f64::NAN, Tolerance::Absolute(9.0)));
        let infinity = sign * f64::INFINITY;
        assert!(!is_close(infinity, one, Tolerance::Absolute(f64::INFINITY)));
        assert!(!is_close(-infinity, infinity, Tolerance::Ulps(1.0)));
        assert!(is_close(infinity, infinity, Tolerance::Exact));
        assert!(!is_close(sign * 1e-300, 0.0, Tolerance::Ulps(4.0)));
    }
    assert!(is_close(f64::NAN, -f64::NAN, Tolerance::Exact));
    assert!(!is_close(0.0, -0.0, Tolerance::Exact) && is_close(0.0, -0.0, Tolerance::Ulps(0.0)));
}

#[test]
fn every_function_on_every_path() {
    let values: Vec<f64> = SPECIAL.into_iter().chain(noise(600, 3)).collect();
    for function in functions() {
        let mut bench = Bench::new(Graph::verbatim());
        let (x, a) = (bench.x, bench.a);
        let of_row = bench.graph.call(function, x);
        let of_parameter = bench.graph.call(function, a);
        let rows = &bench.compile(&[of_row]).rows(&[&values, &values], &[0.0; 2], 1)[0];
        let program = bench.compile(&[of_parameter]);
        for (k, (&value, &row)) in values.iter().zip(rows).enumerate() {
            let alone = program.rows(&[&[0.0], &[0.0]], &[value, 0.0], 1)[0][0];
            assert_close(alone, row, Tolerance::Exact, "on a parameter and on a row");
            if !is_special(function) {
                let want = function.eval(value);
                let tolerance = if is_exact(function) { Tolerance::Exact } else { ELEMENTARY };
                assert_close(row, want, tolerance, format_args!("{function:?}({value:e})"));
            } else if k < SPECIAL.len() + 40 && !(is_polygamma(function) && value.is_subnormal()) {
                assert_special(function, value, row);
            }
        }
    }
}

#[test]
fn every_function_of_two_arguments_on_every_path() {
    let (first, second) = special_pairs();
    for function in BinaryFunction::ALL {
        let tolerance = match function {
            BinaryFunction::Atan2 => ELEMENTARY,
            BinaryFunction::Min | BinaryFunction::Max => Tolerance::Ulps(0.0),
        };
        let mut bench = Bench::new(Graph::verbatim());
        let Bench { x, y, a, b, .. } = bench;
        for (left, right) in [(x, y), (x, a), (a, x), (a, b)] {
            let root = bench.graph.binary(function, left, right);
            for parameter in SPECIAL {
                bench.check(root, &[&first, &second], [parameter, 2.0], tolerance);
            }
        }
    }
}

/// An expression of a bench and how near the program must be.
type Case = (&'static str, fn(&mut Bench) -> ExprId, Tolerance);

fn part(weight: Number, expr: ExprId) -> Part {
    Part { weight, expr }
}

fn power(g: &mut Bench, num: i64, den: i64) -> ExprId {
    let x = g.x;
    g.graph.product(&[part(Number::ratio(num, den), x)])
}

/// More terms than one pass takes; none cancels.
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

/// Every kind of node, with rows and parameters in each place.
const NODES: [Case; 36] = [
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
    ("if x <= y then log x else 0", guarded_log, ELEMENTARY),
    // The greater exponent and the logarithm that is added to it cancel near zero.
    ("log(e^x + e^y)", |g| log_sum_exp(g, [g.x, g.y]), Tolerance::UlpsOf(4.0, 1.0)),
];

fn select(g: &mut Bench, left: ExprId, right: ExprId, then: ExprId, other: ExprId) -> ExprId {
    let condition = g.graph.compare(Relation::Less, left, right);
    g.graph.select(condition, then, other)
}

/// The branch that is not taken is NaN or infinite.
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

/// All instruction sets that multiply and add with one rounding, machine code and kernels.
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

/// (x^(k/2))² is x^k for x ≥ 0; a few halves go through the root, which differs from `powf` at
/// -0 and -∞ only.
#[test]
fn half_integer_powers_go_through_the_root() {
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

/// Σ of a_i b_i with every mixture of stages, on integers, where sums are exact in any order.
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

/// Coefficients that are zero, negative, parameters, rows; exponents far apart.
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

/// Where terms of both signs cancel, the last digits of the sum are those of the larger terms.
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

/// Outputs that are columns, parameters, constants, and the same output twice.
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

#[test]
fn no_rows_no_outputs() {
    let bench = Bench::new(Graph::new());
    let none: [&[f64]; 2] = [&[], &[]];
    assert!(bench.means(&[bench.x]).evaluate(&none, &[0.0; 2], 4)[0].is_nan());
    assert!(bench.means(&[]).evaluate(&[&[1.0], &[1.0]], &[0.0; 2], 1).is_empty());
}

/// A few outputs of a busy expression.
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

/// The length of a tile follows the number of slots, and must not show in a mean. (A few means on
/// their own have more partial sums each.)
#[test]
fn company_changes_no_byte_of_a_mean() {
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

/// A chain of a million calls on the row and of a million on a parameter.
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

fn inputs(graph: &Graph, nodes: &[ExprId]) -> Vec<InputId> {
    nodes.iter().map(|&node| graph.as_input(node).expect("an input")).collect()
}

/// Hoisting, sharing and multiply-adds leave little to do on a row.
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
