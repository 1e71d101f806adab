//! Normals by their covariance matrix: closed forms, against the covariance of the rows and the delta
//! method, however the matrix is written.

use nalgebra::{DMatrix, DVector};
use scorematch::data::{Columns, Missing, Selection};
use scorematch::fit::{self, Estimate, Method, Options, Outcome, Standardise};
use scorematch::model::Model;
use scorematch::numerics::rng::stream;

fn select(names: &[&str], columns: &[Vec<f64>]) -> Selection {
    let owned = names.iter().map(|name| (*name).to_owned()).zip(columns.iter().cloned());
    let columns = Columns::from_vecs(owned.collect()).expect("columns of one length");
    columns.select(names, Missing::Error).expect("complete columns")
}

fn fitted(text: &str, columns: &[Vec<f64>], options: &Options) -> Estimate {
    let names: Vec<String> = (1..=columns.len()).map(|k| format!("x{k}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let model = Model::parse(text).unwrap_or_else(|errors| panic!("{text}: {errors}"));
    let model = model.bind(&names, &names).expect("columns bind");
    fit::fit(&model, &select(&names, columns), options).expect("a fit")
}

/// Skew rows of correlated columns, about 3, 6, 9, …
fn rows(d: usize, n: usize, key: u64) -> Vec<Vec<f64>> {
    let mut stream = stream(23, key);
    let size = (d as f64).sqrt();
    let unit = |i, j| f64::from(u8::from(i == j));
    let mixing = DMatrix::from_fn(d, d, |i, j| stream.normal() / size + unit(i, j));
    let mut columns = vec![Vec::with_capacity(n); d];
    for _ in 0..n {
        let z = DVector::from_fn(d, |_, _| {
            let z = stream.normal();
            z + 0.3 * z * z
        });
        let x = &mixing * z;
        columns.iter_mut().enumerate().for_each(|(k, one)| one.push(x[k] + 3.0 * (k + 1) as f64));
    }
    columns
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

fn about(column: &[f64], centre: f64) -> Vec<f64> {
    column.iter().map(|x| x - centre).collect()
}

fn parameter<'a>(fit: &'a Estimate, name: &str) -> &'a fit::FittedParameter {
    fit.parameters.iter().find(|p| p.name == name).expect("a parameter of this name")
}

#[track_caller]
fn close(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance, "got {got:e}, want {want:e}");
}

/// The matrix `name` is `factor` times the mean of products of these columns; its errors are those of such
/// means, whose influence is the product less its mean.
#[track_caller]
fn assert_mean_of_products(fit: &Estimate, name: &str, columns: &[Vec<f64>], factor: f64) {
    for (i, a) in columns.iter().enumerate() {
        for (j, b) in columns.iter().enumerate().skip(i) {
            let products: Vec<f64> = a.iter().zip(b).map(|(a, b)| factor * a * b).collect();
            let want = mean(products.iter().copied());
            let variance = mean(products.iter().map(|product| (product - want).powi(2)));
            let error = (variance / products.len() as f64).sqrt();
            let entry = parameter(fit, &format!("{name}[{},{}]", i + 1, j + 1));
            close(entry.estimate, want, 1e-7 * error.max(want.abs()));
            close(entry.std_error.expect("an error"), error, 1e-6 * error);
        }
    }
}

#[track_caller]
fn assert_closed(fit: &Estimate) {
    assert_eq!((fit.outcome, fit.method), (Outcome::Converged, Method::ClosedForm));
    assert!(fit.warnings.is_empty(), "{:?}", fit.warnings);
}

/// Score matching of a normal is maximum likelihood: S is the covariance of the rows, by the number of
/// rows, and the influence of a row on S is that on a mean of products, for that of the means vanishes.
#[test]
fn a_covariance_is_that_of_the_rows() {
    for d in [2, 3, 5] {
        let columns = rows(d, 400, d as u64);
        let means: Vec<f64> = columns.iter().map(|one| mean(one.iter().copied())).collect();
        let centred: Vec<Vec<f64>> =
            columns.iter().zip(&means).map(|(column, &m)| about(column, m)).collect();
        let head = format!("data x[{d}]; param m[{d}], S[{d},{d}] posdef\n");
        for form in [
            "-quad_form(inv(S), x - m)/2",
            "-(x - m)'*solve(S, x - m)/2",
            "multi_normal_lpdf(x, m, S)",
        ] {
            let fit = fitted(&format!("{head}{form}"), &columns, &Options::default());
            assert_closed(&fit);
            assert_mean_of_products(&fit, "S", &centred, 1.0);
            for (k, column) in centred.iter().enumerate() {
                let entry = parameter(&fit, &format!("m[{}]", k + 1));
                let variance = mean(column.iter().map(|x| x * x));
                close(entry.estimate, means[k], 1e-10 * means[k]);
                let error = (variance / column.len() as f64).sqrt();
                close(entry.std_error.expect("an error"), error, 1e-6 * error);
            }
        }
    }
}

