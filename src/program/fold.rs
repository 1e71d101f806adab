//! Running over all rows: blocks on threads, results merged in the order of the rows.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard};

use super::tile::{Scratch, Tile};
use super::{Lanes, Program};
use crate::numerics::sum::DoubleDouble;

/// Rows of a block, the unit of reduction. Fixed, so that results depend on nothing else.
pub const BLOCK: usize = 4096;

/// Blocks below which a further thread costs more than it brings.
const BLOCKS_PER_THREAD: usize = 4;

/// How far ahead of the oldest unmerged block a thread may start another, in blocks a thread.
const WINDOW: usize = 4;

/// Blocks of one fold, and what has become of them.
struct Progress<A, M> {
    next: usize,
    merged: usize,
    waiting: BTreeMap<usize, A>,
    total: A,
    merge: M,
    failed: bool,
}

/// What the threads of one fold share.
struct Shared<A, M> {
    progress: Mutex<Progress<A, M>>,
    moved: Condvar,
    blocks: usize,
    window: usize,
}

impl<A, M: FnMut(&mut A, A)> Shared<A, M> {
    fn lock(&self) -> MutexGuard<'_, Progress<A, M>> {
        self.progress.lock().expect("merging does not panic")
    }

    /// The next block to work on, once it lies within the window.
    fn next(&self) -> Option<usize> {
        let mut progress = self.lock();
        loop {
            if progress.failed || progress.next == self.blocks {
                return None;
            }
            if progress.next < progress.merged + self.window {
                progress.next += 1;
                return Some(progress.next - 1);
            }
            progress = self.moved.wait(progress).expect("merging does not panic");
        }
    }

    /// Hands in a block and merges all that are due.
    fn hand_in(&self, block: usize, accumulator: A) {
        let mut guard = self.lock();
        let progress = &mut *guard;
        progress.waiting.insert(block, accumulator);
        while let Some(due) = progress.waiting.remove(&progress.merged) {
            (progress.merge)(&mut progress.total, due);
            progress.merged += 1;
        }
        self.moved.notify_all();
    }
}

/// Wakes the other threads when this one panics, so that none waits for its block.
struct Alarm<'s, A, M>(&'s Shared<A, M>);

impl<A, M> Drop for Alarm<'_, A, M> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            if let Ok(mut progress) = self.0.progress.lock() {
                progress.failed = true;
            }
            self.0.moved.notify_all();
        }
    }
}

/// Shares the blocks out to threads, this one among them.
fn on_threads<A: Send>(
    threads: usize,
    blocks: usize,
    (total, merge): (A, impl FnMut(&mut A, A) + Send),
    scratch: impl Fn() -> Scratch + Sync,
    block: impl Fn(&mut Scratch, usize) -> A + Sync,
) -> A {
    let waiting = BTreeMap::new();
    let progress = Progress { next: 0, merged: 0, waiting, total, merge, failed: false };
    let (progress, moved) = (Mutex::new(progress), Condvar::new());
    let shared = Shared { progress, moved, blocks, window: WINDOW * threads };
    let work = || {
        let _alarm = Alarm(&shared);
        let mut scratch = scratch();
        while let Some(index) = shared.next() {
            shared.hand_in(index, block(&mut scratch, index));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    shared.progress.into_inner().expect("merging does not panic").total
}

impl Program {
    /// Runs over all rows. Each block of 4096 rows has an accumulator of its own, made by `make`
    /// and fed tile by tile; the accumulators are merged in the order of the rows, so the result
    /// has the same bytes for any number of threads.
    ///
    /// # Panics
    /// When columns or parameters are not those of the layout, or columns differ in length.
    pub fn fold<A: Send>(
        &self,
        columns: &[&[f64]],
        parameters: &[f64],
        threads: usize,
        make: impl Fn() -> A + Sync,
        tile: impl Fn(&mut A, Tile<'_>) + Sync,
        mut merge: impl FnMut(&mut A, A) + Send,
    ) -> A {
        let rows = self.check(columns, parameters);
        let scalars = self.scalars.at(parameters);
        let blocks = rows.div_ceil(BLOCK);
        let scratch = || Scratch::new(&self.schedule, &scalars, rows.min(BLOCK));
        let block = |scratch: &mut Scratch, index: usize| {
            let mut accumulator = make();
            let range = index * BLOCK..rows.min((index + 1) * BLOCK);
            scratch.run(&self.schedule, columns, &scalars, range, |t| tile(&mut accumulator, t));
            accumulator
        };
        let mut total = make();
        let threads = threads.min(blocks / BLOCKS_PER_THREAD).max(1);
        if threads > 1 {
            return on_threads(threads, blocks, (total, merge), scratch, block);
        }
        let mut scratch = scratch();
        for index in 0..blocks {
            merge(&mut total, block(&mut scratch, index));
        }
        total
    }

    /// The number of rows, after a look at the shapes.
    fn check(&self, columns: &[&[f64]], parameters: &[f64]) -> usize {
        assert_eq!(columns.len(), self.columns.len(), "one column for each row input");
        assert_eq!(parameters.len(), self.parameters.len(), "one number for each parameter");
        let rows = columns.first().map_or(0, |column| column.len());
        assert!(columns.iter().all(|column| column.len() == rows), "columns of one length");
        rows
    }

    /// The mean of every output over the rows: eight lanes in a block, double-double across
    /// blocks. NaN where there are no rows.
    #[must_use]
    pub fn means(&self, columns: &[&[f64]], parameters: &[f64], threads: usize) -> Vec<f64> {
        let outputs = self.schedule.outputs.len();
        let rows = columns.first().map_or(0, |column| column.len());
        let mut totals = vec![Total::default(); outputs];
        self.fold(
            columns,
            parameters,
            threads,
            || vec![Lanes::default(); outputs],
            |lanes, tile| {
                for (k, lanes) in lanes.iter_mut().enumerate() {
                    lanes.add(tile.output(k));
                }
            },
            |_, block| {
                for (total, lanes) in totals.iter_mut().zip(&block) {
                    total.add(lanes.total());
                }
            },
        );
        totals.into_iter().map(|total| total.value() / rows as f64).collect()
    }

    /// Every output on every row, output by output.
    #[must_use]
    pub fn rows(&self, columns: &[&[f64]], parameters: &[f64], threads: usize) -> Vec<Vec<f64>> {
        let outputs = self.schedule.outputs.len();
        self.fold(
            columns,
            parameters,
            threads,
            || vec![Vec::new(); outputs],
            |rows, tile| {
                for (k, rows) in rows.iter_mut().enumerate() {
                    rows.extend_from_slice(tile.output(k));
                }
            },
            |rows, block| {
                for (rows, block) in rows.iter_mut().zip(block) {
                    rows.extend(block);
                }
            },
        )
    }
}

/// A sum over blocks. The plain one tells which kind of value is not finite, where double-double
/// says NaN.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    precise: DoubleDouble,
    plain: f64,
}

impl Total {
    fn add(&mut self, value: f64) {
        self.precise += value;
        self.plain += value;
    }

    fn value(self) -> f64 {
        let precise = self.precise.value();
        if precise.is_finite() { precise } else { self.plain }
    }
}
