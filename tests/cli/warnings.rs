//! Warnings that a run has or does not have, and parameters that cannot be estimated.

use std::fmt::Write;

use scorematch::source::{codes, explain};

use crate::run::{file, finished, program, run};

/// The codes and the messages of a fit's warnings.
fn warnings(model: &str, data: &str) -> Vec<(String, String)> {
    let json = run(&["fit", "-e", model, data, "--format", "json", "-q"]).json();
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let list = json["warnings"].as_array().expect("a list").clone();
    list.iter().map(|one| (text(&one["code"]), text(&one["message"]))).collect()
}

fn has(found: &[(String, String)], code: &str) -> bool {
    found.iter().any(|one| one.0 == code)
}

#[test]
fn a_model_with_nothing_to_estimate_is_refused() {
    let data = file("plain.csv", "x\n1\n2\n4\n");
    let words = ["error[nothing-to-estimate]", "eval"];
    for model in ["x", "-x^2/2", "data x; -x^4"] {
        run(&["fit", "-e", model, &data]).refused(1, &words);
    }
    let normal = "data x; -(x - mu)^2/(2*s2)";
    run(&["fit", "-e", normal, &data, "--fix", "mu=1,s2=2"]).refused(1, &words);
    // A constant of log p scales the density only.
    run(&["fit", "-e", "data x; param c; c - x^2/2", &data])
        .refused(1, &["does not depend", "`c`"]);
    // J of -x²/2 is -1 + mean(x²)/2.
    let json = run(&["eval", "-e", "-x^2/2", &data, "--format", "json"]).expect(0).json();
    let found = json["objective"].as_f64().expect("a number");
    assert!((found - (-1.0 + 3.5)).abs() < 1e-14, "{found}");
}

#[test]
fn a_first_line_of_numbers_may_be_data() {
    let data = file("bare.csv", "1.5\n2.5\n4\n3\n");
    let model = "data `1.5`; -(`1.5` - mu)^2/2";
    let found = warnings(model, &data);
    let header = found.iter().find(|one| one.0 == "no-header").expect("a warning");
    assert!(header.1.contains("--no-header"), "{found:?}");
    let named = file("named.csv", "1.5,x\n2.5,1\n4,2\n3,0\n");
    assert!(!has(&warnings("data x; -(x - mu)^2/2", &named), "no-header"));
}

#[test]
fn a_response_has_no_edge() {
    // y = 2t with a small noise: the marginal of y is uniform, but its
    // density given t is not cut off.
    let mut text = "t,y\n".to_owned();
    for k in 0..120 {
        let t = f64::from(k * k) / 120.0;
        writeln!(text, "{t},{}", 2.0 * t + f64::from(k * 7 % 11 - 5)).expect("a text grows");
    }
    let data = file("line.csv", &text);
    let line = "data y; covariate t; param a, b, s2 > 0; -(y - a - b*t)^2/(2*s2)";
    assert!(!has(&warnings(line, &data), "evident-edge"));
    let marginal = warnings("data t; param m, s2 > 0; -(t - m)^2/(2*s2)", &data);
    let edge = marginal.iter().find(|one| one.0 == "evident-edge").expect("squares crowd at 0");
    assert!(edge.1.contains("below at 0") && edge.1.contains("`data t > 0`"), "{}", edge.1);
}

/// Lengths and widths are rounded to a tenth; 29 of 150 petal widths are 0.2, the largest are 2.5.
#[test]
fn rounding_makes_no_atom_and_no_edge() {
    for column in ["sepal_length", "sepal_width", "petal_length", "petal_width"] {
        let model = format!("data {column}; param m, s > 0; normal_lpdf({column}, m, s)");
        let found = warnings(&model, "examples/iris.csv");
        assert!(!has(&found, "point-mass") && !has(&found, "evident-edge"), "{found:?}");
    }
    // Of 400 values on a grid of 0.1 another 100 are 0.
    let mut text = "x\n".to_owned();
    for k in 0..500 {
        let x = if k % 5 == 0 { 0.0 } else { f64::from(k * k % 31 + k * 7 % 37) / 10.0 };
        writeln!(text, "{x}").expect("a text grows");
    }
    let data = file("zeros.csv", &text);
    let found = warnings("data x; param m, s > 0; normal_lpdf(x, m, s)", &data);
    let atom = found.iter().find(|one| one.0 == "point-mass").expect("a fifth of the rows are 0");
    assert!(atom.1.contains("`x` is 0 in 1"), "{}", atom.1);
}

#[test]
fn units_do_not_matter_to_a_normal() {
    let mut text = "x1,x2\n".to_owned();
    for k in 0..60 {
        let (a, b) = (f64::from(k * 17 % 31 - 15), f64::from(k * 23 % 29 - 14));
        writeln!(text, "{},{}", 170.0 + a, 0.01 * (a + b)).expect("a text grows");
    }
    let data = file("units.csv", &text);
    for form in ["posdef", "symmetric"] {
        let model = format!("data x[2]; param m[2], K[2,2] {form}; -(x - m)'*K*(x - m)/2");
        assert!(!has(&warnings(&model, &data), "column-units"), "{form}");
    }
    let own = "data x1, x2; param m, k, s > 0, r > 0; -log_cosh((x1 - m)/s) - log_cosh((x2 - k)/r)";
    assert!(!has(&warnings(own, &data), "column-units"));
    let tied = "data x1, x2; param m, k, s > 0; -log_cosh((x1 - m)/s) - log_cosh((x2 - k)/s)";
    assert!(has(&warnings(tied, &data), "column-units"));
}

