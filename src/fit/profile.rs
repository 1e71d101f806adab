//! The objective profiled over the parameters that a linear solve finds (variable projection).
//!
//! Where a [`Natural`] family solves for the parameters θ_L, the search is over J(φ) = min over θ_L
//! of J(θ_L, φ) instead of J: the minimiser over θ_L is exact, the slope of J(φ) is that of J there
//! (the envelope theorem), and its curvature is the Schur complement A_φφ - A_φL A_LL⁻¹ A_Lφ.

use nalgebra::{DMatrix, DVector};

use super::inverses::Inverses;
use super::space::Space;
use super::surface::Surface;
use crate::model::{Constraint, Model};
use crate::numerics::sparse::Sparse;
use crate::objective::{Curvature, Expansion, Family, Natural, Pointwise, Slope, Taylor, Weighing};

/// Most parameters for which each one alone is tried as θ_L.
const SINGLES_MAX: usize = 60;

/// The parameters that are solved for, given the held ones.
#[derive(Debug)]
pub(super) struct Plan {
    natural: Natural,
    /// The inverses that the family has in the place of some parameters.
    inverses: Inverses,
    /// Positions of the parameters that are not held, in the order of the family.
    loose: Vec<usize>,
    /// Moving coordinates that are searched; `solved` has those that are solved for.
    searched: Vec<usize>,
    solved: Vec<usize>,
}

