//! The sweep over the nodes, the same for every notation.

use std::collections::HashMap;

use super::super::function::Parity;
use super::super::{BinaryFunction, ExprId, Function, Graph, ListId, Node, Number, Part};
use super::draft::{Draft, Form};
use super::notation::Notation;
use super::order::{self, Standing, TermKey};
use super::piece::{Piece, Precedence, Term, Terms};
use super::quotient::{Minus, quotient};
use super::root::Root;
use super::sharing::{Fresh, Sharing};
use super::slice::Extents;
use super::{LatexNames, Printed};

pub(super) struct Sweep<'a> {
    pub(super) graph: &'a Graph,
    pub(super) notation: &'static Notation,
    sharing: Sharing,
    extents: Extents,
    names: LatexNames,
    fresh: Fresh,
    standings: Vec<Standing>,
    drafts: Vec<Option<Draft>>,
    /// The nesting depth of each draft, in nodes down to the next name.
    depths: Vec<u32>,
    lists: HashMap<ListId, String>,
    lets: Vec<(String, String)>,
}

impl<'a> Sweep<'a> {
    pub fn new(graph: &'a Graph, notation: &'static Notation, sharing: Sharing) -> Self {
        Self {
            graph,
            notation,
            sharing,
            extents: Extents::of(graph),
            names: LatexNames::default(),
            fresh: Fresh::new(graph, notation, &LatexNames::default()),
            standings: vec![Standing::NOWHERE; graph.len()],
            drafts: vec![None; graph.len()],
            depths: vec![0; graph.len()],
            lists: HashMap::new(),
            lets: Vec::new(),
        }
    }

    /// The sweep with these LaTeX spellings of names.
    pub fn named(self, names: LatexNames) -> Self {
        Self { fresh: Fresh::new(self.graph, self.notation, &names), names, ..self }
    }

    pub fn run(mut self, roots: &[Root]) -> Printed {
        let all: Vec<ExprId> = roots.iter().flat_map(Root::exprs).collect();
        for id in self.graph.live(&all) {
            self.standings[id.index()] = Standing::of(self.graph, id, &self.standings);
            let draft = self.draft(id);
            self.keep(id, draft);
        }
        let exprs = roots.iter().map(|root| self.root(root)).collect();
        Printed { lets: self.lets, exprs }
    }

    /// Keeps a node's draft for its users; a long or shared one gets a name.
    fn keep(&mut self, id: ExprId, draft: Draft) {
        let mut depth = 0;
        self.graph.each_operand(id, |below| depth = depth.max(self.depths[below.index()] + 1));
        self.depths[id.index()] = depth;
        let draft = if self.may_have_a_name(id) && self.sharing.names(id, draft.length(), depth) {
            self.depths[id.index()] = 0;
            let value = draft.into_text(self.notation);
            Draft::whole(Piece::atom(self.name("t", value)))
        } else {
            draft
        };
        self.drafts[id.index()] = Some(draft);
    }

    fn may_have_a_name(&self, id: ExprId) -> bool {
        let is_leaf = matches!(self.graph.node(id), Node::Input(_) | Node::Compare(..));
        !is_leaf && self.graph.as_number(id).is_none()
    }

    fn name(&mut self, letter: &'static str, value: String) -> String {
        let name = self.fresh.name(letter);
        self.lets.push((name.clone(), value));
        name
    }

    /// A draft for one use of a node as a number; a comparison is 1 or 0.
    fn take(&mut self, id: ExprId) -> Draft {
        let draft = self.written(id);
        match self.graph.node(id) {
            Node::Compare(..) => self.where_holds(draft, Piece::atom("1")),
            _ => draft,
        }
    }

    /// A value where a comparison holds, else 0.
    fn where_holds(&self, comparison: Draft, value: Piece) -> Draft {
        let condition = comparison.into_piece(self.notation).text;
        Draft::whole((self.notation.select)(&condition, [value, Piece::atom("0")]))
    }

    /// The draft of a node for one of its uses, cloned; the last use moves it.
    fn written(&mut self, id: ExprId) -> Draft {
        let last = self.sharing.last_use(id);
        let slot = &mut self.drafts[id.index()];
        let draft = if last { slot.take() } else { slot.clone() };
        draft.expect("operands come before users, and every use is counted")
    }

    pub(super) fn piece(&mut self, id: ExprId) -> Piece {
        self.take(id).into_piece(self.notation)
    }

