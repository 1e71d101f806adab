//! One number given covariates: the rows over each covariate with what the model expects there, and
//! the score of each row, whose mean is zero wherever the model is right.

use super::build::{Site, ends};
use super::sample::{Sample, Undrawable};
use super::slice::{LogDensity, Score};
use super::{Axis, Figure, Layer, Mark, Panel, Point, Role, Scale};
use crate::numerics::sum::compensated_mean;

/// Most covariates that are drawn.
const COVARIATES: usize = 3;
/// Places along a covariate, and cells of the response at each.
const PLACES: usize = 60;
const CELLS: usize = 600;
/// Cells that find where the mass is, and how far log p has fallen where it is taken to end.
const SEARCH: usize = 400;
const DEPTH: f64 = 25.0;
/// The band holds the middle of the conditional distribution.
const BAND: (f64, f64) = (0.05, 0.95);
/// Groups of rows along a covariate whose mean score is drawn.
const GROUPS: usize = 12;

/// The conditional distribution of the response at one place.
struct Conditional {
    low: f64,
    mean: f64,
    high: f64,
}

pub(super) fn figure(site: &Site<'_>) -> Result<Figure, Undrawable> {
    let y = site.axis(0)?;
    let log_p = LogDensity::of(site.model, site.theta);
    let conditions = site.model.conditions();
    let mut panels = Vec::new();
    let mut lost = false;
    for &covariate in conditions.iter().take(COVARIATES) {
        let position = 1 + covariate;
        let x = site.axis(position)?;
        let mut layers = vec![site.rows(site.points((position, 0), (&x, &y)))];
        match expected(site, &log_p, position, (&x, &y)) {
            Some(model) => layers.splice(0..0, model).for_each(drop),
            None => lost = true,
        }
        panels.push(Panel::new("response", x.clone(), y.clone(), layers));
        panels.extend(residuals(site, position, x));
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
        Some("score: its mean is zero along a covariate where the model is right".to_owned()),
        (more > 0).then(|| format!("{more} more covariates are not drawn")),
        site.thinned(),
    ];
    Ok(Figure { panels, notes: notes.into_iter().flatten().collect(), log_normaliser: None })
}

/// The band and the line of the model along a covariate, the others at their medians.
fn expected(
    site: &Site<'_>,
    log_p: &LogDensity<'_>,
    position: usize,
    (x, y): (&Axis, &Axis),
) -> Option<[Layer; 2]> {
    if y.scale == Scale::Turn {
        return None;
    }
    let mut centre = medians(site);
    let place = |k: usize| x.low + (k as f64 + 0.5) / PLACES as f64 * (x.high - x.low);
    let mut band = Vec::with_capacity(PLACES);
    let mut line: Vec<Point> = Vec::with_capacity(PLACES);
    for k in 0..PLACES {
        centre[position] = place(k);
        let found = conditional(site, log_p, &centre, y)?;
        band.push((place(k), found.low, found.high));
        line.push((place(k), found.mean));
    }
    Some([
        Layer::new(Role::Model, Mark::Band(band)),
        Layer::new(Role::Model, Mark::Line(line)).named("model"),
    ])
}

fn medians(site: &Site<'_>) -> Vec<f64> {
    let width = site.model.data().len() + site.model.covariates().len();
    let median = |k: usize| {
        Sample::of(site.data.column(k)).map_or(f64::NAN, |all| all.quantile(0.5) + all.shift)
    };
    (0..width).map(median).collect()
}

