//! An objective as the optimiser sees it: a function of free coordinates with its expansion and the
//! losses of its rows, without models, columns or units.

use nalgebra::{DMatrix, DVector};

use crate::objective::{Batch, Curvature, Expansion, Slope, Taylor};

/// Whether every entry is finite.
pub(super) fn is_finite(expansion: &Expansion) -> bool {
    let finite = |values: &[f64]| values.iter().all(|v| v.is_finite());
    expansion.value.is_finite()
        && finite(expansion.gradient.as_slice())
        && finite(expansion.hessian.as_slice())
        && finite(expansion.outer.as_slice())
}

/// An objective J = mean ρ over rows.
pub(super) trait Surface {
    fn dimension(&self) -> usize;
    fn rows(&self) -> usize;
    /// The n of standard errors.
    fn observations(&self) -> usize;
    fn value(&self, at: &[f64]) -> f64;
    fn expand(&self, at: &[f64]) -> Expansion;
    /// Value, gradient and Hessian, where they take no pass over the rows.
    fn taylor(&self, at: &[f64]) -> Option<Taylor>;
    fn losses(&self, at: &[f64]) -> Vec<f64>;
    /// The losses of the first row and of every `step`-th one after it.
    fn losses_every(&self, step: usize, at: &[f64]) -> Vec<f64>;
    /// Whether an expansion takes one pass over the rows, or one for each coordinate.
    fn curvature(&self) -> Curvature;
    fn slope(&self, at: &[f64]) -> Slope;
    fn outer(&self, at: &[f64]) -> DMatrix<f64>;
    fn hessian_times(&self, at: &[f64], direction: &DVector<f64>) -> DVector<f64>;
    /// Approximate number of operations of one expansion.
    fn work(&self) -> usize;
}

impl Surface for Batch<'_> {
    fn dimension(&self) -> usize {
        self.objective().parameters()
    }
    fn rows(&self) -> usize {
        Batch::rows(self)
    }
    fn observations(&self) -> usize {
        Batch::observations(self)
    }
    fn value(&self, at: &[f64]) -> f64 {
        Batch::value(self, at)
    }
    fn expand(&self, at: &[f64]) -> Expansion {
        Batch::expand(self, at)
    }
    fn taylor(&self, at: &[f64]) -> Option<Taylor> {
        Batch::taylor(self, at)
    }
    fn losses(&self, at: &[f64]) -> Vec<f64> {
        Batch::losses(self, at)
    }
    fn losses_every(&self, step: usize, at: &[f64]) -> Vec<f64> {
        Batch::losses_every(self, step, at)
    }
    fn curvature(&self) -> Curvature {
        Batch::curvature(self)
    }
    fn slope(&self, at: &[f64]) -> Slope {
        Batch::slope(self, at)
    }
    fn outer(&self, at: &[f64]) -> DMatrix<f64> {
        Batch::outer(self, at)
    }
    fn hessian_times(&self, at: &[f64], direction: &DVector<f64>) -> DVector<f64> {
        Batch::hessian_times(self, at, direction)
    }
    fn work(&self) -> usize {
        Batch::work(self)
    }
}

/// A surface with some of its coordinates held.
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

    /// A point of this surface in all coordinates.
    pub fn whole(&self, at: &[f64]) -> Vec<f64> {
        let mut whole = self.base.clone();
        self.kept.iter().zip(at).for_each(|(&k, &value)| whole[k] = value);
        whole
    }

    /// The coordinates of a point that this surface keeps.
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
    fn observations(&self) -> usize {
        self.inner.observations()
    }
    fn value(&self, at: &[f64]) -> f64 {
        self.inner.value(&self.whole(at))
    }
    fn expand(&self, at: &[f64]) -> Expansion {
        let Expansion { value, magnitude, gradient, hessian, outer } =
            self.inner.expand(&self.whole(at));
        let kept = &self.kept;
        Expansion {
            value,
            magnitude,
            gradient: gradient.select_rows(kept),
            hessian: hessian.select_rows(kept).select_columns(kept),
            outer: outer.select_rows(kept).select_columns(kept),
        }
    }
    fn taylor(&self, at: &[f64]) -> Option<Taylor> {
        let Taylor { value, gradient, hessian } = self.inner.taylor(&self.whole(at))?;
        let kept = &self.kept;
        Some(Taylor {
            value,
            gradient: gradient.select_rows(kept),
            hessian: hessian.select_rows(kept).select_columns(kept),
        })
    }
    fn losses(&self, at: &[f64]) -> Vec<f64> {
        self.inner.losses(&self.whole(at))
    }
    fn losses_every(&self, step: usize, at: &[f64]) -> Vec<f64> {
        self.inner.losses_every(step, &self.whole(at))
    }
    fn curvature(&self) -> Curvature {
        self.inner.curvature()
    }
    fn slope(&self, at: &[f64]) -> Slope {
        let Slope { value, magnitude, gradient, outer_diagonal } =
            self.inner.slope(&self.whole(at));
        Slope {
            value,
            magnitude,
            gradient: gradient.select_rows(&self.kept),
            outer_diagonal: outer_diagonal.select_rows(&self.kept),
        }
    }
    fn outer(&self, at: &[f64]) -> DMatrix<f64> {
        self.inner.outer(&self.whole(at)).select_rows(&self.kept).select_columns(&self.kept)
    }
    fn hessian_times(&self, at: &[f64], direction: &DVector<f64>) -> DVector<f64> {
        let mut whole = DVector::zeros(self.base.len());
        self.kept.iter().zip(direction.iter()).for_each(|(&k, &v)| whole[k] = v);
        self.inner.hessian_times(&self.whole(at), &whole).select_rows(&self.kept)
    }
    fn work(&self) -> usize {
        self.inner.work()
    }
}
