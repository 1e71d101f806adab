//! Shared by the benches: the workloads W1 to W7, their samples, handwritten kernels for each of
//! them, and the calls of the library's evaluator.
#![allow(dead_code, reason = "every bench includes this module and uses a part of it")]

pub mod evaluator;
pub mod hand;
pub mod sample;
pub mod timing;
pub mod workloads;
