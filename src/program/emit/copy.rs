//! One copy of the body in its loop: operations as instructions, values in registers.

use super::super::operation::{NOTHING, Operation};
use super::assembler::{Arithmetic, Assembler, Mask, Memory, Operand, Predicate, Register};
use super::body::{Argument, Body, Lanes, Op};
use super::encode::NUMBER;
use super::machine::Machine;
use super::registers::Registers;
use super::write::{INDEX, LANES_AT, POINTER, POINTERS, TABLE, Writer};
use crate::graph::{BinaryFunction, Function, Relation};

/// How far ahead of its use a column is asked for, in bytes: what the processor sees of a pattern
/// ends with every tile.
const AHEAD: i32 = 2048;

/// All bits but the sign.
pub(super) const MAGNITUDE: Operand = Operand::Broadcast(Memory::Constant(!(1 << 63)));

/// The mask of a comparison that is used at once.
pub(super) const SCRATCH: Mask = Mask(1);

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

impl<'w, 'c, 'b> Copy<'w, 'c, 'b> {
    pub(super) fn new(writer: &'w mut Writer<'c>, body: &'b Body, number: usize) -> Self {
        let range = writer.pinned.len()..writer.code.machine.registers();
        let registers = Registers::new(body, range);
        Self { writer, registers, body, number }
    }

    pub(super) fn write(&mut self) {
        for (at, op) in self.body.ops.iter().enumerate() {
            self.op(op);
            self.registers.done(at);
        }
    }

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
            | Operation::Binary(BinaryFunction::Atan2 | BinaryFunction::Pow(_), ..)
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
