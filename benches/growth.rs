//! How the time of J and its gradient grows with rows, dimensions and parameters, and how the time
//! of compilation grows with the graph. On double logarithmic axes each is a straight line of slope
//! one, or of slope two in the dimension of a quadratic form.

mod support;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use scorematch::calculus::gradient as derive;
use scorematch::graph::{ExprId, Function, Graph, InputId, Number, Support};
use scorematch::program::{Layout, Program};
use support::evaluator::{compile, gradient, over_rows, slices};
use support::sample::Stream;
use support::workloads::all;

/// J and ∇J of a text on columns, at a point.
fn point(
    criterion: &mut Criterion,
    id: BenchmarkId,
    text: &str,
    theta: &[f64],
    columns: &[Vec<f64>],
) {
    let objective = compile(text);
    let batch = over_rows(&objective, &slices(columns), 1);
    let mut group = criterion.benchmark_group("growth");
    group.throughput(Throughput::Elements(columns[0].len() as u64));
    group.bench_function(id, |bencher| bencher.iter(|| gradient(&batch, black_box(theta))));
    group.finish();
}

fn in_rows(criterion: &mut Criterion) {
    for workload in all() {
        if !["W2", "W6", "W7"].contains(&workload.name) {
            continue;
        }
        for rows in [1_000, 10_000, 100_000, 1_000_000] {
            let id = BenchmarkId::new(format!("rows of {}", workload.name), rows);
            point(criterion, id, workload.text, &workload.theta, &(workload.sample)(rows));
        }
    }
}

fn in_dimensions(criterion: &mut Criterion) {
    for d in [2, 4, 8, 16, 32] {
        let mut stream = Stream::new(d as u64);
        let columns: Vec<Vec<f64>> = (0..d).map(|_| stream.normals(10_000)).collect();
        let form = format!("data x[{d}]; param m[{d}], K[{d},{d}]\nlogp = -(x - m)'*K*(x - m)/2");
        let theta: Vec<f64> = stream.normals(d + d * d);
        point(criterion, BenchmarkId::new("dimensions of a form", d), &form, &theta, &columns);
        let layer = format!("data x[{d}]; param W[{d},{d}]\nlogp = -sum(log(cosh(W*x)))");
        let id = BenchmarkId::new("dimensions of a layer", d);
        point(criterion, id, &layer, &theta[..d * d], &columns);
    }
}

fn in_parameters(criterion: &mut Criterion) {
    let column = vec![Stream::new(1).normals(100_000)];
    for p in [2, 4, 8, 16, 32, 64] {
        let text = format!("data x; param a[{p}]\nlogp = sum(k in 1:{p}, a[k]*cos(k*x/8)) - x^2");
        let theta: Vec<f64> = (0..p).map(|k| 1.0 / (k + 1) as f64).collect();
        point(criterion, BenchmarkId::new("parameters", p), &text, &theta, &column);
    }
}

/// v_k = tanh(v_{k-1} + a v_{k-2}), a graph whose depth equals its number of terms.
fn chain(nodes: usize) -> (Graph, ExprId, [InputId; 2]) {
    let mut graph = Graph::new();
    let g = &mut graph;
    let (x, a) = (g.input("x", Support::LINE), g.input("a", Support::LINE));
    let inputs = [x, a].map(|id| g.as_input(id).expect("an input"));
    let (mut before, mut last) = (x, g.scale(Number::ratio(1, 2), x));
    while g.len() < nodes {
        let product = g.mul(a, before);
        let sum = g.add(last, product);
        (before, last) = (last, g.call(Function::Tanh, sum));
    }
    (graph, last, inputs)
}

fn in_nodes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("growth");
    // The graph with its derivative has four times as many nodes.
    for nodes in [2_500, 25_000, 250_000, 1_000_000] {
        group.throughput(Throughput::Elements(nodes as u64));
        group.bench_function(BenchmarkId::new("nodes built", nodes), |bencher| {
            bencher.iter(|| chain(black_box(nodes)));
        });
        group.bench_function(BenchmarkId::new("nodes built, derived, lowered", nodes), |bencher| {
            bencher.iter(|| {
                let (mut graph, root, [x, a]) = chain(black_box(nodes));
                let parameter = graph.input_node(a);
                let slopes = derive(&mut graph, root, &[parameter]);
                let layout = Layout { rows: vec![x], parameters: vec![a] };
                Program::compile(&graph, &layout, &[root, slopes[0]])
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(500));
    targets = in_rows, in_dimensions, in_parameters, in_nodes
}
criterion_main!(benches);
