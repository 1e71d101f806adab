//! The gain from slices: J and ∇J over rows with second derivatives along M random directions,
//! compared with the full Laplacian of the same log-density in d dimensions.
//!
//! `cargo bench --bench sliced`; a number, as in `-- 30`, selects a dimension, and
//! `--test` compares the mean over many slices with the full objective on few rows.
//! The table is in Markdown.

mod support;

use std::hint::black_box;
use std::time::Instant;

use scorematch::objective::{Choices, Directions, Objective, Path, Specification};
use scorematch::program::Operations;
use support::evaluator::{chosen, slices};
use support::sample::Stream;
use support::timing::{Run, interleaved};

const ROUNDS: usize = 11;
/// Duration of a turn of one computation, in seconds.
const TURN: f64 = 0.02;
/// Dimensions, each with a number of rows that takes about the same time.
const SIZES: [(usize, usize); 3] = [(10, 20_000), (30, 4_000), (100, 512)];
/// Numbers M of directions.
const SLICES: [usize; 2] = [1, 4];

/// A log-density whose parameters are d × d matrices.
struct Density {
    title: &'static str,
    text: fn(usize) -> String,
    matrices: usize,
}

/// A compiled objective with its specification.
struct Compiled {
    specification: Specification,
    objective: Objective,
    seconds: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--test") {
        densities().iter().for_each(verify);
        return;
    }
    let asked: Vec<usize> = arguments.iter().filter_map(|one| one.parse().ok()).collect();
    println!("J and ∇J over the rows, microseconds a row on one thread; operations a row; seconds");
    println!("to derive and compile. M directions of -1 and 1; ratios are to the whole.\n");
    println!("| | d | whole | M = 1 | ratio | M = 4 | ratio | operations | compiled |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for (d, rows) in SIZES {
        for density in densities() {
            if asked.is_empty() || asked.contains(&d) {
                println!("{}", line(&density, d, rows));
            }
        }
    }
}

fn densities() -> [Density; 3] {
    [
        Density {
            title: "one layer, Σ log cosh Wx",
            text: |d| format!("data x[{d}]\nparam W[{d},{d}]\n-sum(log_cosh(W*x))"),
            matrices: 1,
        },
        Density {
            title: "log Σ exp Wx",
            text: |d| format!("data x[{d}]\nparam W[{d},{d}]\n-log_sum_exp(W*x) - x'*x/2"),
            matrices: 1,
        },
        Density {
            title: "two layers, Σ log cosh V tanh Wx",
            text: |d| {
                format!(
                    "data x[{d}]\nparam V[{d},{d}], W[{d},{d}]
-sum(log_cosh(V*tanh(W*x))) - x'*x/2"
                )
            },
            matrices: 2,
        },
    ]
}

impl Density {
    /// Parameters, random with variance 1/d.
    fn theta(&self, d: usize) -> Vec<f64> {
        let share = (d as f64).sqrt().recip();
        Stream::new(41).normals(self.matrices * d * d).into_iter().map(|z| share * z).collect()
    }

    /// The objective with M = `count` directions, or with the full Laplacian if `count` is zero.
    fn compiled(&self, columns: &[&[f64]], count: usize) -> Compiled {
        let start = Instant::now();
        let choices = match count {
            0 => Choices::default(),
            _ => Choices::default().sliced(count, Directions::Rademacher),
        };
        let (specification, objective) = chosen(&(self.text)(columns.len()), columns, &choices);
        black_box(objective.gradient());
        Compiled { specification, objective, seconds: start.elapsed().as_secs_f64() }
    }
}

fn normals(d: usize, rows: usize) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(42);
    (0..d).map(|_| stream.normals(rows)).collect()
}

/// # Panics
/// Where J by slices on many rows differs from the full J by more than a hundredth.
fn verify(density: &Density) {
    let (d, columns) = (5, normals(5, 20_001));
    let value = |count| {
        let one = density.compiled(&slices(&columns), count);
        let batch = one.objective.on(one.specification.columns(&slices(&columns)), 1);
        batch.value(&density.theta(d))
    };
    let (whole, sliced) = (value(0), value(4));
    assert!((sliced - whole).abs() < 0.01 * whole.abs().max(1.0), "{whole} and {sliced}");
    println!("{}: slices on average as the whole", density.title);
}

fn line(density: &Density, d: usize, rows: usize) -> String {
    let columns = normals(d, rows);
    let columns = slices(&columns);
    let all = [0, SLICES[0], SLICES[1]].map(|count| density.compiled(&columns, count));
    let theta = density.theta(d);
    let [whole, one, four] = all.each_ref().map(|compiled| {
        let batch = compiled.objective.on(compiled.specification.columns(&columns), 1);
        let batch = batch.by(Path::Rows).expect("every objective has rows");
        let theta = &theta;
        move || drop(black_box(batch.gradient(black_box(theta))))
    });
    let (mut whole, mut one, mut four) = (whole, one, four);
    let runs: &mut [Run<'_>] = &mut [&mut whole, &mut one, &mut four];
    let times: Vec<f64> =
        interleaved(ROUNDS, TURN, runs).iter().map(|s| s * 1e6 / rows as f64).collect();
    let work = all.each_ref().map(|compiled| work(&compiled.objective));
    let compiled = all.each_ref().map(|compiled| compiled.seconds);
    format!(
        "| {} | {d} | {:.3} | {:.3} | {:.2} | {:.3} | {:.2} | {} → {}, {} | {:.2} → {:.2}, {:.2} |",
        density.title,
        times[0],
        times[1],
        times[1] / times[0],
        times[2],
        times[2] / times[0],
        work[0],
        work[1],
        work[2],
        compiled[0],
        compiled[1],
        compiled[2]
    )
}

/// Operations per row.
fn work(objective: &Objective) -> usize {
    let Operations { data, row, mean, .. } = objective.gradient().operations();
    data + row + mean
}
