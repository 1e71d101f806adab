//! Statements → the log-density and the weights, in one graph.

use super::Declared;
use super::constraint::Constraint;
use super::declare::{self, Declarations};
use super::elaborate::{Binding, Elaborator, Group, Kink};
use super::error::{Error, ErrorKind};
use super::inverses::Opened;
use super::shape::packed_places;
use super::valueless::Places;
use super::{Operand, Shape, Value};
use crate::graph::{ExprId, Graph, InputId, Support};
use crate::source::Span;
use crate::source::nearest;
use crate::syntax::{Ast, Declarator, Expr, Name, Statement, StatementKind};

/// The log-density and the weights in one graph.
#[derive(Debug)]
pub(super) struct Density {
    pub graph: Graph,
    pub log_density: ExprId,
    /// The inputs of each declared name: one for each component or parameter.
    pub inputs: Vec<Vec<InputId>>,
    pub weights: Vec<WeightValues>,
    pub kinks: Vec<Kink>,
    /// The places in the text of the nodes.
    pub places: Places,
    /// Parameters whose inverses are inputs of their own, where that was asked for.
    pub opened: Vec<Opened>,
}

/// A weight of the text: the name that it weights (`None` for all data), its value, and its
/// derivatives in the data where these are given.
#[derive(Debug)]
pub(super) struct WeightValues {
    pub target: Option<String>,
    pub value: Value,
    pub gradient: Option<Value>,
}

/// The input of an elaboration, which is run once for each graph.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task<'a> {
    pub ast: &'a Ast,
    pub declarations: &'a Declarations,
    pub constants: &'a [(String, f64)],
    pub nodes_max: usize,
    /// The inverses of positive definite parameters are inputs of their own.
    pub opens_inverses: bool,
}

/// A weight statement, of one name or of all data.
struct Weight<'a> {
    target: Option<&'a Name>,
    span: Span,
    value: Value,
    gradient: Option<Value>,
}

struct Reader<'a> {
    task: Task<'a>,
    elaborator: Elaborator<'a>,
    log_density: Option<ExprId>,
    weights: Vec<Weight<'a>>,
}

impl Density {
    /// The log-density, then each weight with its gradient.
    pub fn roots(&self) -> Vec<ExprId> {
        let weights = self.weights.iter().flat_map(|one| {
            let gradient = one.gradient.iter().flat_map(|gradient| gradient.ids.iter().copied());
            one.value.ids.iter().copied().chain(gradient)
        });
        std::iter::once(self.log_density).chain(weights).collect()
    }
}

impl Task<'_> {
    /// Elaborates all statements; `None` after an error, which is recorded.
    pub fn run(self, graph: Graph, errors: &mut Vec<Error>) -> Option<Density> {
        let elaborator = Elaborator::new(graph, self.nodes_max);
        let mut reader = Reader { task: self, elaborator, log_density: None, weights: Vec::new() };
        reader.elaborator.errors = std::mem::take(errors);
        let declared = self.declarations.declared.iter();
        let inputs = declared.map(|declared| reader.inputs(declared)).collect();
        for name in &self.declarations.poisoned {
            reader.elaborator.globals.insert(name, Binding::Poisoned);
        }
        self.ast.statements.iter().for_each(|statement| reader.statement(statement));
        reader.check_weights();
        let Elaborator { graph, kinks, places, opened, errors: found, .. } = reader.elaborator;
        *errors = found;
        let weights = reader.weights.into_iter().map(|weight| WeightValues {
            target: weight.target.map(|name| name.text.clone()),
            value: weight.value,
            gradient: weight.gradient,
        });
        let weights = weights.collect();
        let log_density = reader.log_density?;
        Some(Density { graph, log_density, inputs, weights, kinks, places, opened })
    }
}

impl<'a> Task<'a> {
    /// An elaborator in the scope of a model without errors, with its constants, `let` and `def`,
    /// and the inputs of each declared name.
    pub fn scope(self, graph: Graph) -> (Elaborator<'a>, Vec<Vec<InputId>>) {
        let elaborator = Elaborator::new(graph, self.nodes_max);
        let mut reader = Reader { task: self, elaborator, log_density: None, weights: Vec::new() };
        let declared = self.declarations.declared.iter();
        let inputs = declared.map(|declared| reader.inputs(declared)).collect();
        let names = |statement: &&Statement| {
            matches!(
                statement.kind,
                StatementKind::Const(..) | StatementKind::Let(..) | StatementKind::Def { .. }
            )
        };
        self.ast.statements.iter().filter(names).for_each(|statement| reader.statement(statement));
        (reader.elaborator, inputs)
    }
}

