//! Losses of random texts on every domain, and their derivatives with respect to θ, compared with
//! their definition; the derivatives also with differences.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestCaseResult, TestRunner};
use scorematch::calculus::gradient;
use scorematch::graph::{ExprId, evaluate};
use scorematch::model::Model;
use scorematch::numerics::rng::{Stream, stream};
use scorematch::objective::{Choices, Kind, Rows, Specification, Transform};

use crate::definition::{Judge, PARAMETERS, Setting, Text, Way, Weight, flipped, lifted, moved};
use crate::support::{cases, differences, filled};

/// Fixed, so that failures are reproducible.
const SEED: u64 = 1911;
const CASES: usize = 150;
/// Rows from which default weights take their constants; the loss is compared at the first one.
/// Their number is even, so that no row is at the median, where a default weight has a kink.
const ROWS: usize = 8;
/// Beyond this size of values and derivatives, rounding errors exceed the tolerances.
const SIZE_MAX: f64 = 1e3;

/// Smooth functions with places `@` for others, defined for all values there.
const TEMPLATES: [&str; 15] = [
    "(@) + (@)/2",
    "(@) - a*(@)",
    "(@)*(@)",
    "-(@)^2/(2*s)",
    "(@)/(1 + (@)^2)",
    "b*(@)^3/(1 + (@)^2)",
    "sin((@) - b)",
    "exp(-(@)^2/s)",
    "log(1 + s*(@)^2)",
    "tanh(a*(@))",
    "sqrt(s + (@)^2)",
    "(1 + (@)^2)^a",
    "log(exp(sin(@)) + s*exp(cos(@)))",
    "log_sum_exp(@, @, a)",
    "log_cosh(@)*sigmoid(@)",
];

/// ρ and its gradient with respect to θ, as the objective derives them.
fn derived(model: &Model, specification: &Specification, x: &[f64], theta: &[f64]) -> Vec<f64> {
    let mut graph = model.graph().clone();
    let loss = specification.loss(&mut graph, model.log_density()).total;
    let nodes: Vec<ExprId> =
        model.parameter_inputs().iter().map(|&input| graph.input_node(input)).collect();
    let roots = [vec![loss], gradient(&mut graph, loss, &nodes)].concat();
    let inputs = [model.row_inputs(), model.parameter_inputs()].concat();
    let values = [x, theta].concat();
    evaluate(&graph, &roots, |input| {
        values[inputs.iter().position(|&one| one == input).expect("a declared input")]
    })
}

fn close(what: &str, got: f64, want: f64, tolerance: f64) -> TestCaseResult {
    let near = (got - want).abs() <= tolerance;
    prop_assert!(near, "{what}: got {got:e}, want {want:e} ± {tolerance:e}");
    Ok(())
}

/// a, b and s > 0.
fn theta(draws: &mut Stream) -> Vec<f64> {
    vec![0.7 * draws.normal(), 0.7 * draws.normal(), (0.4 * draws.normal()).exp()]
}

/// Fails unless the objective agrees with the definition; `false` where numbers are too large.
fn agrees(setting: &Setting, density: &str, key: u64) -> Result<bool, TestCaseError> {
    let text = format!("{}\n{}{PARAMETERS}logp = {density}", setting.data, setting.weights);
    let Text(model) = Text::new(&text);
    let mut draws = stream(SEED, key);
    let rows: Vec<Vec<f64>> = (0..ROWS).map(|_| model.draw_point(&mut draws)).collect();
    let theta = theta(&mut draws);
    let columns: Vec<Vec<f64>> =
        (0..rows[0].len()).map(|k| rows.iter().map(|row| row[k]).collect()).collect();
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let numbers: Vec<u32> = (0..).take(ROWS).collect();
    let specification = Specification::with(&model, &setting.choices).expect("an objective");
    let specification = specification.on(&model, &Rows::new(&slices, &numbers)).expect("a weight");
    let judge = Judge::new(setting, density, &rows);
    let (rho, size) = judge.rho(&rows[0], &theta);
    if size > SIZE_MAX || !rho.is_finite() {
        return Ok(false);
    }
    let got = derived(&model, &specification, &rows[0], &theta);
    let scale = size * size;
    close("loss", got[0], rho, 1e-11 * scale)?;
    for j in 0..theta.len() {
        let (exact, difference) = judge.slope(&rows[0], &theta, j);
        close(&format!("slope {j}"), got[1 + j], exact, 1e-10 * scale)?;
        if difference.error <= 1e-7 * scale {
            close(&format!("difference {j}"), got[1 + j], difference.value, 1e-6 * scale)?;
        }
    }
    Ok(true)
}

