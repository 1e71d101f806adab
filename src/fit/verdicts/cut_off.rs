//! Columns on the line that look cut off, where an edge should have been declared.
//!
//! Let d be the distances of the k outermost values from the very last one, in units of the distance of
//! value k + 1. Where the density is positive at an end, d is uniform and the mean of -log d is about 1; where
//! it falls to zero linearly, as x exp(-x) does at 0, it is about ½, and in a normal tail less. Its standard
//! deviation is 1/√k of it. On a grid so coarse that few values hold these rows their counts are compared.

use crate::fit::Warning;
use crate::model::Support;
use crate::numerics::decimal::shortest;

use super::enumerate;
use super::marginal::{End, Marginal};

const ROWS_MIN: usize = 100;
/// k in units of √n, for n rows.
const OUTERMOST: usize = 2;
/// The mean of -log d at a linear fall. An edge needs a mean larger by `DEVIATIONS` times 1/√k …
const LINEAR: f64 = 0.5;
const DEVIATIONS: f64 = 3.2;
/// … and this mean at least, for any number of rows.
const MEAN_MIN: f64 = 0.7;
/// Number of values next to the last one whose counts are compared with its count.
const NEXT: usize = 3;
/// Share of the rows of the most frequent of these values that the last value has at an edge: rounding
/// halves the count of a value at an edge, while a linear fall leaves a fifth at most.
const LAST_SHARE: f64 = 0.3;
/// Standard deviations of the count above that share, where the outermost values have more than k rows.
const COARSE_DEVIATIONS: f64 = 2.6;

/// The number of runs at an end of a column of n rows that are looked at, where one of them may be left out.
pub(super) fn runs_of_an_end(rows: usize) -> usize {
    OUTERMOST * rows.isqrt() + 2 * NEXT + 2
}

/// A warning about a column that looks cut off, without the rows of an atom.
pub(super) fn evident_edge(name: &str, column: &Marginal) -> Option<Warning> {
    let mut sides = Vec::new();
    let (lower, upper) = (column.low_end(), column.high_end());
    let edge = |end: &End| has_edge(end).then(|| Some((end.value(0)?, round_edge(end)?))).flatten();
    let (low, high) = (edge(&lower), edge(&upper));
    if let Some((value, _)) = low {
        sides.push(format!("below at {}", shortest(value)));
    }
    if let Some((value, _)) = high {
        sides.push(format!("above at {}", shortest(-value)));
    }
    let support = match (low, high) {
        (Some((_, low)), None) => Support::Above(low),
        (None, Some((_, high))) => Support::Below(-high),
        (Some((_, low)), Some((_, high))) => Support::Between(low, -high),
        (None, None) => return None,
    };
    let headline = format!("`{name}` looks cut off {}", enumerate(&sides));
    let warning = Warning::new("evident-edge", headline).meaning(
        "Plain score matching needs a density that vanishes smoothly at the ends of its support and is \
         biased where it does not",
    );
    Some(warning.remedy(format!("If there is an edge, declare it: `data {name}{support}`")))
}

/// Where the edge at an end may be: at zero where the outermost value is no farther from it than from the
/// one that √n values lie outside of, otherwise at the outermost value.
fn round_edge(end: &End) -> Option<f64> {
    let (outermost, inner) = (end.value(0)?, end.value(end.rows.isqrt())?);
    let zero = outermost >= 0.0 && outermost <= inner - outermost;
    Some(if zero { 0.0 } else { outermost })
}

/// Whether the density is positive at an end.
fn has_edge(end: &End) -> bool {
    let End { rows, runs } = end;
    if *rows < ROWS_MIN || runs.len() <= NEXT {
        return false;
    }
    let k = OUTERMOST * rows.isqrt();
    let (last, next) = (runs[0].1 as f64, &runs[1..=NEXT]);
    let most = next.iter().map(|run| run.1).max().unwrap_or(0) as f64;
    let expected = LAST_SHARE * most;
    if last < expected {
        return false;
    }
    if runs[..=NEXT].iter().map(|run| run.1).sum::<usize>() > k {
        let variance = expected + LAST_SHARE.powi(2) * most;
        return last - expected > COARSE_DEVIATIONS * variance.sqrt();
    }
    mean_log(&spread(runs, k + 1)) > MEAN_MIN.max(LINEAR + DEVIATIONS / (k as f64).sqrt())
}

