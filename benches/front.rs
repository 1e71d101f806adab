//! The front of the pipeline: text → Ast → model → derivatives → program.

use std::fs;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use scorematch::graph::{ExprId, InputId};
use scorematch::model::Model;
use scorematch::objective::{Loss, Objective, hyvarinen};
use scorematch::syntax;

/// The models of `examples/`, and normal models of growing dimension.
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
    texts.sort();
    texts
}

fn loss(model: &Model) -> (scorematch::graph::Graph, Loss) {
    let mut graph = model.graph().clone();
    let data: Vec<ExprId> = model.data().iter().map(|c| graph.input_node(c.input)).collect();
    let loss = hyvarinen(&mut graph, model.log_density(), &data);
    (graph, loss)
}

fn objective(model: &Model) -> Objective {
    let (graph, loss) = loss(model);
    let rows = model.data().iter().chain(model.covariates()).map(|c| c.input);
    let rows: Vec<InputId> = rows.collect();
    let parameters: Vec<InputId> = model.parameters().iter().map(|p| p.input).collect();
    Objective::new(&graph, loss.total, &rows, &parameters)
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

criterion_group!(benches, front);
criterion_main!(benches);
