//! Start values for any model on data of any scale.
//!
//! Many candidates are drawn and screened on a sample of rows; the best are optimised. Each candidate
//! has its own random stream, keyed by the seed and its index.

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use crate::model::{Model, Support};
use crate::numerics::rng::{Stream, stream};

use super::error::Error;
use super::options::Options;
use super::problem::Problem;
use super::ranges::NaturalRange;
use super::space::Space;
use super::standardise::{Frame, Spread};
use super::symmetry::Symmetries;

const CANDIDATES_PER_PARAMETER: usize = 50;
/// Least number of candidates.
const CANDIDATES_LEAST: usize = 16;
const SAMPLE_ROWS: usize = 2000;
/// Most row operations of screening.
const WORK_MAX: usize = 4_000_000_000;
/// Decades, up and down, over which unknown units are drawn.
const DECADES: f64 = 6.0;
/// Decades where all data are angles, whose unit is the radian: those of concentrations.
const DECADES_OF_ANGLES: f64 = 2.0;
/// Most parameters for which units are drawn: with more, no draw has all of them right.
const SCANNED_MAX: usize = 30;
/// Standard deviation of a location's start around a row, in spreads of its column.
const JITTER: f64 = 0.05;

/// The model and data from which candidates are drawn.
pub(super) struct Recipe<'a> {
    pub model: &'a Model,
    pub space: &'a Space,
    pub frame: &'a Frame,
    pub symmetries: &'a Symmetries,
    /// Columns in inner coordinates.
    pub columns: &'a [Vec<f64>],
    /// Robust spreads of these columns.
    pub spreads: &'a [Spread],
    pub fixed: &'a [Option<f64>],
    /// Positions of angles among all coordinates.
    pub angles: &'a [usize],
    /// Positions among all coordinates of those that start in a natural range.
    pub ranges: &'a [(usize, NaturalRange)],
    /// By parameter, the rows of its level, ascending; `None` where no group indexes the parameter.
    pub level_rows: &'a [Option<Vec<usize>>],
    pub seed: u64,
}

/// By parameter, the rows of its level, ascending; `None` where no group indexes the parameter.
pub(super) fn level_rows(model: &Model, columns: &[Vec<f64>]) -> Vec<Option<Vec<usize>>> {
    let mut by_groups: BTreeMap<Vec<usize>, BTreeMap<Vec<u64>, Vec<usize>>> = BTreeMap::new();
    // Zeros of both signs are one level.
    let key = |level: f64| (level + 0.0).to_bits();
    let of_parameter = |j: usize| {
        let (groups, levels): (Vec<usize>, Vec<u64>) =
            model.levels_of(j).into_iter().map(|(group, level)| (group, key(level))).unzip();
        if groups.is_empty() {
            return None;
        }
        let rows = by_groups.entry(groups).or_insert_with_key(|groups| {
            let of = |group: &usize| &columns[model.data().len() + group];
            let columns: Vec<&Vec<f64>> = groups.iter().map(of).collect();
            let mut rows: BTreeMap<Vec<u64>, Vec<usize>> = BTreeMap::new();
            for row in 0..columns[0].len() {
                let levels = columns.iter().map(|column| key(column[row])).collect();
                rows.entry(levels).or_default().push(row);
            }
            rows
        });
        Some(rows.get(&levels).cloned().unwrap_or_default())
    };
    (0..model.parameters().len()).map(of_parameter).collect()
}

impl Recipe<'_> {
    /// All coordinates of candidate number `index`.
    pub fn draw(&self, index: usize) -> Vec<f64> {
        let mut stream = stream(self.seed, index as u64);
        let units_known = (0..self.symmetries.data).all(|k| self.symmetries.scales(k));
        let few = self.space.active().len() <= SCANNED_MAX;
        let scan = few && !units_known && stream.uniform() < 0.5;
        let mut all: Vec<f64> = (0..self.space.all()).map(|_| stream.normal()).collect();
        if scan {
            self.scan_units(&mut all, &mut stream);
        }
        self.locate(&mut all, &mut stream);
        // An angle lies within one period; at large values t - mu loses the digits of t.
        self.angles.iter().for_each(|&k| all[k] = TAU * (stream.uniform() - 0.5));
        self.ranges.iter().for_each(|&(k, range)| all[k] = range.pull(all[k], &mut stream));
        all
    }

    /// Draws location parameters beside data rows; on a row, |x - mu|^p has no derivative.
    fn locate(&self, all: &mut [f64], stream: &mut Stream) {
        for j in 0..self.model.parameters().len() {
            if let (Some((column, rate)), Some(k)) =
                (self.symmetries.location(j), self.space.own(j))
            {
                let rows = &self.columns[column];
                let beside = JITTER * self.spreads[column].scale() * stream.normal();
                all[k] = rate * (rows[self.row_for(j, rows.len(), stream)] + beside);
            }
        }
    }

    /// A random row; for a parameter that a group indexes, the next row of its level.
    fn row_for(&self, j: usize, rows: usize, stream: &mut Stream) -> usize {
        let first = stream.below(rows);
        let Some(own) = &self.level_rows[j] else { return first };
        let next = own.partition_point(|&row| row < first);
        own.get(next).or(own.first()).copied().unwrap_or(first)
    }

    /// Draws coordinates over many decades, or around the data, since the constants of the text have
    /// units.
    fn scan_units(&self, all: &mut [f64], stream: &mut Stream) {
        let angles = (0..self.symmetries.data).all(|k| self.is_angle(k));
        let decades = if angles { DECADES_OF_ANGLES } else { DECADES };
        let linear: Vec<usize> =
            (0..self.model.parameters().len()).filter_map(|j| self.space.own(j)).collect();
        for (k, value) in all.iter_mut().enumerate() {
            let decade = decades * (2.0 * stream.uniform() - 1.0);
            *value = if !linear.contains(&k) {
                decade * std::f64::consts::LN_10
            } else if stream.uniform() < 1.0 / 3.0 {
                let spread = self.spreads[stream.below(self.symmetries.data.max(1))];
                spread.mean + spread.scale() * *value
            } else {
                10f64.powf(decade).copysign(*value)
            };
        }
    }

    /// Whether a data component is declared on the circle, or has a location that is an angle.
    fn is_angle(&self, k: usize) -> bool {
        let located = |j: usize| {
            let place = self.space.own(j).filter(|place| self.angles.contains(place));
            place.and(self.symmetries.location(j)).is_some_and(|(column, _)| column == k)
        };
        self.model.data()[k].support == Support::Circle
            || (0..self.model.parameters().len()).any(located)
    }

    /// A candidate with raw parameter values given by the user.
    pub fn given(&self, index: usize, values: &[(usize, f64)]) -> Result<Vec<f64>, Error> {
        let mut theta = self.space.theta_of_all(&self.draw(index));
        for (theta, fixed) in theta.iter_mut().zip(self.fixed) {
            *theta = fixed.unwrap_or(*theta);
        }
        let mut raw = self.frame.raw(&theta);
        values.iter().for_each(|&(j, value)| raw[j] = value);
        let theta = self.frame.inner(&raw);
        self.space.to_free(self.model, &theta).ok_or_else(|| self.outside_constraint(values))
    }

    /// The error for the first given value that violates its constraint, or for the first value.
    fn outside_constraint(&self, values: &[(usize, f64)]) -> Error {
        let parameters = self.model.parameters();
        let inside = |&&(j, value): &&(usize, f64)| {
            let (low, high) = self.model.blocks()[parameters[j].block].constraint.bounds();
            !(low < value && value < high)
        };
        let &(j, value) =
            values.iter().find(inside).or(values.first()).expect("given values are not empty");
        Error::OutsideConstraint { parameter: parameters[j].name.clone(), value }
    }
}