/// Mean and quantiles of the response where the covariates stand at `centre`: on a stretch that
/// reaches three lengths of the axis beyond it, then on that part of it that holds the mass.
fn conditional(
    site: &Site<'_>,
    log_p: &LogDensity<'_>,
    centre: &[f64],
    y: &Axis,
) -> Option<Conditional> {
    let (least, most) = ends(site.component(0).support);
    let reach = 3.0 * (y.high - y.low);
    let wide = ((y.low - reach).max(least), (y.high + reach).min(most));
    let coarse = values(log_p, centre, wide, SEARCH);
    let highest = coarse.iter().map(|one| one.1).filter(|z| z.is_finite()).fold(f64::MIN, f64::max);
    let near = |one: &&Point| one.1 > highest - DEPTH;
    let first = coarse.iter().find(near)?.0;
    let last = coarse.iter().rev().find(near)?.0;
    let step = (wide.1 - wide.0) / SEARCH as f64;
    let narrow = ((first - step).max(least), (last + step).min(most));
    let fine = values(log_p, centre, narrow, CELLS);
    let highest = fine.iter().map(|one| one.1).filter(|z| z.is_finite()).fold(f64::MIN, f64::max);
    let weights: Vec<f64> = fine
        .iter()
        .map(|one| if one.1.is_finite() { (one.1 - highest).exp() } else { 0.0 })
        .collect();
    let total: f64 = weights.iter().sum();
    // Mass at an end of the stretch that is no end of the support is cut off.
    let open = |k: usize, end: f64| weights[k] > 1e-3 * total && end.is_infinite();
    if !(total > 0.0) || open(0, least) || open(CELLS - 1, most) {
        return None;
    }
    let mean = fine.iter().zip(&weights).map(|(one, w)| one.0 * w).sum::<f64>() / total;
    let (low, high) = (quantile(&fine, &weights, BAND.0), quantile(&fine, &weights, BAND.1));
    Some(Conditional { low, mean, high })
}

/// The response where its cells hold this share of the weights.
fn quantile(cells: &[Point], weights: &[f64], share: f64) -> f64 {
    let step = cells[1].0 - cells[0].0;
    let wanted = share * weights.iter().sum::<f64>();
    let mut held = 0.0;
    for (cell, weight) in cells.iter().zip(weights) {
        if held + weight >= wanted {
            return cell.0 + step * ((wanted - held) / weight - 0.5);
        }
        held += weight;
    }
    cells[cells.len() - 1].0
}

/// Middles of equal cells of the response, with log p there.
fn values(
    log_p: &LogDensity<'_>,
    centre: &[f64],
    (low, high): (f64, f64),
    count: usize,
) -> Vec<Point> {
    let middle = |k: usize| low + (k as f64 + 0.5) / count as f64 * (high - low);
    let response: Vec<f64> = (0..count).map(middle).collect();
    let others: Vec<Vec<f64>> = centre[1..].iter().map(|&x| vec![x; count]).collect();
    let others = others.iter().map(Vec::as_slice);
    let columns: Vec<&[f64]> = std::iter::once(response.as_slice()).chain(others).collect();
    let values = log_p.at(&columns);
    response.into_iter().zip(values).collect()
}

/// The score of each row along a covariate, and its mean in groups of rows.
fn residuals(site: &Site<'_>, position: usize, x: Axis) -> Option<Panel> {
    let score = Score::of(site.model, &[0], site.theta).at(&site.data.slices()).swap_remove(0);
    let along = site.data.column(position);
    let y = super::line::reach(&score)?;
    let shown = site.shown(super::build::POINTS);
    let points = shown.iter().map(|&row| (along[row], score[row])).collect();
    let zero = Mark::Line(vec![(x.low, 0.0), (x.high, 0.0)]);
    let layers = vec![
        Layer::new(Role::Data, Mark::Points(points)).named("rows"),
        Layer::new(Role::Guide, zero),
        Layer::new(Role::Score, Mark::Line(means(along, &score))).named("mean score"),
    ];
    let name = &site.component(0).name;
    Some(Panel::new("score by row", x, Axis::new(format!("d log p / d {name}"), y.0, y.1), layers))
}

/// Mean scores of groups of equally many rows, each at its mean covariate.
fn means(along: &[f64], score: &[f64]) -> Vec<Point> {
    let mut order: Vec<usize> = (0..along.len()).collect();
    order.sort_by(|&a, &b| along[a].total_cmp(&along[b]));
    let mean = |rows: &[usize], values: &[f64]| {
        compensated_mean(&rows.iter().map(|&row| values[row]).collect::<Vec<_>>())
    };
    let size = along.len().div_ceil(GROUPS);
    order.chunks(size).map(|rows| (mean(rows, along), mean(rows, score))).collect()
}
