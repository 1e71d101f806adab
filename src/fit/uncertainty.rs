//! Standard errors and intervals: the sandwich A⁻¹KA⁻¹/n of the free coordinates, carried over to the
//! parameters.

use nalgebra::{DMatrix, DVector};

use crate::model::{Constraint, Model};
use crate::objective::Expansion;

use super::identified::Identified;
use super::space::Space;
use super::standardise::Frame;

/// Share of a parameter's change along flat directions above which it has no error.
const UNDECIDED: f64 = 1e-6;

/// Beyond this condition of A its inverse has lost half of the digits.
const CONDITION_MAX: f64 = 1e8;

/// Errors of all parameters, in raw units.
#[derive(Clone, Debug)]
pub(super) struct Uncertainty {
    /// `None` where there is no error.
    pub errors: Vec<Option<f64>>,
    pub intervals: Vec<Option<(f64, f64)>>,
    /// Zero rows for parameters without error; `None` where there is none at all.
    pub covariance: Option<Vec<Vec<f64>>>,
    /// Of the moving coordinates, zero for held ones.
    pub free_errors: Vec<f64>,
    pub condition: Option<f64>,
    /// Flat directions, as changes of the raw parameters.
    pub null: Vec<Vec<f64>>,
}

impl Uncertainty {
    /// A direction that the data do not decide moves parameter `j`, and another one too.
    pub fn moves_with_others(&self, j: usize) -> bool {
        let moved = |change: &Vec<f64>| change.iter().filter(|&&c| c != 0.0).count();
        self.null.iter().any(|change| change[j] != 0.0 && moved(change) > 1)
    }
}

/// What the errors are computed from.
pub(super) struct Evidence<'a> {
    pub model: &'a Model,
    pub space: &'a Space,
    pub frame: &'a Frame,
    /// All moving coordinates.
    pub at: &'a [f64],
    /// Those of them that `expansion` is about.
    pub kept: &'a [usize],
    pub expansion: &'a Expansion,
    pub identified: Option<&'a Identified>,
    /// How many errors intervals reach to either side.
    pub reach: f64,
    /// The n of the errors, and how many observations of these are independent.
    pub observations: (usize, usize),
    /// The covariance of the inner parameters by another way, for where A is too close to singular.
    pub direct: &'a dyn Fn() -> Option<DMatrix<f64>>,
}

impl Evidence<'_> {
    /// The errors; `None` where the point is not a minimum.
    pub fn uncertainty(&self) -> Option<Uncertainty> {
        let identified = self.identified?;
        if !identified.is_convex() {
            return None;
        }
        let free = self.free_covariance(identified);
        // Of the raw parameters.
        let jacobian = self.frame.raw_changes(&self.space.jacobian(self.at));
        let mut sandwich = &jacobian * &free * jacobian.transpose();
        let mut null = self.changes(&identified.null(), &jacobian);
        let mut free_errors: Vec<f64> = free.diagonal().iter().map(|v| v.max(0.0).sqrt()).collect();
        let sharp = identified.condition().is_some_and(|condition| condition < CONDITION_MAX);
        if let Some(direct) = if sharp { None } else { self.direct() } {
            self.spread(&direct, &jacobian, &mut free_errors);
            (sandwich, null) = (direct, Vec::new());
        }
        // ψ sums to zero over the rows, so that K of p rows has a direction without error.
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

    /// A⁺KA⁺/n over all moving coordinates; directions that are not decided and held coordinates
    /// count zero.
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

    /// The covariance of the raw parameters by the other way.
    fn direct(&self) -> Option<DMatrix<f64>> {
        let inner = (self.direct)()?;
        let p = inner.nrows();
        let frame = self.frame.raw_changes(&DMatrix::identity(p, p));
        Some(&frame * inner * frame.transpose())
    }

    /// Errors of coordinates that alone decide a parameter, from that parameter's.
    fn spread(&self, raw: &DMatrix<f64>, jacobian: &DMatrix<f64>, errors: &mut [f64]) {
        for j in 0..raw.nrows() {
            if let Some(k) = self.space.only(j).filter(|_| self.frame.is_alone(j)) {
                errors[k] = raw[(j, j)].max(0.0).sqrt() / jacobian[(j, k)].abs();
            }
        }
    }

    /// Steps of the coordinates as changes of the raw parameters.
    fn changes(&self, steps: &[DVector<f64>], jacobian: &DMatrix<f64>) -> Vec<Vec<f64>> {
        let of = |step: &DVector<f64>| {
            let mut all = DVector::zeros(self.at.len());
            self.kept.iter().zip(step.iter()).for_each(|(&k, &change)| all[k] = change);
            (jacobian * all).as_slice().to_vec()
        };
        steps.iter().map(of).collect()
    }

    /// On the scale of the one coordinate that decides the parameter, or on a scale that
    /// respects its constraint.
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
            entangled(self.constraint(j), self.is_diagonal(j), theta, z * error)
        };
        (low.min(high), low.max(high))
    }

    fn constraint(&self, j: usize) -> Constraint {
        self.model.blocks()[self.model.parameters()[j].block].constraint
    }

    /// A diagonal entry of a packed symmetric matrix.
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

/// Whether a parameter has an error: it has a finite one of its own, and no direction that the data do not
/// decide moves it by more than rounding, compared with what the direction moves most, in errors.
fn is_decided(j: usize, null: &[Vec<f64>], sandwich: &DMatrix<f64>) -> bool {
    let error = |k: usize| sandwich[(k, k)].max(0.0).sqrt();
    let share = |change: &[f64], k: usize| {
        if change[k] == 0.0 { 0.0 } else { change[k].abs() / error(k) }
    };
    let moved = |change: &Vec<f64>| {
        let most = (0..change.len()).map(|k| share(change, k)).fold(0.0, f64::max);
        share(change, j) > UNDECIDED * most || share(change, j).is_infinite()
    };
    error(j) > 0.0 && error(j).is_finite() && !null.iter().any(moved)
}

/// Parameters that several coordinates decide: on the logit scale for shares, on the logarithmic
/// scale for variances and precisions.
fn entangled(constraint: Constraint, diagonal: bool, theta: f64, half: f64) -> (f64, f64) {
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
