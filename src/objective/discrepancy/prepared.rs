//! A discrepancy prepared on one data set, for any parameters and for other rows.

use std::ops::Range;

use super::columns::{Column, Ruler, median_square};
use super::counted::Counted;
use super::hamming::Hamming;
use super::metric::Metric;
use super::pairs::Radial;
use super::points::Points;
use super::{Discrepancy, Kernel, KernelChoices, NoKernel};
use crate::graph::{ExprId, Graph};
use crate::model::Model;
use crate::objective::stein::Move;
use crate::objective::{Coordinates, Specification};
use crate::program::{Layout, Program};

/// A discrepancy of a model, compiled, with fixed scales, bandwidth and units. Evaluating it at
/// other parameters, or on rows that a bootstrap draws, derives nothing and measures no scale
/// again.
#[derive(Debug)]
pub struct Prepared {
    /// Computes a by data component; for binary data the differences Δ.
    pub(super) pull: Program,
    pub(super) space: Space,
    /// Rulers of the data components.
    pub(super) rulers: Vec<Ruler>,
    /// Rulers of the covariates that log p contains.
    pub(super) conditions: Vec<Ruler>,
    /// The kernel of the covariates, a factor of u.
    pub(super) given: Radial,
    pub(super) counted: Counted,
    kernel: Kernel,
    bandwidth: f64,
    /// The number of data and covariate columns.
    columns: usize,
}

/// The kind of space whose points the rows are.
#[derive(Debug)]
pub(super) enum Space {
    /// A continuous domain.
    Smooth { radial: Radial, metrics: Box<Metrics> },
    /// Binary data.
    Binary(Hamming),
}

/// Computes the metrics of the domains on given rows.
#[derive(Debug)]
pub(super) struct Metrics {
    /// Its outputs are the sizes of the moves, then the weights of the directions.
    program: Program,
    moves: Vec<Move>,
    /// The components of each domain, and the mean diagonal of its metric.
    domains: Vec<(Range<usize>, f64)>,
    parameters: usize,
}

/// A model in given coordinates, with the rows that determine the scales.
pub(crate) struct Basis<'a> {
    pub specification: &'a Specification,
    pub model: &'a Model,
    pub at: Coordinates,
    /// Columns of data, then of covariates.
    pub columns: &'a [&'a [f64]],
}

/// A sample of the rows of a basis, which determines bandwidth and units.
pub(crate) struct Sampled<'a> {
    pub columns: &'a [&'a [f64]],
    pub weights: &'a [f64],
}

impl Prepared {
    pub(super) fn raw(
        specification: &Specification,
        model: &Model,
        columns: &[&[f64]],
        choices: &KernelChoices,
        threads: usize,
    ) -> Result<Self, NoKernel> {
        let columns = &columns[..specification.rows.len()];
        let at = Coordinates::raw(columns.len(), specification.dimension());
        let basis = Basis { specification, model, at, columns };
        let counted = Counted::of(specification, columns[0].len());
        let sampled = Sampled { columns, weights: &counted.weights };
        let prepared = Self::new(&basis, &sampled, choices, threads)?;
        Ok(Self { counted, ..prepared })
    }

    /// The discrepancy in the coordinates of the basis, with bandwidth and units from a sample.
    pub(crate) fn new(
        basis: &Basis<'_>,
        sampled: &Sampled<'_>,
        choices: &KernelChoices,
        threads: usize,
    ) -> Result<Self, NoKernel> {
        let Basis { specification, model, columns, .. } = *basis;
        let kernel = choices.for_data(specification.is_binary())?;
        let domains = specification.domains();
        let rulers: Vec<Ruler> =
            domains.iter().flat_map(|one| Ruler::of(one, columns, choices.unscaled)).collect();
        // log p is not conditional on a covariate that occurs in a weight only.
        let places = model.conditions().into_iter().map(|k| model.data().len() + k);
        let conditions: Vec<Ruler> =
            places.map(|place| Ruler::line(place, columns, choices.unscaled)).collect();
        let over = |rulers: &[Ruler]| -> Vec<Column> {
            rulers.iter().map(|ruler| ruler.over(sampled.columns)).collect()
        };
        let factor = if kernel == Kernel::Gaussian { kernel } else { Kernel::Imq };
        let given = Radial { kernel: factor, unit: median_square(&over(&conditions)) };
        let mut graph = model.graph().clone();
        let layout = Layout { rows: model.row_inputs(), parameters: model.parameter_inputs() };
        let (pull, space, bandwidth) = match kernel {
            Kernel::Hamming => {
                let bandwidth = choices.bandwidth.unwrap_or(rulers.len() as f64);
                let differences = specification.seen(&mut graph, model.log_density());
                let pull = Program::compile(&graph, &layout, &differences);
                (pull, Space::Binary(Hamming::new(bandwidth)), bandwidth)
            }
            Kernel::Imq | Kernel::Gaussian => {
                let square = |bandwidth: f64| bandwidth * bandwidth;
                let unit = choices.bandwidth.map_or_else(|| median_square(&over(&rulers)), square);
                let radial = Radial { kernel, unit };
                let (pull, metrics) = basis.smooth(&mut graph, &layout);
                let metrics = metrics.measured(sampled, choices.unscaled, threads);
                (pull, Space::Smooth { radial, metrics: Box::new(metrics) }, unit.sqrt())
            }
        };
        let counted = Counted::weighed(sampled.weights.to_vec());
        let columns = columns.len();
        Ok(Self { pull, space, rulers, conditions, given, counted, kernel, bandwidth, columns })
    }

