//! An assembler for the few instructions that arithmetic on rows takes, on the widest vectors of the
//! machine.

use std::collections::BTreeMap;

use super::encode::{Direct, Map, Modifiers, NUMBER, Opcode};
use super::machine::Machine;

/// A vector register: one of zmm0 to zmm31, or of ymm0 to ymm15.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Register(pub(super) u8);

/// The right to overwrite the spare vector register of AVX2, which holds a mask, or a number from
/// memory that is broadcast to all lanes. There is one for each [`Assembler`]; a mask borrows it.
#[derive(Debug)]
pub(super) struct Spare(());

/// A general register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Gpr {
    Rax = 0,
    Rcx = 1,
    Rdx = 2,
    Rbx = 3,
    Rbp = 5,
    Rsi = 6,
    Rdi = 7,
    R8 = 8,
    R9 = 9,
    R10 = 10,
    R11 = 11,
    R12 = 12,
    R13 = 13,
    R14 = 14,
    R15 = 15,
}

/// An operand in memory.
#[derive(Clone, Copy, Debug)]
pub(super) enum Memory {
    /// [base + displacement]
    At(Gpr, i32),
    /// [base + index + displacement]
    Indexed(Gpr, Gpr, i32),
    /// A number, given by its bits, in the pool of constants after the code; [`POOL`] has to point
    /// there.
    Constant(u64),
}

/// A source operand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operand {
    Register(Register),
    /// A full vector of numbers.
    Vector(Memory),
    /// One number, broadcast to all lanes.
    Broadcast(Memory),
}

/// An arithmetic instruction: out = a ∘ b, or an update of out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Least,
    Greatest,
    And,
    Or,
    /// out += a·b
    MultiplyAdd,
    /// out = a·out + b
    MultiplyThenAdd,
    /// a·2^b for an integer b, rounded once; AVX-512 only.
    Scale,
    /// The sum of the bits as integers.
    AddBits,
    /// The difference of the bits as integers.
    SubtractBits,
}

impl Arithmetic {
    fn opcode(self) -> Opcode {
        let (map, byte, wide) = match self {
            Self::Add => (Map::Base, 0x58, false),
            Self::Multiply => (Map::Base, 0x59, false),
            Self::Subtract => (Map::Base, 0x5c, false),
            Self::Least => (Map::Base, 0x5d, false),
            Self::Divide => (Map::Base, 0x5e, false),
            Self::Greatest => (Map::Base, 0x5f, false),
            Self::And => (Map::Base, 0xdb, false),
            Self::Or => (Map::Base, 0xeb, false),
            Self::MultiplyAdd => (Map::Second, 0xb8, true),
            Self::MultiplyThenAdd => (Map::Second, 0xa8, true),
            Self::Scale => (Map::Second, 0x2c, true),
            Self::AddBits => (Map::Base, 0xd4, false),
            Self::SubtractBits => (Map::Base, 0xfb, false),
        };
        Opcode { map, byte, wide }
    }
}

impl From<Register> for Operand {
    fn from(register: Register) -> Self {
        Self::Register(register)
    }
}

/// Code under construction.
#[derive(Debug)]
pub(super) struct Assembler {
    pub(super) machine: Machine,
    pub(super) bytes: Vec<u8>,
    /// The constants after the code, in order of their first use.
    pool: Vec<u64>,
    places: BTreeMap<u64, usize>,
    /// Position in the code of the displacement of the constants, which `finish` writes.
    fix: Option<usize>,
    /// Vector instructions so far; `stores` counts those that write to memory.
    pub(super) instructions: usize,
    stores: usize,
}

/// The register that points into the constants, after the code of [`Assembler::point_to_pool`].
pub(super) const POOL: Gpr = Gpr::Rbp;

impl Assembler {
    /// An assembler without code, and the right to its spare register.
    pub(super) fn new(machine: Machine) -> (Self, Spare) {
        let (pool, places) = (Vec::new(), BTreeMap::new());
        // Few segments take more bytes.
        let bytes = Vec::with_capacity(4096);
        let code = Self { machine, bytes, pool, places, fix: None, instructions: 0, stores: 0 };
        (code, Spare(()))
    }

    /// Offset in bytes of the next instruction.
    pub(super) fn here(&self) -> usize {
        self.bytes.len()
    }

