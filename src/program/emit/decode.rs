//! Every instruction that the assembler can write, decoded again by a disassembler that knows
//! nothing of it, in both encodings. Only bytes are looked at: none of this needs the processor.

use iced_x86::{
    Decoder, DecoderOptions, EncodingKind, Instruction, Mnemonic, OpKind, Register as Decoded,
};

use super::assembler::{Arithmetic, Assembler, Gpr, Memory, Operand, POOL, Register, Spare};
use super::encode::{Direct, SPARE};
use super::machine::Machine;
use super::mask::{Mask, Predicate};

const MACHINES: [Machine; 2] = [Machine::Avx512, Machine::Avx2];

const GPRS: [Gpr; 15] = [
    Gpr::Rax,
    Gpr::Rcx,
    Gpr::Rdx,
    Gpr::Rbx,
    Gpr::Rbp,
    Gpr::Rsi,
    Gpr::Rdi,
    Gpr::R8,
    Gpr::R9,
    Gpr::R10,
    Gpr::R11,
    Gpr::R12,
    Gpr::R13,
    Gpr::R14,
    Gpr::R15,
];

/// Around zero, and around the ends of one-byte displacements that count bytes, numbers and vectors.
const DISPLACEMENTS: [i32; 27] = [
    0,
    1,
    -1,
    8,
    -8,
    32,
    64,
    -64,
    127,
    128,
    129,
    -127,
    -128,
    -129,
    1016,
    1017,
    1024,
    -1024,
    -1032,
    8128,
    8136,
    8192,
    -8192,
    -8193,
    -8256,
    i32::MAX,
    i32::MIN,
];

/// An instruction as it was asked for, or as it was decoded.
#[derive(Debug, PartialEq)]
struct Shape {
    encoding: EncodingKind,
    mnemonic: Mnemonic,
    operands: Vec<Part>,
    mask: Decoded,
    zeroing: bool,
}

#[derive(Debug, PartialEq)]
enum Part {
    Register(Decoded),
    Memory {
        base: Decoded,
        index: Decoded,
        scale: u32,
        displacement: i64,
        /// Bytes that spell the displacement.
        spelled: u32,
        /// Bytes that are read or written.
        size: usize,
        broadcast: bool,
    },
    Immediate(u64),
    Target(u64),
}

impl Shape {
    fn of(got: &Instruction) -> Self {
        let operand = |k| match got.op_kind(k) {
            OpKind::Register => Part::Register(got.op_register(k)),
            OpKind::Memory => Part::Memory {
                base: got.memory_base(),
                index: got.memory_index(),
                scale: got.memory_index_scale(),
                displacement: got.memory_displacement64() as i64,
                // Four bytes are told as the eight that the processor extends them to.
                spelled: got.memory_displ_size().min(4),
                size: got.memory_size().size(),
                broadcast: got.is_broadcast(),
            },
            OpKind::NearBranch64 => Part::Target(got.near_branch64()),
            _ => Part::Immediate(got.immediate(k)),
        };
        Self {
            encoding: got.code().encoding(),
            mnemonic: got.mnemonic(),
            operands: (0..got.op_count()).map(operand).collect(),
            mask: got.op_mask(),
            zeroing: got.zeroing_masking(),
        }
    }
}

fn gpr(register: Gpr) -> Decoded {
    Decoded::RAX + register as u32
}

/// A memory operand of so many bytes, whose short displacements count `unit` bytes.
fn memory(at: Memory, unit: i32, size: usize, broadcast: bool) -> Part {
    let (base, index, displacement) = match at {
        Memory::At(base, displacement) => (base, Decoded::None, displacement),
        Memory::Indexed(base, index, displacement) => (base, gpr(index), displacement),
        Memory::Constant(_) => unreachable!("its place is known by now"),
    };
    let must_be_spelled = matches!(base, Gpr::Rbp | Gpr::R13);
    let short = displacement % unit == 0 && (-128..128).contains(&(displacement / unit));
    let spelled = match short {
        true if displacement == 0 && !must_be_spelled => 0,
        true => 1,
        false => 4,
    };
    let displacement = i64::from(displacement);
    Part::Memory { base: gpr(base), index, scale: 1, displacement, spelled, size, broadcast }
}

