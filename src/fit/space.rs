//! The coordinates that the optimiser moves, and the parameters as functions of them.

use crate::calculus::gradient;
use crate::graph::{ExprId, Graph, InputId, Number, evaluate};
use crate::model::{Constraint, Model, packed_places};
use crate::numerics::sparse::Sparse;

use nalgebra::DMatrix;

use super::bounds::Ends;
use super::white::White;

/// Free coordinates φ and θ(φ), in the coordinates of a [`Frame`](super::standardise::Frame).
#[derive(Clone, Debug)]
pub(super) struct Space {
    /// A graph of the coordinates and θ.
    graph: Graph,
    free: Vec<InputId>,
    theta: Vec<ExprId>,
    /// Positions of the coordinates that each parameter depends on, ascending.
    uses: Vec<Vec<usize>>,
    ends: Vec<Ends>,
    /// The coordinates that move, ascending; the others stay at `base`.
    active: Vec<usize>,
    base: Vec<f64>,
    white: White,
}

impl Space {
    /// Unconstrained coordinates by the parameter transforms of the model; `fixed` has the inner
    /// values of held parameters, by position.
    pub fn unconstrained(model: &Model, fixed: &[Option<f64>], white: White) -> Self {
        let mut graph = Graph::new();
        let (free, theta) = coordinates(model, &mut graph, fixed, &white);
        let uses = used(&graph, &theta, &free);
        let mut active = uses.concat();
        active.sort_unstable();
        active.dedup();
        let base = vec![0.0; free.len()];
        Self { ends: ends(model), graph, free, theta, uses, active, base, white }
    }

    /// Removes coordinates, by position, from those that move.
    pub fn forget(&mut self, absent: &[usize]) {
        self.active.retain(|k| !absent.contains(k));
    }

    /// Sets all coordinates of the base point, at which the coordinates that do not move stay.
    pub fn rest_at(&mut self, all: &[f64]) {
        self.base = all.to_vec();
    }

    /// Positions of the moving coordinates among all.
    pub fn active(&self) -> &[usize] {
        &self.active
    }

    /// Number of all coordinates, moving or not.
    pub fn all(&self) -> usize {
        self.free.len()
    }

    /// The meaning of the ends of the moving coordinates.
    pub fn ends(&self) -> Vec<Ends> {
        self.active.iter().map(|&k| self.ends[k]).collect()
    }

    /// The moving coordinates of a point.
    pub fn part(&self, all: &[f64]) -> Vec<f64> {
        self.active.iter().map(|&k| all[k]).collect()
    }

    /// All coordinates of a point with these moving ones.
    pub fn whole(&self, part: &[f64]) -> Vec<f64> {
        let mut all = self.base.clone();
        self.active.iter().zip(part).for_each(|(&k, &value)| all[k] = value);
        all
    }

    /// All coordinates of inner parameters; `None` outside their constraints.
    pub fn to_free(&self, model: &Model, theta: &[f64]) -> Option<Vec<f64>> {
        model.to_free(&self.white.undo(theta))
    }

    /// The whitening of precision matrices.
    pub fn white(&self) -> &White {
        &self.white
    }

    /// θ at all coordinates.
    pub fn theta_of_all(&self, all: &[f64]) -> Vec<f64> {
        self.evaluate(&self.theta, all)
    }

    /// θ at the moving coordinates.
    pub fn theta(&self, part: &[f64]) -> Vec<f64> {
        self.theta_of_all(&self.whole(part))
    }

    fn evaluate(&self, roots: &[ExprId], all: &[f64]) -> Vec<f64> {
        let mut table = vec![f64::NAN; self.graph.inputs().len()];
        self.free.iter().zip(all).for_each(|(input, &value)| table[input.index()] = value);
        evaluate(&self.graph, roots, |input| table[input.index()])
    }

    /// The coordinate to which a parameter is equal, if there is one.
    pub fn own(&self, j: usize) -> Option<usize> {
        let input = self.graph.as_input(self.theta[j])?;
        self.free.iter().position(|&free| free == input)
    }

    /// Position among the moving coordinates of the one that alone determines a parameter.
    pub fn only(&self, j: usize) -> Option<usize> {
        let &[first] = self.uses[j].as_slice() else { return None };
        self.active.iter().position(|&k| k == first)
    }

    /// Whether a parameter depends on the coordinate at this position among all.
    pub fn depends(&self, j: usize, all_position: usize) -> bool {
        self.uses[j].binary_search(&all_position).is_ok()
    }

    /// ∂θ/∂φ, with a row for each parameter and a column for each moving coordinate.
    pub fn slopes(&self, part: &[f64]) -> Sparse {
        let mut graph = self.graph.clone();
        let mut position = vec![None; self.free.len()];
        self.active.iter().enumerate().for_each(|(c, &k)| position[k] = Some(c));
        let mut rows: Vec<Vec<usize>> = Vec::new();
        let mut entries: Vec<ExprId> = Vec::new();
        for (j, uses) in self.uses.iter().enumerate() {
            let own: Vec<usize> = uses.iter().copied().filter(|&k| position[k].is_some()).collect();
            let wrt: Vec<ExprId> = own.iter().map(|&k| graph.input_node(self.free[k])).collect();
            entries.extend(gradient(&mut graph, self.theta[j], &wrt));
            rows.push(own.iter().filter_map(|&k| position[k]).collect());
        }
        let derived = Self { graph, ..self.clone() };
        let mut values = derived.evaluate(&entries, &self.whole(part)).into_iter();
        let mut one = |row: Vec<usize>| row.into_iter().zip(values.by_ref()).collect();
        Sparse::new(self.active.len(), rows.into_iter().map(&mut one).collect())
    }

