//! Expressions → values in a graph: names, literals, sums, definitions.
//!
//! The same code serves the canonical and the verbatim graph. An error is recorded where it is
//! found, and the expression then has no value; its siblings are still elaborated, so that their
//! errors are reported too. Deliberately not known here: roles, columns, constraints.

use std::collections::HashMap;

use super::declare::Side;
use super::error::{Error, ErrorKind, Operand};
use super::inverses::Opened;
use super::prelude;
use super::valueless::Places;
use super::walk::{call_of, find_name};
use super::{Shape, Value};
use crate::graph::{ExprId, Function, Graph, Node, Number, Part};
use crate::source::Span;
use crate::syntax::{Expr, ExprKind, Name, Sign, text_of};

/// Deepest recursion through expressions and the definitions that they call.
const DEPTH_MAX: usize = 1600;
/// Most errors that are shown; one more is recorded, to say that there are more.
pub(super) const ERRORS_MAX: usize = 20;
/// Longest excerpt of the text in a message, in characters.
const TEXT_MAX: usize = 40;

/// The meaning of a name.
#[derive(Clone, Debug)]
pub(super) enum Binding {
    /// A value, with a description for messages, such as `a parameter`.
    Value(Value, &'static str),
    /// A group whose levels have names, so that it has no numeric value.
    Group,
    /// A name whose declaration has an error that was reported.
    Poisoned,
    /// A name without a value in places for constants, with a description for messages.
    Varies(&'static str),
}

/// A covariate whose levels can be an index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    /// The index of the level of a row, from one.
    pub index: ExprId,
    /// The number of levels.
    pub size: usize,
}

/// A `def`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Definition<'a> {
    pub parameters: &'a [Name],
    pub body: &'a Expr,
    /// The entry of the prelude, if the definition is one of its densities.
    pub density: Option<prelude::DensityEntry>,
}

/// A call of a density of the prelude, while its definition is expanded.
#[derive(Clone, Copy, Debug)]
pub(super) struct DensityCall {
    /// The place of the call in the user's text; places in the prelude mean nothing to users.
    call: Span,
    density: prelude::DensityEntry,
}

/// A call of a function that can have a kink or a step; `warn` decides when the log-density is
/// complete.
#[derive(Clone, Debug)]
pub(super) struct Kink {
    pub span: Span,
    pub function: &'static str,
    /// The values of the call.
    pub values: Vec<ExprId>,
}

/// Elaborates expressions into a graph.
pub(super) struct Elaborator<'a> {
    pub graph: Graph,
    /// A canonical graph for arithmetic on constants.
    scratch: Graph,
    pub globals: HashMap<&'a str, Binding>,
    pub groups: HashMap<&'a str, Group>,
    /// The groups of the sides of parameters that levels index.
    pub sides: HashMap<&'a str, Vec<Option<&'a Side>>>,
    /// Parameters whose inverses are inputs of their own.
    pub opened: Vec<Opened>,
    /// The definitions of the text; `None` for one that calls itself.
    functions: HashMap<&'a str, Option<Definition<'a>>>,
    /// Values of the generator indices and of the parameters of the definition that is being
    /// expanded.
    locals: Vec<(&'a str, Value)>,
    /// The calls of the definitions that are being expanded, outermost first.
    calls: Vec<Span>,
    inside: Option<DensityCall>,
    pub errors: Vec<Error>,
    pub kinks: Vec<Kink>,
    pub places: Places,
    spent: usize,
    nodes_max: usize,
    depth: usize,
    /// The place for a constant that is being elaborated, for messages.
    pub place: &'static str,
}

impl<'a> Elaborator<'a> {
    pub fn new(graph: Graph, nodes_max: usize) -> Self {
        Self {
            graph,
            scratch: Graph::new(),
            globals: HashMap::new(),
            groups: HashMap::new(),
            sides: HashMap::new(),
            opened: Vec::new(),
            functions: HashMap::new(),
            locals: Vec::new(),
            calls: Vec::new(),
            inside: None,
            errors: Vec::new(),
            kinks: Vec::new(),
            places: Places::new(),
            spent: 0,
            nodes_max,
            depth: 0,
            place: "this",
        }
    }

