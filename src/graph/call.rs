//! Calls: folding at exact arguments, parity, inverses.

use super::arena::Form;
use super::function::Parity;
use super::{BinaryFunction, ExprId, Function, Graph, Node, Number, Part, Sign};

impl Graph {
    /// A function of one argument.
    pub fn call(&mut self, function: Function, u: ExprId) -> ExprId {
        match self.form {
            Form::Canonical => self.canonical_call(function, u),
            Form::Verbatim => self.intern(Node::Call(function, u)),
        }
    }

    fn canonical_call(&mut self, function: Function, u: ExprId) -> ExprId {
        if let Some(number) = self.as_number(u) {
            return self.call_number(function, number, u);
        }
        match function {
            Function::Exp => self.exponential(u),
            Function::Log => self.logarithm(u),
            Function::Abs => self.absolute(u),
            Function::Sign => self.signum(u),
            _ => self.by_parity(function, u),
        }
    }

    fn call_number(&mut self, function: Function, number: Number, u: ExprId) -> ExprId {
        if let Some(exact) = function.exact(number) {
            return self.number(exact);
        }
        match number.as_ratio() {
            Some(_) => self.intern(Node::Call(function, u)),
            None => {
                let value: f64 = function.eval(number.to_f64());
                self.number(Number::float(value))
            }
        }
    }

    /// By f(-u) = ±f(u), a call of an even or odd function whose argument has a positive leading weight.
    fn by_parity(&mut self, function: Function, u: ExprId) -> ExprId {
        let parity = function.parity();
        let (weight, _) = match parity {
            Parity::Neither => (Number::ONE, u),
            Parity::Even | Parity::Odd => self.split_weight(u),
        };
        if !weight.is_negative() {
            return self.intern(Node::Call(function, u));
        }
        let flipped = self.neg(u);
        let call = self.intern(Node::Call(function, flipped));
        if parity == Parity::Odd { self.neg(call) } else { call }
    }

    /// exp(k · log b) = b^k for a number k.
    fn exponential(&mut self, u: ExprId) -> ExprId {
        let (weight, inner) = match self.node(u) {
            Node::Sum(parts) => match *self.parts(parts) {
                [Part { weight, expr }] => (weight, expr),
                _ => (Number::ONE, u),
            },
            _ => (Number::ONE, u),
        };
        match self.node(inner) {
            Node::Call(Function::Log, base) => self.product(&[Part { weight, expr: base }]),
            _ => match self.as_softmax_weight(u) {
                Some((exponent, log_sum)) => self.intern(Node::Share(exponent, log_sum)),
                None => self.intern(Node::Call(Function::Exp, u)),
            },
        }
    }

    /// The logarithm of a product: the sum of the logarithms of the factors that
    /// [`Self::opens_in_log`] allows, and of the product of the others.
    fn logarithm(&mut self, u: ExprId) -> ExprId {
        let (weight, inner) = match self.node(u) {
            Node::Sum(parts) if self.parts(parts).len() == 1 => self.split_weight(u),
            _ => (Number::ONE, u),
        };
        let factors = match self.node(inner) {
            Node::Product(parts) => self.parts(parts).to_vec(),
            _ => vec![Part::one(inner)],
        };
        // A negative weight counts as a factor: with it the base has to be negative.
        let company = factors.len() + usize::from(weight.is_negative());
        let (open, closed): (Vec<Part>, Vec<Part>) =
            factors.iter().partition(|factor| self.opens_in_log(**factor, company));
        if open.is_empty() {
            return self.intern(Node::Call(Function::Log, u));
        }
        let mut terms = Vec::with_capacity(open.len() + 2);
        for factor in open {
            let log = self.log_of_base(factor.expr);
            terms.push(Part { weight: factor.weight, expr: log });
        }
        terms.push(self.log_of_rest(weight, &closed));
        self.sum(&terms)
    }

    /// Whether log b^k may become k · log b in a product of `company` factors: for a positive b, and
    /// for an only factor unless k is even.
    fn opens_in_log(&self, factor: Part, company: usize) -> bool {
        let exponential = matches!(self.node(factor.expr), Node::Call(Function::Exp, _));
        exponential
            || (company == 1 && self.is_power(factor.expr))
            || (self.sign(factor.expr).is_positive() && (company > 1 || !factor.weight.is_one()))
            || (company == 1 && !factor.weight.is_one() && !factor.weight.is_even())
    }

