//! The kernel Stein discrepancy: how far a density is from the distribution that the rows came from
//! (Liu, Lee & Jordan 2016; Chwialkowski, Strathmann & Gretton 2016; on domains by their metric G and
//! drift b, Barp et al. 2019).
//!
//! V = Σ_ij w_i w_j u(x_i, x_j)/(Σ w)², the diagonal included, where with a = G∇ℓ̃ + b
//! u = k a·a' + a·G'∇'k + a'·G∇k + tr G ∇∇'k G' and k = (1 + r²/c²)^-½ is the inverse multiquadric
//! (Gorham & Mackey 2017) with the median distance c. On the line G = 1 and b = 0. Columns are scaled
//! by their interquartile ranges, entries of a composition by the widest of theirs, and unit vectors
//! not at all; on the circle r is the chord. Each G is taken in units of its mean diagonal. With
//! covariates the kernel has another factor of the same form, which is not differentiated. V is
//! bounded where a component shrinks onto few rows, and needs neither a normaliser nor second
//! derivatives.

use std::ops::Range;

use super::sample::Sample;
use super::{Judge, quantiles};
pub(super) use crate::fit::problem::layout;
use crate::graph::{ExprId, Graph};
use crate::model::{Domain, Support};
use crate::objective::{Move, Stein};
use crate::program::Program;

/// Rows whose distances decide the unit of the kernel.
const ROWS_MEASURED: usize = 300;

/// The rows as the kernel sees them.
pub(super) struct Kernel<'a> {
    sample: &'a Sample,
    data: Vec<Column>,
    covariates: Vec<Column>,
    /// c² of data and of covariates.
    units: (f64, f64),
    metrics: Vec<Metric>,
    pull: Program,
    /// The sample in inner coordinates, data and covariates.
    columns: Vec<Vec<f64>>,
}

/// G of the components of one domain, by row of the sample.
struct Metric {
    components: Range<usize>,
    /// Row by row of G, each over `unit`.
    entries: Vec<f64>,
    /// The mean of its diagonal.
    unit: f64,
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
    pub(super) sums: Vec<f64>,
    /// u_ii
    pub(super) diagonal: Vec<f64>,
}

/// What u of a pair of rows is made of, but for a: u = `direct` a·a' + `ahead`·a - `back`·a' +
/// `trace`.
struct Pair<'a> {
    direct: f64,
    trace: f64,
    /// G'∇'k
    ahead: &'a [f64],
    /// -G∇k
    back: &'a [f64],
}

/// Room for what changes from pair to pair.
struct Scratch {
    /// ∇ r²/2
    slopes: Vec<f64>,
    /// Minus what ∇∇' r²/2 has on its diagonal.
    mixed: Vec<f64>,
    ahead: Vec<f64>,
    back: Vec<f64>,
}

impl Column {
    fn new(values: &[f64], scale: f64, circle: bool, sample: &Sample) -> Self {
        let values = sample.rows.iter().map(|&row| values[row] / scale).collect();
        Self { values, scale, circle }
    }

    /// The components of a domain, which have one scale.
    fn of(domain: &Domain, columns: &[Vec<f64>], sample: &Sample) -> Vec<Self> {
        let columns = &columns[domain.components.clone()];
        let widest = || columns.iter().map(|values| spread(values)).fold(0.0, f64::max);
        let scale = match domain.support {
            Support::Circle | Support::Sphere => 1.0,
            Support::Line
            | Support::Above(_)
            | Support::Below(_)
            | Support::Between(..)
            | Support::Simplex
            | Support::Binary(..) => widest(),
        };
        let circle = domain.support == Support::Circle;
        columns.iter().map(|values| Self::new(values, scale, circle, sample)).collect()
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
        let domains = judge.specification.domains();
        let rest = &judge.columns[judge.model.data().len()..];
        let of_domain = |domain: &Domain| Column::of(domain, judge.columns, sample);
        let data: Vec<Column> = domains.iter().flat_map(of_domain).collect();
        let line = |values: &Vec<f64>| Column::new(values, spread(values), false, sample);
        // A covariate of a weight alone conditions nothing.
        let conditions = judge.model.conditions();
        let covariates: Vec<Column> = conditions.into_iter().map(|k| line(&rest[k])).collect();
        let units = (median_square(&data), median_square(&covariates));
        let rows = |column: &Vec<f64>| sample.rows.iter().map(|&row| column[row]).collect();
        let columns: Vec<Vec<f64>> = judge.columns.iter().map(rows).collect();
        let mut graph = judge.model.graph().clone();
        let stein = operator(judge, &mut graph);
        let metrics = metrics(judge, (&graph, &stein), &columns, sample);
        let pull = Program::compile(&graph, &layout(judge.model), &stein.pull);
        Self { sample, data, covariates, units, metrics, pull, columns }
    }

