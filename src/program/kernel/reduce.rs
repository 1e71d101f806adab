//! Sums over rows, in partial sums whose number and order depend on nothing but the program.

use pulp::Simd;

use super::{multiply_add, vectors, vectors_mut};

/// Partial sums of each entry of an [`outer`] product: row r goes to number r modulo this.
pub(in super::super) const LANES: usize = 8;
/// Partial sums of a sum on its own, enough to hide the latency of additions.
pub(in super::super) const WIDE: usize = 32;

/// lanes += a, over the first `count` rows.
#[inline(always)]
pub(in super::super) fn sum<S: Simd>(simd: S, lanes: &mut [f64], a: &[f64], count: usize) {
    let whole = count - count % WIDE;
    add_wide(simd, lanes, &a[..whole]);
    for (lane, value) in lanes.iter_mut().zip(&a[whole..count]) {
        *lane += value;
    }
}

#[inline(always)]
fn add_wide<S: Simd>(simd: S, lanes: &mut [f64], a: &[f64]) {
    match S::F64_LANES {
        8 => add_in::<S, 4>(simd, lanes, a),
        4 => add_in::<S, 8>(simd, lanes, a),
        2 => add_in::<S, 16>(simd, lanes, a),
        _ => add_in::<S, 32>(simd, lanes, a),
    }
}

#[inline(always)]
fn add_in<S: Simd, const V: usize>(simd: S, lanes: &mut [f64], a: &[f64]) {
    let lanes = &mut vectors_mut::<S>(lanes)[..V];
    let mut sums = [simd.splat_f64s(0.0); V];
    sums.copy_from_slice(lanes);
    let chunks = vectors::<S>(a).as_chunks::<V>().0;
    for chunk in chunks {
        for v in 0..V {
            sums[v] = simd.add_f64s(sums[v], chunk[v]);
        }
    }
    lanes.copy_from_slice(&sums);
}

/// lanes += a·b, over the first `count` rows.
#[inline(always)]
pub(in super::super) fn sum_of_products<S: Simd>(
    simd: S,
    lanes: &mut [f64],
    [a, b]: [&[f64]; 2],
    count: usize,
) {
    let whole = count - count % WIDE;
    let body = [&a[..whole], &b[..whole]];
    match S::F64_LANES {
        8 => multiply_in::<S, 4>(simd, lanes, body),
        4 => multiply_in::<S, 8>(simd, lanes, body),
        2 => multiply_in::<S, 16>(simd, lanes, body),
        _ => multiply_in::<S, 32>(simd, lanes, body),
    }
    for ((lane, a), b) in lanes.iter_mut().zip(&a[whole..count]).zip(&b[whole..count]) {
        *lane = multiply_add::<S>(*a, *b, *lane);
    }
}

#[inline(always)]
fn multiply_in<S: Simd, const V: usize>(simd: S, lanes: &mut [f64], [a, b]: [&[f64]; 2]) {
    let lanes = &mut vectors_mut::<S>(lanes)[..V];
    let mut sums = [simd.splat_f64s(0.0); V];
    sums.copy_from_slice(lanes);
    let (a, b) = (vectors::<S>(a).as_chunks::<V>().0, vectors::<S>(b).as_chunks::<V>().0);
    for (a, b) in a.iter().zip(b) {
        for v in 0..V {
            sums[v] = simd.mul_add_e_f64s(a[v], b[v], sums[v]);
        }
    }
    lanes.copy_from_slice(&sums);
}

/// lanes[l][r] += left_l · right_r over the first `count` rows, for every pair; the partial sums
/// of one l are `stride` numbers apart from those of the next.
#[inline(always)]
pub(in super::super) fn outer<S: Simd>(
    simd: S,
    lanes: &mut [f64],
    stride: usize,
    left: &[&[f64]],
    right: &[&[f64]],
    count: usize,
) {
    match S::F64_LANES {
        8 => outer_in::<S, 1, 4, 6>(simd, lanes, stride, left, right, count),
        4 => outer_in::<S, 2, 2, 3>(simd, lanes, stride, left, right, count),
        2 => outer_in::<S, 4, 2, 3>(simd, lanes, stride, left, right, count),
        _ => outer_in::<S, 8, 1, 1>(simd, lanes, stride, left, right, count),
    }
}

