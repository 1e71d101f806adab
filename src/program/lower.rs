//! Graph nodes to operations: the choice of instructions.
//!
//! Sums and products are split by stage, so that the part of parameters alone is computed once a
//! call and the part of data alone is one value that others can share.

use std::collections::BTreeMap;

use super::Layout;
use super::cells::{self, Masked};
use super::operation::{Bits, Operation, Stage};
use super::pairing::Pairing;
use super::reduction::Reduction;
use super::value::{ValueId, Values};
use crate::graph::{
    BinaryFunction, ExprId, Function, Graph, ListId, Node, Number, Part, Relation, evaluate,
};

/// A lowered node: its value `whole`, and its factors scale·core, where the scale has one value for
/// all rows (1 where no such factor is known). Values that no output uses are never scheduled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lowered {
    pub(super) whole: ValueId,
    pub(super) scale: ValueId,
    pub(super) core: ValueId,
}

/// Largest |k| for which x^(k/2) is a power of √x.
const ROOT_POWER_MAX: i64 = 64;

pub(super) struct Lowering<'g> {
    pub(super) graph: &'g Graph,
    pub(super) values: Values,
    lowered: Vec<Option<Lowered>>,
    /// The nodes that are sums of values in cells.
    pub(super) masks: BTreeMap<ExprId, Vec<Masked>>,
    inputs: Vec<Option<ValueId>>,
    exponentials: BTreeMap<ExprId, Exponentials>,
    means: Vec<Reduction>,
    pairing: Pairing,
    numbers: BTreeMap<Reduction, usize>,
    pub(super) one: ValueId,
    pub(super) zero: ValueId,
    pub(super) additive_identity: ValueId,
}

/// What a log-sum-exp and its softmax weights have in common: the maximum m and Σ c e^(u - m).
#[derive(Clone, Copy, Debug)]
struct Exponentials {
    greatest: ValueId,
    total: ValueId,
}

/// The lowered outputs of a graph.
pub(super) struct Program {
    pub(super) values: Values,
    /// The values of the outputs, then those of the products.
    pub(super) outputs: Vec<ValueId>,
    /// The means over rows that the outputs use.
    pub(super) means: Vec<Reduction>,
}

/// Lowers outputs, and the means over rows of products.
pub(super) fn lower(
    graph: &Graph,
    layout: &Layout,
    roots: &[ExprId],
    products: &[(ExprId, ExprId)],
) -> Program {
    let factors = products.iter().flat_map(|&(a, b)| [a, b]);
    let live = graph.live(&roots.iter().copied().chain(factors).collect::<Vec<_>>());
    let mut lowering = Lowering::new(graph, layout);
    lowering.pairing = Pairing::of(graph, &live);
    lowering.fold_constants(&live);
    for id in live {
        if lowering.lowered[id.index()].is_none() {
            let lowered = lowering.node(id);
            lowering.lowered[id.index()] = Some(lowered);
            if let Some(terms) = lowering.masked(id) {
                lowering.masks.insert(id, terms);
            }
        }
    }
    let mut outputs: Vec<ValueId> = roots.iter().map(|&root| lowering.whole(root)).collect();
    for &(a, b) in products {
        outputs.push(lowering.mean_of_product(a, b));
    }
    let Lowering { mut values, mut means, .. } = lowering;
    cells::settle(&mut values, &mut means);
    Program { values, outputs, means }
}

impl<'g> Lowering<'g> {
    fn new(graph: &'g Graph, layout: &Layout) -> Self {
        let mut values = Values::new();
        let (one, zero) = (values.constant(1.0), values.constant(0.0));
        let additive_identity = values.additive_identity();
        let mut inputs = vec![None; graph.inputs().len()];
        for (index, input) in layout.parameters.iter().enumerate() {
            inputs[input.index()] = Some(values.parameter(index));
        }
        for (index, input) in layout.rows.iter().enumerate() {
            inputs[input.index()] = Some(values.column(index));
        }
        let lowered = vec![None; graph.len()];
        let (exponentials, means, numbers) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        let pairing = Pairing::default();
        Self {
            graph,
            values,
            lowered,
            masks: BTreeMap::new(),
            inputs,
            exponentials,
            means,
            pairing,
            numbers,
            one,
            zero,
            additive_identity,
        }
    }

