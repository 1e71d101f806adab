//! W5, v·tanh(W₂ tanh(W₁x + b₁) + b₂) - c ‖x‖²/2 with two inputs and two layers of 32 units.
//!
//! Each row has four values in every layer: the value, its derivatives in x₁ and x₂, and its
//! Laplacian. They are four rows of a tile, so that a layer, its reverse pass, and the gradient of
//! its weights are one matrix product each.

use super::dense::{outer, product};
use super::elementary::tanh_in_place;
use super::panel::matrix;
use super::simd::{Isa, Kernel, Simd, Vector, zero};

/// Units of a layer.
const H: usize = 32;
/// Rows of a tile.
const R: usize = 16;
/// Value, two derivatives, Laplacian.
const PARTS: usize = 4;

type Layer = [f64; H];
type Tile = [Layer; PARTS * R];

/// J and ∇J in (W₁, b₁, W₂, b₂, v, c).
pub fn gradient(isa: Isa, columns: &[&[f64]], theta: &[f64]) -> Vec<f64> {
    let network = Network::new(theta);
    let n = columns[0].len() as f64;
    let sums = isa.run(Pass { x: [columns[0], columns[1]], network: &network });
    let mut out = vec![sums.rho / n - 2.0 * network.c];
    for i in 0..H {
        // The Laplacian of the first layer has the weight ‖w_i‖².
        let along = |k: usize| sums.first[k][i] + 2.0 * network.first[k][i] * sums.curved[i];
        out.extend([along(0) / n, along(1) / n]);
    }
    out.extend(sums.shift.map(|sum| sum / n));
    out.extend(sums.second.as_flattened().iter().map(|sum| sum / n));
    out.extend(sums.second_shift.map(|sum| sum / n));
    out.extend(sums.v.map(|sum| sum / n));
    out.push(sums.c / n - 2.0);
    out
}

/// The parameters, laid out for the kernel.
struct Network {
    /// The columns of W₁.
    first: [Layer; 2],
    /// The squares of its rows' norms.
    squares: Layer,
    shift: Layer,
    second: [Layer; H],
    transposed: [Layer; H],
    second_shift: Layer,
    v: Layer,
    c: f64,
}

impl Network {
    fn new(theta: &[f64]) -> Self {
        let (first, rest) = theta.split_at(2 * H);
        let (shift, rest) = rest.split_at(H);
        let (second, rest) = rest.split_at(H * H);
        let (second_shift, rest) = rest.split_at(H);
        let layer = |values: &[f64]| *values.first_chunk::<H>().expect("a layer");
        let column = |k: usize| std::array::from_fn(|i| first[2 * i + k]);
        let second: [Layer; H] = matrix(second);
        Self {
            first: [column(0), column(1)],
            squares: std::array::from_fn(|i| first[2 * i].powi(2) + first[2 * i + 1].powi(2)),
            shift: layer(shift),
            second,
            transposed: std::array::from_fn(|j| std::array::from_fn(|i| second[i][j])),
            second_shift: layer(second_shift),
            v: layer(rest),
            c: rest[H],
        }
    }
}

/// Sums over rows: ρ + 2c, and the gradients with respect to the parameters; `curved` is the
/// gradient with respect to the squared norms of W₁'s rows.
struct Sums {
    rho: f64,
    first: [Layer; 2],
    curved: Layer,
    shift: Layer,
    second: [Layer; H],
    second_shift: Layer,
    v: Layer,
    c: f64,
}

impl Sums {
    fn new() -> Self {
        Self {
            rho: 0.0,
            first: [[0.0; H]; 2],
            curved: [0.0; H],
            shift: [0.0; H],
            second: [[0.0; H]; H],
            second_shift: [0.0; H],
            v: [0.0; H],
            c: 0.0,
        }
    }
}

struct Pass<'a> {
    x: [&'a [f64]; 2],
    network: &'a Network,
}

impl Kernel for Pass<'_> {
    type Output = Box<Sums>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Box<Sums> {
        let mut sums = Box::new(Sums::new());
        let mut hidden: Box<Tile> = Box::new([[0.0; H]; PARTS * R]);
        let mut inner: Box<Tile> = hidden.clone();
        let mut back: Box<Tile> = hidden.clone();
        let rows = self.x[0].len();
        for from in (0..rows).step_by(R) {
            let count = R.min(rows - from);
            let mut x = [[0.0; 2]; R];
            for r in 0..count {
                x[r] = [self.x[0][from + r], self.x[1][from + r]];
            }
            first_layer(simd, self.network, &x, &mut hidden);
            product::<S, H, H, 4, 4>(simd, &hidden[..], &self.network.transposed, &mut inner[..]);
            second_layer(simd, self.network, &x[..count], &mut inner, &mut sums);
            product::<S, H, H, 4, 4>(simd, &inner[..], &self.network.second, &mut back[..]);
            outer::<S, H, H, 4, 4>(simd, &inner[..], &hidden[..], &mut sums.second);
            first_layer_back(simd, self.network, &x, &hidden, &back, &mut sums);
        }
        sums
    }
}

