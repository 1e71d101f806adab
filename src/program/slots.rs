//! Rooms for intermediate results, each a run of numbers in memory.

/// A run of numbers that begins where a cache line does.
#[derive(Debug, Default)]
pub(super) struct Slot {
    numbers: Vec<f64>,
    first: usize,
}

/// Numbers of a cache line.
const LINE: usize = 8;
/// How far one slot stands behind the last in the page, a few lines: an odd number of them, so
/// that all places are taken before one is taken twice.
const STAGGER: usize = 9 * LINE;

/// Numbers of a page: a cache keeps only a few lines that stand at one place of their pages.
const PAGE: usize = 512;

impl Slot {
    /// The k-th of several, each at another place of its page than its neighbours.
    pub(super) fn new(length: usize, k: usize) -> Self {
        let numbers = vec![0.0; length + PAGE];
        let aligned = numbers.as_ptr().align_offset(PAGE * size_of::<f64>()).min(PAGE);
        let first = (aligned + STAGGER * k) % PAGE;
        Self { numbers, first }
    }

    pub(super) fn rows(&self, count: usize) -> &[f64] {
        &self.numbers[self.first..][..count]
    }

    pub(super) fn rows_mut(&mut self, count: usize) -> &mut [f64] {
        &mut self.numbers[self.first..][..count]
    }
}
