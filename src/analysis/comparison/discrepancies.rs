//! The kernel Stein discrepancies of several models on common rows.

use crate::fit::{Options, Outcome};
use crate::numerics::rng::stream;
use crate::objective::Specification;
use crate::objective::discrepancy::{Discrepancy, KernelChoices};

use super::{Contender, Mean, specified};

/// Most rows; of more a random sample is taken.
pub(super) const ROWS: usize = 2000;
/// Key of the random stream for the sample.
const KEY: u64 = (1 << 41) + 1;

/// The discrepancy of each model.
pub(super) struct Discrepancies(Vec<Option<Discrepancy>>);

impl Discrepancies {
    /// The discrepancy of each model at its estimate, by the default kernel. With covariates there is
    /// none, since kernels would differ between models, and with noise neither, since the density is
    /// that of other data.
    pub fn of(
        contenders: &[Contender<'_>],
        specifications: &[Specification],
        options: &Options,
    ) -> Self {
        let conditional = contenders.iter().any(|one| !one.model.conditions().is_empty());
        let noised = specifications.iter().any(|one| !one.sigma().is_empty());
        if conditional || noised {
            return Self(contenders.iter().map(|_| None).collect());
        }
        let rows = chosen(contenders[0].data.rows(), options.seed);
        let one = |contender: &Contender<'_>| discrepancy(contender, &rows, options);
        Self(contenders.iter().map(one).collect())
    }

    /// V of a model.
    pub fn value(&self, model: usize) -> Option<f64> {
        self.0[model].as_ref().map(Discrepancy::v)
    }

    /// The difference of V between a model and another, with its jackknife standard error.
    pub fn difference(&self, model: usize, other: usize) -> Option<Mean> {
        let (own, other) = (self.0[model].as_ref()?, self.0[other].as_ref()?);
        let std_error = own.error_of_difference(other);
        Some(Mean { value: own.v() - other.v(), std_error })
    }
}

fn discrepancy(contender: &Contender<'_>, rows: &[u32], options: &Options) -> Option<Discrepancy> {
    let Contender { model, data, estimate, .. } = *contender;
    if estimate.outcome != Outcome::Converged {
        return None;
    }
    let sample = data.at(rows);
    let (specification, slices) = (specified(model, &sample, options), sample.slices());
    let (choices, threads) = (KernelChoices::default(), options.threads);
    let prepared = Discrepancy::prepare(&specification, model, &slices, &choices, threads).ok()?;
    let theta: Vec<f64> = estimate.parameters.iter().map(|one| one.estimate).collect();
    Some(prepared.at(&theta, &slices, threads)).filter(|found| found.v().is_finite())
}

/// All rows, or an ascending random sample.
fn chosen(rows: usize, seed: u64) -> Vec<u32> {
    let mut all: Vec<u32> = (0..rows as u32).collect();
    if rows > ROWS {
        let mut stream = stream(seed, KEY);
        (0..ROWS).for_each(|place| all.swap(place, place + stream.below(rows - place)));
        all.truncate(ROWS);
        all.sort_unstable();
    }
    all
}
