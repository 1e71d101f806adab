//! Functions of the parameters by the delta method, and hypotheses about them, against textbook formulas.

mod support;

use scorematch::Model;
use scorematch::fit::{self, Derived, Estimate, Options, Status};
use scorematch::numerics::rng::stream;
use support::samples::{Table, fit_with, parameter};

const NORMAL: &str = "data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)";
const TWO: &str = "data x, z; param a, b, s > 0, t > 0; -(x - a)^2/(2*s) - (z - b)^2/(2*t)";

fn sample(n: usize) -> Table {
    let mut stream = stream(7, 3);
    let mut draw = |m: f64, s: f64| (0..n).map(|_| m + s * stream.normal()).collect::<Vec<f64>>();
    vec![("x", draw(5.0, 1.5)), ("z", draw(2.0, 0.5))]
}

#[track_caller]
fn fitted(text: &str, expressions: &str) -> Estimate {
    let names = Model::parse(text).expect("a model");
    let used = |name: &str| names.data().iter().any(|one| one.name == name);
    let table: Table = sample(200).into_iter().filter(|(name, _)| used(name)).collect();
    fit_with(text, &table, &Options::default().estimate(expressions)).expect("a fit")
}

#[track_caller]
fn close(found: Option<f64>, expected: f64) {
    let found = found.expect("a number");
    assert!((found - expected).abs() <= 1e-10 * expected.abs(), "{found} is not {expected}");
}

