//! From starts to candidates: each start is followed to its end, until enough ends agree.

use std::cell::Cell;
use std::rc::Rc;

use crate::objective::Curvature;

use super::bounds::{Ends, settle};
use super::candidates::{Candidate, group};
use super::options::Options;
use super::profile::Profile;
use super::progress::Progress;
use super::ridge;
use super::surface::Surface;
use super::trust_region::{Limits, Stop, minimise};

/// At most this many times the wanted starts, while they disagree.
const ROUNDS: usize = 4;
/// And this many times more where the objective is profiled: its starts cost little.
const PROFILED: usize = 2;
/// A best minimum that is found less often may not be the best: further starts are drawn.
const OFTEN: usize = 3;
/// Where a coordinate that ran off to an edge starts again.
const FAR: f64 = 10.0;
const ITERATIONS: usize = 300;
/// Iterations on all coordinates after a search of the profiled objective, which leaves little.
const FINISH: usize = 40;
/// Points that are no minima may follow each other.
const RIDGES: usize = 3;
/// Unfinished starts that run on.
const CONTINUED: usize = 2;
/// Starts that are optimised at first.
pub(super) const STARTS: usize = 8;
/// Starts of a surface whose Hessian costs a pass a coordinate, in one round.
const COSTLY_STARTS: usize = 4;
/// How many of its minima on a sample are followed on all rows.
const COSTLY_MINIMA: usize = 2;

/// Operations that a search may cost before it begins no further start, nor walks a ridge.
const WORK_MAX: u64 = 50_000_000_000;
/// Operations that any step costs.
const STEP_WORK: usize = 20_000;

/// All ends, and whether the user stopped the search.
pub(super) struct Search {
    pub ends: Vec<Candidate>,
    pub interrupted: bool,
}

/// Limits for values below `floor`, with the options' interrupt and progress; `steps` counts.
pub(super) fn limits(
    options: &Options,
    floor: f64,
    steps: &Rc<Cell<usize>>,
    start: usize,
    planned: usize,
) -> Limits {
    let progress = options.progress.clone();
    let watch = progress.map(|progress| {
        let tell = move |iteration, objective| {
            progress(Progress { start, planned, iteration, objective });
        };
        Rc::new(tell) as Rc<dyn Fn(usize, f64)>
    });
    let (interrupt, steps) = (options.interrupt.clone(), Rc::clone(steps));
    Limits { iterations: ITERATIONS, floor, interrupt, watch, steps }
}

impl Search {
    fn take(&mut self, end: Option<Candidate>) {
        self.interrupted |= end.as_ref().is_some_and(|end| end.path.stop == Stop::Interrupted);
        self.ends.extend(end);
    }
}

/// What is searched: the objective on all rows, and on a sample where there are many.
pub(super) struct Field<'a> {
    pub full: &'a dyn Surface,
    pub sample: Option<&'a dyn Surface>,
    /// Of the sample where there is one, else of all rows.
    pub profile: Option<&'a Profile<'a>>,
    /// Further starts of the profiled objective.
    pub more: &'a dyn Fn() -> Vec<Vec<f64>>,
    pub ends: &'a [Ends],
    pub floor: f64,
    pub options: &'a Options,
    /// Iterations of all starts so far.
    pub steps: &'a Rc<Cell<usize>>,
    /// Beyond so many of them nothing more is begun.
    pub steps_max: usize,
}

/// Steps that starts on a surface may take together: each costs what an expansion does.
pub(super) fn steps_max(surface: &dyn Surface, profile: Option<&Profile<'_>>) -> usize {
    let work = surface.work() + profile.map_or(0, Profile::solving_work);
    usize::try_from(WORK_MAX / (work + once(surface.dimension())) as u64).unwrap_or(usize::MAX)
}

/// Operations that a step costs whatever the rows: the eigenvalues of its Hessian, and the memory
/// that it takes.
pub(super) fn once(parameters: usize) -> usize {
    STEP_WORK + 10 * parameters.pow(3)
}

impl Field<'_> {
    /// The search has cost what it may.
    fn is_spent(&self) -> bool {
        self.steps.get() >= self.steps_max
    }

    fn limits(&self, start: usize, planned: usize) -> Limits {
        limits(self.options, self.floor, self.steps, start, planned)
    }
}

