//! The minimum of an objective as formulas: parameters as expressions of means over rows.
//!
//! Where a loss is quadratic in coefficients η(θ), as many as there are parameters (see `natural`),
//! Gη = -b is solved by Cramer's rule, with G and b over means, and η(θ) is inverted one parameter
//! at a time. For -(x - mu)²/(2 s2) this gives mu = E[x], s2 = E[x²] - E[x]² (Hyvärinen 2005,
//! section 3.1).

use super::natural::{Separated, monic, separated};
use super::polar::Polar;
use super::{Loss, Quadratic};
use crate::calculus::gradient;
use crate::graph::{ExprId, Graph, Node, Number, Part};

/// Most parameters: the number of terms of a determinant is their factorial.
const PARAMETERS_MAX: usize = 3;
/// Most graph nodes of readable formulas.
const NODES_MAX: usize = 120;

/// θ at the minimum, in the order of the parameters; `None` where it is no short formula of means.
/// `rows` and `parameters` are inputs.
pub(crate) fn solution(
    graph: &mut Graph,
    loss: &Loss,
    rows: &[ExprId],
    parameters: &[ExprId],
) -> Option<Vec<ExprId>> {
    let loss = loss.quadratic.as_ref()?;
    if parameters.is_empty() || parameters.len() > PARAMETERS_MAX {
        return None;
    }
    let apart = separated(graph, loss, (rows, parameters), true)?;
    let (matrix, right) = equations(graph, loss, &apart, rows)?;
    let m = right.len();
    let mut all: Vec<ExprId> = matrix.into_iter().chain(right).collect();
    let means = named(graph, &mut all);
    let variables: Vec<ExprId> = means.iter().map(|&(_, variable)| variable).collect();
    let (matrix, right) = all.split_at(m * m);
    let denominator = determinant(graph, matrix, &variables)?;
    let natural: Option<Vec<ExprId>> = (0..m)
        .map(|k| {
            let mut replaced = matrix.to_vec();
            (0..m).for_each(|i| replaced[i * m + k] = right[i]);
            let numerator = determinant(graph, &replaced, &variables)?;
            Some(graph.div(numerator, denominator))
        })
        .collect();
    let theta = inverted(graph, &apart.coefficients, &natural?, parameters)?;
    let back: Vec<(ExprId, ExprId)> =
        means.into_iter().map(|(mean, variable)| (variable, mean)).collect();
    let theta = graph.substitute(&theta, &back);
    (graph.live(&theta).len() <= NODES_MAX).then_some(theta)
}

/// G, row by row, and -b, as expressions of means.
fn equations(
    graph: &mut Graph,
    loss: &Quadratic,
    apart: &Separated,
    rows: &[ExprId],
) -> Option<(Vec<ExprId>, Vec<ExprId>)> {
    let m = apart.coefficients.len();
    let product = |graph: &mut Graph, k: usize, l: usize| {
        let squares = loss.squares.iter().zip(&apart.functions);
        let terms: Vec<ExprId> = squares
            .map(|(square, functions)| {
                let both = graph.mul(functions[k], functions[l]);
                graph.mul(square.weight, both)
            })
            .collect();
        graph.total(&terms)
    };
    let mut matrix = Vec::with_capacity(m * m);
    for k in 0..m {
        for l in 0..m {
            let entry = product(graph, k, l);
            matrix.push(mean(graph, rows, entry)?);
        }
    }
    let mut right = Vec::with_capacity(m);
    for k in 0..m {
        // The last function is the free term, whose coefficient is 1.
        let free = product(graph, k, m);
        let sum = graph.add(apart.linear[k], free);
        let mean = mean(graph, rows, sum)?;
        right.push(graph.neg(mean));
    }
    Some((matrix, right))
}

/// E[u] with u expanded as a polynomial in functions of the data; `None` where u is no such
/// polynomial.
fn mean(graph: &mut Graph, rows: &[ExprId], u: ExprId) -> Option<ExprId> {
    let polynomial = graph.expand(rows, u, |g, _| g.zero())?;
    let mut terms = Vec::new();
    for (monomial, coefficient) in &polynomial.terms {
        let function = graph.monomial(monomial, &polynomial.atoms);
        let mean = graph.means(rows, &[function])[0];
        terms.push(graph.mul(*coefficient, mean));
    }
    Some(graph.total(&terms))
}

/// Replaces each mean by an input; returns the pairs of mean and input.
fn named(graph: &mut Graph, roots: &mut Vec<ExprId>) -> Vec<(ExprId, ExprId)> {
    let is_mean = |id: &ExprId| matches!(graph.node(*id), Node::Mean(_));
    let means: Vec<ExprId> = graph.live(roots).into_iter().filter(is_mean).collect();
    let variable = |(k, mean): (usize, ExprId)| (mean, graph.internal_input(&format!("mean{k}")));
    let pairs: Vec<(ExprId, ExprId)> = means.into_iter().enumerate().map(variable).collect();
    *roots = graph.substitute(roots, &pairs);
    pairs
}

