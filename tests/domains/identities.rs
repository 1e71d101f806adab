//! Estimates with closed forms, and losses that do not depend on the spelling of the model.

use scorematch::fit::Options;
use scorematch::graph::evaluate;
use scorematch::model::Model;
use scorematch::numerics::rng::{Stream, stream};
use scorematch::objective::{Choices, Specification, Transform};
use scorematch::{Columns, Fit};

/// Columns with these names.
pub fn columns(named: &[(&str, Vec<f64>)]) -> Columns {
    Columns::from_vecs(
        named.iter().map(|(name, values)| ((*name).to_owned(), values.clone())).collect(),
    )
    .expect("columns of one length")
}

pub fn fitted(text: &str, data: &[(&str, Vec<f64>)], options: &Options) -> Fit {
    let model = Model::parse(text).expect("a model");
    model.fit_with(&columns(data), options).expect("a fit")
}

fn close(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance * want.abs().max(1.0), "{got} is not {want}");
}

fn mean(values: impl Iterator<Item = f64>, n: usize) -> f64 {
    values.sum::<f64>() / n as f64
}

/// A gamma variable with an integer shape.
fn gamma(shape: usize, stream: &mut Stream) -> f64 {
    (0..shape).map(|_| -stream.uniform().ln()).sum()
}

fn gammas(n: usize, shape: usize, scale: f64) -> Vec<f64> {
    let mut stream = stream(1, shape as u64);
    (0..n).map(|_| scale * gamma(shape, &mut stream)).collect()
}

#[test]
fn a_gamma_with_the_squared_distance_is_fitted_by_its_moments() {
    for scale in [1.0, 3e-7, 5e8] {
        let x = gammas(300, 3, scale);
        let text = "data x > 0; param a > 0, b > 0; weight x = x^2; (a - 1)*log(x) - b*x";
        let fit = fitted(text, &[("x", x.clone())], &Options::default());
        let m = mean(x.iter().copied(), 300);
        let v = mean(x.iter().map(|x| (x - m).powi(2)), 300);
        close(fit.parameter("a").expect("a").estimate / (m * m / v), 1.0, 1e-10);
        close(fit.parameter("b").expect("b").estimate / (m / v), 1.0, 1e-10);
    }
}

#[test]
fn an_exponential_with_the_distance_is_fitted_by_maximum_likelihood() {
    let x = gammas(200, 1, 2.0);
    let text = "data x > 0; param b > 0; weight x = x; -b*x";
    let fit = fitted(text, &[("x", x.clone())], &Options::default());
    close(fit.parameter("b").expect("b").estimate, 1.0 / mean(x.iter().copied(), 200), 1e-12);
}

/// The weight min(x, c)² with c the median: ρ = -h'b + ½hb².
#[test]
fn the_default_weight_stops_at_the_median() {
    let x = gammas(200, 1, 5.0);
    let fit = fitted("data x > 0; param b > 0; -b*x", &[("x", x.clone())], &Options::default());
    let mut sorted = x.clone();
    sorted.sort_by(f64::total_cmp);
    let c = 0.5 * (sorted[99] + sorted[100]);
    let slope = mean(x.iter().map(|&x| if x < c { 2.0 * x } else { 0.0 }), 200);
    let weight = mean(x.iter().map(|&x| x.min(c).powi(2)), 200);
    close(fit.parameter("b").expect("b").estimate, slope / weight, 1e-10);
    let estimate = fit.estimate();
    assert_eq!(
        (estimate.objective_kind, estimate.frozen.as_slice()),
        ("weighted", &[("c".to_owned(), c)][..])
    );
    let names: Vec<&str> = estimate.terms.iter().map(|term| term.0).collect();
    assert_eq!(names, ["laplacian", "edge", "norm"]);
}

