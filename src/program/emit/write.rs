//! A body as machine code: a loop over the rows, up to thirty-two in a turn.

use super::super::operation::{NOTHING, Operation};
use super::assembler::{
    Arithmetic, Assembler, Gpr, Mask, Memory, Operand, POOL, Predicate, Register,
};
use super::body::{Argument, Body, Lanes, Op, Row};
use super::code::Extent;
use super::encode::NUMBER;
use super::machine::Machine;
use super::registers::Registers;
use crate::graph::{BinaryFunction, Function, Relation};

const TABLE: Gpr = Gpr::Rdi;
const SCALARS: Gpr = Gpr::Rsi;
const LANES_AT: Gpr = Gpr::Rdx;
const END: Gpr = Gpr::Rcx;
const INDEX: Gpr = Gpr::R9;
/// For pointers that have no register of their own.
const POINTER: Gpr = Gpr::Rax;

/// Registers that hold the first pointers of the table, the free ones first.
const POINTERS: [Gpr; 8] =
    [Gpr::R8, Gpr::R10, Gpr::R11, Gpr::Rbx, Gpr::R12, Gpr::R13, Gpr::R14, Gpr::R15];
/// How many of these belong to the caller.
const FREE: usize = 3;

/// How far ahead of its use a column is asked for, in bytes: what the processor sees of a pattern
/// ends with every tile.
const AHEAD: i32 = 2048;

/// All bits but the sign.
pub(super) const MAGNITUDE: Operand = Operand::Broadcast(Memory::Constant(!(1 << 63)));

/// The mask of a comparison that is used at once.
pub(super) const SCRATCH: Mask = Mask(1);
/// Machine code, what it assumes of its arguments, and the rows of its table.
pub(super) struct Written {
    pub(super) bytes: Vec<u8>,
    pub(super) extent: Extent,
    pub(super) table: Vec<Row>,
    /// About how long a turn takes.
    cost: usize,
}

/// The code of a body; `constant` tells the numbers that are known now.
pub(super) fn write(
    body: &Body,
    machine: Machine,
    constant: &dyn Fn(u32) -> Option<f64>,
) -> Written {
    let pins = machine.pins().iter().map(|&pins| {
        // Once to see which rows are in memory at all, and once more with their pointers at hand.
        let mut table = written(body, machine, pins, constant, Vec::new()).table;
        table.sort_unstable();
        written(body, machine, pins, constant, table)
    });
    pins.min_by_key(|written| written.cost).expect("there is a choice")
}

fn written(
    body: &Body,
    machine: Machine,
    pins: usize,
    constant: &dyn Fn(u32) -> Option<f64>,
    table: Vec<Row>,
) -> Written {
    let width = machine.lanes();
    let copies = copies(body, width);
    let sums = sums(body, width);
    let room = pins.min(machine.registers() - registers(body));
    let pinned = sums[..room.min(sums.len())].to_vec();
    let kept = POINTERS.len().min(table.len());
    let code = Assembler::new(machine);
    let conditions = conditions(body, machine.standing().len());
    let mut writer = Writer { code, constant, pinned, conditions, scalars: 0, table, kept };
    let borrowed = &POINTERS[FREE.min(kept)..kept];
    borrowed.iter().for_each(|&register| writer.code.push(register));
    writer.code.push(POOL);
    writer.code.point_to_pool();
    for (entry, &register) in POINTERS[..kept].iter().enumerate() {
        writer.code.load_pointer(register, TABLE, entry as i32 * NUMBER);
    }
    writer.settle_conditions();
    writer.each_pinned(|code, register, memory| code.load(register, Operand::Vector(memory)));
    writer.code.clear(INDEX);
    let top = writer.code.here();
    let before = writer.code.cost();
    (0..copies).for_each(|copy| writer.copy(body, copy));
    let cost = writer.code.cost() - before;
    writer.code.advance(INDEX, copies as i32 * machine.bytes());
    writer.code.loop_below(INDEX, END, top);
    writer.each_pinned(|code, register, memory| code.store(memory, register));
    writer.code.pop(POOL);
    borrowed.iter().rev().for_each(|&register| writer.code.pop(register));
    writer.code.leave();
    let lanes = sums.iter().map(|first| first + width).max().unwrap_or(0);
    let Writer { code, scalars, table, .. } = writer;
    let extent = Extent { table: table.len(), scalars, lanes, grain: copies * width };
    Written { bytes: code.finish(), extent, table, cost }
}

