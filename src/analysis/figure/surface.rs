//! A density over a plane: contours that enclose given shares of its mass.

use super::contours::Lattice;
use super::density::{has_density, peak};
use super::{Layer, Mark, Point, Role};
use crate::numerics::digits::trimmed;
use crate::numerics::sum::compensated_sum;

/// Shares of the mass inside the contours.
const MASSES: [f64; 3] = [0.5, 0.8, 0.95];
const LABEL: &str = "model: 50, 80, 95 % inside";
/// Largest excess of the mass of a lattice over one, and largest mass of one cell, of a lattice that
/// is fine enough.
const COARSE: (f64, f64) = (0.03, 0.05);
/// Share of the mass outside the lattice that is noted.
const OUTSIDE: f64 = 0.005;
/// Number of cells along each side in the computation of masses.
pub(super) const GRADED: usize = 300;

/// log p per unit area in a cell, and its area.
pub(super) type Cell = (f64, f64);

/// Contours of a density. The lattices have the logarithms of the density per unit area; together
/// they cover its domain, or the part that is drawn. The cells divide the same region, and masses are
/// computed from them. Returns a list of layers for each lattice, and doubts.
pub(super) fn contours(
    lattices: &[Lattice],
    cells: &[Cell],
    log_normaliser: Option<f64>,
) -> (Vec<Vec<Layer>>, Vec<String>) {
    let mut order: Vec<Cell> = cells.iter().copied().filter(|cell| cell.0.is_finite()).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let Some(&(highest, _)) = order.first() else {
        let note = "log p is finite nowhere: no density is drawn".to_owned();
        return (vec![Vec::new(); lattices.len()], vec![note]);
    };
    let masses: Vec<f64> = order.iter().map(|(x, area)| (x - highest).exp() * area).collect();
    let log_total = highest + compensated_sum(&masses).ln();
    let scale = log_normaliser.unwrap_or(log_total);
    let mut layers = vec![Vec::new(); lattices.len()];
    let mut notes = Vec::new();
    for mass in MASSES {
        match level(&order, mass, scale) {
            Some(level) => {
                for (layers, lattice) in layers.iter_mut().zip(lattices) {
                    layers.push(contour(lattice, mass, level));
                }
            }
            None => {
                let percent = 100.0 * mass;
                notes.push(format!("no contour holds {percent} % of the density: it lies beside"));
            }
        }
    }
    let first = lattices.iter().map(most).fold(0.0_f64, |most, x| most.max((x - scale).exp()));
    notes.extend(doubt((log_total - scale).exp(), first, log_normaliser.is_some()));
    (layers, notes)
}

/// The logarithm of the largest mass of a cell of a lattice.
fn most(lattice: &Lattice) -> f64 {
    peak(&lattice.values) + (lattice.step.0 * lattice.step.1).ln()
}

/// A note on the share of a figure on which log p is NaN or +∞, if there is one.
pub(super) fn undefined(values: &[f64]) -> Option<String> {
    let holes = values.iter().filter(|value| !has_density(**value)).count();
    let percent = (100.0 * holes as f64 / values.len() as f64).ceil();
    (holes > 0).then(|| format!("log p is not finite on {percent} % of the figure"))
}

fn contour(lattice: &Lattice, mass: f64, level: f64) -> Layer {
    let mark = Mark::Contour { mass, lines: lattice.lines(level) };
    let label = if mass == MASSES[0] { LABEL } else { "" };
    Layer::new(Role::Model, mark).named(label)
}

/// The doubt about a lattice with a total mass `inside`, of which one cell has `cell`, if there is
/// one.
fn doubt(inside: f64, cell: f64, is_normalised: bool) -> Option<String> {
    if inside > 1.0 + COARSE.0 || cell > COARSE.1 {
        return Some("the density is too narrow for the lattice: contours are rough".to_owned());
    }
    let percent = trimmed(100.0 * (1.0 - inside), 3);
    (is_normalised && inside < 1.0 - OUTSIDE)
        .then(|| format!("about {percent} % of the density lies beside the figure"))
}

/// The level above which cells contain a share of the mass; the cells are in descending order.
fn level(order: &[Cell], mass: f64, log_normaliser: f64) -> Option<f64> {
    let mut held = 0.0;
    for (k, &(value, area)) in order.iter().enumerate() {
        let share = (value - log_normaliser).exp() * area;
        if held + share >= mass {
            let next = order.get(k + 1).map_or(value, |cell| cell.0);
            return Some(value + (next - value) * (mass - held) / share);
        }
        held += share;
    }
    None
}

/// Centres by column, and areas, of all pairs of cells of two sides.
pub(super) fn product(x: &[(f64, f64)], y: &[(f64, f64)]) -> ([Vec<f64>; 2], Vec<f64>) {
    let pairs = || x.iter().flat_map(|a| y.iter().map(move |b| (a, b)));
    let (first, second) = pairs().map(|(a, b)| (a.0, b.0)).unzip();
    ([first, second], pairs().map(|(a, b)| a.1 * b.1).collect())
}

/// A lattice of the centres of `count` by `count` cells of a rectangle without values, and these
/// centres by column, from which the caller sets the values.
pub(super) fn lattice(x: (f64, f64), y: (f64, f64), count: usize) -> (Lattice, [Vec<f64>; 2]) {
    let step = ((x.1 - x.0) / count as f64, (y.1 - y.0) / count as f64);
    let origin: Point = (x.0 + 0.5 * step.0, y.0 + 0.5 * step.1);
    let lattice = Lattice { columns: count, rows: count, origin, step, values: Vec::new() };
    let points = (0..count * count).map(|k| lattice.node(k));
    let columns = points.unzip();
    (lattice, [columns.0, columns.1])
}
