//! Binary data: closed forms, other estimators, and expectations by enumeration of all states.

use scorematch::Fit;
use scorematch::calculus::gradient;
use scorematch::fit::{Options, Outcome, Status};
use scorematch::graph::{ExprId, Graph, InputId, evaluate};
use scorematch::model::Model;
use scorematch::numerics::rng::stream;
use scorematch::objective::{Choices, Kind, Specification};

use crate::identities::columns;

const KINDS: [Kind; 3] = [Kind::Ratio, Kind::PseudoLikelihood, Kind::Flow];

fn fitted(text: &str, data: &[(&str, Vec<f64>)], kind: Kind) -> Fit {
    let options = Options::default().objective(Choices::default().kind(kind));
    Model::parse(text).expect("a model").fit_with(&columns(data), &options).expect("a fit")
}

fn estimate(fit: &Fit, name: &str) -> f64 {
    fit.parameter(name).expect("a parameter").estimate
}

#[track_caller]
fn close(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance * want.abs().max(1.0), "{got} is not {want}");
}

/// Zeros and ones, which have a probability that depends on the row.
fn flips(n: usize, key: u64, probability: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut stream = stream(7, key);
    (0..n).map(|row| f64::from(u8::from(stream.uniform() < probability(row)))).collect()
}

fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

#[test]
fn ratio_matching_is_the_default() {
    let model = Model::parse("data x in {0, 1}; b*x").expect("a model");
    assert_eq!(Specification::of(&model).expect("an objective").kind(), "ratio");
}

#[test]
fn independent_entries_have_the_logits_of_their_means() {
    let x = flips(200, 1, |_| 0.3);
    let y = flips(200, 2, |_| 0.85);
    let text = "data x in {0, 1}, y in {0, 1}; param a, b; a*x + b*y";
    for kind in KINDS {
        let fit = fitted(text, &[("x", x.clone()), ("y", y.clone())], kind);
        close(estimate(&fit, "a"), logit(mean(&x)), 1e-10);
        close(estimate(&fit, "b"), logit(mean(&y)), 1e-10);
        let estimate = fit.estimate();
        assert_eq!(estimate.objective_kind, kind.name());
        let [(name, term)] = estimate.terms[..] else { panic!("one term") };
        assert_eq!(name, kind.name());
        close(term, estimate.objective, 1e-12);
        let sum: f64 = estimate.components.iter().map(|one| one.1).sum();
        close(sum, estimate.objective, 1e-12);
        assert_eq!(estimate.warnings, []);
    }
}

/// Logistic regression of y on z: maximum likelihood by Newton's method.
fn logistic(z: &[f64], y: &[f64]) -> (f64, f64) {
    let (mut a, mut b) = (0.0, 0.0);
    for _ in 0..50 {
        let (mut ga, mut gb, mut aa, mut ab, mut bb) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (z, y) in z.iter().zip(y) {
            let p = 1.0 / (1.0 + (-a - b * z).exp());
            let w = p * (1.0 - p);
            (ga, gb) = (ga + y - p, gb + (y - p) * z);
            (aa, ab, bb) = (aa + w, ab + w * z, bb + w * z * z);
        }
        let det = aa * bb - ab * ab;
        (a, b) = (a + (bb * ga - ab * gb) / det, b + (aa * gb - ab * ga) / det);
    }
    (a, b)
}

#[test]
fn the_pseudo_likelihood_of_a_response_is_logistic_regression() {
    let mut draws = stream(8, 1);
    let z: Vec<f64> = (0..300).map(|_| 1950.0 + 20.0 * draws.normal()).collect();
    let y = flips(300, 3, |row| 1.0 / (1.0 + (-0.5 - 0.06 * (z[row] - 1950.0)).exp()));
    let data = [("y", y.clone()), ("z", z.clone())];
    let (a, b) = logistic(&z.iter().map(|z| z - 1950.0).collect::<Vec<_>>(), &y);
    for text in [
        "data y in {0, 1}; covariate z; param a, b; y*(a + b*z)",
        "data y in {0, 1}; covariate z; param a, b; y*(a + b*z) - log(1 + exp(a + b*z))",
        "data y in {0, 1}; covariate z; param a, b; if(y > 0.5, a + b*z, 0)",
    ] {
        let fit = fitted(text, &data, Kind::PseudoLikelihood);
        close(estimate(&fit, "b"), b, 1e-8);
        close(estimate(&fit, "a"), a - 1950.0 * b, 1e-8);
    }
}

