//! Symmetries of a model, found by probing its score at random points.
//!
//! A column may be rescaled when x_k ∂_k s_i + δ_ik s_i + Σ_j κ_j θ_j ∂_θj s_i = 0 for some powers κ,
//! and shifted when ∂_k s_i + Σ_j c_j ∂_θj s_i = 0 for some rates c, which may be linear in θ: adding
//! m to the covariate of a line changes its intercept by -m times its slope. The equations are linear
//! in the unknowns, so that more points than unknowns decide: a score without the symmetry does not
//! satisfy them.

use nalgebra::{DMatrix, DVector};

use crate::calculus::gradient;
use crate::graph::{ExprId, Graph, InputId, evaluate_live};
use crate::numerics::definite::Definite;
use crate::numerics::matrix::symmetric_eigen;
use crate::numerics::rng::{Stream, stream};

/// Largest residual of an equation, relative to its terms, at which it holds.
const PROOF: f64 = 1e-8;
/// Most points beyond those that determine the unknowns.
const SURPLUS_MAX: usize = 200;
/// A matrix of unit diagonal is inverted by its Cholesky factor where all pivots exceed this.
const FIRM: f64 = 1e-3;
/// Most parameters of a model whose symmetries are sought.
const PARAMETERS_MAX: usize = 600;
/// Powers are rounded to multiples of 1/12.
const DENOMINATOR: f64 = 12.0;
/// Most pairs of parameters of which one may change in proportion to the other.
const PAIRS_MAX: usize = 150;
/// The score must depend on each input at one in this many points, at least.
const SEEN: usize = 4;
/// Least number of points at which the score must depend on a parameter of one level.
const SEEN_BY_LEVEL: usize = 2;
/// Points for each parameter of one level, since a point is of one level.
const POINTS_BY_LEVEL: usize = 4;
/// Key of the random stream, unlike those of the starts.
const STREAM: u64 = u64::MAX;

/// These columns may be multiplied by s if each parameter j is multiplied by s^powers[j].
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scaling {
    pub columns: Vec<usize>,
    pub powers: Vec<f64>,
}

/// m may be added to these columns if θ moves along dθ/dm = rates + turn·θ.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shift {
    pub columns: Vec<usize>,
    pub rates: Vec<f64>,
    /// Nilpotent, so that θ is a polynomial in m; `None` where it is zero.
    pub turn: Option<DMatrix<f64>>,
}

impl Shift {
    /// The change of θ when m is added to the columns: θ ↦ Eθ + o, with E = 1 where it is `None`.
    pub fn motion(&self, m: f64) -> (Option<DMatrix<f64>>, DVector<f64>) {
        let rates = DVector::from_column_slice(&self.rates);
        let Some(turn) = &self.turn else { return (None, rates * m) };
        let p = rates.len();
        let (mut matrix, mut offset) = (DMatrix::identity(p, p), rates.clone() * m);
        let (mut power, mut image) = (DMatrix::identity(p, p), rates * m);
        for k in 1..=p {
            power = turn * power * (m / k as f64);
            image = turn * image * (m / (k + 1) as f64);
            matrix += &power;
            offset += &image;
        }
        (Some(matrix), offset)
    }

    /// Whether the change of θ_j depends on other parameters.
    fn turns(&self, j: usize) -> bool {
        self.turn.as_ref().is_some_and(|turn| turn.row(j).iter().any(|&c| c != 0.0))
    }
}

/// The symmetries of a model. Columns below `data` are data, the others covariates.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Symmetries {
    pub data: usize,
    pub scalings: Vec<Scaling>,
    pub shifts: Vec<Shift>,
}

impl Symmetries {
    /// Whether the unit of a column is free.
    pub fn scales(&self, column: usize) -> bool {
        self.scalings.iter().any(|scaling| scaling.columns.contains(&column))
    }

