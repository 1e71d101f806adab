//! Every function of the table: first and second derivatives compared with closed forms, and with
//! hyper-duals for arguments at which constructors simplify.

use scorematch::calculus::{gradient, hessian, laplacian};
use scorematch::graph::{
    BinaryFunction, ExprId, Function, Graph, InputId, Number, Part, Support, evaluate,
};

use crate::judge;
use crate::support::{Tolerance, assert_close};

/// f'(x) and f''(x) as the calculus derives them.
fn derived(function: Function, x: f64) -> [f64; 2] {
    let mut g = Graph::new();
    let u = g.input("x", Support::LINE);
    let f = g.call(function, u);
    let slope = gradient(&mut g, f, &[u])[0];
    let curvature = laplacian(&mut g, f, &[u]);
    evaluate(&g, &[slope, curvature], |_| x).try_into().expect("two roots")
}

#[track_caller]
fn row(function: Function, x: f64, slope: f64, curvature: f64) {
    let got = derived(function, x);
    assert_close(got[0], slope, Tolerance::Absolute(1e-13 * (1.0 + slope.abs())), function.name());
    assert_close(
        got[1],
        curvature,
        Tolerance::Absolute(1e-13 * (1.0 + curvature.abs())),
        function.name(),
    );
}

#[test]
fn derivatives_are_those_of_textbooks() {
    use Function as F;
    let x = 0.7f64;
    let sigmoid = 1.0 / (1.0 + (-x).exp());
    let bell = 2.0 / std::f64::consts::PI.sqrt() * (-x * x).exp();
    let tan = x.tan();
    let tanh = x.tanh();
    let root = (1.0 - x * x).sqrt();
    row(F::Exp, x, x.exp(), x.exp());
    row(F::Log, x, 1.0 / x, -1.0 / (x * x));
    row(F::Log1p, x, 1.0 / 1.7, -1.0 / (1.7 * 1.7));
    row(F::Expm1, x, x.exp(), x.exp());
    row(F::Abs, -x, -1.0, 0.0);
    row(F::Sign, x, 0.0, 0.0);
    row(F::Floor, x, 0.0, 0.0);
    row(F::Sin, x, x.cos(), -x.sin());
    row(F::Cos, x, -x.sin(), -x.cos());
    row(F::Tan, x, 1.0 + tan * tan, 2.0 * tan * (1.0 + tan * tan));
    row(F::Asin, x, 1.0 / root, x / root.powi(3));
    row(F::Acos, x, -1.0 / root, -x / root.powi(3));
    row(F::Atan, x, 1.0 / 1.49, -1.4 / (1.49 * 1.49));
    row(F::Sinh, x, x.cosh(), x.sinh());
    row(F::Cosh, x, x.sinh(), x.cosh());
    row(F::Tanh, x, 1.0 - tanh * tanh, -2.0 * tanh * (1.0 - tanh * tanh));
    row(
        F::Sigmoid,
        x,
        sigmoid * (1.0 - sigmoid),
        sigmoid * (1.0 - sigmoid) * (1.0 - 2.0 * sigmoid),
    );
    row(F::Softplus, x, sigmoid, sigmoid * (1.0 - sigmoid));
    row(F::LogCosh, x, tanh, 1.0 - tanh * tanh);
    row(F::Erf, x, bell, -2.0 * x * bell);
    row(F::Erfc, x, -bell, 2.0 * x * bell);
    // At 0: φ/Φ = √(2/π).
    let mills = (2.0 / std::f64::consts::PI).sqrt();
    row(F::LogNormalCdf, 0.0, mills, -mills * mills);
    row(F::InverseMills, 0.0, -mills * mills, mills * (2.0 * mills * mills - 1.0));
    row(F::MillsExcess, 0.0, 1.0 - mills * mills, mills * (2.0 * mills * mills - 1.0));
    // ψ(1) = -γ, ψ'(1) = π²/6, ψ''(1) = -2ζ(3), ψ'''(1) = π⁴/15
    let (euler, zeta3) = (0.577_215_664_901_532_9, 1.202_056_903_159_594_3);
    let (pi2, pi4) = (std::f64::consts::PI.powi(2), std::f64::consts::PI.powi(4));
    row(F::Lgamma, 1.0, -euler, pi2 / 6.0);
    row(F::Polygamma(0), 1.0, pi2 / 6.0, -2.0 * zeta3);
    row(F::Polygamma(1), 1.0, -2.0 * zeta3, pi4 / 15.0);
    // log F of order 1/2 is log(sinh x/x), whose derivative divided by x is (coth x - 1/x)/x.
    let (coth, square) = (1.0 / x.tanh(), x.sinh().powi(-2));
    let ratio = (coth - 1.0 / x) / x;
    let bend = x.powi(-2) - square;
    row(F::LogBessel(1), x, coth - 1.0 / x, bend);
    let slope = (bend - ratio) / x;
    let curved = (2.0 * coth * square - 2.0 * x.powi(-3) - 2.0 * slope) / x;
    row(F::BesselRatio(1), x, slope, curved);
    row(F::LogBessel(0), 0.0, 0.0, 0.5);
    row(F::BesselRatio(0), 0.0, 0.0, -0.125);
}

