//! Powers, and their derivatives with respect to the exponent.

use num_traits::Float;

/// x^p (log x)ᵏ; zero wherever x^p is, as its limit at x = 0 for p > 0. x^p itself for k = 0, where
/// 0^0 is 1 and negative x have powers of whole p.
pub fn pow_log<T: Float>(x: T, p: T, logs: u8) -> T {
    let power = x.powf(p);
    if logs == 0 || power == T::zero() { power } else { power * x.ln().powi(logs.into()) }
}
