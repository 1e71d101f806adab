//! Replicated samples, each with as many rows as a data set, from one density, as a parametric
//! bootstrap needs them.
//!
//! For data of a single coordinate, and for few binary entries, the distributions are prepared
//! once, and each sample is drawn with its own uniform numbers. All other samples come from one run
//! of Markov chains, thinned by the effective sample size of a pilot run; a sample takes every R-th
//! of the thinned states, for R samples. Long runs are split into pieces, so that not all states
//! are in memory at once.

use std::collections::HashMap;
use std::fmt;

use super::density::LogDensity;
use super::region::Region;
use super::single::{Distribution, Line, near, quantiles};
use super::{Draws, Error, Method, Options, Subject, draw, patterns};
use crate::model::Model;
use crate::numerics::parallel::parallel;
use crate::numerics::quadrature::Cumulative;
use crate::numerics::rng::stream;

/// The first keys of the streams of samples, and of those of runs of chains.
const KEYS: u64 = 1 << 56;
const RUNS: u64 = 1 << 57;
/// Draws of a pilot run, and of a second one where the chains of the first do not agree.
const PILOTS: [usize; 2] = [2000, 16_000];
/// Most rows of covariates of a pilot run.
const PILOT_ROWS: usize = 4;
/// Largest thinning: slower chains are refused.
const THINNING_MAX: usize = 100;
/// Numbers in the states of a piece of a run.
const PIECE_NUMBERS: usize = 1 << 24;
/// Most numbers of all samples together; each takes 8 bytes.
const NUMBERS_MAX: usize = 1 << 27;
/// Most entries of the tables of binary data, for all rows of covariates; each takes 8 bytes.
const TABLE_ENTRIES_MAX: usize = 1 << 24;

/// The reason why there are no samples.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoReplicates {
    /// The density cannot be drawn from.
    Draws(Error),
    /// Markov chains do not agree with each other or mix too slowly, so that their states are not
    /// draws.
    NotMixed {
        /// The finding.
        message: String,
    },
    /// The numbers of all samples do not fit into memory.
    TooMany {
        /// The largest number of samples that fits.
        replicates: usize,
    },
}

impl fmt::Display for NoReplicates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Draws(error) => error.fmt(f),
            Self::NotMixed { message } => f.write_str(message),
            Self::TooMany { replicates } => {
                write!(
                    f,
                    "so many samples from Markov chains do not fit into memory: {replicates} do"
                )
            }
        }
    }
}

impl std::error::Error for NoReplicates {}

impl From<Error> for NoReplicates {
    fn from(error: Error) -> Self {
        Self::Draws(error)
    }
}

/// Samples from a density, prepared once.
///
/// # Examples
/// ```
/// use scorematch::Model;
/// use scorematch::sample::{Options, Replicates};
///
/// let model = Model::parse("-(x - mu)^2/2")?;
/// let samples = Replicates::new(&model, &[3.0], &[], 50, 20, &Options::default().seed(1))?;
/// let columns = samples.replicate(7);
/// assert_eq!((columns.len(), columns[0].len()), (1, 50));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Replicates<'a> {
    origin: Origin<'a>,
    seed: u64,
    rows: usize,
    replicates: usize,
}

/// The prepared source of the samples.
enum Origin<'a> {
    /// The distribution functions of a single coordinate.
    Single { line: Line, log_p: Box<LogDensity<'a>>, strata: Vec<Stratum<Cumulative>> },
    /// The cumulative probabilities of all patterns.
    Patterns { patterns: Vec<Vec<f64>>, strata: Vec<Stratum<Vec<f64>>> },
    /// Draws by data component: those of the first row in all samples, then those of the next row.
    Chains { draws: Vec<Vec<f64>> },
}

/// Rows with equal covariates, and the distribution given these.
struct Stratum<T> {
    given: Vec<f64>,
    rows: Vec<usize>,
    distribution: T,
}

