//! Progress of a fit: its stages, the iterations of a search, the samples of a bootstrap.

/// A stage of a fit; it ends where the next one begins, and the last one with the fit.
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
    /// Labels of components are made alike in all minima, which are then ranked.
    Ranking,
    /// Standard errors and warnings.
    Errors,
    /// Fits to drawn samples, where a bootstrap is requested.
    Bootstrap,
    /// Profiles of J, where intervals by them are requested.
    Profile,
}

impl Stage {
    /// All stages in order. A fit in closed form skips those between solving and errors, and the last
    /// two take place on request.
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

/// Progress of a bootstrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replicates {
    /// Number of samples fitted so far.
    pub done: usize,
    /// Number of samples requested.
    pub planned: usize,
}

/// Progress of a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The current start, from 1.
    pub start: usize,
    /// Number of planned starts.
    pub planned: usize,
    /// Iterations of the current start.
    pub iteration: usize,
    /// The objective at the current point, in the units of the optimiser.
    pub objective: f64,
}
