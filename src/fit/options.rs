//! The options of a fit.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::error::Error;
use super::progress::{Progress, Replicates, Stage};
use crate::data::Missing;
use crate::model::{Estimands, Hypotheses, Model};
use crate::numerics::interrupt::Interrupt;
use crate::numerics::probability::normal_quantile;
use crate::objective::{Choices, Path, RowChoices};

/// The options of a fit. [`Options::default`] suits most fits; each method changes one option.
///
/// Parameters are named as `mu` or `W[1,2]`; of a symmetric matrix, `K[2,1]` is `K[1,2]`. The fit
/// resolves the names and answers an unknown one with [`Error::UnknownParameter`].
///
/// ```
/// use scorematch::fit::Options;
/// use scorematch::{Columns, Model};
///
/// let model = Model::parse("-(x - mu)^2/(2*s2)")?;
/// let data = Columns::from_csv("x\n1.0\n2.0\n4.5\n".as_bytes())?;
/// let fit = model.fit_with(&data, &Options::default().hold("mu", 2.0).seed(1))?;
/// let s2 = fit.parameter("s2").expect("a parameter of the text");
/// assert!((s2.estimate - (1.0 + 0.0 + 6.25) / 3.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    pub(crate) seed: u64,
    pub(crate) missing: Missing,
    pub(crate) threads: usize,
    /// The requested number of starts.
    pub(super) starts: Option<usize>,
    held: Vec<(String, f64)>,
    start: Vec<(String, f64)>,
    pub(crate) interrupt: Interrupt,
    pub(super) standardise: Standardise,
    pub(super) covariance: Covariance,
    pub(crate) objective: Choices,
    pub(crate) rows: RowChoices,
    /// Powers of robust weights, by parameter; `None` stands for all parameters without a power of
    /// their own.
    robust: Vec<(Option<String>, f64)>,
    /// Level of the intervals; the fit checks its range.
    pub(super) level: f64,
    /// Functions of the parameters, as texts.
    estimands: Vec<String>,
    /// Hypotheses about the parameters, as texts.
    hypotheses: Vec<String>,
    /// Requested number of bootstrap samples.
    pub(super) bootstrap: Option<usize>,
    /// Whether intervals by the profile of J are requested.
    pub(super) profile_intervals: bool,
    pub(super) path: Path,
    pub(super) progress: Option<Watcher>,
    stages: Option<Arc<dyn Fn(Stage) + Send + Sync>>,
    replicates: Option<Arc<dyn Fn(Replicates) + Send + Sync>>,
}

/// The default level of intervals.
const LEVEL: f64 = 0.95;

/// A callback for the progress of a search.
pub(super) type Watcher = Arc<dyn Fn(Progress) + Send + Sync>;

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 0,
            missing: Missing::Error,
            threads: 1,
            starts: None,
            held: Vec::new(),
            start: Vec::new(),
            interrupt: Interrupt::default(),
            standardise: Standardise::No,
            covariance: Covariance::OfFew,
            objective: Choices::default(),
            rows: RowChoices::default(),
            robust: Vec::new(),
            level: LEVEL,
            estimands: Vec::new(),
            hypotheses: Vec::new(),
            bootstrap: None,
            profile_intervals: false,
            path: Path::Auto,
            progress: None,
            stages: None,
            replicates: None,
        }
    }
}

impl Options {
    /// Sets the seed of all random draws; 0 by default.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Sets the number of threads, 1 by default; the result does not depend on it.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// Number of starts that are optimised first, at least one; more follow where they disagree. By
    /// default 8, and 4 where second derivatives are too large to be written out.
    #[must_use]
    pub fn starts(self, starts: usize) -> Self {
        Self { starts: Some(starts.max(1)), ..self }
    }

    /// Holds a parameter at a value inside its constraint; each parameter may be held once.
    #[must_use]
    pub fn hold(mut self, name: &str, value: f64) -> Self {
        self.held.push((name.to_owned(), value));
        self
    }

    /// Gives a parameter a start value inside its constraint; each parameter may have one. The start
    /// value of a held parameter is ignored.
    #[must_use]
    pub fn start(mut self, name: &str, value: f64) -> Self {
        self.start.push((name.to_owned(), value));
        self
    }

