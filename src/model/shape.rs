//! Shapes, and values with a shape.

use std::fmt;
use std::rc::Rc;

use crate::graph::ExprId;

/// The shape of a value. An n×1 matrix is an n-vector; a row of n entries is a 1×n matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One number.
    Scalar,
    /// A column vector.
    Vector(usize),
    /// A matrix of rows and columns, with more than one column.
    Matrix(usize, usize),
}

impl Shape {
    /// The shape of `rows` by `columns`.
    #[must_use]
    pub fn matrix(rows: usize, columns: usize) -> Self {
        if columns == 1 { Self::Vector(rows) } else { Self::Matrix(rows, columns) }
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(self) -> usize {
        match self {
            Self::Scalar => 1,
            Self::Vector(rows) | Self::Matrix(rows, _) => rows,
        }
    }

    /// The number of columns.
    #[must_use]
    pub fn columns(self) -> usize {
        match self {
            Self::Scalar | Self::Vector(_) => 1,
            Self::Matrix(_, columns) => columns,
        }
    }

    /// The number of entries.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "every shape has an entry")]
    pub fn len(self) -> usize {
        self.rows().saturating_mul(self.columns())
    }

    /// Whether it is a column or a row.
    #[must_use]
    pub fn is_line(self) -> bool {
        matches!(self, Self::Vector(_) | Self::Matrix(1, _))
    }

    /// The common shape of an entrywise operation; scalars fit every shape.
    pub(super) fn join(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Scalar, shape) | (shape, Self::Scalar) => Some(shape),
            _ => (self == other).then_some(self),
        }
    }

    /// The names of the entries of `name`, row by row.
    pub(super) fn entry_names(self, name: &str) -> Vec<String> {
        match self {
            Self::Scalar => vec![name.to_owned()],
            Self::Vector(n) => (1..=n).map(|i| format!("{name}[{i}]")).collect(),
            Self::Matrix(rows, columns) => {
                let places = (1..=rows).flat_map(|i| (1..=columns).map(move |j| (i, j)));
                places.map(|(i, j)| format!("{name}[{i},{j}]")).collect()
            }
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar => f.write_str("a scalar"),
            Self::Vector(n) => write!(f, "a vector of {n}"),
            Self::Matrix(1, n) => write!(f, "a row of {n}"),
            Self::Matrix(rows, columns) => write!(f, "a {rows}×{columns} matrix"),
        }
    }
}

/// The entries of a value, row by row; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub shape: Shape,
    pub ids: Rc<[ExprId]>,
}

impl Value {
    pub fn new(shape: Shape, ids: Vec<ExprId>) -> Self {
        debug_assert_eq!(shape.len(), ids.len());
        Self { shape, ids: ids.into() }
    }

    pub fn scalar(id: ExprId) -> Self {
        Self { shape: Shape::Scalar, ids: Rc::new([id]) }
    }

    /// The entry at a position; a scalar has its entry at every position.
    pub fn at(&self, position: usize) -> ExprId {
        if self.shape == Shape::Scalar { self.ids[0] } else { self.ids[position] }
    }

    /// The entries of a row, from zero.
    pub fn row(&self, row: usize) -> Vec<ExprId> {
        let columns = self.shape.columns();
        self.ids[row * columns..(row + 1) * columns].to_vec()
    }

    /// The entries of a column, from zero.
    pub fn column(&self, column: usize) -> Vec<ExprId> {
        self.ids.iter().copied().skip(column).step_by(self.shape.columns()).collect()
    }

    pub fn transposed(&self) -> Self {
        match self.shape {
            Shape::Scalar => self.clone(),
            Shape::Vector(n) => Self { shape: Shape::matrix(1, n), ids: Rc::clone(&self.ids) },
            Shape::Matrix(rows, columns) => {
                let ids = (0..columns).flat_map(|column| self.column(column)).collect();
                Self::new(Shape::matrix(columns, rows), ids)
            }
        }
    }
}

/// The position of (i, j) among the entries i <= j of a symmetric n×n matrix, row by row.
pub(super) fn packed(n: usize, i: usize, j: usize) -> usize {
    let (i, j) = (i.min(j), i.max(j));
    i * n - i * (i + 1) / 2 + j
}

/// The entries i <= j of a symmetric n×n matrix, row by row, from zero.
pub(crate) fn packed_places(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |i| (i..n).map(move |j| (i, j)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_positions_count_up() {
        for n in 1..6 {
            for (position, (i, j)) in packed_places(n).enumerate() {
                assert_eq!((packed(n, i, j), packed(n, j, i)), (position, position));
            }
        }
    }

    #[test]
    fn shapes_join_or_do_not() {
        let (vector, row) = (Shape::Vector(3), Shape::Matrix(1, 3));
        assert_eq!(Shape::Scalar.join(vector), Some(vector));
        assert_eq!(row.join(row), Some(row));
        assert_eq!(vector.join(row), None);
        assert_eq!(vector.join(Shape::Vector(2)), None);
        assert_eq!(Shape::matrix(3, 1), vector);
    }

    #[test]
    fn entries_are_named_row_by_row() {
        assert_eq!(Shape::Scalar.entry_names("a"), ["a"]);
        assert_eq!(Shape::Vector(2).entry_names("a"), ["a[1]", "a[2]"]);
        let names = Shape::Matrix(2, 2).entry_names("a");
        assert_eq!(names, ["a[1,1]", "a[1,2]", "a[2,1]", "a[2,2]"]);
    }
}
