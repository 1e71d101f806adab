//! Draws from known distributions and fits to them, for simulations.

use std::f64::consts::{PI, TAU};

use scorematch::data::{Columns, Missing};
use scorematch::fit::{self, Estimate, FittedParameter, Options};
use scorematch::model::Model;
use scorematch::numerics::rng::Stream;

/// Named columns of one length.
pub type Table = Vec<(&'static str, Vec<f64>)>;

/// Fits a model to columns with default options.
pub fn fit(text: &str, columns: &Table) -> Result<Estimate, fit::Error> {
    let owned = columns.iter().map(|(name, values)| ((*name).to_owned(), values.clone())).collect();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let table = Columns::from_vecs(owned).expect("columns of one length");
    let data = table.select(&names, Missing::Error).expect("complete columns");
    let model = Model::parse(text).expect("a model").bind(&names, &names).expect("columns bind");
    fit::fit(&model, &data, &Options::default())
}

#[track_caller]
pub fn parameter<'a>(fit: &'a Estimate, name: &str) -> &'a FittedParameter {
    fit.parameters.iter().find(|p| p.name == name).expect("a parameter of this name")
}

/// The density of a normal with mean m and standard deviation s.
pub fn normal_density(x: f64, m: f64, s: f64) -> f64 {
    (-0.5 * ((x - m) / s).powi(2)).exp() / (s * TAU.sqrt())
}

/// One draw from a mixture of normals, each by share, mean and deviation.
pub fn mixture(parts: &[(f64, f64, f64)], s: &mut Stream) -> f64 {
    let (u, z) = (s.uniform(), s.normal());
    let mut below = 0.0;
    let chosen = parts.iter().find(|(share, _, _)| {
        below += share;
        u < below
    });
    let (_, m, deviation) = chosen.unwrap_or(&parts[parts.len() - 1]);
    m + deviation * z
}

/// Student's t with a whole number of degrees of freedom: a normal over the root of a mean square.
pub fn student(nu: usize, s: &mut Stream) -> f64 {
    let z = s.normal();
    let mean = (0..nu).map(|_| s.normal().powi(2)).sum::<f64>() / nu as f64;
    z / mean.sqrt()
}

/// The standard logistic distribution.
pub fn logistic(s: &mut Stream) -> f64 {
    let u = s.uniform();
    (u / (1.0 - u)).ln()
}

/// The standard Gumbel distribution of maxima.
pub fn gumbel(s: &mut Stream) -> f64 {
    -(-s.uniform().ln()).ln()
}

/// The von Mises distribution around 0: uniform angles in (-π, π), accepted by density.
pub fn von_mises(kappa: f64, s: &mut Stream) -> f64 {
    loop {
        let angle = TAU * s.uniform() - PI;
        if s.uniform().ln() < kappa * (angle.cos() - 1.0) {
            return angle;
        }
    }
}

/// The standard skew normal (Azzalini 1985): a normal whose correlated partner is positive.
pub fn skew_normal(alpha: f64, s: &mut Stream) -> f64 {
    let (partner, z) = (s.normal().abs(), s.normal());
    (alpha * partner + z) / (1.0 + alpha * alpha).sqrt()
}
