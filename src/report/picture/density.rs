//! The density of a one-dimensional model: log p on a grid, normalised numerically.
//!
//! The sum over the grid is for the eye only; nothing else in the library normalises.

use super::slice::LogDensity;
use crate::numerics::sum::compensated_sum;
use crate::report::number::trimmed;

/// Points of the grid for each value of the curve.
const POINTS: usize = 32;
/// A density of less than this share of its peak at an end of the axis may be cut there.
const FLAT: f64 = 0.02;
/// Share of the range of the data by which the axis grows at a time, and how often it does.
const GROWTH: (f64, usize) = (0.1, 5);
/// Share of the mass beyond the grid, guessed from its ends, that a reader needs to know of.
const BEYOND: f64 = 0.01;
/// Relative change of the area between this grid and one half as fine that casts doubt on both.
const COARSE: f64 = 0.01;

/// A curve over a stretch of the axis, and what is doubtful about it.
#[derive(Clone, Debug)]
pub(super) struct Curve {
    pub low: f64,
    pub high: f64,
    /// Mean densities over equal parts of the stretch; NaN where log p is not a number.
    pub values: Vec<f64>,
    pub doubts: Vec<String>,
}

/// Where a curve is wanted and where it can be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub low: f64,
    pub high: f64,
    /// The declared support.
    pub domain: (f64, f64),
}

impl Extent {
    /// Wider by so much, within the domain.
    pub fn padded(self, left: f64, right: f64) -> Self {
        let (least, most) = self.domain;
        Self { low: (self.low - left).max(least), high: (self.high + right).min(most), ..self }
    }

    /// Up to a bound of the domain that is near.
    pub fn to_bounds(self) -> Self {
        let near = 0.3 * (self.high - self.low);
        let (least, most) = self.domain;
        let low = if self.low - least < near { least } else { self.low };
        let high = if most - self.high < near { most } else { self.high };
        Self { low, high, ..self }
    }

    /// Wider on the sides where the density has not decayed.
    pub fn widened(self, log_p: &LogDensity<'_>) -> Self {
        let by = GROWTH.0 * (self.high - self.low);
        let mut extent = self;
        let mut peak = peak(&log_p.at(&midpoints(self.low, self.high, 512)));
        for _ in 0..GROWTH.1 {
            let ends = log_p.at(&[extent.low, extent.high]);
            let grow =
                |end: f64| if (end - peak).exp() > FLAT && end.is_finite() { by } else { 0.0 };
            extent = extent.padded(grow(ends[0]), grow(ends[1]));
            peak = ends.into_iter().filter(|end| end.is_finite()).fold(peak, f64::max);
        }
        extent
    }
}

impl Curve {
    /// The curve in `parts` parts; its area is found on a grid that reaches as far again on either
    /// side. `data` are values at which log p should not be higher than on the grid.
    ///
    /// Nothing where log p is finite nowhere.
    pub fn of(log_p: &LogDensity<'_>, extent: Extent, parts: usize, data: &[f64]) -> Option<Self> {
        let grid = Grid::of(log_p, extent, parts * POINTS);
        let mut doubts: Vec<String> = grid.undefined(log_p.shift()).into_iter().collect();
        let tails = grid.tails();
        let range = if tails.is_none() { 0..grid.weights.len() } else { grid.inner() };
        let sum = compensated_sum(&grid.weights[range.clone()]);
        let area = sum * grid.step;
        if area.is_nan() || area <= 0.0 {
            return None;
        }
        doubts.extend(tails);
        doubts.extend(grid.coarse(range, sum, &log_p.at(data)));
        let undefined = |part: &[f64]| part.iter().all(|x| x.is_nan());
        let inner = grid.inner();
        let values =
            grid.weights[inner.clone()].chunks(POINTS).zip(grid.log_p[inner].chunks(POINTS));
        let mean = |(weights, log_p): (&[f64], &[f64])| {
            let share = compensated_sum(weights) / (POINTS as f64 * area);
            if undefined(log_p) { f64::NAN } else { share }
        };
        Some(Self {
            low: extent.low,
            high: extent.high,
            values: values.map(mean).collect(),
            doubts,
        })
    }

