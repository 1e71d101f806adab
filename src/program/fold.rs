//! Running over all rows: blocks on threads, results merged in the order of the rows.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};

use super::frame::Context;
use super::kernel::{CELL_LANES, WIDE};
use super::steps::{Partial, Schedule};
use super::tile::{self, Run, Scratch, Tile};
use super::{Program, emit};
use crate::numerics::interrupt::Interrupt;
use crate::numerics::sum::DoubleDouble;

/// Rows of a block, the unit of reduction. A constant, so that results do not depend on the number
/// of threads.
pub const BLOCK: usize = 4096;

/// Fewest blocks for each thread: with fewer, starting a thread costs more time than it saves.
const BLOCKS_PER_THREAD: usize = 4;

/// The most blocks that a thread takes at a time.
const BLOCKS_AT_ONCE: usize = 8;

/// A thread takes the remaining blocks divided by this number times the threads.
const SHARES: usize = 4;

/// How far ahead of the oldest unmerged block threads may start others, in blocks for each thread.
const WINDOW: usize = 2 * BLOCKS_AT_ONCE;

/// How many threads take the blocks of a pass, and the interrupt that may end it between two blocks.
/// Made from a number of threads alone, it has an interrupt that is never raised.
#[derive(Clone, Debug, Default)]
pub struct Workers {
    /// Number of threads, at least one.
    pub threads: usize,
    /// Checked before each block.
    pub interrupt: Interrupt,
}

impl From<usize> for Workers {
    fn from(threads: usize) -> Self {
        Self { threads, interrupt: Interrupt::default() }
    }
}

/// Consecutive blocks that a thread has taken, and the results of each.
#[derive(Default)]
struct Taken {
    blocks: Range<usize>,
    results: Vec<Vec<f64>>,
}

/// The state of the blocks of one pass.
struct Progress<M> {
    next: usize,
    merged: usize,
    /// Finished blocks that wait for earlier ones to be merged, by their first block.
    waiting: BTreeMap<usize, Taken>,
    spare: Vec<Taken>,
    merge: M,
    /// Threads that wait for blocks to come into the window; with none, the system call that would
    /// wake them is saved.
    asleep: usize,
    failed: bool,
}

/// What the threads of one pass share.
struct Shared<M> {
    progress: Mutex<Progress<M>>,
    moved: Condvar,
    blocks: usize,
    threads: usize,
}

impl<M: FnMut(&[f64])> Shared<M> {
    fn lock(&self) -> MutexGuard<'_, Progress<M>> {
        self.progress.lock().expect("merging does not panic")
    }

    /// The next blocks to work on, once they lie within the window: many while many are left, so
    /// that threads seldom contend for the lock, and at the end one at a time, so that threads finish
    /// together. `None` when all are taken or a thread has panicked.
    fn next(&self) -> Option<Taken> {
        let mut progress = self.lock();
        loop {
            if progress.failed || progress.next == self.blocks {
                return None;
            }
            if progress.next < progress.merged + WINDOW * self.threads {
                let first = progress.next;
                let count = (self.blocks - first) / (SHARES * self.threads);
                let count = count.clamp(1, BLOCKS_AT_ONCE);
                progress.next += count;
                let mut taken = progress.spare.pop().unwrap_or_default();
                taken.blocks = first..first + count;
                taken.results.resize_with(count, Vec::new);
                return Some(taken);
            }
            progress.asleep += 1;
            progress = self.moved.wait(progress).expect("merging does not panic");
            progress.asleep -= 1;
        }
    }

    /// Hands in finished blocks and merges all whose predecessors are merged.
    fn hand_in(&self, done: Taken) {
        let mut guard = self.lock();
        let progress = &mut *guard;
        progress.waiting.insert(done.blocks.start, done);
        while let Some(mut due) = progress.waiting.remove(&progress.merged) {
            for results in &mut due.results {
                (progress.merge)(results);
                results.clear();
            }
            progress.merged = due.blocks.end;
            progress.spare.push(due);
        }
        if progress.asleep > 0 {
            self.moved.notify_all();
        }
    }
}

/// Wakes the other threads when this one panics, so that they do not wait for its blocks.
struct Alarm<'s, M>(&'s Shared<M>);

impl<M> Drop for Alarm<'_, M> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            if let Ok(mut progress) = self.0.progress.lock() {
                progress.failed = true;
            }
            self.0.moved.notify_all();
        }
    }
}

