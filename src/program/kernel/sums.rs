//! Sums of a few weighted rows, or products of rows, in one pass.
//!
//! No closures here or in the other loops over vectors: a closure is compiled on its own first,
//! without the instructions that its vectors need.

use pulp::Simd;

use super::{vectors, vectors_mut};

/// Most terms of one pass; longer sums go on from what stands in the output.
pub(in super::super) const TERMS_MAX: usize = 8;

/// Where a running sum begins: at a number, or at what stands in the output.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Begin {
    At(f64),
    Output,
}

impl Begin {
    /// The number, and whether the output counts instead.
    #[inline(always)]
    fn split(self) -> (f64, bool) {
        match self {
            Self::At(start) => (start, false),
            Self::Output => (0.0, true),
        }
    }
}

/// out = begin + Σ w·a
#[inline(always)]
pub(in super::super) fn scaled<S: Simd, const N: usize>(
    simd: S,
    out: &mut [f64],
    begin: Begin,
    terms: [(f64, &[f64]); N],
) {
    let out = vectors_mut::<S>(out);
    let mut weights = [simd.splat_f64s(0.0); N];
    let mut rows: [&[S::f64s]; N] = [&[]; N];
    for k in 0..N {
        weights[k] = simd.splat_f64s(terms[k].0);
        rows[k] = &vectors::<S>(terms[k].1)[..out.len()];
    }
    let (first, goes_on) = begin.split();
    let first = simd.splat_f64s(first);
    for i in 0..out.len() {
        let mut sum = if goes_on { out[i] } else { first };
        for k in 0..N {
            sum = simd.mul_add_e_f64s(weights[k], rows[k][i], sum);
        }
        out[i] = sum;
    }
}

/// out = begin + Σ a·b
#[inline(always)]
pub(in super::super) fn products<S: Simd, const N: usize>(
    simd: S,
    out: &mut [f64],
    begin: Begin,
    terms: [(&[f64], &[f64]); N],
) {
    let out = vectors_mut::<S>(out);
    let mut left: [&[S::f64s]; N] = [&[]; N];
    let mut right: [&[S::f64s]; N] = [&[]; N];
    for k in 0..N {
        left[k] = &vectors::<S>(terms[k].0)[..out.len()];
        right[k] = &vectors::<S>(terms[k].1)[..out.len()];
    }
    let (first, goes_on) = begin.split();
    let first = simd.splat_f64s(first);
    for i in 0..out.len() {
        let mut sum = if goes_on { out[i] } else { first };
        for k in 0..N {
            sum = simd.mul_add_e_f64s(left[k][i], right[k][i], sum);
        }
        out[i] = sum;
    }
}