impl Plan {
    /// `None` where no parameter can be solved for.
    pub fn new(
        model: &Model,
        fixed: &[Option<f64>],
        space: &Space,
        (family, inverses): (&Family<'_>, &Inverses),
    ) -> Option<Self> {
        let loose: Vec<usize> = (0..fixed.len()).filter(|&j| fixed[j].is_none()).collect();
        let groups = groups(model, &loose);
        let natural = Natural::of(&Family { groups: &groups, ..*family })?;
        let moves = |k: &usize| {
            natural.solved().iter().any(|&l| space.depends(loose[l], space.active()[*k]))
        };
        let (solved, searched): (Vec<usize>, Vec<usize>) =
            (0..space.active().len()).partition(moves);
        (solved.len() == natural.solved().len()).then(|| Self {
            natural,
            inverses: inverses.clone(),
            loose,
            searched,
            solved,
        })
    }

    /// Positions among all parameters of those that are solved for.
    fn places(&self) -> Vec<usize> {
        self.natural.solved().iter().map(|&l| self.loose[l]).collect()
    }

    /// Sandwich covariance of all inner parameters, computed from the rows instead of A; `None`
    /// unless every parameter that is not held is solved for.
    pub fn covariance(
        &self,
        columns: &[&[f64]],
        theta: &[f64],
        weighing: Option<&Weighing>,
    ) -> Option<DMatrix<f64>> {
        if !self.natural.others().is_empty() {
            return None;
        }
        let places = self.places();
        let inverted = self.inverses.inverted(theta)?;
        let at: Vec<f64> = places.iter().map(|&j| inverted[j]).collect();
        let root = self.natural.root_of_covariance(columns, &[], &at, weighing)?;
        // The way back inverts as well: with S and K exchanged, these are the slopes of θ by the inverted.
        let own = DMatrix::identity(at.len(), at.len());
        let root = self.inverses.carried(theta, &places, own) * root;
        let found = &root * root.transpose();
        let mut all = DMatrix::zeros(theta.len(), theta.len());
        for (i, &row) in places.iter().enumerate() {
            for (j, &column) in places.iter().enumerate() {
                all[(row, column)] = found[(i, j)];
            }
        }
        Some(all)
    }

    /// Whether all parameters are solved for, and they are many or a derivative of the loss over free
    /// coordinates goes through an inverse.
    pub fn is_whole(&self) -> bool {
        let Self { natural, inverses, searched, .. } = self;
        searched.is_empty() && natural.is_whole() && (natural.is_wide() || !inverses.is_empty())
    }

    /// Whether the score is linear in the parameters.
    pub fn is_linear(&self) -> bool {
        self.natural.is_linear() && self.inverses.is_empty()
    }

    /// All inner parameters at the minimum over the solved ones, all others as in `theta`, and J there.
    pub fn solve(&self, columns: &[&[f64]], theta: &[f64]) -> Option<(Vec<f64>, f64)> {
        let mut inverted = self.inverses.inverted(theta)?;
        let others: Vec<f64> =
            self.natural.others().iter().map(|&l| inverted[self.loose[l]]).collect();
        let found = self.natural.solve(columns, &others)?;
        self.places().iter().zip(&found.theta).for_each(|(&j, &value)| inverted[j] = value);
        Some((self.inverses.inverted(&inverted)?, found.value))
    }

    /// J at a point of a plan that [`Plan::is_whole`], in the moving coordinates, by which θ has these
    /// slopes; K as [`Natural::expansion`] has it. `None` outside of the constraints.
    pub fn expansion(
        &self,
        columns: &[&[f64]],
        theta: &[f64],
        slopes: &Sparse,
        how: (Option<&Weighing>, bool),
    ) -> Option<Pointwise> {
        let places = self.places();
        let inverted = self.inverses.inverted(theta)?;
        let at: Vec<f64> = places.iter().map(|&j| inverted[j]).collect();
        let slopes = slopes.select_rows(&places);
        let carried =
            |own: DMatrix<f64>| slopes.after(&self.inverses.carried(&inverted, &places, own));
        Some(self.natural.expansion(columns, &at, (&carried, slopes.columns()), how))
    }

    /// Moving coordinates that remain to be searched.
    pub fn searched(&self) -> &[usize] {
        &self.searched
    }
}

/// Candidates for θ_L: all parameters, then those of each block, then single ones where they have
/// transforms of their own. A simplex has more parameters than coordinates and is never solved for.
fn groups(model: &Model, loose: &[usize]) -> Vec<Vec<usize>> {
    let mut blocks = Vec::new();
    let mut singles = Vec::new();
    for block in model.blocks() {
        let members: Vec<usize> =
            (0..loose.len()).filter(|&l| block.parameters.contains(&loose[l])).collect();
        match block.constraint {
            Constraint::Free
            | Constraint::Symmetric
            | Constraint::Above(_)
            | Constraint::Below(_)
            | Constraint::Between(..) => {
                singles.extend(members.iter().map(|&l| vec![l]));
                blocks.push(members);
            }
            Constraint::Posdef | Constraint::Ordered => blocks.push(members),
            Constraint::Simplex => {}
        }
    }
    blocks.retain(|members| !members.is_empty());
    if singles.len() > SINGLES_MAX {
        singles.clear();
    }
    // Larger blocks first: the vector m of a product K·m can be recovered once the matrix K is.
    blocks.sort_by_key(|members| std::cmp::Reverse(members.len()));
    let all = blocks.concat();
    [vec![all], blocks, singles].concat()
}

/// The profiled objective on some rows.
pub(super) struct Profile<'a> {
    pub plan: &'a Plan,
    pub model: &'a Model,
    pub space: &'a Space,
    pub columns: Vec<&'a [f64]>,
    pub full: &'a dyn Surface,
}