impl fmt::Debug for Replicates<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, replicates, seed, .. } = self;
        let mut shown = f.debug_struct("Replicates");
        let shown = shown.field("rows", rows).field("replicates", replicates).field("seed", seed);
        shown.finish_non_exhaustive()
    }
}

impl<'a> Replicates<'a> {
    /// Prepares `replicates` samples of `rows` rows at θ: independent rows where log p contains no
    /// covariates; else one draw given each row of `given`, which has the covariates of the model
    /// by column. [`Options::count`] is ignored.
    ///
    /// # Errors
    /// As for [`draw`]; where Markov chains do not mix; where samples from Markov chains have more
    /// than 2²⁷ numbers.
    ///
    /// # Panics
    /// When θ is not one of the model, or the number of rows of the covariates differs.
    pub fn new(
        model: &'a Model,
        theta: &'a [f64],
        given: &[&[f64]],
        rows: usize,
        replicates: usize,
        options: &Options,
    ) -> Result<Self, NoReplicates> {
        let subject = Subject::new(model, theta, given, options)?;
        let given = subject.given;
        assert!(
            given.iter().all(|column| column.len() == rows),
            "covariates have a value for each row"
        );
        let origin = match subject.method(&Region::of(&subject))? {
            Method::Inverse => single(theta, subject, rows)?,
            Method::Patterns if subject.conditions() << model.data().len() <= TABLE_ENTRIES_MAX => {
                tables(subject, rows)?
            }
            Method::Patterns => {
                let options = &options.clone().method(Method::Gibbs);
                let run = Run { subject: Subject { options, ..subject }, rows, replicates };
                Origin::Chains { draws: run.draws()? }
            }
            Method::Gibbs | Method::Nuts | Method::Langevin | Method::HitAndRun => {
                Origin::Chains { draws: Run { subject, rows, replicates }.draws()? }
            }
        };
        Ok(Self { origin, seed: options.seed, rows, replicates })
    }

    /// The columns of the data in one sample.
    ///
    /// # Panics
    /// When `replicate` is not below the number of samples.
    #[must_use]
    pub fn replicate(&self, replicate: usize) -> Vec<Vec<f64>> {
        assert!(replicate < self.replicates, "samples are numbered from zero");
        match &self.origin {
            Origin::Single { line, log_p, strata } => {
                let at = self.placed(replicate, strata, |stratum, shares| {
                    quantiles(*line, log_p, &stratum.given, &stratum.distribution, shares)
                });
                line.points(&at)
            }
            Origin::Patterns { patterns, strata } => {
                let at = self.placed(replicate, strata, |stratum, shares| {
                    let place = |&share: &f64| patterns::place(&stratum.distribution, share) as f64;
                    shares.iter().map(place).collect()
                });
                let column = |all: &Vec<f64>| at.iter().map(|&at| all[at as usize]).collect();
                patterns.iter().map(column).collect()
            }
            Origin::Chains { draws } => {
                let own = |all: &Vec<f64>| {
                    all.iter().skip(replicate).step_by(self.replicates).copied().collect()
                };
                draws.iter().map(own).collect()
            }
        }
    }

    /// By row, the result of `of` for its stratum and a uniform number.
    fn placed<T>(
        &self,
        replicate: usize,
        strata: &[Stratum<T>],
        of: impl Fn(&Stratum<T>, &[f64]) -> Vec<f64>,
    ) -> Vec<f64> {
        let mut stream = stream(self.seed, KEYS + replicate as u64);
        let shares: Vec<f64> = (0..self.rows).map(|_| stream.uniform()).collect();
        let mut placed = vec![f64::NAN; self.rows];
        for stratum in strata {
            let own: Vec<f64> = stratum.rows.iter().map(|&row| shares[row]).collect();
            let found = of(stratum, &own);
            stratum.rows.iter().zip(found).for_each(|(&row, at)| placed[row] = at);
        }
        placed
    }
}

