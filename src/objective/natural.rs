//! Parameters in which log p is an exponential family while the others are held.
//!
//! In a loss L + ½ Σ_i w_i r_i² the linear part L and the roots r_i are affine in log p; for the Hyvärinen
//! loss they are its Laplacian and its score. Where they are sums of coefficients η_k(θ_L) of some
//! parameters θ_L times functions l_k and t_ik of the data and of the other parameters φ, the objective is
//! quadratic in η:
//!
//! ```text
//! J(η) = ½ ηᵀGη + bᵀη,   G = mean Σ_i w_i t_ik t_il,   b_k = mean l_k
//! ```
//!
//! Where η has as many entries as θ_L and the map θ_L ↦ η can be inverted, the best θ_L is an exact
//! function of φ (variable projection, Golub and Pereyra 1973, for every exponential family; for a normal
//! regression η is 1/s2 and the coefficients over s2). Deliberately not known here: starts, searches.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector};

use super::Quadratic;
use super::inverse::Inverse;
use super::polar::split_angles;
use super::weighing::{Scatter, Weighing};
use crate::graph::{ExprId, Graph, InputId, Node, Number, Part};
use crate::numerics::matrix::{scaled, symmetric_eigen};
use crate::numerics::triangle::Triangle;
use crate::program::{Layout, Operations, Program};

/// Most parameters that are solved for where the model has no others.
const SOLVED_MAX: usize = 6000;
/// Most coefficients for which the rows of all components are factored: that takes operations in
/// proportion to the rows times the square of the coefficients.
const TRIANGLE_MAX: usize = 600;
/// Relative difference of weights up to which two sums are multiples of each other.
const ROUNDING: f64 = 1e-14;

/// A loss with its inputs, and the parameters that may be solved for.
#[derive(Debug)]
pub(crate) struct Family<'a> {
    pub graph: &'a Graph,
    pub loss: &'a Quadratic,
    /// The data, then the covariates.
    pub rows: &'a [InputId],
    pub parameters: &'a [InputId],
    /// Positions of parameters that may be solved for together, in the order in which they are tried.
    pub groups: &'a [Vec<usize>],
}

/// θ_L as a function of φ and the data.
#[derive(Debug)]
pub(crate) struct Natural {
    /// Positions of θ_L among the parameters, ascending.
    solved: Vec<usize>,
    /// Positions of φ among the parameters, ascending.
    others: Vec<usize>,
    pub(super) inverse: Inverse,
    /// The distinct functions √w_i t_ik, then the distinct functions l_k, the divergences.
    pub(super) program: Program,
    /// By square, the terms of its root. The columns of a component, n numbers a term, are never stored:
    /// they are columns of the few distinct functions.
    pub(super) components: Vec<Vec<Place>>,
    /// Number of distinct functions.
    pub(super) functions: usize,
    /// Of each term, the number of its divergence among the distinct ones.
    pub(super) divergences: Vec<usize>,
    /// Number of coefficients, and one for the last term, whose coefficient is 1.
    pub(super) terms: usize,
}

/// The function that a component has beside the coefficient of a term, both by number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub term: usize,
    pub function: usize,
}

/// The minimum over θ_L while φ is held.
#[derive(Clone, Debug)]
pub(crate) struct Solved {
    /// In the order of [`Natural::solved`].
    pub theta: Vec<f64>,
    /// J there.
    pub value: f64,
}

/// A loss as coefficients η_k with the functions that they multiply.
pub(super) struct Separated {
    pub coefficients: Vec<ExprId>,
    /// The functions t_ik by square i, then by coefficient k; the last of a square has the coefficient 1.
    pub functions: Vec<Vec<ExprId>>,
    /// The functions l_k of the linear part by coefficient; the last has the coefficient 1.
    pub linear: Vec<ExprId>,
}

/// Of each coefficient the terms that it multiplies, by square; those of the linear part come last.
type ByCoefficient = BTreeMap<ExprId, Vec<Vec<ExprId>>>;

