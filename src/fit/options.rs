//! How to fit.

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

/// What a fit may be told. [`Options::default`] suits most; each method changes one thing.
///
/// Parameters go by name, `mu` or `W[1,2]`; of a symmetric matrix, `K[2,1]` is `K[1,2]`. Names are
/// looked up in the fit, which answers an unknown one with [`Error::UnknownParameter`].
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
    /// What the user asked for, if anything.
    pub(super) starts: Option<usize>,
    held: Vec<(String, f64)>,
    start: Vec<(String, f64)>,
    pub(crate) interrupt: Interrupt,
    pub(super) standardise: Standardise,
    pub(super) covariance: Covariance,
    pub(crate) objective: Choices,
    pub(crate) rows: RowChoices,
    /// Powers of robust weights: of a parameter, or of all that have none of their own.
    robust: Vec<(Option<String>, f64)>,
    /// Of intervals; a fit checks it first.
    pub(super) level: f64,
    /// Functions of the parameters, as texts.
    estimands: Vec<String>,
    /// Hypotheses about the parameters, as texts.
    hypotheses: Vec<String>,
    /// How many samples a bootstrap draws.
    pub(super) bootstrap: Option<usize>,
    /// Whether there are intervals by the profile of J.
    pub(super) profile_intervals: bool,
    pub(super) path: Path,
    pub(super) progress: Option<Watcher>,
    stages: Option<Arc<dyn Fn(Stage) + Send + Sync>>,
    replicates: Option<Arc<dyn Fn(Replicates) + Send + Sync>>,
}

/// The level of intervals unless another one is asked for.
const LEVEL: f64 = 0.95;

