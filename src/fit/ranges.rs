//! Natural ranges of parameters without declared bounds: degrees of freedom are positive, shares of a
//! mixture lie between 0 and 1, correlations between -1 and 1.
//!
//! They are found by trial. With every free parameter between 0 and 1, log p as written is defined at
//! some random points; a parameter whose change of sign makes it undefined at half of these or more
//! starts positive. The ranges restrict starts only: the minimum may lie outside.

use super::domain::AsWritten;
use super::starts::{Recipe, sample};
use crate::model::Constraint;
use crate::numerics::rng::{Stream, stream};

/// Number of random points, and the least number of them at which log p must be defined.
const DRAWS: usize = 24;
const DEFINED_LEAST: usize = 4;
/// Rows on which log p is evaluated.
const ROWS: usize = 64;
/// Most free parameters for which ranges are sought; models with more are networks.
const PARAMETERS_MAX: usize = 64;
/// First key of the random stream, unlike those of the starts.
const STREAM: u64 = u64::MAX / 7;

/// Distance beyond 0 and 1 at which a share is tried where log p is defined just outside.
const SHARE_FAR: f64 = 8.0;

/// A range in which a parameter starts.
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
    /// The value itself if it is in the range, else its absolute value or a random value in the
    /// range.
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

/// Coordinates, by position among all, with the natural range of each. `columns` are raw.
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
    let owned = sample(columns, rows.min(ROWS));
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
            // A share with a bounded ratio of components, as on the circle, may lie a little outside
            // 0 and 1.
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

/// Coordinates of parameters that are unconstrained and neither locations nor angles.
fn candidates(recipe: &Recipe<'_>) -> Vec<usize> {
    let model = recipe.model;
    let free = |&j: &usize| {
        let constraint = model.blocks()[model.parameters()[j].block].constraint;
        constraint == Constraint::Free && recipe.symmetries.location(j).is_none()
    };
    let own = (0..model.parameters().len()).filter(free).filter_map(|j| recipe.space.own(j));
    own.filter(|k| recipe.space.active().contains(k) && !recipe.angles.contains(k)).collect()
}
