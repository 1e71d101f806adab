//! The kernel Stein discrepancy between a density, whose normaliser it does not need, and the
//! distribution of the rows (Liu, Lee & Jordan 2016; Chwialkowski, Strathmann & Gretton 2016).
//!
//! V = Σ_ij w_i w_j u(x_i, x_j)/(Σ w)², the diagonal included. On continuous domains, with their
//! metric G and drift b (Barp et al. 2019), a = G∇ℓ̃ + b and u = k a·a' + a·G'∇'k + a'·G∇k + tr G
//! ∇∇'k G'. Columns are divided by their interquartile ranges, the entries of a composition by the
//! widest of theirs, and unit vectors not at all; on the circle r is the chord. Each G is in units
//! of its mean diagonal. With covariates the kernel has a second factor, a kernel of the
//! covariates, which is not differentiated. V stays bounded where a mixture component shrinks onto
//! few rows, and needs no second derivatives of log p. For binary data u is made of differences
//! (`hamming`).

mod columns;
mod counted;
mod hamming;
mod linear;
mod metric;
mod pairs;
mod points;
mod prepared;
mod wild;

use std::fmt;
use std::str::FromStr;

pub use linear::Linear;
pub use prepared::Prepared;
pub(crate) use prepared::{Basis, Sampled};
pub use wild::p_value;

use crate::model::Model;
use counted::Counted;

use super::Specification;

/// A kernel: the similarity of two rows as a function of their distance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kernel {
    /// (1 + r²/c²)^-½, the inverse multiquadric (Gorham & Mackey 2017), whose heavy tails detect
    /// departures far out that the Gaussian misses.
    #[default]
    Imq,
    /// exp(-r²/2τ²).
    Gaussian,
    /// exp(-m/b) of binary rows that differ in m entries (Yang, Liu, Rao & Neville 2018).
    Hamming,
}

impl Kernel {
    /// All kernels.
    pub const ALL: [Self; 3] = [Self::Imq, Self::Gaussian, Self::Hamming];

    /// The name on the command line and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Imq => "imq",
            Self::Gaussian => "gaussian",
            Self::Hamming => "hamming",
        }
    }

    /// Its formula in plain text; r is a distance, m a number of entries, and c, tau or b the bandwidth.
    #[must_use]
    pub fn formula(self) -> &'static str {
        match self {
            Self::Imq => "(1 + r^2/c^2)^(-1/2)",
            Self::Gaussian => "exp(-r^2/(2*tau^2))",
            Self::Hamming => "exp(-m/b)",
        }
    }

    /// The name of the bandwidth in the formula.
    #[must_use]
    pub fn bandwidth_name(self) -> &'static str {
        match self {
            Self::Imq => "c",
            Self::Gaussian => "tau",
            Self::Hamming => "b",
        }
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kernel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|kernel| kernel.name() == text);
        known.ok_or_else(|| format!("`{text}` is no kernel; there are imq, gaussian, hamming"))
    }
}

/// Choices about the kernel; the default suits every model.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct KernelChoices {
    /// The kernel; where none is given the inverse multiquadric, or Hamming for binary data.
    pub kernel: Option<Kernel>,
    /// The bandwidth, in units of scaled columns; where none is given the square root of the median
    /// squared distance of rows, or the number of entries for binary data.
    pub bandwidth: Option<f64>,
    /// Whether distances are in the units of the data: columns are not divided by their spreads.
    pub unscaled: bool,
}

impl KernelChoices {
    /// The same choices with this kernel.
    #[must_use]
    pub fn kernel(mut self, kernel: Kernel) -> Self {
        self.kernel = Some(kernel);
        self
    }

    /// The same choices with this bandwidth.
    #[must_use]
    pub fn bandwidth(mut self, bandwidth: f64) -> Self {
        self.bandwidth = Some(bandwidth);
        self
    }

    /// The same choices with distances in the units of the data.
    #[must_use]
    pub fn unscaled(mut self) -> Self {
        self.unscaled = true;
        self
    }

    /// The kernel for binary or continuous data, if the choices suit these.
    fn for_data(&self, is_binary: bool) -> Result<Kernel, NoKernel> {
        if self.bandwidth.is_some_and(|bandwidth| !(bandwidth > 0.0 && bandwidth.is_finite())) {
            return Err(NoKernel::Bandwidth);
        }
        match (self.kernel, is_binary) {
            (None | Some(Kernel::Hamming), true) => Ok(Kernel::Hamming),
            (None, false) => Ok(Kernel::Imq),
            (Some(kernel @ (Kernel::Imq | Kernel::Gaussian)), false) => Ok(kernel),
            (Some(Kernel::Imq | Kernel::Gaussian), true) => Err(NoKernel::Binary),
            (Some(Kernel::Hamming), false) => Err(NoKernel::Continuum),
        }
    }
}