/// A left, a right and two edges give the estimates of mirrored and shifted data.
#[test]
fn edges_may_be_anywhere() {
    let x = gammas(150, 2, 1.0);
    let at = |text: &str, values: Vec<f64>| {
        let fit = fitted(text, &[("x", values)], &Options::default());
        fit.parameter("m").expect("m").estimate
    };
    let normal = "param m; -(x - m)^2/2";
    let left = at(&format!("data x > 0; {normal}"), x.clone());
    let shifted = at(&format!("data x > 7; {normal}"), x.iter().map(|x| x + 7.0).collect());
    close(shifted - 7.0, left, 1e-9);
    let mirrored = at(&format!("data x < 0; {normal}"), x.iter().map(|x| -x).collect());
    close(-mirrored, left, 1e-9);
    let within: Vec<f64> = x.iter().map(|x| x / 20.0).collect();
    let both = at(&format!("data x in (0, 1); {normal}"), within.clone());
    let turned =
        at(&format!("data x in (0, 1); {normal}"), within.iter().map(|x| 1.0 - x).collect());
    close(both, 1.0 - turned, 1e-9);
}

fn directions(n: usize, p: usize) -> Vec<Vec<f64>> {
    let mut stream = stream(2, p as u64);
    let mut columns = vec![Vec::with_capacity(n); p];
    for _ in 0..n {
        let z: Vec<f64> =
            (0..p).map(|k| stream.normal() + if k == 0 { 1.5 } else { 0.2 }).collect();
        let length = z.iter().map(|z| z * z).sum::<f64>().sqrt();
        columns.iter_mut().zip(&z).for_each(|(column, z)| column.push(z / length));
    }
    columns
}

/// ϑ = (p - 1)(I - S)⁻¹ x̄, written out for p = 2.
#[test]
fn a_von_mises_fisher_vector_has_a_closed_form() {
    let x = directions(250, 2);
    let text = "data x[2] on sphere; param t[2]; t'*x";
    let data = [("x1", x[0].clone()), ("x2", x[1].clone())];
    let fit = fitted(text, &data, &Options::default());
    let m = |f: &dyn Fn(usize) -> f64| mean((0..250).map(f), 250);
    let (a, b) = (m(&|i| x[0][i]), m(&|i| x[1][i]));
    let (aa, ab, bb) =
        (m(&|i| x[0][i].powi(2)), m(&|i| x[0][i] * x[1][i]), m(&|i| x[1][i].powi(2)));
    let det = (1.0 - aa) * (1.0 - bb) - ab * ab;
    close(fit.parameter("t[1]").expect("t").estimate, ((1.0 - bb) * a + ab * b) / det, 1e-9);
    close(fit.parameter("t[2]").expect("t").estimate, (ab * a + (1.0 - aa) * b) / det, 1e-9);
}

/// ρ of a model at a row and parameters.
fn loss(text: &str, choices: &Choices, row: &[f64], theta: &[f64]) -> f64 {
    let model = Model::parse(text).expect("a model");
    let specification = Specification::with(&model, choices).expect("an objective");
    let mut graph = model.graph().clone();
    let loss = specification.loss(&mut graph, model.log_density());
    let inputs: Vec<_> = model.row_inputs().into_iter().chain(model.parameter_inputs()).collect();
    let value = |input| {
        let place = inputs.iter().position(|&other| other == input).expect("a named input");
        row.iter().chain(theta).copied().nth(place).expect("a value for each")
    };
    let terms: Vec<f64> =
        loss.terms.iter().map(|term| evaluate(&graph, &[term.1], value)[0]).collect();
    let total = evaluate(&graph, &[loss.total], value)[0];
    close(terms.iter().sum(), total, 1e-12);
    total
}

#[test]
fn a_constant_on_the_sphere_changes_nothing() {
    let auto = Choices::default();
    let x = directions(20, 3);
    let rows = x[0].iter().zip(&x[1]).zip(&x[2]);
    for row in rows.map(|((a, b), c)| [*a, *b, *c]) {
        let density = "a*x[1] + b*x[2]*x[3] + exp(x[3])";
        let plain =
            loss(&format!("data x[3] on sphere; param a, b; {density}"), &auto, &row, &[0.7, -2.0]);
        let shell = format!("data x[3] on sphere; param a, b; {density} + 50*(x'*x - 1)");
        close(loss(&shell, &auto, &row, &[0.7, -2.0]), plain, 1e-12);
    }
}

fn compositions(n: usize) -> Vec<[f64; 3]> {
    let mut stream = stream(5, 6);
    let row = |stream: &mut Stream| {
        let sizes = [gamma(2, stream), gamma(1, stream), gamma(3, stream)];
        let sum: f64 = sizes.iter().sum();
        sizes.map(|size| size / sum)
    };
    (0..n).map(|_| row(&mut stream)).collect()
}

