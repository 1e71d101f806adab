//! Draws against closed forms of moments, and the errors of functions that are no densities.

use super::*;
use crate::model::Model;

fn model(text: &str) -> Model {
    Model::parse(text).expect("a model")
}

fn drawn(text: &str, theta: &[f64], options: &Options) -> Draws {
    draw(&model(text), theta, &[], options).expect("draws")
}

fn mean(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    values.iter().map(|&x| f(x)).sum::<f64>() / values.len() as f64
}

/// Asserts that a mean is within five Monte Carlo errors of its value.
#[track_caller]
fn near(found: f64, wanted: f64, deviation: f64, effective: f64) {
    let error = deviation / effective.sqrt();
    assert!((found - wanted).abs() < 5.0 * error, "{found} for {wanted}, error {error}");
}

const CHAINS: [Method; 2] =
    [if cfg!(feature = "sample") { Method::Nuts } else { Method::Langevin }, Method::Langevin];

#[test]
fn one_number_comes_from_its_distribution_function() {
    let options = Options::default().count(20_000);
    let normal = drawn("-(x - mu)^2/(2*s2)", &[1e6, 4.0], &options);
    assert_eq!(normal.method, Method::Inverse);
    near(mean(&normal.columns[0].1, |x| x - 1e6), 0.0, 2.0, 2e4);
    near(mean(&normal.columns[0].1, |x| (x - 1e6).powi(2)), 4.0, 4.0 * 2f64.sqrt(), 2e4);
    let gamma = drawn("data x > 0; (a - 1)*log(x) - b*x", &[0.3, 2.0], &options);
    near(mean(&gamma.columns[0].1, |x| x), 0.15, 0.075f64.sqrt(), 2e4);
    let mises = drawn("data a on circle; kappa*cos(a - mu)", &[2.0, 3.0], &options);
    // I₁(2)/I₀(2)
    near(mean(&mises.columns[0].1, |a| (a - 3.0).cos()), 0.697_774_657_964, 0.4, 2e4);
    let cauchy = drawn("-log(1 + (x - m)^2)", &[1e4], &options);
    near(mean(&cauchy.columns[0].1, |x| f64::from(x < 1e4 + 1.0)), 0.75, 0.433, 2e4);
}

/// κ = 2 around 3, so that a part of the mass is beyond π: R = I₁(2)/I₀(2), E sin² = R/κ, and the
/// error of the mean direction is 1/√(κ R n).
#[test]
fn an_angle_has_a_mean_direction_and_a_circular_deviation() {
    let options = Options::default().count(20_000);
    let draws = drawn("data a on circle; kappa*cos(a - mu)", &[2.0, 3.0], &options);
    let (length, one) = (0.697_774_657_964_f64, &draws.convergence[0]);
    let error = 1.0 / (2.0 * length * 2e4).sqrt();
    assert!((one.error / error - 1.0).abs() < 0.03, "{one:?}");
    assert!((one.mean - 3.0).abs() < 5.0 * error, "{one:?}");
    assert!((one.deviation - (-2.0 * length.ln()).sqrt()).abs() < 0.03, "{one:?}");
    assert!(draws.text().contains("a (angle)") && draws.text().contains("circular"));
    let json = draws.json(false);
    assert!(json.contains("\"mean_direction\"") && !json.contains("\"mean\""), "{json}");
    for method in CHAINS {
        let options = Options::default().count(4000).method(method).seed(2);
        let draws = drawn("data a on circle, x; 2*cos(a - 3) - x^2/2", &[], &options);
        let [angle, number] = &draws.convergence[..] else { panic!("two components") };
        assert!((angle.mean - 3.0).abs() < 5.0 * angle.error, "{method:?} {angle:?}");
        assert!(angle.error < 5.0 / (2.0 * length * 4e3).sqrt(), "{method:?} {angle:?}");
        assert!(angle.is_angle && !number.is_angle && number.mean.abs() < 5.0 * number.error);
    }
}

#[test]
fn chains_have_the_moments_of_their_density() {
    for method in CHAINS {
        let options = Options::default().count(4000).method(method).seed(2);
        // Precision [2, 1; 1, 2]: variances 2/3, covariance -1/3.
        let normal = "data x, y; -(x^2 + x*y + y^2) + 1e3*x + 1e3*y";
        let normal = drawn(normal, &[], &options);
        check(&normal, &[1000.0 / 3.0; 2]);
        let (x, y) = (&normal.columns[0].1, &normal.columns[1].1);
        let product: f64 =
            x.iter().zip(y).map(|(x, y)| (x - 1e3 / 3.0) * (y - 1e3 / 3.0)).sum::<f64>() / 4e3;
        assert!((product + 1.0 / 3.0).abs() < 0.1, "{method:?} {product}");
        let dirichlet = "data u[3] on simplex; (a - 1)*log(u[1]) + log(u[2])*(b - 1) + 0*u[3]";
        check(&drawn(dirichlet, &[0.5, 2.0], &options), &[0.5 / 3.5, 2.0 / 3.5, 1.0 / 3.5]);
        let sphere = "data v[3] on sphere; kappa*v[3]";
        let third = 1.0 / 3f64.tanh() - 1.0 / 3.0;
        check(&drawn(sphere, &[3.0], &options), &[0.0, 0.0, third]);
        let box_ = "data x in (0, 1), y > 2; 2*log(x) - 3*(y - 2)";
        check(&drawn(box_, &[], &options), &[0.75, 2.0 + 1.0 / 3.0]);
        let torus = "data a on circle, b on circle; cos(a) + cos(b - 1)";
        let torus = drawn(torus, &[], &options);
        // I₁(1)/I₀(1)
        let resultant = mean(&torus.columns[1].1, |b| (b - 1.0).cos());
        assert!((resultant - 0.446_390).abs() < 0.05, "{method:?} {resultant}");
    }
}