/// h = tanh(W₁x + b₁); with h' = 1 - h² and h'' = -2hh' its derivative in x_k is h' w_k, its
/// Laplacian h'' ‖w‖².
#[inline(always)]
fn first_layer<S: Simd>(simd: S, network: &Network, x: &[[f64; 2]; R], hidden: &mut Tile) {
    let mut values = [[0.0; H]; R];
    for (x, value) in x.iter().zip(&mut values) {
        let (left, right) = (simd.splat(x[0]), simd.splat(x[1]));
        for at in (0..H).step_by(S::LANES) {
            let w = [simd.load(&network.first[0][at..]), simd.load(&network.first[1][at..])];
            let shift = simd.load(&network.shift[at..]);
            right.mul_add(w[1], left.mul_add(w[0], shift)).store(&mut value[at..]);
        }
    }
    tanh_in_place(simd, values.as_flattened_mut());
    for (value, parts) in values.iter().zip(hidden.as_chunks_mut::<PARTS>().0) {
        for at in (0..H).step_by(S::LANES) {
            let h = simd.load(&value[at..]);
            let slope = h.neg_mul_add(h, simd.splat(1.0));
            let bend = simd.splat(-2.0) * h * slope;
            h.store(&mut parts[0][at..]);
            (slope * simd.load(&network.first[0][at..])).store(&mut parts[1][at..]);
            (slope * simd.load(&network.first[1][at..])).store(&mut parts[2][at..]);
            (bend * simd.load(&network.squares[at..])).store(&mut parts[3][at..]);
        }
    }
}

/// Replaces the four parts of the second layer's argument u, in every row, by the adjoints of ρ
/// with respect to them. This takes three loops over the tile: in one long loop a row would wait
/// for its own score, a sum over all units. Rows after the end get zeros.
#[inline(always)]
fn second_layer<S: Simd>(
    simd: S,
    network: &Network,
    x: &[[f64; 2]],
    inner: &mut Tile,
    sums: &mut Sums,
) {
    let mut values = [[0.0; H]; R];
    for (value, parts) in values.iter_mut().zip(inner.as_chunks::<PARTS>().0) {
        for at in (0..H).step_by(S::LANES) {
            let shift = simd.load(&network.second_shift[at..]);
            (simd.load(&parts[0][at..]) + shift).store(&mut value[at..]);
        }
    }
    tanh_in_place(simd, values.as_flattened_mut());
    let (mut scores, mut weights) = ([[0.0; 2]; R], [0.0; R]);
    for (r, x) in x.iter().enumerate() {
        let parts = inner[PARTS * r..].first_chunk().expect("the parts of a row");
        let (score, laplacian) = score(simd, network, &values[r], parts);
        (scores[r], weights[r]) = ([score[0] - network.c * x[0], score[1] - network.c * x[1]], 1.0);
        let [s1, s2] = scores[r];
        sums.rho += laplacian + 0.5 * (s1 * s1 + s2 * s2);
        sums.c -= s1 * x[0] + s2 * x[1];
    }
    second_layer_back(simd, network, &scores, &weights, &values, inner, sums);
}

/// With t = tanh(u + b₂): v·t'u_k, which is the score without -c x_k, and v·(t' u_L + t'' q), q = Σ
/// u_k², which is the Laplacian without -2c.
#[inline(always)]
fn score<S: Simd>(
    simd: S,
    network: &Network,
    values: &Layer,
    parts: &[Layer; PARTS],
) -> ([f64; 2], f64) {
    let [mut left, mut right, mut laplacian] = [zero(simd); 3];
    for at in (0..H).step_by(S::LANES) {
        let [_, u1, u2, ul] = load(simd, parts, at);
        let t = simd.load(&values[at..]);
        let weighed = t.neg_mul_add(t, simd.splat(1.0)) * simd.load(&network.v[at..]);
        left = weighed.mul_add(u1, left);
        right = weighed.mul_add(u2, right);
        let square = u2.mul_add(u2, u1 * u1);
        laplacian = weighed.mul_add((t + t).neg_mul_add(square, ul), laplacian);
    }
    ([left.sum(), right.sum()], laplacian.sum())
}