/// Without ½ the matrix is twice the mean of products; two blocks have two matrices, of which one has a
/// known mean.
#[test]
fn covariances_of_several_blocks_and_scales() {
    let columns = rows(5, 500, 7);
    let raw: Vec<Vec<f64>> = columns[..2].iter().map(|column| about(column, 1.5)).collect();
    let fit = fitted(
        "data x[2]; param S[2,2] posdef\n-quad_form(inv(3*S), x - 1.5)*3",
        &columns[..2],
        &Options::default(),
    );
    assert_closed(&fit);
    assert_mean_of_products(&fit, "S", &raw, 2.0);
    let text = "data x[2], y[3]; param S[2,2] posdef, m[3], T[3,3] posdef\n\
        -quad_form(inv(S), x)/2 - 3*(y - m)'*solve(T, y - m)";
    let names = ["x1", "x2", "y1", "y2", "y3"];
    let model = Model::parse(text).expect("a model").bind(&names, &names).expect("columns bind");
    let fit = fit::fit(&model, &select(&names, &columns), &Options::default()).expect("a fit");
    assert_closed(&fit);
    assert_mean_of_products(&fit, "S", &columns[..2], 1.0);
    let centred: Vec<Vec<f64>> =
        columns[2..].iter().map(|one| about(one, mean(one.iter().copied()))).collect();
    assert_mean_of_products(&fit, "T", &centred, 6.0);
}

/// Columns that are nearly one: S is near a singular matrix, and its errors are still right.
#[test]
fn a_covariance_of_columns_that_are_nearly_one() {
    for (d, apart) in [(2, 1e-2), (2, 1e-3), (3, 1e-2)] {
        let mut columns = rows(d, 500, 50 + d as u64);
        let others = columns.clone();
        for column in &mut columns[1..] {
            column.iter_mut().zip(&others[0]).for_each(|(x, &first)| *x = first + apart * *x);
        }
        let text =
            format!("data x[{d}]; param m[{d}], S[{d},{d}] posdef\nmulti_normal_lpdf(x, m, S)");
        let fit = fitted(&text, &columns, &Options::default());
        assert_eq!((fit.outcome, fit.method), (Outcome::Converged, Method::ClosedForm));
        let centred: Vec<Vec<f64>> =
            columns.iter().map(|one| about(one, mean(one.iter().copied()))).collect();
        assert_mean_of_products(&fit, "S", &centred, 1.0);
    }
}

#[test]
fn a_covariance_of_many_columns() {
    let (d, n) = (30, 1500);
    let columns = rows(d, n, 30);
    let text = format!("data x[{d}]; param m[{d}], S[{d},{d}] posdef\nmulti_normal_lpdf(x, m, S)");
    let fit = fitted(&text, &columns, &Options::default());
    assert_eq!((fit.outcome, fit.method), (Outcome::Converged, Method::ClosedForm));
    assert_eq!(fit.evaluations, 1);
    let codes: Vec<&str> = fit.warnings.iter().map(|one| one.code).collect();
    assert_eq!(codes, ["small-sample"], "rows for each of 495 parameters are few");
    let centred: Vec<Vec<f64>> =
        columns.iter().map(|one| about(one, mean(one.iter().copied()))).collect();
    assert_mean_of_products(&fit, "S", &centred, 1.0);
}

/// A part of log p without parameters, in which the score is no longer that of a normal: the fit by S is that
/// by its inverse, and so are the errors of functions of it.
#[test]
fn the_precision_says_what_the_covariance_says() {
    let columns: Vec<Vec<f64>> = rows(3, 600, 9).iter().map(|one| about(one, 6.0)).collect();
    let known = "- 0.001*sum(x.^4)/4";
    let by =
        |text: String, asked: &str| fitted(&text, &columns, &Options::default().estimate(asked));
    let covariance = by(
        format!("data x[3]; param m[3], S[3,3] posdef\n-quad_form(inv(S), x - m)/2 {known}"),
        "S[1,1], S[1,3], S[2,3], m[1], m[2], m[3]",
    );
    let precision = by(
        format!("data x[3]; param m[3], K[3,3] posdef\n-quad_form(K, x - m)/2 {known}"),
        "inv(K)[1,1], inv(K)[1,3], inv(K)[2,3], m[1], m[2], m[3]",
    );
    assert_eq!((covariance.outcome, covariance.method), (Outcome::Converged, Method::ClosedForm));
    assert_eq!(precision.outcome, Outcome::Converged);
    for (a, b) in covariance.derived.iter().zip(&precision.derived) {
        let (value, error) = (b.estimate.expect("a value"), b.std_error.expect("an error"));
        close(a.estimate.expect("a value"), value, 1e-6 * error);
        close(a.std_error.expect("an error"), error, 1e-6 * error);
    }
}

