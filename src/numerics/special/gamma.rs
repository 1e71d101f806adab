//! log |Γ| and its derivatives.
//!
//! Positive arguments are shifted up until Stirling's series, with Bernoulli numbers,
//! reaches the precision of the type; negative ones are reflected.

use num_traits::Float;

use super::{count, int, negligible_exponent, pi};

/// Stirling's series for one number type.
pub(super) trait Stirling<T: Float> {
    /// A list of numbers, computed or tabulated.
    type Numbers: AsRef<[T]>;
    /// The argument from which the series of log Γ reaches the precision; for ψ⁽ᵏ⁾ it is greater by k.
    fn start() -> T;
    /// The Bernoulli numbers B₂, B₄, … of the series.
    fn bernoulli() -> Self::Numbers;
}

/// Computes the series to the precision of the number type.
#[derive(Debug)]
pub(super) enum Converging {}

impl<T: Float> Stirling<T> for Converging {
    type Numbers = Vec<T>;

    /// With m terms at y = m the remainder is below (2π)^(-2m), for each derivative.
    fn start() -> T {
        (negligible_exponent::<T>() * int(3) / int(10)).ceil()
    }

    fn bernoulli() -> Vec<T> {
        bernoulli(count(<Self as Stirling<T>>::start()))
    }
}

/// B₂, B₄, …, B₂ₘ from the tangent numbers, whose recurrence has positive terms only and
/// so loses nothing in floating point (Brent and Harvey 2011).
fn bernoulli<T: Float>(m: usize) -> Vec<T> {
    let mut tangent = vec![T::one(); m + 1];
    for k in 2..=m {
        tangent[k] = int::<T>(k - 1) * tangent[k - 1];
    }
    for k in 2..=m {
        for j in k..=m {
            tangent[j] = int::<T>(j - k) * tangent[j - 1] + int::<T>(j - k + 2) * tangent[j];
        }
    }
    let mut power = T::one();
    let mut number = |k: usize| {
        power = power * int(4);
        let size = int::<T>(2 * k) * tangent[k] / (power * (power - T::one()));
        if k % 2 == 1 { size } else { -size }
    };
    (1..=m).map(&mut number).collect()
}

/// The signed distance to the nearest integer.
fn from_nearest_integer<T: Float>(x: T) -> T {
    x - x.round()
}

pub(super) fn is_pole<T: Float>(x: T) -> bool {
    x <= T::zero() && x == x.floor()
}

/// log |Γ(x)|; +∞ at the poles and at ±∞.
pub fn lgamma<T: Float>(x: T) -> T {
    if x.is_infinite() || is_pole(x) {
        T::infinity()
    } else if x + x < T::one() {
        reflected_lgamma(x, lgamma_by_shift::<T, Converging>)
    } else {
        lgamma_by_shift::<T, Converging>(x)
    }
}

/// log |Γ(x)| for x < ½ by Γ(x) Γ(1-x) = π/sin πx.
pub(super) fn reflected_lgamma<T: Float>(x: T, lgamma: impl Fn(T) -> T) -> T {
    // Γ(x) = 1/x - γ + …; the sine of a subnormal number has no digits to spare.
    if x.abs() < T::epsilon() * T::epsilon() {
        return -x.abs().ln();
    }
    let sine = (pi::<T>() * from_nearest_integer(x)).sin().abs();
    pi::<T>().ln() - sine.ln() - lgamma(T::one() - x)
}

/// log Γ(x) for x > 0 by Γ(x) = Γ(x+n)/(x(x+1)…(x+n-1)).
pub(super) fn lgamma_by_shift<T: Float, S: Stirling<T>>(x: T) -> T {
    let (mut y, mut product) = (x, T::one());
    let start = S::start();
    while y < start {
        product = product * y;
        y = y + T::one();
    }
    lgamma_far_out::<T, S>(y) - product.ln()
}

/// (y - ½)(log y - 1) + ½ log 2π - ½ + Σ B₂ⱼ / (2j (2j-1) y^(2j-1)).
pub(super) fn lgamma_far_out<T: Float, S: Stirling<T>>(y: T) -> T {
    let half = int::<T>(2).recip();
    let mut power = y.recip();
    let mut series = T::zero();
    for (i, &number) in S::bernoulli().as_ref().iter().enumerate() {
        series = series + number * power / int((2 * i + 2) * (2 * i + 1));
        power = power / y / y;
    }
    let constant = half * ((int::<T>(2) * pi()).ln() - T::one());
    (y - half) * (y.ln() - T::one()) + (constant + series)
}

