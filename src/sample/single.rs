//! Independent draws of a single coordinate, by the inverse of its distribution function.

use super::density::LogDensity;
use super::markov::by_rows;
use super::{Error, Subject, stream_of};
use crate::model::{Domain, Support};
use crate::numerics::quadrature::{Cumulative, Failure, Region};

use std::f64::consts::PI;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Requested relative accuracy of the distribution function, and the largest error that is
/// accepted.
const ACCURACY: f64 = 1e-10;
const ERROR_MAX: f64 = 1e-4;
/// Powers of ten, by halves, of distances at which log p is evaluated: from the centre of a line,
/// from an end of a half-line or an interval.
const DECADES: (i32, i32) = (-16, 16);
/// The smallest distance from an end of an interval, as a share of its width, at which log p is
/// evaluated. Where the density has a pole at the end, nearer points are higher than all nodes of
/// the quadrature, and leave their cells uncertain.
const NEAREST: f64 = 1e-8;
/// Most rounds that evaluate points near the highest one.
const ROUNDS: usize = 12;
/// A point whose log p is lower than the highest one by more than this shows no mass.
const LOW: f64 = 60.0;
/// Number of equal parts of an interval whose midpoints are evaluated.
const PARTS: usize = 64;
/// Most points that show the quadrature where mass is: evenly spread ones, and the highest ones.
const SPREAD_POINTS: usize = 300;
const HIGHEST_POINTS: usize = 60;
/// Most known points whose neighbours are evaluated too.
const NEIGHBOURED_MAX: usize = 400;

/// A domain with a single coordinate t.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub ends: (f64, f64),
    support: Support,
}

impl Line {
    /// The domain of data that are a scalar, a unit vector in the plane, or a composition of two
    /// parts; `None` for other data.
    pub fn of(domains: &[Domain]) -> Option<Self> {
        let [Domain { support, components }] = domains else {
            return None;
        };
        let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
        let ends = match (*support, components.len()) {
            (Support::Line, _) => (low, high),
            (Support::Above(edge), _) => (edge, high),
            (Support::Below(edge), _) => (low, edge),
            (Support::Between(first, last), _) => (first, last),
            (Support::Circle, _) | (Support::Sphere, 2) => (-PI, PI),
            (Support::Simplex, 2) => (0.0, 1.0),
            (Support::Sphere | Support::Simplex | Support::Binary(..), _) => return None,
        };
        Some(Self { ends, support: *support })
    }

    /// The components of the data at each t.
    pub fn points(self, t: &[f64]) -> Vec<Vec<f64>> {
        match self.support {
            Support::Sphere => {
                vec![t.iter().map(|t| t.cos()).collect(), t.iter().map(|t| t.sin()).collect()]
            }
            Support::Simplex => vec![t.to_vec(), t.iter().map(|t| 1.0 - t).collect()],
            Support::Line
            | Support::Above(_)
            | Support::Below(_)
            | Support::Between(..)
            | Support::Circle
            | Support::Binary(..) => vec![t.to_vec()],
        }
    }

    /// The coordinate t of a row of the data.
    pub fn place(self, x: &[f64]) -> f64 {
        match self.support {
            Support::Sphere => x[1].atan2(x[0]),
            Support::Circle => x[0] - 2.0 * PI * (x[0] / (2.0 * PI)).round(),
            Support::Line
            | Support::Above(_)
            | Support::Below(_)
            | Support::Between(..)
            | Support::Simplex
            | Support::Binary(..) => x[0],
        }
    }

    /// Whether t is inside the domain, and far enough from its ends to be evaluated.
    fn takes(self, t: f64) -> bool {
        let (low, high) = self.ends;
        let width = high - low;
        let least = if width.is_finite() { NEAREST * width } else { 0.0 };
        t - low > least && high - t > least
    }
}

/// The distribution of a single coordinate given the covariates of a row.
pub(crate) struct Distribution<'a> {
    line: Line,
    log_p: &'a LogDensity<'a>,
    /// The covariates; empty where log p contains none.
    given: Vec<f64>,
    cumulative: Cumulative,
}

impl<'a> Distribution<'a> {
    /// Computes the distribution function. `near` are values of t at which mass may be, beside
    /// those that a search finds.
    pub fn new(
        line: Line,
        log_p: &'a LogDensity<'a>,
        given: Vec<f64>,
        near: &[f64],
    ) -> Result<Self, Error> {
        let mut log_f = |t: &[Vec<f64>]| values(line, log_p, &given, &t[0]);
        let hints = hints(line, &mut |t: &[f64]| log_f(&[t.to_vec()]), near);
        if hints.is_empty() {
            return Err(Error::Undefined);
        }
        let region = Region { ends: &[line.ends], hints: &[hints] };
        let cumulative = match Cumulative::new(&mut log_f, &region, ACCURACY) {
            Ok(found) => found,
            Err(Failure::Divergent) => return Err(Error::Divergent),
            Err(Failure::Undefined | Failure::Unresolved(_)) => return Err(Error::Undefined),
        };
        if cumulative.integral().error > ERROR_MAX {
            return Err(Error::Inaccurate);
        }
        Ok(Self { line, log_p, given, cumulative })
    }

    /// log ∫ p, with a bound of its error.
    pub fn log_normaliser(&self) -> (f64, f64) {
        let found = self.cumulative.integral();
        (found.value, found.error)
    }

