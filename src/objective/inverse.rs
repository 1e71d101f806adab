//! From natural coefficients η(θ) back to the parameters θ.
//!
//! Two stages cover what people write: coefficients that are products of powers of parameters
//! (1/s2, b/s2, K[1,2]) are undone by logarithms, and those that are left must be linear in the
//! parameters that are left (K*m in m). Deliberately not known here: where η comes from.

use nalgebra::{DMatrix, DVector};

use crate::calculus::gradient;
use crate::graph::{ExprId, Graph, InputId, Node, evaluate};

/// θ must give back η to this share of its size.
const AGREES: f64 = 1e-6;
/// A coefficient below this counts as zero.
const TINY: f64 = 1e-250;
/// A parameter above this counts as infinite.
const HUGE: f64 = 1e150;

/// The map η ↦ θ.
#[derive(Debug)]
pub(super) struct Inverse {
    graph: Graph,
    coefficients: Vec<ExprId>,
    inputs: Vec<InputId>,
    /// ∂η/∂θ, row by row.
    slopes: Vec<ExprId>,
    powers: Powers,
    linear: Linear,
}

/// η_k = c_k Π θ_j^w_kj
#[derive(Debug)]
struct Powers {
    equations: Vec<usize>,
    unknowns: Vec<usize>,
    constants: Vec<f64>,
    exponents: DMatrix<f64>,
    inverse: DMatrix<f64>,
    positive: Vec<bool>,
}

/// η_k = c_k + Σ_j a_kj θ_j, with c and a expressions of the parameters that are known by then.
#[derive(Debug)]
struct Linear {
    equations: Vec<usize>,
    unknowns: Vec<usize>,
    constants: Vec<ExprId>,
    slopes: Vec<ExprId>,
}

impl Inverse {
    /// `None` where the two stages do not undo the coefficients.
    pub fn of(graph: &mut Graph, coefficients: &[ExprId], inputs: &[ExprId]) -> Option<Self> {
        let powers = Powers::of(graph, coefficients, inputs)?;
        let linear = Linear::of(graph, coefficients, inputs, &powers)?;
        let slopes = coefficients.iter().flat_map(|&root| gradient(graph, root, inputs)).collect();
        Some(Self {
            slopes,
            coefficients: coefficients.to_vec(),
            inputs: inputs.iter().filter_map(|&node| graph.as_input(node)).collect(),
            powers,
            linear,
            graph: graph.clone(),
        })
    }

    /// θ with η(θ) = η, inside the signs that are declared.
    pub fn theta(&self, natural: &[f64]) -> Option<Vec<f64>> {
        let mut theta = vec![0.0; self.inputs.len()];
        self.powers.solve(natural, &mut theta)?;
        self.solve_linear(natural, &mut theta)?;
        let back = self.natural(&theta);
        let agrees = |(&back, &eta): (&f64, &f64)| (back - eta).abs() <= AGREES * eta.abs() + TINY;
        back.iter().zip(natural).all(agrees).then_some(theta)
    }

    /// η(θ)
    pub fn natural(&self, theta: &[f64]) -> Vec<f64> {
        self.evaluate(&self.coefficients, theta)
    }

    /// ∂η/∂θ, coefficients by parameters.
    pub fn slopes(&self, theta: &[f64]) -> DMatrix<f64> {
        let m = self.inputs.len();
        DMatrix::from_row_slice(m, m, &self.evaluate(&self.slopes, theta))
    }

    fn evaluate(&self, roots: &[ExprId], theta: &[f64]) -> Vec<f64> {
        let value = |input: InputId| {
            let place = self.inputs.iter().position(|&known| known == input);
            place.map_or(f64::NAN, |place| theta[place])
        };
        evaluate(&self.graph, roots, value)
    }

    fn solve_linear(&self, natural: &[f64], theta: &mut [f64]) -> Option<()> {
        let Linear { equations, unknowns, constants, slopes } = &self.linear;
        let m = unknowns.len();
        if m == 0 {
            return Some(());
        }
        let constants = self.evaluate(constants, theta);
        let slopes = DMatrix::from_row_slice(m, m, &self.evaluate(slopes, theta));
        let right = DVector::from_fn(m, |k, _| natural[equations[k]] - constants[k]);
        let found = slopes.lu().solve(&right)?;
        unknowns.iter().zip(found.iter()).for_each(|(&j, &value)| theta[j] = value);
        Some(())
    }
}

impl Powers {
    fn of(graph: &Graph, coefficients: &[ExprId], inputs: &[ExprId]) -> Option<Self> {
        let all: Vec<Option<(f64, Vec<f64>)>> =
            coefficients.iter().map(|&id| monomial(graph, id, inputs)).collect();
        let equations: Vec<usize> = (0..all.len()).filter(|&k| all[k].is_some()).collect();
        let known: Vec<&(f64, Vec<f64>)> = all.iter().flatten().collect();
        let unknowns: Vec<usize> = (0..inputs.len())
            .filter(|&j| known.iter().any(|(_, powers)| powers[j] != 0.0))
            .collect();
        if unknowns.len() != equations.len() {
            return None;
        }
        let m = unknowns.len();
        let exponents = DMatrix::from_fn(m, m, |k, j| known[k].1[unknowns[j]]);
        let inverse = if m == 0 { exponents.clone() } else { exponents.clone().try_inverse()? };
        let positive = |&j: &usize| {
            let input = graph.as_input(inputs[j]);
            input.is_some_and(|input| graph.inputs()[input.index()].support.low >= 0.0)
        };
        Some(Self {
            constants: known.iter().map(|(constant, _)| *constant).collect(),
            positive: unknowns.iter().map(positive).collect(),
            equations,
            unknowns,
            exponents,
            inverse,
        })
    }

