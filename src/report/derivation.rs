//! What is derived from a log-density, as formulas.

use serde_json::{Map, Value, json};

use super::table::{INDENT, WIDTH, wrapped};
use crate::calculus::{gradient, laplacian};
use crate::graph::{ExprId, Graph, InputId, latex_name};
use crate::model::Model;
use crate::objective::hyvarinen;

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
    /// ∂ log p by data component.
    pub score: Vec<Named>,
    /// Σ ∂² log p
    pub laplacian: ExprId,
    /// Name of the objective, `hyvarinen`.
    pub objective_kind: &'static str,
    /// ρ, the loss of one row.
    pub loss: ExprId,
    /// ∂ρ by parameter.
    pub gradient: Vec<Named>,
}

/// One line of a derivation in some notation: left side, right side.
type Equation = (String, String);

impl Derivation {
    /// Derives everything from a model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let mut graph = model.graph().clone();
        let nodes = |inputs: &mut dyn Iterator<Item = InputId>| -> Vec<ExprId> {
            inputs.map(|input| graph.input_node(input)).collect()
        };
        let data = nodes(&mut model.data().iter().map(|component| component.input));
        let parameters = nodes(&mut model.parameters().iter().map(|parameter| parameter.input));
        let log_density = model.log_density();
        let score = gradient(&mut graph, log_density, &data);
        let laplacian = laplacian(&mut graph, log_density, &data);
        let loss = hyvarinen(&mut graph, log_density, &data);
        let slopes = gradient(&mut graph, loss.total, &parameters);
        let data_names = model.data().iter().map(|component| component.name.as_str());
        let names = model.parameters().iter().map(|parameter| parameter.name.as_str());
        Self {
            score: named(data_names, score),
            gradient: named(names, slopes),
            objective_kind: loss.kind,
            loss: loss.total,
            graph,
            log_density,
            laplacian,
        }
    }

    /// The formulas in the model language.
    #[must_use]
    pub fn text(&self) -> String {
        let printed = self.graph.print(&self.roots());
        let lets = printed.lets.iter().map(|(name, value)| (format!("let {name}"), value.clone()));
        let equations: Vec<Equation> =
            lets.chain(self.sides(PLAIN).zip(printed.exprs.iter().cloned())).collect();
        let width = equations.iter().map(|(left, _)| left.chars().count()).max().unwrap_or(0);
        equations.iter().map(|equation| line(equation, width)).collect()
    }

    /// The formulas as one LaTeX display, for amsmath.
    #[must_use]
    pub fn latex(&self) -> String {
        let printed = self.graph.latex(&self.roots());
        let lets = printed.lets.iter().cloned();
        let equations = self.sides(LATEX).zip(printed.exprs.iter().cloned()).chain(lets);
        let lines: Vec<_> = equations.map(|(left, right)| format!("  {left} &= {right}")).collect();
        format!("\\[\n\\begin{{aligned}}\n{}\n\\end{{aligned}}\n\\]\n", lines.join(" \\\\\n"))
    }

    /// The formulas as JSON; shared parts stand under `let`, in order of use.
    #[must_use]
    pub fn json(&self) -> String {
        let printed = self.graph.print(&self.roots());
        let mut exprs = printed.exprs.into_iter().map(Value::String);
        let mut next = || exprs.next().expect("a text for every root");
        let mut object = Map::new();
        object.insert("schema".to_owned(), json!(super::SCHEMA));
        let lets = printed.lets.into_iter().map(|(name, value)| (name, Value::String(value)));
        object.insert("let".to_owned(), Value::Object(lets.collect()));
        object.insert("log_density".to_owned(), next());
        object.insert("score".to_owned(), by_name(&self.score, &mut next));
        object.insert("laplacian".to_owned(), next());
        object.insert("objective_kind".to_owned(), json!(self.objective_kind));
        object.insert("loss".to_owned(), next());
        object.insert("gradient".to_owned(), by_name(&self.gradient, &mut next));
        super::json::lines(&object)
    }

    /// In the order in which they are printed.
    fn roots(&self) -> Vec<ExprId> {
        let score = self.score.iter().map(|named| named.expr);
        let gradient = self.gradient.iter().map(|named| named.expr);
        let head = std::iter::once(self.log_density).chain(score);
        head.chain([self.laplacian, self.loss]).chain(gradient).collect()
    }

    fn sides(&self, notation: Notation) -> impl Iterator<Item = String> {
        let score = self.score.iter().map(move |named| (notation.score)(&named.name));
        let gradient = self.gradient.iter().map(move |named| (notation.gradient)(&named.name));
        let head = std::iter::once(notation.log_density.to_owned()).chain(score);
        let middle = [notation.laplacian.to_owned(), notation.loss.to_owned()];
        head.chain(middle).chain(gradient)
    }
}

fn named<'a>(names: impl Iterator<Item = &'a str>, exprs: Vec<ExprId>) -> Vec<Named> {
    names.zip(exprs).map(|(name, expr)| Named { name: name.to_owned(), expr }).collect()
}

/// How the left sides are written.
#[derive(Clone, Copy)]
struct Notation {
    log_density: &'static str,
    score: fn(&str) -> String,
    laplacian: &'static str,
    loss: &'static str,
    gradient: fn(&str) -> String,
}

const PLAIN: Notation = Notation {
    log_density: "log p",
    score: |name| format!("score {name}"),
    laplacian: "Laplacian",
    loss: "loss",
    gradient: |name| format!("d loss/d {name}"),
};

const LATEX: Notation = Notation {
    log_density: r"\log p",
    score: |name| format!(r"\partial_{{{}}} \log p", latex_name(name)),
    laplacian: r"\Delta \log p",
    loss: r"\rho",
    gradient: |name| format!(r"\partial_{{{}}} \rho", latex_name(name)),
};

fn line((left, right): &Equation, width: usize) -> String {
    let indent = width + 3;
    let body = wrapped(right, WIDTH.max(indent + INDENT), indent);
    format!("{left:<width$} = {}\n", body.trim_start())
}

fn by_name(named: &[Named], next: &mut impl FnMut() -> Value) -> Value {
    Value::Object(named.iter().map(|named| (named.name.clone(), next())).collect())
}
