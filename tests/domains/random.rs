//! Objectives with random numbers: slices against the full Laplacian, denoising against closed
//! forms and the density of noised data, and models for which neither is suited.

use scorematch::analysis::{Evaluation, row_values};
use scorematch::data::Missing;
use scorematch::fit::{Options, Outcome};
use scorematch::graph::evaluate;
use scorematch::model::Model;
use scorematch::numerics::rng::{Law, key, stream};
use scorematch::objective::{Choices, Directions, Kind, Path, Rows, Specification};
use scorematch::{Columns, Fit};

const SIGMA: f64 = 0.4;

fn close(a: f64, b: f64, share: f64) {
    assert!((a - b).abs() <= share * b.abs().max(1.0), "{a} is not {b}");
}

fn columns(named: &[(&str, Vec<f64>)]) -> Columns {
    let named = named.iter().map(|(name, values)| ((*name).to_owned(), values.clone()));
    Columns::from_vecs(named.collect()).expect("columns of one length")
}

fn normals(rows: usize, number: u64) -> Vec<f64> {
    let mut stream = stream(21, number);
    (0..rows).map(|_| stream.normal()).collect()
}

/// ρ at a row and parameters; `direction` gives the entries of each slice.
fn loss(
    text: &str,
    choices: &Choices,
    values: &[f64],
    direction: impl Fn(usize, usize) -> f64,
) -> f64 {
    let model = Model::parse(text).expect("a model");
    let specification = Specification::with(&model, choices).expect("an objective");
    let mut graph = model.graph().clone();
    let loss = specification.loss(&mut graph, model.log_density());
    let inputs: Vec<_> = model.row_inputs().into_iter().chain(model.parameter_inputs()).collect();
    let value = |input: scorematch::graph::InputId| {
        if let Some(place) = inputs.iter().position(|&other| other == input) {
            return values[place];
        }
        let name = &graph.inputs()[input.index()].name;
        if name == "c" {
            return 0.8;
        }
        let digits = name.trim_start_matches("v[").trim_end_matches(']');
        let (m, k) = digits.split_once(',').expect("a direction has a slice and an entry");
        direction(m.parse().expect("a number"), k.parse().expect("a number"))
    };
    evaluate(&graph, &[loss.total], value)[0]
}

/// The mean of the sliced objective over the directions √d e_j is the full one, also with the default
/// weight of a half-line, whose constant c is 0.8 here.
#[test]
fn slices_along_the_axes_are_the_whole_laplacian() {
    let texts = [
        "data x[3]; param a, b; -log_cosh(a*x[1]*x[2] + x[3]) - b*x'*x/2 + sin(x[1]*x[3])",
        "data x > 0, y, t on circle; param a, b; a*log(x) - b*x*y^2 - y^4 + cos(t - x)",
    ];
    let exact = |k: &Choices, text: &str, values: &[f64]| loss(text, k, values, |_, _| f64::NAN);
    let axis = |m, k| if m == k { 3.0f64.sqrt() } else { 0.0 };
    for (text, values) in texts.iter().zip([[0.3, -0.7, 1.2, 0.9, 1.7], [0.5, -0.7, 1.2, 0.9, 1.7]])
    {
        let choices = Choices::default().sliced(3, Directions::Gaussian);
        let sliced = loss(text, &choices, &values, axis);
        close(sliced, exact(&Choices::default(), text, &values), 1e-13);
    }
}

fn evaluated(
    text: &str,
    data: &Columns,
    choices: &Choices,
    seed: u64,
    theta: &[f64],
) -> Evaluation {
    let model = Model::parse(text).expect("a model");
    let model = model.bind(&data.names(), &data.numeric_names()).expect("the columns bind");
    let selection = model.select(data, Missing::Error).expect("complete columns");
    let slices = selection.slices();
    let rows = Rows::new(&slices, selection.original_rows()).seed(seed);
    let specification = Specification::with(&model, choices).expect("an objective");
    let specification = specification.on(&model, &rows).expect("an objective that suits the rows");
    Evaluation::by(&specification, Path::Auto, &model, &selection, theta, 1).expect("a path")
}

/// Directions of length √d give the Laplacian of -x'x/2 exactly, and directions with entries ±1
/// that of every log-density with diagonal second derivatives.
#[test]
fn slices_of_the_right_length_are_exact_for_a_round_density() {
    let data = columns(&[("x", normals(50, 0)), ("y", normals(50, 1))]);
    let text = "data x, y; param a; -a*(x^2 + y^2)/2";
    for directions in [Directions::Sphere, Directions::Rademacher] {
        let choices = Choices::default().sliced(2, directions);
        let found = evaluated(text, &data, &choices, 0, &[0.7]);
        close(found.terms[0].1, -1.4, 1e-12);
        assert_eq!(found.terms[0].0, "slices");
    }
    let apart = "data x, y; param a; -log_cosh(a*x) - x*y^0 - y^4";
    let whole = evaluated(apart, &data, &Choices::default(), 0, &[1.3]).objective;
    let sliced = Choices::default().sliced(1, Directions::Rademacher);
    close(evaluated(apart, &data, &sliced, 3, &[1.3]).objective, whole, 1e-12);
}

