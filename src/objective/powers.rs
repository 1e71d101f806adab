//! All monomials of a data set in one pass: the values that each row needs, and the products that
//! are summed.
//!
//! The mean of a monomial takes one multiply-add a row: it is a product of two values of about half
//! its degree, so that only the lower half of all powers is ever computed on rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{ExprId, Graph, InputId, Monomial};
use crate::program::{Layout, Program};

/// Programs that compute atoms and moments from the data.
#[derive(Debug)]
pub(super) struct Powers {
    /// The atoms on every row.
    pub(super) atoms: Program,
    /// Whether each atom has a centre: indicators of levels stay 0 and 1.
    pub(super) centred: Vec<bool>,
    /// The means of all monomials; the parameters are the centres.
    pub(super) means: Program,
    /// The highest degree of the monomials.
    pub(super) degree: usize,
}

/// Compiles the means of `monomials` in `atom - centre`.
pub(super) fn powers(
    graph: &mut Graph,
    rows: &[InputId],
    atoms: &[ExprId],
    centres: &[ExprId],
    monomials: &[Monomial],
) -> Powers {
    let differences: Vec<ExprId> =
        atoms.iter().zip(centres).map(|(&atom, &centre)| graph.sub(atom, centre)).collect();
    let one = graph.one();
    let products: Vec<(ExprId, ExprId)> = splits(monomials)
        .into_iter()
        .map(|(a, b)| (graph.monomial(&a, &differences), graph.monomial(&b, &differences)))
        .map(|(a, b)| if a == one { (b, a) } else { (a, b) })
        .collect();
    let parameters = centres.iter().filter_map(|&centre| graph.as_input(centre)).collect();
    let layout = Layout { rows: rows.to_vec(), parameters };
    let columns = Layout { rows: rows.to_vec(), parameters: Vec::new() };
    Powers {
        centred: atoms.iter().map(|&atom| graph.as_level(atom).is_none()).collect(),
        atoms: Program::compile(graph, &columns, atoms),
        means: Program::with_products(graph, &layout, &[], &products),
        degree: monomials.iter().map(Monomial::degree).max().unwrap_or(0),
    }
}

/// Each monomial as a product of two factors; the second is 1 for a monomial that is a value
/// already. High degrees are split first, since their factors are values that the lower degrees can
/// use.
fn splits(monomials: &[Monomial]) -> Vec<(Monomial, Monomial)> {
    let mut values = BTreeSet::from([Monomial::default()]);
    let mut found: BTreeMap<&Monomial, (Monomial, Monomial)> = BTreeMap::new();
    let mut order: Vec<&Monomial> = monomials.iter().collect();
    order.sort();
    for monomial in order.into_iter().rev() {
        let (a, b) = best_split(monomial, &values);
        values.extend([a.clone(), b.clone()]);
        found.insert(monomial, (a, b));
    }
    monomials.iter().map(|monomial| found[monomial].clone()).collect()
}

/// The split that adds the fewest values; among equals the one into the most similar degrees.
fn best_split(monomial: &Monomial, values: &BTreeSet<Monomial>) -> (Monomial, Monomial) {
    let is_new = |part: &Monomial| usize::from(part.degree() > 1 && !values.contains(part));
    let cost = |(a, b): &(Monomial, Monomial)| {
        let new = is_new(a) + if a == b { 0 } else { is_new(b) };
        (new, a.degree().abs_diff(b.degree()))
    };
    if values.contains(monomial) {
        return (monomial.clone(), Monomial::default());
    }
    let candidates = halves(monomial).into_iter();
    candidates.min_by_key(cost).expect("1 times the monomial is a split")
}

/// Number of factors of a monomial beyond which no longer ones are formed.
const CANDIDATES_MAX: usize = 256;

/// Pairs of monomials whose product is the monomial, each pair once.
fn halves(monomial: &Monomial) -> Vec<(Monomial, Monomial)> {
    let mut parts: BTreeSet<Vec<u32>> = BTreeSet::from([Vec::new()]);
    for &factor in monomial.factors() {
        if parts.len() > CANDIDATES_MAX {
            break;
        }
        let longer: Vec<Vec<u32>> =
            parts.iter().map(|part| part.iter().copied().chain([factor]).collect()).collect();
        parts.extend(longer);
    }
    let pairs = parts.into_iter().map(|part| {
        let rest = without(monomial.factors(), &part);
        (Monomial::new(part), rest)
    });
    pairs.filter(|(a, b)| a >= b).collect()
}

/// The ascending factors without those that are taken, ascending too.
fn without(factors: &[u32], taken: &[u32]) -> Monomial {
    let mut taken = taken.iter().peekable();
    let rest = factors.iter().filter(|factor| taken.next_if_eq(factor).is_none());
    Monomial::new(rest.copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn monomial(factors: &[u32]) -> Monomial {
        Monomial::new(factors.to_vec())
    }

    #[test]
    fn powers_of_one_column_need_their_lower_half() {
        let powers: Vec<Monomial> = (1..=14).map(|k| monomial(&vec![0; k])).collect();
        let splits = splits(&powers);
        for (power, (a, b)) in powers.iter().zip(&splits) {
            assert_eq!(a.degree() + b.degree(), power.degree());
        }
        assert!(splits.iter().all(|(a, b)| a.degree() <= 7 && b.degree() <= 7));
    }

    #[test]
    fn products_of_pairs_need_single_columns_only() {
        let pairs = [monomial(&[0, 0]), monomial(&[0, 1]), monomial(&[1, 1])];
        let single = |k: u32| monomial(&[k]);
        let want = [(single(0), single(0)), (single(1), single(0)), (single(1), single(1))];
        assert_eq!(splits(&pairs), want);
    }

    #[test]
    fn halves_multiply_back() {
        let whole = monomial(&[0, 0, 1, 2, 2]);
        let halves = halves(&whole);
        assert_eq!(halves.len(), 9);
        for (a, b) in halves {
            assert_eq!(Monomial::new([a.factors(), b.factors()].concat()), whole);
        }
    }
}
