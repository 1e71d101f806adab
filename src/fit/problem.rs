//! A model on data as a function to minimise: loss, terms and columns in the coordinates of a frame.

use crate::graph::{ExprId, Graph, InputId};
use crate::model::Model;
use crate::numerics::interrupt::Interrupt;
use crate::objective::{
    Batch, Coordinates, Factor, Family, NoMoments, Objective, Path, Quadratic, Specification,
    Weighing,
};
use crate::program::{Layout, Program, Workers};
use std::sync::Arc;

use super::space::{Space, coordinates};
use super::standardise::Frame;

/// What is minimised, compiled, with its data.
#[derive(Debug)]
pub(super) struct Problem {
    pub objective: Objective,
    /// The named terms of the loss.
    terms: Program,
    names: Vec<&'static str>,
    /// The last term is quadratic in log p, the others are linear.
    has_norm: bool,
    /// The loss of each data component; of no outputs where the domains entangle them.
    components: Program,
    /// Data columns in inner coordinates, covariates, then what the objective adds.
    pub columns: Vec<Vec<f64>>,
    /// What the rows of `columns` count for, where that is not one for each.
    weighing: Option<Arc<Weighing>>,
    /// J in raw units is this times J here.
    pub unit: f64,
    pub kind: &'static str,
    threads: usize,
    path: Path,
}

/// J and what it is made of, in raw units.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub terms: Vec<(&'static str, f64)>,
    /// Empty where the domains entangle them.
    pub components: Vec<f64>,
}

/// The parameters of a log-density as the optimiser has them.
pub(super) enum Parameters<'a> {
    /// Themselves: where the loss is quadratic one linear solve finds the minimum.
    Plain,
    /// Functions of the moving coordinates of a space.
    Free(&'a Space),
}

/// The objective that was asked for, in raw units.
pub(super) struct Asked {
    pub specification: Specification,
    /// The weight of each data component: ones, or the sample variances.
    pub variances: Vec<f64>,
    /// By parameter, a value in place of one that the domain hides.
    pub hidden: Vec<Option<f64>>,
}

/// A loss over rows and the optimiser's inputs, before compilation.
pub(super) struct Draft {
    graph: Graph,
    rows: Vec<InputId>,
    inputs: Vec<InputId>,
    /// ρ without the weight of the row.
    total: ExprId,
    /// With it, like all that follows.
    terms: Vec<ExprId>,
    names: Vec<&'static str>,
    has_norm: bool,
    components: Vec<ExprId>,
    kind: &'static str,
    at: Coordinates,
    factor: Option<Factor>,
    weighing: Option<Arc<Weighing>>,
    /// The loss by how it depends on log p, where that is known.
    quadratic: Option<Quadratic>,
}

