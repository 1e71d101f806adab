//! The conditional log-likelihood of one variable given covariates.
//!
//! log p of every row is evaluated in one pass. Its normaliser is a function of the covariates alone,
//! constant in a plain regression, and is integrated on at most 200 rows, whose mean stands for all.
//! The maxima of log p in the response are found first. The trapezoidal rule is then applied in t,
//! with the response sinh t scales from one of them: it converges exponentially, resolves a scale of
//! 1e-13 of the range at no extra cost, and evaluates the nodes of all rows in one call of the
//! program. Where the rule with every other node disagrees, adaptive quadrature follows.

use super::Judge;
use super::likelihood::{LogLikelihood, Side, sides};
use super::peaks::{Peak, peaks};
use super::sample::Sample;
use crate::calculus::gradient;
use crate::fit::problem::layout;
use crate::fit::standardise::counted;
use crate::graph::{ExprId, Graph, Node};
use crate::numerics::median::{quantiles, spread};
use crate::numerics::quadrature::{Failure, LogIntegral, Region, log_integral};
use crate::numerics::sum::compensated_mean;
use crate::program::Program;

use std::f64::consts::{LN_2, PI, TAU};

/// Most rows whose normalisers are integrated.
const ROWS: usize = 200;
/// Shares of the quantiles of all responses at which ascents begin, besides the response of the row.
const STARTS: [f64; 7] = [0.02, 0.15, 0.3, 0.5, 0.7, 0.85, 0.98];
/// Most terms of mixtures whose own maxima are sought.
const PARTS: usize = 12;
/// Distances of nodes in t, tried in turn, and the largest |t|, where nodes are about e^16 scales
/// away.
const STEPS: [f64; 2] = [0.25, 0.0625];
const FARTHEST: f64 = 16.0;
/// Numbers of nodes on a circle, tried in turn.
const TURN: [usize; 2] = [128, 1024];
/// Largest relative difference of the rule with every other node; the error is about its square.
const AGREEMENT: f64 = 1e-3;
/// Largest logarithm of the share of the integral at the last node.
const BEYOND: f64 = -11.5;
/// Relative accuracy requested of adaptive quadrature, and the largest error accepted where it fails.
const ACCURACY: f64 = 1e-5;
const POOR: f64 = 1e-2;
/// Hints for the quadrature around a maximum, in units of its scale.
const AROUND: [f64; 9] = [0.0, -0.5, 0.5, -1.0, 1.0, -2.0, 2.0, -5.0, 5.0];

/// The normaliser of a log-density of one variable given covariates.
pub(super) struct Conditional<'a> {
    program: Program,
    /// log p and its first two derivatives in the response.
    taylor: Program,
    /// By term of a sum of exponentials, the Taylor program of log p with this term in place of the
    /// sum.
    parts: Vec<Program>,
    columns: &'a [Vec<f64>],
    /// Rows whose normalisers are integrated.
    rows: Vec<usize>,
    /// Interquartile range of the response.
    spread: f64,
    starts: Vec<f64>,
    side: Side,
    /// log of the unit of the response.
    unit: f64,
    counts: Option<&'a [f64]>,
    threads: usize,
}

/// Nodes of the trapezoidal rule.
struct Nodes {
    /// Nodes in scales around the maximum, or angles.
    at: Vec<f64>,
    /// log ∂x/∂t, without the scale.
    log_jacobian: Vec<f64>,
    step: f64,
    /// Whether there may be mass beyond the last nodes.
    open: bool,
}

impl<'a> Conditional<'a> {
    /// `None` without covariates, for more than one variable, or on supports other than a line or
    /// circle.
    pub fn new(judge: &Judge<'a>) -> Option<Self> {
        let model = judge.model;
        let side = match sides(judge)?[..] {
            [side] if !model.conditions().is_empty() => side,
            _ => return None,
        };
        let endless = side.ends == (f64::NEG_INFINITY, f64::INFINITY);
        if !endless && !side.circle {
            return None;
        }
        let mut graph = model.graph().clone();
        let response = graph.input_node(model.data()[0].input);
        let parts = parts(&mut graph, model.log_density(), response);
        let taylor = |graph: &mut Graph, log_p: ExprId| {
            let slope = gradient(graph, log_p, &[response])[0];
            let curvature = gradient(graph, slope, &[response])[0];
            Program::compile(graph, &layout(model), &[log_p, slope, curvature])
        };
        let starts = quantiles(&judge.columns[0], STARTS);
        Some(Self {
            program: Program::compile(model.graph(), &layout(model), &[model.log_density()]),
            taylor: taylor(&mut graph, model.log_density()),
            parts: parts.into_iter().map(|part| taylor(&mut graph, part)).collect(),
            columns: judge.columns,
            rows: Sample::new(judge.columns[0].len(), ROWS, &[]).rows,
            spread: spread(&judge.columns[0]),
            starts: starts.to_vec(),
            side,
            unit: judge.frame.scale(0).ln(),
            counts: judge.counts,
            threads: judge.threads,
        })
    }

