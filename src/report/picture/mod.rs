//! Pictures for a terminal: histograms, a density over its data, curves of the score.
//!
//! Promises text without colours, no wider than asked for as long as names are short, the same
//! for the same numbers; a picture that cannot be drawn, or that would mislead, says so in
//! words. Deliberately not known here: terminals, files, how θ was found.

mod axis;
mod bins;
mod canvas;
mod columns;
mod density;
mod frame;
mod histogram;
mod sample;
mod score;
mod slice;
#[cfg(test)]
mod tests;

use std::f64::consts::{PI, TAU};

use super::table::wrapped;
use crate::data::Selection;
use crate::model::Model;
use crate::model::Support;
use axis::Axis;
use bins::Bins;
use canvas::{Canvas, DOTS};
use density::{Curve, Extent};
use frame::{beside, framed};
use histogram::{most_bins, rows_and_marks};
use sample::Sample;
use score::{Component, panel};
use slice::{LogDensity, Score};

pub use columns::{ColumnSummary, ColumnsSummary, Content};

/// Columns of a picture where nothing else is asked for.
pub const PICTURE_WIDTH: usize = 72;
/// Columns that a picture takes at least.
const NARROWEST: usize = 32;
/// Most panels of scores, and the width from which two stand beside each other.
const PANELS: usize = 6;
const PAIR: usize = 60;
/// Most times that a curve may rise above the highest bar before it is cut.
const HIGHEST: f64 = 2.5;

/// Lines of a picture, with what has to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    lines: Vec<String>,
    captions: Vec<String>,
    width: usize,
}

impl Picture {
    /// A model at θ against the columns of its data and covariates, in this order: the density over
    /// a histogram where the data are one number without covariates, else curves of the score.
    ///
    /// # Panics
    /// When θ or the columns are not those of the model.
    #[must_use]
    pub fn of(model: &Model, data: &Selection, theta: &[f64], width: usize) -> Self {
        let width = width.max(NARROWEST);
        match (model.data(), model.covariates()) {
            ([component], []) if !is_discrete(component.support) => {
                density(model, data, theta, width)
            }
            ([component], []) => Self::histogram(&component.name, data.column(0), width)
                .saying("a variable with two values has no density to draw".to_owned()),
            _ => scores(model, data, theta, width),
        }
    }

    /// How often the values of a column occur; NaN is a missing one.
    ///
    /// # Examples
    /// ```
    /// use scorematch::report::Picture;
    /// let picture = Picture::histogram("x", &[1.0, 2.0, 2.0, 3.0], 40).text();
    /// assert!(picture.starts_with("x: 4 values\n"));
    /// assert!(picture.contains("█"));
    /// ```
    #[must_use]
    pub fn histogram(name: &str, values: &[f64], width: usize) -> Self {
        let width = width.max(NARROWEST);
        let sample = match Sample::of(values) {
            Ok(sample) => sample,
            Err(why) => {
                return Self::new(width, vec![name.to_owned()]).saying(why.sentence().to_owned());
            }
        };
        let bins = Bins::of(&sample, most_bins(width - 8), 0.0);
        let mut lines = vec![heading(name, sample.len())];
        lines.extend(histogram::counts(&bins, width));
        let picture = Self::new(width, lines).all(histogram::captions(&sample, &bins, name));
        match values.len() - sample.len() {
            0 => picture,
            missing => picture.saying(format!("{missing} missing")),
        }
    }

    /// The picture with its captions below.
    #[must_use]
    pub fn text(&self) -> String {
        let captions = self.captions.iter().map(|caption| wrapped(caption, self.width, 2));
        let lines = self.lines.iter().cloned().chain(captions);
        lines.map(|line| format!("{line}\n")).collect()
    }

    fn new(width: usize, lines: Vec<String>) -> Self {
        Self { lines, captions: Vec::new(), width }
    }

    fn saying(mut self, caption: String) -> Self {
        self.captions.push(caption);
        self
    }

    fn all(mut self, captions: Vec<String>) -> Self {
        self.captions.extend(captions);
        self
    }
}

fn heading(name: &str, count: usize) -> String {
    let values = if count == 1 { "value" } else { "values" };
    format!("{name}: {count} {values}")
}

fn is_discrete(support: Support) -> bool {
    match support {
        Support::Binary(..) => true,
        Support::Line
        | Support::Above(_)
        | Support::Below(_)
        | Support::Between(..)
        | Support::Sphere
        | Support::Simplex
        | Support::Circle => false,
    }
}