#[test]
fn a_curve_through_its_rows_has_not_shrunk_onto_them() {
    let mut text = "t,y\n".to_owned();
    for k in 0..30 {
        let t = f64::from(k) / 4.0;
        let y = 2.0 * (-0.4 * t).exp() + (-2.0 * t).exp();
        writeln!(text, "{t},{y}").expect("a text grows");
    }
    let data = file("exact.csv", &text);
    let curve = "data y; covariate t; param a, b, c, d, s2 > 0; \
                 -(y - a*exp(-b*t) - c*exp(-d*t))^2/(2*s2)";
    let found = warnings(curve, &data);
    let about = |one: &&(String, String)| one.0 == "collapse" || one.0 == "unbounded-objective";
    let said: Vec<_> = found.iter().filter(about).collect();
    assert!(!said.is_empty(), "{found:?}");
    assert!(said.iter().all(|one| !one.1.contains("shrank") && !one.1.contains("concentrates")));
}

/// For binary data the message is about differences of log p, and names parameters
/// that log p does not contain.
#[test]
fn unidentified_parameters_are_named_in_terms_of_the_objective() {
    let binary = "data q[5] in {0, 1}; param h[5], J[5,5] symmetric, c; \
                  c + h'*q + sum(i in 1:5, j in i+1:5, J[i,j]*q[i]*q[j])";
    let arguments = ["fit", "-e", binary, "examples/lsat.csv", "--map", "q=q1,q2,q3,q4,q5"];
    let run_of_binary = run(&arguments).expect(0);
    let text = run_of_binary.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("log p does not contain `J[1,1]`"), "{text}");
    assert!(text.contains("does not depend on `c`."), "{text}");
    let json = run(&[&arguments[..], &["--format", "json", "-q"]].concat()).json().to_string();
    assert!(json.contains("It compares log p at the two values of an entry"), "{json}");
    assert!(!json.contains("Score matching cannot see"), "{json}");
    let data = file("scaled.csv", "x\n1\n2\n4\n2.5\n3\n");
    let found = warnings("data x; param c, m; c - (x - m)^2/2", &data);
    let told = found.iter().find(|one| one.0 == "unidentified").expect("c scales");
    assert!(told.1.contains("on `c`. Score matching cannot see"), "{}", told.1);
}

/// Where the rate vanishes in every row, J is constant in a and b, and decreases towards the data.
#[test]
fn a_plateau_where_an_exponential_underflows_is_no_minimum() {
    let model = "data gap > 0; covariate year; param k > 0, a, b; \
                 (k - 1)*log(gap) - exp(a + b*(year - 1900))*gap";
    for seed in ["0", "1", "2", "3"] {
        let arguments = ["fit", "-e", model, "examples/disasters.csv", "--format", "json", "-q"];
        let json = run(&[&arguments[..], &["--seed", seed]].concat()).expect(0).json();
        let minima = json["minima"].as_array().map_or(0, Vec::len);
        let codes: Vec<_> = json["warnings"].as_array().expect("a list").iter().collect();
        assert!(minima <= 1, "seed {seed}: {}", json["minima"]);
        assert!(codes.iter().all(|one| one["code"] != "ambiguous-minimum"), "{codes:?}");
    }
}

#[test]
fn codes_of_missing_values_are_asked_about() {
    let table = |code: &str| {
        let mut text = "x,z\n".to_owned();
        for k in 0..60 {
            let x = if k % 20 == 7 {
                code.to_owned()
            } else {
                (f64::from(k * 37 % 60) / 10.0).to_string()
            };
            writeln!(text, "{x},{}", f64::from(k * 11 % 60) / 7.0)
                .expect("writing to memory cannot fail");
        }
        file(&format!("code_{code}.csv"), &text)
    };
    let model = "data x; covariate z; -(x - a - b*z)^2/(2*s2)";
    let found = warnings(model, &table("-999"));
    let message = "`x` is -999 in 3 of 60 rows, far from all other values. If it means a missing value: \
                   `--na -999 --missing drop`";
    assert!(found.contains(&("sentinel".to_owned(), message.to_owned())), "{found:?}");
    let given = "data z; covariate x; -(z - a - b*x)^2/(2*s2)";
    assert!(has(&warnings(given, &table("9999")), "sentinel"));
    for number in ["5.5", "-998", "7"] {
        assert!(!has(&warnings(model, &table(number)), "sentinel"), "{number}");
    }
    let data = table("-999");
    let at = "a=0,b=0,s2=1";
    for others in [
        &["eval", "-e", model, &data, "--at", at][..],
        &["eval", "-e", model, &data, "--at", at, "--rows"],
        &["score", "-e", model, &data, "--at", at],
        &["plot", "-e", model, &data, "--at", at],
        &["compare", "-e", model, "-e", "data x; covariate z; -(x - a)^2/(2*s2)", &data],
        &["sample", "-e", given, "--at", at, "--given", &data, "--count", "1"],
        &["new", &data],
    ] {
        let run = run(others).expect(0);
        let all = format!("{}{}", run.stdout, run.stderr);
        assert_eq!(all.matches("[sentinel]").count(), 1, "{others:?}: {all}");
    }
    let beside = "data x > 0; (a - 1)*log(x) - b*x";
    run(&["fit", "-e", beside, &data]).refused(1, &["`x` is -999", "`--na -999 --missing drop`"]);
    let told = ["fit", "-e", model, &table("-999"), "--na", "-999", "--missing", "drop"];
    let json = run(&[&told[..], &["--format", "json"]].concat()).expect(0).json();
    assert_eq!(json["data"]["dropped"], 3);
}