    /// The place of a span in the user's text: inside a density of the prelude, that of its call.
    fn placed(&self, span: Span) -> Span {
        self.inside.map_or(span, |inside| inside.call)
    }

    /// Records an error, unless an equal one is recorded for the place.
    pub fn fail<T>(&mut self, span: Span, kind: ErrorKind) -> Option<T> {
        let span = self.placed(span);
        let known = self.errors.iter().any(|known| known.span == Some(span) && known.kind == kind);
        if self.errors.len() <= ERRORS_MAX && !known {
            let calls = self.calls.iter().rev().copied().collect();
            let density = self.inside.map(|inside| inside.density.usage);
            self.errors.push(Error { calls, density, ..Error::at(span, kind) });
        }
        None
    }

    /// Checks that this many further nodes are within the limit.
    pub fn afford(&mut self, nodes: u128, span: Span) -> Option<()> {
        let needed = nodes.saturating_add(self.spent as u128);
        if needed <= self.nodes_max as u128 {
            return Some(());
        }
        // All enclosing expressions exceed the limit too; only the first one is reported.
        if self.spent <= self.nodes_max {
            self.spent = self.nodes_max + 1;
            return self.fail(span, ErrorKind::NodeLimit { needed, limit: self.nodes_max });
        }
        None
    }

    /// Counts nodes against the limit, and checks it.
    pub fn spend(&mut self, nodes: usize, span: Span) -> Option<()> {
        self.afford(nodes as u128, span)?;
        self.spent += nodes;
        Some(())
    }

