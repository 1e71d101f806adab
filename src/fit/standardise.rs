//! Coordinates in which the data have location zero and scale one, where the symmetries of the model
//! allow it, and the inverse map.
//!
//! By a symmetry, shifting or scaling the data is equivalent to shifting or scaling parameters. The
//! model is therefore fitted to z = (x - c)/s, and θ = s^κ θ' + c·rate: no digits are lost on data of
//! scale 1e-9 or around 1e12. Scales are powers of two, so that they cause no rounding.

use nalgebra::{DMatrix, DVector};

use crate::numerics::sum::{compensated_mean, mean_of};

use super::symmetry::{Scaling, Shift, Symmetries};

/// Scales of data components that differ by less than this factor are replaced by a common one, so
/// that the objective keeps its form without division.
const SIMILAR: f64 = 16.0;

/// Most rows, equally spaced, from which quartiles are computed.
const QUARTILE_ROWS: usize = 20_000;
/// Interquartile range of the standard normal distribution.
const NORMAL_IQR: f64 = 1.348_979_500_392_163_5;

/// Location and spread of a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread {
    pub mean: f64,
    /// Standard deviation, with divisor n.
    pub deviation: f64,
}

impl Spread {
    pub fn of(column: &[f64]) -> Self {
        Self::counted(column, None)
    }

    /// The spread of rows with weights of mean one.
    pub fn counted(column: &[f64], counts: Option<&[f64]>) -> Self {
        let times = |row: usize, x: f64| counts.map_or(x, |counts| x * counts[row]);
        let rows = || (0..column.len()).zip(column);
        let mean = mean_of(rows().map(|(row, &x)| times(row, x)));
        let largest = column.iter().fold(0.0, |m: f64, x| m.max((x - mean).abs()));
        if largest == 0.0 || !largest.is_finite() {
            return Self { mean, deviation: 0.0 };
        }
        // Squares of tiny deviations would underflow.
        let squares = rows().map(|(row, x)| times(row, ((x - mean) / largest).powi(2)));
        Self { mean, deviation: largest * mean_of(squares).sqrt() }
    }

    /// Median, and interquartile range relative to that of a standard normal, which no single
    /// outlying row changes. Mean and standard deviation where the interquartile range is zero.
    pub fn robust(column: &[f64]) -> Self {
        let step = column.len().div_ceil(QUARTILE_ROWS).max(1);
        let mut sorted: Vec<f64> = column.iter().step_by(step).copied().collect();
        sorted.sort_by(f64::total_cmp);
        let Some(last) = sorted.len().checked_sub(1) else { return Self::of(column) };
        let deviation = (sorted[last - last / 4] - sorted[last / 4]) / NORMAL_IQR;
        if deviation > 0.0 && deviation.is_finite() {
            Self { mean: sorted[last / 2], deviation }
        } else {
            Self::of(column)
        }
    }

    /// The deviation; for a constant column its absolute value, or one if that is zero.
    pub fn scale(&self) -> f64 {
        match (self.deviation > 0.0, self.mean == 0.0) {
            (true, _) => self.deviation,
            (false, false) => self.mean.abs(),
            (false, true) => 1.0,
        }
    }
}

/// Values times the weights of their rows.
pub(super) fn counted(mut values: Vec<f64>, counts: Option<&[f64]>) -> Vec<f64> {
    for (value, count) in values.iter_mut().zip(counts.into_iter().flatten()) {
        *value *= count;
    }
    values
}

/// The map between raw and inner coordinates of columns and parameters.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    centre: Vec<f64>,
    scale: Vec<f64>,
    factor: Vec<f64>,
    offset: DVector<f64>,
    /// θ in raw units is mix·(factor θ') + offset; `None` where the mix is the identity.
    mix: Option<Mix>,
}

#[derive(Clone, Debug)]
struct Mix {
    matrix: DMatrix<f64>,
    inverse: DMatrix<f64>,
}

impl Frame {
    /// The frame that the symmetries allow for columns of these spreads.
    pub fn new(symmetries: &Symmetries, spreads: &[Spread], parameters: usize) -> Self {
        let mut frame = Self {
            centre: vec![0.0; spreads.len()],
            scale: vec![1.0; spreads.len()],
            factor: vec![1.0; parameters],
            offset: DVector::zeros(parameters),
            mix: None,
        };
        symmetries.shifts.iter().for_each(|shift| frame.shift(shift, spreads));
        let scales = group_scales(&symmetries.scalings, symmetries.data, spreads);
        for (scaling, scale) in symmetries.scalings.iter().zip(scales) {
            frame.rescale(scaling, scale);
        }
        frame
    }

