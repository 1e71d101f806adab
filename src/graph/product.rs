//! Products: numeric exponents on distinct bases.

use super::arena::Form;
use super::power::Power;
use super::sum::INLINE_MAX;
use super::{ExprId, Function, Graph, Node, Number, Part, PartsId};

/// Most rounds of [`Graph::reopen`]: each removes one level of nested roots.
const ROUNDS_MAX: usize = 4;

/// A product under construction: coefficient · exp(Σ exponents) · Π powers · Π factors.
pub(super) struct Factors {
    coefficient: Number,
    exponents: Vec<Part>,
    pub powers: Vec<Power>,
    pub factors: Vec<Part>,
}

impl Graph {
    /// Π expr ^ weight: child products are flattened, like factors collected.
    ///
    /// Numeric factors become a coefficient, a sum used as a base is made monic, exponentials are
    /// merged.
    pub fn product(&mut self, parts: &[Part]) -> ExprId {
        match self.form {
            Form::Canonical => self.canonical_product(parts),
            Form::Verbatim => self.verbatim_product(parts),
        }
    }

    fn canonical_product(&mut self, parts: &[Part]) -> ExprId {
        let mut into = Factors {
            coefficient: Number::ONE,
            exponents: Vec::new(),
            powers: Vec::new(),
            factors: Vec::new(),
        };
        for &part in parts {
            self.push_factor(part, &mut into);
        }
        self.finish_product(into)
    }

    fn finish_product(&mut self, mut into: Factors) -> ExprId {
        self.settle(&mut into);
        self.reopen(&mut into);
        self.fold_numbers(&mut into);
        if into.coefficient.is_zero() || !self.join_levels(&mut into.factors) {
            return self.zero();
        }
        let product = match self.product_of_selects(&into.factors) {
            Some(selected) => selected,
            None => self.intern_product(&into.factors),
        };
        self.scale(into.coefficient, product)
    }

    /// Turns exponents and powers into factors, and collects like factors.
    fn settle(&mut self, into: &mut Factors) {
        // Merged powers may become a plain base that is itself a product or a power.
        while !(into.powers.is_empty() && into.exponents.is_empty()) {
            self.merge_powers(into);
            let exponents = std::mem::take(&mut into.exponents);
            if !exponents.is_empty() {
                let exponent = self.sum(&exponents);
                let exponential = self.call(Function::Exp, exponent);
                self.push_exponential(exponential, into);
            }
        }
        self.collect(&mut into.factors);
        self.merge_absolutes(&mut into.factors);
    }

    /// Adds the exponential of all exponents, which is pushed as a new factor where it simplified to
    /// another node.
    fn push_exponential(&mut self, id: ExprId, into: &mut Factors) {
        match self.node(id) {
            Node::Call(Function::Exp, _) => into.factors.push(Part::one(id)),
            _ => self.push_factor(Part::one(id), into),
        }
    }

    /// Sets the exponents of levels to one, since a level is 0 or 1; false where the product has two
    /// levels of one index, and is therefore zero.
    fn join_levels(&self, factors: &mut [Part]) -> bool {
        let mut found: Vec<(ExprId, Number)> = Vec::new();
        for part in factors.iter_mut().filter(|part| part.weight > Number::ZERO) {
            let Some((index, level)) = self.as_level(part.expr) else { continue };
            part.weight = Number::ONE;
            if found.iter().any(|&(other, value)| other == index && value != level) {
                return false;
            }
            found.push((index, level));
        }
        true
    }

    fn intern_product(&mut self, factors: &[Part]) -> ExprId {
        match *factors {
            [] => self.one(),
            [Part { weight, expr }] if weight.is_one() => expr,
            _ => {
                let parts = self.intern_parts(factors);
                self.intern(Node::Product(parts))
            }
        }
    }