    /// The code followed by its constants, which are aligned.
    pub(super) fn finish(mut self) -> Vec<u8> {
        while !self.bytes.len().is_multiple_of(self.constant_bytes() as usize) {
            self.bytes.push(0xcc);
        }
        if let Some(at) = self.fix {
            let target = self.bytes.len() as i64 + i64::from(self.pool_ahead());
            self.patch(at, target - (at as i64 + 4));
        }
        let times = (self.constant_bytes() / NUMBER) as usize;
        let Self { mut bytes, pool, .. } = self;
        for bits in pool {
            (0..times).for_each(|_| bytes.extend(bits.to_le_bytes()));
        }
        bytes
    }

    /// Bytes of a constant: AVX2 has no broadcast operands, so there a constant is a whole vector.
    fn constant_bytes(&self) -> i32 {
        match self.machine {
            Machine::Avx512 => NUMBER,
            Machine::Avx2 => self.machine.bytes(),
        }
    }

    /// Bytes into the constants at which [`POOL`] points, so that short displacements of both signs
    /// reach constants.
    fn pool_ahead(&self) -> i32 {
        match self.machine {
            Machine::Avx512 => 128 * NUMBER,
            Machine::Avx2 => 128,
        }
    }

    pub(super) fn patch(&mut self, at: usize, displacement: i64) {
        let displacement = i32::try_from(displacement).expect("code is far below 2 GB");
        self.bytes[at..at + 4].copy_from_slice(&displacement.to_le_bytes());
    }

    /// Writes the instruction that makes [`POOL`] point into the constants.
    pub(super) fn point_to_pool(&mut self) {
        // lea with a displacement from the instruction pointer.
        self.bytes.extend([0x48, 0x8d, 0x05 | (POOL as u8 & 7) << 3]);
        self.fix = Some(self.here());
        self.bytes.extend([0; 4]);
    }

    /// The displacement of a constant.
    pub(super) fn constant(&mut self, bits: u64) -> i32 {
        let place = *self.places.entry(bits).or_insert_with(|| {
            self.pool.push(bits);
            self.pool.len() - 1
        });
        place as i32 * self.constant_bytes() - self.pool_ahead()
    }

    /// out = a ∘ b
    pub(super) fn arithmetic(
        &mut self,
        kind: Arithmetic,
        out: Register,
        a: Register,
        b: impl Into<Direct>,
    ) {
        self.vector(kind.opcode(), out.0, a.0, b.into());
    }

    /// out = a ∘ b, where b may be broadcast from memory.
    pub(super) fn arithmetic_with(
        &mut self,
        kind: Arithmetic,
        out: Register,
        a: Register,
        b: Operand,
        spare: &mut Spare,
    ) {
        self.vector_with(kind.opcode(), out.0, a.0, b, spare);
    }

    /// out = the source shifted left by `count` bits.
    pub(super) fn shift_up(&mut self, out: Register, source: Register, count: u8) {
        // This instruction encodes its destination in the field of the second operand.
        self.vector(Opcode::new(Map::Base, 0x73), 6, out.0, source.into());
        self.bytes.push(count);
    }

    /// out = source
    pub(super) fn load(&mut self, out: Register, source: impl Into<Operand>) {
        let move_vector = |byte| Opcode::new(Map::Base, byte);
        match source.into() {
            Operand::Broadcast(memory) => self.broadcast(out, memory, Modifiers::default()),
            Operand::Vector(memory) => {
                self.vector(move_vector(0x10), out.0, 0, Direct::vector(memory));
            }
            Operand::Register(source) => self.vector(move_vector(0x28), out.0, 0, source.into()),
        }
    }

    /// Estimated time of the code so far, in vector instructions; a store counts as two.
    pub(super) fn cost(&self) -> usize {
        self.instructions + self.stores
    }

    /// Stores a vector to memory.
    pub(super) fn store(&mut self, memory: Memory, value: Register) {
        self.stores += 1;
        self.vector(Opcode::new(Map::Base, 0x11), value.0, 0, Direct::vector(memory));
    }

    /// out = √source
    pub(super) fn root(&mut self, out: Register, source: Operand, spare: &mut Spare) {
        self.vector_with(Opcode::new(Map::Base, 0x51), out.0, 0, source, spare);
    }

    /// out = the greatest integer that is not above the source.
    pub(super) fn floor(&mut self, out: Register, source: Operand, spare: &mut Spare) {
        self.vector_with(Opcode::new(Map::Third, 0x09), out.0, 0, source, spare);
        self.bytes.push(0x01);
    }
}
