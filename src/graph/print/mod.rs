//! Graph → text: the model language, LaTeX, MathML, and a listing.
//!
//! One sweep over the live nodes, operands first, so depth costs no stack. Each node yields a piece of
//! text and its precedence; its user adds parentheses. Common subexpressions get names, so the text is
//! at most linear in the graph.
//!
//! Promises: plain output is valid input and elaborates to the same nodes; the order of terms
//! follows degree and first appearance, never ids or hash values.
//! Deliberately not known here: what the expressions mean to a model.

mod draft;
mod latex;
mod mathml;
mod notation;
mod order;
mod piece;
mod plain;
mod quotient;
mod root;
mod sharing;
mod show;
mod slice;
mod sweep;
#[cfg(test)]
mod tests;

use std::fmt;

use self::sharing::Sharing;
use self::sweep::Sweep;
use super::{ExprId, Graph};

pub use self::latex::LatexNames;
pub(crate) use self::mathml::aligned as aligned_mathml;
pub(crate) use self::root::Root;

/// Beyond this many characters, or this depth, an expression is shown with its shared parts apart.
const PLAIN_MAX: f64 = 10_000.0;

/// Expressions as text, with names for their shared parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// Names and what they stand for; later ones use earlier ones.
    pub lets: Vec<(String, String)>,
    /// One text for each root.
    pub exprs: Vec<String>,
}

/// `let` lines, then the expressions, each on its line.
impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lets = self.lets.iter().map(|(name, value)| format!("let {name} = {value}"));
        let lines: Vec<String> = lets.chain(self.exprs.iter().cloned()).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl Graph {
    /// The roots in the model language; parts used more than once, or very long, stand apart.
    #[must_use]
    pub fn print(&self, roots: &[ExprId]) -> Printed {
        self.print_roots(&exprs(roots))
    }

    /// Expressions and sums of squares in the model language, as [`Graph::print`] has them.
    pub(crate) fn print_roots(&self, roots: &[Root]) -> Printed {
        Sweep::new(self, &plain::PLAIN, Sharing::apart(self, roots)).run(roots)
    }

    /// The roots in LaTeX, for mathematics mode.
    #[must_use]
    pub fn latex(&self, roots: &[ExprId]) -> Printed {
        self.latex_roots(&exprs(roots))
    }

    /// Expressions and sums of squares in LaTeX, as [`Graph::latex`] has them.
    pub(crate) fn latex_roots(&self, roots: &[Root]) -> Printed {
        Sweep::new(self, &latex::LATEX, Sharing::apart(self, roots))
            .named(self.latex_names())
            .run(roots)
    }

    /// The roots in MathML, as a `<math>` element for a page: one formula, or a table of the roots
    /// and, below them, the parts used more than once. Parts, names and order are those of LaTeX.
    #[must_use]
    pub fn mathml(&self, roots: &[ExprId]) -> String {
        let Printed { lets, exprs } = self.latex(roots);
        if let ([], [formula]) = (&lets[..], &exprs[..]) {
            return mathml::display(formula);
        }
        let roots = exprs.into_iter().map(|formula| (String::new(), formula));
        aligned_mathml(&roots.chain(lets).collect::<Vec<_>>())
    }

    /// How LaTeX spells the inputs: different names differently.
    #[must_use]
    pub fn latex_names(&self) -> LatexNames {
        LatexNames::of(self.inputs().iter().map(|input| input.name.as_str()))
    }

    /// One expression in the model language, on one line unless that would be very long.
    #[must_use]
    pub fn plain(&self, root: ExprId) -> String {
        let roots = [Root::Expr(root)];
        let sharing = if sharing::expanded_length(self, root) <= PLAIN_MAX {
            Sharing::written_out(self, &roots)
        } else {
            Sharing::apart(self, &roots)
        };
        Sweep::new(self, &plain::PLAIN, sharing).run(&roots).to_string()
    }
}

fn exprs(roots: &[ExprId]) -> Vec<Root> {
    roots.iter().map(|&root| Root::Expr(root)).collect()
}