    /// The options without callbacks.
    #[must_use]
    pub(crate) fn silent(self) -> Self {
        Self { progress: None, stages: None, replicates: None, ..self }
    }

    /// The options with these start values only.
    #[must_use]
    pub(crate) fn starting_at(self, start: Vec<(String, f64)>) -> Self {
        Self { start, ..self }
    }

    /// Stops the fit at the best point so far when the flag is set: within a block of 4096 rows
    /// during a search, otherwise at the next stage. On many rows J may then be that of a sample,
    /// which the estimate reports.
    #[must_use]
    pub fn interrupt(self, flag: Arc<AtomicBool>) -> Self {
        Self { interrupt: Interrupt::by(flag), ..self }
    }

    /// Chooses whether data components are weighted by their variance.
    #[must_use]
    pub fn standardise(self, standardise: Standardise) -> Self {
        Self { standardise, ..self }
    }

    /// Chooses whether more than 500 parameters get a covariance, and standard errors where these take long.
    #[must_use]
    pub fn covariance(self, covariance: Covariance) -> Self {
        Self { covariance, ..self }
    }

    /// Sets the level of all intervals, between 0 and 1; 0.95 by default.
    #[must_use]
    pub fn level(self, level: f64) -> Self {
        Self { level, ..self }
    }

    /// Refuses a level of intervals that is not between 0 and 1.
    pub(super) fn check_level(&self) -> Result<(), Error> {
        let level = self.level;
        if level > 0.0 && level < 1.0 { Ok(()) } else { Err(Error::BadLevel { level }) }
    }

    /// Half-width of intervals, in standard errors.
    pub(super) fn reach(&self) -> f64 {
        reach(self.level)
    }

