//! Evaluation with 71 digits, and comparison of its results.

use num_traits::{Float, Zero};
use scorematch::graph::{ExprId, Function, Graph, Node, evaluate};

use crate::support::wide::Wide;

/// Differences this small are rounding errors, since inputs are halves and quarters.
const TINY: f64 = 1e-45;
/// With intermediate values beyond this, rounding errors reach the compared digits.
const HUGE: f64 = 1e25;
/// Largest difference of results, relative to the largest intermediate value.
const TOLERANCE: f64 = 1e-30;
/// The tolerance where the text contains an inexact number, which is folded in `f64`.
const INEXACT_TOLERANCE: f64 = 1e-12;

/// The values of a root and of all nodes below it, at one point.
pub struct Values<'a> {
    graph: &'a Graph,
    root: ExprId,
    values: Vec<Wide>,
}

impl<'a> Values<'a> {
    pub fn at(graph: &'a Graph, root: ExprId, point: &[f64]) -> Self {
        let live = graph.live(&[root]);
        let mut values = vec![Wide::nan(); graph.len()];
        for (id, value) in
            live.iter().zip(evaluate(graph, &live, |input| point[input.index()].into()))
        {
            values[id.index()] = value;
        }
        Self { graph, root, values }
    }

    fn of(&self, id: ExprId) -> Wide {
        self.values[id.index()]
    }

    pub fn root(&self) -> Wide {
        self.of(self.root)
    }

    /// The nodes on which the root depends: of a select only the branch taken.
    fn needed(&self) -> Vec<ExprId> {
        let mut needed = vec![false; self.graph.len()];
        needed[self.root.index()] = true;
        let mut found = Vec::new();
        for id in self.graph.live(&[self.root]).into_iter().rev() {
            if !needed[id.index()] {
                continue;
            }
            found.push(id);
            match self.graph.node(id) {
                Node::Select(c, then, otherwise) => {
                    let taken = if self.of(c).narrow() == 1.0 { then } else { otherwise };
                    [c, taken].iter().for_each(|id| needed[id.index()] = true);
                }
                _ => self.graph.each_operand(id, |operand| needed[operand.index()] = true),
            }
        }
        found
    }

    /// Whether every value that the root depends on is finite.
    pub fn is_defined(&self) -> bool {
        self.needed().iter().all(|&id| self.of(id).is_finite())
    }

    /// The largest size of a value that the root depends on.
    fn scale(&self) -> f64 {
        self.needed().iter().map(|&id| self.of(id).narrow().abs()).fold(1.0, f64::max)
    }

    fn tolerance(&self) -> f64 {
        let is_inexact = |id: &ExprId| match self.graph.node(*id) {
            Node::Sum(parts) | Node::Product(parts) => {
                self.graph.parts(parts).iter().any(|part| part.weight.as_ratio().is_none())
            }
            _ => false,
        };
        let inexact = self.graph.live(&[self.root]).iter().any(is_inexact);
        if inexact { INEXACT_TOLERANCE } else { TOLERANCE }
    }

    /// Whether rounding errors may decide on which side of a jump, a pole or an
    /// edge of a domain a value is.
    fn is_on_an_edge(&self) -> bool {
        let near = |a: Wide, b: Wide| !(a - b).is_zero() && (a - b).abs().narrow() < TINY;
        let whole = |value: f64| Wide::from(value);
        self.needed().into_iter().any(|id| {
            near(self.of(id), Wide::zero())
                || match self.graph.node(id) {
                    Node::Call(Function::Floor, u) => near(self.of(u), self.of(u).round()),
                    Node::Call(Function::Asin | Function::Acos, u) => {
                        near(self.of(u).abs(), whole(1.0))
                    }
                    Node::Call(Function::Log1p, u) => near(self.of(u), whole(-1.0)),
                    Node::Call(Function::Lgamma | Function::Polygamma(_), u) => {
                        near(self.of(u), self.of(u).round())
                    }
                    Node::Compare(_, a, b) => near(self.of(a), self.of(b)),
                    _ => false,
                }
        })
    }
}

/// The result of a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    Same,
    /// No result: rounding errors decide, or the expression as written is not defined at the point.
    Open,
    Different,
}

/// Whether `got` has the value of `want` where this is defined.
pub fn compare(want: &Values<'_>, got: &Values<'_>) -> Verdict {
    if !want.is_defined() {
        return Verdict::Open;
    }
    let scale = want.scale().max(got.scale());
    let difference = (got.root() - want.root()).abs().narrow();
    if difference <= want.tolerance().max(got.tolerance()) * want.scale() {
        return Verdict::Same;
    }
    let open = want.scale() > HUGE || scale > HUGE && got.root().is_finite();
    if open || want.is_on_an_edge() || got.is_on_an_edge() {
        Verdict::Open
    } else {
        Verdict::Different
    }
}
