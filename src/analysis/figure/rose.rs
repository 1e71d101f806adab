//! An angle: a rose diagram of the data with the density around it, and its score.
//!
//! Areas are proportional to shares: a radius is the square root of a density, so that sectors of
//! equally many rows have equal areas.

use super::build::{Site, label};
use super::line::{TICKS, notes, overlay, score};
use super::overlay::Overlay;
use super::sample::Undrawable;
use super::{Axis, Figure, Layer, Mark, Panel, Point, Role, Scale};

use std::f64::consts::TAU;

/// Angle between corners of an arc.
const CORNER: f64 = TAU / 180.0;

pub(super) fn figure(site: &Site<'_>) -> Result<Figure, Undrawable> {
    let overlay = overlay(site)?;
    let rose = panel(site, &overlay, overlay.height());
    let turn = Axis::new(label(site.component(0)), overlay.extent.low, overlay.extent.high);
    let score = score(site, Axis { scale: Scale::Turn, ..turn }, 0.0);
    let mut notes = notes(&overlay, "dots");
    notes.push("areas are shares: a radius is the root of a density".to_owned());
    let log_normaliser = overlay.log_normaliser();
    Ok(Figure { panels: std::iter::once(rose).chain(score).collect(), notes, log_normaliser })
}

/// The rose diagram with the density around it; a density of `height` has radius 1.
pub(super) fn panel(site: &Site<'_>, overlay: &Overlay, height: f64) -> Panel {
    let top = height.sqrt();
    let radius = |density: f64| (density.max(0.0).sqrt() / top).min(1.15);
    let bins = &overlay.bins;
    let wedge = |(k, &count): (usize, &usize)| {
        let from = bins.first + k as f64 * bins.step;
        sector(from, from + bins.step, radius(bins.density(count)))
    };
    let wedges = bins.counts.iter().enumerate().map(wedge).collect();
    let mut layers = vec![
        Layer::new(Role::Guide, Mark::Lines(vec![arc(0.0, TAU, 1.0)])),
        Layer::new(Role::Guide, Mark::Words(names(overlay.extent.low))),
        Layer::new(Role::Data, Mark::Areas(wedges)).named("data"),
        Layer::new(Role::Data, Mark::Points(dots(overlay))),
    ];
    if let Some(curve) = overlay.curve() {
        let round = curve.into_iter().map(|(angle, density)| polar(angle, radius(density)));
        let mut line: Vec<Point> = round.collect();
        line.extend(line.first().copied());
        layers.push(Layer::new(Role::Model, Mark::Line(line)).named("model"));
    }
    Panel::map(format!("density of {}", label(site.component(0))), layers)
}

fn polar(angle: f64, radius: f64) -> Point {
    (radius * angle.cos(), radius * angle.sin())
}

fn arc(from: f64, to: f64, radius: f64) -> Vec<Point> {
    let steps = ((to - from) / CORNER).ceil().max(1.0) as usize;
    (0..=steps).map(|k| polar(from + (to - from) * k as f64 / steps as f64, radius)).collect()
}

fn sector(from: f64, to: f64, radius: f64) -> Vec<Point> {
    std::iter::once((0.0, 0.0)).chain(arc(from, to, radius)).collect()
}

/// Points for the rows, outside the rose.
fn dots(overlay: &Overlay) -> Vec<Point> {
    let sorted = &overlay.sample.sorted;
    sorted.iter().step_by(sorted.len().div_ceil(TICKS)).map(|&x| polar(x, 1.03)).collect()
}

/// The names of the quarters of the period.
fn names(start: f64) -> Vec<(Point, String)> {
    let names =
        if start < 0.0 { ["0", "π/2", "π", "-π/2"] } else { ["0", "π/2", "π", "3π/2"] };
    let word = |(k, name): (usize, &str)| (polar(k as f64 * TAU / 4.0, 1.13), name.to_owned());
    names.into_iter().enumerate().map(word).collect()
}