/// For example log n_111 n_100 n_010 n_001 / (n_110 n_101 n_011 n_000).
#[test]
fn a_saturated_model_has_the_log_odds_of_the_table() {
    let counts = [21, 34, 18, 9, 27, 13, 40, 16];
    let states: Vec<usize> = (0..8).flat_map(|state| vec![state; counts[state]]).collect();
    let bit = |k: usize| -> Vec<f64> {
        states.iter().map(|state| f64::from(u8::from(state >> k & 1 == 1))).collect()
    };
    let data = [("x", bit(0)), ("y", bit(1)), ("z", bit(2))];
    let text = "data x in {0, 1}, y in {0, 1}, z in {0, 1}; param a, b, c, d, e, f, g; \
                a*x + b*y + c*z + d*x*y + e*x*z + f*y*z + g*x*y*z";
    let log = |state: usize| f64::from(u32::try_from(counts[state]).expect("a count")).ln();
    let want = [
        ("a", log(1) - log(0)),
        ("b", log(2) - log(0)),
        ("c", log(4) - log(0)),
        ("d", log(3) - log(1) - log(2) + log(0)),
        ("e", log(5) - log(1) - log(4) + log(0)),
        ("f", log(6) - log(2) - log(4) + log(0)),
        ("g", log(7) + log(1) + log(2) + log(4) - log(3) - log(5) - log(6) - log(0)),
    ];
    for kind in KINDS {
        let fit = fitted(text, &data, kind);
        want.iter().for_each(|&(name, value)| close(estimate(&fit, name), value, 1e-8));
    }
}

/// A loss with its derivatives, which are evaluated at rows and parameters.
struct Loss {
    graph: Graph,
    roots: Vec<ExprId>,
    log_density: ExprId,
    inputs: Vec<InputId>,
}

impl Loss {
    fn of(text: &str, kind: Kind) -> Self {
        let model = Model::parse(text).expect("a model");
        let specification = Specification::with(&model, &Choices::default().kind(kind));
        let mut graph = model.graph().clone();
        let loss = specification.expect("an objective").loss(&mut graph, model.log_density()).total;
        let theta: Vec<ExprId> =
            model.parameter_inputs().iter().map(|&input| graph.input_node(input)).collect();
        let slopes = gradient(&mut graph, loss, &theta);
        let roots = [vec![loss], slopes].concat();
        let inputs = [model.row_inputs(), model.parameter_inputs()].concat();
        Self { graph, roots, log_density: model.log_density(), inputs }
    }

    fn values(&self, roots: &[ExprId], row: &[f64], theta: &[f64]) -> Vec<f64> {
        let place = |input| self.inputs.iter().position(|&other| other == input).expect("known");
        let all = [row, theta].concat();
        evaluate(&self.graph, roots, |input| all[place(input)])
    }

    /// The expectations of the loss and of its slopes under the model at these parameters.
    fn population(&self, states: &[Vec<f64>], theta: &[f64]) -> Vec<f64> {
        let weight = |state: &Vec<f64>| self.values(&[self.log_density], state, theta)[0].exp();
        let weights: Vec<f64> = states.iter().map(weight).collect();
        let total: f64 = weights.iter().sum();
        let mut means = vec![0.0; self.roots.len()];
        for (state, weight) in states.iter().zip(&weights) {
            let values = self.values(&self.roots, state, theta);
            means.iter_mut().zip(values).for_each(|(mean, value)| *mean += weight / total * value);
        }
        means
    }
}

fn states(values: [f64; 2]) -> Vec<Vec<f64>> {
    (0..32_usize).map(|state| (0..5).map(|k| values[state >> k & 1]).collect()).collect()
}

const FIELDS: [f64; 10] = [0.3, -0.7, 0.1, 1.2, -0.4, 0.8, -0.5, 0.9, 0.2, -1.1];

