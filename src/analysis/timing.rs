//! Where the time of a command went.

use std::time::Duration;

use crate::objective::Path;
use crate::program::Isa;

/// How long each stage from the text and the data to J and its gradient took, and on what they ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Reading the data.
    pub read: Duration,
    /// From the text of the model to J and its gradient as expressions.
    pub derive: Duration,
    /// From expressions to what is evaluated; with moments their pass over the data included.
    pub compile: Duration,
    /// One evaluation of J and its gradient, the median.
    pub evaluate: Duration,
    /// Stages of a fit by name, from the text on.
    pub stages: Vec<(&'static str, Duration)>,
    /// From the command's begin to the end of the fit.
    pub total: Option<Duration>,
    /// How many evaluations of J or its gradient the command made.
    pub evaluations: usize,
    /// `Rows` or `Moments`.
    pub path: Path,
    /// Rows in a tile, where rows are evaluated.
    pub tile: Option<usize>,
    /// The instruction set.
    pub isa: Isa,
    /// Threads that were allowed.
    pub threads: usize,
}
