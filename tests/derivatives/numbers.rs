//! Tests of hyper-duals and differences themselves, on derivatives known in closed form.

use std::f64::consts::{LN_2, PI};

use num_traits::Float;

use crate::support::dual::HyperDual;
use crate::support::{Tolerance, assert_close, differences, is_close};

type Dual = HyperDual<f64>;

/// Checks value, first and second derivative of a function at x.
#[track_caller]
fn known(f: impl Fn(Dual) -> Dual, x: f64, want: [f64; 3]) {
    let got = f(Dual::moving(x, 1.0, 1.0));
    assert_eq!(got.first, got.second);
    for (got, want) in [got.value, got.first, got.mixed].into_iter().zip(want) {
        assert_close(got, want, Tolerance::Absolute(1e-14 * (1.0 + want.abs())), "dual");
    }
}

#[test]
fn closeness_counts_both_sides_of_zero_and_never_a_nan() {
    for (got, want) in [(1.0, 1.1), (1.1, 1.0), (-1.0, -1.1), (-1.1, -1.0), (-1e9, 1e9)] {
        assert!(
            !is_close(got, want, Tolerance::Absolute(0.05))
                && is_close(want, want, Tolerance::Absolute(0.0))
        );
    }
    for (got, want) in [(f64::NAN, 1.0), (1.0, f64::NAN)] {
        assert!(!is_close(got, want, Tolerance::Absolute(f64::INFINITY)));
    }
    assert!(is_close(f64::INFINITY, f64::INFINITY, Tolerance::Absolute(0.0)));
    assert!(!is_close(f64::INFINITY, f64::NEG_INFINITY, Tolerance::Absolute(1e300)));
}

#[test]
fn duals_know_the_derivatives_of_the_textbook() {
    let one_and_half = 1.5f64;
    known(|x| x.exp(), 0.0, [1.0, 1.0, 1.0]);
    known(|x| x.exp2(), 1.0, [2.0, 2.0 * LN_2, 2.0 * LN_2 * LN_2]);
    known(|x| x.exp_m1(), 0.0, [0.0, 1.0, 1.0]);
    known(|x| x.ln(), 2.0, [LN_2, 0.5, -0.25]);
    known(|x| x.log2(), 2.0, [1.0, 0.5 / LN_2, -0.25 / LN_2]);
    known(|x| x.ln_1p(), 1.0, [LN_2, 0.5, -0.25]);
    known(|x| x.recip(), 2.0, [0.5, -0.25, 0.25]);
    known(|x| Dual::fixed(1.0) / x, -2.0, [-0.5, -0.25, -0.25]);
    known(|x| x.sqrt(), 4.0, [2.0, 0.25, -1.0 / 32.0]);
    known(|x| x.cbrt(), 8.0, [2.0, 1.0 / 12.0, -1.0 / 144.0]);
    known(|x| x.sin(), PI / 2.0, [1.0, 0.0, -1.0]);
    known(|x| x.cos(), 0.0, [1.0, 0.0, -1.0]);
    known(|x| x.tan(), PI / 4.0, [1.0, 2.0, 4.0]);
    known(|x| x.asin(), 0.5, [PI / 6.0, 2.0 / 3f64.sqrt(), 4.0 / (3.0 * 3f64.sqrt())]);
    known(|x| x.acos(), 0.5, [PI / 3.0, -2.0 / 3f64.sqrt(), -4.0 / (3.0 * 3f64.sqrt())]);
    known(|x| x.atan(), 1.0, [PI / 4.0, 0.5, -0.5]);
    known(|x| x.sinh(), 0.0, [0.0, 1.0, 0.0]);
    known(|x| x.cosh(), 0.0, [1.0, 0.0, 1.0]);
    known(|x| x.tanh(), 0.5f64.atanh(), [0.5, 0.75, -0.75]);
    known(|x| x.asinh(), 0.75, [LN_2, 0.8, -0.384]);
    known(|x| x.acosh(), 1.25, [LN_2, 4.0 / 3.0, -1.25 / 0.421875]);
    known(|x| x.atanh(), 0.5, [0.5f64.atanh(), 4.0 / 3.0, 16.0 / 9.0]);
    known(|x| x.abs(), -3.0, [3.0, -1.0, 0.0]);
    known(|x| x.floor() * x, 2.5, [5.0, 2.0, 0.0]);
    known(|x| x.powi(3), -2.0, [-8.0, 12.0, -12.0]);
    known(|x| x.powi(1), 0.0, [0.0, 1.0, 0.0]);
    known(|x| x.powf(Dual::fixed(1.5)), 4.0, [8.0, 3.0, 0.375]);
    known(|x| Dual::fixed(2.0).powf(x), 1.0, [2.0, 2.0 * LN_2, 2.0 * LN_2 * LN_2]);
    known(|x| x.mul_add(x, -x), 3.0, [6.0, 5.0, 2.0]);
    known(|x| x.hypot(Dual::fixed(4.0)), 3.0, [5.0, 0.6, 16.0 / 125.0]);
    known(|x| x % Dual::fixed(1.0), one_and_half, [0.5, 1.0, 0.0]);
    known(|x| x.max(x * x), 3.0, [9.0, 6.0, 2.0]);
    known(|x| x.min(x * x), 3.0, [3.0, 1.0, 0.0]);
}

