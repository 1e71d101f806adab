//! Commands that need a text only: derivations, their check, the tables of functions and
//! objectives. Mistakes in a text are shown at their place, and no text causes a panic.

use std::fs;

use scorematch::objective::Kind;

use crate::run::{NORMAL, file, keys, numbers, run};

#[test]
fn derivations_match_their_expected_output() {
    let derive = |format: &str| run(&["derive", "-e", NORMAL, "--format", format]).expect(0);
    derive("text").golden("derive.stdout");
    derive("latex").golden("derive.tex.stdout");
    derive("mathml").golden("derive.mathml.stdout");
    let json = derive("json").json();
    assert_eq!(json["score"]["x"], "(mu - x)/s2");
    assert_eq!(json["laplacian"], "-1/s2");
    assert_eq!(keys(&json["gradient"]), ["mu", "s2"]);
    assert_eq!(json["means"], serde_json::json!(["E[x]", "E[x^2]"]));
    let mixture = ["derive", "-e", "log(exp(x*a) + exp(b*x^2))", "--format", "json"];
    assert!(run(&mixture).expect(0).json()["means"].is_null());
}

#[test]
fn a_check_compares_with_finite_differences() {
    let check = run(&["check", "-e", NORMAL]).expect(0);
    assert!(check.stdout.contains("ok: derivatives agree"), "{}", check.stdout);
    let json = run(&["check", "-e", NORMAL, "--format", "json"]).expect(0).json();
    assert_eq!(json["ok"], true);
    for derivative in json["derivatives"].as_array().expect("a list") {
        assert_eq!(derivative["differ"], 0);
        assert!(derivative["agree"].as_u64().expect("a count") > 0, "{derivative}");
    }
    let data = numbers("check.csv");
    run(&["check", "-e", NORMAL, &data]).expect(0);
    for edged in ["data t > 0; param a; -exp(a)*t", "data t > 0; param a > 0; -a*t"] {
        let weighted = run(&["check", "-e", edged]).expect(0);
        assert!(weighted.stdout.contains("finite at 20 of 20 points"), "{}", weighted.stdout);
    }
    let nowhere = run(&["check", "-e", "log(-1 - x^2)*a"]).expect(1);
    assert!(nowhere.stdout.contains("not a number"), "{}", nowhere.stdout);
}

#[test]
fn examples_are_sound() {
    for entry in fs::read_dir("examples").expect("examples stand beside src") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "energy") {
            let path = path.to_str().expect("a text");
            run(&["check", path]).expect(0);
            run(&["derive", path]).expect(0);
        }
    }
}

#[test]
fn the_function_table_is_printed() {
    let functions = run(&["functions"]).expect(0);
    functions.golden("functions.stdout");
    let json = run(&["functions", "--format", "json"]).expect(0).json();
    for function in json["functions"].as_array().expect("a list") {
        let example = function["example"].as_str().expect("an example");
        run(&["derive", "-e", example, "--quiet"]).expect(0);
    }
}

#[test]
fn the_table_of_objectives_is_printed() {
    let objectives = run(&["objectives"]).expect(0);
    objectives.golden("objectives.stdout");
    let json = run(&["objectives", "--format", "json"]).expect(0).json();
    let listed = json["objectives"].as_array().expect("a list");
    let names: Vec<&str> = listed.iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, Kind::ALL.map(Kind::name));
    for objective in listed {
        let text = |key: &str| objective[key].as_str().expect("a text");
        let (name, example) = (text("name"), text("example"));
        let mut derive = vec!["derive", "--objective", name];
        if name == "denoising" {
            derive.extend(["--sigma", "0.1"]);
        }
        let command = format!("scorematch {} -e '{example}'", derive.join(" "));
        assert_eq!(text("command"), command);
        derive.extend(["-e", example]);
        run(&derive).expect(0);
        assert!(objectives.stdout.contains(text("command")), "{name}");
    }
}

#[test]
fn mistakes_in_a_model_are_shown_at_their_place() {
    let data = numbers("pointed.csv");
    run(&["fit", "-e", "-(x - mu)^2/(2*s2", &data]).refused(1, &["<text>:1:", "^"]);
    run(&["derive", "-e", "2x"]).refused(1, &["<text>:1:", "help"]);
    run(&["derive", "-e", "logp = foo(x)"]).refused(1, &["foo"]);
    let model = file("wrong.energy", "data x\nparam mu\nlogp = -(x - mux)^2\n");
    run(&["derive", &model]).refused(1, &["wrong.energy:3:", "mux", "did you mean `mu`"]);
    run(&["check", &model]).refused(1, &["wrong.energy:3:"]);
}

#[test]
fn no_text_causes_a_panic() {
    let deep = format!("{}x{}", "(".repeat(100_000), ")".repeat(100_000));
    let chain = vec!["x"; 50_000].join("-");
    for text in
        ["", "\0", "#", "logp =", "-", "'", "data", "data x[1000000000]; -x'*x", &deep, &chain]
    {
        let model = file("strange.energy", text);
        let status = run(&["derive", &model]).status;
        assert!(status == 0 || status == 1, "{status}: {}", &text[..text.len().min(40)]);
    }
}
