//! Numbers only: special functions, compensated sums, dense linear algebra on `f64`.
//!
//! Deliberately not known here: any other type of the project.

pub mod special;
pub mod sum;
