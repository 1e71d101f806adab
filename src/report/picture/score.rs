//! Components of the score, each against its own column.

use super::axis::{Axis, Tick};
use super::bins::Bins;
use super::canvas::{BLOCKS, Canvas, DOTS};
use super::frame::{Mark, framed, margin};
use super::sample::Sample;
use super::slice::Score;
use crate::report::number::trimmed;

/// Rows of a panel for the curve; below it, one shows where the data are.
const ROWS: usize = 8;
/// A panel reaches from this quantile of the score to its mirror image, and so much further:
/// where the score runs to infinity, its other values stay visible.
const QUANTILE: f64 = 0.05;
const FURTHER: f64 = 0.25;

/// One component of the score and its column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Component<'a> {
    pub name: &'a str,
    /// Its place among the components of the score.
    pub output: usize,
    /// Its place among data and covariates.
    pub column: usize,
}

/// A panel of a width, and its captions.
pub(super) fn panel(
    score: &Score<'_>,
    component: Component<'_>,
    sample: &Sample,
    centre: &[f64],
    width: usize,
) -> Vec<String> {
    let title = format!("score {}", component.name);
    // The marks are not known before the curve, nor its columns before the marks: the curve is
    // computed for a width that leaves no margin, and read at the columns that remain.
    let fine = values(score, component, sample, centre, DOTS.0 * width);
    let Some((low, high)) = reach(&fine) else {
        return vec![title, "  it has no finite value on the axis".to_owned()];
    };
    let marks = marks(low, high);
    let columns = width.saturating_sub(margin(&marks)).max(8);
    let heights = values(score, component, sample, centre, DOTS.0 * columns);
    let mut canvas = Canvas::new(columns, ROWS);
    canvas.level_line(height(0.0, low, high));
    canvas.curve(&heights.iter().map(|&value| height(value, low, high)).collect::<Vec<_>>());
    let (start, end) = sample.window();
    let mut lines = framed(&canvas, &Axis::along(start, end, columns), &marks);
    let rug = rug(sample, columns);
    lines.insert(ROWS, format!("{}│{rug}", " ".repeat(margin(&marks) - 2)).trim_end().to_owned());
    lines.insert(0, title);
    lines
}

fn values(
    score: &Score<'_>,
    component: Component<'_>,
    sample: &Sample,
    centre: &[f64],
    count: usize,
) -> Vec<f64> {
    let (low, high) = sample.window();
    let step = (high - low) / count as f64;
    let point = |i: usize| sample.shift + low + (i as f64 + 0.5) * step;
    let points: Vec<f64> = (0..count).map(point).collect();
    score.along(component.output, component.column, &points, centre)
}

/// From where to where a panel reaches; zero is in it.
fn reach(values: &[f64]) -> Option<(f64, f64)> {
    let sample = Sample::of(values).ok()?;
    let value = |probability: f64| sample.quantile(probability) + sample.shift;
    let (low, high) = (value(QUANTILE), value(1.0 - QUANTILE));
    let room = FURTHER * (high - low);
    let low = (low - room).max(value(0.0)).min(0.0);
    let high = (high + room).min(value(1.0)).max(0.0);
    // A score that is zero everywhere is drawn as such.
    Some(if low == high { (-1.0, 1.0) } else { (low, high) })
}

fn height(value: f64, low: f64, high: f64) -> f64 {
    (value - low) / (high - low)
}

/// Labels at zero and at the outermost round numbers.
fn marks(low: f64, high: f64) -> Vec<Mark> {
    let axis = Axis::along(low, high, ROWS + 4);
    let row = |at: f64| ((height(at, low, high) * ROWS as f64).ceil() as usize).clamp(1, ROWS);
    let zero = Tick { at: 0.0, label: trimmed(0.0, 1) };
    let outer = [axis.ticks.first(), axis.ticks.last()].into_iter().flatten();
    let mut marks: Vec<Mark> = vec![(row(zero.at), zero.label.clone())];
    for tick in outer {
        if marks.iter().all(|mark| mark.0 != row(tick.at)) {
            marks.push((row(tick.at), tick.label.clone()));
        }
    }
    marks
}

/// One row of bars: where the data are.
fn rug(sample: &Sample, columns: usize) -> String {
    let (low, high) = sample.window();
    spark(&Bins::even(sample, low, high, columns).counts)
}

/// Counts as one row of bars, the largest a full cell; what is not nothing is seen.
pub(super) fn spark(counts: &[usize]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let block = |&count: &usize| {
        let least = usize::from(count > 0);
        BLOCKS[((8.0 * count as f64 / most).round() as usize).max(least)]
    };
    counts.iter().map(block).collect()
}
