//! The goodness-of-fit test after a fit: a parametric bootstrap, in which rows are drawn from the
//! fitted model and parameters are re-estimated from them (Stute, Gonzáles Manteiga & Presedo
//! Quindimil 1993, Metrika 40:243; for the discrepancy Key, Gretton, Briol & Fernandez 2025).
//!
//! An estimate fits its own rows better than the true parameters do, and so does the estimate of each
//! replicate. The kernel, its bandwidth and scales, and the constants of the objective stay those of
//! the original rows.

use std::sync::atomic::{AtomicBool, Ordering};

use super::goodness::{Bootstrap, Goodness, PValue, Test, Untestable};
use crate::fit::{Estimate, Failed, NoRefit, Options, Refit, Warning, replicates};
use crate::objective::Kind;
use crate::sample::{self, Error, NoReplicates, Replicates};

/// A larger share of failed replicates is a warning.
const FAILED: f64 = 0.05;
/// Most rows that are hints where the mass of the density may be.
const NEAR: usize = 400;

impl Test<'_> {
    /// Tests an estimate on the rows from which a fit with `options` found it.
    ///
    /// Each replicate draws as many rows from the model at the estimate, given the covariates of
    /// these rows where log p contains any, with the options `drawing`; refits by the same objective,
    /// starting at the estimate; and computes the statistic at the new estimate. Of B replicates with
    /// a statistic, # have one that is as large or larger, and p is (1 + #)/(B + 1). The callbacks of
    /// the fit receive the number of replicates.
    ///
    /// # Errors
    /// When rows have weights or clusters, or the weight of the model has columns of its own, which
    /// rows drawn from the model do not have; after denoising, where log p is not the density of
    /// these rows; when the fit was robust, did not converge or ended at an edge; when the model
    /// cannot be drawn from, or its chains do not mix; after an interrupt; and as for [`Test::at`].
    ///
    /// # Examples
    /// ```
    /// use scorematch::analysis::{Test, TestChoices};
    /// use scorematch::objective::{Rows, Specification};
    /// use scorematch::{Columns, Model, data::Missing, fit, sample};
    ///
    /// let model = Model::parse("-(x - mu)^2/(2*s2)")?.bind(&["x"], &["x"])?;
    /// let table = Columns::from_csv("x\n-1.2\n0.3\n0.4\n1.1\n-0.6\n0.7\n-0.2\n".as_bytes())?;
    /// let rows = model.select(&table, Missing::Error)?;
    /// let specification = Specification::of(&model)?
    ///     .on(&model, &Rows::new(&rows.slices(), rows.original_rows()))?;
    /// let options = fit::Options::default();
    /// let estimate = fit::fit(&model, &rows, &options)?;
    /// let mut choices = TestChoices::default();
    /// choices.replicates = 99;
    /// let test = Test::new(&specification, &model, &rows, choices)?;
    /// let found = test.after_fit(&estimate, &options, &sample::Options::default())?;
    /// assert!(found.p > 0.1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn after_fit(
        &self,
        estimate: &Estimate,
        options: &Options,
        drawing: &sample::Options,
    ) -> Result<Goodness, Untestable> {
        self.check_drawable()?;
        let refit = Refit::new(self.model, self.data, options, estimate)?;
        let theta: Vec<f64> = estimate.parameters.iter().map(|one| one.estimate).collect();
        let statistics = self.statistics(&refit, &theta, options, drawing)?;
        let replicate = |replicate: usize| statistics[replicate];
        let mut found = self.at(&theta, Bootstrap::Parametric(&replicate))?;
        found.warnings.extend(failures(found.method));
        Ok(found)
    }

    /// Refuses rows that draws from the model cannot replace.
    fn check_drawable(&self) -> Result<(), Untestable> {
        if self.specification.row_weights().is_some() || self.clusters().is_some() {
            return Err(Untestable::Weighed);
        }
        let weights = (0..self.model.data().len()).filter(|&k| self.model.weight(k).is_some());
        let of_weights = self.model.covariates().len() > self.model.conditions().len();
        if weights.count() > 0 && of_weights {
            return Err(Untestable::Region);
        }
        match self.specification.kind() == Kind::Denoising.name() {
            true => Err(Untestable::Noised),
            false => Ok(()),
        }
    }

    /// By replicate, the statistic at the parameters estimated from its rows; `None` where there is
    /// none.
    fn statistics(
        &self,
        refit: &Refit<'_>,
        theta: &[f64],
        options: &Options,
        drawing: &sample::Options,
    ) -> Result<Vec<Option<f64>>, Untestable> {
        let (count, threads) = (self.choices.replicates, self.choices.threads);
        let slices = self.data.slices();
        let given = &slices[self.model.data().len()..][..self.model.covariates().len()];
        let drawing = drawing.clone().near(self.near());
        let rows = self.data.rows();
        let samples = Replicates::new(self.model, theta, given, rows, count, &drawing)?;
        let interrupted = AtomicBool::new(false);
        let one = |replicate: usize| {
            let mut columns = samples.replicate(replicate);
            columns.extend(given.iter().map(|column| column.to_vec()));
            match refit.columns(&columns) {
                Ok(refitted) => self.replicated(&refitted.theta, &columns),
                Err(Failed::Interrupted) => {
                    interrupted.store(true, Ordering::Relaxed);
                    None
                }
                Err(Failed::NotFinite | Failed::NotConverged) => None,
            }
        };
        let told = |done| options.tell_replicates(done, count);
        let found = replicates(count, threads, refit.interrupt(), &told, &one);
        found.filter(|_| !interrupted.into_inner()).ok_or(Untestable::Interrupted)
    }

    /// The statistic of the rows of a replicate; `None` where it is not finite.
    fn replicated(&self, theta: &[f64], columns: &[Vec<f64>]) -> Option<f64> {
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let value = match self.is_linear() {
            true => self.prepared.linear(theta, &slices, self.choices.seed, 1).mean(),
            false => self.prepared.at(theta, &slices, 1).nv(),
        };
        Some(value).filter(|value| value.is_finite())
    }

    /// Equally spaced rows of the data.
    fn near(&self) -> Vec<Vec<f64>> {
        let columns = &self.data.slices()[..self.model.data().len()];
        let row = |row: usize| columns.iter().map(|column| column[row]).collect();
        (0..self.data.rows()).step_by(self.data.rows().div_ceil(NEAR)).map(row).collect()
    }
}

