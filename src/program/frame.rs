//! The operands of the steps of a tile, and the operations that give one value a row.

use pulp::Simd;

use super::emit::Section;
use super::function;
use super::kernel::{self, Begin, LANES, Operand, Products, ROWS_MAX, Scaled, TERMS_MAX, zip};
use super::operation::Operation;
use super::slots::Slot;
use super::steps::{Schedule, Source};
use crate::graph::Relation;

/// The inputs of a run over rows.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) schedule: &'a Schedule,
    pub(super) columns: &'a [&'a [f64]],
    pub(super) scalars: &'a [f64],
    /// The weights of the matrices.
    pub(super) weights: &'a [f64],
    pub(super) sections: &'a [Section],
}

/// The rows of a tile, and the inputs that all its steps share.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) context: Context<'a>,
    pub(super) tails: &'a [Slot],
    pub(super) first: usize,
    /// Rows with the padding.
    pub(super) padded: usize,
    pub(super) count: usize,
}

impl<'a> View<'a> {
    /// The view with the results of the steps so far.
    #[inline(always)]
    pub(super) fn frame(self, slots: &'a [Slot]) -> Frame<'a> {
        Frame { view: self, slots }
    }
}

/// Everything that a step may read; the slots that it writes have been moved out of `slots`.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    view: View<'a>,
    slots: &'a [Slot],
}

