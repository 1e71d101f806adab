//! Instructions on general registers: pointers, the loop, entry and return.

use super::assembler::{Assembler, Gpr, Memory};

impl Assembler {
    /// Prefetches the cache line of an address, which may lie outside the readable memory.
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

    /// Jumps back to `target` where a < b, as unsigned numbers.
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

    /// Clears the upper halves of the vector registers (`vzeroupper`), and returns.
    pub(super) fn leave(&mut self) {
        self.bytes.extend([0xc5, 0xf8, 0x77, 0xc3]);
    }
}
