//! Interrupts and requests to terminate: a command ends soon in any state, with its
//! best point if it has one.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::{NORMAL, file, program};

/// The bound is a fifth of a second on an idle machine, three fifths without optimisation.
const SOON: Duration = Duration::from_secs(1);

/// A model with a slow pass over the rows.
const COSTLY: &str = "data y; covariate x; param a[12], b[12], w[12], s > 0; \
                      -(y - sum(k in 1:12, w[k]*tanh(a[k] + b[k]*x)))^2/(2*s^2)";
/// A model whose moments take long to derive.
const SYMBOLIC: &str = "data x[9]; param A[9,9] symmetric; -(x'*A*x)^2";

fn signal(child: &Child, name: &str) {
    let kill = std::process::Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
}

fn started(arguments: &[&str]) -> Child {
    let mut command = program();
    let piped = command.args(arguments).stdin(Stdio::null());
    piped.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

/// The output of a command to which a signal is sent after some milliseconds, and the time from the
/// signal to its end.
fn interrupted(arguments: &[&str], name: &str, milliseconds: u64) -> (Output, Duration) {
    let child = started(arguments);
    std::thread::sleep(Duration::from_millis(milliseconds));
    signal(&child, name);
    let sent = Instant::now();
    (child.wait_with_output().expect("the program ends"), sent.elapsed())
}

#[track_caller]
fn ends_soon(arguments: &[&str], name: &str, milliseconds: u64) -> Output {
    let (output, took) = interrupted(arguments, name, milliseconds);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "after {milliseconds} ms: {said}");
    assert!(took < SOON, "{took:?} after {milliseconds} ms");
    output
}

fn curve(name: &str, rows: u32) -> String {
    let row = |i: u32| {
        let x = f64::from(i.wrapping_mul(7919) % 6007) / 1e3 - 3.0;
        format!("{x},{}\n", (2.0 * x).sin() + f64::from(i % 11) / 50.0)
    };
    file(name, format!("x,y\n{}", (0..rows).map(row).collect::<String>()))
}

fn cube(name: &str) -> String {
    let names: Vec<String> = (1..=9).map(|k| format!("x{k}")).collect();
    let cell = |i: usize, k: usize| format!("{}", ((i + 7) * (k + 3) * 31 % 97) as f64 / 40.0);
    let row = |i: usize| (0..9).map(|k| cell(i, k)).collect::<Vec<_>>().join(",") + "\n";
    file(name, format!("{}\n{}", names.join(","), (0..500).map(row).collect::<String>()))
}

#[test]
fn a_long_pass_ends_at_once() {
    let data = curve("costly.csv", 400_000);
    for milliseconds in [200, 1000, 2000, 4000] {
        ends_soon(&["fit", "-e", COSTLY, &data, "--threads", "1"], "-INT", milliseconds);
    }
}

/// A fit of many rows answers with its best point, found on a sample of them.
#[test]
fn a_fit_of_many_rows_answers_with_its_best_point() {
    let data = curve("sampled.csv", 60_000);
    let text = "data y; covariate x; param a, b, w, s > 0; -(y - w*tanh(a + b*x))^2/(2*s^2)";
    let arguments =
        ["fit", "-e", text, &data, "--format", "json", "--starts", "100000", "--path", "rows"];
    let output = ends_soon(&arguments, "-TERM", 3000);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("warning[sample-only]"), "{said}");
    let json: Value = serde_json::from_slice(&output.stdout).expect("the best point is printed");
    assert_eq!(json["converged"], false);
    assert!(json["objective"].is_number() || json["J"].is_number(), "{json}");
}

#[test]
fn a_derivation_is_abandoned() {
    let data = cube("symbolic.csv");
    for milliseconds in [200, 700, 1500] {
        ends_soon(&["fit", "-e", SYMBOLIC, &data], "-INT", milliseconds);
    }
    let long = "data x[40]; param A[40,40], B[40,40]; -sum(exp(A*tanh(B*x)))";
    ends_soon(&["derive", "-e", long], "-INT", 100);
    ends_soon(&["check", "-e", long], "-TERM", 300);
}

/// An incomplete file is removed.
#[test]
fn a_file_whose_rows_are_not_all_written_is_removed() {
    let data = curve("rows.csv", 300_000);
    let target = file("rows-out.csv", "");
    std::fs::remove_file(&target).expect("the file was written");
    let at = "mu=0, s2=1";
    let arguments =
        ["eval", "-e", "data y; -(y - mu)^2/(2*s2)", &data, "--at", at, "--rows", "-o", &target];
    let child = started(&arguments);
    let begun = Instant::now();
    while !Path::new(&target).exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing is written");
        std::thread::sleep(Duration::from_millis(1));
    }
    signal(&child, "-INT");
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(130));
    assert!(!Path::new(&target).exists(), "half a file is left");
}

/// The line is abandoned; the session and its model are kept.
#[test]
fn a_session_survives_an_abandoned_line() {
    let mut command = program();
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("the stream is piped");
    let lines = format!("{NORMAL}\n:data {}\n", cube("session.csv"));
    let lines = lines.replace("x - mu", "x1 - mu");
    stdin.write_all(lines.as_bytes()).expect("the program reads its input");
    stdin
        .write_all(format!("{SYMBOLIC}\n:fit\n:show\n:fit --fix mu=1\n").as_bytes())
        .expect("the program reads its input");
    drop(stdin);
    std::thread::sleep(Duration::from_millis(1500));
    signal(&child, "-INT");
    let output = child.wait_with_output().expect("the program ends");
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{out}{err}");
    // Whether the fit is abandoned or answers with its best point depends on its progress. Where a
    // start had ended, the reported reason is that of the start.
    let told = ["INTERRUPTED: interrupted", "INTERRUPTED: the limit of iterations was reached"];
    let unbroken = out.split_whitespace().collect::<Vec<_>>().join(" ");
    let ended = err.contains("error[interrupted]") || told.iter().any(|one| unbroken.contains(one));
    assert!(ended, "{out}{err}");
    assert!(out.contains("A[9,9] symmetric"), "{out}{err}");
}
