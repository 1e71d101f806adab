//! Tests of goodness of fit: what is printed, the rows, and what is refused.

use crate::run::{NORMAL, file, keys, run};

const DATA: &str = "tests/golden/cli/numbers.csv";

#[test]
fn a_test_prints_its_statistic_and_the_rows_that_fit_worst() {
    let arguments = ["test", "-e", NORMAL, DATA, "--at", "mu=1, s2=2"];
    run(&arguments).expect(0).golden("test.stdout");
    let json = run(&[&arguments[..], &["--format", "json"]].concat()).expect(0).json();
    let contract = [
        "schema",
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

/// The fit to the rows themselves is refused, but for a wild bootstrap that is asked for; that to others is
/// taken.
#[test]
fn a_fit_to_the_same_rows_is_refused() {
    let fit = |data: &str, name: &str| {
        let json = run(&["fit", "-e", NORMAL, data, "--format", "json"]).expect(0).stdout;
        format!("@{}", file(name, &json))
    };
    let own = fit(DATA, "own.json");
    let arguments = ["test", "-e", NORMAL, DATA, "--at", &own];
    run(&arguments).refused(2, &["own-fit", "--bootstrap wild"]);
    run(&[&arguments[..], &["--bootstrap", "wild"]].concat()).expect(0);
    let other = file("other.csv", "x\n1\n2\n3\n5\n");
    run(&["test", "-e", NORMAL, DATA, "--at", &fit(&other, "other.json")]).expect(0);
}

#[test]
fn what_cannot_be_tested_is_refused() {
    let one = file("one.csv", "x\n1\n");
    run(&["test", "-e", "-x^2", &one]).refused(1, &["too-few-rows", "two rows"]);
    run(&["test", "-e", NORMAL, DATA]).refused(2, &["`--at` is needed"]);
    let at = ["test", "-e", NORMAL, DATA, "--at", "mu=0, s2=1"];
    run(&[&at[..], &["--kernel", "hamming"]].concat()).refused(2, &["imq or gaussian"]);
    run(&[&at[..], &["--bandwidth", "-1"]].concat()).refused(2, &["a positive number"]);
    let data = file("bits.csv", "b\n0\n1\n1\n0\n");
    let binary = ["test", "-e", "data b in {0, 1}; a*b", &data, "--at", "a=0"];
    run(&[&binary[..], &["--kernel", "imq"]].concat()).refused(2, &["hamming"]);
    assert!(run(&binary).expect(0).stdout.contains("hamming, exp(-m/b), b = 1"));
    // A square root has no slope at zero.
    let edge = file("edge.csv", "x\n0\n1\n2\n");
    let root = ["test", "-e", "data x; a*sqrt(x)", &edge, "--at", "a=-1"];
    run(&root).refused(1, &["edge.csv:2", "not finite"]);
}
