//! An axis: its ends, and ticks at round numbers with their labels.

use std::f64::consts::PI;

use crate::numerics::digits::{SLACK, quarters_of_pi, round_above, round_below, trimmed};

/// Significant digits of a label; these suffice, since axes of data far from zero are shifted.
const DIGITS: usize = 6;

/// A value on an axis with its label.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub at: f64,
    pub label: String,
}

/// An interval of numbers with its ticks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub low: f64,
    pub high: f64,
    pub ticks: Vec<Tick>,
}

impl Axis {
    /// An axis with ticks at multiples of a step.
    pub fn with_step(low: f64, high: f64, step: f64) -> Self {
        let first = (low / step - SLACK).ceil();
        let count = ((high / step + SLACK).floor() - first).max(-1.0) as usize + 1;
        let tick = |i: usize| {
            let at = (first + i as f64) * step;
            Tick { at, label: trimmed(at, DIGITS) }
        };
        Self { low, high, ticks: (0..count).map(tick).collect() }
    }

    /// An axis with as many ticks as leave room between their labels on `columns` columns.
    pub fn along(low: f64, high: f64, columns: usize) -> Self {
        let mut step = round_above((high - low) / columns as f64);
        loop {
            let axis = Self::with_step(low, high, step);
            if axis.ticks.len() <= 2 || axis.fits(columns) {
                return axis;
            }
            step = round_above(step * 1.5);
        }
    }

    /// An axis of one full turn, with ticks at quarters.
    pub fn turn(low: f64) -> Self {
        let quarter = PI / 2.0;
        let first = (low / quarter - SLACK).ceil();
        let count = ((low / quarter + 4.0 + SLACK).floor() - first) as usize + 1;
        let tick = |i: usize| {
            let quarters = first + i as f64;
            Tick { at: quarters * quarter, label: quarters_of_pi(quarters) }
        };
        Self { low, high: low + 2.0 * PI, ticks: (0..count).map(tick).collect() }
    }

    /// An axis from zero to the first tick that is not below `most`, with
    /// steps of at least `finest`.
    pub fn from_zero(most: f64, finest: f64) -> Self {
        let step = round_below(most / 3.0).max(finest);
        let parts = (most / step - SLACK).ceil().max(1.0);
        Self::with_step(0.0, parts * step, step)
    }

    /// The relative position of a value: 0 at the low end, 1 at the high one.
    pub fn position(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// Whether neighbouring labels, centred at their ticks, have two blanks between them.
    fn fits(&self, columns: usize) -> bool {
        let distance = columns as f64 / (self.high - self.low);
        self.ticks.windows(2).all(|pair| {
            let letters = pair[0].label.chars().count() + pair[1].label.chars().count();
            (pair[1].at - pair[0].at) * distance >= letters as f64 / 2.0 + 2.0
        })
    }
}