/// The distinct rows of covariates, in order of their first row, each with its rows; all rows
/// together where log p contains no covariates.
fn rows_by_covariates(subject: Subject<'_>, rows: usize) -> Vec<(Vec<f64>, Vec<usize>)> {
    if subject.given.is_empty() {
        return vec![(Vec::new(), (0..rows).collect())];
    }
    let mut places: HashMap<Vec<u64>, usize> = HashMap::new();
    let mut strata: Vec<(Vec<f64>, Vec<usize>)> = Vec::new();
    for row in 0..rows {
        let given = subject.condition(row);
        let key = given.iter().map(|value| value.to_bits()).collect();
        let place = *places.entry(key).or_insert(strata.len());
        if place == strata.len() {
            strata.push((given, Vec::new()));
        }
        strata[place].1.push(row);
    }
    strata
}

/// The strata with their distributions, which are computed in parallel.
fn with_distributions<T: Send>(
    subject: Subject<'_>,
    rows: usize,
    distribution: impl Fn(&[f64]) -> Result<T, Error> + Sync,
) -> Result<Vec<Stratum<T>>, Error> {
    let strata = rows_by_covariates(subject, rows);
    let one = |place: usize| match subject.options.interrupt.is_raised() {
        true => Err(Error::Interrupted),
        false => distribution(&strata[place].0),
    };
    let with_distributions = parallel(strata.len(), subject.options.threads, one);
    let stratum =
        |((given, rows), distribution)| Ok(Stratum { given, rows, distribution: distribution? });
    strata.iter().cloned().zip(with_distributions).map(stratum).collect()
}

fn single<'a>(
    theta: &'a [f64],
    subject: Subject<'_>,
    rows: usize,
) -> Result<Origin<'a>, NoReplicates> {
    let line = Line::of(&subject.model.domains()).expect("the method is for a single coordinate");
    let log_p = LogDensity::of(subject.model, theta);
    let near = near(&subject, line);
    let distribution = |given: &[f64]| {
        Ok(Distribution::new(line, &log_p, given.to_vec(), &near)?.into_cumulative())
    };
    let strata = with_distributions(subject, rows, distribution)?;
    Ok(Origin::Single { line, log_p: Box::new(log_p), strata })
}

fn tables<'a>(subject: Subject<'_>, rows: usize) -> Result<Origin<'a>, NoReplicates> {
    let patterns = patterns::all_patterns(subject.model);
    let log_p = LogDensity::of(subject.model, subject.theta);
    let strata =
        with_distributions(subject, rows, |given| patterns::table(&log_p, &patterns, given))?;
    Ok(Origin::Patterns { patterns, strata })
}

/// A run of Markov chains for all samples.
#[derive(Clone, Copy)]
struct Run<'a> {
    subject: Subject<'a>,
    rows: usize,
    replicates: usize,
}

