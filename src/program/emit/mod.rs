//! Machine code for runs of plain arithmetic, where the processor has AVX-512.
//!
//! A step of the interpreter reads its operands from memory and writes its result there; code
//! keeps a whole run of steps in registers. It does the same operations in the same order, so the
//! results are the same bits, and the steps remain: the last rows of a data set, other processors
//! and systems that allow no new code are left to them.

mod assembler;
mod body;
mod code;
mod functions;
mod registers;
mod write;

use std::collections::BTreeMap;
use std::ops::Range;

use super::operation::Operation;
use super::schedule::{Schedule, Source, Step};
use super::tile::Slot;
use crate::graph::Function;
use body::{Body, Row};
use code::{Code, TABLE_MAX};
use write::{PINNED_MAX, Written, write};

/// A run of steps in machine code.
#[derive(Debug)]
pub(super) struct Segment {
    code: Code,
    slots: Box<[u32]>,
    columns: Box<[u32]>,
    grain: usize,
}

/// What a tile is put through: steps, with the code for them where there is some.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) steps: Range<usize>,
    pub(super) segment: Option<Segment>,
}

impl Segment {
    /// Nothing where the system forbids new code, or a step takes too many rows.
    fn new(written: &Written) -> Option<Self> {
        let slots = written.table.iter().filter_map(|row| match row {
            Row::Slot(slot) => Some(*slot),
            Row::Column(_) => None,
        });
        let columns = written.table.iter().filter_map(|row| match row {
            Row::Column(column) => Some(*column),
            Row::Slot(_) => None,
        });
        let (slots, columns) = (slots.collect(), columns.collect());
        let code = Code::new(&written.bytes, written.extent)?;
        Some(Self { code, slots, columns, grain: written.extent.grain })
    }

    /// Rows come in multiples of this.
    pub(super) fn grain(&self) -> usize {
        self.grain
    }

    /// Runs over rows that all columns have from `first` on.
    pub(super) fn run(
        &self,
        slots: &mut [Slot],
        columns: &[&[f64]],
        scalars: &[f64],
        lanes: &mut [f64],
        rows: Range<usize>,
    ) {
        let count = rows.len();
        let of_columns = self.columns.iter().map(|&c| &columns[c as usize][rows.clone()]);
        self.code.run(slots, &self.slots, of_columns, scalars, lanes, count);
    }
}

/// Most instructions of one segment. A processor looks a few hundred instructions ahead: of a
/// long loop body with its chains of dependent operations it sees no second turn, and waits.
const WORK_MAX: usize = 110;

/// All steps in order, in parts; `constant` tells the numbers that are known now.
pub(super) fn emit(schedule: &Schedule, constant: &dyn Fn(u32) -> Option<f64>) -> Vec<Part> {
    let emission = Emission { schedule, constant, first_reads: first_reads(schedule) };
    let ranges = ranges(schedule);
    let mut live = outputs(schedule);
    let mut parts = Vec::new();
    for range in ranges.into_iter().rev() {
        emission.part(range, &mut live, &mut parts);
    }
    parts.reverse();
    parts
}

/// All steps without code.
pub(super) fn whole(schedule: &Schedule) -> Vec<Part> {
    vec![Part { steps: 0..schedule.steps.len(), segment: None }]
}

/// Slots that are in memory: what segments keep in registers is not.
pub(super) fn slots_in_memory(schedule: &Schedule, parts: &[Part]) -> usize {
    let mut used = vec![false; schedule.slots];
    for part in parts {
        match &part.segment {
            Some(segment) => segment.slots.iter().for_each(|&slot| used[slot as usize] = true),
            None => {
                for step in &schedule.steps[part.steps.clone()] {
                    step.each_write(|slot| used[slot as usize] = true);
                }
            }
        }
    }
    used.into_iter().filter(|&used| used).count()
}

/// Runs of plain steps, and of others. Long ones are cut where the fewest values cross.
fn ranges(schedule: &Schedule) -> Vec<Range<usize>> {
    let steps = &schedule.steps;
    let crossing = crossing(schedule);
    let mut ranges = Vec::new();
    let mut start = 0;
    while start < steps.len() {
        let plain = steps[start].is_plain();
        let alike = steps[start..].iter().take_while(|step| step.is_plain() == plain).count();
        let run = start..start + alike;
        start = run.end;
        if plain { cut(steps, &crossing, run, &mut ranges) } else { ranges.push(run) }
    }
    ranges
}

fn cut(steps: &[Step], crossing: &[usize], mut run: Range<usize>, ranges: &mut Vec<Range<usize>>) {
    loop {
        let (mut work, mut sums, mut least, mut most) = (0, 0, run.start, run.start);
        for step in &steps[run.clone()] {
            work += step.instructions();
            sums += step.sums();
            most += usize::from(work <= WORK_MAX && sums <= PINNED_MAX);
            least += usize::from(work <= WORK_MAX / 2 && sums <= PINNED_MAX / 2);
        }
        if most >= run.end {
            ranges.push(run);
            return;
        }
        let candidates = least.max(run.start + 1)..=most.max(run.start + 1);
        let at = candidates.min_by_key(|&at| crossing[at]).expect("a run has steps");
        ranges.push(run.start..at);
        run.start = at;
    }
}

