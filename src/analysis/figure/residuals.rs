//! The score of each row along a covariate, whose mean is zero where the model is correct.
//!
//! At an edge of the support the density need not vanish, and the mean of the score s is not zero.
//! The mean of h·s + h', the derivative of h·p divided by p, is zero for a weight h that vanishes at
//! the edges: the distance from the edge, or the product of both distances.

use super::build::{POINTS, Site};
use super::line::reach;
use super::{Axis, Layer, Mark, Panel, Point, Role};
use crate::model::Support;
use crate::numerics::sum::compensated_mean;
use crate::sample::Score;

/// Number of groups of rows along a covariate whose means are drawn.
const GROUPS: usize = 12;

/// The panel along the covariate at a position; `None` where no score is finite.
pub(super) fn panel(site: &Site<'_>, position: usize, x: Axis) -> Option<Panel> {
    let support = site.component(0).support;
    let score = Score::of(site.model, &[0], site.theta).at(&site.data.slices()).swap_remove(0);
    let residual = |(&value, s): (&f64, f64)| {
        let (h, slope) = weight(support, value);
        h * s + slope
    };
    let residuals: Vec<f64> = site.data.column(0).iter().zip(score).map(residual).collect();
    let along = site.data.column(position);
    let y = reach(&residuals)?;
    let points = site.shown(POINTS).iter().map(|&row| (along[row], residuals[row])).collect();
    let zero = Mark::Line(vec![(x.low, 0.0), (x.high, 0.0)]);
    let layers = vec![
        Layer::new(Role::Data, Mark::Points(points)).named("rows"),
        Layer::new(Role::Guide, zero),
        Layer::new(Role::Score, Mark::Line(means(along, &residuals))).named("mean"),
    ];
    let slope = format!("d log p / d {}", site.component(0).name);
    let label = if has_edge(support) { format!("h {slope} + h'") } else { slope };
    Some(Panel::new("score by row", x, Axis::new(label, y.0, y.1), layers))
}

/// The note on the panel.
pub(super) fn note(site: &Site<'_>) -> String {
    let mean = "mean is zero along a covariate where the model is right";
    match site.component(0).support {
        Support::Above(_) | Support::Below(_) => {
            format!("score: its {mean}; h is the distance from the edge")
        }
        Support::Between(..) => {
            format!("score: its {mean}; h is the product of the distances from both edges")
        }
        Support::Line
        | Support::Circle
        | Support::Sphere
        | Support::Simplex
        | Support::Binary(..) => format!("score: its {mean}"),
    }
}

fn has_edge(support: Support) -> bool {
    match support {
        Support::Above(_) | Support::Below(_) | Support::Between(..) => true,
        Support::Line
        | Support::Circle
        | Support::Sphere
        | Support::Simplex
        | Support::Binary(..) => false,
    }
}

/// h at a value, and its derivative; h = 1 where there is no edge.
fn weight(support: Support, value: f64) -> (f64, f64) {
    match support {
        Support::Above(low) => (value - low, 1.0),
        Support::Below(high) => (high - value, -1.0),
        Support::Between(low, high) => ((value - low) * (high - value), low + high - 2.0 * value),
        Support::Line
        | Support::Circle
        | Support::Sphere
        | Support::Simplex
        | Support::Binary(..) => (1.0, 0.0),
    }
}

/// Means of groups of about equally many rows, at their mean covariate; rows with equal covariates
/// are in one group.
fn means(along: &[f64], values: &[f64]) -> Vec<Point> {
    let mut order: Vec<usize> = (0..along.len()).collect();
    order.sort_by(|&a, &b| along[a].total_cmp(&along[b]));
    let size = along.len().div_ceil(GROUPS);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for ties in order.chunk_by(|&a, &b| along[a] == along[b]) {
        match groups.last_mut().filter(|group| group.len() + ties.len() / 2 < size) {
            Some(group) => group.extend(ties),
            None => groups.push(ties.to_vec()),
        }
    }
    let mean = |rows: &[usize], values: &[f64]| {
        compensated_mean(&rows.iter().map(|&row| values[row]).collect::<Vec<_>>())
    };
    groups.iter().map(|rows| (mean(rows, along), mean(rows, values))).collect()
}
