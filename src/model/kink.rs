//! Finds kinks and steps of log p in the data: compares its slope on both sides of a surface where
//! a node switches branches, which is searched for along a random line.
//!
//! The functions of the text do not decide: `abs(x)^3` has no kink, `sqrt(x^2)` has one.

use crate::graph::{
    BinaryFunction, ExprId, Function, Graph, InputId, Node, Part, Support, evaluate,
};
use crate::numerics::rng::{Stream, stream};

/// Number of random points and lines for each node.
const TRIES: u64 = 5;
/// Node evaluations for one model, at most.
const WORK: usize = 200_000_000;
/// Evaluations of an expression for one try, at most.
const EVALUATIONS: usize = 400;
/// A line is sampled at sinh-spaced points up to ±sinh([`REACH`]) from its origin.
const REACH: f64 = 12.0;
const POINTS: u32 = 96;
/// Step of the second differences across the surface, relative to the distance from the origin, and
/// the factor by which it shrinks.
const STEP: f64 = 1e-4;
const SHRINK: f64 = 64.0;
/// Second differences over their steps keep their size at a kink and shrink elsewhere: the share of
/// the size above which there is a kink.
const KEPT: f64 = 0.5;
/// Smallest jump of a slope that counts, relative to the slope.
const JUMP: f64 = 1e-6;
/// Most rounds of the search for a zero of a base.
const SWEEPS: usize = 60;

/// The nodes at which log p has a kink or a step in the data.
pub(super) fn kinked(graph: &Graph, log_density: ExprId, data: &[ExprId]) -> Vec<ExprId> {
    let depends = graph.dependents(data);
    let live = graph.live(&[log_density]);
    let size = live.len();
    let candidates: Vec<ExprId> =
        live.into_iter().filter(|&id| may_switch(graph, id, &depends)).collect();
    let affordable = (WORK / (size * EVALUATIONS * TRIES as usize)).max(1);
    let subject = Subject { graph, log_density, data };
    // Candidates beyond the affordable number count as kinks, except for roots.
    let bad = |(position, id): (usize, &ExprId)| match position < affordable {
        true => subject.has_kink(*id),
        false => !matches!(graph.node(*id), Node::Product(_)),
    };
    candidates.iter().enumerate().filter(|&one| bad(one)).map(|(_, &id)| id).collect()
}

/// Whether a node can switch branches in the data: an absolute value, a choice, a root.
fn may_switch(graph: &Graph, id: ExprId, depends: &[bool]) -> bool {
    let of_data = |id: ExprId| depends[id.index()];
    match graph.node(id) {
        Node::Call(function, u) => function.has_kink() && of_data(u),
        Node::Binary(BinaryFunction::Atan2 | BinaryFunction::Pow(_), ..) => false,
        Node::Binary(_, a, b) => of_data(a) || of_data(b),
        Node::Select(condition, ..) => of_data(condition),
        Node::Product(parts) => {
            let mut parts = graph.parts(parts).iter();
            parts.any(|part| is_root(part) && of_data(part.expr))
        }
        Node::One
        | Node::Pi
        | Node::Input(_)
        | Node::Sum(_)
        | Node::Compare(..)
        | Node::Dot(..)
        | Node::LogSumExp(..)
        | Node::Share(..)
        | Node::Gather(..)
        | Node::Mean(_) => false,
    }
}

/// Whether a factor has a positive exponent that is no integer.
fn is_root(part: &Part) -> bool {
    part.weight.as_integer().is_none() && !part.weight.is_negative()
}

struct Subject<'a> {
    graph: &'a Graph,
    log_density: ExprId,
    data: &'a [ExprId],
}

impl Subject<'_> {
    /// Whether log p has a kink in most of the tries that find the surface of the node.
    fn has_kink(&self, id: ExprId) -> bool {
        let seen: Vec<bool> =
            (0..TRIES).filter_map(|key| self.jumps(id, &mut stream(key, 77))).collect();
        2 * seen.iter().filter(|&&jump| jump).count() > seen.len()
    }

    /// Whether log p has a kink where the node switches branches; `None` where no such point is
    /// found.
    fn jumps(&self, id: ExprId, stream: &mut Stream) -> Option<bool> {
        let point: Vec<f64> =
            self.graph.inputs().iter().map(|input| inside(input.support, stream)).collect();
        let data: Vec<usize> = self.data.iter().filter_map(|&x| self.position(x)).collect();
        let mut line = Line { subject: self, point, data, direction: Vec::new() };
        line.direction = line.data.iter().map(|_| stream.normal()).collect();
        let at = match self.graph.node(id) {
            Node::Product(parts) => {
                let part = self.graph.parts(parts).iter().find(|part| is_root(part))?;
                line.move_to_zero(part.expr)?;
                0.0
            }
            _ => line.switch(id)?,
        };
        line.jump(at)
    }

    fn position(&self, x: ExprId) -> Option<usize> {
        self.graph.as_input(x).map(InputId::index)
    }

    fn value(&self, root: ExprId, point: &[f64]) -> f64 {
        evaluate(self.graph, &[root], |input| point[input.index()])[0]
    }
}

