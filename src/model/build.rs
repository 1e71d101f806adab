//! Ast → [`Model`]: names, roles, declarations, columns, then the log-density twice.

use std::sync::Arc;

use super::columns::{self, Columns};
use super::constraint::Constraint;
use super::declare::{self, Declarations, Declared};
use super::elaborate::{Binding, Definition, Elaborator, Kink};
use super::error::{Error, ErrorKind, Errors};
use super::names;
use super::roles;
use super::shape::packed_places;
use super::suggest::nearest;
use super::{Block, Component, Model, Options, Parameter, Shape, Value, warn};
use crate::graph::{ExprId, Graph, InputId, Support};
use crate::source::{Diagnostic, Span};
use crate::syntax::{Ast, Declarator, Name, StatementKind};

/// The options that outlive a file.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    map: Vec<(String, Vec<String>)>,
    constants: Vec<(String, f64)>,
    data: Option<Vec<String>>,
    pub nodes_max: usize,
}

impl Settings {
    pub fn of(options: &Options<'_>) -> Self {
        Self {
            map: options.map.clone(),
            constants: options.constants.clone(),
            data: options.data.clone(),
            nodes_max: options.nodes_max,
        }
    }
}

/// A model from its parsed text, a file's columns and the numeric ones among them.
pub(super) fn build(
    ast: Arc<Ast>,
    settings: Settings,
    columns: Option<(&[&str], &[&str])>,
) -> Result<Model, Errors> {
    let columns = columns.map(|(all, numeric)| Columns::new(all, numeric, &settings.map));
    let mut names = names::resolve(&ast);
    let mut roles = roles::assign(&names, settings.data.as_deref(), columns.as_ref());
    let context = declare::Context {
        constants: &settings.constants,
        columns: columns.as_ref(),
        nodes_max: settings.nodes_max,
    };
    let mut declarations = declare::declare(&ast, &roles, context);
    let mut errors = std::mem::take(&mut names.errors);
    errors.append(&mut roles.errors);
    errors.append(&mut declarations.errors);
    let mut warnings = std::mem::take(&mut roles.warnings);
    bind_columns(&mut declarations, columns.as_ref(), &mut errors, &mut warnings);

    let task = Task { ast: &ast, declarations: &declarations, settings: &settings };
    let canonical = task.run(Graph::new(), &mut errors);
    let (Some(canonical), true) = (canonical, errors.is_empty()) else {
        return Err(Errors::of(errors).expect("a log-density without a value has an error"));
    };
    let Some(verbatim) = task.run(Graph::verbatim(), &mut errors) else {
        return Err(Errors::of(errors).expect("a log-density without a value has an error"));
    };
    let declared = declarations.declared;
    let mut model = assemble(Arc::clone(&ast), settings.clone(), declared, canonical, verbatim);
    if model.data.is_empty() {
        warnings.push(warn::no_data());
    }
    model.warnings.splice(0..0, warnings);
    Ok(model)
}

fn bind_columns(
    declarations: &mut Declarations,
    columns: Option<&Columns<'_>>,
    errors: &mut Vec<Error>,
    warnings: &mut Vec<Diagnostic>,
) {
    let has_data = declarations.declared.iter().any(|d| d.role == Declarator::Data);
    let Some(columns) = columns else { return };
    if !has_data && declarations.poisoned.is_empty() {
        let columns = columns.numeric.iter().map(|&column| column.to_owned()).collect();
        errors.push(Error::nowhere(ErrorKind::NoData { columns }));
    }
    if declarations.poisoned.is_empty() {
        columns::bind(&mut declarations.declared, columns, errors, warnings);
    }
}

/// The log-density and the weights in one graph.
struct Elaborated {
    graph: Graph,
    log_density: ExprId,
    /// The inputs of every declared name, one a component or parameter.
    inputs: Vec<Vec<InputId>>,
    weights: Vec<(Option<String>, Value)>,
    kinks: Vec<Kink>,
}

/// What both elaborations start from.
struct Task<'a> {
    ast: &'a Ast,
    declarations: &'a Declarations,
    settings: &'a Settings,
}