/// Why a kernel does not suit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoKernel {
    /// A smooth kernel needs derivatives of log p, which binary data do not have.
    Binary,
    /// The Hamming kernel compares binary entries, and the data are continuous.
    Continuum,
    /// The bandwidth is not a positive finite number.
    Bandwidth,
}

impl fmt::Display for NoKernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Binary => "binary data have no slopes for a smooth kernel: theirs is hamming",
            Self::Continuum => {
                "hamming counts entries that differ, and these data take a continuum: imq or gaussian"
            }
            Self::Bandwidth => "a bandwidth is a positive number",
        })
    }
}

impl std::error::Error for NoKernel {}

/// The discrepancy between a density and rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Discrepancy {
    /// Σ_j w_j u_ij by row.
    pub sums: Vec<f64>,
    /// u_ii by row.
    pub diagonal: Vec<f64>,
    /// Weights and clusters of the rows.
    counted: Counted,
}

impl Discrepancy {
    /// Prepares a kernel for the rows of a data set: fixes scales, bandwidth and units of metrics.
    ///
    /// `columns` are those of data, then of covariates, raw. The specification must be that for
    /// these rows ([`Specification::on`]): it has their weights.
    ///
    /// # Errors
    /// When the kernel does not suit the data.
    ///
    /// # Panics
    /// When the columns are not those of the model.
    ///
    /// # Examples
    /// ```
    /// use scorematch::Model;
    /// use scorematch::objective::{Rows, Specification};
    /// use scorematch::objective::discrepancy::{Discrepancy, KernelChoices};
    /// let model = Model::parse("-(x - mu)^2/2").expect("a model");
    /// let x = [-1.2, 0.3, 0.4, 1.1];
    /// let specification = Specification::of(&model).expect("an objective");
    /// let on = specification.on(&model, &Rows::new(&[&x], &[0, 1, 2, 3])).expect("rows");
    /// let prepared = Discrepancy::prepare(&on, &model, &[&x], &KernelChoices::default(), 1);
    /// let prepared = prepared.expect("a kernel");
    /// let [near, far] = [0.0, 3.0].map(|mu| prepared.at(&[mu], &[&x], 1).v());
    /// assert!(near < far);
    /// ```
    pub fn prepare(
        specification: &Specification,
        model: &Model,
        columns: &[&[f64]],
        choices: &KernelChoices,
        threads: usize,
    ) -> Result<Prepared, NoKernel> {
        Prepared::raw(specification, model, columns, choices, threads)
    }

    /// The empty discrepancy, of no rows; its V is NaN.
    pub(crate) fn none() -> Self {
        Self { sums: Vec::new(), diagonal: Vec::new(), counted: Counted::weighed(Vec::new()) }
    }

    fn zero(counted: Counted) -> Self {
        let zero = vec![0.0; counted.weights.len()];
        Self { sums: zero.clone(), diagonal: zero, counted }
    }

    fn total(&self) -> f64 {
        self.counted.weights.iter().zip(&self.sums).map(|(w, sum)| w * sum).sum()
    }

    /// The number of observations: the sum of the weights.
    #[must_use]
    pub fn n(&self) -> f64 {
        self.counted.total()
    }

    /// V; non-negative up to rounding, and not finite where the score is not finite in some row.
    #[must_use]
    pub fn v(&self) -> f64 {
        let n = self.n();
        self.total() / (n * n)
    }

    /// U, the mean of u over pairs of different observations; its expectation is zero under the
    /// density.
    #[must_use]
    pub fn u(&self) -> f64 {
        let (own, n) = (self.counted.own(), self.n());
        let diagonal: f64 = own.iter().zip(&self.diagonal).map(|(w, u)| w * u).sum();
        (self.total() - diagonal) / (n * n - own.iter().sum::<f64>())
    }

    /// The contribution of each row to nV; they sum to nV.
    #[must_use]
    pub fn contributions(&self) -> Vec<f64> {
        let n = self.n();
        self.counted.weights.iter().zip(&self.sums).map(|(w, sum)| w * sum / n).collect()
    }

    /// V; `None` where the score is not finite in some row.
    pub(crate) fn value(&self) -> Option<f64> {
        Some(self.v()).filter(|value| value.is_finite())
    }

    /// Jackknife standard error of the difference of two V from the same rows.
    pub(crate) fn error_of_difference(&self, other: &Self) -> f64 {
        let weights = &self.counted.weights;
        let weight = self.n();
        let total = self.total() - other.total();
        let without = |i: usize| {
            let w = weights[i];
            let sum = self.sums[i] - other.sums[i];
            let own = self.diagonal[i] - other.diagonal[i];
            (total - 2.0 * w * sum + w * w * own) / (weight - w).powi(2)
        };
        let rows = weights.len() as f64;
        let values: Vec<f64> = (0..weights.len()).map(without).collect();
        let mean = values.iter().sum::<f64>() / rows;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (squares * (rows - 1.0) / rows).sqrt()
    }
}
