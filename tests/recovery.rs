//! Fits that need a search find the right minimum without start values.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use scorematch::data::{Columns, Missing, Selection};
use scorematch::fit::{self, Estimate, Method, Options, Outcome, Starts, Status};
use scorematch::model::Model;
use scorematch::numerics::rng::{Stream, stream};
use scorematch::objective::{Choices, Kind};

fn select(columns: &[(&str, Vec<f64>)]) -> Selection {
    let owned = columns.iter().map(|(name, values)| ((*name).to_owned(), values.clone())).collect();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let columns = Columns::from_vecs(owned).expect("columns of one length");
    columns.select(&names, Missing::Error).expect("complete columns")
}

fn try_fit(
    text: &str,
    columns: &[(&str, Vec<f64>)],
    options: &Options,
) -> Result<Estimate, fit::Error> {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let model = Model::parse(text).expect("a model").bind(&names, &names).expect("columns bind");
    fit::fit(&model, &select(columns), options)
}

fn fitted(text: &str, columns: &[(&str, Vec<f64>)]) -> Estimate {
    try_fit(text, columns, &Options::default()).expect("a fit")
}

fn draws(n: usize, key: u64, draw: impl Fn(&mut Stream) -> f64) -> Vec<f64> {
    let mut stream = stream(23, key);
    (0..n).map(|_| draw(&mut stream)).collect()
}

fn value(fit: &Estimate, name: &str) -> f64 {
    fit.parameters.iter().find(|p| p.name == name).expect("a parameter of this name").estimate
}

fn error(fit: &Estimate, name: &str) -> f64 {
    let parameter = fit.parameters.iter().find(|p| p.name == name);
    parameter.expect("a parameter of this name").std_error.expect("an error")
}

fn has_warning(fit: &Estimate, code: &str) -> bool {
    fit.warnings.iter().any(|warning| warning.code == code)
}

fn waiting() -> Vec<f64> {
    let text = include_str!("../examples/faithful.csv");
    let field = |line: &str| line.split(',').nth(1).and_then(|text| text.parse().ok());
    text.lines().skip(1).filter_map(field).collect()
}

const TWO: &str = "param logit, m[2], s2[2] > 0
let w = sigmoid(logit)
def part(x, m, s2) = exp(-(x - m)^2/(2*s2))/sqrt(s2)
log(w*part(x, m[1], s2[1]) + (1 - w)*part(x, m[2], s2[2]))";

#[test]
fn old_faithful() {
    let fit = fitted(TWO, &[("x", waiting())]);
    assert_eq!(fit.outcome, Outcome::Converged);
    assert_eq!(fit.method, Method::Newton);
    assert!((value(&fit, "m[1]") - 54.7647).abs() < 1e-4, "{fit:#?}");
    assert!((value(&fit, "m[2]") - 80.2633).abs() < 1e-4);
    assert!((value(&fit, "s2[1]").sqrt() - 5.9745).abs() < 1e-4);
    assert!((value(&fit, "s2[2]").sqrt() - 5.6966).abs() < 1e-4);
    assert!((fit.objective + 0.011_503_36).abs() < 1e-8);
    assert!(fit.gradient_norm < 1e-9);
    assert!(fit.starts.converged * 2 > fit.starts.tried);
    assert!(has_warning(&fit, "heavy-ties"));
    assert!(has_warning(&fit, "labels"));
    assert!(!has_warning(&fit, "evident-edge"));
    assert!(!has_warning(&fit, "may-not-normalise"));
}

/// One normal of rounded values has one minimum, and does not shrink onto a value.
#[test]
fn ties_do_not_affect_a_closed_form() {
    let fit = fitted("-(x - mu)^2/(2*s2)", &[("x", waiting())]);
    assert_eq!(fit.method, Method::ClosedForm);
    assert!(!has_warning(&fit, "heavy-ties"));
}