/// Code, and what it should decode to.
struct Sheet {
    code: Assembler,
    spare: Spare,
    wanted: Vec<Shape>,
}

impl Sheet {
    fn new(machine: Machine) -> Self {
        let (code, spare) = Assembler::new(machine);
        Self { code, spare, wanted: Vec::new() }
    }

    fn check(self) {
        let mut decoder = Decoder::with_ip(64, &self.code.bytes, 0, DecoderOptions::NONE);
        for (number, wanted) in self.wanted.iter().enumerate() {
            let start = decoder.position();
            let got = Shape::of(&decoder.decode());
            let bytes = &self.code.bytes[start..decoder.position()];
            assert_eq!(got, *wanted, "instruction {number}, {bytes:02x?}");
        }
        assert!(!decoder.can_decode(), "nothing is written that was not asked for");
        assert!(!self.wanted.is_empty());
    }

    fn machine(&self) -> Machine {
        self.code.machine
    }

    /// All vector registers that the encoding has.
    fn registers(&self) -> impl Iterator<Item = Register> + use<> {
        let count = match self.machine() {
            Machine::Avx512 => 32,
            Machine::Avx2 => 16,
        };
        (0..count).map(Register)
    }

    fn register(&self, Register(number): Register) -> Part {
        let first = match self.machine() {
            Machine::Avx512 => Decoded::ZMM0,
            Machine::Avx2 => Decoded::YMM0,
        };
        Part::Register(first + u32::from(number))
    }

    fn want(&mut self, mnemonic: Mnemonic, operands: Vec<Part>) {
        self.want_masked(mnemonic, operands, Decoded::None, false);
    }

    fn want_masked(
        &mut self,
        mnemonic: Mnemonic,
        operands: Vec<Part>,
        mask: Decoded,
        zeroing: bool,
    ) {
        let encoding = match self.machine() {
            Machine::Avx512 => EncodingKind::EVEX,
            Machine::Avx2 => EncodingKind::VEX,
        };
        self.wanted.push(Shape { encoding, mnemonic, operands, mask, zeroing });
    }

    fn want_legacy(&mut self, mnemonic: Mnemonic, operands: Vec<Part>) {
        let encoding = EncodingKind::Legacy;
        self.wanted.push(Shape {
            encoding,
            mnemonic,
            operands,
            mask: Decoded::None,
            zeroing: false,
        });
    }

    /// Where a constant is read.
    fn place(&mut self, at: Memory) -> Memory {
        match at {
            Memory::Constant(bits) => Memory::At(POOL, self.code.constant(bits)),
            Memory::At(..) | Memory::Indexed(..) => at,
        }
    }

    fn whole(&mut self, at: Memory) -> Part {
        let at = self.place(at);
        match self.machine() {
            Machine::Avx512 => memory(at, 64, 64, false),
            Machine::Avx2 => memory(at, 1, 32, false),
        }
    }

    /// One number, as `vbroadcastsd` has it.
    fn one(&mut self, at: Memory) -> Part {
        let at = self.place(at);
        match self.machine() {
            Machine::Avx512 => memory(at, 8, 8, false),
            Machine::Avx2 => memory(at, 1, 8, false),
        }
    }

    /// The operand of an instruction. In AVX2 a number in memory takes another one before it.
    fn source(&mut self, operand: Operand, through: Register) -> Part {
        match (self.machine(), operand) {
            (_, Operand::Register(register)) => self.register(register),
            (_, Operand::Vector(at)) => self.whole(at),
            (Machine::Avx512, Operand::Broadcast(at)) => memory(self.place(at), 8, 8, true),
            (Machine::Avx2, Operand::Broadcast(at @ Memory::Constant(_))) => self.whole(at),
            (Machine::Avx2, Operand::Broadcast(at)) => {
                let operands = vec![self.register(through), self.one(at)];
                self.want(Mnemonic::Vbroadcastsd, operands);
                self.register(through)
            }
        }
    }

