//! What is told to people and programs: one value a command, printed as text or JSON.
//!
//! Promises: text fits 80 columns wherever a single word does; JSON has a fixed order of keys
//! and writes a number that does not exist as `null`. Deliberately not known here: files,
//! terminals, and how anything was computed.

mod check;
mod comparison;
mod derivation;
mod draws;
mod evaluation;
mod facts;
mod figure;
pub(crate) mod fit;
mod goodness;
mod json;
mod matrix;
mod page;
mod picture;
mod table;
#[cfg(test)]
mod tests;
mod timing;

pub use crate::numerics::digits::{significant, trimmed};
pub use derivation::Part;
pub use json::{number as json_number, opened as json_opened};
pub use page::Page;
pub use picture::{PICTURE_WIDTH, Picture};
pub use table::{Align, aligned, wrapped};

use std::ops::Range;

use crate::analysis::Timing;
use crate::fit::{Estimate, Warning};
use crate::model::Model;
use crate::objective::Kind;
use crate::source::Diagnostic;

/// The version of the JSON layouts.
pub const SCHEMA: u32 = 1;

/// A fit and what it was made from.
#[derive(Clone, Debug)]
pub struct Report {
    /// The command that repeats it.
    pub command: String,
    /// Seed of the random starts.
    pub seed: u64,
    /// The data.
    pub data: DataFacts,
    /// The model as understood.
    pub model: ModelFacts,
    /// The fit.
    pub estimate: Estimate,
    /// Doubts about the model and the data; those about the fit are in the estimate.
    pub warnings: Vec<Warning>,
    /// Where the time went, if that was asked.
    pub timing: Option<Timing>,
}

/// Which data were used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFacts {
    /// Name of the file, `-` for standard input.
    pub file: String,
    /// Digest of its bytes, as in `sha256:…`.
    pub digest: String,
    /// Rows in the file.
    pub rows: usize,
    /// Rows used.
    pub used: usize,
    /// Rows left out because of a missing value.
    pub dropped: usize,
}

/// The model as understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFacts {
    /// The text, a statement a line, as it was written but for blanks and remarks.
    pub text: String,
    /// Its statements but the declarations, as [`Model::formulas`] has them.
    pub formulas: Vec<String>,
    /// The roles with shapes and constraints, as [`Model::declarations`] has them.
    pub declarations: String,
    /// What each name is.
    pub roles: Roles,
    /// Parameters that the text of a fit tells as matrices.
    pub matrices: Vec<MatrixFacts>,
}

/// A matrix among the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixFacts {
    /// Its name.
    pub name: String,
    /// Its rows and columns.
    pub shape: (usize, usize),
    /// Places of its parameters; of a symmetric matrix the entries `i <= j`, row by row.
    pub parameters: Range<usize>,
}

/// Names by role, in order of declaration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// Differentiated by the score.
    pub data: Vec<String>,
    /// Given.
    pub covariate: Vec<String>,
    /// Estimated.
    pub param: Vec<String>,
}

/// The code of a warning about a log-density that is not smooth in the data.
const KINK: &str = "kink-in-data";

/// Warnings about a text as those about a fit by this objective; denoising takes kinks as they are.
#[must_use]
pub fn warnings_of(model: &Model, objective_kind: &str) -> Vec<Warning> {
    let smooth = |one: &&Diagnostic| one.code != KINK || objective_kind != Kind::Denoising.name();
    model.warnings().iter().filter(smooth).map(warning_of).collect()
}

/// A diagnostic as a warning of a report: without its place, its help at the end.
#[must_use]
pub fn warning_of(diagnostic: &Diagnostic) -> Warning {
    let parts = std::iter::once(&diagnostic.message)
        .chain(&diagnostic.notes)
        .chain(&diagnostic.help)
        .map(String::as_str);
    Warning { code: diagnostic.code, message: parts.collect::<Vec<_>>().join("; ") }
}
