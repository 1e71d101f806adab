//! Fits: the table, the contract of the JSON, and the end without a minimum.

use serde_json::Value;

use crate::run::{NORMAL, keys, numbers, run};

#[test]
fn a_fit_prints_a_table() {
    let data = "tests/golden/cli/numbers.csv";
    run(&["fit", "-e", NORMAL, data]).expect(0).golden("fit.stdout");
    run(&["fit", "-e", NORMAL, data, "--fix", "s2=2"]).expect(0).golden("fit_fixed.stdout");
}

#[test]
fn a_fit_of_the_normal_model_is_its_moments() {
    let data = numbers("moments.csv");
    let json = run(&["fit", "-e", NORMAL, &data, "--format", "json"]).expect(0).json();
    let number = |value: &Value| value.as_f64().expect("a number");
    let parameter = |i: usize| &json["parameters"][i];
    let (mean, variance, n) = (1.0, 25.0 / 6.0 - 1.0, 12.0);
    assert!((number(&parameter(0)["estimate"]) - mean).abs() < 1e-12);
    assert!((number(&parameter(1)["estimate"]) - variance).abs() < 1e-12);
    assert!((number(&json["objective"]) - -0.5 / variance).abs() < 1e-12);
    let error = f64::sqrt(variance / n);
    assert!((number(&parameter(0)["std_error"]) - error).abs() < 1e-9);
    assert_eq!(json["roles"]["param"], serde_json::json!(["mu", "s2"]));
}

#[test]
fn functions_of_the_parameters_have_a_table() {
    let data = "tests/golden/cli/numbers.csv";
    let wanted = "mu/sqrt(s2), log(s2), log(mu - 9)";
    let fit =
        |more: &[&str]| run(&[&["fit", "-e", NORMAL, data, "--estimate", wanted], more].concat());
    fit(&[]).expect(0).golden("fit_estimate.stdout");
    let json = fit(&["--format", "json"]).expect(0).json();
    let list = json["estimates"].as_array().expect("a list");
    let names: Vec<_> =
        list.iter().map(|one| one["expression"].as_str().expect("a text")).collect();
    assert_eq!(names, wanted.split(", ").collect::<Vec<_>>());
    assert_eq!(keys(&list[0]), ["expression", "estimate", "std_error", "ci_low", "ci_high"]);
    assert_eq!(list[2]["reason"], "not finite");
    assert!(list[2]["estimate"].is_null() && list[2]["ci_high"].is_null());
}

#[test]
fn functions_of_the_parameters_are_refused_at_their_place() {
    let data = numbers("estimates.csv");
    let refused = |text: &str, words: &[&str]| {
        run(&["fit", "-e", NORMAL, &data, "--estimate", text]).refused(2, words);
    };
    refused("mu + x", &["--estimate", "`x` is data", "one number for all rows", "^"]);
    refused("sqrt(s3)", &["there is no parameter `s3`", "did you mean `s2`?"]);
    refused("[1, 2]", &["--estimate", "parameter"]);
    refused("mu = 1", &["--estimate"]);
    refused("mu, (s2", &["--estimate"]);
}

#[test]
fn a_vector_or_matrix_stands_for_its_entries() {
    let data = numbers("estimates.csv");
    let text = "2*s2, [mu, s2; s2, 1]";
    let fit = ["fit", "-e", NORMAL, &data, "--format", "json", "--estimate", text];
    let json = run(&fit).expect(0).json();
    let value = |one: &Value, key: &str| one[key].as_f64().expect("a number");
    let list = json["estimates"].as_array().expect("a list");
    let names: Vec<_> = list.iter().map(|one| one["expression"].clone()).collect();
    let entry = |place: &str| format!("([mu, s2; s2, 1])[{place}]");
    let entries = ["1,1", "1,2", "2,1", "2,2"].map(entry);
    assert_eq!(names[0], "2*s2");
    assert_eq!(names[1..], entries);
    let parameters = json["parameters"].as_array().expect("a list");
    for (place, parameter) in [(1, 0), (2, 1), (3, 1)] {
        for key in ["estimate", "std_error"] {
            let (found, expected) = (value(&list[place], key), value(&parameters[parameter], key));
            assert!((found / expected - 1.0).abs() < 1e-9, "{place} {key}: {found} {expected}");
        }
    }
    assert_eq!(value(&list[4], "estimate"), 1.0);
    assert!(list[4]["std_error"].is_null() && list[4]["reason"] == "constant", "{}", list[4]);
}

