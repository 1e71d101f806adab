//! A compiled objective, and its evaluation on columns.

use std::sync::OnceLock;

use nalgebra::{DMatrix, DVector};

use super::means::{Sums, lane_dot, lane_sum};
use crate::calculus::{gradient, hessian, hessian_times};
use crate::graph::{ExprId, Graph, InputId, Support};
use crate::program::{Layout, Program, Tile};

/// Most parameters for which the Hessian is ever written out entry by entry.
const WRITTEN_MAX: usize = 160;
/// Most row work of a written Hessian, in multiples of the gradient's.
const WORK_MAX: usize = 20;

/// A per-row loss with its derivatives in the parameters, compiled; immutable and shareable.
#[derive(Debug)]
pub struct Objective {
    parameters: usize,
    value: Program,
    slope: Program,
    product: Program,
    expansion: OnceLock<Option<Program>>,
    quadratic: bool,
    source: Source,
}

/// What the Hessian is compiled from when it is first asked for.
#[derive(Debug)]
struct Source {
    graph: Graph,
    layout: Layout,
    rho: ExprId,
    slopes: Vec<ExprId>,
    wrt: Vec<ExprId>,
}

/// How second derivatives are to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curvature {
    /// As a matrix, in one pass.
    Matrix,
    /// As Hessian–vector products; the matrix costs one pass a parameter.
    Products,
}

/// J, ∇J and the squares of the row gradients.
#[derive(Clone, Debug)]
pub struct Slope {
    /// J = mean ρ
    pub value: f64,
    /// mean |ρ|, the scale of J's rounding error.
    pub magnitude: f64,
    /// ∇J
    pub gradient: DVector<f64>,
    /// diag K = mean ψ_j²
    pub outer_diagonal: DVector<f64>,
}

/// J to second order, with the outer product of the row gradients ψ = ∇ρ.
#[derive(Clone, Debug)]
pub struct Expansion {
    /// J = mean ρ
    pub value: f64,
    /// mean |ρ|, the scale of J's rounding error.
    pub magnitude: f64,
    /// ∇J
    pub gradient: DVector<f64>,
    /// A = mean ∇²ρ
    pub hessian: DMatrix<f64>,
    /// K = mean ψψᵀ
    pub outer: DMatrix<f64>,
}

impl Objective {
    /// Derives and compiles the loss `rho`, an expression of `rows` and `parameters`.
    #[must_use]
    pub fn new(graph: &Graph, rho: ExprId, rows: &[InputId], parameters: &[InputId]) -> Self {
        let mut graph = graph.clone();
        let layout = Layout { rows: rows.to_vec(), parameters: parameters.to_vec() };
        let wrt: Vec<ExprId> = parameters.iter().map(|&input| graph.input_node(input)).collect();
        let slopes = gradient(&mut graph, rho, &wrt);
        let outputs: Vec<ExprId> = [rho].into_iter().chain(slopes.iter().copied()).collect();
        let (product, quadratic) = compile_product(&mut graph, &layout, &slopes, &wrt);
        Self {
            parameters: parameters.len(),
            value: Program::compile(&graph, &layout, &[rho]),
            slope: Program::compile(&graph, &layout, &outputs),
            product,
            expansion: OnceLock::new(),
            quadratic,
            source: Source { graph, layout, rho, slopes, wrt },
        }
    }

    /// How many parameters it has.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// The loss is quadratic in the parameters: its Hessian does not depend on them.
    #[must_use]
    pub fn is_quadratic(&self) -> bool {
        self.quadratic
    }

    /// How second derivatives are to be had; derives and compiles them on the first call.
    #[must_use]
    pub fn curvature(&self) -> Curvature {
        if self.expansion().is_some() { Curvature::Matrix } else { Curvature::Products }
    }

    fn expansion(&self) -> Option<&Program> {
        self.expansion.get_or_init(|| self.compile_expansion()).as_ref()
    }

