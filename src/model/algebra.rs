//! Algebra of matrices: inverses, linear systems, determinants and Cholesky factors.
//!
//! A symmetric matrix is factored as L D L' in about n³/6 products, without square roots or
//! pivoting: derivatives stay small, and a matrix that is not positive definite has a pivot that is
//! not positive. Entries that depend on parameters alone are computed once for all rows.
//! A triangular matrix is inverted by substitution. Promises:
//! the results for symmetric matrices are symmetric, entry by entry the same expressions.

use super::elaborate::{Elaborator, operand, short_text};
use super::error::ErrorKind;
use super::structure::{Structure, asymmetric_place};
use super::{Shape, Value};
use crate::graph::{ExprId, Function, Graph, Number, Part};
use crate::source::Span;
use crate::syntax::Expr;

/// Most rows of a matrix that is inverted by cofactors although it is not symmetric.
const COFACTORS_MAX: usize = 3;
/// Most rows for which cofactors lose no more digits than the factorisation does.
const COFACTORS_STABLE: usize = 2;

/// A function of linear algebra.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algebra {
    Inv,
    Solve,
    LogDet,
    Cholesky,
    QuadForm,
    Outer,
}

/// The expression of an argument, and its value.
type Argument<'a, 'v> = (&'a Expr, &'v Value);

impl<'a> Elaborator<'a> {
    pub(super) fn algebra(
        &mut self,
        span: Span,
        name: &'static str,
        algebra: Algebra,
        arguments: &[Argument<'a, '_>],
    ) -> Option<Value> {
        match (algebra, arguments) {
            (Algebra::Inv, [matrix]) => self.inverse(name, *matrix),
            (Algebra::Solve, [matrix, right]) => {
                let rows = self.square(name, *matrix, None)?;
                if right.1.shape.rows() != rows {
                    return self.misfit(
                        span,
                        name,
                        *matrix,
                        *right,
                        sizes(rows, right.1.shape.rows()),
                    );
                }
                let inverse = self.inverse(name, *matrix)?;
                self.product_of(&inverse, right.1, span)
            }
            (Algebra::LogDet, [matrix]) => {
                let factors = self.eliminated(name, *matrix)?;
                let logs: Vec<ExprId> =
                    factors.pivots.iter().map(|&d| self.apply(Function::Log, d)).collect();
                Some(Value::scalar(self.graph.total(&logs)))
            }
            (Algebra::Cholesky, [matrix]) => {
                let factors = self.eliminated(name, *matrix)?;
                Some(Value::new(matrix.1.shape, factors.cholesky(&mut self.graph)))
            }
            (Algebra::QuadForm, [matrix, vector]) => self.quad_form(span, name, *matrix, *vector),
            (Algebra::Outer, [left, right]) => self.outer(name, *left, *right),
            // The table of functions has checked the number of arguments.
            (Algebra::Inv | Algebra::LogDet | Algebra::Cholesky, _)
            | (Algebra::Solve | Algebra::QuadForm | Algebra::Outer, _) => None,
        }
    }

    /// The number of rows of a square matrix.
    pub(super) fn square(
        &mut self,
        name: &str,
        (expr, value): Argument<'_, '_>,
        help: Option<String>,
    ) -> Option<usize> {
        let rows = value.shape.rows();
        if value.shape.columns() == rows {
            return Some(rows);
        }
        self.wrong_shape(&format!("`{name}`"), "a square matrix", expr, value.shape, help)
    }

    fn inverse(&mut self, name: &'static str, matrix: Argument<'a, '_>) -> Option<Value> {
        let n = self.square(name, matrix, None)?;
        let value = matrix.1;
        let graph = &mut self.graph;
        if let Some(known) = self.opened.iter_mut().find_map(|one| one.inverse_of(graph, value)) {
            return Some(known);
        }
        let symmetric = asymmetric_place(value).is_none();
        if n <= COFACTORS_STABLE || (n <= COFACTORS_MAX && !symmetric) {
            return Some(Value::new(value.shape, by_cofactors(&mut self.graph, n, &value.ids)));
        }
        match Structure::of(&self.graph, value) {
            Structure::Lower => return self.inverse_of_lower(matrix.0.span, value),
            Structure::Upper => {
                let lower = self.inverse_of_lower(matrix.0.span, &value.transposed())?;
                return Some(lower.transposed());
            }
            Structure::Symmetric | Structure::General => {}
        }
        let factors = self.eliminated(name, matrix)?;
        // The products in the inverse of L and in that of the matrix.
        let products = n as u128 * n as u128 * n as u128 / 3;
        self.afford(products, matrix.0.span)?;
        let ids = factors.inverse(&mut self.graph);
        self.spend(products as usize, matrix.0.span)?;
        Some(Value::new(value.shape, ids))
    }

