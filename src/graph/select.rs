//! Comparisons and selections by mask.

use super::arena::Form;
use super::{ExprId, Graph, Node, Number, Relation};

impl Graph {
    /// 1 where the relation holds, else 0; false where either side is NaN.
    pub fn compare(&mut self, relation: Relation, a: ExprId, b: ExprId) -> ExprId {
        if self.form == Form::Canonical
            && let (Some(x), Some(y)) = (self.as_number(a), self.as_number(b))
        {
            let holds = match relation {
                Relation::Less => x < y,
                Relation::LessEqual => x <= y,
                Relation::Equal => x == y,
            };
            return if holds { self.one() } else { self.zero() };
        }
        self.intern(Node::Compare(relation, a, b))
    }

    /// `then` where the condition is 1, else `otherwise`; a NaN or infinity of the branch not taken has
    /// no effect.
    pub fn select(&mut self, condition: ExprId, then: ExprId, otherwise: ExprId) -> ExprId {
        if self.form == Form::Canonical {
            if then == otherwise {
                return then;
            }
            if let Some(number) = self.as_number(condition) {
                return if number == Number::ONE { then } else { otherwise };
            }
            let then = self.taken(condition, then, true);
            let otherwise = self.taken(condition, otherwise, false);
            if then == otherwise {
                return then;
            }
            return self.intern(Node::Select(condition, then, otherwise));
        }
        self.intern(Node::Select(condition, then, otherwise))
    }

    /// A branch in which the condition holds or not, simplified: a select on the same condition
    /// becomes the branch taken, and a select on a condition that this one excludes its `otherwise`.
    pub(super) fn taken(&self, condition: ExprId, id: ExprId, holds: bool) -> ExprId {
        match self.node(id) {
            Node::Select(c, then, otherwise) if c == condition => {
                if holds {
                    then
                } else {
                    otherwise
                }
            }
            Node::Select(c, _, otherwise) if holds && self.excludes(condition, c) => otherwise,
            _ => id,
        }
    }

    /// Whether two conditions never hold at once: an index has one value.
    pub(super) fn excludes(&self, one: ExprId, other: ExprId) -> bool {
        match (self.as_level(one), self.as_level(other)) {
            (Some((index, level)), Some((same, value))) => index == same && level != value,
            (Some(_) | None, _) => false,
        }
    }
}
