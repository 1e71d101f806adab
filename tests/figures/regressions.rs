//! One number given covariates: conditional means, bands, scores of residuals.

use scorematch::analysis::{Mark, Panel, Role};

use super::{Case, line, marks, notes_say, points, spread};

/// The standard normal quantile of 0.95.
const Z: f64 = 1.644_853_626_951_472_7;

fn band(panel: &Panel) -> &[(f64, f64, f64)] {
    match marks(panel, Role::Model, "band").next().map(|one| &one.mark) {
        Some(Mark::Band(band)) => band,
        _ => panic!("no band"),
    }
}

fn normal() -> (Vec<f64>, Vec<f64>, Case) {
    let x = spread(0.0, 3.0, 240);
    let y: Vec<f64> =
        x.iter().zip(spread(-0.8, 0.8, 401)).map(|(x, e)| 1.0 - 0.7 * x + e).collect();
    let case = Case::of(
        "data y; covariate x\n-(y - a - b*x)^2/(2*s^2)",
        &[("y", y.clone()), ("x", x.clone())],
    );
    (x, y, case)
}

#[test]
fn the_mean_of_a_normal_regression_is_its_line() {
    let figure = normal().2.figure(&[1.0, -0.7, 0.5]);
    let panel = &figure.panels[0];
    for (&(x, mean), &(_, low, high)) in line(panel, Role::Model).iter().zip(band(panel)) {
        let want = 1.0 - 0.7 * x;
        assert!((mean - want).abs() < 1e-6, "at {x}: {mean}, want {want}");
        // Quantiles are interpolated linearly within cells.
        assert!((low - (want - Z * 0.5)).abs() < 1e-3, "at {x}: {low}");
        assert!((high - (want + Z * 0.5)).abs() < 1e-3, "at {x}: {high}");
    }
    assert!(notes_say(&figure, "middle 90 %"));
}

/// The spread of the model may be many times that of the data, and its mean far from them; where
/// log p has no maximum, no mean is drawn.
#[test]
fn models_far_from_their_data() {
    let case = normal().2;
    for theta in [[40.0, 3.0, 25.0], [-7.0, 0.0, 0.02]] {
        let figure = case.figure(&theta);
        for &(x, mean) in line(&figure.panels[0], Role::Model) {
            let want = theta[0] + theta[1] * x;
            assert!((mean - want).abs() < 1e-5 * theta[2], "{theta:?} at {x}: {mean}");
        }
    }
    let figure = case.figure(&[0.0, 0.0, f64::INFINITY]);
    assert_eq!(marks(&figure.panels[0], Role::Model, "line").count(), 0);
    assert!(notes_say(&figure, "no integral that was found"), "{:?}", figure.notes);
}

/// Where the support ends far from the data, the mass towards that end is included.
#[test]
fn a_support_that_ends_far_from_the_data() {
    let x = spread(0.0, 1.0, 50);
    let y = spread(1000.0, 1001.0, 50);
    let text = "data y > 0; covariate x\n-(y - a - b*x)^2/(2*s^2)";
    let figure = Case::of(text, &[("y", y), ("x", x)]).figure(&[985.0, 0.0, 1.0]);
    for &(_, mean) in line(&figure.panels[0], Role::Model) {
        assert!((mean - 985.0).abs() < 1e-5, "{mean}");
    }
}

/// A gamma response of shape k and rate r has mean k/r and variance k/r², with a pole below k = 1.
#[test]
fn the_mean_of_a_gamma_regression_is_shape_over_rate() {
    let x = spread(0.0, 2.0, 200);
    let y: Vec<f64> = x.iter().zip(spread(0.05, 3.0, 337)).map(|(x, e)| e * x.exp()).collect();
    let text = "data y > 0; covariate x\n(k - 1)*log(y) - r*exp(-x)*y";
    let case = Case::of(text, &[("y", y), ("x", x)]);
    for (shape, tolerance) in [(3.0, 1e-4), (1.5, 1e-4), (0.6, 1e-3)] {
        let figure = case.figure(&[shape, 1.5]);
        let panel = &figure.panels[0];
        for &(x, mean) in line(panel, Role::Model) {
            let want = shape / (1.5 * (-x).exp());
            assert!((mean / want - 1.0).abs() < tolerance, "shape {shape}: {mean}, want {want}");
        }
        for (&(_, mean), &(_, low, high)) in line(panel, Role::Model).iter().zip(band(panel)) {
            assert!(0.0 < low && low < mean && mean < high);
        }
    }
}

#[test]
fn residual_scores_have_their_means() {
    let (x, y, case) = normal();
    let figure = case.figure(&[1.0, -0.7, 0.5]);
    let panel = &figure.panels[1];
    for (k, &(at, score)) in points(panel).iter().enumerate() {
        let want = -(y[k] - 1.0 + 0.7 * x[k]) / 0.25;
        assert!(at == x[k] && (score - want).abs() < 1e-9);
    }
    let means = line(panel, Role::Score);
    assert_eq!(means.len(), 12);
    let mut order: Vec<usize> = (0..240).collect();
    order.sort_by(|&a, &b| x[a].total_cmp(&x[b]));
    for (group, &(at, mean)) in order.chunks(20).zip(means) {
        let average = |f: &dyn Fn(usize) -> f64| group.iter().map(|&k| f(k)).sum::<f64>() / 20.0;
        assert!((at - average(&|k| x[k])).abs() < 1e-12);
        assert!((mean - average(&|k| -(y[k] - 1.0 + 0.7 * x[k]) / 0.25)).abs() < 1e-9);
    }
}

#[test]
fn other_covariates_are_held_at_their_medians() {
    let (x, z) = (spread(0.0, 3.0, 201), spread(0.0, 9.0, 300)[..201].to_vec());
    let mut sorted = z.clone();
    sorted.sort_by(f64::total_cmp);
    let y = x.iter().zip(&z).map(|(x, z)| x + z).collect();
    let case =
        Case::of("data y; covariate x, z\n-(y - b*x - c*z)^2/2", &[("y", y), ("x", x), ("z", z)]);
    let figure = case.figure(&[2.0, 0.5]);
    assert_eq!(figure.panels.len(), 4);
    for &(x, mean) in line(&figure.panels[0], Role::Model) {
        assert!((mean - 2.0 * x - 0.5 * sorted[100]).abs() < 1e-6);
    }
    assert!(notes_say(&figure, "medians"));
}

/// A covariate that only the weight of rows depends on changes no curve.
#[test]
fn a_covariate_of_the_weight_is_not_a_condition() {
    let (x, y, case) = normal();
    let w = spread(0.5, 2.0, 240);
    let text = "data y; covariate x, w; weight = w\n-(y - a - b*x)^2/(2*s^2)";
    let weighted = Case::of(text, &[("y", y), ("x", x.clone()), ("w", w.clone())]);
    let theta = [1.0, -0.7, 0.5];
    assert!(weighted.figure(&theta).panels == case.figure(&theta).panels);
    let alone = Case::of("-(x - mu)^2/2", &[("x", x.clone())]).figure(&[1.0]);
    let weighted =
        Case::of("data x; covariate w; weight = w\n-(x - mu)^2/2", &[("x", x), ("w", w)]);
    assert!(weighted.figure(&[1.0]).panels == alone.panels);
}
