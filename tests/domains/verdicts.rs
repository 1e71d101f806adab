//! Warnings of a fit about edges, tails and periodicity, and refusals of invalid weights.

use scorematch::Fit;
use scorematch::fit::Options;
use scorematch::model::Model;
use scorematch::numerics::rng::stream;
use scorematch::objective::{Choices, Rows, Specification, Transform};

use crate::identities::{columns, fitted};

fn uniforms(n: usize, key: u64) -> Vec<f64> {
    let mut stream = stream(2, key);
    (0..n).map(|_| stream.uniform()).collect()
}

fn exponentials(n: usize, key: u64) -> Vec<f64> {
    uniforms(n, key).iter().map(|u| -u.ln()).collect()
}

/// A fit with some parameters held fixed, so that only the others are estimated.
fn held(text: &str, data: &[(&str, Vec<f64>)], fix: &[(&str, f64)]) -> Fit {
    let options = fix.iter().fold(Options::default(), |all, &(name, value)| all.hold(name, value));
    fitted(text, data, &options)
}

fn message(fit: &Fit, code: &str) -> Option<String> {
    let warnings = &fit.estimate().warnings;
    Some(warnings.iter().find(|one| one.code == code)?.message.clone())
}

#[track_caller]
fn says(fit: &Fit, code: &str, words: &str) {
    let warnings = &fit.estimate().warnings;
    let found = warnings.iter().any(|one| one.code == code && one.message.contains(words));
    assert!(found, "{warnings:?}");
}

#[track_caller]
fn is_silent(fit: &Fit, codes: &[&str]) {
    codes.iter().for_each(|code| assert_eq!(message(fit, code), None));
}

const EDGE: &[&str] = &["may-not-normalise", "flux-at-edge", "mass-at-edge"];

#[test]
fn a_tail_on_a_half_line_must_fall() {
    let x = exponentials(200, 1);
    let lomax = "data x > 0; param a, k; -a*log(1 + x) - k*x^2/(1 + x^4)";
    is_silent(&held(lomax, &[("x", x.clone())], &[("a", 1.2)]), EDGE);
    for a in [0.9, 1.0] {
        let fit = held(lomax, &[("x", x.clone())], &[("a", a)]);
        says(&fit, "may-not-normalise", "`x` → +∞");
    }
    let below: Vec<f64> = x.iter().map(|x| 5.0 - x).collect();
    let mirrored = "data x < 5; param a, k; -a*log(6 - x) - k*x^2/(1 + x^4)";
    let fit = held(mirrored, &[("x", below)], &[("a", 0.9)]);
    says(&fit, "may-not-normalise", "`x` → -∞");
}

#[test]
fn half_lines_and_lines_have_tails_together() {
    let x = exponentials(200, 2);
    let y = exponentials(200, 3);
    let text = "data x > 0, y > 0; param b > 0, k; -b*(x + y) - k*x*y/(1 + x^2*y^2)";
    let data = [("x", x.clone()), ("y", y.clone())];
    is_silent(&fitted(text, &data, &Options::default()), EDGE);
    let heavy = "data x > 0, y; param b, a; -a*log(1 + x^2 + y^2) - b*x*y^2/(1 + x^2 + y^2)^2";
    let fit = held(heavy, &data, &[("a", 0.9)]);
    assert!(message(&fit, "may-not-normalise").is_some(), "{:?}", fit.estimate().warnings);
    is_silent(&held(heavy, &data, &[("a", 1.6)]), EDGE);
}

