//! Sums of a few weighted rows, or products of rows, in one pass.

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

/// out = begin + Σ w·a
#[inline(always)]
pub(in super::super) fn scaled<S: Simd, const N: usize>(
    simd: S,
    out: &mut [f64],
    begin: Begin,
    terms: [(f64, &[f64]); N],
) {
    let out = vectors_mut::<S>(out);
    let weights = terms.map(|(weight, _)| simd.splat_f64s(weight));
    let rows = terms.map(|(_, rows)| &vectors::<S>(rows)[..out.len()]);
    let total = |mut sum: S::f64s, i: usize| {
        for k in 0..N {
            sum = simd.mul_add_e_f64s(weights[k], rows[k][i], sum);
        }
        sum
    };
    match begin {
        Begin::At(start) => {
            let start = simd.splat_f64s(start);
            (0..out.len()).for_each(|i| out[i] = total(start, i));
        }
        Begin::Output => (0..out.len()).for_each(|i| out[i] = total(out[i], i)),
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
    let rows = terms.map(|(a, b)| {
        [&vectors::<S>(a)[..out.len()], &vectors::<S>(b)[..out.len()]]
    });
    let total = |mut sum: S::f64s, i: usize| {
        for [a, b] in rows {
            sum = simd.mul_add_e_f64s(a[i], b[i], sum);
        }
        sum
    };
    match begin {
        Begin::At(start) => {
            let start = simd.splat_f64s(start);
            (0..out.len()).for_each(|i| out[i] = total(start, i));
        }
        Begin::Output => (0..out.len()).for_each(|i| out[i] = total(out[i], i)),
    }
}
