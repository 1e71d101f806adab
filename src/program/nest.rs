//! Sums that hold other sums: a + b + c is (a + b) + c where a + b is computed anyway.

use std::hash::{BuildHasherDefault, Hash};
use std::ops::Range;

use hashbrown::HashMap;

use super::operation::{ADDITIVE_IDENTITY, Operation};
use super::value::{ValueId, Values};
use crate::graph::Mixer;

/// A weight and the row that it weighs.
type Term = (ValueId, ValueId);

/// Most holders of the rarest term of a sum; more than this are not searched for the sum.
const HOLDERS_MAX: usize = 64;

/// Replaces terms of a sum of rows by another sum of just these terms that is reachable from the
/// roots. Sums of the same rows are left alone: they become a matrix.
pub(super) fn nest(values: &mut Values, roots: &[ValueId]) {
    let sums = Sums::of(values, &values.reachable(roots));
    let holding = Holding::of(&sums);
    let one = values.constant(1.0);
    // The largest first, so that a sum of three is not taken for one of two and another term.
    let mut inner: Vec<usize> = sums.plain(values).collect();
    inner.sort_by_key(|&sum| std::cmp::Reverse(sums.ranges[sum].len()));
    for sum in inner {
        let (id, terms) = (sums.ids[sum], sums.terms(sum));
        for &holder in holding.holders(&sums.ranges[sum]).iter().filter(|&&holder| holder != id) {
            if let Some(nested) = nested(values, holder, (one, id), terms) {
                values.replace(holder, nested);
            }
        }
    }
}

/// The weighted sums of rows, with their terms.
#[derive(Default)]
struct Sums {
    ids: Vec<ValueId>,
    /// The range of each sum in `terms`.
    ranges: Vec<Range<usize>>,
    /// The terms of all sums; those of one sum are sorted and distinct.
    terms: Vec<Term>,
}

impl Sums {
    fn of(values: &Values, reachable: &[bool]) -> Self {
        let mut sums = Self::default();
        let mut terms = Vec::new();
        for id in values.ids().filter(|&id| reachable[id.index()] && !values.is_scalar(id)) {
            if let Some(Operation::Sum { scaled, .. }) = values.operation(id) {
                terms.clear();
                terms.extend_from_slice(scaled);
                sort_once(&mut terms);
                sums.push(id, &terms);
            }
        }
        sums
    }

    fn push(&mut self, id: ValueId, terms: &[Term]) {
        let start = self.terms.len();
        self.terms.extend_from_slice(terms);
        self.ids.push(id);
        self.ranges.push(start..self.terms.len());
    }

    fn terms(&self, sum: usize) -> &[Term] {
        &self.terms[self.ranges[sum].clone()]
    }

    /// The sums of two or more weighted rows, without a start and without products.
    fn plain(&self, values: &Values) -> impl Iterator<Item = usize> {
        (0..self.ids.len()).filter(|&sum| {
            let plain = match values.operation(self.ids[sum]) {
                Some(Operation::Sum { start, products, .. }) => {
                    values.is_constant(*start, ADDITIVE_IDENTITY) && products.is_empty()
                }
                _ => false,
            };
            plain && self.ranges[sum].len() > 1
        })
    }

    /// The sums whose set of rows differs from that of every other sum.
    fn alone(&self) -> Vec<usize> {
        let (mut all, mut ends, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for sum in 0..self.ids.len() {
            rows.clear();
            rows.extend(self.terms(sum).iter().map(|&(_, row)| row));
            sort_once(&mut rows);
            all.extend_from_slice(&rows);
            ends.push(all.len());
        }
        let of = |sum: usize| &all[sum.checked_sub(1).map_or(0, |before| ends[before])..ends[sum]];
        let (numbers, different) = numbered((0..ends.len()).map(of));
        let mut alike = vec![0; different];
        numbers.iter().for_each(|&number| alike[number as usize] += 1);
        (0..ends.len()).filter(|&sum| alike[numbers[sum] as usize] == 1).collect()
    }
}

/// A number for each key, equal for equal keys, and the count of distinct keys.
fn numbered<K: Hash + Eq>(keys: impl ExactSizeIterator<Item = K>) -> (Vec<u32>, usize) {
    // Never iterated, so its order does not matter.
    let mut known: HashMap<K, u32, BuildHasherDefault<Mixer>> =
        HashMap::with_capacity_and_hasher(keys.len(), <_>::default());
    let number = |key| {
        let next = known.len() as u32;
        *known.entry(key).or_insert(next)
    };
    (keys.map(number).collect(), known.len())
}

/// Sorts and removes duplicates.
fn sort_once<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}