    /// [`Space::slopes`] as a dense matrix.
    pub fn jacobian(&self, part: &[f64]) -> DMatrix<f64> {
        self.slopes(part).dense()
    }
}

/// Positions of the inputs that each expression depends on, ascending.
fn used(graph: &Graph, roots: &[ExprId], free: &[InputId]) -> Vec<Vec<usize>> {
    let mut position = vec![None; graph.inputs().len()];
    free.iter().enumerate().for_each(|(k, input)| position[input.index()] = Some(k));
    let one = |&root: &ExprId| {
        let inputs = graph.inputs_below(root).into_iter();
        let mut used: Vec<usize> = inputs.filter_map(|input| position[input.index()]).collect();
        used.sort_unstable();
        used
    };
    roots.iter().map(one).collect()
}

/// θ over new free inputs of a graph, with held parameters replaced by their values.
pub(super) fn coordinates(
    model: &Model,
    graph: &mut Graph,
    fixed: &[Option<f64>],
    white: &White,
) -> (Vec<InputId>, Vec<ExprId>) {
    let mut transform = model.transform(graph);
    white.apply(graph, &mut transform.theta);
    let theta = transform.theta.iter().zip(fixed);
    let theta = theta.map(|(&theta, fixed)| fixed.map_or(theta, |value| number(graph, value)));
    (transform.free, theta.collect())
}

/// A number as an exact decimal fraction: `0.1` is 1/10.
pub(super) fn number(graph: &mut Graph, value: f64) -> ExprId {
    let written = value.abs().to_string().parse::<Number>();
    let magnitude = written.unwrap_or_else(|_| Number::float(value.abs()));
    graph.number(if value < 0.0 { -magnitude } else { magnitude })
}

/// The meaning of the ends of each coordinate, in the order of the parameter transforms.
fn ends(model: &Model) -> Vec<Ends> {
    let of_block = |constraint: Constraint, parameters: usize| match constraint {
        Constraint::Free | Constraint::Symmetric | Constraint::Posdef => {
            vec![Ends::Open; parameters]
        }
        Constraint::Above(_) | Constraint::Below(_) => vec![Ends::Bounded; parameters],
        Constraint::Between(..) => vec![Ends::Interval; parameters],
        Constraint::Simplex => vec![Ends::Interval; parameters.saturating_sub(1)],
        Constraint::Ordered => {
            (0..parameters).map(|k| if k == 0 { Ends::Open } else { Ends::Bounded }).collect()
        }
    };
    let blocks = model.blocks().iter();
    blocks.flat_map(|block| of_block(block.constraint, block.parameters.len())).collect()
}

/// Whether a parameter of a block can be held without the others.
pub(super) fn stands_alone(constraint: Constraint) -> bool {
    match constraint {
        Constraint::Free
        | Constraint::Symmetric
        | Constraint::Above(_)
        | Constraint::Below(_)
        | Constraint::Between(..) => true,
        Constraint::Posdef | Constraint::Simplex | Constraint::Ordered => false,
    }
}

/// Whether multiplying parameters by s^powers and adding multiples of `rates` keeps the constraints.
pub(super) fn admits(model: &Model, powers: &[f64], rates: &[f64]) -> bool {
    model.blocks().iter().all(|block| {
        let powers = &powers[block.parameters.clone()];
        let rates = &rates[block.parameters.clone()];
        let none = |values: &[f64]| values.iter().all(|&v| v == 0.0);
        let even = |values: &[f64]| values.windows(2).all(|pair| pair[0] == pair[1]);
        match block.constraint {
            Constraint::Free | Constraint::Symmetric => true,
            Constraint::Above(bound) | Constraint::Below(bound) => {
                none(rates) && (bound == 0.0 || none(powers))
            }
            Constraint::Between(..) | Constraint::Simplex => none(rates) && none(powers),
            Constraint::Ordered => even(rates) && even(powers),
            Constraint::Posdef => none(rates) && is_congruence(block.shape.rows(), powers),
        }
    })
}

/// Whether the powers κ of a packed symmetric matrix are κ_ij = (κ_ii + κ_jj)/2, so that it is scaled
/// to SKS with a diagonal S and stays positive definite.
fn is_congruence(n: usize, powers: &[f64]) -> bool {
    let places: Vec<(usize, usize)> = packed_places(n).collect();
    let at = |i: usize, j: usize| {
        let place = places.iter().position(|&place| place == (i, j));
        powers[place.expect("the upper triangle holds every pair")]
    };
    places.iter().all(|&(i, j)| (2.0 * at(i, j) - at(i, i) - at(j, j)).abs() < 1e-9)
}
