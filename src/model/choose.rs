//! `if(condition, then, otherwise)`: nested selections with shared branches.

use std::cmp::Ordering;

use super::elaborate::{Elaborator, operand};
use super::error::ErrorKind;
use super::{Shape, Value};
use crate::graph::{ExprId, Graph, Number, Relation as Kept};
use crate::source::Span;
use crate::syntax::{Condition, ConditionKind, Expr, Relation};

/// An elaborated condition.
enum Test {
    /// Decided by constants.
    Known(bool),
    /// A comparison, entry by entry.
    Compare(Value),
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
}

impl<'a> Elaborator<'a> {
    pub(super) fn choose(
        &mut self,
        span: Span,
        condition: &'a Condition,
        then: &'a Expr,
        otherwise: &'a Expr,
    ) -> Option<Value> {
        let test = self.test(condition);
        // A branch that constants rule out may index beyond its shape: `if(i > 1, x[i-1], 0)`.
        if let Some(Test::Known(holds)) = test {
            return self.expr(if holds { then } else { otherwise });
        }
        let (a, b) = (self.expr(then), self.expr(otherwise));
        let (test, a, b) = (test?, a?, b?);
        let branches = self.join(span, |_| "if", &[(then, &a), (otherwise, &b)])?;
        let Some(shape) = test.join(branches) else {
            let kind = ErrorKind::ShapeMismatch {
                operator: "if".to_owned(),
                left: super::error::Operand {
                    text: condition.to_string(),
                    shape: test.join(Shape::Scalar).unwrap_or(Shape::Scalar),
                },
                right: operand(then, branches),
                help: None,
            };
            return self.fail(span, kind);
        };
        let ids: Vec<ExprId> =
            (0..shape.len()).map(|k| test.pick(&mut self.graph, k, a.at(k), b.at(k))).collect();
        self.remember_kink(span, "if", &ids);
        Some(Value::new(shape, ids))
    }

    fn test(&mut self, condition: &'a Condition) -> Option<Test> {
        match &condition.kind {
            ConditionKind::Compare(relation, left, right) => {
                self.compare(condition.span, *relation, left, right)
            }
            ConditionKind::And(parts) => {
                let (mut parts, decided) = self.tests(parts, false)?;
                Some(match parts.len() {
                    _ if decided => Test::Known(false),
                    0 => Test::Known(true),
                    1 => parts.remove(0),
                    _ => Test::And(parts),
                })
            }
            ConditionKind::Or(parts) => {
                let (mut parts, decided) = self.tests(parts, true)?;
                Some(match parts.len() {
                    _ if decided => Test::Known(true),
                    0 => Test::Known(false),
                    1 => parts.remove(0),
                    _ => Test::Or(parts),
                })
            }
            ConditionKind::Not(inner) => Some(match self.test(inner)? {
                Test::Known(holds) => Test::Known(!holds),
                test => Test::Not(Box::new(test)),
            }),
            ConditionKind::Group(inner) => self.test(inner),
        }
    }

    /// The parts that constants do not decide, and whether a part is known to be `decisive`.
    fn tests(&mut self, parts: &'a [Condition], decisive: bool) -> Option<(Vec<Test>, bool)> {
        let mut open = Vec::with_capacity(parts.len());
        let mut whole = true;
        for part in parts {
            match self.test(part) {
                Some(Test::Known(holds)) if holds == decisive => return Some((open, true)),
                Some(Test::Known(_)) => {}
                Some(test) => open.push(test),
                None => whole = false,
            }
        }
        whole.then_some((open, false))
    }

    fn compare(
        &mut self,
        span: Span,
        relation: Relation,
        left: &'a Expr,
        right: &'a Expr,
    ) -> Option<Test> {
        let (a, b) = (self.expr(left), self.expr(right));
        let (a, b) = (a?, b?);
        let shape = self.join(span, |_| "comparison", &[(left, &a), (right, &b)])?;
        if shape == Shape::Scalar
            && let (Some(x), Some(y)) =
                (self.graph.as_number(a.ids[0]), self.graph.as_number(b.ids[0]))
        {
            return Some(Test::Known(holds(relation, x, y)));
        }
        let (kept, swapped, negated) = kept(relation);
        let ids = (0..shape.len()).map(|k| {
            let (a, b) = if swapped { (b.at(k), a.at(k)) } else { (a.at(k), b.at(k)) };
            self.graph.compare(kept, a, b)
        });
        let test = Test::Compare(Value::new(shape, ids.collect()));
        Some(if negated { Test::Not(Box::new(test)) } else { test })
    }
}

impl Test {
    fn join(&self, shape: Shape) -> Option<Shape> {
        match self {
            Self::Known(_) => Some(shape),
            Self::Compare(value) => value.shape.join(shape),
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().try_fold(shape, |shape, part| part.join(shape))
            }
            Self::Not(inner) => inner.join(shape),
        }
    }

    /// The entry at position `k`: that of `a` where the test holds, else that of `b`.
    fn pick(&self, graph: &mut Graph, k: usize, a: ExprId, b: ExprId) -> ExprId {
        match self {
            Self::Known(true) => a,
            Self::Known(false) => b,
            Self::Compare(value) => graph.select(value.at(k), a, b),
            Self::And(parts) => {
                parts.iter().rev().fold(a, |inside, part| part.pick(graph, k, inside, b))
            }
            Self::Or(parts) => {
                parts.iter().rev().fold(b, |outside, part| part.pick(graph, k, a, outside))
            }
            Self::Not(inner) => inner.pick(graph, k, b, a),
        }
    }
}

/// A relation in terms of the relations of the graph: the relation, whether sides are swapped,
/// whether it is negated.
fn kept(relation: Relation) -> (Kept, bool, bool) {
    match relation {
        Relation::Less => (Kept::Less, false, false),
        Relation::LessEqual => (Kept::LessEqual, false, false),
        Relation::Greater => (Kept::Less, true, false),
        Relation::GreaterEqual => (Kept::LessEqual, true, false),
        Relation::Equal => (Kept::Equal, false, false),
        Relation::NotEqual => (Kept::Equal, false, true),
    }
}

fn holds(relation: Relation, x: Number, y: Number) -> bool {
    match relation {
        Relation::Less => x < y,
        Relation::LessEqual => x <= y,
        Relation::Greater => x > y,
        Relation::GreaterEqual => x >= y,
        // Ordering compares numbers by value, while `==` compares their representations.
        Relation::Equal => x.partial_cmp(&y) == Some(Ordering::Equal),
        Relation::NotEqual => x.partial_cmp(&y) != Some(Ordering::Equal),
    }
}
