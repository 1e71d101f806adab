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
    fit_with(text, columns, &Options::default())
}

/// Fits a model to columns.
pub fn fit_with(text: &str, columns: &Table, options: &Options) -> Result<Estimate, fit::Error> {
    let owned = columns.iter().map(|(name, values)| ((*name).to_owned(), values.clone())).collect();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let table = Columns::from_vecs(owned).expect("columns of one length");
    let data = table.select(&names, Missing::Error).expect("complete columns");
    let model = Model::parse(text).expect("a model").bind(&names, &names).expect("columns bind");
    fit::fit(&model, &data, options)
}

#[track_caller]
pub fn parameter<'a>(fit: &'a Estimate, name: &str) -> &'a FittedParameter {
    fit.parameters.iter().find(|p| p.name == name).expect("a parameter of this name")
}

/// The density of a normal with mean m and standard deviation s.
pub fn normal_density(x: f64, m: f64, s: f64) -> f64 {
    (-0.5 * ((x - m) / s).powi(2)).exp() / (s * TAU.sqrt())
}

/// One draw from a mixture of normals, each given by share, mean and standard deviation.
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

/// A draw of Student's t with an integer number of degrees of freedom: a normal over the square
/// root of a mean square.
pub fn student(nu: usize, s: &mut Stream) -> f64 {
    let z = s.normal();
    let mean = (0..nu).map(|_| s.normal().powi(2)).sum::<f64>() / nu as f64;
    z / mean.sqrt()
}

/// A draw of the standard logistic distribution.
pub fn logistic(s: &mut Stream) -> f64 {
    let u = s.uniform();
    (u / (1.0 - u)).ln()
}

/// A draw of the density sech(u)/π, by its inverse distribution function.
pub fn sech(s: &mut Stream) -> f64 {
    (0.5 * PI * s.uniform()).tan().ln()
}

/// A draw of the standard Gumbel distribution of maxima.
pub fn gumbel(s: &mut Stream) -> f64 {
    -(-s.uniform().ln()).ln()
}

/// A draw of the von Mises distribution around 0, by rejection from uniform angles in (-π, π).
pub fn von_mises(kappa: f64, s: &mut Stream) -> f64 {
    loop {
        let angle = TAU * s.uniform() - PI;
        if s.uniform().ln() < kappa * (angle.cos() - 1.0) {
            return angle;
        }
    }
}

/// A draw of the standard skew normal (Azzalini 1985): a normal whose
/// correlated partner is positive.
pub fn skew_normal(alpha: f64, s: &mut Stream) -> f64 {
    let (partner, z) = (s.normal().abs(), s.normal());
    (alpha * partner + z) / (1.0 + alpha * alpha).sqrt()
}

/// A draw of a normal given that it is positive, by rejection.
pub fn truncated_normal(m: f64, sd: f64, s: &mut Stream) -> f64 {
    loop {
        let x = m + sd * s.normal();
        if x > 0.0 {
            return x;
        }
    }
}

/// A draw of the gamma distribution of rate one (Marsaglia and Tsang 2000); for a shape below 1,
/// one of shape + 1 times a power of a uniform variable.
pub fn gamma(shape: f64, s: &mut Stream) -> f64 {
    if shape < 1.0 {
        return s.uniform().powf(shape.recip()) * gamma(shape + 1.0, s);
    }
    let d = shape - 1.0 / 3.0;
    loop {
        let z = s.normal();
        let v = (1.0 + z / (9.0 * d).sqrt()).powi(3);
        if v > 0.0 && s.uniform().ln() < 0.5 * z * z + d * (1.0 - v + v.ln()) {
            return d * v;
        }
    }
}

/// A draw of the Dirichlet distribution, as shares of gamma variables; with two parts
/// of the beta distribution.
pub fn dirichlet(shapes: &[f64], s: &mut Stream) -> Vec<f64> {
    let sizes: Vec<f64> = shapes.iter().map(|&shape| gamma(shape, s)).collect();
    let sum: f64 = sizes.iter().sum();
    sizes.iter().map(|size| size / sum).collect()
}

/// A uniform direction on the sphere in three dimensions.
pub fn direction(s: &mut Stream) -> [f64; 3] {
    let z = [s.normal(), s.normal(), s.normal()];
    let length = z.iter().map(|z| z * z).sum::<f64>().sqrt();
    z.map(|z| z / length)
}

/// A draw of the von Mises–Fisher distribution exp(t·x) on the sphere in three dimensions: the
/// component along t by its inverse distribution function (Ulrich 1984), the direction across t
/// uniform on a circle.
pub fn von_mises_fisher(t: [f64; 3], s: &mut Stream) -> Vec<f64> {
    let kappa = t.iter().map(|t| t * t).sum::<f64>().sqrt();
    let mean = t.map(|t| t / kappa);
    let u = s.uniform();
    let along = 1.0 + (u + (1.0 - u) * (-2.0 * kappa).exp()).ln() / kappa;
    let any = direction(s);
    let dot: f64 = any.iter().zip(&mean).map(|(x, m)| x * m).sum();
    let across = [0, 1, 2].map(|k| any[k] - dot * mean[k]);
    let length = across.iter().map(|x| x * x).sum::<f64>().sqrt();
    let size = (1.0 - along * along).sqrt() / length;
    (0..3).map(|k| along * mean[k] + size * across[k]).collect()
}

/// A draw of a density on the sphere in three dimensions, by rejection from uniform directions; the
/// log-density is at most `most`.
pub fn on_sphere(log_density: impl Fn([f64; 3]) -> f64, most: f64, s: &mut Stream) -> Vec<f64> {
    loop {
        let x = direction(s);
        if s.uniform().ln() < log_density(x) - most {
            return x.to_vec();
        }
    }
}

/// A draw of entries -1 and 1 with a log-density over their states, by enumeration.
pub fn spins<const D: usize>(log_density: impl Fn([f64; D]) -> f64, s: &mut Stream) -> Vec<f64> {
    let state = |k: usize| std::array::from_fn(|j| if k >> j & 1 == 1 { 1.0 } else { -1.0 });
    let weights: Vec<f64> = (0..1 << D).map(|k| log_density(state(k)).exp()).collect();
    let mut left = s.uniform() * weights.iter().sum::<f64>();
    let chosen = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    // Rounding errors may leave no state chosen; then the last one is.
    state(chosen.unwrap_or(weights.len() - 1)).to_vec()
}