fn without_error(derived: &Derived) -> &str {
    assert_eq!((derived.std_error, derived.interval), (None, None), "{derived:?}");
    derived.reason.as_deref().expect("a reason")
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn moment(a: &[f64], b: &[f64]) -> f64 {
    let (ma, mb) = (mean(a), mean(b));
    a.iter().zip(b).map(|(a, b)| (a - ma) * (b - mb)).sum::<f64>() / a.len() as f64
}

#[test]
fn textbook_errors() {
    let fit = fitted(NORMAL, "log(s2), exp(mu), 2*mu + 3");
    let [x, _] = &sample(200)[..] else { panic!() };
    let (m, s2) = (mean(&x.1), moment(&x.1, &x.1));
    let root = (s2 / 200.0).sqrt();
    let [log, exp, line] = &fit.derived[..] else { panic!("{fit:?}") };
    close(log.estimate, s2.ln());
    close(log.std_error, parameter(&fit, "s2").std_error.expect("an error") / s2);
    close(exp.estimate, m.exp());
    close(exp.std_error, m.exp() * root);
    close(line.std_error, 2.0 * root);
    let (low, high) = line.interval.expect("an interval");
    close(Some(high - low), 4.0 * 1.959_963_984_540_054 * root);
    close(Some(0.5 * (high + low)), 2.0 * m + 3.0);
}

/// The ratio of two means, from the rows alone.
#[test]
fn ratio_of_means() {
    let fit = fitted(TWO, "a/b");
    let [(_, x), (_, z)] = &sample(200)[..] else { panic!() };
    let (a, b) = (mean(x), mean(z));
    let n = 200.0;
    let relative = moment(x, x) / (a * a) + moment(z, z) / (b * b) - 2.0 * moment(x, z) / (a * b);
    close(fit.derived[0].estimate, a / b);
    close(fit.derived[0].std_error, (a / b) * (relative / n).sqrt());
}

/// Of an unconstrained parameter the row is that of the parameter; of a constrained one value and error
/// are the same, and the interval is symmetric.
#[test]
fn a_parameter_alone_is_itself() {
    let fit = fitted(NORMAL, "mu, s2");
    for one in &fit.derived {
        let own = parameter(&fit, &one.expression);
        assert_eq!((one.estimate, one.std_error), (Some(own.estimate), own.std_error));
    }
    let interval = |name: &str| parameter(&fit, name).interval.expect("an interval");
    let derived = |k: usize| fit.derived[k].interval.expect("an interval");
    close(Some(derived(0).0), interval("mu").0);
    close(Some(derived(0).1), interval("mu").1);
    let at = parameter(&fit, "s2").estimate;
    close(Some(derived(1).1 - at), at - derived(1).0);
    assert!((interval("s2").1 - at) > 1.05 * (at - interval("s2").0));
}

/// Entries of matrices, definitions and constants of the model stand in expressions too.
#[test]
fn names_of_the_model() {
    let text = "const d = 2; data x, z; param m[d], K[d,d] posdef; let r = [x, z] - m;
                let precision = K[1,1]; def half(t) = t/d; -r'*K*r/2";
    let fit = fitted(
        text,
        "half(m[1]), K[1,2]/sqrt(K[1,1]*K[2,2]), sum(i in 1:d, m[i]), precision + 0*d",
    );
    let m: Vec<f64> = ["m[1]", "m[2]"].iter().map(|name| parameter(&fit, name).estimate).collect();
    close(fit.derived[0].estimate, m[0] / 2.0);
    close(fit.derived[0].std_error, parameter(&fit, "m[1]").std_error.expect("an error") / 2.0);
    close(fit.derived[2].estimate, m[0] + m[1]);
    assert_eq!(fit.derived[3].std_error, parameter(&fit, "K[1,1]").std_error);
    // The error of a correlation ρ of two normals is (1 - ρ²)/√n; score matching of a normal is maximum
    // likelihood, and its sandwich differs by sampling.
    let rho = fit.derived[1].estimate.expect("a value");
    let expected = (1.0 - rho * rho) / 200.0_f64.sqrt();
    let found = fit.derived[1].std_error.expect("an error");
    assert!((found / expected - 1.0).abs() < 0.2, "{found} {expected}");
}

#[test]
fn what_is_held_is_constant() {
    let options = Options::default().hold("s2", 4.0).estimate("mu/sqrt(s2), sqrt(s2)");
    let fit = fit_with(NORMAL, &sample(200)[..1].to_vec(), &options).expect("a fit");
    let error = parameter(&fit, "mu").std_error.expect("an error");
    close(fit.derived[0].std_error, error / 2.0);
    assert_eq!(fit.derived[1].estimate, Some(2.0));
    assert_eq!(without_error(&fit.derived[1]), "s2 is held fixed");
}

#[test]
fn no_error_where_there_is_no_derivative() {
    let table: Table = vec![("x", vec![-1.0, 0.0, 1.0, -2.0, 2.0])];
    let cases = [
        ("abs(mu)", "not differentiable"),
        ("max(mu, 2*mu)", "not differentiable"),
        ("if(mu > 0, mu, 3*mu)", "not differentiable"),
        ("mu + floor(s2 - 1)", "not differentiable"),
        ("sqrt(mu^2)", "not differentiable"),
        ("mu^(1/3)", "not differentiable"),
        ("1/mu", "not differentiable"),
        ("floor(s2 + 0.5)", "flat at the estimate"),
        ("mu^2", "flat at the estimate"),
        ("log(mu - 1)", "not finite"),
    ];
    for (expression, reason) in cases {
        let options = Options::default().estimate(expression);
        let fit = fit_with(NORMAL, &table, &options).expect("a fit");
        assert_eq!(without_error(&fit.derived[0]), reason, "{expression}");
        assert_eq!(fit.derived[0].estimate.is_none(), reason == "not finite", "{expression}");
    }
    // Kinks elsewhere do not matter.
    let options = Options::default()
        .estimate("abs(mu + 1), max(mu, s2), if(mu > 1, 0, 2*mu), clamp(mu, -1, 1)");
    let fit = fit_with(NORMAL, &table, &options).expect("a fit");
    let errors: Vec<f64> = fit.derived.iter().map(|one| one.std_error.expect("an error")).collect();
    let own = |name: &str| parameter(&fit, name).std_error.expect("an error");
    for (k, expected) in [own("mu"), own("s2"), 2.0 * own("mu"), own("mu")].into_iter().enumerate()
    {
        close(Some(errors[k]), expected);
    }
}

#[test]
fn no_error_where_a_parameter_has_none() {
    let fit = fitted("data x; param mu, c; -(x - mu)^2/2 + c", "mu + c, 2*mu");
    assert_eq!(parameter(&fit, "c").status, Status::Unidentified);
    assert_eq!(without_error(&fit.derived[0]), "c is not identified");
    assert!(fit.derived[1].std_error.is_some());
    let fit = fitted("data x; param m[3], s2 > 0; -(x - m[1] - m[2])^2/(2*s2) + m[3]", "m[1]");
    assert_eq!(without_error(&fit.derived[0]), "m[1] has no error");
}

#[test]
fn sums_that_do_not_vary_have_no_error() {
    let text = "data x; param w[2] simplex; log(w[1]*exp(-(x - 4)^2) + w[2]*exp(-(x - 6)^2))";
    let fit = fitted(text, "w[1] + w[2], w[1] - w[2]");
    assert_eq!(without_error(&fit.derived[0]), "does not vary beyond rounding");
    close(fit.derived[1].std_error, 2.0 * parameter(&fit, "w[1]").std_error.expect("an error"));
}

#[test]
fn expressions_are_refused_with_their_place() {
    let model = Model::parse(
        "data x; covariate z; param mu, m[2], s2 > 0; let r = x - mu;
        def f(t) = t*x; -r^2/(2*s2) - z*m[1]*x",
    )
    .expect("a model");
    let check = |text: &str, at: usize, words: &str| {
        let errors = model.estimands(text).expect_err(text);
        let error = &errors.as_slice()[0];
        assert_eq!(error.to_string(), words, "{text}");
        assert_eq!(error.span.map(|span| span.start as usize), Some(at), "{text}");
    };
    check("mu + x", 5, "`x` is data: only parameters and constants have a place here");
    check("mu, 2*z", 6, "`z` is a covariate: only parameters and constants have a place here");
    check("r", 0, "`r` is made of data: only parameters and constants have a place here");
    check("s2, f(mu)", 4, "`x` is data: only parameters and constants have a place here");
    check("exp(mo)", 4, "there is no parameter `mo`");
    check("s2, m", 4, "this needs a scalar, but `m` is a vector of 2");
    check("s2, m[3]", 6, "index 3 is outside of 1 to 2: `m` is a vector of 2");
    check("ex(mu)", 0, "there is no function `ex`");
    check("mu, 2 + 1", 4, "`2 + 1` depends on no parameter");
    check("param q", 0, "expected an expression of the parameters such as `mu/sqrt(s2)`");
    check(" , ", 0, "expected an expression of the parameters such as `mu/sqrt(s2)`");
    assert!(model.estimands("mu, (s2").is_err());
}

#[test]
fn a_fit_refuses_them_before_it_begins() {
    let options = Options::default().estimate("nu");
    let error = fit_with(NORMAL, &sample(20)[..1].to_vec(), &options).expect_err("no parameter nu");
    assert!(matches!(error, fit::Error::Expression(_)), "{error}");
    assert_eq!(error.to_string(), "there is no parameter `nu`");
}
