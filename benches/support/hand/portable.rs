//! Vectors without special instructions: one lane for remaining rows, and arrays
//! for machines without AVX2.

use std::ops::{Add, Mul, Sub};

use super::simd::{Simd, Vector};

/// One lane.
#[derive(Clone, Copy)]
pub struct Scalar;

impl Simd for Scalar {
    type V = f64;
    const LANES: usize = 1;

    #[inline(always)]
    fn splat(self, value: f64) -> f64 {
        value
    }

    #[inline(always)]
    fn load(self, from: &[f64]) -> f64 {
        from[0]
    }
}

/// a·b + c, fused only where the target has the instruction, since its emulation is slow.
#[inline(always)]
fn fused(a: f64, b: f64, c: f64) -> f64 {
    if cfg!(any(target_feature = "fma", target_arch = "aarch64")) {
        a.mul_add(b, c)
    } else {
        a * b + c
    }
}

/// 1.5·2^52: a number to which it is added, and from which it is subtracted again,
/// is rounded to an integer.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

impl Vector for f64 {
    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        to[0] = self;
    }

    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        fused(self, a, b)
    }

    #[inline(always)]
    fn neg_mul_add(self, a: Self, b: Self) -> Self {
        fused(-self, a, b)
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        if self < other { self } else { other }
    }

    #[inline(always)]
    fn round(self) -> Self {
        (self + ROUNDER) - ROUNDER
    }

    #[inline(always)]
    fn scale(self, n: Self) -> Self {
        // The integer is in the low bits of the sum, and is shifted to the exponent.
        let exponent = (n.max(-1023.0) + (ROUNDER + 1023.0)).to_bits() << 52;
        self * f64::from_bits(exponent)
    }

    #[inline(always)]
    fn divide(self, by: Self) -> Self {
        self / by
    }

    #[inline(always)]
    fn sum(self) -> f64 {
        self
    }
}

/// Lanes of an array.
const LANES: usize = 4;

/// Arrays that the compiler vectorises.
#[derive(Clone, Copy)]
pub struct Portable;

/// The lanes of an array.
#[derive(Clone, Copy)]
pub struct Lanes([f64; LANES]);

impl Simd for Portable {
    type V = Lanes;
    const LANES: usize = LANES;

    #[inline(always)]
    fn splat(self, value: f64) -> Lanes {
        Lanes([value; LANES])
    }

    #[inline(always)]
    fn load(self, from: &[f64]) -> Lanes {
        Lanes(*from.first_chunk().expect("a whole vector"))
    }
}

/// Applies a function lane by lane.
macro_rules! lanes {
    ($($operand:expr),+ => $function:expr) => {{
        let mut out = [0.0; LANES];
        for lane in 0..LANES {
            out[lane] = $function($($operand.0[lane]),+);
        }
        Lanes(out)
    }};
}

impl Add for Lanes {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        lanes!(self, other => |a, b| a + b)
    }
}

impl Mul for Lanes {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        lanes!(self, other => |a, b| a * b)
    }
}

impl Sub for Lanes {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        lanes!(self, other => |a, b| a - b)
    }
}

impl Vector for Lanes {
    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        *to.first_chunk_mut().expect("a whole vector") = self.0;
    }

    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        lanes!(self, a, b => <f64 as Vector>::mul_add)
    }

    #[inline(always)]
    fn neg_mul_add(self, a: Self, b: Self) -> Self {
        lanes!(self, a, b => <f64 as Vector>::neg_mul_add)
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        lanes!(self, other => <f64 as Vector>::max)
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        lanes!(self, other => <f64 as Vector>::min)
    }

    #[inline(always)]
    fn round(self) -> Self {
        lanes!(self => <f64 as Vector>::round)
    }

    #[inline(always)]
    fn scale(self, n: Self) -> Self {
        lanes!(self, n => <f64 as Vector>::scale)
    }

    #[inline(always)]
    fn divide(self, by: Self) -> Self {
        lanes!(self, by => <f64 as Vector>::divide)
    }

    #[inline(always)]
    fn sum(self) -> f64 {
        let [a, b, c, d] = self.0;
        (a + b) + (c + d)
    }
}
