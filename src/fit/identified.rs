//! The directions that the data determine at a stationary point.
//!
//! A coordinate is unseen where a move by its own size changes the loss of no row beyond rounding: ψ
//! and A vanish there, and it is set aside, since the inverse of its curvature would be rounding
//! error. Among the other coordinates, rank and condition are those of A scaled to unit diagonal
//! (Jacobi), so that they do not depend on units.
//!
//! For many coordinates the eigenvectors are the largest cost: where a Cholesky factor and bounds on
//! the eigenvalues show that A is far from singular, every direction is determined and no eigenvector
//! is computed.

use nalgebra::{DMatrix, DVector};

use super::scaled::is_unseen;
use crate::numerics::definite::Definite;
use crate::numerics::matrix;
use crate::objective::Expansion;

/// Eigenvalues of A, scaled to unit diagonal, count as zero below p times this share of the largest …
const NULL_SHARE: f64 = 1e-10;
/// … unless they exceed this share, and vᵀKv is this many times its rounding error.
const ROUNDING_SHARE: f64 = 1e-13;
const DIGITS: f64 = 1e3;
/// All eigenvectors are computed for up to this many coordinates …
const FEW: usize = 100;
/// … for more, where the condition number is at least this …
const FIRM: f64 = 1e6;
/// … and for more than this many, where eigenvectors take minutes, at least this.
const MANY: usize = 500;
const FIRM_OF_MANY: f64 = 1e11;

/// A at a point, scaled to unit diagonal.
#[derive(Clone, Debug)]
pub(super) struct Identified {
    /// Indices of the seen coordinates among those of the expansion.
    pub seen: Vec<usize>,
    pub unseen: Vec<usize>,
    /// A_jj^½ of the seen coordinates.
    unit: DVector<f64>,
    /// Eigenvalues, ascending, and eigenvectors by column; where A is firm, bounds of its eigenvalues
    /// and no vectors.
    curvature: Vec<f64>,
    basis: DMatrix<f64>,
    /// By eigenvector v, whether vᵀKv exceeds rounding error.
    solid: Vec<bool>,
    /// The Cholesky factor of A where its condition number is low.
    firm: Option<Definite>,
}

/// The condition number and the factor of a matrix of many columns that is far from singular.
fn firm(scaled: &DMatrix<f64>) -> Option<(f64, Definite)> {
    if scaled.nrows() <= FEW {
        return None;
    }
    let factor = Definite::new(scaled.clone())?;
    let condition = factor.condition();
    let most = if scaled.nrows() > MANY { FIRM_OF_MANY } else { FIRM };
    (condition < most).then_some((condition, factor))
}

impl Identified {
    /// `None` where an entry is not finite.
    pub fn new(at: &[f64], expansion: &Expansion) -> Option<Self> {
        let (unseen, seen): (Vec<usize>, Vec<usize>) =
            (0..at.len()).partition(|&j| is_unseen(j, at[j], expansion));
        let unit = DVector::from_iterator(
            seen.len(),
            seen.iter().map(|&j| expansion.hessian[(j, j)].abs().sqrt()),
        );
        let unit = unit.map(|u| if u > 0.0 { u } else { 1.0 });
        let a = |i: usize, j: usize| expansion.hessian[(seen[i], seen[j])] / unit[i] / unit[j];
        let scaled = DMatrix::from_fn(seen.len(), seen.len(), a);
        if seen.is_empty() {
            let (curvature, solid) = (Vec::new(), Vec::new());
            return Some(Self { seen, unseen, unit, curvature, basis: scaled, solid, firm: None });
        }
        if let Some((condition, factor)) = firm(&scaled) {
            let (curvature, solid) = (vec![1.0, condition], vec![true; 2]);
            let (basis, firm) = (DMatrix::zeros(0, 0), Some(factor));
            return Some(Self { seen, unseen, unit, curvature, basis, solid, firm });
        }
        let eigen = matrix::symmetric_eigen(&scaled)?;
        let curvature = eigen.values.as_slice().to_vec();
        let k = |i: usize, j: usize| expansion.outer[(seen[i], seen[j])] / unit[i] / unit[j];
        let outer = DMatrix::from_fn(seen.len(), seen.len(), k);
        let rounding = DIGITS * f64::EPSILON * seen.len() as f64 * outer.amax();
        let solid = |v: nalgebra::DVectorView<'_, f64>| v.dot(&(&outer * v)) > rounding;
        let solid = eigen.vectors.column_iter().map(solid).collect();
        Some(Self { seen, unseen, unit, curvature, basis: eigen.vectors, solid, firm: None })
    }

    /// p times `share` times the largest |eigenvalue|.
    fn share(&self, share: f64) -> f64 {
        let largest = self.curvature.iter().fold(0.0, |m, c| f64::max(m, c.abs()));
        self.curvature.len() as f64 * share * largest
    }

