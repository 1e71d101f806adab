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

use std::ops::Range;

use super::schedule::{Schedule, Source, Step};
use super::tile::Slot;
use body::{Body, Row};
use code::{Code, TABLE_MAX};
use write::{Written, write};

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

/// Most steps of one segment: code that no longer fits the instruction cache gains nothing.
const STEPS_MAX: usize = 1024;

/// All steps in order, in parts; `constant` tells the numbers that are known now.
pub(super) fn emit(schedule: &Schedule, constant: &dyn Fn(u32) -> Option<f64>) -> Vec<Part> {
    let emission = Emission { schedule, constant };
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

/// Runs of plain steps, and of others.
fn ranges(schedule: &Schedule) -> Vec<Range<usize>> {
    let plain: Vec<bool> = schedule.steps.iter().map(Step::is_plain).collect();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for index in 0..plain.len() {
        match ranges.last_mut() {
            Some(range) if plain[range.start] == plain[index] && range.len() < STEPS_MAX => {
                range.end = index + 1;
            }
            _ => ranges.push(index..index + 1),
        }
    }
    ranges
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
        self.schedule.steps[steps].iter().for_each(|step| body.push(step, width));
        body.want(|slot| live[slot as usize]);
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

    /// Calls `visit` on the slots that it writes.
    fn each_write(&self, mut visit: impl FnMut(u32)) {
        match self {
            Self::Value { slot, .. } => visit(*slot),
            Self::Matrix { slots, .. } => slots.iter().for_each(|&slot| visit(slot)),
            Self::Sum { .. } | Self::Product { .. } | Self::Outer { .. } => {}
        }
    }
}
