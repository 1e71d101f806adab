//! Hit-and-run with slice sampling, for densities whose support is a region inside the domain.
//!
//! A step draws a random direction (hit-and-run: Smith 1984, Operations Research 32:1296) and moves
//! along it by slice sampling (Neal 2003, Annals of Statistics 31:705): it draws a height below the
//! density, steps out an interval around the state, and shrinks the interval towards the state
//! until a point in it is above the height. The density is zero outside the region, so that no
//! point there is accepted, and the shape of the region is irrelevant.

use super::convergence::moments;
use super::markov::{Chain, Plan, Scaled};
use super::target::Slopes;
use super::{Error, Subject, stream_of};
use crate::numerics::rng::Stream;

pub(super) const CHAINS: usize = 4;
pub(super) const WARMUP: usize = 500;
/// Most widths by which an interval is stepped out.
const STEPS_OUT_MAX: usize = 20;
/// Length of an interval, in widths, beyond which widths are doubled in the warmup.
const NARROW: f64 = 5.0;
/// Most points of an interval that are tried; then the state stays where it is.
const TRIES_MAX: usize = 200;
/// Steps of the warmup after which widths are set to the spread of the states since the previous
/// one.
const WINDOWS: [usize; 3] = [50, 150, 350];

/// The state of a chain.
struct Walker<'a> {
    slopes: Slopes<'a>,
    /// A buffer for the slopes of log p, which are not used.
    unused: Vec<f64>,
    stream: Stream,
    z: Vec<f64>,
    height: f64,
    widths: Vec<f64>,
}

/// Runs a chain from its start.
pub(super) fn chain(
    subject: &Subject<'_>,
    scaled: &Scaled<'_>,
    (number, start): (usize, &[f64]),
    plan: Plan,
    tick: &dyn Fn(usize),
) -> Result<Chain, Error> {
    let (d, mut slopes) = (start.len(), scaled.slopes());
    let mut unused = vec![0.0; d];
    let height = slopes.at(start, &mut unused).ok_or(Error::Undefined)?;
    let stream = stream_of(subject.options, scaled.row, number);
    let (z, widths) = (start.to_vec(), vec![1.0; d]);
    let mut walker = Walker { slopes, unused, stream, z, height, widths };
    let mut seen: Vec<Vec<f64>> = vec![Vec::new(); d];
    let mut kept = Chain { states: vec![Vec::new(); d], divergences: 0 };
    for step in 0..plan.warmup + plan.length {
        if subject.options.interrupt.is_raised() {
            return Err(Error::Interrupted);
        }
        // One step for each coordinate.
        for _ in 0..d {
            let narrow = walker.step();
            if narrow && step < plan.warmup {
                walker.widths.iter_mut().for_each(|width| *width *= 2.0);
            }
        }
        let states = if step < plan.warmup { &mut seen } else { &mut kept.states };
        states.iter_mut().zip(&walker.z).for_each(|(states, z)| states.push(*z));
        if step < plan.warmup && WINDOWS.contains(&step) {
            walker.adapt_widths(&seen);
            seen.iter_mut().for_each(Vec::clear);
        }
        tick(1);
    }
    Ok(kept)
}

impl Walker<'_> {
    /// Sets the widths to three standard deviations of these states.
    fn adapt_widths(&mut self, states: &[Vec<f64>]) {
        for (width, states) in self.widths.iter_mut().zip(states) {
            let deviation = moments(states).1;
            if deviation > 0.0 && deviation.is_finite() {
                *width = 3.0 * deviation;
            }
        }
    }

    /// Moves along a random direction. Returns whether the interval took so many widths that they
    /// are too narrow.
    fn step(&mut self) -> bool {
        let noise: Vec<f64> = self.z.iter().map(|_| self.stream.normal()).collect();
        let length = noise.iter().map(|noise| noise * noise).sum::<f64>().sqrt();
        let along = noise.iter().zip(&self.widths).map(|(noise, width)| width * noise / length);
        let direction: Vec<f64> = along.collect();
        let level = self.height + self.stream.uniform().ln();
        let (mut low, mut high) = self.stepped_out(&direction, level);
        let narrow = high - low > NARROW;
        for _ in 0..TRIES_MAX {
            let t = low + (high - low) * self.stream.uniform();
            if let Some(height) = self.above(&direction, t, level) {
                self.z.iter_mut().zip(&direction).for_each(|(z, along)| *z += t * along);
                self.height = height;
                break;
            }
            *(if t < 0.0 { &mut low } else { &mut high }) = t;
        }
        narrow
    }

    /// An interval around the state whose ends are below the level, or that was stepped out
    /// [`STEPS_OUT_MAX`] times in both directions together.
    fn stepped_out(&mut self, direction: &[f64], level: f64) -> (f64, f64) {
        let mut low = -self.stream.uniform();
        let mut high = low + 1.0;
        let mut below = (STEPS_OUT_MAX as f64 * self.stream.uniform()) as usize;
        let mut above = STEPS_OUT_MAX - 1 - below;
        while below > 0 && self.above(direction, low, level).is_some() {
            (low, below) = (low - 1.0, below - 1);
        }
        while above > 0 && self.above(direction, high, level).is_some() {
            (high, above) = (high + 1.0, above - 1);
        }
        (low, high)
    }

    /// log p at distance `t` along the direction; `None` where it is not above the level.
    fn above(&mut self, direction: &[f64], t: f64, level: f64) -> Option<f64> {
        let point: Vec<f64> = self.z.iter().zip(direction).map(|(z, d)| z + t * d).collect();
        self.slopes.at(&point, &mut self.unused).filter(|height| *height > level)
    }
}
