//! Intervals by the profile of J compared with closed forms, and parameters without an interval.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use scorematch::fit::{Estimate, Options, Outcome, ProfileInterval, Stage, Status};
use scorematch::numerics::rng::stream;
use scorematch::objective::{RowChoices, WeightsKind};

use super::support::samples::{Table, fit_with, parameter};
use super::{NORMAL, mean, moment, sample};

/// The 95 % quantile of χ²₁ and its square root.
const QUANTILE: f64 = 3.841_458_820_694_124;
const REACH: f64 = 1.959_963_984_540_054;
const LINE: &str = "data y; covariate t; param a, b, s2 > 0; -(y - a - b*t)^2/(2*s2)";

fn asked() -> Options {
    Options::default().profile_intervals()
}

#[track_caller]
fn profiled(text: &str, table: &Table, options: &Options) -> Estimate {
    let fit = fit_with(text, table, options).expect("a fit");
    assert!(fit.profile.is_some(), "{:?}", fit.warnings);
    fit
}

fn interval<'a>(fit: &'a Estimate, name: &str) -> &'a ProfileInterval {
    let profile = fit.profile.as_ref().expect("the profile was asked for");
    profile.parameters.iter().find(|one| one.name == name).expect("a parameter of this name")
}

fn ends(fit: &Estimate, name: &str) -> (f64, f64) {
    let found = interval(fit, name);
    (found.low.expect("a lower end"), found.high.expect("an upper end"))
}

/// Checks the ends of an interval to 1e-6 standard errors.
#[track_caller]
fn agree(fit: &Estimate, name: &str, want: (f64, f64)) {
    let error = parameter(fit, name).std_error.expect("an error");
    let (low, high) = ends(fit, name);
    let near = |found: f64, want: f64| (found - want).abs() <= 1e-6 * error;
    assert!(near(low, want.0) && near(high, want.1), "{name}: ({low}, {high}) is not {want:?}");
}

fn line(n: usize, deviation: f64) -> Table {
    let mut stream = stream(11, 5);
    let t: Vec<f64> = (0..n).map(|k| 1990.0 + (k % 31) as f64).collect();
    let y = t.iter().map(|t| 3.0 + 0.2 * (t - 2000.0) + deviation * stream.normal()).collect();
    vec![("y", y), ("t", t)]
}

/// With q(t) = m2 + (m - t)², J is -1/s2 + q/(2 s2²), so that J_p(mu) = -1/(2q), and W = n d²/(m2 +
/// d²) at a distance d, where a = m2² and v = m2. Given s2, J is quadratic in 1/s2 around mu = m,
/// so the interval of s2 is Wald's for 1/s2, by the standard error √(m4 - m2²)/√n of s2.
#[test]
fn a_normal_has_its_closed_form() {
    let n = 60;
    let table: Table = sample(n).into_iter().take(1).collect();
    let (m, m2) = (mean(&table[0].1), moment(&table[0].1, &table[0].1));
    let m4 = table[0].1.iter().map(|x| (x - m).powi(4)).sum::<f64>() / n as f64;
    let fit = profiled(NORMAL, &table, &asked());
    let d = (QUANTILE * m2 / (n as f64 - QUANTILE)).sqrt();
    agree(&fit, "mu", (m - d, m + d));
    let reach = REACH * ((m4 - m2 * m2) / n as f64).sqrt() / (m2 * m2);
    agree(&fit, "s2", (1.0 / (1.0 / m2 + reach), 1.0 / (1.0 / m2 - reach)));
    // Neither interval is Wald's, which is symmetric for mu and, in the logarithm, for s2.
    let (low, high) = ends(&fit, "s2");
    let wald = parameter(&fit, "s2").interval.expect("an interval");
    assert!(high - wald.1 > 0.05 * (wald.1 - wald.0) && low * high > 1.001 * m2 * m2);
}

/// J on a grid around the minimum, without the formulas above: the ends are where W, with the
/// curvature of J by differences, is the quantile.
#[test]
fn a_normal_on_a_grid_has_the_same_ends() {
    let table: Table = sample(60).into_iter().take(1).collect();
    let x = &table[0].1;
    let loss = |mu: f64, s2: f64| {
        let row = |x: &f64| -1.0 / s2 + 0.5 * ((x - mu) / s2).powi(2);
        x.iter().map(row).sum::<f64>() / x.len() as f64
    };
    // s2 given mu, by golden section.
    let least = |mu: f64| {
        let (mut low, mut high) = (0.2, 20.0);
        for _ in 0..200 {
            let (a, b) =
                (high - 0.618_033_988_75 * (high - low), low + 0.618_033_988_75 * (high - low));
            if loss(mu, a) < loss(mu, b) { high = b } else { low = a }
        }
        loss(mu, low)
    };
    let fit = profiled(NORMAL, &table, &asked().level(0.9));
    let mu = parameter(&fit, "mu");
    let (at, error) = (mu.estimate, mu.std_error.expect("an error"));
    let step = 0.05 * error;
    // Differences of fourth order, at steps where the profile has curvature 1/(2a).
    let second =
        |step: f64| (least(at + step) + least(at - step) - 2.0 * least(at)) / (step * step);
    let bend = (4.0 * second(step) - second(2.0 * step)) / 3.0;
    let (low, high) = ends(&fit, "mu");
    for end in [low, high] {
        let w = 2.0 * (least(end) - least(at)) / bend / error.powi(2);
        assert!((w - 2.705_543_454_095_404).abs() < 1e-4, "W is {w} at {end}");
    }
}

