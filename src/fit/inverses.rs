//! Covariance matrices by their inverses: the coordinates in which the loss of a normal is simple.
//!
//! Where log p contains a positive definite parameter S through inv(S) alone, the loss over the parameters
//! themselves has K = S⁻¹ in its place. A point is carried between the two by inverting the matrix, which
//! is its own way back; slopes by dK = -K dS K. Promises: a point that is not positive definite has no
//! counterpart. Deliberately not known here: losses, data.

use std::ops::Range;

use nalgebra::DMatrix;

use crate::model::{InverseInputs, Model, packed_places};

/// The blocks of parameters that are inverted.
#[derive(Clone, Debug, Default)]
pub(super) struct Inverses(Vec<Matrix>);

/// A symmetric matrix among the parameters.
#[derive(Clone, Debug)]
struct Matrix {
    /// The positions of its entries i <= j, row by row.
    parameters: Range<usize>,
    rows: usize,
}

impl Inverses {
    /// Those for which the model has inputs.
    pub fn new(model: &Model, inverses: &[InverseInputs]) -> Self {
        let matrix = |one: &InverseInputs| {
            let block = &model.blocks()[one.block];
            Matrix { parameters: block.parameters.clone(), rows: block.shape.rows() }
        };
        Self(inverses.iter().map(matrix).collect())
    }

    /// Whether no parameter is inverted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All parameters, the matrices inverted; `None` where one is not positive definite.
    pub fn inverted(&self, theta: &[f64]) -> Option<Vec<f64>> {
        let mut inverted = theta.to_vec();
        for matrix in &self.0 {
            let inverse = matrix.at(theta).cholesky()?.inverse();
            matrix.put(&inverse, &mut inverted);
        }
        Some(inverted)
    }

    /// Slopes by the parameters from slopes by the inverted ones, a function in each row; `inverted` are
    /// all parameters, inverted, and the columns of the slopes stand for the parameters at `places`.
    pub fn carried(
        &self,
        inverted: &[f64],
        places: &[usize],
        mut slopes: DMatrix<f64>,
    ) -> DMatrix<f64> {
        for matrix in &self.0 {
            let own: Option<Vec<usize>> = matrix
                .parameters
                .clone()
                .map(|j| places.iter().position(|&place| place == j))
                .collect();
            if let Some(own) = own {
                matrix.carry(&matrix.at(inverted), &own, &mut slopes);
            }
        }
        slopes
    }
}

impl Matrix {
    fn at(&self, theta: &[f64]) -> DMatrix<f64> {
        let mut matrix = DMatrix::zeros(self.rows, self.rows);
        for ((i, j), &value) in packed_places(self.rows).zip(&theta[self.parameters.clone()]) {
            (matrix[(i, j)], matrix[(j, i)]) = (value, value);
        }
        matrix
    }

    fn put(&self, matrix: &DMatrix<f64>, theta: &mut [f64]) {
        let entries = theta[self.parameters.clone()].iter_mut().zip(packed_places(self.rows));
        entries.for_each(|(value, (i, j))| *value = 0.5 * (matrix[(i, j)] + matrix[(j, i)]));
    }

    /// A function with the slopes G by K has the slopes -K G K by S: tr(G dK) = -tr(K G K dS). An entry
    /// beside the diagonal stands in two places, which share the slope by it.
    fn carry(&self, inverse: &DMatrix<f64>, columns: &[usize], slopes: &mut DMatrix<f64>) {
        let mut by_entry = DMatrix::zeros(self.rows, self.rows);
        for mut row in slopes.row_iter_mut() {
            for ((i, j), &column) in packed_places(self.rows).zip(columns) {
                let slope = if i == j { row[column] } else { 0.5 * row[column] };
                (by_entry[(i, j)], by_entry[(j, i)]) = (slope, slope);
            }
            let carried = inverse * &by_entry * inverse;
            for ((i, j), &column) in packed_places(self.rows).zip(columns) {
                row[column] = if i == j { -carried[(i, j)] } else { -2.0 * carried[(i, j)] };
            }
        }
    }
}
