//! A loss with its derivatives in the parameters, compiled as it is asked.

use std::sync::OnceLock;

use super::Batch;
use super::expansion::Curvature;
use super::moments::{Around, Means, Moments};
use super::product::HessianTimes;
use super::weighing::{Factor, WeightsKind};
use crate::calculus::{gradient, hessian};
use crate::graph::{ExprId, Function, Graph, InputId};
use crate::program::{Layout, Operations, Program, Workers};

/// Most parameters for which the Hessian is ever written out entry by entry.
pub(super) const WRITTEN_MAX: usize = 160;
/// Most row work of a written Hessian, in multiples of the gradient's.
const WORK_MAX: usize = 20;

/// A per-row loss with its derivatives in the parameters; immutable and shareable. What is asked
/// of it is compiled on the first call.
#[derive(Debug)]
pub struct Objective {
    graph: Graph,
    layout: Layout,
    /// ρ, times the weight of the row where rows have weights.
    rho: ExprId,
    /// ψ, the gradient of that.
    slopes: Vec<ExprId>,
    /// What of a row stands beside ψ in K, and ρ as it is looked at row by row: those of one of the
    /// rows that a frequency counts, otherwise the weighted ones.
    single: (ExprId, Vec<ExprId>),
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
    product: OnceLock<HessianTimes>,
    /// J, ∇J, H, mean |ρ|, K, where H is affordable.
    expansion: OnceLock<Option<Program>>,
    /// All of it from moments, where the loss is a polynomial in data.
    around_zero: OnceLock<Option<Moments>>,
    around_centres: OnceLock<Option<Moments>>,
}

impl Objective {
    /// Derives the slopes of the loss `rho`, an expression of `rows` and `parameters`.
    #[must_use]
    pub fn new(graph: &Graph, rho: ExprId, rows: &[InputId], parameters: &[InputId]) -> Self {
        Self::weighed(graph, rho, rows, parameters, None)
    }

    /// The same with a weight for each row, an expression of `rows` of mean one.
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
        let single = match factor.map(|factor| factor.kind) {
            Some(WeightsKind::Frequency) => (rho, gradient(&mut graph, rho, &wrt)),
            Some(WeightsKind::Probability) | None => (total, slopes.clone()),
        };
        Self { graph, layout, rho: total, slopes, single, wrt, programs: Programs::default() }
    }

    /// How many parameters it has.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.wrt.len()
    }

    /// The loss is quadratic in the parameters: its Hessian does not depend on them.
    #[must_use]
    pub fn is_quadratic(&self) -> bool {
        match self.separated(Around::Zero) {
            Some(moments) => moments.product().is_constant,
            None => self.product().is_constant,
        }
    }

    /// How second derivatives are to be had; derives and compiles them on the first call.
    #[must_use]
    pub fn curvature(&self) -> Curvature {
        if self.expansion().is_some() { Curvature::Matrix } else { Curvature::Products }
    }

    /// The compiled J and ∇J.
    #[must_use]
    pub fn gradient(&self) -> &Program {
        self.programs.gradient.get_or_init(|| self.compile(&self.first_order(), |_| Vec::new()))
    }

    /// ρ and its slopes.
    fn first_order(&self) -> Vec<ExprId> {
        [self.rho].into_iter().chain(self.slopes.iter().copied()).collect()
    }

    /// Means of expressions, and of products of whole values.
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

    /// |ρ|
    fn size(&self, graph: &mut Graph) -> (ExprId, ExprId) {
        (graph.call(Function::Abs, self.rho), graph.one())
    }

    /// The upper triangle of what K is the mean of.
    fn triangle(&self) -> impl Iterator<Item = (ExprId, ExprId)> {
        let single = &self.single.1;
        let slopes = self.slopes.iter().enumerate();
        slopes.flat_map(|(i, &a)| single[i..].iter().map(move |&b| (a, b)))
    }

    pub(super) fn value(&self) -> &Program {
        self.programs.value.get_or_init(|| self.compile(&[self.rho], |_| Vec::new()))
    }

    pub(super) fn losses(&self) -> &Program {
        let compile = || Program::compile(&self.graph, &self.layout, &[self.single.0]);
        self.programs.losses.get_or_init(compile)
    }

    /// ρ and ψ of every row.
    pub(super) fn row_slopes(&self) -> &Program {
        let compile = || Program::compile(&self.graph, &self.layout, &self.first_order());
        self.programs.row_slopes.get_or_init(compile)
    }

    pub(super) fn slope(&self) -> &Program {
        let squares = self.slopes.iter().copied().zip(self.single.1.iter().copied());
        self.programs.slope.get_or_init(|| {
            self.compile(&self.first_order(), |graph| {
                [self.size(graph)].into_iter().chain(squares.clone()).collect()
            })
        })
    }

    pub(super) fn outer(&self) -> &Program {
        self.programs.outer.get_or_init(|| {
            self.compile(&[], |graph| {
                [self.size(graph)].into_iter().chain(self.triangle()).collect()
            })
        })
    }

    /// The means over rows that it depends on, where these are all it depends on.
    #[must_use]
    pub fn moments(&self) -> Option<Means> {
        let rows: Vec<ExprId> =
            self.layout.rows.iter().map(|&input| self.graph.input_node(input)).collect();
        Means::of(&self.graph, self.rho, &rows)
    }

    /// J as a sum of coefficients times moments.
    pub(super) fn separated(&self, around: Around) -> Option<&Moments> {
        let place = match around {
            Around::Zero => &self.programs.around_zero,
            Around::Centres => &self.programs.around_centres,
        };
        let rows = &self.layout.rows;
        place.get_or_init(|| Moments::new(&self.graph, self.rho, rows, &self.wrt, around)).as_ref()
    }

    /// Operations of one expansion that goes over so many rows, roughly.
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

    /// Numbers computed on a row for J and ∇J, roughly.
    pub(super) fn row_work(&self) -> usize {
        self.graph.live(&self.first_order()).len()
    }

    pub(super) fn product(&self) -> &HessianTimes {
        let compile = || HessianTimes::new(&self.graph, &self.layout, &self.slopes, &self.wrt);
        self.programs.product.get_or_init(compile)
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
            [self.size(graph)].into_iter().chain(self.triangle()).collect()
        });
        let work = |program: &Program| program.operations().row + program.operations().mean;
        let fits = work(&program) <= WORK_MAX * work(self.slope()).max(1);
        (self.is_quadratic() || fits).then_some(program)
    }

    /// The objective on a data set; `columns` stand in the order of the row inputs. What is asked of
    /// it while an interrupt ends passes is NaN, and so is what rests on them.
    ///
    /// # Panics
    /// When the columns are not as many as the row inputs, or differ in length.
    #[must_use]
    pub fn on<'a>(&'a self, columns: Vec<&'a [f64]>, workers: impl Into<Workers>) -> Batch<'a> {
        assert_eq!(columns.len(), self.layout.rows.len(), "one column for each row input");
        Batch::new(self, columns, workers.into())
    }
}