#[inline(always)]
fn second_layer_back<S: Simd>(
    simd: S,
    network: &Network,
    scores: &[[f64; 2]; R],
    weights: &[f64; R],
    values: &[Layer; R],
    inner: &mut Tile,
    sums: &mut Sums,
) {
    for at in (0..H).step_by(S::LANES) {
        let all = simd.load(&network.v[at..]);
        let [mut by_v, mut shift] = [zero(simd); 2];
        for (r, parts) in inner.as_chunks_mut::<PARTS>().0.iter_mut().enumerate() {
            let [_, u1, u2, ul] = load(simd, parts, at);
            let (s1, s2) = (simd.splat(scores[r][0]), simd.splat(scores[r][1]));
            let (t, weight) = (simd.load(&values[r][at..]), simd.splat(weights[r]));
            let v = weight * all;
            let slope = t.neg_mul_add(t, simd.splat(1.0));
            let bend = simd.splat(-2.0) * t * slope;
            let square = u2.mul_add(u2, u1 * u1);
            let along = s2.mul_add(u2, s1.mul_add(u1, ul));
            let by_value = v * third(simd, t, slope).mul_add(square, bend * along);
            let by_slope = v * slope;
            let twice = (bend + bend) * v;
            by_value.store(&mut parts[0][at..]);
            twice.mul_add(u1, by_slope * s1).store(&mut parts[1][at..]);
            twice.mul_add(u2, by_slope * s2).store(&mut parts[2][at..]);
            by_slope.store(&mut parts[3][at..]);
            by_v = weight.mul_add(bend.mul_add(square, slope * along), by_v);
            shift = shift + by_value;
        }
        add(simd, &mut sums.v, at, by_v);
        add(simd, &mut sums.second_shift, at, shift);
    }
}

/// The third derivative of tanh, -2 t' (1 - 3 t²).
#[inline(always)]
fn third<S: Simd>(simd: S, t: S::V, slope: S::V) -> S::V {
    simd.splat(-2.0) * slope * (t * t).neg_mul_add(simd.splat(3.0), simd.splat(1.0))
}

/// From the adjoints of the first layer's four parts, the gradient with respect to its parameters.
#[inline(always)]
fn first_layer_back<S: Simd>(
    simd: S,
    network: &Network,
    x: &[[f64; 2]; R],
    hidden: &Tile,
    back: &Tile,
    sums: &mut Sums,
) {
    for at in (0..H).step_by(S::LANES) {
        let w = [simd.load(&network.first[0][at..]), simd.load(&network.first[1][at..])];
        let squares = simd.load(&network.squares[at..]);
        let [mut first, mut second, mut curved, mut shift] = [zero(simd); 4];
        for r in 0..R {
            let h = simd.load(&hidden[PARTS * r][at..]);
            let parts = back[PARTS * r..].first_chunk().expect("the parts of a row");
            let [by_value, by_left, by_right, by_laplacian] = load(simd, parts, at);
            let slope = h.neg_mul_add(h, simd.splat(1.0));
            let bend = simd.splat(-2.0) * h * slope;
            let along = by_right.mul_add(w[1], by_left * w[0]);
            let by_bend = by_laplacian * squares;
            let inner =
                by_bend.mul_add(third(simd, h, slope), along.mul_add(bend, by_value * slope));
            first = simd.splat(x[r][0]).mul_add(inner, by_left.mul_add(slope, first));
            second = simd.splat(x[r][1]).mul_add(inner, by_right.mul_add(slope, second));
            curved = by_laplacian.mul_add(bend, curved);
            shift = shift + inner;
        }
        add(simd, &mut sums.first[0], at, first);
        add(simd, &mut sums.first[1], at, second);
        add(simd, &mut sums.curved, at, curved);
        add(simd, &mut sums.shift, at, shift);
    }
}

#[inline(always)]
fn load<S: Simd>(simd: S, parts: &[Layer; PARTS], at: usize) -> [S::V; PARTS] {
    let mut out = [zero(simd); PARTS];
    for k in 0..PARTS {
        out[k] = simd.load(&parts[k][at..]);
    }
    out
}

#[inline(always)]
fn add<S: Simd>(simd: S, sums: &mut Layer, at: usize, value: S::V) {
    (simd.load(&sums[at..]) + value).store(&mut sums[at..]);
}