#[test]
fn intervals_have_the_level_that_is_asked_for() {
    let data = "tests/golden/cli/numbers.csv";
    let fit = |more: &[&str]| run(&[&["fit", "-e", NORMAL, data], more].concat());
    fit(&["--level", "0.9", "--estimate", "2*mu"]).expect(0).golden("fit_level.stdout");
    assert!(fit(&["--level=0.999"]).expect(0).stdout.contains("  0.05%  "));
    assert_eq!(fit(&["--level", "0.9", "--format", "json"]).expect(0).json()["level"], 0.9);
    assert_eq!(fit(&["--format", "json"]).expect(0).json()["level"], 0.95);
    fit(&["--level", "95"]).refused(2, &["--level", "between 0 and 1: 95 % is 0.95"]);
    for wrong in ["0", "1", "-0.5", "nan"] {
        fit(&["--level", wrong]).refused(2, &["--level", "between 0 and 1, as 0.9"]);
    }
    fit(&["--level", "high"]).refused(2, &["`high` is not a number"]);
}

#[test]
fn a_bootstrap_has_a_table() {
    let data = "tests/golden/cli/numbers.csv";
    let fit = |more: &[&str]| {
        let asked = ["fit", "-e", NORMAL, data, "--bootstrap", "500", "--estimate=2*mu"];
        run(&[&asked, more].concat()).expect(0)
    };
    fit(&[]).golden("fit_bootstrap.stdout");
    let json = fit(&["--format", "json"]).json();
    let found = &json["bootstrap"];
    assert_eq!(keys(found), ["replicates", "failed", "unit", "parameters", "derived"]);
    assert_eq!((&found["replicates"], &found["unit"]), (&500.into(), &"rows".into()));
    let mu = &found["parameters"][0];
    assert_eq!(keys(mu), ["name", "std_error", "percentile", "bca"]);
    let end = |of: &serde_json::Value, k: usize| of["bca"][k].as_f64().expect("an end");
    assert_eq!(end(&found["derived"][0], 0), 2.0 * end(mu, 0));
    assert_eq!(found, &fit(&["--format", "json", "--threads", "2"]).json()["bootstrap"]);
}

#[cfg(feature = "plot")]
#[test]
fn a_page_says_its_level() {
    let data = "tests/golden/cli/numbers.csv";
    let wanted = ["--level=0.9", "--estimate=2*mu", "--wald=mu=0, mu=1"];
    let page = run(&[&["report", "-e", NORMAL, data], &wanted[..]].concat()).expect(0).stdout;
    for words in
        ["90 % intervals", "90 % interval<", "delta method", "2*mu", "Wald tests", "No joint test"]
    {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("95 % interval"));
}

#[test]
fn hypotheses_have_a_table() {
    let data = "tests/golden/cli/numbers.csv";
    let wanted = "mu=0, mu/sqrt(s2)=0.5";
    let fit = |wanted: &str, more: &[&str]| {
        run(&[&["fit", "-e", NORMAL, data, "--wald", wanted], more].concat()).expect(0)
    };
    fit(wanted, &[]).golden("fit_wald.stdout");
    fit("mu=0, 2*mu=1", &["--fix", "s2=3"]).golden("fit_wald_repeated.stdout");
    let json = fit(wanted, &["--format", "json"]).json();
    assert_eq!(keys(&json["wald"]), ["hypotheses", "chi2", "df", "p"]);
    let first = &json["wald"]["hypotheses"][0];
    assert_eq!(keys(first), ["text", "estimate", "value", "chi2", "p"]);
    assert_eq!((&first["text"], &json["wald"]["df"]), (&"mu=0".into(), &2.into()));
    let json = fit("mu=0, mu=1", &["--format", "json"]).json();
    assert!(json["wald"]["chi2"].is_null() && json["wald"]["reason"].is_string());
}

#[test]
fn hypotheses_are_refused_at_their_place() {
    let data = numbers("hypotheses.csv");
    let refused = |text: &str, words: &[&str]| {
        run(&["fit", "-e", NORMAL, &data, "--wald", text]).refused(2, words);
    };
    refused("mu", &["--wald", "expected a hypothesis", "separate hypotheses with `,`"]);
    refused("mu = s2", &["`s2` is a parameter", "bring what varies to the left"]);
    refused("mu = 0, x = 1", &["`x` is data", "^"]);
}

