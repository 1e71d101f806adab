//! Draws from a model at θ, on every domain.
//!
//! Data of a single coordinate are drawn by the inverse of the distribution function, few binary
//! entries from the table of their patterns, many by Gibbs sweeps, and all other data by Markov
//! chains in unbounded coordinates (`chart`): with the No-U-Turn sampler under the feature
//! `sample`, otherwise with Langevin's algorithm, and with hit-and-run where a weight of the model
//! bounds a region inside the domain (`region`).
//!
//! Promises draws that are functions of model, θ, options and seed, for any number of threads, and
//! reports where chains do not agree. Deliberately not known here: how θ was found, files.

mod chart;
mod convergence;
mod density;
mod error;
mod gibbs;
mod hit_and_run;
mod langevin;
mod markov;
#[cfg(feature = "sample")]
mod nuts;
mod options;
mod patterns;
mod region;
mod replicates;
mod single;
mod starts;
mod target;

#[cfg(test)]
mod tests;

use crate::model::{Model, Support};
use crate::numerics::rng::stream;
use crate::source::Warning;

use region::Region;

pub use convergence::Convergence;
pub(crate) use density::{LogDensity, Score};
pub use error::Error;
pub use options::{Method, Options};
pub(crate) use patterns::all_patterns;
pub use replicates::{NoReplicates, Replicates};
pub(crate) use single::{Distribution, Line};

/// Draws from a model.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Draws {
    /// The method that drew them.
    pub method: Method,
    /// The draws of each data component, by its name, such as `x` or `u[2]`. With covariates the
    /// draws given their first row come first.
    pub columns: Vec<(String, Vec<f64>)>,
    /// For each draw the row of covariates that it is given, from 0; empty where log p contains
    /// none.
    pub given: Vec<usize>,
    /// The number of Markov chains, 1 for independent draws; with covariates that of each row.
    pub chains: usize,
    /// The number of states of each chain, on which diagnostics are based.
    pub length: usize,
    /// Diagnostics by data component; with covariates those of the row with the greatest R̂.
    pub convergence: Vec<Convergence>,
    /// The number of divergent trajectories of the No-U-Turn sampler.
    pub divergences: usize,
    /// The number of modes near which chains began, for annealed chains that at the last level of
    /// noise; with covariates the greatest one of their rows.
    pub modes: usize,
    /// The number of levels of noise of annealed chains; 0 for other draws.
    pub levels: usize,
    /// Reasons not to trust the draws; empty where they are sound.
    pub doubts: Vec<Warning>,
}

/// Draws of the data at θ.
///
/// `given` has the covariates of the model by column; it is empty where log p contains none.
///
/// # Errors
/// When log p contains covariates and none are given, the method does not suit the model, the
/// density does not exist, or an interrupt ended the work.
///
/// # Panics
/// When θ has not one number for each parameter, or the columns are not those of the covariates.
///
/// # Examples
/// ```
/// use scorematch::Model;
/// use scorematch::sample::{Options, draw};
///
/// let model = Model::parse("data x > 0; param rate; -rate*x")?;
/// let draws = draw(&model, &[2.0], &[], &Options::default().count(1000).seed(1))?;
/// let (_, x) = &draws.columns[0];
/// let mean = x.iter().sum::<f64>() / 1000.0;
/// assert!((mean - 0.5).abs() < 0.06);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn draw(
    model: &Model,
    theta: &[f64],
    given: &[&[f64]],
    options: &Options,
) -> Result<Draws, Error> {
    assert_eq!(theta.len(), model.parameters().len(), "one number for each parameter");
    let levels = [options.levels.as_slice()];
    let annealed = !options.levels.is_empty();
    if annealed && !is_noised(model) {
        return Err(Error::NoSigma);
    }
    let given = if annealed { &levels } else { given };
    let subject = Subject::new(model, theta, given, options)?;
    let region = Region::of(&subject);
    let method = subject.method(&region)?;
    let (conditional, rows) = (!subject.given.is_empty(), subject.conditions());
    let mut found = Draws {
        method,
        columns: model.data().iter().map(|one| (one.name.clone(), Vec::new())).collect(),
        given: Vec::new(),
        chains: 1,
        length: options.count,
        convergence: Vec::new(),
        divergences: 0,
        modes: 0,
        levels: options.levels.len(),
        doubts: Vec::new(),
    };
    let all = match method {
        Method::Inverse => single::draws(&subject)?,
        Method::Patterns => patterns::draws(&subject)?,
        Method::Gibbs => gibbs::draws(&subject, &mut found)?,
        Method::Langevin | Method::Nuts | Method::HitAndRun => {
            markov::draws(&subject, (method, &region), &mut found)?
        }
    };
    found.columns.iter_mut().zip(all).for_each(|((_, column), values)| *column = values);
    if conditional && !annealed {
        found.given = (0..rows).flat_map(|row| vec![row; options.count]).collect();
    }
    if !found.is_chained() {
        let components = model.data().iter().zip(&found.columns);
        found.convergence = components
            .map(|(one, (_, values))| Convergence::of_component(one, values, None))
            .collect();
    }
    found.judge();
    if region.is_unknown {
        found.doubts.push(ignored_weight());
    }
    Ok(found)
}

