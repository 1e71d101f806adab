//! W5, v·tanh(W₂ tanh(W₁x + b₁) + b₂) - c ‖x‖²/2 with two inputs and two layers of 32 units.
//!
//! Forward through each layer go four things a row: the value, its derivatives in x₁ and x₂, and
//! its Laplacian. They stand as four rows of a tile, so that a layer is one matrix product, its
//! reverse pass another, and the gradient of the weights a third.

use super::dense::{outer, product};
use super::elementary::tanh;
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

/// The parameters, as the kernel wants them.
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

/// Sums over rows: ρ + 2c, and the gradients of the parameters; `curved` is that of the squared
/// norms of W₁'s rows.
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
            for (r, parts) in inner.as_chunks_mut::<PARTS>().0.iter_mut().enumerate() {
                // Rows behind the end weigh nothing.
                let weight = if r < count { 1.0 } else { 0.0 };
                second_layer(simd, self.network, x[r], weight, parts, &mut sums);
            }
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
    for (x, parts) in x.iter().zip(hidden.as_chunks_mut::<PARTS>().0) {
        let (left, right) = (simd.splat(x[0]), simd.splat(x[1]));
        for at in (0..H).step_by(S::LANES) {
            let w = [simd.load(&network.first[0][at..]), simd.load(&network.first[1][at..])];
            let shift = simd.load(&network.shift[at..]);
            let [h] = tanh(simd, [right.mul_add(w[1], left.mul_add(w[0], shift))]);
            let slope = h.neg_mul_add(h, simd.splat(1.0));
            let bend = simd.splat(-2.0) * h * slope;
            h.store(&mut parts[0][at..]);
            (slope * w[0]).store(&mut parts[1][at..]);
            (slope * w[1]).store(&mut parts[2][at..]);
            (bend * simd.load(&network.squares[at..])).store(&mut parts[3][at..]);
        }
    }
}

/// Turns the four parts of the second layer's argument u of one row into the adjoints of ρ in
/// them. With t = tanh(u + b₂): the score s_k = v·t'u_k - c x_k, the Laplacian
/// v·(t' u_L + t'' q) - 2c, q = Σ u_k².
#[inline(always)]
fn second_layer<S: Simd>(
    simd: S,
    network: &Network,
    x: [f64; 2],
    weight: f64,
    parts: &mut [Layer; PARTS],
    sums: &mut Sums,
) {
    let mut values = [0.0; H];
    let [mut left, mut right, mut laplacian] = [zero(simd); 3];
    for at in (0..H).step_by(S::LANES) {
        let [u, u1, u2, ul] = load(simd, parts, at);
        let [t] = tanh(simd, [u + simd.load(&network.second_shift[at..])]);
        t.store(&mut values[at..]);
        let slope = t.neg_mul_add(t, simd.splat(1.0));
        let weighed = slope * simd.load(&network.v[at..]);
        left = weighed.mul_add(u1, left);
        right = weighed.mul_add(u2, right);
        let square = u2.mul_add(u2, u1 * u1);
        laplacian = weighed.mul_add((t + t).neg_mul_add(square, ul), laplacian);
    }
    let score = [left.sum() - network.c * x[0], right.sum() - network.c * x[1]];
    let norm = score[0] * score[0] + score[1] * score[1];
    sums.rho += weight * (laplacian.sum() + 0.5 * norm);
    sums.c -= weight * (score[0] * x[0] + score[1] * x[1]);
    second_layer_back(simd, network, score, weight, &values, parts, sums);
}

#[inline(always)]
fn second_layer_back<S: Simd>(
    simd: S,
    network: &Network,
    score: [f64; 2],
    weight: f64,
    values: &Layer,
    parts: &mut [Layer; PARTS],
    sums: &mut Sums,
) {
    let (s1, s2, weight) = (simd.splat(score[0]), simd.splat(score[1]), simd.splat(weight));
    for at in (0..H).step_by(S::LANES) {
        let [_, u1, u2, ul] = load(simd, parts, at);
        let (t, v) = (simd.load(&values[at..]), weight * simd.load(&network.v[at..]));
        let slope = t.neg_mul_add(t, simd.splat(1.0));
        let bend = simd.splat(-2.0) * t * slope;
        let square = u2.mul_add(u2, u1 * u1);
        let along = s2.mul_add(u2, s1.mul_add(u1, ul));
        // ∂t''/∂u = -2 t' (1 - 3 t²)
        let third =
            simd.splat(-2.0) * slope * (t * t).neg_mul_add(simd.splat(3.0), simd.splat(1.0));
        let by_value = v * third.mul_add(square, bend * along);
        let by_slope = v * slope;
        let twice = (bend + bend) * v;
        by_value.store(&mut parts[0][at..]);
        twice.mul_add(u1, by_slope * s1).store(&mut parts[1][at..]);
        twice.mul_add(u2, by_slope * s2).store(&mut parts[2][at..]);
        by_slope.store(&mut parts[3][at..]);
        add(simd, &mut sums.v, at, weight * bend.mul_add(square, slope * along));
        add(simd, &mut sums.second_shift, at, by_value);
    }
}

/// From the adjoints of the first layer's four parts to those of its parameters.
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
            let third =
                simd.splat(-2.0) * slope * (h * h).neg_mul_add(simd.splat(3.0), simd.splat(1.0));
            let along = by_right.mul_add(w[1], by_left * w[0]);
            let by_bend = by_laplacian * squares;
            let inner = by_bend.mul_add(third, along.mul_add(bend, by_value * slope));
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
