//! The multiply-add of a machine, and the arithmetic built on it.
//!
//! All functions here are free of branches and of calls, so that a loop over them becomes vector
//! code for the instructions that the surrounding function enables.

/// How `a·b + c` is computed.
///
/// The two implementors differ in their last bits; among machines with one implementor the
/// results are the same bits.
pub trait Machine: sealed::Sealed {
    /// `a·b + c`, rounded once or twice.
    fn mul_add(a: f64, b: f64, c: f64) -> f64;

    /// The rounding error of the product: `a·b - fl(a·b)`, exact barring underflow.
    fn product_error(a: f64, b: f64, product: f64) -> f64;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Fused {}
    impl Sealed for super::Portable {}
}

/// Machines with a fused multiply-add instruction: AVX2 with FMA, AVX-512, NEON. Other machines
/// compute the same results by a slow call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fused {}

/// Machines without a fused multiply-add instruction: SSE2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portable {}

impl Machine for Fused {
    #[inline(always)]
    fn mul_add(a: f64, b: f64, c: f64) -> f64 {
        a.mul_add(b, c)
    }

    #[inline(always)]
    fn product_error(a: f64, b: f64, product: f64) -> f64 {
        a.mul_add(b, -product)
    }
}

impl Machine for Portable {
    #[inline(always)]
    fn mul_add(a: f64, b: f64, c: f64) -> f64 {
        a * b + c
    }

    #[inline(always)]
    fn product_error(a: f64, b: f64, product: f64) -> f64 {
        let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
        ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    }
}

/// A number as the sum of its upper 26 bits and the rest, which needs 27: products of upper
/// halves are exact, and so is that of a 26-bit half with a rest but for its last bit, which
/// the error of a product may lose. Cutting bits, unlike Veltkamp's splitting, cannot overflow.
#[inline(always)]
fn halves(a: f64) -> (f64, f64) {
    let high = f64::from_bits(a.to_bits() & 0xFFFF_FFFF_F800_0000);
    (high, a - high)
}

/// Added and taken away again it rounds to an integer, ties to even, for |u| < 2⁵¹; the sum's
/// low bits are that integer in two's complement.
pub(crate) const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// An integer as a number, and in the low bits of a word whose high bits are unspecified.
#[derive(Clone, Copy)]
pub(super) struct Rounded {
    pub number: f64,
    pub bits: u64,
}

/// The integer nearest to `a·b`, for |a·b| < 2⁵¹.
#[inline(always)]
pub(super) fn round_product<M: Machine>(a: f64, b: f64) -> Rounded {
    let shifted = M::mul_add(a, b, ROUNDER);
    Rounded { number: shifted - ROUNDER, bits: shifted.to_bits() }
}

/// 2ⁿ, for -1022 ≤ n ≤ 1023.
#[inline(always)]
pub(super) fn power_of_two(n: Rounded) -> f64 {
    f64::from_bits((n.bits << 52).wrapping_add(1.0_f64.to_bits()))
}

/// Σ cₖ uᵏ: Horner's scheme for the even and for the odd terms, two dependency chains that hide
/// each other's latency.
///
/// No closures here or in the bodies: they would not be inlined into a function that enables
/// more instructions than they are compiled for.
#[inline(always)]
pub(super) fn polynomial<M: Machine, const N: usize>(coefficients: &[f64; N], u: f64) -> f64 {
    let square = u * u;
    let even = every_other::<M, N>(coefficients, 0, square);
    M::mul_add(every_other::<M, N>(coefficients, 1, square), u, even)
}

/// Σ c_(first + 2j) squareʲ.
#[inline(always)]
fn every_other<M: Machine, const N: usize>(c: &[f64; N], first: usize, square: f64) -> f64 {
    let count = (N - first).div_ceil(2);
    let mut sum = c[first + 2 * (count - 1)];
    for j in (0..count - 1).rev() {
        sum = M::mul_add(sum, square, c[first + 2 * j]);
    }
    sum
}

/// One of two computed values, without a branch.
#[inline(always)]
pub(super) fn select(condition: bool, yes: f64, no: f64) -> f64 {
    if condition { yes } else { no }
}

/// A value to about twice the digits: `high` is the rounded value, `low` its rounding error.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub high: f64,
    pub low: f64,
}

/// The sum and its rounding error, for |a| ≥ |b| or a = 0.
#[inline(always)]
pub(super) fn ordered_sum(a: f64, b: f64) -> Pair {
    let high = a + b;
    Pair { high, low: (a - high) + b }
}

/// The sum and its rounding error.
#[inline(always)]
pub(super) fn sum(a: f64, b: f64) -> Pair {
    let high = a + b;
    let part = high - a;
    Pair { high, low: (a - (high - part)) + (b - part) }
}

/// The product and its rounding error.
#[inline(always)]
pub(super) fn product<M: Machine>(a: f64, b: f64) -> Pair {
    let high = a * b;
    Pair { high, low: M::product_error(a, b, high) }
}
