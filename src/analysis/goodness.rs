//! A goodness-of-fit test by the kernel Stein discrepancy.

use std::fmt;

use crate::data::Selection;
use crate::fit::Warning;
use crate::model::{Cell, Model};
use crate::numerics::probability::two_sided_p;
use crate::objective::discrepancy::{
    Discrepancy, Kernel, KernelChoices, Linear, NoKernel, Prepared, p_value,
};
use crate::objective::{RowWeights, Specification, Transform};
use crate::sample::NoReplicates;

/// Most rows for which all pairs are used.
pub const ROWS_SQUARED: usize = 20_000;
/// Number of rows that are listed as worst fitting.
const WORST: usize = 5;

/// The settings of a test.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct TestChoices {
    /// The kernel of the discrepancy.
    pub kernel: KernelChoices,
    /// Number of replicates of the bootstrap.
    pub replicates: usize,
    /// Whether disjoint pairs of rows replace all pairs; with more than 20 000 rows they always do.
    pub linear: bool,
    /// Seed of the random signs, and of the order of rows.
    pub seed: u64,
    /// Number of threads; results do not depend on it.
    pub threads: usize,
}

impl Default for TestChoices {
    fn default() -> Self {
        let kernel = KernelChoices::default();
        Self { kernel, replicates: 1000, linear: false, seed: 0, threads: 1 }
    }
}

/// The method by which the distribution of the statistic under the model is approximated.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Bootstrap<'a> {
    /// Random signs of rows: for parameters that were not estimated from these rows; for estimated
    /// ones p is too large. With disjoint pairs, the normal distribution replaces it.
    Wild,
    /// The statistic of each replicate, by its number: rows are drawn from the model, and parameters
    /// are re-estimated from them; `None` where this fails. For parameters that were estimated from
    /// these rows (Key, Gretton, Briol & Fernandez 2025).
    Parametric(&'a (dyn Fn(usize) -> Option<f64> + Sync)),
}

impl fmt::Debug for Bootstrap<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wild => "Wild",
            Self::Parametric(_) => "Parametric",
        })
    }
}

/// The method by which p was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PValue {
    /// By a wild bootstrap.
    Wild {
        /// Number of replicates.
        replicates: usize,
    },
    /// By a parametric bootstrap.
    Parametric {
        /// Number of replicates that have a statistic.
        replicates: usize,
        /// Number of replicates that have none.
        failed: usize,
    },
    /// By the normal distribution of a mean.
    Normal,
}

/// The statistic of a test.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Statistic {
    /// Over all pairs of rows: nV includes pairs of a row with itself, and U does not. The test uses
    /// nV.
    Quadratic {
        /// n times the V-statistic.
        nv: f64,
        /// The U-statistic.
        u: f64,
    },
    /// Over disjoint pairs of rows.
    Linear {
        /// The mean of u.
        mean: f64,
        /// Its standard error.
        std_error: f64,
        /// Number of pairs.
        pairs: usize,
    },
}

/// A row that fits badly.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Suspect {
    /// Number of the row in the file, from 1.
    pub row: usize,
    /// Its contribution to the statistic.
    pub contribution: f64,
    /// Data and covariates of the row.
    pub values: Vec<(String, Cell)>,
}

/// The result of a goodness-of-fit test.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Goodness {
    /// Number of rows used.
    pub rows: usize,
    /// Number of data components.
    pub dimension: usize,
    /// The parameters that were tested.
    pub at: Vec<(String, f64)>,
    /// The weights of rows, where a column has them.
    pub row_weights: Option<RowWeights>,
    /// Number of clusters of dependent rows, where a column names them.
    pub clusters: Option<usize>,
    /// The weight in the Stein operator, in words and formulas, where there is one.
    pub weight: Option<String>,
    /// Constants that the operator took from the data, by name.
    pub frozen: Vec<(String, f64)>,
    /// The coordinates of compositions among the data.
    pub transform: Option<Transform>,
    /// The kernel.
    pub kernel: Kernel,
    /// The bandwidth of the kernel, in units of scaled columns.
    pub bandwidth: f64,
    /// Whether the bandwidth was given rather than computed from the data.
    pub bandwidth_given: bool,
    /// Whether columns are divided by their spreads.
    pub scaled: bool,
    /// The statistic.
    pub statistic: Statistic,
    /// The probability of a statistic at least as large under the model.
    pub p: f64,
    /// Its standard error by the finite number of replicates, √(p(1 - p)/B).
    pub p_error: Option<f64>,
    /// The method by which p was computed.
    pub method: PValue,
    /// Contributions of the rows to nV or to the mean, which they sum to; NaN for a row in no pair.
    pub contributions: Vec<f64>,
    /// The five rows of largest contribution, the worst first.
    pub worst: Vec<Suspect>,
    /// Warnings about the test.
    pub warnings: Vec<Warning>,
}

