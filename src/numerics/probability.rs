//! Quantiles and p values of the standard normal and the χ² distribution.

use crate::numerics::special::fast;

/// The quantile x with Φ(x) = p; ∓∞ at 0 and 1, NaN outside.
///
/// Newton's method on log Φ, which is concave: from a start left of the root it climbs
/// monotonically, in both tails alike.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    if p > 0.5 {
        return -lower_quantile(1.0 - p);
    }
    lower_quantile(p)
}

fn lower_quantile(p: f64) -> f64 {
    if p == 0.0 {
        return f64::NEG_INFINITY;
    }
    // Φ(-t) ≤ e^(-t²/2), so this start is left of the root.
    let target = p.ln();
    let mut x = -(-2.0 * target).sqrt();
    for _ in 0..60 {
        let step = (target - fast::log_normal_cdf(x)) / fast::inverse_mills(x);
        x += step;
        if step.abs() <= f64::EPSILON * x.abs() {
            break;
        }
    }
    x
}

/// The probability that a standard normal variable exceeds |z| in size.
#[must_use]
pub fn two_sided_p(z: f64) -> f64 {
    2.0 * fast::normal_cdf(-z.abs())
}

/// The probability that a χ² variable with so many degrees of freedom exceeds `x`; NaN at NaN.
///
/// With h = x/2 it is Σ h^k e^-h / Γ(k + 1) over k = 0, 1, … below df/2 for an even number of degrees,
/// and over k = ½, 3/2, … with erfc √h before them for an odd one: all terms are positive.
#[must_use]
pub fn chi_squared_p(x: f64, degrees: usize) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return if x.is_nan() { x } else { 1.0 };
    }
    let half = 0.5 * x;
    let odd = degrees % 2 == 1;
    let (head, shift) = if odd { (fast::erfc(half.sqrt()), 0.5) } else { (0.0, 0.0) };
    let term = |k: usize| {
        let k = k as f64 + shift;
        (k * half.ln() - half - fast::lgamma(k + 1.0)).exp()
    };
    let sum: f64 = (0..degrees / 2).map(term).sum();
    (head + sum).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(got: f64, want: f64) {
        assert!((got - want).abs() <= 4e-16 * want.abs().max(1.0), "got {got}, want {want}");
    }

    #[test]
    fn tabulated_quantiles() {
        // Computed with mpmath at 40 digits.
        close(normal_quantile(0.975), 1.959_963_984_540_054);
        close(normal_quantile(0.025), -1.959_963_984_540_054);
        close(normal_quantile(0.995), 2.575_829_303_548_901);
        close(normal_quantile(0.841_344_746_068_542_9), 1.0);
        close(normal_quantile(1e-300), -37.047_096_299_361_2);
        close(normal_quantile(0.5), 0.0);
    }

    #[test]
    fn quantile_at_and_beyond_the_ends() {
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        for outside in [-0.1, 1.1, f64::NAN] {
            assert!(normal_quantile(outside).is_nan(), "{outside}");
        }
    }

    #[test]
    fn tails_of_chi_squared() {
        let check = |x: f64, degrees: usize, want: f64| {
            let got = chi_squared_p(x, degrees);
            assert!((got - want).abs() <= 1e-12 * want, "{x} {degrees}: {got}, want {want}");
        };
        // Computed with mpmath at 30 digits.
        check(7.814_727_903_251_178, 3, 0.05);
        check(11.070_497_693_516_351, 5, 0.05);
        check(0.5, 3, 0.918_891_411_654_675_8);
        check(30.0, 10, 0.000_856_641_210_775_300_4);
        check(60.0, 9, 1.340_678_048_395_961_3e-9);
        check(400.0, 7, 2.385_271_081_112_327_8e-82);
        check(900.0, 1000, 0.989_282_761_908_710_2);
        check(1500.0, 500, 1.708_213_829_539_424_6e-100);
        for z in [0.1, 1.0, 1.959_963_984_540_054, 5.0, 20.0] {
            check(z * z, 1, two_sided_p(z));
        }
        for x in [0.01, 1.0, 7.5, 300.0] {
            check(x, 2, (-0.5 * x).exp());
        }
        assert_eq!((chi_squared_p(0.0, 3), chi_squared_p(-1.0, 2)), (1.0, 1.0));
        assert_eq!(chi_squared_p(f64::INFINITY, 1), 0.0);
        assert!(chi_squared_p(f64::NAN, 1).is_nan());
    }

    #[test]
    fn p_values() {
        assert_eq!(two_sided_p(0.0), 1.0);
        close(two_sided_p(1.959_963_984_540_054), 0.05);
        assert_eq!(two_sided_p(3.0), two_sided_p(-3.0));
        assert!(two_sided_p(f64::NAN).is_nan());
    }
}
