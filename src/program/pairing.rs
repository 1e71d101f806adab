//! How the mean of a product of three or more factors becomes one of two: E[u v w] is E[(u v) w].
//!
//! Among means with common factors the choice decides how many products each row needs: for
//! E[u_i v_i w_j] over all i and j, the products u_i v_i are as many as i, the products u_i w_j as
//! many as pairs.

use std::collections::BTreeMap;

use crate::graph::{ExprId, Graph, Node, Part};

/// For each product of three or more factors under a mean, the factor that is split off.
#[derive(Debug, Default)]
pub(super) struct Pairing {
    lone: BTreeMap<ExprId, Part>,
}

/// Products with more factors are not split.
const FACTORS_MAX: usize = 8;

impl Pairing {
    /// Splits each product such that the product of its other factors recurs as often as possible.
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
            // The first of equals, so that products of one row of a table split off one factor.
            let count = |lone: usize| recurring[&rest(factors, lone)];
            let lone = (0..factors.len()).rev().max_by_key(|&lone| count(lone));
            factors[lone.expect("a product has factors")]
        };
        let lone = products.iter().map(|&(id, factors)| (id, best(factors))).collect();
        Self { lone }
    }

    /// The factor that is split off the product, and the others; `None` where it is not split.
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
