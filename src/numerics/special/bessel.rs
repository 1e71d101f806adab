//! The modified Bessel function I_k of orders k = 0, ½, 1, … as two even functions of x.
//!
//! I_k(x) = (x/2)^k/Γ(k+1)·F_k(x) with F_k(0) = 1. [`log_bessel`] is log F_k, and
//! [`bessel_ratio`] its slope over x, I_(k+1)(x)/(x·I_k(x)). An order is given as `twice`, 2k.
//! Near zero F_k is a series of positive terms and the ratio a continued fraction of positive
//! ones; far out both are Hankel's expansion. None overflows before its value does.

use num_traits::Float;

use super::{count, int, lgamma, negligible_exponent, pi};

/// log F_k(x) = log(Γ(k+1)·(2/x)^k·I_k(x)) for k = `twice`/2: 0 at 0, about |x| far out.
pub fn log_bessel<T: Float>(twice: u8, x: T) -> T {
    log_bessel_by(twice, x, lgamma)
}

/// [`log_bessel`] with a logarithm of Γ of the caller's choice.
pub(super) fn log_bessel_by<T: Float>(twice: u8, x: T, lgamma: impl Fn(T) -> T) -> T {
    if x.is_nan() || x.is_infinite() {
        return x.abs();
    }
    if x.abs() < far_out(twice) {
        return log_series(twice, x);
    }
    let (size, order, half) = (x.abs(), half_of::<T>(twice.into()), half_of::<T>(1));
    // The constant of (2/x)^k·Γ(k+1)·e^x/√(2πx), the powers of x as those of x/2.
    let constant = lgamma(order + T::one()) - half * (int::<T>(4) * pi()).ln();
    size - (order + half) * (half * size).ln() + (constant + hankel(twice.into(), size).ln())
}

/// I_(k+1)(x)/(x·I_k(x)) for k = `twice`/2: 1/(2k + 2) at 0, about 1/|x| far out.
pub fn bessel_ratio<T: Float>(twice: u8, x: T) -> T {
    if x.is_nan() || x.is_infinite() {
        return x.abs().recip();
    }
    if x.abs() < far_out(twice) {
        return continued_fraction(twice, x);
    }
    let next = usize::from(twice) + 2;
    hankel(next, x.abs()) / hankel(twice.into(), x.abs()) / x.abs()
}

fn half_of<T: Float>(twice: usize) -> T {
    int::<T>(twice) / int(2)
}

/// The argument from which Hankel's expansion reaches the precision: e^-2x is negligible, and its
/// terms, which behave like (k²/2x)ʲ/j! at first, decrease from the first one on.
fn far_out<T: Float>(twice: u8) -> T {
    let order: T = half_of(twice.into());
    negligible_exponent::<T>().max(order * order)
}

/// Π of the first j factors (2i+1)² - 4k² over 8(i+1)x, summed over j: √(2πx)·e^-x·I_k(x).
fn hankel<T: Float>(twice: usize, x: T) -> T {
    let eightfold = int::<T>(8) * x;
    let factor = |i: usize| {
        let size = int::<T>((2 * i + 1).abs_diff(twice) * (2 * i + 1 + twice));
        let signed = if 2 * i + 1 < twice { -size } else { size };
        signed / (int::<T>(i + 1) * eightfold)
    };
    let terms = count(half_of::<T>(1) * negligible_exponent());
    (0..terms).rev().fold(T::one(), |sum, i| T::one() + factor(i) * sum)
}

/// log of 1 + Σ Π_{i≤j} x²/(4i(k+i)), summed from the last term on, in units that grow with it.
fn log_series<T: Float>(twice: u8, x: T) -> T {
    let quarter = x * x / int(4);
    let large = int::<T>(2).powi(500);
    let (mut one, mut excess, mut units) = (T::one(), T::zero(), 0);
    for i in (1..=terms_of_series(x)).rev() {
        let denominator = int::<T>(i) * (half_of::<T>(twice.into()) + int(i));
        excess = quarter / denominator * (one + excess);
        if excess > large {
            (one, excess, units) = (one / large, excess / large, units + 1);
        }
    }
    match units {
        0 => excess.ln_1p(),
        _ => int::<T>(units) * large.ln() + (one + excess).ln(),
    }
}

/// Number of terms of the series. The index of the largest term is at most x/2; d terms later they
/// have decreased by e^-(2d²/x) for large x, and by more for small x.
fn terms_of_series<T: Float>(x: T) -> usize {
    let (half, exponent) = (half_of::<T>(1) * x.abs(), negligible_exponent::<T>());
    count(half + (exponent * half).sqrt() + exponent / int(4))
}

/// b_k = 1/(2(k+1) + x²·b_(k+1)), started at an order far above k with Amos's bound (1974). A step
/// multiplies a relative error by less than (I_(k+1)/I_k)².
fn continued_fraction<T: Float>(twice: u8, x: T) -> T {
    let exponent = negligible_exponent::<T>();
    let steps = count((exponent * x.abs()).sqrt() + exponent / int(4));
    let (square, half) = (x * x, half_of::<T>(1));
    let last = half_of::<T>(twice.into()) + int(steps);
    let middle = last + half + T::one();
    let bound = (last + half + (middle * middle + square).sqrt()).recip();
    (0..steps)
        .rev()
        .fold(bound, |ratio, i| (int::<T>(usize::from(twice) + 2 * i + 2) + square * ratio).recip())
}
