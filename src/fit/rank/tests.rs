//! Discrepancies and likelihoods compared with explicit formulas, and the order of minima.

use super::*;
use crate::fit::symmetry::Symmetries;
use crate::numerics::rng::stream;
use crate::numerics::sum::compensated_mean;
use crate::objective::{Choices, Transform};

fn frame(columns: usize, parameters: usize) -> Frame {
    let none = Symmetries { data: columns, scalings: Vec::new(), shifts: Vec::new() };
    let spreads = vec![crate::fit::standardise::Spread { mean: 0.0, deviation: 1.0 }; columns];
    Frame::new(&none, &spreads, parameters)
}

fn normals(n: usize, key: u64) -> Vec<f64> {
    let mut stream = stream(11, key);
    (0..n).map(|_| stream.normal()).collect()
}

fn specified(model: &Model, columns: &[Vec<f64>]) -> Specification {
    let data: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    Specification::of(model).expect("an objective").frozen(&data)
}

fn judge<'a>(
    model: &'a Model,
    specification: &'a Specification,
    frame: &'a Frame,
    columns: &'a [Vec<f64>],
) -> Judge<'a> {
    Judge { model, specification, frame, columns, counts: None, threads: 1 }
}

/// V of a model at each θ on all rows.
fn discrepancies(text: &str, columns: &[Vec<f64>], thetas: &[Vec<f64>]) -> Vec<Discrepancy> {
    let model = Model::parse(text).expect("a model");
    let frame = frame(columns.len(), model.parameters().len());
    let specification = specified(&model, columns);
    let judge = judge(&model, &specification, &frame, columns);
    let sample = Sample::new(columns[0].len(), 1000, &[]);
    stein::discrepancies(&judge, &sample, thetas)
}

fn likelihood(text: &str, columns: &[Vec<f64>], theta: &[f64]) -> Option<f64> {
    let model = Model::parse(text).expect("a model");
    let frame = frame(columns.len(), model.parameters().len());
    let specification = specified(&model, columns);
    let judge = judge(&model, &specification, &frame, columns);
    Some(Normaliser::new(&judge)?.log_likelihood(theta)?.mean)
}

fn range(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    at(0.75) - at(0.25)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The formula of V with derivatives of the kernel and of log p by central differences, over points
/// in scaled coordinates; `square` is r² of two points, `given` the kernel of their covariates.
fn by_differences(
    points: &[Vec<f64>],
    log_p: &dyn Fn(usize, &[f64]) -> f64,
    square: &dyn Fn(&[f64], &[f64]) -> f64,
    given: &dyn Fn(usize, usize) -> f64,
) -> f64 {
    const H: f64 = 1e-4;
    let n = points.len();
    let moved = |x: &[f64], k: usize, by: f64| {
        let mut x = x.to_vec();
        x[k] += by;
        x
    };
    let pairs = (0..n).flat_map(|i| (0..i).map(move |j| (i, j)));
    let unit = median(pairs.map(|(i, j)| square(&points[i], &points[j])).collect());
    let kernel = |x: &[f64], y: &[f64]| (1.0 + square(x, y) / unit).powf(-0.5);
    let score = |i: usize, k: usize| {
        let at = |by: f64| log_p(i, &moved(&points[i], k, by));
        (at(H) - at(-H)) / (2.0 * H)
    };
    let mut total = 0.0;
    for i in 0..n {
        for j in 0..n {
            let (x, y) = (&points[i], &points[j]);
            let mut u = 0.0;
            for k in 0..x.len() {
                let at = |a: f64, b: f64| kernel(&moved(x, k, a), &moved(y, k, b));
                let by_x = (at(H, 0.0) - at(-H, 0.0)) / (2.0 * H);
                let by_y = (at(0.0, H) - at(0.0, -H)) / (2.0 * H);
                let both = (at(H, H) - at(H, -H) - at(-H, H) + at(-H, -H)) / (4.0 * H * H);
                let (s, t) = (score(i, k), score(j, k));
                u += s * t * kernel(x, y) + s * by_y + t * by_x + both;
            }
            total += u * given(i, j);
        }
    }
    total / (n * n) as f64
}

fn over(columns: &[Vec<f64>], scales: &[f64]) -> Vec<Vec<f64>> {
    let row = |i: usize| columns.iter().zip(scales).map(|(x, s)| x[i] / s).collect();
    (0..columns[0].len()).map(row).collect()
}

fn euclidean(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| (x - y).powi(2)).sum()
}