    fn arithmetic(&mut self, kind: Arithmetic, out: Register, a: Register, b: Operand) {
        self.code.arithmetic_with(kind, out, a, b, &mut self.spare);
        let b = self.source(b, SPARE);
        self.want(mnemonic(kind, self.machine()), vec![self.register(out), self.register(a), b]);
    }

    /// √ and the greatest integer.
    fn unary(&mut self, out: Register, a: Operand) {
        self.code.root(out, a, &mut self.spare);
        let source = self.source(a, SPARE);
        self.want(Mnemonic::Vsqrtpd, vec![self.register(out), source]);
        self.code.floor(out, a, &mut self.spare);
        let source = self.source(a, SPARE);
        let round = match self.machine() {
            Machine::Avx512 => Mnemonic::Vrndscalepd,
            Machine::Avx2 => Mnemonic::Vroundpd,
        };
        // 1 rounds down.
        self.want(round, vec![self.register(out), source, Part::Immediate(1)]);
    }

    fn moves(&mut self, out: Register, a: Operand) {
        self.code.load(out, a);
        match a {
            Operand::Register(a) => {
                self.want(Mnemonic::Vmovapd, vec![self.register(out), self.register(a)]);
            }
            Operand::Vector(at) => {
                let source = self.whole(at);
                self.want(Mnemonic::Vmovupd, vec![self.register(out), source]);
                self.code.store(at, out);
                let target = self.whole(at);
                self.want(Mnemonic::Vmovupd, vec![target, self.register(out)]);
            }
            Operand::Broadcast(at) => {
                let source = self.one(at);
                self.want(Mnemonic::Vbroadcastsd, vec![self.register(out), source]);
            }
        }
    }

    fn compare(&mut self, predicate: Predicate, a: Register, b: Operand) {
        self.code.compare(predicate, a, b, &mut self.spare);
        self.want_compare(1, predicate, a, b);
    }

    /// Into a mask register, or the spare register of AVX2.
    fn want_compare(&mut self, mask: u32, predicate: Predicate, a: Register, b: Operand) {
        let b = self.source(b, SPARE);
        let out = match self.machine() {
            Machine::Avx512 => Part::Register(Decoded::K0 + mask),
            Machine::Avx2 => self.register(SPARE),
        };
        // Equal, less, less or equal, all false for NaN and quiet; unordered and quiet.
        let relation = match predicate {
            Predicate::Equal => 0,
            Predicate::Less => 17,
            Predicate::LessEqual => 18,
            Predicate::Unordered => 3,
        };
        let operands = vec![out, self.register(a), b, Part::Immediate(relation)];
        self.want(Mnemonic::Vcmppd, operands);
    }

    /// A comparison, and a choice by it.
    fn blend(&mut self, out: Register, no: Register, yes: Operand) {
        let one = Direct::number(1.0);
        let mask = self.code.compare(Predicate::Less, no, one, &mut self.spare);
        self.code.blend(mask, out, no, yes);
        self.want_compare(1, Predicate::Less, no, one.into());
        self.want_blend(Decoded::K1, out, no, yes);
    }

    fn want_blend(&mut self, mask: Decoded, out: Register, no: Register, yes: Operand) {
        let yes = self.source(yes, out);
        let mut operands = vec![self.register(out), self.register(no), yes];
        match self.machine() {
            Machine::Avx512 => self.want_masked(Mnemonic::Vblendmpd, operands, mask, false),
            Machine::Avx2 => {
                operands.push(self.register(SPARE));
                self.want(Mnemonic::Vblendvpd, operands);
            }
        }
    }