/// The mean difference of sliced and full losses is zero within five standard errors, and another
/// seed gives other slices.
#[test]
fn slices_are_unbiased() {
    let n = 4000;
    let data = columns(&[("x", normals(n, 2)), ("y", normals(n, 3)), ("z", normals(n, 4))]);
    let text = "data x, y, z; param a; -log_cosh(a*x*y + z) - (x + y + z)^2/2";
    let model = Model::parse(text).expect("a model");
    let model = model.bind(&data.names(), &data.numeric_names()).expect("the columns bind");
    let selection = model.select(&data, Missing::Error).expect("complete columns");
    let slices = selection.slices();
    let losses = |choices: &Choices, seed| {
        let rows = Rows::new(&slices, selection.original_rows()).seed(seed);
        let one = Specification::with(&model, choices).and_then(|one| one.on(&model, &rows));
        let table = row_values(&one.expect("an objective"), &model, &selection, &[0.8], 1);
        table.into_iter().find(|(name, _)| name == "loss").expect("a column of losses").1
    };
    let whole = losses(&Choices::default(), 0);
    for directions in Directions::ALL {
        let choices = Choices::default().sliced(2, directions);
        let sliced = losses(&choices, 5);
        let differences: Vec<f64> = sliced.iter().zip(&whole).map(|(a, b)| a - b).collect();
        let mean = differences.iter().sum::<f64>() / n as f64;
        let square = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n as f64;
        assert!(square > 0.01, "slices differ from the whole");
        assert!(mean.abs() < 5.0 * (square / n as f64).sqrt(), "{directions:?}: {mean}");
        assert_eq!(sliced, losses(&choices, 5));
        assert_ne!(sliced, losses(&choices, 6));
    }
}

fn fitted(text: &str, data: &Columns, choices: Choices) -> Fit {
    let model = Model::parse(text).expect("a model");
    model.fit_with(data, &Options::default().objective(choices).seed(4)).expect("a fit")
}

/// With antithetic noise ε the estimated variance of a normal is S/m₂ + σ², where m₂ = mean ε², and
/// its mean that of the data.
#[test]
fn denoising_a_normal_has_a_closed_form() {
    for (n, unit) in [(40, 1.0), (300, 2.5e-3)] {
        let x: Vec<f64> = normals(n, 6).iter().map(|z| unit * (3.0 + 2.0 * z)).collect();
        let mean = x.iter().sum::<f64>() / n as f64;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
        let noise = (0..n as u64).map(|row| Law::Normal.draw(key(4, row)).powi(2));
        let m2 = noise.sum::<f64>() / n as f64;
        let sigma = SIGMA * unit;
        let choices = Choices::default().denoising(&[sigma]);
        let fit = fitted("data x; -(x - mu)^2/(2*s2)", &columns(&[("x", x)]), choices);
        let at = |name| fit.parameter(name).expect("a parameter").estimate;
        close(at("s2") / (variance / m2 + sigma * sigma), 1.0, 1e-10);
        close(at("mu") / mean, 1.0, 1e-10);
        let codes: Vec<&str> = fit.estimate().warnings.iter().map(|one| one.code).collect();
        assert!(codes.contains(&"noised-density"), "{codes:?}");
    }
}

/// With the level of noise in the text, the variance of the data without noise is
/// recovered, for any levels.
#[test]
fn levels_of_noise_are_a_covariate() {
    let data = columns(&[("x", normals(3000, 7).iter().map(|z| 1.0 + 1.5 * z).collect())]);
    let text = "data x; covariate sigma; param mu, s2 > 0; -(x - mu)^2/(2*(s2 + sigma^2))";
    let fit = fitted(text, &data, Choices::default().denoising(&[1.0, 0.5, 0.25]));
    assert_eq!(fit.estimate().outcome, Outcome::Converged);
    let s2 = fit.parameter("s2").expect("a parameter");
    let error = s2.std_error.expect("an error");
    assert!((s2.estimate - 2.25).abs() < 4.0 * error && error < 0.3, "{s2:?}");
}

