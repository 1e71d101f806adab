//! Random numbers as functions of whole numbers, vectorised: those of [`crate::numerics::rng::Law`].

use super::log::log;
use super::machine::Machine;
use super::trigonometric::cos_pi;
use crate::numerics::rng::mixed;

/// 1.5·2⁵²: whole numbers below 2⁵¹ in size that are added to it are its last bits.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// -1 or 1: the first bit is the sign.
#[inline(always)]
pub fn random_sign(name: f64) -> f64 {
    let sign = f64::from_bits(1f64.to_bits() | (mixed(whole(name)) & (1 << 63)));
    if name.is_nan() { name } else { sign }
}

/// Standard normal, within rounding of the definition.
#[inline(always)]
pub fn random_normal<M: Machine>(name: f64) -> f64 {
    let bits = mixed(whole(name));
    let radius = (-2.0 * log::<M>(uniform(bits))).sqrt();
    // cos 2πu = -cos(π(2u - 1))
    let normal = -radius * cos_pi::<M>(2.0 * uniform(mixed(bits)) - 1.0);
    if name.is_nan() { name } else { normal }
}

/// The middle of one of 2⁵² equal cells of (0, 1), exactly.
#[inline(always)]
fn uniform(bits: u64) -> f64 {
    f64::from_bits(1f64.to_bits() | (bits >> 12)) - (1.0 - 0.5 * f64::EPSILON)
}

/// The name as an integer of 64 bits, cut off towards zero, for names below 2⁶³ in size; a conversion
/// of its own, as not every machine has one for vectors.
#[inline(always)]
fn whole(name: f64) -> u64 {
    let last_bits = |v: f64| (v + WHOLE).to_bits().wrapping_sub(WHOLE.to_bits());
    let name = name.trunc();
    let high = (name * 2f64.powi(-32)).floor();
    let low = name - high * 2f64.powi(32);
    (last_bits(high) << 32).wrapping_add(last_bits(low))
}

#[cfg(test)]
mod tests {
    use super::super::machine::{Fused, Portable};
    use super::*;
    use crate::numerics::rng::{Law, key};

    #[test]
    fn they_are_the_numbers_of_the_laws() {
        let keys = (0..20_000).map(|row| key(7, row) + (row % 100) as f64);
        for name in keys.chain([0.0, 1.0, 0.8, -1.3, -4e9, 9e15, 4_503_599_627_370_497.0]) {
            assert_eq!(whole(name), name as i64 as u64, "{name}");
            assert_eq!(random_sign(name), Law::Rademacher.draw(name));
            let expected = Law::Normal.draw(name);
            for found in [random_normal::<Fused>(name), random_normal::<Portable>(name)] {
                assert!((found - expected).abs() < 1e-14, "{name}: {found} is not {expected}");
            }
        }
        assert!(random_sign(f64::NAN).is_nan() && random_normal::<Fused>(f64::NAN).is_nan());
    }

    #[test]
    fn uniform_numbers_stay_inside() {
        assert_eq!([uniform(0), uniform(u64::MAX)], [2f64.powi(-53), 1.0 - 2f64.powi(-53)]);
    }
}
