//! The kernel Stein discrepancy: how far a score is from that of the distribution that the rows came
//! from (Liu, Lee & Jordan 2016; Chwialkowski, Strathmann & Gretton 2016).
//!
//! V = Σ_ij w_i w_j u(x_i, x_j)/(Σ w)², the diagonal included, where
//! u = k s·s' + s·∇'k + s'·∇k + tr ∇∇'k and k = (1 + r²/c²)^-½ is the inverse multiquadric (Gorham &
//! Mackey 2017) with the median distance c. Columns are scaled by their interquartile ranges; on
//! the circle r is the chord. With covariates the kernel has another factor of the same form, which
//! is not differentiated. V is bounded where a component shrinks onto few rows, and needs neither a
//! normaliser nor second derivatives.

use super::sample::Sample;
use super::{Judge, quantiles};
use crate::calculus::gradient;
use crate::graph::ExprId;
use crate::model::{Model, Support};
use crate::program::{Layout, Program};

/// Rows whose distances decide the unit of the kernel.
const ROWS_MEASURED: usize = 300;

/// The rows as the kernel sees them.
pub(super) struct Kernel<'a> {
    sample: &'a Sample,
    data: Vec<Column>,
    covariates: Vec<Column>,
    /// c² of data and of covariates.
    units: (f64, f64),
}

/// One column of the sample over its scale.
struct Column {
    values: Vec<f64>,
    scale: f64,
    circle: bool,
}

/// The discrepancy of a score from the rows, with what a jackknife needs.
#[derive(Clone, Debug)]
pub(super) struct Discrepancy {
    weights: Vec<f64>,
    /// Σ_j w_j u_ij
    sums: Vec<f64>,
    /// u_ii
    diagonal: Vec<f64>,
}

/// What u of a pair of rows is made of, but for the score: u = `direct` s·s' + Σ_k `slopes`_k
/// (s_k - s'_k) + `trace`.
struct Pair<'a> {
    direct: f64,
    trace: f64,
    slopes: &'a [f64],
}

impl Column {
    fn new(values: &[f64], support: Support, sample: &Sample) -> Self {
        let circle = support == Support::Circle;
        let scale = if circle { 1.0 } else { spread(values) };
        let values = sample.rows.iter().map(|&row| values[row] / scale).collect();
        Self { values, scale, circle }
    }

    /// r²/2 of two rows and its derivatives: by the first value, and minus that by both.
    fn half_square(&self, i: usize, j: usize) -> [f64; 3] {
        let difference = self.values[i] - self.values[j];
        if self.circle {
            let (sine, cosine) = difference.sin_cos();
            [1.0 - cosine, sine, cosine]
        } else {
            [0.5 * difference * difference, difference, 1.0]
        }
    }
}

impl<'a> Kernel<'a> {
    pub fn new(judge: &Judge<'_>, sample: &'a Sample) -> Self {
        let (data, covariates) = (judge.model.data(), judge.model.covariates());
        let (first, rest) = judge.columns.split_at(data.len());
        let column = |(values, support): (&Vec<f64>, Support)| Column::new(values, support, sample);
        let supports = data.iter().map(|component| component.support);
        let data: Vec<Column> = first.iter().zip(supports).map(column).collect();
        let lines = covariates.iter().map(|_| Support::Line);
        let covariates: Vec<Column> = rest.iter().zip(lines).map(column).collect();
        let units = (median_square(&data), median_square(&covariates));
        Self { sample, data, covariates, units }
    }

    /// The discrepancy of the score at each of several inner parameters.
    pub fn discrepancies(&self, judge: &Judge<'_>, thetas: &[Vec<f64>]) -> Vec<Discrepancy> {
        let program = score(judge.model);
        let columns: Vec<Vec<f64>> = judge
            .columns
            .iter()
            .map(|column| self.sample.rows.iter().map(|&row| column[row]).collect())
            .collect();
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let scores: Vec<Vec<f64>> = thetas
            .iter()
            .map(|theta| self.by_rows(&program.rows(&slices, theta, judge.threads)))
            .collect();
        self.sums(&scores)
    }

    /// Scores of scaled columns, row by row.
    fn by_rows(&self, scores: &[Vec<f64>]) -> Vec<f64> {
        let row = |i: usize| scores.iter().zip(&self.data).map(move |(s, x)| s[i] * x.scale);
        (0..self.sample.rows.len()).flat_map(row).collect()
    }

    fn sums(&self, scores: &[Vec<f64>]) -> Vec<Discrepancy> {
        let (d, weights) = (self.data.len(), &self.sample.weights);
        let zero = vec![0.0; weights.len()];
        let empty = Discrepancy { weights: weights.clone(), sums: zero.clone(), diagonal: zero };
        let mut found = vec![empty; scores.len()];
        let mut slopes = vec![0.0; d];
        for i in 0..weights.len() {
            for j in 0..=i {
                let pair = self.pair(i, j, &mut slopes);
                for (found, scores) in found.iter_mut().zip(scores) {
                    let (one, other) = (&scores[i * d..(i + 1) * d], &scores[j * d..(j + 1) * d]);
                    found.add(i, j, pair.stein(one, other));
                }
            }
        }
        found
    }

