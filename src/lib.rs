//! Fits a probability model given only the text of its unnormalised log-density.
//!
//! The text is parsed, its score ∇ log p and Laplacian Δ log p are derived symbolically and
//! compiled, and Hyvärinen's objective J(θ) = mean Δ log p + ½‖∇ log p‖² (Hyvärinen 2005, eq. 4)
//! is minimised. The normalising constant does not occur in it and is never needed.
//!
//! ```
//! use scorematch::{Columns, Model};
//!
//! let model = Model::parse("-(x - mu)^2/(2*s2)")?;
//! let data = Columns::from_csv("x\n1.0\n2.0\n4.5\n".as_bytes())?;
//! let fit = model.fit(&data)?;
//! let mu = fit.parameter("mu").expect("a parameter of the text");
//! assert!((mu.estimate - 2.5).abs() < 1e-12);
//! println!("{}", fit.report().text());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Every stage can be used alone: [`syntax::parse`], [`model::Model`], [`calculus`],
//! [`program::Program`], [`objective::Objective`], [`fit::fit`],
//! [`analysis::Evaluation`], [`report::Report`].
#![deny(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

pub mod analysis;
pub mod calculus;
pub mod data;
#[cfg(feature = "plot")]
pub mod draw;
mod driver;
pub mod fit;
pub mod graph;
pub mod model;
pub mod numerics;
pub mod objective;
pub mod program;
pub mod report;
pub mod sample;
pub mod source;
pub mod syntax;

pub use data::Columns;
pub use driver::{Error, Fit, Misfit};
pub use model::Model;
