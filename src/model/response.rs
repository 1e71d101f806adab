//! Which of the columns that a text uses undeclared is a response, from how it is used.

use super::walk::{find_name, walk};
use crate::syntax::{Ast, Expr, ExprKind, StatementKind};

/// Terms of a sum beyond which it is not looked at.
const TERMS_MAX: usize = 64;
/// Names of densities end so.
const DENSITY: &str = "_lpdf";

/// The one name of the data that stands against others of them: as a term of its own beside terms with
/// others, as in `y - a - b*x`, or as what a density is of, as in `normal_lpdf(y, a + b*x, s)`. `None` where
/// there is none or more than one, as in `x - y`.
pub(super) fn response<'a>(ast: &'a Ast, data: &[&str]) -> Option<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for expr in ast.statements.iter().filter_map(|statement| value(&statement.kind)) {
        walk(expr, &mut Vec::new(), &mut |expr, _| found.extend(against_others(expr, data)));
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

/// The names that stand against others in this expression itself, and not only below it.
fn against_others<'a>(expr: &'a Expr, data: &[&str]) -> Vec<&'a str> {
    let (parts, candidates): (Vec<&Expr>, usize) = match &expr.kind {
        ExprKind::Sum(terms) if terms.len() <= TERMS_MAX => {
            (terms.iter().map(|(_, term)| term).collect(), terms.len())
        }
        // A location may stand alone too.
        ExprKind::Call { function, arguments, .. } if function.text.ends_with(DENSITY) => {
            (arguments.iter().collect(), 1)
        }
        _ => return Vec::new(),
    };
    let single = parts.iter().take(candidates).enumerate();
    let single = single.filter_map(|(k, part)| Some((k, alone(part, data)?)));
    let beside = |(k, name): &(usize, &str)| {
        parts.iter().enumerate().any(|(other, part)| other != *k && has_other(part, name, data))
    };
    single.filter(beside).map(|(_, name)| name).collect()
}

/// The name of the data that an expression is.
fn alone<'a>(expr: &'a Expr, data: &[&str]) -> Option<&'a str> {
    match &expr.kind {
        ExprKind::Name(name) => data.contains(&name.as_str()).then_some(name),
        ExprKind::Group(inner) => alone(inner, data),
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
    fn a_response_stands_against_others() {
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
