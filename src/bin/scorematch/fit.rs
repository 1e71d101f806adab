//! `scorematch fit`: estimates, standard errors, warnings.

use std::time::Instant;

use scorematch::Fit;
use scorematch::analysis::Timing;
use scorematch::fit::{self, Estimate, Outcome, Standardise, Warning};
use scorematch::model::{Errors, Model};
use scorematch::numerics::decimal::{assignments, shortest};
use scorematch::objective::{Path, RowChoices};
use scorematch::report::{PICTURE_WIDTH, Picture, Report};
use scorematch::source::{Diagnostic, Source};

use crate::args::{ErrorsArgs, FitArgs, Format, REPEAT, RunArgs, SearchArgs};
use crate::asked::Asked;
use crate::bound::{Bound, bound, objective, warn};
use crate::failure::{Ending, Failure};
use crate::interrupt::Watch;
use crate::output::{check_target, emit_text, tell as told};
use crate::progress::{of_bootstrap, of_fit, of_stage};
use crate::timing::{Measurement, Stopwatch};
use crate::values;

pub fn run(args: &FitArgs, command: String, watch: &Watch) -> Result<Ending, Failure> {
    let begin = Instant::now();
    if args.plot && args.output.format == Format::Json {
        return Err(Failure::usage("`--plot` draws below the table: JSON holds no picture"));
    }
    watch.hide_if_quiet(&args.output.target);
    check_target(&args.output.target)?;
    let (source, data) = args.input.open(args.run.threads, watch)?;
    let (run, search, path) = (&args.run, &args.search, args.speed.path.into());
    let counting = args.counting.choices();
    let errors = &args.errors;
    let task = Task { source: &source, run, counting, search, errors, path, watch };
    let bound = bound(&source, &args.input.model, data, args.input.table.missing, &task.asked())?;
    let stopwatch = Stopwatch::default();
    let mut report = task.timed(&bound, command, &stopwatch)?;
    if args.speed.timing {
        let (total, stages) = (Some(begin.elapsed()), stopwatch.stages(bound.elaborated));
        let timing = task.timing(&bound, &report.estimate)?;
        report.timing = Some(Timing { total, stages, ..timing });
    }
    if args.output.is_bare() {
        report.warnings.clear();
        report.estimate.warnings.clear();
    }
    tell(args, &report, &bound, &source)?;
    Ok(ending(report.estimate.outcome))
}

/// The options of a fit.
#[derive(Debug)]
pub struct Task<'a> {
    /// The text of the model, in which error messages show their places.
    pub source: &'a Source,
    pub run: &'a RunArgs,
    pub counting: RowChoices,
    pub search: &'a SearchArgs,
    pub errors: &'a ErrorsArgs,
    pub path: Path,
    /// The watch of the command that fits.
    pub watch: &'a Watch,
}

