//! Inputs and dependencies below one node, found without a pass over a large graph.

use std::collections::BTreeSet;

use super::{ExprId, Graph, InputId};

/// Up to this number of nodes below a root, they are walked without a pass over the whole graph.
const FEW: usize = 300;

/// The nodes that depend on some inputs.
#[derive(Clone, Debug)]
pub enum Dependents {
    /// The dependent nodes below the root, where these nodes are few.
    Few(BTreeSet<ExprId>),
    /// For every node of the graph whether it is dependent.
    All(Vec<bool>),
}

impl Dependents {
    /// Whether a node depends on the inputs.
    #[must_use]
    pub fn contains(&self, id: ExprId) -> bool {
        match self {
            Self::Few(marked) => marked.contains(&id),
            Self::All(marked) => marked[id.index()],
        }
    }
}

impl Graph {
    /// The nodes at and below a root, operands before users; `None` where they are more than [`FEW`].
    fn few_below(&self, root: ExprId) -> Option<Vec<ExprId>> {
        let mut known = BTreeSet::from([root]);
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            self.each_operand(id, |operand| {
                if known.insert(operand) {
                    open.push(operand);
                }
            });
            if known.len() > FEW {
                return None;
            }
        }
        Some(known.into_iter().collect())
    }

    /// The inputs that an expression contains, ascending.
    #[must_use]
    pub fn inputs_below(&self, root: ExprId) -> Vec<InputId> {
        let nodes = self.few_below(root).unwrap_or_else(|| self.live(&[root]));
        let mut inputs: Vec<InputId> =
            nodes.into_iter().filter_map(|id| self.as_input(id)).collect();
        inputs.sort_unstable();
        inputs
    }

    /// Which nodes at and below a root depend on any of `inputs`.
    #[must_use]
    pub fn dependents_below(&self, root: ExprId, inputs: &[ExprId]) -> Dependents {
        let Some(nodes) = self.few_below(root) else {
            return Dependents::All(self.dependents(inputs));
        };
        let mut marked: BTreeSet<ExprId> =
            inputs.iter().copied().filter(|input| nodes.binary_search(input).is_ok()).collect();
        for &id in &nodes {
            let mut depends = false;
            self.each_operand(id, |operand| depends |= marked.contains(&operand));
            if depends {
                marked.insert(id);
            }
        }
        Dependents::Few(marked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Function, Support};

    /// Inputs, and a chain of so many calls above the first two.
    fn chain(length: usize) -> (Graph, Vec<ExprId>, ExprId) {
        let mut graph = Graph::new();
        let inputs: Vec<ExprId> =
            ["a", "b", "c"].iter().map(|name| graph.input(name, Support::LINE)).collect();
        let mut root = graph.mul(inputs[0], inputs[1]);
        for _ in 0..length {
            let sine = graph.call(Function::Sin, root);
            root = graph.add(sine, inputs[0]);
        }
        (graph, inputs, root)
    }

    #[test]
    fn the_inputs_of_few_and_of_many_nodes() {
        for length in [1, FEW] {
            let (graph, inputs, root) = chain(length);
            let ids: Vec<InputId> = inputs.iter().filter_map(|&id| graph.as_input(id)).collect();
            assert_eq!(graph.inputs_below(root), ids[..2]);
            assert_eq!(graph.few_below(root).is_some(), length == 1);
            let depends = graph.dependents_below(root, &inputs[1..]);
            assert!(depends.contains(root) && depends.contains(inputs[1]), "{length}");
            assert!(!depends.contains(inputs[0]), "{length}");
            assert!(!graph.dependents_below(root, &inputs[2..]).contains(root), "{length}");
        }
    }
}
