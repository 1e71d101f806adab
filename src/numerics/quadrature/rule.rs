//! The 15-point Kronrod rule with the 7-point Gauss rule inside it (Piessens et al. 1983), alone or
//! as a product with itself.

/// Nodes on (-1, 1) from 0 upwards; those at even positions belong to the Gauss rule.
const NODES: [f64; 8] = [
    0.0,
    0.207_784_955_007_898_47,
    0.405_845_151_377_397_2,
    0.586_087_235_467_691_1,
    0.741_531_185_599_394_4,
    0.864_864_423_359_769_1,
    0.949_107_912_342_758_5,
    0.991_455_371_120_812_6,
];
const KRONROD: [f64; 8] = [
    0.209_482_141_084_727_82,
    0.204_432_940_075_298_9,
    0.190_350_578_064_785_4,
    0.169_004_726_639_267_9,
    0.140_653_259_715_525_92,
    0.104_790_010_322_250_18,
    0.063_092_092_629_978_55,
    0.022_935_322_010_529_224,
];
const GAUSS: [f64; 4] = [
    0.417_959_183_673_469_4,
    0.381_830_050_505_118_9,
    0.279_705_391_489_276_67,
    0.129_484_966_168_869_7,
];
const COUNT: usize = 15;

/// A node and its weights.
#[derive(Clone, Copy, Debug)]
struct Node {
    at: f64,
    kronrod: f64,
    gauss: f64,
}

/// A rule on the square (-1, 1)ᵈ.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    nodes: Vec<Node>,
    dimensions: usize,
}

/// The results of a rule on a cell, relative to exp(peak) times the cell's volume.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sums {
    pub peak: f64,
    pub mean: f64,
    pub error: f64,
    /// The dimension in which the rules of different degree differ most.
    pub along: usize,
}

impl Rule {
    pub fn new(dimensions: usize) -> Self {
        let node = |i: usize| {
            let k = i.abs_diff(COUNT / 2);
            let sign = if i < COUNT / 2 { -1.0 } else { 1.0 };
            let gauss = if k.is_multiple_of(2) { GAUSS[k / 2] } else { 0.0 };
            Node { at: sign * NODES[k], kronrod: KRONROD[k] / 2.0, gauss: gauss / 2.0 }
        };
        Self { nodes: (0..COUNT).map(node).collect(), dimensions }
    }

    pub fn len(&self) -> usize {
        COUNT.pow(self.dimensions as u32)
    }

    /// Appends the nodes in a cell to the columns of points.
    pub fn place(&self, cell: &[(f64, f64)], columns: &mut [Vec<f64>]) {
        let at = |k: usize, node: &Node| {
            let (low, high) = cell[k];
            (0.5 * (high - low)).mul_add(node.at, 0.5 * (low + high))
        };
        for i in 0..self.len() {
            for (k, column) in columns.iter_mut().enumerate() {
                column.push(at(k, &self.nodes[self.position(i, k)]));
            }
        }
    }

    /// The position along dimension `k` of node `i`.
    fn position(&self, i: usize, k: usize) -> usize {
        if k + 1 == self.dimensions { i % COUNT } else { i / COUNT }
    }

    /// Integrates exp(values); `None` where a value is NaN or +∞.
    pub fn sums(&self, values: &[f64]) -> Option<Sums> {
        if values.iter().any(|value| value.is_nan() || *value == f64::INFINITY) {
            return None;
        }
        let peak = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if peak == f64::NEG_INFINITY {
            return Some(Sums { peak, mean: 0.0, error: 0.0, along: 0 });
        }
        let heights: Vec<f64> = values.iter().map(|value| (value - peak).exp()).collect();
        let mean = self.sum(&heights, |_, node| node.kronrod);
        let coarse: Vec<f64> = (0..self.dimensions)
            .map(|k| self.sum(&heights, |l, node| if l == k { node.gauss } else { node.kronrod }))
            .map(|coarse| (coarse - mean).abs())
            .collect();
        let along = usize::from(self.dimensions == 2 && coarse[1] > coarse[0]);
        let apart: Vec<f64> = heights.iter().map(|height| (height - mean).abs()).collect();
        let variation = self.sum(&apart, |_, node| node.kronrod);
        Some(Sums { peak, mean, error: sharpened(coarse.iter().sum(), variation), along })
    }

    fn sum(&self, heights: &[f64], weight: impl Fn(usize, &Node) -> f64) -> f64 {
        let product = |i: usize| -> f64 {
            (0..self.dimensions).map(|k| weight(k, &self.nodes[self.position(i, k)])).product()
        };
        heights.iter().enumerate().map(|(i, height)| height * product(i)).sum()
    }
}

/// The error estimate of QUADPACK: the difference of the two rules is about the error of the coarser
/// one; that of the finer one is smaller.
fn sharpened(difference: f64, variation: f64) -> f64 {
    if variation == 0.0 {
        difference
    } else {
        variation * (200.0 * difference / variation).powf(1.5).min(1.0)
    }
}
