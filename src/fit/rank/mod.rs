//! The ranking of the minima, the first of which is reported.
//!
//! J has no lower bound where a component can shrink onto few rows, and SMIC favours a spike on
//! slightly more rows. Proper minima are therefore ranked by criteria that are bounded in this case:
//! the likelihood of the normalised density, given the covariates if there are any, where quadrature
//! can compute it. Otherwise the kernel Stein discrepancy of the score from the rows decides, and
//! with covariates SMIC. Binary data have no score: the pseudo-likelihood decides.

mod conditional;
mod entries;
mod gaussian;
mod likelihood;
mod peaks;
mod sample;
mod stein;
#[cfg(test)]
mod tests;
mod vague;

use crate::model::{Domain, Model};
use crate::objective::Specification;
use crate::objective::discrepancy::Discrepancy;

use super::candidates::Candidate;
use super::standardise::Frame;
use super::surface::Surface;

use conditional::Conditional;
use entries::Entries;
use gaussian::Gaussian;
use likelihood::{LogLikelihood, Normaliser};
use sample::Sample;

/// Most rows for which the likelihood of a single minimum is computed: it decides nothing, and costs
/// more than the moments of the data.
const ROWS_ALONE: usize = 10_000;

/// Largest ratio of the discrepancies of two minima at which the smaller one may be promoted.
const PROMOTION: f64 = 0.5;

/// The model and the data by which minima are ranked.
pub(super) struct Judge<'a> {
    pub model: &'a Model,
    pub specification: &'a Specification,
    pub frame: &'a Frame,
    /// Data columns in inner coordinates, noised where the density is that of noised data, then
    /// covariates.
    pub columns: &'a [Vec<f64>],
    /// Weights of the rows, of mean one.
    pub counts: Option<&'a [f64]>,
    pub threads: usize,
}

/// The criterion that ordered the minima.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Criterion {
    /// The normalised log-likelihood, which every minimum has, or with covariates at least one.
    LogLikelihood,
    /// The kernel Stein discrepancy.
    Stein,
    /// SMIC, where not all minima have a likelihood, and there are covariates or not all have a
    /// discrepancy.
    Smic,
}

/// The order of the minima, and which of them are close to the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ranking {
    pub criterion: Criterion,
    /// Positions in the order, from 0 for the first, of minima whose difference from the first by the
    /// criterion is below its standard error.
    pub close: Vec<usize>,
}

impl Ranking {
    /// The order of SMIC, in which minima are found.
    pub fn by_smic() -> Self {
        Self { criterion: Criterion::Smic, close: Vec::new() }
    }
}

/// The measures of one minimum.
struct Measures {
    likelihood: Option<LogLikelihood>,
    discrepancy: Discrepancy,
}

impl Judge<'_> {
    /// Measures the minima, which come in the order of SMIC, and puts the best one first. `theta`
    /// gives inner parameters, `relaxed` the maximal log-likelihood over mixture weights that the
    /// score does not determine, where a minimum has such weights, and `surface` the losses of all
    /// rows.
    pub fn rank(
        &self,
        minima: &mut Vec<Candidate>,
        theta: impl Fn(&Candidate) -> Vec<f64>,
        relaxed: impl Fn(&Candidate) -> Option<f64>,
        surface: Option<&dyn Surface>,
    ) -> Ranking {
        let thetas: Vec<Vec<f64>> = minima.iter().map(theta).collect();
        let mut measures = self.measures(&thetas, &self.sample(minima, surface));
        for (minimum, measures) in minima.iter_mut().zip(&measures) {
            minimum.ksd = measures.discrepancy.value();
            minimum.log_likelihood = measures.likelihood.as_ref().map(|found| found.mean);
        }
        let criterion = criterion(&measures, self.model);
        let order = order(&measures, criterion);
        let order = match criterion {
            Criterion::LogLikelihood => promoted(order, &measures, |k| relaxed(&minima[k])),
            Criterion::Stein | Criterion::Smic => order,
        };
        let mut taken: Vec<Option<Candidate>> = minima.drain(..).map(Some).collect();
        minima.extend(order.iter().filter_map(|&k| taken[k].take()));
        let mut unordered: Vec<Option<Measures>> = measures.drain(..).map(Some).collect();
        let measures: Vec<Measures> = order.iter().filter_map(|&k| unordered[k].take()).collect();
        let close =
            (1..measures.len()).filter(|&k| is_close(&measures[0], &measures[k], criterion));
        Ranking { criterion, close: close.collect() }
    }

    fn sample(&self, minima: &[Candidate], surface: Option<&dyn Surface>) -> Sample {
        let losses = |surface: &dyn Surface| minima.iter().map(|m| surface.losses(&m.at)).collect();
        let rows = self.columns[0].len();
        let most = match minima {
            [_] => Sample::LEAST,
            [] | [_, _, ..] => Sample::most(self.pair_work()),
        };
        let several = minima.len() > 1 && rows > most;
        // Noised rows are a sample and differ from the rows of the losses.
        let surface = surface.filter(|one| several && one.rows() == rows);
        let losses: Vec<Vec<f64>> = surface.map_or(Vec::new(), losses);
        let mut sample = Sample::new(rows, most, &losses);
        if let Some(counts) = self.counts {
            let weights = sample.rows.iter().zip(&mut sample.weights);
            weights.for_each(|(&row, weight)| *weight *= counts[row]);
        }
        sample
    }

    /// Number of entries of the block-diagonal metric, which has a block for each domain.
    fn pair_work(&self) -> usize {
        let entries = |domain: &Domain| domain.components.len().pow(2);
        self.specification.domains().iter().map(entries).sum()
    }

    fn measures(&self, thetas: &[Vec<f64>], sample: &Sample) -> Vec<Measures> {
        if let Some(entries) = Entries::new(self) {
            let likelihoods = thetas.iter().map(|theta| entries.log_likelihood(theta));
            return likelihoods
                .map(|one| Measures { likelihood: one, discrepancy: Discrepancy::none() })
                .collect();
        }
        let likelihoods = self.likelihoods(thetas);
        let discrepancies = stein::discrepancies(self, sample, thetas);
        let both = likelihoods.into_iter().zip(discrepancies);
        both.map(|(likelihood, discrepancy)| Measures { likelihood, discrepancy }).collect()
    }

    /// The log-likelihoods at each θ, given the covariates if there are any.
    fn likelihoods(&self, thetas: &[Vec<f64>]) -> Vec<Option<LogLikelihood>> {
        let each = |one: &dyn Fn(&[f64]) -> Option<LogLikelihood>| {
            thetas.iter().map(|theta| one(theta)).collect()
        };
        if thetas.len() == 1 && self.columns[0].len() > ROWS_ALONE {
            vec![None]
        } else if let Some(joint) = Normaliser::new(self) {
            each(&|theta| joint.log_likelihood(theta))
        } else if let Some(normal) = (thetas.len() > 1).then(|| Gaussian::new(self)).flatten() {
            each(&|theta| normal.log_likelihood(theta))
        } else if let Some(conditional) = Conditional::new(self) {
            each(&|theta| conditional.log_likelihood(theta))
        } else {
            vec![None; thetas.len()]
        }
    }
}

