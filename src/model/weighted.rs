//! Sums of log-densities times weights that sum to one: logarithms of products of powers, written where a
//! mixture is meant.
//!
//! Weights are seen to sum to one by their text alone, `w` beside `1 - w` or the entries of a vector that is
//! declared `simplex`, and depend on parameters only: shares that are known for each row choose a density.

use std::collections::HashMap;

use super::Constraint;
use super::declare::Declared;
use super::elaborate::ungrouped;
use super::prelude;
use super::walk::{find_name, walk};
use crate::source::Diagnostic;
use crate::syntax::{
    Ast, Declarator, Expr, ExprKind, ProductOperator, Sign, Statement, StatementKind, text_of,
};

/// A warning for each such sum.
pub(super) fn sums(ast: &Ast, declared: &[Declared]) -> Vec<Diagnostic> {
    let mut text = Text { declared, lets: HashMap::new(), found: Vec::new() };
    ast.statements.iter().for_each(|statement| text.read(statement));
    text.found
}

struct Text<'a> {
    declared: &'a [Declared],
    /// What `let` names, so far.
    lets: HashMap<&'a str, &'a Expr>,
    found: Vec<Diagnostic>,
}

/// A log-density and its weight.
type Term<'a> = (&'a Expr, &'a Expr);

impl<'a> Text<'a> {
    fn read(&mut self, statement: &'a Statement) {
        match &statement.kind {
            StatementKind::Let(name, value) => {
                self.look(value);
                self.lets.insert(&name.text, value);
            }
            StatementKind::Def { body, .. } => self.look(body),
            StatementKind::LogDensity(value)
            | StatementKind::Energy(value)
            | StatementKind::Bare(value) => self.look(value),
            StatementKind::Declare(..)
            | StatementKind::Const(..)
            | StatementKind::Weight { .. } => {}
        }
    }

    fn look(&mut self, expr: &'a Expr) {
        let mut found = Vec::new();
        walk(expr, &mut Vec::new(), &mut |expr, _| {
            found.extend(self.meant(expr).map(|it| (expr, it)))
        });
        self.found.extend(found.into_iter().map(|(expr, mixture)| warning(expr, &mixture)));
    }