impl Task<'_> {
    /// Fits the model; an interrupt ends the search with the best point so far.
    pub fn report(&self, bound: &Bound, command: String) -> Result<Report, Failure> {
        self.timed(bound, command, &Stopwatch::default())
    }

    /// Fits the model; the stopwatch is told when a stage begins.
    fn timed(
        &self,
        bound: &Bound,
        command: String,
        stopwatch: &Stopwatch,
    ) -> Result<Report, Failure> {
        let options = self.watched(self.options(bound)?, stopwatch);
        let rows = bound.table.columns.rows();
        let fit = || Fit::of(bound.model.clone(), &bound.selection, rows, &options);
        let fitted = self.watch.while_polling(fit);
        stopwatch.stop();
        let mut report = fitted.map_err(|error| self.refusal(&error, bound))?.report();
        report.command = command;
        report.data.file.clone_from(&bound.table.name);
        report.warnings.extend(bound.doubts());
        Ok(report)
    }

    /// Times J and its gradient at the estimate; the number of evaluations is that of the fit.
    fn timing(&self, bound: &Bound, estimate: &Estimate) -> Result<Timing, Failure> {
        let (path, threads) = (self.path, self.run.threads());
        let theta: Vec<f64> = estimate.parameters.iter().map(|one| one.estimate).collect();
        let measurement = Measurement { path, threads, repeat: REPEAT };
        let specification = objective(bound, &self.asked(), self.source)?;
        let timing = measurement.of(&specification, bound, &theta);
        let timing = timing.map_err(|none| Failure::no_moments(&none))?;
        Ok(Timing { evaluations: estimate.evaluations, ..timing })
    }

    /// Options with which stages, iterations and replicates are shown, and stages are timed.
    pub fn watched(&self, options: fit::Options, stopwatch: &Stopwatch) -> fit::Options {
        let (shown, timed) = (self.watch.clone(), stopwatch.watcher());
        let stages = move |stage| {
            shown.end_if_abandoned();
            timed(stage);
            shown.line().tell(|| of_stage(stage));
        };
        let shown = self.watch.clone();
        let progress = move |progress| shown.line().tell(|| of_fit(progress));
        let shown = self.watch.clone();
        let replicates = move |done| shown.line().tell(|| of_bootstrap(done));
        options
            .interrupt(self.watch.flag())
            .stages(stages)
            .progress(progress)
            .replicates(replicates)
    }

    /// The objective and the weights of the rows.
    pub fn asked(&self) -> Asked {
        let (objective, rows) = (self.run.objective.choices(), self.counting.clone());
        Asked { objective, rows, seed: self.search.seed }
    }

    pub fn options(&self, bound: &Bound) -> Result<fit::Options, Failure> {
        let search = self.search;
        let standardise = if search.standardise { Standardise::Yes } else { Standardise::No };
        let mut options = fit::Options::default()
            .seed(self.search.seed)
            .threads(self.run.threads())
            .standardise(standardise)
            .covariance(self.errors.covariance())
            .path(self.path)
            .objective(self.run.objective.choices())
            .rows(self.counting.clone());
        let name = |parameter: usize| &bound.model.parameters()[parameter].name;
        for (parameter, value) in values::values(&bound.model, "--fix", &search.fix)? {
            options = options.hold(name(parameter), value);
        }
        for (parameter, value) in values::values(&bound.model, "--start", &search.start)? {
            options = options.start(name(parameter), value);
        }
        if let Some(text) = &search.robust {
            options = robust(&bound.model, text, options)?;
        }
        let expressions = |option: &str, text: &str, errors: &Errors| {
            let source = Source { name: option.to_owned(), text: text.to_owned() };
            Failure::drawn(&Vec::from(errors), &source).on_command_line()
        };
        for text in &self.errors.estimate {
            let read = bound.model.estimands(text);
            read.map_err(|errors| expressions("--estimate", text, &errors))?;
            options = options.estimate(text);
        }
        if let Some(level) = self.errors.level {
            options = options.level(level);
        }
        if let Some(replicates) = self.errors.bootstrap {
            options = options.bootstrap(replicates.get());
        }
        if self.errors.profile_intervals {
            options = options.profile_intervals();
        }
        for text in &self.errors.wald {
            let read = bound.model.hypotheses(text);
            read.map_err(|errors| expressions("--wald", text, &errors))?;
            options = options.wald(text);
        }
        if let Some(starts) = search.starts {
            options = options.starts(starts.get());
        }
        Ok(options)
    }

    /// The failure of a fit; rows are named by their line in the file.
    pub fn refusal(&self, error: &fit::Error, bound: &Bound) -> Failure {
        let diagnostic = |code, row: usize, what: String| {
            let message = format!("{}: {what}", bound.place(row));
            Failure::plain(&Diagnostic::error(code, message))
        };
        match error {
            fit::Error::Unsuited(unsuited) => Failure::unsuited(unsuited, self.source),
            fit::Error::Impossible(reason) => {
                let diagnostic = Diagnostic::error("no-fit-possible", reason.to_string());
                Failure::plain(&diagnostic.help(reason.help()))
            }
            fit::Error::NoMoments(none) => Failure::no_moments(none),
            fit::Error::Domain { row, edges, .. } if !edges.is_empty() => {
                bound.on_edge(*row, edges)
            }
            fit::Error::Domain { row, value, parameters, declarations, .. } => {
                bound.undefined_at(*row, *value, parameters, declarations)
            }
            fit::Error::NoFiniteStart { missing: Some(missing), parameters } => {
                let at = if parameters.is_empty() { "" } else { " at " };
                let what = format!("{missing}{at}{}", assignments(parameters));
                let message = format!(
                    "the objective is finite at none of the values that were tried: {}: {what}",
                    bound.place(missing.row)
                );
                let help = "J needs derivatives of log p in every row: write a form that is smooth \
                            there, or give values where it is with --start";
                Failure::plain(&Diagnostic::error("no-finite-start", message).help(help))
            }
            fit::Error::OutsideSupport { component, declared, row, value } => {
                let value = shortest(*value);
                let what = format!("`{component}` is {value}, outside its support `{declared}`");
                diagnostic("outside-support", *row, what)
            }
            fit::Error::NothingToEstimate { .. } => {
                let help = "`eval` gives the objective where every parameter has a value";
                let diagnostic = Diagnostic::error("nothing-to-estimate", error.to_string());
                Failure::plain(&diagnostic.help(help))
            }
            fit::Error::OutsideConstraint { .. } | fit::Error::CannotFix { .. } => {
                Failure::usage(error)
            }
            other => Failure::plain(&Diagnostic::error("fit", other.to_string())),
        }
    }
}

/// The picture of the fitted model for a terminal.
fn picture(report: &Report, bound: &Bound) -> String {
    let theta: Vec<f64> = report.estimate.parameters.iter().map(|one| one.estimate).collect();
    Picture::of(&bound.model, &bound.selection, &theta, PICTURE_WIDTH).text()
}

/// Writes the report. Text contains its warnings; with JSON or a file they are
/// printed to standard error too.
fn tell(args: &FitArgs, report: &Report, bound: &Bound, source: &Source) -> Result<(), Failure> {
    let target = &args.output.target;
    let text = match args.output.format {
        Format::Text if args.plot => {
            format!("{}\n{}", report.text_on(target.page()), picture(report, bound))
        }
        Format::Text => report.text_on(target.page()),
        Format::Json => report.json(),
    };
    if args.output.format == Format::Json || target.file.is_some() {
        warn(bound.model.warnings(), source, target);
        let others: Vec<Warning> = bound.doubts().collect();
        told(others.iter().chain(&report.estimate.warnings), target);
    }
    emit_text(target, &text)
}

/// The exit status of a fit with this outcome.
pub fn ending(outcome: Outcome) -> Ending {
    match outcome {
        Outcome::Converged => Ending::Done,
        Outcome::NotConverged | Outcome::Unbounded => Ending::NotConverged,
        Outcome::Interrupted => Ending::Interrupted,
    }
}

/// Options with robust weights of this power, either in all parameters or in
/// those that the text names.
pub fn robust(
    model: &Model,
    text: &String,
    options: fit::Options,
) -> Result<fit::Options, Failure> {
    if let Ok(power) = text.trim().parse() {
        return Ok(options.robust(power));
    }
    let powers = values::values(model, "--robust", std::slice::from_ref(text))?;
    let named = |options: fit::Options, (parameter, power): (usize, f64)| {
        options.robust_in(&model.parameters()[parameter].name, power)
    };
    Ok(powers.into_iter().fold(options, named))
}
