//! Exact results: derivatives of the text as written, without simplification, by the reference
//! evaluator row by row, and their sums in double-double arithmetic.

use num_traits::Float;
use scorematch::calculus::gradient;
use scorematch::graph::{ExprId, Graph, evaluate};
use scorematch::model::Model;
use scorematch::numerics::sum::DoubleDouble;
use scorematch::objective::hyvarinen;

use crate::dual::HyperDual;
use crate::support::workloads::Workload;

/// ρ and ∂ρ of a workload, in the graph of its text.
pub struct Reference {
    model: Model,
    graph: Graph,
    roots: Vec<ExprId>,
}

impl Reference {
    pub fn new(workload: &Workload) -> Self {
        let model = Model::parse(workload.text).expect("a model");
        let (graph, log_density) = model.verbatim();
        let mut graph = graph.clone();
        let data: Vec<ExprId> = model.data().iter().map(|c| graph.input_node(c.input)).collect();
        let parameters: Vec<ExprId> =
            model.parameters().iter().map(|p| graph.input_node(p.input)).collect();
        let rho = hyvarinen(&mut graph, log_density, &data).total;
        let slopes = gradient(&mut graph, rho, &parameters);
        let roots = [rho].into_iter().chain(slopes).collect();
        Self { model, graph, roots }
    }

    /// ρ and ∂ρ of every row, with any type of numbers.
    pub fn rows<T: Float>(&self, columns: &[Vec<f64>], theta: &[T]) -> Vec<Vec<T>> {
        let mut point = vec![T::zero(); self.graph.inputs().len()];
        for (parameter, &value) in self.model.parameters().iter().zip(theta) {
            point[parameter.input.index()] = value;
        }
        let mut row = |row: usize| {
            for (component, column) in self.model.data().iter().zip(columns) {
                let value = T::from(column[row]).expect("every float holds those of 64 bits");
                point[component.input.index()] = value;
            }
            evaluate(&self.graph, &self.roots, |input| point[input.index()])
        };
        (0..columns[0].len()).map(&mut row).collect()
    }

    /// ∂ρ of every row with its derivatives along two directions, ∂²ρ·u and ∂²ρ·v.
    fn bends(
        &self,
        columns: &[Vec<f64>],
        theta: &[f64],
        [u, v]: [&[f64]; 2],
    ) -> Vec<[Vec<f64>; 2]> {
        let moving = |k: usize| HyperDual::moving(theta[k], u[k], v[k]);
        let theta: Vec<HyperDual<f64>> = (0..theta.len()).map(moving).collect();
        let both = |row: Vec<HyperDual<f64>>| {
            [|part: &HyperDual<f64>| part.first, |part: &HyperDual<f64>| part.second]
                .map(|along| row[1..].iter().map(along).collect())
        };
        self.rows(columns, &theta).into_iter().map(both).collect()
    }

    /// ∂²ρ·v of every row.
    pub fn along(&self, columns: &[Vec<f64>], theta: &[f64], v: &[f64]) -> Vec<Vec<f64>> {
        let rows = self.bends(columns, theta, [v, v]).into_iter();
        rows.map(|[along, _]| along).collect()
    }

    /// ∂²ρ of every row, column by column.
    pub fn hessians(&self, columns: &[Vec<f64>], theta: &[f64]) -> Vec<Vec<f64>> {
        let mut hessians = vec![Vec::new(); columns[0].len()];
        let p = theta.len();
        let unit = |j: usize| (0..p).map(|k| f64::from(u8::from(k == j))).collect::<Vec<_>>();
        for j in (0..p).step_by(2) {
            let rows = self.bends(columns, theta, [&unit(j), &unit(j + 1)]);
            for (hessian, [first, second]) in hessians.iter_mut().zip(rows) {
                hessian.extend(first);
                if j + 1 < p {
                    hessian.extend(second);
                }
            }
        }
        hessians
    }
}

/// Means over rows, with the sizes of their terms.
pub struct Truth {
    pub means: Vec<f64>,
    /// The mean sizes of the terms in the whole sample. In a single row the parts of a term may
    /// cancel, so that an evaluation in doubles leaves few digits of it.
    pub sizes: Vec<f64>,
}

impl Truth {
    /// The means over `rows` rows, which repeat those whose terms are given.
    pub fn of(terms: &[Vec<f64>], rows: usize) -> Self {
        Self { means: means(terms, rows, |term| term), sizes: means(terms, terms.len(), f64::abs) }
    }
}

fn means(terms: &[Vec<f64>], rows: usize, size: fn(f64) -> f64) -> Vec<f64> {
    let mut sums = vec![DoubleDouble::ZERO; terms[0].len()];
    for (place, row) in terms.iter().enumerate().take(rows) {
        let times = (rows - place).div_ceil(terms.len()) as f64;
        for (sum, &term) in sums.iter_mut().zip(row) {
            *sum += DoubleDouble::product(times, size(term));
        }
    }
    sums.into_iter().map(|sum| (sum / rows as f64).value()).collect()
}
