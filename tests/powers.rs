//! Powers with estimated exponents at the edge of their domain: zero, negative and tiny bases,
//! compared with formulas written by hand.

mod support;

use scorematch::calculus::{gradient, hessian, laplacian};
use scorematch::graph::{BinaryFunction, ExprId, Function, Graph, Number, Support, evaluate};
use scorematch::model::Model;

use support::{Tolerance, assert_close};

/// Value, ∂x, ∂p, ∂xx, ∂xp, ∂pp and the Laplacian with respect to x of an
/// expression in (x, p, c), c > 0.
fn derivatives(point: [f64; 3], f: impl Fn(&mut Graph, [ExprId; 3]) -> ExprId) -> [f64; 7] {
    let mut g = Graph::new();
    let [x, p] = ["x", "p"].map(|name| g.input(name, Support::LINE));
    let c = g.input("c", Support { low: 0.0, high: f64::INFINITY });
    let root = f(&mut g, [x, p, c]);
    let slopes = gradient(&mut g, root, &[x, p]);
    let entries = hessian(&mut g, &slopes, &[x, p]);
    let trace = laplacian(&mut g, root, &[x]);
    let roots: Vec<ExprId> =
        [root].into_iter().chain(slopes).chain(entries).chain([trace]).collect();
    let values = evaluate(&g, &roots, |id| point[id.index()]);
    values.try_into().expect("seven expressions")
}

#[track_caller]
fn check(got: [f64; 7], want: [f64; 6], what: &str) {
    for (k, want) in want.into_iter().chain([want[3]]).enumerate() {
        let tolerance = Tolerance::Absolute(1e-13 * (1.0 + want.abs()));
        assert_close(got[k], want, tolerance, format_args!("{what}, derivative {k}"));
    }
}

fn power(g: &mut Graph, [x, p, _]: [ExprId; 3]) -> ExprId {
    g.pow(x, p)
}

/// |x|^p, whose derivatives at zero are limits such as that of p |x|^(p-1) sign x.
fn size(g: &mut Graph, [x, p, _]: [ExprId; 3]) -> ExprId {
    let size = g.call(Function::Abs, x);
    g.pow(size, p)
}

const NAN: f64 = f64::NAN;

#[test]
fn a_power_at_zero_has_the_limits_of_its_derivatives() {
    check(derivatives([0.0, 3.2, 1.0], power), [0.0; 6], "x^3.2 at 0");
    check(derivatives([0.0, 2.0, 1.0], power), [0.0, 0.0, 0.0, 2.0, 0.0, 0.0], "x^2 at 0");
    let [value, slope, across, _, _, twice, _] = derivatives([0.0, 0.3, 1.0], power);
    assert_eq!([value, slope, across, twice], [0.0, f64::INFINITY, 0.0, 0.0]);
    let [value, slope, across, .., twice, _] = derivatives([0.0, 1.0, 1.0], power);
    assert_eq!([value, slope, across, twice], [0.0, 1.0, 0.0, 0.0]);
    // 0^0 is 1, as in C, R and Python.
    assert_eq!(derivatives([0.0, 0.0, 1.0], power)[0], 1.0);
}

#[test]
fn a_negative_base_has_integer_powers() {
    let want = [9.0, -6.0, NAN, 2.0, NAN, NAN];
    check(derivatives([-3.0, 2.0, 1.0], power), want, "(-3)^2");
    let want = [-27.0, 27.0, NAN, -18.0, NAN, NAN];
    check(derivatives([-3.0, 3.0, 1.0], power), want, "(-3)^3");
    check(derivatives([-3.0, 2.5, 1.0], power), [NAN; 6], "(-3)^2.5");
}

#[test]
fn a_power_of_a_positive_number_has_the_textbook_derivatives() {
    for (x, p) in [(1e-300_f64, 1.25_f64), (1e-12, 2.5), (0.7, -1.3), (4.0, 0.5), (1e9, 3.0)] {
        let (value, log) = (x.powf(p), x.ln());
        let steeper = x.powf(p - 1.0);
        let curved = p * (p - 1.0) * x.powf(p - 2.0);
        let mixed = steeper * (1.0 + p * log);
        let want = [value, p * steeper, value * log, curved, mixed, value * log * log];
        check(derivatives([x, p, 1.0], power), want, &format!("{x:e}^{p}"));
        check(derivatives([x, p, 1.0], size), want, &format!("abs({x:e})^{p}"));
        let [value, slope, across, curved, mixed, twice] = want;
        let mirrored = [value, -slope, across, curved, -mixed, twice];
        check(derivatives([-x, p, 1.0], size), mirrored, &format!("abs(-{x:e})^{p}"));
    }
}

#[test]
fn a_power_of_a_size_is_smooth_at_zero_from_two_on() {
    check(derivatives([0.0, 2.0, 1.0], size), [0.0, 0.0, 0.0, 2.0, 0.0, 0.0], "abs(x)^2 at 0");
    check(derivatives([0.0, 3.5, 1.0], size), [0.0; 6], "abs(x)^3.5 at 0");
    let [value, slope, across, ..] = derivatives([0.0, 1.5, 1.0], size);
    assert_eq!([value, slope, across], [0.0; 3]);
}