#[track_caller]
fn check(draws: &Draws, means: &[f64]) {
    assert_eq!(draws.doubts, [], "{:?}", draws.convergence);
    for (one, wanted) in draws.convergence.iter().zip(means) {
        let off = (one.mean - wanted).abs() / one.error;
        assert!(off < 5.0, "{:?}: {one:?} for {wanted}", draws.method);
    }
}

#[test]
fn modes_far_apart_are_not_mixed() {
    let text = "data x, y; log(exp(-(x - m)^2/2) + exp(-(x + m)^2/2)) - y^2/2";
    for method in CHAINS {
        let options = Options::default().method(method);
        let far = drawn(text, &[10.0], &options);
        assert!(!far.is_sound(), "{method:?} {far:?}");
        assert_eq!(far.modes, 2);
        assert!(far.doubts[0].message.contains("2 modes"));
        let near = drawn(text, &[1.0], &options);
        assert!(near.is_sound(), "{method:?} {:?} {:?}", near.doubts, near.convergence);
    }
}

#[test]
fn binary_entries_have_the_probabilities_of_their_patterns() {
    let text = "data s[3] in {-1, 1}; a*s[1] + b*s[1]*s[2] - 0.5*s[2]*s[3]";
    let theta = [0.4, 0.7];
    for method in [Method::Patterns, Method::Gibbs] {
        let options = Options::default().count(20_000).method(method);
        let draws = drawn(text, &theta, &options);
        assert!(draws.is_sound());
        // By the tree of the interactions: E s₁ = tanh a, E s₁s₂ = tanh b, E s₂s₃ = -tanh ½.
        let mean = |f: &dyn Fn(usize) -> f64| (0..20_000).map(f).sum::<f64>() / 2e4;
        let s = |k: usize, i: usize| draws.columns[k].1[i];
        let limit = 5.0 / 2e4f64.sqrt() * 1.5;
        assert!((mean(&|i| s(0, i)) - 0.4f64.tanh()).abs() < limit, "{method:?}");
        assert!((mean(&|i| s(0, i) * s(1, i)) - 0.7f64.tanh()).abs() < limit, "{method:?}");
        assert!((mean(&|i| s(1, i) * s(2, i)) + 0.5f64.tanh()).abs() < limit, "{method:?}");
    }
}

#[test]
fn draws_are_the_same_on_any_number_of_threads() {
    for text in ["-(x^4 + y^4)/4 + x*y", "-(y - b*z)^2/2 - x^2"] {
        let text = format!("data x, y; covariate z; {text}");
        let model = model(&text);
        let theta = vec![2.0; model.parameters().len()];
        let z = [0.0, 3.0, -3.0];
        let draws = |threads| {
            let options = Options::default().count(50).threads(threads).seed(5);
            draw(&model, &theta, &[&z], &options).expect("draws")
        };
        assert_eq!(draws(1), draws(3));
    }
}

#[test]
fn given_covariates_have_draws_of_their_own() {
    let text = "data y; covariate z; -(y - b*z)^2/2";
    let options = Options::default().count(500);
    let draws = draw(&model(text), &[2.0], &[&[0.0, 1e3]], &options).expect("draws");
    assert_eq!(draws.len(), 1000);
    let y = &draws.columns[0].1;
    near(mean(&y[..500], |y| y), 0.0, 1.0, 500.0);
    near(mean(&y[500..], |y| y - 2e3), 0.0, 1.0, 500.0);
    let missing = super::draw(&model(text), &[2.0], &[], &Options::default());
    assert_eq!(missing, Err(Error::NotGiven { covariates: vec!["z".to_owned()] }));
}

#[test]
fn functions_that_are_no_densities_have_no_draws() {
    let none = |text: &str| draw(&model(text), &[], &[], &Options::default()).unwrap_err();
    assert_eq!(none("x^2"), Error::Divergent);
    assert_eq!(none("-log(1 + abs(x))"), Error::Divergent);
    assert_eq!(none("log(-1 - x^2)"), Error::Undefined);
    assert_eq!(none("data s in {0, 1}, x; s*x - x^2"), Error::Mixed);
    let all = drawn("data x, y; -x^2 + y^2", &[], &Options::default());
    assert!(!all.is_sound());
}