impl Natural {
    /// Adds one group of parameters after the other to θ_L, where θ_L can still be recovered from η;
    /// `None` where no group can be added.
    pub fn of(family: &Family<'_>) -> Option<Self> {
        let mut graph = family.graph.clone();
        let mut solved: Vec<usize> = Vec::new();
        let mut found = None;
        for group in family.groups {
            let known = group.iter().any(|j| solved.contains(j));
            let all = group.len() == family.parameters.len();
            let most = if all { SOLVED_MAX } else { TRIANGLE_MAX };
            if known || solved.len() + group.len() > most {
                continue;
            }
            let mut wider = [solved.as_slice(), group].concat();
            wider.sort_unstable();
            if let Some(next) = undone(family, &mut graph, &wider) {
                found = Some(next);
                solved = wider;
            }
        }
        let (separated, inverse) = found?;
        Some(Self::compile(family, graph, separated, solved, inverse))
    }

    fn compile(
        family: &Family<'_>,
        mut graph: Graph,
        separated: Separated,
        solved: Vec<usize>,
        inverse: Inverse,
    ) -> Self {
        let others: Vec<usize> =
            (0..family.parameters.len()).filter(|j| solved.binary_search(j).is_err()).collect();
        let terms = separated.coefficients.len() + 1;
        let mut distinct: Vec<ExprId> = Vec::new();
        let mut components = Vec::new();
        let zero = graph.zero();
        for (square, functions) in family.loss.squares.iter().zip(&separated.functions) {
            let root = root(&mut graph, square.weight);
            let mut places = Vec::new();
            for (term, &function) in functions.iter().enumerate().filter(|(_, f)| **f != zero) {
                let scaled = graph.mul(root, function);
                let known = distinct.iter().position(|&known| known == scaled);
                let function_at = known.unwrap_or_else(|| {
                    distinct.push(scaled);
                    distinct.len() - 1
                });
                places.push(Place { term, function: function_at });
            }
            components.push(places);
        }
        let functions = distinct.len();
        let mut outputs = distinct;
        let mut slopes: Vec<ExprId> = Vec::new();
        let mut number_of = |slope: ExprId| {
            slopes.iter().position(|&known| known == slope).unwrap_or_else(|| {
                slopes.push(slope);
                slopes.len() - 1
            })
        };
        let divergences = separated.linear.into_iter().map(&mut number_of).collect();
        outputs.extend(slopes);
        let parameters = others.iter().map(|&j| family.parameters[j]).collect();
        let layout = Layout { rows: family.rows.to_vec(), parameters };
        Self {
            solved,
            others,
            inverse,
            program: Program::compile(&graph, &layout, &outputs),
            components,
            functions,
            divergences,
            terms,
        }
    }

    /// Positions of the parameters that are solved for, ascending.
    pub fn solved(&self) -> &[usize] {
        &self.solved
    }

    /// Positions of the others, ascending.
    pub fn others(&self) -> &[usize] {
        &self.others
    }

    /// Operations of one [`Natural::solve`] on this number of rows, roughly.
    pub fn work(&self, rows: usize) -> usize {
        let Operations { parameter, data, row, mean, after, .. } = self.program.operations();
        let length = rows * self.components.len() + self.terms;
        parameter + after + rows * (data + row + mean) + 2 * length * self.terms * self.terms
    }

    /// The minimum over θ_L at φ = `others`; `None` where J has no minimum, or none at which signs that
    /// are declared hold.
    pub fn solve(&self, columns: &[&[f64]], others: &[f64]) -> Option<Solved> {
        let values = self.program.rows(columns, others, 1);
        let (functions, divergences) = values.split_at(self.functions);
        let rows = columns.first().map_or(0, |column| column.len());
        let means: Vec<f64> =
            divergences.iter().map(|column| column.iter().sum::<f64>() / rows as f64).collect();
        let slope: Vec<f64> = self.divergences.iter().map(|&k| means[k]).collect();
        let (&free, slope) = slope.split_last()?;
        if let Some((natural, value)) = self.assembled_minimum(functions, slope) {
            return self.found(&natural, value + free);
        }
        if slope.len() > TRIANGLE_MAX {
            return None;
        }
        let order = last_where_sloped(slope);
        let ordered: Vec<usize> = order.iter().copied().chain([self.terms - 1]).collect();
        let triangle = self.triangle(functions, &ordered);
        let pull = DVector::from_iterator(order.len(), order.iter().map(|&k| slope[k]));
        let (ordered, value) = minimum(&triangle, &pull, rows as f64)?;
        let mut natural = vec![0.0; order.len()];
        order.iter().zip(ordered.iter()).for_each(|(&k, &eta)| natural[k] = eta);
        self.found(&natural, value + free)
    }