/// Two points inside the domain, away from kinks; the second is negative
/// where the domain admits it.
fn points(function: Function) -> [f64; 2] {
    match function {
        Function::Asin | Function::Acos => [0.3, -0.6],
        Function::Log1p => [1.2, -0.4],
        Function::Log | Function::Lgamma | Function::Polygamma(_) => [0.4, 2.3],
        Function::Exp
        | Function::Expm1
        | Function::Abs
        | Function::Sign
        | Function::Floor
        | Function::Sin
        | Function::Cos
        | Function::Tan
        | Function::Atan
        | Function::Sinh
        | Function::Cosh
        | Function::Tanh
        | Function::Sigmoid
        | Function::Softplus
        | Function::LogCosh
        | Function::Erf
        | Function::Erfc
        | Function::LogNormalCdf
        | Function::InverseMills
        | Function::MillsExcess
        | Function::LogBessel(_)
        | Function::BesselRatio(_)
        | Function::Random(_) => [0.8, -1.3],
    }
}

/// Expressions of (x, y) with the value u at y = 2, in forms that the constructors simplify.
fn arguments(g: &mut Graph, x: ExprId, y: ExprId) -> Vec<ExprId> {
    let one = g.one();
    let half = Number::ratio(1, 2);
    let product = g.mul(x, y);
    let quotient = g.div(x, y);
    let sum = g.add(x, y);
    let shifted = g.sum(&[Part::one(sum), Part { weight: Number::integer(-2), expr: one }]);
    let scaled = g.scale(half, product);
    let inside = g.sum(&[Part { weight: half, expr: x }, Part { weight: half, expr: shifted }]);
    let doubled = g.scale(Number::integer(2), quotient);
    vec![x, scaled, shifted, inside, doubled]
}

#[test]
fn functions_of_any_argument_against_duals() {
    let orders = [1, 2, 3].map(Function::Polygamma).into_iter();
    let bessel = [1, 2, 9].map(Function::LogBessel).into_iter();
    let families = orders.chain(bessel).chain([1, 2, 9].map(Function::BesselRatio));
    for function in Function::ALL.into_iter().chain(families) {
        for u in points(function) {
            for shape in 0..5 {
                against_duals(function.name(), [u, 2.0], |g, [x, y]| {
                    let argument = arguments(g, x, y)[shape];
                    g.call(function, argument)
                });
            }
        }
    }
}

