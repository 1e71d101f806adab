//! The task of a fit: a model, its data, and the coordinates in which they are fitted.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use std::sync::Arc;

use nalgebra::DMatrix;

use crate::model::{Constraint, Model, Support};
use crate::objective::{Batch, Expansion, Path, Specification, Weighing};

use super::bounds::kept;
use super::candidates::Candidate;
use super::closed_form;
use super::counted::Counted;
use super::error::Error;
use super::hidden::hidden;
use super::labels;
use super::options::{Options, Standardise};
use super::problem::{Asked, Draft, Parameters, Problem};
use super::profile::Plan;
use super::ranges::{NaturalRange, natural};
use super::rank::{Judge, Ranking};
use super::search::limits;
use super::space::{Space, admits, stands_alone};
use super::standardise::{Frame, Spread};
use super::starts::{Recipe, level_rows, sample};
use super::symmetry::{Moves, Subject, Symmetries, find};
use super::verdicts::is_constant;
use super::white::White;
use super::{Method, Outcome};

/// Ratio of -J to the scale of the objective, 1/variance, beyond which J counts as unbounded.
const UNBOUNDED: f64 = 1e30;

/// Most noised rows on which minima are compared.
const NOISED_ROWS: usize = 10_000;

/// A model, its data, and the coordinates in which they are fitted.
pub(super) struct Task<'a> {
    pub model: &'a Model,
    pub options: &'a Options,
    /// Columns in raw units.
    pub columns: Vec<&'a [f64]>,
    pub spreads: Vec<Spread>,
    inner_spreads: Vec<Spread>,
    pub symmetries: Symmetries,
    pub frame: Frame,
    /// Held parameters by position, with the raw values of the user.
    pub fix: Vec<(usize, f64)>,
    /// Inner values of the held parameters; `None` for the others.
    pub fixed: Vec<Option<f64>>,
    pub space: Space,
    /// Columns of the model in inner coordinates, then those that the objective adds.
    pub inner: Arc<Vec<Vec<f64>>>,
    pub asked: Asked,
    pub draft: Draft,
    /// The loss over the parameters themselves, when it has been requested.
    plain: OnceCell<Draft>,
    plan: OnceCell<Option<Plan>>,
    noised: OnceCell<Option<Noised>>,
    /// Start values of the model text and of the options, raw.
    pub given: Vec<(usize, f64)>,
    /// Positions of angles among all coordinates.
    pub angles: Vec<usize>,
    /// Positions among all coordinates of those that start in a natural range.
    pub ranges: Vec<(usize, NaturalRange)>,
    /// By parameter, the rows of its level.
    level_rows: Vec<Option<Vec<usize>>>,
    /// Number of evaluations of J so far.
    pub evaluations: Cell<usize>,
    /// Iterations of all starts so far.
    pub steps: Rc<Cell<usize>>,
}

/// Columns of the model in inner coordinates with noise added to those of data, and the weights of
/// their rows; at most [`NOISED_ROWS`] rows.
pub(super) struct Noised {
    columns: Vec<Vec<f64>>,
    counts: Option<Vec<f64>>,
}

/// The result of a fit, in coordinates of the optimiser.
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
    /// Whether the score vanishes in all rows, so that no density has a lower J than a constant one.
    pub constant: bool,
}