fn failures(method: PValue) -> Option<Warning> {
    let (replicates, failed) = match method {
        PValue::Parametric { replicates, failed } => (replicates, failed),
        PValue::Wild { .. } | PValue::Normal => return None,
    };
    let planned = replicates + failed;
    let headline = format!(
        "{failed} of {planned} samples drawn from the model have no minimum near the estimate and are \
         left out"
    );
    let many = failed as f64 > FAILED * planned as f64;
    let warning = Warning::new("bootstrap-failed", headline);
    many.then(|| warning.meaning("p may be off by as large a share"))
}

impl From<NoRefit> for Untestable {
    fn from(reason: NoRefit) -> Self {
        match reason {
            NoRefit::Robust => Self::Robust,
            NoRefit::NotConverged => Self::NotConverged,
            NoRefit::AtEdge(parameter) => Self::AtEdge { parameter },
            NoRefit::Refused(error) => Self::Fit(Box::new(error)),
        }
    }
}

impl From<NoReplicates> for Untestable {
    fn from(reason: NoReplicates) -> Self {
        match reason {
            NoReplicates::Draws(Error::Interrupted) => Self::Interrupted,
            NoReplicates::Draws(_)
            | NoReplicates::NotMixed { .. }
            | NoReplicates::TooMany { .. } => Self::Undrawn(reason),
        }
    }
}
