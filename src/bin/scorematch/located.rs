//! A model on its data at parameters: those that are given, or those of a fit.

use scorematch::fit::Outcome;
use scorematch::objective::{Path, Specification};
use scorematch::report::Report;
use scorematch::source::Source;

use crate::asked::Asked;
use crate::bound::{Bound, bound, objective, warn};
use crate::eval::check_domain;
use crate::failure::{Ending, Failure};
use crate::fit::{Task, ending};
use crate::input;
use crate::interrupt::Watch;
use crate::output::{check_target, say};
use crate::pictured::SubjectArgs;

/// What is drawn.
pub struct Located {
    pub source: Source,
    pub bound: Bound,
    pub specification: Specification,
}

impl Located {
    /// The model and its rows, with the objective that was asked for.
    pub fn new(args: &SubjectArgs, watch: &Watch) -> Result<Self, Failure> {
        watch.heed(&args.target);
        check_target(&args.target)?;
        let (source, data) = input::model_and_data(&args.files, &args.model)?;
        let data = input::data(data, &args.table, args.run.threads, watch)?;
        let asked = asked(args);
        let bound = bound(&source, &args.model, data, args.table.missing, &asked)?;
        let specification = objective(&bound, &asked, &source)?;
        Ok(Self { source, bound, specification })
    }

    /// The fit; its warnings are told.
    pub fn fit(
        &self,
        args: &SubjectArgs,
        command: String,
        watch: &Watch,
    ) -> Result<Report, Failure> {
        let (run, search, counting) = (&args.run, &args.search, args.counting.choices());
        let path = Path::Auto;
        let task = Task { source: &self.source, run, counting, search, path, watch };
        let report = task.report(&self.bound, command)?;
        warn(self.bound.model.warnings(), &self.source, &args.target);
        let told = self.bound.doubts().chain(report.estimate.warnings.iter().cloned());
        for warning in told.filter(|_| !args.target.quiet) {
            say(&format!("warning[{}]: {}", warning.code, warning.message));
        }
        Ok(report)
    }

    /// Parameters that are given: log p has a value in every row there.
    pub fn given(&self, args: &SubjectArgs, at: &[String]) -> Result<Vec<f64>, Failure> {
        let theta = crate::values::complete(&self.bound.model, "--at", at)?;
        check_domain(&self.bound, &theta, args.run.threads())?;
        warn(self.bound.model.warnings(), &self.source, &args.target);
        Ok(theta)
    }

    /// Parameters that are given, or those of a fit with how it ended.
    pub fn theta(
        &self,
        args: &SubjectArgs,
        at: &[String],
        watch: &Watch,
    ) -> Result<(Vec<f64>, Ending), Failure> {
        if !at.is_empty() || self.bound.model.parameters().is_empty() {
            return Ok((self.given(args, at)?, Ending::Done));
        }
        let report = self.fit(args, String::new(), watch)?;
        let outcome = report.estimate.outcome;
        if outcome != Outcome::Converged && !args.target.quiet {
            let why = &report.estimate.stop_reason;
            say(&format!("the fit did not converge, and its best point is drawn: {why}"));
        }
        Ok((estimates(&report), ending(outcome)))
    }
}

pub fn asked(args: &SubjectArgs) -> Asked {
    Asked {
        objective: args.run.objective.choices(),
        rows: args.counting.choices(),
        seed: args.search.seed,
    }
}

/// The estimates in order of the model.
pub fn estimates(report: &Report) -> Vec<f64> {
    report.estimate.parameters.iter().map(|one| one.estimate).collect()
}

/// The part of a file name behind its last dot, in small letters.
pub fn extension(args: &SubjectArgs) -> Option<String> {
    let file = args.target.file.as_ref()?;
    Some(file.extension().unwrap_or_default().to_string_lossy().to_lowercase())
}