impl<'a> Task<'a> {
    pub fn new(
        model: &'a Model,
        specification: Specification,
        columns: Vec<&'a [f64]>,
        options: &'a Options,
    ) -> Result<Self, Error> {
        let counts = specification.row_counts();
        let spreads: Vec<Spread> =
            columns.iter().map(|column| Spread::counted(column, counts)).collect();
        let fix = options.held(model)?;
        let held: Vec<bool> = (0..model.parameters().len())
            .map(|j| fix.iter().any(|&(other, _)| other == j))
            .collect();
        let symmetries = symmetries(model, &specification).without(&held);
        let robust: Vec<Spread> = columns.iter().map(|column| Spread::robust(column)).collect();
        let frame = Frame::new(&symmetries, &robust, model.parameters().len());
        let fixed = fixed(model, &frame, &fix)?;
        let mut inner: Vec<Vec<f64>> =
            columns.iter().enumerate().map(|(k, column)| frame.column(k, column)).collect();
        let inner_spreads: Vec<Spread> =
            inner.iter().map(|column| Spread::robust(column)).collect();
        let white = White::new(model, &inner, &inner_spreads);
        inner.extend(specification.added_columns().map(<[f64]>::to_vec));
        let mut space = Space::unconstrained(model, &fixed, white);
        let variances: Vec<f64> = (0..model.data().len())
            .map(|k| match options.standardise {
                // Binary entries have a common unit.
                Standardise::Yes if specification.is_binary() => 1.0,
                Standardise::No => 1.0,
                Standardise::Yes => spreads[k].scale().powi(2),
            })
            .collect();
        let asked = Asked { specification, variances, hidden: hidden(model, &held) };
        let draft = Draft::new(model, &frame, &fixed, &Parameters::Free(&space), &asked);
        let absent: Vec<usize> = draft.absent().iter().map(|&k| space.active()[k]).collect();
        space.forget(&absent);
        let angles = labels::angles(model, &asked.specification, &space, &held);
        let angles: Vec<usize> = angles.into_iter().filter_map(|j| space.own(j)).collect();
        let given = given(model, &held, &options.start_values(model)?);
        let level_rows = level_rows(model, &inner[..columns.len()]);
        let mut task = Self {
            model,
            options,
            columns,
            spreads,
            inner_spreads,
            symmetries,
            frame,
            fix,
            fixed,
            space,
            inner: Arc::new(inner),
            asked,
            draft,
            plain: OnceCell::new(),
            plan: OnceCell::new(),
            noised: OnceCell::new(),
            given,
            angles,
            ranges: Vec::new(),
            level_rows,
            evaluations: Cell::new(0),
            steps: Rc::default(),
        };
        task.ranges = natural(&task.recipe(), &task.columns, options.threads);
        if !task.given.is_empty() {
            let all = task.recipe().given(0, &task.given)?;
            task.space.rest_at(&all);
        }
        Ok(task)
    }

    /// Marks a solution with constant log p, which counts as not converged.
    pub fn doubt(&self, solution: &mut Solution) {
        let theta = self.theta(&solution.best.at);
        solution.constant =
            is_constant(self.model, self.model_columns(), &theta, self.options.threads);
        if solution.constant {
            solution.outcome = Outcome::NotConverged;
        }
    }

    /// Columns of data and covariates in inner coordinates.
    pub fn model_columns(&self) -> &[Vec<f64>] {
        &self.inner[..self.columns.len()]
    }

    /// A sample of noised rows, where the density is that of noised data.
    fn noised_columns(&self) -> Option<Noised> {
        let data = self.model.data().len();
        let rows = sample(&self.inner, NOISED_ROWS.min(self.inner[0].len()));
        let program = self.draft.noised(&self.asked.specification)?;
        let slices: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
        let mut columns = program.rows(&slices, &[], self.options.threads);
        columns.extend(rows[data..self.columns.len()].iter().cloned());
        let counts = self.asked.specification.row_counts().map(|_| {
            let own = &rows[self.columns.len()];
            let mean = own.iter().sum::<f64>() / own.len() as f64;
            own.iter().map(|count| count / mean).collect()
        });
        Some(Noised { columns, counts })
    }

    /// The weights of the rows; `None` where all are one.
    pub fn weighing(&self) -> Option<&Weighing> {
        self.asked.specification.weighing()
    }

    /// The n of standard errors.
    pub fn observations(&self) -> usize {
        self.weighing().map_or(self.columns[0].len(), Weighing::observations)
    }

