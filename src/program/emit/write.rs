//! A body as machine code: a loop over the rows, with up to thirty-two in an iteration.

use super::super::operation::Operation;
use super::assembler::{Assembler, Gpr, Memory, Operand, POOL, Register, Spare};
use super::body::{Argument, Body, Lanes, Op, Row};
use super::code::Extent;
use super::copy::LoopCopy;
use super::encode::{Direct, NUMBER};
use super::machine::Machine;
use super::mask::{Mask, Predicate};

pub(super) const TABLE: Gpr = Gpr::Rdi;
const SCALARS: Gpr = Gpr::Rsi;
pub(super) const LANES_AT: Gpr = Gpr::Rdx;
const END: Gpr = Gpr::Rcx;
pub(super) const INDEX: Gpr = Gpr::R9;
/// A register into which a pointer is loaded that has none of its own.
pub(super) const POINTER: Gpr = Gpr::Rax;

/// Registers that hold the first pointers of the table, the caller-saved ones first.
pub(super) const POINTERS: [Gpr; 8] =
    [Gpr::R8, Gpr::R10, Gpr::R11, Gpr::Rbx, Gpr::R12, Gpr::R13, Gpr::R14, Gpr::R15];
/// How many of [`POINTERS`] are caller-saved; the others are pushed and popped.
const FREE: usize = 3;

/// Machine code, what it assumes of its arguments, and the rows of its table.
pub(super) struct Written {
    pub(super) bytes: Vec<u8>,
    pub(super) extent: Extent,
    pub(super) table: Vec<Row>,
    /// Estimated time of an iteration, by [`Assembler::cost`].
    cost: usize,
}

/// The code of a body; `constant` has the scalars that are known while compiling.
pub(super) fn write(
    body: &Body,
    machine: Machine,
    constant: &dyn Fn(u32) -> Option<f64>,
) -> Written {
    let sums = sums(body, machine.lanes());
    Loop { body, machine, constant, sums }.best()
}

/// A loop to be written.
struct Loop<'b> {
    body: &'b Body,
    machine: Machine,
    constant: &'b dyn Fn(u32) -> Option<f64>,
    /// The index of the first partial sum of each vector of them.
    sums: Vec<usize>,
}

impl Loop<'_> {
    /// The code with the cheapest number of pinned sums. Each choice is written once, which tells the
    /// rows in memory; the best is written a second time with pointers to these rows in registers.
    fn best(&self) -> Written {
        let room = self.sums.len().min(self.machine.registers() - registers(self.body));
        let mut choices: Vec<usize> =
            self.machine.pins().iter().map(|&pins| pins.min(room)).collect();
        choices.dedup();
        let drafts = choices.into_iter().map(|pins| (pins, self.written(pins, Vec::new())));
        let best = drafts.min_by_key(|(_, draft)| draft.cost);
        let (pins, Written { mut table, .. }) = best.expect("there is a choice");
        table.sort_unstable();
        self.written(pins, table)
    }

    /// The code with the first `pins` sums in registers.
    fn written(&self, pins: usize, table: Vec<Row>) -> Written {
        let Self { body, machine, constant, sums } = self;
        let copies = copies(body, machine.lanes());
        let kept = POINTERS.len().min(table.len());
        let (code, mut spare) = Assembler::new(*machine);
        let conditions = conditions(body, machine.standing().len());
        let pinned = &sums[..pins];
        let mut writer = Writer { code, constant, pinned, conditions, scalars: 0, table, kept };
        let borrowed = &POINTERS[FREE.min(kept)..kept];
        borrowed.iter().for_each(|&register| writer.code.push(register));
        writer.begin();
        let (top, before) = (writer.code.here(), writer.code.cost());
        (0..copies).for_each(|copy| writer.copy(body, copy, &mut spare));
        let cost = writer.code.cost() - before;
        writer.code.advance(INDEX, copies as i32 * machine.bytes());
        writer.code.loop_below(INDEX, END, top);
        writer.end();
        borrowed.iter().rev().for_each(|&register| writer.code.pop(register));
        writer.code.leave();
        let lanes = sums.iter().map(|first| first + machine.lanes()).max().unwrap_or(0);
        let Writer { code, scalars, table, .. } = writer;
        let grain = copies * machine.lanes();
        let extent = Extent { table: table.len(), scalars, lanes, grain };
        Written { bytes: code.finish(), extent, table, cost }
    }
}

/// How often the body is unrolled: the most vectors of partial sums of one of its sums.
fn copies(body: &Body, width: usize) -> usize {
    let count = |op: &Op| match op {
        Op::Sum(_, lanes) | Op::Product(_, _, lanes) => lanes.count / width,
        Op::Make(..) => 1,
    };
    body.ops.iter().map(count).max().unwrap_or(1)
}