    /// Replaces nodes without inputs by the values that the reference evaluator gives them.
    fn fold_constants(&mut self, live: &[ExprId]) {
        let inputs: Vec<ExprId> =
            live.iter().copied().filter(|&id| self.graph.as_input(id).is_some()).collect();
        let varies = self.graph.dependents(&inputs);
        let constants: Vec<ExprId> =
            live.iter().copied().filter(|id| !varies[id.index()]).collect();
        let numbers = evaluate(self.graph, &constants, |_| f64::NAN);
        for (id, number) in constants.into_iter().zip(numbers) {
            let value = self.values.constant(number);
            self.lowered[id.index()] = Some(self.unscaled(value));
        }
    }

    pub(super) fn of(&self, id: ExprId) -> Lowered {
        self.lowered[id.index()].expect("operands are lowered before users")
    }

    pub(super) fn whole(&self, id: ExprId) -> ValueId {
        self.of(id).whole
    }

    pub(super) fn unscaled(&self, whole: ValueId) -> Lowered {
        Lowered { whole, scale: self.one, core: whole }
    }

    fn node(&mut self, id: ExprId) -> Lowered {
        let operation = match self.graph.node(id) {
            Node::One | Node::Pi => unreachable!("constants are folded"),
            Node::Input(input) => {
                let value = self.inputs[input.index()];
                return self.unscaled(value.expect("every live input stands in the layout"));
            }
            Node::Sum(parts) => return self.sum(self.graph.parts(parts)),
            Node::Product(parts) => return self.product(self.graph.parts(parts)),
            Node::Dot(a, b) => return self.dot(a, b),
            Node::LogSumExp(c, u) => return self.log_sum_exp(id, c, u),
            Node::Share(u, log_sum) => return self.softmax_weight(u, log_sum),
            Node::Mean(u) => {
                let mean = self.mean_of(u);
                return self.unscaled(mean);
            }
            Node::Call(function, u) => Operation::Call(function, self.whole(u)),
            Node::Binary(BinaryFunction::Pow(logs @ 1..), u, p) => {
                let (u, p) = (self.whole(u), self.whole(p));
                return self.power_with_logs(u, p, logs);
            }
            Node::Binary(function, a, b) => {
                Operation::Binary(function, self.whole(a), self.whole(b))
            }
            Node::Compare(relation, a, b) => {
                Operation::Compare(relation, self.whole(a), self.whole(b))
            }
            Node::Gather(list, index) => {
                let list = self.graph.list(list).iter().map(|&entry| self.whole(entry)).collect();
                Operation::Gather(list, self.whole(index))
            }
            Node::Select(c, a, b) => Operation::Select(self.whole(c), self.whole(a), self.whole(b)),
        };
        let whole = self.values.compute(operation);
        self.unscaled(whole)
    }

    /// u^p (log u)ᵏ, zero where u^p is; the power and the logarithm are shared with others.
    fn power_with_logs(&mut self, u: ValueId, p: ValueId, logs: u8) -> Lowered {
        let power = self.values.compute(Operation::Binary(BinaryFunction::Pow(0), u, p));
        let log = self.values.compute(Operation::Call(Function::Log, u));
        let logs = self.integer_power(log, logs.into());
        let product = self.values.multiply(power, logs);
        let whole = self.unless_zero(power, product, power);
        self.unscaled(whole)
    }

    fn mean_of(&mut self, u: ExprId) -> ValueId {
        if let Some(terms) = self.masks.get(&u).cloned() {
            return self.masked_mean(&terms);
        }
        let (a, b) = self.factors(u);
        self.mean(a, b)
    }

    fn mean_of_product(&mut self, a: ExprId, b: ExprId) -> ValueId {
        match self.masked_pair(a, b) {
            Some(terms) => self.masked_mean(&terms),
            None => self.mean(self.whole(a), self.whole(b)),
        }
    }

