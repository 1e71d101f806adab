//! Independent draws of few binary entries, from the probabilities of all their patterns.

use super::density::LogDensity;
use super::{Error, Subject, stream_of};
use crate::model::Model;

/// Most entries whose patterns are enumerated.
pub(super) const ENTRIES_MAX: usize = 16;

/// All patterns of binary data, by columns. Patterns count in binary: the last component has its
/// greater value in patterns with odd numbers.
pub(crate) fn all_patterns(model: &Model) -> Vec<Vec<f64>> {
    let d = model.data().len();
    let column = |k: usize| {
        let values = model.data()[k].support.values();
        let (low, high) = values.expect("all data of the model are binary");
        let value = |pattern: usize| if pattern >> (d - 1 - k) & 1 == 1 { high } else { low };
        (0..1 << d).map(value).collect()
    };
    (0..d).map(column).collect()
}

/// Draws of the data by component; with covariates, those of the first row first.
pub(super) fn draws(subject: &Subject<'_>) -> Result<Vec<Vec<f64>>, Error> {
    let patterns = all_patterns(subject.model);
    let log_p = LogDensity::of(subject.model, subject.theta);
    let mut columns = vec![Vec::new(); patterns.len()];
    for row in 0..subject.conditions() {
        let cumulative = table(&log_p, &patterns, &subject.condition(row))?;
        let mut stream = stream_of(subject.options, row, 0);
        for _ in 0..subject.options.count {
            let chosen = place(&cumulative, stream.uniform());
            columns.iter_mut().zip(&patterns).for_each(|(column, all)| column.push(all[chosen]));
        }
    }
    Ok(columns)
}

/// Cumulative sums of the probabilities of the patterns given covariates, in units of the greatest
/// probability.
pub(super) fn table(
    log_p: &LogDensity<'_>,
    patterns: &[Vec<f64>],
    given: &[f64],
) -> Result<Vec<f64>, Error> {
    let held = given.iter().map(|&value| vec![value; patterns[0].len()]);
    let all: Vec<Vec<f64>> = patterns.iter().cloned().chain(held).collect();
    let values = log_p.at(&all.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let cumulative = cumulative_sums(&values);
    let whole = cumulative.last().copied().filter(|whole| *whole > 0.0 && whole.is_finite());
    whole.map(|_| cumulative).ok_or(Error::Undefined)
}

/// The index of the pattern at a quantile, given as a share of the total.
pub(super) fn place(cumulative: &[f64], share: f64) -> usize {
    let last = cumulative.len() - 1;
    let share = share * cumulative[last];
    cumulative.partition_point(|&cumulative| cumulative <= share).min(last)
}

/// Cumulative sums of exp(value), in units of the greatest; NaN counts as -∞.
fn cumulative_sums(values: &[f64]) -> Vec<f64> {
    let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    let add = |value: &f64| {
        let weight = (value - highest).exp();
        sum += if weight.is_nan() { 0.0 } else { weight };
        sum
    };
    values.iter().map(add).collect()
}
