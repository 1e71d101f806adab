//! Masks of lanes, and the instructions that write and read them.
//!
//! AVX-512 has registers for masks. In AVX2 a mask is a vector in the spare register, to which numbers
//! from memory are broadcast too. So a mask borrows the right to that register: while a mask is live,
//! code that could overwrite it does not compile.

use std::marker::PhantomData;

use super::assembler::{Arithmetic, Assembler, Memory, Operand, Register, Spare};
use super::encode::{Direct, Map, Modifiers, Opcode, SPARE};
use super::machine::Machine;

/// A mask that can be read. A mask of [`Assembler::compare`] is in the spare register (k1 in AVX-512),
/// and borrows the right to it for as long as it is live.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mask<'s> {
    register: u8,
    spare: PhantomData<&'s Spare>,
}

/// A relation of `vcmppd`; all but the last are false where an operand is NaN.
#[derive(Clone, Copy, Debug)]
pub(super) enum Predicate {
    Equal = 0x00,
    Less = 0x11,
    LessEqual = 0x12,
    Unordered = 0x03,
}

/// vcmppd
const COMPARE: Opcode = Opcode { map: Map::Base, byte: 0xc2, wide: false };

/// The mask register of AVX-512 for short-lived masks.
const SCRATCH: u8 = 1;

impl Mask<'static> {
    /// The masks that are set before a loop and live throughout it.
    pub(super) fn standing(machine: Machine) -> impl Iterator<Item = Self> {
        machine.standing().map(|register| Self { register, spare: PhantomData })
    }
}

impl Assembler {
    /// The mask of the lanes where the relation holds.
    pub(super) fn compare<'s>(
        &mut self,
        predicate: Predicate,
        a: Register,
        b: impl Into<Operand>,
        spare: &'s mut Spare,
    ) -> Mask<'s> {
        let register = match self.machine {
            Machine::Avx512 => SCRATCH,
            Machine::Avx2 => SPARE.0,
        };
        self.vector_with(COMPARE, register, a.0, b.into(), spare);
        self.bytes.push(predicate as u8);
        Mask { register, spare: PhantomData }
    }

    /// Sets a mask of [`Mask::standing`] to the lanes where the relation holds.
    pub(super) fn set_standing(
        &mut self,
        mask: Mask<'static>,
        predicate: Predicate,
        a: Register,
        b: Direct,
    ) {
        assert!(self.machine.standing().contains(&mask.register), "a mask register of its own");
        self.vector(COMPARE, mask.register, a.0, b);
        self.bytes.push(predicate as u8);
    }

    /// out = `yes` in the lanes of the mask, else `no`. AVX2 broadcasts a number from memory to `out`,
    /// which must not be `no` then.
    pub(super) fn blend(
        &mut self,
        mask: Mask<'_>,
        out: Register,
        no: Register,
        yes: impl Into<Operand>,
    ) {
        match self.machine {
            Machine::Avx512 => {
                let modifiers = Modifiers { mask: mask.register, zeroing: 0 };
                self.evex(Opcode::new(Map::Second, 0x65), out.0, no.0, yes.into(), modifiers);
            }
            Machine::Avx2 => {
                let yes = yes.into();
                assert!(out != no || !yes.is_in_memory_once(), "`no` is read after the number");
                let yes = self.direct(yes, out);
                self.vector(Opcode::new(Map::Third, 0x4b), out.0, no.0, yes);
                self.bytes.push(mask.register << 4);
            }
        }
    }

    /// out = 1 in the lanes of the mask, else 0.
    pub(super) fn truth(&mut self, mask: Mask<'_>, out: Register) {
        match self.machine {
            Machine::Avx512 => {
                let modifiers = Modifiers { mask: mask.register, zeroing: 1 };
                self.broadcast(out, Memory::Constant(1.0_f64.to_bits()), modifiers);
            }
            Machine::Avx2 => {
                let mask = Register(mask.register);
                self.arithmetic(Arithmetic::And, out, mask, Direct::number(1.0));
            }
        }
    }
}