    fn solve(&self, natural: &[f64], theta: &mut [f64]) -> Option<()> {
        let ratios: Vec<f64> =
            self.equations.iter().zip(&self.constants).map(|(&k, c)| natural[k] / c).collect();
        let logs =
            DVector::from_iterator(ratios.len(), ratios.iter().map(|r| r.abs().max(TINY).ln()));
        let sizes = &self.inverse * logs;
        let negative = self.signs(&ratios)?;
        for ((&j, size), negative) in self.unknowns.iter().zip(sizes.iter()).zip(negative) {
            theta[j] = if negative { -size.exp() } else { size.exp() };
        }
        // Where a coefficient vanishes, a parameter that divides is infinite.
        self.unknowns.iter().all(|&j| theta[j].abs() < HUGE).then_some(())
    }

    /// Which unknowns are negative: the sign of each ratio is that of its odd powers. `None` where
    /// a declared sign contradicts it.
    fn signs(&self, ratios: &[f64]) -> Option<Vec<bool>> {
        let odd = |k: usize, j: usize| self.exponents[(k, j)] % 2.0 != 0.0;
        let mut known: Vec<Option<bool>> =
            self.positive.iter().map(|&positive| positive.then_some(false)).collect();
        let mut unknown = usize::MAX;
        while known.iter().filter(|sign| sign.is_none()).count() < unknown {
            unknown = known.iter().filter(|sign| sign.is_none()).count();
            for (k, ratio) in ratios.iter().enumerate() {
                let mut open = (0..known.len()).filter(|&j| odd(k, j) && known[j].is_none());
                if let (Some(j), None) = (open.next(), open.next()) {
                    let rest = (0..known.len()).filter(|&i| odd(k, i) && known[i] == Some(true));
                    known[j] = Some((*ratio < 0.0) != (rest.count() % 2 == 1));
                }
            }
        }
        let negative: Vec<bool> = known.iter().map(|sign| sign.unwrap_or(false)).collect();
        let agrees = |k: usize| {
            let count = (0..negative.len()).filter(|&j| odd(k, j) && negative[j]).count();
            (ratios[k] < 0.0) == (count % 2 == 1) || ratios[k] == 0.0
        };
        (0..ratios.len()).all(agrees).then_some(negative)
    }
}

impl Linear {
    fn of(
        graph: &mut Graph,
        coefficients: &[ExprId],
        inputs: &[ExprId],
        powers: &Powers,
    ) -> Option<Self> {
        let rest = |taken: &[usize]| -> Vec<usize> {
            (0..inputs.len()).filter(|k| !taken.contains(k)).collect()
        };
        let (equations, unknowns) = (rest(&powers.equations), rest(&powers.unknowns));
        let wrt: Vec<ExprId> = unknowns.iter().map(|&j| inputs[j]).collect();
        let zero = graph.zero();
        let at_zero: Vec<(ExprId, ExprId)> = wrt.iter().map(|&node| (node, zero)).collect();
        let roots: Vec<ExprId> = equations.iter().map(|&k| coefficients[k]).collect();
        let slopes: Vec<ExprId> =
            roots.iter().flat_map(|&root| gradient(graph, root, &wrt)).collect();
        let depends = graph.dependents(&wrt);
        if slopes.iter().any(|slope| depends[slope.index()]) {
            return None;
        }
        let constants = graph.substitute(&roots, &at_zero);
        Some(Self { equations, unknowns, constants, slopes })
    }
}

/// c and w of an expression c Π θ_j^w_j.
fn monomial(graph: &Graph, id: ExprId, inputs: &[ExprId]) -> Option<(f64, Vec<f64>)> {
    if let Some(number) = graph.as_number(id) {
        return Some((number.to(), vec![0.0; inputs.len()]));
    }
    if let Some(j) = inputs.iter().position(|&input| input == id) {
        let unit = |i| if i == j { 1.0 } else { 0.0 };
        return Some((1.0, (0..inputs.len()).map(unit).collect()));
    }
    match graph.node(id) {
        Node::Sum(parts) => match *graph.parts(parts) {
            [part] => {
                let (constant, powers) = monomial(graph, part.expr, inputs)?;
                Some((constant * part.weight.to::<f64>(), powers))
            }
            _ => None,
        },
        Node::Product(parts) => {
            let mut powers = vec![0.0; inputs.len()];
            for part in graph.parts(parts) {
                let j = inputs.iter().position(|&input| input == part.expr)?;
                powers[j] += part.weight.to::<f64>();
            }
            Some((1.0, powers))
        }
        Node::One
        | Node::Pi
        | Node::Input(_)
        | Node::Call(..)
        | Node::Binary(..)
        | Node::Compare(..)
        | Node::Select(..)
        | Node::Dot(..)
        | Node::LogSumExp(..)
        | Node::Share(..)
        | Node::Mean(_) => None,
    }
}