    /// Without the shifts that would change a held parameter by amounts of others.
    pub fn without(mut self, held: &[bool]) -> Self {
        self.shifts.retain(|shift| (0..held.len()).all(|j| !held[j] || !shift.turns(j)));
        self
    }

    /// The first column with which parameter `j` shifts, and its rate.
    pub fn location(&self, j: usize) -> Option<(usize, f64)> {
        let mut rates = self.shifts.iter().map(|shift| (shift.columns[0], shift.rates[j]));
        rates.find(|&(_, rate)| rate != 0.0)
    }
}

/// A model to probe: a log-density and its inputs.
pub(super) struct Subject<'a> {
    pub graph: &'a Graph,
    /// Adds to the graph the functions of log p that the objective sees: the score, or differences of
    /// log p.
    pub seen: &'a dyn Fn(&mut Graph) -> Vec<ExprId>,
    pub data: &'a [InputId],
    pub covariates: &'a [InputId],
    pub parameters: &'a [InputId],
    /// Covariates that are groups, whose levels cannot be shifted or scaled.
    pub groups: &'a [InputId],
    /// Parameters that a group indexes; the score of a row depends on those of its level only.
    pub by_level: &'a [InputId],
}

/// The maps of the line that keep the support of a data column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moves {
    /// All shifts and scalings: the support is the line.
    Freely,
    /// Scalings: the support is a half-line with its edge at zero.
    InSize,
    /// No shift or scaling.
    Not,
}

/// Random parameters, and a random row of data and covariates.
pub(super) type Drawn = (Vec<f64>, Vec<f64>);

/// Finds the symmetries. `draw` gives random admissible parameters and rows, `admits` tells whether
/// given powers and rates keep the constraints, `moves` has the maps for each data column, and `free`
/// marks parameters without constraint.
pub(super) fn find(
    subject: &Subject<'_>,
    moves: &[Moves],
    free: &[bool],
    draw: impl Fn(&mut Stream) -> Drawn,
    admits: impl Fn(&[f64], &[f64]) -> bool,
) -> Symmetries {
    let data = subject.data.len();
    let mut found = Symmetries { data, ..Symmetries::default() };
    if subject.parameters.len() > PARAMETERS_MAX {
        return found;
    }
    let Some(probe) = Probe::new(subject, &draw) else { return found };
    let still = vec![0.0; subject.parameters.len()];
    let columns = data + subject.covariates.len();
    let given = |k: usize| k >= data && !subject.groups.contains(&subject.covariates[k - data]);
    let sizable = |k: &usize| given(*k) || moves.get(*k).is_some_and(|one| *one != Moves::Not);
    let movable = |k: &usize| given(*k) || moves.get(*k) == Some(&Moves::Freely);
    let alone = (0..columns).filter(sizable).map(|k| vec![k]);
    let scalings = |sets: Vec<Vec<usize>>| -> Vec<Scaling> {
        let powers = probe.powers(&sets);
        let found = sets.into_iter().zip(powers).filter_map(|(columns, powers)| {
            let powers = powers.filter(|powers| admits(powers, &still))?;
            Some(Scaling { columns, powers })
        });
        found.collect()
    };
    found.scalings = scalings(alone.collect());
    let rest: Vec<usize> = (0..data).filter(|k| sizable(k) && !found.scales(*k)).collect();
    found.scalings.extend(scalings(together(rest)));
    let shifts = |sets: Vec<Vec<usize>>| -> Vec<Shift> {
        let rates = probe.rates(&sets);
        let found = sets.into_iter().zip(rates).filter_map(|(columns, rates)| {
            let rates = rates.filter(|rates| admits(&still, rates))?;
            Some(Shift { columns, rates, turn: None })
        });
        found.collect()
    };
    found.shifts = shifts((0..columns).filter(movable).map(|k| vec![k]).collect());
    let moved = |shifts: &[Shift], k: usize| shifts.iter().any(|shift| shift.columns.contains(&k));
    let rest: Vec<usize> = (0..data).filter(|k| movable(k) && !moved(&found.shifts, *k)).collect();
    found.shifts.extend(shifts(together(rest)));
    let rest: Vec<usize> =
        (data..columns).filter(|&k| given(k) && !moved(&found.shifts, k)).collect();
    if !rest.is_empty() {
        found.shifts.extend(turns(subject, draw, free, &rest));
    }
    found
}

