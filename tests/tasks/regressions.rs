//! Regression without and with declarations, and with a variance that depends on the covariate.

use scorematch::numerics::rng::Stream;

use crate::support::samples::Table;
use crate::work::{covariance, draws, file, fit, mean, table};

pub fn line() -> Table {
    let row = |s: &mut Stream| {
        let x = 10.0 * s.uniform();
        [1.0 + 0.5 * x + 0.7 * s.normal(), x]
    };
    table(["y", "x"], &draws(300, 20, row))
}

/// Intercept, slope, and the square root of the mean squared residual.
fn least_squares(table: &Table) -> [(&'static str, f64); 3] {
    let (y, x) = (&table[0].1, &table[1].1);
    let b = covariance(y, x) / covariance(x, x);
    let a = mean(y) - b * mean(x);
    let residual = covariance(y, y) - b * covariance(y, x);
    [("a", a), ("b", b), ("s", residual.sqrt())]
}

#[test]
fn undeclared_columns_get_a_note_on_regressions() {
    let data = file("line", &line());
    for text in ["-(y - a - b*x)^2/(2*s^2)", "normal_lpdf(y, a + b*x, s)"] {
        let fitted = fit(text, &data);
        fitted.roles(&["y", "x"], &[], &["a", "b", "s"]);
        let reading = "For a regression of `y`: `data y; covariate x; param a, b, s`";
        fitted.says("implicit-data", &[reading]);
    }
}

#[test]
fn a_declared_regression_is_least_squares() {
    let table = line();
    let data = file("declared_line", &table);
    for text in [
        "data y; covariate x; param a, b, s > 0; -(y - a - b*x)^2/(2*s^2)",
        "data y; covariate x; normal_lpdf(y, a + b*x, s)",
        "covariate x; normal_lpdf(y, a + b*x, s)",
    ] {
        let fitted = fit(text, &data);
        fitted.roles(&["y"], &["x"], &["a", "b", "s"]).warns(&[]);
        fitted.near(&[("a", 1.0), ("b", 0.5), ("s", 0.7)]).equals(&least_squares(&table));
    }
}

#[test]
fn heteroscedastic() {
    let row = |s: &mut Stream| {
        let x = s.normal();
        [1.0 + 2.0 * x + (-0.5 + 0.4 * x).exp() * s.normal(), x]
    };
    let data = file("spread", &table(["y", "x"], &draws(1000, 21, row)));
    let fitted = fit("covariate x; normal_lpdf(y, a + b*x, exp(c + d*x))", &data);
    fitted.near(&[("a", 1.0), ("b", 2.0), ("c", -0.5), ("d", 0.4)]);
    fitted.roles(&["y"], &["x"], &["a", "b", "c", "d"]).warns(&[]);
    let undeclared = fit("normal_lpdf(y, a + b*x, exp(c + d*x))", &data);
    undeclared.says("implicit-data", &["`data y; covariate x; param a, b, c, d`"]);
}
