//! Values that are zero outside the rows of one level of an index, and their means.
//!
//! A parameter m\[g] has a slope for each level of g, each the same value in the rows of its level. The
//! means of these are sums over the cells of a table, and each row adds to one cell, whatever the
//! number of levels. A cell of two indices is a level of each, as of parameters of two groups.

use std::collections::BTreeMap;

use super::lower::{Lowered, Lowering, Terms};
use super::operation::Operation;
use super::reduction::Reduction;
use super::value::{ValueId, Values};
use crate::graph::{ExprId, Node, Part, Relation};

/// The rows in which an index has a level, which counts from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Level {
    index: ValueId,
    level: u32,
}

/// The rows of all of up to two levels, of different indices in ascending order; all rows for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell([Option<Level>; 2]);

/// The means of a value over cells of the same indices, by number, with their cells.
pub(super) type CellMeans = Vec<(usize, Cell)>;

/// What two cells have in common.
enum Common {
    Rows(Cell),
    Nothing,
    /// Levels of more indices than a cell has.
    TooMany,
}

impl Cell {
    fn levels(self) -> impl Iterator<Item = Level> {
        self.0.into_iter().flatten()
    }

    /// The indices that determine whether a row belongs to the cell.
    pub(super) fn indices(self) -> impl Iterator<Item = ValueId> {
        self.levels().map(|level| level.index)
    }

    fn and(self, other: Self) -> Common {
        let mut levels: Vec<Level> = self.levels().chain(other.levels()).collect();
        levels.sort_unstable();
        levels.dedup();
        if levels.windows(2).any(|two| two[0].index == two[1].index) {
            return Common::Nothing;
        }
        match *levels {
            [] => Common::Rows(Self::default()),
            [one] => Common::Rows(Self([Some(one), None])),
            [one, two] => Common::Rows(Self([Some(one), Some(two)])),
            [_, _, _, ..] => Common::TooMany,
        }
    }

    /// The position of the cell among all cells of its indices with these numbers of levels.
    pub(super) fn place(self, indices: &[(ValueId, u32)]) -> usize {
        let levels = self.levels().zip(indices);
        levels
            .fold(0, |place, (one, &(_, count))| place * count as usize + (one.level - 1) as usize)
    }
}

/// The greatest level of each of `count` indices that cells have.
pub(super) fn most_levels(cells: impl Iterator<Item = Cell>, count: usize) -> Vec<u32> {
    let mut most = vec![0; count];
    for cell in cells {
        for (most, one) in most.iter_mut().zip(cell.levels()) {
            *most = one.level.max(*most);
        }
    }
    most
}

/// scale·core in the rows of a cell, zero in all others; the scale has one value for all rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Masked {
    scale: ValueId,
    core: ValueId,
    cell: Cell,
}

/// Larger levels make no cell.
const LEVEL_MAX: u32 = 1 << 20;

/// Most terms of a sum of values in cells.
const TERMS_MAX: usize = 4;

/// Fewest cells whose sums make a table: fewer sums are faster one by one, in vectors.
const CELLS_MIN: usize = 4;

/// Largest number of cells of a table for each cell that is asked for.
const SPARSE_MAX: usize = 8;

