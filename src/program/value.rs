//! The intermediate representation: hash-consed operations, each with its stage.
//!
//! Equal operations are one value, so common subexpressions are computed once; operations on
//! constants are folded. Operands come before users, until `nest` makes sums operands of earlier
//! sums.

use super::operation::{ADDITIVE_IDENTITY, Bits, Operation, Stage};
use super::scalar;
use crate::graph::Finder;

/// A value of [`Values`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ValueId(u32);

impl ValueId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Value {
    Constant(Bits),
    Parameter(u32),
    Column(u32),
    Mean(u32),
    Computed(Operation<ValueId>),
}

/// The arena of values.
pub(super) struct Values {
    values: Vec<Value>,
    stages: Vec<Stage>,
    known: Finder,
}

impl Values {
    pub(super) fn new() -> Self {
        Self { values: Vec::new(), stages: Vec::new(), known: Finder::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn ids(&self) -> impl DoubleEndedIterator<Item = ValueId> + use<> {
        (0..self.values.len() as u32).map(ValueId)
    }

    pub(super) fn get(&self, id: ValueId) -> &Value {
        &self.values[id.index()]
    }

    pub(super) fn stage(&self, id: ValueId) -> Stage {
        self.stages[id.index()]
    }

    pub(super) fn is_scalar(&self, id: ValueId) -> bool {
        self.stage(id).is_scalar()
    }

    /// The operation behind a value, if it is not a leaf.
    pub(super) fn operation(&self, id: ValueId) -> Option<&Operation<ValueId>> {
        match self.get(id) {
            Value::Computed(operation) => Some(operation),
            Value::Constant(_) | Value::Parameter(_) | Value::Column(_) | Value::Mean(_) => None,
        }
    }

    /// Replaces the operation of a value by an equivalent one.
    pub(super) fn replace(&mut self, id: ValueId, operation: Operation<ValueId>) {
        self.values[id.index()] = Value::Computed(operation);
    }

    pub(super) fn as_constant(&self, id: ValueId) -> Option<f64> {
        match self.get(id) {
            Value::Constant(bits) => Some(bits.value()),
            Value::Parameter(_) | Value::Column(_) | Value::Mean(_) | Value::Computed(_) => None,
        }
    }

    pub(super) fn is_one(&self, id: ValueId) -> bool {
        self.as_constant(id) == Some(1.0)
    }

    /// Exactly this number, also in its sign.
    pub(super) fn is_constant(&self, id: ValueId, number: f64) -> bool {
        self.as_constant(id).is_some_and(|value| value.to_bits() == number.to_bits())
    }

    /// A constant other than zero.
    pub(super) fn is_nonzero_constant(&self, id: ValueId) -> bool {
        self.as_constant(id).is_some_and(|value| value != 0.0)
    }

    pub(super) fn constant(&mut self, value: f64) -> ValueId {
        self.intern(Value::Constant(Bits::of(value)), Stage::Constant)
    }

    /// −0, the start of a sum without a constant term.
    pub(super) fn additive_identity(&mut self) -> ValueId {
        self.constant(ADDITIVE_IDENTITY)
    }

    pub(super) fn parameter(&mut self, index: usize) -> ValueId {
        self.intern(Value::Parameter(narrow(index)), Stage::Parameter)
    }

    pub(super) fn column(&mut self, index: usize) -> ValueId {
        self.intern(Value::Column(narrow(index)), Stage::Data)
    }

    /// The mean with this index.
    pub(super) fn mean(&mut self, index: usize) -> ValueId {
        self.intern(Value::Mean(narrow(index)), Stage::Mean)
    }

    /// The value of an operation; an operation on constants alone is folded.
    pub(super) fn compute(&mut self, operation: Operation<ValueId>) -> ValueId {
        let mut stage = Stage::Constant;
        operation.each_operand(|operand| stage = stage.with(self.stage(operand)));
        if stage == Stage::Constant {
            let value = scalar::evaluate(&operation, |id| {
                self.as_constant(id).expect("a value of the constant stage is a constant")
            });
            return self.constant(value);
        }
        self.intern(Value::Computed(operation), stage)
    }

    fn intern(&mut self, value: Value, stage: Stage) -> ValueId {
        let hash = Finder::hash(&value);
        if let Some(known) = self.known.find(hash, |id| self.values[id as usize] == value) {
            return ValueId(known);
        }
        let id = narrow(self.values.len());
        self.values.push(value);
        self.stages.push(stage);
        self.known.insert(hash, id);
        ValueId(id)
    }

    /// start + Σ w·a
    pub(super) fn sum(&mut self, start: ValueId, scaled: Vec<(ValueId, ValueId)>) -> ValueId {
        self.dot(start, scaled, Vec::new())
    }

    /// start + Σ w·a + Σ a·b
    pub(super) fn dot(
        &mut self,
        start: ValueId,
        scaled: Vec<(ValueId, ValueId)>,
        products: Vec<(ValueId, ValueId)>,
    ) -> ValueId {
        if scaled.is_empty() && products.is_empty() {
            return start;
        }
        let (scaled, products) = (scaled.into_boxed_slice(), products.into_boxed_slice());
        self.compute(Operation::Sum { start, scaled, products })
    }

    /// a·b
    pub(super) fn multiply(&mut self, a: ValueId, b: ValueId) -> ValueId {
        if self.is_one(a) {
            return b;
        }
        if self.is_one(b) {
            return a;
        }
        self.compute(Operation::Multiply(a.min(b), a.max(b)))
    }

    /// Π factors, from the left; 1 for none.
    pub(super) fn product(&mut self, factors: &[ValueId]) -> ValueId {
        let Some((&first, rest)) = factors.split_first() else { return self.constant(1.0) };
        rest.iter().fold(first, |product, &factor| self.multiply(product, factor))
    }

    /// Marks the values at and below the roots.
    pub(super) fn reachable(&self, roots: &[ValueId]) -> Vec<bool> {
        let mut marked = vec![false; self.len()];
        roots.iter().for_each(|root| marked[root.index()] = true);
        let mut waiting = Vec::new();
        for at in self.ids().rev() {
            // Almost all operands precede their users, so the sweep still meets them; the others,
            // which it has passed, go on a stack.
            waiting.extend(marked[at.index()].then_some(at));
            while let Some(id) = waiting.pop() {
                let Some(operation) = self.operation(id) else { continue };
                operation.each_operand(|operand| {
                    let known = std::mem::replace(&mut marked[operand.index()], true);
                    if !known && operand > at {
                        waiting.push(operand);
                    }
                });
            }
        }
        marked
    }
}

fn narrow(length: usize) -> u32 {
    u32::try_from(length).expect("a program holds fewer than 2^32 values")
}
