//! Losses by their definition, without metrics, drifts or Laplacians.
//!
//! Along orthonormal geodesics γ_a of a domain through a point, with a weight w and with f = log p
//! as a density over the volume of the domain,
//!
//! ```text
//! ρ = Σ_a w ((f∘γ_a)'' + ½ (f∘γ_a)'²) + (w∘γ_a)' (f∘γ_a)'
//! ```
//!
//! Curves of hyper-dual numbers are propagated through the text as written; derivatives with
//! respect to θ are computed by hyper-duals of these numbers.

use std::ops::Range;

use num_traits::{Float, Zero};
use scorematch::graph::evaluate;
use scorematch::model::Model;
use scorematch::objective::{Choices, Kind, Transform};

use crate::support::{differences, dual::HyperDual};

/// The parameters that every text declares after its data.
pub const PARAMETERS: &str = "param a, b, s > 0\n";

/// The geodesics of a part of a row.
#[derive(Clone, Debug)]
pub enum Way {
    /// The axis of one component.
    Axis(usize),
    /// Great circles of a sphere.
    Sphere(Range<usize>),
    /// Curves that are straight lines, or great circles, in the coordinates of a transform.
    Simplex(Range<usize>, Transform),
}

#[derive(Clone, Debug)]
pub enum Weight {
    One,
    /// min(d, c)^power of the smallest distance d from the edges, each given
    /// with the direction inwards.
    Capped(&'static [(f64, f64)], i32),
    /// The weight as declared in the text.
    Text(&'static str),
}

/// A domain, with the parts of random densities on it.
#[derive(Clone, Debug)]
pub struct Setting {
    pub data: &'static str,
    /// Declarations of weights.
    pub weights: &'static str,
    /// Functions of the data from which densities are built.
    pub leaves: &'static [&'static str],
    pub parts: Vec<(Way, Weight)>,
    pub choices: Choices,
}

/// Vectors that form an orthonormal basis with a unit vector, by the
/// Gram–Schmidt process from the axes.
fn tangents(x: &[f64]) -> Vec<Vec<f64>> {
    let mut basis = vec![x.to_vec()];
    for k in 0..x.len() {
        let mut v: Vec<f64> = (0..x.len()).map(|i| f64::from(u8::from(i == k))).collect();
        for e in &basis {
            let dot: f64 = e.iter().zip(&v).map(|(e, v)| e * v).sum();
            v.iter_mut().zip(e).for_each(|(v, e)| *v -= dot * e);
        }
        let length = v.iter().map(|v| v * v).sum::<f64>().sqrt();
        // The last axis may be in the span of the others and the point.
        if length > 1e-6 && basis.len() < x.len() {
            basis.push(v.iter().map(|v| v / length).collect());
        }
    }
    basis.split_off(1)
}

fn fixed<T: Float>(value: f64) -> HyperDual<T> {
    HyperDual::fixed(T::from(value).expect("every float holds a double"))
}

/// The time t along a curve, at zero.
fn time<T: Float>() -> HyperDual<T> {
    HyperDual::moving(T::zero(), T::one(), T::one())
}

/// x + te
fn straight<T: Float>(x: &[f64], e: &[f64]) -> Vec<HyperDual<T>> {
    x.iter().zip(e).map(|(&x, &e)| fixed::<T>(x) + fixed(e) * time()).collect()
}

/// x cos t + e sin t
fn great_circle<T: Float>(x: &[f64], e: &[f64]) -> Vec<HyperDual<T>> {
    let (sin, cos) = time::<T>().sin_cos();
    x.iter().zip(e).map(|(&x, &e)| fixed::<T>(x) * cos + fixed(e) * sin).collect()
}

/// The composition whose logarithms are these up to a common summand.
fn softmax<T: Float>(logs: &[HyperDual<T>]) -> Vec<HyperDual<T>> {
    let sizes: Vec<HyperDual<T>> = logs.iter().map(|log| log.exp()).collect();
    let sum = sizes.iter().fold(HyperDual::zero(), |sum, &size| sum + size);
    sizes.into_iter().map(|size| size / sum).collect()
}

impl Way {
    fn range(&self) -> Range<usize> {
        match self {
            Self::Axis(k) => *k..*k + 1,
            Self::Sphere(range) | Self::Simplex(range, _) => range.clone(),
        }
    }

