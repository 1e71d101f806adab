//! A model: names with roles, shapes and constraints, and the log-density in a graph.
//!
//! Holds the meaning of a text: [`Model::parse`] resolves names, reads declarations, binds columns
//! and elaborates the log-density. Promises: every name has a role, shapes fit, every index is in
//! range, all errors of a text are reported at once with their places; the canonical and the
//! verbatim graph have the same inputs in the same order. Deliberately not known here: rows of
//! data, derivatives, objectives.
//!
//! # Examples
//! ```
//! use scorematch::model::Model;
//! let model = Model::parse("-(x - mu)^2/(2*s2)").expect("a Gaussian");
//! assert_eq!(model.data()[0].name, "x");
//! let names: Vec<_> = model.parameters().iter().map(|p| p.name.as_str()).collect();
//! assert_eq!(names, ["mu", "s2"]);
//! ```

mod algebra;
mod assign;
mod build;
mod call;
mod choose;
mod columns;
mod constraint;
mod declare;
mod density;
mod domain;
mod elaborate;
mod error;
mod estimand;
mod explain;
mod function_kind;
mod functions;
mod index;
mod inverses;
mod kink;
mod levels;
mod names;
mod prelude;
mod product;
mod reduce;
mod response;
mod roles;
mod shape;
mod slip;
mod structure;
mod supported;
mod transform;
mod valueless;
mod walk;
mod warn;
mod weighted;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use crate::graph::{ExprId, Graph, InputId};
use crate::source::{Diagnostic, Span, nearest};
use crate::syntax::{Ast, Declarator, Statement, StatementKind};

pub use assign::assignments;
pub use constraint::{Constraint, Support};
pub use domain::{Domain, OffDomain};
pub use error::{Error, ErrorKind, Errors, NamingOption, Operand};
pub use estimand::{Estimands, Hypotheses};
pub use function_kind::FunctionKind;
pub use functions::{FunctionEntry, functions};
pub(crate) use inverses::InverseInputs;
pub use levels::{Cell, Levels};
pub use prelude::{DensityEntry, densities};
pub use shape::Shape;
pub(crate) use shape::packed_places;
pub use transform::Transform;

use declare::{Declared, Side};
use shape::Value;

/// The default of [`Options::nodes_max`].
pub const NODES_MAX: usize = 4_000_000;

/// What a text leaves open: the columns of a file, and options of the command line.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// The names of all columns of the file; `None` without a file.
    pub columns: Option<&'a [&'a str]>,
    /// The names of the numeric columns, in order.
    pub numeric: &'a [&'a str],
    /// `--map x=height,width`: the columns of a declared name.
    pub map: Vec<(String, Vec<String>)>,
    /// `--const d=5`: values that replace those of the text.
    pub constants: Vec<(String, f64)>,
    /// `--data x,y`: the undeclared names that are data.
    pub data: Option<Vec<String>>,
    /// The distinct values of the column of a group, in order, by the name of the group.
    /// [`Model::groups`] lists the groups that need them.
    pub levels: Vec<(String, Vec<String>)>,
    /// Most nodes of the elaborated text.
    pub nodes_max: usize,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            columns: None,
            numeric: &[],
            map: Vec::new(),
            constants: Vec::new(),
            data: None,
            levels: Vec::new(),
            nodes_max: NODES_MAX,
        }
    }
}

/// A component of the data or of the covariates: one number in each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Its name: `x`, `x[2]`.
    pub name: String,
    /// Its input in both graphs.
    pub input: InputId,
    /// The values that it can have.
    pub support: Support,
    /// The levels of a covariate that is a group.
    pub levels: Option<Levels>,
    /// The column that holds it, once bound.
    pub column: Option<String>,
    /// The position of its declared name; the components of a vector or matrix share it.
    pub declared: usize,
}

impl Component {
    /// Whether a row of data may have this value.
    #[must_use]
    pub fn contains(&self, x: f64) -> bool {
        match &self.levels {
            Some(levels) => levels.contains(x),
            None => self.support.contains(x),
        }
    }

    /// The level or number that a value of the component stands for.
    #[must_use]
    pub fn cell(&self, x: f64) -> Cell {
        self.levels.as_ref().map_or(Cell::Number(x), |levels| levels.cell(x))
    }

    /// The name with its support or levels, as in a declaration.
    #[must_use]
    pub fn declaration(&self) -> String {
        match &self.levels {
            Some(levels) => format!("{}{}", self.name, levels.declaration()),
            None => format!("{}{}", self.name, self.support),
        }
    }
}