#[test]
fn a_scale_below_a_zero_base_has_slope_zero_for_every_positive_exponent() {
    for p in [0.4, 1.0, 1.7] {
        let mut g = Graph::new();
        let [x, exponent] = ["x", "p"].map(|name| g.input(name, Support::LINE));
        let c = g.input("c", Support { low: 0.0, high: f64::INFINITY });
        let ratio = g.div(x, c);
        let root = g.pow(ratio, exponent);
        let slopes = gradient(&mut g, root, &[exponent, c]);
        let entries = hessian(&mut g, &slopes, &[exponent, c]);
        let all: Vec<ExprId> = slopes.into_iter().chain(entries).collect();
        assert_eq!(evaluate(&g, &all, |id| [0.0, p, 2.0][id.index()]), [0.0; 5], "p = {p}");
        let values = evaluate(&g, &all, |id| [3.0, p, 2.0][id.index()]);
        let (value, log) = (1.5_f64.powf(p), 1.5_f64.ln());
        let want = [
            value * log,
            -p / 2.0 * value,
            value * log * log,
            -value / 2.0 * (1.0 + p * log),
            p * (p + 1.0) / 4.0 * value,
        ];
        for (got, want) in values.into_iter().zip(want) {
            assert_close(got, want, Tolerance::Absolute(1e-13), format_args!("p = {p}"));
        }
    }
}

/// log p, score and Laplacian with respect to x at x = 0 and x = -2, where powers
/// of powers are simplified.
#[test]
fn powers_of_powers_merge_where_the_domain_allows() {
    let root2 = 2.0_f64.sqrt();
    // text, its simplified form, values at 0, values at -2
    let cases = [
        ("-sqrt(x^4)", "-x^2", [0.0, 0.0, -2.0], [-4.0, 4.0, -2.0]),
        ("sqrt(x^6)", "abs(x)^3", [0.0; 3], [8.0, -12.0, 12.0]),
        ("(x^2)^1.5", "abs(x)^3", [0.0; 3], [8.0, -12.0, 12.0]),
        ("(x^4)^0.75", "abs(x)^3", [0.0; 3], [8.0, -12.0, 12.0]),
        ("x^2*sqrt(abs(x))", "abs(x)^(5/2)", [0.0; 3], [4.0 * root2, -5.0 * root2, 3.75 * root2]),
        (
            "x^3*sqrt(abs(x))",
            "x*abs(x)^(5/2)",
            [0.0; 3],
            [-8.0 * root2, 14.0 * root2, -17.5 * root2],
        ),
        ("-((x - 0)^2/4)^1.5", "-abs(x)^3/8", [0.0; 3], [-1.0, 1.5, -1.5]),
        ("(x^4/9)^(1/2)", "x^2/3", [0.0, 0.0, 2.0 / 3.0], [4.0 / 3.0, -4.0 / 3.0, 2.0 / 3.0]),
    ];
    for (text, plain, at_zero, at_minus_two) in cases {
        let model = Model::parse(&format!("data x; {text}")).expect(text);
        let mut g = model.graph().clone();
        let (root, x) = (model.log_density(), g.input("x", Support::LINE));
        assert_eq!(g.plain(root), plain, "{text}");
        let roots = [root, gradient(&mut g, root, &[x])[0], laplacian(&mut g, root, &[x])];
        for (x, want) in [(0.0, at_zero), (-2.0, at_minus_two)] {
            for (got, want) in evaluate(&g, &roots, |_| x).into_iter().zip(want) {
                assert_close(got, want, Tolerance::Absolute(1e-14 * 30.0), text);
            }
        }
    }
}

/// A scale and a location in a power of a power: all derivatives of the loss are finite at x = mu.
#[test]
fn a_location_on_a_row_has_finite_derivatives() {
    for (text, p) in [("((x - mu)^2/s^2)^1.5", 3.0), ("abs((x - mu)/s)^p", 3.25)] {
        let text = format!("data x; param mu, s > 0, p > 1; -{text} - 0*p");
        let model = Model::parse(&text).expect("a model");
        let mut g = model.graph().clone();
        let [x, mu, s, exponent] = ["x", "mu", "s", "p"].map(|name| g.input(name, Support::LINE));
        let root = model.log_density();
        let score = gradient(&mut g, root, &[x])[0];
        let square = g.powi(score, 2);
        let half = g.scale(Number::ratio(1, 2), square);
        let trace = laplacian(&mut g, root, &[x]);
        let rho = g.add(half, trace);
        let slopes = gradient(&mut g, rho, &[mu, s, exponent]);
        let entries = hessian(&mut g, &slopes, &[s, exponent]);
        let roots: Vec<ExprId> = [rho].into_iter().chain(slopes).chain(entries).collect();
        let values = evaluate(&g, &roots, |input| match g.inputs()[input.index()].name.as_str() {
            "p" => p,
            "s" => 2.0,
            _ => 0.7,
        });
        // For p = 3 the Laplacian has a kink, whose derivative in ∂ρ/∂mu is sign(0) = 0.
        assert!(values.iter().all(|value| *value == 0.0), "{text}: {values:?}");
    }
}

#[test]
fn a_held_exponent_gives_the_product() {
    let mut g = Graph::new();
    let [x, p] = ["x", "p"].map(|name| g.input(name, Support::LINE));
    let power = g.pow(x, p);
    let size = g.call(Function::Abs, x);
    let of_size = g.pow(size, p);
    let two = g.integer(2);
    let square = g.powi(x, 2);
    assert_eq!(g.substitute(&[power, of_size], &[(p, two)]), [square, square]);
}

#[test]
fn derivatives_of_powers_read_back() {
    let mut g = Graph::new();
    let [x, p] = ["x", "p"].map(|name| g.input(name, Support::LINE));
    let root = g.pow(x, p);
    let slopes = gradient(&mut g, root, &[x, p]);
    let text: Vec<String> = slopes.iter().map(|&slope| g.plain(slope)).collect();
    assert_eq!(text, ["p*x^(p - 1)", "pow_log(1, x, p)"]);
    let latex = g.binary(BinaryFunction::Pow(2), x, p);
    assert_eq!(g.latex(&[latex]).exprs, [r"x^{p} \, \log^{2}\left(x\right)"]);
}
