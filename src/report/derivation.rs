//! A derivation as formulas.

use serde_json::{Value, json};

use super::page::{HANG, Page};
use super::table::wrapped;
use crate::analysis::{Derivation, Named};
use crate::graph::{LatexNames, Root, aligned_mathml};
use crate::objective::Means;

/// Most means over rows that the text names.
const MEANS_MAX: usize = 24;

/// What can be shown of a derivation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// log p
    LogDensity,
    /// ∂ log p by data component.
    Score,
    /// Σ ∂² log p
    Laplacian,
    /// What binary data have in place of these two.
    Differences,
    /// ρ, the loss of one row.
    Loss,
    /// ∂ρ by parameter.
    Gradient,
    /// Parameters where J is least, where that is a formula.
    Solution,
}

impl Part {
    /// All, in the order in which they are derived.
    pub const ALL: [Self; 7] = [
        Self::LogDensity,
        Self::Score,
        Self::Laplacian,
        Self::Differences,
        Self::Loss,
        Self::Gradient,
        Self::Solution,
    ];
}

/// One line of a derivation in some notation: left side, right side.
type Equation = (String, String);

impl Derivation {
    /// The formulas in the model language, and the means that J depends on.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_of(&Part::ALL) + &self.means.as_ref().map_or_else(String::new, sentence)
    }

    /// Some of the formulas in the model language.
    #[must_use]
    pub fn text_of(&self, parts: &[Part]) -> String {
        self.text_on(parts, Page::PLAIN)
    }

    /// Some of the formulas in the model language, set for a page.
    #[must_use]
    pub fn text_on(&self, parts: &[Part], page: Page) -> String {
        let printed = self.graph.print_roots(&self.roots(parts));
        let lets = printed.lets.iter().map(|(name, value)| (format!("let {name}"), value.clone()));
        let equations: Vec<Equation> =
            lets.chain(self.sides(parts, &PLAIN).zip(printed.exprs.iter().cloned())).collect();
        let width = equations.iter().map(|(left, _)| left.chars().count()).max().unwrap_or(0);
        page.set(&equations.iter().map(|equation| line(equation, width)).collect::<String>())
    }

    /// The formulas as one LaTeX display, for amsmath.
    #[must_use]
    pub fn latex(&self) -> String {
        self.latex_of(&Part::ALL)
    }

    /// Some of the formulas as one LaTeX display, for amsmath.
    #[must_use]
    pub fn latex_of(&self, parts: &[Part]) -> String {
        let line = |(left, right): &Equation| format!("  {left} &= {right}");
        let lines: Vec<_> = self.latex_equations(parts).iter().map(line).collect();
        format!("\\[\n\\begin{{aligned}}\n{}\n\\end{{aligned}}\n\\]\n", lines.join(" \\\\\n"))
    }

    /// The formulas in MathML, as one `<math>` element for a page.
    #[must_use]
    pub fn mathml(&self) -> String {
        self.mathml_of(&Part::ALL)
    }

    /// Some of the formulas in MathML, as one `<math>` element for a page.
    #[must_use]
    pub fn mathml_of(&self, parts: &[Part]) -> String {
        aligned_mathml(&self.latex_equations(parts))
    }

    /// The formulas, then the shared parts of them.
    fn latex_equations(&self, parts: &[Part]) -> Vec<Equation> {
        let printed = self.graph.latex_roots(&self.roots(parts));
        self.sides(parts, &LATEX).zip(printed.exprs).chain(printed.lets).collect()
    }

    /// The formulas as JSON; shared parts stand under `let`, in order of use. `loss` is one canonical
    /// expression, `loss_parts` has it as Laplacian and squares.
    #[must_use]
    pub fn json(&self) -> String {
        let split = self.parts.iter().flat_map(|parts| {
            let squares = parts.squares.iter().flat_map(|one| [one.weight, one.root]);
            std::iter::once(parts.linear).chain(squares).map(Root::Expr)
        });
        let roots = self.roots(&Part::ALL).into_iter();
        let roots = roots.chain([Root::Expr(self.loss)]).chain(split);
        let printed = self.graph.print_roots(&roots.collect::<Vec<_>>());
        let mut exprs = printed.exprs.into_iter().map(Value::String);
        let mut next = || exprs.next().expect("a text for every root");
        let mut object = super::json::opened();
        let lets = printed.lets.into_iter().map(|(name, value)| (name, Value::String(value)));
        object.insert("let".to_owned(), Value::Object(lets.collect()));
        object.insert("log_density".to_owned(), next());
        if self.laplacian.is_some() {
            object.insert("score".to_owned(), by_name(&self.score, &mut next));
            object.insert("laplacian".to_owned(), next());
        } else {
            object.insert("differences".to_owned(), by_name(&self.differences, &mut next));
        }
        object.insert("objective_kind".to_owned(), json!(self.objective_kind));
        let in_parts = next();
        // The canonical loss is printed last, and keeps its place.
        object.insert("loss".to_owned(), Value::Null);
        object.insert("loss_parts".to_owned(), Value::Null);
        object.insert("gradient".to_owned(), by_name(&self.gradient, &mut next));
        object.insert("solution".to_owned(), by_name(&self.solution, &mut next));
        object.insert("means".to_owned(), json!(self.means.as_ref().map(Means::formulas)));
        object.insert("loss".to_owned(), next());
        if let Some(parts) = &self.parts {
            let linear = next();
            let mut square = |_| json!({"weight": next(), "root": next()});
            let squares: Vec<Value> = parts.squares.iter().map(&mut square).collect();
            let parts = json!({"text": in_parts, "linear": linear, "squares": squares});
            object.insert("loss_parts".to_owned(), parts);
        }
        super::json::lines(&object)
    }

    /// What is printed of these parts, in order.
    fn roots(&self, parts: &[Part]) -> Vec<Root> {
        let by_name = |named: &[Named]| named.iter().map(|named| Root::Expr(named.expr)).collect();
        let roots = |part: &Part| match part {
            Part::LogDensity => vec![Root::Expr(self.log_density)],
            Part::Score => by_name(&self.score),
            Part::Laplacian => self.laplacian.into_iter().map(Root::Expr).collect(),
            Part::Differences => by_name(&self.differences),
            Part::Loss => vec![self.loss_root()],
            Part::Gradient => by_name(&self.gradient),
            Part::Solution => by_name(&self.solution),
        };
        parts.iter().flat_map(roots).collect()
    }

    /// The loss as Laplacian and half of squares, where it has these parts.
    fn loss_root(&self) -> Root {
        let Some(parts) = &self.parts else { return Root::Expr(self.loss) };
        let squares = parts.squares.iter().map(|one| (one.weight, one.root)).collect();
        Root::Squares { linear: parts.linear, squares }
    }

    /// The left sides of these parts, in the order of `roots`.
    fn sides(&self, parts: &[Part], notation: &Notation) -> impl Iterator<Item = String> {
        let names = self.graph.latex_names();
        let by_name = |side: Side, named: &[Named]| {
            named.iter().map(|named| side(&names, &named.name)).collect()
        };
        let sides = |part: &Part| match part {
            Part::LogDensity => vec![notation.log_density.to_owned()],
            Part::Score => by_name(notation.score, &self.score),
            Part::Laplacian => {
                self.laplacian.iter().map(|_| notation.laplacian.to_owned()).collect()
            }
            Part::Differences => by_name(notation.difference, &self.differences),
            Part::Loss => vec![notation.loss.to_owned()],
            Part::Gradient => by_name(notation.gradient, &self.gradient),
            Part::Solution => by_name(notation.solution, &self.solution),
        };
        parts.iter().flat_map(sides).collect::<Vec<_>>().into_iter()
    }
}

