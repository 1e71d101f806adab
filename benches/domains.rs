//! The cost of domains: J and ∇J on half-lines, boxes, spheres and simplexes, compared with the
//! plain objective of an equal or similar log-density on the line.
//!
//! `cargo bench --bench domains`; with `--test` the results of both paths are compared on few rows.
//! The tables are in Markdown.

mod support;

use std::hint::black_box;

use scorematch::objective::{Batch, Objective, Path};
use scorematch::program::Operations;
use support::evaluator::{distance, gradient, over_rows, scale, slices, suited};
use support::sample::Stream;
use support::timing::{Run, interleaved};

const ROUNDS: usize = 21;
/// Duration of a turn of one computation, in seconds.
const TURN: f64 = 0.02;
/// Rows with `--test`.
const FEW: usize = 1001;
const SMALL_AND_LARGE: [usize; 2] = [10_000, 1_000_000];
const ROWS: usize = 100_000;

/// The columns of a sample with a given number of rows.
type Sample = fn(usize) -> Vec<Vec<f64>>;

/// An objective that depends on the data through means of weighted monomials.
struct Constant {
    title: &'static str,
    text: &'static str,
    theta: &'static [f64],
    sample: Sample,
}

/// A model on a domain, and a similar one without edges or constraints.
struct Pair {
    title: &'static str,
    text: String,
    plain: String,
    theta: Vec<f64>,
    sample: Sample,
    /// Most that the model on the domain may cost, as a multiple of the plain one.
    bar: f64,
}

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let rows = if test { FEW } else { ROWS };
    if !test {
        println!("J and ∇J from moments, ns; medians of {ROUNDS} rounds taken in turn.\n");
        println!("| | path | n = 1e4 | n = 1e6 |\n|---|---|---|---|");
    }
    for one in constants() {
        verify(one.title, one.text, one.theta, one.sample);
        if !test {
            println!("{}", constant_line(&one));
        }
    }
    if !test {
        println!("\nJ and ∇J over the rows, ns a row, and operations a row.\n");
        println!(
            "| | n | plain | domain | ratio | bar | operations |\n|---|---|---|---|---|---|---|"
        );
    }
    for pair in pairs() {
        verify(pair.title, &pair.text, &pair.theta, pair.sample);
        if !test {
            println!("{}", pair_line(&pair, rows));
        }
    }
}

/// # Panics
/// Where the results of the chosen path and of the path over rows differ by 1e-11 of the size of
/// their terms.
fn verify(title: &str, text: &str, theta: &[f64], sample: Sample) {
    let columns = sample(FEW);
    let columns = slices(&columns);
    let objective = suited(text, &columns);
    let rows = over_rows(&objective, &columns, 1);
    let auto = objective.on(columns.clone(), 1);
    let off = distance(&gradient(&auto, theta), &gradient(&rows, theta), &scale(&rows, theta));
    assert!(off <= 1e-11, "{title}: two paths differ by {off:e}");
    println!("{title}: {} as over the rows", auto.path().name());
}

fn constant_line(one: &Constant) -> String {
    let data = SMALL_AND_LARGE.map(one.sample);
    let columns = [0, 1].map(|k| slices(&data[k]));
    let objectives = [0, 1].map(|k| suited(one.text, &columns[k]));
    let batches = [0, 1].map(|k| objectives[k].on(columns[k].clone(), 1));
    let evaluate = |batch: &Batch<'_>| drop(black_box(batch.gradient(black_box(one.theta))));
    let [small, large] = &batches;
    // The first call makes the pass over the rows, which is not part of an evaluation.
    [small, large].into_iter().for_each(evaluate);
    let runs: &mut [Run<'_>] = &mut [&mut || evaluate(small), &mut || evaluate(large)];
    let seconds = interleaved(ROUNDS, TURN, runs);
    let path = large.path_at(one.theta);
    format!(
        "| {} | {} | {:.0} | {:.0} |",
        one.title,
        path.name(),
        seconds[0] * 1e9,
        seconds[1] * 1e9
    )
}

fn pair_line(pair: &Pair, rows: usize) -> String {
    let columns = (pair.sample)(rows);
    let columns = slices(&columns);
    let (plain, domain) = (suited(&pair.plain, &columns), suited(&pair.text, &columns));
    let batch = |objective| Batch::by(objective, Path::Rows).expect("every objective has rows");
    let (one, other) = (batch(plain.on(columns.clone(), 1)), batch(domain.on(columns.clone(), 1)));
    let evaluate = |batch: &Batch<'_>| drop(black_box(batch.gradient(black_box(&pair.theta))));
    let runs: &mut [Run<'_>] = &mut [&mut || evaluate(&one), &mut || evaluate(&other)];
    let seconds = interleaved(ROUNDS, TURN, runs);
    let work = |objective: &Objective| {
        let Operations { data, row, mean, .. } = objective.gradient().operations();
        data + row + mean
    };
    let [first, second] = [0, 1].map(|k| seconds[k] * 1e9 / rows as f64);
    let (before, after) = (work(&plain), work(&domain));
    format!(
        "| {} | {:.0e} | {first:.3} | {second:.3} | {:.2} | {} | {before} → {after} |",
        pair.title,
        rows as f64,
        second / first,
        pair.bar
    )
}

fn positive(rows: usize) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(21);
    vec![(0..rows).map(|_| (0.4 + stream.normal()).abs()).collect()]
}

fn boxed(rows: usize) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(22);
    let mut column =
        |low: f64, width: f64| (0..rows).map(|_| low + width * stream.uniform()).collect();
    vec![column(0.0, 1.0), column(-1.0, 3.0)]
}

