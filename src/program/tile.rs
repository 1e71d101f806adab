//! Running all steps on one tile of rows after another.

use std::ops::Range;
use std::sync::Mutex;

use pulp::{Simd, WithSimd};

use super::emit;
use super::frame::{Context, Frame, View};
use super::kernel::{self, Begin, GRAIN, OUTPUTS_MAX, Operand, ROWS_MAX, WIDE};
use super::slots::Slot;
use super::steps::{Schedule, Source, Step};

/// The memory that one thread needs to run a program.
#[derive(Debug)]
pub(super) struct Scratch {
    slots: Vec<Slot>,
    /// The last rows of the columns, padded to whole vectors.
    tails: Vec<Slot>,
    /// Partial sums over the rows of a block.
    pub(super) lanes: Vec<f64>,
    /// The slots that a matrix product is writing; empty between steps.
    taken: Vec<Slot>,
}

impl Scratch {
    /// Allocates `rows` rows for each slot.
    pub(super) fn new(schedule: &Schedule, columns: usize, rows: usize) -> Self {
        let slots = |count: usize| (0..count).map(|k| Slot::new(rows, k)).collect();
        let lanes = vec![0.0; schedule.lanes.next_multiple_of(WIDE)];
        Self { slots: slots(schedule.slots), tails: slots(columns), lanes, taken: Vec::new() }
    }

    /// Fills the tail of each column with the value of one row.
    pub(super) fn put(&mut self, row: &[f64]) {
        self.tails.iter_mut().zip(row).for_each(|(tail, &value)| tail.rows_mut(GRAIN).fill(value));
    }

    /// Copies the last rows of the columns to the tails, padded with their first row.
    fn pad(&mut self, columns: &[&[f64]], first: usize, count: usize, padded: usize) {
        for (tail, column) in self.tails.iter_mut().zip(columns) {
            let rows = tail.rows_mut(padded);
            rows[..count].copy_from_slice(&column[first..][..count]);
            rows[count..].fill(column[first]);
        }
    }
}

/// Scratch memory of finished threads, reused since newly allocated memory is mapped page by page.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<Vec<Scratch>>);

impl Pool {
    pub(super) fn take(&self, schedule: &Schedule, columns: usize) -> Scratch {
        let left = self.0.lock().expect(UNBROKEN).pop();
        left.unwrap_or_else(|| Scratch::new(schedule, columns, schedule.tile))
    }

    /// Only called when a thread ends normally: a step that panics leaves slots missing.
    pub(super) fn give_back(&self, scratch: Scratch) {
        self.0.lock().expect(UNBROKEN).push(scratch);
    }
}

const UNBROKEN: &str = "pushing and popping do not panic";

/// The outputs of a program on consecutive rows.
pub(super) struct Tile<'a> {
    frame: Frame<'a>,
    count: usize,
}

impl Tile<'_> {
    /// Appends the values of the k-th output.
    pub(super) fn append(&self, k: usize, to: &mut Vec<f64>) {
        match self.frame.output(k) {
            Operand::Rows(rows) => to.extend_from_slice(&rows[..self.count]),
            Operand::Scalar(value) => to.extend(std::iter::repeat_n(value, self.count)),
        }
    }
}

/// All steps on the rows of a range, which one call of a compiled instruction set runs.
pub(super) struct Run<'a, 's> {
    pub(super) context: Context<'a>,
    pub(super) scratch: &'s mut Scratch,
    pub(super) range: Range<usize>,
    pub(super) visit: &'s mut dyn FnMut(Tile<'_>),
}

impl WithSimd for Run<'_, '_> {
    type Output = ();

    fn with_simd<S: Simd>(self, simd: S) {
        let grain = emit::grain(self.context.sections);
        for rows in tiles(self.range, self.context.schedule.tile) {
            let (first, count) = (rows.start, rows.len());
            run_tile(simd, self.context, self.scratch, rows, is_coded(count, grain));
            let padded = count.next_multiple_of(GRAIN);
            let Scratch { slots, tails, .. } = &*self.scratch;
            let view = View { context: self.context, tails, first, padded, count };
            (self.visit)(Tile { frame: view.frame(slots), count });
        }
    }
}

/// The tiles of consecutive rows, the last one with what is left.
pub(super) fn tiles(rows: Range<usize>, tile: usize) -> impl Iterator<Item = Range<usize>> {
    let end = rows.end;
    rows.step_by(tile).map(move |first| first..end.min(first + tile))
}

/// Whether machine code runs on a tile of this number of rows. A segment may rematerialise a value
/// that another one does not store, so all segments run or none does.
pub(super) fn is_coded(rows: usize, grain: Option<usize>) -> bool {
    grain.is_some_and(|grain| rows.is_multiple_of(grain))
}

fn run_tile<S: Simd>(
    simd: S,
    context: Context<'_>,
    scratch: &mut Scratch,
    rows: Range<usize>,
    coded: bool,
) {
    let (first, count) = (rows.start, rows.len());
    let padded = count.next_multiple_of(GRAIN);
    if padded > count {
        scratch.pad(context.columns, first, count, padded);
    }
    let Scratch { slots, tails, lanes, taken } = scratch;
    let view = View { context, tails, first, padded, count };
    let columns = |column: u32| &context.columns[column as usize][rows.clone()];
    run_sections(simd, view, slots, lanes, taken, coded.then_some(count), columns);
}