impl<'a> Reader<'a> {
    /// Makes the inputs of a declared name and binds the name to them.
    fn inputs(&mut self, declared: &'a Declared) -> Vec<InputId> {
        let names = entry_names(declared, &declared.spelled());
        let graph = &mut self.elaborator.graph;
        let nodes: Vec<ExprId> = names
            .iter()
            .zip(graph_supports(declared))
            .map(|(name, support)| graph.input(name, support))
            .collect();
        let input = |node: &ExprId| graph.as_input(*node).expect("the node was made as an input");
        let inputs = nodes.iter().map(input).collect();
        let value = Value::new(declared.shape, declare::unpack(declared, &nodes));
        if self.task.opens_inverses {
            self.elaborator.opened.extend(Opened::of(graph, declared, &value));
        }
        let mut binding = Binding::Value(value, declare::role_name(declared.role));
        if let Some(levels) = &declared.levels {
            let index = levels.index(&mut self.elaborator.graph, nodes[0]);
            let group = Group { index, size: levels.labels().len() };
            self.elaborator.groups.insert(&declared.name, group);
            if levels.are_names() {
                binding = Binding::Group;
            }
        }
        if declared.has_levels() {
            let sides = declared.sides.iter().map(Option::as_ref).collect();
            self.elaborator.sides.insert(&declared.name, sides);
        }
        self.elaborator.globals.insert(&declared.name, binding);
        inputs
    }

    fn statement(&mut self, statement: &'a Statement) {
        match &statement.kind {
            StatementKind::Declare(..) => {}
            StatementKind::Const(name, value) => {
                let value = match declare::overridden(self.task.constants, &name.text) {
                    Some(number) => Some(Value::scalar(self.elaborator.graph.number(number))),
                    None => self.elaborator.expr(value),
                };
                self.bind(name, value, "a `const`");
            }
            StatementKind::Let(name, value) => {
                let value = self.elaborator.expr(value);
                self.bind(name, value, "a `let` that varies");
            }
            StatementKind::Def { name, parameters, body } => {
                self.elaborator.define(name, parameters, body);
            }
            StatementKind::Weight { target, value, gradient } => {
                let value = self.elaborator.expr(value);
                let gradient = gradient.as_ref().and_then(|one| self.elaborator.expr(one));
                if let Some(value) = value {
                    let (target, span) = (target.as_ref(), statement.span);
                    self.weights.push(Weight { target, span, value, gradient });
                }
            }
            StatementKind::LogDensity(value) | StatementKind::Bare(value) => {
                self.log_density = self.density(statement.span, value);
            }
            StatementKind::Energy(value) => {
                let energy = self.density(statement.span, value);
                self.log_density = energy.map(|energy| self.elaborator.graph.neg(energy));
            }
        }
    }

    fn bind(&mut self, name: &'a Name, value: Option<Value>, what: &'static str) {
        let binding = value.map_or(Binding::Poisoned, |value| Binding::Value(value, what));
        self.elaborator.globals.insert(&name.text, binding);
    }

    fn density(&mut self, span: Span, expr: &'a Expr) -> Option<ExprId> {
        let value = self.elaborator.expr(expr)?;
        if value.shape != Shape::Scalar {
            return self.elaborator.fail(span, ErrorKind::ShapedLogDensity { shape: value.shape });
        }
        Some(value.ids[0])
    }

    fn check_weights(&mut self) {
        let weights = std::mem::take(&mut self.weights);
        for (position, weight) in weights.iter().enumerate() {
            self.check_unique(weight, &weights[..position]);
            self.check_weight(weight);
        }
        let given = |weight: &&Weight<'_>| weight.gradient.is_some();
        let meets = weights.iter().any(|weight| weight.target.is_none());
        if let (true, Some(one), true) =
            (meets, weights.iter().find(given), !weights.iter().all(|one| given(&one)))
        {
            self.elaborator.fail::<()>(one.span, ErrorKind::MixedWeights);
        }
        self.weights = weights;
    }

