//! Default weights: powers of min(d, c), where d is the distance from the edge and c its median
//! over the data. The power is 2, for square roots of compositions 1.
//!
//! The square vanishes fast enough for every density that is bounded at the edge (Hyvärinen 2007;
//! Yu, Drton, Shojaie 2019, JMLR 20:76), and the cap c keeps rows far from the edge from dominating
//! the fit.

use super::choices::Transform;
use super::coordinates::number;
use crate::graph::{BinaryFunction, ExprId, Graph};
use crate::model::Support;
use crate::numerics::median::{median, weighted_median};

/// A default weight, with its constant c once there are data.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cap {
    /// The exponent of min(d, c).
    power: i64,
    /// c, in units of the data; `None` until there are data.
    pub value: Option<f64>,
}

/// The default weight of a support; `None` where that is one.
pub(super) fn default_cap(support: Support, transform: Transform) -> Option<Cap> {
    let power = match support {
        Support::Above(_) | Support::Below(_) | Support::Between(..) => 2,
        Support::Simplex => match transform {
            Transform::Clr | Transform::Alr => return None,
            Transform::Sqrt => 1,
            Transform::Flat => 2,
        },
        Support::Line | Support::Circle | Support::Sphere | Support::Binary(..) => return None,
    };
    Some(Cap { power, value: None })
}

impl Cap {
    /// The weight with c as a named input.
    pub fn unfrozen(&self) -> Self {
        Self { power: self.power, value: None }
    }

    /// The weight with c from the columns of the domain: the median of the positive distances, or 1
    /// where no distance is positive. `counts` are weights of the rows; `None` for equal ones.
    pub fn frozen(&self, support: Support, columns: &[&[f64]], counts: Option<&[f64]>) -> Self {
        let rows = columns.first().map_or(0, |column| column.len());
        let distance = |row: usize| {
            let nearest = columns.iter().map(|column| distance(support, column[row]));
            nearest.fold(f64::INFINITY, f64::min)
        };
        let distances: Vec<f64> = (0..rows).map(distance).collect();
        let median = match counts {
            None => median(distances.into_iter().filter(|&d| d > 0.0).collect()),
            Some(counts) => {
                let counted = distances.into_iter().zip(counts.iter().copied());
                weighted_median(counted.filter(|&(d, _)| d > 0.0).collect())
            }
        };
        let median = if median.is_nan() { 1.0 } else { median };
        Self { power: self.power, value: Some(median) }
    }

    /// min(d, c)^power over components x = centre + scale·z, divided by scale^power. Until there
    /// are data, c is an input of the given name.
    pub fn weight(
        &self,
        g: &mut Graph,
        support: Support,
        z: &[ExprId],
        (centre, scale): (f64, f64),
        name: &str,
    ) -> ExprId {
        let cap = match self.value {
            Some(value) => g.number(number(value / scale)),
            None => g.internal_input(name),
        };
        let mut least = cap;
        for &z in z {
            for (sign, edge) in edges(support) {
                let place = g.number(number((centre - edge) / scale));
                let along = g.add(z, place);
                let away = g.scale(number(sign), along);
                least = g.binary(BinaryFunction::Min, away, least);
            }
        }
        g.powi(least, self.power)
    }
}

/// The edges of a support, each with the sign of the direction inwards.
fn edges(support: Support) -> Vec<(f64, f64)> {
    match support {
        Support::Simplex => vec![(1.0, 0.0)],
        Support::Above(_)
        | Support::Below(_)
        | Support::Between(..)
        | Support::Line
        | Support::Circle
        | Support::Sphere
        | Support::Binary(..) => support.edges(),
    }
}

/// The distance from the nearest edge; infinite where there is none.
fn distance(support: Support, x: f64) -> f64 {
    let away = edges(support).into_iter().map(|(sign, edge)| sign * (x - edge));
    away.fold(f64::INFINITY, f64::min)
}
