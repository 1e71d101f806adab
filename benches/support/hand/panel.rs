//! Products of small dense matrices over tiles of rows, with rows in lanes: every input and output
//! is an array over the rows of a tile.

use super::simd::{Simd, Vector, zero};

/// y_i = Σ_j m_ij x_j, in blocks of `B` outputs and four vectors of rows that stay in registers:
/// each load of x is used in `B` multiplications, each load of m in four.
#[inline(always)]
pub fn product<S: Simd, const K: usize, const P: usize, const R: usize, const B: usize>(
    simd: S,
    m: &[[f64; K]; P],
    x: &[[f64; R]; K],
    y: &mut [[f64; R]; P],
) {
    const { assert!(P.is_multiple_of(B) && R.is_multiple_of(4 * S::LANES)) }
    for (m, y) in m.as_chunks::<B>().0.iter().zip(y.as_chunks_mut::<B>().0) {
        for at in (0..R).step_by(4 * S::LANES) {
            let mut sums = [[zero(simd); 4]; B];
            for j in 0..K {
                let x = four(simd, &x[j], at);
                for i in 0..B {
                    let weight = simd.splat(m[i][j]);
                    for v in 0..4 {
                        sums[i][v] = weight.mul_add(x[v], sums[i][v]);
                    }
                }
            }
            for i in 0..B {
                for v in 0..4 {
                    sums[i][v].store(&mut y[i][at + v * S::LANES..]);
                }
            }
        }
    }
}

#[inline(always)]
fn four<S: Simd, const R: usize>(simd: S, x: &[f64; R], at: usize) -> [S::V; 4] {
    let mut out = [zero(simd); 4];
    for v in 0..4 {
        out[v] = simd.load(&x[at + v * S::LANES..]);
    }
    out
}

/// Two panels over the same rows.
pub type Pair<'a, const P: usize, const Q: usize, const R: usize> =
    (&'a [[f64; R]; P], &'a [[f64; R]; Q]);

/// g_ij += Σ over rows of a_i b_j for every pair (a, b), for each lane separately, in blocks of `B`
/// by `B` that stay in registers over all pairs.
#[inline(always)]
pub fn outer<S: Simd, const P: usize, const Q: usize, const R: usize, const B: usize>(
    simd: S,
    pairs: &[Pair<'_, P, Q, R>],
    g: &mut [[S::V; Q]; P],
) {
    const { assert!(P.is_multiple_of(B) && Q.is_multiple_of(B) && R.is_multiple_of(S::LANES)) }
    for i in (0..P).step_by(B) {
        for j in (0..Q).step_by(B) {
            let mut sums = [[zero(simd); B]; B];
            for k in 0..B {
                for l in 0..B {
                    sums[k][l] = g[i + k][j + l];
                }
            }
            for &(a, b) in pairs {
                let (a, b) = (block::<R, B>(a, i), block::<R, B>(b, j));
                block_outer(simd, a, b, &mut sums);
            }
            for k in 0..B {
                for l in 0..B {
                    g[i + k][j + l] = sums[k][l];
                }
            }
        }
    }
}

#[inline(always)]
fn block<const R: usize, const B: usize>(panel: &[[f64; R]], at: usize) -> &[[f64; R]; B] {
    panel[at..at + B].first_chunk().expect("a whole block")
}

#[inline(always)]
fn block_outer<S: Simd, const R: usize, const B: usize>(
    simd: S,
    a: &[[f64; R]; B],
    b: &[[f64; R]; B],
    sums: &mut [[S::V; B]; B],
) {
    for at in (0..R).step_by(S::LANES) {
        let mut right = [zero(simd); B];
        for k in 0..B {
            right[k] = simd.load(&b[k][at..]);
        }
        for i in 0..B {
            let left = simd.load(&a[i][at..]);
            for k in 0..B {
                sums[i][k] = left.mul_add(right[k], sums[i][k]);
            }
        }
    }
}

/// The rows of the columns from `from` on, centred, as a tile; zeros after their end.
#[inline(always)]
pub fn gather<S: Simd, const K: usize, const R: usize>(
    simd: S,
    columns: &[&[f64]; K],
    centre: &[f64; K],
    from: usize,
    tile: &mut [[f64; R]; K],
) {
    for k in 0..K {
        let column = &columns[k][from..];
        match column.first_chunk::<R>() {
            Some(rows) => {
                for (to, from) in tile[k].iter_mut().zip(rows) {
                    *to = from - centre[k];
                }
                simd.prefetch(&column[R..column.len().min(2 * R)]);
            }
            None => {
                for r in 0..R {
                    tile[k][r] = column.get(r).map_or(0.0, |x| x - centre[k]);
                }
            }
        }
    }
}

/// The lanes of every accumulator, summed.
#[inline(always)]
pub fn reduce<V: Vector, const P: usize, const Q: usize>(g: &[[V; Q]; P]) -> [[f64; Q]; P] {
    let mut out = [[0.0; Q]; P];
    for i in 0..P {
        for j in 0..Q {
            out[i][j] = g[i][j].sum();
        }
    }
    out
}

/// Columns as an array.
pub fn array<'a, const K: usize>(columns: &[&'a [f64]]) -> [&'a [f64]; K] {
    columns.try_into().expect("as many columns as the model has")
}

/// A matrix from its rows in one list.
pub fn matrix<const P: usize, const K: usize>(values: &[f64]) -> [[f64; K]; P] {
    values.as_chunks::<K>().0.try_into().expect("as many entries as the matrix has")
}
