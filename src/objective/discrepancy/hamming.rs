//! u of two binary rows, from differences in place of slopes (Yang, Liu, Rao & Neville 2018, "Goodness-of-fit
//! testing for discrete distributions via Stein discrepancy").
//!
//! With s_i(x) = 1 - p(x with entry i at its other value)/p(x) and Δ_i f(x) = f(x) - f(x with entry i at
//! its other value), the mean of s_i f - Δ_i f vanishes under p. For k = exp(-m/b) of rows that differ in
//! m entries, Δ_i k = k t_i with t_i = 1 - e^(-1/b) where the rows agree in entry i, 1 - e^(1/b) where they
//! do not, and the difference by both rows is 2 k t_i: u = k Σ_i (s_i s'_i - (s_i + s'_i) t_i + 2 t_i).

use super::columns::Column;

/// The kernel of binary rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hamming {
    bandwidth: f64,
    /// t of an entry in which two rows agree, and of one in which they do not.
    steps: [f64; 2],
}

impl Hamming {
    pub fn new(bandwidth: f64) -> Self {
        Self { bandwidth, steps: [-(-bandwidth.recip()).exp_m1(), -bandwidth.recip().exp_m1()] }
    }

    /// u from s of rows i and j; `given` is the factor of the covariates.
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