#[track_caller]
fn check(got: &[Discrepancy], want: f64) {
    let got = got[0].value().expect("a finite score");
    assert!((got - want).abs() < 1e-5 * want.abs(), "{got} {want}");
}

#[test]
fn v_agrees_with_finite_differences() {
    let (x, y) = (normals(25, 1), normals(25, 2));
    let y: Vec<f64> = y.iter().zip(&x).map(|(y, x)| 30.0 * (y + x)).collect();
    let columns = vec![x, y];
    let scales = [range(&columns[0]), range(&columns[1])];
    let log_p = |_: usize, z: &[f64]| {
        let (x, y) = (z[0] * scales[0], z[1] * scales[1]);
        -x.powi(4) / 4.0 - 0.002 * (y - 0.7 * x).powi(2)
    };
    let want = by_differences(&over(&columns, &scales), &log_p, &euclidean, &|_, _| 1.0);
    let text = "data x, y\nparam a\n-x^4/4 - 0.002*(y - a*x)^2";
    check(&discrepancies(text, &columns, &[vec![0.7]]), want);
}

#[test]
fn covariates_are_a_factor_of_the_kernel() {
    let (y, t) = (normals(25, 3), normals(25, 4));
    let (y_scale, t_scale) = (range(&y), range(&t));
    let points = over(std::slice::from_ref(&y), &[y_scale]);
    let log_p = |i: usize, z: &[f64]| -(z[0] * y_scale - 1.3 * t[i]).powi(2);
    let square = |i: usize, j: usize| ((t[i] - t[j]) / t_scale).powi(2);
    let pairs = (0..25).flat_map(|i| (0..i).map(move |j| (i, j)));
    let unit = median(pairs.map(|(i, j)| square(i, j)).collect());
    let given = |i: usize, j: usize| (1.0 + square(i, j) / unit).powf(-0.5);
    let want = by_differences(&points, &log_p, &euclidean, &given);
    let columns = [y.clone(), t.clone()];
    check(
        &discrepancies("data y\ncovariate t\nparam a\n-(y - a*t)^2", &columns, &[vec![1.3]]),
        want,
    );
}

#[test]
fn on_a_circle_the_distance_is_the_chord() {
    let columns = [normals(25, 5)];
    let log_p = |_: usize, z: &[f64]| 1.5 * (z[0] - 0.4).cos();
    let chord = |x: &[f64], y: &[f64]| 4.0 * (0.5 * (x[0] - y[0])).sin().powi(2);
    let want = by_differences(&over(&columns, &[1.0]), &log_p, &chord, &|_, _| 1.0);
    let text = "data x on circle\nparam k, m\nk*cos(x - m)";
    check(&discrepancies(text, &columns, &[vec![1.5, 0.4]]), want);
}

#[test]
fn v_is_small_at_the_truth_and_bounded_at_a_spike() {
    let x = [normals(400, 6)];
    let text = "param w, m, s\nlog((1 - w)*exp(-x^2/2) + w*exp(-((x - m)/s)^2/2)/s)";
    let spike = x[0][7];
    let thetas = [vec![0.0, 1.0, 1.0], vec![1.0, 1.0, 1.0], vec![0.05, spike, 1e-4]];
    let found = discrepancies(text, &x, &thetas);
    let values: Vec<f64> = found.iter().map(|v| v.value().expect("a value")).collect();
    // E u(x, x)/n = (E s² + 1/c²)/n with c² near 1 in units of the interquartile range.
    assert!(values[0] > 0.0 && values[0] < 0.03, "{values:?}");
    assert!(values[1] > 0.1, "{values:?}");
    assert!(values[2] > values[0] && values[2].is_finite(), "{values:?}");
    let error = found[0].error_of_difference(&found[1]);
    assert!(error > 0.0 && error < 0.5 * (values[1] - values[0]), "{error} {values:?}");
    assert_eq!(found[0].error_of_difference(&found[0]), 0.0);
}

