//! An expansion with every coordinate divided by the root mean square of its row gradients.
//!
//! A coordinate on which no row's loss depends stays fixed. With D = diag(K)^½ the scaled gradient
//! D⁻¹g has entries of at most one, a scaled step D·δ has the units of the objective, and both are
//! invariant under rescaling of data or parameters.

use nalgebra::{DMatrix, DVector};

use crate::numerics::matrix;
use crate::objective::Expansion;

/// Eigenvalues of the scaled Hessian below p times this share of the largest one count as zero.
const NULL_SHARE: f64 = 1e-10;

/// The scaled system at a point, in the eigenbasis of its Hessian.
pub(super) struct Scaled {
    /// diag(K)^½, one in place of zeros.
    pub unit: DVector<f64>,
    /// Eigenvalues of D⁻¹HD⁻¹, ascending.
    pub curvature: Vec<f64>,
    /// The eigenvectors of D⁻¹HD⁻¹, by column.
    pub basis: DMatrix<f64>,
    /// D⁻¹g in the eigenbasis.
    pub slope: Vec<f64>,
}

/// A coordinate is unseen where a move by its own size, one at least, changes the losses by less than
/// this share of their size.
const UNSEEN: f64 = 1e-10;

/// Whether neither the slope nor the curvature of the losses in coordinate `j`, whose value is `at`,
/// exceeds rounding.
pub(super) fn is_unseen(j: usize, at: f64, expansion: &Expansion) -> bool {
    let size = if at.is_finite() { at.abs().max(1.0) } else { 1.0 };
    let slope = expansion.outer[(j, j)].sqrt() * size;
    let curvature = expansion.hessian[(j, j)].abs() * size * size;
    slope.max(curvature) <= UNSEEN * expansion.magnitude
}

impl Scaled {
    /// `None` where an entry is not finite.
    pub fn new(at: &[f64], expansion: &Expansion) -> Option<Self> {
        let unit = units(&expansion.outer);
        let p = unit.len();
        let unseen: Vec<bool> = (0..p).map(|j| is_unseen(j, at[j], expansion)).collect();
        let hessian = DMatrix::from_fn(p, p, |i, j| {
            let entry = expansion.hessian[(i, j)] / unit[i] / unit[j];
            if entry.is_finite() && (unseen[i] || unseen[j]) { 0.0 } else { entry }
        });
        let mut gradient = expansion.gradient.component_div(&unit);
        (0..p).filter(|&j| unseen[j]).for_each(|j| gradient[j] = 0.0);
        if p == 0 {
            return Some(Self { unit, curvature: Vec::new(), basis: hessian, slope: Vec::new() });
        }
        let eigen = matrix::symmetric_eigen(&hessian)?;
        Some(Self {
            slope: (eigen.vectors.transpose() * gradient).as_slice().to_vec(),
            curvature: eigen.values.as_slice().to_vec(),
            basis: eigen.vectors,
            unit,
        })
    }

    /// A step in the eigenbasis as a step in the coordinates.
    pub fn unscale(&self, step: &[f64]) -> DVector<f64> {
        (&self.basis * DVector::from_column_slice(step)).component_div(&self.unit)
    }

    fn largest(&self) -> f64 {
        self.curvature.iter().fold(0.0, |m, c| f64::max(m, c.abs()))
    }

    /// The curvature up to which a direction counts as flat.
    pub fn flat(&self) -> f64 {
        self.curvature.len() as f64 * NULL_SHARE * self.largest()
    }

    /// Whether the Hessian is positive semidefinite and not zero, or there are no coordinates.
    pub fn is_convex(&self) -> bool {
        self.curvature.first().is_none_or(|&c| c >= -self.flat()) && !self.is_all_zero()
    }

    fn is_all_zero(&self) -> bool {
        !self.curvature.is_empty() && self.largest() == 0.0
    }
}

/// diag(K)^½ with one in place of zeros.
pub(super) fn units(outer: &DMatrix<f64>) -> DVector<f64> {
    outer.diagonal().map(|k| if k > 0.0 { k.sqrt() } else { 1.0 })
}

/// Whether K has no entries off the diagonal, as where only its diagonal is known.
pub(super) fn is_diagonal(outer: &DMatrix<f64>) -> bool {
    let column = |j: usize| outer.column(j).iter().enumerate().all(|(i, &k)| i == j || k == 0.0);
    (0..outer.ncols()).all(column)
}

/// √(n gᵀK⁻¹g), the distance to the minimum in standard errors; with diag(K) where K is singular.
/// Unseen coordinates are left out.
pub(super) fn gradient_norm(rows: usize, at: &[f64], expansion: &Expansion) -> f64 {
    let unit = units(&expansion.outer);
    // For extreme coordinates the squares in K underflow before the gradient does.
    if (0..unit.len()).any(|j| expansion.outer[(j, j)] == 0.0 && expansion.gradient[j] != 0.0) {
        return f64::INFINITY;
    }
    let seen: Vec<usize> = (0..unit.len()).filter(|&j| !is_unseen(j, at[j], expansion)).collect();
    let gradient = expansion.gradient.component_div(&unit).select_rows(&seen);
    if is_diagonal(&expansion.outer) {
        return (rows as f64 * gradient.norm_squared()).sqrt();
    }
    let entry = |i: usize, j: usize| expansion.outer[(i, j)] / unit[i] / unit[j];
    let outer = DMatrix::from_fn(seen.len(), seen.len(), |i, j| entry(seen[i], seen[j]));
    let square = match outer.cholesky() {
        Some(factor) if factor.l_dirty().diagonal().iter().all(|l| l * l > NULL_SHARE) => {
            gradient.dot(&factor.solve(&gradient))
        }
        _ => gradient.norm_squared(),
    };
    (rows as f64 * square).sqrt()
}
