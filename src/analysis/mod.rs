//! Values computed from a model and its data that are no fits: evaluations, derivations, checks of
//! derivatives, the data of figures.
//!
//! The results are plain numbers and names, equal for equal input on any number of threads. Their
//! presentation, files and terminals are the concern of higher modules.

mod check;
mod columns;
mod comparison;
mod derivation;
mod distribution;
mod evaluation;
pub(crate) mod figure;
mod fisher;
mod goodness;
mod normaliser;
mod parametric;
mod scoring;
mod timing;

pub use check::{Check, Mismatch, Tally};
pub use columns::{ColumnContent, ColumnSummary, ColumnsSummary};
pub use comparison::{
    Compared, Comparison, Contender, Difference, FOLDS, Mean, NoValidation, NotComparable,
    Validation,
};
pub use derivation::{Derivation, Named};
pub use distribution::{RowDensities, quantiles, row_densities};
pub use evaluation::{Evaluation, Normalised, row_values};
pub use figure::{Axis, Figure, Film, Layer, Mark, Panel, Point, Role, Scale, Sweep, Undrawable};
pub use fisher::{Incomparable, Known, fisher_divergence};
pub use goodness::{
    Bootstrap, Goodness, PValue, ROWS_SQUARED, Statistic, Suspect, Test, TestChoices, Untestable,
};
pub use normaliser::{NoNormaliser, Normaliser, normaliser};
pub use scoring::{RowScores, row_scores};
pub use timing::Timing;