    fn found(&self, natural: &[f64], value: f64) -> Option<Solved> {
        let theta = self.inverse.theta(natural)?;
        value.is_finite().then_some(Solved { theta, value })
    }
}

impl Natural {
    /// The triangular factor R of the rows of all components, whose columns are the terms in this order.
    /// A component's rows are those of the distinct functions times a matrix of zeros and ones, so that
    /// the factor of the distinct functions stands for its rows where it is shorter.
    fn triangle(&self, functions: &[Vec<f64>], order: &[usize]) -> Triangle {
        let rows = functions.first().map_or(0, Vec::len);
        let short = self.components.len() > 1 && self.functions < rows;
        let few: Option<Vec<Vec<f64>>> = short.then(|| {
            let mut triangle = Triangle::new(self.functions);
            triangle.add(&functions.iter().map(Vec::as_slice).collect::<Vec<_>>());
            (0..self.functions).map(|k| triangle.column(k).as_slice().to_vec()).collect()
        });
        let functions: &[Vec<f64>] = few.as_deref().unwrap_or(functions);
        let length = functions.first().map_or(0, Vec::len);
        let mut columns = vec![vec![0.0; self.components.len() * length]; order.len()];
        let mut position = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, &term)| position[term] = at);
        for (i, places) in self.components.iter().enumerate() {
            for place in places {
                columns[position[place.term]][i * length..(i + 1) * length]
                    .copy_from_slice(&functions[place.function]);
            }
        }
        let mut triangle = Triangle::new(order.len());
        triangle.add(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>());
        triangle
    }

    /// A matrix H with HHᵀ the sandwich covariance of θ_L at a stationary point, by the triangular factor of
    /// the rows instead of A, its square: right up to a condition of A of about 1e15. Carried over to other
    /// coordinates, H cancels half of the digits that the covariance would.
    ///
    /// With R of the rows and u = R⁻ᵀψ of each row it is (R ∂η/∂θ)⁻¹ Σuuᵀ (R ∂η/∂θ)⁻ᵀ.
    pub fn root_of_covariance(
        &self,
        columns: &[&[f64]],
        others: &[f64],
        theta: &[f64],
        weighing: Option<&Weighing>,
    ) -> Option<DMatrix<f64>> {
        let values = self.program.rows(columns, others, 1);
        let (functions, divergences) = values.split_at(self.functions);
        let m = self.terms - 1;
        if m > TRIANGLE_MAX {
            return None;
        }
        let triangle = self.triangle(functions, &(0..self.terms).collect::<Vec<_>>());
        let factor = triangle.square(m)?;
        let natural = DVector::from_vec(self.inverse.natural(theta));
        let rows = columns.first().map_or(0, |column| column.len());
        let mut filling = Scatter::new(weighing, m);
        for row in 0..rows {
            let mut psi = DVector::from_fn(m, |k, _| divergences[self.divergences[k]][row]);
            for places in &self.components {
                let value = |place: &Place| functions[place.function][row];
                let coefficient = |k: usize| if k < m { natural[k] } else { 1.0 };
                let score: f64 =
                    places.iter().map(|place| value(place) * coefficient(place.term)).sum();
                for place in places.iter().filter(|place| place.term < m) {
                    psi[place.term] += score * value(place);
                }
            }
            let u = factor.tr_solve_upper_triangular(&psi)?;
            filling.add(row, DMatrix::from_row_slice(1, m, u.as_slice()));
        }
        let bread = (factor * self.inverse.slopes(theta).dense()).lu();
        let n = rows as f64;
        let observations = weighing.map_or(rows, Weighing::observations) as f64;
        let root = root_of(&(filling.outer(rows) * (n * n / observations)))?;
        bread.solve(&root)
    }
}

/// A matrix whose product with its transpose is a covariance matrix. The correlations are decomposed, so
/// that entries of any scale keep their digits.
fn root_of(covariance: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let variances = covariance.diagonal().map(|value| if value > 0.0 { value } else { 1.0 });
    let eigen = symmetric_eigen(&scaled(covariance, variances.as_slice()))?;
    let sizes = eigen.values.map(|value| value.max(0.0).sqrt());
    Some(
        DMatrix::from_diagonal(&variances.map(f64::sqrt))
            * eigen.vectors
            * DMatrix::from_diagonal(&sizes),
    )
}

