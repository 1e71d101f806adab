//! Exchanges of scalar parameters, found by trial whatever their names: terms of log p that are
//! permuted.

use super::labels::{Probe, Rule};
use crate::model::{Model, Shape};

/// Most scalars among which exchanges are tried, and most pairs that are swapped at once.
const SCALARS_MAX: usize = 10;
const PAIRS_AT_ONCE: usize = 3;

/// Exchanges of scalars whose names do not suggest any: up to three pairs that are swapped together,
/// as in the terms of b1*exp(-b2*x) + b3*exp(-b4*x), with further terms that are exchanged with the
/// first.
pub(super) fn involutions(
    model: &Model,
    probe: &Probe<'_>,
    held: &[bool],
    known: &[Rule],
) -> Vec<Rule> {
    let named = |j: &usize| {
        known.iter().any(|rule| match rule {
            Rule::Exchange { slots, mirror: _ } => slots.iter().flatten().any(|k| k == j),
            Rule::Sign(_) | Rule::Together(_) | Rule::Turn { .. } | Rule::Wrap(_) => false,
        })
    };
    let block = |j: usize| &model.blocks()[model.parameters()[j].block];
    let scalar = |j: &usize| block(*j).shape == Shape::Scalar && !held[*j] && !named(j);
    let scalars: Vec<usize> = (0..held.len()).filter(scalar).collect();
    if scalars.len() > SCALARS_MAX {
        return Vec::new();
    }
    let alike = |&(a, b): &(usize, usize)| block(a).constraint == block(b).constraint;
    let pairs: Vec<(usize, usize)> = scalars
        .iter()
        .flat_map(|&a| scalars.iter().filter(move |&&b| b > a).map(move |&b| (a, b)))
        .filter(alike)
        .collect();
    let found = swaps(&pairs, probe);
    let mut rules: Vec<Rule> = Vec::new();
    let mut used: Vec<usize> = Vec::new();
    for set in &found {
        if set.iter().any(|&(a, b)| used.contains(&a) || used.contains(&b)) {
            continue;
        }
        let first: Vec<usize> = set.iter().map(|&(a, _)| a).collect();
        let with = |other: &Vec<(usize, usize)>| {
            let partner = |a: &usize| other.iter().find(|pair| pair.0 == *a).map(|pair| pair.1);
            let slot: Option<Vec<usize>> = first.iter().map(partner).collect();
            slot.filter(|slot| slot.len() == other.len())
        };
        let slots: Vec<Vec<usize>> =
            [first.clone()].into_iter().chain(found.iter().filter_map(with)).collect();
        used.extend(slots.iter().flatten());
        rules.push(Rule::Exchange { slots, mirror: None });
    }
    rules
}

/// Minimal sets of one to three disjoint pairs whose joint swap leaves log p unchanged.
fn swaps(pairs: &[(usize, usize)], probe: &Probe<'_>) -> Vec<Vec<(usize, usize)>> {
    let mut found: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut sets: Vec<Vec<(usize, usize)>> = vec![Vec::new()];
    for _ in 0..PAIRS_AT_ONCE {
        let longer = |set: &Vec<(usize, usize)>| {
            let set = set.clone();
            let after = pairs.iter().filter(move |&&pair| {
                let apart = |other: &(usize, usize)| {
                    let (a, b) = *other;
                    a != pair.0 && a != pair.1 && b != pair.0 && b != pair.1
                };
                set.last().is_none_or(|last| *last < pair) && set.iter().all(apart)
            });
            after.copied().collect::<Vec<_>>()
        };
        let longer: Vec<Vec<(usize, usize)>> = sets
            .iter()
            .flat_map(|set| longer(set).into_iter().map(|pair| [set.as_slice(), &[pair]].concat()))
            .collect();
        sets.clear();
        for set in longer {
            let within = |known: &Vec<(usize, usize)>| known.iter().all(|pair| set.contains(pair));
            if found.iter().any(within) {
                continue;
            }
            let unchanged = probe.keeps(|theta| set.iter().for_each(|&(a, b)| theta.swap(a, b)));
            if unchanged { found.push(set) } else { sets.push(set) }
        }
    }
    found
}
