//! Fits with known estimates: the closed forms of score matching, checked to the last digits.

use scorematch::data::{Columns, Missing, Selection};
use scorematch::fit::{self, Covariance, Estimate, Method, Options, Outcome, Status};
use scorematch::model::Model;
use scorematch::numerics::rng::stream;

fn select(columns: &[(&str, Vec<f64>)]) -> Selection {
    let owned = columns.iter().map(|(name, values)| ((*name).to_owned(), values.clone())).collect();
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let columns = Columns::from_vecs(owned).expect("columns of one length");
    columns.select(&names, Missing::Error).expect("complete columns")
}

fn fitted(text: &str, columns: &[(&str, Vec<f64>)]) -> Estimate {
    fitted_with(text, columns, &Options::default())
}

fn fitted_with(text: &str, columns: &[(&str, Vec<f64>)], options: &Options) -> Estimate {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let model = Model::parse(text).expect("a model").bind(&names, &names).expect("columns bind");
    fit::fit(&model, &select(columns), options).expect("a fit")
}

fn normals(n: usize, key: u64) -> Vec<f64> {
    let mut stream = stream(11, key);
    (0..n).map(|_| stream.normal()).collect()
}

#[track_caller]
fn close(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance * want.abs(), "got {got:e}, want {want:e}");
}

fn value(fit: &Estimate, name: &str) -> f64 {
    fit.parameters.iter().find(|p| p.name == name).expect("a parameter of this name").estimate
}

fn error(fit: &Estimate, name: &str) -> f64 {
    let parameter = fit.parameters.iter().find(|p| p.name == name);
    parameter.expect("a parameter of this name").std_error.expect("an error")
}

/// Mean and central moments 2 and 4 of values near an offset that is a double.
fn moments(values: &[f64], offset: f64) -> (f64, f64, f64) {
    let n = values.len() as f64;
    let shifted: Vec<f64> = values.iter().map(|x| x - offset).collect();
    let mean = shifted.iter().sum::<f64>() / n;
    let moment = |k: i32| shifted.iter().map(|x| (x - mean).powi(k)).sum::<f64>() / n;
    (offset + mean, moment(2), moment(4))
}

#[test]
fn normal_of_any_location_and_scale() {
    let table =
        [(0.0, 1.0), (0.0, 1e-9), (0.0, 1e6), (1e12, 1.0), (-3e5, 1e-3), (70.0, 13.0), (1.0, 1e-9)];
    for (offset, scale) in table {
        let x: Vec<f64> = normals(200, 1).iter().map(|z| offset + scale * z).collect();
        let (mean, m2, m4) = moments(&x, offset);
        let fit = fitted("param mu, s2 > 0\n-(x - mu)^2/(2*s2)", &[("x", x)]);
        assert_eq!(fit.outcome, Outcome::Converged, "{offset} {scale}: {fit:?}");
        let mu = value(&fit, "mu");
        assert!((mu - mean).abs() <= 1e-10 * scale + 2e-16 * mean.abs(), "{offset} {scale}: {mu}");
        close(value(&fit, "s2"), m2, 1e-10);
        close(error(&fit, "mu"), (m2 / 200.0).sqrt(), 1e-9);
        close(error(&fit, "s2"), ((m4 - m2 * m2) / 200.0).sqrt(), 1e-9);
        close(fit.objective, -0.5 / m2, 1e-10);
        assert_eq!(fit.starts.converged, fit.starts.tried);
        assert_eq!(fit.minima.len(), 1);
        let terms: f64 = fit.terms.iter().map(|(_, term)| term).sum();
        close(terms, fit.objective, 1e-12);
    }
}

#[test]
fn held_parameters_stay() {
    let x = normals(100, 2);
    let (mean, ..) = moments(&x, 0.0);
    let options = Options::default().hold("s2", 2.0);
    let fit = fitted_with("param mu, s2 > 0\n-(x - mu)^2/(2*s2)", &[("x", x)], &options);
    assert_eq!(fit.method, Method::ClosedForm);
    close(value(&fit, "mu"), mean, 1e-13);
    assert_eq!(value(&fit, "s2"), 2.0);
    assert_eq!(fit.parameters[1].status, Status::Fixed);
    assert_eq!(fit.parameters[1].std_error, None);
}

