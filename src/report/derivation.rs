//! What is derived from a log-density, as formulas.

use serde_json::{Map, Value, json};

use super::table::{INDENT, WIDTH, wrapped};
use crate::calculus::{gradient, laplacian};
use crate::graph::{ExprId, Graph, InputId, LatexNames, aligned_mathml};
use crate::model::Model;
use crate::objective::{Means, Specification, Unsuited};

/// An expression with the name it is derived by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// A data component or a parameter.
    pub name: String,
    /// The derivative by it.
    pub expr: ExprId,
}

/// log p and what score matching makes of it.
#[derive(Clone, Debug)]
pub struct Derivation {
    /// Holds all expressions.
    pub graph: Graph,
    /// log p
    pub log_density: ExprId,
    /// ∂ log p by data component; empty of binary data.
    pub score: Vec<Named>,
    /// Σ ∂² log p; `None` of binary data.
    pub laplacian: Option<ExprId>,
    /// Of binary data, by component, log p less log p with this component at its other value.
    pub differences: Vec<Named>,
    /// Name of the objective, as `hyvarinen`.
    pub objective_kind: &'static str,
    /// ρ, the loss of one row.
    pub loss: ExprId,
    /// ∂ρ by parameter.
    pub gradient: Vec<Named>,
    /// The means over rows that J depends on, where these are all it depends on.
    pub means: Option<Means>,
}

/// Most means that the text names.
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
}

impl Part {
    /// All, in the order in which they are derived.
    pub const ALL: [Self; 6] = [
        Self::LogDensity,
        Self::Score,
        Self::Laplacian,
        Self::Differences,
        Self::Loss,
        Self::Gradient,
    ];
}

/// One line of a derivation in some notation: left side, right side.
type Equation = (String, String);

impl Derivation {
    /// Derives everything from a model, with the objective that suits it.
    ///
    /// # Errors
    /// When none does.
    pub fn of(model: &Model) -> Result<Self, Unsuited> {
        Ok(Self::by(&Specification::of(model)?, model))
    }

    /// Derives everything from a model and an objective of it.
    #[must_use]
    pub fn by(specification: &Specification, model: &Model) -> Self {
        let mut graph = model.graph().clone();
        let nodes = |inputs: &mut dyn Iterator<Item = InputId>| -> Vec<ExprId> {
            inputs.map(|input| graph.input_node(input)).collect()
        };
        let data = nodes(&mut model.data().iter().map(|component| component.input));
        let parameters = nodes(&mut model.parameters().iter().map(|parameter| parameter.input));
        let log_density = model.log_density();
        let seen = specification.seen(&mut graph, log_density);
        let binary = specification.is_binary();
        let laplacian = (!binary).then(|| laplacian(&mut graph, log_density, &data));
        let loss = specification.loss(&mut graph, log_density);
        let slopes = gradient(&mut graph, loss.total, &parameters);
        let data_names = model.data().iter().map(|component| component.name.as_str());
        let seen = named(data_names, seen);
        let (score, differences) = if binary { (Vec::new(), seen) } else { (seen, Vec::new()) };
        let names = model.parameters().iter().map(|parameter| parameter.name.as_str());
        Self {
            score,
            differences,
            gradient: named(names, slopes),
            objective_kind: loss.kind,
            means: Means::of(&graph, loss.total, &data_and_covariates(model, &graph)),
            loss: loss.total,
            graph,
            log_density,
            laplacian,
        }
    }

