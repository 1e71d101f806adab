//! A fit that is prepared once and repeated on other rows: resampled rows, rows of other folds, or
//! rows simulated from the model.
//!
//! The objective stays that of the first fit: constants that it took from the data, such as the caps
//! of weights, levels of noise and the frame of coordinates, are kept. Derivation and compilation,
//! which are most of a fit of few rows, happen once. A refit starts at the estimate and descends by
//! the rules of the fit, so that labels and signs are those of the estimate.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::data::Selection;
use crate::model::Model;
use crate::numerics::interrupt::Interrupt;
use crate::numerics::parallel::parallel;
use crate::numerics::rng::key;
use crate::objective::{Batch, Path, Rows, Specification, Weighing, WeightsKind};
use crate::program::{BLOCK, Workers};

use super::bounds::{Ends, settle};
use super::candidates::Candidate;
use super::domain::columns_of;
use super::error::Error;
use super::options::Options;
use super::problem::Problem;
use super::space::Space;
use super::standardise::Frame;
use super::tally::Tally;
use super::task::Task;
use super::trust_region::{Limits, Stop, minimise};
use super::{Estimate, Outcome, Status};

mod section;

pub(super) use section::{Handle, Section};

/// Most iterations of a refit; one that needs more has left the minimum of the estimate.
const ITERATIONS: usize = 100;

/// A prepared fit of a model. Row numbers are those of a selection, from 0.
#[derive(Debug)]
pub(crate) struct Refit<'a> {
    model: &'a Model,
    problem: Problem,
    frame: Frame,
    space: Space,
    ends: Vec<Ends>,
    floor: f64,
    /// Held parameters by position, raw.
    fix: Vec<(usize, f64)>,
    /// The estimate in moving coordinates.
    pub(super) start: Vec<f64>,
    path: Path,
    interrupt: Interrupt,
    added: Added,
    /// Number of rows of the selection.
    rows: usize,
    /// The pattern of each row of the selection, where binary data are counted by pattern.
    patterns: Option<Vec<usize>>,
    /// The weight of each row of the selection: its frequency, or a probability weight up to a
    /// factor.
    counts: Option<Vec<f64>>,
    /// The weights of the rows of `problem`.
    weighing: Option<Arc<Weighing>>,
}

/// Positions of the columns that the objective adds, among all columns, and the seed of the row keys.
#[derive(Clone, Copy, Debug)]
struct Added {
    /// Number of columns of the model.
    model: usize,
    weights: Option<usize>,
    keys: Option<usize>,
    seed: u64,
}

/// The result of a fit on other rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refitted {
    /// Raw parameters in order of declaration; held ones have their held values.
    pub theta: Vec<f64>,
    /// J over the rows of the refit.
    pub objective: f64,
}

/// The units that a bootstrap draws with replacement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Units {
    /// Rows, by number.
    Rows(usize),
    /// Lists of rows by cluster.
    Clusters(Vec<Vec<u32>>),
    /// Independent rows that frequencies count: for each row of the selection, the sum of the
    /// frequencies up to and including it.
    Counted(Vec<usize>),
}

/// The reason why a fit cannot be repeated.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NoRefit {
    /// The fit was robust: its weights depend on its parameters.
    Robust,
    /// There is no minimum to start from.
    NotConverged,
    /// This parameter lies on a bound or diverges to infinity.
    AtEdge(String),
    /// The error of preparing a fit.
    Refused(Error),
}

impl fmt::Display for NoRefit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Robust => f.write_str("a robust fit is not repeated on other rows"),
            Self::NotConverged => f.write_str("the fit did not converge"),
            Self::AtEdge(name) => write!(f, "{name} is not inside its constraints"),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

/// The reason why a refit has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// J is not finite at the estimate on these rows.
    NotFinite,
    /// The search ended at no proper minimum.
    NotConverged,
    /// An interrupt was raised.
    Interrupted,
}

impl<'a> Refit<'a> {
    /// Prepares the fit of `data` that found `estimate` with these options.
    ///
    /// # Errors
    /// Where the fit was robust, did not converge, or ended at an edge of the parameter space.
    pub fn new(
        model: &'a Model,
        data: &Selection,
        options: &Options,
        estimate: &Estimate,
    ) -> Result<Self, NoRefit> {
        if options.is_robust() {
            return Err(NoRefit::Robust);
        }
        if estimate.outcome != Outcome::Converged {
            return Err(NoRefit::NotConverged);
        }
        let outside = |status| matches!(status, Status::AtBound | Status::AtInfinity);
        if let Some(one) = estimate.parameters.iter().find(|one| outside(one.status)) {
            return Err(NoRefit::AtEdge(one.name.clone()));
        }
        prepared(model, data, options, estimate)
    }

