//! One number given covariates: the rows along each covariate with the conditional mean of the model,
//! and the score of each row, whose mean is zero where the model is correct.

use super::build::{Site, ends};
use super::grading::Grading;
use super::residuals;
use super::sample::{Sample, Undrawable};
use super::{Axis, Figure, Layer, Mark, Panel, Point, Role, Scale};
use crate::sample::LogDensity;

/// Most covariates that are drawn.
const COVARIATES: usize = 3;
/// Number of positions along a covariate, and of cells of the response at each.
const PLACES: usize = 60;
const CELLS: usize = 600;
/// Number of cells in the search for the mass, and the depth below the maximum of log p at which the
/// mass is taken to end.
const SEARCH: usize = 400;
const DEPTH: f64 = 25.0;
/// Distance of the search beyond both ends of the axis, in lengths of the axis, and the number of tries
/// with twice the distance, while the density at an end, times the interval, exceeds a share of the
/// mass.
const REACH: (f64, usize) = (3.0, 8);
const CUT: f64 = 1e-5;
/// Quantiles at the edges of the band.
const BAND: (f64, f64) = (0.05, 0.95);

/// Half the width of a level of a group.
const LEVEL: f64 = 0.3;

/// Mean and quantiles of the response given covariates.
#[derive(Clone)]
struct Conditional {
    low: f64,
    mean: f64,
    high: f64,
}

pub(super) fn figure(site: &Site<'_>) -> Result<Figure, Undrawable> {
    let y = site.axis(0)?;
    let log_p = LogDensity::of(site.model, site.theta);
    let conditions = site.model.conditions();
    let (mut panels, mut axes) = (Vec::new(), vec![(0, y.clone())]);
    let mut lost = false;
    for &covariate in conditions.iter().take(COVARIATES) {
        let position = 1 + covariate;
        let x = site.axis(position)?;
        let mut layers = vec![site.rows(site.points((position, 0), (&x, &y)))];
        match expected(site, &log_p, position, (&x, &y)) {
            Some(model) => drop(layers.splice(0..0, model)),
            None => lost = true,
        }
        panels.push(Panel::new("response", x.clone(), y.clone(), layers));
        axes.push((position, x.clone()));
        panels.extend(residuals::panel(site, position, x));
    }
    let angle = y.scale == Scale::Turn;
    let others = conditions.len() > 1;
    let more = conditions.len().saturating_sub(COVARIATES);
    let notes = [
        (!angle && !lost).then(|| {
            "line: the model's conditional mean; band: its middle 90 %, by quadrature".to_owned()
        }),
        angle.then(|| "an angle has no band: only its rows are drawn".to_owned()),
        (lost && !angle).then(|| {
            "the conditional density has no integral that was found: its mean is not drawn"
                .to_owned()
        }),
        others.then(|| "the other covariates are held at their medians for the model".to_owned()),
        Some(residuals::note(site)),
        site.beside(&axes.iter().map(|(k, axis)| (*k, axis)).collect::<Vec<_>>()),
        (more > 0).then(|| format!("{more} more covariates are not drawn")),
        site.thinned(),
    ];
    Ok(Figure { panels, notes: notes.into_iter().flatten().collect(), log_normaliser: None })
}

/// The band and the line of the model along a covariate, with the others at their medians; for a
/// group, one of each at every level.
fn expected(
    site: &Site<'_>,
    log_p: &LogDensity<'_>,
    position: usize,
    (x, y): (&Axis, &Axis),
) -> Option<Vec<Layer>> {
    if y.scale == Scale::Turn {
        return None;
    }
    let centre = medians(site);
    let along = |places: &[f64]| {
        let mut centre = centre.clone();
        let found = places.iter().map(|&place| {
            centre[position] = place;
            conditional(site, log_p, &centre, y)
        });
        found.collect::<Option<Vec<Conditional>>>()
    };
    let covariate = &site.model.covariates()[position - site.model.data().len()];
    let Some(levels) = &covariate.levels else {
        let place = |k: usize| x.low + (k as f64 + 0.5) / PLACES as f64 * (x.high - x.low);
        let places: Vec<f64> = (0..PLACES).map(place).collect();
        return Some(band_and_line(&places, &along(&places)?, true).into());
    };
    let values: Vec<f64> = levels.values().collect();
    let found = along(&values)?;
    let each = values.iter().zip(found).enumerate().flat_map(|(k, (value, one))| {
        band_and_line(&[value - LEVEL, value + LEVEL], &[one.clone(), one], k == 0)
    });
    Some(each.collect())
}

