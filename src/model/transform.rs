//! Parameters as functions of unconstrained coordinates.

use super::constraint::Constraint;
use super::shape::{packed, packed_places};
use super::{Block, Model};
use crate::graph::{ExprId, Function, Graph, InputId, Number, Support, evaluate};
use crate::numerics::rng::Stream;

/// The parameters θ as expressions of unconstrained inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Transform {
    /// The unconstrained inputs; that of a parameter without constraint is the parameter itself.
    pub free: Vec<InputId>,
    /// The expressions of θ, in order of the parameters.
    pub theta: Vec<ExprId>,
}

impl Model {
    /// θ over unconstrained inputs, in the given graph: `θ = a + exp(φ)` above a bound, a sigmoid
    /// between two bounds, a softmax on a simplex, a product of Cholesky factors for a positive
    /// definite matrix.
    #[must_use]
    pub fn transform(&self, graph: &mut Graph) -> Transform {
        let mut transform = Transform { free: Vec::new(), theta: Vec::new() };
        for block in self.blocks() {
            let names: Vec<&str> = block
                .parameters
                .clone()
                .map(|parameter| {
                    self.graph().inputs()[self.parameters()[parameter].input.index()].name.as_str()
                })
                .collect();
            let mut inputs = Inputs { graph, free: &mut transform.free };
            transform.theta.extend(theta(&mut inputs, block, &names));
        }
        transform
    }

    /// The unconstrained coordinates of a point; `None` outside of the constraints.
    #[must_use]
    pub fn to_free(&self, theta: &[f64]) -> Option<Vec<f64>> {
        let mut free = Vec::with_capacity(theta.len());
        for block in self.blocks() {
            let values = theta.get(block.parameters.clone())?;
            free.extend(block.constraint.to_free(block.shape, values)?);
        }
        Some(free)
    }

    /// The point with these unconstrained coordinates.
    #[must_use]
    pub fn from_free(&self, free: &[f64]) -> Vec<f64> {
        let mut graph = Graph::new();
        let transform = self.transform(&mut graph);
        let mut values = vec![f64::NAN; graph.inputs().len()];
        transform.free.iter().zip(free).for_each(|(input, value)| values[input.index()] = *value);
        evaluate(&graph, &transform.theta, |input| values[input.index()])
    }

    /// A random point inside the constraints: standard normal in the unconstrained coordinates.
    #[must_use]
    pub fn draw_parameters(&self, stream: &mut Stream) -> Vec<f64> {
        let free = self.transform(&mut Graph::new()).free;
        self.from_free(&free.iter().map(|_| stream.normal()).collect::<Vec<_>>())
    }
}

/// Makes the unconstrained inputs: that of a parameter without constraint is the parameter itself,
/// the others are internal inputs with formulas as names, such as `log(s2)`.
struct Inputs<'g> {
    graph: &'g mut Graph,
    free: &'g mut Vec<InputId>,
}

impl Inputs<'_> {
    fn unconstrained(&mut self, name: &str) -> ExprId {
        let id = self.graph.input(name, Support::LINE);
        self.push(id)
    }

    fn internal(&mut self, name: &str) -> ExprId {
        let id = self.graph.internal_input(name);
        self.push(id)
    }

    fn push(&mut self, id: ExprId) -> ExprId {
        self.free.push(self.graph.as_input(id).expect("the node was made as an input"));
        id
    }

    fn exp(&mut self, name: &str) -> ExprId {
        let free = self.internal(name);
        self.graph.call(Function::Exp, free)
    }

    fn number(&mut self, value: f64) -> ExprId {
        let magnitude = value.abs().to_string().parse::<Number>();
        let magnitude = magnitude.expect("a finite number is a literal");
        self.graph.number(if value < 0.0 { -magnitude } else { magnitude })
    }
}

