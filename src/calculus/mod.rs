//! Derivatives of expressions, as expressions.
//!
//! What the derivative of a function is stands in the function table of the graph; here is only
//! the bookkeeping: one reverse sweep for gradients, one forward sweep for the Laplacian and for every
//! other second-order operator.
//! Nothing recurses, so depth costs no stack. Means over rows are taken of derivatives, never the
//! other way round. Deliberately not known here: which inputs are data
//! and which parameters; the caller names the variables.

/// What callers promise.
const MEANS_LAST: &str = "means are taken after derivatives";

mod gradient;
mod hessian;
mod jet;
mod laplacian;
mod partials;

pub use gradient::{gradient, gradient_times};
pub use hessian::{hessian, hessian_times};
pub use laplacian::{Metric, Mixed, Moved, Operator, Seed, laplacian};