/// The reason why rows cannot be tested.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Untestable {
    /// The kernel does not suit the data.
    Kernel(NoKernel),
    /// There are fewer than two rows, or fewer than two pairs.
    Rows,
    /// No replicate has a statistic.
    Replicates,
    /// Rows are clustered, and a test by disjoint pairs takes independent rows.
    Clusters,
    /// The Stein operator is not finite in a row.
    NotFinite {
        /// Position of the row among the rows used, from 0.
        row: usize,
    },
    /// Rows have weights or clusters, and rows drawn from the model have none.
    Weighed,
    /// The weight of the model has columns of its own, such as the bounds of a region; rows drawn
    /// from the model lack these columns and may leave the region.
    Region,
    /// After denoising log p is the density of rows with added noise.
    Noised,
    /// A robust fit cannot be repeated on other rows.
    Robust,
    /// The fit found no minimum at which refits could start.
    NotConverged,
    /// This parameter lies on a bound or diverges to infinity.
    AtEdge {
        /// Its name.
        parameter: String,
    },
    /// The fit cannot be prepared.
    Fit(Box<crate::fit::Error>),
    /// The model cannot be drawn from.
    Undrawn(NoReplicates),
    /// An interrupt was raised before p was computed.
    Interrupted,
}

impl fmt::Display for Untestable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kernel(reason) => reason.fmt(f),
            Self::Rows => f.write_str("a test needs two rows at least, one by disjoint pairs four"),
            Self::Replicates => f.write_str("a bootstrap needs a replicate that has a statistic"),
            Self::Clusters => f.write_str(
                "pairs of rows of one cluster are not independent: with clusters all pairs are \
                 taken, of at most 20000 rows",
            ),
            Self::NotFinite { row } => {
                write!(f, "the discrepancy is not finite in row {}", row + 1)
            }
            Self::Weighed => f.write_str(
                "rows that are drawn from the model have neither weights nor clusters, so that no \
                 bootstrap repeats this fit",
            ),
            Self::Region => f.write_str(
                "the weight of the model comes from columns, which rows that are drawn from the model do \
                 not have, and the region that it belongs to would not hold them",
            ),
            Self::Noised => f.write_str(
                "after denoising log p is the density of rows with noise added, from which the rows \
                 themselves do not come",
            ),
            Self::Robust => f.write_str(
                "the weights of a robust fit depend on its parameters, so that it is not repeated \
                 on other rows",
            ),
            Self::NotConverged => f.write_str("the fit found no minimum to start others from"),
            Self::AtEdge { parameter } => write!(
                f,
                "{parameter} lies on a bound or runs to infinity, where fits of other rows have no \
                 minimum inside"
            ),
            Self::Fit(error) => error.fmt(f),
            Self::Undrawn(reason) => reason.fmt(f),
            Self::Interrupted => f.write_str("the bootstrap was interrupted"),
        }
    }
}

impl std::error::Error for Untestable {}

impl From<NoKernel> for Untestable {
    fn from(reason: NoKernel) -> Self {
        Self::Kernel(reason)
    }
}

