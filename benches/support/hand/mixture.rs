//! W2, log Σ w_k exp(-(x - m_k)²/(2 s_k))/√s_k with three components.
//!
//! With responsibilities p_k and u_k = -(x - m_k)/s_k, S = Σ p_k u_k and Q = Σ p_k (u_k² - 1/s_k):
//! ρ = Q - ½ S².

use super::elementary::exp;
use super::portable::Scalar;
use super::simd::{Isa, Kernel, Simd, Vector, reduce, zero};

const K: usize = 3;
/// Sums of a component: d, d u, d u², slope, slope u, p; see [`accumulate`].
const SUMS: usize = 6;

/// J and ∇J in (w, m, s).
pub fn gradient(isa: Isa, columns: &[&[f64]], theta: &[f64]) -> Vec<f64> {
    let (w, m, s) = (&theta[..K], &theta[K..2 * K], &theta[2 * K..]);
    let components = [0, 1, 2].map(|k| Component {
        mean: m[k],
        inverse: 1.0 / s[k],
        height: w[k].ln() - 0.5 * s[k].ln(),
    });
    let n = columns[0].len() as f64;
    let (rho, sums) = isa.run(Mixture { x: columns[0], components });
    let mut out = vec![0.0; 1 + 3 * K];
    out[0] = rho / n;
    for k in 0..K {
        let [d, du, duu, slope, slope_u, p] = sums[k].map(|sum| sum / n);
        let inverse = components[k].inverse;
        out[1 + k] = d / w[k];
        out[1 + K + k] = slope * inverse - du;
        out[1 + 2 * K + k] =
            0.5 * (duu - inverse * d) + inverse * (p * inverse - slope_u);
    }
    out
}

#[derive(Clone, Copy)]
struct Component {
    mean: f64,
    inverse: f64,
    /// log w_k - ½ log s_k
    height: f64,
}

struct Mixture<'a> {
    x: &'a [f64],
    components: [Component; K],
}

impl Kernel for Mixture<'_> {
    type Output = (f64, [[f64; SUMS]; K]);

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Output {
        let (whole, rest) = self.x.split_at(self.x.len() / S::LANES * S::LANES);
        let (mut rho, mut sums) = accumulate(simd, whole, &self.components);
        let (left, others) = accumulate(Scalar, rest, &self.components);
        rho += left;
        for (sums, others) in sums.iter_mut().zip(others) {
            for (sum, other) in sums.iter_mut().zip(others) {
                *sum += other;
            }
        }
        (rho, sums)
    }
}

/// For the logarithm of a component's term, ∂ρ is d = p_k (u_k² - 1/s_k - Q - S (u_k - S)); what
/// its parameters do to u_k and s_k besides goes by slope = p_k (2 u_k - S) and by p_k.
#[inline(always)]
fn accumulate<S: Simd>(
    simd: S,
    x: &[f64],
    components: &[Component; K],
) -> (f64, [[f64; SUMS]; K]) {
    let mut rho = zero(simd);
    let mut sums = [[zero(simd); SUMS]; K];
    let half = simd.splat(0.5);
    for chunk in x.chunks_exact(S::LANES) {
        let x = simd.load(chunk);
        let (mut u, mut p, mut q) = ([x; K], [x; K], [x; K]);
        for k in 0..K {
            let Component { mean, inverse, height } = components[k];
            let centred = simd.splat(mean) - x;
            u[k] = centred * simd.splat(inverse);
            p[k] = (centred * simd.splat(-0.5)).mul_add(u[k], simd.splat(height));
            q[k] = u[k].mul_add(u[k], simd.splat(-inverse));
        }
        let most = p[0].max(p[1]).max(p[2]);
        for k in 0..K {
            p[k] = exp(simd, p[k] - most);
        }
        let scale = (p[0] + p[1] + p[2]).recip();
        for k in 0..K {
            p[k] = p[k] * scale;
        }
        let score = p[2].mul_add(u[2], p[1].mul_add(u[1], p[0] * u[0]));
        let second = p[2].mul_add(q[2], p[1].mul_add(q[1], p[0] * q[0]));
        rho = rho + (half * score).neg_mul_add(score, second);
        for k in 0..K {
            let beyond = u[k] - score;
            let d = p[k] * score.neg_mul_add(beyond, q[k] - second);
            let slope = p[k] * (u[k] + beyond);
            let du = d * u[k];
            let sums = &mut sums[k];
            sums[0] = sums[0] + d;
            sums[1] = sums[1] + du;
            sums[2] = du.mul_add(u[k], sums[2]);
            sums[3] = sums[3] + slope;
            sums[4] = slope.mul_add(u[k], sums[4]);
            sums[5] = sums[5] + p[k];
        }
    }
    (rho.sum(), [reduce(sums[0]), reduce(sums[1]), reduce(sums[2])])
}