/// The determinant of a matrix of one to three rows, expanded; `None` where it is zero.
fn determinant(graph: &mut Graph, matrix: &[ExprId], variables: &[ExprId]) -> Option<ExprId> {
    let size = [1, 4, 9].iter().position(|&entries| entries == matrix.len())? + 1;
    let permutations: &[(&[usize], i64)] = match size {
        1 => &[(&[0], 1)],
        2 => &[(&[0, 1], 1), (&[1, 0], -1)],
        _ => &[
            (&[0, 1, 2], 1),
            (&[1, 2, 0], 1),
            (&[2, 0, 1], 1),
            (&[0, 2, 1], -1),
            (&[1, 0, 2], -1),
            (&[2, 1, 0], -1),
        ],
    };
    let terms: Vec<ExprId> = permutations
        .iter()
        .map(|(columns, sign)| {
            let one = |(row, column): (usize, &usize)| Part::one(matrix[row * size + column]);
            let factors: Vec<Part> = columns.iter().enumerate().map(one).collect();
            let product = graph.product(&factors);
            graph.scale(Number::integer(*sign), product)
        })
        .collect();
    let sum = graph.total(&terms);
    if graph.as_number(sum).is_some() {
        return Some(sum).filter(|&sum| graph.as_number(sum) != Some(Number::ZERO));
    }
    let polynomial = graph.expand(variables, sum, |g, _| g.zero())?;
    let mut terms = Vec::new();
    for (monomial, coefficient) in &polynomial.terms {
        let product = graph.monomial(monomial, &polynomial.atoms);
        terms.push(graph.mul(*coefficient, product));
    }
    let sum = graph.total(&terms);
    (graph.as_number(sum) != Some(Number::ZERO)).then_some(sum)
}

/// θ from η: repeatedly solves an equation that has a single unknown parameter left.
fn inverted(
    graph: &mut Graph,
    coefficients: &[ExprId],
    natural: &[ExprId],
    parameters: &[ExprId],
) -> Option<Vec<ExprId>> {
    let mut found: Vec<Option<ExprId>> = vec![None; parameters.len()];
    let mut open: Vec<usize> = (0..coefficients.len()).collect();
    while !open.is_empty() {
        let before = open.len();
        let mut rest = Vec::new();
        for k in open {
            let known: Vec<(ExprId, ExprId)> = parameters
                .iter()
                .zip(&found)
                .filter_map(|(&parameter, &value)| Some((parameter, value?)))
                .collect();
            let equation = graph.substitute(&[coefficients[k]], &known)[0];
            let below = graph.inputs_below(equation);
            let unknown = |j: &usize| {
                let input = graph.as_input(parameters[*j]);
                found[*j].is_none() && input.is_some_and(|input| below.contains(&input))
            };
            let mut unknowns = (0..parameters.len()).filter(unknown);
            match (unknowns.next(), unknowns.next()) {
                (Some(j), None) => {
                    found[j] = Some(isolated(graph, equation, natural[k], parameters[j])?);
                }
                (Some(_), Some(_)) => rest.push(k),
                (None, _) => return None,
            }
        }
        if rest.len() == before {
            return polar(graph, coefficients, natural, parameters)
                .filter(|_| before == natural.len());
        }
        open = rest;
    }
    found.into_iter().collect()
}

/// Amplitude and phase, where these are the only two parameters.
fn polar(
    graph: &mut Graph,
    coefficients: &[ExprId],
    natural: &[ExprId],
    parameters: &[ExprId],
) -> Option<Vec<ExprId>> {
    let found = Polar::all(graph, coefficients, parameters);
    let ([one], 2) = (&found[..], parameters.len()) else { return None };
    let (radius, angle) = one.formulas(graph, natural);
    let mut theta = vec![radius; 2];
    theta[one.unknowns.1] = angle;
    Some(theta)
}

/// The θ with equation(θ) = value, where the equation is affine in θ, or is a power of θ with one
/// real root, times a factor.
fn isolated(
    graph: &mut Graph,
    equation: ExprId,
    value: ExprId,
    parameter: ExprId,
) -> Option<ExprId> {
    let slope = gradient(graph, equation, &[parameter])[0];
    let zero = graph.zero();
    if !graph.dependents(&[parameter])[slope.index()] {
        let constant = graph.substitute(&[equation], &[(parameter, zero)])[0];
        let difference = graph.sub(value, constant);
        return Some(graph.div(difference, slope));
    }
    // c θ^w: the factors, then θ and its exponent.
    let (weight, rest) = monic(graph, equation);
    let mut exponent = None;
    let mut factors = Vec::new();
    match graph.node(rest) {
        Node::Product(parts) => {
            for factor in graph.parts(parts).to_vec() {
                match factor.expr == parameter {
                    true => exponent = Some(factor.weight),
                    false => factors.push(factor),
                }
            }
        }
        _ => return None,
    }
    let others = graph.product(&factors);
    if graph.dependents(&[parameter])[others.index()] {
        return None;
    }
    let exponent = exponent?;
    let odd = exponent == Number::integer(-1) || graph.sign(parameter).is_non_negative();
    let others = graph.scale(weight, others);
    let ratio = graph.div(value, others);
    let root = graph.product(&[Part { weight: exponent.recip(), expr: ratio }]);
    odd.then_some(root)
}