/// Shifts of covariates under which the change of θ is linear in θ.
fn turns(
    subject: &Subject<'_>,
    draw: impl Fn(&mut Stream) -> Drawn,
    free: &[bool],
    columns: &[usize],
) -> Vec<Shift> {
    let movers: Vec<usize> = (0..free.len()).filter(|&j| free[j]).collect();
    let pairs: Vec<(usize, usize)> =
        movers.iter().flat_map(|&j| movers.iter().map(move |&l| (j, l))).collect();
    if pairs.is_empty() || pairs.len() > PAIRS_MAX {
        return Vec::new();
    }
    let unknowns = movers.len() + pairs.len();
    let Some(points) = points(subject, draw, unknowns) else { return Vec::new() };
    let first = subject.data.len() + subject.covariates.len();
    let system = System::new(DMatrix::from_fn(points.len(), unknowns, |r, c| {
        let slope = |j: usize| points[r].slopes[first + j];
        match c.checked_sub(movers.len()) {
            None => slope(movers[c]),
            Some(pair) => slope(pairs[pair].0) * points[r].theta[pairs[pair].1],
        }
    }));
    let right = DMatrix::from_fn(points.len(), columns.len(), |r, c| -points[r].slopes[columns[c]]);
    let one = |(&k, found): (&usize, Option<Vec<f64>>)| {
        let found = found?;
        let (plain, linear) = found.split_at(movers.len());
        let p = free.len();
        let mut rates = vec![0.0; p];
        movers.iter().zip(plain).for_each(|(&j, &rate)| rates[j] = rate);
        let mut turn = DMatrix::zeros(p, p);
        pairs.iter().zip(linear).for_each(|(&pair, &rate)| turn[pair] = rate);
        let nilpotent = (0..p).fold(turn.clone(), |power, _| &turn * power).amax() == 0.0;
        nilpotent.then_some(Shift { columns: vec![k], rates, turn: Some(turn) })
    };
    columns.iter().zip(system.solve(&right)).filter_map(one).collect()
}

/// All columns as one set, for symmetries that single columns do not have.
fn together(columns: Vec<usize>) -> Vec<Vec<usize>> {
    if columns.len() > 1 { vec![columns] } else { Vec::new() }
}

/// Values at the random points of q = Σ_i u_i s_i with random u, and of its derivatives.
struct Probe {
    /// θ_j ∂_θj q, by point and parameter.
    scaled: System,
    /// ∂_θj q
    plain: System,
    /// x_k ∂_k q + u_k s_k, by point and column.
    stretch: DMatrix<f64>,
    /// ∂_k q
    slope: DMatrix<f64>,
}

impl Probe {
    fn new(subject: &Subject<'_>, draw: impl Fn(&mut Stream) -> Drawn) -> Option<Self> {
        let (d, p) = (subject.data.len(), subject.parameters.len());
        let points = points(subject, draw, p)?;
        let columns = d + subject.covariates.len();
        let by = |width: usize, f: &dyn Fn(&Point, usize) -> f64| {
            DMatrix::from_fn(points.len(), width, |r, c| f(&points[r], c))
        };
        Some(Self {
            scaled: System::new(by(p, &|point, j| point.theta[j] * point.slopes[columns + j])),
            plain: System::new(by(p, &|point, j| point.slopes[columns + j])),
            stretch: by(columns, &|point, k| {
                let own = if k < d { point.direction[k] * point.score[k] } else { 0.0 };
                point.x[k] * point.slopes[k] + own
            }),
            slope: by(columns, &|point, k| point.slopes[k]),
        })
    }