    /// The kernel.
    #[must_use]
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// The bandwidth, in units of scaled columns.
    #[must_use]
    pub fn bandwidth(&self) -> f64 {
        self.bandwidth
    }

    /// The rows in the units of the kernel.
    pub(super) fn points<'a>(&'a self, columns: &'a [&'a [f64]], threads: usize) -> Points<'a> {
        Points::new(self, &columns[..self.columns], threads)
    }

    /// The discrepancy between the density at θ and rows: those of the preparation, or equally many
    /// others, which take the same weights. `columns` are those of data, then of covariates, raw;
    /// further columns are ignored.
    ///
    /// # Panics
    /// When θ or the columns are not those of the model, or the number of rows differs from that of
    /// the preparation.
    #[must_use]
    pub fn at(&self, theta: &[f64], columns: &[&[f64]], threads: usize) -> Discrepancy {
        let mut found = self.of_each(&[theta.to_vec()], columns, threads);
        found.pop().expect("there is one discrepancy for each θ")
    }

    /// Whether a, or s for binary data, is finite in all rows.
    pub(crate) fn is_finite_at(&self, theta: &[f64], columns: &[&[f64]]) -> bool {
        let slopes = self.points(columns, 1).slopes(theta, 1);
        slopes.iter().all(|slope| slope.is_finite())
    }

    /// The discrepancy at each of several parameter vectors, for which distances are computed once.
    pub(crate) fn of_each(
        &self,
        thetas: &[Vec<f64>],
        columns: &[&[f64]],
        threads: usize,
    ) -> Vec<Discrepancy> {
        let points = self.points(columns, threads);
        let slopes: Vec<Vec<f64>> =
            thetas.iter().map(|theta| points.slopes(theta, threads)).collect();
        points.discrepancies(&slopes, &self.counted, threads)
    }
}

impl Basis<'_> {
    /// Compiles a, and the metrics in units of 1.
    fn smooth(&self, graph: &mut Graph, layout: &Layout) -> (Program, Metrics) {
        let stein = self.specification.stein_in(graph, self.model.log_density(), &self.at);
        let pull = Program::compile(graph, layout, &stein.pull);
        let sizes = stein.moves.iter().map(|one| one.size);
        let outputs: Vec<ExprId> = sizes.chain(stein.weights.iter().copied()).collect();
        let program = Program::compile(graph, layout, &outputs);
        let domains = self.specification.domains().iter();
        let domains = domains.map(|domain| (domain.components.clone(), 1.0)).collect();
        let parameters = layout.parameters.len();
        (pull, Metrics { program, moves: stein.moves, domains, parameters })
    }
}

impl Metrics {
    /// The metrics in units of their mean diagonals over a sample; in units of 1 if `unscaled`.
    fn measured(mut self, sampled: &Sampled<'_>, unscaled: bool, threads: usize) -> Self {
        if unscaled {
            return self;
        }
        let metrics = self.on(sampled.columns, threads);
        for ((_, unit), metric) in self.domains.iter_mut().zip(metrics) {
            *unit = metric.unit(sampled.weights);
        }
        self
    }

    /// The metric of each domain on rows.
    pub fn on(&self, columns: &[&[f64]], threads: usize) -> Vec<Metric> {
        // Weights are free of parameters, so that any θ will do.
        let theta = vec![0.0; self.parameters];
        let values = self.program.rows(columns, &theta, threads);
        let (sizes, weights) = values.split_at(self.moves.len());
        let moves: Vec<(&Move, &Vec<f64>)> = self.moves.iter().zip(sizes).collect();
        let rows = columns[0].len();
        let metric = |(components, unit): &(Range<usize>, f64)| {
            Metric::new(components, &moves, weights, rows).over(*unit)
        };
        self.domains.iter().map(metric).collect()
    }

    /// By data component, the unit of its metric.
    pub fn units(&self) -> Vec<f64> {
        let unit = |(components, unit): &(Range<usize>, f64)| vec![*unit; components.len()];
        self.domains.iter().flat_map(unit).collect()
    }
}
