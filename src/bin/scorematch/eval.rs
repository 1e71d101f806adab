//! `scorematch eval`: the objective at given parameters, or the contribution of every row.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use scorematch::analysis::{
    Evaluation, Known, NoNormaliser, Timing, fisher_divergence, row_densities, row_values,
};
use scorematch::fit::{Warning, first_not_finite, first_outside, rescaled};
use scorematch::objective::{RowChoices, Specification};
use scorematch::source::Diagnostic;

use crate::args::{Format, InputArgs, OutputArgs, REPEAT, RunArgs, SpeedArgs, TargetArgs};
use crate::asked::{Asked, CountingArgs};
use crate::bound::{Bound, bound, objective, rebound, warn};
use crate::failure::{Ending, Failure};
use crate::interrupt::Watch;
use crate::output::{check_target, emit, emit_text, tell};
use crate::timing::Measurement;
use crate::{input, values};

/// Rows that are written between two checks for an interrupt.
pub const ROWS_AT_ONCE: usize = 1000;

#[derive(Debug, Args)]
pub struct EvalArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub counting: CountingArgs,
    #[command(flatten)]
    pub speed: SpeedArgs,
    /// Seed of the directions of slices and of noise [default: 0]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How many evaluations to time
    #[arg(long, value_name = "N", requires = "timing", default_value_t = REPEAT)]
    pub repeat: NonZeroUsize,
    /// Every parameter, as 'mu=0, W=[1,2;3,4]' or @FILE.json (names to numbers, or a fit's JSON)
    #[arg(long, value_name = "VALUES", value_parser = NonEmptyStringValueParser::new())]
    pub at: Vec<String>,
    /// Tell log of the normalising constant, by quadrature with a bound of its error, and the mean
    /// log-likelihood of the rows: in one or two dimensions, of binary data by a sum; with `--rows` the
    /// log-density of each row, and of one number the share of the mass below it
    #[arg(long)]
    pub normalise: bool,
    /// With `--normalise`, of data that are one number: the values below which these shares of the mass
    /// lie, as 0.025,0.5,0.975
    #[arg(long, value_name = "SHARES", value_delimiter = ',', value_parser = share, requires = "normalise", conflicts_with = "rows")]
    pub quantiles: Vec<f64>,
    /// A model without parameters: tell the Fisher divergence from it, mean 1/2 |s - s0|^2
    #[arg(long, value_name = "MODEL", conflicts_with = "rows")]
    pub against: Option<PathBuf>,
    /// Print log p, score, the terms of the loss and the loss of every row as CSV; of binary data, delta
    /// (what log p falls by at the other value) in place of the score
    #[arg(long, conflicts_with_all = ["path", "timing"])]
    pub rows: bool,
    /// With `--rows`: the columns of the model in front of what is computed, data before covariates
    #[arg(long, requires = "rows")]
    pub with_data: bool,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.trim().parse().map_err(|_| format!("`{text}` is not a number"))?;
    match share > 0.0 && share < 1.0 {
        true => Ok(share),
        false => Err("a share of the mass lies between 0 and 1, as 0.025".to_owned()),
    }
}

pub fn run(args: &EvalArgs, watch: &Watch) -> Result<Ending, Failure> {
    let target = &args.output.target;
    if args.rows && args.output.format == Format::Json {
        let message = "`--rows` writes CSV: leave `--format json` out";
        return Err(Failure::usage(message));
    }
    watch.hide_if_quiet(target);
    check_target(target)?;
    let (source, data) = args.input.open(args.run.threads, watch)?;
    let asked = asked(args);
    let bound = bound(&source, &args.input.model, data, args.input.table.missing, &asked)?;
    warn(bound.model.warnings(), &source, target);
    if args.at.is_empty() && !bound.model.parameters().is_empty() {
        return Err(Failure::usage("`--at` is needed: a value for every parameter, as in `mu=0`"));
    }
    let theta = values::complete(&bound.model, "--at", &args.at)?;
    watch.line().tell(|| "evaluating".to_owned());
    let specification = objective(&bound, &asked, &source)?;
    if args.seed.is_some() && specification.drawn().is_none() {
        let message = "`--seed` is for objectives with random numbers, sliced and denoising";
        return Err(Failure::usage(message));
    }
    check_domain(&bound, &theta, args.run.threads())?;
    let subject = Subject { bound: &bound, specification: &specification, theta: &theta };
    match args.rows {
        true => rows(args, &subject, watch),
        false => whole(args, &subject),
    }
}

