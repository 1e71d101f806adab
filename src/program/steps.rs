//! A compiled program as plain data: the steps on rows, the places of their operands and results, and
//! the scalars, which have one value for all rows.

use super::isa::Isa;
use super::operation::{Operation, Stage};
use super::scalar::Compute;

/// Where an operand of a row step is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Scalar(u32),
    Column(u32),
    Slot(u32),
}

impl Source {
    /// The value of an output that is a scalar.
    pub(super) fn number(self, scalars: &[f64]) -> f64 {
        match self {
            Self::Scalar(place) => scalars[place as usize],
            Self::Column(_) | Self::Slot(_) => panic!("this output has a value for every row"),
        }
    }
}

/// The scalars, in this order: parameters, constants, values of these alone, means over rows,
/// values that depend on means.
#[derive(Debug)]
pub(super) struct Scalars {
    pub(super) parameters: usize,
    pub(super) constants: Vec<f64>,
    pub(super) before: Vec<Operation<u32>>,
    pub(super) means: usize,
    pub(super) after: Vec<Operation<u32>>,
}

/// Work on the rows of a tile.
#[derive(Debug)]
pub(super) enum Step {
    /// One operation; its slot differs from those of its operands.
    Value { slot: u32, stage: Stage, operation: Operation<Source> },
    /// Weighted sums of the same rows.
    Matrix { slots: Box<[u32]>, starts: Box<[u32]>, rows: Box<[Source]>, weights: usize },
    /// A sum over rows, into the partial sums from index `lanes` on.
    Sum { a: Source, lanes: usize },
    /// A sum of products over rows.
    Product { a: Source, b: Source, lanes: usize },
    /// The sums over rows of l·r, for every l of the left and r of the right.
    Outer { left: Box<[Source]>, right: Box<[Source]>, lanes: usize },
    /// The sums of the values over the rows of each cell of one index or two, each with its number of
    /// levels.
    Cells { indices: Box<[(Source, u32)]>, values: Box<[Source]>, lanes: usize },
}

/// The partial sums of a mean: `count` of them from index `first` on, `stride` apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Partial {
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) stride: usize,
}

/// The row steps.
#[derive(Debug)]
pub(super) struct Schedule {
    pub(super) steps: Vec<Step>,
    pub(super) outputs: Vec<Source>,
    pub(super) slots: usize,
    pub(super) tile: usize,
    /// Scalars in the order in which the matrices read their weights.
    pub(super) weights: Vec<u32>,
    /// The partial sums of each mean.
    pub(super) partials: Vec<Partial>,
    /// Number of partial sums of all means.
    pub(super) lanes: usize,
    /// Number of partial sums of a mean outside a table of products.
    pub(super) width: usize,
}

impl Schedule {
    /// The weights of the matrices, at these scalars.
    pub(super) fn weights_at(&self, scalars: &[f64]) -> Vec<f64> {
        self.weights.iter().map(|&weight| scalars[weight as usize]).collect()
    }
}

impl Step {
    /// How many elementary operations it stands for.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Value { operation, .. } => operation.size(),
            Self::Matrix { slots, rows, .. } => slots.len() * rows.len(),
            Self::Sum { .. } | Self::Product { .. } => 1,
            Self::Outer { left, right, .. } => left.len() * right.len(),
            Self::Cells { values, .. } => values.len(),
        }
    }

    /// Whether machine code is emitted for the step; the others have a faster kernel.
    pub(super) fn is_plain(&self) -> bool {
        match self {
            Self::Value { operation, .. } => operation.is_plain(),
            Self::Sum { .. } | Self::Product { .. } => true,
            Self::Outer { left, right, .. } => left.len() * right.len() <= TABLE_PLAIN_MAX,
            Self::Matrix { .. } | Self::Cells { .. } => false,
        }
    }
}

/// Most products of a table that machine code computes one by one; larger tables have a kernel that
/// loads a row once for several products.
pub(super) const TABLE_PLAIN_MAX: usize = 16;

impl Scalars {
    /// The scalars that do not depend on means, with capacity for all.
    pub(super) fn at(&self, parameters: &[f64], isa: Isa) -> Vec<f64> {
        let mut numbers = Vec::with_capacity(self.len());
        numbers.extend_from_slice(parameters);
        numbers.extend_from_slice(&self.constants);
        isa.run(Compute { steps: &self.before, numbers: &mut numbers });
        numbers
    }

    /// Appends the means and the scalars that depend on them.
    pub(super) fn finish(&self, means: &[f64], numbers: &mut Vec<f64>, isa: Isa) {
        numbers.truncate(self.first_mean());
        numbers.extend_from_slice(means);
        isa.run(Compute { steps: &self.after, numbers });
    }

    /// The place of the first mean.
    pub(super) fn first_mean(&self) -> usize {
        self.parameters + self.constants.len() + self.before.len()
    }

    fn len(&self) -> usize {
        self.first_mean() + self.means + self.after.len()
    }
}
