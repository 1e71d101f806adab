//! Machine code for runs of plain arithmetic, where the processor has AVX-512 or AVX2.
//!
//! A step of the interpreter reads its operands from memory and writes its result there; code
//! keeps a whole run of steps in registers. It does the same operations in the same order, so the
//! results are the same bits, and the steps remain: the last rows of a data set, other processors
//! and systems that allow no new code are left to them.

mod again;
mod assembler;
mod body;
mod code;
mod copy;
mod cut;
#[cfg(test)]
mod decode;
mod encode;
mod functions;
mod general;
mod machine;
mod mask;
mod registers;
#[cfg(test)]
mod sheet;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::operation::Operation;
use super::slots::Slot;
use super::steps::{Schedule, Source, Step};
use again::Makers;
use body::{Body, Row};
use code::{Code, TABLE_MAX};
use cut::Flow;
pub(super) use machine::Machine;
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
    fn new(written: &Written, code: Code) -> Self {
        let (slots, columns) = split(&written.table);
        Self { code, slots, columns, grain: written.extent.grain }
    }

    /// Runs over the first `rows` rows of what `columns` has for each column.
    pub(super) fn run<'c>(
        &self,
        slots: &mut [Slot],
        columns: impl Fn(u32) -> &'c [f64],
        scalars: &[f64],
        lanes: &mut [f64],
        rows: usize,
    ) {
        let columns = self.columns.iter().map(|&column| columns(column));
        self.code.run(slots, &self.slots, columns, scalars, lanes, rows);
    }
}

/// The slots and the columns of a table. The code finds them by their places in it and writes the
/// slots, each of which is lent to it once.
fn split(table: &[Row]) -> (Box<[u32]>, Box<[u32]>) {
    let ascending = table.windows(2).all(|pair| pair[0] < pair[1]);
    assert!(ascending, "every row once, and slots before columns: {table:?}");
    let slots = table.iter().filter_map(|row| match row {
        Row::Slot(slot) => Some(*slot),
        Row::Column(_) => None,
    });
    let columns = table.iter().filter_map(|row| match row {
        Row::Column(column) => Some(*column),
        Row::Slot(_) => None,
    });
    (slots.collect(), columns.collect())
}

/// Longer schedules go without code. Writing it takes a hundred times as long as all else that is
/// done for a step, and the rows of so many steps do not fit the cache: the time goes into waiting
/// for memory, with code or without.
const STEPS_MAX: usize = 8192;

/// All steps in order, in parts; `constant` tells the numbers that are known now.
pub(super) fn emit(
    schedule: &Schedule,
    machine: Machine,
    constant: &dyn Fn(u32) -> Option<f64>,
) -> Vec<Part> {
    if schedule.steps.len() > STEPS_MAX {
        return whole(schedule);
    }
    let makers = Makers::of(schedule);
    let ranges = ranges(schedule, machine, &makers);
    let first_reads = first_reads(schedule);
    let emission = Emission { schedule, machine, constant, makers, first_reads };
    let mut live = outputs(schedule);
    let mut drafts = Vec::new();
    for range in ranges.into_iter().rev() {
        emission.part(range, &mut live, &mut drafts);
    }
    drafts.reverse();
    parts(drafts).unwrap_or_else(|| whole(schedule))
}

/// What will be a part: steps, with the code that is written for them.
type Draft = (Range<usize>, Option<Written>);

/// The parts with their code in place; nothing where the system forbids new code.
fn parts(drafts: Vec<Draft>) -> Option<Vec<Part>> {
    let written = drafts.iter().filter_map(|(_, written)| written.as_ref());
    let codes: Vec<_> = written.map(|written| (&*written.bytes, written.extent)).collect();
    let mut codes = Code::place(&codes)?.into_iter();
    let mut segment = |written: &Written| {
        let code = codes.next().expect("everything written is placed");
        Segment::new(written, code)
    };
    let part = |(steps, written): &Draft| Part {
        steps: steps.clone(),
        segment: written.as_ref().map(&mut segment),
    };
    Some(drafts.iter().map(part).collect())
}