    /// The powers of a joint scaling of each set of columns.
    fn powers(&self, sets: &[Vec<usize>]) -> Vec<Option<Vec<f64>>> {
        self.scaled.solve(&-sums(&self.stretch, sets))
    }

    fn rates(&self, sets: &[Vec<usize>]) -> Vec<Option<Vec<f64>>> {
        self.plain.solve(&-sums(&self.slope, sets))
    }
}

/// Random points at which all values are finite: at most [`SURPLUS_MAX`] more than determine the
/// unknowns. `None` where fewer than a third of these surplus points are found, or where the score
/// does not depend, at enough points, on an input that it contains, as where an exponential
/// underflows: nothing is proved there.
fn points(
    subject: &Subject<'_>,
    draw: impl Fn(&mut Stream) -> Drawn,
    unknowns: usize,
) -> Option<Vec<Point>> {
    let inputs = Inputs::new(subject);
    let needed = unknowns + 2;
    let surplus = (3 * needed).min(SURPLUS_MAX);
    let wanted = (needed + surplus).max(POINTS_BY_LEVEL * subject.by_level.len());
    let mut stream = stream(0, STREAM);
    let tries = (0..3 * wanted).map(|_| inputs.point(&mut stream, &draw));
    let points: Vec<Point> = tries.filter(Point::is_finite).take(wanted).collect();
    let seen = |k: &usize| {
        let moved = points.iter().filter(|point| point.slopes[*k] != 0.0).count();
        match subject.by_level.contains(&inputs.order[*k]) {
            true => moved >= SEEN_BY_LEVEL,
            false => SEEN * moved >= points.len() || subject.groups.contains(&inputs.order[*k]),
        }
    };
    let all_seen = inputs.used().all(|k| seen(&k));
    (points.len() >= needed + surplus / 3 && all_seen).then_some(points)
}

/// The sum of the columns of each set.
fn sums(matrix: &DMatrix<f64>, sets: &[Vec<usize>]) -> DMatrix<f64> {
    DMatrix::from_fn(matrix.nrows(), sets.len(), |r, c| {
        sets[c].iter().map(|&k| matrix[(r, k)]).sum()
    })
}

/// The expressions to evaluate at random points, and the order of their inputs.
struct Inputs {
    graph: Graph,
    roots: Vec<ExprId>,
    /// The nodes below the roots.
    live: Vec<ExprId>,
    /// Data, covariates, parameters, directions u.
    order: Vec<InputId>,
    data: usize,
    columns: usize,
    parameters: usize,
}

struct Point {
    x: Vec<f64>,
    theta: Vec<f64>,
    direction: Vec<f64>,
    score: Vec<f64>,
    slopes: Vec<f64>,
}

impl Point {
    fn is_finite(&self) -> bool {
        self.score.iter().chain(&self.slopes).all(|v| v.is_finite())
    }
}

impl Inputs {
    fn new(subject: &Subject<'_>) -> Self {
        let mut g = subject.graph.clone();
        let nodes = |g: &Graph, inputs: &[InputId]| -> Vec<ExprId> {
            inputs.iter().map(|&input| g.input_node(input)).collect()
        };
        let score = (subject.seen)(&mut g);
        let name = |k: usize| format!("probe direction {k}");
        let data = subject.data.len();
        let direction: Vec<ExprId> = (0..data).map(|k| g.internal_input(&name(k))).collect();
        let q = g.dot(&score, &direction);
        let mut order = [subject.data, subject.covariates, subject.parameters].concat();
        let wrt = nodes(&g, &order);
        let slopes = gradient(&mut g, q, &wrt);
        order.extend(direction.iter().filter_map(|&id| g.as_input(id)));
        let roots = [score, slopes].concat();
        Self {
            live: g.live(&roots),
            graph: g,
            roots,
            order,
            data,
            columns: data + subject.covariates.len(),
            parameters: subject.parameters.len(),
        }
    }

