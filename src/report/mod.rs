//! Reports for people and programs: the result of each command as text or as JSON.
//!
//! Promises: lines of text have at most 80 columns unless a single word is longer; JSON has a fixed
//! order of keys, and `null` for a number that is not finite. Deliberately not known here: files,
//! terminals, and how the results were computed.

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
mod warnings;

pub use crate::numerics::digits::{significant, trimmed};
pub use derivation::Part;
pub use json::{number as json_number, opened as json_opened};
pub use page::{Page, Telling};
pub use picture::{PICTURE_WIDTH, Picture};
pub use table::{Align, aligned, wrapped};
pub use warnings::warnings_on;

use std::ops::Range;

use crate::analysis::Timing;
use crate::fit::{Estimate, Warning};
use crate::model::Model;
use crate::objective::Kind;
use crate::source::Diagnostic;

/// The version of the JSON layouts.
pub const SCHEMA: u32 = 1;

/// A fit with the facts that identify it: command, seed, data and model.
#[derive(Clone, Debug)]
pub struct Report {
    /// The command that reproduces the fit.
    pub command: String,
    /// Seed of the random starts.
    pub seed: u64,
    /// The data that were used.
    pub data: DataFacts,
    /// The model as it was understood.
    pub model: ModelFacts,
    /// The fit.
    pub estimate: Estimate,
    /// Doubts about the model and the data; those about the fit are in the estimate.
    pub warnings: Vec<Warning>,
    /// The time that each stage took, if that was asked for.
    pub timing: Option<Timing>,
}

/// The data of a fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFacts {
    /// Name of the file; `-` for standard input.
    pub file: String,
    /// Digest of the names and values of the columns in use: 16 hexadecimal digits.
    pub digest: String,
    /// Rows in the file.
    pub rows: usize,
    /// Rows used.
    pub used: usize,
    /// Rows left out because of a missing value.
    pub dropped: usize,
}

/// The model as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFacts {
    /// The text, one statement a line, as written except for blanks and comments.
    pub text: String,
    /// The statements other than declarations, as of [`Model::formulas`].
    pub formulas: Vec<String>,
    /// The declarations with shapes and constraints, as of [`Model::declarations`].
    pub declarations: String,
    /// The names by role.
    pub roles: Roles,
    /// Matrices of parameters that the text of a fit shows as matrices.
    pub matrices: Vec<MatrixFacts>,
}

/// A matrix of parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixFacts {
    /// The name of the matrix.
    pub name: String,
    /// The numbers of rows and columns.
    pub shape: (usize, usize),
    /// Indices of its entries among the parameters: row by row, of a symmetric matrix
    /// the entries with `i <= j`.
    pub parameters: Range<usize>,
}

/// Names by role, in order of declaration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// Data, with respect to which the score differentiates.
    pub data: Vec<String>,
    /// Covariates, which are given.
    pub covariate: Vec<String>,
    /// Parameters, which are estimated.
    pub param: Vec<String>,
}

/// The code of a warning about a log-density that is not smooth in the data.
const KINK: &str = "kink-in-data";

/// The warnings about a model's text that concern a fit by this objective: denoising permits kinks.
#[must_use]
pub fn warnings_of(model: &Model, objective_kind: &str) -> Vec<Warning> {
    let smooth = |one: &&Diagnostic| one.code != KINK || objective_kind != Kind::Denoising.name();
    model.warnings().iter().filter(smooth).map(warning_of).collect()
}

/// A diagnostic as a warning of a report: without its place, its notes as what it means, its help as what to
/// do.
#[must_use]
pub fn warning_of(diagnostic: &Diagnostic) -> Warning {
    let headline = Warning::new(diagnostic.code, &diagnostic.message);
    let told = diagnostic.notes.iter().fold(headline, |one, note| one.meaning(sentence(note)));
    diagnostic.help.iter().fold(told, |one, help| one.remedy(sentence(help)))
}

/// A text with a capital letter at its beginning.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}
