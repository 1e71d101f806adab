//! `--timing`: measures the stages up to J and its gradient.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use scorematch::analysis::Timing;
use scorematch::fit::Stage;
use scorematch::model::Model;
use scorematch::objective::{Batch, NoMoments, Objective, Path, Specification};
use scorematch::program::Isa;

use crate::bound::Bound;

/// Evaluations before the timed ones: in the first one caches are cold.
const WARM_UP: usize = 1;

/// The path of evaluation, and the number of timed evaluations.
#[derive(Clone, Copy, Debug)]
pub struct Measurement {
    pub path: Path,
    pub threads: usize,
    pub repeat: NonZeroUsize,
}

/// The times at which the stages of a fit began, and at which the fit ended.
#[derive(Clone, Debug, Default)]
pub struct Stopwatch(Arc<Mutex<Marks>>);

#[derive(Debug, Default)]
struct Marks {
    begun: Vec<(&'static str, Instant)>,
    over: Option<Instant>,
}

impl Stopwatch {
    /// The function that the fit calls when a stage begins.
    pub fn watcher(&self) -> impl Fn(Stage) + Send + Sync + use<> {
        let stopwatch = self.clone();
        move |stage| stopwatch.marks().begun.push((stage.name(), Instant::now()))
    }

    pub fn stop(&self) {
        self.marks().over = Some(Instant::now());
    }

    /// The duration of each stage, after that of elaboration.
    pub fn stages(&self, elaborated: Duration) -> Vec<(&'static str, Duration)> {
        let marks = self.marks();
        let ends = marks.begun.iter().skip(1).map(|(_, begin)| *begin).chain(marks.over);
        let stages = marks.begun.iter().zip(ends);
        let spent = stages.map(|((name, begin), end)| (*name, end.duration_since(*begin)));
        [("model", elaborated)].into_iter().chain(spent).collect()
    }

    /// A poisoned lock is taken all the same: a panic leaves the marks valid.
    fn marks(&self) -> MutexGuard<'_, Marks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Measurement {
    /// Derives, compiles and evaluates J and its gradient at these parameters.
    ///
    /// `evaluations` counts those made here; the caller adds others.
    pub fn of(
        self,
        specification: &Specification,
        bound: &Bound,
        theta: &[f64],
    ) -> Result<Timing, NoMoments> {
        let (objective, derived) = timed(|| objective(specification, &bound.model));
        let slices = bound.selection.slices();
        let batch = objective.on(specification.columns(&slices), self.threads).by(self.path)?;
        let ((path, tile), compile) = timed(|| prepared(&batch, theta));
        Ok(Timing {
            read: bound.table.spent,
            derive: bound.elaborated + derived,
            compile,
            evaluate: self.evaluate(&batch, theta),
            evaluations: WARM_UP + self.repeat.get(),
            path,
            tile,
            isa: Isa::chosen(),
            threads: self.threads,
            stages: Vec::new(),
            total: None,
        })
    }

    fn evaluate(self, batch: &Batch<'_>, theta: &[f64]) -> Duration {
        let evaluation = || timed(|| black_box(batch.gradient(black_box(theta)))).1;
        let times = (0..WARM_UP + self.repeat.get()).map(|_| evaluation()).skip(WARM_UP);
        median(times.collect())
    }
}

fn objective(specification: &Specification, model: &Model) -> Objective {
    let mut graph = model.graph().clone();
    let loss = specification.weighed_loss(&mut graph, model.log_density());
    let rows = specification.row_inputs(&mut graph);
    Objective::new(&graph, loss.total, &rows, &model.parameter_inputs())
}

/// Compiles the programs of an evaluation; returns the path that it takes, and the
/// tile on the path over rows.
fn prepared(batch: &Batch<'_>, theta: &[f64]) -> (Path, Option<usize>) {
    match batch.path_at(theta) {
        Path::Moments => (Path::Moments, None),
        Path::Rows | Path::Auto => (Path::Rows, Some(batch.objective().gradient().tile())),
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let last = times.len() - 1;
    (times[last / 2] + times[times.len() / 2]) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let of = |times: &[u64]| median(times.iter().copied().map(Duration::from_nanos).collect());
        assert_eq!(of(&[7]), Duration::from_nanos(7));
        assert_eq!(of(&[9, 1, 5]), Duration::from_nanos(5));
        assert_eq!(of(&[9, 1, 4, 6]), Duration::from_nanos(5));
    }
}
