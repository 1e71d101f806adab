//! The moments of one data set, and J from them.
//!
//! Moments are taken around centres near the middle of the data, so that parameters meet
//! `centre - mu` and nothing of the size of the data is ever squared. What they cannot give to
//! twelve digits is left to the rows.

use nalgebra::{DMatrix, DVector};

use super::moments::Moments;
use crate::numerics::sum::compensated_mean;

/// Rows of the sample that the centres come from, at even steps.
const SAMPLE: usize = 256;
/// Largest binary exponent that a moment may be expected to have; beyond it products of a few of
/// them leave the range of doubles.
const EXPONENT_MAX: f64 = 300.0;
/// Binary digits of a centre below the spread of the data.
const DIGITS: f64 = 6.0;
/// Relative error of J above which the rows decide.
const ERROR_MAX: f64 = 1e-12;
/// How far a rounding moves a number, relatively.
const ROUNDING: f64 = f64::EPSILON / 2.0;
/// Most parameters for which a Hessian is kept as a matrix.
const MATRIX_MAX: usize = 512;

/// Centres and moments of a data set.
#[derive(Clone, Debug)]
pub(super) struct Summary {
    numbers: Vec<f64>,
    quadratic: Option<Quadratic>,
}

/// J = ½ θᵀAθ + bᵀθ + constant
#[derive(Clone, Debug)]
struct Quadratic {
    constant: f64,
    linear: Vec<f64>,
    /// A, row by row.
    matrix: Vec<f64>,
}

/// J and ∇J.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) value: f64,
    pub(super) gradient: DVector<f64>,
}

impl Summary {
    /// One pass over the rows; `None` where the powers of the data leave the range of doubles.
    pub(super) fn new(moments: &Moments, columns: &[&[f64]], threads: usize) -> Option<Self> {
        let mut numbers = centres(moments, columns)?;
        let means = moments.powers.means.evaluate(columns, &numbers, threads);
        numbers.extend(means);
        let mut summary = Self { numbers, quadratic: None };
        summary.quadratic = summary.solve_out(moments);
        Some(summary)
    }

    /// J and ∇J; `None` where rounding in the sum of moments leaves less than twelve digits of J.
    ///
    /// The gradient is held to the same account: it vanishes at a minimum, where its own quotient
    /// says nothing, and what cancels in the terms of J cancels in their derivatives.
    pub(super) fn evaluate(&self, moments: &Moments, theta: &[f64]) -> Option<Point> {
        let (value, size, gradient) = match &self.quadratic {
            Some(quadratic) => quadratic.evaluate(theta),
            None => {
                let mut values = moments.evaluation().evaluate(&[], &self.at(theta, &[]), 1);
                let gradient = values.split_off(2);
                (values[0], values[1], DVector::from_vec(gradient))
            }
        };
        // Not `>`, which NaN would pass.
        let is_exact = size * ROUNDING <= ERROR_MAX * value.abs();
        is_exact.then_some(Point { value, gradient })
    }

    /// ∇²J
    pub(super) fn hessian(&self, moments: &Moments, theta: &[f64]) -> DMatrix<f64> {
        let p = theta.len();
        if let Some(quadratic) = &self.quadratic {
            return DMatrix::from_row_slice(p, p, &quadratic.matrix);
        }
        let unit = |j: usize| DVector::from_fn(p, |i, _| if i == j { 1.0 } else { 0.0 });
        let columns: Vec<_> =
            (0..p).map(|j| self.hessian_times(moments, theta, &unit(j))).collect();
        let hessian = DMatrix::from_columns(&columns);
        (&hessian + hessian.transpose()) * 0.5
    }

    /// ∇²J · v
    pub(super) fn hessian_times(
        &self,
        moments: &Moments,
        theta: &[f64],
        v: &DVector<f64>,
    ) -> DVector<f64> {
        let at = self.at(theta, v.as_slice());
        DVector::from_vec(moments.product().program.evaluate(&[], &at, 1))
    }

