//! What a program does, in plain data: steps on rows, where their operands and results are, and what
//! is one number for all rows.

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
    /// The number of an output that is one for all rows.
    pub(super) fn number(self, scalars: &[f64]) -> f64 {
        match self {
            Self::Scalar(place) => scalars[place as usize],
            Self::Column(_) | Self::Slot(_) => panic!("this output has a value for every row"),
        }
    }
}

/// Everything that is one number for all rows, in this order: parameters, constants, what
/// depends on these alone, means over rows, what depends on them.
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
    /// One operation; its slot is none of its operands'.
    Value { slot: u32, stage: Stage, operation: Operation<Source> },
    /// Weighted sums of the same rows.
    Matrix { slots: Box<[u32]>, starts: Box<[u32]>, rows: Box<[Source]>, weights: usize },
    /// A sum over rows, into partial sums from `lanes` on.
    Sum { a: Source, lanes: usize },
    /// A sum of products over rows.
    Product { a: Source, b: Source, lanes: usize },
    /// Sums of all products of one of the left and one of the right.
    Outer { left: Box<[Source]>, right: Box<[Source]>, lanes: usize },
}

/// The partial sums that make a mean: so many from `first` on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Partial {
    pub(super) first: usize,
    pub(super) count: usize,
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
    /// Where each mean is summed.
    pub(super) partials: Vec<Partial>,
    /// How many partial sums there are.
    pub(super) lanes: usize,
    /// Partial sums of a sum on its own.
    pub(super) width: usize,
}

impl Schedule {
    /// What the matrices read as their weights, at these scalars.
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
        }
    }

    /// Whether machine code is emitted for it: it has no kernel that does better.
    pub(super) fn is_plain(&self) -> bool {
        match self {
            Self::Value { operation, .. } => operation.is_plain(),
            Self::Sum { .. } | Self::Product { .. } => true,
            Self::Outer { left, right, .. } => left.len() * right.len() <= TABLE_PLAIN_MAX,
            Self::Matrix { .. } => false,
        }
    }
}

/// Most products of a table of sums that is taken apart; larger ones have a kernel that loads a
/// row once for several.
pub(super) const TABLE_PLAIN_MAX: usize = 16;

impl Scalars {
    /// The numbers that are known before the rows, with room for all.
    pub(super) fn at(&self, parameters: &[f64], isa: Isa) -> Vec<f64> {
        let mut numbers = Vec::with_capacity(self.len());
        numbers.extend_from_slice(parameters);
        numbers.extend_from_slice(&self.constants);
        isa.run(Compute { steps: &self.before, numbers: &mut numbers });
        numbers
    }

    /// The numbers that follow from the means.
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