    /// Columns and parameters on which the score depends, by position among the slopes.
    fn used(&self) -> impl Iterator<Item = usize> {
        let reached = self.graph.reachable(&self.roots[..self.data]);
        let inputs = 0..self.columns + self.parameters;
        inputs.filter(move |&k| reached[self.graph.input_node(self.order[k]).index()])
    }

    fn point(&self, stream: &mut Stream, draw: &impl Fn(&mut Stream) -> Drawn) -> Point {
        let (theta, x) = draw(stream);
        let direction: Vec<f64> = (0..self.data).map(|_| stream.normal()).collect();
        debug_assert_eq!((theta.len(), x.len()), (self.parameters, self.columns));
        let values = [x.as_slice(), &theta, &direction].concat();
        let mut table = vec![f64::NAN; self.graph.inputs().len()];
        self.order.iter().zip(&values).for_each(|(input, &value)| table[input.index()] = value);
        let of_input = |input: InputId| table[input.index()];
        let mut score = evaluate_live(&self.graph, &self.live, &self.roots, of_input);
        let slopes = score.split_off(self.data);
        Point { x, theta, direction, score, slopes }
    }
}

/// Linear least squares for many right-hand sides.
struct System {
    matrix: DMatrix<f64>,
    /// (MᵀM)⁺, where the columns of M are scaled to length one.
    inverse: Option<DMatrix<f64>>,
    lengths: DVector<f64>,
}

impl System {
    fn new(matrix: DMatrix<f64>) -> Self {
        let p = matrix.ncols();
        let length = |j: usize| matrix.column(j).norm();
        let lengths = DVector::from_fn(p, |j, _| if length(j) > 0.0 { length(j) } else { 1.0 });
        let unit = DMatrix::from_fn(matrix.nrows(), p, |i, j| matrix[(i, j)] / lengths[j]);
        Self { inverse: pseudo_inverse(&(unit.transpose() * &unit)), matrix, lengths }
    }

    /// The exact solutions of Mx = b for the columns b; `None` where there is none.
    fn solve(&self, right: &DMatrix<f64>) -> Vec<Option<Vec<f64>>> {
        let Some(inverse) = &self.inverse else { return vec![None; right.ncols()] };
        let in_units = |mut x: DMatrix<f64>| {
            x.column_iter_mut().for_each(|mut x| x.component_div_assign(&self.lengths));
            x
        };
        let across = self.matrix.transpose();
        let mut x = DMatrix::zeros(self.matrix.ncols(), right.ncols());
        // The normal equations lose half of the digits, which iterative refinement restores.
        for _ in 0..4 {
            let residual = right - &self.matrix * &x;
            x += in_units(inverse * in_units(&across * residual));
        }
        let tidy = x.map(tidied);
        let proofs = [&tidy, &x].map(|x| (x, self.hold(x, right)));
        let proved = |c: usize| {
            let found = proofs.iter().find(|(_, holds)| holds[c])?;
            Some(found.0.column(c).as_slice().to_vec())
        };
        (0..right.ncols()).map(proved).collect()
    }

    /// By column, whether it solves all equations, relative to the terms of each.
    fn hold(&self, x: &DMatrix<f64>, right: &DMatrix<f64>) -> Vec<bool> {
        let error = (&self.matrix * x - right).abs();
        let size = self.matrix.abs() * x.abs() + right.abs();
        let holds = |c: usize| error.column(c).iter().zip(&size.column(c)).all(small);
        (0..right.ncols()).map(holds).collect()
    }
}

fn small((error, size): (&f64, &f64)) -> bool {
    *error <= PROOF * size
}

