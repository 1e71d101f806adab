//! J and its gradient over the rows: the compiled program beside a hand-written loop of the same
//! objective, so that the number has a meaning. Both are compiled for the same machine.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scorematch::calculus::gradient;
use scorematch::graph::{ExprId, Function, Graph, InputId, Number, Part, Support};
use scorematch::objective::hyvarinen;
use scorematch::program::{Layout, Program};

/// A model, with the loop that one would write for it.
struct Case {
    name: &'static str,
    graph: Graph,
    data: Vec<ExprId>,
    parameters: Vec<ExprId>,
    log_density: ExprId,
    theta: Vec<f64>,
    rows: usize,
    by_hand: fn(&[&[f64]], &[f64]) -> Vec<f64>,
}

const POSITIVE: Support = Support { low: 0.0, high: f64::INFINITY };

fn named(g: &mut Graph, name: &str, count: usize, support: Support) -> Vec<ExprId> {
    (1..=count).map(|k| g.input(&format!("{name}[{k}]"), support)).collect()
}

fn part(num: i64, den: i64, expr: ExprId) -> Part {
    Part { weight: Number::ratio(num, den), expr }
}

/// -(x - m)²/(2 s)
fn bell(g: &mut Graph, x: ExprId, m: ExprId, s: ExprId) -> ExprId {
    let centred = g.sub(x, m);
    let square = g.powi(centred, 2);
    let quotient = g.div(square, s);
    g.scale(Number::ratio(-1, 2), quotient)
}

fn gaussian() -> Case {
    let mut graph = Graph::new();
    let g = &mut graph;
    let (x, mu, s2) =
        (g.input("x", Support::LINE), g.input("mu", Support::LINE), g.input("s2", POSITIVE));
    let log_density = bell(g, x, mu, s2);
    let (data, parameters, theta) = (vec![x], vec![mu, s2], vec![0.3, 1.7]);
    let (name, rows, by_hand) = ("gaussian", 1_000_000, gaussian_by_hand as _);
    Case { name, graph, data, parameters, log_density, theta, rows, by_hand }
}

/// ρ = -1/s + (x - m)²/(2 s²)
fn gaussian_by_hand(columns: &[&[f64]], theta: &[f64]) -> Vec<f64> {
    let (mu, s) = (theta[0], theta[1]);
    let n = columns[0].len() as f64;
    let (mut first, mut second) = ([0.0; 8], [0.0; 8]);
    for chunk in columns[0].as_chunks::<8>().0 {
        for lane in 0..8 {
            let centred = chunk[lane] - mu;
            first[lane] += centred;
            second[lane] += centred * centred;
        }
    }
    let (first, second) = (first.iter().sum::<f64>() / n, second.iter().sum::<f64>() / n);
    let inverse = 1.0 / s;
    vec![
        -inverse + 0.5 * second * inverse * inverse,
        -first * inverse * inverse,
        inverse * inverse - second * inverse * inverse * inverse,
    ]
}

/// log Σ w_k exp(-(x - m_k)²/(2 s_k))/√s_k
fn mixture() -> Case {
    let mut graph = Graph::new();
    let g = &mut graph;
    let x = g.input("x", Support::LINE);
    let w = named(g, "w", 3, POSITIVE);
    let m = named(g, "m", 3, Support::LINE);
    let s = named(g, "s", 3, POSITIVE);
    let terms: Vec<ExprId> = (0..3)
        .map(|k| {
            let exponent = bell(g, x, m[k], s[k]);
            let bell = g.call(Function::Exp, exponent);
            let factors = [part(1, 1, w[k]), part(1, 1, bell), part(-1, 2, s[k])];
            g.product(&factors)
        })
        .collect();
    let sum = g.total(&terms);
    let log = g.call(Function::Log, sum);
    let log_density = g.stabilise(&[log])[0];
    let parameters = [w, m, s].concat();
    let theta = vec![0.2, 0.5, 0.3, -2.0, 0.1, 1.5, 0.5, 1.0, 0.8];
    let (name, rows, by_hand) = ("mixture", 100_000, mixture_by_hand as _);
    Case { name, graph, data: vec![x], parameters, log_density, theta, rows, by_hand }
}

