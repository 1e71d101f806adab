//! Assembled code with the instructions that an independent disassembler should find in it.

use iced_x86::{
    Decoder, DecoderOptions, EncodingKind, Instruction, Mnemonic, OpKind, Register as Decoded,
};

use super::assembler::{Arithmetic, Assembler, Gpr, Memory, Operand, POOL, Register, Spare};
use super::encode::{Direct, SPARE};
use super::machine::Machine;
use super::mask::Predicate;

/// An instruction, expected or decoded.
#[derive(Debug, PartialEq)]
pub(super) struct Shape {
    encoding: EncodingKind,
    mnemonic: Mnemonic,
    operands: Vec<DecodedOperand>,
    mask: Decoded,
    zeroing: bool,
}

/// An operand of an instruction, expected or decoded.
#[derive(Debug, PartialEq)]
pub(super) enum DecodedOperand {
    Register(Decoded),
    Memory {
        base: Decoded,
        index: Decoded,
        scale: u32,
        displacement: i64,
        /// Bytes of the encoded displacement.
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
            OpKind::Register => DecodedOperand::Register(got.op_register(k)),
            OpKind::Memory => DecodedOperand::Memory {
                base: got.memory_base(),
                index: got.memory_index(),
                scale: got.memory_index_scale(),
                displacement: got.memory_displacement64() as i64,
                // The decoder reports four bytes as the eight that the processor extends them to.
                spelled: got.memory_displ_size().min(4),
                size: got.memory_size().size(),
                broadcast: got.is_broadcast(),
            },
            OpKind::NearBranch64 => DecodedOperand::Target(got.near_branch64()),
            _ => DecodedOperand::Immediate(got.immediate(k)),
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

pub(super) fn gpr(register: Gpr) -> Decoded {
    Decoded::RAX + register as u32
}

/// A memory operand of `size` bytes, whose one-byte displacements count `unit` bytes.
pub(super) fn memory(at: Memory, unit: i32, size: usize, broadcast: bool) -> DecodedOperand {
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
    DecodedOperand::Memory {
        base: gpr(base),
        index,
        scale: 1,
        displacement,
        spelled,
        size,
        broadcast,
    }
}

/// Code, and the instructions that it should decode to.
pub(super) struct Sheet {
    pub code: Assembler,
    spare: Spare,
    pub wanted: Vec<Shape>,
}

impl Sheet {
    pub fn new(machine: Machine) -> Self {
        let (code, spare) = Assembler::new(machine);
        Self { code, spare, wanted: Vec::new() }
    }

    pub fn check(self) {
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
    pub fn registers(&self) -> impl Iterator<Item = Register> + use<> {
        let count = match self.machine() {
            Machine::Avx512 => 32,
            Machine::Avx2 => 16,
        };
        (0..count).map(Register)
    }

    pub fn register(&self, Register(number): Register) -> DecodedOperand {
        let first = match self.machine() {
            Machine::Avx512 => Decoded::ZMM0,
            Machine::Avx2 => Decoded::YMM0,
        };
        DecodedOperand::Register(first + u32::from(number))
    }

    pub fn want(&mut self, mnemonic: Mnemonic, operands: Vec<DecodedOperand>) {
        self.want_masked(mnemonic, operands, Decoded::None, false);
    }

    fn want_masked(
        &mut self,
        mnemonic: Mnemonic,
        operands: Vec<DecodedOperand>,
        mask: Decoded,
        zeroing: bool,
    ) {
        let encoding = match self.machine() {
            Machine::Avx512 => EncodingKind::EVEX,
            Machine::Avx2 => EncodingKind::VEX,
        };
        self.wanted.push(Shape { encoding, mnemonic, operands, mask, zeroing });
    }

    pub fn want_legacy(&mut self, mnemonic: Mnemonic, operands: Vec<DecodedOperand>) {
        let encoding = EncodingKind::Legacy;
        self.wanted.push(Shape {
            encoding,
            mnemonic,
            operands,
            mask: Decoded::None,
            zeroing: false,
        });
    }

    /// The address of a constant; other addresses unchanged.
    fn place(&mut self, at: Memory) -> Memory {
        match at {
            Memory::Constant(bits) => Memory::At(POOL, self.code.constant(bits)),
            Memory::At(..) | Memory::Indexed(..) => at,
        }
    }

    fn whole(&mut self, at: Memory) -> DecodedOperand {
        let at = self.place(at);
        match self.machine() {
            Machine::Avx512 => memory(at, 64, 64, false),
            Machine::Avx2 => memory(at, 1, 32, false),
        }
    }

    /// One number, as the operand of `vbroadcastsd`.
    fn one(&mut self, at: Memory) -> DecodedOperand {
        let at = self.place(at);
        match self.machine() {
            Machine::Avx512 => memory(at, 8, 8, false),
            Machine::Avx2 => memory(at, 1, 8, false),
        }
    }

    /// The operand of an instruction. In AVX2 a number in memory needs a broadcast before it.
    fn source(&mut self, operand: Operand, through: Register) -> DecodedOperand {
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

    pub fn arithmetic(&mut self, kind: Arithmetic, out: Register, a: Register, b: Operand) {
        self.code.arithmetic_with(kind, out, a, b, &mut self.spare);
        let b = self.source(b, SPARE);
        self.want(mnemonic(kind, self.machine()), vec![self.register(out), self.register(a), b]);
    }

    /// √ and the greatest integer.
    pub fn unary(&mut self, out: Register, a: Operand) {
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
        self.want(round, vec![self.register(out), source, DecodedOperand::Immediate(1)]);
    }

    pub fn moves(&mut self, out: Register, a: Operand) {
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

    pub fn compare(&mut self, predicate: Predicate, a: Register, b: Operand) {
        self.code.compare(predicate, a, b, &mut self.spare);
        self.want_compare(1, predicate, a, b);
    }

    /// Expects a comparison into a mask register, or into the spare register of AVX2.
    pub fn want_compare(&mut self, mask: u32, predicate: Predicate, a: Register, b: Operand) {
        let b = self.source(b, SPARE);
        let out = match self.machine() {
            Machine::Avx512 => DecodedOperand::Register(Decoded::K0 + mask),
            Machine::Avx2 => self.register(SPARE),
        };
        // EQ_OQ, LT_OQ, LE_OQ (false for NaN) and UNORD_Q, all quiet.
        let relation = match predicate {
            Predicate::Equal => 0,
            Predicate::Less => 17,
            Predicate::LessEqual => 18,
            Predicate::Unordered => 3,
        };
        let operands = vec![out, self.register(a), b, DecodedOperand::Immediate(relation)];
        self.want(Mnemonic::Vcmppd, operands);
    }

    /// A comparison, and a blend by its mask.
    pub fn blend(&mut self, out: Register, no: Register, yes: Operand) {
        let one = Direct::number(1.0);
        let mask = self.code.compare(Predicate::Less, no, one, &mut self.spare);
        self.code.blend(mask, out, no, yes);
        self.want_compare(1, Predicate::Less, no, one.into());
        self.want_blend(Decoded::K1, out, no, yes);
    }

    pub fn want_blend(&mut self, mask: Decoded, out: Register, no: Register, yes: Operand) {
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

    pub fn truth(&mut self, out: Register, a: Register) {
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
