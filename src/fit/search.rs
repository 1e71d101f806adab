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

/// Most starts, as a multiple of the requested number, while their ends disagree …
const ROUNDS: usize = 4;
/// … and a further factor where the objective is profiled, since its starts are cheap.
const PROFILED: usize = 2;
/// Further starts are drawn where fewer ends than this are at the best minimum.
const HITS_WANTED: usize = 3;
/// Largest size of a coordinate at which a search resumes after an edge.
const FAR: f64 = 10.0;
const ITERATIONS: usize = 300;
/// Iterations over all coordinates after a search of the profiled objective, which ends near a
/// minimum.
const FINISH: usize = 40;
/// Most successive moves from a stationary point that is no minimum.
const RIDGES: usize = 3;
/// Most unfinished starts that are continued.
const CONTINUED: usize = 2;
/// Number of starts that are optimised first, by default.
pub(super) const STARTS: usize = 8;
/// Number of starts of a surface whose Hessian costs one pass for each coordinate, in a single round.
const COSTLY_STARTS: usize = 4;
/// Most of its minima on a sample that are followed on all rows.
const COSTLY_MINIMA: usize = 2;

/// Most operations of a search before it begins no further start and explores no ridge.
const WORK_MAX: u64 = 50_000_000_000;
/// Operations of any step, regardless of rows and coordinates.
const STEP_WORK: usize = 20_000;

/// All ends, and whether an interrupt stopped the search.
pub(super) struct Search {
    pub ends: Vec<Candidate>,
    pub interrupted: bool,
}

/// Limits for a start, with a floor of J and the interrupt and progress of the options; `steps`
/// counts iterations.
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

/// The objective to search, on all rows, and on a sample where there are many.
pub(super) struct Field<'a> {
    pub full: &'a dyn Surface,
    pub sample: Option<&'a dyn Surface>,
    /// Profiled on the sample where there is one, else on all rows.
    pub profile: Option<&'a Profile<'a>>,
    /// Draws further starts of the profiled objective.
    pub more: &'a dyn Fn() -> Vec<Vec<f64>>,
    pub ends: &'a [Ends],
    pub floor: f64,
    pub options: &'a Options,
    /// Iterations of all starts so far.
    pub steps: &'a Rc<Cell<usize>>,
    /// Number of iterations beyond which no further start begins.
    pub steps_max: usize,
}

/// Most iterations of all starts on a surface, each at the cost of an expansion.
pub(super) fn steps_max(surface: &dyn Surface, profile: Option<&Profile<'_>>) -> usize {
    let work = surface.work() + profile.map_or(0, Profile::solving_work);
    usize::try_from(WORK_MAX / (work + step_work(surface.dimension())) as u64).unwrap_or(usize::MAX)
}

/// Operations of a step apart from those on rows: the eigenvalues of its Hessian and its allocations.
pub(super) fn step_work(parameters: usize) -> usize {
    STEP_WORK + 10 * parameters.pow(3)
}

impl Field<'_> {
    /// Whether the search has used up its work.
    fn is_spent(&self) -> bool {
        self.steps.get() >= self.steps_max
    }

    fn limits(&self, start: usize, planned: usize) -> Limits {
        limits(self.options, self.floor, self.steps, start, planned)
    }
}

/// Follows the starts, in order, in rounds; on a sample first where there are many rows.
pub(super) fn search(field: &Field<'_>, starts: &[Vec<f64>]) -> Search {
    let mut search = descend(field, starts);
    leave_ridges(field, &mut search);
    continue_unfinished(field, &mut search);
    // An end that an interrupt truncated may not carry it.
    search.interrupted |= field.options.is_interrupted();
    search
}

/// Replaces stationary points that are no minima by the lower minima beside them.
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

/// Continues starts that ran out of iterations below the best minimum.
fn continue_unfinished(field: &Field<'_>, search: &mut Search) {
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
        let ends = coarse.ends.into_iter().map(|end| end.in_all_rows(rows, sample)).collect();
        return Search { ends, interrupted: true };
    }
    let minima = group(&coarse.ends);
    if minima.is_empty() {
        let ends: Vec<Vec<f64>> = coarse.ends.iter().map(|end| finite(&end.at)).collect();
        return follow(field, field.full, &ends);
    }
    refine(field, coarse, &minima, sample.rows())
}

/// Follows each minimum of the sample once on all rows; its hits are those on the sample. A minimum
/// that an interrupt leaves unrefined is kept as it is.
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
    search.ends.extend(lost.map(|end| end.in_all_rows(rows, sample)));
    search
}

/// Replaces infinite coordinates, which are at an edge, by large finite ones.
fn finite(at: &[f64]) -> Vec<f64> {
    at.iter().map(|&phi| if phi.is_finite() { phi } else { phi.clamp(-FAR, FAR) }).collect()
}

fn follow(field: &Field<'_>, surface: &dyn Surface, starts: &[Vec<f64>]) -> Search {
    let mut search = Search { ends: Vec::new(), interrupted: false };
    follow_rounds(field, surface, starts, &mut search);
    let seldom = group(&search.ends).first().is_none_or(|best| best.hits < HITS_WANTED);
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
    // Where every start is blank, some parameter never affects the loss.
    for &index in blank.iter().take(round) {
        if search.interrupted || search.ends.iter().any(Candidate::is_proper) {
            break;
        }
        search.take(follow_start(field, surface, &starts[index], index + 1, round));
    }
}

/// Whether the loss of no row depends on some coordinate at a start, as where an exponential
/// underflows: its gradient vanishes there.
fn is_blank(surface: &dyn Surface, start: &[f64]) -> bool {
    match surface.curvature() {
        Curvature::Matrix => surface.slope(start).outer_diagonal.iter().any(|&k| k == 0.0),
        Curvature::Products => false,
    }
}

/// Follows a start to its judged end, first by the profiled objective where there is one.
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

/// The end of the profiled search from a start, in all coordinates.
fn approach(profile: &Profile<'_>, start: &[f64], limits: &Limits) -> Option<Vec<f64>> {
    let part = profile.part(start);
    let at = if part.is_empty() { part } else { minimise(profile, &part, limits)?.at };
    profile.solve(&at).map(|(whole, _)| whole)
}

/// Follows a start to its judged end; `None` where the objective is not finite at the start.
fn follow_one(
    field: &Field<'_>,
    surface: &dyn Surface,
    start: &[f64],
    number: usize,
    planned: usize,
) -> Option<Candidate> {
    finish(field, surface, start, &field.limits(number, planned))
}

/// Follows a start to its judged end within limits; `None` where the objective is not finite there.
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

/// Whether at least two ends, and a third of all, are at the best minimum.
fn agree(ends: &[Candidate]) -> bool {
    let minima = group(ends);
    minima.first().is_some_and(|best| best.hits >= 2 && best.hits * 3 >= ends.len())
}