/// In blocks of at most L × R pairs, V vectors to a pair.
#[inline(always)]
fn outer_in<S: Simd, const V: usize, const L: usize, const R: usize>(
    simd: S,
    lanes: &mut [f64],
    stride: usize,
    left: &[&[f64]],
    right: &[&[f64]],
    count: usize,
) {
    for (row, left) in left.chunks(L).enumerate() {
        for (column, right) in right.chunks(R).enumerate() {
            let lanes = &mut lanes[row * L * stride + column * R * LANES..];
            match left.len() {
                4 if L >= 4 => strip::<S, V, 4, R>(simd, lanes, stride, left, right, count),
                3 if L >= 3 => strip::<S, V, 3, R>(simd, lanes, stride, left, right, count),
                2 if L >= 2 => strip::<S, V, 2, R>(simd, lanes, stride, left, right, count),
                _ => strip::<S, V, 1, R>(simd, lanes, stride, left, right, count),
            }
        }
    }
}

#[inline(always)]
fn strip<S: Simd, const V: usize, const L: usize, const R: usize>(
    simd: S,
    lanes: &mut [f64],
    stride: usize,
    left: &[&[f64]],
    right: &[&[f64]],
    count: usize,
) {
    let left: [&[f64]; L] = std::array::from_fn(|l| left[l]);
    match right.len() {
        6 if R >= 6 => block::<S, V, L, 6>(simd, lanes, stride, left, right, count),
        5 if R >= 5 => block::<S, V, L, 5>(simd, lanes, stride, left, right, count),
        4 if R >= 4 => block::<S, V, L, 4>(simd, lanes, stride, left, right, count),
        3 if R >= 3 => block::<S, V, L, 3>(simd, lanes, stride, left, right, count),
        2 if R >= 2 => block::<S, V, L, 2>(simd, lanes, stride, left, right, count),
        _ => block::<S, V, L, 1>(simd, lanes, stride, left, right, count),
    }
}

#[inline(always)]
fn block<S: Simd, const V: usize, const L: usize, const R: usize>(
    simd: S,
    lanes: &mut [f64],
    stride: usize,
    left: [&[f64]; L],
    right: &[&[f64]],
    count: usize,
) {
    let right: [&[f64]; R] = std::array::from_fn(|r| right[r]);
    let whole = count - count % LANES;
    let mut sums = [[[simd.splat_f64s(0.0); V]; R]; L];
    for l in 0..L {
        for r in 0..R {
            let lanes = vectors::<S>(&lanes[l * stride + r * LANES..][..LANES]);
            sums[l][r].copy_from_slice(lanes);
        }
    }
    let chunks = whole / LANES;
    let mut a: [&[[S::f64s; V]]; L] = [&[]; L];
    let mut b: [&[[S::f64s; V]]; R] = [&[]; R];
    for l in 0..L {
        a[l] = &vectors::<S>(left[l]).as_chunks::<V>().0[..chunks];
    }
    for r in 0..R {
        b[r] = &vectors::<S>(right[r]).as_chunks::<V>().0[..chunks];
    }
    for i in 0..chunks {
        let mut of_right = [[simd.splat_f64s(0.0); V]; R];
        for r in 0..R {
            of_right[r] = b[r][i];
        }
        for l in 0..L {
            let of_left = a[l][i];
            for r in 0..R {
                for v in 0..V {
                    sums[l][r][v] = simd.mul_add_e_f64s(of_left[v], of_right[r][v], sums[l][r][v]);
                }
            }
        }
    }
    for l in 0..L {
        for r in 0..R {
            let lanes = &mut lanes[l * stride + r * LANES..][..LANES];
            vectors_mut::<S>(lanes).copy_from_slice(&sums[l][r]);
            for (lane, row) in lanes.iter_mut().zip(whole..count) {
                *lane = multiply_add::<S>(left[l][row], right[r][row], *lane);
            }
        }
    }
}
