//! The pseudo-likelihood of binary data: the probability of each entry given the others.

use super::Judge;
use super::likelihood::LogLikelihood;
use crate::fit::problem::layout;
use crate::fit::standardise::counted;
use crate::numerics::sum::compensated_mean;
use crate::objective::{Choices, Kind, Specification};
use crate::program::Program;

/// The conditional log-probability of each entry given the others, summed over the entries of a row.
pub(super) struct Entries<'a> {
    /// Computes minus the sum.
    program: Program,
    columns: &'a [Vec<f64>],
    counts: Option<&'a [f64]>,
    threads: usize,
}

impl<'a> Entries<'a> {
    /// `None` where some data are not binary.
    pub fn new(judge: &Judge<'a>) -> Option<Self> {
        let model = judge.model;
        let choices = Choices::default().kind(Kind::PseudoLikelihood);
        let specification = Specification::with(model, &choices).ok()?;
        let mut graph = model.graph().clone();
        let loss = specification.loss(&mut graph, model.log_density());
        let program = Program::compile(&graph, &layout(model), &[loss.total]);
        let counts = judge.counts;
        Some(Self { program, columns: judge.columns, counts, threads: judge.threads })
    }

    /// The pseudo-log-likelihood at inner parameters; `None` where it is not finite.
    pub fn log_likelihood(&self, theta: &[f64]) -> Option<LogLikelihood> {
        let slices: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let losses = self.program.rows(&slices, theta, self.threads).swap_remove(0);
        let rows = counted(losses.iter().map(|loss| -loss).collect(), self.counts);
        let mean = compensated_mean(&rows);
        mean.is_finite().then(|| LogLikelihood { mean, rows, normalisers: Vec::new() })
    }
}
