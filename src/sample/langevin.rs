//! The Metropolis-adjusted Langevin algorithm, all chains as rows of one program.
//!
//! A step proposes z + h²w²∇log p/2 + h w ξ and takes it by the rule of Metropolis and Hastings (Roberts
//! and Tweedie 1996). The size h is tuned to an acceptance of 0.574 (Roberts and Rosenthal 1998), the
//! widths w to the spread of the chains, both in the warmup alone.

use super::markov::{Chain, Plan, Scaled};
use super::{Error, Subject, stream_of};
use crate::numerics::rng::Stream;

pub(super) const CHAINS: usize = 32;
pub(super) const WARMUP: usize = 3000;
/// Steps from one state that is kept to the next.
const BETWEEN: usize = 10;
/// The share of proposals that are taken at the best step size.
const ACCEPTED: f64 = 0.574;
/// Steps of the warmup between two looks at the widths.
const WINDOW: usize = 250;

/// The states of all chains, and what a step needs of each.
struct State {
    /// By coordinate, one number for each chain.
    z: Vec<Vec<f64>>,
    height: Vec<f64>,
    slopes: Vec<Vec<f64>>,
    log_step: f64,
    widths: Vec<f64>,
    streams: Vec<Stream>,
}

/// Runs the chains from their starts.
pub(super) fn chains(
    subject: &Subject<'_>,
    scaled: &Scaled<'_>,
    starts: &[Vec<f64>],
    plan: Plan,
    tick: &dyn Fn(usize),
) -> Result<Vec<Chain>, Error> {
    let d = scaled.frame.scale.len();
    let streams = (0..plan.chains).map(|k| stream_of(subject.options, scaled.row, k)).collect();
    let mut state = State::new(scaled, starts, streams);
    let mut seen = Seen::new(d);
    for step in 0..plan.warmup {
        if subject.options.interrupt.is_raised() {
            return Err(Error::Interrupted);
        }
        let accepted = state.step(scaled);
        state.log_step += (accepted - ACCEPTED) / (1.0 + (step % WINDOW) as f64).powf(0.6);
        seen.add(&state.z);
        if step % WINDOW == WINDOW - 1 && step + WINDOW < plan.warmup {
            state.widths = seen.deviations();
            seen = Seen::new(d);
        }
        tick(plan.chains);
    }
    let mut chains = vec![Chain { states: vec![Vec::new(); d], divergences: 0 }; plan.chains];
    for _ in 0..plan.length {
        if subject.options.interrupt.is_raised() {
            return Err(Error::Interrupted);
        }
        for _ in 0..BETWEEN {
            state.step(scaled);
        }
        for (k, chain) in chains.iter_mut().enumerate() {
            chain.states.iter_mut().zip(&state.z).for_each(|(states, z)| states.push(z[k]));
        }
        tick(plan.chains);
    }
    Ok(chains)
}

impl State {
    fn new(scaled: &Scaled<'_>, starts: &[Vec<f64>], streams: Vec<Stream>) -> Self {
        let d = scaled.frame.scale.len();
        let z: Vec<Vec<f64>> =
            (0..d).map(|k| starts.iter().map(|start| start[k]).collect()).collect();
        let mut found = scaled.at(&z);
        let slopes = found.split_off(1);
        let height = found.swap_remove(0);
        Self { z, height, slopes, log_step: -0.5 * (d as f64).ln(), widths: vec![1.0; d], streams }
    }

    /// One step of every chain; the mean probability with which proposals are taken.
    fn step(&mut self, scaled: &Scaled<'_>) -> f64 {
        let (d, chains) = (self.z.len(), self.height.len());
        let h = self.log_step.exp();
        let mut proposed = vec![vec![0.0; chains]; d];
        let mut forth = vec![0.0; chains];
        for (chain, stream) in self.streams.iter_mut().enumerate() {
            for k in 0..d {
                let (width, noise) = (h * self.widths[k], stream.normal());
                let drift = 0.5 * width * width * self.slopes[k][chain];
                proposed[k][chain] = self.z[k][chain] + drift + width * noise;
                forth[chain] -= 0.5 * noise * noise;
            }
        }
        let mut found = scaled.at(&proposed);
        let slopes = found.split_off(1);
        let height = found.swap_remove(0);
        let mut accepted = 0.0;
        for chain in 0..chains {
            let mut back = 0.0;
            for k in 0..d {
                let width = h * self.widths[k];
                let drift = 0.5 * width * width * slopes[k][chain];
                let noise = (self.z[k][chain] - proposed[k][chain] - drift) / width;
                back -= 0.5 * noise * noise;
            }
            let log = height[chain] - self.height[chain] + back - forth[chain];
            let probability = if log.is_nan() { 0.0 } else { log.min(0.0).exp() };
            accepted += probability / chains as f64;
            // One number of the stream is used whatever becomes of the proposal.
            if self.streams[chain].uniform() < probability {
                self.height[chain] = height[chain];
                for k in 0..d {
                    self.z[k][chain] = proposed[k][chain];
                    self.slopes[k][chain] = slopes[k][chain];
                }
            }
        }
        accepted
    }
}

/// Sums over states by coordinate, from which their spread is told.
struct Seen {
    count: f64,
    first: Vec<f64>,
    sums: Vec<(f64, f64)>,
}

impl Seen {
    fn new(d: usize) -> Self {
        Self { count: 0.0, first: Vec::new(), sums: vec![(0.0, 0.0); d] }
    }

    fn add(&mut self, z: &[Vec<f64>]) {
        if self.first.is_empty() {
            self.first = z.iter().map(|z| z[0]).collect();
        }
        self.count += z[0].len() as f64;
        for ((sums, z), first) in self.sums.iter_mut().zip(z).zip(&self.first) {
            let moved = z.iter().map(|z| z - first);
            sums.0 += moved.clone().sum::<f64>();
            sums.1 += moved.map(|z| z * z).sum::<f64>();
        }
    }

    fn deviations(&self) -> Vec<f64> {
        let one = |&(sum, squares): &(f64, f64)| {
            let mean = sum / self.count;
            let variance = squares / self.count - mean * mean;
            if variance > 0.0 && variance.is_finite() { variance.sqrt() } else { 1.0 }
        };
        self.sums.iter().map(one).collect()
    }
}