/// All steps on the rows of a view; machine code takes `coded` rows of the columns, and does not run
/// for `None`.
fn run_sections<'c, S: Simd>(
    simd: S,
    view: View<'_>,
    slots: &mut [Slot],
    lanes: &mut [f64],
    taken: &mut Vec<Slot>,
    coded: Option<usize>,
    columns: impl Fn(u32) -> &'c [f64],
) {
    let context = view.context;
    for section in context.sections {
        match (&section.segment, coded) {
            (Some(segment), Some(rows)) => {
                segment.run(slots, &columns, context.scalars, lanes, rows);
            }
            (Some(_) | None, _) => {
                let steps = &context.schedule.steps[section.steps.clone()];
                run_steps(simd, steps, view, slots, lanes, taken);
            }
        }
    }
}

/// All steps on one row, whose values a caller has put into the tails of the columns.
pub(super) struct RunOne<'a, 's> {
    pub(super) context: Context<'a>,
    pub(super) scratch: &'s mut Scratch,
    /// Copies of the row that machine code takes; `None` where there is no machine code.
    pub(super) coded: Option<usize>,
    pub(super) outputs: &'s mut [f64],
}

impl WithSimd for RunOne<'_, '_> {
    type Output = ();

    fn with_simd<S: Simd>(self, simd: S) {
        let Self { context, scratch, coded, outputs } = self;
        let Scratch { slots, tails, lanes, taken } = scratch;
        let view = View { context, tails, first: 0, padded: GRAIN, count: 1 };
        let columns = |column: u32| tails[column as usize].rows(GRAIN);
        run_sections(simd, view, slots, lanes, taken, coded, columns);
        let frame = view.frame(slots);
        for (k, output) in outputs.iter_mut().enumerate() {
            *output = match frame.output(k) {
                Operand::Rows(rows) => rows[0],
                Operand::Scalar(value) => value,
            };
        }
    }
}

fn run_steps<S: Simd>(
    simd: S,
    steps: &[Step],
    view: View<'_>,
    slots: &mut [Slot],
    lanes: &mut [f64],
    taken: &mut Vec<Slot>,
) {
    let View { context, padded, count, .. } = view;
    let width = context.schedule.width;
    for step in steps {
        match step {
            Step::Value { slot, operation, .. } => {
                let mut out = std::mem::take(&mut slots[*slot as usize]);
                view.frame(slots).apply(simd, operation, out.rows_mut(padded));
                slots[*slot as usize] = out;
            }
            Step::Matrix { slots: outs, starts, rows, weights } => {
                taken.extend(outs.iter().map(|&slot| std::mem::take(&mut slots[slot as usize])));
                let product = MatrixProduct { starts, rows, weights: &context.weights[*weights..] };
                product.run(simd, view.frame(slots), taken);
                for (&slot, out) in outs.iter().zip(taken.drain(..)) {
                    slots[slot as usize] = out;
                }
            }
            Step::Sum { a, lanes: at } => {
                let rows = view.frame(slots).rows(*a);
                kernel::sum(simd, &mut lanes[*at..][..width], rows, count);
            }
            Step::Product { a, b, lanes: at } => {
                let frame = view.frame(slots);
                let rows = [frame.rows(*a), frame.rows(*b)];
                kernel::sum_of_products(simd, &mut lanes[*at..][..width], rows, count);
            }
            Step::Outer { left, right, lanes: at } => {
                view.frame(slots).outer(simd, left, right, &mut lanes[*at..]);
            }
            Step::Cells { indices, values, lanes: at } => {
                view.frame(slots).cells(simd, indices, values, &mut lanes[*at..]);
            }
        }
    }
}

/// A matrix times rows.
struct MatrixProduct<'a> {
    starts: &'a [u32],
    rows: &'a [Source],
    weights: &'a [f64],
}

impl MatrixProduct<'_> {
    /// Runs block by block, each with as many sums and rows as one kernel takes.
    fn run<S: Simd>(&self, simd: S, frame: Frame<'_>, outs: &mut [Slot]) {
        let mut weights = self.weights;
        for (block, rows) in self.rows.chunks(ROWS_MAX).enumerate() {
            let list = frame.list(rows);
            let blocks = outs.chunks_mut(OUTPUTS_MAX).zip(self.starts.chunks(OUTPUTS_MAX));
            for (outs, starts) in blocks {
                let (now, later) = weights.split_at(outs.len() * rows.len());
                let block = MatrixBlock {
                    starts,
                    rows: &list[..rows.len()],
                    weights: now,
                    goes_on: block > 0,
                };
                block.run(simd, frame, outs);
                weights = later;
            }
        }
    }
}

/// A block of the sums, over a block of the rows.
struct MatrixBlock<'a> {
    starts: &'a [u32],
    rows: &'a [&'a [f64]],
    weights: &'a [f64],
    goes_on: bool,
}

impl MatrixBlock<'_> {
    fn run<S: Simd>(&self, simd: S, frame: Frame<'_>, outs: &mut [Slot]) {
        match outs.len() {
            6 => self.block::<S, 6>(simd, frame, outs),
            5 => self.block::<S, 5>(simd, frame, outs),
            4 => self.block::<S, 4>(simd, frame, outs),
            3 => self.block::<S, 3>(simd, frame, outs),
            2 => self.block::<S, 2>(simd, frame, outs),
            _ => self.block::<S, 1>(simd, frame, outs),
        }
    }

    fn block<S: Simd, const M: usize>(&self, simd: S, frame: Frame<'_>, outs: &mut [Slot]) {
        let outs: &mut [Slot; M] = outs.first_chunk_mut().expect("the caller counts");
        let begin = std::array::from_fn(|m| match self.goes_on {
            true => Begin::Output,
            false => Begin::At(frame.scalar(Source::Scalar(self.starts[m]))),
        });
        let to = outs.each_mut().map(|out| out.rows_mut(frame.padded()));
        kernel::product_of_rows(simd, to, begin, self.weights, self.rows);
    }
}
