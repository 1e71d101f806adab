//! What the optimiser sees of an objective: a function of free coordinates, its expansion, and the
//! losses of its rows. It does not know models, columns or units.

use nalgebra::{DMatrix, DVector};

/// Value, gradient, Hessian and mean outer product of row gradients at a point.
#[derive(Clone, Debug)]
pub(super) struct Expansion {
    pub value: f64,
    /// mean |ρ|: the size against which rounding is judged.
    pub magnitude: f64,
    pub gradient: DVector<f64>,
    pub hessian: DMatrix<f64>,
    pub outer: DMatrix<f64>,
}

impl Expansion {
    pub fn is_finite(&self) -> bool {
        let finite = |values: &[f64]| values.iter().all(|v| v.is_finite());
        self.value.is_finite()
            && finite(self.gradient.as_slice())
            && finite(self.hessian.as_slice())
            && finite(self.outer.as_slice())
    }

    /// The expansion in the coordinates of `kept` alone.
    fn restrict(&self, kept: &[usize]) -> Self {
        Self {
            value: self.value,
            magnitude: self.magnitude,
            gradient: self.gradient.select_rows(kept),
            hessian: self.hessian.select_rows(kept).select_columns(kept),
            outer: self.outer.select_rows(kept).select_columns(kept),
        }
    }
}

/// An objective J = mean ρ over rows.
pub(super) trait Surface {
    fn dimension(&self) -> usize;
    fn rows(&self) -> usize;
    fn value(&self, at: &[f64]) -> f64;
    fn expand(&self, at: &[f64]) -> Expansion;
    fn losses(&self, at: &[f64]) -> Vec<f64>;
}

/// A surface with some coordinates held.
pub(super) struct Held<'a> {
    inner: &'a dyn Surface,
    base: Vec<f64>,
    kept: Vec<usize>,
}

impl<'a> Held<'a> {
    /// Holds every coordinate but `kept` at its value in `base`.
    pub fn new(inner: &'a dyn Surface, base: Vec<f64>, kept: Vec<usize>) -> Self {
        Self { inner, base, kept }
    }

    /// A point of this surface as one of the whole.
    pub fn whole(&self, at: &[f64]) -> Vec<f64> {
        let mut whole = self.base.clone();
        self.kept.iter().zip(at).for_each(|(&k, &value)| whole[k] = value);
        whole
    }

    /// A point of the whole as one of this surface.
    pub fn part(&self, whole: &[f64]) -> Vec<f64> {
        self.kept.iter().map(|&k| whole[k]).collect()
    }
}

impl Surface for Held<'_> {
    fn dimension(&self) -> usize {
        self.kept.len()
    }
    fn rows(&self) -> usize {
        self.inner.rows()
    }
    fn value(&self, at: &[f64]) -> f64 {
        self.inner.value(&self.whole(at))
    }
    fn expand(&self, at: &[f64]) -> Expansion {
        self.inner.expand(&self.whole(at)).restrict(&self.kept)
    }
    fn losses(&self, at: &[f64]) -> Vec<f64> {
        self.inner.losses(&self.whole(at))
    }
}
