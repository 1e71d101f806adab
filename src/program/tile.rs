//! Running the row steps over one tile: slots in one buffer, columns lent by the caller.

use super::kernel::{self, Begin};
use super::operation::Operation;
use super::schedule::{Schedule, Source};
use super::{function, kernel::zip};
use crate::graph::Relation;

/// An operand of a kernel: a number for each row, or one for all.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operand<'a> {
    Rows(&'a [f64]),
    Scalar(f64),
}

/// The outputs of a program on some consecutive rows.
#[derive(Clone, Copy, Debug)]
pub struct Tile<'a> {
    /// Number of the first row.
    pub first_row: usize,
    /// How many rows, at most a few hundred.
    pub rows: usize,
    outputs: &'a [Source],
    columns: &'a [&'a [f64]],
    slots: &'a [f64],
    stride: usize,
}

impl<'a> Tile<'a> {
    /// The values of the k-th output.
    ///
    /// # Panics
    /// When the program has no such output.
    #[must_use]
    pub fn output(&self, k: usize) -> &'a [f64] {
        match self.outputs[k] {
            Source::Column(c) => &self.columns[c as usize][self.first_row..][..self.rows],
            Source::Slot(s) => &self.slots[s as usize * self.stride..][..self.rows],
            Source::Scalar(_) => unreachable!("outputs that are one number have a slot"),
        }
    }

    /// How many outputs there are.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs.len()
    }
}

/// What one thread needs to run a program: the slots, filled once with what does not change.
#[derive(Debug)]
pub(super) struct Scratch {
    slots: Vec<f64>,
    tile: usize,
    stride: usize,
}

/// Keeps the slots of tiles whose length is a power of two out of each other's cache sets.
const PADDING: usize = 8;

impl Scratch {
    /// Scratch for tiles of at most `rows` rows.
    pub(super) fn new(schedule: &Schedule, scalars: &[f64], rows: usize) -> Self {
        let tile = schedule.tile.min(rows.next_multiple_of(PADDING));
        let stride = tile + PADDING;
        let mut slots = vec![0.0; schedule.slots * stride];
        for &(slot, scalar) in &schedule.spread {
            slots[slot as usize * stride..][..tile].fill(scalars[scalar as usize]);
        }
        Self { slots, tile, stride }
    }

    /// Runs the steps over rows `range` tile by tile.
    pub(super) fn run<'a>(
        &'a mut self,
        schedule: &'a Schedule,
        columns: &'a [&'a [f64]],
        scalars: &[f64],
        range: std::ops::Range<usize>,
        mut visit: impl FnMut(Tile<'_>),
    ) {
        for first_row in range.clone().step_by(self.tile.max(1)) {
            let rows = self.tile.min(range.end - first_row);
            for step in &schedule.steps {
                let (frame, out) = self.frame(step.slot, columns, scalars, first_row, rows);
                frame.apply(&step.operation, out);
            }
            let (slots, stride) = (self.slots.as_slice(), self.stride);
            let outputs = schedule.outputs.as_slice();
            visit(Tile { first_row, rows, outputs, columns, slots, stride });
        }
    }

    /// The output slot of a step, and everything that it may read.
    fn frame<'s>(
        &'s mut self,
        slot: u32,
        columns: &'s [&'s [f64]],
        scalars: &'s [f64],
        first_row: usize,
        rows: usize,
    ) -> (Frame<'s>, &'s mut [f64]) {
        let stride = self.stride;
        let (before, rest) = self.slots.split_at_mut(slot as usize * stride);
        let (out, after) = rest.split_at_mut(stride);
        let frame = Frame { columns, scalars, before, after, slot, stride, first_row, rows };
        (frame, &mut out[..rows])
    }
}

/// What a step reads from: every slot but its own.
struct Frame<'a> {
    columns: &'a [&'a [f64]],
    scalars: &'a [f64],
    before: &'a [f64],
    after: &'a [f64],
    slot: u32,
    stride: usize,
    first_row: usize,
    rows: usize,
}

