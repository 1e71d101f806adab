//! u of two rows on a continuous domain.

use super::Kernel;
use super::columns::Column;
use super::metric::Metric;

/// The parts of u of a pair of rows that do not depend on the density: u = `direct` a·a' +
/// `ahead`·a - `back`·a' + `trace`.
pub(super) struct Pair<'a> {
    direct: f64,
    trace: f64,
    /// G'∇'k
    ahead: &'a [f64],
    /// -G∇k
    back: &'a [f64],
}

/// Buffers that are reused from pair to pair.
pub(super) struct Scratch {
    /// ∇ r²/2
    pub slopes: Vec<f64>,
    /// Minus the diagonal of ∇∇' r²/2.
    pub mixed: Vec<f64>,
    pub ahead: Vec<f64>,
    pub back: Vec<f64>,
}

impl Scratch {
    pub fn new(d: usize) -> Self {
        let zero = || vec![0.0; d];
        Self { slopes: zero(), mixed: zero(), ahead: zero(), back: zero() }
    }
}

/// k as a function of r²/2; `unit` is the squared bandwidth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Radial {
    pub kernel: Kernel,
    /// The squared bandwidth: c² or τ².
    pub unit: f64,
}

impl Radial {
    /// k at r²/2.
    pub fn value(self, half: f64) -> f64 {
        match self.kernel {
            Kernel::Imq => (1.0 + 2.0 * half / self.unit).sqrt().recip(),
            Kernel::Gaussian | Kernel::Hamming => (-half / self.unit).exp(),
        }
    }

    /// [`given` k, -`given` k', `squares` k''/(-k')] at r²/2, with derivatives in r²/2.
    fn at(self, half: f64, given: f64, squares: f64) -> [f64; 3] {
        let unit = self.unit;
        match self.kernel {
            Kernel::Imq => {
                let inverse = (1.0 + 2.0 * half / unit).recip();
                let kernel = given * inverse.sqrt();
                [kernel, kernel * inverse / unit, 3.0 * squares * inverse / unit]
            }
            Kernel::Gaussian | Kernel::Hamming => {
                let kernel = given * (-half / unit).exp();
                [kernel, kernel / unit, squares / unit]
            }
        }
    }
}

/// The parts of u of rows i and j; `given` is the factor of the covariates.
pub(super) fn pair<'a>(
    (data, metrics, radial): (&[Column], &[Metric], Radial),
    (i, j): (usize, usize),
    given: f64,
    scratch: &'a mut Scratch,
) -> Pair<'a> {
    let mut half = 0.0;
    for (k, x) in data.iter().enumerate() {
        let [value, first, second] = x.half_square(i, j);
        half += value;
        (scratch.slopes[k], scratch.mixed[k]) = (first, second);
    }
    let (mut squares, mut mixed) = (0.0, 0.0);
    for metric in metrics {
        mixed += metric.apply(i, j, scratch);
    }
    for (ahead, back) in scratch.ahead.iter().zip(&scratch.back) {
        squares += ahead * back;
    }
    let [kernel, first, bend] = radial.at(half, given, squares);
    scratch.ahead.iter_mut().chain(&mut scratch.back).for_each(|slope| *slope *= first);
    let trace = first * (mixed - bend);
    Pair { direct: kernel, trace, ahead: &scratch.ahead, back: &scratch.back }
}

impl Pair<'_> {
    /// u from the vectors a of the two rows.
    pub fn stein(&self, one: &[f64], other: &[f64]) -> f64 {
        let slopes = self.ahead.iter().zip(self.back);
        let entries = one.iter().zip(other).zip(slopes).map(|((a, b), (ahead, back))| {
            a * b * self.direct + (ahead * (a - b) + (ahead - back) * b)
        });
        self.trace + entries.sum::<f64>()
    }
}
