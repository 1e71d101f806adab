//! About the data: how many, how rounded, in which units, cut off where.

use crate::fit::Warning;
use crate::model::Support;
use crate::numerics::decimal::shortest;

use super::{Findings, enumerate, warning};

const ROWS_PER_PARAMETER: usize = 10;
/// Fewer distinct values than this share of the rows are ties.
const DISTINCT_MIN: f64 = 0.5;
const TIES_ROWS_MIN: usize = 20;
/// An edge: the outermost √n values, spread over less than this share of what the next 2√n take.
const EDGE_SHARE: f64 = 0.45;
const EDGE_ROWS_MIN: usize = 100;

/// Warnings about the sample.
pub(in crate::fit) fn sample_warnings(findings: &Findings<'_>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    warnings.extend(small_sample(findings));
    warnings.extend(super::units::column_units(findings));
    let mut ties = Vec::new();
    for (k, component) in findings.model.data().iter().enumerate() {
        let mut sorted = findings.columns[k].to_vec();
        sorted.sort_by(f64::total_cmp);
        ties.extend(ties_of(&component.name, &sorted));
        // The marginal of a response says nothing about its law given the covariates.
        if component.support == Support::Line && findings.model.covariates().is_empty() {
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
    let mut sides = Vec::new();
    if has_edge(sorted) {
        sides.push(format!("below at {}", shortest(sorted[0])));
    }
    if has_edge(&mirrored) {
        sides.push(format!("above at {}", shortest(-mirrored[0])));
    }
    (!sides.is_empty()).then(|| {
        warning(
            "evident-edge",
            format!(
                "`{name}` looks cut off {}. Plain score matching needs a density that vanishes \
                 smoothly at the ends of its support and is biased where it does not; supports with \
                 an edge cannot be fitted yet. If there is an edge, model a transform of `{name}` \
                 that has none, such as the logarithm of the distance from it",
                enumerate(&sides)
            ),
        )
    })
}

/// The lowest √n of sorted values crowd together, seen from the values above them.
fn has_edge(sorted: &[f64]) -> bool {
    let (n, k) = (sorted.len(), sorted.len().isqrt());
    if n < EDGE_ROWS_MIN {
        return false;
    }
    let (first, inner, outer) = (sorted[0], sorted[k - 1], sorted[3 * k - 1]);
    inner - first < EDGE_SHARE * (outer - inner)
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

    /// How many of 200 samples have an edge below.
    fn alarms(n: usize, draw: impl Fn(f64, f64) -> f64) -> usize {
        (0..200).filter(|&key| has_edge(&sorted(n, key, &draw))).count()
    }

    #[test]
    fn many_cut_off_samples_have_an_edge() {
        assert!(alarms(400, |u, _| -u.ln()) >= 80, "{}", alarms(400, |u, _| -u.ln()));
        assert!(alarms(400, |u, _| u * u) >= 190, "{}", alarms(400, |u, _| u * u));
    }

    #[test]
    fn few_smooth_samples_have_one() {
        let gumbel = |u: f64, _| -(-u.ln()).ln();
        let two = |u: f64, z: f64| if u < 0.36 { 54.6 + 5.9 * z } else { 80.1 + 5.9 * z };
        for n in [100, 400] {
            let most = if n == 100 { 14 } else { 2 };
            for found in [alarms(n, |_, z| z), alarms(n, gumbel), alarms(n, two)] {
                assert!(found <= most, "{found} of 200 at {n}");
            }
        }
        assert_eq!(alarms(99, |u, _| u * u), 0);
    }

    #[test]
    fn rounded_values_tie() {
        let values: Vec<f64> = (0..100).map(|k| f64::from(k / 4)).collect();
        assert_eq!(ties_of("x", &values).expect("they tie"), "25 distinct values of `x`");
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(ties_of("x", &values), None);
    }
}
