//! Unit vectors in space: two hemispheres in Lambert's equal-area projection, with contours.

use super::build::{POINTS, Site};
use super::contours::Lattice;
use super::grading::Grading;
use super::line::normalised;
use super::sample::Undrawable;
use super::surface::{Cell, GRADED, contours, lattice, product, undefined};
use super::{Figure, Layer, Mark, Panel, Point, Role};
use crate::analysis::normaliser::around;
use crate::sample::LogDensity;

use std::f64::consts::{LN_2, PI, TAU};

/// Cells of the density across a hemisphere.
const CELLS: usize = 120;
/// Segments of the outline.
const CORNERS: usize = 180;

pub(super) fn figure(site: &Site<'_>) -> Result<Figure, Undrawable> {
    let log_p = LogDensity::of(site.model, site.theta);
    let volume = site.log_normaliser(&log_p);
    let halves = [1.0, -1.0];
    let cells = cells(&log_p);
    let (contours, mut doubts) =
        contours(&halves.map(|side| hemisphere(&log_p, side)), &cells, volume);
    doubts.extend(undefined(&cells.iter().map(|cell| cell.0).collect::<Vec<_>>()));
    let panels = halves.iter().zip(contours).map(|(&side, contours)| {
        let sign = if side > 0.0 { "> 0" } else { "< 0" };
        let layers = ground(site, side).into_iter().chain(contours).collect();
        Panel::map(format!("{} {sign}", site.component(2).name), layers)
    });
    let projection = "hemispheres by Lambert's projection: equal areas are equally large";
    let notes = [normalised(volume.is_some()), projection].map(str::to_owned);
    let notes = notes.into_iter().chain(doubts).chain(site.thinned()).collect();
    Ok(Figure { panels: panels.collect(), notes, log_normaliser: volume })
}

/// log p on the hemisphere whose third component has the sign of `side`, by area of the unit disc.
fn hemisphere(log_p: &LogDensity<'_>, side: f64) -> Lattice {
    let (mut grid, [x, y]) = lattice((-1.0, 1.0), (-1.0, 1.0), CELLS);
    let places: Vec<[f64; 3]> = x.iter().zip(&y).map(|(&x, &y)| direction((x, y), side)).collect();
    let column = |k: usize| places.iter().map(|place| place[k]).collect::<Vec<f64>>();
    let values = log_p.at(&[&column(0), &column(1), &column(2)]);
    // The area of the unit disc is half of that of the hemisphere.
    let value = |(value, place): (f64, &[f64; 3])| {
        if side * place[2] >= 0.0 { value + LN_2 } else { f64::NAN }
    };
    grid.values = values.into_iter().zip(&places).map(value).collect();
    grid
}

/// log p by area of the discs, with the areas of cells: equal intervals of the third component and of
/// the angle around its axis have equal areas.
fn cells(log_p: &LogDensity<'_>) -> Vec<Cell> {
    let side = |ends: (f64, f64)| Grading::of(ends, (false, false), GRADED).cells();
    let ([z, angle], area) = product(&side((-1.0, 1.0)), &side((-PI, PI)));
    let values = log_p.at(&around(&z, &angle).each_ref().map(Vec::as_slice));
    values.into_iter().zip(area).map(|(value, area)| (value + LN_2, 0.5 * area)).collect()
}

/// The outline of a hemisphere with the names of axes, and the rows on it.
fn ground(site: &Site<'_>, side: f64) -> Vec<Layer> {
    let rows = site.shown(POINTS);
    let points = rows.iter().filter_map(|&row| {
        let place = [0, 1, 2].map(|k| site.data.column(k)[row]);
        let here = if side > 0.0 { place[2] >= 0.0 } else { place[2] < 0.0 };
        here.then(|| projected(place))
    });
    let outline = (0..=CORNERS).map(|k| (k as f64 * TAU / CORNERS as f64).sin_cos());
    let names = [0, 1].map(|k| site.component(k).name.clone());
    let [first, second] = names;
    let words = vec![((1.1, 0.0), first), ((0.0, 1.1), second)];
    vec![
        Layer::new(Role::Guide, Mark::Lines(vec![outline.collect()])),
        Layer::new(Role::Guide, Mark::Words(words)),
        site.rows(Mark::Points(points.collect())),
    ]
}

/// The unit vector at a point of the disc; outside the disc its third component has the other sign.
fn direction((x, y): Point, side: f64) -> [f64; 3] {
    let square = x * x + y * y;
    let scale = (2.0 - square).max(0.0).sqrt();
    [x * scale, y * scale, side * (1.0 - square)]
}

fn projected([x, y, z]: [f64; 3]) -> Point {
    let scale = (1.0 + z.abs()).sqrt();
    (x / scale, y / scale)
}
