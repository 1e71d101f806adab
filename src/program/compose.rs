//! Weighted sums of weighted sums of the same rows: B(Ax) is (BA)x.
//!
//! The weights are scalars, so BA is computed once a call. The gradient of a quadratic form is
//! Kx + Kᵀx: two matrix products on every row become one.

use std::collections::BTreeMap;

use super::fuse::uses;
use super::matrix::{Weighted, weighted};
use super::operation::{ADDITIVE_IDENTITY, Operation};
use super::value::{ValueId, Values};

/// A sum of weighted sums of the same rows.
struct Outer {
    value: ValueId,
    start: ValueId,
    /// Weights and the inner sums.
    terms: Vec<(ValueId, ValueId)>,
}

/// Inner sums with their terms, in the order of the rows.
type Inner = BTreeMap<ValueId, (Vec<ValueId>, Weighted)>;

/// Replaces sums of weighted sums at and below the roots by weighted sums, for each list of rows
/// where this saves operations.
pub(super) fn compose(values: &mut Values, roots: &[ValueId]) {
    let reachable = values.reachable(roots);
    let rows = || values.ids().filter(|&id| reachable[id.index()] && !values.is_scalar(id));
    let inner: Inner = rows().filter_map(|id| Some((id, weighted(values, id)?))).collect();
    let mut by_rows: BTreeMap<&[ValueId], Vec<Outer>> = BTreeMap::new();
    for id in rows() {
        if let Some((rows, outer)) = outer(values, id, &inner) {
            by_rows.entry(rows).or_default().push(outer);
        }
    }
    if by_rows.is_empty() {
        return;
    }
    let uses = uses(values, roots, &reachable);
    for (rows, outers) in by_rows {
        let groups = proportional(values, outers);
        if is_worth_it(&groups, rows.len(), &uses) {
            groups.into_iter().for_each(|group| replace(values, rows, group, &inner));
        }
    }
}

fn outer<'i>(values: &Values, id: ValueId, inner: &'i Inner) -> Option<(&'i [ValueId], Outer)> {
    let Operation::Sum { start, scaled, products } = values.operation(id)? else { return None };
    let (rows, _) = inner.get(&scaled.first()?.1)?;
    let alike = |&(_, sum): &(ValueId, ValueId)| inner.get(&sum).is_some_and(|(r, _)| r == rows);
    let plain = products.is_empty() && scaled.iter().all(alike);
    plain.then(|| (rows.as_slice(), Outer { value: id, start: *start, terms: scaled.to_vec() }))
}

/// Groups sums that differ by a constant factor only; each other sum is a group of its own.
fn proportional(values: &Values, outers: Vec<Outer>) -> Vec<Vec<Outer>> {
    let mut alike: BTreeMap<Vec<(ValueId, u64)>, Vec<Outer>> = BTreeMap::new();
    let mut alone = Vec::new();
    for outer in outers {
        match shape(values, &outer) {
            Some(shape) => alike.entry(shape).or_default().push(outer),
            None => alone.push(vec![outer]),
        }
    }
    alike.into_values().chain(alone).collect()
}

/// The inner sums with the bits of their weights relative to the first one, where all weights are
/// constants and the sum starts at −0.
fn shape(values: &Values, outer: &Outer) -> Option<Vec<(ValueId, u64)>> {
    if !values.is_constant(outer.start, ADDITIVE_IDENTITY) {
        return None;
    }
    let first = values.as_constant(outer.terms[0].0)?;
    let relative = outer
        .terms
        .iter()
        .map(|&(weight, sum)| Some((sum, (values.as_constant(weight)? / first).to_bits())));
    relative.collect()
}

/// Whether the composed sums take fewer operations than the outer sums and the inner ones that
/// nothing else uses.
fn is_worth_it(groups: &[Vec<Outer>], rows: usize, uses: &[u32]) -> bool {
    let mut used: BTreeMap<ValueId, u32> = BTreeMap::new();
    let outers = || groups.iter().flatten();
    outers()
        .flat_map(|outer| &outer.terms)
        .for_each(|&(_, sum)| *used.entry(sum).or_default() += 1);
    let gone = used.iter().filter(|&(sum, &used)| uses[sum.index()] == used).count();
    let terms: usize = outers().map(|outer| outer.terms.len()).sum();
    let multiples = outers().count() - groups.len();
    groups.len() * rows + multiples < gone * rows + terms
}

/// The first of a group becomes a sum of rows, the others its multiples.
fn replace(values: &mut Values, rows: &[ValueId], group: Vec<Outer>, inner: &Inner) {
    let mut group = group.into_iter();
    let first = group.next().expect("groups have a member");
    let additive_identity = values.additive_identity();
    let mut starts = Vec::new();
    let mut weights = vec![Vec::new(); rows.len()];
    for &(weight, sum) in &first.terms {
        let (_, sum) = &inner[&sum];
        starts.extend((sum.start != additive_identity).then_some((weight, sum.start)));
        for (weights, &of_row) in weights.iter_mut().zip(&sum.weights) {
            weights.push((weight, of_row));
        }
    }
    let start = values.sum(first.start, starts);
    let weights: Vec<ValueId> =
        weights.into_iter().map(|terms| values.sum(additive_identity, terms)).collect();
    let scaled = weights.into_iter().zip(rows.iter().copied()).collect();
    values.replace(first.value, Operation::Sum { start, scaled, products: Box::default() });
    let weight_of = |values: &Values, outer: &Outer| values.as_constant(outer.terms[0].0);
    let unit = weight_of(values, &first).unwrap_or(1.0);
    for other in group {
        let weight = weight_of(values, &other).expect("weights of a group are constants");
        let factor = values.constant(weight / unit);
        values.replace(other.value, Operation::Multiply(factor, first.value));
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::{ExprId, Function, Graph, Support};
    use crate::program::{Layout, Operations, Program};

    /// Ku + K'u in three dimensions, with u = tanh x.
    fn slopes() -> Operations {
        let mut graph = Graph::new();
        let g = &mut graph;
        let x = ["x", "y", "z"].map(|name| g.input(name, Support::LINE));
        let k: Vec<ExprId> =
            (0..9).map(|entry| g.input(&format!("k{entry}"), Support::LINE)).collect();
        let u = x.map(|x| g.call(Function::Tanh, x));
        let slopes = [0, 1, 2].map(|i| {
            let column: Vec<ExprId> = k[i..].iter().copied().step_by(3).collect();
            let (of_row, of_column) = (g.dot(&k[3 * i..][..3], &u), g.dot(&column, &u));
            g.add(of_row, of_column)
        });
        let inputs = |ids: &[ExprId]| ids.iter().filter_map(|&id| g.as_input(id)).collect();
        let layout = Layout { rows: inputs(&x), parameters: inputs(&k) };
        Program::compile(&graph, &layout, &slopes).operations()
    }

    #[test]
    fn two_matrices_on_the_same_rows_become_one() {
        let Operations { parameter, row, .. } = slopes();
        assert_eq!((parameter, row), (15, 9));
    }
}
