//! Objectives that depend on the data through a fixed set of means only.
//!
//! Where the loss is a polynomial in data, J = Σ coefficient · moment: an expression of the
//! parameters, of the moments, and of the centres around which moments are taken. Promises J, ∇J
//! and H as programs without rows. Deliberately not known here: a data set.

use std::fmt;
use std::sync::OnceLock;

use super::hessian_times::HessianTimes;
use super::powers::{Powers, powers};
use crate::calculus::gradient;
use crate::graph::{ExprId, Function, Graph, InputId, Monomial};
use crate::program::{Layout, Program};

/// The means through which an objective depends on the data, as formulas: `E[x]`, `E[x^2]`.
///
/// Its `Display` is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Means(Vec<String>);

impl Means {
    /// The means over rows through which the mean of `rho` depends on the data; `None` where it is
    /// no polynomial in data.
    ///
    /// # Examples
    /// ```
    /// use scorematch::graph::{Graph, Support};
    /// use scorematch::objective::Means;
    /// let mut g = Graph::new();
    /// let (x, mu) = (g.input("x", Support::LINE), g.input("mu", Support::LINE));
    /// let difference = g.sub(x, mu);
    /// let square = g.powi(difference, 2);
    /// let means = Means::of(&g, square, &[x]).expect("a polynomial");
    /// assert_eq!(means.to_string(), "depends on the data only through E[x], E[x^2]");
    /// ```
    #[must_use]
    pub fn of(graph: &Graph, rho: ExprId, rows: &[ExprId]) -> Option<Self> {
        let mut graph = graph.clone();
        let polynomial = graph.expand(rows, rho, |g, _| g.zero())?;
        let monomials = polynomial.terms.iter().map(|(monomial, _)| monomial);
        let varying = monomials.filter(|monomial| monomial.degree() > 0);
        let products: Vec<ExprId> =
            varying.map(|monomial| graph.monomial(monomial, &polynomial.atoms)).collect();
        let means = graph.means(rows, &products);
        Some(Self(means.into_iter().map(|mean| graph.plain(mean)).collect()))
    }

    /// The formulas, by degree.
    #[must_use]
    pub fn formulas(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0[..] {
            [] => write!(f, "does not depend on the data"),
            means => write!(f, "depends on the data only through {}", means.join(", ")),
        }
    }
}

/// The centre of the moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Around {
    /// Zero, which takes the fewest monomials.
    Zero,
    /// A centre for each atom. This keeps digits however far the data are from zero, but takes all
    /// monomials that divide those around zero.
    Centres,
}

/// J as an expression of parameters, centres and moments.
#[derive(Debug)]
pub(super) struct Moments {
    graph: Graph,
    /// Parameters, then centres, then moments.
    inputs: Vec<InputId>,
    /// J, Σ |coefficient · moment|, ∇J.
    outputs: Vec<ExprId>,
    wrt: Vec<ExprId>,
    /// The programs that compute atoms and moments from the data.
    pub(super) powers: Powers,
    evaluation: OnceLock<Program>,
    hessian_times: OnceLock<HessianTimes>,
}

impl Moments {
    /// `None` where the loss is no polynomial in data.
    pub(super) fn new(
        graph: &Graph,
        rho: ExprId,
        rows: &[InputId],
        wrt: &[ExprId],
        around: Around,
    ) -> Option<Self> {
        let mut graph = graph.clone();
        let columns: Vec<ExprId> = rows.iter().map(|&input| graph.input_node(input)).collect();
        let polynomial = graph.expand(&columns, rho, |g, k| match around {
            Around::Zero => g.zero(),
            Around::Centres => input(g, "centre", k),
        })?;
        let terms = polynomial.terms;
        let (constant, varying): (Vec<_>, Vec<_>) =
            terms.into_iter().partition(|(monomial, _)| monomial.degree() == 0);
        let (monomials, coefficients): (Vec<Monomial>, Vec<ExprId>) = varying.into_iter().unzip();
        let moments: Vec<ExprId> =
            (0..monomials.len()).map(|k| input(&mut graph, "moment", k)).collect();
        let constant = constant.first().map_or(graph.zero(), |&(_, coefficient)| coefficient);
        let value = weighted(&mut graph, constant, &coefficients, &moments);
        let size = size(&mut graph, constant, &coefficients, &moments);
        let slopes = gradient(&mut graph, value, wrt);
        let powers = powers(&mut graph, rows, &polynomial.atoms, &polynomial.centres, &monomials);
        let nodes = wrt.iter().chain(&polynomial.centres).chain(&moments);
        Some(Self {
            inputs: nodes.filter_map(|&node| graph.as_input(node)).collect(),
            outputs: [value, size].into_iter().chain(slopes).collect(),
            wrt: wrt.to_vec(),
            powers,
            graph,
            evaluation: OnceLock::new(),
            hessian_times: OnceLock::new(),
        })
    }

    pub(super) fn parameters(&self) -> usize {
        self.wrt.len()
    }

    /// J, Σ |coefficient · moment|, ∇J; its parameters are parameters, centres and moments.
    pub(super) fn evaluation(&self) -> &Program {
        self.evaluation.get_or_init(|| {
            let layout = Layout { rows: Vec::new(), parameters: self.inputs.clone() };
            Program::compile(&self.graph, &layout, &self.outputs)
        })
    }

    /// H·v; its parameters are parameters, centres, moments and v.
    pub(super) fn hessian_times(&self) -> &HessianTimes {
        self.hessian_times.get_or_init(|| {
            let layout = Layout { rows: Vec::new(), parameters: self.inputs.clone() };
            let (value, slopes) = (self.outputs[0], &self.outputs[2..]);
            HessianTimes::new(&self.graph, &layout, value, slopes, &self.wrt)
        })
    }
}

/// An input for the k-th centre or moment, from 0.
fn input(graph: &mut Graph, kind: &str, k: usize) -> ExprId {
    graph.internal_input(&format!("{kind} {}", k + 1))
}

/// constant + Σ coefficient · moment
fn weighted(
    g: &mut Graph,
    constant: ExprId,
    coefficients: &[ExprId],
    moments: &[ExprId],
) -> ExprId {
    let sum = g.dot(coefficients, moments);
    g.add(constant, sum)
}

/// |constant| + Σ |coefficient · moment|
fn size(g: &mut Graph, constant: ExprId, coefficients: &[ExprId], moments: &[ExprId]) -> ExprId {
    let mut sizes = |list: &[ExprId]| -> Vec<ExprId> {
        list.iter().map(|&entry| g.call(Function::Abs, entry)).collect()
    };
    let (coefficients, moments) = (sizes(coefficients), sizes(moments));
    let constant = g.call(Function::Abs, constant);
    weighted(g, constant, &coefficients, &moments)
}