fn ignored_weight() -> Warning {
    Warning::new("weight-ignored", "the weight of the model does not restrict the draws")
        .meaning("Where it comes from columns its region is not known beyond the rows of the data")
        .meaning("Binary data have no region")
        .meaning("The draws are from p on the declared domain")
        .remedy("Write the weight as an expression of the data if its region is meant")
}

/// Whether the level of noise `sigma` is the only covariate, and log p contains it.
fn is_noised(model: &Model) -> bool {
    let named = |one: &crate::model::Component| one.name == "sigma";
    matches!(model.covariates(), [one] if named(one)) && model.conditions() == [0]
}

/// The density to draw from, with the options.
#[derive(Clone, Copy)]
struct Subject<'a> {
    model: &'a Model,
    theta: &'a [f64],
    /// Covariates by column; empty where log p contains none.
    given: &'a [&'a [f64]],
    options: &'a Options,
}

impl<'a> Subject<'a> {
    /// The subject without covariates where log p contains none.
    fn new(
        model: &'a Model,
        theta: &'a [f64],
        given: &'a [&'a [f64]],
        options: &'a Options,
    ) -> Result<Self, Error> {
        let conditions = model.conditions();
        if !conditions.is_empty() && given.is_empty() {
            let names = conditions.into_iter().map(|k| model.covariates()[k].name.clone());
            return Err(Error::NotGiven { covariates: names.collect() });
        }
        let given = if conditions.is_empty() { &[] } else { given };
        Ok(Self { model, theta, given, options })
    }
}

impl Subject<'_> {
    /// The number of rows of covariates; each gives a density of its own.
    fn conditions(&self) -> usize {
        self.given.first().map_or(1, |column| column.len())
    }

    /// The covariates of one row.
    fn condition(&self, row: usize) -> Vec<f64> {
        self.given.iter().map(|column| column[row]).collect()
    }

    /// The chosen method, or the first one that suits.
    fn method(&self, region: &Region) -> Result<Method, Error> {
        let domains = self.model.domains();
        let binary = domains.iter().filter(|one| matches!(one.support, Support::Binary(..)));
        let (binary, all) = (binary.count(), domains.len());
        if binary > 0 && binary < all {
            return Err(Error::Mixed);
        }
        let single = Line::of(&domains).is_some();
        let few = binary > 0 && binary <= patterns::ENTRIES_MAX;
        let suits = |method| match method {
            Method::Inverse => single,
            Method::Patterns => few,
            Method::Gibbs => binary > 0,
            Method::Nuts => binary == 0 && cfg!(feature = "sample"),
            Method::Langevin | Method::HitAndRun => binary == 0,
        };
        if !self.options.levels.is_empty() {
            return match self.options.method {
                None | Some(Method::Langevin) if suits(Method::Langevin) => Ok(Method::Langevin),
                None => Err(Error::Unsuited { method: Method::Langevin }),
                Some(method) => Err(Error::Unsuited { method }),
            };
        }
        if region.is_bounded() && binary == 0 {
            return match self.options.method {
                None | Some(Method::HitAndRun) => Ok(Method::HitAndRun),
                Some(method) => Err(Error::Regional { method }),
            };
        }
        match self.options.method {
            Some(method) if suits(method) => Ok(method),
            Some(method) => Err(Error::Unsuited { method }),
            None => Ok(Method::ALL
                .into_iter()
                .find(|&one| suits(one))
                .expect("Gibbs suits binary data, Langevin all others")),
        }
    }
}

/// R̂ above which chains do not agree (Vehtari et al. 2021), and above which draws are not sound.
const R_HAT: f64 = 1.01;
const R_HAT_BAD: f64 = 1.05;
/// Effective draws for each chain that reliable quantiles need (Vehtari et al. 2021).
const EFFECTIVE: f64 = 100.0;
/// Effective draws of all chains below which draws are not sound.
const FEW: f64 = 100.0;
/// Share of divergent trajectories above which draws may be biased.
const DIVERGING: f64 = 0.002;

