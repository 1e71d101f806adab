//! Parameters without declarations: signs that may change together are set by convention, and
//! degrees of freedom, scales and shares start in their natural ranges.

mod support;

use scorematch::data::{Columns, Missing};
use scorematch::fit::{self, Estimate, Options, Outcome};
use scorematch::model::Model;
use scorematch::numerics::rng::{Stream, stream};
use support::samples::{Table, gumbel, logistic, mixture, parameter, student};

fn try_fit(text: &str, table: &Table, options: &Options) -> Result<Estimate, fit::Error> {
    let owned = table.iter().map(|(name, values)| ((*name).to_owned(), values.clone())).collect();
    let names: Vec<&str> = table.iter().map(|(name, _)| *name).collect();
    let columns = Columns::from_vecs(owned).expect("columns of one length");
    let data = columns.select(&names, Missing::Error).expect("complete columns");
    let model = Model::parse(text).expect("a model").bind(&names, &names).expect("columns bind");
    fit::fit(&model, &data, options)
}

/// Fits with each seed up to `seeds`; all fits must converge to one point.
fn agreed(text: &str, table: &Table, seeds: u64) -> Estimate {
    let fits: Vec<Estimate> = (1..=seeds)
        .map(|seed| try_fit(text, table, &Options::default().seed(seed)).expect("a fit"))
        .collect();
    for (seed, fit) in fits.iter().enumerate() {
        assert_eq!(fit.outcome, Outcome::Converged, "{text}, seed {}", seed + 1);
        for (one, first) in fit.parameters.iter().zip(&fits[0].parameters) {
            let (got, want) = (one.estimate, first.estimate);
            let close = (got - want).abs() <= 1e-5 * want.abs().max(1e-2);
            assert!(close, "{text}, seed {}: {} = {got}, not {want}", seed + 1, one.name);
        }
    }
    fits[0].clone()
}

fn labels(fit: &Estimate) -> &str {
    let warning = fit.warnings.iter().find(|warning| warning.code == "labels");
    &warning.expect("a note on labels").message
}

fn value(fit: &Estimate, name: &str) -> f64 {
    parameter(fit, name).estimate
}

fn column(rows: usize, key: u64, draw: impl Fn(&mut Stream) -> f64) -> Vec<f64> {
    let mut s = stream(71, key);
    (0..rows).map(|_| draw(&mut s)).collect()
}

/// y = f(x) + normal noise with this standard deviation.
fn curve(rows: usize, noise: f64, f: impl Fn(f64) -> f64) -> Table {
    let x = column(rows, 1, |s| 1.5 * s.normal());
    let errors = column(rows, 2, Stream::normal);
    let y = x.iter().zip(&errors).map(|(&x, e)| f(x) + noise * e).collect();
    vec![("x", x), ("y", y)]
}

#[test]
fn scales_are_positive_and_a_correlation_has_the_sign_of_the_data() {
    let text = "-(((x-mx)/sx)^2 - 2*rho*(x-mx)*(y-my)/(sx*sy) + ((y-my)/sy)^2)/(2*(1-rho^2))";
    for (rho, seeds) in [(0.91_f64, 6), (-0.4, 3)] {
        let a = column(150, 3, Stream::normal);
        let b = column(150, 4, Stream::normal);
        let other = |(a, b): (&f64, &f64)| -3.0 + 0.5 * (rho * a + (1.0 - rho * rho).sqrt() * b);
        let y = a.iter().zip(&b).map(other).collect();
        let x = a.iter().map(|a| 1.0 + 2.0 * a).collect();
        let fit = agreed(text, &vec![("x", x), ("y", y)], seeds);
        assert!(value(&fit, "sx") > 0.0 && value(&fit, "sy") > 0.0);
        assert!((value(&fit, "rho") - rho).abs() < 0.2, "{}", value(&fit, "rho"));
        let note = labels(&fit);
        assert!(note.contains("`sx` may change sign together with `rho`"), "{note}");
        assert!(note.contains("`sy` may change sign together with `rho`"), "{note}");
    }
}

#[test]
fn factors_of_odd_terms_change_sign_together() {
    let table = curve(400, 0.3, |x| 2.0 * (1.2 * x).tanh());
    let fit = agreed("data y\ncovariate x\n-(y - a*tanh(b*x))^2/(2*s2)", &table, 4);
    assert!((value(&fit, "a") - 2.0).abs() < 0.2 && (value(&fit, "b") - 1.2).abs() < 0.3);
    assert!(labels(&fit).contains("`a` may change sign together with `b`"), "{}", labels(&fit));
}

