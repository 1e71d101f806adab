//! The ends of the starts: which are proper minima, which coincide, and which is reported.

use std::cell::Cell;
use std::rc::Rc;

use super::bounds::{Edge, Settled, kept};
use super::collapse;
use super::identified::Identified;
use super::scaled::{gradient_norm, is_diagonal};
use super::surface::{Held, Surface};
use super::trust_region::{Path, Stop};
use crate::objective::Expansion;

/// Values of J closer than this, relative to mean |ρ|, may belong to one minimum …
const SAME_VALUE: f64 = 1e-7;
/// … if the losses of single rows agree to this relative accuracy.
const SAME_LOSS: f64 = 1e-4;
/// A larger coordinate diverges, whatever its slope, since J underflows there.
const DIVERGENT: f64 = 1e100;
/// Minima whose J differ by at most this multiple of the noise of J are one.
const NOISE_MULTIPLE: f64 = 30.0;
/// Most rows whose losses are compared.
const ROWS_COMPARED: usize = 500;
/// An end from which no step lowers J is a minimum if its gradient, in standard errors, is at most
/// this …
const NEAR: f64 = 1e-3;
/// … or this, where rounding limits the losses to few digits.
const WITHIN_ROUNDING: f64 = 0.3;

/// At this many coordinates and more, K may be known by its diagonal only.
const MANY: usize = 500;

/// The classification of the end of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Stationary, with a positive semidefinite Hessian.
    Proper,
    /// These rows dominate the objective.
    Collapsed(Vec<usize>),
    /// Neither stationary nor collapsed, or a saddle point.
    Unfinished,
}

/// A judged end of a path.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The point, in all moving coordinates.
    pub at: Vec<f64>,
    /// Coordinates held at an edge of the parameter space.
    pub edges: Vec<Edge>,
    /// Over the coordinates that no edge holds.
    pub path: Path,
    pub verdict: Verdict,
    /// SMIC/n = J + tr(A⁻¹K)/n; NaN where K is not known.
    pub smic: f64,
    pub gradient_norm: f64,
    pub hits: usize,
    /// Kernel Stein discrepancy V, once ranked.
    pub ksd: Option<f64>,
    /// Mean log-likelihood of the normalised density in raw units, once ranked.
    pub log_likelihood: Option<f64>,
    /// Of rows at even steps.
    losses: Vec<f64>,
    /// With many parameters only the diagonal of K is known, and there are no standard errors.
    pub without_errors: bool,
    /// The directions that the data determine; `None` where an entry of the expansion is not finite.
    identified: Option<Rc<Identified>>,
}

impl Candidate {
    /// Judges an end on the surface of all moving coordinates.
    pub fn judge(surface: &dyn Surface, settled: Settled) -> Self {
        // An interrupted end is compared with no other.
        let stopped = settled.path.stop == Stop::Interrupted;
        let step = step_compared(surface.rows());
        let compared = if stopped { Vec::new() } else { surface.losses_every(step, &settled.at) };
        let all = |at: &[f64]| if stopped { Vec::new() } else { surface.losses(at) };
        Self::of(surface.observations(), compared, &all, settled)
    }

    /// Judges an end of this many observations by the losses of their rows.
    pub fn with(rows: usize, losses: Vec<f64>, settled: Settled) -> Self {
        let step = step_compared(losses.len());
        let compared = losses.iter().step_by(step).copied().collect();
        let losses = Cell::new(losses);
        Self::of(rows, compared, &|_| losses.take(), settled)
    }

    /// The losses of all rows are asked for where the end is no proper minimum.
    fn of(
        rows: usize,
        compared: Vec<f64>,
        losses: &dyn Fn(&[f64]) -> Vec<f64>,
        settled: Settled,
    ) -> Self {
        let Settled { path, at, edges } = settled;
        let gradient_norm = gradient_norm(rows, &path.at, &path.expansion);
        let identified = Identified::new(&path.at, &path.expansion).map(Rc::new);
        let convex = identified.as_ref().is_some_and(|found| found.is_convex());
        let near = match path.stop {
            Stop::Arrived => true,
            Stop::Exhausted => gradient_norm <= NEAR,
            Stop::Rounding => gradient_norm <= WITHIN_ROUNDING,
            Stop::Iterations | Stop::Stuck | Stop::Fell | Stop::Interrupted => false,
        };
        let away = path.at.iter().any(|phi| phi.abs() > DIVERGENT);
        let verdict = match (near && convex && !away, path.stop == Stop::Fell) {
            (true, _) => Verdict::Proper,
            (false, true) => Verdict::Collapsed(collapse::furthest(losses(&at))),
            (false, false) => {
                collapse::culprits(losses(&at)).map_or(Verdict::Unfinished, Verdict::Collapsed)
            }
        };
        let whole = path.at.len() < MANY || !is_diagonal(&path.expansion.outer);
        let penalty = penalty(identified.as_deref().filter(|_| whole), rows, &path.expansion);
        Self {
            smic: path.expansion.value + penalty,
            gradient_norm,
            verdict,
            at,
            edges,
            hits: 1,
            ksd: None,
            log_likelihood: None,
            losses: compared,
            identified,
            without_errors: !whole,
            path,
        }
    }

