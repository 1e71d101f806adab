//! W1 to W7: models that represent kinds of work, each with a sample, a point θ
//! and a handwritten kernel.
//!
//! W1 has two sums of a column; W2 exponentials; W3 a quadratic form; W4 a matrix product and tanh;
//! W5 a network of two layers; W6 powers of one column; W7 monomials of several columns.
//! W5 a network of two layers; W6 powers of one column; W7 monomials of several.

use super::hand::simd::Isa;
use super::hand::{components, gaussian, mixture, moments, network, normal, polynomial, quartic};
use super::sample::{self, Stream};

/// A handwritten function for J and ∇J, from columns and parameters.
pub type ByHand = fn(Isa, &[&[f64]], &[f64]) -> Vec<f64>;

/// A handwritten function for the means of columns on which J depends.
pub type PassByHand = fn(Isa, &[&[f64]]) -> Vec<f64>;

/// A model with its sample, parameters and handwritten kernels.
pub struct Workload {
    /// W1 to W7.
    pub name: &'static str,
    /// The title in tables.
    pub title: &'static str,
    /// The text of the model.
    pub text: &'static str,
    /// The values of the parameters, in the order in which the text declares them.
    pub theta: Vec<f64>,
    /// Rows of a full measurement.
    pub rows: usize,
    /// The columns of a sample with a given number of rows.
    pub sample: fn(usize) -> Vec<Vec<f64>>,
    /// The handwritten kernel for J and ∇J.
    pub by_hand: ByHand,
    /// The handwritten kernel for the moments, if J depends on the data through moments alone.
    pub moments: Option<PassByHand>,
}

/// All seven workloads.
pub fn all() -> Vec<Workload> {
    vec![w1(), w2(), w3(), w4(), w5(), w6(), w7()]
}

fn w1() -> Workload {
    Workload {
        name: "W1",
        title: "normal",
        text: "data x; param mu, s2 > 0\nlogp = -(x - mu)^2/(2*s2)",
        theta: vec![0.25, 1.7],
        rows: 1_000_000,
        sample: sample::normal_column,
        by_hand: normal::gradient,
        moments: Some(moments::normal),
    }
}

fn w2() -> Workload {
    Workload {
        name: "W2",
        title: "mixture of 3",
        text: "data x; param w[3] > 0, m[3], s[3] > 0
logp = log(sum(k in 1:3, w[k]*exp(-(x - m[k])^2/(2*s[k]))/sqrt(s[k])))",
        theta: vec![0.25, 0.55, 0.2, -1.8, 0.4, 3.2, 0.6, 1.1, 0.5],
        rows: 1_000_000,
        sample: sample::clouds,
        by_hand: mixture::gradient,
        moments: None,
    }
}

fn w3() -> Workload {
    let mut stream = Stream::new(13);
    let mean: Vec<f64> = (0..10).map(|_| 0.1 * stream.normal()).collect();
    let entry = |k: usize| if k.is_multiple_of(11) { 1.0 } else { 0.0 };
    let precision = (0..100).map(|k| entry(k) + 0.1 * stream.normal());
    Workload {
        name: "W3",
        title: "normal, d = 10",
        text: "data x[10]; param mu[10], K[10,10]\nlogp = -(x - mu)'*K*(x - mu)/2",
        theta: mean.into_iter().chain(precision).collect(),
        rows: 100_000,
        sample: sample::normal_columns::<10>,
        by_hand: gaussian::gradient,
        moments: Some(moments::gaussian),
    }
}

fn w4() -> Workload {
    let mut stream = Stream::new(14);
    let entry = |k: usize| if k.is_multiple_of(17) { 0.9 } else { 0.0 };
    Workload {
        name: "W4",
        title: "components, 16 × 16",
        text: "data x[16]; param W[16,16]\nlogp = -sum(log(cosh(W*x)))",
        theta: (0..256).map(|k| entry(k) + 0.2 * stream.normal()).collect(),
        rows: 100_000,
        sample: sample::mixed_sources::<16>,
        by_hand: components::gradient,
        moments: None,
    }
}

fn w5() -> Workload {
    let mut stream = Stream::new(15);
    let mut normals = |count: usize, scale: f64| -> Vec<f64> {
        stream.normals(count).into_iter().map(|value| scale * value).collect()
    };
    let first = [normals(64, 0.7), normals(32, 0.3)].concat();
    let second = [normals(1024, 0.2), normals(32, 0.3)].concat();
    Workload {
        name: "W5",
        title: "network 2-32-32",
        text: "data x[2]; param W1[32,2], b1[32], W2[32,32], b2[32], v[32], c > 0
logp = dot(v, tanh(W2*tanh(W1*x + b1) + b2)) - c*dot(x, x)/2",
        theta: [first, second, normals(32, 0.5), vec![0.8]].concat(),
        rows: 20_000,
        sample: sample::normal_columns::<2>,
        by_hand: network::gradient,
        moments: None,
    }
}

fn w6() -> Workload {
    Workload {
        name: "W6",
        title: "polynomial",
        text: "data x; param a[8]\nlogp = sum(k in 1:8, a[k]*x^k)",
        theta: vec![0.1, -0.5, 0.02, -0.1, 0.01, -0.02, 0.001, -0.002],
        rows: 1_000_000,
        sample: sample::bounded_column,
        by_hand: polynomial::gradient,
        moments: Some(moments::polynomial),
    }
}

fn w7() -> Workload {
    let linear = [0.1, -0.2, 0.3, 0.05];
    let quadratic = [-0.5, 0.1, 0.05, -0.1, -0.4, 0.2, 0.1, -0.6, 0.15, -0.45];
    let (quartic, crossed) = ([0.02, 0.03, 0.015, 0.025], [-0.01, 0.02, -0.03, 0.01, -0.02, 0.015]);
    Workload {
        name: "W7",
        title: "quartic, d = 4",
        text: "data x[4]; param a[4], b[4,4] symmetric, c[4], e[6]
let pairs = sum(i in 1:4, j in i:4, b[i,j]*x[i]*x[j])
let low = e[1]*x[1]^2*x[2]^2 + e[2]*x[1]^2*x[3]^2 + e[3]*x[1]^2*x[4]^2
let high = e[4]*x[2]^2*x[3]^2 + e[5]*x[2]^2*x[4]^2 + e[6]*x[3]^2*x[4]^2
logp = dot(a, x) + pairs - sum(i in 1:4, c[i]*x[i]^4) + low + high",
        theta: [&linear[..], &quadratic, &quartic, &crossed].concat(),
        rows: 200_000,
        sample: sample::normal_columns::<4>,
        by_hand: quartic::gradient,
        moments: Some(moments::quartic),
    }
}
