//! What an evaluation takes from memory beside the data: the same for any number of rows.

#[path = "../benches/support/mod.rs"]
mod support;

use allocation_counter::{AllocationInfo, measure};
use scorematch::objective::Path;
use support::evaluator::{compile, gradient, slices};
use support::workloads::{Workload, all};

/// Several blocks of rows each, and with rows left over.
const ROWS: [usize; 3] = [10_001, 50_001, 200_001];

/// How often memory is asked for, and how much is held at once, in J and ∇J.
fn taken(workload: &Workload, path: Path, rows: usize) -> (u64, u64) {
    let columns = (workload.sample)(rows);
    let objective = compile(workload.text);
    let batch = objective.on(slices(&columns), 1).by(path).expect("this path is there");
    // What is compiled and summarised once is not of the evaluation.
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
