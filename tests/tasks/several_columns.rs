//! Several columns: bivariate normals, independent components, a factor model.

use scorematch::numerics::rng::Stream;

use crate::support::samples::{Table, sech};
use crate::work::{covariance, draws, file, fit, fit_with, mean, table};

/// Pairs with standard deviations 2 and 0.5 and correlation 0.6.
fn pairs() -> Vec<[f64; 2]> {
    draws(500, 30, |s| {
        let (a, b) = (s.normal(), s.normal());
        [1.0 + 2.0 * a, -3.0 + 0.5 * (0.6 * a + 0.8 * b)]
    })
}

#[test]
fn a_bivariate_normal_in_three_ways() {
    let columns = table(["x", "y"], &pairs());
    let (x, y) = (&columns[0].1, &columns[1].1);
    let (xx, xy, yy) = (covariance(x, x), covariance(x, y), covariance(y, y));
    let data = file("pairs", &columns);
    let by_hand =
        fit("-(((x-mx)/sx)^2 - 2*rho*(x-mx)*(y-my)/(sx*sy) + ((y-my)/sy)^2)/(2*(1-rho^2))", &data);
    by_hand.near(&[("mx", 1.0), ("my", -3.0), ("sx", 2.0), ("sy", 0.5), ("rho", 0.6)]);
    by_hand.equals(&[("sx", xx.sqrt()), ("sy", yy.sqrt()), ("rho", xy / (xx * yy).sqrt())]);
    by_hand.warns(&["implicit-data", "labels"]).equals(&[("mx", mean(x)), ("my", mean(y))]);
    let of_columns = "data x, y; param m[2], S[2,2] posdef; multi_normal_lpdf([x, y], m, S)";
    fit(of_columns, &data).equals(&[("S[1,1]", xx), ("S[1,2]", xy), ("S[2,2]", yy)]).warns(&[]);
    let data = file("numbered_pairs", &table(["x1", "x2"], &pairs()));
    let text = "data x[2]; param m[2], S[2,2] posdef; multi_normal_lpdf(x, m, S)";
    fit(text, &data).equals(&[("S[1,1]", xx), ("S[1,2]", xy), ("S[2,2]", yy)]).warns(&[]);
    let text = "data x[2]; param m[2], K[2,2] posdef; multi_normal_prec_lpdf(x, m, K)";
    let precision = fit_with(text, &data, &["--estimate", "inv(K)[1,2]"]);
    let determinant = xx * yy - xy * xy;
    precision.equals(&[("K[1,1]", yy / determinant), ("K[1,2]", -xy / determinant)]).warns(&[]);
    assert!((precision.derived("inv(K)[1,2]") - xy).abs() < 1e-6 * xy);
}

#[test]
fn two_independent_components() {
    let mix = |s: &mut Stream| {
        let (a, b) = (sech(s), sech(s));
        [2.0 * a + b, 0.5 * a + 1.5 * b]
    };
    let data = file("sources", &table(["x1", "x2"], &draws(2000, 31, mix)));
    // The inverse of [2, 1; 0.5, 1.5]; sources of density sech(u)/pi have the log-density
    // -log_cosh(u).
    let unmixing = [[0.6, -0.4], [-0.2, 0.8]];
    for text in [
        "data x[2]; param W[2,2]; sum(i in 1:2, -log_cosh(dot(W[i,:]', x)))",
        "data x[2]; param W[2,2]; -sum(log_cosh(W*x))",
        "data x[2]; param W[2,2]; -log(cosh(W[1,1]*x[1] + W[1,2]*x[2])) - log(cosh(W[2,1]*x[1] + W[2,2]*x[2]))",
    ] {
        let fitted = fit(text, &data);
        fitted.warns(&["labels"]);
        // Rows are ordered by their norms, and the largest entry of each is positive.
        let rows = [unmixing[1], unmixing[0]];
        for (i, row) in rows.iter().enumerate() {
            for (j, &truth) in row.iter().enumerate() {
                fitted.near(&[(&format!("W[{},{}]", i + 1, j + 1), truth)]);
            }
        }
    }
}

/// Far out in one of the scales J is flat, which is no minimum.
#[test]
fn a_scale_that_ran_off_is_no_minimum() {
    let data =
        file("pairs_of_sech", &table(["x", "y"], &draws(300, 33, |s| [sech(s), 3.0 * sech(s)])));
    let text = "-log_cosh((x - mx)/sx + (y - my)/t) - log_cosh((y - my)/sy)";
    for seed in ["0", "1", "2", "3"] {
        for minimum in fit_with(text, &data, &["--seed", seed]).minima() {
            assert!(minimum.iter().all(|value| value.abs() < 1e4), "seed {seed}: {minimum:?}");
        }
    }
}

/// Sepals and petals of irises: of the two minima, each with a variance on its bound, the likelihood of
/// the normal that both are takes that of lower J.
#[test]
fn a_factor_model_is_ranked_by_its_likelihood() {
    let text =
        "data x[4]; param m[4], L[4,1], psi[4] > 0; multi_normal_lpdf(x, m, L*L' + diag(psi))";
    let columns = "x=sepal_length,sepal_width,petal_length,petal_width";
    let fitted = fit_with(text, "examples/iris.csv", &["--map", columns]);
    fitted.equals(&[("psi[3]", 0.0)]);
    fitted.warns_at_most(&["at-bound", "labels", "column-units", "heavy-ties"]);
}

const LOADINGS: [f64; 4] = [1.0, 0.8, -0.6, 1.2];

fn one_factor() -> Table {
    let unique = [0.5_f64, 0.4, 0.6, 0.3];
    let row = |s: &mut Stream| {
        let factor = s.normal();
        std::array::from_fn(|k| k as f64 + LOADINGS[k] * factor + unique[k].sqrt() * s.normal())
    };
    table(["x1", "x2", "x3", "x4"], &draws(1000, 32, row))
}

#[test]
fn a_factor_model() {
    let columns = one_factor();
    let data = file("factor", &columns);
    let text =
        "data x[4]; param m[4], L[4,1], psi[4] > 0; multi_normal_lpdf(x, m, L*L' + diag(psi))";
    let asked = "(L*L' + diag(psi))[1,2], L[3,1]*L[4,1], L[1,1]^2 + psi[1]";
    let fitted = fit_with(text, &data, &["--estimate", asked]);
    fitted.warns(&["labels"]);
    // By convention the largest loading is positive.
    for (k, &truth) in LOADINGS.iter().enumerate() {
        fitted.near(&[(&format!("L[{}]", k + 1), truth)]);
    }
    let sample = |i: usize, j: usize| covariance(&columns[i].1, &columns[j].1);
    for (expression, i, j) in
        [("(L*L' + diag(psi))[1,2]", 0, 1), ("L[3,1]*L[4,1]", 2, 3), ("L[1,1]^2 + psi[1]", 0, 0)]
    {
        let (got, want) = (fitted.derived(expression), sample(i, j));
        assert!((got - want).abs() < 0.05 * want.abs(), "{expression}: {got}, not {want}");
    }
}
