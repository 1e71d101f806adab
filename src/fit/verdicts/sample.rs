//! Warnings about the data: how many rows, how rounded, in which units, where cut off.

use std::f64::consts::TAU;

use crate::data::Sentinel;
use crate::fit::Warning;
use crate::fit::impossible::are_whole;
use crate::fit::standardise::Spread;
use crate::model::{Component, Support};
use crate::numerics::decimal::shortest;
use crate::objective::Specification;

use super::atoms::point_mass;
use super::circle::is_periodic;
use super::cut_off::evident_edge;
use super::marginal::Marginal;
use super::{Findings, NAMED, few, unnamed};

/// Independent rows for each parameter from which on nothing is said.
const ROWS_PER_PARAMETER: usize = 10;
/// Fewer distinct values than this share of the rows are ties.
const DISTINCT_MIN: f64 = 0.5;
/// Ties need this share of the rows to have the most frequent value: a component of the model cannot gain
/// much from a value that few rows have.
const SHARE_MIN: f64 = 0.005;
/// Fewest rows that are looked through for ties.
const TIES_ROWS_MIN: usize = 20;
/// Most distinct values of a column of counts.
const COUNTS_MAX: usize = 20;
/// Fewest rows of such a column.
const COUNTS_ROWS: usize = 20;
/// Fewest rows for each distinct value of it.
const COUNTS_REPEATS: usize = 4;
/// The largest least value of it, in standard deviations.
const COUNTS_LOW: f64 = 2.0;
/// Turns that angles may span, a little more than one because of rounding.
const TURN_MAX: f64 = 1.01;

/// A warning that there are no standard errors, because K of many parameters is too large to be formed.
pub(super) fn without_errors(findings: &Findings<'_>) -> Option<Warning> {
    findings.best.without_errors.then(|| {
        let count = findings.space.active().len();
        let headline =
            format!("{count} parameters: standard errors are formed of at most 500 by themselves");
        Warning::new("no-standard-errors", headline)
            .meaning("The estimates are not affected")
            .meaning("The gradient is measured by the diagonal of K alone")
            .remedy("`--covariance` asks for them")
    })
}

/// Warnings about the sample.
pub(in crate::fit) fn sample_warnings(findings: &Findings<'_>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    warnings.extend(small_sample(findings));
    warnings.extend(super::units::column_units(findings));
    let mut ties = Vec::new();
    let data = findings.model.data().iter().enumerate();
    // Two values are what binary data are declared to have.
    for (k, component) in data.filter(|(_, one)| !matches!(one.support, Support::Binary(..))) {
        let column = findings.columns[k];
        let Some(marginal) = Marginal::of(column) else { continue };
        if component.support == Support::Line && looks_counted(column, &marginal) {
            warnings.push(counts(&component.name, marginal.distinct));
            continue;
        }
        let at_edge = super::edges::mass_at_edge(component, column);
        let missing = || Sentinel::of(column).map(|found| found.value);
        let atom = || point_mass(&component.name, marginal.atom?, marginal.rows, missing);
        warnings.extend(at_edge.or_else(atom));
        ties.extend(ties_of(&component.name, &marginal));
        let periodic = || is_periodic(findings.model, findings.columns, findings.raw, k);
        warnings.extend(turns(component, &marginal, periodic));
        warnings.extend(edge(findings, k, &marginal));
    }
    // A density that could shrink onto a value would have a minimum of J there.
    if !findings.closed_form {
        warnings.extend(heavy_ties(&ties, findings.rows()));
    }
    warnings.extend(super::rescaled(findings.rescaled));
    warnings.extend(constant_rows(findings));
    warnings.extend(noised(findings.specification));
    warnings
}

/// An edge of component `k` on the line. The marginal of a response says nothing about its density given
/// the covariates, an angle has no ends (J on the circle is that on the line), and a weight of the text is
/// there because of an edge.
fn edge(findings: &Findings<'_>, k: usize, column: &Marginal) -> Option<Warning> {
    let component = &findings.model.data()[k];
    let model = findings.model;
    let alone = model.conditions().is_empty() && model.weight(k).is_none();
    let alone = alone && component.support == Support::Line;
    let edge = alone.then(|| evident_edge(&component.name, column)).flatten()?;
    (!is_periodic(model, findings.columns, findings.raw, k)).then_some(edge)
}

