//! Machine code for runs of plain arithmetic, where the processor has AVX-512 or AVX2.
//!
//! A kernel reads the operands of a step from memory and writes its result there; emitted code keeps
//! the values of a whole run of steps in registers. It does the same operations in the same order,
//! so the results have the same bits. The kernels remain for the last rows of a data set, other
//! processors, and systems that forbid new executable memory.

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
mod rematerialise;
#[cfg(test)]
mod sheet;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::operation::Operation;
use super::slots::Slot;
use super::steps::{Schedule, Source, Step};
use body::{Body, Row};
use code::{Code, TABLE_MAX};
use cut::Flow;
pub(super) use machine::Machine;
use rematerialise::Makers;
use write::{Written, write};

/// A run of steps in machine code.
#[derive(Debug)]
pub(super) struct Segment {
    code: Code,
    slots: Box<[u32]>,
    columns: Box<[u32]>,
    grain: usize,
}

/// A range of steps, with its machine code where it has some.
#[derive(Debug)]
pub(super) struct Section {
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

/// The slots and the columns of a table. The code addresses them by their index in it and writes the
/// slots, each of which is borrowed once.
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

/// Longer schedules have no machine code. Emitting it takes a hundred times as long as the rest of the
/// compilation of a step, and the slots of that many steps do not fit the cache: they run at the speed
/// of memory, with code or without.
const STEPS_MAX: usize = 8192;

/// All steps in order, in sections; `constant` has the scalars that are known while compiling.
pub(super) fn emit(
    schedule: &Schedule,
    machine: Machine,
    constant: &dyn Fn(u32) -> Option<f64>,
) -> Vec<Section> {
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
        emission.section(range, &mut live, &mut drafts);
    }
    drafts.reverse();
    sections(drafts).unwrap_or_else(|| whole(schedule))
}

/// A section whose code is not yet in executable memory.
type Draft = (Range<usize>, Option<Written>);

/// The sections with their code in place; `None` where the system forbids new executable memory.
fn sections(drafts: Vec<Draft>) -> Option<Vec<Section>> {
    let written = drafts.iter().filter_map(|(_, written)| written.as_ref());
    let codes: Vec<_> = written.map(|written| (&*written.bytes, written.extent)).collect();
    let mut codes = Code::place(&codes)?.into_iter();
    let mut segment = |written: &Written| {
        let code = codes.next().expect("everything written is placed");
        Segment::new(written, code)
    };
    let section = |(steps, written): &Draft| Section {
        steps: steps.clone(),
        segment: written.as_ref().map(&mut segment),
    };
    Some(drafts.iter().map(section).collect())
}

/// Machine code runs on numbers of rows that are a multiple of this; `None` where no section has code.
pub(super) fn grain(sections: &[Section]) -> Option<usize> {
    // Grains are powers of two.
    sections
        .iter()
        .filter_map(|section| section.segment.as_ref())
        .map(|segment| segment.grain)
        .max()
}

/// All steps as one section without machine code.
pub(super) fn whole(schedule: &Schedule) -> Vec<Section> {
    vec![Section { steps: 0..schedule.steps.len(), segment: None }]
}

/// Number of slots that are in memory, as opposed to those that segments keep in registers.
pub(super) fn slots_in_memory(schedule: &Schedule, sections: &[Section]) -> usize {
    let mut used = vec![false; schedule.slots];
    for section in sections {
        match &section.segment {
            Some(segment) => segment.slots.iter().for_each(|&slot| used[slot as usize] = true),
            None => {
                for step in &schedule.steps[section.steps.clone()] {
                    step.each_write(|slot| used[slot as usize] = true);
                }
            }
        }
    }
    used.into_iter().filter(|&used| used).count()
}

/// The ranges of segments of plain steps, and of runs of other steps.
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

