//! Families whose objective has a closed-form minimum: the method of their fits, their
//! estimates compared with equations written out here, and the formulas that `derive`
//! shows compared with the fits.

use scorematch::analysis::Derivation;
use scorematch::data::{Columns, Missing, Selection};
use scorematch::fit::{self, Estimate, Method, Options};
use scorematch::model::Model;
use scorematch::numerics::rng::stream;
use scorematch::program::{Layout, Program};

fn bound(text: &str, columns: &[(&str, Vec<f64>)]) -> (Model, Selection) {
    let owned = columns.iter().map(|(name, values)| ((*name).to_owned(), values.clone())).collect();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let table = Columns::from_vecs(owned).expect("columns of one length");
    let model = Model::parse(text).expect("a model").bind(&names, &names).expect("columns bind");
    (model, table.select(&names, Missing::Error).expect("complete columns"))
}

fn fitted(text: &str, columns: &[(&str, Vec<f64>)]) -> Estimate {
    let (model, rows) = bound(text, columns);
    fit::fit(&model, &rows, &Options::default()).expect("a fit")
}

fn normals(n: usize, key: u64) -> Vec<f64> {
    let mut stream = stream(21, key);
    (0..n).map(|_| stream.normal()).collect()
}

fn mean(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    values.iter().map(|&x| f(x)).sum::<f64>() / values.len() as f64
}

fn value(fit: &Estimate, name: &str) -> f64 {
    fit.parameters.iter().find(|p| p.name == name).expect("a parameter of this name").estimate
}

#[track_caller]
fn close(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance * want.abs().max(1e-300), "got {got:e}, want {want:e}");
}

/// J = ½κ² E[sin²(x - μ)] - κ E[cos(x - μ)] is quadratic in (κ cos μ, κ sin
/// μ): two linear equations.
#[test]
fn von_mises_in_amplitude_and_phase() {
    for centre in [0.4, 2.9, -2.0] {
        let a: Vec<f64> = normals(300, 1).iter().map(|z| centre + 0.6 * z).collect();
        for text in [
            "data a on circle; kappa*cos(a - mu)",
            "data a on circle; param kappa > 0, mu; kappa*cos(a - mu)",
        ] {
            let fit = fitted(text, &[("a", a.clone())]);
            assert_eq!(fit.method, Method::ClosedForm, "{text}");
            // s = -u sin x + v cos x, s' = -u cos x - v sin x.
            let (ss, cc) = (mean(&a, |x| x.sin().powi(2)), mean(&a, |x| x.cos().powi(2)));
            let sc = mean(&a, |x| x.sin() * x.cos());
            let (c, s) = (mean(&a, f64::cos), mean(&a, f64::sin));
            let whole = ss * cc - sc * sc;
            let (u, v) = ((c * cc + s * sc) / whole, (s * ss + c * sc) / whole);
            close(value(&fit, "kappa"), u.hypot(v), 1e-12);
            close(value(&fit, "mu"), v.atan2(u), 1e-11);
        }
    }
}

/// Amplitude and phase of a wave of known frequency, by the normal equations.
#[test]
fn a_wave_is_least_squares() {
    let z: Vec<f64> = (0..80).map(|k| 0.1 * f64::from(k)).collect();
    let noise = normals(80, 2);
    let y: Vec<f64> =
        z.iter().zip(&noise).map(|(z, e)| 2.0 * (3.0 * z - 0.7).cos() + 0.1 * e).collect();
    let text = "data y; covariate z; param a > 0, p; -(y - a*cos(3*z - p))^2/2";
    let fit = fitted(text, &[("y", y.clone()), ("z", z.clone())]);
    let dot = |f: &dyn Fn(usize) -> f64| (0..80).map(f).sum::<f64>();
    let (cc, ss) = (dot(&|k| (3.0 * z[k]).cos().powi(2)), dot(&|k| (3.0 * z[k]).sin().powi(2)));
    let sc = dot(&|k| (3.0 * z[k]).cos() * (3.0 * z[k]).sin());
    let (c, s) = (dot(&|k| y[k] * (3.0 * z[k]).cos()), dot(&|k| y[k] * (3.0 * z[k]).sin()));
    let whole = cc * ss - sc * sc;
    let (u, v) = ((c * ss - s * sc) / whole, (s * cc - c * sc) / whole);
    close(value(&fit, "a"), u.hypot(v), 1e-9);
    close(value(&fit, "p"), v.atan2(u), 1e-9);
}

