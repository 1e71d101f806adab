//! The steps of a segment in static single assignment form: operations on values that are each
//! computed once, with the liveness of these values.

use std::collections::BTreeMap;

use super::super::kernel::LANES;
use super::super::operation::Operation;
use super::super::steps::{Source, Step};

/// An operand: a row value by its index in the body, or a scalar by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    Value(usize),
    Scalar(u32),
}

/// One operation.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// Computes a new value.
    Make(usize, Operation<Argument>),
    /// Adds the rows of a value to partial sums.
    Sum(usize, Lanes),
    /// Adds the products of two values to partial sums.
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

/// A row value of the body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    /// Its place in memory when it has no register.
    pub(super) row: Row,
    /// It is in memory from the beginning: a column, or a result of an earlier segment.
    pub(super) given: bool,
    /// A step after the body reads it, and no earlier segment has stored it.
    pub(super) live_out: bool,
    /// An earlier segment has computed it too.
    rematerialised: bool,
    /// A column that no earlier segment has read.
    pub(super) first_read: bool,
}

/// The steps of a segment.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) ops: Vec<Op>,
    pub(super) values: Vec<Value>,
    /// The current value of each slot and column.
    current: BTreeMap<Row, usize>,
    /// Operations that rematerialise the value of a slot when it is first read.
    rematerialisable: BTreeMap<u32, Operation<Source>>,
}

/// A row of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Row {
    Slot(u32),
    Column(u32),
}

impl Body {
    /// An empty body; slots of the map are rematerialised by their operations when first read.
    pub(super) fn new(rematerialisable: BTreeMap<u32, Operation<Source>>) -> Self {
        Self { rematerialisable, ..Self::default() }
    }

    /// The current value of the row: computed here, else rematerialised, else given.
    fn value(&mut self, row: Row) -> usize {
        if let Some(&value) = self.current.get(&row) {
            return value;
        }
        if let Row::Slot(slot) = row
            && let Some(operation) = self.rematerialisable.remove(&slot)
        {
            let value = self.make(row, &operation);
            self.values[value].rematerialised = true;
            return value;
        }
        self.enter(row, true)
    }

    /// Adds a value, which becomes the current one of the row.
    fn enter(&mut self, row: Row, given: bool) -> usize {
        self.values.push(Value {
            row,
            given,
            live_out: false,
            rematerialised: false,
            first_read: false,
        });
        self.current.insert(row, self.values.len() - 1);
        self.values.len() - 1
    }

    /// Called before a step overwrites the slot: rematerialises the values whose operations read its
    /// current value.
    fn save(&mut self, slot: u32) {
        let depends = |operation: &Operation<Source>| {
            let mut depends = false;
            operation.each_operand(|operand| depends |= operand == Source::Slot(slot));
            depends
        };
        let rematerialisable =
            self.rematerialisable.iter().filter(|(_, operation)| depends(operation));
        for slot in rematerialisable.map(|(&slot, _)| slot).collect::<Vec<_>>() {
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

    /// Adds a plain step; a mean outside a table has `width` partial sums.
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
            Step::Matrix { .. } | Step::Cells { .. } => {
                unreachable!("matrices and sums over cells have kernels of their own")
            }
        }
    }

    /// Marks the columns that no earlier segment has read.
    pub(super) fn mark_first_reads(&mut self, is_first_read: impl Fn(u32) -> bool) {
        for value in &mut self.values {
            if let Row::Column(column) = value.row {
                value.first_read = is_first_read(column);
            }
        }
    }

    /// Marks the values that steps after the body read from memory; a rematerialised value that they
    /// read was stored by an earlier segment.
    pub(super) fn mark_live_out(&mut self, is_live: impl Fn(u32) -> bool) {
        for (row, &value) in &self.current {
            if let Row::Slot(slot) = *row {
                self.values[value].live_out = is_live(slot) && !self.values[value].rematerialised;
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