/// The outermost values, with ties spread evenly over their cell, which reaches half the way to each
/// neighbour. The outermost value has the inner half of its cell alone.
fn spread(runs: &[(f64, usize)], count: usize) -> Vec<f64> {
    let middle = |i: usize| f64::midpoint(runs[i].0, runs[(i + 1).min(runs.len() - 1)].0);
    let cell = |i: usize| {
        let (value, rows) = runs[i];
        let low = if i == 0 { value } else { middle(i - 1) };
        let width = middle(i) - low;
        let place = move |j: usize| low + width * (j as f64 + 0.5) / rows as f64;
        (0..rows).map(move |j| if rows == 1 { value } else { place(j) })
    };
    (0..runs.len()).flat_map(cell).take(count).collect()
}

/// The mean of -log d over all values but the first and the last.
fn mean_log(values: &[f64]) -> f64 {
    let [first, inner @ .., last] = values else { return 0.0 };
    let sum: f64 = inner.iter().map(|x| ((last - first) / (x - first)).ln()).sum();
    sum / inner.len() as f64
}

#[cfg(test)]
mod tests {
    use super::super::simulation::{SMOOTH, Shape, rounded};
    use super::*;

    /// A column no value of which counts as an atom.
    fn marginal(values: &[f64]) -> Marginal {
        let mut marginal = Marginal::of(values).expect("there are values");
        marginal.atom = None;
        marginal
    }

    /// The numbers of samples that have a lower and an upper edge.
    fn found(shape: Shape, n: usize, steps: f64, samples: u64) -> (usize, usize) {
        let edges = |key: u64| {
            let values = rounded(shape, n, steps, key);
            (has_edge(&marginal(&values).low_end()), has_edge(&marginal(&values).high_end()))
        };
        let found: Vec<(bool, bool)> = (0..samples).map(edges).collect();
        let count = |side: fn(&(bool, bool)) -> bool| found.iter().filter(|one| side(one)).count();
        (count(|one| one.0), count(|one| one.1))
    }

    #[test]
    fn smooth_densities_have_no_edge() {
        for shape in SMOOTH {
            for steps in [0.0, 3.0, 10.0, 30.0] {
                for n in [100, 400] {
                    let (low, high) = found(shape, n, steps, 100);
                    let told = format!("{low} and {high}: {shape:?}, n = {n}, {steps} a deviation");
                    assert!(low + high <= 5, "{told}");
                }
            }
        }
        assert_eq!(found(Shape::Exponential, 99, 0.0, 20), (0, 0));
    }

    #[test]
    fn densities_that_stand_at_an_end_have_one() {
        let least = |shape: Shape, n: usize, steps: f64| found(shape, n, steps, 100).0;
        assert!(least(Shape::Exponential, 400, 0.0) >= 30);
        assert!(least(Shape::Exponential, 1000, 10.0) >= 55);
        assert!(least(Shape::Uniform, 1000, 0.0) >= 55);
        assert!(least(Shape::Uniform, 1000, 3.0) >= 30);
        assert!(least(Shape::Truncated, 1000, 0.0) >= 45);
        assert!(found(Shape::Truncated, 10_000, 10.0, 20).0 >= 6);
        assert!(found(Shape::Uniform, 1000, 0.0, 100).1 >= 55);
    }

    /// All sizes and steps, below and above: `cargo test --lib cut_off -- --ignored --nocapture`.
    #[test]
    #[ignore = "a minute"]
    fn levels_and_powers() {
        let edges = [Shape::Uniform, Shape::Truncated, Shape::Exponential];
        for (k, shape) in SMOOTH.into_iter().chain(edges).enumerate() {
            for n in [100, 1000, 10_000] {
                for steps in [0.0, 3.0, 10.0, 30.0] {
                    let samples = if n == 10_000 { 200 } else { 2000 };
                    let (low, high) = found(shape, n, steps, samples);
                    let per_cent = |count: usize| 100.0 * count as f64 / samples as f64;
                    let (low, high) = (per_cent(low), per_cent(high));
                    println!("{shape:?}, n = {n}, {steps} a deviation: {low} %, {high} %");
                    assert!(k >= SMOOTH.len() || low.max(high) <= 1.5, "{shape:?}, {n}, {steps}");
                }
            }
        }
    }

    /// Upper ends of 150 petal widths, in mm.
    #[test]
    fn few_rows_on_the_last_values_of_a_grid_are_no_edge() {
        let counts = [3, 3, 8, 3, 6, 6, 5, 12, 2, 4, 12, 8, 13, 5, 3, 7, 1, 1, 7, 7, 29, 5];
        let rows = |(k, &count): (usize, &usize)| vec![k as f64; count];
        let widths: Vec<f64> = counts.iter().enumerate().flat_map(rows).collect();
        assert!(!has_edge(&marginal(&widths).low_end()));
        // Equal counts on all values are an edge.
        let flat: Vec<f64> = (0..1000).map(|k| f64::from(k / 40)).collect();
        assert!(has_edge(&marginal(&flat).low_end()));
    }
}
