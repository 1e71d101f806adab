//! Pictures for a terminal: histograms, a density over its data, curves of the score.
//!
//! Promises: text without colours, no wider than asked for as long as names are short, and the same
//! for the same numbers. A picture that cannot be drawn, or that would mislead, has a caption that
//! says so. Deliberately not known here: terminals, files, how θ was found.

mod axis;
mod canvas;
mod columns;
mod frame;
mod histogram;
mod overlay;
mod score;
#[cfg(test)]
mod tests;

use super::table::wrapped;
use crate::analysis::figure::{Bins, Sample};
use crate::data::Selection;
use crate::model::Model;
use crate::model::Support;
use crate::source::one_line;
use histogram::most_bins;

/// The default width of a picture in columns.
pub const PICTURE_WIDTH: usize = 72;
/// Least width of a picture in columns.
const NARROWEST: usize = 32;
/// Length in characters beyond which a name in a heading is cut.
const LETTERS: usize = 40;

/// The lines of a picture, with its captions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    lines: Vec<String>,
    captions: Vec<String>,
    width: usize,
}

impl Picture {
    /// A model at θ against the columns of its data and covariates, in this order: the density over
    /// a histogram if the data are one number without covariates, otherwise curves of the score.
    ///
    /// # Panics
    /// When θ or the columns are not those of the model.
    #[must_use]
    pub fn of(model: &Model, data: &Selection, theta: &[f64], width: usize) -> Self {
        let width = width.max(NARROWEST);
        let (lines, captions) = match (model.data(), model.covariates()) {
            ([component], []) if is_discrete(component.support) => {
                return Self::histogram(&component.name, data.column(0), width)
                    .saying("a variable with two values has no density to draw".to_owned());
            }
            ([component], []) => {
                let title = heading(&component.name, data.rows(), "density over ");
                let (lines, captions) = overlay::overlay(model, data.column(0), theta, width);
                (std::iter::once(title).chain(lines).collect(), captions)
            }
            _ => score::panels(model, data, theta, width),
        };
        Self { lines, captions, width }
    }

    /// A histogram of the values of a column; NaN is a missing value.
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
        let there = values.iter().filter(|x| !x.is_nan()).count();
        let mut picture =
            Self { lines: vec![heading(name, there, "")], captions: Vec::new(), width };
        match Sample::of(values) {
            Ok(sample) => {
                let bins = Bins::of(&sample, most_bins(width), 0.0);
                picture.lines.extend(histogram::counts(&bins, width));
                picture.captions.extend(histogram::captions(&sample, &bins));
            }
            Err(why) => picture.captions.push(why.to_string()),
        }
        match values.len() - there {
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

    fn saying(mut self, caption: String) -> Self {
        self.captions.push(caption);
        self
    }
}

/// `x: 3 values`, with `what` before the number.
fn heading(name: &str, count: usize, what: &str) -> String {
    let values = if count == 1 { "value" } else { "values" };
    format!("{}: {what}{count} {values}", one_line(name, LETTERS))
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
