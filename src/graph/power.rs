//! Powers with symbolic exponents, and the merging of powers of one base.
//!
//! A power of a positive base becomes the exponential of a logarithm, which merges with other
//! exponentials. Any other base keeps its power node, whose value and slope are right at zero and, for
//! whole exponents, below it.

use super::product::Factors;
use super::{BinaryFunction, ExprId, Function, Graph, Node, Number, Part};

/// base^exponent (log base)^logs, while a product collects them.
#[derive(Clone, Copy)]
pub(super) struct Power {
    base: ExprId,
    logs: u8,
    exponent: Part,
}

impl Graph {
    /// a ^ b
    pub fn pow(&mut self, a: ExprId, b: ExprId) -> ExprId {
        match self.as_number(b) {
            Some(exponent) => self.product(&[Part { weight: exponent, expr: a }]),
            None => self.binary(BinaryFunction::Pow(0), a, b),
        }
    }

    /// The canonical node of a^b (log a)^logs.
    pub(super) fn power(&mut self, logs: u8, a: ExprId, b: ExprId) -> ExprId {
        if logs == 0 && self.as_number(b).is_some() {
            return self.pow(a, b);
        }
        if self.sign(a).is_positive() {
            let log = self.call(Function::Log, a);
            let exponent = self.mul(b, log);
            let power = self.call(Function::Exp, exponent);
            let logs = Part { weight: Number::integer(logs.into()), expr: log };
            return self.product(&[Part::one(power), logs]);
        }
        let opened = if logs == 0 { self.power_of_power(a, b) } else { None };
        opened.unwrap_or_else(|| self.intern(Node::Binary(BinaryFunction::Pow(logs), a, b)))
    }

    /// (c Π base^(2w))^b = c^b |Π base^w|^(2b), and (base^w)^b = base^(wb) for any other w: the right
    /// side equals the left one wherever the left one is defined.
    fn power_of_power(&mut self, a: ExprId, b: ExprId) -> Option<ExprId> {
        let (scale, inner) = match self.node(a) {
            Node::Sum(parts) if self.parts(parts).len() == 1 => self.split_weight(a),
            _ => (Number::ONE, a),
        };
        let factors = match self.node(inner) {
            Node::Product(parts) => self.parts(parts).to_vec(),
            Node::Binary(BinaryFunction::Pow(0), u, p) if self.sign(u).is_non_negative() => {
                let exponent = self.mul(p, b);
                let power = self.pow(u, exponent);
                return self.scaled_power(scale, power, b);
            }
            _ => return None,
        };
        let even = |part: &Part| part.weight.is_even() || self.sign(part.expr).is_positive();
        let (root, times) = match *factors {
            ref factors if factors.iter().all(even) => {
                let half = Number::ratio(1, 2);
                let halved = |part: &Part| Part { weight: part.weight * half, ..*part };
                let halves: Vec<Part> = factors.iter().map(halved).collect();
                let root = self.product(&halves);
                (self.call(Function::Abs, root), Number::integer(2))
            }
            [Part { weight, expr }] => (expr, weight),
            _ => return None,
        };
        let exponent = self.scale(times, b);
        let power = self.pow(root, exponent);
        self.scaled_power(scale, power, b)
    }

    /// scale^b · power; `None` for a negative scale, whose sign belongs to the base of the power.
    fn scaled_power(&mut self, scale: Number, power: ExprId, b: ExprId) -> Option<ExprId> {
        if scale.is_negative() {
            return None;
        }
        let scale = self.number(scale);
        let scale = self.pow(scale, b);
        Some(self.mul(scale, power))
    }

    /// A factor node^weight as one power, where the node is a power whose exponent the weight may
    /// multiply.
    pub(super) fn as_power(&self, part: Part) -> Option<Power> {
        let Part { weight, expr } = part;
        let Node::Binary(BinaryFunction::Pow(logs), base, p) = self.node(expr) else {
            return None;
        };
        let whole = weight.as_integer().and_then(|n| u8::try_from(n).ok());
        let opens = weight.as_integer().is_some() || self.sign(base).is_non_negative();
        let logs = match (logs, whole) {
            (0, _) if opens => 0,
            (1.., Some(n)) => logs.checked_mul(n)?,
            _ => return None,
        };
        Some(Power { base, logs, exponent: Part { weight, expr: p } })
    }

    /// Merges powers of one base, also with whole exponents: u^n u^a u^b = u^(n + a + b).
    pub(super) fn merge_powers(&mut self, into: &mut Factors) {
        let mut powers = std::mem::take(&mut into.powers);
        if powers.is_empty() {
            return;
        }
        self.collect(&mut into.factors);
        powers.sort_by(|a, b| self.compare_structure(a.base, b.base));
        for powers in powers.chunk_by(|a, b| a.base == b.base) {
            let base = powers[0].base;
            let logs = powers.iter().fold(0_u8, |logs, power| logs.saturating_add(power.logs));
            let mut exponents: Vec<Part> = powers.iter().map(|power| power.exponent).collect();
            let whole = self.take_whole_powers(base, &mut into.factors);
            exponents.push(Part { weight: whole, expr: self.one() });
            let exponent = self.sum(&exponents);
            self.push_merged(base, exponent, logs, into);
        }
    }

    fn push_merged(&mut self, base: ExprId, exponent: ExprId, logs: u8, into: &mut Factors) {
        match (self.as_number(exponent), logs) {
            (Some(weight), 0) => self.push_factor(Part { weight, expr: base }, into),
            _ => {
                let node = Node::Binary(BinaryFunction::Pow(logs), base, exponent);
                let power = self.intern(node);
                into.factors.push(Part::one(power));
            }
        }
    }

    /// Removes base^n from the factors and returns n. For a base |v| also removes v^2n, which counts in
    /// n, and even powers of sign(v), which are one except at v = 0, where |v|^p has the value.
    fn take_whole_powers(&mut self, base: ExprId, factors: &mut Vec<Part>) -> Number {
        let mut total = Number::ZERO;
        let inside = match self.node(base) {
            Node::Call(Function::Abs, v) => Some(v),
            _ => None,
        };
        for part in factors.iter_mut() {
            let left = if part.expr == base { Number::ZERO } else { odd_part(part.weight) };
            if part.expr == base || Some(part.expr) == inside {
                total = total + part.weight + -left;
                part.weight = left;
            } else if inside.is_some_and(|v| self.node(part.expr) == Node::Call(Function::Sign, v))
            {
                part.weight = left;
            }
        }
        factors.retain(|part| !part.weight.is_zero());
        total
    }

    /// |v|^w v^n = |v|^(w+n) for even n, v |v|^(w+n-1) for odd ones, and sign(v)^2 |v|^w = |v|^w.
    pub(super) fn merge_absolutes(&mut self, factors: &mut Vec<Part>) {
        let absolute = |graph: &Self, part: &Part| match graph.node(part.expr) {
            Node::Call(Function::Abs, _) => Some(part.expr),
            _ => None,
        };
        let bases: Vec<ExprId> = factors.iter().filter_map(|part| absolute(self, part)).collect();
        for base in bases {
            let weight = self.take_whole_powers(base, factors);
            factors.push(Part { weight, expr: base });
        }
    }
}

/// The remainder of an integer weight modulo 2; any other weight unchanged.
fn odd_part(weight: Number) -> Number {
    match weight.as_integer() {
        Some(n) => Number::integer(n.rem_euclid(2)),
        None => weight,
    }
}