fn shares(n: usize) -> Vec<(&'static str, Vec<f64>)> {
    let raw: Vec<Vec<f64>> =
        (0..3).map(|k| normals(n, 30 + k).iter().map(|z| z.exp()).collect()).collect();
    let sum = |i: usize| raw.iter().map(|column| column[i]).sum::<f64>();
    let column = |k: usize| (0..n).map(|i| raw[k][i] / sum(i)).collect();
    vec![("u1", column(0)), ("u2", column(1)), ("u3", column(2))]
}

fn directions(n: usize) -> Vec<(&'static str, Vec<f64>)> {
    let raw: Vec<Vec<f64>> = (0..3)
        .map(|k| normals(n, 40 + k).iter().map(|z| z + if k == 2 { 1.5 } else { 0.0 }).collect())
        .collect();
    let size = |i: usize| raw.iter().map(|column| column[i].powi(2)).sum::<f64>().sqrt();
    let column = |k: usize| (0..n).map(|i| raw[k][i] / size(i)).collect();
    vec![("v1", column(0)), ("v2", column(1)), ("v3", column(2))]
}

#[test]
fn families_are_solved_without_a_search() {
    let x = normals(200, 3);
    let y: Vec<f64> = normals(200, 4).iter().zip(&x).map(|(e, x)| 0.5 * x + e).collect();
    let positive: Vec<f64> = x.iter().map(|x| x.exp()).collect();
    let unit: Vec<f64> = x.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect();
    let line = vec![("x1", x), ("x2", y)];
    for (text, columns) in [
        ("data x[2]; param mu[2], K[2,2] posdef; -(x - mu)'*K*(x - mu)/2", line),
        ("data x > 0; param a > 0, b > 0; (a - 1)*log(x) - b*x", vec![("x", positive)]),
        (
            "data x in (0, 1); param a > 0, b > 0; (a - 1)*log(x) + (b - 1)*log(1 - x)",
            vec![("x", unit)],
        ),
        ("data v[3] on sphere; param m[3]; m'*v", directions(200)),
        ("data u[3] on simplex; param a[3] > 0; sum(i in 1:3, (a[i] - 1)*log(u[i]))", shares(200)),
    ] {
        let fit = fitted(text, &columns);
        assert_eq!(fit.method, Method::ClosedForm, "{text}");
    }
}

/// The formulas of `derive`, evaluated on the rows, give the estimates.
#[test]
fn formulas_give_the_estimates() {
    let x = normals(150, 5);
    let y: Vec<f64> = normals(150, 6).iter().zip(&x).map(|(e, x)| 1.0 - 0.7 * x + e).collect();
    let angles: Vec<f64> = x.iter().map(|x| 0.8 * x - 2.5).collect();
    for (text, columns) in [
        ("data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)", vec![("x", x.clone())]),
        ("data x; param k, b; b*x - k*x^2/2", vec![("x", x.clone())]),
        (
            "data y; covariate x; param a, b, s2 > 0; -(y - a - b*x)^2/(2*s2)",
            vec![("y", y), ("x", x.clone())],
        ),
        ("data x; param a, b; -a*x^4 + b*x^2", vec![("x", x)]),
        ("data t on circle; param kappa > 0, mu; kappa*cos(t - mu)", vec![("t", angles)]),
    ] {
        let (model, rows) = bound(text, &columns);
        let derivation = Derivation::of(&model).expect("an objective");
        assert_eq!(derivation.solution.len(), model.parameters().len(), "{text}");
        let roots: Vec<_> = derivation.solution.iter().map(|one| one.expr).collect();
        let layout = Layout { rows: model.row_inputs(), parameters: Vec::new() };
        let program = Program::compile(&derivation.graph, &layout, &roots);
        let found = program.evaluate(&rows.slices(), &[], 1);
        let fit = fit::fit(&model, &rows, &Options::default()).expect("a fit");
        for (formula, parameter) in found.iter().zip(&fit.parameters) {
            close(*formula, parameter.estimate, 1e-9);
        }
    }
}

/// Models without a short formula show none.
#[test]
fn other_minima_have_no_formula() {
    for text in [
        "data x; -(x - m)^4",
        "data x > 0; param a, b; (a - 1)*log(x) - b*x",
        "data x; log(exp(-(x - a)^2) + exp(-(x - b)^2))",
    ] {
        let model = Model::parse(text).expect("a model");
        let derivation = Derivation::of(&model).expect("an objective");
        assert_eq!(derivation.solution, [], "{text}");
    }
}
