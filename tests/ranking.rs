//! Which of several minima is reported, compared with the exact likelihood
//! of closed-form densities.
//!
//! The table of all designs: `cargo test --release --test ranking -- --ignored --nocapture`.

use std::f64::consts::{PI, TAU};

use scorematch::data::{Columns, Missing};
use scorematch::fit::{self, Estimate, Minimum, Options};
use scorematch::model::Model;
use scorematch::numerics::rng::{Stream, stream};

type Table = Vec<Vec<f64>>;
type Draw = dyn Fn(&mut Stream) -> Vec<f64>;

fn fitted(text: &str, columns: &Table) -> Estimate {
    fitted_from(text, columns, &[])
}

fn fitted_from(text: &str, columns: &Table, start: &[f64]) -> Estimate {
    let names: Vec<String> =
        ["x", "y", "z", "u"][..columns.len()].iter().map(|&n| n.into()).collect();
    let owned = names.iter().cloned().zip(columns.iter().cloned()).collect();
    let table = Columns::from_vecs(owned).expect("columns of one length");
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let data = table.select(&names, Missing::Error).expect("complete columns");
    let model = Model::parse(text).expect("a model").bind(&names, &names).expect("columns bind");
    let values = model.parameters().iter().zip(start);
    let options = values.fold(Options::default(), |o, (one, &value)| o.start(&one.name, value));
    fit::fit(&model, &data, &options).expect("a fit")
}

const TWO: &str = "param w in (0, 1), m[2], s[2] > 0
log(w*exp(-(x - m[1])^2/(2*s[1]^2))/s[1] + (1 - w)*exp(-(x - m[2])^2/(2*s[2]^2))/s[2])";
const THREE: &str = "param w[3] simplex, m[3], s[3] > 0
log(sum(k in 1:3, w[k]*exp(-(x - m[k])^2/(2*s[k]^2))/s[k]))";
const PLANE: &str = "data x, y
param w in (0, 1), a[2], b[2], s[2] > 0, t[2] > 0
def part(k) = exp(-((x - a[k])/s[k])^2/2 - ((y - b[k])/t[k])^2/2)/(s[k]*t[k])
log(w*part(1) + (1 - w)*part(2))";
const SPACE: &str = "data x, y, z
param w in (0, 1), a[2], b[2], c[2], s[2] > 0
def part(k) = exp(-((x - a[k])^2 + (y - b[k])^2 + (z - c[k])^2)/(2*s[k]^2))/s[k]^3
log(w*part(1) + (1 - w)*part(2))";
const SOURCES: &str = "data x, y, z, u
param W[4,4]
-sum(log(cosh(W*[x, y, z, u])))";

fn normal(x: f64, m: f64, s: f64) -> f64 {
    (-0.5 * ((x - m) / s).powi(2)).exp() / (s * TAU.sqrt())
}

/// The log-likelihood of a row, with parameters in the order of the text.
fn log_density(text: &str, row: &[f64], p: &[f64]) -> f64 {
    let two = |a: f64, b: f64| (p[0] * a + (1.0 - p[0]) * b).ln();
    match (text, row) {
        (TWO, [x]) => two(normal(*x, p[1], p[3]), normal(*x, p[2], p[4])),
        (THREE, [x]) => (0..3).map(|k| p[k] * normal(*x, p[3 + k], p[6 + k])).sum::<f64>().ln(),
        (PLANE, [x, y]) => {
            let part = |k: usize| normal(*x, p[1 + k], p[5 + k]) * normal(*y, p[3 + k], p[7 + k]);
            two(part(0), part(1))
        }
        (SPACE, [x, y, z]) => {
            let part = |k: usize| {
                let s = p[7 + k];
                normal(*x, p[1 + k], s) * normal(*y, p[3 + k], s) * normal(*z, p[5 + k], s)
            };
            two(part(0), part(1))
        }
        (SOURCES, row) => {
            let w = nalgebra::Matrix4::from_row_slice(p);
            let sources = w * nalgebra::Vector4::from_column_slice(row);
            let secant = |v: &f64| -(PI * v.cosh()).ln();
            sources.iter().map(secant).sum::<f64>() + w.determinant().abs().ln()
        }
        (_, _) => unreachable!("each model of this file has its density"),
    }
}

fn log_likelihood(text: &str, columns: &Table, estimate: &[f64]) -> f64 {
    let row = |i: usize| columns.iter().map(|column| column[i]).collect::<Vec<_>>();
    (0..columns[0].len()).map(|i| log_density(text, &row(i), estimate)).sum()
}