/// The data of a density with the stretch on which both are drawn.
struct Ground {
    sample: Sample,
    bins: Bins,
    extent: Extent,
}

impl Ground {
    fn of(values: &[f64], support: Support, width: usize) -> Result<Self, sample::Undrawable> {
        let most = most_bins(width - 8);
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

    fn around(values: &[f64], most: usize) -> Result<Self, sample::Undrawable> {
        let within = |start: f64| values.iter().all(|x| (start..=start + TAU).contains(x));
        let start = if within(0.0) || !within(-PI) { 0.0 } else { -PI };
        let sample = Sample::around(values, start)?;
        let bins = Bins::around(&sample, start, most);
        let domain = (start, start + TAU);
        Ok(Self { sample, bins, extent: Extent { low: start, high: start + TAU, domain } })
    }

    fn axis(&self, support: Support, extent: Extent, columns: usize) -> Axis {
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
}

fn density(model: &Model, data: &Selection, theta: &[f64], width: usize) -> Picture {
    let component = &model.data()[0];
    let ground = match Ground::of(data.column(0), component.support, width) {
        Ok(ground) => ground,
        Err(why) => {
            return Picture::new(width, vec![component.name.clone()])
                .saying(why.sentence().to_owned());
        }
    };
    let (sample, bins) = (&ground.sample, &ground.bins);
    let log_p = LogDensity::of(model, theta, sample.shift);
    let extent = ground.extent.widened(&log_p);
    // The labels' width depends on the curve: they are short, so a guess leaves a column or two.
    let columns = width - 10;
    let curve = Curve::of(&log_p, extent, DOTS.0 * columns, &sample.sorted);
    let highest = bins.density(bins.highest());
    let peak = curve.as_ref().map_or(0.0, Curve::highest);
    let y = Axis::from_zero(highest.max(peak.min(HIGHEST * highest)), 0.0);
    let x = ground.axis(component.support, extent, columns);
    let mut lines = vec![format!("{}: density over {} values", component.name, sample.len())];
    lines.extend(drawn(bins, curve.as_ref(), &x, &y, columns));
    let legend = match &curve {
        Some(_) => "░ the data, area 1   ⠒ the density, normalised numerically for this picture",
        None => "░ the data, area 1; log p is finite nowhere on the axis: no density is drawn",
    };
    let cut = (peak > y.high)
        .then(|| format!("the density rises beyond the picture, to {}", super::trimmed(peak, 3)));
    let doubts = curve.map_or(Vec::new(), |curve| curve.doubts);
    Picture::new(width, lines)
        .saying(legend.to_owned())
        .all(cut.into_iter().collect())
        .all(doubts)
        .all(histogram::captions(sample, bins, &component.name))
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

/// Panels of the score, others held at their medians.
fn scores(model: &Model, data: &Selection, theta: &[f64], width: usize) -> Picture {
    let continuous: Vec<usize> =
        (0..model.data().len()).filter(|&k| !is_discrete(model.data()[k].support)).collect();
    let shown = &continuous[..continuous.len().min(PANELS)];
    let score = Score::of(model, shown, theta);
    let centre: Vec<f64> = (0..data.width()).map(|k| median(data.column(k))).collect();
    let each = if width >= PAIR && shown.len() > 1 { width / 2 - 1 } else { width };
    let panels: Vec<Vec<String>> = shown
        .iter()
        .enumerate()
        .map(|(output, &column)| {
            let name = model.data()[column].name.as_str();
            match Sample::of(data.column(column)) {
                Ok(sample) => {
                    panel(&score, Component { name, output, column }, &sample, &centre, each)
                }
                Err(why) => vec![format!("score {name}"), format!("  {}", why.sentence())],
            }
        })
        .collect();
    let pairs = panels.chunks(if each == width { 1 } else { 2 });
    let blocks: Vec<Vec<String>> = pairs.map(|pair| beside(pair, each + 2)).collect();
    let picture = Picture::new(width, blocks.join(&String::new()));
    let picture = match continuous.len() - shown.len() {
        0 => picture,
        more => picture.saying(format!("{more} more components are not drawn")),
    };
    let others =
        if data.width() > 1 { "the other columns are held at their medians; " } else { "" };
    picture.saying(format!("{others}bars below the curve: where the data are"))
}

fn median(values: &[f64]) -> f64 {
    Sample::of(values).map_or(f64::NAN, |sample| sample.quantile(0.5) + sample.shift)
}
