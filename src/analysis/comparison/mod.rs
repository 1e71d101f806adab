//! A comparison of models fitted to the same rows by their held-out losses, with SMIC, the kernel
//! Stein discrepancy and the likelihood.

mod choice;
mod comparable;
mod counting;
mod discrepancies;
mod validation;

use crate::data::Selection;
use crate::fit::{Estimate, Options, Outcome, Status, Warning};
use crate::model::{Block, Constraint, Model};
use crate::objective::{RowWeights, Rows, Specification, Transform};

use choice::{best, choice};
use comparable::{columns, difference};
use counting::Counting;
use discrepancies::{Discrepancies, ROWS};
use validation::{Repeated, validations};

pub use comparable::{Difference, NotComparable};
pub use validation::{NoValidation, Validation};

/// The default number of folds.
pub const FOLDS: usize = 10;

/// A fitted model that is compared with others.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Contender<'a> {
    /// The name in messages and reports.
    pub name: &'a str,
    /// The model, bound to its columns.
    pub model: &'a Model,
    /// The columns of the model; the rows are the same for all contenders.
    pub data: &'a Selection,
    /// The fit of the model to the data.
    pub estimate: &'a Estimate,
}

impl<'a> Contender<'a> {
    /// A named model with its fit.
    #[must_use]
    pub fn new(
        name: &'a str,
        model: &'a Model,
        data: &'a Selection,
        estimate: &'a Estimate,
    ) -> Self {
        Self { name, model, data, estimate }
    }
}

/// A mean over rows.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// Its standard error over rows, or over clusters where rows are clustered.
    pub std_error: f64,
}

/// The results of a comparison for one model.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Compared {
    /// The name of the model.
    pub name: String,
    /// Number of estimated parameters, counted by free coordinates (two for the three entries of a
    /// simplex), without those that are held or not identified.
    pub parameters: usize,
    /// The estimates, in order of declaration.
    pub estimate: Vec<(String, f64)>,
    /// The outcome of its fit.
    pub outcome: Outcome,
    /// J at the estimate.
    pub objective: f64,
    /// SMIC/n = J + tr(A⁻¹K)/n; `None` where the fit did not converge.
    pub smic: Option<f64>,
    /// SMIC/n minus that of the model with the lowest held-out loss; the standard error is that of
    /// the mean difference of the losses of rows at the two estimates.
    pub smic_difference: Option<Mean>,
    /// The mean held-out loss of rows, by cross-validation.
    pub validation: Result<Validation, NoValidation>,
    /// The kernel Stein discrepancy V on the rows, or on a sample of 2000 of them that all models
    /// share; `None` with covariates, on which kernels depend, with denoising, and where it is not
    /// finite.
    pub ksd: Option<f64>,
    /// V minus that of the model with the lowest held-out loss, with its jackknife standard error.
    pub ksd_difference: Option<Mean>,
    /// Mean log-likelihood per row at the estimate, where the fit computed it: see
    /// [`Minimum::log_likelihood`](crate::fit::Minimum::log_likelihood).
    pub log_likelihood: Option<f64>,
    /// Warnings about its fit.
    pub warnings: Vec<Warning>,
}

/// A comparison of several models fitted to the same rows.
///
/// Cross-validation assigns rows to folds at random, or whole clusters where rows are clustered; all
/// models share the folds. Each model is fitted to the rows outside a fold, by the objective with the
/// constants of the fit to all rows, and the loss ρ at that fit is taken for the rows of the fold.
/// Every row thus has one held-out loss under each model, and models are compared by mean differences
/// over rows, with their standard errors. The choice follows the one-standard-error rule (Breiman,
/// Friedman, Olshen & Stone 1984, section 3.4.3) on these differences: among the models whose
/// held-out loss exceeds the lowest by at most one standard error of the difference, it is the model
/// with the fewest parameters.
///
/// SMIC (Matsuda, Uehara & Hyvärinen 2021) estimates the held-out loss without bias, as AIC estimates
/// the held-out log-likelihood, and favours too large a model as often as AIC does.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// Number of rows used.
    pub rows: usize,
    /// The columns of the data.
    pub data: Vec<String>,
    /// Name of the objective, as `hyvarinen`.
    pub objective_kind: &'static str,
    /// The drawing of the objective's random numbers, in words.
    pub detail: Option<String>,
    /// The weight, in words and formulas, where the objective has one.
    pub weight: Option<String>,
    /// Constants that the objective took from the data, by name.
    pub frozen: Vec<(String, f64)>,
    /// The coordinates of compositions among the data.
    pub transform: Option<Transform>,
    /// The weights of rows, where a column has them.
    pub row_weights: Option<RowWeights>,
    /// Number of clusters of dependent rows, where a column names them.
    pub clusters: Option<usize>,
    /// Number of folds of the cross-validation.
    pub folds: usize,
    /// Number of rows on which the kernel Stein discrepancy is computed.
    pub ksd_rows: usize,
    /// Seed of the folds and of all fits.
    pub seed: u64,
    /// The models in the given order.
    pub models: Vec<Compared>,
    /// Position of the model with the lowest held-out loss.
    pub best: Option<usize>,
    /// Position of the chosen model.
    pub choice: Option<usize>,
    /// Warnings about the comparison.
    pub warnings: Vec<Warning>,
}

