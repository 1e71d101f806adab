//! The losses of score matching, and their evaluation on columns.
//!
//! A loss is an expression: gradient, Hessian, compilation, closed form and standard errors are
//! the same code for every one.

use crate::graph::ExprId;

/// A per-row loss ρ with the terms it is made of.
#[derive(Clone, Debug)]
pub struct Loss {
    /// `hyvarinen`
    pub kind: &'static str,
    /// ρ
    pub total: ExprId,
    /// Named terms that sum to ρ.
    pub terms: Vec<(&'static str, ExprId)>,
}
