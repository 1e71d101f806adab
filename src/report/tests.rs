//! Reports of hand-made results, compared byte by byte.

use super::*;
use crate::analysis::Evaluation;
use crate::fit::{FittedParameter, Method, Minimum, Outcome, Starts, Status};
use crate::objective::Path;

fn parameter(name: &str, estimate: f64, std_error: f64, unconstrained: bool) -> FittedParameter {
    FittedParameter {
        name: name.to_owned(),
        estimate,
        std_error: Some(std_error),
        interval: Some((estimate - 2.0 * std_error, estimate + 2.0 * std_error)),
        status: Status::Interior,
        unconstrained,
    }
}

fn normal() -> Report {
    let estimate = Estimate {
        rows: 100,
        dimension: 1,
        objective_kind: "hyvarinen",
        weight: None,
        frozen: Vec::new(),
        row_weights: None,
        detail: None,
        clusters: None,
        transform: None,
        objective: -0.5,
        terms: vec![("laplacian", -1.0), ("norm", 0.5)],
        components: vec![("x".to_owned(), -0.5)],
        level: 0.95,
        parameters: vec![
            parameter("mu", 0.123456789, 0.0625, true),
            parameter("s2", 1.0, 0.125, false),
        ],
        covariance: Some(vec![vec![0.00390625, 0.0], vec![0.0, 0.015625]]),
        derived: Vec::new(),
        wald: None,
        bootstrap: None,
        profile: None,
        method: Method::ClosedForm,
        path: Path::Rows,
        outcome: Outcome::Converged,
        stop_reason: "solved".to_owned(),
        iterations: 0,
        evaluations: 1,
        gradient_norm: 1e-12,
        scaled_condition: Some(1.0),
        starts: Starts { tried: 1, converged: 1, collapsed: 0, failed: 0 },
        minima: vec![Minimum {
            objective: -0.5,
            smic: -0.48,
            ksd: Some(0.0125),
            log_likelihood: Some(-1.25),
            hits: 1,
            estimate: vec![0.123456789, 1.0],
        }],
        warnings: vec![],
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Report {
        command: "scorematch fit -e '-(x-mu)^2/(2*s2)' x.csv".to_owned(),
        seed: 0,
        data: DataFacts {
            file: "x.csv".to_owned(),
            digest: "0123456789abcdef".to_owned(),
            rows: 101,
            used: 100,
            dropped: 1,
        },
        model: ModelFacts {
            text: "-(x - mu)^2/(2*s2)".to_owned(),
            formulas: vec!["log p = -(x - mu)^2/(2*s2)".to_owned()],
            declarations: "data x\nparam mu, s2".to_owned(),
            matrices: vec![],
            roles: Roles { data: names(&["x"]), covariate: vec![], param: names(&["mu", "s2"]) },
        },
        estimate,
        warnings: vec![],
        timing: None,
    }
}

#[test]
fn a_fit_as_text() {
    let expected = "\
model       log p = -(x - mu)^2/(2*s2)
roles       data x; param mu, s2
data        x.csv: 101 rows, 100 used, 1 dropped; 2 parameters
method      closed form

objective   hyvarinen
J           -0.5 = laplacian -1 + norm 0.5
            (J < 0 is normal: at the truth it is -1/2 E|grad log p|^2, not 0)
log-lik.    -125, -1.25 a row

parameter   estimate  std. error         2.5%     97.5%     z       p
mu         0.1234568     0.06250  -0.00154321  0.248457  1.98  0.0482
s2          1.000000      0.1250     0.750000   1.25000     -       -
";
    assert_eq!(normal().text(), expected);
}

#[test]
fn a_fit_as_json() {
    let expected = r#"{
  "schema": 1,
  "version": "VERSION",
  "command": "scorematch fit -e '-(x-mu)^2/(2*s2)' x.csv",
  "seed": 0,
  "data": {"file":"x.csv","digest":"0123456789abcdef","rows":101,"used":100,"dropped":1},
  "model": "-(x - mu)^2/(2*s2)",
  "n": 100,
  "dim": 1,
  "roles": {"data":["x"],"covariate":[],"param":["mu","s2"]},
  "objective_kind": "hyvarinen",
  "objective": -0.5,
  "terms": {"laplacian":-1.0,"norm":0.5},
  "objective_by_component": {"x":-0.5},
  "weight": null,
  "transform": null,
  "frozen": {},
  "method": "closed-form",
  "path": "rows",
  "converged": true,
  "stop_reason": "solved",
  "iterations": 0,
  "gradient_norm": 1e-12,
  "starts": {"tried":1,"converged":1,"collapsed":0,"failed":0},
  "minima": [
    {"objective":-0.5,"smic":-0.48,"ksd":0.0125,"log_likelihood":-1.25,"hits":1,"estimate":[0.123456789,1.0]}
  ],
  "level": 0.95,
  "parameters": [
    {"name":"mu","estimate":0.123456789,"std_error":0.0625,"ci_low":-0.0015432110000000027,"ci_high":0.248456789,"z":1.975308624,"p":0.048233135161155384,"status":"interior"},
    {"name":"s2","estimate":1.0,"std_error":0.125,"ci_low":0.75,"ci_high":1.25,"z":null,"p":null,"status":"interior"}
  ],
  "covariance": [
    [0.00390625,0.0],
    [0.0,0.015625]
  ],
  "se_method": "sandwich",
  "scaled_condition": 1.0,
  "warnings": []
}
"#;
    let expected = expected.replace("VERSION", env!("CARGO_PKG_VERSION"));
    assert_eq!(normal().json(), expected);
}