/// Follows the starts, in order, in rounds; on a sample of the rows first where there are many.
pub(super) fn search(field: &Field<'_>, starts: &[Vec<f64>]) -> Search {
    let mut search = descend(field, starts);
    leave_ridges(field, &mut search);
    go_on(field, &mut search);
    // A path that an interrupt cut short may not have seen it.
    search.interrupted |= field.options.is_interrupted();
    search
}

/// Stationary points that are no minima give way to where J leads from there.
fn leave_ridges(field: &Field<'_>, search: &mut Search) {
    let limits = field.limits(1, 1);
    for _ in 0..RIDGES {
        let mut left = false;
        for stationary in group(&search.ends) {
            if search.interrupted || limits.interrupted() || field.is_spent() {
                return;
            }
            let Some(lower) = ridge::below(field, &stationary, &limits) else { continue };
            left = true;
            let same = |end: &&mut Candidate| end.is_proper() && end.is_same(&stationary);
            search.ends.iter_mut().filter(same).for_each(|end| *end = lower.clone());
        }
        if !left {
            return;
        }
    }
}

/// Starts that ran out of iterations below the best minimum run on.
fn go_on(field: &Field<'_>, search: &mut Search) {
    let lowest = search.ends.iter().filter(|end| end.is_proper()).map(Candidate::value);
    let lowest = lowest.fold(f64::INFINITY, f64::min);
    let mut open: Vec<usize> = (0..search.ends.len())
        .filter(|&k| search.ends[k].is_unfinished() && search.ends[k].value() < lowest)
        .collect();
    open.sort_by(|&a, &b| search.ends[a].value().total_cmp(&search.ends[b].value()));
    for &k in open.iter().take(CONTINUED) {
        for _ in 0..ROUNDS {
            if search.interrupted || !search.ends[k].is_unfinished() {
                break;
            }
            let start = finite(&search.ends[k].at);
            let Some(end) = follow_one(field, field.full, &start, k + 1, search.ends.len()) else {
                break;
            };
            search.interrupted = end.path.stop == Stop::Interrupted;
            search.ends[k] = end;
        }
    }
}

fn descend(field: &Field<'_>, starts: &[Vec<f64>]) -> Search {
    let Some(sample) = field.sample else { return follow(field, field.full, starts) };
    let coarse = follow(field, sample, starts);
    if coarse.interrupted {
        let (rows, sample) = (field.full.rows(), sample.rows());
        let ends = coarse.ends.into_iter().map(|end| end.in_sample_of(rows, sample)).collect();
        return Search { ends, interrupted: true };
    }
    let minima = group(&coarse.ends);
    if minima.is_empty() {
        let ends: Vec<Vec<f64>> = coarse.ends.iter().map(|end| finite(&end.at)).collect();
        return follow(field, field.full, &ends);
    }
    refine(field, coarse, &minima, sample.rows())
}

/// Every minimum of the sample followed on all rows, once; its hits are those on the sample. It stands
/// for itself where an interrupt comes first.
fn refine(field: &Field<'_>, coarse: Search, minima: &[Candidate], sample: usize) -> Search {
    let kept = match field.full.curvature() {
        Curvature::Matrix => minima.len(),
        Curvature::Products => COSTLY_MINIMA.min(minima.len()),
    };
    let mut search = Search { ends: Vec::new(), interrupted: false };
    for (index, minimum) in minima[..kept].iter().enumerate() {
        let fine = follow_one(field, field.full, &finite(&minimum.at), index + 1, kept);
        let cut = fine.is_none() && field.options.is_interrupted();
        let Some(end) = fine.or_else(|| cut.then(|| minimum.clone())) else { continue };
        search.interrupted |= cut || end.path.stop == Stop::Interrupted;
        search.ends.extend(std::iter::repeat_n(end, minimum.hits));
    }
    let rows = field.full.rows();
    let lost = coarse.ends.into_iter().filter(|end| !end.is_proper());
    search.ends.extend(lost.map(|end| end.in_sample_of(rows, sample)));
    search
}

/// Coordinates at an edge are brought back to where they can move.
fn finite(at: &[f64]) -> Vec<f64> {
    at.iter().map(|&phi| if phi.is_finite() { phi } else { phi.clamp(-FAR, FAR) }).collect()
}