/// Random log-densities built from these leaves.
fn density(leaves: &'static [&'static str]) -> impl Strategy<Value = String> {
    let leaf = || select(leaves).prop_map(str::to_owned);
    let expression = leaf().prop_recursive(3, 10, 3, |inner| {
        (select(&TEMPLATES[..]), prop::collection::vec(inner, 3))
            .prop_map(|(template, children)| filled(template, &children))
    });
    (leaf(), leaf(), prop::collection::vec(expression, 1..3)).prop_map(|(one, other, terms)| {
        format!("a*({one}) + b*({other})^2/s + {}", terms.join(" + "))
    })
}

/// Runs a test on random texts and points, most of which must be comparable.
fn judged(
    leaves: &'static [&'static str],
    judge: impl Fn(&str, u64) -> Result<bool, TestCaseError>,
) {
    let config = Config {
        cases: u32::try_from(cases(CASES)).expect("a modest count"),
        rng_seed: RngSeed::Fixed(SEED),
        failure_persistence: None,
        ..Config::default()
    };
    let (seen, compared) = (Cell::new(0), Cell::new(0));
    let outcome = TestRunner::new(config).run(&(density(leaves), any::<u64>()), |(text, key)| {
        seen.set(seen.get() + 1);
        compared.set(compared.get() + usize::from(judge(&text, key)?));
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("seed {SEED}: {error}");
    }
    println!("compared {} of {}", compared.get(), seen.get());
    assert!(3 * compared.get() >= 2 * seen.get(), "too few cases could be compared");
}

fn judge(setting: &Setting) {
    println!("{} {}", setting.data, setting.weights);
    judged(setting.leaves, |text, key| agrees(setting, text, key));
}

fn auto(
    data: &'static str,
    weights: &'static str,
    leaves: &'static [&'static str],
    parts: Vec<(Way, Weight)>,
) -> Setting {
    Setting { data, weights, leaves, parts, choices: Choices::default() }
}

const ABOVE_ZERO: &[(f64, f64)] = &[(1.0, 0.0)];

#[test]
fn on_half_lines() {
    let leaves = &["x", "log(x)", "1/(s + x)", "sqrt(x)", "x^b", "log(1 + a^2*x)"];
    judge(&auto("data x > 0", "", leaves, vec![(Way::Axis(0), Weight::Capped(ABOVE_ZERO, 2))]));
    judge(&auto(
        "data x > 0",
        "weight x = x^3/(1 + x)\n",
        leaves,
        vec![(Way::Axis(0), Weight::Text("x^3/(1 + x)"))],
    ));
    let below = &["x", "log(2 - x)", "exp(x - 2)", "sqrt(2 - x)", "x*a"];
    judge(&auto("data x < 2", "", below, vec![(Way::Axis(0), Weight::Capped(&[(-1.0, 2.0)], 2))]));
}

