//! A loss with its derivatives in the parameters, compiled on demand.

use std::sync::OnceLock;

use super::Batch;
use super::expansion::Curvature;
use super::hessian_times::HessianTimes;
use super::moments::{Around, Means, Moments};
use super::weighing::{Factor, WeightsKind};
use crate::calculus::{gradient, hessian};
use crate::graph::{ExprId, Function, Graph, InputId};
use crate::program::{Layout, Operations, Program, Workers};

/// Most parameters for which the Hessian is derived entry by entry.
pub(super) const WRITTEN_MAX: usize = 160;
/// Largest cost of such a Hessian for each row, as a multiple of the cost of J, ∇J and diag K.
const WORK_MAX: usize = 20;

/// A per-row loss with its derivatives in the parameters; immutable and shareable. Each program is
/// compiled on first use.
#[derive(Debug)]
pub struct Objective {
    graph: Graph,
    layout: Layout,
    /// ρ, times the weight of the row where rows have weights.
    rho: ExprId,
    /// ψ, the gradient of the weighted ρ in the parameters.
    slopes: Vec<ExprId>,
    /// ρ and ψ of one observation. For frequencies, which count independent copies, these are the
    /// unweighted ones, otherwise the weighted ones. K is the mean of ψ, weighted, times this ψ
    /// transposed.
    per_observation: (ExprId, Vec<ExprId>),
    /// The nodes of the parameters.
    wrt: Vec<ExprId>,
    programs: Programs,
}

#[derive(Debug, Default)]
struct Programs {
    /// ρ of every row.
    losses: OnceLock<Program>,
    /// J
    value: OnceLock<Program>,
    /// J, ∇J
    gradient: OnceLock<Program>,
    /// J, ∇J, mean |ρ|, diag K
    slope: OnceLock<Program>,
    /// mean |ρ|, K
    outer: OnceLock<Program>,
    /// ρ and ψ of every row.
    row_slopes: OnceLock<Program>,
    /// H·v
    hessian_times: OnceLock<HessianTimes>,
    /// J, ∇J, H, mean |ρ|, K, where H is affordable.
    expansion: OnceLock<Option<Program>>,
    /// J and its derivatives from moments, where the loss is a polynomial in data.
    around_zero: OnceLock<Option<Moments>>,
    around_centres: OnceLock<Option<Moments>>,
}

impl Objective {
    /// The objective of the loss `rho`, an expression of `rows` and `parameters`; derives ψ.
    #[must_use]
    pub fn new(graph: &Graph, rho: ExprId, rows: &[InputId], parameters: &[InputId]) -> Self {
        Self::weighed(graph, rho, rows, parameters, None)
    }

    /// The objective with a weight for each row: an expression of `rows` with mean one.
    #[must_use]
    pub(crate) fn weighed(
        graph: &Graph,
        rho: ExprId,
        rows: &[InputId],
        parameters: &[InputId],
        factor: Option<Factor>,
    ) -> Self {
        let mut graph = graph.clone();
        let layout = Layout { rows: rows.to_vec(), parameters: parameters.to_vec() };
        let wrt: Vec<ExprId> = parameters.iter().map(|&input| graph.input_node(input)).collect();
        let total = factor.map_or(rho, |factor| graph.mul(factor.weight, rho));
        let slopes = gradient(&mut graph, total, &wrt);
        let per_observation = match factor.map(|factor| factor.kind) {
            Some(WeightsKind::Frequency) => (rho, gradient(&mut graph, rho, &wrt)),
            Some(WeightsKind::Probability) | None => (total, slopes.clone()),
        };
        Self {
            graph,
            layout,
            rho: total,
            slopes,
            per_observation,
            wrt,
            programs: Programs::default(),
        }
    }

