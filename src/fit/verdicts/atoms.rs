//! Values with a probability of their own, told from values that rounding makes frequent.
//!
//! Rounding puts the mass of a cell of the grid on one value. Where the density is smooth on the scale of
//! half a step, neighbouring values share what makes a value frequent: a normal lump whose standard deviation
//! is half a step leaves on each neighbour 0.23 of what it puts on the middle one. A value that stands out
//! from the counts farther out while its neighbours do not has a probability of its own.

use crate::data::Sentinel;
use crate::fit::Warning;
use crate::numerics::decimal::shortest;
use crate::numerics::median::median;

/// Fewer rows than these, or than this share of all, are not spoken of.
const ROWS_MIN: usize = 10;
const SHARE_MIN: f64 = 0.01;
/// Fewer distinct values than these show no neighbourhood.
const DISTINCT_MIN: usize = 6;
/// Where the other values stand in fewer rows than these on average, the data are hardly rounded …
const HARDLY_ROUNDED: f64 = 2.0;
/// … and a value that stands in so many times as many rows as each of its neighbours is one.
const MULTIPLE: usize = 5;
/// Values on each side whose rows say what is usual, beyond the nearest one.
const FARTHER: usize = 4;
/// Standard deviations of the count above what is usual; the largest of many counts is looked at.
const DEVIATIONS: f64 = 4.0;
/// What a lump of half a step puts on a neighbour: (Φ(3) - Φ(1))/(Φ(1) - Φ(-1)).
const SPILL: f64 = 0.23;
/// Standard deviations by which the neighbours have to fall short of that: a level of 0.01.
const SHORTFALL: f64 = 2.33;
/// More values than these that stand out are a preference for round numbers.
const ATOMS_MAX: usize = 2;

/// A distinct value and how many rows have it.
type Run = (f64, usize);

/// The distinct values among sorted ones.
pub(super) fn runs(sorted: &[f64]) -> Vec<Run> {
    sorted.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect()
}

/// The value with a probability of its own among sorted ones and its rows, the most frequent one of two.
pub(super) fn atom(sorted: &[f64]) -> Option<Run> {
    let runs = runs(sorted);
    if runs.len() < DISTINCT_MIN {
        return None;
    }
    let outstanding = |&i: &usize| runs[i].1 >= ROWS_MIN && stands_out(&runs, i, sorted.len());
    let found: Vec<Run> = (0..runs.len()).filter(outstanding).map(|i| runs[i]).collect();
    let most = found.iter().copied().max_by_key(|&(_, rows)| rows)?;
    (found.len() <= ATOMS_MAX && most.1 as f64 >= SHARE_MIN * sorted.len() as f64).then_some(most)
}

/// Whether neighbours fall short of what a density that makes value `i` so frequent would give them.
fn stands_out(runs: &[Run], i: usize, rows: usize) -> bool {
    let count = runs[i].1;
    let sides = [i.checked_sub(1), Some(i + 1)].into_iter().flatten();
    let beside: Vec<usize> = sides.filter(|&j| j < runs.len()).collect();
    if ((rows - count) as f64) < HARDLY_ROUNDED * (runs.len() - 1) as f64 {
        return beside.iter().all(|&j| count >= MULTIPLE * runs[j].1);
    }
    let (near, farther) = around(runs, i);
    let (count, sides) = (count as f64, beside.len() as f64);
    let places = sides * FARTHER as f64;
    let usual = farther as f64 / places;
    let excess = count - usual;
    if excess < 1.0 + DEVIATIONS * (usual + usual / places).sqrt() {
        return false;
    }
    let share = SPILL * sides;
    let expected = sides * usual + share * excess;
    let variance = expected + (sides - share).powi(2) * usual / places + share.powi(2) * count;
    expected - near as f64 > SHORTFALL * variance.sqrt()
}

/// Rows on the values next to `i`, if these are a step of the grid away at most, and on those beyond them
/// within as many steps as there are places: a place that no row has counts as empty.
fn around(runs: &[Run], i: usize) -> (usize, usize) {
    let around = i.saturating_sub(FARTHER + 1)..(i + FARTHER + 2).min(runs.len());
    let steps = runs[around.clone()].windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    let step = median(steps);
    let distance = |j: usize| (runs[j].0 - runs[i].0).abs();
    let is_near = |j: usize| j.abs_diff(i) == 1 && distance(j) < 1.5 * step;
    let reach = (FARTHER as f64 + 1.25) * step;
    let within: Vec<usize> = around.filter(|&j| j != i && distance(j) < reach).collect();
    let (near, farther): (Vec<usize>, Vec<usize>) = within.into_iter().partition(|&j| is_near(j));
    let rows = |places: Vec<usize>| places.into_iter().map(|j| runs[j].1).sum();
    (rows(near), rows(farther))
}

