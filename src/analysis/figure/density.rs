//! The density of a model of one number, normalised by quadrature, on an interval of its axis.
//!
//! Where quadrature fails, the density is scaled to area one over the interval and the adjacent grid,
//! and a doubt is noted.

use std::ops::Range;

use crate::analysis::normaliser::quadrature;
use crate::numerics::digits::trimmed;
use crate::numerics::quadrature::{Region, log_integral};
use crate::numerics::sum::compensated_sum;
use crate::sample::LogDensity;

/// Grid points for each value of the curve.
const POINTS: usize = 32;
/// Share of its maximum above which the density at an end of the axis may be truncated.
const FLAT: f64 = 0.02;
/// Share of the range of the data by which the axis grows in a step, and the number of steps.
const GROWTH: (f64, usize) = (0.1, 5);
/// Estimated share of the mass beyond an end of the grid that is noted.
const BEYOND: f64 = 0.01;
/// Divisor of the number of cells that gives the distance over which the decay of log p at an end is
/// measured.
const SLOPE: usize = 16;
/// Relative change of the area between this grid and one of every third point above which the grid is
/// too coarse.
const COARSE: f64 = 0.02;
/// Numbers of values of the data, and of cells of highest density, that are hints for the quadrature.
const HINTS: (usize, usize) = (300, 60);
/// Largest relative error of an integral that is accepted.
const ACCURACY: f64 = 1e-4;
/// Share of the mass outside the interval that is noted.
const OUTSIDE: f64 = 0.005;

/// A log-density of one number as a function of its difference from `shift`.
#[derive(Debug)]
pub(crate) struct Shifted<'a> {
    pub log_p: LogDensity<'a>,
    pub shift: f64,
}

impl Shifted<'_> {
    pub fn at(&self, points: &[f64]) -> Vec<f64> {
        let points: Vec<f64> = points.iter().map(|x| x + self.shift).collect();
        self.log_p.at(&[&points])
    }
}

/// A density on an interval of its axis, and doubts about it.
#[derive(Clone, Debug)]
pub(crate) struct Density {
    /// Mean densities over equal parts of the interval; NaN where log p is NaN or +∞.
    pub values: Vec<f64>,
    /// log ∫ p over the whole support, by quadrature; `None` where that failed.
    pub log_normaliser: Option<f64>,
    pub doubts: Vec<String>,
}

/// The interval of a curve, within its support.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub low: f64,
    pub high: f64,
    /// The declared support.
    pub domain: (f64, f64),
}

impl Extent {
    /// The interval widened by margins, within the support.
    pub fn padded(self, left: f64, right: f64) -> Self {
        let (least, most) = self.domain;
        Self { low: (self.low - left).max(least), high: (self.high + right).min(most), ..self }
    }