impl Run<'_> {
    /// By component, the draws of each row in all samples, row after row.
    fn draws(self) -> Result<Vec<Vec<f64>>, NoReplicates> {
        let components = self.subject.model.data().len();
        let all = self.rows.saturating_mul(components);
        if all.saturating_mul(self.replicates) > NUMBERS_MAX {
            return Err(NoReplicates::TooMany { replicates: NUMBERS_MAX / all });
        }
        let thinning = self.thinning()?;
        let at_once = PIECE_NUMBERS / (components * self.replicates * thinning).max(1);
        let mut columns = vec![Vec::with_capacity(self.rows * self.replicates); components];
        for (piece, first) in (0..self.rows).step_by(at_once.max(1)).enumerate() {
            let rows: Vec<usize> = (first..self.rows.min(first + at_once.max(1))).collect();
            let found = self.piece(&rows, thinning, RUNS + 1 + piece as u64)?;
            for (all, (_, states)) in columns.iter_mut().zip(&found.columns) {
                all.extend(states.iter().step_by(thinning));
            }
        }
        Ok(columns)
    }

    /// The states for these rows of all samples, before thinning.
    fn piece(self, rows: &[usize], thinning: usize, key: u64) -> Result<Draws, NoReplicates> {
        let states = self.replicates * thinning;
        let count = if self.subject.given.is_empty() { rows.len() * states } else { states };
        let found = self.run(rows, count, key)?;
        match found.is_sound() {
            true => Ok(found),
            false => Err(not_mixed(&found)),
        }
    }

    /// Draws given the covariates of these rows, where log p contains any.
    fn run(self, rows: &[usize], count: usize, key: u64) -> Result<Draws, NoReplicates> {
        let Subject { model, theta, given, options } = self.subject;
        let column = |column: &&[f64]| rows.iter().map(|&row| column[row]).collect();
        let given: Vec<Vec<f64>> = given.iter().map(column).collect();
        let given: Vec<&[f64]> = given.iter().map(Vec::as_slice).collect();
        let seed = stream(options.seed, key).bits();
        Ok(draw(model, theta, &given, &options.clone().seed(seed).count(count))?)
    }

    /// The number of states for each effectively independent one, from a pilot run.
    fn thinning(self) -> Result<usize, NoReplicates> {
        let step = self.rows.div_ceil(PILOT_ROWS).max(1);
        let rows: Vec<usize> = (0..self.rows).step_by(step).collect();
        let [short, long] = PILOTS;
        let mut pilot = self.run(&rows, short, RUNS)?;
        if !pilot.is_sound() {
            pilot = self.run(&rows, long, RUNS)?;
        }
        let sizes = pilot.convergence.iter().map(|one| one.bulk.min(one.tail));
        let least = sizes.fold(f64::INFINITY, super::not_more);
        let thinning = ((pilot.chains * pilot.length) as f64 / least).ceil();
        match pilot.is_sound() && thinning <= THINNING_MAX as f64 {
            true => Ok(thinning.max(1.0) as usize),
            false => Err(not_mixed(&pilot)),
        }
    }
}