    fn compile_expansion(&self) -> Option<Program> {
        if self.parameters > WRITTEN_MAX {
            return None;
        }
        let Source { layout, rho, slopes, wrt, .. } = &self.source;
        let mut graph = self.source.graph.clone();
        let entries = hessian(&mut graph, slopes, wrt);
        let outputs = [*rho].into_iter().chain(slopes.iter().copied()).chain(entries);
        let program = Program::compile(&graph, layout, &outputs.collect::<Vec<_>>());
        let work = |program: &Program| program.operations().row;
        (self.quadratic || work(&program) <= WORK_MAX * work(&self.slope).max(1)).then_some(program)
    }

    /// The objective on a data set; `columns` stand in the order of the row inputs.
    ///
    /// # Panics
    /// When the columns are not as many as the row inputs, or differ in length.
    #[must_use]
    pub fn on<'a>(&'a self, columns: Vec<&'a [f64]>, threads: usize) -> Batch<'a> {
        assert_eq!(columns.len(), self.source.layout.rows.len(), "one column for each row input");
        let rows = columns.first().map_or(0, |column| column.len());
        assert!(columns.iter().all(|column| column.len() == rows), "columns of one length");
        Batch { objective: self, columns, rows, threads }
    }
}

/// H·v with the direction as further parameters. Where it is free of the parameters themselves,
/// so is H.
fn compile_product(
    graph: &mut Graph,
    layout: &Layout,
    slopes: &[ExprId],
    wrt: &[ExprId],
) -> (Program, bool) {
    let name = |index: usize| format!("direction[{}]", index + 1);
    let direction: Vec<ExprId> =
        (0..wrt.len()).map(|index| graph.input(&name(index), Support::LINE)).collect();
    let products = hessian_times(graph, slopes, wrt, &direction);
    let dependents = graph.dependents(wrt);
    let quadratic = !products.iter().any(|id| dependents[id.index()]);
    let inputs = direction.iter().filter_map(|&id| graph.as_input(id));
    let parameters = layout.parameters.iter().copied().chain(inputs).collect();
    let layout = Layout { rows: layout.rows.clone(), parameters };
    (Program::compile(graph, &layout, &products), quadratic)
}

/// An [`Objective`] on columns of data.
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    objective: &'a Objective,
    columns: Vec<&'a [f64]>,
    rows: usize,
    threads: usize,
}