    /// The number of parameters.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.wrt.len()
    }

    /// Whether the loss is quadratic in the parameters: its Hessian does not depend on them.
    #[must_use]
    pub fn is_quadratic(&self) -> bool {
        match self.separated(Around::Zero) {
            Some(moments) => moments.hessian_times().is_constant,
            None => self.hessian_times().is_constant,
        }
    }

    /// How second derivatives are computed; derives and compiles them on the first call.
    #[must_use]
    pub fn curvature(&self) -> Curvature {
        if self.expansion().is_some() { Curvature::Matrix } else { Curvature::Products }
    }

    /// The compiled J and ∇J.
    #[must_use]
    pub fn gradient(&self) -> &Program {
        self.programs.gradient.get_or_init(|| self.compile(&self.first_order(), |_| Vec::new()))
    }

    /// ρ and ψ, weighted.
    fn first_order(&self) -> Vec<ExprId> {
        [self.rho].into_iter().chain(self.slopes.iter().copied()).collect()
    }

    /// Compiles the means of expressions, and of products of two expressions.
    fn compile(
        &self,
        means: &[ExprId],
        products: impl Fn(&mut Graph) -> Vec<(ExprId, ExprId)>,
    ) -> Program {
        let mut graph = self.graph.clone();
        self.compile_in(&mut graph, means, products)
    }

    fn compile_in(
        &self,
        graph: &mut Graph,
        means: &[ExprId],
        products: impl Fn(&mut Graph) -> Vec<(ExprId, ExprId)>,
    ) -> Program {
        let rows: Vec<ExprId> =
            self.layout.rows.iter().map(|&input| graph.input_node(input)).collect();
        let means = graph.means(&rows, means);
        let products = products(graph);
        Program::with_products(graph, &self.layout, &means, &products)
    }

    /// |ρ| and 1, a product whose mean is the magnitude of J.
    fn magnitude(&self, graph: &mut Graph) -> (ExprId, ExprId) {
        (graph.call(Function::Abs, self.rho), graph.one())
    }

    /// The upper triangle of the products whose means are K.
    fn triangle(&self) -> impl Iterator<Item = (ExprId, ExprId)> {
        let per_observation = &self.per_observation.1;
        let slopes = self.slopes.iter().enumerate();
        slopes.flat_map(|(i, &a)| per_observation[i..].iter().map(move |&b| (a, b)))
    }

    pub(super) fn value(&self) -> &Program {
        self.programs.value.get_or_init(|| self.compile(&[self.rho], |_| Vec::new()))
    }

    pub(super) fn losses(&self) -> &Program {
        let compile = || Program::compile(&self.graph, &self.layout, &[self.per_observation.0]);
        self.programs.losses.get_or_init(compile)
    }

    /// ρ and ψ of every row.
    pub(super) fn row_slopes(&self) -> &Program {
        let compile = || Program::compile(&self.graph, &self.layout, &self.first_order());
        self.programs.row_slopes.get_or_init(compile)
    }

    pub(super) fn slope(&self) -> &Program {
        let squares = self.slopes.iter().copied().zip(self.per_observation.1.iter().copied());
        self.programs.slope.get_or_init(|| {
            self.compile(&self.first_order(), |graph| {
                [self.magnitude(graph)].into_iter().chain(squares.clone()).collect()
            })
        })
    }

    pub(super) fn outer(&self) -> &Program {
        self.programs.outer.get_or_init(|| {
            self.compile(&[], |graph| {
                [self.magnitude(graph)].into_iter().chain(self.triangle()).collect()
            })
        })
    }

    /// The means over rows through which J depends on the data; `None` where the loss is no
    /// polynomial in data.
    #[must_use]
    pub fn moments(&self) -> Option<Means> {
        let rows: Vec<ExprId> =
            self.layout.rows.iter().map(|&input| self.graph.input_node(input)).collect();
        Means::of(&self.graph, self.rho, &rows)
    }

    /// J as a sum of coefficients times moments; `None` where the loss is no polynomial in data.
    pub(super) fn separated(&self, around: Around) -> Option<&Moments> {
        let place = match around {
            Around::Zero => &self.programs.around_zero,
            Around::Centres => &self.programs.around_centres,
        };
        let rows = &self.layout.rows;
        place.get_or_init(|| Moments::new(&self.graph, self.rho, rows, &self.wrt, around)).as_ref()
    }

    /// Approximate number of operations of one expansion over `rows` rows.
    pub(super) fn expansion_work(&self, rows: usize) -> usize {
        let p = self.parameters();
        let (by_row, once) = match self.expansion() {
            Some(program) => {
                let Operations { parameter, data, row, mean, after, .. } = program.operations();
                (data + row + mean, parameter + after)
            }
            None => (p * self.row_work(), 0),
        };
        rows * by_row + once
    }

    /// Approximate number of values that J and ∇J take on each row.
    pub(super) fn row_work(&self) -> usize {
        self.graph.live(&self.first_order()).len()
    }

    pub(super) fn hessian_times(&self) -> &HessianTimes {
        let compile =
            || HessianTimes::new(&self.graph, &self.layout, self.rho, &self.slopes, &self.wrt);
        self.programs.hessian_times.get_or_init(compile)
    }

    pub(super) fn expansion(&self) -> Option<&Program> {
        self.programs.expansion.get_or_init(|| self.compile_expansion()).as_ref()
    }

    fn compile_expansion(&self) -> Option<Program> {
        if self.parameters() > WRITTEN_MAX {
            return None;
        }
        let mut graph = self.graph.clone();
        let entries = hessian(&mut graph, &self.slopes, &self.wrt);
        let means: Vec<ExprId> = self.first_order().into_iter().chain(entries).collect();
        let program = self.compile_in(&mut graph, &means, |graph| {
            [self.magnitude(graph)].into_iter().chain(self.triangle()).collect()
        });
        let work = |program: &Program| program.operations().row + program.operations().mean;
        let fits = work(&program) <= WORK_MAX * work(self.slope()).max(1);
        (self.is_quadratic() || fits).then_some(program)
    }

    /// The objective on a data set; `columns` are in the order of the row inputs. An interrupt ends
    /// passes over the rows: values computed while it is raised are NaN.
    ///
    /// # Panics
    /// When the number of columns is not that of the row inputs, or their lengths differ.
    #[must_use]
    pub fn on<'a>(&'a self, columns: Vec<&'a [f64]>, workers: impl Into<Workers>) -> Batch<'a> {
        assert_eq!(columns.len(), self.layout.rows.len(), "one column for each row input");
        Batch::new(self, columns, workers.into())
    }
}