    /// The discrepancy of the density at each of several inner parameters.
    pub fn discrepancies(&self, judge: &Judge<'_>, thetas: &[Vec<f64>]) -> Vec<Discrepancy> {
        let slices: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let pulls: Vec<Vec<f64>> = thetas
            .iter()
            .map(|theta| self.by_rows(&self.pull.rows(&slices, theta, judge.threads)))
            .collect();
        self.sums(&pulls)
    }

    /// a of scaled columns and metrics, row by row.
    fn by_rows(&self, pull: &[Vec<f64>]) -> Vec<f64> {
        let unit = |metric: &Metric| vec![metric.unit; metric.components.len()];
        let units: Vec<f64> = self.metrics.iter().flat_map(unit).collect();
        let mut values = Vec::with_capacity(self.data.len() * self.sample.rows.len());
        for i in 0..self.sample.rows.len() {
            let components = pull.iter().zip(&self.data).zip(&units);
            values.extend(components.map(|((a, x), unit)| a[i] * x.scale / unit));
        }
        values
    }

    fn sums(&self, pulls: &[Vec<f64>]) -> Vec<Discrepancy> {
        let (d, weights) = (self.data.len(), &self.sample.weights);
        let zero = vec![0.0; weights.len()];
        let empty = Discrepancy { weights: weights.clone(), sums: zero.clone(), diagonal: zero };
        let mut found = vec![empty; pulls.len()];
        let mut scratch = Scratch::new(d);
        for i in 0..weights.len() {
            for j in 0..=i {
                let pair = self.pair(i, j, &mut scratch);
                for (found, pulls) in found.iter_mut().zip(pulls) {
                    let (one, other) = (&pulls[i * d..(i + 1) * d], &pulls[j * d..(j + 1) * d]);
                    found.add(i, j, pair.stein(one, other));
                }
            }
        }
        found
    }

    fn pair<'b>(&self, i: usize, j: usize, scratch: &'b mut Scratch) -> Pair<'b> {
        let half: f64 = self.covariates.iter().map(|z| z.half_square(i, j)[0]).sum();
        let given = (1.0 + 2.0 * half / self.units.1).sqrt().recip();
        let mut half = 0.0;
        for (k, x) in self.data.iter().enumerate() {
            let [value, first, second] = x.half_square(i, j);
            half += value;
            (scratch.slopes[k], scratch.mixed[k]) = (first, second);
        }
        let (mut squares, mut mixed) = (0.0, 0.0);
        for metric in &self.metrics {
            mixed += metric.lean(i, j, scratch);
        }
        for (ahead, back) in scratch.ahead.iter().zip(&scratch.back) {
            squares += ahead * back;
        }
        let unit = self.units.0;
        let inverse = (1.0 + 2.0 * half / unit).recip();
        let kernel = given * inverse.sqrt();
        let first = kernel * inverse / unit;
        scratch.ahead.iter_mut().chain(&mut scratch.back).for_each(|slope| *slope *= first);
        let trace = first * (mixed - 3.0 * squares * inverse / unit);
        Pair { direct: kernel, trace, ahead: &scratch.ahead, back: &scratch.back }
    }
}

/// The operator in inner coordinates, where G is one on a line.
fn operator(judge: &Judge<'_>, graph: &mut Graph) -> Stein {
    let specification = judge.specification;
    let (centre, scale): (Vec<f64>, Vec<f64>) =
        (0..judge.columns.len()).map(|k| (judge.frame.centre(k), judge.frame.scale(k))).unzip();
    let factors = scale[..judge.model.data().len()].iter().map(|scale| scale.powi(2)).collect();
    let at = specification.coordinates(centre, scale, factors);
    specification.stein_in(graph, judge.model.log_density(), &at)
}

