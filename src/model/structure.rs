//! What kind of square matrix a value is: symmetric, triangular or neither.
//!
//! A matrix whose entries above and below the diagonal are the same expressions is symmetric. Where they
//! are written differently, as in A*S*A', the entries are compared at random points: two expressions that
//! agree there to rounding are equal, and one that vanishes there exactly is zero.

use nalgebra::DMatrix;

use super::Value;
use crate::graph::{ExprId, Graph, InputId, Support, evaluate};
use crate::numerics::rng::stream;

/// Points at which entries are compared.
const POINTS: u64 = 2;
/// Entries that differ by less than this share of the largest one are equal.
const ROUNDING: f64 = 1e-9;

/// The kind of a square matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Structure {
    Symmetric,
    Lower,
    Upper,
    General,
}

impl Structure {
    /// General where an entry has no finite value at one of the points.
    pub fn of(graph: &Graph, matrix: &Value) -> Self {
        if asymmetric_place(matrix).is_none() {
            return Self::Symmetric;
        }
        let points: Vec<DMatrix<f64>> = (0..POINTS).map(|k| at_random(graph, matrix, k)).collect();
        let all = |holds: fn(&DMatrix<f64>) -> bool| points.iter().all(holds);
        if !all(|point| point.iter().all(|entry| entry.is_finite())) {
            return Self::General;
        }
        match [all(is_symmetric), all(is_lower), all(|point| is_lower(&point.transpose()))] {
            [true, _, _] => Self::Symmetric,
            [false, true, _] => Self::Lower,
            [false, false, true] => Self::Upper,
            [false, false, false] => Self::General,
        }
    }
}

/// The first row and column, from one, at which a square matrix and its transpose hold different
/// expressions.
pub(super) fn asymmetric_place(matrix: &Value) -> Option<(usize, usize)> {
    let n = matrix.shape.rows();
    let mut above = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
    let differ = |&(i, j): &(usize, usize)| matrix.ids[i * n + j] != matrix.ids[j * n + i];
    above.find(differ).map(|(i, j)| (i + 1, j + 1))
}

fn is_symmetric(matrix: &DMatrix<f64>) -> bool {
    (matrix - matrix.transpose()).amax() <= ROUNDING * matrix.amax()
}

fn is_lower(matrix: &DMatrix<f64>) -> bool {
    let n = matrix.nrows();
    (0..n).all(|i| (i + 1..n).all(|j| matrix[(i, j)] == 0.0))
}

/// The matrix at the random point of this number.
fn at_random(graph: &Graph, matrix: &Value, point: u64) -> DMatrix<f64> {
    let mut stream = stream(point, graph.inputs().len() as u64);
    let values: Vec<f64> =
        graph.inputs().iter().map(|input| inside(input.support, stream.normal())).collect();
    let of_input = |input: InputId| values[input.index()];
    let ids: &[ExprId] = &matrix.ids;
    let n = matrix.shape.rows();
    DMatrix::from_row_slice(n, n, &evaluate(graph, ids, of_input))
}

/// A value inside of a support. Those that are positive are large beside those that may be negative, so
/// that a positive definite parameter has a dominant diagonal.
fn inside(support: Support, normal: f64) -> f64 {
    match (support.low.is_finite(), support.high.is_finite()) {
        (false, false) => normal / 16.0,
        (true, false) => support.low + 4.0 + normal.exp(),
        (false, true) => support.high - 4.0 - normal.exp(),
        (true, true) => support.low + (support.high - support.low) / (1.0 + normal.exp()),
    }
}
