//! The one file of the benches that calls the library's evaluator.

use scorematch::graph::{ExprId, Graph, InputId};
use scorematch::model::Model;
use scorematch::objective::{
    Batch, Choices, Loss, Objective, Path, Rows, Specification, hyvarinen,
};

/// The graph of a model, with its loss.
pub fn loss(model: &Model) -> (Graph, Loss) {
    let mut graph = model.graph().clone();
    let data: Vec<ExprId> = model.data().iter().map(|c| graph.input_node(c.input)).collect();
    let loss = hyvarinen(&mut graph, model.log_density(), &data);
    (graph, loss)
}

/// The compiled objective of a model in its constrained parameters.
pub fn objective(model: &Model) -> Objective {
    let (graph, loss) = loss(model);
    let rows: Vec<InputId> =
        model.data().iter().chain(model.covariates()).map(|c| c.input).collect();
    let parameters: Vec<InputId> = model.parameters().iter().map(|p| p.input).collect();
    Objective::new(&graph, loss.total, &rows, &parameters)
}

/// The objective of a text.
pub fn compile(text: &str) -> Objective {
    objective(&Model::parse(text).expect("a model"))
}

/// The objective that suits a text on its domain, with the columns that it takes from the data.
pub fn suited(text: &str, columns: &[&[f64]]) -> Objective {
    chosen(text, columns, &Choices::default()).1
}

/// The chosen objective of a text, with its specification, which adds columns to the data.
pub fn chosen(text: &str, columns: &[&[f64]], choices: &Choices) -> (Specification, Objective) {
    let model = Model::parse(text).expect("a model");
    let numbers: Vec<u32> = (0..).take(columns[0].len()).collect();
    let specification = Specification::with(&model, choices).expect("an objective");
    let specification = specification.on(&model, &Rows::new(columns, &numbers)).expect("a weight");
    let mut graph = model.graph().clone();
    let loss = specification.loss(&mut graph, model.log_density());
    let rows = specification.row_inputs(&mut graph);
    let objective = Objective::new(&graph, loss.total, &rows, &model.parameter_inputs());
    (specification, objective)
}

/// The objective evaluated over all rows, even where there are moments.
pub fn over_rows<'a>(objective: &'a Objective, columns: &[&'a [f64]], threads: usize) -> Batch<'a> {
    objective.on(columns.to_vec(), threads).by(Path::Rows).expect("every objective has rows")
}

/// J and ∇J in one list.
pub fn gradient(batch: &Batch<'_>, theta: &[f64]) -> Vec<f64> {
    let (value, slopes) = batch.gradient(theta);
    std::iter::once(value).chain(slopes.iter().copied()).collect()
}

/// The sizes of the terms of J and ∇J, to which rounding errors are relative.
pub fn scale(batch: &Batch<'_>, theta: &[f64]) -> Vec<f64> {
    let slope = batch.slope(theta);
    let spread = slope.outer_diagonal.iter().map(|square| square.sqrt());
    std::iter::once(slope.magnitude).chain(spread).collect()
}

/// The columns as slices.
pub fn slices(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

/// The largest difference of two lists, relative to their scales.
pub fn distance(got: &[f64], want: &[f64], scale: &[f64]) -> f64 {
    assert_eq!(got.len(), want.len(), "as many results as parameters, and J");
    let one = |((got, want), scale): ((&f64, &f64), &f64)| (got - want).abs() / scale.max(1e-300);
    // A fold with `max` would lose NaN.
    got.iter().zip(want).zip(scale).map(one).fold(0.0, |most, d| if d <= most { most } else { d })
}

/// # Panics
/// When the results of the handwritten kernel and of the program differ by more than 1e-11 of the
/// scale.
pub fn agree(name: &str, batch: &Batch<'_>, theta: &[f64], by_hand: &[f64]) {
    let off = distance(by_hand, &gradient(batch, theta), &scale(batch, theta));
    assert!(off <= 1e-11, "{name}: by hand and by the program differ by {off:e}");
}