fn asked(args: &EvalArgs) -> Asked {
    Asked {
        objective: args.run.objective.choices(),
        rows: args.counting.choices(),
        seed: args.seed.unwrap_or(0),
    }
}

/// A model, its objective, and the parameters of the evaluation.
pub struct Subject<'a> {
    pub bound: &'a Bound,
    pub specification: &'a Specification,
    pub theta: &'a [f64],
}

/// Checks that log p as written is finite in every row; derivatives may be finite where it is not.
pub fn check_domain(bound: &Bound, theta: &[f64], threads: usize) -> Result<(), Failure> {
    match first_outside(&bound.model, &bound.selection.slices(), theta, threads) {
        Some((row, value)) => Err(bound.undefined(row, value)),
        None => Ok(()),
    }
}

/// J, its terms and its slopes. If J is not finite, a warning names the row, and the exit status is
/// that of a failure.
fn whole(args: &EvalArgs, subject: &Subject<'_>) -> Result<Ending, Failure> {
    let Subject { bound, specification, theta } = *subject;
    let refused = |none| Failure::no_moments(&none);
    let (path, threads) = (args.speed.path.into(), args.run.threads());
    let (model, rows) = (&bound.model, &bound.selection);
    let evaluation = Evaluation::by(specification, path, model, rows, theta, threads);
    let mut evaluation = evaluation.map_err(refused)?;
    if args.speed.timing {
        let measurement = Measurement { path, threads, repeat: args.repeat };
        let timing = measurement.of(specification, bound, theta).map_err(refused)?;
        evaluation.timing = Some(Timing { evaluations: timing.evaluations + 1, ..timing });
    }
    if let Some(file) = &args.against {
        evaluation.divergence = Some(divergence(args, subject, file)?);
    }
    if args.normalise {
        let shares = &args.quantiles;
        let normalised = evaluation.normalised(specification, model, rows, theta, shares, threads);
        evaluation = normalised.map_err(no_normaliser)?;
    }
    evaluation.warnings.extend(bound.reading());
    evaluation.warnings.extend(rescaled(bound.selection.rescaled()));
    evaluation.warnings.extend(doubt(subject, &evaluation, threads));
    if args.output.is_bare() {
        evaluation.warnings.clear();
    }
    let text = match args.output.format {
        Format::Text => evaluation.text_on(args.output.target.page()),
        Format::Json => evaluation.json(),
    };
    let target = &args.output.target;
    if args.output.format == Format::Json || target.file.is_some() {
        tell(&evaluation.warnings, target);
    }
    emit_text(target, &text)?;
    Ok(ending(evaluation.objective))
}

/// The Fisher divergence from the model in a file, on the same rows, with the name of the file.
fn divergence(
    args: &EvalArgs,
    subject: &Subject<'_>,
    file: &Path,
) -> Result<(String, f64), Failure> {
    let Subject { bound, specification, theta } = *subject;
    let source = input::model_file(file)?;
    let known = rebound(&source, &args.input.model, bound, args.input.table.missing)?;
    let objective =
        objective(&known, &Asked { rows: RowChoices::default(), ..asked(args) }, &source)?;
    let other = Known { model: &known.model, specification: &objective, data: &known.selection };
    let (model, rows, threads) = (&bound.model, &bound.selection, args.run.threads());
    match fisher_divergence(specification, model, rows, theta, other, threads) {
        Ok(value) => Ok((source.name, value)),
        Err(reason) => Err(Failure::usage(format_args!("--against {}: {reason}", source.name))),
    }
}

pub fn no_normaliser(reason: NoNormaliser) -> Failure {
    Failure::plain(&Diagnostic::error("no-normaliser", reason.to_string()))
}

fn ending(objective: f64) -> Ending {
    if objective.is_finite() { Ending::Done } else { Ending::Mismatch }
}

