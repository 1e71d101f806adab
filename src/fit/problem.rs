//! The objective of a model on its data as a function to minimise: loss, terms and columns in the
//! coordinates of a frame.

use crate::graph::{ExprId, Graph, InputId};
use crate::model::{InverseInputs, Model};
use crate::numerics::interrupt::Interrupt;
use crate::objective::{
    Batch, Coordinates, Factor, Family, NoMoments, Objective, Path, Quadratic, Specification,
    Weighing,
};
use crate::program::{Layout, Program, Workers};
use std::sync::Arc;

use super::inverses::Inverses;
use super::space::{Space, coordinates};
use super::standardise::Frame;

/// A compiled objective with its data.
#[derive(Debug)]
pub(super) struct Problem {
    pub objective: Objective,
    /// The named terms of the loss.
    terms: Program,
    names: Vec<&'static str>,
    /// Whether the last term is quadratic in log p and the others are linear.
    has_norm: bool,
    /// The loss of each data component; without outputs where the objective does not separate by
    /// component.
    components: Program,
    /// Data columns in inner coordinates, covariates, then the columns that the objective adds.
    pub columns: Arc<Vec<Vec<f64>>>,
    /// The weights of the rows; `None` where all are one.
    weighing: Option<Arc<Weighing>>,
    /// Ratio of J in raw units to J in inner units.
    pub unit: f64,
    pub kind: &'static str,
    threads: usize,
    path: Path,
}

/// J by term and by data component, in raw units.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub terms: Vec<(&'static str, f64)>,
    /// Empty where the objective does not separate by component.
    pub components: Vec<f64>,
}

/// The inputs of the optimiser.
pub(super) enum Parameters<'a> {
    /// The parameters themselves: where the loss is quadratic in them one linear solve finds the
    /// minimum. A matrix that the loss contains through its inverse alone has the inverse in its place.
    Plain,
    /// The moving coordinates of a space, of which the parameters are functions.
    Free(&'a Space),
}

/// The requested objective, in raw units.
pub(super) struct Asked {
    pub specification: Specification,
    /// The weight of each data component: ones, or the sample variances.
    pub variances: Vec<f64>,
    /// By parameter, a constant in place of one that the domain hides.
    pub hidden: Vec<Option<f64>>,
}

/// A loss over rows and the optimiser's inputs, before compilation.
pub(super) struct Draft {
    graph: Graph,
    rows: Vec<InputId>,
    inputs: Vec<InputId>,
    /// ρ without the weight of the row; the fields below include the weight.
    total: ExprId,
    terms: Vec<ExprId>,
    names: Vec<&'static str>,
    has_norm: bool,
    components: Vec<ExprId>,
    kind: &'static str,
    at: Coordinates,
    factor: Option<Factor>,
    weighing: Option<Arc<Weighing>>,
    /// The loss as linear and quadratic parts in log p, where it has this form.
    quadratic: Option<Quadratic>,
    /// The parameters whose inverses are the inputs.
    pub inverses: Inverses,
}

impl Draft {
    pub fn new(
        model: &Model,
        frame: &Frame,
        fixed: &[Option<f64>],
        parameters: &Parameters<'_>,
        asked: &Asked,
    ) -> Self {
        if let Parameters::Plain = parameters
            && let Some(draft) = Self::over_inverses(model, frame, fixed, asked)
        {
            return draft;
        }
        let mut graph = model.graph().clone();
        let over = over_inputs(model, &mut graph, fixed, parameters, &asked.hidden);
        Self::of(model, frame, asked, graph, over)
    }

    /// The loss over parameters of which positive definite ones are inverted; `None` where it contains
    /// entries of these matrices themselves as well, or not all entries of their inverses.
    fn over_inverses(
        model: &Model,
        frame: &Frame,
        fixed: &[Option<f64>],
        asked: &Asked,
    ) -> Option<Self> {
        let mut graph = model.graph().clone();
        let over = model.over_inverses(&mut graph)?;
        let given = |j: usize| fixed[j].is_some() || asked.hidden[j].is_some();
        let mut inputs: Vec<InputId> =
            model.parameters().iter().map(|parameter| parameter.input).collect();
        let (mut matrices, mut opened) = (Vec::new(), Vec::new());
        for InverseInputs { block, inputs: entries } in &over.inverses {
            let places = model.blocks()[*block].parameters.clone();
            if places.clone().any(given) {
                return None;
            }
            matrices.extend_from_slice(&inputs[places.clone()]);
            inputs[places].copy_from_slice(entries);
            opened.extend_from_slice(entries);
        }
        let log_density = with_numbers(model, &mut graph, over.log_density, fixed, &asked.hidden);
        let loose = inputs.into_iter().zip(fixed).filter(|(_, fixed)| fixed.is_none());
        let inputs = loose.map(|(input, _)| input).collect();
        let draft = Self::of(model, frame, asked, graph, (log_density, inputs));
        let inverses = Inverses::new(model, &over.inverses);
        let absent = draft.absent();
        let whole = !absent.iter().any(|&k| opened.contains(&draft.inputs[k]));
        (whole && !draft.contains(&matrices)).then_some(Self { inverses, ..draft })
    }

