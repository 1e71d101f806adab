//! Declarations: sizes, constraints and start values, all of which are constants.
//!
//! Promises the elaboration a table of every declared name with its shape, and that constraints and
//! start values are consistent.

use super::columns::Columns;
use super::constraint::{Constraint, Support};
use super::elaborate::{Binding, Elaborator};
use super::error::{Error, ErrorKind, NamingOption};
use super::levels::{Groups, Levels};
use super::names::{INFINITY, level_name};
use super::roles::Roles;
use super::shape::{packed, packed_places};
use super::{Shape, Value};
use crate::graph::{Graph, Number};
use crate::numerics::decimal::shortest;
use crate::source::Span;
use crate::source::nearest;
use crate::syntax::{
    Ast, ConstraintKind, Declaration, Declarator, Expr, ExprKind, Extent, Manifold, Name, Relation,
    StatementKind,
};

/// The group whose levels index one side of a parameter.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub group: String,
    pub levels: Levels,
}

/// A name with its role: declared, or implicit in the text.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    pub name: String,
    pub span: Span,
    pub role: Declarator,
    pub shape: Shape,
    /// The support of data and covariates.
    pub support: Support,
    /// The levels of a covariate that is a group.
    pub levels: Option<Levels>,
    /// The constraint of a parameter.
    pub constraint: Constraint,
    /// For parameters, the group of each side; `None` for a side whose size is a number.
    pub sides: Vec<Option<Side>>,
    /// Start values, one for each parameter.
    pub init: Option<Vec<f64>>,
    /// Columns, one for each component; empty until they are bound.
    pub columns: Vec<String>,
}

impl Declared {
    fn scalar(name: &str, span: Span, role: Declarator) -> Self {
        Self {
            name: name.to_owned(),
            span,
            role,
            shape: Shape::Scalar,
            support: Support::Line,
            levels: None,
            constraint: Constraint::Free,
            sides: Vec::new(),
            init: None,
            columns: Vec::new(),
        }
    }

    /// Name, size and constraint as in a declaration.
    pub fn text(&self) -> String {
        let side = |k: usize, size: usize| match self.sides.get(k) {
            Some(Some(side)) => quoted(&side.group),
            Some(None) | None => size.to_string(),
        };
        let size = match self.shape {
            Shape::Scalar => String::new(),
            Shape::Vector(n) if self.constraint.is_symmetric() => format!("[{}, 1]", side(0, n)),
            Shape::Vector(n) => format!("[{}]", side(0, n)),
            Shape::Matrix(rows, columns) => format!("[{}, {}]", side(0, rows), side(1, columns)),
        };
        let constraint = match (self.role, &self.levels) {
            (Declarator::Covariate, Some(levels)) => levels.declaration(),
            (Declarator::Data | Declarator::Covariate, _) => self.support.to_string(),
            (Declarator::Param, _) => self.constraint.suffix(),
        };
        format!("{}{size}{constraint}", self.spelled())
    }

    /// The name as in an expression: in backquotes where it needs them.
    pub fn spelled(&self) -> String {
        quoted(&self.name)
    }

    /// The row and the column, from zero, of the parameter at a position of the block.
    pub fn place(&self, position: usize) -> (usize, usize) {
        if self.constraint.is_symmetric() {
            let mut places = packed_places(self.shape.rows());
            return places.nth(position).expect("a position of the block is a place of the matrix");
        }
        (position / self.shape.columns(), position % self.shape.columns())
    }

    /// Whether a group indexes one of its sides.
    pub fn has_levels(&self) -> bool {
        self.sides.iter().any(Option::is_some)
    }
}

/// The name as in an expression: in backquotes where it needs them.
fn quoted(name: &str) -> String {
    Name { text: name.to_owned(), span: Span { start: 0, end: 0 } }.to_string()
}

/// All names with roles: the declared ones in order of the text, then the undeclared ones.
#[derive(Debug, Default)]
pub(super) struct Declarations {
    pub declared: Vec<Declared>,
    /// Names whose declaration has an error.
    pub poisoned: Vec<String>,
    pub errors: Vec<Error>,
}

