//! How the mean of a product of three or more factors becomes one of two: E[u v w] is E[(u v) w].
//!
//! Among means with many factors in common the choice decides how much is left to do on every
//! row: E[u_i v_i w_j] for all i and j are a table of the few u_i v_i and the w_j, or else of as
//! many u_i w_j as there are pairs.

use std::collections::BTreeMap;

use crate::graph::{ExprId, Graph, Node, Part};

/// For each product whose mean is taken, the factor that stands alone.
#[derive(Debug, Default)]
pub(super) struct Pairing {
    lone: BTreeMap<ExprId, Part>,
}

/// Longest product that is looked at.
const FACTORS_MAX: usize = 8;

impl Pairing {
    /// Splits the products of means such that their larger parts recur as often as possible.
    pub(super) fn of(graph: &Graph, live: &[ExprId]) -> Self {
        let products: Vec<(ExprId, &[Part])> =
            live.iter().filter_map(|&id| long_product(graph, id)).collect();
        let mut recurring: BTreeMap<Vec<Key>, usize> = BTreeMap::new();
        for (_, factors) in &products {
            for lone in 0..factors.len() {
                *recurring.entry(rest(factors, lone)).or_default() += 1;
            }
        }
        let best = |factors: &[Part]| {
            // The first of equals, so that one factor stands alone in all of a row of a table.
            let count = |lone: usize| recurring[&rest(factors, lone)];
            let lone = (0..factors.len()).rev().max_by_key(|&lone| count(lone));
            factors[lone.expect("a product has factors")]
        };
        let lone = products.iter().map(|&(id, factors)| (id, best(factors))).collect();
        Self { lone }
    }

    /// The factor of the product that stands alone, and the others.
    pub(super) fn split(&self, graph: &Graph, product: ExprId) -> Option<(Part, Vec<Part>)> {
        let lone = *self.lone.get(&product)?;
        let Node::Product(parts) = graph.node(product) else { return None };
        let others = graph.parts(parts).iter().copied().filter(|part| *part != lone).collect();
        Some((lone, others))
    }
}

/// A factor as a key: an expression and the bits of its exponent.
type Key = (ExprId, u64);

fn rest(factors: &[Part], lone: usize) -> Vec<Key> {
    let others = factors.iter().enumerate().filter(|&(index, _)| index != lone);
    others.map(|(_, part)| (part.expr, part.weight.to_f64().to_bits())).collect()
}

/// The product under a mean, where it has three factors or more.
fn long_product(graph: &Graph, id: ExprId) -> Option<(ExprId, &[Part])> {
    let Node::Mean(product) = graph.node(id) else { return None };
    let Node::Product(parts) = graph.node(product) else { return None };
    let factors = graph.parts(parts);
    (3..=FACTORS_MAX).contains(&factors.len()).then_some((product, factors))
}
