//! Means over rows, and which of them are computed together.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::{Cell, CellMeans, most_levels};
use super::kernel::VALUES_MAX;
use super::value::ValueId;

/// A sum over rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reduction {
    /// Σ a
    Sum(ValueId),
    /// Σ a·b
    Product(ValueId, ValueId),
    /// Σ a over the rows of a cell
    Cell(ValueId, Cell),
}

impl Reduction {
    /// Calls `visit` on the summed values.
    pub(super) fn each_operand(self, mut visit: impl FnMut(ValueId)) {
        match self {
            Self::Sum(a) => visit(a),
            Self::Product(a, b) => {
                visit(a);
                visit(b);
            }
            Self::Cell(a, cell) => {
                visit(a);
                cell.indices().for_each(visit);
            }
        }
    }
}

/// The outputs, and the operands of the means.
pub(super) fn roots(outputs: &[ValueId], means: &[Reduction]) -> Vec<ValueId> {
    let mut roots = outputs.to_vec();
    means.iter().for_each(|mean| mean.each_operand(|id| roots.push(id)));
    roots
}

/// Sums over rows that one step computes; numbers are positions among all means.
#[derive(Clone, Debug)]
pub(super) enum ReductionGroup {
    /// A sum on its own.
    Sum { a: ValueId, mean: usize },
    /// A product on its own.
    Product { a: ValueId, b: ValueId, mean: usize },
    /// The table of l·r for every l of the left and r of the right; `means` has it row by row.
    Outer { left: Vec<ValueId>, right: Vec<ValueId>, means: Vec<usize> },
    /// Values over the rows of cells of the same indices.
    Cells(CellSums),
}

/// Sums of a few values over the rows of each cell of one index or two.
#[derive(Clone, Debug)]
pub(super) struct CellSums {
    /// The indices with their numbers of levels.
    pub(super) indices: Vec<(ValueId, u32)>,
    pub(super) values: Vec<ValueId>,
    /// Each mean with its cell, as a position in the table of all cells, and the position of its value.
    pub(super) means: Vec<(usize, usize, usize)>,
}

impl CellSums {
    /// The number of cells.
    pub(super) fn cells(&self) -> usize {
        self.indices.iter().map(|&(_, levels)| levels as usize).product()
    }
}

impl ReductionGroup {
    /// Calls `visit` on the summed values.
    pub(super) fn each_operand(&self, mut visit: impl FnMut(ValueId)) {
        match self {
            Self::Sum { a, .. } => visit(*a),
            Self::Product { a, b, .. } => [*a, *b].into_iter().for_each(visit),
            Self::Outer { left, right, .. } => {
                left.iter().chain(right).for_each(|&id| visit(id));
            }
            Self::Cells(CellSums { indices, values, .. }) => {
                indices.iter().map(|(index, _)| index).chain(values).for_each(|&id| visit(id));
            }
        }
    }
}

/// Longest table with one row: short tables leave more places to cut the schedule into segments.
const LINE_MAX: usize = 4;

/// Fewest products that make a table.
const TABLE_MIN: usize = 3;

/// Groups products into tables, the largest first: values on the left are each multiplied with all
/// values on the right.
pub(super) fn group_reductions(means: &[Reduction]) -> Vec<ReductionGroup> {
    let mut pairs = Pairs::default();
    let mut groups = cell_groups(means);
    for (mean, &reduction) in means.iter().enumerate() {
        match reduction {
            Reduction::Sum(a) => groups.push(ReductionGroup::Sum { a, mean }),
            Reduction::Product(a, b) if pairs.holds(a, b) => {
                groups.push(ReductionGroup::Product { a, b, mean });
            }
            Reduction::Product(a, b) => pairs.insert(a, b, mean),
            Reduction::Cell(..) => {}
        }
    }
    while let Some((left, right)) = pairs.largest() {
        // With one on the left there is no load to share.
        let most = if left.len() == 1 { LINE_MAX } else { right.len() };
        groups.extend(right.chunks(most).map(|right| pairs.take(&left, right)));
    }
    groups
}

/// The sums over cells, those of the same indices together, [`VALUES_MAX`] values at a time.
fn cell_groups(means: &[Reduction]) -> Vec<ReductionGroup> {
    let mut by_indices: BTreeMap<Vec<ValueId>, BTreeMap<ValueId, CellMeans>> = BTreeMap::new();
    for (mean, &reduction) in means.iter().enumerate() {
        if let Reduction::Cell(value, cell) = reduction {
            let values = by_indices.entry(cell.indices().collect()).or_default();
            values.entry(value).or_default().push((mean, cell));
        }
    }
    let mut groups = Vec::new();
    for (indices, values) in by_indices {
        let cells = values.values().flatten().map(|&(_, cell)| cell);
        let levels: Vec<u32> = most_levels(cells, indices.len());
        let indices: Vec<(ValueId, u32)> = indices.into_iter().zip(levels).collect();
        let values: Vec<_> = values.into_iter().collect();
        for values in values.chunks(VALUES_MAX) {
            let of = |(at, (_, means)): (usize, &(ValueId, CellMeans))| {
                let place = |&(mean, cell): &(usize, Cell)| (mean, cell.place(&indices), at);
                means.iter().map(place).collect::<Vec<_>>()
            };
            groups.push(ReductionGroup::Cells(CellSums {
                indices: indices.clone(),
                values: values.iter().map(|&(value, _)| value).collect(),
                means: values.iter().enumerate().flat_map(of).collect(),
            }));
        }
    }
    groups
}

