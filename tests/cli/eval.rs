//! Evaluations: objective, terms and gradient at given values, and values of every row.

use std::fs;

use serde_json::Value;

use crate::run::{NORMAL, file, keys, numbers, run};

#[test]
fn an_evaluation_prints_objective_terms_and_gradient() {
    let data = "tests/golden/cli/numbers.csv";
    let arguments = ["eval", "-e", NORMAL, data, "--at", "mu=0, s2=1"];
    run(&arguments).expect(0).golden("eval.stdout");
    let json = run(&[&arguments[..], &["--format", "json"]].concat()).expect(0).json();
    let contract = [
        "schema",
        "version",
        "n",
        "objective_kind",
        "objective",
        "terms",
        "objective_by_component",
        "weight",
        "transform",
        "frozen",
        "gradient",
        "warnings",
    ];
    assert_eq!(keys(&json), contract);
    // J = -1/s2 + mean((x - mu)²)/(2 s2²), with mean(x²) = 25/6
    let close = |value: &Value, expected: f64| {
        let value = value.as_f64().expect("a number");
        assert!((value - expected).abs() < 1e-14, "{value} {expected}");
    };
    close(&json["objective"], -1.0 + 25.0 / 12.0);
    close(&json["gradient"]["mu"], -1.0);
    close(&json["gradient"]["s2"], 1.0 - 25.0 / 6.0);
}

#[test]
fn an_off_diagonal_entry_counts_twice_in_the_gradient() {
    let data = file("pairs.csv", "x1,x2\n1,2\n3,-1\n");
    let model = "data x[2]; param K[2,2] symmetric; -x'*K*x/2";
    let gradient = |at: &str| {
        let arguments = ["eval", "-e", model, &data, "--format", "json", "--at", at];
        run(&arguments).expect(0).json()["gradient"].clone()
    };
    let found = gradient("K=[2,0.5;0.5,1]");
    assert_eq!(keys(&found), ["K[1,1]", "K[1,2]", "K[2,2]"]);
    // ∂J/∂K[1,2] = mean of x2·(Kx)1 + x1·(Kx)2
    let rows = [(1.0, 2.0), (3.0, -1.0)];
    let slope = |(x, y): (f64, f64)| y * (2.0 * x + 0.5 * y) + x * (0.5 * x + y);
    let expected = (slope(rows[0]) + slope(rows[1])) / 2.0;
    assert!((found["K[1,2]"].as_f64().expect("a number") - expected).abs() < 1e-12);
    let refused = ["eval", "-e", model, &data, "--at", "K=[2,0.5;0.4,1]"];
    run(&refused).refused(2, &["K[1,2]"]);
}

#[test]
fn rows_are_csv_with_the_documented_header() {
    let data = file("rows.csv", "x1,x2,who\n1,2,a\n,3,b\n3,-1,c\n");
    let model = "data x[2]; param m; -sumsq(x - m)/2";
    let arguments = ["eval", "-e", model, &data, "--at", "m=1", "--rows", "--missing", "drop"];
    let expected = "row,logp,score_x[1],score_x[2],laplacian,loss\n\
                    1,-0.5,0.0,-1.0,-2.0,-1.5\n\
                    3,-4.0,-2.0,2.0,-2.0,2.0\n";
    assert_eq!(run(&arguments).expect(0).stdout, expected);
}

#[test]
fn a_fit_can_be_evaluated_at_its_estimates() {
    let data = numbers("round.csv");
    let fit = file("round.json", "");
    let arguments = ["fit", "-e", NORMAL, &data, "--format", "json", "-o", &fit];
    assert_eq!(run(&arguments).expect(0).stdout, "");
    let text = fs::read_to_string(&fit).expect("the fit wrote its result");
    let fitted: Value = serde_json::from_str(&text).expect("JSON");
    let at = format!("@{fit}");
    let arguments = ["eval", "-e", NORMAL, &data, "--format", "json", "--at", &at];
    let evaluated = run(&arguments).expect(0).json();
    let number = |value: &Value| value.as_f64().expect("a number");
    let (one, two) = (number(&fitted["objective"]), number(&evaluated["objective"]));
    assert!((one - two).abs() <= 1e-14, "{one} {two}");
    assert!(number(&evaluated["gradient"]["mu"]).abs() < 1e-12);
}

#[test]
fn values_come_from_nested_arrays_too() {
    let data = file("nested.csv", "x1,x2\n1,2\n3,-1\n");
    let model = "data x[2]; param b[2], W[2,2]; -sumsq(W*x - b)";
    let eval = |at: &str| {
        let arguments = ["eval", "-e", model, &data, "--format", "json", "--at", at];
        run(&arguments).expect(0).stdout
    };
    let json = file("nested.json", "{\"W\": [[1, 2], [3, 4]], \"b\": [0.5, -1]}");
    let entries = file(
        "entries.json",
        "{\"W[1,1]\": 1, \"W[1,2]\": 2, \"W[2,1]\": 3, \"W[2,2]\": 4, \"b[1]\": 0.5, \"b[2]\": -1}",
    );
    let text = eval("W=[1,2;3,4], b=[0.5,-1]");
    assert_eq!(eval(&format!("@{json}")), text);
    assert_eq!(eval(&format!("@{entries}")), text);
}

