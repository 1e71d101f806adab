//! Numbers only: special functions, compensated sums, dense linear algebra on `f64`, work on threads
//! and its interruption.
//!
//! Promises values that depend on the arguments alone, the same on every machine that
//! rounds alike. Deliberately not known here: any other type of the project.

pub mod conjugate;
pub mod decimal;
pub mod definite;
pub mod digits;
pub mod extended;
pub mod interrupt;
pub mod matrix;
pub mod median;
pub mod order;
pub mod parallel;
pub mod probability;
pub mod quadrature;
pub mod rng;
pub mod sparse;
pub mod special;
pub mod sum;
pub mod triangle;
pub mod vector;

#[cfg(test)]
#[path = "../../tests/support/wide.rs"]
pub(crate) mod wide;
