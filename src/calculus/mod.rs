//! Derivatives of expressions, as expressions.
//!
//! The derivatives of single functions are in the function table of the graph; here are the sweeps:
//! reverse mode for gradients, forward mode for the Laplacian and every other second-order operator.
//! The sweeps are loops, so depth costs no stack. Means over rows are taken of derivatives; a mean is
//! never differentiated. Deliberately not known here: which inputs are data and which parameters; the
//! caller names the variables.

/// The invariant that callers keep: no differentiated expression contains a mean.
const MEANS_LAST: &str = "means are taken after derivatives";

mod gradient;
mod hessian;
mod jet;
mod laplacian;
mod partials;

pub use gradient::{gradient, gradient_times};
pub use hessian::{hessian, hessian_times};
pub use laplacian::{Metric, Mixed, Moved, Operator, Seed, laplacian};