/// A model without parameters has an objective too, on every path, with rows enough for moments.
#[test]
fn a_model_without_parameters_is_evaluated() {
    let values: Vec<String> = (0..400).map(|k| format!("{}", f64::from(k % 20) - 9.5)).collect();
    let data = file("no-parameters.csv", format!("x\n{}\n", values.join("\n")));
    // -1 + mean x²/2, where the mean of x² is (20² - 1)/12
    let want = -1.0 + 399.0 / 24.0;
    for path in ["auto", "rows", "moments"] {
        let eval = ["eval", "-e", "-x^2/2", &data, "--path", path, "--format", "json"];
        let json = run(&eval).expect(0).json();
        let got = json["objective"].as_f64().expect("a number");
        assert!((got - want).abs() < 1e-12, "{path}: {got}");
        run(&[eval.as_slice(), &["--timing"]].concat()).expect(0);
    }
    run(&["eval", "-e", "-x^2/2", &data, "--rows"]).expect(0);
    run(&["check", "-e", "-x^2/2", &data]).expect(0);
}

/// s - s₀ = -(x - 3) + (x - 1) in every row; on the half-line the difference
/// is weighted by the metric.
#[test]
fn a_divergence_from_a_known_density() {
    let known = file("known.energy", "data x; -(x - 1)^2/2\n");
    let data = "tests/golden/cli/numbers.csv";
    let at = ["eval", "-e", NORMAL, data, "--at", "mu=3, s2=1", "--against", &known];
    let json = run(&[&at[..], &["--format", "json"]].concat()).expect(0).json();
    let divergence = json["fisher_divergence"].as_f64().expect("a number");
    assert!((divergence - 2.0).abs() < 1e-14, "{divergence}");
    assert!(run(&at).expect(0).stdout.contains("divergence  2.0000000 = "));
    let free = file("free.energy", "data x; param m; -(x - m)^2/2\n");
    let at = ["eval", "-e", NORMAL, data, "--at", "mu=3, s2=1", "--against", &free];
    run(&at).refused(2, &["free.energy", "make them constants"]);
    let circle = file("circle.energy", "data x on circle; cos(x)\n");
    let at = ["eval", "-e", NORMAL, data, "--at", "mu=3, s2=1", "--against", &circle];
    run(&at).refused(2, &["different data"]);
}

/// log √(2π s2), and the mean log-density of a normal over the twelve numbers.
#[test]
fn a_normaliser_with_the_likelihood() {
    let data = &numbers("normalised.csv");
    let at = ["eval", "-e", NORMAL, data, "--at", "mu=1, s2=4", "--normalise"];
    let json = run(&[&at[..], &["--format", "json"]].concat()).expect(0).json();
    let number = |key: &str| json[key].as_f64().expect("a number");
    let log = 0.5 * (8.0 * std::f64::consts::PI).ln();
    assert!((number("log_normaliser") - log).abs() <= number("log_normaliser_error") + 1e-14);
    // The mean square about 1 is 25/6 - 1.
    let mean = -(25.0 / 6.0 - 1.0) / 8.0 - log;
    assert!((number("log_likelihood") - mean).abs() < 1e-9, "{json}");
    let text = run(&at).expect(0).stdout;
    assert!(text.contains("log Z       1.61208571") && text.contains("log-lik./n"), "{text}");
    let three = "data x, y, z; param k; -k*(x^2 + y^2 + z^2)";
    let table = file("three.csv", "x,y,z\n1,2,3\n2,1,0\n0,1,2\n");
    let refused = run(&["eval", "-e", three, &table, "--at", "k=1", "--normalise"]).expect(1);
    assert!(refused.stderr.contains("error[no-normaliser]"), "{}", refused.stderr);
}

#[test]
fn rows_can_be_printed_with_their_data() {
    let data = file("beside.csv", "z,unused,width\n1,7,2\n2,7,4\n");
    let model =
        ["-e", "data x; covariate z; -(x - a*z)^2", &data, "--map", "x=width", "--at", "a=1"];
    for command in [&["eval", "--rows", "--with-data"][..], &["score", "--with-data"]] {
        let table = run(&[command, &model].concat()).expect(0).stdout;
        let mut lines = table.lines();
        assert!(lines.next().is_some_and(|head| head.starts_with("row,width,z,logp,")), "{table}");
        assert!(lines.next().is_some_and(|first| first.starts_with("1,2.0,1.0,-1.0,")), "{table}");
    }
}

/// The level of a row is printed by its name, in tables of rows and beside draws.
#[test]
fn rows_of_groups_have_the_names_of_levels() {
    let data = file("levels.csv", "x,site\n1,south\n2,New York\n4,south\n3,New York\n");
    let model = ["-e", "param m[site], s > 0; normal_lpdf(x, m[site], s)", &data];
    let at = ["--at", "m=0, s=1"];
    for command in [&["eval", "--rows", "--with-data"][..], &["score", "--with-data"]] {
        let table = run(&[command, &model, &at].concat()).expect(0).stdout;
        assert!(table.contains("\n1,1.0,south,") && table.contains("\n2,2.0,New York,"), "{table}");
    }
    let (text, given) = (&model[..2], ["--given", &data, "-n", "1"]);
    let draws = run(&[&["sample"], text, &at, &given].concat()).expect(0).stdout;
    let sites: Vec<&str> = draws.lines().filter_map(|line| line.split(',').next()).collect();
    assert_eq!(sites, ["site", "south", "New York", "south", "New York"]);
    let tested = run(&[&["test"], &model[..], &at, &["--rows"]].concat()).expect(0).stdout;
    assert!(tested.lines().nth(1).is_some_and(|line| line.ends_with(",1.0,south")), "{tested}");
}
