//! An objective on columns of data: J and its derivatives, from the rows or from moments.

use std::sync::OnceLock;

use nalgebra::{DMatrix, DVector};

use super::compiled::{Objective, WRITTEN_MAX};
use super::expansion::{Curvature, Expansion, Slope, Taylor};
use super::hessian_times::from_products;
use super::moments::{Around, Moments};
use super::path::{NoMoments, Path};
use super::summary::{Point, Sample, Summary};
use super::weighing::{Scatter, Weighing};
use crate::program::{Program, Workers};

/// Most parameters for which a program computes the means of all products of two slopes.
const PRODUCTS_MAX: usize = 160;
/// Rows of a block whose products of slopes are one matrix multiplication.
const ROWS_AT_ONCE: usize = 4096;
/// Rows that a program processes in the time of one operation on scalars: operations on rows are
/// vectorised.
const ROWS_ABREAST: usize = 8;

/// An [`Objective`] on columns of data.
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    objective: &'a Objective,
    columns: Vec<&'a [f64]>,
    rows: usize,
    /// Weights and clusters of the rows; `None` for independent rows of weight one.
    weighing: Option<&'a Weighing>,
    workers: Workers,
    path: Path,
    /// The moments, computed on first use. The inner `None` means that the objective has none or
    /// that rows cost less.
    summary: OnceLock<Option<Summary>>,
}

impl<'a> Batch<'a> {
    /// The objective on columns of one length, one for each row input.
    pub(super) fn new(objective: &'a Objective, columns: Vec<&'a [f64]>, workers: Workers) -> Self {
        let rows = columns.first().map_or(0, |column| column.len());
        assert!(columns.iter().all(|column| column.len() == rows), "columns of one length");
        let (weighing, path, summary) = (None, Path::Auto, OnceLock::new());
        Self { objective, columns, rows, weighing, workers, path, summary }
    }

    /// The same rows with their weights and clusters. The loss contains the weights already, as a
    /// column.
    pub(crate) fn weighed(self, weighing: &'a Weighing) -> Self {
        Self { weighing: Some(weighing), ..self }
    }
}

