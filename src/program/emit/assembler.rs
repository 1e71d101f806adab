//! Machine code of AVX-512: the few instructions that arithmetic on rows takes.
//!
//! Encodings after Intel's Software Developer's Manual, volume 2, section 2.7 (EVEX). They are
//! kept short, since the processor fetches so many bytes a cycle: a displacement takes one byte
//! wherever it can, and constants stand together where a register points.

use std::collections::BTreeMap;

/// A vector register, zmm0 to zmm31.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Zmm(pub(super) u8);

/// A mask register, k1 to k7; k0 stands for no mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mask(pub(super) u8);

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
    /// A number, given by its bits, that stands after the code; [`POOL`] has to point there.
    Constant(u64),
}

/// A source operand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operand {
    Register(Zmm),
    /// Eight numbers.
    Vector(Memory),
    /// One number, for all eight.
    Broadcast(Memory),
}

/// Opcode map and mandatory prefix: the fields mmm and pp.
#[derive(Clone, Copy, Debug)]
enum Map {
    /// 66 0F
    Base = 1,
    /// 66 0F 38
    Second = 2,
    /// 66 0F 3A
    Third = 3,
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
    Xor,
    /// out += a·b
    MultiplyAdd,
    /// out = a·out + b
    MultiplyThenAdd,
    /// a·2^b for an integer b, rounded once.
    Scale,
}

impl Arithmetic {
    fn code(self) -> (Map, u8) {
        match self {
            Self::Add => (Map::Base, 0x58),
            Self::Multiply => (Map::Base, 0x59),
            Self::Subtract => (Map::Base, 0x5c),
            Self::Least => (Map::Base, 0x5d),
            Self::Divide => (Map::Base, 0x5e),
            Self::Greatest => (Map::Base, 0x5f),
            Self::And => (Map::Base, 0xdb),
            Self::Or => (Map::Base, 0xeb),
            Self::Xor => (Map::Base, 0xef),
            Self::MultiplyAdd => (Map::Second, 0xb8),
            Self::MultiplyThenAdd => (Map::Second, 0xa8),
            Self::Scale => (Map::Second, 0x2c),
        }
    }
}

/// A relation of `vcmppd`; all but the last are false where an operand is NaN.
#[derive(Clone, Copy, Debug)]
pub(super) enum Predicate {
    Equal = 0x00,
    Less = 0x11,
    LessEqual = 0x12,
    Unordered = 0x03,
}

impl Operand {
    /// A number for all lanes.
    pub(super) fn number(value: f64) -> Self {
        Self::Broadcast(Memory::Constant(value.to_bits()))
    }
}

/// What the EVEX prefix says beside registers.
#[derive(Clone, Copy, Default)]
struct Modifiers {
    /// The mask register, 0 for none.
    mask: u8,
    /// Lanes that the mask leaves out become zero.
    zeroing: u8,
}

/// Code under construction.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    bytes: Vec<u8>,
    /// The constants that stand after the code, each where it is first asked for.
    pool: Vec<u64>,
    places: BTreeMap<u64, usize>,
    /// Where the distance to the constants is still to be written.
    fix: Option<usize>,
}

/// Points into the constants, once [`Assembler::point_to_pool`] is done.
pub(super) const POOL: Gpr = Gpr::Rbp;

/// How far into the constants it points: short displacements reach as far back as ahead.
const POOL_AHEAD: i32 = 128 * NUMBER;

/// Bytes of a number, and of a vector of them: the units of short displacements.
const NUMBER: i32 = 8;
const VECTOR: i32 = 64;

impl Assembler {
    /// Where the next instruction begins.
    pub(super) fn here(&self) -> usize {
        self.bytes.len()
    }

    /// The code with its constants, which follow it aligned.
    pub(super) fn finish(mut self) -> Vec<u8> {
        while !self.bytes.len().is_multiple_of(NUMBER as usize) {
            self.bytes.push(0xcc);
        }
        if let Some(at) = self.fix {
            let target = self.bytes.len() as i64 + i64::from(POOL_AHEAD);
            self.patch(at, target - (at as i64 + 4));
        }
        let Self { mut bytes, pool, .. } = self;
        bytes.extend(pool.iter().flat_map(|bits| bits.to_le_bytes()));
        bytes
    }

    fn patch(&mut self, at: usize, displacement: i64) {
        let displacement = i32::try_from(displacement).expect("code is far below 2 GB");
        self.bytes[at..at + 4].copy_from_slice(&displacement.to_le_bytes());
    }

    /// Makes constants reachable.
    pub(super) fn point_to_pool(&mut self) {
        // lea with a displacement from the instruction pointer.
        self.bytes.extend([0x48, 0x8d, 0x05 | (POOL as u8 & 7) << 3]);
        self.fix = Some(self.here());
        self.bytes.extend([0; 4]);
    }

