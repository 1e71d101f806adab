//! W3, -(x - μ)ᵀK(x - μ)/2 with d = 10. With S = (K + Kᵀ)/2, c = x - μ and r = Sc:
//! ρ = -tr K + ½ ‖r‖².

use super::panel::{array, gather, matrix, outer, product, reduce};
use super::simd::{Isa, Kernel, Simd, Vector, zero};

const D: usize = 10;
/// Rows of a tile: both panels and the sums stay in the first-level cache.
const R: usize = 64;

/// J and ∇J in (μ, K).
pub fn gradient(isa: Isa, columns: &[&[f64]], theta: &[f64]) -> Vec<f64> {
    let mu = *theta.first_chunk::<D>().expect("means");
    let k: [[f64; D]; D] = matrix(&theta[D..]);
    let mut s = [[0.0; D]; D];
    for i in 0..D {
        for j in 0..D {
            s[i][j] = 0.5 * (k[i][j] + k[j][i]);
        }
    }
    let columns = array(columns);
    let n = columns[0].len() as f64;
    let sums = isa.run(Quadratic { columns, mu, s: &s });
    let trace: f64 = (0..D).map(|i| k[i][i]).sum();
    let mut out = vec![-trace + 0.5 * sums.norm / n];
    for i in 0..D {
        out.push(-(0..D).map(|j| s[i][j] * sums.first[j]).sum::<f64>() / n);
    }
    for i in 0..D {
        for j in 0..D {
            let identity = if i == j { 1.0 } else { 0.0 };
            out.push(0.5 * (sums.outer[i][j] + sums.outer[j][i]) / n - identity);
        }
    }
    out
}

struct Quadratic<'a> {
    columns: [&'a [f64]; D],
    mu: [f64; D],
    s: &'a [[f64; D]; D],
}

/// Σ ‖r‖², Σ r, Σ r cᵀ
struct Sums {
    norm: f64,
    first: [f64; D],
    outer: [[f64; D]; D],
}

impl Kernel for Quadratic<'_> {
    type Output = Sums;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Sums {
        let (mut c, mut r) = ([[0.0; R]; D], [[0.0; R]; D]);
        let (mut norm, mut first) = ([zero(simd); D], [zero(simd); D]);
        let mut sums = [[zero(simd); D]; D];
        for from in (0..self.columns[0].len()).step_by(R) {
            gather(simd, &self.columns, &self.mu, from, &mut c);
            product::<S, D, D, R, 5>(simd, self.s, &c, &mut r);
            for i in 0..D {
                for at in (0..R).step_by(S::LANES) {
                    let r = simd.load(&r[i][at..]);
                    first[i] = first[i] + r;
                    norm[i] = r.mul_add(r, norm[i]);
                }
            }
            outer::<S, D, D, R, 5>(simd, &[(&r, &c)], &mut sums);
        }
        let [norm, first] = reduce(&[norm, first]);
        Sums { norm: norm.iter().sum(), first, outer: reduce(&sums) }
    }
}
