//! Slices along random directions, for densities that end somewhere inside the domain.
//!
//! A step takes a direction at random (hit-and-run: Smith 1984, Operations Research 32:1296) and moves along
//! it by a slice (Neal 2003, Annals of Statistics 31:705): a height below the density, an interval that is
//! stepped out around the state and shrinks towards it until a point in it lies above the height. The density
//! is zero outside the region, so that no such point is taken, and nothing is asked of the region's shape.

use super::convergence::moments;
use super::markov::{Chain, Plan, Scaled};
use super::target::Slopes;
use super::{Error, Subject, stream_of};
use crate::numerics::rng::Stream;

pub(super) const CHAINS: usize = 4;
pub(super) const WARMUP: usize = 500;
/// Widths by which an interval is stepped out at most.
const OUT: usize = 20;
/// Widths of an interval beyond which they are doubled in the warmup.
const NARROW: f64 = 5.0;
/// Points of an interval that are tried before the state stays where it is.
const TRIES: usize = 200;
/// Steps of the warmup after which widths are those of the states since the last time.
const WINDOWS: [usize; 3] = [50, 150, 350];

/// A chain on its way.
struct Walker<'a> {
    slopes: Slopes<'a>,
    /// The slopes of log p, which are not used.
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
        // As many directions as there are coordinates.
        for _ in 0..d {
            let narrow = walker.step();
            if narrow && step < plan.warmup {
                walker.widths.iter_mut().for_each(|width| *width *= 2.0);
            }
        }
        let states = if step < plan.warmup { &mut seen } else { &mut kept.states };
        states.iter_mut().zip(&walker.z).for_each(|(states, z)| states.push(*z));
        if step < plan.warmup && WINDOWS.contains(&step) {
            walker.widen(&seen);
            seen.iter_mut().for_each(Vec::clear);
        }
        tick(1);
    }
    Ok(kept)
}

impl Walker<'_> {
    /// Widths are three standard deviations of these states.
    fn widen(&mut self, states: &[Vec<f64>]) {
        for (width, states) in self.widths.iter_mut().zip(states) {
            let deviation = moments(states).1;
            if deviation > 0.0 && deviation.is_finite() {
                *width = 3.0 * deviation;
            }
        }
    }

    /// One move along a direction; whether its interval took so many widths that they are too narrow.
    fn step(&mut self) -> bool {
        let noise: Vec<f64> = self.z.iter().map(|_| self.stream.normal()).collect();
        let length = noise.iter().map(|noise| noise * noise).sum::<f64>().sqrt();
        let along = noise.iter().zip(&self.widths).map(|(noise, width)| width * noise / length);
        let direction: Vec<f64> = along.collect();
        let level = self.height + self.stream.uniform().ln();
        let (mut low, mut high) = self.stepped_out(&direction, level);
        let narrow = high - low > NARROW;
        for _ in 0..TRIES {
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

    /// An interval around the state whose ends lie below the level, or that was stepped out [`OUT`] times
    /// to both sides together.
    fn stepped_out(&mut self, direction: &[f64], level: f64) -> (f64, f64) {
        let mut low = -self.stream.uniform();
        let mut high = low + 1.0;
        let mut below = (OUT as f64 * self.stream.uniform()) as usize;
        let mut above = OUT - 1 - below;
        while below > 0 && self.above(direction, low, level).is_some() {
            (low, below) = (low - 1.0, below - 1);
        }
        while above > 0 && self.above(direction, high, level).is_some() {
            (high, above) = (high + 1.0, above - 1);
        }
        (low, high)
    }

    /// log p at t along the direction, where it lies above the level.
    fn above(&mut self, direction: &[f64], t: f64, level: f64) -> Option<f64> {
        let point: Vec<f64> = self.z.iter().zip(direction).map(|(z, d)| z + t * d).collect();
        self.slopes.at(&point, &mut self.unused).filter(|height| *height > level)
    }
}
