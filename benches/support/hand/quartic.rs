//! W7, a·x + Σ_{i≤j} b_ij x_i x_j - Σ c_i x_i⁴ + Σ_{i<j} e_ij x_i² x_j² with d = 4.
//!
//! With the score s and y_i = x_i s_i the gradient of ½ ‖s‖² is: s_i in a_i; 2 y_i in b_ii;
//! s_i x_j + s_j x_i in b_ij; -4 x_i² y_i in c_i; 2 (x_j² y_i + x_i² y_j) in e_ij.

use super::portable::Scalar;
use super::simd::{Isa, Kernel, Simd, Vector, reduce, split, zero};

const D: usize = 4;
const PAIRS: [(usize, usize); 6] = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];

/// J and ∇J in (a, b by rows of its upper triangle, c, e by rows).
pub fn gradient(isa: Isa, columns: &[&[f64]], theta: &[f64]) -> Vec<f64> {
    let n = columns[0].len() as f64;
    let coefficients = Coefficients::new(theta);
    let sums = isa.run(Quartic { columns, coefficients: &coefficients }).scaled(1.0 / n);
    let Coefficients { b, c, e, .. } = &coefficients;
    let laplacian: f64 = (0..D)
        .map(|i| {
            let crossed: f64 = (0..D).map(|j| e[i][j] * sums.squares[j]).sum();
            b[i][i] + 2.0 * crossed - 12.0 * c[i] * sums.squares[i]
        })
        .sum();
    let mut out = vec![laplacian + 0.5 * sums.norm];
    out.extend(sums.scores);
    for i in 0..D {
        out.push(2.0 + 2.0 * sums.products[i]);
        let row = PAIRS.iter().zip(sums.mixed).filter(|((first, _), _)| *first == i);
        out.extend(row.map(|(_, sum)| sum));
    }
    out.extend((0..D).map(|i| -12.0 * sums.squares[i] - 4.0 * sums.cubes[i]));
    let crossed = PAIRS.iter().zip(sums.crossed);
    out.extend(crossed.map(|(&(i, j), sum)| 2.0 * (sums.squares[i] + sums.squares[j] + sum)));
    out
}

/// The coefficients of the score: both triangles of b, with its diagonal doubled.
struct Coefficients {
    a: [f64; D],
    b: [[f64; D]; D],
    c: [f64; D],
    e: [[f64; D]; D],
}

impl Coefficients {
    fn new(theta: &[f64]) -> Self {
        let (mut b, mut e) = ([[0.0; D]; D], [[0.0; D]; D]);
        let mut upper = theta[D..].iter();
        for i in 0..D {
            for j in i..D {
                let value = *upper.next().expect("an entry of b");
                b[i][j] += value;
                b[j][i] += value;
            }
        }
        for (&(i, j), &value) in PAIRS.iter().zip(&theta[18..]) {
            (e[i][j], e[j][i]) = (value, value);
        }
        let four = |at: usize| [theta[at], theta[at + 1], theta[at + 2], theta[at + 3]];
        Self { a: four(0), b, c: four(14), e }
    }
}

struct Quartic<'a> {
    columns: &'a [&'a [f64]],
    coefficients: &'a Coefficients,
}

/// Sums over rows of ‖s‖², s_i, x_i s_i, x_i² y_i, x_i², s_i x_j + s_j x_i, x_j² y_i + x_i² y_j.
struct Sums {
    norm: f64,
    scores: [f64; D],
    products: [f64; D],
    cubes: [f64; D],
    squares: [f64; D],
    mixed: [f64; 6],
    crossed: [f64; 6],
}

impl Sums {
    fn scaled(self, factor: f64) -> Self {
        let four = |sums: [f64; D]| sums.map(|sum| sum * factor);
        let six = |sums: [f64; 6]| sums.map(|sum| sum * factor);
        Self {
            norm: self.norm * factor,
            scores: four(self.scores),
            products: four(self.products),
            cubes: four(self.cubes),
            squares: four(self.squares),
            mixed: six(self.mixed),
            crossed: six(self.crossed),
        }
    }

    fn add(&mut self, other: &Self) {
        self.norm += other.norm;
        for i in 0..D {
            self.scores[i] += other.scores[i];
            self.products[i] += other.products[i];
            self.cubes[i] += other.cubes[i];
            self.squares[i] += other.squares[i];
        }
        for k in 0..6 {
            self.mixed[k] += other.mixed[k];
            self.crossed[k] += other.crossed[k];
        }
    }
}

impl Kernel for Quartic<'_> {
    type Output = Sums;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Sums {
        let (whole, rest) = split::<D>(self.columns, S::LANES);
        let mut sums = accumulate(simd, &whole, self.coefficients);
        sums.add(&accumulate(Scalar, &rest, self.coefficients));
        sums
    }
}

#[inline(always)]
fn accumulate<S: Simd>(simd: S, columns: &[&[f64]; D], coefficients: &Coefficients) -> Sums {
    let rows = columns[0].len();
    let columns = [0, 1, 2, 3].map(|i| &columns[i][..rows]);
    let [mut scores, mut products, mut cubes, mut squares] = [[zero(simd); D]; 4];
    let (mut mixed, mut crossed) = ([zero(simd); 6], [zero(simd); 6]);
    let mut norm = zero(simd);
    for at in (0..rows).step_by(S::LANES) {
        let mut x = [zero(simd); D];
        let mut square = x;
        for i in 0..D {
            x[i] = simd.load(&columns[i][at..]);
            square[i] = x[i] * x[i];
            squares[i] = squares[i] + square[i];
        }
        let score = score(simd, &x, &square, coefficients);
        let mut y = x;
        for i in 0..D {
            y[i] = x[i] * score[i];
            norm = score[i].mul_add(score[i], norm);
            scores[i] = scores[i] + score[i];
            products[i] = products[i] + y[i];
            cubes[i] = square[i].mul_add(y[i], cubes[i]);
        }
        for k in 0..6 {
            let (i, j) = PAIRS[k];
            mixed[k] = score[i].mul_add(x[j], score[j].mul_add(x[i], mixed[k]));
            crossed[k] = square[j].mul_add(y[i], square[i].mul_add(y[j], crossed[k]));
        }
    }
    Sums {
        norm: norm.sum(),
        scores: reduce(scores),
        products: reduce(products),
        cubes: reduce(cubes),
        squares: reduce(squares),
        mixed: reduce(mixed),
        crossed: reduce(crossed),
    }
}

/// s_i = a_i + Σ b_ij x_j + 2 x_i (b_ii + Σ e_ij x_j² - 2 c_i x_i²), where b_ii is the stored,
/// doubled diagonal.
#[inline(always)]
fn score<S: Simd>(
    simd: S,
    x: &[S::V; D],
    square: &[S::V; D],
    coefficients: &Coefficients,
) -> [S::V; D] {
    let Coefficients { a, b, c, e } = coefficients;
    let mut out = *x;
    for i in 0..D {
        let mut bend = square[i].mul_add(simd.splat(-4.0 * c[i]), simd.splat(b[i][i]));
        let mut flat = simd.splat(a[i]);
        for j in 0..D {
            if j != i {
                bend = square[j].mul_add(simd.splat(2.0 * e[i][j]), bend);
                flat = x[j].mul_add(simd.splat(b[i][j]), flat);
            }
        }
        out[i] = x[i].mul_add(bend, flat);
    }
    out
}