/// The products that have no group yet, as a symmetric relation.
#[derive(Default)]
struct Pairs {
    partners: BTreeMap<ValueId, BTreeSet<ValueId>>,
    numbers: BTreeMap<(ValueId, ValueId), usize>,
}

impl Pairs {
    fn holds(&self, a: ValueId, b: ValueId) -> bool {
        self.numbers.contains_key(&(a.min(b), a.max(b)))
    }

    fn insert(&mut self, a: ValueId, b: ValueId, mean: usize) {
        self.partners.entry(a).or_default().insert(b);
        self.partners.entry(b).or_default().insert(a);
        self.numbers.insert((a.min(b), a.max(b)), mean);
    }

    /// The largest table found: its right side are the partners of one value, or the partners that
    /// this value shares with the next one, since values may have further partners outside a
    /// table; its left side are all values with these partners. `None` without pairs.
    fn largest(&self) -> Option<(Vec<ValueId>, Vec<ValueId>)> {
        let partners: Vec<&BTreeSet<ValueId>> =
            self.partners.values().filter(|partners| !partners.is_empty()).collect();
        let mut rights: BTreeSet<Vec<ValueId>> =
            partners.iter().map(|partners| partners.iter().copied().collect()).collect();
        let shared = partners.windows(2).map(|two| two[0].intersection(two[1]).copied().collect());
        rights.extend(shared.filter(|shared: &Vec<ValueId>| !shared.is_empty()));
        let tables = rights.into_iter().map(|right| (self.left_of(&right), right));
        tables.max_by_key(|(left, right)| (left.len() * right.len(), left.len().min(right.len())))
    }

    /// All values that have each value of `right` as a partner. Those in `right` themselves are left
    /// out, since their product would be counted twice; where no others exist, the first of them
    /// is a table of one row.
    fn left_of(&self, right: &[ValueId]) -> Vec<ValueId> {
        let (&first, others) = right.split_first().expect("values without partners have no table");
        let mut left = self.partners[&first].clone();
        for other in others {
            left.retain(|value| self.partners[other].contains(value));
        }
        let apart = left.iter().copied().filter(|value| right.binary_search(value).is_err());
        let apart: Vec<ValueId> = apart.collect();
        if apart.is_empty() { left.into_iter().take(1).collect() } else { apart }
    }

    fn take(&mut self, left: &[ValueId], right: &[ValueId]) -> ReductionGroup {
        let mut means = Vec::with_capacity(left.len() * right.len());
        for &a in left {
            for &b in right {
                means.push(self.remove(a, b));
            }
        }
        let table = |means| ReductionGroup::Outer { left: left.into(), right: right.into(), means };
        if means.len() >= TABLE_MIN {
            return table(means);
        }
        // A single product is faster with the partial sums of a mean outside a table.
        let (a, b) = (left[0], right[0]);
        match means[1..] {
            [] => ReductionGroup::Product { a, b, mean: means[0] },
            _ => table(means),
        }
    }

    fn remove(&mut self, a: ValueId, b: ValueId) -> usize {
        for (value, partner) in [(a, b), (b, a)] {
            if let Some(partners) = self.partners.get_mut(&value) {
                partners.remove(&partner);
            }
        }
        self.numbers.remove(&(a.min(b), a.max(b))).expect("every pair of a table is a product")
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::Values;
    use super::*;

    /// The sizes of the tables, in order, of products of these columns.
    fn sizes(products: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let mut values = Values::new();
        let columns: Vec<ValueId> = (0..10).map(|index| values.column(index)).collect();
        let means: Vec<Reduction> =
            products.iter().map(|&(a, b)| Reduction::Product(columns[a], columns[b])).collect();
        let size = |reduction_group| match reduction_group {
            ReductionGroup::Sum { .. } | ReductionGroup::Product { .. } => (1, 1),
            ReductionGroup::Outer { left, right, .. } => (left.len(), right.len()),
            ReductionGroup::Cells(sums) => (sums.cells(), sums.values.len()),
        };
        group_reductions(&means).into_iter().map(size).collect()
    }

    #[test]
    fn values_with_equal_partners_make_a_table() {
        assert_eq!(sizes(&[(0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4)]), [(2, 3)]);
    }

    #[test]
    fn partners_of_ones_own_spoil_no_table() {
        let table = [(0, 2), (0, 3), (1, 2), (1, 3)];
        let private = [(0, 6), (1, 7), (2, 8), (3, 9)];
        let sizes = sizes(&[table, private].concat());
        assert_eq!(sizes, [(2, 2), (1, 1), (1, 1), (1, 1), (1, 1)]);
    }

    #[test]
    fn a_product_that_is_asked_for_twice_is_computed_twice() {
        assert_eq!(sizes(&[(0, 1), (1, 0)]), [(1, 1), (1, 1)]);
    }

    #[test]
    fn every_product_of_three_columns_stands_once() {
        let products = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];
        let sizes = sizes(&products);
        assert_eq!(sizes.iter().map(|(left, right)| left * right).sum::<usize>(), 6);
    }
}
