//! Markov chains in unbounded coordinates: starts, scales, and the draws taken from their states.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::convergence::Convergence;
use super::region::Region;
use super::starts::{Mode, modes};
use super::target::{Frame, Slopes, Target};
use super::{Draws, Error, Method, SEARCH, Subject, hit_and_run, langevin, stream_of};
use crate::numerics::parallel::parallel;

/// Fewest states of each chain, as diagnostics need.
const DIAGNOSED: usize = 1000;
/// Standard deviation of the starts around a mode, in widths of the density there.
const START_SPREAD: f64 = 0.3;
/// Powers of ten, by quarters, of the distances at which the width of a density is searched for.
const DECADES: (i32, i32) = (-12, 9);
/// The decrease of log p at one width from a mode: that of a normal density at one standard
/// deviation.
const FALL: f64 = 0.5;

/// The density given one row of covariates, in scaled coordinates z.
pub(super) struct Scaled<'a> {
    pub target: &'a Target<'a>,
    pub row: usize,
    pub frame: Frame,
}

/// The states of one chain after its warmup, by coordinate, and the number of divergent steps.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    pub states: Vec<Vec<f64>>,
    pub divergences: usize,
}

/// The number of chains, and their lengths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub chains: usize,
    pub warmup: usize,
    /// States that are kept of each chain.
    pub length: usize,
}

impl Plan {
    pub fn new(subject: &Subject<'_>, chains: usize, warmup: usize) -> Self {
        let options = subject.options;
        let chains = options.chains.unwrap_or(chains);
        let length = options.count.div_ceil(chains).max(DIAGNOSED);
        Self { chains, warmup: options.warmup.unwrap_or(warmup), length }
    }

    /// The states, among those of all chains one after another, that are the draws: `count` evenly
    /// spread ones.
    pub fn chosen(self, count: usize) -> impl Iterator<Item = usize> {
        let all = self.chains * self.length;
        (0..count).map(move |draw| draw * all / count)
    }
}

impl<'a> Scaled<'a> {
    /// log p and its slopes for single points z.
    pub fn slopes(&self) -> Slopes<'a> {
        self.target.slopes(self.row, self.frame.clone())
    }

    /// log p and its slopes at points z, given by columns.
    pub fn at(&self, z: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut found = self.target.at(&self.columns(z), |_| self.row);
        for (slopes, scale) in found[1..].iter_mut().zip(&self.frame.scale) {
            slopes.iter_mut().for_each(|slope| *slope *= scale);
        }
        found
    }

    /// y of points z; both by columns.
    fn columns(&self, z: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let Frame { centre, scale } = &self.frame;
        let column = |(z, (centre, scale)): (&Vec<f64>, (&f64, &f64))| {
            z.iter().map(|z| centre + scale * z).collect()
        };
        z.iter().zip(centre.iter().zip(scale)).map(column).collect()
    }
}

/// Draws of the data by component; with covariates, those of the first row first.
pub(super) fn draws(
    subject: &Subject<'_>,
    (method, region): (Method, &Region),
    found: &mut Draws,
) -> Result<Vec<Vec<f64>>, Error> {
    let target = Target::new(subject.model, subject.theta, subject.given, &region.weights);
    let (chains, warmup) = match method {
        Method::Langevin => (langevin::CHAINS, langevin::WARMUP),
        Method::HitAndRun => (hit_and_run::CHAINS, hit_and_run::WARMUP),
        Method::Nuts | Method::Inverse | Method::Patterns | Method::Gibbs => (4, 500),
    };
    let plan = Plan::new(subject, chains, warmup);
    (found.chains, found.length) = (plan.chains, plan.length);
    let done = AtomicUsize::new(0);
    let steps = plan.chains * (plan.warmup + plan.length) * target.conditions();
    let tick = |count: usize| {
        let before = done.fetch_add(count, Ordering::Relaxed);
        subject.options.tell(before + count, steps);
    };
    if !subject.options.levels.is_empty() {
        let part = annealed(subject, &target, plan, &tick);
        return combined(vec![part], found);
    }
    let one = |row: usize| {
        let (scaled, starts, modes) = begin(subject, &target, row, plan)?;
        let chains = match method {
            #[cfg(feature = "sample")]
            Method::Nuts => {
                independent(super::nuts::chain, subject, &scaled, &starts, plan, &tick)?
            }
            Method::HitAndRun => {
                independent(hit_and_run::chain, subject, &scaled, &starts, plan, &tick)?
            }
            _ => langevin::chains(subject, &scaled, &starts, plan, &tick)?,
        };
        Ok(RowDraws::new(subject, &scaled, &chains, modes, plan))
    };
    combined(parallel(target.conditions(), threads_of_rows(subject), one), found)
}