/// J minus the Fisher divergence of noised rows from the noised density, a normal of variance 1 +
/// σ², does not depend on the parameter, within five standard errors of the differences by row.
#[test]
fn denoising_estimates_the_divergence_from_the_noised_law() {
    let n = 20_000;
    let x = normals(n, 8);
    let data = columns(&[("x", x.clone())]);
    let choices = Choices::default().denoising(&[SIGMA]);
    let (slopes, rows): (Vec<f64>, Vec<Vec<f64>>) = [0.6, 1.0, 1.7]
        .into_iter()
        .map(|a| {
            // s(y) = -a tanh(a y), and λ = σ².
            let score = |y: f64| -a * (a * y).tanh();
            let at = |row: usize| {
                let noise = Law::Normal.draw(key(4, row as u64));
                let pair = [1.0, -1.0].map(|sign| {
                    let y = x[row] + sign * SIGMA * noise;
                    let rho = 0.5 * (SIGMA * score(y) + sign * noise).powi(2);
                    let known = -y / (1.0 + SIGMA * SIGMA);
                    rho - 0.5 * SIGMA * SIGMA * (score(y) - known).powi(2)
                });
                0.5 * (pair[0] + pair[1])
            };
            (a, (0..n).map(at).collect())
        })
        .unzip();
    for (other, by_row) in rows.iter().enumerate().skip(1) {
        let differences: Vec<f64> = by_row.iter().zip(&rows[0]).map(|(a, b)| a - b).collect();
        let mean = differences.iter().sum::<f64>() / n as f64;
        let square = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n as f64;
        assert!(mean.abs() < 5.0 * (square / n as f64).sqrt(), "{}: {mean}", slopes[other]);
    }
    // J is the mean of these losses.
    let found = evaluated("data x; param a; -log_cosh(a*x)", &data, &choices, 4, &[0.6]).objective;
    let score = |y: f64| -0.6 * (0.6 * y).tanh();
    let by_hand = (0..n).map(|row| {
        let noise = Law::Normal.draw(key(4, row as u64));
        let half =
            |sign: f64| (SIGMA * score(x[row] + sign * SIGMA * noise) + sign * noise).powi(2);
        0.25 * (half(1.0) + half(-1.0))
    });
    close(found, by_hand.sum::<f64>() / n as f64, 1e-12);
}

/// Denoising admits kinks, without a warning. With the score -sign(y)/b, J is smallest at b = -mean
/// of σ²/mean of σ ε sign(y), over both signs of the noise.
#[test]
fn denoising_admits_kinks() {
    let n = 4000;
    let (one, two) = (normals(n, 9), normals(n, 10));
    let x: Vec<f64> = one.iter().zip(&two).map(|(a, b)| 2.0 + a.abs() * b).collect();
    let pulls = (0..n).map(|row| {
        let noise = Law::Normal.draw(key(4, row as u64));
        let half = |sign: f64| sign * noise * (x[row] + sign * SIGMA * noise - 2.0).signum();
        0.5 * (half(1.0) + half(-1.0))
    });
    let expected = SIGMA / (pulls.sum::<f64>() / n as f64);
    let text = "data x; param b > 0; -abs(x - 2)/b";
    let fit = fitted(text, &columns(&[("x", x)]), Choices::default().denoising(&[SIGMA]));
    assert_eq!(fit.estimate().outcome, Outcome::Converged);
    let b = fit.parameter("b").expect("a parameter");
    close(b.estimate / expected, 1.0, 1e-8);
    assert!(b.std_error.is_some());
    assert!(fit.report().warnings.iter().all(|one| one.code != "kink-in-data"));
}

#[test]
fn unsuitable_models_are_refused_with_a_message() {
    let refused = |text: &str, choices: &Choices, words: &str| {
        let model = Model::parse(text).expect("a model");
        let error = Specification::with(&model, choices)
            .expect_err("a model that the objective does not suit");
        assert!(error.to_string().contains(words), "{error}");
    };
    let plain = "data x; -x^2/2";
    let (sliced, noise) = (
        Choices::default().sliced(4, Directions::Rademacher),
        Choices::default().denoising(&[0.1]),
    );
    refused("data u[3] on simplex; log(u[1])", &sliced, "on simplex");
    refused("data x[3] on sphere; x[1]", &sliced, "slices need directions");
    refused("data x > 0; -x", &noise, "x > 0");
    refused("data x on circle; cos(x)", &noise, "whole line");
    refused("data x in {0, 1}; param a; a*x", &sliced, "two values");
    refused("data x; weight x = 1 + x^2; -x^2/2", &noise, "no weight");
    refused(plain, &Choices::default().kind(Kind::Denoising), "standard deviation");
    refused(plain, &Choices::default().denoising(&[0.1, -1.0]), "positive");
    refused(plain, &Choices::default().sliced(0, Directions::Sphere), "0 slices");
    let mut idle = Choices::default();
    idle.slices = Some(3);
    refused(plain, &idle, "3 slices");
    let mut idle = Choices::default();
    idle.sigma = vec![0.1];
    refused(plain, &idle, "sigma = 0.1");
}
