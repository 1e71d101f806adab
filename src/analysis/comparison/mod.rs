//! Which of several models: each fitted to the same rows, judged by the loss of rows that its fit has not
//! seen, with SMIC, the kernel Stein discrepancy and the likelihood beside it.

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

/// Folds unless another number is asked for.
pub const FOLDS: usize = 10;

/// A fitted model that is compared with others.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Contender<'a> {
    /// What messages and reports call it.
    pub name: &'a str,
    /// The model, bound to its columns.
    pub model: &'a Model,
    /// These columns; the rows are those of all contenders.
    pub data: &'a Selection,
    /// The fit of the model to them.
    pub estimate: &'a Estimate,
}

impl<'a> Contender<'a> {
    /// A model with its fit, by a name.
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
    /// Its standard error over rows, or over clusters where rows come in these.
    pub std_error: f64,
}

/// What a comparison says of one model.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Compared {
    /// What it is called.
    pub name: String,
    /// How many numbers were estimated: parameters by their free coordinates (two of the three entries of
    /// a simplex), without those that are held or not identified.
    pub parameters: usize,
    /// The estimates, in order of declaration.
    pub estimate: Vec<(String, f64)>,
    /// How its fit ended.
    pub outcome: Outcome,
    /// J at the estimate.
    pub objective: f64,
    /// SMIC/n = J + tr(A⁻¹K)/n; `None` where the fit ended at no proper minimum.
    pub smic: Option<f64>,
    /// SMIC/n less that of the model with the lowest held-out loss; the error is that of the mean difference
    /// of the losses of rows at the two estimates.
    pub smic_difference: Option<Mean>,
    /// The mean loss of rows that the fit has not seen, by cross-validation.
    pub validation: Result<Validation, NoValidation>,
    /// The kernel Stein discrepancy V from the rows, at most 2000 of them and the same for all models; `None`
    /// where there are covariates, on which kernels depend, with denoising, and where it is not finite.
    pub ksd: Option<f64>,
    /// V less that of the model with the lowest held-out loss, with its jackknife error.
    pub ksd_difference: Option<Mean>,
    /// Mean log-likelihood of a row at the estimate, where the fit has it: see
    /// [`Minimum::log_likelihood`](crate::fit::Minimum::log_likelihood).
    pub log_likelihood: Option<f64>,
    /// Doubts about its fit.
    pub warnings: Vec<Warning>,
}

/// Several models fitted to the same rows.
///
/// Cross-validation deals rows to folds at random, whole clusters where rows come in these, the same for
/// all models; each model is fitted to the rows outside of a fold by the objective as the fit of all rows
/// froze it, and the rows of the fold have their loss ρ at that fit. So every row has one held-out loss
/// under each model, and models are compared by means of differences over rows, with their errors. The
/// choice follows the one-standard-error rule (Breiman, Friedman, Olshen & Stone 1984, section 3.4.3) on
/// these differences: of the models whose held-out loss is within one standard error, that of the
/// difference itself, of the lowest one, it is the model with the fewest parameters.
///
/// SMIC (Matsuda, Uehara & Hyvärinen 2021) is an unbiased estimate of the held-out loss as AIC is of the
/// likelihood's, and takes too large a model as often as AIC does.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// Rows used.
    pub rows: usize,
    /// The columns of the data.
    pub data: Vec<String>,
    /// Name of the objective, as `hyvarinen`.
    pub objective_kind: &'static str,
    /// How its random numbers are drawn, in words.
    pub detail: Option<String>,
    /// The weight, in words and formulas, where there is one.
    pub weight: Option<String>,
    /// What the objective took from the data once, by name.
    pub frozen: Vec<(String, f64)>,
    /// The coordinates of compositions among the data.
    pub transform: Option<Transform>,
    /// What rows count for, where a column says so.
    pub row_weights: Option<RowWeights>,
    /// Clusters of rows that are not independent, where a column names them.
    pub clusters: Option<usize>,
    /// Folds of the cross-validation.
    pub folds: usize,
    /// Rows that the kernel Stein discrepancy is taken over.
    pub ksd_rows: usize,
    /// Of the folds and of all fits.
    pub seed: u64,
    /// In the order given.
    pub models: Vec<Compared>,
    /// The model, by its place, with the lowest held-out loss.
    pub best: Option<usize>,
    /// The model that is chosen, by its place.
    pub choice: Option<usize>,
    /// Doubts about the comparison.
    pub warnings: Vec<Warning>,
}

impl Comparison {
    /// Compares fits that were made with these options, in so many folds.
    ///
    /// # Errors
    /// When the losses of two models are different quantities, or the folds do not suit the rows.
    ///
    /// # Panics
    /// When the options are not those of the fits, so that they do not suit the models.
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
        Ok(comparison)
    }

    /// Whether every fit converged.
    #[must_use]
    pub fn converged(&self) -> bool {
        self.models.iter().all(|model| model.outcome == Outcome::Converged)
    }

    /// Differences of all from the model with the lowest held-out loss.
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
    specification.expect("a model that was fitted has an objective")
}

/// Every model is compared with the first one.
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

/// What the fit of all rows says of a model.
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
        warnings: estimate.warnings.clone(),
    }
}

/// Free coordinates, without those of parameters that are held or not identified.
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