#[test]
fn the_jackknife_leaves_out_one_row_at_a_time() {
    let x = normals(30, 7);
    let thetas = [vec![0.0], vec![0.5]];
    let found = discrepancies("param m\n-(x - m)^2/2", std::slice::from_ref(&x), &thetas);
    // V without row i, as plain sums over the entries of u.
    let scale = range(&x);
    let pairs = (0..30).flat_map(|i| (0..i).map(move |j| (i, j)));
    let square = |i: usize, j: usize| ((x[i] - x[j]) / scale).powi(2);
    let unit = median(pairs.map(|(i, j)| square(i, j)).collect());
    let u = |m: f64, i: usize, j: usize| {
        let (s, t) = ((m - x[i]) * scale, (m - x[j]) * scale);
        let (q, g) = (1.0 + square(i, j) / unit, (x[i] - x[j]) / scale);
        s * t * q.powf(-0.5) + (s - t) * g / unit * q.powf(-1.5) + q.powf(-1.5) / unit
            - 3.0 * g * g / (unit * unit) * q.powf(-2.5)
    };
    let without = |m: f64, out: usize| {
        let rows = || (0..30).filter(move |&i| i != out);
        rows().map(|i| rows().map(|j| u(m, i, j)).sum::<f64>()).sum::<f64>() / (29.0 * 29.0)
    };
    let values: Vec<f64> = (0..30).map(|out| without(0.0, out) - without(0.5, out)).collect();
    let mean = compensated_mean(&values);
    let squares = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
    let want = (squares * 29.0 / 30.0).sqrt();
    let got = found[0].error_of_difference(&found[1]);
    assert!((got - want).abs() < 1e-10 * want, "{got} {want}");
}

/// A normal of three columns with means 1 to 3, without its constant: that of covariance L L' with a
/// determinant of 4 is known.
#[test]
fn normals_of_several_columns_have_a_likelihood() {
    let columns: Vec<Vec<f64>> = (20..23).map(|key| normals(50, key)).collect();
    let of = |text: &str, theta: &[f64]| {
        let model = Model::parse(text).expect("a model");
        let frame = frame(3, theta.len());
        let specification = specified(&model, &columns);
        let judge = judge(&model, &specification, &frame, &columns);
        Some(Gaussian::new(&judge)?.log_likelihood(theta)?.mean)
    };
    let centred = |i: usize, k: usize| columns[k][i] - (k + 1) as f64;
    // z = L⁻¹(x - m), L = [1, 0, 0; 0.5, 2, 0; -1, 1, 1].
    let row = |i: usize| {
        let a = centred(i, 0);
        let b = (centred(i, 1) - 0.5 * a) / 2.0;
        let c = centred(i, 2) + a - b;
        -0.5 * (a * a + b * b + c * c)
    };
    let tau = std::f64::consts::TAU;
    let want = (0..50).map(row).sum::<f64>() / 50.0 - 1.5 * tau.ln() - 2f64.ln();
    let text = "data x[3]; param a, b, c; const L = [1, 0, 0; 0.5, 2, 0; -1, 1, 1]
                -sumsq(inv(L)*(x - [a, b, c]))/2";
    let got = of(text, &[1.0, 2.0, 3.0]).expect("a likelihood");
    assert!((got - want).abs() < 1e-12, "{got} {want}");
    assert_eq!(of("data x[3]; param k; -k*sumsq(x)", &[-1.0]), None);
    assert_eq!(of("data x[3]; param k; -k*sumsq(x) - x[1]^4", &[1.0]), None);
}

#[test]
fn likelihoods_agree_with_closed_forms() {
    let (x, y) = (normals(200, 8), normals(200, 9));
    let tau = std::f64::consts::TAU;
    let spike = x[3];
    let row = |x: f64| {
        let part = |m: f64, s: f64| (-0.5 * ((x - m) / s).powi(2)).exp() / s;
        ((0.05 * part(spike, 1e-3) + 0.95 * part(0.2, 1.1)) / tau.sqrt()).ln()
    };
    let want = x.iter().map(|&x| row(x)).sum::<f64>() / 200.0;
    let mixture =
        "param m, s\nlog(0.05*exp(-((x - m)/s)^2/2)/s + 0.95*exp(-((x - 0.2)/1.1)^2/2)/1.1)";
    let got = likelihood(mixture, std::slice::from_ref(&x), &[spike, 1e-3]).expect("a likelihood");
    assert!((got - want).abs() < 1e-7, "{got} {want}");

    let want = x.iter().zip(&y).map(|(x, y)| -0.5 * (x * x + y * y / 9.0)).sum::<f64>() / 200.0;
    let plane = "data x, y\nparam s\n-x^2/2 - y^2/(2*s^2)";
    let got = likelihood(plane, &[x.clone(), y.clone()], &[3.0]).expect("a likelihood");
    assert!((got - want + tau.ln() + 3f64.ln()).abs() < 1e-6, "{got} {want}");

    // 2π I₀(2)
    let want = x.iter().map(|x| 2.0 * (x - 1.0).cos()).sum::<f64>() / 200.0;
    let circle = "data x on circle\nparam k\nk*cos(x - 1)";
    let got = likelihood(circle, std::slice::from_ref(&x), &[2.0]).expect("a likelihood");
    assert!((got - want + (tau * 2.279_585_302_336_067_3).ln()).abs() < 1e-7, "{got} {want}");
}

