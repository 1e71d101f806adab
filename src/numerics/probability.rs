//! Quantiles and p values of the standard normal and the χ² distribution.

use crate::numerics::special::fast;

/// The quantile x with Φ(x) = p; ∓∞ at 0 and 1, NaN outside.
///
/// Wichura (1988), algorithm AS 241 (PPND16), Applied Statistics 37:477: ratios of polynomials with a
/// relative error of about 1e-16.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        return q * ratio(0.180625 - q * q, &CENTRAL);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail == 0.0 {
        return q.signum() * f64::INFINITY;
    }
    // NaN where p is no probability.
    let r = (-tail.ln()).sqrt();
    let size = if r <= 5.0 { ratio(r - 1.6, &MIDDLE) } else { ratio(r - 5.0, &FAR) };
    if q < 0.0 { -size } else { size }
}

/// The coefficients of a numerator and a denominator, the highest power first.
type Ratio = [[f64; 8]; 2];

fn ratio(x: f64, coefficients: &Ratio) -> f64 {
    let [above, below] =
        coefficients.map(|coefficients| coefficients.into_iter().fold(0.0, |sum, c| sum * x + c));
    above / below
}

/// x / (p - ½) as a function of 0.425² - (p - ½)².
const CENTRAL: Ratio = [
    [
        2_509.080_928_730_122_7,
        33_430.575_583_588_13,
        67_265.770_927_008_7,
        45_921.953_931_549_87,
        13_731.693_765_509_46,
        1_971.590_950_306_551_3,
        133.141_667_891_784_38,
        3.387_132_872_796_366_5,
    ],
    [
        5_226.495_278_852_546,
        28_729.085_735_721_943,
        39_307.895_800_092_71,
        21_213.794_301_586_597,
        5_394.196_021_424_751,
        687.187_007_492_057_9,
        42.313_330_701_600_91,
        1.0,
    ],
];

/// |x| as a function of √(-log tail) - 1.6, for tails down to e^-25.
const MIDDLE: Ratio = [
    [
        0.000_774_545_014_278_341_4,
        0.022_723_844_989_269_184,
        0.241_780_725_177_450_6,
        1.270_458_252_452_368_4,
        3.647_848_324_763_204_5,
        5.769_497_221_460_691,
        4.630_337_846_156_546,
        1.423_437_110_749_683_5,
    ],
    [
        1.050_750_071_644_416_9e-9,
        0.000_547_593_808_499_534_5,
        0.015_198_666_563_616_457,
        0.148_103_976_427_480_08,
        0.689_767_334_985_1,
        1.676_384_830_183_803_8,
        2.053_191_626_637_759,
        1.0,
    ],
];

/// |x| as a function of √(-log tail) - 5, for smaller tails.
const FAR: Ratio = [
    [
        2.010_334_399_292_288_1e-7,
        2.711_555_568_743_487_6e-5,
        0.001_242_660_947_388_078_4,
        0.026_532_189_526_576_124,
        0.296_560_571_828_504_87,
        1.784_826_539_917_291_3,
        5.463_784_911_164_114,
        6.657_904_643_501_103,
    ],
    [
        2.044_263_103_389_939_7e-15,
        1.421_511_758_316_446e-7,
        1.846_318_317_510_054_8e-5,
        0.000_786_869_131_145_613_3,
        0.014_875_361_290_850_615,
        0.136_929_880_922_735_8,
        0.599_832_206_555_888,
        1.0,
    ],
];

/// The probability that the absolute value of a standard normal variable exceeds |z|.
#[must_use]
pub fn two_sided_p(z: f64) -> f64 {
    2.0 * fast::normal_cdf(-z.abs())
}

/// The probability that a χ² variable with `degrees` degrees of freedom exceeds `x`; NaN at NaN.
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

    /// By Newton's method on log Φ, which is concave: from left of the root it climbs monotonically.
    #[test]
    fn quantiles_solve_their_equation() {
        let near = |p: f64, want: f64| {
            let got = normal_quantile(p);
            assert!((got - want).abs() <= 1e-15 * want.abs().max(1.0), "{p}: {got}, want {want}");
        };
        let newton = |p: f64| {
            let mut x = -(-2.0 * p.ln()).sqrt();
            for _ in 0..60 {
                x += (p.ln() - fast::log_normal_cdf(x)) / fast::inverse_mills(x);
            }
            x
        };
        let mut p = 0.5;
        while p > 1e-300 {
            near(p, newton(p));
            p *= 0.93;
        }
        for p in [0.075, 0.0749, (-25.0_f64).exp(), 1.3e-11, 5e-324] {
            near(p, newton(p));
        }
        for p in [0.5, 0.25, 0.0625, 0.5 * f64::EPSILON] {
            assert_eq!(normal_quantile(1.0 - p), -normal_quantile(p));
        }
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
