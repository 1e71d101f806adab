//! The error function and the standard normal distribution.
//!
//! All functions are computed from two pieces: near zero, the Taylor series of erf; for
//! z ≥ ½, the trapezoidal rule on
//!
//! ```text
//! √π z e^(z²) erfc(z) = 1 - q(z),   q(z) = 1/√π ∫ u² e^(-u²) / (z² + u²) du,
//! ```
//!
//! whose error falls like e^(-π²/h²) in the step h once the poles at ±iz are accounted
//! for (Chiarella and Reichel 1968; Hunter and Regan 1972). All its terms are positive,
//! and since q is the *excess* over the leading asymptotic term, quantities that cancel
//! far out, as `x + φ(x)/Φ(x)`, come out at full relative precision.

use num_traits::Float;

use super::{count, int, negligible_exponent, pi};

/// The two pieces from which the functions are computed, for one number type.
pub(super) trait Pieces<T> {
    /// √π.
    fn root_pi() -> T;
    /// erf x for |x| < ½.
    fn erf_near_zero(x: T) -> T;
    /// z·q(z) for z ≥ ½.
    fn scaled_excess(z: T) -> T;
}

/// Computes the pieces to the precision of the number type.
#[derive(Debug)]
pub(super) enum Converging {}

impl<T: Float> Pieces<T> for Converging {
    fn root_pi() -> T {
        pi::<T>().sqrt()
    }

    fn erf_near_zero(x: T) -> T {
        // erf x = 2x/√π Σ (-x²)ⁿ/(n! (2n+1)); the bound (¼)ⁿ/n! decides the length.
        let (mut power, mut sum, mut bound) = (T::one(), T::one(), T::one());
        let mut n = 0;
        while bound > T::epsilon() * int::<T>(4).recip() {
            n += 1;
            power = -power * x * x / int(n);
            bound = bound / int(4 * n);
            sum = sum + power / int(2 * n + 1);
        }
        int::<T>(2) * x * sum / Self::root_pi()
    }

    fn scaled_excess(z: T) -> T {
        let reach = negligible_exponent::<T>();
        let step = pi::<T>() / reach.sqrt();
        let square = step * step;
        let first = (-square).exp();
        let (mut weight, mut ratio, mut sum) = (T::one(), first, T::zero());
        for n in 1..=count(reach / pi()) {
            // e^(-h²n²) = e^(-h²(n-1)²) · e^(-h²(2n-1))
            weight = weight * ratio;
            ratio = ratio * first * first;
            let node = square * int(n * n);
            sum = sum + node * weight / (z + node / z);
        }
        let root_pi = <Self as Pieces<T>>::root_pi();
        int::<T>(2) * step * sum / root_pi + pole_correction(z, step, root_pi)
    }
}

/// The contribution of the poles at ±iz to the trapezoidal sum; below the precision for z ≥ π/h.
pub(super) fn pole_correction<T: Float>(z: T, step: T, root_pi: T) -> T {
    if z < pi::<T>() / step {
        let two = int::<T>(2);
        two * root_pi * z * z * (z * z).exp() / (two * pi() * z / step).exp_m1()
    } else {
        T::zero()
    }
}

/// e^(-x²/scale), corrected for the rounding of x², which would cost x² ulp for large x.
fn gauss<T: Float>(x: T, scale: T) -> T {
    let square = x * x;
    if square.is_infinite() {
        return T::zero();
    }
    let rounding = x.mul_add(x, -square);
    (-square / scale).exp() * (T::one() - rounding / scale)
}

fn is_near_zero<T: Float>(z: T) -> bool {
    z.abs() + z.abs() < T::one()
}

pub(super) fn erf_by<T: Float, P: Pieces<T>>(x: T) -> T {
    if is_near_zero(x) {
        P::erf_near_zero(x)
    } else if x < T::zero() {
        erfc_by::<T, P>(-x) - T::one()
    } else {
        T::one() - erfc_by::<T, P>(x)
    }
}

