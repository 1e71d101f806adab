//! Elementary functions in machine code, with the operations of
//! [`numerics::vector`](crate::numerics::vector) in the same order, so that results have the same bits.

use super::super::operation::Operation;
use super::assembler::{Arithmetic, Register, Spare};
use super::copy::{LoopCopy, MAGNITUDE};
use super::encode::Direct;
use super::machine::Machine;
use super::mask::{Mask, Predicate};
use crate::graph::Function;
use crate::numerics::vector::tables::{
    EXP, EXP_MAX, EXP_MIN, HALF_LN_2_HIGH, HALF_LN_2_LOW, LN_2_HIGH, LN_2_LOW, ROUNDER, TANH,
    TANH_MAX, TANH_NEAR, TWICE_LOG2_E,
};

/// e^u as m·2ⁿ.
struct Scaled {
    mantissa: Register,
    exponent: Register,
}

impl LoopCopy<'_, '_, '_> {
    pub(super) fn apply(
        &mut self,
        kind: Arithmetic,
        out: Register,
        a: Register,
        b: impl Into<Direct>,
    ) {
        self.writer.code.arithmetic(kind, out, a, b);
    }

    fn computed(&mut self, kind: Arithmetic, a: Register, b: impl Into<Direct>) -> Register {
        let out = self.temporary();
        self.apply(kind, out, a, b);
        out
    }

    fn number(&mut self, value: f64) -> Register {
        let out = self.temporary();
        self.writer.code.load(out, Direct::number(value));
        out
    }

    /// Unlocks the registers, so that they can be taken for other values.
    fn free(&mut self, registers: &[Register]) {
        registers.iter().for_each(|&register| self.registers.unlock(register));
    }

    /// e^u
    pub(super) fn exp(&mut self, u: Register, _: &mut Spare) -> Register {
        let bounded = self.number(EXP_MIN);
        // Where an operand is NaN, the result is the second one.
        self.apply(Arithmetic::Greatest, bounded, bounded, u);
        let most = self.number(EXP_MAX);
        self.apply(Arithmetic::Least, bounded, most, bounded);
        self.free(&[most]);
        let scaled = self.scaled_exp(bounded);
        self.free(&[bounded]);
        self.unscaled(scaled)
    }

    /// 2ⁿ m with one rounding.
    fn unscaled(&mut self, Scaled { mantissa, exponent }: Scaled) -> Register {
        match self.writer.code.machine {
            Machine::Avx512 => {
                self.apply(Arithmetic::Scale, mantissa, mantissa, exponent);
            }
            Machine::Avx2 => {
                // Half of the exponent twice, so that neither factor leaves the normal range.
                let half = self.number(0.5);
                let rounder = Direct::number(ROUNDER);
                self.apply(Arithmetic::MultiplyThenAdd, half, exponent, rounder);
                self.apply(Arithmetic::Add, exponent, exponent, rounder);
                self.apply(Arithmetic::SubtractBits, exponent, exponent, half);
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
        self.apply(Arithmetic::Multiply, value, value, power);
    }

    /// After u = n log 2 + r: 1 + (r + r² P(r)).
    fn scaled_exp(&mut self, u: Register) -> Scaled {
        let exponent = self.number(std::f64::consts::LOG2_E);
        let rounder = Direct::number(ROUNDER);
        self.apply(Arithmetic::MultiplyThenAdd, exponent, u, rounder);
        self.apply(Arithmetic::Subtract, exponent, exponent, rounder);
        let rest = self.temporary();
        self.writer.code.load(rest, u);
        self.apply(Arithmetic::MultiplyAdd, rest, exponent, Direct::number(-LN_2_HIGH));
        self.apply(Arithmetic::MultiplyAdd, rest, exponent, Direct::number(-LN_2_LOW));
        let square = self.computed(Arithmetic::Multiply, rest, rest);
        let mantissa = self.polynomial(&EXP, rest, square);
        self.apply(Arithmetic::MultiplyThenAdd, mantissa, square, rest);
        self.apply(Arithmetic::Add, mantissa, mantissa, Direct::number(1.0));
        self.free(&[rest, square]);
        Scaled { mantissa, exponent }
    }

    /// Σ cₖ uᵏ by even and odd terms.
    fn polynomial(&mut self, coefficients: &[f64], u: Register, square: Register) -> Register {
        let even = self.every_other(coefficients, 0, square);
        let odd = self.every_other(coefficients, 1, square);
        self.apply(Arithmetic::MultiplyThenAdd, odd, u, even);
        self.free(&[even]);
        odd
    }

    fn every_other(&mut self, coefficients: &[f64], first: usize, square: Register) -> Register {
        let terms: Vec<f64> = coefficients[first..].iter().copied().step_by(2).collect();
        let (last, rest) = terms.split_last().expect("there are two terms at least");
        let sum = self.number(*last);
        for &term in rest.iter().rev() {
            self.apply(Arithmetic::MultiplyThenAdd, sum, square, Direct::number(term));
        }
        sum
    }

    /// tanh u by the addition theorem.
    pub(super) fn tanh(&mut self, u: Register, spare: &mut Spare) -> Register {
        let size = self.computed(Arithmetic::And, u, MAGNITUDE);
        let most = self.number(TANH_MAX);
        // Where an operand is NaN, the result is the second one.
        self.apply(Arithmetic::Least, size, most, size);
        self.free(&[most]);
        let near = Direct::number(TANH_NEAR);
        let mask = self.writer.code.compare(Predicate::Less, size, near, spare);
        let (power, t) = self.tanh_near(size, mask);
        let far = self.tanh_far(power, t);
        self.writer.code.blend(mask, far, far, t);
        // Neither has the sign of u.
        let sign = self.computed(Arithmetic::And, u, SIGN);
        self.apply(Arithmetic::Or, far, far, sign);
        self.free(&[size, power, t, sign]);
        far
    }

    /// After size = ½ n log 2 + x, with n = 0 where the mask says so: p = 2⁻ⁿ and tanh x.
    fn tanh_near(&mut self, size: Register, mask: Mask<'_>) -> (Register, Register) {
        let beyond = self.temporary();
        let zero = self.number(0.0);
        self.writer.code.blend(mask, beyond, size, zero);
        self.free(&[zero]);
        let minus_n = self.number(-TWICE_LOG2_E);
        let rounder = Direct::number(ROUNDER);
        self.apply(Arithmetic::MultiplyThenAdd, minus_n, beyond, rounder);
        let number = beyond;
        self.apply(Arithmetic::Subtract, number, minus_n, rounder);
        let x = self.temporary();
        self.writer.code.load(x, size);
        self.apply(Arithmetic::MultiplyAdd, x, number, Direct::number(HALF_LN_2_HIGH));
        self.apply(Arithmetic::MultiplyAdd, x, number, Direct::number(HALF_LN_2_LOW));
        self.free(&[number]);
        let power = self.power_of_two(minus_n);
        let y = self.computed(Arithmetic::Multiply, x, x);
        let square = self.computed(Arithmetic::Multiply, y, y);
        let t = self.polynomial(&TANH, y, square);
        let cube = y;
        self.apply(Arithmetic::Multiply, cube, x, y);
        self.apply(Arithmetic::MultiplyThenAdd, t, cube, x);
        self.free(&[x, y, square]);
        (power, t)
    }

    /// 1 - 2p (1 - t)/((1 + p) + (1 - p) t)
    fn tanh_far(&mut self, p: Register, t: Register) -> Register {
        let one = self.number(1.0);
        let below = self.computed(Arithmetic::Subtract, one, p);
        let more = self.computed(Arithmetic::Add, one, p);
        self.apply(Arithmetic::MultiplyThenAdd, below, t, more);
        let twice = more;
        self.apply(Arithmetic::Add, twice, p, p);
        let far = self.computed(Arithmetic::Subtract, one, t);
        self.apply(Arithmetic::Multiply, far, twice, far);
        self.apply(Arithmetic::Divide, far, far, below);
        self.apply(Arithmetic::Subtract, far, one, far);
        self.free(&[one, below, twice]);
        far
    }

    /// 2ⁿ from an integer n in the low bits, in place.
    fn power_of_two(&mut self, bits: Register) -> Register {
        self.writer.code.shift_up(bits, bits, 52);
        self.apply(Arithmetic::AddBits, bits, bits, Direct::number(1.0));
        bits
    }
}

impl<V> Operation<V> {
    /// Most registers that its code needs at once, including those of its operands.
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
            | Self::Gather(..)
            | Self::LogTotal(..) => 4,
        }
    }
}

/// The sign bit of a number.
const SIGN: Direct = Direct::bits(1 << 63);
