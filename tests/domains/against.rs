//! Losses compared with independent computations: differences along curves of the domain, and the
//! Fisher divergence on samples of a known density.

use scorematch::analysis::{Known, fisher_divergence, row_values};
use scorematch::data::{Missing, Selection};
use scorematch::graph::evaluate;
use scorematch::model::Model;
use scorematch::numerics::rng::{Stream, stream};
use scorematch::objective::{Choices, Rows, Specification, Transform};

use crate::identities::columns;

/// ρ and log p of a model without parameters, as functions of a point.
struct Subject {
    model: Model,
    specification: Specification,
}

impl Subject {
    fn new(text: &str) -> Self {
        let model = Model::parse(text).expect("a model");
        let specification = Specification::of(&model).expect("an objective");
        Self { model, specification }
    }

    fn value(&self, of_loss: bool, point: &[f64]) -> f64 {
        let mut graph = self.model.graph().clone();
        let log_density = self.model.log_density();
        let root = if of_loss {
            self.specification.loss(&mut graph, log_density).total
        } else {
            log_density
        };
        let inputs = self.model.row_inputs();
        let at = |input| point[inputs.iter().position(|&one| one == input).expect("data")];
        evaluate(&graph, &[root], at)[0]
    }

    /// First and second derivative of log p along a curve at time 0, by central differences.
    fn along(&self, curve: impl Fn(f64) -> Vec<f64>) -> (f64, f64) {
        const STEP: f64 = 1e-4;
        let [below, here, above] = [-STEP, 0.0, STEP].map(|t| self.value(false, &curve(t)));
        ((above - below) / (2.0 * STEP), (above - 2.0 * here + below) / (STEP * STEP))
    }

    #[track_caller]
    fn agrees(&self, point: &[f64], rho: f64) {
        let loss = self.value(true, point);
        assert!((loss - rho).abs() <= 1e-5 * rho.abs().max(1.0), "{loss} is not {rho}");
    }
}

/// Vectors that form an orthonormal basis with `x`, by the Gram–Schmidt process.
fn tangents(x: &[f64], stream: &mut Stream) -> Vec<Vec<f64>> {
    let mut basis = vec![x.to_vec()];
    while basis.len() < x.len() {
        let mut v: Vec<f64> = x.iter().map(|_| stream.normal()).collect();
        for e in &basis {
            let dot: f64 = e.iter().zip(&v).map(|(e, v)| e * v).sum();
            v.iter_mut().zip(e).for_each(|(v, e)| *v -= dot * e);
        }
        let length = v.iter().map(|v| v * v).sum::<f64>().sqrt();
        basis.push(v.iter().map(|v| v / length).collect());
    }
    basis.split_off(1)
}

fn moved(point: &[f64], k: usize, t: f64) -> Vec<f64> {
    point.iter().enumerate().map(|(i, &x)| if i == k { x + t } else { x }).collect()
}

/// Second derivatives along great circles give the Laplace–Beltrami operator of the sphere, first
/// ones the gradient.
#[test]
fn a_loss_on_a_sphere_is_that_of_its_great_circles() {
    let mut stream = stream(31, 0);
    for p in [2, 3, 5] {
        let (a, b) = (stream.normal(), stream.normal());
        let density = format!("{a}*v[1]^3 + {b}*v[1]*v[2] + exp({b}*v[{p}]) + log(2 + v[2])");
        let plain = Subject::new(&format!("data v[{p}] on sphere; {density}"));
        let weighed =
            Subject::new(&format!("data v[{p}] on sphere; weight v = 1 + v[1]^2*v[2]; {density}"));
        for _ in 0..5 {
            let x = plain.model.draw_point(&mut stream);
            let (mut rho, mut weighted) = (0.0, 0.0);
            let w = 1.0 + x[0] * x[0] * x[1];
            for e in tangents(&x, &mut stream) {
                let turn = |t: f64| -> Vec<f64> {
                    x.iter().zip(&e).map(|(x, e)| x * t.cos() + e * t.sin()).collect()
                };
                let (first, second) = plain.along(turn);
                let slope = 2.0 * x[0] * x[1] * e[0] + x[0] * x[0] * e[1];
                rho += second + 0.5 * first * first;
                weighted += w * (second + 0.5 * first * first) + slope * first;
            }
            plain.agrees(&x, rho);
            weighed.agrees(&x, weighted);
        }
    }
}

