//! Contour lines of values on a lattice (marching squares).

use std::collections::{BTreeMap, BTreeSet};

use super::Point;

/// Values at the nodes `origin + (i, j)·step` of a lattice, by rows from the lowest.
#[derive(Clone, Debug)]
pub(super) struct Lattice {
    pub columns: usize,
    pub rows: usize,
    pub origin: Point,
    pub step: Point,
    /// NaN where there is no value; -∞ is a value.
    pub values: Vec<f64>,
}

/// An edge between neighbouring nodes: its lower or left node, and 1 if it is vertical, else 0.
type Edge = (usize, usize);

impl Lattice {
    pub fn node(&self, k: usize) -> Point {
        let (i, j) = (k % self.columns, k / self.columns);
        (self.origin.0 + i as f64 * self.step.0, self.origin.1 + j as f64 * self.step.1)
    }

    /// The contour lines of `level`, with higher values on their left; closed ones end where they
    /// begin. No line runs through a cell with a NaN at a corner.
    pub fn lines(&self, level: f64) -> Vec<Vec<Point>> {
        let mut next: BTreeMap<Edge, Edge> = BTreeMap::new();
        for j in 0..self.rows - 1 {
            for i in 0..self.columns - 1 {
                next.extend(self.segments(j * self.columns + i, level));
            }
        }
        let ends: BTreeSet<Edge> = next.values().copied().collect();
        let mut starts: Vec<Edge> = next.keys().copied().filter(|e| !ends.contains(e)).collect();
        let mut lines = Vec::new();
        loop {
            // Open lines first; the remaining ones are closed.
            let start = starts.pop().or_else(|| next.keys().next().copied());
            let Some(start) = start else { return lines };
            let mut line = vec![self.crossing(start, level)];
            let mut at = start;
            while let Some(edge) = next.remove(&at) {
                line.push(self.crossing(edge, level));
                at = edge;
            }
            lines.push(line);
        }
    }

    /// The segments of contour lines in the cell whose lower left node is `k`.
    fn segments(&self, k: usize, level: f64) -> Vec<(Edge, Edge)> {
        let corners = [k, k + 1, k + self.columns + 1, k + self.columns];
        let values = corners.map(|node| self.values[node]);
        if values.iter().any(|value| value.is_nan()) {
            return Vec::new();
        }
        let high = values.map(|value| value > level);
        // Edges of the cell, anticlockwise from the lower one: edge m is between corners m and m + 1.
        let edges = [(k, 0), (k + 1, 1), (k + self.columns, 0), (k, 1)];
        // Anticlockwise, an edge from a high to a low corner leaves the region of high values, and
        // one from low to high enters it; a segment runs from an edge that leaves to one that enters.
        let change =
            |from: bool| (0..4).filter(move |&m| high[m] == from && high[(m + 1) % 4] != from);
        let leave: Vec<usize> = change(true).collect();
        let enter: Vec<usize> = change(false).collect();
        let middle = values.iter().sum::<f64>() / 4.0 > level;
        let joined = |m: usize| match (leave.len(), middle) {
            // At a saddle with a low centre, each high corner is separate.
            (2, false) => (m + 3) % 4,
            (2, true) => (m + 1) % 4,
            _ => enter[0],
        };
        leave.iter().map(|&m| (edges[m], edges[joined(m)])).collect()
    }

    /// The point of an edge at the level, linear between its nodes.
    fn crossing(&self, (k, upright): Edge, level: f64) -> Point {
        let other = if upright == 1 { k + self.columns } else { k + 1 };
        let (a, b) = (self.values[k], self.values[other]);
        // Beside a node of value -∞ the line is close to the other node.
        let share = match (a.is_finite(), b.is_finite()) {
            (true, true) => (level - a) / (b - a),
            (false, true) => 1.0 - 1e-3,
            (true, false) | (false, false) => 1e-3,
        };
        let (from, to) = (self.node(k), self.node(other));
        (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1))
    }
}
