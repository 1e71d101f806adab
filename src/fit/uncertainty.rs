//! Standard errors and intervals: the sandwich covariance A⁻¹KA⁻¹/n of the free coordinates,
//! transformed to the parameters.

use nalgebra::{DMatrix, DVector};

use crate::model::{Constraint, Model};
use crate::objective::Expansion;

use super::identified::Identified;
use super::space::Space;
use super::standardise::Frame;

/// A parameter has no error where an undetermined direction changes it by more than this, relative to
/// the parameter that it changes most, both in standard errors.
const UNDETERMINED: f64 = 1e-6;

/// At this condition number the inverse of A has lost half of the digits.
const CONDITION_MAX: f64 = 1e8;

/// Standard errors and intervals of all parameters, in raw units.
#[derive(Clone, Debug)]
pub(super) struct Uncertainty {
    /// `None` for parameters without a standard error.
    pub errors: Vec<Option<f64>>,
    pub intervals: Vec<Option<(f64, f64)>>,
    /// The covariance, zero in rows of parameters without error; `None` where no parameter has one.
    pub covariance: Option<Vec<Vec<f64>>>,
    /// Standard errors of the moving coordinates, zero for held ones.
    pub free_errors: Vec<f64>,
    pub condition: Option<f64>,
    /// Undetermined directions, as changes of the raw parameters.
    pub null: Vec<Vec<f64>>,
}

impl Uncertainty {
    /// Whether an undetermined direction changes parameter `j` and another one.
    pub fn moves_with_others(&self, j: usize) -> bool {
        let moved = |change: &Vec<f64>| change.iter().filter(|&&c| c != 0.0).count();
        self.null.iter().any(|change| change[j] != 0.0 && moved(change) > 1)
    }
}

/// The quantities from which errors are computed.
pub(super) struct Evidence<'a> {
    pub model: &'a Model,
    pub space: &'a Space,
    pub frame: &'a Frame,
    /// The estimate in all moving coordinates.
    pub at: &'a [f64],
    /// Positions of the coordinates of `expansion` among them.
    pub kept: &'a [usize],
    pub expansion: &'a Expansion,
    pub identified: Option<&'a Identified>,
    /// Half-width of intervals, in standard errors.
    pub reach: f64,
    /// The n of standard errors, and the number of independent observations.
    pub observations: (usize, usize),
    /// The covariance of the inner parameters computed from the rows, for A close to singular.
    pub direct: &'a dyn Fn() -> Option<DMatrix<f64>>,
}