    pub fn highest(&self) -> f64 {
        self.values.iter().copied().filter(|x| x.is_finite()).fold(0.0, f64::max)
    }
}

/// log p at the midpoints of equal cells, so never at an end of the support, where it may be
/// infinite.
#[derive(Debug)]
struct Grid {
    extent: Extent,
    step: f64,
    /// Cells left of the extent, cells in it; the others are right of it.
    left: usize,
    cells: usize,
    log_p: Vec<f64>,
    /// exp(log p) over its peak; nothing where it is not finite.
    weights: Vec<f64>,
}

impl Grid {
    fn of(log_p: &LogDensity<'_>, extent: Extent, cells: usize) -> Self {
        let step = (extent.high - extent.low) / cells as f64;
        let room = |distance: f64| (distance / step + 1e-6).floor().min(cells as f64) as usize;
        let left = room(extent.low - extent.domain.0);
        let right = room(extent.domain.1 - extent.high);
        let (low, high) = (extent.low - left as f64 * step, extent.high + right as f64 * step);
        let log_p = log_p.at(&midpoints(low, high, left + cells + right));
        let peak = peak(&log_p);
        let weight = |&x: &f64| if x.is_finite() { (x - peak).exp() } else { 0.0 };
        let weights = log_p.iter().map(weight).collect();
        Self { extent, step, left, cells, log_p, weights }
    }

    fn inner(&self) -> std::ops::Range<usize> {
        self.left..self.left + self.cells
    }

    /// Ends at which mass is cut off. A tail that falls like 1/x² beyond x has the mass x times
    /// its density there; one that falls faster has less.
    fn tails(&self) -> Option<String> {
        let right = self.weights.len() - self.left - self.cells;
        let reach = |cells: usize| (cells as f64 + 0.5 * self.cells as f64) * self.step;
        let sum: f64 = self.weights.iter().sum::<f64>() * self.step;
        let open = |end: Option<&f64>, cells: usize, bound: f64| {
            let more = end.is_some_and(|weight| weight * reach(cells) > BEYOND * sum);
            more && (cells == self.cells || bound.is_infinite())
        };
        let sides = [
            (open(self.weights.first(), self.left, self.extent.domain.0), "left"),
            (open(self.weights.last(), right, self.extent.domain.1), "right"),
        ];
        let sides: Vec<&str> = sides.iter().filter(|side| side.0).map(|side| side.1).collect();
        (!sides.is_empty()).then(|| {
            let sides = sides.join(" and to the ");
            format!("the density has not decayed to the {sides}: the area is that of the axis only")
        })
    }

    /// A peak that falls between the points of the grid.
    fn coarse(&self, range: std::ops::Range<usize>, sum: f64, data: &[f64]) -> Option<String> {
        let every_second: Vec<f64> = self.weights[range].iter().copied().step_by(2).collect();
        let change = (2.0 * compensated_sum(&every_second) / sum - 1.0).abs();
        let missed = peak(data) > peak(&self.log_p) + 1.0;
        (change > COARSE || missed).then(|| {
            "the density has a peak too narrow for the picture: its area is not reliable".to_owned()
        })
    }

    /// Where in the picture log p has no value; a density of zero is one.
    fn undefined(&self, shift: f64) -> Option<String> {
        let holes: Vec<usize> = self.inner().filter(|&i| !has_density(self.log_p[i])).collect();
        let (first, last) = (*holes.first()?, *holes.last()?);
        let edge =
            |i: usize| trimmed(shift + self.extent.low + (i - self.left) as f64 * self.step, 4);
        let share = (100.0 * holes.len() as f64 / self.cells as f64).ceil();
        Some(format!(
            "log p is not finite on {share} % of the axis, between {} and {}",
            edge(first),
            edge(last + 1)
        ))
    }
}

fn has_density(log_p: f64) -> bool {
    log_p < f64::INFINITY
}

fn midpoints(low: f64, high: f64, count: usize) -> Vec<f64> {
    let step = (high - low) / count as f64;
    (0..count).map(|i| low + (i as f64 + 0.5) * step).collect()
}

/// The highest finite value; -∞ where there is none.
fn peak(values: &[f64]) -> f64 {
    values.iter().copied().filter(|x| x.is_finite()).fold(f64::NEG_INFINITY, f64::max)
}