#[test]
fn numbers_that_are_not_finite_are_null() {
    let mut report = normal();
    let estimate = &mut report.estimate;
    estimate.objective = f64::NEG_INFINITY;
    estimate.covariance = None;
    estimate.scaled_condition = None;
    estimate.gradient_norm = f64::NAN;
    estimate.parameters.iter_mut().for_each(|parameter| parameter.std_error = None);
    estimate.parameters[1].interval = Some((0.0, f64::INFINITY));
    let json: serde_json::Value = serde_json::from_str(&report.json()).expect("JSON");
    let null = serde_json::Value::Null;
    for key in ["objective", "covariance", "se_method", "scaled_condition", "gradient_norm"] {
        assert_eq!(json[key], null, "{key}");
    }
    assert_eq!(json["parameters"][1]["std_error"], null);
    assert_eq!(json["parameters"][1]["ci_low"], 0.0);
    assert_eq!(json["parameters"][1]["ci_high"], null);
}

#[test]
fn warnings_and_other_minima_are_shown() {
    let mut report = normal();
    let place = Minimum {
        objective: -0.75,
        smic: -0.4,
        ksd: Some(0.25),
        log_likelihood: None,
        hits: 3,
        estimate: vec![2.5, 0.25],
    };
    report.estimate.minima.push(place);
    report.estimate.parameters[0].status = Status::Fixed;
    report.estimate.parameters[0].std_error = None;
    report.estimate.parameters[0].interval = None;
    report.estimate.outcome = Outcome::NotConverged;
    let headline = "another minimum has a lower J; look at both, or say where to start with \
                    `--start`";
    report.estimate.warnings.push(Warning::new("ambiguous-minimum", headline));
    let expected = "\
parameter   estimate  std. error      2.5%    97.5%
mu         0.1234568           -         -        -  held fixed
s2          1.000000      0.1250  0.750000  1.25000

minimum            J      SMIC/n      KSD  log-lik./n  starts
reported  -0.5000000  -0.4800000  0.01250   -1.250000       1
other 1   -0.7500000  -0.4000000   0.2500           -       3
other 1     mu = 2.5, s2 = 0.25

warning[ambiguous-minimum]: another minimum has a lower J; look at both, or say
    where to start with `--start`
";
    let text = report.text();
    assert!(text.ends_with(expected), "{text}");
    assert!(text.contains("NOT CONVERGED"), "{text}");
}

#[test]
fn a_report_keeps_within_80_columns() {
    let mut report = normal();
    report.model.formulas = vec![vec!["x*y"; 100].join(" + "); 2];
    report.data.file = vec!["word"; 50].join(" ");
    report.estimate.components = (1..40).map(|i| (format!("x[{i}]"), -1.0 / 3.0)).collect();
    let text = report.text();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("shows all"), "{text}");
}

#[test]
fn a_large_matrix_is_shown_as_a_matrix() {
    let mut report = normal();
    let parameters = &mut report.estimate.parameters;
    for i in 1..=4 {
        for j in i..=4 {
            parameters.push(parameter(&format!("K[{i},{j}]"), f64::from(10 * i + j), 0.5, true));
        }
    }
    let name = "K".to_owned();
    report.model.matrices = vec![MatrixFacts { name, shape: (4, 4), parameters: 2..12 }];
    let expected = "
K        [,1]     [,2]     [,3]     [,4]
[1,]  11.0000  12.0000  13.0000  14.0000
[2,]  12.0000  22.0000  23.0000  24.0000
[3,]  13.0000  23.0000  33.0000  34.0000
[4,]  14.0000  24.0000  34.0000  44.0000

K std. error    [,1]    [,2]    [,3]    [,4]
[1,]          0.5000  0.5000  0.5000  0.5000
[2,]          0.5000  0.5000  0.5000  0.5000
[3,]          0.5000  0.5000  0.5000  0.5000
[4,]          0.5000  0.5000  0.5000  0.5000
";
    let text = report.text();
    assert!(text.ends_with(expected) && !text.contains("K[1,2]"), "{text}");
    report.estimate.parameters[3].status = Status::AtBound;
    assert!(report.text().contains("K[1,2]"), "an entry on a bound is a row");
}