#[test]
fn likelihoods_at_edges_agree_with_closed_forms() {
    use crate::numerics::special::lgamma;
    let x: Vec<f64> = normals(200, 42).iter().map(|z| z * z).collect();
    let check = |text: &str, columns: &[Vec<f64>], theta: &[f64], row: &dyn Fn(usize) -> f64| {
        let rows: Vec<f64> = (0..200).map(row).collect();
        let (want, got) = (compensated_mean(&rows), likelihood(text, columns, theta));
        let got = got.unwrap_or_else(|| panic!("{text}: no likelihood"));
        assert!((got - want).abs() < 1e-5, "{text}: {got} {want}");
    };
    let one = std::slice::from_ref(&x);
    for a in [0.3, 0.5, 1.0, 4.0] {
        let constant = lgamma(a) - a * 0.7f64.ln();
        let row = |i: usize| (a - 1.0) * x[i].ln() - 0.7 * x[i] - constant;
        check("data x > 0; param a, b; (a - 1)*log(x) - b*x", one, &[a, 0.7], &row);
    }
    let moved: Vec<f64> = x.iter().map(|x| 3.0 - x).collect();
    let row = |i: usize| -0.7 * x[i] + 0.7f64.ln();
    check("data x < 3; param b; b*(x - 3)", &[moved], &[0.7], &row);
    // Beta densities, with poles at the ends for the first.
    let u: Vec<f64> = x.iter().map(|x| 1.0 / (1.0 + x)).collect();
    for [a, b] in [[0.5, 0.4], [1.0, 1.0], [2.5, 40.0]] {
        let constant = lgamma(a) + lgamma(b) - lgamma(a + b);
        let row = |i: usize| (a - 1.0) * u[i].ln() + (b - 1.0) * (1.0 - u[i]).ln() - constant;
        let text = "data u in (0, 1); param a, b; (a - 1)*log(u) + (b - 1)*log(1 - u)";
        check(text, std::slice::from_ref(&u), &[a, b], &row);
    }
    // A half-line times a circle: exp(-x(2 + cos t)) has the integral ∫ dt/(2 + cos t) = 2π/√3.
    let t = normals(200, 43);
    let constant = (std::f64::consts::TAU / 3f64.sqrt()).ln();
    let row = |i: usize| -x[i] * (2.0 + t[i].cos()) - constant;
    let text = "data x > 0, t on circle; param a; -x*(a + cos(t))";
    check(text, &[x.clone(), t.clone()], &[2.0], &row);
    // A line times an interval.
    let row = |i: usize| -0.5 * (t[i] - u[i]).powi(2) - 0.5 * std::f64::consts::TAU.ln();
    let text = "data y, u in (0, 1); param a; -(y - a*u)^2/2";
    check(text, &[t.clone(), u.clone()], &[1.0], &row);
}

#[test]
fn densities_at_an_edge_without_a_finite_integral_have_no_likelihood() {
    let x: Vec<f64> = normals(50, 44).iter().map(|z| z * z).collect();
    let gamma = "data x > 0; param a, b; (a - 1)*log(x) - b*x";
    for theta in [[-0.1, 1.0], [0.0, 1.0], [2.0, -0.1], [-3.0, 0.0]] {
        assert_eq!(likelihood(gamma, std::slice::from_ref(&x), &theta), None, "{theta:?}");
    }
    let on_edge = likelihood("data x > 0; param b; -b*x", &[vec![0.0; 5]], &[1.0]);
    assert_eq!(on_edge, None);
    let sphere = "data v[2] on sphere; param k; k*v[1]";
    assert_eq!(likelihood(sphere, &[vec![1.0], vec![0.0]], &[1.0]), None);
}