/// A function that runs one chain, given its number and start.
type RunChain =
    fn(&Subject<'_>, &Scaled<'_>, (usize, &[f64]), Plan, &dyn Fn(usize)) -> Result<Chain, Error>;

/// Runs independent chains, each from its start.
fn independent(
    run: RunChain,
    subject: &Subject<'_>,
    scaled: &Scaled<'_>,
    starts: &[Vec<f64>],
    plan: Plan,
    tick: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Chain>, Error> {
    let one = |chain: usize| run(subject, scaled, (chain, &starts[chain]), plan, tick);
    parallel(plan.chains, threads_of_chains(subject), one).into_iter().collect()
}

/// Draws at the last level of noise; starts and scales are those of the first level.
fn annealed(
    subject: &Subject<'_>,
    target: &Target<'_>,
    plan: Plan,
    tick: &dyn Fn(usize),
) -> Result<RowDraws, Error> {
    let (mut scaled, starts, _) = begin(subject, target, 0, plan)?;
    let chains = langevin::annealed(subject, &mut scaled, &starts, plan, tick)?;
    let mut stream = stream_of(subject.options, scaled.row, SEARCH);
    let last = modes(target, scaled.row, subject.theta, &subject.options.near, &mut stream);
    Ok(RowDraws::new(subject, &scaled, &chains, last.len(), plan))
}

/// With several rows of covariates threads run these in parallel, otherwise chains.
fn threads_of_rows(subject: &Subject<'_>) -> usize {
    if subject.conditions() > 1 { subject.options.threads } else { 1 }
}

/// The threads for the chains of one row of covariates.
fn threads_of_chains(subject: &Subject<'_>) -> usize {
    if subject.conditions() > 1 { 1 } else { subject.options.threads }
}

/// The draws given one row of covariates, with their diagnostics.
pub(super) struct RowDraws {
    columns: Vec<Vec<f64>>,
    convergence: Vec<Convergence>,
    divergences: usize,
    modes: usize,
}

impl RowDraws {
    fn new(
        subject: &Subject<'_>,
        scaled: &Scaled<'_>,
        chains: &[Chain],
        modes: usize,
        plan: Plan,
    ) -> Self {
        let d = scaled.frame.scale.len();
        let z: Vec<Vec<f64>> = (0..d)
            .map(|k| chains.iter().flat_map(|chain| chain.states[k].iter().copied()).collect())
            .collect();
        let x = scaled.target.points(&scaled.columns(&z));
        let divergences = chains.iter().map(|chain| chain.divergences).sum();
        Self::of(subject, &x, plan, modes, divergences)
    }

    /// `x` has the states of all chains by component, one chain after another.
    pub fn of(
        subject: &Subject<'_>,
        x: &[Vec<f64>],
        plan: Plan,
        modes: usize,
        divergences: usize,
    ) -> Self {
        let components = subject.model.data().iter().zip(x);
        let convergence = components
            .map(|(one, x)| Convergence::of_component(one, x, Some(plan.chains)))
            .collect();
        let count = subject.options.count;
        let chosen = |x: &Vec<f64>| plan.chosen(count).map(|state| x[state]).collect();
        Self { columns: x.iter().map(chosen).collect(), convergence, divergences, modes }
    }
}

/// The draws of all rows of covariates by component. `found` receives the diagnostics of the row
/// with the greatest R̂.
pub(super) fn combined(
    parts: Vec<Result<RowDraws, Error>>,
    found: &mut Draws,
) -> Result<Vec<Vec<f64>>, Error> {
    let mut columns = vec![Vec::new(); found.columns.len()];
    let mut worst = f64::NEG_INFINITY;
    for part in parts {
        let part = part?;
        columns.iter_mut().zip(part.columns).for_each(|(all, own)| all.extend(own));
        found.divergences += part.divergences;
        found.modes = found.modes.max(part.modes);
        let r_hat = part.convergence.iter().map(|one| one.r_hat.unwrap_or(f64::INFINITY));
        let r_hat = r_hat.fold(f64::NEG_INFINITY, super::not_less);
        if r_hat > worst || r_hat.is_nan() || found.convergence.is_empty() {
            worst = if r_hat.is_nan() { f64::INFINITY } else { r_hat };
            found.convergence = part.convergence;
        }
    }
    Ok(columns)
}

/// Coordinates in which the highest mode has width one, a start near a mode for each chain, and the
/// number of modes.
#[allow(clippy::type_complexity)]
fn begin<'a>(
    subject: &Subject<'_>,
    target: &'a Target<'a>,
    row: usize,
    plan: Plan,
) -> Result<(Scaled<'a>, Vec<Vec<f64>>, usize), Error> {
    let mut stream = stream_of(subject.options, row, SEARCH);
    let found = modes(target, row, subject.theta, &subject.options.near, &mut stream);
    let best = found.first().ok_or(Error::Undefined)?;
    let frame = Frame { centre: best.at.clone(), scale: widths(target, row, best) };
    let scaled = Scaled { target, row, frame };
    let (mut moving, mut slopes) = (scaled.slopes(), vec![0.0; target.coordinates()]);
    let starts = (0..plan.chains).map(|chain| {
        let mode = &found[chain % found.len()];
        let widths = widths(target, row, mode);
        let Frame { centre, scale } = &scaled.frame;
        let mut start = |spread: f64| -> Vec<f64> {
            let place = |k: usize| {
                let y = mode.at[k] + spread * widths[k] * stream.normal();
                (y - centre[k]) / scale[k]
            };
            (0..centre.len()).map(place).collect()
        };
        let beside = start(START_SPREAD);
        if moving.at(&beside, &mut slopes).is_some() { beside } else { start(0.0) }
    });
    let starts = starts.collect();
    Ok((scaled, starts, found.len()))
}

