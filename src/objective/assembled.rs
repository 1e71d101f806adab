//! Families with many coefficients and few functions: the normal equations from the means of products
//! of functions.
//!
//! The functions t_i of component i are a few distinct functions F times a matrix C of zeros and ones, so that
//! the component adds CᵀMC with M = mean FᵀF to G = mean Σ_i t_i t_iᵀ: a normal of d columns has about d²/2
//! coefficients and d + 1 distinct functions. A product with G is then a product with M, and G itself is not
//! factored. The condition of the equations is the square of that of the rows, so that they are solved only
//! where it is small; elsewhere the rows themselves are factored.

use nalgebra::{DMatrix, DVector};

use super::Expansion;
use super::centred::Centring;
use super::natural::Natural;
use super::weighing::{Scatter, Weighing};
use crate::numerics::conjugate;
use crate::numerics::definite::Definite;

/// Most coefficients for which the rows are factored at once: that costs little for so few.
const FEW: usize = 100;
/// Condition of the equations, scaled to unit diagonal, up to which they hold enough digits.
const FIRM: f64 = 1e6;
/// G is not formed where there are more than this many coefficients a function.
const FEWER: usize = 2;
/// Most products with the equations that their solution takes.
const STEPS: usize = 20_000;
/// Rows whose slopes are in memory at a time.
const ROWS_AT_ONCE: usize = 4096;
/// Most coefficients for which all of K, the mean of ψψᵀ, is formed without being asked for; of more
/// coefficients only its diagonal is.
const OUTER_MAX: usize = 500;

/// J and its derivatives at a point, with the loss of each row.
#[derive(Clone, Debug)]
pub(crate) struct Pointwise {
    /// In the coordinates that were asked for; K as [`Natural::expansion`] has it.
    pub expansion: Expansion,
    /// ρ of every row.
    pub losses: Vec<f64>,
}

impl Natural {
    /// Whether all parameters are solved for, so that a point can be judged by [`Natural::expansion`].
    pub fn is_whole(&self) -> bool {
        self.others().is_empty()
    }

    /// Whether the normal equations are assembled: all parameters are solved for, they are many, and no
    /// term of the score is free of them.
    pub fn is_wide(&self) -> bool {
        let last = self.terms - 1;
        let free = self.components.iter().flatten().any(|place| place.term == last);
        last > FEW && self.is_whole() && !free
    }

    /// Whether η is linear in θ.
    pub fn is_linear(&self) -> bool {
        self.inverse.is_linear()
    }

    /// The η of the minimum, and J there without the mean of the divergence that has the coefficient 1. `None`
    /// where [`Natural::is_wide`] does not hold or the equations are too badly conditioned.
    pub(super) fn assembled_minimum(
        &self,
        functions: &[Vec<f64>],
        slope: &[f64],
    ) -> Option<(Vec<f64>, f64)> {
        if !self.is_wide() {
            return None;
        }
        let pull = -DVector::from_column_slice(slope);
        let natural = match Centring::of(self, functions) {
            Some(centring) => {
                let pull = centring.slopes(self, pull.clone());
                centring.undo(self, self.solution(&centring.centred(functions), &pull)?)
            }
            None => self.solution(functions, &pull)?,
        };
        Some((natural.as_slice().to_vec(), -0.5 * pull.dot(&natural)))
    }

    /// The η with Gη = pull.
    fn solution(&self, functions: &[Vec<f64>], pull: &DVector<f64>) -> Option<DVector<f64>> {
        let moments = self.moments(functions);
        let unit = self.diagonal(&moments).map(f64::sqrt);
        let right = pull.component_div(&unit);
        let few = FEWER * self.functions < pull.len() && !self.shares_a_function();
        let scaled = if few {
            self.by_products(&moments, &unit, &right)?
        } else {
            let mut equations = self.assembled(&moments);
            scale(&mut equations, &unit);
            firm(equations)?.solve(&right)
        };
        Some(scaled.component_div(&unit))
    }

