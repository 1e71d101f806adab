//! Reproducible random numbers without a dependency: SplitMix64 and samples made from it.

/// A stream of numbers that a seed determines.
pub struct Stream(u64);

impl Stream {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Laplace with variance 1.
    pub fn laplace(&mut self) -> f64 {
        let u = self.uniform() - 0.5;
        -(1.0 - 2.0 * u.abs()).ln() * u.signum() * std::f64::consts::FRAC_1_SQRT_2
    }

    /// A list of standard normal numbers.
    pub fn normals(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.normal()).collect()
    }
}

/// One normal column.
pub fn normal_column(rows: usize) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(1);
    vec![(0..rows).map(|_| 0.3 + 1.2 * stream.normal()).collect()]
}

/// One column from a mixture of three normals.
pub fn clouds(rows: usize) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(2);
    let mut draw = || {
        let u = stream.uniform();
        let (mean, sd) = if u < 0.3 {
            (-2.0, 0.7)
        } else if u < 0.8 {
            (0.5, 1.0)
        } else {
            (3.0, 0.8)
        };
        mean + sd * stream.normal()
    };
    vec![(0..rows).map(|_| draw()).collect()]
}

/// Independent normal columns.
pub fn normal_columns<const D: usize>(rows: usize) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(3);
    (0..D).map(|_| stream.normals(rows)).collect()
}

/// Mixed Laplace sources, as in independent component analysis.
pub fn mixed_sources<const D: usize>(rows: usize) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(4);
    let sources: Vec<Vec<f64>> =
        (0..D).map(|_| (0..rows).map(|_| stream.laplace()).collect()).collect();
    let next = |k: usize| &sources[(k + 1) % D];
    let mix = |k: usize| sources[k].iter().zip(next(k)).map(|(a, b)| 1.3 * a + 0.6 * b).collect();
    (0..D).map(mix).collect()
}

/// One uniform column in (-1.5, 1.5), where high powers remain moderate.
pub fn bounded_column(rows: usize) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(5);
    vec![(0..rows).map(|_| 3.0 * stream.uniform() - 1.5).collect()]
}

/// A column around a location for each of `levels` levels, and the level, which counts from one.
pub fn grouped(rows: usize, levels: usize) -> [Vec<f64>; 2] {
    let mut stream = Stream::new(6);
    let locations = stream.normals(levels);
    let level: Vec<usize> =
        (0..rows).map(|_| (stream.uniform() * levels as f64) as usize).collect();
    let x = level.iter().map(|&k| locations[k] + 0.7 * stream.normal()).collect();
    [x, level.iter().map(|&k| (k + 1) as f64).collect()]
}
