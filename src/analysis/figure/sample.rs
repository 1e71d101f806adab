//! The sorted numbers of a column, shifted towards zero, with the statistics that figures need.

use std::fmt;

use crate::numerics::median::quantile;
use crate::numerics::sum::compensated_mean;

/// Data whose distance from zero exceeds this multiple of their range are drawn relative to a nearby
/// round number, since labels with all digits would be unreadable.
const REMOTE: f64 = 1e5;
/// A sample longer than this many interquartile ranges has tails that would hide its centre …
const LONG: f64 = 30.0;
/// … and is drawn up to this many interquartile ranges beyond the quartiles.
const SHOWN: f64 = 8.0;
/// Shorter ranges contain no round numbers.
const SHORTEST: f64 = 1e-290;

/// The reason why numbers cannot be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Undrawable {
    /// There is no finite number.
    Empty,
    /// The range of the numbers exceeds that of doubles.
    TooLong,
}

impl fmt::Display for Undrawable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "there are no values to draw",
            Self::TooLong => "the values reach further than a double can tell: nothing is drawn",
        })
    }
}

impl std::error::Error for Undrawable {}

/// Finite numbers, sorted, at least one, each minus `shift`.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub sorted: Vec<f64>,
    pub shift: f64,
}

impl Sample {
    /// A sample of the finite values.
    pub fn of(values: &[f64]) -> Result<Self, Undrawable> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let (Some(&low), Some(&high)) = (sorted.first(), sorted.last()) else {
            return Err(Undrawable::Empty);
        };
        // Margins beside the data are drawn as well.
        if !(8.0 * (high - low)).is_finite() || !(2.0 * low.abs().max(high.abs())).is_finite() {
            return Err(Undrawable::TooLong);
        }
        let shift = shift(low, high);
        sorted.iter_mut().for_each(|x| *x -= shift);
        Ok(Self { sorted, shift })
    }

    /// A sample of angles, moved by whole periods into the one that begins at `start`.
    pub fn around(values: &[f64], start: f64) -> Result<Self, Undrawable> {
        let turned: Vec<f64> =
            values.iter().map(|x| start + (x - start).rem_euclid(std::f64::consts::TAU)).collect();
        let sample = Self::of(&turned)?;
        let sorted = sample.sorted.iter().map(|x| x + sample.shift).collect();
        Ok(Self { sorted, shift: 0.0 })
    }

    /// The angles in the period that begins opposite of their mean direction.
    pub fn cut_opposite(&self) -> Self {
        let mean = |f: fn(f64) -> f64| {
            compensated_mean(&self.sorted.iter().map(|&x| f(x)).collect::<Vec<_>>())
        };
        let start = mean(f64::sin).atan2(mean(f64::cos)) - std::f64::consts::PI;
        Self::around(&self.sorted, start).expect("angles in a period have a finite range")
    }

    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    pub fn low(&self) -> f64 {
        self.sorted[0]
    }

    pub fn high(&self) -> f64 {
        self.sorted[self.len() - 1]
    }

    pub fn is_constant(&self) -> bool {
        self.high() - self.low() < SHORTEST
    }

    /// The quantile at a probability, linear between neighbours.
    pub fn quantile(&self, probability: f64) -> f64 {
        quantile(&self.sorted, probability)
    }

    /// The bin width by the rule of Freedman and Diaconis, or by Scott's rule where the quartiles are
    /// equal.
    pub fn bin_width(&self) -> f64 {
        let quartiles = self.quantile(0.75) - self.quantile(0.25);
        let spread = if quartiles > 0.0 { 2.0 * quartiles } else { 3.49 * self.deviation() };
        spread / (self.len() as f64).cbrt()
    }

    /// The smallest distance between distinct values; `None` where all are equal.
    pub fn least_gap(&self) -> Option<f64> {
        let gaps = self.sorted.windows(2).map(|pair| pair[1] - pair[0]);
        gaps.filter(|&gap| gap > 0.0).min_by(f64::total_cmp)
    }

    /// The interval that is drawn: all values, but for long tails, which would hide the rest.
    pub fn window(&self) -> (f64, f64) {
        let (low, high) = (self.low(), self.high());
        if self.is_constant() {
            let room = if low == 0.0 { 0.5 } else { (0.1 * low.abs()).max(SHORTEST) };
            return (low - room, low + room);
        }
        let (first, third) = (self.quantile(0.25), self.quantile(0.75));
        let quartiles = third - first;
        if quartiles == 0.0 || high - low <= LONG * quartiles {
            return (low, high);
        }
        (low.max(first - SHOWN * quartiles), high.min(third + SHOWN * quartiles))
    }

    fn deviation(&self) -> f64 {
        // Scaled, since the squares of tiny numbers underflow.
        let scale = self.high() - self.low();
        let centre = compensated_mean(&self.sorted);
        let squares: Vec<f64> =
            self.sorted.iter().map(|x| ((x - centre) / scale).powi(2)).collect();
        scale * compensated_mean(&squares).sqrt()
    }
}

/// Zero, or a round number near data that are far from zero.
fn shift(low: f64, high: f64) -> f64 {
    let range = high - low;
    if range < SHORTEST || low.abs().max(high.abs()) < REMOTE * range {
        return 0.0;
    }
    let unit = 10_f64.powi(range.log10().ceil() as i32);
    (low / unit).round() * unit
}