    /// Pushes factors once more whose exponents became integers by collecting, as in √(x²)·√(x²)³:
    /// their bases can now be flattened.
    fn reopen(&mut self, into: &mut Factors) {
        for _ in 0..ROUNDS_MAX {
            if !into.factors.iter().any(|factor| self.can_be_flattened(*factor)) {
                return;
            }
            for factor in std::mem::take(&mut into.factors) {
                if self.can_be_flattened(factor) {
                    self.push_factor(factor, into);
                } else {
                    into.factors.push(factor);
                }
            }
            self.settle(into);
        }
    }

    fn can_be_flattened(&self, factor: Part) -> bool {
        let is_integer = factor.weight.as_integer().is_some();
        match self.node(factor.expr) {
            Node::Product(inner) => is_integer && self.parts(inner).len() <= INLINE_MAX,
            Node::Sum(_) => is_integer && !self.is_monic(factor.expr),
            Node::Call(Function::Abs, _) => factor.weight.is_even(),
            _ => false,
        }
    }

    /// Moves bases that are numbers with an exact power, as in √2·√2, into the coefficient.
    fn fold_numbers(&self, into: &mut Factors) {
        let coefficient = &mut into.coefficient;
        into.factors.retain(|part| {
            let power = self.as_number(part.expr).and_then(|base| base.pow(part.weight));
            if let Some(power) = power {
                *coefficient = *coefficient * power;
            }
            power.is_none()
        });
    }

    pub(super) fn push_factor(&mut self, part: Part, into: &mut Factors) {
        let Part { weight: exponent, expr: base } = part;
        if exponent.is_zero() {
            return;
        }
        match self.node(base) {
            Node::One => {}
            Node::Sum(_) => self.push_sum(base, exponent, into),
            Node::Product(inner) if self.parts(inner).len() <= INLINE_MAX => {
                self.push_powers(inner, exponent, into);
            }
            Node::Call(Function::Exp, u) => into.exponents.push(Part { weight: exponent, expr: u }),
            Node::Call(Function::Abs, u) if exponent.is_even() => {
                self.push_factor(Part { weight: exponent, expr: u }, into);
            }
            _ => match self.as_power(part) {
                Some(power) => into.powers.push(power),
                None => into.factors.push(part),
            },
        }
    }

    /// Distributes the outer exponent of (Π base^inner)^outer over the factors for which this is valid
    /// with every sign that the bases may have: over all for an integer. The other factors stay a
    /// product under the outer exponent.
    fn push_powers(&mut self, factors: PartsId, outer: Number, into: &mut Factors) {
        if outer.as_integer().is_some() {
            for position in 0..self.parts(factors).len() {
                let Part { weight, expr } = self.parts(factors)[position];
                self.push_factor(Part { weight: weight * outer, expr }, into);
            }
            return;
        }
        let factors = self.parts(factors).to_vec();
        let none_negative = factors
            .iter()
            .all(|factor| self.sign(factor.expr).power(factor.weight).is_non_negative());
        let (open, closed): (Vec<Part>, Vec<Part>) =
            factors.iter().partition(|factor| self.opens(**factor, none_negative));
        for mut factor in open {
            if factor.weight.is_even() {
                factor.expr = self.call(Function::Abs, factor.expr);
            }
            // With its new exponent the factor may be flattened or merged. Products nest only under
            // fractional exponents that were not distributed, so this recursion is shallow.
            self.push_factor(Part { weight: factor.weight * outer, expr: factor.expr }, into);
        }
        if !closed.is_empty() {
            let rest = self.intern_product(&closed);
            into.factors.push(Part { weight: outer, expr: rest });
        }
    }

    /// Whether a fractional outer exponent distributes over a factor: over a positive base; and, where
    /// no factor is negative (else a zero of this factor would hide the sign of the others), over an
    /// even power, with |base|, and over a base ≥ 0, which a fractional inner exponent requires anyway.
    fn opens(&self, factor: Part, none_negative: bool) -> bool {
        let sign = self.sign(factor.expr);
        let fractional = factor.weight.as_integer().is_none();
        let even = factor.weight.is_even();
        sign.is_positive() || (none_negative && (sign.is_non_negative() || fractional || even))
    }

