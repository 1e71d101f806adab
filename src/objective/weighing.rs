//! Weights of rows, and clusters of rows that are not independent of each other.
//!
//! A row of weight w counts in J as w rows would. In K, the mean of ψψᵀ over rows, a frequency stands
//! for as many independent rows, w ψψᵀ, and a probability weight for one row, (wψ)(wψ)ᵀ; the rows of a
//! cluster are one observation whose slope is the sum of theirs (Liang and Zeger 1986, Biometrika
//! 73:13), with the factor G/(G - 1) of G clusters.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use nalgebra::{DMatrix, DVector};

use super::unsuited::Unsuited;
use crate::graph::ExprId;
use crate::numerics::decimal::shortest;

/// What the weights of rows are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeightsKind {
    /// How many independent rows a row stands for: whole numbers.
    #[default]
    Frequency,
    /// What a row counts for, as the inverse of its chance to be in the sample.
    Probability,
}

impl WeightsKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Frequency, Self::Probability];

    /// The name on the command line and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Frequency => "frequency",
            Self::Probability => "probability",
        }
    }
}

impl fmt::Display for WeightsKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for WeightsKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|kind| kind.name() == text);
        known.ok_or_else(|| {
            format!("`{text}` is no kind of weights; there are frequency, probability")
        })
    }
}

/// Columns that say what rows count for, by name.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RowChoices {
    /// The column of weights, and what they are.
    pub weights: Option<(String, WeightsKind)>,
    /// The column of which equal values make a cluster.
    pub cluster: Option<String>,
}

impl RowChoices {
    /// The same with weights from this column.
    #[must_use]
    pub fn weights(mut self, column: &str, kind: WeightsKind) -> Self {
        self.weights = Some((column.to_owned(), kind));
        self
    }

    /// The same with clusters by this column.
    #[must_use]
    pub fn cluster(mut self, column: &str) -> Self {
        self.cluster = Some(column.to_owned());
        self
    }

    /// The columns, in the order weights, clusters.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let weights = self.weights.as_ref().map(|(column, _)| column.as_str());
        weights.into_iter().chain(self.cluster.as_deref()).collect()
    }
}

/// How much there is of the data.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Size {
    /// Rows.
    pub rows: usize,
    /// The sum of their weights.
    pub total_weight: f64,
    /// Clusters, where rows are not independent.
    pub clusters: Option<usize>,
}

/// Weights of rows, as a report tells them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RowWeights {
    /// The name of their column.
    pub column: String,
    /// What they are.
    pub kind: WeightsKind,
    /// Their sum.
    pub total: f64,
}

/// What the rows of a data set count for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weighing {
    kind: WeightsKind,
    /// The column that the weights came from.
    column: Option<String>,
    /// Weights by row, of mean one; `None` where every row counts for one.
    values: Option<Vec<f64>>,
    /// The sum of the weights as they were given.
    total: f64,
    rows: usize,
    /// The cluster of each row, from 0, and how many there are.
    clusters: Option<(Vec<usize>, usize)>,
}

/// A weight that stands before a loss in a graph.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factor {
    pub weight: ExprId,
    pub kind: WeightsKind,
}

impl Weighing {
    /// Rows that all count for one.
    pub fn equal(rows: usize) -> Self {
        let (kind, total) = (WeightsKind::Frequency, rows as f64);
        Self { kind, column: None, values: None, total, rows, clusters: None }
    }