    /// The loss of a log-density over some inputs.
    fn of(
        model: &Model,
        frame: &Frame,
        asked: &Asked,
        mut graph: Graph,
        (log_density, inputs): (ExprId, Vec<InputId>),
    ) -> Self {
        let specification = &asked.specification;
        let columns = model.row_inputs().len();
        let (centre, scale) = (0..columns).map(|k| (frame.centre(k), frame.scale(k))).unzip();
        let at = specification.coordinates(centre, scale, asked.variances.clone());
        let loss = specification.loss_in(&mut graph, log_density, &at);
        let components = specification.components_in(&mut graph, log_density, &at);
        let mut components = components.unwrap_or_default();
        let (rows, factor) =
            (specification.row_inputs(&mut graph), specification.factor(&mut graph));
        let total = loss.total;
        let loss = match factor {
            None => loss,
            Some(Factor { weight, .. }) => {
                components.iter_mut().for_each(|one| *one = graph.mul(weight, *one));
                loss.times(&mut graph, weight)
            }
        };
        let (names, terms) = loss.terms.into_iter().unzip();
        Self {
            total,
            factor,
            weighing: specification.shared_weighing(),
            kind: loss.kind,
            has_norm: loss.quadratic.is_some(),
            components,
            quadratic: loss.quadratic,
            inverses: Inverses::default(),
            graph,
            rows,
            inputs,
            terms,
            names,
            at,
        }
    }

    /// Whether the loss, one of its terms or one of its components contains one of these inputs.
    fn contains(&self, inputs: &[InputId]) -> bool {
        let roots = [&[self.total], self.terms.as_slice(), self.components.as_slice()].concat();
        let reached = self.graph.reachable(&roots);
        inputs.iter().any(|&input| reached[self.graph.input_node(input).index()])
    }

    /// The loss as a family in its inputs, without groups; `None` where it is not quadratic in log p.
    pub fn family(&self) -> Option<Family<'_>> {
        let loss = self.quadratic.as_ref()?;
        let (graph, rows, parameters) = (&self.graph, &self.rows, &self.inputs);
        Some(Family { graph, loss, rows, parameters, groups: &[] })
    }

    /// Positions of inputs that the loss does not contain, which score matching therefore cannot
    /// estimate.
    pub fn absent(&self) -> Vec<usize> {
        let reached = self.graph.reachable(&[self.total]);
        let seen = |input: InputId| reached[self.graph.input_node(input).index()];
        (0..self.inputs.len()).filter(|&k| !seen(self.inputs[k])).collect()
    }

    /// A program for the noised data, if the density is that of noised data.
    pub fn noised(&self, specification: &Specification) -> Option<Program> {
        let mut graph = self.graph.clone();
        let moved = specification.noised(&mut graph, &self.at)?;
        let layout = Layout { rows: self.rows.clone(), parameters: Vec::new() };
        Some(Program::compile(&graph, &layout, &moved))
    }

    /// Compiles the loss for the inputs that it contains.
    pub fn compile(&self, columns: Arc<Vec<Vec<f64>>>, threads: usize) -> Problem {
        let absent = self.absent();
        let present = (0..self.inputs.len()).filter(|k| !absent.contains(k));
        let inputs: Vec<InputId> = present.map(|k| self.inputs[k]).collect();
        let layout = Layout { rows: self.rows.clone(), parameters: inputs.clone() };
        Problem {
            objective: Objective::weighed(
                &self.graph,
                self.total,
                &self.rows,
                &inputs,
                self.factor,
            ),
            weighing: self.weighing.clone(),
            terms: Program::compile_means(&self.graph, &layout, &self.terms),
            names: self.names.clone(),
            has_norm: self.has_norm,
            components: Program::compile_means(&self.graph, &layout, &self.components),
            columns,
            unit: self.at.unit,
            kind: self.kind,
            threads,
            path: Path::Auto,
        }
    }
}

/// A layout with data and covariates as rows, and the parameters.
pub(super) fn layout(model: &Model) -> Layout {
    Layout { rows: model.row_inputs(), parameters: model.parameter_inputs() }
}

/// log p as a function of the optimiser's inputs, and these inputs; it does not contain hidden
/// parameters.
fn over_inputs(
    model: &Model,
    graph: &mut Graph,
    fixed: &[Option<f64>],
    parameters: &Parameters<'_>,
    hidden: &[Option<f64>],
) -> (ExprId, Vec<InputId>) {
    match parameters {
        Parameters::Plain => {
            let log_density = with_numbers(model, graph, model.log_density(), fixed, hidden);
            let loose = model.parameters().iter().zip(fixed).filter(|(_, fixed)| fixed.is_none());
            (log_density, loose.map(|(parameter, _)| parameter.input).collect())
        }
        Parameters::Free(space) => {
            let (free, theta) = coordinates(model, graph, fixed, space.white());
            let theta = with_hidden(graph, theta, hidden);
            let log_density = substituted(model, graph, model.log_density(), &theta);
            (log_density, space.active().iter().map(|&k| free[k]).collect())
        }
    }
}

