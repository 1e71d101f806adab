//! Arc sine, arc cosine and arc tangent, of one and of two arguments.

use std::f64::consts::{FRAC_PI_2, PI};

use super::machine::{Machine, ordered_sum, polynomial, select};
use super::trigonometric::PI_REST;

// From tests/reference/coefficients.py.

/// asin x = x + x³ P(x²) for |x| ≤ ½. Weighted error 2^-55.8
const ASIN: [f64; 12] = [
    0.16666666666665408,
    0.07500000000334137,
    0.044642856831900585,
    0.030381958963942156,
    0.022371762516957924,
    0.01735963522412983,
    0.013885928086519816,
    0.012164692239499762,
    0.006547214105922669,
    0.019476788268738752,
    -0.016145657880955636,
    0.03186004507801647,
];

/// atan t = t + t³ P(t²) for |t| ≤ 1. Weighted error 2^-57.4
const ATAN: [f64; 20] = [
    -0.3333333333333307,
    0.19999999999950108,
    -0.14285714282444842,
    0.1111111100228915,
    -0.09090906908974654,
    0.07692278661143455,
    -0.06666393965266278,
    0.058804657241023496,
    -0.05253235117898035,
    0.047213410691516404,
    -0.04216567081318394,
    0.03658802420481746,
    -0.02981751068100705,
    0.02187777934964724,
    -0.013798872041898945,
    0.007123963290087598,
    -0.002847320507468506,
    0.0008179598249143317,
    -0.00014924965761763654,
    1.2931941959530137e-05,
];

/// The sine of an angle, and the angle less its sine: the angle is asin |u| for |u| ≤ ½, else half of
/// acos |u|, whose sine is √((1-|u|)/2).
#[inline(always)]
fn small_angle<M: Machine>(size: f64) -> (f64, f64) {
    let wide = size > 0.5;
    let z = select(wide, 0.5 - 0.5 * size, size * size);
    let sine = select(wide, z.sqrt(), size);
    (sine, sine * z * polynomial::<M, _>(&ASIN, z))
}

/// asin u.
#[inline(always)]
#[must_use]
pub fn asin<M: Machine>(u: f64) -> f64 {
    let size = u.abs();
    let (sine, more) = small_angle::<M>(size);
    let head = ordered_sum(FRAC_PI_2, -(sine + sine));
    let wide = head.high + ((head.low + 0.5 * PI_REST) - (more + more));
    select(size > 0.5, wide, sine + more).copysign(u)
}

/// acos u.
#[inline(always)]
#[must_use]
pub fn acos<M: Machine>(u: f64) -> f64 {
    let size = u.abs();
    let (sine, more) = small_angle::<M>(size);
    let angle = sine + more;
    let twice = angle + angle;
    let wide = select(u < 0.0, PI - (twice - PI_REST), twice);
    select(size > 0.5, wide, FRAC_PI_2 - (angle.copysign(u) - 0.5 * PI_REST))
}

/// atan t for 0 ≤ t ≤ 1.
#[inline(always)]
fn atan_to_one<M: Machine>(t: f64) -> f64 {
    let y = t * t;
    M::mul_add(t * y, polynomial::<M, _>(&ATAN, y), t)
}

/// atan u.
#[inline(always)]
#[must_use]
pub fn atan<M: Machine>(u: f64) -> f64 {
    let size = u.abs();
    let steep = size > 1.0;
    let angle = atan_to_one::<M>(select(steep, 1.0, size) / select(steep, size, 1.0));
    select(steep, FRAC_PI_2 - (angle - 0.5 * PI_REST), angle).copysign(u)
}

/// The angle of the point (x, y), signs of zeros and infinities as in `f64::atan2`.
#[inline(always)]
#[must_use]
pub fn atan2<M: Machine>(y: f64, x: f64) -> f64 {
    let (rise, run) = (y.abs(), x.abs());
    let flat = rise <= run;
    let (less, more) = (select(flat, rise, run), select(flat, run, rise));
    // 0/0 and ∞/∞ are replaced by 0 and 1.
    let ratio = select(rise + run == 0.0, 0.0, less / more);
    let ratio = select(rise == run && run == f64::INFINITY, 1.0, ratio);
    let angle = atan_to_one::<M>(ratio);
    let angle = select(flat, angle, FRAC_PI_2 - (angle - 0.5 * PI_REST));
    let left = x.to_bits() >> 63 == 1;
    select(left, PI - (angle - PI_REST), angle).copysign(y)
}
