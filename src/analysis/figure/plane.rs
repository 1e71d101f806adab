//! Two numbers: contours of their density over the rows, with arrows of the score.

use super::build::{Site, ends};
use super::density::peak;
use super::grading::Grading;
use super::line::normalised;
use super::sample::{Sample, Undrawable};
use super::surface::{Cell, GRADED, contours, lattice, product, undefined};
use super::{Axis, Figure, Layer, Mark, Panel, Point, Role, Scale};
use crate::sample::{LogDensity, Score};

/// Number of cells of the density, and of arrows, along each axis.
const CELLS: usize = 96;
const ARROWS: usize = 12;
/// Arrows are drawn where log p is above its maximum minus this.
const DEPTH: f64 = 12.0;
/// Quantile of the lengths of scores that is drawn at full length; longer scores are truncated to it.
const FULL: f64 = 0.8;

pub(super) fn figure(site: &Site<'_>) -> Result<Figure, Undrawable> {
    let (x, y) = (site.axis(0)?, site.axis(1)?);
    let log_p = LogDensity::of(site.model, site.theta);
    let (mut grid, [first, second]) = lattice((x.low, x.high), (y.low, y.high), CELLS);
    grid.values = log_p.at(&[&first, &second]);
    let highest = peak(&grid.values);
    let volume = site.log_normaliser(&log_p);
    let doubt = undefined(&grid.values);
    let cells = cells(site, (&x, &y), &log_p);
    let (contours, doubts) = contours(&[grid], &cells, volume);
    let contours = contours.into_iter().flatten();
    let rows = site.rows(site.points((0, 1), (&x, &y)));
    let arrows = arrows(site, (&x, &y), &|columns| {
        log_p.at(columns).into_iter().map(|z| z > highest - DEPTH).collect()
    });
    let layers = std::iter::once(rows).chain(contours).chain(arrows).collect();
    let notes = [normalised(volume.is_some()).to_owned(), ARROWS_ARE.to_owned()];
    let beside = site.beside(&[(0, &x), (1, &y)]);
    let doubts = doubts.into_iter().chain(doubt).chain(beside);
    let notes = notes.into_iter().chain(doubts).chain(site.thinned()).collect();
    Ok(Figure {
        panels: vec![Panel::new("density and score", x, y, layers)],
        notes,
        log_normaliser: volume,
    })
}

/// log p over the panel with the areas of cells, which are small at ends of the supports.
fn cells(site: &Site<'_>, (x, y): (&Axis, &Axis), log_p: &LogDensity<'_>) -> Vec<Cell> {
    let side = |k: usize, axis: &Axis| {
        let (least, most) = ends(site.component(k).support);
        let is_end = match axis.scale {
            Scale::Turn => (false, false),
            Scale::Numbers | Scale::Names(_) => (axis.low <= least, axis.high >= most),
        };
        Grading::of((axis.low, axis.high), is_end, GRADED).cells()
    };
    let (sides, area) = product(&side(0, x), &side(1, y));
    log_p.at(&[&sides[0], &sides[1]]).into_iter().zip(area).collect()
}

/// The note on arrows.
pub(super) const ARROWS_ARE: &str = "arrows: the score, in units of the axes as drawn; the longest \
                                     are cut to one length";

/// Arrows of the score at the nodes of a lattice that are `wanted`.
fn arrows(
    site: &Site<'_>,
    axes: (&Axis, &Axis),
    wanted: &dyn Fn(&[&[f64]]) -> Vec<bool>,
) -> Option<Layer> {
    let (x, y) = axes;
    let (_, [first, second]) = lattice((x.low, x.high), (y.low, y.high), ARROWS);
    let columns: [&[f64]; 2] = [&first, &second];
    let score = Score::of(site.model, &[0, 1], site.theta).at(&columns);
    let wanted = wanted(&columns);
    let kept = |k: &usize| wanted[*k];
    let chosen: Vec<usize> = (0..first.len()).filter(kept).collect();
    let tails: Vec<Point> = chosen.iter().map(|&k| (first[k], second[k])).collect();
    let slopes: Vec<Point> = chosen.iter().map(|&k| (score[0][k], score[1][k])).collect();
    along(axes, &tails, &slopes, 0.9 / ARROWS as f64)
}

/// Arrows along the gradient in a square panel, perpendicular to the contours; the longest have the
/// length `longest`, as a share of an axis.
pub(super) fn along(
    (x, y): (&Axis, &Axis),
    tails: &[Point],
    slopes: &[Point],
    longest: f64,
) -> Option<Layer> {
    let (width, height) = (x.high - x.low, y.high - y.low);
    let drawn: Vec<Point> = slopes.iter().map(|s| (s.0 * width, s.1 * height)).collect();
    let lengths: Vec<f64> = drawn.iter().map(|s| s.0.hypot(s.1)).collect();
    let sample = Sample::of(&lengths).ok()?;
    let full = sample.quantile(FULL) + sample.shift;
    let arrow = |((tail, slope), length): ((&Point, &Point), &f64)| {
        let share = longest * (length / full).min(1.0) / length;
        let head = (tail.0 + slope.0 * share * width, tail.1 + slope.1 * share * height);
        (head.0.is_finite() && head.1.is_finite()).then_some((*tail, head))
    };
    let arrows: Vec<_> = tails.iter().zip(&drawn).zip(&lengths).filter_map(arrow).collect();
    (!arrows.is_empty()).then(|| Layer::new(Role::Score, Mark::Arrows(arrows)).named("score"))
}
