//! Vector instructions as bytes.
//!
//! Encodings after Intel's Software Developer's Manual, volume 2, sections 2.3 (VEX) and 2.7
//! (EVEX). They are kept short, since the processor fetches a fixed number of bytes a cycle: a
//! displacement takes one byte wherever it can, and constants are in one pool that a register points
//! to.

use super::assembler::{Assembler, Gpr, Memory, Operand, POOL, Register, Spare};
use super::machine::Machine;

/// Bytes of a number.
pub(super) const NUMBER: i32 = 8;

/// Opcode map and mandatory prefix: the fields mmm and pp.
#[derive(Clone, Copy, Debug)]
pub(super) enum Map {
    /// 66 0F
    Base = 1,
    /// 66 0F 38
    Second = 2,
    /// 66 0F 3A
    Third = 3,
}

/// The operation of an instruction, apart from its operands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opcode {
    pub(super) map: Map,
    pub(super) byte: u8,
    /// The bit W of VEX. In EVEX it is always set: numbers have 64 bits.
    pub(super) wide: bool,
}

impl Opcode {
    pub(super) fn new(map: Map, byte: u8) -> Self {
        Self { map, byte, wide: false }
    }
}

/// vbroadcastsd
const BROADCAST: Opcode = Opcode { map: Map::Second, byte: 0x19, wide: false };

/// The masking fields of the EVEX prefix.
#[derive(Clone, Copy, Default)]
pub(super) struct Modifiers {
    /// The mask register, 0 for none.
    pub(super) mask: u8,
    /// 1 where lanes outside the mask become zero.
    pub(super) zeroing: u8,
}

/// The register of AVX2 for a mask, or for a number broadcast from memory. A holder of [`Spare`] may
/// overwrite it.
pub(super) const SPARE: Register = Register(15);

/// A source operand that needs no auxiliary register in either instruction set: a register, a vector
/// in memory, or a constant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Direct(Operand);

impl Direct {
    /// A constant for all lanes.
    pub(super) fn number(value: f64) -> Self {
        Self::bits(value.to_bits())
    }

    /// A constant for all lanes, by its bits.
    pub(super) const fn bits(bits: u64) -> Self {
        Self(Operand::Broadcast(Memory::Constant(bits)))
    }

    pub(super) fn vector(memory: Memory) -> Self {
        Self(Operand::Vector(memory))
    }
}

impl From<Register> for Direct {
    fn from(register: Register) -> Self {
        Self(Operand::Register(register))
    }
}

impl From<Direct> for Operand {
    fn from(Direct(operand): Direct) -> Self {
        operand
    }
}

impl Operand {
    /// Whether it is a number that is in memory once, unlike a constant, which AVX2 stores once a lane.
    pub(super) fn is_in_memory_once(self) -> bool {
        match self {
            Self::Register(_) | Self::Vector(_) | Self::Broadcast(Memory::Constant(_)) => false,
            Self::Broadcast(Memory::At(..) | Memory::Indexed(..)) => true,
        }
    }
}

impl Assembler {
    /// An instruction on vectors: `reg` in ModRM.reg, `second` in vvvv.
    pub(super) fn vector(&mut self, opcode: Opcode, reg: u8, second: u8, Direct(operand): Direct) {
        match self.machine {
            Machine::Avx512 => self.evex(opcode, reg, second, operand, Modifiers::default()),
            Machine::Avx2 => self.vex(opcode, reg, second, operand),
        }
    }

    /// A vector instruction with an operand of any kind: AVX2 broadcasts a number from memory to the
    /// spare register first.
    pub(super) fn vector_with(
        &mut self,
        opcode: Opcode,
        reg: u8,
        second: u8,
        operand: Operand,
        _: &mut Spare,
    ) {
        let operand = self.direct(operand, SPARE);
        self.vector(opcode, reg, second, operand);
    }

    /// The operand; AVX2 broadcasts a number that is in memory once to `through`, which is overwritten.
    pub(super) fn direct(&mut self, operand: Operand, through: Register) -> Direct {
        match (self.machine, operand) {
            (Machine::Avx2, Operand::Broadcast(memory)) if operand.is_in_memory_once() => {
                self.broadcast(through, memory, Modifiers::default());
                through.into()
            }
            (Machine::Avx512 | Machine::Avx2, _) => Direct(operand),
        }
    }

