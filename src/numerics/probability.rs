//! Quantiles and p values of the standard normal distribution.

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
    fn p_values() {
        assert_eq!(two_sided_p(0.0), 1.0);
        close(two_sided_p(1.959_963_984_540_054), 0.05);
        assert_eq!(two_sided_p(3.0), two_sided_p(-3.0));
        assert!(two_sided_p(f64::NAN).is_nan());
    }
}
