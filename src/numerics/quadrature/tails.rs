//! The range that an integral has to cover, and the mass beyond it.

use super::Failure;
use super::axis::Axes;

/// The farthest |t| by dimensions: e^115 scales, where sixth powers are still finite; in a plane
/// e^24, up to where the direction of a ridge can be resolved.
const FARTHEST: [f64; 2] = [115.0, 24.0];
/// A density below its peak by this factor (a logarithm) has decayed.
const DECAYED: [f64; 2] = [80.0, 40.0];
/// Levels over which the fall at the farthest point is measured.
const LEVELS: usize = 4;
/// The slowest exponential decay in t that counts as decay.
const LEAST_FALL: f64 = 1e-6;
/// Points of the grid across a side, and how often the grid is narrowed around its best point.
const ACROSS: usize = 33;
const ZOOMS: usize = 10;

/// The box in t that holds the mass.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    pub range: Vec<(f64, f64)>,
    /// Logarithm of the mass beyond it.
    pub beyond: f64,
}

/// One of the two directions of an axis.
#[derive(Clone, Copy, Debug)]
struct Side {
    axis: usize,
    sign: f64,
}

/// The range to integrate over; `at_hints` are the values of f at the hints.
pub(super) fn reach(
    log_f: &mut dyn FnMut(&[Vec<f64>]) -> Vec<f64>,
    axes: &Axes,
    hints: &[Vec<f64>],
    at_hints: &[f64],
) -> Result<Reach, Failure> {
    let d = axes.dimensions();
    let mut range: Vec<(f64, f64)> = (0..d).map(|k| axes.ends(k)).collect();
    let open = (0..d).filter(|&k| !range[k].1.is_finite());
    let sides: Vec<Side> =
        open.flat_map(|axis| [-1.0, 1.0].map(|sign| Side { axis, sign })).collect();
    let finite = |values: &[f64]| {
        values.iter().copied().filter(|v| v.is_finite()).fold(f64::NEG_INFINITY, f64::max)
    };
    let all: Vec<Vec<f64>> = side_maxima(log_f, axes, &sides);
    let peak = all.iter().map(|levels| finite(levels)).fold(finite(at_hints), f64::max);
    let mut beyond = f64::NEG_INFINITY;
    for (side, levels) in sides.iter().zip(&all) {
        let outermost = hints[side.axis]
            .iter()
            .map(|t| t * side.sign)
            .filter(|t| t.is_finite())
            .fold(0.0, f64::max);
        let (end, rest) = end(levels, outermost, peak - DECAYED[d - 1])?;
        beyond = f64::max(beyond, rest);
        if side.sign < 0.0 {
            range[side.axis].0 = -end;
        } else {
            range[side.axis].1 = end;
        }
    }
    let sides = (sides.len().max(1) as f64).ln();
    Ok(Reach { range, beyond: beyond + sides })
}

/// The end of a side and the logarithm of the mass beyond; `levels` are the highest values of f at
/// t = 1, 2, 3 …
fn end(levels: &[f64], outermost: f64, decayed: f64) -> Result<(f64, f64), Failure> {
    let first = (outermost.ceil() as usize).min(levels.len() - 1);
    let low = |k: &usize| levels[*k] <= decayed && levels[*k + 1] <= levels[*k];
    if let Some(k) = (first..levels.len() - 1).find(low) {
        return Ok(((k + 1) as f64, levels[k]));
    }
    let last = levels.len() - 1;
    if levels[last - LEVELS..].iter().any(|level| level.is_nan() || *level == f64::INFINITY) {
        return Err(Failure::Undefined);
    }
    let fall = (levels[last - LEVELS] - levels[last]) / LEVELS as f64;
    if levels[last] == f64::NEG_INFINITY {
        return Ok(((last + 1) as f64, f64::NEG_INFINITY));
    }
    if fall > LEAST_FALL {
        Ok(((last + 1) as f64, levels[last] - fall.ln()))
    } else {
        Err(Failure::Divergent)
    }
}

/// The highest f at |t| = 1, 2, 3 … on each side, over the other dimension if there is one.
fn side_maxima(
    log_f: &mut dyn FnMut(&[Vec<f64>]) -> Vec<f64>,
    axes: &Axes,
    sides: &[Side],
) -> Vec<Vec<f64>> {
    let d = axes.dimensions();
    let count = FARTHEST[d - 1] as usize;
    let places: Vec<(Side, f64)> = sides
        .iter()
        .flat_map(|&side| (1..=count).map(move |k| (side, k as f64 * side.sign)))
        .collect();
    let best = if d == 1 {
        log_f(&[places.iter().map(|&(_, t)| t).collect()])
    } else {
        ridge(log_f, axes, &places)
    };
    best.chunks(count.max(1)).map(<[f64]>::to_vec).collect()
}

/// The highest f across the other dimension, found by a grid that narrows on its best point.
fn ridge(
    log_f: &mut dyn FnMut(&[Vec<f64>]) -> Vec<f64>,
    axes: &Axes,
    places: &[(Side, f64)],
) -> Vec<f64> {
    let across = |&(side, t): &(Side, f64)| match axes.ends(1 - side.axis) {
        (low, high) if low.is_finite() => (low, high),
        (_, _) => (-t.abs() - 3.0, t.abs() + 3.0),
    };
    let mut windows: Vec<(f64, f64)> = places.iter().map(across).collect();
    let mut best = vec![f64::NEG_INFINITY; places.len()];
    for _ in 0..ZOOMS {
        let mut columns = vec![Vec::new(), Vec::new()];
        for (&(side, t), &(low, high)) in places.iter().zip(&windows) {
            for i in 0..ACROSS {
                columns[side.axis].push(t);
                columns[1 - side.axis].push(low + (high - low) * (i as f64 + 0.5) / ACROSS as f64);
            }
        }
        let values = log_f(&columns);
        for (k, values) in values.chunks(ACROSS).enumerate() {
            let (i, value) = highest(values);
            best[k] =
                if best[k].is_nan() || value > best[k] || value.is_nan() { value } else { best[k] };
            let middle = columns[1 - places[k].0.axis][k * ACROSS + i];
            let half = 1.5 * (windows[k].1 - windows[k].0) / ACROSS as f64;
            windows[k] = (middle - half, middle + half);
        }
    }
    best
}

/// The position and the value of the highest value; the value is NaN only where all are.
fn highest(values: &[f64]) -> (usize, f64) {
    let known = values.iter().copied().enumerate().filter(|(_, value)| !value.is_nan());
    known.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((values.len() / 2, f64::NAN))
}
