//! Cross-validation: fits of the rows outside each fold, and the losses of the rows inside.

use std::fmt;

use crate::analysis::row_values;
use crate::fit::{Failed, NoRefit, Options, Outcome, Refit, fit, replicates};
use crate::objective::Specification;

use super::counting::Counting;
use super::{Contender, Mean};

/// Largest relative difference between the mean loss of rows and J at which they are one objective.
const SAME: f64 = 1e-6;

/// The held-out loss of the rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Validation {
    /// Its mean over all rows.
    pub loss: Mean,
    /// Its mean difference, over rows, from the model with the lowest loss.
    pub difference: Option<Mean>,
    /// Number of folds in which the other rows were fitted from scratch, since no minimum lies near
    /// the estimate or the estimate is on a bound. Such a fit takes its constants, as the cap of a
    /// weight, from these rows; losses are those of the objective for all rows.
    pub anew: usize,
    /// The held-out loss of each row, without its weight; NaN for a row of weight zero.
    pub losses: Vec<f64>,
}

/// The reason why a model has no held-out loss.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoValidation {
    /// The fit of all rows did not converge.
    NotConverged,
    /// The fit cannot be repeated on other rows.
    NotRepeated {
        /// The reason.
        reason: String,
    },
    /// In some folds the fit of the other rows did not converge.
    Folds {
        /// Number of these folds.
        failed: usize,
        /// Number of all folds.
        folds: usize,
    },
    /// The held-out loss of a row is not finite.
    NotFinite {
        /// Number of the row in the file, from 1.
        row: usize,
    },
}

impl fmt::Display for NoValidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConverged => f.write_str("its fit did not converge"),
            Self::NotRepeated { reason } => f.write_str(reason),
            Self::Folds { failed, folds } => {
                write!(f, "in {failed} of {folds} folds the fit of the other rows did not converge")
            }
            Self::NotFinite { row } => {
                write!(f, "the loss of row {row} is not finite at the fit of rows without it")
            }
        }
    }
}

impl Validation {
    /// Whether the difference from the lowest loss is at most its standard error.
    #[must_use]
    pub fn is_near_best(&self) -> bool {
        self.difference.is_some_and(|one| one.value <= one.std_error)
    }
}

/// A model whose fit is repeated on other rows.
pub(super) struct Repeated<'a> {
    contender: &'a Contender<'a>,
    specification: &'a Specification,
    options: &'a Options,
    counting: &'a Counting<'a>,
    refit: Result<Refit<'a>, NoRefit>,
}

/// The result of a fold.
enum Fold {
    /// The losses of its rows, and whether the other rows were fitted from scratch.
    Found { losses: Vec<f64>, anew: bool },
    /// The other rows have no fit.
    Failed,
    /// An interrupt was raised.
    Interrupted,
}

impl<'a> Repeated<'a> {
    pub fn new(
        contender: &'a Contender<'a>,
        specification: &'a Specification,
        options: &'a Options,
        counting: &'a Counting<'a>,
    ) -> Self {
        let Contender { model, data, estimate, .. } = *contender;
        let refit = Refit::new(model, data, options, estimate);
        Self { contender, specification, options, counting, refit }
    }

    /// The reason why no fold can be fitted, if there is one.
    fn refusal(&self) -> Option<NoValidation> {
        match &self.refit {
            Ok(_) | Err(NoRefit::AtEdge(_)) => None,
            Err(NoRefit::NotConverged) => Some(NoValidation::NotConverged),
            Err(other @ (NoRefit::Robust | NoRefit::Refused(_))) => {
                Some(NoValidation::NotRepeated { reason: other.to_string() })
            }
        }
    }

    /// The losses of all rows at the estimate; `None` where some are not finite.
    pub fn losses_at_estimate(&self) -> Option<Vec<f64>> {
        let all: Vec<u32> = (0..self.contender.data.rows() as u32).collect();
        let losses = self.losses(&estimates(self.contender), &all)?;
        let finite = all.iter().zip(&losses);
        let mut finite = finite.filter(|(row, _)| self.counting.counts(**row as usize));
        finite.all(|(_, loss)| loss.is_finite()).then_some(losses)
    }

    /// Fits the rows outside a fold and takes the losses of the rows inside.
    fn fold(&self, rest: &[u32], inside: &[u32]) -> Fold {
        let near = match &self.refit {
            Ok(refit) => refit.rows(rest),
            Err(_) => Err(Failed::NotConverged),
        };
        let (theta, anew) = match near {
            Ok(found) => (Some(found.theta), false),
            Err(Failed::Interrupted) => return Fold::Interrupted,
            Err(Failed::NotFinite | Failed::NotConverged) => (self.fitted_anew(rest), true),
        };
        let losses = theta.and_then(|theta| self.losses(&theta, inside));
        losses.map_or(Fold::Failed, |losses| Fold::Found { losses, anew })
    }

