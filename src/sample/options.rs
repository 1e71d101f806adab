//! Options of drawing.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::numerics::interrupt::Interrupt;

/// Default number of draws.
const COUNT: usize = 1000;

/// A method of drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Independent draws of a single coordinate, by the inverse of the distribution function.
    Inverse,
    /// Independent draws of at most 16 binary entries, from the probabilities of all patterns.
    Patterns,
    /// Gibbs sweeps over binary entries (Geman and Geman 1984).
    Gibbs,
    /// The No-U-Turn sampler (Hoffman and Gelman 2014), by the crate nuts-rs; with the feature
    /// `sample`.
    Nuts,
    /// The Metropolis-adjusted Langevin algorithm (Roberts and Tweedie 1996); chains are rows of
    /// one program.
    Langevin,
    /// Hit-and-run with slice sampling (Smith 1984; Neal 2003), for densities on a region that a
    /// weight of the model bounds.
    HitAndRun,
}

impl Method {
    /// All methods, in the order in which the first one that suits is chosen.
    pub const ALL: [Self; 6] =
        [Self::Inverse, Self::Patterns, Self::Gibbs, Self::Nuts, Self::Langevin, Self::HitAndRun];

    /// Its name on the command line and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Inverse => "inverse",
            Self::Patterns => "patterns",
            Self::Gibbs => "gibbs",
            Self::Nuts => "nuts",
            Self::Langevin => "langevin",
            Self::HitAndRun => "hit-and-run",
        }
    }
}

/// Options of drawing.
///
/// # Examples
/// ```
/// use scorematch::sample::{Method, Options};
/// let options = Options::default().count(200).chains(8).method(Method::Langevin).seed(3);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    pub(super) count: usize,
    pub(super) seed: u64,
    pub(super) threads: usize,
    pub(super) chains: Option<usize>,
    pub(super) warmup: Option<usize>,
    pub(super) method: Option<Method>,
    pub(super) interrupt: Interrupt,
    pub(super) near: Vec<Vec<f64>>,
    pub(super) levels: Vec<f64>,
    pub(super) progress: Option<Watcher>,
}

/// A callback that receives the number of steps done and that of all steps.
type Watcher = Arc<dyn Fn(usize, usize) + Send + Sync>;

impl Default for Options {
    fn default() -> Self {
        Self {
            count: COUNT,
            seed: 0,
            threads: 1,
            chains: None,
            warmup: None,
            method: None,
            interrupt: Interrupt::default(),
            near: Vec::new(),
            levels: Vec::new(),
            progress: None,
        }
    }
}

impl Options {
    /// The number of draws, 1000 by default; with covariates in log p, for each of their rows.
    #[must_use]
    pub fn count(self, count: usize) -> Self {
        Self { count, ..self }
    }

    /// The seed of all random numbers; 0 by default.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The number of threads, 1 by default; the draws do not depend on it.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: threads.max(1), ..self }
    }

    /// The number of Markov chains, at least 2; by default 4 for the No-U-Turn sampler and
    /// hit-and-run, 32 for the other methods.
    #[must_use]
    pub fn chains(self, chains: usize) -> Self {
        Self { chains: Some(chains.max(2)), ..self }
    }

    /// The number of steps of each chain that tune step sizes and are discarded.
    #[must_use]
    pub fn warmup(self, warmup: usize) -> Self {
        Self { warmup: Some(warmup), ..self }
    }

    /// A method instead of the one that suits the model best.
    #[must_use]
    pub fn method(self, method: Method) -> Self {
        Self { method: Some(method), ..self }
    }

    /// Rows of data near which mass may be, each with a value for every component; chains may begin
    /// there.
    #[must_use]
    pub fn near(self, rows: Vec<Vec<f64>>) -> Self {
        Self { near: rows, ..self }
    }

    /// Annealed Langevin dynamics (Song and Ermon 2019): log p contains the covariate `sigma`, a
    /// level of noise, and chains run at each of these levels in turn, from their states at the
    /// previous level. The draws are those at the last level.
    #[must_use]
    pub fn annealed(self, levels: Vec<f64>) -> Self {
        Self { levels, ..self }
    }

    /// Ends the work with [`Error::Interrupted`](super::Error::Interrupted) once the flag is true.
    #[must_use]
    pub fn interrupt(self, flag: Arc<AtomicBool>) -> Self {
        Self { interrupt: Interrupt::by(flag), ..self }
    }

    pub(super) fn tell(&self, done: usize, of: usize) {
        if let Some(tell) = &self.progress {
            tell(done, of);
        }
    }

    /// A callback that receives, from any thread, the number of steps done and that of all steps of
    /// all chains.
    #[must_use]
    pub fn progress(self, tell: impl Fn(usize, usize) + Send + Sync + 'static) -> Self {
        Self { progress: Some(Arc::new(tell)), ..self }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("count", &self.count)
            .field("seed", &self.seed)
            .field("threads", &self.threads)
            .field("chains", &self.chains)
            .field("warmup", &self.warmup)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
