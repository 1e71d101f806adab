//! Means over rows, and which of them are computed together.

use std::collections::{BTreeMap, BTreeSet};

use super::value::ValueId;

/// A sum over rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reduction {
    /// Σ a
    Sum(ValueId),
    /// Σ a·b
    Product(ValueId, ValueId),
}

impl Reduction {
    /// Calls `visit` on what is summed.
    pub(super) fn each_operand(self, mut visit: impl FnMut(ValueId)) {
        match self {
            Self::Sum(a) => visit(a),
            Self::Product(a, b) => {
                visit(a);
                visit(b);
            }
        }
    }
}

/// The outputs, and what the means are taken of.
pub(super) fn roots(outputs: &[ValueId], means: &[Reduction]) -> Vec<ValueId> {
    let mut roots = outputs.to_vec();
    means.iter().for_each(|mean| mean.each_operand(|id| roots.push(id)));
    roots
}

/// Sums over rows that one step computes; numbers are positions among all means.
#[derive(Clone, Debug)]
pub(super) enum Gathering {
    /// A sum on its own.
    Sum { a: ValueId, mean: usize },
    /// A product on its own.
    Product { a: ValueId, b: ValueId, mean: usize },
    /// Every product of one of the left and one of the right, row by row of that table.
    Outer { left: Vec<ValueId>, right: Vec<ValueId>, means: Vec<usize> },
}

impl Gathering {
    /// Calls `visit` on what is summed.
    pub(super) fn each_operand(&self, mut visit: impl FnMut(ValueId)) {
        match self {
            Self::Sum { a, .. } => visit(*a),
            Self::Product { a, b, .. } => [*a, *b].into_iter().for_each(visit),
            Self::Outer { left, right, .. } => {
                left.iter().chain(right).for_each(|&id| visit(id));
            }
        }
    }
}

/// Most products of one value with others that make a table: short ones leave more places to cut.
const LINE_MAX: usize = 4;

/// Fewest products that make a table.
const TABLE_MIN: usize = 3;

/// Finds tables among the products: values that are multiplied with the same others stand
/// together on the left, those others on the right. What is left over goes row by row, values
/// with many partners first.
pub(super) fn gather(means: &[Reduction]) -> Vec<Gathering> {
    let mut pairs = Pairs::default();
    let mut gathered = Vec::new();
    for (mean, &reduction) in means.iter().enumerate() {
        match reduction {
            Reduction::Sum(a) => gathered.push(Gathering::Sum { a, mean }),
            Reduction::Product(a, b) => pairs.insert(a, b, mean),
        }
    }
    while let Some((left, right)) = pairs.largest() {
        // With one on the left there is no load to share.
        let most = if left.len() == 1 { LINE_MAX } else { right.len() };
        gathered.extend(right.chunks(most).map(|right| pairs.take(&left, right)));
    }
    gathered
}

/// The products that are still to be gathered, as a symmetric relation.
#[derive(Default)]
struct Pairs {
    partners: BTreeMap<ValueId, BTreeSet<ValueId>>,
    numbers: BTreeMap<(ValueId, ValueId), usize>,
}

impl Pairs {
    fn insert(&mut self, a: ValueId, b: ValueId, mean: usize) {
        self.partners.entry(a).or_default().insert(b);
        self.partners.entry(b).or_default().insert(a);
        self.numbers.insert((a.min(b), a.max(b)), mean);
    }

    /// The largest table of values with equal partners.
    fn largest(&self) -> Option<(Vec<ValueId>, Vec<ValueId>)> {
        let mut alike: BTreeMap<&BTreeSet<ValueId>, Vec<ValueId>> = BTreeMap::new();
        for (&value, partners) in self.partners.iter().filter(|(_, partners)| !partners.is_empty())
        {
            alike.entry(partners).or_default().push(value);
        }
        // A value that is its own partner would stand on both sides; it makes a row alone.
        let tables = alike.into_iter().map(|(partners, values)| {
            let apart = !values.iter().any(|value| partners.contains(value));
            let left = if apart { values } else { values[..1].to_vec() };
            (left, partners.iter().copied().collect::<Vec<_>>())
        });
        tables.max_by_key(|(left, right)| (left.len() * right.len(), left.len().min(right.len())))
    }

    fn take(&mut self, left: &[ValueId], right: &[ValueId]) -> Gathering {
        let mut means = Vec::with_capacity(left.len() * right.len());
        for &a in left {
            for &b in right {
                means.push(self.remove(a, b));
            }
        }
        let table = |means| Gathering::Outer { left: left.into(), right: right.into(), means };
        if means.len() >= TABLE_MIN {
            return table(means);
        }
        // Two at most: each is better off with many partial sums of its own.
        let (a, b) = (left[0], right[0]);
        match means[1..] {
            [] => Gathering::Product { a, b, mean: means[0] },
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
