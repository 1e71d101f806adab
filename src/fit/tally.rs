//! Rows of binary data counted by pattern: k rows of equal values are equivalent to one row of
//! frequency k.

use std::collections::HashMap;

use crate::data::OriginalRows;
use crate::model::Model;
use crate::objective::{Rows, Specification, Unsuited, WeightsKind};

/// Patterns are counted where there are at least this many times more rows than patterns.
const WORTH: usize = 2;

/// Distinct rows with their frequencies.
#[derive(Debug)]
pub(super) struct Tally {
    /// Columns of the distinct rows, in the order of their first occurrence.
    pub columns: Vec<Vec<f64>>,
    /// Row in the file of the first occurrence of each pattern, from 0.
    pub original_rows: Vec<u32>,
    /// Frequencies of the patterns.
    pub counts: Vec<f64>,
    /// The pattern of each row.
    pub places: Vec<usize>,
}

impl Tally {
    /// `None` where most rows are distinct; `counts` are the frequencies of the rows.
    pub fn of(
        columns: &[&[f64]],
        original_rows: OriginalRows<'_>,
        counts: Option<&[f64]>,
    ) -> Option<Self> {
        let rows = original_rows.len();
        let mut places: HashMap<Vec<u64>, usize> = HashMap::new();
        let (mut firsts, mut found): (Vec<usize>, Vec<f64>) = (Vec::new(), Vec::new());
        let mut all = Vec::with_capacity(rows);
        for row in 0..rows {
            let pattern = columns.iter().map(|column| (column[row] + 0.0).to_bits()).collect();
            let at = *places.entry(pattern).or_insert_with(|| {
                firsts.push(row);
                found.push(0.0);
                found.len() - 1
            });
            found[at] += counts.map_or(1.0, |counts| counts[row]);
            all.push(at);
            if WORTH * firsts.len() > rows {
                return None;
            }
        }
        let chosen = |column: &&[f64]| firsts.iter().map(|&row| column[row]).collect();
        Some(Self {
            columns: columns.iter().map(chosen).collect(),
            original_rows: firsts.iter().map(|&row| original_rows.at(row)).collect(),
            counts: found,
            places: all,
        })
    }

    /// An objective on the distinct rows, weighted by their frequencies.
    pub fn objective(
        &self,
        model: &Model,
        specification: Specification,
    ) -> Result<Specification, Unsuited> {
        let distinct: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let rows = Rows::new(&distinct, &self.original_rows);
        specification.on(model, &rows.weights("rows", WeightsKind::Frequency, &self.counts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_counted_in_order() {
        let (a, b) = ([1.0, 0.0, 1.0, 1.0, -0.0, 1.0], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        let rows = [0, 1, 2, 5, 6, 7];
        let tally = Tally::of(&[&a, &b], (&rows).into(), None).expect("three patterns in six rows");
        assert_eq!(tally.columns, [[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]);
        assert_eq!(tally.counts, [3.0, 2.0, 1.0]);
        assert_eq!(tally.places, [0, 1, 0, 2, 1, 0]);
        assert_eq!(tally.original_rows, [0, 1, 5]);
        let weighed = Tally::of(&[&a, &b], (&rows).into(), Some(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
        assert_eq!(weighed.expect("three patterns in six rows").counts, [10.0, 7.0, 4.0]);
        assert!(Tally::of(&[&a[..4], &b[..4]], rows[..4].into(), None).is_none());
    }
}