#[test]
fn divergent_and_three_dimensional_densities_have_no_likelihood() {
    let (x, y) = (normals(50, 10), normals(50, 11));
    assert_eq!(likelihood("param a\n-a*x^2 + x^4", std::slice::from_ref(&x), &[1.0]), None);
    let three = "data x, y, z\nparam a\n-a*(x^2 + y^2 + z^2)";
    assert_eq!(likelihood(three, &[x.clone(), y, x], &[1.0]), None);
}

/// A response on the line, linear in a covariate with noise, and the covariate.
fn regression(n: usize, key: u64, noise: impl Fn(f64) -> f64) -> [Vec<f64>; 2] {
    let (x, e) = (normals(n, key), normals(n, key + 1));
    let y = x.iter().zip(&e).map(|(x, e)| 2.0 + 3.0 * x + noise(*e)).collect();
    [y, x]
}

fn conditional(text: &str, columns: &[Vec<f64>], theta: &[f64]) -> Option<f64> {
    let model = Model::parse(text).expect("a model");
    let frame = frame(columns.len(), model.parameters().len());
    let specification = specified(&model, columns);
    let judge = judge(&model, &specification, &frame, columns);
    assert!(Normaliser::new(&judge).is_none());
    Some(Conditional::new(&judge)?.log_likelihood(theta)?.mean)
}

#[track_caller]
fn check_conditional(
    text: &str,
    theta: &[f64],
    columns: &[Vec<f64>],
    row: &dyn Fn(f64, f64) -> f64,
) {
    let [y, x] = columns else { unreachable!("a response and a covariate") };
    let rows: Vec<f64> = y.iter().zip(x).map(|(&y, &x)| row(y, x)).collect();
    let want = compensated_mean(&rows);
    let got = conditional(text, columns, theta).expect("a likelihood");
    assert!((got - want).abs() < 1e-6 * want.abs().max(1.0), "{got} {want}");
}

#[test]
fn conditional_likelihoods_agree_with_closed_forms() {
    use crate::numerics::special::lgamma;
    use std::f64::consts::{PI, TAU};
    let columns = regression(150, 20, |e| 0.1 * e);
    let line = "data y\ncovariate x\nparam a, b, s\n";
    let normal = format!("{line}-(y - a - b*x)^2/(2*s^2)");
    for theta in [[2.0, 3.0, 0.1], [-40.0, 3.0, 1e-3], [1.7, -2.0, 25.0]] {
        let [a, b, s] = theta;
        let row = |y: f64, x: f64| -0.5 * ((y - a - b * x) / s).powi(2) - (s * TAU.sqrt()).ln();
        check_conditional(&normal, &theta, &columns, &row);
    }
    let theta = [1.9, 2.8, 0.05];
    let residual = |y: f64, x: f64| (y - 1.9 - 2.8 * x) / 0.05;
    // sech²(z/2)/4s
    let row = |y: f64, x: f64| -2.0 * (0.5 * residual(y, x)).cosh().ln() - 0.2f64.ln();
    check_conditional(&format!("{line}-2*log(cosh((y - a - b*x)/(2*s)))"), &theta, &columns, &row);
    // Student's t with 1.5 degrees of freedom.
    let constant = lgamma(1.25) - lgamma(0.75) - 0.5 * (1.5 * PI).ln() - 0.05f64.ln();
    let row = |y: f64, x: f64| constant - 1.25 * (residual(y, x).powi(2) / 1.5).ln_1p();
    let student = format!("{line}-1.25*log(1 + ((y - a - b*x)/s)^2/1.5)");
    check_conditional(&student, &theta, &columns, &row);
    // A scale that depends on the covariate, without its normaliser.
    let row = |y: f64, x: f64| {
        let s = 0.05 * (0.5 * x).exp();
        -0.5 * ((y - 1.9 - 2.8 * x) / s).powi(2) - (s * TAU.sqrt()).ln()
    };
    let spread = format!("{line}-(y - a - b*x)^2/(2*s^2*exp(x))");
    check_conditional(&spread, &theta, &columns, &row);
    // A mixture of two lines 200 scales apart.
    let row = |y: f64, x: f64| {
        let part = |shift: f64| 0.5 * (-0.5 * (residual(y, x) - shift / 0.05).powi(2)).exp();
        (part(0.0) + part(10.0)).ln() - (0.05 * TAU.sqrt()).ln()
    };
    let part = |shift: &str| format!("exp(-(y - a - b*x{shift})^2/(2*s^2))");
    let two = format!("{line}log({} + {})", part(""), part(" - 10"));
    let near: Vec<Vec<f64>> = {
        let shift = |(i, y): (usize, &f64)| if i % 3 == 0 { y + 10.0 } else { *y };
        vec![columns[0].iter().enumerate().map(shift).collect(), columns[1].clone()]
    };
    check_conditional(&two, &theta, &near, &row);
}

