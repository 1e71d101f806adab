//! Bins of a histogram: round edges, and the number of values in each.
//!
//! A bin contains its lower edge and not its upper one, so that bins of equally many whole numbers
//! are counted alike.

use std::f64::consts::TAU;

use super::sample::Sample;
use crate::numerics::digits::{SLACK, round_above, round_below};

/// Fewest bins, unless the values of a lattice are farther apart.
const FEWEST: f64 = 5.0;

/// Counts of values in bins of equal width.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bins {
    pub first: f64,
    pub step: f64,
    pub counts: Vec<usize>,
    /// Number of all values, in a bin or not.
    pub total: usize,
    /// Number of values below all bins.
    pub below: usize,
    /// Number of values above all bins.
    pub above: usize,
}

impl Bins {
    /// At most `most` bins, with edges at multiples of their width from `anchor`.
    pub fn of(sample: &Sample, most: usize, anchor: f64) -> Self {
        let (low, high) = sample.window();
        let step = step(sample, high - low, most as f64);
        let first = anchor + ((low - anchor) / step + SLACK).floor() * step;
        let count = ((high - first) / step + SLACK).floor() as usize + 1;
        Self::counted(sample, first, step, count)
    }

    /// Bins that divide the period from `start`, which contains the sample, evenly.
    pub fn around(sample: &Sample, start: f64, most: usize) -> Self {
        // The beginning of the period may cut a cluster of angles in two, which would inflate the
        // bin width: it is that of the angles in the period that begins opposite of their mean.
        let wanted = TAU / sample.cut_opposite().bin_width().max(1e-3);
        let shares = [36, 24, 16, 12, 8];
        let fits = |count: &usize| *count <= most && *count as f64 <= 1.5 * wanted;
        let count = shares.into_iter().find(fits).unwrap_or(8);
        Self::counted(sample, start, TAU / count as f64, count)
    }

    /// `count` bins from `low` to `high`; the last one contains its upper edge.
    pub fn even(sample: &Sample, low: f64, high: f64, count: usize) -> Self {
        let mut bins = Self::counted(sample, low, (high - low) / count as f64, count);
        let ends = sample.sorted.iter().filter(|&&x| x == high).count();
        let last = bins.counts.last_mut().expect("a histogram has a bin");
        // Values at the upper edge were counted above all bins, or by rounding in the last bin.
        *last += ends.min(bins.above);
        bins.above -= ends.min(bins.above);
        bins
    }

    fn counted(sample: &Sample, first: f64, step: f64, count: usize) -> Self {
        let mut bins =
            Self { first, step, counts: vec![0; count], total: sample.len(), below: 0, above: 0 };
        for &x in &sample.sorted {
            let place = ((x - first) / step + SLACK).floor();
            if place < 0.0 {
                bins.below += 1;
            } else if let Some(counted) = bins.counts.get_mut(place as usize) {
                *counted += 1;
            } else {
                bins.above += 1;
            }
        }
        bins
    }

    /// The upper edge of the last bin.
    pub fn end(&self) -> f64 {
        self.first + self.counts.len() as f64 * self.step
    }

    /// The count of the bin that contains a value; zero outside all bins.
    pub fn count_at(&self, value: f64) -> usize {
        let place = ((value - self.first) / self.step).floor();
        if place < 0.0 { 0 } else { self.counts.get(place as usize).copied().unwrap_or(0) }
    }

    /// A count as a density: the bars of all values have total area 1.
    pub fn density(&self, count: usize) -> f64 {
        count as f64 / (self.total as f64 * self.step)
    }

    /// The largest count.
    pub fn highest(&self) -> usize {
        self.counts.iter().copied().max().unwrap_or(0)
    }
}

/// A round width of bins. It is at least the smallest distance of values on a lattice, such as whole
/// numbers, since narrower bins would be empty in between.
fn step(sample: &Sample, span: f64, most: f64) -> f64 {
    let Some(gap) = sample.least_gap() else {
        return round_below(span / FEWEST);
    };
    // Of `most` bins, one may begin before the values and one at the last of them.
    let least = span / (most - 2.0).max(1.0);
    let step = round_below(sample.bin_width().min(span / FEWEST).max(least));
    let step = if step < least { round_above(least) } else { step };
    if step < gap { round_below(gap) } else { step }
}
