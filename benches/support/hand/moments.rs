//! Handwritten passes over the rows for the moments of W1, W3, W6 and W7: sums of monomials in
//! ascending order of degree, then of factors.

use super::normal::Powers;
use super::panel::{array, gather, outer, reduce};
use super::portable::Scalar;
use super::simd::{Isa, Kernel, Simd, Vector, split, zero};

/// Rows of a tile: the panels stay in the first-level cache.
const R: usize = 64;

fn means<const N: usize>(sums: [f64; N], columns: &[&[f64]]) -> Vec<f64> {
    sums.iter().map(|sum| sum / columns[0].len() as f64).collect()
}

/// E[x], E[x²]
pub fn normal(isa: Isa, columns: &[&[f64]]) -> Vec<f64> {
    means(isa.run(Powers { x: columns[0], mu: 0.0 }), columns)
}

/// E[x], …, E[x¹⁴]
pub fn polynomial(isa: Isa, columns: &[&[f64]]) -> Vec<f64> {
    means(isa.run(FourteenPowers(columns[0])), columns)
}

/// Number of powers.
const P: usize = 14;
/// Vectors that are processed side by side.
const UNROLL: usize = 2;

struct FourteenPowers<'a>(&'a [f64]);

impl Kernel for FourteenPowers<'_> {
    type Output = [f64; P];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [f64; P] {
        let (whole, rest) = self.0.split_at(self.0.len() / (UNROLL * S::LANES) * UNROLL * S::LANES);
        let mut sums = fourteen::<S, UNROLL>(simd, whole);
        let left = fourteen::<Scalar, 1>(Scalar, rest);
        for k in 0..P {
            sums[k] += left[k];
        }
        sums
    }
}

#[inline(always)]
fn fourteen<S: Simd, const U: usize>(simd: S, x: &[f64]) -> [f64; P] {
    let mut sums = [zero(simd); P];
    for chunk in x.chunks_exact(U * S::LANES) {
        for u in 0..U {
            let mut power = [simd.load(&chunk[u * S::LANES..]); P / 2 + 1];
            for k in 2..=P / 2 {
                power[k] = power[k / 2] * power[k - k / 2];
            }
            for k in 1..=P / 2 {
                sums[k - 1] = sums[k - 1] + power[k];
            }
            for k in P / 2 + 1..=P {
                sums[k - 1] = power[P / 2].mul_add(power[k - P / 2], sums[k - 1]);
            }
        }
    }
    let mut out = [0.0; P];
    for k in 0..P {
        out[k] = sums[k].sum();
    }
    out
}

/// E[x_i], E[x_i x_j] of ten columns.
pub fn gaussian(isa: Isa, columns: &[&[f64]]) -> Vec<f64> {
    means(isa.run(Covariances(array(columns))), columns)
}

const D: usize = 10;
const HALF: usize = D / 2;

struct Covariances<'a>([&'a [f64]; D]);

impl Kernel for Covariances<'_> {
    type Output = [f64; D + D * (D + 1) / 2];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Output {
        let mut tile = [[0.0; R]; D];
        let mut first = [zero(simd); D];
        let [mut upper, mut across, mut lower] = [[[zero(simd); HALF]; HALF]; 3];
        for from in (0..self.0[0].len()).step_by(R) {
            gather(simd, &self.0, &[0.0; D], from, &mut tile);
            add(simd, &tile, &mut first);
            let head: &[[f64; R]; HALF] = tile.first_chunk().expect("five columns");
            let tail: &[[f64; R]; HALF] = tile.last_chunk().expect("five columns");
            outer::<S, HALF, HALF, R, HALF>(simd, &[(head, head)], &mut upper);
            outer::<S, HALF, HALF, R, HALF>(simd, &[(head, tail)], &mut across);
            outer::<S, HALF, HALF, R, HALF>(simd, &[(tail, tail)], &mut lower);
        }
        let (upper, across, lower) = (reduce(&upper), reduce(&across), reduce(&lower));
        let entry = |i: usize, j: usize| match (i < HALF, j < HALF) {
            (true, true) => upper[i][j],
            (true, false) => across[i][j - HALF],
            (false, _) => lower[i - HALF][j - HALF],
        };
        let pairs = (0..D).flat_map(|i| (i..D).map(move |j| (i, j)));
        let firsts = reduce(&[first])[0];
        let all: Vec<f64> = firsts.into_iter().chain(pairs.map(|(i, j)| entry(i, j))).collect();
        all.try_into().expect("as many as were summed")
    }
}

