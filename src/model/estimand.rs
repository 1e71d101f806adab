//! Functions of the parameters in an option, such as `2*kappa, exp(mu), m[1] - m[2]`, and
//! hypotheses about them, such as `mu = 0, s2 = 1`.
//!
//! They are elaborated as the log-density is, in the scope of the model: its parameters, constants,
//! and every `let` and `def` of these. Deliberately not known here: estimates, errors.

use std::collections::HashSet;
use std::ops::Range;

use super::assign::{Placed, parts, pieces, placed, shifted};
use super::declare::{Declarations, role_name};
use super::density::{Task, labelled_names};
use super::elaborate::{Binding, Elaborator, short_text};
use super::error::{Error, ErrorKind, Errors};
use super::names::wrong_calls;
use super::walk::{names_in_index, walk};
use super::{Model, Shape, Value};
use crate::graph::{ExprId, Graph, InputId, evaluate};
use crate::source::{Span, nearest};
use crate::syntax::{Declarator, Expr, ExprKind};

/// Scalar functions of the parameters of a model, in order of the text.
#[derive(Clone, Debug)]
pub struct Estimands {
    texts: Vec<String>,
    canonical: (Graph, Vec<ExprId>),
    verbatim: (Graph, Vec<ExprId>),
    /// The inputs of the parameters, in order; the same in both graphs.
    parameters: Vec<InputId>,
}

impl Estimands {
    /// The functions as written.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// The functions in canonical form, for derivatives.
    #[must_use]
    pub fn canonical(&self) -> (&Graph, &[ExprId]) {
        (&self.canonical.0, &self.canonical.1)
    }

    /// The functions as written, for their values.
    #[must_use]
    pub fn verbatim(&self) -> (&Graph, &[ExprId]) {
        (&self.verbatim.0, &self.verbatim.1)
    }

    /// The inputs of the model's parameters, in order; the same in both graphs.
    #[must_use]
    pub fn parameters(&self) -> &[InputId] {
        &self.parameters
    }

    /// The values of the functions at θ; NaN where a function has no value.
    #[must_use]
    pub fn values(&self, theta: &[f64]) -> Vec<f64> {
        let (graph, roots) = self.verbatim();
        let mut inputs = vec![f64::NAN; graph.inputs().len()];
        let places = self.parameters.iter().zip(theta);
        places.for_each(|(input, &value)| inputs[input.index()] = value);
        evaluate(graph, roots, |input| inputs[input.index()])
    }

    /// The positions of the parameters that occur in the functions as written, in order.
    #[must_use]
    pub fn needed(&self) -> Vec<usize> {
        let (graph, roots) = self.verbatim();
        let below: Vec<InputId> = roots.iter().flat_map(|&root| graph.inputs_below(root)).collect();
        let inputs = self.parameters.iter().enumerate();
        inputs.filter(|(_, input)| below.contains(input)).map(|(j, _)| j).collect()
    }
}

/// Hypotheses that functions of the parameters have certain values, in order of the text.
#[derive(Clone, Debug)]
pub struct Hypotheses {
    texts: Vec<String>,
    functions: Estimands,
    values: Vec<f64>,
}

impl Hypotheses {
    /// The hypotheses as written.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// The left sides.
    #[must_use]
    pub fn functions(&self) -> &Estimands {
        &self.functions
    }

