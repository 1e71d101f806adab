//! log ∫ p over a domain of one or two dimensions, or over binary data.
//!
//! The measure is area on the sphere, the product of all parts but the last on the simplex, radians
//! for angles, and counting for binary data.

use std::f64::consts::{PI, TAU};
use std::fmt;

use super::distribution::NormalisedDensity;
use super::figure::{ends, is_flat, turn};
use crate::data::Selection;
use crate::model::{Model, Support};
use crate::numerics::quadrature::{Failure, LogIntegral, Region, log_integral};
use crate::numerics::sum::compensated_sum;
use crate::sample::{LogDensity, all_patterns};

/// Requested relative accuracy of the quadrature in one and two dimensions, and the largest error
/// that is accepted.
const ACCURACY: [f64; 2] = [1e-9, 1e-7];
const POOR: f64 = 1e-3;
/// Numbers of rows that are hints for the quadrature: evenly spaced ones, and those of highest
/// density.
const SPREAD: [usize; 2] = [300, 160];
const HIGHEST: usize = 60;
/// Most components of binary data whose patterns are summed.
const BINARY: usize = 20;

/// The logarithm of the normalising constant of a log-density.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Normaliser {
    /// The value of log ∫ p.
    pub log: f64,
    /// A bound of the error of `log`, which is the relative error of the integral.
    pub error: f64,
}

/// The reason why a log-density has no normaliser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoNormaliser {
    /// log p contains covariates, so that the normaliser differs by row.
    Covariates,
    /// The domain has too many dimensions for quadrature.
    Dimensions,
    /// Quantiles are requested, and the data are not one number.
    NotOneNumber,
    /// The density has no finite integral.
    Divergent,
    /// log p is NaN or +∞ inside the domain, or the density is zero everywhere.
    Undefined,
    /// Quadrature did not reach three digits.
    Inaccurate,
}

impl fmt::Display for NoNormaliser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Covariates => "log p contains covariates, so that each row has another normaliser",
            Self::Dimensions => {
                "only domains of one or two dimensions, and binary data of at most 20 components, are \
                 integrated over"
            }
            Self::NotOneNumber => "quantiles are of data that are one number",
            Self::Divergent => "the density has no finite integral over its domain",
            Self::Undefined => {
                "log p is not a number or infinite inside the domain, or the density is zero there"
            }
            Self::Inaccurate => "quadrature did not reach three digits",
        })
    }
}

impl std::error::Error for NoNormaliser {}

/// The normaliser of a model at θ; its rows are hints where the mass may be.
///
/// # Errors
/// When log p contains covariates, the domain has too many dimensions, or there is no finite
/// integral.
///
/// # Panics
/// When θ or the columns are not those of the model.
///
/// # Examples
/// ```
/// use scorematch::{Columns, Model, analysis::normaliser, data::Missing};
///
/// let model = Model::parse("-(x - mu)^2/2")?.bind(&["x"], &["x"])?;
/// let rows = model.select(&Columns::from_csv("x\n1.0\n2.0\n".as_bytes())?, Missing::Error)?;
/// let found = normaliser(&model, &rows, &[1.5])?;
/// assert!((found.log - 0.5 * std::f64::consts::TAU.ln()).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn normaliser(
    model: &Model,
    data: &Selection,
    theta: &[f64],
) -> Result<Normaliser, NoNormaliser> {
    let log_p = LogDensity::of(model, theta);
    NormalisedDensity::new(model, data, theta, &log_p)?.normaliser().ok_or(NoNormaliser::Covariates)
}

/// The normaliser of a log-density of several numbers without covariates.
pub(super) fn whole(
    model: &Model,
    data: &Selection,
    log_p: &LogDensity<'_>,
) -> Result<Normaliser, NoNormaliser> {
    let supports: Vec<Support> = model.data().iter().map(|one| one.support).collect();
    match supports[..] {
        [Support::Binary(..), ..] => patterns(model, log_p),
        [Support::Sphere, Support::Sphere, Support::Sphere] => sphere(data, log_p),
        [Support::Simplex, Support::Simplex, Support::Simplex] => triangle(data, log_p),
        [first, second] if is_flat(first) && is_flat(second) => flat(data, log_p, &[first, second]),
        _ => Err(NoNormaliser::Dimensions),
    }
}

/// Two components with separate domains; angles over one period.
fn flat(
    data: &Selection,
    log_p: &LogDensity<'_>,
    supports: &[Support],
) -> Result<Normaliser, NoNormaliser> {
    let sides = supports.iter().enumerate().map(|(k, &support)| {
        let column = data.column(k);
        match support {
            Support::Circle => {
                let start = turn(column);
                let place = |x: &f64| start + (x - start).rem_euclid(TAU);
                ((start, start + TAU), column.iter().map(place).collect())
            }
            other => (ends(other), column.to_vec()),
        }
    });
    let (ends, hints): (Vec<_>, Vec<Vec<f64>>) = sides.unzip();
    let at = |points: &[Vec<f64>]| log_p.at(&points.iter().map(Vec::as_slice).collect::<Vec<_>>());
    integral(&at, &ends, &hints)
}

fn angles(data: &Selection) -> Vec<f64> {
    data.column(0).iter().zip(data.column(1)).map(|(x, y)| y.atan2(*x)).collect()
}

/// Unit vectors in space, by their third component and the angle around its axis.
fn sphere(data: &Selection, log_p: &LogDensity<'_>) -> Result<Normaliser, NoNormaliser> {
    let at = |points: &[Vec<f64>]| {
        log_p.at(&around(&points[0], &points[1]).each_ref().map(Vec::as_slice))
    };
    integral(&at, &[(-1.0, 1.0), (-PI, PI)], &[data.column(2).to_vec(), angles(data)])
}