/// By coordinate, the distance from a mode at which log p has decreased by ½, on the nearer side; 1
/// where it does not decrease.
fn widths(target: &Target<'_>, row: usize, mode: &Mode) -> Vec<f64> {
    let d = mode.at.len();
    let sizes: Vec<f64> = (4 * DECADES.0..=4 * DECADES.1)
        .map(|quarter| 10f64.powf(f64::from(quarter) / 4.0))
        .collect();
    let sides = 2 * sizes.len();
    let mut columns = vec![Vec::with_capacity(d * sides); d];
    for moved in 0..d {
        for sign in [-1.0, 1.0] {
            for size in &sizes {
                for (k, column) in columns.iter_mut().enumerate() {
                    column.push(mode.at[k] + if k == moved { sign * size } else { 0.0 });
                }
            }
        }
    }
    let heights = target.at(&columns, |_| row).swap_remove(0);
    let width = |heights: &[f64]| {
        let fallen = |height: &f64| height.is_nan() || *height <= mode.height - FALL;
        let of = |side: &[f64]| side.iter().position(fallen).map(|at| sizes[at]);
        heights.chunks(sizes.len()).filter_map(of).fold(f64::INFINITY, f64::min)
    };
    let widths = heights.chunks(sides).map(width);
    widths.map(|width| if width.is_finite() { width } else { 1.0 }).collect()
}

/// Draws by component; with covariates, those of the first row first.
pub(super) fn by_rows(
    rows: usize,
    threads: usize,
    one: impl Fn(usize) -> Result<Vec<Vec<f64>>, Error> + Sync,
) -> Result<Vec<Vec<f64>>, Error> {
    let mut parts = parallel(rows, threads, one).into_iter();
    let mut columns = parts.next().expect("there is at least one row of covariates")?;
    for part in parts {
        columns.iter_mut().zip(part?).for_each(|(all, own)| all.extend(own));
    }
    Ok(columns)
}