impl Draft {
    pub fn new(
        model: &Model,
        frame: &Frame,
        fixed: &[Option<f64>],
        parameters: &Parameters<'_>,
        asked: &Asked,
    ) -> Self {
        let mut graph = model.graph().clone();
        let (log_density, inputs) =
            over_inputs(model, &mut graph, fixed, parameters, &asked.hidden);
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
            graph,
            rows,
            inputs,
            terms,
            names,
            at,
        }
    }

    /// The loss as a family in its inputs, each alone; `None` where it is not quadratic in log p.
    pub fn family(&self) -> Option<Family<'_>> {
        let loss = self.quadratic.as_ref()?;
        let (graph, rows, parameters) = (&self.graph, &self.rows, &self.inputs);
        Some(Family { graph, loss, rows, parameters, groups: &[] })
    }

    /// Positions of inputs that the loss does not contain: score matching cannot see them.
    pub fn absent(&self) -> Vec<usize> {
        let reached = self.graph.reachable(&[self.total]);
        let seen = |input: InputId| reached[self.graph.input_node(input).index()];
        (0..self.inputs.len()).filter(|&k| !seen(self.inputs[k])).collect()
    }

    /// The data with the noise that the density is one of; `None` where it is that of the data.
    pub fn noised(&self, specification: &Specification) -> Option<Program> {
        let mut graph = self.graph.clone();
        let moved = specification.noised(&mut graph, &self.at)?;
        let layout = Layout { rows: self.rows.clone(), parameters: Vec::new() };
        Some(Program::compile(&graph, &layout, &moved))
    }

    /// Compiles for the inputs that the loss contains.
    pub fn compile(&self, columns: Vec<Vec<f64>>, threads: usize) -> Problem {
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

/// Data and covariates by row, parameters apart.
pub(super) fn layout(model: &Model) -> Layout {
    Layout { rows: model.row_inputs(), parameters: model.parameter_inputs() }
}

/// log p over the optimiser's inputs, and these; it does not contain those that are hidden.
fn over_inputs(
    model: &Model,
    graph: &mut Graph,
    fixed: &[Option<f64>],
    parameters: &Parameters<'_>,
    hidden: &[Option<f64>],
) -> (ExprId, Vec<InputId>) {
    let nodes: Vec<ExprId> =
        model.parameters().iter().map(|parameter| graph.input_node(parameter.input)).collect();
    let (inputs, mut theta) = match parameters {
        Parameters::Plain => {
            let held = nodes.iter().zip(fixed).map(|(&node, fixed)| {
                fixed.map_or(node, |value| super::space::number(graph, value))
            });
            let theta: Vec<ExprId> = held.collect();
            let loose = model.parameters().iter().zip(fixed).filter(|(_, fixed)| fixed.is_none());
            (loose.map(|(parameter, _)| parameter.input).collect(), theta)
        }
        Parameters::Free(space) => {
            let (free, theta) = coordinates(model, graph, fixed, space.white());
            (space.active().iter().map(|&k| free[k]).collect(), theta)
        }
    };
    for (theta, hidden) in theta.iter_mut().zip(hidden) {
        *theta = hidden.map_or(*theta, |value| super::space::number(graph, value));
    }
    let pairs: Vec<(ExprId, ExprId)> =
        nodes.into_iter().zip(theta).filter(|(old, new)| old != new).collect();
    let substituted = graph.substitute(&[model.log_density()], &pairs);
    (graph.stabilise(&substituted)[0], inputs)
}

impl Problem {
    /// The same by a path of the user's choice; an error where it cannot be followed.
    pub fn by(self, path: Path) -> Result<Self, NoMoments> {
        self.batch().by(path)?;
        Ok(Self { path, ..self })
    }

    /// The same on some of the rows.
    pub fn with(self, columns: Vec<Vec<f64>>) -> Self {
        Self { columns, weighing: None, ..self }
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

    /// The same, NaN once there is an interrupt.
    pub fn batch_until(&self, interrupt: &Interrupt) -> Batch<'_> {
        let interrupt = interrupt.clone();
        self.of_all(self.batch_by(&self.columns, Workers { threads: self.threads, interrupt }))
    }

    /// The objective on other rows, each an observation.
    pub fn batch_of<'a>(&'a self, columns: &'a [Vec<f64>]) -> Batch<'a> {
        self.batch_by(columns, self.threads.into())
    }

    fn batch_by<'a>(&'a self, columns: &'a [Vec<f64>], workers: Workers) -> Batch<'a> {
        let batch = self.objective.on(columns.iter().map(Vec::as_slice).collect(), workers);
        batch.by(self.path).expect("whether there are moments does not depend on the rows")
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

    /// What is linear in log p and what is quadratic in it, as means over a sample of rows: to rank
    /// starts by. The quadratic term is the last one; a loss without one counts as linear.
    pub fn screen(&self, sample: &[Vec<f64>], at: &[f64]) -> (f64, f64) {
        let columns: Vec<&[f64]> = sample.iter().map(Vec::as_slice).collect();
        let means = self.terms.evaluate(&columns, at, self.threads);
        match means.split_last() {
            Some((&norm, linear)) if self.has_norm => (linear.iter().sum(), norm),
            Some(_) | None => (means.iter().sum(), 0.0),
        }
    }

    /// Row operations of one screening evaluation.
    pub fn screening_work(&self) -> usize {
        let operations = self.terms.operations();
        (operations.row + operations.data).max(1)
    }
}