    fn shift(&mut self, shift: &Shift, spreads: &[Spread]) {
        let means: Vec<f64> = shift.columns.iter().map(|&k| spreads[k].mean).collect();
        let centre = compensated_mean(&means);
        shift.columns.iter().for_each(|&k| self.centre[k] = centre);
        let (matrix, offset) = shift.motion(centre);
        if let (Some(matrix), Some(inverse)) = (matrix, shift.motion(-centre).0) {
            self.offset = &matrix * &self.offset;
            self.mix = Some(match self.mix.take() {
                None => Mix { matrix, inverse },
                Some(mix) => Mix { matrix: &matrix * mix.matrix, inverse: mix.inverse * inverse },
            });
        }
        self.offset += offset;
    }

    fn rescale(&mut self, scaling: &Scaling, scale: f64) {
        scaling.columns.iter().for_each(|&k| self.scale[k] = scale);
        for (factor, &power) in self.factor.iter_mut().zip(&scaling.powers) {
            *factor *= raise(scale, power);
        }
    }

    /// A column in inner coordinates.
    pub fn column(&self, k: usize, raw: &[f64]) -> Vec<f64> {
        raw.iter().map(|x| (x - self.centre[k]) / self.scale[k]).collect()
    }

    /// The raw value of column `k` that is zero in inner coordinates.
    pub fn centre(&self, k: usize) -> f64 {
        self.centre[k]
    }

    /// The raw unit of column `k`.
    pub fn scale(&self, k: usize) -> f64 {
        self.scale[k]
    }

    /// Jacobian of the raw parameters from that of the inner ones, with columns by coordinate.
    pub fn raw_changes(&self, inner: &DMatrix<f64>) -> DMatrix<f64> {
        let factor = |i: usize, j: usize| self.factor[i] * inner[(i, j)];
        let scaled = DMatrix::from_fn(inner.nrows(), inner.ncols(), factor);
        match &self.mix {
            None => scaled,
            Some(mix) => &mix.matrix * scaled,
        }
    }

    /// Whether raw parameter `j` is a function of inner parameter `j` alone.
    pub fn is_alone(&self, j: usize) -> bool {
        self.mix.as_ref().is_none_or(|mix| {
            mix.matrix.row(j).iter().enumerate().all(|(l, &c)| l == j || c == 0.0)
        })
    }

    /// Raw parameters from inner ones.
    pub fn raw(&self, inner: &[f64]) -> Vec<f64> {
        let alone = |j: usize| self.factor[j].mul_add(inner[j], self.offset[j]);
        let mixed = |j: usize, row: &Mix| {
            let terms = row.matrix.row(j);
            let terms = terms.iter().zip(&self.factor).zip(inner);
            terms.map(|((c, factor), inner)| c * factor * inner).sum::<f64>() + self.offset[j]
        };
        (0..inner.len())
            .map(|j| match &self.mix {
                Some(mix) if !self.is_alone(j) => mixed(j, mix),
                Some(_) | None => alone(j),
            })
            .collect()
    }

    /// Inner parameters from raw ones.
    pub fn inner(&self, raw: &[f64]) -> Vec<f64> {
        let moved = DVector::from_column_slice(raw) - &self.offset;
        let plain = match &self.mix {
            None => moved,
            Some(mix) => &mix.inverse * moved,
        };
        plain.iter().zip(&self.factor).map(|(value, factor)| value / factor).collect()
    }

    /// Inner parameter `j` from the raw one, where no other parameter mixes into it.
    pub fn inner_one(&self, j: usize, raw: f64) -> f64 {
        (raw - self.offset[j]) / self.factor[j]
    }
}

/// s^κ, exact for a power of two s and an integer κ.
fn raise(scale: f64, power: f64) -> f64 {
    if power.fract() == 0.0 && power.abs() < 1e3 {
        scale.powi(power as i32)
    } else {
        scale.powf(power)
    }
}