    fn draft(&mut self, id: ExprId) -> Draft {
        let graph = self.graph;
        match graph.node(id) {
            Node::One => Draft::whole(Piece::atom("1")),
            Node::Pi => Draft::whole(Piece::atom(self.notation.pi)),
            Node::Input(input) => {
                let name = &graph.inputs()[input.index()].name;
                Draft::whole(Piece::atom((self.notation.name)(&self.names, name)))
            }
            Node::Call(function, u) => self.call(function, u),
            Node::Binary(function, a, b) => self.binary(function, a, b),
            Node::Sum(parts) => self.sum(graph.parts(parts)),
            Node::Product(parts) => self.product(graph.parts(parts)),
            Node::Compare(relation, a, b) => {
                let sides = [self.piece(a), self.piece(b)];
                let text = (self.notation.compare)(relation, sides);
                Draft::whole(Piece::new(Precedence::Sum, text))
            }
            Node::Select(c, then, otherwise) => self.select(c, then, otherwise),
            Node::Gather(list, index) => self.gather(list, index),
            Node::Dot(a, b) if a == b => {
                let list = self.list(a);
                Draft::whole((self.notation.sum_of_squares)(&list))
            }
            Node::Dot(a, b) => {
                let (a, b) = if self.reads_first(b, a) { (b, a) } else { (a, b) };
                let (a, b) = (self.list(a), self.list(b));
                Draft::whole((self.notation.dot)(&a, &b))
            }
            Node::Share(u, log_sum) => self.softmax_weight(u, log_sum),
            Node::Mean(u) => {
                let piece = self.piece(u);
                Draft::whole((self.notation.mean)(piece))
            }
            Node::LogSumExp(c, u) => self.log_sum_exp(graph.list(c), graph.list(u)),
        }
    }

    /// Even functions drop the sign of their argument, odd ones pass it on.
    fn call(&mut self, function: Function, u: ExprId) -> Draft {
        let (notation, parity) = (self.notation, function.parity());
        let mut argument = self.take(u);
        if parity == Parity::Neither {
            return Draft::whole((notation.call)(function, argument.into_piece(notation)));
        }
        argument.lead_positive();
        let (negative, piece) = argument.split(Minus::Outside, notation);
        let call = Form::Whole((notation.call)(function, piece));
        Draft { negative: negative && parity == Parity::Odd, form: call }
    }

    fn binary(&mut self, function: BinaryFunction, a: ExprId, b: ExprId) -> Draft {
        let commutes = match function {
            BinaryFunction::Min | BinaryFunction::Max => true,
            BinaryFunction::Atan2 | BinaryFunction::Pow(_) => false,
        };
        let key = |id| order::term_key(self.graph, id, &self.standings);
        let (a, b) = if commutes && key(b) < key(a) { (b, a) } else { (a, b) };
        let pieces = [self.piece(a), self.piece(b)];
        Draft::whole((self.notation.binary)(function, pieces))
    }

