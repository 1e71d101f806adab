//! Resolution of names: declarations, uses before them, and undeclared names.
//!
//! Promises the elaboration that calls suit their functions, that definitions do not recurse, and
//! every undeclared name with its first place. Deliberately not known here: which of these are
//! data.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::elaborate::{ERRORS_MAX, ungrouped};
use super::error::{Error, ErrorKind};
use super::functions::{self, functions};
use super::prelude::{self, DensityEntry, densities};
use super::walk::{call_of, find_name, names_in_index, walk};
use crate::source::Span;
use crate::source::nearest;
use crate::syntax::{
    Ast, ConstraintKind, Declaration, Declarator, Expr, ExprKind, Extent, Name, Statement,
    StatementKind,
};

/// The name of the infinite ends of an interval, known in constraints only.
pub(super) const INFINITY: &str = "inf";

/// The names of a text.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    /// Names without a declaration, in order of first appearance.
    pub undeclared: Vec<(&'a str, Span)>,
    /// Whether there is a `data` statement, so that roles are explicit.
    pub declares_data: bool,
    /// Whether there is a `param` statement.
    pub declares_parameters: bool,
    /// Every declared variable with its place, in order of the text.
    pub declared: Vec<(&'a str, Span)>,
    pub errors: Vec<Error>,
    places: HashMap<&'a str, Span>,
    /// Place and parameters of each definition.
    definitions: HashMap<&'a str, (Span, &'a [Name])>,
    /// Names that are the size of a parameter.
    sizes: BTreeSet<&'a str>,
    constants: HashSet<&'a str>,
    /// Parameters with such a size, whose entries may be indexed by names of levels.
    labelled: HashSet<&'a str>,
    /// Places of names in an index of such a parameter.
    label_places: HashSet<Span>,
    visible: HashSet<&'a str>,
    callable: HashSet<&'a str>,
    /// Each `let` and each `def` that contains a density without its normalising constant, with the
    /// first such density.
    unnormalised_lets: HashMap<&'a str, &'static str>,
    unnormalised_definitions: HashMap<&'a str, &'static str>,
    /// For each `def`, the positions of the arguments that become parts of a mixture.
    mixed_arguments: HashMap<&'a str, Vec<usize>>,
    seen: HashSet<&'a str>,
    calls_of_unknown: Vec<(&'a str, Span)>,
    log_density: Option<Span>,
}

/// Resolves the names of a model.
pub(super) fn resolve(ast: &Ast) -> Names<'_> {
    let mut names = Names::default();
    ast.statements.iter().for_each(|statement| names.collect(statement));
    ast.statements.iter().for_each(|statement| names.check(statement));
    if names.log_density.is_none() {
        names.errors.push(Error::nowhere(ErrorKind::NoLogDensity));
    }
    names.report_unknown_calls();
    names
}

/// The errors about names in an expression without a scope, in which no name is declared.
pub(super) fn resolve_alone(expr: &Expr) -> Vec<Error> {
    let mut names = Names::default();
    names.uses(expr, &[]);
    names.report_unknown_calls();
    let unknown = |&(name, span): &(&str, Span)| {
        let culprit = Some((name.to_owned(), "not a number"));
        Error::at(span, ErrorKind::NotConstant { place: "a value", culprit })
    };
    names.errors.extend(names.undeclared.iter().map(unknown));
    names.errors
}

/// The errors about calls in an expression that may call the definitions of a model without errors.
pub(super) fn wrong_calls<'a>(ast: &'a Ast, expr: &'a Expr) -> Vec<Error> {
    let mut names = resolve(ast);
    names.uses(expr, &[]);
    names.report_unknown_calls();
    names.errors
}

/// The name that stands alone as an entry of a set: of the levels of a covariate it is one, unless a
/// constant has it.
pub(super) fn level_name(entry: &Expr) -> Option<&str> {
    match &ungrouped(entry).kind {
        ExprKind::Name(name) => Some(name),
        _ => None,
    }
}

impl<'a> Names<'a> {
    fn fail(&mut self, span: Span, kind: ErrorKind) {
        if self.errors.len() <= ERRORS_MAX {
            self.errors.push(Error::at(span, kind));
        }
    }

