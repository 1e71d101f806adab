//! Instruction sets: which there are, which this machine has, which one runs.

use std::fmt;
use std::sync::OnceLock;

use pulp::{Scalar, WithSimd};

/// The environment variable that asks for an instruction set, for tests and measurements: one
/// of the names in [`Isa::name`]. One that this machine lacks is passed over.
pub const ISA_VARIABLE: &str = "SCOREMATCH_ISA";

/// An instruction set that kernels are compiled for. Those with fused multiply-add give the same
/// bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// x86-64 with AVX-512 (F, BW, CD, DQ, VL).
    Avx512,
    /// x86-64 with AVX2 and FMA.
    Avx2,
    /// AArch64 with NEON.
    Neon,
    /// The baseline of the compilation target; products and sums round separately.
    Portable,
}

impl Isa {
    /// All of them, the widest first.
    pub const ALL: [Self; 4] = [Self::Avx512, Self::Avx2, Self::Neon, Self::Portable];

    /// Its name, `avx512`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Portable => "portable",
        }
    }

    /// Whether this machine can run it.
    #[must_use]
    pub fn is_available(self) -> bool {
        self.is_here()
    }

    /// Those that this machine can run, the widest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        Self::ALL.into_iter().filter(|isa| isa.is_available()).collect()
    }

    /// What programs run on: the one that [`ISA_VARIABLE`] names, else the widest. Chosen once.
    #[must_use]
    pub fn chosen() -> Self {
        static CHOSEN: OnceLock<Isa> = OnceLock::new();
        *CHOSEN.get_or_init(|| {
            let asked = std::env::var(ISA_VARIABLE).unwrap_or_default();
            let available = Self::available();
            let named = available.iter().find(|isa| isa.name() == asked);
            *named.unwrap_or(&available[0])
        })
    }

    #[cfg(target_arch = "x86_64")]
    fn is_here(self) -> bool {
        match self {
            Self::Avx512 => pulp::x86::V4::try_new().is_some(),
            Self::Avx2 => pulp::x86::V3::try_new().is_some(),
            Self::Neon => false,
            Self::Portable => true,
        }
    }

    #[cfg(target_arch = "aarch64")]
    fn is_here(self) -> bool {
        match self {
            Self::Avx512 | Self::Avx2 => false,
            Self::Neon => pulp::aarch64::Neon::try_new().is_some(),
            Self::Portable => true,
        }
    }

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    fn is_here(self) -> bool {
        self == Self::Portable
    }

    /// Does work with this instruction set. Only the kernels are compiled for it; their callers are
    /// compiled for the baseline, so that they may call any function.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn run<W: WithSimd>(self, work: W) -> W::Output {
        match self {
            Self::Avx512 => work.with_simd(pulp::x86::V4::try_new().expect(HERE)),
            Self::Avx2 => work.with_simd(pulp::x86::V3::try_new().expect(HERE)),
            Self::Neon => unreachable!("{HERE}"),
            Self::Portable => work.with_simd(Scalar),
        }
    }

    /// Does work with this instruction set.
    #[cfg(target_arch = "aarch64")]
    pub(super) fn run<W: WithSimd>(self, work: W) -> W::Output {
        match self {
            Self::Avx512 | Self::Avx2 => unreachable!("{HERE}"),
            Self::Neon => work.with_simd(pulp::aarch64::Neon::try_new().expect(HERE)),
            Self::Portable => work.with_simd(Scalar),
        }
    }

    /// Does work with this instruction set.
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    pub(super) fn run<W: WithSimd>(self, work: W) -> W::Output {
        work.with_simd(Scalar)
    }
}

const HERE: &str = "a program runs on what the machine has";

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
