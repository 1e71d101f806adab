//! The domains of the data, and random points inside them.

use std::f64::consts::PI;
use std::ops::Range;

use super::constraint::Support;
use super::{Component, Model};
use crate::graph::InputId;
use crate::numerics::rng::Stream;

/// Deviation from one below which the length of a unit vector or the sum of a composition counts as
/// exact.
const EXACT: f64 = 1e-9;
/// Largest deviation that counts as rounding in a file.
const ROUNDED: f64 = 2e-3;

/// Data components that share a domain: a single one on a line, an interval, a circle or of two
/// values; all entries of a unit vector or of a composition.
#[derive(Clone, Debug, PartialEq)]
pub struct Domain {
    /// The support of each component.
    pub support: Support,
    /// Positions of the components among those of the data.
    pub components: Range<usize>,
}

impl Model {
    /// The domains of the data, in order. The density is on their product.
    ///
    /// # Examples
    /// ```
    /// use scorematch::model::{Model, Support};
    /// let model = Model::parse("data t on circle, u[3] on simplex; cos(t) + log(u[1])");
    /// let domains = model.expect("a model").domains();
    /// assert_eq!(domains.len(), 2);
    /// assert_eq!((domains[1].support, domains[1].components.clone()), (Support::Simplex, 1..4));
    /// ```
    #[must_use]
    pub fn domains(&self) -> Vec<Domain> {
        let mut domains: Vec<Domain> = Vec::new();
        for (position, component) in self.data.iter().enumerate() {
            let end = position + 1;
            match domains.last_mut() {
                Some(last) if self.continues(last, component) => last.components.end = end,
                _ => {
                    domains.push(Domain { support: component.support, components: position..end });
                }
            }
        }
        domains
    }

    /// Whether a component is a further entry of the vector of the last domain.
    fn continues(&self, last: &Domain, component: &Component) -> bool {
        let entry = match component.support {
            Support::Sphere | Support::Simplex => true,
            Support::Line
            | Support::Circle
            | Support::Above(_)
            | Support::Below(_)
            | Support::Between(..)
            | Support::Binary(..) => false,
        };
        entry && self.data[last.components.start].declared == component.declared
    }

    /// The inputs that vary by row: those of data, then of covariates.
    #[must_use]
    pub fn row_inputs(&self) -> Vec<InputId> {
        self.data.iter().chain(&self.covariates).map(|component| component.input).collect()
    }

    /// The inputs of the parameters, in order.
    #[must_use]
    pub fn parameter_inputs(&self) -> Vec<InputId> {
        self.parameters.iter().map(|parameter| parameter.input).collect()
    }

    /// Positions of the covariates that log p contains. Weights may contain others.
    #[must_use]
    pub fn conditions(&self) -> Vec<usize> {
        let reached = self.graph.reachable(&[self.log_density]);
        let contained = |one: &Component| reached[self.graph.input_node(one.input).index()];
        (0..self.covariates.len()).filter(|&k| contained(&self.covariates[k])).collect()
    }

    /// A random row inside the supports, data and then covariates: standard normal on the line, and
    /// a transformed standard normal on other domains.
    #[must_use]
    pub fn draw_point(&self, stream: &mut Stream) -> Vec<f64> {
        let mut point = Vec::with_capacity(self.data.len() + self.covariates.len());
        for domain in self.domains() {
            point.extend(domain.draw(stream));
        }
        point.extend(self.covariates.iter().map(|one| match &one.levels {
            Some(levels) => levels.draw(stream),
            None => inside(one.support, stream),
        }));
        point
    }
}

/// A row whose entries are not a point of their domain.
#[derive(Clone, Debug, PartialEq)]
pub struct OffDomain {
    /// The row, from 0.
    pub row: usize,
    /// The quantity that should be one: `length` or `sum`.
    pub what: &'static str,
    /// Its value in this row.
    pub size: f64,
}

