//! Which way J is computed: row by row, or from moments of the data.

use std::fmt;

/// How J, ∇J and ∇²J are to be computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Path {
    /// From moments where there are any and they cost less than the rows.
    #[default]
    Auto,
    /// Over all rows, every time.
    Rows,
    /// From moments, taken once in a data set; where they would lose digits, over the rows.
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

/// Moments were asked of an objective that is no polynomial in data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMoments;

impl fmt::Display for NoMoments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the objective does not depend on the data through a few means alone")
    }
}

impl std::error::Error for NoMoments {}