    /// The solution of the equations scaled by the units, by conjugate gradients, without forming G.
    ///
    /// The condition of M, scaled to unit diagonal, bounds that of G: with D = diag M, M ≥ λD for the
    /// least eigenvalue λ of the scaled M, so that G = Σ CᵀMC ≥ λ Σ CᵀDC, which is λ diag G as long as
    /// no component has a function twice; likewise from above.
    fn by_products(
        &self,
        moments: &DMatrix<f64>,
        unit: &DVector<f64>,
        right: &DVector<f64>,
    ) -> Option<DVector<f64>> {
        let mut scaled = moments.clone();
        scale(&mut scaled, &moments.diagonal().map(f64::sqrt));
        firm(scaled)?;
        let times =
            |v: &DVector<f64>| self.times(moments, &v.component_div(unit)).component_div(unit);
        conjugate::solve(right, STEPS, times)
    }

    /// Whether two terms of one component have the same function of the data.
    fn shares_a_function(&self) -> bool {
        self.components.iter().any(|places| {
            let mut seen = vec![false; self.functions];
            places.iter().any(|place| std::mem::replace(&mut seen[place.function], true))
        })
    }

    /// M = mean FᵀF, from the functions on every row.
    fn moments(&self, functions: &[Vec<f64>]) -> DMatrix<f64> {
        let rows = functions.first().map_or(0, Vec::len);
        let mut moments = DMatrix::zeros(self.functions, self.functions);
        for start in (0..rows).step_by(ROWS_AT_ONCE) {
            let block = block(functions, start, rows);
            moments += block.transpose() * &block;
        }
        moments / rows as f64
    }

    /// The diagonal of G.
    fn diagonal(&self, moments: &DMatrix<f64>) -> DVector<f64> {
        let mut diagonal = DVector::zeros(self.terms - 1);
        for place in self.components.iter().flatten() {
            diagonal[place.term] += moments[(place.function, place.function)];
        }
        diagonal
    }

    /// Gv, added up over the components.
    fn times(&self, moments: &DMatrix<f64>, v: &DVector<f64>) -> DVector<f64> {
        let product = moments * self.weights(v.as_slice());
        let mut found = DVector::zeros(v.len());
        for (i, places) in self.components.iter().enumerate() {
            places.iter().for_each(|place| found[place.term] += product[(place.function, i)]);
        }
        found
    }

    /// The coefficient of each function in the score of each component; the last term has the
    /// coefficient 1.
    fn weights(&self, natural: &[f64]) -> DMatrix<f64> {
        let mut weights = DMatrix::zeros(self.functions, self.components.len());
        for (i, places) in self.components.iter().enumerate() {
            for place in places {
                let coefficient = natural.get(place.term).copied().unwrap_or(1.0);
                weights[(place.function, i)] += coefficient;
            }
        }
        weights
    }

    /// The matrix G.
    fn assembled(&self, moments: &DMatrix<f64>) -> DMatrix<f64> {
        let m = self.terms - 1;
        let mut equations = DMatrix::zeros(m, m);
        for places in &self.components {
            let with_coefficient = || places.iter().filter(|place| place.term < m);
            for b in with_coefficient() {
                for a in with_coefficient() {
                    equations[(a.term, b.term)] += moments[(a.function, b.function)];
                }
            }
        }
        equations
    }

