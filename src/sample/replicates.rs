//! Samples of as many rows as a data set has, drawn from one density many times, as a parametric
//! bootstrap needs them.
//!
//! One number and few binary entries have what they are drawn from prepared once, and each sample takes
//! uniform numbers of its own. Everything else comes from one run of Markov chains for all samples,
//! thinned by the effective sample size of a pilot run; a sample takes states from the whole run, as far
//! apart as there are samples. Long runs are made in pieces, so that their states are never all in memory.

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

/// Keys of streams from here on are those of samples, and from the second on those of runs.
const KEYS: u64 = 1 << 56;
const RUNS: u64 = 1 << 57;
/// Draws of a pilot run, and of the longer one after a pilot run whose chains do not agree.
const PILOTS: [usize; 2] = [2000, 16_000];
/// Rows of covariates of a pilot run.
const PILOT_ROWS: usize = 4;
/// States of which one is taken, at most: chains that move more slowly say nothing.
const THINNED: usize = 100;
/// Numbers of a piece of a run.
const PIECE: usize = 1 << 24;
/// Numbers of all samples together, 8 bytes each.
const MOST: usize = 1 << 27;
/// Entries of the tables of binary data given all rows of covariates, 8 bytes each.
const TABLES: usize = 1 << 24;

/// Why there are no samples.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoReplicates {
    /// There are no draws.
    Draws(Error),
    /// Markov chains do not agree with each other, or hardly move: their states are no draws.
    NotMixed {
        /// How it was seen, in words.
        message: String,
    },
    /// All samples together are more numbers than memory should hold.
    TooMany {
        /// How many samples of these rows are few enough.
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

/// What rows are drawn from.
enum Origin<'a> {
    /// The distribution functions of one number.
    Single { line: Line, log_p: Box<LogDensity<'a>>, groups: Vec<Group<Cumulative>> },
    /// The probabilities of all patterns, summed.
    Patterns { patterns: Vec<Vec<f64>>, groups: Vec<Group<Vec<f64>>> },
    /// Draws by data component; that of a row in all samples, then that of the next row.
    Chains { draws: Vec<Vec<f64>> },
}

/// Rows with the same covariates, and what these are drawn from.
struct Group<T> {
    given: Vec<f64>,
    rows: Vec<usize>,
    law: T,
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
    /// Prepares `replicates` samples of so many rows at θ: independent ones where log p contains no
    /// covariates; else one draw given each row of `given`, which has the covariates of the model by
    /// column. [`Options::count`] is not looked at.
    ///
    /// # Errors
    /// As for [`draw`]; where Markov chains do not mix; where all samples together are more than 2²⁷ numbers
    /// from Markov chains.
    ///
    /// # Panics
    /// When θ is not one of the model, or the covariates have another number of rows.
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
        assert!(given.iter().all(|column| column.len() == rows), "covariates have a value a row");
        let origin = match subject.method(&Region::of(&subject))? {
            Method::Inverse => single(theta, subject, rows)?,
            Method::Patterns if subject.conditions() << model.data().len() <= TABLES => {
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
    /// When its number is not below that of the samples.
    #[must_use]
    pub fn replicate(&self, replicate: usize) -> Vec<Vec<f64>> {
        assert!(replicate < self.replicates, "samples are numbered from zero");
        match &self.origin {
            Origin::Single { line, log_p, groups } => {
                let at = self.placed(replicate, groups, |group, shares| {
                    quantiles(*line, log_p, &group.given, &group.law, shares)
                });
                line.points(&at)
            }
            Origin::Patterns { patterns, groups } => {
                let at = self.placed(replicate, groups, |group, shares| {
                    let place = |&share: &f64| patterns::place(&group.law, share) as f64;
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

    /// By row, what a group makes of uniform numbers of its rows.
    fn placed<T>(
        &self,
        replicate: usize,
        groups: &[Group<T>],
        of: impl Fn(&Group<T>, &[f64]) -> Vec<f64>,
    ) -> Vec<f64> {
        let mut stream = stream(self.seed, KEYS + replicate as u64);
        let shares: Vec<f64> = (0..self.rows).map(|_| stream.uniform()).collect();
        let mut placed = vec![f64::NAN; self.rows];
        for group in groups {
            let own: Vec<f64> = group.rows.iter().map(|&row| shares[row]).collect();
            let found = of(group, &own);
            group.rows.iter().zip(found).for_each(|(&row, at)| placed[row] = at);
        }
        placed
    }
}

/// Rows by their covariates, in order of the first of each; all rows where log p contains none.
fn grouped(subject: Subject<'_>, rows: usize) -> Vec<(Vec<f64>, Vec<usize>)> {
    if subject.given.is_empty() {
        return vec![(Vec::new(), (0..rows).collect())];
    }
    let mut places: HashMap<Vec<u64>, usize> = HashMap::new();
    let mut groups: Vec<(Vec<f64>, Vec<usize>)> = Vec::new();
    for row in 0..rows {
        let given = subject.condition(row);
        let key = given.iter().map(|value| value.to_bits()).collect();
        let place = *places.entry(key).or_insert(groups.len());
        if place == groups.len() {
            groups.push((given, Vec::new()));
        }
        groups[place].1.push(row);
    }
    groups
}

/// Groups with their laws, on the threads of the subject.
fn laws<T: Send>(
    subject: Subject<'_>,
    rows: usize,
    law: impl Fn(&[f64]) -> Result<T, Error> + Sync,
) -> Result<Vec<Group<T>>, Error> {
    let groups = grouped(subject, rows);
    let one = |place: usize| match subject.options.interrupt.is_raised() {
        true => Err(Error::Interrupted),
        false => law(&groups[place].0),
    };
    let laws = parallel(groups.len(), subject.options.threads, one);
    let group = |((given, rows), law)| Ok(Group { given, rows, law: law? });
    groups.iter().cloned().zip(laws).map(group).collect()
}

fn single<'a>(
    theta: &'a [f64],
    subject: Subject<'_>,
    rows: usize,
) -> Result<Origin<'a>, NoReplicates> {
    let line = Line::of(&subject.model.domains()).expect("the method suits data of one number");
    let log_p = LogDensity::of(subject.model, theta);
    let near = near(&subject, line);
    let law = |given: &[f64]| {
        Ok(Distribution::new(line, &log_p, given.to_vec(), &near)?.into_cumulative())
    };
    let groups = laws(subject, rows, law)?;
    Ok(Origin::Single { line, log_p: Box::new(log_p), groups })
}

fn tables<'a>(subject: Subject<'_>, rows: usize) -> Result<Origin<'a>, NoReplicates> {
    let patterns = patterns::all_patterns(subject.model);
    let log_p = LogDensity::of(subject.model, subject.theta);
    let groups = laws(subject, rows, |given| patterns::table(&log_p, &patterns, given))?;
    Ok(Origin::Patterns { patterns, groups })
}

/// Markov chains for all samples.
#[derive(Clone, Copy)]
struct Run<'a> {
    subject: Subject<'a>,
    rows: usize,
    replicates: usize,
}

impl Run<'_> {
    /// The draw of each row in all samples, row after row.
    fn draws(self) -> Result<Vec<Vec<f64>>, NoReplicates> {
        let components = self.subject.model.data().len();
        let all = self.rows.saturating_mul(components);
        if all.saturating_mul(self.replicates) > MOST {
            return Err(NoReplicates::TooMany { replicates: MOST / all });
        }
        let thinning = self.thinning()?;
        let at_once = PIECE / (components * self.replicates * thinning).max(1);
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

    /// The states of which these rows of all samples are taken.
    fn piece(self, rows: &[usize], thinning: usize, key: u64) -> Result<Draws, NoReplicates> {
        let states = self.replicates * thinning;
        let count = if self.subject.given.is_empty() { rows.len() * states } else { states };
        let found = self.run(rows, count, key)?;
        match found.is_sound() {
            true => Ok(found),
            false => Err(not_mixed(&found)),
        }
    }

    /// Draws given the covariates of these rows, where log p has any.
    fn run(self, rows: &[usize], count: usize, key: u64) -> Result<Draws, NoReplicates> {
        let Subject { model, theta, given, options } = self.subject;
        let column = |column: &&[f64]| rows.iter().map(|&row| column[row]).collect();
        let given: Vec<Vec<f64>> = given.iter().map(column).collect();
        let given: Vec<&[f64]> = given.iter().map(Vec::as_slice).collect();
        let seed = stream(options.seed, key).bits();
        Ok(draw(model, theta, &given, &options.clone().seed(seed).count(count))?)
    }

    /// How many states of a chain there are to each that is as good as independent.
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
        match pilot.is_sound() && thinning <= THINNED as f64 {
            true => Ok(thinning.max(1.0) as usize),
            false => Err(not_mixed(&pilot)),
        }
    }
}

/// What the chains themselves say, or else that they hardly move.
fn not_mixed(draws: &Draws) -> NoReplicates {
    let doubt = draws.doubts.first().map(|doubt| doubt.message.clone());
    let slow = format!("more than {THINNED} states of the chains are worth one independent draw");
    NoReplicates::NotMixed { message: doubt.unwrap_or(slow) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(text: &str) -> Model {
        Model::parse(text).expect("a model")
    }

    /// Mean of the first component in each sample.
    fn means(samples: &Replicates<'_>) -> Vec<f64> {
        let mean = |r: usize| samples.replicate(r)[0].iter().sum::<f64>() / samples.rows as f64;
        (0..samples.replicates).map(mean).collect()
    }

    /// The mean of the means is `wanted` within five errors, and their variance that of means of
    /// independent draws within five errors of a variance of normals.
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

    /// Rows of equal covariates share a distribution and no draw.
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

    /// Means of chains' draws vary as those of independent ones do: E[v] = coth κ - 1/κ.
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

    /// Two modes forty standard deviations apart.
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
