//! Sums of a few weighted rows, or products of rows, in one pass.

use pulp::{NullaryFnOnce, Simd};

use super::{vectors, vectors_mut};

/// Most terms of one pass; longer sums are continued from the output of the pass before.
pub(in super::super) const TERMS_MAX: usize = 8;

/// The start of a sum: a number, or the values already in the output.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Begin {
    At(f64),
    Output,
}

impl Begin {
    /// The number, and whether the sum starts at the output instead.
    #[inline(always)]
    fn split(self) -> (f64, bool) {
        match self {
            Self::At(start) => (start, false),
            Self::Output => (0.0, true),
        }
    }
}

/// out = begin + Σ w·a
pub(in super::super) struct Scaled<'a, S, const N: usize> {
    pub(in super::super) simd: S,
    pub(in super::super) out: &'a mut [f64],
    pub(in super::super) begin: Begin,
    pub(in super::super) terms: [(f64, &'a [f64]); N],
}

impl<S: Simd, const N: usize> NullaryFnOnce for Scaled<'_, S, N> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let simd = self.simd;
        let out = vectors_mut::<S>(self.out);
        let mut weights = [simd.splat_f64s(0.0); N];
        let mut rows: [&[S::f64s]; N] = [&[]; N];
        for k in 0..N {
            weights[k] = simd.splat_f64s(self.terms[k].0);
            rows[k] = &vectors::<S>(self.terms[k].1)[..out.len()];
        }
        let (first, goes_on) = self.begin.split();
        let first = simd.splat_f64s(first);
        for i in 0..out.len() {
            let mut sum = if goes_on { out[i] } else { first };
            for k in 0..N {
                sum = simd.mul_add_e_f64s(weights[k], rows[k][i], sum);
            }
            out[i] = sum;
        }
    }
}

/// out = begin + Σ a·b
pub(in super::super) struct Products<'a, S, const N: usize> {
    pub(in super::super) simd: S,
    pub(in super::super) out: &'a mut [f64],
    pub(in super::super) begin: Begin,
    pub(in super::super) terms: [(&'a [f64], &'a [f64]); N],
}

impl<S: Simd, const N: usize> NullaryFnOnce for Products<'_, S, N> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let simd = self.simd;
        let out = vectors_mut::<S>(self.out);
        let mut left: [&[S::f64s]; N] = [&[]; N];
        let mut right: [&[S::f64s]; N] = [&[]; N];
        for k in 0..N {
            left[k] = &vectors::<S>(self.terms[k].0)[..out.len()];
            right[k] = &vectors::<S>(self.terms[k].1)[..out.len()];
        }
        let (first, goes_on) = self.begin.split();
        let first = simd.splat_f64s(first);
        for i in 0..out.len() {
            let mut sum = if goes_on { out[i] } else { first };
            for k in 0..N {
                sum = simd.mul_add_e_f64s(left[k][i], right[k][i], sum);
            }
            out[i] = sum;
        }
    }
}