/// The coefficients in the order of the columns to factor, those without a linear term first: in a
/// regression the response then comes last, and its diagonal entry of R is the length of the residuals.
fn last_where_sloped(slope: &[f64]) -> Vec<usize> {
    let (flat, sloped): (Vec<usize>, Vec<usize>) = (0..slope.len()).partition(|&k| slope[k] == 0.0);
    [flat, sloped].concat()
}

/// The η at which ‖Sη + s‖²/2n + bᵀη is least and the value there, from the triangular factor of the
/// columns of S, then s.
fn minimum(triangle: &Triangle, pull: &DVector<f64>, rows: f64) -> Option<(DVector<f64>, f64)> {
    let m = pull.len();
    let factor: DMatrix<f64> = triangle.square(m)?;
    let shift = triangle.column(m);
    let (head, rest) = (shift.rows(0, m).into_owned(), shift[m]);
    let half = factor.tr_solve_upper_triangular(&(pull * -rows))? - &head;
    let eta = factor.solve_upper_triangular(&half)?;
    // Rη = half, so that the value needs no difference of large numbers where s is zero.
    let square = (&half + &head).norm_squared() + rest * rest;
    let value = if head.amax() == 0.0 && rest == 0.0 {
        0.5 * pull.dot(&eta)
    } else {
        0.5 * square / rows + pull.dot(&eta)
    };
    eta.iter().all(|eta| eta.is_finite()).then_some((eta, value))
}

/// The loss as coefficients of the parameters at the positions `solved` times functions, and the map from η
/// back to these parameters; `None` where either does not exist.
fn undone(
    family: &Family<'_>,
    graph: &mut Graph,
    solved: &[usize],
) -> Option<(Separated, Inverse)> {
    let inputs: Vec<ExprId> =
        solved.iter().map(|&j| graph.input_node(family.parameters[j])).collect();
    let others = (0..family.parameters.len()).filter(|j| solved.binary_search(j).is_err());
    let others = others.map(|j| family.parameters[j]);
    let atoms: Vec<ExprId> =
        family.rows.iter().copied().chain(others).map(|input| graph.input_node(input)).collect();
    // With parameters left to be searched, J minimised over θ_L may have plateaus that J itself has not.
    let multiples = inputs.len() == family.parameters.len();
    let separated = separated(graph, family.loss, (&atoms, &inputs), multiples)?;
    let inverse = Inverse::of(graph, &separated.coefficients, &inputs)?;
    Some((separated, inverse))
}

/// Roots and linear part multiplied out over `atoms`, with terms of one coefficient collected; `None` where
/// there are not as many coefficients as `inputs`. With `multiples`, a sum of parameters in the linear part may be
/// a multiple of one in the roots.
pub(super) fn separated(
    graph: &mut Graph,
    loss: &Quadratic,
    (atoms, inputs): (&[ExprId], &[ExprId]),
    multiples: bool,
) -> Option<Separated> {
    let parts: Vec<ExprId> =
        loss.squares.iter().map(|square| square.root).chain([loss.linear]).collect();
    let parts = split_angles(graph, &parts, atoms, inputs);
    let mut by_coefficient = ByCoefficient::new();
    let one = graph.one();
    // The linear part comes last: a sum there that is no multiple of a known coefficient is taken apart.
    for (i, &part) in parts.iter().enumerate() {
        let polynomial = graph.expand(atoms, part, |g, _| g.zero())?;
        let depends = graph.dependents(inputs);
        for (monomial, coefficient) in &polynomial.terms {
            let function = graph.monomial(monomial, &polynomial.atoms);
            let known = (i + 1 == parts.len()).then_some((&by_coefficient, multiples));
            let shares = shares(graph, *coefficient, &depends, known);
            for (weight, key) in shares {
                let (key, function) = match depends[key.index()] {
                    true => (key, graph.scale(weight, function)),
                    false => {
                        let whole = graph.mul(key, function);
                        (one, graph.scale(weight, whole))
                    }
                };
                let terms =
                    by_coefficient.entry(key).or_insert_with(|| vec![Vec::new(); parts.len()]);
                terms[i].push(function);
            }
        }
    }
    let free = by_coefficient.remove(&one).unwrap_or_else(|| vec![Vec::new(); parts.len()]);
    if by_coefficient.len() != inputs.len() {
        return None;
    }
    let coefficients = by_coefficient.keys().copied().collect();
    let lists: Vec<Vec<Vec<ExprId>>> = by_coefficient.into_values().chain([free]).collect();
    let mut functions: Vec<Vec<ExprId>> = (0..parts.len())
        .map(|i| lists.iter().map(|terms| graph.total(&terms[i])).collect())
        .collect();
    let linear = functions.pop()?;
    Some(Separated { coefficients, functions, linear })
}