    /// The displacement of a constant.
    fn constant(&mut self, bits: u64) -> i32 {
        let place = *self.places.entry(bits).or_insert_with(|| {
            self.pool.push(bits);
            self.pool.len() - 1
        });
        place as i32 * NUMBER - POOL_AHEAD
    }

    /// out = a ∘ b
    pub(super) fn arithmetic(&mut self, kind: Arithmetic, out: Zmm, a: Zmm, b: Operand) {
        let (map, opcode) = kind.code();
        self.evex(map, opcode, out.0, a.0, b, Modifiers::default());
    }

    /// out = 0, which the processor knows without computing.
    pub(super) fn zero(&mut self, out: Zmm) {
        self.arithmetic(Arithmetic::Xor, out, out, Operand::Register(out));
    }

    /// out = source
    pub(super) fn load(&mut self, out: Zmm, source: Operand) {
        match source {
            Operand::Broadcast(memory) => self.broadcast(out, memory, Modifiers::default()),
            Operand::Vector(_) => {
                self.evex(Map::Base, 0x10, out.0, 0, source, Modifiers::default())
            }
            Operand::Register(_) => {
                self.evex(Map::Base, 0x28, out.0, 0, source, Modifiers::default());
            }
        }
    }

    /// One number from memory into all lanes.
    fn broadcast(&mut self, out: Zmm, memory: Memory, modifiers: Modifiers) {
        // vbroadcastsd, whose one operand is no broadcast of a vector instruction.
        let number = Operand::Vector(memory);
        self.prefix(Map::Second, 0x19, out.0, 0, number, modifiers);
        self.operand(out.0, number, NUMBER);
    }

    /// Eight numbers to memory.
    pub(super) fn store(&mut self, memory: Memory, value: Zmm) {
        self.evex(Map::Base, 0x11, value.0, 0, Operand::Vector(memory), Modifiers::default());
    }

    /// out = √source
    pub(super) fn root(&mut self, out: Zmm, source: Operand) {
        self.evex(Map::Base, 0x51, out.0, 0, source, Modifiers::default());
    }

    /// out = the greatest integer that is not above the source.
    pub(super) fn floor(&mut self, out: Zmm, source: Operand) {
        self.evex(Map::Third, 0x09, out.0, 0, source, Modifiers::default());
        self.bytes.push(0x01);
    }

    /// The mask of the lanes where the relation holds.
    pub(super) fn compare(&mut self, out: Mask, predicate: Predicate, a: Zmm, b: Operand) {
        self.evex(Map::Base, 0xc2, out.0, a.0, b, Modifiers::default());
        self.bytes.push(predicate as u8);
    }

    /// out = `yes` in the lanes of the mask, else `no`.
    pub(super) fn blend(&mut self, mask: Mask, out: Zmm, no: Zmm, yes: Operand) {
        let modifiers = Modifiers { mask: mask.0, zeroing: 0 };
        self.evex(Map::Second, 0x65, out.0, no.0, yes, modifiers);
    }

    /// out = 1 in the lanes of the mask, else 0.
    pub(super) fn truth(&mut self, mask: Mask, out: Zmm) {
        let one = Memory::Constant(1.0_f64.to_bits());
        self.broadcast(out, one, Modifiers { mask: mask.0, zeroing: 1 });
    }

    /// An instruction of 512-bit vectors of doubles: `reg` in ModRM.reg, `second` in vvvv.
    fn evex(
        &mut self,
        map: Map,
        opcode: u8,
        reg: u8,
        second: u8,
        operand: Operand,
        modifiers: Modifiers,
    ) {
        self.prefix(map, opcode, reg, second, operand, modifiers);
        let unit = match operand {
            Operand::Register(_) | Operand::Vector(_) => VECTOR,
            Operand::Broadcast(_) => NUMBER,
        };
        self.operand(reg, operand, unit);
    }

    /// The EVEX prefix and the opcode.
    fn prefix(
        &mut self,
        map: Map,
        opcode: u8,
        reg: u8,
        second: u8,
        operand: Operand,
        modifiers: Modifiers,
    ) {
        let (base, index) = match operand {
            Operand::Register(Zmm(rm)) => (rm, rm >> 1),
            Operand::Vector(memory) | Operand::Broadcast(memory) => match memory {
                Memory::At(base, _) => (base as u8, 0),
                Memory::Indexed(base, index, _) => (base as u8, index as u8),
                Memory::Constant(_) => (POOL as u8, 0),
            },
        };
        let broadcast = u8::from(matches!(operand, Operand::Broadcast(_)));
        let bit = |register: u8, bit: u8| u8::from(register & bit == 0);
        // A register operand has its bit 4 where an index has its bit 3.
        let first = bit(reg, 8) << 7 | bit(index, 8) << 6 | bit(base, 8) << 5 | bit(reg, 16) << 4;
        let middle = 1 << 7 | (!second & 15) << 3 | 1 << 2 | 1;
        let last = modifiers.zeroing << 7
            | 2 << 5
            | broadcast << 4
            | bit(second, 16) << 3
            | modifiers.mask;
        self.bytes.extend([0x62, first | map as u8, middle, last, opcode]);
    }

