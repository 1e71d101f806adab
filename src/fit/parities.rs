//! Sets of parameters whose joint change of sign leaves the score unchanged, found in its expression
//! by linear algebra over GF(2).
//!
//! Whether each parameter changes sign is an unknown bit. Each node of the score then changes sign by
//! a sum of bits: a product by the sum over its factors, an odd function as its argument does, an
//! even one never. The terms of a sum must all change alike, the arguments of other nodes must not
//! change, and neither must the score: these equations are linear, and their solutions are the sign
//! changes that leave the density unchanged. A symmetry that is not visible in the expression, as
//! that of a logistic density in its scale, is not found.

use crate::graph::{BinaryFunction, ExprId, Graph, InputId, ListId, Node, Parity, PartsId};

/// Most machine words for the equations: nodes, times equations, times words of each.
const WORK_MAX: usize = 1 << 28;

/// Parameters that change sign together; the first of them is in no other set.
pub(super) type Together = Vec<usize>;

/// Generators of the sign changes of the eligible parameters that leave the score unchanged. The
/// leading parameter of each is in no other one; where there is a choice, it is a divisor, else the
/// first.
pub(super) fn together(
    graph: &Graph,
    score: &[ExprId],
    parameters: &[InputId],
    eligible: &[usize],
) -> Vec<Together> {
    let words = eligible.len().div_ceil(64);
    if eligible.is_empty() || graph.len() * eligible.len() * words > WORK_MAX {
        return Vec::new();
    }
    let inputs: Vec<InputId> = eligible.iter().map(|&j| parameters[j]).collect();
    let divisors = divisors(graph, score, &inputs);
    // Pivots are taken from the beginning of the order, leading parameters from its end.
    let mut order: Vec<usize> = (0..eligible.len()).rev().collect();
    order.sort_by_key(|&place| divisors.get(place));
    let ordered: Vec<InputId> = order.iter().map(|&place| inputs[place]).collect();
    let system = Signs::of(graph, score, &ordered).system;
    let name = |&bit: &usize| eligible[order[bit]];
    let solutions = system.solutions(eligible.len()).into_iter().rev();
    solutions.map(|bits| bits.iter().rev().map(name).collect()).collect()
}

/// A vector over GF(2).
#[derive(Clone, Debug, PartialEq)]
struct Bits(Vec<u64>);

impl Bits {
    fn zero(length: usize) -> Self {
        Self(vec![0; length.div_ceil(64)])
    }

    /// The unit vector of an input; zero if it is not among the unknowns.
    fn unit(input: InputId, inputs: &[InputId]) -> Self {
        let mut bits = Self::zero(inputs.len());
        if let Some(place) = inputs.iter().position(|&other| other == input) {
            bits.set(place);
        }
        bits
    }

    fn get(&self, place: usize) -> bool {
        self.0[place / 64] >> (place % 64) & 1 == 1
    }

    fn set(&mut self, place: usize) {
        self.0[place / 64] |= 1 << (place % 64);
    }

    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a ^= b);
    }

    fn unite(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }

    fn lowest(&self) -> Option<usize> {
        let word = self.0.iter().position(|&word| word != 0)?;
        Some(64 * word + self.0[word].trailing_zeros() as usize)
    }

    /// The scalar product over GF(2).
    fn dot(&self, other: &Self) -> bool {
        let ones = self.0.iter().zip(&other.0).map(|(a, b)| (a & b).count_ones());
        ones.sum::<u32>() % 2 == 1
    }
}

/// Homogeneous linear equations in echelon form, each stored at its lowest unknown.
struct System {
    rows: Vec<Option<Bits>>,
}

impl System {
    fn require(&mut self, mut equation: Bits) {
        while let Some(lead) = equation.lowest() {
            match &self.rows[lead] {
                Some(row) => equation.add(row),
                None => {
                    self.rows[lead] = Some(equation);
                    return;
                }
            }
        }
    }

    /// A basis of the solutions, each as its ascending unknowns of value one. The last unknown of
    /// each solution is zero in all others.
    fn solutions(&self, unknowns: usize) -> Vec<Vec<usize>> {
        let open = (0..unknowns).filter(|&place| self.rows[place].is_none());
        open.map(|place| {
            let mut solution = Bits::zero(unknowns);
            solution.set(place);
            for lead in (0..place).rev() {
                if self.rows[lead].as_ref().is_some_and(|row| row.dot(&solution)) {
                    solution.set(lead);
                }
            }
            (0..=place).filter(|&place| solution.get(place)).collect()
        })
        .collect()
    }
}

/// The sign change of each node of a graph, in order.
struct Signs<'a> {
    graph: &'a Graph,
    unknowns: usize,
    /// By node; zero for nodes that are not part of the score.
    nodes: Vec<Bits>,
    system: System,
}

impl<'a> Signs<'a> {
    fn of(graph: &'a Graph, score: &[ExprId], inputs: &[InputId]) -> Self {
        let unknowns = inputs.len();
        let system = System { rows: vec![None; unknowns] };
        let mut signs = Self { graph, unknowns, nodes: Vec::new(), system };
        let ids = score.iter().map(|root| root.index() + 1).max().unwrap_or(0);
        let reached = graph.reachable(score);
        for (id, _) in graph.ids().zip(0..ids) {
            let sign = if reached[id.index()] { signs.node(id, inputs) } else { signs.stays() };
            signs.nodes.push(sign);
        }
        score.iter().for_each(|&root| signs.keep(root));
        signs
    }