    /// Orthonormal geodesics through a point of this part.
    fn curves<T: Float>(&self, x: &[f64]) -> Vec<Vec<HyperDual<T>>> {
        let p = x.len();
        let map = |vectors: Vec<Vec<f64>>, curve: &dyn Fn(&[f64]) -> Vec<HyperDual<T>>| {
            vectors.iter().map(|e| curve(e)).collect()
        };
        let logs: Vec<f64> = x.iter().map(|x| x.ln()).collect();
        let level = vec![(p as f64).sqrt().recip(); p];
        let ratios = |e: &[f64]| softmax(&straight::<T>(&logs, e));
        match self {
            Self::Axis(_) => vec![straight(x, &[1.0])],
            Self::Sphere(_) => map(tangents(x), &|e| great_circle(x, e)),
            Self::Simplex(_, Transform::Clr) => map(tangents(&level), &ratios),
            Self::Simplex(_, Transform::Sqrt) => {
                let roots: Vec<f64> = x.iter().map(|x| x.sqrt()).collect();
                let squares = |e: &[f64]| {
                    great_circle::<T>(&roots, e).into_iter().map(|z| z * z).collect::<Vec<_>>()
                };
                map(tangents(&roots), &squares)
            }
            Self::Simplex(_, Transform::Flat) => map(tangents(&level), &|e| straight(x, e)),
            // Alr: log-ratios to the last entry.
            Self::Simplex(..) => {
                let axis = |k| (0..p).map(|i| f64::from(u8::from(i == k))).collect::<Vec<f64>>();
                map((0..p - 1).map(axis).collect(), &ratios)
            }
        }
    }

    /// The logarithm of the factor from a density over the entries to one over the volume.
    fn log_volume<T: Float>(&self, row: &[HyperDual<T>]) -> HyperDual<T> {
        let share = match self {
            Self::Simplex(_, Transform::Clr | Transform::Alr) => 1.0,
            Self::Simplex(_, Transform::Sqrt) => 0.5,
            Self::Axis(_) | Self::Sphere(_) | Self::Simplex(..) => return HyperDual::zero(),
        };
        row[self.range()].iter().fold(HyperDual::zero(), |sum, u| sum + fixed(share) * u.ln())
    }
}

/// The text as written, evaluated with any type of numbers.
pub struct Text(pub Model);

impl Text {
    pub fn new(text: &str) -> Self {
        Self(Model::parse(text).unwrap_or_else(|errors| panic!("{text}\n{errors:?}")))
    }

    pub fn value<T: Float>(&self, row: &[T], theta: &[T]) -> T {
        let (graph, root) = self.0.verbatim();
        let inputs = [self.0.row_inputs(), self.0.parameter_inputs()].concat();
        evaluate(graph, &[root], |input| {
            let at = inputs.iter().position(|&one| one == input).expect("a declared input");
            if at < row.len() { row[at] } else { theta[at - row.len()] }
        })[0]
    }
}

/// The definition of ρ for one text.
pub struct Judge<'a> {
    setting: &'a Setting,
    density: Text,
    weights: Vec<Option<Text>>,
    /// The constant of the default weight, by part.
    caps: Vec<f64>,
}

/// The smallest distance of the entries from the edges.
fn distance<T: Float>(edges: &[(f64, f64)], entries: &[HyperDual<T>]) -> HyperDual<T> {
    let away = edges.iter().flat_map(|&(sign, edge)| {
        entries.iter().map(move |&x| fixed::<T>(sign) * (x - fixed(edge)))
    });
    away.fold(HyperDual::infinity(), HyperDual::min)
}

/// The median of an even number of values.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let above = values.len() / 2;
    0.5 * (values[above - 1] + values[above])
}

impl<'a> Judge<'a> {
    pub fn new(setting: &'a Setting, density: &str, rows: &[Vec<f64>]) -> Self {
        let head = |body: &str| Text::new(&format!("{}\n{PARAMETERS}logp = {body}", setting.data));
        let weights = setting.parts.iter().map(|(_, weight)| match weight {
            Weight::Text(text) => Some(head(text)),
            Weight::One | Weight::Capped(..) => None,
        });
        let cap = |(way, weight): &(Way, Weight)| match weight {
            Weight::Capped(edges, _) => median(
                rows.iter()
                    .map(|row| {
                        let entries = row[way.range()].iter().map(|&x| fixed::<f64>(x));
                        distance(edges, &entries.collect::<Vec<_>>()).value
                    })
                    .collect(),
            ),
            Weight::One | Weight::Text(_) => f64::NAN,
        };
        Self {
            setting,
            density: head(density),
            weights: weights.collect(),
            caps: setting.parts.iter().map(cap).collect(),
        }
    }

