//! A model: names with roles, shapes and constraints, and the log-density in a graph.
//!
//! Holds what the text means: [`Model::parse`] resolves names, reads declarations, binds
//! columns and elaborates the log-density. Promises: every name has a role, shapes fit, every
//! index is in range, all errors of a text are reported at once with their places; the canonical
//! and the verbatim graph have the same inputs in the same order. Deliberately not known here:
//! rows of data, derivatives, objectives.
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
mod functions;
mod group;
mod index;
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
mod transform;
mod valueless;
mod walk;
mod warn;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use crate::graph::{ExprId, Graph, InputId};
use crate::source::{Diagnostic, Span, nearest};
use crate::syntax::{Ast, Declarator, Statement, StatementKind};

pub use assign::assignments;
pub use constraint::{Constraint, Support};
pub use domain::{Domain, Off};
pub use error::{Error, ErrorKind, Errors, NamingOption, Operand};
pub use estimand::{Estimands, Hypotheses};
pub use functions::{FunctionEntry, functions};
pub use group::Group;
pub use levels::{Cell, Levels};
pub use prelude::{DensityEntry, densities};
pub use shape::Shape;
pub use transform::Transform;

use declare::{Declared, Side};
use shape::Value;

/// The default of [`Options::nodes_max`].
pub const NODES_MAX: usize = 4_000_000;

/// What a text leaves open: columns of a file, and what the command line says.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// The names of all columns of the file; `None` without one.
    pub columns: Option<&'a [&'a str]>,
    /// The names of the numeric ones, in order.
    pub numeric: &'a [&'a str],
    /// `--map x=height,width`: the columns of a declared name.
    pub map: Vec<(String, Vec<String>)>,
    /// `--const d=5`: overrides the text.
    pub constants: Vec<(String, f64)>,
    /// `--data x,y`: which undeclared names are data.
    pub data: Option<Vec<String>>,
    /// By the name of a group, the distinct values of its column, in order: [`Model::groups`] says
    /// which are asked for.
    pub levels: Vec<(String, Vec<String>)>,
    /// Most nodes that a text may elaborate to.
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

/// One number of the data, or of what the data are conditional on.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// `x`, `x[2]`.
    pub name: String,
    /// Its input in both graphs.
    pub input: InputId,
    /// Where it can be.
    pub support: Support,
    /// Of a covariate that is a group, what it can be.
    pub levels: Option<Levels>,
    /// The column that holds it, once bound.
    pub column: Option<String>,
    /// Components of one declared name share this number.
    pub group: usize,
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

    /// What a value of the component says of its row.
    #[must_use]
    pub fn cell(&self, x: f64) -> Cell {
        self.levels.as_ref().map_or(Cell::Number(x), |levels| levels.cell(x))
    }

    /// The declaration of the name, with its support or levels.
    #[must_use]
    pub fn declaration(&self) -> String {
        match &self.levels {
            Some(levels) => format!("{}{}", self.name, levels.declaration()),
            None => format!("{}{}", self.name, self.support),
        }
    }
}

/// One number to be estimated.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// `mu`, `W[1,2]`.
    pub name: String,
    /// Its input in both graphs.
    pub input: InputId,
    /// The declared start value.
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
    /// Where its entries can be.
    pub constraint: Constraint,
    /// Its parameters; of a symmetric matrix the entries `i <= j`, row by row.
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
    /// One a data component.
    weights: Vec<Option<ExprId>>,
    /// The derivative of the weight by its component where the text gives it, one a data component.
    weight_slopes: Vec<Option<ExprId>>,
    warnings: Vec<Diagnostic>,
}

impl Model {
    /// The model of a text without a data file: of undeclared names, `x` is data and the others
    /// are parameters.
    ///
    /// # Errors
    /// All that is wrong with the text; a syntax error alone.
    pub fn parse(text: &str) -> Result<Self, Errors> {
        Self::with(text, &Options::default())
    }

