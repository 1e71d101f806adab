//! log p over the inverses of positive definite parameters.
//!
//! A covariance matrix S enters log p of a normal through inv(S) alone, of which the score is linear. The
//! text is elaborated once more with one input for each entry of inv(S), so that what derives from log p
//! never sees how an inverse depends on its matrix. The matrix itself stays where the text has it outside
//! of an inverse, as in log_det(S), which no derivative by the data contains. Deliberately not known here:
//! what such a log p is for.

use super::declare::{Declarations, Declared, unpack};
use super::density::Task;
use super::shape::packed_places;
use super::{Constraint, Model, Value};
use crate::graph::{ExprId, Graph, InputId, Node, Number};

/// log p in which inverses of parameters are inputs of their own.
#[derive(Clone, Debug)]
pub(crate) struct OverInverses {
    /// Canonical and stabilised.
    pub log_density: ExprId,
    pub inverses: Vec<InverseInputs>,
}

/// The inputs for the inverse of a positive definite parameter.
#[derive(Clone, Debug)]
pub(crate) struct InverseInputs {
    /// The position of the block.
    pub block: usize,
    /// The entries i <= j, row by row, as the parameters of the block stand.
    pub inputs: Vec<InputId>,
}

/// A positive definite parameter and the inputs for its inverse.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    name: String,
    matrix: Value,
    inverse: Value,
    inputs: Vec<InputId>,
    is_used: bool,
}

impl Opened {
    /// `None` for names that are no positive definite matrix of several rows.
    pub fn of(graph: &mut Graph, declared: &Declared, matrix: &Value) -> Option<Self> {
        let rows = declared.shape.rows();
        if declared.constraint != Constraint::Posdef || rows < 2 {
            return None;
        }
        let name = |(i, j): (usize, usize)| format!("inv({})[{},{}]", declared.name, i + 1, j + 1);
        let nodes: Vec<ExprId> =
            packed_places(rows).map(|place| graph.internal_input(&name(place))).collect();
        Some(Self {
            name: declared.name.clone(),
            matrix: matrix.clone(),
            inverse: Value::new(declared.shape, unpack(declared, &nodes)),
            inputs: nodes.iter().filter_map(|&node| graph.as_input(node)).collect(),
            is_used: false,
        })
    }

    /// The inverse of a value that is the matrix times a number.
    pub fn inverse_of(&mut self, graph: &mut Graph, value: &Value) -> Option<Value> {
        let factor = match graph.node(value.ids[0]) {
            Node::Sum(parts) => match *graph.parts(parts) {
                [part] => part.weight,
                _ => return None,
            },
            _ => Number::ONE,
        };
        let mut pairs = value.ids.iter().zip(self.matrix.ids.iter());
        let is_this = value.shape == self.matrix.shape
            && pairs.all(|(&id, &entry)| graph.scale(factor, entry) == id);
        self.is_used |= is_this;
        let scaled = |&entry: &ExprId| graph.scale(factor.recip(), entry);
        is_this.then(|| Value::new(value.shape, self.inverse.ids.iter().map(scaled).collect()))
    }
}

impl Model {
    /// log p in the graph of the model, or a clone of it, over the inverses of its positive definite
    /// parameters; `None` where it contains no such inverse.
    pub(crate) fn over_inverses(&self, graph: &mut Graph) -> Option<OverInverses> {
        if !self.blocks.iter().any(|block| block.constraint == Constraint::Posdef) {
            return None;
        }
        let declarations =
            Declarations { declared: self.declared.clone(), ..Declarations::default() };
        let task = Task {
            ast: &self.ast,
            declarations: &declarations,
            constants: &self.settings.constants,
            nodes_max: self.settings.nodes_max,
            opens_inverses: true,
        };
        let density = task.run(std::mem::take(graph), &mut Vec::new());
        let density = density.expect("the text of a model has a log-density");
        *graph = density.graph;
        let inverses: Vec<InverseInputs> =
            density.opened.into_iter().filter_map(|one| self.inputs_of(one)).collect();
        let log_density = graph.stabilise(&[density.log_density])[0];
        (!inverses.is_empty()).then_some(OverInverses { log_density, inverses })
    }

    /// `None` where the text does not use the inverse.
    fn inputs_of(&self, opened: Opened) -> Option<InverseInputs> {
        let block = self.blocks.iter().position(|block| block.name == opened.name);
        let block = block.expect("each parameter of the text has a block");
        opened.is_used.then_some(InverseInputs { block, inputs: opened.inputs })
    }
}