/// Distributes the blocks over threads, of which the caller's is one.
fn on_threads(
    threads: usize,
    blocks: usize,
    merge: impl FnMut(&[f64]) + Send,
    scratch: impl Fn() -> Scratch + Sync,
    leave: impl Fn(Scratch) + Sync,
    block: impl Fn(&mut Scratch, usize, &mut Vec<f64>) + Sync,
) {
    let (waiting, spare) = (BTreeMap::new(), Vec::new());
    let progress = Progress { next: 0, merged: 0, waiting, spare, merge, asleep: 0, failed: false };
    let (progress, moved) = (Mutex::new(progress), Condvar::new());
    let shared = Shared { progress, moved, blocks, threads };
    let work = || {
        let _alarm = Alarm(&shared);
        let mut scratch = scratch();
        while let Some(mut taken) = shared.next() {
            for (index, results) in taken.blocks.clone().zip(&mut taken.results) {
                block(&mut scratch, index, results);
            }
            shared.hand_in(taken);
        }
        leave(scratch);
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
}

impl Program {
    /// Runs over all rows block by block. The results that `visit` and `finish` append for a block
    /// go to `merge` in the order of the rows, so they do not depend on the number of threads.
    /// False where an interrupt left out blocks.
    fn pass(
        &self,
        columns: &[&[f64]],
        scalars: &[f64],
        workers: &Workers,
        visit: impl Fn(&mut Vec<f64>, Tile<'_>) + Sync,
        finish: impl Fn(&mut Vec<f64>, &[f64]) + Sync,
        mut merge: impl FnMut(&[f64]) + Send,
    ) -> bool {
        let rows = columns.first().map_or(0, |column| column.len());
        let schedule = &self.schedule;
        let weights = schedule.weights_at(scalars);
        let context =
            Context { schedule, columns, scalars, weights: &weights, sections: &self.sections };
        let scratch = || self.pool.take(schedule, columns.len());
        let leave = |scratch| self.pool.give_back(scratch);
        let cut = AtomicBool::new(false);
        let block = |scratch: &mut Scratch, index: usize, results: &mut Vec<f64>| {
            if workers.interrupt.is_raised() {
                return cut.store(true, Ordering::Relaxed);
            }
            let range = block_rows(index, rows);
            scratch.lanes.fill(0.0);
            let mut visit = |tile: Tile<'_>| visit(results, tile);
            self.isa.run(Run { context, scratch, range, visit: &mut visit });
            finish(results, &scratch.lanes);
        };
        let blocks = rows.div_ceil(BLOCK);
        let threads = workers.threads.min(blocks / BLOCKS_PER_THREAD).max(1);
        if threads > 1 {
            on_threads(threads, blocks, merge, scratch, leave, block);
            return !cut.into_inner();
        }
        let (mut scratch, mut results) = (scratch(), Vec::new());
        for index in 0..blocks {
            results.clear();
            block(&mut scratch, index, &mut results);
            merge(&results);
        }
        leave(scratch);
        !cut.into_inner()
    }

    /// Checks the shapes of the arguments; the number of rows.
    fn check(&self, columns: &[&[f64]], parameters: &[f64]) -> usize {
        assert_eq!(columns.len(), self.columns.len(), "one column for each row input");
        assert_eq!(parameters.len(), self.parameters.len(), "one number for each parameter");
        let rows = columns.first().map_or(0, |column| column.len());
        assert!(columns.iter().all(|column| column.len() == rows), "columns of one length");
        rows
    }

    /// The outputs, which are numbers made of parameters and means over rows. Sums are partial sums
    /// within blocks of 4096 rows and double-double across blocks, so the result has the same bytes
    /// for any number of threads. A mean is NaN over no rows, and where an interrupt ended the pass.
    ///
    /// # Panics
    /// When columns or parameters are not those of the layout, columns differ in length, or an
    /// output has a value for every row.
    #[must_use]
    pub fn evaluate(
        &self,
        columns: &[&[f64]],
        parameters: &[f64],
        workers: impl Into<Workers>,
    ) -> Vec<f64> {
        self.check(columns, parameters);
        let mut scalars = self.scalars.at(parameters, self.isa);
        let means = self.means_at(columns, &scalars, &workers.into());
        self.scalars.finish(&means, &mut scalars, self.isa);
        self.schedule.outputs.iter().map(|output| output.number(&scalars)).collect()
    }

    fn means_at(&self, columns: &[&[f64]], scalars: &[f64], workers: &Workers) -> Vec<f64> {
        let rows = columns.first().map_or(0, |column| column.len());
        let mut totals = vec![Total::default(); self.schedule.partials.len()];
        if !totals.is_empty() {
            let schedule = &self.schedule;
            let finish = |results: &mut Vec<f64>, lanes: &[f64]| add_up(schedule, lanes, results);
            let merge = |sums: &[f64]| {
                totals.iter_mut().zip(sums).for_each(|(total, &sum)| total.add(sum));
            };
            if !self.pass(columns, scalars, workers, |_, _| {}, finish, merge) {
                return vec![f64::NAN; totals.len()];
            }
        }
        totals.into_iter().map(|total| total.value() / rows as f64).collect()
    }

    /// Every output on every row, output by output; NaN in all of them where an interrupt ended the
    /// pass.
    ///
    /// # Panics
    /// As [`Program::evaluate`], but for outputs that hold means.
    #[must_use]
    pub fn rows(
        &self,
        columns: &[&[f64]],
        parameters: &[f64],
        workers: impl Into<Workers>,
    ) -> Vec<Vec<f64>> {
        let rows = self.check(columns, parameters);
        let mut outputs = vec![Vec::with_capacity(rows); self.outputs()];
        let visit = |results: &mut Vec<f64>, tile: Tile<'_>| {
            (0..self.outputs()).for_each(|k| tile.append(k, results));
        };
        let merge = |results: &[f64]| self.share_out(results, &mut outputs);
        let scalars = self.scalars.at(parameters, self.isa);
        if !self.pass(columns, &scalars, &workers.into(), visit, |_, _| {}, merge) {
            outputs.fill(vec![f64::NAN; rows]);
        }
        outputs
    }

    /// On how many of `rows` rows emitted machine code runs, for tests and measurements; kernels do the
    /// others.
    #[must_use]
    pub fn rows_in_machine_code(&self, rows: usize) -> usize {
        let grain = emit::grain(&self.sections);
        let blocks = (0..rows.div_ceil(BLOCK)).map(|index| block_rows(index, rows));
        let tiles = blocks.flat_map(|block| tile::tiles(block, self.schedule.tile));
        tiles.map(|tile| tile.len()).filter(|&count| tile::is_coded(count, grain)).sum()
    }

    /// Appends the results of a block, which are ordered by tile and then by output, to the outputs.
    fn share_out(&self, mut results: &[f64], outputs: &mut [Vec<f64>]) {
        let count = outputs.len().max(1);
        let mut rows = results.len() / count;
        while rows > 0 {
            let tile = rows.min(self.schedule.tile);
            for output in &mut *outputs {
                let (values, rest) = results.split_at(tile);
                output.extend_from_slice(values);
                results = rest;
            }
            rows -= tile;
        }
    }
}

/// The rows of a block, out of `rows` in all; the last block may be shorter.
fn block_rows(index: usize, rows: usize) -> Range<usize> {
    index * BLOCK..rows.min((index + 1) * BLOCK)
}

/// Appends the sums over the rows of a block, each added up from its partial sums in a fixed tree.
fn add_up(schedule: &Schedule, lanes: &[f64], results: &mut Vec<f64>) {
    for &Partial { first, count, stride } in &schedule.partials {
        if count == CELL_LANES {
            let lane = |at: usize| lanes[first + at * stride];
            results.push((lane(0) + lane(2)) + (lane(1) + lane(3)));
            continue;
        }
        // Outside tables of cells the partial sums of a mean follow each other.
        let mut sums = [0.0; WIDE];
        let mut count = count;
        sums[..count].copy_from_slice(&lanes[first..][..count]);
        while count > 1 {
            count /= 2;
            (0..count).for_each(|at| sums[at] += sums[at + count]);
        }
        results.push(sums[0]);
    }
}

/// A sum over blocks. Where the double-double sum is not finite, the plain one tells infinities from
/// NaN.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Graph, Support};
    use crate::program::Layout;
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    /// A panic on one thread ends the pass instead of leaving the others waiting.
    #[test]
    #[should_panic]
    fn a_panic_on_one_thread_is_passed_on() {
        let mut g = Graph::new();
        let x = g.input("x", Support::LINE);
        let rows = g.as_input(x).into_iter().collect();
        let program = Program::compile(&g, &Layout { rows, parameters: Vec::new() }, &[x]);
        let x: Vec<f64> = (0..60 * BLOCK).map(|row| row as f64).collect();
        let late = |results: &mut Vec<f64>, tile: Tile<'_>| {
            tile.append(0, results);
            assert!(results[0] < (20 * BLOCK) as f64, "enough");
        };
        program.pass(&[&x], &[], &3.into(), late, |_, _| {}, |_| {});
    }

    /// Means and rows are not numbers once a flag is raised, on any number of threads, and no block is
    /// begun after that.
    #[test]
    fn a_pass_ends_at_an_interrupt() {
        let mut g = Graph::new();
        let x = g.input("x", Support::LINE);
        let layout = Layout { rows: g.as_input(x).into_iter().collect(), parameters: Vec::new() };
        let program = Program::compile(&g, &layout, &[x]);
        let means = Program::compile_means(&g, &layout, &[x]);
        let x = vec![1.0; 60 * BLOCK];
        for threads in [1, 3] {
            let flag = Arc::new(AtomicBool::new(false));
            let interrupt = Interrupt::by(Arc::clone(&flag));
            let workers = Workers { threads, interrupt };
            assert_eq!(means.evaluate(&[&x], &[], workers.clone()), [1.0]);
            let (begun, raise) = (AtomicUsize::new(0), Arc::clone(&flag));
            let visit = |results: &mut Vec<f64>, tile: Tile<'_>| {
                tile.append(0, results);
                raise.store(true, Ordering::Relaxed);
            };
            let merge = |results: &[f64]| {
                begun.fetch_add(results.len(), Ordering::Relaxed);
            };
            assert!(!program.pass(&[&x], &[], &workers, visit, |_, _| {}, merge));
            assert!(begun.into_inner() <= threads * BLOCK);
            assert!(means.evaluate(&[&x], &[], workers.clone())[0].is_nan());
            let rows = program.rows(&[&x], &[], workers).swap_remove(0);
            assert!(rows.len() == x.len() && rows.iter().all(|x| x.is_nan()));
        }
    }
}
