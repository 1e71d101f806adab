//! The test of goodness of fit: published values, means of u under the model on every domain, sizes
//! of the test, and its power.
//!
//! The sizes for 1000 samples: `cargo test --release --test goodness -- --ignored --nocapture`.

#[path = "goodness/after_fit.rs"]
mod after_fit;
mod support;

use std::f64::consts::TAU;

use scorematch::analysis::{Bootstrap, Goodness, PValue, Statistic, Test, TestChoices};
use scorematch::data::{Columns, Missing, Selection};
use scorematch::model::{Cell, Model};
use scorematch::numerics::rng::{Stream, stream};
use scorematch::objective::discrepancy::{Discrepancy, Kernel, KernelChoices};
use scorematch::objective::{Choices, RowChoices, Rows, Specification, Transform, WeightsKind};

const NAMES: [&str; 4] = ["x", "y", "z", "u"];

/// A model bound to columns, with its rows.
fn bound(text: &str, columns: &[Vec<f64>], counting: &RowChoices) -> (Model, Selection) {
    let names = &NAMES[..columns.len()];
    let owned = names.iter().map(|name| (*name).to_owned()).zip(columns.iter().cloned()).collect();
    let table = Columns::from_vecs(owned).expect("columns of one length");
    let model = Model::parse(text).expect("a model").bind(names, names).expect("columns bind");
    let rows = model.select_with(&table, Missing::Error, &counting.columns());
    (model, rows.expect("complete columns"))
}

fn specified(
    model: &Model,
    rows: &Selection,
    choices: &Choices,
    counting: &RowChoices,
) -> Specification {
    let slices = rows.slices();
    let on = Rows::new(&slices, rows.original_rows()).choose(rows, counting).expect("columns");
    let specification = Specification::with(model, choices).expect("an objective");
    specification.on(model, &on).expect("rows of the domain")
}

fn tested(text: &str, columns: &[Vec<f64>], theta: &[f64], choices: TestChoices) -> Goodness {
    counted(text, columns, theta, choices, &RowChoices::default())
}

fn counted(
    text: &str,
    columns: &[Vec<f64>],
    theta: &[f64],
    choices: TestChoices,
    counting: &RowChoices,
) -> Goodness {
    let (model, rows) = bound(text, columns, counting);
    let specification = specified(&model, &rows, &Choices::default(), counting);
    let test = Test::new(&specification, &model, &rows, choices).expect("a test");
    test.at(theta, Bootstrap::Wild).expect("a statistic")
}

fn with(kernel: KernelChoices, replicates: usize, seed: u64) -> TestChoices {
    let mut choices = TestChoices::default();
    (choices.kernel, choices.replicates, choices.seed) = (kernel, replicates, seed);
    choices
}

