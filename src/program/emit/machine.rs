//! What an instruction set offers to code.

use std::ops::Range;

/// The instruction sets that code is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Machine {
    /// Vectors of eight numbers, masks of their own, a number from memory for all eight in any
    /// instruction.
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

    /// Vector registers for values and sums: all but the one that AVX2 takes for masks, and for
    /// numbers that stand for a whole vector.
    pub(super) fn registers(self) -> usize {
        match self {
            Self::Avx512 => 32,
            Self::Avx2 => 15,
        }
    }

    /// How many of them partial sums may take for a whole loop, as far as there are so many. What
    /// is left of the sums is added to in memory.
    pub(super) fn pins(self) -> &'static [usize] {
        match self {
            Self::Avx512 => &[16, 24],
            Self::Avx2 => &[0, 4, 8, 11],
        }
    }

    /// Vectors of partial sums beyond which a segment is not tried.
    pub(super) fn sums_max(self) -> usize {
        match self {
            Self::Avx512 => 24,
            Self::Avx2 => usize::MAX,
        }
    }

    /// What a segment costs beside its turns, in half cycles of a turn: calls, pointers, and the
    /// latency of the last turn.
    pub(super) fn entry(self) -> u32 {
        match self {
            Self::Avx512 => 4,
            Self::Avx2 => 6,
        }
    }

    /// Masks that may stand for a whole loop.
    pub(super) fn standing(self) -> Range<u8> {
        match self {
            Self::Avx512 => 2..8,
            Self::Avx2 => 0..0,
        }
    }
}
