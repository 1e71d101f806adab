//! Rewriting for stable evaluation: formulas as written in papers become forms that stay finite and
//! accurate in the tails.
//!
//! The pass looks at whole n-ary nodes, so its result does not depend on the order in which a
//! sum was put together. It is idempotent.

use super::{ExprId, Function, Graph, Node, Part};

/// Most passes; no known expression needs as many.
const PASSES_MAX: usize = 32;

impl Graph {
    /// Rewrites the roots: log of a sum with exponentials → log-sum-exp, `log(1+exp(u))` → softplus,
    /// `log(cosh(u))` → log_cosh, `log(sigmoid(u))` → -softplus(-u), `log(erfc(u))` →
    /// log 2 + log_normal_cdf(-√2·u), `exp(u)-1` → expm1, `log(1+u)` → log1p.
    #[must_use]
    pub fn stabilise(&mut self, roots: &[ExprId]) -> Vec<ExprId> {
        let mut roots = roots.to_vec();
        // With a rewritten operand its user may simplify to new nodes, which the next pass rewrites.
        for _ in 0..PASSES_MAX {
            let stable = self.transform(&roots, Self::stabilise_node);
            if stable == roots {
                break;
            }
            roots = stable;
        }
        roots
    }

    /// Rebuilds the roots bottom-up; `rewrite` sees each node after its operands were rewritten.
    pub fn transform(
        &mut self,
        roots: &[ExprId],
        mut rewrite: impl FnMut(&mut Self, ExprId) -> ExprId,
    ) -> Vec<ExprId> {
        let live = self.live(roots);
        let mut image: Vec<ExprId> = (0..self.len() as u32).map(ExprId).collect();
        for id in live {
            let rebuilt = self.rebuild(id, &image);
            image[id.index()] = rewrite(self, rebuilt);
        }
        roots.iter().map(|root| image[root.index()]).collect()
    }

    /// Replaces nodes; `pairs` holds (old, new). The new nodes themselves are not searched.
    pub fn substitute(&mut self, roots: &[ExprId], pairs: &[(ExprId, ExprId)]) -> Vec<ExprId> {
        let live = self.live(roots);
        let mut image: Vec<ExprId> = (0..self.len() as u32).map(ExprId).collect();
        let mut fixed = vec![false; self.len()];
        for &(old, new) in pairs {
            image[old.index()] = new;
            fixed[old.index()] = true;
        }
        for id in live {
            if !fixed[id.index()] {
                image[id.index()] = self.rebuild(id, &image);
            }
        }
        roots.iter().map(|root| image[root.index()]).collect()
    }

    /// The same node over the images of its operands.
    fn rebuild(&mut self, id: ExprId, image: &[ExprId]) -> ExprId {
        let of = |id: ExprId| image[id.index()];
        let parts = |parts: &[Part]| -> Vec<Part> {
            parts.iter().map(|p| Part { weight: p.weight, expr: of(p.expr) }).collect()
        };
        let list = |ids: &[ExprId]| -> Vec<ExprId> { ids.iter().map(|&id| of(id)).collect() };
        let mut unchanged = true;
        self.each_operand(id, |operand| unchanged &= of(operand) == operand);
        if unchanged {
            return id;
        }
        match self.node(id) {
            Node::One | Node::Pi | Node::Input(_) => id,
            Node::Call(function, u) => self.call(function, of(u)),
            Node::Binary(function, a, b) => self.binary(function, of(a), of(b)),
            Node::Sum(inner) => {
                let terms = parts(self.parts(inner));
                self.sum(&terms)
            }
            Node::Product(inner) => {
                let factors = parts(self.parts(inner));
                self.product(&factors)
            }
            Node::Compare(relation, a, b) => self.compare(relation, of(a), of(b)),
            Node::Select(c, a, b) => self.select(of(c), of(a), of(b)),
            Node::Gather(entries, index) => {
                let entries = list(self.list(entries));
                self.gather(&entries, of(index))
            }
            Node::Dot(a, b) => {
                let (a, b) = (list(self.list(a)), list(self.list(b)));
                self.dot(&a, &b)
            }
            Node::Share(u, log_sum) => {
                let difference = self.sub(of(u), of(log_sum));
                self.call(Function::Exp, difference)
            }
            Node::LogSumExp(c, u) => {
                let (c, u) = (list(self.list(c)), list(self.list(u)));
                self.log_sum_exp(&c, &u)
            }
            Node::Mean(u) => self.mean(of(u)),
        }
    }