/// ψ⁽ᵏ⁾(x), the derivative of order k + 1 of log Γ. At a pole, +∞ for odd k, whose sides
/// agree, and NaN for even k.
pub fn polygamma<T: Float>(k: u8, x: T) -> T {
    polygamma_by::<T, Converging>(k, x)
}

pub(super) fn polygamma_by<T: Float, S: Stirling<T>>(k: u8, x: T) -> T {
    if x.is_infinite() {
        polygamma_at_infinity(k, x)
    } else if is_pole(x) {
        if k % 2 == 1 { T::infinity() } else { T::nan() }
    } else if x < T::zero() {
        // ψ⁽ᵏ⁾(1-x)·(-1)ᵏ - ψ⁽ᵏ⁾(x) = π dᵏ/dxᵏ cot πx
        let mirrored = polygamma_by_shift::<T, S>(k, T::one() - x);
        signed(k, mirrored) - cotangent_derivative(k, x)
    } else {
        polygamma_by_shift::<T, S>(k, x)
    }
}

fn polygamma_at_infinity<T: Float>(k: u8, x: T) -> T {
    match (x > T::zero(), k) {
        (false, _) => T::nan(),
        (true, 0) => x,
        (true, _) => T::zero(),
    }
}

/// (-1)ᵏ value.
fn signed<T: Float>(k: u8, value: T) -> T {
    if k.is_multiple_of(2) { value } else { -value }
}

/// k!/x^(k+1), overflowing only where the value does.
fn inverse_power<T: Float>(k: u8, x: T) -> T {
    (1..=usize::from(k)).fold(x.recip(), |value, i| value * (int::<T>(i) / x))
}

/// (-1)^(k+1) ψ⁽ᵏ⁾(x) = Σ_{i<n} k!/(x+i)^(k+1) + (-1)^(k+1) ψ⁽ᵏ⁾(y) at y = x + n.
fn polygamma_by_shift<T: Float, S: Stirling<T>>(k: u8, x: T) -> T {
    let start = S::start() + int(k.into());
    let steps = if x < start { count(start - x) } else { 0 };
    let mut sum = polygamma_far_out::<T, S>(k, x + int(steps));
    // Smallest first.
    for i in (0..steps).rev() {
        sum = sum + inverse_power(k, x + int(i));
    }
    -signed(k, sum)
}

/// (k-1)!/yᵏ + k!/(2y^(k+1)) + Σ B₂ⱼ (2j+k-1)! / ((2j)! y^(2j+k)), the first term -log y
/// for k = 0.
fn polygamma_far_out<T: Float, S: Stirling<T>>(k: u8, y: T) -> T {
    let order = usize::from(k);
    let last = inverse_power(k, y);
    let head = match k {
        0 => -y.ln(),
        1.. => inverse_power(k - 1, y),
    };
    let mut factor = last * int(order + 1) / (y + y);
    let mut series = T::zero();
    for (i, &number) in S::bernoulli().as_ref().iter().enumerate() {
        series = series + number * factor;
        let j = 2 * i + 2;
        let growth = int::<T>((j + order) * (j + order + 1)) / int((j + 1) * (j + 2));
        factor = factor * growth / y / y;
    }
    head + (last / int(2) + series)
}

/// π dᵏ/dxᵏ cot πx = π^(k+1) P_k(cot πx) with P_0 = c and P_(k+1) = -(1 + c²) P_k'.
fn cotangent_derivative<T: Float>(k: u8, x: T) -> T {
    let angle = pi::<T>() * from_nearest_integer(x);
    let cotangent = angle.cos() / angle.sin();
    let mut polynomial = vec![T::zero(), T::one()];
    for _ in 0..k {
        polynomial = next_cotangent_polynomial(&polynomial);
    }
    let value = polynomial.iter().rev().fold(T::zero(), |sum, &c| sum * cotangent + c);
    (0..=k).fold(value, |value, _| value * pi())
}

/// -(1 + c²) P' from the coefficients of P, the constant first.
fn next_cotangent_polynomial<T: Float>(polynomial: &[T]) -> Vec<T> {
    let mut next = vec![T::zero(); polynomial.len() + 1];
    for (i, &coefficient) in polynomial.iter().enumerate().skip(1) {
        let slope = coefficient * int(i);
        next[i - 1] = next[i - 1] - slope;
        next[i + 1] = next[i + 1] - slope;
    }
    next
}