    /// Weights from a column; `original_rows` are the rows of the file, from 0, to speak of.
    ///
    /// # Errors
    /// Where a weight is negative, or a frequency is no whole number, or all are zero.
    pub fn of(
        (name, kind): (&str, WeightsKind),
        column: &[f64],
        original_rows: &[u32],
    ) -> Result<Self, Unsuited> {
        let unsuited = |row: usize, must: &str, help| {
            let (value, row) = (shortest(column[row]), u64::from(original_rows[row]) + 1);
            let reason = format!("a weight of rows is {must}, and it is {value} in row {row}");
            Err(Unsuited::beside_the_text(name, reason, help))
        };
        if let Some(row) = column.iter().position(|w| !(*w >= 0.0 && w.is_finite())) {
            return unsuited(row, "a number ≥ 0", "leave the row out, or mend its weight");
        }
        let broken = column.iter().position(|w| w.fract() != 0.0);
        if let (WeightsKind::Frequency, Some(row)) = (kind, broken) {
            return unsuited(
                row,
                "a whole number of rows",
                "say `--weights-kind probability` if it is the inverse of a chance",
            );
        }
        let total: f64 = column.iter().sum();
        if total == 0.0 {
            return unsuited(0, "positive somewhere", "name another column");
        }
        let mean = total / column.len() as f64;
        let values = column.iter().map(|w| w / mean).collect();
        let (rows, column) = (column.len(), Some(name.to_owned()));
        Ok(Self { kind, column, values: Some(values), total, rows, clusters: None })
    }

    /// The same with equal values of a column as clusters.
    pub fn clustered(mut self, column: &[f64]) -> Self {
        let mut numbers: HashMap<u64, usize> = HashMap::new();
        let number = |value: &f64| {
            // One zero, whatever its sign.
            let (key, next) = ((value + 0.0).to_bits(), numbers.len());
            *numbers.entry(key).or_insert(next)
        };
        let clusters: Vec<usize> = column.iter().map(number).collect();
        let count = numbers.len();
        self.clusters = Some((clusters, count));
        self
    }

    /// Weights by row, of mean one.
    pub fn values(&self) -> Option<&[f64]> {
        self.values.as_deref()
    }

    /// What the weights are.
    pub fn kind(&self) -> WeightsKind {
        self.kind
    }

    /// The weights, for a report.
    pub fn told(&self) -> Option<RowWeights> {
        let (kind, total) = (self.kind, self.total);
        Some(RowWeights { column: self.column.clone()?, kind, total })
    }

    /// The cluster of each row, from 0, where rows are not independent.
    pub fn cluster_of_rows(&self) -> Option<&[usize]> {
        self.clusters.as_ref().map(|(clusters, _)| clusters.as_slice())
    }

    /// Whether rows of a cluster are one observation.
    pub fn is_clustered(&self) -> bool {
        self.clusters.is_some()
    }

    /// The cluster of each row, from 0, and how many there are.
    pub fn clusters(&self) -> Option<(&[usize], usize)> {
        self.clusters.as_ref().map(|(clusters, count)| (clusters.as_slice(), *count))
    }

    /// How much there is of the data.
    pub fn size(&self) -> Size {
        let clusters = self.clusters.as_ref().map(|&(_, count)| count);
        Size { rows: self.rows, total_weight: self.total, clusters }
    }

    /// The n of standard errors: the sum of frequencies, otherwise the rows.
    pub fn observations(&self) -> usize {
        match self.kind {
            WeightsKind::Frequency => self.total as usize,
            WeightsKind::Probability => self.rows,
        }
    }

    /// Independent observations, on which an error can rest.
    pub fn independent(&self) -> usize {
        self.clusters.as_ref().map_or(self.observations(), |&(_, count)| count)
    }
}

/// K of rows that come block by block.
#[derive(Debug)]
pub(super) struct Scatter<'a> {
    weighing: Option<&'a Weighing>,
    sum: DMatrix<f64>,
    /// Σψ by cluster.
    clusters: Vec<DVector<f64>>,
}

impl<'a> Scatter<'a> {
    /// None yet, of slopes in so many coordinates.
    pub fn new(weighing: Option<&'a Weighing>, coordinates: usize) -> Self {
        let count = weighing.and_then(|one| one.clusters.as_ref()).map_or(0, |&(_, count)| count);
        Self {
            weighing,
            sum: DMatrix::zeros(coordinates, coordinates),
            clusters: vec![DVector::zeros(coordinates); count],
        }
    }

