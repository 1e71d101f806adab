//! The figure that suits a model.

use super::sample::{Sample, Undrawable};
use super::{Axis, Figure, Layer, Mark, Panel, Role, Scale};
use super::{binary, disc, line, pairs, plane, regression, rose, ternary};
use crate::analysis::distribution::NormalisedDensity;
use crate::data::Selection;
use crate::model::{Component, Model, Support};
use crate::numerics::rng::stream;
use crate::sample::LogDensity;

use std::f64::consts::{PI, TAU};

/// Most rows that are drawn as points.
pub(super) const POINTS: usize = 1500;
/// Margin of an axis at both ends, as a share of the range of the column.
const ROOM: f64 = 0.06;
/// Most levels of a group that an axis names.
const NAMES: usize = 20;

/// A model at θ with its rows.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub model: &'a Model,
    pub data: &'a Selection,
    pub theta: &'a [f64],
}

impl Figure {
    /// The model at θ compared with its data: for one number the density over a histogram, and the
    /// score; for two numbers, contours of the density with arrows of the score; for angles, unit
    /// vectors in space and compositions of three parts, maps; with covariates, the response with the
    /// conditional mean of the model; for binary data, shares; for all other data, pairs of
    /// components.
    ///
    /// # Errors
    /// When a column has no finite value, or its range exceeds that of doubles.
    ///
    /// # Panics
    /// When θ or the columns are not those of the model.
    ///
    /// # Examples
    /// ```
    /// use scorematch::{Columns, Model, analysis::Figure, data::Missing};
    ///
    /// let model = Model::parse("-(x - mu)^2/2")?.bind(&["x"], &["x"])?;
    /// let rows = model.select(&Columns::from_csv("x\n1.0\n2.0\n4.5\n".as_bytes())?, Missing::Error)?;
    /// let figure = Figure::of(&model, &rows, &[2.5])?;
    /// assert_eq!(figure.panels[0].title, "density");
    /// assert_eq!(figure.panels[1].title, "score");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(model: &Model, data: &Selection, theta: &[f64]) -> Result<Self, Undrawable> {
        let site = Site { model, data, theta };
        let supports: Vec<Support> = model.data().iter().map(|one| one.support).collect();
        let conditional = !model.conditions().is_empty();
        match (&supports[..], conditional) {
            ([Support::Binary(..), ..], _) => binary::figure(&site),
            ([Support::Circle], false) => rose::figure(&site),
            ([_], false) => line::figure(&site),
            ([_], true) => regression::figure(&site),
            ([Support::Sphere, Support::Sphere, Support::Sphere], false) => disc::figure(&site),
            ([Support::Simplex, Support::Simplex, Support::Simplex], false) => {
                ternary::figure(&site)
            }
            ([first, second], false) if is_flat(*first) && is_flat(*second) => plane::figure(&site),
            _ => pairs::figure(&site),
        }
    }
}

/// Whether the domain of a component is separate from those of others, and continuous.
pub(crate) fn is_flat(support: Support) -> bool {
    match support {
        Support::Line
        | Support::Circle
        | Support::Above(_)
        | Support::Below(_)
        | Support::Between(..) => true,
        Support::Sphere | Support::Simplex | Support::Binary(..) => false,
    }
}