    fn stabilise_node(&mut self, id: ExprId) -> ExprId {
        match self.node(id) {
            Node::Call(Function::Log, u) => self.stable_log(id, u),
            Node::Sum(parts) => {
                let terms = self.parts(parts).to_vec();
                self.stable_difference(id, &terms)
            }
            Node::One
            | Node::Pi
            | Node::Input(_)
            | Node::Call(..)
            | Node::Binary(..)
            | Node::Product(_)
            | Node::Compare(..)
            | Node::Select(..)
            | Node::Gather(..)
            | Node::Dot(..)
            | Node::LogSumExp(..)
            | Node::Share(..)
            | Node::Mean(_) => id,
        }
    }

    fn stable_log(&mut self, log: ExprId, u: ExprId) -> ExprId {
        match self.node(u) {
            Node::Call(Function::Cosh, v) => self.call(Function::LogCosh, v),
            Node::Call(Function::Sigmoid, v) => {
                let minus = self.neg(v);
                let complement = self.call(Function::Softplus, minus);
                self.neg(complement)
            }
            Node::Call(Function::Erfc, v) => self.log_of_erfc(v),
            Node::Call(Function::Expm1, v) => {
                // expm1(v) as a sum: log(e^v - 1) is a log-sum-exp with a negative coefficient.
                let (one, minus, zero) = (self.one(), self.integer(-1), self.zero());
                self.log_sum_exp(&[one, minus], &[v, zero])
            }
            Node::Sum(parts) => {
                let terms = self.parts(parts).to_vec();
                self.log_of_sum(log, &terms)
            }
            _ => log,
        }
    }

    /// log(1 - erf v) = log 2 + log Φ(-√2·v)
    fn log_of_erfc(&mut self, v: ExprId) -> ExprId {
        let two = self.integer(2);
        let (root, log) = (self.sqrt(two), self.call(Function::Log, two));
        let scaled = self.mul(root, v);
        let minus = self.neg(scaled);
        let tail = self.call(Function::LogNormalCdf, minus);
        self.add(log, tail)
    }

    fn log_of_sum(&mut self, log: ExprId, terms: &[Part]) -> ExprId {
        let split: Vec<(ExprId, ExprId)> =
            terms.iter().map(|&term| self.exponential_factor(term)).collect();
        let zero = self.zero();
        if split.iter().all(|&(_, exponent)| exponent == zero) {
            return self.log_near_one(log, terms);
        }
        if let [(c, u), (d, v)] = *split
            && [c, d] == [self.one(); 2]
            && (u == zero || v == zero)
        {
            return self.call(Function::Softplus, if u == zero { v } else { u });
        }
        let (coefficients, exponents): (Vec<_>, Vec<_>) = split.into_iter().unzip();
        self.log_sum_exp(&coefficients, &exponents)
    }

    /// log(1 + u) → log1p(u), for u without a constant term.
    fn log_near_one(&mut self, log: ExprId, terms: &[Part]) -> ExprId {
        let one = self.one();
        if !terms.iter().any(|term| term.expr == one && term.weight.is_one()) {
            return log;
        }
        let rest: Vec<Part> = terms.iter().copied().filter(|term| term.expr != one).collect();
        let rest = self.sum(&rest);
        self.call(Function::Log1p, rest)
    }

    /// A term as coefficient · exp(exponent); the exponent is 0 where there is no exponential.
    fn exponential_factor(&mut self, term: Part) -> (ExprId, ExprId) {
        let factors = match self.node(term.expr) {
            Node::Product(parts) => self.parts(parts).to_vec(),
            _ => vec![Part::one(term.expr)],
        };
        let is_exponential = |g: &Self, part: &Part| match g.node(part.expr) {
            Node::Call(Function::Exp, u) if part.weight.is_one() => Some(u),
            _ => None,
        };
        let exponent = factors.iter().find_map(|part| is_exponential(self, part));
        let rest: Vec<Part> =
            factors.iter().copied().filter(|part| is_exponential(self, part).is_none()).collect();
        let rest = self.product(&rest);
        let coefficient = self.scale(term.weight, rest);
        (coefficient, exponent.unwrap_or_else(|| self.zero()))
    }

    /// w·exp(u) - w → w·expm1(u).
    fn stable_difference(&mut self, sum: ExprId, terms: &[Part]) -> ExprId {
        let one = self.one();
        let Some(constant) = terms.iter().find(|term| term.expr == one).map(|term| term.weight)
        else {
            return sum;
        };
        let partner = terms.iter().find_map(|term| match self.node(term.expr) {
            Node::Call(Function::Exp, u) if term.weight == -constant => Some((*term, u)),
            _ => None,
        });
        let Some((exponential, u)) = partner else { return sum };
        let difference = self.call(Function::Expm1, u);
        let mut rest: Vec<Part> = (terms.iter().copied())
            .filter(|term| term.expr != one && term.expr != exponential.expr)
            .collect();
        rest.push(Part { weight: -constant, expr: difference });
        self.sum(&rest)
    }
}