    /// First pass: collects all declarations, so that an error about an earlier use can point to
    /// them.
    fn collect(&mut self, statement: &'a Statement) {
        match &statement.kind {
            StatementKind::Declare(declarator, list) => {
                match declarator {
                    Declarator::Data => self.declares_data = true,
                    Declarator::Param => self.declares_parameters = true,
                    Declarator::Covariate => {}
                }
                list.iter().for_each(|declaration| self.collect_variable(&declaration.name));
                if *declarator == Declarator::Param {
                    list.iter().for_each(|declaration| self.collect_sizes(declaration));
                }
            }
            StatementKind::Const(name, _) => {
                self.constants.insert(&name.text);
                self.collect_variable(name);
            }
            StatementKind::Let(name, _) => self.collect_variable(name),
            StatementKind::Def { name, parameters, .. } => self.collect_function(name, parameters),
            StatementKind::Weight { .. } => {}
            StatementKind::LogDensity(_) | StatementKind::Energy(_) | StatementKind::Bare(_) => {
                match self.log_density {
                    Some(first) => self.fail(statement.span, ErrorKind::TwoLogDensities { first }),
                    None => self.log_density = Some(statement.span),
                }
            }
        }
    }

    fn collect_variable(&mut self, name: &'a Name) {
        match self.places.get(name.text.as_str()) {
            Some(&first) => {
                let kind = ErrorKind::Duplicate { name: name.text.clone(), first };
                self.fail(name.span, kind);
            }
            None => {
                self.places.insert(&name.text, name.span);
                self.declared.push((&name.text, name.span));
            }
        }
    }

    /// A size that is a single name is a constant or a group.
    fn collect_sizes(&mut self, declaration: &'a Declaration) {
        for extent in &declaration.shape {
            let Extent::Size(Expr { kind: ExprKind::Name(size), .. }) = extent else { continue };
            self.sizes.insert(size);
            self.labelled.insert(&declaration.name.text);
        }
    }