/// Settings and columns that declarations depend on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'s> {
    pub constants: &'s [(String, f64)],
    pub columns: Option<&'s Columns<'s>>,
    pub groups: &'s Groups<'s>,
    pub nodes_max: usize,
}

/// Reads all declarations.
pub(super) fn declare<'a>(ast: &'a Ast, roles: &Roles<'a>, context: Context<'_>) -> Declarations {
    let mut reader = Reader {
        elaborator: Elaborator::new(Graph::new(), context.nodes_max),
        context,
        implicit_groups: roles.covariates.iter().map(|(name, _)| *name).collect(),
        alone: count_variables(ast) == 1,
        result: Declarations::default(),
    };
    check_constants(ast, context.constants, &mut reader.result.errors);
    for (list, role) in [
        (&roles.data, Declarator::Data),
        (&roles.covariates, Declarator::Covariate),
        (&roles.parameters, Declarator::Param),
    ] {
        for (name, _) in list {
            reader.elaborator.globals.insert(name, Binding::Varies(role_name(role)));
        }
    }
    ast.statements.iter().for_each(|statement| reader.statement(&statement.kind));
    let mut result = reader.result;
    result.errors.append(&mut reader.elaborator.errors);
    let undeclared = |list: &[(&str, Span)], role| {
        list.iter().map(|&(name, span)| Declared::scalar(name, span, role)).collect::<Vec<_>>()
    };
    let mut data = undeclared(&roles.data, Declarator::Data);
    if let (Some(column), Some(first)) = (&roles.only_column, data.first_mut()) {
        first.columns = vec![column.clone()];
    }
    let mut covariates = undeclared(&roles.covariates, Declarator::Covariate);
    covariates.iter_mut().for_each(|one| one.levels = context.groups.find(&one.name).cloned());
    let parameters = undeclared(&roles.parameters, Declarator::Param);
    let mut implicit = [data, covariates, parameters].concat();
    implicit.sort_by_key(|declared| declared.span);
    result.declared.append(&mut implicit);
    result
}

/// The value that `--const` gives a constant; the last one where there are several.
pub(super) fn overridden(constants: &[(String, f64)], name: &str) -> Option<Number> {
    let (_, value) = constants.iter().rev().find(|(constant, _)| constant == name)?;
    let magnitude = value.abs().to_string().parse().unwrap_or(Number::float(value.abs()));
    Some(if *value < 0.0 { -magnitude } else { magnitude })
}

fn check_constants(ast: &Ast, constants: &[(String, f64)], errors: &mut Vec<Error>) {
    let known = || {
        ast.statements.iter().filter_map(|statement| match &statement.kind {
            StatementKind::Const(name, _) => Some(name.text.as_str()),
            _ => None,
        })
    };
    for (name, value) in constants {
        if !known().any(|known| known == name) {
            let nearest = nearest(name, known()).map(str::to_owned);
            let option = NamingOption::Const;
            let kind = ErrorKind::UnknownInOption { option, name: name.clone(), nearest };
            errors.push(Error::nowhere(kind));
        } else if !value.is_finite() {
            let kind = ErrorKind::NotFinite { place: "a constant", value: *value };
            errors.push(Error::nowhere(kind));
        }
    }
}

fn count_variables(ast: &Ast) -> usize {
    let counts = ast.statements.iter().map(|statement| match &statement.kind {
        StatementKind::Declare(Declarator::Data | Declarator::Covariate, list) => list.len(),
        _ => 0,
    });
    counts.sum()
}

struct Reader<'a, 's> {
    elaborator: Elaborator<'a>,
    context: Context<'s>,
    /// Names that are the size of a parameter and that nothing declares.
    implicit_groups: Vec<&'a str>,
    /// Whether the text declares exactly one data or covariate name.
    alone: bool,
    result: Declarations,
}

