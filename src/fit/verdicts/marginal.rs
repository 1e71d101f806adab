//! The values of one column in ascending order, from one pass over their runs without a sorted copy.

use std::collections::VecDeque;

use crate::numerics::order::runs;

use super::atoms::Atoms;
use super::cut_off::runs_of_an_end;

/// A distinct value and the number of rows that have it.
pub(super) type Run = (f64, usize);

/// The values of a column by size.
#[derive(Clone, Debug)]
pub(super) struct Marginal {
    pub rows: usize,
    /// The number of distinct values.
    pub distinct: usize,
    /// The most frequent value, the least of such values where several are.
    pub frequent: Run,
    /// A value with a probability of its own.
    pub atom: Option<Run>,
    /// The lowest runs, ascending.
    low: Vec<Run>,
    /// The highest runs, ascending.
    high: VecDeque<Run>,
}

/// The outermost runs at one end of a column, without those of an atom; at the upper end with changed signs,
/// so that values ascend from the end at both.
#[derive(Clone, Debug)]
pub(super) struct End {
    /// Rows of the whole column, without those of an atom.
    pub rows: usize,
    pub runs: Vec<Run>,
}

impl Marginal {
    /// `None` where there are no values.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut seen = Seen::new(values.len());
        runs(values, |value, rows| seen.take((value, rows)));
        seen.end()
    }

    /// The least value.
    pub fn least(&self) -> f64 {
        self.low[0].0
    }

    /// The largest value.
    pub fn largest(&self) -> f64 {
        self.high[self.high.len() - 1].0
    }

    /// The lower end.
    pub fn low_end(&self) -> End {
        self.end(self.low.iter().copied())
    }

    /// The upper end, mirrored.
    pub fn high_end(&self) -> End {
        self.end(self.high.iter().rev().copied()).mirrored()
    }

    fn end(&self, runs: impl Iterator<Item = Run>) -> End {
        let is_atom = |run: &Run| self.atom.is_some_and(|(value, _)| value == run.0);
        let rows = self.rows - self.atom.map_or(0, |(_, rows)| rows);
        End { rows, runs: runs.filter(|run| !is_atom(run)).collect() }
    }
}

impl End {
    fn mirrored(mut self) -> Self {
        self.runs.iter_mut().for_each(|(value, _)| *value = -*value);
        self
    }

    /// The value with this number of values outside of it, which lies within the runs that are kept.
    pub fn value(&self, rank: usize) -> Option<f64> {
        let mut rows = 0;
        let holds = |run: &&Run| {
            rows += run.1;
            rank < rows
        };
        self.runs.iter().find(holds).map(|run| run.0)
    }
}

/// The runs that have been passed.
struct Seen {
    rows: usize,
    /// The number of runs to keep at each end.
    kept: usize,
    distinct: usize,
    frequent: Run,
    low: Vec<Run>,
    high: VecDeque<Run>,
    atoms: Atoms,
    /// The run that may go on: 0 is equal to -0, which comes before it.
    last: Option<Run>,
}

impl Seen {
    fn new(rows: usize) -> Self {
        Self {
            rows,
            kept: runs_of_an_end(rows),
            distinct: 0,
            frequent: (0.0, 0),
            low: Vec::new(),
            high: VecDeque::new(),
            atoms: Atoms::default(),
            last: None,
        }
    }

    fn take(&mut self, run: Run) {
        match &mut self.last {
            Some(last) if last.0 == run.0 => last.1 += run.1,
            last => {
                if let Some(whole) = last.replace(run) {
                    self.pass(whole);
                }
            }
        }
    }

    /// Takes a run to which no other row belongs.
    fn pass(&mut self, run: Run) {
        self.distinct += 1;
        if run.1 > self.frequent.1 {
            self.frequent = run;
        }
        if self.low.len() < self.kept {
            self.low.push(run);
        }
        if self.high.len() == self.kept {
            self.high.pop_front();
        }
        self.high.push_back(run);
        self.atoms.take(run);
    }

    fn end(mut self) -> Option<Marginal> {
        let last = self.last.take()?;
        self.pass(last);
        let Self { rows, distinct, frequent, low, high, atoms, .. } = self;
        let atom = atoms.atom(rows, distinct);
        Some(Marginal { rows, distinct, frequent, atom, low, high })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_most_frequent_value() {
        let values: Vec<f64> = (0..100).rev().map(|k| f64::from(k / 2)).collect();
        let one = Marginal::of(&values).expect("there are values");
        assert_eq!((one.rows, one.distinct, one.frequent), (100, 50, (0.0, 2)));
        assert_eq!((one.least(), one.largest(), one.atom), (0.0, 49.0, None));
        let (low, high) = (one.low_end(), one.high_end());
        assert_eq!([low.value(0), low.value(9), low.value(10)], [Some(0.0), Some(4.0), Some(5.0)]);
        assert_eq!([high.value(0), high.value(9)], [Some(-49.0), Some(-45.0)]);
        let zeros = Marginal::of(&[0.0, 1.0, -0.0, 1.0, 0.0]).expect("there are values");
        assert_eq!((zeros.distinct, zeros.frequent), (2, (0.0, 3)));
        assert!(Marginal::of(&[]).is_none());
        let one = Marginal::of(&[7.0]).expect("there is a value");
        assert_eq!((one.least(), one.largest()), (7.0, 7.0));
    }

    /// Of many rows only as many runs are kept as verdicts look at, and an atom among them is left out.
    #[test]
    fn ends_are_without_the_rows_of_an_atom() {
        let mut values: Vec<f64> = (0..10_000).map(|k| f64::from(k) + 0.5).collect();
        values.extend([3.0; 500]);
        let one = Marginal::of(&values).expect("there are values");
        assert_eq!(one.atom, Some((3.0, 500)));
        let low = one.low_end();
        assert_eq!(low.rows, 10_000);
        assert!(low.runs.len() < 300 && low.runs.iter().all(|run| run.0 != 3.0));
        assert_eq!([low.value(2), low.value(3)], [Some(2.5), Some(3.5)]);
        assert_eq!(one.high_end().value(1), Some(-9998.5));
    }
}
