//! `scorematch test`: whether rows can come from a model, by the kernel Stein discrepancy, at
//! parameters that are given or fitted.

use std::io::{self, Write};
use std::num::NonZeroUsize;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use scorematch::analysis::{Bootstrap, Goodness, Test, TestChoices, Untestable};
use scorematch::fit::{self, Estimate, Outcome, rescaled};
use scorematch::numerics::decimal::assignments;
use scorematch::objective::discrepancy::Kernel;
use scorematch::objective::{Choices, Kind, Path, Specification};
use scorematch::sample::{self, NoReplicates};
use scorematch::source::Diagnostic;

use crate::args::{ErrorsArgs, Format, InputArgs, OutputArgs, RunArgs, SearchArgs};
use crate::asked::CountingArgs;
use crate::bound::{Bound, bound, objective, warn};
use crate::eval::{cell, check_domain, data_cells};
use crate::failure::{Ending, Failure};
use crate::fit::Task;
use crate::interrupt::Watch;
use crate::output::{check_target, emit, emit_text, tell as told};
use crate::progress::of_drawing;
use crate::timing::Stopwatch;
use crate::values;

/// Default numbers of replicates of the wild and of the parametric bootstrap.
const WILD: usize = 1000;
const REFITTED: usize = 200;
/// Largest distance of a repeated fit from the estimates in its JSON, in standard errors.
const REPEATED: f64 = 1e-3;

#[derive(Debug, Args)]
pub struct TestArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub counting: CountingArgs,
    #[command(flatten)]
    pub search: SearchArgs,
    /// Every parameter, as 'mu=0, W=[1,2;3,4]' or @FILE.json (names to numbers, or a fit's JSON), not
    /// estimated from these rows unless the JSON says so; fitted if not given
    #[arg(long, value_name = "VALUES", value_parser = NonEmptyStringValueParser::new())]
    pub at: Vec<String>,
    #[command(flatten)]
    pub testing: TestingArgs,
    /// Print every row's part in the statistic, with its values, as CSV
    #[arg(long)]
    pub rows: bool,
}

/// Options of the test that do not depend on the model.
#[derive(Debug, Args)]
pub struct TestingArgs {
    /// The kernel: imq, (1 + r^2/c^2)^(-1/2); gaussian, exp(-r^2/(2*tau^2)); of binary data hamming
    /// [default: imq, of binary data hamming]
    #[arg(long, value_name = "KERNEL", value_parser = kernel())]
    pub kernel: Option<Kernel>,
    /// c or tau of the kernel, in interquartile ranges of the columns [default: the median distance of
    /// rows; of binary data the number of entries]
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub bandwidth: Option<f64>,
    /// Distances in the units of the data, not in interquartile ranges of the columns
    #[arg(long)]
    pub unscaled: bool,
    /// The bootstrap that gives p [default: after a fit to these rows parametric, with rows drawn from the
    /// model and fitted anew; else wild]; wild is for parameters that were not estimated from these rows,
    /// and makes p too large where they were
    #[arg(long, value_enum)]
    pub bootstrap: Option<BootstrapChoice>,
    /// Replicates of the bootstrap [default: 1000 of signs, 200 that are fitted]
    #[arg(long, value_name = "N")]
    pub replicates: Option<NonZeroUsize>,
    /// Disjoint pairs of rows in place of all, as beyond 20000 rows: faster, and less sharp
    #[arg(long)]
    pub linear: bool,
}

fn kernel() -> impl TypedValueParser<Value = Kernel> {
    PossibleValuesParser::new(Kernel::ALL.map(Kernel::name))
        .map(|name| name.parse().expect("clap admits only names of the list"))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BootstrapChoice {
    /// Random signs of rows
    Wild,
}

/// A model on its rows, and the options of its test.
pub struct Subject<'a> {
    pub testing: &'a TestingArgs,
    /// The options of the fit to these rows, and the watch of the command.
    pub task: &'a Task<'a>,
    pub bound: &'a Bound,
    /// The objective of the task on these rows.
    pub specification: &'a Specification,
    /// The seed of random signs and of rows that are drawn.
    pub seed: u64,
    pub threads: usize,
}

/// The origin of the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// They are given and not estimated from these rows, or there are none.
    Given,
    /// A fit to these rows.
    Fit,
    /// A fit to these rows whose JSON is given.
    OwnFit,
}