    /// Takes in the slopes of weighted losses of the rows from `start` on, a row of the matrix each.
    pub fn add(&mut self, start: usize, slopes: DMatrix<f64>) {
        if let Some(slopes) = self.independent(start, slopes) {
            self.sum += slopes.transpose() * &slopes;
        }
    }

    /// The same for the diagonal of K alone; the whole of it where rows come in clusters.
    pub fn add_squares(&mut self, start: usize, slopes: DMatrix<f64>) {
        if let Some(slopes) = self.independent(start, slopes) {
            let squares = slopes.column_iter().map(|column| column.norm_squared());
            squares.enumerate().for_each(|(k, square)| self.sum[(k, k)] += square);
        }
    }

    /// Slopes whose squares sum to K; `None` where they were added to their clusters.
    fn independent(&mut self, start: usize, mut slopes: DMatrix<f64>) -> Option<DMatrix<f64>> {
        let clusters = self.weighing.and_then(|one| one.clusters.as_ref());
        if let Some((clusters, _)) = clusters {
            for (row, own) in slopes.row_iter().enumerate() {
                self.clusters[clusters[start + row]] += own.transpose();
            }
            return None;
        }
        if let Some(weights) = self.weighing.and_then(Weighing::frequencies) {
            for (row, mut own) in slopes.row_iter_mut().enumerate() {
                let weight = weights[start + row];
                // A row of weight zero has slopes of zero.
                if weight > 0.0 {
                    own /= weight.sqrt();
                }
            }
        }
        Some(slopes)
    }

    /// K over so many rows.
    pub fn outer(mut self, rows: usize) -> DMatrix<f64> {
        for own in &self.clusters {
            self.sum.ger(1.0, own, own, 1.0);
        }
        let factor = self.weighing.map_or(1.0, Weighing::cluster_factor);
        self.sum * (factor / rows as f64)
    }
}

impl Weighing {
    /// Weights of mean one that are frequencies.
    fn frequencies(&self) -> Option<&[f64]> {
        match self.kind {
            WeightsKind::Frequency => self.values(),
            WeightsKind::Probability => None,
        }
    }

    /// What makes K of sums by cluster a K of so many observations: G/(G - 1), and the rows that a row
    /// of mean frequency stands for.
    fn cluster_factor(&self) -> f64 {
        match &self.clusters {
            Some((_, count)) => {
                let count = *count as f64;
                count / (count - 1.0) * self.observations() as f64 / self.rows as f64
            }
            None => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_checked_where_they_are_wrong() {
        let of = |kind, column: &[f64]| Weighing::of(("f", kind), column, &[0, 1, 4]);
        let wrong = of(WeightsKind::Frequency, &[1.0, 2.0, 1.5]).expect_err("no whole number");
        assert!(wrong.to_string().ends_with("and it is 1.5 in row 5"), "{wrong}");
        assert!(of(WeightsKind::Probability, &[1.0, -2.0, 1.5]).is_err());
        assert!(of(WeightsKind::Probability, &[0.0, 0.0, 0.0]).is_err());
        let right = of(WeightsKind::Frequency, &[1.0, 2.0, 3.0]).expect("whole numbers");
        assert_eq!(right.values(), Some([0.5, 1.0, 1.5].as_slice()));
        assert_eq!((right.observations(), right.size().total_weight), (6, 6.0));
    }

    /// Clusters of one row each give K times n/(n - 1), however they are numbered.
    #[test]
    fn single_rows_are_clusters() {
        let psi = DMatrix::from_row_slice(3, 2, &[1.0, 2.0, -0.5, 1.0, 3.0, -1.0]);
        let of = |weighing: &Weighing| {
            let mut scatter = Scatter::new(Some(weighing), 2);
            scatter.add(0, psi.clone());
            scatter.outer(3)
        };
        let plain = of(&Weighing::equal(3));
        let clustered = of(&Weighing::equal(3).clustered(&[7.0, -0.0, 2.0]));
        assert!((clustered - plain * 1.5).amax() < 1e-15);
    }
}
