//! Closed forms far in the tails, where direct evaluation of the text under- or overflows.

use scorematch::calculus::{gradient, hessian, laplacian};
use scorematch::graph::{ExprId, Function, Graph, Number, Part, Relation, Support, evaluate};

use crate::support::Tolerance::{Absolute, Ulps};
use crate::support::assert_close;

/// A component of a mixture of normals: weight, mean, variance.
type Component = [Number; 3];

fn number(num: i64, den: i64) -> Number {
    Number::ratio(num, den)
}

/// log Σ w/√v · exp(-(x - m)²/(2v)), written as in textbooks.
fn log_mixture(g: &mut Graph, x: ExprId, components: &[Component]) -> ExprId {
    let one = g.one();
    let mut total = Vec::new();
    for &[weight, mean, variance] in components {
        let away = g.sum(&[Part::one(x), Part { weight: -mean, expr: one }]);
        let square = g.powi(away, 2);
        let exponent = g.scale(-(number(1, 2) * variance.recip()), square);
        let bell = g.call(Function::Exp, exponent);
        let spread = g.number(variance);
        let root = g.sqrt(spread);
        let height = g.div(bell, root);
        total.push(Part { weight, expr: height });
    }
    let sum = g.sum(&total);
    g.call(Function::Log, sum)
}

/// Value, score and Laplacian with respect to x of a mixture, stabilised as in a model.
fn derived(components: &[Component], x: f64) -> [f64; 3] {
    let mut g = Graph::new();
    let input = g.input("x", Support::LINE);
    let written = log_mixture(&mut g, input, components);
    let f = g.stabilise(&[written])[0];
    let score = gradient(&mut g, f, &[input])[0];
    let curvature = laplacian(&mut g, f, &[input]);
    let roots = g.stabilise(&[f, score, curvature]);
    evaluate(&g, &roots, |_| x).try_into().expect("three roots")
}

#[track_caller]
fn figures(components: &[Component], x: f64, want: [f64; 3]) {
    for (got, want) in derived(components, x).into_iter().zip(want) {
        assert_close(got, want, Absolute(1e-13 * (1.0 + want.abs())), "mixture");
    }
}

#[test]
fn far_out_only_the_widest_component_counts() {
    let narrow = [number(3, 4), number(1, 1), number(1, 1)];
    let wide = [number(1, 4), number(-1, 1), number(4, 1)];
    for x in [1000.0, -1000.0, -1e6, 1e9] {
        let away: f64 = x + 1.0;
        let value = 0.125f64.ln() - away * away / 8.0;
        figures(&[narrow, wide], x, [value, -away / 4.0, -0.25]);
    }
}

/// w e^(-(x-1)²/2) + (1-w) e^(-(x+1)²/2): score tanh(x + c) - x with c = ½ log(w/(1-w)),
/// Laplacian sech²(x + c) - 1.
#[test]
fn equal_widths_follow_the_hyperbolic_tangent() {
    let right = [number(3, 4), number(1, 1), number(1, 1)];
    let left = [number(1, 4), number(-1, 1), number(1, 1)];
    let c = 0.5 * 3f64.ln();
    for x in [-1e6, -1000.0, -3.0, -0.5, 0.0, 0.3, 7.0, 1000.0f64] {
        let tanh = (x + c).tanh();
        let sech = (x + c).cosh().recip();
        // log(cosh(x + c)) without overflow
        let log_cosh = (x + c).abs() - 2f64.ln() + (-2.0 * (x + c).abs()).exp().ln_1p();
        let value = -(x * x + 1.0) / 2.0 + log_cosh + 2f64.ln() + 0.5 * (3.0f64 / 16.0).ln();
        figures(&[right, left], x, [value, tanh - x, sech * sech - 1.0]);
    }
}

/// A component of weight zero at a distance of a million changes nothing, nor does one 10⁶ standard
/// deviations away.
#[test]
fn remote_components_have_no_influence() {
    let near = [number(1, 1), number(0, 1), number(1, 1)];
    let remote = [number(1, 1), number(1_000_000, 1), number(1, 1)];
    figures(&[near, remote], 2.0, [-2.0, -2.0, -1.0]);
    figures(&[near, remote], 1_000_003.0, [-4.5, -3.0, -1.0]);
}

#[test]
fn logistic_functions_keep_their_digits_in_both_tails() {
    // log(1 + e^x) as written has the derivatives 1/(1 + e^-x) and, far out, e^-|x|.
    let mut g = Graph::new();
    let x = g.input("x", Support::LINE);
    let exponential = g.call(Function::Exp, x);
    let one = g.one();
    let sum = g.add(one, exponential);
    let written = g.call(Function::Log, sum);
    let f = g.stabilise(&[written])[0];
    let slope = gradient(&mut g, f, &[x])[0];
    let curvature = laplacian(&mut g, f, &[x]);
    for (at, want) in [(1000.0, [1000.0, 1.0, 0.0]), (-1000.0, [0.0; 3])] {
        assert_eq!(evaluate(&g, &[f, slope, curvature], |_| at), want);
    }
    let small = (-40f64).exp();
    let got = evaluate(&g, &[f, slope, curvature], |_| -40.0);
    got.into_iter().for_each(|got| assert_close(got, small, Ulps(16.0), "left tail"));
}

/// asin(s) at s = 2 is NaN; for x ≥ 0, where the other branch is taken, it has no influence.
#[test]
fn a_branch_not_taken_has_no_influence_on_second_derivatives() {
    let mut g = Graph::new();
    let (x, s) = (g.input("x", Support::LINE), g.input("s", Support::LINE));
    let (asin, zero) = (g.call(Function::Asin, s), g.zero());
    let negative = g.compare(Relation::Less, x, zero);
    let chosen = g.select(negative, asin, x);
    let mask = g.select(negative, x, zero);
    let (minus, square) = (g.neg(mask), g.powi(mask, 2));
    let forms = [
        g.powi(chosen, 2),
        g.neg(chosen),
        g.call(Function::Atan, chosen),
        g.mul(minus, asin),
        g.mul(square, asin),
    ];
    for f in forms {
        let slopes = gradient(&mut g, f, &[x, s]);
        let entries = hessian(&mut g, &slopes, &[x, s]);
        let trace = laplacian(&mut g, f, &[x, s]);
        let roots = [vec![f, trace], slopes, entries].concat();
        let values: Vec<f64> =
            evaluate(&g, &roots, |id| if g.input_node(id) == s { 2.0 } else { 1.0 });
        assert!(values.iter().all(|value| value.is_finite()), "{values:?}");
        assert_eq!([values[3], values[5], values[6]], [0.0; 3], "nothing depends on s");
    }
}