    fn weight<T: Float>(
        &self,
        k: usize,
        row: &[HyperDual<T>],
        theta: &[HyperDual<T>],
    ) -> HyperDual<T> {
        let (way, weight) = &self.setting.parts[k];
        match weight {
            Weight::One => fixed(1.0),
            Weight::Capped(edges, power) => {
                distance(edges, &row[way.range()]).min(fixed(self.caps[k])).powi(*power)
            }
            Weight::Text(_) => {
                self.weights[k].as_ref().expect("a weight of the text").value(row, theta)
            }
        }
    }

    /// ρ, and the largest intermediate quantity.
    pub fn rho<T: Float>(&self, x: &[f64], theta: &[T]) -> (T, f64) {
        let theta: Vec<HyperDual<T>> = theta.iter().map(|&one| HyperDual::fixed(one)).collect();
        let half = T::from(0.5).expect("every float holds a half");
        let (mut rho, mut size) = (T::zero(), 1.0_f64);
        for (k, (way, _)) in self.setting.parts.iter().enumerate() {
            for curve in way.curves::<T>(&x[way.range()]) {
                let mut row: Vec<HyperDual<T>> = x.iter().map(|&x| fixed(x)).collect();
                row[way.range()].copy_from_slice(&curve);
                let f = self.density.value(&row, &theta) + way.log_volume(&row);
                let w = self.weight(k, &row, &theta);
                rho = rho + w.value * (f.mixed + half * f.first * f.first) + w.first * f.first;
                for part in [f.value, f.first, f.mixed, w.value, w.first] {
                    size = size.max(part.to_f64().map_or(f64::INFINITY, f64::abs));
                }
            }
        }
        (rho, size)
    }

    /// ∂ρ/∂θ_j by hyper-duals, and by differences.
    pub fn slope(&self, x: &[f64], theta: &[f64], j: usize) -> (f64, differences::Difference) {
        let along = |h: f64| self.rho(x, &moved(theta, j, h)).0;
        (self.rho(x, &lifted(theta, j)).0.first, differences::first(along, 0.02))
    }
}

/// θ with its entry j as the variable.
pub fn lifted(theta: &[f64], j: usize) -> Vec<HyperDual<f64>> {
    let at = |(k, &one)| HyperDual::moving(one, f64::from(u8::from(k == j)), 0.0);
    theta.iter().enumerate().map(at).collect()
}

/// θ with h added to its entry j.
pub fn moved(theta: &[f64], j: usize, h: f64) -> Vec<f64> {
    theta.iter().enumerate().map(|(k, &one)| if k == j { one + h } else { one }).collect()
}

/// ρ by its definition for binary data: log p with each entry at its other value.
pub fn flipped<T: Float>(
    text: &Text,
    kind: Kind,
    values: [f64; 2],
    x: &[f64],
    theta: &[T],
) -> (T, f64) {
    let number = |x: f64| T::from(x).expect("every float holds a double");
    let at = |row: &[f64]| {
        let row: Vec<T> = row.iter().map(|&x| number(x)).collect();
        text.value(&row, theta)
    };
    let (here, mut rho, mut size) = (at(x), T::zero(), 1.0_f64);
    for k in 0..x.len() {
        let mut there = x.to_vec();
        there[k] = if x[k] == values[0] { values[1] } else { values[0] };
        let difference = here - at(&there);
        let odds = (-difference).exp();
        size = size.max(difference.to_f64().map_or(f64::INFINITY, f64::abs));
        rho = rho
            + match kind {
                Kind::PseudoLikelihood => odds.ln_1p(),
                Kind::Flow => odds.sqrt(),
                _ => (odds / (number(1.0) + odds)).powi(2),
            };
    }
    (rho, size.max(rho.to_f64().map_or(f64::INFINITY, f64::abs)))
}