/// ρ for log p = Σ a_k x^k is quadratic in a: Γ a = g with Γ_jk = jk mean x^(j+k-2) and
/// g_k = -k(k-1) mean x^(k-2).
#[test]
fn quartic_family_solves_its_moment_equations() {
    for (offset, scale) in [(0.0, 1.0), (2.0, 50.0), (-1.0, 1e-4)] {
        let x: Vec<f64> = normals(500, 3).iter().map(|z| scale * (offset + z)).collect();
        let fit = fitted("param a[4]\nsum(k in 1:4, a[k]*x^k)", &[("x", x.clone())]);
        assert_eq!(fit.method, Method::ClosedForm);
        let a: Vec<f64> = fit.parameters.iter().map(|p| p.estimate).collect();
        let moment = |k: i32| x.iter().map(|x| x.powi(k)).sum::<f64>() / 500.0;
        for k in 1..=4_i32 {
            let terms: Vec<f64> = (1..=4_i32)
                .map(|j| f64::from(j * k) * moment(j + k - 2) * a[j as usize - 1])
                .chain([f64::from(k * (k - 1)) * if k > 1 { moment(k - 2) } else { 0.0 }])
                .collect();
            let size: f64 = terms.iter().map(|term| term.abs()).sum();
            assert!(terms.iter().sum::<f64>().abs() <= 1e-11 * size, "equation {k}: {terms:?}");
        }
    }
}

#[test]
fn von_mises_on_wind_directions() {
    let text = include_str!("../examples/wind.csv");
    let t: Vec<f64> = text.lines().skip(1).map(|line| line.parse().expect("a number")).collect();
    let n = t.len() as f64;
    let fit = fitted("data t on circle\nparam a, b\na*cos(t) + b*sin(t)", &[("t", t)]);
    assert_eq!(fit.method, Method::ClosedForm);
    assert!((value(&fit, "a") - 2.414_383_41).abs() < 1e-8);
    assert!((value(&fit, "b") - 0.373_114_76).abs() < 1e-8);
    // The published standard errors have the divisor n - 1.
    let published = (n / (n - 1.0)).sqrt();
    assert!((error(&fit, "a") * published - 0.259_823_02).abs() < 1e-8);
    assert!((error(&fit, "b") * published - 0.083_120_08).abs() < 1e-8);
    assert!(fit.warnings.iter().all(|warning| warning.code != "may-not-normalise"), "a circle");
}

#[test]
fn precision_is_the_inverse_covariance() {
    let (u, v, w) = (normals(300, 4), normals(300, 5), normals(300, 6));
    let a: Vec<f64> = u.iter().map(|u| 3.0 + 2.0 * u).collect();
    let b: Vec<f64> = u.iter().zip(&v).map(|(u, v)| 10.0 * (u + 0.5 * v)).collect();
    let c: Vec<f64> = v.iter().zip(&w).map(|(v, w)| 0.1 * (w - v)).collect();
    let text = "data x[3]\nparam mu[3], K[3,3] posdef\n-(x - mu)'*K*(x - mu)/2";
    let columns = [("x1", a.clone()), ("x2", b.clone()), ("x3", c.clone())];
    let fit = fitted(text, &columns);
    assert_eq!(fit.outcome, Outcome::Converged, "{fit:?}");
    let data = [a, b, c];
    let mean: Vec<f64> = data.iter().map(|x| x.iter().sum::<f64>() / 300.0).collect();
    let covariance = |i: usize, j: usize| {
        let pairs = data[i].iter().zip(&data[j]);
        pairs.map(|(x, y)| (x - mean[i]) * (y - mean[j])).sum::<f64>() / 300.0
    };
    let precision = |i: usize, j: usize| {
        let (i, j) = (i.min(j) + 1, i.max(j) + 1);
        value(&fit, &format!("K[{i},{j}]"))
    };
    for (i, &mean) in mean.iter().enumerate() {
        close(value(&fit, &format!("mu[{}]", i + 1)), mean, 1e-9);
        for j in 0..3 {
            let entry: f64 = (0..3).map(|k| covariance(i, k) * precision(k, j)).sum();
            let size: f64 = (0..3).map(|k| (covariance(i, k) * precision(k, j)).abs()).sum();
            let want = if i == j { 1.0 } else { 0.0 };
            assert!((entry - want).abs() <= 1e-9 * size, "({i},{j}): {entry}");
        }
    }
}

#[test]
fn regression_is_least_squares() {
    let z: Vec<f64> = normals(150, 7).iter().map(|z| 40.0 + 1e3 * z).collect();
    let e = normals(150, 8);
    let y: Vec<f64> = z.iter().zip(&e).map(|(z, e)| 5.0 - 0.02 * z + 0.5 * e).collect();
    let text = "data y\ncovariate z\nparam a, b, s2 > 0\n-(y - a - b*z)^2/(2*s2)";
    let fit = fitted(text, &[("y", y.clone()), ("z", z.clone())]);
    let (zm, ym) = (z.iter().sum::<f64>() / 150.0, y.iter().sum::<f64>() / 150.0);
    let szy: f64 = z.iter().zip(&y).map(|(z, y)| (z - zm) * (y - ym)).sum();
    let szz: f64 = z.iter().map(|z| (z - zm).powi(2)).sum();
    close(value(&fit, "b"), szy / szz, 1e-9);
    close(value(&fit, "a"), ym - szy / szz * zm, 1e-9);
}

