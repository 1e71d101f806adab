//! Traverses the subexpressions of an expression, with the names that are bound there.

use crate::source::Span;
use crate::syntax::{Condition, ConditionKind, Expr, ExprKind, Generator, Index};

/// Calls `visit` on an expression and all its subexpressions, in order of the text. The second
/// argument of `visit` has the generator indices and definition parameters in scope.
pub(super) fn walk<'a>(
    expr: &'a Expr,
    bound: &mut Vec<&'a str>,
    visit: &mut dyn FnMut(&'a Expr, &[&'a str]),
) {
    visit(expr, bound);
    match &expr.kind {
        ExprKind::Number(_) | ExprKind::Name(_) | ExprKind::Pi => {}
        ExprKind::Call { generators, arguments, .. } => {
            let outer = bound.len();
            for Generator { name, from, to } in generators {
                walk(from, bound, visit);
                walk(to, bound, visit);
                bound.push(&name.text);
            }
            arguments.iter().for_each(|argument| walk(argument, bound, visit));
            bound.truncate(outer);
        }
        ExprKind::If(condition, then, otherwise) => {
            walk_condition(condition, bound, visit);
            walk(then, bound, visit);
            walk(otherwise, bound, visit);
        }
        ExprKind::Matrix(rows) => {
            rows.iter().flatten().for_each(|entry| walk(entry, bound, visit));
        }
        ExprKind::Sum(terms) => terms.iter().for_each(|(_, term)| walk(term, bound, visit)),
        ExprKind::Product(factors) => {
            factors.iter().for_each(|(_, factor)| walk(factor, bound, visit));
        }
        ExprKind::Power(base, _, exponent) => {
            walk(base, bound, visit);
            walk(exponent, bound, visit);
        }
        ExprKind::Negate(inner)
        | ExprKind::Superscript(inner, _)
        | ExprKind::Transpose(inner)
        | ExprKind::Group(inner) => walk(inner, bound, visit),
        ExprKind::Index(base, indices) => {
            walk(base, bound, visit);
            indices.iter().for_each(|index| walk_index(index, bound, visit));
        }
    }
}

fn walk_index<'a>(
    index: &'a Index,
    bound: &mut Vec<&'a str>,
    visit: &mut dyn FnMut(&'a Expr, &[&'a str]),
) {
    match index {
        Index::At(at) => walk(at, bound, visit),
        Index::Range(from, to) => {
            walk(from, bound, visit);
            walk(to, bound, visit);
        }
        Index::All(_) => {}
    }
}

fn walk_condition<'a>(
    condition: &'a Condition,
    bound: &mut Vec<&'a str>,
    visit: &mut dyn FnMut(&'a Expr, &[&'a str]),
) {
    match &condition.kind {
        ConditionKind::Compare(_, left, right) => {
            walk(left, bound, visit);
            walk(right, bound, visit);
        }
        ConditionKind::And(parts) | ConditionKind::Or(parts) => {
            parts.iter().for_each(|part| walk_condition(part, bound, visit));
        }
        ConditionKind::Not(inner) | ConditionKind::Group(inner) => {
            walk_condition(inner, bound, visit);
        }
    }
}

/// For an entry such as `m[a, 2]`, the name before the bracket and the indices that are plain
/// names.
pub(super) fn names_in_index(expr: &Expr) -> Option<(&str, Vec<&Expr>)> {
    let ExprKind::Index(base, indices) = &expr.kind else { return None };
    let ExprKind::Name(base) = &base.kind else { return None };
    let names = indices.iter().filter_map(|index| match index {
        Index::At(at) => Some(at).filter(|at| matches!(at.kind, ExprKind::Name(_))),
        Index::Range(..) | Index::All(_) => None,
    });
    Some((base, names.collect()))
}

/// The number of subexpressions, including the expression itself.
pub(super) fn size(expr: &Expr) -> usize {
    let mut count = 0;
    walk(expr, &mut Vec::new(), &mut |_, _| count += 1);
    count
}

/// The first free name for which `wanted` holds.
pub(super) fn find_name(expr: &Expr, wanted: impl Fn(&str) -> bool) -> Option<&str> {
    let mut found = None;
    walk(expr, &mut Vec::new(), &mut |expr, bound| {
        if let ExprKind::Name(name) = &expr.kind
            && found.is_none()
            && !bound.contains(&name.as_str())
            && wanted(name)
        {
            found = Some(name.as_str());
        }
    });
    found
}

/// The place where an expression calls a function.
pub(super) fn call_of(expr: &Expr, name: &str) -> Option<Span> {
    let mut found = None;
    walk(expr, &mut Vec::new(), &mut |expr, _| {
        if let ExprKind::Call { function, .. } = &expr.kind
            && function.text == name
        {
            found = found.or(Some(expr.span));
        }
    });
    found
}