impl<'a> Reader<'a, '_> {
    fn statement(&mut self, statement: &'a StatementKind) {
        match statement {
            StatementKind::Declare(role, list) => {
                list.iter().for_each(|declaration| self.declaration(*role, declaration));
            }
            StatementKind::Const(name, value) => {
                self.elaborator.place = "a `const`";
                let value = self.constant(name, value);
                let binding =
                    value.map_or(Binding::Poisoned, |value| Binding::Value(value, "a `const`"));
                self.elaborator.globals.insert(&name.text, binding);
            }
            StatementKind::Let(name, _) => self.varies(name, "a `let`"),
            StatementKind::Def { name, parameters, body } => {
                self.elaborator.define(name, parameters, body);
            }
            StatementKind::Weight { .. }
            | StatementKind::LogDensity(_)
            | StatementKind::Energy(_)
            | StatementKind::Bare(_) => {}
        }
    }

    fn constant(&mut self, name: &Name, value: &'a Expr) -> Option<Value> {
        match overridden(self.context.constants, &name.text) {
            Some(number) => Some(Value::scalar(self.elaborator.graph.number(number))),
            None => self.elaborator.expr(value),
        }
    }

    fn varies(&mut self, name: &'a Name, what: &'static str) {
        self.elaborator.globals.insert(&name.text, Binding::Varies(what));
    }

    fn declaration(&mut self, role: Declarator, declaration: &'a Declaration) {
        match self.declared(role, declaration) {
            Some(declared) => self.result.declared.push(declared),
            None => self.result.poisoned.push(declaration.name.text.clone()),
        }
        self.varies(&declaration.name, role_name(role));
    }

    fn declared(&mut self, role: Declarator, declaration: &'a Declaration) -> Option<Declared> {
        let name = &declaration.name;
        let (shape, sides) = self.shape(role, declaration)?;
        let scalar = Declared::scalar(&name.text, name.span, role);
        let mut declared = Declared { shape, sides, ..scalar };
        self.constrain(&mut declared, declaration)?;
        if role == Declarator::Covariate && declared.levels.is_none() {
            declared.levels = self.context.groups.find(&name.text).cloned();
        }
        if let Some(init) = &declaration.init {
            if role != Declarator::Param {
                let name = name.text.clone();
                return self.elaborator.fail(init.span, ErrorKind::InitOfData { name });
            }
            declared.init = Some(self.init(&declared, init)?);
        }
        Some(declared)
    }

    /// The shape, and the group of each side that is indexed by levels.
    fn shape(
        &mut self,
        role: Declarator,
        declaration: &'a Declaration,
    ) -> Option<(Shape, Vec<Option<Side>>)> {
        self.elaborator.place = "a size";
        let (mut sizes, mut sides) = (Vec::new(), Vec::new());
        for extent in &declaration.shape {
            let side = match extent {
                Extent::Size(size) if role == Declarator::Param => self.group(size)?,
                Extent::Size(_) | Extent::Columns(_) => None,
            };
            sizes.push(match (extent, &side) {
                (_, Some(side)) => side.levels.labels().len(),
                (Extent::Size(size), None) => self.elaborator.size(size)?,
                (Extent::Columns(span), None) => {
                    self.size_from_columns(role, declaration, *span)?
                }
            });
            sides.push(side);
        }
        let shape = match *sizes {
            [] => Shape::Scalar,
            [n] => Shape::Vector(n),
            [rows, columns, ..] => Shape::matrix(rows, columns),
        };
        let entries = shape.rows() as u128 * shape.columns() as u128;
        self.elaborator.afford(entries, declaration.span)?;
        Some((shape, sides))
    }

    /// The group that a size names: `Some(None)` where it names none, `None` after an error.
    fn group(&mut self, size: &'a Expr) -> Option<Option<Side>> {
        let ExprKind::Name(name) = &size.kind else { return Some(None) };
        let side = |levels: &Levels| Side { group: name.clone(), levels: levels.clone() };
        let known = self.result.declared.iter().find(|one| one.name == *name);
        let kind = match known.map(|one| (one.role, one.shape, &one.levels)) {
            Some((Declarator::Covariate, Shape::Scalar, Some(levels))) => {
                return Some(Some(side(levels)));
            }
            Some((Declarator::Covariate | Declarator::Data, ..)) => {
                ErrorKind::NotAGroup { name: name.clone() }
            }
            None if self.implicit_groups.contains(&name.as_str()) => {
                return Some(self.context.groups.find(name).map(side));
            }
            Some((Declarator::Param, ..)) | None => return Some(None),
        };
        self.elaborator.fail(size.span, kind)
    }

    fn size_from_columns(
        &mut self,
        role: Declarator,
        declaration: &Declaration,
        span: Span,
    ) -> Option<usize> {
        let name = &declaration.name.text;
        let columns = self.context.columns.filter(|_| declaration.shape.len() == 1);
        let size = columns.and_then(|columns| columns.size_of(name, self.alone));
        if let (Declarator::Data | Declarator::Covariate, Some(size)) = (role, size) {
            return Some(size);
        }
        let kind = ErrorKind::SizeFromColumns { name: name.clone(), bound: columns.is_some() };
        self.elaborator.fail(span, kind)
    }

    fn constrain(&mut self, declared: &mut Declared, declaration: &'a Declaration) -> Option<()> {
        let Some(constraint) = &declaration.constraint else { return Some(()) };
        let text = constraint.to_string();
        match &constraint.kind {
            ConstraintKind::Bound(relation, bound) => {
                let bound = self.bound(bound)?;
                let (low, high) = match relation {
                    Relation::Greater | Relation::GreaterEqual => (bound, f64::INFINITY),
                    Relation::Less | Relation::LessEqual => (f64::NEG_INFINITY, bound),
                    // The grammar has no constraint with these relations.
                    Relation::Equal | Relation::NotEqual => return Some(()),
                };
                self.interval(declared, constraint.span, low, high)
            }
            ConstraintKind::Interval { low, high, .. } => {
                let (low, high) = (self.bound(low), self.bound(high));
                self.interval(declared, constraint.span, low?, high?)
            }
            ConstraintKind::Set(entries) if declared.role == Declarator::Covariate => {
                self.listed(declared, constraint.span, entries, text)
            }
            ConstraintKind::Set(entries) => match entries.as_slice() {
                [a, b] => {
                    let ends = (self.bound(a), self.bound(b));
                    self.pair(declared, constraint.span, (ends.0?, ends.1?), text)
                }
                _ => self.group_only(declared, constraint.span, text),
            },
            ConstraintKind::Range(first, last) => {
                self.elaborator.place = "a level";
                let ends = (
                    self.elaborator.integer(first, "a level"),
                    self.elaborator.integer(last, "a level"),
                );
                self.levels(declared, constraint.span, (ends.0?, ends.1?), text)
            }
            ConstraintKind::On(manifold) => {
                let support = match manifold {
                    Manifold::Sphere => Support::Sphere,
                    Manifold::Simplex => Support::Simplex,
                    Manifold::Circle => Support::Circle,
                };
                self.support(declared, support, constraint.span, text)
            }
            ConstraintKind::Symmetric => {
                self.structure(declared, Constraint::Symmetric, constraint.span, text)
            }
            ConstraintKind::Posdef => {
                self.structure(declared, Constraint::Posdef, constraint.span, text)
            }
            ConstraintKind::Simplex => {
                self.structure(declared, Constraint::Simplex, constraint.span, text)
            }
            ConstraintKind::Ordered => {
                self.structure(declared, Constraint::Ordered, constraint.span, text)
            }
        }
    }

    /// One of two values.
    fn pair(
        &mut self,
        declared: &mut Declared,
        span: Span,
        (first, second): (f64, f64),
        constraint: String,
    ) -> Option<()> {
        if ![(0.0, 1.0), (-1.0, 1.0)].contains(&(first, second)) {
            return self.elaborator.fail(span, ErrorKind::BadPair { first, second });
        }
        self.support(declared, Support::Binary(first, second), span, constraint)
    }

    /// What a covariate can be: one of two numbers, or one of the levels of a group, each of them a name
    /// or a number.
    fn listed(
        &mut self,
        declared: &mut Declared,
        span: Span,
        entries: &'a [Expr],
        constraint: String,
    ) -> Option<()> {
        let mut labels: Vec<String> = Vec::with_capacity(entries.len());
        let mut numbers = Vec::new();
        for entry in entries {
            let is_level = |name: &&str| match self.elaborator.globals.get(*name) {
                Some(Binding::Value(..) | Binding::Poisoned) => false,
                Some(Binding::Varies(_) | Binding::Group) | None => true,
            };
            let label = match level_name(entry).filter(is_level) {
                Some(name) => name.to_owned(),
                None => {
                    let number = self.bound(entry)?;
                    numbers.push(number);
                    shortest(number)
                }
            };
            if let Some(place) = labels.iter().position(|one| *one == label) {
                let kind = ErrorKind::Duplicate { name: label, first: entries[place].span };
                return self.elaborator.fail(entry.span, kind);
            }
            labels.push(label);
        }
        match *numbers {
            [first, second] if entries.len() == 2 => {
                self.pair(declared, span, (first, second), constraint)
            }
            _ if declared.shape != Shape::Scalar => self.group_only(declared, span, constraint),
            _ => {
                declared.levels = Some(Levels::listed(labels));
                Some(())
            }
        }
    }

    /// A constraint by which a covariate is a group stands elsewhere.
    fn group_only(&mut self, declared: &Declared, span: Span, constraint: String) -> Option<()> {
        let help =
            "its levels are those of a group: `param m[g]` has one entry for each".to_owned();
        let needed = "a covariate that is one number";
        self.not_applicable(declared, span, constraint, needed, Some(help))
    }

    /// Declares the integers from `first` to `last` as the levels of a covariate.
    fn levels(
        &mut self,
        declared: &mut Declared,
        span: Span,
        (first, last): (i64, i64),
        constraint: String,
    ) -> Option<()> {
        if last < first {
            return self.elaborator.fail(span, ErrorKind::EmptyRange { from: first, to: last });
        }
        if declared.role != Declarator::Covariate || declared.shape != Shape::Scalar {
            return self.group_only(declared, span, constraint);
        }
        self.elaborator.afford(u128::from(last.abs_diff(first)), span)?;
        declared.levels = Some(Levels::whole(first, last));
        Some(())
    }

    /// The value of a bound, in which `inf` is a number.
    fn bound(&mut self, expr: &'a Expr) -> Option<f64> {
        self.elaborator.place = "a bound";
        let infinity = self.elaborator.graph.number(Number::float(f64::INFINITY));
        let infinity = Value::scalar(infinity);
        let value = self.elaborator.with_local(INFINITY, infinity, |this| this.expr(expr))?;
        let id = self.elaborator.scalar("a bound", expr, &value, None)?;
        let bound = self.elaborator.constant(expr, id, "a bound")?;
        if bound.is_nan() {
            let kind = ErrorKind::NotFinite { place: "a bound", value: bound };
            return self.elaborator.fail(expr.span, kind);
        }
        Some(bound)
    }

    fn interval(&mut self, declared: &mut Declared, span: Span, low: f64, high: f64) -> Option<()> {
        if low >= high || low == f64::INFINITY || high == f64::NEG_INFINITY {
            return self.elaborator.fail(span, ErrorKind::EmptyInterval { low, high });
        }
        match declared.role {
            Declarator::Param => declared.constraint = Constraint::interval(low, high),
            Declarator::Data | Declarator::Covariate => {
                declared.support = Support::interval(low, high);
            }
        }
        Some(())
    }

    fn support(
        &mut self,
        declared: &mut Declared,
        support: Support,
        span: Span,
        constraint: String,
    ) -> Option<()> {
        let (needed, fits) = match support {
            Support::Sphere | Support::Simplex => {
                let fits = matches!(declared.shape, Shape::Vector(n) if n >= 2);
                ("data that is a vector of 2 or more", fits)
            }
            _ => ("data", true),
        };
        if declared.role == Declarator::Param || !fits {
            let help = (support == Support::Simplex && declared.role == Declarator::Param)
                .then(|| "of a parameter, write `simplex`".to_owned());
            return self.not_applicable(declared, span, constraint, needed, help);
        }
        declared.support = support;
        Some(())
    }

    fn structure(
        &mut self,
        declared: &mut Declared,
        constraint: Constraint,
        span: Span,
        text: String,
    ) -> Option<()> {
        let shape = declared.shape;
        let (needed, fits) = match constraint {
            Constraint::Symmetric | Constraint::Posdef => (
                "a parameter that is a square matrix",
                shape != Shape::Scalar && shape.rows() == shape.columns(),
            ),
            Constraint::Simplex => (
                "a parameter that is a vector of 2 or more",
                matches!(shape, Shape::Vector(n) if n >= 2),
            ),
            _ => ("a parameter that is a vector", matches!(shape, Shape::Vector(_))),
        };
        if declared.role != Declarator::Param || !fits {
            let help = (constraint == Constraint::Simplex && declared.role != Declarator::Param)
                .then(|| "of data, write `on simplex`".to_owned());
            return self.not_applicable(declared, span, text, needed, help);
        }
        declared.constraint = constraint;
        Some(())
    }

    fn not_applicable(
        &mut self,
        declared: &Declared,
        span: Span,
        constraint: String,
        needed: &'static str,
        help: Option<String>,
    ) -> Option<()> {
        let found = format!("{}, {}", role_name(declared.role), declared.shape);
        let name = declared.name.clone();
        self.elaborator.fail(
            span,
            ErrorKind::ConstraintNotApplicable { constraint, name, needed, found, help },
        )
    }

    /// The start values, one for each parameter; a scalar fits every shape.
    fn init(&mut self, declared: &Declared, expr: &'a Expr) -> Option<Vec<f64>> {
        self.elaborator.place = "a start value";
        let value = self.elaborator.expr(expr)?;
        if value.shape != Shape::Scalar && value.shape != declared.shape {
            let operation = format!("the start value of `{}`", declared.name);
            let needed = "a scalar or the declared shape";
            return self.elaborator.wrong_shape(&operation, needed, expr, value.shape, None);
        }
        let mut entries = Vec::with_capacity(declared.shape.len());
        for k in 0..value.ids.len() {
            entries.push(self.elaborator.constant(expr, value.ids[k], "a start value")?);
        }
        entries.resize(declared.shape.len(), entries[0]);
        let values = pack(declared, &entries);
        if values.as_ref().is_some_and(|values| declared.constraint.admits(declared.shape, values))
        {
            return values;
        }
        let kind = ErrorKind::OutsideConstraint {
            name: declared.name.clone(),
            value: (declared.shape == Shape::Scalar).then_some(entries[0]),
            constraint: declared.constraint.to_string(),
        };
        self.elaborator.fail(expr.span, kind)
    }
}

/// The name of a role in messages.
pub(super) fn role_name(role: Declarator) -> &'static str {
    match role {
        Declarator::Data => "data",
        Declarator::Covariate => "a covariate",
        Declarator::Param => "a parameter",
    }
}

/// The values of the parameters, given all entries; `None` where the constraint asks for a
/// symmetric matrix and the entries are not symmetric.
pub(super) fn pack(declared: &Declared, entries: &[f64]) -> Option<Vec<f64>> {
    if !declared.constraint.is_symmetric() {
        return Some(entries.to_vec());
    }
    let n = declared.shape.rows();
    let symmetric = packed_places(n).all(|(i, j)| entries[i * n + j] == entries[j * n + i]);
    symmetric.then(|| packed_places(n).map(|(i, j)| entries[i * n + j]).collect())
}

/// All entries of a shape, given those of the parameters.
pub(super) fn unpack<T: Copy>(declared: &Declared, values: &[T]) -> Vec<T> {
    if !declared.constraint.is_symmetric() {
        return values.to_vec();
    }
    let n = declared.shape.rows();
    let places = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
    places.map(|(i, j)| values[packed(n, i, j)]).collect()
}
