//! Functions of the parameters that an option names: `2*kappa, exp(mu), m[1] - m[2]`.
//!
//! They are elaborated as the log-density is, beside the names of the model: its parameters,
//! constants, and what `let` and `def` make of these. Deliberately not known here: estimates, errors.

use super::assign::{Placed, pieces, placed, shifted};
use super::declare::{Declarations, what};
use super::density::Task;
use super::elaborate::{Binding, Elaborator, short_text};
use super::error::{Error, ErrorKind, Errors};
use super::names::wrong_calls;
use super::walk::walk;
use super::{Model, Shape, Value};
use crate::graph::{ExprId, Graph, InputId};
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
}

impl Model {
    /// The functions of the parameters in a text, separated by commas outside of brackets.
    ///
    /// # Errors
    /// All that is wrong with the text.
    ///
    /// # Examples
    /// ```
    /// let model = scorematch::Model::parse("param mu, s2 > 0; -(x - mu)^2/(2*s2)")?;
    /// let estimands = model.estimands("exp(mu), mu/sqrt(s2)")?;
    /// assert_eq!(estimands.texts().collect::<Vec<_>>(), ["exp(mu)", "mu/sqrt(s2)"]);
    /// assert!(model.estimands("mean(x)").is_err());
    /// # Ok::<(), scorematch::model::Errors>(())
    /// ```
    pub fn estimands(&self, text: &str) -> Result<Estimands, Errors> {
        let pieces = pieces(text);
        if pieces.is_empty() {
            let span = Span { start: 0, end: text.len() as u32 };
            return Err(Errors::one(Error::at(span, ErrorKind::NotAnExpression)));
        }
        let parse = |piece: &std::ops::Range<usize>| {
            placed(&text[piece.clone()], piece.start, ErrorKind::NotAnExpression)
        };
        let exprs = whole(pieces.iter().map(parse))?;
        let texts = pieces.iter().map(|piece| text[piece.clone()].trim().to_owned()).collect();
        self.elaborated(texts, &exprs)
    }

    fn elaborated(&self, texts: Vec<String>, exprs: &[Placed]) -> Result<Estimands, Errors> {
        let declarations =
            Declarations { declared: self.declared.clone(), ..Declarations::default() };
        let beside = Beside { model: self, declarations: &declarations };
        let (mut graph, roots, inputs) = beside.graph(Graph::new(), exprs)?;
        let (verbatim, verbatim_roots, _) = beside.graph(Graph::verbatim(), exprs)?;
        let roots = graph.stabilise(&roots);
        let role = |k: &usize| self.declared[*k].role == Declarator::Param;
        let parameters = (0..inputs.len()).filter(role).flat_map(|k| inputs[k].clone()).collect();
        Ok(Estimands {
            texts,
            canonical: (graph, roots),
            verbatim: (verbatim, verbatim_roots),
            parameters,
        })
    }
}

/// All values, or all errors.
fn whole<T>(results: impl Iterator<Item = Result<T, Error>>) -> Result<Vec<T>, Errors> {
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(error) => errors.push(error),
        }
    }
    Errors::of(errors).map_or(Ok(values), Err)
}

/// Elaborates expressions beside a model.
struct Beside<'a> {
    model: &'a Model,
    declarations: &'a Declarations,
}

/// A graph, the value of each expression in it, and the inputs of each declared name.
type Elaborated = (Graph, Vec<ExprId>, Vec<Vec<InputId>>);

impl<'a> Beside<'a> {
    fn graph(&self, graph: Graph, exprs: &'a [Placed]) -> Result<Elaborated, Errors> {
        let model = self.model;
        let task = Task {
            ast: &model.ast,
            declarations: self.declarations,
            constants: &model.settings.constants,
            nodes_max: model.settings.nodes_max,
        };
        let (mut elaborator, inputs) = task.beside(graph);
        let rows = self.rows(&elaborator.graph, &inputs);
        let names: Vec<Error> =
            exprs.iter().flat_map(|one| self.names(&elaborator, &rows, one)).collect();
        if let Some(errors) = Errors::of(names) {
            return Err(errors);
        }
        let roots = whole(exprs.iter().map(|one| value(&mut elaborator, one)))?;
        whole(
            exprs
                .iter()
                .zip(&roots)
                .map(|(one, &root)| self.of_parameters(&elaborator.graph, &inputs, one, root)),
        )?;
        Ok((elaborator.graph, roots, inputs))
    }