    /// Requests functions of the parameters, separated by commas, with errors by the delta method;
    /// [`Estimate::derived`](super::Estimate::derived) has them in the requested order.
    ///
    /// ```
    /// use scorematch::fit::Options;
    /// use scorematch::{Columns, Model};
    ///
    /// let model = Model::parse("data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)")?;
    /// let data = Columns::from_csv("x\n1.0\n2.0\n4.5\n".as_bytes())?;
    /// let fit = model.fit_with(&data, &Options::default().estimate("2*mu, sqrt(s2)"))?;
    /// let [twice, deviation] = &fit.estimate().derived[..] else { panic!() };
    /// assert_eq!(twice.estimate, Some(5.0));
    /// assert_eq!(deviation.expression, "sqrt(s2)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn estimate(mut self, expressions: &str) -> Self {
        self.estimands.push(expressions.to_owned());
        self
    }

    /// Requests Wald tests of hypotheses, separated by commas: of each one alone, and of all jointly.
    ///
    /// ```
    /// use scorematch::fit::Options;
    /// use scorematch::{Columns, Model};
    ///
    /// let model = Model::parse("data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)")?;
    /// let data = Columns::from_csv("x\n1.0\n2.0\n4.5\n3.0\n".as_bytes())?;
    /// let fit = model.fit_with(&data, &Options::default().wald("mu = 0, s2 = 1"))?;
    /// let wald = fit.estimate().wald.as_ref().expect("requested");
    /// assert_eq!((wald.hypotheses.len(), wald.degrees), (2, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn wald(mut self, hypotheses: &str) -> Self {
        self.hypotheses.push(hypotheses.to_owned());
        self
    }

    /// Requests a bootstrap of `replicates` samples, at least one: errors and intervals from fits to
    /// samples of the rows with replacement, or of whole clusters where the rows are clustered.
    /// [`Estimate::bootstrap`](super::Estimate::bootstrap) has them, also for the functions of
    /// [`Options::estimate`]. With a thousand replicates the ends of intervals vary by a tenth of a
    /// standard error between seeds. A robust fit has no bootstrap.
    ///
    /// ```
    /// use scorematch::fit::Options;
    /// use scorematch::{Columns, Model};
    ///
    /// let model = Model::parse("data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)")?;
    /// let data = Columns::from_csv("x\n1.0\n2.0\n4.5\n3.0\n2.5\n".as_bytes())?;
    /// let fit = model.fit_with(&data, &Options::default().bootstrap(200))?;
    /// let bootstrap = fit.estimate().bootstrap.as_ref().expect("requested");
    /// let mu = &bootstrap.parameters[0];
    /// let (low, high) = mu.percentile.expect("200 replicates are enough for 95 %");
    /// assert!(low < 2.6 && 2.6 < high);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn bootstrap(self, replicates: usize) -> Self {
        Self { bootstrap: Some(replicates.max(1)), ..self }
    }

    /// Requests intervals by the profile of J (Chandler and Bate 2007, Biometrika 94:167):
    /// [`Estimate::profile`](super::Estimate::profile) has them. The minimum of J over all other
    /// parameters is scaled so that it rises like ½ (t - θ̂)²/se² near the estimate, and the interval
    /// ends where it has risen by half of the χ²₁ quantile of the level. It is the Wald interval
    /// where J is quadratic and follows the asymmetry of J elsewhere. A robust fit has none.
    ///
    /// ```
    /// use scorematch::fit::Options;
    /// use scorematch::{Columns, Model};
    ///
    /// let model = Model::parse("data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)")?;
    /// let data = Columns::from_csv("x\n1.0\n2.0\n4.5\n3.0\n2.5\n".as_bytes())?;
    /// let fit = model.fit_with(&data, &Options::default().profile_intervals())?;
    /// let profile = fit.estimate().profile.as_ref().expect("requested");
    /// let mu = &profile.parameters[0];
    /// assert!(mu.low.expect("an end") < 2.6 && 2.6 < mu.high.expect("an end"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn profile_intervals(self) -> Self {
        Self { profile_intervals: true, ..self }
    }

    /// Refuses a bootstrap or profiles of a robust fit, whose weights depend on its parameters.
    pub(super) fn check_robust(&self) -> Result<(), Error> {
        let refused = |reason| Err(Error::NotRobust { reason });
        match (self.is_robust(), self.bootstrap, self.profile_intervals) {
            (true, Some(_), _) => refused("the bootstrap does not repeat a robust fit"),
            (true, None, true) => refused("a robust fit has no J to profile"),
            (true, None, false) | (false, _, _) => Ok(()),
        }
    }

    /// The requested hypotheses.
    pub(super) fn hypotheses(&self, model: &Model) -> Result<Vec<Hypotheses>, Error> {
        let read = |text: &String| model.hypotheses(text).map_err(Error::Expression);
        self.hypotheses.iter().map(read).collect()
    }

    /// The requested functions of the parameters.
    pub(super) fn estimands(&self, model: &Model) -> Result<Vec<Estimands>, Error> {
        let read = |text: &String| model.estimands(text).map_err(Error::Expression);
        self.estimands.iter().map(read).collect()
    }

    /// Chooses the objective; by default the one that suits the model.
    #[must_use]
    pub fn objective(self, choices: Choices) -> Self {
        Self { objective: choices, ..self }
    }

    /// Sets weights and clusters of rows, by columns of the data; by default all rows weigh one and
    /// are independent.
    #[must_use]
    pub fn rows(self, choices: RowChoices) -> Self {
        Self { rows: choices, ..self }
    }

    /// Weights each row by its own density to this power, in all parameters, so that outlying rows
    /// count less (Windham 1995); log p must be linear in its parameters. Power 0 is the plain fit.
    #[must_use]
    pub fn robust(mut self, power: f64) -> Self {
        self.robust.push((None, power));
        self
    }

    /// Sets the power of the robust weights in one named parameter; parameters without a power have
    /// power 0.
    #[must_use]
    pub fn robust_in(mut self, name: &str, power: f64) -> Self {
        self.robust.push((Some(name.to_owned()), power));
        self
    }

    /// Whether rows are weighted by their density.
    pub(super) fn is_robust(&self) -> bool {
        self.robust.iter().any(|(_, power)| *power != 0.0)
    }

    /// Powers of the robust weights by parameter.
    pub(super) fn powers(&self, model: &Model) -> Result<Vec<f64>, Error> {
        if self.robust.iter().any(|(_, power)| !(*power >= 0.0 && power.is_finite())) {
            return Err(Error::NotRobust { reason: "their power is a number ≥ 0, as 0.7" });
        }
        if !self.rows.columns().is_empty() {
            return Err(Error::NotRobust { reason: "rows have weights or clusters already" });
        }
        let all =
            self.robust.iter().filter(|(name, _)| name.is_none()).map(|one| one.1).next_back();
        let mut powers = vec![all.unwrap_or(0.0); model.parameters().len()];
        let named = self.robust.iter().filter_map(|(name, power)| Some((name.clone()?, *power)));
        for (j, power) in by_position(model, &named.collect::<Vec<_>>())? {
            powers[j] = power;
        }
        Ok(powers)
    }

    /// Chooses whether J is computed from the rows or from their moments.
    #[must_use]
    pub fn path(self, path: Path) -> Self {
        Self { path, ..self }
    }

    /// Chooses how [`Model::fit_with`] treats rows in which a used column has no value.
    #[must_use]
    pub fn missing(self, missing: Missing) -> Self {
        Self { missing, ..self }
    }

    /// Sets a callback for the progress of the search; it runs on the thread of the fit.
    #[must_use]
    pub fn progress(self, watcher: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self { progress: Some(Arc::new(watcher)), ..self }
    }

    /// Sets a callback for the beginning of each stage; it runs on the thread of the fit.
    #[must_use]
    pub fn stages(self, watcher: impl Fn(Stage) + Send + Sync + 'static) -> Self {
        Self { stages: Some(Arc::new(watcher)), ..self }
    }

    /// Sets a callback for the number of bootstrap replicates that are done; it runs on the thread of
    /// the fit.
    #[must_use]
    pub fn replicates(self, watcher: impl Fn(Replicates) + Send + Sync + 'static) -> Self {
        Self { replicates: Some(Arc::new(watcher)), ..self }
    }

    /// Reports how many of the planned replicates are done.
    pub(crate) fn tell_replicates(&self, done: usize, planned: usize) {
        self.replicates.iter().for_each(|told| told(Replicates { done, planned }));
    }

    /// Reports the beginning of a stage.
    pub(super) fn enter(&self, stage: Stage) {
        self.stages.iter().for_each(|told| told(stage));
    }

    /// Whether an interrupt is raised.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupt.is_raised()
    }

    /// Held values by position of the parameter.
    pub(super) fn held(&self, model: &Model) -> Result<Vec<(usize, f64)>, Error> {
        by_position(model, &self.held)
    }

    /// Start values by position of the parameter.
    pub(super) fn start_values(&self, model: &Model) -> Result<Vec<(usize, f64)>, Error> {
        by_position(model, &self.start)
    }
}