/// A coefficient as a sum of multiples of others. With those that are `known` given, a sum that depends on
/// parameters and is no known coefficient, or where asked for no multiple of one, is the sum of its terms; every
/// other coefficient is a multiple of one.
fn shares(
    graph: &Graph,
    coefficient: ExprId,
    depends: &[bool],
    known: Option<(&ByCoefficient, bool)>,
) -> Vec<(Number, ExprId)> {
    let (weight, whole) = monic(graph, coefficient);
    let unknown = known.filter(|(known, _)| !known.contains_key(&whole) && depends[whole.index()]);
    let (Some((known, multiples)), Node::Sum(parts)) = (unknown, graph.node(whole)) else {
        return vec![(weight, whole)];
    };
    let parts = graph.parts(parts);
    let mut keys = known.keys().filter(|_| multiples);
    if let Some((factor, key)) = keys.find_map(|&key| Some((factor(graph, parts, key)?, key))) {
        return vec![(weight * factor, key)];
    }
    let one = |part: &Part| {
        let (own, key) = monic(graph, part.expr);
        (weight * part.weight * own, key)
    };
    parts.iter().map(one).collect()
}

/// The number that makes the sum of these parts of a sum; `None` where there is none.
fn factor(graph: &Graph, parts: &[Part], sum: ExprId) -> Option<Number> {
    let Node::Sum(own) = graph.node(sum) else { return None };
    let own = graph.parts(own);
    let factor = parts.first()?.weight * own.first()?.weight.recip();
    let alike = |(part, own): (&Part, &Part)| {
        let (got, want) = (part.weight.to_f64(), (own.weight * factor).to_f64());
        part.expr == own.expr && (got - want).abs() <= ROUNDING * want.abs()
    };
    (parts.len() == own.len() && parts.iter().zip(own).all(alike)).then_some(factor)
}

/// The square root of a weight; of the weight 1 the constant 1 itself.
fn root(graph: &mut Graph, weight: ExprId) -> ExprId {
    match graph.as_number(weight) {
        Some(number) if number == Number::ONE => graph.one(),
        Some(number) => graph.number(Number::float(number.to::<f64>().sqrt())),
        None => graph.product(&[Part { weight: Number::ratio(1, 2), expr: weight }]),
    }
}