/// The sums that hold a term, for each of the terms.
struct Holding {
    /// A number for each of the terms, equal for equal terms.
    numbers: Vec<u32>,
    /// The end in `holders` of the sums that hold each number; those of the next number follow.
    ends: Vec<usize>,
    holders: Vec<ValueId>,
}

impl Holding {
    fn of(sums: &Sums) -> Self {
        let (numbers, different) = numbered(sums.terms.iter());
        let alone = sums.alone();
        let mut ends = vec![0; different];
        let terms = |sum: usize| numbers[sums.ranges[sum].clone()].iter().map(|&n| n as usize);
        alone.iter().for_each(|&sum| terms(sum).for_each(|number| ends[number] += 1));
        // A counting sort: counts become starts, and each start advances to the end.
        let mut total = 0;
        for end in &mut ends {
            total += std::mem::replace(end, total);
        }
        let mut holders = vec![ValueId::default(); total];
        for sum in alone {
            for number in terms(sum) {
                holders[ends[number]] = sums.ids[sum];
                ends[number] += 1;
            }
        }
        Self { numbers, ends, holders }
    }

    fn of_number(&self, number: u32) -> &[ValueId] {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.holders[start..self.ends[number]]
    }

    /// Sums that may hold all terms of the range; none where there are more than [`HOLDERS_MAX`].
    fn holders(&self, terms: &Range<usize>) -> &[ValueId] {
        let holding = self.numbers[terms.clone()].iter().map(|&number| self.of_number(number));
        let fewest = holding.min_by_key(|holders| holders.len());
        fewest.filter(|holders| holders.len() <= HOLDERS_MAX).unwrap_or_default()
    }
}

/// The holder with `sum` in place of its terms; `None` unless the holder has all of these terms and
/// at least one other.
fn nested(
    values: &Values,
    holder: ValueId,
    sum: Term,
    terms: &[Term],
) -> Option<Operation<ValueId>> {
    let Operation::Sum { start, scaled, products } = values.operation(holder)? else { return None };
    let is_inner = |term: &Term| terms.binary_search(term).is_ok();
    let found = scaled.iter().filter(|term| is_inner(term)).count();
    if found < terms.len() || scaled.len() + products.len() == found {
        return None;
    }
    let rest = scaled.iter().copied().filter(|term| !is_inner(term));
    let scaled = std::iter::once(sum).chain(rest).collect();
    Some(Operation::Sum { start: *start, scaled, products: products.clone() })
}

#[cfg(test)]
mod tests {
    use crate::graph::{ExprId, Graph, Support};
    use crate::program::{Layout, Program};

    /// Row operations of ax + by + z, when ax + by is needed besides or not.
    fn operations(is_inner_needed: bool) -> usize {
        let mut graph = Graph::new();
        let g = &mut graph;
        let [x, y, z, a, b] = ["x", "y", "z", "a", "b"].map(|name| g.input(name, Support::LINE));
        let [ax, by] = [(a, x), (b, y)].map(|(weight, row)| g.mul(weight, row));
        let inner = g.add(ax, by);
        let whole = g.add(inner, z);
        let inputs = |ids: &[ExprId]| ids.iter().filter_map(|&id| g.as_input(id)).collect();
        let layout = Layout { rows: inputs(&[x, y, z]), parameters: inputs(&[a, b]) };
        let outputs = if is_inner_needed { vec![whole, inner] } else { vec![whole] };
        Program::compile(&graph, &layout, &outputs).operations().row
    }

    #[test]
    fn a_sum_that_is_there_stands_for_its_terms() {
        assert_eq!([operations(false), operations(true)], [3, 4]);
    }
}