    /// The groups: names that are the size of a parameter and no constants.
    pub fn groups(&self) -> impl Iterator<Item = &'a str> {
        self.sizes.iter().copied().filter(|name| !self.constants.contains(name))
    }

    /// Whether a name is a group: the size of a parameter and no constant.
    pub fn is_group(&self, name: &str) -> bool {
        self.sizes.contains(name) && !self.constants.contains(name)
    }

    fn collect_function(&mut self, name: &'a Name, parameters: &'a [Name]) {
        if functions::find(&name.text).is_some() {
            self.fail(name.span, ErrorKind::RedefinedBuiltin { name: name.text.clone() });
        }
        match self.definitions.get(name.text.as_str()) {
            Some(&(first, _)) => {
                let kind = ErrorKind::Duplicate { name: name.text.clone(), first };
                self.fail(name.span, kind);
            }
            None => drop(self.definitions.insert(&name.text, (name.span, parameters))),
        }
        for (position, parameter) in parameters.iter().enumerate() {
            if let Some(first) = parameters[..position].iter().find(|p| p.text == parameter.text) {
                let kind = ErrorKind::Duplicate { name: parameter.text.clone(), first: first.span };
                self.fail(parameter.span, kind);
            }
        }
    }

    /// Second pass: checks every use, in order of the text.
    fn check(&mut self, statement: &'a Statement) {
        match &statement.kind {
            StatementKind::Declare(role, list) => {
                list.iter().for_each(|declaration| self.check_declaration(*role, declaration));
            }
            StatementKind::Const(name, value) | StatementKind::Let(name, value) => {
                self.uses(value, &[]);
                if let Some(density) = self.unnormalised(value) {
                    self.unnormalised_lets.insert(&name.text, density);
                }
                self.visible.insert(&name.text);
            }
            StatementKind::Def { name, parameters, body } => {
                let bound: Vec<&str> = parameters.iter().map(|p| p.text.as_str()).collect();
                if let Some(span) = call_of(body, &name.text) {
                    self.fail(span, ErrorKind::Recursive { name: name.text.clone() });
                    self.callable.insert(&name.text);
                }
                self.uses(body, &bound);
                if let Some(density) = self.unnormalised(body) {
                    self.unnormalised_definitions.insert(&name.text, density);
                }
                self.mixed_arguments.insert(&name.text, self.mixed(parameters, body));
                self.callable.insert(&name.text);
            }
            StatementKind::Weight { value, gradient, .. } => {
                self.uses(value, &[]);
                gradient.iter().for_each(|gradient| self.uses(gradient, &[]));
            }
            StatementKind::LogDensity(value)
            | StatementKind::Energy(value)
            | StatementKind::Bare(value) => self.uses(value, &[]),
        }
    }

    fn check_declaration(&mut self, role: Declarator, declaration: &'a Declaration) {
        for extent in &declaration.shape {
            match extent {
                Extent::Size(size) => self.uses(size, &[]),
                Extent::Columns(_) => {}
            }
        }
        match declaration.constraint.as_ref().map(|constraint| &constraint.kind) {
            Some(ConstraintKind::Bound(_, bound)) => self.uses(bound, &[INFINITY]),
            Some(
                ConstraintKind::Interval { low: a, high: b, .. } | ConstraintKind::Range(a, b),
            ) => {
                self.uses(a, &[INFINITY]);
                self.uses(b, &[INFINITY]);
            }
            Some(ConstraintKind::Set(entries)) => {
                let level = |expr: &&Expr| {
                    role == Declarator::Covariate
                        && level_name(expr).is_some_and(|name| !self.constants.contains(name))
                };
                let numbers: Vec<&Expr> = entries.iter().filter(|one| !level(one)).collect();
                numbers.into_iter().for_each(|one| self.uses(one, &[INFINITY]));
            }
            Some(
                ConstraintKind::On(_)
                | ConstraintKind::Symmetric
                | ConstraintKind::Posdef
                | ConstraintKind::Simplex
                | ConstraintKind::Ordered,
            )
            | None => {}
        }
        if let Some(init) = &declaration.init {
            self.uses(init, &[]);
        }
        self.visible.insert(&declaration.name.text);
    }

    fn uses(&mut self, expr: &'a Expr, bound: &[&'a str]) {
        walk(expr, &mut bound.to_vec(), &mut |expr, bound| match &expr.kind {
            ExprKind::Name(name) if !bound.contains(&name.as_str()) => {
                self.use_variable(name, expr.span);
            }
            ExprKind::Index(..) => self.note_labels(expr),
            ExprKind::Call { function, generators, arguments } => {
                self.use_function(function, !generators.is_empty(), arguments.len(), expr.span);
                let parts = self.parts(&function.text, arguments);
                parts.into_iter().for_each(|part| self.check_part(part));
            }
            _ => {}
        });
    }

    /// Records names in the index of a parameter with levels: they may be names of levels.
    fn note_labels(&mut self, expr: &Expr) {
        let Some((base, names)) = names_in_index(expr) else { return };
        if self.labelled.contains(base) {
            self.label_places.extend(names.into_iter().map(|name| name.span));
        }
    }

    fn use_variable(&mut self, name: &'a str, span: Span) {
        let may_be_level = self.label_places.contains(&span) && !self.is_group(name);
        if may_be_level && !self.places.contains_key(name) {
            return;
        }
        if self.visible.contains(name) || !self.seen.insert(name) {
            return;
        }
        match self.places.get(name) {
            Some(&declared) => {
                let name = name.to_owned();
                self.fail(span, ErrorKind::UsedBeforeDeclaration { name, declared });
            }
            None => self.undeclared.push((name, span)),
        }
    }

    fn use_function(&mut self, function: &'a Name, generated: bool, found: usize, span: Span) {
        let name = function.text.as_str();
        if let Some(&(declared, parameters)) = self.definitions.get(name) {
            if !self.callable.contains(name) {
                let kind = ErrorKind::UsedBeforeDeclaration { name: name.to_owned(), declared };
                return self.fail(function.span, kind);
            }
            return self.check_definition_call(function, parameters, generated, found, span);
        }
        let Some(entry) = functions::find(name) else {
            if let Some(density) = prelude::find(name) {
                let parameters = density.parameters;
                return self.check_definition_call(function, parameters, generated, found, span);
            }
            return self.calls_of_unknown.push((name, function.span));
        };
        if generated && !entry.reduces {
            self.fail(function.span, ErrorKind::NotAReduction { function: name.to_owned() });
        } else if !generated && !entry.takes(found) {
            let usage = entry.usage.to_owned();
            self.fail(span, ErrorKind::ArgumentCount { function: name.to_owned(), usage, found });
        }
    }

    fn check_definition_call(
        &mut self,
        function: &Name,
        parameters: &[Name],
        generated: bool,
        found: usize,
        span: Span,
    ) {
        let name = function.text.clone();
        if generated {
            return self.fail(function.span, ErrorKind::NotAReduction { function: name });
        }
        if found != parameters.len() {
            let list: Vec<&str> = parameters.iter().map(|p| p.text.as_str()).collect();
            let usage = format!("{name}({})", list.join(", "));
            self.fail(span, ErrorKind::ArgumentCount { function: name, usage, found });
        }
    }

    /// The arguments of a call that become parts of a mixture; a list of parts gives its entries.
    fn parts<'e>(&self, function: &str, arguments: &'e [Expr]) -> Vec<&'e Expr> {
        let positions = match self.mixed_arguments.get(function) {
            Some(positions) => &positions[..],
            None if self.definitions.contains_key(function) => &[],
            None if function == prelude::MIXTURE => &[1],
            None => &[],
        };
        let given = positions.iter().filter_map(|&position| arguments.get(position));
        let entries = given.flat_map(|parts| match &ungrouped(parts).kind {
            ExprKind::Matrix(rows) => rows.iter().flatten().collect(),
            _ => vec![parts],
        });
        entries.collect()
    }

    /// Checks that a part of a mixture has its normalising constant.
    fn check_part(&mut self, part: &Expr) {
        if let Some(density) = self.unnormalised(part) {
            self.fail(part.span, ErrorKind::UnnormalisedInMixture { density });
        }
    }

    /// The positions of the parameters of a definition that occur in parts of a mixture in its
    /// body.
    fn mixed(&self, parameters: &[Name], body: &Expr) -> Vec<usize> {
        let mut mixed = Vec::new();
        walk(body, &mut Vec::new(), &mut |expr, bound| {
            let ExprKind::Call { function, arguments, .. } = &expr.kind else { return };
            for part in self.parts(&function.text, arguments) {
                let is_free =
                    |name: &str, parameter: &str| name == parameter && !bound.contains(&parameter);
                let is_mixed = |(_, parameter): &(usize, &Name)| {
                    find_name(part, |name| is_free(name, &parameter.text)).is_some()
                };
                mixed.extend(parameters.iter().enumerate().filter(is_mixed).map(|one| one.0));
            }
        });
        mixed.sort_unstable();
        mixed.dedup();
        mixed
    }

    /// The first density without its normalising constant in an expression.
    fn unnormalised(&self, expr: &Expr) -> Option<&'static str> {
        let named = |name: &str| match self.definitions.contains_key(name) {
            true => self.unnormalised_definitions.get(name).copied(),
            false if functions::find(name).is_some() => None,
            false => prelude::find(name).and_then(|density| lacks_constant(density.entry)),
        };
        let mut found = None;
        walk(expr, &mut Vec::new(), &mut |expr, bound| {
            let density = match &expr.kind {
                ExprKind::Name(name) if !bound.contains(&name.as_str()) => {
                    self.unnormalised_lets.get(name.as_str()).copied()
                }
                ExprKind::Call { function, .. } => named(&function.text),
                _ => None,
            };
            found = found.or(density);
        });
        found
    }

    /// Reports unknown functions, after both passes: only then all variables are known.
    fn report_unknown_calls(&mut self) {
        let mut reported = HashSet::new();
        for (name, span) in std::mem::take(&mut self.calls_of_unknown) {
            if reported.len() > ERRORS_MAX || !reported.insert(name) {
                continue;
            }
            let is_variable =
                self.places.contains_key(name) || self.undeclared.iter().any(|u| u.0 == name);
            let mut defined: Vec<&str> = self.definitions.keys().copied().collect();
            defined.sort_unstable();
            let ours = functions().map(|entry| entry.name);
            let known = ours.chain(densities().map(|entry| entry.name)).chain(defined);
            let nearest = nearest(name, known).map(str::to_owned);
            let name = name.to_owned();
            self.fail(span, ErrorKind::UnknownFunction { name, nearest, is_variable });
        }
    }
}

fn lacks_constant(entry: DensityEntry) -> Option<&'static str> {
    (!entry.normalised).then_some(entry.name)
}
