//! The arena: interning of nodes, lists and inputs, and walks over them.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;

use super::finder::Finder;
use super::{ExprId, Input, InputId, ListId, Node, Number, Origin, Part, PartsId, Sign, Support};

/// Whether constructors return canonical nodes or keep expressions as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Canonical,
    Verbatim,
}

/// Hash-consed expressions; see the [module](super).
#[derive(Clone)]
pub struct Graph {
    pub(super) form: Form,
    nodes: Vec<Node>,
    pub(super) fingerprints: Vec<u64>,
    signs: Vec<Sign>,
    pub(super) inputs: Vec<Input>,
    pub(super) input_nodes: Vec<ExprId>,
    /// Never iterated, so its order does not matter.
    input_names: HashMap<(Origin, String), ExprId>,
    /// The nodes other than sums and products.
    known: Finder,
    parts: Slices<Part>,
    /// The ids of the sum and of the product of each slice of parts, [`NONE`] if not interned.
    of_parts: Vec<[u32; 2]>,
    lists: Slices<ExprId>,
}

impl Default for Graph {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Graph({:?}, {} nodes, {} inputs)", self.form, self.len(), self.inputs.len())
    }
}

impl Graph {
    /// An empty graph whose constructors return canonical nodes.
    #[must_use]
    pub fn new() -> Self {
        Self::with_form(Form::Canonical)
    }

    /// An empty graph that keeps expressions as they are written: terms and factors are not merged,
    /// cancelled or reordered; only arithmetic on literals is done.
    ///
    /// It serves to evaluate a text as written: where the canonical form has a larger domain, the
    /// verbatim form is still NaN.
    #[must_use]
    pub fn verbatim() -> Self {
        Self::with_form(Form::Verbatim)
    }

    fn with_form(form: Form) -> Self {
        let mut graph = Self {
            form,
            nodes: Vec::new(),
            fingerprints: Vec::new(),
            signs: Vec::new(),
            inputs: Vec::new(),
            input_nodes: Vec::new(),
            input_names: HashMap::new(),
            known: Finder::default(),
            parts: Slices::default(),
            of_parts: Vec::new(),
            lists: Slices::default(),
        };
        graph.intern(Node::One);
        graph
    }

    /// Whether expressions are kept as they are written.
    pub(crate) fn is_verbatim(&self) -> bool {
        self.form == Form::Verbatim
    }

    /// The node behind an id.
    #[must_use]
    pub fn node(&self, id: ExprId) -> Node {
        self.nodes[id.index()]
    }

    /// All nodes, operands before users.
    pub(crate) fn ids(&self) -> impl Iterator<Item = ExprId> + use<> {
        (0..self.len()).map(|index| ExprId(index as u32))
    }

    /// Number of nodes.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a graph holds the node One from the start")]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The parts of a sum or product, in canonical order.
    #[must_use]
    pub fn parts(&self, id: PartsId) -> &[Part] {
        self.parts.get(id.0)
    }

    /// The entries of a list, in their given order.
    #[must_use]
    pub fn list(&self, id: ListId) -> &[ExprId] {
        self.lists.get(id.0)
    }

    /// The inputs, in order of creation.
    #[must_use]
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The signs that a node's values may have.
    #[must_use]
    pub fn sign(&self, id: ExprId) -> Sign {
        self.signs[id.index()]
    }

    /// The number that a node represents, if it is a constant number.
    #[must_use]
    pub fn as_number(&self, id: ExprId) -> Option<Number> {
        match self.node(id) {
            Node::One => Some(Number::ONE),
            Node::Sum(parts) => match *self.parts(parts) {
                [] => Some(Number::ZERO),
                [Part { weight, expr }] if self.node(expr) == Node::One => Some(weight),
                _ => None,
            },
            _ => None,
        }
    }

    /// The input of this name, created on the first call. Simplification may use its support; later
    /// calls with the same name do not change the support.
    pub fn input(&mut self, name: &str, support: Support) -> ExprId {
        self.input_of(Origin::Text, name, support)
    }