/// Adds the rows of a tile, all columns side by side, since each addition to a sum
/// waits for the one before it.
#[inline(always)]
fn add<S: Simd, const K: usize>(simd: S, tile: &[[f64; R]; K], sums: &mut [S::V; K]) {
    let mut running = *sums;
    for at in (0..R).step_by(S::LANES) {
        for k in 0..K {
            running[k] = running[k] + simd.load(&tile[k][at..]);
        }
    }
    *sums = running;
}

/// The 84 means of W7.
pub fn quartic(isa: Isa, columns: &[&[f64]]) -> Vec<f64> {
    means(isa.run(Quartic(columns)), columns)
}

const C: usize = 4;
/// i < j
const PAIRS: [(usize, usize); 6] = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
/// A pair, by its index, and a column after it: each product of three columns once.
const TRIPLES: [(usize, usize); 4] = [(0, 2), (0, 3), (1, 3), (3, 3)];

struct Quartic<'a>(&'a [&'a [f64]]);

impl Kernel for Quartic<'_> {
    type Output = [f64; 84];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [f64; 84] {
        let (whole, rest) = split::<C>(self.0, 2 * S::LANES);
        let mut sums = monomials::<S, 2>(simd, &whole);
        let left = monomials::<Scalar, 1>(Scalar, &rest);
        for k in 0..84 {
            sums[k] += left[k];
        }
        sums
    }
}

/// a·b
#[inline(always)]
fn times<V: Vector, const U: usize>(a: [V; U], b: [V; U]) -> [V; U] {
    let mut out = a;
    for u in 0..U {
        out[u] = a[u] * b[u];
    }
    out
}

/// sum += a
#[inline(always)]
fn plus<V: Vector, const U: usize>(sum: &mut V, a: [V; U]) {
    for u in 0..U {
        *sum = *sum + a[u];
    }
}

/// sum += a·b
#[inline(always)]
fn fused<V: Vector, const U: usize>(sum: &mut V, a: [V; U], b: [V; U]) {
    for u in 0..U {
        *sum = a[u].mul_add(b[u], *sum);
    }
}

/// There are more sums than registers, so each sum is loaded and stored once
/// for `U` vectors of rows.
#[inline(always)]
fn monomials<S: Simd, const U: usize>(simd: S, columns: &[&[f64]; C]) -> [f64; 84] {
    let zero = zero(simd);
    let (mut ones, mut twos, mut elevens) = ([zero; C], [zero; C], [zero; 6]);
    let (mut fours, mut twenty_twos, mut triples) = ([zero; C], [zero; 6], [zero; 4]);
    // x_i x_j², x_i x_j x_k², x_i⁴ x_j²
    let (mut threes, mut fourths, mut sixes) = ([[zero; C]; C], [[zero; C]; 6], [[zero; C]; C]);
    let rows = columns[0].len();
    let columns = [0, 1, 2, 3].map(|i| &columns[i][..rows]);
    for at in (0..rows).step_by(U * S::LANES) {
        let mut x = [[zero; U]; C];
        let (mut square, mut fourth) = (x, x);
        let (mut mixed, mut crossed) = ([[zero; U]; 6], [[zero; U]; 6]);
        for i in 0..C {
            for u in 0..U {
                x[i][u] = simd.load(&columns[i][at + u * S::LANES..]);
            }
            square[i] = times(x[i], x[i]);
            fourth[i] = times(square[i], square[i]);
            plus(&mut ones[i], x[i]);
            plus(&mut twos[i], square[i]);
            plus(&mut fours[i], fourth[i]);
        }
        for k in 0..6 {
            let (i, j) = PAIRS[k];
            mixed[k] = times(x[i], x[j]);
            crossed[k] = times(square[i], square[j]);
            plus(&mut elevens[k], mixed[k]);
            plus(&mut twenty_twos[k], crossed[k]);
        }
        for i in 0..C {
            for j in 0..C {
                fused(&mut threes[i][j], x[i], square[j]);
                fused(&mut sixes[i][j], fourth[i], square[j]);
            }
        }
        for k in 0..6 {
            for j in 0..C {
                fused(&mut fourths[k][j], mixed[k], square[j]);
            }
        }
        for t in 0..4 {
            let (k, j) = TRIPLES[t];
            fused(&mut triples[t], crossed[k], square[j]);
        }
    }
    let lists = [&ones[..], &twos, &elevens, &fours, &twenty_twos, &triples].concat();
    let tables = [threes.concat(), fourths.concat(), sixes.concat()].concat();
    let mut out = [0.0; 84];
    for (out, sum) in out.iter_mut().zip(lists.iter().chain(&tables)) {
        *out = sum.sum();
    }
    out
}