    /// The units that a bootstrap draws.
    pub fn units(&self) -> Units {
        let weighing = self.weighing.as_deref();
        if let Some((clusters, count)) = weighing.and_then(Weighing::clusters) {
            let mut members = vec![Vec::new(); count];
            clusters.iter().zip(0..).for_each(|(&cluster, row)| members[cluster].push(row));
            return Units::Clusters(members);
        }
        match (&self.counts, weighing.map(Weighing::kind)) {
            (Some(counts), Some(WeightsKind::Frequency)) => {
                let end = |end: &mut usize, &count: &f64| {
                    *end += count.round() as usize;
                    Some(*end)
                };
                Units::Counted(counts.iter().scan(0, end).collect())
            }
            (Some(_), Some(WeightsKind::Probability) | None) | (None, _) => Units::Rows(self.rows),
        }
    }

    /// Whether the rows are clustered.
    pub fn is_clustered(&self) -> bool {
        self.weighing.as_ref().is_some_and(|weighing| weighing.is_clustered())
    }

    /// The weights of the stored rows; `None` where all are one.
    pub(super) fn weighing(&self) -> Option<&Weighing> {
        self.weighing.as_deref()
    }

    /// The columns of the problem in inner coordinates, then those that the objective adds; the rows
    /// are those of the selection, or its patterns.
    pub(super) fn stored(&self) -> &[Vec<f64>] {
        &self.problem.columns
    }

    /// The interrupt of the fit.
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// The fit of the listed rows of the selection, each as often as it is listed; weights and random
    /// numbers stay with their rows.
    ///
    /// # Errors
    /// Where there is no proper minimum near the estimate, or an interrupt is raised.
    pub fn rows(&self, rows: &[u32]) -> Result<Refitted, Failed> {
        match self.patterns {
            Some(_) => self.counted(&self.tallied(rows)),
            None => self.fitted(&slices(&self.gathered(rows))),
        }
    }

    /// The fit of all rows of the selection with these frequencies in place of their own; only where
    /// weights are frequencies.
    pub fn frequencies(&self, counts: &[f64]) -> Result<Refitted, Failed> {
        match &self.patterns {
            Some(places) => {
                let mut by_pattern = vec![0.0; self.problem.columns[0].len()];
                places.iter().zip(counts).for_each(|(&at, count)| by_pattern[at] += count);
                self.counted(&by_pattern)
            }
            None => self.counted(counts),
        }
    }

    /// The fit of rows outside the selection, such as simulated ones: raw columns of data, then of
    /// covariates, in the order of the model. If they are as many as the rows of the selection, the
    /// k-th row has the weight and the random numbers of its k-th row, otherwise weight one and
    /// random numbers of its own.
    ///
    /// # Errors
    /// As for [`Refit::rows`].
    pub fn columns(&self, columns: &[Vec<f64>]) -> Result<Refitted, Failed> {
        self.fitted(&slices(&self.inner(columns)))
    }

    /// ρ of the listed rows of the selection at raw parameters; NaN outside their constraints. For a
    /// row of frequency k it is the loss of one of the k rows; a probability weight multiplies it.
    pub fn losses(&self, theta: &[f64], rows: &[u32]) -> Vec<f64> {
        match &self.patterns {
            None => self.losses_in(theta, &self.gathered_as_they_are(rows)),
            Some(places) => {
                let all = self.losses_in(theta, &self.problem.columns);
                rows.iter().map(|&row| all[places[row as usize]]).collect()
            }
        }
    }

    /// [`Refit::losses`] of rows outside the selection, given as for [`Refit::columns`].
    pub fn losses_of_columns(&self, theta: &[f64], columns: &[Vec<f64>]) -> Vec<f64> {
        self.losses_in(theta, &self.inner(columns))
    }

    fn losses_in(&self, theta: &[f64], columns: &[Vec<f64>]) -> Vec<f64> {
        let rows = columns[0].len();
        let Some(at) = self.moving(theta) else { return vec![f64::NAN; rows] };
        let losses = self.batch(&slices(columns)).losses(&at);
        losses.into_iter().map(|loss| loss * self.problem.unit).collect()
    }

