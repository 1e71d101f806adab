//! Ast → [`Model`]: names, roles, declarations, columns, then the log-density twice.

use std::sync::Arc;

use super::columns::{self, Columns};
use super::declare::{self, Declarations};
use super::density::{Density, Task, entry_names};
use super::error::{Error, ErrorKind, Errors};
use super::{Block, Component, Declared, Model, Options, Parameter, names, roles, valueless, warn};
use crate::graph::{ExprId, Graph, InputId};
use crate::source::Diagnostic;
use crate::syntax::{Ast, Declarator};

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

    let task = Task {
        ast: &ast,
        declarations: &declarations,
        constants: &settings.constants,
        nodes_max: settings.nodes_max,
    };
    let canonical = task.run(Graph::new(), &mut errors);
    let (Some(canonical), true) = (canonical, errors.is_empty()) else {
        return Err(Errors::of(errors).expect("a log-density without a value has an error"));
    };
    let Some(verbatim) = task.run(Graph::verbatim(), &mut errors) else {
        return Err(Errors::of(errors).expect("a log-density without a value has an error"));
    };
    errors.extend(valueless::error(&verbatim.graph, &verbatim.roots(), &verbatim.places));
    if let Some(errors) = Errors::of(errors) {
        return Err(errors);
    }
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
        let (columns, others) = columns.by_content();
        errors.push(Error::nowhere(ErrorKind::NoData { columns, others }));
    }
    if declarations.poisoned.is_empty() {
        columns::bind(&mut declarations.declared, columns, errors, warnings);
    }
}

fn assemble(
    ast: Arc<Ast>,
    settings: Settings,
    declared: Vec<Declared>,
    mut canonical: Density,
    verbatim: Density,
) -> Model {
    let roots = canonical.roots();
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
    let graph = &mut canonical.graph;
    let weight = |component: &Component| {
        weight_of(graph, component, &declared[component.group], &model.data, &weights)
    };
    model.weights = model.data.iter().map(weight).collect();
    model.graph = canonical.graph;
    model.declared = declared;
    model
}

/// The weight of the component's own name times the one for all data.
fn weight_of(
    graph: &mut Graph,
    component: &Component,
    declared: &Declared,
    data: &[Component],
    weights: &[(Option<String>, Vec<ExprId>)],
) -> Option<ExprId> {
    let group = data.iter().filter(|other| other.group == component.group);
    let position = group.take_while(|other| other.name != component.name).count();
    let of = |target: Option<&String>| {
        let (_, ids) = weights.iter().find(|(other, _)| other.as_ref() == target)?;
        ids.get(position).or(ids.first()).copied()
    };
    match (of(Some(&declared.name)), of(None)) {
        (Some(own), Some(all)) => Some(graph.mul(own, all)),
        (own, all) => own.or(all),
    }
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