#[test]
fn units_do_not_matter() {
    let fit = fitted(TWO, &[("x", waiting())]);
    for (offset, scale) in [(0.0, 1e-6), (1e6, 1.0), (-5.0, 3e5)] {
        let x: Vec<f64> = waiting().iter().map(|x| offset + scale * x).collect();
        let moved = fitted(TWO, &[("x", x)]);
        for (name, power) in [("m[1]", 1), ("m[2]", 1), ("s2[1]", 2), ("s2[2]", 2)] {
            let shift = if power == 1 { offset } else { 0.0 };
            let want = value(&fit, name) * f64::powi(scale, power);
            let got = value(&moved, name) - shift;
            assert!((got - want).abs() < 1e-8 * want.abs(), "{name}: {got} {want}");
        }
        assert!((value(&moved, "logit") - value(&fit, "logit")).abs() < 1e-6);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let one = fitted(TWO, &[("x", waiting())]);
    let options = Options::default().threads(4);
    let four = try_fit(TWO, &[("x", waiting())], &options).expect("a fit");
    assert_eq!(one, four);
}

const THREE: &str = "param w[3] simplex, m[3], s2[3] > 0
log(sum(k in 1:3, w[k]*exp(-(x - m[k])^2/(2*s2[k]))/sqrt(s2[k])))";

fn three_normals(key: u64) -> Vec<f64> {
    draws(1500, key, |s| match s.uniform() {
        u if u < 0.3 => -4.0 + s.normal(),
        u if u < 0.7 => 0.5 + 0.8 * s.normal(),
        _ => 5.0 + 1.2 * s.normal(),
    })
}

fn finds_three(key: u64) -> bool {
    let fit = fitted(THREE, &[("x", three_normals(key))]);
    let truth = [("m[1]", -4.0), ("m[2]", 0.5), ("m[3]", 5.0)];
    fit.outcome == Outcome::Converged
        && truth.iter().all(|(name, want)| (value(&fit, name) - want).abs() < 0.5)
}

fn two_normals(key: u64) -> Vec<f64> {
    draws(600, key, |s| {
        if s.uniform() < 0.4 { 10.0 + 2.0 * s.normal() } else { 20.0 + 3.0 * s.normal() }
    })
}

fn finds_two(key: u64) -> bool {
    let fit = fitted(TWO, &[("x", two_normals(key))]);
    let (low, high) = (value(&fit, "m[1]"), value(&fit, "m[2]"));
    fit.outcome == Outcome::Converged && (low - 10.0).abs() < 1.5 && (high - 20.0).abs() < 1.5
}

const STUDENT: &str = "param mu, s > 0, nu > 0\n-(nu + 1)/2*log(1 + (x - mu)^2/(nu*s^2))";

/// Draws of Student's t: a normal over the square root of a mean of squares.
fn student(key: u64, nu: usize) -> Vec<f64> {
    draws(1000, key, |s| {
        let z = s.normal();
        let mean = (0..nu).map(|_| s.normal().powi(2)).sum::<f64>() / nu as f64;
        3.0 + 2.0 * z / mean.sqrt()
    })
}

fn finds_student(key: u64) -> bool {
    let fit = fitted(STUDENT, &[("x", student(key, 4))]);
    fit.outcome == Outcome::Converged
        && (value(&fit, "mu") - 3.0).abs() < 0.5
        && (value(&fit, "s") - 2.0).abs() < 0.6
        && (1.5..20.0).contains(&value(&fit, "nu"))
}

const ICA: &str = "data x[2]\nparam W[2,2]\n-sum(log(cosh(W*x)))";

/// Whether sources of density 1/cosh, mixed, are recovered.
fn finds_sources(key: u64) -> bool {
    let mut s = stream(23, key);
    let mut source = || (std::f64::consts::FRAC_PI_2 * s.uniform()).tan().ln();
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..2000 {
        let (u, v) = (source(), source());
        a.push(2.0 * u + v);
        b.push(-u + v);
    }
    let fit = fitted(ICA, &[("x1", a), ("x2", b)]);
    let w = |i: usize, j: usize| value(&fit, &format!("W[{i},{j}]"));
    // W·A with A = [2, 1; -1, 1] is a signed permutation.
    let product = |i: usize| [2.0 * w(i, 1) - w(i, 2), w(i, 1) + w(i, 2)];
    let signed_unit = |row: [f64; 2]| {
        let (big, small) = (row[0].abs().max(row[1].abs()), row[0].abs().min(row[1].abs()));
        (big - 1.0).abs() < 0.3 && small < 0.3
    };
    fit.outcome == Outcome::Converged && (1..=2).all(|i| signed_unit(product(i)))
}

fn count(seeds: u64, finds: impl Fn(u64) -> bool) -> usize {
    (0..seeds).filter(|&key| finds(key)).count()
}

#[test]
fn ten_seeds_of_each() {
    assert!(count(10, finds_two) >= 9, "two components");
    assert!(count(10, finds_three) >= 9, "three components");
    assert!(count(10, finds_student) >= 9, "Student's t");
    assert!(count(10, finds_sources) >= 9, "independent components");
}

#[test]
#[ignore = "a minute or more: the full count"]
fn hundred_seeds_of_each() {
    let counts = [
        ("two components", count(100, finds_two)),
        ("three components", count(100, finds_three)),
        ("Student's t", count(100, finds_student)),
        ("independent components", count(100, finds_sources)),
    ];
    for (name, found) in counts {
        println!("{name}: {found} of 100");
        assert!(found >= 95, "{name}: {found}");
    }
}

/// The sandwich standard error of the mean of a normal is s/√n, so that about 190 of 200 intervals of
/// 95 % contain it.
#[test]
fn intervals_of_a_mean_cover() {
    let covered = (0..200).filter(|&key| {
        let fit = fitted(
            "param mu, s2 > 0\n-(x - mu)^2/(2*s2)",
            &[("x", draws(100, key, Stream::normal))],
        );
        let (low, high) = fit.parameters[0].interval.expect("an interval");
        low < 0.0 && 0.0 < high
    });
    let covered = covered.count();
    assert!((180..=198).contains(&covered), "{covered} of 200");
}

#[test]
fn an_additive_constant_is_named() {
    let fit = fitted("param mu, c\n-(x - mu)^2/2 + c", &[("x", draws(50, 1, Stream::normal))]);
    assert_eq!(fit.outcome, Outcome::Converged);
    assert_eq!(fit.parameters[1].status, Status::Unidentified);
    assert_eq!(fit.parameters[1].std_error, None);
    assert!(fit.parameters[0].std_error.is_some());
    assert!(has_warning(&fit, "unidentified"));
}

#[test]
fn a_flat_direction_is_described() {
    let fit = fitted("param a, b, k > 0\n-k*(x - a - b)^2", &[("x", draws(50, 2, Stream::normal))]);
    assert_eq!(fit.outcome, Outcome::Converged, "{fit:#?}");
    let flat = fit.warnings.iter().find(|w| w.code == "flat-direction").expect("a warning");
    assert!(
        flat.message.contains("a : b = 1.000 : -1.000") || flat.message.contains("-1.000 : 1.000"),
        "{}",
        flat.message
    );
    assert_eq!(fit.parameters[0].std_error, None);
    assert!(fit.parameters[2].std_error.is_some());
}

#[test]
fn a_minimum_outside_ends_at_the_bound() {
    // The free minimum is the mean, about 0, far below the bound.
    let fit = fitted("param mu > 1\n-(x - mu)^2/2", &[("x", draws(200, 3, Stream::normal))]);
    assert_eq!(fit.parameters[0].status, Status::AtBound, "{fit:#?}");
    assert!((fit.parameters[0].estimate - 1.0).abs() < 1e-6);
    assert_eq!(fit.parameters[0].std_error, None);
    assert_eq!(fit.outcome, Outcome::Converged);
    assert_ne!(fit.method, Method::ClosedForm);
    assert!(has_warning(&fit, "at-bound"));
}

#[test]
fn a_bound_that_takes_another_parameter_along_is_named() {
    // ±exp(4z) with normal z has tails heavier than any t: nu decreases to zero while nu times the
    // squared scale stays constant.
    let text = include_str!("recovery/heavy.csv");
    let x = text.lines().skip(1).map(|line| line.parse().expect("a number")).collect();
    let fit = fitted(STUDENT, &[("x", x)]);
    let nu = &fit.parameters[2];
    assert_eq!(nu.status, Status::AtBound, "{fit:#?}");
    assert_eq!((nu.std_error, fit.parameters[1].std_error), (None, None), "{fit:#?}");
    assert!(has_warning(&fit, "at-bound"));
}

#[test]
fn a_limit_model_is_named() {
    // Normal data have no finite degrees of freedom.
    let fit = fitted(STUDENT, &[("x", draws(2000, 5, |s| s.uniform() + s.uniform()))]);
    let nu = &fit.parameters[2];
    assert_eq!(nu.status, Status::AtInfinity, "{fit:#?}");
    assert!(has_warning(&fit, "at-infinity"));
    assert!(error(&fit, "mu") > 0.0);
}

#[test]
fn collapse_is_reported_when_nothing_else_remains() {
    // Most rows are one number, onto which a bump of free width shrinks.
    let x: Vec<f64> = (0..40).map(|k| if k < 30 { 7.0 } else { f64::from(k) }).collect();
    let fit = fitted("param m, s > 0\n-log(1 + ((x - m)/s)^2)", &[("x", x)]);
    assert_eq!(fit.outcome, Outcome::Unbounded, "{fit:#?}");
    assert_eq!(fit.starts.collapsed + fit.starts.failed, fit.starts.tried);
    let said = fit.warnings.iter().find(|w| w.code == "unbounded-objective").expect("a warning");
    assert!(said.message.contains("x = 7"), "{}", said.message);
}

#[test]
fn edges_need_a_weight() {
    let plain = Options::default().objective(Choices::default().kind(Kind::Hyvarinen));
    let text = "data x > 0\nparam b > 0\n-b*x";
    let refused = try_fit(text, &[("x", vec![1.0, 2.0])], &plain);
    assert!(matches!(refused, Err(fit::Error::Unsuited(_))), "{refused:?}");
    let weighted = try_fit(text, &[("x", vec![1.0, 2.0])], &Options::default()).expect("a fit");
    assert_eq!(weighted.objective_kind, "weighted");
}

#[test]
fn a_row_outside_the_domain_is_named() {
    let x = vec![1.0, 2.0, -3.0, 4.0];
    let options = Options::default();
    let refused = try_fit("param al, be\n(al - 1)*log(x) - be*x", &[("x", x)], &options);
    let Err(fit::Error::Domain { row, at, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(row, 2);
    assert_eq!(at, [("x".to_owned(), -3.0)]);
}

#[test]
fn a_quartic_of_the_wrong_sign_may_not_normalise() {
    let bad = (0..40).filter(|&key| {
        let fit = fitted(
            "param a[4]\nsum(k in 1:4, a[k]*x^k)",
            &[("x", draws(300, key, Stream::normal))],
        );
        assert_eq!(has_warning(&fit, "may-not-normalise"), value(&fit, "a[4]") > 0.0);
        value(&fit, "a[4]") > 0.0
    });
    assert!((8..32).contains(&bad.count()));
}

#[test]
fn start_values_are_honoured_and_checked() {
    let x = draws(100, 9, Stream::normal);
    let text = "param mu, s2 > 0\n-(x - mu)^2/(2*s2)";
    let options = Options::default().start("s2", 3.0);
    assert!(try_fit(text, &[("x", x.clone())], &options).is_ok());
    let options = Options::default().start("s2", -3.0);
    let refused = try_fit(text, &[("x", x)], &options);
    assert!(matches!(refused, Err(fit::Error::OutsideConstraint { .. })), "{refused:?}");
}

#[test]
fn an_interrupt_keeps_the_best_point() {
    let flag = Arc::new(AtomicBool::new(true));
    let options = Options::default().interrupt(flag);
    let fit = try_fit(TWO, &[("x", waiting())], &options).expect("a point");
    assert_eq!(fit.outcome, Outcome::Interrupted);
    assert!(fit.parameters.iter().all(|p| p.estimate.is_finite()));
}

/// The iterations are reported even if they belong to a start that is not the best one.
#[test]
fn an_interrupt_between_steps_reports_the_iterations() {
    let flag = Arc::new(AtomicBool::new(false));
    let (raised, told) = (Arc::clone(&flag), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&told);
    let options = Options::default().interrupt(flag).progress(move |_| {
        if counter.fetch_add(1, Ordering::Relaxed) == 1 {
            raised.store(true, Ordering::Relaxed);
        }
    });
    let fit = try_fit(TWO, &[("x", waiting())], &options).expect("a point");
    assert_eq!(fit.outcome, Outcome::Interrupted);
    assert_eq!(fit.iterations, told.load(Ordering::Relaxed));
    assert!(fit.iterations >= 2);
}

/// With many rows the best point is reported with J on a sample, whether the search is on the
/// sample or on all rows.
#[test]
fn an_interrupt_among_many_rows_answers_from_a_sample() {
    for steps in [1, 60, 400] {
        let flag = Arc::new(AtomicBool::new(false));
        let (raised, told) = (Arc::clone(&flag), AtomicUsize::new(0));
        let options = Options::default().starts(1000).interrupt(flag).progress(move |_| {
            if told.fetch_add(1, Ordering::Relaxed) + 1 == steps {
                raised.store(true, Ordering::Relaxed);
            }
        });
        let x = draws(20_000, 3, |stream| stream.normal() + 4.0 * f64::from(stream.normal() > 0.0));
        let fit = try_fit(TWO, &[("x", x)], &options).expect("a point");
        assert_eq!(fit.outcome, Outcome::Interrupted, "{steps} steps");
        assert_eq!(fit.rows, 5000);
        assert!(has_warning(&fit, "sample-only"));
        let terms: f64 = fit.terms.iter().map(|(_, term)| term).sum();
        assert!((terms - fit.objective).abs() < 1e-9 * fit.objective.abs(), "{fit:?}");
        assert!(fit.parameters.iter().all(|p| p.estimate.is_finite()));
    }
}

#[test]
fn the_given_number_of_starts_is_run() {
    let (one, two) = (try_starts("param mu\n-log(cosh(x - mu))", 150), try_starts(TWO, 20));
    assert!(one >= 150, "{one} of 150");
    assert!(two >= 20, "{two} of 20");
}

fn try_starts(text: &str, starts: usize) -> usize {
    let options = Options::default().starts(starts);
    let fit = try_fit(text, &[("x", waiting())], &options).expect("a fit");
    let Starts { tried, converged, collapsed, failed } = fit.starts;
    assert_eq!(tried, converged + collapsed + failed);
    tried
}

#[test]
fn units_that_differ_are_warned_of() {
    let text = "data x[2]\nparam W[2,2]\n-sum(log(cosh(W*x)))";
    let columns =
        [("x1", draws(500, 1, Stream::normal)), ("x2", draws(500, 2, |s| 100.0 * s.uniform()))];
    assert!(has_warning(&fitted(text, &columns), "column-units"));
    let standardise = fit::Standardise::Yes;
    let options = Options::default().standardise(standardise);
    let weighed = try_fit(text, &columns, &options).expect("a fit");
    assert!(!has_warning(&weighed, "column-units"));
}

#[test]
fn a_von_mises_angle_is_reported_by_convention() {
    let text = include_str!("../examples/wind.csv");
    let t: Vec<f64> = text.lines().skip(1).map(|line| line.parse().expect("a number")).collect();
    let fit = fitted("data t on circle\nparam kappa, mu\nkappa*cos(t - mu)", &[("t", t)]);
    let (a, b) = (2.414_383_41_f64, 0.373_114_76_f64);
    assert!((value(&fit, "kappa") - a.hypot(b)).abs() < 1e-7, "{fit:#?}");
    assert!((value(&fit, "mu") - b.atan2(a)).abs() < 1e-7);
}

/// If starts were spread over many turns, some so far out that t - mu loses all digits of the data,
/// there would be many minima or none.
#[test]
fn an_angle_is_searched_within_one_turn() {
    for key in 0..10 {
        let t = draws(200, key, |s| {
            let vector = [0.7f64.cos() + 0.6 * s.normal(), 0.7f64.sin() + 0.6 * s.normal()];
            vector[1].atan2(vector[0])
        });
        let straight =
            fitted("data t on circle\nparam a, b\na*cos(t) + b*sin(t)", &[("t", t.clone())]);
        let (a, b) = (value(&straight, "a"), value(&straight, "b"));
        for size in ["kappa", "kappa > 0"] {
            let text = format!("data t on circle\nparam {size}, mu\nkappa*cos(t - mu)");
            let fit = fitted(&text, &[("t", t.clone())]);
            assert_eq!(fit.outcome, Outcome::Converged, "{key}, {size}: {}", fit.stop_reason);
            assert_eq!(fit.minima.len(), 1, "{key}, {size}: {:#?}", fit.minima);
            assert!((value(&fit, "kappa") - a.hypot(b)).abs() < 1e-7, "{key}, {size}");
            assert!((value(&fit, "mu") - b.atan2(a)).abs() < 1e-7, "{key}, {size}");
        }
    }
}

/// A covariate is centred for the search, which shifts the phase by its frequency times the centre,
/// here by many turns.
#[test]
fn phases_are_reported_within_one_turn() {
    use std::f64::consts::{PI, TAU};
    let z: Vec<f64> = (0..120).map(|k| 20.0 + 0.1 * f64::from(k)).collect();
    let noise = draws(120, 41, Stream::normal);
    let wave = |(z, e): (&f64, &f64)| 1.5 * (1.3 * z + 2.0).cos() + 0.1 * e;
    let y = z.iter().zip(&noise).map(wave).collect();
    let text = "data y; covariate z; param a > 0, w, p; -(y - a*cos(w*z - p))^2/2";
    let fit = fitted(text, &[("y", y), ("z", z.clone())]);
    // w and p may change sign together.
    let sign = value(&fit, "w").signum();
    assert!((sign * value(&fit, "w") - 1.3).abs() < 0.02, "{:?}", fit.parameters);
    assert!((sign * value(&fit, "p") + 2.0).abs() < 0.4, "{:?}", fit.parameters);
    let (low, high) = fit.parameters[2].interval.expect("an interval");
    assert!(low < value(&fit, "p") && value(&fit, "p") < high);
    let turned = |(z, e): (&f64, &f64)| {
        let angle = 0.9 * z + 1.0 + 0.3 * e;
        angle - TAU * (angle / TAU).round()
    };
    let y = z.iter().zip(&noise).map(turned).collect();
    let text = "data y on circle; covariate z; param kappa > 0, b, m; kappa*cos(y - b*z - m)";
    let fit = fitted(text, &[("y", y), ("z", z)]);
    assert!((value(&fit, "b") - 0.9).abs() < 0.1, "{:?}", fit.parameters);
    assert!((value(&fit, "m") - 1.0).cos() > 0.3, "{:?}", fit.parameters);
    assert!(value(&fit, "m").abs() <= PI, "{:?}", fit.parameters);
}
