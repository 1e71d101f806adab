//! The command line as a user meets it: the built program, its output to the letter, its exit
//! status for every class of mistake.
//!
//! `SCOREMATCH_BLESS=1 cargo test --test cli` writes the expected outputs anew.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a run left behind.
#[derive(Debug)]
struct Run {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Run {
    #[track_caller]
    fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}{}", self.stdout, self.stderr);
        self
    }

    /// Fails with a message that holds these words, and prints no result.
    #[track_caller]
    fn refused(self, status: i32, words: &[&str]) {
        let run = self.expect(status);
        assert_eq!(run.stdout, "");
        for word in words {
            assert!(run.stderr.contains(word), "`{word}` is not in\n{}", run.stderr);
        }
        assert!(!run.stderr.contains("panicked") && !run.stderr.contains("internal error"));
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}:\n{}{}", self.stdout, self.stderr))
    }

    #[track_caller]
    fn golden(&self, name: &str) {
        let path = PathBuf::from("tests/golden/cli").join(name);
        if std::env::var_os("SCOREMATCH_BLESS").is_some() {
            fs::write(&path, &self.stdout).expect("the golden folder can be written");
        }
        let expected = fs::read_to_string(&path).expect("there is an expected output");
        assert_eq!(self.stdout, expected, "{}", path.display());
    }
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scorematch"));
    command.env_remove("NO_COLOR").env_remove("RUST_BACKTRACE");
    command
}

