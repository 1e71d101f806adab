//! The data of figures, in the units of the axes, with notes.
//!
//! A figure consists of panels; a panel has two axes and layers of marks. Every renderer, for SVG, a
//! page or a terminal, draws these numbers. Densities are normalised by quadrature where it succeeds,
//! and all doubts about a figure are among its notes.

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

/// Panels with notes.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Figure {
    /// The panels in reading order.
    pub panels: Vec<Panel>,
    /// Sentences: how the density was normalised, what is not drawn, doubts.
    pub notes: Vec<String>,
    /// log ∫ p over the whole domain of the data, where the figure draws a density and quadrature
    /// succeeded; by area on the sphere, by all parts but the last on the simplex.
    pub log_normaliser: Option<f64>,
}

/// Layers of marks over two axes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Panel {
    /// A short title.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// Whether both axes have the same scale and neither is drawn: an outline is among the layers.
    pub is_map: bool,
    /// The layers; later ones are drawn in front.
    pub layers: Vec<Layer>,
}

/// The label of an axis, its ends and the format of its values.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Axis {
    /// The name of the column or quantity.
    pub label: String,
    /// The lower end, finite.
    pub low: f64,
    /// The upper end, finite and greater.
    pub high: f64,
    /// The format of its values.
    pub scale: Scale,
}

/// The format of the values of an axis.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scale {
    /// As numbers.
    Numbers,
    /// As angles, in quarters of a period.
    Turn,
    /// By these names; the k-th name is at k, from 1.
    Names(Vec<String>),
}

/// Marks of one kind.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Layer {
    /// The shape with its numbers.
    pub mark: Mark,
    /// The subject of the layer.
    pub role: Role,
    /// Its name in a legend; empty where it is not listed.
    pub label: String,
}

/// The subject of a layer, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Rows of the data, or counts of them.
    Data,
    /// The model.
    Model,
    /// The score.
    Score,
    /// An outline, a zero line or a label.
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

/// A point in the units of the axes, x first.
pub type Point = (f64, f64);

/// A shape with its numbers, in the units of the axes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Mark {
    /// Bars from zero: left edge, right edge, height.
    Bars(Vec<(f64, f64, f64)>),
    /// A line, broken where y is NaN.
    Line(Vec<Point>),
    /// The area between two curves: x, lower y, upper y.
    Band(Vec<(f64, f64, f64)>),
    /// Points.
    Points(Vec<Point>),
    /// Ticks on the lower edge of the panel.
    Rug(Vec<f64>),
    /// Arrows from the first point to the second.
    Arrows(Vec<(Point, Point)>),
    /// Contour lines around the region of highest density that contains a share of its mass.
    Contour {
        /// The share, between 0 and 1.
        mass: f64,
        /// The lines; closed ones end where they begin. The higher density is on their left.
        lines: Vec<Vec<Point>>,
    },
    /// Filled polygons.
    Areas(Vec<Vec<Point>>),
    /// Lines that are not data, as the outline of a map.
    Lines(Vec<Vec<Point>>),
    /// Labels, each centred at its point.
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
