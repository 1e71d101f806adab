//! Vectors of AVX-512 and of AVX2 with fused multiply-add.
//!
//! Every `unsafe` here relies on this: the tokens are private to this file and made only in
//! [`run_avx512`] and [`run_avx2`], after detection of the instructions.

use std::arch::x86_64::*;
use std::ops::{Add, Mul, Sub};

use super::simd::{Kernel, Simd, Vector};

pub fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && has_avx2()
}

pub fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

pub fn run_avx512<K: Kernel>(kernel: K) -> K::Output {
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
    fn compiled<K: Kernel>(kernel: K) -> K::Output {
        kernel.run(Avx512(()))
    }
    assert!(has_avx512(), "the processor has AVX-512");
    // SAFETY: the instructions were detected above.
    unsafe { compiled(kernel) }
}

pub fn run_avx2<K: Kernel>(kernel: K) -> K::Output {
    #[target_feature(enable = "avx2,fma")]
    fn compiled<K: Kernel>(kernel: K) -> K::Output {
        kernel.run(Avx2(()))
    }
    assert!(has_avx2(), "the processor has AVX2 and FMA");
    // SAFETY: the instructions were detected above.
    unsafe { compiled(kernel) }
}

/// Proof that AVX-512 is available.
#[derive(Clone, Copy)]
pub struct Avx512(());

/// Proof that AVX2 and FMA are available.
#[derive(Clone, Copy)]
pub struct Avx2(());

/// Eight lanes.
#[derive(Clone, Copy)]
pub struct F64x8(__m512d);

/// Four lanes.
#[derive(Clone, Copy)]
pub struct F64x4(__m256d);

impl Simd for Avx512 {
    type V = F64x8;
    const LANES: usize = 8;

    #[inline(always)]
    fn splat(self, value: f64) -> F64x8 {
        // SAFETY: the token proves AVX-512.
        F64x8(unsafe { _mm512_set1_pd(value) })
    }

    #[inline(always)]
    fn load(self, from: &[f64]) -> F64x8 {
        let from: &[f64; 8] = from.first_chunk().expect("a whole vector");
        // SAFETY: the token proves AVX-512, and the array has eight numbers.
        F64x8(unsafe { _mm512_loadu_pd(from.as_ptr()) })
    }

    #[inline(always)]
    fn prefetch(self, soon: &[f64]) {
        prefetch(soon);
    }
}

impl Simd for Avx2 {
    type V = F64x4;
    const LANES: usize = 4;

    #[inline(always)]
    fn splat(self, value: f64) -> F64x4 {
        // SAFETY: the token proves AVX2.
        F64x4(unsafe { _mm256_set1_pd(value) })
    }

    #[inline(always)]
    fn load(self, from: &[f64]) -> F64x4 {
        let from: &[f64; 4] = from.first_chunk().expect("a whole vector");
        // SAFETY: the token proves AVX2, and the array has four numbers.
        F64x4(unsafe { _mm256_loadu_pd(from.as_ptr()) })
    }

    #[inline(always)]
    fn prefetch(self, soon: &[f64]) {
        prefetch(soon);
    }
}

#[inline(always)]
fn prefetch(soon: &[f64]) {
    const LINE: usize = 64 / size_of::<f64>();
    for line in soon.chunks(LINE) {
        // SAFETY: every x86-64 has the instruction, and the address is that of a number.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) }
    }
}

/// Implements the operators of a vector type by intrinsics.
macro_rules! operators {
    ($vector:ident: $($operator:ident $method:ident $intrinsic:ident),+) => {$(
        impl $operator for $vector {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: a vector exists only where its instructions are available.
                Self(unsafe { $intrinsic(self.0, other.0) })
            }
        }
    )+};
}

operators!(F64x8: Add add _mm512_add_pd, Mul mul _mm512_mul_pd, Sub sub _mm512_sub_pd);
operators!(F64x4: Add add _mm256_add_pd, Mul mul _mm256_mul_pd, Sub sub _mm256_sub_pd);