    /// The formulas in the model language, and the means that J depends on.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_of(&Part::ALL) + &self.means.as_ref().map_or_else(String::new, sentence)
    }

    /// Some of the formulas in the model language.
    #[must_use]
    pub fn text_of(&self, parts: &[Part]) -> String {
        let printed = self.graph.print(&self.roots(parts));
        let lets = printed.lets.iter().map(|(name, value)| (format!("let {name}"), value.clone()));
        let equations: Vec<Equation> =
            lets.chain(self.sides(parts, &PLAIN).zip(printed.exprs.iter().cloned())).collect();
        let width = equations.iter().map(|(left, _)| left.chars().count()).max().unwrap_or(0);
        equations.iter().map(|equation| line(equation, width)).collect()
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

    /// The formulas, then the parts that they share.
    fn latex_equations(&self, parts: &[Part]) -> Vec<Equation> {
        let printed = self.graph.latex(&self.roots(parts));
        self.sides(parts, &LATEX).zip(printed.exprs).chain(printed.lets).collect()
    }

    /// The formulas as JSON; shared parts stand under `let`, in order of use.
    #[must_use]
    pub fn json(&self) -> String {
        let printed = self.graph.print(&self.roots(&Part::ALL));
        let mut exprs = printed.exprs.into_iter().map(Value::String);
        let mut next = || exprs.next().expect("a text for every root");
        let mut object = Map::new();
        object.insert("schema".to_owned(), json!(super::SCHEMA));
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
        object.insert("loss".to_owned(), next());
        object.insert("gradient".to_owned(), by_name(&self.gradient, &mut next));
        object.insert("means".to_owned(), json!(self.means.as_ref().map(Means::formulas)));
        super::json::lines(&object)
    }

    /// In the order in which they are printed.
    fn roots(&self, parts: &[Part]) -> Vec<ExprId> {
        let by_name = |named: &[Named]| named.iter().map(|named| named.expr).collect();
        let roots = |part: &Part| match part {
            Part::LogDensity => vec![self.log_density],
            Part::Score => by_name(&self.score),
            Part::Laplacian => self.laplacian.into_iter().collect(),
            Part::Differences => by_name(&self.differences),
            Part::Loss => vec![self.loss],
            Part::Gradient => by_name(&self.gradient),
        };
        parts.iter().flat_map(roots).collect()
    }

    /// The left sides in the same order.
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
        };
        parts.iter().flat_map(sides).collect::<Vec<_>>().into_iter()
    }
}

fn data_and_covariates(model: &Model, graph: &Graph) -> Vec<ExprId> {
    let components = model.data().iter().chain(model.covariates());
    components.map(|component| graph.input_node(component.input)).collect()
}

/// J = E[loss] depends on the data only through …
fn sentence(means: &Means) -> String {
    let formulas = means.formulas();
    let text = match formulas.len().checked_sub(MEANS_MAX) {
        None | Some(0) => means.to_string(),
        Some(more) => {
            let shown = formulas[..MEANS_MAX].join(", ");
            format!("depends on the data only through {shown} and {more} more means")
        }
    };
    wrapped(&format!("J = E[loss] {text}"), WIDTH, 0) + "\n"
}

fn named<'a>(names: impl Iterator<Item = &'a str>, exprs: Vec<ExprId>) -> Vec<Named> {
    names.zip(exprs).map(|(name, expr)| Named { name: name.to_owned(), expr }).collect()
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
}

const PLAIN: Notation = Notation {
    log_density: "log p",
    score: |_, name| format!("score {name}"),
    laplacian: "Laplacian",
    difference: |_, name| format!("Delta {name}"),
    loss: "loss",
    gradient: |_, name| format!("d loss/d {name}"),
};

const LATEX: Notation = Notation {
    log_density: r"\log p",
    score: |names, name| format!(r"\partial_{{{}}} \log p", names.spell(name)),
    laplacian: r"\Delta \log p",
    difference: |names, name| format!(r"\Delta_{{{}}} \log p", names.spell(name)),
    loss: r"\rho",
    gradient: |names, name| format!(r"\partial_{{{}}} \rho", names.spell(name)),
};

fn line((left, right): &Equation, width: usize) -> String {
    let indent = width + 3;
    let body = wrapped(right, WIDTH.max(indent + INDENT), indent);
    format!("{left:<width$} = {}\n", body.trim_start())
}

fn by_name(named: &[Named], next: &mut impl FnMut() -> Value) -> Value {
    Value::Object(named.iter().map(|named| (named.name.clone(), next())).collect())
}
