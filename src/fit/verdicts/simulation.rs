//! Samples from known densities, rounded to a grid, by which the levels of verdicts are tested.

use crate::numerics::rng::{Stream, stream};

/// A density, in units of about its standard deviation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    Normal,
    /// Student's t with five degrees of freedom.
    Student,
    /// Two normals 4.4 of their standard deviations apart, with 0.36 of the mass below.
    Mixture,
    /// A gamma density of shape 3.
    Gamma,
    /// A skew normal of δ = 0.98.
    Skew,
    Uniform,
    /// A normal around 1 of standard deviation 1, cut off at 0.
    Truncated,
    Exponential,
}

pub(super) const SMOOTH: [Shape; 5] =
    [Shape::Normal, Shape::Student, Shape::Mixture, Shape::Gamma, Shape::Skew];

fn draw(shape: Shape, stream: &mut Stream) -> f64 {
    match shape {
        Shape::Normal => stream.normal(),
        Shape::Student => {
            let square: f64 = (0..5).map(|_| stream.normal().powi(2)).sum();
            stream.normal() / (square / 5.0).sqrt() / 1.29
        }
        Shape::Mixture => {
            let middle = if stream.uniform() < 0.36 { -1.2 } else { 0.68 };
            middle + 0.43 * stream.normal()
        }
        Shape::Gamma => -(0..3).map(|_| stream.uniform().ln()).sum::<f64>() / 1.732,
        Shape::Skew => (0.98 * stream.normal().abs() + 0.199 * stream.normal()) / 0.62,
        Shape::Uniform => 3.46 * stream.uniform(),
        Shape::Truncated => loop {
            let x = 1.0 + stream.normal();
            if x > 0.0 {
                break x / 0.79;
            }
        },
        Shape::Exponential => -stream.uniform().ln(),
    }
}

/// A sorted sample, rounded to a grid with this number of steps a standard deviation; 0 rounds nothing.
pub(super) fn rounded(shape: Shape, n: usize, steps: f64, key: u64) -> Vec<f64> {
    let mut stream = stream(29, key);
    let round = |x: f64| if steps > 0.0 { (steps * x).round() / steps } else { x };
    let mut values: Vec<f64> = (0..n).map(|_| round(draw(shape, &mut stream))).collect();
    values.sort_by(f64::total_cmp);
    values
}
