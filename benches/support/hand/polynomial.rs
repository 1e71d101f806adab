//! W6, Σ a_k x^k, k = 1..8. With the score s = Σ k a_k x^(k-1):
//! ρ = Σ k(k-1) a_k x^(k-2) + ½ s².

use super::portable::Scalar;
use super::simd::{Isa, Kernel, Simd, Vector, reduce, zero};

const K: usize = 8;

/// J and ∇J in a.
pub fn gradient(isa: Isa, columns: &[&[f64]], a: &[f64]) -> Vec<f64> {
    let n = columns[0].len() as f64;
    let mut slopes = [0.0; K];
    for k in 0..K {
        slopes[k] = (k + 1) as f64 * a[k];
    }
    let (scores, powers) = isa.run(Polynomial { x: columns[0], slopes });
    let power = |k: usize| if k == 0 { 1.0 } else { powers[k - 1] / n };
    // The score is a sum of powers too, so its square follows from sums and
    // is not summed over rows.
    let norm: f64 = slopes.iter().zip(scores).map(|(b, sum)| b * sum / n).sum();
    let second: f64 = (1..K).map(|k| k as f64 * slopes[k] * power(k - 1)).sum();
    let mut out = vec![second + 0.5 * norm];
    for k in 0..K {
        let bent = if k == 0 { 0.0 } else { k as f64 * power(k - 1) };
        out.push((k + 1) as f64 * (bent + scores[k] / n));
    }
    out
}

struct Polynomial<'a> {
    x: &'a [f64],
    slopes: [f64; K],
}

impl Kernel for Polynomial<'_> {
    /// Σ s x^k for k = 0..7, Σ x^k for k = 1..6
    type Output = ([f64; K], [f64; K - 2]);

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Output {
        let (whole, rest) = self.x.split_at(self.x.len() / S::LANES * S::LANES);
        let (mut scores, mut powers) = accumulate(simd, whole, &self.slopes);
        let left = accumulate(Scalar, rest, &self.slopes);
        for k in 0..K {
            scores[k] += left.0[k];
        }
        for k in 0..K - 2 {
            powers[k] += left.1[k];
        }
        (scores, powers)
    }
}

#[inline(always)]
fn accumulate<S: Simd>(simd: S, x: &[f64], slopes: &[f64; K]) -> ([f64; K], [f64; K - 2]) {
    let (mut scores, mut powers) = ([zero(simd); K], [zero(simd); K - 2]);
    let mut slope = [zero(simd); K];
    for k in 0..K {
        slope[k] = simd.splat(slopes[k]);
    }
    for chunk in x.chunks_exact(S::LANES) {
        let mut power = [simd.load(chunk); K];
        for k in 2..K {
            // Powers as products of lower powers of half the degree, so that the
            // chain of products is short.
            power[k] = power[k / 2] * power[k - k / 2];
        }
        let mut score = slope[0];
        for k in 1..K {
            score = power[k].mul_add(slope[k], score);
        }
        scores[0] = scores[0] + score;
        for k in 1..K {
            scores[k] = score.mul_add(power[k], scores[k]);
        }
        for k in 1..K - 1 {
            powers[k - 1] = powers[k - 1] + power[k];
        }
    }
    (reduce(scores), reduce(powers))
}
