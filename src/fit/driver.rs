//! The pipeline of a fit on one page: check, standardise, solve or search, judge, report.

use std::cell::Cell;

use nalgebra::DMatrix;

use crate::data::Selection;
use crate::model::{Constraint, Model};
use crate::objective::{Batch, Expansion, Path};

use super::bounds::{Ends, kept};
use super::candidates::{Candidate, Verdict, group};
use super::closed_form;
use super::counted::Counted;
use super::domain::{
    check_domain, check_start_domain, check_supports, columns_of, no_finite_start,
};
use super::error::Error;
use super::estimate::{Report, estimate};
use super::identified::Identified;
use super::labels;
use super::options::{Options, Standardise};
use super::problem::{Draft, Parameters, Problem};
use super::profile::{Plan, Profile};
use super::rank::{Judge, Ranking};
use super::scan::{Scale, scanned};
use super::search::{Field, limits, search};
use super::space::{Space, admits, stands_alone};
use super::standardise::{Frame, Spread};
use super::starts::{Recipe, sample, screened};
use super::surface::Surface;
use super::symmetry::{Subject, Symmetries, find};
use super::white::White;
use super::{Estimate, Method, Outcome};

/// A value this far below the scale of the data's own objective, 1/variance, has no bottom.
const BOTTOM: f64 = 1e30;

/// Candidates at which it is asked why none has a finite objective.
const CANDIDATES_JUDGED: usize = 16;

/// Rows on which starts are followed first, at least, and for each parameter.
const SEARCH_ROWS: usize = 5000;
const SEARCH_ROWS_PER_PARAMETER: usize = 20;

/// Fits a model to the selected columns: those of its data, then those of its covariates, found by
/// name, or in order where a component has no column of its own.
///
/// # Errors
/// When the data or the options do not suit the model. A fit that does not converge is an
/// [`Estimate`] that says so.
pub fn fit(model: &Model, data: &Selection, options: &Options) -> Result<Estimate, Error> {
    let columns = columns_of(model, data)?;
    check_supports(model, &columns)?;
    let nothing = |unidentified| Error::NothingToEstimate { unidentified };
    if options.fix.len() == model.parameters().len() {
        return Err(nothing(Vec::new()));
    }
    let task = Task::new(model, columns, options)?;
    if task.space.active().is_empty() {
        let name = |&j: &usize| model.parameters()[j].name.clone();
        return Err(nothing(task.unidentified().iter().map(name).collect()));
    }
    let solution = match task.closed_form() {
        Some(solution) => solution,
        None => task.search()?,
    };
    if solution.outcome == Outcome::Converged && solution.best.edges.is_empty() {
        let theta = task.frame.raw(&task.theta(&solution.best.at));
        check_domain(model, &task.columns, &theta, options.threads)?;
    }
    Ok(estimate(&Report { task: &task, solution: &solution, original_rows: data.original_rows() }))
}

/// A model, its data, and the coordinates in which they are fitted.
pub(super) struct Task<'a> {
    pub model: &'a Model,
    pub options: &'a Options,
    /// Raw.
    pub columns: Vec<&'a [f64]>,
    pub spreads: Vec<Spread>,
    inner_spreads: Vec<Spread>,
    pub symmetries: Symmetries,
    pub frame: Frame,
    /// Held parameters, inner.
    pub fixed: Vec<Option<f64>>,
    pub space: Space,
    /// In inner coordinates.
    pub inner: Vec<Vec<f64>>,
    variances: Vec<f64>,
    draft: Draft,
    /// Start values of the text and of the options, raw.
    given: Vec<(usize, f64)>,
    /// Coordinates, of all, that are angles.
    angles: Vec<usize>,
    /// How often J was evaluated so far.
    pub evaluations: Cell<usize>,
}

/// What was found.
pub(super) struct Solution {
    pub problem: Problem,
    /// The point in the inputs of the problem.
    pub at: Vec<f64>,
    pub best: Candidate,
    pub ends: Vec<Candidate>,
    pub minima: Vec<Candidate>,
    pub ranking: Ranking,
    pub rules: Vec<labels::Rule>,
    pub method: Method,
    pub path: Path,
    pub outcome: Outcome,
    pub quadratic: bool,
    /// What could be solved for.
    pub plan: Option<Plan>,
}

