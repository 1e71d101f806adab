//! Tests of goodness of fit: their output, the parts of rows, and refusals.

use crate::run::{NORMAL, file, keys, run};

const DATA: &str = "tests/golden/cli/numbers.csv";

#[test]
fn a_test_prints_its_statistic_and_the_rows_that_fit_worst() {
    let arguments = ["test", "-e", NORMAL, DATA, "--at", "mu=1, s2=2"];
    run(&arguments).expect(0).golden("test.stdout");
    let json = run(&[&arguments[..], &["--format", "json"]].concat()).expect(0).json();
    let contract = [
        "schema",
        "version",
        "n",
        "dim",
        "at",
        "kernel",
        "bandwidth",
        "bandwidth_given",
        "scaled",
        "weight",
        "transform",
        "frozen",
        "statistic",
        "p",
        "p_error",
        "method",
        "replicates",
        "failed",
        "worst",
        "warnings",
    ];
    assert_eq!(keys(&json), contract);
    assert_eq!(keys(&json["statistic"]), ["nV", "U"]);
    let linear =
        run(&[&arguments[..], &["--linear", "--format", "json"]].concat()).expect(0).json();
    assert_eq!(keys(&linear["statistic"]), ["mean", "std_error", "pairs"]);
    assert!(linear["p_error"].is_null() && linear["method"] == "normal");
}

#[test]
fn parts_of_rows_are_csv_and_sum_to_the_statistic() {
    let data = file("parts.csv", "x1,who\n1,a\n,b\n3,c\n-2,d\n");
    let arguments = ["test", "-e", "-(x1 - m)^2/2", &data, "--at", "m=1", "--missing", "drop"];
    let rows = run(&[&arguments[..], &["--rows"]].concat()).expect(0).stdout;
    let json = run(&[&arguments[..], &["--format", "json"]].concat()).expect(0).json();
    let mut lines = rows.lines();
    assert_eq!(lines.next(), Some("row,contribution,x1"));
    let cells: Vec<Vec<f64>> = lines
        .map(|line| line.split(',').map(|cell| cell.parse().expect("a number")).collect())
        .collect();
    let numbers: Vec<f64> = cells.iter().map(|row| row[0]).collect();
    assert_eq!(numbers, [1.0, 3.0, 4.0]);
    let sum: f64 = cells.iter().map(|row| row[1]).sum();
    assert!((sum - json["statistic"]["nV"].as_f64().expect("a number")).abs() < 1e-12);
}

/// Without `--at` the model is fitted, and rows drawn from it are fitted anew. The output has the
/// same bytes on any number of threads.
#[test]
fn without_parameters_the_model_is_fitted() {
    let arguments = ["test", "-e", NORMAL, DATA, "--replicates", "99"];
    let one = run(&[&arguments[..], &["--threads", "1"]].concat()).expect(0);
    one.golden("test_fitted.stdout");
    let three = run(&[&arguments[..], &["--threads", "3"]].concat()).expect(0);
    assert_eq!(one.stdout, three.stdout);
    let json = run(&[&arguments[..], &["--format", "json"]].concat()).expect(0).json();
    assert_eq!((&json["method"], &json["replicates"]), (&"parametric".into(), &99.into()));
    let fixed = run(&[&arguments[..], &["--fix", "mu=1", "--format", "json"]].concat());
    assert_eq!(fixed.expect(0).json()["at"]["mu"], 1.0);
}

#[test]
fn a_fit_that_a_bootstrap_cannot_repeat_is_refused() {
    let fit = ["test", "-e", NORMAL, DATA];
    run(&[&fit[..], &["--weights", "w"]].concat()).refused(1, &["`w`"]);
    let data = file("weighed.csv", "x,w\n1,1\n2,2\n3,1\n-2,3\n0,1\n");
    let weighed = ["test", "-e", NORMAL, &data, "--weights", "w"];
    run(&weighed).refused(2, &["no-bootstrap", "neither weights nor clusters", "--bootstrap wild"]);
    run(&[&weighed[..], &["--bootstrap", "wild"]].concat()).expect(0);
    run(&[&fit[..], &["--robust", "0.5"]].concat()).refused(2, &["no-bootstrap", "robust"]);
    let noise = ["--objective", "denoising", "--sigma", "1"];
    run(&[&fit[..], &noise].concat()).refused(2, &["no-bootstrap", "noise"]);
    let at = ["--at", "mu=0, s2=1", "--fix", "mu=0"];
    run(&[&fit[..], &at].concat()).refused(2, &["`--fix`", "`--at` gives the parameters"]);
}