    pub fn judge(&self) -> Judge<'_> {
        let (columns, counts) = match self.noised.get_or_init(|| self.noised_columns()) {
            Some(noised) => (noised.columns.as_slice(), noised.counts.as_deref()),
            None => (self.model_columns(), self.asked.specification.row_counts()),
        };
        Judge {
            model: self.model,
            specification: &self.asked.specification,
            frame: &self.frame,
            columns,
            counts,
            threads: self.options.threads,
        }
    }

    pub fn recipe(&self) -> Recipe<'_> {
        Recipe {
            model: self.model,
            space: &self.space,
            frame: &self.frame,
            symmetries: &self.symmetries,
            columns: self.model_columns(),
            spreads: &self.inner_spreads,
            fixed: &self.fixed,
            angles: &self.angles,
            ranges: &self.ranges,
            level_rows: &self.level_rows,
            seed: self.options.seed,
        }
    }

    /// Inner parameters from moving coordinates.
    pub fn theta(&self, at: &[f64]) -> Vec<f64> {
        self.space.theta(at)
    }

    pub fn floor(&self) -> f64 {
        let scale = |k: usize| self.inner_spreads[k].scale().powi(-2);
        -UNBOUNDED * (0..self.model.data().len()).map(scale).sum::<f64>()
    }

    pub fn compile(&self, draft: &Draft) -> Result<Problem, Error> {
        let problem = draft.compile(Arc::clone(&self.inner), self.options.threads);
        problem.by(self.options.path).map_err(Error::NoMoments)
    }

    pub fn counted<'b>(&'b self, batch: Batch<'b>) -> Counted<'b> {
        Counted::new(batch, &self.evaluations)
    }

    /// One linear solve where the loss is quadratic in the parameters, or in the inverses of some, and its
    /// minimum lies strictly inside their constraints.
    pub fn closed_form(&self) -> Option<Solution> {
        let plain = self.plain();
        let problem = self.compile(plain).ok()?;
        if !problem.objective.is_quadratic() || problem.objective.parameters() == 0 {
            return None;
        }
        let batch = self.counted(problem.batch());
        let limits = limits(self.options, self.floor(), &self.steps, 1, 1);
        let mut found = closed_form::solve(&batch, &limits)?;
        let at = found.at.clone();
        let path = batch.path_at(&at);
        let all = self.space.to_free(self.model, &self.inner_theta(plain, &at)?)?;
        let free = self.space.part(&all);
        let expansion = self.in_free_coordinates(&found.path.expansion, plain, &free)?;
        found.restate(free, expansion);
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
            quadratic: plain.inverses.is_empty(),
            constant: false,
        })
    }

    /// Positions of the parameters that are inputs of the plain draft.
    pub fn plain_parameters(&self, plain: &Draft) -> Vec<usize> {
        let loose: Vec<usize> =
            (0..self.fixed.len()).filter(|&j| self.fixed[j].is_none()).collect();
        let absent = plain.absent();
        (0..loose.len()).filter(|k| !absent.contains(k)).map(|k| loose[k]).collect()
    }

    /// All parameters from the inputs of the plain draft; `None` where a matrix there has no inverse that is
    /// positive definite.
    pub fn inner_theta(&self, plain: &Draft, at: &[f64]) -> Option<Vec<f64>> {
        let rest =
            self.space.theta_of_all(&self.space.whole(&vec![0.0; self.space.active().len()]));
        let mut theta: Vec<f64> =
            rest.iter().zip(&self.fixed).map(|(&rest, fixed)| fixed.unwrap_or(rest)).collect();
        self.plain_parameters(plain).iter().zip(at).for_each(|(&j, &value)| theta[j] = value);
        plain.inverses.inverted(&theta)
    }

    /// The expansion at a stationary point in free coordinates: the chain rule applies the Jacobian
    /// to A and K; `None` where a matrix has no inverse.
    fn in_free_coordinates(
        &self,
        plain: &Expansion,
        draft: &Draft,
        at: &[f64],
    ) -> Option<Expansion> {
        let places = self.plain_parameters(draft);
        let inverted = draft.inverses.inverted(&self.theta(at))?;
        let own = DMatrix::identity(places.len(), places.len());
        let own = draft.inverses.carried(&inverted, &places, own);
        let jacobian: DMatrix<f64> = own * self.space.jacobian(at).select_rows(&places);
        Some(Expansion {
            value: plain.value,
            magnitude: plain.magnitude,
            gradient: jacobian.transpose() * &plain.gradient,
            hessian: jacobian.transpose() * &plain.hessian * &jacobian,
            outer: jacobian.transpose() * &plain.outer * &jacobian,
        })
    }

    /// The plan of the parameters that need no search, where there is one.
    pub fn plan(&self) -> Option<&Plan> {
        let plan = || {
            let plain = self.plain();
            let family = plain.family()?;
            Plan::new(self.model, &self.fixed, &self.space, (&family, &plain.inverses))
        };
        self.plan.get_or_init(plan).as_ref()
    }

    /// The draft of the loss over the parameters themselves.
    pub fn plain(&self) -> &Draft {
        let plain =
            || Draft::new(self.model, &self.frame, &self.fixed, &Parameters::Plain, &self.asked);
        self.plain.get_or_init(plain)
    }

    /// Parameters that are held or on which the loss does not depend.
    pub fn held(&self) -> Vec<bool> {
        let unidentified = self.unidentified();
        let held = self.fixed.iter().enumerate();
        held.map(|(j, fixed)| fixed.is_some() || unidentified.contains(&j)).collect()
    }

    /// Parameters that are not held and depend on no moving coordinate.
    pub fn unidentified(&self) -> Vec<usize> {
        let moves = |j: usize| self.space.active().iter().any(|&all| self.space.depends(j, all));
        (0..self.fixed.len()).filter(|&j| self.fixed[j].is_none() && !moves(j)).collect()
    }

    /// Positions of the coordinates that no edge holds.
    pub fn kept(&self, candidate: &Candidate) -> Vec<usize> {
        kept(self.space.active().len(), &candidate.edges)
    }
}

