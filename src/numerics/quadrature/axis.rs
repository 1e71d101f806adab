//! Coordinates t in which the tails of a density fall exponentially.

use super::Region;

/// The coordinate map of one dimension.
#[derive(Clone, Copy, Debug)]
enum Axis {
    /// x = m + s·sinh t
    Line { middle: f64, scale: f64 },
    /// x = a + s·eᵗ, where s < 0 below a finite upper end.
    Half { end: f64, scale: f64 },
    /// x = t
    Between(f64, f64),
}

/// The map from t to x. If both dimensions are lines, `slope` times the first is added to the second, so
/// that the hints are uncorrelated in t.
#[derive(Clone, Debug)]
pub(super) struct Axes {
    axes: Vec<Axis>,
    slope: f64,
}

impl Axis {
    fn new((low, high): (f64, f64), hints: &[f64]) -> Self {
        let (middle, scale) = location_and_scale(hints);
        match (low.is_finite(), high.is_finite()) {
            (true, true) => Self::Between(low, high),
            (true, false) => Self::Half { end: low, scale: positive(middle - low, scale) },
            (false, true) => Self::Half { end: high, scale: -positive(high - middle, scale) },
            (false, false) => Self::Line { middle, scale },
        }
    }

    fn point(self, t: f64) -> f64 {
        match self {
            Self::Line { middle, scale } => scale.mul_add(t.sinh(), middle),
            Self::Half { end, scale } => scale.mul_add(t.exp(), end),
            Self::Between(..) => t,
        }
    }

    fn inverse(self, x: f64) -> f64 {
        match self {
            Self::Line { middle, scale } => ((x - middle) / scale).asinh(),
            Self::Half { end, scale } => ((x - end) / scale).ln(),
            Self::Between(..) => x,
        }
    }

    fn log_jacobian(self, t: f64) -> f64 {
        match self {
            // cosh t = e^|t| (1 + e^-2|t|)/2
            Self::Line { scale, .. } => {
                scale.ln() + t.abs() + (-2.0 * t.abs()).exp().ln_1p() - std::f64::consts::LN_2
            }
            Self::Half { scale, .. } => scale.abs().ln() + t,
            Self::Between(..) => 0.0,
        }
    }
}

impl Axes {
    pub fn new(region: &Region<'_>) -> Self {
        let both = region.ends.iter().zip(region.hints);
        let mut axes: Vec<Axis> = both.map(|(&ends, hints)| Axis::new(ends, hints)).collect();
        let mut slope = 0.0;
        if let [Axis::Line { scale: first, .. }, Axis::Line { scale: second, .. }] = &mut axes[..] {
            let rho = correlation(region.hints);
            slope = rho * *second / *first;
            *second *= (1.0 - rho * rho).sqrt();
        }
        Self { axes, slope }
    }

    pub fn dimensions(&self) -> usize {
        self.axes.len()
    }

    /// The ends in t of a dimension; infinite where the dimension has to be truncated.
    pub fn ends(&self, k: usize) -> (f64, f64) {
        match self.axes[k] {
            Axis::Line { .. } | Axis::Half { .. } => (f64::NEG_INFINITY, f64::INFINITY),
            Axis::Between(low, high) => (low, high),
        }
    }

    /// Maps points t to x.
    pub fn points(&self, t: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let one = |(axis, t): (&Axis, &Vec<f64>)| t.iter().map(|&t| axis.point(t)).collect();
        let mut points: Vec<Vec<f64>> = self.axes.iter().zip(t).map(one).collect();
        self.lean(&mut points, self.slope);
        points
    }

    /// Maps points x to t.
    pub fn inverse(&self, x: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut x = x.to_vec();
        self.lean(&mut x, -self.slope);
        let one = |(axis, x): (&Axis, &Vec<f64>)| x.iter().map(|&x| axis.inverse(x)).collect();
        self.axes.iter().zip(&x).map(one).collect()
    }

    fn lean(&self, points: &mut [Vec<f64>], slope: f64) {
        if let ([first, second], Axis::Line { middle, .. }) = (points, self.axes[0]) {
            second.iter_mut().zip(first.iter()).for_each(|(y, x)| *y += slope * (x - middle));
        }
    }

    /// log |∂x/∂t|
    pub fn log_jacobian(&self, t: &[Vec<f64>]) -> Vec<f64> {
        let at = |i: usize| self.axes.iter().zip(t).map(|(axis, t)| axis.log_jacobian(t[i])).sum();
        (0..t[0].len()).map(at).collect()
    }
}

fn positive(value: f64, otherwise: f64) -> f64 {
    if value > 0.0 { value } else { otherwise }
}

/// Median and interquartile range, or a substitute for a range of zero.
fn location_and_scale(values: &[f64]) -> (f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    let middle = at(0.5);
    let spreads = [at(0.75) - at(0.25), at(1.0) - at(0.0), middle.abs(), 1.0];
    let first = spreads.into_iter().find(|&spread| spread > 0.0 && spread.is_finite());
    (middle, first.unwrap_or(1.0))
}

/// The correlation of the first two columns, kept away from ±1; 0 where it is undefined.
fn correlation(columns: &[Vec<f64>]) -> f64 {
    let centred = |column: &[f64]| -> Vec<f64> {
        let (middle, scale) = location_and_scale(column);
        column.iter().map(|x| (x - middle) / scale).collect()
    };
    let (x, y) = (centred(&columns[0]), centred(&columns[1]));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let rho = product(&x, &y) / (product(&x, &x) * product(&y, &y)).sqrt();
    if rho.is_finite() { rho.clamp(-1.0 + 1e-9, 1.0 - 1e-9) } else { 0.0 }
}