#[test]
fn a_pole_at_an_edge_must_have_an_integral() {
    let x = exponentials(200, 4);
    let gamma = "data x > 0; param a, b; (a - 1)*log(x) - b*x";
    is_silent(&held(gamma, &[("x", x.clone())], &[("a", 0.5)]), EDGE);
    for a in [0.0, -0.5] {
        let fit = held(gamma, &[("x", x.clone())], &[("a", a)]);
        says(&fit, "may-not-normalise", "x = 0");
    }
    let u = uniforms(200, 5);
    let beta = "data u in (0, 1); param a, b; (a - 1)*log(u) + (b - 1)*log(1 - u)";
    is_silent(&fitted(beta, &[("u", u.clone())], &Options::default()), EDGE);
    let fit = held(beta, &[("u", u)], &[("b", -0.2)]);
    says(&fit, "may-not-normalise", "u = 1");
}

#[test]
fn a_weight_must_make_the_flux_vanish() {
    let x = exponentials(200, 6);
    let text = "data x > 0; param a, b; weight x = x; (a - 1)*log(x) - b*x";
    let data = [("x", x)];
    is_silent(&held(text, &data, &[("a", 1.5)]), EDGE);
    is_silent(&held(text, &data, &[("a", 1.0)]), EDGE);
    let fit = held(text, &data, &[("a", 0.6)]);
    says(&fit, "flux-at-edge", "x = 0");
}

#[test]
fn a_density_on_the_circle_is_periodic() {
    let t: Vec<f64> = uniforms(200, 7).iter().map(|u| 4.0 * u - 2.0).collect();
    let data = [("t", t)];
    let fit = |text: &str| fitted(text, &data, &Options::default());
    is_silent(&fit("data t on circle; param k, m; k*cos(t - m) + 0.2*sin(3*t)"), &["not-periodic"]);
    let line = held("data t on circle; param k, m; k*cos(t - m) - 0.5*t", &data, &[("m", 0.0)]);
    says(&line, "not-periodic", "3.14");
    let half = fit("data t on circle; param k; k*cos(t/2)");
    assert!(message(&half, "not-periodic").is_some());
}

#[test]
fn many_rows_on_an_edge_are_warned_of() {
    let dry = |share: usize| -> Vec<f64> {
        let rows = exponentials(400, 8).into_iter().enumerate();
        rows.map(|(i, x)| if i < share { 0.0 } else { x }).collect()
    };
    let rain = "data x > 0; param b; -b*x";
    let fit = |share: usize| fitted(rain, &[("x", dry(share))], &Options::default());
    is_silent(&fit(4), &["mass-at-edge"]);
    says(&fit(5), "mass-at-edge", "`x` is 0, its declared edge, in 5 of 400 rows");
    says(&fit(100), "mass-at-edge", "100 of 400");
    is_silent(&fit(100), &["point-mass"]);
}

/// The message with which a weight is refused on three rows; `None` where it is accepted.
fn refusal(text: &str) -> Option<String> {
    let model = Model::parse(text).expect("a model");
    let values = [[0.5, 0.25], [2.0, 0.5], [1.0, 0.75]];
    let data: Vec<Vec<f64>> = (0..2).map(|k| values.iter().map(|row| row[k]).collect()).collect();
    let named = [("x", data[0].clone()), ("y", data[1].clone())];
    let column = |name: &str| named.iter().find(|one| one.0 == name).expect("x or y").1.as_slice();
    let slices: Vec<&[f64]> = model.data().iter().map(|one| column(&one.name)).collect();
    let specification = Specification::with(&model, &Choices::default()).expect("an objective");
    let refused =
        specification.on(&model, &Rows::new(&slices, &[0, 3, 4])).err().map(|one| one.to_string());
    let fit = model.fit_with(&columns(&named), &Options::default());
    let both = refused.as_ref().is_some_and(|words| {
        let fit = fit.as_ref().err().map(ToString::to_string).unwrap_or_default();
        fit.split(" row ").next() == words.split(" row ").next()
    });
    assert!(refused.is_none() || both, "{refused:?} {fit:?}");
    refused
}