fn finished(command: &mut Command, input: &[u8]) -> Run {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    // A program that ends before it reads everything is no failure of the test.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Run {
        status: output.status.code().expect("it ends by itself"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

fn run(arguments: &[&str]) -> Run {
    finished(program().args(arguments), b"")
}

fn run_with(arguments: &[&str], input: &[u8]) -> Run {
    finished(program().args(arguments), input)
}

/// A file of this text in a folder for tests.
fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli");
    fs::create_dir_all(&folder).expect("the folder for tests can be made");
    let path = folder.join(name);
    fs::write(&path, content).expect("the folder for tests can be written");
    path.to_str().expect("the path is a text").to_owned()
}

/// Twelve numbers with mean 1 and mean square 25/6.
const NUMBERS: &str = "x\n-2\n-1\n-1\n0\n0\n1\n1\n2\n2\n3\n3\n4\n";
const NORMAL: &str = "-(x - mu)^2/(2*s2)";

fn numbers(name: &str) -> String {
    file(name, NUMBERS)
}

#[test]
fn no_argument_starts_a_session() {
    assert_eq!(run(&[]).expect(0).stdout, "");
    assert_eq!(
        run_with(&[], b"-x^2\n:score\n").expect(0).stdout,
        "data x\nlogp = -x^2\nscore x = -2*x\n"
    );
    run(&["--stric"]).refused(2, &["--strict"]);
}

#[test]
fn help_and_version_are_results() {
    let help = run(&["--help"]).expect(0);
    for word in
        ["fit", "eval", "derive", "check", "functions", "not 0", "130", "Examples:", "session"]
    {
        assert!(help.stdout.contains(word), "{word}");
    }
    for command in ["fit", "eval", "derive", "check"] {
        let help = run(&[command, "--help"]).expect(0);
        assert!(help.stdout.contains("Examples:"), "{command}");
    }
    let version = run(&["--version"]).expect(0).stdout;
    assert_eq!(version, format!("scorematch {}\n", env!("CARGO_PKG_VERSION")));
}

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
    usage(&["fit", "-e", NORMAL, &data, "--objective", "sliced"], &["sliced", "hyvarinen"]);
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
fn mistakes_in_a_model_are_pointed_at() {
    let data = numbers("pointed.csv");
    run(&["fit", "-e", "-(x - mu)^2/(2*s2", &data]).refused(1, &["<text>:1:", "^"]);
    run(&["derive", "-e", "2x"]).refused(1, &["<text>:1:", "help"]);
    run(&["derive", "-e", "logp = foo(x)"]).refused(1, &["foo"]);
    let model = file("wrong.energy", "data x\nparam mu\nlogp = -(x - mux)^2\n");
    run(&["derive", &model]).refused(1, &["wrong.energy:3:", "mux", "did you mean `mu`"]);
    run(&["check", &model]).refused(1, &["wrong.energy:3:"]);
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
fn mistakes_in_data_name_file_line_column_and_text() {
    let data = file("bad.csv", "x,y\n1,a\n2,b\nthree,c\n");
    run(&["fit", "-e", "data x; -(x-mu)^2", &data]).refused(1, &["bad.csv:4", "`three`", "`x`"]);
    let data = file("ragged.csv", "x,y\n1,2\n3\n");
    run(&["fit", "-e", NORMAL, &data]).refused(1, &["ragged.csv:3", "field"]);
    let data = file("empty.csv", "");
    run(&["fit", "-e", NORMAL, &data]).refused(1, &["empty.csv"]);
    let data = file("hole.csv", "x,y\n1,2\nNA,3\n4,5\n");
    let model = "data x; -(x - mu)^2/2";
    run(&["fit", "-e", model, &data]).refused(1, &["hole.csv:3", "`x`", "--missing drop"]);
    run_with(&["fit", "-e", model, "-"], b"x\n1\ntwo\n").refused(1, &["<stdin>:3", "`two`"]);
    run_with(&["fit", "-e", model, "-"], b"y,z\n1,2\n").refused(1, &["x"]);
}

#[test]
fn a_domain_is_not_left_quietly() {
    let data = file("negative.csv", "x\n1\n-1\n2\n3\n");
    let model = "data x; param a, b; a*log(x) - b*x^2";
    run(&["fit", "-e", model, &data]).refused(1, &["negative.csv:3", "x = -1"]);
    run(&["eval", "-e", model, &data, "--at", "a=1, b=1"]).refused(1, &["negative.csv:3"]);
    let model = "data x > 0; param b; -b*x^2";
    run(&["eval", "-e", model, &data, "--at", "b=1"]).refused(1, &["negative.csv:3", "> 0"]);
}

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

/// The keys of the contract, in order.
const FIT_KEYS: [&str; 26] = [
    "schema",
    "version",
    "command",
    "seed",
    "data",
    "n",
    "dim",
    "roles",
    "objective_kind",
    "objective",
    "terms",
    "objective_by_component",
    "weight",
    "method",
    "path",
    "converged",
    "stop_reason",
    "iterations",
    "gradient_norm",
    "starts",
    "minima",
    "parameters",
    "covariance",
    "se_method",
    "scaled_condition",
    "warnings",
];

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn json_keeps_the_contract() {
    let data = numbers("contract.csv");
    let run = run(&["fit", "-e", NORMAL, &data, "--format", "json", "--seed", "3"]).expect(0);
    let json = run.json();
    assert_eq!(keys(&json), FIT_KEYS);
    assert_eq!(keys(&json["data"]), ["file", "digest", "rows", "used", "dropped"]);
    assert_eq!(keys(&json["roles"]), ["data", "covariate", "param"]);
    assert_eq!(keys(&json["terms"]), ["laplacian", "norm"]);
    assert_eq!(keys(&json["starts"]), ["tried", "converged", "degenerate"]);
    assert_eq!(keys(&json["minima"][0]), ["objective", "smic", "hits", "estimate"]);
    let parameter = ["name", "estimate", "std_error", "ci_low", "ci_high", "status"];
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
fn bytes_do_not_depend_on_threads() {
    let rows: Vec<String> =
        (0..9000).map(|i| format!("{}", f64::from(i * i % 7919) / 1e3)).collect();
    let data = file("threads.csv", format!("x\n{}\n", rows.join("\n")));
    let model = "-log_cosh((x - mu)/s)";
    let fit = |threads| {
        let arguments = ["fit", "-e", model, &data, "--format", "json", "--threads", threads];
        run(&arguments).stdout
    };
    let one = fit("1");
    assert!(!one.is_empty());
    assert_eq!(one, fit("8"));
}

#[test]
fn data_come_from_files_compressed_files_and_standard_input() {
    let arguments = |data| ["fit", "-e", NORMAL, data, "--format", "json"];
    let estimates = |run: Run| run.expect(0).json()["parameters"].clone();
    let plain = numbers("plain.csv");
    let plain = estimates(run(&arguments(&plain)));
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(NUMBERS.as_bytes()).expect("memory takes everything");
    let zipped = encoder.finish().expect("memory takes everything");
    let file = file("zipped.csv.gz", &zipped);
    assert_eq!(estimates(run(&arguments(&file))), plain);
    assert_eq!(estimates(run_with(&arguments("-"), NUMBERS.as_bytes())), plain);
    assert_eq!(estimates(run_with(&arguments("-"), &zipped)), plain);
    let piped = run_with(&arguments("-"), NUMBERS.as_bytes()).json();
    assert_eq!(piped["data"]["file"], "-");
}

#[test]
fn tables_are_written_in_many_ways() {
    let fit = |options: &[&str], content: &str| {
        let model = "data x1; -(x1 - mu)^2/2";
        let arguments = [&["fit", "-e", model, "-", "--format", "json"], options].concat();
        let json = run_with(&arguments, content.as_bytes()).expect(0).json();
        json["parameters"][0]["estimate"].as_f64().expect("a number")
    };
    assert_eq!(fit(&[], "x1\tx2\n1\t2\n3\t4\n"), 2.0);
    assert_eq!(fit(&["--delimiter", "|"], "x1|x2\n1|2\n3|4\n"), 2.0);
    assert_eq!(fit(&["--delimiter", "tab"], "x1\tx2\n1\t2\n3\t4\n"), 2.0);
    assert_eq!(fit(&["--no-header"], "1,2\n3,4\n5,9\n"), 3.0);
    assert_eq!(fit(&["--missing", "drop"], "x1,x2\n1,2\n,4\n3,4\n"), 2.0);
}

#[test]
fn dropped_rows_are_counted() {
    let data = file("dropped.csv", "x,y\n1,NA\n2,2\nNA,3\n4,1\n5,5\n");
    let arguments = ["fit", "-e", "data x; -(x - mu)^2/2", &data, "--missing", "drop"];
    let json = run(&[&arguments[..], &["--format", "json"]].concat()).expect(0).json();
    let data = &json["data"];
    assert_eq!((&data["rows"], &data["used"], &data["dropped"]), (&5.into(), &4.into(), &1.into()));
    assert_eq!(json["n"], 4);
    let text = run(&arguments).expect(0).stdout;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("5 rows, 4 used, 1 dropped"), "{text}");
    assert!(text.contains("missing completely at random"), "{text}");
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
fn a_weight_is_told() {
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
fn an_evaluation_prints_objective_terms_and_gradient() {
    let data = "tests/golden/cli/numbers.csv";
    let arguments = ["eval", "-e", NORMAL, data, "--at", "mu=0, s2=1"];
    run(&arguments).expect(0).golden("eval.stdout");
    let json = run(&[&arguments[..], &["--format", "json"]].concat()).expect(0).json();
    let contract = [
        "schema",
        "n",
        "objective_kind",
        "objective",
        "terms",
        "objective_by_component",
        "gradient",
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
fn rows_are_csv_with_the_contract_s_header() {
    let data = file("rows.csv", "x1,x2,who\n1,2,a\n,3,b\n3,-1,c\n");
    let model = "data x[2]; param m; -sumsq(x - m)/2";
    let arguments = ["eval", "-e", model, &data, "--at", "m=1", "--rows", "--missing", "drop"];
    let expected = "row,logp,score_x[1],score_x[2],laplacian,loss\n\
                    1,-0.5,0.0,-1.0,-2.0,-1.5\n\
                    3,-4.0,-2.0,2.0,-2.0,2.0\n";
    assert_eq!(run(&arguments).expect(0).stdout, expected);
}

#[test]
fn a_fit_can_be_evaluated_where_it_ended() {
    let data = numbers("round.csv");
    let fit = file("round.json", "");
    let arguments = ["fit", "-e", NORMAL, &data, "--format", "json", "-o", &fit];
    assert_eq!(run(&arguments).expect(0).stdout, "");
    let text = fs::read_to_string(&fit).expect("the fit wrote its result");
    let fitted: Value = serde_json::from_str(&text).expect("it is JSON");
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

#[test]
fn derivations_read_nicely() {
    let derive = |format: &str| run(&["derive", "-e", NORMAL, "--format", format]).expect(0);
    derive("text").golden("derive.stdout");
    derive("latex").golden("derive.tex.stdout");
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
fn what_does_not_converge_is_printed_all_the_same() {
    // Without a minimum: J falls as s2 grows.
    let data = numbers("unbounded.csv");
    let unbounded = run(&["fit", "-e", "data x; param a > 0; a*x^2", &data, "--format", "json"]);
    let json = unbounded.expect(3).json();
    assert_eq!(json["converged"], false);
    assert_eq!(keys(&json), FIT_KEYS);
}

#[test]
fn warnings_go_to_standard_error_beside_json() {
    let data = file("few.csv", "x\n1\n2\n4\n");
    let arguments = ["fit", "-e", NORMAL, &data, "--format", "json"];
    let loud = run(&arguments).expect(0);
    let warnings = loud.json()["warnings"].clone();
    let codes: Vec<_> = warnings.as_array().expect("a list").iter().map(|w| &w["code"]).collect();
    assert!(codes.contains(&&Value::from("small-sample")), "{codes:?}");
    assert!(loud.stderr.contains("warning[small-sample]"), "{}", loud.stderr);
    let quiet = run(&[&arguments[..], &["--quiet"]].concat()).expect(0);
    assert_eq!(quiet.stderr, "");
    assert_eq!(quiet.stdout, loud.stdout);
    let text = run(&["fit", "-e", NORMAL, &data]).expect(0).stdout;
    assert!(text.contains("warning[small-sample]"), "{text}");
}

#[test]
fn there_are_no_colours_in_a_pipe() {
    let run = run(&["derive", "-e", "2x"]).expect(1);
    assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_is_no_error() {
    let script = format!("'{}' functions | head -n 1", env!("CARGO_BIN_EXE_scorematch"));
    let run = finished(Command::new("sh").args(["-c", &script]), b"");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
}

#[test]
fn nothing_in_a_text_brings_the_program_down() {
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

#[cfg(unix)]
#[test]
fn an_interrupt_prints_the_best_point() {
    let rows: Vec<String> =
        (0..40_000).map(|i| format!("{}", f64::from(i * i % 7919) / 1e3)).collect();
    let data = file("interrupt.csv", format!("x\n{}\n", rows.join("\n")));
    let model = "data x; param m[4], a[4], s[4] > 0; \
                 log_sum_exp(k in 1:4, a[k] - log(s[k]) - (x - m[k])^2/(2*s[k]^2))";
    let mut command = program();
    command.args(["fit", "-e", model, &data, "--format", "json", "--starts", "10000"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    std::thread::sleep(std::time::Duration::from_secs(2));
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout).expect("the best point is printed");
    assert_eq!(json["converged"], false);
}

/// Where the time went, with numbers that can be times.
fn timing(run: &Run) -> Value {
    let timing = run.json()["timing"].clone();
    let seconds = ["read_s", "derive_s", "compile_s", "evaluate_s"];
    let rest = ["evaluations", "path", "tile", "isa", "threads"];
    assert_eq!(keys(&timing), [seconds.as_slice(), &rest].concat());
    for key in seconds {
        let seconds = timing[key].as_f64().expect(key);
        assert!((0.0..100.0).contains(&seconds) && seconds > 0.0, "{key}: {seconds}");
    }
    let isa = timing["isa"].as_str().expect("a name");
    assert!(["avx512", "avx2", "neon", "portable"].contains(&isa), "{isa}");
    timing
}

#[test]
fn an_evaluation_tells_its_time() {
    let data = numbers("timing.csv");
    let plain = ["eval", "-e", NORMAL, &data, "--at", "mu=0, s2=1", "--format", "json"];
    let timed = |options: &[&str]| {
        let timed = [plain.as_slice(), &["--timing", "--threads", "2"], options].concat();
        run(&timed).expect(0)
    };
    let rows = timing(&timed(&["--path", "rows", "--repeat", "7"]));
    assert_eq!((&rows["path"], &rows["threads"]), (&"rows".into(), &2.into()));
    assert!(rows["tile"].as_u64().expect("a number of rows") > 0);
    let more = timing(&timed(&["--path", "rows", "--repeat", "17"]));
    let count = |timing: &Value| timing["evaluations"].as_u64().expect("a count");
    assert_eq!(count(&more) - count(&rows), 10);
    let moments = timing(&timed(&["--path", "moments"]));
    assert_eq!((&moments["path"], &moments["tile"]), (&"moments".into(), &Value::Null));
    assert!(count(&moments) > 1);

    let untimed = run(&plain).expect(0);
    assert!(!untimed.stdout.contains("timing"));
    let mut without = timed(&[]).json();
    without.as_object_mut().expect("an object").shift_remove("timing").expect("it is there");
    assert_eq!(without, untimed.json());
    assert_eq!(keys(&without), keys(&untimed.json()));
}

#[test]
fn a_fit_tells_its_time() {
    let data = numbers("timing-fit.csv");
    let student = "param mu, nu > 0, s2 > 0; -(nu + 1)/2*log(1 + (x - mu)^2/(nu*s2))";
    for (model, path) in [(NORMAL, "rows"), (NORMAL, "moments"), ("-log_cosh((x - mu)/s)", "rows")]
    {
        let fit = ["fit", "-e", model, &data, "--format", "json", "--path", path];
        let plain = run(&fit).expect(0);
        let timed = run(&[fit.as_slice(), &["--timing"]].concat()).expect(0);
        let time = timing(&timed);
        assert_eq!((&time["path"], &plain.json()["path"]), (&path.into(), &path.into()));
        let evaluations = time["evaluations"].as_u64().expect("a count");
        let iterations = plain.json()["iterations"].as_u64().expect("a count");
        assert!(evaluations > iterations, "{evaluations} for {iterations} iterations");
        let (before, after) = (keys_and_values(&plain), keys_and_values(&timed));
        let kept: Vec<_> = after.into_iter().filter(|(key, _)| key != "timing").collect();
        assert_eq!(kept, before);
    }
    let text = |options: &[&str]| run(&[&["fit", "-e", student, &data], options].concat()).stdout;
    let (plain, timed) = (text(&[]), text(&["--timing"]));
    let block = timed.strip_prefix(&plain).expect("the same table, and then the timing");
    assert!(block.starts_with("\ntiming      read "), "{block}");
    assert!(block.contains("evaluations "), "{block}");
}

/// The entries of a report, but for the command that repeats it.
fn keys_and_values(run: &Run) -> Vec<(String, Value)> {
    let json = run.json();
    let entries = json.as_object().expect("an object").clone().into_iter();
    entries.filter(|(key, _)| key != "command").collect()
}

#[test]
fn both_paths_give_the_same_numbers() {
    let rows: Vec<String> =
        (0..5000).map(|i| format!("{}", 70.0 + f64::from(i * i % 7919) / 1e3)).collect();
    let data = file("paths.csv", format!("x\n{}\n", rows.join("\n")));
    let by = |path| {
        let at = "mu=70.3, s2=2.5";
        let eval = ["eval", "-e", NORMAL, &data, "--at", at, "--format", "json", "--path", path];
        let json = run(&eval).expect(0).json();
        let number = |value: &Value| value.as_f64().expect("a number");
        let gradient = &json["gradient"];
        [&json["objective"], &gradient["mu"], &gradient["s2"]].map(number)
    };
    let (rows, moments) = (by("rows"), by("moments"));
    for (rows, moments) in rows.into_iter().zip(moments) {
        assert!((rows - moments).abs() <= 1e-12 * rows.abs().max(1.0), "{rows} and {moments}");
    }
    assert_eq!(by("auto"), moments);
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

#[test]
fn a_column_that_is_not_there_is_named() {
    let data = file("there.csv", "a,b,c\n1,2,x\n3,4,y\n");
    let model = "data height; -(height - mu)^2";
    run(&["fit", "-e", model, &data]).refused(1, &["`height` has no column", "a, b, c"]);
    run(&["fit", "-e", "-(c - mu)^2", &data]).refused(1, &["there.csv:2", "`x`", "`c`"]);
    run(&["fit", "-e", "-(a - mu)^2", &data]).expect(0);
}

/// The commands of the program.
const COMMANDS: [&str; 7] = ["fit", "eval", "derive", "check", "functions", "completions", "man"];

#[test]
fn every_command_has_examples() {
    for command in COMMANDS {
        let help = run(&[command, "--help"]).expect(0);
        let examples = help.stdout.split_once("Examples:").expect(command).1;
        assert!(examples.contains(&format!("scorematch {command}")), "{command}");
    }
}

/// The lines of the help texts, run by a shell beside the files that they name.
#[cfg(unix)]
#[test]
fn every_example_of_the_help_runs() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-examples");
    fs::create_dir_all(&folder).expect("the folder for tests can be made");
    let place = |name: &str, content: &[u8]| fs::write(folder.join(name), content).expect(name);
    for name in ["lengths.csv", "data.csv"] {
        place(name, NUMBERS.as_bytes());
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(NUMBERS.as_bytes()).expect("a vector takes all");
    let packed = packed.finish().expect("a vector takes all");
    for name in ["heights.csv.gz", "big.csv.gz"] {
        place(name, &packed);
    }
    let student = b"param mu, nu > 0, s2 > 0\nlogp = -(nu + 1)/2*log(1 + (x - mu)^2/(nu*s2))\n";
    place("student.energy", student);
    place("model.energy", student);
    place("session.txt", b"-x^2/2\n:score\n");
    let programs = Path::new(env!("CARGO_BIN_EXE_scorematch")).parent().expect("a folder");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let mut seen = 0;
    let pages = std::iter::once(vec!["--help"]).chain(COMMANDS.map(|name| vec![name, "--help"]));
    for page in pages {
        let help = run(&page).expect(0).stdout;
        let examples = help.split_once("Examples:\n").expect("each page has some").1;
        for line in examples.lines().take_while(|line| line.starts_with("  ")) {
            let mut shell = Command::new("sh");
            shell.args(["-c", line]).current_dir(&folder).env("PATH", &path);
            let run = finished(&mut shell, b"");
            let good = matches!(run.status, 0 | 3);
            assert!(good, "`{}` ends with {}\n{}", line.trim(), run.status, run.stderr);
            seen += 1;
        }
    }
    assert!(seen >= 20, "{seen} examples were found");
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(&["completions", shell]).expect(0).stdout;
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
        assert!(script.contains("standardise"), "{shell}");
    }
    run(&["completions", "basic"]).refused(2, &["basic", "bash"]);
}

/// Bash reads its script, where there is a bash.
#[test]
fn bash_understands_its_completions() {
    let script = file("completions.bash", run(&["completions", "bash"]).expect(0).stdout);
    let Ok(checked) = Command::new("bash").args(["-n", &script]).output() else { return };
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn the_manual_has_every_command() {
    let page = run(&["man"]).expect(0).stdout;
    assert!(page.contains(".TH scorematch 1"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-man");
    fs::create_dir_all(&folder).expect("the folder for tests can be made");
    run(&["man", "--output", folder.to_str().expect("the path is a text")]).expect(0);
    for command in COMMANDS {
        assert!(page.contains(&format!("scorematch\\-{command}")), "{command}");
        let page = fs::read_to_string(folder.join(format!("scorematch-{command}.1")));
        assert!(page.expect(command).contains("Examples:"), "{command}");
    }
    run(&["man", "-o", "/nowhere/at/all"]).refused(1, &["cannot write into `/nowhere/at/all`"]);
}

#[test]
fn the_limit_that_a_message_names_is_an_option() {
    let text = "sum(i in 1:1000, sin(i*x + a))";
    run(&["derive", "-e", text, "--nodes-max", "100"]).refused(1, &["--nodes-max"]);
    run(&["derive", "-e", "sum(i in 1:3, sin(i*x + a))", "--nodes-max", "100"]).expect(0);
}
