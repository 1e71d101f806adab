//! How far a fit has come: its stages, the iterations of a search, the samples of a bootstrap.

/// A stage of a fit; each ends where the next one begins, the last with the fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Symmetries of the model, and coordinates of data and parameters.
    Preparing,
    /// The closed form, where there is one.
    Solving,
    /// The objective is compiled.
    Compiling,
    /// Start values are drawn and compared.
    Starts,
    /// Starts are followed to their ends.
    Searching,
    /// Minima are named alike and ranked.
    Ranking,
    /// Standard errors and doubts.
    Errors,
    /// Fits of drawn rows, where these are asked for.
    Bootstrap,
    /// Profiles of J, where intervals by these are asked for.
    Profile,
}

impl Stage {
    /// All stages in their order; a fit in closed form leaves out those between solving and errors,
    /// and the last two are for those who ask for them.
    pub const ALL: [Self; 9] = [
        Self::Preparing,
        Self::Solving,
        Self::Compiling,
        Self::Starts,
        Self::Searching,
        Self::Ranking,
        Self::Errors,
        Self::Bootstrap,
        Self::Profile,
    ];

    /// One word for reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Preparing => "prepare",
            Self::Solving => "solve",
            Self::Compiling => "compile",
            Self::Starts => "starts",
            Self::Searching => "search",
            Self::Ranking => "rank",
            Self::Errors => "errors",
            Self::Bootstrap => "bootstrap",
            Self::Profile => "profile",
        }
    }
}

/// How far a bootstrap has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replicates {
    /// Samples that were fitted.
    pub done: usize,
    /// Samples that were asked for.
    pub planned: usize,
}

/// How far a fit has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The start under way, from 1.
    pub start: usize,
    /// How many starts are planned.
    pub planned: usize,
    /// Iterations of this start.
    pub iteration: usize,
    /// The objective there, in the units of the optimiser.
    pub objective: f64,
}
