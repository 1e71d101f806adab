//! How to fit.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::objective::Path;

/// What a fit may be told. [`Options::default`] suits most.
#[derive(Clone)]
pub struct Options {
    /// Keys every random draw.
    pub seed: u64,
    /// Worker threads; the result does not depend on it.
    pub threads: usize,
    /// How many starts are optimised at first; more when they disagree.
    pub starts: usize,
    /// Parameters, by position, held at a value.
    pub fix: Vec<(usize, f64)>,
    /// Start values of some parameters, by position.
    pub start: Vec<(usize, f64)>,
    /// Stops the fit at the best point so far when it turns true.
    pub interrupt: Option<Arc<AtomicBool>>,
    /// Whether data components are weighted by their variance.
    pub standardise: Standardise,
    /// Whether J comes from the rows or from moments of them.
    pub path: Path,
    /// Told how far the fit has come.
    pub progress: Option<Rc<dyn Fn(Progress)>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 0,
            threads: 1,
            starts: 8,
            fix: Vec::new(),
            start: Vec::new(),
            interrupt: None,
            standardise: Standardise::No,
            path: Path::Auto,
            progress: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("seed", &self.seed)
            .field("threads", &self.threads)
            .field("starts", &self.starts)
            .field("fix", &self.fix)
            .field("start", &self.start)
            .field("standardise", &self.standardise)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The weight of a data component's loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standardise {
    /// One, whatever its units.
    #[default]
    No,
    /// Its sample variance, frozen: the objective is then free of units.
    Yes,
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
