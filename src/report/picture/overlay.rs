//! The density of a model over a histogram of its data.

use super::axis::Axis;
use super::canvas::{Canvas, DOTS};
use super::frame::framed;
use super::histogram::{self, most_bins, rows_and_marks};
use crate::analysis::figure::{Bins, Density, Extent, Overlay};
use crate::model::{Model, Support};
use crate::numerics::digits::trimmed;

/// Columns that are reserved for marks.
const MARGIN: usize = 10;

/// The density at θ of a model of one number, over a histogram of its data, and captions.
pub(super) fn overlay(
    model: &Model,
    values: &[f64],
    theta: &[f64],
    width: usize,
) -> (Vec<String>, Vec<String>) {
    // The width of the marks depends on the curve, so a few columns may stay empty.
    let columns = width - MARGIN;
    let overlay = Overlay::of(model, values, theta, most_bins(width), DOTS.0 * columns);
    let overlay = match overlay {
        Ok(overlay) => overlay,
        Err(why) => return (Vec::new(), vec![why.to_string()]),
    };
    let y = Axis::from_zero(overlay.height(), 0.0);
    let x = axis(model.data()[0].support, overlay.extent, columns);
    let lines = drawn(&overlay.bins, overlay.density.as_ref(), &x, &y, columns);
    (lines, captions(&overlay, y.high))
}

/// Captions: the legend, and doubts about the density.
fn captions(overlay: &Overlay, top: f64) -> Vec<String> {
    let mut captions = vec!["░ the data, with area 1".to_owned()];
    match &overlay.density {
        None => {
            captions.push("log p is finite nowhere on the axis: no density is drawn".to_owned())
        }
        Some(density) => {
            captions.push("⠒ the density, normalised numerically for this picture".to_owned());
            let peak = density.highest();
            if peak > top {
                captions
                    .push(format!("the density rises beyond the picture, to {}", trimmed(peak, 3)));
            }
            captions.extend(density.doubts.iter().cloned());
        }
    }
    captions.extend(histogram::captions(&overlay.sample, &overlay.bins));
    captions
}

/// Bars of the data with the curve of the density in front of them.
fn drawn(
    bins: &Bins,
    density: Option<&Density>,
    x: &Axis,
    y: &Axis,
    columns: usize,
) -> Vec<String> {
    let (rows, marks) = rows_and_marks(y);
    let mut canvas = Canvas::new(columns, rows);
    for column in 0..columns {
        let middle = x.low + (column as f64 + 0.5) / columns as f64 * (x.high - x.low);
        canvas.shade(column, y.position(bins.density(bins.count_at(middle))));
    }
    if let Some(density) = density {
        canvas.curve(&density.values.iter().map(|&value| y.position(value)).collect::<Vec<_>>());
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