/// How often the body stands in the loop: as often as its sums have vectors of partial sums.
fn copies(body: &Body, width: usize) -> usize {
    let count = |op: &Op| match op {
        Op::Sum(_, lanes) | Op::Product(_, _, lanes) => lanes.count / width,
        Op::Make(..) => 1,
    };
    body.ops.iter().map(count).max().unwrap_or(1)
}

/// Registers that one of the operations may need at once.
fn registers(body: &Body) -> usize {
    let count = |op: &Op| match op {
        Op::Make(_, operation) => operation.registers(),
        Op::Sum(..) | Op::Product(..) => 3,
    };
    body.ops.iter().map(count).max().unwrap_or(0)
}

/// The vectors of partial sums.
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

/// Conditions of selections that are the same for all rows, as many as have a mask.
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
    /// Partial sums that stand in registers from the first one on.
    pinned: Vec<usize>,
    /// Numbers for all rows whose truth stands in a mask.
    conditions: Vec<u32>,
    /// How many scalars are read.
    scalars: usize,
    /// Rows in memory, as far as they are known.
    table: Vec<Row>,
    /// How many of them have their pointer in a register.
    kept: usize,
}

/// A sum in the making.
#[derive(Clone, Copy, Debug)]
enum Running {
    Nothing,
    /// A number that is the same for all rows.
    Number(u32),
    /// In a register, which may be that of a term that stands alone so far.
    In(Register),
}

/// One copy of the body in the loop.
pub(super) struct Copy<'w, 'c, 'b> {
    pub(super) writer: &'w mut Writer<'c>,
    pub(super) registers: Registers<'b>,
    body: &'b Body,
    number: usize,
}

impl Writer<'_> {
    fn each_pinned(&mut self, visit: impl Fn(&mut Assembler, Register, Memory)) {
        for (register, &first) in self.pinned.iter().enumerate() {
            let memory = Memory::At(LANES_AT, first as i32 * NUMBER);
            visit(&mut self.code, Register(register as u8), memory);
        }
    }

    fn settle_conditions(&mut self) {
        let register = Register(0);
        for (place, mask) in self.conditions.clone().into_iter().zip(self.code.machine.standing()) {
            let condition = self.scalar(place);
            self.code.load(register, condition);
            self.code.compare(Mask(mask), Predicate::Equal, register, Operand::number(1.0));
        }
    }

    fn copy(&mut self, body: &Body, number: usize) {
        let registers = Registers::new(body, self.pinned.len()..self.code.machine.registers());
        let mut copy = Copy { writer: self, registers, body, number };
        for (at, op) in body.ops.iter().enumerate() {
            copy.op(op);
            copy.registers.done(at);
        }
    }

    /// A number that is the same for all rows.
    fn scalar(&mut self, place: u32) -> Operand {
        self.scalars = self.scalars.max(place as usize + 1);
        Operand::Broadcast(Memory::At(SCALARS, place as i32 * NUMBER))
    }

    /// The place of a row in the table.
    fn entry(&mut self, row: Row) -> usize {
        let found = self.table.iter().position(|&known| known == row);
        found.unwrap_or_else(|| {
            self.table.push(row);
            self.table.len() - 1
        })
    }

    fn is(&self, place: u32, number: f64) -> bool {
        (self.constant)(place).is_some_and(|value| value.to_bits() == number.to_bits())
    }
}

