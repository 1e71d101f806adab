//! Compositions of three parts: contours of their density in a triangle.

use super::build::{POINTS, Site};
use super::grading::Grading;
use super::line::normalised;
use super::sample::Undrawable;
use super::surface::{Cell, GRADED, contours, lattice, product, undefined};
use super::{Figure, Layer, Mark, Panel, Point, Role};
use crate::sample::LogDensity;

/// Cells along a side of the rectangle around the triangle.
const CELLS: usize = 140;
/// The corners at which the first, second and third part are one.
const CORNERS: [Point; 3] =
    [(0.0, 1.0), (-0.866_025_403_784_438_6, -0.5), (0.866_025_403_784_438_6, -0.5)];
/// Logarithms of the area of the triangle, and of the area of the set of first and second parts.
const LOG_AREA: f64 = 0.261_624_071_883_929_54;
const LOG_HALF: f64 = -std::f64::consts::LN_2;

pub(super) fn figure(site: &Site<'_>) -> Result<Figure, Undrawable> {
    let log_p = LogDensity::of(site.model, site.theta);
    let (mut grid, [x, y]) = lattice((-0.9, 0.9), (-0.6, 1.1), CELLS);
    let parts: Vec<[f64; 3]> = x.iter().zip(&y).map(|(&x, &y)| parts((x, y))).collect();
    let part = |k: usize| parts.iter().map(|parts| parts[k]).collect::<Vec<f64>>();
    let values = log_p.at(&[&part(0), &part(1), &part(2)]);
    let inside = parts.iter().map(|parts| parts.iter().all(|&part| part > 0.0));
    let value = |(value, inside): (f64, bool)| {
        if inside { value + LOG_HALF - LOG_AREA } else { f64::NAN }
    };
    grid.values = values.into_iter().zip(inside).map(value).collect();
    let volume = site.log_normaliser(&log_p);
    let cells = cells(&log_p);
    let (contours, mut doubts) = contours(&[grid], &cells, volume);
    doubts.extend(undefined(&cells.iter().map(|cell| cell.0).collect::<Vec<_>>()));
    let contours = contours.into_iter().flatten();
    let rows = site.shown(POINTS);
    let places = rows.iter().map(|&row| place([0, 1, 2].map(|k| site.data.column(k)[row])));
    let words = CORNERS
        .iter()
        .enumerate()
        .map(|(k, &(x, y))| ((1.12 * x, 1.12 * y), site.component(k).name.clone()));
    let outline = vec![CORNERS[0], CORNERS[1], CORNERS[2], CORNERS[0]];
    let layers = [
        Layer::new(Role::Guide, Mark::Lines(std::iter::once(outline).chain(lines()).collect())),
        Layer::new(Role::Guide, Mark::Words(words.collect())),
        site.rows(Mark::Points(places.collect())),
    ];
    let layers = layers.into_iter().chain(contours).collect();
    let notes = [normalised(volume.is_some()).to_owned()];
    let notes = notes.into_iter().chain(doubts).chain(site.thinned()).collect();
    Ok(Figure {
        panels: vec![Panel::map("density of compositions", layers)],
        notes,
        log_normaliser: volume,
    })
}

/// log p by area of the triangle, with the areas of cells, which are small at its edges; the second
/// coordinate of a cell is the share of the second part in the remainder.
fn cells(log_p: &LogDensity<'_>) -> Vec<Cell> {
    let side = Grading::of((0.0, 1.0), (true, true), GRADED).cells();
    let ([first, share], area) = product(&side, &side);
    let split = |part: fn(f64, f64) -> f64| -> Vec<f64> {
        first.iter().zip(&share).map(|(a, s)| part(*a, *s)).collect()
    };
    let (second, third) = (split(|a, s| (1.0 - a) * s), split(|a, s| (1.0 - a) * (1.0 - s)));
    let density = |value: f64| value + LOG_HALF - LOG_AREA;
    let area =
        area.iter().zip(&first).map(|(area, a)| area * (1.0 - a) * (LOG_AREA - LOG_HALF).exp());
    log_p.at(&[&first, &second, &third]).into_iter().map(density).zip(area).collect()
}

/// Lines at which a part is ¼, ½ and ¾.
fn lines() -> Vec<Vec<Point>> {
    let line = |k: usize, share: f64| {
        let corner = |other: usize| {
            let mut parts = [0.0; 3];
            parts[k] = share;
            parts[(k + other) % 3] = 1.0 - share;
            place(parts)
        };
        vec![corner(1), corner(2)]
    };
    (0..3).flat_map(|k| [0.25, 0.5, 0.75].map(|share| line(k, share))).collect()
}

fn place(parts: [f64; 3]) -> Point {
    let sum = |side: fn(Point) -> f64| (0..3).map(|k| parts[k] * side(CORNERS[k])).sum();
    (sum(|corner| corner.0), sum(|corner| corner.1))
}

/// The inverse of `place`; some part is negative outside the triangle.
fn parts((x, y): Point) -> [f64; 3] {
    let first = (y + 0.5) / 1.5;
    let third = 0.5 * (1.0 - first + x / CORNERS[2].0);
    [first, 1.0 - first - third, third]
}
