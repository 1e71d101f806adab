//! Values of a model for each row, and its normalised density, compared with closed forms.

use scorematch::analysis::{Bootstrap, Test, TestChoices, quantiles, row_densities, row_scores};
use scorematch::data::{Columns, Missing, Selection};
use scorematch::fit::Options;
use scorematch::model::Model;
use scorematch::objective::{Rows, Specification};

/// A model with its rows.
fn bound(text: &str, table: &str) -> (Model, Selection) {
    let columns = Columns::from_csv(table.as_bytes()).expect("a table");
    let names = columns.names();
    let model = Model::parse(text).expect("a model").bind(&names, &names).expect("columns");
    let rows = model.select(&columns, Missing::Error).expect("numbers");
    (model, rows)
}

fn specified(model: &Model, rows: &Selection) -> Specification {
    let slices = rows.slices();
    let on = Rows::new(&slices, rows.original_rows());
    Specification::of(model).and_then(|one| one.on(model, &on)).expect("an objective")
}

fn column<'a>(columns: &'a [(String, Vec<f64>)], name: &str) -> &'a [f64] {
    &columns.iter().find(|(own, _)| own == name).expect("a column").1
}

#[track_caller]
fn close(found: f64, wanted: f64, tolerance: f64) {
    assert!((found - wanted).abs() <= tolerance, "{found} for {wanted}");
}

const X: [f64; 6] = [0.3, -1.1, 0.8, 2.0, -0.4, 9.0];

fn table(name: &str) -> String {
    format!("{name}\n{}\n", X.map(|x| format!("{x:?}")).join("\n"))
}

/// ψ = mu - x up to a factor, so that the leverage is (x - mu)² over the sum of all of them.
#[test]
fn leverages_are_shares_of_squares() {
    let (model, rows) = bound("data x; -(x - mu)^2/2", &table("x"));
    let found =
        row_scores(&specified(&model, &rows), &model, &rows, &[0.5], &Options::default(), 1);
    let found = found.expect("scores");
    let sum: f64 = X.iter().map(|x| (x - 0.5).powi(2)).sum();
    let leverages = column(&found.columns, "leverage");
    for (leverage, x) in leverages.iter().zip(X) {
        close(*leverage, (x - 0.5).powi(2) / sum, 1e-14);
    }
    close(leverages.iter().sum(), 1.0, 1e-14);
    assert_eq!(found.warnings, []);
}

/// Leverages sum to the number of parameters, and do not depend on the
/// units of data and parameters.
#[test]
fn leverages_sum_to_the_parameters() {
    let text = "data y; covariate x; -(y - a - b*x)^2/(2*s2)";
    let leverages = |unit: f64| {
        let row = |k: usize| format!("{:?},{:?}", X[k] * unit, (k * k) as f64);
        let rows: Vec<String> = (0..6).map(row).collect();
        let (model, rows) = bound(text, &format!("y,x\n{}\n", rows.join("\n")));
        let theta = [0.1 * unit, 0.2 * unit, 2.0 * unit * unit];
        let specification = specified(&model, &rows);
        let found = row_scores(&specification, &model, &rows, &theta, &Options::default(), 1);
        column(&found.expect("scores").columns, "leverage").to_vec()
    };
    let (one, other) = (leverages(1.0), leverages(1e-6));
    close(one.iter().sum(), 3.0, 1e-9);
    one.iter().zip(&other).for_each(|(a, b)| close(*a, *b, 1e-7));
}

#[test]
fn robust_weights_are_powers_of_the_density() {
    let (model, rows) = bound("data x; param a, b; a*x - b*x^2/2", &table("x"));
    let specification = specified(&model, &rows);
    let options = Options::default().robust(0.7);
    let found = row_scores(&specification, &model, &rows, &[0.2, 1.5], &options, 1);
    let found = found.expect("scores");
    let log = |x: f64| 0.7 * (0.2 * x - 0.75 * x * x);
    let highest = X.map(log).into_iter().fold(f64::NEG_INFINITY, f64::max);
    for (weight, x) in column(&found.columns, "robust_weight").iter().zip(X) {
        close(*weight, (log(x) - highest).exp(), 1e-14);
    }
    let (curved, rows) = bound("data x; -(x - mu)^4", &table("x"));
    let specification = specified(&curved, &rows);
    assert!(row_scores(&specification, &curved, &rows, &[0.0], &options, 1).is_err());
}

/// The part of a row in the discrepancy is that of the test, and the outlier has the largest one.
#[test]
fn misfits_are_those_of_the_test() {
    let (model, rows) = bound("data x; -x^2/2", &table("x"));
    let specification = specified(&model, &rows);
    let found = row_scores(&specification, &model, &rows, &[], &Options::default(), 1);
    let found = found.expect("scores");
    let test = Test::new(&specification, &model, &rows, TestChoices::default()).expect("a test");
    let tested = test.at(&[], Bootstrap::Wild).expect("a test");
    let own = column(&found.columns, "ksd");
    own.iter().zip(&tested.contributions).for_each(|(a, b)| close(*a, *b, 1e-12));
    assert!(own[..5].iter().all(|part| *part < own[5]), "{own:?}");
    assert_eq!(found.warnings[0].code, "no-column", "there are no parameters to pull at");
}

/// log p - log Z and the distribution function, of a normal and of a normal given covariates.
#[test]
fn densities_of_rows_are_those_of_closed_forms() {
    let normal = |x: f64, mu: f64, s2: f64| {
        -0.5 * ((x - mu).powi(2) / s2 + (std::f64::consts::TAU * s2).ln())
    };
    let (model, rows) = bound("data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)", &table("x"));
    let found = row_densities(&model, &rows, &[0.4, 2.5], 1).expect("densities");
    for (log, x) in found.log_density.iter().zip(X) {
        close(*log, normal(x, 0.4, 2.5), 1e-9);
    }
    let quantile = quantiles(&model, &rows, &[0.4, 2.5], &[0.025, 0.5]).expect("quantiles");
    close(quantile[0], 0.4 - 1.959_963_984_540_054 * 2.5f64.sqrt(), 1e-8);
    close(quantile[1], 0.4, 1e-9);
    let text = "data t > 0; covariate z; -t*exp(a + b*z)";
    let (model, rows) = bound(text, "t,z\n0.5,0\n2.5,1\n0.1,-3\n");
    let found = row_densities(&model, &rows, &[0.3, 0.9], 2).expect("densities");
    let below = found.below.expect("one number");
    for (k, (t, z)) in [(0.5f64, 0.0f64), (2.5, 1.0), (0.1, -3.0)].into_iter().enumerate() {
        let rate = (0.3 + 0.9 * z).exp();
        close(found.log_density[k], rate.ln() - rate * t, 1e-8);
        close(below[k], -(-rate * t).exp_m1(), 1e-8);
    }
}