    /// The right sides.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

impl Model {
    /// The functions of the parameters in a text, separated by commas outside of brackets. A vector or
    /// matrix stands for its entries, row by row.
    ///
    /// # Errors
    /// All errors of the text.
    ///
    /// # Examples
    /// ```
    /// let model = scorematch::Model::parse("param mu, s2 > 0; -(x - mu)^2/(2*s2)")?;
    /// let estimands = model.estimands("exp(mu), mu/sqrt(s2)")?;
    /// assert_eq!(estimands.texts().collect::<Vec<_>>(), ["exp(mu)", "mu/sqrt(s2)"]);
    /// let entries = model.estimands("[mu, 2*s2]")?;
    /// assert_eq!(entries.texts().collect::<Vec<_>>(), ["([mu, 2*s2])[1]", "([mu, 2*s2])[2]"]);
    /// assert!(model.estimands("mean(x)").is_err());
    /// # Ok::<(), scorematch::model::Errors>(())
    /// ```
    pub fn estimands(&self, text: &str) -> Result<Estimands, Errors> {
        let pieces = pieces(text);
        if pieces.is_empty() {
            let span = Span { start: 0, end: text.len() as u32 };
            return Err(Errors::one(Error::at(span, ErrorKind::NotAnExpression)));
        }
        let parse = |piece: &Range<usize>| {
            placed(&text[piece.clone()], piece.start, ErrorKind::NotAnExpression)
        };
        let exprs = whole(pieces.iter().map(parse))?;
        let (functions, shapes) = self.elaborated(&exprs, Admits::Entries)?;
        let written = pieces.iter().map(|piece| text[piece.clone()].trim());
        let texts = written.zip(&exprs).zip(shapes).flat_map(|((text, one), shape)| match shape {
            Shape::Scalar => vec![text.to_owned()],
            Shape::Vector(_) | Shape::Matrix(..) => self.entry_texts(one, shape),
        });
        Ok(Estimands { texts: texts.collect(), ..functions })
    }

    /// The entries, row by row, of one expression of parameters and constants, and its shape. It
    /// need not depend on a parameter.
    ///
    /// # Errors
    /// All errors of the text. The code of a diagnostic is `not-of-parameters` where a name is data
    /// or depends on data, and `unknown-parameter` where the model has no such name.
    ///
    /// # Examples
    /// ```
    /// let model = scorematch::Model::parse("param mu, s2 > 0; -(x - mu)^2/(2*s2)")?;
    /// let (shape, entries) = model.entries("[mu, 2*s2]'")?;
    /// assert_eq!(shape.len(), 2);
    /// assert_eq!(entries.values(&[1.0, 4.0]), [1.0, 8.0]);
    /// assert_eq!(model.entries("2 + 2")?.1.values(&[1.0, 4.0]), [4.0]);
    /// assert!(model.entries("x - mu").is_err());
    /// # Ok::<(), scorematch::model::Errors>(())
    /// ```
    pub fn entries(&self, text: &str) -> Result<(Shape, Estimands), Errors> {
        let one = placed(text, 0, ErrorKind::NotAnExpression);
        let one = one.map_err(|error| Errors::one(*error))?;
        let (entries, shapes) = self.elaborated(std::slice::from_ref(&one), Admits::Values)?;
        let shape = shapes[0];
        Ok((shape, Estimands { texts: self.entry_texts(&one, shape), ..entries }))
    }

    /// The names of the entries of an expression, those of a group with its levels.
    fn entry_texts(&self, one: &Placed, shape: Shape) -> Vec<String> {
        let name = short_text(&one.expr);
        let simple = matches!(one.expr.kind, ExprKind::Name(_));
        let call = matches!(one.expr.kind, ExprKind::Call { .. });
        let bare = simple || call || shape == Shape::Scalar;
        let own = self.declared.iter().find(|one| simple && one.name == name);
        match own.filter(|one| one.has_levels() && one.shape == shape) {
            Some(declared) => labelled_names(declared),
            None => shape.entry_names(&if bare { name } else { format!("({name})") }),
        }
    }

