//! The error function and the functions of the normal distribution.
//!
//! Away from zero all use a slowly varying ratio, e^(a²) erfc a or φ(t)/Φ(-t) - t, as a polynomial in
//! u = (a - c)/(a + c).

use super::exp::{Scaled, TINY, exp_decaying, scaled_exp_sum, unscaled};
use super::log::log_of_pair;
use super::machine::{Machine, Pair, polynomial, product, select, sum};

// From tests/reference/coefficients.py.

/// erf x = x + x P(x²) for |x| ≤ 1. Weighted error 2^-55.9
const ERF: [f64; 12] = [
    0.12837916709551256,
    -0.3761263890318347,
    0.11283791670943202,
    -0.026866170643021884,
    0.005223977605677654,
    -0.0008548325916692004,
    0.00012055293364390152,
    -1.4924710370874728e-05,
    1.6447126315099654e-06,
    -1.6206375018948734e-07,
    1.371156261731989e-08,
    -7.780985451895508e-10,
];

/// e^(a²) erfc a = P(u)/(a + 2) for 1 ≤ a ≤ 6, c = 2; error relative to erf. Weighted error 2^-58.8
const ERF_FAR: [f64; 13] = [
    1.021582705242023,
    -0.6871606844138004,
    0.2794720925561661,
    -0.03644223151046443,
    -0.021510661941714675,
    0.0064791851741863886,
    0.003090616522075732,
    -0.000837281337162764,
    -0.000663163172673607,
    3.37342454923395e-05,
    0.0001439231657534472,
    3.930086841960647e-05,
    -5.290538434642067e-06,
];

/// e^(a²) erfc a = (1 + P(u))/(a + 3.75) for 0 ≤ a ≤ 28, c = 3.75. Weighted error 2^-57.4
const ERFC: [f64; 25] = [
    0.09192290956278905,
    -0.9587415766529096,
    0.7363189252217509,
    -0.4904702912076752,
    0.2790620490338114,
    -0.1319554011786385,
    0.0491187786148104,
    -0.012535880039420595,
    0.0009863380842600699,
    0.0007948230847705048,
    -0.000348646886752323,
    1.0594073946816981e-05,
    3.747188094876279e-05,
    -8.904256390999806e-06,
    -3.2900587318305776e-06,
    1.6568206520463864e-06,
    2.8127406084456696e-07,
    -2.649132949721709e-07,
    -2.897213039861147e-08,
    4.134956205838802e-08,
    5.0042198885740685e-09,
    -5.8027344310300086e-09,
    -1.1329867967092545e-09,
    4.943064900077966e-10,
    1.461236642945084e-10,
];

/// φ(t)/Φ(-t) - t = (1 + P(u))/(t + 5) for t ≥ 0, c = 5. Weighted error 2^-55.9
const MILLS: [f64; 31] = [
    0.8650396712584212,
    -1.4046037904528013,
    0.738635001014322,
    -0.18497224415262847,
    -0.0863134740171134,
    0.1130897912790098,
    -0.040606262245474166,
    -0.014677291768098236,
    0.022232412791787073,
    -0.006933593564380533,
    -0.004041613271290755,
    0.0043980698589350135,
    -0.0007879971905837234,
    -0.001081395710057575,
    0.0007601032189445566,
    -3.5401232394670776e-06,
    -0.00023644644618807912,
    0.00010845777479203559,
    2.225783016911775e-05,
    -4.318893761348506e-05,
    1.371086854294243e-05,
    6.902999122329474e-06,
    -7.683238788900624e-06,
    1.186299272183933e-06,
    1.94712559944809e-06,
    -9.950996902971838e-07,
    -2.17499705946675e-07,
    2.56970919227645e-07,
    -1.3306427271105707e-08,
    -2.738070465547222e-08,
    5.114949307614859e-09,
];

/// 1/√(2π).
const DENSITY_AT_ZERO: f64 = 0.398_942_280_401_432_7;
/// The logarithm of 1/√(2π) over its nearest double; it is added where it causes no rounding.
const DENSITY_REST: f64 = -6.247337834861335e-17;
/// √(2π).
const ROOT_TWO_PI: f64 = 2.506_628_274_631_000_7;
/// √(2π) less this double.
const ROOT_TWO_PI_REST: f64 = -1.8328579980459167e-16;

/// P(u)/(a + c), u = (a - c)/(a + c).
#[inline(always)]
fn on_half_line<M: Machine, const N: usize>(coefficients: &[f64; N], a: f64, c: f64) -> f64 {
    let s = 1.0 / (a + c);
    s * polynomial::<M, _>(coefficients, M::mul_add(-2.0 * c, s, 1.0))
}

