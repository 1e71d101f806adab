//! Student's t with a location for each level of a group: the rows of a tile look up their location,
//! and each adds its slope to the sum of its level.
//!
//! With r = x - m and d = 5 s² + r², ρ = (30 r² - 6 d)/d², ∂ρ/∂r = (72 r d - 120 r³)/d³ and
//! ∂ρ/∂s = 10 s (6 d - 60 r²)/d³.

use super::simd::{Isa, Kernel, Simd, Vector, zero};

/// Rows of a tile.
const TILE: usize = 256;

/// J and ∇J in (m, s), from the columns x and the level, which counts from one.
pub fn gradient(isa: Isa, columns: &[&[f64]], theta: &[f64]) -> Vec<f64> {
    let n = columns[0].len() as f64;
    let (s, locations) = theta.split_last().expect("a scale");
    let sums = isa.run(Locations { x: columns[0], level: columns[1], locations, s: *s });
    sums.iter().map(|sum| sum / n).collect()
}

struct Locations<'a> {
    x: &'a [f64],
    level: &'a [f64],
    locations: &'a [f64],
    s: f64,
}

impl Kernel for Locations<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<f64> {
        let mut sums = vec![0.0; self.locations.len() + 2];
        let (mut r, mut slope) = ([0.0; TILE], [0.0; TILE]);
        let (mut rho, mut scale) = (zero(simd), zero(simd));
        let spread = simd.splat(5.0 * self.s * self.s);
        let number = |value: f64| simd.splat(value);
        for (x, level) in self.x.chunks(TILE).zip(self.level.chunks(TILE)) {
            for ((r, x), level) in r.iter_mut().zip(x).zip(level) {
                *r = x - self.locations[*level as usize - 1];
            }
            let whole = x.len() / S::LANES * S::LANES;
            for at in (0..whole).step_by(S::LANES) {
                let r = simd.load(&r[at..]);
                let square = r * r;
                let d = square + spread;
                let inverse = number(1.0).divide(d);
                let inverse2 = inverse * inverse;
                rho = rho + (number(30.0) * square - number(6.0) * d) * inverse2;
                let inverse3 = inverse2 * inverse;
                let down = number(120.0) * square - number(72.0) * d;
                (down * r * inverse3).store(&mut slope[at..]);
                scale = scale + (number(6.0) * d - number(60.0) * square) * inverse3;
            }
            for at in whole..x.len() {
                let square = r[at] * r[at];
                let d = square + 5.0 * self.s * self.s;
                sums[0] += (30.0 * square - 6.0 * d) / (d * d);
                slope[at] = (120.0 * square - 72.0 * d) * r[at] / (d * d * d);
                sums[self.locations.len() + 1] +=
                    10.0 * self.s * (6.0 * d - 60.0 * square) / (d * d * d);
            }
            for (level, slope) in level.iter().zip(&slope) {
                sums[*level as usize] += slope;
            }
        }
        sums[0] += rho.sum();
        sums[self.locations.len() + 1] += 10.0 * self.s * scale.sum();
        sums
    }
}
