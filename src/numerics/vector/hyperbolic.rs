//! Hyperbolic functions: polynomials near zero, where e^u would cancel, e^|u| elsewhere; tanh by
//! its addition theorem.

use super::exp::{LN_2_HIGH, LN_2_LOW, TINY, exp_decaying, scaled_exp, unscaled};
use super::machine::{Machine, polynomial, power_of_two, round_product, select};

// From tests/reference/coefficients.py.

/// tanh x = x + x³ P(x²) for |x| ≤ 0.55. Weighted error 2^-55.5
pub(crate) const TANH: [f64; 10] = [
    -0.3333333333333235,
    0.13333333333172334,
    -0.053968253877439226,
    0.021869486000627898,
    -0.008863194786030013,
    0.0035917215695228082,
    -0.0014532244208161826,
    0.0005791558459673929,
    -0.00021032774298781665,
    5.1035754941073944e-05,
];

/// The size up to which tanh is computed by the polynomial alone.
pub(crate) const TANH_NEAR: f64 = 0.55;

/// The argument from which tanh u rounds to 1.
pub(crate) const TANH_MAX: f64 = 20.0;

/// ½ log 2 = high + low, and its reciprocal.
pub(crate) const HALF_LN_2_HIGH: f64 = 0.5 * LN_2_HIGH;
pub(crate) const HALF_LN_2_LOW: f64 = 0.5 * LN_2_LOW;
pub(crate) const TWICE_LOG2_E: f64 = 2.0 * std::f64::consts::LOG2_E;

/// sinh u = u + u³ P(u²) for |u| ≤ 1. Weighted error 2^-61.5
const SINH: [f64; 7] = [
    0.16666666666666669,
    0.00833333333333297,
    0.0001984126984153127,
    2.755731913033351e-06,
    2.5052126867057308e-08,
    1.6056999404724254e-10,
    7.765938668102712e-13,
];

/// log cosh u = u²/2 + u⁴ P(u²) for |u| ≤ 1. Weighted error 2^-57.5
const LOG_COSH: [f64; 14] = [
    -0.08333333333333201,
    0.022222222222097403,
    -0.006746031741945643,
    0.002186948786152303,
    -0.0007386022996758918,
    0.00025657636594852615,
    -9.097127243790735e-05,
    3.2722297036907735e-05,
    -1.1828118122200617e-05,
    4.19300446862945e-06,
    -1.3774128023902385e-06,
    3.7820675044263974e-07,
    -7.347246847802e-08,
    7.25135750003184e-09,
];

/// log(1 + f) = f + f² P(f) for 0 ≤ f ≤ e^-2. Weighted error 2^-57.2
const LOG1P_SMALL: [f64; 10] = [
    -0.4999999999999934,
    0.3333333333309131,
    -0.24999999969448403,
    0.19999998091876958,
    -0.1666659808947913,
    0.14284184276443815,
    -0.12478027998346196,
    0.10906389614560746,
    -0.08786348038300308,
    0.047601208267883714,
];

/// log 2 less its nearest double.
const LN_2_REST: f64 = 2.319_046_813_846_299_6e-17;

/// tanh u. With |u| = ½ n log 2 + x, t = tanh x and p = 2⁻ⁿ it is
/// 1 - 2p (1 - t)/((1 + p) + (1 - p) t), by the addition theorem; near zero n = 0, and it is t.
#[inline(always)]
#[must_use]
pub fn tanh<M: Machine>(u: f64) -> f64 {
    let size = u.abs();
    let size = select(size > TANH_MAX, TANH_MAX, size);
    let beyond = select(size < TANH_NEAR, 0.0, size);
    let minus_n = round_product::<M>(beyond, -TWICE_LOG2_E);
    let near = M::mul_add(minus_n.number, HALF_LN_2_HIGH, size);
    let x = M::mul_add(minus_n.number, HALF_LN_2_LOW, near);
    let y = x * x;
    let t = M::mul_add(x * y, polynomial::<M, _>(&TANH, y), x);
    let p = power_of_two(minus_n);
    let below = M::mul_add(1.0 - p, t, 1.0 + p);
    let far = 1.0 - (p + p) * (1.0 - t) / below;
    select(size < TANH_NEAR, t, far).copysign(u)
}

/// sinh u.
#[inline(always)]
#[must_use]
pub fn sinh<M: Machine>(u: f64) -> f64 {
    let size = u.abs();
    let half = half_exp::<M>(size);
    let far = half - 0.25 / half;
    let y = u * u;
    let near = M::mul_add(u * y, polynomial::<M, _>(&SINH, y), u);
    let near = select(size < TINY, u, near);
    select(size < 1.0, near, far.copysign(u))
}

/// cosh u.
#[inline(always)]
#[must_use]
pub fn cosh<M: Machine>(u: f64) -> f64 {
    let half = half_exp::<M>(u.abs());
    half + 0.25 / half
}

/// e^u/2 for u ≥ 0, finite as long as cosh u is.
#[inline(always)]
fn half_exp<M: Machine>(u: f64) -> f64 {
    unscaled::<M>(scaled_exp::<M>(select(u > 711.0, 711.0, u)).times::<M>(0.5))
}

/// log cosh u.
#[inline(always)]
#[must_use]
pub fn log_cosh<M: Machine>(u: f64) -> f64 {
    let size = u.abs();
    let decayed = exp_decaying::<M>(-2.0 * size);
    let curved = decayed * polynomial::<M, _>(&LOG1P_SMALL, decayed);
    let tail = M::mul_add(decayed, curved, decayed - LN_2_REST);
    let far = (size - std::f64::consts::LN_2) + tail;
    let y = u * u;
    let near = y * M::mul_add(y, polynomial::<M, _>(&LOG_COSH, y), 0.5);
    select(size < 1.0, near, far)
}
