//! Elementary functions in machine code: operation for operation the bodies of
//! [`numerics::vector`](crate::numerics::vector), so that the results are the same bits.

use super::super::operation::Operation;
use super::assembler::{Arithmetic, Operand, Register};
use super::copy::{Copy, MAGNITUDE};
use super::machine::Machine;
use crate::graph::Function;
use crate::numerics::vector::tables::{
    EXP, EXP_MAX, EXP_MIN, HALF_LN_2_HIGH, HALF_LN_2_LOW, LN_2_HIGH, LN_2_LOW, ROUNDER, TANH,
    TANH_MAX, TWICE_LOG2_E,
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
        let power = self.power_of_two(bits);
        self.apply(Arithmetic::Multiply, value, value, Operand::Register(power));
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

    /// tanh u by the addition theorem.
    pub(super) fn tanh(&mut self, u: Register) -> Register {
        let size = self.computed(Arithmetic::And, u, MAGNITUDE);
        let most = self.number(TANH_MAX);
        // The second operand is the one that a NaN comes from.
        self.apply(Arithmetic::Least, size, most, Operand::Register(size));
        self.free(&[most]);
        let (power, t) = self.tanh_near(size);
        self.free(&[size]);
        let less = self.number(1.0);
        self.apply(Arithmetic::Subtract, less, less, Operand::Register(power));
        let more = power;
        self.apply(Arithmetic::Add, more, more, Operand::number(1.0));
        let above = self.temporary();
        self.writer.code.load(above, Operand::Register(t));
        self.apply(Arithmetic::MultiplyThenAdd, above, more, Operand::Register(less));
        let below = t;
        self.apply(Arithmetic::MultiplyThenAdd, below, less, Operand::Register(more));
        self.apply(Arithmetic::Divide, above, above, Operand::Register(below));
        self.free(&[less, more]);
        // The sign of u: the quotient has none.
        let sign = below;
        self.apply(Arithmetic::And, sign, u, SIGN);
        self.apply(Arithmetic::Or, above, above, Operand::Register(sign));
        self.free(&[sign]);
        above
    }

    /// After size = ½ n log 2 + x: 2⁻ⁿ and tanh x.
    fn tanh_near(&mut self, size: Register) -> (Register, Register) {
        let minus_n = self.number(-TWICE_LOG2_E);
        let rounder = Operand::number(ROUNDER);
        self.apply(Arithmetic::MultiplyThenAdd, minus_n, size, rounder);
        let shifted = self.computed(Arithmetic::Subtract, minus_n, rounder);
        let x = self.temporary();
        self.writer.code.load(x, Operand::Register(size));
        self.apply(Arithmetic::MultiplyAdd, x, shifted, Operand::number(HALF_LN_2_HIGH));
        self.apply(Arithmetic::MultiplyAdd, x, shifted, Operand::number(HALF_LN_2_LOW));
        self.free(&[shifted]);
        let power = self.power_of_two(minus_n);
        let y = self.computed(Arithmetic::Multiply, x, Operand::Register(x));
        let square = self.computed(Arithmetic::Multiply, y, Operand::Register(y));
        let t = self.polynomial(&TANH, y, square);
        let cube = self.computed(Arithmetic::Multiply, x, Operand::Register(y));
        self.apply(Arithmetic::MultiplyThenAdd, t, cube, Operand::Register(x));
        self.free(&[x, y, square, cube]);
        (power, t)
    }

    /// 2ⁿ from an integer n in the low bits, in place.
    fn power_of_two(&mut self, bits: Register) -> Register {
        self.writer.code.shift_up(bits, bits, 52);
        self.apply(Arithmetic::AddBits, bits, bits, Operand::number(1.0));
        bits
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