    /// The estimates of a fit of some rows from scratch; `None` where it does not converge.
    fn fitted_anew(&self, rows: &[u32]) -> Option<Vec<f64>> {
        let Contender { model, data, .. } = *self.contender;
        let options = self.options.clone().threads(1).silent();
        let found = fit(model, &data.at(rows), &options).ok()?;
        let theta = found.parameters.iter().map(|one| one.estimate).collect();
        (found.outcome == Outcome::Converged).then_some(theta)
    }

    /// The losses of rows, without their weights. On a bound the refit gives NaN, and the plain
    /// objective is used.
    fn losses(&self, theta: &[f64], rows: &[u32]) -> Option<Vec<f64>> {
        let Ok(refit) = &self.refit else { return self.plain_losses(theta, rows) };
        let weighed = refit.losses(theta, rows).into_iter().zip(rows);
        let losses: Vec<f64> =
            weighed.map(|(loss, &row)| loss / self.counting.weight_in_loss(row as usize)).collect();
        match losses.iter().all(|loss| loss.is_nan()) {
            true => self.plain_losses(theta, rows),
            false => Some(losses),
        }
    }

    /// The losses by the objective without a frame; `None` where the fit minimised a multiple of it.
    fn plain_losses(&self, theta: &[f64], rows: &[u32]) -> Option<Vec<f64>> {
        let objective = self.contender.estimate.objective;
        let found = self.counting.mean(&self.plain(&estimates(self.contender))).value;
        let same = (found - objective).abs() <= SAME * objective.abs().max(f64::MIN_POSITIVE);
        let all = same.then(|| self.plain(theta))?;
        Some(rows.iter().map(|&row| all[row as usize]).collect())
    }

    fn plain(&self, theta: &[f64]) -> Vec<f64> {
        let Contender { model, data, .. } = *self.contender;
        let mut values = row_values(self.specification, model, data, theta, 1);
        values.pop().expect("the last column of row values is the loss").1
    }
}

fn estimates(contender: &Contender<'_>) -> Vec<f64> {
    contender.estimate.parameters.iter().map(|one| one.estimate).collect()
}

/// The cross-validation of each model; `None` after an interrupt.
pub(super) fn validations(
    models: &[Repeated<'_>],
    folds: &[usize],
    count: usize,
    options: &Options,
) -> Option<Vec<Result<Validation, NoValidation>>> {
    let parts: Vec<(Vec<u32>, Vec<u32>)> = (0..count)
        .map(|fold| (0..folds.len() as u32).partition(|&row| folds[row as usize] == fold))
        .collect();
    let one = |number: usize| {
        let (inside, rest) = &parts[number % count];
        let model = &models[number / count];
        model.refusal().map_or_else(|| model.fold(rest, inside), |_| Fold::Failed)
    };
    let (total, interrupt) = (models.len() * count, &options.interrupt);
    let found = replicates(total, options.threads, interrupt, &|_| (), &one)?;
    if found.iter().any(|fold| matches!(fold, Fold::Interrupted)) {
        return None;
    }
    let of_model = found.chunks(count).zip(models);
    Some(of_model.map(|(found, model)| model.validation(found, &parts)).collect())
}

impl Repeated<'_> {
    /// Combines the results of all folds.
    fn validation(
        &self,
        found: &[Fold],
        parts: &[(Vec<u32>, Vec<u32>)],
    ) -> Result<Validation, NoValidation> {
        if let Some(reason) = self.refusal() {
            return Err(reason);
        }
        let mut losses = vec![f64::NAN; self.contender.data.rows()];
        let (mut failed, mut fitted_anew) = (0, 0);
        for (fold, (inside, _)) in found.iter().zip(parts) {
            match fold {
                Fold::Failed | Fold::Interrupted => failed += 1,
                Fold::Found { losses: own, anew } => {
                    fitted_anew += usize::from(*anew);
                    inside.iter().zip(own).for_each(|(&row, loss)| losses[row as usize] = *loss);
                }
            }
        }
        if failed > 0 {
            return Err(NoValidation::Folds { failed, folds: found.len() });
        }
        let lost = |row: &usize| self.counting.counts(*row) && !losses[*row].is_finite();
        if let Some(row) = (0..losses.len()).find(lost) {
            let row = self.contender.data.original_rows().at(row) as usize + 1;
            return Err(NoValidation::NotFinite { row });
        }
        let loss = self.counting.mean(&losses);
        Ok(Validation { loss, difference: None, anew: fitted_anew, losses })
    }
}
