//! Distances in columns, as kernels measure them.

use crate::model::{Domain, Support};
use crate::numerics::median::spread;

/// Most rows whose distances determine the bandwidth, at even steps.
const ROWS_MEASURED: usize = 300;

/// How distances in a column are measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ruler {
    /// The position of the column among those of data and covariates.
    pub position: usize,
    pub scale: f64,
    circle: bool,
}

/// The values of a column divided by its scale.
#[derive(Debug)]
pub(super) struct Column {
    values: Vec<f64>,
    circle: bool,
}

impl Ruler {
    /// The rulers of the components of a domain, which share one scale.
    pub fn of(domain: &Domain, columns: &[&[f64]], unscaled: bool) -> Vec<Self> {
        let own = &columns[domain.components.clone()];
        let widest = || own.iter().map(|values| spread(values)).fold(0.0, f64::max);
        let scale = match domain.support {
            Support::Circle | Support::Sphere => 1.0,
            Support::Line
            | Support::Above(_)
            | Support::Below(_)
            | Support::Between(..)
            | Support::Simplex
            | Support::Binary(..) => {
                if unscaled {
                    1.0
                } else {
                    widest()
                }
            }
        };
        let circle = domain.support == Support::Circle;
        domain.components.clone().map(|position| Self { position, scale, circle }).collect()
    }

    /// The ruler of a covariate.
    pub fn line(position: usize, columns: &[&[f64]], unscaled: bool) -> Self {
        let scale = if unscaled { 1.0 } else { spread(columns[position]) };
        Self { position, scale, circle: false }
    }

    /// The column divided by its scale.
    pub fn over(&self, columns: &[&[f64]]) -> Column {
        let values = columns[self.position].iter().map(|value| value / self.scale).collect();
        Column { values, circle: self.circle }
    }
}

impl Column {
    /// r²/2 of two rows, its derivative in the first value, and minus its mixed derivative in both.
    pub fn half_square(&self, i: usize, j: usize) -> [f64; 3] {
        let difference = self.values[i] - self.values[j];
        if self.circle {
            let (sine, cosine) = difference.sin_cos();
            [1.0 - cosine, sine, cosine]
        } else {
            [0.5 * difference * difference, difference, 1.0]
        }
    }

    /// Whether two rows have equal values.
    pub fn is_equal(&self, i: usize, j: usize) -> bool {
        self.values[i] == self.values[j]
    }
}

/// The median of r² over pairs of different rows; 1 where it is zero or not finite, or there are no
/// columns.
pub(super) fn median_square(columns: &[Column]) -> f64 {
    let rows = columns.first().map_or(0, |column| column.values.len());
    let step = rows.div_ceil(ROWS_MEASURED).max(1);
    let chosen: Vec<usize> = (0..rows).step_by(step).collect();
    let square = |i: usize, j: usize| -> f64 {
        columns.iter().map(|column| 2.0 * column.half_square(i, j)[0]).sum()
    };
    let pairs =
        chosen.iter().enumerate().flat_map(|(k, &i)| chosen[..k].iter().map(move |&j| (i, j)));
    let mut squares: Vec<f64> = pairs.map(|(i, j)| square(i, j)).collect();
    if squares.is_empty() {
        return 1.0;
    }
    let middle = squares.len() / 2;
    let median = *squares.select_nth_unstable_by(middle, f64::total_cmp).1;
    if median > 0.0 && median.is_finite() { median } else { 1.0 }
}