    fn check_unique(&mut self, weight: &Weight<'_>, before: &[Weight<'_>]) {
        let text = |weight: &Weight<'_>| weight.target.map(|name| name.text.clone());
        if let Some(other) = before.iter().find(|other| text(other) == text(weight)) {
            let name = format!("weight {}", text(weight).unwrap_or_default()).trim().to_owned();
            let kind = ErrorKind::Duplicate { name, first: other.span };
            self.elaborator.fail::<()>(weight.span, kind);
        }
    }

    /// Checks that a weight is of data, and a scalar or of their shape.
    fn check_weight(&mut self, weight: &Weight<'_>) -> Option<()> {
        let declared = self.task.declarations.declared.iter();
        let data = || declared.clone().filter(|declared| declared.role == Declarator::Data);
        let shape = match weight.target {
            None => Shape::Scalar,
            Some(name) => match data().find(|declared| declared.name == name.text) {
                Some(declared) => declared.shape,
                None => {
                    let nearest =
                        nearest(&name.text, data().map(|d| d.name.as_str())).map(str::to_owned);
                    let kind = ErrorKind::WeightOfUnknown { name: name.text.clone(), nearest };
                    return self.elaborator.fail(name.span, kind);
                }
            },
        };
        let entries: usize = match weight.target {
            Some(_) => shape.len(),
            None => data().map(|declared| declared.shape.len()).sum(),
        };
        if let Some(gradient) = &weight.gradient
            && gradient.ids.len() != entries
        {
            let kind = ErrorKind::WrongShape {
                operation: "`with gradient`".to_owned(),
                needed: "one derivative for each component of the data that the weight is for",
                found: Operand { text: "the gradient".to_owned(), shape: gradient.shape },
                help: None,
            };
            return self.elaborator.fail(weight.span, kind);
        }
        if weight.value.shape == Shape::Scalar || weight.value.shape == shape {
            return Some(());
        }
        let kind = ErrorKind::WrongShape {
            operation: "`weight`".to_owned(),
            needed: "a scalar, or the shape of the data",
            found: Operand { text: "the weight".to_owned(), shape: weight.value.shape },
            help: None,
        };
        self.elaborator.fail(weight.span, kind)
    }
}

/// The names of the components or parameters of a declared name; sides that a group indexes have
/// the names of levels.
pub(super) fn labelled_names(declared: &Declared) -> Vec<String> {
    let name = &declared.name;
    let side = |k: usize, size: usize| match declared.sides.get(k) {
        Some(Some(side)) => side.levels.spelled().collect::<Vec<String>>(),
        Some(None) | None => (1..=size).map(|i| i.to_string()).collect(),
    };
    match declared.shape {
        _ if !declared.has_levels() => entry_names(declared, name),
        Shape::Scalar => vec![name.clone()],
        Shape::Vector(n) => side(0, n).iter().map(|i| format!("{name}[{i}]")).collect(),
        Shape::Matrix(rows, columns) => {
            let (rows, columns) = (side(0, rows), side(1, columns));
            let entry = |(i, j): (usize, usize)| format!("{name}[{},{}]", rows[i], columns[j]);
            match declared.constraint.is_symmetric() {
                true => packed_places(rows.len()).map(entry).collect(),
                false => {
                    let width = columns.len();
                    (0..rows.len() * width).map(|k| entry((k / width, k % width))).collect()
                }
            }
        }
    }
}

/// The names of the components or parameters with numbers as indices, as inputs of the graph have
/// them.
pub(super) fn entry_names(declared: &Declared, name: &str) -> Vec<String> {
    if !declared.constraint.is_symmetric() {
        return declared.shape.entry_names(name);
    }
    let places = packed_places(declared.shape.rows());
    places.map(|(i, j)| format!("{name}[{},{}]", i + 1, j + 1)).collect()
}

/// The intervals of the inputs of a declared name, on which the graph may base simplifications.
fn graph_supports(declared: &Declared) -> Vec<Support> {
    match (declared.role, declared.constraint) {
        (Declarator::Data | Declarator::Covariate, _) => {
            let support = match &declared.levels {
                Some(levels) => levels.graph_support(),
                None => declared.support.graph_support(),
            };
            vec![support; declared.shape.len()]
        }
        (Declarator::Param, constraint @ (Constraint::Symmetric | Constraint::Posdef)) => {
            packed_places(declared.shape.rows())
                .map(|(i, j)| constraint.graph_support(i, j))
                .collect()
        }
        (Declarator::Param, constraint) => {
            vec![constraint.graph_support(0, 0); declared.shape.len()]
        }
    }
}