/// A band and a line through these positions.
fn band_and_line(places: &[f64], found: &[Conditional], named: bool) -> [Layer; 2] {
    let band = places.iter().zip(found).map(|(&place, one)| (place, one.low, one.high));
    let line = places.iter().zip(found).map(|(&place, one)| (place, one.mean));
    let line = Layer::new(Role::Model, Mark::Line(line.collect()));
    let band = Layer::new(Role::Model, Mark::Band(band.collect()));
    [band, if named { line.named("model") } else { line }]
}

fn medians(site: &Site<'_>) -> Vec<f64> {
    let width = site.model.data().len() + site.model.covariates().len();
    let data = site.model.data().len();
    let median = |k: usize| {
        let middle =
            Sample::of(site.data.column(k)).map_or(f64::NAN, |all| all.quantile(0.5) + all.shift);
        let group =
            k.checked_sub(data).is_some_and(|c| site.model.covariates()[c].levels.is_some());
        if group { middle.round() } else { middle }
    };
    (0..width).map(median).collect()
}

/// Mean and quantiles of the response with the covariates at `centre`, on the shortest interval
/// around the axis that contains nearly all mass.
fn conditional(
    site: &Site<'_>,
    log_p: &LogDensity<'_>,
    centre: &[f64],
    y: &Axis,
) -> Option<Conditional> {
    let support = ends(site.component(0).support);
    let length = y.high - y.low;
    (0..REACH.1).find_map(|k| {
        let reach = REACH.0 * f64::from(1 << k) * length;
        let wide = ((y.low - reach).max(support.0), (y.high + reach).min(support.1));
        within(log_p, centre, wide, support)
    })
}

/// [`conditional`] on the part of an interval that contains mass; `None` where much mass is
/// truncated.
fn within(
    log_p: &LogDensity<'_>,
    centre: &[f64],
    wide: (f64, f64),
    (least, most): (f64, f64),
) -> Option<Conditional> {
    let coarse = values(log_p, centre, &Grading::of(wide, (false, false), SEARCH));
    let highest = highest_of(&coarse);
    let near = |one: &&Point| one.1 > highest - DEPTH;
    let first = coarse.iter().find(near)?.0;
    let last = coarse.iter().rev().find(near)?.0;
    let step = (wide.1 - wide.0) / SEARCH as f64;
    let narrow = ((first - step).max(least), (last + step).min(most));
    let is_end = (narrow.0 <= least, narrow.1 >= most);
    let cells = Grading::of(narrow, is_end, CELLS);
    let fine = values(log_p, centre, &cells);
    let weights = weights(&fine, &cells);
    let total: f64 = weights.iter().sum();
    let is_cut = |k: usize| weights[k] * CELLS as f64 > CUT * total;
    if total <= 0.0 || !is_end.0 && is_cut(0) || !is_end.1 && is_cut(CELLS - 1) {
        return None;
    }
    let mean = fine.iter().zip(&weights).map(|(one, w)| one.0 * w).sum::<f64>() / total;
    let (low, high) = (quantile(&cells, &weights, BAND.0), quantile(&cells, &weights, BAND.1));
    Some(Conditional { low, mean, high })
}

/// The mass of each cell, up to a common factor.
fn weights(values: &[Point], cells: &Grading) -> Vec<f64> {
    let highest = highest_of(values);
    let widths = cells.cells().into_iter().map(|cell| cell.1);
    let weight = |(one, width): (&Point, f64)| match one.1.is_finite() {
        true => (one.1 - highest).exp() * width,
        false => 0.0,
    };
    values.iter().zip(widths).map(weight).collect()
}

/// The response at a quantile of the weights.
fn quantile(cells: &Grading, weights: &[f64], share: f64) -> f64 {
    let wanted = share * weights.iter().sum::<f64>();
    let mut held = 0.0;
    for (k, weight) in weights.iter().enumerate() {
        if held + weight >= wanted {
            return cells.at((k as f64 + (wanted - held) / weight) / weights.len() as f64);
        }
        held += weight;
    }
    cells.at(1.0)
}

fn highest_of(values: &[Point]) -> f64 {
    values.iter().map(|one| one.1).filter(|z| z.is_finite()).fold(f64::MIN, f64::max)
}

/// Centres of cells of the response, with log p at each.
fn values(log_p: &LogDensity<'_>, centre: &[f64], cells: &Grading) -> Vec<Point> {
    let response: Vec<f64> = cells.cells().into_iter().map(|cell| cell.0).collect();
    let others: Vec<Vec<f64>> = centre[1..].iter().map(|&x| vec![x; response.len()]).collect();
    let others = others.iter().map(Vec::as_slice);
    let columns: Vec<&[f64]> = std::iter::once(response.as_slice()).chain(others).collect();
    let values = log_p.at(&columns);
    response.into_iter().zip(values).collect()
}