    /// The input of a quantity that the program introduces, on the whole line; created on the first
    /// call. It differs from the one that [`Graph::input`] returns for the same name.
    ///
    /// ```
    /// use scorematch::graph::{Graph, Support};
    /// let mut g = Graph::new();
    /// let (named, made) = (g.input("moment 1", Support::LINE), g.internal_input("moment 1"));
    /// assert_ne!(named, made);
    /// assert_eq!(made, g.internal_input("moment 1"));
    /// ```
    pub fn internal_input(&mut self, name: &str) -> ExprId {
        self.input_of(Origin::Internal, name, Support::LINE)
    }

    fn input_of(&mut self, origin: Origin, name: &str, support: Support) -> ExprId {
        let key = (origin, name.to_owned());
        if let Some(&known) = self.input_names.get(&key) {
            return known;
        }
        let id = InputId(index(self.inputs.len()));
        self.inputs.push(Input { name: name.to_owned(), origin, support });
        let node = self.intern(Node::Input(id));
        self.input_nodes.push(node);
        self.input_names.insert(key, node);
        node
    }

    /// The node of an input.
    #[must_use]
    pub fn input_node(&self, input: InputId) -> ExprId {
        self.input_nodes[input.index()]
    }

    /// The input that a node is, if it is one.
    #[must_use]
    pub fn as_input(&self, id: ExprId) -> Option<InputId> {
        match self.node(id) {
            Node::Input(input) => Some(input),
            _ => None,
        }
    }

    pub(super) fn intern(&mut self, node: Node) -> ExprId {
        match node {
            Node::Sum(parts) => self.intern_of_parts(node, parts, 0),
            Node::Product(parts) => self.intern_of_parts(node, parts, 1),
            Node::One
            | Node::Pi
            | Node::Input(_)
            | Node::Call(..)
            | Node::Binary(..)
            | Node::Compare(..)
            | Node::Select(..)
            | Node::Gather(..)
            | Node::Dot(..)
            | Node::LogSumExp(..)
            | Node::Share(..)
            | Node::Mean(_) => self.intern_by_hash(node),
        }
    }

    /// Interns a sum or a product (`kind` 0 or 1) by the id of its parts, which are stored once.
    fn intern_of_parts(&mut self, node: Node, parts: PartsId, kind: usize) -> ExprId {
        let parts = parts.0 as usize;
        let known = self.of_parts[parts][kind];
        if known != NONE {
            return ExprId(known);
        }
        let id = self.push(node);
        self.of_parts[parts][kind] = id.0;
        id
    }

    fn intern_by_hash(&mut self, node: Node) -> ExprId {
        let hash = Finder::hash(&node);
        if let Some(known) = self.known.find(hash, |id| self.nodes[id as usize] == node) {
            return ExprId(known);
        }
        let id = self.push(node);
        self.known.insert(hash, id.0);
        id
    }

    fn push(&mut self, node: Node) -> ExprId {
        let id = ExprId(index(self.nodes.len()));
        self.fingerprints.push(self.fingerprint(node));
        self.signs.push(self.sign_of(node));
        self.nodes.push(node);
        id
    }

    pub(super) fn intern_parts(&mut self, parts: &[Part]) -> PartsId {
        let id = PartsId(self.parts.intern(parts));
        self.of_parts.resize(self.parts.len(), [NONE; 2]);
        id
    }

    pub(super) fn intern_list(&mut self, list: &[ExprId]) -> ListId {
        ListId(self.lists.intern(list))
    }

    fn sign_of(&self, node: Node) -> Sign {
        match node {
            Node::One | Node::Pi => Sign::POSITIVE,
            Node::Input(input) => Sign::of_support(self.inputs[input.index()].support),
            Node::Call(function, u) => Sign::of_call(function, self.sign(u)),
            Node::Sum(parts) => self.parts(parts).iter().fold(Sign::ZERO, |sign, part| {
                sign.plus(Sign::of_number(part.weight).times(self.sign(part.expr)))
            }),
            Node::Product(parts) => self.parts(parts).iter().fold(Sign::POSITIVE, |sign, part| {
                sign.times(self.sign(part.expr).power(part.weight))
            }),
            Node::Compare(..) => Sign::NON_NEGATIVE,
            Node::Share(..) => Sign::POSITIVE,
            Node::Mean(u) => self.sign(u),
            Node::Select(_, then, otherwise) => self.sign(then).or(self.sign(otherwise)),
            Node::Gather(list, _) => {
                let signs = self.list(list).iter().map(|&entry| self.sign(entry));
                signs.reduce(Sign::or).unwrap_or(Sign::UNKNOWN)
            }
            Node::Dot(a, b) => {
                self.list(a).iter().zip(self.list(b)).fold(Sign::ZERO, |s, (&a, &b)| {
                    let term = if a == b {
                        self.sign(a).power(Number::integer(2))
                    } else {
                        self.sign(a).times(self.sign(b))
                    };
                    s.plus(term)
                })
            }
            Node::Binary(function, a, _) => Sign::of_binary(function, self.sign(a)),
            Node::LogSumExp(..) => Sign::UNKNOWN,
        }
    }