/// Every objective is stationary at the true parameters: for affine texts, and for others with
/// squares and a jump.
#[test]
fn the_truth_of_an_ising_ring_is_stationary() {
    let affine = "param h[5], j[5]; \
                  h'*s + j[1]*s[1]*s[2] + j[2]*s[2]*s[3] + j[3]*s[3]*s[4] + j[4]*s[4]*s[5] \
                  + j[5]*s[5]*s[1]";
    let hidden = "param h[5], j[5]; h'*s + log_cosh(j'*s) + abs(s[1] + s[2])*j[1]";
    let jump = "param h[5], j[5]; h'*s + if(s[1] + s[2] > 0.5, j[1]*s[3], j[2]*s[4]^2) + j[3]";
    for values in [[-1.0, 1.0], [0.0, 1.0]] {
        for text in [affine, hidden, jump] {
            let text = format!("data s[5] in {{{}, {}}}; {text}", values[0], values[1]);
            for kind in KINDS {
                let means = Loss::of(&text, kind).population(&states(values), &FIELDS);
                assert!(means[0] > 0.0);
                let largest = means[1..].iter().fold(0.0, |m: f64, slope| m.max(slope.abs()));
                assert!(largest < 1e-12, "{kind} of {text}: {means:?}");
            }
        }
    }
}

/// s = 2x - 1: h s + j s t = (2h - 2j) x + … + 4j x y
#[test]
fn the_coding_of_the_two_values_does_not_matter() {
    let x = flips(400, 5, |_| 0.4);
    let y = flips(400, 6, |row| if x[row] > 0.5 { 0.7 } else { 0.25 });
    let spins = |x: &[f64]| x.iter().map(|x| 2.0 * x - 1.0).collect::<Vec<_>>();
    let ones = "data x in {0, 1}, y in {0, 1}; param a, b, c; a*x + b*y + c*x*y";
    let signs = "data x in {-1, 1}, y in {-1, 1}; param h, k, j; h*x + k*y + j*x*y";
    for kind in KINDS {
        let one = fitted(ones, &[("x", x.clone()), ("y", y.clone())], kind);
        let other = fitted(signs, &[("x", spins(&x)), ("y", spins(&y))], kind);
        let (h, k, j) = (estimate(&other, "h"), estimate(&other, "k"), estimate(&other, "j"));
        close(estimate(&one, "a"), 2.0 * (h - j), 1e-9);
        close(estimate(&one, "b"), 2.0 * (k - j), 1e-9);
        close(estimate(&one, "c"), 4.0 * j, 1e-9);
        close(one.estimate().objective, other.estimate().objective, 1e-11);
    }
}

/// Where log p is affine in the entries, its differences are one reverse sweep
/// without a second copy of log p.
#[test]
fn an_affine_log_density_is_differenced_by_its_slopes() {
    let model = Model::parse("data s[2] in {-1, 1}; param h, j; h*s[1] + j*s[1]*s[2]");
    let model = model.expect("a model");
    let mut graph = model.graph().clone();
    let specification = Specification::of(&model).expect("an objective");
    let seen = specification.seen(&mut graph, model.log_density());
    assert_eq!(graph.plain(seen[1]), "2*s[1]*s[2]*j");
}

/// The coefficient of a perfect predictor runs to infinity, and the others
/// are fitted as without it.
#[test]
fn separation_is_named() {
    let quasi: Vec<f64> = (0..90).map(|k| f64::from(u8::from(k % 3 == 0))).collect();
    let y: Vec<f64> = (0..90).map(|k| f64::from(u8::from(k % 3 == 0 || k % 5 == 0))).collect();
    let complete: Vec<f64> = (0..90).map(|k| f64::from(k) / 10.0).collect();
    let above: Vec<f64> = complete.iter().map(|z| f64::from(u8::from(*z > 4.25))).collect();
    let text = "data y in {0, 1}; covariate z; param a, b; y*(a + b*z)";
    for kind in KINDS {
        for (z, y) in [(&quasi, &y), (&complete, &above)] {
            let fit = fitted(text, &[("y", y.clone()), ("z", z.clone())], kind);
            let codes: Vec<&str> = fit.estimate().warnings.iter().map(|one| one.code).collect();
            assert_eq!(codes, ["separation"], "{kind} {:#?}", fit.estimate());
            let b = fit.parameter("b").expect("a parameter");
            assert_eq!((b.status, b.std_error), (Status::AtInfinity, None));
            assert_eq!(fit.estimate().outcome, Outcome::Converged);
        }
    }
    let lone = "data y in {0, 1}, x in {0, 1}; param a, b; a*y + b*x";
    let one = vec![1.0; 90];
    let fit = fitted(lone, &[("y", quasi.clone()), ("x", one)], Kind::Ratio);
    close(estimate(&fit, "a"), logit(mean(&quasi)), 1e-8);
    assert_eq!(fit.parameter("b").expect("a parameter").status, Status::AtInfinity);
    assert!(fit.parameter("a").expect("a parameter").std_error.is_some());
}