#[test]
fn an_iterative_fit_has_a_line_on_its_method() {
    let mut report = normal();
    let estimate = &mut report.estimate;
    estimate.method = Method::Newton;
    estimate.iterations = 5;
    estimate.starts = Starts { tried: 8, converged: 7, collapsed: 1, failed: 0 };
    let told = "method      trust-region Newton, converged in 5 iterations, 7 of 8 starts\n\n";
    assert!(report.text().contains(told), "{}", report.text());
    report.estimate.gradient_norm = 0.25;
    report.estimate.outcome = Outcome::NotConverged;
    report.estimate.stop_reason = "no luck".to_owned();
    let told = "\
method      trust-region Newton, NOT CONVERGED: no luck (5 iterations, 7 of 8
            starts); 0.25 standard errors from the solution
";
    assert!(report.text().contains(told), "{}", report.text());
}

#[test]
fn an_evaluation_as_text_and_json() {
    let evaluation = Evaluation {
        rows: 3,
        objective_kind: "hyvarinen",
        weight: None,
        frozen: Vec::new(),
        row_weights: None,
        detail: None,
        clusters: None,
        transform: None,
        objective: 0.25,
        terms: vec![("laplacian", -1.0), ("norm", 1.25)],
        components: vec![("x".to_owned(), 0.25)],
        gradient: vec![("mu".to_owned(), -1.0 / 3.0), ("W[1,2]".to_owned(), 12.5)],
        divergence: None,
        normalised: None,
        warnings: Vec::new(),
        timing: None,
    };
    let text = "\
rows        3
objective   hyvarinen
J           0.25 = laplacian -1 + norm 1.25

parameter           dJ
mu         -0.33333333
W[1,2]       12.500000
";
    assert_eq!(evaluation.text(), text);
    let json = r#"{
  "schema": 1,
  "version": "VERSION",
  "n": 3,
  "objective_kind": "hyvarinen",
  "objective": 0.25,
  "terms": {"laplacian":-1.0,"norm":1.25},
  "objective_by_component": {"x":0.25},
  "weight": null,
  "transform": null,
  "frozen": {},
  "gradient": {"mu":-0.3333333333333333,"W[1,2]":12.5},
  "warnings": []
}
"#;
    assert_eq!(evaluation.json(), json.replace("VERSION", env!("CARGO_PKG_VERSION")));
}

#[test]
fn numbers_are_rounded_to_significant_digits() {
    for (value, text) in [
        (123456.789, "123457"),
        (1234567.0, "1.23457e6"),
        (0.000123456789, "0.000123457"),
        (0.0000123456789, "1.23457e-5"),
        (999999.9, "1.00000e6"),
        (0.99999999, "1.00000"),
        (-2.5, "-2.50000"),
        (0.0, "0"),
        (-0.0, "0"),
        (f64::NAN, "-"),
        (f64::INFINITY, "inf"),
    ] {
        assert_eq!(significant(value, 6), text);
    }
    for (value, text) in [(100.0, "100"), (-0.5, "-0.5"), (1.5e10, "1.5e10"), (2e-9, "2e-9")] {
        assert_eq!(trimmed(value, 6), text);
    }
}

#[test]
fn lines_break_between_words_only() {
    assert_eq!(wrapped("one two  three", 9, 2), "  one two\n  three");
    assert_eq!(wrapped("incomprehensibilities and more", 8, 0), "incomprehensibilities\nand more");
    assert_eq!(wrapped("", 8, 2), "  ");
    assert_eq!(wrapped("aaa + bbb - c", 9, 0), "aaa +\nbbb - c");
}

#[test]
fn no_line_ends_within_the_indices_of_an_entry() {
    let text = "the error of A[1, 2] and of m[one, two] and of the list [1, 2, 3, 4, 5, 6, 7, 8]";
    for width in 8..40 {
        for line in table::wrapped(text, width, 0).lines() {
            let whole = |entry: &str| !line.contains(&entry[..2]) || line.contains(entry);
            assert!(whole("A[1, 2]") && whole("m[one, two]"), "{width}: {line}");
        }
    }
    assert!(table::wrapped(text, 30, 0).lines().all(|line| line.chars().count() <= 30));
}