    /// Calls `visit` on every operand of a node, in canonical order.
    pub fn each_operand(&self, id: ExprId, mut visit: impl FnMut(ExprId)) {
        match self.node(id) {
            Node::One | Node::Pi | Node::Input(_) => {}
            Node::Call(_, u) | Node::Mean(u) => visit(u),
            Node::Binary(_, a, b) | Node::Compare(_, a, b) | Node::Share(a, b) => {
                [a, b].into_iter().for_each(visit);
            }
            Node::Sum(parts) | Node::Product(parts) => {
                self.parts(parts).iter().for_each(|part| visit(part.expr));
            }
            Node::Select(c, a, b) => [c, a, b].into_iter().for_each(visit),
            Node::Gather(list, index) => {
                self.list(list).iter().copied().chain([index]).for_each(visit);
            }
            Node::Dot(a, b) | Node::LogSumExp(a, b) => {
                self.list(a).iter().chain(self.list(b)).for_each(|&id| visit(id));
            }
        }
    }

    /// Marks the nodes at and below the roots.
    #[must_use]
    pub fn reachable(&self, roots: &[ExprId]) -> Vec<bool> {
        let mut marked = vec![false; self.len()];
        roots.iter().for_each(|root| marked[root.index()] = true);
        for index in (0..self.len()).rev() {
            if marked[index] {
                self.each_operand(ExprId(index as u32), |operand| marked[operand.index()] = true);
            }
        }
        marked
    }

    /// The nodes at and below the roots, operands before users.
    #[must_use]
    pub fn live(&self, roots: &[ExprId]) -> Vec<ExprId> {
        let marked = self.reachable(roots);
        (0..index(self.len())).map(ExprId).filter(|id| marked[id.index()]).collect()
    }

    /// Marks the nodes that depend on any of `inputs`.
    #[must_use]
    pub fn dependents(&self, inputs: &[ExprId]) -> Vec<bool> {
        let mut marked = vec![false; self.len()];
        inputs.iter().for_each(|input| marked[input.index()] = true);
        for index in 0..self.len() {
            let mut depends = marked[index];
            self.each_operand(ExprId(index as u32), |operand| depends |= marked[operand.index()]);
            marked[index] = depends;
        }
        marked
    }
}

/// The id of no node.
const NONE: u32 = u32::MAX;

fn index(length: usize) -> u32 {
    let index = u32::try_from(length).ok().filter(|&index| index != NONE);
    index.expect("a graph holds fewer than 2^32 - 1 nodes")
}

/// Interned slices of one type.
#[derive(Clone)]
struct Slices<T> {
    items: Vec<T>,
    /// The start of each slice, and the end of the last one.
    bounds: Vec<u32>,
    known: Finder,
}

impl<T> Default for Slices<T> {
    fn default() -> Self {
        Self { items: Vec::new(), bounds: vec![0], known: Finder::default() }
    }
}

impl<T: Copy + Eq + Hash> Slices<T> {
    fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    fn get(&self, id: u32) -> &[T] {
        let id = id as usize;
        &self.items[self.bounds[id] as usize..self.bounds[id + 1] as usize]
    }

    fn intern(&mut self, slice: &[T]) -> u32 {
        let hash = Finder::hash(slice);
        if let Some(known) = self.known.find(hash, |id| self.get(id) == slice) {
            return known;
        }
        let id = index(self.len());
        self.items.extend_from_slice(slice);
        self.bounds.push(index(self.items.len()));
        self.known.insert(hash, id);
        id
    }
}