#[test]
fn a_weight_is_positive_and_vanishes_at_declared_edges() {
    let accepted = [
        "data x > 0; param b; weight x = x^2; -b*x",
        "data x > 0; param b; weight x = sqrt(x)*abs(log(x)); -b*x",
        "data x > 0, y in (0, 1); param b; weight = min(x, min(y, 1 - y))^2; -b*x - y^2",
        "data y in (-1, 1), x; param b; weight y = sin(pi*(1 + y)/2); -b*x^2 - y",
        "data x; param b; weight x = x^2; -b*x^2",
        "data x; param b; weight x = 1 + x; -b*x^2",
    ];
    accepted.iter().for_each(|text| assert_eq!(refusal(text), None, "{text}"));
    for (text, words) in [
        ("data x; param b; weight x = x - 1; -b*x^2", "the weight is -0.5 in row 1 (x = 0.5)"),
        ("data x; param b; weight x = 1 - x; -b*x^2", "the weight is -1 in row 4 (x = 2)"),
        ("data x > 0; param b; weight x = 1/(x - 1)^2; -b*x", "in row 5 (x = 1)"),
        ("data x > 0; param b; weight x = 1 + x; -b*x", "the weight is 1 at the edge x = 0"),
        ("data x > 0; param b; weight x = 1/x; -b*x", "at the edge x = 0"),
        ("data x < 3; param b; weight x = 3.5 - x; b*x", "the weight is 0.5 at the edge x = 3"),
        ("data x, y in (0, 1); param b; weight = y; -b*x^2", "the weight is 1 at the edge y = 1"),
    ] {
        let refused = refusal(text).unwrap_or_else(|| panic!("{text} is taken"));
        assert!(refused.contains(words), "{text}: {refused}");
    }
}

/// Compositions in which the first entry of every `every`-th row is zero.
fn with_zeros(every: usize) -> Vec<(&'static str, Vec<f64>)> {
    let gamma = |key: u64| -> Vec<f64> {
        let parts: Vec<Vec<f64>> = (0..2).map(|k| exponentials(200, 10 * key + k)).collect();
        (0..200).map(|row| parts[0][row] + parts[1][row]).collect()
    };
    let mut parts = [gamma(21), gamma(22), gamma(23)];
    parts[0].iter_mut().step_by(every).for_each(|part| *part = 0.0);
    let sums: Vec<f64> = (0..200).map(|row| parts.iter().map(|part| part[row]).sum()).collect();
    let share = |k: usize| parts[k].iter().zip(&sums).map(|(part, sum)| part / sum).collect();
    vec![("u1", share(0)), ("u2", share(1)), ("u3", share(2))]
}

/// A row whose weight is zero has a loss all the same, 2a'(a' + 1) by roots; with a free exponent
/// this loss would be missing from J.
#[test]
fn zeros_need_numbers_for_exponents_where_their_weight_is_zero() {
    let data = with_zeros(20);
    let by = |transform| Options::default().objective(Choices::default().transform(transform));
    let fit = |text: &str, options: &Options| {
        Model::parse(text).expect("a model").fit_with(&columns(&data), options)
    };
    let free = "data u[3] on simplex; param a, b; a*log(u[1]) + b*log(u[2]) - b*u[1]*u[3]";
    let known = "data u[3] on simplex; param b, c; log(u[1]) + b*log(u[2]) - c*u[1]*u[3]";
    let smooth = "data u[3] on simplex; param b, c; b*log(u[2]) - c*u[1]*u[3]";
    for transform in [Transform::Sqrt, Transform::Flat] {
        let refused = fit(free, &by(transform)).expect_err("the exponent is free").to_string();
        let rows = "rows 1, 21, 41, 61, 81 and 5 more have a zero";
        assert!(refused.contains(rows) && refused.contains(transform.name()), "{refused}");
        let held = fit(free, &by(transform).hold("a", 1.0)).expect("its exponent is held");
        says(&held, "zeros-left-out", "10 rows have a zero");
        let fit_of_known = fit(known, &by(transform)).expect("its exponent is a number");
        says(&fit_of_known, "zeros-left-out", "n counts them");
        assert_eq!(fit_of_known.estimate().rows, 200);
    }
    // The base measure of roots has an exponent of its own, that of flat coordinates has none.
    let by_roots = fit(smooth, &by(Transform::Sqrt)).expect("no exponent");
    says(&by_roots, "zeros-left-out", "--transform sqrt");
    is_silent(&fit(smooth, &by(Transform::Flat)).expect("no exponent"), &["zeros-left-out"]);
    // A weight that vanishes faster leaves no loss out, and log-ratios have no weight.
    let faster = free.replace("; param", "; weight u = min(u[1], u[2], u[3])^2; param");
    is_silent(&fit(&faster, &by(Transform::Sqrt)).expect("a weight"), &["zeros-left-out"]);
    is_silent(&fit(free, &by(Transform::Clr)).expect("log-ratios"), &["zeros-left-out"]);
    // Parameters of other components are not affected.
    let beside = "data u[3] on simplex, y; param m, b; \
                  log(u[1]) + b*log(u[2]) - exp(m)*(y - m)^2/2";
    let mut all = data.clone();
    all.push(("y", exponentials(200, 31)));
    let fit = fitted(beside, &all, &by(Transform::Sqrt));
    says(&fit, "zeros-left-out", "10 rows have a zero");
}

