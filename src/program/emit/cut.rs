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

/// What a segment costs beside its turns, in half cycles of a turn: calls, pointers, and the
/// latency of the last turn.
const ENTRY: u32 = 4;

/// Cycles of a multiply-add.
const MULTIPLY_ADD: u32 = 4;

/// Never read again, or read when all steps are done.
const FOREVER: usize = usize::MAX;

/// What is known of the steps of a schedule, whatever the cuts are.
pub(super) struct Flow<'s> {
    steps: &'s [Step],
    machine: Machine,
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
        Self { steps, machine, makers, last_read, crossing }
    }

    /// Sums whose partial sums have registers.
    fn sums_max(&self) -> usize {
        self.machine.pinned() * self.machine.lanes() / LANES
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
        let mut segment = Segment::default();
        for at in range {
            segment.add(self, first, at);
            if at > first && (segment.work > WORK_MAX || segment.sums > self.sums_max()) {
                return;
            }
            let stores = segment.live.min(self.crossing.get(at + 1).copied().unwrap_or(0) as u32);
            visit(at + 1, segment.time(stores));
        }
    }
}

/// A segment that grows by a step at a time.
#[derive(Default)]
struct Segment {
    /// Instructions.
    work: u32,
    /// Sums over rows.
    sums: usize,
    /// Values that it makes and that are read later.
    live: u32,
    /// Values that have no register, over all steps.
    spilled: u32,
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
        self.sums += step.sums();
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
        let registers = flow.machine.registers() as u32 - 2;
        self.spilled += (self.live + self.sums as u32).saturating_sub(registers).min(1);
        self.depth = self.depth.max(depth);
        self.depths.push(depth);
    }

    /// Half cycles of a turn: two instructions a cycle, one store a cycle, and no more waiting
    /// than there is room for.
    fn time(&self, stores: u32) -> u32 {
        let stores = stores + self.spilled;
        let work = self.work + stores;
        ENTRY + self.work.max(2 * stores).max(2 * work * self.depth / WINDOW)
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

    /// How many sums over rows it adds to.
    fn sums(&self) -> usize {
        match self {
            Self::Value { .. } | Self::Matrix { .. } => 0,
            Self::Sum { .. } | Self::Product { .. } | Self::Outer { .. } => self.size(),
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