    /// Raw parameters as moving coordinates; `None` outside their constraints.
    fn moving(&self, theta: &[f64]) -> Option<Vec<f64>> {
        let all = self.space.to_free(self.model, &self.frame.inner(theta))?;
        Some(self.space.part(&all)).filter(|at| at.iter().all(|phi| !phi.is_nan()))
    }

    /// All columns of the listed rows, with weights scaled to mean one.
    fn gathered(&self, rows: &[u32]) -> Vec<Vec<f64>> {
        let mut columns = self.gathered_as_they_are(rows);
        if let Some(at) = self.added.weights {
            to_mean_one(&mut columns[at]);
        }
        columns
    }

    fn gathered_as_they_are(&self, rows: &[u32]) -> Vec<Vec<f64>> {
        let chosen = |column: &Vec<f64>| rows.iter().map(|&row| column[row as usize]).collect();
        self.problem.columns.iter().map(chosen).collect()
    }

    /// The sum of the weights of the listed rows, by pattern.
    fn tallied(&self, rows: &[u32]) -> Vec<f64> {
        let mut counts = vec![0.0; self.problem.columns[0].len()];
        let places = self.patterns.as_ref().expect("rows are counted by pattern");
        for &row in rows {
            let own = self.counts.as_ref().map_or(1.0, |counts| counts[row as usize]);
            counts[places[row as usize]] += own;
        }
        counts
    }

    /// The fit of the stored rows with other weights.
    fn counted(&self, counts: &[f64]) -> Result<Refitted, Failed> {
        let mut weights = counts.to_vec();
        to_mean_one(&mut weights);
        let mut columns = slices(&self.problem.columns);
        columns[self.added.weights.expect("counted rows have weights")] = &weights;
        self.fitted(&columns)
    }

    /// Raw columns in inner coordinates, then the columns that the objective adds.
    fn inner(&self, columns: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let model = columns.iter().take(self.added.model).enumerate();
        let mut inner: Vec<Vec<f64>> =
            model.map(|(k, column)| self.frame.column(k, column)).collect();
        let rows = inner[0].len();
        let alike = rows == self.rows;
        if self.added.weights.is_some() {
            let mut weights = match &self.counts {
                Some(counts) if alike => counts.clone(),
                Some(_) | None => vec![1.0; rows],
            };
            to_mean_one(&mut weights);
            inner.push(weights);
        }
        if let Some(at) = self.added.keys {
            inner.push(match alike {
                true => self.problem.columns[at].clone(),
                false => (0..rows).map(|row| self.key_of_new(row)).collect(),
            });
        }
        inner
    }

    /// The random key of a row outside the selection; rows of the selection have numbers below 2³².
    fn key_of_new(&self, row: usize) -> f64 {
        key(self.added.seed, (1 << 32) + row as u64)
    }

    /// The objective on columns in inner coordinates, on one thread. For few rows, rows are faster
    /// than moments.
    pub(super) fn batch<'b>(&'b self, columns: &[&'b [f64]]) -> Batch<'b> {
        let workers = Workers { threads: 1, interrupt: self.interrupt.clone() };
        let path = match (self.path, columns[0].len() <= BLOCK) {
            (Path::Auto, true) => Path::Rows,
            (path, _) => path,
        };
        let batch = self.problem.objective.on(columns.to_vec(), workers);
        batch.by(path).expect("the existence of moments does not depend on the rows")
    }

    /// Descends from the estimate to the minimum on these columns.
    fn fitted(&self, columns: &[&[f64]]) -> Result<Refitted, Failed> {
        let batch = self.batch(columns);
        let limits = self.limits();
        let path = minimise(&batch, &self.start, &limits);
        if self.interrupt.is_raised() {
            return Err(Failed::Interrupted);
        }
        let path = path.ok_or(Failed::NotFinite)?;
        let end = settle(&batch, &self.start, path, &self.ends, &limits);
        let end = Candidate::judge(&batch, end);
        if end.path.stop == Stop::Interrupted || self.interrupt.is_raised() {
            return Err(Failed::Interrupted);
        }
        if !end.is_proper() {
            return Err(Failed::NotConverged);
        }
        let objective = end.value() * self.problem.unit;
        Ok(Refitted { theta: self.theta(&end.at), objective })
    }

    /// Raw parameters at moving coordinates; held ones have their held values.
    pub(super) fn theta(&self, at: &[f64]) -> Vec<f64> {
        let mut theta = self.frame.raw(&self.space.theta(at));
        self.fix.iter().for_each(|&(j, value)| theta[j] = value);
        theta
    }
}

/// Prepares a refit, on distinct rows where the fit counts binary data by pattern.
fn prepared<'a>(
    model: &'a Model,
    data: &Selection,
    options: &Options,
    estimate: &Estimate,
) -> Result<Refit<'a>, NoRefit> {
    let refused = |unsuited| NoRefit::Refused(Error::Unsuited(unsuited));
    let columns = columns_of(model, data).map_err(NoRefit::Refused)?;
    let rows = Rows::new(&columns, data.original_rows()).seed(options.seed);
    let rows = rows.choose(data, &options.rows).map_err(refused)?;
    let specification = Specification::with(model, &options.objective).map_err(refused)?;
    let held = options.held(model).map_err(NoRefit::Refused)?;
    let specification = specification.holding(held);
    let given = rows.counts().filter(|_| specification.is_binary());
    let tally = given.and_then(|given| Tally::of(&columns, data.original_rows(), given));
    match tally {
        Some(tally) => {
            let counted = tally.objective(model, specification).map_err(refused)?;
            let distinct = tally.columns.iter().map(Vec::as_slice).collect();
            let task = Task::new(model, counted, distinct, options).map_err(NoRefit::Refused)?;
            let refit = of_task(model, task, estimate, data.rows())?;
            let counts = given.flatten().map(<[f64]>::to_vec);
            Ok(Refit { patterns: Some(tally.places), counts, ..refit })
        }
        None => {
            let whole = specification.on(model, &rows).map_err(refused)?;
            let task = Task::new(model, whole, columns, options).map_err(NoRefit::Refused)?;
            let counts = task.weighing().and_then(counts);
            Ok(Refit { counts, ..of_task(model, task, estimate, data.rows())? })
        }
    }
}