    fn inverse_of_lower(&mut self, span: Span, lower: &Value) -> Option<Value> {
        let n = lower.shape.rows();
        let products = n as u128 * n as u128 * n as u128 / 6;
        self.afford(products, span)?;
        let ids = by_substitution(&mut self.graph, n, &lower.ids);
        self.spend(products as usize, span)?;
        Some(Value::new(lower.shape, ids))
    }

    /// L and D of a symmetric matrix.
    fn eliminated(&mut self, name: &'static str, matrix: Argument<'a, '_>) -> Option<Factors> {
        let n = self.square(name, matrix, None)?;
        let (expr, value) = matrix;
        // The verbatim graph keeps products as they are written; its matrices were judged in the
        // canonical graph.
        let judged = self.graph.is_verbatim();
        let place = asymmetric_place(value).filter(|_| !judged);
        if let Some(place) =
            place.filter(|_| Structure::of(&self.graph, value) != Structure::Symmetric)
        {
            let found = operand(expr, value.shape);
            let kind = ErrorKind::NotSymmetric { function: name.to_owned(), found, place };
            return self.fail(expr.span, kind);
        }
        let products = n as u128 * n as u128 * n as u128 / 6;
        self.afford(products, expr.span)?;
        let factors = Factors::of(&mut self.graph, n, &value.ids);
        self.spend(products as usize, expr.span)?;
        Some(factors)
    }

    /// x'Ax
    fn quad_form(
        &mut self,
        span: Span,
        name: &'static str,
        matrix: Argument<'a, '_>,
        vector: Argument<'a, '_>,
    ) -> Option<Value> {
        let swapped = vector.1.shape.rows() == vector.1.shape.columns() && matrix.1.shape.is_line();
        let swapped = swapped.then(|| {
            let (matrix, vector) = (short_text(vector.0), short_text(matrix.0));
            format!("the matrix stands first: `{name}({matrix}, {vector})`")
        });
        let rows = self.square(name, matrix, swapped)?;
        if vector.1.shape != Shape::Scalar && !vector.1.shape.is_line() {
            let operation = format!("`{name}`");
            return self.wrong_shape(&operation, "a vector", vector.0, vector.1.shape, None);
        }
        if vector.1.shape.len() != rows {
            return self.misfit(span, name, matrix, vector, sizes(rows, vector.1.shape.len()));
        }
        let column = Value::new(Shape::Vector(rows), vector.1.ids.to_vec());
        let row = self.product_of(&column.transposed(), matrix.1, span)?;
        self.product_of(&row, &column, span)
    }

    /// ab'
    fn outer(
        &mut self,
        name: &'static str,
        left: Argument<'a, '_>,
        right: Argument<'a, '_>,
    ) -> Option<Value> {
        for (expr, value) in [left, right] {
            if !value.shape.is_line() {
                let operation = format!("`{name}`");
                return self.wrong_shape(&operation, "two vectors", expr, value.shape, None);
            }
        }
        let column = Value::new(Shape::Vector(left.1.ids.len()), left.1.ids.to_vec());
        let row = Value::new(Shape::Vector(right.1.ids.len()), right.1.ids.to_vec()).transposed();
        self.product_of(&column, &row, left.0.span.to(right.0.span))
    }

    fn misfit<T>(
        &mut self,
        span: Span,
        name: &str,
        left: Argument<'_, '_>,
        right: Argument<'_, '_>,
        help: Option<String>,
    ) -> Option<T> {
        let kind = ErrorKind::ShapeMismatch {
            operator: name.to_owned(),
            left: operand(left.0, left.1.shape),
            right: operand(right.0, right.1.shape),
            help,
        };
        self.fail(span, kind)
    }
}

/// A hint where a single entry meets several: mostly the parameters in it are not declared, and an
/// undeclared parameter is a scalar.
fn sizes(rows: usize, entries: usize) -> Option<String> {
    (rows == 1).then(|| {
        format!(
            "parameters that are not declared are numbers; declare the sizes, as in `param \
             m[{entries}], S[{entries},{entries}] posdef`"
        )
    })
}

/// The inverse of a lower triangular matrix, row by row.
fn by_substitution(graph: &mut Graph, n: usize, a: &[ExprId]) -> Vec<ExprId> {
    let mut inverse = vec![graph.zero(); n * n];
    for j in 0..n {
        let mut column = vec![graph.one()];
        column[0] = graph.div(column[0], a[j * n + j]);
        for i in j + 1..n {
            let known = graph.dot(&a[i * n + j..i * n + i], &column);
            let right = graph.neg(known);
            column.push(graph.div(right, a[i * n + i]));
        }
        column.into_iter().enumerate().for_each(|(k, entry)| inverse[(j + k) * n + j] = entry);
    }
    inverse
}

