//! Expressions derived from a log-density: score, Laplacian, loss and its gradient.

use crate::calculus::{gradient, laplacian};
use crate::graph::{ExprId, Graph, InputId};
use crate::model::Model;
use crate::objective::{Means, Quadratic, Specification, Square, Unsuited, solution};

/// A derivative with the name of the variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// A data component or a parameter.
    pub name: String,
    /// The derivative by the variable.
    pub expr: ExprId,
}

/// log p and the expressions that score matching derives from it.
#[derive(Clone, Debug)]
pub struct Derivation {
    /// The graph of all expressions.
    pub graph: Graph,
    /// log p
    pub log_density: ExprId,
    /// ∂ log p by data component; empty for binary data.
    pub score: Vec<Named>,
    /// Σ ∂² log p; `None` for binary data.
    pub laplacian: Option<ExprId>,
    /// For binary data, by component, log p minus log p with the component at its other value.
    pub differences: Vec<Named>,
    /// Name of the objective, as `hyvarinen`.
    pub objective_kind: &'static str,
    /// ρ, the loss of one row.
    pub loss: ExprId,
    /// ρ in parts, linear + ½ Σ w r², where it has them; the r are written without a leading minus.
    pub parts: Option<Quadratic>,
    /// ∂ρ by parameter.
    pub gradient: Vec<Named>,
    /// Parameters at the minimum of J, as expressions in means over rows, where there is a short
    /// formula.
    pub solution: Vec<Named>,
    /// The means over rows that determine J, where finitely many do.
    pub means: Option<Means>,
}

impl Derivation {
    /// Derives all expressions of a model, with the objective that suits it.
    ///
    /// # Errors
    /// When no objective suits the model.
    pub fn of(model: &Model) -> Result<Self, Unsuited> {
        Ok(Self::by(&Specification::of(model)?, model))
    }

    /// Derives all expressions of a model with the given objective.
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
        let rows = data_and_covariates(model, &graph);
        let solved = solution(&mut graph, &loss, &rows, &parameters).unwrap_or_default();
        let data_names = model.data().iter().map(|component| component.name.as_str());
        let seen = named(data_names, seen);
        let (score, differences) = if binary { (Vec::new(), seen) } else { (seen, Vec::new()) };
        let names = model.parameters().iter().map(|parameter| parameter.name.as_str());
        Self {
            score,
            differences,
            gradient: named(names.clone(), slopes),
            solution: named(names, solved),
            objective_kind: loss.kind,
            means: Means::of(&graph, loss.total, &rows),
            loss: loss.total,
            parts: loss.quadratic.map(|parts| led_positive(&mut graph, parts, loss.total)),
            graph,
            log_density,
            laplacian,
        }
    }
}

/// Longest text of a root that is shown with the sign of the score, whatever the signs elsewhere.
const SHORT: usize = 12;

/// The parts without squares that vanish. A root is replaced by its negative where its text begins with a minus,
/// or where it is long and `total` contains the negative, so that both are shown by one name.
fn led_positive(graph: &mut Graph, parts: Quadratic, total: ExprId) -> Quadratic {
    let (zero, reached) = (graph.zero(), graph.reachable(&[total]));
    let is_reached = |id: ExprId| reached.get(id.index()).copied().unwrap_or(false);
    let mut squares = parts.squares;
    squares.retain(|square| square.root != zero && square.weight != zero);
    for Square { root, .. } in &mut squares {
        let (text, negative) = (graph.plain(*root), graph.neg(*root));
        let named = text.len() > SHORT && is_reached(negative) && !is_reached(*root);
        if text.starts_with('-') || named {
            *root = negative;
        }
    }
    Quadratic { squares, ..parts }
}

fn data_and_covariates(model: &Model, graph: &Graph) -> Vec<ExprId> {
    let components = model.data().iter().chain(model.covariates());
    components.map(|component| graph.input_node(component.input)).collect()
}

fn named<'a>(names: impl Iterator<Item = &'a str>, exprs: Vec<ExprId>) -> Vec<Named> {
    names.zip(exprs).map(|(name, expr)| Named { name: name.to_owned(), expr }).collect()
}