/// A product of domains has the sum of their losses: a half-line with h, a circle, an interval
/// whose weight depends on another component, the line.
#[test]
fn a_product_of_domains_adds_up() {
    let mut stream = stream(32, 0);
    let text = "data t > 1, a on circle, u in (0, 2), x\nweight t = (t - 1)^3\n\
                weight u = u*(2 - u)*exp(x)\n\
                sin(a)*t - t^2/3 + x*u^2 - x^2*t + cos(2*a)*u + log(1 + t*u)";
    let subject = Subject::new(text);
    for _ in 0..20 {
        let point = subject.model.draw_point(&mut stream);
        let (t, u, x) = (point[0], point[2], point[3]);
        let weights = [
            ((t - 1.0).powi(3), 3.0 * (t - 1.0).powi(2)),
            (1.0, 0.0),
            (u * (2.0 - u) * x.exp(), (2.0 - 2.0 * u) * x.exp()),
            (1.0, 0.0),
        ];
        let rho = weights.iter().enumerate().map(|(k, (h, slope))| {
            let (first, second) = subject.along(|step| moved(&point, k, step));
            h * (second + 0.5 * first * first) + slope * first
        });
        subject.agrees(&point, rho.sum());
    }
}

fn gamma(shape: usize, stream: &mut Stream) -> f64 {
    (0..shape).map(|_| -stream.uniform().ln()).sum()
}

/// Draws by rejection, for log-densities that are at most zero.
fn rejected(
    stream: &mut Stream,
    propose: impl Fn(&mut Stream) -> Vec<f64>,
    log_p: impl Fn(&[f64]) -> f64,
) -> Vec<f64> {
    loop {
        let row = propose(stream);
        if stream.uniform().ln() < log_p(&row) {
            return row;
        }
    }
}

fn direction(p: usize, stream: &mut Stream) -> Vec<f64> {
    let z: Vec<f64> = (0..p).map(|_| stream.normal()).collect();
    let length = z.iter().map(|z| z * z).sum::<f64>().sqrt();
    z.iter().map(|z| z / length).collect()
}

fn share(shapes: &[usize], stream: &mut Stream) -> Vec<f64> {
    let sizes: Vec<f64> = shapes.iter().map(|&shape| gamma(shape, stream)).collect();
    let sum: f64 = sizes.iter().sum();
    sizes.iter().map(|size| size / sum).collect()
}

const PARTS: usize = 100;
const ROWS_EACH: usize = 300;

/// Over rows drawn from the density `known`, J and the Fisher divergence from it
/// differ by a constant in θ.
#[track_caller]
fn differ_by_a_constant(
    family: &str,
    known: &str,
    choices: &Choices,
    thetas: [&[f64]; 2],
    draw: impl Fn(&mut Stream) -> Vec<f64>,
) {
    let mut stream = stream(33, family.len() as u64);
    let (family, known) =
        (Model::parse(family).expect("a model"), Model::parse(known).expect("a law"));
    let names: Vec<&str> = family.data().iter().map(|one| one.name.as_str()).collect();
    let parts: Vec<Vec<Vec<f64>>> = (0..PARTS)
        .map(|_| {
            let rows: Vec<Vec<f64>> = (0..ROWS_EACH).map(|_| draw(&mut stream)).collect();
            (0..names.len()).map(|k| rows.iter().map(|row| row[k]).collect()).collect()
        })
        .collect();
    let all: Vec<Vec<f64>> = (0..names.len())
        .map(|k| parts.iter().flat_map(|part| part[k].iter().copied()).collect())
        .collect();
    let slices: Vec<&[f64]> = all.iter().map(Vec::as_slice).collect();
    let numbers: Vec<u32> = (0..).take(PARTS * ROWS_EACH).collect();
    let frozen = |model| {
        let specification = Specification::with(model, choices).expect("an objective");
        specification.on(model, &Rows::new(&slices, &numbers)).expect("a weight")
    };
    let (own, other) = (frozen(&family), frozen(&known));
    let difference = |part: &Vec<Vec<f64>>| -> f64 {
        let named: Vec<(&str, Vec<f64>)> =
            names.iter().copied().zip(part.iter().cloned()).collect();
        let rows: Selection = columns(&named).select(&names, Missing::Error).expect("complete");
        let reference = Known { model: &known, specification: &other, data: &rows };
        let [one, two] = thetas.map(|theta| {
            let losses = row_values(&own, &family, &rows, theta, 1).pop().expect("the loss").1;
            let divergence = fisher_divergence(&own, &family, &rows, theta, reference, 1);
            losses.iter().sum::<f64>() / ROWS_EACH as f64 - divergence.expect("comparable")
        });
        one - two
    };
    let differences: Vec<f64> = parts.iter().map(difference).collect();
    let mean = differences.iter().sum::<f64>() / PARTS as f64;
    let square = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>();
    let error = (square / (PARTS * (PARTS - 1)) as f64).sqrt();
    assert!(mean.abs() < 4.0 * error, "{mean} ± {error}");
}

