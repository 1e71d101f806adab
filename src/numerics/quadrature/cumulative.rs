//! The distribution function of a density of one dimension, and its inverse.
//!
//! The cells of the adaptive integral have known shares of the mass; within a cell the Gauss–Kronrod
//! rule integrates from its lower end, which is as accurate as the integral over the cell.

use super::axis::Axes;
use super::rule::Rule;
use super::{Failure, LogFunction, LogIntegral, Region, in_t, over};

/// Quantiles that are searched at once.
const TOGETHER: usize = 4096;
/// Tolerance of a quantile, as a share of the total mass, or of the mass of its cell.
const SHARE: f64 = 1e-13;
/// Most Newton steps and bisections of a quantile; after this many bisections its bracket is a point.
const STEPS: usize = 80;

/// A cell of the line in t.
#[derive(Clone, Copy, Debug)]
struct Cell {
    low: f64,
    high: f64,
    /// Share of the mass below it.
    below: f64,
    /// Share of the mass in it.
    share: f64,
}

/// The distribution function of exp(f)/∫ exp(f).
#[derive(Clone, Debug)]
pub struct Cumulative {
    axes: Axes,
    cells: Vec<Cell>,
    rule: Rule,
    integral: LogIntegral,
}

/// The search for a quantile within a cell.
#[derive(Clone, Copy, Debug)]
struct Search {
    place: usize,
    cell: Cell,
    /// Mass of the cell below the quantile.
    wanted: f64,
    low: f64,
    high: f64,
    at: f64,
}

impl Cumulative {
    /// Integrates exp(f) over an interval; see [`log_integral`](super::log_integral).
    ///
    /// # Errors
    /// When f or its integral is not finite. An accuracy that is out of reach is no error here: the
    /// bound of [`Cumulative::integral`] tells what was reached.
    ///
    /// # Panics
    /// If there are no hints, or not one dimension.
    pub fn new(
        log_f: &mut LogFunction<'_>,
        region: &Region<'_>,
        accuracy: f64,
    ) -> Result<Self, Failure> {
        assert_eq!(region.ends.len(), 1, "a distribution function is of one dimension");
        let (axes, (integral, masses)) = over(log_f, region, |cells, reach| {
            let integral = match cells.divide(reach, accuracy) {
                Ok(found) | Err(Failure::Unresolved(found)) => found,
                Err(failure @ (Failure::Undefined | Failure::Divergent)) => return Err(failure),
            };
            Ok((integral, cells.masses(integral.value)))
        })?;
        let total: f64 = masses.iter().map(|(_, mass)| mass).sum();
        let mut below = 0.0;
        let cell = |&((low, high), mass): &((f64, f64), f64)| {
            let cell = Cell { low, high, below, share: mass / total };
            below += cell.share;
            cell
        };
        let cells = masses.iter().map(cell).filter(|cell| cell.share > 0.0).collect();
        Ok(Self { cells, rule: Rule::new(1), integral, axes })
    }

    /// log ∫ exp(f) with its error.
    #[must_use]
    pub fn integral(&self) -> LogIntegral {
        self.integral
    }

    /// The share of the mass below each point.
    pub fn shares_below(&self, log_f: &mut LogFunction<'_>, points: &[f64]) -> Vec<f64> {
        let t = self.axes.inverse(&[points.to_vec()]).swap_remove(0);
        let mut shares = Vec::with_capacity(t.len());
        for t in t.chunks(TOGETHER) {
            let at = |&t: &f64| {
                let place = self.cells.partition_point(|cell| cell.low <= t);
                let cell = self.cells[place.saturating_sub(1)];
                (cell, t.clamp(cell.low, cell.high))
            };
            let places: Vec<(Cell, f64)> = t.iter().map(at).collect();
            let masses = self.masses_below(log_f, &places);
            let share = |((cell, _), mass): (&(Cell, f64), f64)| cell.below + mass;
            shares.extend(places.iter().zip(masses).map(share));
        }
        shares
    }

    /// The point below which each share of the mass lies; shares are between 0 and 1.
    pub fn quantiles(&self, log_f: &mut LogFunction<'_>, shares: &[f64]) -> Vec<f64> {
        let mut found = vec![f64::NAN; shares.len()];
        for (first, shares) in shares.chunks(TOGETHER).enumerate() {
            let start = |(place, &share): (usize, &f64)| {
                self.start(first * TOGETHER + place, share.clamp(0.0, 1.0))
            };
            let mut open: Vec<Search> = shares.iter().enumerate().map(start).collect();
            for _ in 0..STEPS {
                let places: Vec<(Cell, f64)> = open.iter().map(|one| (one.cell, one.at)).collect();
                let masses = self.masses_below(log_f, &places);
                let densities = self.densities(log_f, &places);
                let moved = open.into_iter().zip(masses.into_iter().zip(densities));
                let moved: Vec<Search> = moved.map(|(one, (m, f))| one.moved(m, f)).collect();
                let (done, rest): (Vec<_>, Vec<_>) = moved.into_iter().partition(Search::is_done);
                done.iter().for_each(|one| found[one.place] = one.at);
                open = rest;
                if open.is_empty() {
                    break;
                }
            }
            open.iter().for_each(|one| found[one.place] = one.at);
        }
        self.axes.points(&[found]).swap_remove(0)
    }

