//! The printed order of terms: high degree first, then first appearance, constants last.

use std::cmp::Reverse;

use super::super::{ExprId, Graph, Node, Part};

/// The properties of a node that determine its place in print.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// Total degree in the inputs, as far as the node is a polynomial; functions count as 0.
    degree: f64,
    /// The first input that it depends on; `u32::MAX` where there is none.
    first: u32,
}

/// Factors whose first appearances decide between terms of one degree.
const COMPARED: usize = 4;

/// The class (constants last), the degree (descending), and the first appearances of factors.
pub(super) type TermKey = (u8, Reverse<i64>, [u32; COMPARED]);

impl Standing {
    pub const NOWHERE: Self = Self { degree: 0.0, first: u32::MAX };

    /// The standing of a node, given those of all nodes with smaller ids.
    pub fn of(graph: &Graph, id: ExprId, below: &[Self]) -> Self {
        let mut first = u32::MAX;
        graph.each_operand(id, |operand| first = first.min(below[operand.index()].first));
        let degree = |id: ExprId| below[id.index()].degree;
        match graph.node(id) {
            Node::Input(input) => Self { degree: 1.0, first: input.index() as u32 },
            Node::Sum(parts) => {
                let most = graph.parts(parts).iter().map(|part| degree(part.expr));
                Self { degree: most.fold(0.0, f64::max), first }
            }
            Node::Product(parts) => {
                let degrees = graph.parts(parts).iter().map(|part| above(*part, degree(part.expr)));
                Self { degree: degrees.sum(), first }
            }
            Node::Dot(a, b) => {
                let most = |ids: &[ExprId]| ids.iter().map(|&id| degree(id)).fold(0.0, f64::max);
                Self { degree: most(graph.list(a)) + most(graph.list(b)), first }
            }
            Node::One
            | Node::Pi
            | Node::Call(..)
            | Node::Binary(..)
            | Node::Share(..)
            | Node::Compare(..)
            | Node::Select(..)
            | Node::Gather(..)
            | Node::LogSumExp(..)
            | Node::Mean(_) => Self { degree: 0.0, first },
        }
    }
}

/// The degree of a factor; a factor below the fraction bar counts as 0.
fn above(part: Part, degree: f64) -> f64 {
    if part.weight.is_negative() { 0.0 } else { part.weight.to_f64() * degree }
}

/// How often a factor counts in a key: x^2 counts as x*x, so it comes before x*y.
fn times(part: &Part) -> usize {
    part.weight.to_f64().clamp(1.0, COMPARED as f64) as usize
}

/// The key of a term; also the order of arguments that commute.
pub(super) fn term_key(graph: &Graph, id: ExprId, standings: &[Standing]) -> TermKey {
    let Standing { degree, first } = standings[id.index()];
    let class = match (graph.node(id), first) {
        (Node::One, _) => 2,
        (_, u32::MAX) => 1,
        _ => 0,
    };
    let mut appearances = [u32::MAX; COMPARED];
    appearances[0] = first;
    if let Node::Product(parts) = graph.node(id) {
        let mut firsts: Vec<u32> = graph
            .parts(parts)
            .iter()
            .flat_map(|part| vec![standings[part.expr.index()].first; times(part)])
            .collect();
        firsts.sort_unstable();
        appearances.iter_mut().zip(firsts).for_each(|(kept, first)| *kept = first);
    }
    // Degrees are compared to a thousandth, finer than exponents in practice.
    (class, Reverse((degree * 1000.0).round() as i64), appearances)
}

/// The key of a factor: constants, inputs, sums, functions.
pub(super) fn factor_key(graph: &Graph, id: ExprId, standings: &[Standing]) -> (u8, u32) {
    let first = standings[id.index()].first;
    let class = match graph.node(id) {
        _ if first == u32::MAX => 0,
        Node::Input(_) => 1,
        Node::Sum(_) | Node::Product(_) => 2,
        Node::One
        | Node::Pi
        | Node::Call(..)
        | Node::Binary(..)
        | Node::Share(..)
        | Node::Compare(..)
        | Node::Select(..)
        | Node::Gather(..)
        | Node::Dot(..)
        | Node::LogSumExp(..)
        | Node::Mean(_) => 3,
    };
    (class, first)
}
