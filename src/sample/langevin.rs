//! The Metropolis-adjusted Langevin algorithm; the chains are rows of one program.
//!
//! A step proposes z + h²w²∇log p/2 + h w ξ with standard normal ξ, and accepts it by the rule of
//! Metropolis and Hastings (Roberts and Tweedie 1996). In the warmup the step size h is tuned to an
//! acceptance of 0.574 (Roberts and Rosenthal 1998), and the widths w to the spread of the chains.

use super::markov::{Chain, Plan, Scaled};
use super::{Error, Subject, stream_of};
use crate::numerics::rng::Stream;

pub(super) const CHAINS: usize = 32;
pub(super) const WARMUP: usize = 3000;
/// Steps from one kept state to the next.
const BETWEEN: usize = 10;
/// The optimal probability of acceptance.
const ACCEPTED: f64 = 0.574;
/// Steps of the warmup between two updates of the widths.
const WINDOW: usize = 250;

/// The states of all chains, with log p and its slopes there, the step size, and the random
/// streams.
struct State {
    /// By coordinate, then by chain.
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
    let mut state = State::new(subject, scaled, starts);
    state.warm(subject, scaled, plan, tick)?;
    state.collected(subject, scaled, plan, tick)
}

/// Runs the chains at one level of noise after another, each from the states at the previous level.
/// Levels are rows of covariates, and the first one is that of `scaled`.
pub(super) fn annealed(
    subject: &Subject<'_>,
    scaled: &mut Scaled<'_>,
    starts: &[Vec<f64>],
    plan: Plan,
    tick: &dyn Fn(usize),
) -> Result<Vec<Chain>, Error> {
    let mut state = State::new(subject, scaled, starts);
    state.warm(subject, scaled, plan, tick)?;
    for level in 1..subject.conditions() {
        scaled.row = level;
        state.height_and_slopes(scaled);
        state.warm(subject, scaled, plan, tick)?;
    }
    state.collected(subject, scaled, plan, tick)
}

impl State {
    fn new(subject: &Subject<'_>, scaled: &Scaled<'_>, starts: &[Vec<f64>]) -> Self {
        let d = scaled.frame.scale.len();
        let streams =
            (0..starts.len()).map(|k| stream_of(subject.options, scaled.row, k)).collect();
        let z = (0..d).map(|k| starts.iter().map(|start| start[k]).collect()).collect();
        let mut state = Self {
            z,
            height: Vec::new(),
            slopes: Vec::new(),
            log_step: -0.5 * (d as f64).ln(),
            widths: vec![1.0; d],
            streams,
        };
        state.height_and_slopes(scaled);
        state
    }

    /// Computes log p and its slopes at the states.
    fn height_and_slopes(&mut self, scaled: &Scaled<'_>) {
        let mut found = scaled.at(&self.z);
        self.slopes = found.split_off(1);
        self.height = found.swap_remove(0);
    }

    /// Runs the warmup, which tunes step size and widths.
    fn warm(
        &mut self,
        subject: &Subject<'_>,
        scaled: &Scaled<'_>,
        plan: Plan,
        tick: &dyn Fn(usize),
    ) -> Result<(), Error> {
        let mut seen = StateSums::new(self.z.len());
        for step in 0..plan.warmup {
            if subject.options.interrupt.is_raised() {
                return Err(Error::Interrupted);
            }
            let accepted = self.step(scaled);
            self.log_step += (accepted - ACCEPTED) / (1.0 + (step % WINDOW) as f64).powf(0.6);
            seen.add(&self.z);
            if step % WINDOW == WINDOW - 1 && step + WINDOW < plan.warmup {
                self.widths = seen.deviations();
                seen = StateSums::new(self.z.len());
            }
            tick(plan.chains);
        }
        Ok(())
    }

    /// Runs the chains after the warmup, and returns the kept states.
    fn collected(
        &mut self,
        subject: &Subject<'_>,
        scaled: &Scaled<'_>,
        plan: Plan,
        tick: &dyn Fn(usize),
    ) -> Result<Vec<Chain>, Error> {
        let empty = Chain { states: vec![Vec::new(); self.z.len()], divergences: 0 };
        let mut chains = vec![empty; plan.chains];
        for _ in 0..plan.length {
            if subject.options.interrupt.is_raised() {
                return Err(Error::Interrupted);
            }
            for _ in 0..BETWEEN {
                self.step(scaled);
            }
            for (k, chain) in chains.iter_mut().enumerate() {
                chain.states.iter_mut().zip(&self.z).for_each(|(states, z)| states.push(z[k]));
            }
            tick(plan.chains);
        }
        Ok(chains)
    }

    /// One step of every chain; returns the mean probability of acceptance.
    fn step(&mut self, scaled: &Scaled<'_>) -> f64 {
        let (proposed, forth) = self.proposals();
        let mut found = scaled.at(&proposed);
        let slopes = found.split_off(1);
        let height = found.swap_remove(0);
        let back = self.log_back(&proposed, &slopes);
        let mut accepted = 0.0;
        for chain in 0..height.len() {
            let log = height[chain] - self.height[chain] + back[chain] - forth[chain];
            let probability = if log.is_nan() { 0.0 } else { log.min(0.0).exp() };
            accepted += probability / height.len() as f64;
            // One number of the stream is used whether the proposal is accepted or not.
            if self.streams[chain].uniform() < probability {
                self.height[chain] = height[chain];
                let moved = self.z.iter_mut().zip(&proposed);
                moved.for_each(|(z, proposed)| z[chain] = proposed[chain]);
                let turned = self.slopes.iter_mut().zip(&slopes);
                turned.for_each(|(own, slopes)| own[chain] = slopes[chain]);
            }
        }
        accepted
    }

    /// A proposal for each chain, and the logarithm of its proposal density up to a constant.
    fn proposals(&mut self) -> (Vec<Vec<f64>>, Vec<f64>) {
        let h = self.log_step.exp();
        let mut log_density = vec![0.0; self.height.len()];
        let mut proposed = Vec::with_capacity(self.z.len());
        for ((z, slopes), width) in self.z.iter().zip(&self.slopes).zip(&self.widths) {
            let width = h * width;
            let chains = z.iter().zip(slopes).zip(&mut self.streams).zip(&mut log_density);
            let moved = chains.map(|(((z, slope), stream), log_density)| {
                let noise = stream.normal();
                *log_density -= 0.5 * noise * noise;
                z + 0.5 * width * width * slope + width * noise
            });
            proposed.push(moved.collect());
        }
        (proposed, log_density)
    }

    /// By chain, the logarithm of the proposal density of the present state from the proposal, up
    /// to a constant.
    fn log_back(&self, proposed: &[Vec<f64>], slopes: &[Vec<f64>]) -> Vec<f64> {
        let h = self.log_step.exp();
        let mut log_density = vec![0.0; self.height.len()];
        let coordinates = self.z.iter().zip(&self.widths).zip(proposed.iter().zip(slopes));
        for ((z, width), (proposed, slopes)) in coordinates {
            let width = h * width;
            for (chain, log_density) in log_density.iter_mut().enumerate() {
                let drift = 0.5 * width * width * slopes[chain];
                let noise = (z[chain] - proposed[chain] - drift) / width;
                *log_density -= 0.5 * noise * noise;
            }
        }
        log_density
    }
}

/// Sums over states by coordinate, relative to a first state, for their standard deviations.
struct StateSums {
    count: f64,
    first: Vec<f64>,
    sums: Vec<(f64, f64)>,
}

impl StateSums {
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