    /// J at θ by the rows, in other coordinates: `carried` makes of slopes by θ, a function in each row,
    /// slopes by the `coordinates` of these. K has its diagonal alone where the coefficients are more than
    /// [`OUTER_MAX`], unless the whole is asked for. Only where [`Natural::is_whole`].
    pub fn expansion(
        &self,
        columns: &[&[f64]],
        theta: &[f64],
        (carried, coordinates): (&dyn Fn(DMatrix<f64>) -> DMatrix<f64>, usize),
        (weighing, whole): (Option<&Weighing>, bool),
    ) -> Pointwise {
        let natural = self.inverse.natural(theta);
        let own = self.inverse.slopes(theta);
        let values = self.program.rows(columns, &[], 1);
        let (functions, divergences) = values.split_at(self.functions);
        let rows = columns.first().map_or(0, |column| column.len());
        let m = self.terms - 1;
        let is_diagonal = m > OUTER_MAX && !whole;
        let (mut gradient, mut losses) = (DMatrix::zeros(1, m), Vec::with_capacity(rows));
        let carried = |slopes: &DMatrix<f64>| carried(own.after(slopes));
        let mut outer = Scatter::new(weighing, coordinates);
        for start in (0..rows).step_by(ROWS_AT_ONCE) {
            let (psi, rho) = self.slopes_of_rows(functions, divergences, &natural, start);
            gradient += DMatrix::from_rows(&[psi.row_sum()]);
            losses.extend(rho);
            let psi = carried(&psi);
            if is_diagonal {
                outer.add_squares(start, psi);
            } else {
                outer.add(start, psi);
            }
        }
        let n = rows as f64;
        let value = losses.iter().sum::<f64>() / n;
        let magnitude = losses.iter().map(|loss| loss.abs()).sum::<f64>() / n;
        let half = carried(&self.assembled(&self.moments(functions)));
        let expansion = Expansion {
            value,
            magnitude,
            gradient: carried(&gradient).row(0).transpose() / n,
            hessian: carried(&half.transpose()),
            outer: outer.outer(rows),
        };
        Pointwise { expansion, losses }
    }

    /// The slopes of ρ in η, and ρ, on the block of rows that begins at `start`.
    fn slopes_of_rows(
        &self,
        functions: &[Vec<f64>],
        divergences: &[Vec<f64>],
        natural: &[f64],
        start: usize,
    ) -> (DMatrix<f64>, Vec<f64>) {
        let functions = block(functions, start, functions[0].len());
        let count = functions.nrows();
        let score = &functions * self.weights(natural);
        let divergence = |k: usize| &divergences[self.divergences[k]][start..start + count];
        let mut psi = DMatrix::from_fn(count, natural.len(), |row, k| divergence(k)[row]);
        let mut rho = divergence(natural.len()).to_vec();
        for (k, &eta) in natural.iter().enumerate() {
            rho.iter_mut().zip(divergence(k)).for_each(|(rho, slope)| *rho += eta * slope);
        }
        for (i, places) in self.components.iter().enumerate() {
            let score = score.column(i);
            rho.iter_mut().zip(score.iter()).for_each(|(rho, s)| *rho += 0.5 * s * s);
            for place in places.iter().filter(|place| place.term < natural.len()) {
                let mut psi = psi.column_mut(place.term);
                psi.cmpy(1.0, &score, &functions.column(place.function), 1.0);
            }
        }
        (psi, rho)
    }
}

/// The block of rows of these columns that begins at `start`.
fn block(columns: &[Vec<f64>], start: usize, rows: usize) -> DMatrix<f64> {
    let count = ROWS_AT_ONCE.min(rows - start);
    DMatrix::from_fn(count, columns.len(), |row, k| columns[k][start + row])
}

/// Divides each entry of a matrix by the units of its row and of its column.
fn scale(matrix: &mut DMatrix<f64>, unit: &DVector<f64>) {
    for (j, mut column) in matrix.column_iter_mut().enumerate() {
        column.iter_mut().zip(unit.iter()).for_each(|(entry, u)| *entry /= u * unit[j]);
    }
}

/// The Cholesky factor of a matrix; `None` where its condition is above [`FIRM`].
fn firm(matrix: DMatrix<f64>) -> Option<Definite> {
    Definite::new(matrix).filter(|factor| factor.condition() <= FIRM)
}