    /// The smallest interval that contains both.
    pub fn joined(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high), ..self }
    }

    /// The interval extended to ends of the support that are near.
    pub fn to_bounds(self) -> Self {
        let near = 0.3 * (self.high - self.low);
        let (least, most) = self.domain;
        let low = if self.low - least < near { least } else { self.low };
        let high = if most - self.high < near { most } else { self.high };
        Self { low, high, ..self }
    }

    /// The interval widened on the sides where the density has not decayed.
    pub fn widened(self, log_p: &Shifted<'_>) -> Self {
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

impl Density {
    /// The density in `parts` equal parts. `data` are values where mass may be; a higher log p at one
    /// of them than on the grid is a doubt.
    ///
    /// `None` where log p is finite nowhere on the interval.
    pub fn of(log_p: &Shifted<'_>, extent: Extent, parts: usize, data: &[f64]) -> Option<Self> {
        let grid = Grid::of(log_p, extent, parts * POINTS);
        if !grid.log_p[grid.inner()].iter().any(|x| x.is_finite()) {
            return None;
        }
        let mut doubts: Vec<String> = grid.undefined().into_iter().collect();
        let log_normaliser = grid.log_normaliser(log_p, data);
        let log_area = match log_normaliser {
            Some(found) => found,
            None => {
                let tails = grid.tails();
                let range = if tails.is_none() { 0..grid.log_p.len() } else { grid.inner() };
                let area = grid.log_area(range)?;
                // Accuracy is not checked where the area is truncated.
                doubts.extend(tails.or_else(|| grid.coarse(log_p, data, UNRELIABLE)));
                area
            }
        };
        let parts = grid.log_p[grid.inner()].chunks(POINTS).map(|part| mean(part, log_area));
        let mut values: Vec<f64> = parts.collect();
        grid.mend(&mut values, log_p, log_area);
        if log_normaliser.is_some() {
            let inside = grid.area(&values);
            doubts.extend(beside(inside).or_else(|| grid.coarse(log_p, data, NARROW)));
        }
        Some(Self { values, log_normaliser, doubts })
    }

    pub fn highest(&self) -> f64 {
        self.values.iter().copied().filter(|x| x.is_finite()).fold(0.0, f64::max)
    }
}

/// The doubt about a peak that the parts do not resolve.
const NARROW: &str = "the density has a peak too narrow for the picture";
const UNRELIABLE: &str =
    "the density has a peak too narrow for the picture: its area is not reliable";

/// The mean density over cells; NaN where none of them has a density.
fn mean(log_p: &[f64], log_area: f64) -> f64 {
    if !log_p.iter().any(|&x| has_density(x)) {
        return f64::NAN;
    }
    let weights = log_p.iter().filter(|x| x.is_finite()).map(|x| (x - log_area).exp());
    compensated_sum(&weights.collect::<Vec<_>>()) / log_p.len() as f64
}

/// A note on the share of the mass outside the interval, if it is large enough.
fn beside(inside: f64) -> Option<String> {
    let share = 1.0 - inside;
    let percent = trimmed(100.0 * share, 3);
    (share > OUTSIDE).then(|| format!("{percent} % of the density lies beside the axis"))
}

/// log p at the centres of equal cells, which are never at an end of the support, where it may be
/// infinite.
#[derive(Debug)]
struct Grid {
    extent: Extent,
    step: f64,
    /// Number of cells left of the interval; `cells` are those in it, and the others are right of it.
    left: usize,
    cells: usize,
    log_p: Vec<f64>,
    /// exp(log p) relative to its maximum; zero where log p is not finite.
    weights: Vec<f64>,
    peak: f64,
}

impl Grid {
    fn of(log_p: &Shifted<'_>, extent: Extent, cells: usize) -> Self {
        let step = (extent.high - extent.low) / cells as f64;
        let room = |distance: f64| (distance / step + 1e-6).floor().min(cells as f64) as usize;
        let left = room(extent.low - extent.domain.0);
        let right = room(extent.domain.1 - extent.high);
        let (low, high) = (extent.low - left as f64 * step, extent.high + right as f64 * step);
        let log_p = log_p.at(&midpoints(low, high, left + cells + right));
        let peak = peak(&log_p);
        let weight = |&x: &f64| if x.is_finite() { (x - peak).exp() } else { 0.0 };
        let weights = log_p.iter().map(weight).collect();
        Self { extent, step, left, cells, log_p, weights, peak }
    }

    /// The logarithm of the area over a range of cells; `None` where it is zero or NaN.
    fn log_area(&self, range: Range<usize>) -> Option<f64> {
        let inner = peak(&self.log_p[range.clone()]);
        let weights = self.log_p[range].iter().filter(|x| x.is_finite());
        let sum = compensated_sum(&weights.map(|x| (x - inner).exp()).collect::<Vec<_>>());
        (sum > 0.0).then(|| inner + (sum * self.step).ln())
    }

    /// log ∫ p over the support; hints are values of the data and the cells of highest density.
    fn log_normaliser(&self, log_p: &Shifted<'_>, data: &[f64]) -> Option<f64> {
        let (least, most) = self.extent.domain;
        let inside = data.iter().copied().filter(|&x| least < x && x < most);
        let step = data.len().div_ceil(HINTS.0).max(1);
        let mut hints: Vec<f64> = inside.step_by(step).collect();
        let mut order: Vec<usize> = (0..self.weights.len()).collect();
        order.sort_by(|&a, &b| self.weights[b].total_cmp(&self.weights[a]));
        hints.extend(order.iter().take(HINTS.1).map(|&cell| self.edge(cell) + 0.5 * self.step));
        let at = |points: &[Vec<f64>]| log_p.at(&points[0]);
        let found = quadrature(&at, &[self.extent.domain], &[hints]).ok()?;
        (found.error < ACCURACY).then_some(found.log)
    }

    /// Replaces the first and the last part by quadrature where they reach an end of the support,
    /// since the points of the grid miss much of a pole.
    fn mend(&self, values: &mut [f64], log_p: &Shifted<'_>, log_area: f64) {
        let width = POINTS as f64 * self.step;
        let (low, high) = (self.extent.low, self.extent.high);
        let ends = [
            (0, low, low <= self.extent.domain.0),
            (values.len() - 1, high - width, high >= self.extent.domain.1),
        ];
        for (part, from, _) in ends.into_iter().filter(|end| end.2) {
            let hints = [midpoints(from, from + width, POINTS)];
            let region = Region { ends: &[(from, from + width)], hints: &hints };
            let mut at = |points: &[Vec<f64>]| log_p.at(&points[0]);
            if let Ok(found) = log_integral(&mut at, &region, ACCURACY) {
                values[part] = (found.value - log_area).exp() / width;
            }
        }
    }

    /// The area below a curve of mean densities.
    fn area(&self, values: &[f64]) -> f64 {
        let finite: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
        compensated_sum(&finite) * POINTS as f64 * self.step
    }

    /// All cells but those of the parts at ends of the support, which may contain a pole.
    fn away_from_bounds(&self) -> Range<usize> {
        let (least, most) = self.extent.domain;
        let last = self.log_p.len();
        let near = |distance: f64| if distance < self.step { POINTS } else { 0 };
        near(self.edge(0) - least)..last - near(most - self.edge(last))
    }

    fn inner(&self) -> Range<usize> {
        self.left..self.left + self.cells
    }

    /// The doubt about ends at which mass is truncated, if there are any.
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

    /// Whether much mass is beyond an end of the grid, if log p continues to fall as it does between
    /// the cell `inner` and the end.
    fn is_open(&self, end: usize, inner: usize) -> bool {
        let fall = (self.log_p[inner] - self.log_p[end]) / end.abs_diff(inner) as f64;
        let held: f64 = self.weights.iter().sum();
        self.weights[end] > BEYOND * held * fall.max(0.0) && self.weights[end] > 0.0
    }

    /// The lower edge of a cell.
    fn edge(&self, cell: usize) -> f64 {
        self.extent.low + (cell as f64 - self.left as f64) * self.step
    }

    /// The doubt `what` about a peak between the points of the grid, if the area changes with the
    /// grid or log p is higher at a value of the data.
    fn coarse(&self, log_p: &Shifted<'_>, data: &[f64], what: &str) -> Option<String> {
        // The centre of three cells is that of the middle cell.
        let weights = &self.weights[self.away_from_bounds()];
        let thirds: Vec<f64> = weights.iter().copied().skip(1).step_by(3).collect();
        let moved = 3.0 * compensated_sum(&thirds) - compensated_sum(weights);
        let change = moved.abs() / compensated_sum(&self.weights);
        // Cells at ends of the support may contain a pole, part of which is in the area.
        let (least, most) = self.extent.domain;
        let inside = |x: &f64| *x > least + self.step && *x < most - self.step;
        let data: Vec<f64> = data.iter().copied().filter(inside).collect();
        let missed = peak(&log_p.at(&data)) > self.peak + 1.0;
        (change > COARSE || missed).then(|| what.to_owned())
    }

    /// A note on the interval where log p is NaN or +∞, if there is one; -∞ is a density of zero.
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

/// Whether exp(log p) is a finite density; zero is one.
pub(super) fn has_density(log_p: f64) -> bool {
    log_p < f64::INFINITY
}

fn midpoints(low: f64, high: f64, count: usize) -> Vec<f64> {
    let step = (high - low) / count as f64;
    (0..count).map(|i| low + (i as f64 + 0.5) * step).collect()
}

/// The largest finite value; -∞ where there is none.
pub(super) fn peak(values: &[f64]) -> f64 {
    values.iter().copied().filter(|x| x.is_finite()).fold(f64::NEG_INFINITY, f64::max)
}