#[test]
fn on_half_lines_and_intervals() {
    let auto = Choices::default();
    let gamma_family = "data x > 0; param a, b; (a - 1)*log(x) - b*x";
    let gamma_law = "data x > 0; 2*log(x) - x";
    differ_by_a_constant(gamma_family, gamma_law, &auto, [&[3.5, 1.4], &[2.2, 0.7]], |stream| {
        vec![gamma(3, stream)]
    });
    let cut = "data x > 1; param m, k; -k*(x - m)^2/2";
    let law = "data x > 1; -(x - 0.5)^2/2";
    differ_by_a_constant(cut, law, &auto, [&[0.0, 2.0], &[1.5, 0.6]], |stream| {
        rejected(stream, |s| vec![0.5 + s.normal()], |row| if row[0] > 1.0 { 0.0 } else { -1e9 })
    });
    let beta = "data u in (0, 1); param a, b; (a - 1)*log(u) + (b - 1)*log(1 - u)";
    let law = "data u in (0, 1); log(u) + 2*log(1 - u)";
    differ_by_a_constant(beta, law, &auto, [&[1.5, 2.0], &[3.0, 3.5]], |stream| {
        vec![share(&[2, 3], stream)[0]]
    });
}

#[test]
fn on_spheres_and_circles() {
    let auto = Choices::default();
    let fisher = "data v[3] on sphere; param k[3]; k'*v";
    let law = "data v[3] on sphere; 2*v[1] - v[3]";
    let most = 5f64.sqrt();
    differ_by_a_constant(fisher, law, &auto, [&[1.0, 1.0, 0.0], &[3.0, -0.5, -2.0]], |stream| {
        rejected(stream, |s| direction(3, s), |v| 2.0 * v[0] - v[2] - most)
    });
    let mises = "data t on circle; param a, b; a*cos(t) + b*sin(t)";
    let law = "data t on circle; 1.5*cos(t)";
    let turn = |s: &mut Stream| vec![std::f64::consts::TAU * (s.uniform() - 0.5)];
    differ_by_a_constant(mises, law, &auto, [&[2.0, 0.4], &[0.5, -0.3]], |stream| {
        rejected(stream, turn, |t| 1.5 * t[0].cos() - 1.5)
    });
}

#[test]
fn on_simplexes_by_each_transform() {
    let family = "data u[3] on simplex; param a[3]; sum(k in 1:3, (a[k] - 1)*log(u[k]))";
    let law = "data u[3] on simplex; log(u[1]) + 2*log(u[2]) + 3*log(u[3])";
    for transform in Transform::ALL {
        let choices = Choices::default().transform(transform);
        let thetas: [&[f64]; 2] = [&[2.5, 2.0, 4.5], &[1.5, 3.5, 3.0]];
        differ_by_a_constant(family, law, &choices, thetas, |stream| share(&[2, 3, 4], stream));
    }
}

/// For plain score matching of a density cut off at an edge the difference is not constant, so that
/// the test above detects the missing weight.
#[test]
#[should_panic(expected = "±")]
fn an_edge_without_a_weight_is_detected() {
    let cut = "data x; param m, k; -k*(x - m)^2/2";
    let thetas: [&[f64]; 2] = [&[0.0, 2.0], &[1.5, 0.6]];
    differ_by_a_constant(cut, "data x; -(x - 0.5)^2/2", &Choices::default(), thetas, |stream| {
        rejected(stream, |s| vec![0.5 + s.normal()], |row| if row[0] > 1.0 { 0.0 } else { -1e9 })
    });
}
