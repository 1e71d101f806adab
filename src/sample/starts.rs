//! Modes of a density, without data, by ascent from many points.
//!
//! Starting points are at all scales around zero, and around the values of the parameters, among
//! which a location usually is; known rows of data are used too.

use std::collections::VecDeque;

use super::target::{Frame, Slopes, Target};
use crate::numerics::rng::Stream;

/// Number of points that are evaluated, and of those that are starts of an ascent.
const TRIED: usize = 400;
const CLIMBERS: usize = 24;
/// Most steps of an ascent, and most steps that L-BFGS remembers.
const STEPS: usize = 300;
const MEMORY: usize = 8;
/// Most halvings of a step; then the ascent summits.
const HALVINGS: usize = 40;
/// An ascent summits where a step gains less than this of log p.
const GAIN: f64 = 1e-9;
/// Two modes count as one where log p falls by at most this between them.
const SADDLE: f64 = 1.0;
/// Points between two modes at which log p is evaluated.
const BETWEEN: usize = 31;
/// A mode that is lower than the highest one by more than this has negligible mass.
const LOW: f64 = 40.0;
/// Powers of ten of the smallest and the largest scale.
const DECADES: (f64, f64) = (-3.0, 6.0);

/// A mode with log p there.
#[derive(Clone, Debug)]
pub(super) struct Mode {
    pub at: Vec<f64>,
    pub height: f64,
}

/// Modes of the density given a row of covariates, the highest first; empty where log p is finite
/// at none of the starting points. `near` are points x inside the domain.
pub(super) fn modes(
    target: &Target<'_>,
    row: usize,
    theta: &[f64],
    near: &[Vec<f64>],
    stream: &mut Stream,
) -> Vec<Mode> {
    let tried = points(target, theta, near, stream);
    let columns: Vec<Vec<f64>> =
        (0..target.coordinates()).map(|k| tried.iter().map(|point| point[k]).collect()).collect();
    let heights = target.at(&columns, |_| row).swap_remove(0);
    let mut order: Vec<usize> = (0..tried.len()).filter(|&i| heights[i].is_finite()).collect();
    order.sort_by(|&a, &b| heights[b].total_cmp(&heights[a]));
    // The highest points, and others at even steps of their order.
    let half = CLIMBERS / 2;
    let others = order.iter().skip(half).step_by((order.len() / half).max(1));
    let chosen: Vec<usize> = order.iter().take(half).chain(others).copied().collect();
    let mut slopes = target.slopes(row, Frame::identity(target.coordinates()));
    let mut summits: Vec<Mode> =
        chosen.iter().filter_map(|&i| climb(&mut slopes, &tried[i])).collect();
    summits.sort_by(|a, b| b.height.total_cmp(&a.height));
    let mut modes: Vec<Mode> = Vec::new();
    for summit in summits {
        let low = modes.first().is_some_and(|best| summit.height < best.height - LOW);
        if !low && !modes.iter().any(|mode| are_connected(target, row, mode, &summit)) {
            modes.push(summit);
        }
    }
    modes
}

/// Points y at all scales, around the parameters, and at known points x.
fn points(
    target: &Target<'_>,
    theta: &[f64],
    near: &[Vec<f64>],
    stream: &mut Stream,
) -> Vec<Vec<f64>> {
    let d = target.coordinates();
    let mut points = vec![vec![0.0; d]];
    points.extend(near.iter().map(|x| target.inverse(x)));
    // A location in d dimensions is d consecutive parameters.
    points.extend(theta.windows(d).map(<[f64]>::to_vec));
    let left = (TRIED + near.len() + theta.len()).saturating_sub(points.len());
    points.extend(anywhere(d, theta, stream).take(left));
    points.retain(|point| point.iter().all(|y| y.is_finite()));
    points
}

/// An endless sequence of random points y of d coordinates: at all scales around zero, and around
/// the parameters.
pub(super) fn anywhere(
    d: usize,
    theta: &[f64],
    stream: &mut Stream,
) -> impl Iterator<Item = Vec<f64>> {
    std::iter::repeat_with(move || {
        let decade = DECADES.0 + (DECADES.1 - DECADES.0) * stream.uniform();
        let scale = 10f64.powf(decade);
        let around = !theta.is_empty() && stream.uniform() < 0.5;
        let coordinate = |stream: &mut Stream| {
            let centre = if around { theta[stream.below(theta.len())] } else { 0.0 };
            let spread = if around { 0.3 * centre.abs() + 1e-3 } else { scale };
            centre + spread * stream.normal()
        };
        (0..d).map(|_| coordinate(stream)).collect()
    })
}

