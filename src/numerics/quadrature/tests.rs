//! Integrals with closed forms, and integrals that do not exist.

use std::f64::consts::{PI, TAU};

use super::{Failure, LogIntegral, Region, log_integral};

const LINE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

fn over(ends: (f64, f64), hints: &[f64], f: impl Fn(f64) -> f64) -> Result<LogIntegral, Failure> {
    let region = Region { ends: &[ends], hints: &[hints.to_vec()] };
    let mut f = |x: &[Vec<f64>]| x[0].iter().map(|&x| f(x)).collect();
    log_integral(&mut f, &region, 1e-9)
}

fn plane(hints: [&[f64]; 2], f: impl Fn(f64, f64) -> f64) -> Result<LogIntegral, Failure> {
    let region = Region { ends: &[LINE, LINE], hints: &hints.map(<[f64]>::to_vec) };
    let mut f = |x: &[Vec<f64>]| x[0].iter().zip(&x[1]).map(|(&x, &y)| f(x, y)).collect();
    log_integral(&mut f, &region, 1e-7)
}

#[track_caller]
fn check(got: Result<LogIntegral, Failure>, want: f64, tolerance: f64) {
    let LogIntegral { value, error } = got.expect("an integral");
    assert!((value - want).abs() <= error, "{value} {want}: beyond the bound {error}");
    assert!(error <= tolerance, "{error}");
}

/// log of a normal density.
fn normal(x: f64, m: f64, s: f64) -> f64 {
    let z = (x - m) / s;
    -0.5 * z * z - s.ln() - 0.5 * TAU.ln()
}

fn log_sum(terms: &[f64]) -> f64 {
    let peak = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    peak + terms.iter().map(|term| (term - peak).exp()).sum::<f64>().ln()
}

#[test]
fn normals_of_any_width() {
    for width in [1e-3, 0.02, 0.5, 1.0, 30.0, 1e3] {
        for middle in [-3.7, 0.0, 0.123_456, 40.0] {
            check(over(LINE, &[-1.0, 0.2, 1.0], |x| normal(x, middle, width)), 0.0, 1e-9);
        }
    }
    check(over(LINE, &[1e-9, 3e-9], |x| normal(x, 2e-9, 1e-10)), 0.0, 1e-9);
    check(over(LINE, &[0.0], |x| normal(x, 0.0, 1.0) + 900.0), 900.0, 1e-9);
}

#[test]
fn spikes_where_a_hint_lies_in_them() {
    let hints: Vec<f64> = (0..300).map(|i| -3.0 + f64::from(i) / 50.0).collect();
    for width in [1e-1, 1e-3, 1e-4, 1e-5] {
        for shift in [0.0, 0.7, -1.5] {
            let f = |x| {
                let parts = [normal(x, 0.3, 1.4), normal(x, hints[120] + shift * width, width)];
                log_sum(&[parts[0] + 0.9f64.ln(), parts[1] + 0.1f64.ln()])
            };
            check(over(LINE, &hints, f), 0.0, 1e-9);
        }
    }
    let far = |x| log_sum(&[normal(x, 0.0, 1.0), normal(x, 4000.0, 0.5)]);
    check(over(LINE, &[-1.0, 0.0, 1.0, 4000.1], far), 2f64.ln(), 1e-9);
}

#[test]
fn other_tails() {
    check(over(LINE, &[0.0, 1.0], |x| -(1.0 + x * x).ln()), PI.ln(), 1e-9);
    // ∫ exp(-x⁴) = Γ(1/4)/2
    check(over(LINE, &[0.0, 1.0], |x| -x.powi(4)), 1.812_804_954_110_954f64.ln(), 1e-9);
    check(over(LINE, &[0.0, 1.0], |x| -x.abs()), 2f64.ln(), 1e-9);
    // Student with half a degree of freedom: √(ν π) Γ(ν/2)/Γ((ν+1)/2)
    let student = (0.5 * PI).sqrt() * 3.625_609_908_221_908 / 1.225_416_702_465_177_6;
    check(over(LINE, &[0.0, 1.0], |x| -0.75 * (2.0 * x * x).ln_1p()), student.ln(), 1e-9);
}

