//! Products of small dense matrices over tiles of rows, with units in lanes: every row of a tile is
//! a list of the `N` units of a layer.

use super::simd::{Simd, Vector, zero};

/// c = a·b, in blocks of `M` rows and `V` vectors of units that stay in registers.
#[inline(always)]
pub fn product<S: Simd, const K: usize, const N: usize, const M: usize, const V: usize>(
    simd: S,
    a: &[[f64; K]],
    b: &[[f64; N]; K],
    c: &mut [[f64; N]],
) {
    const { assert!(N.is_multiple_of(V * S::LANES)) }
    for (a, c) in a.as_chunks::<M>().0.iter().zip(c.as_chunks_mut::<M>().0) {
        for at in (0..N).step_by(V * S::LANES) {
            let mut sums = [[zero(simd); V]; M];
            for k in 0..K {
                let right = vectors::<S, N, V>(simd, &b[k], at);
                for m in 0..M {
                    let left = simd.splat(a[m][k]);
                    for v in 0..V {
                        sums[m][v] = left.mul_add(right[v], sums[m][v]);
                    }
                }
            }
            for m in 0..M {
                for v in 0..V {
                    sums[m][v].store(&mut c[m][at + v * S::LANES..]);
                }
            }
        }
    }
}

/// g_ij += Σ over rows of a_i b_j, in blocks of `M` units of a and `V` vectors of units of b.
#[inline(always)]
pub fn outer<S: Simd, const P: usize, const N: usize, const M: usize, const V: usize>(
    simd: S,
    a: &[[f64; P]],
    b: &[[f64; N]],
    g: &mut [[f64; N]; P],
) {
    const { assert!(P.is_multiple_of(M) && N.is_multiple_of(V * S::LANES)) }
    for (block, g) in g.as_chunks_mut::<M>().0.iter_mut().enumerate() {
        for at in (0..N).step_by(V * S::LANES) {
            let mut sums = [[zero(simd); V]; M];
            for m in 0..M {
                sums[m] = vectors::<S, N, V>(simd, &g[m], at);
            }
            for (a, b) in a.iter().zip(b) {
                let right = vectors::<S, N, V>(simd, b, at);
                let left = &a.as_chunks::<M>().0[block];
                for m in 0..M {
                    let left = simd.splat(left[m]);
                    for v in 0..V {
                        sums[m][v] = left.mul_add(right[v], sums[m][v]);
                    }
                }
            }
            for m in 0..M {
                for v in 0..V {
                    sums[m][v].store(&mut g[m][at + v * S::LANES..]);
                }
            }
        }
    }
}

#[inline(always)]
fn vectors<S: Simd, const N: usize, const V: usize>(
    simd: S,
    from: &[f64; N],
    at: usize,
) -> [S::V; V] {
    let mut out = [zero(simd); V];
    for v in 0..V {
        out[v] = simd.load(&from[at + v * S::LANES..]);
    }
    out
}
