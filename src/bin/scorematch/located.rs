//! A model on its data at parameters that are given or fitted.

use scorematch::fit::{Outcome, Warning};
use scorematch::objective::{Path, RowChoices, Specification};
use scorematch::report::Report;
use scorematch::source::Source;

use crate::args::ErrorsArgs;
use crate::asked::Asked;
use crate::bound::{Bound, bound, objective, warn};
use crate::eval::check_domain;
use crate::failure::{Ending, Failure};
use crate::fit::{Task, ending};
use crate::interrupt::Watch;
use crate::output::{check_target, say, tell};
use crate::pictured::SubjectArgs;

/// A model with its rows and objective, from the options of a command that draws.
pub struct Located<'a> {
    args: &'a SubjectArgs,
    counting: RowChoices,
    watch: &'a Watch,
    pub source: Source,
    pub bound: Bound,
    pub specification: Specification,
}

impl<'a> Located<'a> {
    /// Reads the model and its rows, with the objective that was asked for.
    pub fn new(
        args: &'a SubjectArgs,
        counting: RowChoices,
        watch: &'a Watch,
    ) -> Result<Self, Failure> {
        watch.hide_if_quiet(&args.target);
        check_target(&args.target)?;
        let (source, data) = args.input.open(args.run.threads, watch)?;
        let asked = Asked {
            objective: args.run.objective.choices(),
            rows: counting.clone(),
            seed: args.search.seed,
        };
        let bound = bound(&source, &args.input.model, data, args.input.table.missing, &asked)?;
        let specification = objective(&bound, &asked, &source)?;
        Ok(Self { args, counting, watch, source, bound, specification })
    }

    /// The options of the fit.
    pub fn task<'b>(&'b self, errors: &'b ErrorsArgs) -> Task<'b> {
        let (run, search, counting) = (&self.args.run, &self.args.search, self.counting.clone());
        let (source, path, watch) = (&self.source, Path::Auto, self.watch);
        Task { source, run, counting, search, errors, path, watch }
    }

    /// Fits the model, and prints the warnings of the fit.
    pub fn fit(&self, errors: &ErrorsArgs, command: String) -> Result<Report, Failure> {
        let report = self.task(errors).report(&self.bound, command)?;
        let target = &self.args.target;
        warn(self.bound.model.warnings(), &self.source, target);
        let others: Vec<Warning> = self.bound.doubts().collect();
        tell(others.iter().chain(&report.estimate.warnings), target);
        Ok(report)
    }

    /// The given parameters, after a check that log p is finite in every row.
    fn given(&self, at: &[String]) -> Result<Vec<f64>, Failure> {
        let theta = crate::values::complete(&self.bound.model, "--at", at)?;
        check_domain(&self.bound, &theta, self.args.run.threads())?;
        let target = &self.args.target;
        warn(self.bound.model.warnings(), &self.source, target);
        for warning in self.bound.reading().filter(|_| !target.quiet) {
            say(&warning.to_string());
        }
        Ok(theta)
    }

    /// Whether the constraints allow these parameters with `value` for one of them.
    pub fn admits(&self, theta: &[f64], parameter: usize, value: f64) -> bool {
        let mut moved = theta.to_vec();
        moved[parameter] = value;
        self.bound.model.to_free(&moved).is_some()
    }

    /// The given parameters, or those of a fit, with its exit status.
    pub fn theta(&self, at: &[String]) -> Result<(Vec<f64>, Ending), Failure> {
        if !at.is_empty() || self.bound.model.parameters().is_empty() {
            return Ok((self.given(at)?, Ending::Done));
        }
        let report = self.fit(&ErrorsArgs::default(), String::new())?;
        let outcome = report.estimate.outcome;
        if outcome != Outcome::Converged && !self.args.target.quiet {
            let why = &report.estimate.stop_reason;
            say(&format!("the fit did not converge, and its best point is drawn: {why}"));
        }
        Ok((estimates(&report), ending(outcome)))
    }
}

/// The estimates, in the order of the model's parameters.
pub fn estimates(report: &Report) -> Vec<f64> {
    report.estimate.parameters.iter().map(|one| one.estimate).collect()
}

/// The extension of the output file in lower case; empty where it has none.
pub fn extension(args: &SubjectArgs) -> Option<String> {
    let file = args.target.file.as_ref()?;
    Some(file.extension().unwrap_or_default().to_string_lossy().to_lowercase())
}
