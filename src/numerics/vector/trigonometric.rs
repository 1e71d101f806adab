//! Sine, cosine and tangent.
//!
//! Arguments of moderate size are reduced to half a period with π in three parts (Cody and Waite),
//! which is exact to twice the digits. Larger ones are rare: the functions on slices recompute them
//! afterwards, by [`Turn`](super::turn::Turn).

use super::machine::{Machine, Pair, polynomial, product, round_product, select, sum};
use super::repair::apply_with_repair;
use super::turn::Turn;

// From tests/reference/coefficients.py.

/// sin r = r + r³ P(r²) for |r| ≤ ½π. Weighted error 2^-61.5
const SIN: [f64; 8] = [
    -0.16666666666666666,
    0.008333333333333207,
    -0.00019841269841212498,
    2.755731921157642e-06,
    -2.5052106905372714e-08,
    1.605894106395558e-10,
    -7.64302128659785e-13,
    2.7214424866110873e-15,
];

/// sin r = r + r³ P(r²) for |r| ≤ ¼π. Weighted error 2^-57.9
const SIN_QUARTER: [f64; 6] = [
    -0.1666666666666663,
    0.008333333333321877,
    -0.000198412698294056,
    2.7557313559226544e-06,
    -2.505073815720094e-08,
    1.589567625144081e-10,
];

/// cos r = 1 - r²/2 + r⁴ P(r²) for |r| ≤ ¼π. Weighted error 2^-64.1
const COS_QUARTER: [f64; 6] = [
    0.0416666666666666,
    -0.001388888888887445,
    2.480158728964377e-05,
    -2.7557314389762e-07,
    2.0875727358647718e-09,
    -1.1359816547340247e-11,
];

/// π in parts of 33, 33 and 53 bits: up to 2²⁰ times the first two are exact.
const PI_PARTS: [f64; 3] =
    [3.141_592_653_468_251_2, 1.215_420_101_260_793_2e-10, 4.044_532_497_591_901e-21];

/// The size up to which an argument is at most 2²⁰ times ½π.
const MODERATE: f64 = 1e6;

/// The size below which sin u and tan u round to u, which keeps the sign of zero.
const SMALL: f64 = 1e-9;

/// u - n·π/`parts`, |u| ≤ 10⁶, to twice the digits.
#[inline(always)]
fn rest<M: Machine>(u: f64, n: f64, parts: f64) -> Pair {
    let [first, second, third] = PI_PARTS;
    let near = M::mul_add(n, -(first / parts), u);
    let next = sum(near, n * -(second / parts));
    let low = M::mul_add(n, -(third / parts), next.low);
    let high = next.high + low;
    Pair { high, low: low - (high - next.high) }
}

/// The sign bit for an odd n.
#[inline(always)]
fn sign_of_odd(n: u64) -> u64 {
    n << 63
}

#[inline(always)]
fn flip(u: f64, sign: u64) -> f64 {
    f64::from_bits(u.to_bits() ^ sign)
}

/// sin r for |r| ≤ ½π.
#[inline(always)]
fn half_wave<M: Machine>(r: Pair) -> f64 {
    let y = r.high * r.high;
    // The slope cos r need not be exact for the low part, but zero where the sine is flat.
    let slope =
        M::mul_add(y, -4.0 * std::f64::consts::FRAC_1_PI * std::f64::consts::FRAC_1_PI, 1.0);
    let curved = (r.high * y) * polynomial::<M, _>(&SIN, y);
    r.high + M::mul_add(r.low, slope, curved)
}

/// sin u for |u| ≤ 10⁶.
#[inline(always)]
fn moderate_sin<M: Machine>(u: f64) -> f64 {
    let n = round_product::<M>(u, std::f64::consts::FRAC_1_PI);
    let value = half_wave::<M>(rest::<M>(u, n.number, 1.0));
    select(u.abs() < SMALL, u, flip(value, sign_of_odd(n.bits)))
}

