//! The time that a command takes.

use std::time::Duration;

use crate::objective::Path;
use crate::program::Isa;

/// The time of each stage from the model text and the data to J and its gradient, and the means of
/// evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Reading the data.
    pub read: Duration,
    /// Deriving J and its gradient as expressions from the text of the model.
    pub derive: Duration,
    /// Compiling the expressions; with moments, including their pass over the data.
    pub compile: Duration,
    /// One evaluation of J and its gradient: the median.
    pub evaluate: Duration,
    /// Stages of a fit by name, from the text on.
    pub stages: Vec<(&'static str, Duration)>,
    /// From the start of the command to the end of the fit.
    pub total: Option<Duration>,
    /// Number of evaluations of J or its gradient by the command.
    pub evaluations: usize,
    /// Whether J comes from rows or moments.
    pub path: Path,
    /// Rows in a tile, where rows are evaluated.
    pub tile: Option<usize>,
    /// The instruction set of the evaluation.
    pub isa: Isa,
    /// Number of threads allowed.
    pub threads: usize,
}
