//! Finds weighted sums of the same rows, which one kernel computes with one load of each row.

use std::collections::BTreeMap;

use super::operation::Operation;
use super::value::{ValueId, Values};

/// Sums of one list of rows, each with weights of its own: a matrix times a vector.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    pub(super) rows: Vec<ValueId>,
    pub(super) sums: Vec<Weighted>,
}

/// One of the sums: start + Σ weights · rows.
#[derive(Clone, Debug)]
pub(super) struct Weighted {
    pub(super) value: ValueId,
    pub(super) start: ValueId,
    pub(super) weights: Vec<ValueId>,
}

/// Fewest terms of a sum that becomes a row of a matrix.
const LENGTH_MIN: usize = 3;

/// The matrices among the values that are reachable.
pub(super) fn matrices(values: &Values, reachable: &[bool]) -> Vec<Matrix> {
    let mut found: BTreeMap<Vec<ValueId>, Vec<Weighted>> = BTreeMap::new();
    for id in values.ids().filter(|id| reachable[id.index()] && !values.is_scalar(*id)) {
        if let Some((rows, sum)) = weighted(values, id) {
            found.entry(rows).or_default().push(sum);
        }
    }
    let shared = found.into_iter().filter(|(_, sums)| sums.len() > 1);
    shared.map(|(rows, sums)| Matrix { rows, sums }).collect()
}

/// The rows of a weighted sum in order of their ids, and the sum; `None` for short sums, sums with
/// products and other operations.
pub(super) fn weighted(values: &Values, id: ValueId) -> Option<(Vec<ValueId>, Weighted)> {
    let Operation::Sum { start, scaled, products } = values.operation(id)? else { return None };
    if scaled.len() < LENGTH_MIN || !products.is_empty() {
        return None;
    }
    let mut terms = scaled.to_vec();
    terms.sort_by_key(|&(_, row)| row);
    let (weights, rows) = terms.into_iter().unzip();
    Some((rows, Weighted { value: id, start: *start, weights }))
}