/// A scalar that is estimated.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name: `mu`, `W[1,2]`.
    pub name: String,
    /// Its input in both graphs.
    pub input: InputId,
    /// The start value that the text declares.
    pub init: Option<f64>,
    /// The position of its block.
    pub block: usize,
}

/// The parameters of one declared name.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The declared name.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// The values that its entries can have.
    pub constraint: Constraint,
    /// Positions of its parameters. Those of a symmetric matrix are the entries `i <= j`, row by
    /// row.
    pub parameters: Range<usize>,
}

/// A model: an unnormalised log-density with the roles of its names.
#[derive(Clone, Debug)]
pub struct Model {
    ast: Arc<Ast>,
    settings: build::Settings,
    declared: Vec<Declared>,
    graph: Graph,
    log_density: ExprId,
    verbatim: Graph,
    verbatim_log_density: ExprId,
    data: Vec<Component>,
    covariates: Vec<Component>,
    parameters: Vec<Parameter>,
    blocks: Vec<Block>,
    /// Weights by data component.
    weights: Vec<Option<ExprId>>,
    /// Derivatives of the weights in their components, where the text gives them, by data
    /// component.
    weight_slopes: Vec<Option<ExprId>>,
    warnings: Vec<Diagnostic>,
}

impl Model {
    /// The model of a text without a data file. Among undeclared names, `x` is data and the others
    /// are parameters.
    ///
    /// # Errors
    /// All errors of the text; a syntax error alone.
    pub fn parse(text: &str) -> Result<Self, Errors> {
        Self::with(text, &Options::default())
    }

    /// The model of a text with options.
    ///
    /// # Errors
    /// All errors of the text and the options; a syntax error alone.
    pub fn with(text: &str, options: &Options<'_>) -> Result<Self, Errors> {
        let ast = crate::syntax::parse(text).map_err(|error| {
            let span = Some(error.span);
            Errors::one(Error { span, ..Error::nowhere(ErrorKind::Syntax(error)) })
        })?;
        build::build(Arc::new(ast), build::Settings::of(options))
    }

    /// The model of this text and its options, bound to the columns of a file.
    ///
    /// # Errors
    /// As for [`Model::with`].
    pub fn bind(&self, columns: &[&str], numeric: &[&str]) -> Result<Self, Errors> {
        build::build(Arc::clone(&self.ast), self.settings.on(columns, numeric))
    }

    /// The model bound to the columns of a file, with these levels of groups, by their names; see
    /// [`Options::levels`].
    ///
    /// # Errors
    /// As for [`Model::with`].
    ///
    /// # Examples
    /// ```
    /// use scorematch::Model;
    /// let model = Model::parse("param m[site], s > 0; normal_lpdf(x, m[site], s)")?;
    /// let levels = [("site".to_owned(), vec!["north".to_owned(), "south".to_owned()])];
    /// let bound = model.bind_levels(&["x", "site"], &["x"], &levels)?;
    /// assert_eq!(bound.parameters()[1].name, "m[south]");
    /// # Ok::<(), scorematch::model::Errors>(())
    /// ```
    pub fn bind_levels(
        &self,
        columns: &[&str],
        numeric: &[&str],
        levels: &[(String, Vec<String>)],
    ) -> Result<Self, Errors> {
        let settings = self.settings.on(columns, numeric).with_levels(levels);
        build::build(Arc::clone(&self.ast), settings)
    }

    /// The same model where groups have these levels.
    pub(crate) fn with_levels(&self, levels: &[(String, Vec<String>)]) -> Result<Self, Errors> {
        build::build(Arc::clone(&self.ast), self.settings.with_levels(levels))
    }

    /// The covariates, by position, that select a parameter with levels, each with its value in
    /// rows of the parameter's level. Empty for parameters that no group indexes.
    pub(crate) fn levels_of(&self, parameter: usize) -> Vec<(usize, f64)> {
        let block = &self.blocks[self.parameters[parameter].block];
        let declared = self.declared.iter().find(|one| one.name == block.name);
        let declared = declared.expect("each block comes from a declaration");
        if !declared.has_levels() {
            return Vec::new();
        }
        let (row, column) = declared.place(parameter - block.parameters.start);
        let known = |(side, place): (&Option<Side>, usize)| {
            let side = side.as_ref()?;
            let covariate = self.covariates.iter().position(|one| one.name == side.group)?;
            Some((covariate, side.levels.values().nth(place)?))
        };
        declared.sides.iter().zip([row, column]).filter_map(known).collect()
    }

