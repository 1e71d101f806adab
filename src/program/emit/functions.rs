//! Elementary functions in machine code: operation for operation the bodies of
//! [`numerics::vector`](crate::numerics::vector), so that the results are the same bits.

use super::super::operation::Operation;
use super::assembler::{Arithmetic, Operand, Predicate, Register};
use super::copy::{Copy, MAGNITUDE, SCRATCH};
use super::machine::Machine;
use crate::graph::Function;
use crate::numerics::vector::tables::{
    EXP, EXP_DECAYING_MIN, EXP_MAX, EXP_MIN, LN_2_HIGH, LN_2_LOW, ROUNDER, TANH, TANH_NEAR, TINY,
};

/// e^u as m·2ⁿ.
struct Scaled {
    mantissa: Register,
    exponent: Register,
}

impl Copy<'_, '_, '_> {
    pub(super) fn apply(&mut self, kind: Arithmetic, out: Register, a: Register, b: Operand) {
        self.writer.code.arithmetic(kind, out, a, b);
    }

    fn computed(&mut self, kind: Arithmetic, a: Register, b: Operand) -> Register {
        let out = self.temporary();
        self.apply(kind, out, a, b);
        out
    }

    fn number(&mut self, value: f64) -> Register {
        let out = self.temporary();
        self.writer.code.load(out, Operand::number(value));
        out
    }

    /// The result is in `keep`; the other registers are free again.
    fn free(&mut self, registers: &[Register]) {
        registers.iter().for_each(|&register| self.registers.unlock(register));
    }

    /// e^u
    pub(super) fn exp(&mut self, u: Register) -> Register {
        let bounded = self.number(EXP_MIN);
        // The second operand is the one that a NaN comes from.
        self.apply(Arithmetic::Greatest, bounded, bounded, Operand::Register(u));
        let most = self.number(EXP_MAX);
        self.apply(Arithmetic::Least, bounded, most, Operand::Register(bounded));
        self.free(&[most]);
        let scaled = self.scaled_exp(bounded);
        self.free(&[bounded]);
        self.unscaled(scaled)
    }

    /// 2ⁿ m with one rounding.
    fn unscaled(&mut self, Scaled { mantissa, exponent }: Scaled) -> Register {
        match self.writer.code.machine {
            Machine::Avx512 => {
                self.apply(Arithmetic::Scale, mantissa, mantissa, Operand::Register(exponent));
            }
            Machine::Avx2 => {
                // Half of the exponent twice, so that neither factor leaves the normal range.
                let half = self.number(0.5);
                let rounder = Operand::number(ROUNDER);
                self.apply(Arithmetic::MultiplyThenAdd, half, exponent, rounder);
                self.apply(Arithmetic::Add, exponent, exponent, rounder);
                self.apply(Arithmetic::SubtractBits, exponent, exponent, Operand::Register(half));
                self.times_power(mantissa, half);
                self.times_power(mantissa, exponent);
                self.free(&[half]);
            }
        }
        self.free(&[exponent]);
        mantissa
    }

    /// value *= 2ⁿ for -1022 ≤ n ≤ 1023, an integer in the low bits.
    fn times_power(&mut self, value: Register, bits: Register) {
        self.writer.code.shift_up(bits, bits, 52);
        self.apply(Arithmetic::AddBits, bits, bits, Operand::number(1.0));
        self.apply(Arithmetic::Multiply, value, value, Operand::Register(bits));
    }

    /// After u = n log 2 + r: 1 + (r + r² P(r)).
    fn scaled_exp(&mut self, u: Register) -> Scaled {
        let exponent = self.number(std::f64::consts::LOG2_E);
        let rounder = Operand::number(ROUNDER);
        self.apply(Arithmetic::MultiplyThenAdd, exponent, u, rounder);
        self.apply(Arithmetic::Subtract, exponent, exponent, rounder);
        let rest = self.temporary();
        self.writer.code.load(rest, Operand::Register(u));
        self.apply(Arithmetic::MultiplyAdd, rest, exponent, Operand::number(-LN_2_HIGH));
        self.apply(Arithmetic::MultiplyAdd, rest, exponent, Operand::number(-LN_2_LOW));
        let square = self.computed(Arithmetic::Multiply, rest, Operand::Register(rest));
        let mantissa = self.polynomial(&EXP, rest, square);
        self.apply(Arithmetic::MultiplyThenAdd, mantissa, square, Operand::Register(rest));
        self.apply(Arithmetic::Add, mantissa, mantissa, Operand::number(1.0));
        self.free(&[rest, square]);
        Scaled { mantissa, exponent }
    }

    /// Σ cₖ uᵏ by even and odd terms.
    fn polynomial(&mut self, coefficients: &[f64], u: Register, square: Register) -> Register {
        let even = self.every_other(coefficients, 0, square);
        let odd = self.every_other(coefficients, 1, square);
        self.apply(Arithmetic::MultiplyThenAdd, odd, u, Operand::Register(even));
        self.free(&[even]);
        odd
    }

    fn every_other(&mut self, coefficients: &[f64], first: usize, square: Register) -> Register {
        let terms: Vec<f64> = coefficients[first..].iter().copied().step_by(2).collect();
        let (last, rest) = terms.split_last().expect("there are two terms at least");
        let sum = self.number(*last);
        for &term in rest.iter().rev() {
            self.apply(Arithmetic::MultiplyThenAdd, sum, square, Operand::number(term));
        }
        sum
    }

    /// tanh u: 1 - 2d/(1 + d) with d = e^(-2|u|), a polynomial near zero.
    pub(super) fn tanh(&mut self, u: Register) -> Register {
        let size = self.computed(Arithmetic::And, u, MAGNITUDE);
        let decayed = self.decayed(size);
        let far = self.computed(Arithmetic::Add, decayed, Operand::Register(decayed));
        self.apply(Arithmetic::Add, decayed, decayed, Operand::number(1.0));
        self.apply(Arithmetic::Divide, far, far, Operand::Register(decayed));
        let one = self.number(1.0);
        self.apply(Arithmetic::Subtract, far, one, Operand::Register(far));
        self.free(&[decayed, one]);
        // The sign of u: the far value has none.
        let sign = self.computed(Arithmetic::And, u, SIGN);
        self.apply(Arithmetic::And, far, far, MAGNITUDE);
        self.apply(Arithmetic::Or, far, far, Operand::Register(sign));
        self.free(&[sign]);
        let near = self.tanh_near(u, size);
        self.writer.code.compare(SCRATCH, Predicate::Less, size, Operand::number(TANH_NEAR));
        self.writer.code.blend(SCRATCH, far, far, Operand::Register(near));
        self.free(&[size, near]);
        far
    }

    /// e^(-2 size), zero where that is below the normal numbers.
    fn decayed(&mut self, size: Register) -> Register {
        let doubled = self.computed(Arithmetic::Multiply, size, Operand::number(-2.0));
        let bounded = self.number(EXP_DECAYING_MIN);
        self.apply(Arithmetic::Greatest, bounded, bounded, Operand::Register(doubled));
        let Scaled { mantissa, exponent } = self.scaled_exp(bounded);
        match self.writer.code.machine {
            Machine::Avx512 => {
                self.apply(Arithmetic::Scale, mantissa, mantissa, Operand::Register(exponent));
            }
            Machine::Avx2 => {
                self.apply(Arithmetic::Add, exponent, exponent, Operand::number(ROUNDER));
                self.times_power(mantissa, exponent);
            }
        }
        let zero = self.temporary();
        self.writer.code.zero(zero);
        self.writer.code.compare(
            SCRATCH,
            Predicate::Less,
            doubled,
            Operand::number(EXP_DECAYING_MIN),
        );
        self.writer.code.blend(SCRATCH, mantissa, mantissa, Operand::Register(zero));
        self.free(&[doubled, bounded, exponent, zero]);
        mantissa
    }

    /// u + u³ P(u²), or u itself where that is tiny.
    fn tanh_near(&mut self, u: Register, size: Register) -> Register {
        let y = self.computed(Arithmetic::Multiply, u, Operand::Register(u));
        let square = self.computed(Arithmetic::Multiply, y, Operand::Register(y));
        let near = self.polynomial(&TANH, y, square);
        let cube = self.computed(Arithmetic::Multiply, u, Operand::Register(y));
        self.apply(Arithmetic::MultiplyThenAdd, near, cube, Operand::Register(u));
        self.writer.code.compare(SCRATCH, Predicate::Less, size, Operand::number(TINY));
        self.writer.code.blend(SCRATCH, near, near, Operand::Register(u));
        self.free(&[y, square, cube]);
        near
    }
}

impl<V> Operation<V> {
    /// Registers that its code may need at once, those of its operands among them.
    pub(super) fn registers(&self) -> usize {
        match self {
            Self::Call(Function::Tanh, _) => 9,
            Self::Call(Function::Exp, _) => 7,
            Self::Sum { .. }
            | Self::Multiply(..)
            | Self::Reciprocal(_)
            | Self::Root(_)
            | Self::Power(..)
            | Self::Call(..)
            | Self::Binary(..)
            | Self::Compare(..)
            | Self::Select(..)
            | Self::Greatest(_)
            | Self::LogTotal(..) => 4,
        }
    }
}

/// The sign of a number.
const SIGN: Operand = Operand::Broadcast(super::assembler::Memory::Constant(1 << 63));
