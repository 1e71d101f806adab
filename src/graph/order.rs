//! Structural order: by kind, then a fingerprint of structure and input names.
//!
//! The fingerprint depends on no id, address or hash-map order, so equal texts give
//! equal orders in every graph. Colliding fingerprints fall back to comparing structure.

use std::cmp::Ordering;

use super::{BinaryFunction, ExprId, Function, Graph, Node, Number, Part, Relation};

/// One round of a multiply-xorshift mixer (the finaliser of SplitMix64, Steele et al. 2014).
pub(super) fn mix(state: u64, value: u64) -> u64 {
    let mut z = state.rotate_left(23) ^ value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn mix_bytes(state: u64, bytes: &[u8]) -> u64 {
    let folded = bytes.iter().fold(state, |state, &byte| mix(state, u64::from(byte)));
    mix(folded, bytes.len() as u64)
}

fn mix_number(state: u64, number: Number) -> u64 {
    match number.as_ratio() {
        Some((num, den)) => mix(mix(mix(state, 1), num as u64), den as u64),
        None => mix(mix(state, 2), number.to_f64().to_bits()),
    }
}

fn function_code(function: Function) -> u64 {
    mix_bytes(0, function.name().as_bytes())
        ^ match function {
            Function::Polygamma(order)
            | Function::LogBessel(order)
            | Function::BesselRatio(order) => u64::from(order),
            _ => 0,
        }
}

fn binary_code(function: BinaryFunction) -> u64 {
    match function {
        BinaryFunction::Pow(logs) => logs.into(),
        BinaryFunction::Atan2 | BinaryFunction::Min | BinaryFunction::Max => 0,
    }
}

fn relation_code(relation: Relation) -> u64 {
    match relation {
        Relation::Less => 1,
        Relation::LessEqual => 2,
        Relation::Equal => 3,
    }
}

/// Kinds in canonical order: constants first, plain inputs before compounds.
fn rank(node: Node) -> u64 {
    match node {
        Node::One => 0,
        Node::Pi => 1,
        Node::Input(_) => 2,
        Node::Call(..) => 3,
        Node::Binary(..) => 4,
        Node::Product(_) => 5,
        Node::Sum(_) => 6,
        Node::Dot(..) => 7,
        Node::LogSumExp(..) => 8,
        Node::Share(..) => 9,
        Node::Compare(..) => 10,
        Node::Select(..) => 11,
        Node::Mean(_) => 12,
        Node::Gather(..) => 13,
    }
}

impl Graph {
    /// The fingerprint of a node whose operands are in the arena.
    pub(super) fn fingerprint(&self, node: Node) -> u64 {
        let of = |id: ExprId| self.fingerprints[id.index()];
        let start = mix(0x5c0e, rank(node));
        let list = |state: u64, ids: &[ExprId]| {
            mix(ids.iter().fold(state, |state, &id| mix(state, of(id))), ids.len() as u64)
        };
        match node {
            Node::One | Node::Pi => start,
            Node::Input(input) => {
                let input = &self.inputs[input.index()];
                mix_bytes(start ^ input.origin as u64, input.name.as_bytes())
            }
            Node::Call(function, u) => mix(mix(start, function_code(function)), of(u)),
            Node::Binary(function, a, b) => {
                let start = mix_bytes(start, function.name().as_bytes()) ^ binary_code(function);
                mix(mix(start, of(a)), of(b))
            }
            Node::Sum(parts) | Node::Product(parts) => self
                .parts(parts)
                .iter()
                .fold(start, |s, p| mix(mix_number(s, p.weight), of(p.expr))),
            Node::Compare(relation, a, b) => {
                mix(mix(mix(start, relation_code(relation)), of(a)), of(b))
            }
            Node::Share(u, log_sum) => mix(mix(start, of(u)), of(log_sum)),
            Node::Mean(u) => mix(start, of(u)),
            Node::Select(c, a, b) => mix(mix(mix(start, of(c)), of(a)), of(b)),
            Node::Gather(entries, index) => mix(list(start, self.list(entries)), of(index)),
            Node::Dot(a, b) | Node::LogSumExp(a, b) => {
                list(list(start, self.list(a)), self.list(b))
            }
        }
    }

    /// The canonical order of two nodes of this graph.
    #[must_use]
    pub fn compare_structure(&self, a: ExprId, b: ExprId) -> Ordering {
        if a == b {
            return Ordering::Equal;
        }
        self.sort_key(a).cmp(&self.sort_key(b)).then_with(|| self.compare_colliding(a, b))
    }

    fn sort_key(&self, id: ExprId) -> (u64, u64) {
        (rank(self.node(id)), self.fingerprints[id.index()])
    }

    /// The order of different nodes with one fingerprint: that of the first difference in a walk of
    /// both.
    fn compare_colliding(&self, a: ExprId, b: ExprId) -> Ordering {
        let mut pending = vec![(a, b)];
        while let Some((a, b)) = pending.pop() {
            if a == b {
                continue;
            }
            let here = (self.sort_key(a).cmp(&self.sort_key(b)))
                .then_with(|| self.outline(a).cmp(&self.outline(b)));
            if here != Ordering::Equal {
                return here;
            }
            let mut operands = (Vec::new(), Vec::new());
            self.each_operand(a, |id| operands.0.push(id));
            self.each_operand(b, |id| operands.1.push(id));
            pending.extend(operands.0.into_iter().zip(operands.1).rev());
        }
        Ordering::Equal
    }

    /// A node without its operands: its name, its weights and a number, which are compared before the
    /// operands are.
    fn outline(&self, id: ExprId) -> (String, Vec<(u64, i64)>, usize) {
        let node = self.node(id);
        let (name, weights, length) = match node {
            Node::Input(input) => {
                let input = &self.inputs[input.index()];
                (input.name.as_str(), &[][..], input.origin as usize)
            }
            Node::Call(function, _) => (function.name(), &[][..], function_code(function) as usize),
            Node::Binary(function, ..) => {
                (function.name(), &[][..], binary_code(function) as usize)
            }
            Node::Sum(parts) | Node::Product(parts) => ("", self.parts(parts), 0),
            Node::Compare(relation, ..) => ("", &[][..], relation_code(relation) as usize),
            Node::Dot(a, _) | Node::LogSumExp(a, _) | Node::Gather(a, _) => {
                ("", &[][..], self.list(a).len())
            }
            Node::One | Node::Pi | Node::Share(..) | Node::Select(..) | Node::Mean(_) => {
                ("", &[][..], 0)
            }
        };
        let bits = |part: &Part| {
            (part.weight.to_f64().to_bits(), part.weight.as_ratio().map_or(0, |r| r.1))
        };
        (name.to_owned(), weights.iter().map(bits).collect(), length)
    }
}