    /// The model of a text with options.
    ///
    /// # Errors
    /// All that is wrong with the text and the options; a syntax error alone.
    pub fn with(text: &str, options: &Options<'_>) -> Result<Self, Errors> {
        let ast = crate::syntax::parse(text).map_err(|error| {
            let span = Some(error.span);
            Errors::one(Error { span, ..Error::nowhere(ErrorKind::Syntax(error)) })
        })?;
        let columns = options.columns.map(|all| (all, options.numeric));
        build::build(Arc::new(ast), build::Settings::of(options), columns)
    }

    /// The same text and options for the columns of a file.
    ///
    /// # Errors
    /// As for [`Model::with`].
    pub fn bind(&self, columns: &[&str], numeric: &[&str]) -> Result<Self, Errors> {
        build::build(Arc::clone(&self.ast), self.settings.clone(), Some((columns, numeric)))
    }

    /// The same where groups have these levels, by their names; see [`Options::levels`].
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
        let settings = self.settings.with_levels(levels);
        build::build(Arc::clone(&self.ast), settings, Some((columns, numeric)))
    }

    /// What the row of an entry is known by, where a group indexes the parameter: positions among the
    /// covariates with their values. Empty for other parameters.
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

    /// The statements of the text but its declarations, as they were written but for blanks and remarks;
    /// an expression alone is told as what it is, log p.
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

    /// The roles as statements of the language, explicit where the text leaves them implicit.
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

    /// The graph that holds the log-density in canonical form.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// log p up to a constant, canonical and stabilised.
    #[must_use]
    pub fn log_density(&self) -> ExprId {
        self.log_density
    }

    /// log p as written, for checks of its domain; inputs are those of [`Model::graph`].
    #[must_use]
    pub fn verbatim(&self) -> (&Graph, ExprId) {
        (&self.verbatim, self.verbatim_log_density)
    }

    /// What the score differentiates, in order.
    #[must_use]
    pub fn data(&self) -> &[Component] {
        &self.data
    }

    /// What is given and never differentiated, in order.
    #[must_use]
    pub fn covariates(&self) -> &[Component] {
        &self.covariates
    }

    /// What is estimated, in order of declaration.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The declared names behind the parameters.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The weight that the text gives to a data component, by its position: that of its own name
    /// times that of all data, where both are given.
    #[must_use]
    pub fn weight(&self, component: usize) -> Option<ExprId> {
        self.weights.get(component).copied().flatten()
    }

    /// The derivative of that weight by the component, where the text gives it.
    #[must_use]
    pub fn weight_slope(&self, component: usize) -> Option<ExprId> {
        self.weight_slopes.get(component).copied().flatten()
    }

    /// The first weight of the text: the statement as written, and where it stands.
    #[must_use]
    pub fn weight_at(&self) -> Option<(String, Span)> {
        let is_weight = |kind: &StatementKind| matches!(kind, StatementKind::Weight { .. });
        let statement = self.ast.statements.iter().find(|one| is_weight(&one.kind))?;
        Some((statement.to_string(), statement.span))
    }

    /// The name in the text of the scalar, vector or matrix that a component is an entry of.
    ///
    /// # Panics
    /// When the component is not one of this model.
    #[must_use]
    pub fn declared_name(&self, component: &Component) -> &str {
        &self.declared[component.group].name
    }

    /// Where the text declares a component, or uses its name first where it declares nothing.
    ///
    /// # Panics
    /// When the component is not one of this model.
    #[must_use]
    pub fn declared_at(&self, component: &Component) -> Span {
        self.declared[component.group].span
    }

    /// Doubts and notes about the text.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The position of a parameter by name; of a symmetric matrix, `K[2,1]` is `K[1,2]`.
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

    /// The parameter that a reader would take an unknown name for.
    #[must_use]
    pub fn nearest_parameter(&self, name: &str) -> Option<&str> {
        nearest(name, self.parameters.iter().map(|parameter| parameter.name.as_str()))
    }
}