impl Draws {
    /// Whether the draws represent the density: chains agree, and have moved.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        !self.doubts.iter().any(|doubt| doubt.code == NOT_MIXED)
    }

    /// Whether the draws are states of Markov chains rather than independent.
    #[must_use]
    pub fn is_chained(&self) -> bool {
        match self.method {
            Method::Inverse | Method::Patterns => false,
            Method::Gibbs | Method::Nuts | Method::Langevin | Method::HitAndRun => true,
        }
    }

    /// The chain of a draw, and the position of the draw in it, both from 0.
    #[must_use]
    pub fn place(&self, draw: usize) -> (usize, usize) {
        let rows = self.given.last().map_or(1, |last| last + 1);
        let count = self.len() / rows;
        let state = draw % count * self.chains * self.length / count;
        (state / self.length, state % self.length)
    }

    /// The number of draws.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, |(_, values)| values.len())
    }

    /// Whether there are no draws.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn judge(&mut self) {
        if !self.is_chained() {
            return;
        }
        let is_stuck = |one: &Convergence| one.deviation == 0.0 || one.deviation.is_nan();
        if self.method != Method::Gibbs && self.convergence.iter().any(is_stuck) {
            self.doubts = vec![stuck()];
            return;
        }
        let worst = |f: fn(&Convergence) -> f64| self.convergence.iter().map(f);
        let r_hat = worst(|one| one.r_hat.unwrap_or(f64::NAN)).fold(1.0, not_less);
        let size = worst(|one| one.bulk.min(one.tail)).fold(f64::INFINITY, not_more);
        let wanted = EFFECTIVE * self.chains.min(4) as f64;
        let mut doubts = Vec::new();
        let unknown = r_hat.is_nan() || size.is_nan();
        let left = self.levels > 0 && self.modes > 1 && !unknown;
        if left && r_hat > R_HAT_BAD {
            let headline = format!(
                "the density has {} modes between which the chains do not cross at the last level of noise",
                self.modes
            );
            let shares = format!(
                "Their shares among the draws are those in which the levels before left {} chains",
                self.chains
            );
            let warning = Warning::new("annealed-shares", headline).meaning(shares);
            doubts.push(warning.remedy("More chains give better shares"));
        } else if unknown || r_hat > R_HAT_BAD || size < FEW.min(self.length as f64) {
            doubts.push(self.not_mixed(r_hat, size));
        } else if r_hat > R_HAT || size < wanted.min(0.2 * (self.chains * self.length) as f64) {
            let headline = format!(
                "R-hat is {r_hat:.3} and the effective sample size {size:.0} at worst, where {R_HAT} \
                 and {wanted:.0} are wanted"
            );
            doubts.push(Warning::new("slow-mixing", headline).remedy("Take more draws"));
        }
        let moves = (self.chains * self.length) as f64;
        if self.divergences as f64 > DIVERGING * moves {
            let headline = format!("{} of {moves} trajectories diverged", self.divergences);
            let warning = Warning::new("divergences", headline).meaning(
                "The chains may leave out a part of the density that is too narrow for their steps",
            );
            doubts.push(warning.remedy("Compare with `--method langevin`"));
        }
        self.doubts = doubts;
    }

    fn not_mixed(&self, r_hat: f64, size: f64) -> Warning {
        let (why, shares) = match self.modes {
            0 | 1 => ("the chains do not agree with each other".to_owned(), ""),
            modes => (
                format!("the chains do not cross between {modes} modes often enough"),
                "The shares of the modes among the draws are those of the starts",
            ),
        };
        let headline =
            format!("{why}: R-hat is {r_hat:.3}, the effective sample size {size:.0} at worst");
        let warning = Warning::new(NOT_MIXED, headline).meaning(shares);
        warning.remedy("These are no draws from the density")
    }
}

const NOT_MIXED: &str = "not-mixed";

fn stuck() -> Warning {
    let why = "The density may have no finite integral, or be too narrow for steps between doubles";
    Warning::new(NOT_MIXED, "the chains do not move").remedy(why)
}

/// The greater of two numbers; NaN if either is.
fn not_less(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// The lesser of two numbers; NaN if either is.
fn not_more(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}

/// The random stream of a chain, given a row of covariates.
fn stream_of(options: &Options, row: usize, chain: usize) -> crate::numerics::rng::Stream {
    stream(options.seed, KEYS + ((row as u64) << 16) + chain as u64)
}

/// The chain number of the stream that finds modes, beyond those of chains.
const SEARCH: usize = 0xffff;

/// The first key of the streams of draws, so that a fit and draws with one seed share no stream.
const KEYS: u64 = 1 << 48;
