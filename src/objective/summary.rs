//! The moments of one data set, and J from them.
//!
//! Moments are taken around centres near the middle of the data, so that parameters meet
//! `centre - mu` and nothing of the size of the data is ever squared. What they cannot give to
//! twelve digits is left to the rows.

use nalgebra::{DMatrix, DVector};

use super::moments::{Around, Moments};
use super::product::from_products;
use crate::numerics::sum::compensated_mean;
use crate::program::{Product, Symmetric, Workers};

/// Rows of the sample that the centres come from, at even steps.
const SAMPLE: usize = 256;
/// Largest binary exponent that a moment may be expected to have; beyond it products of a few of
/// them leave the range of doubles.
const EXPONENT_MAX: f64 = 300.0;
/// Data whose mean is within this share of their spread lie around zero.
const NEAR: f64 = 0.25;
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
    around: Around,
    /// Centres and moments.
    numbers: Vec<f64>,
    quadratic: Option<Quadratic>,
}

/// J = ½ θᵀAθ + bᵀθ + constant
#[derive(Clone, Debug)]
struct Quadratic {
    constant: f64,
    linear: Vec<f64>,
    matrix: DMatrix<f64>,
    /// A once more, as it is multiplied.
    form: Symmetric,
}

/// J and ∇J.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) value: f64,
    pub(super) gradient: DVector<f64>,
}

impl Summary {
    /// One pass over the rows.
    pub(super) fn new(
        moments: &Moments,
        sample: Sample,
        columns: &[&[f64]],
        workers: Workers,
    ) -> Self {
        let Sample { around, centres: mut numbers } = sample;
        let means = moments.powers.means.evaluate(columns, &numbers, workers);
        numbers.extend(means);
        let mut summary = Self { around, numbers, quadratic: None };
        summary.quadratic = summary.solve_out(moments);
        summary
    }

    pub(super) fn around(&self) -> Around {
        self.around
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
        let is_exact = size * ROUNDING <= ERROR_MAX * value.abs();
        let is_finite = size.is_finite() && gradient.iter().all(|slope| slope.is_finite());
        (is_exact && is_finite).then_some(Point { value, gradient })
    }

    /// ∇²J
    pub(super) fn hessian(&self, moments: &Moments, theta: &[f64]) -> DMatrix<f64> {
        match &self.quadratic {
            Some(quadratic) => quadratic.matrix.clone(),
            None => from_products(theta.len(), |v| self.hessian_times(moments, theta, v)),
        }
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
            form: Symmetric::new(p, hessian.as_slice()),
            matrix: hessian,
        })
    }
}

impl Quadratic {
    /// J, the sum of its terms' sizes, ∇J.
    fn evaluate(&self, theta: &[f64]) -> (f64, f64, DVector<f64>) {
        let Product { sums: bends, sizes } = self.form.times(theta);
        let (mut value, mut size) = (self.constant, self.constant.abs());
        for (((&at, &linear), &bend), &bends) in
            theta.iter().zip(&self.linear).zip(&bends).zip(&sizes)
        {
            value += at * (linear + 0.5 * bend);
            size += at.abs() * (linear.abs() + 0.5 * bends);
        }
        let slopes = self.linear.iter().zip(&bends).map(|(linear, bend)| linear + bend);
        (value, size, DVector::from_iterator(theta.len(), slopes))
    }
}

/// Where the data lie, from some of the rows.
#[derive(Debug)]
pub(super) struct Sample {
    around: Around,
    /// None around zero.
    centres: Vec<f64>,
}

impl Sample {
    /// `None` where the powers of the data would leave the range of doubles.
    pub(super) fn new(moments: &Moments, columns: &[&[f64]]) -> Option<Self> {
        let powers = &moments.powers;
        let sample: Vec<Vec<f64>> = columns.iter().map(|column| some_of(column)).collect();
        let slices: Vec<&[f64]> = sample.iter().map(Vec::as_slice).collect();
        let atoms = powers.atoms.rows(&slices, &[], 1);
        let places: Vec<Place> = atoms.iter().map(|atom| Place::of(atom)).collect();
        let fits = places.iter().all(|place| place.fits(powers.degree));
        let centred = || places.iter().zip(&powers.centred).filter(|(_, centred)| **centred);
        let near = centred().all(|(place, _)| place.mean.abs() <= NEAR * place.spread);
        let (around, centres) = if near {
            (Around::Zero, Vec::new())
        } else {
            (Around::Centres, centred().map(|(place, _)| place.centre()).collect())
        };
        fits.then_some(Self { around, centres })
    }

    pub(super) fn around(&self) -> Around {
        self.around
    }
}

fn some_of(column: &[f64]) -> Vec<f64> {
    let count = column.len().min(SAMPLE);
    (0..count).map(|i| column[i * column.len() / count]).collect()
}

/// Mean and largest deviation of some values.
#[derive(Clone, Copy, Debug)]
struct Place {
    mean: f64,
    spread: f64,
}

impl Place {
    fn of(values: &[f64]) -> Self {
        let mean = compensated_mean(values);
        let spread = values.iter().fold(0.0, |most: f64, x| most.max((x - mean).abs()));
        Self { mean, spread }
    }

    /// Powers of this degree stay within the range of doubles.
    fn fits(&self, degree: usize) -> bool {
        self.spread == 0.0 || self.spread.log2().abs() * degree as f64 <= EXPONENT_MAX
    }

    /// The mean to few digits below the spread: differences of data from it are exact, where those
    /// from a number with all its digits would be rounded alike on every row.
    fn centre(&self) -> f64 {
        let step = (self.spread.log2().floor() - DIGITS).exp2();
        let rounded = (self.mean / step).round() * step;
        if rounded.is_finite() { rounded } else { self.mean }
    }
}
