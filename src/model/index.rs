//! Indices from one, ranges and `:`.

use super::elaborate::{Elaborator, operand};
use super::error::{ErrorKind, Operand};
use super::{Shape, Value};
use crate::source::Span;
use crate::syntax::{Expr, Index};

/// Positions along one side, from zero.
enum Selection {
    One(usize),
    Many(std::ops::Range<usize>),
}

impl Selection {
    fn positions(&self) -> std::ops::Range<usize> {
        match self {
            Self::One(position) => *position..*position + 1,
            Self::Many(range) => range.clone(),
        }
    }
}

impl<'a> Elaborator<'a> {
    pub(super) fn index(
        &mut self,
        span: Span,
        base: &'a Expr,
        indices: &'a [Index],
    ) -> Option<Value> {
        let value = self.expr(base)?;
        let base = operand(base, value.shape);
        match (value.shape, indices) {
            (Shape::Vector(n), [index]) => {
                let selection = self.selection(index, n, &base)?;
                Some(along(&value, &selection, Shape::Vector))
            }
            (Shape::Matrix(1, n), [index]) => {
                let selection = self.selection(index, n, &base)?;
                Some(along(&value, &selection, |n| Shape::matrix(1, n)))
            }
            (Shape::Vector(_) | Shape::Matrix(..), [row, column]) => {
                let rows = self.selection(row, value.shape.rows(), &base);
                let columns = self.selection(column, value.shape.columns(), &base);
                Some(across(&value, &rows?, &columns?))
            }
            _ => {
                let kind = ErrorKind::IndexCount { found: indices.len(), base };
                self.fail(span, kind)
            }
        }
    }

    fn selection(&mut self, index: &'a Index, size: usize, base: &Operand) -> Option<Selection> {
        match index {
            Index::At(at) => self.position(at, size, base).map(Selection::One),
            Index::All(_) => Some(Selection::Many(0..size)),
            Index::Range(from, to) => {
                let (first, last) =
                    (self.position(from, size, base), self.position(to, size, base));
                let (first, last) = (first?, last?);
                if last < first {
                    let (from_, to_) = (first as i64 + 1, last as i64 + 1);
                    let kind = ErrorKind::EmptyRange { from: from_, to: to_ };
                    return self.fail(from.span.to(to.span), kind);
                }
                Some(Selection::Many(first..last + 1))
            }
        }
    }

    fn position(&mut self, expr: &'a Expr, size: usize, base: &Operand) -> Option<usize> {
        let index = self.integer(expr, "an index")?;
        match usize::try_from(index) {
            Ok(position) if (1..=size).contains(&position) => Some(position - 1),
            _ => {
                let base = base.clone();
                self.fail(expr.span, ErrorKind::IndexOutOfRange { index, largest: size, base })
            }
        }
    }
}

/// Entries of a column or row; `shape` is that of a part.
fn along(value: &Value, selection: &Selection, shape: impl Fn(usize) -> Shape) -> Value {
    match selection {
        Selection::One(position) => Value::scalar(value.ids[*position]),
        Selection::Many(range) => Value::new(shape(range.len()), value.ids[range.clone()].to_vec()),
    }
}

fn across(value: &Value, rows: &Selection, columns: &Selection) -> Value {
    let width = value.shape.columns();
    let places = rows.positions().flat_map(|i| columns.positions().map(move |j| (i, j)));
    let ids: Vec<_> = places.map(|(i, j)| value.ids[i * width + j]).collect();
    let shape = match (rows, columns) {
        (Selection::One(_), Selection::One(_)) => Shape::Scalar,
        (Selection::One(_), Selection::Many(columns)) => Shape::matrix(1, columns.len()),
        (Selection::Many(rows), Selection::One(_)) => Shape::Vector(rows.len()),
        (Selection::Many(rows), Selection::Many(columns)) => {
            Shape::matrix(rows.len(), columns.len())
        }
    };
    Value::new(shape, ids)
}
