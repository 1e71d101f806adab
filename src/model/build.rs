//! Ast → [`Model`]: names, roles, declarations, columns, then the log-density in both graphs.

use std::sync::Arc;

use super::columns::{self, Columns};
use super::declare::{self, Declarations};
use super::density::{Density, Task, labelled_names};
use super::error::{Error, ErrorKind, Errors};
use super::levels::Groups;
use super::{
    Block, Component, Declared, Model, Options, Parameter, names, roles, supported, valueless,
    warn, weighted,
};
use crate::graph::{ExprId, Graph, InputId};
use crate::source::Diagnostic;
use crate::syntax::{Ast, Declarator};

/// The options that are kept in the model, so that it can be bound to other columns.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    map: Vec<(String, Vec<String>)>,
    pub constants: Vec<(String, f64)>,
    data: Option<Vec<String>>,
    levels: Vec<(String, Vec<String>)>,
    /// The columns of a file, and those of numbers among them.
    columns: Option<(Vec<String>, Vec<String>)>,
    pub nodes_max: usize,
}

impl Settings {
    pub fn of(options: &Options<'_>) -> Self {
        Self {
            map: options.map.clone(),
            constants: options.constants.clone(),
            data: options.data.clone(),
            levels: options.levels.clone(),
            columns: options.columns.map(|all| (owned(all), owned(options.numeric))),
            nodes_max: options.nodes_max,
        }
    }

    /// The settings with other levels of groups.
    pub fn with_levels(&self, levels: &[(String, Vec<String>)]) -> Self {
        Self { levels: levels.to_vec(), ..self.clone() }
    }

    /// The same on the columns of a file, some of which hold numbers.
    pub fn on(&self, columns: &[&str], numeric: &[&str]) -> Self {
        Self { columns: Some((owned(columns), owned(numeric))), ..self.clone() }
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn borrowed(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// A model from its parsed text.
pub(super) fn build(ast: Arc<Ast>, settings: Settings) -> Result<Model, Errors> {
    let known = settings.columns.as_ref().map(|(all, numeric)| (borrowed(all), borrowed(numeric)));
    let columns = known.as_ref().map(|(all, numeric)| Columns::new(all, numeric, &settings.map));
    let mut names = names::resolve(&ast);
    let mut roles = roles::assign(&ast, &names, settings.data.as_deref(), columns.as_ref());
    let groups = Groups::of(&names, &settings.levels);
    let context = declare::Context {
        groups: &groups,
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
        opens_inverses: false,
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
    let mut doubts = weighted::sums(&ast, &declared);
    doubts.extend(supported::undeclared(&ast, &declared));
    let mut model = assemble(Arc::clone(&ast), settings.clone(), declared, canonical, verbatim);
    if model.data.is_empty() {
        warnings.push(warn::no_data());
    }
    warnings.extend(warn::unknown_levels(&model));
    warnings.extend(doubts);
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
        let meant = columns.meant_by(declarations.declared.iter().map(|one| one.name.as_str()));
        let (columns, others) = columns.by_content();
        errors.push(Error::nowhere(ErrorKind::NoData { columns, others, meant }));
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
        weight_slopes: Vec::new(),
        warnings: Vec::new(),
        declared: Vec::new(),
    };
    for (index, (declared, inputs)) in declared.iter().zip(&canonical.inputs).enumerate() {
        match declared.role {
            Declarator::Data => model.data.extend(components(declared, inputs, index)),
            Declarator::Covariate => model.covariates.extend(components(declared, inputs, index)),
            Declarator::Param => add_block(&mut model, declared, inputs),
        }
    }
    let data: Vec<ExprId> =
        model.data.iter().map(|component| canonical.graph.input_node(component.input)).collect();
    model.warnings = warn::kinks(&canonical.graph, canonical.log_density, &data, &canonical.kinks);
    let mut stable = canonical.graph.stabilise(&roots).into_iter();
    model.log_density = stable.next().expect("the log-density is the first root");
    let mut next = |count: usize| stable.by_ref().take(count).collect::<Vec<ExprId>>();
    let weights = canonical.weights.iter().map(|one| Weight {
        target: one.target.clone(),
        entries: next(one.value.ids.len()),
        slopes: next(one.gradient.as_ref().map_or(0, |gradient| gradient.ids.len())),
    });
    let weights: Vec<Weight> = weights.collect();
    let graph = &mut canonical.graph;
    for (k, component) in model.data.iter().enumerate() {
        let name = &declared[component.declared].name;
        let of_name = |other: &&Component| other.declared == component.declared;
        let position = model.data[..k].iter().filter(of_name).count();
        let own = weights.iter().find(|weight| weight.target.as_ref() == Some(name));
        let all = weights.iter().find(|weight| weight.target.is_none());
        let factors = [own.map(|weight| weight.at(position)), all.map(|weight| weight.at(k))];
        let (weight, slope) = product(graph, factors);
        model.weights.push(weight);
        model.weight_slopes.push(slope);
    }
    model.graph = canonical.graph;
    model.declared = declared;
    model
}

/// A weight that the text gives.
struct Weight {
    /// The name of the data that it weights; `None` for all data.
    target: Option<String>,
    /// One value, or one for each component that it weights.
    entries: Vec<ExprId>,
    /// Its derivatives in these components; empty where the text gives none.
    slopes: Vec<ExprId>,
}

impl Weight {
    /// Its value for the component at a position, and its derivative where the text gives one.
    fn at(&self, position: usize) -> (ExprId, Option<ExprId>) {
        let entry = self.entries.get(position).unwrap_or(&self.entries[0]);
        (*entry, self.slopes.get(position).copied())
    }
}

/// The product of the weights that are given. Its derivative is known only where each factor has
/// one.
fn product(
    graph: &mut Graph,
    factors: [Option<(ExprId, Option<ExprId>)>; 2],
) -> (Option<ExprId>, Option<ExprId>) {
    match factors {
        [None, None] => (None, None),
        [Some((weight, slope)), None] | [None, Some((weight, slope))] => (Some(weight), slope),
        [Some((own, own_slope)), Some((all, all_slope))] => {
            let weight = graph.mul(own, all);
            let slope = match (own_slope, all_slope) {
                (Some(a), Some(b)) => {
                    let (left, right) = (graph.mul(a, all), graph.mul(own, b));
                    Some(graph.add(left, right))
                }
                (Some(_), None) | (None, Some(_)) | (None, None) => None,
            };
            (Some(weight), slope)
        }
    }
}

fn components<'a>(
    declared: &'a Declared,
    inputs: &'a [InputId],
    index: usize,
) -> impl Iterator<Item = Component> + 'a {
    let names = labelled_names(declared);
    names.into_iter().zip(inputs).enumerate().map(move |(position, (name, &input))| Component {
        name,
        input,
        support: declared.support,
        levels: declared.levels.clone(),
        column: declared.columns.get(position).cloned(),
        declared: index,
    })
}

fn add_block(model: &mut Model, declared: &Declared, inputs: &[InputId]) {
    let first = model.parameters.len();
    let block = model.blocks.len();
    let names = labelled_names(declared);
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
