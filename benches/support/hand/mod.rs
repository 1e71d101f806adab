//! For every workload the kernel that one would write by hand for this one model: J and ∇J in
//! one fused pass over the rows, registers blocked, functions vectorised.
//!
//! Vectors and the choice of instructions: [`simd`], [`portable`], `x86`; what the kernels share:
//! [`elementary`], [`panel`], [`dense`].

// Loops over indices keep several arrays of registers in step; iterators would hide that.
#![allow(clippy::needless_range_loop)]

pub mod components;
pub mod dense;
pub mod elementary;
pub mod gaussian;
pub mod mixture;
pub mod moments;
pub mod network;
pub mod normal;
pub mod panel;
pub mod polynomial;
pub mod portable;
pub mod quartic;
pub mod simd;
#[cfg(target_arch = "x86_64")]
mod x86;
