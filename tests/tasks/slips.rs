//! First tries in the manner of R and Stan: the message on each says what to write.

use crate::mixtures::two_normals;
use crate::regressions::line;
use crate::support::samples::Table;
use crate::work::{draws, file, refused, table};

fn normal() -> Table {
    vec![("x", draws(50, 50, |s| 2.0 + 1.5 * s.normal()))]
}

#[test]
fn distributions_of_other_languages() {
    let data = file("slip_normal", &normal());
    for (text, help) in [
        ("x ~ normal(mu, sigma)", "`logp = normal_lpdf(x, mu, sigma)`"),
        ("param mu, sigma; x ~ normal(mu, sigma)", "`logp = normal_lpdf(x, mu, sigma)`"),
        ("x ~ student_t(nu, mu, s)", "`logp = student_t_lpdf(x, nu, mu, s)`"),
        ("x ~ logistic(mu, s)", "`logp = logistic_lpdf(x, mu, s)`"),
        ("normal(x, mu, sigma)", "`normal_lpdf(x, mu, s)`"),
        ("dnorm(x, mu, sigma)", "`normal_lpdf(x, mu, s)`"),
        ("normal_lpdf(x | mu, sigma)", "arguments are separated by `,`"),
        ("target += normal_lpdf(x | mu, sigma)", "`logp = …`"),
        ("-0.5*((x - mu)/sigma)**2", "`^`"),
        ("parameters { real mu; }", "`param mu, s > 0`"),
        ("model { x ~ normal(mu, sigma); }", "`logp = normal_lpdf(x, mu, s)`"),
    ] {
        refused(text, &data, &[help]);
    }
}

#[test]
fn a_density_in_place_of_its_logarithm() {
    let data = file("slip_density", &normal());
    for text in [
        "exp(-(x - mu)^2/(2*s^2))",
        "1/(s*sqrt(2*pi))*exp(-(x - mu)^2/(2*s^2))",
        "exp(normal_lpdf(x, mu, s))",
    ] {
        refused(text, &data, &["`log(…)` around the whole"]);
    }
}

#[test]
fn formulas_and_weights() {
    let data = file("slip_line", &line());
    refused("y ~ a + b*x", &data, &["`logp = normal_lpdf(y, a + b*x, s)`"]);
    refused("lm(y ~ x)", &data, &["`logp = normal_lpdf(y, a + b*x, s)`"]);
    refused("y ~ normal(a + b*x, s)", &data, &["`logp = normal_lpdf(y, a + b*x, s)`"]);
    let data = file("slip_mixture", &two_normals());
    let parts = "normal_lpdf(x, m1, s1), normal_lpdf(x, m2, s2)";
    refused(&format!("log_mix(w, {parts})"), &data, &["`mixture(w, parts)`"]);
    let indexed = "mixture([w, 1 - w], [normal_lpdf(x, m[1], 1), normal_lpdf(x, m[2], 1)])";
    refused(indexed, &data, &["declare its size, as in `m[2]`"]);
}

#[test]
fn columns_that_are_a_vector_or_spelled_otherwise() {
    let rows = draws(50, 51, |s| [s.normal(), s.normal()]);
    let data = file("slip_pairs", &table(["x1", "x2"], &rows));
    for text in [
        "multi_normal_lpdf(x, m, S)",
        "param m[2], S[2,2] posdef; multi_normal_lpdf(x, m, S)",
        "param W[2,2]; -sum(log_cosh(W*x))",
    ] {
        refused(text, &data, &["`data x[2]`"]);
    }
    refused("data x[2]; -sum(i in 1:2, log_cosh(dot(W[i,:], x)))", &data, &["`W[2,2]`"]);
    let sized = "declare the sizes, as in `param m[2], S[2,2] posdef`";
    refused("data x[2]; multi_normal_lpdf(x, m, S)", &data, &[sized]);
    let data = file("slip_spelled", &vec![("Height", draws(50, 52, |s| s.normal()))]);
    refused("-(height - mu)^2/(2*s^2)", &data, &["the column `Height`"]);
}

#[test]
fn a_matrix_is_asked_for_by_its_name() {
    let rows = draws(50, 53, |s| [s.normal(), s.normal()]);
    let data = file("slip_entries", &table(["x1", "x2"], &rows));
    let text = "data x[2]; param m[2], K[2,2] posdef; multi_normal_prec_lpdf(x, m, K)";
    for (asked, entry) in [("inv(K)", "inv(K)[1,2]"), ("K + K'", "(K + K')[1,2]"), ("K", "K[1,2]")]
    {
        let arguments = ["fit", "-e", text, &data, "--estimate", asked];
        let (status, stdout, stderr) = crate::work::run(&arguments, "");
        assert!(status == 0 && stdout.contains(entry), "{stdout}{stderr}");
    }
}
