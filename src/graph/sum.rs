//! Sums: numeric weights on distinct terms.

use std::collections::BTreeMap;

use super::arena::Form;
use super::{ExprId, Graph, ListId, Node, Number, Part};

/// Longest child list that is flattened into its parent. Longer children stay single terms, so that
/// chains of sums and products, as in adjoints, take linear space.
pub(super) const INLINE_MAX: usize = 32;

impl Graph {
    /// Σ weight · expr: child sums are flattened, like terms collected.
    pub fn sum(&mut self, parts: &[Part]) -> ExprId {
        match self.form {
            Form::Canonical => self.canonical_sum(parts),
            Form::Verbatim => self.verbatim_sum(parts),
        }
    }

    fn canonical_sum(&mut self, parts: &[Part]) -> ExprId {
        if let [Part { weight, expr }] = *parts
            && weight.is_one()
            && !matches!(self.node(expr), Node::Sum(_))
        {
            return expr;
        }
        let mut terms = Vec::with_capacity(parts.len());
        for &part in parts {
            self.push_terms(part, &mut terms);
        }
        self.collect(&mut terms);
        self.merge_selects(&mut terms);
        self.merge_dots(&mut terms);
        self.intern_sum(&terms)
    }

    /// Merges inner products that share a list: w·(a·l) + v·(b·l) = (wa + vb)·l.
    fn merge_dots(&mut self, terms: &mut Vec<Part>) {
        while let Some([first, second]) = self.dots_with_one_list(terms) {
            let (shared, a, b) = self.common_list(terms[first].expr, terms[second].expr);
            let (u, v) = (terms[first].weight, terms[second].weight);
            let entries: Vec<ExprId> = (0..self.list(shared).len())
                .map(|k| {
                    let (a, b) = (self.list(a)[k], self.list(b)[k]);
                    self.sum(&[Part { weight: u, expr: a }, Part { weight: v, expr: b }])
                })
                .collect();
            let shared = self.list(shared).to_vec();
            let merged = self.dot(&entries, &shared);
            terms.remove(second);
            terms.remove(first);
            self.push_terms(Part::one(merged), terms);
            self.collect(terms);
        }
    }

    /// The first two inner products that share a list.
    fn dots_with_one_list(&self, terms: &[Part]) -> Option<[usize; 2]> {
        let mut seen = BTreeMap::new();
        for (index, term) in terms.iter().enumerate() {
            if let Node::Dot(a, b) = self.node(term.expr) {
                for list in [a, b] {
                    match seen.insert(list, index) {
                        Some(before) if before != index => return Some([before, index]),
                        Some(_) | None => {}
                    }
                }
            }
        }
        None
    }

    /// The list that two inner products share, and the other list of each.
    fn common_list(&self, first: ExprId, second: ExprId) -> (ListId, ListId, ListId) {
        let lists = |id: ExprId| match self.node(id) {
            Node::Dot(a, b) => [a, b],
            _ => unreachable!("inner products were found"),
        };
        let ([a, b], [c, d]) = (lists(first), lists(second));
        match () {
            () if a == c => (a, b, d),
            () if a == d => (a, b, c),
            () if b == c => (b, a, d),
            () => (b, a, c),
        }
    }

    fn push_terms(&self, part: Part, terms: &mut Vec<Part>) {
        match self.node(part.expr) {
            Node::Sum(inner) if self.parts(inner).len() <= INLINE_MAX => {
                terms.extend(
                    self.parts(inner)
                        .iter()
                        .map(|term| Part { weight: part.weight * term.weight, expr: term.expr }),
                );
            }
            _ => terms.push(part),
        }
    }

    /// Sorts parts, adds the weights of equal expressions, and removes those of weight zero.
    pub(super) fn collect(&self, parts: &mut Vec<Part>) {
        parts.sort_by(|a, b| self.compare_structure(a.expr, b.expr));
        parts.dedup_by(|next, kept| {
            let same = next.expr == kept.expr;
            if same {
                kept.weight = kept.weight + next.weight;
            }
            same
        });
        parts.retain(|part| !part.weight.is_zero());
    }

    pub(super) fn intern_sum(&mut self, terms: &[Part]) -> ExprId {
        match *terms {
            [Part { weight, expr }] if weight.is_one() => expr,
            _ => {
                let parts = self.intern_parts(terms);
                self.intern(Node::Sum(parts))
            }
        }
    }