/// The inverse of a matrix of full rank, by Gauss and Jordan's elimination with pivots.
fn inverse(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let d = matrix.len();
    let mut rows: Vec<Vec<f64>> = matrix.to_vec();
    for (i, row) in rows.iter_mut().enumerate() {
        row.extend((0..d).map(|j| if i == j { 1.0 } else { 0.0 }));
    }
    for k in 0..d {
        let pivot = (k..d).max_by(|&a, &b| rows[a][k].abs().total_cmp(&rows[b][k].abs()));
        rows.swap(k, pivot.expect("k is below d"));
        let head = rows[k].clone();
        let scaled: Vec<f64> = head.iter().map(|x| x / head[k]).collect();
        for (i, row) in rows.iter_mut().enumerate() {
            let factor = row[k];
            for (x, s) in row.iter_mut().zip(&scaled) {
                *x = if i == k { *s } else { *x - factor * s };
            }
        }
    }
    rows.iter().map(|row| row[d..].to_vec()).collect()
}

/// A normal of 20 columns has 230 parameters: K is the inverse of the sample covariance in every
/// spelling of the model, and J = -tr K/2.
#[test]
fn a_normal_of_many_columns() {
    let (d, n) = (20, 300);
    let z: Vec<Vec<f64>> = (0..d).map(|k| normals(n, 100 + k as u64)).collect();
    let x: Vec<Vec<f64>> = (0..d)
        .map(|k| {
            let next = &z[(k + 1) % d];
            z[k].iter().zip(next).map(|(a, b)| 5.0 + a + 0.7 * b).collect()
        })
        .collect();
    let mean = |k: usize| x[k].iter().sum::<f64>() / n as f64;
    let product = |i: usize, j: usize| {
        x[i].iter().zip(&x[j]).map(|(a, b)| (a - mean(i)) * (b - mean(j))).sum::<f64>() / n as f64
    };
    let covariance: Vec<Vec<f64>> =
        (0..d).map(|i| (0..d).map(|j| product(i, j)).collect()).collect();
    let want = inverse(&covariance);
    let trace: f64 = (0..d).map(|k| want[k][k]).sum();
    let names: Vec<String> = (1..=d).map(|k| format!("x{k}")).collect();
    let columns: Vec<(&str, Vec<f64>)> = names.iter().map(String::as_str).zip(x.clone()).collect();
    for text in [
        "data x[20]; param m[20], K[20,20] posdef; -(x - m)'*K*(x - m)/2",
        "data x[20]; param m[20], K[20,20] symmetric; -(x - m)'*K*(x - m)/2",
        "data x[20]; param b[20], K[20,20] symmetric; b'*x - x'*K*x/2",
    ] {
        let fit = fitted(text, &columns);
        assert_eq!((fit.outcome, fit.method), (Outcome::Converged, Method::ClosedForm), "{text}");
        close(fit.objective, -trace / 2.0, 1e-9);
        for i in 0..d {
            for j in i..d {
                let scale = (want[i][i] * want[j][j]).sqrt();
                let got = value(&fit, &format!("K[{},{}]", i + 1, j + 1));
                assert!((got - want[i][j]).abs() <= 1e-9 * scale, "{text} {i} {j}: {got}");
            }
        }
        // The fit takes one pass over the rows, without a search.
        assert_eq!(fit.evaluations, 1, "{text}");
        assert!(fit.gradient_norm < 1e-9, "{text}: {}", fit.gradient_norm);
        let condition = fit.scaled_condition.expect("far from singular");
        assert!(condition > 1.0 && condition < 1e6, "{text}: {condition}");
        if text.contains("m[20]") {
            for (k, row) in covariance.iter().enumerate() {
                close(value(&fit, &format!("m[{}]", k + 1)), mean(k), 1e-9);
                let want = (row[k] / n as f64).sqrt();
                close(error(&fit, &format!("m[{}]", k + 1)), want, 1e-9);
            }
        }
    }
}

