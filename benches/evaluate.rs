//! J and ∇J over the rows, for every workload: the compiled program on one thread and on two, and
//! the handwritten kernel. The bench `ratios` measures program and kernel in turn.

mod support;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use support::evaluator::{agree, compile, gradient, over_rows, slices};
use support::hand::groups;
use support::hand::simd::Isa;
use support::sample::{Stream, grouped};
use support::workloads::{Workload, all};

fn bench(criterion: &mut Criterion, workload: &Workload) {
    let columns = (workload.sample)(workload.rows);
    let (columns, theta) = (slices(&columns), &workload.theta);
    let objective = compile(workload.text);
    let isa = Isa::best();
    let by_hand = || (workload.by_hand)(isa, black_box(&columns), black_box(theta));
    agree(workload.name, &over_rows(&objective, &columns, 1), theta, &by_hand());
    let mut group = criterion.benchmark_group(format!("evaluate/{}", workload.name));
    group.throughput(Throughput::Elements(workload.rows as u64));
    group.bench_function("hand", |bencher| bencher.iter(by_hand));
    for threads in [1, 2] {
        let batch = over_rows(&objective, &columns, threads);
        group.bench_function(format!("program/{threads}"), |bencher| {
            bencher.iter(|| gradient(&batch, black_box(theta)));
        });
    }
    group.finish();
}

/// Student's t with a location for each of 10, 100 and 1000 levels of a group.
fn grouped_rows(criterion: &mut Criterion) {
    for levels in [10, 100, 1000] {
        let text = format!(
            "data x; covariate g in 1:{levels}; param m[g], s > 0\n-3*log1p(((x - m[g])/s)^2/5)"
        );
        let columns = grouped(200_000, levels);
        let columns = slices(&columns);
        let theta: Vec<f64> = [Stream::new(7).normals(levels), vec![0.8]].concat();
        let objective = compile(&text);
        let by_hand = || groups::gradient(Isa::best(), black_box(&columns), black_box(&theta));
        agree("groups", &over_rows(&objective, &columns, 1), &theta, &by_hand());
        let mut group = criterion.benchmark_group(format!("evaluate/levels {levels}"));
        group.throughput(Throughput::Elements(columns[0].len() as u64));
        group.bench_function("hand", |bencher| bencher.iter(by_hand));
        let batch = over_rows(&objective, &columns, 1);
        group.bench_function("program/1", |bencher| {
            bencher.iter(|| gradient(&batch, black_box(&theta)));
        });
        group.finish();
    }
}

fn evaluate(criterion: &mut Criterion) {
    for workload in all() {
        bench(criterion, &workload);
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = evaluate, grouped_rows
}
criterion_main!(benches);
