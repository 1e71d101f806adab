//! Cuts a run of plain steps into segments.
//!
//! The reorder window of a processor holds a few hundred instructions. It does not reach the next
//! iteration of a long loop body, so chains of dependent operations stall; short bodies pass more
//! values through memory. So each segment has an estimated time, and the run is cut where the sum
//! of these times is least.

use std::ops::Range;

use super::super::kernel::LANES;
use super::super::operation::Operation;
use super::super::steps::{Schedule, Source, Step};
use super::machine::Machine;
use super::rematerialise::Makers;
use crate::graph::Function;

/// How many instructions may wait for their operands at once. Measured times of loops with one and
/// with several chains fit about 100 on Emerald Rapids and 170 to 190 on Zen 5.
const WINDOW: u32 = 130;

/// Most instructions of a segment of several steps.
const WORK_MAX: u32 = 240;

/// Latency of a multiply-add in cycles.
const MULTIPLY_ADD: u32 = 4;

/// The last read of an output, after all steps.
const FOREVER: usize = usize::MAX;

/// The maker of an operand that no step computes.
const NEVER: usize = usize::MAX;

/// The properties of the steps of a schedule that do not depend on the cuts.
pub(super) struct Flow<'s> {
    steps: Vec<Known>,
    machine: Machine,
    /// For each step, the last step that reads its result.
    last_read: Vec<usize>,
    /// Number of slots that would have to be in memory if the run were cut before each step.
    crossing: &'s [usize],
}

impl<'s> Flow<'s> {
    pub(super) fn of(
        schedule: &'s Schedule,
        machine: Machine,
        makers: &Makers<'_>,
        crossing: &'s [usize],
    ) -> Self {
        let steps: Vec<Known> = (0..schedule.steps.len())
            .map(|at| {
                let lanes = machine.lanes();
                let sums = schedule.steps[at].sums(schedule.width) / lanes;
                Known::new(&schedule.steps[at], sums, |source| makers.of_source(at, source))
            })
            .collect();
        let mut last_read = vec![0; steps.len()];
        for (index, step) in steps.iter().enumerate() {
            step.reads.iter().for_each(|&maker| last_read[maker] = index);
        }
        for &output in &schedule.outputs {
            if let Some(maker) = makers.of_source(steps.len(), output) {
                last_read[maker] = FOREVER;
            }
        }
        Self { steps, machine, last_read, crossing }
    }

    /// The segments of a run, in order.
    pub(super) fn cut(&self, run: Range<usize>) -> Vec<Range<usize>> {
        let first = run.start;
        // For each end: the least time of the steps before it, and the start of its last segment.
        let mut best = vec![(u64::MAX, first); run.len() + 1];
        best[0].0 = 0;
        for start in run.clone() {
            let before = best[start - first].0;
            self.each_end(start..run.end, |end, time| {
                let total = before + u64::from(time);
                if total < best[end - first].0 {
                    best[end - first] = (total, start);
                }
            });
        }
        let mut segments = Vec::new();
        let mut end = run.end;
        while end > first {
            let start = best[end - first].1;
            segments.push(start..end);
            end = start;
        }
        segments.reverse();
        segments
    }

    /// Calls `visit` with the end and the time of each segment that begins at the start of the range.
    fn each_end(&self, range: Range<usize>, mut visit: impl FnMut(usize, u32)) {
        let first = range.start;
        let mut segment =
            Segment { spilled: vec![0; self.machine.pins().len()], ..Segment::default() };
        for at in range {
            segment.add(self, first, at);
            if at > first && (segment.work > WORK_MAX || segment.sums > self.machine.sums_max()) {
                return;
            }
            let stores = segment.live.min(self.crossing.get(at + 1).copied().unwrap_or(0) as u32);
            visit(at + 1, segment.time(self.machine, stores));
        }
    }
}

/// A segment to which steps are added one at a time.
#[derive(Default)]
struct Segment {
    /// Instructions.
    work: u32,
    /// Vectors of sums over rows.
    sums: usize,
    /// Live values: results of its steps that later steps read.
    live: u32,
    /// Spills: steps at which the live values exceed the registers, for each choice of pinned sums.
    spilled: Vec<u32>,
    /// The cycle at which the result of each of its steps is ready.
    depths: Vec<u32>,
    /// The greatest of `depths`: the length of the critical path.
    depth: u32,
}

impl Segment {
    fn add(&mut self, flow: &Flow<'_>, first: usize, at: usize) {
        let step = &flow.steps[at];
        self.work += step.instructions;
        self.sums += step.sums;
        for &maker in &step.reads {
            if maker < first {
                self.work += 1;
            } else if flow.last_read[maker] == at {
                self.live -= 1;
            }
        }
        self.live += u32::from(flow.last_read[at] > at);
        // Operands from before the segment, and those that no step computes, are ready at cycle 0.
        let ready = |maker: usize| self.depths.get(maker.wrapping_sub(first)).copied();
        let depth = step.depth(|maker| ready(maker).unwrap_or(0));
        // Two registers are kept for intermediate results.
        let registers = flow.machine.registers() - 2;
        for (spilled, &pins) in self.spilled.iter_mut().zip(flow.machine.pins()) {
            *spilled += u32::from(self.live as usize + self.sums.min(pins) > registers);
        }
        self.depth = self.depth.max(depth);
        self.depths.push(depth);
    }

