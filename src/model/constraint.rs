//! The supports of data and constraints of parameters, and the intervals that they tell the graph.

use std::fmt;

use super::Shape;
use super::shape::packed;
use crate::graph;
use crate::numerics::decimal::shortest;

/// Largest deviation from one of the sum of a simplex parameter, for each entry.
const SIMPLEX_SLACK: f64 = 1e-9;

/// Largest excess over one, by rounding, of an entry of a unit vector or of a composition.
const ROUNDED: f64 = 1e-6;

/// The values that a component of the data can have. Open and closed bounds are not distinguished.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Support {
    /// The whole real line.
    Line,
    /// Above a bound.
    Above(f64),
    /// Below a bound.
    Below(f64),
    /// Between two bounds.
    Between(f64, f64),
    /// One of two values.
    Binary(f64, f64),
    /// An entry of a unit vector.
    Sphere,
    /// An entry of a non-negative vector that sums to one.
    Simplex,
    /// An angle in radians.
    Circle,
}

impl Support {
    pub(super) fn interval(low: f64, high: f64) -> Self {
        match (low.is_finite(), high.is_finite()) {
            (false, false) => Self::Line,
            (true, false) => Self::Above(low),
            (false, true) => Self::Below(high),
            (true, true) => Self::Between(low, high),
        }
    }

    /// The open interval on which the graph may base simplifications.
    pub(super) fn graph_support(self) -> graph::Support {
        let (low, high) = match self {
            // Here the bounds are values of data, while those of the graph's intervals are
            // excluded.
            Self::Binary(..) | Self::Sphere | Self::Simplex => return graph::Support::LINE,
            Self::Line | Self::Circle => return graph::Support::LINE,
            Self::Above(low) => (low, f64::INFINITY),
            Self::Below(high) => (f64::NEG_INFINITY, high),
            Self::Between(low, high) => (low, high),
        };
        graph::Support { low, high }
    }

    /// Whether a component may have this value. Bounds belong to a support, since data are rounded.
    #[must_use]
    pub fn contains(self, x: f64) -> bool {
        match self {
            Self::Line | Self::Circle => true,
            Self::Above(low) => x >= low,
            Self::Below(high) => x <= high,
            Self::Between(low, high) => (low..=high).contains(&x),
            Self::Binary(first, second) => x == first || x == second,
            Self::Sphere => x.abs() <= 1.0 + ROUNDED,
            Self::Simplex => (0.0..=1.0 + ROUNDED).contains(&x),
        }
    }

    /// The finite edges of a half-line or an interval, each with the sign of the direction inwards.
    #[must_use]
    pub(crate) fn edges(self) -> Vec<(f64, f64)> {
        match self {
            Self::Above(low) => vec![(1.0, low)],
            Self::Below(high) => vec![(-1.0, high)],
            Self::Between(low, high) => vec![(1.0, low), (-1.0, high)],
            Self::Line | Self::Circle | Self::Sphere | Self::Simplex | Self::Binary(..) => {
                Vec::new()
            }
        }
    }
}

impl Support {
    /// The two values of binary data; `None` on other supports.
    #[must_use]
    pub fn values(self) -> Option<(f64, f64)> {
        match self {
            Self::Binary(first, second) => Some((first, second)),
            Self::Line
            | Self::Circle
            | Self::Above(_)
            | Self::Below(_)
            | Self::Between(..)
            | Self::Sphere
            | Self::Simplex => None,
        }
    }
}

impl fmt::Display for Support {
    /// The constraint of a declaration, with a space before it; empty on the line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line => Ok(()),
            Self::Above(low) => write!(f, " > {}", shortest(*low)),
            Self::Below(high) => write!(f, " < {}", shortest(*high)),
            Self::Between(low, high) => write!(f, " in ({}, {})", shortest(*low), shortest(*high)),
            Self::Binary(first, second) => {
                write!(f, " in {{{}, {}}}", shortest(*first), shortest(*second))
            }
            Self::Sphere => f.write_str(" on sphere"),
            Self::Simplex => f.write_str(" on simplex"),
            Self::Circle => f.write_str(" on circle"),
        }
    }
}

/// The values that a block of parameters can have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Constraint {
    /// All real numbers.
    Free,
    /// Every entry above a bound.
    Above(f64),
    /// Every entry below a bound.
    Below(f64),
    /// Every entry between two bounds.
    Between(f64, f64),
    /// A symmetric matrix.
    Symmetric,
    /// A symmetric positive definite matrix.
    Posdef,
    /// A positive vector that sums to one.
    Simplex,
    /// An increasing vector.
    Ordered,
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free => f.write_str("finite"),
            Self::Above(low) => write!(f, "above {low}"),
            Self::Below(high) => write!(f, "below {high}"),
            Self::Between(low, high) => write!(f, "between {low} and {high}"),
            Self::Symmetric => f.write_str("a symmetric matrix"),
            Self::Posdef => f.write_str("a symmetric positive definite matrix"),
            Self::Simplex => f.write_str("positive entries that sum to 1"),
            Self::Ordered => f.write_str("strictly increasing entries"),
        }
    }
}

impl Constraint {
    pub(super) fn interval(low: f64, high: f64) -> Self {
        match (low.is_finite(), high.is_finite()) {
            (false, false) => Self::Free,
            (true, false) => Self::Above(low),
            (false, true) => Self::Below(high),
            (true, true) => Self::Between(low, high),
        }
    }

