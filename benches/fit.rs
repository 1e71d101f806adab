//! Whole fits, from columns in memory to the estimate, compared with the closed
//! form where there is one.

mod support;

use std::fs::File;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use scorematch::data::{Columns, Missing};
use scorematch::fit::{Options, fit};
use scorematch::model::Model;
use support::sample::grouped;
use support::workloads::all;

fn columns(name: &str) -> Columns {
    let file = File::open(format!("examples/{name}.csv")).expect("data in examples");
    Columns::from_csv(file).expect("columns")
}

/// A normal sample by the quantile function, which needs no random numbers.
fn normal(rows: usize) -> Columns {
    let quantile = |i: usize| {
        scorematch::numerics::probability::normal_quantile((i as f64 + 0.5) / rows as f64)
    };
    let x = (0..rows).map(quantile).collect();
    Columns::from_vecs(vec![("x".to_owned(), x)]).expect("one column")
}

fn bench(criterion: &mut Criterion, name: &str, text: &str, data: &Columns) {
    let model = Model::parse(text).expect("a model");
    let model = model.bind(&data.names(), &data.numeric_names()).expect("columns that fit");
    let components = model.data().iter().chain(model.covariates());
    let names: Vec<&str> = components.map(|c| c.column.as_deref().expect("a column")).collect();
    let selection = data.select(&names, Missing::Error).expect("numbers");
    criterion.bench_function(&format!("fit/{name}"), |bencher| {
        bencher.iter(|| drop(black_box(fit(&model, &selection, &Options::default()))));
    });
}

/// Mean and variance in two passes: what the normal fit computes.
fn two_passes(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n)
}

/// Rows of the workloads whose parameters score matching can identify: enough for an ordinary fit,
/// few enough for ten fits. `None` for the other workloads.
fn rows(workload: &str) -> Option<usize> {
    match workload {
        "W1" | "W6" => Some(100_000),
        "W7" => Some(20_000),
        "W2" => Some(10_000),
        "W4" => Some(2_000),
        _ => None,
    }
}

/// The names of the columns of a text.
fn columns_of(text: &str) -> Vec<String> {
    let model = Model::parse(text).expect("a model");
    model.data().iter().map(|component| component.name.clone()).collect()
}

fn fits(criterion: &mut Criterion) {
    let model =
        |name: &str| std::fs::read_to_string(format!("examples/{name}.energy")).expect("a model");
    bench(criterion, "mixture", &model("mixture"), &columns("faithful"));
    bench(criterion, "vonmises", &model("vonmises"), &columns("wind"));
    bench(criterion, "quartic", &model("quartic"), &columns("faithful"));
    bench(criterion, "regression", &model("regression"), &columns("cars"));
    let sample = normal(100_000);
    bench(criterion, "normal-100000", "-(x-mu)^2/(2*s2)", &sample);
    for workload in all() {
        if let Some(rows) = rows(workload.name) {
            let names = columns_of(workload.text);
            let sample = names.into_iter().zip((workload.sample)(rows)).collect();
            let sample = Columns::from_vecs(sample).expect("columns of one length");
            bench(criterion, &format!("{}-{rows}", workload.name), workload.text, &sample);
        }
    }
    for levels in [10, 100, 1000] {
        let text = format!(
            "data x; covariate g in 1:{levels}; param m[g], s > 0\n-3*log1p(((x - m[g])/s)^2/5)"
        );
        let [x, g] = grouped(20_000, levels);
        let columns = Columns::from_vecs(vec![("x".to_owned(), x), ("g".to_owned(), g)]);
        bench(
            criterion,
            &format!("levels-{levels}-20000"),
            &text,
            &columns.expect("equal lengths"),
        );
    }
    let selection = sample.select(&["x"], Missing::Error).expect("numbers");
    criterion.bench_function("fit/normal-100000/two passes by hand", |bencher| {
        bencher.iter(|| two_passes(black_box(selection.column(0))));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(300));
    targets = fits
}
criterion_main!(benches);
