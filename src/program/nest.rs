//! Sums that hold other sums: a + b + c is (a + b) + c where a + b is computed anyway.

use std::collections::{BTreeMap, BTreeSet};

use super::operation::{NOTHING, Operation};
use super::value::{ValueId, Values};

/// A weight and the row that it weighs.
type Term = (ValueId, ValueId);

/// Most sums with a term in common that are looked at for those that hold another.
const HOLDERS_MAX: usize = 64;

/// Replaces terms of sums over rows by another sum of just these terms that is needed at or below
/// the roots. Sums of the same rows are left alone: they are a matrix.
pub(super) fn nest(values: &mut Values, roots: &[ValueId]) {
    let sums = Sums::of(values, &values.reachable(roots));
    let one = values.constant(1.0);
    // The largest first, so that a sum of three is not taken for one of two and another term.
    let mut inner: Vec<&(ValueId, BTreeSet<Term>)> = sums.plain(values).collect();
    inner.sort_by_key(|(_, terms)| std::cmp::Reverse(terms.len()));
    for (sum, terms) in inner {
        for holder in sums.holders(*sum, terms) {
            if let Some(nested) = nested(values, holder, (one, *sum), terms) {
                values.replace(holder, nested);
            }
        }
    }
}

/// The weighted sums over rows, with what they hold.
struct Sums {
    all: Vec<(ValueId, BTreeSet<Term>)>,
    holding: BTreeMap<Term, Vec<ValueId>>,
}

impl Sums {
    fn of(values: &Values, reachable: &[bool]) -> Self {
        let rows = values.ids().filter(|&id| reachable[id.index()] && !values.is_scalar(id));
        let all: Vec<(ValueId, BTreeSet<Term>)> =
            rows.filter_map(|id| Some((id, terms(values, id)?))).collect();
        let mut alike: BTreeMap<Vec<ValueId>, usize> = BTreeMap::new();
        all.iter().for_each(|(_, terms)| *alike.entry(rows_of(terms)).or_default() += 1);
        let mut holding: BTreeMap<Term, Vec<ValueId>> = BTreeMap::new();
        for (id, terms) in all.iter().filter(|(_, terms)| alike[&rows_of(terms)] == 1) {
            terms.iter().for_each(|&term| holding.entry(term).or_default().push(*id));
        }
        Self { all, holding }
    }

    /// Those that are nothing but their terms.
    fn plain(&self, values: &Values) -> impl Iterator<Item = &(ValueId, BTreeSet<Term>)> {
        self.all.iter().filter(|(id, terms)| {
            let plain = match values.operation(*id) {
                Some(Operation::Sum { start, products, .. }) => {
                    values.is_constant(*start, NOTHING) && products.is_empty()
                }
                _ => false,
            };
            plain && terms.len() > 1
        })
    }

    /// Others that may hold all these terms.
    fn holders(&self, sum: ValueId, terms: &BTreeSet<Term>) -> Vec<ValueId> {
        let holding = |term| self.holding.get(term).map_or(&[][..], Vec::as_slice);
        let fewest = terms.iter().map(holding).min_by_key(|holders| holders.len());
        let holders = fewest.filter(|holders| holders.len() <= HOLDERS_MAX).unwrap_or_default();
        holders.iter().copied().filter(|&holder| holder != sum).collect()
    }
}

fn terms(values: &Values, id: ValueId) -> Option<BTreeSet<Term>> {
    match values.operation(id)? {
        Operation::Sum { scaled, .. } => Some(scaled.iter().copied().collect()),
        _ => None,
    }
}

fn rows_of(terms: &BTreeSet<Term>) -> Vec<ValueId> {
    let rows: BTreeSet<ValueId> = terms.iter().map(|&(_, row)| row).collect();
    rows.into_iter().collect()
}

/// The holder with `sum` in the place of its terms, where it holds them all and others.
fn nested(
    values: &Values,
    holder: ValueId,
    sum: Term,
    terms: &BTreeSet<Term>,
) -> Option<Operation<ValueId>> {
    let Operation::Sum { start, scaled, products } = values.operation(holder)? else { return None };
    let rest: Vec<Term> = scaled.iter().copied().filter(|term| !terms.contains(term)).collect();
    let (found, more) = (scaled.len() - rest.len(), rest.len() + products.len());
    if found < terms.len() || more == 0 {
        return None;
    }
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