impl Batch<'_> {
    /// The same data, evaluated by the given path.
    ///
    /// # Errors
    /// When the path is moments and the objective is no polynomial in data.
    pub fn by(self, path: Path) -> Result<Self, NoMoments> {
        if path == Path::Moments && self.objective.separated(Around::Zero).is_none() {
            return Err(NoMoments);
        }
        Ok(Self { path, summary: OnceLock::new(), ..self })
    }

    /// The path of J, ∇J and ∇²J: `Rows` or `Moments`. Where moments would lose digits, an
    /// evaluation takes the rows even so: see [`Self::path_at`].
    #[must_use]
    pub fn path(&self) -> Path {
        if self.summary().is_some() { Path::Moments } else { Path::Rows }
    }

    /// The path that an evaluation at these parameters takes.
    #[must_use]
    pub fn path_at(&self, theta: &[f64]) -> Path {
        if self.point(theta).is_some() { Path::Moments } else { Path::Rows }
    }

    fn summary(&self) -> Option<(&Moments, &Summary)> {
        let summary = match self.path {
            Path::Rows => None,
            Path::Auto | Path::Moments => self.summary.get_or_init(|| self.summarise()).as_ref(),
        }?;
        Some((self.objective.separated(summary.around())?, summary))
    }

    fn summarise(&self) -> Option<Summary> {
        let plain = self.objective.separated(Around::Zero).filter(|plain| self.pays(plain))?;
        let sample = Sample::new(plain, &self.columns)?;
        let moments = self.objective.separated(sample.around())?;
        Some(Summary::new(moments, sample, &self.columns, self.workers.clone()))
    }

    /// Whether moments cost less than a pass over the rows, or the caller chose them.
    fn pays(&self, moments: &Moments) -> bool {
        let work = moments.evaluation().operations().parameter;
        let row_work = || self.objective.row_work().saturating_mul(self.rows);
        self.path == Path::Moments || work <= row_work() / ROWS_ABREAST
    }

    /// J and ∇J from moments; `None` where there are none, or they would lose digits.
    fn point(&self, theta: &[f64]) -> Option<Point> {
        let (moments, summary) = self.summary()?;
        summary.evaluate(moments, theta)
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of observations for standard errors: the sum of the frequencies, otherwise the
    /// number of rows.
    #[must_use]
    pub fn observations(&self) -> usize {
        self.weighing.map_or(self.rows, Weighing::observations)
    }

    /// The objective that is evaluated.
    #[must_use]
    pub fn objective(&self) -> &Objective {
        self.objective
    }

    /// J
    #[must_use]
    pub fn value(&self, theta: &[f64]) -> f64 {
        match self.point(theta) {
            Some(point) => point.value,
            None => self.evaluate(self.objective.value(), theta)[0],
        }
    }

    /// J and its gradient.
    #[must_use]
    pub fn gradient(&self, theta: &[f64]) -> (f64, DVector<f64>) {
        if let Some(Point { value, gradient }) = self.point(theta) {
            return (value, gradient);
        }
        let values = self.evaluate(self.objective.gradient(), theta);
        (values[0], DVector::from_column_slice(&values[1..]))
    }

    /// J, ∇J, mean |ρ| and the diagonal of K, by a pass over the rows.
    #[must_use]
    pub fn slope(&self, theta: &[f64]) -> Slope {
        let p = self.objective.parameters();
        let values = self.evaluate(self.objective.slope(), theta);
        Slope {
            value: values[0],
            gradient: DVector::from_column_slice(&values[1..=p]),
            magnitude: values[1 + p],
            outer_diagonal: DVector::from_column_slice(&values[2 + p..]),
        }
    }

    /// How second derivatives are computed on these rows.
    #[must_use]
    pub fn curvature(&self) -> Curvature {
        if self.objective.parameters() <= WRITTEN_MAX && self.summary().is_some() {
            return Curvature::Matrix;
        }
        self.objective.curvature()
    }

    /// Approximate number of operations of one expansion.
    #[must_use]
    pub fn work(&self) -> usize {
        match self.summary() {
            Some(_) => self.rows * self.objective.row_work(),
            None => self.objective.expansion_work(self.rows),
        }
    }

    /// J to second order, with K. With [`Curvature::Products`] this costs one pass for each
    /// parameter.
    ///
    /// Where J comes from moments, K still takes a pass over the rows: its moments would have twice
    /// the degree.
    #[must_use]
    pub fn expand(&self, theta: &[f64]) -> Expansion {
        if let Some(Taylor { value, gradient, hessian }) = self.taylor(theta) {
            let (magnitude, outer) = self.magnitude_and_outer(theta);
            return Expansion { value, magnitude, gradient, hessian, outer };
        }
        match self.objective.expansion() {
            Some(program) => self.expand_by(program, theta),
            None => self.expand_by_products(theta),
        }
    }

    /// Whether the rows come in clusters and so are not independent.
    fn is_clustered(&self) -> bool {
        self.weighing.is_some_and(Weighing::is_clustered)
    }

    /// J, ∇J and ∇²J from moments; `None` where they would take a pass over the rows.
    #[must_use]
    pub fn taylor(&self, theta: &[f64]) -> Option<Taylor> {
        let (moments, summary) = self.summary()?;
        let Point { value, gradient } = summary.evaluate(moments, theta)?;
        Some(Taylor { value, gradient, hessian: summary.hessian(moments, theta) })
    }

    /// mean |ρ| and K, from first derivatives alone.
    fn magnitude_and_outer(&self, theta: &[f64]) -> (f64, DMatrix<f64>) {
        if self.objective.parameters() > PRODUCTS_MAX || self.is_clustered() {
            return self.outer_by_rows(theta);
        }
        let values = self.evaluate(self.objective.outer(), theta);
        (values[0], symmetric(self.objective.parameters(), &values[1..]))
    }

    /// mean |ρ| and K, by matrix products of blocks of slopes: with many parameters a program for
    /// each product takes longer to compile than to run.
    fn outer_by_rows(&self, theta: &[f64]) -> (f64, DMatrix<f64>) {
        let (p, rows) = (self.objective.parameters(), self.rows());
        let mut size = 0.0;
        let mut scatter = Scatter::new(self.weighing, p);
        for start in (0..rows).step_by(ROWS_AT_ONCE) {
            if self.workers.interrupt.is_raised() {
                return (f64::NAN, DMatrix::from_element(p, p, f64::NAN));
            }
            let end = (start + ROWS_AT_ONCE).min(rows);
            let block: Vec<&[f64]> =
                self.columns.iter().map(|column| &column[start..end]).collect();
            let values = self.objective.row_slopes().rows(&block, theta, self.workers.clone());
            let (losses, slopes) = values.split_first().expect("the loss is the first output");
            size += losses.iter().map(|loss| loss.abs()).sum::<f64>();
            let psi = DMatrix::from_fn(end - start, p, |row, j| slopes[j][row]);
            scatter.add(start, psi);
        }
        (size / rows as f64, scatter.outer(rows))
    }

    fn expand_by(&self, program: &Program, theta: &[f64]) -> Expansion {
        let p = self.objective.parameters();
        let triangle = p * (p + 1) / 2;
        let values = self.evaluate(program, theta);
        let (first, rest) = values.split_at(1 + p);
        let (hessian, rest) = rest.split_at(triangle);
        let outer = match self.is_clustered() {
            true => self.outer(theta),
            false => symmetric(p, &rest[1..]),
        };
        Expansion {
            value: first[0],
            gradient: DVector::from_column_slice(&first[1..]),
            hessian: symmetric(p, hessian),
            magnitude: rest[0],
            outer,
        }
    }

    /// K = mean ψψᵀ, from first derivatives alone; where rows come in clusters, ψ is summed over
    /// each cluster first.
    #[must_use]
    pub fn outer(&self, theta: &[f64]) -> DMatrix<f64> {
        self.magnitude_and_outer(theta).1
    }

    fn expand_by_products(&self, theta: &[f64]) -> Expansion {
        let p = self.objective.parameters();
        let Slope { value, magnitude, gradient, .. } = self.slope(theta);
        let hessian = from_products(p, |v| self.hessian_times(theta, v));
        Expansion { value, magnitude, gradient, outer: self.outer(theta), hessian }
    }

    /// ∇²J · v
    #[must_use]
    pub fn hessian_times(&self, theta: &[f64], v: &DVector<f64>) -> DVector<f64> {
        if let (Some((moments, summary)), Some(_)) = (self.summary(), self.point(theta)) {
            return summary.hessian_times(moments, theta, v);
        }
        let both: Vec<f64> = theta.iter().chain(v.iter()).copied().collect();
        DVector::from_vec(self.evaluate(&self.objective.hessian_times().program, &both))
    }

    /// ρ of every row; of one observation where weights are frequencies, else times the weight.
    #[must_use]
    pub fn losses(&self, theta: &[f64]) -> Vec<f64> {
        let rows = self.objective.losses().rows(&self.columns, theta, self.workers.clone());
        rows.into_iter().next().expect("the program has one output")
    }

    /// ρ of the first row and of each `step`-th row after it.
    #[must_use]
    pub(crate) fn losses_every(&self, step: usize, theta: &[f64]) -> Vec<f64> {
        let thinned = |column: &&[f64]| column.iter().step_by(step).copied().collect();
        let columns: Vec<Vec<f64>> = self.columns.iter().map(thinned).collect();
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        self.objective.losses().rows(&slices, theta, self.workers.clone()).swap_remove(0)
    }

    /// ψ by parameter, then by row: the slopes of the weighted losses.
    #[must_use]
    pub(crate) fn row_slopes(&self, theta: &[f64]) -> Vec<Vec<f64>> {
        let mut values =
            self.objective.row_slopes().rows(&self.columns, theta, self.workers.clone());
        values.split_off(1)
    }

    fn evaluate(&self, program: &Program, parameters: &[f64]) -> Vec<f64> {
        program.evaluate(&self.columns, parameters, self.workers.clone())
    }
}

fn symmetric(p: usize, triangle: &[f64]) -> DMatrix<f64> {
    let mut matrix = DMatrix::zeros(p, p);
    let pairs = (0..p).flat_map(|i| (i..p).map(move |j| (i, j)));
    for ((i, j), &value) in pairs.zip(triangle) {
        matrix[(i, j)] = value;
        matrix[(j, i)] = value;
    }
    matrix
}