/// With covariates the discrepancy does not decide: where residuals are smaller than the range of the
/// response by a factor of more than the number of rows, its diagonal terms favour any flat, wide
/// curve.
fn criterion(measures: &[Measures], model: &Model) -> Criterion {
    let alone = model.conditions().is_empty();
    let known = |m: &Measures| m.likelihood.is_some();
    if measures.iter().all(known) || (!alone && measures.iter().any(known)) {
        Criterion::LogLikelihood
    } else if alone && measures.iter().all(|m| m.discrepancy.value().is_some()) {
        Criterion::Stein
    } else {
        Criterion::Smic
    }
}

/// Positions of the minima, best first; ties keep their order.
fn order(measures: &[Measures], criterion: Criterion) -> Vec<usize> {
    let badness = |m: &Measures| match criterion {
        Criterion::LogLikelihood => {
            m.likelihood.as_ref().map_or(f64::INFINITY, |found| -found.mean)
        }
        Criterion::Stein => m.discrepancy.value().unwrap_or(f64::INFINITY),
        Criterion::Smic => 0.0,
    };
    let mut order: Vec<usize> = (0..measures.len()).collect();
    order.sort_by(|&a, &b| badness(&measures[a]).total_cmp(&badness(&measures[b])));
    order
}

/// Moves the minimum with the largest relaxed likelihood to the front: the likelihood at the estimate
/// is that of an arbitrary mixture weight. A component on a few rows has a high relaxed likelihood as
/// well, so its discrepancy, which hardly depends on weights of well-separated modes, must also be
/// less than half of that of the first minimum.
fn promoted(
    mut order: Vec<usize>,
    measures: &[Measures],
    relaxed: impl Fn(usize) -> Option<f64>,
) -> Vec<usize> {
    let Some(&first) = order.first() else { return order };
    let agrees = |k: usize| {
        let (one, other) = (measures[k].discrepancy.value(), measures[first].discrepancy.value());
        matches!((one, other), (Some(one), Some(other)) if one < PROMOTION * other)
    };
    let open: Vec<(usize, f64)> = (1..order.len())
        .filter(|&place| agrees(order[place]))
        .filter_map(|place| Some((place, relaxed(order[place])?)))
        .collect();
    if open.is_empty() {
        return order;
    }
    let own = measures[first].likelihood.as_ref().map(|found| found.mean);
    let least = relaxed(first).or(own).unwrap_or(f64::NEG_INFINITY);
    let better = open.into_iter().filter(|&(_, likelihood)| likelihood > least);
    if let Some((place, _)) = better.max_by(|a, b| a.1.total_cmp(&b.1)) {
        order[..=place].rotate_right(1);
    }
    order
}

/// Whether the difference by the criterion is below its standard error.
fn is_close(best: &Measures, other: &Measures, criterion: Criterion) -> bool {
    match criterion {
        Criterion::LogLikelihood => match (&best.likelihood, &other.likelihood) {
            (Some(best), Some(other)) => {
                (best.mean - other.mean).abs() < best.error_of_difference(other)
            }
            (None, _) | (_, None) => true,
        },
        Criterion::Stein => match (best.discrepancy.value(), other.discrepancy.value()) {
            (Some(low), Some(high)) => {
                high - low < best.discrepancy.error_of_difference(&other.discrepancy)
            }
            (None, _) | (_, None) => true,
        },
        Criterion::Smic => true,
    }
}