/// Said of an atom, unless it may stand for a missing value, of which `sentinels` speaks.
pub(super) fn point_mass(name: &str, sorted: &[f64], atom: Run) -> Option<Warning> {
    let (value, most) = atom;
    let missing = Sentinel::of(sorted).is_some_and(|sentinel| sentinel.value == value);
    (!missing).then(|| {
        let headline =
            format!("`{name}` is {} in {most} of {} rows", shortest(value), sorted.len());
        Warning::new("point-mass", headline)
            .meaning("A value with a probability of its own has no density")
            .remedy("Leave these rows out, or model them apart")
    })
}

#[cfg(test)]
mod tests {
    use super::super::simulation::{SMOOTH, Shape, rounded};
    use super::*;

    /// How many of so many samples have an atom, and in how many of them it is the median of the sample
    /// that a share of the rows was set to.
    fn found(shape: Shape, n: usize, steps: f64, share: f64, samples: u64) -> usize {
        let has_atom = |&key: &u64| {
            let mut sorted = rounded(shape, n, steps, key);
            let median = sorted[n / 2];
            let kept = ((n as f64) * (1.0 - share)) as usize;
            let thinned = |i: usize| i * kept / n != (i + 1) * kept / n;
            let mut values: Vec<f64> = (0..n).filter(|&i| thinned(i)).map(|i| sorted[i]).collect();
            values.resize(n, median);
            sorted = values;
            sorted.sort_by(f64::total_cmp);
            let atom = atom(&sorted);
            atom.is_some() && (share == 0.0 || atom.map(|atom| atom.0) == Some(median))
        };
        (0..samples).filter(has_atom).count()
    }

    #[test]
    fn rounding_makes_no_atom() {
        for shape in SMOOTH {
            for steps in [0.0, 3.0, 10.0, 30.0] {
                for n in [100, 1000] {
                    let alarms = found(shape, n, steps, 0.0, 50);
                    assert!(alarms <= 1, "{alarms} of 50: {shape:?}, n = {n}, {steps} a deviation");
                }
            }
        }
    }

    #[test]
    fn atoms_in_rounded_data_are_found() {
        for shape in SMOOTH {
            for (n, steps, share, least) in [
                (1000, 30.0, 0.05, 25),
                (1000, 10.0, 0.1, 30),
                (10_000, 10.0, 0.05, 40),
                (200, 0.0, 0.1, 50),
            ] {
                let found = found(shape, n, steps, share, 50);
                assert!(found >= least, "{found} of 50: {shape:?}, n = {n}, {steps}, {share}");
            }
        }
    }

    /// All sizes and steps, and what is found: `cargo test --lib atoms -- --ignored --nocapture`.
    #[test]
    #[ignore = "a minute"]
    fn levels_and_powers() {
        for shape in SMOOTH {
            for n in [100, 1000, 10_000] {
                for steps in [3.0, 5.0, 10.0, 30.0] {
                    let samples = if n == 10_000 { 200 } else { 1000 };
                    let share = |atom: f64| {
                        100.0 * found(shape, n, steps, atom, samples) as f64 / samples as f64
                    };
                    let (level, five, ten) = (share(0.0), share(0.05), share(0.1));
                    println!(
                        "{shape:?}, n = {n}, {steps} a deviation: {level} %, {five} %, {ten} %"
                    );
                    assert!(level <= 1.5, "{shape:?}, n = {n}, {steps} a deviation: {level} %");
                }
            }
        }
    }

    /// Petal widths of 150 irises, in mm: 29 of them are 2.
    #[test]
    fn a_narrow_lump_on_a_coarse_grid_is_no_atom() {
        let counts =
            [5, 29, 7, 7, 1, 1, 0, 0, 0, 7, 3, 5, 13, 8, 12, 4, 2, 12, 5, 6, 6, 3, 8, 3, 3];
        let rows = |(k, &count): (usize, &usize)| vec![1.0 + k as f64; count];
        let mut widths: Vec<f64> = counts.iter().enumerate().flat_map(rows).collect();
        assert_eq!(atom(&widths), None);
        // With no rows on the neighbours it is one.
        widths.retain(|&x| x != 1.0 && x != 3.0);
        assert_eq!(atom(&widths), Some((2.0, 29)));
    }

    #[test]
    fn round_numbers_that_are_preferred_are_no_atoms() {
        // A third of the rows are rounded to tens.
        let mut ages = rounded(SMOOTH[0], 2000, 15.0, 3);
        let coarse = |(k, x): (usize, &f64)| {
            let whole = (15.0 * x).round();
            if k % 3 == 0 { (whole / 10.0).round() * 10.0 } else { whole }
        };
        ages = ages.iter().enumerate().map(coarse).collect();
        ages.sort_by(f64::total_cmp);
        assert_eq!(atom(&ages), None);
    }

    /// Missing values that were replaced by a mean beside the grid.
    #[test]
    fn a_value_beside_the_grid_is_an_atom() {
        let mut values = rounded(SMOOTH[0], 1000, 10.0, 4);
        values.iter_mut().step_by(5).for_each(|x| *x = 0.043_1);
        values.sort_by(f64::total_cmp);
        assert_eq!(atom(&values), Some((0.043_1, 200)));
    }
}
