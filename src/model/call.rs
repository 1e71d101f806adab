//! Calls: definitions are expanded, functions of the table are applied.

use super::elaborate::{Elaborator, Kink, ungrouped};
use super::error::ErrorKind;
use super::functions::{self, Builtin, Reduction};
use super::prelude;
use super::{Shape, Value};
use crate::graph::{BinaryFunction, ExprId, Function, Graph, Number};
use crate::source::Span;
use crate::syntax::{Expr, ExprKind, Generator, Name, text_of};

/// Largest order of a polygamma or Bessel function, twice for the latter, and largest power of the
/// logarithm in `pow_log`.
const ORDER_MAX: u8 = 200;

/// The order in messages that say that it must be constant.
pub(super) const BESSEL_ORDER: &str = "the order of a Bessel function";

impl<'a> Elaborator<'a> {
    pub(super) fn call(
        &mut self,
        span: Span,
        function: &'a Name,
        generators: &'a [Generator],
        arguments: &'a [Expr],
    ) -> Option<Value> {
        let Some(entry) = functions::find(&function.text) else {
            let definition = self.definition(&function.text)?;
            let values = self.all(arguments)?;
            let fits = generators.is_empty() && values.len() == definition.parameters.len();
            if definition.density.is_some_and(|density| density.name == prelude::MIXTURE) && fits {
                self.check_weights(arguments, &values)?;
            }
            return if fits { self.expand(span, definition, values) } else { None };
        };
        // Calls that do not agree with the table were reported when names were resolved.
        match (entry.builtin(), generators, arguments) {
            (Builtin::Reduce(reduction), [_, ..], [body]) => {
                self.generated(span, entry.name, reduction, generators, body)
            }
            (builtin, [], _) if entry.takes(arguments.len()) => {
                let values = self.all(arguments)?;
                let operands: Vec<_> = arguments.iter().zip(&values).collect();
                let value = self.builtin(span, entry.name, builtin, &operands)?;
                self.note_kink(span, builtin, entry.name, &value);
                Some(value)
            }
            _ => None,
        }
    }

    /// A mixture of several densities has several weights.
    fn check_weights(&mut self, arguments: &[Expr], values: &[Value]) -> Option<()> {
        let ([weight, parts], [one, several]) = (arguments, values) else { return Some(()) };
        if one.shape != Shape::Scalar || several.ids.len() == 1 {
            return Some(());
        }
        let inner = ungrouped(weight);
        let text = match &inner.kind {
            ExprKind::Name(_) | ExprKind::Index(..) | ExprKind::Call { .. } => text_of(inner),
            _ => format!("({})", text_of(inner)),
        };
        let count = several.ids.len();
        self.fail(weight.span, ErrorKind::OneWeight { weight: text, parts: text_of(parts), count })
    }

    fn note_kink(&mut self, span: Span, builtin: Builtin, function: &'static str, value: &Value) {
        let kinked = match builtin {
            Builtin::Unary(function) => function.has_kink(),
            Builtin::Clamp
            | Builtin::Reduce(Reduction::Extreme(_))
            | Builtin::Sqrt
            | Builtin::Norm => true,
            Builtin::Reduce(
                Reduction::Sum | Reduction::Prod | Reduction::Mean | Reduction::LogSumExp,
            )
            | Builtin::Atan2
            | Builtin::Polygamma
            | Builtin::LogBesselI
            | Builtin::LogBessel
            | Builtin::BesselRatio
            | Builtin::PowLog
            | Builtin::LogDotExp
            | Builtin::Softmax
            | Builtin::Dot
            | Builtin::Sumsq
            | Builtin::Trace
            | Builtin::Diag
            | Builtin::Eye
            | Builtin::Length
            | Builtin::Algebra(_) => false,
        };
        if kinked {
            self.remember_kink(span, function, &value.ids);
        }
    }

    /// Records a function that may give a kink. Calls at one place of the text, in a loop or a
    /// definition, are recorded as one.
    pub(super) fn remember_kink(&mut self, span: Span, function: &'static str, ids: &[ExprId]) {
        let (span, function) = self.kink(span, function);
        match self.kinks.iter_mut().find(|kink| kink.span == span) {
            Some(kink) => kink.values.extend(ids),
            None => self.kinks.push(Kink { span, function, values: ids.to_vec() }),
        }
    }