pub fn run(args: &TestArgs, watch: &Watch) -> Result<Ending, Failure> {
    let target = &args.output.target;
    watch.hide_if_quiet(target);
    check_target(target)?;
    let (source, data) = args.input.open(args.run.threads, watch)?;
    let (run, counting, search) = (&args.run, args.counting.choices(), &args.search);
    let (errors, path) = (&ErrorsArgs::default(), Path::Auto);
    let task = Task { source: &source, run, counting, search, errors, path, watch };
    let bound = bound(&source, &args.input.model, data, args.input.table.missing, &task.asked())?;
    warn(bound.model.warnings(), &source, target);
    let origin = origin(args, &bound)?;
    let search = &search_of(args, origin)?;
    let task = Task { search, ..task };
    let specification = &objective(&bound, &task.asked(), &source)?;
    let (testing, seed, threads) = (&args.testing, search.seed, run.threads());
    let subject = Subject { testing, task: &task, bound: &bound, specification, seed, threads };
    let mut goodness = match origin {
        Origin::Given => subject.at(&values::complete(&bound.model, "--at", &args.at)?)?,
        Origin::Fit | Origin::OwnFit => {
            let estimate = task.report(&bound, String::new())?.estimate;
            if origin == Origin::OwnFit && estimate.outcome == Outcome::Converged {
                check_repeated(args, &bound, &estimate)?;
            }
            subject.after(&estimate)?
        }
    };
    if args.output.is_bare() {
        goodness.warnings.clear();
    }
    tell(args, &bound, &goodness)?;
    Ok(Ending::Done)
}

/// The origin of the parameters; options that have no effect for it are refused.
fn origin(args: &TestArgs, bound: &Bound) -> Result<Origin, Failure> {
    let estimated = !bound.model.parameters().is_empty();
    let own = values::digests(&args.at)?.contains(&bound.selection.digest());
    let repeats = args.testing.bootstrap.is_none();
    let origin = match (args.at.is_empty(), own && repeats) {
        (true, _) if estimated => Origin::Fit,
        (false, true) => Origin::OwnFit,
        (true | false, _) => Origin::Given,
    };
    match (origin, of_fits(&args.run, &args.search).first()) {
        (Origin::Given, Some(option)) => {
            let why = match estimated {
                true => "`--at` gives the parameters",
                false => "the model has no parameters",
            };
            return Err(Failure::usage(format!("`{option}` is said of a fit, and {why}")));
        }
        (Origin::OwnFit, Some(&"--start")) => {
            return Err(Failure::usage("the fit of `--at` is where its own repetition starts"));
        }
        (Origin::Given | Origin::Fit | Origin::OwnFit, _) => {}
    }
    if origin != Origin::Given && repeats {
        refuse_unrepeatable(args)?;
    }
    Ok(origin)
}

/// The given options that only a fit uses.
pub fn of_fits(run: &RunArgs, search: &SearchArgs) -> Vec<&'static str> {
    let Choices { kind, slices, directions, sigma, .. } = &run.objective.choices();
    let given = [
        ("--start", !search.start.is_empty()),
        ("--fix", !search.fix.is_empty()),
        ("--robust", search.robust.is_some()),
        ("--starts", search.starts.is_some()),
        ("--standardise", search.standardise),
        ("--objective", *kind != Kind::Auto),
        ("--slices", slices.is_some()),
        ("--directions", directions.is_some()),
        ("--sigma", !sigma.is_empty()),
    ];
    given.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
}

/// Refuses a fit that no bootstrap with rows drawn from the model can repeat.
fn refuse_unrepeatable(args: &TestArgs) -> Result<(), Failure> {
    let counting = args.counting.weights.is_some() || args.counting.cluster.is_some();
    let reason = match (counting, args.search.robust.is_some(), args.run.objective.kind) {
        (true, ..) => Untestable::Weighed,
        (_, true, _) => Untestable::Robust,
        (_, _, Kind::Denoising) => Untestable::Noised,
        (..) => return Ok(()),
    };
    Err(unrepeatable(&reason))
}

