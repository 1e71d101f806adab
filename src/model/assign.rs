//! Assignments to parameters in an option, such as `mu=0, W=[1,2;3,4]`.

use std::ops::Range;

use super::elaborate::Elaborator;
use super::error::{Error, ErrorKind, Errors};
use super::names::resolve_alone;
use super::shape::packed;
use super::{Block, Model, Shape, Value};
use crate::graph::Graph;
use crate::numerics::decimal::shortest;
use crate::source::Span;
use crate::source::nearest;
use crate::syntax::{self, Expr, ExprKind, Index, Name, StatementKind};

/// The parameters, by position, that a text of assignments sets, with their values in order of the
/// text.
///
/// Assignments are separated by commas, semicolons or newlines, and need not set all parameters.
/// The constraint of a matrix or vector is checked where all of its entries are set.
///
/// # Errors
/// All errors of the text.
pub fn assignments(text: &str, model: &Model) -> Result<Vec<(usize, f64)>, Errors> {
    let mut reader = Reader {
        model,
        values: vec![None; model.parameters().len()],
        order: Vec::new(),
        errors: Vec::new(),
    };
    for piece in pieces(text) {
        reader.assignment(text, piece);
    }
    reader.check_constraints();
    match Errors::of(reader.errors) {
        Some(errors) => Err(errors),
        None => {
            let values = &reader.values;
            Ok(reader.order.iter().filter_map(|&p| Some((p, values[p]?.0))).collect())
        }
    }
}

/// The non-blank ranges between separators that are outside of brackets and backquotes.
pub(super) fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut pieces = parts(text, &[',', ';', '\n']);
    pieces.retain(|piece| !text[piece.clone()].trim().is_empty());
    pieces
}

/// The ranges between the given marks that are outside of brackets and backquotes.
pub(super) fn parts(text: &str, marks: &[char]) -> Vec<Range<usize>> {
    let (mut depth, mut quoted, mut start) = (0_usize, false, 0);
    let mut parts = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '`' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 && marks.contains(&c) => {
                parts.push(start..at);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(start..text.len());
    parts
}

struct Reader<'m> {
    model: &'m Model,
    /// The value of each parameter that the text sets, with its place.
    values: Vec<Option<(f64, Span)>>,
    order: Vec<usize>,
    errors: Vec<Error>,
}

impl Reader<'_> {
    fn assignment(&mut self, text: &str, piece: Range<usize>) {
        let inner = &text[piece.clone()];
        let Some((left, right)) = inner.split_once('=') else {
            let span = Span { start: piece.start as u32, end: piece.end as u32 };
            return self.errors.push(Error::at(span, ErrorKind::NotAnAssignment));
        };
        let target = self.expression(left, piece.start);
        let value = self.expression(right, piece.start + left.len() + 1);
        if let (Some(target), Some(value)) = (target, value)
            && let Some(parameters) = self.target(&target)
        {
            self.evaluate(&value, &parameters);
        }
    }

    /// A piece of the text as an expression; errors are placed in the whole text.
    fn expression(&mut self, piece: &str, offset: usize) -> Option<Placed> {
        let found = placed(piece, offset, ErrorKind::NotAnAssignment);
        found.map_err(|error| self.errors.push(*error)).ok()
    }

    fn fail<T>(&mut self, span: Span, kind: ErrorKind) -> Option<T> {
        self.errors.push(Error::at(span, kind));
        None
    }

    /// The target of an assignment: a whole block, or one parameter of it.
    fn target(&mut self, target: &Placed) -> Option<Target> {
        let span = shifted(target.expr.span, target.offset);
        let (name, indices) = match &target.expr.kind {
            ExprKind::Name(name) => (name, &[][..]),
            ExprKind::Index(base, indices) => match &base.kind {
                ExprKind::Name(name) => (name, indices.as_slice()),
                _ => return self.fail(span, ErrorKind::NotAnAssignment),
            },
            _ => return self.fail(span, ErrorKind::NotAnAssignment),
        };
        let Some(block) = self.model.blocks().iter().find(|block| block.name == *name) else {
            let known = self.model.blocks().iter().map(|block| block.name.as_str());
            let nearest = nearest(name, known).map(str::to_owned);
            return self.fail(span, ErrorKind::UnknownParameter { name: name.clone(), nearest });
        };
        if indices.is_empty() {
            return Some(Target::Block(block.clone()));
        }
        let parameter = spelled(indices)
            .and_then(|indices| self.model.parameter(&format!("{name}[{indices}]")));
        match parameter {
            Some(parameter) => Some(Target::One(parameter)),
            None => {
                let name = target.expr.to_string();
                self.fail(span, ErrorKind::UnknownParameter { name, nearest: None })
            }
        }
    }

    fn evaluate(&mut self, placed: &Placed, target: &Target) {
        let mut elaborator = Elaborator::new(Graph::new(), self.model.settings.nodes_max);
        elaborator.place = "a value";
        elaborator.errors = resolve_alone(&placed.expr);
        let numbers = if elaborator.errors.is_empty() {
            numbers(&mut elaborator, &placed.expr, target)
        } else {
            None
        };
        let errors = elaborator.errors.into_iter();
        self.errors.extend(errors.map(|error| Error {
            span: error.span.map(|span| shifted(span, placed.offset)),
            ..error
        }));
        let span = shifted(placed.expr.span, placed.offset);
        for (parameter, value) in numbers.unwrap_or_default() {
            self.set(parameter, value, span);
        }
    }

    fn set(&mut self, parameter: usize, value: f64, span: Span) {
        match self.values[parameter] {
            Some((first, _)) if first != value => {
                let name = self.model.parameters()[parameter].name.clone();
                let kind = ErrorKind::Contradiction { name, first, second: value };
                self.errors.push(Error::at(span, kind));
            }
            Some(_) => {}
            None => {
                self.values[parameter] = Some((value, span));
                self.order.push(parameter);
            }
        }
    }

    /// Bounds are checked for each value, the other constraints only where all of a block is set.
    fn check_constraints(&mut self) {
        for block in self.model.blocks() {
            let (low, high) = block.constraint.bounds();
            let set = &self.values[block.parameters.clone()];
            let inside = |value: f64| value > low && value < high && value.is_finite();
            let outside = set.iter().flatten().find(|(value, _)| !inside(*value)).copied();
            let whole: Option<Vec<f64>> = set.iter().map(|set| set.map(|(v, _)| v)).collect();
            let violated = whole.is_some_and(|whole| !block.constraint.admits(block.shape, &whole));
            let place = outside.or(set.iter().flatten().last().copied().filter(|_| violated));
            if let Some((value, span)) = place {
                let kind = ErrorKind::OutsideConstraint {
                    name: block.name.clone(),
                    value: outside.map(|_| value),
                    constraint: block.constraint.to_string(),
                };
                self.errors.push(Error::at(span, kind));
            }
        }
    }
}