impl<'a> Site<'a> {
    pub fn component(&self, k: usize) -> &'a Component {
        &self.model.data()[k]
    }

    /// log ∫ p, where quadrature succeeded.
    pub fn log_normaliser(&self, log_p: &LogDensity<'_>) -> Option<f64> {
        let law = NormalisedDensity::new(self.model, self.data, self.theta, log_p).ok()?;
        law.normaliser().map(|found| found.log)
    }

    /// The axis of a data component, or of a covariate, whose positions follow; it contains all
    /// values but far tails.
    pub fn axis(&self, position: usize) -> Result<Axis, Undrawable> {
        let data = self.model.data();
        let component = match position.checked_sub(data.len()) {
            None => &data[position],
            Some(covariate) => &self.model.covariates()[covariate],
        };
        let values = self.data.column(position);
        let label = label(component);
        if component.support == Support::Circle {
            let start = turn(values);
            return Ok(Axis { scale: Scale::Turn, ..Axis::new(label, start, start + TAU) });
        }
        if let Some(levels) = component.levels.as_ref().filter(|levels| levels.are_names())
            && levels.labels().len() <= NAMES
        {
            let names = levels.labels().to_vec();
            let end = names.len() as f64 + 0.5;
            return Ok(Axis { scale: Scale::Names(names), ..Axis::new(label, 0.5, end) });
        }
        let sample = Sample::of(values)?;
        let (low, high) = sample.window();
        let room = ROOM * (high - low);
        let (least, most) = ends(component.support);
        let (low, high) = (low + sample.shift, high + sample.shift);
        Ok(Axis::new(label, (low - room).max(least), (high + room).min(most)))
    }

    /// Positions of the rows that are drawn, at most `most`; if there are more rows, a random sample.
    pub fn shown(&self, most: usize) -> Vec<usize> {
        let rows = self.data.rows();
        let mut order: Vec<usize> = (0..rows).collect();
        if rows > most {
            let mut stream = stream(0, 0);
            for k in 0..most {
                order.swap(k, k + stream.below(rows - k));
            }
            order.truncate(most);
        }
        order
    }

    /// Rows as points of two columns; angles are in the period of their axis.
    pub fn points(&self, (x, y): (usize, usize), axes: (&Axis, &Axis)) -> Mark {
        let point = |&row: &usize| (self.place((x, axes.0), row), self.place((y, axes.1), row));
        Mark::Points(self.shown(POINTS).iter().map(point).collect())
    }

    /// The coordinate of a row on the axis of a column; an angle is in the period of the axis.
    pub fn place(&self, (position, axis): (usize, &Axis), row: usize) -> f64 {
        let value = self.data.column(position)[row];
        match axis.scale {
            Scale::Turn => axis.low + (value - axis.low).rem_euclid(TAU),
            Scale::Numbers | Scale::Names(_) => value,
        }
    }

    /// A note on the number of rows outside the axes of these columns, if there are any.
    pub fn beside(&self, axes: &[(usize, &Axis)]) -> Option<String> {
        let rows = self.data.rows();
        let is_off = |row: usize, (position, axis): (usize, &Axis)| {
            let place = self.place((position, axis), row);
            place < axis.low || place > axis.high
        };
        let off = (0..rows).filter(|&row| axes.iter().any(|&one| is_off(row, one))).count();
        (off > 0).then(|| format!("{off} of {rows} rows lie beside the axes"))
    }

    /// The layer of the rows.
    pub fn rows(&self, mark: Mark) -> Layer {
        Layer::new(Role::Data, mark).named("data")
    }

    pub fn thinned(&self) -> Option<String> {
        let rows = self.data.rows();
        (rows > POINTS).then(|| format!("points: {POINTS} of {rows} rows, drawn at random"))
    }
}

/// The column of a component, with its name in the model where it differs.
pub(super) fn label(component: &Component) -> String {
    match component.column.as_deref() {
        Some(column) if column != component.name => format!("{} ({column})", component.name),
        Some(_) | None => component.name.clone(),
    }
}

/// The ends of a support, infinite where it is unbounded.
pub(crate) fn ends(support: Support) -> (f64, f64) {
    match support {
        Support::Line => (f64::NEG_INFINITY, f64::INFINITY),
        Support::Circle => (-PI, PI),
        Support::Above(low) => (low, f64::INFINITY),
        Support::Below(high) => (f64::NEG_INFINITY, high),
        Support::Between(low, high) | Support::Binary(low, high) => (low, high),
        Support::Sphere => (-1.0, 1.0),
        Support::Simplex => (0.0, 1.0),
    }
}

/// The beginning of the period that contains the angles as given: 0 or -π.
pub(crate) fn turn(angles: &[f64]) -> f64 {
    let within = |start: f64| angles.iter().all(|x| (start..=start + TAU).contains(x));
    if within(0.0) || !within(-PI) { 0.0 } else { -PI }
}

impl Panel {
    /// A panel with two axes.
    pub(super) fn new(title: impl Into<String>, x: Axis, y: Axis, layers: Vec<Layer>) -> Self {
        Self { title: title.into(), x, y, is_map: false, layers }
    }

    /// A map: marks in a square from -1 to 1, with an outline among the layers.
    pub(super) fn map(title: impl Into<String>, layers: Vec<Layer>) -> Self {
        let side = || Axis::new("", -1.2, 1.2);
        Self { title: title.into(), x: side(), y: side(), is_map: true, layers }
    }
}