impl Domain {
    /// By row, the length or the sum by which entries are divided to be on the sphere or the
    /// simplex; exactly one where it is within 1e-9 of one. Empty on other domains.
    ///
    /// # Errors
    /// At the first row whose deviation from one is larger than rounding.
    pub fn sizes(&self, columns: &[&[f64]]) -> Result<Vec<f64>, OffDomain> {
        let entries = |row: usize| columns.iter().map(move |column| column[row]);
        let length = |row: usize| entries(row).map(|x| x * x).sum::<f64>().sqrt();
        let sum = |row: usize| entries(row).sum();
        let (what, size): (_, &dyn Fn(usize) -> f64) = match self.support {
            Support::Sphere => ("length", &length),
            Support::Simplex => ("sum", &sum),
            Support::Line
            | Support::Circle
            | Support::Above(_)
            | Support::Below(_)
            | Support::Between(..)
            | Support::Binary(..) => return Ok(Vec::new()),
        };
        let rows = columns.first().map_or(0, |column| column.len());
        (0..rows)
            .map(|row| {
                let size = size(row);
                match (size - 1.0).abs() {
                    off if off <= EXACT => Ok(1.0),
                    off if off <= ROUNDED => Ok(size),
                    _ => Err(OffDomain { row, what, size }),
                }
            })
            .collect()
    }

    /// A random point of the domain.
    fn draw(&self, stream: &mut Stream) -> Vec<f64> {
        let normals = |stream: &mut Stream| -> Vec<f64> {
            self.components.clone().map(|_| stream.normal()).collect()
        };
        match self.support {
            Support::Sphere => {
                let z = normals(stream);
                let length = z.iter().map(|z| z * z).sum::<f64>().sqrt();
                z.iter().map(|z| z / length).collect()
            }
            Support::Simplex => {
                let sizes: Vec<f64> = normals(stream).iter().map(|z| z.exp()).collect();
                let sum: f64 = sizes.iter().sum();
                sizes.iter().map(|size| size / sum).collect()
            }
            Support::Line
            | Support::Circle
            | Support::Above(_)
            | Support::Below(_)
            | Support::Between(..)
            | Support::Binary(..) => vec![inside(self.support, stream)],
        }
    }
}

/// A random number inside a support. Covariates may have the support of an entry of a vector.
fn inside(support: Support, stream: &mut Stream) -> f64 {
    let normal = stream.normal();
    match support {
        Support::Line => normal,
        Support::Above(low) => low + normal.exp(),
        Support::Below(high) => high - normal.exp(),
        Support::Between(low, high) => low + (high - low) / (1.0 + normal.exp()),
        Support::Binary(first, second) => {
            if normal < 0.0 {
                first
            } else {
                second
            }
        }
        Support::Circle => PI * (2.0 / (1.0 + normal.exp()) - 1.0),
        Support::Sphere => normal / normal.hypot(1.0),
        Support::Simplex => 1.0 / (1.0 + normal.exp()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::rng::stream;

    #[test]
    fn points_lie_in_their_domains() {
        let text = "data x, t > 2, c in (0, 5), a on circle, s in {-1, 1}, v[3] on sphere, \
                    u[4] on simplex; covariate z < 0; x + t + c + a + s + sum(v) + sum(u) + z";
        let model = Model::parse(text).expect("a model");
        let mut stream = stream(3, 4);
        for _ in 0..200 {
            let point = model.draw_point(&mut stream);
            let components = model.data().iter().chain(model.covariates());
            assert!(components.zip(&point).all(|(one, &x)| one.support.contains(x)), "{point:?}");
            let length: f64 = point[5..8].iter().map(|x| x * x).sum();
            assert!((length - 1.0).abs() < 1e-14);
            assert!((point[8..12].iter().sum::<f64>() - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn two_vectors_have_two_domains() {
        let text = "data u[2] on simplex, w[2] on simplex, x; u[1] + w[1] + x";
        let domains = Model::parse(text).expect("a model").domains();
        let places: Vec<_> = domains.iter().map(|one| one.components.clone()).collect();
        assert_eq!(places, [0..2, 2..4, 4..5]);
    }
}
