//! The path by which J is computed: row by row, or from moments of the data.

use std::fmt;

/// The path by which J, ∇J and ∇²J are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Path {
    /// From moments where the objective has them and they cost less than the rows.
    #[default]
    Auto,
    /// By a pass over all rows at each evaluation.
    Rows,
    /// From moments that are computed once for a data set; over the rows where moments would lose
    /// digits.
    Moments,
}

impl Path {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Rows => "rows",
            Self::Moments => "moments",
        }
    }
}

/// The path by moments was chosen for an objective that is no polynomial in data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMoments;

impl fmt::Display for NoMoments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the objective does not depend on the data through a few means alone")
    }
}

impl std::error::Error for NoMoments {}