/// Machine code runs on rows whose number is a multiple of this; nothing where no part has code.
pub(super) fn grain(parts: &[Part]) -> Option<usize> {
    // Grains are powers of two.
    parts.iter().filter_map(|part| part.segment.as_ref()).map(|segment| segment.grain).max()
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

/// Segments of plain steps, and runs of others.
fn ranges(schedule: &Schedule, machine: Machine, makers: &Makers<'_>) -> Vec<Range<usize>> {
    let steps = &schedule.steps;
    let crossing = crossing(schedule, makers);
    let flow = Flow::of(schedule, machine, makers, &crossing);
    let mut ranges = Vec::new();
    let mut start = 0;
    while start < steps.len() {
        let plain = steps[start].is_plain();
        let alike = steps[start..].iter().take_while(|step| step.is_plain() == plain).count();
        let run = start..start + alike;
        start = run.end;
        if plain { ranges.extend(flow.cut(run)) } else { ranges.push(run) }
    }
    ranges
}

/// How many slots have to be in memory before each step.
fn crossing(schedule: &Schedule, makers: &Makers<'_>) -> Vec<usize> {
    let mut live = outputs(schedule);
    let mut counts = vec![0; schedule.steps.len()];
    for (index, step) in schedule.steps.iter().enumerate().rev() {
        step.pass_back(&mut live);
        counts[index] = live.len() - makers.again(index, &live).len();
    }
    counts
}

/// Slots that are read when all steps are done.
fn outputs(schedule: &Schedule) -> BTreeSet<u32> {
    let slot = |output: &Source| match output {
        Source::Slot(slot) => Some(*slot),
        Source::Scalar(_) | Source::Column(_) => None,
    };
    schedule.outputs.iter().filter_map(slot).collect()
}

struct Emission<'a> {
    schedule: &'a Schedule,
    machine: Machine,
    constant: &'a dyn Fn(u32) -> Option<f64>,
    makers: Makers<'a>,
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
    /// Appends drafts of a range, the last one first; no code for a step that takes too many rows.
    /// `live` are the slots that are read from memory after it, then those that are from its
    /// beginning on.
    fn part(&self, range: Range<usize>, live: &mut BTreeSet<u32>, drafts: &mut Vec<Draft>) {
        let steps = &self.schedule.steps[range.clone()];
        if !steps[0].is_plain() {
            look_back(steps, live);
            drafts.push((range, None));
            return;
        }
        let again = self.again(range.clone());
        let written = self.write(range.clone(), again.clone(), live);
        let fits = written.table.len() <= TABLE_MAX;
        if !fits && steps.len() > 1 {
            let middle = range.start + steps.len() / 2;
            self.part(middle..range.end, live, drafts);
            self.part(range.start..middle, live, drafts);
            return;
        }
        let kept: Vec<u32> = again.into_keys().filter(|slot| !live.contains(slot)).collect();
        look_back(steps, live);
        if fits {
            kept.iter().for_each(|slot| {
                live.remove(slot);
            });
        }
        drafts.push((range, fits.then_some(written)));
    }

    /// The slots that the steps read as others have left them, and that can be made again.
    fn again(&self, range: Range<usize>) -> BTreeMap<u32, Operation<Source>> {
        let mut read = BTreeSet::new();
        look_back(&self.schedule.steps[range.clone()], &mut read);
        self.makers.again(range.start, &read)
    }

    fn write(
        &self,
        range: Range<usize>,
        again: BTreeMap<u32, Operation<Source>>,
        live: &BTreeSet<u32>,
    ) -> Written {
        write(&self.body(range, again, live), self.machine, self.constant)
    }

    fn body(
        &self,
        range: Range<usize>,
        again: BTreeMap<u32, Operation<Source>>,
        live: &BTreeSet<u32>,
    ) -> Body {
        let steps = &self.schedule.steps;
        let mut body = Body::new(again);
        let width = self.schedule.width;
        steps[range.clone()].iter().for_each(|step| body.push(step, width));
        body.want(|slot| live.contains(&slot));
        body.freshen(|column| self.first_reads.get(&column).is_some_and(|at| range.contains(at)));
        body
    }
}

/// From the slots that are read after the steps to those that are from their beginning on.
fn look_back(steps: &[Step], live: &mut BTreeSet<u32>) {
    steps.iter().rev().for_each(|step| step.pass_back(live));
}

impl Step {
    /// From the slots that are read after it to those that are before it.
    fn pass_back(&self, live: &mut BTreeSet<u32>) {
        self.each_write(|slot| {
            live.remove(&slot);
        });
        self.each_read(|source| {
            if let Source::Slot(slot) = source {
                live.insert(slot);
            }
        });
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_slots_and_then_columns() {
        let (slots, columns) = split(&[Row::Slot(1), Row::Slot(7), Row::Column(0), Row::Column(3)]);
        assert_eq!((&*slots, &*columns), (&[1, 7][..], &[0, 3][..]));
    }

    #[test]
    #[should_panic(expected = "every row once")]
    fn a_table_has_no_slot_twice() {
        split(&[Row::Slot(1), Row::Slot(1), Row::Column(0)]);
    }

    #[test]
    #[should_panic(expected = "slots before columns")]
    fn a_table_has_no_slot_after_a_column() {
        split(&[Row::Column(0), Row::Slot(1)]);
    }
}