/// A test of a model on rows, prepared for any parameters.
///
/// # Examples
/// ```
/// use scorematch::analysis::{Bootstrap, Test, TestChoices};
/// use scorematch::objective::{Rows, Specification};
/// use scorematch::{Columns, Model, data::Missing};
///
/// let model = Model::parse("-(x - mu)^2/2")?.bind(&["x"], &["x"])?;
/// let table = Columns::from_csv("x\n-1.2\n0.3\n0.4\n1.1\n-0.6\n".as_bytes())?;
/// let rows = model.select(&table, Missing::Error)?;
/// let specification = Specification::of(&model)?
///     .on(&model, &Rows::new(&rows.slices(), rows.original_rows()))?;
/// let test = Test::new(&specification, &model, &rows, TestChoices::default())?;
/// assert!(test.at(&[0.0], Bootstrap::Wild)?.p > 0.05);
/// assert!(test.at(&[9.0], Bootstrap::Wild)?.p < 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Test<'a> {
    pub(super) specification: &'a Specification,
    pub(super) model: &'a Model,
    pub(super) data: &'a Selection,
    pub(super) choices: TestChoices,
    pub(super) prepared: Prepared,
}

impl<'a> Test<'a> {
    /// Prepares the kernel's constants from the rows. The specification must be that for these rows
    /// ([`Specification::on`]).
    ///
    /// # Errors
    /// When there are too few rows, or the kernel does not suit them.
    pub fn new(
        specification: &'a Specification,
        model: &'a Model,
        data: &'a Selection,
        choices: TestChoices,
    ) -> Result<Self, Untestable> {
        let test = |prepared| Self { specification, model, data, choices, prepared };
        let (slices, threads) = (data.slices(), choices.threads);
        if data.rows() < 2 {
            return Err(Untestable::Rows);
        }
        let prepared =
            Discrepancy::prepare(specification, model, &slices, &choices.kernel, threads)?;
        let test = test(prepared);
        match test.is_linear() {
            true if data.rows() < 4 => Err(Untestable::Rows),
            true if test.clusters().is_some() => Err(Untestable::Clusters),
            true | false => Ok(test),
        }
    }

    /// Whether disjoint pairs of rows replace all pairs.
    #[must_use]
    pub fn is_linear(&self) -> bool {
        self.choices.linear || self.data.rows() > ROWS_SQUARED
    }

    /// The prepared discrepancy, for replicates of a parametric bootstrap.
    #[must_use]
    pub fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    pub(super) fn clusters(&self) -> Option<usize> {
        self.specification.size().and_then(|size| size.clusters)
    }

    /// The test at parameters θ.
    ///
    /// # Errors
    /// When the discrepancy is not finite, or no replicate has a finite statistic.
    pub fn at(&self, theta: &[f64], bootstrap: Bootstrap<'_>) -> Result<Goodness, Untestable> {
        let (statistic, contributions) = self.statistic(theta);
        let value = statistic.value();
        if !value.is_finite() {
            let row = contributions.iter().position(|one| !one.is_finite()).unwrap_or(0);
            return Err(Untestable::NotFinite { row: self.first_lost(theta).unwrap_or(row) });
        }
        let (p, method) = self.p(theta, statistic, bootstrap)?;
        let error = |replicates: usize| Some((p * (1.0 - p) / replicates as f64).sqrt());
        let p_error = match method {
            PValue::Wild { replicates } | PValue::Parametric { replicates, .. } => {
                error(replicates)
            }
            PValue::Normal => None,
        };
        let names = self.model.parameters().iter().map(|parameter| parameter.name.clone());
        Ok(Goodness {
            rows: self.data.rows(),
            dimension: self.model.data().len(),
            at: names.zip(theta.iter().copied()).collect(),
            row_weights: self.specification.row_weights(),
            clusters: self.clusters(),
            weight: self.specification.weight_text(self.model.graph()),
            frozen: self.specification.constants(),
            transform: self.specification.transform(),
            kernel: self.prepared.kernel(),
            bandwidth: self.prepared.bandwidth(),
            bandwidth_given: self.choices.kernel.bandwidth.is_some(),
            scaled: !self.choices.kernel.unscaled && !self.specification.is_binary(),
            statistic,
            p,
            p_error,
            method,
            worst: self.worst(&contributions),
            contributions,
            warnings: Vec::new(),
        })
    }