    /// The mixture in the place of a sum of weighted log-densities.
    fn meant(&self, expr: &'a Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Sum(terms) => self.mixed(terms),
            ExprKind::Call { function, generators, arguments } => {
                match (function.text.as_str(), arguments.as_slice()) {
                    ("sum", [body]) => {
                        let (weight, density) = self.term(body)?;
                        let over = match (&weight.kind, generators.as_slice()) {
                            (ExprKind::Index(base, _), [_]) => base,
                            (_, []) => weight,
                            _ => return None,
                        };
                        let parts = match generators.is_empty() {
                            true => text_of(density),
                            false => "[…]".to_owned(),
                        };
                        let simplex = self.is_simplex(over);
                        simplex.then(|| format!("mixture({}, {parts})", text_of(over)))
                    }
                    ("dot", [a, b]) => {
                        let (w, parts) = if self.is_simplex(a) { (a, b) } else { (b, a) };
                        let densities = self.is_simplex(w) && self.holds_densities(parts);
                        densities.then(|| format!("mixture({}, {})", text_of(w), text_of(parts)))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Of a sum two or more of whose terms are weighted log-densities, if the weights sum to one.
    fn mixed(&self, terms: &'a [(Sign, Expr)]) -> Option<String> {
        let plus = terms.iter().filter(|(sign, _)| *sign == Sign::Plus);
        let weighted: Vec<Term<'a>> = plus.filter_map(|(_, term)| self.term(term)).collect();
        let complements =
            |&(a, b): &(Term<'a>, Term<'a>)| self.complement(a.0, b.0) || self.complement(b.0, a.0);
        let pairs = (1..weighted.len()).flat_map(|j| (0..j).map(move |i| (i, j)));
        let pair = pairs.map(|(i, j)| (weighted[i], weighted[j])).find(complements);
        if let Some((a, b)) = pair {
            return Some(mixture(
                &format!("[{}, {}]", text_of(ungrouped(a.0)), text_of(ungrouped(b.0))),
                &[a.1, b.1],
            ));
        }
        let (weight, _) = weighted.first()?;
        let base = base(weight)?;
        let entries = weighted.iter().all(|(weight, _)| self::base(weight) == Some(base));
        let parts: Vec<&Expr> = weighted.iter().map(|one| one.1).collect();
        let simplex = self.declared.iter().any(|one| one.name == base && is_simplex(one));
        (entries && simplex && parts.len() > 1).then(|| mixture(base, &parts))
    }

    /// The weight and the log-density whose product this is.
    fn term(&self, expr: &'a Expr) -> Option<Term<'a>> {
        let ExprKind::Product(factors) = &ungrouped(expr).kind else { return None };
        let [(_, a), (operator, b)] = factors.as_slice() else { return None };
        let times = matches!(operator, ProductOperator::Times | ProductOperator::DotTimes);
        let (weight, density) = if self.is_density(b) { (a, b) } else { (b, a) };
        (times && self.is_density(density) && self.is_of_parameters(weight))
            .then_some((weight, density))
    }

    /// A call of a normalised density, or the name of one.
    fn is_density(&self, expr: &Expr) -> bool {
        match &ungrouped(expr).kind {
            ExprKind::Call { function, .. } => {
                prelude::find(&function.text).is_some_and(|density| density.entry.normalised)
            }
            ExprKind::Name(name) => {
                self.lets.get(name.as_str()).is_some_and(|value| self.is_density(value))
            }
            _ => false,
        }
    }

    fn holds_densities(&self, expr: &Expr) -> bool {
        match &ungrouped(expr).kind {
            ExprKind::Matrix(rows) => rows.iter().flatten().all(|entry| self.is_density(entry)),
            _ => self.is_density(expr),
        }
    }

    /// Whether an expression depends on parameters and on no data.
    fn is_of_parameters(&self, expr: &Expr) -> bool {
        let role =
            |name: &str| self.declared.iter().find(|one| one.name == name).map(|one| one.role);
        let within = |name: &str| self.lets.get(name).copied();
        let of_data = |name: &str| match role(name) {
            Some(role) => role != Declarator::Param,
            None => within(name).is_some_and(|value| !self.is_of_parameters(value)),
        };
        let of_parameters = |name: &str| role(name).is_some() || within(name).is_some();
        find_name(expr, of_data).is_none() && find_name(expr, of_parameters).is_some()
    }

    /// Whether `rest` is written 1 - `share`, here or where it is named.
    fn complement(&self, share: &Expr, rest: &Expr) -> bool {
        let rest = match &ungrouped(rest).kind {
            ExprKind::Name(name) => self.lets.get(name.as_str()).copied().unwrap_or(rest),
            _ => rest,
        };
        let ExprKind::Sum(terms) = &ungrouped(rest).kind else { return false };
        let [(Sign::Plus, one), (Sign::Minus, other)] = terms.as_slice() else { return false };
        let is_one = matches!(&one.kind, ExprKind::Number(digits) if digits.parse() == Ok(1.0));
        is_one && text_of(ungrouped(other)) == text_of(ungrouped(share))
    }

    fn is_simplex(&self, expr: &Expr) -> bool {
        let ExprKind::Name(name) = &ungrouped(expr).kind else { return false };
        self.declared.iter().any(|one| one.name == *name && is_simplex(one))
    }
}

fn is_simplex(declared: &Declared) -> bool {
    declared.role == Declarator::Param && declared.constraint == Constraint::Simplex
}

/// The name before the brackets.
fn base(weight: &Expr) -> Option<&str> {
    let ExprKind::Index(base, _) = &ungrouped(weight).kind else { return None };
    match &base.kind {
        ExprKind::Name(name) => Some(name),
        _ => None,
    }
}

fn mixture(weights: &str, parts: &[&Expr]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| text_of(ungrouped(part))).collect();
    format!("mixture({weights}, [{}])", parts.join(", "))
}

fn warning(sum: &Expr, mixture: &str) -> Diagnostic {
    Diagnostic::warning("weighted-log-densities", "log-densities times weights are no mixture")
        .at(sum.span, "the logarithm of a product of powers")
        .note("the logarithm of a mixture weighs the densities, not their logarithms")
        .help(format!("for a mixture write `{mixture}`"))
}

#[cfg(test)]
mod tests {
    use crate::model::Model;

    /// The help of the warning about a text, if there is one.
    fn remedy(text: &str) -> Option<String> {
        let model = Model::parse(text).expect("a model");
        let found = model.warnings().iter().find(|one| one.code == "weighted-log-densities");
        found.map(|one| one.help.clone().expect("a remedy"))
    }

    #[test]
    fn weights_that_sum_to_one_are_found() {
        let two = "mixture([w, 1 - w], [normal_lpdf(x, m, s), cauchy_lpdf(x, k, s)])";
        let own = "mixture([w, v], [first, normal_lpdf(x, k, s)])";
        let vector = "mixture(w, [normal_lpdf(x, m, s), normal_lpdf(x, k, s)])";
        for (text, mixture) in [
            ("w*normal_lpdf(x, m, s) + (1 - w)*cauchy_lpdf(x, k, s)", two),
            ("energy = -(cauchy_lpdf(x, k, s)*(1 - w) + w*normal_lpdf(x, m, s)) + x^4", two),
            ("def f(t) = t; f(w*normal_lpdf(x, m, s) + (1 - w)*cauchy_lpdf(x, k, s))", two),
            (
                "let v = 1 - w; let first = normal_lpdf(x, m, s); w*first + v*normal_lpdf(x, k, s)",
                own,
            ),
            (
                "param w[2] simplex, m, k, s > 0; \
                 w[1]*normal_lpdf(x, m, s) + w[2]*normal_lpdf(x, k, s)",
                vector,
            ),
            (
                "param w[2] simplex, m, k, s > 0; \
                 dot(w, [normal_lpdf(x, m, s), normal_lpdf(x, k, s)])",
                vector,
            ),
            (
                "param w[2] simplex, m[2]; sum(w .* normal_lpdf(x, m, 1))",
                "mixture(w, normal_lpdf(x, m, 1))",
            ),
        ] {
            let found = remedy(text).unwrap_or_else(|| panic!("{text} is silent"));
            let backwards = found.contains("[1 - w, w]");
            assert!(found.contains(mixture) || backwards, "{text}: {found}");
        }
    }

    #[test]
    fn other_sums_are_left_alone() {
        for text in [
            "covariate w; w*normal_lpdf(x, m, s) + (1 - w)*normal_lpdf(x, k, s)",
            "w*normal_lpdf(x, m, s) + (1 - v)*normal_lpdf(x, k, s)",
            "param w in (0, 1); w*normal_lpdf(x, m, s) - (1 - w)*x^2",
            "param w[2], m, k, s > 0; w[1]*normal_lpdf(x, m, s) + w[2]*normal_lpdf(x, k, s)",
            "mixture([w, 1 - w], [normal_lpdf(x, m, s), normal_lpdf(x, k, s)])",
            "log_sum_exp(log(w) + normal_lpdf(x, m, s), log(1 - w) + normal_lpdf(x, k, s))",
            "normal_lpdf(x, m, s) + normal_lpdf(x, k, s)",
        ] {
            assert_eq!(remedy(text), None, "{text}");
        }
    }
}