/// The expression of a piece of the text, and the offset of the piece in bytes.
pub(super) struct Placed {
    pub expr: Expr,
    pub offset: u32,
}

/// A piece of a text as an expression; `otherwise` is the error where the piece is a statement.
pub(super) fn placed(
    piece: &str,
    offset: usize,
    otherwise: ErrorKind,
) -> Result<Placed, Box<Error>> {
    let offset = offset as u32;
    let mut ast = syntax::parse(piece).map_err(|mut error| {
        error.span = shifted(error.span, offset);
        Box::new(Error::at(error.span, ErrorKind::Syntax(error)))
    })?;
    match (ast.statements.pop().map(|statement| statement.kind), ast.statements.is_empty()) {
        (Some(StatementKind::Bare(expr)), true) => Ok(Placed { expr, offset }),
        _ => {
            let span = Span { start: 0, end: piece.len() as u32 };
            Err(Box::new(Error::at(shifted(span, offset), otherwise)))
        }
    }
}

enum Target {
    Block(Block),
    One(usize),
}

pub(super) fn shifted(span: Span, offset: u32) -> Span {
    Span { start: span.start + offset, end: span.end + offset }
}

/// Indices as in the name of a parameter: literal numbers and names of levels, `1,2` or `north`.
fn spelled(indices: &[Index]) -> Option<String> {
    let one = |index: &Index| match index {
        Index::At(at) => label(at),
        Index::Range(..) | Index::All(_) => None,
    };
    indices.iter().map(one).collect::<Option<Vec<_>>>().map(|indices| indices.join(","))
}

fn label(at: &Expr) -> Option<String> {
    match &at.kind {
        ExprKind::Number(text) => text.parse().ok().map(shortest),
        ExprKind::Negate(inner) => label(inner).map(|number| format!("-{number}")),
        ExprKind::Name(name) => Some(Name { text: name.clone(), span: at.span }.to_string()),
        _ => None,
    }
}

/// The value of each parameter of the target; a scalar fits every shape.
fn numbers<'a>(
    elaborator: &mut Elaborator<'a>,
    expr: &'a Expr,
    target: &Target,
) -> Option<Vec<(usize, f64)>> {
    let value = elaborator.expr(expr)?;
    let (shape, name) = match target {
        Target::Block(block) => (block.shape, format!("`{}`", block.name)),
        Target::One(_) => (Shape::Scalar, "one parameter".to_owned()),
    };
    if value.shape != Shape::Scalar && value.shape != shape {
        let needed = "a scalar or its declared shape";
        return elaborator.wrong_shape(&name, needed, expr, value.shape, None);
    }
    let entries = places(target, shape);
    let number = |(k, parameter): (usize, usize)| number(elaborator, expr, &value, k, parameter);
    entries.into_iter().map(number).collect()
}

fn number(
    elaborator: &mut Elaborator<'_>,
    expr: &Expr,
    value: &Value,
    k: usize,
    parameter: usize,
) -> Option<(usize, f64)> {
    Some((parameter, elaborator.constant(expr, value.at(k), "a value")?))
}

/// Pairs of entry and parameter; both entries of a symmetric pair set their one parameter.
fn places(target: &Target, shape: Shape) -> Vec<(usize, usize)> {
    match target {
        Target::One(parameter) => vec![(0, *parameter)],
        Target::Block(block) if block.constraint.is_symmetric() => {
            let n = shape.rows();
            let first = block.parameters.start;
            let entries = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
            entries.map(|(i, j)| (i * n + j, first + packed(n, i, j))).collect()
        }
        Target::Block(block) => block.parameters.clone().enumerate().collect(),
    }
}
