//! The number of operations in J and ∇J of the workloads W1 to W7, with means of whole values and
//! with means that are split into linear combinations. The table is stored, so that a change of a
//! pass shows its effect.

#[path = "../benches/support/mod.rs"]
mod support;
use std::fmt::Write;
use std::fs;

use scorematch::calculus::gradient;
use scorematch::graph::{ExprId, InputId};
use scorematch::model::Model;
use scorematch::program::{Layout, Operations, Program};
use support::evaluator::loss;
use support::workloads::{Workload, all};

/// The operations with means of whole values, and with means that are linear combinations.
fn operations(workload: &Workload) -> [Operations; 2] {
    let model = Model::parse(workload.text).expect("a model");
    let (mut graph, loss) = loss(&model);
    let rows: Vec<InputId> = model.data().iter().map(|c| c.input).collect();
    let parameters: Vec<InputId> = model.parameters().iter().map(|p| p.input).collect();
    let nodes = |inputs: &[InputId]| -> Vec<ExprId> {
        inputs.iter().map(|&input| model.graph().input_node(input)).collect()
    };
    let (data, wrt) = (nodes(&rows), nodes(&parameters));
    let slopes = gradient(&mut graph, loss.total, &wrt);
    let values: Vec<ExprId> = [loss.total].into_iter().chain(slopes).collect();
    let layout = Layout { rows, parameters };
    let whole = Program::compile_means(&graph, &layout, &values);
    let means = graph.means(&data, &values);
    [whole, Program::compile(&graph, &layout, &means)].map(|program| program.operations())
}

fn table() -> String {
    let mut table = String::from(
        "Operations of J and its gradient: on every row, and once a call.\n\n\
         \x20     means of whole values |  means taken apart\n\
         \x20      data    row   mean  |  data    row   mean | before  after  constants  slots\n",
    );
    for workload in all() {
        let [whole, apart] = operations(&workload);
        writeln!(
            table,
            "{:4}{:7}{:7}{:7}  |{:6}{:7}{:7} |{:7}{:7}{:11}{:7}",
            workload.name,
            whole.data,
            whole.row,
            whole.mean,
            apart.data,
            apart.row,
            apart.mean,
            apart.parameter,
            apart.after,
            apart.constant,
            apart.slots,
        )
        .expect("a string takes all");
    }
    table
}

/// SCOREMATCH_BLESS=1 rewrites the stored table.
#[test]
fn the_table_of_operations() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/operations.txt");
    let table = table();
    println!("{table}");
    if std::env::var_os("SCOREMATCH_BLESS").is_some_and(|value| value == "1") {
        fs::write(path, &table).expect("a writable file");
    }
    assert_eq!(fs::read_to_string(path).unwrap_or_default(), table);
}
