//! Every function, of a row value and of a parameter, against the standard
//! library and wide arithmetic.

use scorematch::graph::{BinaryFunction, Function, Graph};

use crate::judge::{Bench, ELEMENTARY, SPECIAL, noise, special_pairs};
use crate::support::wide::Wide;
use crate::support::{Tolerance, assert_close, is_close};

/// Whether a function is special: these are compared with the generic implementation in wide
/// arithmetic, which defines them; elementary ones with the standard library's.
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
        | Function::LogCosh
        | Function::Random(_) => false,
        Function::Erf
        | Function::Erfc
        | Function::LogNormalCdf
        | Function::InverseMills
        | Function::MillsExcess
        | Function::Lgamma
        | Function::Polygamma(_)
        | Function::LogBessel(_)
        | Function::BesselRatio(_) => true,
    }
}

/// Polygamma functions are not compared at subnormal arguments, where their reflection takes the
/// cotangent of π times a number with few digits.
fn is_polygamma(function: Function) -> bool {
    matches!(function, Function::Polygamma(_))
}

/// Checks a result to a few ulp. Near the zeros of log Γ only the absolute error is bounded, and
/// for negative arguments the reflection of ψ⁽ᵏ⁾ subtracts larger numbers.
#[track_caller]
fn assert_special(function: Function, u: f64, got: f64) {
    let want = function.eval(Wide::from(u)).narrow();
    let ulps = if is_polygamma(function) { 1e4 } else { 8.0 };
    let near = is_close(got, want, Tolerance::Ulps(ulps))
        || is_close(got, want, Tolerance::Absolute(1e-14));
    assert!(near, "{function:?}({u:e}): got {got:e}, want {want:e}");
}

fn is_exact(function: Function) -> bool {
    matches!(function, Function::Abs | Function::Sign | Function::Floor)
}

pub fn functions() -> Vec<Function> {
    let bessel = [1, 2, 7].map(Function::LogBessel).into_iter();
    let ratios = [1, 2, 7].map(Function::BesselRatio);
    let families = (1..5).map(Function::Polygamma).chain(bessel).chain(ratios);
    Function::ALL.into_iter().chain(families).collect()
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
    for function in BinaryFunction::ALL.into_iter().chain((1..4).map(BinaryFunction::Pow)) {
        let tolerance = match function {
            BinaryFunction::Atan2 | BinaryFunction::Pow(0) => ELEMENTARY,
            // Each factor log u adds a rounding error.
            BinaryFunction::Pow(logs) => Tolerance::Ulps(3.0 + 2.0 * f64::from(logs)),
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