    /// The hypotheses in a text, `mu = 0, m[1] - m[2] = 0`, separated by commas outside of brackets. The
    /// right side of each is constant.
    ///
    /// # Errors
    /// All errors of the text, also where a parameter cannot have the value.
    ///
    /// # Examples
    /// ```
    /// let model = scorematch::Model::parse("param mu, s2 > 0; -(x - mu)^2/(2*s2)")?;
    /// assert_eq!(model.hypotheses("mu = 0, 2*s2 = 3 - 1")?.values(), [0.0, 2.0]);
    /// assert!(model.hypotheses("s2 = -1").is_err());
    /// # Ok::<(), scorematch::model::Errors>(())
    /// ```
    pub fn hypotheses(&self, text: &str) -> Result<Hypotheses, Errors> {
        let pieces = pieces(text);
        let error = |start: usize, end: usize| {
            Error::at(Span { start: start as u32, end: end as u32 }, ErrorKind::NotAHypothesis)
        };
        if pieces.is_empty() {
            return Err(Errors::one(error(0, text.len())));
        }
        let sides = whole(pieces.iter().map(|piece| {
            let inner = &text[piece.clone()];
            let at = |side: &Range<usize>| {
                placed(&inner[side.clone()], piece.start + side.start, ErrorKind::NotAHypothesis)
            };
            match &parts(inner, &['='])[..] {
                [left, right] if !compares(&inner[left.clone()]) => Ok((at(left)?, at(right)?)),
                _ => Err(Box::new(error(piece.start, piece.end))),
            }
        }))?;
        let (left, right): (Vec<Placed>, Vec<Placed>) = sides.into_iter().unzip();
        let written = |one: &Placed| short_text(&one.expr);
        let (functions, _) = self.elaborated(&left, Admits::Functions)?;
        let functions = Estimands { texts: left.iter().map(written).collect(), ..functions };
        let values = self.constants(&right)?;
        whole(right.iter().zip(&values).enumerate().map(|(k, (one, &value))| {
            self.admitted(&functions, k, value)
                .map_err(|kind| Box::new(Error::at(shifted(one.expr.span, one.offset), *kind)))
        }))?;
        let texts = pieces.iter().map(|piece| text[piece.clone()].trim().to_owned()).collect();
        Ok(Hypotheses { texts, functions, values })
    }

    /// The values of constant expressions.
    fn constants(&self, exprs: &[Placed]) -> Result<Vec<f64>, Errors> {
        let declarations =
            Declarations { declared: self.declared.clone(), ..Declarations::default() };
        let scope = Scope { model: self, declarations: &declarations, admits: Admits::Values };
        let (mut elaborator, _) = scope.elaborator(Graph::new(), exprs)?;
        whole(exprs.iter().map(|one| {
            let root = value(&mut elaborator, one)?;
            let number = elaborator.constant(&one.expr, root, RIGHT_SIDE);
            let number = number.ok_or_else(|| raised(&mut elaborator, one))?;
            let kind = ErrorKind::NotFinite { place: RIGHT_SIDE, value: number };
            let place = shifted(one.expr.span, one.offset);
            if number.is_finite() { Ok(number) } else { Err(Box::new(Error::at(place, kind))) }
        }))
    }

    /// Checks that the value of a function that is a single parameter is inside its constraint: on
    /// the boundary the estimate would not be normal around the value.
    fn admitted(&self, functions: &Estimands, k: usize, value: f64) -> Result<(), Box<ErrorKind>> {
        let (graph, roots) = functions.canonical();
        let input = graph.as_input(roots[k]);
        let Some(j) = functions.parameters.iter().position(|one| Some(*one) == input) else {
            return Ok(());
        };
        let block = &self.blocks[self.parameters[j].block];
        let (low, high) = block.constraint.bounds();
        if value > low && value < high {
            return Ok(());
        }
        let constraint = block.constraint.to_string();
        Err(Box::new(ErrorKind::OutsideConstraint {
            name: block.name.clone(),
            value: Some(value),
            constraint,
        }))
    }

    /// The entries of the expressions in the scope of the model, still without texts, and the shape of each
    /// expression.
    fn elaborated(
        &self,
        exprs: &[Placed],
        admits: Admits,
    ) -> Result<(Estimands, Vec<Shape>), Errors> {
        let declarations =
            Declarations { declared: self.declared.clone(), ..Declarations::default() };
        let scope = Scope { model: self, declarations: &declarations, admits };
        let (mut graph, values, inputs) = scope.graph(Graph::new(), exprs)?;
        let (verbatim, verbatim_values, _) = scope.graph(Graph::verbatim(), exprs)?;
        let ids = |values: &[Value]| -> Vec<ExprId> {
            values.iter().flat_map(|value| value.ids.iter().copied()).collect()
        };
        let roots = graph.stabilise(&ids(&values));
        let role = |k: &usize| self.declared[*k].role == Declarator::Param;
        let parameters = (0..inputs.len()).filter(role).flat_map(|k| inputs[k].clone()).collect();
        let entries = Estimands {
            texts: Vec::new(),
            canonical: (graph, roots),
            verbatim: (verbatim, ids(&verbatim_values)),
            parameters,
        };
        Ok((entries, values.iter().map(|value| value.shape).collect()))
    }
}

/// The expressions that an option admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Admits {
    /// Scalars that depend on a parameter.
    Functions,
    /// Values of any shape that depend on a parameter.
    Entries,
    /// Values of any shape, also constant ones.
    Values,
}

