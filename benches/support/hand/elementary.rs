//! exp and tanh on vectors, to about two units in the last place.

use super::simd::{Simd, Vector};

/// (eʳ - 1 - r)/r² on |r| ≤ ½ log 2: interpolation at the zeros of a Chebyshev polynomial, which
/// leaves eʳ - 1 with a relative error of 4e-17.
#[allow(clippy::excessive_precision)]
const SERIES: [f64; 10] = [
    0.5000000000000001,
    0.16666666666666669,
    0.04166666666662399,
    0.008333333333330051,
    0.0013888888917281794,
    0.00019841269863105968,
    2.480152119021773e-5,
    2.7557268378684192e-6,
    2.7620138719733994e-7,
    2.5100424157005067e-8,
];

/// log 2 in two parts; the first has zeros at its end, so that n times it is exact.
const LOG_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];

/// n and eʳ - 1 where x = n log 2 + r.
#[inline(always)]
fn reduced<S: Simd>(simd: S, x: S::V) -> (S::V, S::V) {
    let n = (x * simd.splat(std::f64::consts::LOG2_E)).round();
    let r = n.neg_mul_add(simd.splat(LOG_2[0]), x);
    let r = n.neg_mul_add(simd.splat(LOG_2[1]), r);
    let square = r * r;
    // Two chains, of even and of odd powers, are half as long as one.
    let (mut even, mut odd) = (simd.splat(SERIES[8]), simd.splat(SERIES[9]));
    for k in [6, 4, 2, 0] {
        even = even.mul_add(square, simd.splat(SERIES[k]));
        odd = odd.mul_add(square, simd.splat(SERIES[k + 1]));
    }
    (n, odd.mul_add(r, even).mul_add(square, r))
}

/// eˣ for x ≤ 709; 0 for x below -708, the rest to a unit in the last place.
#[inline(always)]
pub fn exp<S: Simd>(simd: S, x: S::V) -> S::V {
    // Lower exponents end in zero too, and would leave the range of `scale`.
    let (n, less_one) = reduced(simd, x.max(simd.splat(-800.0)));
    (less_one + simd.splat(1.0)).scale(n)
}

/// tanh x = e/(e + 2), e = e²ˣ - 1; to two units in the last place, from e that is exact to one
/// near zero too.
#[inline(always)]
pub fn tanh<S: Simd>(simd: S, x: S::V) -> S::V {
    let bounded = x.max(simd.splat(-20.0)).min(simd.splat(20.0));
    let (n, less_one) = reduced(simd, bounded + bounded);
    let power = simd.splat(1.0).scale(n);
    let e = less_one.mul_add(power, power - simd.splat(1.0));
    let below = e + simd.splat(2.0);
    let inverse = below.recip();
    let quotient = e * inverse;
    quotient.neg_mul_add(below, e).mul_add(inverse, quotient)
}
