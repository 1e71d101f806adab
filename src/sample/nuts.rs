//! The No-U-Turn sampler of the crate nuts-rs on a compiled log p.

use std::collections::HashMap;
use std::fmt;

use nuts_rs::rand::SeedableRng as _;
use nuts_rs::rand::rngs::ChaCha8Rng;
use nuts_rs::{
    Chain as _, CpuLogpFunc, CpuMath, CpuMathError, DiagNutsSettings, HasDims, LogpError,
    Settings as _,
};

use super::markov::{Chain, Plan, Scaled};
use super::target::Slopes;
use super::{Error, Subject, stream_of};

/// The probability of acceptance to which step sizes are tuned. It is larger than the default of
/// the crate, since smaller steps diverge less in narrow places.
const ACCEPTED: f64 = 0.9;

/// log p and its number of coordinates, in the interface of the crate.
struct Density<'a>(Slopes<'a>, usize);

/// log p or one of its slopes is not finite; the trajectory ends there.
#[derive(Debug)]
struct NotFinite;

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("log p or one of its slopes is not finite")
    }
}

impl std::error::Error for NotFinite {}

impl LogpError for NotFinite {
    fn is_recoverable(&self) -> bool {
        true
    }
}

impl HasDims for Density<'_> {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        HashMap::from([("unconstrained_parameter".to_owned(), self.dim() as u64)])
    }
}

impl CpuLogpFunc for Density<'_> {
    type LogpError = NotFinite;
    type FlowParameters = ();
    type ExpandedVector = Vec<f64>;

    fn dim(&self) -> usize {
        self.1
    }

    fn logp(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, NotFinite> {
        self.0.at(position, gradient).ok_or(NotFinite)
    }

    fn expand_vector<R: nuts_rs::rand::Rng + ?Sized>(
        &mut self,
        _rng: &mut R,
        position: &[f64],
    ) -> Result<Vec<f64>, CpuMathError> {
        Ok(position.to_vec())
    }
}

/// Runs a chain from its start.
pub(super) fn chain(
    subject: &Subject<'_>,
    scaled: &Scaled<'_>,
    (number, start): (usize, &[f64]),
    plan: Plan,
    tick: &dyn Fn(usize),
) -> Result<Chain, Error> {
    let mut settings = DiagNutsSettings { num_tune: plan.warmup as u64, ..Default::default() };
    settings.adapt_options.step_size_settings.target_accept = ACCEPTED;
    let mut stream = stream_of(subject.options, scaled.row, number);
    let mut rng = ChaCha8Rng::seed_from_u64(stream.bits());
    let math = CpuMath::new(Density(scaled.slopes(), start.len()));
    let lost = |_| Error::Undefined;
    let mut chain = settings.new_chain(number as u64, math, &mut rng).map_err(lost)?;
    chain.set_position(start).map_err(lost)?;
    let mut kept = Chain { states: vec![Vec::new(); start.len()], divergences: 0 };
    for step in 0..plan.warmup + plan.length {
        if subject.options.interrupt.is_raised() {
            return Err(Error::Interrupted);
        }
        let (state, progress) = chain.draw().map_err(lost)?;
        if step >= plan.warmup {
            kept.divergences += usize::from(progress.diverging);
            kept.states.iter_mut().zip(&state).for_each(|(states, z)| states.push(*z));
        }
        tick(1);
    }
    Ok(kept)
}
