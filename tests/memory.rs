//! The memory of an evaluation besides the data, which does not depend on the number of rows; and
//! the memory of reading and of a whole fit.

#[path = "../benches/support/mod.rs"]
mod support;

use std::num::NonZeroUsize;

use allocation_counter::{AllocationInfo, measure};
use scorematch::data::{Columns, CsvOptions, CsvReader};
use scorematch::model::Model;
use scorematch::objective::{Choices, Directions, Path};
use support::evaluator::{chosen, compile, gradient, slices};
use support::sample::normal_columns;
use support::workloads::{Workload, all};

/// Numbers of rows of several blocks, with an incomplete last one.
const ROWS: [usize; 3] = [10_001, 50_001, 200_001];

/// The number of allocations, and the most bytes held at once, in J and ∇J.
fn taken(workload: &Workload, path: Path, rows: usize) -> (u64, u64) {
    let columns = (workload.sample)(rows);
    let objective = compile(workload.text);
    let batch = objective.on(slices(&columns), 1).by(path).expect("the workload has this path");
    // Compilation and summaries of the data, made in the first evaluation, are not counted.
    let first = gradient(&batch, &workload.theta);
    let AllocationInfo { count_total, bytes_max, .. } = measure(|| {
        assert_eq!(gradient(&batch, &workload.theta), first);
    });
    (count_total, bytes_max)
}

#[test]
fn an_evaluation_takes_the_same_for_any_number_of_rows() {
    let paths = |workload: &Workload| match workload.moments {
        Some(_) => vec![Path::Rows, Path::Moments],
        None => vec![Path::Rows],
    };
    for workload in all() {
        for path in paths(&workload) {
            let [few, more, many] = ROWS.map(|rows| taken(&workload, path, rows));
            println!("{} {}: {} times, {} bytes", workload.name, path.name(), few.0, few.1);
            assert_eq!((few, few), (more, many), "{} on {}", workload.name, path.name());
        }
    }
}

/// The allocations and the most bytes held at once by J and ∇J of three normal columns: in the
/// first evaluation, which compiles and summarises the data, and in the second.
fn taken_by_random(text: &str, theta: &[f64], choices: &Choices, rows: usize) -> [(u64, u64); 2] {
    let columns = normal_columns::<3>(rows);
    let (specification, objective) = chosen(text, &slices(&columns), choices);
    let batch = objective.on(specification.columns(&slices(&columns)), 1);
    [0, 1].map(|_| {
        let AllocationInfo { count_total, bytes_max, .. } = measure(|| {
            assert!(gradient(&batch, theta).iter().all(|one| one.is_finite()));
        });
        (count_total, bytes_max)
    })
}

/// Directions and noise are generated tile by tile: for each row only its key is stored, and no
/// random numbers. On the path over moments the first evaluation computes the means.
#[test]
fn random_numbers_take_the_same_for_any_number_of_rows() {
    let bent = "data x[3]; param a, b; -log_cosh(a*x[1]*x[2] + x[3]) - b*x'*x/2";
    let normal = "data x[3]; param a, b; -a*x'*x/2 - b*x[1]*x[2]";
    let noised = Choices::default().denoising(&[1.0, 0.3]);
    let mut all = vec![(bent, noised.clone()), (normal, noised)];
    for directions in Directions::ALL {
        let sliced = Choices::default().sliced(4, directions);
        all.extend([(bent, sliced.clone()), (normal, sliced)]);
    }
    // Allocations that a program makes once, on whichever thread needs them first, are made here.
    taken_by_random(bent, &[0.7, 1.3], &all[0].1, ROWS[0]);
    for (text, choices) in all {
        let [few, more, many] = ROWS.map(|rows| taken_by_random(text, &[0.7, 1.3], &choices, rows));
        println!("{text} {}: first {:?}, then {:?}", choices.kind.name(), few[0], few[1]);
        assert_eq!((few, few), (more, many), "{text} {choices:?}");
    }
}

/// Reading holds two copies of one column at a time, while its pieces are joined.
#[test]
fn reading_takes_little_more_than_the_numbers_kept() {
    for (rows, width, most) in [(600_000, 1, 2.05), (600_000, 4, 1.3)] {
        let names: Vec<String> = (0..width).map(|k| format!("x{k}")).collect();
        let mut text = names.join(",") + "\n";
        let row = vec!["1.5"; width].join(",") + "\n";
        text.push_str(&row.repeat(rows));
        let read = || {
            let reader = CsvReader::new(text.as_bytes(), &CsvOptions::default());
            let reader = reader.expect("a table with a header").threads(NonZeroUsize::MIN);
            assert_eq!(reader.columns().expect("a table").rows(), rows);
        };
        read();
        let AllocationInfo { bytes_max, .. } = measure(read);
        let numbers = (8 * rows * width) as f64;
        println!("{rows} rows of {width}: {bytes_max} bytes for {numbers}");
        assert!(bytes_max as f64 <= most * numbers, "{bytes_max} for {numbers}");
    }
}

/// A fit holds its columns once standardised beside those of the table, and for a moment some part of them
/// in another order: no copy of a column, no list of rows, no loss of every row.
#[test]
fn a_fit_takes_little_more_than_the_numbers_once_more() {
    let rows = 2_000_000;
    let mut drawn = normal_columns::<2>(rows);
    drawn.push(drawn[0].iter().map(|x| x.abs() + 0.01).collect());
    let columns = ["x", "y", "t"].map(str::to_owned).into_iter().zip(drawn).collect();
    let table = Columns::from_vecs(columns).expect("columns of equal length");
    for (text, width) in [
        ("data x; -(x - mu)^2/(2*s2)", 1),
        ("data x; -log_cosh((x - mu)/s)", 1),
        ("data t > 0; (a - 1)*log(t) - b*t", 1),
        ("data y; covariate x; -(y - a - b*x)^2/(2*s2)", 2),
    ] {
        let model = Model::parse(text).expect(text);
        let fit = || assert!(model.fit(&table).expect(text).estimate().rows == rows);
        let AllocationInfo { bytes_max, .. } = measure(fit);
        let numbers = (8 * rows * width) as f64;
        println!("{text}: {bytes_max} bytes for {numbers}");
        assert!(bytes_max as f64 <= 1.3 * numbers, "{text}: {bytes_max} for {numbers}");
    }
}
