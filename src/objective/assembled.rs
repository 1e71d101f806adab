//! Families with many coefficients and few functions: the normal equations from the means of products
//! of functions.
//!
//! Of the rows of component i only few columns differ, F, so that its share of G = mean Σ_i t_i t_iᵀ is
//! CᵀMC with M = mean FᵀF and C of zeros and ones: a normal of d columns has d²/2 coefficients, of d + 1
//! functions. A product with G is then one with M, so that no factor of G is needed. The equations square
//! the condition of the rows, so that they serve only where this is small; elsewhere the rows themselves
//! are factored.

use nalgebra::{DMatrix, DVector};

use super::Expansion;
use super::centred::Centring;
use super::natural::Natural;
use super::weighing::{Scatter, Weighing};
use crate::numerics::conjugate;
use crate::numerics::definite::Definite;

/// Up to so many coefficients the factor of the rows costs little.
const FEW: usize = 100;
/// Condition of the equations, scaled to unit diagonal, up to which they hold enough digits.
const FIRM: f64 = 1e6;
/// With so many times more coefficients than functions G is not formed to solve for them.
const FEWER: usize = 2;
/// Most products with the equations that their solution takes.
const STEPS: usize = 20_000;
/// Rows whose slopes stand side by side.
const ROWS_AT_ONCE: usize = 4096;
/// Most coefficients for which K is formed; beyond them its diagonal stands for it.
const OUTER_MAX: usize = 500;

/// What the rows say at a point of the family.
#[derive(Clone, Debug)]
pub(crate) struct Pointwise {
    /// In the coordinates that were asked for; of many only the diagonal of K.
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

    /// η is linear in θ.
    pub fn is_linear(&self) -> bool {
        self.inverse.is_linear()
    }

    /// The best η and J without what is free of it; `None` where the equations hold too few digits.
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

    /// The solution in these units without G itself.
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

    /// Two terms of a component are the same function of the data.
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

    /// Gv, component by component.
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

    /// G
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

    /// The slopes of ρ in η, and ρ, on the rows of a block.
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

/// Some rows of columns.
fn block(columns: &[Vec<f64>], start: usize, rows: usize) -> DMatrix<f64> {
    let count = ROWS_AT_ONCE.min(rows - start);
    DMatrix::from_fn(count, columns.len(), |row, k| columns[k][start + row])
}

/// A matrix in these units.
fn scale(matrix: &mut DMatrix<f64>, unit: &DVector<f64>) {
    for (j, mut column) in matrix.column_iter_mut().enumerate() {
        column.iter_mut().zip(unit.iter()).for_each(|(entry, u)| *entry /= u * unit[j]);
    }
}

/// The factor of a matrix that is far from singular.
fn firm(matrix: DMatrix<f64>) -> Option<Definite> {
    Definite::new(matrix).filter(|factor| factor.condition() <= FIRM)
}