    /// The conditional log-likelihood at inner parameters; `None` where the density of some row has
    /// no finite integral, or quadrature fails.
    pub fn log_likelihood(&self, theta: &[f64]) -> Option<LogLikelihood> {
        let slices: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let rows = self.program.rows(&slices, theta, self.threads).swap_remove(0);
        if !rows.iter().all(|value| value.is_finite()) {
            return None;
        }
        let normalisers = self.normalisers(theta)?;
        let unit = self.unit;
        Some(if normalisers.len() == rows.len() {
            let rows: Vec<f64> =
                rows.iter().zip(&normalisers).map(|(f, log_z)| f - log_z).collect();
            let rows = counted(rows, self.counts);
            LogLikelihood { mean: compensated_mean(&rows) - unit, rows, normalisers: Vec::new() }
        } else {
            let rows = counted(rows, self.counts);
            let mean = compensated_mean(&rows) - self.mean_of_chosen(&normalisers) - unit;
            LogLikelihood { mean, rows, normalisers }
        })
    }

    /// The mean of values of the chosen rows, weighted by their counts.
    fn mean_of_chosen(&self, values: &[f64]) -> f64 {
        let counts: Option<Vec<f64>> =
            self.counts.map(|counts| self.rows.iter().map(|&row| counts[row]).collect());
        let total = counts.as_deref().map_or(1.0, compensated_mean);
        compensated_mean(&counted(values.to_vec(), counts.as_deref())) / total
    }

    /// log ∫ p dy of the chosen rows.
    fn normalisers(&self, theta: &[f64]) -> Option<Vec<f64>> {
        let peaks = self.peaks(theta);
        let mut found: Vec<Option<f64>> = vec![None; peaks.len()];
        for level in 0..STEPS.len() {
            let nodes = self.nodes(level);
            let open: Vec<usize> = (0..found.len())
                .filter(|&k| found[k].is_none() && nodes.resolve(&peaks[k]))
                .collect();
            for (&k, value) in open.iter().zip(self.trapezoids(&nodes, &open, &peaks, theta)) {
                found[k] = value;
            }
        }
        let adaptive = |k: usize| found[k].or_else(|| self.adaptive(k, &peaks[k], theta));
        (0..found.len()).map(adaptive).collect()
    }

    /// The maxima of log p in the response for each chosen row. The maxima of single terms of a
    /// mixture are starts too, since a narrow term is not found otherwise.
    fn peaks(&self, theta: &[f64]) -> Vec<Vec<Peak>> {
        let climb = |program: &Program, starts: &[(usize, f64)]| {
            let taylor = |chosen: &[usize], y: &[f64]| self.at(program, chosen, y, theta);
            peaks(&taylor, self.rows.len(), starts, self.spread)
        };
        let own = self.rows.iter().map(|&row| self.columns[0][row]).enumerate();
        let mut starts: Vec<(usize, f64)> = own.collect();
        let of_parts: Vec<_> = self.parts.iter().map(|part| climb(part, &starts)).collect();
        for found in of_parts {
            let both = found.iter().enumerate();
            starts.extend(both.flat_map(|(k, peaks)| peaks.iter().map(move |peak| (k, peak.at))));
        }
        let all = (0..self.rows.len()).flat_map(|k| self.starts.iter().map(move |&y| (k, y)));
        starts.extend(all);
        climb(&self.taylor, &starts)
    }

    /// Outputs of a program at responses `y`, each with the covariates of its chosen row.
    fn at(&self, program: &Program, chosen: &[usize], y: &[f64], theta: &[f64]) -> Vec<Vec<f64>> {
        let covariate = |column: &Vec<f64>| -> Vec<f64> {
            chosen.iter().map(|&k| column[self.rows[k]]).collect()
        };
        let covariates: Vec<Vec<f64>> = self.columns[1..].iter().map(covariate).collect();
        let covariates = covariates.iter().map(Vec::as_slice);
        let slices: Vec<&[f64]> = std::iter::once(y).chain(covariates).collect();
        program.rows(&slices, theta, 1)
    }

    fn nodes(&self, level: usize) -> Nodes {
        if self.side.circle { Nodes::on_circle(TURN[level]) } else { Nodes::on_line(STEPS[level]) }
    }

    /// log-integrals by the trapezoidal rule for each chosen row; `None` where the rule is not
    /// accurate.
    fn trapezoids(
        &self,
        nodes: &Nodes,
        chosen: &[usize],
        peaks: &[Vec<Peak>],
        theta: &[f64],
    ) -> Vec<Option<f64>> {
        let count = nodes.at.len();
        let centre = |k: usize| nodes.centre(&peaks[k]);
        let mut y = Vec::with_capacity(count * chosen.len());
        for &k in chosen {
            let peak = centre(k);
            y.extend(nodes.at.iter().map(|&u| peak.scale.mul_add(u, peak.at)));
        }
        let rows: Vec<usize> = chosen.iter().flat_map(|&k| std::iter::repeat_n(k, count)).collect();
        let log_p = self.at(&self.program, &rows, &y, theta).swap_remove(0);
        let values = chosen.iter().zip(log_p.chunks(count));
        values.map(|(&k, log_p)| nodes.log_integral(log_p, &peaks[k])).collect()
    }