    /// The statistic, and the contribution of each row.
    fn statistic(&self, theta: &[f64]) -> (Statistic, Vec<f64>) {
        let (slices, threads) = (self.data.slices(), self.choices.threads);
        if self.is_linear() {
            let found = self.prepared.linear(theta, &slices, self.choices.seed, threads);
            return (Statistic::of_pairs(&found), parts(&found, self.data.rows()));
        }
        let found = self.prepared.at(theta, &slices, threads);
        let statistic = Statistic::Quadratic { nv: found.nv(), u: found.u() };
        (statistic, found.contributions())
    }

    fn p(
        &self,
        theta: &[f64],
        statistic: Statistic,
        bootstrap: Bootstrap<'_>,
    ) -> Result<(f64, PValue), Untestable> {
        let TestChoices { replicates, seed, threads, .. } = self.choices;
        let (values, method) = match (bootstrap, statistic) {
            (Bootstrap::Wild, Statistic::Linear { mean, std_error, .. }) => {
                return Ok((above(mean / std_error), PValue::Normal));
            }
            (Bootstrap::Wild, Statistic::Quadratic { .. }) => {
                let slices = self.data.slices();
                let values = self.prepared.wild(theta, &slices, replicates, seed, threads);
                (values, PValue::Wild { replicates })
            }
            (Bootstrap::Parametric(replicate), _) => {
                let found = (0..replicates).filter_map(replicate).filter(|one| one.is_finite());
                let values: Vec<f64> = found.collect();
                let failed = replicates - values.len();
                let replicates = values.len();
                (values, PValue::Parametric { replicates, failed })
            }
        };
        match values.is_empty() {
            true => Err(Untestable::Replicates),
            false => Ok((p_value(statistic.value(), &values), method)),
        }
    }

    /// The first row whose pair with itself is not finite.
    fn first_lost(&self, theta: &[f64]) -> Option<usize> {
        let alone = |row: usize| {
            let values: Vec<Vec<f64>> =
                self.data.slices().iter().map(|column| vec![column[row]]).collect();
            let slices: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
            self.prepared.is_finite_at(theta, &slices)
        };
        (0..self.data.rows()).find(|&row| !alone(row))
    }

    fn worst(&self, contributions: &[f64]) -> Vec<Suspect> {
        let mut rows: Vec<usize> =
            (0..contributions.len()).filter(|&row| contributions[row].is_finite()).collect();
        rows.sort_by(|&a, &b| contributions[b].total_cmp(&contributions[a]).then(a.cmp(&b)));
        rows.truncate(WORST);
        let names = || self.model.data().iter().chain(self.model.covariates());
        let suspect = |row: usize| Suspect {
            row: self.data.original_rows().at(row) as usize + 1,
            contribution: contributions[row],
            values: names()
                .enumerate()
                .map(|(at, one)| (one.name.clone(), one.cell(self.data.column(at)[row])))
                .collect(),
        };
        rows.into_iter().map(suspect).collect()
    }
}

impl Statistic {
    fn of_pairs(found: &Linear) -> Self {
        Self::Linear { mean: found.mean(), std_error: found.std_error(), pairs: found.values.len() }
    }

    /// nV, or the mean over disjoint pairs.
    #[must_use]
    pub fn value(&self) -> f64 {
        match *self {
            Self::Quadratic { nv, .. } => nv,
            Self::Linear { mean, .. } => mean,
        }
    }
}

/// By row, half of the contribution of its pair to the mean; NaN for a row in no pair.
fn parts(found: &Linear, rows: usize) -> Vec<f64> {
    let mut parts = vec![f64::NAN; rows];
    let share = 0.5 / found.values.len() as f64;
    for (&(i, j), u) in found.pairs.iter().zip(&found.values) {
        (parts[i], parts[j]) = (share * u, share * u);
    }
    parts
}

/// The probability that a standard normal variable exceeds z.
fn above(z: f64) -> f64 {
    let half = 0.5 * two_sided_p(z.abs());
    if z < 0.0 { 1.0 - half } else { half }
}