    /// Begins in the cell that contains a share, at its place under a uniform density in the cell.
    fn start(&self, place: usize, share: f64) -> Search {
        let after = self.cells.partition_point(|cell| cell.below <= share);
        let cell = self.cells[after.saturating_sub(1)];
        let wanted = (share - cell.below).clamp(0.0, cell.share);
        let (low, high) = (cell.low, cell.high);
        Search { place, cell, wanted, low, high, at: low + (high - low) * wanted / cell.share }
    }

    /// Mass of each cell below the point that lies in it.
    fn masses_below(&self, log_f: &mut LogFunction<'_>, places: &[(Cell, f64)]) -> Vec<f64> {
        let mut columns = vec![Vec::with_capacity(places.len() * self.rule.len())];
        for (cell, t) in places {
            self.rule.place(&[(cell.low, *t)], &mut columns);
        }
        let values = in_t(&self.axes, log_f, &columns);
        let mass = |((cell, t), values): (&(Cell, f64), &[f64])| {
            let sums = self.rule.sums(values);
            let mass = sums.map_or(f64::NAN, |sums| {
                (sums.peak - self.integral.value).exp() * sums.mean * (t - cell.low)
            });
            // The mass is NaN where f is NaN at a node of this rule but at none of the integral's.
            if mass.is_nan() { 0.0 } else { mass.clamp(0.0, cell.share) }
        };
        places.iter().zip(values.chunks(self.rule.len())).map(mass).collect()
    }

    /// The density in t at each place.
    fn densities(&self, log_f: &mut LogFunction<'_>, places: &[(Cell, f64)]) -> Vec<f64> {
        let t = vec![places.iter().map(|&(_, t)| t).collect()];
        let values = in_t(&self.axes, log_f, &t);
        values.into_iter().map(|value| (value - self.integral.value).exp()).collect()
    }
}

impl Search {
    /// A Newton step, or a bisection where that would leave the bracket.
    fn moved(mut self, mass: f64, density: f64) -> Self {
        let off = mass - self.wanted;
        if off.abs() <= SHARE * self.cell.share {
            (self.low, self.high) = (self.at, self.at);
            return self;
        }
        if off > 0.0 {
            self.high = self.at;
        } else {
            self.low = self.at;
        }
        let next = self.at - off / density;
        let inside = self.low < next && next < self.high;
        self.at = if inside { next } else { 0.5 * (self.low + self.high) };
        self
    }

    fn is_done(&self) -> bool {
        self.high - self.low <= 4.0 * f64::EPSILON * self.low.abs().max(self.high.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::probability::normal_quantile;

    fn over(ends: (f64, f64), log_f: impl Fn(f64) -> f64, hints: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let shares = [1e-9, 1e-3, 0.025, 0.3, 0.5, 0.8, 0.999];
        let mut f = |points: &[Vec<f64>]| points[0].iter().map(|&x| log_f(x)).collect::<Vec<_>>();
        let region = Region { ends: &[ends], hints: &[hints.to_vec()] };
        let found = Cumulative::new(&mut f, &region, 1e-12).expect("it has an integral");
        let quantiles = found.quantiles(&mut f, &shares);
        let back = found.shares_below(&mut f, &quantiles);
        for (share, back) in shares.iter().zip(&back) {
            assert!((share - back).abs() < 1e-11, "{share} came back as {back}");
        }
        (shares.to_vec(), quantiles)
    }

    #[test]
    fn quantiles_are_those_of_closed_forms() {
        let infinite = (f64::NEG_INFINITY, f64::INFINITY);
        let (shares, found) = over(infinite, |x| -0.5 * ((x - 3.0) / 7.0).powi(2), &[0.0, 10.0]);
        for (share, found) in shares.iter().zip(&found) {
            let wanted = 3.0 + 7.0 * normal_quantile(*share);
            assert!((found - wanted).abs() < 1e-8, "{share}: {found} for {wanted}");
        }
        let (shares, found) = over((2.0, f64::INFINITY), |x| -(x - 2.0) / 5.0, &[3.0]);
        for (share, found) in shares.iter().zip(&found) {
            let wanted = 2.0 - 5.0 * (-share).ln_1p();
            assert!((found - wanted).abs() < 1e-9 * wanted, "{share}: {found} for {wanted}");
        }
        // 2x on the unit interval: F = x².
        let (shares, found) = over((0.0, 1.0), |x: f64| x.ln(), &[0.5]);
        for (share, found) in shares.iter().zip(&found) {
            assert!((found - share.sqrt()).abs() < 1e-9, "{share}: {found}");
        }
        // Cauchy's tails fall slowly.
        let (shares, found) = over(infinite, |x| -(x * x).ln_1p(), &[0.0, 1.0]);
        for (share, found) in shares.iter().zip(&found) {
            let wanted = (std::f64::consts::PI * (share - 0.5)).tan();
            assert!((found - wanted).abs() < 1e-6 * wanted.abs().max(1.0), "{share}: {found}");
        }
    }

    #[test]
    fn modes_far_apart_have_their_shares() {
        let infinite = (f64::NEG_INFINITY, f64::INFINITY);
        let log_f = |x: f64| {
            let one = 0.3f64.ln() - 0.5 * ((x + 100.0) / 0.5).powi(2);
            let other = 0.7f64.ln() - 0.5 * ((x - 100.0) / 0.5).powi(2);
            one.max(other)
        };
        let (_, found) = over(infinite, log_f, &[-100.0, 100.0]);
        assert!(found[2] < -99.0 && found[4] > 99.0);
        let wanted = -100.0 + 0.5 * normal_quantile(0.025 / 0.3);
        assert!((found[2] - wanted).abs() < 1e-8);
    }
}
