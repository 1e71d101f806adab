//! W2, log Σ w_k exp(-(x - m_k)²/(2 s_k))/√s_k with three components.
//!
//! With responsibilities p_k and u_k = -(x - m_k)/s_k, S = Σ p_k u_k and Q = Σ p_k (u_k² - 1/s_k):
//! ρ = Q - ½ S².

use super::elementary::{STEP, exp_in_place};
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
        out[1 + 2 * K + k] = 0.5 * (duu - inverse * d) + inverse * (p * inverse - slope_u);
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

/// Rows of a tile. Each step of the computation is a separate loop over a tile: one long loop body
/// would wait for its latencies, since the processor looks ahead over one row only.
const TILE: usize = 128;

/// The sums over rows, whose number is a multiple of the lanes of a vector.
#[inline(always)]
fn accumulate<S: Simd>(simd: S, x: &[f64], components: &[Component; K]) -> (f64, [[f64; SUMS]; K]) {
    let mut rho = zero(simd);
    let mut sums = [[zero(simd); SUMS]; K];
    let mut shares = [[0.0; TILE]; K];
    for x in x.chunks(TILE) {
        responsibilities(simd, x, components, &mut shares);
        for (at, x) in x.chunks_exact(S::LANES).enumerate() {
            let at = at * S::LANES;
            let mut p = [zero(simd); K];
            for k in 0..K {
                p[k] = simd.load(&shares[k][at..]);
            }
            rho = rho + row(simd, simd.load(x), p, components, &mut sums);
        }
    }
    (rho.sum(), [reduce(sums[0]), reduce(sums[1]), reduce(sums[2])])
}

/// p_k of every row of a tile.
#[inline(always)]
fn responsibilities<S: Simd>(
    simd: S,
    x: &[f64],
    components: &[Component; K],
    p: &mut [[f64; TILE]; K],
) {
    for (at, x) in x.chunks_exact(S::LANES).enumerate() {
        let x = simd.load(x);
        let mut log = [x; K];
        for k in 0..K {
            let Component { mean, inverse, height } = components[k];
            let centred = x - simd.splat(mean);
            let scaled = centred * simd.splat(-0.5 * inverse);
            log[k] = centred.mul_add(scaled, simd.splat(height));
        }
        let most = log[0].max(log[1]).max(log[2]);
        for k in 0..K {
            (log[k] - most).store(&mut p[k][at * S::LANES..]);
        }
    }
    for k in 0..K {
        // Rounds the length up to a whole step; the elements after the rows are not read.
        exp_in_place(simd, &mut p[k][..x.len().next_multiple_of(STEP * S::LANES)]);
    }
    for at in (0..x.len()).step_by(S::LANES) {
        let [first, second, third] = p.each_mut().map(|p| &mut p[at..]);
        let (a, b, c) = (simd.load(first), simd.load(second), simd.load(third));
        let scale = simd.splat(1.0).divide(a + b + c);
        (a * scale).store(first);
        (b * scale).store(second);
        (c * scale).store(third);
    }
}

/// Adds the terms of one vector of rows and returns its ρ. The derivative of ρ with respect to the
/// logarithm of a component's term is d = p_k (u_k² - 1/s_k - Q - S (u_k - S)); the further
/// dependence on its parameters, through u_k and s_k, has the factors p_k and
/// slope = p_k (2 u_k - S).
#[inline(always)]
fn row<S: Simd>(
    simd: S,
    x: S::V,
    p: [S::V; K],
    components: &[Component; K],
    sums: &mut [[S::V; SUMS]; K],
) -> S::V {
    let (mut u, mut q) = ([x; K], [x; K]);
    for k in 0..K {
        let inverse = components[k].inverse;
        u[k] = (simd.splat(components[k].mean) - x) * simd.splat(inverse);
        q[k] = u[k].mul_add(u[k], simd.splat(-inverse));
    }
    let score = p[2].mul_add(u[2], p[1].mul_add(u[1], p[0] * u[0]));
    let second = p[2].mul_add(q[2], p[1].mul_add(q[1], p[0] * q[0]));
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
    (simd.splat(0.5) * score).neg_mul_add(score, second)
}