impl<'a> Task<'a> {
    fn new(model: &'a Model, columns: Vec<&'a [f64]>, options: &'a Options) -> Result<Self, Error> {
        let spreads: Vec<Spread> = columns.iter().map(|column| Spread::of(column)).collect();
        let held: Vec<bool> = (0..model.parameters().len())
            .map(|j| options.fix.iter().any(|&(other, _)| other == j))
            .collect();
        let symmetries = symmetries(model).without(&held);
        let robust: Vec<Spread> = columns.iter().map(|column| Spread::robust(column)).collect();
        let frame = Frame::new(&symmetries, &robust, model.parameters().len());
        let fixed = fixed(model, &frame, options)?;
        let inner: Vec<Vec<f64>> =
            columns.iter().enumerate().map(|(k, column)| frame.column(k, column)).collect();
        let inner_spreads: Vec<Spread> =
            inner.iter().map(|column| Spread::robust(column)).collect();
        let white = White::new(model, &inner, &inner_spreads);
        let mut space = Space::unconstrained(model, &fixed, white);
        let variances: Vec<f64> = (0..model.data().len())
            .map(|k| match options.standardise {
                Standardise::No => 1.0,
                Standardise::Yes => spreads[k].scale().powi(2),
            })
            .collect();
        let draft = Draft::new(model, &frame, &fixed, &Parameters::Free(&space), &variances);
        let absent: Vec<usize> = draft.absent().iter().map(|&k| space.active()[k]).collect();
        space.forget(&absent);
        let angles = labels::angles(model, &space, &held);
        let angles: Vec<usize> = angles.into_iter().filter_map(|j| space.own(j)).collect();
        let given = given(model, options);
        let mut task = Self {
            model,
            options,
            columns,
            spreads,
            inner_spreads,
            symmetries,
            frame,
            fixed,
            space,
            inner,
            variances,
            draft,
            given,
            angles,
            evaluations: Cell::new(0),
        };
        if !task.given.is_empty() {
            let all = task.recipe().given(0, &task.given)?;
            task.space.rest_at(&all);
        }
        Ok(task)
    }