impl Lowering<'_> {
    /// A node as a sum of values in cells; `None` where it is no such sum.
    pub(super) fn masked(&mut self, id: ExprId) -> Option<Vec<Masked>> {
        match self.graph.node(id) {
            Node::Compare(..) => self.level(id).map(|level| vec![level]),
            Node::Select(condition, then, otherwise) => {
                let zero = self.graph.as_number(otherwise).is_some_and(|number| number.is_zero());
                let level = self.level(condition).filter(|_| zero)?;
                let then = match self.masks.get(&then) {
                    Some(terms) => terms.clone(),
                    None => vec![self.everywhere(self.of(then))],
                };
                let terms = self.multiplied_out(&[level], &then)?;
                self.collected(terms)
            }
            Node::Product(parts) => {
                let parts = self.graph.parts(parts).to_vec();
                self.masked_product(&parts)
            }
            Node::Sum(parts) => {
                let parts = self.graph.parts(parts).to_vec();
                self.masked_sum(&parts)
            }
            Node::One
            | Node::Pi
            | Node::Input(_)
            | Node::Call(..)
            | Node::Binary(..)
            | Node::Gather(..)
            | Node::Dot(..)
            | Node::LogSumExp(..)
            | Node::Share(..)
            | Node::Mean(_) => None,
        }
    }

    fn level(&mut self, id: ExprId) -> Option<Masked> {
        let (index, level) = self.graph.as_level(id)?;
        let level = u32::try_from(level.as_integer()?).ok()?;
        let index = self.whole(index);
        if self.values.is_scalar(index) || !(1..=LEVEL_MAX).contains(&level) {
            return None;
        }
        let cell = Cell([Some(Level { index, level }), None]);
        Some(Masked { scale: self.one, core: self.one, cell })
    }

    /// A value as one in the cell of all rows.
    fn everywhere(&self, lowered: Lowered) -> Masked {
        let Lowered { whole, scale, core } = lowered;
        let cell = Cell::default();
        match self.values.is_scalar(whole) {
            true => Masked { scale: whole, core: self.one, cell },
            false => Masked { scale, core, cell },
        }
    }

    /// The product with its masked factors multiplied out.
    fn masked_product(&mut self, parts: &[Part]) -> Option<Vec<Masked>> {
        let is_masked = |part: &Part| part.weight.is_one() && self.masks.contains_key(&part.expr);
        let (masks, others): (Vec<Part>, Vec<Part>) =
            parts.iter().partition(|part| is_masked(part));
        if masks.is_empty() {
            return None;
        }
        let rest = self.product(&others);
        let mut product = vec![self.everywhere(rest)];
        for part in masks {
            let factor = self.masks[&part.expr].clone();
            product = self.multiplied_out(&product, &factor)?;
        }
        self.collected(product)
    }

    fn masked_sum(&mut self, parts: &[Part]) -> Option<Vec<Masked>> {
        let mut terms = Vec::new();
        for part in parts {
            let weight = self.values.constant(part.weight.to_f64());
            for &term in self.masks.get(&part.expr)? {
                let scale = self.values.multiply(weight, term.scale);
                terms.push(Masked { scale, ..term });
            }
        }
        self.collected(terms)
    }

    /// The terms, those of each cell as one; `None` where there are many, or cells of the same indices,
    /// whose sum is no single value for each level.
    fn collected(&mut self, terms: Vec<Masked>) -> Option<Vec<Masked>> {
        let mut by_cell: BTreeMap<Cell, Vec<Masked>> = BTreeMap::new();
        terms.into_iter().for_each(|term| by_cell.entry(term.cell).or_default().push(term));
        let same = |a: &Cell, b: &Cell| a.indices().eq(b.indices());
        let cells: Vec<&Cell> = by_cell.keys().collect();
        let repeats = |(k, a): (usize, &&Cell)| cells[..k].iter().any(|b| same(a, b));
        if cells.len() > TERMS_MAX || cells.iter().enumerate().any(repeats) {
            return None;
        }
        Some(by_cell.into_iter().map(|(cell, terms)| self.joined(cell, terms)).collect())
    }

    /// The sum of terms of one cell: in two means of its terms digits could cancel. The order of the
    /// terms is that of their values, so that the sum is one value for all levels.
    fn joined(&mut self, cell: Cell, mut terms: Vec<Masked>) -> Masked {
        if let [term] = *terms {
            return term;
        }
        terms.sort_by_key(|term| term.core);
        let common = Some(terms[0].scale).filter(|s| terms.iter().all(|term| term.scale == *s));
        let mut sum = Terms::default();
        for Masked { scale, core, .. } in terms {
            let weight = if common.is_some() { self.one } else { scale };
            self.push_scaled(weight, self.unscaled(core), &mut sum);
        }
        let sum = self.finish(sum);
        let sum = self.everywhere(sum);
        let scale = self.values.multiply(common.unwrap_or(self.one), sum.scale);
        Masked { scale, core: sum.core, cell }
    }

    /// The terms of a product of two sums; `None` where a term would lie in more indices than a cell has.
    fn multiplied_out(&mut self, a: &[Masked], b: &[Masked]) -> Option<Vec<Masked>> {
        let mut terms = Vec::new();
        for &a in a {
            for &b in b {
                match a.cell.and(b.cell) {
                    Common::Rows(cell) => {
                        let scale = self.values.multiply(a.scale, b.scale);
                        let core = self.values.multiply(a.core, b.core);
                        terms.push(Masked { scale, core, cell });
                    }
                    Common::Nothing => {}
                    Common::TooMany => return None,
                }
            }
        }
        Some(terms)
    }

    /// The product of two nodes as a sum of values in cells; `None` where neither is such a sum.
    pub(super) fn masked_pair(&mut self, a: ExprId, b: ExprId) -> Option<Vec<Masked>> {
        let either = [a, b].iter().any(|id| self.masks.contains_key(id));
        let [a, b] = [a, b].map(|id| {
            self.masks.get(&id).cloned().unwrap_or_else(|| vec![self.everywhere(self.of(id))])
        });
        if either { self.multiplied_out(&a, &b) } else { None }
    }

    /// The mean of a sum of values in cells.
    pub(super) fn masked_mean(&mut self, terms: &[Masked]) -> ValueId {
        let mut means = Vec::with_capacity(terms.len());
        for term in terms {
            means.push((term.scale, self.reduce(Reduction::Cell(term.core, term.cell))));
        }
        match *means {
            [] => self.zero,
            [(scale, mean)] => self.values.multiply(scale, mean),
            [_, _, ..] => self.values.sum(self.additive_identity, means),
        }
    }
}

/// Leaves the sums over cells that make tables, and makes sums over all rows of the others.
pub(super) fn settle(values: &mut Values, means: &mut [Reduction]) {
    let mut tables: BTreeMap<(ValueId, Vec<ValueId>), CellMeans> = BTreeMap::new();
    for (mean, reduction) in means.iter().enumerate() {
        if let Reduction::Cell(core, cell) = *reduction {
            let table = tables.entry((core, cell.indices().collect())).or_default();
            table.push((mean, cell));
        }
    }
    for ((core, indices), cells) in tables {
        let levels = most_levels(cells.iter().map(|&(_, cell)| cell), indices.len());
        let size = levels.iter().try_fold(1_usize, |size, &most| size.checked_mul(most as usize));
        let dense = size.is_some_and(|size| size <= SPARSE_MAX * cells.len());
        if cells.len() < CELLS_MIN || !dense {
            cells.iter().for_each(|&(mean, cell)| means[mean] = over_all_rows(values, core, cell));
        }
    }
}

/// The sum over a cell as a sum over all rows, whose terms outside the cell are zero.
fn over_all_rows(values: &mut Values, core: ValueId, cell: Cell) -> Reduction {
    let zero = values.constant(0.0);
    let mut inside = core;
    for Level { index, level } in cell.levels() {
        let level = values.constant(f64::from(level));
        let holds = values.compute(Operation::Compare(Relation::Equal, index, level));
        inside = match values.is_one(inside) {
            true => holds,
            false => values.compute(Operation::Select(holds, inside, zero)),
        };
    }
    Reduction::Sum(inside)
}