/// How many slots are live before each step.
fn crossing(schedule: &Schedule) -> Vec<usize> {
    let mut live = outputs(schedule);
    let mut counts = vec![0; schedule.steps.len()];
    let mut count = live.iter().filter(|&&live| live).count();
    for (index, step) in schedule.steps.iter().enumerate().rev() {
        let mut mark = |slot: u32, to: bool| {
            let live = &mut live[slot as usize];
            count = count + usize::from(to) - usize::from(*live);
            *live = to;
        };
        step.each_write(|slot| mark(slot, false));
        step.each_read(|source| {
            if let Source::Slot(slot) = source {
                mark(slot, true);
            }
        });
        counts[index] = count;
    }
    counts
}

/// Slots that are read when all steps are done.
fn outputs(schedule: &Schedule) -> Vec<bool> {
    let mut live = vec![false; schedule.slots];
    for output in &schedule.outputs {
        if let Source::Slot(slot) = output {
            live[*slot as usize] = true;
        }
    }
    live
}

struct Emission<'a> {
    schedule: &'a Schedule,
    constant: &'a dyn Fn(u32) -> Option<f64>,
    /// The step that reads a column first.
    first_reads: BTreeMap<u32, usize>,
}

fn first_reads(schedule: &Schedule) -> BTreeMap<u32, usize> {
    let mut first = BTreeMap::new();
    for (index, step) in schedule.steps.iter().enumerate() {
        step.each_read(|source| {
            if let Source::Column(column) = source {
                first.entry(column).or_insert(index);
            }
        });
    }
    first
}

impl Emission<'_> {
    /// Appends the parts of a range, the last one first. `live` are the slots that are read after
    /// it, then those that are read from its beginning on.
    fn part(&self, steps: Range<usize>, live: &mut Vec<bool>, parts: &mut Vec<Part>) {
        if !self.schedule.steps[steps.start].is_plain() {
            self.look_back(steps.clone(), live);
            parts.push(Part { steps, segment: None });
            return;
        }
        let written = write(&self.body(steps.clone(), live), self.constant);
        if written.table.len() > TABLE_MAX && steps.len() > 1 {
            let middle = steps.start + steps.len() / 2;
            self.part(middle..steps.end, live, parts);
            self.part(steps.start..middle, live, parts);
            return;
        }
        self.look_back(steps.clone(), live);
        parts.push(Part { steps, segment: Segment::new(&written) });
    }

    fn body(&self, steps: Range<usize>, live: &[bool]) -> Body {
        let mut body = Body::default();
        let width = self.schedule.width;
        let here = steps.clone();
        self.schedule.steps[steps].iter().for_each(|step| body.push(step, width));
        body.want(|slot| live[slot as usize]);
        body.freshen(|column| self.first_reads.get(&column).is_some_and(|at| here.contains(at)));
        body
    }

    fn look_back(&self, steps: Range<usize>, live: &mut [bool]) {
        for step in self.schedule.steps[steps].iter().rev() {
            step.each_write(|slot| live[slot as usize] = false);
            step.each_read(|source| {
                if let Source::Slot(slot) = source {
                    live[slot as usize] = true;
                }
            });
        }
    }
}

impl Step {
    /// Calls `visit` on everything that it reads.
    fn each_read(&self, mut visit: impl FnMut(Source)) {
        match self {
            Self::Value { operation, .. } => operation.each_operand(visit),
            Self::Matrix { rows, .. } => rows.iter().for_each(|&row| visit(row)),
            Self::Sum { a, .. } => visit(*a),
            Self::Product { a, b, .. } => {
                visit(*a);
                visit(*b);
            }
            Self::Outer { left, right, .. } => {
                left.iter().chain(right).for_each(|&row| visit(row));
            }
        }
    }

    /// About how many instructions it takes.
    fn instructions(&self) -> usize {
        match self {
            Self::Value { operation: Operation::Call(function, _), .. } => match function {
                Function::Exp => 20,
                Function::Tanh => 50,
                _ => 2,
            },
            Self::Value { operation: Operation::Reciprocal(_) | Operation::Root(_), .. } => 8,
            Self::Value { operation: Operation::Greatest(all), .. } => 3 * all.len(),
            Self::Value { operation, .. } => operation.size(),
            Self::Sum { .. } | Self::Product { .. } | Self::Matrix { .. } | Self::Outer { .. } => {
                self.size()
            }
        }
    }

    /// How many sums over rows it adds to.
    fn sums(&self) -> usize {
        match self {
            Self::Value { .. } | Self::Matrix { .. } => 0,
            Self::Sum { .. } | Self::Product { .. } | Self::Outer { .. } => self.size(),
        }
    }

    /// Calls `visit` on the slots that it writes.
    fn each_write(&self, mut visit: impl FnMut(u32)) {
        match self {
            Self::Value { slot, .. } => visit(*slot),
            Self::Matrix { slots, .. } => slots.iter().for_each(|&slot| visit(slot)),
            Self::Sum { .. } | Self::Product { .. } | Self::Outer { .. } => {}
        }
    }
}
