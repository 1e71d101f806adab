//! About the data: how many, how rounded, in which units, cut off where.

use crate::fit::{Standardise, Warning};
use crate::model::Support;

use super::{Findings, enumerate, warning};

const ROWS_PER_PARAMETER: usize = 10;
/// Fewer distinct values than this share of the rows are ties.
const DISTINCT_MIN: f64 = 0.5;
const TIES_ROWS_MIN: usize = 20;
/// Standard deviations that differ by more carry units.
const UNITS_RATIO: f64 = 2.0;
/// An edge: the outermost √n values are this near, over √n, compared with the rest of their half …
const EDGE_TO_MEDIAN: f64 = 4.0;
/// … and with the rest of their quarter, which two modes leave alone.
const EDGE_TO_QUARTILE: f64 = 7.0;
const EDGE_ROWS_MIN: usize = 25;

/// Warnings about the sample.
pub(in crate::fit) fn sample_warnings(findings: &Findings<'_>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    warnings.extend(small_sample(findings));
    warnings.extend(column_units(findings));
    let mut ties = Vec::new();
    for (k, component) in findings.model.data().iter().enumerate() {
        let mut sorted = findings.columns[k].to_vec();
        sorted.sort_by(f64::total_cmp);
        ties.extend(ties_of(&component.name, &sorted));
        if component.support == Support::Line {
            warnings.extend(evident_edge(&component.name, &sorted));
        }
    }
    warnings.extend(heavy_ties(&ties, findings.rows()));
    warnings
}

fn small_sample(findings: &Findings<'_>) -> Option<Warning> {
    let (n, p) = (findings.rows(), findings.space.active().len());
    (n < ROWS_PER_PARAMETER * p).then(|| {
        warning(
            "small-sample",
            format!(
                "{n} rows for {p} parameters: standard errors rest on fewer than ten rows each"
            ),
        )
    })
}

fn column_units(findings: &Findings<'_>) -> Option<Warning> {
    let on_line = |k: &usize| findings.model.data()[*k].support == Support::Line;
    let scales: Vec<f64> = (0..findings.model.data().len())
        .filter(on_line)
        .map(|k| findings.spreads[k].scale())
        .collect();
    let low = scales.iter().copied().fold(f64::INFINITY, f64::min);
    let high = scales.iter().copied().fold(0.0, f64::max);
    let plain = findings.options.standardise == Standardise::No;
    (plain && scales.len() > 1 && high > UNITS_RATIO * low && !findings.exponential_family).then(|| {
        warning(
            "column-units",
            format!(
                "the columns' standard deviations differ by a factor of {:.3}, and the objective adds \
                 terms in 1/unit² of each: components of small scale decide the fit. --standardise \
                 weighs them equally",
                high / low
            ),
        )
    })
}

/// `51 distinct values of x`, if they are few.
fn ties_of(name: &str, sorted: &[f64]) -> Option<String> {
    let steps = sorted.windows(2).filter(|pair| pair[0] != pair[1]).count();
    let distinct = steps + usize::from(!sorted.is_empty());
    let few = (distinct as f64) < DISTINCT_MIN * sorted.len() as f64;
    (sorted.len() >= TIES_ROWS_MIN && few)
        .then(|| format!("{distinct} distinct values of `{name}`"))
}

fn heavy_ties(ties: &[String], rows: usize) -> Option<Warning> {
    (!ties.is_empty()).then(|| {
        warning(
            "heavy-ties",
            format!(
                "there are only {} in {rows} rows: on rounded data a component can shrink onto a \
                 single value",
                enumerate(ties)
            ),
        )
    })
}

fn evident_edge(name: &str, sorted: &[f64]) -> Option<Warning> {
    let mirrored: Vec<f64> = sorted.iter().rev().map(|x| -x).collect();
    let mut declarations = Vec::new();
    if has_edge(sorted) {
        declarations.push(format!("`data {name} > {}`", sorted[0]));
    }
    if has_edge(&mirrored) {
        declarations.push(format!("`data {name} < {}`", -mirrored[0]));
    }
    (!declarations.is_empty()).then(|| {
        warning(
            "evident-edge",
            format!(
                "`{name}` looks cut off. Plain score matching needs a density that vanishes smoothly \
                 at the ends of its support; if there is an edge, declare it: {}",
                enumerate(&declarations)
            ),
        )
    })
}

/// The lowest √n of sorted values crowd together, seen from the values above them.
fn has_edge(sorted: &[f64]) -> bool {
    let n = sorted.len();
    if n < EDGE_ROWS_MIN {
        return false;
    }
    let root = (n as f64).sqrt();
    let inner = sorted[root as usize - 1];
    let crowd = inner - sorted[0];
    let near = |anchor: f64, limit: f64| crowd * root < limit * (anchor - inner);
    near(sorted[n / 2], EDGE_TO_MEDIAN) && near(sorted[n / 4], EDGE_TO_QUARTILE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::rng::stream;

    fn sorted(n: usize, key: u64, draw: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let mut stream = stream(5, key);
        let mut values: Vec<f64> =
            (0..n).map(|_| draw(stream.uniform(), stream.normal())).collect();
        values.sort_by(f64::total_cmp);
        values
    }

    #[test]
    fn cut_off_samples_have_an_edge() {
        let trips = |draw: &dyn Fn(f64, f64) -> f64| {
            (0..50).filter(|&key| has_edge(&sorted(400, key, draw))).count()
        };
        assert!(trips(&|u, _| -u.ln()) >= 48, "exponential");
        assert!(trips(&|u, _| u) >= 45, "uniform");
        assert!(trips(&|_, z| z.abs()) >= 45, "half-normal");
    }

    #[test]
    fn normal_samples_have_none() {
        let trips = |n| (0..500).filter(|&key| has_edge(&sorted(n, key, |_, z| z))).count();
        assert!(trips(100) <= 25, "{}", trips(100));
        assert_eq!(trips(400), 0);
    }

    #[test]
    fn two_modes_are_no_edge() {
        let trip = |key| {
            has_edge(&sorted(
                272,
                key,
                |u, z| if u < 0.36 { 54.6 + 5.9 * z } else { 80.1 + 5.9 * z },
            ))
        };
        assert!((0..200).filter(|&key| trip(key)).count() <= 10);
    }

    #[test]
    fn rounded_values_tie() {
        let values: Vec<f64> = (0..100).map(|k| f64::from(k / 4)).collect();
        assert_eq!(ties_of("x", &values).expect("they tie"), "25 distinct values of `x`");
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(ties_of("x", &values), None);
    }
}
