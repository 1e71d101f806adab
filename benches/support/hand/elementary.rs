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

/// log 2 in two parts; the first ends in zero bits, so that its product with n is exact.
const LOG_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];

/// Vectors that go through a function side by side, since each operation on one vector waits for
/// the operation before it.
pub const STEP: usize = 4;

/// n and eʳ - 1 where x = n log 2 + r.
#[inline(always)]
fn reduced<S: Simd, const U: usize>(simd: S, x: [S::V; U]) -> ([S::V; U], [S::V; U]) {
    let (mut n, mut r, mut square) = (x, x, x);
    for k in 0..U {
        n[k] = (x[k] * simd.splat(std::f64::consts::LOG2_E)).round();
    }
    for part in LOG_2 {
        for k in 0..U {
            r[k] = n[k].neg_mul_add(simd.splat(part), r[k]);
        }
    }
    for k in 0..U {
        square[k] = r[k] * r[k];
    }
    // Two chains, of even and of odd powers, have half the latency of one.
    let (mut even, mut odd) = ([simd.splat(SERIES[8]); U], [simd.splat(SERIES[9]); U]);
    for power in [6, 4, 2, 0] {
        for k in 0..U {
            even[k] = even[k].mul_add(square[k], simd.splat(SERIES[power]));
            odd[k] = odd[k].mul_add(square[k], simd.splat(SERIES[power + 1]));
        }
    }
    for k in 0..U {
        r[k] = odd[k].mul_add(r[k], even[k]).mul_add(square[k], r[k]);
    }
    (n, r)
}

/// eˣ for x ≤ 709; 0 for x below -708; accurate to a unit in the last place.
#[inline(always)]
pub fn exp<S: Simd, const U: usize>(simd: S, x: [S::V; U]) -> [S::V; U] {
    let mut bounded = x;
    for k in 0..U {
        // For lower exponents the result is zero too, but they would leave the range of `scale`.
        bounded[k] = x[k].max(simd.splat(-800.0));
    }
    let (n, mut out) = reduced(simd, bounded);
    for k in 0..U {
        out[k] = (out[k] + simd.splat(1.0)).scale(n[k]);
    }
    out
}

/// tanh x = e/(e + 2), e = e²ˣ - 1, accurate to two units in the last place, since e is accurate to
/// one, near zero too.
#[inline(always)]
pub fn tanh<S: Simd, const U: usize>(simd: S, x: [S::V; U]) -> [S::V; U] {
    let mut doubled = x;
    for k in 0..U {
        let bounded = x[k].max(simd.splat(-20.0)).min(simd.splat(20.0));
        doubled[k] = bounded + bounded;
    }
    let (n, mut out) = reduced(simd, doubled);
    for k in 0..U {
        let power = simd.splat(1.0).scale(n[k]);
        out[k] = out[k].mul_add(power, power - simd.splat(1.0));
    }
    for k in 0..U {
        out[k] = out[k].divide(out[k] + simd.splat(2.0));
    }
    out
}

/// Applies a function to every number of a list, whose length is a multiple of a step of vectors.
macro_rules! in_place {
    ($simd:expr, $S:ty, $function:ident, $values:expr) => {
        for values in $values.chunks_exact_mut(STEP * <$S>::LANES) {
            let mut x = [$simd.splat(0.0); STEP];
            for k in 0..STEP {
                x[k] = $simd.load(&values[k * <$S>::LANES..]);
            }
            let out = $function($simd, x);
            for k in 0..STEP {
                out[k].store(&mut values[k * <$S>::LANES..]);
            }
        }
    };
}

/// Replaces every number x of a list by eˣ; its length is a multiple of a step.
#[inline(always)]
pub fn exp_in_place<S: Simd>(simd: S, values: &mut [f64]) {
    in_place!(simd, S, exp, values);
}

/// Replaces every number of a list by its tanh; its length is a multiple of a step.
#[inline(always)]
pub fn tanh_in_place<S: Simd>(simd: S, values: &mut [f64]) {
    in_place!(simd, S, tanh, values);
}
