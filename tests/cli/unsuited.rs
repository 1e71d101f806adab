//! Models that no objective suits: every command and the session refuse them in the same words.

use crate::run::{file, finished, program, run};

/// Models with an option, and the words that the refusal contains.
const MODELS: &[(&str, &[&str], &str)] = &[
    ("data x in {0, 1}, y; param b; b*x - y^2", &[], "`x in {0, 1}`"),
    ("data x in {0, 1}; param b; weight x = 2; b*x", &[], "`x in {0, 1}`"),
    ("data x in {0, 1}; param b; b*x", &["--objective", "hyvarinen"], "`x in {0, 1}`"),
    ("data x; param b; -b*x^2", &["--objective", "ratio"], "`x`"),
    ("data x > -1; param b; -b*x^2", &["--objective", "flow"], "`x > -1`"),
    ("data x[2] on simplex; param b; weight x = [x[1], 1]; b*log(x[1])", &[], "`x on simplex`"),
    ("data x > -1; param b; -b*x^2", &["--objective", "hyvarinen"], "`x > -1`"),
    ("data x; param b; weight x = x^2; -b*x^2", &["--objective", "hyvarinen"], "`weight x = x^2`"),
    ("data x; param b; -b*x^2", &["--objective", "weighted"], "`x`"),
    ("data x; param b; weight x = x^2 + b; -b*x^2", &[], "`weight x = x^2 + b`"),
    ("data x; param b; -b*x^2", &["--transform", "alr"], "`alr`"),
    ("data x[2] on simplex; param b; b*log(x[1])", &["--transform", "alr:y"], "`y`"),
];

fn table() -> String {
    file("unsuited.csv", "x,y,x1,x2\n1,0,1,0\n0,1,0,1\n1,0,0.5,0.5\n")
}

fn refusal(arguments: &[&str]) -> String {
    let run = run(arguments).expect(1);
    assert_eq!(run.stdout.is_empty(), !arguments.contains(&"json"), "{arguments:?}");
    run.stderr
}

#[test]
fn every_command_refuses_in_the_same_words() {
    let data = table();
    for (model, options, named) in MODELS {
        let refusal = |arguments: &[&str]| refusal(&[arguments, options].concat());
        let fit = refusal(&["fit", "-e", model, &data]);
        assert!(fit.contains("error[no-objective]") && fit.contains(named), "{fit}");
        let at = ["-e", model, &data, "--at", "b=1"];
        for command in [&["eval"][..], &["eval", "--rows"], &["eval", "--timing"]] {
            assert_eq!(refusal(&[command, &at].concat()), fit, "{command:?}");
        }
        assert_eq!(refusal(&["check", "-e", model, &data]), fit);
        assert_eq!(refusal(&["check", "-e", model]), fit);
        for format in ["text", "latex", "mathml", "json"] {
            assert_eq!(refusal(&["derive", "-e", model, "--format", format]), fit);
        }
    }
}

#[test]
fn the_session_refuses_in_the_same_words() {
    let data = table();
    for (model, _, named) in MODELS.iter().filter(|(_, options, _)| options.is_empty()) {
        let fit = refusal(&["fit", "-e", model, &data]);
        // The message shows the place of the statement.
        assert!(fit.contains("-->") && fit.contains('^'), "{fit}");
        let words = fit.lines().next().expect("a message has a first line");
        for command in [":fit", ":eval b=1", ":score", ":objective", ":latex", ":show program"] {
            let session = format!(":data {data}\n{model}\n{command}\n");
            let run = finished(&mut program(), session.as_bytes());
            assert!(run.stderr.contains(words), "{command} {named}\n{}", run.stderr);
        }
    }
}

/// Models on a circle or on the line are not refused.
#[test]
fn models_that_have_an_objective_are_computed() {
    let data = table();
    for model in [
        "data x on circle; param b; b*cos(x)",
        "data x; param b; -b*x^2/2",
        "data x > -1; param b; -b*x^2",
        "data x[2] on simplex; param b; b*log(x[1])",
        "data y in {0, 1}; param b; b*y",
    ] {
        run(&["eval", "-e", model, &data, "--at", "b=1"]).expect(0);
        run(&["derive", "-e", model]).expect(0);
    }
}

/// Every command that computes with a weight of the text checks it on the rows and at the edges.
#[test]
fn an_invalid_weight_is_refused_with_its_row() {
    let data = file("weights.csv", "x\n1\n0.25\n");
    for (model, words) in [
        ("data x > 0; param b; weight x = x - 0.5; -b*x", "is -0.25 in row 2 (x = 0.25)"),
        ("data x > 0; param b; weight x = x + 0.5; -b*x", "is 0.5 at the edge x = 0"),
    ] {
        let fit = refusal(&["fit", "-e", model, &data]);
        assert!(fit.contains(words) && fit.contains("^^^^"), "{fit}");
        assert_eq!(refusal(&["eval", "-e", model, &data, "--at", "b=1"]), fit);
        assert_eq!(refusal(&["check", "-e", model, &data]), fit);
        run(&["derive", "-e", model]).expect(0);
    }
}