    /// Half cycles of an iteration, for the best choice of registers for sums.
    fn time(&self, machine: Machine, stores: u32) -> u32 {
        let choices = self.spilled.iter().zip(machine.pins());
        let times = choices.map(|(&spilled, &pins)| {
            let unpinned = (self.sums - self.sums.min(pins)) as u32;
            self.time_of(self.work + unpinned, stores + spilled + unpinned)
        });
        machine.entry() + times.min().expect("there is a choice")
    }

    /// Half cycles: bounded by two instructions a cycle, by one store a cycle, and by the latency of the
    /// critical path with [`WINDOW`] instructions in flight.
    fn time_of(&self, work: u32, stores: u32) -> u32 {
        let work = work + stores;
        self.work.max(2 * stores).max(2 * work * self.depth / WINDOW)
    }
}

/// The properties of a step that do not depend on its segment.
struct Known {
    instructions: u32,
    /// Vectors of partial sums that it adds to.
    sums: usize,
    /// The steps that computed its operands, sorted and distinct.
    reads: Vec<usize>,
    /// The steps that computed the operands of each of its terms, which form a dependency chain;
    /// [`NEVER`] for operands that no step computes.
    terms: Vec<[usize; 2]>,
    /// Latency of each term, in cycles.
    term: u32,
    /// Latency of the operation after its terms, in cycles.
    rest: u32,
}

impl Known {
    fn new(step: &Step, sums: usize, maker: impl Fn(Source) -> Option<usize>) -> Self {
        let mut reads = Vec::new();
        step.each_read(|source| reads.extend(maker(source)));
        reads.sort_unstable();
        reads.dedup();
        let maker = |source| maker(source).unwrap_or(NEVER);
        let instructions = step.instructions() as u32;
        let known = Self { instructions, sums, reads, terms: Vec::new(), term: 0, rest: 0 };
        let Step::Value { operation, .. } = step else { return known };
        // Other operations have kernels, and are in no segment.
        if !operation.is_plain() {
            return known;
        }
        if let Operation::Sum { scaled, products, .. } = operation {
            let rows = scaled.iter().map(|&(_, row)| [maker(row), NEVER]);
            let pairs = products.iter().map(|&(a, b)| [maker(a), maker(b)]);
            return Self { terms: rows.chain(pairs).collect(), term: MULTIPLY_ADD, ..known };
        }
        let mut terms = Vec::new();
        operation.each_operand(|operand| terms.push([maker(operand), NEVER]));
        Self { terms, rest: operation.latency(), ..known }
    }

    /// The cycle at which its result is ready, given those of its operands.
    fn depth(&self, ready: impl Fn(usize) -> u32) -> u32 {
        let next = |sum: u32, &[a, b]: &[_; 2]| sum.max(ready(a)).max(ready(b)) + self.term;
        self.terms.iter().fold(0, next) + self.rest
    }
}

impl Step {
    /// Estimated number of instructions.
    fn instructions(&self) -> usize {
        match self {
            Self::Value { operation, .. } => operation.instructions(),
            Self::Sum { .. }
            | Self::Product { .. }
            | Self::Matrix { .. }
            | Self::Outer { .. }
            | Self::Cells { .. } => self.size(),
        }
    }

    /// Number of partial sums that it adds to; a mean outside a table has `width` of them.
    fn sums(&self, width: usize) -> usize {
        match self {
            Self::Value { .. } | Self::Matrix { .. } | Self::Cells { .. } => 0,
            Self::Sum { .. } | Self::Product { .. } => width,
            Self::Outer { .. } => self.size() * LANES,
        }
    }
}

impl Operation<Source> {
    fn instructions(&self) -> usize {
        match self {
            Self::Call(Function::Exp, _) => 20,
            Self::Call(Function::Tanh, _) => 42,
            Self::Reciprocal(_) | Self::Root(_) => 4,
            other => other.size(),
        }
    }

    /// Cycles from its operands to its result.
    fn latency(&self) -> u32 {
        match self {
            Self::Sum { scaled, products, .. } => {
                MULTIPLY_ADD * (scaled.len() + products.len()) as u32
            }
            Self::Call(Function::Exp, _) => 56,
            Self::Call(Function::Tanh, _) => 90,
            Self::Reciprocal(_) => 14,
            Self::Root(_) => 20,
            Self::Greatest(all) => 4 * all.len() as u32,
            Self::Multiply(..) => 3,
            Self::Call(..) | Self::Binary(..) | Self::Compare(..) | Self::Select(..) => 4,
            Self::Power(..) | Self::LogTotal(..) | Self::Gather(..) => {
                unreachable!("these have kernels of their own")
            }
        }
    }
}