impl<'a> Frame<'a> {
    fn operand(&self, source: Source) -> Operand<'a> {
        match source {
            Source::Scalar(s) => Operand::Scalar(self.scalars[s as usize]),
            Source::Column(_) | Source::Slot(_) => Operand::Rows(self.rows(source)),
        }
    }

    fn rows(&self, source: Source) -> &'a [f64] {
        match source {
            Source::Column(c) => &self.columns[c as usize][self.first_row..][..self.rows],
            Source::Slot(s) if s < self.slot => {
                &self.before[s as usize * self.stride..][..self.rows]
            }
            Source::Slot(s) => {
                &self.after[(s - self.slot - 1) as usize * self.stride..][..self.rows]
            }
            Source::Scalar(_) => unreachable!("the lowering puts rows here"),
        }
    }

    fn scalar(&self, source: Source) -> f64 {
        match source {
            Source::Scalar(s) => self.scalars[s as usize],
            Source::Column(_) | Source::Slot(_) => unreachable!("the lowering puts a scalar here"),
        }
    }

    fn apply(&self, operation: &Operation<Source>, out: &mut [f64]) {
        match operation {
            Operation::Sum { start, scaled, products } => self.sum(*start, scaled, products, out),
            Operation::Multiply(a, b) => {
                zip(out, self.operand(*a), self.operand(*b), |a, b| a * b);
            }
            Operation::Reciprocal(a) => kernel::map(out, self.rows(*a), f64::recip),
            Operation::Root(a) => kernel::map(out, self.rows(*a), f64::sqrt),
            Operation::Power(a, exponent) => {
                let exponent = exponent.value();
                kernel::map(out, self.rows(*a), |a| a.powf(exponent));
            }
            Operation::Call(function, a) => function::call(*function, out, self.rows(*a)),
            Operation::Binary(function, a, b) => {
                function::binary(*function, out, self.operand(*a), self.operand(*b));
            }
            Operation::Compare(relation, a, b) => self.compare(*relation, *a, *b, out),
            Operation::Select(c, a, b) => {
                kernel::select(out, self.operand(*c), self.operand(*a), self.operand(*b));
            }
            Operation::Greatest(all) => self.greatest(all, out),
            Operation::LogTotal(m, s) => {
                zip(out, self.operand(*m), self.operand(*s), kernel::log_total);
            }
        }
    }

    fn compare(&self, relation: Relation, a: Source, b: Source, out: &mut [f64]) {
        let (a, b) = (self.operand(a), self.operand(b));
        let truth = |holds: bool| if holds { 1.0 } else { 0.0 };
        match relation {
            Relation::Less => zip(out, a, b, |a, b| truth(a < b)),
            Relation::LessEqual => zip(out, a, b, |a, b| truth(a <= b)),
            Relation::Equal => zip(out, a, b, |a, b| truth(a == b)),
        }
    }

    fn greatest(&self, all: &[Source], out: &mut [f64]) {
        kernel::copy(out, self.operand(all[0]));
        for &source in &all[1..] {
            kernel::update(out, self.operand(source), kernel::greater);
        }
    }

    /// Terms in groups of four, so that the output is loaded and stored once for four of them.
    fn sum(
        &self,
        start: Source,
        scaled: &[(Source, Source)],
        products: &[(Source, Source)],
        out: &mut [f64],
    ) {
        let mut begin = Begin::At(self.scalar(start));
        for group in scaled.chunks(4) {
            match *group {
                [a, b, c, d] => self.scaled(out, begin, [a, b, c, d]),
                [a, b, c] => self.scaled(out, begin, [a, b, c]),
                [a, b] => self.scaled(out, begin, [a, b]),
                _ => self.scaled(out, begin, [group[0]]),
            }
            begin = Begin::Output;
        }
        for group in products.chunks(4) {
            match *group {
                [a, b, c, d] => self.products(out, begin, [a, b, c, d]),
                [a, b, c] => self.products(out, begin, [a, b, c]),
                [a, b] => self.products(out, begin, [a, b]),
                _ => self.products(out, begin, [group[0]]),
            }
            begin = Begin::Output;
        }
    }

    fn scaled<const N: usize>(&self, out: &mut [f64], begin: Begin, terms: [(Source, Source); N]) {
        let weights = terms.map(|(w, _)| self.scalar(w));
        kernel::scaled(out, begin, weights, terms.map(|(_, a)| self.rows(a)));
    }

    fn products<const N: usize>(
        &self,
        out: &mut [f64],
        begin: Begin,
        terms: [(Source, Source); N],
    ) {
        let (left, right) = (terms.map(|(a, _)| self.rows(a)), terms.map(|(_, b)| self.rows(b)));
        kernel::products(out, begin, left, right);
    }
}