pub(super) fn erfc_by<T: Float, P: Pieces<T>>(x: T) -> T {
    if is_near_zero(x) {
        T::one() - P::erf_near_zero(x)
    } else if x < T::zero() {
        int::<T>(2) - erfc_by_tail::<T, P>(-x)
    } else {
        erfc_by_tail::<T, P>(x)
    }
}

/// erfc z for z ≥ ½.
fn erfc_by_tail<T: Float, P: Pieces<T>>(z: T) -> T {
    gauss(z, T::one()) * (T::one() - P::scaled_excess(z) / z) / (P::root_pi() * z)
}

/// φ(t)/Φ(-t) - t for t ≥ 0.
fn excess<T: Float, P: Pieces<T>>(t: T) -> T {
    let root_two = int::<T>(2).sqrt();
    let z = t / root_two;
    if is_near_zero(z) {
        // φ(t)/Φ(-t) = √(2/π) e^(-z²) / erfc z
        let upper = T::one() - P::erf_near_zero(z);
        root_two * gauss(t, int(2)) / (P::root_pi() * upper) - t
    } else {
        let scaled = P::scaled_excess(z);
        root_two * scaled / (T::one() - scaled / z)
    }
}

/// Φ(-t) for t ≥ 0.
fn upper_tail<T: Float, P: Pieces<T>>(t: T) -> T {
    density::<T, P>(t) / (t + excess::<T, P>(t))
}

/// φ(x).
fn density<T: Float, P: Pieces<T>>(x: T) -> T {
    gauss(x, int(2)) / (int::<T>(2).sqrt() * P::root_pi())
}

pub(super) fn normal_cdf_by<T: Float, P: Pieces<T>>(x: T) -> T {
    if x < T::zero() { upper_tail::<T, P>(-x) } else { T::one() - upper_tail::<T, P>(x) }
}

pub(super) fn log_normal_cdf_by<T: Float, P: Pieces<T>>(x: T) -> T {
    if x < T::zero() {
        let t = -x;
        let two = int::<T>(2);
        -t * (t / two) - (two.sqrt() * P::root_pi() * (t + excess::<T, P>(t))).ln()
    } else {
        (-upper_tail::<T, P>(x)).ln_1p()
    }
}

pub(super) fn inverse_mills_by<T: Float, P: Pieces<T>>(x: T) -> T {
    if x < T::zero() {
        excess::<T, P>(-x) - x
    } else {
        density::<T, P>(x) / (T::one() - upper_tail::<T, P>(x))
    }
}

pub(super) fn mills_excess_by<T: Float, P: Pieces<T>>(x: T) -> T {
    if x < T::zero() { excess::<T, P>(-x) } else { x + inverse_mills_by::<T, P>(x) }
}

/// The error function, 2/√π ∫₀ˣ e^(-t²) dt.
pub fn erf<T: Float>(x: T) -> T {
    erf_by::<T, Converging>(x)
}

/// 1 - erf x, without its cancellation for large x.
pub fn erfc<T: Float>(x: T) -> T {
    erfc_by::<T, Converging>(x)
}

/// Φ(x), the standard normal distribution function; relatively accurate in the left tail.
pub fn normal_cdf<T: Float>(x: T) -> T {
    normal_cdf_by::<T, Converging>(x)
}

/// log Φ(x), finite and accurate in both tails.
pub fn log_normal_cdf<T: Float>(x: T) -> T {
    log_normal_cdf_by::<T, Converging>(x)
}

/// φ(x)/Φ(x), the derivative of log Φ.
pub fn inverse_mills<T: Float>(x: T) -> T {
    inverse_mills_by::<T, Converging>(x)
}

/// x + φ(x)/Φ(x), without its cancellation far left, where it is -1/x.
pub fn mills_excess<T: Float>(x: T) -> T {
    mills_excess_by::<T, Converging>(x)
}
