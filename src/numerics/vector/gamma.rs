//! log |Γ| and its first two derivatives.
//!
//! Stirling's series far out, polynomials about the zeros on the positive axis, one or a few
//! steps of the recurrence in between. The bodies are for positive arguments; negative ones,
//! rare and reflected, are repaired afterwards.

use super::log::{log, log_pair};
use super::machine::{Machine, Pair, polynomial, select};
use super::repair::apply_with_repair;
use super::trigonometric::sin_cos_pi;

// From tests/reference/coefficients.py.

/// log Γ(2 + z) = z P(z) for -0.7 ≤ z ≤ ¾. Weighted error 2^-56.2
const LGAMMA_NEAR_TWO: [f64; 24] = [
    0.42278433509846713,
    0.3224670334241132,
    -0.06735230105319734,
    0.020580808427786212,
    -0.007385551028707507,
    0.0028905103306804047,
    -0.0011927539110365393,
    0.0005096695258324053,
    -0.00022315476548098956,
    9.945750172999901e-05,
    -4.492619547809189e-05,
    2.050728247320509e-05,
    -9.43961135636069e-06,
    4.374577392806024e-06,
    -2.03917082501628e-06,
    9.559709112697644e-07,
    -4.482578623081257e-07,
    2.1034730854712002e-07,
    -1.0404197873703037e-07,
    5.0396925182396406e-08,
    -1.673387740495673e-08,
    7.742178272719153e-09,
    -9.96127856596987e-09,
    4.6921498192047504e-09,
];

/// log Γ(x) = (x - ½)(log x - 1) - ½ + ½ log 2π + P(1/x²)/x for x ≥ 2.75. Weighted error 2^-63.8
const STIRLING: [f64; 13] = [
    0.08333333333333323,
    -0.002777777777710107,
    0.0007936507782895365,
    -0.0005952363420617155,
    0.000841631713215062,
    -0.001912223600935388,
    0.00624550067505119,
    -0.02579934543453484,
    0.11396353472164045,
    -0.45228916629158666,
    1.3790655257150115,
    -2.7267842993647315,
    2.554859056864678,
];

/// ψ(1.5 + z) = (1.5 + z - root) P(z) for |z| ≤ ½. Weighted error 2^-54.3
const DIGAMMA_NEAR_ROOT: [f64; 25] = [
    0.9510558760318328,
    -0.42362742128146047,
    0.24054248424080488,
    -0.148404923053924,
    0.09498872445070766,
    -0.0619221332711158,
    0.04076083406410563,
    -0.026975796866995576,
    0.01790724442361501,
    -0.011908214621968751,
    0.007927097790932787,
    -0.005280026168726427,
    0.0035171378292062484,
    -0.0023445675160467623,
    0.0015716695659790951,
    -0.001042802786770549,
    0.0006427575937320804,
    -0.0004576307496658591,
    0.0005107579814879248,
    -0.0002242142614753561,
    -0.00036708611537782565,
    -5.126463156097002e-05,
    0.0007847264965809066,
    -8.826700632642265e-05,
    -0.00042100050719621476,
];

/// ψ(x) = log x - 1/(2x) - P(1/x²)/x² for x ≥ 3. Weighted error 2^-56.7
const DIGAMMA: [f64; 11] = [
    0.08333333333332069,
    -0.008333333326139144,
    0.003968252564777465,
    -0.004166529607194938,
    0.007567864448381111,
    -0.02079895806906405,
    0.07581707494370193,
    -0.30419279668174815,
    1.0753256248491396,
    -2.650508177534905,
    3.1987723846351557,
];

/// ψ'(x) = 1/x + 1/(2x²) + P(1/x²)/x³ for x ≥ 3. Weighted error 2^-57.8
const TRIGAMMA: [f64; 13] = [
    0.16666666666665836,
    -0.033333333326820744,
    0.023809522057427073,
    -0.03333309580459827,
    0.07573837853232282,
    -0.2520960444247362,
    1.1289950526065287,
    -6.0688755041622615,
    33.572646968096876,
    -163.00504543652312,
    600.5008065110477,
    -1425.403399068479,
    1597.8849827634258,
];

/// ½ log 2π - ½.
const STIRLING_CONSTANT: f64 = 0.418_938_533_204_672_7;
/// log π.
const LN_PI: f64 = 1.144_729_885_849_400_2;
/// The zero of ψ on the positive axis, and the error of this double.
const ROOT: f64 = 1.461_632_144_968_362_2;
const ROOT_REST: f64 = 9.549_995_429_965_697e-17;

/// log Γ(x) for x ≥ 0.
#[inline(always)]
fn positive_lgamma<M: Machine>(x: f64) -> f64 {
    let (first, second, third) = (x < 0.5, x < 1.3, x < 2.75);
    // log Γ(x) = log Γ(x+1) - log x as often as it takes to come near 2.
    let z = select(first, x, select(second, x - 1.0, x - 2.0));
    let product = select(first, x * (1.0 + x), select(second, x, 1.0));
    let logarithm = log_pair::<M>(select(third, product, x));
    let near =
        M::mul_add(z, polynomial::<M, _>(&LGAMMA_NEAR_TWO, z), -logarithm.high) - logarithm.low;
    let value = select(third, near, stirling::<M>(x, logarithm));
    select(x < f64::INFINITY && x > 0.0, value, select(x == 0.0, f64::INFINITY, x))
}