/// The first doubt about the draws, or else that the chains mix too slowly.
fn not_mixed(draws: &Draws) -> NoReplicates {
    let doubt = draws.doubts.first().map(|doubt| doubt.message.clone());
    let slow =
        format!("more than {THINNING_MAX} states of the chains are worth one independent draw");
    NoReplicates::NotMixed { message: doubt.unwrap_or(slow) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(text: &str) -> Model {
        Model::parse(text).expect("a model")
    }

    /// The mean of the first component in each sample.
    fn means(samples: &Replicates<'_>) -> Vec<f64> {
        let mean = |r: usize| samples.replicate(r)[0].iter().sum::<f64>() / samples.rows as f64;
        (0..samples.replicates).map(mean).collect()
    }

    /// Asserts that the mean of the means is `wanted` within five standard errors, and that their
    /// variance is that of means of independent draws within five standard errors of the variance
    /// of normals.
    #[track_caller]
    fn check(samples: &Replicates<'_>, wanted: f64, deviation: f64) {
        let means = means(samples);
        let count = means.len() as f64;
        let mean = means.iter().sum::<f64>() / count;
        let error = deviation / (samples.rows as f64).sqrt();
        assert!((mean - wanted).abs() < 5.0 * error / count.sqrt(), "{mean} for {wanted}");
        let variance = means.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let ratio = variance / (error * error);
        assert!((ratio - 1.0).abs() < 5.0 * (2.0 / count).sqrt(), "{ratio}");
    }

    #[test]
    fn one_number_is_drawn_anew_in_each_sample() {
        let (model, options) = (model("-(x - mu)^2/(2*s2)"), Options::default().seed(3));
        let samples = |count| Replicates::new(&model, &[2.0, 4.0], &[], 40, count, &options);
        let (few, many) = (samples(2).expect("draws"), samples(300).expect("draws"));
        check(&many, 2.0, 2.0);
        assert_eq!(few.replicate(1), many.replicate(1));
        assert_ne!(many.replicate(0), many.replicate(1));
    }

    /// Rows with equal covariates share a distribution but no draws.
    #[test]
    fn draws_are_given_the_covariates_of_their_rows() {
        let model = model("data y; covariate z; param b; -(y - b*z)^2/2");
        let z: Vec<f64> = (0..60).map(|row| f64::from(row % 3) - 1.0).collect();
        let options = Options::default().threads(2);
        let samples = Replicates::new(&model, &[5.0], &[&z], 60, 200, &options).expect("draws");
        check(&samples, 0.0, 1.0);
        for replicate in 0..200 {
            let y = samples.replicate(replicate).swap_remove(0);
            let far = y.iter().zip(&z).map(|(y, z)| (y - 5.0 * z).abs()).fold(0.0, f64::max);
            assert!(far < 5.5 && y[0] != y[3], "{far}");
        }
        let missing = Replicates::new(&model, &[5.0], &[], 60, 2, &options);
        assert!(matches!(missing, Err(NoReplicates::Draws(Error::NotGiven { .. }))));
    }

    /// p(1) = e/(1 + e) by the table, and by Gibbs sweeps that draw all three entries.
    #[test]
    fn binary_entries_have_their_shares() {
        let model = model("data b[3] in {0, 1}; param a; a*b[1] + 0.5*b[2]*b[3]");
        let share = 1.0 / (1.0 + (-1f64).exp());
        for method in [None, Some(Method::Gibbs)] {
            let options = Options::default();
            let options = method.map_or(options.clone(), |method| options.method(method));
            let samples = Replicates::new(&model, &[1.0], &[], 50, 300, &options).expect("draws");
            check(&samples, share, (share * (1.0 - share)).sqrt());
        }
    }

    /// Means of chains' draws have the variance of means of independent draws: E[v] = coth κ - 1/κ.
    #[test]
    fn a_sample_of_chains_is_as_good_as_independent() {
        let model = model("data v[3] on sphere; param kappa; kappa*v[1]");
        let samples = Replicates::new(&model, &[2.0], &[], 50, 200, &Options::default());
        let mean = 1.0 / 2f64.tanh() - 0.5;
        let square = 1.0 - 2.0 * mean / 2.0;
        check(&samples.expect("draws"), mean, (square - mean * mean).sqrt());
    }

    #[test]
    fn chains_are_given_the_covariates_of_their_rows() {
        let model = model("data x, y; covariate z; -(x - z)^2/2 - (y + z)^2/2");
        let z = [-3.0, 0.0, 3.0];
        let samples = Replicates::new(&model, &[], &[&z], 3, 150, &Options::default());
        let samples = samples.expect("draws");
        check(&samples, 0.0, 1.0);
        let columns = samples.replicate(149);
        assert!((0..3).all(|row| (columns[0][row] - z[row]).abs() < 5.0));
        assert!((0..3).all(|row| (columns[1][row] + z[row]).abs() < 5.0));
    }

    /// Two modes are forty standard deviations apart.
    #[test]
    fn chains_that_do_not_mix_are_no_samples() {
        let text = "data x, y; log(exp(-(x - 20)^2/2) + exp(-(x + 20)^2/2)) - y^2/2";
        let (model, options) = (model(text), Options::default());
        match Replicates::new(&model, &[], &[], 50, 20, &options) {
            Err(NoReplicates::NotMixed { message }) => assert!(message.contains("modes")),
            other => panic!("{other:?}"),
        }
        let many = Replicates::new(&model, &[], &[], 1 << 20, 1000, &options);
        assert_eq!(many.err(), Some(NoReplicates::TooMany { replicates: 64 }));
    }

    #[test]
    fn threads_change_no_sample() {
        let model = model("data v[3] on sphere; param kappa; kappa*v[1]");
        let [one, three] = [1, 3].map(|threads| {
            let options = Options::default().threads(threads);
            let samples = Replicates::new(&model, &[2.0], &[], 20, 9, &options);
            let samples = samples.expect("draws");
            (0..9).map(|r| samples.replicate(r)).collect::<Vec<_>>()
        });
        assert_eq!(one, three);
    }
}
