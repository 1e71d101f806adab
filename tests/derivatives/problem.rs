//! A log-density in two graphs: canonical, with all derived expressions, and as written.

use proptest::prelude::*;
use scorematch::calculus::{gradient, hessian, hessian_times, laplacian};
use scorematch::graph::{BinaryFunction, ExprId, Graph, InputId, Node, Number, evaluate};
use scorematch::model::Model;
use scorematch::objective::hyvarinen;

use crate::judge;
use crate::recipe::{DATA, Dish, Recipe, cook};

/// Most inputs of a problem.
const INPUTS_MAX: usize = 20;

/// The expression as written.
pub struct Written {
    pub g: Graph,
    pub root: ExprId,
    pub data: Vec<InputId>,
    pub parameters: Vec<InputId>,
}

/// The canonical graph with all derived expressions.
pub struct Derived {
    pub g: Graph,
    pub value: ExprId,
    pub score: Vec<ExprId>,
    pub laplacian: ExprId,
    pub rho: ExprId,
    pub slopes: Vec<ExprId>,
    /// The upper triangle of the Hessian with respect to θ.
    pub hessian: Vec<ExprId>,
    /// The product of the Hessian with the direction.
    pub along: Vec<ExprId>,
    pub direction: Vec<i64>,
}

/// Both graphs; inputs have equal numbers in them.
pub struct Problem {
    pub written: Written,
    pub derived: Derived,
}

impl Problem {
    /// The problem of a recipe, whose first `dimension` inputs are data.
    pub fn of_recipe(recipe: &Recipe, dimension: usize) -> Self {
        let (mut g, mut verbatim) = (Graph::new(), Graph::verbatim());
        let Dish { data, parameters, root } = cook(&mut g, recipe);
        let value = g.stabilise(&[root])[0];
        let text = cook(&mut verbatim, recipe).root;
        Self::new((g, value), (verbatim, text), &data[..dimension.min(DATA)], &parameters)
    }

    /// The problem of a model.
    pub fn of_model(model: &Model) -> Self {
        let canonical = (model.graph().clone(), model.log_density());
        let (verbatim, root) = model.verbatim();
        let node = |input: InputId| model.graph().input_node(input);
        let data: Vec<ExprId> = model.data().iter().map(|x| node(x.input)).collect();
        let parameters: Vec<ExprId> = model.parameters().iter().map(|p| node(p.input)).collect();
        Self::new(canonical, (verbatim.clone(), root), &data, &parameters)
    }

    fn new(
        (g, value): (Graph, ExprId),
        (verbatim, root): (Graph, ExprId),
        data: &[ExprId],
        parameters: &[ExprId],
    ) -> Self {
        let inputs = |ids: &[ExprId]| -> Vec<InputId> {
            ids.iter().map(|&id| g.as_input(id).expect("an input")).collect()
        };
        let (x, theta) = (inputs(data), inputs(parameters));
        let written = Written { g: verbatim, root, data: x, parameters: theta };
        Self { written, derived: Derived::new(g, value, data, parameters) }
    }

    /// The point of random steps, positive where an input is. Points avoid zero and other places
    /// where kinks meet or where a limit replaces the value.
    pub fn point(&self, steps: &[i32]) -> Vec<f64> {
        let inputs = self.derived.g.inputs().iter().enumerate();
        let place = |k: usize| (f64::from(steps[k]) + 0.1 + 0.137 * (k % 6) as f64) / 16.0;
        let points = inputs.map(|(k, input)| match input.support.low {
            0.0 => 0.25 + place(k).abs(),
            _ => place(k),
        });
        points.collect()
    }

    /// The size to which rounding errors in both graphs are relative.
    pub fn scale(&self, point: &[f64]) -> f64 {
        let written = &self.written;
        let text = judge::scale(&written.g, written.root, point, &written.data);
        self.derived.scale(point).max(text)
    }
}

impl Written {
    /// Whether a point is on the edge of a root or at a pole: there a term that is constantly zero,
    /// such as x - abs(x), makes derivatives of the text undefined.
    pub fn is_singular(&self, point: &[f64]) -> bool {
        let live = self.g.live(&[self.root]);
        let values = evaluate(&self.g, &live, |id| point[id.index()]);
        let zeros: Vec<ExprId> =
            live.iter().zip(values).filter(|&(_, value)| value == 0.0).map(|(&id, _)| id).collect();
        let whole = |weight: Number| weight.as_integer().is_some_and(|n| n > 0);
        live.iter().any(|&id| match self.g.node(id) {
            Node::Product(parts) => self
                .g
                .parts(parts)
                .iter()
                .any(|part| !whole(part.weight) && zeros.binary_search(&part.expr).is_ok()),
            Node::Binary(BinaryFunction::Atan2, a, b) => {
                [a, b].iter().all(|argument| zeros.binary_search(argument).is_ok())
            }
            Node::Binary(BinaryFunction::Pow(_), base, _) => zeros.binary_search(&base).is_ok(),
            // 1/0 as a literal.
            Node::Sum(_) => self.g.as_number(id).is_some_and(|n| n.to_f64().is_infinite()),
            Node::One
            | Node::Pi
            | Node::Input(_)
            | Node::Call(..)
            | Node::Binary(BinaryFunction::Min | BinaryFunction::Max, ..)
            | Node::Compare(..)
            | Node::Select(..)
            | Node::Gather(..)
            | Node::Dot(..)
            | Node::LogSumExp(..)
            | Node::Share(..)
            | Node::Mean(_) => false,
        })
    }
}

/// Steps for any problem; each corresponds to a coordinate between -2 and 2.
pub fn steps() -> impl Strategy<Value = Vec<i32>> {
    prop::collection::vec(-32..32i32, INPUTS_MAX)
}

impl Derived {
    fn new(mut g: Graph, value: ExprId, data: &[ExprId], parameters: &[ExprId]) -> Self {
        let score = gradient(&mut g, value, data);
        let laplacian = laplacian(&mut g, value, data);
        let loss = hyvarinen(&mut g, value, data);
        let rho = g.stabilise(&[loss.total])[0];
        let slopes = gradient(&mut g, rho, parameters);
        let hessian = hessian(&mut g, &slopes, parameters);
        let direction: Vec<i64> = [1, -2, 3].into_iter().cycle().take(parameters.len()).collect();
        let ids: Vec<ExprId> = direction.iter().map(|&n| g.integer(n)).collect();
        let along = hessian_times(&mut g, rho, &slopes, parameters, &ids);
        Self { g, value, score, laplacian, rho, slopes, hessian, along, direction }
    }

    /// The value of an expression at a point.
    pub fn at(&self, root: ExprId, point: &[f64]) -> f64 {
        evaluate(&self.g, &[root], |id| point[id.index()])[0]
    }

    /// The largest intermediate value, at least one.
    fn scale(&self, point: &[f64]) -> f64 {
        let one = [self.value, self.laplacian, self.rho];
        let many = [&self.score, &self.slopes, &self.hessian, &self.along];
        let roots: Vec<ExprId> =
            one.into_iter().chain(many.into_iter().flatten().copied()).collect();
        let values = evaluate(&self.g, &self.g.live(&roots), |id| point[id.index()]);
        // A branch not taken may have any value; one that reaches a root fails the comparison.
        let sizes = values.into_iter().filter(|value| value.is_finite()).map(f64::abs);
        sizes.fold(1.0, f64::max)
    }
}