    fn judge(&self) -> Judge<'_> {
        Judge {
            model: self.model,
            frame: &self.frame,
            columns: &self.inner,
            threads: self.options.threads,
        }
    }

    fn recipe(&self) -> Recipe<'_> {
        Recipe {
            model: self.model,
            space: &self.space,
            frame: &self.frame,
            symmetries: &self.symmetries,
            columns: &self.inner,
            spreads: &self.inner_spreads,
            fixed: &self.fixed,
            angles: &self.angles,
            seed: self.options.seed,
        }
    }

    /// Inner parameters from moving coordinates.
    pub fn theta(&self, at: &[f64]) -> Vec<f64> {
        self.space.theta(at)
    }

    fn floor(&self) -> f64 {
        let scale = |k: usize| self.inner_spreads[k].scale().powi(-2);
        -BOTTOM * (0..self.model.data().len()).map(scale).sum::<f64>()
    }

    fn compile(&self, draft: &Draft) -> Result<Problem, Error> {
        let problem = draft.compile(self.inner.clone(), self.options.threads);
        problem.by(self.options.path).map_err(Error::NoMoments)
    }

    fn counted<'b>(&'b self, batch: Batch<'b>) -> Counted<'b> {
        Counted::new(batch, &self.evaluations)
    }

    /// One linear solve where the loss is quadratic in the parameters and its minimum lies strictly
    /// inside their constraints.
    fn closed_form(&self) -> Option<Solution> {
        let plain =
            Draft::new(self.model, &self.frame, &self.fixed, &Parameters::Plain, &self.variances);
        let problem = self.compile(&plain).ok()?;
        if !problem.objective.is_quadratic() || problem.objective.parameters() == 0 {
            return None;
        }
        let batch = self.counted(problem.batch());
        let limits = limits(self.options, self.floor(), 1, 1);
        let mut found = closed_form::solve(&batch, &limits)?;
        let at = found.at.clone();
        let path = batch.path_at(&at);
        let all = self.space.to_free(self.model, &self.inner_theta(&plain, &at))?;
        found.at = self.space.part(&all);
        found.path.expansion = self.in_free_coordinates(&found.path.expansion, &plain, &found.at);
        drop(batch);
        let mut minima = vec![found];
        let ranking = self.judge().rank(&mut minima, |m| self.theta(&m.at), |_| None, None);
        let found = minima[0].clone();
        Some(Solution {
            problem,
            at,
            minima,
            ranking,
            ends: vec![found.clone()],
            best: found,
            rules: Vec::new(),
            method: Method::ClosedForm,
            path,
            outcome: Outcome::Converged,
            quadratic: true,
            plan: self.plan(),
        })
    }

    /// Positions of the parameters that are inputs of the plain problem.
    fn plain_parameters(&self, plain: &Draft) -> Vec<usize> {
        let loose: Vec<usize> =
            (0..self.fixed.len()).filter(|&j| self.fixed[j].is_none()).collect();
        let absent = plain.absent();
        (0..loose.len()).filter(|k| !absent.contains(k)).map(|k| loose[k]).collect()
    }

    /// All parameters from those of the plain problem.
    fn inner_theta(&self, plain: &Draft, at: &[f64]) -> Vec<f64> {
        let rest =
            self.space.theta_of_all(&self.space.whole(&vec![0.0; self.space.active().len()]));
        let mut theta: Vec<f64> =
            rest.iter().zip(&self.fixed).map(|(&rest, fixed)| fixed.unwrap_or(rest)).collect();
        self.plain_parameters(plain).iter().zip(at).for_each(|(&j, &value)| theta[j] = value);
        theta
    }

    /// The chain rule at a stationary point: A and K are carried over by the Jacobian.
    fn in_free_coordinates(&self, plain: &Expansion, draft: &Draft, at: &[f64]) -> Expansion {
        let jacobian: DMatrix<f64> =
            self.space.jacobian(at).select_rows(&self.plain_parameters(draft));
        Expansion {
            value: plain.value,
            magnitude: plain.magnitude,
            gradient: jacobian.transpose() * &plain.gradient,
            hessian: jacobian.transpose() * &plain.hessian * &jacobian,
            outer: jacobian.transpose() * &plain.outer * &jacobian,
        }
    }

    fn search(&self) -> Result<Solution, Error> {
        let problem = self.compile(&self.draft)?;
        let batch = self.counted(problem.batch());
        let sample = self.sample_rows().map(|rows| sample(&self.inner, rows));
        let coarse = sample.as_ref().map(|columns| self.counted(problem.batch_of(columns)));
        let plan = self.plan();
        let columns = sample.as_ref().unwrap_or(&self.inner);
        let followed: &dyn Surface = coarse.as_ref().unwrap_or(&batch);
        let profile = plan.as_ref().map(|plan| Profile {
            plan,
            model: self.model,
            space: &self.space,
            columns: columns.iter().map(Vec::as_slice).collect(),
            full: followed,
        });
        let mut starts = Vec::new();
        if !self.given.is_empty() {
            starts.push(self.space.part(&self.recipe().given(0, &self.given)?));
        }
        let scanned = profile.as_ref().map(|profile| self.scanned(profile)).unwrap_or_default();
        let profile = profile.as_ref().filter(|_| !scanned.is_empty());
        starts.extend(match profile {
            Some(_) => scanned,
            None => screened(&self.recipe(), &problem),
        });
        let tried: Vec<Vec<f64>> = starts
            .iter()
            .take(self.options.starts.max(1))
            .map(|at| self.frame.raw(&self.theta(at)))
            .collect();
        check_start_domain(self.model, &self.columns, &tried, self.options.threads)?;
        let field = Field {
            full: &batch,
            sample: coarse.as_ref().map(|batch| batch as &dyn Surface),
            profile,
            ends: &self.space.ends(),
            floor: self.floor(),
            options: self.options,
        };
        let found = search(&field, &starts);
        let rules = labels::rules(self.model, &self.space, &self.held());
        let mut minima = group(&found.ends);
        let ranking = self.judge().rank(
            &mut minima,
            |m| self.theta(&m.at),
            |m| self.judge().relaxed(&m.at, &self.vague(m, &rules), |at| self.theta(at)),
            Some(&batch),
        );
        let (mut best, outcome) = verdict(&minima, &found.ends, found.interrupted)
            .ok_or_else(|| self.no_finite_start(tried))?;
        minima.iter_mut().for_each(|minimum| self.relabel(minimum, &rules, &batch));
        match minima.first() {
            Some(first) if best.is_proper() => best = first.clone(),
            Some(_) | None => {}
        }
        let path = batch.path_at(&best.at);
        let solved = sample.is_none()
            && profile.is_some_and(|profile| profile.plan.searched().is_empty())
            && best.is_proper()
            && best.edges.is_empty();
        drop((coarse, batch));
        Ok(Solution {
            at: best.at.clone(),
            quadratic: problem.objective.is_quadratic(),
            plan,
            problem,
            best,
            ends: found.ends,
            minima,
            ranking,
            rules,
            method: match path {
                Path::Rows | Path::Moments | Path::Auto if solved => Method::ClosedForm,
                Path::Moments => Method::Moments,
                Path::Rows | Path::Auto => Method::Newton,
            },
            path,
            outcome,
        })
    }

    /// Coordinates of weights that a minimum leaves open: no row answers to them, or their error
    /// exceeds one.
    fn vague(&self, minimum: &Candidate, rules: &[labels::Rule]) -> Vec<usize> {
        let path = &minimum.path;
        let kept = self.kept(minimum);
        let Some(found) = Identified::new(&path.at, &path.expansion) else { return Vec::new() };
        let variance = found.sandwich(&path.expansion.outer) / self.columns[0].len() as f64;
        let parameters = 0..self.fixed.len();
        let weights: Vec<usize> =
            parameters.filter(|&j| labels::is_weight(self.model, rules, j)).collect();
        let active = self.space.active();
        let is_weight = |k: usize| weights.iter().any(|&j| self.space.depends(j, active[k]));
        let open =
            |i: usize| found.unseen.contains(&i) || (variance[(i, i)] > 1.0 && is_weight(kept[i]));
        (0..kept.len()).filter(|&i| open(i)).map(|i| kept[i]).collect()
    }

    /// What need not be searched, where second derivatives come as matrices.
    fn plan(&self) -> Option<Plan> {
        let plain =
            Draft::new(self.model, &self.frame, &self.fixed, &Parameters::Plain, &self.variances);
        Plan::new(self.model, &self.fixed, &self.space, &plain.family())
    }

    fn scanned(&self, profile: &Profile<'_>) -> Vec<Vec<f64>> {
        let ends = self.space.ends();
        let searched = profile.plan.searched().iter();
        let turns = |k: usize| self.angles.contains(&self.space.active()[k]);
        let scale = |k: usize| match ends[k] {
            Ends::Open if turns(k) => Scale::Turn,
            Ends::Open => Scale::Line,
            Ends::Bounded | Ends::Interval => Scale::Logarithm,
        };
        let scales: Vec<Scale> = searched.map(|&k| scale(k)).collect();
        scanned(&self.recipe(), profile, &scales)
    }

    /// Why there is nowhere to begin, judged at the starts and at the first candidates.
    fn no_finite_start(&self, mut tried: Vec<Vec<f64>>) -> Error {
        let recipe = self.recipe();
        let candidate = |index| self.space.part(&recipe.draw(index));
        tried.extend((1..=CANDIDATES_JUDGED).map(|k| self.frame.raw(&self.theta(&candidate(k)))));
        no_finite_start(self.model, &self.columns, &tried, self.options.threads)
    }

    /// Rows of the sample that starts are followed on first, where that saves work.
    fn sample_rows(&self) -> Option<usize> {
        let rows = SEARCH_ROWS.max(SEARCH_ROWS_PER_PARAMETER * self.space.active().len());
        (self.columns[0].len() >= 3 * rows).then_some(rows)
    }

    /// Parameters that the user holds or the loss does not contain.
    pub fn held(&self) -> Vec<bool> {
        let unidentified = self.unidentified();
        let held = self.fixed.iter().enumerate();
        held.map(|(j, fixed)| fixed.is_some() || unidentified.contains(&j)).collect()
    }

    /// Parameters that depend on no moving coordinate.
    pub fn unidentified(&self) -> Vec<usize> {
        let moves = |j: usize| self.space.active().iter().any(|&all| self.space.depends(j, all));
        (0..self.fixed.len()).filter(|&j| self.fixed[j].is_none() && !moves(j)).collect()
    }

    /// Moves a minimum to its conventional labels; one at an edge stays where it is.
    fn relabel(&self, minimum: &mut Candidate, rules: &[labels::Rule], surface: &dyn Surface) {
        let theta = self.theta(&minimum.at);
        let renamed = labels::apply(rules, &self.symmetries, &theta);
        if renamed == theta || !minimum.edges.is_empty() {
            return;
        }
        let Some(all) = self.renamed(&minimum.at, &theta, renamed, rules) else { return };
        minimum.at = self.space.part(&all);
        minimum.path.at = minimum.at.clone();
        minimum.path.expansion = surface.expand(&minimum.at);
    }

    /// All coordinates of `renamed`. A share that was reflected has its coordinate with the other
    /// sign: 1 - w would be 1 where w is below rounding.
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
        let own = reflected.iter().filter_map(|&(j, _)| self.space.own(j));
        own.for_each(|k| all[k] = -before[k]);
        Some(all)
    }

    /// Coordinates that no edge holds.
    pub fn kept(&self, candidate: &Candidate) -> Vec<usize> {
        kept(self.space.active().len(), &candidate.edges)
    }
}

