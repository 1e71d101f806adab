//! Weights of rows, and clusters of rows that are not independent of each other.
//!
//! A row of weight w counts in J as w rows. In K, the mean of ψψᵀ over rows, a row of frequency w
//! is w independent rows, w ψψᵀ, and a row of probability weight w is one row, (wψ)(wψ)ᵀ. The rows
//! of a cluster are one observation, whose slope is the sum of theirs (Liang and Zeger 1986,
//! Biometrika 73:13), with the factor G/(G - 1) for G clusters.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use nalgebra::{DMatrix, DVector};

use super::unsuited::Unsuited;
use crate::data::OriginalRows;
use crate::graph::ExprId;
use crate::numerics::decimal::shortest;

/// The meaning of the weights of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeightsKind {
    /// The number of independent rows that a row stands for: a whole number.
    #[default]
    Frequency,
    /// Proportional to the inverse of the probability that the row is in the sample.
    Probability,
}

impl WeightsKind {
    /// Both kinds.
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

/// The names of the columns with weights and clusters.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RowChoices {
    /// The column of weights, and their meaning.
    pub weights: Option<(String, WeightsKind)>,
    /// The column whose equal values form clusters.
    pub cluster: Option<String>,
}

impl RowChoices {
    /// The same choices with weights from this column.
    #[must_use]
    pub fn weights(mut self, column: &str, kind: WeightsKind) -> Self {
        self.weights = Some((column.to_owned(), kind));
        self
    }

    /// The same choices with clusters by this column.
    #[must_use]
    pub fn cluster(mut self, column: &str) -> Self {
        self.cluster = Some(column.to_owned());
        self
    }

    /// The columns: that of the weights, then that of the clusters.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let weights = self.weights.as_ref().map(|(column, _)| column.as_str());
        weights.into_iter().chain(self.cluster.as_deref()).collect()
    }
}

/// Numbers of rows, observations and clusters of a data set.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Size {
    /// The number of rows.
    pub rows: usize,
    /// The sum of the weights of the rows.
    pub total_weight: f64,
    /// The number of clusters; `None` where rows are independent.
    pub clusters: Option<usize>,
}

/// The weights of the rows in a report.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RowWeights {
    /// The name of the column of weights.
    pub column: String,
    /// The meaning of the weights.
    pub kind: WeightsKind,
    /// The sum of the weights.
    pub total: f64,
}

/// Weights and clusters of the rows of a data set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weighing {
    kind: WeightsKind,
    /// The name of the column of weights; `None` where all rows have weight one.
    column: Option<String>,
    /// Weights by row, of mean one; `None` where all are one.
    values: Option<Vec<f64>>,
    /// The sum of the weights before they were scaled to mean one.
    total: f64,
    rows: usize,
    /// The cluster of each row, from 0, and the number of clusters.
    clusters: Option<(Vec<usize>, usize)>,
}

/// The weight of the row as an expression that multiplies a loss.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factor {
    pub weight: ExprId,
    pub kind: WeightsKind,
}

impl Weighing {
    /// Rows of weight one.
    pub fn equal(rows: usize) -> Self {
        let (kind, total) = (WeightsKind::Frequency, rows as f64);
        Self { kind, column: None, values: None, total, rows, clusters: None }
    }

