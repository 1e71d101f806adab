//! Where a run of plain steps is cut into segments.
//!
//! A processor looks a few hundred instructions ahead. Of a long loop body with chains of
//! dependent operations it sees no second turn, and waits; short bodies leave more values in
//! memory for each other. So every way of cutting has an estimated time, and the run is cut where
//! the sum of these is least.

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::kernel::LANES;
use super::super::operation::Operation;
use super::super::schedule::{Schedule, Source, Step};
use super::again::Makers;
use super::machine::Machine;
use crate::graph::Function;

/// How many instructions may wait for their operands at once: an estimate that fits the times of
/// loops of one and of several chains on Zen 5, between 170 and 190.
const WINDOW: u32 = 180;

/// Instructions beyond which a segment is not tried.
const WORK_MAX: u32 = 240;

/// Cycles of a multiply-add.
const MULTIPLY_ADD: u32 = 4;

/// Never read again, or read when all steps are done.
const FOREVER: usize = usize::MAX;

/// What is known of the steps of a schedule, whatever the cuts are.
pub(super) struct Flow<'s> {
    steps: &'s [Step],
    machine: Machine,
    /// Partial sums of a sum on its own.
    width: usize,
    makers: &'s Makers<'s>,
    /// The last step that reads what a step made.
    last_read: Vec<usize>,
    /// How many slots have to be in memory before each step.
    crossing: &'s [usize],
}

impl<'s> Flow<'s> {
    pub(super) fn of(
        schedule: &'s Schedule,
        machine: Machine,
        makers: &'s Makers<'s>,
        crossing: &'s [usize],
    ) -> Self {
        let steps = &schedule.steps;
        let mut last_read = vec![0; steps.len()];
        for (index, step) in steps.iter().enumerate() {
            step.each_read(|source| {
                if let Some(maker) = makers.of_source(index, source) {
                    last_read[maker] = index;
                }
            });
        }
        for &output in &schedule.outputs {
            if let Some(maker) = makers.of_source(steps.len(), output) {
                last_read[maker] = FOREVER;
            }
        }
        Self { steps, machine, width: schedule.width, makers, last_read, crossing }
    }

    /// The segments of a run, in order.
    pub(super) fn cut(&self, run: Range<usize>) -> Vec<Range<usize>> {
        let first = run.start;
        // The least time of the steps before each place, and the cut before it.
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

    /// Calls `visit` with the ends of segments that begin at the start of the range, and their
    /// times.
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

/// A segment that grows by a step at a time.
#[derive(Default)]
struct Segment {
    /// Instructions.
    work: u32,
    /// Vectors of sums over rows.
    sums: usize,
    /// Values that it makes and that are read later.
    live: u32,
    /// Values that have no register, over all steps, for each choice of registers for sums.
    spilled: Vec<u32>,
    /// When the value of each of its steps is there, in cycles.
    depths: Vec<u32>,
    /// The latest of these.
    depth: u32,
}

impl Segment {
    fn add(&mut self, flow: &Flow<'_>, first: usize, at: usize) {
        let step = &flow.steps[at];
        let depths = &self.depths;
        let ready = |source: Source| match flow.makers.of_source(at, source) {
            Some(maker) if maker >= first => depths[maker - first],
            Some(_) | None => 0,
        };
        let depth = step.depth(ready);
        self.work += step.instructions() as u32;
        self.sums += step.sums(flow.width) / flow.machine.lanes();
        let mut read = BTreeSet::new();
        step.each_read(|source| read.extend(flow.makers.of_source(at, source)));
        for maker in read {
            if maker < first {
                self.work += 1;
            } else if flow.last_read[maker] == at {
                self.live -= 1;
            }
        }
        step.each_write(|_| self.live += u32::from(flow.last_read[at] > at));
        // Two registers are kept for intermediate results.
        let registers = flow.machine.registers() - 2;
        for (spilled, &pins) in self.spilled.iter_mut().zip(flow.machine.pins()) {
            *spilled += u32::from(self.live as usize + self.sums.min(pins) > registers);
        }
        self.depth = self.depth.max(depth);
        self.depths.push(depth);
    }

    /// The least half cycles of a turn, over the choices of registers for sums.
    fn time(&self, machine: Machine, stores: u32) -> u32 {
        let choices = self.spilled.iter().zip(machine.pins());
        let times = choices.map(|(&spilled, &pins)| {
            let unpinned = (self.sums - self.sums.min(pins)) as u32;
            self.time_of(self.work + unpinned, stores + spilled + unpinned)
        });
        machine.entry() + times.min().expect("there is a choice")
    }

    /// Two instructions a cycle, one store a cycle, and no more waiting than there is room for.
    fn time_of(&self, work: u32, stores: u32) -> u32 {
        let work = work + stores;
        self.work.max(2 * stores).max(2 * work * self.depth / WINDOW)
    }
}

impl Step {
    /// When its result is there, given when its operands are.
    fn depth(&self, ready: impl Fn(Source) -> u32) -> u32 {
        let Self::Value { operation, .. } = self else { return 0 };
        if let Operation::Sum { scaled, products, .. } = operation {
            let rows = scaled.iter().map(|&(_, row)| ready(row));
            let pairs = products.iter().map(|&(a, b)| ready(a).max(ready(b)));
            return rows.chain(pairs).fold(0, |sum: u32, term| sum.max(term) + MULTIPLY_ADD);
        }
        let mut depth = 0;
        operation.each_operand(|operand| depth = depth.max(ready(operand)));
        depth + operation.latency()
    }

    /// About how many instructions it takes.
    fn instructions(&self) -> usize {
        match self {
            Self::Value { operation, .. } => operation.instructions(),
            Self::Sum { .. } | Self::Product { .. } | Self::Matrix { .. } | Self::Outer { .. } => {
                self.size()
            }
        }
    }

    /// How many partial sums it adds to; a sum on its own has `width` of them.
    fn sums(&self, width: usize) -> usize {
        match self {
            Self::Value { .. } | Self::Matrix { .. } => 0,
            Self::Sum { .. } | Self::Product { .. } => width,
            Self::Outer { .. } => self.size() * LANES,
        }
    }
}

impl Operation<Source> {
    fn instructions(&self) -> usize {
        match self {
            Self::Call(Function::Exp, _) => 20,
            Self::Call(Function::Tanh, _) => 50,
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
            Self::Call(Function::Tanh, _) => 85,
            Self::Reciprocal(_) => 14,
            Self::Root(_) => 20,
            Self::Greatest(all) => 4 * all.len() as u32,
            Self::Multiply(..) => 3,
            Self::Call(..) | Self::Binary(..) | Self::Compare(..) | Self::Select(..) => 4,
            Self::Power(..) | Self::LogTotal(..) => unreachable!("these have kernels of their own"),
        }
    }
}