fn follow(field: &Field<'_>, surface: &dyn Surface, starts: &[Vec<f64>]) -> Search {
    let mut search = Search { ends: Vec::new(), interrupted: false };
    follow_rounds(field, surface, starts, &mut search);
    let seldom = group(&search.ends).first().is_none_or(|best| best.hits < OFTEN);
    if field.profile.is_some_and(|profile| !profile.plan.searched().is_empty())
        && seldom
        && !search.interrupted
        && !field.is_spent()
    {
        follow_rounds(field, surface, &(field.more)(), &mut search);
    }
    search
}

/// Follows starts in rounds until the ends agree.
fn follow_rounds(
    field: &Field<'_>,
    surface: &dyn Surface,
    starts: &[Vec<f64>],
    search: &mut Search,
) {
    let wanted = field.options.starts;
    let (round, rounds) = match surface.curvature() {
        Curvature::Matrix => {
            (wanted.unwrap_or(STARTS), ROUNDS * field.profile.map_or(1, |_| PROFILED))
        }
        Curvature::Products => (wanted.unwrap_or(COSTLY_STARTS), 1),
    };
    let least = field.profile.map_or(1, |profile| round * profile.plan.searched().len());
    let mut blank = Vec::new();
    for (index, start) in starts.iter().take(rounds * round).enumerate() {
        if index % round == 0 && index >= least && agree(&search.ends) {
            break;
        }
        if index >= round && field.is_spent() {
            break;
        }
        if is_blank(surface, start) {
            blank.push(index);
            continue;
        }
        let planned = round * (index / round + 1);
        search.take(follow_start(field, surface, start, index + 1, planned));
        if search.interrupted {
            break;
        }
    }
    // Where every start is blank, some parameter never matters.
    for &index in blank.iter().take(round) {
        if search.interrupted || search.ends.iter().any(Candidate::is_proper) {
            break;
        }
        search.take(follow_start(field, surface, &starts[index], index + 1, round));
    }
}

/// A start at which some coordinate changes the loss of no row, as where an exponential underflows:
/// nothing leads away from there.
fn is_blank(surface: &dyn Surface, start: &[f64]) -> bool {
    match surface.curvature() {
        Curvature::Matrix => surface.slope(start).outer_diagonal.iter().any(|&k| k == 0.0),
        Curvature::Products => false,
    }
}

/// From a start, by the profiled objective first where there is one, to its judged end.
fn follow_start(
    field: &Field<'_>,
    surface: &dyn Surface,
    start: &[f64],
    number: usize,
    planned: usize,
) -> Option<Candidate> {
    let limits = field.limits(number, planned);
    match field.profile.and_then(|profile| approach(profile, start, &limits)) {
        Some(near) => {
            let limits = Limits { iterations: FINISH, ..limits };
            finish(field, surface, &near, &limits)
        }
        None => finish(field, surface, start, &limits),
    }
}

/// Where the profiled objective leads from a start.
fn approach(profile: &Profile<'_>, start: &[f64], limits: &Limits) -> Option<Vec<f64>> {
    let part = profile.part(start);
    let at = if part.is_empty() { part } else { minimise(profile, &part, limits)?.at };
    profile.solve(&at).map(|(whole, _)| whole)
}

/// From a start to its judged end; `None` where the objective is not finite at the start.
fn follow_one(
    field: &Field<'_>,
    surface: &dyn Surface,
    start: &[f64],
    number: usize,
    planned: usize,
) -> Option<Candidate> {
    finish(field, surface, start, &field.limits(number, planned))
}

/// From a start to its judged end within limits.
pub(super) fn finish(
    field: &Field<'_>,
    surface: &dyn Surface,
    start: &[f64],
    limits: &Limits,
) -> Option<Candidate> {
    let path = minimise(surface, start, limits)?;
    let settled = settle(surface, start, path, field.ends, limits);
    Some(Candidate::judge(surface, settled))
}

/// At least a third of the ends are the best minimum, twice at least.
fn agree(ends: &[Candidate]) -> bool {
    let minima = group(ends);
    minima.first().is_some_and(|best| best.hits >= 2 && best.hits * 3 >= ends.len())
}