impl Batch<'_> {
    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The objective behind it.
    #[must_use]
    pub fn objective(&self) -> &Objective {
        self.objective
    }

    /// J
    #[must_use]
    pub fn value(&self, theta: &[f64]) -> f64 {
        self.means(&self.objective.value, theta, 1, |sums, tile| {
            sums.add(0, lane_sum(tile.output(0), |rho| rho));
        })[0]
    }

    /// J and its gradient.
    #[must_use]
    pub fn slope(&self, theta: &[f64]) -> Slope {
        let p = self.objective.parameters;
        let means = self.means(&self.objective.slope, theta, 2 + 2 * p, |sums, tile| {
            add_value(sums, tile);
            for j in 0..p {
                sums.add(2 + j, lane_sum(tile.output(1 + j), |psi| psi));
                sums.add(2 + p + j, lane_sum(tile.output(1 + j), |psi| psi * psi));
            }
        });
        Slope {
            value: means[0],
            magnitude: means[1],
            gradient: DVector::from_column_slice(&means[2..2 + p]),
            outer_diagonal: DVector::from_column_slice(&means[2 + p..]),
        }
    }

    /// J to second order. With [`Curvature::Products`] this costs one pass a parameter.
    #[must_use]
    pub fn expand(&self, theta: &[f64]) -> Expansion {
        match self.objective.expansion() {
            Some(program) => self.expand_by(program, theta),
            None => self.expand_by_products(theta),
        }
    }

    fn expand_by(&self, program: &Program, theta: &[f64]) -> Expansion {
        let p = self.objective.parameters;
        let triangle = p * (p + 1) / 2;
        let means = self.means(program, theta, 2 + p + 2 * triangle, |sums, tile| {
            add_value(sums, tile);
            add_outer(sums, tile, p);
            for k in 0..triangle {
                sums.add(2 + p + triangle + k, lane_sum(tile.output(1 + p + k), |h| h));
            }
        });
        let (outer, hessian) = means[2 + p..].split_at(triangle);
        Expansion {
            value: means[0],
            magnitude: means[1],
            gradient: DVector::from_column_slice(&means[2..2 + p]),
            outer: symmetric(p, outer),
            hessian: symmetric(p, hessian),
        }
    }

    /// K = mean ψψᵀ, by the gradient's program alone.
    #[must_use]
    pub fn outer(&self, theta: &[f64]) -> DMatrix<f64> {
        let p = self.objective.parameters;
        let length = 2 + p + p * (p + 1) / 2;
        let means = self.means(&self.objective.slope, theta, length, |sums, tile| {
            add_outer(sums, tile, p);
        });
        symmetric(p, &means[2 + p..])
    }

    fn expand_by_products(&self, theta: &[f64]) -> Expansion {
        let p = self.objective.parameters;
        let triangle = p * (p + 1) / 2;
        let means = self.means(&self.objective.slope, theta, 2 + p + triangle, |sums, tile| {
            add_value(sums, tile);
            add_outer(sums, tile, p);
        });
        let unit = |j: usize| DVector::from_fn(p, |i, _| if i == j { 1.0 } else { 0.0 });
        let columns: Vec<_> = (0..p).map(|j| self.hessian_times(theta, &unit(j))).collect();
        let hessian = DMatrix::from_columns(&columns);
        Expansion {
            value: means[0],
            magnitude: means[1],
            gradient: DVector::from_column_slice(&means[2..2 + p]),
            outer: symmetric(p, &means[2 + p..]),
            hessian: (&hessian + hessian.transpose()) * 0.5,
        }
    }

    /// ∇²J · v
    #[must_use]
    pub fn hessian_times(&self, theta: &[f64], v: &DVector<f64>) -> DVector<f64> {
        let p = self.objective.parameters;
        let both: Vec<f64> = theta.iter().chain(v.iter()).copied().collect();
        let means = self.means(&self.objective.product, &both, p, |sums, tile| {
            for j in 0..p {
                sums.add(j, lane_sum(tile.output(j), |h| h));
            }
        });
        DVector::from_vec(means)
    }

    /// ρ of every row.
    #[must_use]
    pub fn losses(&self, theta: &[f64]) -> Vec<f64> {
        let rows = self.objective.value.rows(&self.columns, theta, self.threads);
        rows.into_iter().next().expect("the program has one output")
    }

    fn means(
        &self,
        program: &Program,
        parameters: &[f64],
        length: usize,
        tile: impl Fn(&mut Sums, &Tile<'_>) + Sync,
    ) -> Vec<f64> {
        let sums = program.fold(
            &self.columns,
            parameters,
            self.threads,
            || Sums::new(length),
            |sums, part| tile(sums, &part),
            Sums::merge,
        );
        sums.means(self.rows)
    }
}

/// ρ and |ρ|
fn add_value(sums: &mut Sums, tile: &Tile<'_>) {
    sums.add(0, lane_sum(tile.output(0), |rho| rho));
    sums.add(1, lane_sum(tile.output(0), f64::abs));
}

/// ψ and the upper triangle of ψψᵀ, behind the value.
fn add_outer(sums: &mut Sums, tile: &Tile<'_>, p: usize) {
    let mut index = 2 + p;
    for i in 0..p {
        let psi = tile.output(1 + i);
        sums.add(2 + i, lane_sum(psi, |value| value));
        for j in i..p {
            sums.add(index, lane_dot(psi, tile.output(1 + j)));
            index += 1;
        }
    }
}

fn symmetric(p: usize, triangle: &[f64]) -> DMatrix<f64> {
    let mut matrix = DMatrix::zeros(p, p);
    let pairs = (0..p).flat_map(|i| (i..p).map(move |j| (i, j)));
    for ((i, j), &value) in pairs.zip(triangle) {
        matrix[(i, j)] = value;
        matrix[(j, i)] = value;
    }
    matrix
}
