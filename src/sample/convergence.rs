//! Diagnostics of Markov chains: their agreement, and effective sample sizes.
//!
//! Rank-normalised split R̂, bulk and tail effective sample sizes of Vehtari, Gelman, Simpson,
//! Carpenter, Bürkner (2021, Bayesian Analysis 16:667), with the initial monotone sequence of Geyer
//! (1992). Angles have the mean direction and the circular standard deviation (Mardia and Jupp
//! 2000, Directional Statistics, §2.3).

use crate::model::{Component, Support};
use crate::numerics::median::quantile;
use crate::numerics::probability::normal_quantile;
use crate::numerics::sum::{compensated_mean, compensated_sum};

/// Probabilities of the quantiles whose effective sample sizes make that of the tails.
const TAILS: [f64; 2] = [0.05, 0.95];

/// The diagnostics of one component of the draws.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Convergence {
    /// The name of the component: `x`, `u[2]`.
    pub name: String,
    /// Whether it is an angle, in radians.
    pub is_angle: bool,
    /// The mean of all draws; for an angle the mean direction, from -π to π.
    pub mean: f64,
    /// The standard deviation of all draws; for an angle the circular one, √(-2 ln R), where R is
    /// the length of the mean of the unit vectors.
    pub deviation: f64,
    /// Monte Carlo standard error of `mean`.
    pub error: f64,
    /// Rank-normalised split R̂, the greater of that of the values and that of their distances from
    /// the median; `None` for independent draws and for chains of fewer than four draws.
    pub r_hat: Option<f64>,
    /// Bulk effective sample size.
    pub bulk: f64,
    /// Tail effective sample size, the lesser of those of the 5 % and the 95 % quantile.
    pub tail: f64,
}

impl Convergence {
    /// The diagnostics of a component of the data, from chains, or from independent draws where
    /// `chains` is `None`.
    pub(super) fn of_component(one: &Component, draws: &[f64], chains: Option<usize>) -> Self {
        let found = match chains {
            Some(chains) => Self::of(&one.name, draws, chains),
            None => Self::independent(&one.name, draws),
        };
        let size = |values: &[f64]| match chains.map(|chains| values.len() / chains) {
            None => values.len() as f64,
            Some(length @ 4..) => effective(&split(values, length)),
            Some(_) => f64::NAN,
        };
        match one.support == Support::Circle {
            true => found.of_angle(draws, size),
            false => found,
        }
    }

    /// Replaces mean, deviation and error by those of an angle. `size` is the effective sample size
    /// of values of the draws. The influence of a draw a on the mean direction is sin(a - mean)/R.
    fn of_angle(self, draws: &[f64], size: impl Fn(&[f64]) -> f64) -> Self {
        let mean_of =
            |f: fn(f64) -> f64| compensated_mean(&draws.iter().map(|&a| f(a)).collect::<Vec<_>>());
        let (x, y) = (mean_of(f64::cos), mean_of(f64::sin));
        let (mean, length) = (y.atan2(x), x.hypot(y).min(1.0));
        let slopes: Vec<f64> = draws.iter().map(|a| (a - mean).sin() / length).collect();
        let error = moments(&slopes).1 / size(&slopes).sqrt();
        Self { is_angle: true, mean, deviation: (2.0 * length.ln().abs()).sqrt(), error, ..self }
    }

    /// The diagnostics of independent draws.
    fn independent(name: &str, draws: &[f64]) -> Self {
        let n = draws.len() as f64;
        let (mean, deviation) = moments(draws);
        let error = deviation / n.sqrt();
        Self {
            name: name.to_owned(),
            is_angle: false,
            mean,
            deviation,
            error,
            r_hat: None,
            bulk: n,
            tail: n,
        }
    }

    /// The diagnostics of chains of equal length, one after another. Draws beyond a multiple of the
    /// number of chains are ignored by R̂ and the effective sizes.
    ///
    /// # Panics
    /// When `chains` is zero.
    ///
    /// # Examples
    /// ```
    /// use scorematch::sample::Convergence;
    /// // Two chains around different values.
    /// let draws: Vec<f64> = (0..200).map(|i| f64::from(i / 100 * 10 + i % 7)).collect();
    /// let found = Convergence::of("x", &draws, 2);
    /// assert!(found.r_hat.expect("chains are long enough") > 1.5);
    /// assert!(found.bulk < 10.0);
    /// ```
    #[must_use]
    pub fn of(name: &str, draws: &[f64], chains: usize) -> Self {
        let length = draws.len() / chains;
        if length < 4 {
            let none = f64::NAN;
            let (mean, deviation) = moments(draws);
            let name = name.to_owned();
            return Self {
                name,
                is_angle: false,
                mean,
                deviation,
                error: none,
                r_hat: None,
                bulk: none,
                tail: none,
            };
        }
        let halves = split(draws, length);
        let (mean, deviation) = moments(draws);
        let ranked = normalised(&halves);
        let middle = quantile(&sorted(&halves.concat()), 0.5);
        let folded = normalised(&mapped(&halves, |x| (x - middle).abs()));
        let all = sorted(draws);
        let size = |probability: f64| {
            let end = quantile(&all, probability);
            effective(&mapped(&halves, |x| f64::from(x <= end)))
        };
        Self {
            name: name.to_owned(),
            is_angle: false,
            mean,
            deviation,
            error: deviation / effective(&halves).sqrt(),
            r_hat: Some(f64::max(r_hat(&ranked), r_hat(&folded))),
            bulk: effective(&ranked),
            tail: TAILS.map(size).into_iter().fold(f64::INFINITY, f64::min),
        }
    }
}

