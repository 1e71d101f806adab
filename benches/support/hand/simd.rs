//! Vectors of doubles for hand-written kernels: one generic body, compiled once for every
//! instruction set and chosen when it runs.
//!
//! A [`Simd`] token exists only where its instructions do, and a vector can only be had from a
//! token; so arithmetic on vectors is safe. Everything here is always inlined, because a function
//! with instructions of its own becomes fast only inside the function that enables them.

use std::ops::{Add, Mul, Sub};

/// Proof that an instruction set is there, and the source of its vectors.
pub trait Simd: Copy {
    /// Its vector of doubles.
    type V: Vector;
    /// How many doubles that holds.
    const LANES: usize;
    /// The same number in every lane.
    fn splat(self, value: f64) -> Self::V;
    /// The first numbers of a slice.
    fn load(self, from: &[f64]) -> Self::V;
    /// Asks for numbers that will be loaded soon; reads from several columns at once are more
    /// than the processor foresees.
    #[inline(always)]
    fn prefetch(self, _soon: &[f64]) {}
}

/// As many doubles as a register holds.
pub trait Vector: Copy + Add<Output = Self> + Mul<Output = Self> + Sub<Output = Self> {
    /// Writes the lanes to the head of a slice.
    fn store(self, to: &mut [f64]);
    /// self·a + b
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// b - self·a
    fn neg_mul_add(self, a: Self, b: Self) -> Self;
    /// The larger of each pair of lanes.
    fn max(self, other: Self) -> Self;
    /// The smaller of each pair of lanes.
    fn min(self, other: Self) -> Self;
    /// The nearest integers.
    fn round(self) -> Self;
    /// self·2^n for integral n; results below the normal numbers may come out as zero.
    fn scale(self, n: Self) -> Self;
    /// self/by for normal numbers far from the ends of the range, to a unit in the last place.
    fn divide(self, by: Self) -> Self;
    /// The sum of the lanes.
    fn sum(self) -> f64;
}

/// A computation that can be compiled for any instruction set.
pub trait Kernel {
    /// What it returns.
    type Output;
    /// Computes; must be `#[inline(always)]`.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// The instruction sets of this machine's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// Eight lanes.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// Four lanes and fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// What the compiler makes of arrays.
    Portable,
}

impl Isa {
    /// All that this machine can run, the best first.
    pub fn available() -> Vec<Self> {
        let mut found = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if super::x86::has_avx512() {
                found.push(Self::Avx512);
            }
            if super::x86::has_avx2() {
                found.push(Self::Avx2);
            }
        }
        found.push(Self::Portable);
        found
    }

    /// The best that this machine can run.
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// Runs a kernel compiled for this instruction set.
    ///
    /// # Panics
    /// When the machine does not have it.
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => super::x86::run_avx512(kernel),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => super::x86::run_avx2(kernel),
            Self::Portable => kernel.run(super::portable::Portable),
        }
    }
}

/// The zero vector.
#[inline(always)]
pub fn zero<S: Simd>(simd: S) -> S::V {
    simd.splat(0.0)
}

/// The lanes of several accumulators, summed.
#[inline(always)]
pub fn reduce<V: Vector, const N: usize>(sums: [V; N]) -> [f64; N] {
    let mut out = [0.0; N];
    for k in 0..N {
        out[k] = sums[k].sum();
    }
    out
}

/// Columns split where whole steps of rows end.
#[inline(always)]
pub fn split<'a, const D: usize>(
    columns: &[&'a [f64]],
    step: usize,
) -> ([&'a [f64]; D], [&'a [f64]; D]) {
    let rows = columns[0].len() / step * step;
    let (mut whole, mut rest) = ([&[][..]; D], [&[][..]; D]);
    for k in 0..D {
        (whole[k], rest[k]) = columns[k].split_at(rows);
    }
    (whole, rest)
}