impl<'a> Frame<'a> {
    pub(super) fn output(&self, k: usize) -> Operand<'a> {
        self.operand(self.view.context.schedule.outputs[k])
    }

    /// Rows of the tile with the padding.
    pub(super) fn padded(&self) -> usize {
        self.view.padded
    }

    #[inline(always)]
    pub(super) fn operand(&self, source: Source) -> Operand<'a> {
        match source {
            Source::Scalar(s) => Operand::Scalar(self.view.context.scalars[s as usize]),
            Source::Column(_) | Source::Slot(_) => Operand::Rows(self.rows(source)),
        }
    }

    #[inline(always)]
    pub(super) fn rows(&self, source: Source) -> &'a [f64] {
        match source {
            Source::Column(c) if self.view.padded > self.view.count => {
                self.view.tails[c as usize].rows(self.view.padded)
            }
            Source::Column(c) => {
                &self.view.context.columns[c as usize][self.view.first..][..self.view.padded]
            }
            Source::Slot(s) => self.slots[s as usize].rows(self.view.padded),
            Source::Scalar(_) => unreachable!("the lowering puts rows here"),
        }
    }

    #[inline(always)]
    pub(super) fn scalar(&self, source: Source) -> f64 {
        match source {
            Source::Scalar(s) => self.view.context.scalars[s as usize],
            Source::Column(_) | Source::Slot(_) => unreachable!("the lowering puts a scalar here"),
        }
    }

    /// The rows of up to [`ROWS_MAX`] sources.
    #[inline(always)]
    pub(super) fn list(&self, sources: &[Source]) -> [&'a [f64]; ROWS_MAX] {
        let mut list: [&[f64]; ROWS_MAX] = [&[]; ROWS_MAX];
        for (rows, &source) in list.iter_mut().zip(sources) {
            *rows = self.rows(source);
        }
        list
    }

    /// Adds l·r to the partial sums, for every l of the left and r of the right.
    #[inline(always)]
    pub(super) fn outer<S: Simd>(
        &self,
        simd: S,
        left: &[Source],
        right: &[Source],
        lanes: &mut [f64],
    ) {
        let stride = right.len() * LANES;
        for (row, left) in left.chunks(ROWS_MAX).enumerate() {
            let a = self.list(left);
            for (column, right) in right.chunks(ROWS_MAX).enumerate() {
                let b = self.list(right);
                let lanes = &mut lanes[row * ROWS_MAX * stride + column * ROWS_MAX * LANES..];
                let (a, b) = (&a[..left.len()], &b[..right.len()]);
                kernel::outer(simd, lanes, stride, a, b, self.view.count);
            }
        }
    }

    /// Adds the values to the partial sums of the cell of each row.
    #[inline(always)]
    pub(super) fn cells<S: Simd>(
        &self,
        simd: S,
        indices: &[(Source, u32)],
        values: &[Source],
        lanes: &mut [f64],
    ) {
        let index =
            |&(source, levels): &(Source, u32)| kernel::Index { rows: self.rows(source), levels };
        let both = [indices.first(), indices.last()].map(|one| one.map(index));
        let (Some(first), Some(last)) = (both[0], both[1]) else { return };
        let indices = &[first, last][..indices.len()];
        match values.len() {
            4 => self.scatter::<S, 4>(simd, indices, values, lanes),
            3 => self.scatter::<S, 3>(simd, indices, values, lanes),
            2 => self.scatter::<S, 2>(simd, indices, values, lanes),
            _ => self.scatter::<S, 1>(simd, indices, values, lanes),
        }
    }

    #[inline(always)]
    fn scatter<S: Simd, const N: usize>(
        &self,
        simd: S,
        indices: &[kernel::Index<'_>],
        values: &[Source],
        lanes: &mut [f64],
    ) {
        let values = std::array::from_fn(|k| self.operand(values[k]));
        let count = self.view.count;
        simd.vectorize(kernel::Scatter::<N> { lanes, indices, values, count });
    }

    /// out = operation, over all rows and the padding.
    #[inline(always)]
    pub(super) fn apply<S: Simd>(&self, simd: S, operation: &Operation<Source>, out: &mut [f64]) {
        match operation {
            Operation::Sum { start, scaled, products } => {
                self.sum(simd, *start, scaled, products, out);
            }
            Operation::Multiply(a, b) => {
                zip(simd, out, self.operand(*a), self.operand(*b), |a, b| a * b);
            }
            Operation::Reciprocal(a) => kernel::map(simd, out, self.rows(*a), f64::recip),
            Operation::Root(a) => kernel::map(simd, out, self.rows(*a), f64::sqrt),
            Operation::Power(a, exponent) => {
                let exponent = exponent.value();
                kernel::map(simd, out, self.rows(*a), |a| a.powf(exponent));
            }
            Operation::Call(function, a) => function::call(simd, *function, out, self.rows(*a)),
            Operation::Binary(function, a, b) => {
                function::binary(simd, *function, out, self.operand(*a), self.operand(*b));
            }
            Operation::Compare(relation, a, b) => self.compare(simd, *relation, *a, *b, out),
            Operation::Select(c, a, b) => {
                kernel::select(simd, out, self.operand(*c), self.operand(*a), self.operand(*b));
            }
            Operation::Greatest(all) => self.greatest(simd, all, out),
            Operation::Gather(list, index) => self.gather(list, *index, out),
            Operation::LogTotal(m, s) => {
                function::log_total(simd, out, self.operand(*m), self.operand(*s));
            }
        }
    }

    /// Entries are found where the list says, since a table of their values would cost a look-up for
    /// each of its entries in every tile.
    fn gather(&self, list: &[Source], index: Source, out: &mut [f64]) {
        let scalars = self.view.context.scalars;
        kernel::gather(out, list.len(), self.operand(index), |entry, row| match list[entry] {
            Source::Scalar(place) => scalars[place as usize],
            rows => self.rows(rows)[row],
        });
    }

    #[inline(always)]
    fn compare<S: Simd>(&self, simd: S, relation: Relation, a: Source, b: Source, out: &mut [f64]) {
        let (a, b) = (self.operand(a), self.operand(b));
        let truth = |holds: bool| if holds { 1.0 } else { 0.0 };
        match relation {
            Relation::Less => zip(simd, out, a, b, |a, b| truth(a < b)),
            Relation::LessEqual => zip(simd, out, a, b, |a, b| truth(a <= b)),
            Relation::Equal => zip(simd, out, a, b, |a, b| truth(a == b)),
        }
    }

    #[inline(always)]
    fn greatest<S: Simd>(&self, simd: S, all: &[Source], out: &mut [f64]) {
        kernel::copy(out, self.operand(all[0]));
        for &source in &all[1..] {
            kernel::update(simd, out, self.operand(source), kernel::greater);
        }
    }

    /// A few terms at a time, so that the output is loaded and stored once for all of them.
    #[inline(always)]
    fn sum<S: Simd>(
        &self,
        simd: S,
        start: Source,
        scaled: &[(Source, Source)],
        products: &[(Source, Source)],
        out: &mut [f64],
    ) {
        let mut begin = Begin::At(self.scalar(start));
        for terms in scaled.chunks(TERMS_MAX) {
            self.scaled(simd, out, begin, terms);
            begin = Begin::Output;
        }
        for terms in products.chunks(TERMS_MAX / 2) {
            self.products(simd, out, begin, terms);
            begin = Begin::Output;
        }
    }

    #[inline(always)]
    fn scaled<S: Simd>(&self, simd: S, out: &mut [f64], begin: Begin, terms: &[(Source, Source)]) {
        match terms.len() {
            8 => self.scale::<S, 8>(simd, out, begin, terms),
            7 => self.scale::<S, 7>(simd, out, begin, terms),
            6 => self.scale::<S, 6>(simd, out, begin, terms),
            5 => self.scale::<S, 5>(simd, out, begin, terms),
            4 => self.scale::<S, 4>(simd, out, begin, terms),
            3 => self.scale::<S, 3>(simd, out, begin, terms),
            2 => self.scale::<S, 2>(simd, out, begin, terms),
            _ => self.scale::<S, 1>(simd, out, begin, terms),
        }
    }

    #[inline(always)]
    fn scale<S: Simd, const N: usize>(
        &self,
        simd: S,
        out: &mut [f64],
        begin: Begin,
        terms: &[(Source, Source)],
    ) {
        let terms = std::array::from_fn(|k| (self.scalar(terms[k].0), self.rows(terms[k].1)));
        simd.vectorize(Scaled::<S, N> { simd, out, begin, terms });
    }

    #[inline(always)]
    fn products<S: Simd>(
        &self,
        simd: S,
        out: &mut [f64],
        begin: Begin,
        terms: &[(Source, Source)],
    ) {
        match terms.len() {
            4 => self.multiply::<S, 4>(simd, out, begin, terms),
            3 => self.multiply::<S, 3>(simd, out, begin, terms),
            2 => self.multiply::<S, 2>(simd, out, begin, terms),
            _ => self.multiply::<S, 1>(simd, out, begin, terms),
        }
    }

    #[inline(always)]
    fn multiply<S: Simd, const N: usize>(
        &self,
        simd: S,
        out: &mut [f64],
        begin: Begin,
        terms: &[(Source, Source)],
    ) {
        let terms = std::array::from_fn(|k| (self.rows(terms[k].0), self.rows(terms[k].1)));
        simd.vectorize(Products::<S, N> { simd, out, begin, terms });
    }
}
