//! Several numbers: rows by pairs of components, with arrows of the score.

use super::build::Site;
use super::plane::{ARROWS_ARE, along};
use super::sample::Undrawable;
use super::{Axis, Figure, Layer, Panel, Point};
use crate::sample::Score;

/// Most components whose pairs are drawn.
const COMPONENTS: usize = 4;
/// Most rows with an arrow, and the length of the longest arrow as a share of an axis.
const ARROWS: usize = 80;
const LONGEST: f64 = 0.12;

pub(super) fn figure(site: &Site<'_>) -> Result<Figure, Undrawable> {
    let d = site.model.data().len();
    let shown: Vec<usize> = (0..d.min(COMPONENTS)).collect();
    let axes = shown.iter().map(|&k| site.axis(k)).collect::<Result<Vec<Axis>, _>>()?;
    let rows = site.shown(ARROWS);
    let scores = scores(site, &shown, &rows);
    let mut panels = Vec::new();
    for j in 1..shown.len() {
        for i in 0..j {
            let pair = (&axes[i], &axes[j]);
            let points = site.rows(site.points((i, j), pair));
            let tails: Vec<Point> = rows
                .iter()
                .map(|&row| (site.place((i, &axes[i]), row), site.place((j, &axes[j]), row)))
                .collect();
            let slopes: Vec<Point> =
                scores[i].iter().zip(&scores[j]).map(|(&a, &b)| (a, b)).collect();
            let arrows: Option<Layer> = along(pair, &tails, &slopes, LONGEST);
            let layers = std::iter::once(points).chain(arrows).collect();
            panels.push(Panel::new("", axes[i].clone(), axes[j].clone(), layers));
        }
    }
    let notes = [
        Some("a density of so many components is not drawn: it would need its integral".to_owned()),
        Some(ARROWS_ARE.to_owned()),
        (site.data.rows() > ARROWS).then(|| format!("arrows at {ARROWS} rows, drawn at random")),
        (d > COMPONENTS).then(|| format!("the first {COMPONENTS} of {d} components are drawn")),
        site.beside(&shown.iter().copied().zip(&axes).collect::<Vec<_>>()),
        site.thinned(),
    ];
    Ok(Figure { panels, notes: notes.into_iter().flatten().collect(), log_normaliser: None })
}

/// Components of the score at some rows, by component.
fn scores(site: &Site<'_>, components: &[usize], rows: &[usize]) -> Vec<Vec<f64>> {
    let width = site.model.data().len() + site.model.covariates().len();
    let column =
        |k: usize| -> Vec<f64> { rows.iter().map(|&row| site.data.column(k)[row]).collect() };
    let columns: Vec<Vec<f64>> = (0..width).map(column).collect();
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    Score::of(site.model, components, site.theta).at(&slices)
}
