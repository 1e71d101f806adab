//! The inner loops, generic over the instruction set.
//!
//! A kernel is a struct of the slices that it reads and writes; `Simd::vectorize` runs its `call` in
//! a function of its own that is compiled for the instruction set, so a plain loop becomes vector
//! code; loops with registers allocated by hand are written over vectors. One function for each
//! kernel keeps it small enough to be optimised well. Lengths are multiples of [`GRAIN`]; rows
//! beyond those of a tile are padding, which only the reductions have to leave out.
//!
//! No closures over vectors here: a closure is compiled as a function of its own, without the
//! instruction set that its vectors need.

mod elementwise;
mod matrix;
mod reduce;
mod scatter;
mod sums;

pub(super) use elementwise::{
    Operand, copy, gather, greater, map, place, select, update, whole, zip,
};
pub(super) use matrix::{OUTPUTS_MAX, ROWS_MAX, product_of_rows};
pub(super) use reduce::{LANES, WIDE, outer, sum, sum_of_products};
pub(super) use scatter::{CELL_LANES, Index, Scatter, VALUES_MAX, cell_table};
pub(super) use sums::{Begin, Products, Scaled, TERMS_MAX};

use pulp::Simd;

/// All tiles are padded to a multiple of this many rows.
pub(super) const GRAIN: usize = 32;

/// Whether an instruction set multiplies and adds with one rounding.
pub(super) const fn is_fused<S: Simd>() -> bool {
    S::F64_LANES > 1
}

/// a·b + c, rounded as in the vectors of `S`.
#[inline(always)]
pub(super) fn multiply_add<S: Simd>(a: f64, b: f64, c: f64) -> f64 {
    if is_fused::<S>() { a.mul_add(b, c) } else { a * b + c }
}

#[inline(always)]
fn vectors<S: Simd>(values: &[f64]) -> &[S::f64s] {
    S::as_simd_f64s(values).0
}

#[inline(always)]
fn vectors_mut<S: Simd>(values: &mut [f64]) -> &mut [S::f64s] {
    S::as_mut_simd_f64s(values).0
}