#[test]
fn duals_know_the_angle_in_every_quadrant() {
    for (a, b) in [(1.0, 2.0), (2.0, 1.0), (1.0, -2.0), (-2.0, -1.0), (-1.0, 2.0f64)] {
        let angle = Dual::moving(a, 1.0, 0.0).atan2(Dual::moving(b, 0.0, 1.0));
        let want = [a.atan2(b), b / 5.0, -a / 5.0, (a * a - b * b) / 25.0];
        let got = [angle.value, angle.first, angle.second, angle.mixed];
        got.into_iter()
            .zip(want)
            .for_each(|(got, want)| assert_close(got, want, Tolerance::Absolute(1e-15), "atan2"));
    }
}

#[test]
fn nested_duals_reach_the_fourth_derivative() {
    let inner = Dual::moving(0.5, 1.0, 1.0);
    let outer = HyperDual::moving(inner, Dual::fixed(1.0), Dual::fixed(1.0));
    let fourth = outer.sin().mixed.mixed;
    assert_close(fourth, 0.5f64.sin(), Tolerance::Absolute(1e-15), "sin''''");
    let power = outer.powi(6).mixed.mixed;
    assert_close(power, 360.0 * 0.25, Tolerance::Absolute(1e-12), "x^6''''");
}

#[test]
fn constants_have_zero_derivatives_where_slopes_are_infinite() {
    let root = Dual::fixed(0.0).sqrt() * Dual::moving(3.0, 1.0, 1.0);
    assert_eq!([root.value, root.first, root.mixed], [0.0; 3]);
}

#[test]
fn differences_know_the_sine() {
    let first = differences::first(|h| (0.7 + h).sin(), 0.1);
    let second = differences::second(|h| (0.7 + h).sin(), 0.1);
    assert_close(first.value, 0.7f64.cos(), Tolerance::Absolute(1e-11), "sin'");
    assert_close(second.value, -0.7f64.sin(), Tolerance::Absolute(1e-9), "sin''");
    assert!(differences::first(f64::abs, 0.1).value.abs() < 1e-15);
    assert!(differences::first(|h| (h - 0.001).abs(), 0.1).error > 0.01, "a kink is noticed");
}

#[test]
fn wide_angles_agree_with_double_ones() {
    use crate::support::wide::Wide;
    let places = [-2.0, -1.0, -0.5, 0.5, 1.0, 2.0];
    for (a, b) in places.into_iter().flat_map(|a| places.map(|b| (a, b))) {
        let wide = Wide::from(a).atan2(Wide::from(b)).narrow();
        assert_close(wide, f64::atan2(a, b), Tolerance::Ulps(2.0), format!("atan2({a}, {b})"));
    }
}
