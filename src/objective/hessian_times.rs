//! H·v as a program: the gradient of ∇J·v, with the direction v as additional parameters.

use nalgebra::{DMatrix, DVector};

use crate::calculus::hessian_times;
use crate::graph::{ExprId, Graph};
use crate::program::{Layout, Program};

/// The symmetric p × p matrix whose products with vectors are given; empty for p = 0.
pub(super) fn from_products(
    p: usize,
    times: impl Fn(&DVector<f64>) -> DVector<f64>,
) -> DMatrix<f64> {
    let mut matrix = DMatrix::zeros(p, p);
    for j in 0..p {
        let unit = DVector::from_fn(p, |i, _| if i == j { 1.0 } else { 0.0 });
        matrix.set_column(j, &times(&unit));
    }
    (&matrix + matrix.transpose()) * 0.5
}

/// Computes ∇²J·v; its parameters are those of a layout, then the entries of v.
#[derive(Debug)]
pub(super) struct HessianTimes {
    pub(super) program: Program,
    /// Whether H is free of the parameters.
    pub(super) is_constant: bool,
}

impl HessianTimes {
    /// From a loss and its slopes in `wrt`; the means are over the rows of the layout.
    pub(super) fn new(
        graph: &Graph,
        layout: &Layout,
        loss: ExprId,
        slopes: &[ExprId],
        wrt: &[ExprId],
    ) -> Self {
        let mut graph = graph.clone();
        let direction: Vec<ExprId> = (1..=wrt.len())
            .map(|index| graph.internal_input(&format!("direction {index}")))
            .collect();
        let products = hessian_times(&mut graph, loss, slopes, wrt, &direction);
        let dependents = graph.dependents(wrt);
        let is_constant = !products.iter().any(|id| dependents[id.index()]);
        let rows: Vec<ExprId> = layout.rows.iter().map(|&input| graph.input_node(input)).collect();
        let means = graph.means(&rows, &products);
        let further = direction.iter().filter_map(|&node| graph.as_input(node));
        let layout = Layout {
            rows: layout.rows.clone(),
            parameters: layout.parameters.iter().copied().chain(further).collect(),
        };
        Self { program: Program::compile(&graph, &layout, &means), is_constant }
    }
}
