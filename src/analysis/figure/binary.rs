//! Binary data: observed and expected shares of patterns, or of entries given the others where there
//! are many components or covariates.

use std::collections::BTreeMap;

use super::build::{Site, label};
use super::density::has_density;
use super::sample::Undrawable;
use super::{Axis, Figure, Layer, Mark, Panel, Role, Scale};
use crate::numerics::sum::compensated_mean;
use crate::sample::LogDensity;
use crate::sample::all_patterns;

/// Most components for which patterns are counted.
const COMPONENTS: usize = 12;
/// Most patterns that are drawn.
const PATTERNS: usize = 16;
/// Most entries that are drawn.
const ENTRIES: usize = 24;

pub(super) fn figure(site: &Site<'_>) -> Result<Figure, Undrawable> {
    let few = site.model.data().len() <= COMPONENTS && site.model.conditions().is_empty();
    Ok(if few { patterns(site) } else { entries(site) })
}

/// Observed shares of whole patterns, with those of the model, normalised by the sum over all
/// patterns.
fn patterns(site: &Site<'_>) -> Figure {
    let d = site.model.data().len();
    let values: Vec<(f64, f64)> = (0..d).map(|k| two(site, k)).collect();
    let all = all_patterns(site.model);
    let slices: Vec<&[f64]> = all.iter().map(Vec::as_slice).collect();
    let log_p = LogDensity::of(site.model, site.theta).at(&slices);
    let highest = log_p.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = log_p.iter().map(|z| (z - highest).exp()).collect();
    let total: f64 = weights.iter().sum();
    let doubt = highest == f64::NEG_INFINITY || !log_p.iter().all(|z| has_density(*z));
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for row in 0..site.data.rows() {
        let bit = |k: usize| usize::from(site.data.column(k)[row] == values[k].1) << (d - 1 - k);
        *counts.entry((0..d).map(bit).sum()).or_default() += 1;
    }
    let observed = |pattern: usize| {
        counts.get(&pattern).copied().unwrap_or(0) as f64 / site.data.rows() as f64
    };
    let mut order: Vec<usize> = (0..1 << d).collect();
    order.sort_by(|&a, &b| observed(b).total_cmp(&observed(a)).then(a.cmp(&b)));
    order.truncate(PATTERNS);
    let names = order.iter().map(|pattern| format!("{pattern:0d$b}")).collect();
    let shares: Vec<(f64, f64)> =
        order.iter().map(|&pattern| (observed(pattern), weights[pattern] / total)).collect();
    let label = format!("pattern of {}", listed(site));
    let held: f64 = shares.iter().map(|share| share.0).sum();
    let notes = [
        Some(
            "1 is the greater value; the model's shares are normalised over all patterns"
                .to_owned(),
        ),
        doubt.then(|| {
            "log p is not finite for a pattern: the model's shares mean nothing".to_owned()
        }),
        (1 << d > PATTERNS).then(|| {
            format!("the {PATTERNS} patterns that occur most: {:.0} % of the rows", 100.0 * held)
        }),
    ];
    let panel = compared("patterns", label, names, &shares, "share");
    Figure {
        panels: vec![panel],
        notes: notes.into_iter().flatten().collect(),
        log_normaliser: None,
    }
}

/// The names of the components; of many the first and the last.
fn listed(site: &Site<'_>) -> String {
    let names: Vec<&str> = site.model.data().iter().map(|one| one.name.as_str()).collect();
    match names[..] {
        [first, _, _, _, .., last] => format!("{first}, …, {last}"),
        _ => names.join(", "),
    }
}

/// By component, the observed share of its greater value, and the mean of the model's probability of
/// that value given all other entries of the row.
fn entries(site: &Site<'_>) -> Figure {
    let d = site.model.data().len();
    let shown = d.min(ENTRIES);
    let log_p = LogDensity::of(site.model, site.theta);
    let columns = site.data.slices();
    let share = |k: usize| {
        let (low, high) = two(site, k);
        let at = |value: f64| {
            let held = vec![value; site.data.rows()];
            let mut moved = columns.clone();
            moved[k] = &held;
            log_p.at(&moved)
        };
        let chance = |(low, high): (f64, f64)| 1.0 / (1.0 + (low - high).exp());
        let expected: Vec<f64> = at(low).into_iter().zip(at(high)).map(chance).collect();
        let observed: Vec<f64> =
            columns[k].iter().map(|&x| f64::from(u8::from(x == high))).collect();
        (compensated_mean(&observed), compensated_mean(&expected))
    };
    let shares: Vec<(f64, f64)> = (0..shown).map(share).collect();
    let names = (0..shown).map(|k| label(site.component(k))).collect();
    let panel = compared("entries", "component", names, &shares, "share of the greater value");
    let notes = [
        Some("model: the mean probability of each entry given the others of its row".to_owned()),
        (d > shown).then(|| format!("the first {shown} of {d} components are drawn")),
    ];
    Figure {
        panels: vec![panel],
        notes: notes.into_iter().flatten().collect(),
        log_normaliser: None,
    }
}

fn two(site: &Site<'_>, k: usize) -> (f64, f64) {
    site.component(k).support.values().expect("binary data have two values")
}

/// A panel with bars of the data beside bars of the model.
fn compared(
    title: &str,
    label: impl Into<String>,
    names: Vec<String>,
    shares: &[(f64, f64)],
    what: &str,
) -> Panel {
    let bar = |offset: f64, height: fn(&(f64, f64)) -> f64| {
        let bars = shares.iter().enumerate().map(|(k, share)| {
            let middle = (k + 1) as f64 + offset;
            (middle - 0.19, middle + 0.19, height(share))
        });
        Mark::Bars(bars.collect())
    };
    let top = shares.iter().map(|share| share.0.max(share.1)).fold(0.0, f64::max);
    let count = names.len() as f64;
    let x = Axis { scale: Scale::Names(names), ..Axis::new(label, 0.5, count + 0.5) };
    let layers = vec![
        Layer::new(Role::Data, bar(-0.2, |share| share.0)).named("data"),
        Layer::new(Role::Model, bar(0.2, |share| share.1)).named("model"),
    ];
    Panel::new(title, x, Axis::new(what, 0.0, 1.1 * top.max(1e-6)), layers)
}