/// Ten columns, every row divided by its size.
fn divided(
    rows: usize,
    draw: impl Fn(&mut Stream) -> f64,
    size: impl Fn(&[f64]) -> f64,
) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(23);
    let mut columns = vec![Vec::new(); 10];
    for _ in 0..rows {
        let row: Vec<f64> = (0..10).map(|_| draw(&mut stream)).collect();
        let size = size(&row);
        columns.iter_mut().zip(&row).for_each(|(column, x)| column.push(x / size));
    }
    columns
}

fn directions(rows: usize) -> Vec<Vec<f64>> {
    divided(rows, |s| 0.3 + s.normal(), |row| row.iter().map(|x| x * x).sum::<f64>().sqrt())
}

/// Compositions: shares of squares, bounded away from zero.
fn compositions(rows: usize) -> Vec<Vec<f64>> {
    divided(rows, |s| 0.05 + s.normal().powi(2), |row| row.iter().sum())
}

fn constants() -> Vec<Constant> {
    vec![
        Constant {
            title: "half-line, normal",
            text: "data x > 0; param mu, s2 > 0; -(x - mu)^2/(2*s2)",
            theta: &[0.25, 1.7],
            sample: positive,
        },
        Constant {
            title: "half-line, gamma",
            text: "data x > 0; param a, b; (a - 1)*log(x) - b*x",
            theta: &[2.25, 1.7],
            sample: positive,
        },
        Constant {
            title: "box of two intervals, normal",
            text: "data x in (0, 1), y in (-1, 2); param m[2], k[3]
-k[1]*(x - m[1])^2/2 - k[2]*(y - m[2])^2/2 - k[3]*(x - m[1])*(y - m[2])",
            theta: &[0.3, 0.6, 2.0, 1.5, 0.4],
            sample: boxed,
        },
    ]
}

fn entries(count: usize, seed: u64) -> Vec<f64> {
    Stream::new(seed).normals(count).into_iter().map(|z| 0.4 * z).collect()
}

fn pair(
    title: &'static str,
    [declared, plain]: [&str; 2],
    body: &str,
    theta: Vec<f64>,
    (sample, bar): (Sample, f64),
) -> Pair {
    let text = |data: &str| format!("data {data}\n{body}");
    Pair { title, text: text(declared), plain: text(plain), theta, sample, bar }
}

/// Densities without moments, so that both objectives are evaluated over the rows; and densities on
/// the sphere and the simplex that have moments, evaluated over the rows too.
fn pairs() -> Vec<Pair> {
    let normal = "param mu, s2 > 0\n-(x - mu)^2/(2*s2)";
    let mixture = "param w[2] > 0, m[2], s[2] > 0
log(sum(k in 1:2, w[k]*exp(-(x - m[k])^2/(2*s[k]))/sqrt(s[k])))";
    let crossed = "param a, b, c\n-a*log(1 + (x - b)^2 + (y - c)^2) - x*y*a";
    let (sphere, simplex) = (["v[10] on sphere", "v[10]"], ["v[10] on simplex", "v[10]"]);
    let shares = "param a[10]\nsum(k in 1:10, (a[k] - 1)*log(v[k]))";
    let quadratic = "param a[10], K[10,10] symmetric\na'*log(v) + v'*K*v";
    let mises = "param t[10]\nt'*v";
    let bingham = "param t[10], K[10,10] symmetric\nt'*v + v'*K*v";
    let wide = "param t[10], K[10,10]\nt'*v + log_sum_exp(K*v)";
    let spread = "param a[10], K[10,10]\na'*log(v) + log_sum_exp(K*v)";
    let wide_theta = entries(110, 31);
    vec![
        pair("half-line, normal", ["x > 0", "x"], normal, vec![0.25, 1.7], (positive, 1.5)),
        pair(
            "half-line, two normals",
            ["x > 0", "x"],
            mixture,
            vec![0.4, 0.7, 0.2, 1.1, 0.6, 0.9],
            (positive, 1.5),
        ),
        pair(
            "box, Student's t",
            ["x in (0, 1), y in (-1, 2)", "x, y"],
            crossed,
            vec![1.3, 0.4, 0.5],
            (boxed, 1.5),
        ),
        pair("sphere, von Mises-Fisher, d = 10", sphere, mises, entries(10, 32), (directions, 3.0)),
        pair("sphere, Fisher-Bingham, d = 10", sphere, bingham, entries(65, 33), (directions, 3.0)),
        pair("sphere, log Σ exp Kv, d = 10", sphere, wide, wide_theta.clone(), (directions, 3.0)),
        pair("simplex, Dirichlet, d = 10", simplex, shares, entries(10, 34), (compositions, 3.0)),
        pair("simplex, ppi, d = 10", simplex, quadratic, entries(65, 35), (compositions, 3.0)),
        pair("simplex, log Σ exp Kv, d = 10", simplex, spread, wide_theta, (compositions, 3.0)),
    ]
}
