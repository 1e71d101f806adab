//! Sums over rows, in partial sums whose number and order depend on the program alone.

use pulp::{NullaryFnOnce, Simd};

use super::{multiply_add, vectors, vectors_mut};

/// Partial sums of each entry of an [`outer`] product: row r goes to number r modulo this.
pub(in super::super) const LANES: usize = 8;
/// Partial sums of a sum outside a table, enough to hide the latency of additions.
pub(in super::super) const WIDE: usize = 32;

/// lanes += a, over the first `count` rows; [`WIDE`] or [`LANES`] partial sums.
#[inline(always)]
pub(in super::super) fn sum<S: Simd>(simd: S, lanes: &mut [f64], a: &[f64], count: usize) {
    let (whole, rest) = a[..count].split_at(count - count % lanes.len());
    match lanes.len() / S::F64_LANES {
        32 => simd.vectorize(Sum::<S, 32> { simd, lanes, a: whole }),
        16 => simd.vectorize(Sum::<S, 16> { simd, lanes, a: whole }),
        8 => simd.vectorize(Sum::<S, 8> { simd, lanes, a: whole }),
        4 => simd.vectorize(Sum::<S, 4> { simd, lanes, a: whole }),
        2 => simd.vectorize(Sum::<S, 2> { simd, lanes, a: whole }),
        _ => simd.vectorize(Sum::<S, 1> { simd, lanes, a: whole }),
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane += value;
    }
}

struct Sum<'a, S, const V: usize> {
    simd: S,
    lanes: &'a mut [f64],
    a: &'a [f64],
}

impl<S: Simd, const V: usize> NullaryFnOnce for Sum<'_, S, V> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let lanes = vectors_mut::<S>(self.lanes).first_chunk_mut::<V>();
        let lanes = lanes.expect("there is room for the partial sums");
        let mut sums = *lanes;
        for chunk in vectors::<S>(self.a).as_chunks::<V>().0 {
            for v in 0..V {
                sums[v] = self.simd.add_f64s(sums[v], chunk[v]);
            }
        }
        *lanes = sums;
    }
}

/// lanes += a·b, over the first `count` rows; [`WIDE`] or [`LANES`] partial sums.
#[inline(always)]
pub(in super::super) fn sum_of_products<S: Simd>(
    simd: S,
    lanes: &mut [f64],
    [a, b]: [&[f64]; 2],
    count: usize,
) {
    let whole = count - count % lanes.len();
    let (a, rest_of_a) = a[..count].split_at(whole);
    let (b, rest_of_b) = b[..count].split_at(whole);
    match lanes.len() / S::F64_LANES {
        32 => simd.vectorize(SumOfProducts::<S, 32> { simd, lanes, a, b }),
        16 => simd.vectorize(SumOfProducts::<S, 16> { simd, lanes, a, b }),
        8 => simd.vectorize(SumOfProducts::<S, 8> { simd, lanes, a, b }),
        4 => simd.vectorize(SumOfProducts::<S, 4> { simd, lanes, a, b }),
        2 => simd.vectorize(SumOfProducts::<S, 2> { simd, lanes, a, b }),
        _ => simd.vectorize(SumOfProducts::<S, 1> { simd, lanes, a, b }),
    }
    for ((lane, a), b) in lanes.iter_mut().zip(rest_of_a).zip(rest_of_b) {
        *lane = multiply_add::<S>(*a, *b, *lane);
    }
}

struct SumOfProducts<'a, S, const V: usize> {
    simd: S,
    lanes: &'a mut [f64],
    a: &'a [f64],
    b: &'a [f64],
}

impl<S: Simd, const V: usize> NullaryFnOnce for SumOfProducts<'_, S, V> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let lanes = vectors_mut::<S>(self.lanes).first_chunk_mut::<V>();
        let lanes = lanes.expect("there is room for the partial sums");
        let mut sums = *lanes;
        let a = vectors::<S>(self.a).as_chunks::<V>().0;
        let b = vectors::<S>(self.b).as_chunks::<V>().0;
        for (a, b) in a.iter().zip(b) {
            for v in 0..V {
                sums[v] = self.simd.mul_add_e_f64s(a[v], b[v], sums[v]);
            }
        }
        *lanes = sums;
    }
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

/// [`outer`] in blocks of at most L × R pairs, with V vectors for each pair.
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
    let left = left.first_chunk().expect("the caller counts");
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
    left: &[&[f64]; L],
    right: &[&[f64]],
    count: usize,
) {
    let right = right.first_chunk().expect("the caller counts");
    simd.vectorize(Outer::<S, V, L, R> { simd, lanes, stride, left, right, count });
}

struct Outer<'a, S, const V: usize, const L: usize, const R: usize> {
    simd: S,
    lanes: &'a mut [f64],
    stride: usize,
    left: &'a [&'a [f64]; L],
    right: &'a [&'a [f64]; R],
    count: usize,
}

impl<S: Simd, const V: usize, const L: usize, const R: usize> NullaryFnOnce
    for Outer<'_, S, V, L, R>
{
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { simd, lanes, stride, left, right, count } = self;
        let whole = count - count % LANES;
        let chunks = whole / LANES;
        let mut sums = [[[simd.splat_f64s(0.0); V]; R]; L];
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
                        sums[l][r][v] =
                            simd.mul_add_e_f64s(of_left[v], of_right[r][v], sums[l][r][v]);
                    }
                }
            }
        }
        for l in 0..L {
            for r in 0..R {
                let lanes = &mut lanes[l * stride + r * LANES..][..LANES];
                let vectors = vectors_mut::<S>(lanes);
                for v in 0..V {
                    vectors[v] = simd.add_f64s(vectors[v], sums[l][r][v]);
                }
                for (lane, row) in lanes.iter_mut().zip(whole..count) {
                    *lane = multiply_add::<S>(left[l][row], right[r][row], *lane);
                }
            }
        }
    }
}