    fn pair<'b>(&self, i: usize, j: usize, slopes: &'b mut [f64]) -> Pair<'b> {
        let half: f64 = self.covariates.iter().map(|z| z.half_square(i, j)[0]).sum();
        let given = (1.0 + 2.0 * half / self.units.1).sqrt().recip();
        let (mut half, mut squares, mut mixed) = (0.0, 0.0, 0.0);
        for (x, slope) in self.data.iter().zip(slopes.iter_mut()) {
            let [value, first, second] = x.half_square(i, j);
            half += value;
            squares += first * first;
            mixed += second;
            *slope = first;
        }
        let unit = self.units.0;
        let inverse = (1.0 + 2.0 * half / unit).recip();
        let kernel = given * inverse.sqrt();
        let first = kernel * inverse / unit;
        slopes.iter_mut().for_each(|slope| *slope *= first);
        let trace = first * (mixed - 3.0 * squares * inverse / unit);
        Pair { direct: kernel, trace, slopes }
    }
}

impl Pair<'_> {
    fn stein(&self, one: &[f64], other: &[f64]) -> f64 {
        let entries = one.iter().zip(other).zip(self.slopes);
        let sum = entries.map(|((s, t), slope)| s * t * self.direct + slope * (s - t));
        self.trace + sum.sum::<f64>()
    }
}

impl Discrepancy {
    /// Of no score.
    pub fn none() -> Self {
        Self { weights: Vec::new(), sums: Vec::new(), diagonal: Vec::new() }
    }

    fn add(&mut self, i: usize, j: usize, u: f64) {
        self.sums[i] += self.weights[j] * u;
        if i == j {
            self.diagonal[i] = u;
        } else {
            self.sums[j] += self.weights[i] * u;
        }
    }

    fn total(&self) -> f64 {
        self.weights.iter().zip(&self.sums).map(|(w, sum)| w * sum).sum()
    }

    /// V; `None` where the score is not finite at some row.
    pub fn value(&self) -> Option<f64> {
        let weight: f64 = self.weights.iter().sum();
        Some(self.total() / (weight * weight)).filter(|value| value.is_finite())
    }

    /// Jackknife standard error of the difference of two values from the same rows.
    pub fn error_of_difference(&self, other: &Self) -> f64 {
        let weight: f64 = self.weights.iter().sum();
        let total = self.total() - other.total();
        let without = |i: usize| {
            let w = self.weights[i];
            let sum = self.sums[i] - other.sums[i];
            let own = self.diagonal[i] - other.diagonal[i];
            (total - 2.0 * w * sum + w * w * own) / (weight - w).powi(2)
        };
        let rows = self.weights.len() as f64;
        let values: Vec<f64> = (0..self.weights.len()).map(without).collect();
        let mean = values.iter().sum::<f64>() / rows;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (squares * (rows - 1.0) / rows).sqrt()
    }
}

/// The score as a program over data, covariates and parameters.
fn score(model: &Model) -> Program {
    let mut graph = model.graph().clone();
    let data: Vec<ExprId> =
        model.data().iter().map(|component| graph.input_node(component.input)).collect();
    let score = gradient(&mut graph, model.log_density(), &data);
    Program::compile(&graph, &layout(model), &score)
}

/// Data and covariates as rows, and all parameters.
pub(super) fn layout(model: &Model) -> Layout {
    let rows = model.data().iter().chain(model.covariates());
    Layout {
        rows: rows.map(|component| component.input).collect(),
        parameters: model.parameters().iter().map(|parameter| parameter.input).collect(),
    }
}

/// The interquartile range, or what stands in for one of zero.
pub(super) fn spread(values: &[f64]) -> f64 {
    let [least, low, high, most] = quantiles(values, [0.0, 0.25, 0.75, 1.0]);
    let ranges = [high - low, most - least];
    let range = ranges.into_iter().find(|&range| range > 0.0 && range.is_finite());
    range.unwrap_or(1.0)
}

/// The median of r² over pairs of different rows; 1 where that is zero or there are no columns.
fn median_square(columns: &[Column]) -> f64 {
    let rows = columns.first().map_or(0, |column| column.values.len());
    let step = rows.div_ceil(ROWS_MEASURED).max(1);
    let chosen: Vec<usize> = (0..rows).step_by(step).collect();
    let square = |i: usize, j: usize| -> f64 {
        columns.iter().map(|column| 2.0 * column.half_square(i, j)[0]).sum()
    };
    let pairs =
        chosen.iter().enumerate().flat_map(|(k, &i)| chosen[..k].iter().map(move |&j| (i, j)));
    let mut squares: Vec<f64> = pairs.map(|(i, j)| square(i, j)).collect();
    if squares.is_empty() {
        return 1.0;
    }
    let middle = squares.len() / 2;
    let median = *squares.select_nth_unstable_by(middle, f64::total_cmp).1;
    if median > 0.0 && median.is_finite() { median } else { 1.0 }
}
