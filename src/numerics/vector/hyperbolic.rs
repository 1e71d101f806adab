//! Hyperbolic functions: a polynomial near zero, where e^u would cancel, e^|u| elsewhere.

use super::exp::{Scaled, TINY, exp_decaying, scaled_exp, unscaled};
use super::machine::{Machine, polynomial, select};

// From tests/reference/coefficients.py.

/// tanh u = u + u³ P(u²) for |u| ≤ 0.55. Weighted error 2^-57.8.
const TANH: [f64; 11] = [
    -0.333333333333333,
    0.13333333333326833,
    -0.053968253963879026,
    0.021869488389112048,
    -0.008863232652903227,
    0.003592092533538699,
    -0.0014555459899342335,
    0.0005884570718694958,
    -0.00023341278471156115,
    8.336014849918318e-05,
    -1.952107605569034e-05,
];

/// sinh u = u + u³ P(u²) for |u| ≤ 1. Weighted error 2^-56.4.
const SINH: [f64; 7] = [
    0.16666666666666669,
    0.008333333333333139,
    0.00019841269841437662,
    2.755731915534239e-06,
    2.505212339779342e-08,
    1.6057240392147325e-10,
    7.759310891417389e-13,
];

/// log cosh u = u²/2 + u⁴ P(u²) for |u| ≤ 1. Weighted error 2^-56.8.
const LOG_COSH: [f64; 14] = [
    -0.08333333333333201,
    0.02222222222209961,
    -0.006746031742036346,
    0.0021869487876818,
    -0.0007386023137858201,
    0.0002565764465689245,
    -9.097157713495772e-05,
    3.272308656032444e-05,
    -1.1829543483268224e-05,
    4.194796095868172e-06,
    -1.3789505000693697e-06,
    3.7906608982865383e-07,
    -7.375431672210716e-08,
    7.2925200338430645e-09,
];

/// log(1 + f) = f + f² P(f) for 0 ≤ f ≤ e^-2. Weighted error 2^-59.4.
const LOG1P_SMALL: [f64; 11] = [
    -0.4999999999999998,
    0.33333333333323395,
    -0.24999999998504602,
    0.19999999887641043,
    -0.1666666175193297,
    0.14285578687826037,
    -0.12497537063907067,
    0.11081118212035854,
    -0.09755751196802002,
    0.07794292662749056,
    -0.04095802539896572,
];

/// log 2 less its nearest double.
const LN_2_REST: f64 = 2.319_046_813_846_299_6e-17;

/// tanh u.
#[inline(always)]
#[must_use]
pub fn tanh<M: Machine>(u: f64) -> f64 {
    let size = u.abs();
    let decayed = exp_decaying::<M>(-2.0 * size);
    let far = 1.0 - (decayed + decayed) / (1.0 + decayed);
    let y = u * u;
    let near = M::mul_add(u * y, polynomial::<M, _>(&TANH, y), u);
    // The product would lose the sign of zero.
    let near = select(size < TINY, u, near);
    select(size < 0.55, near, far.copysign(u))
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
    let Scaled { mantissa, exponent } = scaled_exp::<M>(select(u > 711.0, 711.0, u), 0.0);
    unscaled::<M>(Scaled { mantissa: 0.5 * mantissa, exponent })
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