/// The numerical factor of an expression and the expression without it.
pub(super) fn monic(graph: &Graph, id: ExprId) -> (Number, ExprId) {
    match graph.node(id) {
        Node::Sum(parts) => match *graph.parts(parts) {
            [part] => (part.weight, part.expr),
            _ => (Number::ONE, id),
        },
        Node::One
        | Node::Pi
        | Node::Input(_)
        | Node::Call(..)
        | Node::Binary(..)
        | Node::Product(_)
        | Node::Compare(..)
        | Node::Select(..)
        | Node::Gather(..)
        | Node::Dot(..)
        | Node::LogSumExp(..)
        | Node::Share(..)
        | Node::Mean(_) => (Number::ONE, id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Support;
    use crate::objective::hyvarinen;

    /// A log-density over `rows` and `parameters` built by `build`.
    fn natural(
        rows: &[&str],
        parameters: &[(&str, f64)],
        build: impl Fn(&mut Graph, &[ExprId], &[ExprId]) -> ExprId,
    ) -> Option<Natural> {
        let mut graph = Graph::new();
        let line = Support::LINE;
        let x: Vec<ExprId> = rows.iter().map(|name| graph.input(name, line)).collect();
        let theta: Vec<ExprId> = parameters
            .iter()
            .map(|&(name, low)| graph.input(name, Support { low, ..line }))
            .collect();
        let log_density = build(&mut graph, &x, &theta);
        let ids =
            |nodes: &[ExprId]| nodes.iter().filter_map(|&node| graph.as_input(node)).collect();
        let (rows, parameters): (Vec<InputId>, Vec<InputId>) = (ids(&x), ids(&theta));
        let groups: Vec<Vec<usize>> = [(0..theta.len()).collect()]
            .into_iter()
            .chain((0..theta.len()).map(|j| vec![j]))
            .collect();
        let loss = hyvarinen(&mut graph, log_density, &x[..1]).quadratic?;
        Natural::of(&Family {
            graph: &graph,
            loss: &loss,
            rows: &rows,
            parameters: &parameters,
            groups: &groups,
        })
    }

    /// -(x - f)²/(2 s2)
    fn normal(g: &mut Graph, x: ExprId, f: ExprId, s2: ExprId) -> ExprId {
        let difference = g.sub(x, f);
        let square = g.powi(difference, 2);
        let ratio = g.div(square, s2);
        g.scale(Number::ratio(-1, 2), ratio)
    }

    const FREE: f64 = f64::NEG_INFINITY;

    #[test]
    fn a_normal_is_solved_by_its_moments() {
        let found =
            natural(&["x"], &[("mu", FREE), ("s2", 0.0)], |g, x, t| normal(g, x[0], t[0], t[1]));
        let found = found.expect("an exponential family");
        assert_eq!((found.solved(), found.others()), (&[0, 1][..], &[][..]));
        let x = [1.0, 4.0, 2.0, 7.0];
        let Solved { theta, value } = found.solve(&[&x], &[]).expect("a minimum");
        // mean 3.5, mean square 17.5; J = -1/(2 s2)
        for (got, want) in [(theta[0], 3.5), (theta[1], 5.25), (value, -0.5 / 5.25)] {
            assert!((got - want).abs() <= 1e-13 * want.abs(), "{got} {want}");
        }
        let root = found.root_of_covariance(&[&x], &[], &theta, None).expect("a covariance");
        let covariance = &root * root.transpose();
        assert!((covariance[(0, 0)] - 5.25 / 4.0).abs() < 1e-13);
        // (m₄ - v²)/n
        let fourth = x.iter().map(|x| (x - 3.5_f64).powi(4)).sum::<f64>() / 4.0;
        assert!((covariance[(1, 1)] - (fourth - 5.25 * 5.25) / 4.0).abs() < 1e-12);
    }

    #[test]
    fn a_curve_leaves_its_rate() {
        let found = natural(&["y", "z"], &[("b", FREE), ("k", FREE), ("s2", 0.0)], |g, x, t| {
            let exponent = g.mul(t[1], x[1]);
            let decay = g.call(crate::graph::Function::Exp, exponent);
            let curve = g.mul(t[0], decay);
            normal(g, x[0], curve, t[2])
        });
        let found = found.expect("a coefficient and a variance");
        assert_eq!((found.solved(), found.others()), (&[0, 2][..], &[1][..]));
        let z = [0.0, 1.0, 2.0, 3.0];
        let y = [2.0, 1.3, 0.6, 0.5];
        let rate = -0.5;
        let Solved { theta, .. } = found.solve(&[&y, &z], &[rate]).expect("a minimum");
        let e: Vec<f64> = z.iter().map(|z| f64::exp(rate * z)).collect();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let b = dot(&y, &e) / dot(&e, &e);
        let residuals: f64 = y.iter().zip(&e).map(|(y, e)| (y - b * e).powi(2)).sum();
        assert!((theta[0] - b).abs() < 1e-14 && (theta[1] - residuals / 4.0).abs() < 1e-15);
    }

    #[test]
    fn parameters_that_meet_are_not_both_solved_for() {
        // b1*b2*x holds one coefficient for two parameters.
        let found = natural(&["y", "z"], &[("b1", FREE), ("b2", FREE)], |g, x, t| {
            let slope = g.mul(t[0], t[1]);
            let curve = g.mul(slope, x[1]);
            let one = g.one();
            normal(g, x[0], curve, one)
        });
        assert_eq!(found.expect("one of them").solved().len(), 1);
        // (x - m)^4 has two powers of m.
        let found = natural(&["x"], &[("m", FREE)], |g, x, t| {
            let difference = g.sub(x[0], t[0]);
            let power = g.powi(difference, 4);
            g.neg(power)
        });
        assert!(found.is_none());
    }

    #[test]
    fn a_sign_that_is_excluded_has_no_solution() {
        // -k x²/2 with k > 0, and a weight that makes k negative.
        let found = natural(&["x"], &[("k", 0.0)], |g, x, t| {
            let square = g.powi(x[0], 2);
            let term = g.mul(t[0], square);
            g.scale(Number::ratio(1, 2), term)
        });
        assert!(found.expect("linear").solve(&[&[1.0, -2.0]], &[]).is_none());
    }
}
