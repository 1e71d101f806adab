//! From natural coefficients η(θ) back to the parameters θ.
//!
//! Three stages, one after the other: coefficients that are products of powers of parameters (1/s2, b/s2,
//! K[1,2]) are solved by logarithms, pairs κ cos μ and κ sin μ by amplitude and phase, and the remaining
//! coefficients must be linear in the remaining parameters (K*m in m). A matrix by its inverse is a fourth,
//! which `fit/inverses` has: there the parameters of the family are the entries of the inverse.
//! Deliberately not known here: where η comes from.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector};

use super::polar::Polar;
use crate::calculus::gradient;
use crate::graph::{ExprId, Graph, InputId, Node, Part, evaluate};
use crate::numerics::sparse::Sparse;

/// Relative difference between η and η(θ) up to which θ is a solution.
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
    /// ∂η/∂θ: of each coefficient, the parameters that it contains and its slope in each of them.
    slopes: Vec<Vec<(usize, ExprId)>>,
    powers: Powers,
    polars: Vec<Polar>,
    linear: Linear,
}

/// η_k = c_k Π θ_j^w_kj
#[derive(Debug)]
struct Powers {
    equations: Vec<usize>,
    unknowns: Vec<usize>,
    constants: Vec<f64>,
    /// Of each equation its unknowns, by number among `unknowns`, and their exponents.
    exponents: Vec<Vec<(usize, f64)>>,
    /// Equations, each with the one unknown in it that no equation before it contains.
    peeled: Vec<(usize, usize)>,
    /// The equations that are not peeled, which are solved together.
    core: Core,
    /// Of each unknown, whether it is declared positive.
    positive: Vec<bool>,
}

/// Equations that have several unknowns each, and the inverse of their exponents.
#[derive(Debug)]
struct Core {
    equations: Vec<usize>,
    unknowns: Vec<usize>,
    inverse: DMatrix<f64>,
}

/// η_k = c_k + Σ_j a_kj θ_j, where c and a are expressions of the parameters that the stages before solve for.
#[derive(Debug)]
struct Linear {
    equations: Vec<usize>,
    unknowns: Vec<usize>,
    constants: Vec<ExprId>,
    slopes: Vec<ExprId>,
}

impl Inverse {
    /// `None` where the stages do not solve for every parameter.
    pub fn of(graph: &mut Graph, coefficients: &[ExprId], inputs: &[ExprId]) -> Option<Self> {
        let powers = Powers::of(graph, coefficients, inputs)?;
        let polars = Polar::all(graph, coefficients, inputs);
        let taken = Taken::new(&powers, &polars)?;
        let linear = Linear::of(graph, coefficients, inputs, &taken)?;
        let place = places(inputs);
        let slopes =
            coefficients.iter().map(|&root| slopes_of(graph, root, inputs, &place)).collect();
        Some(Self {
            slopes,
            coefficients: coefficients.to_vec(),
            inputs: inputs.iter().filter_map(|&node| graph.as_input(node)).collect(),
            powers,
            polars,
            linear,
            graph: graph.clone(),
        })
    }