#[test]
fn on_intervals_and_boxes() {
    let leaves = &["x", "log(x)", "log(2 - x)", "x*(2 - x)", "sqrt(2*x - x^2)", "b*x"];
    let ends: &[(f64, f64)] = &[(1.0, 0.0), (-1.0, 2.0)];
    judge(&auto("data x in (0, 2)", "", leaves, vec![(Way::Axis(0), Weight::Capped(ends, 2))]));
    let leaves = &["x", "y", "log(x)", "log(3 - y)", "x*y", "(x - y)^2", "log(1 + y)", "a*x*y"];
    let others: &[(f64, f64)] = &[(1.0, -1.0), (-1.0, 3.0)];
    judge(&auto(
        "data x in (0, 2), y in (-1, 3)",
        "",
        leaves,
        vec![(Way::Axis(0), Weight::Capped(ends, 2)), (Way::Axis(1), Weight::Capped(others, 2))],
    ));
    judge(&auto(
        "data x in (0, 2), y in (-1, 3)",
        "weight x = x^2*(2 - x)^2*exp(y)\n",
        leaves,
        vec![
            (Way::Axis(0), Weight::Text("x^2*(2 - x)^2*exp(y)")),
            (Way::Axis(1), Weight::Capped(others, 2)),
        ],
    ));
}

#[test]
fn on_the_plane_with_a_weight() {
    let leaves = &["x", "y", "x*y", "(x - a)^2", "exp(-x^2)*y"];
    let weight = Weight::Text("exp(-x^2/4)*(1 + y^2)");
    judge(&auto(
        "data x, y",
        "weight = exp(-x^2/4)*(1 + y^2)\n",
        leaves,
        vec![(Way::Axis(0), weight.clone()), (Way::Axis(1), weight)],
    ));
}

#[test]
fn on_circles() {
    let leaves = &["cos(t)", "sin(t)", "cos(2*t - a)", "sin(t - r)", "cos(r)", "sin(r - b)*sin(t)"];
    let parts = vec![(Way::Axis(0), Weight::One), (Way::Axis(1), Weight::One)];
    judge(&auto("data t on circle, r on circle", "", leaves, parts));
}

#[test]
fn on_spheres() {
    let leaves = &["v[1]", "v[2]", "v[3]", "v[1]*v[2]", "v[2]^2", "dot(v, [a, b, s])"];
    let sphere = || Way::Sphere(0..3);
    judge(&auto("data v[3] on sphere", "", leaves, vec![(sphere(), Weight::One)]));
    judge(&auto(
        "data v[3] on sphere",
        "weight v = 1 + v[1]^2*v[2]\n",
        leaves,
        vec![(sphere(), Weight::Text("1 + v[1]^2*v[2]"))],
    ));
    let leaves = &["v[1]", "v[4]", "v[1]*v[3]", "v[2]^2 - v[4]^2", "exp(v[2])", "sumsq(v)*v[3]"];
    judge(&auto("data v[4] on sphere", "", leaves, vec![(Way::Sphere(0..4), Weight::One)]));
}

const IN_U: &[&str] =
    &["u[1]", "u[3]", "log(u[1])", "log(u[2])", "log(u[3])", "u[1]*u[2]", "b*u[2]/(u[1] + u[3])"];

fn compositions(transform: Transform, weights: &'static str, weight: Weight) -> Setting {
    Setting {
        data: "data u[3] on simplex",
        weights,
        leaves: IN_U,
        parts: vec![(Way::Simplex(0..3, transform), weight)],
        choices: Choices::default().transform(transform),
    }
}

#[test]
fn on_simplexes_by_log_ratios() {
    for transform in [Transform::Clr, Transform::Alr] {
        judge(&compositions(transform, "", Weight::One));
        let text = "u[1]*(1 + u[2])";
        judge(&compositions(transform, "weight u = u[1]*(1 + u[2])\n", Weight::Text(text)));
    }
}

#[test]
fn on_simplexes_by_roots_and_flat() {
    for (transform, power) in [(Transform::Sqrt, 1), (Transform::Flat, 2)] {
        judge(&compositions(transform, "", Weight::Capped(ABOVE_ZERO, power)));
        let text = "u[1]^2*u[2]^2*u[3]^2";
        judge(&compositions(transform, "weight u = u[1]^2*u[2]^2*u[3]^2\n", Weight::Text(text)));
    }
}