/// A mixture of rounded values with many remarks: ties, labels, units, an edge.
fn remarked() -> (&'static str, String) {
    let mut text = "a,b\n".to_owned();
    for k in 0..240 {
        let (a, b) = (f64::from(k * k % 240) / 240.0, f64::from(k * 7 % 31));
        writeln!(text, "{},{}", (a * a * 40.0).round(), 0.01 * b + f64::from(k % 2))
            .expect("it grows");
    }
    let model = "data a, b; param m[2], s > 0, w in (0, 1), c, phi; \
                 log(w*exp(-((a - m[1])^2 + (b - phi^2)^2)/(2*s)) \
                 + (1 - w)*exp(-((a - m[2])^2 + (b - phi^2)^2)/(2*s))) + c";
    (model, file("remarks.csv", &text))
}

/// The paragraphs that begin with `warning[` or `note[`, as lines.
fn paragraphs(text: &str) -> Vec<Vec<&str>> {
    let mut found: Vec<Vec<&str>> = Vec::new();
    for line in text.lines() {
        match line.starts_with("warning[") || line.starts_with("note[") {
            true => found.push(vec![line]),
            false if line.starts_with("    ") => {
                if let Some(last) = found.last_mut() {
                    last.push(line);
                }
            }
            false => {}
        }
    }
    found
}

#[test]
fn warnings_take_two_lines_each_and_the_gravest_comes_first() {
    let (model, data) = remarked();
    let fit = ["fit", "-e", model, &data];
    let text = run(&fit).stdout;
    let told = paragraphs(&text);
    assert!(told.len() >= 3, "{text}");
    for lines in &told {
        let fits = lines.len() <= 2 && lines.iter().all(|line| line.chars().count() <= 80);
        assert!(fits, "{lines:#?}");
    }
    let list = warnings(model, &data);
    let place = |code: &str| codes().iter().position(|one| one.code == code).expect("a code");
    assert!(list.windows(2).all(|two| place(&two[0].0) <= place(&two[1].0)), "{list:?}");
    for (lines, (code, _)) in told.iter().zip(&list) {
        assert!(lines[0].contains(&format!("[{code}]")), "{lines:?} is not {code}");
    }
    assert!(text.contains("\n--explain tells more\n"), "{text}");
}

#[test]
fn explained_warnings_tell_the_message_and_the_code() {
    let (model, data) = remarked();
    let fit = ["fit", "-e", model, &data];
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let brief = words(&run(&fit).stdout);
    let full = words(&run(&[&fit[..], &["--explain"]].concat()).stdout);
    let list = warnings(model, &data);
    let longer = list.iter().filter(|(_, message)| !brief.contains(&words(message))).count();
    assert!(longer >= 1, "nothing was left out of {brief}");
    for (code, message) in &list {
        assert!(full.contains(&format!("[{code}]: {}", words(message))), "{code}: {full}");
        assert!(full.contains(&words(explain(code).expect("it is explained"))), "{code}: {full}");
    }
    assert!(!full.contains("tells more"), "{full}");
}

#[test]
fn a_session_tells_more_of_its_last_fit() {
    let rows: String = (0..40).map(|k| format!("{}\n", k * k % 8)).collect();
    let data = file("grades.csv", format!("x\n{rows}"));
    let lines = format!("-(x - mu)^2/2\n:data {data}\n:explain\n:fit\n:explain\n");
    let said = finished(&mut program(), lines.as_bytes());
    assert!(said.stderr.contains("error[no-fit]"), "{}", said.stderr);
    let (brief, full) = said.stdout.split_once("\n:explain tells more\n").expect("a hint");
    assert!(brief.contains("warning[counts]: `x` takes 3 whole numbers"), "{brief}");
    assert!(!brief.contains("points of a continuum") && full.contains("points of a"), "{full}");
    let lines = format!("-(x - mu)^2/2\n:data {data}\n:fit --explain\n");
    let at_once = finished(&mut program(), lines.as_bytes()).stdout;
    assert!(at_once.contains("points of a") && !at_once.contains("tells more"), "{at_once}");
}
