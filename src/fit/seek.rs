//! The search of a fit: its starts, the rows on which they are followed, and the solution.

use super::bounds::Ends;
use super::candidates::{Candidate, Verdict, group};
use super::domain::{check_start_domain, first_outside, no_finite_start};
use super::error::Error;
use super::labels;
use super::problem::Problem;
use super::profile::Profile;
use super::progress::Stage;
use super::rank::Ranking;
use super::scan::{Scale, scanned};
use super::search::{Field, STARTS, search, steps_max};
use super::starts::{sample, screened};
use super::surface::Surface;
use super::task::{Solution, Task};
use super::{Method, Outcome};
use crate::objective::Path;

/// Number of random candidates that are examined where no start has a finite objective.
const CANDIDATES_JUDGED: usize = 16;
/// Least number of rows of the sample on which starts are followed first, and rows for each
/// parameter.
const SEARCH_ROWS: usize = 5000;
const SEARCH_ROWS_PER_PARAMETER: usize = 20;

/// Points at which searches begin.
struct Starts {
    starts: Vec<Vec<f64>>,
    /// Whether they are candidates of the profiled objective.
    profiled: bool,
}

impl Task<'_> {
    /// Follows starts to their ends, judges the ends, and returns the best.
    pub fn search(&self) -> Result<Solution, Error> {
        self.options.enter(Stage::Compiling);
        let problem = self.compile(&self.draft)?;
        let sample = self.sample_rows().map(|rows| sample(&self.inner, rows));
        // Only passes over many rows can be interrupted: a pass over few rows leaves a result to report.
        let batch = self.counted(match sample {
            Some(_) => problem.batch_until(&self.options.interrupt),
            None => problem.batch(),
        });
        let coarse = sample.as_ref().map(|columns| self.counted(problem.batch_of(columns)));
        let plan = self.plan();
        let columns = sample.as_ref().unwrap_or(&self.inner);
        let profile = plan.map(|plan| Profile {
            plan,
            model: self.model,
            space: &self.space,
            columns: columns.iter().map(Vec::as_slice).collect(),
            full: coarse.as_ref().unwrap_or(&batch),
        });
        self.options.enter(Stage::Starts);
        let Starts { starts, profiled } = self.starts(profile.as_ref(), &problem)?;
        let tried = self.tried(&starts)?;
        let field = Field {
            full: &batch,
            sample: coarse.as_ref().map(|batch| batch as &dyn Surface),
            profile: profile.as_ref().filter(|_| profiled),
            more: &|| profile.as_ref().map_or_else(Vec::new, |one| self.scanned(one, 1)),
            ends: &self.ends(),
            floor: self.floor(),
            options: self.options,
            steps: &self.steps,
            steps_max: steps_max(coarse.as_ref().unwrap_or(&batch), profile.as_ref()),
        };
        self.options.enter(Stage::Searching);
        let found = search(&field, &starts);
        self.options.enter(Stage::Ranking);
        let interrupted = found.interrupted;
        let rules = match interrupted {
            true => Vec::new(),
            false => {
                labels::rules(self.model, &self.asked.specification, &self.space, &self.held())
            }
        };
        let (mut minima, ranking) = self.minima(&found.ends, &rules, &batch);
        let (mut best, outcome) = verdict(&minima, &found.ends, interrupted)
            .ok_or_else(|| self.no_finite_start(tried))?;
        let path = match coarse.as_ref().filter(|_| interrupted) {
            Some(coarse) => {
                best = best.seen_on(coarse);
                minima.truncate(1);
                minima.iter_mut().for_each(|minimum| *minimum = best.clone());
                coarse.path_at(&best.at)
            }
            None => batch.path_at(&best.at),
        };
        let solved = profiled
            && sample.is_none()
            && profile.is_some_and(|profile| profile.plan.searched().is_empty())
            && best.is_proper()
            && best.edges.is_empty();
        drop((coarse, batch));
        let problem = match sample.filter(|_| interrupted) {
            Some(columns) => problem.with(columns),
            None => problem,
        };
        Ok(Solution {
            at: best.at.clone(),
            quadratic: problem.objective.is_quadratic(),
            constant: false,
            problem,
            best,
            ends: found.ends,
            minima,
            ranking,
            rules,
            method: method(path, solved),
            path,
            outcome,
        })
    }

    /// The given start values, then candidates, best first: those of the profiled objective if it is
    /// finite at any.
    fn starts(&self, profile: Option<&Profile<'_>>, problem: &Problem) -> Result<Starts, Error> {
        let mut starts = Vec::new();
        if !self.given.is_empty() {
            starts.push(self.space.part(&self.recipe().given(0, &self.given)?));
        }
        let scanned = profile.map(|profile| self.scanned(profile, 0)).unwrap_or_default();
        let profiled = !scanned.is_empty();
        let candidates =
            if profiled { scanned } else { screened(&self.recipe(), problem, self.options) };
        starts.extend(candidates);
        Ok(Starts { starts, profiled })
    }

    /// Raw parameters of the starts that are followed first; an error where log p is defined at none
    /// of them.
    fn tried(&self, starts: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, Error> {
        let first = starts.iter().take(self.options.starts.unwrap_or(STARTS));
        let tried: Vec<Vec<f64>> = first.map(|at| self.frame.raw(&self.theta(at))).collect();
        if !self.options.is_interrupted() {
            check_start_domain(self.model, &self.columns, &tried, self.options.threads)?;
        }
        Ok(tried)
    }

    /// The proper minima, best first, with conventional labels.
    fn minima(
        &self,
        ends: &[Candidate],
        rules: &[labels::Rule],
        surface: &dyn Surface,
    ) -> (Vec<Candidate>, Ranking) {
        let minima = group(ends);
        if self.options.is_interrupted() {
            return (minima, Ranking::by_smic());
        }
        let mut minima = self.defined(minima);
        let ranking = self.judge().rank(
            &mut minima,
            |m| self.theta(&m.at),
            |m| self.judge().relaxed(&m.at, &self.vague(m, rules), |at| self.theta(at)),
            Some(surface),
        );
        minima.iter_mut().for_each(|minimum| self.relabel(minimum, rules, surface));
        (minima, ranking)
    }

    /// The minima at which log p as written is finite in every row, or all minima if there is none.
    fn defined(&self, minima: Vec<Candidate>) -> Vec<Candidate> {
        if minima.len() < 2 {
            return minima;
        }
        let exists = |minimum: &Candidate| {
            let theta = self.frame.raw(&self.theta(&minimum.at));
            let outside = first_outside(self.model, &self.columns, &theta, self.options.threads);
            !minimum.edges.is_empty() || outside.is_none()
        };
        let (inside, outside): (Vec<_>, Vec<_>) = minima.into_iter().partition(exists);
        if inside.is_empty() { outside } else { inside }
    }

    /// Coordinates of mixture weights that the score does not determine at a minimum: they are
    /// unseen, or have a standard error above one.
    fn vague(&self, minimum: &Candidate, rules: &[labels::Rule]) -> Vec<usize> {
        let path = &minimum.path;
        let kept = self.kept(minimum);
        let Some(found) = minimum.identified() else { return Vec::new() };
        let variance = found.sandwich(&path.expansion.outer) / self.observations() as f64;
        let parameters = 0..self.fixed.len();
        let weights: Vec<usize> =
            parameters.filter(|&j| labels::is_weight(self.model, rules, j)).collect();
        let active = self.space.active();
        let is_weight = |k: usize| weights.iter().any(|&j| self.space.depends(j, active[k]));
        let open =
            |i: usize| found.unseen.contains(&i) || (variance[(i, i)] > 1.0 && is_weight(kept[i]));
        (0..kept.len()).filter(|&i| open(i)).map(|i| kept[i]).collect()
    }

    /// The meaning of the ends of the moving coordinates for these data.
    pub fn ends(&self) -> Vec<Ends> {
        let mut ends = self.space.ends();
        if self.asked.specification.is_binary() {
            ends.iter_mut().filter(|end| **end == Ends::Open).for_each(|end| *end = Ends::Endless);
        }
        ends
    }

    fn scanned(&self, profile: &Profile<'_>, wave: usize) -> Vec<Vec<f64>> {
        let ends = self.space.ends();
        let searched = profile.plan.searched().iter();
        let turns = |k: usize| self.angles.contains(&self.space.active()[k]);
        let natural = |k: usize| {
            let place = self.space.active()[k];
            self.ranges.iter().find(|(other, _)| *other == place).map(|&(_, range)| range)
        };
        let scale = |k: usize| match ends[k] {
            Ends::Open if turns(k) => Scale::Turn,
            Ends::Open | Ends::Endless => natural(k).map_or(Scale::Line, Scale::Natural),
            Ends::Bounded | Ends::Interval => Scale::Logarithm,
        };
        let scales: Vec<Scale> = searched.map(|&k| scale(k)).collect();
        scanned(&self.recipe(), profile, &scales, wave, self.options)
    }

    /// The reason why no start has a finite objective, from the starts and the first candidates.
    fn no_finite_start(&self, mut tried: Vec<Vec<f64>>) -> Error {
        let recipe = self.recipe();
        let candidate = |index| self.space.part(&recipe.draw(index));
        tried.extend((1..=CANDIDATES_JUDGED).map(|k| self.frame.raw(&self.theta(&candidate(k)))));
        let specification = &self.asked.specification;
        no_finite_start(specification, self.model, &self.columns, &tried, self.options.threads)
    }

    /// Number of rows of the sample on which starts are followed first; `None` where a sample saves
    /// no work.
    fn sample_rows(&self) -> Option<usize> {
        let rows = SEARCH_ROWS.max(SEARCH_ROWS_PER_PARAMETER * self.space.active().len());
        (self.columns[0].len() >= 3 * rows).then_some(rows)
    }

    /// Moves a minimum to its conventional labels; a minimum at an edge stays.
    fn relabel(&self, minimum: &mut Candidate, rules: &[labels::Rule], surface: &dyn Surface) {
        let theta = self.theta(&minimum.at);
        let renamed = labels::apply(rules, &self.symmetries, &self.frame, &theta);
        if renamed == theta || !minimum.edges.is_empty() {
            return;
        }
        let Some(all) = self.renamed(&minimum.at, &theta, renamed, rules) else { return };
        let at = self.space.part(&all);
        let expansion = surface.expand(&at);
        minimum.restate(at, expansion);
    }

    /// All coordinates of `renamed`. The coordinate of a reflected share w changes sign instead of
    /// being computed from 1 - w, which is 1 where w is below rounding.
    fn renamed(
        &self,
        at: &[f64],
        theta: &[f64],
        mut renamed: Vec<f64>,
        rules: &[labels::Rule],
    ) -> Option<Vec<f64>> {
        let reflected = labels::reflected(rules, theta, &renamed);
        reflected.iter().for_each(|&(j, middle)| renamed[j] = middle);
        let (mut all, before) = (self.space.to_free(self.model, &renamed)?, self.space.whole(at));
        let active = self.space.active();
        let only = reflected.iter().filter_map(|&(j, _)| Some(active[self.space.only(j)?]));
        only.for_each(|k| all[k] = -before[k]);
        Some(all)
    }
}

fn method(path: Path, solved: bool) -> Method {
    match path {
        Path::Rows | Path::Moments | Path::Auto if solved => Method::ClosedForm,
        Path::Moments => Method::Moments,
        Path::Rows | Path::Auto => Method::Newton,
    }
}

/// The end to report, and the outcome of the search.
fn verdict(
    minima: &[Candidate],
    ends: &[Candidate],
    interrupted: bool,
) -> Option<(Candidate, Outcome)> {
    let lowest = |keep: &dyn Fn(&Candidate) -> bool| {
        let kept = ends.iter().filter(|end| keep(end) && end.value().is_finite());
        kept.min_by(|a, b| a.value().total_cmp(&b.value())).cloned()
    };
    let unfinished = lowest(&|end| end.verdict == Verdict::Unfinished);
    let ended = |outcome| if interrupted { Outcome::Interrupted } else { outcome };
    if let Some(best) = minima.first() {
        return Some((best.clone(), ended(Outcome::Converged)));
    }
    if let Some(best) = unfinished {
        return Some((best, ended(Outcome::NotConverged)));
    }
    lowest(&|_| true).map(|best| (best, ended(Outcome::Unbounded)))
}
