//! Ratios of the times of the compiled program and of the handwritten kernel, J
//! and ∇J, measured in turn.
//!
//! A second table is about the path over moments, for the workloads that depend on the data
//! through moments: the pass that computes the moments, compared with a handwritten one, and
//! an evaluation from them.
//!
//! `cargo bench --bench ratios -- W2 W4` measures some of the workloads; `--test` only compares the
//! results, on few rows. The tables are in Markdown.

mod support;

use std::fs;
use std::hint::black_box;
use std::process::Command;

use scorematch::objective::{Batch, Objective, Path};
use support::evaluator::{agree, compile, gradient, over_rows, slices};
use support::hand::simd::Isa;
use support::timing::{Run, interleaved};
use support::workloads::{PassByHand, Workload, all};

const ROUNDS: usize = 31;
/// Duration of a turn of one computation, in seconds.
const TURN: f64 = 0.02;
/// Rows with `--test`.
const FEW: usize = 1001;

/// Nanoseconds per row.
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
    if !test {
        moments_table(wanted);
    }
}

/// Numbers of rows, few and many; the time of an evaluation from moments must not depend on them.
const SMALL_AND_LARGE: [usize; 2] = [1000, 1_000_000];

fn moments_table(wanted: impl Fn(&Workload) -> bool) {
    println!("\nFrom moments: the pass in ns a row, then J and ∇J in ns.\n");
    println!("| | | n | by hand | pass | ratio | J, ∇J at n = 1e3 | at 1e6 |");
    println!("|---|---|---|---|---|---|---|---|");
    for workload in all().into_iter().filter(wanted) {
        if let Some(by_hand) = workload.moments {
            println!("{}", moments_line(&workload, by_hand));
        }
    }
}

fn moments_line(workload: &Workload, by_hand: PassByHand) -> String {
    let objective = compile(workload.text);
    let [hand, pass] = passes(workload, &objective, by_hand);
    let [small, large] = evaluations(workload, &objective);
    format!(
        "| {} | {} | {:.0e} | {hand:.3} | {pass:.3} | {:.2} | {small:.0} | {large:.0} |",
        workload.name,
        workload.title,
        workload.rows as f64,
        pass / hand,
    )
}

fn from_moments<'a>(objective: &'a Objective, columns: &'a [Vec<f64>]) -> Batch<'a> {
    objective.on(slices(columns), 1).by(Path::Moments).expect("a polynomial in data")
}

/// Nanoseconds per row of the pass over the rows, handwritten and by the program.
fn passes(workload: &Workload, objective: &Objective, by_hand: PassByHand) -> [f64; 2] {
    let columns = (workload.sample)(workload.rows);
    let (slices, isa) = (slices(&columns), Isa::best());
    let mut runs: [Run<'_>; 2] =
        [&mut || drop(black_box(by_hand(isa, black_box(&slices)))), &mut || {
            black_box(from_moments(objective, black_box(&columns)).path());
        }];
    let seconds = interleaved(ROUNDS, TURN, &mut runs);
    [0, 1].map(|k| seconds[k] * 1e9 / workload.rows as f64)
}

/// Nanoseconds of J and ∇J from existing moments, for few and for many rows.
fn evaluations(workload: &Workload, objective: &Objective) -> [f64; 2] {
    let data = SMALL_AND_LARGE.map(|rows| (workload.sample)(rows));
    let batches = [0, 1].map(|k| from_moments(objective, &data[k]));
    let evaluate = |batch: &Batch<'_>| drop(black_box(batch.gradient(black_box(&workload.theta))));
    let [small, large] = &batches;
    // The first call makes the pass over the rows, which is not part of an evaluation.
    [small, large].into_iter().for_each(evaluate);
    let runs: &mut [Run<'_>] = &mut [&mut || evaluate(small), &mut || evaluate(large)];
    let seconds = interleaved(ROUNDS, TURN, runs);
    [0, 1].map(|k| seconds[k] * 1e9)
}

fn verify(workload: &Workload, objective: &Objective, columns: &[&[f64]]) {
    let by_hand = (workload.by_hand)(Isa::best(), columns, &workload.theta);
    agree(workload.name, &over_rows(objective, columns, 1), &workload.theta, &by_hand);
}

fn measure(workload: &Workload, objective: &Objective, columns: &[&[f64]]) -> Times {
    let theta = &workload.theta;
    let batch = |threads| over_rows(objective, columns, threads);
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
    println!("J and ∇J over the rows, ns a row, medians of {ROUNDS} rounds taken in turn.");
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

/// The name of the processor, if the system reports it.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("model name"));
    let name = line.and_then(|line| line.split_once(':')).map(|(_, name)| name.trim().to_owned());
    name.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}
