//! Reverse mode: all partial derivatives of one expression for a small multiple of its cost
//! (Griewank and Walther 2008, §3.2).

use std::collections::BTreeMap;

use super::{MEANS_LAST, partials};
use crate::graph::{BinaryFunction, DOT_MIN, ExprId, Function, Graph, ListId, Node, Number, Part};

/// ∂root/∂v for each v of `wrt`, which may be any nodes; where one v contains another, the inner one
/// is held fixed in the outer one.
///
/// # Examples
/// ```
/// use scorematch::calculus::gradient;
/// use scorematch::graph::{Graph, Support};
/// let mut g = Graph::new();
/// let x = g.input("x", Support::LINE);
/// let cube = g.powi(x, 3);
/// let square = g.powi(x, 2);
/// let expected = g.scale(scorematch::graph::Number::integer(3), square);
/// assert_eq!(gradient(&mut g, cube, &[x]), [expected]);
/// ```
pub fn gradient(g: &mut Graph, root: ExprId, wrt: &[ExprId]) -> Vec<ExprId> {
    let factors = vec![g.one(); wrt.len()];
    gradient_times(g, root, wrt, &factors)
}

/// f_v ∂root/∂v for each v of `wrt`. The factor is multiplied into the contribution of each user of v,
/// so that v ∂log(v)/∂v is 1 and has no pole.
///
/// # Examples
/// ```
/// use scorematch::calculus::gradient_times;
/// use scorematch::graph::{Function, Graph, Support};
/// let mut g = Graph::new();
/// let (v, one) = (g.input("v", Support::LINE), g.one());
/// let log = g.call(Function::Log, v);
/// assert_eq!(gradient_times(&mut g, log, &[v], &[v]), [one]);
/// ```
pub fn gradient_times(
    g: &mut Graph,
    root: ExprId,
    wrt: &[ExprId],
    factors: &[ExprId],
) -> Vec<ExprId> {
    let depends = g.dependents_below(root, wrt);
    let leaves = wrt.iter().copied().zip(factors.iter().copied()).collect();
    sweep(g, root, wrt, &leaves, |id| depends.contains(id))
}

/// A contribution to an adjoint.
#[derive(Clone, Copy)]
enum Contribution {
    /// weight · expr
    Term(Part),
    /// adjoint · partner, from an inner product
    Pair(ExprId, ExprId),
}

/// Adjoints still to be summed, keyed by node; users come before operands from the top.
type Pending = BTreeMap<ExprId, Vec<Contribution>>;

/// The nodes at which the sweep ends, each with the factor of its adjoint.
type Leaves = BTreeMap<ExprId, ExprId>;

fn sweep(
    g: &mut Graph,
    root: ExprId,
    wrt: &[ExprId],
    leaves: &Leaves,
    wanted: impl Fn(ExprId) -> bool,
) -> Vec<ExprId> {
    let mut pending = Pending::new();
    let mut found = BTreeMap::new();
    if wanted(root) {
        pending.insert(root, vec![Contribution::Term(Part::one(g.one()))]);
    }
    while let Some((id, contributions)) = pending.pop_last() {
        if let Some(&factor) = leaves.get(&id) {
            found.insert(id, total_times(g, &contributions, factor));
            continue;
        }
        let adjoint = total(g, &contributions);
        if adjoint != g.zero() {
            for (operand, contribution) in contributions_of(g, id, adjoint, &wanted, leaves) {
                pending.entry(operand).or_default().push(contribution);
            }
        }
    }
    let zero = g.zero();
    wrt.iter().map(|v| found.get(v).copied().unwrap_or(zero)).collect()
}

