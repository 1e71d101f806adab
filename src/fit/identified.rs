//! Which directions the data decide at a stationary point.
//!
//! A coordinate is unseen where moving it by its own size changes the loss of no row beyond rounding:
//! ψ and A vanish there, and it is set aside, for an inverse through it would be noise. Among
//! the others rank and condition are those of A scaled to unit diagonal (Jacobi), so that units decide
//! nothing.

use nalgebra::{DMatrix, DVector};

use super::scaled::is_unseen;
use crate::numerics::matrix;
use crate::objective::Expansion;

/// Eigenvalues of A, scaled to unit diagonal, below p times this share of the largest count as zero …
const NULL_SHARE: f64 = 1e-10;
/// … unless they exceed this share, and vᵀKv has digits left.
const ROUNDING_SHARE: f64 = 1e-13;
const DIGITS: f64 = 1e3;

/// A at a point, in units in which its diagonal is one.
#[derive(Clone, Debug)]
pub(super) struct Identified {
    /// Coordinates that the loss answers to, of those of the expansion.
    pub seen: Vec<usize>,
    pub unseen: Vec<usize>,
    /// A_jj^½ of the seen ones.
    unit: DVector<f64>,
    /// Eigenvalues, ascending, and their vectors by column.
    curvature: Vec<f64>,
    basis: DMatrix<f64>,
    /// vᵀKv of each is more than rounding.
    solid: Vec<bool>,
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
            return Some(Self { seen, unseen, unit, curvature, basis: scaled, solid });
        }
        let eigen = matrix::symmetric_eigen(&scaled)?;
        let curvature = eigen.values.as_slice().to_vec();
        let k = |i: usize, j: usize| expansion.outer[(seen[i], seen[j])] / unit[i] / unit[j];
        let outer = DMatrix::from_fn(seen.len(), seen.len(), k);
        let rounding = DIGITS * f64::EPSILON * seen.len() as f64 * outer.amax();
        let solid = |v: nalgebra::DVectorView<'_, f64>| v.dot(&(&outer * v)) > rounding;
        let solid = eigen.vectors.column_iter().map(solid).collect();
        Some(Self { seen, unseen, unit, curvature, basis: eigen.vectors, solid })
    }

    /// The curvature of size `share`, times p, of the largest.
    fn share(&self, share: f64) -> f64 {
        let largest = self.curvature.iter().fold(0.0, |m, c| f64::max(m, c.abs()));
        self.curvature.len() as f64 * share * largest
    }

    /// Whether the data decide the direction of an eigenvector.
    fn is_decided(&self, k: usize) -> bool {
        let curvature = self.curvature[k].abs();
        curvature > self.share(NULL_SHARE)
            || (self.solid[k] && self.curvature[k] > self.share(ROUNDING_SHARE))
    }

    /// No direction bends down, and at least one bends up, or there is none.
    pub fn is_convex(&self) -> bool {
        if self.seen.is_empty() {
            return self.unseen.is_empty();
        }
        self.curvature.first().is_some_and(|&c| c >= -self.share(NULL_SHARE))
            && self.curvature.last().is_some_and(|&c| c > 0.0)
    }

    /// Largest over smallest curvature, `None` where a direction is flat or unseen.
    pub fn condition(&self) -> Option<f64> {
        let (low, high) = (self.curvature.first()?, self.curvature.last()?);
        let decided = (0..self.curvature.len()).all(|k| self.is_decided(k));
        (self.unseen.is_empty() && decided).then(|| high / low)
    }

    /// A step along an eigenvector in the coordinates of the expansion.
    fn direction(&self, k: usize) -> DVector<f64> {
        let mut direction = DVector::zeros(self.seen.len() + self.unseen.len());
        for (i, &j) in self.seen.iter().enumerate() {
            direction[j] = self.basis[(i, k)] / self.unit[i];
        }
        direction
    }

    /// Unseen coordinates, then eigenvectors of these numbers, as steps.
    fn steps(&self, vectors: impl Iterator<Item = usize>) -> Vec<DVector<f64>> {
        let p = self.seen.len() + self.unseen.len();
        let axis = |&j: &usize| DVector::from_fn(p, |i, _| if i == j { 1.0 } else { 0.0 });
        self.unseen.iter().map(axis).chain(vectors.map(|k| self.direction(k))).collect()
    }

    /// Directions of curvature at most `share` of the largest, weakest first.
    pub fn weak(&self, share: f64) -> Vec<DVector<f64>> {
        let largest = self.curvature.last().copied().unwrap_or(0.0);
        self.steps(0..self.curvature.partition_point(|&c| c <= share * largest))
    }

    /// Directions that the data do not decide.
    pub fn null(&self) -> Vec<DVector<f64>> {
        self.steps((0..self.curvature.len()).filter(|&k| !self.is_decided(k)))
    }

    /// A⁺KA⁺ over all coordinates of the expansion; directions that are not decided count zero.
    pub fn sandwich(&self, outer: &DMatrix<f64>) -> DMatrix<f64> {
        let bread = self.inverse();
        let sandwich = &bread * outer * &bread;
        (&sandwich + sandwich.transpose()) * 0.5
    }

    /// tr(A⁺K)
    pub fn trace(&self, outer: &DMatrix<f64>) -> f64 {
        (self.inverse() * outer).trace()
    }

    fn inverse(&self) -> DMatrix<f64> {
        let p = self.seen.len() + self.unseen.len();
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
    fn units_make_nothing_flat() {
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
    fn what_no_row_sees_is_set_aside() {
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
