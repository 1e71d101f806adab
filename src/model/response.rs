//! Finds the response among undeclared columns of a text, from the way it is used.

use super::walk::{find_name, walk};
use crate::syntax::{Ast, Expr, ExprKind, StatementKind};

/// Most terms of a sum that is examined.
const TERMS_MAX: usize = 64;
/// The suffix of the names of densities.
const DENSITY: &str = "_lpdf";

/// The one name of data that is a term of its own in a sum with other data, as in `y - a - b*x`, or
/// the first argument of a density with other data, as in `normal_lpdf(y, a + b*x, s)`. `None`
/// where no name or more than one is, as in `x - y`.
pub(super) fn response<'a>(ast: &'a Ast, data: &[&str]) -> Option<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for expr in ast.statements.iter().filter_map(|statement| value(&statement.kind)) {
        walk(expr, &mut Vec::new(), &mut |expr, _| found.extend(responses_in(expr, data)));
    }
    found.sort_unstable();
    found.dedup();
    match found[..] {
        [one] => Some(one),
        _ => None,
    }
}

fn value(kind: &StatementKind) -> Option<&Expr> {
    match kind {
        StatementKind::Let(_, value)
        | StatementKind::LogDensity(value)
        | StatementKind::Energy(value)
        | StatementKind::Bare(value) => Some(value),
        StatementKind::Declare(..)
        | StatementKind::Const(..)
        | StatementKind::Def { .. }
        | StatementKind::Weight { .. } => None,
    }
}

/// The names that are used as a response in this very expression, without its subexpressions.
fn responses_in<'a>(expr: &'a Expr, data: &[&str]) -> Vec<&'a str> {
    let (parts, candidates): (Vec<&Expr>, usize) = match &expr.kind {
        ExprKind::Sum(terms) if terms.len() <= TERMS_MAX => {
            (terms.iter().map(|(_, term)| term).collect(), terms.len())
        }
        // Only the first argument is a candidate: a location may be a single name too.
        ExprKind::Call { function, arguments, .. } if function.text.ends_with(DENSITY) => {
            (arguments.iter().collect(), 1)
        }
        _ => return Vec::new(),
    };
    let single = parts.iter().take(candidates).enumerate();
    let single = single.filter_map(|(k, part)| Some((k, single_name(part, data)?)));
    let beside = |(k, name): &(usize, &str)| {
        parts.iter().enumerate().any(|(other, part)| other != *k && has_other(part, name, data))
    };
    single.filter(beside).map(|(_, name)| name).collect()
}

/// The name of data that an expression consists of.
fn single_name<'a>(expr: &'a Expr, data: &[&str]) -> Option<&'a str> {
    match &expr.kind {
        ExprKind::Name(name) => data.contains(&name.as_str()).then_some(name),
        ExprKind::Group(inner) => single_name(inner, data),
        _ => None,
    }
}

fn has_other(expr: &Expr, name: &str, data: &[&str]) -> bool {
    find_name(expr, |other| other != name && data.contains(&other)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    #[test]
    fn a_response_is_a_term_beside_other_data() {
        for (text, wanted) in [
            ("-(y - a - b*x)^2/(2*s2)", Some("y")),
            ("-(a + b*x - y)^2/(2*s2)", Some("y")),
            ("let r = (y) - exp(-x/tau)\n-r^2 - z^2*0", Some("y")),
            ("normal_lpdf(y, a + b*x, exp(c))", Some("y")),
            ("normal_lpdf(y, x, s)", Some("y")),
            ("-(x - y)^2", None),
            ("-(x^2 + y^2 - x*y)/2", None),
            ("normal_lpdf(x, m, s) + normal_lpdf(y, x, s)", Some("y")),
            ("-(y - x*z)^2 - (z - a*x)^2", None),
        ] {
            let ast = parse(text).expect(text);
            assert_eq!(response(&ast, &["x", "y", "z"]), wanted, "{text}");
        }
    }
}