/// What is told how far a fit has come.
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
    /// Keys every random draw; 0 by default.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Worker threads, 1 by default; the result does not depend on it.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// How many starts are optimised at first, one at least; more when they disagree. By default 8,
    /// and 4 where second derivatives are too costly to be written out.
    #[must_use]
    pub fn starts(self, starts: usize) -> Self {
        Self { starts: Some(starts.max(1)), ..self }
    }

    /// Holds a parameter at a value inside its constraint. A name may be held once.
    #[must_use]
    pub fn hold(mut self, name: &str, value: f64) -> Self {
        self.held.push((name.to_owned(), value));
        self
    }

    /// Gives a parameter a start value inside its constraint. A name may have one; that of a held
    /// parameter is not used.
    #[must_use]
    pub fn start(mut self, name: &str, value: f64) -> Self {
        self.start.push((name.to_owned(), value));
        self
    }

    /// The same without anybody who is told how far it is.
    #[must_use]
    pub(crate) fn silent(self) -> Self {
        Self { progress: None, stages: None, replicates: None, ..self }
    }

    /// Starts of all these parameters in place of those asked for so far.
    #[must_use]
    pub(crate) fn starting_at(self, start: Vec<(String, f64)>) -> Self {
        Self { start, ..self }
    }

    /// Stops the fit at the best point so far when it turns true: within a block of 4096 rows while
    /// starts are followed, and before and after that at the next stage. Of many rows J is then that
    /// of a sample, which the estimate says.
    #[must_use]
    pub fn interrupt(self, flag: Arc<AtomicBool>) -> Self {
        Self { interrupt: Interrupt::by(flag), ..self }
    }

    /// Whether data components are weighted by their variance.
    #[must_use]
    pub fn standardise(self, standardise: Standardise) -> Self {
        Self { standardise, ..self }
    }

    /// Whether more than 500 parameters get a covariance, and standard errors where these take long.
    #[must_use]
    pub fn covariance(self, covariance: Covariance) -> Self {
        Self { covariance, ..self }
    }

    /// The level of all intervals, between 0 and 1; 0.95 by default.
    #[must_use]
    pub fn level(self, level: f64) -> Self {
        Self { level, ..self }
    }

    /// A level of intervals lies between 0 and 1.
    pub(super) fn check_level(&self) -> Result<(), Error> {
        let level = self.level;
        if level > 0.0 && level < 1.0 { Ok(()) } else { Err(Error::BadLevel { level }) }
    }

    /// How many standard errors an interval reaches to either side.
    pub(super) fn reach(&self) -> f64 {
        reach(self.level)
    }

    /// Asks for functions of the parameters, separated by commas, with errors by the delta method:
    /// [`Estimate::derived`](super::Estimate::derived) has them in the order in which they were asked for.
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

    /// Asks for Wald tests of hypotheses, separated by commas: of each by itself, and of all together.
    ///
    /// ```
    /// use scorematch::fit::Options;
    /// use scorematch::{Columns, Model};
    ///
    /// let model = Model::parse("data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)")?;
    /// let data = Columns::from_csv("x\n1.0\n2.0\n4.5\n3.0\n".as_bytes())?;
    /// let fit = model.fit_with(&data, &Options::default().wald("mu = 0, s2 = 1"))?;
    /// let wald = fit.estimate().wald.as_ref().expect("it was asked for");
    /// assert_eq!((wald.hypotheses.len(), wald.degrees), (2, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn wald(mut self, hypotheses: &str) -> Self {
        self.hypotheses.push(hypotheses.to_owned());
        self
    }

    /// Asks for a bootstrap of so many samples, one at least: errors and intervals from fits of rows
    /// that are drawn with replacement, or of whole clusters where rows come in such.
    /// [`Estimate::bootstrap`](super::Estimate::bootstrap) has them, for the functions of
    /// [`Options::estimate`] too. A thousand replicates make ends that change by a tenth of a standard
    /// error from seed to seed; a robust fit is not repeated.
    ///
    /// ```
    /// use scorematch::fit::Options;
    /// use scorematch::{Columns, Model};
    ///
    /// let model = Model::parse("data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)")?;
    /// let data = Columns::from_csv("x\n1.0\n2.0\n4.5\n3.0\n2.5\n".as_bytes())?;
    /// let fit = model.fit_with(&data, &Options::default().bootstrap(200))?;
    /// let bootstrap = fit.estimate().bootstrap.as_ref().expect("it was asked for");
    /// let mu = &bootstrap.parameters[0];
    /// let (low, high) = mu.percentile.expect("200 replicates are enough for 95 %");
    /// assert!(low < 2.6 && 2.6 < high);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn bootstrap(self, replicates: usize) -> Self {
        Self { bootstrap: Some(replicates.max(1)), ..self }
    }

    /// Asks for intervals by the profile of J (Chandler and Bate 2007, Biometrika 94:167):
    /// [`Estimate::profile`](super::Estimate::profile) has them. J, least over all other parameters, is
    /// scaled so that it rises like ½ (t - θ̂)²/se² near the estimate, and the interval ends where it has
    /// risen by half of the χ²₁ quantile of the level. It is Wald's where J is quadratic and follows the
    /// asymmetry of J elsewhere; a robust fit has none.
    ///
    /// ```
    /// use scorematch::fit::Options;
    /// use scorematch::{Columns, Model};
    ///
    /// let model = Model::parse("data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)")?;
    /// let data = Columns::from_csv("x\n1.0\n2.0\n4.5\n3.0\n2.5\n".as_bytes())?;
    /// let fit = model.fit_with(&data, &Options::default().profile_intervals())?;
    /// let profile = fit.estimate().profile.as_ref().expect("it was asked for");
    /// let mu = &profile.parameters[0];
    /// assert!(mu.low.expect("an end") < 2.6 && 2.6 < mu.high.expect("an end"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn profile_intervals(self) -> Self {
        Self { profile_intervals: true, ..self }
    }

    /// Weights of a robust fit depend on its parameters.
    pub(super) fn check_robust(&self) -> Result<(), Error> {
        let refused = |reason| Err(Error::NotRobust { reason });
        match (self.is_robust(), self.bootstrap, self.profile_intervals) {
            (true, Some(_), _) => refused("the bootstrap does not repeat a robust fit"),
            (true, None, true) => refused("a robust fit has no J to profile"),
            (true, None, false) | (false, _, _) => Ok(()),
        }
    }

    /// The hypotheses that are asked about.
    pub(super) fn hypotheses(&self, model: &Model) -> Result<Vec<Hypotheses>, Error> {
        let read = |text: &String| model.hypotheses(text).map_err(Error::Expression);
        self.hypotheses.iter().map(read).collect()
    }

    /// The functions of the parameters that are asked for.
    pub(super) fn estimands(&self, model: &Model) -> Result<Vec<Estimands>, Error> {
        let read = |text: &String| model.estimands(text).map_err(Error::Expression);
        self.estimands.iter().map(read).collect()
    }

    /// Which objective; by default the one that suits the model.
    #[must_use]
    pub fn objective(self, choices: Choices) -> Self {
        Self { objective: choices, ..self }
    }

    /// What rows count for, by columns of the data; by default one each, all independent.
    #[must_use]
    pub fn rows(self, choices: RowChoices) -> Self {
        Self { rows: choices, ..self }
    }

    /// Weighs each row by its own density to this power, in all parameters, so that rows far out count
    /// for less (Windham 1995); log p must be linear in its parameters. 0 is the plain fit.
    #[must_use]
    pub fn robust(mut self, power: f64) -> Self {
        self.robust.push((None, power));
        self
    }

    /// The same in one parameter by name, and zero in those that are not named.
    #[must_use]
    pub fn robust_in(mut self, name: &str, power: f64) -> Self {
        self.robust.push((Some(name.to_owned()), power));
        self
    }

    /// Whether rows are weighed by their density.
    pub(super) fn is_robust(&self) -> bool {
        self.robust.iter().any(|(_, power)| *power != 0.0)
    }

    /// Powers of robust weights by parameter.
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

    /// Whether J comes from the rows or from moments of them.
    #[must_use]
    pub fn path(self, path: Path) -> Self {
        Self { path, ..self }
    }

    /// What [`Model::fit_with`] does with rows in which a used column has no value.
    #[must_use]
    pub fn missing(self, missing: Missing) -> Self {
        Self { missing, ..self }
    }

    /// Told how far the fit has come, on the thread of the fit.
    #[must_use]
    pub fn progress(self, watcher: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self { progress: Some(Arc::new(watcher)), ..self }
    }

    /// Told when a stage of the fit begins, on the thread of the fit.
    #[must_use]
    pub fn stages(self, watcher: impl Fn(Stage) + Send + Sync + 'static) -> Self {
        Self { stages: Some(Arc::new(watcher)), ..self }
    }

    /// Told, on the thread of the fit, how many replicates of a bootstrap are done.
    #[must_use]
    pub fn replicates(self, watcher: impl Fn(Replicates) + Send + Sync + 'static) -> Self {
        Self { replicates: Some(Arc::new(watcher)), ..self }
    }

    /// So many of the planned replicates are done.
    pub(crate) fn tell_replicates(&self, done: usize, planned: usize) {
        self.replicates.iter().for_each(|told| told(Replicates { done, planned }));
    }

    /// A stage begins.
    pub(super) fn enter(&self, stage: Stage) {
        self.stages.iter().for_each(|told| told(stage));
    }

    /// The user asks for an end.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupt.is_raised()
    }

    /// Held values by position.
    pub(super) fn held(&self, model: &Model) -> Result<Vec<(usize, f64)>, Error> {
        by_position(model, &self.held)
    }

    /// Start values by position.
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

/// The weight of a data component's loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standardise {
    /// One, whatever its units.
    #[default]
    No,
    /// Its sample variance, frozen: the objective is then free of units.
    Yes,
}

/// For how many parameters their covariance is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Covariance {
    /// Up to 500. Of more that are solved for all together there are no standard errors either:
    /// forming them takes longer than the fit.
    #[default]
    OfFew,
    /// For any number: minutes for some thousands.
    Always,
}

/// How many standard errors an interval of this level reaches to either side.
pub(super) fn reach(level: f64) -> f64 {
    normal_quantile(0.5 + 0.5 * level)
}