    /// E[a·b]; a factor that is a scalar is moved out of the mean.
    fn mean(&mut self, a: ValueId, b: ValueId) -> ValueId {
        match (self.values.is_scalar(a), self.values.is_scalar(b)) {
            (true, true) => self.values.multiply(a, b),
            (true, false) => {
                let mean = self.reduce(Reduction::Sum(b));
                self.values.multiply(a, mean)
            }
            (false, true) => {
                let mean = self.reduce(Reduction::Sum(a));
                self.values.multiply(b, mean)
            }
            (false, false) => self.reduce(Reduction::Product(a.min(b), a.max(b))),
        }
    }

    /// The operand of a mean as a product of two values; the second is 1 where it is not split.
    fn factors(&mut self, u: ExprId) -> (ValueId, ValueId) {
        match self.pairing.split(self.graph, u) {
            Some((lone, others)) => (self.product(&others).whole, self.product(&[lone]).whole),
            None => (self.whole(u), self.one),
        }
    }

    pub(super) fn reduce(&mut self, reduction: Reduction) -> ValueId {
        let next = self.means.len();
        let index = *self.numbers.entry(reduction).or_insert(next);
        if index == next {
            self.means.push(reduction);
        }
        self.values.mean(index)
    }

    fn sum(&mut self, parts: &[Part]) -> Lowered {
        let mut terms = Terms { row: Vec::with_capacity(parts.len()), ..Terms::default() };
        for part in parts {
            let weight = if part.weight.is_one() {
                self.one
            } else {
                self.values.constant(part.weight.to_f64())
            };
            self.push_scaled(weight, self.of(part.expr), &mut terms);
        }
        self.finish(terms)
    }

    fn dot(&mut self, a: ListId, b: ListId) -> Lowered {
        let mut terms = Terms::default();
        for (&a, &b) in self.graph.list(a).iter().zip(self.graph.list(b)) {
            let (a, b) = (self.of(a), self.of(b));
            match (self.values.is_scalar(a.whole), self.values.is_scalar(b.whole)) {
                (true, _) => self.push_scaled(a.whole, b, &mut terms),
                (false, true) => self.push_scaled(b.whole, a, &mut terms),
                (false, false) => terms.products.push((a.whole, b.whole)),
            }
        }
        self.finish(terms)
    }

    /// Adds weight · a to the terms of its stage.
    pub(super) fn push_scaled(&mut self, weight: ValueId, a: Lowered, terms: &mut Terms) {
        if self.values.is_scalar(a.whole) {
            return terms.scalar.push((weight, a.whole));
        }
        let weight = self.values.multiply(weight, a.scale);
        let fixed = self.values.stage(weight) == Stage::Constant;
        match self.values.stage(a.core) {
            Stage::Data if fixed => terms.data.push((weight, a.core)),
            Stage::Constant | Stage::Parameter | Stage::Mean | Stage::Data | Stage::Row => {
                terms.row.push((weight, a.core));
            }
        }
    }

    /// The sum starts at its scalar terms; terms of data alone are a sum of their own, unless there
    /// are no other row terms.
    pub(super) fn finish(&mut self, terms: Terms) -> Lowered {
        let Terms { scalar, data, mut row, products } = terms;
        let alone = scalar.is_empty() && products.is_empty();
        self.join_like(&mut row);
        let start = self.values.sum(self.additive_identity, scalar);
        if data.len() > 1 && !(row.is_empty() && products.is_empty()) {
            row.insert(0, (self.one, self.values.sum(self.additive_identity, data)));
        } else {
            row.splice(0..0, data);
        }
        let single = if alone && row.len() == 1 { Some(row[0]) } else { None };
        let whole = self.values.dot(start, row, products);
        match single {
            Some((scale, core)) => Lowered { whole, scale, core },
            None => self.unscaled(whole),
        }
    }