/// factor · Σ contributions, multiplied into each of the terms.
fn total_times(g: &mut Graph, contributions: &[Contribution], factor: ExprId) -> ExprId {
    if factor == g.one() {
        return total(g, contributions);
    }
    let mut parts = Vec::with_capacity(contributions.len());
    let mut pairs = Vec::new();
    for contribution in contributions {
        match *contribution {
            Contribution::Term(Part { weight, expr }) => {
                parts.push(Part { weight, expr: g.mul(factor, expr) });
            }
            Contribution::Pair(..) => pairs.push(*contribution),
        }
    }
    let product = total(g, &pairs);
    parts.push(Part::one(g.mul(factor, product)));
    g.sum(&parts)
}

/// Σ contributions; [`DOT_MIN`] or more pairs of inner products become one inner product, in the
/// order of their users, which for a symmetric matrix is its row times the list.
fn total(g: &mut Graph, contributions: &[Contribution]) -> ExprId {
    let mut terms = Vec::new();
    let (mut adjoints, mut partners) = (Vec::new(), Vec::new());
    for contribution in contributions.iter().rev() {
        match *contribution {
            Contribution::Term(part) => terms.push(part),
            Contribution::Pair(adjoint, partner) => {
                adjoints.push(adjoint);
                partners.push(partner);
            }
        }
    }
    if adjoints.len() >= DOT_MIN {
        terms.push(Part::one(g.dot(&adjoints, &partners)));
    } else {
        for (&adjoint, &partner) in adjoints.iter().zip(&partners) {
            terms.push(Part::one(g.mul(adjoint, partner)));
        }
    }
    g.sum(&terms)
}

type Contributions = Vec<(ExprId, Contribution)>;

/// The contributions of a node to the adjoints of its operands.
fn contributions_of(
    g: &mut Graph,
    id: ExprId,
    adjoint: ExprId,
    wanted: &impl Fn(ExprId) -> bool,
    leaves: &Leaves,
) -> Contributions {
    match g.node(id) {
        Node::One | Node::Pi | Node::Input(_) | Node::Compare(..) => Vec::new(),
        Node::Call(function, u) if wanted(u) => {
            let slope = function.slope(g, u, id);
            vec![(u, product(g, adjoint, slope))]
        }
        Node::Call(..) => Vec::new(),
        Node::Binary(BinaryFunction::Pow(logs), a, b) if !leaves.contains_key(&a) => {
            let slopes = partials::power(g, [a, b], logs, wanted);
            slopes.into_iter().map(|(below, slope)| (below, product(g, adjoint, slope))).collect()
        }
        Node::Binary(function, a, b) => {
            let (first, second) = function.slopes(g, a, b);
            let both =
                [(a, first), (b, second)].into_iter().filter(|&(operand, _)| wanted(operand));
            both.map(|(operand, slope)| (operand, product(g, adjoint, slope))).collect()
        }
        Node::Sum(parts) => {
            let parts = g.parts(parts).iter().filter(|part| wanted(part.expr));
            let hand = |part: &Part| Part { weight: part.weight, expr: adjoint };
            parts.map(|part| (part.expr, Contribution::Term(hand(part)))).collect()
        }
        Node::Product(parts) => {
            let parts = g.parts(parts).to_vec();
            let slopes = partials::product(g, &parts, wanted);
            slopes.into_iter().map(|(base, slope)| (base, product(g, adjoint, slope))).collect()
        }
        Node::Select(c, a, b) => select(g, c, [a, b], adjoint, wanted),
        Node::Gather(list, index) => gather(g, list, index, adjoint, wanted),
        Node::Dot(a, b) => dot(g, a, b, adjoint, wanted),
        Node::LogSumExp(c, u) => log_sum_exp(g, id, c, u, adjoint, wanted),
        Node::Mean(_) => unreachable!("{MEANS_LAST}"),
        // The softmax weight w = e^(u - L): ∂w/∂u = w, ∂w/∂L = -w.
        Node::Share(u, log_sum) => {
            let up = g.mul(adjoint, id);
            let down = Part { weight: Number::MINUS_ONE, expr: up };
            let both = [(u, Part::one(up)), (log_sum, down)].into_iter();
            let both = both.filter(|&(operand, _)| wanted(operand));
            both.map(|(operand, part)| (operand, Contribution::Term(part))).collect()
        }
    }
}

