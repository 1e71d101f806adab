//! Natural ranges of parameters that no declaration bounds: degrees of freedom are positive, shares
//! of a mixture lie between 0 and 1, correlations between -1 and 1.
//!
//! They are found by trying. With every free parameter between 0 and 1, log p as written exists at
//! some random points; where changing the sign of one parameter leaves it undefined at half of these
//! or more, this one starts positive. Only starts are drawn so: an optimum may lie elsewhere.

use super::domain::AsWritten;
use super::starts::{Recipe, sample};
use crate::model::Constraint;
use crate::numerics::rng::{Stream, stream};

/// Draws that are looked at, and how many must have a log-density when parameters are in (0, 1).
const DRAWS: usize = 24;
const DEFINED_LEAST: usize = 4;
/// Rows on which log p is evaluated.
const ROWS: usize = 64;
/// Models with more free parameters, which are networks, are not looked at.
const PARAMETERS_MAX: usize = 64;
/// Keeps these draws apart from those of the starts.
const STREAM: u64 = u64::MAX / 7;

/// How far beyond 0 and 1 a share is tried where log p exists just outside.
const SHARE_FAR: f64 = 8.0;

/// Where a parameter starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NaturalRange {
    /// Above 0.
    Positive,
    /// Between 0 and 1.
    Share,
    /// Between -1 and 1.
    Correlation,
}

impl NaturalRange {
    /// A value in the range: this one if it is, or but for its sign.
    pub fn pull(self, value: f64, stream: &mut Stream) -> f64 {
        match self {
            Self::Positive => value.abs(),
            Self::Share if 0.0 < value && value < 1.0 => value,
            Self::Share => stream.uniform(),
            Self::Correlation if value.abs() < 1.0 => value,
            Self::Correlation => 2.0 * stream.uniform() - 1.0,
        }
    }
}

/// Coordinates, of all, that start in a natural range. `columns` are raw.
pub(super) fn natural(
    recipe: &Recipe<'_>,
    columns: &[&[f64]],
    threads: usize,
) -> Vec<(usize, NaturalRange)> {
    let free = candidates(recipe);
    let rows = columns.first().map_or(0, |column| column.len());
    if free.is_empty() || free.len() > PARAMETERS_MAX || rows == 0 {
        return Vec::new();
    }
    let owned: Vec<Vec<f64>> = columns.iter().map(|column| column.to_vec()).collect();
    let owned = sample(&owned, rows.min(ROWS));
    let slices: Vec<&[f64]> = owned.iter().map(Vec::as_slice).collect();
    let mut text = AsWritten::of(recipe.model, &slices);
    let mut defined = |all: &[f64]| {
        let theta = recipe.frame.raw(&recipe.space.theta_of_all(all));
        text.is_defined(&theta, threads)
    };
    let mut drawn: Vec<Vec<f64>> = (1..=DRAWS).map(|index| recipe.draw(index)).collect();
    if drawn.iter().all(|all| defined(all)) {
        return Vec::new();
    }
    let mut stream = stream(recipe.seed, STREAM);
    for all in &mut drawn {
        free.iter().for_each(|&k| all[k] = stream.uniform());
    }
    drawn.retain(|all| defined(all));
    if drawn.len() < DEFINED_LEAST {
        return Vec::new();
    }
    let mut often_undefined = |k: usize, change: fn(f64) -> f64| {
        let undefined = drawn.iter().filter(|all| {
            let mut changed = (*all).clone();
            changed[k] = change(changed[k]);
            !defined(&changed)
        });
        2 * undefined.count() >= drawn.len()
    };
    let range = |&k: &usize| {
        let negative = often_undefined(k, |value| -value);
        let above = often_undefined(k, |value| 1.0 + value);
        let range = match (negative, above) {
            (true, true) => NaturalRange::Share,
            (true, false) => NaturalRange::Positive,
            (false, true) if often_undefined(k, |value| -1.0 - value) => NaturalRange::Correlation,
            // Parts whose ratio is bounded, as on the circle, bear a share a little outside.
            (false, false)
                if often_undefined(k, |value| -SHARE_FAR - value)
                    && often_undefined(k, |value| 1.0 + SHARE_FAR + value) =>
            {
                NaturalRange::Share
            }
            (false, _) => return None,
        };
        Some((k, range))
    };
    free.iter().filter_map(range).collect()
}

/// Moving coordinates that are parameters without a constraint, neither locations nor angles.
fn candidates(recipe: &Recipe<'_>) -> Vec<usize> {
    let model = recipe.model;
    let free = |&j: &usize| {
        let constraint = model.blocks()[model.parameters()[j].block].constraint;
        constraint == Constraint::Free && recipe.symmetries.location(j).is_none()
    };
    let own = (0..model.parameters().len()).filter(free).filter_map(|j| recipe.space.own(j));
    own.filter(|k| recipe.space.active().contains(k) && !recipe.angles.contains(k)).collect()
}