/// On half-lines the drift of the weight has multiples of the coefficients of the score.
#[test]
fn truncated_normals_are_closed_forms() {
    for d in [2, 3] {
        let mut stream = stream(29, d as u64);
        let mut columns = vec![Vec::new(); d];
        while columns[0].len() < 3000 {
            let common = stream.normal();
            let row: Vec<f64> =
                (0..d).map(|_| 0.6 + 0.5 * common + 0.9 * stream.normal()).collect();
            if row.iter().all(|&x| x > 0.0) {
                columns.iter_mut().zip(row).for_each(|(column, x)| column.push(x));
            }
        }
        let by = |parameter: &str, form: &str, asked: &str| {
            let text = format!(
                "data x[{d}] >= 0; param m[{d}], {parameter}[{d},{d}] posdef\n-quad_form({form}, x - m)/2"
            );
            fitted(&text, &columns, &Options::default().estimate(asked))
        };
        let covariance = by("S", "inv(S)", "S[1,1], S[1,2], m[1], m[2]");
        let precision = by("K", "K", "inv(K)[1,1], inv(K)[1,2], m[1], m[2]");
        for fit in [&covariance, &precision] {
            assert_eq!((fit.outcome, fit.method), (Outcome::Converged, Method::ClosedForm), "{d}");
        }
        for (a, b) in covariance.derived.iter().zip(&precision.derived) {
            let (value, error) = (b.estimate.expect("a value"), b.std_error.expect("an error"));
            close(a.estimate.expect("a value"), value, 1e-5 * error);
            close(a.std_error.expect("an error"), error, 1e-5 * error);
        }
    }
}

/// J of x ~ exp(-x'S⁻¹x/2) and y ~ exp(-y'Sy/2), whose matrices of mean products are these.
fn shared(s: &DMatrix<f64>, [x, y]: [&DMatrix<f64>; 2]) -> f64 {
    let k = s.clone().try_inverse().expect("positive definite");
    0.5 * (&k * x * &k).trace() - k.trace() + 0.5 * (s * y * s).trace() - s.trace()
}

/// A matrix that stands outside of its inverse as well is searched.
#[test]
fn a_matrix_beside_its_inverse_is_searched() {
    let columns: Vec<Vec<f64>> =
        rows(4, 500, 11).iter().map(|one| about(one, mean(one.iter().copied()))).collect();
    let text = "data x[2], y[2]; param S[2,2] posdef\n-quad_form(inv(S), x)/2 - quad_form(S, y)/2";
    let names = ["x1", "x2", "y1", "y2"];
    let model = Model::parse(text).expect("a model").bind(&names, &names).expect("columns bind");
    let options = Options::default().standardise(Standardise::No);
    let fit = fit::fit(&model, &select(&names, &columns), &options).expect("a fit");
    assert_eq!(fit.outcome, Outcome::Converged);
    let products = |a: usize| {
        DMatrix::from_fn(2, 2, |i, j| {
            mean(columns[a + i].iter().zip(&columns[a + j]).map(|(a, b)| a * b))
        })
    };
    let means = [&products(0), &products(2)];
    let entry = |i: usize, j: usize| {
        parameter(&fit, &format!("S[{},{}]", i.min(j) + 1, i.max(j) + 1)).estimate
    };
    let s = DMatrix::from_fn(2, 2, entry);
    let least = shared(&s, means);
    close(fit.objective, least, 1e-9 * least.abs());
    for (i, j) in [(0, 0), (0, 1), (1, 1)] {
        for step in [-1e-3, 1e-3] {
            let mut moved = s.clone();
            moved[(i, j)] += step;
            moved[(j, i)] = moved[(i, j)];
            assert!(shared(&moved, means) > least, "{i} {j} {step}");
        }
    }
}

/// Fewer rows than columns have no covariance that is positive definite: there is no minimum, and no
/// estimate is told as one.
#[test]
fn too_few_rows_have_no_covariance() {
    let columns = rows(3, 3, 13);
    let text = "data x[3]; param m[3], S[3,3] posdef\nmulti_normal_lpdf(x, m, S)";
    let fit = fitted(text, &columns, &Options::default());
    assert_ne!(fit.outcome, Outcome::Converged);
}
