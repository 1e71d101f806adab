//! For every workload a kernel that is handwritten for this one model: J and ∇J in one fused pass
//! over the rows, with blocks in registers and vectorised functions.
//!
//! Vectors and instruction sets: [`simd`], [`portable`], `x86`; shared parts of the kernels:
//! [`elementary`], [`panel`], [`dense`].

// Loops over indices keep several arrays of registers in step; iterators would obscure this.
#![allow(clippy::needless_range_loop)]

pub mod components;
pub mod dense;
pub mod elementary;
pub mod gaussian;
pub mod groups;
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
