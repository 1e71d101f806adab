//! `scorematch eval`: the objective at given parameters, or every row's share in it.

use std::io::{self, Write};

use scorematch::fit::{Warning, first_not_finite, first_outside};
use scorematch::objective::Specification;
use scorematch::report::{Evaluation, Timing, row_values};
use scorematch::source::Source;

use crate::args::{EvalArgs, Format, TargetArgs};
use crate::bound::{Bound, bound, warn};
use crate::failure::{Ending, Failure};
use crate::interrupt::Watch;
use crate::output::{check_target, emit, emit_text, say};
use crate::timing::Measurement;
use crate::{input, values};

/// Rows that are written before it is looked whether there was an interrupt.
const ROWS_AT_ONCE: usize = 1000;

pub fn run(args: &EvalArgs, watch: &Watch) -> Result<Ending, Failure> {
    let target = &args.output.target;
    watch.heed(target);
    check_target(target)?;
    let (source, data) = input::model_and_data(&args.files, &args.model)?;
    let data = input::data(data, &args.table, args.run.threads, watch)?;
    let bound = bound(&source, &args.model, data, args.table.missing)?;
    warn(bound.model.warnings(), &source, target);
    if args.at.is_empty() && !bound.model.parameters().is_empty() {
        return Err(Failure::usage("`--at` is needed: a value for every parameter, as in `mu=0`"));
    }
    let theta = values::complete(&bound.model, "--at", &args.at)?;
    watch.line().tell(|| "evaluating".to_owned());
    check_domain(&bound, &theta, args.run.threads(), &source)?;
    match args.rows {
        true => rows(args, &bound, &theta, &source, watch),
        false => whole(args, &bound, &theta, &source),
    }
}

/// The model has an objective, and log p as written a value in every row: derivatives may be finite
/// where it has none.
pub fn check_domain(
    bound: &Bound,
    theta: &[f64],
    threads: usize,
    source: &Source,
) -> Result<(), Failure> {
    Specification::of(&bound.model).map_err(|unsuited| Failure::unsuited(&unsuited, source))?;
    match first_outside(&bound.model, &bound.selection.slices(), theta, threads) {
        Some((row, value)) => Err(bound.undefined(row, value)),
        None => Ok(()),
    }
}

/// J, its terms and its slopes; without J the row that has none is named, and the status says so.
fn whole(
    args: &EvalArgs,
    bound: &Bound,
    theta: &[f64],
    source: &Source,
) -> Result<Ending, Failure> {
    let refused = |error| Failure::refused(&error, source);
    let (path, threads) = (args.speed.path.into(), args.run.threads());
    let evaluation = Evaluation::by(path, &bound.model, &bound.selection, theta, threads);
    let mut evaluation = evaluation.map_err(refused)?;
    if args.speed.timing {
        let measurement = Measurement { path, threads, repeat: args.repeat };
        let timing = measurement.of(bound, theta).map_err(refused)?;
        evaluation.timing = Some(Timing { evaluations: timing.evaluations + 1, ..timing });
    }
    evaluation.warnings.extend(bound.reading());
    evaluation.warnings.extend(doubt(bound, &evaluation, theta, threads));
    let text = match args.output.format {
        Format::Text => evaluation.text(),
        Format::Json => evaluation.json(),
    };
    let target = &args.output.target;
    if args.output.format == Format::Json || target.file.is_some() {
        evaluation.warnings.iter().for_each(|warning| tell(warning, target));
    }
    emit_text(target, &text)?;
    Ok(ending(evaluation.objective))
}

fn tell(warning: &Warning, target: &TargetArgs) {
    if !target.quiet {
        say(&format!("warning[{}]: {}", warning.code, warning.message));
    }
}

fn ending(objective: f64) -> Ending {
    if objective.is_finite() { Ending::Done } else { Ending::Mismatch }
}

/// The first row in which a value that J or its slopes need does not exist.
pub fn doubt(
    bound: &Bound,
    evaluation: &Evaluation,
    theta: &[f64],
    threads: usize,
) -> Option<Warning> {
    let lost = evaluation.lost()?;
    let columns = bound.selection.slices();
    Some(match first_not_finite(&bound.model, &columns, theta, threads) {
        Some(missing) => bound.missing(&missing, &lost),
        None => {
            let message = format!("{lost} is too large for a double, though every row has a value");
            Warning { code: "not-finite", message }
        }
    })
}

/// Cells of values that do not exist are empty; the first of them is named as well.
fn rows(
    args: &EvalArgs,
    bound: &Bound,
    theta: &[f64],
    source: &Source,
    watch: &Watch,
) -> Result<Ending, Failure> {
    let (target, threads) = (&args.output.target, args.run.threads());
    let columns = row_values(&bound.model, &bound.selection, theta, threads)
        .map_err(|unsuited| Failure::unsuited(&unsuited, source))?;
    let losses = columns.last().expect("the loss is the last column");
    let lost = losses.iter().any(|loss| !loss.is_finite());
    if lost
        && let Some(missing) =
            first_not_finite(&bound.model, &bound.selection.slices(), theta, threads)
    {
        tell(&bound.missing(&missing, "J"), target);
    }
    bound.reading().for_each(|warning| tell(&warning, target));
    let written = emit(target, |writer| {
        write_rows(writer, bound, &columns, watch).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(reason) => reason,
            other => io::Error::other(format!("{other:?}")),
        })
    });
    written.map_err(|failure| match watch.raised() {
        true => Failure::interrupted("writing was interrupted"),
        false => failure,
    })?;
    Ok(ending(if lost { f64::NAN } else { 0.0 }))
}

/// Ends at an interrupt.
fn write_rows(
    writer: &mut dyn Write,
    bound: &Bound,
    columns: &[Vec<f64>],
    watch: &Watch,
) -> csv::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    let scores = bound.model.data().iter().map(|component| format!("score_{}", component.name));
    let header = ["row", "logp"].map(str::to_owned).into_iter().chain(scores);
    table.write_record(header.chain(["laplacian", "loss"].map(str::to_owned)))?;
    for (position, row) in bound.selection.original_rows().iter().enumerate() {
        if position % ROWS_AT_ONCE == 0 && watch.raised() {
            return Err(io::Error::other("interrupted").into());
        }
        let values = columns.iter().map(|column| cell(column[position]));
        table.write_record([(row + 1).to_string()].into_iter().chain(values))?;
    }
    Ok(table.flush()?)
}

/// The shortest text that reads back as the number; nothing where it does not exist.
fn cell(value: f64) -> String {
    if value.is_finite() { format!("{value:?}") } else { String::new() }
}
