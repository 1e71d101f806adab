//! Sessions from a pipe: whole transcripts byte by byte, exit statuses, files that are
//! written, and interrupts.
//!
//! A file `tests/golden/repl/NAME.txt` is a session; `NAME.expected` has its results and errors in
//! order, and its exit status. `SCOREMATCH_BLESS=1` rewrites these.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write, pipe};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use scorematch::program::{ISA_VARIABLE, Isa};

#[path = "support/golden.rs"]
mod golden;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scorematch"));
    command.args(arguments).env_remove("NO_COLOR").env_remove("RUST_BACKTRACE");
    // Transcripts contain the size of tiles, which otherwise depends on the machine.
    command.env(ISA_VARIABLE, Isa::Portable.name());
    command
}

/// Results and errors in the order in which they are written, then the exit status.
fn transcript(arguments: &[&str], session: &[u8]) -> String {
    let (mut both, writer) = pipe().expect("there are pipes");
    let mut command = program(arguments);
    command.stdin(Stdio::piped());
    command.stdout(writer.try_clone().expect("a pipe can be shared")).stderr(writer);
    let mut child = command.spawn().expect("the program starts");
    // The command holds the writing ends of the pipe, so that reading would not
    // end before it is dropped.
    drop(command);
    // A program that ends before it reads everything does not fail the test.
    let _ = child.stdin.take().expect("the stream is piped").write_all(session);
    let mut said = String::new();
    both.read_to_string(&mut said).expect("output is UTF-8");
    let status =
        child.wait().expect("the program ends").code().expect("no signal ended the program");
    format!("{said}exit status {status}")
}

/// The arguments of a session, which its first line gives, as in `# scorematch --strict`.
fn arguments(session: &str) -> Vec<&str> {
    let first = session.lines().next().unwrap_or_default();
    first
        .strip_prefix("# scorematch")
        .map_or_else(Vec::new, |rest| rest.split_whitespace().collect())
}

#[test]
fn transcripts() {
    golden::holds("repl", "txt", 12, |_, bytes| {
        let session = std::str::from_utf8(bytes).expect("sessions are UTF-8");
        transcript(&arguments(session), bytes)
    });
}

