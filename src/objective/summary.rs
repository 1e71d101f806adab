//! The moments of one data set, and J from them.
//!
//! Moments are taken around centres near the middle of the data, so that parameters enter as
//! `centre - mu` and no large value is squared. Where this does not give twelve digits of J,
//! evaluations pass over the rows instead.

use nalgebra::{DMatrix, DVector};

use super::hessian_times::from_products;
use super::moments::{Around, Moments};
use crate::numerics::sum::compensated_mean;
use crate::program::{Product, Symmetric, Workers};

/// Most rows of the sample that determines the centres, at even steps.
const SAMPLE: usize = 256;
/// Largest binary exponent, of either sign, of a moment; products of a few larger ones could leave
/// the range of doubles.
const EXPONENT_MAX: f64 = 300.0;
/// Where the mean of each atom is at most this share of its spread, moments are taken around zero.
const NEAR: f64 = 0.25;
/// Binary digits of a centre below the leading digit of the spread of the data.
const DIGITS: f64 = 6.0;
/// Relative rounding error of J above which an evaluation passes over the rows.
const ERROR_MAX: f64 = 1e-12;
/// Relative error of one rounding.
const ROUNDING: f64 = f64::EPSILON / 2.0;
/// Most parameters for which the Hessian of a quadratic J is stored as a matrix.
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
    /// A in the layout in which it is multiplied.
    form: Symmetric,
}

/// J and ∇J.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) value: f64,
    pub(super) gradient: DVector<f64>,
}

impl Summary {
    /// Computes the moments in one pass over the rows.
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
        summary.quadratic = summary.quadratic_form(moments);
        summary
    }

    pub(super) fn around(&self) -> Around {
        self.around
    }

    /// J and ∇J; `None` where rounding in the sum of moments leaves fewer than twelve digits of J.
    ///
    /// The test of J also decides about the gradient, which has no relative error of its own at a
    /// minimum, where it vanishes: cancellation in the terms of J means cancellation in their
    /// derivatives.
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
        DVector::from_vec(moments.hessian_times().program.evaluate(&[], &at, 1))
    }

    fn at(&self, theta: &[f64], direction: &[f64]) -> Vec<f64> {
        [theta, &self.numbers, direction].concat()
    }

    /// A, b and the constant; `None` where H depends on the parameters, or there are too many of
    /// them.
    fn quadratic_form(&self, moments: &Moments) -> Option<Quadratic> {
        let p = moments.parameters();
        if p > MATRIX_MAX || !moments.hessian_times().is_constant {
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
    /// J, the sum of the absolute values of its terms, ∇J.
    fn evaluate(&self, theta: &[f64]) -> (f64, f64, DVector<f64>) {
        let Product { sums: products, sizes } = self.form.times(theta);
        let (mut value, mut size) = (self.constant, self.constant.abs());
        for (((&at, &linear), &product), &product_size) in
            theta.iter().zip(&self.linear).zip(&products).zip(&sizes)
        {
            value += at * (linear + 0.5 * product);
            size += at.abs() * (linear.abs() + 0.5 * product_size);
        }
        let slopes = self.linear.iter().zip(&products).map(|(linear, product)| linear + product);
        (value, size, DVector::from_iterator(theta.len(), slopes))
    }
}

/// The centres of the moments, chosen from a sample of the rows.
#[derive(Debug)]
pub(super) struct Sample {
    around: Around,
    /// Empty around zero.
    centres: Vec<f64>,
}

impl Sample {
    /// `None` where the powers of the data would leave the range of doubles.
    pub(super) fn new(moments: &Moments, columns: &[&[f64]]) -> Option<Self> {
        let powers = &moments.powers;
        let sample: Vec<Vec<f64>> = columns.iter().map(|column| thinned(column)).collect();
        let slices: Vec<&[f64]> = sample.iter().map(Vec::as_slice).collect();
        let atoms = powers.atoms.rows(&slices, &[], 1);
        let locations: Vec<Location> = atoms.iter().map(|atom| Location::of(atom)).collect();
        let fits = locations.iter().all(|location| location.fits(powers.degree));
        let centred = || locations.iter().zip(&powers.centred).filter(|(_, centred)| **centred);
        let near = centred().all(|(location, _)| location.mean.abs() <= NEAR * location.spread);
        let (around, centres) = if near {
            (Around::Zero, Vec::new())
        } else {
            (Around::Centres, centred().map(|(location, _)| location.centre()).collect())
        };
        fits.then_some(Self { around, centres })
    }

    pub(super) fn around(&self) -> Around {
        self.around
    }
}

fn thinned(column: &[f64]) -> Vec<f64> {
    let count = column.len().min(SAMPLE);
    (0..count).map(|i| column[i * column.len() / count]).collect()
}

/// Mean and largest deviation from it of some values.
#[derive(Clone, Copy, Debug)]
struct Location {
    mean: f64,
    spread: f64,
}

impl Location {
    fn of(values: &[f64]) -> Self {
        let mean = compensated_mean(values);
        let spread = values.iter().fold(0.0, |most: f64, x| most.max((x - mean).abs()));
        Self { mean, spread }
    }

    /// Whether powers of this degree of the spread stay within the range of doubles.
    fn fits(&self, degree: usize) -> bool {
        self.spread == 0.0 || self.spread.log2().abs() * degree as f64 <= EXPONENT_MAX
    }

    /// The mean, rounded to a few digits below the spread: differences of data from it are exact,
    /// while differences from the full mean would have a common rounding error on every row.
    fn centre(&self) -> f64 {
        let step = (self.spread.log2().floor() - DIGITS).exp2();
        let rounded = (self.mean / step).round() * step;
        if rounded.is_finite() { rounded } else { self.mean }
    }
}