    /// Collects the terms of each row: a x + b x becomes (a + b) x.
    fn join_like(&mut self, terms: &mut Vec<(ValueId, ValueId)>) {
        let mut rows: Vec<ValueId> = terms.iter().map(|&(_, row)| row).collect();
        rows.sort_unstable();
        if rows.is_sorted_by(|before, after| before < after) {
            return;
        }
        let mut weights: BTreeMap<ValueId, Vec<ValueId>> = BTreeMap::new();
        terms.iter().for_each(|&(weight, row)| weights.entry(row).or_default().push(weight));
        terms.retain_mut(|(weight, row)| {
            let Some(of_row) = weights.remove(row) else { return false };
            if let [_, _, ..] = *of_row {
                let ones = of_row.into_iter().map(|weight| (self.one, weight)).collect();
                *weight = self.values.sum(self.additive_identity, ones);
            }
            true
        });
    }

    /// Multiplies scalar factors, then factors of data alone, then the other row factors.
    pub(super) fn product(&mut self, parts: &[Part]) -> Lowered {
        let (mut scalar, mut data, mut row) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            let base = self.of(part.expr);
            let integer = part.weight.as_integer().is_some();
            let (scale, core) =
                if integer { (base.scale, base.core) } else { (self.one, base.whole) };
            for factor in [scale, core] {
                let power = self.power(factor, part.weight);
                if self.values.is_one(power) {
                    continue;
                }
                match self.values.stage(power) {
                    Stage::Constant | Stage::Parameter | Stage::Mean => scalar.push(power),
                    Stage::Data => data.push(power),
                    Stage::Row => row.push(power),
                }
            }
        }
        let scale = self.values.product(&scalar);
        let data = self.values.product(&data);
        let row = self.values.product(&row);
        let core = self.values.multiply(data, row);
        let whole = self.values.multiply(scale, core);
        if self.values.is_scalar(core) {
            return self.unscaled(whole);
        }
        Lowered { whole, scale, core }
    }

    /// Integers by multiplication, after one reciprocal for negative ones; halves through the
    /// root; `powf` for the rest.
    fn power(&mut self, base: ValueId, exponent: Number) -> ValueId {
        if self.values.is_one(base) {
            return base;
        }
        match (exponent.as_integer().map(i32::try_from), exponent.as_ratio()) {
            (Some(Ok(n)), _) => self.integer_power(base, n),
            (_, Some((k, 2))) if k.abs() <= ROOT_POWER_MAX => {
                let root = self.values.compute(Operation::Root(base));
                self.integer_power(root, k as i32)
            }
            _ => {
                let exponent = Bits::of(exponent.to_f64());
                self.values.compute(Operation::Power(base, exponent))
            }
        }
    }

    fn integer_power(&mut self, base: ValueId, n: i32) -> ValueId {
        // A canonical graph has no zeroth power; where one occurs, it is 1 for any base.
        if n == 0 {
            return self.one;
        }
        let base = if n < 0 { self.values.compute(Operation::Reciprocal(base)) } else { base };
        let n = n.unsigned_abs();
        let mut power = base;
        for bit in (0..n.ilog2()).rev() {
            power = self.values.multiply(power, power);
            if n >> bit & 1 == 1 {
                power = self.values.multiply(power, base);
            }
        }
        power
    }

    /// m + log Σ c e^(u - m), with m the greatest u + log |c| over c ≠ 0.
    fn log_sum_exp(&mut self, id: ExprId, c: ListId, u: ListId) -> Lowered {
        let pairs: Vec<(ValueId, ValueId)> = self
            .graph
            .list(c)
            .iter()
            .zip(self.graph.list(u))
            .map(|(&c, &u)| (self.whole(c), self.whole(u)))
            .collect();
        let heights = pairs.iter().map(|&(c, u)| self.height(c, u)).collect::<Vec<_>>();
        let greatest = self.greatest(heights);
        let mut terms = Terms::default();
        for (c, u) in pairs {
            self.push_exponential(c, u, greatest, &mut terms);
        }
        let total = self.finish(terms).whole;
        self.exponentials.insert(id, Exponentials { greatest, total });
        let whole = self.values.compute(Operation::LogTotal(greatest, total));
        self.unscaled(whole)
    }

    /// u + log |c|, -∞ where c is zero.
    fn height(&mut self, c: ValueId, u: ValueId) -> ValueId {
        let size = self.values.compute(Operation::Call(Function::Abs, c));
        if self.values.is_one(size) {
            return u;
        }
        let log = self.values.compute(Operation::Call(Function::Log, size));
        let height = self.plus(log, u);
        let lowest = self.values.constant(f64::NEG_INFINITY);
        self.unless_zero(c, height, lowest)
    }

    fn plus(&mut self, a: ValueId, b: ValueId) -> ValueId {
        let (a, b) = (self.unscaled(a), self.unscaled(b));
        let mut terms = Terms::default();
        self.push_scaled(self.one, a, &mut terms);
        self.push_scaled(self.one, b, &mut terms);
        self.finish(terms).whole
    }

    /// `then` where c is not zero, else `otherwise`; just `then` for a nonzero constant c.
    fn unless_zero(&mut self, c: ValueId, then: ValueId, otherwise: ValueId) -> ValueId {
        if self.values.is_nonzero_constant(c) {
            return then;
        }
        let is_zero = self.values.compute(Operation::Compare(Relation::Equal, c, self.zero));
        self.values.compute(Operation::Select(is_zero, otherwise, then))
    }

    /// The greatest of all; the scalars among them are compared once a call.
    fn greatest(&mut self, all: Vec<ValueId>) -> ValueId {
        let (scalars, mut rows): (Vec<ValueId>, Vec<ValueId>) =
            all.into_iter().partition(|&value| self.values.is_scalar(value));
        if !scalars.is_empty() {
            let scalar = self.values.compute(Operation::Greatest(scalars.into()));
            rows.insert(0, scalar);
        }
        match *rows {
            [only] => only,
            _ => self.values.compute(Operation::Greatest(rows.into())),
        }
    }

    fn push_exponential(&mut self, c: ValueId, u: ValueId, greatest: ValueId, terms: &mut Terms) {
        let exponential = self.exponential(u, greatest);
        let exponential = self.unless_zero(c, exponential, self.zero);
        match (self.values.is_scalar(c), self.values.is_scalar(exponential)) {
            (true, _) => self.push_scaled(c, self.unscaled(exponential), terms),
            (false, true) => self.push_scaled(exponential, self.unscaled(c), terms),
            (false, false) => terms.products.push((c, exponential)),
        }
    }

    /// e^(u - m)
    fn exponential(&mut self, u: ValueId, greatest: ValueId) -> ValueId {
        let minus = self.values.constant(-1.0);
        let mut terms = Terms::default();
        self.push_scaled(self.one, self.unscaled(u), &mut terms);
        self.push_scaled(minus, self.unscaled(greatest), &mut terms);
        let difference = self.finish(terms).whole;
        self.values.compute(Operation::Call(Function::Exp, difference))
    }

    /// The softmax weight e^(u - m)/Σ c e^(u - m), with the maximum and the sum of the log-sum-exp.
    fn softmax_weight(&mut self, u: ExprId, log_sum: ExprId) -> Lowered {
        let Exponentials { greatest, total } = self.exponentials_of(log_sum);
        let exponential = self.exponential(self.whole(u), greatest);
        let reciprocal = self.values.compute(Operation::Reciprocal(total));
        let whole = self.values.multiply(exponential, reciprocal);
        self.unscaled(whole)
    }

    /// The maximum and the sum of a log-sum-exp; they are lowered here where the log-sum-exp itself
    /// was folded to a constant.
    fn exponentials_of(&mut self, log_sum: ExprId) -> Exponentials {
        if let Some(&known) = self.exponentials.get(&log_sum) {
            return known;
        }
        let Node::LogSumExp(c, u) = self.graph.node(log_sum) else {
            unreachable!("a softmax weight refers to a log-sum-exp")
        };
        self.log_sum_exp(log_sum, c, u);
        self.exponentials[&log_sum]
    }
}

/// The terms of a sum by stage, each a weight and a value; `products` are pairs of row values.
#[derive(Default)]
pub(super) struct Terms {
    scalar: Vec<(ValueId, ValueId)>,
    data: Vec<(ValueId, ValueId)>,
    row: Vec<(ValueId, ValueId)>,
    products: Vec<(ValueId, ValueId)>,
}