/// The inverse of a matrix of at most three rows.
fn by_cofactors(graph: &mut Graph, n: usize, a: &[ExprId]) -> Vec<ExprId> {
    let cofactors = cofactors(graph, n, a);
    let determinant = graph.dot(&a[..n], &cofactors[..n]);
    let places = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
    places.map(|(i, j)| graph.div(cofactors[j * n + i], determinant)).collect()
}

/// The cofactors of a matrix of at most three rows, row by row.
fn cofactors(graph: &mut Graph, n: usize, a: &[ExprId]) -> Vec<ExprId> {
    match *a {
        [_] => vec![graph.one()],
        [a, b, c, d] => vec![d, graph.neg(c), graph.neg(b), a],
        _ => {
            let places = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
            // Cyclic rows and columns give the sign of the cofactor.
            let at = |i: usize, j: usize| a[(i % n) * n + j % n];
            let minor = |(i, j)| {
                let right = graph.mul(at(i + 1, j + 1), at(i + 2, j + 2));
                let left = graph.mul(at(i + 1, j + 2), at(i + 2, j + 1));
                graph.sub(right, left)
            };
            places.map(minor).collect()
        }
    }
}

/// A = L D L' with ones on the diagonal of L.
struct Factors {
    /// The rows of L, without its diagonal.
    lower: Vec<Vec<ExprId>>,
    /// The rows of L D, without its diagonal.
    scaled: Vec<Vec<ExprId>>,
    /// The diagonal of D.
    pivots: Vec<ExprId>,
}

impl Factors {
    /// Factors a symmetric matrix, of which it reads the lower triangle.
    fn of(graph: &mut Graph, n: usize, a: &[ExprId]) -> Self {
        let mut factors = Self { lower: Vec::new(), scaled: Vec::new(), pivots: Vec::new() };
        for i in 0..n {
            let (mut lower, mut scaled) = (Vec::with_capacity(i), Vec::with_capacity(i));
            for j in 0..i {
                let rest = without(graph, a[i * n + j], &lower, &factors.scaled[j]);
                scaled.push(rest);
                lower.push(graph.div(rest, factors.pivots[j]));
            }
            factors.pivots.push(without(graph, a[i * n + i], &lower, &scaled));
            factors.lower.push(lower);
            factors.scaled.push(scaled);
        }
        factors
    }

    /// The columns of the inverse of L, each from its diagonal on.
    fn inverse_of_lower(&self, graph: &mut Graph) -> Vec<Vec<ExprId>> {
        let n = self.pivots.len();
        let column = |j: usize| {
            let mut column = vec![graph.one()];
            for i in j + 1..n {
                let known = graph.dot(&self.lower[i][j..], &column);
                column.push(graph.neg(known));
            }
            column
        };
        (0..n).map(column).collect()
    }

    /// The inverse of A: the sum over k of m_ki m_kj / d_k, where M is the inverse of L.
    fn inverse(&self, graph: &mut Graph) -> Vec<ExprId> {
        let n = self.pivots.len();
        let columns = self.inverse_of_lower(graph);
        let mut inverse = vec![graph.zero(); n * n];
        for i in 0..n {
            let entries = columns[i].iter().zip(&self.pivots[i..]);
            let scaled: Vec<ExprId> = entries.map(|(&m, &d)| graph.div(m, d)).collect();
            for j in 0..=i {
                let entry = graph.dot(&scaled, &columns[j][i - j..]);
                (inverse[i * n + j], inverse[j * n + i]) = (entry, entry);
            }
        }
        inverse
    }

    /// L √D, lower triangular.
    fn cholesky(&self, graph: &mut Graph) -> Vec<ExprId> {
        let n = self.pivots.len();
        let mut factor = vec![graph.zero(); n * n];
        for i in 0..n {
            for (j, &entry) in self.scaled[i].iter().enumerate() {
                let root = Part { weight: Number::ratio(-1, 2), expr: self.pivots[j] };
                factor[i * n + j] = graph.product(&[Part::one(entry), root]);
            }
            factor[i * n + i] = graph.sqrt(self.pivots[i]);
        }
        factor
    }
}

/// a - left·right; without entries, a itself.
fn without(graph: &mut Graph, a: ExprId, left: &[ExprId], right: &[ExprId]) -> ExprId {
    if left.is_empty() {
        return a;
    }
    let product = graph.dot(left, right);
    graph.sub(a, product)
}