/// (1 + P(u))/(a + c), corrected for the rounding of 1/(a + c), which the slope of P would
/// amplify.
#[inline(always)]
fn exactly_on_half_line<M: Machine, const N: usize>(p: &[f64; N], a: f64, c: f64) -> f64 {
    let divisor = sum(c, a);
    let s = 1.0 / divisor.high;
    let one = product::<M>(s, divisor.high);
    let missing = ((1.0 - one.high) - one.low) - s * divisor.low;
    // At ∞ the correction is zero, but `missing` is NaN.
    let correction = select(a < 1e100, s * missing, 0.0);
    let u = M::mul_add(-2.0 * c, correction, M::mul_add(-2.0 * c, s, 1.0));
    let p = polynomial::<M, _>(p, u);
    M::mul_add(s, p, M::mul_add(correction, 1.0 + p, s))
}

/// erf x.
#[inline(always)]
#[must_use]
pub fn erf<M: Machine>(x: f64) -> f64 {
    let size = x.abs();
    let a = select(size > 6.0, 6.0, size);
    let far = 1.0 - exp_decaying::<M>(-a * a) * on_half_line::<M, _>(&ERF_FAR, a, 2.0);
    let near = M::mul_add(x, polynomial::<M, _>(&ERF, x * x), x);
    select(size < 1.0, near, far.copysign(x))
}

/// e^(low - rate·x²), rate a power of 2, with the square to twice the digits: for large x its rounding
/// would cost x² ulp.
#[inline(always)]
fn gauss<M: Machine>(x: f64, rate: f64, low: f64) -> Scaled {
    let square = product::<M>(x, x);
    scaled_exp_sum::<M>(-rate * square.high, M::mul_add(-rate, square.low, low))
}

/// erfc x.
#[inline(always)]
#[must_use]
pub fn erfc<M: Machine>(x: f64) -> f64 {
    let size = x.abs();
    let a = select(size > 28.0, 28.0, size);
    let ratio = exactly_on_half_line::<M, _>(&ERFC, a, 3.75);
    let upper = unscaled::<M>(gauss::<M>(a, 1.0, 0.0).times::<M>(ratio));
    select(x < 0.0, 2.0 - upper, upper)
}

/// φ(t)/Φ(-t) - t for t ≥ 0.
#[inline(always)]
fn excess<M: Machine>(t: f64) -> f64 {
    exactly_on_half_line::<M, _>(&MILLS, t, 5.0)
}

/// The argument beyond which φ rounds to zero.
const REACH: f64 = 40.0;

/// factor·√(2π) φ(t) for 0 ≤ t ≤ 40, where the factor contains 1/√(2π).
#[inline(always)]
fn density<M: Machine>(t: f64, factor: f64) -> f64 {
    unscaled::<M>(gauss::<M>(t, 0.5, DENSITY_REST).times::<M>(factor))
}

/// Φ(-t) for t ≥ 0, given φ(t)/Φ(-t).
#[inline(always)]
fn upper_tail<M: Machine>(t: f64, hazard: f64) -> f64 {
    density::<M>(select(t > REACH, REACH, t), DENSITY_AT_ZERO / hazard)
}

/// log Φ(x).
#[inline(always)]
#[must_use]
pub fn log_normal_cdf<M: Machine>(x: f64) -> f64 {
    let t = x.abs();
    let hazard = t + excess::<M>(t);
    let upper = upper_tail::<M>(t, hazard);
    let left = x < 0.0;
    // Left, log Φ(x) = -t²/2 - log(√(2π) φ(t)/Φ(-t)); right, log(1 - Φ(-x)).
    let right = sum(1.0, -upper);
    let scaled = product::<M>(ROOT_TWO_PI, hazard);
    let scaled_low = M::mul_add(ROOT_TWO_PI_REST, hazard, scaled.low);
    let logarithm = log_of_pair::<M>(Pair {
        high: select(left, scaled.high, right.high),
        low: select(left, scaled_low, right.low),
    });
    let right = select(upper < TINY, -upper, logarithm);
    select(left, -0.5 * t * t - logarithm, right)
}

/// φ(x)/Φ(x).
#[inline(always)]
#[must_use]
pub fn inverse_mills<M: Machine>(x: f64) -> f64 {
    let size = x.abs();
    let t = select(x > REACH, REACH, size);
    let hazard = t + excess::<M>(t);
    // Right, φ/(1 - φ/hazard).
    let plain = density::<M>(select(t > REACH, REACH, t), DENSITY_AT_ZERO);
    let right =
        density::<M>(select(t > REACH, REACH, t), DENSITY_AT_ZERO * hazard / (hazard - plain));
    select(x < 0.0, hazard, right)
}

/// x + φ(x)/Φ(x), without cancellation for x → -∞.
#[inline(always)]
#[must_use]
pub fn mills_excess<M: Machine>(x: f64) -> f64 {
    let size = x.abs();
    let t = select(x > REACH, REACH, size);
    let over = excess::<M>(t);
    let hazard = t + over;
    let plain = density::<M>(select(t > REACH, REACH, t), DENSITY_AT_ZERO);
    let right = x + plain * (hazard / (hazard - plain));
    select(x < 0.0, over, right)
}
