//! Curves without start values: the fit finds the least squares solution, not a plateau or a ridge.
//!
//! Right values are least squares by MINPACK from the parameters that
//! generated the data, scaled to 1.

use scorematch::fit::Estimate;

use crate::cases::{around, given, noisy, own, right};

fn points(count: i32, from: f64, step: f64) -> Vec<f64> {
    (0..count).map(|k| from + step * f64::from(k)).collect()
}

#[test]
fn bennett() {
    let want =
        [("b1", -2515.420428), ("b2", 46.23225468), ("b3", 0.9295097562), ("s2", 0.00319981327136)];
    right(&given("bennett"), 1e-6, &want);
}

#[test]
fn two_exponentials_and_a_constant() {
    let want = [
        ("b1", 0.3751998573),
        ("b2", 1.901643398),
        ("b3", -1.422410759),
        ("b4", 0.01285684256),
        ("b5", 0.0223435944),
        ("s2", 1.39335248352e-6),
    ];
    right(&given("two-exponentials"), 1e-6, &want);
}

#[test]
fn an_exponential_in_tiny_units() {
    let want = [("p1", 9.763933075e-10), ("p2", 4.195043451e-10), ("s2", 4.60794347001e-22)];
    right(&given("tiny-units"), 1e-6, &want);
}

#[test]
fn an_exponential_of_a_shifted_inverse() {
    let want =
        [("b1", 0.005472391739), ("b2", 6199.448066), ("b3", 345.5954335), ("s2", 1.78782398201)];
    right(&given("arrhenius-like"), 1e-6, &want);
}

#[test]
fn saturation_in_tiny_units() {
    let data = noisy((103, 4e-8, 10), (0..24).map(|k| 1e-9 * f64::from(k + 1)).collect(), |x| {
        3.2e-6 * x / (7e-9 + x)
    });
    let fit = own(&around("top, half", "top*x/(half + x)"), &data);
    let want = [("top", 3.168639697e-6), ("half", 6.854872335e-9), ("s2", 1.77118639979e-15)];
    right(&fit, 1e-6, &want);
}

/// The rates are sorted, since the two terms are exchangeable.
#[test]
fn two_decays() {
    let curve = |x: f64| 5.0 * (-1.3 * x).exp() + 2.0 * (-0.15 * x).exp();
    let data = noisy((104, 0.01, 5), points(40, 0.0, 0.25), curve);
    let fit = own(&around("b1, b2, b3, b4", "b1*exp(-b2*x) + b3*exp(-b4*x)"), &data);
    right(&fit, 1e-6, &[("s2", 9.22602880872e-5)]);
    let rates = [value(&fit, "b2"), value(&fit, "b4")];
    let (slow, fast) = (rates[0].min(rates[1]), rates[0].max(rates[1]));
    assert!((slow / 0.1510459693 - 1.0).abs() < 1e-6, "{slow}");
    assert!((fast / 1.300028719 - 1.0).abs() < 1e-6, "{fast}");
}

fn value(fit: &Estimate, name: &str) -> f64 {
    fit.parameters.iter().find(|p| p.name == name).expect("a parameter of this name").estimate
}

#[test]
fn vapour_pressure() {
    let curve = |x: f64| 0.02 * (4100.0 / (x + 270.0)).exp();
    let data = noisy((105, 300.0, 2), points(20, 20.0, 4.0), curve);
    let fit = own(&around("b1, b2, b3", "b1*exp(b2/(x + b3))"), &data);
    let want =
        [("b1", 0.0214696141), ("b2", 4005.719432), ("b3", 264.6927798), ("s2", 91364.5276343)];
    right(&fit, 1e-6, &want);
}

#[test]
fn a_power_of_a_shifted_column() {
    let curve = |x: f64| 800.0 * (25.0 + x).powf(-1.0 / 0.8);
    let data = noisy((106, 0.02, 5), points(50, 3.0, 2.0), curve);
    let fit = own(&around("b1, b2, b3", "b1*(b2 + x)^(-1/b3)"), &data);
    let want =
        [("b1", 849.9583998), ("b2", 25.53016404), ("b3", 0.7925877178), ("s2", 0.000382305485604)];
    right(&fit, 1e-6, &want);
}

/// Frequencies that differ by 4π, or in sign, give one curve at steps of a half.
#[test]
fn a_wave() {
    let curve = |x: f64| 1.5 * (2.3 * x).cos() - 0.7 * (2.3 * x).sin() + 4.0;
    let data = noisy((107, 0.3, 4), points(80, 0.0, 0.5), curve);
    let fit = own(&around("b1, w, b2, b3", "b1*cos(w*x) + b2*sin(w*x) + b3"), &data);
    right(&fit, 1e-6, &[("b3", 4.045768882), ("s2", 0.0734782567065)]);
}

#[test]
fn a_half_life_in_years() {
    let curve = |x: f64| 40.0 * 2_f64.powf(-(x - 2000.0) / 6.0) + 3.0;
    let data = noisy((108, 0.5, 3), points(30, 1990.0, 1.0), curve);
    let fit = own(&around("b1, b2, b3", "b1*2^(-(x - 2000)/b2) + b3"), &data);
    let want =
        [("b1", 39.48972675), ("b2", 5.943166682), ("b3", 3.464501427), ("s2", 0.413187429059)];
    right(&fit, 1e-6, &want);
}