impl<'a> Task<'a> {
    /// `None` where there are errors, which are recorded.
    fn run(&self, graph: Graph, errors: &mut Vec<Error>) -> Option<Elaborated> {
        let mut elaborator = Elaborator::new(graph, self.settings.nodes_max);
        elaborator.errors = std::mem::take(errors);
        let declared = &self.declarations.declared;
        let inputs = declared.iter().map(|declared| input(&mut elaborator, declared)).collect();
        for name in &self.declarations.poisoned {
            elaborator.globals.insert(name, Binding::Poisoned);
        }
        let mut log_density = None;
        let mut weights: Vec<(Option<&'a Name>, Span, Value)> = Vec::new();
        for statement in &self.ast.statements {
            match &statement.kind {
                StatementKind::Declare(..) => {}
                StatementKind::Const(name, value) => {
                    let number = declare::overridden(&self.settings.constants, &name.text);
                    let value = match number {
                        Some(number) => Some(Value::scalar(elaborator.graph.number(number))),
                        None => elaborator.expr(value),
                    };
                    bind(&mut elaborator, name, value, "a `const`");
                }
                StatementKind::Let(name, value) => {
                    let value = elaborator.expr(value);
                    bind(&mut elaborator, name, value, "a `let` that varies");
                }
                StatementKind::Def { name, parameters, body } => {
                    elaborator.define(name, Definition { parameters, body });
                }
                StatementKind::Weight(target, value) => {
                    let value = elaborator.expr(value);
                    if let Some(value) = value {
                        weights.push((target.as_ref(), statement.span, value));
                    }
                }
                StatementKind::LogDensity(value) | StatementKind::Bare(value) => {
                    let value = elaborator.expr(value);
                    log_density = self.scalar(&mut elaborator, statement.span, value);
                }
                StatementKind::Energy(value) => {
                    let value = elaborator.expr(value);
                    let energy = self.scalar(&mut elaborator, statement.span, value);
                    log_density = energy.map(|energy| elaborator.graph.neg(energy));
                }
            }
        }
        self.check_weights(&mut elaborator, &weights);
        *errors = elaborator.errors;
        let weights = (weights.into_iter())
            .map(|(target, _, value)| (target.map(|name| name.text.clone()), value))
            .collect();
        let (graph, kinks) = (elaborator.graph, elaborator.kinks);
        Some(Elaborated { graph, log_density: log_density?, inputs, weights, kinks })
    }

    fn scalar(
        &self,
        elaborator: &mut Elaborator<'a>,
        span: Span,
        value: Option<Value>,
    ) -> Option<ExprId> {
        let value = value?;
        if value.shape != Shape::Scalar {
            return elaborator.fail(span, ErrorKind::ShapedLogDensity { shape: value.shape });
        }
        Some(value.ids[0])
    }

    /// A weight belongs to data and is a scalar or of their shape.
    fn check_weights(
        &self,
        elaborator: &mut Elaborator<'a>,
        weights: &[(Option<&Name>, Span, Value)],
    ) {
        let data = || self.declarations.declared.iter().filter(|d| d.role == Declarator::Data);
        for (position, (target, span, value)) in weights.iter().enumerate() {
            let text = target.map(|name| name.text.as_str());
            let same = |other: &&(Option<&Name>, Span, Value)| {
                other.0.map(|name| name.text.as_str()) == text
            };
            if let Some((_, first, _)) = weights[..position].iter().find(same) {
                let name = format!("weight {}", text.unwrap_or_default()).trim().to_owned();
                elaborator.fail::<()>(*span, ErrorKind::Duplicate { name, first: *first });
            }
            let shape = match target {
                None => Shape::Scalar,
                Some(name) => match data().find(|declared| declared.name == name.text) {
                    Some(declared) => declared.shape,
                    None => {
                        let nearest = nearest(&name.text, data().map(|d| d.name.as_str()));
                        let kind = ErrorKind::WeightOfUnknown { name: name.text.clone(), nearest };
                        elaborator.fail::<()>(name.span, kind);
                        continue;
                    }
                },
            };
            if value.shape != Shape::Scalar && value.shape != shape {
                let found = super::Operand { text: "the weight".to_owned(), shape: value.shape };
                let operation = "`weight`".to_owned();
                let needed = "a scalar, or the shape of the data";
                let kind = ErrorKind::WrongShape { operation, needed, found, help: None };
                elaborator.fail::<()>(*span, kind);
            }
        }
    }
}

fn bind<'a>(
    elaborator: &mut Elaborator<'a>,
    name: &'a Name,
    value: Option<Value>,
    what: &'static str,
) {
    let binding = value.map_or(Binding::Poisoned, |value| Binding::Value(value, what));
    elaborator.globals.insert(&name.text, binding);
}

/// Makes the inputs of a declared name and binds it to them.
fn input<'a>(elaborator: &mut Elaborator<'a>, declared: &'a Declared) -> Vec<InputId> {
    let names = entry_names(declared, &declared.spelled());
    let facts = facts(declared);
    let graph = &mut elaborator.graph;
    let nodes: Vec<ExprId> =
        names.iter().zip(facts).map(|(name, fact)| graph.input(name, fact)).collect();
    let inputs = nodes.iter().map(|&node| graph.as_input(node).expect("an input is an input"));
    let inputs = inputs.collect();
    let value = Value::new(declared.shape, declare::unpack(declared, &nodes));
    let binding = Binding::Value(value, declare::what(declared.role));
    elaborator.globals.insert(&declared.name, binding);
    inputs
}

