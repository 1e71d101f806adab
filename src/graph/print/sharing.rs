//! Common subexpressions in print: which nodes get a name, and new names.

use std::collections::{HashMap, HashSet};

use super::super::{ExprId, Graph, ListId, Node};
use super::LatexNames;
use super::notation::Notation;
use super::root::Root;
use super::slice::split_indices;

/// Shorter texts are repeated rather than named.
const SHORT: usize = 12;
/// Longer texts get a name even when used once, so that long texts are not copied at every level.
const LONG: usize = 2000;
/// Deeper texts get a name too: the parser limits nested brackets, of which a node opens at most three.
const DEEP: u32 = 64;

/// How often each node and list is used, and whether shared ones get names.
pub(super) struct Sharing {
    uses: Vec<u32>,
    left: Vec<u32>,
    roots: HashSet<ExprId>,
    lists: HashMap<ListId, u32>,
    named: bool,
}

impl Sharing {
    /// Shared nodes get names.
    pub fn apart(graph: &Graph, roots: &[Root]) -> Self {
        Self::count(graph, roots, true)
    }

    /// No node gets a name, however often it is used.
    pub fn written_out(graph: &Graph, roots: &[Root]) -> Self {
        Self::count(graph, roots, false)
    }

    fn count(graph: &Graph, roots: &[Root], named: bool) -> Self {
        let roots: Vec<ExprId> = roots.iter().flat_map(Root::exprs).collect();
        let empty = vec![0; graph.len()];
        let mut counted = Self {
            uses: empty.clone(),
            left: empty,
            roots: roots.iter().copied().collect(),
            lists: HashMap::new(),
            named,
        };
        for id in graph.live(&roots).into_iter().rev() {
            counted.count_operands(graph, id);
        }
        counted.left.clone_from(&counted.uses);
        roots.iter().for_each(|root| counted.left[root.index()] += 1);
        counted
    }

    /// A list is written once for all inner products that share it. A comparison cannot have a
    /// name, so it is written at every use, and its sides with it.
    fn count_operands(&mut self, graph: &Graph, id: ExprId) {
        match graph.node(id) {
            Node::Dot(a, b) => {
                self.count_list(graph, a);
                if a != b {
                    self.count_list(graph, b);
                }
            }
            Node::Gather(list, index) => {
                self.count_list(graph, list);
                self.uses[index.index()] += 1;
                // Where two indices read a matrix, the terms of their sum are printed instead of it.
                if let Node::Sum(parts) = graph.node(index) {
                    graph.parts(parts).iter().for_each(|p| self.uses[p.expr.index()] += 1);
                }
            }
            Node::Compare(_, a, b) => {
                let times = self.uses[id.index()].max(1);
                [a, b].into_iter().for_each(|side| self.uses[side.index()] += times);
            }
            Node::One
            | Node::Pi
            | Node::Input(_)
            | Node::Call(..)
            | Node::Binary(..)
            | Node::Sum(_)
            | Node::Product(_)
            | Node::Select(..)
            | Node::LogSumExp(..)
            | Node::Share(..)
            | Node::Mean(_) => {
                graph.each_operand(id, |operand| self.uses[operand.index()] += 1);
            }
        }
    }

    fn count_list(&mut self, graph: &Graph, list: ListId) {
        let uses = self.lists.entry(list).or_insert(0);
        *uses += 1;
        if *uses == 1 {
            graph.list(list).iter().for_each(|id| self.uses[id.index()] += 1);
        }
    }

    /// Whether a text of this length and depth gets a name. Being a root counts as one use, but a node
    /// that is only a root needs no name.
    pub fn names(&self, id: ExprId, length: usize, depth: u32) -> bool {
        let inside = self.uses[id.index()];
        let uses = inside + u32::from(self.roots.contains(&id));
        let is_heavy = length > LONG || depth > DEEP;
        self.named && inside > 0 && ((uses > 1 && length > SHORT) || is_heavy)
    }

    pub fn names_list(&self, list: ListId) -> bool {
        self.named && self.lists.get(&list).is_some_and(|&uses| uses > 1)
    }

    /// Counts one use down; true for the last one.
    pub fn last_use(&mut self, id: ExprId) -> bool {
        let left = &mut self.left[id.index()];
        *left = left.saturating_sub(1);
        *left == 0
    }
}

/// Estimated length of a text without names; infinite where it nests too deep.
pub(super) fn expanded_length(graph: &Graph, root: ExprId) -> f64 {
    let mut lengths = vec![(0.0, 0); graph.len()];
    for id in graph.live(&[root]) {
        let (mut length, mut depth) = (own_length(graph, id), 0);
        graph.each_operand(id, |operand| {
            length += lengths[operand.index()].0 + 3.0;
            depth = depth.max(lengths[operand.index()].1 + 1);
        });
        lengths[id.index()] = (length, depth);
    }
    let (length, depth): (f64, u32) = lengths[root.index()];
    if depth > DEEP { f64::INFINITY } else { length }
}

fn own_length(graph: &Graph, id: ExprId) -> f64 {
    match graph.node(id) {
        Node::Input(input) => graph.inputs()[input.index()].name.len() as f64,
        Node::Call(function, _) => function.name().len() as f64 + 2.0,
        _ => 3.0,
    }
}

/// New names, whose spellings differ from those of all inputs.
pub(super) struct Fresh {
    used: HashSet<String>,
    next: HashMap<&'static str, usize>,
    spell: fn(&LatexNames, &str) -> String,
}

impl Fresh {
    pub fn new(graph: &Graph, notation: &Notation, spellings: &LatexNames) -> Self {
        let spell = |name: &str| (notation.name)(spellings, name);
        let names = graph.inputs().iter().map(|input| input.name.as_str());
        let used = names.flat_map(|name| [spell(name), spell(split_indices(name).0)]).collect();
        Self { used, next: HashMap::new(), spell: notation.name }
    }

    /// `t1`, `t2`, … for the letter t.
    pub fn name(&mut self, letter: &'static str) -> String {
        let next = self.next.entry(letter).or_insert(0);
        loop {
            *next += 1;
            let name = (self.spell)(&LatexNames::default(), &format!("{letter}{next}"));
            if !self.used.contains(&name) {
                return name;
            }
        }
    }
}