/// The standard output, the errors and the exit status of a session.
fn run(arguments: &[&str], session: &str) -> (String, String, i32) {
    let mut child = started(arguments);
    let _ = child.stdin.take().expect("the stream is piped").write_all(session.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (
        text(output.stdout),
        text(output.stderr),
        output.status.code().expect("no signal ended the program"),
    )
}

fn started(arguments: &[&str]) -> Child {
    let mut command = program(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

fn temporary(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("repl");
    fs::create_dir_all(&folder).expect("the folder for tests can be made");
    folder.join(name)
}

#[test]
fn a_session_from_a_pipe_prints_no_banner() {
    assert_eq!(run(&[], ""), (String::new(), String::new(), 0));
    assert_eq!(run(&[], "\n  \n# a comment\n"), (String::new(), String::new(), 0));
    let (stdout, stderr, status) = run(&["--strict", "fit"], "");
    assert_eq!((stdout.as_str(), status), ("", 2), "{stderr}");
}

/// The lines of the table of parameters.
fn parameters(text: &str) -> Vec<&str> {
    let lines = text.lines().skip_while(|line| !line.starts_with("parameter"));
    lines.take_while(|line| line.contains("  ")).collect()
}

#[test]
fn a_saved_model_is_fitted_alike_by_the_command() {
    let file = temporary("saved.energy");
    let path = file.to_str().expect("the path is a text");
    let session = format!(
        ":data examples/iris.csv --map x=sepal_length,sepal_width\n\
         data x[2]; param mu[2]\nparam P[2,2] posdef; -(x - mu)'*P*(x - mu)/2\n\
         :fit\n:save {path}\n"
    );
    let (said, stderr, status) = run(&["--strict"], &session);
    assert_eq!((stderr.as_str(), status), ("", 0));
    let saved = fs::read_to_string(&file).expect("the session wrote the file");
    let call = saved.lines().find_map(|line| line.split_once("scorematch fit"));
    let call = call.expect("the comment has the command").1;
    let words: Vec<&str> = call.split_whitespace().collect();
    assert_eq!(words[0], path);
    let (fitted, stderr, status) = run(&[&["fit"], words.as_slice()].concat(), "");
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(parameters(&fitted), parameters(&said));
    assert_eq!(parameters(&fitted).len(), 6);
    assert!(saved.contains("standard error"), "{saved}");
    let (again, _, _) = run(&["--strict"], &format!(":load {path}\n:show\n"));
    let shown = run(&[], &format!("{session}:show\n")).0;
    let model = "data x[2]\nparam mu[2]\nparam P[2,2] posdef\n-(x - mu)'*P*(x - mu)/2\n";
    assert!(again.ends_with(model) && shown.ends_with(model), "{again}{shown}");
}

#[test]
fn a_saved_model_has_the_options_by_which_its_data_were_read() {
    let (data, file) = (temporary("read.txt"), temporary("read.energy"));
    let text = "% two columns\n1.5;-\n2.5;-999\n-;1\n3;2\n4;1\n% the end\n5;3\n7;1\n";
    fs::write(&data, text).expect("the folder for tests can be written");
    let (path, data) = (file.display(), data.display());
    let reading = "--delimiter ';' --no-header --comment % --na -999 --na - --missing drop";
    let session =
        format!(":data {data} {reading}\n-(x1 - mu)^2/(2*s2)*(1 + 0*x2)\n:fit\n:save {path}\n");
    let (said, stderr, status) = run(&["--strict"], &session);
    assert_eq!((stderr.as_str(), status), ("", 0));
    let saved = fs::read_to_string(&file).expect("the session wrote the file");
    let call = saved.lines().find_map(|line| line.split_once("scorematch "));
    let call = call.expect("the comment has the command").1.replace('\'', "");
    let (fitted, stderr, status) = run(&call.split_whitespace().collect::<Vec<_>>(), "");
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(parameters(&fitted), parameters(&said), "{call}");
}

#[test]
fn a_session_and_the_command_say_the_same_of_a_fit() {
    let (command, _, _) = run(&["fit", "examples/regression.energy", "examples/cars.csv"], "");
    let lines = ":load examples/regression.energy\n:data examples/cars.csv\n:fit\n";
    let (session, _, _) = run(&["--strict"], lines);
    assert!(command.len() > 500 && session.ends_with(&command), "{command}{session}");
}

const LOADED: &str = ":load examples/normal.energy\n:data examples/newhaven.csv\n";

/// The output of the command, with which the output of the session ends.
#[track_caller]
fn said_by_both(command: &[&str], lines: &str) -> String {
    let (by_command, stderr, status) = run(command, "");
    assert_eq!(status, 0, "{command:?}: {stderr}");
    let (session, stderr, status) = run(&["--strict"], &format!("{LOADED}{lines}\n"));
    assert_eq!(status, 0, "{lines}: {stderr}");
    assert!(by_command.len() > 300 && session.ends_with(&by_command), "{by_command}{session}");
    by_command
}

#[test]
fn a_session_and_the_command_say_the_same_of_a_test() {
    let model = &["test", "examples/normal.energy", "examples/newhaven.csv", "--replicates", "19"];
    let test = |added: &[&str], lines: &str| {
        said_by_both(&[model, added].concat(), &format!("{lines}:test --replicates 19"))
    };
    assert!(test(&[], ":fit\n").contains("parametric bootstrap"));
    let held = test(&["--fix", "s2=2"], ":fit --fix s2=2\n");
    assert!(held.contains("parametric bootstrap") && held.contains("s2 = 2"), "{held}");
    test(&["--seed", "3", "--standardise"], ":fit --seed 3 --standardise\n");
    let at = test(&["--at", "mu=51, s2=1.5"], ":fit\n:set mu=51, s2=1.5\n");
    assert!(at.contains("wild bootstrap"), "{at}");
}

#[test]
fn values_from_these_rows_are_tested_after_a_fit_or_on_request() {
    let lines = format!("{LOADED}:fit\nlet m = mu\n");
    let (_, stderr, status) = run(&["--strict"], &format!("{lines}:test\n"));
    assert!(status == 2 && stderr.contains("estimated from these rows"), "{stderr}");
    let (_, stderr, status) = run(&["--strict"], &format!("{lines}:set mu=51\n:test\n"));
    assert!(status == 2 && stderr.contains("of `s2` were estimated"), "{stderr}");
    let wild = ":test --bootstrap wild --replicates 19\n";
    assert_eq!(run(&["--strict"], &format!("{lines}{wild}")).2, 0);
    let both = ":set mu=51, s2=1.5\n:test --replicates 19\n";
    assert_eq!(run(&["--strict"], &format!("{lines}{both}")).2, 0);
    let file = temporary("own.json");
    let path = file.to_str().expect("the path is a text");
    let fit =
        ["fit", "examples/normal.energy", "examples/newhaven.csv", "--format=json", "-o", path];
    assert_eq!(run(&fit, "").2, 0);
    let (_, stderr, status) = run(&["--strict"], &format!("{LOADED}:set @{path}\n:test\n"));
    assert!(status == 2 && stderr.contains("estimated from these rows"), "{stderr}");
}

#[test]
fn a_session_and_the_command_draw_alike() {
    for end in ["csv", "csv.gz"] {
        let (one, other) = (temporary(&format!("one.{end}")), temporary(&format!("other.{end}")));
        let text = |file: &Path| file.to_str().expect("the path is a text").to_owned();
        let (one, other) = (text(&one), text(&other));
        let drawing = "--seed 3 --method nuts --chains 2 --warmup 100 --with-chain";
        let options: Vec<&str> = drawing.split_whitespace().collect();
        let command = ["sample", "examples/normal.energy", "--at", "mu=51, s2=1.5", "-n", "500"];
        let (report, stderr, status) = run(&[&command[..], &["-o", &one], &options].concat(), "");
        assert_eq!(status, 0, "{stderr}");
        let lines = format!("{LOADED}:set mu=51, s2=1.5\n:sample 500 {drawing} -o {other}\n");
        let (said, stderr, status) = run(&["--strict"], &lines);
        assert_eq!(status, 0, "{stderr}");
        assert!(said.ends_with(&format!("{report}\nwritten: {other}\n")), "{report}{said}");
        assert_eq!(
            fs::read(one).expect("the file was written"),
            fs::read(other).expect("the file was written")
        );
    }
}

/// The numbers of a comparison; its column of names differs between session and command.
fn numbers(text: &str) -> Vec<&str> {
    text.split_whitespace().filter(|word| word.parse::<f64>().is_ok()).collect()
}

#[test]
fn a_session_and_the_command_compare_alike() {
    let file = temporary("skewed.energy");
    fs::write(&file, "-(temperature - mu)^2/(2*s2) + c*log(temperature)\n")
        .expect("a writable file");
    let path = file.to_str().expect("the path is a text");
    let command = ["compare", "examples/normal.energy", path, "examples/newhaven.csv", "--folds=5"];
    let (table, stderr, status) = run(&command, "");
    assert_eq!(status, 0, "{stderr}");
    let (said, stderr, status) =
        run(&["--strict"], &format!("{LOADED}:compare {path} --folds 5\n"));
    assert_eq!(status, 0, "{stderr}");
    assert!(
        numbers(&table).len() > 10 && numbers(&said).ends_with(&numbers(&table)),
        "{table}{said}"
    );
}

/// The standard errors of expressions are those of `fit --estimate`.
#[test]
fn an_expression_and_an_estimand_have_the_same_error() {
    let functions = "mu/sqrt(s2), exp(mu/100)";
    let fit = ["fit", "examples/normal.energy", "examples/newhaven.csv", "--estimate", functions];
    let (table, stderr, status) = run(&fit, "");
    assert_eq!(status, 0, "{stderr}");
    let lines = format!("{LOADED}:fit\n{}\n", functions.replace(", ", "\n"));
    let (said, stderr, status) = run(&["--strict"], &lines);
    assert_eq!(status, 0, "{stderr}");
    let digits = |text: &str| text.trim_matches(',').parse::<f64>().ok();
    let answers = said.lines().filter(|line| line.contains(", standard error "));
    for (function, answer) in functions.split(", ").zip(answers) {
        let row =
            table.lines().find(|line| line.starts_with(function)).expect("a row for the function");
        let row: Vec<f64> = row.split_whitespace().filter_map(digits).collect();
        let answer: Vec<f64> = answer.split_whitespace().filter_map(digits).collect();
        assert_eq!(row.len(), 4, "{table}");
        // Value, standard error, level, and the ends of the interval.
        assert_eq!(row, [answer[0], answer[1], answer[3], answer[4]], "{said}");
    }
}

#[test]
fn a_tilde_is_the_folder_of_the_user() {
    let home = temporary("home");
    fs::create_dir_all(&home).expect("the folder for tests can be made");
    fs::write(home.join("own.csv"), "x\n1\n2\n4\n").expect("a writable file");
    let mut command = program(&["--strict"]);
    command.env("HOME", &home).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let lines = "data ~/own.csv\n-(x - mu)^2/2\n:save ~/own.energy # here\n:load ~/own.energy\n";
    let mut stdin = child.stdin.take().expect("the stream is piped");
    stdin.write_all(lines.as_bytes()).expect("the program reads its input");
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    let said = String::from_utf8(output.stdout).expect("output is UTF-8");
    assert!(output.status.success() && said.contains("3 rows"), "{said}");
    let saved = fs::read_to_string(home.join("own.energy")).expect("the file was written");
    assert!(saved.ends_with("-(x - mu)^2/2\n"), "{saved}");
}

#[test]
fn a_strict_session_stops_where_draws_are_not_sound() {
    let lines =
        "data x, y; log(exp(-(x - 9)^2/2) + exp(-(x + 9)^2/2)) - y^2/2\n:sample 200\n:show\n";
    let (said, _, status) = run(&["--strict"], lines);
    assert!(status == 3 && said.contains("warning[not-mixed]"), "{said}");
    let (said, _, status) = run(&[], lines);
    assert!(status == 0 && said.ends_with("- y^2/2\n"), "{said}");
}

#[test]
fn a_strict_session_stops_where_a_fit_does_not_converge() {
    let lines = ":data tests/golden/cli/numbers.csv\nx^2/exp(s)\n:fit\n:show\n";
    let (said, _, status) = run(&["--strict"], lines);
    assert_eq!(status, 3);
    assert!(said.contains("CONVERGED: J") && !said.ends_with("x^2/exp(s)\n"), "{said}");
    let (said, _, status) = run(&[], lines);
    assert!(status == 0 && said.ends_with("x^2/exp(s)\n"), "{said}");
}

#[test]
fn only_models_are_overwritten() {
    let (data, model) = (temporary("kept.csv"), temporary("replaced.energy"));
    fs::write(&data, "x\n1\n2\n").expect("the folder for tests can be written");
    fs::write(&model, "-x^4\n").expect("the folder for tests can be written");
    let lines = format!("-x^2\n:save {}\n:save {}\n", data.display(), model.display());
    let (said, stderr, status) = run(&[], &lines);
    assert!(stderr.contains("is no model") && said.contains("written") && status == 0, "{stderr}");
    assert_eq!(fs::read_to_string(data).expect("the file exists"), "x\n1\n2\n");
    assert_eq!(fs::read_to_string(model).expect("the file exists"), "-x^2\n");
}

#[test]
fn estimates_become_the_current_values() {
    let lines = ":data tests/golden/cli/numbers.csv\n-(x - mu)^2/(2*s2)\n:fit\n";
    let (fitted, _, _) = run(&["--strict"], &format!("{lines}:eval\n"));
    let (_, evaluated) = fitted.rsplit_once("rows ").expect("`:eval` tells the rows");
    let value = |line: &str| line.split_whitespace().nth(1).and_then(|text| text.parse().ok());
    let slopes: Vec<f64> = evaluated.lines().filter_map(value).collect();
    assert!(slopes.iter().rev().take(2).all(|slope| slope.abs() < 1e-9), "{evaluated}");
}

#[cfg(unix)]
mod interrupted {
    use super::*;

    const LONG: &str = "data x; param m[4], a[4], s[4] > 0; \
        log_sum_exp(k in 1:4, a[k] - log(s[k]) - (x - m[k])^2/(2*s[k]^2))";

    fn data(name: &str) -> String {
        let row = |i: i32| format!("{}\n", f64::from(i * i % 7919) / 1e3);
        let rows: String = (0..40_000).map(row).collect();
        let file = temporary(name);
        fs::write(&file, format!("x\n{rows}")).expect("the folder for tests can be written");
        file.to_str().expect("the path is a text").to_owned()
    }

    /// Reads until a line begins with this text, and returns all lines before it.
    fn until(lines: &mut impl BufRead, start: &str) -> String {
        let mut said = String::new();
        loop {
            let mut line = String::new();
            let read = lines.read_line(&mut line).expect("output is UTF-8");
            assert!(read > 0, "no line begins with `{start}` after\n{said}");
            said.push_str(&line);
            if line.starts_with(start) {
                return said;
            }
        }
    }

    /// A session with fits that take minutes and are interrupted, each followed by another line.
    fn session(arguments: &[&str], name: &str, fits: usize) -> (String, i32) {
        let mut child = started(arguments);
        let fit = ":fit --starts 10000\n:show\n".repeat(fits);
        let lines = format!(":data {}\n{LONG}\n{fit}:params\n", data(name));
        let mut stdin = child.stdin.take().expect("the stream is piped");
        stdin.write_all(lines.as_bytes()).expect("the program reads its input");
        drop(stdin);
        let mut lines = BufReader::new(child.stdout.take().expect("the stream is piped"));
        let mut said = until(&mut lines, "logp = ");
        for fit in 0..fits {
            if fit > 0 {
                said.push_str(&until(&mut lines, "log_sum_exp"));
            }
            std::thread::sleep(std::time::Duration::from_secs(1));
            let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
            assert!(kill.expect("kill runs").success());
        }
        lines.read_to_string(&mut said).expect("output is UTF-8");
        (said, child.wait().expect("the program ends").code().expect("no signal ended the program"))
    }

    #[test]
    fn fits_stop_at_their_best_point_and_the_session_continues() {
        let (said, status) = session(&[], "interrupts.csv", 2);
        assert_eq!(status, 0, "{said}");
        assert_eq!(said.matches("INTERRUPTED").count(), 2, "{said}");
        let (_, values) = said.rsplit_once("parameter ").expect("`:params` ends the session");
        let value = |line: &str| line.split_whitespace().nth(1)?.parse::<f64>().ok();
        let values: Option<Vec<f64>> = values.lines().skip(1).map(value).collect();
        assert_eq!(values.map(|values| values.len()), Some(12), "{said}");
    }

    /// Commands that take minutes are abandoned on an interrupt, and the next line is answered.
    #[test]
    fn tests_draws_and_comparisons_are_abandoned_and_the_session_continues() {
        let table = temporary("judged.csv");
        let row = |i: i32| format!("{}\n", f64::from(i * i % 7919) / 1e3);
        let rows: String = (0..5_000).map(row).collect();
        fs::write(&table, format!("x\n{rows}")).expect("the folder for tests can be written");
        let draws = temporary("never.csv");
        let long = [
            ":test --replicates 5000".to_owned(),
            ":test --bootstrap wild --replicates 1000000".to_owned(),
            format!(":sample 10000000 --method nuts -o {}", draws.display()),
            format!(":compare -e '{LONG}' --starts 10000"),
        ];
        let mut child = started(&[]);
        let mut stdin = child.stdin.take().expect("the stream is piped");
        let mut lines = BufReader::new(child.stdout.take().expect("the stream is piped"));
        let start = format!(":data {}\n-(x - mu)^2/(2*s2)\n:fit\n:show\n", table.display());
        stdin.write_all(start.as_bytes()).expect("the program reads its input");
        until(&mut lines, "-(x - mu)^2/(2*s2)");
        for line in &long {
            stdin
                .write_all(format!("{line}\n:show\n").as_bytes())
                .expect("the program reads its input");
            std::thread::sleep(std::time::Duration::from_secs(1));
            let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
            assert!(kill.expect("kill runs").success());
            until(&mut lines, "-(x - mu)^2/(2*s2)");
        }
        drop(stdin);
        let mut said = String::new();
        lines.read_to_string(&mut said).expect("output is UTF-8");
        let mut told = String::new();
        let stderr = child.stderr.as_mut().expect("the stream is piped");
        stderr.read_to_string(&mut told).expect("errors are UTF-8");
        assert_eq!(child.wait().expect("the program ends").code(), Some(0), "{told}");
        assert_eq!(told.matches("error[interrupted]").count(), long.len(), "{told}");
        assert!(said.is_empty() && !draws.exists(), "{said}");
    }

    #[test]
    fn a_strict_session_stops() {
        let (said, status) = session(&["--strict"], "interrupt.csv", 1);
        assert_eq!(status, 130, "{said}");
        assert_eq!(said.matches("INTERRUPTED").count(), 1, "{said}");
    }
}