impl Profile<'_> {
    /// All moving coordinates, the searched ones at `at` and the others at their minimum, and J
    /// there.
    pub fn solve(&self, at: &[f64]) -> Option<(Vec<f64>, f64)> {
        let Plan { searched, solved, .. } = self.plan;
        let mut part = vec![0.0; searched.len() + solved.len()];
        searched.iter().zip(at).for_each(|(&k, &value)| part[k] = value);
        let (theta, value) = self.plan.solve(&self.columns, &self.space.theta(&part))?;
        let all = self.space.to_free(self.model, &theta)?;
        let point = self.space.part(&all);
        for &k in solved {
            part[k] = point[k];
        }
        Some((part, value))
    }

    /// Approximate number of operations of one [`Profile::solve`].
    pub fn solving_work(&self) -> usize {
        self.plan.natural.work(self.rows())
    }

    /// The searched coordinates of a point.
    pub fn part(&self, whole: &[f64]) -> Vec<f64> {
        self.plan.searched.iter().map(|&k| whole[k]).collect()
    }

    /// The expansion over the searched coordinates from that over all; `None` where the Hessian over
    /// the others is not positive definite.
    fn reduced(&self, whole: &Expansion, value: f64) -> Option<Expansion> {
        let Plan { searched, solved, .. } = self.plan;
        let block = |m: &DMatrix<f64>, rows: &[usize], columns: &[usize]| {
            m.select_rows(rows).select_columns(columns)
        };
        let cross = block(&whole.hessian, solved, searched);
        let inner = block(&whole.hessian, solved, solved);
        let unit = inner.diagonal().map(f64::sqrt);
        let scaled =
            DMatrix::from_fn(solved.len(), solved.len(), |i, j| inner[(i, j)] / unit[i] / unit[j]);
        let factor = scaled.cholesky()?;
        let over =
            |m: &DMatrix<f64>| DMatrix::from_fn(m.nrows(), m.ncols(), |i, j| m[(i, j)] / unit[i]);
        // −dθ_L/dφ
        let follow = over(&factor.solve(&over(&cross)));
        let k = |rows: &[usize], columns: &[usize]| block(&whole.outer, rows, columns);
        let mixed = k(searched, solved) * &follow;
        Some(Expansion {
            value,
            magnitude: whole.magnitude,
            gradient: whole.gradient.select_rows(searched)
                - follow.transpose() * whole.gradient.select_rows(solved),
            hessian: block(&whole.hessian, searched, searched) - cross.transpose() * &follow,
            outer: k(searched, searched) - &mixed - mixed.transpose()
                + follow.transpose() * k(solved, solved) * &follow,
        })
    }

    /// An expansion of NaN, to which no step is taken.
    fn undefined(&self) -> Expansion {
        let p = self.plan.searched.len();
        Expansion {
            value: f64::NAN,
            magnitude: f64::NAN,
            gradient: DVector::from_element(p, f64::NAN),
            hessian: DMatrix::from_element(p, p, f64::NAN),
            outer: DMatrix::from_element(p, p, f64::NAN),
        }
    }
}

impl Surface for Profile<'_> {
    fn dimension(&self) -> usize {
        self.plan.searched.len()
    }
    fn rows(&self) -> usize {
        self.full.rows()
    }
    fn observations(&self) -> usize {
        self.full.observations()
    }
    fn value(&self, at: &[f64]) -> f64 {
        self.solve(at).map_or(f64::NAN, |(_, value)| value)
    }
    fn expand(&self, at: &[f64]) -> Expansion {
        let reduced =
            |(whole, value): (Vec<f64>, f64)| self.reduced(&self.full.expand(&whole), value);
        self.solve(at).and_then(reduced).unwrap_or_else(|| self.undefined())
    }
    fn taylor(&self, _: &[f64]) -> Option<Taylor> {
        None
    }
    fn losses(&self, at: &[f64]) -> Vec<f64> {
        self.solve(at).map_or_else(Vec::new, |(whole, _)| self.full.losses(&whole))
    }
    fn losses_every(&self, step: usize, at: &[f64]) -> Vec<f64> {
        let losses = |(whole, _): (Vec<f64>, _)| self.full.losses_every(step, &whole);
        self.solve(at).map_or_else(Vec::new, losses)
    }
    fn curvature(&self) -> Curvature {
        Curvature::Matrix
    }
    fn slope(&self, at: &[f64]) -> Slope {
        let Expansion { value, magnitude, gradient, outer, .. } = self.expand(at);
        Slope { value, magnitude, gradient, outer_diagonal: outer.diagonal() }
    }
    fn outer(&self, at: &[f64]) -> DMatrix<f64> {
        self.expand(at).outer
    }
    fn hessian_times(&self, at: &[f64], direction: &DVector<f64>) -> DVector<f64> {
        self.expand(at).hessian * direction
    }
    fn work(&self) -> usize {
        self.plan.natural.work(self.rows()) + self.full.work()
    }
}
