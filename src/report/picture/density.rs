//! The density of a one-dimensional model: log p on a grid, normalised numerically.
//!
//! The sum over the grid is for the eye only; nothing else in the library normalises.

use std::ops::Range;

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
/// The share of the grid over which the fall of log p at an end is measured, as a divisor.
const SLOPE: usize = 16;
/// Relative change of the area between this grid and one half as fine that casts doubt on both.
const COARSE: f64 = 0.02;

/// A curve, and what is doubtful about it.
#[derive(Clone, Debug)]
pub(super) struct Curve {
    /// Mean densities over equal parts of the extent; NaN where log p is not a number.
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
        let mut grid = Grid::of(log_p, extent, parts * POINTS);
        let mut doubts: Vec<String> = grid.undefined().into_iter().collect();
        let tails = grid.tails();
        let range = if tails.is_none() { 0..grid.log_p.len() } else { grid.inner() };
        grid.weigh(range.clone());
        let sum = compensated_sum(&grid.weights[range.clone()]);
        let area = sum * grid.step;
        if area.is_nan() || area <= 0.0 {
            return None;
        }
        // Of an area that is cut off, nobody asks how exact it is.
        doubts.extend(tails.or_else(|| grid.coarse(range, sum, log_p, data)));
        let inner = grid.inner();
        let values =
            grid.weights[inner.clone()].chunks(POINTS).zip(grid.log_p[inner].chunks(POINTS));
        let mean = |(weights, log_p): (&[f64], &[f64])| {
            let share = compensated_sum(weights) / (POINTS as f64 * area);
            if log_p.iter().any(|&x| has_density(x)) { share } else { f64::NAN }
        };
        Some(Self { values: values.map(mean).collect(), doubts })
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
        let weights = vec![0.0; log_p.len()];
        let mut grid = Self { extent, step, left, cells, log_p, weights };
        grid.weigh(0..grid.log_p.len());
        grid
    }

    /// Weights relative to the peak in a range.
    fn weigh(&mut self, range: Range<usize>) {
        let peak = peak(&self.log_p[range.clone()]);
        let weight = |&x: &f64| if x.is_finite() { (x - peak).exp() } else { 0.0 };
        for (held, log_p) in self.weights[range.clone()].iter_mut().zip(&self.log_p[range]) {
            *held = weight(log_p);
        }
    }

    fn inner(&self) -> Range<usize> {
        self.left..self.left + self.cells
    }

    /// Ends at which mass is cut off.
    fn tails(&self) -> Option<String> {
        let last = self.log_p.len() - 1;
        let further = self.cells / SLOPE;
        let least = self.extent.domain.0 + self.step > self.edge(0);
        let most = self.extent.domain.1 - self.step < self.edge(last + 1);
        let left = !least && self.is_open(0, further);
        let right = !most && self.is_open(last, last - further);
        let ends = match (left, right) {
            (false, false) => return None,
            (true, false) => "at the left end",
            (false, true) => "at the right end",
            (true, true) => "at either end",
        };
        Some(format!(
            "the density has not decayed {ends} of the axis: what lies beyond is not in its area"
        ))
    }

    /// Whether much mass is beyond an end of the grid, when log p goes on to fall as it does
    /// between an inner cell and there.
    fn is_open(&self, end: usize, inner: usize) -> bool {
        let fall = (self.log_p[inner] - self.log_p[end]) / end.abs_diff(inner) as f64;
        let held: f64 = self.weights.iter().sum();
        self.weights[end] > BEYOND * held * fall.max(0.0) && self.weights[end] > 0.0
    }

    /// The lower edge of a cell.
    fn edge(&self, cell: usize) -> f64 {
        self.extent.low + (cell as f64 - self.left as f64) * self.step
    }

    /// A peak that falls between the points of the grid: the area changes with the grid, or log p
    /// is higher at a value of the data.
    fn coarse(
        &self,
        range: Range<usize>,
        sum: f64,
        log_p: &LogDensity<'_>,
        data: &[f64],
    ) -> Option<String> {
        // The midpoint of three cells is that of the middle one.
        let thirds: Vec<f64> = self.weights[range].iter().copied().skip(1).step_by(3).collect();
        let change = (3.0 * compensated_sum(&thirds) / sum - 1.0).abs();
        // The cells at the ends of the support may hold a pole, which the area has in part.
        let (least, most) = self.extent.domain;
        let inside = |x: &f64| *x > least + self.step && *x < most - self.step;
        let data: Vec<f64> = data.iter().copied().filter(inside).collect();
        let missed = peak(&log_p.at(&data)) > peak(&self.log_p) + 1.0;
        (change > COARSE || missed).then(|| {
            "the density has a peak too narrow for the picture: its area is not reliable".to_owned()
        })
    }

    /// Where in the picture log p has no value; a density of zero is one.
    fn undefined(&self) -> Option<String> {
        let holes: Vec<usize> = self.inner().filter(|&i| !has_density(self.log_p[i])).collect();
        let (first, last) = (*holes.first()?, *holes.last()?);
        let share = (100.0 * holes.len() as f64 / self.cells as f64).ceil();
        Some(format!(
            "log p is not finite on {share} % of the axis, between {} and {}",
            trimmed(self.edge(first), 4),
            trimmed(self.edge(last + 1), 4)
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