#[test]
fn residuals_near_rounding_have_a_likelihood() {
    let columns = regression(100, 24, |e| 1e-13 * e);
    let row = |y: f64, x: f64| {
        -0.5 * ((y - 2.0 - 3.0 * x) / 1e-13).powi(2) - (1e-13 * std::f64::consts::TAU.sqrt()).ln()
    };
    let [y, x] = &columns;
    let want = y.iter().zip(x).map(|(&y, &x)| row(y, x)).sum::<f64>() / 100.0;
    let text = "data y\ncovariate x\nparam a, b, s\n-(y - a - b*x)^2/(2*s^2)";
    let got = conditional(text, &columns, &[2.0, 3.0, 1e-13]).expect("a likelihood");
    assert!((got - want).abs() < 0.01, "{got} {want}");
}

#[test]
fn conditional_likelihood_on_a_circle() {
    let (x, e) = (normals(90, 26), normals(90, 27));
    let y: Vec<f64> = x.iter().zip(&e).map(|(x, e)| 5.0 * x + 0.1 * e).collect();
    let text = "data y on circle\ncovariate x\nparam b, k\nk*cos(y - b*x)";
    for (k, log_bessel) in [(2.0, 0.823_993_541_482_956_3), (1e6, 999_992.173_306_312_8)] {
        let constant = std::f64::consts::TAU.ln() + log_bessel;
        let row = |y: f64, x: f64| k * (y - 5.0 * x).cos() - constant;
        check_conditional(text, &[5.0, k], &[y.clone(), x.clone()], &row);
    }
}

#[test]
fn normalisers_of_a_sample_stand_for_all() {
    let columns = regression(30_000, 28, |e| 0.5 * e);
    let row = |y: f64, x: f64| {
        -0.5 * ((y - 2.0 - 3.0 * x) / 0.5).powi(2) - (0.5 * std::f64::consts::TAU.sqrt()).ln()
    };
    let text = "data y\ncovariate x\nparam a, b, s\n-(y - a - b*x)^2/(2*s^2)";
    check_conditional(text, &[2.0, 3.0, 0.5], &columns, &row);
}

#[test]
fn a_conditional_density_without_integral_has_no_likelihood() {
    let columns = regression(50, 30, |e| e);
    for density in
        ["-s*(y - a - b*x)^2 + x*y^4", "sqrt(y - a)*b*s*x", "-s*log(1 + (y - a - b*x)^2)"]
    {
        let text = format!("data y\ncovariate x\nparam a, b, s\n{density}");
        assert_eq!(conditional(&text, &columns, &[0.0, 1.0, 0.4]), None, "{density}");
    }
}

#[test]
fn a_narrow_line_of_a_mixture_is_found_at_every_row() {
    let columns = regression(80, 32, |e| 0.5 * e);
    let text = "data y\ncovariate x\nparam a, b, s\n\
        log(0.9*exp(-(y - a - b*x)^2/(2*0.5^2))/0.5 + 0.1*exp(-((y + a + b*x)/s)^2/2)/s)";
    let row = |y: f64, x: f64| {
        let part = |m: f64, s: f64| (-0.5 * ((y - m) / s).powi(2)).exp() / s;
        let m = 2.0 + 3.0 * x;
        ((0.9 * part(m, 0.5) + 0.1 * part(-m, 1e-7)) / std::f64::consts::TAU.sqrt()).ln()
    };
    check_conditional(text, &[2.0, 3.0, 1e-7], &columns, &row);
}

