//! One pass over the rows for the moments that W1, W3, W6 and W7 depend on, as one would write it
//! for each of them: sums of monomials in ascending order of degree, then of factors.

use super::normal::Powers;
use super::panel::{array, gather, outer, reduce};
use super::portable::Scalar;
use super::simd::{Isa, Kernel, Simd, Vector, zero};

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

/// How many powers.
const P: usize = 14;
/// Vectors under way at once.
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

/// Adds the rows of a tile, all columns side by side: one addition waits for the one before it.
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
    means(isa.run(Quartic(array(columns))), columns)
}

const C: usize = 4;
/// i < j
const PAIRS: [(usize, usize); 6] = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];

struct Quartic<'a>([&'a [f64]; C]);

impl Kernel for Quartic<'_> {
    type Output = [f64; 84];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [f64; 84] {
        let mut x = [[0.0; R]; C];
        // x_i², x_i x_j, x_i² x_j², x_i⁴
        let (mut squares, mut mixed) = ([[0.0; R]; C], [[0.0; R]; 6]);
        let (mut crossed, mut fourth) = ([[0.0; R]; 6], [[0.0; R]; C]);
        let (mut ones, mut twos, mut elevens) = ([zero(simd); C], [zero(simd); C], [zero(simd); 6]);
        let (mut fours, mut twenty_twos) = ([zero(simd); C], [zero(simd); 6]);
        // Times squares: of columns, of products of two, of fourth powers, of products of squares.
        let (mut threes, mut sixes) = ([[zero(simd); C]; C], [[zero(simd); C]; C]);
        let (mut fourths, mut triples) = ([[zero(simd); C]; 6], [[zero(simd); C]; 6]);
        for from in (0..self.0[0].len()).step_by(R) {
            gather(simd, &self.0, &[0.0; C], from, &mut x);
            for i in 0..C {
                times(simd, &x[i], &x[i], &mut squares[i]);
                times(simd, &squares[i], &squares[i], &mut fourth[i]);
            }
            for (k, (i, j)) in PAIRS.into_iter().enumerate() {
                times(simd, &x[i], &x[j], &mut mixed[k]);
                times(simd, &squares[i], &squares[j], &mut crossed[k]);
            }
            add(simd, &x, &mut ones);
            add(simd, &squares, &mut twos);
            add(simd, &mixed, &mut elevens);
            add(simd, &fourth, &mut fours);
            add(simd, &crossed, &mut twenty_twos);
            outer::<S, C, C, R, C>(simd, &[(&x, &squares)], &mut threes);
            outer::<S, C, C, R, C>(simd, &[(&fourth, &squares)], &mut sixes);
            outer::<S, 6, C, R, 2>(simd, &[(&mixed, &squares)], &mut fourths);
            outer::<S, 6, C, R, 2>(simd, &[(&crossed, &squares)], &mut triples);
        }
        let lists = [&reduce(&[ones])[0][..], &reduce(&[twos])[0], &reduce(&[elevens])[0]];
        let tables = [reduce(&threes).concat(), reduce(&fourths).concat(), reduce(&sixes).concat()];
        let more = [&reduce(&[fours])[0][..], &reduce(&[twenty_twos])[0]];
        let triples = reduce(&triples);
        // x_1²x_2²x_3², x_1²x_2²x_4², x_1²x_3²x_4², x_2²x_3²x_4²
        let last = [triples[0][2], triples[0][3], triples[1][3], triples[3][3]];
        let all = [&lists.concat()[..], &tables.concat(), &more.concat(), &last].concat();
        all.try_into().expect("as many as were summed")
    }
}

#[inline(always)]
fn times<S: Simd>(simd: S, a: &[f64; R], b: &[f64; R], out: &mut [f64; R]) {
    for at in (0..R).step_by(S::LANES) {
        (simd.load(&a[at..]) * simd.load(&b[at..])).store(&mut out[at..]);
    }
}
