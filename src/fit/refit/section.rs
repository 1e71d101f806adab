//! J with one parameter held at a value, as a surface of the other coordinates, over which a profile
//! of the parameter is minimised.
//!
//! Where a single coordinate determines the parameter, that coordinate is held. Where the frame mixes
//! other parameters into it, as multiples of slopes into an intercept, its own coordinate is a
//! function of the others.

use nalgebra::{DMatrix, DVector};

use crate::objective::{Curvature, Expansion, Slope, Taylor};

use super::{Ends, ITERATIONS, Limits, Rc, Refit};
use crate::fit::surface::Surface;

/// The quantity that is held to hold a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::fit) struct Handle {
    /// The position of the parameter.
    pub parameter: usize,
    /// The moving coordinate that is removed.
    coordinate: usize,
    /// Where other coordinates move the parameter too, its slope in its own coordinate: the handle is
    /// then the parameter itself, otherwise the coordinate.
    shared: Option<f64>,
}

impl Refit<'_> {
    /// The handle of a parameter; `None` where a constraint ties it to others.
    pub(in crate::fit) fn handle(&self, parameter: usize) -> Option<Handle> {
        let (space, frame) = (&self.space, &self.frame);
        if frame.is_alone(parameter) {
            let coordinate = space.only(parameter)?;
            return Some(Handle { parameter, coordinate, shared: None });
        }
        let own = space.own(parameter)?;
        let coordinate = space.active().iter().position(|&k| k == own)?;
        let slope = self.slopes(&self.start, parameter)[coordinate];
        (slope != 0.0).then_some(Handle { parameter, coordinate, shared: Some(slope) })
    }

    /// The value of a handle at moving coordinates.
    pub(in crate::fit) fn handled(&self, handle: &Handle, at: &[f64]) -> f64 {
        match handle.shared {
            None => at[handle.coordinate],
            Some(_) => self.theta(at)[handle.parameter],
        }
    }

    /// Derivative of a parameter by its handle, at the estimate.
    pub(in crate::fit) fn handle_slope(&self, handle: &Handle) -> f64 {
        match handle.shared {
            None => self.slopes(&self.start, handle.parameter)[handle.coordinate],
            Some(_) => 1.0,
        }
    }

    /// Derivatives of a raw parameter by the moving coordinates.
    pub(in crate::fit) fn slopes(&self, at: &[f64], parameter: usize) -> DVector<f64> {
        self.frame.raw_changes(&self.space.jacobian(at)).row(parameter).transpose()
    }

    /// Jacobian of the raw parameters by the moving coordinates, at the estimate.
    pub(in crate::fit) fn raw_changes(&self) -> DMatrix<f64> {
        self.frame.raw_changes(&self.space.jacobian(&self.start))
    }

    /// The limits of a search.
    pub(in crate::fit) fn limits(&self) -> Limits {
        Limits {
            iterations: ITERATIONS,
            floor: self.floor,
            interrupt: self.interrupt.clone(),
            watch: None,
            steps: Rc::default(),
        }
    }

    /// The meaning of the ends of the coordinates of a section.
    pub(in crate::fit) fn section_ends(&self, handle: &Handle) -> Vec<Ends> {
        let mut ends = self.ends.clone();
        ends.remove(handle.coordinate);
        ends
    }
}

/// A surface with a parameter held: its coordinates are the moving ones without that of the handle.
pub(in crate::fit) struct Section<'a> {
    refit: &'a Refit<'a>,
    inner: &'a dyn Surface,
    handle: Handle,
    /// Value of the handle.
    value: f64,
}

impl<'a> Section<'a> {
    /// A section of a surface over the moving coordinates of a fit.
    pub fn new(refit: &'a Refit<'a>, inner: &'a dyn Surface, handle: Handle, value: f64) -> Self {
        Self { refit, inner, handle, value }
    }

    /// A point of the section in all moving coordinates.
    pub fn whole(&self, at: &[f64]) -> Vec<f64> {
        let Handle { parameter, coordinate, shared } = self.handle;
        let mut whole = at.to_vec();
        match shared {
            None => whole.insert(coordinate, self.value),
            Some(slope) => {
                whole.insert(coordinate, 0.0);
                whole[coordinate] = (self.value - self.refit.theta(&whole)[parameter]) / slope;
            }
        }
        whole
    }

    /// The point without the coordinate of the handle.
    pub fn part(&self, whole: &[f64]) -> Vec<f64> {
        let mut part = whole.to_vec();
        part.remove(self.handle.coordinate);
        part
    }

    /// Jacobian of all moving coordinates by those of the section.
    fn changes(&self, whole: &[f64]) -> DMatrix<f64> {
        let (p, coordinate) = (whole.len(), self.handle.coordinate);
        let mut changes = DMatrix::identity(p, p).remove_column(coordinate);
        if let Some(slope) = self.handle.shared {
            let others = self.refit.slopes(whole, self.handle.parameter).remove_row(coordinate);
            changes.row_mut(coordinate).tr_copy_from(&(others / -slope));
        }
        changes
    }
}

/// Where the removed coordinate is a nonlinear function of the others, its second derivatives are
/// left out of the Hessian: their contribution vanishes with the slope of J along the handle, and the
/// stationary point does not depend on it.
impl Surface for Section<'_> {
    fn dimension(&self) -> usize {
        self.inner.dimension() - 1
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
        let whole = self.whole(at);
        let changes = self.changes(&whole);
        let Expansion { value, magnitude, gradient, hessian, outer } = self.inner.expand(&whole);
        Expansion {
            value,
            magnitude,
            gradient: changes.tr_mul(&gradient),
            hessian: changes.tr_mul(&hessian) * &changes,
            outer: changes.tr_mul(&outer) * &changes,
        }
    }
    fn taylor(&self, at: &[f64]) -> Option<Taylor> {
        let whole = self.whole(at);
        let Taylor { value, gradient, hessian } = self.inner.taylor(&whole)?;
        let changes = self.changes(&whole);
        Some(Taylor {
            value,
            gradient: changes.tr_mul(&gradient),
            hessian: changes.tr_mul(&hessian) * &changes,
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
        let whole = self.whole(at);
        let changes = self.changes(&whole);
        let Slope { value, magnitude, gradient, outer_diagonal } = self.inner.slope(&whole);
        let squares = changes.map(|change| change * change);
        Slope {
            value,
            magnitude,
            gradient: changes.tr_mul(&gradient),
            outer_diagonal: squares.tr_mul(&outer_diagonal),
        }
    }
    fn outer(&self, at: &[f64]) -> DMatrix<f64> {
        let whole = self.whole(at);
        let changes = self.changes(&whole);
        changes.tr_mul(&self.inner.outer(&whole)) * &changes
    }
    fn hessian_times(&self, at: &[f64], direction: &DVector<f64>) -> DVector<f64> {
        let whole = self.whole(at);
        let changes = self.changes(&whole);
        changes.tr_mul(&self.inner.hessian_times(&whole, &(&changes * direction)))
    }
    fn work(&self) -> usize {
        self.inner.work()
    }
}