/// The end to report and how the search ended.
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

fn symmetries(model: &Model) -> Symmetries {
    let inputs = |components: &[crate::model::Component]| {
        components.iter().map(|component| component.input).collect::<Vec<_>>()
    };
    let (data, covariates) = (inputs(model.data()), inputs(model.covariates()));
    let parameters: Vec<_> = model.parameters().iter().map(|parameter| parameter.input).collect();
    let line: Vec<bool> = model
        .data()
        .iter()
        .map(|component| component.support == crate::model::Support::Line)
        .collect();
    let space = Space::unconstrained(model, &vec![None; parameters.len()], White::default());
    let free: Vec<bool> = model
        .parameters()
        .iter()
        .map(|parameter| model.blocks()[parameter.block].constraint == Constraint::Free)
        .collect();
    let subject = Subject {
        graph: model.graph(),
        log_density: model.log_density(),
        data: &data,
        covariates: &covariates,
        parameters: &parameters,
    };
    find(
        &subject,
        &line,
        &free,
        |stream| {
            let all: Vec<f64> = (0..space.all()).map(|_| stream.normal()).collect();
            space.theta_of_all(&all)
        },
        |powers, rates| admits(model, powers, rates),
    )
}

/// Held parameters in inner coordinates.
fn fixed(model: &Model, frame: &Frame, options: &Options) -> Result<Vec<Option<f64>>, Error> {
    let mut fixed = vec![None; model.parameters().len()];
    for &(j, value) in &options.fix {
        let parameter = &model.parameters()[j];
        let constraint = model.blocks()[parameter.block].constraint;
        let name = || parameter.name.clone();
        if !stands_alone(constraint) {
            return Err(Error::CannotFix { parameter: name() });
        }
        if !is_inside(constraint, value) {
            return Err(Error::OutsideConstraint { parameter: name(), value });
        }
        fixed[j] = Some(frame.inner_one(j, value));
    }
    Ok(fixed)
}

fn is_inside(constraint: Constraint, value: f64) -> bool {
    let (low, high) = constraint.bounds();
    value.is_finite() && low < value && value < high
}

/// Start values: those of the options before those of the text.
fn given(model: &Model, options: &Options) -> Vec<(usize, f64)> {
    let said = |j: usize| options.start.iter().find(|&&(other, _)| other == j).map(|&(_, v)| v);
    let held = |j: usize| options.fix.iter().any(|&(other, _)| other == j);
    (0..model.parameters().len())
        .filter(|&j| !held(j))
        .filter_map(|j| Some((j, said(j).or(model.parameters()[j].init)?)))
        .collect()
}