/// With responsibilities p_k and u_k = -(x - m_k)/s_k: ρ = Σ p_k (u_k² - 1/s_k) - ½ (Σ p_k u_k)².
fn mixture_by_hand(columns: &[&[f64]], theta: &[f64]) -> Vec<f64> {
    let (w, m, s) = (&theta[..3], &theta[3..6], &theta[6..]);
    let inverse = [0, 1, 2].map(|k| 1.0 / s[k]);
    let height = [0, 1, 2].map(|k| w[k].ln() - 0.5 * s[k].ln());
    let mut sums = [0.0; 10];
    for &x in columns[0] {
        let centred = [0, 1, 2].map(|k| x - m[k]);
        let u = [0, 1, 2].map(|k| -centred[k] * inverse[k]);
        let logs = [0, 1, 2].map(|k| height[k] + 0.5 * centred[k] * u[k]);
        let most = logs[0].max(logs[1]).max(logs[2]);
        let e = logs.map(|log| (log - most).exp());
        let scale = 1.0 / (e[0] + e[1] + e[2]);
        let p = e.map(|e| e * scale);
        let q = [0, 1, 2].map(|k| u[k] * u[k] - inverse[k]);
        let score = p[0] * u[0] + p[1] * u[1] + p[2] * u[2];
        let second = p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
        sums[0] += second - 0.5 * score * score;
        for k in 0..3 {
            // ∂ρ/∂log of the k-th term, then the chain to its parameters
            let d = p[k] * (q[k] - second - score * (u[k] - score));
            let slope = p[k] * (2.0 * u[k] - score);
            sums[1 + k] += d / w[k];
            sums[4 + k] += -d * u[k] + slope * inverse[k];
            sums[7 + k] += 0.5 * d * (u[k] * u[k] - inverse[k])
                + inverse[k] * (p[k] * inverse[k] - slope * u[k]);
        }
    }
    sums.map(|sum| sum / columns[0].len() as f64).to_vec()
}

/// Σ a_k x^k, k = 1..8
fn polynomial() -> Case {
    let mut graph = Graph::new();
    let g = &mut graph;
    let x = g.input("x", Support::LINE);
    let a = named(g, "a", 8, Support::LINE);
    let terms: Vec<ExprId> =
        (0..8).map(|k| g.product(&[part(1, 1, a[k]), part(k as i64 + 1, 1, x)])).collect();
    let log_density = g.total(&terms);
    let theta = vec![0.1, -0.5, 0.02, -0.1, 0.01, -0.02, 0.001, -0.002];
    let (name, rows, by_hand) = ("polynomial", 1_000_000, polynomial_by_hand as _);
    Case { name, graph, data: vec![x], parameters: a, log_density, theta, rows, by_hand }
}

/// ρ = Σ k(k-1) a_k x^(k-2) + ½ s², s = Σ k a_k x^(k-1)
fn polynomial_by_hand(columns: &[&[f64]], a: &[f64]) -> Vec<f64> {
    let mut lanes = [[0.0; 8]; 9];
    for chunk in columns[0].as_chunks::<8>().0 {
        for lane in 0..8 {
            let x = chunk[lane];
            let (mut score, mut second, mut power) = (0.0, 0.0, [1.0; 8]);
            for k in 1..8 {
                power[k] = power[k - 1] * x;
            }
            for k in 0..8 {
                let degree = (k + 1) as f64;
                score += degree * a[k] * power[k];
                if k > 0 {
                    second += degree * k as f64 * a[k] * power[k - 1];
                }
            }
            lanes[0][lane] += second + 0.5 * score * score;
            for k in 0..8 {
                let degree = (k + 1) as f64;
                let curved = if k > 0 { k as f64 * power[k - 1] } else { 0.0 };
                lanes[1 + k][lane] += degree * (curved + score * power[k]);
            }
        }
    }
    let n = columns[0].len() as f64;
    lanes.map(|lanes| lanes.iter().sum::<f64>() / n).to_vec()
}

const D: usize = 16;

/// -Σ log cosh(W x)
fn components() -> Case {
    let mut graph = Graph::new();
    let g = &mut graph;
    let x = named(g, "x", D, Support::LINE);
    let w = named(g, "w", D * D, Support::LINE);
    let terms: Vec<ExprId> = (0..D)
        .map(|i| {
            let projection = g.dot(&w[i * D..][..D], &x);
            g.call(Function::LogCosh, projection)
        })
        .collect();
    let total = g.total(&terms);
    let log_density = g.neg(total);
    let theta = noise(D * D, 99).into_iter().map(|w| w / 4.0).collect();
    let (name, rows, by_hand) = ("components", 16_384, components_by_hand as _);
    Case { name, graph, data: x, parameters: w, log_density, theta, rows, by_hand }
}

