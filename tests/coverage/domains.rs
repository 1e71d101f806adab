//! Models on half-lines, intervals, spheres and simplexes and of binary data, with exact draws.

use scorematch::fit::Options;
use scorematch::objective::{Choices, Kind, Transform};

use crate::{Design, Draw, samples};

const DIRICHLET: &str = "data u[3] on simplex\nparam a[3] > 0\nsum(k in 1:3, (a[k] - 1)*log(u[k]))";
const SHAPES: [(&str, f64); 3] = [("a[1]", 0.8), ("a[2]", 2.0), ("a[3]", 3.0)];
const IN_U: [&str; 3] = ["u1", "u2", "u3"];
const ON_SPHERE: [&str; 3] = ["v1", "v2", "v3"];
const SPINS: [&str; 4] = ["s1", "s2", "s3", "s4"];

const ISING: &str = "data s[4] in {-1, 1}\nparam h[4], j[6]
h'*s + s[1]*(j[1]*s[2] + j[2]*s[3] + j[3]*s[4]) + s[2]*(j[4]*s[3] + j[5]*s[4]) + j[6]*s[3]*s[4]";
const FIELDS: [(&str, f64); 10] = [
    ("h[1]", 0.2),
    ("h[2]", -0.3),
    ("h[3]", 0.1),
    ("h[4]", 0.0),
    ("j[1]", 0.3),
    ("j[2]", -0.2),
    ("j[3]", 0.1),
    ("j[4]", 0.25),
    ("j[5]", 0.0),
    ("j[6]", -0.35),
];

/// ISING at FIELDS.
fn ising(s: [f64; 4]) -> f64 {
    let [h1, h2, h3, h4, j1, j2, j3, j4, j5, j6] = FIELDS.map(|(_, value)| value);
    let fields = h1 * s[0] + h2 * s[1] + h3 * s[2] + h4 * s[3];
    let first = s[0] * (j1 * s[1] + j2 * s[2] + j3 * s[3]);
    fields + first + s[1] * (j4 * s[2] + j5 * s[3]) + j6 * s[2] * s[3]
}

/// The quadratic form of the Bingham distribution; its largest eigenvalue is below 2 (Gershgorin).
fn bingham(x: [f64; 3]) -> f64 {
    let crossed = x[0] * x[1] + 0.5 * x[0] * x[2] - x[1] * x[2];
    x[1] * x[1] - 2.0 * x[0] * x[0] + crossed
}

fn by(kind: Kind) -> Options {
    Options::default().objective(Choices::default().kind(kind))
}

fn through(transform: Transform) -> Options {
    Options::default().objective(Choices::default().transform(transform))
}

const fn of_shares(name: &'static str, options: fn() -> Options) -> Design {
    let draw: Draw = |s| samples::dirichlet(&SHAPES.map(|(_, shape)| shape), s);
    Design { name, text: DIRICHLET, columns: &IN_U, truth: &SHAPES, draw, angle: None, options }
}

const fn of_spins(name: &'static str, options: fn() -> Options) -> Design {
    let draw: Draw = |s| samples::spins(ising, s);
    Design { name, text: ISING, columns: &SPINS, truth: &FIELDS, draw, angle: None, options }
}

pub static DESIGNS: [Design; 12] = [
    Design {
        name: "truncated normal",
        text: "data x > 0\nparam mu, s2 > 0\n-(x - mu)^2/(2*s2)",
        columns: &["x"],
        truth: &[("mu", 1.0), ("s2", 1.0)],
        draw: |s| vec![samples::truncated_normal(1.0, 1.0, s)],
        angle: None,
        options: Options::default,
    },
    Design {
        name: "gamma",
        text: "data x > 0\nparam a > 0, b > 0\n(a - 1)*log(x) - b*x",
        columns: &["x"],
        truth: &[("a", 2.5), ("b", 1.5)],
        draw: |s| vec![samples::gamma(2.5, s) / 1.5],
        angle: None,
        options: Options::default,
    },
    Design {
        name: "beta",
        text: "data u in (0, 1)\nparam a > 0, b > 0\n(a - 1)*log(u) + (b - 1)*log(1 - u)",
        columns: &["u"],
        truth: &[("a", 2.0), ("b", 3.0)],
        draw: |s| vec![samples::dirichlet(&[2.0, 3.0], s)[0]],
        angle: None,
        options: Options::default,
    },
    Design {
        name: "von mises-fisher",
        text: "data v[3] on sphere\nparam t[3]\nt'*v",
        columns: &ON_SPHERE,
        truth: &[("t[1]", 1.0), ("t[2]", -0.5), ("t[3]", 2.0)],
        draw: |s| samples::von_mises_fisher([1.0, -0.5, 2.0], s),
        angle: None,
        options: Options::default,
    },
    Design {
        name: "bingham",
        text: "data v[3] on sphere\nparam a, b, c, d, e
a*v[1]^2 + b*v[2]^2 + c*v[1]*v[2] + d*v[1]*v[3] + e*v[2]*v[3]",
        columns: &ON_SPHERE,
        truth: &[("a", -2.0), ("b", 1.0), ("c", 1.0), ("d", 0.5), ("e", -1.0)],
        draw: |s| samples::on_sphere(bingham, 2.0, s),
        angle: None,
        options: Options::default,
    },
    of_shares("dirichlet clr", || through(Transform::Clr)),
    of_shares("dirichlet alr", || through(Transform::Alr)),
    of_shares("dirichlet sqrt", || through(Transform::Sqrt)),
    of_shares("dirichlet flat", || through(Transform::Flat)),
    of_spins("ising ratio", || by(Kind::Ratio)),
    of_spins("ising pseudolikelihood", || by(Kind::PseudoLikelihood)),
    of_spins("ising flow", || by(Kind::Flow)),
];