/// Where the variance is known, J is quadratic, also in an intercept far from the covariates.
#[test]
fn a_quadratic_objective_has_walds() {
    let text = "data y; covariate t; -(y - a - b*t)^2/2";
    let fit = profiled(text, &line(80, 1.3), &asked());
    for name in ["a", "b"] {
        agree(&fit, name, parameter(&fit, name).interval.expect("an interval"));
    }
}

/// RSS/n at a distance d of the intercept is q = m2 + d²/(n h) with h = [(XᵀX)⁻¹]₁₁, J_p = -1/(2q)
/// and a = m2² n h. For a slope that is declared positive the ends are the same, although the
/// intercept is then not linear in the coordinates of the fit.
#[test]
fn an_intercept_has_its_closed_form() {
    let n = 80;
    let table = line(n, 1.3);
    for text in [LINE, "data y; covariate t; param a, b > 0, s2 > 0; -(y - a - b*t)^2/(2*s2)"] {
        let fit = profiled(text, &table, &asked());
        let (a, b) = (parameter(&fit, "a"), parameter(&fit, "b"));
        let residual = |(y, t): (&f64, &f64)| (y - a.estimate - b.estimate * t).powi(2);
        let m2 = table[0].1.iter().zip(&table[1].1).map(residual).sum::<f64>() / n as f64;
        let t = &table[1].1;
        let h = (1.0 + mean(t).powi(2) / moment(t, t)) / n as f64;
        let half = QUANTILE * a.std_error.expect("an error").powi(2);
        let d = (half * m2 / (m2 - half / (n as f64 * h))).sqrt();
        agree(&fit, "a", (a.estimate - d, a.estimate + d));
        assert!(d > 1.01 * half.sqrt());
    }
}

/// The ends do not depend on the parametrisation.
#[test]
fn ends_are_invariant_under_reparametrisation() {
    let table: Table = sample(60).into_iter().take(1).collect();
    let plain = ends(&profiled(NORMAL, &table, &asked()), "s2");
    let deviation = "data x; param mu, s > 0; -(x - mu)^2/(2*s^2)";
    let (low, high) = ends(&profiled(deviation, &table, &asked()), "s");
    assert!((low * low / plain.0 - 1.0).abs() < 1e-7 && (high * high / plain.1 - 1.0).abs() < 1e-7);
    let falling = "data x; param mu, w < 0; (x - mu)^2*w/2";
    let (low, high) = ends(&profiled(falling, &table, &asked()), "w");
    assert!((low * plain.0 + 1.0).abs() < 1e-7 && (high * plain.1 + 1.0).abs() < 1e-7);
}

#[test]
fn profiles_are_the_same_on_any_number_of_threads() {
    let of = |threads| profiled(LINE, &line(80, 1.3), &asked().threads(threads));
    assert_eq!(of(1), of(2));
    assert_eq!(of(1), of(3));
}

/// A frequency is a number of equal rows. Clusters widen the interval by their standard error: W of
/// mu is then m2 d²/((m2 + d²) se²).
#[test]
fn weights_and_clusters_count_as_in_the_errors() {
    let single: Table = sample(60).into_iter().take(1).collect();
    let thrice: Vec<f64> = single[0].1.iter().flat_map(|&x| [x; 3]).collect();
    let long = profiled(NORMAL, &vec![("x", thrice.clone())], &asked());
    let frequency = RowChoices::default().weights("f", WeightsKind::Frequency);
    let counted = vec![("x", single[0].1.clone()), ("f", vec![3.0; 60])];
    let counted = profiled(NORMAL, &counted, &asked().rows(frequency));
    for name in ["mu", "s2"] {
        agree(&counted, name, ends(&long, name));
    }
    let group = (0..180).map(|row| f64::from(row / 3)).collect();
    let clustered = vec![("x", thrice), ("g", group)];
    let clustered = profiled(NORMAL, &clustered, &asked().rows(RowChoices::default().cluster("g")));
    let (m, m2) = (mean(&single[0].1), moment(&single[0].1, &single[0].1));
    let half = QUANTILE * parameter(&clustered, "mu").std_error.expect("an error").powi(2);
    let d = (half * m2 / (m2 - half)).sqrt();
    agree(&clustered, "mu", (m - d, m + d));
    assert!(d > 1.7 * (ends(&long, "mu").1 - m));
}

