//! Vectors of doubles for handwritten kernels: one generic body, compiled for every instruction set
//! and selected at run time.
//!
//! A [`Simd`] token exists only where its instructions are available, and only a token makes
//! vectors, so arithmetic on vectors is safe. Everything here is always inlined, because a function
//! with special instructions is fast only when inlined into the function that enables them.

use std::ops::{Add, Mul, Sub};

/// Proof that an instruction set is available, and the constructors of its vectors.
pub trait Simd: Copy {
    /// The vector of doubles.
    type V: Vector;
    /// Number of doubles in a vector.
    const LANES: usize;
    /// A vector with this number in every lane.
    fn splat(self, value: f64) -> Self::V;
    /// A vector of the first numbers of a slice.
    fn load(self, from: &[f64]) -> Self::V;
    /// Prefetches numbers that are loaded soon; the hardware prefetcher does not follow many
    /// columns at once.
    #[inline(always)]
    fn prefetch(self, _soon: &[f64]) {}
}

/// A vector of doubles that fills a register.
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
    /// The result of the computation.
    type Output;
    /// Runs the computation; must be `#[inline(always)]`.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// The instruction sets of this architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// Eight lanes.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// Four lanes and fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Arrays that the compiler vectorises.
    Portable,
}

impl Isa {
    /// All instruction sets that this machine has, the best first.
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

    /// The best instruction set that this machine has.
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// Runs a kernel compiled for this instruction set.
    ///
    /// # Panics
    /// When the machine does not have this instruction set.
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

/// The sum over the lanes of each accumulator.
#[inline(always)]
pub fn reduce<V: Vector, const N: usize>(sums: [V; N]) -> [f64; N] {
    let mut out = [0.0; N];
    for k in 0..N {
        out[k] = sums[k].sum();
    }
    out
}

/// Columns split at the end of the last whole step of rows.
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