    /// The directions that the data determine.
    pub fn identified(&self) -> Option<&Identified> {
        self.identified.as_deref()
    }

    /// Moves the end to other coordinates of the minimum.
    pub fn restate(&mut self, at: Vec<f64>, expansion: Expansion) {
        self.path.at.clone_from(&at);
        self.at = at;
        self.identified = Identified::new(&self.at, &expansion).map(Rc::new);
        self.path.expansion = expansion;
    }

    pub fn value(&self) -> f64 {
        self.path.expansion.value
    }

    /// The end with its expansion taken on another surface of the same coordinates.
    pub fn seen_on(mut self, surface: &dyn Surface) -> Self {
        let kept = kept(self.at.len(), &self.edges);
        let held = Held::new(surface, self.at.clone(), kept);
        let expansion = held.expand(&self.path.at);
        self.gradient_norm = gradient_norm(surface.observations(), &self.path.at, &expansion);
        let identified = Identified::new(&self.path.at, &expansion);
        self.smic =
            expansion.value + penalty(identified.as_ref(), surface.observations(), &expansion);
        self.path.expansion = expansion;
        self
    }

    /// The end with the culprits of a sample replaced by rows of the full data: the sample takes rows
    /// at equal distances.
    pub fn in_all_rows(mut self, rows: usize, sample: usize) -> Self {
        if let Verdict::Collapsed(culprits) = &mut self.verdict {
            culprits.iter_mut().for_each(|row| *row = *row * rows / sample);
        }
        self
    }

    /// The largest finite coordinate in size.
    fn size(&self) -> f64 {
        self.at.iter().filter(|phi| phi.is_finite()).fold(0.0, |size, phi| size.max(phi.abs()))
    }

    pub fn is_unfinished(&self) -> bool {
        self.verdict == Verdict::Unfinished
    }

    pub fn is_proper(&self) -> bool {
        self.verdict == Verdict::Proper
    }

    /// Whether two ends are one minimum up to the labels of components and signs: J and the losses of
    /// the rows agree, whatever the parameters are. Where J is known to few digits only, J alone is
    /// compared.
    pub fn is_same(&self, other: &Self) -> bool {
        let size = self.path.expansion.magnitude.max(other.path.expansion.magnitude);
        let close = |a: f64, b: f64, share: f64| (a - b).abs() <= share * size;
        let noise = self.path.noise.max(other.path.noise);
        if noise > 0.0 {
            return (self.value() - other.value()).abs() <= NOISE_MULTIPLE * noise;
        }
        close(self.value(), other.value(), SAME_VALUE)
            && self.losses.iter().zip(&other.losses).all(|(&a, &b)| {
                close(a, b, SAME_LOSS) || (a - b).abs() <= SAME_LOSS * a.abs().max(b.abs())
            })
    }
}

/// The step from one row whose loss is compared to the next.
fn step_compared(rows: usize) -> usize {
    rows.div_ceil(ROWS_COMPARED).max(1)
}

/// tr(A⁻¹K)/n
fn penalty(identified: Option<&Identified>, rows: usize, expansion: &Expansion) -> f64 {
    identified.map_or(f64::NAN, |found| found.trace(&expansion.outer)) / rows as f64
}

/// The distinct proper minima, by ascending SMIC. Of ends at one minimum, one whose gradient is
/// clearly smaller represents it, or among converged ends one of clearly smaller coordinates.
pub(super) fn group(candidates: &[Candidate]) -> Vec<Candidate> {
    let mut groups: Vec<Candidate> = Vec::new();
    for candidate in candidates.iter().filter(|candidate| candidate.is_proper()) {
        match groups.iter_mut().find(|group| group.is_same(candidate)) {
            None => groups.push(candidate.clone()),
            Some(group) => {
                let hits = group.hits + 1;
                let nearer = candidate.gradient_norm < 0.5 * group.gradient_norm;
                let near = candidate.gradient_norm <= NEAR && group.gradient_norm <= NEAR;
                // Frequencies that differ by the sampling frequency of the rows give equal losses.
                if (near && candidate.size() < 0.5 * group.size()) || (nearer && !near) {
                    *group = candidate.clone();
                }
                group.hits = hits;
            }
        }
    }
    groups.sort_by(|a, b| a.smic.total_cmp(&b.smic));
    groups
}