    /// ModRM, SIB and displacement.
    fn operand(&mut self, reg: u8, operand: Operand, unit: i32) {
        let reg = (reg & 7) << 3;
        match operand {
            Operand::Register(Zmm(rm)) => self.bytes.push(0xc0 | reg | rm & 7),
            Operand::Vector(memory) | Operand::Broadcast(memory) => self.memory(reg, memory, unit),
        }
    }

    /// A memory operand whose short displacement counts units of so many bytes.
    fn memory(&mut self, reg: u8, memory: Memory, unit: i32) {
        match memory {
            Memory::At(base, displacement) => {
                let low = base as u8 & 7;
                // rsp and r12 as a base are spelled with an index that is none.
                let sib = (low == 4).then_some(0x24);
                self.address(reg | low, sib, base, displacement, unit);
            }
            Memory::Indexed(base, index, displacement) => {
                let sib = (index as u8 & 7) << 3 | base as u8 & 7;
                self.address(reg | 4, Some(sib), base, displacement, unit);
            }
            Memory::Constant(bits) => {
                let displacement = self.constant(bits);
                self.memory(reg, Memory::At(POOL, displacement), unit);
            }
        }
    }

    /// ModRM without its mode, SIB if there is one, and the displacement in as few bytes as it
    /// takes.
    fn address(&mut self, modrm: u8, sib: Option<u8>, base: Gpr, displacement: i32, unit: i32) {
        let short = i8::try_from(displacement / unit).ok().filter(|_| displacement % unit == 0);
        // rbp and r13 as a base have a displacement always.
        let none = displacement == 0 && base as u8 & 7 != 5;
        let mode = match short {
            Some(_) if none => 0x00,
            Some(_) => 0x40,
            None => 0x80,
        };
        self.bytes.push(mode | modrm);
        self.bytes.extend(sib);
        match short {
            Some(_) if none => {}
            Some(short) => self.bytes.extend(short.to_le_bytes()),
            None => self.bytes.extend(displacement.to_le_bytes()),
        }
    }

    /// Asks for the cache line of an address, which need not be one that may be read.
    pub(super) fn prefetch(&mut self, base: Gpr, index: Gpr, displacement: i32) {
        let (b, i) = (base as u8, index as u8);
        let rex = 0x40 | (i & 8) >> 2 | (b & 8) >> 3;
        self.bytes.extend([rex, 0x0f, 0x18]);
        self.memory(1 << 3, Memory::Indexed(base, index, displacement), 1);
    }

    /// out = [base + displacement]
    pub(super) fn load_pointer(&mut self, out: Gpr, base: Gpr, displacement: i32) {
        let (reg, rm) = (out as u8, base as u8);
        self.bytes.extend([0x48 | (reg & 8) >> 1 | (rm & 8) >> 3, 0x8b]);
        self.memory((reg & 7) << 3, Memory::At(base, displacement), 1);
    }

    /// out = 0
    pub(super) fn clear(&mut self, out: Gpr) {
        let r = out as u8;
        self.bytes.extend([0x48 | (r & 8) >> 1 | (r & 8) >> 3, 0x31, 0xc0 | (r & 7) << 3 | r & 7]);
    }

    /// out += number
    pub(super) fn advance(&mut self, out: Gpr, number: i32) {
        let r = out as u8;
        self.bytes.extend([0x48 | (r & 8) >> 3, 0x81, 0xc0 | r & 7]);
        self.bytes.extend(number.to_le_bytes());
    }

    /// To `target` where a < b, as unsigned numbers.
    pub(super) fn loop_below(&mut self, a: Gpr, b: Gpr, target: usize) {
        let (a, b) = (a as u8, b as u8);
        self.bytes.extend([0x48 | (b & 8) >> 1 | (a & 8) >> 3, 0x39, 0xc0 | (b & 7) << 3 | a & 7]);
        self.bytes.extend([0x0f, 0x82, 0, 0, 0, 0]);
        let at = self.here() - 4;
        self.patch(at, target as i64 - self.here() as i64);
    }

    pub(super) fn push(&mut self, register: Gpr) {
        self.one_byte(0x50, register);
    }

    pub(super) fn pop(&mut self, register: Gpr) {
        self.one_byte(0x58, register);
    }

    fn one_byte(&mut self, opcode: u8, register: Gpr) {
        if register as u8 >= 8 {
            self.bytes.push(0x41);
        }
        self.bytes.push(opcode | register as u8 & 7);
    }

    /// Leaves the vector state as other code expects it, and returns.
    pub(super) fn leave(&mut self) {
        self.bytes.extend([0xc5, 0xf8, 0x77, 0xc3]);
    }
}
