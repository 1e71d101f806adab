//! One unrolled copy of the body in its loop: operations as instructions, values in registers.

use super::super::operation::{ADDITIVE_IDENTITY, Operation};
use super::assembler::{Arithmetic, Assembler, Memory, Operand, Register, Spare};
use super::body::{Argument, Body, Lanes, Op, Row};
use super::encode::{Direct, NUMBER};
use super::mask::{Mask, Predicate};
use super::registers::Registers;
use super::write::{INDEX, LANES_AT, POINTER, POINTERS, TABLE, Writer};
use crate::graph::{BinaryFunction, Function, Relation};

/// How far ahead of its use a column is prefetched, in bytes. The hardware prefetcher follows a column
/// only within a tile, since other segments run before the next tile.
const AHEAD: i32 = 2048;

/// All bits but the sign.
pub(super) const MAGNITUDE: Direct = Direct::bits(!(1 << 63));

/// A partially computed sum.
#[derive(Clone, Copy, Debug)]
enum Running {
    /// No term yet.
    Empty,
    /// The scalar at this place.
    Number(u32),
    /// In a register, which is that of the term itself where the sum has one term with weight 1.
    In(Register),
}

/// One unrolled copy of the body in the loop; `number` counts the copies from zero.
pub(super) struct LoopCopy<'w, 'c, 'b> {
    pub(super) writer: &'w mut Writer<'c>,
    pub(super) registers: Registers<'b>,
    body: &'b Body,
    number: usize,
}

impl<'w, 'c, 'b> LoopCopy<'w, 'c, 'b> {
    pub(super) fn new(writer: &'w mut Writer<'c>, body: &'b Body, number: usize) -> Self {
        let range = writer.pinned.len()..writer.code.machine.registers();
        let registers = Registers::new(body, range);
        Self { writer, registers, body, number }
    }

    pub(super) fn write(&mut self, spare: &mut Spare) {
        for (at, op) in self.body.ops.iter().enumerate() {
            self.op(op, spare);
            self.registers.done(at);
        }
    }

    fn op(&mut self, op: &Op, spare: &mut Spare) {
        match op {
            Op::Make(value, operation) => {
                let register = self.make(operation, spare);
                self.registers.assign(register, *value);
                if self.registers.is_due(*value) {
                    self.store(*value, register);
                }
            }
            Op::Sum(a, lanes) => {
                let a = self.value(*a);
                self.sum_up(*lanes, |code, sum| {
                    code.arithmetic(Arithmetic::Add, sum, sum, a);
                });
            }
            Op::Product(a, b, lanes) => {
                let (a, b) = (self.value(*a), self.value(*b));
                self.sum_up(*lanes, |code, sum| {
                    code.arithmetic(Arithmetic::MultiplyAdd, sum, a, b);
                });
            }
        }
    }

    /// Adds to partial sums in their pinned register, or in memory where they have none.
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

    /// The place of a value in memory.
    fn place(&mut self, value: usize) -> Memory {
        let entry = self.writer.entry(self.body.values[value].row);
        let base = POINTERS[..self.writer.kept].get(entry).copied().unwrap_or(POINTER);
        if base == POINTER {
            self.writer.code.load_pointer(POINTER, TABLE, entry as i32 * NUMBER);
        }
        let bytes = self.writer.code.machine.bytes();
        Memory::Indexed(base, INDEX, self.number as i32 * bytes)
    }