fn product(g: &mut Graph, adjoint: ExprId, slope: ExprId) -> Contribution {
    Contribution::Term(Part::one(g.mul(adjoint, slope)))
}

/// Each branch receives the adjoint where it is taken.
fn select(
    g: &mut Graph,
    condition: ExprId,
    [then, otherwise]: [ExprId; 2],
    adjoint: ExprId,
    wanted: &impl Fn(ExprId) -> bool,
) -> Contributions {
    let zero = g.zero();
    let mut handed = Vec::with_capacity(2);
    if wanted(then) {
        let masked = g.select(condition, adjoint, zero);
        handed.push((then, Contribution::Term(Part::one(masked))));
    }
    if wanted(otherwise) {
        let masked = g.select(condition, zero, adjoint);
        handed.push((otherwise, Contribution::Term(Part::one(masked))));
    }
    handed
}

/// Each entry receives the adjoint in the rows whose index points at it. In other rows the derivatives
/// of a compound entry may be infinite, so the adjoint is selected instead of multiplied by zero there;
/// for an entry that is an input this cannot happen.
fn gather(
    g: &mut Graph,
    list: ListId,
    index: ExprId,
    adjoint: ExprId,
    wanted: &impl Fn(ExprId) -> bool,
) -> Contributions {
    let entries: Vec<ExprId> = g.list(list).to_vec();
    let places = entries.into_iter().enumerate().filter(|&(_, entry)| wanted(entry));
    let handed = places.map(|(k, entry)| {
        let (level, zero) = (g.level(index, k + 1), g.zero());
        let masked = match g.as_input(entry) {
            Some(_) => g.mul(adjoint, level),
            None => g.select(level, adjoint, zero),
        };
        (entry, Contribution::Term(Part::one(masked)))
    });
    handed.collect()
}

/// ∂(a·b)/∂a_i = b_i; a sum of squares contributes 2 a_i once.
fn dot(
    g: &mut Graph,
    a: ListId,
    b: ListId,
    adjoint: ExprId,
    wanted: &impl Fn(ExprId) -> bool,
) -> Contributions {
    let (left, right) = (g.list(a).to_vec(), g.list(b).to_vec());
    if a == b {
        let twice = g.scale(Number::integer(2), adjoint);
        let entries = left.into_iter().filter(|&entry| wanted(entry));
        return entries.map(|entry| (entry, Contribution::Pair(twice, entry))).collect();
    }
    let forward = left.iter().zip(&right).map(|(&x, &y)| (x, y));
    let backward = right.iter().zip(&left).map(|(&x, &y)| (x, y));
    let all = forward.chain(backward).filter(|&(entry, _)| wanted(entry));
    all.map(|(entry, partner)| (entry, Contribution::Pair(adjoint, partner))).collect()
}

/// L = log Σ c_k e^(u_k): ∂L/∂u_k = c_k e^(u_k - L), ∂L/∂c_k = e^(u_k - L).
fn log_sum_exp(
    g: &mut Graph,
    id: ExprId,
    coefficients: ListId,
    exponents: ListId,
    adjoint: ExprId,
    wanted: &impl Fn(ExprId) -> bool,
) -> Contributions {
    let pairs: Vec<_> =
        g.list(coefficients).iter().copied().zip(g.list(exponents).iter().copied()).collect();
    let mut handed = Vec::new();
    for (c, u) in pairs {
        let share = relative_exponential(g, u, id);
        if wanted(u) {
            let weight = g.mul(c, share);
            handed.push((u, product(g, adjoint, weight)));
        }
        if wanted(c) {
            handed.push((c, product(g, adjoint, share)));
        }
    }
    handed
}

/// e^(u - L), never above 1/|c|.
pub(super) fn relative_exponential(g: &mut Graph, u: ExprId, log_sum: ExprId) -> ExprId {
    let difference = g.sub(u, log_sum);
    g.call(Function::Exp, difference)
}