/// One of the columns equals another to four digits: the normal equations have too few digits, so
/// the solution is found from the rows.
#[test]
fn a_normal_of_many_columns_that_are_nearly_one() {
    let (d, n) = (14, 200);
    let mut x: Vec<Vec<f64>> = (0..d).map(|k| normals(n, 200 + k as u64)).collect();
    x[13] = x[0].iter().zip(&x[13]).map(|(a, noise)| a + 1e-4 * noise).collect();
    let square = |i: usize, j: usize| x[i].iter().zip(&x[j]).map(|(a, b)| a * b).sum::<f64>();
    let moments: Vec<Vec<f64>> =
        (0..d).map(|i| (0..d).map(|j| square(i, j) / n as f64).collect()).collect();
    let want = inverse(&moments);
    let names: Vec<String> = (1..=d).map(|k| format!("x{k}")).collect();
    let columns: Vec<(&str, Vec<f64>)> = names.iter().map(String::as_str).zip(x.clone()).collect();
    let fit = fitted("data x[14]; param K[14,14] symmetric; -x'*K*x/2", &columns);
    assert_eq!(fit.outcome, Outcome::Converged);
    for i in 0..d {
        for j in i..d {
            let got = value(&fit, &format!("K[{},{}]", i + 1, j + 1));
            let scale = (want[i][i] * want[j][j]).sqrt();
            assert!((got - want[i][j]).abs() <= 1e-6 * scale, "{i} {j}: {got} {}", want[i][j]);
        }
    }
}

/// A normal of 35 columns far from zero relative to their spread has 665 parameters: the
/// coefficients of the linear terms absorb the means, without a search.
#[test]
fn a_normal_of_many_columns_far_from_zero() {
    let (d, n) = (35, 150);
    let x: Vec<Vec<f64>> =
        (0..d).map(|k| normals(n, 300 + k as u64).iter().map(|z| 3000.0 + z).collect()).collect();
    let mean = |k: usize| x[k].iter().sum::<f64>() / n as f64;
    let means: Vec<f64> = (0..d).map(mean).collect();
    let product = |i: usize, j: usize| {
        let pairs = x[i].iter().zip(&x[j]);
        pairs.map(|(a, b)| (a - means[i]) * (b - means[j])).sum::<f64>() / n as f64
    };
    let covariance: Vec<Vec<f64>> =
        (0..d).map(|i| (0..d).map(|j| product(i, j)).collect()).collect();
    let want = inverse(&covariance);
    let names: Vec<String> = (1..=d).map(|k| format!("x{k}")).collect();
    let columns: Vec<(&str, Vec<f64>)> = names.iter().map(String::as_str).zip(x.clone()).collect();
    let text = "data x[35]; param b[35], K[35,35] symmetric; b'*x - x'*K*x/2";
    let fit = fitted(text, &columns);
    assert_eq!((fit.outcome, fit.method), (Outcome::Converged, Method::ClosedForm));
    assert_eq!(fit.evaluations, 1);
    assert!(fit.scaled_condition.is_some(), "no eigenvectors are needed");
    for i in 0..d {
        for j in i..d {
            let got = value(&fit, &format!("K[{},{}]", i + 1, j + 1));
            let scale = (want[i][i] * want[j][j]).sqrt();
            assert!((got - want[i][j]).abs() <= 1e-9 * scale, "{i} {j}: {got} {}", want[i][j]);
        }
    }
}

/// More than 500 parameters have standard errors on request: those of y = Kx, as K is the inverse
/// of the second moments.
#[test]
fn errors_of_many_parameters_where_asked_for() {
    let (d, n) = (32, 540);
    let x: Vec<Vec<f64>> = (0..d).map(|k| normals(n, 400 + k as u64)).collect();
    let names: Vec<String> = (1..=d).map(|k| format!("x{k}")).collect();
    let columns: Vec<(&str, Vec<f64>)> = names.iter().map(String::as_str).zip(x.clone()).collect();
    let text = "data x[32]; param K[32,32] symmetric; -x'*K*x/2";
    let has = |fit: &Estimate, code: &str| fit.warnings.iter().any(|found| found.code == code);
    let without = fitted(text, &columns);
    assert!(without.covariance.is_none() && without.parameters[0].std_error.is_none());
    assert!(has(&without, "no-standard-errors") && !has(&without, "small-sample"));
    let options = Options::default().covariance(Covariance::Always);
    let fit = fitted_with(text, &columns, &options);
    assert!(!has(&fit, "no-standard-errors") && has(&fit, "small-sample"));
    let precision =
        |i: usize, j: usize| value(&fit, &format!("K[{},{}]", i.min(j) + 1, i.max(j) + 1));
    let y = |i: usize, row: usize| (0..d).map(|k| precision(i, k) * x[k][row]).sum::<f64>();
    let covariance = fit.covariance.as_ref().expect("the covariance was asked for");
    for (i, j) in [(0, 0), (0, 1), (7, 30)] {
        let spread = |row: usize| (y(i, row) * y(j, row) - precision(i, j)).powi(2);
        let want = ((0..n).map(spread).sum::<f64>() / (n * n) as f64).sqrt();
        let name = format!("K[{},{}]", i + 1, j + 1);
        close(error(&fit, &name), want, 1e-8);
        let place = fit.parameters.iter().position(|p| p.name == name).expect("a known name");
        close(covariance[place][place], want * want, 1e-8);
    }
}
