//! Nodes over lists: inner products, log-sum-exp, the entry at an index.

use super::arena::Form;
use super::{ExprId, Function, Graph, Node, Number, Part, Relation};

/// Fewest entries for which an inner product stays a node of its own.
pub const DOT_MIN: usize = 8;

/// Sums and products inside each other that are looked through.
const NESTED_MAX: usize = 3;

impl Graph {
    /// Σ a_i b_i: a `Dot` node from [`DOT_MIN`] entries on, a sum of products below.
    ///
    /// # Panics
    /// When the lists differ in length.
    pub fn dot(&mut self, a: &[ExprId], b: &[ExprId]) -> ExprId {
        assert_eq!(a.len(), b.len(), "an inner product pairs its entries");
        match self.form {
            Form::Canonical => self.canonical_dot(a, b),
            Form::Verbatim => self.open_dot(a.iter().copied().zip(b.iter().copied())),
        }
    }

    fn canonical_dot(&mut self, a: &[ExprId], b: &[ExprId]) -> ExprId {
        let is_number =
            |&(a, b): &(ExprId, ExprId)| self.as_number(a).is_some() || self.as_number(b).is_some();
        let pairs = a.iter().copied().zip(b.iter().copied());
        let (plain, structured): (Vec<_>, Vec<_>) = pairs.partition(is_number);
        if structured.len() < DOT_MIN {
            return self.open_dot(plain.into_iter().chain(structured));
        }
        let constant = self.open_dot(plain.into_iter());
        let (a, b): (Vec<_>, Vec<_>) = structured.into_iter().unzip();
        let product = self.monic_dot(&a, &b);
        self.add(constant, product)
    }

    /// An inner product with numeric factors moved out of the lists, so that products with a list, its
    /// negative and its half share one list.
    fn monic_dot(&mut self, a: &[ExprId], b: &[ExprId]) -> ExprId {
        let (left, right) = (self.split_weights(a), self.split_weights(b));
        let weights: Vec<Number> = left.0.iter().zip(&right.0).map(|(&u, &v)| u * v).collect();
        if weights.iter().all(|&weight| weight == weights[0]) {
            let product = self.intern_dot(&left.1, &right.1);
            return self.scale(weights[0], product);
        }
        match (self.has_sums(&left.1), self.has_sums(&right.1)) {
            (false, true) => {
                let weighted = self.weighted(&weights, &left.1);
                self.intern_dot(&weighted, &right.1)
            }
            (true, false) => {
                let weighted = self.weighted(&weights, &right.1);
                self.intern_dot(&weighted, &left.1)
            }
            (true, true) | (false, false) => self.intern_dot(a, b),
        }
    }

    fn split_weights(&mut self, list: &[ExprId]) -> (Vec<Number>, Vec<ExprId>) {
        list.iter().map(|&entry| self.split_weight(entry)).unzip()
    }

    fn has_sums(&self, list: &[ExprId]) -> bool {
        list.iter().any(|&entry| matches!(self.node(entry), Node::Sum(_)))
    }

    fn weighted(&mut self, weights: &[Number], list: &[ExprId]) -> Vec<ExprId> {
        weights.iter().zip(list).map(|(&weight, &entry)| self.scale(weight, entry)).collect()
    }

    fn intern_dot(&mut self, a: &[ExprId], b: &[ExprId]) -> ExprId {
        let first_difference =
            a.iter().zip(b).map(|(&a, &b)| self.compare_structure(a, b)).find(|o| o.is_ne());
        let swapped = first_difference.is_some_and(std::cmp::Ordering::is_gt);
        let (a, b) = if swapped { (b, a) } else { (a, b) };
        let (a, b) = (self.intern_list(a), self.intern_list(b));
        self.intern(Node::Dot(a, b))
    }

    fn open_dot(&mut self, pairs: impl Iterator<Item = (ExprId, ExprId)>) -> ExprId {
        let terms: Vec<ExprId> = pairs.map(|(a, b)| self.mul(a, b)).collect();
        self.total(&terms)
    }

    /// The entry of a list at an index that counts from one, NaN where there is none. A list of equal
    /// entries gives that entry without a `Gather` node.
    ///
    /// # Examples
    /// ```
    /// use scorematch::graph::{Graph, Support, evaluate};
    /// let mut g = Graph::new();
    /// let [a, b, k] = ["a", "b", "k"].map(|name| g.input(name, Support::LINE));
    /// let entry = g.gather(&[a, b], k);
    /// assert_eq!(evaluate(&g, &[entry], |input| [5.0, 7.0, 2.0][input.index()]), [7.0]);
    /// let two = g.integer(2);
    /// assert_eq!(g.gather(&[a, b], two), b);
    /// ```
    ///
    /// # Panics
    /// When the list is empty.
    pub fn gather(&mut self, list: &[ExprId], index: ExprId) -> ExprId {
        let first = *list.first().expect("an index points into a list that has entries");
        if self.form == Form::Canonical && list.iter().all(|&entry| entry == first) {
            return first;
        }
        let place = self.as_number(index).and_then(Number::as_integer);
        if let Some(&entry) = place.and_then(|k| list.get(usize::try_from(k - 1).ok()?)) {
            return entry;
        }
        let list = self.intern_list(list);
        self.intern(Node::Gather(list, index))
    }