fn statistic(goodness: &Goodness) -> [f64; 2] {
    match goodness.statistic {
        Statistic::Quadratic { nv, u } => [nv, u],
        Statistic::Linear { mean, std_error, .. } => [mean, std_error],
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn close(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance * want.abs().max(1.0), "{got} {want}");
}

fn file(name: &str) -> Vec<Vec<f64>> {
    let text = std::fs::read(format!("tests/goodness/{name}")).expect("a file of this test");
    let table = Columns::from_csv(text.as_slice()).expect("a table");
    let rows = table.select(&["x1", "x2"], Missing::Error).expect("complete columns");
    rows.slices().iter().map(|column| column.to_vec()).collect()
}

/// Two standard normals against rows whose first column is, or is not, shifted by one: nV and U of
/// kernel-gof 039a95e (Jitkrittum et al.), with its bandwidth and its distances.
#[test]
fn published_values() {
    let kernel = KernelChoices::default().kernel(Kernel::Gaussian).unscaled();
    let kernel = kernel.bandwidth(2.620_990_602_086_044_5_f64.sqrt());
    let text = "data x, y; -(x^2 + y^2)/2";
    let shifted = tested(text, &file("data.csv"), &[], with(kernel, 500, 0));
    let [nv, u] = statistic(&shifted);
    close(nv, 266.821_510_934_885, 1e-10);
    close(u, 0.659_198_391_649_465_1, 1e-10);
    close(shifted.p, 1.0 / 501.0, 1e-12);
    let null = tested(text, &file("data_null.csv"), &[], with(kernel, 500, 0));
    let [nv, u] = statistic(&null);
    close(nv, 3.311_445_961_241_998, 1e-10);
    close(u, 0.001_700_799_995_348_808, 1e-10);
    // kernel-gof has 0.27 with other random signs: within three standard errors of the difference.
    assert!((null.p - 0.27).abs() < 3.0 * (2.0 * 0.27 * 0.73 / 500.0_f64).sqrt(), "{}", null.p);
    close(null.contributions.iter().sum::<f64>(), nv, 1e-10);
    assert!(null.worst.windows(2).all(|pair| pair[0].contribution >= pair[1].contribution));
}

/// Midpoints of `count` equal cells of an interval.
fn middles(low: f64, high: f64, count: usize) -> impl Iterator<Item = f64> + Clone {
    let step = (high - low) / count as f64;
    (0..count).map(move |i| (i as f64 + 0.5).mul_add(step, low))
}

/// A density at a point, up to a constant factor.
type Density<'a> = &'a dyn Fn(&[f64]) -> f64;

/// mean |Σ_j p_j u_ij| over the nodes of a quadrature, relative to the mean of u_ii: zero where the
/// density is that of the model.
fn imbalance(
    text: &str,
    choices: &Choices,
    kernel: &KernelChoices,
    nodes: &[Vec<f64>],
    (density, theta): (Density<'_>, &[f64]),
) -> f64 {
    let columns: Vec<Vec<f64>> =
        (0..nodes[0].len()).map(|k| nodes.iter().map(|node| node[k]).collect()).collect();
    let heights: Vec<f64> = nodes.iter().map(|node| density(node)).collect();
    let mut columns = columns;
    columns.push(heights);
    // The heights of the density are weights of rows.
    let weight = NAMES[columns.len() - 1];
    let counting = RowChoices::default().weights(weight, WeightsKind::Probability);
    let (model, rows) = {
        let names = &NAMES[..columns.len()];
        let owned = names.iter().map(|name| (*name).to_owned()).zip(columns).collect();
        let table = Columns::from_vecs(owned).expect("columns of one length");
        let data = &names[..names.len() - 1];
        let model = Model::parse(text).expect("a model").bind(data, data).expect("columns bind");
        let rows = model.select_with(&table, Missing::Error, &[weight]).expect("complete columns");
        (model, rows)
    };
    let specification = specified(&model, &rows, choices, &counting);
    let slices = rows.slices();
    let slices = &slices[..slices.len() - 1];
    let prepared = Discrepancy::prepare(&specification, &model, slices, kernel, 1);
    let found = prepared.expect("a kernel").at(theta, slices, 1);
    let weights = rows.column(rows.width() - 1);
    let sum =
        |of: &dyn Fn(usize) -> f64| (0..weights.len()).map(|i| weights[i] * of(i)).sum::<f64>();
    let size = sum(&|i| found.diagonal[i]);
    sum(&|i| found.sums[i].abs()) / weights.len() as f64 / size
}

/// Tolerance of the quadrature for capped weights, whose kink costs digits, and for smooth ones.
const KINKED: f64 = 2e-2;
const SMOOTH: f64 = 1e-3;

/// Checks for both kernels that u has mean zero, to a tolerance, at the right
/// parameters and not at others.
#[track_caller]
fn check_mean(
    text: &str,
    choices: &Choices,
    nodes: &[Vec<f64>],
    density: Density<'_>,
    ([right, wrong], tolerance): ([&[f64]; 2], f64),
) {
    for kernel in [Kernel::Imq, Kernel::Gaussian] {
        for kernel in [
            KernelChoices::default().kernel(kernel),
            KernelChoices::default().kernel(kernel).unscaled(),
        ] {
            let at = |theta: &[f64]| imbalance(text, choices, &kernel, nodes, (density, theta));
            let (low, high) = (at(right), at(wrong));
            assert!(low < tolerance, "{text} {choices:?} {kernel:?}: {low}");
            assert!(high > 4.0 * tolerance, "{text} {choices:?} {kernel:?}: {high}");
        }
    }
}

fn line(low: f64, high: f64, count: usize) -> Vec<Vec<f64>> {
    middles(low, high, count).map(|x| vec![x]).collect()
}

#[test]
fn u_has_mean_zero_on_lines_and_beside_edges() {
    let auto = Choices::default();
    let normal = |x: &[f64]| (-(x[0] - 0.6).powi(2) / 2.0).exp();
    let thetas: [&[f64]; 2] = [&[0.6], &[0.1]];
    check_mean(
        "data x; param m; -(x - m)^2/2",
        &auto,
        &line(-8.0, 9.0, 600),
        &normal,
        (thetas, SMOOTH),
    );
    let thetas: [&[f64]; 2] = [&[0.6], &[-0.6]];
    check_mean(
        "data x > 0; param m; -(x - m)^2/2",
        &auto,
        &line(0.0, 9.0, 800),
        &normal,
        (thetas, KINKED),
    );
    let exponential = |x: &[f64]| (-x[0] / 1.5).exp();
    let text = "data x > 0; param m; -x/m";
    check_mean(text, &auto, &line(0.0, 30.0, 1200), &exponential, ([&[1.5], &[2.5]], KINKED));
    let text = "data x > 0; param m; weight x = x; -x/m";
    check_mean(text, &auto, &line(0.0, 30.0, 1200), &exponential, ([&[1.5], &[2.5]], SMOOTH));
    let text = "data x in (-1, 2); param a; a*x";
    let tilted = |x: &[f64]| (0.8 * x[0]).exp();
    check_mean(text, &auto, &line(-1.0, 2.0, 800), &tilted, ([&[0.8], &[0.1]], KINKED));
    let text = "data x on circle; param k; k*cos(x - 1)";
    let von_mises = |x: &[f64]| (1.3 * (x[0] - 1.0).cos()).exp();
    check_mean(text, &auto, &line(0.0, TAU, 200), &von_mises, ([&[1.3], &[0.3]], SMOOTH));
}

#[test]
fn u_has_mean_zero_on_spheres_and_simplexes() {
    let turn = |z: f64| {
        let around = middles(0.0, TAU, 20);
        let r = (1.0 - z * z).sqrt();
        around.map(move |t| vec![r * t.cos(), r * t.sin(), z])
    };
    let nodes: Vec<Vec<f64>> = middles(-1.0, 1.0, 40).flat_map(turn).collect();
    let von_mises_fisher = |x: &[f64]| (1.5 * x[2] - 0.5 * x[0]).exp();
    let text = "data v[3] on sphere; param k, l; k*v[3] - l*v[1]";
    let auto = Choices::default();
    check_mean(text, &auto, &nodes, &von_mises_fisher, ([&[1.5, 0.5], &[0.5, 0.5]], SMOOTH));
    let row = |u: f64| middles(0.0, 1.0, 44).map(move |v| vec![u, v, 1.0 - u - v]);
    let nodes: Vec<Vec<f64>> =
        middles(0.0, 1.0, 41).flat_map(row).filter(|u| u[2] > 1e-9).collect();
    let dirichlet = |u: &[f64]| u[0].powf(2.5) * u[1].powi(2) * u[2].powi(4);
    let text = "data s[3] on simplex; param a[3]; a[1]*log(s[1]) + a[2]*log(s[2]) + a[3]*log(s[3])";
    for transform in Transform::ALL {
        let choices = Choices::default().transform(transform);
        let thetas: [&[f64]; 2] = [&[2.5, 2.0, 4.0], &[2.5, 2.0, 2.0]];
        let tolerance = match transform {
            Transform::Sqrt | Transform::Flat => KINKED,
            _ => SMOOTH,
        };
        check_mean(text, &choices, &nodes, &dirichlet, (thetas, tolerance));
    }
}

/// Binary data: Σ_x p(x) u(x, y) over all patterns x is zero up to rounding, for each y.
#[test]
fn u_has_mean_zero_over_all_patterns() {
    for [low, high] in [[0.0, 1.0], [-1.0, 1.0]] {
        let text = format!(
            "data b[3] in {{{low}, {high}}}; param a, c; a*b[1] - 0.4*b[3] + c*b[1]*b[2] + 0.3*b[2]*b[3]"
        );
        let log_p = |x: &[f64]| 0.7 * x[0] - 0.4 * x[2] + 1.1 * x[0] * x[1] + 0.3 * x[1] * x[2];
        let pick = |bits: usize, k: usize| if bits >> k & 1 == 1 { high } else { low };
        let nodes: Vec<Vec<f64>> =
            (0..8).map(|bits| (0..3).map(|k| pick(bits, k)).collect()).collect();
        let density = |x: &[f64]| log_p(x).exp();
        for kernel in [KernelChoices::default(), KernelChoices::default().bandwidth(0.8)] {
            let at = |theta: &[f64]| {
                imbalance(&text, &Choices::default(), &kernel, &nodes, (&density, theta))
            };
            assert!(at(&[0.7, 1.1]) < 1e-14, "{}", at(&[0.7, 1.1]));
            assert!(at(&[0.7, 0.4]) > 1e-2 && at(&[0.2, 1.1]) > 1e-2);
        }
    }
}

/// u of binary rows by its definition, with the differences written out.
#[test]
fn u_of_binary_rows_is_its_definition() {
    let rows = [[0.0, 1.0, 1.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 1.0]];
    let log_p = |x: &[f64]| 0.7 * x[0] - 0.4 * x[2] + 1.1 * x[0] * x[1];
    let flip = |x: &[f64], i: usize| {
        let mut x = x.to_vec();
        x[i] = 1.0 - x[i];
        x
    };
    let score = |x: &[f64], i: usize| 1.0 - (log_p(&flip(x, i)) - log_p(x)).exp();
    let k = |x: &[f64], y: &[f64]| {
        let unlike = x.iter().zip(y).filter(|(a, b)| a != b).count();
        (-(unlike as f64) / 3.0).exp()
    };
    let u = |x: &[f64], y: &[f64]| -> f64 {
        let entry = |i: usize| {
            let (fx, fy) = (flip(x, i), flip(y, i));
            score(x, i) * k(x, y) * score(y, i)
                - score(x, i) * (k(x, y) - k(x, &fy))
                - (k(x, y) - k(&fx, y)) * score(y, i)
                + (k(x, y) - k(&fx, y) - k(x, &fy) + k(&fx, &fy))
        };
        (0..3).map(entry).sum()
    };
    let want: f64 = rows.iter().flat_map(|x| rows.iter().map(|y| u(x, y))).sum::<f64>() / 4.0;
    let columns: Vec<Vec<f64>> = (0..3).map(|k| rows.iter().map(|row| row[k]).collect()).collect();
    let text = "data b[3] in {0, 1}; 0.7*b[1] - 0.4*b[3] + 1.1*b[1]*b[2]";
    let found = tested(text, &columns, &[], with(KernelChoices::default(), 10, 0));
    close(statistic(&found)[0], want, 1e-12);
    assert_eq!(found.kernel, Kernel::Hamming);
}

/// Draws a row of the model.
type Draw<'a> = &'a dyn Fn(&mut Stream) -> Vec<f64>;

/// The share of replications in which p is at most 5 % although the model is right.
fn size(text: &str, theta: &[f64], n: usize, replications: u64, draw: Draw<'_>) -> f64 {
    let rejected = (0..replications).filter(|&replication| {
        let mut stream = stream(71, replication);
        let rows: Vec<Vec<f64>> = (0..n).map(|_| draw(&mut stream)).collect();
        let columns: Vec<Vec<f64>> =
            (0..rows[0].len()).map(|k| rows.iter().map(|row| row[k]).collect()).collect();
        let choices = with(KernelChoices::default(), 199, replication);
        tested(text, &columns, theta, choices).p <= 0.05
    });
    rejected.count() as f64 / replications as f64
}

const EXPONENTIAL: (&str, &[f64]) = ("data x > 0; param m; -x/m", &[2.0]);
const PAIR: (&str, &[f64]) = ("data x, y; param r; -(x^2 + y^2)/2 + r*x*y", &[0.5]);
const ISING: (&str, &[f64]) = ("data b[2] in {0, 1}; param c; c*b[1]*b[2]", &[1.0]);

fn exponential(stream: &mut Stream) -> Vec<f64> {
    vec![-2.0 * stream.uniform().ln()]
}

/// Draws from a normal with precision [1, -r; -r, 1].
fn pair(stream: &mut Stream) -> Vec<f64> {
    let (z, w) = (stream.normal(), stream.normal());
    let x = z / (1.0 - 0.25_f64).sqrt();
    vec![x, 0.5 * x + w]
}

fn ising(stream: &mut Stream) -> Vec<f64> {
    let total = 3.0 + 1.0_f64.exp();
    let cell = stream.uniform() * total;
    match cell {
        c if c < 1.0 => vec![0.0, 0.0],
        c if c < 2.0 => vec![0.0, 1.0],
        c if c < 3.0 => vec![1.0, 0.0],
        _ => vec![1.0, 1.0],
    }
}

/// Exponential data, whose density does not vanish at the edge, are rejected in about 5 % of 120
/// samples with n = 60: within three standard errors and one per cent for the wild bootstrap.
#[test]
fn the_size_is_about_five_per_cent() {
    for ((text, theta), draw) in
        [(EXPONENTIAL, &exponential as Draw<'_>), (PAIR, &pair), (ISING, &ising)]
    {
        let share = size(text, theta, 60, 120, draw);
        assert!((0.0..=0.12).contains(&share), "{text}: {share}");
    }
}

#[test]
#[ignore = "a minute and more"]
fn sizes_of_a_thousand_samples() {
    for ((text, theta), draw) in
        [(EXPONENTIAL, &exponential as Draw<'_>), (PAIR, &pair), (ISING, &ising)]
    {
        let share = size(text, theta, 150, 1000, draw);
        println!("{:5.1} %  {text}", 100.0 * share);
        assert!((0.03..=0.07).contains(&share), "{text}: {share}");
    }
}

/// Student's t with 3 degrees of freedom against a normal with its quartiles is rejected at 5 % in
/// each of 10 samples of 300 rows, and a row that is moved far out fits worst.
#[test]
fn departures_are_detected() {
    let student = |stream: &mut Stream| {
        let square = (0..3).map(|_| stream.normal().powi(2)).sum::<f64>() / 3.0;
        stream.normal() / square.sqrt()
    };
    for key in 0..10 {
        let mut stream = stream(5, key);
        let x: Vec<f64> = (0..300).map(|_| student(&mut stream)).collect();
        let found = tested("data x; param s; -x^2/(2*s^2)", &[x], &[1.0], TestChoices::default());
        assert!(found.p < 0.05, "{}", found.p);
    }
    let mut stream = stream(6, 0);
    let mut x: Vec<f64> = (0..100).map(|_| stream.normal()).collect();
    x[37] = 6.0;
    let found = tested("data x; -x^2/2", &[x], &[], TestChoices::default());
    assert_eq!(found.worst[0].row, 38);
    assert_eq!(found.worst[0].values[0].1, Cell::Number(6.0));
}

#[test]
fn threads_change_nothing() {
    let mut stream = stream(8, 0);
    let columns: Vec<Vec<f64>> =
        (0..2).map(|_| (0..2300).map(|_| stream.normal()).collect()).collect();
    let text = "data x, y; -(x^2 + y^2)/2";
    for linear in [false, true] {
        let [one, three] = [1, 3].map(|threads| {
            let mut choices = with(KernelChoices::default(), 50, 3);
            (choices.threads, choices.linear) = (threads, linear);
            tested(text, &columns, &[], choices)
        });
        assert_eq!(one, three);
    }
}

/// The linear statistic is the mean of u over disjoint pairs of rows, and p that of a normal mean;
/// u of two rows alone is nV - (u_11 + u_22)/2.
#[test]
fn the_linear_statistic_is_the_mean_over_disjoint_pairs() {
    let mut stream = stream(9, 0);
    let x: Vec<f64> = (0..41).map(|_| stream.normal() + 0.5).collect();
    let kernel = KernelChoices::default().bandwidth(1.0).unscaled();
    let (model, rows) = bound("data x; -x^2/2", std::slice::from_ref(&x), &RowChoices::default());
    let specification = specified(&model, &rows, &Choices::default(), &RowChoices::default());
    let prepared = Discrepancy::prepare(&specification, &model, &[&x], &kernel, 1);
    let prepared = prepared.expect("a kernel");
    let found = prepared.linear(&[], &[&x], 4, 1);
    let mut used: Vec<usize> = found.pairs.iter().flat_map(|&(i, j)| [i, j]).collect();
    used.sort_unstable();
    used.dedup();
    assert_eq!((found.pairs.len(), used.len()), (20, 40));
    assert_ne!(found.pairs, prepared.linear(&[], &[&x], 5, 1).pairs);
    let u = |x: f64, y: f64| {
        let inverse = 1.0 / (1.0 + (x - y).powi(2));
        let k = inverse.sqrt();
        k * x * y + k * inverse * (-(x - y) * (x - y) + 1.0 - 3.0 * inverse * (x - y).powi(2))
    };
    for (&(i, j), value) in found.pairs.iter().zip(&found.values) {
        close(*value, u(x[i], x[j]), 1e-12);
    }
    let mean = found.values.iter().sum::<f64>() / 20.0;
    let variance = found.values.iter().map(|u| (u - mean).powi(2)).sum::<f64>() / 19.0;
    close(found.mean(), mean, 1e-12);
    close(found.std_error(), (variance / 20.0).sqrt(), 1e-12);
    let mut choices = with(kernel, 10, 4);
    choices.linear = true;
    let test = Test::new(&specification, &model, &rows, choices).expect("a test");
    let tested = test.at(&[], Bootstrap::Wild).expect("a statistic");
    assert_eq!(statistic(&tested)[0], found.mean());
    assert_eq!((tested.method, tested.p_error), (PValue::Normal, None));
    assert!((tested.p < 0.5) == (mean > 0.0));
}

/// A row of frequency f is f rows: nV and U are equal, and p up to random signs.
#[test]
fn frequencies_are_repeated_rows() {
    let mut stream = stream(10, 0);
    let x: Vec<f64> = (0..50).map(|_| stream.normal() + 0.3).collect();
    let f: Vec<f64> = (0..50).map(|k| f64::from(k % 4)).collect();
    let copies: Vec<f64> = x.iter().zip(&f).flat_map(|(x, f)| vec![*x; *f as usize]).collect();
    let kernel = KernelChoices::default().bandwidth(1.0).unscaled();
    let choices = with(kernel, 4000, 0);
    let counting = RowChoices::default().weights("y", WeightsKind::Frequency);
    let (model, rows) = {
        let table = Columns::from_vecs(vec![("x".to_owned(), x), ("y".to_owned(), f)]);
        let model = Model::parse("data x; -x^2/2").expect("a model").bind(&["x"], &["x"]);
        let model = model.expect("columns bind");
        let rows = model.select_with(&table.expect("columns"), Missing::Error, &["y"]);
        (model, rows.expect("complete columns"))
    };
    let specification = specified(&model, &rows, &Choices::default(), &counting);
    let test = Test::new(&specification, &model, &rows, choices).expect("a test");
    let weighed = test.at(&[], Bootstrap::Wild).expect("a statistic");
    let whole = tested("data x; -x^2/2", &[copies], &[], choices);
    let ([nv, u], [other_nv, other_u]) = (statistic(&weighed), statistic(&whole));
    close(nv, other_nv, 1e-12);
    close(u, other_u, 1e-12);
    let error = weighed.p_error.expect("an error") * 2.0_f64.sqrt();
    assert!((weighed.p - whole.p).abs() < 4.0 * error, "{} {}", weighed.p, whole.p);
}

/// The caller computes the statistic of each replicate; p counts those that reach the statistic,
/// and failed ones are counted separately.
#[test]
fn a_parametric_bootstrap_takes_statistics_from_the_caller() {
    let columns = [vec![-1.0, -0.2, 0.1, 0.4, 1.3]];
    let (model, rows) = bound("data x; -x^2/2", &columns, &RowChoices::default());
    let specification = specified(&model, &rows, &Choices::default(), &RowChoices::default());
    let choices = with(KernelChoices::default(), 100, 0);
    let test = Test::new(&specification, &model, &rows, choices).expect("a test");
    let replicate = |r: usize| match r {
        0..30 => Some(1e9),
        30..90 => Some(0.0),
        _ => None,
    };
    let found = test.at(&[], Bootstrap::Parametric(&replicate)).expect("a statistic");
    assert_eq!(found.method, PValue::Parametric { replicates: 90, failed: 10 });
    close(found.p, 31.0 / 91.0, 1e-15);
}