impl Copy<'_, '_, '_> {
    fn op(&mut self, op: &Op) {
        match op {
            Op::Make(value, operation) => {
                let register = self.make(operation);
                self.registers.assign(register, *value);
                if self.registers.is_due(*value) {
                    self.store(*value, register);
                }
            }
            Op::Sum(a, lanes) => {
                let a = self.value(*a);
                self.sum_up(*lanes, |code, sum| {
                    code.arithmetic(Arithmetic::Add, sum, sum, Operand::Register(a));
                });
            }
            Op::Product(a, b, lanes) => {
                let (a, b) = (self.value(*a), self.value(*b));
                self.sum_up(*lanes, |code, sum| {
                    code.arithmetic(Arithmetic::MultiplyAdd, sum, a, Operand::Register(b));
                });
            }
        }
    }

    /// Partial sums in their register, or from memory and back.
    fn sum_up(&mut self, lanes: Lanes, add: impl Fn(&mut Assembler, Register)) {
        let width = self.writer.code.machine.lanes();
        let vector = self.number % (lanes.count / width);
        let first = lanes.first + vector * width;
        if let Some(pinned) = self.writer.pinned.iter().position(|&sum| sum == first) {
            return add(&mut self.writer.code, Register(pinned as u8));
        }
        let memory = Memory::At(LANES_AT, first as i32 * NUMBER);
        let sum = self.temporary();
        self.writer.code.load(sum, Operand::Vector(memory));
        add(&mut self.writer.code, sum);
        self.writer.code.store(memory, sum);
    }

    /// Where a value stands in memory.
    fn place(&mut self, value: usize) -> Memory {
        let entry = self.writer.entry(self.body.values[value].row);
        let base = POINTERS[..self.writer.kept].get(entry).copied().unwrap_or(POINTER);
        if base == POINTER {
            self.writer.code.load_pointer(POINTER, TABLE, entry as i32 * NUMBER);
        }
        let bytes = self.writer.code.machine.bytes();
        Memory::Indexed(base, INDEX, self.number as i32 * bytes)
    }

    fn store(&mut self, value: usize, register: Register) {
        let place = self.place(value);
        self.writer.code.store(place, register);
    }

    fn take(&mut self, holder: Option<usize>) -> Register {
        let taken = self.registers.take(holder);
        if let Some(value) = taken.spilled {
            self.store(value, taken.register);
        }
        taken.register
    }

    /// A register for an intermediate result.
    pub(super) fn temporary(&mut self) -> Register {
        self.take(None)
    }

    /// The register of a value, which is loaded if it has none.
    fn value(&mut self, value: usize) -> Register {
        if let Some(register) = self.registers.of(value) {
            self.registers.lock(register);
            return register;
        }
        let register = self.take(Some(value));
        let place = self.place(value);
        self.writer.code.load(register, Operand::Vector(place));
        if self.body.values[value].fresh
            && let Memory::Indexed(base, index, displacement) = place
        {
            self.writer.code.prefetch(base, index, displacement + AHEAD);
        }
        register
    }

    fn argument(&mut self, argument: Argument) -> Operand {
        match argument {
            Argument::Value(value) => Operand::Register(self.value(value)),
            Argument::Scalar(place) => self.writer.scalar(place),
        }
    }

    /// The argument in a register of its own, or one that is shared and must not be written.
    fn register(&mut self, argument: Argument) -> Register {
        match self.argument(argument) {
            Operand::Register(register) => register,
            operand @ (Operand::Vector(_) | Operand::Broadcast(_)) => {
                let register = self.temporary();
                self.writer.code.load(register, operand);
                register
            }
        }
    }

    /// a ∘ b for two arguments.
    fn arithmetic(&mut self, kind: Arithmetic, a: Argument, b: Argument) -> Register {
        let (a, b) = (self.register(a), self.argument(b));
        let out = self.temporary();
        self.writer.code.arithmetic(kind, out, a, b);
        out
    }

    fn make(&mut self, operation: &Operation<Argument>) -> Register {
        match operation {
            Operation::Sum { start, scaled, products } => self.sum(*start, scaled, products),
            Operation::Multiply(a @ Argument::Scalar(_), b) => {
                self.arithmetic(Arithmetic::Multiply, *b, *a)
            }
            Operation::Multiply(a, b) => self.arithmetic(Arithmetic::Multiply, *a, *b),
            Operation::Reciprocal(a) => {
                let a = self.argument(*a);
                let out = self.temporary();
                let one = Operand::number(1.0);
                self.writer.code.load(out, one);
                self.writer.code.arithmetic(Arithmetic::Divide, out, out, a);
                out
            }
            Operation::Root(a) => self.unary(*a, Assembler::root),
            Operation::Call(Function::Floor, a) => self.unary(*a, Assembler::floor),
            Operation::Call(Function::Abs, a) => {
                let a = self.register(*a);
                let out = self.temporary();
                let magnitude = MAGNITUDE;
                self.writer.code.arithmetic(Arithmetic::And, out, a, magnitude);
                out
            }
            Operation::Call(Function::Exp, a) => self.function(*a, Self::exp),
            Operation::Call(Function::Tanh, a) => self.function(*a, Self::tanh),
            Operation::Compare(relation, a, b) => self.compare(*relation, *a, *b),
            Operation::Select(c, a, b) => self.select(*c, *a, *b),
            Operation::Greatest(all) => self.extreme(Arithmetic::Greatest, all),
            Operation::Binary(BinaryFunction::Max, a, b) => {
                self.extreme(Arithmetic::Greatest, &[*a, *b])
            }
            Operation::Binary(BinaryFunction::Min, a, b) => {
                self.extreme(Arithmetic::Least, &[*a, *b])
            }
            Operation::Call(..)
            | Operation::Binary(BinaryFunction::Atan2, ..)
            | Operation::Power(..)
            | Operation::LogTotal(..) => unreachable!("these have kernels of their own"),
        }
    }

    fn function(&mut self, a: Argument, body: fn(&mut Self, Register) -> Register) -> Register {
        let a = self.register(a);
        body(self, a)
    }

    fn unary(
        &mut self,
        a: Argument,
        write: impl Fn(&mut Assembler, Register, Operand),
    ) -> Register {
        let a = self.argument(a);
        let out = self.temporary();
        write(&mut self.writer.code, out, a);
        out
    }

    /// In the order and with the roundings of the kernels. What is added to nothing needs no
    /// addition.
    fn sum(
        &mut self,
        start: Argument,
        scaled: &[(Argument, Argument)],
        products: &[(Argument, Argument)],
    ) -> Register {
        let out = self.temporary();
        let Argument::Scalar(start) = start else { unreachable!("sums start at a scalar") };
        let mut so_far =
            if self.writer.is(start, NOTHING) { Running::Nothing } else { Running::Number(start) };
        for &(weight, row) in scaled {
            let Argument::Scalar(weight) = weight else { unreachable!("weights are scalars") };
            let Argument::Value(row) = row else { unreachable!("terms are rows") };
            let row = self.value(row);
            so_far = self.add_scaled(out, so_far, weight, row);
        }
        for &(a, b) in products {
            let (a, b) = (self.register(a), self.register(b));
            self.add_product(out, so_far, a, Operand::Register(b));
            self.registers.unlock(a);
            self.registers.unlock(b);
            so_far = Running::In(out);
        }
        self.settle(out, so_far);
        out
    }

    /// out = what there is so far
    fn settle(&mut self, out: Register, so_far: Running) {
        match so_far {
            Running::Nothing => self.writer.code.load(out, Operand::number(NOTHING)),
            Running::Number(place) => {
                let number = self.writer.scalar(place);
                self.writer.code.load(out, number);
            }
            Running::In(register) if register == out => {}
            Running::In(row) => {
                self.writer.code.load(out, Operand::Register(row));
                self.registers.unlock(row);
            }
        }
    }

    /// out = what there is so far + weight · row; a weight of ±1 needs no multiplication to round
    /// the same.
    fn add_scaled(
        &mut self,
        out: Register,
        so_far: Running,
        weight: u32,
        row: Register,
    ) -> Running {
        let (plus, minus) = (self.writer.is(weight, 1.0), self.writer.is(weight, -1.0));
        match so_far {
            Running::Nothing if plus => return Running::In(row),
            Running::Number(place) if plus => {
                let number = self.writer.scalar(place);
                self.apply(Arithmetic::Add, out, row, number);
            }
            Running::In(sum) if plus || minus => {
                let kind = if plus { Arithmetic::Add } else { Arithmetic::Subtract };
                self.apply(kind, out, sum, Operand::Register(row));
                self.registers.unlock(sum);
            }
            Running::Nothing | Running::Number(_) | Running::In(_) => {
                let weight = self.writer.scalar(weight);
                self.add_product(out, so_far, row, weight);
            }
        }
        self.registers.unlock(row);
        self.registers.lock(out);
        Running::In(out)
    }

    /// out = what there is so far + a · b
    fn add_product(&mut self, out: Register, so_far: Running, a: Register, b: Operand) {
        if let Running::Nothing = so_far {
            return self.apply(Arithmetic::Multiply, out, a, b);
        }
        self.settle(out, so_far);
        self.apply(Arithmetic::MultiplyAdd, out, a, b);
    }

    fn compare(&mut self, relation: Relation, a: Argument, b: Argument) -> Register {
        let predicate = match relation {
            Relation::Less => Predicate::Less,
            Relation::LessEqual => Predicate::LessEqual,
            Relation::Equal => Predicate::Equal,
        };
        let (a, b) = (self.register(a), self.argument(b));
        self.writer.code.compare(SCRATCH, predicate, a, b);
        let out = self.temporary();
        self.writer.code.truth(SCRATCH, out);
        out
    }

    fn select(&mut self, c: Argument, a: Argument, b: Argument) -> Register {
        let mask = self.condition(c);
        let (a, b) = (self.argument(a), self.register(b));
        let out = self.temporary();
        let a = self.beside_mask(a, out);
        self.writer.code.blend(mask, out, b, a);
        out
    }

    /// The operand, in the register where there would else be no room for it beside a mask.
    fn beside_mask(&mut self, operand: Operand, register: Register) -> Operand {
        match (self.writer.code.machine, operand) {
            (Machine::Avx2, Operand::Broadcast(_)) => {
                self.writer.code.load(register, operand);
                Operand::Register(register)
            }
            (Machine::Avx512 | Machine::Avx2, _) => operand,
        }
    }

    /// The mask of the rows where the condition is 1.
    fn condition(&mut self, c: Argument) -> Mask {
        let standing = |&known: &u32| c == Argument::Scalar(known);
        if let Some(index) = self.writer.conditions.iter().position(standing) {
            return Mask(self.writer.code.machine.standing().start + index as u8);
        }
        let c = self.register(c);
        self.writer.code.compare(SCRATCH, Predicate::Equal, c, Operand::number(1.0));
        SCRATCH
    }

    /// The greatest or the least of all. The instruction gives its second operand where one of
    /// them is NaN. There stands the best so far, whose NaN stays; those of the others are put
    /// back for two at a time.
    fn extreme(&mut self, kind: Arithmetic, all: &[Argument]) -> Register {
        let best = self.temporary();
        let first = self.argument(all[0]);
        self.writer.code.load(best, first);
        for pair in all[1..].chunks(2) {
            let others = [self.register(pair[0]), self.register(*pair.last().expect("one or two"))];
            for &other in &others[..pair.len()] {
                self.apply(kind, best, other, Operand::Register(best));
            }
            let [a, b] = others;
            self.writer.code.compare(SCRATCH, Predicate::Unordered, a, Operand::Register(b));
            self.writer.code.blend(SCRATCH, best, best, Operand::number(f64::NAN));
            self.registers.unlock(a);
            self.registers.unlock(b);
        }
        best
    }
}
