//! Fits a probability model from nothing but the text of its unnormalised log-density.
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

pub mod calculus;
pub mod data;
pub mod fit;
pub mod graph;
pub mod model;
pub mod numerics;
pub mod objective;
pub mod program;
pub mod report;
pub mod source;
pub mod syntax;
