//! Histograms of counts, and parts that all histograms share.

use super::axis::Axis;
use super::canvas::Canvas;
use super::frame::{Mark, framed, margin};
use crate::analysis::figure::{Bins, Sample};
use crate::numerics::digits::trimmed;

/// Decimal digits that identify a double.
const DIGITS: usize = 17;
/// Columns beside the bars.
const SIDES: usize = 8;
/// Approximate number of rows of a picture; the exact one is a multiple of its
/// intervals between ticks.
const ROWS: f64 = 14.0;
/// Least width of a bar in columns, so that a bar is wider than a stroke.
const BAR: usize = 2;

/// Most bins of a picture of `width` columns.
pub(super) fn most_bins(width: usize) -> usize {
    ((width - SIDES) / BAR).clamp(6, 40)
}

/// A number of rows for which every tick of the axis falls on a row, and the ticks as marks.
pub(super) fn rows_and_marks(y: &Axis) -> (usize, Vec<Mark>) {
    let parts = y.ticks.len() - 1;
    let each = (ROWS / parts as f64).round().max(1.0) as usize;
    let marks = y.ticks.iter().enumerate();
    (parts * each, marks.map(|(k, tick)| (k * each, tick.label.clone())).collect())
}

/// The counts of the bins as bars of equal width.
pub(super) fn counts(bins: &Bins, width: usize) -> Vec<String> {
    let y = Axis::from_zero(bins.highest() as f64, 1.0);
    let (rows, marks) = rows_and_marks(&y);
    let each = ((width - margin(&marks)) / bins.counts.len()).max(1);
    let mut canvas = Canvas::new(each * bins.counts.len(), rows);
    for (k, &count) in bins.counts.iter().enumerate() {
        let height = y.position(count as f64);
        (0..each).for_each(|column| canvas.bar(k * each + column, height));
    }
    let x = Axis::along(bins.first, bins.end(), canvas.columns);
    framed(&canvas, &x, &marks)
}

/// Captions: the shift of the axis, whether all values are equal, and how
/// many are outside the axis.
pub(super) fn captions(sample: &Sample, bins: &Bins) -> Vec<String> {
    let mut captions: Vec<String> = shifted(sample).into_iter().collect();
    if sample.is_constant() && sample.len() > 1 {
        captions.push(format!("all values are {}", sample.low()));
    }
    for (count, side) in [(bins.below, "left"), (bins.above, "right")] {
        match count {
            0 => {}
            1 => captions.push(format!("1 value lies to the {side} of the axis")),
            _ => captions.push(format!("{count} values lie to the {side} of the axis")),
        }
    }
    captions
}

/// The shift of the axis, if it is not zero.
pub(super) fn shifted(sample: &Sample) -> Option<String> {
    let zero = trimmed(sample.shift, DIGITS);
    (sample.shift != 0.0).then(|| format!("the axis counts from {zero}"))
}
