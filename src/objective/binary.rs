//! Losses of binary data: functions of the change of log p when one entry takes its other value.
//!
//! With Δ_i = ℓ(x) - ℓ(x with entry i at its other value), p̂_i = 1/(1 + e^-Δ_i) is the probability
//! of entry i given the others. Each loss is a sum over the entries of a function of Δ_i, in which
//! the normaliser cancels, and each gives a consistent estimator.

use super::Loss;
use super::coordinates::number;
use crate::calculus::gradient;
use crate::graph::{ExprId, Function, Graph, Node, Number};

/// A decreasing function of Δ: small where the observed value is the likely one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contrast {
    /// (1 - p̂)² (ratio matching, Hyvärinen 2007).
    Ratio,
    /// -log p̂ (Besag 1975).
    PseudoLikelihood,
    /// e^(-Δ/2) (minimum probability flow, Sohl-Dickstein, Battaglino, DeWeese 2011).
    Flow,
}

/// A binary entry of the data and its two values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub variable: ExprId,
    pub values: (f64, f64),
}

impl Contrast {
    /// The loss of one entry as a function of its Δ.
    fn of(self, g: &mut Graph, difference: ExprId) -> ExprId {
        let opposite = g.neg(difference);
        match self {
            Self::Ratio => {
                let unlikely = g.call(Function::Sigmoid, opposite);
                g.powi(unlikely, 2)
            }
            Self::PseudoLikelihood => g.call(Function::Softplus, opposite),
            Self::Flow => {
                let half = g.scale(Number::ratio(1, 2), opposite);
                g.call(Function::Exp, half)
            }
        }
    }

    /// The terms of ρ by entry.
    pub fn by_entry(self, g: &mut Graph, log_density: ExprId, entries: &[Entry]) -> Vec<ExprId> {
        let differences = differences(g, log_density, entries);
        differences.into_iter().map(|difference| self.of(g, difference)).collect()
    }

    /// ρ; its single term has the name of the objective.
    pub fn loss(
        self,
        g: &mut Graph,
        kind: &'static str,
        log_density: ExprId,
        entries: &[Entry],
    ) -> Loss {
        let parts = self.by_entry(g, log_density, entries);
        let total = g.total(&parts);
        Loss { kind, total, terms: vec![(kind, total)], quadratic: None }
    }
}

/// Δ by entry. Where log p is affine in an entry, Δ is the slope times the difference of its
/// values, and one reverse sweep gives the slopes for all entries. Elsewhere the other value is
/// substituted.
pub(super) fn differences(g: &mut Graph, log_density: ExprId, entries: &[Entry]) -> Vec<ExprId> {
    let variables: Vec<ExprId> = entries.iter().map(|entry| entry.variable).collect();
    let slopes = gradient(g, log_density, &variables);
    let places = entries.iter().zip(slopes);
    places
        .map(|(entry, slope)| {
            let other = entry.other(g);
            if is_affine(g, log_density, slope, entry.variable) {
                let step = g.sub(entry.variable, other);
                return g.mul(step, slope);
            }
            let there = g.substitute(&[log_density], &[(entry.variable, other)])[0];
            g.sub(log_density, there)
        })
        .collect()
}

/// Whether log p is affine in the variable: the slope does not depend on it, and no step function
/// of it occurs, whose derivative is zero almost everywhere.
fn is_affine(g: &Graph, log_density: ExprId, slope: ExprId, variable: ExprId) -> bool {
    let moves = g.dependents(&[variable]);
    let jumps = |&id: &ExprId| match g.node(id) {
        Node::Call(Function::Floor | Function::Sign, u) => moves[u.index()],
        Node::Compare(..) => moves[id.index()],
        Node::One
        | Node::Pi
        | Node::Input(_)
        | Node::Call(..)
        | Node::Binary(..)
        | Node::Sum(_)
        | Node::Product(_)
        | Node::Select(..)
        | Node::Gather(..)
        | Node::Dot(..)
        | Node::LogSumExp(..)
        | Node::Share(..)
        | Node::Mean(_) => false,
    };
    !moves[slope.index()] && !g.live(&[log_density]).iter().any(jumps)
}

impl Entry {
    /// The other value of the entry, as first + second - x.
    fn other(self, g: &mut Graph) -> ExprId {
        let both = g.number(number(self.values.0 + self.values.1));
        g.sub(both, self.variable)
    }
}
