//! The density of a model over a histogram of its data.

use std::f64::consts::{PI, TAU};

use super::axis::Axis;
use super::bins::Bins;
use super::canvas::{Canvas, DOTS};
use super::density::{Curve, Extent};
use super::frame::framed;
use super::histogram::{self, most_bins, rows_and_marks};
use super::sample::{Sample, Undrawable};
use super::slice::LogDensity;
use crate::model::Model;
use crate::model::Support;
use crate::report::number::trimmed;

/// Columns that are kept for marks.
const MARGIN: usize = 10;
/// Most times that a curve may rise above the highest bar before it is cut.
const HIGHEST: f64 = 2.5;

/// The data of a density with the stretch on which both are drawn.
struct Ground {
    sample: Sample,
    bins: Bins,
    extent: Extent,
}

impl Ground {
    fn of(values: &[f64], support: Support, width: usize) -> Result<Self, Undrawable> {
        let most = most_bins(width);
        let (low, high) = match support {
            Support::Circle => return Self::around(values, most),
            Support::Line | Support::Binary(..) => (f64::NEG_INFINITY, f64::INFINITY),
            Support::Above(low) => (low, f64::INFINITY),
            Support::Below(high) => (f64::NEG_INFINITY, high),
            Support::Between(low, high) => (low, high),
            Support::Sphere => (-1.0, 1.0),
            Support::Simplex => (0.0, 1.0),
        };
        let sample = Sample::of(values)?;
        let domain = (low - sample.shift, high - sample.shift);
        let bound = [domain.0, domain.1, 0.0].into_iter().find(|x| x.is_finite());
        let bins = Bins::of(&sample, most, bound.unwrap_or(0.0));
        let room = bins.step.max(0.05 * (bins.end() - bins.first));
        let extent = Extent { low: bins.first, high: bins.end(), domain };
        Ok(Self { extent: extent.padded(room, room).to_bounds(), sample, bins })
    }

    fn around(values: &[f64], most: usize) -> Result<Self, Undrawable> {
        let within = |start: f64| values.iter().all(|x| (start..=start + TAU).contains(x));
        let start = if within(0.0) || !within(-PI) { 0.0 } else { -PI };
        let sample = Sample::around(values, start)?;
        let bins = Bins::around(&sample, start, most);
        let domain = (start, start + TAU);
        Ok(Self { sample, bins, extent: Extent { low: start, high: start + TAU, domain } })
    }

    /// The axis of densities; bars stay readable below a curve that is far too high.
    fn height(&self, curve: Option<&Curve>) -> Axis {
        let highest = self.bins.density(self.bins.highest());
        let peak = curve.map_or(0.0, Curve::highest);
        Axis::from_zero(highest.max(peak.min(HIGHEST * highest)), 0.0)
    }
}

/// The density of a model of one number at θ, over its data, and captions.
pub(super) fn overlay(
    model: &Model,
    values: &[f64],
    theta: &[f64],
    width: usize,
) -> (Vec<String>, Vec<String>) {
    let component = &model.data()[0];
    let ground = match Ground::of(values, component.support, width) {
        Ok(ground) => ground,
        Err(why) => return (Vec::new(), vec![why.sentence().to_owned()]),
    };
    let log_p = LogDensity::of(model, theta, ground.sample.shift);
    let extent = ground.extent.widened(&log_p);
    // The marks' width depends on the curve; a few columns may stay free.
    let columns = width - MARGIN;
    let curve = Curve::of(&log_p, extent, DOTS.0 * columns, &ground.sample.sorted);
    let y = ground.height(curve.as_ref());
    let x = axis(component.support, extent, columns);
    let lines = drawn(&ground.bins, curve.as_ref(), &x, &y, columns);
    (lines, captions(&ground, curve, y.high))
}

/// What is what, and what is doubtful.
fn captions(ground: &Ground, curve: Option<Curve>, top: f64) -> Vec<String> {
    let mut captions = vec!["░ the data, with area 1".to_owned()];
    match curve {
        None => {
            captions.push("log p is finite nowhere on the axis: no density is drawn".to_owned())
        }
        Some(curve) => {
            captions.push("⠒ the density, normalised numerically for this picture".to_owned());
            let peak = curve.highest();
            if peak > top {
                captions
                    .push(format!("the density rises beyond the picture, to {}", trimmed(peak, 3)));
            }
            captions.extend(curve.doubts);
        }
    }
    captions.extend(histogram::captions(&ground.sample, &ground.bins));
    captions
}

/// Bars of the data and the curve in front of them.
fn drawn(bins: &Bins, curve: Option<&Curve>, x: &Axis, y: &Axis, columns: usize) -> Vec<String> {
    let (rows, marks) = rows_and_marks(y);
    let mut canvas = Canvas::new(columns, rows);
    for column in 0..columns {
        let middle = x.low + (column as f64 + 0.5) / columns as f64 * (x.high - x.low);
        canvas.shade(column, y.position(bins.density(bins.count_at(middle))));
    }
    if let Some(curve) = curve {
        canvas.curve(&curve.values.iter().map(|&value| y.position(value)).collect::<Vec<_>>());
    }
    framed(&canvas, x, &marks)
}

fn axis(support: Support, extent: Extent, columns: usize) -> Axis {
    match support {
        Support::Circle => Axis::turn(extent.low),
        Support::Line
        | Support::Above(_)
        | Support::Below(_)
        | Support::Between(..)
        | Support::Binary(..)
        | Support::Sphere
        | Support::Simplex => Axis::along(extent.low, extent.high, columns),
    }
}
