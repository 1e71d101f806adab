//! Reductions over generators, such as `sum(i in 1:d, j in i+1:d, W[i,j])`.

use super::call::reduce;
use super::elaborate::{Elaborator, operand};
use super::error::ErrorKind;
use super::functions::Reduction;
use super::walk::{find_name, size};
use super::{Shape, Value};
use crate::graph::Number;
use crate::source::Span;
use crate::syntax::{Expr, Generator};

impl<'a> Elaborator<'a> {
    pub(super) fn generated(
        &mut self,
        span: Span,
        name: &'static str,
        reduction: Reduction,
        generators: &'a [Generator],
        body: &'a Expr,
    ) -> Option<Value> {
        self.check_trips(span, generators, body)?;
        let mut terms = Vec::new();
        self.trips(generators, body, &mut terms)?;
        let shape = self.common_shape(body, &terms)?;
        if terms.is_empty() && !matches!(reduction, Reduction::Sum | Reduction::Prod) {
            return self.fail(span, ErrorKind::EmptyReduction { function: name.to_owned() });
        }
        let mut ids = Vec::with_capacity(shape.len());
        for k in 0..shape.len() {
            let entries: Vec<_> = terms.iter().map(|term| term.at(k)).collect();
            ids.push(reduce(&mut self.graph, reduction, &entries));
        }
        let value = Value::new(shape, ids);
        if matches!(reduction, Reduction::Extreme(_)) {
            self.remember_kink(span, name, &value.ids);
        }
        Some(value)
    }

    /// Checks the product of the ranges against the limit on nodes before the body is expanded.
    /// Ranges that depend on outer indices are counted when they are reached.
    fn check_trips(
        &mut self,
        span: Span,
        generators: &'a [Generator],
        body: &'a Expr,
    ) -> Option<()> {
        let mut trips = size(body) as u128;
        for (position, generator) in generators.iter().enumerate() {
            let outer = &generators[..position];
            let is_outer = |name: &str| outer.iter().any(|generator| generator.name.text == name);
            let depends = [&generator.from, &generator.to]
                .iter()
                .any(|bound| find_name(bound, is_outer).is_some());
            if !depends {
                let (from, to) = self.bounds(generator)?;
                trips = trips.saturating_mul(count(from, to));
            }
        }
        self.afford(trips, span)
    }

    fn bounds(&mut self, generator: &'a Generator) -> Option<(i64, i64)> {
        let place = "the bound of a generator";
        let (from, to) = (self.integer(&generator.from, place), self.integer(&generator.to, place));
        from.zip(to)
    }

    /// The values of the body for all indices; the last generator varies fastest.
    fn trips(
        &mut self,
        generators: &'a [Generator],
        body: &'a Expr,
        terms: &mut Vec<Value>,
    ) -> Option<()> {
        let Some((generator, inner)) = generators.split_first() else {
            terms.push(self.expr(body)?);
            return Some(());
        };
        let (from, to) = self.bounds(generator)?;
        let span = generator.from.span.to(generator.to.span);
        self.afford(count(from, to), span)?;
        for index in from..=to {
            self.spend(1, span)?;
            let index = Value::scalar(self.graph.number(Number::integer(index)));
            self.with_local(&generator.name.text, index, |this| this.trips(inner, body, terms))?;
        }
        Some(())
    }

    fn common_shape(&mut self, body: &Expr, terms: &[Value]) -> Option<Shape> {
        let shape = terms.first().map_or(Shape::Scalar, |term| term.shape);
        let Some(other) = terms.iter().find(|term| term.shape != shape) else {
            return Some(shape);
        };
        let kind = ErrorKind::ShapeMismatch {
            operator: "one reduction".to_owned(),
            left: operand(body, shape),
            right: operand(body, other.shape),
            help: None,
        };
        self.fail(body.span, kind)
    }
}

/// The number of integers from `from` to `to`.
fn count(from: i64, to: i64) -> u128 {
    u128::try_from(i128::from(to) - i128::from(from) + 1).unwrap_or(0)
}