    /// The quantiles t at given shares of the mass; angles begin at -π.
    pub fn quantiles(&self, shares: &[f64]) -> Vec<f64> {
        quantiles(self.line, self.log_p, &self.given, &self.cumulative, shares)
    }

    /// The distribution function alone.
    pub(super) fn into_cumulative(self) -> Cumulative {
        self.cumulative
    }

    /// The value of the distribution function at each t.
    pub fn shares_below(&self, t: &[f64]) -> Vec<f64> {
        let mut log_f = |t: &[Vec<f64>]| values(self.line, self.log_p, &self.given, &t[0]);
        self.cumulative.shares_below(&mut log_f, t)
    }
}

/// The quantiles at given shares of the mass, for log p given covariates, with its distribution
/// function.
pub(super) fn quantiles(
    line: Line,
    log_p: &LogDensity<'_>,
    given: &[f64],
    cumulative: &Cumulative,
    shares: &[f64],
) -> Vec<f64> {
    let mut log_f = |t: &[Vec<f64>]| values(line, log_p, given, &t[0]);
    cumulative.quantiles(&mut log_f, shares)
}

/// log p at each t.
fn values(line: Line, log_p: &LogDensity<'_>, given: &[f64], t: &[f64]) -> Vec<f64> {
    let mut columns = line.points(t);
    columns.extend(given.iter().map(|&value| vec![value; t.len()]));
    log_p.at(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// Points where mass may be: the highest ones of a search over all scales, and points spread among
/// those with mass.
fn hints(line: Line, log_f: &mut dyn FnMut(&[f64]) -> Vec<f64>, near: &[f64]) -> Vec<f64> {
    let mut tried: Vec<(f64, f64)> = Vec::new();
    let mut fresh = first_points(line, near);
    for _ in 0..ROUNDS {
        fresh.retain(|&t| line.takes(t));
        let values = log_f(&fresh);
        let found = fresh.iter().copied().zip(values).filter(|(_, value)| value.is_finite());
        let before = highest(&tried);
        tried.extend(found);
        let Some(best) = highest(&tried) else {
            return Vec::new();
        };
        if before.is_some_and(|before| before.1 >= best.1) {
            break;
        }
        fresh = around(best.0).collect();
    }
    let Some(best) = highest(&tried) else {
        return Vec::new();
    };
    tried.retain(|one| one.1 >= best.1 - LOW);
    tried.sort_by(|a, b| a.0.total_cmp(&b.0));
    let spread: Vec<f64> =
        tried.iter().step_by(tried.len().div_ceil(SPREAD_POINTS)).map(|one| one.0).collect();
    tried.sort_by(|a, b| b.1.total_cmp(&a.1));
    spread.into_iter().chain(tried.iter().take(HIGHEST_POINTS).map(|one| one.0)).collect()
}

fn highest(tried: &[(f64, f64)]) -> Option<(f64, f64)> {
    tried.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Points on both sides of a centre, at all distances.
fn around(centre: f64) -> impl Iterator<Item = f64> {
    sizes().flat_map(move |size| [centre - size, centre + size])
}

fn sizes() -> impl Iterator<Item = f64> {
    (2 * DECADES.0..=2 * DECADES.1).map(|half| 10f64.powf(f64::from(half) / 2.0))
}

fn first_points(line: Line, near: &[f64]) -> Vec<f64> {
    let (low, high) = line.ends;
    let mut points: Vec<f64> = match (low.is_finite(), high.is_finite()) {
        (true, true) => {
            let width = high - low;
            let middle = |i: usize| low + width * (i as f64 + 0.5) / PARTS as f64;
            let edges = sizes().flat_map(|size| [low + width * size, high - width * size]);
            (0..PARTS).map(middle).chain(edges).collect()
        }
        (true, false) => sizes().map(|size| low + size).collect(),
        (false, true) => sizes().map(|size| high - size).collect(),
        (false, false) => around(0.0).chain([0.0]).collect(),
    };
    points.extend(near);
    // A few distances are enough, since the rounds of the search refine them.
    let beside = |&t: &f64| [t - 0.1, t + 0.1, 0.9 * t, 1.1 * t];
    points.extend(near.iter().take(NEIGHBOURED_MAX).flat_map(beside));
    points
}

/// Values of t where mass may be: those of known rows, and the parameters, which usually contain a
/// location.
pub(super) fn near(subject: &Subject<'_>, line: Line) -> Vec<f64> {
    let known = subject.options.near.iter().map(|row| line.place(row));
    known.chain(subject.theta.iter().copied()).collect()
}

/// Draws of the data by component; with covariates, those of the first row first.
pub(super) fn draws(subject: &Subject<'_>) -> Result<Vec<Vec<f64>>, Error> {
    let line = Line::of(&subject.model.domains()).expect("the method is for a single coordinate");
    let log_p = LogDensity::of(subject.model, subject.theta);
    let options = subject.options;
    let near = near(subject, line);
    let (rows, done) = (subject.conditions(), AtomicUsize::new(0));
    let one = |row: usize| {
        if options.interrupt.is_raised() {
            return Err(Error::Interrupted);
        }
        let distribution = Distribution::new(line, &log_p, subject.condition(row), &near)?;
        let mut stream = stream_of(options, row, 0);
        let shares: Vec<f64> = (0..options.count).map(|_| stream.uniform()).collect();
        options.tell(done.fetch_add(1, Ordering::Relaxed) + 1, rows);
        Ok(line.points(&distribution.quantiles(&shares)))
    };
    by_rows(rows, options.threads, one)
}