/// W of s2 is bounded by its limit at s2 = ∞, where J = 0: with few rows there is no upper end.
#[test]
fn an_end_at_infinity_is_none() {
    let x = vec![-3.0, -0.1, 0.0, 0.1, 0.2, -0.2, 2.9];
    let fit = profiled(NORMAL, &vec![("x", x)], &asked());
    let s2 = interval(&fit, "s2");
    assert!(s2.low.is_some() && s2.high.is_none(), "{s2:?}");
}

/// Fixed parameters, and those that a constraint ties to others, have no
/// interval; all others have one.
#[test]
fn parameters_that_are_tied_have_none() {
    let table = sample(80);
    let held = profiled(NORMAL, &table[..1].to_vec(), &asked().hold("mu", 5.0));
    assert_eq!((interval(&held, "mu").low, interval(&held, "mu").high), (None, None));
    assert!(interval(&held, "s2").low.is_some());
    let text = "data x, z; param m[2] ordered, s2 > 0; -((z - m[1])^2 + (x - m[2])^2)/(2*s2)";
    let ordered = profiled(text, &table, &asked());
    assert_eq!((interval(&ordered, "m[2]").low, interval(&ordered, "m[2]").high), (None, None));
    assert!(interval(&ordered, "m[1]").low.is_some() && interval(&ordered, "s2").high.is_some());
}

#[test]
fn no_profile_is_explained() {
    let table: Table = sample(60).into_iter().take(1).collect();
    let robust = fit_with(NORMAL, &table, &asked().robust(0.5)).expect_err("robust").to_string();
    assert!(robust.contains("a robust fit has no J to profile"), "{robust}");
    let above = "data x; param mu > 10, s2 > 0; -(x - mu)^2/(2*s2)";
    let fit = fit_with(above, &table, &asked()).expect("a fit");
    assert_eq!((parameter(&fit, "mu").status, &fit.profile), (Status::AtBound, &None));
    let warning = fit.warnings.iter().find(|one| one.code == "no-profile").expect("a warning");
    assert!(warning.message.ends_with("mu is not inside its constraints"), "{warning:?}");
    assert_eq!(fit_with(NORMAL, &table, &Options::default()).expect("a fit").profile, None);
}

/// An interrupt of the profile leaves the fit.
#[test]
fn a_profile_can_be_interrupted() {
    let table: Table = sample(60).into_iter().take(1).collect();
    let flag = Arc::new(AtomicBool::new(false));
    let raise = flag.clone();
    let options = asked().interrupt(flag).stages(move |stage| {
        raise.store(stage == Stage::Profile, Ordering::Relaxed);
    });
    let fit = fit_with(NORMAL, &table, &options).expect("a fit");
    assert_eq!((fit.outcome, &fit.profile), (Outcome::Interrupted, &None));
    assert!(fit.parameters[0].std_error.is_some());
    assert!(fit.warnings.iter().any(|one| one.message.ends_with("they were interrupted")));
}

/// How often 95 % intervals of mu and s2 contain the truth, in 500 samples:
/// `cargo test --release --test inference coverage_of_profile -- --ignored --nocapture`.
#[test]
#[ignore = "a simulation"]
fn coverage_of_profile_intervals() {
    const SAMPLES: usize = 500;
    for n in [50, 200] {
        // For each parameter: Wald's interval, the profile's.
        let mut held = [[0; 2]; 2];
        for number in 0..SAMPLES {
            let mut stream = stream(96, (1000 * n + number) as u64);
            let x = (0..n).map(|_| 3.0 + 2.0 * stream.normal()).collect();
            let fit = profiled(NORMAL, &vec![("x", x)], &asked());
            for (k, truth) in [3.0, 4.0].into_iter().enumerate() {
                let (low, high) = fit.parameters[k].interval.expect("an interval");
                held[k][0] += usize::from(low <= truth && truth <= high);
                let profile =
                    &fit.profile.as_ref().expect("the profile was asked for").parameters[k];
                let (low, high) = (profile.low, profile.high);
                let inside =
                    low.is_none_or(|low| low <= truth) && high.is_none_or(|high| truth <= high);
                held[k][1] += usize::from(inside);
            }
        }
        for (name, held) in ["mu", "s2"].iter().zip(held) {
            let [wald, profile] = held.map(|one| 100.0 * one as f64 / SAMPLES as f64);
            println!("n {n}, {name}: Wald {wald}, profile {profile}");
            assert!(wald > 85.0 && profile > 85.0);
        }
    }
}