/// The keys of the JSON in order, as grammar/json.md has them.
const FIT_KEYS: [&str; 30] = [
    "schema",
    "version",
    "command",
    "seed",
    "data",
    "model",
    "n",
    "dim",
    "roles",
    "objective_kind",
    "objective",
    "terms",
    "objective_by_component",
    "weight",
    "transform",
    "frozen",
    "method",
    "path",
    "converged",
    "stop_reason",
    "iterations",
    "gradient_norm",
    "starts",
    "minima",
    "level",
    "parameters",
    "covariance",
    "se_method",
    "scaled_condition",
    "warnings",
];

#[test]
fn json_has_the_documented_keys() {
    let data = numbers("contract.csv");
    let run = run(&["fit", "-e", NORMAL, &data, "--format", "json", "--seed", "3"]).expect(0);
    let json = run.json();
    assert_eq!(keys(&json), FIT_KEYS);
    assert_eq!(keys(&json["data"]), ["file", "digest", "rows", "used", "dropped"]);
    assert_eq!(keys(&json["roles"]), ["data", "covariate", "param"]);
    assert_eq!(keys(&json["terms"]), ["laplacian", "norm"]);
    assert_eq!(keys(&json["starts"]), ["tried", "converged", "collapsed", "failed"]);
    assert_eq!(
        keys(&json["minima"][0]),
        ["objective", "smic", "ksd", "log_likelihood", "hits", "estimate"]
    );
    let parameter = ["name", "estimate", "std_error", "ci_low", "ci_high", "z", "p", "status"];
    assert_eq!(keys(&json["parameters"][0]), parameter);
    assert_eq!((&json["schema"], &json["seed"]), (&Value::from(1), &Value::from(3)));
    assert_eq!(json["converged"], true);
    assert!(!run.stdout.contains("NaN") && !run.stdout.contains("inf"));
    let command = json["command"].as_str().expect("a text");
    assert!(command.starts_with("scorematch fit -e '-(x - mu)^2/(2*s2)' "), "{command}");
    let terms = json["terms"].as_object().expect("an object").values();
    let sum: f64 = terms.map(|term| term.as_f64().expect("a number")).sum();
    assert!((sum - json["objective"].as_f64().expect("a number")).abs() < 1e-12);
}

#[test]
fn a_weight_is_reported() {
    let data = "examples/iris.csv";
    let model = "data petal_length, petal_width; param a, b; \
                 -(petal_length - a)^2/2 - (petal_width - b)^2/2";
    let fit = |options: &[&str]| {
        run(&[&["fit", "-e", model, data, "--format", "json"], options].concat()).expect(0).json()
    };
    let (plain, weighted) = (fit(&[]), fit(&["--standardise"]));
    assert_eq!(plain["weight"], Value::Null);
    assert!(weighted["weight"].is_string());
    assert_ne!(plain["objective"], weighted["objective"]);
}

#[test]
fn the_best_point_of_a_fit_that_does_not_converge_is_printed() {
    // With this sign J falls as s grows.
    let data = numbers("unbounded.csv");
    let model = "data x; param s > 0; x^2/s";
    let json = run(&["fit", "-e", model, &data, "--format", "json"]).expect(3).json();
    assert_eq!(json["converged"], false);
    assert_eq!(keys(&json), FIT_KEYS);
}

#[test]
fn profile_intervals_have_a_table() {
    let data = "tests/golden/cli/numbers.csv";
    let fit = |more: &[&str]| {
        run(&[&["fit", "-e", NORMAL, data, "--profile-intervals"], more].concat()).expect(0)
    };
    fit(&[]).golden("fit_profile.stdout");
    let json = fit(&["--format", "json"]).json();
    let mu = &json["profile"]["parameters"][0];
    assert_eq!((keys(&json["profile"]), keys(mu)), (vec!["parameters"], vec!["name", "interval"]));
    assert!(mu["interval"][0].as_f64() < mu["interval"][1].as_f64());
    let robust = ["fit", "-e", NORMAL, data, "--profile-intervals", "--robust", "0.5"];
    run(&robust).expect(1);
}
