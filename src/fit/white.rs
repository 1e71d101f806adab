//! Coordinates of precision and covariance matrices in which correlated columns are uncorrelated.
//!
//! A positive definite parameter K, with a row for each data column, is replaced by K' in K = WᵀK'W,
//! where W is the inverse Cholesky factor of the columns' covariance. If K is a precision matrix, K'
//! is near the identity for any data, so that its own factor is well scaled. A matrix S that log p
//! contains through inv(S) is a covariance: it has W⁻ᵀ in the place of W. For any other K nothing is
//! lost, since every positive definite matrix has this form.

use nalgebra::DMatrix;

use super::standardise::Spread;
use crate::graph::{ExprId, Graph, Number, Part};
use crate::model::{Constraint, Model, packed_places};
use crate::numerics::matrix::symmetric_eigen;

/// Condition number of the correlations below which the columns are not whitened.
const CORRELATED: f64 = 100.0;
/// Most entries of a whitened matrix: each is a sum of all of them, so that the expressions grow with
/// the square of their number.
const ENTRIES_MAX: usize = 200;
/// Values are clipped at this many robust spreads.
const FAR: f64 = 4.0;

/// W or W⁻ᵀ for each whitened block.
#[derive(Clone, Debug, Default)]
pub(super) struct White(Vec<Whitened>);

#[derive(Clone, Debug)]
struct Whitened {
    /// Position of the first parameter of the block.
    start: usize,
    matrix: DMatrix<f64>,
    inverse: DMatrix<f64>,
}

impl White {
    /// The whitening by the data columns, in inner coordinates.
    pub fn new(model: &Model, columns: &[Vec<f64>], spreads: &[Spread]) -> Self {
        let d = model.data().len();
        let blocks: Vec<usize> = model
            .blocks()
            .iter()
            .filter(|block| block.constraint == Constraint::Posdef && block.shape.rows() == d)
            .map(|block| block.parameters.start)
            .collect();
        let few = d * (d + 1) / 2 <= ENTRIES_MAX;
        let found =
            if d > 1 && few && !blocks.is_empty() { factor(&columns[..d], spreads) } else { None };
        let Some((inverse, matrix)) = found else { return Self::default() };
        let covariances = covariances(model);
        let one = |start| match covariances.contains(&start) {
            true => Whitened { start, matrix: inverse.transpose(), inverse: matrix.transpose() },
            false => Whitened { start, matrix: matrix.clone(), inverse: inverse.clone() },
        };
        Self(blocks.into_iter().map(one).collect())
    }

    /// Replaces the parameters K' of whitened blocks by K.
    pub fn apply(&self, graph: &mut Graph, theta: &mut [ExprId]) {
        for Whitened { start, matrix, .. } in &self.0 {
            let d = matrix.nrows();
            let inner: Vec<ExprId> = theta[*start..start + d * (d + 1) / 2].to_vec();
            for (place, (i, j)) in packed_places(d).enumerate() {
                let term = |(k, l): (usize, usize)| {
                    let twice = if k == l { 0.0 } else { matrix[(l, i)] * matrix[(k, j)] };
                    matrix[(k, i)] * matrix[(l, j)] + twice
                };
                let weights: Vec<f64> = packed_places(d).map(term).collect();
                let parts = weights.into_iter().zip(&inner).filter(|(weight, _)| *weight != 0.0);
                let parts: Vec<Part> = parts
                    .map(|(weight, &expr)| Part { weight: Number::float(weight), expr })
                    .collect();
                theta[start + place] = graph.sum(&parts);
            }
        }
    }

    /// Replaces the parameters K of whitened blocks by K'.
    pub fn undo(&self, theta: &[f64]) -> Vec<f64> {
        let mut theta = theta.to_vec();
        for Whitened { start, inverse, .. } in &self.0 {
            let d = inverse.nrows();
            let mut matrix = DMatrix::zeros(d, d);
            for (place, (i, j)) in packed_places(d).enumerate() {
                matrix[(i, j)] = theta[start + place];
                matrix[(j, i)] = theta[start + place];
            }
            let inner = inverse.transpose() * matrix * inverse;
            for (place, at) in packed_places(d).enumerate() {
                theta[start + place] = inner[at];
            }
        }
        theta
    }
}

/// Positions of the first parameter of each matrix that log p contains through its inverse.
fn covariances(model: &Model) -> Vec<usize> {
    let over = model.over_inverses(&mut model.graph().clone());
    let inverses = over.map_or_else(Vec::new, |over| over.inverses);
    inverses.iter().map(|one| model.blocks()[one.block].parameters.start).collect()
}

/// The lower Cholesky factor of the columns' covariance, and its inverse W; `None` where the
/// correlations are well conditioned, or the covariance is singular.
fn factor(columns: &[Vec<f64>], spreads: &[Spread]) -> Option<(DMatrix<f64>, DMatrix<f64>)> {
    let (d, rows) = (columns.len(), columns[0].len());
    let pulled: Vec<Vec<f64>> = columns
        .iter()
        .zip(spreads)
        .map(|(column, spread)| {
            let z = |x: &f64| ((x - spread.mean) / spread.scale()).clamp(-FAR, FAR);
            let mean = column.iter().map(z).sum::<f64>() / rows as f64;
            column.iter().map(|x| z(x) - mean).collect()
        })
        .collect();
    let product = |i: usize, j: usize| {
        pulled[i].iter().zip(&pulled[j]).map(|(a, b)| a * b).sum::<f64>() / rows as f64
    };
    let covariance = DMatrix::from_fn(d, d, product);
    let unit = covariance.diagonal().map(f64::sqrt);
    let correlation = DMatrix::from_fn(d, d, |i, j| covariance[(i, j)] / unit[i] / unit[j]);
    let eigen = symmetric_eigen(&correlation)?;
    if eigen.values.max() < CORRELATED * eigen.values.min() {
        return None;
    }
    let scale = |i: usize, x: f64| x * spreads[i].scale();
    let factor = covariance.cholesky()?.l();
    let factor = DMatrix::from_fn(d, d, |i, j| scale(i, factor[(i, j)]));
    let inverse = factor.clone().try_inverse()?;
    Some((factor, inverse))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Support, evaluate};

    #[test]
    fn undo_inverts_apply() {
        let columns: Vec<Vec<f64>> = vec![
            (0..50).map(|i| f64::from(i * 7 % 50)).collect(),
            (0..50).map(|i| f64::from(i * 7 % 50) + 0.01 * f64::from(i * 3 % 50)).collect(),
        ];
        let spreads: Vec<Spread> = columns.iter().map(|column| Spread::robust(column)).collect();
        let (inverse, matrix) = factor(&columns, &spreads).expect("the columns are correlated");
        let white = White(vec![Whitened { start: 1, matrix, inverse }]);
        let theta = [0.3, 2.0, -1.0, 5.0];
        let inner = white.undo(&theta);
        let mut graph = Graph::new();
        let mut nodes: Vec<ExprId> =
            (0..4).map(|k| graph.input(&format!("t{k}"), Support::LINE)).collect();
        white.apply(&mut graph, &mut nodes);
        let back = evaluate(&graph, &nodes, |input| inner[input.index()]);
        for (back, theta) in back.iter().zip(theta) {
            assert!((back - theta).abs() < 1e-9, "{back} {theta}");
        }
    }
}
