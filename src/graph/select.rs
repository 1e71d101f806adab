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

    /// `then` where the condition is 1, else `otherwise`; the branch not taken is never looked at,
    /// so its NaN or infinity goes nowhere.
    pub fn select(&mut self, condition: ExprId, then: ExprId, otherwise: ExprId) -> ExprId {
        if self.form == Form::Canonical {
            if then == otherwise {
                return then;
            }
            if let Some(number) = self.as_number(condition) {
                return if number == Number::ONE { then } else { otherwise };
            }
            let then = self.taken(condition, then, |then, _| then);
            let otherwise = self.taken(condition, otherwise, |_, otherwise| otherwise);
            if then == otherwise {
                return then;
            }
            return self.intern(Node::Select(condition, then, otherwise));
        }
        self.intern(Node::Select(condition, then, otherwise))
    }

    /// Inside a branch, a select on the same condition is its own branch.
    fn taken(&self, condition: ExprId, id: ExprId, pick: fn(ExprId, ExprId) -> ExprId) -> ExprId {
        match self.node(id) {
            Node::Select(c, then, otherwise) if c == condition => pick(then, otherwise),
            _ => id,
        }
    }
}