fn of_task<'a>(
    model: &'a Model,
    mut task: Task<'_>,
    estimate: &Estimate,
    rows: usize,
) -> Result<Refit<'a>, NoRefit> {
    let theta: Vec<f64> = estimate.parameters.iter().map(|one| one.estimate).collect();
    let all = task.space.to_free(model, &task.frame.inner(&theta));
    let all = all.filter(|all| all.iter().all(|phi| phi.is_finite()));
    let all = all.ok_or_else(|| NoRefit::AtEdge("a parameter".to_owned()))?;
    task.space.rest_at(&all);
    let (floor, ends, options) = (task.floor(), task.ends(), task.options);
    let specification = &task.asked.specification;
    let weighing = specification.shared_weighing();
    let columns = task.columns.len();
    let weights = specification.row_counts().map(|_| columns);
    let added = specification.added_columns().count();
    let keys = (added > usize::from(weights.is_some())).then(|| columns + added - 1);
    Ok(Refit {
        model,
        start: task.space.part(&all),
        problem: task.draft.compile(task.inner, 1),
        frame: task.frame,
        space: task.space,
        ends,
        floor,
        fix: task.fix,
        path: options.path,
        interrupt: options.interrupt.clone(),
        added: Added { model: columns, weights, keys, seed: options.seed },
        rows,
        patterns: None,
        counts: None,
        weighing,
    })
}

/// Frequencies, or other weights up to a factor.
fn counts(weighing: &Weighing) -> Option<Vec<f64>> {
    let share = weighing.observations() as f64 / weighing.size().rows as f64;
    Some(weighing.values()?.iter().map(|weight| weight * share).collect())
}

fn slices(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

/// Divides weights by their mean, unless their sum is zero.
fn to_mean_one(weights: &mut [f64]) {
    let mean = weights.iter().sum::<f64>() / weights.len() as f64;
    if mean > 0.0 {
        weights.iter_mut().for_each(|weight| *weight /= mean);
    }
}

/// The results of replicates 0, 1, …, in order, computed on `threads` threads; `None` after an
/// interrupt. A replicate and its random draws depend on its number alone, so that results do not
/// depend on the number of threads. `told` receives, on the caller's thread, the number of replicates
/// that are done.
pub(crate) fn replicates<T: Send>(
    count: usize,
    threads: usize,
    interrupt: &Interrupt,
    told: &(dyn Fn(usize) + Sync),
    one: &(impl Fn(usize) -> T + Sync),
) -> Option<Vec<T>> {
    let (here, done) = (thread::current().id(), AtomicUsize::new(0));
    let work = |replicate: usize| {
        if interrupt.is_raised() {
            return None;
        }
        let result = one(replicate);
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if thread::current().id() == here {
            told(done);
        }
        Some(result)
    };
    parallel(count, threads, work).into_iter().collect()
}

#[cfg(test)]
mod tests;