    /// Whether the data determine the direction of eigenvector `k`.
    fn is_decided(&self, k: usize) -> bool {
        let curvature = self.curvature[k].abs();
        curvature > self.share(NULL_SHARE)
            || (self.solid[k] && self.curvature[k] > self.share(ROUNDING_SHARE))
    }

    /// Whether A is positive semidefinite and not zero, or there are no coordinates at all.
    pub fn is_convex(&self) -> bool {
        if self.seen.is_empty() {
            return self.unseen.is_empty();
        }
        self.curvature.first().is_some_and(|&c| c >= -self.share(NULL_SHARE))
            && self.curvature.last().is_some_and(|&c| c > 0.0)
    }

    /// Condition number of the scaled A; `None` where a direction is flat or a coordinate unseen.
    pub fn condition(&self) -> Option<f64> {
        let (low, high) = (self.curvature.first()?, self.curvature.last()?);
        let decided = (0..self.curvature.len()).all(|k| self.is_decided(k));
        (self.unseen.is_empty() && decided).then(|| high / low)
    }

    /// Eigenvector `k` as a step in the coordinates of the expansion.
    fn direction(&self, k: usize) -> DVector<f64> {
        let mut direction = DVector::zeros(self.seen.len() + self.unseen.len());
        for (i, &j) in self.seen.iter().enumerate() {
            direction[j] = self.basis[(i, k)] / self.unit[i];
        }
        direction
    }

    /// The axes of the unseen coordinates, then the given eigenvectors, as steps.
    fn steps(&self, vectors: impl Iterator<Item = usize>) -> Vec<DVector<f64>> {
        let p = self.seen.len() + self.unseen.len();
        let axis = |&j: &usize| DVector::from_fn(p, |i, _| if i == j { 1.0 } else { 0.0 });
        self.unseen.iter().map(axis).chain(vectors.map(|k| self.direction(k))).collect()
    }

    /// Unseen coordinates and directions of curvature at most `share` of the largest, weakest first;
    /// where A is firm, the unseen coordinates alone.
    pub fn weak(&self, share: f64) -> Vec<DVector<f64>> {
        if self.firm.is_some() {
            return self.steps(std::iter::empty());
        }
        let largest = self.curvature.last().copied().unwrap_or(0.0);
        self.steps(0..self.curvature.partition_point(|&c| c <= share * largest))
    }

    /// Directions that the data do not determine.
    pub fn null(&self) -> Vec<DVector<f64>> {
        self.steps((0..self.curvature.len()).filter(|&k| !self.is_decided(k)))
    }

    /// A⁺KA⁺ over all coordinates of the expansion; zero along directions that are not determined.
    pub fn sandwich(&self, outer: &DMatrix<f64>) -> DMatrix<f64> {
        let bread = self.inverse();
        let sandwich = &bread * outer * &bread;
        (&sandwich + sandwich.transpose()) * 0.5
    }

    /// tr(A⁺K)
    pub fn trace(&self, outer: &DMatrix<f64>) -> f64 {
        self.inverse().dot(outer)
    }