    fn sum(&mut self, parts: &[Part]) -> Draft {
        match *parts {
            [] => Draft::whole(Piece::atom("0")),
            [part] => {
                let (negative, piece) = self.term(part);
                Draft { negative, form: Form::Whole(piece) }
            }
            _ => {
                let mut terms: Vec<_> = parts.iter().map(|&part| self.keyed_term(part)).collect();
                terms.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.compare_text(&b.1)));
                let terms = terms.into_iter().map(|(_, term)| term).collect();
                Draft { negative: false, form: Form::Sum(Terms(terms)) }
            }
        }
    }

    fn keyed_term(&mut self, part: Part) -> (TermKey, Term) {
        let key = order::term_key(self.graph, part.expr, &self.standings);
        let (negative, piece) = self.term(part);
        (key, Term { negative, text: piece.at(Precedence::Product, self.notation) })
    }

    fn term(&mut self, part: Part) -> (bool, Piece) {
        if part.expr == self.graph.one() {
            let (negative, size) = (part.weight.is_negative(), part.weight.abs());
            return quotient(negative, size, Vec::new(), Minus::Inside, self.notation);
        }
        self.take(part.expr).scaled(part.weight, self.notation)
    }

    fn product(&mut self, parts: &[Part]) -> Draft {
        let is_comparison = |part: &&Part| matches!(self.graph.node(part.expr), Node::Compare(..));
        let (comparisons, others): (Vec<Part>, Vec<Part>) = parts.iter().partition(is_comparison);
        let rest = self.factors(&others);
        comparisons.into_iter().fold(rest, |rest, part| {
            let (value, written) = (rest.into_piece(self.notation), self.written(part.expr));
            self.where_holds(written, value)
        })
    }

    fn factors(&mut self, parts: &[Part]) -> Draft {
        let mut negative = false;
        let mut factors = Vec::with_capacity(parts.len());
        for part in parts {
            let key = order::factor_key(self.graph, part.expr, &self.standings);
            let (sign, mut factor) = self.take(part.expr).into_factor(part.weight, self.notation);
            factor.is_select = matches!(self.graph.node(part.expr), Node::Select(..));
            negative ^= sign;
            factors.push((key, factor));
        }
        factors.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.base.compare_text(&b.1.base)));
        let factors = factors.into_iter().map(|(_, factor)| factor).collect();
        Draft { negative, form: Form::Product(factors) }
    }

    fn select(&mut self, c: ExprId, then: ExprId, otherwise: ExprId) -> Draft {
        let condition = match self.graph.node(c) {
            Node::Compare(..) => self.written(c).into_piece(self.notation).text,
            _ => (self.notation.holds)(self.piece(c)),
        };
        let branches = [self.piece(then), self.piece(otherwise)];
        Draft::whole((self.notation.select)(&condition, branches))
    }

    /// An entry of a list; where the list is a whole matrix and the index made of a row and a column,
    /// it is printed with both.
    fn gather(&mut self, list: ListId, index: ExprId) -> Draft {
        let graph = self.graph;
        let whole = self.extents.matrix(graph, graph.list(list));
        let pair =
            whole.and_then(|(base, columns)| Some((base, row_and_column(graph, index, columns)?)));
        let (base, indices) = match pair {
            Some((base, pair)) => {
                // The sum that combines both indices is not printed, so its terms are used instead.
                let indices = pair.map(|one| self.piece(one).text);
                ((self.notation.name)(&self.names, &base), indices.join(", "))
            }
            None => (self.list(list), self.piece(index).text),
        };
        Draft::whole((self.notation.gather)(&base, &indices))
    }

    fn log_sum_exp(&mut self, coefficients: &[ExprId], exponents: &[ExprId]) -> Draft {
        let mut pairs: Vec<_> =
            coefficients.iter().copied().zip(exponents.iter().copied()).collect();
        pairs.sort_by_cached_key(|&(_, u)| order::term_key(self.graph, u, &self.standings));
        let one = self.graph.one();
        let pieces = pairs.into_iter().map(|(c, u)| {
            let coefficient = (c != one).then(|| self.piece(c));
            (coefficient, self.piece(u))
        });
        let pieces = pieces.collect();
        Draft::whole((self.notation.log_sum_exp)(pieces))
    }

    /// The softmax weight exp(u - L).
    fn softmax_weight(&mut self, u: ExprId, log_sum: ExprId) -> Draft {
        let exponent = self.take(u);
        let text = self.piece(log_sum).at(Precedence::Product, self.notation);
        let mut terms = exponent.into_terms(self.notation);
        if self.graph.as_number(u).is_some_and(Number::is_zero) {
            terms.clear();
        }
        terms.push(Term { negative: true, text });
        let piece = Terms(terms).into_piece();
        Draft::whole((self.notation.call)(Function::Exp, piece))
    }

    /// Whether list a is printed before b: a row of a matrix before a vector, else in order of first
    /// appearance.
    fn reads_first(&self, a: ListId, b: ListId) -> bool {
        let key = |list| {
            let entries = self.graph.list(list);
            let first = entries.iter().map(|&id| order::term_key(self.graph, id, &self.standings));
            let slice = self.extents.slice(self.graph, entries).unwrap_or_default();
            (!slice.contains(','), first.min())
        };
        key(a) < key(b)
    }

    /// A side of an inner product: a slice of inputs by its name, else its entries.
    fn list(&mut self, id: ListId) -> String {
        if let Some(text) = self.lists.get(&id) {
            return text.clone();
        }
        let graph = self.graph;
        let text = match self.extents.slice(graph, graph.list(id)) {
            Some(slice) => (self.notation.name)(&self.names, &slice),
            None => {
                let entries: Vec<String> =
                    graph.list(id).iter().map(|&entry| self.piece(entry).text).collect();
                let text = (self.notation.list)(&entries);
                if self.sharing.names_list(id) { self.name("v", text) } else { text }
            }
        };
        self.lists.insert(id, text.clone());
        text
    }
}

/// The row and the column, each from one, where an index is columns·(row - 1) + column.
fn row_and_column(graph: &Graph, index: ExprId, columns: usize) -> Option<[ExprId; 2]> {
    let Node::Sum(parts) = graph.node(index) else { return None };
    let columns = Number::integer(columns as i64);
    let of_weight = |weight: Number| {
        let mut found = graph
            .parts(parts)
            .iter()
            .filter(|part| part.weight == weight && part.expr != graph.one());
        found.next().map(|part| part.expr)
    };
    let offset = graph.parts(parts).iter().find(|part| part.expr == graph.one())?.weight;
    let alone = graph.parts(parts).len() == 3 && offset == -columns;
    alone.then_some([of_weight(columns)?, of_weight(Number::ONE)?])
}