    /// The definition of this name: that of the text, else that of the prelude. DensityCall the prelude
    /// the definitions of the text are not visible.
    pub fn definition(&self, name: &str) -> Option<Definition<'a>> {
        match self.functions.get(name) {
            Some(&own) if self.inside.is_none() => own,
            Some(_) | None => prelude::find(name).map(|density| Definition {
                parameters: density.parameters,
                body: density.body,
                density: Some(density.entry),
            }),
        }
    }

    /// Makes a definition callable. One that calls itself was reported, and is not expanded.
    pub fn define(&mut self, name: &'a Name, parameters: &'a [Name], body: &'a Expr) {
        let definition = Definition { parameters, body, density: None };
        let own = call_of(body, &name.text).is_none().then_some(definition);
        self.functions.insert(&name.text, own);
    }

    /// Place and name of the function for a warning about kinks; inside a density of the prelude,
    /// those of the density.
    pub fn kink(&self, span: Span, function: &'static str) -> (Span, &'static str) {
        match self.inside {
            Some(DensityCall { call, density }) => (call, density.name),
            None => (span, function),
        }
    }

    /// The value of an expression; `None` after an error was recorded.
    pub fn expr(&mut self, expr: &'a Expr) -> Option<Value> {
        if self.depth >= DEPTH_MAX {
            return self.fail(expr.span, ErrorKind::DepthLimit);
        }
        self.depth += 1;
        let value = self.form(expr);
        self.depth -= 1;
        value
    }

    /// The value by kind of expression. Nodes count against the limit, except those of names and
    /// parentheses, which share a value.
    fn form(&mut self, expr: &'a Expr) -> Option<Value> {
        let span = expr.span;
        let value = match &expr.kind {
            ExprKind::Name(name) => return self.name(name, span),
            ExprKind::Group(inner) => return self.expr(inner),
            ExprKind::Number(text) => self.literal(text),
            ExprKind::Pi => Value::scalar(self.graph.pi()),
            ExprKind::Call { function, generators, arguments } => {
                self.call(span, function, generators, arguments)?
            }
            ExprKind::If(condition, then, otherwise) => {
                self.choose(span, condition, then, otherwise)?
            }
            ExprKind::Matrix(rows) => self.matrix(rows)?,
            ExprKind::Negate(inner) => self.negate(inner)?,
            ExprKind::Sum(terms) => self.sum(span, terms)?,
            ExprKind::Product(factors) => self.product(factors)?,
            ExprKind::Power(base, operator, exponent) => self.power(base, *operator, exponent)?,
            ExprKind::Superscript(base, exponent) => self.superscript(base, *exponent)?,
            ExprKind::Transpose(base) => self.expr(base)?.transposed(),
            ExprKind::Index(base, indices) => self.index(span, base, indices)?,
        };
        self.spend(value.ids.len(), span)?;
        self.locate(span, &value);
        Some(value)
    }

    /// Records where each node was first written.
    fn locate(&mut self, span: Span, value: &Value) {
        let span = self.placed(span);
        for &id in value.ids.iter() {
            let calls = || self.calls.iter().rev().copied().collect();
            self.places.entry(id).or_insert_with(|| (span, calls()));
        }
    }

    /// The values of all expressions. All are elaborated even after an error, so that every error
    /// is found.
    pub fn all(&mut self, exprs: &'a [Expr]) -> Option<Vec<Value>> {
        let values: Vec<Option<Value>> = exprs.iter().map(|expr| self.expr(expr)).collect();
        values.into_iter().collect()
    }

    fn literal(&mut self, text: &str) -> Value {
        let number: Number = text.parse().expect("a token of a number is a valid literal");
        Value::scalar(self.graph.number(number))
    }

    fn name(&mut self, name: &'a str, span: Span) -> Option<Value> {
        if let Some((_, value)) = self.locals.iter().rev().find(|(local, _)| *local == name) {
            return Some(value.clone());
        }
        match self.globals.get(name) {
            Some(Binding::Value(value, _)) => Some(value.clone()),
            Some(Binding::Group) => {
                self.fail(span, ErrorKind::GroupAsNumber { name: name.to_owned() })
            }
            Some(Binding::Varies(what)) => {
                let culprit = Some((name.to_owned(), *what));
                self.fail(span, ErrorKind::NotConstant { place: self.place, culprit })
            }
            // The resolution of names has reported unknown names.
            Some(Binding::Poisoned) | None => None,
        }
    }

    /// The group of this name, unless a local name hides it.
    pub fn group(&self, name: &str) -> Option<Group> {
        self.groups.get(name).copied().filter(|_| !self.is_local(name))
    }

    /// Whether a name is the index of a generator or the parameter of a definition.
    pub fn is_local(&self, name: &str) -> bool {
        self.locals.iter().any(|(local, _)| *local == name)
    }

    /// The groups of the sides of the parameter that an expression names; `None` where it names
    /// none.
    pub fn sides_of(&self, base: &Expr) -> Option<&[Option<&'a Side>]> {
        let ExprKind::Name(name) = &ungrouped(base).kind else { return None };
        self.sides.get(name.as_str()).filter(|_| !self.is_local(name)).map(Vec::as_slice)
    }

    /// Elaborates with one more local name.
    pub fn with_local<T>(
        &mut self,
        name: &'a str,
        value: Value,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.locals.push((name, value));
        let result = run(self);
        self.locals.pop();
        result
    }

    /// The body of a definition, in which its parameters are the only local names.
    pub fn expand(
        &mut self,
        call: Span,
        definition: Definition<'a>,
        arguments: Vec<Value>,
    ) -> Option<Value> {
        let names = definition.parameters.iter().map(|name| name.text.as_str());
        let inner = names.zip(arguments).collect();
        let outer = std::mem::replace(&mut self.locals, inner);
        let value = match definition.density {
            Some(density) => self.expand_density(DensityCall { call, density }, definition.body),
            None => {
                self.calls.push(call);
                let value = self.expr(definition.body);
                self.calls.pop();
                value
            }
        };
        self.locals = outer;
        value
    }

    /// A density that calls another one of the prelude stays the one that messages name.
    fn expand_density(&mut self, inside: DensityCall, body: &'a Expr) -> Option<Value> {
        let outer = self.inside;
        self.inside = outer.or(Some(inside));
        let value = self.expr(body);
        self.inside = outer;
        value
    }

    fn matrix(&mut self, rows: &'a [Vec<Expr>]) -> Option<Value> {
        let columns = rows[0].len();
        let mut ids = Vec::new();
        let mut whole = true;
        for row in rows {
            if row.len() != columns {
                let span = row[0].span.to(row[row.len() - 1].span);
                self.fail::<()>(span, ErrorKind::RaggedMatrix { first: columns, found: row.len() });
                whole = false;
            }
            for entry in row {
                let value = self.expr(entry).and_then(|value| self.entry(entry, &value));
                whole &= value.is_some();
                ids.extend(value);
            }
        }
        let shape = match rows {
            // A single row with commas is the notation of a vector.
            [_] => Shape::Vector(columns),
            _ => Shape::matrix(rows.len(), columns),
        };
        whole.then(|| Value::new(shape, ids))
    }

    fn entry(&mut self, expr: &Expr, value: &Value) -> Option<ExprId> {
        self.scalar("a matrix entry", expr, value, None)
    }

    /// The entry of a scalar; an error for other shapes.
    pub fn scalar(
        &mut self,
        operation: &str,
        expr: &Expr,
        value: &Value,
        help: Option<String>,
    ) -> Option<ExprId> {
        if value.shape == Shape::Scalar {
            return Some(value.ids[0]);
        }
        self.wrong_shape(operation, "a scalar", expr, value.shape, help)
    }

    pub fn wrong_shape<T>(
        &mut self,
        operation: &str,
        needed: &'static str,
        expr: &Expr,
        shape: Shape,
        help: Option<String>,
    ) -> Option<T> {
        let found = operand(expr, shape);
        let operation = operation.to_owned();
        self.fail(expr.span, ErrorKind::WrongShape { operation, needed, found, help })
    }

    fn negate(&mut self, inner: &'a Expr) -> Option<Value> {
        let value = self.expr(inner)?;
        Some(self.map(&value, Graph::neg))
    }

    /// Applies a function to each entry.
    pub fn map(&mut self, value: &Value, f: impl Fn(&mut Graph, ExprId) -> ExprId) -> Value {
        let ids = value.ids.iter().map(|&id| f(&mut self.graph, id)).collect();
        Value::new(value.shape, ids)
    }

    fn sum(&mut self, span: Span, terms: &'a [(Sign, Expr)]) -> Option<Value> {
        let values: Vec<_> = terms.iter().map(|(_, term)| self.expr(term)).collect();
        let values: Vec<Value> = values.into_iter().collect::<Option<_>>()?;
        let operands: Vec<_> = terms.iter().map(|(_, term)| term).zip(&values).collect();
        let operator = |position: usize| match terms[position].0 {
            Sign::Plus => "+",
            Sign::Minus => "-",
        };
        let shape = self.join(span, operator, &operands)?;
        let weights: Vec<Number> = (terms.iter())
            .map(|(sign, _)| match sign {
                Sign::Plus => Number::ONE,
                Sign::Minus => Number::MINUS_ONE,
            })
            .collect();
        let entry = |graph: &mut Graph, k: usize| {
            let parts = values.iter().zip(&weights);
            let parts: Vec<Part> =
                parts.map(|(value, &weight)| Part { weight, expr: value.at(k) }).collect();
            graph.sum(&parts)
        };
        let ids = (0..shape.len()).map(|k| entry(&mut self.graph, k)).collect();
        Some(Value::new(shape, ids))
    }

    /// The common shape of operands of an entrywise operation; an error where there is none.
    pub fn join(
        &mut self,
        span: Span,
        operator: impl Fn(usize) -> &'static str,
        operands: &[(&Expr, &Value)],
    ) -> Option<Shape> {
        let mut shape = Shape::Scalar;
        let mut shaped = 0;
        for (position, (expr, value)) in operands.iter().enumerate() {
            let Some(joined) = shape.join(value.shape) else {
                let left = operand(operands[shaped].0, shape);
                let right = operand(expr, value.shape);
                let operator = operator(position).to_owned();
                let help = transposed(shape, value.shape);
                return self.fail(span, ErrorKind::ShapeMismatch { operator, left, right, help });
            };
            if shape == Shape::Scalar {
                shaped = position;
            }
            shape = joined;
        }
        Some(shape)
    }

    /// Applies a function of the graph. A constant argument is folded in the verbatim graph too,
    /// where indices and bounds need its value.
    pub fn apply(&mut self, function: Function, u: ExprId) -> ExprId {
        match self.graph.as_number(u) {
            Some(number) => {
                let argument = self.scratch.number(number);
                let folded = self.scratch.call(function, argument);
                match self.scratch.as_number(folded) {
                    Some(value) => self.graph.number(value),
                    None => self.graph.call(function, u),
                }
            }
            None => self.graph.call(function, u),
        }
    }

    /// The value of an expression that must be a constant integer.
    pub fn integer(&mut self, expr: &'a Expr, place: &'static str) -> Option<i64> {
        let value = self.expr(expr)?;
        let id = self.scalar(place, expr, &value, None)?;
        if let Some(integer) = self.graph.as_number(id).and_then(Number::as_integer) {
            return Some(integer);
        }
        let number = self.constant(expr, id, place)?;
        if number.fract() == 0.0 && number.abs() < 2f64.powi(53) {
            return Some(number as i64);
        }
        self.fail(expr.span, ErrorKind::NotAnInteger { place, value: number })
    }

    /// The value of an expression that must be constant.
    pub fn constant(&mut self, expr: &Expr, id: ExprId, place: &'static str) -> Option<f64> {
        if let Some(number) = self.graph.as_number(id) {
            return Some(number.to_f64());
        }
        let live = self.graph.live(&[id]);
        if live.iter().any(|&id| matches!(self.graph.node(id), Node::Input(_))) {
            let culprit = self.culprit(expr);
            return self.fail(expr.span, ErrorKind::NotConstant { place, culprit });
        }
        Some(crate::graph::evaluate(&self.graph, &[id], |_| f64::NAN)[0])
    }

    /// The first name in an expression that is not constant, with its description.
    fn culprit(&self, expr: &Expr) -> Option<(String, &'static str)> {
        let varies = |value: &Value| value.ids.iter().any(|&id| self.graph.as_number(id).is_none());
        let what = |name: &str| match self.locals.iter().rev().find(|(local, _)| *local == name) {
            Some((_, value)) => varies(value).then_some("an argument that varies"),
            None => match self.globals.get(name) {
                Some(Binding::Value(value, what)) => varies(value).then_some(*what),
                Some(Binding::Varies(what)) => Some(*what),
                Some(Binding::Group) => Some("a group"),
                Some(Binding::Poisoned) | None => None,
            },
        };
        let name = find_name(expr, |name| what(name).is_some())?;
        what(name).map(|what| (name.to_owned(), what))
    }
}

/// A hint where the shapes differ by a transposition only.
pub(super) fn transposed(left: Shape, right: Shape) -> Option<String> {
    let fits = left.is_line() && right.is_line() && left.len() == right.len();
    fits.then(|| "turn one of them with `'`".to_owned())
}

/// An operand of a message: an excerpt of the text with its shape.
pub(super) fn operand(expr: &Expr, shape: Shape) -> Operand {
    Operand { text: short_text(ungrouped(expr)), shape }
}

/// An expression without the parentheses around it.
pub(super) fn ungrouped(expr: &Expr) -> &Expr {
    let mut inner = expr;
    while let ExprKind::Group(grouped) = &inner.kind {
        inner = grouped;
    }
    inner
}

/// An expression as written, truncated to the length of an excerpt.
pub(super) fn short_text(expr: &Expr) -> String {
    let text = text_of(expr);
    match text.char_indices().nth(TEXT_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
