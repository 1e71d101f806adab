//! Bins of a histogram: round edges, and how many values lie between them.
//!
//! A bin holds its lower edge and not its upper one, so that whole numbers are counted alike in
//! every bin.

use std::f64::consts::TAU;

use super::sample::Sample;
use crate::numerics::digits::{SLACK, round_above, round_below};

/// Fewest bins, where the values can be told apart.
const FEWEST: f64 = 5.0;

/// Counts of values in bins of one width.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bins {
    pub first: f64,
    pub step: f64,
    pub counts: Vec<usize>,
    /// Values in all, in a bin or not.
    pub total: usize,
    /// Values on the left of all bins.
    pub below: usize,
    /// Values on the right of them.
    pub above: usize,
}

impl Bins {
    /// At most `most` bins; one of their edges is, or would be, at `anchor`.
    pub fn of(sample: &Sample, most: usize, anchor: f64) -> Self {
        let (low, high) = sample.window();
        let step = step(sample, high - low, most as f64);
        let first = anchor + ((low - anchor) / step + SLACK).floor() * step;
        let count = ((high - first) / step + SLACK).floor() as usize + 1;
        Self::counted(sample, first, step, count)
    }

    /// Bins that divide the turn from `start`, where the sample lies, evenly.
    pub fn around(sample: &Sample, start: f64, most: usize) -> Self {
        // Around a circle, a cluster is cut wherever the turn begins: its width is that of the same
        // values cut opposite of their middle.
        let wanted = TAU / sample.cut_opposite().bin_width().max(1e-3);
        let shares = [36, 24, 16, 12, 8];
        let fits = |count: &usize| *count <= most && *count as f64 <= 1.5 * wanted;
        let count = shares.into_iter().find(fits).unwrap_or(8);
        Self::counted(sample, start, TAU / count as f64, count)
    }

    /// So many bins from `low` to `high`; the last one holds its upper edge.
    pub fn even(sample: &Sample, low: f64, high: f64, count: usize) -> Self {
        let mut bins = Self::counted(sample, low, (high - low) / count as f64, count);
        let ends = sample.sorted.iter().filter(|&&x| x == high).count();
        let last = bins.counts.last_mut().expect("a histogram has a bin");
        // The counts take the upper edge for the next bin's, in whichever the rounding put it.
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

    /// The count of the bin around a value; none outside of all bins.
    pub fn count_at(&self, value: f64) -> usize {
        let place = ((value - self.first) / self.step).floor();
        if place < 0.0 { 0 } else { self.counts.get(place as usize).copied().unwrap_or(0) }
    }

    /// Counts as densities: the bars of all values have the area 1.
    pub fn density(&self, count: usize) -> f64 {
        count as f64 / (self.total as f64 * self.step)
    }

    /// The largest count.
    pub fn highest(&self) -> usize {
        self.counts.iter().copied().max().unwrap_or(0)
    }
}

/// A round width of bins. Values on a lattice of their own, such as whole numbers, are not
/// divided finer than they are, for that would leave every other bin empty.
fn step(sample: &Sample, span: f64, most: f64) -> f64 {
    let Some(gap) = sample.least_gap() else {
        return round_below(span / FEWEST);
    };
    // Of `most` bins, one may begin before the values and one with the last of them.
    let least = span / (most - 2.0).max(1.0);
    let step = round_below(sample.bin_width().min(span / FEWEST).max(least));
    let step = if step < least { round_above(least) } else { step };
    if step < gap { round_below(gap) } else { step }
}
