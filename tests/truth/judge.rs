//! The distances of results from the exact ones, and the table of the largest.

use std::fmt;

use super::reference::Truth;
use crate::support::evaluator::distance;

/// Largest distance of a result from the exact one, relative to the mean size of its terms.
pub const MOST: f64 = 1e-12;

/// The largest distance of each kind of result of a workload.
pub struct Tally {
    workload: &'static str,
    place: String,
    largest: Vec<(&'static str, f64)>,
}

impl Tally {
    pub fn new(workload: &'static str, place: impl fmt::Display) -> Self {
        Self { workload, place: place.to_string(), largest: Vec::new() }
    }

    /// # Panics
    /// When a result is too far from the truth.
    #[track_caller]
    pub fn judge(&mut self, kind: &'static str, got: &[f64], truth: &Truth, what: &str) {
        let off = distance(got, &truth.means, &truth.sizes);
        let (workload, place) = (self.workload, &self.place);
        assert!(off <= MOST, "{workload}, {place}, {what}: {kind} is off by {off:e}");
        match self.largest.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, most)) => *most = most.max(off),
            None => self.largest.push((kind, off)),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:4}{:24}", self.workload, self.place)?;
        self.largest.iter().try_for_each(|(kind, off)| write!(f, "  {kind} {off:.1e}"))
    }
}