/// Two modes far apart in two dimensions: no p-value, and the exit status of a
/// fit that does not converge.
#[test]
fn chains_that_do_not_mix_give_no_p() {
    let rows = (0..60).map(|k| {
        let (side, turn) = (f64::from(k % 2) * 40.0 - 20.0, f64::from(k));
        format!("{},{}\n", side + turn.sin(), side + (1.7 * turn).cos())
    });
    let data = file("apart.csv", format!("x,y\n{}", rows.collect::<String>()));
    let model = "param m; log(exp(-((x - m)^2 + (y - m)^2)/2) + exp(-((x + m)^2 + (y + m)^2)/2))";
    let refused = run(&["test", "-e", model, &data, "--start", "m=20", "--replicates", "20"]);
    refused.refused(3, &["not-mixed", "modes"]);
}

/// A fit to these rows, given as JSON, is repeated from its estimates with the given options, or
/// tested by random signs with `--bootstrap wild`; a fit to other rows is taken as it is.
#[test]
fn a_fit_to_the_same_rows_is_repeated() {
    let fit = |data: &str, name: &str| {
        let json = run(&["fit", "-e", NORMAL, data, "--format", "json"]).expect(0).stdout;
        format!("@{}", file(name, &json))
    };
    let own = fit(DATA, "own.json");
    let arguments = ["test", "-e", NORMAL, DATA, "--at", &own];
    let few = ["--replicates", "20"];
    let repeated = run(&[&arguments[..], &few].concat()).expect(0).stdout;
    let fitted = run(&[&arguments[..4], &few].concat()).expect(0).stdout;
    assert_eq!(repeated, fitted);
    run(&[&arguments[..], &["--fix", "mu=0"]].concat()).refused(2, &["asked for otherwise"]);
    run(&[&arguments[..], &["--start", "mu=0"]].concat()).refused(2, &["starts"]);
    run(&[&arguments[..], &["--bootstrap", "wild"]].concat()).expect(0);
    let held = run(&["fit", "-e", NORMAL, DATA, "--fix", "mu=0", "--format", "json"]);
    let held = format!("@{}", file("held.json", &held.expect(0).stdout));
    let held = run(&[&["test", "-e", NORMAL, DATA, "--at", &held], &few[..]].concat()).expect(0);
    assert!(held.stdout.contains("mu = 0"), "{}", held.stdout);
    let other = file("other.csv", "x\n1\n2\n3\n5\n");
    run(&["test", "-e", NORMAL, DATA, "--at", &fit(&other, "other.json")]).expect(0);
}

#[test]
fn models_and_data_that_cannot_be_tested_are_refused() {
    let one = file("one.csv", "x\n1\n");
    run(&["test", "-e", "-x^2", &one]).refused(1, &["too-few-rows", "two rows"]);
    let at = ["test", "-e", NORMAL, DATA, "--at", "mu=0, s2=1"];
    run(&[&at[..], &["--kernel", "hamming"]].concat()).refused(2, &["imq or gaussian"]);
    run(&[&at[..], &["--bandwidth", "-1"]].concat()).refused(2, &["a positive number"]);
    let data = file("bits.csv", "b\n0\n1\n1\n0\n");
    let binary = ["test", "-e", "data b in {0, 1}; a*b", &data, "--at", "a=0"];
    run(&[&binary[..], &["--kernel", "imq"]].concat()).refused(2, &["hamming"]);
    assert!(run(&binary).expect(0).stdout.contains("hamming, exp(-m/b), b = 1"));
    // The derivative of a square root is infinite at zero.
    let edge = file("edge.csv", "x\n0\n1\n2\n");
    let root = ["test", "-e", "data x; a*sqrt(x)", &edge, "--at", "a=-1"];
    run(&root).refused(1, &["edge.csv:2", "not finite"]);
}