#[test]
fn on_products() {
    let leaves = &["x", "cos(t)", "sin(t - a)*x", "y", "log(y - 1)", "x*y", "cos(t)/y"];
    let axes = |weight| {
        vec![(Way::Axis(0), Weight::One), (Way::Axis(1), Weight::One), (Way::Axis(2), weight)]
    };
    let (data, edge): (_, &[(f64, f64)]) = ("data x, t on circle, y > 1", &[(1.0, 1.0)]);
    judge(&auto(data, "", leaves, axes(Weight::Capped(edge, 2))));
    let text = "(y - 1)^2*(2 + sin(t))*exp(-x^2)";
    let line = "weight y = (y - 1)^2*(2 + sin(t))*exp(-x^2)\n";
    judge(&auto(data, line, leaves, axes(Weight::Text(text))));
    let leaves = &["v[1]*u[2]", "log(u[1])", "v[2]*v[3]", "w[1]*log(u[3])", "log(w[2])", "y*v[3]"];
    judge(&auto(
        "data v[3] on sphere, u[3] on simplex, y > 0, w[2] on simplex",
        "",
        leaves,
        vec![
            (Way::Sphere(0..3), Weight::One),
            (Way::Simplex(3..6, Transform::Clr), Weight::One),
            (Way::Axis(6), Weight::Capped(ABOVE_ZERO, 2)),
            (Way::Simplex(7..9, Transform::Clr), Weight::One),
        ],
    ));
}

fn agrees_flipped(
    kind: Kind,
    values: [f64; 2],
    density: &str,
    key: u64,
) -> Result<bool, TestCaseError> {
    let head = format!("data x[4] in {{{}, {}}}\n{PARAMETERS}", values[0], values[1]);
    let text = Text::new(&format!("{head}logp = {density}"));
    let mut draws = stream(SEED, key);
    let (x, theta) = (text.0.draw_point(&mut draws), theta(&mut draws));
    let (rho, size) = flipped(&text, kind, values, &x, &theta);
    if size.is_nan() || size >= 300.0 {
        return Ok(false);
    }
    let choices = Choices::default().kind(kind);
    let specification = Specification::with(&text.0, &choices).expect("an objective");
    let got = derived(&text.0, &specification, &x, &theta);
    close("loss", got[0], rho, 1e-11 * size)?;
    for j in 0..theta.len() {
        let exact = flipped(&text, kind, values, &x, &lifted(&theta, j)).0.first;
        let along = |h: f64| flipped(&text, kind, values, &x, &moved(&theta, j, h)).0;
        let difference = differences::first(along, 0.02);
        let scale = size * size.max(exact.abs());
        close(&format!("slope {j}"), got[1 + j], exact, 1e-10 * scale)?;
        if difference.error <= 1e-7 * scale {
            close(&format!("difference {j}"), got[1 + j], difference.value, 1e-6 * scale)?;
        }
    }
    Ok(true)
}

/// Texts that are affine in the entries, have squares, or jump.
#[test]
fn on_two_values() {
    let leaves: &[&str] = &[
        "x[1]",
        "x[3]",
        "x[1]*x[2]",
        "x[2]*x[3]*x[4]",
        "abs(x[1] + x[4] - 1/2)",
        "x[4]^2",
        "if(x[1] + x[2] > 1/2, x[3], a)",
        "floor(x[2]/2 + x[3])",
    ];
    for kind in [Kind::Ratio, Kind::PseudoLikelihood, Kind::Flow] {
        for values in [[0.0, 1.0], [-1.0, 1.0]] {
            judged(leaves, |text, key| agrees_flipped(kind, values, text, key));
        }
    }
}