/// cos u for |u| ≤ 10⁶, as a sine shifted by half a period.
#[inline(always)]
fn moderate_cos<M: Machine>(u: f64) -> f64 {
    let n = round_product::<M>(M::mul_add(u, std::f64::consts::FRAC_1_PI, -0.5), 1.0);
    let value = half_wave::<M>(rest::<M>(u, n.number + 0.5, 1.0));
    flip(value, sign_of_odd(n.bits ^ 1))
}

/// tan r for |r| ≤ ¼π, -1/tan r for an odd n.
#[inline(always)]
fn quarter_tan<M: Machine>(r: Pair, n: u64) -> f64 {
    let y = r.high * r.high;
    let sine = r.high + M::mul_add(r.high * y, polynomial::<M, _>(&SIN_QUARTER, y), r.low);
    let half = 0.5 * y;
    let head = 1.0 - half;
    let tail = ((1.0 - head) - half) - r.high * r.low;
    let cosine = head + M::mul_add(y * y, polynomial::<M, _>(&COS_QUARTER, y), tail);
    let odd = n & 1 == 1;
    select(odd, -cosine, sine) / select(odd, sine, cosine)
}

/// tan u for |u| ≤ 10⁶.
#[inline(always)]
fn moderate_tan<M: Machine>(u: f64) -> f64 {
    let n = round_product::<M>(u, std::f64::consts::FRAC_2_PI);
    let value = quarter_tan::<M>(rest::<M>(u, n.number, 2.0), n.bits);
    select(u.abs() < SMALL, u, value)
}

#[inline(always)]
fn is_large(u: f64) -> bool {
    u.abs() > MODERATE
}

/// out = sin a.
#[inline(always)]
pub fn sin_slice<M: Machine>(out: &mut [f64], a: &[f64]) {
    apply_with_repair(out, a, moderate_sin::<M>, is_large, large_sin::<M>);
}

/// out = cos a.
#[inline(always)]
pub fn cos_slice<M: Machine>(out: &mut [f64], a: &[f64]) {
    apply_with_repair(out, a, moderate_cos::<M>, is_large, large_cos::<M>);
}

/// out = tan a.
#[inline(always)]
pub fn tan_slice<M: Machine>(out: &mut [f64], a: &[f64]) {
    apply_with_repair(out, a, moderate_tan::<M>, is_large, large_tan::<M>);
}

fn large_sin<M: Machine>(u: f64) -> f64 {
    wave_of::<M>(Turn::of(u))
}

fn large_cos<M: Machine>(u: f64) -> f64 {
    wave_of::<M>(Turn::of(u).map(Turn::quarter_on))
}

/// The sine at a turn; NaN for `None`, the turn of infinities and NaN.
fn wave_of<M: Machine>(turn: Option<Turn>) -> f64 {
    turn.map_or(f64::NAN, |turn| {
        let (n, r) = turn.beside_nearest_half::<M>();
        flip(half_wave::<M>(r), sign_of_odd(n))
    })
}

fn large_tan<M: Machine>(u: f64) -> f64 {
    Turn::of(u).map_or(f64::NAN, |turn| {
        let (n, r) = turn.beside_nearest_quarter::<M>();
        quarter_tan::<M>(r, n)
    })
}

/// sin πt for |t| ≤ ½, and cos πt; for the reflections of the gamma family.
pub(super) fn sin_cos_pi<M: Machine>(t: f64) -> (f64, f64) {
    (half_wave::<M>(times_pi::<M>(t)), cos_pi::<M>(t))
}

/// cos πt for |t| ≤ 1.
#[inline(always)]
pub(super) fn cos_pi<M: Machine>(t: f64) -> f64 {
    half_wave::<M>(times_pi::<M>(0.5 - t.abs()))
}

/// π less its nearest double.
pub(super) const PI_REST: f64 = 1.224_646_799_147_353_2e-16;

/// π·t to twice the digits.
#[inline(always)]
pub(super) fn times_pi<M: Machine>(t: f64) -> Pair {
    let head = product::<M>(t, std::f64::consts::PI);
    Pair { high: head.high, low: M::mul_add(t, PI_REST, head.low) }
}