    /// Merges terms that select on one condition: w·S(c,a,b) + v·S(c,d,e) = S(c, wa+vd, wb+ve).
    fn merge_selects(&mut self, terms: &mut Vec<Part>) {
        let condition = |graph: &Self, part: &Part| match graph.node(part.expr) {
            Node::Select(c, ..) => Some(c),
            _ => None,
        };
        let conditions: Vec<_> = terms.iter().filter_map(|part| condition(self, part)).collect();
        let Some(&shared) =
            conditions.iter().find(|&c| conditions.iter().filter(|d| *d == c).count() > 1)
        else {
            return;
        };
        let (mut then, mut otherwise) = (Vec::new(), Vec::new());
        terms.retain(|part| match self.node(part.expr) {
            Node::Select(c, a, b) if c == shared => {
                then.push(Part { weight: part.weight, expr: a });
                otherwise.push(Part { weight: part.weight, expr: b });
                false
            }
            _ => true,
        });
        let (then, otherwise) = (self.sum(&then), self.sum(&otherwise));
        let merged = self.select(shared, then, otherwise);
        self.push_terms(Part { weight: Number::ONE, expr: merged }, terms);
        self.collect(terms);
        self.merge_selects(terms);
    }

    fn verbatim_sum(&mut self, parts: &[Part]) -> ExprId {
        let numbers: Option<Vec<Number>> =
            parts.iter().map(|p| self.as_number(p.expr).map(|n| n * p.weight)).collect();
        match numbers {
            Some(numbers) => {
                let total = numbers.into_iter().fold(Number::ZERO, |total, n| total + n);
                self.number(total)
            }
            None => self.intern_sum(parts),
        }
    }

    /// The constant.
    pub fn number(&mut self, number: Number) -> ExprId {
        let one = self.one();
        let constant = Part { weight: number, expr: one };
        let is_zero = number.is_zero();
        self.intern_sum(if is_zero { &[] } else { std::slice::from_ref(&constant) })
    }

    /// The constant.
    pub fn integer(&mut self, value: i64) -> ExprId {
        self.number(Number::integer(value))
    }

    /// The constant num / den.
    pub fn ratio(&mut self, num: i64, den: i64) -> ExprId {
        self.number(Number::ratio(num, den))
    }

    /// 0
    pub fn zero(&mut self) -> ExprId {
        self.number(Number::ZERO)
    }

    /// 1
    #[must_use]
    pub fn one(&self) -> ExprId {
        ExprId(0)
    }

    /// π
    pub fn pi(&mut self) -> ExprId {
        self.intern(Node::Pi)
    }

    /// a + b
    pub fn add(&mut self, a: ExprId, b: ExprId) -> ExprId {
        self.sum(&[Part::one(a), Part::one(b)])
    }

    /// a - b
    pub fn sub(&mut self, a: ExprId, b: ExprId) -> ExprId {
        self.sum(&[Part::one(a), Part { weight: Number::MINUS_ONE, expr: b }])
    }

    /// -a
    pub fn neg(&mut self, a: ExprId) -> ExprId {
        self.scale(Number::MINUS_ONE, a)
    }

    /// weight · a
    pub fn scale(&mut self, weight: Number, a: ExprId) -> ExprId {
        self.sum(&[Part { weight, expr: a }])
    }

    /// Σ terms
    pub fn total(&mut self, terms: &[ExprId]) -> ExprId {
        let parts: Vec<Part> = terms.iter().map(|&term| Part::one(term)).collect();
        self.sum(&parts)
    }

    /// Whether a node is a sum with a leading weight of one, other than a number.
    pub(super) fn is_monic(&self, sum: ExprId) -> bool {
        let Node::Sum(parts) = self.node(sum) else { return false };
        let leading = self.parts(parts).iter().find(|part| part.expr != self.one());
        leading.is_some_and(|leading| leading.weight.is_one())
    }

    /// a as `weight · rest`, where the leading term of `rest` has weight one.
    pub(super) fn split_weight(&mut self, a: ExprId) -> (Number, ExprId) {
        let Node::Sum(parts) = self.node(a) else { return (Number::ONE, a) };
        let parts = self.parts(parts);
        let Some(leading) = parts.iter().find(|p| p.expr != self.one()).or(parts.first()) else {
            return (Number::ZERO, self.one());
        };
        let (weight, inverse) = (leading.weight, leading.weight.recip());
        let divides = weight.to_f64().is_finite() && inverse.to_f64().is_finite();
        if weight.is_one() || (parts.len() > 1 && !divides) {
            return (Number::ONE, a);
        }
        // The leading weight is set to exactly one, since weight · inverse may round to another number.
        let monic = |part: &Part| {
            if part == leading {
                return Part::one(part.expr);
            }
            Part { weight: part.weight * inverse, expr: part.expr }
        };
        let monic: Vec<Part> = parts.iter().map(monic).collect();
        (weight, self.intern_sum(&monic))
    }
}
