//! Steps as operations on values that are each made once, with what becomes of these.

use std::collections::BTreeMap;

use super::super::kernel::LANES;
use super::super::operation::Operation;
use super::super::steps::{Source, Step};

/// An operand: a value of every row by its number, or a number for all rows by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    Value(usize),
    Scalar(u32),
}

/// One operation.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// A new value.
    Make(usize, Operation<Argument>),
    /// A sum over rows, to partial sums from there on.
    Sum(usize, Lanes),
    /// A sum of products over rows.
    Product(usize, usize, Lanes),
}

/// The partial sums of a mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lanes {
    pub(super) first: usize,
    pub(super) count: usize,
}

impl Op {
    /// Calls `visit` on the values that it reads.
    pub(super) fn each_value(&self, mut visit: impl FnMut(usize)) {
        match self {
            Self::Make(_, operation) => operation.each_operand(|argument| match argument {
                Argument::Value(value) => visit(value),
                Argument::Scalar(_) => {}
            }),
            Self::Sum(a, _) => visit(*a),
            Self::Product(a, b, _) => {
                visit(*a);
                visit(*b);
            }
        }
    }
}

/// A value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    /// Where it stands in memory when it has no register.
    pub(super) row: Row,
    /// It is there from the beginning: a column, or what an earlier step has left.
    pub(super) given: bool,
    /// A later step reads it, and nothing has written it before.
    pub(super) wanted: bool,
    /// An earlier step has made it too.
    again: bool,
    /// Nothing has read it before.
    pub(super) fresh: bool,
}

/// A run of steps.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) ops: Vec<Op>,
    pub(super) values: Vec<Value>,
    /// The value that a slot or column holds now.
    current: BTreeMap<Row, usize>,
    /// Operations that make the value of a slot once more when it is read.
    again: BTreeMap<u32, Operation<Source>>,
}

/// A row of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Row {
    Slot(u32),
    Column(u32),
}

impl Body {
    /// Nothing yet; the values of some slots will be made once more by their steps.
    pub(super) fn new(again: BTreeMap<u32, Operation<Source>>) -> Self {
        Self { again, ..Self::default() }
    }

    /// The value that the row holds; one that is given if nothing here has made it.
    fn value(&mut self, row: Row) -> usize {
        if let Some(&value) = self.current.get(&row) {
            return value;
        }
        if let Row::Slot(slot) = row
            && let Some(operation) = self.again.remove(&slot)
        {
            let value = self.make(row, &operation);
            self.values[value].again = true;
            return value;
        }
        self.enter(row, true)
    }

    /// A new value, which the row holds from now on.
    fn enter(&mut self, row: Row, given: bool) -> usize {
        self.values.push(Value { row, given, wanted: false, again: false, fresh: false });
        self.current.insert(row, self.values.len() - 1);
        self.values.len() - 1
    }

    /// Before a step overwrites the slot: makes the values of [`Self::again`] whose operations read
    /// what it holds so far.
    fn save(&mut self, slot: u32) {
        let depends = |operation: &Operation<Source>| {
            let mut depends = false;
            operation.each_operand(|operand| depends |= operand == Source::Slot(slot));
            depends
        };
        let again = self.again.iter().filter(|(_, operation)| depends(operation));
        for slot in again.map(|(&slot, _)| slot).collect::<Vec<_>>() {
            self.value(Row::Slot(slot));
        }
    }

    fn make(&mut self, row: Row, operation: &Operation<Source>) -> usize {
        let operation = operation.map(|source| self.argument(source));
        let value = self.enter(row, false);
        self.ops.push(Op::Make(value, operation));
        value
    }

    fn argument(&mut self, source: Source) -> Argument {
        match source {
            Source::Scalar(place) => Argument::Scalar(place),
            Source::Slot(_) | Source::Column(_) => Argument::Value(self.row(source)),
        }
    }

    fn row(&mut self, source: Source) -> usize {
        let row = row_of(source).expect("the lowering puts rows here");
        self.value(row)
    }

    /// Adds a plain step; a sum on its own has `width` partial sums.
    pub(super) fn push(&mut self, step: &Step, width: usize) {
        match step {
            Step::Value { slot, operation, .. } => {
                self.save(*slot);
                self.make(Row::Slot(*slot), operation);
            }
            Step::Sum { a, lanes } => {
                let lanes = Lanes { first: *lanes, count: width };
                let a = self.row(*a);
                self.ops.push(Op::Sum(a, lanes));
            }
            Step::Product { a, b, lanes } => {
                let lanes = Lanes { first: *lanes, count: width };
                let (a, b) = (self.row(*a), self.row(*b));
                self.ops.push(Op::Product(a, b, lanes));
            }
            Step::Outer { left, right, lanes } => {
                for (l, &a) in left.iter().enumerate() {
                    for (r, &b) in right.iter().enumerate() {
                        let first = lanes + (l * right.len() + r) * LANES;
                        let (a, b) = (self.row(a), self.row(b));
                        self.ops.push(Op::Product(a, b, Lanes { first, count: LANES }));
                    }
                }
            }
            Step::Matrix { .. } => unreachable!("a matrix has a kernel of its own"),
        }
    }

    /// Says which columns are read here for the first time.
    pub(super) fn freshen(&mut self, is_fresh: impl Fn(u32) -> bool) {
        for value in &mut self.values {
            if let Row::Column(column) = value.row {
                value.fresh = is_fresh(column);
            }
        }
    }

    /// Says which slots are read after the last step.
    pub(super) fn want(&mut self, is_live: impl Fn(u32) -> bool) {
        for (row, &value) in &self.current {
            if let Row::Slot(slot) = *row {
                self.values[value].wanted = is_live(slot) && !self.values[value].again;
            }
        }
    }
}

fn row_of(source: Source) -> Option<Row> {
    match source {
        Source::Slot(slot) => Some(Row::Slot(slot)),
        Source::Column(column) => Some(Row::Column(column)),
        Source::Scalar(_) => None,
    }
}
