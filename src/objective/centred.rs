//! Coefficients about the means of their functions.
//!
//! Where every component of the score has a coefficient of its own beside a constant, b_i, any other
//! function f of the data may stand as f - mean f: b_i takes up η times the mean. Columns far from zero,
//! compared with their spread, then leave the normal equations well conditioned.

use nalgebra::DVector;

use super::natural::{Natural, Place};

/// The change η ↦ η', in which the functions are centred.
#[derive(Debug)]
pub(super) struct Centring {
    /// Of each component the term beside the constant, and the constant.
    homes: Vec<(usize, f64)>,
    /// Of each function, zero for constants.
    means: Vec<f64>,
}

impl Centring {
    /// `None` where some component has no coefficient of its own beside a constant.
    pub fn of(natural: &Natural, functions: &[Vec<f64>]) -> Option<Self> {
        let constant: Vec<bool> =
            functions.iter().map(|column| column.iter().all(|&x| x == column[0])).collect();
        let homes = natural.components.iter().map(|places| {
            let place = places.iter().find(|place| constant[place.function])?;
            let level = functions[place.function].first()?;
            (place.term < natural.terms - 1 && *level != 0.0).then_some((place.term, *level))
        });
        let homes: Vec<(usize, f64)> = homes.collect::<Option<_>>()?;
        let mut uses = vec![0; natural.terms];
        natural.components.iter().flatten().for_each(|place| uses[place.term] += 1);
        let mean = |(column, &constant): (&Vec<f64>, &bool)| {
            if constant { 0.0 } else { column.iter().sum::<f64>() / column.len() as f64 }
        };
        homes
            .iter()
            .all(|&(term, _)| uses[term] == 1)
            .then(|| Self { means: functions.iter().zip(&constant).map(mean).collect(), homes })
    }

    /// The functions about their means.
    pub fn centred(&self, functions: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let columns = functions.iter().zip(&self.means);
        columns.map(|(column, mean)| column.iter().map(|x| x - mean).collect()).collect()
    }

    /// The slopes in η' from those in η.
    pub fn slopes(&self, natural: &Natural, mut slopes: DVector<f64>) -> DVector<f64> {
        for (places, &(home, level)) in natural.components.iter().zip(&self.homes) {
            let own = slopes[home] / level;
            places.iter().for_each(|place| slopes[place.term] -= self.means[place.function] * own);
        }
        slopes
    }

    /// η from η'.
    pub fn undo(&self, natural: &Natural, mut centred: DVector<f64>) -> DVector<f64> {
        for (places, &(home, level)) in natural.components.iter().zip(&self.homes) {
            let shift = |place: &Place| self.means[place.function] * centred[place.term];
            let total: f64 = places.iter().map(shift).sum();
            centred[home] -= total / level;
        }
        centred
    }
}
