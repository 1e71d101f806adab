//! W4, -Σ log cosh(W x) with W 16 × 16.
//!
//! With t = tanh(Wx), s = Wᵀt and c_i = ‖w_i‖²: ρ = -Σ c_i (1 - t_i²) + ½ ‖s‖². Its gradient is
//! Σ over rows of a xᵀ + t sᵀ, a_i = (1 - t_i²)(2 c_i t_i + (Ws)_i), and -2 w_i (1 - t_i²).

use super::elementary::tanh_in_place;
use super::panel::{array, gather, matrix, outer, product, reduce};
use super::simd::{Isa, Kernel, Simd, Vector, zero};

const D: usize = 16;
/// Rows of a tile: four panels of 8 KB and the sums.
const R: usize = 64;

type Square = [[f64; D]; D];

/// J and ∇J in W.
pub fn gradient(isa: Isa, columns: &[&[f64]], theta: &[f64]) -> Vec<f64> {
    let w: Square = matrix(theta);
    let mut transposed = [[0.0; D]; D];
    let mut squares = [0.0; D];
    for i in 0..D {
        squares[i] = w[i].iter().map(|w| w * w).sum();
        for j in 0..D {
            transposed[j][i] = w[i][j];
        }
    }
    let columns = array(columns);
    let n = columns[0].len() as f64;
    let sums = isa.run(Components { columns, w: &w, transposed: &transposed, squares: &squares });
    let bends = sums.squared.map(|squared| 1.0 - squared / n);
    let laplacian: f64 = squares.iter().zip(bends).map(|(c, bend)| -c * bend).sum();
    let mut out = vec![laplacian + 0.5 * sums.norm / n];
    for i in 0..D {
        out.extend((0..D).map(|j| sums.outer[i][j] / n - 2.0 * w[i][j] * bends[i]));
    }
    out
}

struct Components<'a> {
    columns: [&'a [f64]; D],
    w: &'a Square,
    transposed: &'a Square,
    squares: &'a [f64; D],
}

/// Σ t_i², Σ ‖s‖², Σ a xᵀ + t sᵀ. Rows of zeros after the data add nothing to them.
struct Sums {
    squared: [f64; D],
    norm: f64,
    outer: Square,
}

impl Kernel for Components<'_> {
    type Output = Sums;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Sums {
        let [mut x, mut t, mut s, mut a] = [[[0.0; R]; D]; 4];
        let (mut squared, mut norm) = ([zero(simd); D], [zero(simd); D]);
        let mut sums = [[zero(simd); D]; D];
        for from in (0..self.columns[0].len()).step_by(R) {
            gather(simd, &self.columns, &[0.0; D], from, &mut x);
            product::<S, D, D, R, 4>(simd, self.w, &x, &mut t);
            tanh_in_place(simd, t.as_flattened_mut());
            product::<S, D, D, R, 4>(simd, self.transposed, &t, &mut s);
            product::<S, D, D, R, 4>(simd, self.w, &s, &mut a);
            for i in 0..D {
                let twice = simd.splat(2.0 * self.squares[i]);
                for at in (0..R).step_by(S::LANES) {
                    let (t, s) = (simd.load(&t[i][at..]), simd.load(&s[i][at..]));
                    norm[i] = s.mul_add(s, norm[i]);
                    squared[i] = t.mul_add(t, squared[i]);
                    let inner = twice.mul_add(t, simd.load(&a[i][at..]));
                    (t * t).neg_mul_add(inner, inner).store(&mut a[i][at..]);
                }
            }
            outer::<S, D, D, R, 4>(simd, &[(&a, &x), (&t, &s)], &mut sums);
        }
        let [squared, norm] = reduce(&[squared, norm]);
        Sums { squared, norm: norm.iter().sum(), outer: reduce(&sums) }
    }
}