#[test]
fn ends_of_a_support() {
    // Γ(5/2), and Γ(1/2) with a pole at the end
    let gamma = |a: f64| move |x: f64| (a - 1.0) * x.ln() - x;
    check(over((0.0, f64::INFINITY), &[1.0, 2.0], gamma(2.5)), 1.329_340_388_179_137f64.ln(), 1e-9);
    check(over((0.0, f64::INFINITY), &[1.0, 2.0], gamma(0.5)), 0.5 * PI.ln(), 1e-9);
    check(over((f64::NEG_INFINITY, 3.0), &[1.0, 2.0], |x| x), 3.0, 1e-9);
    // I₀(2) 2π
    let bessel = 2.279_585_302_336_067_3 * TAU;
    check(over((-PI, PI), &[0.3], |x| 2.0 * (x - 1.0).cos()), bessel.ln(), 1e-9);
}

#[test]
fn improper_densities_are_refused() {
    let failure = |f: fn(f64) -> f64| over(LINE, &[-1.0, 0.0, 1.0], f).expect_err("no integral");
    assert_eq!(failure(|_| 0.0), Failure::Divergent);
    assert_eq!(failure(|x| -0.5 * x), Failure::Divergent);
    assert_eq!(failure(|x| -0.5 * (1.0 + x * x).ln()), Failure::Divergent);
    assert_eq!(failure(|x| x.powi(4) - x * x), Failure::Divergent);
    assert_eq!(failure(f64::sqrt), Failure::Undefined);
    assert_eq!(failure(|_| f64::NEG_INFINITY), Failure::Undefined);
    let slow = over(LINE, &[0.0, 1.0], |x| -0.51 * (1.0 + x * x).ln());
    assert!(matches!(slow, Err(Failure::Unresolved(_))), "{slow:?}");
    let at_zero = over((0.0, f64::INFINITY), &[1.0, 2.0], |x| -x.ln() - x);
    assert_eq!(at_zero, Err(Failure::Divergent));
    let kink = plane([&[-1.0, 0.0, 1.0], &[0.5, 1.0, -2.0]], |x, y| -(x - y).powi(2));
    assert_eq!(kink, Err(Failure::Divergent));
    let cone = plane([&[-1.0, 0.0, 1.0], &[0.5, 1.0, -2.0]], |x, y| -(1.0 + x * x + y * y).ln());
    assert_eq!(cone, Err(Failure::Divergent));
}

#[test]
fn planes() {
    let points = || (0..40).map(|i| f64::from(i * 7 % 40) / 10.0 - 2.0);
    let x: Vec<f64> = points().collect();
    for rho in [0.0, 0.7, -0.99, 0.9999] {
        let y: Vec<f64> = points().map(|x| 30.0 * (rho * x + 0.1 * (9.0 * x).sin())).collect();
        let f = |x: f64, y: f64| {
            let (y, rest) = (y / 30.0, 1.0 - rho * rho);
            -0.5 * (x * x - 2.0 * rho * x * y + y * y) / rest
        };
        let want = TAU.ln() + 30f64.ln() + 0.5 * (1.0 - rho * rho).ln();
        check(plane([&x, &y], f), want, 1e-7);
    }
    // Student with three degrees of freedom: 2π
    let student = |x: f64, y: f64| -2.5 * ((x * x + y * y) / 3.0).ln_1p();
    check(plane([&x, &x], student), TAU.ln(), 1e-7);
    let spike = |a: f64, b: f64| {
        let at = (x[3], 0.4);
        let narrow = normal(a, at.0, 1e-4) + normal(b, at.1, 2e-3);
        log_sum(&[normal(a, 0.0, 1.0) + normal(b, 1.0, 2.0), narrow])
    };
    check(plane([&x, &vec![0.4; 40]], spike), 2f64.ln(), 1e-7);
}

#[test]
fn mixed_ends() {
    let region = Region { ends: &[LINE, (0.0, 1.0)], hints: &[vec![0.0, 1.0], vec![0.2, 0.4]] };
    let f = |x: f64, y: f64| normal(x, y, 0.3) + y.ln();
    let mut f = |x: &[Vec<f64>]| x[0].iter().zip(&x[1]).map(|(&x, &y)| f(x, y)).collect();
    check(log_integral(&mut f, &region, 1e-8), 0.5f64.ln(), 1e-8);
}