    /// A⁺ over all coordinates of the expansion.
    pub fn inverse(&self) -> DMatrix<f64> {
        let p = self.seen.len() + self.unseen.len();
        if let Some(factor) = &self.firm {
            let inverse = factor.inverse();
            let mut all = DMatrix::zeros(p, p);
            for (k, &column) in self.seen.iter().enumerate() {
                for (i, &row) in self.seen.iter().enumerate() {
                    all[(row, column)] = inverse[(i, k)] / self.unit[i] / self.unit[k];
                }
            }
            return all;
        }
        let decided: Vec<usize> =
            (0..self.curvature.len()).filter(|&k| self.is_decided(k)).collect();
        if decided.is_empty() {
            return DMatrix::zeros(p, p);
        }
        let columns: Vec<DVector<f64>> =
            decided.iter().map(|&k| self.direction(k) / self.curvature[k].abs().sqrt()).collect();
        let half = DMatrix::from_columns(&columns);
        let signed = DMatrix::from_fn(p, decided.len(), |i, k| {
            half[(i, k)] * self.curvature[decided[k]].signum()
        });
        signed * half.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expansion(hessian: DMatrix<f64>, outer: DMatrix<f64>) -> Expansion {
        let gradient = DVector::zeros(hessian.nrows());
        Expansion { value: -0.5, magnitude: 1.0, gradient, hessian, outer }
    }

    #[test]
    fn scaling_of_coordinates_makes_no_direction_flat() {
        let units = [1e-9, 1.0, 1e7];
        let a = [[2.0, 0.3, 0.1], [0.3, 1.0, 0.2], [0.1, 0.2, 3.0]];
        let scaled = DMatrix::from_fn(3, 3, |i, j| a[i][j] * units[i] * units[j]);
        let at = [1e9, 1.0, 1e-7];
        let found = Identified::new(&at, &expansion(scaled.clone(), scaled)).expect("finite");
        assert!(found.is_convex() && found.null().is_empty());
        assert!(found.condition().expect("definite") < 10.0);
        // A = K: the sandwich is A⁻¹.
        let mean = found.sandwich(&DMatrix::from_fn(3, 3, |i, j| a[i][j] * units[i] * units[j]));
        let plain = DMatrix::from_fn(3, 3, |i, j| a[i][j]).try_inverse().expect("definite");
        for i in 0..3 {
            let want = plain[(i, i)] / units[i] / units[i];
            assert!((mean[(i, i)] - want).abs() < 1e-12 * want);
        }
    }

    #[test]
    fn a_coordinate_that_no_row_sees_is_set_aside() {
        let hessian = DMatrix::from_row_slice(2, 2, &[1e-40, 1e-21, 1e-21, 2.0]);
        let outer = DMatrix::from_row_slice(2, 2, &[1e-50, 0.0, 0.0, 4.0]);
        let found =
            Identified::new(&[0.3, 1.0], &expansion(hessian, outer.clone())).expect("finite");
        assert_eq!((found.unseen.as_slice(), found.seen.as_slice()), (&[0][..], &[1][..]));
        assert!(found.is_convex() && found.condition().is_none());
        assert_eq!(found.null(), [DVector::from_vec(vec![1.0, 0.0])]);
        let sandwich = found.sandwich(&outer);
        assert_eq!(sandwich[(0, 0)], 0.0);
        assert!((sandwich[(1, 1)] - 1.0).abs() < 1e-15);
        assert!((found.trace(&outer) - 2.0).abs() < 1e-15);
    }

    /// More coordinates than [`FEW`], one of them unseen.
    #[test]
    fn many_coordinates_far_from_singular_need_no_eigenvectors() {
        let p = FEW + 11;
        let a = |i: usize, j: usize| {
            let unit = |k: usize| 10_f64.powi(k as i32 % 7 - 3);
            unit(i) * unit(j) * if i == j { 2.0 } else { 0.9_f64.powi(i.abs_diff(j) as i32) }
        };
        let hidden = |i: usize, j: usize| i == 5 || j == 5;
        let hessian = DMatrix::from_fn(p, p, |i, j| if hidden(i, j) { 0.0 } else { a(i, j) });
        let at = vec![0.0; p];
        let mut found =
            Identified::new(&at, &expansion(hessian.clone(), hessian.clone())).expect("finite");
        assert!(found.firm.is_some() && found.is_convex() && found.condition().is_none());
        assert_eq!((found.unseen.as_slice(), found.null().len()), (&[5][..], 1));
        let quick = found.sandwich(&hessian);
        assert!((found.trace(&hessian) - (p - 1) as f64).abs() < 1e-10);
        let scaled = |i: usize, j: usize| a(i, j) / (a(i, i) * a(j, j)).sqrt();
        let kept: Vec<usize> = (0..p).filter(|&k| k != 5).collect();
        let eigen = matrix::symmetric_eigen(&DMatrix::from_fn(p - 1, p - 1, |i, j| {
            scaled(kept[i], kept[j])
        }));
        let values = eigen.expect("finite").values;
        found.unseen.clear();
        let condition = found.condition().expect("definite");
        assert!((condition * values[0] / values[p - 2] - 1.0).abs() < 1e-6);
        let want = DMatrix::from_fn(p - 1, p - 1, |i, j| hessian[(kept[i], kept[j])])
            .try_inverse()
            .expect("definite");
        for i in 0..p - 1 {
            let error = quick[(kept[i], kept[i])] - want[(i, i)];
            assert!(error.abs() < 1e-10 * want[(i, i)]);
        }
        assert_eq!(quick[(5, 5)], 0.0);
    }

    /// Where two of many coordinates are collinear, eigenvectors are computed.
    #[test]
    fn many_coordinates_near_singular_take_eigenvectors() {
        let p = FEW + 11;
        let entry = |i: usize, j: usize| {
            let place = |k: usize| if k == 7 { 3 } else { k };
            if place(i) == place(j) { 1.0 } else { 0.0 }
        };
        let hessian = DMatrix::from_fn(p, p, entry);
        let found = Identified::new(&vec![0.0; p], &expansion(hessian.clone(), hessian));
        let found = found.expect("finite");
        assert!(found.firm.is_none() && found.condition().is_none());
        assert_eq!(found.null().len(), 1);
    }

    #[test]
    fn parallel_coordinates_leave_one_direction() {
        let hessian = DMatrix::from_element(2, 2, 1.0);
        let found =
            Identified::new(&[0.0, 0.0], &expansion(hessian.clone(), hessian)).expect("finite");
        assert!(found.is_convex());
        let null = found.null();
        assert_eq!(null.len(), 1);
        assert!((null[0][0] + null[0][1]).abs() < 1e-12 && null[0][0].abs() > 0.1);
    }
}