    /// The nodes of data and covariates.
    fn rows(&self, graph: &Graph, inputs: &[Vec<InputId>]) -> Vec<ExprId> {
        let declared = self.declarations.declared.iter().zip(inputs);
        let rows = declared.filter(|(declared, _)| declared.role != Declarator::Param);
        rows.flat_map(|(_, inputs)| inputs.iter().map(|&input| graph.input_node(input))).collect()
    }

    /// What is wrong with the names of an expression.
    fn names(&self, elaborator: &Elaborator<'a>, rows: &[ExprId], one: &'a Placed) -> Vec<Error> {
        let depends = elaborator.graph.dependents(rows);
        let varies = |value: &Value| value.ids.iter().any(|id| depends[id.index()]);
        let mut errors = wrong_calls(&self.model.ast, &one.expr);
        walk(&one.expr, &mut Vec::new(), &mut |expr, bound| {
            let ExprKind::Name(name) = &expr.kind else { return };
            if bound.contains(&name.as_str()) {
                return;
            }
            let kind = match elaborator.globals.get(name.as_str()) {
                Some(Binding::Value(value, _)) if varies(value) => {
                    ErrorKind::NotOfParameters { name: name.clone(), what: self.what(name) }
                }
                Some(_) => return,
                None => {
                    let known = |(name, binding): (&&'a str, &Binding)| match binding {
                        Binding::Value(value, _) => (!varies(value)).then_some(*name),
                        Binding::Poisoned | Binding::Varies(_) => None,
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

    /// What a name is that has a value in each row.
    fn what(&self, name: &str) -> &'static str {
        let declared = self.declarations.declared.iter().find(|declared| declared.name == name);
        declared.map_or("made of data", |declared| what(declared.role))
    }

    /// An expression depends on a parameter, and on no data, which a definition may bring in.
    fn of_parameters(
        &self,
        graph: &Graph,
        inputs: &[Vec<InputId>],
        one: &Placed,
        root: ExprId,
    ) -> Result<(), Error> {
        let below = graph.inputs_below(root);
        let declared = self.declarations.declared.iter().zip(inputs);
        let mut found = declared.filter(|(_, inputs)| inputs.iter().any(|one| below.contains(one)));
        let text = short_text(&one.expr);
        let kind = match found.clone().find(|(declared, _)| declared.role != Declarator::Param) {
            Some((declared, _)) => ErrorKind::NotOfParameters {
                name: declared.name.clone(),
                what: what(declared.role),
            },
            None if found.next().is_none() => ErrorKind::WithoutParameter { text },
            None => return Ok(()),
        };
        Err(Error::at(shifted(one.expr.span, one.offset), kind))
    }
}

/// The number that an expression is.
fn value<'a>(elaborator: &mut Elaborator<'a>, one: &'a Placed) -> Result<ExprId, Error> {
    let scalar = |elaborator: &mut Elaborator<'a>, expr: &'a Expr| {
        let value = elaborator.expr(expr)?;
        let help = match value.shape {
            Shape::Scalar => None,
            Shape::Vector(_) => Some("take its entries one by one, as in `m[1], m[2]`"),
            Shape::Matrix(..) => Some("take its entries one by one, as in `K[1,1], K[1,2]`"),
        };
        elaborator.scalar("this", expr, &value, help.map(str::to_owned))
    };
    scalar(elaborator, &one.expr).ok_or_else(|| {
        let mut error = elaborator.errors.swap_remove(0);
        place(&mut error, one.offset);
        elaborator.errors.clear();
        error
    })
}

/// Puts an error where it is in the text of the option: one in a definition at its call.
fn place(error: &mut Error, offset: u32) {
    let outermost = error.calls.last().copied();
    error.calls.clear();
    error.span = outermost.or(error.span).map(|span| shifted(span, offset));
    if let ErrorKind::Syntax(inner) = &mut error.kind {
        inner.span = shifted(inner.span, offset);
    }
}