    fn stays(&self) -> Bits {
        Bits::zero(self.unknowns)
    }

    fn at(&self, id: ExprId) -> Bits {
        self.nodes[id.index()].clone()
    }

    /// Requires that the value of a node does not change sign.
    fn keep(&mut self, id: ExprId) {
        self.system.require(self.at(id));
    }

    /// Requires that all terms change sign alike; returns the first of them.
    fn equal(&mut self, mut terms: impl Iterator<Item = Bits>) -> Bits {
        let Some(first) = terms.next() else { return self.stays() };
        for mut term in terms {
            term.add(&first);
            self.system.require(term);
        }
        first
    }

    fn node(&mut self, id: ExprId, inputs: &[InputId]) -> Bits {
        match self.graph.node(id) {
            Node::One | Node::Pi => self.stays(),
            Node::Input(input) => Bits::unit(input, inputs),
            Node::Call(function, u) => match function.parity() {
                Parity::Even => self.stays(),
                Parity::Odd => self.at(u),
                Parity::Neither => self.kept(&[u]),
            },
            Node::Binary(BinaryFunction::Atan2, y, x) => {
                self.keep(x);
                self.at(y)
            }
            Node::Binary(
                BinaryFunction::Min | BinaryFunction::Max | BinaryFunction::Pow(_),
                a,
                b,
            )
            | Node::Compare(_, a, b)
            | Node::Share(a, b) => self.kept(&[a, b]),
            Node::Sum(parts) => self.sum(parts),
            Node::Product(parts) => self.product(parts),
            Node::Select(which, a, b) => {
                self.keep(which);
                let both = [self.at(a), self.at(b)];
                self.equal(both.into_iter())
            }
            Node::Gather(list, index) => {
                self.keep(index);
                let entries: Vec<Bits> =
                    self.graph.list(list).iter().map(|&entry| self.at(entry)).collect();
                self.equal(entries.into_iter())
            }
            Node::Dot(a, b) => self.dot(a, b),
            Node::LogSumExp(coefficients, exponents) => {
                let graph = self.graph;
                self.kept(&[graph.list(coefficients), graph.list(exponents)].concat())
            }
            Node::Mean(u) => self.at(u),
        }
    }

    /// Requires that no operand changes sign, so that the value does not either.
    fn kept(&mut self, operands: &[ExprId]) -> Bits {
        operands.iter().for_each(|&operand| self.keep(operand));
        self.stays()
    }

    fn sum(&mut self, parts: PartsId) -> Bits {
        let terms: Vec<Bits> =
            self.graph.parts(parts).iter().map(|part| self.at(part.expr)).collect();
        self.equal(terms.into_iter())
    }

    fn product(&mut self, parts: PartsId) -> Bits {
        let mut sign = self.stays();
        let graph = self.graph;
        for part in graph.parts(parts) {
            match part.weight.as_integer() {
                Some(power) if power % 2 == 0 => {}
                Some(_) => sign.add(&self.nodes[part.expr.index()]),
                None => self.keep(part.expr),
            }
        }
        sign
    }

    fn dot(&mut self, a: ListId, b: ListId) -> Bits {
        let pairs = self.graph.list(a).iter().zip(self.graph.list(b));
        let product = |(&a, &b): (&ExprId, &ExprId)| {
            let mut sign = self.at(a);
            sign.add(&self.nodes[b.index()]);
            sign
        };
        let terms: Vec<Bits> = pairs.map(product).collect();
        self.equal(terms.into_iter())
    }
}

/// The inputs that are factors of a denominator.
fn divisors(graph: &Graph, score: &[ExprId], inputs: &[InputId]) -> Bits {
    let none = Bits::zero(inputs.len());
    let mut factors: Vec<Bits> = Vec::with_capacity(graph.len());
    let mut divisors = none.clone();
    let reached = graph.reachable(score);
    for id in graph.ids() {
        let mut own = none.clone();
        match graph.node(id) {
            Node::Input(input) => own = Bits::unit(input, inputs),
            Node::Product(parts) => {
                for part in graph.parts(parts) {
                    own.unite(&factors[part.expr.index()]);
                    if part.weight.is_negative() && reached[id.index()] {
                        divisors.unite(&factors[part.expr.index()]);
                    }
                }
            }
            Node::One
            | Node::Pi
            | Node::Call(..)
            | Node::Binary(..)
            | Node::Sum(_)
            | Node::Compare(..)
            | Node::Select(..)
            | Node::Gather(..)
            | Node::Dot(..)
            | Node::LogSumExp(..)
            | Node::Share(..)
            | Node::Mean(_) => {}
        }
        factors.push(own);
    }
    divisors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_unknown_of_a_solution_is_in_no_other() {
        let mut system = System { rows: vec![None; 4] };
        let equation = |places: &[usize]| {
            let mut bits = Bits::zero(4);
            places.iter().for_each(|&place| bits.set(place));
            bits
        };
        system.require(equation(&[0, 1, 2]));
        system.require(equation(&[3]));
        system.require(equation(&[0, 1, 2, 3]));
        assert_eq!(system.solutions(4), [vec![0, 1], vec![0, 2]]);
    }
}
