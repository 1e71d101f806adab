//! Products, quotients and powers; the product of two shapes is the matrix product.

use super::elaborate::{Elaborator, operand, short_text, transposed, ungrouped};
use super::error::ErrorKind;
use super::{Shape, Value};
use crate::graph::{ExprId, Graph, Number, Part};
use crate::source::Span;
use crate::syntax::{Expr, ExprKind, PowerOperator, ProductOperator};

/// A product that is evaluated from left to right. Scalar factors are gathered into one product of
/// the graph, which multiplies the shaped part at the end.
struct Chain<'a> {
    scalars: Vec<Part>,
    shaped: Option<Value>,
    /// All factors; `taken` of them are multiplied already.
    factors: &'a [(ProductOperator, Expr)],
    taken: usize,
}

impl Chain<'_> {
    /// The product of the factors taken so far, for messages.
    fn left(&self) -> Expr {
        let taken = &self.factors[..self.taken];
        match taken {
            [(_, only)] => only.clone(),
            _ => Expr {
                kind: ExprKind::Product(taken.to_vec()),
                span: taken[0].1.span.to(taken[self.taken - 1].1.span),
            },
        }
    }
}

impl<'a> Elaborator<'a> {
    pub(super) fn product(&mut self, factors: &'a [(ProductOperator, Expr)]) -> Option<Value> {
        let values: Vec<_> = factors.iter().map(|(_, factor)| self.expr(factor)).collect();
        let values: Vec<Value> = values.into_iter().collect::<Option<_>>()?;
        let mut chain = Chain { scalars: Vec::new(), shaped: None, factors, taken: 0 };
        for ((operator, factor), value) in factors.iter().zip(values) {
            self.multiply(&mut chain, *operator, factor, value)?;
            chain.taken += 1;
        }
        Some(self.finish(chain))
    }

    fn multiply(
        &mut self,
        chain: &mut Chain<'a>,
        operator: ProductOperator,
        factor: &'a Expr,
        value: Value,
    ) -> Option<()> {
        let divides = matches!(operator, ProductOperator::Over | ProductOperator::DotOver);
        let weight = if divides { Number::MINUS_ONE } else { Number::ONE };
        if value.shape == Shape::Scalar {
            chain.scalars.push(Part { weight, expr: value.ids[0] });
            return Some(());
        }
        let Some(left) = chain.shaped.take() else {
            chain.shaped = Some(if divides { self.map(&value, reciprocal) } else { value });
            return Some(());
        };
        let product = match operator {
            ProductOperator::Times => self.matrix_product(chain, &left, factor, &value)?,
            ProductOperator::DotTimes | ProductOperator::DotOver => {
                self.entrywise_product(chain, weight, &left, factor, &value)?
            }
            ProductOperator::Over => return self.shaped_quotient(chain, &left, factor, &value),
        };
        match product.shape {
            Shape::Scalar => chain.scalars.push(Part::one(product.ids[0])),
            Shape::Vector(_) | Shape::Matrix(..) => chain.shaped = Some(product),
        }
        Some(())
    }

    fn finish(&mut self, chain: Chain<'_>) -> Value {
        let Some(shaped) = chain.shaped else {
            return Value::scalar(self.graph.product(&chain.scalars));
        };
        if chain.scalars.is_empty() {
            return shaped;
        }
        self.map(&shaped, |graph, id| {
            let mut parts = chain.scalars.clone();
            parts.push(Part::one(id));
            graph.product(&parts)
        })
    }

    fn entrywise_product(
        &mut self,
        chain: &Chain<'a>,
        weight: Number,
        left: &Value,
        factor: &Expr,
        right: &Value,
    ) -> Option<Value> {
        let operator = if weight.is_one() { ".*" } else { "./" };
        let Some(shape) = left.shape.join(right.shape) else {
            let help = transposed(left.shape, right.shape);
            let whole = chain.left();
            return self.mismatch(operator, (&whole, left.shape), (factor, right.shape), help);
        };
        let ids = (0..shape.len()).map(|k| {
            let right = Part { weight, expr: right.at(k) };
            self.graph.product(&[Part::one(left.at(k)), right])
        });
        Some(Value::new(shape, ids.collect()))
    }

    fn shaped_quotient(
        &mut self,
        chain: &Chain<'a>,
        left: &Value,
        factor: &Expr,
        right: &Value,
    ) -> Option<()> {
        let help = if left.shape == right.shape {
            Some("entry by entry is `./`".to_owned())
        } else {
            Some("only a scalar divides a shape with `/`".to_owned())
        };
        self.mismatch("/", (&chain.left(), left.shape), (factor, right.shape), help)
    }

    fn mismatch<T>(
        &mut self,
        operator: &str,
        (left, left_shape): (&Expr, Shape),
        (right, right_shape): (&Expr, Shape),
        help: Option<String>,
    ) -> Option<T> {
        let kind = ErrorKind::ShapeMismatch {
            operator: operator.to_owned(),
            left: operand(left, left_shape),
            right: operand(right, right_shape),
            help,
        };
        self.fail(left.span.to(right.span), kind)
    }

