//! Where a run of plain steps is cut into segments.
//!
//! A processor looks a few hundred instructions ahead. Of a long loop body with chains of
//! dependent operations it sees no second turn, and waits; short bodies leave more values in
//! memory for each other. So every way of cutting has an estimated time, and the run is cut where
//! the sum of these is least.

use std::ops::Range;

use super::super::kernel::LANES;
use super::super::operation::Operation;
use super::super::steps::{Schedule, Source, Step};
use super::again::Makers;
use super::machine::Machine;
use crate::graph::Function;

/// How many instructions may wait for their operands at once: between what fits the times of loops
/// of one and of several chains on Emerald Rapids, about 100, and on Zen 5, 170 to 190.
const WINDOW: u32 = 130;

/// Instructions beyond which a segment is not tried.
const WORK_MAX: u32 = 240;

/// Cycles of a multiply-add.
const MULTIPLY_ADD: u32 = 4;

/// Read when all steps are done.
const FOREVER: usize = usize::MAX;

/// Made by no step.
const NEVER: usize = usize::MAX;

/// What is known of the steps of a schedule, whatever the cuts are.
pub(super) struct Flow<'s> {
    steps: Vec<Known>,
    machine: Machine,
    /// The last step that reads what a step made.
    last_read: Vec<usize>,
    /// How many slots have to be in memory before each step.
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
        // What stands before the first step, or is made by none, is there from the beginning.
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

/// What is known of a step, wherever its segment begins.
struct Known {
    instructions: u32,
    /// Vectors of sums that it adds to.
    sums: usize,
    /// The steps that made what it reads, each once.
    reads: Vec<usize>,
    /// The same for each of its terms, which follow one another; [`NEVER`] for what none made.
    terms: Vec<[usize; 2]>,
    /// Cycles of each term.
    term: u32,
    /// Cycles of what comes after the terms.
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
        // Others have kernels, and stand in no segment.
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

    /// When its result is there, given when its operands are.
    fn depth(&self, ready: impl Fn(usize) -> u32) -> u32 {
        let next = |sum: u32, &[a, b]: &[_; 2]| sum.max(ready(a)).max(ready(b)) + self.term;
        self.terms.iter().fold(0, next) + self.rest
    }
}

impl Step {
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