fn table(dimensions: usize, n: usize, key: u64, draw: impl Fn(&mut Stream) -> Vec<f64>) -> Table {
    let mut stream = stream(41, key);
    let rows: Vec<Vec<f64>> = (0..n).map(|_| draw(&mut stream)).collect();
    (0..dimensions).map(|k| rows.iter().map(|row| row[k]).collect()).collect()
}

/// Draws from a mixture of normals, each given by share, mean and standard deviation.
fn mixture(parts: &[(f64, f64, f64)]) -> impl Fn(&mut Stream) -> Vec<f64> {
    move |s| {
        let (u, z) = (s.uniform(), s.normal());
        let mut below = 0.0;
        let chosen = parts.iter().find(|(share, _, _)| {
            below += share;
            u < below
        });
        let (_, m, deviation) = chosen.unwrap_or(&parts[parts.len() - 1]);
        vec![m + deviation * z]
    }
}

fn csv(text: &str) -> Vec<f64> {
    text.lines().skip(1).map(|line| line.parse().expect("a number")).collect()
}

fn value(minimum: &Minimum, want: &[f64], tolerance: f64) -> bool {
    minimum.estimate.iter().zip(want).all(|(got, want)| (got - want).abs() < tolerance)
}

#[test]
fn a_spike_on_a_few_rows_is_not_reported() {
    let data = vec![csv(include_str!("ranking/spike.csv"))];
    let spike = [0.147, 2.67, 1.515, 0.85, 0.0123];
    let fit = fitted_from(TWO, &data, &spike);
    let best = &fit.minima[0];
    // Found by Nelder and Mead's method on an objective written by hand.
    let want = [0.415_835, -0.032_623, 2.670_647, 0.830_011, 0.853_607];
    assert!(value(best, &want, 2e-6), "{best:?}");
    assert!((fit.objective + 0.386_937_1).abs() < 1e-7);
    let spike = fit.minima.iter().find(|m| m.estimate[3].min(m.estimate[4]) < 0.02);
    let spike = spike.expect("the spike is still listed");
    assert!(spike.objective < -50.0 && spike.smic < best.smic);
    assert!(spike.ksd > best.ksd && spike.log_likelihood < best.log_likelihood);
    let exact = log_likelihood(TWO, &data, &best.estimate) / 300.0;
    assert!((best.log_likelihood.expect("a likelihood") - exact).abs() < 1e-7);
    let doubt = fit.warnings.iter().find(|w| w.code == "ambiguous-minimum").expect("a warning");
    assert!(doubt.message.contains("J is lowest at other"), "{}", doubt.message);
}

#[test]
fn a_spike_on_skewed_data_is_not_reported_either() {
    let data = table(1, 300, 77, |s| vec![(0.6 * s.normal()).exp()]);
    let fit = fitted(TWO, &data);
    let exact = |m: &Minimum| log_likelihood(TWO, &data, &m.estimate);
    let best = fit.minima.iter().map(exact).fold(f64::NEG_INFINITY, f64::max);
    assert!(exact(&fit.minima[0]) > best - 1e-3, "{:#?}", fit.minima);
}

#[test]
fn units_of_the_data_affect_the_likelihood_only() {
    let data = vec![csv(include_str!("ranking/spike.csv"))];
    let scaled: Table = vec![data[0].iter().map(|x| 5e6 + 1000.0 * x).collect()];
    let (fit, moved) = (fitted(TWO, &data), fitted(TWO, &scaled));
    let (one, other) = (&fit.minima[0], &moved.minima[0]);
    let measures = |m: &Minimum| (m.ksd.expect("a KSD"), m.log_likelihood.expect("a likelihood"));
    let ((v, l), (v_moved, l_moved)) = (measures(one), measures(other));
    assert!((v - v_moved).abs() < 1e-6 * v, "{v} {v_moved}");
    assert!((l - l_moved - 1000f64.ln()).abs() < 1e-6, "{l} {l_moved}");
}

struct Design {
    name: &'static str,
    text: &'static str,
    n: usize,
    dimensions: usize,
    draw: Box<Draw>,
}