fn unrepeatable(reason: &Untestable) -> Failure {
    let help = "give parameters that were not estimated from these rows, by `--at`, or say `--bootstrap \
                wild` and read a small p as smaller still";
    let help = match reason {
        Untestable::Noised => {
            "fit and test by the objective that suits the model, without `--objective`"
        }
        _ => help,
    };
    let diagnostic = Diagnostic::error("no-bootstrap", reason.to_string());
    Failure::plain(&diagnostic.help(help)).on_command_line()
}

/// The options of the search. A fit whose JSON is given is repeated from its estimates, with its
/// fixed parameters.
fn search_of(args: &TestArgs, origin: Origin) -> Result<SearchArgs, Failure> {
    let (mut search, at) = (args.search.clone(), &args.at);
    if origin == Origin::OwnFit {
        search.start.clone_from(at);
        search.fix.extend(values::held(at)?);
    }
    Ok(search)
}

/// Checks that the repetition of a fit whose JSON is given ends at its estimates.
fn check_repeated(args: &TestArgs, bound: &Bound, estimate: &Estimate) -> Result<(), Failure> {
    let given = values::complete(&bound.model, "--at", &args.at)?;
    let near = |(one, given): (&fit::FittedParameter, &f64)| {
        let error = one.std_error.unwrap_or(one.estimate.abs().max(f64::MIN_POSITIVE));
        (one.estimate - given).abs() <= REPEATED * error
    };
    if estimate.parameters.iter().zip(&given).all(near) {
        return Ok(());
    }
    let found: Vec<(String, f64)> =
        estimate.parameters.iter().map(|one| (one.name.clone(), one.estimate)).collect();
    let message = format!(
        "`--at` holds a fit to these very rows that was asked for otherwise: with these options it \
         ends at {}",
        assignments(&found)
    );
    let help = "repeat what the fit was told, as `--objective`, `--transform`, `--fix` or `--seed`, or \
                leave out `--at`: the model is fitted then";
    Err(Failure::plain(&Diagnostic::error("own-fit", message).help(help)).on_command_line())
}

/// Refuses a fit that found no minimum.
fn check_ended(estimate: &Estimate) -> Result<(), Failure> {
    match estimate.outcome {
        Outcome::Converged => Ok(()),
        Outcome::Interrupted => {
            Err(Failure::interrupted("the fit was interrupted: there is no test"))
        }
        Outcome::NotConverged | Outcome::Unbounded => {
            let why = &estimate.stop_reason;
            let message = format!("the fit did not converge, so that there is no test: {why}");
            Err(Failure::unfounded("not-converged", &message))
        }
    }
}

