//! Comparisons of models: their output and refusals.

use crate::run::{NORMAL, file, keys, run};

const DATA: &str = "tests/golden/cli/numbers.csv";
const ZERO: &str = "-x^2/(2*s2)";

#[test]
fn a_comparison_prints_a_table_and_its_choice() {
    let arguments = ["compare", "-e", NORMAL, "-e", ZERO, DATA, "--folds", "4"];
    run(&arguments).expect(0).golden("compare.stdout");
    let json = run(&[&arguments[..], &["--format", "json"]].concat()).expect(0).json();
    let contract = [
        "schema",
        "version",
        "seed",
        "n",
        "data",
        "objective_kind",
        "weight",
        "transform",
        "frozen",
        "folds",
        "ksd_rows",
        "models",
        "best",
        "choice",
        "reason",
        "warnings",
    ];
    assert_eq!(keys(&json), contract);
    let model = [
        "name",
        "parameters",
        "converged",
        "objective",
        "cv",
        "cv_difference",
        "folds_from_scratch",
        "no_cv",
        "smic",
        "smic_difference",
        "ksd",
        "ksd_difference",
        "log_likelihood",
        "estimate",
        "warnings",
    ];
    assert_eq!(keys(&json["models"][0]), model);
    assert_eq!(keys(&json["models"][0]["cv"]), ["value", "std_error"]);
}

/// Models of files come before models of texts, regardless of their order on the command line.
#[test]
fn models_come_from_files_and_texts() {
    let model = file("zero.energy", ZERO);
    let text = run(&["compare", "-e", NORMAL, &model, DATA]).expect(0).stdout;
    let first = text.lines().find(|line| line.starts_with("model 1")).expect("a first model");
    assert!(first.ends_with("zero.energy"), "{text}");
    let text = run(&["compare", &model, &model, DATA]).expect(0).stdout;
    assert!(text.contains("*1"), "{text}");
}

#[test]
fn models_that_cannot_be_compared_are_refused() {
    run(&["compare", "-e", NORMAL, DATA]).refused(2, &["two models at least", "`-e`"]);
    run(&["compare", DATA]).refused(2, &["two models at least"]);
    let two = ["compare", "-e", NORMAL, "-e", ZERO, DATA];
    run(&[&two[..], &["--folds", "13"]].concat()).refused(2, &["13 folds of 12 rows"]);
    let data = file("compare.csv", "x,y,c\n1,2,1\n2,5,1\n4,1,2\n3,3,2\n2,2,3\n5,4,3\n");
    let other = ["compare", "-e", "-(x - m)^2", "-e", "-(y - m)^2", &data];
    run(&other).refused(1, &["not-comparable", "-(x - m)^2", "-(y - m)^2", "other data, x and y"]);
    let half = ["compare", "-e", "-(x - m)^2", "-e", "data x > 0; -b*x^2", &data];
    run(&half).refused(1, &["not-comparable", "`x` on other domains", "declare the data alike"]);
    let clusters = ["compare", "-e", "-(x - m)^2", "-e", "-b*x^2", &data, "--cluster", "c"];
    run(&clusters).refused(2, &["10 folds of 3 clusters"]);
}

/// A missing value in a covariate of one model leaves the row out for both.
#[test]
fn rows_are_those_that_all_models_have() {
    let rows: String = (0..20)
        .map(|i| {
            let z = if i == 3 { String::new() } else { (i % 4).to_string() };
            format!("{},{z}\n", (i * 7) % 11)
        })
        .collect();
    let data = file("holes.csv", format!("y,z\n{rows}"));
    let with = "data y; covariate z; -(y - a - b*z)^2";
    let models = ["compare", "-e", "data y; -(y - a)^2", "-e", with, &data];
    run(&models).refused(1, &["holes.csv:5"]);
    let text = run(&[&models[..], &["--missing", "drop", "--explain"]].concat()).expect(0).stdout;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("19 rows") && words.contains("every column of any model"), "{text}");
}

/// The best point of a fit that did not converge is reported: J falls as a component shrinks onto
/// five equal rows.
#[test]
fn a_fit_that_does_not_converge_is_not_chosen() {
    let data = file("few.csv", "x\n0\n0\n0\n0\n0\n1\n2\n3\n5\n8\n");
    let spike = "param s2 > 0; log(exp(-x^2/(2*s2))/sqrt(s2) + exp(-(x - 3)^2/18))";
    let ran = run(&["compare", "-e", NORMAL, "-e", spike, &data, "--folds", "5"]).expect(3);
    assert!(ran.stdout.contains("*1") && ran.stdout.contains("not-validated"), "{}", ran.stdout);
}
