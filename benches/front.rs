//! The front end: text → Ast → model → derivatives → program, and the time from a workload's text
//! to its first J and gradient.

mod support;

use std::fs;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use scorematch::model::Model;
use scorematch::syntax;
use support::evaluator::{compile, gradient, loss, objective, slices};
use support::workloads::{Workload, all};

/// The models of `examples/`, normal models of growing dimension, and the workloads.
fn texts() -> Vec<(String, String)> {
    let entries = fs::read_dir("examples")
        .expect("the examples")
        .map(|entry| entry.expect("an entry").path());
    let files =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "energy"));
    let mut texts: Vec<(String, String)> = files
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a model"))
        })
        .collect();
    for d in [2, 10, 50] {
        let text = format!(
            "data x[{d}]\nparam m[{d}], K[{d},{d}] symmetric\nlogp = -(x - m)'*K*(x - m)/2"
        );
        texts.push((format!("normal-{d}"), text));
    }
    texts.extend(all().into_iter().map(|w| (w.name.to_owned(), w.text.to_owned())));
    texts.sort();
    texts
}

fn front(criterion: &mut Criterion) {
    for (name, text) in texts() {
        let model = Model::parse(&text).expect("a model");
        let mut group = criterion.benchmark_group("front");
        let mut stage = |stage: &str, run: &dyn Fn()| {
            group.bench_function(BenchmarkId::new(stage, &name), |bencher| bencher.iter(run));
        };
        stage("parse", &|| drop(black_box(syntax::parse(&text))));
        stage("model", &|| drop(black_box(Model::parse(&text))));
        stage("derive", &|| drop(black_box(loss(&model))));
        stage("compile", &|| drop(black_box(objective(&model))));
    }
}

/// So few rows that the time is that of the front end.
const ROWS: usize = 1000;

/// From text to J and ∇J, with data in memory.
fn first(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("first");
    for Workload { name, text, theta, sample, .. } in all() {
        let columns = sample(ROWS);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let objective = compile(black_box(text));
                gradient(&objective.on(slices(&columns), 1), &theta)
            });
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(500));
    targets = front, first
}
criterion_main!(benches);