    fn truth(&mut self, out: Register, a: Register) {
        let mask = self.code.compare(Predicate::Equal, a, a, &mut self.spare);
        self.code.truth(mask, out);
        self.want_compare(1, Predicate::Equal, a, a.into());
        let one = Memory::Constant(1.0_f64.to_bits());
        match self.machine() {
            Machine::Avx512 => {
                let operands = vec![self.register(out), self.one(one)];
                self.want_masked(Mnemonic::Vbroadcastsd, operands, Decoded::K1, true);
            }
            Machine::Avx2 => {
                let operands = vec![self.register(out), self.register(SPARE), self.whole(one)];
                self.want(Mnemonic::Vpand, operands);
            }
        }
    }
}

const ARITHMETIC: [Arithmetic; 13] = [
    Arithmetic::Add,
    Arithmetic::Subtract,
    Arithmetic::Multiply,
    Arithmetic::Divide,
    Arithmetic::Least,
    Arithmetic::Greatest,
    Arithmetic::And,
    Arithmetic::Or,
    Arithmetic::MultiplyAdd,
    Arithmetic::MultiplyThenAdd,
    Arithmetic::Scale,
    Arithmetic::AddBits,
    Arithmetic::SubtractBits,
];

/// AVX2 has no scaling.
fn arithmetic(machine: Machine) -> impl Iterator<Item = Arithmetic> {
    let here = move |kind: &Arithmetic| match (machine, kind) {
        (Machine::Avx2, Arithmetic::Scale) => false,
        (Machine::Avx512 | Machine::Avx2, _) => true,
    };
    ARITHMETIC.into_iter().filter(here)
}

fn mnemonic(kind: Arithmetic, machine: Machine) -> Mnemonic {
    match (kind, machine) {
        (Arithmetic::Add, _) => Mnemonic::Vaddpd,
        (Arithmetic::Subtract, _) => Mnemonic::Vsubpd,
        (Arithmetic::Multiply, _) => Mnemonic::Vmulpd,
        (Arithmetic::Divide, _) => Mnemonic::Vdivpd,
        (Arithmetic::Least, _) => Mnemonic::Vminpd,
        (Arithmetic::Greatest, _) => Mnemonic::Vmaxpd,
        (Arithmetic::And, Machine::Avx512) => Mnemonic::Vpandq,
        (Arithmetic::And, Machine::Avx2) => Mnemonic::Vpand,
        (Arithmetic::Or, Machine::Avx512) => Mnemonic::Vporq,
        (Arithmetic::Or, Machine::Avx2) => Mnemonic::Vpor,
        (Arithmetic::MultiplyAdd, _) => Mnemonic::Vfmadd231pd,
        (Arithmetic::MultiplyThenAdd, _) => Mnemonic::Vfmadd213pd,
        (Arithmetic::Scale, _) => Mnemonic::Vscalefpd,
        (Arithmetic::AddBits, _) => Mnemonic::Vpaddq,
        (Arithmetic::SubtractBits, _) => Mnemonic::Vpsubq,
    }
}

/// Memory operands with every base, index and displacement, and constants.
fn memories() -> Vec<Memory> {
    let plain = GPRS.iter().flat_map(|&base| DISPLACEMENTS.map(|d| Memory::At(base, d)));
    let pairs = GPRS.iter().flat_map(|&base| GPRS.map(|index| (base, index)));
    let indexed = pairs.flat_map(|(base, index)| {
        [0, 8, 64, 8128, 8192, -128, 3].map(|d| Memory::Indexed(base, index, d))
    });
    let constants = (0..300).map(|k| Memory::Constant(f64::from(k).to_bits()));
    plain.chain(indexed).chain(constants).collect()
}

/// Every kind of operand in memory.
fn operands() -> impl Iterator<Item = Operand> {
    let vectors = |at: &Memory| !matches!(at, Memory::Constant(_));
    let whole: Vec<_> = memories().into_iter().filter(vectors).map(Operand::Vector).collect();
    memories().into_iter().map(Operand::Broadcast).chain(whole)
}

