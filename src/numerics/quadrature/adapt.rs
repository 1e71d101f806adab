//! Adaptive subdivision: cells are divided where the error of the integral is large.

use super::rule::{Rule, Sums};
use super::tails::Reach;
use super::{Failure, LogIntegral};

/// Initial cells of each dimension.
const PARTS: usize = 4;
/// Most evaluations by dimensions.
const MOST: [usize; 2] = [200_000, 1_500_000];
/// Where f at a hint exceeds f at all nodes by more than this, the nodes miss a peak.
const MISSED: f64 = 0.5;
/// A hint belongs to all cells within this multiple of their width, so that cells on both sides of a
/// peak are divided until they are no wider than their distance from it.
const MARGIN: f64 = 1.0;
/// Cells are not divided below this share of their coordinates.
const NARROW: f64 = 1e-13;
/// The relative accuracy that rounding permits.
const ROUNDING: f64 = 1e-14;

/// The sides of a box, and the hints that belong to it.
type HintedBox = (Vec<(f64, f64)>, Vec<usize>);

#[derive(Clone, Debug)]
struct Cell {
    sides: Vec<(f64, f64)>,
    hints: Vec<usize>,
    sums: Sums,
}

/// A box divided into cells.
pub(super) struct Cells<'a> {
    log_f: &'a mut dyn FnMut(&[Vec<f64>]) -> Vec<f64>,
    rule: Rule,
    hints: Vec<Vec<f64>>,
    at_hints: Vec<f64>,
    cells: Vec<Cell>,
    evaluations: usize,
}

impl<'a> Cells<'a> {
    pub fn new(
        log_f: &'a mut dyn FnMut(&[Vec<f64>]) -> Vec<f64>,
        range: &[(f64, f64)],
        hints: Vec<Vec<f64>>,
        at_hints: Vec<f64>,
    ) -> Result<Self, Failure> {
        let rule = Rule::new(range.len());
        let all = (0..at_hints.len()).filter(|&i| at_hints[i].is_finite()).collect();
        let mut boxes = vec![(range.to_vec(), all)];
        let mut cells = Self { log_f, rule, hints, at_hints, cells: Vec::new(), evaluations: 0 };
        for axis in 0..range.len() {
            for _ in 0..PARTS.ilog2() {
                boxes = boxes.into_iter().flat_map(|sides| cells.halves(sides, axis)).collect();
            }
        }
        cells.add(boxes)?;
        Ok(cells)
    }

    /// The halves of a box along an axis, each with its hints.
    fn halves(&self, (sides, hints): HintedBox, axis: usize) -> [HintedBox; 2] {
        let (low, high) = sides[axis];
        let middle = 0.5 * (low + high);
        [(low, middle), (middle, high)].map(|side| {
            let mut sides = sides.clone();
            sides[axis] = side;
            let near = hints.iter().copied().filter(|&i| self.is_near(i, &sides));
            let near = near.collect();
            (sides, near)
        })
    }

    /// Whether a hint belongs to a box, by [`MARGIN`].
    fn is_near(&self, hint: usize, sides: &[(f64, f64)]) -> bool {
        sides.iter().zip(&self.hints).all(|(&(low, high), hints)| {
            let margin = MARGIN * (high - low);
            (low - margin..=high + margin).contains(&hints[hint])
        })
    }

    /// Integrates over boxes and adds them as cells.
    fn add(&mut self, boxes: Vec<HintedBox>) -> Result<(), Failure> {
        let mut columns = vec![Vec::new(); self.hints.len()];
        boxes.iter().for_each(|(sides, _)| self.rule.place(sides, &mut columns));
        let values = (self.log_f)(&columns);
        self.evaluations += values.len();
        for ((sides, hints), values) in boxes.into_iter().zip(values.chunks(self.rule.len())) {
            let mut sums = self.rule.sums(values).ok_or(Failure::Undefined)?;
            let hint = hints.iter().map(|&i| self.at_hints[i]).fold(f64::NEG_INFINITY, f64::max);
            if hint > sums.peak + MISSED {
                sums = missed(sums, hint, &sides);
            }
            self.cells.push(Cell { sides, hints, sums });
        }
        Ok(())
    }

    /// Divides cells until the error is within the accuracy.
    pub fn divide(&mut self, reach: &Reach, accuracy: f64) -> Result<LogIntegral, Failure> {
        loop {
            let found = self.total(reach.beyond).ok_or(Failure::Undefined)?;
            let uncertain = self.uncertain(found.value, accuracy);
            let evaluations = self.evaluations + 2 * uncertain.len() * self.rule.len();
            if found.error <= accuracy {
                return Ok(found);
            }
            if uncertain.is_empty() || evaluations > MOST[self.hints.len() - 1] {
                return Err(Failure::Unresolved(found));
            }
            let mut boxes = Vec::new();
            for &i in uncertain.iter().rev() {
                let Cell { sides, hints, sums } = self.cells.swap_remove(i);
                boxes.extend(self.halves((sides, hints), sums.along));
            }
            self.add(boxes)?;
        }
    }

    /// The cells of one dimension in order, each with its integral as a share of exp(`whole`).
    pub fn masses(&self, whole: f64) -> Vec<((f64, f64), f64)> {
        let one = |cell: &Cell| {
            let mass = (cell.sums.peak - whole).exp() * cell.volume() * cell.sums.mean;
            (cell.sides[0], mass)
        };
        let mut masses: Vec<((f64, f64), f64)> = self.cells.iter().map(one).collect();
        masses.sort_by(|a, b| a.0.0.total_cmp(&b.0.0));
        masses
    }

    fn total(&self, beyond: f64) -> Option<LogIntegral> {
        let peak = self.cells.iter().map(|cell| cell.sums.peak).fold(f64::NEG_INFINITY, f64::max);
        let sum = |part: fn(&Sums) -> f64| -> f64 {
            let one =
                |cell: &Cell| (cell.sums.peak - peak).exp() * cell.volume() * part(&cell.sums);
            self.cells.iter().filter(|cell| cell.sums.peak > f64::NEG_INFINITY).map(one).sum()
        };
        let (integral, error) = (sum(|sums| sums.mean), sum(|sums| sums.error));
        let value = peak + integral.ln();
        let error = error / integral + (beyond - value).exp() + ROUNDING;
        (integral > 0.0 && value.is_finite()).then_some(LogIntegral { value, error })
    }

    /// The cells whose error exceeds their share of the allowed error.
    fn uncertain(&self, value: f64, accuracy: f64) -> Vec<usize> {
        let share = accuracy / (2.0 * self.cells.len() as f64);
        let error = |cell: &Cell| (cell.sums.peak - value).exp() * cell.volume() * cell.sums.error;
        (0..self.cells.len())
            .filter(|&i| error(&self.cells[i]) > share && self.cells[i].is_wide())
            .collect()
    }
}

/// The sums of a cell whose peak the nodes miss: its error is as large as its possible integral.
fn missed(sums: Sums, hint: f64, sides: &[(f64, f64)]) -> Sums {
    let width = |k: usize| sides[k].1 - sides[k].0;
    let along = usize::from(sides.len() == 2 && width(1) > width(0));
    let mean = sums.mean * (sums.peak - hint).exp();
    Sums { peak: hint, mean: if mean.is_nan() { 0.0 } else { mean }, error: 1.0, along }
}

impl Cell {
    fn volume(&self) -> f64 {
        self.sides.iter().map(|(low, high)| high - low).product()
    }

    fn is_wide(&self) -> bool {
        let (low, high) = self.sides[self.sums.along];
        high - low > NARROW * low.abs().max(high.abs()).max(1.0)
    }
}