/// A line through a point in the space of the data; the other inputs are fixed.
struct Line<'a> {
    subject: &'a Subject<'a>,
    point: Vec<f64>,
    /// Positions of the data among the inputs.
    data: Vec<usize>,
    direction: Vec<f64>,
}

impl Line<'_> {
    /// The inputs at parameter `t` of the line; `None` outside of a support.
    fn point_at(&self, t: f64) -> Option<Vec<f64>> {
        let mut place = self.point.clone();
        for (&k, direction) in self.data.iter().zip(&self.direction) {
            place[k] += t * direction;
            let Support { low, high } = self.subject.graph.inputs()[k].support;
            if place[k] <= low || place[k] >= high {
                return None;
            }
        }
        Some(place)
    }

    fn log_density(&self, t: f64) -> Option<f64> {
        let value = self.subject.value(self.subject.log_density, &self.point_at(t)?);
        value.is_finite().then_some(value)
    }

    /// The branch that a node takes at parameter `t` of the line.
    fn state(&self, id: ExprId, t: f64) -> Option<f64> {
        let place = self.point_at(t)?;
        let of = |id: ExprId| self.subject.value(id, &place);
        let below = |low: bool| if low { 1.0 } else { 0.0 };
        let state = match self.subject.graph.node(id) {
            Node::Call(Function::Floor, u) => of(u).floor(),
            Node::Call(_, u) => below(of(u) < 0.0),
            Node::Binary(_, a, b) => below(of(a) < of(b)),
            Node::Select(condition, ..) => of(condition),
            _ => return None,
        };
        (!state.is_nan()).then_some(state)
    }

    /// The parameter at which a node switches branches, by bisection.
    fn switch(&self, id: ExprId) -> Option<f64> {
        let places: Vec<f64> = (0..=POINTS)
            .map(|k| (REACH * (2.0 * f64::from(k) / f64::from(POINTS) - 1.0)).sinh())
            .collect();
        let states: Vec<Option<f64>> = places.iter().map(|&t| self.state(id, t)).collect();
        let changes = |k: &usize| {
            let (a, b) = (states[*k], states[k + 1]);
            a.is_some() && b.is_some() && a != b
        };
        // The change nearest to the origin, where functions have moderate values.
        let nearest = |k: &usize| (2 * k + 1).abs_diff(places.len() - 1);
        let k = (0..places.len() - 1).filter(changes).min_by_key(nearest)?;
        let (mut low, mut high) = (places[k], places[k + 1]);
        for _ in 0..100 {
            let middle = f64::midpoint(low, high);
            match self.state(id, middle) == states[k] {
                true => low = middle,
                false => high = middle,
            }
        }
        Some(f64::midpoint(low, high))
    }

    /// Moves the point to a zero of a base, if one is found, by a parabola in each coordinate.
    fn move_to_zero(&mut self, base: ExprId) -> Option<()> {
        let value = |point: &[f64]| self.subject.value(base, point);
        let mut point = self.point.clone();
        let first = value(&point);
        let mut steps: Vec<f64> = vec![1e-2; self.data.len()];
        for _ in 0..SWEEPS {
            for (&k, step) in self.data.iter().zip(&mut steps) {
                let (middle, h) = (point[k], step.abs().clamp(1e-8, 1e-2));
                let mut at = |x: f64| {
                    point[k] = x;
                    value(&point)
                };
                let (low, here, high) = (at(middle - h), at(middle), at(middle + h));
                let bend = low - 2.0 * here + high;
                let shift = -0.5 * h * (high - low) / bend;
                let moves = bend > 0.0 && at(middle + shift) <= here;
                point[k] = if moves { middle + shift } else { middle };
                *step = if moves { shift } else { h };
            }
        }
        let found = value(&point);
        self.point = point;
        (first.is_finite() && found.abs() <= 1e-12 * first.abs()).then_some(())
    }

    /// Whether log p has a kink at `t`: second differences over their steps keep their size as the
    /// steps shrink.
    fn jump(&self, t: f64) -> Option<bool> {
        let step = STEP * t.abs().max(1.0);
        let middle = self.log_density(t)?;
        let bend = |h: f64| {
            let (left, right) = (self.log_density(t - h)?, self.log_density(t + h)?);
            let rounding = 8.0 * f64::EPSILON * (left.abs() + right.abs()) / h;
            Some(((left - 2.0 * middle + right) / h, (right - left).abs() / h, rounding))
        };
        let (wide, ..) = bend(step)?;
        let (narrow, slope, rounding) = bend(step / SHRINK)?;
        let matters = narrow.abs() > JUMP * slope.max(1e-3) + rounding;
        Some(matters && narrow.abs() > KEPT * wide.abs())
    }
}

/// A random number inside a support.
fn inside(Support { low, high }: Support, stream: &mut Stream) -> f64 {
    let normal = stream.normal();
    match (low.is_finite(), high.is_finite()) {
        (false, false) => 2.0 * normal,
        (true, false) => low + normal.exp(),
        (false, true) => high - normal.exp(),
        (true, true) => low + (high - low) / (1.0 + normal.exp()),
    }
}