fn symmetries(model: &Model, specification: &Specification) -> Symmetries {
    let inputs = |components: &[crate::model::Component]| {
        components.iter().map(|component| component.input).collect::<Vec<_>>()
    };
    let (data, covariates) = (inputs(model.data()), inputs(model.covariates()));
    let parameters: Vec<_> = model.parameters().iter().map(|parameter| parameter.input).collect();
    let groups = model.covariates().iter().filter(|one| one.levels.is_some());
    let groups: Vec<_> = groups.map(|one| one.input).collect();
    let by_level = (0..parameters.len()).filter(|&j| !model.levels_of(j).is_empty());
    let by_level: Vec<_> = by_level.map(|j| parameters[j]).collect();
    let moves: Vec<Moves> = model.data().iter().map(|one| moves(one.support)).collect();
    let space = Space::unconstrained(model, &vec![None; parameters.len()], White::default());
    let free: Vec<bool> = model
        .parameters()
        .iter()
        .map(|parameter| model.blocks()[parameter.block].constraint == Constraint::Free)
        .collect();
    let subject = Subject {
        graph: model.graph(),
        seen: &|g| specification.seen(g, model.log_density()),
        data: &data,
        covariates: &covariates,
        parameters: &parameters,
        groups: &groups,
        by_level: &by_level,
    };
    let turn = Cell::new(0.0);
    find(
        &subject,
        &moves,
        &free,
        |stream| {
            let all: Vec<f64> = (0..space.all()).map(|_| stream.normal()).collect();
            let mut point = model.draw_point(stream);
            turn.set(turn.get() + 1.0);
            vary_levels(model, turn.get(), &mut point);
            (space.theta_of_all(&all), point)
        },
        |powers, rates| admits(model, powers, rates),
    )
}

/// Sets the groups of a random row to a level that depends on its number `turn`, such that every
/// level occurs at an even rate: multiples of an irrational number are equidistributed in the unit
/// interval.
fn vary_levels(model: &Model, turn: f64, point: &mut [f64]) {
    let groups = model.covariates().iter().enumerate();
    let groups = groups.filter_map(|(k, one)| Some((k, one.levels.as_ref()?)));
    for (number, (covariate, levels)) in groups.enumerate() {
        let share = (turn * SQUARES[number % SQUARES.len()].sqrt()).fract();
        point[model.data().len() + covariate] = levels.value_at(share);
    }
}

/// Numbers whose square roots are the irrational steps, one for each group.
const SQUARES: [f64; 6] = [2.0, 3.0, 5.0, 6.0, 7.0, 10.0];

fn moves(support: Support) -> Moves {
    match support {
        Support::Line => Moves::Freely,
        Support::Above(edge) | Support::Below(edge) if edge == 0.0 => Moves::InSize,
        Support::Above(_)
        | Support::Below(_)
        | Support::Between(..)
        | Support::Binary(..)
        | Support::Sphere
        | Support::Simplex
        | Support::Circle => Moves::Not,
    }
}

/// Inner values of the held parameters; an error where one cannot be held or is outside its
/// constraint.
fn fixed(model: &Model, frame: &Frame, fix: &[(usize, f64)]) -> Result<Vec<Option<f64>>, Error> {
    let mut fixed = vec![None; model.parameters().len()];
    for &(j, value) in fix {
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

/// Start values by position: those of the options, else those of the model text.
fn given(model: &Model, held: &[bool], start: &[(usize, f64)]) -> Vec<(usize, f64)> {
    let said = |j: usize| start.iter().find(|&&(other, _)| other == j).map(|&(_, v)| v);
    (0..model.parameters().len())
        .filter(|&j| !held[j])
        .filter_map(|j| Some((j, said(j).or(model.parameters()[j].init)?)))
        .collect()
}