/// Warnings about values of columns, each with its name, that may stand for missing ones: a value such
/// as -999 that is the least or largest one and far from all others.
///
/// ```
/// let column: Vec<f64> = (0..20).map(f64::from).chain([-999.0]).collect();
/// let told = scorematch::fit::sentinels([("x", column.as_slice())]);
/// assert!(told[0].message.starts_with("`x` is -999 in 1 of 21 rows"));
/// ```
#[must_use]
pub fn sentinels<'a>(columns: impl IntoIterator<Item = (&'a str, &'a [f64])>) -> Vec<Warning> {
    let found = columns.into_iter().filter_map(|(name, column)| {
        let Sentinel { value, rows } = Sentinel::of(column)?;
        let (n, shown) = (column.len(), shortest(value));
        let headline =
            format!("`{name}` is {shown} in {rows} of {n} rows, far from all other values");
        Some(Warning::new("sentinel", headline).remedy(remedy(value)))
    });
    found.collect()
}

/// What to do about a value outside of a declared support, where it is one that usually stands for a
/// missing value, such as -999.
///
/// ```
/// use scorematch::fit::missing_code;
/// assert!(missing_code(-999.0).is_some_and(|help| help.contains("`--na -999 --missing drop`")));
/// assert_eq!(missing_code(-0.5), None);
/// ```
#[must_use]
pub fn missing_code(value: f64) -> Option<String> {
    Sentinel::is_usual(value).then(|| remedy(value))
}

fn remedy(value: f64) -> String {
    format!("If it means a missing value: `--na {} --missing drop`", shortest(value))
}

/// A warning about zeros in compositions, in rows whose loss does not depend on the parameters.
fn constant_rows(findings: &Findings<'_>) -> Option<Warning> {
    let rows = match findings.specification.constant_rows() {
        0 => return None,
        1 => "1 row has".to_owned(),
        more => format!("{more} rows have"),
    };
    let transform = findings.specification.transform()?.name();
    let headline = format!("{rows} a zero, where the weight of `--transform {transform}` is zero");
    let warning = Warning::new("zeros-left-out", headline)
        .meaning("What their loss tends to there is a number whatever the parameters are")
        .meaning("J leaves it out, and n counts them");
    Some(warning.remedy("With `--transform clr` zeros are values"))
}

/// A note that denoising estimates the density of data with noise.
fn noised(specification: &Specification) -> Option<Warning> {
    let list: Vec<String> = specification.sigma().iter().copied().map(shortest).collect();
    let which = match list.len() {
        0 => return None,
        1 => format!("sd {}", list[0]),
        _ => format!("sds {}, each in turn", list.join(", ")),
    };
    let scales = match specification.takes_in_noise() {
        true => "the text takes it in by `sigma`",
        false => "scales come out wider by as much",
    };
    let headline =
        format!("the fit is of the density of the data with normal noise of {which}: {scales}");
    Some(Warning::new("noised-density", headline))
}

fn small_sample(findings: &Findings<'_>) -> Option<Warning> {
    let (n, p) = (findings.independent, findings.space.active().len());
    let clustered = findings.specification.size().is_some_and(|size| size.clusters.is_some());
    let unit = if clustered { "cluster" } else { "row" };
    let (rows, parameters) = (number_of(n, unit), number_of(p, "parameter"));
    if n <= p {
        let headline = format!("{rows} for {parameters}, and so no standard errors");
        let warning = Warning::new("too-few-rows", headline)
            .meaning("So few cannot determine so many")
            .remedy(format!("Take more {unit}s, or hold parameters by `--fix`"));
        return Some(warning);
    }
    let errors = !findings.best.without_errors;
    (errors && n < ROWS_PER_PARAMETER * p).then(|| {
        let doubt = format!("standard errors rest on fewer than ten {unit}s each");
        let warning = Warning::new("small-sample", format!("{rows} for {parameters}: {doubt}"));
        match findings.options.bootstrap {
            Some(_) => warning,
            None => warning.remedy("Compare `--bootstrap 1000`"),
        }
    })
}