    /// Weights from a column; messages name rows by `original_rows`, the row numbers in the file,
    /// from 0.
    ///
    /// # Errors
    /// Where a weight is negative or not finite, a frequency is no whole number, or all weights are
    /// zero.
    pub fn of(
        (name, kind): (&str, WeightsKind),
        column: &[f64],
        original_rows: OriginalRows<'_>,
    ) -> Result<Self, Unsuited> {
        let unsuited = |row: usize, must: &str, help| {
            let (value, row) = (shortest(column[row]), u64::from(original_rows.at(row)) + 1);
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

    /// The weights, with equal values of a column as clusters.
    pub fn clustered(mut self, column: &[f64]) -> Self {
        let mut numbers: HashMap<u64, usize> = HashMap::new();
        let number = |value: &f64| {
            // Adding zero turns -0 into 0.
            let (key, next) = ((value + 0.0).to_bits(), numbers.len());
            *numbers.entry(key).or_insert(next)
        };
        let clusters: Vec<usize> = column.iter().map(number).collect();
        let count = numbers.len();
        self.clusters = Some((clusters, count));
        self
    }

    /// Weights by row, of mean one; `None` where all are one.
    pub fn values(&self) -> Option<&[f64]> {
        self.values.as_deref()
    }

    /// The meaning of the weights.
    pub fn kind(&self) -> WeightsKind {
        self.kind
    }

    /// The weights in a report; `None` where no column gives them.
    pub fn row_weights(&self) -> Option<RowWeights> {
        let (kind, total) = (self.kind, self.total);
        Some(RowWeights { column: self.column.clone()?, kind, total })
    }

    /// The cluster of each row, from 0; `None` where rows are independent.
    pub fn cluster_of_rows(&self) -> Option<&[usize]> {
        self.clusters.as_ref().map(|(clusters, _)| clusters.as_slice())
    }

    /// Whether rows come in clusters.
    pub fn is_clustered(&self) -> bool {
        self.clusters.is_some()
    }

    /// The cluster of each row, from 0, and the number of clusters.
    pub fn clusters(&self) -> Option<(&[usize], usize)> {
        self.clusters.as_ref().map(|(clusters, count)| (clusters.as_slice(), *count))
    }

    /// Numbers of rows, observations and clusters.
    pub fn size(&self) -> Size {
        let clusters = self.clusters.as_ref().map(|&(_, count)| count);
        Size { rows: self.rows, total_weight: self.total, clusters }
    }

    /// The number of observations for standard errors: the sum of the frequencies, otherwise the
    /// number of rows.
    pub fn observations(&self) -> usize {
        match self.kind {
            WeightsKind::Frequency => self.total as usize,
            WeightsKind::Probability => self.rows,
        }
    }

    /// The number of independent observations: clusters where rows come in clusters.
    pub fn independent(&self) -> usize {
        self.clusters.as_ref().map_or(self.observations(), |&(_, count)| count)
    }
}

/// Accumulates K from slopes that come block by block.
#[derive(Debug)]
pub(super) struct Scatter<'a> {
    weighing: Option<&'a Weighing>,
    sum: DMatrix<f64>,
    /// Σψ of each cluster.
    clusters: Vec<DVector<f64>>,
}

impl<'a> Scatter<'a> {
    /// No rows yet; `coordinates` is the length of ψ.
    pub fn new(weighing: Option<&'a Weighing>, coordinates: usize) -> Self {
        let count = weighing.and_then(|one| one.clusters.as_ref()).map_or(0, |&(_, count)| count);
        Self {
            weighing,
            sum: DMatrix::zeros(coordinates, coordinates),
            clusters: vec![DVector::zeros(coordinates); count],
        }
    }

    /// Adds the slopes of weighted losses of the rows from `start` on, a row of the matrix each.
    pub fn add(&mut self, start: usize, slopes: DMatrix<f64>) {
        if let Some(slopes) = self.independent(start, slopes) {
            self.sum += slopes.transpose() * &slopes;
        }
    }

    /// Adds as [`Self::add`], but only to the diagonal of K; where rows come in clusters, to all of
    /// K.
    pub fn add_squares(&mut self, start: usize, slopes: DMatrix<f64>) {
        if let Some(slopes) = self.independent(start, slopes) {
            let squares = slopes.column_iter().map(|column| column.norm_squared());
            squares.enumerate().for_each(|(k, square)| self.sum[(k, k)] += square);
        }
    }

    /// Slopes whose outer products sum to K; `None` where they were added to their clusters
    /// instead.
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
                // Rows of weight zero have slopes of zero already.
                if weight > 0.0 {
                    own /= weight.sqrt();
                }
            }
        }
        Some(slopes)
    }

    /// K, as a mean over this number of rows.
    pub fn outer(mut self, rows: usize) -> DMatrix<f64> {
        for own in &self.clusters {
            self.sum.ger(1.0, own, own, 1.0);
        }
        let factor = self.weighing.map_or(1.0, Weighing::cluster_factor);
        self.sum * (factor / rows as f64)
    }
}

impl Weighing {
    /// The weights of mean one, where they are frequencies.
    fn frequencies(&self) -> Option<&[f64]> {
        match self.kind {
            WeightsKind::Frequency => self.values(),
            WeightsKind::Probability => None,
        }
    }

    /// The factor of the K of clusters: G/(G - 1), and the observations of a row of mean frequency.
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
    fn invalid_weights_are_refused_with_their_row() {
        let of = |kind, column: &[f64]| Weighing::of(("f", kind), column, (&[0, 1, 4]).into());
        let wrong = of(WeightsKind::Frequency, &[1.0, 2.0, 1.5]).expect_err("no whole number");
        assert!(wrong.to_string().ends_with("and it is 1.5 in row 5"), "{wrong}");
        assert!(of(WeightsKind::Probability, &[1.0, -2.0, 1.5]).is_err());
        assert!(of(WeightsKind::Probability, &[0.0, 0.0, 0.0]).is_err());
        let right = of(WeightsKind::Frequency, &[1.0, 2.0, 3.0]).expect("whole numbers");
        assert_eq!(right.values(), Some([0.5, 1.0, 1.5].as_slice()));
        assert_eq!((right.observations(), right.size().total_weight), (6, 6.0));
    }

    #[test]
    fn clusters_of_one_row_scale_k_by_n_over_n_minus_1() {
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
