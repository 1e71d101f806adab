//! Independent draws of one number, by the inverse of its distribution function.

use super::density::LogDensity;
use super::markov::by_rows;
use super::{Error, Subject, stream_of};
use crate::model::{Domain, Support};
use crate::numerics::quadrature::{Cumulative, Failure, Region};

use std::f64::consts::PI;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Relative accuracy of the distribution function that is asked for, and the least that is taken.
const ACCURACY: f64 = 1e-10;
const POOR: f64 = 1e-4;
/// Powers of ten of distances at which log p is tried, by halves: from the centre of a line, from an
/// end of a half-line or an interval.
const DECADES: (i32, i32) = (-16, 16);
/// The nearest point to an end of an interval, as a share of it: nearer ones are higher than the nodes of
/// any cell where the density has a pole at the end, and leave their cells uncertain.
const NEAREST: f64 = 1e-8;
/// Rounds in which points near the highest one are tried.
const ROUNDS: usize = 12;
/// log p below its highest value by more is no sign of mass.
const LOW: f64 = 60.0;
/// Even parts of an interval whose middles are tried.
const PARTS: usize = 64;
/// Points that tell the quadrature where mass is: evenly spread ones, and the highest.
const SPREAD: usize = 300;
const HIGHEST: usize = 60;
/// Known points of which the neighbourhood is tried as well.
const BESIDE: usize = 400;

/// A domain that one number t runs through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub ends: (f64, f64),
    support: Support,
}

impl Line {
    /// Of data that are one number, a unit vector in the plane, or a composition of two parts.
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

    /// t of a row of the data.
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

    /// Whether a point inside the line may tell the quadrature where mass is.
    fn takes(self, t: f64) -> bool {
        let (low, high) = self.ends;
        let width = high - low;
        let least = if width.is_finite() { NEAREST * width } else { 0.0 };
        t - low > least && high - t > least
    }
}

/// The distribution of one number given the covariates of a row.
pub(crate) struct Distribution<'a> {
    line: Line,
    log_p: &'a LogDensity<'a>,
    /// The covariates, where log p contains any.
    given: Vec<f64>,
    cumulative: Cumulative,
}

impl<'a> Distribution<'a> {
    /// `near` are values of t at which mass may be, beside those that a search finds.
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
        if cumulative.integral().error > POOR {
            return Err(Error::Inaccurate);
        }
        Ok(Self { line, log_p, given, cumulative })
    }

    /// log ∫ p, with a bound of its error.
    pub fn log_normaliser(&self) -> (f64, f64) {
        let found = self.cumulative.integral();
        (found.value, found.error)
    }

    /// t below which each share of the mass lies; angles are counted from -π.
    pub fn quantiles(&self, shares: &[f64]) -> Vec<f64> {
        quantiles(self.line, self.log_p, &self.given, &self.cumulative, shares)
    }

    /// The distribution function alone.
    pub(super) fn into_cumulative(self) -> Cumulative {
        self.cumulative
    }

    /// The share of the mass below each t.
    pub fn shares_below(&self, t: &[f64]) -> Vec<f64> {
        let mut log_f = |t: &[Vec<f64>]| values(self.line, self.log_p, &self.given, &t[0]);
        self.cumulative.shares_below(&mut log_f, t)
    }
}

/// t below which each share of the mass lies, by the distribution function of log p given covariates.
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

/// Points where mass may be: the highest that a search from all scales finds, and those near it.
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
        tried.iter().step_by(tried.len().div_ceil(SPREAD)).map(|one| one.0).collect();
    tried.sort_by(|a, b| b.1.total_cmp(&a.1));
    spread.into_iter().chain(tried.iter().take(HIGHEST).map(|one| one.0)).collect()
}

fn highest(tried: &[(f64, f64)]) -> Option<(f64, f64)> {
    tried.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Both sides of a point, at all distances.
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
    // A few scales beside each are enough: the rounds that follow look closer.
    let beside = |&t: &f64| [t - 0.1, t + 0.1, 0.9 * t, 1.1 * t];
    points.extend(near.iter().take(BESIDE).flat_map(beside));
    points
}

/// Where mass may be: at known rows; a location is among the parameters, as a rule.
pub(super) fn near(subject: &Subject<'_>, line: Line) -> Vec<f64> {
    let known = subject.options.near.iter().map(|row| line.place(row));
    known.chain(subject.theta.iter().copied()).collect()
}

/// Draws of the data by component, row of covariates after row.
pub(super) fn draws(subject: &Subject<'_>) -> Result<Vec<Vec<f64>>, Error> {
    let line = Line::of(&subject.model.domains()).expect("the method suits data of one number");
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
