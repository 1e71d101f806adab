//! Independent draws of few binary entries, from the probabilities of all their patterns.

use super::density::LogDensity;
use super::{Error, Subject, stream_of};
use crate::model::Model;

/// Most entries whose patterns are listed.
pub(super) const MOST: usize = 16;

/// All patterns of binary data, by columns: pattern k has the greater value of the last component where
/// k is odd.
pub(crate) fn all_patterns(model: &Model) -> Vec<Vec<f64>> {
    let d = model.data().len();
    let column = |k: usize| {
        let values = model.data()[k].support.values();
        let (low, high) = values.expect("binary data have two values");
        let value = |pattern: usize| if pattern >> (d - 1 - k) & 1 == 1 { high } else { low };
        (0..1 << d).map(value).collect()
    };
    (0..d).map(column).collect()
}

/// Draws of the data by component, row of covariates after row.
pub(super) fn draws(subject: &Subject<'_>) -> Result<Vec<Vec<f64>>, Error> {
    let patterns = all_patterns(subject.model);
    let log_p = LogDensity::of(subject.model, subject.theta);
    let mut columns = vec![Vec::new(); patterns.len()];
    for row in 0..subject.conditions() {
        let below = table(&log_p, &patterns, &subject.condition(row))?;
        let mut stream = stream_of(subject.options, row, 0);
        for _ in 0..subject.options.count {
            let chosen = place(&below, stream.uniform());
            columns.iter_mut().zip(&patterns).for_each(|(column, all)| column.push(all[chosen]));
        }
    }
    Ok(columns)
}

/// Sums of the probabilities of patterns up to each, over the greatest, given covariates.
pub(super) fn table(
    log_p: &LogDensity<'_>,
    patterns: &[Vec<f64>],
    given: &[f64],
) -> Result<Vec<f64>, Error> {
    let held = given.iter().map(|&value| vec![value; patterns[0].len()]);
    let all: Vec<Vec<f64>> = patterns.iter().cloned().chain(held).collect();
    let values = log_p.at(&all.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let below = sums_below(&values);
    let whole = below.last().copied().filter(|whole| *whole > 0.0 && whole.is_finite());
    whole.map(|_| below).ok_or(Error::Undefined)
}

/// The pattern that a share of all mass falls to.
pub(super) fn place(below: &[f64], share: f64) -> usize {
    let last = below.len() - 1;
    let share = share * below[last];
    below.partition_point(|&below| below <= share).min(last)
}

/// Sums of exp(value) up to each, over the greatest; a value that is not a number counts as -∞.
fn sums_below(values: &[f64]) -> Vec<f64> {
    let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    let add = |value: &f64| {
        let weight = (value - highest).exp();
        sum += if weight.is_nan() { 0.0 } else { weight };
        sum
    };
    values.iter().map(add).collect()
}