/// Unit vectors with these third components, at these angles around the axis.
pub(super) fn around(z: &[f64], angles: &[f64]) -> [Vec<f64>; 3] {
    let radius = |k: usize| (1.0 - z[k] * z[k]).max(0.0).sqrt();
    let side = |f: fn(f64) -> f64| (0..z.len()).map(|k| radius(k) * f(angles[k])).collect();
    [side(f64::cos), side(f64::sin), z.to_vec()]
}

/// Compositions of three parts, by the first part and the share of the second part in the remainder.
fn triangle(data: &Selection, log_p: &LogDensity<'_>) -> Result<Normaliser, NoNormaliser> {
    let at = |points: &[Vec<f64>]| {
        let (first, share) = (&points[0], &points[1]);
        let rest: Vec<f64> = first.iter().map(|x| 1.0 - x).collect();
        let second: Vec<f64> = rest.iter().zip(share).map(|(r, s)| r * s).collect();
        let third: Vec<f64> = rest.iter().zip(share).map(|(r, s)| r * (1.0 - s)).collect();
        let values = log_p.at(&[first, &second, &third]);
        values.into_iter().zip(&rest).map(|(value, rest)| value + rest.ln()).collect()
    };
    let first = data.column(0).to_vec();
    let share = first.iter().zip(data.column(1)).map(|(a, b)| b / (1.0 - a)).collect();
    integral(&at, &[(0.0, 1.0); 2], &[first, share])
}

fn patterns(model: &Model, log_p: &LogDensity<'_>) -> Result<Normaliser, NoNormaliser> {
    if model.data().len() > BINARY {
        return Err(NoNormaliser::Dimensions);
    }
    let all = all_patterns(model);
    let values = log_p.at(&all.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if values.iter().any(|z| z.is_nan()) || !highest.is_finite() {
        return Err(NoNormaliser::Undefined);
    }
    let sum = compensated_sum(&values.iter().map(|z| (z - highest).exp()).collect::<Vec<_>>());
    Ok(Normaliser { log: highest + sum.ln(), error: 8.0 * f64::EPSILON })
}

/// log ∫ exp(f) over an interval or a rectangle; `hints` are points by column.
fn integral(
    log_f: &dyn Fn(&[Vec<f64>]) -> Vec<f64>,
    ends: &[(f64, f64)],
    hints: &[Vec<f64>],
) -> Result<Normaliser, NoNormaliser> {
    quadrature(log_f, ends, &chosen(log_f, ends, hints))
}

/// [`integral`] with all hints, of which there is at least one.
pub(super) fn quadrature(
    log_f: &dyn Fn(&[Vec<f64>]) -> Vec<f64>,
    ends: &[(f64, f64)],
    hints: &[Vec<f64>],
) -> Result<Normaliser, NoNormaliser> {
    let region = Region { ends, hints };
    let accuracy = ACCURACY[ends.len() - 1];
    match log_integral(&mut |points: &[Vec<f64>]| log_f(points), &region, accuracy) {
        Ok(LogIntegral { value, error }) => Ok(Normaliser { log: value, error }),
        Err(Failure::Unresolved(LogIntegral { value, error })) if error < POOR => {
            Ok(Normaliser { log: value, error })
        }
        Err(Failure::Unresolved(_)) => Err(NoNormaliser::Inaccurate),
        Err(Failure::Divergent) => Err(NoNormaliser::Divergent),
        Err(Failure::Undefined) => Err(NoNormaliser::Undefined),
    }
}

/// Hints inside the rectangle: evenly spaced ones, and those of highest density; its centre where all
/// lie on an edge, as compositions with zeros do.
fn chosen(
    log_f: &dyn Fn(&[Vec<f64>]) -> Vec<f64>,
    ends: &[(f64, f64)],
    hints: &[Vec<f64>],
) -> Vec<Vec<f64>> {
    let inside = |&row: &usize| {
        let open = |((low, high), column): (&(f64, f64), &Vec<f64>)| {
            *low < column[row] && column[row] < *high
        };
        ends.iter().zip(hints).all(open)
    };
    let mut rows: Vec<usize> = (0..hints[0].len()).filter(inside).collect();
    if rows.is_empty() {
        let middle = |&(low, high): &(f64, f64)| match (low.is_finite(), high.is_finite()) {
            (true, true) => 0.5 * (low + high),
            (true, false) => low + 1.0,
            (false, true) => high - 1.0,
            (false, false) => 0.0,
        };
        return ends.iter().map(|ends| vec![middle(ends)]).collect();
    }
    rows.sort_by(|&a, &b| hints[0][a].total_cmp(&hints[0][b]));
    let step = rows.len().div_ceil(SPREAD[ends.len() - 1]).max(1);
    let mut chosen: Vec<usize> = rows.iter().copied().step_by(step).collect();
    let column = |k: usize, rows: &[usize]| rows.iter().map(|&row| hints[k][row]).collect();
    let places: Vec<Vec<f64>> = (0..hints.len()).map(|k| column(k, &rows)).collect();
    let values = log_f(&places);
    let mut order: Vec<usize> = (0..rows.len()).filter(|&k| !values[k].is_nan()).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    chosen.extend(order.iter().take(HIGHEST).map(|&k| rows[k]));
    (0..hints.len()).map(|k| column(k, &chosen)).collect()
}
