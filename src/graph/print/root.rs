//! What is printed: an expression, or a sum of an expression and half of weighed squares.

use super::super::{ExprId, Number};
use super::notation::Notation;
use super::piece::Precedence;
use super::quotient::{Minus, quotient};
use super::sweep::Sweep;

/// Something to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    Expr(ExprId),
    /// linear + ½ Σ weight · root², left in these parts; squares as weight and root.
    Squares {
        linear: ExprId,
        squares: Vec<(ExprId, ExprId)>,
    },
}

impl Root {
    /// The expressions that are printed, each as often as it is.
    pub(super) fn exprs(&self) -> Vec<ExprId> {
        match self {
            Self::Expr(id) => vec![*id],
            Self::Squares { linear, squares } => {
                let weights = by_weight(squares);
                let parts = weights.into_iter().flat_map(|(weight, roots)| {
                    std::iter::once(weight).chain(roots).collect::<Vec<_>>()
                });
                std::iter::once(*linear).chain(parts).collect()
            }
        }
    }
}

/// Weights in order of first appearance, each with its roots.
fn by_weight(squares: &[(ExprId, ExprId)]) -> Vec<(ExprId, Vec<ExprId>)> {
    let mut found: Vec<(ExprId, Vec<ExprId>)> = Vec::new();
    for &(weight, root) in squares {
        match found.iter_mut().find(|(known, _)| *known == weight) {
            Some((_, roots)) => roots.push(root),
            None => found.push((weight, vec![root])),
        }
    }
    found
}

impl Sweep<'_> {
    /// The text of a root whose operands have been swept.
    pub(super) fn root(&mut self, root: &Root) -> String {
        match root {
            Root::Expr(id) => self.piece(*id).text,
            Root::Squares { linear, squares } => {
                let text = self.piece(*linear).text;
                let halves = by_weight(squares).into_iter();
                let halves: Vec<String> =
                    halves.map(|(weight, roots)| self.half(weight, &roots)).collect();
                let zero = self.graph.as_number(*linear).is_some_and(Number::is_zero);
                let linear = (!zero || halves.is_empty()).then_some(text);
                linear.into_iter().chain(halves).collect::<Vec<_>>().join(" + ")
            }
        }
    }

    /// ½ weight · Σ root², a weight that is a number within the coefficient.
    fn half(&mut self, weight: ExprId, roots: &[ExprId]) -> String {
        let notation = self.notation;
        let own = self.piece(weight);
        let half = Number::ratio(1, 2);
        let (coefficient, own) = match self.graph.as_number(weight) {
            Some(number) => (half * number, None),
            None => (half, Some(own.at(Precedence::Product, notation))),
        };
        let coefficient = (!coefficient.is_one())
            .then(|| quotient(false, coefficient, Vec::new(), Minus::Inside, notation).1.text);
        let two = Number::integer(2);
        let squares = roots.iter().map(|&root| (notation.power)(self.piece(root), two).text);
        let squares: Vec<String> = squares.collect();
        let squares = match squares.as_slice() {
            [only] => only.clone(),
            several => (notation.group)(&several.join(" + ")),
        };
        product([coefficient, own, Some(squares)].into_iter().flatten(), notation)
    }
}

fn product(factors: impl Iterator<Item = String>, notation: &Notation) -> String {
    factors.fold(String::new(), |text, next| match text.is_empty() {
        true => next,
        false => format!("{text}{}{next}", (notation.times)(&next)),
    })
}