/// The sentence on the means over rows that J depends on.
fn sentence(means: &Means) -> String {
    let formulas = means.formulas();
    let text = match formulas.len().checked_sub(MEANS_MAX) {
        None | Some(0) => means.to_string(),
        Some(more) => {
            let shown = formulas[..MEANS_MAX].join(", ");
            format!("depends on the data only through {shown} and {more} more means")
        }
    };
    wrapped(&format!("J = E[loss] {text}"), Page::PLAIN.width(), 0) + "\n"
}

/// The left side of a derivative by a name.
type Side = fn(&LatexNames, &str) -> String;

/// How the left sides are written.
struct Notation {
    log_density: &'static str,
    score: Side,
    laplacian: &'static str,
    difference: Side,
    loss: &'static str,
    gradient: Side,
    solution: Side,
}

const PLAIN: Notation = Notation {
    log_density: "log p",
    score: |_, name| format!("score {name}"),
    laplacian: "Laplacian",
    difference: |_, name| format!("Delta {name}"),
    loss: "loss",
    gradient: |_, name| format!("d loss/d {name}"),
    solution: |_, name| format!("estimate {name}"),
};

const LATEX: Notation = Notation {
    log_density: r"\log p",
    score: |names, name| format!(r"\partial_{{{}}} \log p", names.spell(name)),
    laplacian: r"\Delta \log p",
    difference: |names, name| format!(r"\Delta_{{{}}} \log p", names.spell(name)),
    loss: r"\rho",
    gradient: |names, name| format!(r"\partial_{{{}}} \rho", names.spell(name)),
    solution: |names, name| names.spell(name),
};

fn line((left, right): &Equation, width: usize) -> String {
    format!("{left:<width$} = {HANG}{right}\n")
}

fn by_name(named: &[Named], next: &mut impl FnMut() -> Value) -> Value {
    Value::Object(named.iter().map(|named| (named.name.clone(), next())).collect())
}
