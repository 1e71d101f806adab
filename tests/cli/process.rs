//! The program as a process: input and output, pipes, threads, interrupts.

#[cfg(unix)]
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::run::{NORMAL, file, run, run_with};
#[cfg(unix)]
use crate::run::{finished, program};

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
fn a_reader_that_closes_the_pipe_is_no_error() {
    let script = format!("'{}' functions | head -n 1", env!("CARGO_BIN_EXE_scorematch"));
    let run = finished(Command::new("sh").args(["-c", &script]), b"");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
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
    let child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    std::thread::sleep(std::time::Duration::from_secs(2));
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout).expect("the best point is printed");
    assert_eq!(json["converged"], false);
}

#[cfg(unix)]
#[test]
fn rows_that_are_not_read_are_no_error() {
    let rows: String = (0..20_000).map(|i| format!("{i}\n")).collect();
    let data = file("unread.csv", format!("x\n{rows}"));
    let program = env!("CARGO_BIN_EXE_scorematch");
    for command in [
        format!("eval -e '{NORMAL}' '{data}' --at 'mu=0, s2=1' --rows"),
        "functions --format json".to_owned(),
        "objectives --format json".to_owned(),
        "completions bash".to_owned(),
        "man".to_owned(),
        "--help".to_owned(),
    ] {
        let script = format!("('{program}' {command}; echo $? >&2) | head -n 1");
        let run = finished(Command::new("sh").args(["-c", &script]), b"");
        assert_eq!(run.stderr, "0\n", "{command}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_while_reading_acts_at_once() {
    let mut command = program();
    command.args(["fit", "-e", NORMAL, "-"]);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("the stream is piped");
    std::io::Write::write_all(&mut stdin, b"x\n1\n2\n").expect("the program reads its input");
    std::thread::sleep(std::time::Duration::from_millis(500));
    let sent = std::time::Instant::now();
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(130));
    assert!(sent.elapsed() < std::time::Duration::from_secs(2));
    drop(stdin);
}

#[test]
fn a_quiet_text_is_the_result_alone() {
    let data = file("quiet.csv", "x\n0\n1\n1\n3\n");
    let arguments = ["fit", "-e", "-(x - mu)^2/(2*s^2)", &data];
    let loud = run(&arguments).expect(0).stdout;
    let at = loud.find("\nnote[").into_iter().chain(loud.find("\nwarning[")).min();
    let quiet = run(&[&arguments[..], &["-q"]].concat()).expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), (&loud[..at.expect("doubts")], ""));
}

#[test]
fn colours_are_as_asked_for() {
    for (when, coloured) in [("always", true), ("never", false), ("auto", false)] {
        let refused = run(&["--color", when, "derive", "-e", "("]).expect(1);
        assert_eq!(refused.stderr.contains('\u{1b}'), coloured, "{when}: {}", refused.stderr);
    }
    let strict = run(&["--strict", "derive", "-e", "x"]).expect(2);
    assert!(strict.stderr.contains("`--strict` is for a session"), "{}", strict.stderr);
}
