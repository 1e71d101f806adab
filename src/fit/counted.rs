//! A surface that counts its evaluations.

use std::cell::Cell;

use nalgebra::{DMatrix, DVector};

use super::surface::Surface;
use crate::objective::{Batch, Curvature, Expansion, Path, Slope, Taylor};

/// An objective on rows. Each evaluation of J counts once, alone or with derivatives.
pub(super) struct Counted<'a> {
    batch: Batch<'a>,
    evaluations: &'a Cell<usize>,
}

impl<'a> Counted<'a> {
    /// Counts evaluations in a cell that several surfaces may share.
    pub fn new(batch: Batch<'a>, evaluations: &'a Cell<usize>) -> Self {
        Self { batch, evaluations }
    }

    /// Whether an evaluation uses rows or moments.
    pub fn path_at(&self, at: &[f64]) -> Path {
        self.batch.path_at(at)
    }

    fn count(&self) {
        self.evaluations.set(self.evaluations.get() + 1);
    }
}

impl Surface for Counted<'_> {
    fn dimension(&self) -> usize {
        Surface::dimension(&self.batch)
    }
    fn rows(&self) -> usize {
        self.batch.rows()
    }
    fn observations(&self) -> usize {
        self.batch.observations()
    }
    fn value(&self, at: &[f64]) -> f64 {
        self.count();
        self.batch.value(at)
    }
    fn expand(&self, at: &[f64]) -> Expansion {
        self.count();
        self.batch.expand(at)
    }
    fn taylor(&self, at: &[f64]) -> Option<Taylor> {
        self.batch.taylor(at).inspect(|_| self.count())
    }
    fn losses(&self, at: &[f64]) -> Vec<f64> {
        self.batch.losses(at)
    }
    fn losses_every(&self, step: usize, at: &[f64]) -> Vec<f64> {
        self.batch.losses_every(step, at)
    }
    fn curvature(&self) -> Curvature {
        self.batch.curvature()
    }
    fn slope(&self, at: &[f64]) -> Slope {
        self.count();
        self.batch.slope(at)
    }
    fn outer(&self, at: &[f64]) -> DMatrix<f64> {
        self.batch.outer(at)
    }
    fn hessian_times(&self, at: &[f64], direction: &DVector<f64>) -> DVector<f64> {
        self.batch.hessian_times(at, direction)
    }
    fn work(&self) -> usize {
        self.batch.work()
    }
}