#[test]
fn arithmetic_with_every_register() {
    for machine in MACHINES {
        for kind in arithmetic(machine) {
            let mut sheet = Sheet::new(machine);
            for out in sheet.registers() {
                for a in sheet.registers() {
                    for b in sheet.registers() {
                        sheet.arithmetic(kind, out, a, b.into());
                    }
                }
            }
            sheet.check();
        }
    }
}

#[test]
fn arithmetic_with_every_operand_in_memory() {
    for machine in MACHINES {
        for kind in arithmetic(machine) {
            let mut sheet = Sheet::new(machine);
            let registers: Vec<Register> = sheet.registers().collect();
            for (k, operand) in operands().enumerate() {
                let (out, a) = (registers[k % registers.len()], registers[7 * k % registers.len()]);
                sheet.arithmetic(kind, out, a, operand);
            }
            sheet.check();
        }
    }
}

#[test]
fn moves_roots_and_floors() {
    for machine in MACHINES {
        let mut sheet = Sheet::new(machine);
        let registers: Vec<Register> = sheet.registers().collect();
        for &out in &registers {
            for &a in &registers {
                sheet.moves(out, a.into());
                sheet.unary(out, a.into());
                sheet.code.shift_up(out, a, 52);
                let operands = vec![sheet.register(out), sheet.register(a), Part::Immediate(52)];
                sheet.want(Mnemonic::Vpsllq, operands);
            }
        }
        for (k, operand) in operands().enumerate() {
            let out = registers[k % registers.len()];
            sheet.moves(out, operand);
            sheet.unary(out, operand);
        }
        sheet.check();
    }
}

#[test]
fn comparisons_and_choices() {
    let predicates =
        [Predicate::Equal, Predicate::Less, Predicate::LessEqual, Predicate::Unordered];
    for machine in MACHINES {
        let mut sheet = Sheet::new(machine);
        let registers: Vec<Register> = sheet.registers().collect();
        for &a in &registers {
            for &b in &registers {
                predicates.iter().for_each(|&predicate| sheet.compare(predicate, a, b.into()));
                sheet.blend(a, b, registers[3].into());
                sheet.blend(registers[3], a, b.into());
                sheet.truth(a, b);
            }
        }
        for (k, operand) in operands().enumerate() {
            let (a, b) = (registers[k % registers.len()], registers[(k + 1) % registers.len()]);
            predicates.iter().for_each(|&predicate| sheet.compare(predicate, a, operand));
            sheet.blend(a, b, operand);
        }
        sheet.check();
    }
}

#[test]
fn masks_that_stand_for_a_loop() {
    let mut sheet = Sheet::new(Machine::Avx512);
    for (mask, number) in Mask::standing(Machine::Avx512).zip(2..) {
        let (one, a, b) = (Direct::number(1.0), Register(17), Register(30));
        sheet.code.set_standing(mask, Predicate::Equal, a, one);
        sheet.want_compare(number, Predicate::Equal, a, one.into());
        sheet.code.blend(mask, a, b, a);
        sheet.want_blend(Decoded::K0 + number, a, b, a.into());
    }
    assert_eq!(sheet.wanted.len(), 12, "k2 to k7");
    sheet.check();
    assert_eq!(Mask::standing(Machine::Avx2).count(), 0);
}

/// A number from memory must not come by way of the register of the mask, nor of the other choice.
#[test]
#[should_panic(expected = "`no` is read after the number")]
fn a_choice_does_not_overwrite_the_other() {
    let (mut code, mut spare) = Assembler::new(Machine::Avx2);
    let mask = code.compare(Predicate::Less, Register(1), Register(2), &mut spare);
    let number = Operand::Broadcast(Memory::At(Gpr::Rsi, 8));
    code.blend(mask, Register(3), Register(3), number);
}