/// A power of two for each scaling, from the mean spread of its columns; a common one for all data
/// columns where their spreads are similar.
fn group_scales(scalings: &[Scaling], data: usize, spreads: &[Spread]) -> Vec<f64> {
    let own: Vec<f64> =
        scalings.iter().map(|scaling| log_scale(&scaling.columns, spreads)).collect();
    let is_data = |scaling: &Scaling| scaling.columns.iter().all(|&k| k < data);
    let of_data: Vec<f64> =
        scalings.iter().zip(&own).filter(|(s, _)| is_data(s)).map(|(_, &log)| log).collect();
    let low = of_data.iter().copied().fold(f64::INFINITY, f64::min);
    let high = of_data.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let common = of_data.iter().sum::<f64>() / of_data.len().max(1) as f64;
    let chosen = scalings.iter().zip(&own).map(|(scaling, &log)| {
        if is_data(scaling) && high - low < SIMILAR.log2() { common } else { log }
    });
    chosen.map(|log| log.round().clamp(-1000.0, 1000.0).exp2()).collect()
}

/// Mean binary logarithm of the spreads of the columns.
fn log_scale(columns: &[usize], spreads: &[Spread]) -> f64 {
    columns.iter().map(|&k| spreads[k].scale().log2()).sum::<f64>() / columns.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_of_any_scale() {
        for (offset, scale) in [(0.0, 1e-200), (0.0, 1e200), (1e12, 1.0), (-3.0, 1e-9)] {
            let column: Vec<f64> = [-1.0, 0.0, 1.0].iter().map(|z| offset + scale * z).collect();
            let spread = Spread::of(&column);
            assert_eq!(spread.mean, offset);
            let want = scale * (2.0f64 / 3.0).sqrt();
            assert!((spread.deviation - want).abs() < 1e-6 * want, "{spread:?}");
        }
        assert_eq!(Spread::of(&[5.0, 5.0]).scale(), 5.0);
        assert_eq!(Spread::of(&[0.0]).scale(), 1.0);
    }

    #[test]
    fn location_and_scale_map_back() {
        let symmetries = Symmetries {
            data: 1,
            scalings: vec![Scaling { columns: vec![0], powers: vec![1.0, 2.0] }],
            shifts: vec![Shift { columns: vec![0], rates: vec![1.0, 0.0], turn: None }],
        };
        let spread = Spread { mean: 1e12, deviation: 3.0 };
        let frame = Frame::new(&symmetries, &[spread], 2);
        assert_eq!(frame.scale(0), 4.0);
        assert_eq!(frame.column(0, &[1e12 + 2.0]), [0.5]);
        assert_eq!(frame.raw(&[0.25, 0.5]), [1e12 + 1.0, 8.0]);
        assert_eq!(frame.inner_one(0, 1e12 + 1.0), 0.25);
    }

    #[test]
    fn mixed_parameters_map_back() {
        let mut turn = DMatrix::zeros(2, 2);
        turn[(0, 1)] = -1.0;
        let symmetries = Symmetries {
            data: 1,
            scalings: vec![Scaling { columns: vec![1], powers: vec![0.0, -1.0] }],
            shifts: vec![Shift { columns: vec![1], rates: vec![0.0; 2], turn: Some(turn) }],
        };
        let unit = Spread { mean: 0.0, deviation: 1.0 };
        let frame = Frame::new(&symmetries, &[unit, Spread { mean: 2000.0, deviation: 8.0 }], 2);
        // y = a' + b' (t - 2000)/8
        let raw = frame.raw(&[5.0, 4.0]);
        assert_eq!(raw, [5.0 - 2000.0 * 0.5, 0.5]);
        assert_eq!(frame.inner(&raw), [5.0, 4.0]);
        assert!(frame.is_alone(1) && !frame.is_alone(0));
    }

    #[test]
    fn an_outlying_row_leaves_the_robust_spread() {
        let mut column: Vec<f64> = (0..101).map(f64::from).collect();
        let before = Spread::robust(&column);
        column[100] = 1e8;
        let after = Spread::robust(&column);
        assert_eq!((before.mean, before.deviation), (after.mean, after.deviation));
        assert!((before.deviation - 50.0 / NORMAL_IQR).abs() < 1e-12);
        assert_eq!(Spread::robust(&[1.0, 1.0, 1.0, 1.0, 9.0]).mean, 2.6);
    }
}
