//! Models on half-lines, intervals, spheres and simplexes, of binary data, and by sliced and
//! denoising objectives, with exact draws.

use scorematch::fit::Options;
use scorematch::numerics::rng::Stream;
use scorematch::objective::{Choices, Directions, Kind, Transform};

use crate::{Design, Draw, plain, samples};

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

/// The log-density of ISING with the parameters FIELDS.
fn ising(s: [f64; 4]) -> f64 {
    let [h1, h2, h3, h4, j1, j2, j3, j4, j5, j6] = FIELDS.map(|(_, value)| value);
    let fields = h1 * s[0] + h2 * s[1] + h3 * s[2] + h4 * s[3];
    let first = s[0] * (j1 * s[1] + j2 * s[2] + j3 * s[3]);
    fields + first + s[1] * (j4 * s[2] + j5 * s[3]) + j6 * s[2] * s[3]
}

/// The quadratic form of a Bingham distribution; its largest eigenvalue is below 2 (Gershgorin).
fn bingham(x: [f64; 3]) -> f64 {
    let crossed = x[0] * x[1] + 0.5 * x[0] * x[2] - x[1] * x[2];
    x[1] * x[1] - 2.0 * x[0] * x[0] + crossed
}

/// Options with this objective and the seed of its random numbers.
fn random(choices: Choices, seed: u64) -> Options {
    Options::default().objective(choices).seed(seed)
}

/// Options with second derivatives along random normal directions.
fn along(slices: usize, seed: u64) -> Options {
    random(Choices::default().sliced(slices, Directions::Gaussian), seed)
}

/// A normal with mean (1, 0, -1) and precision LLᵀ for L with rows (1, 0, 0), (-0.5, 1, 0) and
/// (0.3, 0.4, 1): L'(x - m) is white.
fn correlated(s: &mut Stream) -> Vec<f64> {
    let z = [s.normal(), s.normal(), s.normal()];
    let third = z[2];
    let second = z[1] - 0.4 * third;
    let first = z[0] + 0.5 * second - 0.3 * third;
    vec![1.0 + first, second, -1.0 + third]
}

fn by(kind: Kind) -> Options {
    Options::default().objective(Choices::default().kind(kind))
}

fn through(transform: Transform) -> Options {
    Options::default().objective(Choices::default().transform(transform))
}

const fn of_shares(name: &'static str, options: fn(u64) -> Options) -> Design {
    let draw: Draw = |s| samples::dirichlet(&SHAPES.map(|(_, shape)| shape), s);
    Design { name, text: DIRICHLET, columns: &IN_U, truth: &SHAPES, draw, angle: None, options }
}

const fn of_spins(name: &'static str, options: fn(u64) -> Options) -> Design {
    let draw: Draw = |s| samples::spins(ising, s);
    Design { name, text: ISING, columns: &SPINS, truth: &FIELDS, draw, angle: None, options }
}

pub static DESIGNS: [Design; 15] = [
    Design {
        name: "truncated normal",
        text: "data x > 0\nparam mu, s2 > 0\n-(x - mu)^2/(2*s2)",
        columns: &["x"],
        truth: &[("mu", 1.0), ("s2", 1.0)],
        draw: |s| vec![samples::truncated_normal(1.0, 1.0, s)],
        angle: None,
        options: plain,
    },
    Design {
        name: "gamma",
        text: "data x > 0\nparam a > 0, b > 0\n(a - 1)*log(x) - b*x",
        columns: &["x"],
        truth: &[("a", 2.5), ("b", 1.5)],
        draw: |s| vec![samples::gamma(2.5, s) / 1.5],
        angle: None,
        options: plain,
    },
    Design {
        name: "beta",
        text: "data u in (0, 1)\nparam a > 0, b > 0\n(a - 1)*log(u) + (b - 1)*log(1 - u)",
        columns: &["u"],
        truth: &[("a", 2.0), ("b", 3.0)],
        draw: |s| vec![samples::dirichlet(&[2.0, 3.0], s)[0]],
        angle: None,
        options: plain,
    },
    Design {
        name: "von mises-fisher",
        text: "data v[3] on sphere\nparam t[3]\nt'*v",
        columns: &ON_SPHERE,
        truth: &[("t[1]", 1.0), ("t[2]", -0.5), ("t[3]", 2.0)],
        draw: |s| samples::von_mises_fisher([1.0, -0.5, 2.0], s),
        angle: None,
        options: plain,
    },
    Design {
        name: "bingham",
        text: "data v[3] on sphere\nparam a, b, c, d, e
a*v[1]^2 + b*v[2]^2 + c*v[1]*v[2] + d*v[1]*v[3] + e*v[2]*v[3]",
        columns: &ON_SPHERE,
        truth: &[("a", -2.0), ("b", 1.0), ("c", 1.0), ("d", 0.5), ("e", -1.0)],
        draw: |s| samples::on_sphere(bingham, 2.0, s),
        angle: None,
        options: plain,
    },
    of_shares("dirichlet clr", |_| through(Transform::Clr)),
    of_shares("dirichlet alr", |_| through(Transform::Alr)),
    of_shares("dirichlet sqrt", |_| through(Transform::Sqrt)),
    of_shares("dirichlet flat", |_| through(Transform::Flat)),
    of_spins("ising ratio", |_| by(Kind::Ratio)),
    of_spins("ising pseudolikelihood", |_| by(Kind::PseudoLikelihood)),
    of_spins("ising flow", |_| by(Kind::Flow)),
    Design {
        name: "normal sliced",
        text: "data x[3]\nparam m[3], K[3,3] posdef\n-(x - m)'*K*(x - m)/2",
        columns: &["x1", "x2", "x3"],
        truth: &[
            ("m[1]", 1.0),
            ("m[2]", 0.0),
            ("m[3]", -1.0),
            ("K[1,1]", 1.0),
            ("K[1,2]", -0.5),
            ("K[2,2]", 1.25),
            ("K[1,3]", 0.3),
            ("K[2,3]", 0.25),
            ("K[3,3]", 1.25),
        ],
        draw: correlated,
        angle: None,
        options: |seed| along(1, seed),
    },
    // u = a x + b y is independent of y, with density sech(u)/pi.
    Design {
        name: "sech sliced",
        text: "data x, y\nparam a > 0, b, c > 0\n-log_cosh(a*x + b*y) - c*y^2/2",
        columns: &["x", "y"],
        truth: &[("a", 1.5), ("b", -0.8), ("c", 2.0)],
        draw: |s| {
            let (u, y) = (samples::sech(s), s.normal() / 2f64.sqrt());
            vec![(u + 0.8 * y) / 1.5, y]
        },
        angle: None,
        options: |seed| along(1, seed),
    },
    // The objective replaces the column by its levels of noise.
    Design {
        name: "normal denoised",
        text: "data x\ncovariate sigma\nparam mu, s2 > 0\n-(x - mu)^2/(2*(s2 + sigma^2))",
        columns: &["x", "sigma"],
        truth: &[("mu", 1.0), ("s2", 2.25)],
        draw: |s| vec![1.0 + 1.5 * s.normal(), 1.0],
        angle: None,
        options: |seed| random(Choices::default().denoising(&[1.0, 0.5]), seed),
    },
];
