//! The properties of an instruction set that emitted code depends on.

use std::ops::Range;

/// An instruction set for which code is emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Machine {
    /// Vectors of eight numbers, mask registers, broadcast operands in memory.
    Avx512,
    /// Vectors of four numbers, with FMA. Masks are vectors.
    Avx2,
}

impl Machine {
    /// Numbers of a vector.
    pub(super) fn lanes(self) -> usize {
        match self {
            Self::Avx512 => 8,
            Self::Avx2 => 4,
        }
    }

    /// Bytes of a vector.
    pub(super) fn bytes(self) -> i32 {
        8 * self.lanes() as i32
    }

    /// Vector registers for values and sums: all but the spare one of AVX2, which is for masks and
    /// broadcast numbers.
    pub(super) fn registers(self) -> usize {
        match self {
            Self::Avx512 => 32,
            Self::Avx2 => 15,
        }
    }

    /// Numbers of registers that may be pinned to partial sums for a whole loop, to choose from; the
    /// other partial sums are in memory.
    pub(super) fn pins(self) -> &'static [usize] {
        match self {
            Self::Avx512 => &[16, 24],
            Self::Avx2 => &[0, 4, 8, 11],
        }
    }

    /// Most vectors of partial sums of a segment of several steps.
    pub(super) fn sums_max(self) -> usize {
        match self {
            Self::Avx512 => 24,
            Self::Avx2 => usize::MAX,
        }
    }

    /// Cost of entering a segment, in half cycles of an iteration: its call, its pointers, and the
    /// latency of its last iteration.
    pub(super) fn entry(self) -> u32 {
        match self {
            Self::Avx512 => 4,
            Self::Avx2 => 6,
        }
    }

    /// Mask registers that may hold a mask for a whole loop.
    pub(super) fn standing(self) -> Range<u8> {
        match self {
            Self::Avx512 => 2..8,
            Self::Avx2 => 0..0,
        }
    }
}