    /// Stores a value that was computed here in its slot; columns belong to the caller and are only
    /// read.
    pub(super) fn store(&mut self, value: usize, register: Register) {
        let stored = self.body.values[value];
        assert!(!stored.given, "what is given stands in memory already");
        assert!(matches!(stored.row, Row::Slot(_)), "{:?} must not be written", stored.row);
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

    /// The register of a value, which is loaded if it has none; the register is locked.
    fn value(&mut self, value: usize) -> Register {
        if let Some(register) = self.registers.of(value) {
            self.registers.lock(register);
            return register;
        }
        let register = self.take(Some(value));
        let place = self.place(value);
        self.writer.code.load(register, Operand::Vector(place));
        if self.body.values[value].first_read
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

    /// The argument in a register, which must not be written: it may be that of a value.
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
    fn arithmetic(
        &mut self,
        kind: Arithmetic,
        a: Argument,
        b: Argument,
        spare: &mut Spare,
    ) -> Register {
        let (a, b) = (self.register(a), self.argument(b));
        let out = self.temporary();
        self.writer.code.arithmetic_with(kind, out, a, b, spare);
        out
    }

    fn make(&mut self, operation: &Operation<Argument>, spare: &mut Spare) -> Register {
        match operation {
            Operation::Sum { start, scaled, products } => self.sum(*start, scaled, products, spare),
            Operation::Multiply(a @ Argument::Scalar(_), b) => {
                self.arithmetic(Arithmetic::Multiply, *b, *a, spare)
            }
            Operation::Multiply(a, b) => self.arithmetic(Arithmetic::Multiply, *a, *b, spare),
            Operation::Reciprocal(a) => {
                let a = self.argument(*a);
                let out = self.temporary();
                self.writer.code.load(out, Direct::number(1.0));
                self.writer.code.arithmetic_with(Arithmetic::Divide, out, out, a, spare);
                out
            }
            Operation::Root(a) => self.unary(*a, Assembler::root, spare),
            Operation::Call(Function::Floor, a) => self.unary(*a, Assembler::floor, spare),
            Operation::Call(Function::Abs, a) => {
                let a = self.register(*a);
                let out = self.temporary();
                self.apply(Arithmetic::And, out, a, MAGNITUDE);
                out
            }
            Operation::Call(Function::Exp, a) => self.function(*a, Self::exp, spare),
            Operation::Call(Function::Tanh, a) => self.function(*a, Self::tanh, spare),
            Operation::Compare(relation, a, b) => self.compare(*relation, *a, *b, spare),
            Operation::Select(c, a, b) => self.select(*c, *a, *b, spare),
            Operation::Greatest(all) => self.extreme(Arithmetic::Greatest, all, spare),
            Operation::Binary(BinaryFunction::Max, a, b) => {
                self.extreme(Arithmetic::Greatest, &[*a, *b], spare)
            }
            Operation::Binary(BinaryFunction::Min, a, b) => {
                self.extreme(Arithmetic::Least, &[*a, *b], spare)
            }
            Operation::Call(..)
            | Operation::Binary(BinaryFunction::Atan2 | BinaryFunction::Pow(_), ..)
            | Operation::Power(..)
            | Operation::Gather(..)
            | Operation::LogTotal(..) => unreachable!("these have kernels of their own"),
        }
    }

    fn function(
        &mut self,
        a: Argument,
        body: fn(&mut Self, Register, &mut Spare) -> Register,
        spare: &mut Spare,
    ) -> Register {
        let a = self.register(a);
        body(self, a, spare)
    }

    fn unary(
        &mut self,
        a: Argument,
        write: impl Fn(&mut Assembler, Register, Operand, &mut Spare),
        spare: &mut Spare,
    ) -> Register {
        let a = self.argument(a);
        let out = self.temporary();
        write(&mut self.writer.code, out, a, spare);
        out
    }

    /// A sum in the order and with the roundings of the kernels; a sum that starts at −0 needs no
    /// addition for its first term.
    fn sum(
        &mut self,
        start: Argument,
        scaled: &[(Argument, Argument)],
        products: &[(Argument, Argument)],
        spare: &mut Spare,
    ) -> Register {
        let out = self.temporary();
        let Argument::Scalar(start) = start else { unreachable!("sums start at a scalar") };
        let mut so_far = if self.writer.is(start, ADDITIVE_IDENTITY) {
            Running::Empty
        } else {
            Running::Number(start)
        };
        for &(weight, row) in scaled {
            let Argument::Scalar(weight) = weight else { unreachable!("weights are scalars") };
            let Argument::Value(row) = row else { unreachable!("terms are rows") };
            let row = self.value(row);
            so_far = self.add_scaled(out, so_far, weight, row, spare);
        }
        for &(a, b) in products {
            let (a, b) = (self.register(a), self.register(b));
            self.add_product(out, so_far, a, b.into(), spare);
            self.registers.unlock(a);
            self.registers.unlock(b);
            so_far = Running::In(out);
        }
        self.settle(out, so_far);
        out
    }

    /// out = the sum so far
    fn settle(&mut self, out: Register, so_far: Running) {
        match so_far {
            Running::Empty => self.writer.code.load(out, Direct::number(ADDITIVE_IDENTITY)),
            Running::Number(place) => {
                let number = self.writer.scalar(place);
                self.writer.code.load(out, number);
            }
            Running::In(register) if register == out => {}
            Running::In(row) => {
                self.writer.code.load(out, row);
                self.registers.unlock(row);
            }
        }
    }

    /// out = the sum so far + weight · row; a weight of ±1 needs no multiplication, and rounds to the
    /// same bits.
    fn add_scaled(
        &mut self,
        out: Register,
        so_far: Running,
        weight: u32,
        row: Register,
        spare: &mut Spare,
    ) -> Running {
        let (plus, minus) = (self.writer.is(weight, 1.0), self.writer.is(weight, -1.0));
        match so_far {
            Running::Empty if plus => return Running::In(row),
            Running::Number(place) if plus => {
                let number = self.writer.scalar(place);
                self.writer.code.arithmetic_with(Arithmetic::Add, out, row, number, spare);
            }
            Running::In(sum) if plus || minus => {
                let kind = if plus { Arithmetic::Add } else { Arithmetic::Subtract };
                self.apply(kind, out, sum, row);
                self.registers.unlock(sum);
            }
            Running::Empty | Running::Number(_) | Running::In(_) => {
                let weight = self.writer.scalar(weight);
                self.add_product(out, so_far, row, weight, spare);
            }
        }
        self.registers.unlock(row);
        self.registers.lock(out);
        Running::In(out)
    }

    /// out = the sum so far + a · b
    fn add_product(
        &mut self,
        out: Register,
        so_far: Running,
        a: Register,
        b: Operand,
        spare: &mut Spare,
    ) {
        if let Running::Empty = so_far {
            return self.writer.code.arithmetic_with(Arithmetic::Multiply, out, a, b, spare);
        }
        self.settle(out, so_far);
        self.writer.code.arithmetic_with(Arithmetic::MultiplyAdd, out, a, b, spare);
    }

    fn compare(
        &mut self,
        relation: Relation,
        a: Argument,
        b: Argument,
        spare: &mut Spare,
    ) -> Register {
        let predicate = match relation {
            Relation::Less => Predicate::Less,
            Relation::LessEqual => Predicate::LessEqual,
            Relation::Equal => Predicate::Equal,
        };
        let (a, b) = (self.register(a), self.argument(b));
        let mask = self.writer.code.compare(predicate, a, b, spare);
        let out = self.temporary();
        self.writer.code.truth(mask, out);
        out
    }

    fn select(&mut self, c: Argument, a: Argument, b: Argument, spare: &mut Spare) -> Register {
        let mask = self.condition(c, spare);
        let (a, b) = (self.argument(a), self.register(b));
        let out = self.temporary();
        self.writer.code.blend(mask, out, b, a);
        out
    }

    /// The mask of the rows where the condition is 1.
    fn condition<'s>(&mut self, c: Argument, spare: &'s mut Spare) -> Mask<'s> {
        let standing = Mask::standing(self.writer.code.machine);
        let mut known = self.writer.conditions.iter().zip(standing);
        if let Some((_, mask)) = known.find(|&(&known, _)| c == Argument::Scalar(known)) {
            return mask;
        }
        let c = self.register(c);
        self.writer.code.compare(Predicate::Equal, c, Direct::number(1.0), spare)
    }

    /// The greatest or the least of all; NaN if any is. The instruction gives its second operand where
    /// an operand is NaN: that is the best so far, so its NaN stays, while a NaN of the others is
    /// restored afterwards, for two of them at a time.
    fn extreme(&mut self, kind: Arithmetic, all: &[Argument], spare: &mut Spare) -> Register {
        let best = self.temporary();
        let first = self.argument(all[0]);
        self.writer.code.load(best, first);
        for pair in all[1..].chunks(2) {
            let others = [self.register(pair[0]), self.register(*pair.last().expect("one or two"))];
            for &other in &others[..pair.len()] {
                self.apply(kind, best, other, best);
            }
            let [a, b] = others;
            let mask = self.writer.code.compare(Predicate::Unordered, a, b, spare);
            self.writer.code.blend(mask, best, best, Direct::number(f64::NAN));
            self.registers.unlock(a);
            self.registers.unlock(b);
        }
        best
    }
}