/// log Γ(x) far out, given log x.
#[inline(always)]
fn stirling<M: Machine>(x: f64, log_x: Pair) -> f64 {
    let inverse = 1.0 / x;
    let series = polynomial::<M, _>(&STIRLING, inverse * inverse);
    let factor = x - 0.5;
    let rest = M::mul_add(factor, log_x.low, M::mul_add(inverse, series, STIRLING_CONSTANT));
    M::mul_add(factor, log_x.high - 1.0, rest)
}

/// ψ(x) for x > 0.
#[inline(always)]
fn positive_digamma<M: Machine>(x: f64) -> f64 {
    let (below, above) = (x < 1.0, x >= 2.0);
    // ψ(x) = ψ(x+1) - 1/x below, ψ(x-1) + 1/(x-1) above.
    let y = select(below, x + 1.0, select(above, x - 1.0, x));
    let step = 1.0 / select(below, x, select(above, y, f64::INFINITY));
    let distance = (y - ROOT) - ROOT_REST;
    let near = distance * polynomial::<M, _>(&DIGAMMA_NEAR_ROOT, y - 1.5);
    let near = near + select(below, -step, step);
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    let series = square * polynomial::<M, _>(&DIGAMMA, square);
    let far = log::<M>(x) - M::mul_add(0.5, inverse, series);
    select(x < 3.0, near, far)
}

/// ψ'(x) for x > 0.
#[inline(always)]
fn positive_trigamma<M: Machine>(x: f64) -> f64 {
    let near = x < 3.0;
    // Three steps of ψ'(x) = ψ'(x+1) + 1/x², the last two over one denominator.
    let (second, third) = (x + 1.0, x + 2.0);
    let (first, both) = (1.0 / x, second * third);
    let steps = M::mul_add(second, second, third * third) / (both * both);
    let inverse = 1.0 / select(near, x + 3.0, x);
    let square = inverse * inverse;
    let series = M::mul_add(square, polynomial::<M, _>(&TRIGAMMA, square), 0.5 * inverse);
    let far = M::mul_add(inverse, series, inverse);
    select(near, M::mul_add(first, first, steps + far), far)
}

#[inline(always)]
fn is_negative(x: f64) -> bool {
    x <= 0.0
}

/// out = log |Γ(a)|.
#[inline(always)]
pub fn lgamma_slice<M: Machine>(out: &mut [f64], a: &[f64]) {
    apply_with_repair(out, a, positive_lgamma::<M>, is_negative, reflected_lgamma::<M>);
}

/// out = ψ(a).
#[inline(always)]
pub fn digamma_slice<M: Machine>(out: &mut [f64], a: &[f64]) {
    apply_with_repair(out, a, positive_digamma::<M>, is_negative, reflected_digamma::<M>);
}

/// out = ψ'(a).
#[inline(always)]
pub fn trigamma_slice<M: Machine>(out: &mut [f64], a: &[f64]) {
    apply_with_repair(out, a, positive_trigamma::<M>, is_negative, reflected_trigamma::<M>);
}

/// x ≤ 0 as 1 - x and the distance from the nearest integer; None at the poles, and at -∞.
fn reflect(x: f64) -> Option<(f64, f64)> {
    let distance = x - x.round();
    (distance.abs() > 0.0).then_some((1.0 - x, distance))
}

/// log |π / sin πx| - log Γ(1-x).
fn reflected_lgamma<M: Machine>(x: f64) -> f64 {
    reflect(x).map_or(f64::INFINITY, |(mirror, distance)| {
        log_of_inverse_sine::<M>(distance) - positive_lgamma::<M>(mirror)
    })
}

/// log |π / sin πt| for |t| ≤ ½; near zero that is -log |t|, which unlike πt can be subnormal.
fn log_of_inverse_sine<M: Machine>(t: f64) -> f64 {
    if t.abs() < 1e-10 {
        return -log::<M>(t.abs());
    }
    let (sine, _) = sin_cos_pi::<M>(t);
    LN_PI - log::<M>(sine.abs())
}

/// ψ(1-x) - π cot πx; NaN at the poles, whose sides disagree.
fn reflected_digamma<M: Machine>(x: f64) -> f64 {
    reflect(x).map_or(f64::NAN, |(mirror, distance)| {
        let (sine, cosine) = sin_cos_pi::<M>(distance);
        positive_digamma::<M>(mirror) - std::f64::consts::PI * (cosine / sine)
    })
}

/// (π/sin πx)² - ψ'(1-x); ∞ at the poles, NaN at -∞, which is between any two of them.
fn reflected_trigamma<M: Machine>(x: f64) -> f64 {
    let at_pole = if x.is_infinite() { f64::NAN } else { f64::INFINITY };
    reflect(x).map_or(at_pole, |(mirror, distance)| {
        let (sine, _) = sin_cos_pi::<M>(distance);
        let inverse = std::f64::consts::PI / sine;
        M::mul_add(inverse, inverse, -positive_trigamma::<M>(mirror))
    })
}