/// With t = tanh(Wx), s = Wᵀt and c_i = ‖w_i‖²: ρ = -Σ c_i (1 - t_i²) + ½ ‖s‖².
fn components_by_hand(columns: &[&[f64]], w: &[f64]) -> Vec<f64> {
    let squares: Vec<f64> = w.chunks(D).map(|row| row.iter().map(|w| w * w).sum()).collect();
    let (mut rho, mut slopes, mut flat) = (0.0, vec![0.0; D * D], [0.0; D]);
    let n = columns[0].len();
    let gather = |row: usize| -> [f64; D] { std::array::from_fn(|j| columns[j][row]) };
    for x in (0..n).map(gather) {
        let mut t = [0.0; D];
        let mut s = [0.0; D];
        for i in 0..D {
            t[i] = (0..D).map(|j| w[i * D + j] * x[j]).sum::<f64>().tanh();
            for j in 0..D {
                s[j] += w[i * D + j] * t[i];
            }
        }
        for i in 0..D {
            let bend = 1.0 - t[i] * t[i];
            rho += -squares[i] * bend + 0.5 * s[i] * s[i];
            flat[i] += bend;
            let along: f64 = (0..D).map(|j| w[i * D + j] * s[j]).sum();
            let inner = bend * (2.0 * squares[i] * t[i] + along);
            for j in 0..D {
                slopes[i * D + j] += inner * x[j] + t[i] * s[j];
            }
        }
    }
    let slope = |(k, &sum): (usize, &f64)| (sum - 2.0 * w[k] * flat[k / D]) / n as f64;
    std::iter::once(rho / n as f64).chain(slopes.iter().enumerate().map(slope)).collect()
}

/// A reproducible sequence in (-4, 4).
fn noise(rows: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 50) as f64 - 4.0
    };
    (0..rows).map(|_| next()).collect()
}

fn compile(case: &mut Case) -> Program {
    let rho = hyvarinen(&mut case.graph, case.log_density, &case.data).total;
    let slopes = gradient(&mut case.graph, rho, &case.parameters);
    let outputs: Vec<ExprId> = [rho].into_iter().chain(slopes).collect();
    let outputs = case.graph.stabilise(&outputs);
    let inputs = |nodes: &[ExprId]| -> Vec<InputId> {
        nodes.iter().filter_map(|&node| case.graph.as_input(node)).collect()
    };
    let layout = Layout { rows: inputs(&case.data), parameters: inputs(&case.parameters) };
    Program::compile(&case.graph, &layout, &outputs)
}

fn agree(case: &Case, got: &[f64], want: &[f64]) {
    for (k, (got, want)) in got.iter().zip(want).enumerate() {
        let near = (got - want).abs() <= 1e-9 * want.abs().max(1.0);
        assert!(near, "{} output {k}: {got} and by hand {want}", case.name);
    }
}

fn bench(criterion: &mut Criterion, mut case: Case) {
    let program = compile(&mut case);
    let data: Vec<Vec<f64>> = (0..case.data.len()).map(|k| noise(case.rows, k as u64)).collect();
    let columns: Vec<&[f64]> = data.iter().map(Vec::as_slice).collect();
    let by_hand = (case.by_hand)(&columns, &case.theta);
    agree(&case, &program.means(&columns, &case.theta, 1), &by_hand);
    let mut group = criterion.benchmark_group(format!("evaluate/{}", case.name));
    group.throughput(Throughput::Elements(case.rows as u64));
    group.sample_size(10).warm_up_time(Duration::from_millis(300));
    group.measurement_time(Duration::from_secs(1));
    for threads in [1, 2] {
        group.bench_function(format!("program/{threads}"), |b| {
            b.iter(|| program.means(black_box(&columns), &case.theta, threads));
        });
    }
    group.bench_function("hand", |b| b.iter(|| (case.by_hand)(black_box(&columns), &case.theta)));
    group.finish();
}

fn evaluate(criterion: &mut Criterion) {
    for case in [gaussian(), mixture(), polynomial(), components()] {
        bench(criterion, case);
    }
}

criterion_group!(benches, evaluate);
criterion_main!(benches);
