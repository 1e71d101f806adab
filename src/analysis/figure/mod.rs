//! The data of figures: what is drawn, in the units of the axes, and what has to be said about it.
//!
//! A figure is panels; a panel is two axes and layers of marks. Whoever draws, as SVG, in a page or
//! elsewhere, draws these very numbers. Densities are normalised by quadrature where it finds an
//! integral, and every doubt about what is seen stands in the notes.

mod binary;
mod bins;
mod build;
mod contours;
mod density;
mod disc;
mod film;
mod grading;
mod line;
mod overlay;
mod pairs;
mod plane;
mod regression;
mod residuals;
mod rose;
mod sample;
mod surface;
mod sweep;
mod ternary;
#[cfg(test)]
mod tests;

pub(crate) use bins::Bins;
pub(crate) use build::{ends, is_flat, turn};
pub(crate) use density::{Density, Extent};
pub(crate) use line::reach;
pub(crate) use overlay::Overlay;
pub(crate) use sample::Sample;

pub use film::Film;
pub use sample::Undrawable;
pub use sweep::Sweep;

/// Panels and what has to be said about them.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Figure {
    /// In reading order.
    pub panels: Vec<Panel>,
    /// Sentences: how the density was normalised, what is not drawn, doubts.
    pub notes: Vec<String>,
    /// log ∫ p over the whole domain of the data, where the figure draws a density and quadrature
    /// found it; on the sphere by area, on the simplex by all parts but the last.
    pub log_normaliser: Option<f64>,
}

/// Marks over two axes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Panel {
    /// What is seen, in a few words.
    pub title: String,
    /// Left to right.
    pub x: Axis,
    /// Bottom to top.
    pub y: Axis,
    /// Whether a unit of both axes is drawn equally long and no axis is drawn: the layers hold an
    /// outline of their own.
    pub is_map: bool,
    /// Those that come later are drawn in front.
    pub layers: Vec<Layer>,
}

/// What an axis measures, and its ends.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Axis {
    /// The column, with its unit where its name holds one.
    pub label: String,
    /// The lower end, finite.
    pub low: f64,
    /// The upper end, finite and greater.
    pub high: f64,
    /// How values are written beside it.
    pub scale: Scale,
}

/// How the values of an axis are written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scale {
    /// As numbers.
    Numbers,
    /// As angles, in quarters of a turn.
    Turn,
    /// By these names; the k-th stands at k, from 1.
    Names(Vec<String>),
}

/// One kind of mark.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Layer {
    /// Numbers and shape.
    pub mark: Mark,
    /// What it stands for.
    pub role: Role,
    /// Its name in a legend; empty where it needs none.
    pub label: String,
}

/// What a layer stands for, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Rows of the data, or counts of them.
    Data,
    /// The model.
    Model,
    /// The score.
    Score,
    /// An outline, a zero line or a name.
    Guide,
}

impl Role {
    /// The name in data formats, as in `data`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Model => "model",
            Self::Score => "score",
            Self::Guide => "guide",
        }
    }
}

/// Points in the units of the axes, x first.
pub type Point = (f64, f64);

/// A shape with its numbers, in the units of the axes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Mark {
    /// Bars from zero: left edge, right edge, height.
    Bars(Vec<(f64, f64, f64)>),
    /// A line; it is broken where y is not a number.
    Line(Vec<Point>),
    /// The area between two curves: x, lower y, upper y.
    Band(Vec<(f64, f64, f64)>),
    /// Points.
    Points(Vec<Point>),
    /// Ticks on the lower edge of the panel.
    Rug(Vec<f64>),
    /// From a point to another, with a head there.
    Arrows(Vec<(Point, Point)>),
    /// The lines around where the density is highest, until they hold a share of its mass.
    Contour {
        /// The share, between 0 and 1.
        mass: f64,
        /// Lines; closed ones end where they begin. The higher density is on their left.
        lines: Vec<Vec<Point>>,
    },
    /// Filled polygons.
    Areas(Vec<Vec<Point>>),
    /// Lines without data, as the outline of a map.
    Lines(Vec<Vec<Point>>),
    /// Words, each centred at its point.
    Words(Vec<(Point, String)>),
}

impl Mark {
    /// The name in data formats, as in `bars`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Bars(_) => "bars",
            Self::Line(_) => "line",
            Self::Band(_) => "band",
            Self::Points(_) => "points",
            Self::Rug(_) => "rug",
            Self::Arrows(_) => "arrows",
            Self::Contour { .. } => "contour",
            Self::Areas(_) => "areas",
            Self::Lines(_) => "lines",
            Self::Words(_) => "words",
        }
    }
}

impl Layer {
    pub(super) fn new(role: Role, mark: Mark) -> Self {
        Self { mark, role, label: String::new() }
    }

    pub(super) fn named(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }
}

impl Axis {
    pub(super) fn new(label: impl Into<String>, low: f64, high: f64) -> Self {
        Self { label: label.into(), low, high, scale: Scale::Numbers }
    }
}