/// The mode that an ascent from a point reaches, by L-BFGS (Nocedal and Wright 2006, algorithm 7.5)
/// with halved steps; `None` where log p is not finite at the start.
fn climb(slopes: &mut Slopes<'_>, start: &[f64]) -> Option<Mode> {
    let d = start.len();
    let (mut at, mut slope) = (start.to_vec(), vec![0.0; d]);
    let mut height = slopes.at(&at, &mut slope)?;
    let mut memory: VecDeque<(Vec<f64>, Vec<f64>)> = VecDeque::new();
    for _ in 0..STEPS {
        let mut direction = ascent_direction(&slope, &memory);
        if dot(&direction, &slope) <= 0.0 {
            memory.clear();
            direction.clone_from(&slope);
        }
        let unit = if memory.is_empty() { 1.0 / norm(&direction).max(1.0) } else { 1.0 };
        let Some((next, higher, next_slope)) =
            line_search(slopes, (&at, height), &direction, unit, &slope)
        else {
            break;
        };
        let gain = higher - height;
        let step: Vec<f64> = next.iter().zip(&at).map(|(a, b)| a - b).collect();
        // The change of the slope of -log p, which increases along the step where -log p is convex.
        let change: Vec<f64> = slope.iter().zip(&next_slope).map(|(a, b)| a - b).collect();
        if dot(&step, &change) > 0.0 {
            memory.push_back((step, change));
            if memory.len() > MEMORY {
                memory.pop_front();
            }
        }
        (at, height, slope) = (next, higher, next_slope);
        if gain < GAIN {
            break;
        }
    }
    Some(Mode { at, height })
}

/// The first of halved steps that gains enough, with log p and its slopes there.
fn line_search(
    slopes: &mut Slopes<'_>,
    (at, height): (&[f64], f64),
    direction: &[f64],
    unit: f64,
    slope: &[f64],
) -> Option<(Vec<f64>, f64, Vec<f64>)> {
    let rise = dot(direction, slope);
    let mut length = unit;
    for _ in 0..HALVINGS {
        let next: Vec<f64> = at.iter().zip(direction).map(|(y, d)| y + length * d).collect();
        let mut next_slope = vec![0.0; at.len()];
        let higher = slopes.at(&next, &mut next_slope);
        if let Some(higher) = higher.filter(|higher| *higher >= height + 1e-4 * length * rise) {
            return Some((next, higher, next_slope));
        }
        length *= 0.5;
    }
    None
}

/// The ascent direction: the slope times an approximation of the inverse of minus the Hessian.
fn ascent_direction(slope: &[f64], memory: &VecDeque<(Vec<f64>, Vec<f64>)>) -> Vec<f64> {
    let mut q = slope.to_vec();
    let mut shares = Vec::with_capacity(memory.len());
    for (step, change) in memory.iter().rev() {
        let share = dot(step, &q) / dot(step, change);
        q.iter_mut().zip(change).for_each(|(q, c)| *q -= share * c);
        shares.push(share);
    }
    if let Some((step, change)) = memory.back() {
        let scale = dot(step, change) / dot(change, change);
        q.iter_mut().for_each(|q| *q *= scale);
    }
    for ((step, change), share) in memory.iter().zip(shares.iter().rev()) {
        let back = dot(change, &q) / dot(step, change);
        q.iter_mut().zip(step).for_each(|(q, s)| *q += (share - back) * s);
    }
    q
}

/// Whether log p does not fall by more than [`SADDLE`] on the line between two modes.
fn are_connected(target: &Target<'_>, row: usize, one: &Mode, other: &Mode) -> bool {
    let share = |i: usize| (i + 1) as f64 / (BETWEEN + 1) as f64;
    let column =
        |k: usize| (0..BETWEEN).map(|i| one.at[k] + share(i) * (other.at[k] - one.at[k])).collect();
    let columns: Vec<Vec<f64>> = (0..one.at.len()).map(column).collect();
    let heights = target.at(&columns, |_| row).swap_remove(0);
    let least = f64::min(one.height, other.height) - SADDLE;
    heights.iter().all(|height| *height >= least)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}