/// A sum of squares on the sphere, or of shares on the simplex, is constant, and its factor only
/// scales the density.
#[test]
fn a_factor_of_a_constant_on_the_domain_is_not_identified() {
    let normals: Vec<Vec<f64>> = (0..3)
        .map(|k| (0..80).map(|row| stream(3, 100 * k + row).normal() + 0.4).collect())
        .collect();
    let length = |row: usize| normals.iter().map(|one| one[row].powi(2)).sum::<f64>().sqrt();
    let entry = |k: usize| (0..80).map(|row| normals[k][row] / length(row)).collect();
    let unit = [("x1", entry(0)), ("x2", entry(1)), ("x3", entry(2))];
    let shares = with_zeros(300);
    let z = ("z", exponentials(200, 32));
    let given: Vec<_> = shares.iter().cloned().chain([z]).collect();
    for (base, term, data) in [
        ("data x[3] on sphere; param k[3]", "k'*x", unit.as_slice()),
        ("data u[3] on simplex; param k[3]", "k'*log(u)", &shares),
        ("data u[3] on simplex; covariate z; param k[3]", "k'*log(u)*exp(-z)", &given),
    ] {
        let of = if base.contains("x[3]") { "(x'*x)" } else { "sum(u)" };
        let added = match base.contains("covariate") {
            true => format!("exp(c*z)*{of}"),
            false => format!("c*{of}"),
        };
        let alone = fitted(&format!("{base}; {term}"), data, &Options::default());
        let both = fitted(&format!("{base}; param c; {term} + {added}"), data, &Options::default());
        says(&both, "unidentified", "the objective does not depend on `c`");
        for name in ["k[1]", "k[2]", "k[3]"] {
            let of = |fit: &Fit| fit.parameter(name).expect("k").estimate;
            let off = (of(&both) - of(&alone)).abs();
            assert!(off < 1e-7 * of(&alone).abs(), "{base}: {} {}", of(&both), of(&alone));
        }
    }
    // A small term is identified, and so is a parameter that other components depend on.
    let small = "data x[3] on sphere; param c, k[3]; k'*x + c*(x'*x)*x[1]^8";
    is_silent(&fitted(small, &unit, &Options::default()), &["unidentified"]);
    let mut beside = shares.clone();
    beside.push(("y", exponentials(200, 33)));
    let other = "data u[3] on simplex, y; param c, b; b*log(u[1]) - (y - c*sum(u))^2/2";
    is_silent(&fitted(other, &beside, &Options::default()), &["unidentified"]);
}
