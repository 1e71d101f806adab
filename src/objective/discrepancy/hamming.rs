//! u of two binary rows, from differences instead of derivatives (Yang, Liu, Rao & Neville 2018,
//! "Goodness-of-fit testing for discrete distributions via Stein discrepancy").
//!
//! With s_i(x) = 1 - p(x with entry i at its other value)/p(x) and Δ_i f(x) = f(x) - f(x with entry
//! i at its other value), the mean of s_i f - Δ_i f vanishes under p. For k = exp(-m/b) of rows
//! that differ in m entries, Δ_i k = k t_i with t_i = 1 - e^(-1/b) where the rows agree in entry i
//! and 1 - e^(1/b) where they differ. The difference in both rows is 2 k t_i, so that u = k Σ_i
//! (s_i s'_i - (s_i + s'_i) t_i + 2 t_i).

use super::columns::Column;

/// The kernel of binary rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hamming {
    bandwidth: f64,
    /// t of an entry in which two rows agree, and of one in which they differ.
    steps: [f64; 2],
}

impl Hamming {
    pub fn new(bandwidth: f64) -> Self {
        Self { bandwidth, steps: [-(-bandwidth.recip()).exp_m1(), -bandwidth.recip().exp_m1()] }
    }

    /// u of rows i and j from their s; `given` is the factor of the covariates.
    pub fn stein(
        self,
        data: &[Column],
        (i, j): (usize, usize),
        (one, other): (&[f64], &[f64]),
        given: f64,
    ) -> f64 {
        let (mut sum, mut unlike) = (0.0, 0);
        for (x, (s, other)) in data.iter().zip(one.iter().zip(other)) {
            let differs = usize::from(!x.is_equal(i, j));
            let step = self.steps[differs];
            unlike += differs;
            sum += s * other + (2.0 - s - other) * step;
        }
        given * (-(unlike as f64) / self.bandwidth).exp() * sum
    }
}