    /// The index and the level of an expression of the form `index == level`.
    pub(crate) fn as_level(&self, id: ExprId) -> Option<(ExprId, Number)> {
        let Node::Compare(Relation::Equal, a, b) = self.node(id) else { return None };
        match (self.as_number(a), self.as_number(b)) {
            (Some(level), None) => Some((b, level)),
            (None, Some(level)) => Some((a, level)),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }

    /// 1 where an index, which counts from one, has the value k, else 0.
    pub(crate) fn level(&mut self, index: ExprId, k: usize) -> ExprId {
        let level = self.integer(k as i64);
        self.compare(Relation::Equal, index, level)
    }

    /// Σ a_i²
    pub fn sum_of_squares(&mut self, a: &[ExprId]) -> ExprId {
        self.dot(a, a)
    }

    /// log Σ c_k exp(u_k), evaluated around its largest term; the c_k may have any sign.
    ///
    /// # Panics
    /// When the lists differ in length.
    pub fn log_sum_exp(&mut self, coefficients: &[ExprId], exponents: &[ExprId]) -> ExprId {
        assert_eq!(coefficients.len(), exponents.len(), "every exponent has its coefficient");
        let pairs = coefficients.iter().copied().zip(exponents.iter().copied()).collect();
        match self.form {
            Form::Canonical => self.canonical_log_sum_exp(pairs),
            Form::Verbatim => self.intern_log_sum_exp(pairs),
        }
    }

    fn canonical_log_sum_exp(&mut self, pairs: Vec<(ExprId, ExprId)>) -> ExprId {
        let mut pairs: Vec<(ExprId, ExprId)> =
            pairs.into_iter().map(|(c, u)| self.without_logs(c, u)).collect();
        pairs.sort_by(|a, b| {
            self.compare_structure(a.1, b.1).then_with(|| self.compare_structure(a.0, b.0))
        });
        let mut merged: Vec<(ExprId, ExprId)> = Vec::with_capacity(pairs.len());
        for (coefficient, exponent) in pairs {
            match merged.last_mut() {
                Some(last) if last.1 == exponent => last.0 = self.add(last.0, coefficient),
                _ => merged.push((coefficient, exponent)),
            }
        }
        merged
            .retain(|&(coefficient, _)| !self.as_number(coefficient).is_some_and(Number::is_zero));
        match *merged {
            [] => self.number(Number::float(f64::NEG_INFINITY)),
            [(coefficient, exponent)] => {
                let log = self.call(Function::Log, coefficient);
                self.add(exponent, log)
            }
            _ => self.intern_log_sum_exp(merged),
        }
    }

    /// c exp(u) with the logarithms of weights among the terms of u as factors of c, so that
    /// `log(w) + u` is written as it is with the coefficient w.
    fn without_logs(&mut self, coefficient: ExprId, exponent: ExprId) -> (ExprId, ExprId) {
        let terms = match self.node(exponent) {
            Node::Sum(parts) => self.parts(parts).to_vec(),
            _ => vec![Part::one(exponent)],
        };
        let mut factors = vec![Part::one(coefficient)];
        let mut rest = Vec::with_capacity(terms.len());
        for term in terms {
            match self.as_log_of_weight(term) {
                Some(weight) => factors.push(Part::one(weight)),
                None => rest.push(term),
            }
        }
        match factors.len() {
            1 => (coefficient, exponent),
            _ => (self.product(&factors), self.sum(&rest)),
        }
    }

    /// w of a term log(w) or log1p(w - 1), if w is made of inputs and numbers alone: an exponential in it
    /// may be too small for a factor.
    fn as_log_of_weight(&mut self, term: Part) -> Option<ExprId> {
        let Node::Call(function, u) = self.node(term.expr) else { return None };
        let plain = term.weight == Number::ONE && self.is_plain(u, NESTED_MAX);
        match function {
            Function::Log if plain => Some(u),
            Function::Log1p if plain => {
                let one = self.integer(1);
                Some(self.add(one, u))
            }
            _ => None,
        }
    }

    /// Whether a node is made of inputs, numbers, sums and products to this depth.
    fn is_plain(&self, id: ExprId, depth: usize) -> bool {
        match self.node(id) {
            Node::One | Node::Pi | Node::Input(_) | Node::Gather(..) => true,
            Node::Sum(parts) | Node::Product(parts) => {
                depth > 0
                    && self.parts(parts).iter().all(|part| self.is_plain(part.expr, depth - 1))
            }
            Node::Call(..)
            | Node::Binary(..)
            | Node::Compare(..)
            | Node::Select(..)
            | Node::Dot(..)
            | Node::LogSumExp(..)
            | Node::Share(..)
            | Node::Mean(_) => false,
        }
    }

    /// `u - L`, where L is a log-sum-exp and u one of its exponents, as (u, L).
    pub(super) fn as_softmax_weight(&mut self, difference: ExprId) -> Option<(ExprId, ExprId)> {
        let Node::Sum(parts) = self.node(difference) else { return None };
        let parts = self.parts(parts).to_vec();
        let subtracted = |part: &&Part| {
            part.weight == Number::MINUS_ONE && matches!(self.node(part.expr), Node::LogSumExp(..))
        };
        let log_sum = parts.iter().find(subtracted)?.expr;
        let rest: Vec<Part> = parts.iter().copied().filter(|part| part.expr != log_sum).collect();
        let rest = self.sum(&rest);
        let Node::LogSumExp(_, exponents) = self.node(log_sum) else { return None };
        self.list(exponents).contains(&rest).then_some((rest, log_sum))
    }

    fn intern_log_sum_exp(&mut self, pairs: Vec<(ExprId, ExprId)>) -> ExprId {
        let (coefficients, exponents): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let coefficients = self.intern_list(&coefficients);
        let exponents = self.intern_list(&exponents);
        self.intern(Node::LogSumExp(coefficients, exponents))
    }
}

impl Part {
    /// 1 · expr, or expr ^ 1.
    #[must_use]
    pub fn one(expr: ExprId) -> Self {
        Self { weight: Number::ONE, expr }
    }
}
