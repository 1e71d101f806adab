//! A matrix of numbers times rows: outputs that are weighted sums of the same rows share the loads of
//! these rows.

use pulp::{NullaryFnOnce, Simd};

use super::{Begin, vectors, vectors_mut};

/// Outputs of one block: their sums stay in registers.
pub(in super::super) const OUTPUTS_MAX: usize = 6;
/// Rows of one block; longer sums are continued from the outputs of the block before.
pub(in super::super) const ROWS_MAX: usize = 64;

/// out_m = begin_m + Σ_k weights[k][m] · rows_k, for M outputs.
#[inline(always)]
pub(in super::super) fn product_of_rows<S: Simd, const M: usize>(
    simd: S,
    outs: [&mut [f64]; M],
    begin: [Begin; M],
    weights: &[f64],
    rows: &[&[f64]],
) {
    // Four vectors to an output fill the registers of AVX-512, two those of the narrower sets.
    if S::F64_LANES == 8 {
        simd.vectorize(Blocks::<S, M, 4> { simd, outs, begin, weights, rows });
    } else {
        simd.vectorize(Blocks::<S, M, 2> { simd, outs, begin, weights, rows });
    }
}

/// A product of a matrix and rows that is computed in blocks of V vectors.
struct Blocks<'a, S, const M: usize, const V: usize> {
    simd: S,
    outs: [&'a mut [f64]; M],
    begin: [Begin; M],
    weights: &'a [f64],
    rows: &'a [&'a [f64]],
}

impl<S: Simd, const M: usize, const V: usize> NullaryFnOnce for Blocks<'_, S, M, V> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { simd, outs, begin, weights, rows } = self;
        let weights = weights.as_chunks::<M>().0;
        let count = vectors::<S>(outs[0]).len();
        let mut first = 0;
        while first < count {
            let mut sums = [[simd.splat_f64s(0.0); V]; M];
            for m in 0..M {
                for (v, sum) in sums[m].iter_mut().enumerate() {
                    *sum = match begin[m] {
                        Begin::At(start) => simd.splat_f64s(start),
                        Begin::Output => vectors::<S>(outs[m])[first + v],
                    };
                }
            }
            for k in 0..rows.len() {
                let (weights, row) = (&weights[k], &vectors::<S>(rows[k])[first..first + V]);
                for m in 0..M {
                    let weight = simd.splat_f64s(weights[m]);
                    for (sum, &value) in sums[m].iter_mut().zip(row) {
                        *sum = simd.mul_add_e_f64s(weight, value, *sum);
                    }
                }
            }
            for m in 0..M {
                vectors_mut::<S>(outs[m])[first..first + V].copy_from_slice(&sums[m]);
            }
            first += V;
        }
    }
}