#[test]
fn the_correct_curve_ranks_before_a_flat_one() {
    let [y, x] = regression(100, 34, |e| 1e-3 * e);
    let text = "data y\ncovariate x\nparam a, b, s\n-(y - a - b*x)^2/(2*s^2)";
    let order_of = |text: &str, columns: &[Vec<f64>], thetas: &[Vec<f64>]| {
        let model = Model::parse(text).expect("a model");
        let frame = frame(columns.len(), model.parameters().len());
        let specification = specified(&model, columns);
        let judge = judge(&model, &specification, &frame, columns);
        let sample = Sample::new(columns[0].len(), 1000, &[]);
        let measures = judge.measures(thetas, &sample);
        let criterion = criterion(&measures, &model);
        let values: Vec<_> = measures.iter().map(|m| m.discrepancy.value()).collect();
        assert!(values[1] > values[0], "the flat curve has the lower discrepancy: {values:?}");
        (criterion, order(&measures, criterion))
    };
    let thetas = [vec![2.0, 0.0, 3.0], vec![2.0, 3.0, 1e-3]];
    let columns = [y.clone(), x.clone()];
    assert_eq!(order_of(text, &columns, &thetas), (Criterion::LogLikelihood, vec![1, 0]));
    // With two responses the order of SMIC stays.
    let two = "data y, z\ncovariate x\nparam a, b, s\n-((y - a - b*x)^2 + (z - a - b*x)^2)/(2*s^2)";
    let columns = [y.clone(), y, x];
    assert_eq!(order_of(two, &columns, &thetas), (Criterion::Smic, vec![0, 1]));
}

/// A density up to a factor.
type Density<'a> = &'a dyn Fn(&[f64]) -> f64;

