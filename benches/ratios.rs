//! The table of ratios: the program beside the kernel written by hand, J and ∇J in turn.
//!
//! `cargo bench --bench ratios -- W2 W4` measures some of the workloads; `--test` only compares
//! the results, on few rows. The table is Markdown.

mod support;

use std::fs;
use std::hint::black_box;
use std::process::Command;

use scorematch::objective::Objective;
use support::evaluator::{agree, compile, gradient, slices};
use support::hand::simd::Isa;
use support::timing::{Run, interleaved};
use support::workloads::{Workload, all};

const ROUNDS: usize = 31;
/// Seconds of one computation's turn.
const TURN: f64 = 0.02;
/// Rows of a mere test.
const FEW: usize = 1001;

/// Nanoseconds a row.
struct Times {
    hand: f64,
    one: f64,
    two: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let test = arguments.iter().any(|argument| argument == "--test");
    let asked: Vec<&String> = arguments.iter().filter(|text| !text.starts_with('-')).collect();
    let wanted = |workload: &Workload| {
        asked.is_empty() || asked.iter().any(|name| name.eq_ignore_ascii_case(workload.name))
    };
    if !test {
        heading();
    }
    for workload in all().into_iter().filter(wanted) {
        let rows = if test { FEW } else { workload.rows };
        let columns = (workload.sample)(rows);
        let objective = compile(workload.text);
        verify(&workload, &objective, &slices(&columns));
        if test {
            println!("{}: the same by hand", workload.name);
        } else {
            let times = measure(&workload, &objective, &slices(&columns));
            println!("{}", line(&workload, &times));
        }
    }
}

fn verify(workload: &Workload, objective: &Objective, columns: &[&[f64]]) {
    let by_hand = (workload.by_hand)(Isa::best(), columns, &workload.theta);
    agree(workload.name, &objective.on(columns.to_vec(), 1), &workload.theta, &by_hand);
}

fn measure(workload: &Workload, objective: &Objective, columns: &[&[f64]]) -> Times {
    let theta = &workload.theta;
    let batch = |threads| objective.on(columns.to_vec(), threads);
    let (one, two, isa) = (batch(1), batch(2), Isa::best());
    let mut runs: [Run<'_>; 3] = [
        &mut || drop(black_box((workload.by_hand)(isa, black_box(columns), theta))),
        &mut || drop(black_box(gradient(&one, black_box(theta)))),
        &mut || drop(black_box(gradient(&two, black_box(theta)))),
    ];
    let seconds = interleaved(ROUNDS, TURN, &mut runs);
    let nanoseconds = |k: usize| seconds[k] * 1e9 / columns[0].len() as f64;
    Times { hand: nanoseconds(0), one: nanoseconds(1), two: nanoseconds(2) }
}

fn heading() {
    println!("J and ∇J, ns a row, medians of {ROUNDS} rounds taken in turn.");
    println!("Commit {}; {}; by hand with {:?}.\n", commit(), processor(), Isa::best());
    println!("| | | n | by hand | program | ratio | two threads | one/two |");
    println!("|---|---|---|---|---|---|---|---|");
}

fn line(workload: &Workload, times: &Times) -> String {
    let Times { hand, one, two } = times;
    format!(
        "| {} | {} | {:.0e} | {hand:.3} | {one:.3} | {:.2} | {two:.3} | {:.2} |",
        workload.name,
        workload.title,
        workload.rows as f64,
        one / hand,
        one / two
    )
}

fn commit() -> String {
    let output = Command::new("git").args(["describe", "--always", "--dirty"]).output().ok();
    let text = output.and_then(|output| String::from_utf8(output.stdout).ok());
    text.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// The name of the processor, where the system tells.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("model name"));
    let name = line.and_then(|line| line.split_once(':')).map(|(_, name)| name.trim().to_owned());
    name.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}
