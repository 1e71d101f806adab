//! Reduction of large arguments modulo 2π, accurate for every double (Payne and Hanek).

use super::machine::{Machine, Pair};
use super::trigonometric::times_pi;

/// 1/π in binary, from the first bit after the point; 64 zeros lead.
const INVERSE_PI: [u64; 21] = [
    0x0000_0000_0000_0000,
    0x517C_C1B7_2722_0A94,
    0xFE13_ABE8_FA9A_6EE0,
    0x6DB1_4ACC_9E21_C820,
    0xFF28_B1D5_EF5D_E2B0,
    0xDB92_371D_2126_E970,
    0x0324_9775_04E8_C90E,
    0x7F0E_F58E_5894_D39F,
    0x7441_1AFA_975D_A242,
    0x74CE_3813_5A2F_BF20,
    0x9CC8_EB1C_C1A9_9CFA,
    0x4E42_2FC5_DEFC_941D,
    0x8FFC_4BFF_EF02_CC07,
    0xF797_88C5_AD05_368F,
    0xB69B_3F67_93E5_84DB,
    0xA7A3_1FB3_4F2F_F516,
    0xBA93_DD63_F5F2_F8BD,
    0x9E83_9CFB_C529_4975,
    0x35FD_AFD8_8FC6_AE84,
    0x2B01_9823_7E3D_B5D5,
    0xF867_DE10_4D7A_1B0E,
];

/// u/π modulo 2 in units of 2^-127, so that a full turn is the range of the integer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn(u128);

impl Turn {
    /// The turn of a number with |u| ≥ 1; `None` for infinities and NaN.
    pub(super) fn of(u: f64) -> Option<Self> {
        if !u.is_finite() {
            return None;
        }
        let exponent = (u.abs().to_bits() >> 52) as usize;
        let mantissa = (u.to_bits() & 0x000F_FFFF_FFFF_FFFF) | 0x0010_0000_0000_0000;
        // |u| = mantissa 2^(exponent - 1075); bits of 1/π that make even integers are left out.
        let turn = top_of_product(mantissa, window(exponent + 63 - 1075));
        Some(Self(if u < 0.0 { turn.wrapping_neg() } else { turn }))
    }

    /// The turn plus a quarter, whose sine is the cosine of this turn.
    pub(super) fn quarter_on(self) -> Self {
        Self(self.0.wrapping_add(1 << 126))
    }

    /// The parity of the nearest multiple of π, and the remainder in radians.
    pub(super) fn beside_nearest_half<M: Machine>(self) -> (u64, Pair) {
        let n = self.0.wrapping_add(1 << 126) >> 127;
        (n as u64, fraction::<M>((self.0 << 1) as i128, 1.0))
    }

    /// The parity of the nearest multiple of π/2, and the remainder in radians.
    pub(super) fn beside_nearest_quarter<M: Machine>(self) -> (u64, Pair) {
        let n = self.0.wrapping_add(1 << 125) >> 126;
        (n as u64 & 1, fraction::<M>((self.0 << 2) as i128, 0.5))
    }
}

/// 192 bits of 1/π from the given bit on, the first of them worth 1 in the product.
fn window(start: usize) -> [u64; 3] {
    let (word, shift) = (start / 64, start % 64);
    let at = |i: usize| INVERSE_PI.get(word + i).copied().unwrap_or(0);
    let joined = |i| ((u128::from(at(i)) << 64) | u128::from(at(i + 1))) << shift;
    [0, 1, 2].map(|i| (joined(i) >> 64) as u64)
}

/// The upper 128 of the lower 192 bits of the product.
fn top_of_product(mantissa: u64, [high, middle, low]: [u64; 3]) -> u128 {
    let carry = (u128::from(mantissa) * u128::from(low)) >> 64;
    let middle = u128::from(mantissa) * u128::from(middle) + carry;
    let high = u128::from(mantissa) * u128::from(high);
    (high << 64).wrapping_add(middle)
}

/// π·factor·(part/2¹²⁸) to twice the digits.
fn fraction<M: Machine>(part: i128, factor: f64) -> Pair {
    let unit = f64::from_bits((1023 - 128) << 52) * factor;
    let head = part as f64;
    let tail = part.wrapping_sub(head as i128) as f64;
    let Pair { high, low } = times_pi::<M>(head * unit);
    Pair { high, low: M::mul_add(tail * unit, std::f64::consts::PI, low) }
}