/// The right side of a hypothesis, in messages.
pub(super) const RIGHT_SIDE: &str = "the value of a hypothesis";

/// Whether a comparison operator ends here, so that an equals sign after it is no equation.
fn compares(left: &str) -> bool {
    left.ends_with(['<', '>', '!', '~', ':'])
}

/// All values, or all errors where there are any.
fn whole<T>(results: impl Iterator<Item = Result<T, Box<Error>>>) -> Result<Vec<T>, Errors> {
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(error) => errors.push(*error),
        }
    }
    Errors::of(errors).map_or(Ok(values), Err)
}

/// The scope of a model, in which expressions of options are elaborated.
struct Scope<'a> {
    model: &'a Model,
    declarations: &'a Declarations,
    admits: Admits,
}

/// A graph, the value of each expression in it, and the inputs of each declared name.
type Elaborated = (Graph, Vec<Value>, Vec<Vec<InputId>>);

impl<'a> Scope<'a> {
    fn graph(&self, graph: Graph, exprs: &'a [Placed]) -> Result<Elaborated, Errors> {
        let (mut elaborator, inputs) = self.elaborator(graph, exprs)?;
        let values = whole(exprs.iter().map(|one| match self.admits {
            Admits::Functions => Ok(Value::scalar(value(&mut elaborator, one)?)),
            Admits::Entries | Admits::Values => {
                let value = elaborator.expr(&one.expr);
                value.ok_or_else(|| raised(&mut elaborator, one))
            }
        }))?;
        let graph = elaborator.graph;
        let checked = exprs.iter().zip(&values);
        whole(checked.map(|(one, value)| self.of_parameters(&graph, &inputs, one, &value.ids)))?;
        Ok((graph, values, inputs))
    }

    /// An elaborator in the scope of the model, after the names of the expressions were checked,
    /// and the inputs of each declared name.
    fn elaborator(
        &self,
        graph: Graph,
        exprs: &'a [Placed],
    ) -> Result<(Elaborator<'a>, Vec<Vec<InputId>>), Errors> {
        let model = self.model;
        let task = Task {
            ast: &model.ast,
            declarations: self.declarations,
            constants: &model.settings.constants,
            nodes_max: model.settings.nodes_max,
            opens_inverses: false,
        };
        let (elaborator, inputs) = task.scope(graph);
        let rows = self.rows(&elaborator.graph, &inputs);
        let names = exprs.iter().flat_map(|one| self.names(&elaborator, &rows, one));
        Errors::of(names.collect()).map_or(Ok(()), Err)?;
        Ok((elaborator, inputs))
    }

    /// The nodes of data and covariates.
    fn rows(&self, graph: &Graph, inputs: &[Vec<InputId>]) -> Vec<ExprId> {
        let declared = self.declarations.declared.iter().zip(inputs);
        let rows = declared.filter(|(declared, _)| declared.role != Declarator::Param);
        rows.flat_map(|(_, inputs)| inputs.iter().map(|&input| graph.input_node(input))).collect()
    }