impl Evidence<'_> {
    /// The errors and intervals; `None` where the point is not a minimum.
    pub fn uncertainty(&self) -> Option<Uncertainty> {
        let identified = self.identified?;
        if !identified.is_convex() {
            return None;
        }
        let free = self.free_covariance(identified);
        // Jacobian of the raw parameters.
        let jacobian = self.frame.raw_changes(&self.space.jacobian(self.at));
        let mut sandwich = &jacobian * &free * jacobian.transpose();
        let mut null = self.changes(&identified.null(), &jacobian);
        let mut free_errors: Vec<f64> = free.diagonal().iter().map(|v| v.max(0.0).sqrt()).collect();
        let sharp = identified.condition().is_some_and(|condition| condition < CONDITION_MAX);
        if let Some(direct) = if sharp { None } else { self.direct() } {
            self.spread(&direct, &jacobian, &mut free_errors);
            (sandwich, null) = (direct, Vec::new());
        }
        // ψ sums to zero over the rows, so that K of at most p rows has a null direction.
        let enough = self.observations.1 > self.kept.len();
        let decided: Vec<bool> =
            (0..sandwich.nrows()).map(|j| enough && is_decided(j, &null, &sandwich)).collect();
        let p = sandwich.nrows();
        let known =
            |i: usize, j: usize| if decided[i] && decided[j] { sandwich[(i, j)] } else { 0.0 };
        let raw = DMatrix::from_fn(p, p, known);
        let error = |j: usize| decided[j].then(|| raw[(j, j)].max(0.0).sqrt());
        let errors: Vec<Option<f64>> = (0..p).map(error).collect();
        let theta = self.frame.raw(&self.space.theta(self.at));
        let intervals = (0..p)
            .map(|j| {
                Some(self.interval(j, theta[j], sandwich[(j, j)].max(0.0).sqrt(), &free_errors))
            })
            .zip(&decided)
            .map(|(interval, &decided)| interval.filter(|_| decided))
            .collect();
        let rows = |m: &DMatrix<f64>| (0..p).map(|i| m.row(i).iter().copied().collect()).collect();
        Some(Uncertainty {
            covariance: decided.contains(&true).then(|| rows(&raw)),
            errors,
            intervals,
            free_errors,
            condition: identified.condition(),
            null,
        })
    }

    /// A⁺KA⁺/n over all moving coordinates; zero along undetermined directions and held coordinates.
    fn free_covariance(&self, identified: &Identified) -> DMatrix<f64> {
        let sandwich = identified.sandwich(&self.expansion.outer) / self.observations.0 as f64;
        let mut all = DMatrix::zeros(self.at.len(), self.at.len());
        for (i, &row) in self.kept.iter().enumerate() {
            for (j, &column) in self.kept.iter().enumerate() {
                all[(row, column)] = sandwich[(i, j)];
            }
        }
        all
    }

    /// The covariance of the raw parameters computed from the rows.
    fn direct(&self) -> Option<DMatrix<f64>> {
        let inner = (self.direct)()?;
        let p = inner.nrows();
        let frame = self.frame.raw_changes(&DMatrix::identity(p, p));
        Some(&frame * inner * frame.transpose())
    }

    /// Sets the errors of coordinates that alone determine a parameter from the error of that
    /// parameter.
    fn spread(&self, raw: &DMatrix<f64>, jacobian: &DMatrix<f64>, errors: &mut [f64]) {
        for j in 0..raw.nrows() {
            if let Some(k) = self.space.only(j).filter(|_| self.frame.is_alone(j)) {
                errors[k] = raw[(j, j)].max(0.0).sqrt() / jacobian[(j, k)].abs();
            }
        }
    }

    /// Steps in the coordinates as changes of the raw parameters.
    fn changes(&self, steps: &[DVector<f64>], jacobian: &DMatrix<f64>) -> Vec<Vec<f64>> {
        let of = |step: &DVector<f64>| {
            let mut all = DVector::zeros(self.at.len());
            self.kept.iter().zip(step.iter()).for_each(|(&k, &change)| all[k] = change);
            (jacobian * all).as_slice().to_vec()
        };
        steps.iter().map(of).collect()
    }

    /// The interval of a parameter, on the scale of the single coordinate that determines it, or else
    /// on a scale that respects its constraint.
    fn interval(&self, j: usize, theta: f64, error: f64, free_errors: &[f64]) -> (f64, f64) {
        let z = self.reach;
        let only = self.space.only(j).filter(|_| self.frame.is_alone(j));
        let (low, high) = if let Some(k) = only {
            let moved = |by: f64| {
                let mut at = self.at.to_vec();
                at[k] += by;
                self.frame.raw(&self.space.theta(&at))[j]
            };
            (moved(-z * free_errors[k]), moved(z * free_errors[k]))
        } else {
            of_several_coordinates(self.constraint(j), self.is_diagonal(j), theta, z * error)
        };
        (low.min(high), low.max(high))
    }

    fn constraint(&self, j: usize) -> Constraint {
        self.model.blocks()[self.model.parameters()[j].block].constraint
    }

    /// Whether parameter `j` is a diagonal entry of a packed symmetric matrix.
    fn is_diagonal(&self, j: usize) -> bool {
        let block = &self.model.blocks()[self.model.parameters()[j].block];
        let n = block.shape.rows();
        let mut place = block.parameters.start;
        (0..n).any(|i| {
            let here = place == j;
            place += n - i;
            here
        })
    }
}

/// Whether a parameter has a standard error: its variance is positive and finite, and no undetermined
/// direction changes it by more than rounding, relative to the parameter that the direction changes
/// most, in standard errors.
fn is_decided(j: usize, null: &[Vec<f64>], sandwich: &DMatrix<f64>) -> bool {
    let error = |k: usize| sandwich[(k, k)].max(0.0).sqrt();
    let share = |change: &[f64], k: usize| {
        if change[k] == 0.0 { 0.0 } else { change[k].abs() / error(k) }
    };
    let moved = |change: &Vec<f64>| {
        let most = (0..change.len()).map(|k| share(change, k)).fold(0.0, f64::max);
        share(change, j) > UNDETERMINED * most || share(change, j).is_infinite()
    };
    error(j) > 0.0 && error(j).is_finite() && !null.iter().any(moved)
}

/// The interval of a parameter that several coordinates determine: on the logit scale for shares of a
/// simplex, on the logarithmic scale for diagonal entries of a positive definite matrix.
fn of_several_coordinates(
    constraint: Constraint,
    diagonal: bool,
    theta: f64,
    half: f64,
) -> (f64, f64) {
    match constraint {
        Constraint::Simplex => {
            let logit = (theta / (1.0 - theta)).ln();
            let width = half / (theta * (1.0 - theta));
            let share = |logit: f64| 1.0 / (1.0 + (-logit).exp());
            (share(logit - width), share(logit + width))
        }
        Constraint::Posdef if diagonal => {
            let factor = (half / theta).exp();
            (theta / factor, theta * factor)
        }
        Constraint::Posdef
        | Constraint::Free
        | Constraint::Symmetric
        | Constraint::Above(_)
        | Constraint::Below(_)
        | Constraint::Between(..)
        | Constraint::Ordered => (theta - half, theta + half),
    }
}