    fn push_sum(&mut self, base: ExprId, exponent: Number, into: &mut Factors) {
        if let Some(number) = self.as_number(base) {
            return self.push_number(number, exponent, into);
        }
        let (weight, monic) = self.split_weight(base);
        // A fractional power keeps the sign in its base, where it determines the domain.
        let keeps_sign = exponent.as_integer().is_none() && weight.is_negative();
        let pulled = if keeps_sign { weight.abs() } else { weight };
        let rest = if keeps_sign { self.neg(monic) } else { monic };
        self.push_number(pulled, exponent, into);
        match self.node(rest) {
            Node::Sum(_) => into.factors.push(Part { weight: exponent, expr: rest }),
            _ => self.push_factor(Part { weight: exponent, expr: rest }, into),
        }
    }

    fn push_number(&mut self, number: Number, exponent: Number, into: &mut Factors) {
        match number.pow(exponent) {
            Some(power) => into.coefficient = into.coefficient * power,
            None => {
                let base = self.number(number);
                into.factors.push(Part { weight: exponent, expr: base });
            }
        }
    }

    /// Moves a product with a factor that selects between a value and zero into the branch of that
    /// value, so that a NaN or infinity of other factors cannot reach the zero branch.
    fn product_of_selects(&mut self, parts: &[Part]) -> Option<ExprId> {
        if parts.len() < 2 {
            return None;
        }
        // The outermost of several selects is the first in structural order.
        let masks =
            parts.iter().enumerate().filter_map(|(k, part)| Some((k, self.as_mask(*part)?)));
        let (position, (weight, [condition, then, otherwise])) = masks
            .min_by(|(j, _), (k, _)| self.compare_structure(parts[*j].expr, parts[*k].expr))?;
        let branch = |graph: &mut Self, value: ExprId| {
            if graph.as_number(value).is_some_and(Number::is_zero) {
                return value;
            }
            let mut inside = parts.to_vec();
            inside[position].expr = graph.scale(weight, value);
            for part in &mut inside {
                part.expr = graph.taken(condition, part.expr, value == then);
            }
            graph.product(&inside)
        };
        let (then_value, otherwise_value) = (branch(self, then), branch(self, otherwise));
        Some(self.select(condition, then_value, otherwise_value))
    }

    /// The weight and the operands of a factor (weight · select)^n, n > 0, with a branch that is zero.
    fn as_mask(&self, part: Part) -> Option<(Number, [ExprId; 3])> {
        let zero = |id| self.as_number(id).is_some_and(Number::is_zero);
        let (weight, inner) = match self.node(part.expr) {
            Node::Sum(terms) => match *self.parts(terms) {
                [Part { weight, expr }] => (weight, expr),
                _ => return None,
            },
            _ => (Number::ONE, part.expr),
        };
        match self.node(inner) {
            Node::Select(c, a, b) if (zero(a) || zero(b)) && part.weight > Number::ZERO => {
                Some((weight, [c, a, b]))
            }
            _ => None,
        }
    }

    fn verbatim_product(&mut self, parts: &[Part]) -> ExprId {
        let powers: Option<Vec<Number>> =
            parts.iter().map(|p| self.as_number(p.expr).and_then(|n| n.pow(p.weight))).collect();
        match powers {
            Some(powers) => {
                let total = powers.into_iter().fold(Number::ONE, |total, n| total * n);
                self.number(total)
            }
            None => self.intern_product(parts),
        }
    }

    /// a · b
    pub fn mul(&mut self, a: ExprId, b: ExprId) -> ExprId {
        self.product(&[Part::one(a), Part::one(b)])
    }

    /// a / b
    pub fn div(&mut self, a: ExprId, b: ExprId) -> ExprId {
        self.product(&[Part::one(a), Part { weight: Number::MINUS_ONE, expr: b }])
    }

    /// a ^ n
    pub fn powi(&mut self, a: ExprId, n: i64) -> ExprId {
        self.product(&[Part { weight: Number::integer(n), expr: a }])
    }

    /// √a
    pub fn sqrt(&mut self, a: ExprId) -> ExprId {
        self.product(&[Part { weight: Number::ratio(1, 2), expr: a }])
    }
}