    /// The errors about names in an expression.
    fn names(&self, elaborator: &Elaborator<'a>, rows: &[ExprId], one: &'a Placed) -> Vec<Error> {
        let depends = elaborator.graph.dependents(rows);
        let varies = |value: &Value| value.ids.iter().any(|id| depends[id.index()]);
        let mut errors = wrong_calls(&self.model.ast, &one.expr);
        let mut labels = HashSet::new();
        walk(&one.expr, &mut Vec::new(), &mut |expr, bound| {
            if let Some((base, names)) = names_in_index(expr)
                && elaborator.sides.contains_key(base)
            {
                labels.extend(names.into_iter().map(|name| name.span));
            }
            let ExprKind::Name(name) = &expr.kind else { return };
            let is_group = elaborator.groups.contains_key(name.as_str());
            if bound.contains(&name.as_str()) || (labels.contains(&expr.span) && !is_group) {
                return;
            }
            let kind = match elaborator.globals.get(name.as_str()) {
                Some(Binding::Value(value, _)) if varies(value) => {
                    ErrorKind::NotOfParameters { name: name.clone(), what: self.what(name) }
                }
                Some(Binding::Group) => {
                    ErrorKind::NotOfParameters { name: name.clone(), what: self.what(name) }
                }
                Some(_) => return,
                None => {
                    let known = |(name, binding): (&&'a str, &Binding)| match binding {
                        Binding::Value(value, _) => (!varies(value)).then_some(*name),
                        Binding::Group | Binding::Poisoned | Binding::Varies(_) => None,
                    };
                    let mut known: Vec<&str> =
                        elaborator.globals.iter().filter_map(known).collect();
                    known.sort_unstable();
                    let nearest = nearest(name, known).map(str::to_owned);
                    ErrorKind::UnknownParameter { name: name.clone(), nearest }
                }
            };
            errors.push(Error::at(expr.span, kind));
        });
        errors.iter_mut().for_each(|error| place(error, one.offset));
        errors
    }

    /// The role of a name whose value varies by row.
    fn what(&self, name: &str) -> &'static str {
        let declared = self.declarations.declared.iter().find(|declared| declared.name == name);
        declared.map_or("made of data", |declared| role_name(declared.role))
    }

    /// Checks that an expression depends on no data, which a definition may contain, and on a
    /// parameter unless constants are admitted.
    fn of_parameters(
        &self,
        graph: &Graph,
        inputs: &[Vec<InputId>],
        one: &Placed,
        roots: &[ExprId],
    ) -> Result<(), Box<Error>> {
        let below: Vec<InputId> = roots.iter().flat_map(|&root| graph.inputs_below(root)).collect();
        let declared = self.declarations.declared.iter().zip(inputs);
        let mut found = declared.filter(|(_, inputs)| inputs.iter().any(|one| below.contains(one)));
        let text = short_text(&one.expr);
        let kind = match found.clone().find(|(declared, _)| declared.role != Declarator::Param) {
            Some((declared, _)) => ErrorKind::NotOfParameters {
                name: declared.name.clone(),
                what: role_name(declared.role),
            },
            None if found.next().is_none() && self.admits != Admits::Values => {
                ErrorKind::WithoutParameter { text }
            }
            None => return Ok(()),
        };
        Err(Box::new(Error::at(shifted(one.expr.span, one.offset), kind)))
    }
}

/// The node of an expression that must be a scalar.
fn value<'a>(elaborator: &mut Elaborator<'a>, one: &'a Placed) -> Result<ExprId, Box<Error>> {
    let scalar = |elaborator: &mut Elaborator<'a>, expr: &'a Expr| {
        let value = elaborator.expr(expr)?;
        let help = entries(expr, value.shape);
        elaborator.scalar("this", expr, &value, help)
    };
    scalar(elaborator, &one.expr).ok_or_else(|| raised(elaborator, one))
}

/// A hint to take the entries of a value that is no scalar.
fn entries(expr: &Expr, shape: Shape) -> Option<String> {
    let text = short_text(expr);
    let whole = match &expr.kind {
        ExprKind::Name(_) | ExprKind::Call { .. } => text,
        _ => format!("({text})"),
    };
    let (first, second) = match shape {
        Shape::Scalar => return None,
        Shape::Vector(_) => ("1", "2"),
        Shape::Matrix(..) => ("1,1", "1,2"),
    };
    Some(format!("take its entries one by one, as in `{whole}[{first}], {whole}[{second}]`"))
}

/// The first error of an expression, placed in the text of the option.
fn raised(elaborator: &mut Elaborator<'_>, one: &Placed) -> Box<Error> {
    let mut error = elaborator.errors.swap_remove(0);
    elaborator.errors.clear();
    place(&mut error, one.offset);
    Box::new(error)
}

/// Moves an error to its place in the text of the option; one in a definition to the outermost
/// call.
fn place(error: &mut Error, offset: u32) {
    let outermost = error.calls.last().copied();
    error.calls.clear();
    error.span = outermost.or(error.span).map(|span| shifted(span, offset));
    if let ErrorKind::Syntax(inner) = &mut error.kind {
        inner.span = shifted(inner.span, offset);
    }
}