    /// The covariates whose levels are the distinct values of their columns.
    pub fn groups(&self) -> impl Iterator<Item = &Component> {
        let from_column = |one: &&Component| one.levels.as_ref().is_some_and(Levels::from_column);
        self.covariates.iter().filter(from_column)
    }

    /// The text as parsed.
    #[must_use]
    pub fn ast(&self) -> &Ast {
        &self.ast
    }

    /// The statements of the text except declarations, in normalised spacing and without comments;
    /// a bare expression is written as `log p = …`.
    #[must_use]
    pub fn formulas(&self) -> Vec<String> {
        let told = |statement: &Statement| match &statement.kind {
            StatementKind::Declare(..) => None,
            StatementKind::Bare(value) => Some(format!("log p = {value}")),
            StatementKind::Const(..)
            | StatementKind::Let(..)
            | StatementKind::Def { .. }
            | StatementKind::Weight { .. }
            | StatementKind::LogDensity(_)
            | StatementKind::Energy(_) => Some(statement.to_string()),
        };
        self.ast.statements.iter().filter_map(told).collect()
    }

    /// The declarations of all names, also of those that the text does not declare.
    #[must_use]
    pub fn declarations(&self) -> String {
        let line = |role: Declarator| {
            let declared = self.declared.iter().filter(|declared| declared.role == role);
            let texts: Vec<String> = declared.map(Declared::text).collect();
            (!texts.is_empty()).then(|| format!("{role} {}", texts.join(", ")))
        };
        let roles = [Declarator::Data, Declarator::Covariate, Declarator::Param];
        roles.into_iter().filter_map(line).collect::<Vec<_>>().join("\n")
    }

    /// The canonical graph, which holds the log-density.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// log p up to a constant, canonical and stabilised.
    #[must_use]
    pub fn log_density(&self) -> ExprId {
        self.log_density
    }

    /// log p as written, for checks of its domain; the inputs are those of [`Model::graph`].
    #[must_use]
    pub fn verbatim(&self) -> (&Graph, ExprId) {
        (&self.verbatim, self.verbatim_log_density)
    }

    /// The components of the data, in which the score differentiates, in order.
    #[must_use]
    pub fn data(&self) -> &[Component] {
        &self.data
    }

    /// The components of the covariates, which are given, in order.
    #[must_use]
    pub fn covariates(&self) -> &[Component] {
        &self.covariates
    }

    /// The parameters, in order of declaration.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The declared names behind the parameters.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The weight that the text gives to a data component, by position: that of its name times that
    /// of all data, where both are given.
    #[must_use]
    pub fn weight(&self, component: usize) -> Option<ExprId> {
        self.weights.get(component).copied().flatten()
    }

    /// The derivative of that weight in the component, where the text gives it.
    #[must_use]
    pub fn weight_slope(&self, component: usize) -> Option<ExprId> {
        self.weight_slopes.get(component).copied().flatten()
    }

    /// The first weight statement of the text, with its place.
    #[must_use]
    pub fn weight_at(&self) -> Option<(String, Span)> {
        let is_weight = |kind: &StatementKind| matches!(kind, StatementKind::Weight { .. });
        let statement = self.ast.statements.iter().find(|one| is_weight(&one.kind))?;
        Some((statement.to_string(), statement.span))
    }

    /// The declared name of the scalar, vector or matrix of which a component is an entry.
    ///
    /// # Panics
    /// When the component is not one of this model.
    #[must_use]
    pub fn declared_name(&self, component: &Component) -> &str {
        &self.declared[component.declared].name
    }

    /// The place where the text declares a component, or first uses its name where nothing declares
    /// it.
    ///
    /// # Panics
    /// When the component is not one of this model.
    #[must_use]
    pub fn declared_at(&self, component: &Component) -> Span {
        self.declared[component.declared].span
    }

    /// Warnings and notes about the text.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The position of a parameter by name; for a symmetric matrix, `K[2,1]` is `K[1,2]`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<usize> {
        let find = |name: &str| self.parameters.iter().position(|p| p.name == name);
        find(name).or_else(|| {
            let (base, indices) = name.strip_suffix(']')?.rsplit_once('[')?;
            let (i, j) = indices.split_once(',')?;
            let block = self.blocks.iter().find(|block| block.name == base)?;
            let mirrored = format!("{base}[{},{}]", j.trim(), i.trim());
            block.constraint.is_symmetric().then(|| find(&mirrored))?
        })
    }

    /// The parameter with the name most similar to an unknown one.
    #[must_use]
    pub fn nearest_parameter(&self, name: &str) -> Option<&str> {
        nearest(name, self.parameters.iter().map(|parameter| parameter.name.as_str()))
    }
}