/// The names of the components or parameters behind a declared name.
fn entry_names(declared: &Declared, name: &str) -> Vec<String> {
    if !declared.constraint.is_symmetric() {
        return declared.shape.entry_names(name);
    }
    let places = packed_places(declared.shape.rows());
    places.map(|(i, j)| format!("{name}[{},{}]", i + 1, j + 1)).collect()
}

/// What simplification may rely on, for each of them.
fn facts(declared: &Declared) -> Vec<Support> {
    match (declared.role, declared.constraint) {
        (Declarator::Data | Declarator::Covariate, _) => {
            vec![declared.support.fact(); declared.shape.len()]
        }
        (Declarator::Param, constraint @ (Constraint::Symmetric | Constraint::Posdef)) => {
            packed_places(declared.shape.rows()).map(|(i, j)| constraint.fact(i, j)).collect()
        }
        (Declarator::Param, constraint) => vec![constraint.fact(0, 0); declared.shape.len()],
    }
}

fn assemble(
    ast: Arc<Ast>,
    settings: Settings,
    declared: Vec<Declared>,
    mut canonical: Elaborated,
    verbatim: Elaborated,
) -> Model {
    let roots: Vec<ExprId> = std::iter::once(canonical.log_density)
        .chain(canonical.weights.iter().flat_map(|(_, value)| value.ids.iter().copied()))
        .collect();
    let mut model = Model {
        ast,
        settings,
        log_density: canonical.log_density,
        verbatim: verbatim.graph,
        verbatim_log_density: verbatim.log_density,
        graph: Graph::new(),
        data: Vec::new(),
        covariates: Vec::new(),
        parameters: Vec::new(),
        blocks: Vec::new(),
        weights: Vec::new(),
        warnings: Vec::new(),
        declared: Vec::new(),
    };
    for (group, (declared, inputs)) in declared.iter().zip(&canonical.inputs).enumerate() {
        match declared.role {
            Declarator::Data => model.data.extend(components(declared, inputs, group)),
            Declarator::Covariate => model.covariates.extend(components(declared, inputs, group)),
            Declarator::Param => add_block(&mut model, declared, inputs),
        }
    }
    let data: Vec<ExprId> =
        model.data.iter().map(|component| canonical.graph.input_node(component.input)).collect();
    model.warnings = warn::kinks(&canonical.graph, canonical.log_density, &data, &canonical.kinks);
    let mut stable = canonical.graph.stabilise(&roots).into_iter();
    model.log_density = stable.next().expect("the log-density is the first root");
    let weights: Vec<(Option<String>, Vec<ExprId>)> = (canonical.weights.iter())
        .map(|(target, value)| (target.clone(), stable.by_ref().take(value.ids.len()).collect()))
        .collect();
    model.weights = model
        .data
        .iter()
        .map(|component| weight_of(component, &declared[component.group], &model.data, &weights))
        .collect();
    model.graph = canonical.graph;
    model.declared = declared;
    model
}

/// A weight of the component's own name goes before one for all.
fn weight_of(
    component: &Component,
    declared: &Declared,
    data: &[Component],
    weights: &[(Option<String>, Vec<ExprId>)],
) -> Option<ExprId> {
    let own = weights.iter().find(|(target, _)| target.as_ref() == Some(&declared.name));
    let (_, ids) = own.or_else(|| weights.iter().find(|(target, _)| target.is_none()))?;
    let group = data.iter().filter(|other| other.group == component.group);
    let position = group.take_while(|other| other.name != component.name).count();
    ids.get(position).or(ids.first()).copied()
}

fn components<'a>(
    declared: &'a Declared,
    inputs: &'a [InputId],
    group: usize,
) -> impl Iterator<Item = Component> + 'a {
    let names = entry_names(declared, &declared.name);
    names.into_iter().zip(inputs).enumerate().map(move |(position, (name, &input))| Component {
        name,
        input,
        support: declared.support,
        column: declared.columns.get(position).cloned(),
        group,
    })
}

fn add_block(model: &mut Model, declared: &Declared, inputs: &[InputId]) {
    let first = model.parameters.len();
    let block = model.blocks.len();
    let names = entry_names(declared, &declared.name);
    for (position, (name, &input)) in names.into_iter().zip(inputs).enumerate() {
        let init = declared.init.as_ref().map(|init| init[position]);
        model.parameters.push(Parameter { name, input, init, block });
    }
    model.blocks.push(Block {
        name: declared.name.clone(),
        shape: declared.shape,
        constraint: declared.constraint,
        parameters: first..model.parameters.len(),
    });
}
