//! Values of an objective and its derivatives at one point.

use nalgebra::{DMatrix, DVector};

/// How second derivatives are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curvature {
    /// As a matrix, in one pass.
    Matrix,
    /// As Hessian–vector products; the full matrix costs one pass for each parameter.
    Products,
}

/// J, ∇J and the mean squares of the row gradients.
#[derive(Clone, Debug)]
pub struct Slope {
    /// J = mean ρ
    pub value: f64,
    /// mean |ρ|, the scale of J's rounding error.
    pub magnitude: f64,
    /// ∇J
    pub gradient: DVector<f64>,
    /// diag K = mean ψ_j²
    pub outer_diagonal: DVector<f64>,
}

/// J to second order.
#[derive(Clone, Debug)]
pub struct Taylor {
    /// J = mean ρ
    pub value: f64,
    /// ∇J
    pub gradient: DVector<f64>,
    /// ∇²J
    pub hessian: DMatrix<f64>,
}

/// J to second order, with the outer product of the row gradients ψ = ∇ρ.
#[derive(Clone, Debug)]
pub struct Expansion {
    /// J = mean ρ
    pub value: f64,
    /// mean |ρ|, the scale of J's rounding error.
    pub magnitude: f64,
    /// ∇J
    pub gradient: DVector<f64>,
    /// A = mean ∇²ρ
    pub hessian: DMatrix<f64>,
    /// K = mean ψψᵀ
    pub outer: DMatrix<f64>,
}