/// Number of slots that have to be in memory if a section begins at each step.
fn crossing(schedule: &Schedule, makers: &Makers<'_>) -> Vec<usize> {
    let mut live = outputs(schedule);
    let mut counts = vec![0; schedule.steps.len()];
    for (index, step) in schedule.steps.iter().enumerate().rev() {
        step.live_before(&mut live);
        counts[index] = live.len() - makers.rematerialisable(index, &live).len();
    }
    counts
}

/// Slots that are live after all steps: those of outputs.
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
    /// The first step that reads each column.
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
    /// Appends the drafts of a range, last one first. A range whose table is too long is halved; a
    /// single step with too long a table gets no code. `live`, the slots in memory that are live after
    /// the range, become those that are live before it.
    fn section(&self, range: Range<usize>, live: &mut BTreeSet<u32>, drafts: &mut Vec<Draft>) {
        let steps = &self.schedule.steps[range.clone()];
        if !steps[0].is_plain() {
            live_before(steps, live);
            drafts.push((range, None));
            return;
        }
        let rematerialisable = self.rematerialisable(range.clone());
        let written = self.write(range.clone(), rematerialisable.clone(), live);
        let fits = written.table.len() <= TABLE_MAX;
        if !fits && steps.len() > 1 {
            let middle = range.start + steps.len() / 2;
            self.section(middle..range.end, live, drafts);
            self.section(range.start..middle, live, drafts);
            return;
        }
        let kept: Vec<u32> =
            rematerialisable.into_keys().filter(|slot| !live.contains(slot)).collect();
        live_before(steps, live);
        if fits {
            kept.iter().for_each(|slot| {
                live.remove(slot);
            });
        }
        drafts.push((range, fits.then_some(written)));
    }

    /// The slots that are live before the range and can be rematerialised.
    fn rematerialisable(&self, range: Range<usize>) -> BTreeMap<u32, Operation<Source>> {
        let mut read = BTreeSet::new();
        live_before(&self.schedule.steps[range.clone()], &mut read);
        self.makers.rematerialisable(range.start, &read)
    }

    fn write(
        &self,
        range: Range<usize>,
        rematerialisable: BTreeMap<u32, Operation<Source>>,
        live: &BTreeSet<u32>,
    ) -> Written {
        write(&self.body(range, rematerialisable, live), self.machine, self.constant)
    }

    fn body(
        &self,
        range: Range<usize>,
        rematerialisable: BTreeMap<u32, Operation<Source>>,
        live: &BTreeSet<u32>,
    ) -> Body {
        let steps = &self.schedule.steps;
        let mut body = Body::new(rematerialisable);
        let width = self.schedule.width;
        steps[range.clone()].iter().for_each(|step| body.push(step, width));
        body.mark_live_out(|slot| live.contains(&slot));
        body.mark_first_reads(|column| {
            self.first_reads.get(&column).is_some_and(|at| range.contains(at))
        });
        body
    }
}

/// Turns the slots that are live after the steps into those that are live before them.
fn live_before(steps: &[Step], live: &mut BTreeSet<u32>) {
    steps.iter().rev().for_each(|step| step.live_before(live));
}

impl Step {
    /// Turns the slots that are live after the step into those that are live before it.
    fn live_before(&self, live: &mut BTreeSet<u32>) {
        self.each_write(|slot| {
            live.remove(&slot);
        });
        self.each_read(|source| {
            if let Source::Slot(slot) = source {
                live.insert(slot);
            }
        });
    }

    /// Calls `visit` on the row operands of the step, and on the scalars of an operation.
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
            Self::Cells { indices, values, .. } => {
                indices.iter().map(|(index, _)| index).chain(values).for_each(|&row| visit(row));
            }
        }
    }

    /// Calls `visit` on the slots that it writes.
    fn each_write(&self, mut visit: impl FnMut(u32)) {
        match self {
            Self::Value { slot, .. } => visit(*slot),
            Self::Matrix { slots, .. } => slots.iter().for_each(|&slot| visit(slot)),
            Self::Sum { .. } | Self::Product { .. } | Self::Outer { .. } | Self::Cells { .. } => {}
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