/// Moving coordinates of the candidates, best first, at least as many as the requested starts; after
/// an interrupt, of the first candidates.
pub(super) fn screened(recipe: &Recipe<'_>, problem: &Problem, options: &Options) -> Vec<Vec<f64>> {
    let rows = recipe.columns.first().map_or(0, Vec::len);
    let budget = WORK_MAX / problem.screening_work();
    let wanted = (CANDIDATES_PER_PARAMETER * recipe.space.active().len()).max(CANDIDATES_LEAST);
    let sample_rows = (budget / wanted).clamp(200, SAMPLE_ROWS).min(rows.max(1));
    let candidates = wanted.min((budget / sample_rows).max(64));
    let candidates = candidates.max(options.starts.unwrap_or(0));
    let sample = sample(&problem.columns, sample_rows);
    let drawn: Vec<Vec<f64>> =
        (1..=candidates).map(|index| recipe.space.part(&recipe.draw(index))).collect();
    let marks: Vec<(f64, f64)> = drawn
        .iter()
        .enumerate()
        .take_while(|&(index, _)| index < CANDIDATES_LEAST || !options.is_interrupted())
        .map(|(_, at)| problem.screen(&sample, at))
        .collect();
    interleave(
        &ranking(&marks, |(laplacian, norm)| laplacian + norm),
        &ranking(&marks, |(laplacian, norm)| {
            // The minimum of this sum over multiples of the energy.
            if laplacian < 0.0 { -laplacian * laplacian / (4.0 * norm) } else { f64::NAN }
        }),
    )
    .into_iter()
    .map(|index| drawn[index].clone())
    .collect()
}

/// Equally spaced rows.
pub(super) fn sample<C: AsRef<[f64]>>(columns: &[C], rows: usize) -> Vec<Vec<f64>> {
    let pick = |column: &[f64]| (0..rows).map(|i| column[i * column.len() / rows]).collect();
    columns.iter().map(|column| pick(column.as_ref())).collect()
}

/// Indices of finite values, lowest first.
fn ranking(marks: &[(f64, f64)], mark: impl Fn((f64, f64)) -> f64) -> Vec<usize> {
    let values: Vec<f64> = marks.iter().map(|&pair| mark(pair)).collect();
    let usable = |&index: &usize| {
        let (laplacian, norm) = marks[index];
        values[index].is_finite() && laplacian.is_finite() && norm.is_finite()
    };
    let mut order: Vec<usize> = (0..marks.len()).filter(usable).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    order
}

/// The indices of both lists, alternating, each once.
fn interleave(a: &[usize], b: &[usize]) -> Vec<usize> {
    let longest = a.len().max(b.len());
    let turns = (0..longest).flat_map(|k| [a.get(k), b.get(k)]).flatten();
    let mut merged: Vec<usize> = Vec::with_capacity(longest);
    for &index in turns {
        if !merged.contains(&index) {
            merged.push(index);
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rankings_take_turns() {
        assert_eq!(interleave(&[3, 1, 2], &[3, 2]), [3, 1, 2]);
        assert_eq!(interleave(&[0, 1], &[2, 0, 1]), [0, 2, 1]);
    }

    #[test]
    fn candidates_without_a_value_do_not_rank() {
        let marks = [(1.0, 2.0), (f64::NAN, 1.0), (-5.0, 1.0), (-1.0, f64::INFINITY)];
        assert_eq!(ranking(&marks, |(l, n)| l + n), [2, 0]);
    }

    #[test]
    fn samples_span_the_rows() {
        assert_eq!(sample(&[vec![0.0, 1.0, 2.0, 3.0]], 2), [[0.0, 2.0]]);
    }
}