/// A log-density with held and hidden parameters replaced by their numbers.
fn with_numbers(
    model: &Model,
    graph: &mut Graph,
    log_density: ExprId,
    fixed: &[Option<f64>],
    hidden: &[Option<f64>],
) -> ExprId {
    let theta = model.parameters().iter().zip(fixed).map(|(parameter, fixed)| {
        let node = graph.input_node(parameter.input);
        fixed.map_or(node, |value| super::space::number(graph, value))
    });
    let theta = theta.collect();
    let theta = with_hidden(graph, theta, hidden);
    substituted(model, graph, log_density, &theta)
}

/// Parameters, of which those that are hidden are numbers.
fn with_hidden(graph: &mut Graph, mut theta: Vec<ExprId>, hidden: &[Option<f64>]) -> Vec<ExprId> {
    for (theta, hidden) in theta.iter_mut().zip(hidden) {
        *theta = hidden.map_or(*theta, |value| super::space::number(graph, value));
    }
    theta
}

/// A log-density over these expressions of the parameters, stabilised.
fn substituted(model: &Model, graph: &mut Graph, log_density: ExprId, theta: &[ExprId]) -> ExprId {
    let nodes = model.parameters().iter().map(|parameter| graph.input_node(parameter.input));
    let pairs: Vec<(ExprId, ExprId)> =
        nodes.zip(theta).map(|(old, &new)| (old, new)).filter(|(old, new)| old != new).collect();
    let substituted = graph.substitute(&[log_density], &pairs);
    graph.stabilise(&substituted)[0]
}

impl Problem {
    /// The problem with a requested path of evaluation; an error where there are no moments.
    pub fn by(self, path: Path) -> Result<Self, NoMoments> {
        self.batch().by(path)?;
        Ok(Self { path, ..self })
    }

    /// The problem on some of the rows, without weights.
    pub fn with(self, columns: Vec<Vec<f64>>) -> Self {
        Self { columns: Arc::new(columns), weighing: None, ..self }
    }

    /// The objective on all rows.
    pub fn batch(&self) -> Batch<'_> {
        self.of_all(self.batch_of(&self.columns))
    }

    fn of_all<'a>(&'a self, batch: Batch<'a>) -> Batch<'a> {
        match &self.weighing {
            None => batch,
            Some(weighing) => batch.weighed(weighing),
        }
    }

    /// The objective on all rows, NaN once an interrupt is raised.
    pub fn batch_until(&self, interrupt: &Interrupt) -> Batch<'_> {
        let interrupt = interrupt.clone();
        self.of_all(self.batch_by(&self.columns, Workers { threads: self.threads, interrupt }))
    }

    /// The objective on other rows, without weights.
    pub fn batch_of<'a>(&'a self, columns: &'a [Vec<f64>]) -> Batch<'a> {
        self.batch_by(columns, self.threads.into())
    }

    fn batch_by<'a>(&'a self, columns: &'a [Vec<f64>], workers: Workers) -> Batch<'a> {
        let batch = self.objective.on(columns.iter().map(Vec::as_slice).collect(), workers);
        batch.by(self.path).expect("the existence of moments does not depend on the rows")
    }

    fn slices(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }

    /// Terms and components of J in raw units.
    pub fn parts(&self, at: &[f64]) -> Parts {
        let means = |program: &Program| -> Vec<f64> {
            let means = program.evaluate(&self.slices(), at, self.threads);
            means.iter().map(|mean| mean * self.unit).collect()
        };
        Parts {
            terms: self.names.iter().copied().zip(means(&self.terms)).collect(),
            components: means(&self.components),
        }
    }

    /// The parts of J that are linear and quadratic in log p, as means over a sample of rows, by
    /// which starts are ranked. The quadratic part is the last term; a loss without one counts as
    /// linear.
    pub fn screen(&self, sample: &[Vec<f64>], at: &[f64]) -> (f64, f64) {
        let columns: Vec<&[f64]> = sample.iter().map(Vec::as_slice).collect();
        let means = self.terms.evaluate(&columns, at, self.threads);
        match means.split_last() {
            Some((&norm, linear)) if self.has_norm => (linear.iter().sum(), norm),
            Some(_) | None => (means.iter().sum(), 0.0),
        }
    }

    /// Row operations of one call of [`Problem::screen`].
    pub fn screening_work(&self) -> usize {
        let operations = self.terms.operations();
        (operations.row + operations.data).max(1)
    }
}
