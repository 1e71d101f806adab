//! `scorematch test`: whether rows can come from a density, by the kernel Stein discrepancy.

use std::io::{self, Write};

use scorematch::analysis::{Bootstrap, Goodness, Test, TestChoices, Untestable};
use scorematch::fit::rescaled;
use scorematch::objective::discrepancy::KernelChoices;
use scorematch::source::Diagnostic;

use crate::args::{Format, TestArgs};
use crate::asked::Asked;
use crate::bound::{Bound, bound, objective, warn};
use crate::eval::{cell, check_domain};
use crate::failure::{Ending, Failure};
use crate::interrupt::Watch;
use crate::output::{check_target, emit, emit_text, say};
use crate::{input, values};

pub fn run(args: &TestArgs, watch: &Watch) -> Result<Ending, Failure> {
    let target = &args.output.target;
    watch.heed(target);
    check_target(target)?;
    let (source, data) = input::model_and_data(&args.files, &args.model)?;
    let data = input::data(data, &args.table, args.threads, watch)?;
    let asked = Asked {
        objective: args.coordinates.transform.clone().unwrap_or_default(),
        rows: args.counting.choices(),
        seed: args.seed,
    };
    let bound = bound(&source, &args.model, data, args.table.missing, &asked)?;
    warn(bound.model.warnings(), &source, target);
    if args.at.is_empty() && !bound.model.parameters().is_empty() {
        return Err(Failure::usage("`--at` is needed: a value for every parameter, as in `mu=0`"));
    }
    let theta = values::complete(&bound.model, "--at", &args.at)?;
    refuse_own_fit(args, &bound)?;
    let specification = objective(&bound, &asked, &source)?;
    check_domain(&bound, &theta, args.threads())?;
    watch.line().tell(|| "testing".to_owned());
    let test = Test::new(&specification, &bound.model, &bound.selection, choices(args));
    let tested = test.and_then(|test| test.at(&theta, Bootstrap::Wild));
    let mut goodness = tested.map_err(|reason| refused(reason, &bound))?;
    goodness.warnings.extend(bound.reading());
    goodness.warnings.extend(rescaled(bound.selection.rescaled()));
    if args.output.format == Format::Json || args.rows || target.file.is_some() {
        for warning in goodness.warnings.iter().filter(|_| !target.quiet) {
            say(&format!("warning[{}]: {}", warning.code, warning.message));
        }
    }
    match (args.rows, args.output.format) {
        (true, _) => rows(args, &bound, &goodness)?,
        (false, Format::Text) => emit_text(target, &goodness.text(&bound.model))?,
        (false, Format::Json) => emit_text(target, &goodness.json())?,
    }
    Ok(Ending::Done)
}

fn choices(args: &TestArgs) -> TestChoices {
    let mut kernel = KernelChoices::default();
    (kernel.kernel, kernel.bandwidth, kernel.unscaled) =
        (args.kernel, args.bandwidth, args.unscaled);
    let mut choices = TestChoices::default();
    choices.kernel = kernel;
    choices.replicates = args.replicates.get();
    choices.linear = args.linear;
    choices.seed = args.seed;
    choices.threads = args.threads();
    choices
}

/// Parameters that were estimated from these rows are nearer to them than the truth is.
fn refuse_own_fit(args: &TestArgs, bound: &Bound) -> Result<(), Failure> {
    let digest = bound.selection.digest();
    if args.bootstrap.is_some() || !values::digests(&args.at)?.contains(&digest) {
        return Ok(());
    }
    let message = "`--at` holds a fit to these very rows, which lie nearer to it than to the truth: the \
                   p of a wild bootstrap is too large then";
    let help = "test rows that the fit has not seen, or say `--bootstrap wild` and read a small p as \
                smaller still";
    Err(Failure::plain(&Diagnostic::error("own-fit", message).help(help)).on_command_line())
}

/// The kernel and the number of rows are matters of the command line, values are of the data.
fn refused(reason: Untestable, bound: &Bound) -> Failure {
    match reason {
        Untestable::NotFinite { row } => {
            let message = format!(
                "{}: the discrepancy needs slopes of log p, and they are not finite here",
                bound.place(row)
            );
            Failure::plain(&Diagnostic::error("not-finite", message))
        }
        Untestable::Rows => Failure::plain(&Diagnostic::error("too-few-rows", reason.to_string())),
        other => Failure::usage(other),
    }
}

/// Every row's part in the statistic with its values.
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
    let components: Vec<_> = bound.model.data().iter().chain(bound.model.covariates()).collect();
    let names = components.iter().map(|one| one.name.as_str());
    table.write_record(["row", "contribution"].into_iter().chain(names))?;
    for (position, row) in bound.selection.original_rows().iter().enumerate() {
        let value = |at: usize| cell(bound.selection.column(at)[position]);
        let values = (0..components.len()).map(value);
        let head = [(row + 1).to_string(), cell(goodness.contributions[position])];
        table.write_record(head.into_iter().chain(values))?;
    }
    Ok(table.flush()?)
}