    fn is_power(&self, id: ExprId) -> bool {
        matches!(self.node(id), Node::Binary(BinaryFunction::Pow(0), ..))
    }

    fn log_of_base(&mut self, base: ExprId) -> ExprId {
        match self.node(base) {
            Node::Call(Function::Exp, u) => u,
            // Where u^p is positive, it equals |u|^p.
            Node::Binary(BinaryFunction::Pow(0), u, p) => {
                let size = self.call(Function::Abs, u);
                let log = self.call(Function::Log, size);
                self.mul(p, log)
            }
            _ => self.call(Function::Log, base),
        }
    }

    /// log(weight · Π closed); the call moves a positive weight out of the logarithm.
    fn log_of_rest(&mut self, weight: Number, closed: &[Part]) -> Part {
        let product = self.product(closed);
        let scaled = self.scale(weight, product);
        Part::one(self.call(Function::Log, scaled))
    }

    /// |u| with |c·u| = |c|·|u|, and |u| = ±u where the sign of u or of a factor of u is known.
    fn absolute(&mut self, u: ExprId) -> ExprId {
        if self.sign(u).is_non_negative() {
            return u;
        }
        if self.sign(u).is_non_positive() {
            return self.neg(u);
        }
        let (weight, monic) = self.split_weight(u);
        let (positive, rest) = self.split_positive(monic);
        if positive != self.one() {
            let size = self.call(Function::Abs, rest);
            let product = self.mul(positive, size);
            return self.scale(weight.abs(), product);
        }
        let call = self.intern(Node::Call(Function::Abs, monic));
        self.scale(weight.abs(), call)
    }

    /// A product as the product of its positive factors and the product of its other factors.
    pub(super) fn split_positive(&mut self, id: ExprId) -> (ExprId, ExprId) {
        let Node::Product(parts) = self.node(id) else { return (self.one(), id) };
        let parts = self.parts(parts).to_vec();
        if !parts.iter().any(|part| self.sign(part.expr).is_positive()) {
            return (self.one(), id);
        }
        let (positive, rest): (Vec<Part>, Vec<Part>) =
            parts.iter().partition(|part| self.sign(part.expr).is_positive());
        (self.product(&positive), self.product(&rest))
    }

    fn signum(&mut self, u: ExprId) -> ExprId {
        if self.sign(u).is_positive() {
            return self.one();
        }
        if self.sign(u) == Sign::NEGATIVE {
            return self.integer(-1);
        }
        let (weight, monic) = self.split_weight(u);
        let (positive, rest) = self.split_positive(monic);
        let call = if positive == self.one() {
            self.intern(Node::Call(Function::Sign, monic))
        } else {
            self.call(Function::Sign, rest)
        };
        if weight.is_negative() { self.neg(call) } else { call }
    }

    /// A function of two arguments.
    pub fn binary(&mut self, function: BinaryFunction, a: ExprId, b: ExprId) -> ExprId {
        match self.form {
            Form::Canonical => self.canonical_binary(function, a, b),
            Form::Verbatim => self.intern(Node::Binary(function, a, b)),
        }
    }

    fn canonical_binary(&mut self, function: BinaryFunction, a: ExprId, b: ExprId) -> ExprId {
        match function {
            BinaryFunction::Pow(logs) => self.power(logs, a, b),
            BinaryFunction::Atan2 => self.intern(Node::Binary(function, a, b)),
            BinaryFunction::Min | BinaryFunction::Max if a == b => a,
            BinaryFunction::Min | BinaryFunction::Max => {
                match (self.as_number(a), self.as_number(b)) {
                    (Some(x), Some(y)) if !x.to_f64().is_nan() && !y.to_f64().is_nan() => {
                        let first = (x < y) == (function == BinaryFunction::Min);
                        if first { a } else { b }
                    }
                    _ => self.commuting(function, a, b),
                }
            }
        }
    }

    fn commuting(&mut self, function: BinaryFunction, a: ExprId, b: ExprId) -> ExprId {
        let (a, b) = if self.compare_structure(a, b).is_gt() { (b, a) } else { (a, b) };
        self.intern(Node::Binary(function, a, b))
    }
}
