//! Values with a probability of their own, told from values that rounding makes frequent.
//!
//! Rounding puts the mass of a cell of the grid on one value. Where the density is smooth on the scale of
//! half a step, neighbouring values share what makes a value frequent: a normal lump whose standard deviation
//! is half a step leaves on each neighbour 0.23 of what it puts on the middle one. A value that stands out
//! from the counts farther out while its neighbours do not has a probability of its own.

use std::collections::VecDeque;

use crate::fit::Warning;
use crate::numerics::decimal::shortest;
use crate::numerics::median::median;

use super::marginal::Run;

/// Fewest rows of a value that may be an atom.
const ROWS_MIN: usize = 10;
/// The least share of all rows that it may have.
const SHARE_MIN: f64 = 0.01;
/// Fewest distinct values: fewer show no neighbourhood.
const DISTINCT_MIN: usize = 6;
/// Data whose other values have fewer rows than this on average are hardly rounded …
const HARDLY_ROUNDED: f64 = 2.0;
/// … and a value with this multiple of the rows of each of its neighbours is an atom.
const MULTIPLE: usize = 5;
/// Values on each side, beyond the nearest one, whose rows tell the usual count.
const FARTHER: usize = 4;
/// Values on each side that are looked at.
const AROUND: usize = FARTHER + 1;
/// Standard deviations of the count above the usual one: many, since the largest of many counts is judged.
const DEVIATIONS: f64 = 4.0;
/// What a lump of half a step puts on a neighbour: (Φ(3) - Φ(1))/(Φ(1) - Φ(-1)).
const SPILL: f64 = 0.23;
/// Standard deviations by which the neighbours have to fall short of that: a level of 0.01.
const SHORTFALL: f64 = 2.33;
/// Most values that stand out: more of them are a preference for round numbers.
const ATOMS_MAX: usize = 2;

/// Looks for values with a probability of their own among runs that come in ascending order, of which
/// it keeps those around one.
#[derive(Debug, Default)]
pub(super) struct Atoms {
    /// The runs around the next one to be judged, itself among them.
    window: VecDeque<Run>,
    /// The place of that run in the window.
    place: usize,
    found: Vec<Frequent>,
}

/// A frequent value beside its neighbours.
#[derive(Debug)]
struct Frequent {
    run: Run,
    /// It is a multiple of each neighbour.
    is_multiple: bool,
    /// Its neighbours fall short of what a density that makes it so frequent would give them.
    stands_out: bool,
}

impl Atoms {
    /// Takes the next run.
    pub fn take(&mut self, run: Run) {
        self.window.push_back(run);
        if self.window.len() > self.place + AROUND {
            self.judge();
        }
    }

    /// The value with a probability of its own and its rows, the more frequent one of two.
    pub fn atom(mut self, rows: usize, distinct: usize) -> Option<Run> {
        while self.place < self.window.len() {
            self.judge();
        }
        if distinct < DISTINCT_MIN {
            return None;
        }
        let is_atom = |one: &Frequent| {
            let others = (rows - one.run.1) as f64;
            let hardly_rounded = others < HARDLY_ROUNDED * (distinct - 1) as f64;
            if hardly_rounded { one.is_multiple } else { one.stands_out }
        };
        let found: Vec<Run> = self.found.into_iter().filter(is_atom).map(|one| one.run).collect();
        let most = found.iter().copied().max_by_key(|&(_, rows)| rows)?;
        (found.len() <= ATOMS_MAX && most.1 as f64 >= SHARE_MIN * rows as f64).then_some(most)
    }

    /// Judges the run at the place, and goes on to the next one.
    fn judge(&mut self) {
        let (runs, i) = (self.window.make_contiguous(), self.place);
        let run = runs[i];
        if run.1 >= ROWS_MIN {
            let (is_multiple, stands_out) = (is_multiple(runs, i), stands_out(runs, i));
            if is_multiple || stands_out {
                self.found.push(Frequent { run, is_multiple, stands_out });
            }
        }
        if self.place == AROUND {
            self.window.pop_front();
        } else {
            self.place += 1;
        }
    }
}

/// Whether value `i` stands in several times as many rows as each of its neighbours.
fn is_multiple(runs: &[Run], i: usize) -> bool {
    beside(runs, i).all(|j| runs[i].1 >= MULTIPLE * runs[j].1)
}

/// The places next to `i`.
fn beside(runs: &[Run], i: usize) -> impl Iterator<Item = usize> + use<> {
    let count = runs.len();
    [i.checked_sub(1), Some(i + 1)].into_iter().flatten().filter(move |&j| j < count)
}

/// Whether neighbours fall short of what a density that makes value `i` so frequent would give them.
fn stands_out(runs: &[Run], i: usize) -> bool {
    let (near, farther) = around(runs, i);
    let (count, sides) = (runs[i].1 as f64, beside(runs, i).count() as f64);
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
    let around = i.saturating_sub(AROUND)..(i + AROUND + 1).min(runs.len());
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

/// A warning about an atom of `rows` rows, unless it may stand for a missing value, of which `sentinels` warns.
pub(super) fn point_mass(
    name: &str,
    atom: Run,
    rows: usize,
    sentinel: impl Fn() -> Option<f64>,
) -> Option<Warning> {
    let (value, most) = atom;
    (sentinel() != Some(value)).then(|| {
        let headline = format!("`{name}` is {} in {most} of {rows} rows", shortest(value));
        Warning::new("point-mass", headline)
            .meaning("A value with a probability of its own has no density")
            .remedy("Leave these rows out, or model them apart")
    })
}

#[cfg(test)]
mod tests {
    use super::super::marginal::Marginal;
    use super::super::simulation::{SMOOTH, Shape, rounded};
    use super::*;

    fn atom_of(values: &[f64]) -> Option<Run> {
        Marginal::of(values)?.atom
    }

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
            let atom = atom_of(&sorted);
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
        assert_eq!(atom_of(&widths), None);
        // With no rows on the neighbours it is one.
        widths.retain(|&x| x != 1.0 && x != 3.0);
        assert_eq!(atom_of(&widths), Some((2.0, 29)));
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
        assert_eq!(atom_of(&ages), None);
    }

    /// Missing values that were replaced by a mean beside the grid.
    #[test]
    fn a_value_beside_the_grid_is_an_atom() {
        let mut values = rounded(SMOOTH[0], 1000, 10.0, 4);
        values.iter_mut().step_by(5).for_each(|x| *x = 0.043_1);
        values.sort_by(f64::total_cmp);
        assert_eq!(atom_of(&values), Some((0.043_1, 200)));
    }
}