fn number_of(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// `51 distinct values of x`, where they are few and one of them is frequent.
fn ties_of(name: &str, column: &Marginal) -> Option<String> {
    let &Marginal { rows, distinct, frequent: (_, most), .. } = column;
    let n = rows as f64;
    let few = (distinct as f64) < DISTINCT_MIN * n && most as f64 >= SHARE_MIN * n;
    (rows >= TIES_ROWS_MIN && few).then(|| format!("{distinct} distinct values of `{name}`"))
}

/// Whether values are few whole numbers that crowd towards zero.
fn looks_counted(column: &[f64], marginal: &Marginal) -> bool {
    let distinct = marginal.distinct;
    (2..=COUNTS_MAX).contains(&distinct)
        && marginal.rows >= COUNTS_ROWS.max(COUNTS_REPEATS * distinct)
        && are_whole(column)
        && marginal.least() <= COUNTS_LOW * Spread::of(column).deviation
}

fn counts(name: &str, distinct: usize) -> Warning {
    let headline = format!("`{name}` takes {distinct} whole numbers, as counts and grades do");
    Warning::new("counts", headline)
        .meaning(
            "Score matching differentiates in the data and takes them for points of a continuum",
        )
        .meaning("A density fitted to them may be far from their probabilities")
        .remedy(format!("Fit counts by maximum likelihood; a given `{name}` is a `covariate`"))
}

/// A warning about angles over more than one turn, which may be degrees or hours. Data on the line are angles
/// where log p is periodic in them.
fn turns(
    component: &Component,
    column: &Marginal,
    is_periodic: impl Fn() -> bool,
) -> Option<Warning> {
    let span = column.largest() - column.least();
    let is_angle = match component.support {
        Support::Circle => true,
        Support::Line => span > TURN_MAX * TAU && is_periodic(),
        Support::Above(_)
        | Support::Below(_)
        | Support::Between(..)
        | Support::Binary(..)
        | Support::Sphere
        | Support::Simplex => false,
    };
    (is_angle && span > TURN_MAX * TAU).then(|| {
        let name = &component.name;
        let headline = format!("the angles `{name}` span {span:.3}, more than one turn of 2π");
        Warning::new("not-radians", headline)
            .meaning("An angle on the circle is in radians")
            .meaning("Hours of a day become radians times π/12")
            .remedy("Convert other units first, as degrees times π/180")
    })
}

fn heavy_ties(ties: &[String], rows: usize) -> Option<Warning> {
    (!ties.is_empty()).then(|| {
        let headline = format!("there are only {} in {rows} rows", few(ties, NAMED));
        Warning::new("heavy-ties", headline)
            .meaning("On rounded data a component can shrink onto a single value")
            .meaning(unnamed(ties, NAMED))
            .remedy("Do not believe a scale near the unit of rounding")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::rng::stream;

    fn drawn(n: usize, key: u64, draw: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let mut stream = stream(5, key);
        (0..n).map(|_| draw(stream.uniform(), stream.normal())).collect()
    }

    fn marginal(values: &[f64]) -> Marginal {
        Marginal::of(values).expect("there are values")
    }

    #[test]
    fn rounded_values_tie() {
        let values: Vec<f64> = (0..100).map(|k| f64::from(k / 4)).collect();
        assert_eq!(
            ties_of("x", &marginal(&values)).expect("they tie"),
            "25 distinct values of `x`"
        );
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(ties_of("x", &marginal(&values)), None);
        // Two rows to each of many values: a component gains little from any of them.
        let values: Vec<f64> = (0..3000).map(|k| f64::from(k / 3)).collect();
        assert_eq!(ties_of("x", &marginal(&values)), None);
    }

    #[test]
    fn counts_crowd_towards_zero() {
        let looks_counted = |values: Vec<f64>| looks_counted(&values, &marginal(&values));
        let below = |top: i32| move |u: f64, _: f64| (f64::from(top) * u * u).floor();
        assert!(looks_counted(drawn(200, 1, below(6))));
        assert!(looks_counted(drawn(200, 1, below(12))));
        let rounded = |unit: f64| move |_: f64, z: f64| (72.0 + unit * z).round();
        assert!(!looks_counted(drawn(200, 1, rounded(9.0))));
        assert!(!looks_counted(drawn(200, 1, rounded(1.5))));
        assert!(!looks_counted(drawn(200, 1, |_, z| (2.0 * z).round())));
        assert!(!looks_counted(drawn(200, 1, |_, _| 3.0)));
    }
}
