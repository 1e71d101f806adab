//! W1, ρ = -1/s + (x - μ)²/(2 s²): two sums.

use super::portable::Scalar;
use super::simd::{Isa, Kernel, Simd, Vector, reduce, zero};

/// J and ∇J in (μ, s).
pub fn gradient(isa: Isa, columns: &[&[f64]], theta: &[f64]) -> Vec<f64> {
    let (mu, s) = (theta[0], theta[1]);
    let n = columns[0].len() as f64;
    let [first, second] = isa.run(Powers { x: columns[0], mu }).map(|sum| sum / n);
    let inverse = 1.0 / s;
    vec![
        -inverse + 0.5 * second * inverse * inverse,
        -first * inverse * inverse,
        inverse * inverse - second * inverse * inverse * inverse,
    ]
}

/// Σ (x - μ) and Σ (x - μ)².
pub struct Powers<'a> {
    /// The column.
    pub x: &'a [f64],
    /// The centre.
    pub mu: f64,
}

/// Vectors that are processed side by side, so that additions do not wait for one another.
const UNROLL: usize = 8;

impl Kernel for Powers<'_> {
    type Output = [f64; 2];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [f64; 2] {
        let whole = self.x.len() / (UNROLL * S::LANES) * UNROLL * S::LANES;
        let (whole, rest) = self.x.split_at(whole);
        let sums = powers::<S, UNROLL>(simd, whole, self.mu);
        let left = powers::<Scalar, 1>(Scalar, rest, self.mu);
        [sums[0] + left[0], sums[1] + left[1]]
    }
}

#[inline(always)]
fn powers<S: Simd, const U: usize>(simd: S, x: &[f64], mu: f64) -> [f64; 2] {
    let mu = simd.splat(mu);
    let (mut first, mut second) = ([zero(simd); U], [zero(simd); U]);
    for chunk in x.chunks_exact(U * S::LANES) {
        for k in 0..U {
            let centred = simd.load(&chunk[k * S::LANES..]) - mu;
            first[k] = first[k] + centred;
            second[k] = centred.mul_add(centred, second[k]);
        }
    }
    [reduce(first).iter().sum(), reduce(second).iter().sum()]
}