/// The mean over the nodes i of |Σ_j w_j u_ij|, relative to that of u_ii, for a quadrature rule of a
/// density: zero where the density is that of the model.
fn stein_means(
    text: &str,
    choices: &Choices,
    nodes: &[Vec<f64>],
    (density, theta): (Density<'_>, &[f64]),
) -> f64 {
    let model = Model::parse(text).expect("a model");
    let columns: Vec<Vec<f64>> =
        (0..nodes[0].len()).map(|k| nodes.iter().map(|node| node[k]).collect()).collect();
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let specification = Specification::with(&model, choices).expect("an objective");
    let specification = specification.frozen(&slices);
    let frame = frame(columns.len(), model.parameters().len());
    let judge = judge(&model, &specification, &frame, &columns);
    let heights: Vec<f64> = nodes.iter().map(|node| density(node)).collect();
    let total: f64 = heights.iter().sum();
    let weights = heights.iter().map(|height| height / total).collect();
    let sample = Sample { rows: (0..nodes.len()).collect(), weights };
    let found = &stein::discrepancies(&judge, &sample, &[theta.to_vec()])[0];
    let size: f64 = found.diagonal.iter().zip(&sample.weights).map(|(u, w)| u * w).sum();
    found.sums.iter().zip(&sample.weights).map(|(sum, w)| sum.abs() * w).sum::<f64>() / size
}

/// Stein's identity holds at the true parameters and fails at others.
#[track_caller]
fn check_identity(
    text: &str,
    choices: &Choices,
    nodes: &[Vec<f64>],
    density: Density<'_>,
    [right, wrong]: [&[f64]; 2],
) {
    let at = |theta: &[f64]| stein_means(text, choices, nodes, (density, theta));
    let (low, high) = (at(right), at(wrong));
    // In two dimensions the quadrature resolves the kink of a capped weight to two digits.
    let tolerance = match choices.transform {
        Some(Transform::Sqrt | Transform::Flat) => 1e-2,
        Some(Transform::Clr | Transform::Alr) | None => 1e-3,
    };
    assert!(low < tolerance, "{choices:?}: {low}");
    assert!(high > 10.0 * tolerance, "{choices:?}: {high}");
}

/// Midpoints of `count` equal parts of an interval.
fn middles(low: f64, high: f64, count: usize) -> impl Iterator<Item = f64> + Clone {
    let step = (high - low) / count as f64;
    (0..count).map(move |i| (i as f64 + 0.5).mul_add(step, low))
}

#[test]
fn the_operator_has_mean_zero_at_edges() {
    let auto = Choices::default();
    let nodes: Vec<Vec<f64>> = middles(0.0, 9.0, 1000).map(|x| vec![x]).collect();
    let normal = |x: &[f64]| (-(x[0] - 0.6).powi(2) / 2.0).exp();
    let text = "data x > 0; param m; -(x - m)^2/2";
    check_identity(text, &auto, &nodes, &normal, [&[0.6], &[-0.6]]);
    let nodes: Vec<Vec<f64>> = middles(0.0, 25.0, 1500).map(|x| vec![x]).collect();
    let gamma = |x: &[f64]| x[0].sqrt() * (-x[0]).exp();
    let text = "data x > 0; param a, b; (a - 1)*log(x) - b*x";
    check_identity(text, &auto, &nodes, &gamma, [&[1.5, 1.0], &[2.0, 1.0]]);
    let nodes: Vec<Vec<f64>> = middles(-1.0, 2.0, 1000).map(|x| vec![x]).collect();
    let exponential = |x: &[f64]| (0.8 * x[0]).exp();
    check_identity(
        "data x in (-1, 2); param a; a*x",
        &auto,
        &nodes,
        &exponential,
        [&[0.8], &[0.1]],
    );
    // A weight in the model that depends on two components.
    let pairs = |y: f64| middles(0.0, 9.0, 40).map(move |x| vec![x, y]);
    let nodes: Vec<Vec<f64>> = middles(-5.0, 5.0, 30).flat_map(pairs).collect();
    let joint = |z: &[f64]| (-(z[0] - z[1]).powi(2) / 2.0 - z[0] * z[0] / 2.0).exp();
    let text = "data x > 0, y; param a; weight x = x^2/(1 + y^2); weight y = 1/(1 + x)\n\
                -(x - a*y)^2/2 - x^2/2";
    check_identity(text, &auto, &nodes, &joint, [&[1.0], &[0.5]]);
}

#[test]
fn the_operator_has_mean_zero_on_spheres_and_simplexes() {
    let turn = |z: f64| {
        let around = middles(0.0, std::f64::consts::TAU, 20);
        let r = (1.0 - z * z).sqrt();
        around.map(move |t| vec![r * t.cos(), r * t.sin(), z])
    };
    let nodes: Vec<Vec<f64>> = middles(-1.0, 1.0, 50).flat_map(turn).collect();
    let von_mises_fisher = |x: &[f64]| (1.5 * x[2] - 0.5 * x[0]).exp();
    let text = "data x[3] on sphere; param k, l; k*x[3] - l*x[1]";
    let auto = Choices::default();
    check_identity(text, &auto, &nodes, &von_mises_fisher, [&[1.5, 0.5], &[0.5, 0.5]]);
    let row = |u: f64| middles(0.0, 1.0, 104).map(move |v| vec![u, v, 1.0 - u - v]);
    let nodes: Vec<Vec<f64>> =
        middles(0.0, 1.0, 91).flat_map(row).filter(|u| u[2] > 1e-9).collect();
    let dirichlet = |u: &[f64]| u[0].powf(2.5) * u[1].powi(2) * u[2].powi(4);
    let text = "data u[3] on simplex; param a[3]; a[1]*log(u[1]) + a[2]*log(u[2]) + a[3]*log(u[3])";
    for transform in Transform::ALL {
        let choices = Choices::default().transform(transform);
        let thetas: [&[f64]; 2] = [&[2.5, 2.0, 4.0], &[2.5, 2.0, 2.0]];
        check_identity(text, &choices, &nodes, &dirichlet, thetas);
    }
}

#[test]
fn the_true_gamma_has_the_lowest_discrepancy() {
    let z = normals(1800, 40);
    let x: Vec<f64> = z.chunks(3).map(|z| z.iter().map(|z| z * z).sum()).collect();
    let text = "data x > 0; param a, b; (a - 1)*log(x) - b*x";
    let thetas = [[1.5, 0.5], [1.0, 0.5], [2.2, 0.5], [1.5, 0.8], [3.0, 1.0], [0.8, 0.25]];
    let found = discrepancies(text, &[x], &thetas.map(|theta| theta.to_vec()));
    let values: Vec<f64> = found.iter().map(|v| v.value().expect("a value")).collect();
    assert!(values[1..].iter().all(|&value| value > 2.0 * values[0]), "{values:?}");
}

/// V is dimensionless: it does not depend on the unit of the data.
#[test]
fn v_does_not_depend_on_units_at_an_edge() {
    let x: Vec<f64> = normals(200, 41).iter().map(|z| z * z).collect();
    let text = "data x > 0; param b; -b*x";
    let value = |unit: f64| {
        let x = x.iter().map(|x| x * unit).collect();
        discrepancies(text, &[x], &[vec![0.5 / unit]])[0].value().expect("a value")
    };
    assert!((value(1000.0) / value(1.0) - 1.0).abs() < 1e-12);
}
