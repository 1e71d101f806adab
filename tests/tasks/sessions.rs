//! Tasks as lines that are piped into a session, with commands with and without their colon.

use crate::mixtures::two_normals;
use crate::regressions::line;
use crate::work::{covariance, draws, file, mean, run};

/// The output of a session, which must end with status 0 and without an error; the note that
/// commands begin with a colon is on standard error.
#[track_caller]
fn session(lines: &str) -> String {
    let (status, stdout, stderr) = run(&[], lines);
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert!(!stderr.contains("error["), "{stderr}");
    stdout
}

/// The estimate and its standard error in the last table of a session.
#[track_caller]
fn parameter(said: &str, name: &str) -> (f64, f64) {
    let row = said.lines().rev().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let row = row.into_iter().find(|row| row.first() == Some(&name) && row.len() > 4).expect(name);
    let number = |cell: &str| cell.parse().expect("a number");
    (number(row[1]), number(row[2]))
}

/// The answer to an expression: its value and its standard error.
#[track_caller]
fn answer(said: &str, nth: usize) -> (f64, f64) {
    let line = said.lines().filter(|line| line.contains(", standard error ")).nth(nth);
    let mut words = line.expect("an answer").split([',', ' ']).filter_map(|word| word.parse().ok());
    (words.next().expect("a value"), words.next().expect("a standard error"))
}

#[test]
fn normal() {
    let x = draws(400, 60, |s| 2.0 + 1.5 * s.normal());
    let quantile = mean(&x) + 1.96 * covariance(&x, &x).sqrt();
    let data = file("session_normal", &vec![("x", x)]);
    let said = session(&format!(
        "data {data}\n-(x - mu)^2/(2*sigma^2)\nfit\nmu + 1.96*sigma\nplot\nhelp\nquit\nsigma\n"
    ));
    assert!((parameter(&said, "mu").0 - 2.0).abs() < 0.4);
    assert!((answer(&said, 0).0 - quantile).abs() < 1e-3, "{:?}", answer(&said, 0));
    assert!(said.contains("x: density over 400 values") && said.contains(":fit  "), "{said}");
    // No line after `quit` is answered.
    assert_eq!(said.matches(", standard error ").count(), 1);
}

#[test]
fn mixture() {
    let data = file("session_mixture", &two_normals());
    let said = session(&format!(
        "data {data}\nmixture([w, 1-w], [normal_lpdf(x, m1, s1), normal_lpdf(x, m2, s2)])\n\
         fit\nm2 - m1\nplot\nquit\n"
    ));
    let (estimate, error) = parameter(&said, "w");
    assert!((estimate - 0.35).abs() < 4.0 * error, "{estimate}");
    let (apart, error) = answer(&said, 0);
    assert!((apart - 3.0).abs() < 4.0 * error, "{apart}");
    assert!(said.contains("x: density over 1500 values"), "{said}");
}

#[test]
fn regression() {
    let data = file("session_line", &line());
    let said = session(&format!(
        "data {data}\n-(y - a - b*x)^2/(2*s^2)\ncovariate x\nfit\na + 5*b\nplot\nhelp fit\nquit\n"
    ));
    // The reading of the text is reported together with the declarations of a regression.
    assert!(said.contains("`data y; covariate x; param a, b, s`"), "{said}");
    let (slope, error) = parameter(&said, "b");
    assert!((slope - 0.5).abs() < 4.0 * error, "{slope}");
    let (value, error) = answer(&said, 0);
    assert!((value - 3.5).abs() < 4.0 * error, "{value}");
}

#[test]
fn a_line_that_fails_has_a_message_and_changes_nothing() {
    let data = file("session_slips", &line());
    let lines = format!(
        "data {data}\ny ~ normal(a + b*x, s)\ncovariate x\n\
                         normal_lpdf(y, a + b*x, s)\nfit\nexit\n"
    );
    let (status, stdout, stderr) = run(&[], &lines);
    assert!(stderr.contains("`logp = normal_lpdf(y, a + b*x, s)`"), "{stderr}");
    assert_eq!((status, stderr.matches("error[").count()), (0, 1), "{stderr}");
    let (slope, error) = parameter(&stdout, "b");
    assert!((slope - 0.5).abs() < 4.0 * error, "{slope}");
}
