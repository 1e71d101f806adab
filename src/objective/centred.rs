//! Natural coefficients of functions that are centred at their means.
//!
//! Where every component of the score has an intercept b_i, a coefficient of its own that
//! multiplies a constant function, any other function f of the data may be replaced by f - mean f:
//! b_i absorbs η times the mean. The normal equations are then well conditioned even where columns
//! are far from zero compared with their spread.

use nalgebra::DVector;

use super::natural::{Natural, Place};

/// The change of coefficients η ↦ η' that centres the functions.
#[derive(Debug)]
pub(super) struct Centring {
    /// By component, the term of its intercept and the value of the constant function that it
    /// multiplies.
    intercepts: Vec<(usize, f64)>,
    /// The mean of each function; zero for constant functions.
    means: Vec<f64>,
}

impl Centring {
    /// `None` where some component has no intercept of its own.
    pub fn of(natural: &Natural, functions: &[Vec<f64>]) -> Option<Self> {
        let constant: Vec<bool> =
            functions.iter().map(|column| column.iter().all(|&x| x == column[0])).collect();
        let intercepts = natural.components.iter().map(|places| {
            let place = places.iter().find(|place| constant[place.function])?;
            let level = functions[place.function].first()?;
            (place.term < natural.terms - 1 && *level != 0.0).then_some((place.term, *level))
        });
        let intercepts: Vec<(usize, f64)> = intercepts.collect::<Option<_>>()?;
        let mut uses = vec![0; natural.terms];
        natural.components.iter().flatten().for_each(|place| uses[place.term] += 1);
        let mean = |(column, &constant): (&Vec<f64>, &bool)| {
            if constant { 0.0 } else { column.iter().sum::<f64>() / column.len() as f64 }
        };
        intercepts.iter().all(|&(term, _)| uses[term] == 1).then(|| Self {
            means: functions.iter().zip(&constant).map(mean).collect(),
            intercepts,
        })
    }

    /// The functions minus their means.
    pub fn centred(&self, functions: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let columns = functions.iter().zip(&self.means);
        columns.map(|(column, mean)| column.iter().map(|x| x - mean).collect()).collect()
    }

    /// The gradient in η' from that in η.
    pub fn slopes(&self, natural: &Natural, mut slopes: DVector<f64>) -> DVector<f64> {
        for (places, &(intercept, level)) in natural.components.iter().zip(&self.intercepts) {
            let own = slopes[intercept] / level;
            places.iter().for_each(|place| slopes[place.term] -= self.means[place.function] * own);
        }
        slopes
    }

    /// η from η'.
    pub fn undo(&self, natural: &Natural, mut centred: DVector<f64>) -> DVector<f64> {
        for (places, &(intercept, level)) in natural.components.iter().zip(&self.intercepts) {
            let shift = |place: &Place| self.means[place.function] * centred[place.term];
            let total: f64 = places.iter().map(shift).sum();
            centred[intercept] -= total / level;
        }
        centred
    }
}