    fn builtin(
        &mut self,
        span: Span,
        name: &'static str,
        builtin: Builtin,
        operands: &[(&'a Expr, &Value)],
    ) -> Option<Value> {
        let first = operands[0];
        match (builtin, operands) {
            (Builtin::Unary(function), _) => {
                let ids = first.1.ids.iter().map(|&id| self.apply(function, id)).collect();
                Some(Value::new(first.1.shape, ids))
            }
            (Builtin::Sqrt, _) => Some(self.map(first.1, Graph::sqrt)),
            (Builtin::Atan2, _) => self.pairwise(span, name, operands, |graph, ids| {
                graph.binary(BinaryFunction::Atan2, ids[0], ids[1])
            }),
            (Builtin::Polygamma, [order, argument]) => self.polygamma(order.0, argument.1),
            (Builtin::LogBesselI, [order, argument]) => self.log_bessel_i(order.0, argument.1),
            (Builtin::LogBessel, [order, argument]) => {
                self.bessel(name, Function::LogBessel, order.0, argument.1)
            }
            (Builtin::BesselRatio, [order, argument]) => {
                self.bessel(name, Function::BesselRatio, order.0, argument.1)
            }
            (Builtin::PowLog, [logs, arguments @ ..]) => self.pow_log(span, logs.0, arguments),
            (Builtin::Clamp, _) => self.pairwise(span, name, operands, |graph, ids| {
                let raised = graph.binary(BinaryFunction::Max, ids[0], ids[1]);
                graph.binary(BinaryFunction::Min, raised, ids[2])
            }),
            (Builtin::Reduce(reduction), [_]) => {
                Some(Value::scalar(reduce(&mut self.graph, reduction, &first.1.ids)))
            }
            (Builtin::Reduce(reduction), _) => {
                self.pairwise(span, name, operands, |graph, ids| reduce(graph, reduction, ids))
            }
            (Builtin::LogDotExp, [a, b]) => self.log_dot_exp(span, *a, *b),
            (Builtin::Dot, [a, b]) => self.inner_product(span, *a, *b),
            (Builtin::Softmax, _) => {
                let total = reduce(&mut self.graph, Reduction::LogSumExp, &first.1.ids);
                Some(self.map(first.1, |graph, id| {
                    let exponent = graph.sub(id, total);
                    graph.call(Function::Exp, exponent)
                }))
            }
            (Builtin::Norm, _) => {
                let squares = self.graph.sum_of_squares(&first.1.ids);
                Some(Value::scalar(self.graph.sqrt(squares)))
            }
            (Builtin::Sumsq, _) => Some(Value::scalar(self.graph.sum_of_squares(&first.1.ids))),
            (Builtin::Trace, _) => {
                let diagonal = self.diagonal(name, first)?;
                Some(Value::scalar(self.graph.total(&diagonal)))
            }
            (Builtin::Diag, _) => self.diag(first.0, first.1),
            (Builtin::Eye, _) => self.eye(first.0),
            (Builtin::Length, _) => {
                Some(Value::scalar(self.graph.integer(first.1.ids.len() as i64)))
            }
            (Builtin::Algebra(algebra), _) => self.algebra(span, name, algebra, operands),
            // The table of functions has checked the number of arguments.
            (
                Builtin::Polygamma
                | Builtin::LogBesselI
                | Builtin::LogBessel
                | Builtin::BesselRatio
                | Builtin::PowLog
                | Builtin::LogDotExp
                | Builtin::Dot,
                _,
            ) => None,
        }
    }

    /// Applies a function of several arguments entry by entry; scalars fit every shape.
    fn pairwise(
        &mut self,
        span: Span,
        name: &'static str,
        operands: &[(&Expr, &Value)],
        f: impl Fn(&mut Graph, &[ExprId]) -> ExprId,
    ) -> Option<Value> {
        let shape = self.join(span, |_| name, operands)?;
        let entry = |graph: &mut Graph, k| {
            let ids: Vec<ExprId> = operands.iter().map(|(_, value)| value.at(k)).collect();
            f(graph, &ids)
        };
        let ids = (0..shape.len()).map(|k| entry(&mut self.graph, k)).collect();
        Some(Value::new(shape, ids))
    }

    fn polygamma(&mut self, order: &'a Expr, argument: &Value) -> Option<Value> {
        let order = self.order(order, "the order of `polygamma`")?;
        Some(self.map(argument, |graph, id| graph.call(Function::Polygamma(order), id)))
    }

    /// log I_k(x) = k log(x/2) - log Γ(k+1) + `LogBessel`, which is even in x.
    fn log_bessel_i(&mut self, order: &'a Expr, argument: &Value) -> Option<Value> {
        let twice = self.bessel_order(order, "log_bessel_i")?;
        Some(self.map(argument, |graph, x| {
            let even = graph.call(Function::LogBessel(twice), x);
            if twice == 0 {
                return even;
            }
            let (order, next) = (graph.ratio(twice.into(), 2), i64::from(twice) + 2);
            let half = graph.scale(Number::ratio(1, 2), x);
            let log = graph.call(Function::Log, half);
            let power = graph.mul(order, log);
            let next = graph.ratio(next, 2);
            let constant = graph.call(Function::Lgamma, next);
            let rest = graph.sub(even, constant);
            graph.add(power, rest)
        }))
    }

    fn bessel(
        &mut self,
        name: &'static str,
        member: fn(u8) -> Function,
        order: &'a Expr,
        argument: &Value,
    ) -> Option<Value> {
        let twice = self.bessel_order(order, name)?;
        Some(self.map(argument, |graph, id| graph.call(member(twice), id)))
    }

    /// Twice the order of a Bessel function; the order must be a constant multiple of ½.
    fn bessel_order(&mut self, order: &'a Expr, function: &'static str) -> Option<u8> {
        let value = self.expr(order)?;
        let id = self.scalar(BESSEL_ORDER, order, &value, None)?;
        let number = self.constant(order, id, BESSEL_ORDER)?;
        let twice = 2.0 * number;
        if twice.fract() == 0.0 && (0.0..=f64::from(ORDER_MAX)).contains(&twice) {
            return Some(twice as u8);
        }
        self.fail(
            order.span,
            ErrorKind::BadBesselOrder { function, value: number, largest: ORDER_MAX / 2 },
        )
    }

    /// u^p (log u)ᵏ
    fn pow_log(
        &mut self,
        span: Span,
        logs: &'a Expr,
        operands: &[(&'a Expr, &Value)],
    ) -> Option<Value> {
        let logs = self.order(logs, "the power of the logarithm in `pow_log`")?;
        self.pairwise(span, "pow_log", operands, |graph, ids| {
            graph.binary(BinaryFunction::Pow(logs), ids[0], ids[1])
        })
    }

    /// The order of a family of functions, an integer constant; derivatives of the log-density
    /// raise it by up to four.
    fn order(&mut self, order: &'a Expr, place: &'static str) -> Option<u8> {
        let value = self.integer(order, place)?;
        match u8::try_from(value) {
            Ok(order) if order <= ORDER_MAX => Some(order),
            _ => self.fail(order.span, ErrorKind::BadOrder { place, value, largest: ORDER_MAX }),
        }
    }

    fn log_dot_exp(
        &mut self,
        span: Span,
        (left, c): (&Expr, &Value),
        (right, u): (&Expr, &Value),
    ) -> Option<Value> {
        let shape = self.join(span, |_| "log_dot_exp", &[(left, c), (right, u)])?;
        let coefficients: Vec<ExprId> = (0..shape.len()).map(|k| c.at(k)).collect();
        let exponents: Vec<ExprId> = (0..shape.len()).map(|k| u.at(k)).collect();
        Some(Value::scalar(self.graph.log_sum_exp(&coefficients, &exponents)))
    }

    fn diagonal(&mut self, name: &str, matrix: (&Expr, &Value)) -> Option<Vec<ExprId>> {
        let n = self.square(name, matrix, None)?;
        Some((0..n).map(|i| matrix.1.ids[i * n + i]).collect())
    }

    fn diag(&mut self, expr: &Expr, value: &Value) -> Option<Value> {
        if let Shape::Matrix(rows, _) = value.shape
            && rows > 1
        {
            let diagonal = self.diagonal("diag", (expr, value))?;
            return Some(Value::new(Shape::Vector(diagonal.len()), diagonal));
        }
        self.diagonal_matrix(expr.span, &value.ids)
    }

    fn eye(&mut self, size: &'a Expr) -> Option<Value> {
        let n = self.size(size)?;
        self.afford(n as u128, size.span)?;
        let ones = vec![self.graph.one(); n];
        self.diagonal_matrix(size.span, &ones)
    }

    fn diagonal_matrix(&mut self, span: Span, diagonal: &[ExprId]) -> Option<Value> {
        let n = diagonal.len();
        self.afford(n as u128 * n as u128, span)?;
        let mut ids = vec![self.graph.zero(); n * n];
        diagonal.iter().enumerate().for_each(|(i, &id)| ids[i * n + i] = id);
        Some(Value::new(Shape::matrix(n, n), ids))
    }

    /// A size: an integer of at least one.
    pub(super) fn size(&mut self, expr: &'a Expr) -> Option<usize> {
        let size = self.integer(expr, "a size")?;
        match usize::try_from(size) {
            Ok(size) if size >= 1 => Some(size),
            _ => self.fail(expr.span, ErrorKind::BadSize { value: size }),
        }
    }
}

/// Reduces a list to one expression; the graph receives the whole list at once.
pub(super) fn reduce(graph: &mut Graph, reduction: Reduction, ids: &[ExprId]) -> ExprId {
    match reduction {
        Reduction::Sum => graph.total(ids),
        Reduction::Prod => {
            let parts: Vec<_> = ids.iter().map(|&id| crate::graph::Part::one(id)).collect();
            graph.product(&parts)
        }
        Reduction::Mean => {
            let total = graph.total(ids);
            let count = graph.integer(ids.len() as i64);
            graph.div(total, count)
        }
        Reduction::LogSumExp => {
            let ones = vec![graph.one(); ids.len()];
            graph.log_sum_exp(&ones, ids)
        }
        Reduction::Extreme(function) => {
            let (&first, rest) = ids.split_first().expect("an extreme has at least one argument");
            rest.iter().fold(first, |extreme, &id| graph.binary(function, extreme, id))
        }
    }
}