const IN_U: &str = "data u[3] on simplex; param a, b; a*log(u[1]) + b*u[2]*u[3] + log(u[3])/3";
/// The model in y, with u_k = e^y_k/Σ and the base measure Σ log u in place of u.
fn in_y(u: [&str; 3], inputs: &str) -> String {
    format!(
        "data {inputs}; param a, b; let l = log_sum_exp([{0}, {1}, {2}]); \
         let v1 = exp({0} - l); let v2 = exp({1} - l); let v3 = exp({2} - l); \
         a*log(v1) + b*v2*v3 + log(v3)/3 + log(v1) + log(v2) + log(v3)",
        u[0], u[1], u[2]
    )
}

#[test]
fn log_ratios_agree_with_the_model_written_in_them() {
    let theta = [1.3, -0.4];
    for [u, v, w] in compositions(30) {
        let auto = Choices::default();
        let alr = Choices::default().transform(Transform::Alr);
        let by_hand =
            loss(&in_y(["y", "z", "0"], "y, z"), &auto, &[(u / w).ln(), (v / w).ln()], &theta);
        close(loss(IN_U, &alr, &[u, v, w], &theta), by_hand, 1e-12);
        let first = Choices::default().log_ratios_to("u[1]");
        let by_hand =
            loss(&in_y(["0", "y", "z"], "y, z"), &auto, &[(v / u).ln(), (w / u).ln()], &theta);
        close(loss(IN_U, &first, &[u, v, w], &theta), by_hand, 1e-12);
        // Orthonormal coordinates of the plane onto which clr maps.
        let (root2, root6) = (2f64.sqrt(), 6f64.sqrt());
        let coordinates = [(u / v).ln() / root2, (u * v / (w * w)).ln() / root6];
        let ilr =
            in_y(["(y/sqrt(2) + z/sqrt(6))", "(-y/sqrt(2) + z/sqrt(6))", "(-2*z/sqrt(6))"], "y, z");
        let by_hand = loss(&ilr, &auto, &coordinates, &theta);
        close(loss(IN_U, &auto, &[u, v, w], &theta), by_hand, 1e-12);
    }
}

/// On S^(p-1) with z = √u: ρ = w(½‖Ps‖² + tr P∇² - (p - 1)z·s) of log f(z²) + Σ
/// log z, w = min(min u, c).
#[test]
fn square_roots_agree_with_the_model_on_the_sphere() {
    let theta = [1.3, -0.4];
    let choices = Choices::default().transform(Transform::Sqrt);
    let u_text = format!("{IN_U}; weight u = 1").replace("; weight", "\nweight");
    let z_text = "data z[3] on sphere; param a, b; a*log(z[1]^2) + b*z[2]^2*z[3]^2 + log(z[3]^2)/3 \
                  + log(z[1]) + log(z[2]) + log(z[3])";
    for row in compositions(30) {
        let z = row.map(f64::sqrt);
        let on_sphere = loss(z_text, &Choices::default(), &z, &theta);
        close(loss(&u_text, &choices, &row, &theta), on_sphere, 1e-11);
    }
}

#[test]
fn the_order_of_entries_does_not_matter_to_centred_log_ratios() {
    let auto = Choices::default();
    for [u, v, w] in compositions(30) {
        let one = loss(IN_U, &auto, &[u, v, w], &[2.0, 3.0]);
        let turned = "data u[3] on simplex; param a, b; a*log(u[3]) + b*u[1]*u[2] + log(u[2])/3";
        close(loss(turned, &auto, &[v, w, u], &[2.0, 3.0]), one, 1e-12);
    }
}

/// The loss of a Dirichlet in log-ratios is a polynomial, so that zeros are admitted, as
/// limits of small entries.
#[test]
fn zeros_in_compositions_are_admitted() {
    let text = "data u[3] on simplex; param a[3]; a[1]*log(u[1]) + a[2]*log(u[2]) + a[3]*log(u[3])";
    for choices in [Choices::default(), Choices::default().transform(Transform::Alr)] {
        let theta = [-0.3, 1.2, 0.4];
        let at = loss(text, &choices, &[0.0, 0.25, 0.75], &theta);
        let beside = loss(text, &choices, &[1e-13, 0.25, 0.75 - 1e-13], &theta);
        assert!(at.is_finite());
        close(at, beside, 1e-11);
    }
}