fn designs() -> Vec<Design> {
    const NEAR: &[(f64, f64, f64)] = &[(0.15, 0.0, 1.0), (0.85, 2.5, 1.0)];
    const SCALES: &[(f64, f64, f64)] = &[(0.5, 0.0, 0.3), (0.5, 0.0, 1.5)];
    const TRIPLE: &[(f64, f64, f64)] = &[(0.3, -4.0, 1.0), (0.4, 0.5, 0.8), (0.3, 5.0, 1.2)];
    const APART: &[(f64, f64, f64)] = &[(0.4, 0.0, 1.0), (0.6, 7.0, 1.0)];
    const ONE: &[(f64, f64, f64)] = &[(1.0, 0.0, 1.0)];
    let line = |name, text, n, parts: &'static [(f64, f64, f64)]| Design {
        name,
        text,
        n,
        dimensions: 1,
        draw: Box::new(mixture(parts)),
    };
    let cloud = |s: &mut Stream, d: usize, share: f64, gap: f64, deviation: f64| -> Vec<f64> {
        let (m, deviation) = if s.uniform() < share { (0.0, 1.0) } else { (gap, deviation) };
        (0..d).map(|_| m + deviation * s.normal()).collect()
    };
    vec![
        line("two normals, 0.15/0.85, 2.5 sd apart", TWO, 100, NEAR),
        line("", TWO, 300, NEAR),
        line("scale mixture, sd 0.3 and 1.5", TWO, 100, SCALES),
        line("three normals", THREE, 150, TRIPLE),
        line("", THREE, 500, TRIPLE),
        line("two normals, 7 sd apart", TWO, 200, APART),
        line("one normal, fitted with two", TWO, 100, ONE),
        line("", TWO, 300, ONE),
        Design {
            name: "two normals, d = 2",
            text: PLANE,
            n: 200,
            dimensions: 2,
            draw: Box::new(move |s| cloud(s, 2, 0.3, 2.0, 0.7)),
        },
        Design {
            name: "two normals, d = 3",
            text: SPACE,
            n: 200,
            dimensions: 3,
            draw: Box::new(move |s| cloud(s, 3, 0.3, 1.5, 0.7)),
        },
        Design {
            name: "ICA, d = 4",
            text: SOURCES,
            n: 200,
            dimensions: 4,
            draw: Box::new(|s| {
                // Mixed logistic sources.
                let mut source = || {
                    let u = s.uniform();
                    (u / (1.0 - u)).ln()
                };
                let [a, b, c, d] = [source(), source(), source(), source()];
                vec![a + 0.5 * b, b - 0.3 * c, c + 0.4 * d + 0.2 * a, d - 0.6 * a]
            }),
        },
    ]
}

/// Whether each measure chooses a minimum more than 3 nats below the best listed one; `None` where
/// the measure is missing for some minimum.
fn errors(minima: &[Minimum], nats: &[f64]) -> [Option<bool>; 4] {
    let best = nats.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let wrong = |measure: &dyn Fn(&Minimum) -> Option<f64>| {
        let values: Vec<f64> = minima.iter().map(measure).collect::<Option<_>>()?;
        let chosen = values.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1))?.0;
        Some(nats[chosen] < best - 3.0)
    };
    [
        wrong(&|m| Some(m.objective)),
        wrong(&|m| Some(m.smic)),
        wrong(&|m| m.ksd),
        wrong(&|m| m.log_likelihood.map(|l| -l)),
    ]
}

#[test]
#[ignore = "prints a table of some minutes"]
fn share_of_wrong_minima() {
    const SAMPLES: u64 = 50;
    println!("| design | n | several | J | SMIC | KSD | likelihood | reported |");
    for (k, design) in designs().iter().enumerate() {
        let (mut wrong, mut counted, mut several, mut reported) = ([0; 4], [0; 4], 0, 0);
        for sample in 0..SAMPLES {
            let key = 1000 * k as u64 + sample;
            let data = table(design.dimensions, design.n, key, &design.draw);
            let minima = fitted(design.text, &data).minima;
            several += usize::from(minima.len() > 1);
            let nats: Vec<f64> =
                minima.iter().map(|m| log_likelihood(design.text, &data, &m.estimate)).collect();
            for (i, error) in errors(&minima, &nats).into_iter().enumerate() {
                wrong[i] += usize::from(error == Some(true));
                counted[i] += usize::from(error.is_some());
            }
            let best = nats.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            reported += usize::from(nats.first().is_some_and(|&first| first < best - 3.0));
        }
        let share = |i: usize| match counted[i] {
            0 => "-".to_owned(),
            n => format!("{}/{n}", wrong[i]),
        };
        let [j, smic, ksd, likelihood] = [0, 1, 2, 3].map(share);
        println!(
            "| {} | {} | {several} | {j} | {smic} | {ksd} | {likelihood} | {reported} |",
            design.name, design.n
        );
    }
}
