//! Indexing: numbers from one, levels of groups, ranges and `:`.

use super::declare::Side;
use super::elaborate::{Elaborator, Group, operand, ungrouped};
use super::error::{ErrorKind, Operand};
use super::{Shape, Value};
use crate::graph::{ExprId, Number, Part};
use crate::numerics::decimal::shortest;
use crate::source::Span;
use crate::syntax::{Expr, ExprKind, Index};

/// Selected positions along one side, from zero.
enum Selection {
    One(usize),
    Many(std::ops::Range<usize>),
    /// In each row the position of its level, as an index from one.
    ByRow(ExprId),
}

/// One side of the value that is indexed.
struct IndexedSide<'a> {
    size: usize,
    /// The group whose levels index the side.
    side: Option<&'a Side>,
    base: &'a Operand,
}

impl<'a> Elaborator<'a> {
    pub(super) fn index(
        &mut self,
        span: Span,
        base: &'a Expr,
        indices: &'a [Index],
    ) -> Option<Value> {
        let value = self.expr(base)?;
        let side = |k: usize| self.sides_of(base)?.get(k).copied().flatten();
        let sides = [side(0), side(1)];
        let base = operand(base, value.shape);
        let along = |k: usize, size: usize| IndexedSide { size, side: sides[k], base: &base };
        match (value.shape, indices) {
            (Shape::Vector(n), [index]) => {
                let selection = self.selection(index, along(0, n))?;
                Some(self.part_of_line(&value, &selection, Shape::Vector))
            }
            (Shape::Matrix(1, n), [index]) => {
                let selection = self.selection(index, along(1, n))?;
                Some(self.part_of_line(&value, &selection, |n| Shape::matrix(1, n)))
            }
            (Shape::Vector(_) | Shape::Matrix(..), [row, column]) => {
                let rows = self.selection(row, along(0, value.shape.rows()));
                let columns = self.selection(column, along(1, value.shape.columns()));
                Some(self.part_of_matrix(&value, &rows?, &columns?))
            }
            _ => {
                let kind = ErrorKind::IndexCount { found: indices.len(), base };
                self.fail(span, kind)
            }
        }
    }

    fn selection(&mut self, index: &'a Index, along: IndexedSide<'_>) -> Option<Selection> {
        match index {
            Index::At(at) => match self.group_in(at) {
                Some(group) if group.size == along.size => Some(Selection::ByRow(group.index)),
                Some(group) => {
                    let kind =
                        ErrorKind::LevelCount { levels: group.size, base: along.base.clone() };
                    self.fail(at.span, kind)
                }
                None => self.position(at, &along).map(Selection::One),
            },
            Index::All(_) => Some(Selection::Many(0..along.size)),
            Index::Range(from, to) => {
                let (first, last) = (self.position(from, &along), self.position(to, &along));
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

    fn group_in(&self, at: &Expr) -> Option<Group> {
        match &ungrouped(at).kind {
            ExprKind::Name(name) => self.group(name),
            _ => None,
        }
    }

    /// The position of an index, from zero; where levels index the side, the position of the level.
    fn position(&mut self, expr: &'a Expr, along: &IndexedSide<'_>) -> Option<usize> {
        if let Some(side) = along.side {
            return self.level(expr, side);
        }
        let index = self.integer(expr, "an index")?;
        match usize::try_from(index) {
            Ok(position) if (1..=along.size).contains(&position) => Some(position - 1),
            _ => {
                let (base, largest) = (along.base.clone(), along.size);
                self.fail(expr.span, ErrorKind::IndexOutOfRange { index, largest, base })
            }
        }
    }

    fn level(&mut self, expr: &'a Expr, side: &Side) -> Option<usize> {
        let level = match &ungrouped(expr).kind {
            ExprKind::Name(name) if !self.is_local(name) => name.clone(),
            _ => {
                let value = self.expr(expr)?;
                let id = self.scalar("an index", expr, &value, None)?;
                shortest(self.constant(expr, id, "an index")?)
            }
        };
        // Before its column is known, a group can have any level.
        let unknown = side.levels.are_unknown().then_some(0);
        side.levels.place(&level).or(unknown).or_else(|| {
            let (group, levels) = (side.group.clone(), side.levels.spelled().collect());
            self.fail(expr.span, ErrorKind::UnknownLevel { level, group, levels })
        })
    }

    /// Entries of a vector or a row; `shape` is the shape of a range of them.
    fn part_of_line(
        &mut self,
        value: &Value,
        selection: &Selection,
        shape: impl Fn(usize) -> Shape,
    ) -> Value {
        match selection {
            Selection::One(position) => Value::scalar(value.ids[*position]),
            Selection::Many(range) => {
                Value::new(shape(range.len()), value.ids[range.clone()].to_vec())
            }
            Selection::ByRow(index) => Value::scalar(self.graph.gather(&value.ids, *index)),
        }
    }

    fn part_of_matrix(&mut self, value: &Value, rows: &Selection, columns: &Selection) -> Value {
        let (height, width) = (value.shape.rows(), value.shape.columns());
        let one = |selection: &Selection, size: usize| match selection {
            Selection::One(position) => *position..*position + 1,
            Selection::Many(range) => range.clone(),
            Selection::ByRow(_) => 0..size,
        };
        let (lines, across) = (one(rows, height), one(columns, width));
        let entry = |i: usize, j: usize| value.ids[i * width + j];
        let ids: Vec<ExprId> = match (rows, columns) {
            (Selection::ByRow(row), Selection::ByRow(column)) => {
                let index = self.place_of(*row, *column, width);
                vec![self.graph.gather(&value.ids, index)]
            }
            (Selection::ByRow(row), _) => across
                .clone()
                .map(|j| {
                    let list: Vec<ExprId> = lines.clone().map(|i| entry(i, j)).collect();
                    self.graph.gather(&list, *row)
                })
                .collect(),
            (_, Selection::ByRow(column)) => lines
                .clone()
                .map(|i| {
                    let list: Vec<ExprId> = across.clone().map(|j| entry(i, j)).collect();
                    self.graph.gather(&list, *column)
                })
                .collect(),
            _ => lines.clone().flat_map(|i| across.clone().map(move |j| entry(i, j))).collect(),
        };
        let many = |selection: &Selection| match selection {
            Selection::One(_) | Selection::ByRow(_) => None,
            Selection::Many(range) => Some(range.len()),
        };
        let shape = match (many(rows), many(columns)) {
            (None, None) => Shape::Scalar,
            (None, Some(columns)) => Shape::matrix(1, columns),
            (Some(rows), None) => Shape::Vector(rows),
            (Some(rows), Some(columns)) => Shape::matrix(rows, columns),
        };
        Value::new(shape, ids)
    }

    /// The index of an entry among all entries, row by row and from one.
    fn place_of(&mut self, row: ExprId, column: ExprId, width: usize) -> ExprId {
        let width = Number::integer(width as i64);
        let one = self.graph.one();
        self.graph.sum(&[
            Part { weight: width, expr: row },
            Part::one(column),
            Part { weight: -width, expr: one },
        ])
    }
}
