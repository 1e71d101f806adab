//! Derivatives that are infinite where log p is finite are reported with row and value.

use crate::run::{file, keys, run};

/// The score of -a·√|x| is infinite at 0.
const CUSP: &str = "data x; param a; -a*sqrt(abs(x))";

#[test]
fn an_evaluation_names_the_row_whose_score_is_infinite() {
    let data = file("cusp.csv", "x\n1\n0\n2\n");
    let run_ = run(&["eval", "-e", CUSP, &data, "--at", "a=1"]).expect(1);
    for word in ["warning[not-finite]", "cusp.csv:3", "score of `x`", "x = 0", "J does not exist"] {
        let text = run_.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(word), "{word}\n{}", run_.stdout);
    }
    let json =
        run(&["eval", "-e", CUSP, &data, "--at", "a=1", "--format", "json"]).expect(1).json();
    assert!(json["objective"].is_null() && keys(&json).contains(&"warnings"));
    assert_eq!(json["warnings"][0]["code"], "not-finite");
    let rows = run(&["eval", "-e", CUSP, &data, "--at", "a=1", "--rows"]).expect(1);
    assert!(rows.stdout.contains("\n2,0.0,") || rows.stdout.contains("\n2,-0.0,"));
    assert!(rows.stderr.contains("cusp.csv:3"), "{}", rows.stderr);
    let clean = file("clean.csv", "x\n1\n2\n");
    let json = run(&["eval", "-e", CUSP, &clean, "--at", "a=1", "--format", "json"]).json();
    assert_eq!(json["warnings"], serde_json::json!([]));
}

#[test]
fn a_second_derivative_alone_may_be_infinite() {
    // The score of -|x|^1.5 is 0 at 0, and its derivative infinite.
    let data = file("three_halves.csv", "x\n1\n0\n");
    let model = "data x; param a; -a*abs(x)*sqrt(abs(x))";
    let found = run(&["eval", "-e", model, &data, "--at", "a=1"]).expect(1);
    let text = found.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("three_halves.csv:3"), "{}", found.stdout);
}

#[test]
fn a_check_fails_where_a_derivative_is_infinite() {
    let data = file("zeros.csv", "x\n0\n1\n0\n-3\n0\n2\n");
    for model in [CUSP, "data x; param a; -a*abs(x)*sqrt(abs(x))"] {
        let found = run(&["check", "-e", model, &data]).expect(1);
        let verdict = found.stdout.lines().last().expect("a verdict");
        assert!(verdict.starts_with("MISMATCH") && verdict.contains("x = 0"), "{verdict}");
        let json = run(&["check", "-e", model, &data, "--format", "json"]).expect(1).json();
        assert_eq!(json["ok"], false);
    }
    let away = file("away.csv", "x\n1\n-3\n2\n");
    run(&["check", "-e", CUSP, &away]).expect(0);
}

#[test]
fn a_fit_without_a_start_names_a_row() {
    let data = file("spike.csv", "x\n1\n0\n2\n");
    for model in [CUSP, "data x; param a > 0; -abs(x)^0.5/a"] {
        let words = ["spike.csv:3", "score of `x`", "x = 0", "a ="];
        run(&["fit", "-e", model, &data]).refused(1, &words);
    }
}
