//! Densities by name: definitions that are part of the program, written in the language.
//!
//! Promises: the text is parsed once, at the first unknown call; a definition uses its parameters,
//! functions of the table and earlier definitions only. Deliberately not known here: declarations
//! of a text, precedence of its names.

use std::sync::OnceLock;

use crate::syntax::{Ast, Expr, Name, Statement, StatementKind, parse};

const TEXT: &str = include_str!("prelude.energy");
/// The suffix of the names of normalised densities.
const NORMALISED: &str = "_lpdf";
/// The density of a mixture of normalised densities; it is normalised too.
pub(super) const MIXTURE: &str = "mixture";

/// A density of the prelude, as help shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DensityEntry {
    /// The name.
    pub name: &'static str,
    /// The usage, such as `normal_lpdf(x, mu, s)`.
    pub usage: &'static str,
    /// The distribution, in one line.
    pub meaning: &'static str,
    /// The publication that describes it.
    pub source: &'static str,
    /// The text of a model that uses it.
    pub example: &'static str,
    /// The definition as written.
    pub definition: &'static str,
    /// Whether it integrates to one, as parts of a mixture must.
    pub normalised: bool,
}

/// A density with its definition.
#[derive(Debug)]
pub(super) struct Density {
    pub entry: DensityEntry,
    pub parameters: &'static [Name],
    pub body: &'static Expr,
}

/// Every density of the prelude, normalised ones first.
pub fn densities() -> impl Iterator<Item = DensityEntry> {
    all().iter().map(|density| density.entry)
}

/// The density of this name.
pub(super) fn find(name: &str) -> Option<&'static Density> {
    all().iter().find(|density| density.entry.name == name)
}

fn all() -> &'static [Density] {
    static AST: OnceLock<Ast> = OnceLock::new();
    static ALL: OnceLock<Vec<Density>> = OnceLock::new();
    ALL.get_or_init(|| {
        let ast = AST.get_or_init(|| parse(TEXT).expect("the prelude is a text of the language"));
        ast.statements.iter().filter_map(density).collect()
    })
}

fn density(statement: &'static Statement) -> Option<Density> {
    let StatementKind::Def { name, parameters, body } = &statement.kind else { return None };
    let (start, end) = (statement.span.start as usize, statement.span.end as usize);
    let definition = &TEXT[start..end];
    let usage = definition.split_once(" =")?.0.strip_prefix("def ")?;
    let [meaning, source, example] = comments(&TEXT[..start])?;
    let entry = DensityEntry {
        name: &name.text,
        usage,
        meaning,
        source: source.strip_prefix("source: ")?,
        example: example.strip_prefix("example: ")?,
        definition,
        normalised: name.text.ends_with(NORMALISED) || name.text == MIXTURE,
    };
    Some(Density { entry, parameters, body })
}

/// The last three comment lines of a text, in order.
fn comments(text: &'static str) -> Option<[&'static str; 3]> {
    let mut lines = text.lines().rev().map_while(|line| line.strip_prefix("# "));
    let (example, source, meaning) = (lines.next()?, lines.next()?, lines.next()?);
    Some([meaning, source, example])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::functions;
    use crate::model::walk::walk;
    use crate::syntax::ExprKind;

    #[test]
    fn every_statement_is_a_density() {
        assert_eq!(all().len(), TEXT.matches("\ndef ").count());
        let order: Vec<bool> = densities().map(|entry| !entry.normalised).collect();
        assert!(order.is_sorted(), "normalised ones stand first");
    }

    #[test]
    fn definitions_are_closed_and_no_functions_of_the_table() {
        for (position, density) in all().iter().enumerate() {
            let name = density.entry.name;
            assert!(functions::find(name).is_none(), "{name}");
            assert!(all()[..position].iter().all(|other| other.entry.name != name), "{name}");
            let known: Vec<&str> = density.parameters.iter().map(|p| p.text.as_str()).collect();
            walk(density.body, &mut known.clone(), &mut |expr, bound| match &expr.kind {
                ExprKind::Name(used) => assert!(bound.contains(&used.as_str()), "{name}: {used}"),
                ExprKind::Call { function, arguments, .. } => {
                    let called = function.text.as_str();
                    let above = all()[..position].iter().find(|other| other.entry.name == called);
                    let fits = match (functions::find(called), above) {
                        (Some(entry), _) => entry.takes(arguments.len()),
                        (None, Some(above)) => above.parameters.len() == arguments.len(),
                        (None, None) => false,
                    };
                    assert!(fits, "{name} calls {called}");
                }
                _ => {}
            });
        }
    }
}