/// The unit of a network: (v, b, c) and (-v, -b, -c) give one function.
#[test]
fn a_unit_of_a_network_changes_sign_as_a_whole() {
    let table = curve(400, 0.2, |x| 0.5 - 1.5 * (1.3 * x - 0.8).tanh());
    let fit = agreed("data y\ncovariate x\n-(y - d - v*tanh(b*x + c))^2/(2*s^2)", &table, 4);
    assert!((value(&fit, "v") - 1.5).abs() < 0.3, "{}", value(&fit, "v"));
    assert!((value(&fit, "b") + 1.3).abs() < 0.4, "{}", value(&fit, "b"));
    assert!(value(&fit, "s") > 0.0);
}

#[test]
fn degrees_of_freedom_start_positive() {
    let x = column(1000, 5, |s| 0.5 + 1.3 * student(5, s));
    for scale in ["s2", "s^2"] {
        let text = format!("-(nu+1)/2*log(1+(x-mu)^2/(nu*{scale}))");
        let fit = agreed(&text, &vec![("x", x.clone())], 4);
        assert!((2.0..12.0).contains(&value(&fit, "nu")), "{}", value(&fit, "nu"));
    }
}

#[test]
fn shares_start_between_0_and_1() {
    let x = column(800, 6, |s| mixture(&[(0.3, -2.0, 1.0), (0.7, 2.0, 1.0)], s));
    let fixed = "log(w*exp(-(x-m1)^2/2) + (1-w)*exp(-(x-m2)^2/2))";
    let fitted = "log(w/s*exp(-(x-m1)^2/(2*s^2)) + (1-w)/s*exp(-(x-m2)^2/(2*s^2)))";
    for text in [fixed, fitted] {
        let fit = agreed(text, &vec![("x", x.clone())], 4);
        assert!((value(&fit, "m1") + 2.0).abs() < 0.3, "{fit:#?}");
        assert!((value(&fit, "w") - 0.3).abs() < 0.1, "{fit:#?}");
    }
}

/// The ratio of two logistic densities is bounded, so log p is finite for shares
/// slightly outside (0, 1) too.
#[test]
fn shares_of_parts_with_a_bounded_ratio_start_between_0_and_1() {
    let draw =
        |s: &mut Stream| if s.uniform() < 0.3 { logistic(s) - 4.0 } else { logistic(s) + 4.0 };
    let text = "mixture([w, 1 - w], [logistic_lpdf(x, m1, 1), logistic_lpdf(x, m2, 1)])";
    let fit = agreed(text, &vec![("x", column(800, 8, draw))], 4);
    assert!((value(&fit, "m1") + 4.0).abs() < 0.5 && (value(&fit, "m2") - 4.0).abs() < 0.5);
    assert!((value(&fit, "w") - 0.3).abs() < 0.2, "{}", value(&fit, "w"));
}

#[test]
fn scales_start_positive() {
    let x = column(800, 7, |s| 3.0 + 0.7 * gumbel(s));
    let fit = agreed("-(x-m)/s - exp(-(x-m)/s) - log(s)", &vec![("x", x)], 4);
    assert!((value(&fit, "s") - 0.7).abs() < 0.1);
    let x = column(800, 8, |s| 3.0 + 0.7 * logistic(s));
    let fit = agreed("-(x-m)/s - 2*log(1 + exp(-(x-m)/s)) - log(s)", &vec![("x", x)], 4);
    assert!((value(&fit, "s") - 0.7).abs() < 0.1);
}

#[test]
fn a_start_where_log_p_is_not_finite_is_refused_with_a_declaration() {
    let x = column(500, 9, |s| 0.5 + 1.3 * student(5, s));
    let options = Options::default().starts(1).start("nu", -1.5).start("s2", 1.0).start("mu", 0.5);
    let text = "-(nu+1)/2*log(1+(x-mu)^2/(nu*s2))";
    let refused = try_fit(text, &vec![("x", x)], &options);
    let Err(error @ fit::Error::Domain { .. }) = &refused else { panic!("{refused:?}") };
    let message = error.to_string();
    assert!(message.contains("nu = -1.5"), "{message}");
    assert!(message.ends_with("; declare `param nu > 0`"), "{message}");
}