/// The two halves of each chain; the middle draw of an odd length is skipped.
fn split(draws: &[f64], length: usize) -> Vec<Vec<f64>> {
    let half = length / 2;
    let halves = |chain: &[f64]| [chain[..half].to_vec(), chain[length - half..].to_vec()];
    draws.chunks_exact(length).flat_map(halves).collect()
}

fn mapped(chains: &[Vec<f64>], f: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
    chains.iter().map(|chain| chain.iter().map(|&x| f(x)).collect()).collect()
}

/// Normal scores of the ranks among all chains; tied values have their mean rank.
fn normalised(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let all: Vec<f64> = chains.iter().flatten().copied().collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|&a, &b| all[a].total_cmp(&all[b]));
    let mut scores = vec![0.0; all.len()];
    let mut before = 0;
    for tied in order.chunk_by(|&a, &b| all[a] == all[b]) {
        let rank = before as f64 + (tied.len() + 1) as f64 / 2.0;
        before += tied.len();
        let score = normal_quantile((rank - 0.375) / (all.len() as f64 + 0.25));
        tied.iter().for_each(|&k| scores[k] = score);
    }
    scores.chunks(chains[0].len()).map(<[f64]>::to_vec).collect()
}

/// √(total variance / variance within chains), by the estimates of Gelman and Rubin; 1 where all
/// values are equal.
fn r_hat(chains: &[Vec<f64>]) -> f64 {
    let n = chains[0].len() as f64;
    let (between, within) = variances(chains);
    match within {
        0.0 if between == 0.0 => 1.0,
        _ => ((within * (n - 1.0) / n + between) / within).sqrt(),
    }
}

/// The variance of the means of the chains, and the mean of their variances.
fn variances(chains: &[Vec<f64>]) -> (f64, f64) {
    let (means, deviations): (Vec<f64>, Vec<f64>) = chains.iter().map(|one| moments(one)).unzip();
    let squares: Vec<f64> = deviations.iter().map(|deviation| deviation * deviation).collect();
    (moments(&means).1.powi(2), compensated_mean(&squares))
}

/// The number of independent draws whose mean has the error of the mean of these chains.
fn effective(chains: &[Vec<f64>]) -> f64 {
    let (count, n) = (chains.len() as f64, chains[0].len());
    let total = count * n as f64;
    let (between, within) = variances(chains);
    let whole = within * (n as f64 - 1.0) / n as f64 + between;
    if whole == 0.0 {
        return total;
    }
    let means: Vec<f64> = chains.iter().map(|chain| compensated_mean(chain)).collect();
    let correlation = |lag: usize| 1.0 - (within - covariance(chains, &means, lag)) / whole;
    // For a reversible chain the sums of pairs of neighbouring lags are positive and decrease.
    let mut pairs: Vec<f64> = Vec::new();
    let mut unpaired = 0.0;
    let mut lag = 0;
    while lag == 0 || lag + 2 < n {
        let even = if lag == 0 { 1.0 } else { correlation(lag) };
        let pair = even + correlation(lag + 1);
        if pair <= 0.0 {
            unpaired = even.max(0.0);
            break;
        }
        pairs.push(pairs.last().map_or(pair, |&last: &f64| pair.min(last)));
        lag += 2;
    }
    let time = (2.0 * pairs.iter().sum::<f64>() - 1.0 + unpaired).max(1.0 / total.log10());
    total / time
}

/// The mean over chains of the covariance of draws `lag` apart, with divisor n.
fn covariance(chains: &[Vec<f64>], means: &[f64], lag: usize) -> f64 {
    let one = |(chain, mean): (&Vec<f64>, &f64)| {
        let pairs = chain.iter().zip(&chain[lag..]);
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / chain.len() as f64
    };
    chains.iter().zip(means).map(one).sum::<f64>() / chains.len() as f64
}

/// Mean and standard deviation, the latter with divisor n - 1; zero for a single value.
pub(super) fn moments(values: &[f64]) -> (f64, f64) {
    let mean = compensated_mean(values);
    let squares: Vec<f64> = values.iter().map(|x| (x - mean).powi(2)).collect();
    let degrees = (values.len() as f64 - 1.0).max(1.0);
    (mean, (compensated_sum(&squares) / degrees).sqrt())
}

/// The values in ascending order.
fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}
