//! One number: its density over a histogram, and its score.

use super::bins::Bins;
use super::build::{Site, label};
use super::density::Extent;
use super::overlay::{Ground, Overlay};
use super::sample::{Sample, Undrawable};
use super::{Axis, Figure, Layer, Mark, Panel, Role};
use crate::numerics::digits::trimmed;
use crate::sample::Score;

/// Most bins of the histogram, and number of parts of the axis in which the density is evaluated.
const BINS: usize = 36;
const PARTS: usize = 480;
/// Ratio of the axis of densities to the height of the panel.
const ROOM: f64 = 1.05;
/// Most ticks of a rug.
pub(super) const TICKS: usize = 500;
/// The axis of a score extends from this quantile of its values to the opposite one, widened by this
/// share on both sides: a score that diverges stays readable.
const QUANTILE: f64 = 0.05;
const FURTHER: f64 = 0.25;

pub(super) fn figure(site: &Site<'_>) -> Result<Figure, Undrawable> {
    let overlay = overlay(site)?;
    let density = panel(site, &overlay, overlay.height());
    let score = score(site, density.x.clone(), overlay.sample.shift);
    let notes = notes(&overlay, "ticks");
    let log_normaliser = overlay.log_normaliser();
    Ok(Figure { panels: std::iter::once(density).chain(score).collect(), notes, log_normaliser })
}

pub(super) fn overlay(site: &Site<'_>) -> Result<Overlay, Undrawable> {
    Overlay::of(site.model, site.data.column(0), site.theta, BINS, PARTS)
}

/// The data of a figure, to be drawn with densities at several θ.
pub(super) fn ground(site: &Site<'_>) -> Result<Ground, Undrawable> {
    Ground::of(site.data.column(0), site.component(0).support, BINS)
}

/// The density over the data on a given interval.
pub(super) fn overlay_on(ground: &Ground, site: &Site<'_>, extent: Extent) -> Overlay {
    Overlay::on(ground, site.model, site.theta, extent, PARTS)
}

/// The density over the histogram, with an axis for this height.
pub(super) fn panel(site: &Site<'_>, overlay: &Overlay, height: f64) -> Panel {
    let label = shifted(label(site.component(0)), overlay.sample.shift);
    let x = Axis::new(label, overlay.extent.low, overlay.extent.high);
    let y = Axis::new("density", 0.0, ROOM * height);
    let layers = [
        Some(Layer::new(Role::Data, bars(&overlay.bins)).named("data")),
        Some(Layer::new(Role::Data, Mark::Rug(rug(&overlay.sample)))),
        overlay.curve().map(|line| Layer::new(Role::Model, Mark::Line(line)).named("model")),
    ];
    Panel::new("density", x, y, layers.into_iter().flatten().collect())
}

/// The label of an axis, with the origin of its values where that is not zero.
fn shifted(label: String, shift: f64) -> String {
    if shift == 0.0 { label } else { format!("{label} - {}", trimmed(shift, 17)) }
}

/// The bins as bars of total area one.
fn bars(bins: &Bins) -> Mark {
    let edge = |k: usize| bins.first + k as f64 * bins.step;
    let bar = |(k, &count): (usize, &usize)| (edge(k), edge(k + 1), bins.density(count));
    Mark::Bars(bins.counts.iter().enumerate().map(bar).collect())
}

fn rug(sample: &Sample) -> Vec<f64> {
    sample.sorted.iter().copied().step_by(sample.len().div_ceil(TICKS)).collect()
}

/// The score along the axis of the density; `None` where it is finite nowhere.
pub(super) fn score(site: &Site<'_>, x: Axis, shift: f64) -> Option<Panel> {
    let middle = |k: usize| x.low + (k as f64 + 0.5) / PARTS as f64 * (x.high - x.low);
    let points: Vec<f64> = (0..PARTS).map(middle).collect();
    let at: Vec<f64> = points.iter().map(|x| x + shift).collect();
    let score = Score::of(site.model, &[0], site.theta).at(&[&at]).swap_remove(0);
    let y = reach(&score)?;
    let zero = Mark::Line(vec![(x.low, 0.0), (x.high, 0.0)]);
    let line = Mark::Line(points.into_iter().zip(score).collect());
    let layers = vec![Layer::new(Role::Guide, zero), Layer::new(Role::Score, line).named("score")];
    let name = &site.component(0).name;
    Some(Panel::new("score", x, Axis::new(format!("d log p / d {name}"), y.0, y.1), layers))
}

/// The range of an axis of scores, which contains zero; `None` without finite values.
pub(crate) fn reach(values: &[f64]) -> Option<(f64, f64)> {
    let sample = Sample::of(values).ok()?;
    let value = |probability: f64| sample.quantile(probability) + sample.shift;
    let (low, high) = (value(QUANTILE), value(1.0 - QUANTILE));
    let room = FURTHER * (high - low);
    let low = (low - room).max(value(0.0)).min(0.0);
    let high = (high + room).min(value(1.0)).max(0.0);
    // A score that is zero everywhere has a range of its own.
    Some(if low == high { (-1.0, 1.0) } else { (low, high) })
}

/// Notes on the normalisation of the density, doubts about it, and data outside the axis; `marks` is
/// the name of the marks of rows.
pub(super) fn notes(overlay: &Overlay, marks: &str) -> Vec<String> {
    let mut notes = Vec::new();
    match &overlay.density {
        None => notes.push("log p is finite nowhere on the axis: no density is drawn".to_owned()),
        Some(density) => {
            notes.push(normalised(density.log_normaliser.is_some()).to_owned());
            let (peak, top) = (density.highest(), ROOM * overlay.height());
            if peak > top {
                notes.push(format!("the density rises beyond the axis, to {}", trimmed(peak, 3)));
            }
            notes.extend(density.doubts.iter().cloned());
        }
    }
    for (count, side) in [(overlay.bins.below, "left"), (overlay.bins.above, "right")] {
        if count > 0 {
            let n = overlay.sample.len();
            notes.push(format!("{count} of {n} values lie to the {side} of the axis"));
        }
    }
    let (ticks, n) = (rug(&overlay.sample).len(), overlay.sample.len());
    if ticks < n {
        notes.push(format!("{marks}: {ticks} of {n} values, evenly among the sorted ones"));
    }
    notes
}

/// The note on the normalisation of a density; the fit needs none.
pub(super) fn normalised(by_quadrature: bool) -> &'static str {
    if by_quadrature {
        "the density is normalised by quadrature, for this figure only"
    } else {
        "no integral of the density was found: it has area one on the figure"
    }
}
