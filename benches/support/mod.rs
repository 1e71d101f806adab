//! What the benches share: the workloads W1 to W7, their samples, kernels written by hand for
//! each of them, and the one way in which the library's own evaluator is called.
#![allow(dead_code, reason = "every bench includes all of it and uses its part")]

pub mod evaluator;
pub mod hand;
pub mod sample;
pub mod timing;
pub mod workloads;