/// The warning that J or a slope is not finite, with the first row in which a
/// value that it needs is not.
pub fn doubt(subject: &Subject<'_>, evaluation: &Evaluation, threads: usize) -> Option<Warning> {
    let lost = evaluation.lost()?;
    let Subject { bound, specification, theta } = *subject;
    let columns = bound.selection.slices();
    Some(match first_not_finite(specification, &bound.model, &columns, theta, threads) {
        Some(missing) => bound.missing(&missing, &lost),
        None => {
            let headline =
                format!("{lost} is too large for a double, though every row has a value");
            Warning::new("not-finite", headline)
        }
    })
}

/// Writes the values of every row as CSV. Values that are not finite are empty cells, and a warning
/// names the first.
fn rows(args: &EvalArgs, subject: &Subject<'_>, watch: &Watch) -> Result<Ending, Failure> {
    let Subject { bound, specification, theta } = *subject;
    let (target, threads) = (&args.output.target, args.run.threads());
    let (model, slices) = (&bound.model, bound.selection.slices());
    let mut columns = row_values(specification, model, &bound.selection, theta, threads);
    let (_, losses) = columns.last().expect("row values end with the column of the loss");
    let lost = losses.iter().any(|loss| !loss.is_finite());
    if args.normalise {
        let found =
            row_densities(model, &bound.selection, theta, threads).map_err(no_normaliser)?;
        columns.push(("log_density".to_owned(), found.log_density));
        columns.extend(found.below.map(|below| ("below".to_owned(), below)));
    }
    let missing =
        lost.then(|| first_not_finite(specification, model, &slices, theta, threads)).flatten();
    let missing = missing.map(|missing| bound.missing(&missing, "J"));
    let doubts = bound.reading().chain(rescaled(bound.selection.rescaled())).chain(missing);
    tell(&doubts.collect::<Vec<_>>(), target);
    write_table(target, bound, args.with_data, &columns, watch)?;
    Ok(ending(if lost { f64::NAN } else { 0.0 }))
}

/// The values that the model takes from a row, data before covariates; levels of groups by name.
pub fn data_cells(bound: &Bound, position: usize) -> impl Iterator<Item = String> + '_ {
    let components = bound.model.data().iter().chain(bound.model.covariates()).enumerate();
    components.map(move |(at, one)| one.cell(bound.selection.column(at)[position]).text(cell))
}

/// Writes values by row as CSV. Each row has its number in the file and, if `with_data`, the values
/// that the model takes from it, under the names of the file. Ends at an interrupt.
pub fn write_table(
    target: &TargetArgs,
    bound: &Bound,
    with_data: bool,
    columns: &[(String, Vec<f64>)],
    watch: &Watch,
) -> Result<(), Failure> {
    let written = emit(target, |writer| {
        write_rows(writer, bound, with_data, columns, watch).map_err(|error| {
            match error.into_kind() {
                csv::ErrorKind::Io(reason) => reason,
                other => io::Error::other(format!("{other:?}")),
            }
        })
    });
    written.map_err(|failure| match watch.raised() {
        true => Failure::interrupted("writing was interrupted"),
        false => failure,
    })
}

fn write_rows(
    writer: &mut dyn Write,
    bound: &Bound,
    with_data: bool,
    columns: &[(String, Vec<f64>)],
    watch: &Watch,
) -> csv::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    let components = bound.model.data().iter().chain(bound.model.covariates());
    let data = components.filter(|_| with_data).map(|one| one.column.as_ref().unwrap_or(&one.name));
    let names = data.chain(columns.iter().map(|(name, _)| name)).map(String::as_str);
    table.write_record(["row"].into_iter().chain(names))?;
    for (position, row) in bound.selection.original_rows().iter().enumerate() {
        if position % ROWS_AT_ONCE == 0 && watch.raised() {
            return Err(io::Error::other("interrupted").into());
        }
        let data = data_cells(bound, position).filter(|_| with_data);
        let values = columns.iter().map(|(_, column)| cell(column[position]));
        table.write_record([(row + 1).to_string()].into_iter().chain(data).chain(values))?;
    }
    Ok(table.flush()?)
}

/// The shortest text that is parsed as the number; empty for a number that is not finite.
pub fn cell(value: f64) -> String {
    if value.is_finite() { format!("{value:?}") } else { String::new() }
}