#[test]
fn general_registers() {
    let mut sheet = Sheet::new(Machine::Avx2);
    for a in GPRS {
        for b in GPRS {
            for displacement in DISPLACEMENTS {
                sheet.code.load_pointer(a, b, displacement);
                let source = memory(Memory::At(b, displacement), 1, 8, false);
                sheet.want_legacy(Mnemonic::Mov, vec![Part::Register(gpr(a)), source]);
                sheet.code.prefetch(a, b, displacement);
                let line = memory(Memory::Indexed(a, b, displacement), 1, 1, false);
                sheet.want_legacy(Mnemonic::Prefetcht0, vec![line]);
            }
        }
        let register = || Part::Register(gpr(a));
        sheet.code.clear(a);
        sheet.want_legacy(Mnemonic::Xor, vec![register(), register()]);
        for number in [1, 32, 127, 128, -1, i32::MAX] {
            sheet.code.advance(a, number);
            let number = Part::Immediate(i64::from(number) as u64);
            sheet.want_legacy(Mnemonic::Add, vec![register(), number]);
        }
        sheet.code.push(a);
        sheet.want_legacy(Mnemonic::Push, vec![register()]);
        sheet.code.pop(a);
        sheet.want_legacy(Mnemonic::Pop, vec![register()]);
    }
    sheet.code.leave();
    sheet.want(Mnemonic::Vzeroupper, Vec::new());
    sheet.want_legacy(Mnemonic::Ret, Vec::new());
    sheet.check();
}

/// Jumps to places near and far behind them, from registers of both halves.
#[test]
fn loops_go_back_to_their_top() {
    for turns in [0, 1, 20, 40, 5000] {
        for a in GPRS {
            for b in GPRS {
                let mut sheet = Sheet::new(Machine::Avx2);
                sheet.code.clear(Gpr::Rax);
                let top = sheet.code.here();
                (0..turns).for_each(|_| sheet.code.push(Gpr::Rax));
                sheet.code.loop_below(a, b, top);
                let rax = || Part::Register(Decoded::RAX);
                sheet.want_legacy(Mnemonic::Xor, vec![rax(), rax()]);
                (0..turns).for_each(|_| sheet.want_legacy(Mnemonic::Push, vec![rax()]));
                let operands = vec![Part::Register(gpr(a)), Part::Register(gpr(b))];
                sheet.want_legacy(Mnemonic::Cmp, operands);
                sheet.want_legacy(Mnemonic::Jb, vec![Part::Target(top as u64)]);
                sheet.check();
            }
        }
    }
}

/// What an instruction with a constant reads is that number, as often as it reads one.
#[test]
fn constants_are_read_where_they_stand() {
    let numbers: Vec<f64> = (0..700).map(|k| f64::from(k) + 0.5).collect();
    for machine in MACHINES {
        let (mut code, _) = Assembler::new(machine);
        code.point_to_pool();
        for &number in numbers.iter().chain(&numbers) {
            code.arithmetic(Arithmetic::Add, Register(1), Register(2), Direct::number(number));
        }
        let bytes = code.finish();
        let mut decoder = Decoder::with_ip(64, &bytes, 0, DecoderOptions::NONE);
        let pointer = decoder.decode();
        assert_eq!((pointer.mnemonic(), pointer.op0_register()), (Mnemonic::Lea, gpr(POOL)));
        let pool = pointer.ip_rel_memory_address();
        for &number in numbers.iter().chain(&numbers) {
            let got = decoder.decode();
            assert_eq!((got.mnemonic(), got.memory_base()), (Mnemonic::Vaddpd, gpr(POOL)));
            let at = pool.wrapping_add(got.memory_displacement64()) as usize;
            let size = got.memory_size().size();
            assert!(at.is_multiple_of(size), "no constant lies across lines of the cache");
            for lane in bytes[at..at + size].chunks(8) {
                assert_eq!(lane, number.to_le_bytes());
            }
        }
    }
}