/// The metric of each domain on the rows of a sample.
fn metrics(
    judge: &Judge<'_>,
    (graph, stein): (&Graph, &Stein),
    columns: &[Vec<f64>],
    sample: &Sample,
) -> Vec<Metric> {
    let sizes = stein.moves.iter().map(|one| one.size);
    let outputs: Vec<ExprId> = sizes.chain(stein.weights.iter().copied()).collect();
    let program = Program::compile(graph, &layout(judge.model), &outputs);
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    // No weight contains a parameter.
    let theta = vec![0.0; judge.model.parameters().len()];
    let values = program.rows(&slices, &theta, judge.threads);
    let (sizes, weights) = values.split_at(stein.moves.len());
    let moves: Vec<(&Move, &Vec<f64>)> = stein.moves.iter().zip(sizes).collect();
    let domains = judge.specification.domains().iter();
    domains.map(|domain| Metric::new(&domain.components, &moves, weights, sample)).collect()
}

impl Metric {
    /// G = Σ w c cᵀ over directions, from the values of w and c.
    fn new(
        components: &Range<usize>,
        moves: &[(&Move, &Vec<f64>)],
        weights: &[Vec<f64>],
        sample: &Sample,
    ) -> Self {
        let (p, rows) = (components.len(), sample.rows.len());
        let mut entries = vec![0.0; p * p * rows];
        let own = moves.iter().filter(|(one, _)| components.contains(&one.component));
        let mut own: Vec<&(&Move, &Vec<f64>)> = own.collect();
        own.sort_by_key(|(one, _)| one.direction);
        for together in own.chunk_by(|(one, _), (other, _)| one.direction == other.direction) {
            for (one, first) in together {
                for (other, second) in together {
                    let row = one.component - components.start;
                    let at = row * p + other.component - components.start;
                    for i in 0..rows {
                        entries[i * p * p + at] += weights[one.direction][i] * first[i] * second[i];
                    }
                }
            }
        }
        let trace = |i: usize| (0..p).map(|k| entries[i * p * p + k * (p + 1)]).sum::<f64>();
        let total: f64 = (0..rows).map(|i| sample.weights[i] * trace(i)).sum();
        let mean = total / (p as f64 * sample.weights.iter().sum::<f64>());
        let unit = if mean > 0.0 && mean.is_finite() { mean } else { 1.0 };
        entries.iter_mut().for_each(|entry| *entry /= unit);
        Self { components: components.clone(), entries, unit }
    }

    fn row(&self, i: usize) -> &[f64] {
        let size = self.components.len().pow(2);
        &self.entries[i * size..(i + 1) * size]
    }

    /// G'∇ r²/2 and G∇ r²/2 of two rows, and the sum over entries of G ∘ G' times `mixed`.
    fn lean(&self, i: usize, j: usize, scratch: &mut Scratch) -> f64 {
        let (one, other) = (self.row(i), self.row(j));
        let (first, p) = (self.components.start, self.components.len());
        let mut trace = 0.0;
        for k in 0..p {
            let (mut ahead, mut back, mut both) = (0.0, 0.0, 0.0);
            for l in 0..p {
                let (g, h, slope) = (one[k * p + l], other[k * p + l], scratch.slopes[first + l]);
                back += g * slope;
                ahead += h * slope;
                both += g * h;
            }
            scratch.ahead[first + k] = ahead;
            scratch.back[first + k] = back;
            trace += both * scratch.mixed[first + k];
        }
        trace
    }
}

impl Scratch {
    fn new(d: usize) -> Self {
        let zero = || vec![0.0; d];
        Self { slopes: zero(), mixed: zero(), ahead: zero(), back: zero() }
    }
}

impl Pair<'_> {
    fn stein(&self, one: &[f64], other: &[f64]) -> f64 {
        let slopes = self.ahead.iter().zip(self.back);
        let entries = one.iter().zip(other).zip(slopes).map(|((a, b), (ahead, back))| {
            a * b * self.direct + (ahead * (a - b) + (ahead - back) * b)
        });
        self.trace + entries.sum::<f64>()
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
