//! Densities by name of data that are declared on the whole line, where the density has a smaller support.
//!
//! The support is that of the model which the prelude shows with each density. Spheres, simplices and circles
//! are left to the shapes of their data: an angle may lie on the line.

use super::Support;
use super::declare::Declared;
use super::elaborate::ungrouped;
use super::prelude;
use super::walk::walk;
use crate::source::Diagnostic;
use crate::syntax::{Ast, Declarator, Expr, ExprKind, StatementKind};

/// A warning for each name of data, at the first density that needs its support declared.
pub(super) fn undeclared(ast: &Ast, declared: &[Declared]) -> Vec<Diagnostic> {
    let own = |name: &str| {
        let names = |kind: &StatementKind| matches!(kind, StatementKind::Def { name: def, .. } if def.text == name);
        ast.statements.iter().any(|statement| names(&statement.kind))
    };
    let mut found: Vec<(&str, Diagnostic)> = Vec::new();
    for statement in &ast.statements {
        let (StatementKind::Let(_, value)
        | StatementKind::LogDensity(value)
        | StatementKind::Energy(value)
        | StatementKind::Bare(value)) = &statement.kind
        else {
            continue;
        };
        walk(value, &mut Vec::new(), &mut |expr, bound| {
            let call =
                called(expr).filter(|(density, name)| !own(density) && !bound.contains(name));
            let Some((density, name)) = call else { return };
            let on_line = |one: &Declared| {
                one.name == name && one.role == Declarator::Data && one.support == Support::Line
            };
            if found.iter().any(|(known, _)| *known == name) || !declared.iter().any(on_line) {
                return;
            }
            found.extend(
                support(density).map(|support| (name, warning(expr, density, name, support))),
            );
        });
    }
    found.into_iter().map(|(_, warning)| warning).collect()
}

/// The function and the first argument of a call, if that is a name.
fn called(expr: &Expr) -> Option<(&str, &str)> {
    let ExprKind::Call { function, arguments, .. } = &expr.kind else { return None };
    match &ungrouped(arguments.first()?).kind {
        ExprKind::Name(name) => Some((&function.text, name)),
        _ => None,
    }
}

/// The half-line or interval on which a density of the prelude lives, as ` > 0`.
fn support(density: &str) -> Option<&'static str> {
    let example = prelude::find(density)?.entry.example;
    let support = example.split(';').next()?.strip_prefix("data x")?;
    (support.starts_with(" >") || support.starts_with(" in ")).then_some(support)
}

fn warning(call: &Expr, density: &str, name: &str, support: &str) -> Diagnostic {
    let message =
        format!("`{density}` has its support{support}, and `{name}` is declared on the whole line");
    Diagnostic::warning("undeclared-support", message)
        .at(call.span, "")
        .note("score matching on the line loses a boundary term where the density is cut off")
        .help(format!("declare `data {name}{support}`"))
}

#[cfg(test)]
mod tests {
    use crate::model::Model;

    fn told(text: &str) -> Vec<String> {
        let model = Model::parse(text).expect("a model");
        let warnings = model.warnings().iter().filter(|one| one.code == "undeclared-support");
        warnings.map(|one| one.help.clone().expect("a help")).collect()
    }

    #[test]
    fn densities_on_a_part_of_the_line_ask_for_their_support() {
        assert_eq!(told("data t; gamma_lpdf(t, a, b)"), ["declare `data t > 0`"]);
        assert_eq!(told("data u; let v = beta_lpdf(u, a, b); v"), ["declare `data u in (0, 1)`"]);
        let both =
            "data s, t; weibull_lpdf(s, a, b) + lognormal_lpdf((t), m, c) + weibull_lpdf(s, 2, 1)";
        assert_eq!(told(both), ["declare `data s > 0`", "declare `data t > 0`"]);
    }

    #[test]
    fn other_data_are_asked_nothing() {
        for text in [
            "data t > 0; gamma_lpdf(t, a, b)",
            "data x; normal_lpdf(x, m, s)",
            "data x; von_mises_lpdf(x, m, k)",
            "data x; gamma_lpdf(exp(x), a, b) + x",
            "data x; covariate t; gamma_lpdf(t, a, b) - x^2",
            "def gamma_lpdf(x, a, b) = -(x - a)^2*b^2; data x; gamma_lpdf(x, a, b)",
        ] {
            assert!(told(text).is_empty(), "{text}");
        }
    }
}