/// Most registers that one of the operations needs at once.
fn registers(body: &Body) -> usize {
    let count = |op: &Op| match op {
        Op::Make(_, operation) => operation.registers(),
        Op::Sum(..) | Op::Product(..) => 3,
    };
    body.ops.iter().map(count).max().unwrap_or(0)
}

/// The index of the first partial sum of each vector of them.
fn sums(body: &Body, width: usize) -> Vec<usize> {
    let vectors = |lanes: &Lanes| {
        let first = lanes.first;
        (0..lanes.count / width).map(move |vector| first + vector * width)
    };
    let of = |op: &Op| match op {
        Op::Sum(_, lanes) | Op::Product(_, _, lanes) => vectors(lanes).collect(),
        Op::Make(..) => Vec::new(),
    };
    body.ops.iter().flat_map(of).collect()
}

/// Scalar conditions of selections, at most as many as there are masks for them.
fn conditions(body: &Body, most: usize) -> Vec<u32> {
    let mut conditions = Vec::new();
    for op in &body.ops {
        if let Op::Make(_, Operation::Select(Argument::Scalar(condition), ..)) = op
            && !conditions.contains(condition)
        {
            conditions.push(*condition);
        }
    }
    conditions.truncate(most);
    conditions
}

pub(super) struct Writer<'c> {
    pub(super) code: Assembler,
    constant: &'c dyn Fn(u32) -> Option<f64>,
    /// Vectors of partial sums that are pinned to the registers from 0 on.
    pub(super) pinned: &'c [usize],
    /// Scalar conditions that have a mask for the whole loop.
    pub(super) conditions: Vec<u32>,
    /// Number of scalars that the code assumes: one more than the greatest place that it reads.
    scalars: usize,
    /// Rows in memory that have been used so far.
    table: Vec<Row>,
    /// How many of them have their pointer in a register.
    pub(super) kept: usize,
}

impl Writer<'_> {
    /// Writes the code before the loop.
    fn begin(&mut self) {
        self.code.push(POOL);
        self.code.point_to_pool();
        for (entry, &register) in POINTERS[..self.kept].iter().enumerate() {
            self.code.load_pointer(register, TABLE, entry as i32 * NUMBER);
        }
        self.settle_conditions();
        self.each_pinned(|code, register, memory| code.load(register, Operand::Vector(memory)));
        self.code.clear(INDEX);
    }

    /// Writes the code after the loop.
    fn end(&mut self) {
        self.each_pinned(|code, register, memory| code.store(memory, register));
        self.code.pop(POOL);
    }

    fn each_pinned(&mut self, visit: impl Fn(&mut Assembler, Register, Memory)) {
        for (register, &first) in self.pinned.iter().enumerate() {
            let memory = Memory::At(LANES_AT, first as i32 * NUMBER);
            visit(&mut self.code, Register(register as u8), memory);
        }
    }

    fn settle_conditions(&mut self) {
        let register = Register(0);
        let masks = Mask::standing(self.code.machine);
        for (place, mask) in self.conditions.clone().into_iter().zip(masks) {
            let condition = self.scalar(place);
            self.code.load(register, condition);
            self.code.set_standing(mask, Predicate::Equal, register, Direct::number(1.0));
        }
    }

    fn copy(&mut self, body: &Body, number: usize, spare: &mut Spare) {
        LoopCopy::new(self, body, number).write(spare);
    }

    /// The operand of a scalar.
    pub(super) fn scalar(&mut self, place: u32) -> Operand {
        self.scalars = self.scalars.max(place as usize + 1);
        Operand::Broadcast(Memory::At(SCALARS, place as i32 * NUMBER))
    }

    /// The index of a row in the table, which it is added to if missing.
    pub(super) fn entry(&mut self, row: Row) -> usize {
        let found = self.table.iter().position(|&known| known == row);
        found.unwrap_or_else(|| {
            self.table.push(row);
            self.table.len() - 1
        })
    }

    pub(super) fn is(&self, place: u32, number: f64) -> bool {
        (self.constant)(place).is_some_and(|value| value.to_bits() == number.to_bits())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::super::steps::{Source, Step};
    use super::*;

    /// Stores the value of a column, marked as given or not.
    fn store_a_column(given: bool) {
        let mut body = Body::new(BTreeMap::new());
        body.push(&Step::Sum { a: Source::Column(0), lanes: 0 }, 8);
        body.values[0].given = given;
        let (code, _) = Assembler::new(Machine::Avx512);
        let (conditions, table) = (Vec::new(), Vec::new());
        let mut writer = Writer {
            code,
            constant: &|_| None,
            pinned: &[],
            conditions,
            scalars: 0,
            table,
            kept: 0,
        };
        LoopCopy::new(&mut writer, &body, 0).store(0, Register(0));
    }

    #[test]
    #[should_panic(expected = "stands in memory already")]
    fn what_is_given_is_not_stored() {
        store_a_column(true);
    }

    #[test]
    #[should_panic(expected = "Column(0) must not be written")]
    fn a_column_is_not_written() {
        store_a_column(false);
    }
}