    fn adaptive(&self, k: usize, peaks: &[Peak], theta: &[f64]) -> Option<f64> {
        let around = |peak: &Peak| AROUND.map(|u| peak.scale.mul_add(u, peak.at));
        let mut hints: Vec<f64> = peaks.iter().flat_map(around).collect();
        hints.push(self.columns[0][self.rows[k]]);
        let mut ends = self.side.ends;
        if self.side.circle {
            // The period begins opposite the highest maximum.
            let middle = peaks.first()?.at;
            ends = (middle - PI, middle + PI);
            hints.iter_mut().for_each(|y| *y -= TAU * ((*y - middle) / TAU).round());
        }
        let region = Region { ends: &[ends], hints: &[hints] };
        let mut log_p = |y: &[Vec<f64>]| {
            let rows = vec![k; y[0].len()];
            self.at(&self.program, &rows, &y[0], theta).swap_remove(0)
        };
        match log_integral(&mut log_p, &region, ACCURACY) {
            Ok(found) => Some(found.value),
            Err(Failure::Unresolved(LogIntegral { value, error })) if error < POOR => Some(value),
            Err(Failure::Unresolved(_) | Failure::Divergent | Failure::Undefined) => None,
        }
    }
}

/// For each term of a sum of exponentials in log p, log p with this term in place of the sum.
fn parts(graph: &mut Graph, log_p: ExprId, response: ExprId) -> Vec<ExprId> {
    let depends = graph.dependents(&[response]);
    let mut found = Vec::new();
    for id in graph.live(&[log_p]) {
        if let (Node::LogSumExp(coefficients, exponents), true) =
            (graph.node(id), depends[id.index()])
        {
            let terms = graph.list(coefficients).iter().zip(graph.list(exponents));
            let terms: Vec<(ExprId, ExprId)> = terms.map(|(&c, &u)| (c, u)).collect();
            for (coefficient, exponent) in terms.into_iter().take(PARTS - found.len()) {
                let term = graph.log_sum_exp(&[coefficient], &[exponent]);
                found.extend(graph.substitute(&[log_p], &[(id, term)]));
            }
        }
    }
    found
}

impl Nodes {
    fn on_line(step: f64) -> Self {
        let half = (FARTHEST / step).round() as i32;
        let t = || (-half..=half).map(|k| f64::from(k) * step);
        let log_cosh = |t: f64| t.abs() + (-2.0 * t.abs()).exp().ln_1p() - LN_2;
        Self {
            at: t().map(f64::sinh).collect(),
            log_jacobian: t().map(log_cosh).collect(),
            step,
            open: true,
        }
    }

    fn on_circle(count: usize) -> Self {
        let step = TAU / count as f64;
        let at = (0..count).map(|k| k as f64 * step).collect();
        Self { at, log_jacobian: vec![0.0; count], step, open: false }
    }

    /// The maximum of smallest scale; on a circle its scale is one radian.
    fn centre(&self, peaks: &[Peak]) -> Peak {
        let narrow = peaks.iter().min_by(|a, b| a.scale.total_cmp(&b.scale));
        let peak = *narrow.expect("`resolve` requires at least one maximum");
        if self.open { peak } else { Peak { scale: 1.0, ..peak } }
    }

    /// Whether, at each maximum, the distance of nodes is at most its scale.
    fn resolve(&self, peaks: &[Peak]) -> bool {
        !peaks.is_empty() && {
            let centre = self.centre(peaks);
            let apart = |peak: &Peak| match self.open {
                true => self.step * (peak.at - centre.at).hypot(centre.scale),
                false => self.step,
            };
            peaks.iter().all(|peak| apart(peak) <= peak.scale)
        }
    }

    /// log ∫ exp(log p) from the values at the nodes; `None` where the rule is not accurate.
    fn log_integral(&self, log_p: &[f64], peaks: &[Peak]) -> Option<f64> {
        if log_p.iter().any(|value| value.is_nan() || *value == f64::INFINITY) {
            return None;
        }
        let centre = self.centre(peaks);
        let values: Vec<f64> = log_p.iter().zip(&self.log_jacobian).map(|(f, j)| f + j).collect();
        let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum = |every: usize| -> f64 {
            values.iter().step_by(every).map(|value| (value - highest).exp()).sum()
        };
        let (fine, coarse) = (sum(1), 2.0 * sum(2));
        // Rounding of responses is large where the scale is small relative to them.
        let rounding = 8.0 * f64::EPSILON * centre.at.abs() / centre.scale;
        let agree = (coarse / fine - 1.0).abs() <= AGREEMENT + rounding;
        let log_sum = highest + fine.ln() + self.step.ln();
        let last = values.len() - 1;
        let falls = |end: usize, before: usize| {
            values[end] - log_sum < BEYOND && values[end] <= values[before]
        };
        let ends = !self.open || (falls(0, 1) && falls(last, last - 1));
        (agree && ends && log_sum.is_finite()).then_some(log_sum + centre.scale.ln())
    }
}