    fn at(&self, theta: &[f64], direction: &[f64]) -> Vec<f64> {
        [theta, &self.numbers, direction].concat()
    }

    /// A, b and the constant, where H does not depend on the parameters.
    fn solve_out(&self, moments: &Moments) -> Option<Quadratic> {
        let p = moments.parameters();
        if p > MATRIX_MAX || !moments.product().is_constant {
            return None;
        }
        let origin = vec![0.0; p];
        let values = moments.evaluation().evaluate(&[], &self.at(&origin, &[]), 1);
        let hessian = self.hessian(moments, &origin);
        Some(Quadratic {
            constant: values[0],
            linear: values[2..].to_vec(),
            matrix: hessian.as_slice().to_vec(),
        })
    }
}

impl Quadratic {
    /// J, the sum of its terms' sizes, ∇J.
    fn evaluate(&self, theta: &[f64]) -> (f64, f64, DVector<f64>) {
        let (mut value, mut size) = (0.0, 0.0);
        let rows = self.matrix.chunks_exact(theta.len().max(1));
        let mut gradient = Vec::with_capacity(theta.len());
        for ((row, &linear), &at) in rows.zip(&self.linear).zip(theta) {
            let (bend, bends) = row_times(row, theta);
            gradient.push(linear + bend);
            value += at * (linear + 0.5 * bend);
            size += at.abs() * (linear.abs() + 0.5 * bends);
        }
        (value + self.constant, size + self.constant.abs(), DVector::from_vec(gradient))
    }
}

/// Terms that are summed side by side.
const ABREAST: usize = 4;

/// Σ a_i b_i and Σ |a_i b_i|
fn row_times(a: &[f64], b: &[f64]) -> (f64, f64) {
    let (mut sums, mut sizes) = ([0.0; ABREAST], [0.0; ABREAST]);
    let (whole, rest) = a.as_chunks::<ABREAST>();
    let (others, last) = b.as_chunks::<ABREAST>();
    for (a, b) in whole.iter().zip(others) {
        for k in 0..ABREAST {
            let product = a[k] * b[k];
            sums[k] += product;
            sizes[k] += product.abs();
        }
    }
    for (k, (a, b)) in rest.iter().zip(last).enumerate() {
        sums[k] += a * b;
        sizes[k] += (a * b).abs();
    }
    (sums.iter().sum(), sizes.iter().sum())
}

/// The means of the atoms on some rows; `None` where powers of what remains leave the range.
fn centres(moments: &Moments, columns: &[&[f64]]) -> Option<Vec<f64>> {
    let powers = &moments.powers;
    let rows = columns.first().map_or(0, |column| column.len());
    let count = rows.min(SAMPLE);
    let pick = |column: &&[f64]| (0..count).map(|i| column[i * rows / count]).collect();
    let sample: Vec<Vec<f64>> = columns.iter().map(pick).collect();
    let slices: Vec<&[f64]> = sample.iter().map(Vec::as_slice).collect();
    let atoms = powers.atoms.rows(&slices, &[], 1);
    let means: Vec<f64> = atoms.iter().map(|atom| compensated_mean(atom)).collect();
    let spreads: Vec<f64> =
        atoms.iter().zip(&means).map(|(atom, &mean)| furthest(atom, mean)).collect();
    let in_range =
        |&spread: &f64| spread == 0.0 || spread.log2().abs() * powers.degree as f64 <= EXPONENT_MAX;
    let centres = means.iter().zip(&spreads).map(|(&mean, &spread)| coarse(mean, spread));
    spreads.iter().all(in_range).then(|| centres.collect())
}

fn furthest(values: &[f64], from: f64) -> f64 {
    values.iter().fold(0.0, |most: f64, x| most.max((x - from).abs()))
}

/// The nearest number with few digits below the spread: differences of data from it are exact, where
/// those from a number with all its digits would be rounded alike on every row.
fn coarse(mean: f64, spread: f64) -> f64 {
    let step = (spread.log2().floor() - DIGITS).exp2();
    let rounded = (mean / step).round() * step;
    if rounded.is_finite() { rounded } else { mean }
}
