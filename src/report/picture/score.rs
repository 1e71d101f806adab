//! Components of the score, each as a curve along its own column.

use super::axis::Axis;
use super::canvas::{BLOCKS, Canvas, DOTS};
use super::frame::{Mark, beside, framed, insert_below, margin};
use super::histogram::shifted;
use super::is_discrete;
use crate::analysis::figure::{Bins, Sample, reach};
use crate::data::Selection;
use crate::model;
use crate::model::Model;
use crate::numerics::digits::round_above;
use crate::sample::Score;
use crate::source::one_line;

/// Rows of a panel for the curve; one more below it shows the distribution of the data.
const ROWS: usize = 8;
/// Most panels, and the least width in columns at which they are in pairs side by side.
const PANELS: usize = 6;
const PAIR: usize = 60;
/// Length in characters beyond which a name is cut.
const LETTERS: usize = 20;

/// One component of the score with its column.
#[derive(Clone, Debug)]
struct Component {
    title: String,
    /// Its index among the components of `Slices::score`.
    output: usize,
    /// Its index among the columns of data and covariates.
    column: usize,
}

/// The score, and the medians of all columns, at which the inputs that do not vary are held.
struct Slices<'a> {
    score: Score<'a>,
    centre: Vec<f64>,
}

/// Curves of the score along one input each, with the others held at their medians, and captions.
pub(super) fn panels(
    model: &Model,
    data: &Selection,
    theta: &[f64],
    width: usize,
) -> (Vec<String>, Vec<String>) {
    let smooth = |k: &usize| !is_discrete(model.data()[*k].support);
    let components: Vec<usize> = (0..model.data().len()).filter(smooth).collect();
    let shown = &components[..components.len().min(PANELS)];
    let each = if width >= PAIR && shown.len() > 1 { width / 2 - 1 } else { width };
    let centre = (0..data.width()).map(|k| median(data.column(k))).collect();
    let slices = Slices { score: Score::of(model, shown, theta), centre };
    let panels: Vec<Vec<String>> = shown
        .iter()
        .enumerate()
        .map(|(output, &column)| {
            let component = Component { title: title(&model.data()[column]), output, column };
            slices.panel(&component, data.column(column), each)
        })
        .collect();
    let pairs = panels.chunks(if each == width { 1 } else { 2 });
    let blocks: Vec<Vec<String>> = pairs.map(|pair| beside(pair, each + 2)).collect();
    (blocks.join(&String::new()), captions(data.width(), components.len() - shown.len()))
}

fn captions(columns: usize, more: usize) -> Vec<String> {
    let others = (columns > 1).then(|| "the other columns are held at their medians".to_owned());
    let bars = "bars above the axis: where the data are".to_owned();
    let more = match more {
        0 => None,
        1 => Some("1 more component is not drawn".to_owned()),
        _ => Some(format!("{more} more components are not drawn")),
    };
    others.into_iter().chain([bars]).chain(more).collect()
}

/// The component, and its column if that has another name.
fn title(component: &model::Component) -> String {
    let name = one_line(&component.name, LETTERS);
    match component.column.as_deref() {
        Some(column) if column != component.name => {
            format!("score {name} ({})", one_line(column, LETTERS))
        }
        Some(_) | None => format!("score {name}"),
    }
}

fn median(values: &[f64]) -> f64 {
    Sample::of(values).map_or(f64::NAN, |sample| sample.quantile(0.5) + sample.shift)
}

impl Slices<'_> {
    fn panel(&self, component: &Component, values: &[f64], width: usize) -> Vec<String> {
        let sample = match Sample::of(values) {
            Ok(sample) => sample,
            Err(why) => return vec![component.title.clone(), format!("  {}", why)],
        };
        // The width of the marks depends on the curve, and the columns of the curve on that width:
        // the curve is computed twice.
        let Some((low, high)) = reach(&self.values(component, &sample, DOTS.0 * width)) else {
            let why = "  it has no finite value on the axis".to_owned();
            return vec![component.title.clone(), why];
        };
        let marks = marks(low, high);
        let columns = width.saturating_sub(margin(&marks)).max(8);
        let values = self.values(component, &sample, DOTS.0 * columns);
        let mut canvas = Canvas::new(columns, ROWS);
        canvas.level_line(height(0.0, low, high));
        canvas.curve(&values.iter().map(|&value| height(value, low, high)).collect::<Vec<_>>());
        let (start, end) = sample.window();
        let mut lines = framed(&canvas, &Axis::along(start, end, columns), &marks);
        insert_below(&mut lines, &rug(&sample, columns), &marks);
        lines.insert(0, component.title.clone());
        lines.extend(shifted(&sample));
        lines
    }

    fn values(&self, component: &Component, sample: &Sample, count: usize) -> Vec<f64> {
        let (low, high) = sample.window();
        let step = (high - low) / count as f64;
        let point = |i: usize| sample.shift + low + (i as f64 + 0.5) * step;
        let points: Vec<f64> = (0..count).map(point).collect();
        self.score.along(component.output, component.column, &points, &self.centre)
    }
}

fn height(value: f64, low: f64, high: f64) -> f64 {
    (value - low) / (high - low)
}

/// A label at zero, and labels at round numbers that are on other rows.
fn marks(low: f64, high: f64) -> Vec<Mark> {
    let axis = Axis::with_step(low, high, round_above((high - low) / 5.0));
    let row = |at: f64| ((height(at, low, high) * ROWS as f64).ceil() as usize).clamp(1, ROWS);
    let mut marks: Vec<Mark> = vec![(row(0.0), "0".to_owned())];
    for tick in axis.ticks {
        if marks.iter().all(|mark| mark.0 != row(tick.at)) {
            marks.push((row(tick.at), tick.label));
        }
    }
    marks
}

/// One row of bars that shows the distribution of the data.
fn rug(sample: &Sample, columns: usize) -> String {
    let (low, high) = sample.window();
    spark(&Bins::even(sample, low, high, columns).counts)
}

/// Counts as one row of bars; the largest fills a cell, and a positive count at least an eighth.
pub(super) fn spark(counts: &[usize]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let block = |&count: &usize| {
        let least = usize::from(count > 0);
        BLOCKS[((8.0 * count as f64 / most).round() as usize).max(least)]
    };
    counts.iter().map(block).collect()
}