    fn matrix_product(
        &mut self,
        chain: &Chain<'a>,
        left: &Value,
        factor: &Expr,
        right: &Value,
    ) -> Option<Value> {
        let (a, b) = (left.shape, right.shape);
        if a.columns() != b.rows() {
            let whole = chain.left();
            let help = product_help(&whole, a, factor, b);
            return self.mismatch("*", (&whole, a), (factor, b), help);
        }
        self.product_of(left, right, factor.span)
    }

    /// The matrix product of shapes that fit; a scalar where it has one entry.
    pub(super) fn product_of(&mut self, left: &Value, right: &Value, span: Span) -> Option<Value> {
        let (rows, inner, columns) =
            (left.shape.rows(), left.shape.columns(), right.shape.columns());
        let entries = rows as u128 * columns as u128;
        self.afford(entries * (inner as u128).div_ceil(16), span)?;
        let lines: Vec<Vec<ExprId>> = (0..columns).map(|column| right.column(column)).collect();
        let mut ids = Vec::with_capacity(rows * columns);
        for row in 0..rows {
            let row = left.row(row);
            ids.extend(lines.iter().map(|line| self.graph.dot(&row, line)));
        }
        self.spend(rows * columns * inner.div_ceil(16), span)?;
        let scalar = rows == 1 && columns == 1;
        let shape = if scalar { Shape::Scalar } else { Shape::matrix(rows, columns) };
        Some(Value::new(shape, ids))
    }

    pub(super) fn power(
        &mut self,
        base: &'a Expr,
        operator: PowerOperator,
        exponent: &'a Expr,
    ) -> Option<Value> {
        let (left, right) = (self.expr(base), self.expr(exponent));
        let (left, right) = (left?, right?);
        if operator == PowerOperator::Power {
            self.check_power(base, &left, Some((exponent, &right)))?;
        }
        let span = base.span.to(exponent.span);
        let shape = self.join(span, |_| ".^", &[(base, &left), (exponent, &right)])?;
        let ids: Vec<ExprId> =
            (0..shape.len()).map(|k| self.graph.pow(left.at(k), right.at(k))).collect();
        let whole =
            |id: &ExprId| self.graph.as_number(*id).is_some_and(|n| n.as_integer().is_some());
        if !right.ids.iter().all(whole) {
            self.remember_kink(span, "^", &ids);
        }
        Some(Value::new(shape, ids))
    }

    pub(super) fn superscript(&mut self, base: &'a Expr, exponent: i64) -> Option<Value> {
        let value = self.expr(base)?;
        self.check_power(base, &value, None)?;
        Some(self.map(&value, |graph, id| graph.powi(id, exponent)))
    }

    /// Checks the operands of `^`: the base is a scalar or a vector, and at most one operand is not
    /// a scalar; the power is taken entry by entry.
    fn check_power(
        &mut self,
        base: &Expr,
        left: &Value,
        exponent: Option<(&Expr, &Value)>,
    ) -> Option<()> {
        if left.shape != Shape::Scalar && !left.shape.is_line() {
            let text = short_text(base);
            let help = format!("entry by entry is `.^`, the matrix product is `{text}*{text}`");
            return self.wrong_shape("`^`", "a scalar or a vector", base, left.shape, Some(help));
        }
        if let Some((expr, right)) = exponent
            && right.shape != Shape::Scalar
            && left.shape != Shape::Scalar
        {
            let help = Some("entry by entry is `.^`".to_owned());
            return self.mismatch("^", (base, left.shape), (expr, right.shape), help);
        }
        Some(())
    }

    /// Σ a_i b_i over two vectors or rows of equal length.
    pub(super) fn inner_product(
        &mut self,
        span: Span,
        (left, a): (&Expr, &Value),
        (right, b): (&Expr, &Value),
    ) -> Option<Value> {
        for (expr, value) in [(left, a), (right, b)] {
            if !value.shape.is_line() {
                return self.wrong_shape("`dot`", "two vectors", expr, value.shape, None);
            }
        }
        if a.ids.len() != b.ids.len() {
            let kind = ErrorKind::ShapeMismatch {
                operator: "dot".to_owned(),
                left: operand(left, a.shape),
                right: operand(right, b.shape),
                help: None,
            };
            return self.fail(span, kind);
        }
        Some(Value::scalar(self.graph.dot(&a.ids, &b.ids)))
    }
}

fn reciprocal(graph: &mut Graph, id: ExprId) -> ExprId {
    graph.powi(id, -1)
}

/// A hint for a product whose shapes do not fit.
fn product_help(left: &Expr, a: Shape, right: &Expr, b: Shape) -> Option<String> {
    let (x, y) = (short_text(left), short_text(right));
    if a == b && a.is_line() {
        let (u, v) = (short_text(ungrouped(left)), short_text(ungrouped(right)));
        return Some(format!("write `dot({u}, {v})` or, entry by entry, `{x} .* {y}`"));
    }
    if a == b {
        return Some(format!("entry by entry is `{x} .* {y}`"));
    }
    if let ExprKind::Matrix(rows) = &ungrouped(left).kind
        && rows.len() == 1
    {
        return Some("`;` ends a row of a matrix, as in `[1, 0; 0, 1]`".to_owned());
    }
    if a.is_line() && b.is_line() {
        return None;
    }
    if a.columns() == b.columns() {
        return Some(format!("transpose the right side: `{x}*{y}'`"));
    }
    (a.rows() == b.rows()).then(|| format!("transpose the left side: `{x}'*{y}`"))
}