    /// The constraint of a declaration, with a space before it; empty where there is none.
    pub(super) fn suffix(self) -> String {
        match self {
            Self::Free => String::new(),
            Self::Above(low) => format!(" > {low}"),
            Self::Below(high) => format!(" < {high}"),
            Self::Between(low, high) => format!(" in ({low}, {high})"),
            Self::Symmetric => " symmetric".to_owned(),
            Self::Posdef => " posdef".to_owned(),
            Self::Simplex => " simplex".to_owned(),
            Self::Ordered => " ordered".to_owned(),
        }
    }

    /// Whether the block is a symmetric matrix, in which one parameter is two entries.
    #[must_use]
    pub fn is_symmetric(self) -> bool {
        matches!(self, Self::Symmetric | Self::Posdef)
    }

    /// The bounds of each entry on its own.
    #[must_use]
    pub fn bounds(self) -> (f64, f64) {
        match self {
            Self::Above(low) => (low, f64::INFINITY),
            Self::Below(high) => (f64::NEG_INFINITY, high),
            Self::Between(low, high) => (low, high),
            Self::Simplex => (0.0, 1.0),
            Self::Free | Self::Symmetric | Self::Posdef | Self::Ordered => {
                (f64::NEG_INFINITY, f64::INFINITY)
            }
        }
    }

    /// The open interval on which the graph may base simplifications, for the entry (i, j), from
    /// zero.
    pub(super) fn graph_support(self, i: usize, j: usize) -> graph::Support {
        if self == Self::Posdef && i == j {
            return graph::Support { low: 0.0, high: f64::INFINITY };
        }
        let (low, high) = self.bounds();
        graph::Support { low, high }
    }

    /// Whether values of all parameters of a block satisfy its constraint.
    #[must_use]
    pub fn admits(self, shape: Shape, values: &[f64]) -> bool {
        self.to_free(shape, values).is_some()
    }

    /// The unconstrained coordinates of a block; `None` outside of its constraint.
    pub(super) fn to_free(self, shape: Shape, values: &[f64]) -> Option<Vec<f64>> {
        let free: Vec<f64> = match self {
            Self::Free | Self::Symmetric => values.to_vec(),
            Self::Above(low) => values.iter().map(|value| (value - low).ln()).collect(),
            Self::Below(high) => values.iter().map(|value| (high - value).ln()).collect(),
            Self::Between(low, high) => {
                values.iter().map(|value| ((value - low) / (high - value)).ln()).collect()
            }
            Self::Ordered => ordered_to_free(values),
            Self::Simplex => simplex_to_free(values)?,
            Self::Posdef => posdef_to_free(shape.rows(), values)?,
        };
        free.iter().all(|value| value.is_finite()).then_some(free)
    }
}

fn ordered_to_free(values: &[f64]) -> Vec<f64> {
    let first = values.first().copied();
    first.into_iter().chain(values.windows(2).map(|pair| (pair[1] - pair[0]).ln())).collect()
}

fn simplex_to_free(values: &[f64]) -> Option<Vec<f64>> {
    let (last, rest) = values.split_last()?;
    let sum: f64 = values.iter().sum();
    let near_one = (sum - 1.0).abs() <= SIMPLEX_SLACK * values.len() as f64;
    let positive = values.iter().all(|value| *value > 0.0);
    (near_one && positive).then(|| rest.iter().map(|value| (value / last).ln()).collect())
}

/// The Cholesky factor with the logarithms of its diagonal: L\[j]\[i] is at the packed place of (i,
/// j).
fn posdef_to_free(n: usize, values: &[f64]) -> Option<Vec<f64>> {
    let mut factor = vec![0.0; values.len()];
    for j in 0..n {
        for i in 0..=j {
            let inner: f64 =
                (0..i).map(|k| factor[packed(n, k, i)] * factor[packed(n, k, j)]).sum();
            let rest = values[packed(n, i, j)] - inner;
            factor[packed(n, i, j)] = if i == j {
                Some(rest.sqrt()).filter(|root| *root > 0.0)?
            } else {
                rest / factor[packed(n, i, i)]
            };
        }
    }
    for i in 0..n {
        factor[packed(n, i, i)] = factor[packed(n, i, i)].ln();
    }
    Some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_admit_their_inside_only() {
        let (scalar, three) = (Shape::Scalar, Shape::Vector(3));
        let square = Shape::Matrix(2, 2);
        let table: [(Constraint, Shape, &[f64], bool); 14] = [
            (Constraint::Free, scalar, &[-3.0], true),
            (Constraint::Free, scalar, &[f64::NAN], false),
            (Constraint::Free, scalar, &[f64::INFINITY], false),
            (Constraint::Above(0.0), scalar, &[0.0], false),
            (Constraint::Above(-1.0), scalar, &[-0.5], true),
            (Constraint::Below(2.0), scalar, &[2.5], false),
            (Constraint::Between(0.0, 1.0), scalar, &[0.5], true),
            (Constraint::Between(0.0, 1.0), scalar, &[1.0], false),
            (Constraint::Ordered, three, &[1.0, 2.0, 2.0], false),
            (Constraint::Ordered, three, &[-1.0, 0.0, 7.0], true),
            (Constraint::Simplex, three, &[0.2, 0.3, 0.5], true),
            (Constraint::Simplex, three, &[0.2, 0.3, 0.6], false),
            (Constraint::Posdef, square, &[2.0, 1.0, 2.0], true),
            (Constraint::Posdef, square, &[1.0, 2.0, 1.0], false),
        ];
        for (constraint, shape, values, expected) in table {
            assert_eq!(constraint.admits(shape, values), expected, "{constraint}: {values:?}");
        }
    }
}
