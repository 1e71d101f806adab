//! `scorematch fit`: estimates, standard errors, warnings.

use scorematch::fit::{self, Estimate, Outcome, Standardise};
use scorematch::report::{DataFacts, ModelFacts, Report, warning_of};
use scorematch::source::{Diagnostic, Source};

use crate::args::{FitArgs, Format};
use crate::bound::{Bound, bound, warn};
use crate::failure::{Ending, Failure};
use crate::output::{check_target, emit_text, say};
use crate::progress::Meter;
use crate::{input, interrupt, values};

/// The weight that `--standardise` gives.
const STANDARDISED: &str = "the squared spread of each data component, a constant";

pub fn run(args: &FitArgs, command: String) -> Result<Ending, Failure> {
    check_target(&args.output.target)?;
    let (source, data) = input::model_and_data(&args.files, &args.model)?;
    let table = input::table(data, &args.table)?;
    let bound = bound(&source, &args.model, table, args.table.missing)?;
    let meter = Meter::default();
    let options = options(args, &bound, &meter)?;
    let estimate = fit::fit(&bound.model, &bound.selection, &options);
    drop(meter);
    let estimate = estimate.map_err(|error| refusal(&error, &bound))?;
    let ending = ending(estimate.outcome);
    let report = report(args, command, &bound, estimate);
    tell(args, &report, &bound, &source)?;
    Ok(ending)
}

fn options(args: &FitArgs, bound: &Bound, meter: &Meter) -> Result<fit::Options, Failure> {
    let defaults = fit::Options::default();
    Ok(fit::Options {
        seed: args.run.seed,
        threads: args.run.threads(),
        starts: args.starts.map_or(defaults.starts, |starts| starts.get()),
        fix: values::values(&bound.model, "--fix", &args.fix)?,
        start: values::values(&bound.model, "--start", &args.start)?,
        interrupt: Some(interrupt::flag()),
        standardise: if args.standardise { Standardise::Yes } else { Standardise::No },
        progress: meter.callback(&args.output.target),
    })
}

fn report(args: &FitArgs, command: String, bound: &Bound, estimate: Estimate) -> Report {
    let selection = &bound.selection;
    let data = DataFacts {
        file: bound.table.name.clone(),
        digest: selection.digest(),
        rows: bound.table.columns.rows(),
        used: selection.rows(),
        dropped: selection.dropped(),
    };
    let of_model = bound.model.warnings().iter().map(warning_of);
    let warnings = of_model.chain(bound.dropped()).collect();
    let weight = args.standardise.then(|| STANDARDISED.to_owned());
    let model = ModelFacts { weight, ..ModelFacts::of(&bound.model) };
    Report { command, seed: args.run.seed, data, model, estimate, warnings }
}

/// Text holds its warnings; beside JSON, or a file, people find them on standard error.
fn tell(args: &FitArgs, report: &Report, bound: &Bound, source: &Source) -> Result<(), Failure> {
    let target = &args.output.target;
    let text = match args.output.format {
        Format::Text => report.text(),
        Format::Json => report.json(),
    };
    if args.output.format == Format::Json || target.file.is_some() {
        warn(bound.model.warnings(), source, target);
        let others = bound.dropped().into_iter().chain(report.estimate.warnings.iter().cloned());
        for warning in others.filter(|_| !target.quiet) {
            say(&format!("warning[{}]: {}", warning.code, warning.message));
        }
    }
    emit_text(target, &text)
}

fn ending(outcome: Outcome) -> Ending {
    match outcome {
        Outcome::Converged => Ending::Done,
        Outcome::NotConverged | Outcome::Unbounded => Ending::NotConverged,
        Outcome::Interrupted => Ending::Interrupted,
    }
}

/// Rows are named by their place in the file.
fn refusal(error: &fit::Error, bound: &Bound) -> Failure {
    let diagnostic = |code, row: usize, what: String| {
        let message = format!("{}: {what}", bound.place(row));
        Failure::plain(&Diagnostic::error(code, message))
    };
    match error {
        fit::Error::Domain { row, value, .. } => bound.undefined(*row, *value),
        fit::Error::OutsideSupport { component, declared, row, value } => {
            let what = format!("`{component}` is {value}, outside its support `{declared}`");
            diagnostic("outside-support", *row, what)
        }
        fit::Error::OutsideConstraint { .. } | fit::Error::CannotFix { .. } => {
            Failure::usage(error)
        }
        other => Failure::plain(&Diagnostic::error("fit", other.to_string())),
    }
}