impl Vector for F64x8 {
    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        let to: &mut [f64; 8] = to.first_chunk_mut().expect("room for a vector");
        // SAFETY: a vector exists only where AVX-512 does; the array has room for it.
        unsafe { _mm512_storeu_pd(to.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        // SAFETY: a vector exists only where AVX-512 does.
        Self(unsafe { _mm512_fmadd_pd(self.0, a.0, b.0) })
    }

    #[inline(always)]
    fn neg_mul_add(self, a: Self, b: Self) -> Self {
        // SAFETY: a vector exists only where AVX-512 does.
        Self(unsafe { _mm512_fnmadd_pd(self.0, a.0, b.0) })
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // SAFETY: a vector exists only where AVX-512 does.
        Self(unsafe { _mm512_max_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        // SAFETY: a vector exists only where AVX-512 does.
        Self(unsafe { _mm512_min_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn round(self) -> Self {
        // SAFETY: a vector exists only where AVX-512 does.
        Self(unsafe { _mm512_roundscale_pd::<_MM_FROUND_TO_NEAREST_INT>(self.0) })
    }

    #[inline(always)]
    fn scale(self, n: Self) -> Self {
        // SAFETY: a vector exists only where AVX-512 does.
        Self(unsafe { _mm512_scalef_pd(self.0, n.0) })
    }

    /// The estimate is accurate to 14 bits, after the cubic step to 42, and after the residual step
    /// to all. A division would occupy its unit as long as twenty multiplications.
    #[inline(always)]
    fn divide(self, by: Self) -> Self {
        // SAFETY: a vector exists only where AVX-512 does.
        let (estimate, one) = unsafe { (Self(_mm512_rcp14_pd(by.0)), Self(_mm512_set1_pd(1.0))) };
        let error = estimate.neg_mul_add(by, one);
        let inverse = error.mul_add(error, error).mul_add(estimate, estimate);
        let quotient = self * inverse;
        quotient.neg_mul_add(by, self).mul_add(inverse, quotient)
    }

    #[inline(always)]
    fn sum(self) -> f64 {
        // SAFETY: a vector exists only where AVX-512 does.
        unsafe { _mm512_reduce_add_pd(self.0) }
    }
}

impl Vector for F64x4 {
    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        let to: &mut [f64; 4] = to.first_chunk_mut().expect("room for a vector");
        // SAFETY: a vector exists only where AVX2 does; the array has room for it.
        unsafe { _mm256_storeu_pd(to.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        // SAFETY: a vector exists only where AVX2 and FMA do.
        Self(unsafe { _mm256_fmadd_pd(self.0, a.0, b.0) })
    }

    #[inline(always)]
    fn neg_mul_add(self, a: Self, b: Self) -> Self {
        // SAFETY: a vector exists only where AVX2 and FMA do.
        Self(unsafe { _mm256_fnmadd_pd(self.0, a.0, b.0) })
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // SAFETY: a vector exists only where AVX2 does.
        Self(unsafe { _mm256_max_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        // SAFETY: a vector exists only where AVX2 does.
        Self(unsafe { _mm256_min_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn round(self) -> Self {
        const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
        // SAFETY: a vector exists only where AVX2 does.
        Self(unsafe { _mm256_round_pd::<NEAREST>(self.0) })
    }

    #[inline(always)]
    fn scale(self, n: Self) -> Self {
        // 1.5·2^52 plus the bias of exponents: the integer is then in the low
        // bits and can be shifted.
        const BIASED: f64 = 6_755_399_441_055_744.0 + 1023.0;
        // SAFETY: a vector exists only where AVX2 does.
        unsafe {
            let bounded = _mm256_max_pd(n.0, _mm256_set1_pd(-1023.0));
            let integer = _mm256_castpd_si256(_mm256_add_pd(bounded, _mm256_set1_pd(BIASED)));
            let power = _mm256_castsi256_pd(_mm256_slli_epi64::<52>(integer));
            Self(_mm256_mul_pd(self.0, power))
        }
    }

    #[inline(always)]
    fn divide(self, by: Self) -> Self {
        // SAFETY: a vector exists only where AVX2 does.
        Self(unsafe { _mm256_div_pd(self.0, by.0) })
    }

    #[inline(always)]
    fn sum(self) -> f64 {
        // SAFETY: a vector exists only where AVX2 does.
        unsafe {
            let halves =
                _mm_add_pd(_mm256_castpd256_pd128(self.0), _mm256_extractf128_pd::<1>(self.0));
            _mm_cvtsd_f64(_mm_add_sd(halves, _mm_unpackhi_pd(halves, halves)))
        }
    }
}
