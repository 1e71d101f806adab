//! Options and arguments: their effects, and the refusal of invalid values and missing files.

use crate::run::{NORMAL, file, numbers, run};

#[test]
fn usage_mistakes() {
    let data = numbers("usage.csv");
    let usage = |arguments: &[&str], words: &[&str]| run(arguments).refused(2, words);
    usage(&["fat"], &["fat"]);
    usage(&["fit"], &["MODEL"]);
    usage(&["fit", "-e", NORMAL], &["required"]);
    usage(&["fit", "model.energy"], &["DATA is missing"]);
    usage(&["fit", "-e", NORMAL, "model.energy", &data], &["given twice"]);
    usage(&["fit", "-e", NORMAL, &data, "--threads", "0"], &["--threads"]);
    usage(&["fit", "-e", NORMAL, &data, "--seed", "x"], &["--seed"]);
    usage(&["fit", "-e", NORMAL, &data, "--objective", "sharp"], &["sharp", "hyvarinen"]);
    usage(&["fit", "-e", NORMAL, &data, "--missing", "maybe"], &["error", "drop"]);
    usage(&["fit", "-e", NORMAL, &data, "--format", "xml"], &["text", "json"]);
    usage(&["fit", "-e", NORMAL, &data, "--const", "d=five"], &["five"]);
    usage(&["fit", "-e", NORMAL, &data, "--map", "x"], &["NAME"]);
    usage(&["fit", "-e", NORMAL, &data, "--delimiter", "::"], &["delimiter"]);
    usage(&["derive"], &["MODEL is missing"]);
    usage(&["derive", "-e", NORMAL, &data], &["derive"]);
}

#[test]
fn values_of_options_are_checked() {
    let data = numbers("values.csv");
    let at = |values: &str, words: &[&str]| {
        run(&["eval", "-e", NORMAL, &data, "--at", values]).refused(2, words);
    };
    at("mu=0", &["`s2`", "--at"]);
    at("mu=0, s3=1", &["s3"]);
    at("mu=, s2=1", &["--at"]);
    run(&["eval", "-e", NORMAL, &data]).refused(2, &["--at"]);
    let model = "data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)";
    run(&["eval", "-e", model, &data, "--at", "mu=0, s2=-1"]).refused(2, &["s2", "-1"]);
    run(&["fit", "-e", NORMAL, &data, "--fix", "nu=1"]).refused(2, &["nu"]);
    run(&["fit", "-e", NORMAL, &data, "--start", "nu=1"]).refused(2, &["nu"]);
}

#[test]
fn columns_and_constants_are_given_by_options() {
    let data = file("mapped.csv", "height,width\n1,2\n3,4\n5,0\n");
    let model = "const d = 1\ndata x[d]\nparam m[d]\n-sumsq(x - m)/2";
    let options = ["--const", "d=2", "--map", "x=width,height", "--format", "json"];
    let run = run(&[&["fit", "-e", model, &data], &options[..]].concat()).expect(0);
    let json = run.json();
    let estimates: Vec<_> = (0..2).map(|i| json["parameters"][i]["estimate"].clone()).collect();
    assert_eq!(estimates, [2.0, 3.0]);
    assert_eq!(json["dim"], 2);
}

#[test]
fn files_that_cannot_be_read_or_written() {
    let data = numbers("files.csv");
    run(&["fit", "nowhere.energy", &data]).refused(1, &["nowhere.energy", "No such file"]);
    run(&["fit", "-e", NORMAL, "nowhere.csv"]).refused(1, &["nowhere.csv", "No such file"]);
    run(&["derive", NORMAL]).refused(2, &["after `-e`"]);
    run(&["derive", "x^2"]).refused(1, &["write `-e 'x^2'`"]);
    let latin = file("latin.energy", b"data x # \xe9\n-x^2");
    run(&["derive", &latin]).refused(1, &["UTF-8"]);
    let target = "no/such/folder/fit.json";
    run(&["fit", "-e", NORMAL, &data, "-o", target]).refused(1, &["cannot write", target]);
    let json = file("bad.json", "{\"mu\": \"one\"}");
    let at = format!("@{json}");
    run(&["eval", "-e", NORMAL, &data, "--at", &at]).refused(1, &["bad.json", "mu"]);
    run(&["eval", "-e", NORMAL, &data, "--at", "@nowhere.json"]).refused(1, &["nowhere.json"]);
}

#[test]
fn the_limit_that_a_message_names_is_an_option() {
    let text = "sum(i in 1:1000, sin(i*x + a))";
    run(&["derive", "-e", text, "--nodes-max", "100"]).refused(1, &["--nodes-max"]);
    run(&["derive", "-e", "sum(i in 1:3, sin(i*x + a))", "--nodes-max", "100"]).expect(0);
}

#[test]
fn a_path_that_a_model_does_not_have_is_refused() {
    let data = numbers("no-moments.csv");
    let model = "-log_cosh((x - mu)/s)";
    let words = ["--path moments", "a few means"];
    let eval = ["eval", "-e", model, &data, "--at", "mu=0, s=1", "--path", "moments"];
    run(&eval).refused(2, &words);
    run(&["fit", "-e", model, &data, "--path", "moments"]).refused(2, &words);
    run(&["fit", "-e", model, &data, "--path", "columns"]).refused(2, &["auto", "rows", "moments"]);
    let eval = |options: &[&str]| {
        run(&[&["eval", "-e", NORMAL, &data, "--at", "mu=0, s2=1"], options].concat())
    };
    eval(&["--repeat", "3"]).refused(2, &["--timing"]);
    eval(&["--repeat", "0", "--timing"]).refused(2, &["--repeat"]);
    eval(&["--rows", "--timing"]).refused(2, &["--rows"]);
    eval(&["--rows", "--path", "rows"]).refused(2, &["--rows"]);
}