fn theta(inputs: &mut Inputs<'_>, block: &Block, names: &[&str]) -> Vec<ExprId> {
    let each = |inputs: &mut Inputs<'_>, f: &dyn Fn(&mut Inputs<'_>, &str) -> ExprId| {
        names.iter().map(|name| f(inputs, name)).collect()
    };
    match block.constraint {
        Constraint::Free | Constraint::Symmetric => {
            each(inputs, &|inputs, name| inputs.unconstrained(name))
        }
        Constraint::Above(low) => each(inputs, &|inputs, name| above(inputs, name, low)),
        Constraint::Below(high) => each(inputs, &|inputs, name| below(inputs, name, high)),
        Constraint::Between(low, high) => {
            each(inputs, &|inputs, name| between(inputs, name, low, high))
        }
        Constraint::Ordered => ordered(inputs, names),
        Constraint::Simplex => simplex(inputs, names),
        Constraint::Posdef => posdef(inputs, block, names),
    }
}

/// `name - value` as text, for the name of an input.
fn shifted(name: &str, value: f64) -> String {
    match value {
        0.0 => name.to_owned(),
        _ if value < 0.0 => format!("{name} + {}", -value),
        _ => format!("{name} - {value}"),
    }
}

fn above(inputs: &mut Inputs<'_>, name: &str, low: f64) -> ExprId {
    let excess = inputs.exp(&format!("log({})", shifted(name, low)));
    let low = inputs.number(low);
    inputs.graph.add(low, excess)
}

fn below(inputs: &mut Inputs<'_>, name: &str, high: f64) -> ExprId {
    let rest = inputs.exp(&format!("log({high} - {name})"));
    let high = inputs.number(high);
    inputs.graph.sub(high, rest)
}

fn between(inputs: &mut Inputs<'_>, name: &str, low: f64, high: f64) -> ExprId {
    let logit = inputs.internal(&format!("logit({name} in ({low}, {high}))"));
    let share = inputs.graph.call(Function::Sigmoid, logit);
    let (low, high) = (inputs.number(low), inputs.number(high));
    let width = inputs.graph.sub(high, low);
    let part = inputs.graph.mul(width, share);
    inputs.graph.add(low, part)
}

fn ordered(inputs: &mut Inputs<'_>, names: &[&str]) -> Vec<ExprId> {
    let mut theta: Vec<ExprId> = Vec::with_capacity(names.len());
    for (position, name) in names.iter().enumerate() {
        theta.push(match position.checked_sub(1) {
            None => inputs.unconstrained(name),
            Some(before) => {
                let step = inputs.exp(&format!("log({name} - {})", names[before]));
                inputs.graph.add(theta[before], step)
            }
        });
    }
    theta
}

fn simplex(inputs: &mut Inputs<'_>, names: &[&str]) -> Vec<ExprId> {
    let (last, rest) = names.split_last().expect("a simplex has entries");
    let mut logits: Vec<ExprId> =
        rest.iter().map(|name| inputs.internal(&format!("log({name}/{last})"))).collect();
    logits.push(inputs.graph.zero());
    let graph = &mut *inputs.graph;
    let ones = vec![graph.one(); logits.len()];
    let total = graph.log_sum_exp(&ones, &logits);
    let entry = |logit| {
        let exponent = graph.sub(logit, total);
        graph.call(Function::Exp, exponent)
    };
    logits.into_iter().map(entry).collect()
}

/// P = L Lᵀ; L\[j]\[i] is at the packed place of (i, j).
fn posdef(inputs: &mut Inputs<'_>, block: &Block, names: &[&str]) -> Vec<ExprId> {
    let n = block.shape.rows();
    let factor: Vec<ExprId> = packed_places(n)
        .zip(names)
        .map(|((i, j), name)| {
            if i == j {
                inputs.exp(&format!("log(cholesky({name}))"))
            } else {
                inputs.internal(&format!("cholesky({name})"))
            }
        })
        .collect();
    let entry = |(i, j): (usize, usize)| {
        let line =
            |row: usize| -> Vec<ExprId> { (0..=i).map(|k| factor[packed(n, k, row)]).collect() };
        let (left, right) = (line(i), line(j));
        inputs.graph.dot(&left, &right)
    };
    packed_places(n).map(entry).collect()
}
