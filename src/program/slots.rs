//! Buffers for intermediate results.

/// A buffer of numbers that begins at a cache line.
#[derive(Debug, Default)]
pub(super) struct Slot {
    numbers: Vec<f64>,
    first: usize,
}

/// Numbers of a cache line.
const LINE: usize = 8;
/// How many numbers farther into its page a slot begins than the slot before it: an odd number of
/// lines, so that slots begin at every line of a page before two begin at the same one.
const STAGGER: usize = 9 * LINE;

/// Numbers of a page. A set-associative cache keeps only a few lines with one offset in their pages.
const PAGE: usize = 512;

impl Slot {
    /// The k-th of several slots, with an offset in its page that differs from its neighbours'.
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