    /// Broadcasts one number from memory to all lanes.
    pub(super) fn broadcast(&mut self, out: Register, memory: Memory, modifiers: Modifiers) {
        // The instruction itself broadcasts, so its operand is encoded as plain memory.
        let number = Operand::Vector(memory);
        match self.machine {
            Machine::Avx512 => {
                self.evex_prefix(BROADCAST, out.0, 0, number, modifiers);
                self.operand(out.0, number, NUMBER);
            }
            Machine::Avx2 => self.vex(BROADCAST, out.0, 0, number),
        }
    }

    /// An instruction in VEX, whose one-byte displacements count bytes.
    fn vex(&mut self, opcode: Opcode, reg: u8, second: u8, operand: Operand) {
        self.instructions += 1;
        let (base, index) = match operand {
            Operand::Register(Register(rm)) => (rm, 0),
            Operand::Vector(memory) | Operand::Broadcast(memory) => memory.registers(),
        };
        let bit = |register: u8| u8::from(register & 8 == 0);
        let last = (!second & 15) << 3 | 1 << 2 | 1;
        if let Map::Base = opcode.map
            && base & 8 == 0
            && index & 8 == 0
            && !opcode.wide
        {
            self.bytes.extend([0xc5, bit(reg) << 7 | last]);
        } else {
            let first = bit(reg) << 7 | bit(index) << 6 | bit(base) << 5 | opcode.map as u8;
            self.bytes.extend([0xc4, first, u8::from(opcode.wide) << 7 | last]);
        }
        self.bytes.push(opcode.byte);
        self.operand(reg, operand, 1);
    }

    /// An instruction in EVEX, whose one-byte displacements count vectors, or numbers where the operand
    /// is a broadcast.
    pub(super) fn evex(
        &mut self,
        opcode: Opcode,
        reg: u8,
        second: u8,
        operand: Operand,
        modifiers: Modifiers,
    ) {
        self.evex_prefix(opcode, reg, second, operand, modifiers);
        let unit = match operand {
            Operand::Register(_) | Operand::Vector(_) => self.machine.bytes(),
            Operand::Broadcast(_) => NUMBER,
        };
        self.operand(reg, operand, unit);
    }

    /// The EVEX prefix and the opcode.
    fn evex_prefix(
        &mut self,
        opcode: Opcode,
        reg: u8,
        second: u8,
        operand: Operand,
        modifiers: Modifiers,
    ) {
        self.instructions += 1;
        let (base, index) = match operand {
            // Bit 4 of a register operand is encoded in the field of bit 3 of an index.
            Operand::Register(Register(rm)) => (rm, rm >> 1),
            Operand::Vector(memory) | Operand::Broadcast(memory) => memory.registers(),
        };
        let broadcast = u8::from(matches!(operand, Operand::Broadcast(_)));
        let bit = |register: u8, bit: u8| u8::from(register & bit == 0);
        let first = bit(reg, 8) << 7 | bit(index, 8) << 6 | bit(base, 8) << 5 | bit(reg, 16) << 4;
        let middle = 1 << 7 | (!second & 15) << 3 | 1 << 2 | 1;
        let last = modifiers.zeroing << 7
            | 2 << 5
            | broadcast << 4
            | bit(second, 16) << 3
            | modifiers.mask;
        self.bytes.extend([0x62, first | opcode.map as u8, middle, last, opcode.byte]);
    }

    /// ModRM, SIB and displacement.
    pub(super) fn operand(&mut self, reg: u8, operand: Operand, unit: i32) {
        let reg = (reg & 7) << 3;
        match operand {
            Operand::Register(Register(rm)) => self.bytes.push(0xc0 | reg | rm & 7),
            Operand::Vector(memory) | Operand::Broadcast(memory) => self.memory(reg, memory, unit),
        }
    }

    /// A memory operand whose one-byte displacement counts units of `unit` bytes.
    pub(super) fn memory(&mut self, reg: u8, memory: Memory, unit: i32) {
        match memory {
            Memory::At(base, displacement) => {
                let low = base as u8 & 7;
                // As a base, rsp and r12 need a SIB byte, with the encoding of "no index".
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

    /// Completes ModRM by its mode; writes it, the SIB byte if there is one, and the displacement in
    /// 0, 1 or 4 bytes.
    fn address(&mut self, modrm: u8, sib: Option<u8>, base: Gpr, displacement: i32, unit: i32) {
        let short = i8::try_from(displacement / unit).ok().filter(|_| displacement % unit == 0);
        // As a base, rbp and r13 always need a displacement.
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
}

impl Memory {
    /// The base and the index, 0 for none.
    fn registers(self) -> (u8, u8) {
        match self {
            Self::At(base, _) => (base as u8, 0),
            Self::Indexed(base, index, _) => (base as u8, index as u8),
            Self::Constant(_) => (POOL as u8, 0),
        }
    }
}