impl Subject<'_> {
    fn test(&self, replicates: usize) -> Result<Test<'_>, Failure> {
        let Bound { model, selection, .. } = self.bound;
        let test = Test::new(self.specification, model, selection, self.choices(replicates));
        test.map_err(|reason| self.refused(reason))
    }

    fn choices(&self, replicates: usize) -> TestChoices {
        let TestingArgs { kernel, bandwidth, unscaled, linear, .. } = *self.testing;
        let mut choices = TestChoices::default();
        let of = &mut choices.kernel;
        (of.kernel, of.bandwidth, of.unscaled) = (kernel, bandwidth, unscaled);
        choices.replicates = self.testing.replicates.map_or(replicates, NonZeroUsize::get);
        (choices.linear, choices.seed, choices.threads) = (linear, self.seed, self.threads);
        choices
    }

    fn wild(&self, theta: &[f64]) -> Result<Goodness, Failure> {
        self.task.watch.line().tell(|| "testing".to_owned());
        self.test(WILD)?.at(theta, Bootstrap::Wild).map_err(|reason| self.refused(reason))
    }

    /// The test at parameters that were not estimated from these rows.
    pub fn at(&self, theta: &[f64]) -> Result<Goodness, Failure> {
        check_domain(self.bound, theta, self.threads)?;
        let mut found = self.wild(theta)?;
        found.warnings.extend(self.bound.reading());
        found.warnings.extend(rescaled(self.bound.selection.rescaled()));
        Ok(found)
    }

    /// The test after the task's fit to these rows.
    pub fn after(&self, estimate: &Estimate) -> Result<Goodness, Failure> {
        check_ended(estimate)?;
        let mut found = match self.testing.bootstrap {
            Some(BootstrapChoice::Wild) => {
                let theta: Vec<f64> = estimate.parameters.iter().map(|one| one.estimate).collect();
                self.wild(&theta)?
            }
            None => {
                let options = self.task.options(self.bound)?;
                let options = self.task.watched(options, &Stopwatch::default());
                let test = self.test(REFITTED)?;
                let found = test.after_fit(estimate, &options, &self.drawing());
                found.map_err(|reason| self.refused_after_fit(reason))?
            }
        };
        found.warnings.extend(self.bound.doubts());
        found.warnings.extend(estimate.warnings.iter().cloned());
        Ok(found)
    }

    fn drawing(&self) -> sample::Options {
        let told = self.task.watch.clone();
        sample::Options::default()
            .seed(self.seed)
            .threads(self.threads)
            .interrupt(told.flag())
            .progress(move |done, of| told.line().tell(|| of_drawing(done, of)))
    }

    fn refused_after_fit(&self, reason: Untestable) -> Failure {
        let error =
            |code, help| Failure::plain(&Diagnostic::error(code, reason.to_string()).help(help));
        match &reason {
            Untestable::Fit(error) => self.task.refusal(error, self.bound),
            Untestable::Interrupted => Failure::interrupted("the bootstrap was interrupted"),
            Untestable::NotConverged => Failure::unfounded("not-converged", &reason.to_string()),
            Untestable::AtEdge { parameter } => error(
                "at-edge",
                &*format!("hold {parameter} there by `--fix`, or leave it out of the model"),
            ),
            Untestable::Undrawn(NoReplicates::NotMixed { .. }) => Failure::unfounded(
                "not-mixed",
                &format!("no p-value, for rows cannot be drawn from the fitted model: {reason}"),
            ),
            Untestable::Undrawn(NoReplicates::TooMany { replicates }) => {
                Failure::usage(format!("{reason}: say `--replicates {replicates}`"))
            }
            Untestable::Undrawn(_) => error(
                "no-draws",
                "the bootstrap draws rows from the fitted model; `--bootstrap wild` needs none, and its p is \
                 too large",
            ),
            Untestable::Weighed | Untestable::Region | Untestable::Noised | Untestable::Robust => {
                unrepeatable(&reason)
            }
            _ => self.refused(reason),
        }
    }

    /// The failure of a test. Rows that are too few or have slopes that are not finite are errors
    /// of the data; all others are errors of the command line.
    fn refused(&self, reason: Untestable) -> Failure {
        match reason {
            Untestable::NotFinite { row } => {
                let message = format!(
                    "{}: the discrepancy needs slopes of log p, and they are not finite here",
                    self.bound.place(row)
                );
                Failure::plain(&Diagnostic::error("not-finite", message))
            }
            Untestable::Rows => {
                Failure::plain(&Diagnostic::error("too-few-rows", reason.to_string()))
            }
            other => Failure::usage(other),
        }
    }
}

/// Writes the result. Text contains its warnings; with JSON, `--rows` or a file they are printed to
/// standard error.
fn tell(args: &TestArgs, bound: &Bound, goodness: &Goodness) -> Result<(), Failure> {
    let target = &args.output.target;
    if args.output.format == Format::Json || args.rows || target.file.is_some() {
        told(&goodness.warnings, target);
    }
    match (args.rows, args.output.format) {
        (true, _) => rows(args, bound, goodness),
        (false, Format::Text) => emit_text(target, &goodness.text_on(&bound.model, target.page())),
        (false, Format::Json) => emit_text(target, &goodness.json()),
    }
}

/// Writes every row's part in the statistic with its values.
fn rows(args: &TestArgs, bound: &Bound, goodness: &Goodness) -> Result<(), Failure> {
    emit(&args.output.target, |writer| {
        write_rows(writer, bound, goodness).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(reason) => reason,
            other => io::Error::other(format!("{other:?}")),
        })
    })
}

fn write_rows(writer: &mut dyn Write, bound: &Bound, goodness: &Goodness) -> csv::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    let components = bound.model.data().iter().chain(bound.model.covariates());
    let names = components.map(|one| one.name.as_str());
    table.write_record(["row", "contribution"].into_iter().chain(names))?;
    for (position, row) in bound.selection.original_rows().iter().enumerate() {
        let head = [(row + 1).to_string(), cell(goodness.contributions[position])];
        table.write_record(head.into_iter().chain(data_cells(bound, position)))?;
    }
    Ok(table.flush()?)
}