#[test]
fn functions_of_two_against_duals() {
    for function in BinaryFunction::ALL.into_iter().chain((1..4).map(BinaryFunction::Pow)) {
        for point in [[0.4, 1.3], [1.3, 0.4], [-1.3, -0.4], [-0.4, 1.3]] {
            against_duals(function.name(), point, |g, [x, y]| g.binary(function, x, y));
            against_duals(function.name(), point, |g, [x, y]| {
                let (product, double) = (g.mul(x, y), g.scale(Number::integer(2), y));
                g.binary(function, product, double)
            });
        }
    }
}

/// The gradient, Hessian and Laplacian of a function of two arguments, compared with hyper-duals.
#[track_caller]
fn against_duals(what: &str, point: [f64; 2], f: impl Fn(&mut Graph, [ExprId; 2]) -> ExprId) {
    let inputs = |g: &mut Graph| [g.input("x", Support::LINE), g.input("y", Support::LINE)];
    let (mut g, mut verbatim) = (Graph::new(), Graph::verbatim());
    let (variables, written) = (inputs(&mut g), inputs(&mut verbatim));
    let (root, text) = (f(&mut g, variables), f(&mut verbatim, written));
    let ids = written.map(|v| verbatim.as_input(v).expect("an input"));
    let slopes = gradient(&mut g, root, &variables);
    let entries = hessian(&mut g, &slopes, &variables);
    let trace = laplacian(&mut g, root, &variables);
    let dual = |i: usize, j: usize| judge::second(&verbatim, text, &point, ids[i], ids[j]);
    let (xx, xy, yy) = (dual(0, 0), dual(0, 1), dual(1, 1));
    let want = [xx.first, yy.first, xx.mixed, xy.mixed, yy.mixed, xx.mixed + yy.mixed];
    let roots: Vec<ExprId> = slopes.into_iter().chain(entries).chain([trace]).collect();
    for (got, want) in evaluate(&g, &roots, |id| point[id.index()]).into_iter().zip(want) {
        assert_close(got, want, Tolerance::Absolute(1e-12 * (1.0 + want.abs())), what);
    }
}

/// Π_k (x_k + x_(k+1)/2 + k/10)^(1 or 2), cyclic in k, up to lengths at which partial derivatives
/// share running products, at points where a factor is zero.
#[test]
fn products_of_any_length_against_duals() {
    for length in [2, 3, 8, 9, 16, 17, 24, 40] {
        let mut g = Graph::new();
        let inputs: Vec<ExprId> =
            (0..length).map(|k| g.input(&format!("x{k}"), Support::LINE)).collect();
        let mut factor = |(k, &x): (usize, &ExprId)| {
            let one = g.one();
            let shift = Part { weight: Number::ratio(k as i64, 10), expr: one };
            let weight = Number::integer(1 + k as i64 % 2);
            let next = Part { weight: Number::ratio(1, 2), expr: inputs[(k + 1) % inputs.len()] };
            Part { weight, expr: g.sum(&[Part::one(x), next, shift]) }
        };
        let factors: Vec<Part> = inputs.iter().enumerate().map(&mut factor).collect();
        let root = g.product(&factors);
        let ids: Vec<InputId> = inputs.iter().map(|&x| g.as_input(x).expect("an input")).collect();
        let slopes = gradient(&mut g, root, &inputs);
        let trace = laplacian(&mut g, root, &inputs);
        let mut point: Vec<f64> = (0..length).map(|k| 1.2 - k as f64 / 8.0).collect();
        for zero in [None, Some(0), Some(1)] {
            if let Some(k) = zero {
                point[k] = -(k as f64) / 10.0 - point[(k + 1) % length] / 2.0;
            }
            let (score, curvature) = judge::score_and_laplacian(&g, root, &point, &ids);
            let roots = [&slopes[..], &[trace]].concat();
            let got = evaluate(&g, &roots, |id| point[id.index()]);
            for (got, want) in got.into_iter().zip(score.into_iter().chain([curvature])) {
                let tolerance = Tolerance::Absolute(1e-12 * (1.0 + want.abs()));
                assert_close(got, want, tolerance, format!("{length} factors, zero at {zero:?}"));
            }
        }
    }
}