impl Comparison {
    /// Compares models by cross-validation with `folds` folds, for fits that were made with these
    /// options.
    ///
    /// # Errors
    /// When the losses of two models are different quantities, or the number of folds does not suit
    /// the rows.
    ///
    /// # Panics
    /// When the options are not those of the fits and do not suit the models.
    ///
    /// # Examples
    /// ```
    /// use scorematch::analysis::{Comparison, Contender};
    /// use scorematch::data::Missing;
    /// use scorematch::fit::{Options, fit};
    /// use scorematch::{Columns, Model};
    ///
    /// let table = Columns::from_csv("x\n1.2\n0.4\n2.5\n1.9\n0.1\n1.4\n".as_bytes())?;
    /// let options = Options::default();
    /// let [free, held] = ["-(x - mu)^2/(2*s2)", "-x^2/(2*s2)"]
    ///     .map(|text| Model::parse(text).expect("a model").bind(&["x"], &["x"]).expect("a column"));
    /// let rows = free.select(&table, Missing::Error)?;
    /// let fits = [fit(&free, &rows, &options)?, fit(&held, &rows, &options)?];
    /// let contenders = [
    ///     Contender::new("free mean", &free, &rows, &fits[0]),
    ///     Contender::new("mean zero", &held, &rows, &fits[1]),
    /// ];
    /// let comparison = Comparison::of(&contenders, 3, &options)?;
    /// let parameters = comparison.models.iter().map(|model| model.parameters);
    /// assert_eq!(parameters.collect::<Vec<_>>(), [2, 1]);
    /// assert!(comparison.choice.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(
        contenders: &[Contender<'_>],
        folds: usize,
        options: &Options,
    ) -> Result<Self, NotComparable> {
        let specifications: Vec<Specification> =
            contenders.iter().map(|one| specified(one.model, one.data, options)).collect();
        check(contenders, &specifications)?;
        let (first, of_first) = (&contenders[0], &specifications[0]);
        let rows = first.data.rows();
        let counting = Counting::of(of_first, rows);
        check_folds(&counting, of_first, folds)?;
        let subjects = contenders.iter().zip(&specifications);
        let repeated: Vec<Repeated<'_>> =
            subjects.map(|(one, on)| Repeated::new(one, on, options, &counting)).collect();
        let dealt = counting.folds(folds, options.seed);
        let validations = validations(&repeated, &dealt, folds, options);
        let validations = validations.ok_or(NotComparable::Interrupted)?;
        let discrepancies = Discrepancies::of(contenders, &specifications, options);
        let mut comparison = Self {
            rows,
            data: columns(first),
            objective_kind: of_first.kind(),
            detail: of_first.drawn(),
            weight: first.estimate.weight.clone(),
            frozen: of_first.constants(),
            transform: of_first.transform(),
            row_weights: of_first.row_weights(),
            clusters: of_first.size().and_then(|size| size.clusters),
            folds,
            ksd_rows: rows.min(ROWS),
            seed: options.seed,
            models: contenders.iter().zip(validations).map(|(one, v)| compared(one, v)).collect(),
            best: None,
            choice: None,
            warnings: Vec::new(),
        };
        comparison.best = best(&comparison.models);
        comparison.differences(&counting, &repeated, &discrepancies);
        comparison.choice = choice(&comparison.models, comparison.best);
        comparison.warnings = comparison.doubts();
        comparison.warnings.extend(of_data(contenders));
        Ok(comparison)
    }

    /// Whether every fit converged.
    #[must_use]
    pub fn converged(&self) -> bool {
        self.models.iter().all(|model| model.outcome == Outcome::Converged)
    }

