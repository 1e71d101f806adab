//! Multiply-adds: a product that only one sum uses becomes a term of that sum.

use super::operation::Operation;
use super::reduction::{Reduction, roots};
use super::value::{ValueId, Values};

/// Moves each product with one user into that user, a sum of terms or a mean over rows. Each move
/// saves a slot, a store and a load.
pub(super) fn fuse(values: &mut Values, outputs: &[ValueId], means: &mut [Reduction]) {
    let roots = roots(outputs, means);
    let reachable = values.reachable(&roots);
    let uses = uses(values, &roots, &reachable);
    for id in values.ids() {
        if !reachable[id.index()] || values.is_scalar(id) {
            continue;
        }
        if let Some(fused) = fused(values, id, &uses) {
            values.replace(id, fused);
        }
    }
    for mean in means {
        if let Reduction::Sum(a) = *mean
            && uses[a.index()] == 1
            && let Some((a, b)) = product_of_rows(values, a)
        {
            *mean = Reduction::Product(a, b);
        }
    }
}

pub(super) fn uses(values: &Values, roots: &[ValueId], reachable: &[bool]) -> Vec<u32> {
    let mut uses = vec![0; values.len()];
    roots.iter().for_each(|root| uses[root.index()] += 1);
    for id in values.ids().filter(|id| reachable[id.index()]) {
        if let Some(operation) = values.operation(id) {
            operation.each_operand(|operand| uses[operand.index()] += 1);
        }
    }
    uses
}

fn fused(values: &Values, id: ValueId, uses: &[u32]) -> Option<Operation<ValueId>> {
    let Operation::Sum { start, scaled, products } = values.operation(id)? else { return None };
    let inlined = |&(weight, term): &(ValueId, ValueId)| {
        if values.is_one(weight) && uses[term.index()] == 1 {
            product_of_rows(values, term)
        } else {
            None
        }
    };
    let moved: Vec<_> = scaled.iter().filter_map(inlined).collect();
    if moved.is_empty() {
        return None;
    }
    let scaled = scaled.iter().filter(|term| inlined(term).is_none()).copied().collect();
    let products = products.iter().copied().chain(moved).collect();
    Some(Operation::Sum { start: *start, scaled, products })
}

fn product_of_rows(values: &Values, id: ValueId) -> Option<(ValueId, ValueId)> {
    match *values.operation(id)? {
        Operation::Multiply(a, b) if !values.is_scalar(a) && !values.is_scalar(b) => Some((a, b)),
        _ => None,
    }
}