    /// The θ with η(θ) = η and with the signs that are declared; `None` where there is none.
    pub fn theta(&self, natural: &[f64]) -> Option<Vec<f64>> {
        let mut theta = vec![0.0; self.inputs.len()];
        self.powers.solve(natural, &mut theta)?;
        for polar in &self.polars {
            let (radius, angle) = polar.solve(natural);
            (theta[polar.unknowns.0], theta[polar.unknowns.1]) = (radius, angle);
        }
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
    pub fn slopes(&self, theta: &[f64]) -> Sparse {
        let roots: Vec<ExprId> = self.slopes.iter().flatten().map(|&(_, slope)| slope).collect();
        let mut values = self.evaluate(&roots, theta).into_iter();
        let mut one = |row: &Vec<(usize, ExprId)>| -> Vec<(usize, f64)> {
            row.iter().map(|&(j, _)| j).zip(values.by_ref()).collect()
        };
        let rows = self.slopes.iter().map(&mut one).collect();
        Sparse::new(self.inputs.len(), rows)
    }

    /// η is linear in θ.
    pub fn is_linear(&self) -> bool {
        let number = |&(_, slope): &(usize, ExprId)| self.graph.as_number(slope).is_some();
        self.slopes.iter().flatten().all(number)
    }

    fn evaluate(&self, roots: &[ExprId], theta: &[f64]) -> Vec<f64> {
        let mut table = vec![f64::NAN; self.graph.inputs().len()];
        self.inputs.iter().zip(theta).for_each(|(input, &value)| table[input.index()] = value);
        evaluate(&self.graph, roots, |input| table[input.index()])
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
        let place = places(inputs);
        let all: Vec<Option<Monomial>> =
            coefficients.iter().map(|&id| monomial(graph, id, &place)).collect();
        let equations: Vec<usize> = (0..all.len()).filter(|&k| all[k].is_some()).collect();
        let known: Vec<Monomial> = all.into_iter().flatten().collect();
        let mut unknowns: Vec<usize> =
            known.iter().flat_map(|one| one.powers.iter().map(|&(j, _)| j)).collect();
        unknowns.sort_unstable();
        unknowns.dedup();
        if unknowns.len() != equations.len() {
            return None;
        }
        let number = |j: usize| unknowns.binary_search(&j).expect("all of them were collected");
        let numbered = |one: &Monomial| -> Vec<(usize, f64)> {
            one.powers.iter().map(|&(j, power)| (number(j), power)).collect()
        };
        let exponents: Vec<Vec<(usize, f64)>> = known.iter().map(numbered).collect();
        let peeled = peeled(&exponents);
        let positive = |&j: &usize| {
            let input = graph.as_input(inputs[j]);
            input.is_some_and(|input| graph.inputs()[input.index()].support.low >= 0.0)
        };
        Some(Self {
            constants: known.iter().map(|one| one.constant).collect(),
            positive: unknowns.iter().map(positive).collect(),
            core: Core::of(&exponents, &peeled)?,
            peeled,
            equations,
            unknowns,
            exponents,
        })
    }

    fn solve(&self, natural: &[f64], theta: &mut [f64]) -> Option<()> {
        let ratios: Vec<f64> =
            self.equations.iter().zip(&self.constants).map(|(&k, c)| natural[k] / c).collect();
        let sizes = self.sizes(&ratios);
        let negative = self.signs(&ratios)?;
        for ((&j, size), negative) in self.unknowns.iter().zip(sizes.iter()).zip(negative) {
            theta[j] = if negative { -size.exp() } else { size.exp() };
        }
        // Where a coefficient is zero, a parameter in its denominator is infinite.
        self.unknowns.iter().all(|&j| theta[j].abs() < HUGE).then_some(())
    }

    /// Logarithms of the sizes of the unknowns.
    fn sizes(&self, ratios: &[f64]) -> Vec<f64> {
        let mut sizes = vec![0.0; self.unknowns.len()];
        let rest = |k: usize, sizes: &[f64]| {
            let known = self.exponents[k].iter().map(|&(j, power)| power * sizes[j]).sum::<f64>();
            ratios[k].abs().max(TINY).ln() - known
        };
        for &(k, j) in &self.peeled {
            let own = self.exponents[k].iter().find(|(other, _)| *other == j);
            sizes[j] = rest(k, &sizes) / own.expect("the equation has it").1;
        }
        let core = &self.core;
        let logs: Vec<f64> = core.equations.iter().map(|&k| rest(k, &sizes)).collect();
        let found = &core.inverse * DVector::from_vec(logs);
        core.unknowns.iter().zip(found.iter()).for_each(|(&j, &size)| sizes[j] = size);
        sizes
    }

    /// Which unknowns are negative: the sign of a ratio is the product of the signs of the unknowns with odd
    /// exponents. `None` where a declared sign contradicts that.
    fn signs(&self, ratios: &[f64]) -> Option<Vec<bool>> {
        let odd = |k: usize| {
            self.exponents[k].iter().filter(|(_, power)| power % 2.0 != 0.0).map(|&(j, _)| j)
        };
        let mut known: Vec<Option<bool>> =
            self.positive.iter().map(|&positive| positive.then_some(false)).collect();
        let mut unknown = usize::MAX;
        while known.iter().filter(|sign| sign.is_none()).count() < unknown {
            unknown = known.iter().filter(|sign| sign.is_none()).count();
            for (k, ratio) in ratios.iter().enumerate() {
                let mut open = odd(k).filter(|&j| known[j].is_none());
                if let (Some(j), None) = (open.next(), open.next()) {
                    let rest = odd(k).filter(|&i| known[i] == Some(true));
                    known[j] = Some((*ratio < 0.0) != (rest.count() % 2 == 1));
                }
            }
        }
        let negative: Vec<bool> = known.iter().map(|sign| sign.unwrap_or(false)).collect();
        let agrees = |k: usize| {
            let count = odd(k).filter(|&j| negative[j]).count();
            (ratios[k] < 0.0) == (count % 2 == 1) || ratios[k] == 0.0
        };
        (0..ratios.len()).all(agrees).then_some(negative)
    }
}

impl Core {
    /// The equations and unknowns that are not peeled; `None` where they have no unique solution.
    fn of(exponents: &[Vec<(usize, f64)>], peeled: &[(usize, usize)]) -> Option<Self> {
        let (mut solved, mut found) = (vec![false; exponents.len()], vec![false; exponents.len()]);
        peeled.iter().for_each(|&(k, j)| (solved[k], found[j]) = (true, true));
        let rest =
            |taken: &[bool]| -> Vec<usize> { (0..taken.len()).filter(|&k| !taken[k]).collect() };
        let (equations, unknowns) = (rest(&solved), rest(&found));
        let power = |k: usize, j: usize| {
            let own = exponents[equations[k]].iter().find(|(other, _)| *other == unknowns[j]);
            own.map_or(0.0, |&(_, power)| power)
        };
        let matrix = DMatrix::from_fn(equations.len(), unknowns.len(), power);
        let inverse = if matrix.is_empty() { matrix } else { matrix.try_inverse()? };
        Some(Self { equations, unknowns, inverse })
    }
}

/// Equations, each with the one unknown in it that no equation before it contains, until every other
/// equation has several such unknowns or none.
fn peeled(exponents: &[Vec<(usize, f64)>]) -> Vec<(usize, usize)> {
    let mut known = vec![false; exponents.len()];
    let mut open: Vec<usize> = (0..exponents.len()).collect();
    let mut order = Vec::new();
    loop {
        let before = open.len();
        open.retain(|&k| {
            let mut new = exponents[k].iter().filter(|(j, _)| !known[*j]);
            let (Some(&(j, _)), None) = (new.next(), new.next()) else { return true };
            known[j] = true;
            order.push((k, j));
            false
        });
        if open.len() == before {
            return order;
        }
    }
}

/// Equations and unknowns of the stages before the linear one, ascending.
struct Taken {
    equations: Vec<usize>,
    unknowns: Vec<usize>,
}

impl Taken {
    /// `None` where an unknown or an equation belongs to two stages.
    fn new(powers: &Powers, polars: &[Polar]) -> Option<Self> {
        let mut equations = powers.equations.clone();
        let mut unknowns = powers.unknowns.clone();
        for polar in polars {
            equations.extend([polar.equations.0, polar.equations.1]);
            unknowns.extend([polar.unknowns.0, polar.unknowns.1]);
        }
        equations.sort_unstable();
        unknowns.sort_unstable();
        let twice = |list: &[usize]| list.windows(2).any(|pair| pair[0] == pair[1]);
        (!twice(&equations) && !twice(&unknowns)).then_some(Self { equations, unknowns })
    }
}

impl Linear {
    fn of(
        graph: &mut Graph,
        coefficients: &[ExprId],
        inputs: &[ExprId],
        taken: &Taken,
    ) -> Option<Self> {
        let rest = |taken: &[usize]| -> Vec<usize> {
            (0..inputs.len()).filter(|k| taken.binary_search(k).is_err()).collect()
        };
        let (equations, unknowns) = (rest(&taken.equations), rest(&taken.unknowns));
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

/// The parameters that an expression contains, by number, and its slope in each.
fn slopes_of(
    graph: &mut Graph,
    root: ExprId,
    inputs: &[ExprId],
    place: &BTreeMap<ExprId, usize>,
) -> Vec<(usize, ExprId)> {
    let below = graph.inputs_below(root);
    let nodes: Vec<ExprId> = below.into_iter().map(|input| graph.input_node(input)).collect();
    let mut own: Vec<usize> = nodes.iter().filter_map(|node| place.get(node).copied()).collect();
    own.sort_unstable();
    let wrt: Vec<ExprId> = own.iter().map(|&j| inputs[j]).collect();
    own.into_iter().zip(gradient(graph, root, &wrt)).collect()
}

/// The position of each of these nodes.
fn places(inputs: &[ExprId]) -> BTreeMap<ExprId, usize> {
    inputs.iter().enumerate().map(|(j, &input)| (input, j)).collect()
}

/// c Π θ_j^w_j
#[derive(Debug)]
struct Monomial {
    constant: f64,
    /// The j with w_j ≠ 0, and w_j.
    powers: Vec<(usize, f64)>,
}

/// An expression as a number times powers of inputs; `None` where it is something else.
fn monomial(graph: &Graph, id: ExprId, places: &BTreeMap<ExprId, usize>) -> Option<Monomial> {
    if let Some(number) = graph.as_number(id) {
        return Some(Monomial { constant: number.to(), powers: Vec::new() });
    }
    if let Some(&j) = places.get(&id) {
        return Some(Monomial { constant: 1.0, powers: vec![(j, 1.0)] });
    }
    match graph.node(id) {
        Node::Sum(parts) => match *graph.parts(parts) {
            [part] => {
                let inner = monomial(graph, part.expr, places)?;
                Some(Monomial { constant: inner.constant * part.weight.to::<f64>(), ..inner })
            }
            _ => None,
        },
        Node::Product(parts) => {
            let power = |part: &Part| Some((*places.get(&part.expr)?, part.weight.to::<f64>()));
            let powers: Option<Vec<(usize, f64)>> = graph.parts(parts).iter().map(power).collect();
            Some(Monomial { constant: 1.0, powers: powers? })
        }
        Node::One
        | Node::Pi
        | Node::Input(_)
        | Node::Call(..)
        | Node::Binary(..)
        | Node::Compare(..)
        | Node::Select(..)
        | Node::Gather(..)
        | Node::Dot(..)
        | Node::LogSumExp(..)
        | Node::Share(..)
        | Node::Mean(_) => None,
    }
}