    /// Sets the discrepancies, and all differences from the model with the lowest held-out loss.
    fn differences(
        &mut self,
        counting: &Counting<'_>,
        repeated: &[Repeated<'_>],
        discrepancies: &Discrepancies,
    ) {
        for (model, place) in self.models.iter_mut().zip(0..) {
            model.ksd = discrepancies.value(place);
        }
        let Some(best) = self.best else { return };
        let Ok(lowest) = self.models[best].validation.clone() else { return };
        let (smic, at_best) = (self.models[best].smic, repeated[best].losses_at_estimate());
        let minus = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>();
        for (place, model) in self.models.iter_mut().enumerate() {
            if let Ok(own) = &mut model.validation {
                own.difference = Some(counting.mean(&minus(&own.losses, &lowest.losses)));
            }
            model.ksd_difference = discrepancies.difference(place, best);
            let own = repeated[place].losses_at_estimate();
            model.smic_difference = model.smic.zip(smic).zip(own.zip(at_best.as_ref())).map(
                |((own, other), (losses, others))| {
                    let std_error = counting.mean(&minus(&losses, others)).std_error;
                    Mean { value: own - other, std_error }
                },
            );
        }
    }
}

/// The objective of a model on its rows.
fn specified(model: &Model, data: &Selection, options: &Options) -> Specification {
    let slices = data.slices();
    let rows = Rows::new(&slices, data.original_rows()).seed(options.seed);
    let on_rows = |one: Specification| one.on(model, &rows.choose(data, &options.rows)?);
    let specification = Specification::with(model, &options.objective).and_then(on_rows);
    specification.expect("a fitted model has an objective")
}

/// Refuses models of which one is not comparable with the first.
fn check(
    contenders: &[Contender<'_>],
    specifications: &[Specification],
) -> Result<(), NotComparable> {
    let (Some(first), true) = (contenders.first(), contenders.len() > 1) else {
        return Err(NotComparable::TooFew);
    };
    for (other, specification) in contenders.iter().zip(specifications).skip(1) {
        if let Some(difference) = difference((first, &specifications[0]), (other, specification)) {
            let (first, second) = (first.name.to_owned(), other.name.to_owned());
            return Err(NotComparable::Different { first, second, difference });
        }
    }
    Ok(())
}

fn check_folds(
    counting: &Counting<'_>,
    specification: &Specification,
    folds: usize,
) -> Result<(), NotComparable> {
    let units = counting.units().len();
    let clustered = specification.size().is_some_and(|size| size.clusters.is_some());
    match (2..=units).contains(&folds) {
        true => Ok(()),
        false => Err(NotComparable::Folds { folds, units, clustered }),
    }
}

/// The results of the fit of all rows.
fn compared(contender: &Contender<'_>, validation: Result<Validation, NoValidation>) -> Compared {
    let estimate = contender.estimate;
    let converged = estimate.outcome == Outcome::Converged;
    let minimum = estimate.minima.first().filter(|_| converged);
    let values = estimate.parameters.iter().map(|one| (one.name.clone(), one.estimate));
    Compared {
        name: contender.name.to_owned(),
        parameters: free_parameters(contender.model, estimate),
        estimate: values.collect(),
        outcome: estimate.outcome,
        objective: estimate.objective,
        smic: minimum.map(|one| one.smic).filter(|smic| smic.is_finite()),
        smic_difference: None,
        validation,
        ksd: None,
        ksd_difference: None,
        log_likelihood: minimum.and_then(|one| one.log_likelihood),
        warnings: estimate.warnings.iter().filter(|one| !is_of_data(one)).cloned().collect(),
    }
}

/// A warning about the rows alone, whatever the model is.
fn is_of_data(warning: &Warning) -> bool {
    warning.code == "sentinel"
}

/// The warnings of the fits about the rows, each once.
fn of_data(contenders: &[Contender<'_>]) -> Vec<Warning> {
    let mut told: Vec<Warning> = Vec::new();
    let all = contenders.iter().flat_map(|one| &one.estimate.warnings);
    for warning in all.filter(|one| is_of_data(one)) {
        if !told.contains(warning) {
            told.push(warning.clone());
        }
    }
    told
}

/// Number of free coordinates, without those of parameters that are held or not identified.
fn free_parameters(model: &Model, estimate: &Estimate) -> usize {
    let moves =
        |j: usize| !matches!(estimate.parameters[j].status, Status::Fixed | Status::Unidentified);
    let free = |block: &Block| {
        let moving = block.parameters.clone().filter(|&j| moves(j)).count();
        match block.constraint {
            // The entries sum to one.
            Constraint::Simplex => moving.saturating_sub(1),
            Constraint::Free
            | Constraint::Symmetric
            | Constraint::Above(_)
            | Constraint::Below(_)
            | Constraint::Between(..)
            | Constraint::Ordered
            | Constraint::Posdef => moving,
        }
    };
    model.blocks().iter().map(free).sum()
}