fn by_position(model: &Model, named: &[(String, f64)]) -> Result<Vec<(usize, f64)>, Error> {
    let mut values: Vec<(usize, f64)> = Vec::with_capacity(named.len());
    for (name, value) in named {
        let unknown = || {
            let nearest = model.nearest_parameter(name).map(str::to_owned);
            Error::UnknownParameter { name: name.clone(), nearest }
        };
        let j = model.parameter(name).ok_or_else(unknown)?;
        if values.iter().any(|&(other, _)| other == j) {
            return Err(Error::GivenTwice { parameter: model.parameters()[j].name.clone() });
        }
        values.push((j, *value));
    }
    Ok(values)
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("seed", &self.seed)
            .field("missing", &self.missing)
            .field("threads", &self.threads)
            .field("starts", &self.starts)
            .field("held", &self.held)
            .field("start", &self.start)
            .field("standardise", &self.standardise)
            .field("covariance", &self.covariance)
            .field("level", &self.level)
            .field("objective", &self.objective)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The weight of each data component's loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standardise {
    /// One, whatever the units of the component.
    #[default]
    No,
    /// The sample variance of the component, a constant: the objective then does not depend on units.
    Yes,
}

/// The number of parameters up to which the covariance is returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Covariance {
    /// Up to 500. More parameters that one linear solve finds have no standard errors either, since
    /// these take longer than the fit.
    #[default]
    OfFew,
    /// Always; this takes minutes for several thousand parameters.
    Always,
}

/// Half-width of an interval of this level, in standard errors.
pub(super) fn reach(level: f64) -> f64 {
    normal_quantile(0.5 + 0.5 * level)
}