fn pseudo_inverse(gram: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    if gram.is_empty() {
        return Some(gram.clone());
    }
    if let Some(factor) = Definite::new(gram.clone()).filter(|factor| factor.least_pivot() > FIRM) {
        return Some(factor.inverse());
    }
    let eigen = symmetric_eigen(gram)?;
    let threshold = 1e-12 * eigen.values.amax();
    let inverse = eigen.values.map(|v| if v > threshold { v.recip() } else { 0.0 });
    Some(&eigen.vectors * DMatrix::from_diagonal(&inverse) * eigen.vectors.transpose())
}

/// The nearest multiple of 1/12 if it is within 1e-5, else the number.
fn tidied(x: f64) -> f64 {
    let near = (x * DENOMINATOR).round() / DENOMINATOR;
    if (x - near).abs() < 1e-5 { near } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Number;
    use crate::graph::Support;

    struct Setting {
        graph: Graph,
        log_density: ExprId,
        data: Vec<InputId>,
        parameters: Vec<InputId>,
    }

    fn score(g: &mut Graph, log_density: ExprId, data: &[InputId]) -> Vec<ExprId> {
        let data: Vec<ExprId> = data.iter().map(|&input| g.input_node(input)).collect();
        gradient(g, log_density, &data)
    }

    fn found(setting: &Setting) -> Symmetries {
        let subject = Subject {
            graph: &setting.graph,
            seen: &|g| score(g, setting.log_density, &setting.data),
            data: &setting.data,
            covariates: &[],
            parameters: &setting.parameters,
            groups: &[],
            by_level: &[],
        };
        let p = setting.parameters.len();
        let d = setting.data.len();
        let draw = |stream: &mut Stream| {
            let theta = (0..p).map(|_| stream.normal().exp()).collect();
            (theta, (0..d).map(|_| stream.normal()).collect())
        };
        find(&subject, &vec![Moves::Freely; d], &vec![true; p], draw, |_, _| true)
    }

    fn inputs(g: &mut Graph, names: &[&str]) -> (Vec<ExprId>, Vec<InputId>) {
        let nodes: Vec<ExprId> = names.iter().map(|name| g.input(name, Support::LINE)).collect();
        let ids = nodes.iter().filter_map(|&id| g.as_input(id)).collect();
        (nodes, ids)
    }

    #[test]
    fn normal_has_location_and_scale() {
        let mut graph = Graph::new();
        let (x, data) = inputs(&mut graph, &["x"]);
        let (theta, parameters) = inputs(&mut graph, &["mu", "s2"]);
        let r = graph.sub(x[0], theta[0]);
        let square = graph.powi(r, 2);
        let ratio = graph.div(square, theta[1]);
        let log_density = graph.scale(Number::ratio(-1, 2), ratio);
        let found = found(&Setting { graph, log_density, data, parameters });
        assert_eq!(found.scalings, [Scaling { columns: vec![0], powers: vec![1.0, 2.0] }]);
        assert_eq!(found.shifts, [Shift { columns: vec![0], rates: vec![1.0, 0.0], turn: None }]);
    }

    #[test]
    fn quartic_has_scale_only() {
        let mut graph = Graph::new();
        let (x, data) = inputs(&mut graph, &["x"]);
        let (theta, parameters) = inputs(&mut graph, &["a", "b", "c"]);
        let terms: Vec<ExprId> = [1, 2, 4]
            .iter()
            .zip(&theta)
            .map(|(&k, &a)| {
                let power = graph.powi(x[0], k);
                graph.mul(a, power)
            })
            .collect();
        let log_density = graph.total(&terms);
        let found = found(&Setting { graph, log_density, data, parameters });
        assert_eq!(found.scalings, [Scaling { columns: vec![0], powers: vec![-1.0, -2.0, -4.0] }]);
        assert_eq!(found.shifts, []);
    }

    #[test]
    fn constants_carry_units() {
        let mut graph = Graph::new();
        let (x, data) = inputs(&mut graph, &["x"]);
        let (theta, parameters) = inputs(&mut graph, &["a"]);
        let cube = graph.powi(x[0], 4);
        let square = graph.powi(x[0], 2);
        let first = graph.mul(theta[0], square);
        let log_density = graph.sub(first, cube);
        let found = found(&Setting { graph, log_density, data, parameters });
        assert_eq!((found.scalings, found.shifts), (vec![], vec![]));
    }

    /// Shifting the covariate of a parabola changes its lower coefficients by multiples of the higher
    /// ones.
    #[test]
    fn a_shift_of_a_covariate_mixes_coefficients() {
        let mut graph = Graph::new();
        let (x, rows) = inputs(&mut graph, &["y", "z"]);
        let (theta, parameters) = inputs(&mut graph, &["a", "b", "c"]);
        let square = graph.powi(x[1], 2);
        let terms = [graph.mul(theta[1], x[1]), graph.mul(theta[2], square)];
        let curve = graph.total(&[theta[0], terms[0], terms[1]]);
        let difference = graph.sub(x[0], curve);
        let square = graph.powi(difference, 2);
        let log_density = graph.neg(square);
        let subject = Subject {
            graph: &graph,
            seen: &|g| score(g, log_density, &rows[..1]),
            data: &rows[..1],
            covariates: &rows[1..],
            parameters: &parameters,
            groups: &[],
            by_level: &[],
        };
        let normals = |n: usize, stream: &mut Stream| (0..n).map(|_| stream.normal()).collect();
        let draw = |stream: &mut Stream| (normals(3, stream), normals(2, stream));
        let found = find(&subject, &[Moves::Freely], &[true; 3], draw, |_, _| true);
        let shift = found.shifts.iter().find(|shift| shift.columns == [1]).expect("a shift of z");
        let (matrix, offset) = shift.motion(2.0);
        // y = a + b z + c z² with z = w - 2: the raw a is a - 2b + 4c of the curve in w.
        let moved = matrix.expect("a turn") * DVector::from_vec(vec![1.0, 3.0, 0.5]) + offset;
        for (got, want) in moved.iter().zip([1.0 - 6.0 + 2.0, 3.0 - 2.0, 0.5]) {
            assert!((got - want).abs() < 1e-9, "{moved}");
        }
    }

    /// Nothing is proved for an exponential that underflows at every point.
    #[test]
    fn a_score_that_underflows_has_no_symmetry() {
        let mut graph = Graph::new();
        let (x, data) = inputs(&mut graph, &["x"]);
        let (theta, parameters) = inputs(&mut graph, &["a", "b"]);
        let square = graph.powi(x[0], 2);
        let product = graph.mul(theta[1], square);
        let far = graph.scale(Number::integer(-1_000_000_000), product);
        let exponential = graph.call(crate::graph::Function::Exp, far);
        let term = graph.mul(theta[0], exponential);
        let log_density = graph.sub(term, square);
        let found = found(&Setting { graph, log_density, data, parameters });
        assert_eq!((found.scalings, found.shifts), (vec![], vec![]));
    }

    #[test]
    fn isotropic_columns_scale_together() {
        let mut graph = Graph::new();
        let (x, data) = inputs(&mut graph, &["x", "y"]);
        let (theta, parameters) = inputs(&mut graph, &["m", "s2"]);
        let r: Vec<ExprId> = x.iter().map(|&x| graph.sub(x, theta[0])).collect();
        let square = graph.sum_of_squares(&r);
        let ratio = graph.div(square, theta[1]);
        let log_density = graph.neg(ratio);
        let found = found(&Setting { graph, log_density, data, parameters });
        assert_eq!(found.scalings, [Scaling { columns: vec![0, 1], powers: vec![1.0, 2.0] }]);
        assert_eq!(
            found.shifts,
            [Shift { columns: vec![0, 1], rates: vec![1.0, 0.0], turn: None }]
        );
    }
}
